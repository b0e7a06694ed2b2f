/* Recordings written and read again, and files that are none, are cut off, or were changed. */
#include "config.h"

#include "trace/journal-reader.h"
#include "trace/state.h"

#include "recording-fixture.h"

#include <sqlite3.h>

/* ---- round trips ---- */

static void
options_and_facts_come_back (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  const char *const *words;

  end_recording (begin_recording (f, NULL, 0), 12, "quit");
  recording = open_recording (f);
  words = astern_recording_arguments (recording);
  g_assert_true (g_strv_equal (words, fixture_words));
  g_assert_cmpstr (astern_recording_meta (recording, "serial-ports"), ==, "1");
  g_assert_null (astern_recording_meta (recording, "no such thing"));
}

static void
the_head_tells_how_the_run_ended (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  const AsternRecordingHead *head;

  end_recording (begin_recording (f, NULL, 0), 1234567, "power-off");
  recording = open_recording (f);
  head = astern_recording_head (recording);
  g_assert_cmpuint (head->moment.icount, ==, 1234567);
  g_assert_cmpstr (head->ending, ==, "power-off");
}

static GBytes *
pattern (gsize size)
{
  guint8 *bytes = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + i / 251);
  return g_bytes_new_take (bytes, size);
}

/* Nothing, a piece, pieces with a rest, and the same content twice. */
static void
files_come_back_byte_for_byte (Fixture *f, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 262144, 1000003, 1000003 };
  AsternRecordingSource sources[G_N_ELEMENTS (sizes)];
  static const char *const names[] = { "bios", "kernel", "module0", "module1", "fw_cfg0" };
  g_autoptr (AsternRecording) recording = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    sources[i] = (AsternRecordingSource) { names[i], pattern (sizes[i]) };
  end_recording (begin_recording (f, sources, G_N_ELEMENTS (sizes)), 1, "quit");
  recording = open_recording (f);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = astern_recording_source (recording, names[i], &error);

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (bytes, sources[i].bytes));
      g_bytes_unref (sources[i].bytes);
    }
}

static void
a_file_that_was_not_there_is_none (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  end_recording (begin_recording (f, NULL, 0), 1, "quit");
  recording = open_recording (f);
  g_assert_null (astern_recording_source (recording, "vgabios", &error));
  g_assert_no_error (error);
}

static gboolean
append_input (gpointer user, AsternMoment at, const char *port, GBytes *data, GError **error)
{
  char text[ASTERN_MOMENT_TEXT];
  gsize size;
  const char *bytes = g_bytes_get_data (data, &size);

  g_string_append_printf (user, "%s %s %.*s\n", astern_moment_format (at, text), port, (int) size, bytes);
  return TRUE;
}

static void
assert_journal (Fixture *f, const char *expected)
{
  g_autoptr (AsternRecording) recording = open_recording (f);
  g_autoptr (GString) journal = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (astern_recording_journal (recording, append_input, journal, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (journal->str, ==, expected);
}

static void
inputs_come_back_in_order (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);

  write_input (writer, 100, 0, "serial0", "a");
  write_input (writer, 100, 1, "ps2-keyboard", "");
  write_input (writer, 9000000000, 3, "serial0", "b");
  end_recording (writer, 9000000001, "quit");
  assert_journal (f, "@100 serial0 a\n@100+1 ps2-keyboard \n@9000000000+3 serial0 b\n");
}

static gboolean
count_input (gpointer user, AsternMoment at, const char *port, GBytes *data, GError **error)
{
  guint64 *seen = user;

  g_assert_cmpuint (at.icount, ==, ++*seen * 10);
  return TRUE;
}

/* Two branches, of 300 and 500 KiB: pieces do not go over their border. */
static void
a_journal_is_read_in_pieces_and_again (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);
  g_autofree char *text = g_strnfill (1000, 'x');
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternJournalReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  guint64 seen = 0, place, pieces = 0;

  for (guint64 i = 1; i <= 800; i++)
    {
      if (i == 301)
        astern_writer_branch (writer, moment (3005, 0));
      write_input (writer, i * 10, 0, "serial0", text);
    }
  end_recording (writer, 9000, "quit");
  recording = open_recording (f);
  reader = astern_journal_reader_new (recording);
  do
    {
      guint64 before = seen, again = seen;

      g_assert_true (astern_journal_reader_next (reader, moment (0, 0), count_input, &seen, &place, &error));
      g_assert_no_error (error);
      if (place == 0)
        break;
      pieces++;
      g_assert_true (seen <= 300 || before >= 300);
      g_assert_true (astern_journal_reader_again (reader, place, (guint) (seen - before), count_input, &again, &error));
      g_assert_cmpuint (again, ==, seen);
    }
  while (TRUE);
  g_assert_cmpuint (seen, ==, 800);
  g_assert_cmpuint (pieces, >=, 4);
}

