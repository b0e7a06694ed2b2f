/* recorder.c - see recorder.h.
 *
 * When something is hashed or kept is up to the host's clock; the moments at which it is done are in the
 * journal, so that the run does not depend on it. */
#include "config.h"

#include "trace/recorder.h"

#include "core/disk.h"
#include "trace/dirty.h"
#include "trace/state.h"
#include "trace/store.h"

#include <glib/gi18n.h>
#include <string.h>

#define SHARE              100                          /* memory's hash and snapshots: one part in so many of the time */
/* A machine whose written memory is larger is not kept whole: the copy would stop it for too long. */
#define MAX_SNAPSHOT_PAGES ((1u << 30) >> ASTERN_PAGE_BITS)

/* Something dear that is done now and then. */
typedef struct
{
  gint64 last_us, cost_us;
} Dear;

struct _AsternRecorder
{
  AsternMachine        *machine;
  AsternWriter         *writer;
  AsternRecorderOptions options;
  AsternDirty          *dirty;         /* (nullable) */
  guint                 port;
  gint                  asked;         /* atomic: a checkpoint is at the door */
  AsternMoment          head;          /* the last moment that was handed over ... */
  guint64               head_ns;       /* ... and its guest time */
  Dear                  full, snapshot;
  guint                 n_disks;       /* that were handed over */
  char                 *path;
  AsternTraceStore           reader;        /* of what was spilled; db is NULL until something is asked for */
  sqlite3_stmt         *find_spill;    /* (nullable) */
};

/* ---- hashes ---- */

static void
add_part (const char *part, guint64 hash, gpointer data)
{
  AsternHashPart entry = { .hash = hash };

  g_strlcpy (entry.part, part, sizeof entry.part);
  g_array_append_val ((GArray *) data, entry);
}

GArray *
astern_recorder_hash (AsternMachine *machine, gboolean full)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (AsternHashPart));

  if (full)
    astern_machine_hash_parts (machine, add_part, parts);
  else
    astern_machine_hash_small_parts (machine, add_part, parts);
  return parts;
}

static gboolean
is_due (const Dear *dear, gint64 least_us, gint64 now)
{
  return now - dear->last_us >= MAX (least_us, SHARE * dear->cost_us);
}

static void
done (Dear *dear, gint64 began)
{
  dear->last_us = g_get_monotonic_time ();
  dear->cost_us = dear->last_us - began;
}

static void
move_head (AsternRecorder *recorder, AsternMoment moment)
{
  recorder->head = moment;
  recorder->head_ns = astern_clock_now_ns (&recorder->machine->clock);
}

static void
checkpoint (AsternRecorder *recorder, gboolean full)
{
  AsternMachine *machine = recorder->machine;
  gint64 began = g_get_monotonic_time ();
  GArray *parts;

  full = full || is_due (&recorder->full, 0, began);
  parts = astern_recorder_hash (machine, full);
  move_head (recorder, astern_clock_moment (&machine->clock));
  astern_writer_checkpoint (recorder->writer, recorder->head, recorder->head_ns, full, parts);
  if (full)
    done (&recorder->full, began);
}

/* ---- snapshots ---- */

typedef struct
{
  AsternMemory *memory;
  GArray       *pages;
} Copy;

static void
copy_page (gpointer user, guint32 number)
{
  Copy *copy = user;
  guint64 ram = (guint64) number << ASTERN_PAGE_BITS;
  AsternWriterPage page = { number, NULL };

  if (!astern_memory_page_is_zero (copy->memory, ram))
    page.content = g_memdup2 (astern_memory_host (copy->memory, ram), ASTERN_PAGE_SIZE);
  g_array_append_val (copy->pages, page);
}

static gboolean
may_keep_state (AsternRecorder *recorder)
{
  return recorder->dirty != NULL && is_due (&recorder->snapshot, recorder->options.keep_every_us, g_get_monotonic_time ()) &&
         !astern_writer_is_busy (recorder->writer) && astern_dirty_is_told (recorder->dirty) &&
         astern_dirty_count (recorder->dirty) <= MAX_SNAPSHOT_PAGES;
}

