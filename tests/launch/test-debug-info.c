/* Tests of src/launch/dwarf-*.c with the demo guest's DWARF, and with this program's own. */
#include "config.h"

#include "launch/debug-info.h"
#include "launch/demo-image.h"
#include "launch/symbols-elf.h"
#include "tests/launch/source-line.h"

#include <string.h>

#define CHART_LINE "kernel.chart.height_mm[column] = height_mm;"

static AsternDebugInfo *
demo_info (void)
{
  AsternDebugInfo *info = astern_debug_info_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (astern_demo_debug, astern_demo_debug_size);

  g_assert_true (astern_debug_info_add_elf (info, bytes, "demo", NULL));
  return info;
}

static guint64
symbol (const char *name)
{
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (astern_demo_debug, astern_demo_debug_size);
  AsternSymbol found;

  g_assert_true (astern_symbols_load_elf (symbols, bytes, "demo", NULL, NULL));
  g_assert_true (astern_symbols_lookup (symbols, name, &found));
  return found.address;
}

/* ---- lines ---- */

static void
a_line_leads_to_an_address_that_leads_back (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint line = source_line ("data/demo/syscalls.c", CHART_LINE);
  AsternSourcePlace places[4];

  g_assert_cmpuint (astern_debug_info_addresses (info, "data/demo/syscalls.c", line, addresses), ==, line);
  g_assert_cmpuint (addresses->len, ==, 1);
  g_assert_cmpuint (astern_debug_info_places (info, g_array_index (addresses, guint64, 0), places, 4), ==, 1);
  g_assert_cmpstr (places[0].file, ==, "data/demo/syscalls.c");
  g_assert_cmpuint (places[0].line, ==, line);
  g_assert_cmpstr (places[0].function, ==, "sys_chart");
}

static void
a_line_without_code_is_taken_for_the_next_that_has_some (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint comment = source_line ("data/demo/syscalls.c", "/* Remembers a height of the tide");

  g_assert_cmpuint (astern_debug_info_addresses (info, "data/demo/syscalls.c", comment, addresses), >, comment);
  g_assert_cmpuint (addresses->len, ==, 1);
  g_array_set_size (addresses, 0);
  g_assert_cmpuint (astern_debug_info_addresses (info, "data/demo/syscalls.c", 100000, addresses), ==, 0);
  g_assert_cmpuint (astern_debug_info_addresses (info, "nowhere.c", 1, addresses), ==, 0);
  g_assert_cmpuint (addresses->len, ==, 0);
}

/* cpu_name() is called once, and stands in kernel_main(). */
static void
an_inlined_function_is_told_with_its_caller (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint line = source_line ("data/demo/main.c", "__asm__ volatile (\"cpuid\"");
  AsternSourcePlace places[4];

  g_assert_cmpuint (astern_debug_info_addresses (info, "data/demo/main.c", line, addresses), ==, line);
  g_assert_cmpuint (addresses->len, ==, 1);
  g_assert_cmpuint (astern_debug_info_places (info, g_array_index (addresses, guint64, 0), places, 4), ==, 2);
  g_assert_cmpstr (places[0].function, ==, "cpu_name");
  g_assert_true (places[0].inlined);
  g_assert_cmpstr (places[1].function, ==, "kernel_main");
  g_assert_false (places[1].inlined);
  g_assert_cmpuint (places[1].line, ==, source_line ("data/demo/main.c", "cpu_name (cpu);"));
}

static void
files_are_sorted_and_have_no_dots (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  g_autoptr (GPtrArray) files = astern_debug_info_files (info);
  gboolean found = FALSE;

  g_assert_cmpuint (files->len, >, 10);
  for (guint i = 0; i < files->len; i++)
    {
      const char *file = g_ptr_array_index (files, i);

      found |= g_str_equal (file, "data/demo/entry.S");
      g_assert_null (strstr (file, "./"));
      if (i > 0)
        g_assert_cmpstr (g_ptr_array_index (files, i - 1), <, file);
    }
  g_assert_true (found);
}

static void
a_base_moves_everything (void)
{
  g_autoptr (AsternDebugInfo) info = astern_debug_info_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (astern_demo_debug, astern_demo_debug_size);
  guint64 base = 0xffffffff80000000, chart = symbol ("syscall") - 0x100000 + base;
  AsternSourcePlace place;

  g_assert_true (astern_debug_info_add_elf (info, bytes, "moved", &base));
  g_assert_cmpuint (astern_debug_info_places (info, chart, &place, 1), ==, 1);
  g_assert_cmpstr (place.function, ==, "syscall");
  astern_debug_info_set_slide (info, "moved", 0);
  g_assert_cmpuint (astern_debug_info_places (info, chart, &place, 1), ==, 0);
}

