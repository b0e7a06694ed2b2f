/* test-disassembly-lines - code as lines: backwards over real code, jumps as arrows, addresses as text. */
#include "config.h"

#include "gui/disassembly-lines.h"
#include "gui/disassembly-sync.h"

#include <dlfcn.h>
#include <string.h>

/* Memory of the test's: @bytes at @base, and nothing else. */
typedef struct
{
  const guint8       *bytes;
  guint64             base;
  gsize               size;
  guint64             symbol;       /* 0: none */
  AsternCodeSource    source;
} Code;

static gsize
read_bytes (gpointer data, guint64 linear, guint8 *bytes, gsize n)
{
  Code *code = data;

  if (linear - code->base >= code->size)
    return 0;
  n = MIN (n, code->size - (linear - code->base));
  memcpy (bytes, code->bytes + (linear - code->base), n);
  return n;
}

static gboolean
find_symbol (gpointer data, guint64 linear, guint64 *start, const char **name)
{
  Code *code = data;

  *start = code->symbol;
  *name = "here";
  return code->symbol != 0 && code->symbol <= linear;
}

static void
set_up (Code *code, guint bits, guint64 base, const guint8 *bytes, gsize size)
{
  *code = (Code) { bytes, base, size, 0, { .bits = bits, .pc = G_MAXUINT64, .read = read_bytes, .symbol = find_symbol,
                                           .data = code } };
  code->source.disassembler = astern_disassembler_new (NULL, NULL);
}

static void
tear_down (Code *code)
{
  astern_disassembler_free (code->source.disassembler);
}

static const AsternCodeLine *
line_at (const GArray *lines, guint row)
{
  return &g_array_index (lines, AsternCodeLine, row);
}

static GArray *
new_lines (void)
{
  return g_array_new (FALSE, TRUE, sizeof (AsternCodeLine));
}

/* ---- backwards ---- */

#ifdef __x86_64__

/* GLib's own code: from the first byte of a function on, all of it is in step. */
static guint
own_code (Code *code, guint64 *starts, guint max)
{
  guint64 at;

  set_up (code, 64, 0x400000, dlsym (RTLD_DEFAULT, "g_array_new"), 32768);
  at = code->base;
  for (guint i = 0; i < max; i++)
    {
      starts[i] = at;
      at = astern_code_forward (&code->source, at, 1);
    }
  return max;
}

static void
back_and_forward_over_real_code_is_identity (void)
{
  guint64 starts[4000];
  Code code;
  guint n = own_code (&code, starts, G_N_ELEMENTS (starts));

  for (guint i = 0; i < 400; i++)
    {
      guint index = (guint) g_test_rand_int_range (100, (gint) n), by = (guint) g_test_rand_int_range (1, 90);
      guint64 back = astern_code_back (&code.source, starts[index], by);

      g_assert_cmphex (astern_code_forward (&code.source, back, by), ==, starts[index]);
    }
  tear_down (&code);
}

static void
going_back_finds_the_instructions_that_were_meant (void)
{
  guint64 starts[4000];
  Code code;
  guint n = own_code (&code, starts, G_N_ELEMENTS (starts)), right = 0;

  for (guint i = 0; i < 400; i++)
    {
      guint index = (guint) g_test_rand_int_range (100, (gint) n), by = (guint) g_test_rand_int_range (1, 90);

      right += astern_code_back (&code.source, starts[index], by) == starts[index - by];
    }
  g_test_message ("%u of 400", right);
  g_assert_cmpuint (right, >=, 396);
  tear_down (&code);
}

static void
anywhere_in_an_instruction_leads_to_its_first_byte (void)
{
  guint64 starts[2000];
  Code code;
  guint n = own_code (&code, starts, G_N_ELEMENTS (starts)), right = 0;

  for (guint i = 0; i < 200; i++)
    {
      guint index = (guint) g_test_rand_int_range (100, (gint) n - 1);
      guint64 inside = starts[index] + (guint64) g_test_rand_int_range (0, (gint) (starts[index + 1] - starts[index]));

      right += astern_code_align (&code.source, inside) == starts[index];
    }
  g_assert_cmpuint (right, >=, 190);
  tear_down (&code);
}

#endif

static void
a_symbol_begins_an_instruction_whatever_comes_before (void)
{
  /* Data that would swallow the first byte of the code: movabs. */
  static const guint8 bytes[] = { 0x48, 0xb8, 0x55, 0x48, 0x89, 0xe5, 0x90, 0x90, 0x90, 0x90, 0xc3 };
  Code code;

  set_up (&code, 64, 0x1000, bytes, sizeof bytes);
  code.symbol = 0x1002;
  g_assert_cmphex (astern_code_back (&code.source, 0x100a, 6), ==, 0x1002);
  tear_down (&code);
}

