/* Images against a model and against qemu-img: random writes, zeroes and sizes, read back by both. */
#include "config.h"

#include "image-fixture.h"

#include <string.h>

typedef struct
{
  const char           *name;
  const char           *format;
  AsternDiskFileOptions options;
  const char           *qemu;        /* options for qemu-img create */
} Variant;

static const Variant variants[] = {
  { "raw",          "raw",   { .size = DISK_SIZE }, NULL },
  { "qcow2",        "qcow2", { .size = DISK_SIZE }, "compat=1.1" },
  { "qcow2-v2",     "qcow2", { .size = DISK_SIZE, .version = 2 }, "compat=0.10" },
  { "qcow2-lazy",   "qcow2", { .size = DISK_SIZE, .lazy_refcounts = TRUE }, "lazy_refcounts=on" },
  { "qcow2-512",    "qcow2", { .size = DISK_SIZE, .cluster_size = 512 }, "cluster_size=512" },
  { "qcow2-4k-1",   "qcow2", { .size = DISK_SIZE, .cluster_size = 4096, .refcount_bits = 1 }, "cluster_size=4k,refcount_bits=1" },
  { "qcow2-1k-2",   "qcow2", { .size = DISK_SIZE, .cluster_size = 1024, .refcount_bits = 2 }, "cluster_size=1k,refcount_bits=2" },
  { "qcow2-2k-4",   "qcow2", { .size = DISK_SIZE, .cluster_size = 2048, .refcount_bits = 4 }, "cluster_size=2k,refcount_bits=4" },
  { "qcow2-8",      "qcow2", { .size = DISK_SIZE, .refcount_bits = 8 }, "refcount_bits=8" },
  { "qcow2-32",     "qcow2", { .size = DISK_SIZE, .refcount_bits = 32 }, "refcount_bits=32" },
  { "qcow2-64",     "qcow2", { .size = DISK_SIZE, .cluster_size = 512, .refcount_bits = 64 }, "cluster_size=512,refcount_bits=64" },
  { "qcow2-2m",     "qcow2", { .size = DISK_SIZE, .cluster_size = 2u << 20 }, "cluster_size=2M" },
  { "qcow2-zstd",   "qcow2", { .size = DISK_SIZE, .zstd = TRUE }, "compression_type=zstd" },
  { "qcow2-meta",   "qcow2", { .size = DISK_SIZE, .preallocate = ASTERN_PREALLOCATE_METADATA }, "preallocation=metadata" },
};

static void
what_is_written_is_read_by_us_and_by_qemu (Fixture *f, gconstpointer data)
{
  const Variant *variant = data;
  AsternDiskFile *file;

  create_image (f, variant->format, &variant->options);
  for (guint i = 0; i < 3; i++)
    {
      file = open_image (f, variant->format, ASTERN_DISK_FILE_WRITE);
      change (f, file, 150);
      close_image (file);
      file = open_image (f, variant->format, 0);
      assert_content (f, file);
      close_image (file);
    }
  if (g_str_equal (variant->format, "qcow2"))
    assert_sound (f);
  if (has_qemu ())
    assert_qemu_agrees (f, variant->format);
}

static void
what_qemu_made_is_written_by_us (Fixture *f, gconstpointer data)
{
  const Variant *variant = data;
  AsternDiskFile *file;

  if (!has_qemu ())
    return;
  g_assert_cmpint (run (NULL, "qemu-img", "create", "-q", "-f", variant->format, "-o", variant->qemu, f->path, "8M", NULL), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-io", "-f", variant->format, "-c", "write -P 7 100k 500k", "-c", "write -z 200k 200k",
                        "-c", "write -P 9 7M 64k", f->path, NULL), ==, 0);
  memset (f->model + (100 << 10), 7, 500 << 10);
  memset (f->model + (200 << 10), 0, 200 << 10);
  memset (f->model + (7 << 20), 9, 64 << 10);
  file = open_image (f, variant->format, ASTERN_DISK_FILE_WRITE);
  assert_content (f, file);
  change (f, file, 300);
  assert_content (f, file);
  close_image (file);
  assert_sound (f);
  assert_qemu_agrees (f, variant->format);
}

static void
a_second_writer_is_refused (Fixture *f, gconstpointer data)
{
  static const AsternDiskFileOptions options = { .size = 65536 };
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  create_image (f, "raw", &options);
  file = open_image (f, "raw", ASTERN_DISK_FILE_WRITE);
  g_assert_null (astern_disk_file_open (f->path, "raw", ASTERN_DISK_FILE_WRITE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_null (astern_disk_file_open (f->path, "raw", 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  close_image (open_image (f, "raw", ASTERN_DISK_FILE_SHARED));
  if (has_qemu ())
    g_assert_cmpint (run (NULL, "qemu-io", "-f", "raw", "-c", "write 0 512", f->path, NULL), !=, 0);
  close_image (file);
  file = open_image (f, "raw", 0);
  close_image (open_image (f, "raw", 0));
  close_image (file);
}

static void
a_disk_that_was_taken_for_raw_stays_raw (Fixture *f, gconstpointer data)
{
  static const AsternDiskFileOptions options = { .size = 65536 };
  static const guint8 qcow2[8] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  create_image (f, "raw", &options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  g_assert_cmpstr (astern_disk_file_format (file), ==, "raw");
  g_assert_nonnull (astern_disk_file_warning (file));
  g_assert_false (astern_disk_file_write (file, 0, qcow2, sizeof qcow2, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  close_image (file);
  file = open_image (f, "raw", ASTERN_DISK_FILE_WRITE);
  g_assert_true (astern_disk_file_write (file, 0, qcow2, sizeof qcow2, NULL));
  close_image (file);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *ours = g_strdup_printf ("/images/%s/what_is_written_is_read_by_us_and_by_qemu", variants[i].name);
      g_autofree char *theirs = g_strdup_printf ("/images/%s/what_qemu_made_is_written_by_us", variants[i].name);

      g_test_add (ours, Fixture, &variants[i], set_up, what_is_written_is_read_by_us_and_by_qemu, tear_down);
      if (variants[i].qemu != NULL)
        g_test_add (theirs, Fixture, &variants[i], set_up, what_qemu_made_is_written_by_us, tear_down);
    }
#define ADD(name) g_test_add ("/images/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (a_second_writer_is_refused);
  ADD (a_disk_that_was_taken_for_raw_stays_raw);
  return g_test_run ();
}
