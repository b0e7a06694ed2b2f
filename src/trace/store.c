/* store.c - see store.h.
 * Source: SQLite's documentation ("Defense Against The Dark Arts" for files of others).
 *
 * Write-ahead logging with synchronous=NORMAL: a commit is a write() without fsync, so the
 * kill of the program loses nothing that was committed, and a power cut at worst the last
 * commits, never the file, once the first log was copied into it (some seconds): what is known before the run
 * is written straight into the file and not waited for. */
#include "config.h"

#include "trace/store.h"

#include "trace/recording.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <nettle/sha2.h>
#include <string.h>
#include <zstd.h>

G_DEFINE_QUARK (astern-recording-error-quark, astern_recording_error)

gboolean
astern_trace_store_damaged (AsternTraceStore *store, const char *what, GError **error)
{
  g_autoptr (GString) shown = g_string_new (NULL);

  astern_recording_append_printable (shown, what);   /* SQLite quotes names out of the file */
  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_DAMAGED,
               /* Translators: a file's name, and what is wrong */
               _("The recording “%s” is damaged: %s. “sqlite3 FILE .recover” may save some of it."), store->name, shown->str);
  return FALSE;
}

gboolean
astern_trace_store_fail (AsternTraceStore *store, GError **error)
{
  int code = sqlite3_errcode (store->db) & 0xff;

  switch (code)
    {
    case SQLITE_NOTADB:
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FORMAT,
                   _("“%s” is not a recording; recordings are made with “astern run -record FILE”."), store->name);
      return FALSE;
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
      return astern_trace_store_damaged (store, sqlite3_errmsg (store->db), error);
    default:
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE,
                   _("Cannot use the recording “%s”: %s. Look at its permissions and at the room on its disk."),
                   store->name, sqlite3_errmsg (store->db));
      return FALSE;
    }
}

gboolean
astern_trace_store_exec (AsternTraceStore *store, const char *sql, GError **error)
{
  return sqlite3_exec (store->db, sql, NULL, NULL, NULL) == SQLITE_OK || astern_trace_store_fail (store, error);
}

sqlite3_stmt *
astern_trace_store_prepare (AsternTraceStore *store, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (store->db, sql, -1, &statement, NULL) != SQLITE_OK)
    astern_trace_store_fail (store, error);
  return statement;
}

gboolean
astern_trace_store_step (AsternTraceStore *store, sqlite3_stmt *statement, gboolean *row, GError **error)
{
  int code = sqlite3_step (statement);

  *row = code == SQLITE_ROW;
  return *row || code == SQLITE_DONE || astern_trace_store_fail (store, error);
}

gboolean
astern_trace_store_run (AsternTraceStore *store, sqlite3_stmt *statement, GError **error)
{
  gboolean row, done = astern_trace_store_step (store, statement, &row, error);

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return done;
}

/* ---- opening ---- */

static void
remove_beside (const char *path, const char *suffix)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);

  g_unlink (name);
}

/* SQLite's header, with our mark where it keeps the application's. */
#define HEADER_SIZE 72

static gboolean
is_ours (const guint8 *header, gsize size)
{
  static const guint8 mark[4] = { 0x41, 0x73, 0x74, 0x6e };
  static const char sqlite[16] = "SQLite format 3";

  return size >= HEADER_SIZE && memcmp (header, sqlite, sizeof sqlite) == 0 && memcmp (header + 68, mark, sizeof mark) == 0;
}

gboolean
astern_recording_recognise (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return is_ours (data, size);
}

/* An empty file, or one of ours, may be replaced. */
gboolean
astern_trace_store_may_replace (const char *path, GError **error)
{
  guint8 header[HEADER_SIZE] = { 0 };
  FILE *file = g_fopen (path, "rbe");
  gsize got;

  if (file == NULL && errno == ENOENT)
    return TRUE;
  got = file != NULL ? fread (header, 1, sizeof header, file) : 0;
  if (file != NULL)
    fclose (file);
  if (file != NULL && (got == 0 || is_ours (header, got)))
    return TRUE;
  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE,
               _("“%s” is there already and is not a recording; give another name, or remove it."), path);
  return FALSE;
}