/* A header of data whose last bytes would swallow the first instruction, and no way leads to that. */
static void
no_line_reaches_over_the_program_counter (void)
{
  static const guint8 bytes[] = { 0x02, 0xb0, 0xad, 0x1b, 0x03, 0, 0, 0, 0xfb, 0x4f, 0x52, 0xe4, 0xfa, 0xfc, 0xbc,
                                  0, 0x90, 0x10, 0 };
  g_autoptr (GArray) lines = new_lines ();
  guint64 top;
  gint row;
  Code code;

  set_up (&code, 32, 0x100000, bytes, sizeof bytes);
  code.source.pc = 0x10000c;
  top = astern_code_back (&code.source, 0x10000c, 3);
  g_assert_cmphex (astern_code_forward (&code.source, top, 3), ==, 0x10000c);
  astern_code_read (&code.source, &top, 6, lines);
  row = astern_code_row_of (lines, 0x10000c);
  g_assert_cmpint (row, ==, 3);
  g_assert_cmpstr (line_at (lines, 3)->text, ==, "cli");
  g_assert_cmpint (line_at (lines, 2)->kind, ==, ASTERN_CODE_DATA);
  tear_down (&code);
}

static void
what_is_not_mapped_is_a_line_a_page (void)
{
  static const guint8 bytes[] = { 0x90, 0x90 };
  g_autoptr (GArray) lines = new_lines ();
  guint64 top = 0x2ffe;
  Code code;

  set_up (&code, 32, 0x3000, bytes, sizeof bytes);
  astern_code_read (&code.source, &top, 5, lines);
  g_assert_cmpuint (lines->len, ==, 5);
  g_assert_cmpint (line_at (lines, 0)->kind, ==, ASTERN_CODE_ABSENT);
  g_assert_cmphex (line_at (lines, 1)->linear, ==, 0x3000);
  g_assert_cmpstr (line_at (lines, 2)->text, ==, "nop");
  g_assert_cmphex (line_at (lines, 3)->linear, ==, 0x3002);
  g_assert_cmphex (line_at (lines, 4)->linear, ==, 0x4000);
  g_assert_cmphex (astern_code_back (&code.source, 0x3000, 2), ==, 0x1000);
  g_assert_cmphex (astern_code_back (&code.source, 0x3000, 90), ==, 0);
  tear_down (&code);
}

static void
lines_end_where_memory_does (void)
{
  static const guint8 bytes[] = { 0x90, 0xf4 };
  g_autoptr (GArray) lines = new_lines ();
  guint64 top = 0xfffffffe;
  Code code;

  set_up (&code, 32, 0xfffffffe, bytes, sizeof bytes);
  astern_code_read (&code.source, &top, 10, lines);
  g_assert_cmpuint (lines->len, ==, 2);
  g_assert_cmpstr (line_at (lines, 1)->text, ==, "hlt");
  tear_down (&code);
}

static void
lines_are_in_step_with_the_program_counter (void)
{
  static const guint8 bytes[] = { 0xb8, 0x90, 0x90, 0x90, 0xb8, 0x90, 0x90, 0xc3 };
  g_autoptr (GArray) lines = new_lines ();
  guint64 top = 0x1004;
  Code code;

  set_up (&code, 32, 0x1000, bytes, sizeof bytes);
  code.source.pc = 0x1005;
  astern_code_read (&code.source, &top, 4, lines);
  g_assert_cmphex (top, <=, 0x1004);
  g_assert_cmpint (astern_code_row_of (lines, 0x1005), >, 0);
  g_assert_cmphex (line_at (lines, (guint) astern_code_row_of (lines, 0x1005))->linear, ==, 0x1005);
  tear_down (&code);
}

static void
a_symbol_has_a_line_above_its_instruction (void)
{
  static const guint8 bytes[] = { 0x90, 0xc3 };
  g_autoptr (GArray) lines = new_lines ();
  guint64 top = 0x1000;
  Code code;

  set_up (&code, 64, 0x1000, bytes, sizeof bytes);
  code.symbol = 0x1001;
  astern_code_read (&code.source, &top, 3, lines);
  g_assert_cmpstr (line_at (lines, 1)->text, ==, "here:");
  g_assert_cmpint (line_at (lines, 1)->kind, ==, ASTERN_CODE_SYMBOL);
  g_assert_cmpstr (line_at (lines, 2)->text, ==, "retq");
  g_assert_cmpint (astern_code_row_of (lines, 0x1001), ==, 2);
  tear_down (&code);
}

/* ---- arrows ---- */

static GArray *
arrows_of (const guint (*pairs)[2], guint n)
{
  GArray *arrows = g_array_new (FALSE, TRUE, sizeof (AsternArrow));

  for (guint i = 0; i < n; i++)
    {
      AsternArrow arrow = { .from = pairs[i][0], .to = pairs[i][1] };

      g_array_append_val (arrows, arrow);
    }
  return arrows;
}

