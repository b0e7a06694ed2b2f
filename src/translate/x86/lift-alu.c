/* lift-alu.c - arithmetic and logic, shifts and rotates, multiplication and division.
 *
 * Source: Intel SDM vol. 2.  Results and flags that it leaves undefined are those of
 * CC_OPS in translate/ir.h; a 16-bit SHLD or SHRD by more than 16 shifts the
 * doubleword that the two operands make. */
#include "config.h"

#include "translate/x86/lift-int.h"

/* --- two operands -------------------------------------------------------------- */

static IrRef
with_carry (X86Lift *l, IrOp op, IrType type, IrRef a, IrRef b, IrRef *carry)
{
  *carry = lift_cond (l, 2);
  return lift_op2 (l, op, type, lift_op2 (l, op, type, a, b), lift_zext (l, type, IR_I8, *carry));
}

void
lift_alu (X86Lift *l, const X86Insn *insn)
{
  static const guint8 cc[] = { CC_ADD, CC_LOGIC, CC_ADC, CC_SBB, CC_LOGIC, CC_SUB, CC_LOGIC };
  guint op = insn->row->op;
  IrType type = lift_operand_type (insn, 0);
  IrRef address = IR_NONE, a, b, r = IR_NONE, carry = IR_NONE;

  if (op == LIFT_CMP || op == LIFT_TEST)
    {
      a = lift_read (l, insn, 0);
      b = lift_read (l, insn, 1);
      if (op == LIFT_CMP)
        lift_flags (l, CC_CMP, type, a, b, IR_NONE);
      else
        lift_flags (l, CC_LOGIC, type, lift_op2 (l, IR_AND, type, a, b), IR_NONE, IR_NONE);
      return;
    }
  a = lift_read_rmw (l, insn, 0, &address);
  b = lift_read (l, insn, 1);
  switch (op)
    {
    case LIFT_ADD: r = lift_op2 (l, IR_ADD, type, a, b); break;
    case LIFT_OR:  r = lift_op2 (l, IR_OR, type, a, b); break;
    case LIFT_ADC: r = with_carry (l, IR_ADD, type, a, b, &carry); break;
    case LIFT_SBB: r = with_carry (l, IR_SUB, type, a, b, &carry); break;
    case LIFT_AND: r = lift_op2 (l, IR_AND, type, a, b); break;
    case LIFT_SUB: r = lift_op2 (l, IR_SUB, type, a, b); break;
    case LIFT_XOR: r = lift_op2 (l, IR_XOR, type, a, b); break;
    default: g_assert_not_reached ();
    }
  lift_write (l, insn, 0, address, r);
  lift_flags (l, cc[op], type, r, cc[op] == CC_LOGIC ? IR_NONE : b, carry);
}

void
lift_incdec (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  gboolean dec = insn->row->op;
  IrRef address, a, carry, r;

  a = lift_read_rmw (l, insn, 0, &address);
  carry = lift_cond (l, 2);
  r = lift_opi (l, dec ? IR_SUB : IR_ADD, type, a, 1);
  lift_write (l, insn, 0, address, r);
  lift_flags (l, dec ? CC_DEC : CC_INC, type, r, IR_NONE, IR_NONE);
  lift_set_cf (l, carry);
}

void
lift_not (X86Lift *l, const X86Insn *insn)
{
  IrRef address, a = lift_read_rmw (l, insn, 0, &address);

  lift_write (l, insn, 0, address, lift_op1 (l, IR_NOT, lift_operand_type (insn, 0), a));
}

void
lift_neg (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef address, a = lift_read_rmw (l, insn, 0, &address);
  IrRef r = lift_op1 (l, IR_NEG, type, a);

  lift_write (l, insn, 0, address, r);
  lift_flags (l, CC_SUB, type, r, a, IR_NONE);
}

