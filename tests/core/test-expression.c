/* test-expression - expressions: what they mean, what they refuse, and random ones against an evaluator of the test's own. */
#include "config.h"

#include "core/expression.h"

#include <string.h>

#define PAGE ASTERN_PAGE_SIZE
#define WIDE(value) G_GUINT64_CONSTANT (value)

/* ---- a CPU and its memory ---- */

typedef struct
{
  guint64 a, b, flags, gs_base, rip;
  guint64 wide[2];
} CpuState;

static const AsternRegister registers[] = {
  { "a", "general", 64, 0 }, { "b", "general", 64, 1 }, { "ab", "alias", 8, 0 }, { "flags", "general", 32, 2 },
  { "gs_base", "segment", 64, 3 }, { "v", "sse", 128, 5 }, { "Model_Specific", "msr", 64, 1 },
};
static const AsternRegisterPart parts[] = { { "flags", "zf", 6, 1 }, { "flags", "iopl", 12, 2 }, { NULL, NULL, 0, 0 } };

static void
read_register (const AsternCpu *cpu, guint index, guint8 *bytes)
{
  memcpy (bytes, (guint64 *) cpu->state + registers[index].id, registers[index].bits / 8);
}

/* Linear pages are the physical ones turned round: page 0 is 7; 8 and above are not mapped. */
static gboolean
translate (AsternCpu *cpu, guint64 linear, guint64 *physical)
{
  if (linear >= 8 * PAGE)
    return FALSE;
  *physical = (7 - linear / PAGE) * PAGE + linear % PAGE;
  return TRUE;
}

static void
code_place (const AsternCpu *cpu, AsternCodePlace *place)
{
  place->pc = ((CpuState *) cpu->state)->rip;
}

static const AsternCpuClass cpu_class = {
  .name = "test", .registers = registers, .n_registers = G_N_ELEMENTS (registers), .parts = parts,
  .read_register = read_register, .translate = translate, .code_place = code_place,
};

typedef struct
{
  AsternMachine *machine;
  AsternCpu      cpu;
  CpuState       s;
  guint8        *memory;      /* of the physical address 0 */
  guint          syncs;
} Fixture;

static void
sync_out (AsternCpu *cpu)
{
  ((Fixture *) cpu->apic)->syncs++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternRamBlock *ram;

  f->machine = astern_machine_new (64 * PAGE, NULL);
  ram = astern_memory_add (f->machine->memory, "ram", 6 * PAGE, FALSE, NULL);
  astern_bus_add_memory (f->machine->physical, 0, ram, 0);
  f->memory = astern_memory_host (f->machine->memory, ram->start);
  f->cpu = (AsternCpu) { .klass = &cpu_class, .machine = f->machine, .state = &f->s, .index = 3, .sync_out = sync_out,
                         .apic = (AsternDevice *) f };
  f->s = (CpuState) { .a = 5, .b = 0x1122334455667788, .flags = 0x3040, .gs_base = 0x4000, .rip = 0xfff0,
                      .wide = { 0x77, 0x88 } };
  f->machine->clock.s.icount = 12345;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static gboolean
lookup (gpointer data, const char *name, guint64 *value)
{
  if (strcmp (name, "main") == 0)
    *value = 0x401000;
  else if (strcmp (name, "copy.isra.0") == 0)
    *value = 0x402000;
  else if (strcmp (name, "a") == 0)
    *value = 0x403000;
  else if (strcmp (name, "new(long)") == 0)
    *value = 0x404000;
  else
    return FALSE;
  return TRUE;
}

static const AsternNames names = { lookup, NULL };

static guint64
value_of_hit (Fixture *f, const char *text, const AsternHit *hit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternExpression) expression = astern_expression_new (text, &cpu_class, &names, &error);
  const char *fault = NULL;
  guint64 value = 0;

  if (expression == NULL)
    g_error ("%s: %s", text, error->message);
  g_assert_cmpstr (astern_expression_text (expression), ==, text);
  if (!astern_expression_evaluate (expression, &f->cpu, hit, &value, &fault))
    g_error ("%s: %s", text, fault);
  return value;
}

static guint64
value_of (Fixture *f, const char *text)
{
  return value_of_hit (f, text, NULL);
}

