/* The screen as people see it who are somewhere else, with their own programs' libraries: LibVNCClient, spice-client-glib. */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <png.h>
#include <rfb/rfbclient.h>
#include <spice-client.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

/* ---- a machine in a process of its own, and its monitor ---- */

typedef struct
{
  char        *folder, *vnc, *spice, *monitor, *picture;
  GSubprocess *astern;
  GSocketConnection *commands;
} Machine;

static GSocketConnection *
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
static char *
answer (Machine *m)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (m->commands));
  g_autoptr (GString) text = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (text->str, "(astern) ") && g_input_stream_read (in, &byte, 1, NULL, NULL) == 1)
    g_string_append_c (text, byte);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
command (Machine *m, const char *line)
{
  g_autofree char *typed = g_strconcat (line, "\n", NULL);

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (m->commands)), typed, strlen (typed), NULL, NULL, NULL);
  return answer (m);
}

/* @more: NULL-terminated. */
static void
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
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  m->astern = g_subprocess_launcher_spawnv (launcher, (const char *const *) args->pdata, &error);
  g_assert_no_error (error);
  m->commands = connect_to (m->monitor);
  g_free (answer (m));
}

static void
end (Machine *m)
{
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

/* ---- a VNC client ---- */

static rfbClient *
new_client (const char *path, GetPasswordProc password)
{
  rfbClient *client = rfbGetClient (8, 3, 4);

  rfbEnableClientLogging = FALSE;
  client->format.redShift = 16;
  client->format.greenShift = 8;
  client->format.blueShift = 0;
  client->canHandleNewFBSize = TRUE;
  client->appData.encodingsString = "tight zrle hextile raw";
  client->appData.compressLevel = 1;
  client->appData.enableJPEG = FALSE;
  client->GetPassword = password;
  free (client->serverHost);
  client->serverHost = strdup (path);
  client->serverPort = 0;
  return rfbInitClient (client, NULL, NULL) ? client : NULL;
}

static void
free_client (rfbClient *client)
{
  free (client->frameBuffer);
  client->frameBuffer = NULL;
  rfbClientCleanup (client);
}

static void
follow (rfbClient *client, guint ms)
{
  gint64 until = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < until)
    if (WaitForMessage (client, 20000) > 0)
      g_assert_true (HandleRFBServerMessage (client));
}

/* What the monitor's screendump has, and what the client sees. */
static gboolean
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

static gboolean
sees_the_screen (Machine *m, rfbClient *client)
{
  return is_the_screen (m, (const guint32 *) client->frameBuffer, (guint) client->width, (guint) client->height);
}

static gboolean
comes_to_see_the_screen (Machine *m, rfbClient *client)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  do
    follow (client, 200);
  while (!sees_the_screen (m, client) && g_get_monotonic_time () < until);
  return sees_the_screen (m, client);
}

static gboolean
screen_says (Machine *m, rfbClient *client, const char *words)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < until)
    {
      g_autofree char *screen = command (m, "info screen");

      if (strstr (screen, words) != NULL)
        return TRUE;
      if (client != NULL)
        follow (client, 50);
      else
        g_usleep (50000);
    }
  return FALSE;
}

/* ---- a SPICE client ---- */

typedef struct
{
  SpiceSession       *session;
  SpiceDisplayChannel *display;
  SpiceInputsChannel *inputs;
  const guint32      *pixels;
  guint               width, height, stride;
  gint                failed;
} Viewer;

static void
on_primary (SpiceChannel *channel, gint format, gint width, gint height, gint stride, gint shmid, gpointer data, Viewer *viewer)
{
  viewer->pixels = data;
  viewer->width = (guint) width;
  viewer->height = (guint) height;
  viewer->stride = (guint) stride;
}

static void
on_primary_gone (SpiceChannel *channel, Viewer *viewer)
{
  viewer->pixels = NULL;
}

static void
on_channel_event (SpiceChannel *channel, SpiceChannelEvent event, Viewer *viewer)
{
  if (event >= SPICE_CHANNEL_ERROR_CONNECT)
    viewer->failed = event;
}

static void
on_channel (SpiceSession *session, SpiceChannel *channel, Viewer *viewer)
{
  g_signal_connect (channel, "channel-event", G_CALLBACK (on_channel_event), viewer);
  if (SPICE_IS_DISPLAY_CHANNEL (channel))
    {
      viewer->display = SPICE_DISPLAY_CHANNEL (channel);
      g_signal_connect (channel, "display-primary-create", G_CALLBACK (on_primary), viewer);
      g_signal_connect (channel, "display-primary-destroy", G_CALLBACK (on_primary_gone), viewer);
    }
  else if (SPICE_IS_INPUTS_CHANNEL (channel))
    viewer->inputs = SPICE_INPUTS_CHANNEL (channel);
  spice_channel_connect (channel);
}

static void
view (Viewer *viewer, const char *path, const char *password)
{
  *viewer = (Viewer) { .session = spice_session_new () };
  g_object_set (viewer->session, "unix-path", path, "password", password, NULL);
  g_signal_connect (viewer->session, "channel-new", G_CALLBACK (on_channel), viewer);
  g_assert_true (spice_session_connect (viewer->session));
}

static void
stop_viewing (Viewer *viewer)
{
  spice_session_disconnect (viewer->session);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (viewer->session);
}

