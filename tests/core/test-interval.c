/* Tests of core/interval. */
#include "config.h"

#include "core/interval.h"

#include <string.h>

#define PAGE    ASTERN_PAGE_SIZE
#define N_PAGES 48

typedef struct
{
  AsternMemory    *memory;
  AsternIntervals *intervals;
  guint            raised, code_writes;
} Fixture;

static void
raised (gpointer data)
{
  ((Fixture *) data)->raised++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->memory = astern_memory_new (N_PAGES * PAGE, NULL);
  astern_memory_add (f->memory, "ram", (N_PAGES - 8) * PAGE, FALSE, NULL);
  astern_memory_add (f->memory, "vram", 8 * PAGE, FALSE, NULL);
  astern_memory_add_flags_listener (f->memory, raised, f);
  f->intervals = astern_intervals_new (f->memory);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->intervals != NULL)
    astern_intervals_free (f->intervals);
  astern_memory_free (f->memory);
}

static void
poke (Fixture *f, guint64 ram, guint8 value)
{
  astern_memory_write (f->memory, ram, &value, 1);
}

static void
undoing_puts_back_what_was (Fixture *f, gconstpointer data)
{
  poke (f, 5, 1);
  poke (f, 3 * PAGE + 7, 2);
  astern_intervals_begin (f->intervals);
  poke (f, 5, 11);
  poke (f, 6, 12);
  poke (f, 9 * PAGE, 13);
  astern_intervals_undo (f->intervals, 0);
  g_assert_cmpuint (f->memory->host[5], ==, 1);
  g_assert_cmpuint (f->memory->host[6], ==, 0);
  g_assert_cmpuint (f->memory->host[3 * PAGE + 7], ==, 2);
  g_assert_cmpuint (f->memory->host[9 * PAGE], ==, 0);
}

static void
only_the_first_write_to_a_page_saves_it (Fixture *f, gconstpointer data)
{
  astern_intervals_begin (f->intervals);
  for (guint i = 0; i < 100; i++)
    poke (f, 2 * PAGE + i, 1);
  poke (f, 4 * PAGE, 1);
  g_assert_cmpuint (astern_intervals_pages (f->intervals, 0), ==, 2);
  g_assert_true (astern_intervals_wrote (f->intervals, 0, 2 * PAGE + 4000));
  g_assert_false (astern_intervals_wrote (f->intervals, 0, 3 * PAGE));
  g_assert_cmphex (*astern_memory_flags (f->memory, 2 * PAGE) & ASTERN_PAGE_CLEAN, ==, 0);
  g_assert_cmphex (*astern_memory_flags (f->memory, 3 * PAGE) & ASTERN_PAGE_CLEAN, !=, 0);
}

static void
pages_of_zeros_take_no_room (Fixture *f, gconstpointer data)
{
  gsize bytes;

  astern_intervals_begin (f->intervals);
  for (guint i = 0; i < 20; i++)
    poke (f, i * PAGE, 1);
  bytes = astern_intervals_bytes (f->intervals);
  g_assert_cmpuint (bytes, <, PAGE);
  astern_intervals_begin (f->intervals);
  poke (f, 0, 2);
  g_assert_cmpuint (astern_intervals_bytes (f->intervals), >=, bytes + PAGE);
}

static void
engines_hear_when_pages_become_clean (Fixture *f, gconstpointer data)
{
  astern_intervals_begin (f->intervals);
  g_assert_cmpuint (f->raised, ==, 1);
  poke (f, 0, 1);
  g_assert_cmpuint (f->raised, ==, 1);
  astern_intervals_begin (f->intervals);
  g_assert_cmpuint (f->raised, ==, 2);
  g_assert_cmphex (*astern_memory_flags (f->memory, 0) & ASTERN_PAGE_CLEAN, !=, 0);
  poke (f, 0, 2);
  astern_intervals_undo (f->intervals, 1);
  g_assert_cmpuint (f->raised, ==, 3);
  g_assert_cmphex (*astern_memory_flags (f->memory, 0) & ASTERN_PAGE_CLEAN, !=, 0);
}

static void
code_written (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  Fixture *f = data;

  f->code_writes++;
  *astern_memory_flags (f->memory, ram) &= (guint8) ~ASTERN_PAGE_CODE;
}

static void
listeners_hear_of_code_that_is_put_back (Fixture *f, gconstpointer data)
{
  astern_memory_add_write_listener (f->memory, ASTERN_PAGE_CODE, code_written, f);
  astern_intervals_begin (f->intervals);
  poke (f, 3 * PAGE, 1);
  *astern_memory_flags (f->memory, 3 * PAGE) |= ASTERN_PAGE_CODE;
  astern_intervals_undo (f->intervals, 0);
  g_assert_cmpuint (f->code_writes, ==, 1);
  g_assert_cmpuint (astern_intervals_pages (f->intervals, 0), ==, 0);
}

static void
without_intervals_no_page_is_clean (Fixture *f, gconstpointer data)
{
  astern_intervals_begin (f->intervals);
  g_clear_pointer (&f->intervals, astern_intervals_free);
  for (guint i = 0; i < N_PAGES; i++)
    g_assert_cmphex (f->memory->flags[i] & ASTERN_PAGE_CLEAN, ==, 0);
  poke (f, 0, 1);
  f->intervals = astern_intervals_new (f->memory);
  astern_intervals_begin (f->intervals);
  poke (f, 0, 2);
  g_assert_cmpuint (f->memory->write_listeners->len, ==, 1);
  g_assert_cmpuint (astern_intervals_pages (f->intervals, 0), ==, 1);
}

/* Copies of all memory are what intervals save. */
static void
random_writes_are_undone_to_any_interval (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func (g_free);

  for (guint round = 0; round < 400; round++)
    {
      guint n = astern_intervals_count (f->intervals);

      if (n == 0 || (n < 10 && g_test_rand_int_range (0, 3) == 0))
        {
          g_ptr_array_add (copies, g_memdup2 (f->memory->host, f->memory->size));
          g_assert_cmpuint (astern_intervals_begin (f->intervals), ==, n);
        }
      for (gint i = g_test_rand_int_range (0, 30); i > 0; i--)
        {
          guint8 bytes[3 * PAGE];
          gsize size = (gsize) g_test_rand_int_range (1, g_test_rand_int_range (0, 4) ? 9 : (gint) sizeof bytes);

          memset (bytes, g_test_rand_int_range (0, 5), size);
          astern_memory_write (f->memory, (guint64) g_test_rand_int_range (0, (gint) (f->memory->size - size)),
                               bytes, size);
        }
      if (g_test_rand_int_range (0, 5) == 0)
        {
          guint to = (guint) g_test_rand_int_range (0, (gint) astern_intervals_count (f->intervals));

          astern_intervals_undo (f->intervals, to);
          g_assert_cmpmem (f->memory->host, f->memory->size, g_ptr_array_index (copies, to), f->memory->size);
          g_ptr_array_set_size (copies, (gint) to + 1);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/interval/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (undoing_puts_back_what_was);
  ADD (only_the_first_write_to_a_page_saves_it);
  ADD (pages_of_zeros_take_no_room);
  ADD (engines_hear_when_pages_become_clean);
  ADD (listeners_hear_of_code_that_is_put_back);
  ADD (without_intervals_no_page_is_clean);
  ADD (random_writes_are_undone_to_any_interval);
  return g_test_run ();
}
