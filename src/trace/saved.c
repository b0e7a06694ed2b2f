/* saved.c - see saved.h.
 *
 * Beside what state.h has, the state of such a file has
 *   "memory"   a(stt)    blocks of memory: name, start and size, bytes
 *   "disks"    a{sv}     by name, what disk.h keeps of each */
#include "config.h"

#include "trace/saved.h"

#include "core/disk.h"
#include "trace/recorder.h"
#include "trace/state.h"
#include "trace/store.h"
#include "trace/verifier.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* So much of memory is there twice while it is written. */
#define BATCH_PAGES ((64u << 20) >> ASTERN_PAGE_BITS)

/* ---- writing ---- */

static GVariant *
save_blocks (const AsternMemory *memory)
{
  GVariantBuilder blocks;

  g_variant_builder_init (&blocks, G_VARIANT_TYPE ("a(stt)"));
  for (guint i = 0; i < memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (memory->blocks, i);

      g_variant_builder_add (&blocks, "(stt)", block->name, block->start, block->size);
    }
  return g_variant_builder_end (&blocks);
}

static GVariant *
save_disks (AsternMachine *machine, GError **error)
{
  GVariantBuilder disks;

  g_variant_builder_init (&disks, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);
      GVariant *saved = astern_disk_save (disk, error);

      if (saved == NULL)
        {
          g_variant_builder_clear (&disks);
          return NULL;
        }
      g_variant_builder_add (&disks, "{sv}", astern_disk_name (disk), saved);
    }
  return g_variant_builder_end (&disks);
}

/* A floating reference; NULL: the host's images are in the way. */
static GVariant *
whole_state (AsternMachine *machine, GError **error)
{
  GVariant *disks = save_disks (machine, error);
  g_autoptr (GVariant) state = NULL;
  GVariantDict whole;

  if (disks == NULL)
    return NULL;
  state = g_variant_ref_sink (astern_state_save (machine));
  g_variant_dict_init (&whole, state);
  g_variant_dict_insert_value (&whole, "memory", save_blocks (machine->memory));
  g_variant_dict_insert_value (&whole, "disks", disks);
  return g_variant_dict_end (&whole);
}

typedef struct
{
  AsternMemory *memory;
  AsternWriter *writer;
  GArray       *batch;       /* AsternWriterPage */
} Pages;

static GArray *
new_batch (void)
{
  return g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));
}

static void
add_page (gpointer user, guint64 ram)
{
  Pages *pages = user;
  AsternWriterPage page = { (guint32) (ram >> ASTERN_PAGE_BITS), NULL };

  if (astern_writer_has_failed (pages->writer))
    return;
  if (!astern_memory_page_is_zero (pages->memory, ram))
    page.content = g_memdup2 (astern_memory_host (pages->memory, ram), ASTERN_PAGE_SIZE);
  g_array_append_val (pages->batch, page);
  if (pages->batch->len < BATCH_PAGES)
    return;
  astern_writer_pages (pages->writer, pages->batch);
  astern_writer_sync (pages->writer);
  pages->batch = new_batch ();
}

/* The rest goes with the snapshot. */
static GArray *
write_memory (AsternMachine *machine, AsternWriter *writer)
{
  Pages pages = { machine->memory, writer, new_batch () };

  for (guint i = 0; i < machine->memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (machine->memory->blocks, i);

      if (block->bring == NULL)
        astern_memory_each_page (machine->memory, block, add_page, &pages);
    }
  for (guint i = 0; i < machine->disks->len; i++)
    astern_disk_kept (g_ptr_array_index (machine->disks, i), add_page, &pages);
  return pages.batch;
}

static gboolean
write_state (AsternMachine *machine, const char *path, const AsternRecordingStart *start, GError **error)
{
  const AsternWriterFuncs none = { .failed = NULL };
  AsternMoment moment = astern_clock_moment (&machine->clock);
  guint64 guest_ns = astern_clock_now_ns (&machine->clock);
  GVariant *state = whole_state (machine, error);
  AsternWriter *writer;

  if (state == NULL)
    return FALSE;
  writer = astern_writer_new (path, start, &none, error);
  if (writer == NULL)
    {
      g_variant_unref (g_variant_ref_sink (state));
      return FALSE;
    }
  astern_writer_checkpoint (writer, moment, guest_ns, TRUE, astern_recorder_hash (machine, TRUE));
  astern_writer_snapshot (writer, moment, guest_ns, state, write_memory (machine, writer));
  return astern_writer_finish (writer, moment, guest_ns, "saved", error);
}

static gboolean
put_in_place (const char *made, const char *path, GError **error)
{
  if (g_rename (made, path) == 0)
    return TRUE;
  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE, _("Cannot write the state “%s”: %s."), path, g_strerror (errno));
  return FALSE;
}

gboolean
astern_saved_write (AsternMachine *machine, const char *path, const AsternRecordingStart *start, GError **error)
{
  g_autofree char *made = g_strconcat (path, ".part", NULL);

  if (!astern_trace_store_may_replace (path, error) || !astern_trace_store_may_replace (made, error))
    return FALSE;
  if (write_state (machine, made, start, error) && put_in_place (made, path, error))
    return TRUE;
  g_unlink (made);
  return FALSE;
}

/* ---- loading ---- */

