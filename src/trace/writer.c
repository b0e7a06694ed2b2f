/* writer.c - see writer.h.
 *
 * The thread sleeps until something is handed over or the next commit or beat is due.  A snapshot is
 * written in small slices between the other pieces: it may take seconds, and must not hold up their commits.  Its row comes
 * last, so that one that was cut off is not found. */
#include "config.h"

#include "trace/writer.h"

#include "core/address.h"
#include "trace/recording.h"
#include "trace/store.h"

#include <glib/gi18n.h>
#include <string.h>

#define COMMIT_AFTER_US 100000
#define BEAT_US         250000
#define SLICE_PAGES     64
#define BLOCK_PAGES     16       /* in a chunk: packed faster and smaller together, and a sixteenth of the rows */
#define SOURCE_CHUNK    (256 << 10)
#define MOST_WAITING    (64u << 20)   /* bytes of inputs that may wait for the disk */
#define PACK_LEVEL      1        /* of zstd: a page in 5 us */

typedef enum
{
  ITEM_INPUT,
  ITEM_CHECKPOINT,
  ITEM_BRANCH,
  ITEM_EVENT,
  ITEM_SNAPSHOT,
  ITEM_PAGES,
  ITEM_SPILL,
  ITEM_UNSPILL,
  ITEM_BOOKMARK,
  ITEM_UNBOOKMARK,
  ITEM_DISK,
  ITEM_DISK_PAGE,
  ITEM_SYNC,
  ITEM_END,
  N_ITEMS
} ItemKind;

typedef struct
{
  ItemKind     kind;
  AsternMoment moment;
  guint64      guest_ns;
  const char  *name;         /* INPUT: port; EVENT: kind */
  char        *text;         /* EVENT; BOOKMARK, DISK: its name; END: ending, (nullable) */
  guint8      *content;      /* DISK_PAGE; (nullable): zeros */
  char        *note;         /* BOOKMARK */
  GBytes      *data;         /* INPUT, SPILL */
  GArray      *array;        /* CHECKPOINT: AsternHashPart; SNAPSHOT, PAGES: AsternWriterPage */
  GVariant    *state;        /* SNAPSHOT */
  guint        number;       /* CHECKPOINT: full; EVENT: cpu; SNAPSHOT: its branch; DISK: read-only */
  guint64      id;           /* SPILL, UNSPILL; BOOKMARK, UNBOOKMARK; DISK, DISK_PAGE */
  guint64      size;         /* DISK: bytes; DISK_PAGE: the page's number */
  GAsyncQueue *done;         /* SYNC: somebody waits for a word here */
} Item;

typedef enum
{
  INSERT_CHUNK, FIND_CHUNK, INSERT_SOURCE, INSERT_PIECE, INSERT_META, INSERT_ARGUMENT,
  INSERT_INPUT, INSERT_CHECKPOINT, INSERT_PART, INSERT_BRANCH, INSERT_EVENT, INSERT_SNAPSHOT, INSERT_PAGE, SET_HEAD,
  INSERT_SPILL, DELETE_SPILL, SET_BOOKMARK, DELETE_BOOKMARK, INSERT_DISK, INSERT_DISK_PAGE,
  N_STATEMENTS
} StatementId;

