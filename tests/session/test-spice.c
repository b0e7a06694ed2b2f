/* What SPICE has besides the picture, with spice-client-glib: the cursor, lines of the guest's, redirected USB devices, TLS,
 * passwords that end. */
#include "config.h"

#include "session/spice-viewer.h"

#include <stdlib.h>

static gboolean
comes_true (gboolean (*is_true) (gpointer user), gpointer user)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  while (!is_true (user) && g_get_monotonic_time () < until)
    watch (20);
  return is_true (user);
}

static gboolean
is_settled (gpointer user)
{
  const Viewer *viewer = user;

  return viewer->pixels != NULL && viewer->n_open >= viewer->n_channels;
}

/* A client that goes while the server still lets its channels in makes the server's library read what was freed (0.15). */
static void
leave (Viewer *viewer)
{
  g_assert_true (comes_true (is_settled, viewer));
  stop_viewing (viewer);
}

static void
watch_some (gpointer user)
{
  watch (50);
}

/* ---- the cursor ---- */

typedef struct
{
  Machine m;
  Viewer  viewer;
  guint   n_set, n_moved, n_hidden;
  guint   width, height;
  guint32 first, second;        /* pixels */
  gint    x, y;
} Seen;

/* spice-client-glib hands over R, G, B, A. */
static void
on_cursor_set (SpiceCursorChannel *channel, gint width, gint height, gint hot_x, gint hot_y, gpointer rgba, Seen *seen)
{
  seen->n_set++;
  seen->width = (guint) width;
  seen->height = (guint) height;
  memcpy (&seen->first, rgba, 4);
  memcpy (&seen->second, (guint8 *) rgba + 4, 4);
}

static void
on_cursor_move (SpiceCursorChannel *channel, gint x, gint y, Seen *seen)
{
  seen->n_moved++;
  seen->x = x;
  seen->y = y;
}

static void
on_cursor_hide (SpiceCursorChannel *channel, Seen *seen)
{
  seen->n_hidden++;
}

static void
follow_cursor (Viewer *viewer, SpiceChannel *channel)
{
  if (!SPICE_IS_CURSOR_CHANNEL (channel))
    return;
  g_signal_connect (channel, "cursor-set", G_CALLBACK (on_cursor_set), viewer->user);
  g_signal_connect (channel, "cursor-move", G_CALLBACK (on_cursor_move), viewer->user);
  g_signal_connect (channel, "cursor-hide", G_CALLBACK (on_cursor_hide), viewer->user);
}

static gboolean
has_shape (gpointer seen)
{
  return ((Seen *) seen)->n_set > 0;
}

static gboolean
was_moved (gpointer seen)
{
  return ((Seen *) seen)->x == 85;
}

static gboolean
is_hidden (gpointer seen)
{
  return ((Seen *) seen)->n_hidden > 0;
}

static void
a_card_s_cursor_comes_apart_from_the_picture (void)
{
  static const char *const args[] = { "-vga", "cirrus", "-boot", "menu=on", NULL };
  Seen seen = { 0 };

  start (&seen.m, "", ",disable-ticketing=on", args);
  g_assert_true (comes_to_say (&seen.m, "ESC", NULL, NULL));
  tell (&seen.m, "stop");
  seen.viewer = (Viewer) { .channel = follow_cursor, .user = &seen };
  view_with (&seen.viewer, g_object_new (SPICE_TYPE_SESSION, "unix-path", seen.m.spice, NULL));
  g_assert_true (comes_to_view_the_screen (&seen.m, &seen.viewer));
  g_assert_cmpuint (seen.n_set, ==, 0);
  make_cursor (&seen.m);
  g_assert_true (comes_true (has_shape, &seen));
  watch (200);
  g_assert_cmpuint (seen.width, ==, 32);
  g_assert_cmpuint (seen.height, ==, 32);
  g_assert_cmphex (GUINT32_FROM_LE (seen.first), ==, 0xffffffff);
  g_assert_cmphex (seen.second, ==, 0);
  sequencer (&seen.m, 0x10 | 5 << 5, 10);
  g_assert_true (comes_true (was_moved, &seen));
  g_assert_cmpint (seen.y, ==, 32);
  sequencer (&seen.m, 0x12, 0x00);
  g_assert_true (comes_true (is_hidden, &seen));
  leave (&seen.viewer);
  end (&seen.m);
}

