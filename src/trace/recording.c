/* recording.c - reading, see recording.h. */
#include "config.h"

#include "trace/recording.h"

#include "core/address.h"
#include "trace/state.h"
#include "trace/store.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_SOURCE_BYTES ((gint64) 1 << 32)
#define MAX_STATE_BYTES  (64 << 20)

/* A stretch of the run: a branch, from where it left its parent (whose part is before) to where the next left it. */
typedef struct
{
  gint64       branch;
  AsternMoment from, until;
} Stretch;

typedef struct
{
  AsternRecordingPageFunc visit;
  gpointer                user;
  sqlite3_stmt           *find_chunk;
  gint64                  chunk;       /* whose content is ... */
  GBytes                 *content;     /* ... this; NULL: of none */
} PageWalk;

struct _AsternRecording
{
  AsternTraceStore         store;
  char               *path;        /* (nullable) */
  AsternRecordingHead head;
  char               *ending;
  GHashTable         *meta;        /* char * -> char * */
  GPtrArray          *arguments;   /* char *, NULL at the end */
  GArray             *stretches;   /* Stretch, in the order of the run */
  sqlite3_stmt       *find_hashes, *find_disk_page;   /* (nullable) */
  PageWalk            disk_pages;      /* its chunk is the last one that was looked at */
};

static const AsternMoment end_of_time = { G_MAXINT64, G_MAXUINT32 };

/* ---- small things ---- */

static AsternMoment
moment_at (sqlite3_stmt *row, int column)
{
  return (AsternMoment) { (guint64) sqlite3_column_int64 (row, column), (guint32) sqlite3_column_int64 (row, column + 1) };
}