static gboolean
refuse (GError **error, AsternRecordingError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, AsternRecordingError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (ASTERN_RECORDING_ERROR, code, format, args);
  va_end (args);
  return FALSE;
}

gboolean
astern_saved_is (AsternRecording *recording)
{
  return g_strcmp0 (astern_recording_meta (recording, "kind"), ASTERN_SAVED_KIND) == 0;
}

/* Pages are told by where they lie. */
static gboolean
check_blocks (const AsternMemory *memory, GVariant *state, GError **error)
{
  g_autoptr (GVariant) blocks = g_variant_lookup_value (state, "memory", G_VARIANT_TYPE ("a(stt)"));

  if (blocks == NULL || g_variant_n_children (blocks) != memory->blocks->len)
    return refuse (error, ASTERN_RECORDING_ERROR_MACHINE, _("The saved machine has other memory than this one: it is missing, or more or fewer pieces."));
  for (guint i = 0; i < memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (memory->blocks, i);
      guint64 start, size;
      const char *name;

      g_variant_get_child (blocks, i, "(&stt)", &name, &start, &size);
      if (g_strcmp0 (name, block->name) != 0 || start != block->start || size != block->size)
        return refuse (error, ASTERN_RECORDING_ERROR_MACHINE, _("The saved machine has other memory than this one: “%s” lies elsewhere, or is not there."),
                       block->name);
    }
  return TRUE;
}

static gboolean
load_disks (AsternMachine *machine, GVariant *state, GError **error)
{
  g_autoptr (GVariant) disks = g_variant_lookup_value (state, "disks", G_VARIANT_TYPE_VARDICT);

  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);
      const char *name = astern_disk_name (disk);
      g_autoptr (GVariant) saved = disks != NULL ? g_variant_lookup_value (disks, name, G_VARIANT_TYPE (ASTERN_DISK_SAVED_TYPE)) : NULL;

      if (saved == NULL)
        return refuse (error, ASTERN_RECORDING_ERROR_MACHINE, _("The state has nothing of the disk “%s”; the saved machine had none there."), name);
      if (!astern_disk_load (disk, saved, error))
        return FALSE;
    }
  return TRUE;
}

/* Of what was put there at power-on nothing stays. */
static void
clear_memory (AsternMemory *memory)
{
  for (guint i = 0; i < memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (memory->blocks, i);

      if (block->bring == NULL)
        astern_memory_discard (memory, block->start, block->size);
    }
}

/* Another version may hash otherwise what is the same. */
static gboolean
check_hashes (AsternMachine *machine, AsternRecording *recording, GError **error)
{
  g_autoptr (GHashTable) wanted = NULL;
  g_autofree char *parts = NULL;
  GError *failed = NULL;

  if (g_strcmp0 (astern_recording_meta (recording, "program-version"), PACKAGE_VERSION) != 0)
    return TRUE;
  wanted = astern_recording_hashes (recording, astern_clock_moment (&machine->clock), &failed);
  if (wanted != NULL)
    parts = astern_verifier_differing (machine, wanted);
  if (failed != NULL)
    g_propagate_error (error, failed);
  if (failed != NULL)
    return FALSE;
  if (wanted == NULL)
    return refuse (error, ASTERN_RECORDING_ERROR_DAMAGED, _("The state has no hashes to hold the machine against; it is damaged."));
  return parts == NULL || refuse (error, ASTERN_RECORDING_ERROR_MACHINE,
                                  _("The machine does not come out as it was saved: these parts differ: %s. The file is damaged, or another "
                                    "build of the program has made it."), parts);
}

static GVariant *
read_state (AsternRecording *recording, AsternRecordingSnapshot *snapshot, GError **error)
{
  const AsternRecordingHead *head = astern_recording_head (recording);
  GError *failed = NULL;

  if (!astern_saved_is (recording))
    refuse (&failed, ASTERN_RECORDING_ERROR_FORMAT, _("The file is a recording and not a saved state; “astern replay FILE” runs it again."));
  else if (head->ending == NULL)
    refuse (&failed, ASTERN_RECORDING_ERROR_DAMAGED, _("The state was not written to its end, and cannot be loaded."));
  else if (!astern_recording_find_snapshot (recording, head->moment, snapshot, &failed) && failed == NULL)
    refuse (&failed, ASTERN_RECORDING_ERROR_DAMAGED, _("There is no state in the file; it is damaged."));
  else if (failed == NULL && astern_moment_compare (snapshot->moment, head->moment) != 0)
    refuse (&failed, ASTERN_RECORDING_ERROR_DAMAGED, _("There is no state in the file; it is damaged."));
  if (failed == NULL)
    return astern_recording_snapshot_state (recording, snapshot->id, error);
  g_propagate_error (error, failed);
  return NULL;
}

gboolean
astern_saved_load (AsternMachine *machine, AsternRecording *recording, GError **error)
{
  AsternRecordingSnapshot snapshot = { 0 };
  g_autoptr (GVariant) state = read_state (recording, &snapshot, error);

  if (state == NULL || !load_disks (machine, state, error) || !check_blocks (machine->memory, state, error))
    return FALSE;
  clear_memory (machine->memory);
  return astern_state_load_memory (machine, recording, snapshot.id, error) && astern_state_load (machine, state, error) &&
         check_hashes (machine, recording, error);
}