static const char *const statements[N_STATEMENTS] = {
  [INSERT_CHUNK] = "INSERT INTO chunk (sha, size, data) VALUES (?, ?, ?)",
  [FIND_CHUNK] = "SELECT id FROM chunk WHERE sha = ?",
  [INSERT_SOURCE] = "INSERT INTO source (name, size) VALUES (?, ?)",
  [INSERT_PIECE] = "INSERT INTO source_chunk (source, seq, chunk) VALUES (?, ?, ?)",
  [INSERT_META] = "INSERT INTO meta (key, value) VALUES (?, ?)",
  [INSERT_ARGUMENT] = "INSERT INTO argument (word) VALUES (?)",
  [INSERT_INPUT] = "INSERT INTO journal (branch, icount, step, port, data) VALUES (?1, ?2, ?3, ?4, ?5)",
  [INSERT_CHECKPOINT] = "INSERT INTO checkpoint (branch, icount, step, guest_ns, full) VALUES (?1, ?2, ?3, ?4, ?5)",
  [INSERT_PART] = "INSERT OR REPLACE INTO checkpoint_part (checkpoint, part, hash) VALUES (?, ?, ?)",
  [INSERT_BRANCH] = "INSERT INTO branch (parent, id, icount, step) VALUES (?4, ?1, ?2, ?3)",
  [INSERT_EVENT] = "INSERT INTO event (branch, icount, step, cpu, kind, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
  [INSERT_SNAPSHOT] = "INSERT INTO snapshot (branch, icount, step, guest_ns, state_size, state, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [INSERT_PAGE] = "INSERT INTO snapshot_page (snapshot, page, chunk, place) VALUES (?, ?, ?, ?)",
  [INSERT_SPILL] = "INSERT INTO spill (id, data) VALUES (?, ?)",
  [DELETE_SPILL] = "DELETE FROM spill WHERE id = ?",
  [SET_BOOKMARK] = "INSERT OR REPLACE INTO bookmark (id, icount, step, name, note) VALUES (?1, ?2, ?3, ?4, ?5)",
  [DELETE_BOOKMARK] = "DELETE FROM bookmark WHERE id = ?",
  [INSERT_DISK] = "INSERT INTO disk (id, name, size, readonly) VALUES (?, ?, ?, ?)",
  [INSERT_DISK_PAGE] = "INSERT OR IGNORE INTO disk_page (disk, page, chunk, place) VALUES (?, ?, ?, ?)",
  [SET_HEAD] = "INSERT OR REPLACE INTO head (id, branch, icount, step, guest_ns, ending) VALUES (0, ?1, ?2, ?3, ?4, ?5)",
};

struct _AsternWriter
{
  AsternWriterFuncs funcs;
  GAsyncQueue      *queue;         /* Item */
  GThread          *thread;
  gint              failed;        /* atomic */
  gint              snapshots;     /* atomic: handed over and not yet written: 0 or 1 */
  GError           *error;         /* written by the thread; read after it ended */
  gsize             waiting;       /* who hands over: bytes of inputs since it last waited for the thread */
  guint64           last_spill;    /* who hands over: the last id given */
  gsize             spilled;       /* atomic: the last id committed */

  /* The thread's own. */
  AsternTraceStore       store;
  sqlite3_stmt     *prepared[N_STATEMENTS];
  gboolean          begun;         /* a transaction is open ... */
  gint64            commit_at;     /* ... until this, monotonic us */
  gint64            beat_at;
  guint64           in_transaction;   /* the last id of a spill in it */
  gint64            branch;
  AsternMoment      head;
  guint64           head_ns;
  char             *ending;        /* (nullable) */
  Item             *snapshot;      /* (nullable) being written ... */
  guint             next_page;     /* ... up to this one of its pages */
  gint64            snapshot_id;   /* its number, or that of the last one */
  guint             n_in_block;    /* pages of it that are to be written together */
  guint32           block_pages[BLOCK_PAGES];
  guint8            block[BLOCK_PAGES * ASTERN_PAGE_SIZE];
  guint             n_disk_pages;  /* pages of disks that are to be written together */
  struct { guint64 disk, page; } disk_pages[BLOCK_PAGES];
  guint8            disk_block[BLOCK_PAGES * ASTERN_PAGE_SIZE];
  gboolean          over;          /* the END was taken */
};

static void
free_page (gpointer data)
{
  g_free (((AsternWriterPage *) data)->content);
}

static void
free_item (gpointer data)
{
  Item *item = data;

  if ((item->kind == ITEM_SNAPSHOT || item->kind == ITEM_PAGES) && item->array != NULL)
    g_array_set_clear_func (item->array, free_page);
  g_free (item->text);
  g_free (item->content);
  g_free (item->note);
  g_clear_pointer (&item->data, g_bytes_unref);
  g_clear_pointer (&item->array, g_array_unref);
  g_clear_pointer (&item->state, g_variant_unref);
  if (item->done != NULL)
    {
      g_async_queue_push (item->done, GINT_TO_POINTER (TRUE));
      g_async_queue_unref (item->done);
    }
  g_free (item);
}

/* ---- statements ---- */