static void
keep_state (AsternRecorder *recorder)
{
  AsternMachine *machine = recorder->machine;
  gint64 began = g_get_monotonic_time ();
  Copy copy = { machine->memory, g_array_new (FALSE, FALSE, sizeof (AsternWriterPage)) };

  astern_dirty_take (recorder->dirty, copy_page, &copy);
  astern_writer_snapshot (recorder->writer, astern_clock_moment (&machine->clock), astern_clock_now_ns (&machine->clock),
                          astern_state_save (machine), copy.pages);
  done (&recorder->snapshot, began);
}

/* ---- disks ---- */

/* Media may have been put in since. */
static void
note_disks (AsternRecorder *recorder)
{
  const GPtrArray *disks = recorder->machine->disks;

  for (; recorder->n_disks < disks->len; recorder->n_disks++)
    {
      AsternDisk *disk = g_ptr_array_index (disks, recorder->n_disks);

      astern_writer_disk (recorder->writer, recorder->n_disks + 1, astern_disk_name (disk), astern_disk_size (disk),
                          astern_disk_readonly (disk));
    }
}

static void
page_seen (gpointer user, AsternDisk *disk, guint64 page, gconstpointer content)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  AsternRecorder *recorder = user;
  guint index;

  if (astern_writer_has_failed (recorder->writer) || !g_ptr_array_find (recorder->machine->disks, disk, &index))
    return;
  note_disks (recorder);
  astern_writer_disk_page (recorder->writer, index + 1, page, memcmp (content, zeros, sizeof zeros) == 0 ? NULL : content);
}

/* ---- what the machine tells ---- */

/* While the past is executed again, everything is written already. */
static void
delivered (gpointer receiver, gconstpointer data, gsize size)
{
  AsternRecorder *recorder = receiver;
  gboolean keep;

  g_atomic_int_set (&recorder->asked, 0);
  if (recorder->machine->muted || astern_writer_has_failed (recorder->writer))
    return;
  keep = may_keep_state (recorder);
  checkpoint (recorder, keep);      /* a replay that starts here is held against all of it */
  if (keep)
    keep_state (recorder);
}

static void
journaled (gpointer user, const AsternInputEvent *event)
{
  AsternRecorder *recorder = user;

  if (astern_writer_has_failed (recorder->writer))
    return;
  note_disks (recorder);
  move_head (recorder, event->moment);
  astern_writer_input (recorder->writer, event->moment, recorder->head_ns,
                       astern_inputs_port_name (recorder->machine->inputs, event->port), event->data);
}

static void
happened (gpointer user, AsternEventKind kind, const char *text)
{
  AsternRecorder *recorder = user;
  AsternMoment moment = astern_clock_moment (&recorder->machine->clock);

  if (!recorder->machine->muted && !astern_writer_has_failed (recorder->writer))
    astern_writer_event (recorder->writer, moment, recorder->machine->running_cpu, astern_event_kind_name (kind), text);
}

/* On the writer's thread. */
static void
beat (gpointer user)
{
  AsternRecorder *recorder = user;

  if (g_atomic_int_compare_and_exchange (&recorder->asked, 0, 1))
    astern_inputs_submit (recorder->machine->inputs, recorder->port, "", 0);
}

static void
failed (gpointer user, const char *message)
{
  AsternRecorder *recorder = user;

  if (recorder->options.failed != NULL)
    recorder->options.failed (recorder->options.user, message);
}

/* ---- the interface ---- */

AsternRecorder *
astern_recorder_new (AsternMachine *machine, const char *path, const AsternRecordingStart *start,
                     const AsternRecorderOptions *options, GError **error)
{
  AsternRecorder *recorder = g_new0 (AsternRecorder, 1);
  const AsternWriterFuncs funcs = { beat, failed, recorder };

  recorder->machine = machine;
  recorder->path = g_strdup (path);
  recorder->options = *options;
  recorder->port = astern_inputs_add_port (machine->inputs, ASTERN_CHECKPOINT_PORT, delivered, recorder);
  recorder->snapshot.last_us = g_get_monotonic_time ();
  recorder->head = astern_clock_moment (&machine->clock);
  recorder->writer = astern_writer_new (path, start, &funcs, error);
  if (recorder->writer == NULL)
    {
      g_free (recorder->path);
      g_free (recorder);
      return NULL;
    }
  if (options->keep_every_us > 0)
    recorder->dirty = astern_dirty_new (machine->memory);
  note_disks (recorder);
  astern_disks_observe (machine, page_seen, recorder);
  checkpoint (recorder, TRUE);
  astern_inputs_set_journal (machine->inputs, journaled, recorder);
  astern_events_listen (&machine->events, options->events, happened, recorder);
  return recorder;
}

