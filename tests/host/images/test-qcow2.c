/* What only qcow2 has: images based on others, snapshots, compressed clusters, other sizes, repair. */
#include "config.h"

#include "image-fixture.h"

#include "host/images/image-format.h"

#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

static const AsternDiskFileOptions plain = { .size = DISK_SIZE };
static const AsternDiskFileOptions version_2 = { .size = DISK_SIZE, .version = 2 };
static const AsternDiskFileOptions small_clusters = { .size = DISK_SIZE, .cluster_size = 4096, .refcount_bits = 8 };
static const AsternDiskFileOptions pages = { .size = DISK_SIZE, .cluster_size = 4096 };
static const AsternDiskFileOptions zstd = { .size = DISK_SIZE, .zstd = TRUE };

static void
finish (Fixture *f)
{
  assert_sound (f);
  if (has_qemu ())
    assert_qemu_agrees (f, "qcow2");
}

static void
an_overlay_shows_what_is_below_until_it_is_written (Fixture *f, gconstpointer options)
{
  g_autofree char *base = g_build_filename (f->dir, "base", NULL);
  AsternDiskFileOptions above = *(const AsternDiskFileOptions *) options;
  g_autofree char *base_content = NULL, *after = NULL;
  AsternDiskFile *file;
  gsize size, after_size;

  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  close_image (file);
  g_assert_cmpint (g_rename (f->path, base), ==, 0);
  above.backing = "base";
  above.backing_format = "qcow2";
  above.size = f->size = DISK_SIZE + 200000 / 512 * 512;       /* larger than what it is based on */
  create_image (f, "qcow2", &above);
  g_file_get_contents (base, &base_content, &size, NULL);
  for (guint i = 0; i < 2; i++)
    {
      file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
      assert_content (f, file);
      change (f, file, 150);
      close_image (file);
    }
  finish (f);
  g_file_get_contents (base, &after, &after_size, NULL);
  g_assert_cmpmem (base_content, size, after, after_size);
}

static void
an_image_that_is_based_on_itself_is_refused (Fixture *f, gconstpointer data)
{
  static const AsternDiskFileOptions options = { .size = DISK_SIZE, .backing = "disk", .backing_format = "qcow2" };
  g_autoptr (GError) error = NULL;

  create_image (f, "qcow2", &options);
  g_assert_null (astern_disk_file_open (f->path, "qcow2", 0, &error));
  g_assert_nonnull (strstr (error->message, "based on itself"));
}

static void
take_snapshot (AsternDiskFile *file, const char *name)
{
  g_autoptr (GError) error = NULL;

  astern_disk_file_snapshot_create (file, name, 1700000000, 5, &error);
  g_assert_no_error (error);
}

static void
snapshots_are_kept_while_the_disk_changes (Fixture *f, gconstpointer options)
{
  g_autofree guint8 *first = NULL, *second = NULL;
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  take_snapshot (file, "first");
  first = g_memdup2 (f->model, f->size);
  change (f, file, 100);
  take_snapshot (file, "second");
  g_assert_false (astern_disk_file_snapshot_create (file, "second", 0, 0, NULL));
  second = g_memdup2 (f->model, f->size);
  change (f, file, 100);
  close_image (file);
  finish (f);

  file = open_image (f, NULL, 0);
  astern_disk_file_snapshot_show (file, "first", &error);
  g_assert_no_error (error);
  memcpy (f->model, first, f->size);
  assert_content (f, file);
  close_image (file);

  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  astern_disk_file_snapshot_apply (file, "second", &error);
  g_assert_no_error (error);
  memcpy (f->model, second, f->size);
  assert_content (f, file);
  change (f, file, 100);
  astern_disk_file_snapshot_delete (file, "second", &error);
  g_assert_no_error (error);
  change (f, file, 50);
  close_image (file);
  finish (f);

  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  astern_disk_file_snapshot_apply (file, "1", &error);
  g_assert_no_error (error);
  memcpy (f->model, first, f->size);
  astern_disk_file_snapshot_delete (file, "first", &error);
  g_assert_no_error (error);
  g_assert_false (astern_disk_file_snapshot_delete (file, "first", NULL));
  assert_content (f, file);
  change (f, file, 100);
  close_image (file);
  finish (f);
}