static void
assert_fault_of_hit (Fixture *f, const char *text, const AsternHit *hit)
{
  g_autoptr (AsternExpression) expression = astern_expression_new (text, &cpu_class, &names, NULL);
  const char *fault = NULL;
  guint64 value = 99;

  g_assert_nonnull (expression);
  g_assert_false (astern_expression_evaluate (expression, &f->cpu, hit, &value, &fault));
  g_assert_cmpuint (value, ==, 0);
  g_assert_nonnull (fault);
  g_assert_false (astern_expression_evaluate (expression, &f->cpu, hit, &value, NULL));
}

static void
assert_fault (Fixture *f, const char *text)
{
  assert_fault_of_hit (f, text, NULL);
}

static void
assert_error (const char *text, AsternExpressionError code, guint column)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = g_strdup_printf ("Column %u: ", column);

  g_assert_null (astern_expression_new (text, &cpu_class, &names, &error));
  g_assert_error (error, ASTERN_EXPRESSION_ERROR, (gint) code);
  if (!g_str_has_prefix (error->message, prefix))
    g_error ("%s: %s", text, error->message);
}

static void
put (Fixture *f, guint64 physical, guint64 value, guint size)
{
  memcpy (f->memory + physical, &value, size);
}

/* ---- operands ---- */

static void
numbers_have_four_bases (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (value_of (f, "0x1F"), ==, 31);
  g_assert_cmpuint (value_of (f, "017"), ==, 15);
  g_assert_cmpuint (value_of (f, "0b101"), ==, 5);
  g_assert_cmpuint (value_of (f, "10"), ==, 10);
  g_assert_cmpuint (value_of (f, "0"), ==, 0);
  g_assert_cmpuint (value_of (f, " 18446744073709551615 "), ==, G_MAXUINT64);
  g_assert_cmpuint (value_of (f, "0xffffffffffffffff"), ==, G_MAXUINT64);
}

static void
registers_are_read_by_name (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (value_of (f, "$b"), ==, 0x1122334455667788);
  g_assert_cmphex (value_of (f, "b"), ==, 0x1122334455667788);
  g_assert_cmphex (value_of (f, "$AB"), ==, 5);
  g_assert_cmphex (value_of (f, "model_specific"), ==, 0x1122334455667788);
  g_assert_cmphex (value_of (f, "$v"), ==, 0x77);
  g_assert_cmphex (value_of (f, "$gs.base"), ==, 0x4000);
  g_assert_cmphex (value_of (f, "$flags.zf"), ==, 1);
  g_assert_cmphex (value_of (f, "flags.iopl"), ==, 3);
}

static void
the_state_is_brought_up_to_date_when_it_is_read (Fixture *f, gconstpointer data)
{
  value_of (f, "1 + main");
  g_assert_cmpuint (f->syncs, ==, 0);
  value_of (f, "$a");
  g_assert_cmpuint (f->syncs, ==, 1);
}

static void
symbols_are_their_address (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (value_of (f, "main+4"), ==, 0x401004);
  g_assert_cmphex (value_of (f, "copy.isra.0"), ==, 0x402000);
  g_assert_cmphex (value_of (f, "'new(long)' + 1"), ==, 0x404001);
  g_assert_cmphex (value_of (f, "a"), ==, 5);              /* the register */
  g_assert_cmphex (value_of (f, "&a"), ==, 0x403000);
  g_assert_cmphex (value_of (f, "1&a"), ==, 1);
}

static void
the_machine_has_names (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (value_of (f, "$icount"), ==, 12345);
  g_assert_cmpuint (value_of (f, "$ns"), ==, 12345);
  g_assert_cmpuint (value_of (f, "$cpu"), ==, 3);
  g_assert_cmphex (value_of (f, "$pc"), ==, 0xfff0);
}

