/* remote.c - see remote.h.
 *
 * While somebody is there, the host's thread asks the machine's every few hundredths of a second to look at the screen; it
 * asks again only when that was done, and, as the window does, not before the machine has had some peace. */
#include "config.h"

#include "session/remote.h"

#include "host/remote/spice.h"
#include "host/remote/vnc.h"
#include "hw/display/display.h"
#include "hw/human.h"

#include <glib/gi18n.h>

#define LOOK_MS 33
#define PEACE   4       /* times as long as the last look took */

struct _AsternRemote
{
  AsternSession *session;
  AsternVnc     *vnc;           /* (nullable) */
  AsternSpice   *spice;         /* (nullable) */
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

/* Main thread. */
static void
look (AsternSession *session, gpointer data)
{
  AsternRemote *remote = data;
  AsternDevice *display = astern_display_find (session->launch->machine, 0);
  gint64 begun_us = g_get_monotonic_time ();
  gboolean anew = g_atomic_int_compare_and_exchange (&remote->anew, TRUE, FALSE);

  if (display != NULL && (astern_display_update (display, 0, &remote->screen) || anew))
    {
      const AsternPicture *picture = &remote->screen.picture;
      guint first = anew ? 0 : remote->screen.first_row, end = anew ? picture->height : remote->screen.end_row;

      if (remote->vnc != NULL && first < end)
        astern_vnc_show (remote->vnc, picture, first, end);
      if (remote->spice != NULL && first < end)
        astern_spice_show (remote->spice, picture, first, end);
    }
  if (remote->spice != NULL)
    astern_spice_set_absolute (remote->spice, astern_launch_points (session->launch));
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

/* ---- the whole ---- */

static gboolean
open_servers (AsternRemote *remote, const AsternLaunchOptions *options, GError **error)
{
  const AsternRemoteFuncs vnc = { on_key, on_pointer, on_motion, on_vnc_people, remote };
  const AsternRemoteFuncs spice = { on_key, on_pointer, on_motion, on_spice_people, remote };
  const char *name = options->name != NULL ? options->name : "Astern";
  g_autoptr (GError) failed = NULL;

  if (options->vnc.given)
    remote->vnc = astern_vnc_new (&options->vnc, name, &vnc, &failed);
  if (options->spice.given && failed == NULL)
    remote->spice = astern_spice_new (&options->spice, name, &spice, &failed);
  if (failed != NULL)
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The screen cannot be served: %s."), failed->message);
  return failed == NULL;
}

AsternRemote *
astern_remote_new (AsternSession *session, GError **error)
{
  const AsternLaunchOptions *options = session->launch->options;
  g_autoptr (AsternRemote) remote = NULL;

  if (!options->vnc.given && !options->spice.given)
    return NULL;
  remote = g_new0 (AsternRemote, 1);
  remote->session = session;
  if (!open_servers (remote, options, error))
    return NULL;
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
  g_clear_pointer (&remote->vnc, astern_vnc_free);
  g_clear_pointer (&remote->spice, astern_spice_free);
  if (remote->timer != NULL)
    {
      g_source_destroy (remote->timer);
      g_source_unref (remote->timer);
      astern_host_loop_call_and_wait (remote->session->launch->loop, nothing, NULL);
    }
  astern_screen_clear (&remote->screen);
  g_free (remote);
}

gboolean
astern_remote_set_password (AsternRemote *remote, const char *server, const char *password, GError **error)
{
  const AsternLaunchOptions *options = remote != NULL ? remote->session->launch->options : NULL;

  if (g_str_equal (server, "vnc") && remote != NULL && remote->vnc != NULL && options->vnc.password)
    {
      astern_vnc_set_password (remote->vnc, password);
      return TRUE;
    }
  if (g_str_equal (server, "spice") && remote != NULL && remote->spice != NULL && options->spice.password)
    {
      astern_spice_set_password (remote->spice, password);
      return TRUE;
    }
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
               _("There is no server “%s” that asks for a password; start with “-vnc :N,password=on”."), server);
  return FALSE;
}

static void
describe (GString *text, const char *name, const AsternRemoteSpec *spec, guint16 port)
{
  if (spec->path != NULL)
    g_string_append_printf (text, "%s: unix:%s\n", name, spec->path);
  else
    g_string_append_printf (text, "%s: %s:%u\n", name, spec->host != NULL && *spec->host != '\0' ? spec->host : "*", port);
}

void
astern_remote_describe (AsternRemote *remote, GString *text)
{
  if (remote != NULL && remote->vnc != NULL)
    describe (text, "vnc", &remote->session->launch->options->vnc, astern_vnc_port (remote->vnc));
  if (remote != NULL && remote->spice != NULL)
    describe (text, "spice", &remote->session->launch->options->spice, astern_spice_port (remote->spice));
}
