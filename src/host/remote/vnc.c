/* vnc.c - see vnc.h; the protocol is LibVNCServer's.
 * Left out: TLS, which LibVNCServer has for clients only; SASL; sound. */
#include "config.h"

#include "host/remote/vnc-private.h"

#include "host/remote/keysyms.h"

#include <glib/gi18n.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define TURN_US  10000      /* between looks at what is to be shown, with clients */
#define ALONE_MS 200        /* ... and for new ones, without */

#define BLANK_WIDTH  640    /* until there is a picture */
#define BLANK_HEIGHT 400

/* ---- clients ---- */

static void
tell_people (AsternVnc *vnc)
{
  if (vnc->funcs.people != NULL)
    vnc->funcs.people (vnc->funcs.user, vnc->n_clients);
}

static char *
address_of (int fd)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;

  return getpeername (fd, (struct sockaddr *) &address, &size) == 0 ? astern_remote_address (&address, size) : g_strdup ("?");
}

static void
client_gone (rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;
  guint index;

  g_mutex_lock (&vnc->mutex);
  if (client->clientData != NULL && g_ptr_array_find (vnc->people, client->clientData, &index))
    g_ptr_array_remove_index (vnc->people, index);
  g_mutex_unlock (&vnc->mutex);
  vnc->n_clients--;
  tell_people (vnc);
}

static enum rfbNewClientAction
client_new (rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;

  client->clientGoneHook = client_gone;
  client->clientData = address_of (client->sock);
  g_mutex_lock (&vnc->mutex);
  g_ptr_array_add (vnc->people, client->clientData);
  g_mutex_unlock (&vnc->mutex);
  vnc->n_clients++;
  tell_people (vnc);
  return RFB_CLIENT_ACCEPT;
}

static rfbBool
check_password (rfbClientPtr client, const char *response, int size)
{
  AsternVnc *vnc = client->screen->screenData;
  guint8 expected[CHALLENGESIZE];
  g_autofree char *password = NULL;
  guint8 differs = 0;

  g_mutex_lock (&vnc->mutex);
  if (vnc->expires_s == 0 || g_get_real_time () / G_USEC_PER_SEC < vnc->expires_s)
    password = g_strdup (vnc->password);
  g_mutex_unlock (&vnc->mutex);
  if (password == NULL || size != CHALLENGESIZE)
    return FALSE;
  memcpy (expected, client->authChallenge, sizeof expected);
  rfbEncryptBytes (expected, password);
  for (guint i = 0; i < sizeof expected; i++)
    differs |= expected[i] ^ (guint8) response[i];
  return differs == 0;
}

static void
on_key (rfbBool down, rfbKeySym keysym, rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;
  guint16 number = astern_keysym_key (keysym);

  if (number != 0 && vnc->funcs.key != NULL)
    vnc->funcs.key (vnc->funcs.user, number, down);
}

/* Of VNC's buttons the fourth and the fifth are the wheel. */
static void
on_pointer (int buttons, int x, int y, rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;
  gint pressed = buttons & ~vnc->buttons;
  guint8 ours = (guint8) ((buttons & 1 ? ASTERN_REMOTE_LEFT : 0) | (buttons & 2 ? ASTERN_REMOTE_MIDDLE : 0)
                          | (buttons & 4 ? ASTERN_REMOTE_RIGHT : 0));
  gint dz = (pressed & 16 ? 1 : 0) - (pressed & 8 ? 1 : 0);

  vnc->buttons = buttons;
  if (vnc->funcs.pointer != NULL)
    vnc->funcs.pointer (vnc->funcs.user, (guint) MAX (x, 0), (guint) MAX (y, 0), vnc->picture.width, vnc->picture.height, dz, ours);
}

/* ---- cut and paste ---- */

/* Latin-1, as clients have it that know no other. */
static void
on_cut (char *text, int size, rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;
  g_autofree char *utf8 = g_convert (text, MAX (size, 0), "UTF-8", "ISO-8859-1", NULL, NULL, NULL);

  if (utf8 != NULL && vnc->funcs.cut != NULL)
    vnc->funcs.cut (vnc->funcs.user, utf8);
}

static void
on_cut_utf8 (char *text, int size, rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;
  g_autofree char *utf8 = g_utf8_make_valid (text, (gssize) strnlen (text, (gsize) MAX (size, 0)));

  if (vnc->funcs.cut != NULL)
    vnc->funcs.cut (vnc->funcs.user, utf8);
}