static void
a_hit_has_what_its_kind_has (Fixture *f, gconstpointer data)
{
  AsternHit memory = { .kind = ASTERN_POINT_MEMORY, .linear = 0x1000, .physical = 0x2000, .size = 4, .has_new = 1,
                       .new_value = 7, .before = { 77, 0 } };
  AsternHit dma = { .kind = ASTERN_POINT_MEMORY, .linear = ASTERN_POINT_ANY, .physical = 0x2000 };
  AsternHit exception = { .kind = ASTERN_POINT_EXCEPTION, .number = 14, .error_code = 2 };
  AsternHit execute = { .kind = ASTERN_POINT_EXECUTE, .pc = 0x3000, .physical = 0x4000 };

  g_assert_cmphex (value_of_hit (f, "$addr + $size", &memory), ==, 0x1004);
  g_assert_cmphex (value_of_hit (f, "$phys", &memory), ==, 0x2000);
  g_assert_cmphex (value_of_hit (f, "$new", &memory), ==, 7);
  g_assert_cmpuint (value_of_hit (f, "$icount", &memory), ==, 77);
  assert_fault_of_hit (f, "$old", &memory);
  assert_fault_of_hit (f, "$num", &memory);
  assert_fault_of_hit (f, "$err", &memory);
  g_assert_cmphex (value_of_hit (f, "$addr", &dma), ==, 0x2000);
  g_assert_cmphex (value_of_hit (f, "$num == 14 && $err == 2", &exception), ==, 1);
  assert_fault_of_hit (f, "$addr", &exception);
  g_assert_cmphex (value_of_hit (f, "$addr + $phys", &execute), ==, 0x7000);
  assert_fault (f, "$new");
}

/* ---- memory ---- */

static void
memory_is_read_by_its_type (Fixture *f, gconstpointer data)
{
  put (f, 5 * PAGE + 8, WIDE (0xffeeddccbbaa9988), 8);       /* linear 0x2008 */
  g_assert_cmphex (value_of (f, "u8[0x2008]"), ==, 0x88);
  g_assert_cmphex (value_of (f, "u16[0x2000 + 8]"), ==, 0x9988);
  g_assert_cmphex (value_of (f, "*(u32 *) 0x2008"), ==, 0xbbaa9988);
  g_assert_cmphex (value_of (f, "*(u32 *) 0x2004 + 4"), ==, 4);
  g_assert_cmphex (value_of (f, "*(u32 *) (0x2004 + 4)"), ==, 0xbbaa9988);
  g_assert_cmphex (value_of (f, "*0x2008"), ==, WIDE (0xffeeddccbbaa9988));
  g_assert_cmphex (value_of (f, "*(0x2004 + 4) + 1"), ==, WIDE (0xffeeddccbbaa9989));
  g_assert_cmphex (value_of (f, "*(u16) 0x12008"), ==, WIDE (0xffeeddccbbaa9988));
  g_assert_cmphex (value_of (f, "s8[0x2008]"), ==, WIDE (0xffffffffffffff88));
  g_assert_cmphex (value_of (f, "*(s16 *) 0x200e >> 8"), ==, WIDE (0xffffffffffffffff));
  g_assert_cmphex (value_of (f, "phys.u64[0x5008]"), ==, WIDE (0xffeeddccbbaa9988));
  g_assert_cmphex (value_of (f, "phys.s32[0x500c] < 0"), ==, 1);
  g_assert_cmphex (value_of (f, "(u8[0x2008])"), ==, 0x88);
}

static void
memory_on_two_pages_comes_from_both (Fixture *f, gconstpointer data)
{
  put (f, 4 * PAGE + PAGE - 3, 0x332211, 3);      /* the end of linear page 3 */
  put (f, 3 * PAGE, WIDE (0x8877665544), 5);      /* the start of page 4 */
  g_assert_cmphex (value_of (f, "u64[0x3ffd]"), ==, WIDE (0x8877665544332211));
  assert_fault (f, "u64[0x7ffd]");                /* mapped, and not */
}

static void
reading_what_is_not_there_is_a_fault (Fixture *f, gconstpointer data)
{
  assert_fault (f, "u8[0x8000]");
  assert_fault (f, "u8[0x1000]");                 /* mapped to where no memory is */
  assert_fault (f, "phys.u32[0x5ffe]");
  g_assert_cmphex (value_of (f, "phys.u16[0x5ffe]"), ==, 0);
  assert_fault (f, "1 + *-1");
}

