/* remote.c - see remote.h.
 *
 * While somebody is there, the host's thread asks the machine's every few hundredths of a second to look at the screen; it
 * asks again only when that was done, and, as the window does, not before the machine has had some peace.
 *
 * The card's cursor is shown apart from the picture, but when it inverts what is below it: no protocol has that. */
#include "config.h"

#include "session/remote.h"

#include "host/remote/spice.h"
#include "host/remote/vnc.h"
#include "hw/display/display.h"
#include "hw/human.h"
#include "session/clipboard.h"

#include <glib/gi18n.h>

#define LOOK_MS 33
#define PEACE   4       /* times as long as the last look took */

struct _AsternRemote
{
  AsternSession *session;
  AsternVnc     *vnc;           /* (nullable) */
  AsternSpice   *spice;         /* (nullable) */
  AsternClipboard *clipboard;   /* (nullable) */
  AsternClient  *client;        /* hears of branches */
  GSource       *timer;
  gint           vnc_people, spice_people;   /* atomic */
  gint           looking;       /* atomic: the machine was asked and has not answered */
  gint           anew;          /* atomic: all of the screen is to be shown again */
  gint64         next_us;       /* atomic enough: written while `looking` */
  AsternScreen   screen;        /* main thread */
  gint           x, y;          /* where the pointer was last, in the server's thread; for guests that hear only how far it goes */
  gboolean       has_place;
};

/* ---- what is seen ---- */

static gboolean
inverts (const AsternCursor *cursor)
{
  for (guint i = 0; cursor->shown && i < cursor->width * cursor->height; i++)
    if (cursor->pixels[i] >> 24 == 0 && cursor->pixels[i] != 0)
      return TRUE;
  return FALSE;
}

static void
show_picture (AsternRemote *remote, guint first, guint end)
{
  if (first >= end)
    return;
  if (remote->vnc != NULL)
    astern_vnc_show (remote->vnc, &remote->screen.picture, first, end);
  if (remote->spice != NULL)
    astern_spice_show (remote->spice, &remote->screen.picture, first, end);
}

static void
show_cursor (AsternRemote *remote)
{
  static const AsternCursor none = { 0 };
  const AsternCursor *cursor = remote->screen.apart ? &remote->screen.cursor : &none;

  if (remote->vnc != NULL)
    astern_vnc_show_cursor (remote->vnc, cursor);
  if (remote->spice != NULL)
    astern_spice_show_cursor (remote->spice, cursor);
}

static void
look_at (AsternRemote *remote, AsternDevice *display, gboolean anew)
{
  AsternScreen *screen = &remote->screen;

  if (!astern_display_update (display, 0, screen) && !anew)
    return;
  show_picture (remote, anew ? 0 : screen->first_row, anew ? screen->picture.height : screen->end_row);
  if (screen->apart == inverts (&screen->cursor))
    {
      screen->apart = !screen->apart;
      astern_display_update (display, 0, screen);
      show_picture (remote, 0, screen->picture.height);
      show_cursor (remote);
    }
  else if (screen->cursor_changed || anew)
    show_cursor (remote);
}

/* Main thread. */
static void
look (AsternSession *session, gpointer data)
{
  AsternRemote *remote = data;
  AsternDevice *display = astern_display_find (session->launch->machine, 0);
  gint64 begun_us = g_get_monotonic_time ();
  gboolean anew = g_atomic_int_compare_and_exchange (&remote->anew, TRUE, FALSE);
  gboolean points = astern_launch_points (session->launch);

  if (remote->spice != NULL)
    astern_spice_set_absolute (remote->spice, points);
  if (remote->vnc != NULL)
    astern_vnc_set_absolute (remote->vnc, points);
  if (display != NULL)
    look_at (remote, display, anew);
  remote->next_us = begun_us + PEACE * (g_get_monotonic_time () - begun_us);
  g_atomic_int_set (&remote->looking, FALSE);
}

/* Host thread. */
static gboolean
on_timer (gpointer data)
{
  AsternRemote *remote = data;

  gint people = g_atomic_int_get (&remote->vnc_people) + g_atomic_int_get (&remote->spice_people);

  if (people > 0 && !g_atomic_int_get (&remote->looking) && g_get_monotonic_time () >= remote->next_us)
    {
      g_atomic_int_set (&remote->looking, TRUE);
      astern_session_request (remote->session, look, remote, NULL);
    }
  return G_SOURCE_CONTINUE;
}

static void
on_vnc_people (gpointer user, guint n)
{
  AsternRemote *remote = user;

  g_atomic_int_set (&remote->anew, TRUE);
  g_atomic_int_set (&remote->vnc_people, (gint) n);
}

