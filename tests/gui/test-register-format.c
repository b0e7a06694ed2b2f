/* Registers as text, and back. */
#include "config.h"

#include "gui/register-format.h"

#include "arch/x86/registers.h"

#include <locale.h>
#include <string.h>

static void
assert_format (AsternRegisterFormat format, const guint8 *bytes, gsize size, const char *text)
{
  g_autofree char *result = astern_register_format (format, bytes, size);

  g_assert_cmpstr (result, ==, text);
}

static void
test_format (void)
{
  const guint8 bytes[16] = { 0xff, 0x00, 0x80, 0x7f, 0x00, 0x00, 0x80, 0x3f, 0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0x40 };

  assert_format (ASTERN_REGISTER_HEX, bytes, 8, "0x3f8000007f8000ff");
  assert_format (ASTERN_REGISTER_HEX, bytes, 16, "0x400921fb54442d183f8000007f8000ff");
  assert_format (ASTERN_REGISTER_U8, bytes, 4, "255 0 128 127");
  assert_format (ASTERN_REGISTER_S8, bytes, 4, "-1 0 -128 127");
  assert_format (ASTERN_REGISTER_S16, bytes, 4, "255 32640");
  assert_format (ASTERN_REGISTER_U64, bytes + 8, 8, "4614256656552045848");
  assert_format (ASTERN_REGISTER_DOUBLE, bytes + 8, 8, "3.1415926535897931");
  assert_format (ASTERN_REGISTER_FLOAT, bytes + 4, 4, "1");
  assert_format (ASTERN_REGISTER_DOUBLE, bytes, 4, "0x7f8000ff");     /* no lane so wide */
}

static void
test_extended (void)
{
  static const struct { const char *typed, *shown; guint8 bytes[10]; } numbers[] = {
    { "1", "1", { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f } },
    { "-2.5", "-2.5", { 0, 0, 0, 0, 0, 0, 0, 0xa0, 0x00, 0xc0 } },
    { "0", "0", { 0 } },
    { "inf", "inf", { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x7f } },
    { "0x3fff8000000000000000", "1", { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f } },
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      guint8 bytes[10] = { 9, 9 };

      g_assert_true (astern_register_parse (ASTERN_REGISTER_EXTENDED, numbers[i].typed, bytes, 10, &error));
      g_assert_no_error (error);
      g_assert_cmpmem (bytes, 10, numbers[i].bytes, 10);
      assert_format (ASTERN_REGISTER_EXTENDED, bytes, 10, numbers[i].shown);
    }
}

