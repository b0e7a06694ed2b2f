/* file.c - reading and writing whole files, and small facts of the host.
 * Source: GLib reference; Linux proc(5), /proc/meminfo. */
#include "config.h"

#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>

static void
set_file_error (GError **error, int number, const char *format, const char *what, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *message = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  message = g_strdup_printf (format, what, shown);
#pragma GCC diagnostic pop
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number), "%s: %s.", message, g_strerror (number));
}

static gboolean
read_all (int fd, GByteArray *bytes, gsize max_bytes)
{
  for (;;)
    {
      guint8 part[65536];
      gssize n = read (fd, part, sizeof part);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0;
      if (bytes->len + (gsize) n > max_bytes)
        {
          errno = EFBIG;
          return FALSE;
        }
      g_byte_array_append (bytes, part, (guint) n);
    }
}

GBytes *
astern_file_read (const char *path, const char *what, gsize max_bytes, GError **error)
{
  /* Translators: the first %s is “kernel”, “initrd”, … */
  const char *format = _("Cannot read the %s “%s”");
  g_autoptr (GByteArray) bytes = NULL;
  struct stat info;
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean good;

  if (fd < 0)
    {
      set_file_error (error, errno, format, what, path);
      return NULL;
    }
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0 &&
      (guint64) info.st_size <= MIN (max_bytes, (gsize) G_MAXUINT / 2))
    bytes = g_byte_array_sized_new ((guint) info.st_size);
  else
    bytes = g_byte_array_new ();
  good = read_all (fd, bytes, MIN (max_bytes, (gsize) G_MAXUINT / 2));
  if (!good)
    set_file_error (error, errno, format, what, path);
  close (fd);
  return good ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}

gboolean
astern_file_write (const char *path, const char *what, GBytes *data, GError **error)
{
  g_autoptr (GError) failed = NULL;
  gsize size;
  const char *bytes = g_bytes_get_data (data, &size);

  if (g_file_set_contents (path, bytes, (gssize) size, &failed))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("Cannot write the %s: %s."), what, failed->message);
  return FALSE;
}

guint64
astern_host_wall_clock_s (gboolean local)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (local)
    {
      g_autoptr (GDateTime) here = g_date_time_new_from_unix_local (now_s);

      if (here != NULL)
        now_s += g_date_time_get_utc_offset (here) / G_USEC_PER_SEC;
    }
  return (guint64) MAX (now_s, 0);
}

guint64
astern_host_random_seed (void)
{
  return (guint64) g_random_int () << 32 | g_random_int ();
}

guint64
astern_host_memory_bytes (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint64 total_kib = 0;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "MemTotal:") || g_str_has_prefix (*line, "SwapTotal:"))
      total_kib += g_ascii_strtoull (strchr (*line, ':') + 1, NULL, 10);
  return total_kib * 1024;
}