static void
a_snapshot_that_cannot_be_counted_is_refused (Fixture *f, gconstpointer data)
{
  static const AsternDiskFileOptions options = { .size = DISK_SIZE, .refcount_bits = 1 };
  AsternDiskFile *file;

  create_image (f, "qcow2", &options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 50);
  g_assert_false (astern_disk_file_snapshot_create (file, "one", 0, 0, NULL));
  change (f, file, 50);
  close_image (file);
  finish (f);
}

static void
snapshots_of_qemu_are_ours_and_ours_are_qemus (Fixture *f, gconstpointer options)
{
  g_autofree guint8 *first = NULL;
  g_autofree char *list = NULL;
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  if (!has_qemu ())
    return;
  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  close_image (file);
  g_assert_cmpint (run (NULL, "qemu-img", "snapshot", "-c", "theirs", f->path, NULL), ==, 0);
  first = g_memdup2 (f->model, f->size);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  take_snapshot (file, "ours");
  change (f, file, 100);
  close_image (file);
  finish (f);
  g_assert_cmpint (run (&list, "qemu-img", "snapshot", "-l", f->path, NULL), ==, 0);
  g_assert_nonnull (strstr (list, "ours"));
  g_assert_cmpint (run (NULL, "qemu-img", "snapshot", "-d", "ours", f->path, NULL), ==, 0);
  finish (f);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  astern_disk_file_snapshot_apply (file, "theirs", &error);
  g_assert_no_error (error);
  memcpy (f->model, first, f->size);
  change (f, file, 100);
  close_image (file);
  finish (f);
}

static void
compressed_clusters_are_read_and_written_over (Fixture *f, gconstpointer data)
{
  const AsternDiskFileOptions *options = data;
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;
  guint64 cluster;

  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  cluster = astern_disk_file_cluster_size (file);
  for (guint64 at = 0; at < f->size / 2; at += cluster)
    {
      if (g_test_rand_int_range (0, 10) == 0)
        for (guint64 i = 0; i < cluster; i++)
          f->model[at + i] = (guint8) g_test_rand_int ();      /* does not get shorter */
      else
        memset (f->model + at, g_test_rand_int_range (0, 256), cluster);
      astern_disk_file_write_compressed (file, at, f->model + at, cluster, &error);
      g_assert_no_error (error);
    }
  assert_content (f, file);
  close_image (file);
  finish (f);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  assert_content (f, file);
  take_snapshot (file, "packed");
  change (f, file, 200);
  astern_disk_file_snapshot_delete (file, "packed", &error);
  g_assert_no_error (error);
  change (f, file, 50);
  assert_content (f, file);
  close_image (file);
  finish (f);
}

static void
clusters_that_qemu_compressed_are_read (Fixture *f, gconstpointer data)
{
  const AsternDiskFileOptions *options = data;
  g_autofree char *from = g_build_filename (f->dir, "from", NULL);
  AsternDiskFile *file;

  if (!has_qemu ())
    return;
  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 300);
  close_image (file);
  g_assert_cmpint (g_rename (f->path, from), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-img", "convert", "-c", "-O", "qcow2", "-o",
                        options->zstd ? "compression_type=zstd" : options->version == 2 ? "compat=0.10" : "cluster_size=64k",
                        from, f->path, NULL), ==, 0);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  assert_content (f, file);
  change (f, file, 200);
  close_image (file);
  finish (f);
}

static void
a_disk_grows_and_shrinks (Fixture *f, gconstpointer options)
{
  static const guint64 sizes[] = { DISK_SIZE + 512, 3 << 20, DISK_SIZE / 2 + 1536, 2 * DISK_SIZE, 65536, DISK_SIZE };
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      change (f, file, 60);
      astern_disk_file_resize (file, sizes[i], &error);
      g_assert_no_error (error);
      if (sizes[i] < f->size)
        memset (f->model + sizes[i], 0, 2 * DISK_SIZE - sizes[i]);
      f->size = sizes[i];
      assert_content (f, file);
    }
  close_image (file);
  finish (f);
}

