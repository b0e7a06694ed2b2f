/* The screen as people see it who are somewhere else, with their own programs' libraries: LibVNCClient, spice-client-glib. */
#include "config.h"

#include "session/spice-viewer.h"

#include <rfb/rfbclient.h>
#include <stdlib.h>

/* ---- a VNC client ---- */

/* What a client that draws the cursor itself was told of it. */
static guint cursor_width, cursor_height;
static guint32 cursor_pixel;
static guint8 cursor_mask[2];

static void
got_cursor (rfbClient *client, int hot_x, int hot_y, int width, int height, int bytes_per_pixel)
{
  cursor_width = (guint) width;
  cursor_height = (guint) height;
  if (width == 0 || client->rcSource == NULL || client->rcMask == NULL)
    return;
  memcpy (&cursor_pixel, client->rcSource, sizeof cursor_pixel);
  memcpy (cursor_mask, client->rcMask, sizeof cursor_mask);
}

/* The library's call takes no data, so what it is to ask for is told by a variable. */
static gboolean draws_cursor, alone;

static rfbClient *
new_client (const char *path, GetPasswordProc password)
{
  rfbClient *client = rfbGetClient (8, 3, 4);

  client->appData.useRemoteCursor = draws_cursor;
  client->appData.shareDesktop = !alone;
  client->GotCursorShape = got_cursor;

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
  g_clear_pointer (&client->rcSource, free);         /* the cursor's picture and mask: the library forgets them */
  g_clear_pointer (&client->rcMask, free);
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

static void
follow_some (gpointer client)
{
  follow (client, 50);
}

static gboolean
screen_says (Machine *m, rfbClient *client, const char *words)
{
  return comes_to_say (m, words, client != NULL ? follow_some : NULL, client);
}

/* The BIOS waits a moment only, which a client on a busy host needs to connect. */
static void
stop_at_the_boot_prompt (Machine *m)
{
  g_assert_true (screen_says (m, NULL, "ESC"));
  g_free (command (m, "stop"));
}

/* ---- the claims ---- */

static void
a_vnc_client_sees_the_screen_and_types_into_the_guest (void)
{
  static const char *const args[] = { "-boot", "menu=on", NULL };
  Machine m;
  rfbClient *client;

  start (&m, "", ",disable-ticketing=on", args);
  stop_at_the_boot_prompt (&m);
  client = new_client (m.vnc, NULL);
  g_assert_nonnull (client);
  g_free (command (&m, "cont"));
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
  stop_at_the_boot_prompt (&m);
  view (&viewer, m.spice, NULL);
  until = g_get_monotonic_time () + PATIENCE_US;
  while (viewer.inputs == NULL && g_get_monotonic_time () < until)
    watch (50);
  g_assert_nonnull (viewer.inputs);
  g_free (command (&m, "cont"));
  while (!there && g_get_monotonic_time () < until)
    {
      g_autofree char *screen = command (&m, "info screen");

      there = strstr (screen, "Select boot device") != NULL;
      watch (50);
      if (there)
        break;
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
  for (gint64 until = g_get_monotonic_time () + PATIENCE_US; viewer.failed == 0 && g_get_monotonic_time () < until; )
    watch (50);
  /* The server hangs up on who is wrong: on a busy host before the client has read why. */
  g_assert_true (viewer.failed == SPICE_CHANNEL_ERROR_AUTH || viewer.failed == SPICE_CHANNEL_ERROR_LINK);
  g_assert_null (viewer.display);
  stop_viewing (&viewer);
  view (&viewer, m.spice, "sesame");
  g_assert_true (comes_to_view_the_screen (&m, &viewer));
  stop_viewing (&viewer);
  end (&m);
}

static void
a_card_s_cursor_is_drawn_by_clients_that_can (void)
{
  static const char *const args[] = { "-vga", "cirrus", "-boot", "menu=on", NULL };
  Machine m;
  rfbClient *draws, *sees;
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  start (&m, "", ",disable-ticketing=on", args);
  g_assert_true (screen_says (&m, NULL, "ESC"));
  tell (&m, "stop");
  draws_cursor = TRUE;
  draws = new_client (m.vnc, NULL);
  draws_cursor = FALSE;
  make_cursor (&m);
  while (cursor_width != 32 && g_get_monotonic_time () < until)
    follow (draws, 50);
  g_assert_cmpuint (cursor_width, ==, 32);
  g_assert_cmpuint (cursor_height, ==, 32);
  g_assert_cmphex (cursor_pixel & 0xffffff, ==, 0xffffff);
  g_assert_cmpuint (cursor_mask[0], ==, 1);
  g_assert_cmpuint (cursor_mask[1], ==, 0);
  sees = new_client (m.vnc, NULL);
  g_assert_true (comes_to_see_the_screen (&m, sees));       /* screendump's, with its cursor */
  free_client (sees);
  free_client (draws);
  end (&m);
}

static void
who_wants_to_be_alone_is_not_when_all_are_to_share (void)
{
  static const char *const args[] = { "-S", NULL };
  Machine m;
  rfbClient *first, *second;
  g_autofree char *said = NULL;

  start (&m, ",share=ignore", ",disable-ticketing=on", args);
  first = new_client (m.vnc, NULL);
  alone = TRUE;
  second = new_client (m.vnc, NULL);
  alone = FALSE;
  g_assert_nonnull (second);
  follow (first, 300);                  /* asserts that it is still there */
  said = command (&m, "info vnc");
  g_assert_nonnull (strstr (strstr (said, "client: ") + 1, "client: "));
  free_client (first);
  free_client (second);
  end (&m);
}

static void
a_password_that_has_ended_is_none (void)
{
  static const char *const args[] = { "-S", NULL };
  Machine m;
  rfbClient *client;

  start (&m, ",password=on", ",disable-ticketing=on", args);
  tell (&m, "change vnc password sesame");
  tell (&m, "expire_password vnc now");
  g_assert_null (new_client (m.vnc, right_password));
  tell (&m, "expire_password vnc +600");
  client = new_client (m.vnc, right_password);
  g_assert_nonnull (client);
  free_client (client);
  end (&m);
}

static void
a_browser_is_answered_at_its_port (void)
{
  static const char *const args[] = { "-S", NULL };
  static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://localhost\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: binary\r\nSec-WebSocket-Version: 13\r\n\r\n";
  guint16 port = free_port ();
  g_autofree char *options = g_strdup_printf (",websocket=%u", port);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  char answered[64] = "";
  gsize size = 0;
  Machine m;

  start (&m, options, ",disable-ticketing=on", args);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request), NULL, NULL, NULL));
  g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), answered, sizeof answered - 1, &size, NULL, NULL));
  g_assert_true (g_str_has_prefix (answered, "HTTP/1.1 101 "));
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
  g_test_add_func ("/remote/cursor", a_card_s_cursor_is_drawn_by_clients_that_can);
  g_test_add_func ("/remote/share", who_wants_to_be_alone_is_not_when_all_are_to_share);
  g_test_add_func ("/remote/expiry", a_password_that_has_ended_is_none);
  g_test_add_func ("/remote/websocket", a_browser_is_answered_at_its_port);
  return g_test_run ();
}