/* The demo guest, its _start renamed to what kernels have. */
static GBytes *
demo_with_text (void)
{
  guint8 *copy = g_memdup2 (astern_demo_debug, astern_demo_debug_size);

  for (gsize i = 0; i + 8 < astern_demo_debug_size; i++)
    if (memcmp (copy + i, "_start", 7) == 0)
      memcpy (copy + i, "_text\0", 7);
  return g_bytes_new_take (copy, astern_demo_debug_size);
}

static void
symbols_tell_where_a_kernel_is (void)
{
  g_autoptr (AsternDebugInfo) info = astern_debug_info_new ();
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GBytes) bytes = demo_with_text ();
  AsternSourcePlace place;
  guint64 moved = 0xffffffff81000000 - symbol ("_start");

  g_assert_true (astern_debug_info_add_elf (info, bytes, "vmlinux", NULL));
  astern_debug_info_follow_symbols (info, symbols);      /* they do not know */
  g_assert_cmpuint (astern_debug_info_places (info, symbol ("syscall"), &place, 1), ==, 1);
  astern_symbols_begin (symbols, "kallsyms", 0);
  astern_symbols_add (symbols, "_text", 0xffffffff81000000, 0, TRUE);
  astern_symbols_sort (symbols);
  astern_debug_info_follow_symbols (info, symbols);
  g_assert_cmpuint (astern_debug_info_places (info, symbol ("syscall"), &place, 1), ==, 0);
  g_assert_cmpuint (astern_debug_info_places (info, symbol ("syscall") + moved, &place, 1), ==, 1);
  g_assert_cmpstr (place.function, ==, "syscall");
}

/* ---- variables ---- */

/* Memory where each byte is the lowest of its address; its last page is missing. */
static gsize
read_pattern (gpointer user, guint64 address, gpointer data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    ((guint8 *) data)[i] = (guint8) (address + i);
  return address >= (guint64) -4096 ? 0 : size;
}

static const AsternFrameMemory pattern = { read_pattern, NULL };

static AsternFrameRegisters
frame_at (guint64 pc)
{
  AsternFrameRegisters frame = { .known = (1u << ASTERN_FRAME_REGISTERS) - 1, .exact = TRUE };

  frame.registers[7] = 64;       /* RDI: column */
  frame.registers[6] = 440;      /* RSI: height_mm */
  frame.registers[ASTERN_FRAME_SP] = 0x108000;
  frame.registers[ASTERN_FRAME_PC] = pc;
  return frame;
}

static guint64
chart_address (AsternDebugInfo *info)
{
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));

  astern_debug_info_addresses (info, "data/demo/syscalls.c", source_line ("data/demo/syscalls.c", CHART_LINE), addresses);
  g_assert_cmpuint (addresses->len, ==, 1);
  return g_array_index (addresses, guint64, 0);
}

static const AsternVariable *
row (GPtrArray *rows, const char *path)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((AsternVariable *) g_ptr_array_index (rows, i))->path, path))
      return g_ptr_array_index (rows, i);
  return NULL;
}

static void
parameters_are_read_from_registers (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  AsternFrameRegisters frame = frame_at (chart_address (info));
  g_autoptr (GPtrArray) rows = astern_debug_info_variables (info, &frame, &pattern, 0, NULL, NULL);
  const AsternVariable *column = row (rows, "column"), *height = row (rows, "height_mm");

  g_assert_nonnull (column);
  g_assert_true (column->parameter);
  g_assert_cmpstr (column->value, ==, "64 (0x40)");
  g_assert_cmpstr (column->type, ==, "u64");
  g_assert_cmpstr (height->value, ==, "440 (0x1b8)");
  frame.known &= ~(1u << 7);
  g_ptr_array_unref (g_steal_pointer (&rows));
  rows = astern_debug_info_variables (info, &frame, &pattern, 0, NULL, NULL);
  g_assert_cmpstr (row (rows, "column")->value, ==, "<optimised out>");
}