static char *
text_at (sqlite3_stmt *row, int column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

/* Calls @take for each row.  FALSE from it ends the walk. */
static gboolean
for_rows (AsternRecording *recording, sqlite3_stmt *statement,
          gboolean (*take) (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error), gpointer data,
          GError **error)
{
  gboolean row, good = statement != NULL;

  while (good && (good = astern_trace_store_step (&recording->store, statement, &row, error)) && row)
    good = take (recording, statement, data, error);
  return good;
}

static gboolean
for_query (AsternRecording *recording, const char *sql,
           gboolean (*take) (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error), gpointer data,
           GError **error)
{
  sqlite3_stmt *statement = astern_trace_store_prepare (&recording->store, sql, error);
  gboolean good = for_rows (recording, statement, take, data, error);

  sqlite3_finalize (statement);
  return good;
}

/* ---- what is read at once ---- */

static gboolean
take_meta (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  g_hash_table_insert (recording->meta, text_at (row, 0), text_at (row, 1));
  return TRUE;
}

static gboolean
take_argument (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  g_ptr_array_add (recording->arguments, text_at (row, 0));
  return TRUE;
}

static gboolean
take_head (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  recording->head.branch = (guint64) sqlite3_column_int64 (row, 0);
  recording->head.moment = moment_at (row, 1);
  recording->head.guest_ns = (guint64) sqlite3_column_int64 (row, 3);
  if (sqlite3_column_type (row, 4) != SQLITE_NULL)
    recording->head.ending = recording->ending = text_at (row, 4);
  *(gboolean *) data = TRUE;
  return TRUE;
}

/* From the head's branch to the first one; a parent is older than its child, so this ends. */
static gboolean
read_stretches (AsternRecording *recording, GError **error)
{
  sqlite3_stmt *statement =
    astern_trace_store_prepare (&recording->store, "SELECT parent, icount, step FROM branch WHERE id = ?", error);
  gint64 branch = (gint64) recording->head.branch;
  AsternMoment until = end_of_time;
  gboolean row = FALSE, good = statement != NULL, more = TRUE;

  while (good && more)
    {
      Stretch stretch = { branch, { 0, 0 }, until };

      sqlite3_reset (statement);
      sqlite3_bind_int64 (statement, 1, branch);
      good = astern_trace_store_step (&recording->store, statement, &row, error);
      if (!good)
        break;
      more = row && sqlite3_column_type (statement, 0) != SQLITE_NULL;
      if (!row || (more && sqlite3_column_int64 (statement, 0) >= branch))
        {
          good = astern_trace_store_damaged (&recording->store, _("its branches do not fit together"), error);
          break;
        }
      until = stretch.from = moment_at (statement, 1);
      branch = sqlite3_column_int64 (statement, 0);
      g_array_prepend_val (recording->stretches, stretch);
    }
  sqlite3_finalize (statement);
  return good;
}

static gboolean
read_all (AsternRecording *recording, GError **error)
{
  gboolean found = FALSE;

  if (!for_query (recording, "SELECT key, value FROM meta", take_meta, NULL, error) ||
      !for_query (recording, "SELECT word FROM argument ORDER BY seq", take_argument, NULL, error) ||
      !for_query (recording, "SELECT branch, icount, step, guest_ns, ending FROM head", take_head, &found, error))
    return FALSE;
  g_ptr_array_add (recording->arguments, NULL);
  if (!found)
    return astern_trace_store_damaged (&recording->store, _("it ends before the run began"), error);
  return read_stretches (recording, error);
}

static AsternRecording *
new_recording (void)
{
  AsternRecording *recording = g_new0 (AsternRecording, 1);

  recording->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  recording->arguments = g_ptr_array_new_with_free_func (g_free);
  recording->stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  return recording;
}

AsternRecording *
astern_recording_open (const char *path, GError **error)
{
  AsternRecording *recording = new_recording ();

  recording->path = g_strdup (path);
  if (astern_trace_store_open (&recording->store, path, error) && read_all (recording, error))
    return recording;
  astern_recording_free (recording);
  return NULL;
}

AsternRecording *
astern_recording_open_bytes (GBytes *bytes, GError **error)
{
  AsternRecording *recording = new_recording ();

  if (astern_trace_store_open_bytes (&recording->store, bytes, error) && read_all (recording, error))
    return recording;
  astern_recording_free (recording);
  return NULL;
}

const char *
astern_recording_path (AsternRecording *recording)
{
  return recording->path;
}

void
astern_recording_free (AsternRecording *recording)
{
  if (recording == NULL)
    return;
  sqlite3_finalize (recording->find_hashes);
  sqlite3_finalize (recording->find_disk_page);
  sqlite3_finalize (recording->disk_pages.find_chunk);
  g_clear_pointer (&recording->disk_pages.content, g_bytes_unref);
  astern_trace_store_close (&recording->store);
  g_hash_table_unref (recording->meta);
  g_ptr_array_unref (recording->arguments);
  g_array_unref (recording->stretches);
  g_free (recording->ending);
  g_free (recording->path);
  g_free (recording);
}

const AsternRecordingHead *
astern_recording_head (AsternRecording *recording)
{
  return &recording->head;
}

const char *const *
astern_recording_arguments (AsternRecording *recording)
{
  return (const char *const *) recording->arguments->pdata;
}

const char *
astern_recording_meta (AsternRecording *recording, const char *key)
{
  return g_hash_table_lookup (recording->meta, key);
}

/* ---- sources ---- */

typedef struct
{
  gint64      id, size;
  GByteArray *bytes;
} Source;

/* Whether the chunk is what column @column names it by. */
static gboolean
has_name (GBytes *chunk, sqlite3_stmt *row, int column)
{
  guint8 name[ASTERN_TRACE_STORE_NAME_SIZE];

  astern_trace_store_name (g_bytes_get_data (chunk, NULL), g_bytes_get_size (chunk), name);
  return sqlite3_column_bytes (row, column) == sizeof name && memcmp (sqlite3_column_blob (row, column), name, sizeof name) == 0;
}

/* The chunk in columns @column, size, data and name; NULL and an error when it is not what it says. */
static GBytes *
unpack_chunk (AsternRecording *recording, sqlite3_stmt *row, int column, GError **error)
{
  gsize packed = (gsize) sqlite3_column_bytes (row, column + 1);
  gint64 size = sqlite3_column_int64 (row, column);
  GBytes *chunk = NULL;

  if (size >= 1 && size <= 1 << 20)
    chunk = astern_trace_store_unpack (sqlite3_column_blob (row, column + 1), packed, (gsize) size);
  if (chunk == NULL)
    astern_trace_store_damaged (&recording->store, _("a piece of it cannot be unpacked"), error);
  else if (!has_name (chunk, row, column + 2))
    {
      g_clear_pointer (&chunk, g_bytes_unref);
      astern_trace_store_damaged (&recording->store, _("a piece of it was changed"), error);
    }
  return chunk;
}

static gboolean
take_source (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  Source *source = data;

  source->id = sqlite3_column_int64 (row, 0);
  source->size = sqlite3_column_int64 (row, 1);
  source->bytes = g_byte_array_new ();
  return TRUE;
}

static gboolean
take_piece (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  Source *source = data;
  g_autoptr (GBytes) piece = unpack_chunk (recording, row, 0, error);

  if (piece == NULL)
    return FALSE;
  if ((gint64) g_bytes_get_size (piece) > source->size - (gint64) source->bytes->len)
    return astern_trace_store_damaged (&recording->store, _("a file in it is longer than it says"), error);
  g_byte_array_append (source->bytes, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
  return TRUE;
}

static gboolean
read_pieces (AsternRecording *recording, Source *source, GError **error)
{
  sqlite3_stmt *statement =
    astern_trace_store_prepare (&recording->store, "SELECT size, data, sha FROM source_chunk JOIN chunk ON chunk.id = source_chunk.chunk "
                                             "WHERE source = ? ORDER BY seq", error);
  gboolean good;

  sqlite3_bind_int64 (statement, 1, source->id);
  good = for_rows (recording, statement, take_piece, source, error);
  sqlite3_finalize (statement);
  if (good && (gint64) source->bytes->len != source->size)
    return astern_trace_store_damaged (&recording->store, _("a file in it is shorter than it says"), error);
  return good;
}

GBytes *
astern_recording_source (AsternRecording *recording, const char *name, GError **error)
{
  sqlite3_stmt *statement = astern_trace_store_prepare (&recording->store, "SELECT id, size FROM source WHERE name = ?", error);
  Source source = { 0, 0, NULL };
  GBytes *result = NULL;
  gboolean good;

  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  good = for_rows (recording, statement, take_source, &source, error);
  sqlite3_finalize (statement);
  if (good && source.bytes != NULL && (source.size < 0 || source.size >= MAX_SOURCE_BYTES))
    good = astern_trace_store_damaged (&recording->store, _("a file in it is too large"), error);
  if (good && source.bytes != NULL && read_pieces (recording, &source, error))
    result = g_byte_array_free_to_bytes (g_steal_pointer (&source.bytes));
  if (source.bytes != NULL)
    g_byte_array_unref (source.bytes);
  return result;
}

/* ---- hashes ---- */

static gboolean
take_hash (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  const char *digits = (const char *) sqlite3_column_text (row, 1);
  guint64 *hash = g_new (guint64, 1);

  if (digits == NULL || !g_ascii_string_to_unsigned (digits, 16, 0, G_MAXUINT64, hash, NULL))
    {
      g_free (hash);
      return astern_trace_store_damaged (&recording->store, _("a hash in it is none"), error);
    }
  g_hash_table_insert (data, text_at (row, 0), hash);
  return TRUE;
}

/* At a moment where a branch left its parent, both have been. */
static gboolean
covers (const Stretch *stretch, AsternMoment moment)
{
  return astern_moment_compare (stretch->from, moment) <= 0 && astern_moment_compare (moment, stretch->until) <= 0;
}

GHashTable *
astern_recording_hashes (AsternRecording *recording, AsternMoment moment, GError **error)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gboolean good = TRUE;

  if (recording->find_hashes == NULL)
    recording->find_hashes =
      astern_trace_store_prepare (&recording->store, "SELECT part, hash FROM checkpoint JOIN checkpoint_part ON checkpoint = id "
                                               "WHERE icount = ? AND step = ? AND branch = ?", error);
  if (recording->find_hashes == NULL)
    return NULL;
  for (guint i = 0; good && i < recording->stretches->len; i++)
    {
      const Stretch *stretch = &g_array_index (recording->stretches, Stretch, i);

      if (!covers (stretch, moment))
        continue;
      sqlite3_bind_int64 (recording->find_hashes, 1, (gint64) moment.icount);
      sqlite3_bind_int64 (recording->find_hashes, 2, moment.step);
      sqlite3_bind_int64 (recording->find_hashes, 3, stretch->branch);
      good = for_rows (recording, recording->find_hashes, take_hash, hashes, error);
      sqlite3_reset (recording->find_hashes);
    }
  return good && g_hash_table_size (hashes) > 0 ? g_steal_pointer (&hashes) : NULL;
}

/* ---- snapshots ---- */

static gboolean
take_snapshot (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  AsternRecordingSnapshot *snapshot = data;

  snapshot->id = (guint64) sqlite3_column_int64 (row, 0);
  snapshot->moment = moment_at (row, 1);
  snapshot->guest_ns = (guint64) sqlite3_column_int64 (row, 3);
  return TRUE;
}

/* TRUE without a snapshot when @snapshot->id stays 0. */
gboolean
astern_recording_find_snapshot (AsternRecording *recording, AsternMoment moment, AsternRecordingSnapshot *snapshot,
                                GError **error)
{
  sqlite3_stmt *statement =
    astern_trace_store_prepare (&recording->store, "SELECT id, icount, step, guest_ns FROM snapshot WHERE branch = ?1 "
                                             "AND (icount, step) <= (?2, ?3) AND (icount, step) <= (?4, ?5) "
                                             "ORDER BY id DESC LIMIT 1", error);
  gboolean good = statement != NULL;

  snapshot->id = 0;
  for (guint i = recording->stretches->len; good && snapshot->id == 0 && i-- > 0;)
    {
      const Stretch *stretch = &g_array_index (recording->stretches, Stretch, i);

      sqlite3_reset (statement);
      sqlite3_bind_int64 (statement, 1, stretch->branch);
      sqlite3_bind_int64 (statement, 2, (gint64) MIN (moment.icount, (guint64) G_MAXINT64));
      sqlite3_bind_int64 (statement, 3, moment.step);
      sqlite3_bind_int64 (statement, 4, (gint64) stretch->until.icount);
      sqlite3_bind_int64 (statement, 5, stretch->until.step);
      good = for_rows (recording, statement, take_snapshot, snapshot, error);
    }
  sqlite3_finalize (statement);
  return good && snapshot->id != 0;
}

static gboolean
take_state (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  GVariant **state = data;
  gsize packed = (gsize) sqlite3_column_bytes (row, 1);
  gint64 size = sqlite3_column_int64 (row, 0);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) read = NULL;

  if (size > 0 && size <= MAX_STATE_BYTES)
    bytes = astern_trace_store_unpack (sqlite3_column_blob (row, 1), packed, (gsize) size);
  if (bytes == NULL)
    return astern_trace_store_damaged (&recording->store, _("a state in it cannot be unpacked"), error);
  read = g_variant_ref_sink (g_variant_new_from_bytes (ASTERN_STATE_TYPE, bytes, FALSE));
  *state = g_variant_get_normal_form (read);
  return TRUE;
}

