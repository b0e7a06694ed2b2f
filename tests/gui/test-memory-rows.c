/* Memory as rows of text: where what is, and what is searched for. */
#include "config.h"

#include "gui/memory-rows.h"

#include <string.h>

static void
fill (guint8 *bytes, guint8 *known, guint n)
{
  for (guint i = 0; i < n; i++)
    bytes[i] = (guint8) (0x3f + i);
  memset (known, ASTERN_MEMORY_THERE, n);
}

static void
assert_row (const AsternMemoryLayout *layout, const guint8 *bytes, const guint8 *known, const char *text)
{
  g_autoptr (GString) row = g_string_new (NULL);

  astern_memory_format_row (layout, 0x1000, bytes, known, row);
  g_assert_cmpstr (row->str, ==, text);
  g_assert_cmpuint (row->len, ==, astern_memory_row_columns (layout));
}

static void
test_rows (void)
{
  guint8 bytes[16], known[16];

  fill (bytes, known, 16);
  assert_row (&(AsternMemoryLayout) { 1, ASTERN_MEMORY_HEX, 16, 8 }, bytes, known,
              "00001000  3f 40 41 42 43 44 45 46  47 48 49 4a 4b 4c 4d 4e  ?@ABCDEFGHIJKLMN");
  assert_row (&(AsternMemoryLayout) { 4, ASTERN_MEMORY_HEX, 8, 16 }, bytes, known, "0000000000001000  4241403f 46454443  ?@ABCDEF");
  assert_row (&(AsternMemoryLayout) { 1, ASTERN_MEMORY_UNSIGNED, 4, 8 }, bytes, known, "00001000   63  64  65  66  ?@AB");
  assert_row (&(AsternMemoryLayout) { 1, ASTERN_MEMORY_TEXT, 16, 8 }, bytes, known, "00001000  ?@ABCDEFGHIJKLMN");
  memset (bytes, 0xff, 2);
  assert_row (&(AsternMemoryLayout) { 2, ASTERN_MEMORY_SIGNED, 4, 8 }, bytes, known, "00001000      -1  16961  ..AB");
}

static void
test_holes (void)
{
  guint8 bytes[8], known[8];

  fill (bytes, known, 8);
  known[5] = known[6] = known[7] = ASTERN_MEMORY_UNMAPPED;
  known[0] = ASTERN_MEMORY_UNASKED;
  assert_row (&(AsternMemoryLayout) { 1, ASTERN_MEMORY_HEX, 8, 8 }, bytes, known, "00001000     40 41 42 43 ?? ?? ??   @ABC   ");
  assert_row (&(AsternMemoryLayout) { 4, ASTERN_MEMORY_HEX, 8, 8 }, bytes, known, "00001000           ????????   @ABC   ");
  assert_row (&(AsternMemoryLayout) { 4, ASTERN_MEMORY_UNSIGNED, 8, 8 }, bytes, known, "00001000                     ??   @ABC   ");
}

static void
test_floating (void)
{
  const float narrow[2] = { 1.5f, -0.1f };
  const double wide = 3.141592653589793;
  g_autoptr (GString) text = g_string_new (NULL);

  astern_memory_format_cell (ASTERN_MEMORY_FLOATING, 4, (const guint8 *) narrow, text);
  g_string_append_c (text, ' ');
  astern_memory_format_cell (ASTERN_MEMORY_FLOATING, 4, (const guint8 *) (narrow + 1), text);
  g_string_append_c (text, ' ');
  astern_memory_format_cell (ASTERN_MEMORY_FLOATING, 8, (const guint8 *) &wide, text);
  g_assert_cmpstr (text->str, ==, "1.5 -0.1 3.141592653589793");
  g_assert_cmpuint (astern_memory_unit (ASTERN_MEMORY_FLOATING, 1), ==, 4);
  g_assert_cmpuint (astern_memory_unit (ASTERN_MEMORY_HEX, 1), ==, 1);
}

/* What a row shows of a byte is hit where it is shown, for every layout. */
static void
test_hit (void)
{
  for (guint unit = 1; unit <= 8; unit *= 2)
    for (AsternMemoryKind kind = 0; kind < ASTERN_N_MEMORY_KINDS; kind++)
      {
        AsternMemoryLayout layout = { astern_memory_unit (kind, unit), kind, 32, 16 };

        for (guint offset = 0; offset < 32; offset++)
          for (int in_text = kind == ASTERN_MEMORY_TEXT; in_text < 2; in_text++)
            {
              AsternMemoryPlace place;
              guint column, columns;

              astern_memory_span (&layout, offset, in_text, &column, &columns);
              for (guint i = 0; i < columns; i++)
                {
                  astern_memory_hit (&layout, column + i, &place);
                  g_assert_cmpint (place.in_text, ==, in_text);
                  g_assert_cmpuint (place.offset, ==, in_text ? offset : offset - offset % layout.unit);
                  g_assert_cmpuint (place.digit, ==, in_text ? 0 : i);
                }
            }
      }
}

static void
test_fit (void)
{
  AsternMemoryLayout layout = { 1, ASTERN_MEMORY_HEX, 1, 16 };

  for (guint columns = 0; columns < 600; columns++)
    {
      guint n = astern_memory_fit (&layout, columns);
      AsternMemoryLayout fitting = { 1, ASTERN_MEMORY_HEX, n, 16 }, wider = { 1, ASTERN_MEMORY_HEX, 2 * n, 16 };

      g_assert_true (n == 4 || astern_memory_row_columns (&fitting) <= columns);
      g_assert_true (n == 128 || astern_memory_row_columns (&wider) > columns);
    }
  layout.unit = 8;
  g_assert_cmpuint (astern_memory_fit (&layout, 0), ==, 8);
}