/* With the first four columns of most tables bound. */
static sqlite3_stmt *
row_at (AsternWriter *writer, StatementId id, const Item *item)
{
  sqlite3_stmt *row = writer->prepared[id];

  sqlite3_bind_int64 (row, 1, writer->branch);
  sqlite3_bind_int64 (row, 2, (gint64) item->moment.icount);
  sqlite3_bind_int64 (row, 3, item->moment.step);
  return row;
}

static void
bind_bytes (sqlite3_stmt *row, int column, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  sqlite3_bind_blob64 (row, column, size > 0 ? data : "", size, SQLITE_STATIC);
}

static gboolean
run (AsternWriter *writer, StatementId id, GError **error)
{
  return astern_trace_store_run (&writer->store, writer->prepared[id], error);
}

/* ---- chunks ---- */

static gboolean
find_chunk (AsternWriter *writer, const guint8 name[ASTERN_TRACE_STORE_NAME_SIZE], gint64 *id, GError **error)
{
  sqlite3_stmt *row = writer->prepared[FIND_CHUNK];
  gboolean found = FALSE, good;

  sqlite3_bind_blob (row, 1, name, ASTERN_TRACE_STORE_NAME_SIZE, SQLITE_STATIC);
  good = astern_trace_store_step (&writer->store, row, &found, error);
  *id = found ? sqlite3_column_int64 (row, 0) : 0;
  sqlite3_reset (row);
  return good;
}

/* The number of the chunk with this content, which is stored if it is new. */
static gboolean
put_chunk (AsternWriter *writer, gconstpointer data, gsize size, gint64 *id, GError **error)
{
  g_autoptr (GBytes) packed = NULL;
  sqlite3_stmt *row = writer->prepared[INSERT_CHUNK];
  guint8 name[ASTERN_TRACE_STORE_NAME_SIZE];

  astern_trace_store_name (data, size, name);
  if (!find_chunk (writer, name, id, error))
    return FALSE;
  if (*id != 0)
    return TRUE;
  packed = astern_trace_store_pack (data, size, PACK_LEVEL);
  sqlite3_bind_blob (row, 1, name, sizeof name, SQLITE_STATIC);
  sqlite3_bind_int64 (row, 2, (gint64) size);
  bind_bytes (row, 3, packed);
  if (!run (writer, INSERT_CHUNK, error))
    return FALSE;
  *id = sqlite3_last_insert_rowid (writer->store.db);
  return TRUE;
}

/* ---- the pieces ---- */

static gboolean
write_input (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_stmt *row = row_at (writer, INSERT_INPUT, item);

  sqlite3_bind_text (row, 4, item->name, -1, SQLITE_STATIC);
  bind_bytes (row, 5, item->data);
  return run (writer, INSERT_INPUT, error);
}