static void
a_large_disk_has_its_tables_grow (Fixture *f, gconstpointer data)
{
  static const AsternDiskFileOptions options = { .size = G_GUINT64_CONSTANT (100) << 30, .cluster_size = 512 };
  g_autoptr (GError) error = NULL;
  guint8 buffer[20] = { 0 };
  AsternDiskFile *file;

  create_image (f, "qcow2", &options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  for (guint i = 0; i < 20000; i++)
    {
      astern_disk_file_write (file, i * G_GUINT64_CONSTANT (5000001), &i, sizeof i, &error);
      g_assert_no_error (error);
    }
  close_image (file);
  assert_sound (f);
  file = open_image (f, NULL, 0);
  for (guint i = 0; i < 20000; i++)
    {
      astern_disk_file_read (file, i * G_GUINT64_CONSTANT (5000001), buffer, sizeof buffer, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (buffer, sizeof i, &i, sizeof i);
    }
  close_image (file);
  if (has_qemu ())
    g_assert_cmpint (run (NULL, "qemu-img", "check", f->path, NULL), ==, 0);
}

static void
poke (Fixture *f, guint64 offset, gconstpointer bytes, gsize size)
{
  FILE *file = fopen (f->path, "r+b");

  g_assert_cmpint (fseek (file, (long) offset, SEEK_SET), ==, 0);
  g_assert_cmpint (fwrite (bytes, 1, size, file), ==, size);
  fclose (file);
}

/* Of the header. */
static guint64
peek (Fixture *f, guint offset)
{
  guint8 bytes[8] = { 0 };
  FILE *file = fopen (f->path, "rb");

  g_assert_cmpint (fseek (file, offset, SEEK_SET), ==, 0);
  g_assert_cmpint (fread (bytes, 1, 8, file), ==, 8);
  fclose (file);
  return astern_be64 (bytes);
}

static void
repair (Fixture *f, gboolean found)
{
  AsternDiskFile *file = open_image (f, "qcow2", ASTERN_DISK_FILE_WRITE | ASTERN_DISK_FILE_REPAIR);
  g_autoptr (GError) error = NULL;
  AsternDiskFileCheck result;

  astern_disk_file_check (file, ASTERN_REPAIR_ERRORS | ASTERN_REPAIR_LEAKS, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.corruptions + result.leaks, ==, 0);
  g_assert_cmpint (result.corruptions_fixed + result.leaks_fixed > 0, ==, found);
  close_image (file);
}

static void
lost_refcounts_are_counted_again (Fixture *f, gconstpointer options)
{
  static const guint8 zeros[65536];
  AsternDiskFile *file;
  guint64 table;

  create_image (f, "qcow2", options);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  take_snapshot (file, "one");
  change (f, file, 100);
  close_image (file);
  table = peek (f, 48);

  /* The counts of the first clusters. */
  poke (f, peek (f, (guint) table), zeros, 64);
  repair (f, TRUE);
  finish (f);
  /* Too large. */
  poke (f, peek (f, (guint) table) + 30, "\x01\x02\x03\x04\x05", 5);
  repair (f, TRUE);
  finish (f);
  /* Where the block is. */
  poke (f, table, "\x00\x00\x00\x7f\x00\x00\x00\x00", 8);
  repair (f, TRUE);
  finish (f);
  /* All of the table. */
  poke (f, peek (f, 48), zeros, 4096);
  repair (f, TRUE);
  finish (f);
  repair (f, FALSE);
}

static void
a_dirty_image_is_put_right_when_it_is_opened_to_be_written (Fixture *f, gconstpointer data)
{
  AsternDiskFile *file;

  create_image (f, "qcow2", &plain);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  close_image (file);
  poke (f, peek (f, (guint) peek (f, 48)) + 8, "\0\0\0\0\0\0\0\0", 8);
  poke (f, 79, "\x01", 1);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  change (f, file, 100);
  close_image (file);
  g_assert_cmpuint (peek (f, 72), ==, 0);
  finish (f);
}

static void
a_corrupt_image_is_read_and_never_written (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;

  create_image (f, "qcow2", &plain);
  poke (f, 79, "\x02", 1);
  close_image (open_image (f, NULL, 0));
  g_assert_null (astern_disk_file_open (f->path, NULL, ASTERN_DISK_FILE_WRITE, &error));
  g_assert_nonnull (strstr (error->message, "astern img check -r all"));
  g_clear_error (&error);
  repair (f, FALSE);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  astern_disk_file_write (file, 0, "data", 4, &error);
  g_assert_no_error (error);
  close_image (file);
}

static void
data_in_the_tables_is_found_before_they_are_written_over (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint8 entry[8];
  AsternDiskFile *file;
  guint64 l2;

  create_image (f, "qcow2", &plain);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  astern_disk_file_write (file, 0, "data", 4, &error);
  g_assert_no_error (error);
  close_image (file);
  l2 = peek (f, (guint) peek (f, 40)) & ~(G_GUINT64_CONSTANT (1) << 63);
  astern_put_be64 (entry, peek (f, 40) | G_GUINT64_CONSTANT (1) << 63);
  poke (f, l2, entry, sizeof entry);
  file = open_image (f, NULL, ASTERN_DISK_FILE_WRITE);
  g_assert_false (astern_disk_file_write (file, 0, "data", 4, &error));
  g_assert_nonnull (strstr (error->message, "corrupt"));
  g_clear_error (&error);
  g_assert_false (astern_disk_file_write (file, 1 << 20, "data", 4, &error));
  astern_disk_file_free (file);
  g_assert_cmpuint (peek (f, 72), ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, options) g_test_add ("/qcow2/" #name "/" #options, Fixture, &options, set_up, name, tear_down)
  ADD (an_overlay_shows_what_is_below_until_it_is_written, plain);
  ADD (an_overlay_shows_what_is_below_until_it_is_written, version_2);
  ADD (an_overlay_shows_what_is_below_until_it_is_written, small_clusters);
  ADD (an_image_that_is_based_on_itself_is_refused, plain);
  ADD (snapshots_are_kept_while_the_disk_changes, plain);
  ADD (snapshots_are_kept_while_the_disk_changes, version_2);
  ADD (snapshots_are_kept_while_the_disk_changes, small_clusters);
  ADD (a_snapshot_that_cannot_be_counted_is_refused, plain);
  ADD (snapshots_of_qemu_are_ours_and_ours_are_qemus, plain);
  ADD (snapshots_of_qemu_are_ours_and_ours_are_qemus, small_clusters);
  ADD (compressed_clusters_are_read_and_written_over, plain);
  ADD (compressed_clusters_are_read_and_written_over, version_2);
  ADD (compressed_clusters_are_read_and_written_over, pages);
  ADD (compressed_clusters_are_read_and_written_over, zstd);
  ADD (clusters_that_qemu_compressed_are_read, plain);
  ADD (clusters_that_qemu_compressed_are_read, version_2);
  ADD (clusters_that_qemu_compressed_are_read, zstd);
  ADD (a_disk_grows_and_shrinks, plain);
  ADD (a_disk_grows_and_shrinks, version_2);
  ADD (a_disk_grows_and_shrinks, small_clusters);
  ADD (a_large_disk_has_its_tables_grow, plain);
  ADD (lost_refcounts_are_counted_again, plain);
  ADD (lost_refcounts_are_counted_again, version_2);
  ADD (lost_refcounts_are_counted_again, small_clusters);
  ADD (a_dirty_image_is_put_right_when_it_is_opened_to_be_written, plain);
  ADD (a_corrupt_image_is_read_and_never_written, plain);
  ADD (data_in_the_tables_is_found_before_they_are_written_over, plain);
  return g_test_run ();
}
