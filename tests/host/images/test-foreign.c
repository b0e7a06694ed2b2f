/* The formats of others, as qemu-img makes them: what is in them is read, and they are never written. */
#include "config.h"

#include "image-fixture.h"

#include <string.h>

#include <glib/gstdio.h>

typedef struct { const char *name, *format, *options; gboolean probed; } Variant;

static const Variant variants[] = {
  { "vmdk-sparse",     "vmdk", "subformat=monolithicSparse",     TRUE },
  { "vmdk-flat",       "vmdk", "subformat=monolithicFlat",       TRUE },
  { "vmdk-2g-sparse",  "vmdk", "subformat=twoGbMaxExtentSparse", TRUE },
  { "vmdk-2g-flat",    "vmdk", "subformat=twoGbMaxExtentFlat",   TRUE },
  { "vmdk-stream",     "vmdk", "subformat=streamOptimized",      TRUE },
  { "vmdk-zero",       "vmdk", "subformat=monolithicSparse,zeroed_grain=on", TRUE },
  { "vdi-dynamic",     "vdi",  "static=off",                     TRUE },
  { "vdi-static",      "vdi",  "static=on",                      TRUE },
  { "vhd-dynamic",     "vpc",  "subformat=dynamic,force_size=on", TRUE },
  { "vhd-geometry",    "vpc",  "subformat=dynamic",              TRUE },
  { "vhd-fixed",       "vpc",  "subformat=fixed,force_size=on",  FALSE },
  { "vhdx-dynamic",    "vhdx", "subformat=dynamic",              TRUE },
  { "vhdx-fixed",      "vhdx", "subformat=fixed",                TRUE },
};

static void
what_qemu_made_is_read (Fixture *f, gconstpointer data)
{
  const Variant *variant = data;
  static const AsternDiskFileOptions options = { .size = DISK_SIZE };
  g_autofree char *from = g_build_filename (f->dir, "from", NULL), *back = g_build_filename (f->dir, "back", NULL);
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  if (!has_qemu ())
    return;
  create_image (f, "qcow2", &options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 60);
  close_image (file);
  g_assert_cmpint (g_rename (f->path, from), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-img", "convert", "-f", "qcow2", "-O", variant->format, "-o", variant->options, from, f->path, NULL), ==, 0);
  /* The size may have been rounded: what qemu-img reads of it is what counts. */
  g_assert_cmpint (run (NULL, "qemu-img", "convert", "-f", variant->format, "-O", "raw", f->path, back, NULL), ==, 0);
  file = open_image (f, variant->probed ? NULL : variant->format, 0);
  g_assert_cmpstr (astern_disk_file_format (file), ==, variant->format);
  f->size = astern_disk_file_size (file);
  assert_content (f, file);
  g_assert_false (astern_disk_file_write (file, 0, "data", 4, NULL));
  close_image (file);
  g_assert_cmpint (run (NULL, "qemu-img", "compare", "-q", "-f", variant->format, "-F", "raw", f->path, back, NULL), ==, 0);
  {
    GStatBuf status;

    g_assert_cmpint (g_stat (back, &status), ==, 0);
    g_assert_cmpuint ((guint64) status.st_size, ==, f->size);
  }
  g_assert_null (astern_disk_file_open (f->path, variant->format, ASTERN_DISK_FILE_WRITE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* What ESX makes, and qemu-img only reads: a descriptor, and grains of a sector, of which every third is there, and no third table. */
static void
a_sparse_disk_of_esx_is_read (Fixture *f, gconstpointer data)
{
  enum { SECTORS = DISK_SIZE / 512, ENTRIES = 4096, TABLES = SECTORS / ENTRIES, TABLE_SECTORS = ENTRIES * 4 / 512, FIRST = 2 + TABLES * TABLE_SECTORS };
  static const char descriptor[] = "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"vmfsSparse\"\n"
                                   "RW 16384 VMFSSPARSE \"grains\"\n";
  g_autofree guint8 *bytes = g_malloc0 ((FIRST + SECTORS) * 512);
  g_autofree char *grains = g_build_filename (f->dir, "grains", NULL), *raw = g_build_filename (f->dir, "raw", NULL);
  guint32 *header = (guint32 *) (gpointer) bytes, *directory = header + 128, place = FIRST;
  const guint32 fields[] = { 1, 3, SECTORS, 1, 1, TABLES, FIRST + SECTORS, 1, 1, 63 };
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  if (!has_qemu ())
    return;
  memcpy (bytes, "COWD", 4);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    header[1 + i] = GUINT32_TO_LE (fields[i]);
  memset (f->model, 0, DISK_SIZE);
  for (guint i = 0; i < SECTORS; i += 3)
    {
      guint table = i / ENTRIES;

      if (table == 2)
        continue;
      directory[table] = GUINT32_TO_LE (2 + table * TABLE_SECTORS);
      header[128 * (2 + table * TABLE_SECTORS) + i % ENTRIES] = GUINT32_TO_LE (place);
      memset (bytes + place++ * 512, 1 + (int) (i % 255), 512);
      memset (f->model + i * 512, 1 + (int) (i % 255), 512);
    }
  g_file_set_contents (grains, (const char *) bytes, place * 512, &error);
  g_assert_no_error (error);
  g_file_set_contents (f->path, descriptor, -1, &error);
  g_assert_no_error (error);
  g_file_set_contents (raw, (const char *) f->model, DISK_SIZE, &error);
  g_assert_no_error (error);
  f->size = DISK_SIZE;
  file = open_image (f, NULL, 0);
  g_assert_cmpstr (astern_disk_file_format (file), ==, "vmdk");
  g_assert_cmpuint (astern_disk_file_size (file), ==, DISK_SIZE);
  assert_content (f, file);
  close_image (file);
  g_assert_cmpint (run (NULL, "qemu-img", "compare", "-q", "-f", "vmdk", "-F", "raw", f->path, raw, NULL), ==, 0);
}

static void
a_vmdk_shows_what_it_is_based_on (Fixture *f, gconstpointer data)
{
  static const AsternDiskFileOptions options = { .size = DISK_SIZE };
  g_autofree char *from = g_build_filename (f->dir, "from", NULL), *base = g_build_filename (f->dir, "base.vmdk", NULL);
  AsternDiskFile *file;

  if (!has_qemu ())
    return;
  create_image (f, "qcow2", &options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 60);
  close_image (file);
  g_assert_cmpint (g_rename (f->path, from), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-img", "convert", "-O", "vmdk", from, base, NULL), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-img", "create", "-q", "-f", "vmdk", "-b", base, "-F", "vmdk", f->path, NULL), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-io", "-f", "vmdk", "-c", "write -P 3 1M 100k", f->path, NULL), ==, 0);
  memset (f->model + (1 << 20), 3, 100 << 10);
  file = open_image (f, NULL, 0);
  assert_content (f, file);
  close_image (file);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *path = g_strdup_printf ("/foreign/what_qemu_made_is_read/%s", variants[i].name);

      g_test_add (path, Fixture, &variants[i], set_up, what_qemu_made_is_read, tear_down);
    }
  g_test_add ("/foreign/a_sparse_disk_of_esx_is_read", Fixture, NULL, set_up, a_sparse_disk_of_esx_is_read, tear_down);
  g_test_add ("/foreign/a_vmdk_shows_what_it_is_based_on", Fixture, NULL, set_up, a_vmdk_shows_what_it_is_based_on, tear_down);
  return g_test_run ();
}