GVariant *
astern_recording_snapshot_state (AsternRecording *recording, guint64 id, GError **error)
{
  sqlite3_stmt *statement = astern_trace_store_prepare (&recording->store, "SELECT state_size, state FROM snapshot WHERE id = ?", error);
  GVariant *state = NULL;

  sqlite3_bind_int64 (statement, 1, (gint64) id);
  if (for_rows (recording, statement, take_state, &state, error) && state == NULL)
    astern_trace_store_damaged (&recording->store, _("a state in it cannot be unpacked"), error);
  sqlite3_finalize (statement);
  return state;
}

static gboolean
take_chunk (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  PageWalk *walk = data;

  walk->content = unpack_chunk (recording, row, 0, error);
  return walk->content != NULL;
}

/* Pages come in the order of their chunks. */
static gboolean
get_chunk (AsternRecording *recording, PageWalk *walk, gint64 chunk, GError **error)
{
  if (walk->content != NULL && walk->chunk == chunk)
    return TRUE;
  g_clear_pointer (&walk->content, g_bytes_unref);
  walk->chunk = chunk;
  sqlite3_reset (walk->find_chunk);
  sqlite3_bind_int64 (walk->find_chunk, 1, chunk);
  if (!for_rows (recording, walk->find_chunk, take_chunk, walk, error))
    return FALSE;
  return walk->content != NULL || astern_trace_store_damaged (&recording->store, _("a piece of it is missing"), error);
}