/* What the parent had from the branch's moment on is its old future. */
static void
a_branch_has_its_parents_inputs_until_it_left (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);

  write_input (writer, 10, 0, "serial0", "kept");
  write_input (writer, 20, 0, "serial0", "old");
  write_input (writer, 30, 0, "serial0", "old too");
  astern_writer_branch (writer, moment (20, 0));
  write_input (writer, 25, 0, "serial0", "new");
  astern_writer_branch (writer, moment (25, 1));
  write_input (writer, 26, 0, "serial0", "newest");
  end_recording (writer, 27, "quit");
  assert_journal (f, "@10 serial0 kept\n@25 serial0 new\n@26 serial0 newest\n");
}

static void
hashes_are_found_by_their_moment (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GHashTable) hashes = NULL;
  g_autoptr (GError) error = NULL;
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (AsternHashPart));
  AsternHashPart cpu = { "cpu0", G_GUINT64_CONSTANT (0xfedcba9876543210) };

  g_array_append_val (parts, cpu);
  astern_writer_checkpoint (writer, moment (77, 2), 80, FALSE, parts);
  end_recording (writer, 100, "quit");
  recording = open_recording (f);
  hashes = astern_recording_hashes (recording, moment (77, 2), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (hashes), ==, 1);
  g_assert_cmphex (*(guint64 *) g_hash_table_lookup (hashes, "cpu0"), ==, cpu.hash);
  g_assert_null (astern_recording_hashes (recording, moment (77, 1), &error));
  g_assert_no_error (error);
}

/* ---- snapshots ---- */

static void
add_page (GArray *pages, guint32 number, int fill)
{
  AsternWriterPage page = { number, NULL };

  if (fill != 0)
    {
      page.content = g_malloc (4096);
      memset (page.content, fill, 4096);
    }
  g_array_append_val (pages, page);
}

static GVariant *
some_state (guint64 icount)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, ASTERN_STATE_TYPE);
  g_variant_builder_add (&builder, "{sv}", "clock", g_variant_new ("(ttu)", icount, icount, 0));
  return g_variant_builder_end (&builder);
}

/* Waits, without a clock, until the writer has taken the snapshot. */
static void
write_snapshot (AsternWriter *writer, guint64 icount, GArray *pages)
{
  g_assert_true (astern_writer_snapshot (writer, moment (icount, 0), icount, some_state (icount), pages));
  while (astern_writer_is_busy (writer))
    g_thread_yield ();
}

static gboolean
append_page (gpointer user, guint64 page, gconstpointer content, GError **error)
{
  g_string_append_printf (user, "%" G_GUINT64_FORMAT "=%d ", page, content != NULL ? *(const guint8 *) content : 0);
  return TRUE;
}

static void
a_snapshot_has_the_latest_of_each_page (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GString) pages = g_string_new (NULL);
  g_autoptr (GVariant) state = NULL;
  g_autoptr (GError) error = NULL;
  AsternRecordingSnapshot snapshot;
  GArray *first = g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));
  GArray *second = g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));
  guint64 icount;

  add_page (first, 3, 1);
  add_page (first, 4, 2);
  add_page (first, 5, 2);
  write_snapshot (writer, 1000, first);
  add_page (second, 4, 0);
  add_page (second, 9, 7);
  write_snapshot (writer, 2000, second);
  end_recording (writer, 3000, "quit");
  recording = open_recording (f);
  g_assert_false (astern_recording_find_snapshot (recording, moment (999, 0), &snapshot, &error));
  g_assert_no_error (error);
  g_assert_true (astern_recording_find_snapshot (recording, moment (1999, 0), &snapshot, &error));
  g_assert_cmpuint (snapshot.moment.icount, ==, 1000);
  g_assert_true (astern_recording_find_snapshot (recording, moment (5000, 0), &snapshot, &error));
  g_assert_true (astern_recording_snapshot_pages (recording, snapshot.id, append_page, pages, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (pages->str, ==, "4=0 3=1 5=2 9=7 ");
  state = astern_recording_snapshot_state (recording, snapshot.id, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (state, "clock", "(ttu)", &icount, NULL, NULL));
  g_assert_cmpuint (icount, ==, 2000);
}

static void
a_second_snapshot_waits_for_the_first (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);
  GArray *many = g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));
  GArray *few = g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));

  for (guint32 i = 0; i < 20000; i++)
    add_page (many, i, 1 + i % 200);
  add_page (few, 1, 1);
  g_assert_true (astern_writer_snapshot (writer, moment (1, 0), 1, some_state (1), many));
  g_assert_true (astern_writer_is_busy (writer));
  g_assert_false (astern_writer_snapshot (writer, moment (2, 0), 2, some_state (2), few));
  end_recording (writer, 3, "quit");
}