static void
take_cut (AsternVnc *vnc)
{
  g_autofree char *text = NULL, *latin1 = NULL;
  gsize size = 0;

  g_mutex_lock (&vnc->mutex);
  text = g_steal_pointer (&vnc->cut);
  g_mutex_unlock (&vnc->mutex);
  if (text == NULL)
    return;
  latin1 = g_convert_with_fallback (text, -1, "ISO-8859-1", "UTF-8", "?", NULL, &size, NULL);
  rfbSendServerCutTextUTF8 (vnc->screen, text, (int) strlen (text), latin1, (int) size);
}

void
astern_vnc_cut (AsternVnc *vnc, const char *text)
{
  g_mutex_lock (&vnc->mutex);
  g_free (vnc->cut);
  vnc->cut = g_utf8_make_valid (text, -1);
  g_mutex_unlock (&vnc->mutex);
}

/* ---- the thread ---- */

static void
take_client (AsternVnc *vnc)
{
  struct pollfd waiting[2] = {
    { .fd = g_socket_get_fd (vnc->listening), .events = POLLIN },
    { .fd = vnc->browsers != NULL ? g_socket_get_fd (vnc->browsers) : -1, .events = POLLIN },
  };

  if (poll (waiting, G_N_ELEMENTS (waiting), vnc->n_clients > 0 ? 0 : ALONE_MS) <= 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    {
      int fd = waiting[i].revents & POLLIN ? accept (waiting[i].fd, NULL, NULL) : -1;

      if (fd >= 0)
        rfbNewClient (vnc->screen, fd);     /* closes it when it fails; it finds out itself who is a browser */
    }
}

static void
send_away (AsternVnc *vnc)
{
  rfbClientIteratorPtr each;
  rfbClientPtr client;
  gboolean all;

  g_mutex_lock (&vnc->mutex);
  all = vnc->disconnect;
  vnc->disconnect = FALSE;
  g_mutex_unlock (&vnc->mutex);
  if (!all)
    return;
  each = rfbGetClientIterator (vnc->screen);
  while ((client = rfbClientIteratorNext (each)) != NULL)
    rfbCloseClient (client);
  rfbReleaseClientIterator (each);
}

static gpointer
serve (gpointer data)
{
  AsternVnc *vnc = data;

  while (!g_atomic_int_get (&vnc->ending))
    {
      take_client (vnc);
      send_away (vnc);
      vnc_screen_take (vnc);
      take_cut (vnc);
      if (vnc->n_clients > 0)
        rfbProcessEvents (vnc->screen, TURN_US);
    }
  return NULL;
}

/* Nothing may be lost: whatever the client would put up with. */
static void
before_update (rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;

  if (vnc->lossy)
    return;
  client->tightQualityLevel = -1;
  client->turboQualityLevel = -1;
}

static void
make_screen (AsternVnc *vnc, const char *name, const AsternVncSpec *spec)
{
  static char nobody[] = "";
  rfbScreenInfoPtr screen;

  rfbLogEnable (FALSE);
  astern_picture_resize (&vnc->picture, BLANK_WIDTH, BLANK_HEIGHT);
  screen = rfbGetScreen (NULL, NULL, BLANK_WIDTH, BLANK_HEIGHT, 8, 3, 4);
  screen->desktopName = g_strdup (name);
  screen->frameBuffer = (char *) vnc->picture.pixels;
  screen->serverFormat.redShift = 16;
  screen->serverFormat.greenShift = 8;
  screen->serverFormat.blueShift = 0;
  screen->cursor = NULL;
  screen->alwaysShared = spec->share == ASTERN_VNC_IGNORE;
  screen->dontDisconnect = spec->share == ASTERN_VNC_FORCE_SHARED;
  screen->autoPort = FALSE;
  screen->port = screen->ipv6port = 0;      /* who comes is taken from our own socket */
  screen->screenData = vnc;
  screen->newClientHook = client_new;
  screen->kbdAddEvent = on_key;
  screen->ptrAddEvent = on_pointer;
  screen->setXCutText = on_cut;
  screen->setXCutTextUTF8 = on_cut_utf8;
  screen->displayHook = before_update;
  if (spec->place.password)
    {
      screen->authPasswdData = nobody;
      screen->passwordCheck = check_password;
    }
  vnc->screen = screen;
  rfbInitServer (screen);
}

static void
start (AsternVnc *vnc, const AsternVncSpec *spec, const char *name, const AsternRemoteFuncs *funcs)
{
  vnc->funcs = *funcs;
  vnc->path = g_strdup (spec->place.path);
  vnc->host = g_strdup (spec->place.host);
  vnc->asks = spec->place.password;
  vnc->password = g_strdup (spec->place.secret);
  vnc->lossy = spec->lossy;
  vnc->people = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&vnc->mutex);
  make_screen (vnc, name, spec);
  vnc->thread = g_thread_new ("vnc", serve, vnc);
}