/* ---- a port ---- */

typedef struct
{
  Machine m;
  Viewer  viewer;
  GString *heard;
} Port;

static void
on_port_data (SpicePortChannel *channel, gpointer data, gint size, Port *port)
{
  g_string_append_len (port->heard, data, size);
}

static void
follow_port (Viewer *viewer, SpiceChannel *channel)
{
  if (SPICE_IS_PORT_CHANNEL (channel))
    g_signal_connect (channel, "port-data", G_CALLBACK (on_port_data), viewer->user);
}

static gboolean
has_port (gpointer user)
{
  Port *port = user;
  gboolean opened = FALSE;

  if (port->viewer.port != NULL)
    g_object_get (port->viewer.port, "port-opened", &opened, NULL);
  return opened;
}

static gboolean
heard_ahoy (gpointer user)
{
  return strstr (((Port *) user)->heard->str, "ahoy") != NULL;
}

static void
wrote (GObject *channel, GAsyncResult *result, gpointer done)
{
  *(gboolean *) done = spice_port_channel_write_finish (SPICE_PORT_CHANNEL (channel), result, NULL) == 1;
}

static gboolean
is_done (gpointer done)
{
  return *(gboolean *) done;
}

static void
a_serial_port_is_a_port_of_the_client_s (void)
{
  static const char *const args[] = { "-chardev", "spiceport,id=p,name=org.example.0", "-device", "pci-serial,chardev=p", "-boot", "menu=on", NULL };
  static const char *const bytes[] = { "0x61", "0x68", "0x6f", "0x79" };
  Port port = { .heard = g_string_new (NULL) };
  g_autofree char *name = NULL, *map = NULL;
  gboolean done = FALSE, came = FALSE;
  guint64 uart;
  const char *line;

  start (&port.m, "", ",disable-ticketing=on", args);
  g_assert_true (comes_to_say (&port.m, "ESC", NULL, NULL));
  tell (&port.m, "stop");
  port.viewer = (Viewer) { .channel = follow_port, .user = &port };
  view_with (&port.viewer, g_object_new (SPICE_TYPE_SESSION, "unix-path", port.m.spice, NULL));
  g_assert_true (comes_true (has_port, &port));
  g_object_get (port.viewer.port, "port-name", &name, NULL);
  g_assert_cmpstr (name, ==, "org.example.0");
  map = command (&port.m, "info mtree");
  line = strstr (map, "pci-serial");
  g_assert_nonnull (line);
  while (line > map && line[-1] != '\n')
    line--;
  uart = g_ascii_strtoull (line, NULL, 16);
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    {
      g_autofree char *out = g_strdup_printf ("o 0x%x %s", (guint) uart, bytes[i]);

      tell (&port.m, out);
    }
  g_assert_true (comes_true (heard_ahoy, &port));
  spice_port_channel_write_async (port.viewer.port, "Z", 1, NULL, wrote, &done);
  g_assert_true (comes_true (is_done, &done));
  tell (&port.m, "cont");
  for (guint i = 0; i < 200 && !came; i++)
    {
      g_autofree char *in = g_strdup_printf ("i 0x%x", (guint) uart), *said = command (&port.m, in);

      watch (20);
      came = strstr (said, "0x5a") != NULL;
    }
  g_assert_true (came);
  leave (&port.viewer);
  end (&port.m);
  g_string_free (port.heard, TRUE);
}

/* ---- sound ---- */

typedef struct
{
  Viewer  viewer;
  guint32 rate;
  gboolean loud;                /* something but silence was heard */
} Heard;

static void
on_playback_start (SpicePlaybackChannel *channel, gint format, gint channels, gint rate, Heard *heard)
{
  heard->rate = (guint32) rate;
}

static void
on_playback_data (SpicePlaybackChannel *channel, gpointer data, gint size, Heard *heard)
{
  const gint16 *samples = data;

  for (gint i = 0; i < size / 2; i++)
    heard->loud |= ABS (samples[i]) > 1000;
}

static void
follow_sound (Viewer *viewer, SpiceChannel *channel)
{
  if (!SPICE_IS_PLAYBACK_CHANNEL (channel))
    return;
  g_signal_connect (channel, "playback-start", G_CALLBACK (on_playback_start), viewer->user);
  g_signal_connect (channel, "playback-data", G_CALLBACK (on_playback_data), viewer->user);
}

