/* fuzz-recording - a file that was a recording, changed.
 *
 * The input is a list of changes to a recording that is made here: five bytes each, where (three bytes, low first), how
 * (0: put, 1: xor, 2: cut the file off there, 3: add) and what.  All that a replay reads is read; it is there, or there is
 * an error that says why not. */
#include "config.h"

#include "trace/recorder.h"
#include "trace/recording.h"
#include "trace/state.h"

#include <string.h>

#include <glib/gstdio.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* ---- the recording ---- */

static AsternMachine *
new_machine (void)
{
  AsternMachine *machine = astern_machine_new (1 << 20, NULL);

  astern_memory_add (machine->memory, "ram", 16 * ASTERN_PAGE_SIZE, FALSE, NULL);
  return machine;
}

static void
hand_over (AsternWriter *writer)
{
  AsternMachine *machine = new_machine ();
  GArray *pages = g_array_new (FALSE, FALSE, sizeof (AsternWriterPage));
  AsternWriterPage page = { 3, g_malloc0 (ASTERN_PAGE_SIZE) }, zeros = { 4, NULL };
  g_autoptr (GBytes) typed = g_bytes_new_static ("typed", 5);

  g_array_append_val (pages, page);
  g_array_append_val (pages, zeros);
  astern_writer_input (writer, (AsternMoment) { 10, 0 }, 10, "serial0", typed);
  astern_writer_checkpoint (writer, (AsternMoment) { 20, 1 }, 20, TRUE, astern_recorder_hash (machine, TRUE));
  astern_writer_snapshot (writer, (AsternMoment) { 20, 1 }, 20, astern_state_save (machine), pages);
  astern_writer_event (writer, (AsternMoment) { 21, 0 }, 0, "int", "something");
  astern_writer_branch (writer, (AsternMoment) { 30, 0 });
  astern_writer_input (writer, (AsternMoment) { 40, 0 }, 40, "keyboard", typed);
  astern_writer_finish (writer, (AsternMoment) { 50, 0 }, 50, "quit", NULL);
  astern_machine_free (machine);
}

static GBytes *
make_recording (void)
{
  static const char *const words[] = { "-m", "64", NULL };
  static const char *const meta[] = { "program-version", "0.1.0", "serial-ports", "1", NULL };
  g_autofree char *dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "run.astern", NULL);
  g_autoptr (GBytes) kernel = g_bytes_new_static ("a kernel, or what there is of it", 32);
  const AsternRecordingSource source = { "kernel", kernel };
  const AsternRecordingStart start = { words, meta, &source, 1 };
  const AsternWriterFuncs none = { NULL, NULL, NULL };
  AsternWriter *writer = astern_writer_new (path, &start, &none, NULL);
  char *bytes;
  gsize size;

  g_assert_nonnull (writer);
  hand_over (writer);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_unlink (path);
  g_rmdir (dir);
  return g_bytes_new_take (bytes, size);
}

static void
change (GByteArray *file, const guint8 edit[5])
{
  guint at;

  if (file->len == 0)
    return;
  at = (edit[0] | (guint) edit[1] << 8 | (guint) edit[2] << 16) % file->len;
  switch (edit[3] & 3)
    {
    case 0: file->data[at] = edit[4]; break;
    case 1: file->data[at] ^= edit[4]; break;
    case 2: g_byte_array_set_size (file, at); break;
    case 3: file->data[at] = (guint8) (file->data[at] + edit[4]); break;
    }
}

/* ---- reading it ---- */

static gboolean
take_input (gpointer user, AsternMoment moment, const char *port, GBytes *data, GError **error)
{
  g_assert_true (g_utf8_validate (port, -1, NULL));
  return TRUE;
}

static gboolean
take_page (gpointer user, guint64 page, gconstpointer content, GError **error)
{
  AsternMachine *machine = user;

  if (content != NULL && page < machine->memory->size >> ASTERN_PAGE_BITS)
    astern_memory_write (machine->memory, page << ASTERN_PAGE_BITS, content, ASTERN_PAGE_SIZE);
  return TRUE;
}

static void
take_bookmark (gpointer user, AsternMoment moment, const char *name, const char *note)
{
}

static void
read_snapshot (AsternRecording *recording)
{
  AsternMachine *machine = new_machine ();
  AsternRecordingSnapshot snapshot;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) state = NULL;

  if (astern_recording_find_snapshot (recording, (AsternMoment) { 30, 0 }, &snapshot, &error))
    {
      state = astern_recording_snapshot_state (recording, snapshot.id, &error);
      g_assert_true ((state == NULL) == (error != NULL));
      g_clear_error (&error);
      g_assert_true (astern_recording_snapshot_pages (recording, snapshot.id, take_page, machine, &error) == (error == NULL));
      g_clear_error (&error);
      if (state != NULL)
        g_assert_true (astern_state_load (machine, state, &error) == (error == NULL));
    }
  astern_machine_free (machine);
}

static void
read_all (AsternRecording *recording)
{
  g_autoptr (GError) error = NULL;
  GBytes *kernel;
  g_autoptr (GHashTable) hashes = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 number;

  kernel = astern_recording_source (recording, "kernel", &error);
  g_clear_pointer (&kernel, g_bytes_unref);
  g_clear_error (&error);
  g_assert_true (astern_recording_journal (recording, take_input, NULL, &error) == (error == NULL));
  g_clear_error (&error);
  hashes = astern_recording_hashes (recording, (AsternMoment) { 20, 1 }, &error);
  g_clear_error (&error);
  g_assert_true (astern_recording_bookmarks (recording, take_bookmark, NULL, &error) == (error == NULL));
  g_clear_error (&error);
  g_assert_true (astern_recording_number (recording, "SELECT count(*) FROM event", &number, &error) == (error == NULL));
  g_clear_error (&error);
  g_assert_true (astern_recording_query (recording, "SELECT * FROM chunk, meta", TRUE, text, &error) == (error == NULL));
  g_assert_true (g_utf8_validate (text->str, (gssize) text->len, NULL));
  read_snapshot (recording);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static GBytes *base;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  if (base == NULL)
    base = make_recording ();
  g_byte_array_append (file, g_bytes_get_data (base, NULL), (guint) g_bytes_get_size (base));
  for (gsize at = 0; at + 5 <= size; at += 5)
    change (file, data + at);
  bytes = g_bytes_new (file->data, file->len);
  recording = astern_recording_open_bytes (bytes, &error);
  g_assert_true ((recording == NULL) == (error != NULL));
  if (recording != NULL)
    read_all (recording);
  return 0;
}
