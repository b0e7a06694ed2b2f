/* journal-reader.c - see journal-reader.h. */
#include "config.h"

#include "trace/journal-reader.h"

#include "trace/recording-private.h"

#include <glib/gi18n.h>

/* A piece. */
#define MOST_BYTES (256 << 10)
#define MOST_LINES 4096

struct _AsternJournalReader
{
  AsternRecording *recording;
  sqlite3_stmt    *next;       /* (nullable) stands behind the last line that was read */
  sqlite3_stmt    *again;      /* (nullable) */
  guint            stretch;    /* of the run */
  AsternMoment     until;      /* the stretch's end */
  AsternMoment     last;
};

AsternJournalReader *
astern_journal_reader_new (AsternRecording *recording)
{
  AsternJournalReader *reader = g_new0 (AsternJournalReader, 1);

  reader->recording = recording;
  return reader;
}

void
astern_journal_reader_free (AsternJournalReader *reader)
{
  if (reader == NULL)
    return;
  sqlite3_finalize (reader->next);
  sqlite3_finalize (reader->again);
  g_free (reader);
}

static AsternMoment
moment_of (sqlite3_stmt *row)
{
  return (AsternMoment) { (guint64) sqlite3_column_int64 (row, 1), (guint32) sqlite3_column_int64 (row, 2) };
}

static gboolean
tell (sqlite3_stmt *row, AsternRecordingInputFunc visit, gpointer user, GError **error)
{
  const char *text = (const char *) sqlite3_column_text (row, 3);
  g_autofree char *port = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (row, 4), (gsize) sqlite3_column_bytes (row, 4));

  return visit (user, moment_of (row), port, bytes, error);
}

/* FALSE without error: there is none. */
static gboolean
begin_stretch (AsternJournalReader *reader, GError **error)
{
  gint64 branch;

  if (!astern_recording_stretch (reader->recording, reader->stretch, &branch, &reader->until))
    return FALSE;
  reader->next = astern_trace_store_prepare (astern_recording_store (reader->recording),
                                             "SELECT id, icount, step, port, data FROM journal WHERE branch = ? ORDER BY id", error);
  if (reader->next == NULL)
    return FALSE;
  sqlite3_bind_int64 (reader->next, 1, branch);
  return TRUE;
}

/* TRUE: there is one; FALSE without error: the stretch is over. */
static gboolean
step (AsternJournalReader *reader, GError **error)
{
  AsternTraceStore *store = astern_recording_store (reader->recording);
  gboolean row;

  if (!astern_trace_store_step (store, reader->next, &row, error))
    return FALSE;
  if (!row || astern_moment_compare (moment_of (reader->next), reader->until) >= 0)
    {
      g_clear_pointer (&reader->next, sqlite3_finalize);
      reader->stretch++;
      return FALSE;
    }
  if (astern_moment_compare (moment_of (reader->next), reader->last) < 0)
    return astern_trace_store_damaged (store, _("its journal is not in order"), error);
  reader->last = moment_of (reader->next);
  return TRUE;
}

gboolean
astern_journal_reader_next (AsternJournalReader *reader, AsternMoment from, AsternRecordingInputFunc visit, gpointer user, guint64 *place,
                            GError **error)
{
  GError *failed = NULL;
  gsize bytes = 0;

  *place = 0;
  for (guint n = 0; n < MOST_LINES && bytes < MOST_BYTES;)
    {
      if (reader->next == NULL && !begin_stretch (reader, &failed))
        break;
      if (!step (reader, &failed))
        {
          if (failed != NULL || n > 0)         /* a piece is of one stretch */
            break;
          continue;
        }
      if (astern_moment_compare (reader->last, from) < 0)
        continue;
      if (n++ == 0)
        *place = (guint64) sqlite3_column_int64 (reader->next, 0);
      bytes += (gsize) sqlite3_column_bytes (reader->next, 4);
      if (!tell (reader->next, visit, user, &failed))
        break;
    }
  if (failed != NULL)
    g_propagate_error (error, failed);
  return failed == NULL;
}

gboolean
astern_journal_reader_again (AsternJournalReader *reader, guint64 place, guint n, AsternRecordingInputFunc visit, gpointer user,
                             GError **error)
{
  AsternTraceStore *store = astern_recording_store (reader->recording);
  gboolean row, good = TRUE;

  if (reader->again == NULL
      && (reader->again = astern_trace_store_prepare (store,
            "SELECT id, icount, step, port, data FROM journal WHERE id >= ?1 AND branch = (SELECT branch FROM journal WHERE id = ?1) "
            "ORDER BY id LIMIT ?2", error)) == NULL)
    return FALSE;
  sqlite3_reset (reader->again);
  sqlite3_bind_int64 (reader->again, 1, (gint64) place);
  sqlite3_bind_int64 (reader->again, 2, n);
  while (good && (good = astern_trace_store_step (store, reader->again, &row, error)) && row)
    good = tell (reader->again, visit, user, error);
  sqlite3_reset (reader->again);
  return good;
}

gboolean
astern_recording_journal (AsternRecording *recording, AsternRecordingInputFunc visit, gpointer user, GError **error)
{
  g_autoptr (AsternJournalReader) reader = astern_journal_reader_new (recording);
  guint64 place;

  do
    if (!astern_journal_reader_next (reader, (AsternMoment) { 0, 0 }, visit, user, &place, error))
      return FALSE;
  while (place != 0);
  return TRUE;
}