void
lift_xadd (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef address, a = lift_read_rmw (l, insn, 0, &address);
  IrRef b = lift_read (l, insn, 1);
  IrRef r = lift_op2 (l, IR_ADD, type, a, b);

  if (address != IR_NONE)
    lift_write (l, insn, 0, address, r);
  lift_write (l, insn, 1, IR_NONE, a);
  if (address == IR_NONE)
    lift_write (l, insn, 0, IR_NONE, r);     /* last: it may be the same register */
  lift_flags (l, CC_ADD, type, r, b, IR_NONE);
}

/* The destination is written in any case.  A 32-bit accumulator that matches keeps
 * its upper half. */
void
lift_cmpxchg (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrType wide = type == IR_I32 ? IR_I64 : type;
  IrRef address, old = lift_read_rmw (l, insn, 0, &address);
  IrRef acc = lift_get (l, type, SLOT_GPR (X86_RAX));
  IrRef src = lift_read (l, insn, 1);
  IrRef same = lift_op2 (l, IR_EQ, type, acc, old);
  IrRef stored = lift_select (l, type, same, src, old);
  IrRef kept = type == IR_I32 ? lift_get (l, IR_I64, SLOT_GPR (X86_RAX)) : acc;
  IrRef new_acc = lift_select (l, wide, same, kept, lift_zext (l, wide, type, old));

  if (address != IR_NONE)
    lift_write (l, insn, 0, address, stored);
  lift_put (l, wide, SLOT_GPR (X86_RAX), new_acc);
  if (address == IR_NONE && type == IR_I32)
    {
      /* A register that is not exchanged keeps its upper half. */
      IrRef kept_rm = lift_get (l, IR_I64, SLOT_GPR (insn->rm));

      lift_put (l, IR_I64, SLOT_GPR (insn->rm), lift_select (l, IR_I64, same, lift_zext (l, IR_I64, type, src), kept_rm));
    }
  else if (address == IR_NONE)
    lift_write (l, insn, 0, IR_NONE, stored);
  lift_flags (l, CC_CMP, type, acc, old, IR_NONE);
}

/* ADCX, and ADOX (row's op 1): only one flag goes in and out. */
void
lift_adx (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  gboolean overflow = insn->row->op;
  IrRef a = lift_read (l, insn, 0), b = lift_read (l, insn, 1);
  IrRef in = lift_cond (l, overflow ? 0 : 2);
  IrRef t = lift_op2 (l, IR_ADD, type, a, b);
  IrRef r = lift_op2 (l, IR_ADD, type, t, lift_zext (l, type, IR_I8, in));
  IrRef out = lift_op2 (l, IR_OR, IR_I8, lift_op2 (l, IR_LTU, type, t, a), lift_op2 (l, IR_LTU, type, r, t));

  lift_write (l, insn, 0, IR_NONE, r);
  if (overflow)
    {
      /* As of a rotate whose result has CF in bit 0 and CF ^ OF in bit 7. */
      IrRef carry = lift_cond (l, 2);
      IrRef top = lift_opi (l, IR_SHL, IR_I8, lift_op2 (l, IR_XOR, IR_I8, carry, out), 7);

      ir_emit (l->block, IR_OVERLAY, IR_I8, lift_op2 (l, IR_OR, IR_I8, carry, top), IR_NONE, IR_NONE, CC_OVER_ROL, 0);
    }
  else
    lift_set_cf (l, out);
}

/* --- shifts and rotates ----------------------------------------------------------- */

/* CL as a shift count.  The 8086 masked nothing. */
static IrRef
count_of_cl (X86Lift *l, IrType type)
{
  IrRef cl = lift_get (l, IR_I8, SLOT_GPR (X86_RCX));

  if (l->features->level == 0)
    return lift_select (l, IR_I8, lift_op2 (l, IR_LTU, IR_I8, cl, lift_imm (l, IR_I8, 63)), cl,
                        lift_imm (l, IR_I8, 63));
  return lift_opi (l, IR_AND, IR_I8, cl, type == IR_I64 ? 63 : 31);
}

