/* lift-branch.c - jumps, calls, returns, loops, far transfers, software interrupts.
 *
 * Source: Intel SDM vol. 2; vol. 1, chapter 6.
 * INT1 goes the way of INT 1 (its descriptor's DPL is checked, which a CPU does not). */
#include "config.h"

#include "translate/x86/lift-int.h"

/* --- targets ------------------------------------------------------------------- */

static guint64
wrap_target (const X86Lift *l, const X86Insn *insn, guint64 target)
{
  if (lift_64 (l))
    return target;
  return insn->op_bytes == 2 ? target & 0xffff : target & G_MAXUINT32;
}

static guint64
relative_target (const X86Lift *l, const X86Insn *insn)
{
  return wrap_target (l, insn, insn->next_rip + (guint64) insn->imm);
}

/* #GP unless the target lies within the code segment.  Real-mode segments have 64K,
 * which a 16-bit target cannot leave. */
static void
check_target (X86Lift *l, const X86Insn *insn, IrRef target)
{
  gboolean real = !(l->mode & X86_MODE_PE) || (l->mode & X86_MODE_VM);

  if (lift_64 (l) || (l->mode & X86_MODE_FLAT) || (real && insn->op_bytes == 2))
    return;
  ir_emit (l->block, IR_SEGCHECK, IR_I64, target, IR_NONE, IR_NONE, X86_CS, 1);
}

static void
end_at (X86Lift *l, guint64 target, guint kind)
{
  ir_emit (l->block, IR_JUMP, IR_VOID, IR_NONE, IR_NONE, IR_NONE, kind, (gint64) target);
  l->ended = TRUE;
}

static void
end_indirect (X86Lift *l, IrRef target, guint kind)
{
  ir_emit (l->block, IR_JUMPIND, IR_I64, target, IR_NONE, IR_NONE, kind, 0);
  l->ended = TRUE;
}

void
lift_jump (X86Lift *l, const X86Insn *insn, guint64 target)
{
  end_at (l, wrap_target (l, insn, target), IR_JUMP_PLAIN);
}

static void
count_branch (X86Lift *l, const X86Insn *insn, guint64 target)
{
  l->n_branches++;
  l->backward = target <= insn->rip;
}

/* --- conditional ----------------------------------------------------------------- */

void
lift_jcc (X86Lift *l, const X86Insn *insn)
{
  guint64 target = relative_target (l, insn);

  ir_emit (l->block, IR_BRANCH, IR_VOID, IR_NONE, IR_NONE, IR_NONE, insn->row->op, (gint64) target);
  count_branch (l, insn, target);
}

/* LOOPNE, LOOPE, LOOP, JCXZ. */
void
lift_loop (X86Lift *l, const X86Insn *insn)
{
  IrType width = IR_TYPE_OF_BYTES (insn->addr_bytes), type = width;
  guint64 target = relative_target (l, insn);
  IrRef count = lift_get (l, width, SLOT_GPR (X86_RCX)), taken = count;

  if (insn->row->op == LIFT_JCXZ)
    {
      taken = lift_op2 (l, IR_EQ, width, count, lift_imm (l, width, 0));
      type = IR_I8;
    }
  else
    {
      taken = count = lift_opi (l, IR_SUB, width, count, 1);
      lift_put_gpr (l, width, X86_RCX, TRUE, count);
    }
  if (insn->row->op == LIFT_LOOPNE || insn->row->op == LIFT_LOOPE)
    {
      IrRef zero = lift_op2 (l, IR_EQ, width, count, lift_imm (l, width, 0));

      taken = lift_op2 (l, IR_AND, IR_I8, lift_cond (l, insn->row->op == LIFT_LOOPE ? 4 : 5),
                        lift_opi (l, IR_XOR, IR_I8, zero, 1));
      type = IR_I8;
    }
  ir_emit (l->block, IR_BRANCHNZ, type, taken, IR_NONE, IR_NONE, 0, (gint64) target);
  count_branch (l, insn, target);
}

/* --- near ------------------------------------------------------------------------- */

void
lift_jmp (X86Lift *l, const X86Insn *insn)
{
  guint64 target = relative_target (l, insn);

  check_target (l, insn, lift_imm (l, IR_I64, (gint64) target));
  end_at (l, target, IR_JUMP_PLAIN);
}

