/* test-symbols-elf - symbols of this program itself, of the demo guest, and of damaged files. */
#include "config.h"

#include "launch/options.h"
#include "launch/symbols-elf.h"

#include <string.h>

static GBytes *
read_file (const char *path)
{
  char *data;
  gsize size;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static GBytes *
read_demo (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("top_builddir") ? g_getenv ("top_builddir") : ".", "data/demo/tern.img", NULL);

  return read_file (path);
}

static guint64
address_of (AsternSymbols *symbols, const char *name, gboolean code)
{
  AsternSymbol found;

  if (!astern_symbols_lookup (symbols, name, &found))
    g_error ("there is no %s", name);
  g_assert_cmpint (found.code, ==, code);
  return found.address;
}

/* Where the linker says that this program begins. */
extern const char __executable_start[];

int this_object[3] = { 1, 2, 3 };

static void
a_program_that_was_moved_has_its_names_at_their_place (void)
{
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GBytes) file = read_file ("/proc/self/exe");
  g_autoptr (GError) error = NULL;
  guint64 base = (guintptr) __executable_start;
  g_autofree char *text = NULL;

  astern_symbols_load_elf (symbols, file, "self", &base, &error);
  g_assert_no_error (error);
  g_assert_cmphex (address_of (symbols, "astern_symbols_load_elf", TRUE), ==, (guintptr) astern_symbols_load_elf);
  g_assert_cmphex (address_of (symbols, "address_of", TRUE), ==, (guintptr) address_of);      /* a local one */
  g_assert_cmphex (address_of (symbols, "this_object", FALSE), ==, (guintptr) this_object);
  text = astern_symbols_describe (symbols, (guintptr) &this_object[2]);
  g_assert_cmpstr (text, ==, "this_object+0x8");
}

static void
the_demo_guest_has_its_names_in_the_program (void)
{
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GBytes) file = read_demo ();
  g_autoptr (GError) error = NULL;
  guint64 moved, plain;

  astern_symbols_load_elf (symbols, file, "demo", NULL, &error);
  g_assert_no_error (error);
  plain = address_of (symbols, "switch_to", TRUE);
  address_of (symbols, "sys_chart", TRUE);
  address_of (symbols, "kernel", FALSE);
  moved = 0x40000000;
  g_assert_true (astern_symbols_load_elf (symbols, file, "moved", &moved, NULL));
  g_assert_cmphex (address_of (symbols, "switch_to", TRUE) - moved, ==, plain - 0x100000);
}

static void
what_is_no_elf_file_is_told (void)
{
  static const struct { const char *bytes; gsize size; } bad[] = { { "", 0 }, { "\177ELF", 4 }, { "hello, world, this is text", 26 } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
      g_autoptr (GBytes) file = g_bytes_new (bad[i].bytes, bad[i].size);
      g_autoptr (GError) error = NULL;

      g_assert_false (astern_symbols_load_elf (symbols, file, "x.elf", NULL, &error));
      g_assert_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE);
      g_assert_nonnull (strstr (error->message, "x.elf"));
      g_assert_cmpuint (astern_symbols_sources (symbols), ==, 0);
    }
}

/* Bytes of headers and tables are changed: whatever comes of it, it is an error or symbols. */
static void
damaged_files_are_errors_or_symbols (void)
{
  g_autoptr (GBytes) file = read_demo ();
  gsize size;
  const guint8 *good = g_bytes_get_data (file, &size);
  guint32 sections;
  guint failed = 0;

  memcpy (&sections, good + 32, 4);      /* e_shoff of ELF32 */
  g_assert_cmpuint (sections, <, size);
  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
      guint8 *copy = g_memdup2 (good, size);
      g_autoptr (GBytes) bytes = NULL;
      gsize length = round % 10 == 0 ? (gsize) g_test_rand_int_range (0, (gint) size) : size;
      g_autoptr (GError) error = NULL;

      for (gint n = g_test_rand_int_range (1, 6); n > 0; n--)
        {
          gsize at = g_test_rand_bit () ? (gsize) g_test_rand_int_range (4, 84)
                     : sections + (gsize) g_test_rand_int_range (0, (gint) (size - sections));

          copy[at] = (guint8) g_test_rand_int ();
        }
      bytes = g_bytes_new_take (g_realloc (copy, length + 1), length);
      if (!astern_symbols_load_elf (symbols, bytes, "damaged", NULL, &error))
        {
          g_assert_nonnull (error);
          g_assert_cmpuint (astern_symbols_sources (symbols), ==, 0);
          failed++;
        }
    }
  g_assert_cmpuint (failed, >, 300);
}

#define ADD(name) g_test_add_func ("/launch/symbols-elf/" #name, name)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_program_that_was_moved_has_its_names_at_their_place);
  ADD (the_demo_guest_has_its_names_in_the_program);
  ADD (what_is_no_elf_file_is_told);
  ADD (damaged_files_are_errors_or_symbols);
  return g_test_run ();
}