static void
paths_lead_through_structures_arrays_and_pointers (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  AsternFrameRegisters frame = frame_at (chart_address (info));
  guint64 kernel = symbol ("kernel");
  g_autoptr (AsternVariable) chart = astern_debug_info_evaluate (info, &frame, &pattern, 0, "kernel.chart.height_mm[64]");
  g_autoptr (AsternVariable) task = astern_debug_info_evaluate (info, &frame, &pattern, 0, "kernel.tasks[0].rsp");
  g_autoptr (AsternVariable) current = astern_debug_info_evaluate (info, &frame, &pattern, 0, "kernel.current->turns");
  g_autoptr (AsternVariable) pointed = astern_debug_info_evaluate (info, &frame, &pattern, 0, "*kernel.current");

  g_assert_nonnull (chart);
  g_assert_nonnull (task);
  g_assert_cmphex (chart->address, ==, task->address);         /* the demo's bug */
  g_assert_cmphex (task->address, >, kernel);
  g_assert_nonnull (current);
  g_assert_true (pointed->has_children);
  g_assert_cmpstr (pointed->type, ==, "struct task");
  g_assert_null (astern_debug_info_evaluate (info, &frame, &pattern, 0, "kernel.nothing"));
  g_assert_null (astern_debug_info_evaluate (info, &frame, &pattern, 0, "kernel.tasks["));
  g_assert_null (astern_debug_info_evaluate (info, &frame, &pattern, 0, "nothing"));
  g_assert_null (astern_debug_info_evaluate (info, &frame, &pattern, 0, ""));
}

static gboolean
expand_all (const char *path, gpointer data)
{
  return strlen (path) < 40;
}

static void
what_is_expanded_has_its_parts_below_it (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  AsternFrameRegisters frame = frame_at (symbol ("kernel_main"));
  g_autoptr (GPtrArray) rows = astern_debug_info_variables (info, &frame, &pattern, 0, expand_all, NULL);

  g_assert_nonnull (row (rows, "info"));
  g_assert_true (row (rows, "info")->expanded);
  g_assert_cmpstr (row (rows, "info")->type, ==, "const struct multiboot_info *");
  g_assert_cmpuint (row (rows, "info->lower_kib")->depth, ==, 1);
  g_assert_cmpstr (row (rows, "info->lower_kib")->name, ==, "lower_kib");
  /* RDI is 64: bytes 44 45 46 47 */
  g_assert_cmpstr (row (rows, "info->lower_kib")->value, ==, "1195787588 (0x47464544)");
}

/* ---- frames ---- */

static void
unwinding_says_what_cannot_be_read (void)
{
  g_autoptr (AsternDebugInfo) info = demo_info ();
  AsternFrameRegisters frame = frame_at (symbol ("switch_to")), caller;
  guint64 failed = 0;

  g_assert_cmpint (astern_debug_info_unwind (info, &frame, &pattern, &caller, &failed), ==, ASTERN_CFI_DONE);
  g_assert_cmphex (caller.registers[ASTERN_FRAME_PC], ==, 0x0706050403020100);
  g_assert_cmphex (caller.registers[ASTERN_FRAME_SP], ==, 0x108008);
  frame.registers[ASTERN_FRAME_SP] = (guint64) -2048;
  g_assert_cmpint (astern_debug_info_unwind (info, &frame, &pattern, &caller, &failed), ==, ASTERN_CFI_UNREADABLE);
  g_assert_cmphex (failed, ==, (guint64) -2048);
  frame.registers[ASTERN_FRAME_PC] = 0x1000;
  g_assert_cmpint (astern_debug_info_unwind (info, &frame, &pattern, &caller, &failed), ==, ASTERN_CFI_NONE);
}

/* ---- this program ---- */

extern const char __executable_start[];

static gsize
read_own (gpointer user, guint64 address, gpointer data, gsize size)
{
  memcpy (data, (gconstpointer) (gsize) address, size);
  return size;
}

struct sample
{
  int      number;
  guint    low : 3, high : 5;
  enum { SAMPLE_ONE = 1, SAMPLE_TWO } kind;
  double   real;
  const char *text;
  gint16   grid[2][3];
  union { guint32 whole; guint8 bytes[4]; };
  struct sample *next;
  void   (*call) (void);
};

struct sample own_sample;
static const char own_text[64] = "sea";      /* as much as is read of a text */