static gboolean
open_file (AsternTraceStore *store, const char *name, int flags, GError **error)
{
  if (sqlite3_open_v2 (name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    return TRUE;
  return astern_trace_store_fail (store, error);
}

gboolean
astern_trace_store_create (AsternTraceStore *store, const char *path, GError **error)
{
  g_autofree char *pragmas = NULL;

  store->name = g_strdup (path);
  if (!astern_trace_store_may_replace (path, error))
    return FALSE;
  remove_beside (path, "");
  remove_beside (path, "-wal");
  remove_beside (path, "-shm");
  pragmas = g_strdup_printf ("PRAGMA page_size = 8192; PRAGMA application_id = %d; PRAGMA user_version = %d;"
                             "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;",
                             ASTERN_RECORDING_APPLICATION_ID, ASTERN_RECORDING_FORMAT);
  return open_file (store, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error) &&
         astern_trace_store_exec (store, pragmas, error) && astern_trace_store_exec (store, "BEGIN", error) &&
         astern_trace_store_exec (store, astern_trace_store_schema, error) && astern_trace_store_exec (store, "COMMIT", error);
}

gboolean
astern_trace_store_begin_log (AsternTraceStore *store, GError **error)
{
  return astern_trace_store_exec (store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", error);
}

static gboolean
pragma_number (AsternTraceStore *store, const char *sql, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = astern_trace_store_prepare (store, sql, error);
  gboolean row = FALSE;
  gboolean done = statement != NULL && astern_trace_store_step (store, statement, &row, error);

  *number = row ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_finalize (statement);
  return done;
}

/* The file's tables are those that we know, word by word: no view or trigger of someone else's runs. */
static gboolean
check_schema (AsternTraceStore *store, GError **error)
{
  static const char list[] = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
  AsternTraceStore ours = { NULL, store->name };
  sqlite3_stmt *theirs = NULL, *wanted = NULL;
  gboolean row = TRUE, other = TRUE, same = TRUE, done;

  done = open_file (&ours, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, error) &&
         astern_trace_store_exec (&ours, astern_trace_store_schema, error) &&
         (wanted = astern_trace_store_prepare (&ours, list, error)) != NULL &&
         (theirs = astern_trace_store_prepare (store, list, error)) != NULL;
  while (done && same && (row || other))
    {
      done = astern_trace_store_step (&ours, wanted, &row, error) && astern_trace_store_step (store, theirs, &other, error);
      same = done && row == other &&
             (!row || g_strcmp0 ((const char *) sqlite3_column_text (wanted, 0),
                                 (const char *) sqlite3_column_text (theirs, 0)) == 0);
    }
  sqlite3_finalize (wanted);
  sqlite3_finalize (theirs);
  sqlite3_close (ours.db);
  if (done && !same)
    return astern_trace_store_damaged (store, _("its tables are not those of a recording"), error);
  return done;
}

static gboolean
check_format (AsternTraceStore *store, GError **error)
{
  gint64 application, format;

  if (!pragma_number (store, "PRAGMA application_id", &application, error) ||
      !pragma_number (store, "PRAGMA user_version", &format, error))
    return FALSE;
  if (application != ASTERN_RECORDING_APPLICATION_ID)
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FORMAT,
                   _("“%s” is not a recording; recordings are made with “astern run -record FILE”."), store->name);
      return FALSE;
    }
  if (format > ASTERN_RECORDING_FORMAT)
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_TOO_NEW,
                   _("The recording “%s” has format %d, and this version reads up to %d. Open it with a newer release."),
                   store->name, (int) format, ASTERN_RECORDING_FORMAT);
      return FALSE;
    }
  if (format < 1)
    return astern_trace_store_damaged (store, _("its format has no number"), error);
  return check_schema (store, error);
}

