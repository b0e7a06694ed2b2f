/* fuzz-state - a file that was a saved state, changed.
 *
 * The first byte of the input says what is changed of a state that is made here: the file's bytes (even), or (odd) those of the
 * machine's state in it, which is packed again, so that what is read from it is reached.  Changes follow, five bytes each: where
 * (three bytes, low first), how (0: put, 1: xor, 2: cut off there, 3: add) and what.  A machine takes it on, with all that is in it,
 * or there is an error that says why not. */
#include "config.h"

#include "core/disk.h"
#include "trace/saved.h"
#include "trace/store.h"

#include <string.h>

#include <glib/gstdio.h>

#define DISK_PAGES 40u

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* ---- the machine ---- */

static gboolean
read_image (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  g_assert_cmpuint (offset + size, <=, DISK_PAGES * ASTERN_PAGE_SIZE);
  memset (data, 'i', size);
  return TRUE;
}

typedef struct
{
  AsternMachine *machine;
  AsternDisk    *disk;
} Guest;

static void
make_guest (Guest *guest)
{
  const AsternDiskImage image = { .size = DISK_PAGES * ASTERN_PAGE_SIZE, .readonly = TRUE, .read = read_image };

  guest->machine = astern_machine_new (1 << 20, NULL);
  astern_memory_add (guest->machine->memory, "ram", 16 * ASTERN_PAGE_SIZE, FALSE, NULL);
  guest->disk = astern_disk_new (guest->machine, "disk", &image, TRUE, NULL);
  g_assert_nonnull (guest->disk);
}

static void
free_guest (Guest *guest)
{
  astern_disk_free (guest->disk);
  astern_machine_free (guest->machine);
}

/* ---- its state ---- */

static GBytes *
make_state (void)
{
  static const char *const words[] = { "-m", "64", NULL };
  static const char *const meta[] = { "program-version", "none", "serial-ports", "1", "kind", ASTERN_SAVED_KIND, NULL };
  g_autofree char *dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "saved.state", NULL);
  const AsternRecordingStart start = { words, meta, NULL, 0 };
  char page[ASTERN_PAGE_SIZE], *bytes;
  Guest guest;
  gsize size;

  make_guest (&guest);
  memset (page, 'p', sizeof page);
  astern_memory_write (guest.machine->memory, 3 * ASTERN_PAGE_SIZE, page, sizeof page);
  g_assert_true (astern_disk_write (guest.disk, 7 * ASTERN_PAGE_SIZE, page, sizeof page));
  g_assert_true (astern_disk_zero (guest.disk, 9 * ASTERN_PAGE_SIZE, ASTERN_PAGE_SIZE));
  g_assert_true (astern_disk_read (guest.disk, 20 * ASTERN_PAGE_SIZE, page, sizeof page));
  g_assert_true (astern_saved_write (guest.machine, path, &start, NULL));
  free_guest (&guest);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_unlink (path);
  g_rmdir (dir);
  return g_bytes_new_take (bytes, size);
}

static void
change (GByteArray *bytes, const guint8 edit[5])
{
  guint at;

  if (bytes->len == 0)
    return;
  at = (edit[0] | (guint) edit[1] << 8 | (guint) edit[2] << 16) % bytes->len;
  switch (edit[3] & 3)
    {
    case 0: bytes->data[at] = edit[4]; break;
    case 1: bytes->data[at] ^= edit[4]; break;
    case 2: g_byte_array_set_size (bytes, at); break;
    case 3: bytes->data[at] = (guint8) (bytes->data[at] + edit[4]); break;
    }
}

static void
change_all (GByteArray *bytes, const guint8 *data, gsize size)
{
  for (gsize at = 0; at + 5 <= size; at += 5)
    change (bytes, data + at);
}

static GByteArray *
copy_of (gconstpointer data, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();

  return g_byte_array_append (bytes, data, (guint) size);
}

/* The file @base with @state in the place of its own. */
static GBytes *
with_state (GBytes *base, const GByteArray *state)
{
  g_autoptr (GBytes) packed = astern_trace_store_pack (state->data, state->len, 1);
  gsize size;
  gconstpointer data = g_bytes_get_data (base, &size);
  guint8 *copy = sqlite3_malloc64 (size);
  sqlite3_int64 now;
  sqlite3_stmt *set = NULL;
  sqlite3 *db = NULL;
  GBytes *file;

  memcpy (copy, data, size);
  g_assert_cmpint (sqlite3_open (":memory:", &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_deserialize (db, "main", copy, (sqlite3_int64) size, (sqlite3_int64) size,
                                        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "UPDATE snapshot SET state_size = ?, state = ?", -1, &set, NULL), ==, SQLITE_OK);
  sqlite3_bind_int64 (set, 1, state->len);
  sqlite3_bind_blob64 (set, 2, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed), SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (set), ==, SQLITE_DONE);
  sqlite3_finalize (set);
  copy = sqlite3_serialize (db, "main", &now, 0);
  file = g_bytes_new (copy, (gsize) now);
  sqlite3_free (copy);
  sqlite3_close (db);
  return file;
}

static GByteArray *
state_of (GBytes *base)
{
  g_autoptr (AsternRecording) recording = astern_recording_open_bytes (base, NULL);
  g_autoptr (GVariant) state = astern_recording_snapshot_state (recording, 1, NULL);

  return copy_of (g_variant_get_data (state), g_variant_get_size (state));
}

static GBytes *
make_file (GBytes *base, const guint8 *data, gsize size)
{
  gboolean inner = size > 0 && (data[0] & 1) != 0;
  g_autoptr (GByteArray) bytes = inner ? state_of (base) : copy_of (g_bytes_get_data (base, NULL), g_bytes_get_size (base));

  if (size > 0)
    change_all (bytes, data + 1, size - 1);
  return inner ? with_state (base, bytes) : g_bytes_new (bytes->data, bytes->len);
}

/* ---- taking it on ---- */

static void
take_on (AsternRecording *recording)
{
  g_autoptr (GError) error = NULL;
  char page[ASTERN_PAGE_SIZE];
  Guest guest;

  make_guest (&guest);
  if (astern_saved_load (guest.machine, recording, &error))
    {
      g_assert_no_error (error);
      astern_machine_hash (guest.machine);
      for (guint i = 0; i < DISK_PAGES; i++)
        g_assert_true (astern_disk_read (guest.disk, i * ASTERN_PAGE_SIZE, page, sizeof page));
    }
  else
    g_assert_nonnull (error);
  free_guest (&guest);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static GBytes *base;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  if (base == NULL)
    {
      base = make_state ();
      recording = astern_recording_open_bytes (base, NULL);
      take_on (recording);
      g_clear_pointer (&recording, astern_recording_free);
    }
  bytes = make_file (base, data, size);
  recording = astern_recording_open_bytes (bytes, &error);
  g_assert_true ((recording == NULL) == (error != NULL));
  if (recording != NULL)
    take_on (recording);
  return 0;
}