static void
values_of_all_kinds_have_their_form (void)
{
  static const char *const cases[][2] = {
    { "own_sample.number", "-5" }, { "own_sample.low", "5" }, { "own_sample.high", "17 (0x11)" },
    { "own_sample.kind", "SAMPLE_TWO (2)" }, { "own_sample.real", "0.5" }, { "own_sample.grid[1][2]", "12 (0xc)" },
    { "own_sample.grid[1]", "{0, 0, 12 (0xc)}" }, { "own_sample.bytes[0]", "16 (0x10)" }, { "own_sample.next->number", "-5" },
    { "own_sample.next->next->kind", "SAMPLE_TWO (2)" },
  };
  g_autoptr (AsternDebugInfo) info = astern_debug_info_new ();
  g_autoptr (GError) error = NULL;
  AsternFrameMemory memory = { read_own, NULL };
  AsternFrameRegisters frame = { .known = 1u << ASTERN_FRAME_PC, .exact = TRUE };
  guint64 base = (guint64) (gsize) __executable_start;
  char *file;
  gsize size;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AsternVariable) text = NULL;
  AsternSourcePlace place;

  own_sample = (struct sample) { -5, 5, 17, SAMPLE_TWO, 0.5, own_text, { { 0, 0, 0 }, { 0, 0, 12 } }, { 0x10 }, &own_sample, NULL };
  g_file_get_contents ("/proc/self/exe", &file, &size, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_take (file, size);
  if (!astern_debug_info_add_elf (info, bytes, "self", &base))
    {
      g_test_skip ("this program was built without -g");
      return;
    }
  frame.registers[ASTERN_FRAME_PC] = (guint64) (gsize) values_of_all_kinds_have_their_form;
  g_assert_cmpuint (astern_debug_info_places (info, frame.registers[ASTERN_FRAME_PC], &place, 1), ==, 1);
  g_assert_cmpstr (place.function, ==, "values_of_all_kinds_have_their_form");
  g_assert_true (g_str_has_suffix (place.file, "tests/launch/test-debug-info.c"));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AsternVariable) variable = astern_debug_info_evaluate (info, &frame, &memory, 0, cases[i][0]);

      g_assert_nonnull (variable);
      g_assert_cmpstr (variable->value, ==, cases[i][1]);
    }
  text = astern_debug_info_evaluate (info, &frame, &memory, 0, "own_sample.text");
  g_assert_nonnull (strstr (text->value, "\"sea\""));
  g_assert_cmpstr (text->type, ==, "const char *");
}

/* ---- damage ---- */

static void
ask_everything (AsternDebugInfo *info)
{
  g_autoptr (GPtrArray) files = astern_debug_info_files (info);
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < files->len; i++)
    astern_debug_info_addresses (info, g_ptr_array_index (files, i), 1 + i * 7, addresses);
  for (guint64 pc = 0x100000; pc < 0x102000; pc += 97)
    {
      AsternFrameRegisters frame = frame_at (pc), caller;
      AsternSourcePlace places[8];
      guint64 failed;
      GPtrArray *rows = astern_debug_info_variables (info, &frame, &pattern, pc % 3, expand_all, NULL);
      AsternVariable *one = astern_debug_info_evaluate (info, &frame, &pattern, 0, "kernel.tasks[1].name");

      g_clear_pointer (&rows, g_ptr_array_unref);
      g_clear_pointer (&one, astern_variable_free);
      astern_debug_info_places (info, pc, places, G_N_ELEMENTS (places));
      astern_debug_info_unwind (info, &frame, &pattern, &caller, &failed);
    }
}

static void
damaged_files_are_survived (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  g_autofree guint8 *original = NULL;
  gsize size;

  g_file_get_contents ("data/demo/tern.elf", &file, &size, &error);
  g_assert_no_error (error);
  original = (guint8 *) g_steal_pointer (&file);
  for (guint round = 0; round < 40; round++)
    {
      guint8 *copy = g_memdup2 (original, size);
      gsize kept = round % 4 == 3 ? (gsize) g_test_rand_int_range (0, (gint32) size) : size;
      g_autoptr (AsternDebugInfo) info = astern_debug_info_new ();
      g_autoptr (GBytes) bytes = NULL;

      for (guint n = g_test_rand_int_range (1, 64); n > 0; n--)      /* where the debug sections and their headers are */
        copy[g_test_rand_int_range (0xa000, (gint32) size)] = (guint8) g_test_rand_int_range (0, 256);
      bytes = g_bytes_new_take (copy, kept);
      if (astern_debug_info_add_elf (info, bytes, "damaged", NULL))
        ask_everything (info);
    }
}

#define ADD(name) g_test_add_func ("/launch/debug-info/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_line_leads_to_an_address_that_leads_back);
  ADD (a_line_without_code_is_taken_for_the_next_that_has_some);
  ADD (an_inlined_function_is_told_with_its_caller);
  ADD (files_are_sorted_and_have_no_dots);
  ADD (a_base_moves_everything);
  ADD (symbols_tell_where_a_kernel_is);
  ADD (parameters_are_read_from_registers);
  ADD (paths_lead_through_structures_arrays_and_pointers);
  ADD (what_is_expanded_has_its_parts_below_it);
  ADD (unwinding_says_what_cannot_be_read);
  ADD (values_of_all_kinds_have_their_form);
  ADD (damaged_files_are_survived);
  return g_test_run ();
}