/* For files that others made: their schema is not trusted, and no statement may be used to break out of it. */
static void
be_careful (AsternTraceStore *store)
{
  int was;

  sqlite3_db_config (store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, &was);
  sqlite3_db_config (store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &was);
  sqlite3_limit (store->db, SQLITE_LIMIT_LENGTH, 256 << 20);
  sqlite3_limit (store->db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_exec (store->db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", NULL, NULL, NULL);
}

/* A run that was cut off has left a log beside the file, which SQLite takes up when it may write there. */
gboolean
astern_trace_store_open (AsternTraceStore *store, const char *path, GError **error)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *escaped = g_uri_escape_string (path, "/", FALSE);
  g_autofree char *uri = g_strconcat ("file:", escaped, "?immutable=1", NULL);

  store->name = g_strdup (path);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE, _("There is no recording “%s”."), path);
      return FALSE;
    }
  if (g_access (path, W_OK) == 0 || g_file_test (log, G_FILE_TEST_EXISTS))
    {
      if (!open_file (store, path, SQLITE_OPEN_READWRITE, error))
        return FALSE;
    }
  else if (!open_file (store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error))
    return FALSE;
  sqlite3_busy_timeout (store->db, 2000);
  be_careful (store);
  return check_format (store, error);
}

/* SQLite cannot keep a log beside a file in memory, so such a file is read as if its log were empty: that is what two
 * bytes of the header say. */
gboolean
astern_trace_store_open_bytes (AsternTraceStore *store, GBytes *bytes, GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  guint8 *copy;

  store->name = g_strdup (_("recording in memory"));
  if (!open_file (store, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, error))
    return FALSE;
  copy = sqlite3_malloc64 (MAX (size, 1));
  g_assert (copy != NULL);
  if (size > 0)
    memcpy (copy, data, size);
  if (size > 20)
    copy[18] = copy[19] = 1;
  if (sqlite3_deserialize (store->db, "main", copy, (sqlite3_int64) size, (sqlite3_int64) size,
                           SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return astern_trace_store_fail (store, error);
  be_careful (store);
  return check_format (store, error);
}

gboolean
astern_trace_store_settle (AsternTraceStore *store, GError **error)
{
  return astern_trace_store_exec (store, "PRAGMA wal_checkpoint (TRUNCATE); PRAGMA journal_mode = DELETE", error);
}

void
astern_trace_store_close (AsternTraceStore *store)
{
  g_clear_pointer (&store->db, sqlite3_close);
  g_clear_pointer (&store->name, g_free);
}

/* ---- names and packing ---- */

void
astern_trace_store_name (gconstpointer data, gsize size, guint8 name[ASTERN_TRACE_STORE_NAME_SIZE])
{
  struct sha256_ctx sha;

  G_STATIC_ASSERT (ASTERN_TRACE_STORE_NAME_SIZE == SHA256_DIGEST_SIZE);
  sha256_init (&sha);
  sha256_update (&sha, size, data);
  sha256_digest (&sha, ASTERN_TRACE_STORE_NAME_SIZE, name);
}

GBytes *
astern_trace_store_pack (gconstpointer data, gsize size, int level)
{
  gsize room = ZSTD_compressBound (size);
  guint8 *packed = g_malloc (room);
  gsize used = ZSTD_compress (packed, room, data, size, level);

  g_assert (!ZSTD_isError (used));
  return g_bytes_new_take (g_realloc (packed, used), used);
}

GBytes *
astern_trace_store_unpack (gconstpointer data, gsize packed, gsize size)
{
  g_autofree guint8 *whole = NULL;
  gsize got;

  if (packed == 0 || ZSTD_getFrameContentSize (data, packed) != size)
    return NULL;
  whole = g_malloc (size);
  got = ZSTD_decompress (whole, size, data, packed);
  if (ZSTD_isError (got) || got != size)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&whole), size);
}
