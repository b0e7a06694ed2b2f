/* lift-move.c - moves, conversions, segment registers' moves, single flags.
 *
 * Source: Intel SDM vol. 2. */
#include "config.h"

#include "translate/x86/lift-int.h"

void
lift_mov (X86Lift *l, const X86Insn *insn)
{
  IrRef address = lift_write_address (l, insn, 0);

  lift_write (l, insn, 0, address, lift_read (l, insn, 1));
}

void
lift_movzx (X86Lift *l, const X86Insn *insn)
{
  IrRef value = lift_read (l, insn, 1);

  lift_write (l, insn, 0, IR_NONE, lift_zext (l, lift_operand_type (insn, 0), lift_operand_type (insn, 1), value));
}

void
lift_movsx (X86Lift *l, const X86Insn *insn)
{
  IrRef value = lift_read (l, insn, 1);

  lift_write (l, insn, 0, IR_NONE, lift_sext (l, lift_operand_type (insn, 0), lift_operand_type (insn, 1), value));
}

/* Without REX.W it is a move that reads its own size. */
void
lift_movsxd (X86Lift *l, const X86Insn *insn)
{
  IrType to = lift_operand_type (insn, 0), from = MIN (to, IR_I32);
  IrRef value;

  if (insn->mod == 3)
    value = lift_get_gpr (l, from, insn->rm, TRUE);
  else
    value = ir_emit (l->block, IR_LOAD, from, lift_mem (l, insn, IR_BYTES (from), FALSE), IR_NONE, IR_NONE,
                     lift_mem_flags (l, insn->mem_seg), 0);
  lift_write (l, insn, 0, IR_NONE, lift_sext (l, to, from, value));
}

void
lift_movbe (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef address = lift_write_address (l, insn, 0);
  IrRef value = lift_read (l, insn, 1);

  value = type == IR_I16 ? lift_opi (l, IR_ROL, type, value, 8) : lift_op1 (l, IR_BSWAP, type, value);
  lift_write (l, insn, 0, address, value);
}

void
lift_xchg (X86Lift *l, const X86Insn *insn)
{
  IrRef address, a, b;

  /* 90 is no operation; with REX.B it exchanges R8. */
  if (insn->map == 0 && insn->opcode == 0x90 && insn->rm == X86_RAX)
    return;
  a = lift_read_rmw (l, insn, 0, &address);
  b = lift_read (l, insn, 1);
  lift_write (l, insn, 0, address, b);
  lift_write (l, insn, 1, IR_NONE, a);
}

void
lift_lea (X86Lift *l, const X86Insn *insn)
{
  lift_write (l, insn, 0, IR_NONE, lift_ea (l, insn));
}

/* The source is read, and a 32-bit destination's upper half cleared, in any case. */
void
lift_cmov (X86Lift *l, const X86Insn *insn)
{
  IrRef src = lift_read (l, insn, 1);
  IrRef old = lift_read (l, insn, 0);

  lift_write (l, insn, 0, IR_NONE, lift_select (l, lift_operand_type (insn, 0), lift_cond (l, insn->row->op), src, old));
}

void
lift_setcc (X86Lift *l, const X86Insn *insn)
{
  IrRef address = lift_write_address (l, insn, 0);

  lift_write (l, insn, 0, address, lift_cond (l, insn->row->op));
}

/* CBW, CWDE, CDQE. */
void
lift_cbw (X86Lift *l, const X86Insn *insn)
{
  IrType to = IR_TYPE_OF_BYTES (insn->op_bytes), from = to - 1;

  lift_put_gpr (l, to, X86_RAX, TRUE, lift_sext (l, to, from, lift_get (l, from, SLOT_GPR (X86_RAX))));
}

/* CWD, CDQ, CQO. */
void
lift_cwd (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);

  lift_put_gpr (l, type, X86_RDX, TRUE,
                lift_opi (l, IR_SAR, type, lift_get (l, type, SLOT_GPR (X86_RAX)), IR_BITS (type) - 1));
}

void
lift_xlat (X86Lift *l, const X86Insn *insn)
{
  IrType width = IR_TYPE_OF_BYTES (insn->addr_bytes);
  guint seg = insn->seg != X86_SEG_DEFAULT ? insn->seg : X86_DS;
  IrRef al = lift_zext (l, width, IR_I8, lift_get (l, IR_I8, SLOT_GPR (X86_RAX)));
  IrRef ea = lift_op2 (l, IR_ADD, width, lift_get (l, width, SLOT_GPR (X86_RBX)), al);
  IrRef linear = lift_linear (l, seg, lift_zext (l, IR_I64, width, ea), 1, FALSE);

  lift_put (l, IR_I8, SLOT_GPR (X86_RAX),
            ir_emit (l->block, IR_LOAD, IR_I8, linear, IR_NONE, IR_NONE, lift_mem_flags (l, seg), 0));
}