/* ---- what is wrong with a file ---- */

static void
assert_error (Fixture *f, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (astern_recording_open (f->path, &error));
  g_assert_error (error, ASTERN_RECORDING_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
a_file_that_is_not_there_is_an_error (Fixture *f, gconstpointer data)
{
  assert_error (f, ASTERN_RECORDING_ERROR_FILE, "There is no recording");
}

static void
another_file_is_no_recording (Fixture *f, gconstpointer data)
{
  g_assert_true (g_file_set_contents (f->path, "GIF89a, and more than a header of SQLite would need, which is one hundred bytes "
                                      "long, so that its length alone does not give it away", -1, NULL));
  assert_error (f, ASTERN_RECORDING_ERROR_FORMAT, "is not a recording");
  g_assert_true (g_file_set_contents (f->path, "", 0, NULL));
  assert_error (f, ASTERN_RECORDING_ERROR_FORMAT, "is not a recording");
}

static void
execute (Fixture *f, const char *sql)
{
  sqlite3 *db;
  int code;

  g_assert_cmpint (sqlite3_open (f->path, &db), ==, SQLITE_OK);
  sqlite3_db_config (db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
  code = sqlite3_exec (db, sql, NULL, NULL, NULL);
  g_assert_cmpint (code, ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
another_database_is_no_recording (Fixture *f, gconstpointer data)
{
  execute (f, "CREATE TABLE journal (a)");
  assert_error (f, ASTERN_RECORDING_ERROR_FORMAT, "is not a recording");
}

static void
a_newer_format_says_so (Fixture *f, gconstpointer data)
{
  end_recording (begin_recording (f, NULL, 0), 1, "quit");
  execute (f, "PRAGMA user_version = 9");
  assert_error (f, ASTERN_RECORDING_ERROR_TOO_NEW, "newer release");
}

static void
tables_of_others_are_not_touched (Fixture *f, gconstpointer data)
{
  end_recording (begin_recording (f, NULL, 0), 1, "quit");
  execute (f, "CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM journal; END");
  assert_error (f, ASTERN_RECORDING_ERROR_DAMAGED, "tables");
}

static void
branches_that_go_in_circles_are_an_error (Fixture *f, gconstpointer data)
{
  end_recording (begin_recording (f, NULL, 0), 1, "quit");
  execute (f, "UPDATE branch SET parent = 0");
  assert_error (f, ASTERN_RECORDING_ERROR_DAMAGED, "branches");
}

static void
assert_bad_source (Fixture *f)
{
  g_autoptr (AsternRecording) recording = open_recording (f);
  g_autoptr (GError) error = NULL;

  g_assert_null (astern_recording_source (recording, "kernel", &error));
  g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_DAMAGED);
}

static void
files_that_lost_a_piece_are_an_error (Fixture *f, gconstpointer data)
{
  static const char *const harm[] = {
    "UPDATE source SET size = size + 1", "UPDATE source SET size = 3", "UPDATE chunk SET data = x'00112233'",
    "UPDATE chunk SET size = size - 1", "UPDATE source SET size = 1 << 60", "UPDATE chunk SET data = substr (data, 1, 20)",
    "UPDATE chunk SET sha = zeroblob (32)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (harm); i++)
    {
      AsternRecordingSource source = { "kernel", pattern (5000) };

      end_recording (begin_recording (f, &source, 1), 1, "quit");
      g_bytes_unref (source.bytes);
      execute (f, harm[i]);
      assert_bad_source (f);
    }
}

static gboolean
take_no_notice (gpointer user, guint64 page, gconstpointer content, GError **error)
{
  return TRUE;
}

static void
pages_that_are_nowhere_are_an_error (Fixture *f, gconstpointer data)
{
  static const char *const harm[] = { "UPDATE snapshot_page SET place = place + 2", "UPDATE snapshot_page SET place = 1 << 62",
                                      "DELETE FROM chunk", "UPDATE chunk SET sha = zeroblob (32)" };

  for (guint i = 0; i < G_N_ELEMENTS (harm); i++)
    {
      AsternWriter *writer = begin_recording (f, NULL, 0);
      GArray *pages = g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));
      g_autoptr (AsternRecording) recording = NULL;
      g_autoptr (GError) error = NULL;

      add_page (pages, 3, 1);
      add_page (pages, 4, 2);
      write_snapshot (writer, 1000, pages);
      end_recording (writer, 3000, "quit");
      execute (f, harm[i]);
      recording = open_recording (f);
      g_assert_false (astern_recording_snapshot_pages (recording, 1, take_no_notice, NULL, &error));
      g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_DAMAGED);
    }
}

static void
a_file_cut_off_anywhere_is_an_error (Fixture *f, gconstpointer data)
{
  AsternRecordingSource source = { "kernel", pattern (300000) };
  AsternWriter *writer = begin_recording (f, &source, 1);
  g_autofree char *bytes = NULL;
  gsize size;

  g_bytes_unref (source.bytes);
  for (guint i = 0; i < 2000; i++)
    write_input (writer, i, 0, "serial0", "some text that was typed");
  end_recording (writer, 2000, "quit");
  g_assert_true (g_file_get_contents (f->path, &bytes, &size, NULL));
  for (gsize part = 1; part < 16; part++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AsternRecording) recording = NULL;
      g_autoptr (GString) journal = g_string_new (NULL);
      g_autoptr (GBytes) kernel = NULL;

      g_assert_true (g_file_set_contents (f->path, bytes, (gssize) (size * part / 16), NULL));
      recording = astern_recording_open (f->path, &error);
      if (recording != NULL && (kernel = astern_recording_source (recording, "kernel", &error)) != NULL)
        astern_recording_journal (recording, append_input, journal, &error);
      g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, "recover"));
    }
}

