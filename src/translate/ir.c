/* ir.c - blocks of IR: building, checking, printing, and the passes that every
 * unit goes through.
 *
 * Passes: ir_fold (constants), ir_drop_dead (flags nobody can see, values nobody
 * reads).  Both are one walk over the list. */
#include "config.h"

#include "translate/ir.h"

#include <string.h>

const IrOpInfo ir_op_info[IR_N_OPS] = {
#define X(name, text, args, traits, meaning) [IR_##name] = { text, args, (guint16) (traits), meaning },
  IR_OPS (X)
#undef X
};

const char *const cc_op_names[CC_N_OPS] = {
#define X(name, text, meaning) [CC_##name] = text,
  CC_OPS (X)
#undef X
};

const char *const cc_op_meanings[CC_N_OPS] = {
#define X(name, text, meaning) [CC_##name] = meaning,
  CC_OPS (X)
#undef X
};

IrBlock *
ir_block_new (void)
{
  IrBlock *block = g_new0 (IrBlock, 1);

  block->capacity = 256;
  block->ops = g_new (IrInsn, block->capacity);
  block->hosts_capacity = 16;
  block->hosts = g_new (IrHost, block->hosts_capacity);
  ir_block_clear (block);
  return block;
}

void
ir_block_free (IrBlock *block)
{
  if (block == NULL)
    return;
  g_free (block->ops);
  g_free (block->hosts);
  g_free (block);
}

void
ir_block_clear (IrBlock *block)
{
  block->n_ops = 1;
  memset (&block->ops[0], 0, sizeof block->ops[0]);
  block->n_hosts = 0;
  block->n_insns = 0;
  block->uses_vec = FALSE;
  block->uses_x87 = FALSE;
  block->must_interpret = FALSE;
}

IrBlock *
ir_block_copy (const IrBlock *block)
{
  IrBlock *copy = g_new (IrBlock, 1);

  *copy = *block;
  copy->capacity = block->n_ops;
  copy->hosts_capacity = MAX (block->n_hosts, 1);
  copy->ops = g_memdup2 (block->ops, block->n_ops * sizeof block->ops[0]);
  copy->hosts = g_new (IrHost, copy->hosts_capacity);
  memcpy (copy->hosts, block->hosts, block->n_hosts * sizeof block->hosts[0]);
  return copy;
}

IrRef
ir_emit (IrBlock *block, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, guint aux, gint64 imm)
{
  IrInsn *insn;

  g_assert (op < IR_N_OPS);
  g_assert (a < block->n_ops && b < block->n_ops && c < block->n_ops);
  g_assert (block->n_ops < IR_MAX_OPS);
  if (block->n_ops == block->capacity)
    {
      block->capacity *= 2;
      block->ops = g_renew (IrInsn, block->ops, block->capacity);
    }
  insn = &block->ops[block->n_ops];
  insn->op = op;
  insn->type = type;
  insn->aux = aux;
  insn->a = a;
  insn->b = b;
  insn->c = c;
  insn->uses = 0;
  insn->imm = imm;
  if (op == IR_INSN && aux == 0)
    block->n_insns++;
  return (IrRef) block->n_ops++;
}

IrRef
ir_emit_host (IrBlock *block, const IrHost *host, IrRef a, IrRef b)
{
  if (block->n_hosts == block->hosts_capacity)
    {
      block->hosts_capacity *= 2;
      block->hosts = g_renew (IrHost, block->hosts, block->hosts_capacity);
    }
  block->hosts[block->n_hosts] = *host;
  if (host->encoding == IR_HOST_X87 || host->reg_kind == IR_HOST_MMX || host->rm_kind == IR_HOST_MMX)
    block->uses_x87 = TRUE;
  if (host->reg_kind == IR_HOST_VEC || host->rm_kind == IR_HOST_VEC || host->v_kind == IR_HOST_VEC || host->mxcsr)
    block->uses_vec = TRUE;
  return ir_emit (block, IR_HOST, host->type, a, b, IR_NONE, 0, block->n_hosts++);
}

/* --- passes --------------------------------------------------------------- */

static guint64
mask_of (IrType type)
{
  return type == IR_I64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << IR_BITS (type)) - 1;
}

static gint64
sign_extend (guint64 value, IrType type)
{
  guint shift = 64 - IR_BITS (type);

  return (gint64) (value << shift) >> shift;
}

