/* test-journal.c - what came through the door: blocks, shelves, copies, cuts. */
#include "config.h"

#include "core/journal.h"

#include <string.h>

/* A shelf that is an array of copies. */
typedef struct
{
  AsternJournal     *journal;
  AsternJournalShelf shelf;
  GPtrArray         *kept;      /* GArray of AsternInputEvent */
  guint              n_read;
  guint              n_more;    /* blocks that more() has given */
  gboolean           full;
} Fixture;

static void
clear_event (gpointer data)
{
  g_bytes_unref (((AsternInputEvent *) data)->data);
}

static void
copy_events (GArray *to, const AsternInputEvent *events, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      AsternInputEvent event = events[i];

      g_bytes_ref (event.data);
      g_array_append_val (to, event);
    }
}

static guint64
keep (gpointer user, const AsternInputEvent *events, guint n)
{
  Fixture *f = user;
  GArray *copy;

  if (f->full)
    return 0;
  copy = g_array_new (FALSE, FALSE, sizeof (AsternInputEvent));
  g_array_set_clear_func (copy, clear_event);
  copy_events (copy, events, n);
  g_ptr_array_add (f->kept, copy);
  return f->kept->len;
}

static gboolean
read_again (gpointer user, guint64 place, guint n, GArray *events, GError **error)
{
  Fixture *f = user;
  const GArray *kept = g_ptr_array_index (f->kept, place - 1);

  g_assert_cmpuint (kept->len, ==, n);
  copy_events (events, (const AsternInputEvent *) kept->data, n);
  f->n_read++;
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->journal = astern_journal_new ();
  f->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  f->shelf = (AsternJournalShelf) { .keep = keep, .read = read_again, .user = f };
  astern_journal_set_shelf (f->journal, &f->shelf);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_journal_unref (f->journal);
  g_ptr_array_unref (f->kept);
}

static AsternInputEvent
event_at (guint64 icount, gsize size)
{
  guint8 *bytes = g_malloc0 (MAX (size, 8));

  memcpy (bytes, &icount, 8);
  return (AsternInputEvent) { { icount, 0 }, (guint) (icount % 3), g_bytes_new_take (bytes, MAX (size, 8)) };
}

static void
append (AsternJournal *journal, guint64 icount, gsize size)
{
  AsternInputEvent event = event_at (icount, size);

  astern_journal_append (journal, &event);
  g_bytes_unref (event.data);
}

/* Lines at 10, 20, ... from the first one at or after @from on. */
static void
assert_lines (AsternJournal *journal, guint64 from, guint64 until)
{
  AsternJournalPlace at = astern_journal_find (journal, (AsternMoment) { from, 0 });
  const AsternInputEvent *event;

  for (guint64 icount = MAX ((from + 9) / 10 * 10, 10); icount <= until; icount += 10, at.line++)
    {
      guint64 said;

      event = astern_journal_at (journal, &at);
      g_assert_nonnull (event);
      memcpy (&said, g_bytes_get_data (event->data, NULL), 8);
      g_assert_cmpuint (event->moment.icount, ==, icount);
      g_assert_cmpuint (said, ==, icount);
      g_assert_cmpuint (event->port, ==, icount % 3);
    }
  g_assert_null (astern_journal_at (journal, &at));
}

#define LINES 40000      /* of 1500 bytes: some 60 MiB */

static void
a_long_transfer_takes_little_memory_and_can_be_read_again (Fixture *f, gconstpointer data)
{
  for (guint i = 1; i <= LINES; i++)
    append (f->journal, i * 10, 1500);
  g_assert_cmpuint (astern_journal_length (f->journal), ==, LINES);
  g_assert_cmpuint (astern_journal_bytes (f->journal), <, 12 << 20);
  assert_lines (f->journal, 0, LINES * 10);
  assert_lines (f->journal, LINES * 5 + 3, LINES * 10);
  g_assert_cmpuint (f->n_read, >, 100);
  g_assert_cmpuint (astern_journal_bytes (f->journal), <, 12 << 20);
}

