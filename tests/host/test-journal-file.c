/* test-journal-file.c - a journal on the host's disk. */
#include "config.h"

#include "host/journal-file.h"

#include <string.h>

#define LINES 20000

static GBytes *
data_of (guint i)
{
  guint8 *bytes = g_malloc (1 + i % 1500);

  memset (bytes, (int) i, 1 + i % 1500);
  return g_bytes_new_take (bytes, 1 + i % 1500);
}

static AsternJournal *
make_journal (AsternJournalFile *file)
{
  AsternJournalShelf shelf = astern_journal_file_shelf (file);
  AsternJournal *journal = astern_journal_new ();

  astern_journal_set_shelf (journal, &shelf);
  for (guint i = 0; i < LINES; i++)
    {
      g_autoptr (GBytes) data = data_of (i);

      astern_journal_append (journal, &(AsternInputEvent) { { i / 2, i % 2 }, i % 5, data });
    }
  return journal;
}

static void
assert_all (AsternJournal *journal)
{
  AsternJournalPlace at = { 0, 0 };

  for (guint i = 0; i < LINES; i++, at.line++)
    {
      const AsternInputEvent *event = astern_journal_at (journal, &at);
      g_autoptr (GBytes) data = data_of (i);

      g_assert_nonnull (event);
      g_assert_cmpuint (event->moment.icount, ==, i / 2);
      g_assert_cmpuint (event->moment.step, ==, i % 2);
      g_assert_cmpuint (event->port, ==, i % 5);
      g_assert_true (g_bytes_equal (event->data, data));
    }
  g_assert_null (astern_journal_at (journal, &at));
}

static void
what_went_to_the_disk_is_read_as_it_was (void)
{
  g_autoptr (AsternJournalFile) file = astern_journal_file_new ();
  g_autoptr (AsternJournal) journal = make_journal (file);

  g_assert_cmpuint (astern_journal_bytes (journal), <, 11 << 20);
  assert_all (journal);
  assert_all (journal);
}

static void
where_nothing_can_be_written_it_stays_in_memory (void)
{
  g_autofree char *before = g_strdup (g_getenv ("TMPDIR"));
  g_autoptr (AsternJournalFile) file = astern_journal_file_new ();
  g_autoptr (AsternJournal) journal = NULL;

  g_setenv ("TMPDIR", "/nonexistent", TRUE);
  journal = make_journal (file);
  g_assert_cmpuint (astern_journal_bytes (journal), >, 14 << 20);
  assert_all (journal);
  if (before != NULL)
    g_setenv ("TMPDIR", before, TRUE);
  else
    g_unsetenv ("TMPDIR");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host/journal-file/what_went_to_the_disk_is_read_as_it_was", what_went_to_the_disk_is_read_as_it_was);
  g_test_add_func ("/host/journal-file/where_nothing_can_be_written_it_stays_in_memory", where_nothing_can_be_written_it_stays_in_memory);
  return g_test_run ();
}