static void
test_parse (void)
{
  g_autoptr (GError) error = NULL;
  guint8 bytes[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
  guint32 lanes[4];
  float one;

  g_assert_true (astern_register_parse (ASTERN_REGISTER_U32, "7", bytes, 16, &error));       /* the lowest alone */
  g_assert_cmpuint (bytes[0], ==, 7);
  g_assert_cmpuint (bytes[4], ==, 5);
  g_assert_true (astern_register_parse (ASTERN_REGISTER_S32, "-1, 0x10 0b101 { 4 }", bytes, 16, &error));
  g_assert_no_error (error);
  memcpy (lanes, bytes, sizeof lanes);
  g_assert_cmphex (GUINT32_FROM_LE (lanes[0]), ==, G_MAXUINT32);
  g_assert_cmphex (GUINT32_FROM_LE (lanes[1]), ==, 0x10);
  g_assert_cmphex (GUINT32_FROM_LE (lanes[2]), ==, 5);
  g_assert_cmphex (GUINT32_FROM_LE (lanes[3]), ==, 4);
  g_assert_true (astern_register_parse (ASTERN_REGISTER_FLOAT, "-1.5", bytes, 16, &error));
  memcpy (&one, bytes, sizeof one);
  g_assert_cmpfloat (one, ==, -1.5f);
  g_assert_true (astern_register_parse (ASTERN_REGISTER_HEX, "0x0102", bytes, 16, &error));
  g_assert_cmpuint (bytes[0], ==, 2);
  g_assert_cmpuint (bytes[2], ==, 0);
}

static void
test_refuse (void)
{
  static const struct { AsternRegisterFormat format; const char *text, *why; } wrong[] = {
    { ASTERN_REGISTER_U8, "256", "“256” does not fit into a lane." },
    { ASTERN_REGISTER_S8, "-129", "“-129” does not fit into a lane." },
    { ASTERN_REGISTER_U32, "1 2 3", "“1 2 3” has neither one number nor one for each lane." },
    { ASTERN_REGISTER_U64, "1 2 3", "“1 2 3” has more numbers than this register has lanes." },
    { ASTERN_REGISTER_DOUBLE, "x", "“x” is not a number." },
    { ASTERN_REGISTER_HEX, "0x1g", "“0x1g” is not a hexadecimal number." },
    { ASTERN_REGISTER_HEX, "0x100000000000000000000000000000000", "“0x100000000000000000000000000000000” does not fit into this register." },
  };
  guint8 bytes[16] = { 5 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (astern_register_parse (wrong[i].format, wrong[i].text, bytes, 16, &error));
      g_assert_cmpstr (error->message, ==, wrong[i].why);
      g_assert_cmpuint (bytes[0], ==, 5);
    }
}

static void
test_fits (void)
{
  g_assert_true (astern_register_fits (0xffff, 16));
  g_assert_true (astern_register_fits (G_MAXUINT64, 16));      /* -1 */
  g_assert_true (astern_register_fits ((guint64) -0x8000, 16));
  g_assert_false (astern_register_fits ((guint64) -0x8001, 16));
  g_assert_false (astern_register_fits (0x10000, 16));
  g_assert_true (astern_register_fits (1, 1));
  g_assert_false (astern_register_fits (2, 1));
}

static void
test_parts (void)
{
  g_autofree char *flags = astern_register_describe_parts (x86_register_parts, "eflags", 0x3246);
  g_autofree char *none = astern_register_describe_parts (x86_register_parts, "cr0", 0);
  g_autofree char *other = astern_register_describe_parts (x86_register_parts, "rax", 1);

  g_assert_cmpstr (flags, ==, "PF ZF IF IOPL=3");
  g_assert_cmpstr (none, ==, "");
  g_assert_null (other);
}

static void
test_segments (void)
{
  static const struct { guint16 attr; gboolean long_mode; const char *text; } segments[] = {
    { 0xa09b, TRUE, "code 64-bit, DPL 0, base 10, limit ff, readable, accessed, G" },
    { 0x40f3, FALSE, "data 32-bit, DPL 3, base 10, limit ff, writable, accessed" },
    { 0x001c, FALSE, "code 16-bit, DPL 0, base 10, limit ff, execute only, conforming, not present" },
    { 0x008b, TRUE, "busy 64-bit TSS, DPL 0, base 10, limit ff" },
    { 0x0082, FALSE, "LDT, DPL 0, base 10, limit ff" },
    { 0x0100, FALSE, "unusable" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (segments); i++)
    {
      g_autofree char *text = astern_register_describe_segment (0x10, 0xff, segments[i].attr, segments[i].long_mode);

      g_assert_cmpstr (text, ==, segments[i].text);
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/register-format/a register is written as one number or in lanes, the lowest first", test_format);
  g_test_add_func ("/register-format/eighty bits are shown as a number and read back", test_extended);
  g_test_add_func ("/register-format/what was typed becomes bytes", test_parse);
  g_test_add_func ("/register-format/what does not fit is refused, and nothing changes", test_refuse);
  g_test_add_func ("/register-format/a number fits when it does signed or unsigned", test_fits);
  g_test_add_func ("/register-format/bits have their names", test_parts);
  g_test_add_func ("/register-format/a segment is told in words", test_segments);
  return g_test_run ();
}