static void
what_finds_no_room_on_the_shelf_stays_in_memory (Fixture *f, gconstpointer data)
{
  f->full = TRUE;
  for (guint i = 1; i <= 3000; i++)
    append (f->journal, i * 10, 1500);
  g_assert_cmpuint (astern_journal_bytes (f->journal), >, 3000 * 1500);
  assert_lines (f->journal, 0, 30000);
  g_assert_cmpuint (f->n_read, ==, 0);
}

static void
a_reader_at_the_end_hears_of_what_is_appended (Fixture *f, gconstpointer data)
{
  AsternJournalPlace at = astern_journal_end (f->journal);

  for (guint i = 1; i <= 1000; i++, at.line++)
    {
      g_assert_null (astern_journal_at (f->journal, &at));
      append (f->journal, i * 10, 1500);
      g_assert_cmpuint (astern_journal_at (f->journal, &at)->moment.icount, ==, i * 10);
    }
}

static void
a_cut_journal_goes_on_another_way_and_its_copy_the_old_one (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternJournal) old = NULL;
  AsternMoment from;

  for (guint i = 1; i <= 2000; i++)
    append (f->journal, i * 10, 1500);
  old = astern_journal_copy (f->journal);
  g_assert_false (astern_journal_differ (old, f->journal, &from));
  astern_journal_cut (f->journal, astern_journal_find (f->journal, (AsternMoment) { 9005, 0 }));
  g_assert_true (astern_journal_differ (old, f->journal, &from));
  g_assert_cmpuint (from.icount, ==, 9010);
  assert_lines (f->journal, 0, 9000);
  for (guint i = 901; i <= 1500; i++)
    append (f->journal, i * 10, 100);
  assert_lines (f->journal, 0, 15000);
  assert_lines (old, 0, 20000);
  g_assert_true (astern_journal_differ (f->journal, old, &from));
  g_assert_cmpuint (from.icount, ==, 9010);
  astern_journal_cut (f->journal, astern_journal_find (f->journal, (AsternMoment) { 0, 0 }));
  g_assert_cmpuint (astern_journal_length (f->journal), ==, 0);
}

#define MORE_BLOCKS 100
#define MORE_LINES  10

/* Blocks of ten lines at 10, 20, ... */
static guint64
give_more (gpointer user, GArray *events)
{
  Fixture *f = user;

  if (f->n_more == MORE_BLOCKS)
    return 0;
  for (guint i = 1; i <= MORE_LINES; i++)
    {
      AsternInputEvent event = event_at ((f->n_more * MORE_LINES + i) * 10, 8);

      g_array_append_val (events, event);
    }
  f->n_more++;
  return keep (f, (const AsternInputEvent *) events->data, events->len);
}

static void
what_follows_is_read_when_it_is_needed (Fixture *f, gconstpointer data)
{
  AsternJournalPlace at = { 0, 0 };
  g_autoptr (AsternJournal) whole = NULL;

  f->shelf.more = give_more;
  astern_journal_continue (f->journal, &f->shelf);
  g_assert_cmpuint (astern_journal_at (f->journal, &at)->moment.icount, ==, 10);
  g_assert_cmpuint (f->n_more, ==, 1);
  at = astern_journal_find (f->journal, (AsternMoment) { 345, 0 });
  g_assert_cmpuint (astern_journal_at (f->journal, &at)->moment.icount, ==, 350);
  g_assert_cmpuint (f->n_more, ==, 4);
  whole = astern_journal_copy (f->journal);
  astern_journal_cut (f->journal, at);
  assert_lines (f->journal, 0, 340);
  append (f->journal, 350, 8);
  assert_lines (f->journal, 0, 350);
  g_assert_cmpuint (f->n_more, ==, 4);
  assert_lines (whole, 0, MORE_BLOCKS * MORE_LINES * 10);
  assert_lines (whole, 500, MORE_BLOCKS * MORE_LINES * 10);
  g_assert_cmpuint (f->n_read, >, 0);
}

#define ADD(name) g_test_add ("/core/journal/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_long_transfer_takes_little_memory_and_can_be_read_again);
  ADD (what_finds_no_room_on_the_shelf_stays_in_memory);
  ADD (a_reader_at_the_end_hears_of_what_is_appended);
  ADD (a_cut_journal_goes_on_another_way_and_its_copy_the_old_one);
  ADD (what_follows_is_read_when_it_is_needed);
  return g_test_run ();
}