static void
what_is_not_reached_is_not_read (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (value_of (f, "0 && u8[0x8000]"), ==, 0);
  g_assert_cmphex (value_of (f, "7 || u8[0x8000]"), ==, 1);
  g_assert_cmphex (value_of (f, "a ? 2 : u8[0x8000]"), ==, 2);
  g_assert_cmphex (value_of (f, "!a ? u8[0x8000] : 3"), ==, 3);
  assert_fault (f, "1 && u8[0x8000]");
  assert_fault (f, "0 || u8[0x8000]");
}

/* ---- operators ---- */

static void
a_cast_makes_signed (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (value_of (f, "-1 < 0"), ==, 0);
  g_assert_cmphex (value_of (f, "(s64) -1 < 0"), ==, 1);
  g_assert_cmphex (value_of (f, "0 > (s64) -1"), ==, 1);
  g_assert_cmphex (value_of (f, "(s8) 0x80"), ==, WIDE (0xffffffffffffff80));
  g_assert_cmphex (value_of (f, "(u8) 0x180"), ==, 0x80);
  g_assert_cmphex (value_of (f, "(u8) (s8) 0x80 < 0"), ==, 0);
  g_assert_cmphex (value_of (f, "(s64) -8 / 2"), ==, (guint64) -4);
  g_assert_cmphex (value_of (f, "(s64) -7 % 4"), ==, (guint64) -3);
  g_assert_cmphex (value_of (f, "-8 / (s8) 2"), ==, (guint64) -4);
  g_assert_cmphex (value_of (f, "(s32) 0x80000000 >> 4"), ==, WIDE (0xfffffffff8000000));
  g_assert_cmphex (value_of (f, "0x80000000 >> (s8) 4"), ==, 0x8000000);
  g_assert_cmphex (value_of (f, "((s8) 1 - 2) / 1 < 0"), ==, 1);
  g_assert_cmphex (value_of (f, "(a ? (s8) 1 : 2) - 2 < 0"), ==, 1);
  g_assert_cmphex (value_of (f, "((s8) 1 == 1) - 2 < 0"), ==, 0);
}

static void
edges_of_division_and_shifts_are_defined (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (value_of (f, "1 << 64"), ==, 0);
  g_assert_cmphex (value_of (f, "1 << 63 >> 63"), ==, 1);
  g_assert_cmphex (value_of (f, "1 >> -1"), ==, 0);
  g_assert_cmphex (value_of (f, "(s64) -5 >> 70"), ==, G_MAXUINT64);
  g_assert_cmphex (value_of (f, "(s64) (1 << 63) / -1"), ==, WIDE (1) << 63);
  g_assert_cmphex (value_of (f, "(s64) (1 << 63) % -1"), ==, 0);
  assert_fault (f, "1 / (a - 5)");
  assert_fault (f, "(s64) 1 % 0");
}

static void
the_kind_of_the_result_is_told (Fixture *f, gconstpointer data)
{
  static const struct { const char *text; gboolean is_signed; } cases[] = {
    { "1", FALSE }, { "(s8) 1", TRUE }, { "(s8) 1 + 1", TRUE }, { "1 & (s8) 1", TRUE }, { "(s8) 1 << 1", TRUE },
    { "1 << (s8) 1", FALSE }, { "(s8) 1 < 1", FALSE }, { "!(s8) 1", FALSE }, { "~(s8) 1", TRUE }, { "-(s8) 1", TRUE },
    { "s16[0]", TRUE }, { "u16[0]", FALSE }, { "1 ? 1 : (s8) 1", TRUE }, { "(s8) 1 && (s8) 1", FALSE },
    { "(u64) (s8) 1", FALSE }, { "*(s8 *) 0", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AsternExpression) expression = astern_expression_new (cases[i].text, &cpu_class, &names, NULL);

      if (astern_expression_is_signed (expression) != cases[i].is_signed)
        g_error ("%s is %s signed", cases[i].text, cases[i].is_signed ? "not" : "");
    }
}

/* ---- errors ---- */