static IrRef
read_target (X86Lift *l, const X86Insn *insn)
{
  IrRef target = lift_zext (l, IR_I64, lift_operand_type (insn, 0), lift_read (l, insn, 0));

  check_target (l, insn, target);
  return target;
}

void
lift_jmp_indirect (X86Lift *l, const X86Insn *insn)
{
  end_indirect (l, read_target (l, insn), IR_JUMP_PLAIN);
}

static void
push_return (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);

  lift_push (l, type, lift_imm (l, type, (gint64) insn->next_rip));
}

void
lift_call (X86Lift *l, const X86Insn *insn)
{
  guint64 target = relative_target (l, insn);

  check_target (l, insn, lift_imm (l, IR_I64, (gint64) target));
  push_return (l, insn);
  end_at (l, target, IR_JUMP_CALL);
}

void
lift_call_indirect (X86Lift *l, const X86Insn *insn)
{
  IrRef target = read_target (l, insn);

  push_return (l, insn);
  end_indirect (l, target, IR_JUMP_CALL);
}

void
lift_ret (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);
  IrRef sp, target = lift_zext (l, IR_I64, type, lift_pop (l, type, &sp));

  check_target (l, insn, target);
  if (insn->row->operands[0] == X86_O_Iw)
    sp = lift_opi (l, IR_ADD, lift_stack_type (l), sp, insn->imm);
  lift_put_sp (l, sp);
  end_indirect (l, target, IR_JUMP_RET);
}

/* --- far -------------------------------------------------------------------------- */

static void
leave (X86Lift *l)
{
  ir_emit (l->block, IR_EXIT, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 0, 0);
  l->ended = TRUE;
}

static void
far_transfer (X86Lift *l, const X86Insn *insn, IrRef selector, IrRef offset)
{
  gint64 c = insn->op_bytes | (gint64) (insn->next_rip << 8);

  lift_helper (l, insn->row->op, selector, offset, lift_imm (l, IR_I64, c));
  leave (l);
}

void
lift_far_direct (X86Lift *l, const X86Insn *insn)
{
  far_transfer (l, insn, lift_imm (l, IR_I64, (gint64) insn->imm2), lift_imm (l, IR_I64, insn->imm));
}

void
lift_far_indirect (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);
  guint flags = lift_mem_flags (l, insn->mem_seg);
  IrRef linear = lift_mem (l, insn, IR_BYTES (type) + 2, FALSE);
  IrRef offset = ir_emit (l->block, IR_LOAD, type, linear, IR_NONE, IR_NONE, flags, 0);
  IrRef second = lift_opi (l, IR_ADD, IR_I64, linear, IR_BYTES (type));
  IrRef selector = ir_emit (l->block, IR_LOAD, IR_I16, second, IR_NONE, IR_NONE, flags, 0);

  far_transfer (l, insn, lift_zext (l, IR_I64, IR_I16, selector), lift_zext (l, IR_I64, type, offset));
}

void
lift_far_ret (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_far_ret, lift_imm (l, IR_I64, insn->op_bytes), lift_imm (l, IR_I64, insn->imm), IR_NONE);
  leave (l);
}

void
lift_iret (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_iret, lift_imm (l, IR_I64, insn->op_bytes), IR_NONE, IR_NONE);
  leave (l);
}

/* INT n; INT3 and INT1 have their vector in the row. */
void
lift_int (X86Lift *l, const X86Insn *insn)
{
  guint of_row = insn->row->op, vector = of_row != 0 ? of_row : (guint) insn->imm & 0xff;
  guint which = of_row == 0 ? X86_INT_N : of_row == X86_EXC_DB ? X86_INT_1 : X86_INT_3;

  lift_helper (l, X86_HELPER_int_n, lift_imm (l, IR_I64, vector | which << 8),
               lift_imm (l, IR_I64, (gint64) insn->next_rip), IR_NONE);
  leave (l);
}

void
lift_into (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_into, lift_imm (l, IR_I64, (gint64) insn->next_rip), IR_NONE, IR_NONE);
  leave (l);
}
