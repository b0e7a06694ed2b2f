/* fuzz-expression - any text as an expression over an x86 CPU.
 *
 * What compiles can be evaluated, twice with one result, and changes neither state nor memory; what does not says
 * at which column. */
#include "config.h"

#include "arch/x86/state.h"
#include "core/expression.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
lookup (gpointer data, const char *name, guint64 *value)
{
  if (name[0] != 's')
    return FALSE;
  *value = 0x1000 + strlen (name);
  return TRUE;
}

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  AsternCpu       cpu;
  X86State        state;
} Target;

static void
start (Target *t)
{
  t->machine = astern_machine_new (1 << 20, NULL);
  t->ram = astern_memory_add (t->machine->memory, "ram", 16 * ASTERN_PAGE_SIZE, FALSE, NULL);
  astern_bus_add_memory (t->machine->physical, 0, t->ram, 0);
  t->cpu = (AsternCpu) { .klass = &x86_cpu_class, .machine = t->machine, .state = &t->state };
  x86_state_reset (&t->state, TRUE, 0x663);
  t->state.gpr[X86_RSP] = 0x7ffe;
}

static void
evaluate (Target *t, const AsternExpression *expression, const AsternHit *hit)
{
  guint64 first = 1, second = 2;
  const char *why = NULL;
  gboolean ok = astern_expression_evaluate (expression, &t->cpu, hit, &first, &why);

  g_assert_true (ok == astern_expression_evaluate (expression, &t->cpu, hit, &second, NULL));
  g_assert_cmphex (first, ==, second);
  g_assert_true (ok || (first == 0 && why != NULL && *why != '\0'));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static Target target;
  static const AsternNames names = { lookup, NULL };
  AsternHit hit = { .kind = (AsternPointKind) (size % ASTERN_N_POINT_KINDS), .linear = 0x1234, .physical = 0x5678,
                    .size = 4, .has_new = size & 1, .has_old = size >> 1 & 1, .number = 0x80, .new_value = 1 };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternExpression) expression = NULL;
  X86State before;
  guint64 hash;

  if (target.machine == NULL)
    start (&target);
  expression = astern_expression_new (text, &x86_cpu_class, &names, &error);
  if (expression == NULL)
    {
      g_assert_true (error != NULL && g_str_has_prefix (error->message, "Column "));
      return 0;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (astern_expression_text (expression), ==, text);
  before = target.state;
  hash = astern_memory_hash_block (target.machine->memory, target.ram);
  evaluate (&target, expression, NULL);
  evaluate (&target, expression, &hit);
  g_assert_cmpmem (&before, sizeof before, &target.state, sizeof target.state);
  g_assert_cmphex (astern_memory_hash_block (target.machine->memory, target.ram), ==, hash);
  return 0;
}