static gboolean
take_page (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  PageWalk *walk = data;
  const guint8 *content = NULL;
  guint64 place = (guint64) sqlite3_column_int64 (row, 2);

  if (sqlite3_column_type (row, 1) != SQLITE_NULL)
    {
      if (!get_chunk (recording, walk, sqlite3_column_int64 (row, 1), error))
        return FALSE;
      if (place >= g_bytes_get_size (walk->content) / ASTERN_PAGE_SIZE)
        return astern_trace_store_damaged (&recording->store, _("a page is not in the piece where it should be"), error);
      content = (const guint8 *) g_bytes_get_data (walk->content, NULL) + place * ASTERN_PAGE_SIZE;
    }
  return walk->visit (walk->user, (guint64) sqlite3_column_int64 (row, 0), content, error);
}

/* Of each page, what the latest snapshot up to @id has of it. */
gboolean
astern_recording_snapshot_pages (AsternRecording *recording, guint64 id, AsternRecordingPageFunc visit, gpointer user,
                                 GError **error)
{
  sqlite3_stmt *statement =
    astern_trace_store_prepare (&recording->store, "SELECT p.page, p.chunk, p.place FROM "
                                             "(SELECT page, max (snapshot) AS last FROM snapshot_page WHERE snapshot <= ? "
                                             " GROUP BY page) AS l "
                                             "JOIN snapshot_page AS p ON p.snapshot = l.last AND p.page = l.page "
                                             "ORDER BY p.chunk, p.place", error);
  PageWalk walk = { .visit = visit, .user = user };
  gboolean good;

  if (statement != NULL)
    walk.find_chunk = astern_trace_store_prepare (&recording->store, "SELECT size, data, sha FROM chunk WHERE id = ?", error);
  sqlite3_bind_int64 (statement, 1, (gint64) id);
  good = walk.find_chunk != NULL && for_rows (recording, statement, take_page, &walk, error);
  g_clear_pointer (&walk.content, g_bytes_unref);
  sqlite3_finalize (walk.find_chunk);
  sqlite3_finalize (statement);
  return good;
}