static guint
lane_of (const GArray *arrows, guint from)
{
  for (guint i = 0; i < arrows->len; i++)
    if (g_array_index (arrows, AsternArrow, i).from == from)
      return g_array_index (arrows, AsternArrow, i).lane;
  return G_MAXUINT;
}

static void
nested_jumps_lie_outside_those_that_they_hold (void)
{
  static const guint pairs[][2] = { { 0, 20 }, { 10, 2 }, { 4, 6 }, { 12, 15 } };
  g_autoptr (GArray) arrows = arrows_of (pairs, G_N_ELEMENTS (pairs));

  g_assert_cmpuint (astern_arrows_layout (arrows), ==, 3);
  g_assert_cmpuint (lane_of (arrows, 4), ==, 0);
  g_assert_cmpuint (lane_of (arrows, 12), ==, 0);
  g_assert_cmpuint (lane_of (arrows, 10), ==, 1);
  g_assert_cmpuint (lane_of (arrows, 0), ==, 2);
}

static void
jumps_to_one_place_from_one_side_share_a_lane (void)
{
  static const guint pairs[][2] = { { 0, 9 }, { 3, 9 }, { 15, 9 } };
  g_autoptr (GArray) arrows = arrows_of (pairs, G_N_ELEMENTS (pairs));

  g_assert_cmpuint (astern_arrows_layout (arrows), ==, 2);
  g_assert_cmpuint (lane_of (arrows, 0), ==, lane_of (arrows, 3));
  g_assert_cmpuint (lane_of (arrows, 15), !=, lane_of (arrows, 3));
}

static void
no_two_arrows_of_a_lane_meet (void)
{
  g_autoptr (GArray) arrows = g_array_new (FALSE, TRUE, sizeof (AsternArrow));

  for (guint i = 0; i < 40; i++)
    {
      AsternArrow arrow = { .from = (guint) g_test_rand_int_range (0, 60), .to = (guint) g_test_rand_int_range (0, 60) };

      g_array_append_val (arrows, arrow);
    }
  g_assert_cmpuint (astern_arrows_layout (arrows), <=, ASTERN_ARROW_LANES);
  for (guint i = 0; i < arrows->len; i++)
    for (guint j = 0; j < i; j++)
      {
        const AsternArrow *a = &g_array_index (arrows, AsternArrow, i), *b = &g_array_index (arrows, AsternArrow, j);

        if (a->lane == b->lane && a->to != b->to)
          g_assert_true (MAX (a->from, a->to) < MIN (b->from, b->to) || MAX (b->from, b->to) < MIN (a->from, a->to));
      }
}

static void
jumps_within_the_lines_are_arrows (void)
{
  /* jz +1; nop; jmp -4; call +0; jmp far away */
  static const guint8 bytes[] = { 0x74, 0x01, 0x90, 0xeb, 0xfb, 0xe8, 0, 0, 0, 0, 0xeb, 0x70 };
  g_autoptr (GArray) lines = new_lines ();
  g_autoptr (GArray) arrows = g_array_new (FALSE, TRUE, sizeof (AsternArrow));
  guint64 top = 0x1000;
  Code code;

  set_up (&code, 64, 0x1000, bytes, sizeof bytes);
  astern_code_read (&code.source, &top, 5, lines);
  g_assert_cmpuint (astern_code_arrows (lines, arrows), ==, 2);
  g_assert_cmpuint (arrows->len, ==, 2);
  g_assert_true (line_at (lines, 3)->has_target);
  g_assert_cmpint (line_at (lines, 3)->flow, ==, ASTERN_FLOW_CALL);
  g_assert_cmphex (line_at (lines, 4)->target, ==, 0x107c);
  for (guint i = 0; i < 2; i++)
    {
      const AsternArrow *arrow = &g_array_index (arrows, AsternArrow, i);

      g_assert_cmpuint (arrow->to, ==, arrow->from == 0 ? 2 : 0);
      g_assert_true (arrow->conditional == (arrow->from == 0));
    }
  tear_down (&code);
}

/* ---- points ---- */

