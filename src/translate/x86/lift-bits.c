/* lift-bits.c - bit tests and scans, POPCNT, LZCNT, TZCNT, CRC32, BMI1, BMI2.
 *
 * Source: Intel SDM vol. 2.
 * BSF and BSR of 0 leave the destination as it is (a 32-bit one loses its upper
 * half); flags besides ZF are those of a logical operation on the source. */
#include "config.h"

#include "translate/x86/lift-int.h"

static IrRef
bt_address (X86Lift *l, const X86Insn *insn, IrType type, gboolean write)
{
  IrType width = IR_TYPE_OF_BYTES (insn->addr_bytes);
  guint log2_bits = type + 2;     /* I16: 4, I32: 5, I64: 6 */
  IrRef ea = lift_ea (l, insn);

  if (insn->row->operands[1] == X86_O_Gv)
    {
      IrRef index = lift_sext (l, IR_I64, type, lift_get (l, type, SLOT_GPR (insn->reg)));
      IrRef offset = lift_opi (l, IR_SHL, IR_I64, lift_opi (l, IR_SAR, IR_I64, index, log2_bits), log2_bits - 3);

      ea = lift_zext (l, IR_I64, width, lift_op2 (l, IR_ADD, width, ea, offset));
    }
  return lift_linear (l, insn->mem_seg, ea, IR_BYTES (type), write);
}

void
lift_bt (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  guint op = insn->row->op;
  gboolean immediate = insn->row->operands[1] == X86_O_Ib;
  IrRef address = IR_NONE, a, bit, mask, r;

  if (insn->mod == 3)
    a = lift_read (l, insn, 0);
  else
    {
      address = bt_address (l, insn, type, op != LIFT_BT);
      a = ir_emit (l->block, IR_LOAD, type, address, IR_NONE, IR_NONE,
                   lift_mem_flags (l, insn->mem_seg) | (op != LIFT_BT ? IR_MEM_WRITE : 0), 0);
    }
  if (immediate)
    bit = lift_imm (l, IR_I8, insn->imm & (IR_BITS (type) - 1));
  else
    bit = lift_opi (l, IR_AND, IR_I8, lift_get (l, type, SLOT_GPR (insn->reg)), IR_BITS (type) - 1);
  if (op != LIFT_BT)
    {
      mask = lift_op2 (l, IR_SHL, type, lift_imm (l, type, 1), bit);
      if (op == LIFT_BTS)
        r = lift_op2 (l, IR_OR, type, a, mask);
      else if (op == LIFT_BTR)
        r = lift_op2 (l, IR_AND, type, a, lift_op1 (l, IR_NOT, type, mask));
      else
        r = lift_op2 (l, IR_XOR, type, a, mask);
      lift_write (l, insn, 0, address, r);
    }
  lift_set_cf (l, lift_op2 (l, IR_SHR, type, a, bit));
}

static void
scan (X86Lift *l, const X86Insn *insn, IrOp op)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef src = lift_read (l, insn, 1);
  IrType wide = type == IR_I32 ? IR_I64 : type;
  IrRef old = lift_get (l, wide, SLOT_GPR (insn->reg));
  IrRef zero = lift_op2 (l, IR_EQ, type, src, lift_imm (l, type, 0));
  IrRef found = lift_zext (l, wide, type, lift_op1 (l, op, type, src));

  /* Without a set bit the register stays as it is, its upper half too. */
  lift_put (l, wide, SLOT_GPR (insn->reg), lift_select (l, wide, zero, old, found));
  lift_flags (l, CC_LOGIC, type, src, IR_NONE, IR_NONE);
}

void
lift_bsf (X86Lift *l, const X86Insn *insn)
{
  scan (l, insn, IR_CTZ);
}

void
lift_bsr (X86Lift *l, const X86Insn *insn)
{
  scan (l, insn, IR_BSR);
}

/* TZCNT and LZCNT are BSF and BSR with a prefix that older CPUs ignore. */
static void
count_zeros (X86Lift *l, const X86Insn *insn, gboolean leading)
{
  IrType type = lift_operand_type (insn, 0);
  guint bits = IR_BITS (type);
  IrRef src = lift_read (l, insn, 1);
  IrRef zero = lift_op2 (l, IR_EQ, type, src, lift_imm (l, type, 0));
  IrRef n = lift_op1 (l, leading ? IR_BSR : IR_CTZ, type, src);

  if (leading)
    n = lift_opi (l, IR_XOR, type, n, bits - 1);
  n = lift_select (l, type, zero, lift_imm (l, type, bits), n);
  lift_write (l, insn, 0, IR_NONE, n);
  lift_flags (l, CC_BMI, type, n, zero, IR_NONE);
}

void
lift_tzcnt (X86Lift *l, const X86Insn *insn)
{
  if (l->features->has[X86_FEATURE_BMI1])
    count_zeros (l, insn, FALSE);
  else
    lift_bsf (l, insn);
}

void
lift_lzcnt (X86Lift *l, const X86Insn *insn)
{
  if (l->features->has[X86_FEATURE_ABM])
    count_zeros (l, insn, TRUE);
  else
    lift_bsr (l, insn);
}

void
lift_popcnt (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef src = lift_zext (l, IR_I64, type, lift_read (l, insn, 1));
  const IrHost host = {
    .encoding = IR_HOST_LEGACY, .map = 1, .prefix = 0xf3, .opcode = 0xb8, .w = 1,
    .reg_kind = IR_HOST_GPR, .reg_written = 1, .rm_kind = IR_HOST_GPR, .type = IR_I64,
  };
  IrRef r = ir_emit_host (l->block, &host, src, IR_NONE);

  lift_write (l, insn, 0, IR_NONE, r);
  lift_flags (l, CC_BMI, type, r, lift_imm (l, IR_I8, 0), IR_NONE);
}

