/* expression.c - expressions evaluated: a stack machine that looks and changes nothing. */

#include "config.h"

#include "core/expression-private.h"

#include <glib/gi18n.h>
#include <string.h>

static gboolean
needs_state (const GArray *code)
{
  for (guint i = 0; i < code->len; i++)
    {
      guint op = g_array_index (code, ExprInsn, i).op;

      if (op == EXPR_REGISTER || op == EXPR_PC || op == EXPR_LOAD)
        return TRUE;
    }
  return FALSE;
}

AsternExpression *
astern_expression_new (const char *text, const AsternCpuClass *klass, const AsternNames *names, GError **error)
{
  g_autoptr (GArray) code = g_array_new (FALSE, FALSE, sizeof (ExprInsn));
  AsternExpression *expression;
  gboolean is_signed = FALSE;

  if (!astern_expression_compile (text, klass, names, code, &is_signed, error))
    return NULL;
  expression = g_new0 (AsternExpression, 1);
  expression->text = g_strdup (text);
  expression->is_signed = is_signed;
  expression->reads_cpu = needs_state (code);
  expression->n = code->len;
  expression->code = (ExprInsn *) (gpointer) g_array_steal (code, NULL);
  return expression;
}

void
astern_expression_free (AsternExpression *expression)
{
  if (expression == NULL)
    return;
  g_free (expression->text);
  g_free (expression->code);
  g_free (expression);
}

const char *
astern_expression_text (const AsternExpression *expression)
{
  return expression->text;
}

gboolean
astern_expression_is_signed (const AsternExpression *expression)
{
  return expression->is_signed;
}

/* ---- what is read ---- */

/* What is under evaluation. */
typedef struct
{
  AsternCpu       *cpu;
  const AsternHit *hit;
  const char      *fault;
} Run;

static gboolean
fault (Run *run, const char *why)
{
  run->fault = why;
  return FALSE;
}

static guint64
read_register (const Run *run, const ExprInsn *insn)
{
  guint8 bytes[64];
  guint64 value = 0;

  run->cpu->klass->read_register (run->cpu, insn->arg, bytes);
  memcpy (&value, bytes, insn->bits / 8);
  return GUINT64_FROM_LE (value);
}

static guint64
read_pc (const Run *run)
{
  AsternCodePlace place;

  run->cpu->klass->code_place (run->cpu, &place);
  return place.pc;
}

static gboolean
peek_physical (Run *run, guint64 physical, guint size, guint64 *value)
{
  AsternBus *bus = run->cpu->machine->physical;
  AsternAccess access = { { physical }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER, (guint8) run->cpu->index };

  for (guint done = 0; done < size;)
    {
      AsternRoute route;

      astern_bus_route (bus, physical + done, &route);
      if (route.read.kind == ASTERN_TARGET_NONE)
        return fault (run, _("There is no memory at the address read."));
      if (route.end - (physical + done) >= size - done)
        break;
      done += (guint) (route.end - (physical + done));
    }
  *value = astern_bus_read (bus, &access);
  return TRUE;
}

/* @size bytes within a page. */
static gboolean
peek_in_page (Run *run, guint64 linear, guint size, guint64 *value)
{
  guint64 physical;

  if (!run->cpu->klass->translate (run->cpu, linear, &physical))
    return fault (run, _("Nothing is mapped at the address read."));
  return peek_physical (run, physical, size, value);
}

static gboolean
peek_linear (Run *run, guint64 linear, guint size, guint64 *value)
{
  guint first = (guint) MIN (size, ASTERN_PAGE_SIZE - (linear & ASTERN_PAGE_MASK));
  guint64 rest = 0;

  if (!peek_in_page (run, linear, first, value))
    return FALSE;
  if (first < size)
    {
      if (!peek_in_page (run, linear + first, size - first, &rest))
        return FALSE;
      *value |= rest << 8 * first;
    }
  return TRUE;
}

static gboolean
hit_address (const AsternHit *hit, guint64 *value)
{
  if (hit->kind == ASTERN_POINT_EXECUTE)
    *value = hit->pc;
  else if (hit->kind == ASTERN_POINT_MEMORY)
    *value = hit->linear == ASTERN_POINT_ANY ? hit->physical : hit->linear;
  else
    return FALSE;
  return TRUE;
}

/* FALSE: the hit has no such part. */
static gboolean
read_hit (const AsternHit *hit, ExprHitPart part, guint64 *value)
{
  switch (part)
    {
    case EXPR_OLD:  *value = hit->old_value; return hit->has_old;
    case EXPR_NEW:  *value = hit->new_value; return hit->has_new;
    case EXPR_ADDR: return hit_address (hit, value);
    case EXPR_PHYS: *value = hit->physical; return hit->kind == ASTERN_POINT_EXECUTE || hit->kind == ASTERN_POINT_MEMORY;
    case EXPR_SIZE: *value = hit->size; return TRUE;
    case EXPR_NUM:  *value = hit->number; return hit->kind != ASTERN_POINT_EXECUTE && hit->kind != ASTERN_POINT_MEMORY;
    case EXPR_ERR:  *value = hit->error_code; return hit->kind == ASTERN_POINT_EXCEPTION;
    }
  return FALSE;
}

static guint64
icount_of (const Run *run)
{
  return run->hit != NULL ? run->hit->before.icount : run->cpu->machine->clock.s.icount;
}

/* ---- the stack machine ---- */

