/* Where images lie besides files: a folder that looks like a FAT disk, an NBD server's export. */
#include "config.h"

#include "image-fixture.h"

#include "host/images/store.h"

#include <string.h>
#include <signal.h>
#include <unistd.h>

#include <glib/gstdio.h>

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip ("a program is not installed");
  return path != NULL;
}

static void
put_file (const char *folder, const char *name, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *parent = g_path_get_dirname (path), *content = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size; i++)
    content[i] = (char) g_test_rand_int ();
  g_assert_cmpint (g_mkdir_with_parents (parent, 0777), ==, 0);
  g_file_set_contents (path, content, (gssize) size, &error);
  g_assert_no_error (error);
}

static char *
make_folder (Fixture *f)
{
  static const struct { const char *name; gsize size; } files[] = {
    { "README.TXT", 100 }, { "readme.txt", 5000 }, { "empty", 0 }, { "a name that is long, and has a dot. somewhere.html", 70000 },
    { "Ünïcödé – ☃.txt", 9 }, { "deep/er/and/deeper/file.bin", 40000 }, { ".hidden", 3 }, { "no-extension-but-long", 8192 },
  };
  char *folder = g_build_filename (f->dir, "folder", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    put_file (folder, files[i].name, files[i].size);
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/file number %u.data", i);

      put_file (folder, name, i * 37);
    }
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_assert_cmpint (run (NULL, "rm", "-r", folder, NULL), ==, 0);
}

/* The disk is written to a file, checked, and what mtools find in it compared. */
static void
a_folder_is_a_fat_disk (Fixture *f, gconstpointer data)
{
  const char *scheme = data;
  g_autofree char *folder = make_folder (f), *spec = g_strconcat (scheme, folder, NULL);
  g_autofree char *out = g_build_filename (f->dir, "out", NULL), *part = g_build_filename (f->dir, "part", NULL);
  gboolean floppy = strstr (scheme, "floppy") != NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *buffer = g_malloc (1 << 20);
  AsternDiskFile *file;
  FILE *to;

  if (!has_program ("fsck.fat") || !has_program ("mcopy"))
    {
      remove_folder (folder);
      return;
    }
  file = astern_disk_file_open (spec, "raw", 0, &error);
  g_assert_no_error (error);
  to = fopen (part, "wb");
  for (guint64 at = floppy ? 0 : 63 * 512; at < astern_disk_file_size (file); at += 1 << 20)
    {
      gsize n = (gsize) MIN (1u << 20, astern_disk_file_size (file) - at);

      astern_disk_file_read (file, at, buffer, n, &error);
      g_assert_no_error (error);
      if (buffer[0] == 0 && memcmp (buffer, buffer + 1, n - 1) == 0)
        fseek (to, (long) n, SEEK_CUR);
      else
        fwrite (buffer, 1, n, to);
    }
  fflush (to);
  g_assert_cmpint (ftruncate (fileno (to), (off_t) (astern_disk_file_size (file) - (floppy ? 0 : 63 * 512))), ==, 0);
  fclose (to);
  close_image (file);
  g_assert_cmpint (run (NULL, "fsck.fat", "-n", part, NULL), ==, 0);
  g_assert_cmpint (g_mkdir (out, 0777), ==, 0);
  g_assert_cmpint (run (NULL, "env", "LC_ALL=C.UTF-8", "mcopy", "-s", "-Q", "-n", "-i", part, "::*", out, NULL), ==, 0);
  g_assert_cmpint (run (NULL, "diff", "-r", "-x", "README.TXT", "-x", "readme.txt", folder, out, NULL), ==, 0);
  remove_folder (folder);
  remove_folder (out);
}