static void
append_bookmark (gpointer user, AsternMoment at, const char *name, const char *note)
{
  char text[ASTERN_MOMENT_TEXT];

  g_string_append_printf (user, "%s %s (%s)\n", astern_moment_format (at, text), name, note);
}

static void
bookmarks_come_back_by_their_moments (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  end_recording (begin_recording (f, NULL, 0), 1, "quit");
  recording = open_recording (f);
  g_assert_true (astern_recording_add_bookmark (recording, moment (9, 1), "crash", "here it dies", &error));
  g_assert_true (astern_recording_add_bookmark (recording, moment (9, 0), "before", "", &error));
  g_assert_no_error (error);
  astern_recording_free (g_steal_pointer (&recording));
  recording = open_recording (f);
  g_assert_true (astern_recording_bookmarks (recording, append_bookmark, text, &error));
  g_assert_cmpstr (text->str, ==, "@9 before ()\n@9+1 crash (here it dies)\n");
}

static void
another_file_is_not_overwritten (Fixture *f, gconstpointer data)
{
  const AsternRecordingStart start = { fixture_words, fixture_meta, NULL, 0 };
  const AsternWriterFuncs none = { NULL, NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;

  g_assert_true (g_file_set_contents (f->path, "my thesis", -1, NULL));
  g_assert_null (astern_writer_new (f->path, &start, &none, &error));
  g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE);
  g_assert_true (g_file_get_contents (f->path, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, "my thesis");
}

static void
an_earlier_recording_is_replaced (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);

  write_input (writer, 1, 0, "serial0", "old");
  end_recording (writer, 2, "quit");
  end_recording (begin_recording (f, NULL, 0), 3, "quit");
  assert_journal (f, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/trace/recording/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (options_and_facts_come_back);
  ADD (the_head_tells_how_the_run_ended);
  ADD (files_come_back_byte_for_byte);
  ADD (a_file_that_was_not_there_is_none);
  ADD (inputs_come_back_in_order);
  ADD (a_journal_is_read_in_pieces_and_again);
  ADD (a_branch_has_its_parents_inputs_until_it_left);
  ADD (hashes_are_found_by_their_moment);
  ADD (a_snapshot_has_the_latest_of_each_page);
  ADD (a_second_snapshot_waits_for_the_first);
  ADD (a_file_that_is_not_there_is_an_error);
  ADD (another_file_is_no_recording);
  ADD (another_database_is_no_recording);
  ADD (a_newer_format_says_so);
  ADD (tables_of_others_are_not_touched);
  ADD (branches_that_go_in_circles_are_an_error);
  ADD (files_that_lost_a_piece_are_an_error);
  ADD (pages_that_are_nowhere_are_an_error);
  ADD (a_file_cut_off_anywhere_is_an_error);
  ADD (bookmarks_come_back_by_their_moments);
  ADD (another_file_is_not_overwritten);
  ADD (an_earlier_recording_is_replaced);
  return g_test_run ();
}