/* ---- disks ---- */

static gboolean
take_disk (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  *(AsternRecordingDisk *) data = (AsternRecordingDisk) { sqlite3_column_int64 (row, 0), (guint64) sqlite3_column_int64 (row, 1),
                                                          sqlite3_column_int (row, 2) };
  return TRUE;
}

gboolean
astern_recording_disk (AsternRecording *recording, const char *name, AsternRecordingDisk *disk, GError **error)
{
  sqlite3_stmt *statement = astern_trace_store_prepare (&recording->store, "SELECT id, size, readonly FROM disk WHERE name = ?", error);
  gboolean good;

  *disk = (AsternRecordingDisk) { .id = -1 };
  if (statement != NULL)
    sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  good = for_rows (recording, statement, take_disk, disk, error);
  sqlite3_finalize (statement);
  if (good && disk->size > (G_GUINT64_CONSTANT (1) << 44))
    return astern_trace_store_damaged (&recording->store, _("a disk in it is too large"), error);
  return good && disk->id >= 0;
}

static gboolean
put_disk_page (gpointer user, guint64 page, gconstpointer content, GError **error)
{
  guint8 **to = user;

  if (content != NULL)
    memcpy (*to, content, ASTERN_PAGE_SIZE);
  else
    memset (*to, 0, ASTERN_PAGE_SIZE);
  *to = NULL;
  return TRUE;
}

