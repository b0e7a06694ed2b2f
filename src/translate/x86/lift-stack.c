/* lift-stack.c - PUSH, POP and their relatives.
 *
 * Source: Intel SDM vol. 2; vol. 1, section 6.2. */
#include "config.h"

#include "translate/x86/lift-int.h"

/* PUSH of a register, an immediate or memory; all are as wide as the operand size. */
void
lift_push_operand (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);
  gboolean of_sp = insn->rm == X86_RSP && insn->row->operands[0] == X86_O_Zq;
  IrRef value = lift_read (l, insn, 0);

  if (of_sp && l->features->level == 0)     /* the 8086 pushed the new one */
    value = lift_opi (l, IR_SUB, type, value, IR_BYTES (type));
  lift_push (l, type, value);
}

/* POP to memory computes its address with the stack pointer already moved. */
void
lift_pop_operand (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);
  IrRef sp, value = lift_pop (l, type, &sp);

  if (lift_operand_in_memory (insn, 0))
    {
      X86Insn moved = *insn;

      if (moved.base == X86_RSP)
        moved.disp += IR_BYTES (type);
      lift_write (l, insn, 0, lift_write_address (l, &moved, 0), value);
      lift_put_sp (l, sp);
    }
  else
    {
      lift_put_sp (l, sp);
      lift_write (l, insn, 0, IR_NONE, value);
    }
}

void
lift_push_seg (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);
  IrRef selector = lift_get (l, IR_I16, SLOT_SEG_SELECTOR (insn->row->op));

  lift_push (l, type, lift_zext (l, type, IR_I16, selector));
}

void
lift_pop_seg (X86Lift *l, const X86Insn *insn)
{
  IrRef sp, value = lift_pop (l, IR_TYPE_OF_BYTES (insn->op_bytes), &sp);

  lift_helper (l, X86_HELPER_load_seg, lift_imm (l, IR_I64, insn->row->op), lift_zext (l, IR_I64, IR_I16, value), IR_NONE);
  lift_put_sp (l, sp);
  lift_exit_next (l, insn);
}

/* Every slot has its own address, since SP may wrap in between; all are probed
 * before the first is written. */
void
lift_pusha (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes), width = lift_stack_type (l);
  guint bytes = IR_BYTES (type);
  IrRef sp = lift_get (l, width, SLOT_GPR (X86_RSP));
  IrRef linear[8], last = sp;

  for (guint i = 0; i < 8; i++)
    {
      last = lift_opi (l, IR_SUB, width, sp, (i + 1) * bytes);
      linear[i] = lift_stack_linear (l, last, bytes, TRUE);
      ir_emit (l->block, IR_PROBE, IR_VOID, linear[i], IR_NONE, IR_NONE, IR_MEM_STACK | IR_MEM_WRITE, bytes);
    }
  for (guint i = 0; i < 8; i++)
    ir_emit (l->block, IR_STORE, type, linear[i], lift_get (l, type, SLOT_GPR (i)), IR_NONE, IR_MEM_STACK, 0);
  lift_put_sp (l, last);
}

void
lift_popa (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes), width = lift_stack_type (l);
  guint bytes = IR_BYTES (type);
  IrRef sp = lift_get (l, width, SLOT_GPR (X86_RSP));
  IrRef value[8], at = sp;

  for (guint i = 0; i < 8; i++)
    {
      value[7 - i] = ir_emit (l->block, IR_LOAD, type, lift_stack_linear (l, at, bytes, FALSE), IR_NONE, IR_NONE,
                              IR_MEM_STACK, 0);
      at = lift_opi (l, IR_ADD, width, sp, (i + 1) * bytes);
    }
  for (guint i = 0; i < 8; i++)
    if (i != X86_RSP)
      lift_put_gpr (l, type, i, TRUE, value[i]);
  lift_put_sp (l, at);
}

/* In V86 mode with IOPL < 3 it is the helper's business. */
void
lift_pushf (X86Lift *l, const X86Insn *insn)
{
  IrRef value, arith;

  if (l->mode & X86_MODE_VM)
    value = lift_helper (l, X86_HELPER_pushf_value, lift_imm (l, IR_I64, insn->op_bytes), IR_NONE, IR_NONE);
  else
    {
      arith = ir_emit (l->block, IR_RDFLAGS, IR_I64, IR_NONE, IR_NONE, IR_NONE, 0, 0);
      value = lift_opi (l, IR_AND, IR_I64, lift_get (l, IR_I64, SLOT_RFLAGS),
                        ~(gint64) (X86_ARITH | X86_RF | X86_VM));
      value = lift_opi (l, IR_OR, IR_I64, lift_op2 (l, IR_OR, IR_I64, value, arith), 2);
    }
  lift_push (l, IR_TYPE_OF_BYTES (insn->op_bytes), value);
}

void
lift_popf (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes);
  IrRef sp, value = lift_pop (l, type, &sp);

  lift_helper (l, X86_HELPER_popf, lift_zext (l, IR_I64, type, value), lift_imm (l, IR_I64, insn->op_bytes), IR_NONE);
  lift_put_sp (l, sp);
  lift_exit_next (l, insn);
}

/* The frame's far end must be writable too. */
void
lift_enter (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes), width = lift_stack_type (l);
  guint bytes = IR_BYTES (type), level = insn->imm2 & 31;
  IrRef sp, frame, end, linear, end_linear, bp;

  if (level != 0)
    {
      lift_helper (l, X86_HELPER_enter, lift_imm (l, IR_I64, insn->imm), lift_imm (l, IR_I64, level),
                   lift_imm (l, IR_I64, insn->op_bytes));
      return;
    }
  sp = lift_get (l, width, SLOT_GPR (X86_RSP));
  frame = lift_opi (l, IR_SUB, width, sp, bytes);
  end = lift_opi (l, IR_SUB, width, frame, insn->imm);
  linear = lift_stack_linear (l, frame, bytes, TRUE);
  end_linear = lift_stack_linear (l, end, bytes, TRUE);
  ir_emit (l->block, IR_PROBE, IR_VOID, end_linear, IR_NONE, IR_NONE, IR_MEM_STACK | IR_MEM_WRITE, bytes);
  bp = lift_get (l, type, SLOT_GPR (X86_RBP));
  ir_emit (l->block, IR_STORE, type, linear, bp, IR_NONE, IR_MEM_STACK, 0);
  lift_put_gpr (l, type, X86_RBP, TRUE, lift_zext (l, type, width, frame));
  lift_put_sp (l, end);
}

void
lift_leave (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->op_bytes), width = lift_stack_type (l);
  IrRef bp = lift_get (l, width, SLOT_GPR (X86_RBP));
  IrRef linear = lift_stack_linear (l, bp, IR_BYTES (type), FALSE);
  IrRef value = ir_emit (l->block, IR_LOAD, type, linear, IR_NONE, IR_NONE, IR_MEM_STACK, 0);

  lift_put_sp (l, lift_opi (l, IR_ADD, width, bp, IR_BYTES (type)));
  lift_put_gpr (l, type, X86_RBP, TRUE, value);
}