static void
test_digits (void)
{
  const AsternMemoryLayout layout = { 4, ASTERN_MEMORY_HEX, 8, 8 };
  gboolean upper;

  g_assert_cmpuint (astern_memory_digit_byte (&layout, 4, 0, &upper), ==, 7);     /* the leftmost is of the highest byte */
  g_assert_true (upper);
  g_assert_cmpuint (astern_memory_digit_byte (&layout, 6, 7, &upper), ==, 4);
  g_assert_false (upper);
}

static gssize
find (AsternPatternKind kind, const char *text, guint unit, const void *data, gsize size, gboolean last)
{
  g_autoptr (GError) error = NULL;
  AsternMemoryPattern pattern;

  g_assert_true (astern_memory_pattern_parse (kind, text, unit, &pattern, &error));
  g_assert_no_error (error);
  return astern_memory_pattern_find (&pattern, data, size, last);
}

static void
test_find (void)
{
  const guint8 data[] = { 0xde, 0xad, 0x01, 0xef, 0xde, 0xad, 0x02, 0xef, 'h', 0, 'i', 0, 0xfe, 0xff, 0xff, 0xff };

  g_assert_cmpint (find (ASTERN_PATTERN_BYTES, "de ad", 1, data, sizeof data, FALSE), ==, 0);
  g_assert_cmpint (find (ASTERN_PATTERN_BYTES, "0xde, 0xad", 1, data, sizeof data, TRUE), ==, 4);
  g_assert_cmpint (find (ASTERN_PATTERN_BYTES, "dead??ef", 1, data, sizeof data, TRUE), ==, 4);
  g_assert_cmpint (find (ASTERN_PATTERN_BYTES, "ad ?2", 1, data, sizeof data, FALSE), ==, 5);
  g_assert_cmpint (find (ASTERN_PATTERN_TEXT, "hi", 1, data, sizeof data, FALSE), ==, -1);
  g_assert_cmpint (find (ASTERN_PATTERN_UTF16, "hi", 1, data, sizeof data, FALSE), ==, 8);
  g_assert_cmpint (find (ASTERN_PATTERN_NUMBER, "-2", 4, data, sizeof data, FALSE), ==, 12);
  g_assert_cmpint (find (ASTERN_PATTERN_NUMBER, "0xef01adde", 4, data, sizeof data, FALSE), ==, 0);
  g_assert_cmpint (find (ASTERN_PATTERN_NUMBER, "65518", 2, data, sizeof data, FALSE), ==, -1);
  g_assert_cmpint (find (ASTERN_PATTERN_BYTES, "ff", 1, data, sizeof data, TRUE), ==, 15);
  g_assert_cmpint (find (ASTERN_PATTERN_BYTES, "de ad", 1, data, 1, FALSE), ==, -1);
}

static void
test_refuse (void)
{
  static const struct { AsternPatternKind kind; const char *text, *why; guint unit; } wrong[] = {
    { ASTERN_PATTERN_BYTES, "d", "“d” is not bytes: each has two hexadecimal digits, or “??”.", 1 },
    { ASTERN_PATTERN_BYTES, "  ", "There is nothing to search for.", 1 },
    { ASTERN_PATTERN_NUMBER, "256", "“256” is too large for the unit.", 1 },
    { ASTERN_PATTERN_NUMBER, "-32769", "“-32769” is too large for the unit.", 2 },
    { ASTERN_PATTERN_NUMBER, "1x", "“1x” is not a number.", 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      AsternMemoryPattern pattern;

      g_assert_false (astern_memory_pattern_parse (wrong[i].kind, wrong[i].text, wrong[i].unit, &pattern, &error));
      g_assert_cmpstr (error->message, ==, wrong[i].why);
    }
}

static void
test_copy (void)
{
  guint8 bytes[17] = "ab\n\x01";
  g_autofree char *hex = astern_memory_copy_text (ASTERN_COPY_HEX, bytes, 17), *c = astern_memory_copy_text (ASTERN_COPY_C, bytes, 4);
  g_autofree char *text = astern_memory_copy_text (ASTERN_COPY_TEXT, bytes, 4);

  g_assert_cmpstr (hex, ==, "61 62 0a 01 00 00 00 00 00 00 00 00 00 00 00 00\n00");
  g_assert_cmpstr (c, ==, "{\n  0x61, 0x62, 0x0a, 0x01,\n}");
  g_assert_cmpstr (text, ==, "ab\n.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-rows/a row has address, cells and characters", test_rows);
  g_test_add_func ("/memory-rows/what is not mapped is question marks, what is not known is blank", test_holes);
  g_test_add_func ("/memory-rows/floating cells are of four or eight bytes", test_floating);
  g_test_add_func ("/memory-rows/a byte is hit where it is shown", test_hit);
  g_test_add_func ("/memory-rows/as many bytes as fit stand in a row", test_fit);
  g_test_add_func ("/memory-rows/a digit belongs to a half of a byte", test_digits);
  g_test_add_func ("/memory-rows/bytes, text and numbers are found from either end", test_find);
  g_test_add_func ("/memory-rows/what cannot be searched for is refused in a sentence", test_refuse);
  g_test_add_func ("/memory-rows/bytes are copied as text", test_copy);
  return g_test_run ();
}