/* A value whose bit 0 is the last bit that a left shift of @a by @count pushed out. */
static IrRef
last_out_left (X86Lift *l, IrType type, IrRef a, IrRef count)
{
  guint bits = IR_BITS (type);

  if (bits < 32)
    return lift_opi (l, IR_SHR, IR_I32, lift_op2 (l, IR_SHL, IR_I32, a, count), bits);
  return lift_op2 (l, IR_SHR, type, a, lift_opi (l, IR_AND, IR_I8, lift_op1 (l, IR_NEG, IR_I8, count), bits - 1));
}

static IrRef
less_one (X86Lift *l, IrRef count)
{
  return lift_opi (l, IR_AND, IR_I8, lift_opi (l, IR_SUB, IR_I8, count, 1), 63);
}

/* RCL, RCR by 1 in place; else by a function. */
static void
rotate_carry (X86Lift *l, const X86Insn *insn, IrRef a, IrRef address, IrRef count, gboolean by_one)
{
  IrType type = lift_operand_type (insn, 0);
  guint bits = IR_BITS (type);
  gboolean left = insn->row->op == LIFT_RCL;
  IrRef carry = lift_cond (l, 2);
  IrRef r, out;

  if (by_one)
    {
      IrRef in = lift_zext (l, type, IR_I8, carry);

      if (left)
        r = lift_op2 (l, IR_OR, type, lift_opi (l, IR_SHL, type, a, 1), in);
      else
        r = lift_op2 (l, IR_OR, type, lift_opi (l, IR_SHR, type, a, 1), lift_opi (l, IR_SHL, type, in, bits - 1));
      lift_write (l, insn, 0, address, r);
      if (left)    /* as of a ROL that pushed the same bit out: OF = MSB ^ CF */
        {
          out = lift_op2 (l, IR_OR, type, lift_opi (l, IR_AND, type, r, -2), lift_opi (l, IR_SHR, type, a, bits - 1));
          ir_emit (l->block, IR_OVERLAY, type, out, IR_NONE, IR_NONE, CC_OVER_ROL, 0);
        }
      else         /* OF = old MSB ^ carry in: one ROL of I8 shows both */
        {
          IrRef cf = lift_opi (l, IR_AND, IR_I8, a, 1);
          IrRef msb = lift_opi (l, IR_SHR, type, a, bits - 1);
          IrRef of = lift_op2 (l, IR_XOR, IR_I8, msb, carry);
          IrRef top = lift_opi (l, IR_SHL, IR_I8, lift_op2 (l, IR_XOR, IR_I8, of, cf), 7);

          out = lift_op2 (l, IR_OR, IR_I8, cf, top);
          ir_emit (l->block, IR_OVERLAY, IR_I8, out, IR_NONE, IR_NONE, CC_OVER_ROL, 0);
        }
      return;
    }
  a = lift_zext (l, IR_I64, type, a);
  out = lift_opi (l, IR_OR, IR_I64, lift_zext (l, IR_I64, IR_I8, count), bits << 8);
  carry = lift_zext (l, IR_I64, IR_I8, carry);
  r = ir_emit (l->block, IR_CALL, IR_I64, a, out, carry, 0, left ? X86_CALL_rcl : X86_CALL_rcr);
  out = ir_emit (l->block, IR_CALL, IR_I64, a, out, carry, 0, left ? X86_CALL_rcl_flags : X86_CALL_rcr_flags);
  lift_write (l, insn, 0, address, r);
  ir_emit (l->block, IR_OVERLAY, IR_I8, out, count, IR_NONE, CC_OVER_ROL, 0);
}

static void
rotate (X86Lift *l, const X86Insn *insn, IrRef a, IrRef address, IrRef count, gboolean variable)
{
  IrType type = lift_operand_type (insn, 0);
  gboolean left = insn->row->op == LIFT_ROL;
  IrRef r = lift_op2 (l, left ? IR_ROL : IR_ROR, type, a, count);

  lift_write (l, insn, 0, address, r);
  ir_emit (l->block, IR_OVERLAY, type, r, variable ? count : IR_NONE, IR_NONE, left ? CC_OVER_ROL : CC_OVER_ROR, 0);
}