static void
on_spice_people (gpointer user, guint n)
{
  AsternRemote *remote = user;

  g_atomic_int_set (&remote->anew, TRUE);
  g_atomic_int_set (&remote->spice_people, (gint) n);
}

/* ---- what is done ---- */

typedef struct
{
  gboolean is_key, down, absolute;
  guint16  number;
  guint    x, y;                /* 0 .. HUMAN_POINTER_MAX */
  gint     dx, dy, dz;
  guint8   buttons;
} Input;

/* Main thread. */
static void
do_input (AsternSession *session, gpointer data)
{
  const Input *input = data;
  AsternLaunch *launch = session->launch;

  if (session->replayed != NULL || astern_timeline_in_past (astern_debugger_timeline (session->debugger)))
    return;
  if (input->is_key)
    astern_launch_key (launch, input->number, input->down);
  else if (input->absolute && astern_launch_points (launch))
    astern_launch_pointer (launch, input->x, input->y, input->dz, input->buttons);
  else
    astern_launch_mouse (launch, input->dx, input->dy, input->dz, input->buttons);
}

static void
pass_on (AsternRemote *remote, const Input *input)
{
  astern_session_request (remote->session, do_input, g_memdup2 (input, sizeof *input), g_free);
}

static void
on_key (gpointer user, guint16 number, gboolean down)
{
  pass_on (user, &(Input) { .is_key = TRUE, .number = number, .down = down });
}

static void
on_pointer (gpointer user, guint x, guint y, guint width, guint height, gint dz, guint8 buttons)
{
  AsternRemote *remote = user;
  Input input = { .absolute = TRUE, .dz = dz, .buttons = buttons };

  input.x = (guint) ((guint64) MIN (x, width - 1) * HUMAN_POINTER_MAX / MAX (width - 1, 1));
  input.y = (guint) ((guint64) MIN (y, height - 1) * HUMAN_POINTER_MAX / MAX (height - 1, 1));
  if (remote->has_place)
    {
      input.dx = (gint) x - remote->x;
      input.dy = (gint) y - remote->y;
    }
  remote->has_place = TRUE;
  remote->x = (gint) x;
  remote->y = (gint) y;
  pass_on (remote, &input);
}

static void
on_motion (gpointer user, gint dx, gint dy, gint dz, guint8 buttons)
{
  pass_on (user, &(Input) { .dx = dx, .dy = dy, .dz = dz, .buttons = buttons });
}

/* ---- the clipboard ---- */

/* Host thread. */
static void
copied_in_guest (gpointer user, const char *text)
{
  AsternRemote *remote = user;

  if (remote->vnc != NULL)
    astern_vnc_cut (remote->vnc, text);
}

/* Main thread. */
static void
do_cut (AsternSession *session, gpointer data)
{
  if (session->remote != NULL && session->remote->clipboard != NULL && session->replayed == NULL &&
      !astern_timeline_in_past (astern_debugger_timeline (session->debugger)))
    astern_clipboard_offer (session->remote->clipboard, data);
}

static void
on_cut (gpointer user, const char *text)
{
  astern_session_request (((AsternRemote *) user)->session, do_cut, g_strdup (text), g_free);
}

/* ---- lines ---- */

/* The guest stands where it stood once: those at its lines begin anew. */
static void
on_branched (gpointer user, AsternMoment at)
{
  AsternRemote *remote = user;

  if (remote->spice != NULL)
    astern_spice_restart_lines (remote->spice);
  if (remote->clipboard != NULL)
    astern_clipboard_restart (remote->clipboard);
}

/* In a replay the journal has what they said. */
static gboolean
connect_lines (AsternRemote *remote, AsternSession *session, GError **error)
{
  AsternLine line;

  for (guint i = 0; session->replayed == NULL && astern_launch_line (session->launch, i, &line); i++)
    if (line.spec->kind == ASTERN_CHARDEV_VDAGENT)
      {
        if (remote == NULL || remote->vnc == NULL)
          continue;
        if (remote->clipboard != NULL)
          {
            g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("-chardev: there can be one “qemu-vdagent”."));
            return FALSE;
          }
        remote->clipboard = astern_clipboard_new (session->launch->loop, &line, copied_in_guest, remote);
      }
    else if (remote == NULL || remote->spice == NULL)
      {
        g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                     _("-chardev %s: there is no SPICE server that it could be a channel of; start one with “-spice port=5930,disable-ticketing=on”."),
                     line.link->name);
        return FALSE;
      }
    else
      astern_spice_add_line (remote->spice, line.spec, line.chardev, line.link);
  return TRUE;
}

/* ---- the whole ---- */