/* What @op makes of constants; FALSE when it is not worked out here. */
static gboolean
fold_constants (const IrInsn *op, guint64 a, guint64 b, guint64 *result)
{
  guint bits = op->type != IR_VOID ? IR_BITS (op->type) : 64;
  guint64 mask = op->type != IR_VOID ? mask_of (op->type) : G_MAXUINT64;

  switch (op->op)
    {
    case IR_ADD: *result = a + b; break;
    case IR_SUB: *result = a - b; break;
    case IR_AND: *result = a & b; break;
    case IR_OR:  *result = a | b; break;
    case IR_XOR: *result = a ^ b; break;
    case IR_NEG: *result = -a; break;
    case IR_NOT: *result = ~a; break;
    case IR_SHL: *result = (b & 63) >= bits ? 0 : a << (b & 63); break;
    case IR_SHR: *result = (b & 63) >= bits ? 0 : (a & mask) >> (b & 63); break;
    case IR_MUL: *result = a * b; break;
    case IR_ZEXT: *result = a & mask_of (op->aux); break;
    case IR_SEXT: *result = (guint64) sign_extend (a, op->aux); break;
    default: return FALSE;
    }
  *result &= mask;
  return TRUE;
}

/* A xor a, a - a: two reads of one slot with nothing between. */
static gboolean
same_value (const IrBlock *block, IrRef a, IrRef b)
{
  const IrInsn *x = &block->ops[a], *y = &block->ops[b];

  if (a == b)
    return TRUE;
  return x->op == IR_GET && y->op == IR_GET && x->imm == y->imm && x->type == y->type
         && b == a + 1;
}

void
ir_fold (IrBlock *block)
{
  for (guint i = 1; i < block->n_ops; i++)
    {
      IrInsn *op = &block->ops[i];
      const IrInsn *a = &block->ops[op->a], *b = &block->ops[op->b];
      guint64 result;

      if (!(ir_op_info[op->op].traits & IR_PURE) || op->op == IR_IMM || op->op == IR_NOP)
        continue;
      if (op->op == IR_EA)
        {
          if (op->a != IR_NONE && a->op == IR_IMM)
            {
              op->imm = (gint64) ((guint64) op->imm + (guint64) a->imm);
              op->a = IR_NONE;
            }
          if (op->b != IR_NONE && b->op == IR_IMM)
            {
              op->imm = (gint64) ((guint64) op->imm + ((guint64) b->imm << op->aux));
              op->b = IR_NONE;
            }
          if (op->a == IR_NONE && op->b == IR_NONE)
            {
              op->op = IR_IMM;
              op->imm = (gint64) ((guint64) op->imm & mask_of (op->type));
            }
          continue;
        }
      if ((op->op == IR_XOR || op->op == IR_SUB) && same_value (block, op->a, op->b))
        {
          op->op = IR_IMM;
          op->imm = 0;
          op->a = op->b = IR_NONE;
          continue;
        }
      if (op->a == IR_NONE || a->op != IR_IMM || op->c != IR_NONE)
        continue;
      if (ir_op_info[op->op].n_args == 2 && (op->b == IR_NONE || b->op != IR_IMM))
        continue;
      if (fold_constants (op, (guint64) a->imm, (guint64) b->imm, &result))
        {
          op->op = IR_IMM;
          op->imm = (gint64) result;
          op->a = op->b = IR_NONE;
        }
    }
}

static void
make_nop (IrInsn *op)
{
  memset (op, 0, sizeof *op);
}

/* Invariants: 1. flags are live at the end of a unit, at every operation that can
 * fault and at every side exit.  2. A FLAGS without a count replaces all six.
 * 3. Loads stay even if nobody wants their value: they may fault. */
void
ir_drop_dead (IrBlock *block)
{
  gboolean live = TRUE;

  for (guint i = 1; i < block->n_ops; i++)
    block->ops[i].uses = 0;
  for (guint i = block->n_ops - 1; i > 0; i--)
    {
      IrInsn *op = &block->ops[i];
      guint traits = ir_op_info[op->op].traits;

      if (op->op == IR_NOP)
        continue;
      if (op->uses == 0
          && ((traits & IR_PURE) || op->op == IR_GET || op->op == IR_COND || op->op == IR_RDFLAGS))
        {
          make_nop (op);
          continue;
        }
      if (op->op == IR_FLAGS)
        {
          if (!live)
            {
              make_nop (op);
              continue;
            }
          live = op->c != IR_NONE && op->aux != CC_ADC && op->aux != CC_SBB;
        }
      else if (op->op == IR_OVERLAY)
        {
          if (!live)
            {
              make_nop (op);
              continue;
            }
        }
      else if (op->op == IR_HOST)
        {
          IrHost *host = &block->hosts[op->imm];

          if (host->flags_out)
            {
              if (!live)
                host->flags_out = 0;
              live = FALSE;
            }
          /* With exceptions unmasked it may leave without a memory operand too. */
          if (host->rm_kind == IR_HOST_MEM || (host->mxcsr && block->must_interpret))
            live = TRUE;
        }
      else if (traits & (IR_FLAGS_IN | IR_FAULTS | IR_SIDE_EXIT))
        live = TRUE;
      if (op->a != IR_NONE)
        block->ops[op->a].uses++;
      if (op->b != IR_NONE)
        block->ops[op->b].uses++;
      if (op->c != IR_NONE)
        block->ops[op->c].uses++;
    }
}