static gboolean
write_checkpoint (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_stmt *row = row_at (writer, INSERT_CHECKPOINT, item);
  gint64 id;

  sqlite3_bind_int64 (row, 4, (gint64) item->guest_ns);
  sqlite3_bind_int64 (row, 5, item->number);
  if (!run (writer, INSERT_CHECKPOINT, error))
    return FALSE;
  id = sqlite3_last_insert_rowid (writer->store.db);
  row = writer->prepared[INSERT_PART];
  for (guint i = 0; i < item->array->len; i++)
    {
      const AsternHashPart *part = &g_array_index (item->array, AsternHashPart, i);
      char digits[20];

      g_snprintf (digits, sizeof digits, "%016" G_GINT64_MODIFIER "x", part->hash);
      sqlite3_bind_int64 (row, 1, id);
      sqlite3_bind_text (row, 2, part->part, -1, SQLITE_STATIC);
      sqlite3_bind_text (row, 3, digits, -1, SQLITE_STATIC);
      if (!run (writer, INSERT_PART, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_branch (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_stmt *row;
  gint64 parent = writer->branch;

  writer->branch++;
  row = row_at (writer, INSERT_BRANCH, item);
  sqlite3_bind_int64 (row, 4, parent);
  return run (writer, INSERT_BRANCH, error);
}

static gboolean
write_event (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_stmt *row = row_at (writer, INSERT_EVENT, item);

  sqlite3_bind_int64 (row, 4, item->number);
  sqlite3_bind_text (row, 5, item->name, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 6, item->text, -1, SQLITE_STATIC);
  return run (writer, INSERT_EVENT, error);
}

static gboolean
write_spill (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_bind_int64 (writer->prepared[INSERT_SPILL], 1, (gint64) item->id);
  bind_bytes (writer->prepared[INSERT_SPILL], 2, item->data);
  writer->in_transaction = item->id;
  return run (writer, INSERT_SPILL, error);
}

static gboolean
write_unspill (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_bind_int64 (writer->prepared[DELETE_SPILL], 1, (gint64) item->id);
  return run (writer, DELETE_SPILL, error);
}

static gboolean
write_bookmark (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_stmt *row = row_at (writer, SET_BOOKMARK, item);

  sqlite3_bind_int64 (row, 1, (gint64) item->id);
  sqlite3_bind_text (row, 4, item->text, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 5, item->note, -1, SQLITE_STATIC);
  return run (writer, SET_BOOKMARK, error);
}

static gboolean
write_unbookmark (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_bind_int64 (writer->prepared[DELETE_BOOKMARK], 1, (gint64) item->id);
  return run (writer, DELETE_BOOKMARK, error);
}

/* What was spilled is worth nothing without the program that did it. */
static gboolean
drop_spilled (AsternWriter *writer, GError **error)
{
  return writer->in_transaction == 0 || astern_trace_store_exec (&writer->store, "DELETE FROM spill", error);
}

/* ---- disks ---- */

static gboolean
write_disk (AsternWriter *writer, Item *item, GError **error)
{
  sqlite3_stmt *row = writer->prepared[INSERT_DISK];

  sqlite3_bind_int64 (row, 1, (gint64) item->id);
  sqlite3_bind_text (row, 2, item->text, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (row, 3, (gint64) item->size);
  sqlite3_bind_int64 (row, 4, item->number);
  return run (writer, INSERT_DISK, error);
}

/* @chunk 0: zeros. */
static gboolean
write_disk_row (AsternWriter *writer, guint64 disk, guint64 page, gint64 chunk, guint place, GError **error)
{
  sqlite3_stmt *row = writer->prepared[INSERT_DISK_PAGE];

  sqlite3_bind_int64 (row, 1, (gint64) disk);
  sqlite3_bind_int64 (row, 2, (gint64) page);
  if (chunk != 0)
    sqlite3_bind_int64 (row, 3, chunk);
  sqlite3_bind_int64 (row, 4, place);
  return run (writer, INSERT_DISK_PAGE, error);
}

static gboolean
write_disk_block (AsternWriter *writer, GError **error)
{
  guint n = writer->n_disk_pages;
  gint64 chunk;

  writer->n_disk_pages = 0;
  if (n == 0)
    return TRUE;
  if (!put_chunk (writer, writer->disk_block, n * ASTERN_PAGE_SIZE, &chunk, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!write_disk_row (writer, writer->disk_pages[i].disk, writer->disk_pages[i].page, chunk, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_disk_page (AsternWriter *writer, Item *item, GError **error)
{
  guint n = writer->n_disk_pages;

  if (item->content == NULL)
    return write_disk_row (writer, item->id, item->size, 0, 0, error);
  memcpy (writer->disk_block + n * ASTERN_PAGE_SIZE, item->content, ASTERN_PAGE_SIZE);
  writer->disk_pages[n].disk = item->id;
  writer->disk_pages[n].page = item->size;
  writer->n_disk_pages++;
  return writer->n_disk_pages < BLOCK_PAGES || write_disk_block (writer, error);
}

/* ---- snapshots, slice by slice ---- */

/* @chunk 0: zeros. */
static gboolean
write_page (AsternWriter *writer, guint32 page, gint64 chunk, guint place, GError **error)
{
  sqlite3_stmt *row = writer->prepared[INSERT_PAGE];

  sqlite3_bind_int64 (row, 1, writer->snapshot_id);
  sqlite3_bind_int64 (row, 2, page);
  if (chunk != 0)
    sqlite3_bind_int64 (row, 3, chunk);
  sqlite3_bind_int64 (row, 4, place);
  return run (writer, INSERT_PAGE, error);
}

static gboolean
write_block (AsternWriter *writer, GError **error)
{
  guint n = writer->n_in_block;
  gint64 chunk;

  writer->n_in_block = 0;
  if (n == 0)
    return TRUE;
  if (!put_chunk (writer, writer->block, n * ASTERN_PAGE_SIZE, &chunk, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!write_page (writer, writer->block_pages[i], chunk, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
add_to_block (AsternWriter *writer, AsternWriterPage *page, GError **error)
{
  if (page->content == NULL)
    return write_page (writer, page->page, 0, 0, error);
  memcpy (writer->block + writer->n_in_block * ASTERN_PAGE_SIZE, page->content, ASTERN_PAGE_SIZE);
  g_clear_pointer (&page->content, g_free);
  writer->block_pages[writer->n_in_block++] = page->page;
  return writer->n_in_block < BLOCK_PAGES || write_block (writer, error);
}

/* What is left in the block is written with the next ones, or with the snapshot. */
static gboolean
write_pages (AsternWriter *writer, Item *item, GError **error)
{
  gboolean good = TRUE;

  writer->snapshot_id++;
  for (guint i = 0; good && i < item->array->len; i++)
    good = add_to_block (writer, &g_array_index (item->array, AsternWriterPage, i), error);
  writer->snapshot_id--;
  return good;
}

static gboolean
write_snapshot_row (AsternWriter *writer, GError **error)
{
  Item *item = writer->snapshot;
  gsize size = g_variant_get_size (item->state);
  g_autoptr (GBytes) packed = astern_trace_store_pack (g_variant_get_data (item->state), size, PACK_LEVEL);
  sqlite3_stmt *row = row_at (writer, INSERT_SNAPSHOT, item);

  sqlite3_bind_int64 (row, 1, item->number);
  sqlite3_bind_int64 (row, 4, (gint64) item->guest_ns);
  sqlite3_bind_int64 (row, 5, (gint64) size);
  bind_bytes (row, 6, packed);
  sqlite3_bind_int64 (row, 7, writer->snapshot_id);
  return run (writer, INSERT_SNAPSHOT, error);
}

static void
forget_snapshot (AsternWriter *writer)
{
  g_clear_pointer (&writer->snapshot, free_item);
  g_atomic_int_set (&writer->snapshots, 0);
}

static gboolean
write_slice (AsternWriter *writer, GError **error)
{
  GArray *pages = writer->snapshot->array;
  guint end = MIN (writer->next_page + SLICE_PAGES, pages->len);

  for (; writer->next_page < end; writer->next_page++)
    if (!add_to_block (writer, &g_array_index (pages, AsternWriterPage, writer->next_page), error))
      return FALSE;
  if (end < pages->len)
    return TRUE;
  if (!write_block (writer, error) || !write_snapshot_row (writer, error))
    return FALSE;
  forget_snapshot (writer);
  return TRUE;
}

/* ---- the thread ---- */

static gboolean
write_end (AsternWriter *writer, Item *item, GError **error)
{
  writer->ending = g_steal_pointer (&item->text);
  writer->over = TRUE;
  return TRUE;
}

static gboolean (*const write_item[N_ITEMS]) (AsternWriter *writer, Item *item, GError **error) = {
  [ITEM_INPUT] = write_input,
  [ITEM_CHECKPOINT] = write_checkpoint,
  [ITEM_BRANCH] = write_branch,
  [ITEM_EVENT] = write_event,
  [ITEM_PAGES] = write_pages,
  [ITEM_SPILL] = write_spill,
  [ITEM_UNSPILL] = write_unspill,
  [ITEM_BOOKMARK] = write_bookmark,
  [ITEM_UNBOOKMARK] = write_unbookmark,
  [ITEM_DISK] = write_disk,
  [ITEM_DISK_PAGE] = write_disk_page,
  [ITEM_END] = write_end,
};

static gboolean
begin (AsternWriter *writer, GError **error)
{
  if (writer->begun)
    return TRUE;
  writer->begun = TRUE;
  writer->commit_at = g_get_monotonic_time () + COMMIT_AFTER_US;
  return astern_trace_store_exec (&writer->store, "BEGIN", error);
}

static gboolean
commit (AsternWriter *writer, GError **error)
{
  Item head = { .moment = writer->head };
  sqlite3_stmt *row = row_at (writer, SET_HEAD, &head);

  sqlite3_bind_int64 (row, 4, (gint64) writer->head_ns);
  if (writer->ending != NULL)
    sqlite3_bind_text (row, 5, writer->ending, -1, SQLITE_STATIC);
  writer->begun = FALSE;
  if (!write_disk_block (writer, error) || !run (writer, SET_HEAD, error) || !astern_trace_store_exec (&writer->store, "COMMIT", error))
    return FALSE;
  g_atomic_pointer_set (&writer->spilled, (gsize) writer->in_transaction);
  return TRUE;
}

/* The head follows what was handed over; a branch puts it back. */
static void
move_head (AsternWriter *writer, const Item *item)
{
  if (item->kind == ITEM_EVENT || item->kind == ITEM_SPILL || item->kind == ITEM_UNSPILL || item->kind == ITEM_SYNC
      || item->kind == ITEM_BOOKMARK || item->kind == ITEM_UNBOOKMARK || item->kind == ITEM_DISK || item->kind == ITEM_DISK_PAGE
      || item->kind == ITEM_PAGES)
    return;
  writer->head = item->moment;
  if (item->kind != ITEM_BRANCH)
    writer->head_ns = item->guest_ns;
}

static gboolean
take (AsternWriter *writer, Item *item, GError **error)
{
  gboolean good;

  if (!begin (writer, error))
    good = FALSE;
  else if (item->kind == ITEM_SNAPSHOT)
    {
      item->number = (guint) writer->branch;
      writer->snapshot = item;
      writer->next_page = 0;
      writer->snapshot_id++;
      return TRUE;
    }
  else
    good = item->kind == ITEM_SYNC ? commit (writer, error) : write_item[item->kind] (writer, item, error);
  move_head (writer, item);
  free_item (item);
  return good;
}

static void
fail (AsternWriter *writer, GError *error)
{
  writer->error = error;
  g_atomic_int_set (&writer->failed, 1);
  if (writer->snapshot != NULL)
    forget_snapshot (writer);
  if (!sqlite3_get_autocommit (writer->store.db))
    sqlite3_exec (writer->store.db, "ROLLBACK", NULL, NULL, NULL);
  writer->begun = FALSE;
  if (writer->funcs.failed != NULL)
    writer->funcs.failed (writer->funcs.user, error->message);
}

/* How long there is nothing to do unless something comes, us. */
static gint64
time_left (const AsternWriter *writer, gint64 now)
{
  gint64 until = writer->begun ? MIN (writer->commit_at, writer->beat_at) : writer->beat_at;

  return writer->snapshot != NULL ? 0 : MAX (until - now, 0);
}

/* After a failure. */
static void
drop (AsternWriter *writer, Item *item)
{
  writer->over = item->kind == ITEM_END;
  if (item->kind == ITEM_SNAPSHOT)
    g_atomic_int_set (&writer->snapshots, 0);
  free_item (item);
}

static void
work (AsternWriter *writer)
{
  gint64 left = time_left (writer, g_get_monotonic_time ());
  Item *item = left > 0 ? g_async_queue_timeout_pop (writer->queue, (guint64) left) : g_async_queue_try_pop (writer->queue);
  GError *error = NULL;
  gint64 now;
  gboolean good = TRUE;

  if (item != NULL)
    good = take (writer, item, &error);
  else if (writer->snapshot != NULL)
    good = begin (writer, &error) && write_slice (writer, &error);
  now = g_get_monotonic_time ();
  if (good && writer->begun && now >= writer->commit_at)
    good = commit (writer, &error);
  if (!good)
    fail (writer, error);
  if (now >= writer->beat_at)
    {
      writer->beat_at = now + BEAT_US;
      if (writer->funcs.beat != NULL)
        writer->funcs.beat (writer->funcs.user);
    }
}

static gpointer
write_all (gpointer data)
{
  AsternWriter *writer = data;
  GError *error = NULL;

  while (!writer->over)
    if (writer->error == NULL)
      work (writer);
    else
      drop (writer, g_async_queue_pop (writer->queue));
  while (writer->error == NULL && writer->snapshot != NULL)
    if (!begin (writer, &error) || !write_slice (writer, &error))
      fail (writer, g_steal_pointer (&error));
  if (writer->error == NULL && (!begin (writer, &error) || !drop_spilled (writer, &error) || !commit (writer, &error)
                                || (writer->in_transaction != 0 && !astern_trace_store_exec (&writer->store, "VACUUM", &error))
                                || !astern_trace_store_settle (&writer->store, &error)))
    fail (writer, error);
  return NULL;
}

/* ---- the start ---- */

static gboolean
write_pair (AsternWriter *writer, const char *key, const char *value, GError **error)
{
  sqlite3_bind_text (writer->prepared[INSERT_META], 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_text (writer->prepared[INSERT_META], 2, value, -1, SQLITE_STATIC);
  return run (writer, INSERT_META, error);
}

static gboolean
write_source (AsternWriter *writer, const AsternRecordingSource *source, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (source->bytes, &size);
  sqlite3_stmt *row = writer->prepared[INSERT_SOURCE];
  gint64 id, chunk, seq = 0;

  sqlite3_bind_text (row, 1, source->name, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (row, 2, (gint64) size);
  if (!run (writer, INSERT_SOURCE, error))
    return FALSE;
  id = sqlite3_last_insert_rowid (writer->store.db);
  row = writer->prepared[INSERT_PIECE];
  for (gsize at = 0; at < size; at += SOURCE_CHUNK)
    {
      if (!put_chunk (writer, data + at, MIN (size - at, SOURCE_CHUNK), &chunk, error))
        return FALSE;
      sqlite3_bind_int64 (row, 1, id);
      sqlite3_bind_int64 (row, 2, seq++);
      sqlite3_bind_int64 (row, 3, chunk);
      if (!run (writer, INSERT_PIECE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_start (AsternWriter *writer, const AsternRecordingStart *start, GError **error)
{
  if (!begin (writer, error) || !astern_trace_store_exec (&writer->store, "INSERT INTO branch VALUES (0, NULL, 0, 0)", error))
    return FALSE;
  for (const char *const *pair = start->meta; pair[0] != NULL; pair += 2)
    if (!write_pair (writer, pair[0], pair[1], error))
      return FALSE;
  for (const char *const *word = start->arguments; *word != NULL; word++)
    {
      sqlite3_bind_text (writer->prepared[INSERT_ARGUMENT], 1, *word, -1, SQLITE_STATIC);
      if (!run (writer, INSERT_ARGUMENT, error))
        return FALSE;
    }
  for (guint i = 0; i < start->n_sources; i++)
    if (!write_source (writer, &start->sources[i], error))
      return FALSE;
  return commit (writer, error) && astern_trace_store_begin_log (&writer->store, error);
}

static gboolean
prepare (AsternWriter *writer, GError **error)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    if ((writer->prepared[i] = astern_trace_store_prepare (&writer->store, statements[i], error)) == NULL)
      return FALSE;
  return TRUE;
}

static void
free_writer (AsternWriter *writer)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (writer->prepared[i]);
  astern_trace_store_close (&writer->store);
  g_async_queue_unref (writer->queue);
  g_clear_error (&writer->error);
  g_free (writer->ending);
  g_free (writer);
}

AsternWriter *
astern_writer_new (const char *path, const AsternRecordingStart *start, const AsternWriterFuncs *funcs, GError **error)
{
  AsternWriter *writer = g_new0 (AsternWriter, 1);

  writer->funcs = *funcs;
  writer->queue = g_async_queue_new_full (free_item);
  if (!astern_trace_store_create (&writer->store, path, error) || !prepare (writer, error) || !write_start (writer, start, error))
    {
      free_writer (writer);
      return NULL;
    }
  writer->beat_at = g_get_monotonic_time () + BEAT_US;
  writer->thread = g_thread_new ("recording", write_all, writer);
  return writer;
}

/* ---- handing over ---- */

static void
hand_over (AsternWriter *writer, const Item *item)
{
  g_async_queue_push (writer->queue, g_memdup2 (item, sizeof *item));
}

gboolean
astern_writer_sync (AsternWriter *writer)
{
  g_autoptr (GAsyncQueue) done = g_async_queue_new ();

  hand_over (writer, &(Item) { .kind = ITEM_SYNC, .done = g_async_queue_ref (done) });
  g_async_queue_pop (done);
  return !astern_writer_has_failed (writer);
}

gboolean
astern_writer_finish (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, const char *ending, GError **error)
{
  gboolean good;

  hand_over (writer, &(Item) { .kind = ITEM_END, .moment = moment, .guest_ns = guest_ns, .text = g_strdup (ending) });
  g_thread_join (writer->thread);
  good = writer->error == NULL;
  if (!good)
    g_propagate_error (error, g_steal_pointer (&writer->error));
  free_writer (writer);
  return good;
}

void
astern_writer_input (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, const char *port, GBytes *data)
{
  hand_over (writer, &(Item) { .kind = ITEM_INPUT, .moment = moment, .guest_ns = guest_ns, .name = port,
                               .data = g_bytes_ref (data) });
  writer->waiting += g_bytes_get_size (data);
  if (writer->waiting < MOST_WAITING)
    return;
  writer->waiting = 0;
  astern_writer_sync (writer);      /* the machine waits for the disk, in wall time */
}

void
astern_writer_checkpoint (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, gboolean full, GArray *parts)
{
  hand_over (writer, &(Item) { .kind = ITEM_CHECKPOINT, .moment = moment, .guest_ns = guest_ns, .number = full != 0,
                               .array = parts });
}

void
astern_writer_branch (AsternWriter *writer, AsternMoment moment)
{
  hand_over (writer, &(Item) { .kind = ITEM_BRANCH, .moment = moment });
}

void
astern_writer_event (AsternWriter *writer, AsternMoment moment, guint cpu, const char *kind, const char *text)
{
  hand_over (writer, &(Item) { .kind = ITEM_EVENT, .moment = moment, .number = cpu, .name = kind, .text = g_strdup (text) });
}

void
astern_writer_bookmark (AsternWriter *writer, guint64 id, AsternMoment moment, const char *name, const char *note)
{
  hand_over (writer, &(Item) { .kind = ITEM_BOOKMARK, .id = id, .moment = moment, .text = g_strdup (name), .note = g_strdup (note) });
}

void
astern_writer_unbookmark (AsternWriter *writer, guint64 id)
{
  hand_over (writer, &(Item) { .kind = ITEM_UNBOOKMARK, .id = id });
}

void
astern_writer_disk (AsternWriter *writer, guint64 id, const char *name, guint64 size_bytes, gboolean readonly)
{
  hand_over (writer, &(Item) { .kind = ITEM_DISK, .id = id, .text = g_strdup (name), .size = size_bytes, .number = readonly != 0 });
}

void
astern_writer_disk_page (AsternWriter *writer, guint64 id, guint64 page, gconstpointer content)
{
  hand_over (writer, &(Item) { .kind = ITEM_DISK_PAGE, .id = id, .size = page,
                               .content = content != NULL ? g_memdup2 (content, ASTERN_PAGE_SIZE) : NULL });
}

guint64
astern_writer_spill (AsternWriter *writer, GBytes *bytes)
{
  if (astern_writer_has_failed (writer))
    return 0;
  hand_over (writer, &(Item) { .kind = ITEM_SPILL, .id = ++writer->last_spill, .data = g_bytes_ref (bytes) });
  return writer->last_spill;
}

void
astern_writer_unspill (AsternWriter *writer, guint64 id)
{
  if (!astern_writer_has_failed (writer))
    hand_over (writer, &(Item) { .kind = ITEM_UNSPILL, .id = id });
}

guint64
astern_writer_spilled (AsternWriter *writer)
{
  return (gsize) g_atomic_pointer_get (&writer->spilled);
}

gboolean
astern_writer_is_busy (AsternWriter *writer)
{
  return g_atomic_int_get (&writer->snapshots) != 0;
}

gboolean
astern_writer_has_failed (AsternWriter *writer)
{
  return g_atomic_int_get (&writer->failed) != 0;
}

void
astern_writer_pages (AsternWriter *writer, GArray *pages)
{
  hand_over (writer, &(Item) { .kind = ITEM_PAGES, .array = pages });
}

gboolean
astern_writer_snapshot (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, GVariant *state, GArray *pages)
{
  Item item = { .kind = ITEM_SNAPSHOT, .moment = moment, .guest_ns = guest_ns, .array = pages,
                .state = g_variant_ref_sink (state) };

  if (!g_atomic_int_compare_and_exchange (&writer->snapshots, 0, 1))
    {
      free_item (g_memdup2 (&item, sizeof item));
      return FALSE;
    }
  hand_over (writer, &item);
  return TRUE;
}