static gboolean
push (Run *run, const ExprInsn *insn, guint64 *value)
{
  switch (insn->op)
    {
    case EXPR_NUMBER:   *value = insn->value; return TRUE;
    case EXPR_REGISTER: *value = read_register (run, insn); return TRUE;
    case EXPR_ICOUNT:   *value = icount_of (run); return TRUE;
    case EXPR_NS:       *value = astern_clock_now_ns (&run->cpu->machine->clock); return TRUE;
    case EXPR_CPU:      *value = run->cpu->index; return TRUE;
    case EXPR_PC:       *value = read_pc (run); return TRUE;
    default:
      if (run->hit == NULL)
        return fault (run, _("There is no event here of which $old, $addr and the like could be."));
      if (!read_hit (run->hit, insn->arg, value))
        return fault (run, _("An event of this kind does not have what is asked for."));
      return TRUE;
    }
}

static guint64
sign_extend (guint64 value, guint bits)
{
  return (guint64) ((gint64) (value << (64 - bits)) >> (64 - bits));
}

static gboolean
replace_top (Run *run, const ExprInsn *insn, guint64 *a)
{
  switch (insn->op)
    {
    case EXPR_LOAD:        return peek_linear (run, *a, insn->bits / 8u, a);
    case EXPR_LOAD_PHYS:   return peek_physical (run, *a, insn->bits / 8u, a);
    case EXPR_ZERO_EXTEND: *a &= G_MAXUINT64 >> (64 - insn->bits); return TRUE;
    case EXPR_SIGN_EXTEND: *a = sign_extend (*a, insn->bits); return TRUE;
    case EXPR_FIELD:       *a = *a >> insn->arg & G_MAXUINT64 >> (64 - insn->bits); return TRUE;
    case EXPR_NEGATE:      *a = -*a; return TRUE;
    case EXPR_COMPLEMENT:  *a = ~*a; return TRUE;
    case EXPR_NOT:         *a = *a == 0; return TRUE;
    default:               *a = *a != 0; return TRUE;
    }
}

/* @b is not 0. */
static guint64
divide (ExprOp op, guint64 a, guint64 b)
{
  switch ((guint) op)
    {
    case EXPR_DIV:  return a / b;
    case EXPR_MOD:  return a % b;
    case EXPR_SDIV: return b == G_MAXUINT64 ? -a : (guint64) ((gint64) a / (gint64) b);
    default:        return b == G_MAXUINT64 ? 0 : (guint64) ((gint64) a % (gint64) b);
    }
}

static guint64
binary (ExprOp op, guint64 a, guint64 b)
{
  switch ((guint) op)
    {
    case EXPR_ADD: return a + b;
    case EXPR_SUB: return a - b;
    case EXPR_MUL: return a * b;
    case EXPR_SHL: return b < 64 ? a << b : 0;
    case EXPR_SHR: return b < 64 ? a >> b : 0;
    case EXPR_SAR: return (guint64) ((gint64) a >> MIN (b, 63));
    case EXPR_AND: return a & b;
    case EXPR_OR:  return a | b;
    case EXPR_XOR: return a ^ b;
    case EXPR_EQ:  return a == b;
    case EXPR_NE:  return a != b;
    case EXPR_LT:  return a < b;
    case EXPR_LE:  return a <= b;
    case EXPR_GT:  return a > b;
    case EXPR_GE:  return a >= b;
    case EXPR_SLT: return (gint64) a < (gint64) b;
    case EXPR_SLE: return (gint64) a <= (gint64) b;
    case EXPR_SGT: return (gint64) a > (gint64) b;
    case EXPR_SGE: return (gint64) a >= (gint64) b;
    default:       return divide (op, a, b);
    }
}

static gboolean
is_division (guint op)
{
  return op >= EXPR_DIV && op <= EXPR_SMOD;
}

/* A jump at code[*@at]; *@at becomes the one before the next, *@top the stack's top. */
static void
jump (const ExprInsn *insn, guint *at, guint64 **top)
{
  gboolean taken = TRUE;

  if (insn->op == EXPR_JUMP_ZERO)
    taken = *(*top)-- == 0;
  else if (insn->op == EXPR_AND_THEN || insn->op == EXPR_OR_ELSE)
    {
      taken = (**top != 0) == (insn->op == EXPR_OR_ELSE);
      if (taken)
        **top = insn->op == EXPR_OR_ELSE;
      else
        (*top)--;
    }
  if (taken)
    *at = (guint) insn->value - 1;
}

static gboolean
execute (Run *run, const AsternExpression *expression, guint64 *value)
{
  guint64 stack[EXPR_MAX_STACK + 1];
  guint64 *top = stack;       /* stack[0] is no value */

  for (guint at = 0; at < expression->n; at++)
    {
      const ExprInsn *insn = &expression->code[at];

      if (insn->op < EXPR_LOAD)
        {
          if (!push (run, insn, ++top))
            return FALSE;
        }
      else if (insn->op < EXPR_ADD)
        {
          if (!replace_top (run, insn, top))
            return FALSE;
        }
      else if (insn->op < EXPR_JUMP)
        {
          guint64 b = *top--;

          if (b == 0 && is_division (insn->op))
            return fault (run, _("Division by zero."));
          *top = binary (insn->op, *top, b);
        }
      else
        jump (insn, &at, &top);
    }
  *value = *top;
  return TRUE;
}

gboolean
astern_expression_evaluate (const AsternExpression *expression, AsternCpu *cpu, const AsternHit *hit, guint64 *value,
                            const char **why)
{
  Run run = { .cpu = cpu, .hit = hit };

  if (expression->reads_cpu && cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  if (execute (&run, expression, value))
    return TRUE;
  *value = 0;
  if (why != NULL)
    *why = run.fault;
  return FALSE;
}
