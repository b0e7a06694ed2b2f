/* lift.c - units of IR, and what all lift functions stand on: registers, addresses,
 * segments, the stack, helpers.
 *
 * Source: Intel SDM vol. 1, chapter 3; vol. 3, chapters 5 and 6.
 * Left out: #GP of a branch to a non-canonical address (the fetch there faults
 * instead, as on AMD); EIP beyond the code segment's limit after a conditional
 * branch (likewise). */
#include "config.h"

#include "translate/x86/lift-int.h"

/* A unit ends after so many conditional branches, or after one that goes back. */
#define MAX_BRANCHES 3
/* More operations than any instruction makes. */
#define MAX_OPS_OF_ONE 400

/* --- values ------------------------------------------------------------------ */

IrRef
lift_imm (X86Lift *l, IrType type, gint64 value)
{
  if (type < IR_I64)
    value &= (G_GINT64_CONSTANT (1) << IR_BITS (type)) - 1;
  return ir_emit (l->block, IR_IMM, type, IR_NONE, IR_NONE, IR_NONE, 0, value);
}

IrRef
lift_op1 (X86Lift *l, IrOp op, IrType type, IrRef a)
{
  return ir_emit (l->block, op, type, a, IR_NONE, IR_NONE, 0, 0);
}

IrRef
lift_op2 (X86Lift *l, IrOp op, IrType type, IrRef a, IrRef b)
{
  return ir_emit (l->block, op, type, a, b, IR_NONE, 0, 0);
}

IrRef
lift_opi (X86Lift *l, IrOp op, IrType type, IrRef a, gint64 value)
{
  gboolean shifts = op >= IR_SHL && op <= IR_ROR;

  return lift_op2 (l, op, type, a, lift_imm (l, shifts ? IR_I8 : type, value));
}

IrRef
lift_select (X86Lift *l, IrType type, IrRef condition, IrRef yes, IrRef no)
{
  return ir_emit (l->block, IR_SELECT, type, condition, yes, no, 0, 0);
}

IrRef
lift_zext (X86Lift *l, IrType to, IrType from, IrRef value)
{
  return to <= from ? value : ir_emit (l->block, IR_ZEXT, to, value, IR_NONE, IR_NONE, from, 0);
}

IrRef
lift_sext (X86Lift *l, IrType to, IrType from, IrRef value)
{
  return to <= from ? value : ir_emit (l->block, IR_SEXT, to, value, IR_NONE, IR_NONE, from, 0);
}

IrRef
lift_get (X86Lift *l, IrType type, gint64 slot)
{
  return ir_emit (l->block, IR_GET, type, IR_NONE, IR_NONE, IR_NONE, 0, slot);
}

void
lift_put (X86Lift *l, IrType type, gint64 slot, IrRef value)
{
  ir_emit (l->block, IR_PUT, type, value, IR_NONE, IR_NONE, 0, slot);
}

static gint64
gpr_slot (IrType type, guint n, gboolean rex)
{
  if (type == IR_I8 && !rex && n >= 4 && n < 8)
    return SLOT_GPR (n - 4) + 1;
  return SLOT_GPR (n);
}

IrRef
lift_get_gpr (X86Lift *l, IrType type, guint n, gboolean rex)
{
  return lift_get (l, type, gpr_slot (type, n, rex));
}

void
lift_put_gpr (X86Lift *l, IrType type, guint n, gboolean rex, IrRef value)
{
  const IrInsn *op = &l->block->ops[value];

  if (type != IR_I32)
    lift_put (l, type, gpr_slot (type, n, rex), value);
  else if (op->op == IR_ZEXT && op->type == IR_I64 && op->aux <= IR_I32)
    lift_put (l, IR_I64, SLOT_GPR (n), value);
  else if (op->op == IR_ZEXT && op->type == IR_I32)
    lift_put (l, IR_I64, SLOT_GPR (n), lift_zext (l, IR_I64, op->aux, op->a));
  else
    lift_put (l, IR_I64, SLOT_GPR (n), lift_zext (l, IR_I64, IR_I32, value));
}

/* --- flags ------------------------------------------------------------------- */

IrRef
lift_cond (X86Lift *l, guint cc)
{
  return ir_emit (l->block, IR_COND, IR_I8, IR_NONE, IR_NONE, IR_NONE, cc, 0);
}

void
lift_flags (X86Lift *l, CcOp cc, IrType type, IrRef a, IrRef b, IrRef c)
{
  ir_emit (l->block, IR_FLAGS, type, a, b, c, cc, 0);
}

void
lift_set_cf (X86Lift *l, IrRef value)
{
  ir_emit (l->block, IR_OVERLAY, IR_I8, value, IR_NONE, IR_NONE, CC_OVER_CF, 0);
}

