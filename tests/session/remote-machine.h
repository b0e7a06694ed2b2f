/* remote-machine - for tests of the screen's servers: a machine in a process of its own, and its monitor. */
#pragma once

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <png.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define PATIENCE_US (120 * G_USEC_PER_SEC)

typedef struct
{
  char        *folder, *vnc, *spice, *monitor, *picture;
  GSubprocess *astern;
  GSocketConnection *commands;
} Machine;

static inline GSocketConnection *
connect_to (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  GSocketConnection *connection = NULL;

  while (connection == NULL && g_get_monotonic_time () < end)
    {
      connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
      if (connection == NULL)
        g_usleep (20000);
    }
  g_assert_nonnull (connection);
  return connection;
}

/* Waits for the prompt; returns what came before it. */
static inline char *
answer (Machine *m)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (m->commands));
  g_autoptr (GString) text = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (text->str, "(astern) ") && g_input_stream_read (in, &byte, 1, NULL, NULL) == 1)
    g_string_append_c (text, byte);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static inline char *
command (Machine *m, const char *line)
{
  g_autofree char *typed = g_strconcat (line, "\n", NULL);

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (m->commands)), typed, strlen (typed), NULL, NULL, NULL);
  return answer (m);
}

/* In the child: when a test fails, its machine does not stay behind. */
static inline void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* @more: NULL-terminated. */
static inline void
start (Machine *m, const char *vnc_options, const char *spice_options, const char *const *more)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_autofree char *astern = g_build_filename (g_getenv ("top_builddir") != NULL ? g_getenv ("top_builddir") : ".", "astern", NULL);
  g_autofree char *where = NULL, *place = NULL, *spice = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;

  m->folder = g_dir_make_tmp ("astern-remote-XXXXXX", &error);
  g_assert_no_error (error);
  m->vnc = g_build_filename (m->folder, "vnc", NULL);
  m->spice = g_build_filename (m->folder, "spice", NULL);
  m->monitor = g_build_filename (m->folder, "monitor", NULL);
  m->picture = g_build_filename (m->folder, "screen.png", NULL);
  where = g_strdup_printf ("unix:%s%s", m->vnc, vnc_options);
  spice = g_strdup_printf ("unix=on,addr=%s%s", m->spice, spice_options);
  place = g_strdup_printf ("unix:%s,server,nowait", m->monitor);
  g_ptr_array_add (args, astern);
  g_ptr_array_add (args, (char *) "run");
  g_ptr_array_add (args, (char *) "-vnc");
  g_ptr_array_add (args, where);
  g_ptr_array_add (args, (char *) "-spice");
  g_ptr_array_add (args, spice);
  g_ptr_array_add (args, (char *) "-monitor");
  g_ptr_array_add (args, place);
  g_ptr_array_add (args, (char *) "-serial");
  g_ptr_array_add (args, (char *) "null");
  for (; *more != NULL; more++)
    g_ptr_array_add (args, (char *) *more);
  g_ptr_array_add (args, NULL);
  /* libspice-server warns of a wrong password, and the tests' environment makes warnings fatal. */
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  {
    g_autofree char *known = g_strconcat ("suppressions=", g_getenv ("top_srcdir") != NULL ? g_getenv ("top_srcdir") : ".",
                                          "/tests/session/lsan.supp:print_suppressions=0", NULL);

    g_subprocess_launcher_setenv (launcher, "LSAN_OPTIONS", known, TRUE);
  }
  m->astern = g_subprocess_launcher_spawnv (launcher, (const char *const *) args->pdata, &error);
  g_assert_no_error (error);
  m->commands = connect_to (m->monitor);
  g_free (answer (m));
  /* They listen a little later than the monitor answers, and a client that comes too early does not come again. */
  g_object_unref (connect_to (m->vnc));
  g_object_unref (connect_to (m->spice));
}