gboolean
astern_recording_disk_page (AsternRecording *recording, const AsternRecordingDisk *disk, guint64 page, gpointer content, GError **error)
{
  guint8 *to = content;
  gboolean good;

  if (recording->find_disk_page == NULL)
    {
      recording->find_disk_page = astern_trace_store_prepare (&recording->store, "SELECT page, chunk, place FROM disk_page "
                                                                           "WHERE disk = ? AND page = ?", error);
      recording->disk_pages.find_chunk =
        astern_trace_store_prepare (&recording->store, "SELECT size, data, sha FROM chunk WHERE id = ?", error);
    }
  if (recording->find_disk_page == NULL || recording->disk_pages.find_chunk == NULL)
    return FALSE;
  recording->disk_pages.visit = put_disk_page;
  recording->disk_pages.user = &to;
  sqlite3_reset (recording->find_disk_page);
  sqlite3_bind_int64 (recording->find_disk_page, 1, disk->id);
  sqlite3_bind_int64 (recording->find_disk_page, 2, (gint64) page);
  good = for_rows (recording, recording->find_disk_page, take_page, &recording->disk_pages, error);
  if (good && to != NULL)
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE,
                   _("The recording has not the part of a disk that is read now, because the run did not read it."));
      return FALSE;
    }
  return good;
}

/* ---- for people ---- */

static gboolean
take_number (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  *(gint64 *) data = sqlite3_column_int64 (row, 0);
  return TRUE;
}

gboolean
astern_recording_number (AsternRecording *recording, const char *sql, gint64 *number, GError **error)
{
  *number = 0;
  return for_query (recording, sql, take_number, number, error);
}

typedef struct
{
  AsternRecordingBookmarkFunc visit;
  gpointer                    user;
} BookmarkWalk;

static gboolean
take_bookmark (AsternRecording *recording, sqlite3_stmt *row, gpointer data, GError **error)
{
  const BookmarkWalk *walk = data;
  g_autofree char *name = text_at (row, 2);
  g_autofree char *note = text_at (row, 3);

  walk->visit (walk->user, moment_at (row, 0), name, note);
  return TRUE;
}

gboolean
astern_recording_bookmarks (AsternRecording *recording, AsternRecordingBookmarkFunc visit, gpointer user, GError **error)
{
  BookmarkWalk walk = { visit, user };

  return for_query (recording, "SELECT icount, step, name, note FROM bookmark ORDER BY icount, step, id", take_bookmark, &walk,
                    error);
}

gboolean
astern_recording_add_bookmark (AsternRecording *recording, AsternMoment moment, const char *name, const char *note,
                               GError **error)
{
  sqlite3_stmt *statement =
    astern_trace_store_prepare (&recording->store, "INSERT INTO bookmark (icount, step, name, note) VALUES (?, ?, ?, ?)", error);
  gboolean good;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) MIN (moment.icount, (guint64) G_MAXINT64));
  sqlite3_bind_int64 (statement, 2, moment.step);
  sqlite3_bind_text (statement, 3, name, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 4, note, -1, SQLITE_STATIC);
  good = astern_trace_store_run (&recording->store, statement, error);
  sqlite3_finalize (statement);
  return good;
}

AsternTraceStore *
astern_recording_store (AsternRecording *recording)
{
  return &recording->store;
}

gboolean
astern_recording_stretch (AsternRecording *recording, guint i, gint64 *branch, AsternMoment *until)
{
  const Stretch *stretch;

  if (i >= recording->stretches->len)
    return FALSE;
  stretch = &g_array_index (recording->stretches, Stretch, i);
  *branch = stretch->branch;
  *until = stretch->until;
  return TRUE;
}