/* Of 16 bits: zero, as CPUs have it. */
void
lift_bswap (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef r = type == IR_I16 ? lift_imm (l, IR_I16, 0) : lift_op1 (l, IR_BSWAP, type, lift_read (l, insn, 0));

  lift_write (l, insn, 0, IR_NONE, r);
}

void
lift_crc32 (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 1);
  IrRef src = lift_zext (l, IR_I64, type, lift_read (l, insn, 1));
  IrRef old = lift_zext (l, IR_I64, IR_I32, lift_get (l, IR_I32, SLOT_GPR (insn->reg)));
  IrRef r = ir_emit (l->block, IR_CALL, IR_I64, old, src, lift_imm (l, IR_I64, IR_BYTES (type)), 0, X86_CALL_crc32);

  lift_put_gpr (l, IR_I32, insn->reg, FALSE, r);
}

/* --- BMI1, BMI2 ------------------------------------------------------------------ */

void
lift_andn (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef b = lift_read (l, insn, 2);
  IrRef r = lift_op2 (l, IR_AND, type, lift_op1 (l, IR_NOT, type, lift_read (l, insn, 1)), b);

  lift_write (l, insn, 0, IR_NONE, r);
  lift_flags (l, CC_BMI, type, r, lift_imm (l, IR_I8, 0), IR_NONE);
}

/* BLSR (row's op 1), BLSMSK (2), BLSI (3). */
void
lift_bls (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef a = lift_read (l, insn, 1);
  IrRef zero = lift_op2 (l, IR_EQ, type, a, lift_imm (l, type, 0));
  IrRef r;

  switch (insn->row->op)
    {
    case 1: r = lift_op2 (l, IR_AND, type, a, lift_opi (l, IR_SUB, type, a, 1)); break;
    case 2: r = lift_op2 (l, IR_XOR, type, a, lift_opi (l, IR_SUB, type, a, 1)); break;
    default: r = lift_op2 (l, IR_AND, type, a, lift_op1 (l, IR_NEG, type, a)); break;
    }
  lift_write (l, insn, 0, IR_NONE, r);
  lift_flags (l, CC_BMI, type, r, insn->row->op == 3 ? lift_opi (l, IR_XOR, IR_I8, zero, 1) : zero, IR_NONE);
}

/* The lowest @n (I8, any number) bits set. */
static IrRef
low_bits (X86Lift *l, IrType type, IrRef n)
{
  guint bits = IR_BITS (type);
  IrRef fits = lift_op2 (l, IR_LTU, IR_I8, n, lift_imm (l, IR_I8, bits));
  IrRef one = lift_op2 (l, IR_SHL, type, lift_imm (l, type, 1), lift_opi (l, IR_AND, IR_I8, n, bits - 1));

  return lift_select (l, type, fits, lift_opi (l, IR_SUB, type, one, 1), lift_imm (l, type, -1));
}

void
lift_bextr (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  guint bits = IR_BITS (type);
  IrRef src = lift_read (l, insn, 1);
  IrRef start = lift_read (l, insn, 2);
  IrRef length = lift_opi (l, IR_SHR, type, start, 8);
  IrRef inside = lift_op2 (l, IR_LTU, IR_I8, start, lift_imm (l, IR_I8, bits));
  IrRef r = lift_op2 (l, IR_SHR, type, src, lift_opi (l, IR_AND, IR_I8, start, bits - 1));

  r = lift_select (l, type, inside, r, lift_imm (l, type, 0));
  r = lift_op2 (l, IR_AND, type, r, low_bits (l, type, length));
  lift_write (l, insn, 0, IR_NONE, r);
  lift_flags (l, CC_BMI, type, r, lift_imm (l, IR_I8, 0), IR_NONE);
}

void
lift_bzhi (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef src = lift_read (l, insn, 1);
  IrRef n = lift_read (l, insn, 2);
  IrRef r = lift_op2 (l, IR_AND, type, src, low_bits (l, type, n));
  IrRef carry = lift_op2 (l, IR_LTU, IR_I8, lift_imm (l, IR_I8, IR_BITS (type) - 1), n);

  lift_write (l, insn, 0, IR_NONE, r);
  lift_flags (l, CC_BMI, type, r, carry, IR_NONE);
}

void
lift_pdep_pext (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef mask = lift_zext (l, IR_I64, type, lift_read (l, insn, 2));
  IrRef src = lift_zext (l, IR_I64, type, lift_read (l, insn, 1));

  lift_write (l, insn, 0, IR_NONE, ir_emit (l->block, IR_CALL, IR_I64, src, mask, IR_NONE, 0, insn->row->op));
}

/* The high half wins when both go to one register. */
void
lift_mulx (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef b = lift_read (l, insn, 2);
  IrRef a = lift_get (l, type, SLOT_GPR (X86_RDX));
  IrRef low = lift_op2 (l, IR_MUL, type, a, b);
  IrRef high = lift_op2 (l, IR_MULHU, type, a, b);

  lift_write (l, insn, 1, IR_NONE, low);
  lift_write (l, insn, 0, IR_NONE, high);
}

void
lift_rorx (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);

  lift_write (l, insn, 0, IR_NONE,
              lift_opi (l, IR_ROR, type, lift_read (l, insn, 1), insn->imm & (IR_BITS (type) - 1)));
}

/* SHLX, SHRX, SARX. */
void
lift_shiftx (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef src = lift_read (l, insn, 1);
  IrRef count = lift_opi (l, IR_AND, IR_I8, lift_read (l, insn, 2), IR_BITS (type) - 1);

  lift_write (l, insn, 0, IR_NONE, lift_op2 (l, insn->row->op, type, src, count));
}