static gboolean
is_loud (gpointer heard)
{
  return ((Heard *) heard)->loud;
}

static void
the_loudspeaker_is_heard_by_the_client (void)
{
  static const char *const args[] = { "-boot", "menu=on", "-audiodev", "spice,id=a,out.frequency=48000", "-machine", "pc,pcspk-audiodev=a", NULL };
  static const char *const beep[] = { "o 0x43 0xb6", "o 0x42 0x97", "o 0x42 0x0a", "o 0x61 0x03", NULL };     /* 440 Hz */
  Machine m;
  Heard heard = { 0 };

  start (&m, "", ",disable-ticketing=on,playback-compression=off", args);
  g_assert_true (comes_to_say (&m, "ESC", NULL, NULL));
  heard.viewer = (Viewer) { .channel = follow_sound, .user = &heard };
  view_with (&heard.viewer, g_object_new (SPICE_TYPE_SESSION, "unix-path", m.spice, NULL));
  g_assert_true (comes_to_say (&m, "ESC", watch_some, NULL));
  for (guint i = 0; beep[i] != NULL; i++)
    tell (&m, beep[i]);
  g_assert_true (comes_true (is_loud, &heard));
  g_assert_cmpuint (heard.rate, ==, 48000);
  leave (&heard.viewer);
  end (&m);
}

/* ---- redirected USB ---- */

typedef struct
{
  Viewer  viewer;
  gint    connected;            /* 1: so it is; -1: it could not */
} Cd;

static gboolean
has_usb_channel (gpointer cd)
{
  return ((Cd *) cd)->viewer.has_usb;
}

static void
on_connected (GObject *manager, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;

  ((Cd *) user)->connected = spice_usb_device_manager_connect_device_finish (SPICE_USB_DEVICE_MANAGER (manager), result, &error) ? 1 : -1;
  g_assert_no_error (error);
}

static gboolean
is_connected (gpointer user)
{
  return ((Cd *) user)->connected != 0;
}

/* The client's library finds its own CD a little later. */
static gboolean
connects (gpointer user)
{
  Cd *cd = user;
  SpiceUsbDeviceManager *manager = spice_usb_device_manager_get (cd->viewer.session, NULL);
  GPtrArray *devices = spice_usb_device_manager_get_devices (manager);
  gboolean found = FALSE;

  for (guint i = 0; i < devices->len && !found; i++)
    if (spice_usb_device_manager_is_device_shared_cd (manager, g_ptr_array_index (devices, i)))
      {
        found = TRUE;
        spice_usb_device_manager_connect_device_async (manager, g_ptr_array_index (devices, i), NULL, on_connected, cd);
      }
  g_ptr_array_unref (devices);
  return found;
}

static gboolean
share_cd (Cd *cd, char *image)
{
  g_autoptr (GError) error = NULL;
  SpiceUsbDeviceManager *manager = spice_usb_device_manager_get (cd->viewer.session, &error);
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  if (manager == NULL || !spice_usb_device_manager_create_shared_cd_device (manager, image, &error))
    {
      g_test_message ("%s", error->message);
      return FALSE;
    }
  while (!connects (cd) && g_get_monotonic_time () < until)
    watch (20);
  return TRUE;
}

static void
the_bios_finds_the_client_s_cd (void)
{
  static const char *const args[] = { "-boot", "menu=on", "-nodefaults", "-vga", "std", "-device", "usb-ehci,id=ehci", "-chardev",
                                      "spicevmc,id=r,name=usbredir", "-device", "usb-redir,chardev=r,bus=ehci.0", NULL };
  Machine m;
  Cd cd = { 0 };
  SpiceSession *session;
  g_autofree char *image = NULL, *zeros = g_malloc0 (1 << 20);

  start (&m, "", ",disable-ticketing=on", args);
  image = g_build_filename (m.folder, "cd.iso", NULL);
  g_assert_true (g_file_set_contents (image, zeros, 1 << 20, NULL));
  g_assert_true (comes_to_say (&m, "ESC", NULL, NULL));
  session = g_object_new (SPICE_TYPE_SESSION, "unix-path", m.spice, NULL);
  spice_usb_device_manager_get (session, NULL);         /* before there are channels */
  view_with (&cd.viewer, session);
  g_assert_true (comes_true (has_usb_channel, &cd));
  if (share_cd (&cd, image))
    {
      g_assert_true (comes_true (is_connected, &cd));
      g_assert_cmpint (cd.connected, ==, 1);
      watch (500);
      tell (&m, "system_reset");
      watch (500);
      g_assert_true (comes_to_say (&m, "ESC", watch_some, NULL));
      tell (&m, "sendkey esc");
      g_assert_true (comes_to_say (&m, "DVD/CD", watch_some, NULL));
    }
  else
    g_test_skip ("the client's library cannot share a CD");
  leave (&cd.viewer);
  g_remove (image);
  end (&m);
}