static gboolean
open_servers (AsternRemote *remote, const AsternLaunchOptions *options, GError **error)
{
  const AsternRemoteFuncs vnc = { on_key, on_pointer, on_motion, on_vnc_people, on_cut, remote };
  const AsternRemoteFuncs spice = { on_key, on_pointer, on_motion, on_spice_people, NULL, remote };
  const char *name = options->name != NULL ? options->name : "Astern";
  g_autoptr (GError) failed = NULL;

  if (options->vnc.place.given)
    remote->vnc = astern_vnc_new (&options->vnc, name, &vnc, &failed);
  if (options->spice.place.given && failed == NULL)
    remote->spice = astern_spice_new (&options->spice, name, &spice, &failed);
  if (failed != NULL)
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The screen cannot be served: %s."), failed->message);
  return failed == NULL;
}

AsternRemote *
astern_remote_new (AsternSession *session, GError **error)
{
  static const AsternClientFuncs client_funcs = { .name = "remote", .branched = on_branched };
  const AsternLaunchOptions *options = session->launch->options;
  g_autoptr (AsternRemote) remote = NULL;

  if (!options->vnc.place.given && !options->spice.place.given)
    {
      connect_lines (NULL, session, error);
      return NULL;
    }
  remote = g_new0 (AsternRemote, 1);
  remote->session = session;
  remote->screen.apart = TRUE;
  if (!open_servers (remote, options, error) || !connect_lines (remote, session, error))
    return NULL;
  remote->client = astern_debugger_attach (session->debugger, &client_funcs, remote);
  remote->timer = g_timeout_source_new (LOOK_MS);
  g_source_set_callback (remote->timer, on_timer, remote, NULL);
  g_source_attach (remote->timer, astern_host_loop_context (session->launch->loop));
  return g_steal_pointer (&remote);
}

/* So that the timer is not under way. */
static void
nothing (gpointer data)
{
}

void
astern_remote_free (AsternRemote *remote)
{
  if (remote == NULL)
    return;
  if (remote->client != NULL)
    astern_debugger_detach (remote->session->debugger, remote->client);
  g_clear_pointer (&remote->clipboard, astern_clipboard_free);
  /* First SPICE, which ends at once: its library does not bear that the screen changes its size while clients go. */
  g_clear_pointer (&remote->spice, astern_spice_free);
  g_clear_pointer (&remote->vnc, astern_vnc_free);
  if (remote->timer != NULL)
    {
      g_source_destroy (remote->timer);
      g_source_unref (remote->timer);
      astern_host_loop_call_and_wait (remote->session->launch->loop, nothing, NULL);
    }
  astern_screen_clear (&remote->screen);
  g_free (remote);
}

/* ---- passwords ---- */

/* The server of that name, if it asks for a password. */
static gboolean
asks (AsternRemote *remote, const char *server, gboolean *vnc, GError **error)
{
  const AsternLaunchOptions *options = remote != NULL ? remote->session->launch->options : NULL;

  *vnc = g_strcmp0 (server, "vnc") == 0;
  if (remote != NULL && *vnc && remote->vnc != NULL && options->vnc.place.password)
    return TRUE;
  if (remote != NULL && g_strcmp0 (server, "spice") == 0 && remote->spice != NULL && options->spice.place.password)
    return TRUE;
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
               _("There is no server “%s” that asks for a password; start with “-vnc :N,password=on”."), server != NULL ? server : "");
  return FALSE;
}

gboolean
astern_remote_set_password (AsternRemote *remote, const char *server, const char *password, AsternRemoteConnected connected, GError **error)
{
  gboolean vnc;

  if (!asks (remote, server, &vnc, error))
    return FALSE;
  if (!vnc)
    astern_spice_set_password (remote->spice, password, connected);
  else if (!astern_vnc_set_password (remote->vnc, password, connected))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE, _("Somebody is connected, so the password stays as it is."));
      return FALSE;
    }
  return TRUE;
}

gboolean
astern_remote_set_expiry (AsternRemote *remote, const char *server, gint64 when_s, GError **error)
{
  gboolean vnc;

  if (!asks (remote, server, &vnc, error))
    return FALSE;
  if (vnc)
    astern_vnc_set_expiry (remote->vnc, when_s);
  else
    astern_spice_set_expiry (remote->spice, when_s);
  return TRUE;
}

void
astern_remote_describe (AsternRemote *remote, const char *server, GString *text)
{
  gsize before = text->len;

  if (remote != NULL && remote->vnc != NULL && g_str_equal (server, "vnc"))
    astern_vnc_describe (remote->vnc, text);
  if (remote != NULL && remote->spice != NULL && g_str_equal (server, "spice"))
    astern_spice_describe (remote->spice, text);
  if (text->len == before)
    g_string_append_printf (text, "%s: %s\n", server, _("there is no such server"));
}