AsternVnc *
astern_vnc_new (const AsternVncSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error)
{
  AsternRemoteSpec web = { .host = spec->place.host, .port = spec->websocket };
  g_autoptr (GSocket) listening = NULL, browsers = NULL;
  AsternVnc *vnc;
  guint16 port, websocket = 0;

  listening = astern_remote_listen (&spec->place, &port, error);
  if (listening == NULL)
    return NULL;
  if (spec->websocket != 0)
    {
      browsers = astern_remote_listen (&web, &websocket, error);
      if (browsers == NULL)
        return NULL;
    }
  vnc = g_new0 (AsternVnc, 1);
  vnc->listening = g_steal_pointer (&listening);
  vnc->browsers = g_steal_pointer (&browsers);
  vnc->port = port;
  vnc->websocket = websocket;
  start (vnc, spec, name, funcs);
  return vnc;
}

void
astern_vnc_free (AsternVnc *vnc)
{
  if (vnc == NULL)
    return;
  g_atomic_int_set (&vnc->ending, TRUE);
  g_thread_join (vnc->thread);
  vnc->funcs.people = NULL;
  rfbShutdownServer (vnc->screen, TRUE);
  rfbSetCursor (vnc->screen, NULL);
  vnc->screen->frameBuffer = NULL;
  g_free ((char *) vnc->screen->desktopName);
  vnc->screen->desktopName = NULL;
  rfbScreenCleanup (vnc->screen);
  g_object_unref (vnc->listening);
  g_clear_object (&vnc->browsers);
  if (vnc->path != NULL)
    unlink (vnc->path);
  astern_picture_clear (&vnc->shown);
  astern_picture_clear (&vnc->picture);
  astern_cursor_clear (&vnc->wanted);
  astern_cursor_clear (&vnc->cursor);
  g_ptr_array_unref (vnc->people);
  g_mutex_clear (&vnc->mutex);
  g_free (vnc->path);
  g_free (vnc->host);
  g_free (vnc->cut);
  g_free (vnc->password);
  g_free (vnc);
}

gboolean
astern_vnc_set_password (AsternVnc *vnc, const char *password, AsternRemoteConnected connected)
{
  gboolean may;

  g_mutex_lock (&vnc->mutex);
  may = connected != ASTERN_REMOTE_FAIL || vnc->people->len == 0;
  if (may)
    {
      g_free (vnc->password);
      vnc->password = g_strdup (password);
      vnc->expires_s = 0;
      vnc->disconnect = connected == ASTERN_REMOTE_DISCONNECT;
    }
  g_mutex_unlock (&vnc->mutex);
  return may;
}

void
astern_vnc_set_expiry (AsternVnc *vnc, gint64 when_s)
{
  g_mutex_lock (&vnc->mutex);
  vnc->expires_s = when_s;
  g_mutex_unlock (&vnc->mutex);
}

void
astern_vnc_describe (AsternVnc *vnc, GString *text)
{
  AsternRemoteSpec place = { .path = vnc->path, .host = vnc->host };

  g_string_append (text, "vnc: ");
  astern_remote_append_place (text, &place, vnc->port);
  g_string_append_c (text, '\n');
  if (vnc->websocket != 0)
    g_string_append_printf (text, "  websocket: %u\n", vnc->websocket);
  g_string_append_printf (text, "  %s: %s\n", _("authentication"), vnc->asks ? "vnc" : "none");
  g_mutex_lock (&vnc->mutex);
  for (guint i = 0; i < vnc->people->len; i++)
    g_string_append_printf (text, "  %s: %s\n", _("client"), (const char *) g_ptr_array_index (vnc->people, i));
  g_mutex_unlock (&vnc->mutex);
}
