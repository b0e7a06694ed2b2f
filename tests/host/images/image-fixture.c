#include "config.h"

#include "image-fixture.h"

#include <string.h>

#include <glib/gstdio.h>

void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->dir = g_dir_make_tmp ("astern-images-XXXXXX", &error);
  g_assert_no_error (error);
  f->path = g_build_filename (f->dir, "disk", NULL);
  f->size = DISK_SIZE;
  f->model = g_malloc0 (2 * DISK_SIZE);
}

void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->dir, name, NULL);

      g_unlink (path);
    }
  g_rmdir (f->dir);
  g_free (f->dir);
  g_free (f->path);
  g_free (f->model);
}

gboolean
has_qemu (void)
{
  g_autofree char *path = g_find_program_in_path ("qemu-img");

  if (path == NULL)
    g_test_skip ("qemu-img is not installed");
  return path != NULL;
}

int
run (char **output, const char *first, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) error = NULL;
  const char *word;
  va_list args;
  int status;

  va_start (args, first);
  for (word = first; word != NULL; word = va_arg (args, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (args);
  g_ptr_array_add (words, NULL);
  g_spawn_sync (NULL, (char **) words->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  if (status != 0 && output == NULL && g_test_verbose ())
    g_test_message ("%s%s", out, err);
  if (output != NULL)
    *output = g_steal_pointer (&out);
  return WEXITSTATUS (status);
}

AsternDiskFile *
open_image (Fixture *f, const char *format, AsternDiskFileFlags flags)
{
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file = astern_disk_file_open (f->path, format, flags, &error);

  g_assert_no_error (error);
  g_assert_nonnull (file);
  return file;
}

void
close_image (AsternDiskFile *file)
{
  g_autoptr (GError) error = NULL;

  astern_disk_file_close (file, &error);
  g_assert_no_error (error);
}

void
create_image (Fixture *f, const char *format, const AsternDiskFileOptions *options)
{
  g_autoptr (GError) error = NULL;

  astern_disk_file_create (f->path, format, options, &error);
  g_assert_no_error (error);
}

static void
fill (guint8 *to, gsize size)
{
  for (gsize i = 0; i < size; i++)
    to[i] = (guint8) (i % 13 == 0 ? g_test_rand_int () : 0x5a);
}

/* Few large, most small; often at the borders of something. */
static void
pick_range (Fixture *f, guint64 *offset, gsize *size)
{
  *size = (gsize) g_test_rand_int_range (1, g_test_rand_int_range (0, 8) == 0 ? 300000 : 9000);
  *offset = (guint64) g_test_rand_int_range (0, (gint32) f->size);
  if (g_test_rand_int_range (0, 2))
    {
      *offset &= ~G_GUINT64_CONSTANT (4095);
      *size = (*size + 4095) & ~(gsize) 4095;
    }
  *size = (gsize) MIN (*size, f->size - *offset);
}

void
change (Fixture *f, AsternDiskFile *file, guint rounds)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *buffer = g_malloc (400000);

  for (guint i = 0; i < rounds; i++)
    {
      guint64 offset;
      gsize size;

      pick_range (f, &offset, &size);
      switch (g_test_rand_int_range (0, 8))
        {
        case 0:
          memset (f->model + offset, 0, size);
          astern_disk_file_zero (file, offset, size, &error);
          break;
        case 1: case 2: case 3:
          astern_disk_file_read (file, offset, buffer, size, &error);
          g_assert_cmpmem (buffer, size, f->model + offset, size);
          break;
        case 4:
          astern_disk_file_flush (file, &error);
          break;
        default:
          fill (f->model + offset, size);
          astern_disk_file_write (file, offset, f->model + offset, size, &error);
        }
      g_assert_no_error (error);
    }
}

void
assert_content (Fixture *f, AsternDiskFile *file)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *buffer = g_malloc (f->size);

  g_assert_cmpuint (astern_disk_file_size (file), ==, f->size);
  astern_disk_file_read (file, 0, buffer, f->size, &error);
  g_assert_no_error (error);
  g_assert_true (memcmp (buffer, f->model, f->size) == 0);
}

void
assert_qemu_agrees (Fixture *f, const char *format)
{
  g_autofree char *raw = g_build_filename (f->dir, "model.raw", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (raw, (const char *) f->model, (gssize) f->size, &error);
  g_assert_no_error (error);
  if (!g_str_equal (format, "raw"))
    g_assert_cmpint (run (NULL, "qemu-img", "check", "-f", format, f->path, NULL), ==, 0);
  g_assert_cmpint (run (NULL, "qemu-img", "compare", "-f", format, "-F", "raw", f->path, raw, NULL), ==, 0);
}

void
assert_sound (Fixture *f)
{
  AsternDiskFile *file = open_image (f, "qcow2", 0);
  g_autoptr (GError) error = NULL;
  AsternDiskFileCheck result;

  astern_disk_file_check (file, 0, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.corruptions, ==, 0);
  g_assert_cmpuint (result.leaks, ==, 0);
  close_image (file);
}
