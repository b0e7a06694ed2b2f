/* vnc.c - see vnc.h; the protocol is LibVNCServer's.
 * Left out: the shape of the cursor apart from the picture, text that is cut and pasted, TLS. */
#include "config.h"

#include "host/remote/vnc.h"

#include "host/remote/keysyms.h"

#include <glib/gi18n.h>
#include <poll.h>
#include <rfb/rfb.h>
#include <string.h>
#include <unistd.h>

#define TURN_US  10000      /* between looks at what is to be shown, with clients */
#define ALONE_MS 200        /* ... and for new ones, without */

#define BLANK_WIDTH  640    /* until there is a picture */
#define BLANK_HEIGHT 400

struct _AsternVnc
{
  AsternRemoteFuncs funcs;
  GSocket         *listening;
  char            *path;          /* (nullable) of the socket */
  guint16          port;
  GThread         *thread;
  gint             ending;        /* atomic */

  GMutex           mutex;         /* guards what follows */
  AsternPicture    shown;         /* by the machine's thread, not yet taken */
  guint            first_row, end_row;
  char            *password;      /* (nullable) */

  /* The server's thread. */
  rfbScreenInfoPtr screen;
  AsternPicture    picture;       /* the screen's */
  guint            n_clients;
  gint             buttons;       /* as VNC numbers them */
};

/* ---- clients ---- */

static void
client_gone (rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;

  vnc->n_clients--;
  if (vnc->funcs.people != NULL)
    vnc->funcs.people (vnc->funcs.user, vnc->n_clients);
}

static enum rfbNewClientAction
client_new (rfbClientPtr client)
{
  AsternVnc *vnc = client->screen->screenData;

  client->clientGoneHook = client_gone;
  vnc->n_clients++;
  if (vnc->funcs.people != NULL)
    vnc->funcs.people (vnc->funcs.user, vnc->n_clients);
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

/* ---- the picture ---- */

/* What was shown becomes the screen's. */
static void
take_picture (AsternVnc *vnc)
{
  guint first, end;
  gboolean resized = FALSE;

  g_mutex_lock (&vnc->mutex);
  first = vnc->first_row;
  end = vnc->end_row;
  vnc->first_row = vnc->end_row = 0;
  if (first < end)
    {
      resized = vnc->shown.width != vnc->picture.width || vnc->shown.height != vnc->picture.height;
      if (resized)
        {
          AsternPicture before = vnc->picture;

          vnc->picture = (AsternPicture) { 0 };
          astern_picture_resize (&vnc->picture, vnc->shown.width, vnc->shown.height);
          first = 0;
          end = vnc->shown.height;
          rfbNewFramebuffer (vnc->screen, (char *) vnc->picture.pixels, (int) vnc->picture.width, (int) vnc->picture.height, 8, 3, 4);
          vnc->screen->serverFormat.redShift = 16;
          vnc->screen->serverFormat.greenShift = 8;
          vnc->screen->serverFormat.blueShift = 0;
          astern_picture_clear (&before);
        }
      for (guint y = first; y < end; y++)
        memcpy (astern_picture_row (&vnc->picture, y), astern_picture_row (&vnc->shown, y), vnc->picture.width * sizeof (guint32));
    }
  g_mutex_unlock (&vnc->mutex);
  if (first < end)
    rfbMarkRectAsModified (vnc->screen, 0, (int) first, (int) vnc->picture.width, (int) end);
}

void
astern_vnc_show (AsternVnc *vnc, const AsternPicture *picture, guint first_row, guint end_row)
{
  if (picture->width == 0 || picture->height == 0)
    return;
  g_mutex_lock (&vnc->mutex);
  if (vnc->shown.width != picture->width || vnc->shown.height != picture->height || vnc->shown.pixels == NULL)
    {
      astern_picture_clear (&vnc->shown);
      astern_picture_resize (&vnc->shown, picture->width, picture->height);
      first_row = 0;
      end_row = picture->height;
    }
  for (guint y = first_row; y < end_row; y++)
    memcpy (astern_picture_row (&vnc->shown, y), astern_picture_row (picture, y), picture->width * sizeof (guint32));
  if (vnc->first_row == vnc->end_row)
    {
      vnc->first_row = first_row;
      vnc->end_row = end_row;
    }
  vnc->first_row = MIN (vnc->first_row, first_row);
  vnc->end_row = MAX (vnc->end_row, end_row);
  g_mutex_unlock (&vnc->mutex);
}

/* ---- the thread ---- */

static void
take_client (AsternVnc *vnc)
{
  struct pollfd waiting = { .fd = g_socket_get_fd (vnc->listening), .events = POLLIN };
  int fd;

  if (poll (&waiting, 1, vnc->n_clients > 0 ? 0 : ALONE_MS) <= 0)
    return;
  fd = accept (waiting.fd, NULL, NULL);
  if (fd >= 0)
    rfbNewClient (vnc->screen, fd);     /* closes it when it fails */
}

static gpointer
serve (gpointer data)
{
  AsternVnc *vnc = data;

  while (!g_atomic_int_get (&vnc->ending))
    {
      take_client (vnc);
      take_picture (vnc);
      if (vnc->n_clients > 0)
        rfbProcessEvents (vnc->screen, TURN_US);
    }
  return NULL;
}

static void
make_screen (AsternVnc *vnc, const char *name, gboolean password)
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
  screen->alwaysShared = TRUE;
  screen->autoPort = FALSE;
  screen->port = screen->ipv6port = 0;      /* who comes is taken from our own socket */
  screen->screenData = vnc;
  screen->newClientHook = client_new;
  screen->kbdAddEvent = on_key;
  screen->ptrAddEvent = on_pointer;
  if (password)
    {
      screen->authPasswdData = nobody;
      screen->passwordCheck = check_password;
    }
  vnc->screen = screen;
  rfbInitServer (screen);
}

AsternVnc *
astern_vnc_new (const AsternRemoteSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error)
{
  AsternVnc *vnc;
  guint16 port;
  GSocket *listening = astern_remote_listen (spec, &port, error);

  if (listening == NULL)
    return NULL;
  vnc = g_new0 (AsternVnc, 1);
  vnc->funcs = *funcs;
  vnc->listening = listening;
  vnc->port = port;
  vnc->path = g_strdup (spec->path);
  vnc->password = g_strdup (spec->secret);
  g_mutex_init (&vnc->mutex);
  make_screen (vnc, name, spec->password);
  vnc->thread = g_thread_new ("vnc", serve, vnc);
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
  vnc->screen->frameBuffer = NULL;
  g_free ((char *) vnc->screen->desktopName);
  vnc->screen->desktopName = NULL;
  rfbScreenCleanup (vnc->screen);
  g_object_unref (vnc->listening);
  if (vnc->path != NULL)
    unlink (vnc->path);
  astern_picture_clear (&vnc->shown);
  astern_picture_clear (&vnc->picture);
  g_mutex_clear (&vnc->mutex);
  g_free (vnc->path);
  g_free (vnc->password);
  g_free (vnc);
}

void
astern_vnc_set_password (AsternVnc *vnc, const char *password)
{
  g_mutex_lock (&vnc->mutex);
  g_free (vnc->password);
  vnc->password = g_strdup (password);
  g_mutex_unlock (&vnc->mutex);
}

guint16
astern_vnc_port (const AsternVnc *vnc)
{
  return vnc->port;
}