void
lift_set_zf (X86Lift *l, IrRef value)
{
  IrRef old = ir_emit (l->block, IR_RDFLAGS, IR_I64, IR_NONE, IR_NONE, IR_NONE, 0, 0);
  IrRef bit = lift_opi (l, IR_AND, IR_I64, lift_zext (l, IR_I64, IR_I8, value), 1);

  old = lift_opi (l, IR_AND, IR_I64, old, X86_ARITH & ~X86_ZF);
  lift_flags (l, CC_IMAGE, IR_I64, lift_op2 (l, IR_OR, IR_I64, old, lift_opi (l, IR_SHL, IR_I64, bit, 6)),
              IR_NONE, IR_NONE);
}

/* --- addresses --------------------------------------------------------------- */

IrRef
lift_ea (X86Lift *l, const X86Insn *insn)
{
  IrType type = IR_TYPE_OF_BYTES (insn->addr_bytes);
  IrRef base = IR_NONE, index = IR_NONE, ea;

  if (insn->rip_relative)
    {
      guint64 address = insn->next_rip + (guint64) insn->disp;

      return lift_imm (l, IR_I64, (gint64) (type == IR_I32 ? address & G_MAXUINT32 : address));
    }
  if (insn->base == 0xff && insn->index == 0xff)
    {
      guint64 mask = type == IR_I64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << IR_BITS (type)) - 1;

      return lift_imm (l, IR_I64, (gint64) ((guint64) insn->disp & mask));
    }
  if (insn->base != 0xff)
    base = lift_get (l, type, SLOT_GPR (insn->base));
  if (insn->index != 0xff)
    index = lift_get (l, type, SLOT_GPR (insn->index));
  if (index == IR_NONE && insn->disp == 0)
    ea = base;
  else
    ea = ir_emit (l->block, IR_EA, type, base, index, IR_NONE, index != IR_NONE ? insn->scale : 0, insn->disp);
  return lift_zext (l, IR_I64, type, ea);
}

IrRef
lift_linear (X86Lift *l, guint seg, IrRef ea, guint bytes, gboolean write)
{
  if (lift_64 (l))
    {
      if (seg < X86_FS)
        return ea;
      return lift_op2 (l, IR_ADD, IR_I64, lift_get (l, IR_I64, SLOT_SEG_BASE (seg)), ea);
    }
  if ((l->mode & X86_MODE_FLAT) && seg < X86_FS && !(seg == X86_CS && write))
    return ea;
  if (bytes != 0)
    ir_emit (l->block, IR_SEGCHECK, IR_I64, ea, IR_NONE, IR_NONE, seg | (write ? 8 : 0), bytes);
  return lift_zext (l, IR_I64, IR_I32, lift_op2 (l, IR_ADD, IR_I32, lift_get (l, IR_I32, SLOT_SEG_BASE (seg)), ea));
}

IrRef
lift_mem (X86Lift *l, const X86Insn *insn, guint bytes, gboolean write)
{
  return lift_linear (l, insn->mem_seg, lift_ea (l, insn), bytes, write);
}

guint
lift_mem_flags (const X86Lift *l, guint seg)
{
  return seg == X86_SS ? IR_MEM_STACK : 0;
}

/* --- the stack --------------------------------------------------------------- */

IrType
lift_stack_type (const X86Lift *l)
{
  return lift_64 (l) ? IR_I64 : l->mode & X86_MODE_STACK32 ? IR_I32 : IR_I16;
}

IrRef
lift_stack_linear (X86Lift *l, IrRef sp, guint bytes, gboolean write)
{
  return lift_linear (l, X86_SS, lift_zext (l, IR_I64, lift_stack_type (l), sp), bytes, write);
}

void
lift_put_sp (X86Lift *l, IrRef sp)
{
  lift_put_gpr (l, lift_stack_type (l), X86_RSP, FALSE, sp);
}

void
lift_push (X86Lift *l, IrType type, IrRef value)
{
  IrType width = lift_stack_type (l);
  IrRef sp = lift_opi (l, IR_SUB, width, lift_get (l, width, SLOT_GPR (X86_RSP)), IR_BYTES (type));
  IrRef linear = lift_stack_linear (l, sp, IR_BYTES (type), TRUE);

  ir_emit (l->block, IR_STORE, type, linear, value, IR_NONE, IR_MEM_STACK, 0);
  lift_put_sp (l, sp);
}

IrRef
lift_pop (X86Lift *l, IrType type, IrRef *new_sp)
{
  IrType width = lift_stack_type (l);
  IrRef sp = lift_get (l, width, SLOT_GPR (X86_RSP));
  IrRef linear = lift_stack_linear (l, sp, IR_BYTES (type), FALSE);
  IrRef value = ir_emit (l->block, IR_LOAD, type, linear, IR_NONE, IR_NONE, IR_MEM_STACK, 0);

  *new_sp = lift_opi (l, IR_ADD, width, sp, IR_BYTES (type));
  return value;
}