/* AL = CF ? FF : 0. */
void
lift_salc (X86Lift *l, const X86Insn *insn)
{
  lift_put (l, IR_I8, SLOT_GPR (X86_RAX), lift_op1 (l, IR_NEG, IR_I8, lift_cond (l, 2)));
}

/* --- flags --------------------------------------------------------------------------- */

static gboolean
has_lahf (X86Lift *l)
{
  if (!lift_64 (l) || l->features->has[X86_FEATURE_LAHF])
    return TRUE;
  lift_raise (l, X86_EXC_UD);
  return FALSE;
}

static IrRef
read_flags (X86Lift *l)
{
  return ir_emit (l->block, IR_RDFLAGS, IR_I64, IR_NONE, IR_NONE, IR_NONE, 0, 0);
}

void
lift_lahf (X86Lift *l, const X86Insn *insn)
{
  if (has_lahf (l))
    lift_put (l, IR_I8, SLOT_GPR (X86_RAX) + 1, lift_opi (l, IR_OR, IR_I8, read_flags (l), 2));
}

void
lift_sahf (X86Lift *l, const X86Insn *insn)
{
  const guint taken = X86_CF | X86_PF | X86_AF | X86_ZF | X86_SF;
  IrRef ah, of;

  if (!has_lahf (l))
    return;
  ah = lift_zext (l, IR_I64, IR_I8, lift_get (l, IR_I8, SLOT_GPR (X86_RAX) + 1));
  ah = lift_opi (l, IR_AND, IR_I64, ah, taken);
  of = lift_opi (l, IR_AND, IR_I64, read_flags (l), X86_OF);
  lift_flags (l, CC_IMAGE, IR_I64, lift_op2 (l, IR_OR, IR_I64, ah, of), IR_NONE, IR_NONE);
}

/* CLC (row's op 0), STC (1), CMC (2). */
void
lift_carry (X86Lift *l, const X86Insn *insn)
{
  if (insn->row->op == 2)
    lift_set_cf (l, lift_opi (l, IR_XOR, IR_I8, lift_cond (l, 2), 1));
  else
    lift_set_cf (l, lift_imm (l, IR_I8, insn->row->op));
}

/* CLD, STD. */
void
lift_direction (X86Lift *l, const X86Insn *insn)
{
  IrRef flags = lift_get (l, IR_I64, SLOT_RFLAGS);

  if (insn->row->op)
    flags = lift_opi (l, IR_OR, IR_I64, flags, X86_DF);
  else
    flags = lift_opi (l, IR_AND, IR_I64, flags, ~(gint64) X86_DF);
  lift_put (l, IR_I64, SLOT_RFLAGS, flags);
}

/* --- segment registers ------------------------------------------------------------------ */

/* A register gets the selector at its operand size, memory always 16 bits. */
void
lift_mov_from_seg (X86Lift *l, const X86Insn *insn)
{
  guint seg = (insn->modrm >> 3) & 7;
  IrType type = lift_operand_type (insn, 0);
  IrRef address, selector;

  if (insn->mod == 3)
    {
      selector = lift_get (l, IR_I16, SLOT_SEG_SELECTOR (seg));
      lift_write (l, insn, 0, IR_NONE, lift_zext (l, type, IR_I16, selector));
      return;
    }
  address = lift_mem (l, insn, 2, TRUE);
  selector = lift_get (l, IR_I16, SLOT_SEG_SELECTOR (seg));
  ir_emit (l->block, IR_STORE, IR_I16, address, selector, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
}

static void
load_segment (X86Lift *l, guint seg, IrRef selector)
{
  lift_helper (l, X86_HELPER_load_seg, lift_imm (l, IR_I64, seg), lift_zext (l, IR_I64, IR_I16, selector), IR_NONE);
}

void
lift_mov_to_seg (X86Lift *l, const X86Insn *insn)
{
  load_segment (l, (insn->modrm >> 3) & 7, lift_read (l, insn, 1));
  lift_exit_next (l, insn);
}

/* LES, LDS, LSS, LFS, LGS. */
void
lift_load_far_pointer (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  guint flags = lift_mem_flags (l, insn->mem_seg);
  IrRef linear = lift_mem (l, insn, IR_BYTES (type) + 2, FALSE);
  IrRef offset = ir_emit (l->block, IR_LOAD, type, linear, IR_NONE, IR_NONE, flags, 0);
  IrRef second = lift_opi (l, IR_ADD, IR_I64, linear, IR_BYTES (type));
  IrRef selector = ir_emit (l->block, IR_LOAD, IR_I16, second, IR_NONE, IR_NONE, flags, 0);

  load_segment (l, insn->row->op, selector);
  lift_write (l, insn, 0, IR_NONE, offset);
  lift_exit_next (l, insn);
}