static void
a_folder_is_never_written (Fixture *f, gconstpointer data)
{
  g_autofree char *spec = g_strconcat ("fat:", f->dir, NULL), *writable = g_strconcat ("fat:rw:", f->dir, NULL);
  g_autoptr (GError) error = NULL, refused = NULL;
  AsternDiskFile *file = astern_disk_file_open (spec, "raw", ASTERN_DISK_FILE_WRITE, &error);

  g_assert_no_error (error);
  g_assert_true (astern_disk_file_readonly (file));
  g_assert_false (astern_disk_file_write (file, 0, "x", 1, &refused));
  g_assert_nonnull (refused);
  astern_disk_file_free (file);
  g_assert_null (astern_disk_file_open (writable, "raw", ASTERN_DISK_FILE_WRITE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY);
  file = astern_disk_file_open (writable, "raw", 0, NULL);
  g_assert_nonnull (file);
  astern_disk_file_free (file);
}

static void
too_much_for_a_floppy_is_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (f->dir, "folder", NULL), *spec = g_strconcat ("fat:floppy:", folder, NULL);
  g_autoptr (GError) error = NULL;

  put_file (folder, "large", 3 << 20);
  g_assert_null (astern_disk_file_open (spec, "raw", 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  remove_folder (folder);
}

static GPid
serve (Fixture *f, const char *socket, const char *image, const char *format)
{
  char *words[] = { "qemu-nbd", "-k", (char *) socket, "-t", "-e", "4", "-x", "disk", "-f", (char *) format, (char *) image, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_spawn_async (NULL, words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 500 && !g_file_test (socket, G_FILE_TEST_EXISTS); i++)
    g_usleep (10000);
  return pid;
}

static void
an_export_is_read_and_written_over_nbd (Fixture *f, gconstpointer data)
{
  const char *form = data;
  static const AsternDiskFileOptions options = { .size = DISK_SIZE };
  g_autofree char *socket = g_build_filename (f->dir, "socket", NULL), *spec = NULL;
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;
  GPid pid;

  if (!has_program ("qemu-nbd"))
    return;
  create_image (f, "raw", &options);
  pid = serve (f, socket, f->path, "raw");
  spec = g_strdup_printf (g_str_equal (form, "uri") ? "nbd+unix:///disk?socket=%s" : "nbd:unix:%s:exportname=disk", socket);
  file = astern_disk_file_open (spec, "raw", ASTERN_DISK_FILE_WRITE, &error);
  g_assert_no_error (error);
  change (f, file, 200);
  assert_content (f, file);
  close_image (file);
  kill (pid, SIGTERM);
  g_spawn_close_pid (pid);
  g_unlink (socket);
  file = open_image (f, "raw", ASTERN_DISK_FILE_SHARED);
  assert_content (f, file);
  close_image (file);
}

/* A file as a block device of the host: who is not root has none. */
static char *
attach_device (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *zeros = g_malloc0 (DISK_SIZE);
  g_autofree char *losetup = g_find_program_in_path ("losetup");
  char *device = NULL;

  g_file_set_contents (f->path, (const char *) zeros, DISK_SIZE, &error);
  g_assert_no_error (error);
  if (geteuid () == 0 && losetup != NULL && run (&device, losetup, "-f", "--show", f->path, NULL) == 0)
    return g_strchomp (device);
  g_free (device);
  return NULL;
}

static void
a_block_device_of_the_host_is_read_and_written (Fixture *f, gconstpointer data)
{
  g_autofree char *device = attach_device (f), *content = NULL;
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;
  gsize size;

  if (device == NULL)
    {
      g_test_skip ("losetup gives no block device here");
      return;
    }
  f->size = DISK_SIZE;
  file = astern_disk_file_open (device, "raw", ASTERN_DISK_FILE_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (astern_disk_file_size (file), ==, DISK_SIZE);
  change (f, file, 200);
  assert_content (f, file);
  g_assert_false (astern_disk_file_resize (file, 2 * DISK_SIZE, NULL));
  close_image (file);
  file = astern_disk_file_open (device, "raw", 0, &error);
  g_assert_no_error (error);
  assert_content (f, file);
  close_image (file);
  g_assert_cmpint (run (NULL, "losetup", "-d", device, NULL), ==, 0);
  g_file_get_contents (f->path, &content, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (content, size, f->model, DISK_SIZE);
}

static void
what_is_not_there_says_what_to_do (Fixture *f, gconstpointer data)
{
  static const char *const specs[] = { "https://example.org/disk.img", "nbd:nowhere", "nbd+unix:///?socket=/nonexistent", "fat:/nonexistent", "/nonexistent" };

  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (astern_disk_file_open (specs[i], NULL, 0, &error));
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, label) g_test_add ("/stores/" #name "/" label, Fixture, data, set_up, name, tear_down)
  ADD (a_folder_is_a_fat_disk, "fat:", "any");
  ADD (a_folder_is_a_fat_disk, "fat:12:", "12");
  ADD (a_folder_is_a_fat_disk, "fat:32:", "32");
  ADD (a_folder_is_a_fat_disk, "fat:floppy:", "floppy");
  ADD (a_folder_is_never_written, NULL, "any");
  ADD (too_much_for_a_floppy_is_refused, NULL, "any");
  ADD (an_export_is_read_and_written_over_nbd, "uri", "uri");
  ADD (an_export_is_read_and_written_over_nbd, "words", "words");
  ADD (a_block_device_of_the_host_is_read_and_written, NULL, "any");
  ADD (what_is_not_there_says_what_to_do, NULL, "any");
  return g_test_run ();
}