/* ---- who comes in ---- */

static gboolean
was_refused (gpointer viewer)
{
  return ((Viewer *) viewer)->failed != 0;
}

static void
a_password_ends (void)
{
  static const char *const args[] = { "-S", NULL };
  Machine m;
  Viewer viewer;
  g_autofree char *said = NULL;

  start (&m, "", ",password=sesame", args);
  view (&viewer, m.spice, "sesame");
  g_assert_true (comes_to_view_the_screen (&m, &viewer));
  said = command (&m, "info spice");
  g_assert_nonnull (strstr (said, "display:0"));
  g_assert_nonnull (strstr (said, "cursor:0"));
  stop_viewing (&viewer);
  tell (&m, "expire_password spice now");
  watch (100);
  view (&viewer, m.spice, "sesame");
  g_assert_true (comes_true (was_refused, &viewer));
  stop_viewing (&viewer);
  tell (&m, "set_password spice open");
  watch (100);
  view (&viewer, m.spice, "open");
  g_assert_true (comes_to_view_the_screen (&m, &viewer));
  stop_viewing (&viewer);
  end (&m);
}

static gboolean
make_certificates (const char *folder)
{
  g_autofree char *script = g_strdup_printf (
      "cd '%s' && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout server-key.pem -out server-cert.pem 2>/dev/null && "
      "cp server-cert.pem ca-cert.pem", folder);

  return system (script) == 0;
}

/* The library listens there on its own, a little later than the monitor. */
static gboolean
somebody_listens (gpointer port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (client, port, 0, NULL, NULL);

  return connection != NULL;
}

static void
by_tls_the_screen_is_seen_as_well (void)
{
  static const char *const files[] = { "ca-cert.pem", "server-cert.pem", "server-key.pem" };
  static const char *const args[] = { "-S", NULL };
  g_autofree char *folder = g_dir_make_tmp ("astern-tls-XXXXXX", NULL), *options = NULL, *ca = NULL, *port = g_strdup_printf ("%u", free_port ());
  g_autofree char *said = NULL, *place = NULL;
  Machine m;
  Viewer viewer = { 0 };

  if (!make_certificates (folder))
    {
      g_test_skip ("there is no openssl");
      g_rmdir (folder);
      return;
    }
  options = g_strdup_printf (",disable-ticketing=on,tls-port=%s,x509-dir=%s,tls-channel=main", port, folder);
  ca = g_build_filename (folder, "ca-cert.pem", NULL);
  start (&m, "", options, args);
  place = g_strconcat ("localhost:", port, NULL);
  g_assert_true (comes_true (somebody_listens, place));
  view_with (&viewer, g_object_new (SPICE_TYPE_SESSION, "host", "localhost", "tls-port", port, "ca-file", ca, NULL));
  g_assert_true (comes_to_view_the_screen (&m, &viewer));
  said = command (&m, "info spice");
  g_assert_nonnull (strstr (said, "[tls], main:0"));
  stop_viewing (&viewer);
  end (&m);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = g_build_filename (folder, files[i], NULL);

      g_remove (file);
    }
  g_rmdir (folder);
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
  g_test_add_func ("/spice/cursor", a_card_s_cursor_comes_apart_from_the_picture);
  g_test_add_func ("/spice/port", a_serial_port_is_a_port_of_the_client_s);
  g_test_add_func ("/spice/sound", the_loudspeaker_is_heard_by_the_client);
  g_test_add_func ("/spice/cd", the_bios_finds_the_client_s_cd);
  g_test_add_func ("/spice/expiry", a_password_ends);
  g_test_add_func ("/spice/tls", by_tls_the_screen_is_seen_as_well);
  return g_test_run ();
}