static inline void
end (Machine *m)
{
  g_free (command (m, "stop"));
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (m->commands)), "quit\n", 5, NULL, NULL, NULL);
  g_assert_true (g_subprocess_wait (m->astern, NULL, NULL));
  g_assert_false (g_file_test (m->vnc, G_FILE_TEST_EXISTS));      /* it cleans up behind itself */
  g_assert_false (g_file_test (m->spice, G_FILE_TEST_EXISTS));
  g_clear_object (&m->commands);
  g_clear_object (&m->astern);
  g_remove (m->picture);
  g_remove (m->monitor);
  g_rmdir (m->folder);
  g_free (m->folder);
  g_free (m->vnc);
  g_free (m->spice);
  g_free (m->monitor);
  g_free (m->picture);
}

/* What the monitor's screendump has, and what the client sees. */
static inline gboolean
is_the_screen (Machine *m, const guint32 *seen, guint width, guint height)
{
  g_autofree char *line = g_strdup_printf ("screendump %s", m->picture);
  png_image png = { .version = PNG_IMAGE_VERSION };
  g_autofree guint32 *pixels = NULL;
  gboolean same;

  g_free (command (m, line));
  g_assert_true (png_image_begin_read_from_file (&png, m->picture));
  png.format = PNG_FORMAT_BGRA;
  pixels = g_malloc (PNG_IMAGE_SIZE (png));
  g_assert_true (png_image_finish_read (&png, NULL, pixels, 0, NULL));
  same = seen != NULL && width == png.width && height == png.height;
  for (guint i = 0; same && i < png.width * png.height; i++)
    same = (seen[i] & 0xffffff) == (pixels[i] & 0xffffff);
  return same;
}

/* Waits for it; @meanwhile (nullable) is called again and again. */
static inline gboolean
comes_to_say (Machine *m, const char *words, void (*meanwhile) (gpointer user), gpointer user)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < until)
    {
      g_autofree char *screen = command (m, "info screen");

      if (strstr (screen, words) != NULL)
        return TRUE;
      if (meanwhile != NULL)
        meanwhile (user);
      else
        g_usleep (50000);
    }
  return FALSE;
}

static inline void
tell (Machine *m, const char *line)
{
  g_free (command (m, line));
}

/* A free port of this host's; another program might take it before it is used. */
static inline guint16
free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

/* ---- a cursor, with -vga cirrus ---- */

/* A sequencer's register of the GD5446. */
static inline void
sequencer (Machine *m, guint index, guint value)
{
  g_autofree char *select = g_strdup_printf ("o 0x3c4 0x%x", index), *set = g_strdup_printf ("o 0x3c5 0x%x", value);

  tell (m, select);
  tell (m, set);
}

static inline guint64
frame_buffer (Machine *m)
{
  g_autofree char *map = command (m, "info mtree");
  const char *line = strstr (map, "(cirrus-direct)");

  g_assert_nonnull (line);
  while (line > map && line[-1] != '\n')
    line--;
  return g_ascii_strtoull (line, NULL, 16);
}

/* A cursor of 32 x 32 whose first pixel is of the first colour, white, and whose others are clear. */
static inline void
make_cursor (Machine *m)
{
  static const char *const colors[] = { "o 0x3c8 0", "o 0x3c9 63", "o 0x3c9 63", "o 0x3c9 63", NULL };

  g_autofree char *pixel = g_strdup_printf ("set phys.u8[0x%" G_GINT64_MODIFIER "x] = 0x80", frame_buffer (m) + (4 << 20) - 0x4000 + 128);

  sequencer (m, 0x06, 0x12);
  sequencer (m, 0x07, 0x01);
  sequencer (m, 0x12, 0x02);            /* the DAC has the cursor's colours */
  for (guint i = 0; colors[i] != NULL; i++)
    tell (m, colors[i]);
  sequencer (m, 0x13, 0x00);
  sequencer (m, 0x10 | 5 << 5, 6);      /* 6 * 8 + 5 */
  sequencer (m, 0x11, 4);
  tell (m, pixel);
  sequencer (m, 0x12, 0x03);
}
