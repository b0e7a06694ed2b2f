/* Tests of core/memory. */
#include "config.h"

#include "core/memory.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE ASTERN_PAGE_SIZE

typedef struct
{
  AsternMemory   *memory;
  AsternRamBlock *ram, *rom;
  GString        *log;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->memory = astern_memory_new (64 * PAGE, NULL);
  f->ram = astern_memory_add (f->memory, "ram", 16 * PAGE, FALSE, NULL);
  f->rom = astern_memory_add (f->memory, "bios", 3 * PAGE + 1, TRUE, NULL);
  f->log = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_memory_free (f->memory);
  g_string_free (f->log, TRUE);
}

static void
blocks_lie_one_behind_the_other_in_whole_pages (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (f->ram->start, ==, 0);
  g_assert_cmpuint (f->rom->start, ==, 16 * PAGE);
  g_assert_cmpuint (f->rom->size, ==, 4 * PAGE);
  g_assert_cmpuint (f->memory->size, ==, 20 * PAGE);
  g_assert_true (astern_memory_find (f->memory, "bios") == f->rom);
  g_assert_null (astern_memory_find (f->memory, "vram"));
}

static void
new_memory_is_zero (Fixture *f, gconstpointer data)
{
  for (guint64 ram = 0; ram < f->memory->size; ram += PAGE)
    g_assert_true (astern_memory_page_is_zero (f->memory, ram));
}

static void
more_than_was_reserved_is_an_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) overflow = NULL;

  g_assert_null (astern_memory_add (f->memory, "huge", 45 * PAGE, FALSE, &error));
  g_assert_nonnull (strstr (error->message, "huge"));
  g_assert_null (astern_memory_add (f->memory, "endless", G_MAXUINT64, FALSE, &overflow));
  g_assert_error (overflow, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (f->memory->size, ==, 20 * PAGE);
  g_assert_nonnull (astern_memory_add (f->memory, "fits", 44 * PAGE, FALSE, NULL));
}

static void
a_block_never_moves (Fixture *f, gconstpointer data)
{
  guint8 *before = astern_memory_host (f->memory, f->ram->start);

  astern_memory_add (f->memory, "vram", 8 * PAGE, FALSE, NULL);
  g_assert_true (astern_memory_host (f->memory, f->ram->start) == before);
}

static void
note_write (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  Fixture *f = data;

  g_string_append_printf (f->log, "%" G_GINT64_MODIFIER "x+%x/%x ", ram, size, flags);
}

static void
listeners_hear_of_each_page_before_it_changes (Fixture *f, gconstpointer data)
{
  guint8 bytes[2 * PAGE];

  memset (bytes, 0xaa, sizeof bytes);
  astern_memory_add_write_listener (f->memory, ASTERN_PAGE_CODE | ASTERN_PAGE_TABLE, note_write, f);
  *astern_memory_flags (f->memory, PAGE) = ASTERN_PAGE_CODE;
  *astern_memory_flags (f->memory, 2 * PAGE) = ASTERN_PAGE_TABLE | ASTERN_PAGE_WATCHED;
  *astern_memory_flags (f->memory, 3 * PAGE) = ASTERN_PAGE_WATCHED;
  astern_memory_write (f->memory, PAGE - 1, bytes, sizeof bytes);
  g_assert_cmpstr (f->log->str, ==, "1000+1000/1 2000+fff/6 ");
  astern_memory_write (f->memory, 3 * PAGE, bytes, 4);
  g_assert_cmpstr (f->log->str, ==, "1000+1000/1 2000+fff/6 ");
  g_assert_cmpmem (astern_memory_host (f->memory, PAGE - 1), sizeof bytes, bytes, sizeof bytes);
  g_assert_cmphex (astern_memory_host (f->memory, 0)[PAGE - 2], ==, 0);
}

static void
see_old_bytes (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  Fixture *f = data;

  g_assert_cmphex (*astern_memory_host (f->memory, ram), ==, 0);
  *astern_memory_flags (f->memory, ram) &= ~ASTERN_PAGE_CLEAN;
  g_string_append_c (f->log, '!');
}

static void
a_listener_that_takes_its_flag_away_is_not_called_again (Fixture *f, gconstpointer data)
{
  const guint8 byte = 1;

  astern_memory_add_write_listener (f->memory, ASTERN_PAGE_CLEAN, see_old_bytes, f);
  *astern_memory_flags (f->memory, 0) = ASTERN_PAGE_CLEAN;
  astern_memory_write (f->memory, 5, &byte, 1);
  astern_memory_write (f->memory, 5, &byte, 1);
  g_assert_cmpstr (f->log->str, ==, "!");
}