void
astern_recorder_branched (AsternRecorder *recorder, AsternMoment moment)
{
  move_head (recorder, moment);
  if (recorder->dirty != NULL)
    astern_dirty_undone (recorder->dirty);
  astern_writer_branch (recorder->writer, moment);
}

void
astern_recorder_bookmark (AsternRecorder *recorder, guint64 id, AsternMoment moment, const char *name, const char *note)
{
  if (astern_writer_has_failed (recorder->writer))
    return;
  if (name != NULL)
    astern_writer_bookmark (recorder->writer, id, moment, name, note);
  else
    astern_writer_unbookmark (recorder->writer, id);
}

/* ---- spilled history: written by the writer, read by a connection of its own ---- */

static guint64
spill_write (gpointer user, GBytes *bytes)
{
  return astern_writer_spill (((AsternRecorder *) user)->writer, bytes);
}

static guint64
spill_written (gpointer user)
{
  return astern_writer_spilled (((AsternRecorder *) user)->writer);
}

static void
spill_drop (gpointer user, guint64 id)
{
  astern_writer_unspill (((AsternRecorder *) user)->writer, id);
}

static gboolean
spill_read (gpointer user, guint64 id, gpointer bytes, gsize size, GError **error)
{
  AsternRecorder *recorder = user;
  gboolean found;

  if (recorder->reader.db == NULL && !astern_trace_store_open (&recorder->reader, recorder->path, error))
    return FALSE;
  if (recorder->find_spill == NULL
      && (recorder->find_spill = astern_trace_store_prepare (&recorder->reader, "SELECT data FROM spill WHERE id = ?", error)) == NULL)
    return FALSE;
  sqlite3_reset (recorder->find_spill);
  sqlite3_bind_int64 (recorder->find_spill, 1, (gint64) id);
  if (!astern_trace_store_step (&recorder->reader, recorder->find_spill, &found, error))
    return FALSE;
  if (!found || (gsize) sqlite3_column_bytes (recorder->find_spill, 0) != size)
    return astern_trace_store_damaged (&recorder->reader, _("spilled history is missing"), error);
  memcpy (bytes, sqlite3_column_blob (recorder->find_spill, 0), size);
  sqlite3_reset (recorder->find_spill);
  return TRUE;
}

AsternSpill
astern_recorder_spill (AsternRecorder *recorder)
{
  return (AsternSpill) { spill_write, spill_written, spill_read, spill_drop, recorder };
}

static void
close_reader (AsternRecorder *recorder)
{
  sqlite3_finalize (recorder->find_spill);
  if (recorder->reader.db != NULL)
    astern_trace_store_close (&recorder->reader);
}

void
astern_recorder_stopped (AsternRecorder *recorder)
{
  if (!recorder->machine->muted && !astern_writer_has_failed (recorder->writer) &&
      astern_moment_compare (astern_clock_moment (&recorder->machine->clock), recorder->head) > 0)
    checkpoint (recorder, FALSE);
}

gboolean
astern_recorder_sync (AsternRecorder *recorder)
{
  astern_recorder_stopped (recorder);
  return astern_writer_sync (recorder->writer);
}

gboolean
astern_recorder_finish (AsternRecorder *recorder, const char *ending, GError **error)
{
  AsternMachine *machine = recorder->machine;
  gboolean good;

  astern_disks_observe (machine, NULL, NULL);
  astern_inputs_set_journal (machine->inputs, NULL, NULL);
  astern_events_listen (&machine->events, 0, NULL, NULL);
  if (!machine->muted && astern_moment_compare (astern_clock_moment (&machine->clock), recorder->head) >= 0)
    checkpoint (recorder, TRUE);
  close_reader (recorder);
  good = astern_writer_finish (recorder->writer, recorder->head, recorder->head_ns, ending, error);
  if (recorder->dirty != NULL)
    astern_dirty_free (recorder->dirty);
  g_free (recorder->path);
  g_free (recorder);
  return good;
}