static void
shift (X86Lift *l, const X86Insn *insn, IrRef a, IrRef address, IrRef count, gint constant)
{
  static const guint8 ops[] = { [LIFT_SHL] = IR_SHL, [LIFT_SHR] = IR_SHR, [LIFT_SAR] = IR_SAR };
  static const guint8 ccs[] = { [LIFT_SHL] = CC_SHL, [LIFT_SHR] = CC_SHR, [LIFT_SAR] = CC_SAR };
  IrType type = lift_operand_type (insn, 0);
  gint bits = IR_BITS (type);
  guint op = insn->row->op;
  IrRef r = lift_op2 (l, ops[op], type, a, count);
  IrRef out;

  if (constant < 0)
    out = op == LIFT_SHL ? last_out_left (l, type, a, count) : lift_op2 (l, ops[op], type, a, less_one (l, count));
  else if (op == LIFT_SHL)
    out = constant <= bits ? lift_opi (l, IR_SHR, type, a, bits - constant) : lift_imm (l, type, 0);
  else
    out = lift_opi (l, ops[op], type, a, constant - 1);
  lift_write (l, insn, 0, address, r);
  lift_flags (l, ccs[op], type, r, out, constant < 0 ? count : IR_NONE);
}

void
lift_shift (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  guint op = insn->row->op;
  gint constant = -1;
  IrRef address, a, count;

  if (insn->row->operands[1] == X86_O_1)
    constant = 1;
  else if (insn->row->operands[1] == X86_O_Ib)
    constant = (gint) insn->imm & (l->features->level == 0 ? 0xff : type == IR_I64 ? 63 : 31);
  constant = MIN (constant, 63);
  a = lift_read_rmw (l, insn, 0, &address);
  if (constant == 0)     /* memory is written all the same, and a 32-bit register's upper half */
    {
      lift_write (l, insn, 0, address, a);
      return;
    }
  count = constant > 0 ? lift_imm (l, IR_I8, constant) : count_of_cl (l, type);
  if (op == LIFT_RCL || op == LIFT_RCR)
    rotate_carry (l, insn, a, address, count, constant == 1);
  else if (op == LIFT_ROL || op == LIFT_ROR)
    rotate (l, insn, a, address, count, constant < 0);
  else
    shift (l, insn, a, address, count, constant);
}

/* SHLD, SHRD. */
void
lift_shift_double (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  guint bits = IR_BITS (type);
  gboolean left = insn->row->op == LIFT_SHL;
  gboolean variable = insn->row->operands[2] == X86_O_CL;
  guint mask = type == IR_I64 ? 63 : 31;
  IrRef address, a, b, count, r, out;

  a = lift_read_rmw (l, insn, 0, &address);
  b = lift_read (l, insn, 1);
  if (!variable && (insn->imm & mask) == 0)
    {
      lift_write (l, insn, 0, address, a);
      return;
    }
  count = variable ? lift_opi (l, IR_AND, IR_I8, lift_get (l, IR_I8, SLOT_GPR (X86_RCX)), mask)
                   : lift_imm (l, IR_I8, insn->imm & mask);
  if (type == IR_I16)
    {
      IrRef high = lift_opi (l, IR_SHL, IR_I32, left ? a : b, 16);
      IrRef both = lift_op2 (l, IR_OR, IR_I32, high, lift_zext (l, IR_I32, IR_I16, left ? b : a));

      if (left)
        {
          r = lift_opi (l, IR_SHR, IR_I32, lift_op2 (l, IR_SHL, IR_I32, both, count), 16);
          out = last_out_left (l, IR_I32, both, count);
        }
      else
        {
          r = lift_op2 (l, IR_SHR, IR_I32, both, count);
          out = lift_op2 (l, IR_SHR, IR_I32, both, less_one (l, count));
        }
    }
  else
    {
      /* The other operand goes (bits - count) the other way, in two steps since count may be 0. */
      IrOp here = left ? IR_SHL : IR_SHR, there = left ? IR_SHR : IR_SHL;
      IrRef rest = lift_opi (l, IR_XOR, IR_I8, count, bits - 1);

      r = lift_op2 (l, IR_OR, type, lift_op2 (l, here, type, a, count),
                    lift_op2 (l, there, type, lift_opi (l, there, type, b, 1), rest));
      out = left ? last_out_left (l, type, a, count) : lift_op2 (l, IR_SHR, type, a, less_one (l, count));
    }
  lift_write (l, insn, 0, address, r);
  lift_flags (l, left ? CC_SHL : CC_SHR, type, r, out, variable ? count : IR_NONE);
}

