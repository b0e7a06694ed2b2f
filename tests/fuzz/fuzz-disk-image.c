/* Disk images: any bytes are opened, mapped, read, checked, and where that is good, written; what was sound stays so.
 *
 * Input: a letter for the format (q, m, d, v, x: qcow2, VMDK, VDI, VHD, VHDX), a byte for what is done, and stretches of
 * the file: offset (3 bytes), size (2 bytes), little-endian, and so many bytes.  The rest of the file is zeros. */
#include "config.h"

#include "host/images/image-format.h"

#include <string.h>

#define STEPS      64

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static GByteArray *
build_file (const guint8 *data, gsize size, guint max)
{
  GByteArray *file = g_byte_array_new ();

  while (size >= 5)
    {
      guint offset = (data[0] | (guint) data[1] << 8 | (guint) data[2] << 16) % max;
      guint n = MIN (data[3] | (guint) data[4] << 8, (guint) (size - 5)), old = file->len;

      n = MIN (n, max - offset);
      if (n == 0)
        {
          data += 5;
          size -= 5;
          continue;
        }
      if (offset + n > old)
        {
          g_byte_array_set_size (file, offset + n);
          memset (file->data + old, 0, offset + n - old);
        }
      memcpy (file->data + offset, data + 5, n);
      data += 5 + n;
      size -= 5 + n;
    }
  return file;
}

/* What a hostile image names must not be opened. */
static AsternDiskFile *
open_bytes (const GByteArray *bytes, const char *format, AsternDiskFileFlags flags)
{
  AsternStore *store = astern_store_memory (bytes->data, bytes->len);

  store->readonly = !(flags & ASTERN_DISK_FILE_WRITE);
  return astern_disk_file_new (store, "/nonexistent/fuzz", format, flags | ASTERN_DISK_FILE_NO_BACKING, NULL);
}

static void
look (AsternDiskFile *file)
{
  guint8 buffer[3000];
  guint64 at = 0, size = astern_disk_file_size (file);
  g_autoptr (GVariant) details = astern_disk_file_details (file);
  g_autoptr (GPtrArray) snapshots = astern_disk_file_snapshots (file, NULL);
  AsternDiskFileExtent extent;

  g_assert_nonnull (details);
  for (guint i = 0; snapshots != NULL && i < snapshots->len; i++)
    g_assert_nonnull (((const AsternDiskSnapshot *) g_ptr_array_index (snapshots, i))->id);
  for (guint i = 0; i < STEPS && at < size && astern_disk_file_map (file, at, size - at, 0, &extent, NULL); i++)
    {
      g_assert_cmpuint (extent.length, >, 0);
      g_assert_cmpuint (extent.length, <=, size - at);
      astern_disk_file_read (file, at, buffer, sizeof buffer, NULL);
      at += extent.length;
    }
  astern_disk_file_read (file, size / 2, buffer, sizeof buffer, NULL);
  astern_disk_file_read (file, size - MIN (size, 100), buffer, sizeof buffer, NULL);
}

/* TRUE: nothing is wrong but leaks. */
static gboolean
is_sound (AsternDiskFile *file)
{
  AsternDiskFileCheck result;

  return astern_disk_file_check (file, 0, NULL, NULL, &result, NULL) && result.corruptions == 0;
}

static void
change (AsternDiskFile *file, guint what)
{
  guint8 buffer[1500];
  guint64 size = astern_disk_file_size (file);

  memset (buffer, 0x5a, sizeof buffer);
  for (guint i = 0; i < 4 && size > sizeof buffer; i++)
    {
      guint64 at = i * 70001 % (size - sizeof buffer);

      astern_disk_file_write (file, at, buffer, sizeof buffer, NULL);
      astern_disk_file_zero (file, at + 700, 600, NULL);
    }
  if (what & 1)
    astern_disk_file_snapshot_create (file, "fuzz", 1, 2, NULL);
  if (what & 2)
    astern_disk_file_resize (file, MIN (size, 1u << 30) + 12345 * 512, NULL);
  if (what & 4)
    astern_disk_file_snapshot_apply (file, "1", NULL);
  if (what & 8)
    astern_disk_file_snapshot_delete (file, "1", NULL);
  if (size > sizeof buffer)
    astern_disk_file_write (file, size / 2 - sizeof buffer / 2, buffer, sizeof buffer, NULL);
  astern_disk_file_flush (file, NULL);
}

/* Sound ones are written, others repaired. */
static void
write_to (const GByteArray *bytes, guint what)
{
  AsternDiskFile *file = open_bytes (bytes, "qcow2", 0);
  gboolean sound = file != NULL && is_sound (file) && !astern_disk_file_is_dirty (file);
  AsternDiskFileCheck result;

  if (file != NULL)
    astern_disk_file_free (file);
  file = open_bytes (bytes, "qcow2", ASTERN_DISK_FILE_WRITE | (sound ? 0 : ASTERN_DISK_FILE_REPAIR));
  if (file == NULL)
    return;
  if (!sound)
    astern_disk_file_check (file, ASTERN_REPAIR_ERRORS | ASTERN_REPAIR_LEAKS, NULL, NULL, &result, NULL);
  change (file, what);
  if (sound && !astern_disk_file_is_corrupt (file))
    g_assert_true (is_sound (file));
  astern_disk_file_free (file);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  /* No larger than they need be: most of a file is zeros. */
  static const struct { guint8 letter; const char *format; guint max; } formats[] = {
    { 'q', "qcow2", 512u << 10 }, { 'm', "vmdk", 256u << 10 }, { 'd', "vdi", 2u << 20 }, { 'v', "vpc", 4u << 20 },
    { 'x', "vhdx", 16u << 20 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (formats) && size >= 2; i++)
    if (formats[i].letter == data[0])
      {
        g_autoptr (GByteArray) bytes = build_file (data + 2, size - 2, formats[i].max);
        AsternDiskFile *file = open_bytes (bytes, formats[i].format, 0);

        if (file != NULL)
          {
            look (file);
            astern_disk_file_free (file);
          }
        if (data[0] == 'q')
          write_to (bytes, data[1]);
      }
  return 0;
}