static void
watch (guint ms)
{
  gint64 until = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static gboolean
comes_to_view_the_screen (Machine *m, Viewer *viewer)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < until)
    {
      watch (200);
      if (is_the_screen (m, viewer->pixels, viewer->width, viewer->height))
        return TRUE;
    }
  return FALSE;
}

/* ---- the claims ---- */

static void
a_vnc_client_sees_the_screen_and_types_into_the_guest (void)
{
  static const char *const args[] = { "-boot", "menu=on", NULL };
  Machine m;
  rfbClient *client;

  start (&m, "", ",disable-ticketing=on", args);
  g_assert_true (screen_says (&m, NULL, "ESC"));
  client = new_client (m.vnc, NULL);
  g_assert_nonnull (client);
  SendKeyEvent (client, XK_Escape, TRUE);
  SendKeyEvent (client, XK_Escape, FALSE);
  g_assert_true (screen_says (&m, client, "Select boot device"));
  g_free (command (&m, "stop"));
  g_assert_true (comes_to_see_the_screen (&m, client));
  free_client (client);
  end (&m);
}

static char *
right_password (rfbClient *client)
{
  return strdup ("sesame");
}

static char *
wrong_password (rfbClient *client)
{
  return strdup ("open");
}

static void
without_its_password_nobody_comes_in (void)
{
  static const char *const args[] = { "-S", NULL };
  Machine m;
  rfbClient *client;
  g_autofree char *said = NULL;

  start (&m, ",password=on", ",password=sesame", args);
  g_assert_null (new_client (m.vnc, right_password));       /* there is none yet */
  said = command (&m, "set_password vnc sesame");
  g_assert_null (new_client (m.vnc, wrong_password));
  client = new_client (m.vnc, right_password);
  g_assert_nonnull (client);
  free_client (client);
  end (&m);
}

static void
what_is_typed_in_the_past_is_not_heard (void)
{
  static const char *const args[] = { "-boot", "menu=on", NULL };
  Machine m;
  rfbClient *client;

  start (&m, "", ",disable-ticketing=on", args);
  g_assert_true (screen_says (&m, NULL, "ESC"));
  client = new_client (m.vnc, NULL);
  g_free (command (&m, "stop"));
  g_free (command (&m, "goto 1000000"));
  g_assert_true (comes_to_see_the_screen (&m, client));     /* as it was then */
  SendKeyEvent (client, XK_Escape, TRUE);
  SendKeyEvent (client, XK_Escape, FALSE);
  follow (client, 500);
  g_free (command (&m, "end"));
  g_assert_true (screen_says (&m, client, "ESC"));
  g_free (command (&m, "cont"));
  follow (client, 1000);
  g_assert_true (screen_says (&m, client, "ESC"));
  {
    g_autofree char *screen = command (&m, "info screen");

    g_assert_null (strstr (screen, "Select boot device"));
  }
  free_client (client);
  end (&m);
}

static void
a_spice_client_sees_the_screen_and_types_into_the_guest (void)
{
  static const char *const args[] = { "-boot", "menu=on", NULL };
  Machine m;
  Viewer viewer;
  gint64 until;
  gboolean there = FALSE;

  start (&m, "", ",disable-ticketing=on", args);
  g_assert_true (screen_says (&m, NULL, "ESC"));
  view (&viewer, m.spice, NULL);
  until = g_get_monotonic_time () + PATIENCE_US;
  while (!there && g_get_monotonic_time () < until)
    {
      g_autofree char *screen = command (&m, "info screen");

      there = strstr (screen, "Select boot device") != NULL;
      watch (50);
      if (viewer.inputs == NULL || there)
        continue;
      spice_inputs_channel_key_press (viewer.inputs, 1);
      spice_inputs_channel_key_release (viewer.inputs, 1);
    }
  g_assert_true (there);
  watch (500);                  /* the last of them has come */
  g_free (command (&m, "stop"));
  g_assert_true (comes_to_view_the_screen (&m, &viewer));
  stop_viewing (&viewer);
  end (&m);
}

static void
a_spice_client_must_know_the_password (void)
{
  static const char *const args[] = { "-S", NULL };
  Machine m;
  Viewer viewer;

  start (&m, "", ",password=sesame", args);
  watch (100);                  /* the server has heard of it */
  view (&viewer, m.spice, "open");
  watch (1000);
  /* The server hangs up on who is wrong: on a busy host before the client has read why. */
  g_assert_true (viewer.failed == SPICE_CHANNEL_ERROR_AUTH || viewer.failed == SPICE_CHANNEL_ERROR_LINK);
  g_assert_null (viewer.display);
  stop_viewing (&viewer);
  view (&viewer, m.spice, "sesame");
  g_assert_true (comes_to_view_the_screen (&m, &viewer));
  stop_viewing (&viewer);
  end (&m);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (!g_file_test ("/usr/share/seabios/vgabios-stdvga.bin", G_FILE_TEST_EXISTS))
    {
      g_print ("1..0 # SKIP there is no SeaBIOS\n");
      return 0;
    }
  g_test_add_func ("/remote/vnc", a_vnc_client_sees_the_screen_and_types_into_the_guest);
  g_test_add_func ("/remote/password", without_its_password_nobody_comes_in);
  g_test_add_func ("/remote/past", what_is_typed_in_the_past_is_not_heard);
  g_test_add_func ("/remote/spice", a_spice_client_sees_the_screen_and_types_into_the_guest);
  g_test_add_func ("/remote/spice-password", a_spice_client_must_know_the_password);
  return g_test_run ();
}