static void
mistakes_are_told_with_their_column (Fixture *f, gconstpointer data)
{
  assert_error ("", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("1 +", ASTERN_EXPRESSION_ERROR_SYNTAX, 4);
  assert_error ("1 + )", ASTERN_EXPRESSION_ERROR_SYNTAX, 5);
  assert_error ("(1", ASTERN_EXPRESSION_ERROR_SYNTAX, 3);
  assert_error ("1 2", ASTERN_EXPRESSION_ERROR_SYNTAX, 3);
  assert_error ("a = 1", ASTERN_EXPRESSION_ERROR_SYNTAX, 3);
  assert_error ("a ? 1", ASTERN_EXPRESSION_ERROR_SYNTAX, 6);
  assert_error ("09", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("0x", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("12ab", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("18446744073709551616", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("$", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("1 # 2", ASTERN_EXPRESSION_ERROR_SYNTAX, 3);
  assert_error ("'main", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("''", ASTERN_EXPRESSION_ERROR_SYNTAX, 1);
  assert_error ("&1", ASTERN_EXPRESSION_ERROR_SYNTAX, 2);
  assert_error ("u8", ASTERN_EXPRESSION_ERROR_SYNTAX, 3);
  assert_error ("u8[1", ASTERN_EXPRESSION_ERROR_SYNTAX, 5);
  assert_error ("(u8", ASTERN_EXPRESSION_ERROR_SYNTAX, 4);
  assert_error ("(u8 *) 1", ASTERN_EXPRESSION_ERROR_SYNTAX, 5);
  assert_error ("2 * nothing", ASTERN_EXPRESSION_ERROR_NAME, 5);
  assert_error ("$main", ASTERN_EXPRESSION_ERROR_NAME, 1);
  assert_error ("$flags.nothing", ASTERN_EXPRESSION_ERROR_NAME, 1);
  assert_error ("1 \303\251", ASTERN_EXPRESSION_ERROR_SYNTAX, 3);
}

static void
without_names_there_are_no_symbols (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (astern_expression_new ("main", &cpu_class, NULL, &error));
  g_assert_error (error, ASTERN_EXPRESSION_ERROR, ASTERN_EXPRESSION_ERROR_NAME);
}

static char *
repeat (const char *before, guint n, const char *middle, const char *after)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, before);
  g_string_append (text, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (text, after);
  return g_string_free (text, FALSE);
}

static void
what_is_too_deep_or_long_is_an_error (Fixture *f, gconstpointer data)
{
  static const struct { const char *before, *middle, *after; } shapes[] = {
    { "(", "1", ")" }, { "!", "1", "" }, { "(u8) ", "1", "" }, { "u8[", "1", "]" }, { "1 ? ", "1", " : 2" },
    { "0 ? 1 : ", "1", "" }, { "1 + (", "1", ")" }, { "*", "1", "" }, { "*(", "1", ")" }, { "1 || (", "1", ")" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *good = repeat (shapes[i].before, 30, shapes[i].middle, shapes[i].after);
      g_autofree char *bad = repeat (shapes[i].before, 300, shapes[i].middle, shapes[i].after);
      g_autofree char *longer = repeat (shapes[i].before, 5000, shapes[i].middle, shapes[i].after);
      g_autoptr (AsternExpression) expression = astern_expression_new (good, &cpu_class, &names, NULL);
      g_autoptr (GError) error = NULL, other = NULL;

      g_assert_nonnull (expression);
      g_assert_null (astern_expression_new (bad, &cpu_class, &names, &error));
      g_assert_error (error, ASTERN_EXPRESSION_ERROR, ASTERN_EXPRESSION_ERROR_LIMIT);
      g_assert_null (astern_expression_new (longer, &cpu_class, &names, &other));
      g_assert_error (other, ASTERN_EXPRESSION_ERROR, ASTERN_EXPRESSION_ERROR_LIMIT);
    }
}

static void
a_long_name_is_an_error (Fixture *f, gconstpointer data)
{
  g_autofree char *name = repeat ("x", 600, "", "");

  assert_error (name, ASTERN_EXPRESSION_ERROR_LIMIT, 1);
}

/* ---- random expressions ---- */

typedef struct { guint64 value; gboolean is_signed, fault; guint precedence; } Made;

enum { PRIMARY = 12, UNARY = 11, TERNARY = 0 };

static Made make (GString *text, guint depth);

/* Puts what @make made in parentheses where it binds less than @least. */
static Made
make_at_least (GString *text, guint depth, guint least)
{
  gsize start = text->len;
  Made m = make (text, depth);

  if (m.precedence < least || g_test_rand_int_range (0, 8) == 0)
    {
      g_string_insert (text, (gssize) start, "(");
      g_string_append (text, ")");
      m.precedence = PRIMARY;
    }
  return m;
}

static Made
make_number (GString *text)
{
  guint64 value = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();

  value >>= g_test_rand_int_range (0, 64);
  g_string_append_printf (text, g_test_rand_bit () ? "%" G_GUINT64_FORMAT : "0x%" G_GINT64_MODIFIER "x", value);
  return (Made) { .value = value, .precedence = PRIMARY };
}

static Made
make_unary (GString *text, guint depth)
{
  static const char *const ops[] = { "-", "~", "!", "+", "(u8)", "(s8)", "(u16)", "(s16)", "(u32)", "(s32)", "(u64)", "(s64)" };
  guint i = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (ops));
  Made m;

  g_string_append (text, ops[i]);
  m = make_at_least (text, depth, UNARY);
  m.precedence = UNARY;
  switch (i)
    {
    case 0:  m.value = 0 - m.value; break;
    case 1:  m.value = ~m.value; break;
    case 2:  m.value = !m.value; m.is_signed = FALSE; break;
    case 3:  break;
    case 4:  m.value = (guint8) m.value; m.is_signed = FALSE; break;
    case 5:  m.value = (guint64) (gint64) (gint8) m.value; m.is_signed = TRUE; break;
    case 6:  m.value = (guint16) m.value; m.is_signed = FALSE; break;
    case 7:  m.value = (guint64) (gint64) (gint16) m.value; m.is_signed = TRUE; break;
    case 8:  m.value = (guint32) m.value; m.is_signed = FALSE; break;
    case 9:  m.value = (guint64) (gint64) (gint32) m.value; m.is_signed = TRUE; break;
    default: m.is_signed = i == 11; break;
    }
  return m;
}

static const struct { const char *op; guint precedence; } binary_ops[] = {
  { "*", 10 }, { "/", 10 }, { "%", 10 }, { "+", 9 }, { "-", 9 }, { "<<", 8 }, { ">>", 8 }, { "<", 7 }, { "<=", 7 },
  { ">", 7 }, { ">=", 7 }, { "==", 6 }, { "!=", 6 }, { "&", 5 }, { "^", 4 }, { "|", 3 }, { "&&", 2 }, { "||", 1 },
};

/* By 128-bit numbers, which hold both kinds. */
static guint64
arithmetic (const char *op, __int128 a, __int128 b, gboolean left_signed)
{
  guint64 low = (guint64) a, shift = (guint64) b;

  switch (op[0])
    {
    case '*': return (guint64) a * (guint64) b;
    case '/': return (guint64) (a / b);
    case '%': return (guint64) (a % b);
    case '+': return (guint64) (a + b);
    case '-': return (guint64) (a - b);
    case '&': return low & shift;
    case '^': return low ^ shift;
    case '|': return low | shift;
    case '<':
      return op[1] == '<' ? (shift > 63 ? 0 : low << shift) : op[1] == '=' ? a <= b : a < b;
    case '>':
      return op[1] == '>' ? (guint64) ((left_signed ? (gint64) low : (__int128) low) >> MIN (shift, 127))
             : op[1] == '=' ? a >= b : a > b;
    case '=': return a == b;
    default:  return a != b;
    }
}

static Made
make_lazy (const char *op, Made a, Made b)
{
  gboolean skips = (a.value != 0) == (op[0] == '|');

  return (Made) { .value = skips ? op[0] == '|' : b.value != 0, .fault = a.fault || (!skips && b.fault) };
}

static Made
make_binary (GString *text, guint depth)
{
  guint i = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (binary_ops));
  const char *op = binary_ops[i].op;
  guint precedence = binary_ops[i].precedence;
  Made a = make_at_least (text, depth, precedence), b, m;
  gboolean any;

  g_string_append_printf (text, "%s%s%s", g_test_rand_bit () ? " " : "", op, g_test_rand_bit () ? " " : "");
  b = make_at_least (text, depth, precedence + 1);
  if (precedence <= 2)
    m = make_lazy (op, a, b);
  else
    {
      any = a.is_signed || b.is_signed;
      m = (Made) { .fault = a.fault || b.fault || ((op[0] == '/' || op[0] == '%') && b.value == 0) };
      m.is_signed = precedence == 8 ? a.is_signed : any && precedence != 6 && precedence != 7;
      if (!m.fault)
        m.value = arithmetic (op, any ? (__int128) (gint64) a.value : (__int128) a.value,
                              any ? (__int128) (gint64) b.value : (__int128) b.value, a.is_signed);
    }
  m.precedence = precedence;
  return m;
}

static Made
make_ternary (GString *text, guint depth)
{
  Made condition = make_at_least (text, depth, 1), first, second, m;

  g_string_append (text, " ? ");
  first = make (text, depth);
  g_string_append (text, " : ");
  second = make (text, depth);
  m = condition.value ? first : second;
  return (Made) { .value = m.value, .is_signed = first.is_signed || second.is_signed, .fault = condition.fault || m.fault,
                  .precedence = TERNARY };
}

static Made
make (GString *text, guint depth)
{
  if (depth == 0)
    return make_number (text);
  switch (g_test_rand_int_range (0, 8))
    {
    case 0: case 1: return make_number (text);
    case 2:         return make_unary (text, depth - 1);
    case 3:         return make_ternary (text, depth - 1);
    default:        return make_binary (text, depth - 1);
    }
}

static void
random_expressions_are_what_they_mean (Fixture *f, gconstpointer data)
{
  guint faults = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      Made expected = make (text, 5);
      g_autoptr (GError) error = NULL;
      g_autoptr (AsternExpression) expression = NULL;
      guint64 value = 0;
      gboolean ok;

      if (text->len > ASTERN_EXPRESSION_LENGTH)
        continue;
      expression = astern_expression_new (text->str, &cpu_class, NULL, &error);
      if (expression == NULL)
        g_error ("%s: %s", text->str, error->message);
      ok = astern_expression_evaluate (expression, &f->cpu, NULL, &value, NULL);
      faults += !ok;
      if (ok == expected.fault || (ok && value != expected.value)
          || astern_expression_is_signed (expression) != expected.is_signed)
        g_error ("%s: %" G_GINT64_MODIFIER "x, %" G_GINT64_MODIFIER "x is right", text->str, value, expected.value);
    }
  g_assert_cmpuint (faults, >, 100);
}

/* ---- speed ---- */

static void
a_million_evaluations_take_less_than_a_second (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternExpression) expression = astern_expression_new ("$a == 5 && u32[$gs.base+8] > 3", &cpu_class, NULL, NULL);
  guint64 value = 0, sum = 0;
  double seconds;

  put (f, 3 * PAGE + 8, 4, 4);
  g_test_timer_start ();
  for (guint i = 0; i < 1000000; i++)
    {
      astern_expression_evaluate (expression, &f->cpu, NULL, &value, NULL);
      sum += value;
    }
  seconds = g_test_timer_elapsed ();
  g_assert_cmpuint (sum, ==, 1000000);
  g_test_message ("%.0f ns each", seconds * 1000);
  if (g_test_perf ())
    g_assert_cmpfloat (seconds, <, 1.0);
}

#define ADD(name) g_test_add ("/core/expression/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (numbers_have_four_bases);
  ADD (registers_are_read_by_name);
  ADD (the_state_is_brought_up_to_date_when_it_is_read);
  ADD (symbols_are_their_address);
  ADD (the_machine_has_names);
  ADD (a_hit_has_what_its_kind_has);
  ADD (memory_is_read_by_its_type);
  ADD (memory_on_two_pages_comes_from_both);
  ADD (reading_what_is_not_there_is_a_fault);
  ADD (what_is_not_reached_is_not_read);
  ADD (a_cast_makes_signed);
  ADD (edges_of_division_and_shifts_are_defined);
  ADD (the_kind_of_the_result_is_told);
  ADD (mistakes_are_told_with_their_column);
  ADD (without_names_there_are_no_symbols);
  ADD (what_is_too_deep_or_long_is_an_error);
  ADD (a_long_name_is_an_error);
  ADD (random_expressions_are_what_they_mean);
  ADD (a_million_evaluations_take_less_than_a_second);
  return g_test_run ();
}