/* --- multiplication and division --------------------------------------------------- */

void
lift_muldiv (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  gboolean is_signed = insn->row->op == LIFT_IMUL;
  IrRef b = lift_read (l, insn, 0);
  IrRef a, low, high;

  if (insn->row->op == LIFT_DIV || insn->row->op == LIFT_IDIV)
    {
      ir_emit (l->block, insn->row->op == LIFT_DIV ? IR_DIVU : IR_DIVS, type, b, IR_NONE, IR_NONE, 0, 0);
      return;
    }
  a = lift_get (l, type, SLOT_GPR (X86_RAX));
  if (type == IR_I8)
    {
      IrRef wide_a = is_signed ? lift_sext (l, IR_I16, IR_I8, a) : lift_zext (l, IR_I16, IR_I8, a);
      IrRef wide_b = is_signed ? lift_sext (l, IR_I16, IR_I8, b) : lift_zext (l, IR_I16, IR_I8, b);

      low = lift_op2 (l, IR_MUL, IR_I16, wide_a, wide_b);
      high = lift_opi (l, IR_SHR, IR_I16, low, 8);
      lift_put (l, IR_I16, SLOT_GPR (X86_RAX), low);
    }
  else
    {
      low = lift_op2 (l, IR_MUL, type, a, b);
      high = lift_op2 (l, is_signed ? IR_MULHS : IR_MULHU, type, a, b);
      lift_put_gpr (l, type, X86_RAX, FALSE, low);
      lift_put_gpr (l, type, X86_RDX, FALSE, high);
    }
  if (is_signed)
    lift_flags (l, CC_SMUL, type, low, lift_op2 (l, IR_MULOVF, type, a, b), IR_NONE);
  else
    lift_flags (l, CC_UMUL, type, low, high, IR_NONE);
}

/* IMUL of two or three operands. */
void
lift_imul (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  gboolean three = insn->row->operands[2] != X86_O_NONE;
  IrRef a = lift_read (l, insn, three ? 1 : 0);
  IrRef b = lift_read (l, insn, three ? 2 : 1);
  IrRef r = lift_op2 (l, IR_MUL, type, a, b);

  lift_write (l, insn, 0, IR_NONE, r);
  lift_flags (l, CC_SMUL, type, r, lift_op2 (l, IR_MULOVF, type, a, b), IR_NONE);
}

/* --- decimal ------------------------------------------------------------------------ */

void
lift_decimal (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, insn->row->op, IR_NONE, IR_NONE, IR_NONE);
}

void
lift_aam (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_aam, lift_imm (l, IR_I64, insn->imm), IR_NONE, IR_NONE);
}

void
lift_aad (X86Lift *l, const X86Insn *insn)
{
  IrRef al = lift_get (l, IR_I8, SLOT_GPR (X86_RAX));
  IrRef ah = lift_get (l, IR_I8, SLOT_GPR (X86_RAX) + 1);
  IrRef r = lift_op2 (l, IR_ADD, IR_I8, al, lift_opi (l, IR_MUL, IR_I8, ah, insn->imm));

  lift_put (l, IR_I16, SLOT_GPR (X86_RAX), lift_zext (l, IR_I16, IR_I8, r));
  lift_flags (l, CC_LOGIC, IR_I8, r, IR_NONE, IR_NONE);
}