/* --- checking and printing -------------------------------------------------- */

static gboolean
makes_value (const IrBlock *block, const IrInsn *op)
{
  switch (op->op)
    {
    case IR_NOP: case IR_INSN: case IR_PUT: case IR_STORE: case IR_PROBE: case IR_SEGCHECK: case IR_DIVU:
    case IR_DIVS: case IR_FLAGS: case IR_OVERLAY: case IR_BRANCH: case IR_BRANCHNZ: case IR_JUMP:
    case IR_JUMPIND: case IR_EXIT: case IR_RAISE:
      return FALSE;
    case IR_HOST:
      return block->hosts[op->imm].reg_written || block->hosts[op->imm].ax_written
             || block->hosts[op->imm].cx_written || block->hosts[op->imm].rm_kind == IR_HOST_GPR;
    default:
      return TRUE;
    }
}

char *
ir_verify (const IrBlock *block)
{
  guint n_insns = 0;

  if (block->n_ops < 2 || block->ops[0].op != IR_NOP)
    return g_strdup ("the block is empty");
  for (guint i = 1; i < block->n_ops; i++)
    {
      const IrInsn *op = &block->ops[i];
      const IrRef args[3] = { op->a, op->b, op->c };

      if (op->op >= IR_N_OPS)
        return g_strdup_printf ("operation %u: unknown", i);
      for (guint k = 0; k < 3; k++)
        {
          if (args[k] == IR_NONE)
            continue;
          if (args[k] >= i)
            return g_strdup_printf ("operation %u (%s): argument %u is not defined earlier", i,
                                    ir_op_info[op->op].text, k);
          if (k >= ir_op_info[op->op].n_args)
            return g_strdup_printf ("operation %u (%s): too many arguments", i, ir_op_info[op->op].text);
          if (!makes_value (block, &block->ops[args[k]]))
            return g_strdup_printf ("operation %u (%s): argument %u (%s) is no value", i,
                                    ir_op_info[op->op].text, k, ir_op_info[block->ops[args[k]].op].text);
        }
      if (op->type > IR_I64)
        return g_strdup_printf ("operation %u (%s): bad type", i, ir_op_info[op->op].text);
      if (op->op == IR_HOST && (guint64) op->imm >= block->n_hosts)
        return g_strdup_printf ("operation %u: no such host instruction", i);
      if (op->op == IR_INSN && op->aux == 0)
        n_insns++;
      if ((ir_op_info[op->op].traits & IR_ENDS) && i != block->n_ops - 1)
        return g_strdup_printf ("operation %u (%s) ends the unit but is not the last", i, ir_op_info[op->op].text);
    }
  if (!(ir_op_info[block->ops[block->n_ops - 1].op].traits & IR_ENDS))
    return g_strdup ("the last operation does not end the unit");
  if (n_insns != block->n_insns)
    return g_strdup ("the count of instructions is wrong");
  return NULL;
}

void
ir_dump (const IrBlock *block, FILE *file)
{
  static const char *const types[] = { "", ".8", ".16", ".32", ".64" };

  for (guint i = 1; i < block->n_ops; i++)
    {
      const IrInsn *op = &block->ops[i];

      if (op->op == IR_NOP)
        continue;
      if (op->op == IR_INSN)
        {
          fprintf (file, "      -- %" G_GINT64_MODIFIER "x\n", (guint64) op->imm);
          continue;
        }
      fprintf (file, "%4u: %s%s", i, ir_op_info[op->op].text, types[op->type]);
      if (op->a != IR_NONE)
        fprintf (file, " v%u", op->a);
      if (op->b != IR_NONE)
        fprintf (file, " v%u", op->b);
      if (op->c != IR_NONE)
        fprintf (file, " v%u", op->c);
      if (op->op == IR_FLAGS)
        fprintf (file, " %s", cc_op_names[op->aux]);
      else if (op->aux)
        fprintf (file, " #%u", op->aux);
      if (op->imm)
        fprintf (file, " 0x%" G_GINT64_MODIFIER "x", (guint64) op->imm);
      fputc ('\n', file);
    }
}