static void
breakpoints_are_marked_in_each_address_space (void)
{
  static const guint8 bytes[] = { 0x90, 0x90, 0x90, 0x90 };
  g_autoptr (GArray) lines = new_lines ();
  g_autoptr (GArray) points = g_array_new (FALSE, TRUE, sizeof (AsternCodePoint));
  const AsternCodePoint some[] = {
    { 1, ASTERN_SPACE_LINEAR, 0x12340, 1, ASTERN_CODE_POINT | ASTERN_CODE_DISABLED },
    { 2, ASTERN_SPACE_VIRTUAL, 0x41, 0, ASTERN_CODE_OTHERS },
    { 3, ASTERN_SPACE_PHYSICAL, 0x12342, 1, ASTERN_CODE_POINT },      /* no physical address is known here */
  };
  guint64 top = 0x12340;
  Code code;

  set_up (&code, 16, 0x12340, bytes, sizeof bytes);
  astern_code_read (&code.source, &top, 4, lines);
  g_array_append_vals (points, some, G_N_ELEMENTS (some));
  astern_code_mark (lines, points, 0x12300);
  g_assert_cmphex (line_at (lines, 0)->points, ==, ASTERN_CODE_POINT | ASTERN_CODE_DISABLED);
  g_assert_cmphex (line_at (lines, 1)->points, ==, ASTERN_CODE_OTHERS);
  g_assert_cmphex (line_at (lines, 2)->points, ==, 0);
  g_array_index (lines, AsternCodeLine, 2).physical = 0x12342;
  astern_code_mark (lines, points, 0x12300);
  g_assert_cmphex (line_at (lines, 2)->points, ==, ASTERN_CODE_POINT);
  tear_down (&code);
}

/* ---- texts ---- */

#define CHECK_PLACE(bits, selector, base, linear, expected) \
  do \
    { \
      g_autofree char *text = astern_code_place_text (bits, selector, base, linear); \
      g_assert_cmpstr (text, ==, expected); \
    } \
  while (0)

static void
places_are_segment_and_offset (void)
{
  CHECK_PLACE (16, 0xf000, 0xf0000, 0xffff0, "f000:fff0");
  CHECK_PLACE (16, 0xf000, 0xffff0000, 0xfffffff0, "f000:fff0");
  CHECK_PLACE (16, 0x1234, 0x12340, 0x12340, "1234:0000");
  CHECK_PLACE (16, 0x1234, 0x12340, 0x12330, "");
  CHECK_PLACE (16, 0x1234, 0x12340, 0x22340, "");
  CHECK_PLACE (32, 0x8, 0, 0x101000, "0008:00101000");
  CHECK_PLACE (32, 0x8, 0x1000, 0x10, "0008:fffff010");
  CHECK_PLACE (64, 0x10, 0, G_GUINT64_CONSTANT (0xffffffff80001000), "0010:ffffffff80001000");
}

static void
bytes_are_in_hexadecimal (void)
{
  AsternCodeLine line = { .bytes = { 0x48, 0x89, 0x05 }, .n_bytes = 3 };
  g_autofree char *text = astern_code_bytes_text (&line);

  g_assert_cmpstr (text, ==, "48 89 05");
}

static void
conditions_are_those_of_the_flags (void)
{
  enum { CF = 1 << 0, PF = 1 << 2, ZF = 1 << 6, SF = 1 << 7, OF = 1 << 11 };

  for (guint condition = 0; condition < 16; condition += 2)
    for (guint i = 0; i < 32; i++)
      {
        guint64 flags = (i & 1 ? CF : 0) | (i & 2 ? PF : 0) | (i & 4 ? ZF : 0) | (i & 8 ? SF : 0) | (i & 16 ? OF : 0);

        g_assert_true (astern_code_condition_holds (condition, flags) != astern_code_condition_holds (condition + 1, flags));
      }
  g_assert_true (astern_code_condition_holds (4, ZF));           /* JE */
  g_assert_true (astern_code_condition_holds (7, 0));            /* JA */
  g_assert_false (astern_code_condition_holds (7, CF));
  g_assert_true (astern_code_condition_holds (12, SF));          /* JL */
  g_assert_false (astern_code_condition_holds (12, SF | OF));
  g_assert_true (astern_code_condition_holds (14, ZF));          /* JLE */
  g_assert_true (astern_code_condition_holds (10, PF));          /* JP */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/gui/disassembly-lines/" #name, name)
#ifdef __x86_64__
  ADD (back_and_forward_over_real_code_is_identity);
  ADD (going_back_finds_the_instructions_that_were_meant);
  ADD (anywhere_in_an_instruction_leads_to_its_first_byte);
#endif
  ADD (a_symbol_begins_an_instruction_whatever_comes_before);
  ADD (no_line_reaches_over_the_program_counter);
  ADD (what_is_not_mapped_is_a_line_a_page);
  ADD (lines_end_where_memory_does);
  ADD (lines_are_in_step_with_the_program_counter);
  ADD (a_symbol_has_a_line_above_its_instruction);
  ADD (nested_jumps_lie_outside_those_that_they_hold);
  ADD (jumps_to_one_place_from_one_side_share_a_lane);
  ADD (no_two_arrows_of_a_lane_meet);
  ADD (jumps_within_the_lines_are_arrows);
  ADD (breakpoints_are_marked_in_each_address_space);
  ADD (places_are_segment_and_offset);
  ADD (bytes_are_in_hexadecimal);
  ADD (conditions_are_those_of_the_flags);
  return g_test_run ();
}