/* --- ends, helpers, exceptions ------------------------------------------------ */

IrRef
lift_helper (X86Lift *l, X86HelperId id, IrRef a, IrRef b, IrRef c)
{
  l->helped = TRUE;
  return ir_emit (l->block, IR_HELPER, IR_I64, a, b, c, 0, id);
}

void
lift_raise (X86Lift *l, guint vector)
{
  ir_emit (l->block, IR_RAISE, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 0, vector);
  l->ended = TRUE;
}

void
lift_raise_error (X86Lift *l, guint vector, guint32 error)
{
  ir_emit (l->block, IR_RAISE, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 1, vector | (gint64) error << 8);
  l->ended = TRUE;
}

void
lift_exit_next (X86Lift *l, const X86Insn *insn)
{
  lift_put (l, IR_I64, SLOT_RIP, lift_imm (l, IR_I64, (gint64) insn->next_rip));
  ir_emit (l->block, IR_EXIT, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 0, 0);
  l->ended = TRUE;
}

void
lift_fpu_check (X86Lift *l, guint kind)
{
  static const guint32 needed[4] = {
    X86_MODE_NO_FPU | X86_MODE_FP_TRAPS, X86_MODE_NO_FPU | X86_MODE_FP_TRAPS, X86_MODE_NO_SSE, X86_MODE_NO_AVX,
  };

  if (l->mode & needed[kind])
    lift_helper (l, X86_HELPER_fpu_check, lift_imm (l, IR_I64, kind), IR_NONE, IR_NONE);
}

void
lift_undefined (X86Lift *l, const X86Insn *insn)
{
  lift_raise (l, X86_EXC_UD);
}

void
lift_nop (X86Lift *l, const X86Insn *insn)
{
}

/* --- units -------------------------------------------------------------------- */

static void
end_with_jump (X86Lift *l, guint64 rip)
{
  ir_emit (l->block, IR_JUMP, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 0, (gint64) rip);
  l->ended = TRUE;
}

static void
lift_one (X86Lift *l, const X86Insn *insn)
{
  const X86Row *row = insn->row;

  ir_emit (l->block, IR_INSN, IR_VOID, IR_NONE, IR_NONE, IR_NONE, lift_string_counts (insn), (gint64) insn->rip);
  if (l->features->has[row->feature])
    row->lift (l, insn);
  else
    lift_raise (l, X86_EXC_UD);
}

/* `xchg %bx,%bx`, which no compiler makes: what Bochs' users put where they want to stop. */
static gboolean
is_magic (const X86Insn *insn)
{
  return insn->map == 0 && insn->opcode == 0x87 && insn->modrm == 0xdb && insn->op_bytes == 2 && insn->rex == 0 && !insn->lock;
}

void
x86_lift_unit (IrBlock *block, const X86LiftInput *input, X86LiftResult *result)
{
  X86Lift l = { .block = block, .mode = input->mode, .features = input->features };
  guint32 decode_mode = input->mode | (input->features->level < 3 ? X86_DECODE_ANY_LOCK : 0);
  guint64 rip = input->rip;
  X86Insn insn;

  ir_block_clear (block);
  result->n_insns = result->n_bytes = 0;
  result->truncated = result->cut = result->magic = FALSE;
  while (!l.ended)
    {
      X86DecodeResult decoded;

      if (result->n_insns == input->max_insns || block->n_ops > IR_MAX_OPS - MAX_OPS_OF_ONE)
        {
          end_with_jump (&l, rip);
          break;
        }
      if (input->cut != 0 && result->n_insns > 0 && result->n_bytes >= input->cut)
        {
          result->cut = TRUE;
          end_with_jump (&l, rip);
          break;
        }
      decoded = x86_decode (decode_mode, rip, input->bytes + result->n_bytes, input->n_bytes - result->n_bytes,
                            &insn);
      if (decoded == X86_DECODE_TRUNCATED)
        {
          result->truncated = result->n_insns == 0;
          if (!result->truncated)
            end_with_jump (&l, rip);
          break;
        }
      result->magic = input->magic && decoded == X86_DECODED && is_magic (&insn);
      if (result->magic && result->n_insns > 0)
        {
          result->magic = FALSE;
          end_with_jump (&l, rip);
          break;
        }
      result->n_insns++;
      result->n_bytes += insn.length;
      rip = insn.next_rip;
      if (decoded == X86_DECODE_TOO_LONG)
        {
          ir_emit (block, IR_INSN, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 0, (gint64) insn.rip);
          lift_raise_error (&l, X86_EXC_GP, 0);
          break;
        }
      lift_one (&l, &insn);
      if (!l.ended && (l.helped || l.backward || result->magic || l.n_branches == MAX_BRANCHES))
        end_with_jump (&l, rip);
    }
}