static void
a_write_marks_the_page_for_the_display (Fixture *f, gconstpointer data)
{
  const guint8 byte = 1;

  astern_memory_write (f->memory, 2 * PAGE, &byte, 1);
  g_assert_cmphex (*astern_memory_flags (f->memory, 2 * PAGE), ==, ASTERN_PAGE_DISPLAY);
  g_assert_cmphex (*astern_memory_flags (f->memory, PAGE), ==, 0);
}

static void
every_byte_and_its_place_change_the_hash (Fixture *f, gconstpointer data)
{
  guint64 zero = astern_memory_hash (f->memory, 0), first, second;

  f->memory->host[5 * PAGE + 7] = 1;
  first = astern_memory_hash (f->memory, 0);
  f->memory->host[5 * PAGE + 7] = 0;
  f->memory->host[6 * PAGE + 7] = 1;
  second = astern_memory_hash (f->memory, 0);
  g_assert_cmphex (first, !=, zero);
  g_assert_cmphex (second, !=, zero);
  g_assert_cmphex (first, !=, second);
  g_assert_cmphex (astern_memory_hash (f->memory, 1), !=, second);
}

static void
swapping_two_pages_changes_the_hash (Fixture *f, gconstpointer data)
{
  guint64 before, after;

  memset (f->memory->host + 3 * PAGE, 3, PAGE);
  memset (f->memory->host + 4 * PAGE, 4, PAGE);
  before = astern_memory_hash (f->memory, 0);
  memset (f->memory->host + 3 * PAGE, 4, PAGE);
  memset (f->memory->host + 4 * PAGE, 3, PAGE);
  after = astern_memory_hash (f->memory, 0);
  g_assert_cmphex (before, !=, after);
}

static void
flags_are_not_in_the_hash (Fixture *f, gconstpointer data)
{
  guint64 before = astern_memory_hash (f->memory, 0);

  memset (f->memory->flags, 0xff, 20);
  g_assert_cmphex (astern_memory_hash (f->memory, 0), ==, before);
}

static guint
resident_pages (AsternMemory *memory)
{
  g_autofree guint8 *resident = g_malloc (memory->size / PAGE);
  guint n = 0;

  g_assert_cmpint (mincore (memory->host, memory->size, resident), ==, 0);
  for (guint64 i = 0; i < memory->size / PAGE; i++)
    n += resident[i] & 1;
  return n;
}

static void
hashing_does_not_bring_untouched_pages_into_being (void)
{
  g_autoptr (GError) error = NULL;
  AsternMemory *memory = astern_memory_new (G_GUINT64_CONSTANT (1) << 30, &error);
  guint64 hash;

  if (!g_file_test ("/proc/self/pagemap", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the host has no /proc/self/pagemap");
      astern_memory_free (memory);
      return;
    }
  g_assert_no_error (error);
  astern_memory_add (memory, "ram", G_GUINT64_CONSTANT (1) << 30, FALSE, &error);
  g_assert_no_error (error);
  memory->host[123 * PAGE] = 1;
  hash = astern_memory_hash (memory, 0);
  g_assert_cmpuint (resident_pages (memory), ==, 1);
  memory->host[77777 * (guint64) PAGE] = 0;      /* touched, still zero */
  g_assert_cmphex (astern_memory_hash (memory, 0), ==, hash);
  astern_memory_free (memory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/memory/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (blocks_lie_one_behind_the_other_in_whole_pages);
  ADD (new_memory_is_zero);
  ADD (more_than_was_reserved_is_an_error);
  ADD (a_block_never_moves);
  ADD (listeners_hear_of_each_page_before_it_changes);
  ADD (a_listener_that_takes_its_flag_away_is_not_called_again);
  ADD (a_write_marks_the_page_for_the_display);
  ADD (every_byte_and_its_place_change_the_hash);
  ADD (swapping_two_pages_changes_the_hash);
  ADD (flags_are_not_in_the_hash);
  g_test_add_func ("/core/memory/hashing_does_not_bring_untouched_pages_into_being",
                   hashing_does_not_bring_untouched_pages_into_being);
  return g_test_run ();
}
