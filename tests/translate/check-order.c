/* check-order.c - see check-order.h. */
#include "config.h"

#include "check-order.h"

#include "translate/x86/helpers.h"

/* Helpers that change nothing: what follows them may fault. */
static gboolean
only_looks (guint helper)
{
  switch (helper)
    {
    case X86_HELPER_pushf_value: case X86_HELPER_sldt: case X86_HELPER_str: case X86_HELPER_smsw:
    case X86_HELPER_fpu_check: case X86_HELPER_arpl_check: case X86_HELPER_io_check:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
was_probed (const IrBlock *block, guint first, guint store)
{
  const IrInsn *op = &block->ops[store];

  for (guint i = first; i < store; i++)
    {
      const IrInsn *probe = &block->ops[i];

      if (probe->a != op->a || !(probe->aux & IR_MEM_WRITE))
        continue;
      if (probe->op == IR_PROBE && (guint64) probe->imm >= IR_BYTES (op->type))
        return TRUE;
      if (probe->op == IR_LOAD && probe->type >= op->type)
        return TRUE;
    }
  return FALSE;
}

static gboolean
can_fault (const IrBlock *block, guint first, guint i)
{
  const IrInsn *op = &block->ops[i];

  if (op->op == IR_STORE)
    return !was_probed (block, first, i);
  if (op->op == IR_HOST)
    return block->hosts[op->imm].rm_kind == IR_HOST_MEM;
  return (ir_op_info[op->op].traits & IR_FAULTS) != 0;
}

static gboolean
commits (const IrInsn *op)
{
  switch (op->op)
    {
    case IR_PUT: case IR_STORE: case IR_FLAGS: case IR_OVERLAY: case IR_DIVU: case IR_DIVS: case IR_HOST:
      return TRUE;
    case IR_HELPER:
      return !only_looks ((guint) op->imm);
    default:
      return FALSE;
    }
}

char *
check_order (const IrBlock *block)
{
  guint first = 0, committed = 0;

  for (guint i = 1; i < block->n_ops; i++)
    {
      const IrInsn *op = &block->ops[i];

      if (op->op == IR_INSN)
        {
          first = i;
          committed = 0;
          continue;
        }
      if (committed != 0 && can_fault (block, first, i))
        return g_strdup_printf ("operation %u (%s) can fault behind operation %u (%s)", i, ir_op_info[op->op].text,
                                committed, ir_op_info[block->ops[committed].op].text);
      if (committed == 0 && commits (op))
        committed = i;
    }
  return NULL;
}
