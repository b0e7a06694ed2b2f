/* monitor-machine.c - commands that do something to the machine: reset, keys. */
#include "config.h"

#include "session/monitor-private.h"

#include "hw/human.h"
#include "hw/ps2-mouse.h"
#include "session/remote.h"

#include <glib/gi18n.h>
#include <string.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

COMMAND (system_reset)
{
  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  astern_debugger_reset (monitor->debugger);
  return TRUE;
}

COMMAND (nmi)
{
  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  astern_debugger_nmi (monitor->debugger);
  return TRUE;
}

COMMAND (system_powerdown)
{
  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  astern_launch_press_power_button (monitor->session->launch);
  return TRUE;
}

COMMAND (sendkey)
{
  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  return astern_launch_send_keys (monitor->session->launch, argument, error);
}

/* ---- engines ---- */

static void
tell_engine (AsternMonitor *monitor, GString *answer)
{
  guint32 can = monitor->machine->engine->klass->capabilities;

  g_string_append_printf (answer, _("The engine “%s” runs the machine: %s; %s; %s.\n"), monitor->machine->engine->klass->name,
                          can & ASTERN_CAN_REVERSE ? _("it can go back") : _("it cannot go back"),
                          can & ASTERN_CAN_COUNT_EXACTLY ? _("instructions are counted") : _("instructions are not counted"),
                          can & ASTERN_CAN_DETERMINISTIC ? _("the same run can be had again") : _("no run is like another"));
}

COMMAND (shift)
{
  if (argument[0] != '\0' &&
      (!astern_monitor_may_change (monitor, error) || !astern_debugger_shift (monitor->debugger, argument, error)))
    return FALSE;
  tell_engine (monitor, answer);
  return TRUE;
}

COMMAND (info_engine)
{
  tell_engine (monitor, answer);
  return TRUE;
}

/* ---- input ---- */

/* A number, signed, at the start of *@rest; what is missing is 0. */
static gint
next_number (const char **rest)
{
  g_autofree char *word = astern_monitor_word (rest);

  return word != NULL ? (gint) CLAMP (g_ascii_strtoll (word, NULL, 0), G_MININT16, G_MAXINT16) : 0;
}

static gboolean
tell_pointer (AsternMonitor *monitor, gint dx, gint dy, gint dz)
{
  AsternLaunch *launch = monitor->session->launch;

  if (astern_launch_points (launch))
    astern_launch_pointer (launch, monitor->pointer_x, monitor->pointer_y, dz, monitor->pointer_buttons);
  else
    astern_launch_mouse (launch, dx, dy, dz, monitor->pointer_buttons);
  return TRUE;
}

/* As QEMU's: a tablet takes it as a place. */
COMMAND (mouse_move)
{
  const char *rest = argument;
  gint x = next_number (&rest), y = next_number (&rest), z = next_number (&rest);

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  monitor->pointer_x = (guint) CLAMP (x, 0, HUMAN_POINTER_MAX);
  monitor->pointer_y = (guint) CLAMP (y, 0, HUMAN_POINTER_MAX);
  return tell_pointer (monitor, x, y, z);
}

COMMAND (mouse_button)
{
  const char *rest = argument;
  gint buttons = next_number (&rest);

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  monitor->pointer_buttons = (guint8) ((buttons & 1 ? PS2_MOUSE_LEFT : 0) | (buttons & 2 ? PS2_MOUSE_MIDDLE : 0) |
                                       (buttons & 4 ? PS2_MOUSE_RIGHT : 0));
  return tell_pointer (monitor, 0, 0, 0);
}

COMMAND (screendump)
{
  const char *rest = argument;
  g_autofree char *path = astern_monitor_word (&rest);
  g_autofree char *device = astern_monitor_word (&rest);
  gint head = device != NULL ? next_number (&rest) : 0;

  return astern_launch_screendump (monitor->session->launch, path, device, (guint) MAX (head, 0), error);
}

/* ---- servers of the screen ---- */

COMMAND (set_password)
{
  static const char *const words[] = { [ASTERN_REMOTE_KEEP] = "keep", [ASTERN_REMOTE_FAIL] = "fail", [ASTERN_REMOTE_DISCONNECT] = "disconnect" };
  const char *rest = argument;
  g_autofree char *server = astern_monitor_word (&rest);
  g_autofree char *password = astern_monitor_word (&rest);
  g_autofree char *connected = astern_monitor_word (&rest);
  guint which = ASTERN_REMOTE_KEEP;

  if (server == NULL || password == NULL)
    return astern_monitor_fail (error, _("Which server, and which password?  As in “set_password vnc sesame”."));
  while (connected != NULL && which < G_N_ELEMENTS (words) && !g_str_equal (words[which], connected))
    which++;
  if (which == G_N_ELEMENTS (words))
    return astern_monitor_fail (error, _("Those who are connected are told “keep”, “fail” or “disconnect”, not “%s”."), connected);
  return astern_remote_set_password (monitor->session->remote, server, password, (AsternRemoteConnected) which, error);
}

/* "now", "never", "+60", "1735689600" */
static gboolean
parse_expiry (const char *text, gint64 *when_s)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  gboolean relative = text[0] == '+';
  guint64 number;

  if (g_str_equal (text, "never"))
    *when_s = 0;
  else if (g_str_equal (text, "now"))
    *when_s = now_s - 1;
  else if (g_ascii_string_to_unsigned (text + relative, 10, 1, G_MAXINT32, &number, NULL))
    *when_s = (relative ? now_s : 0) + (gint64) number;
  else
    return FALSE;
  return TRUE;
}

COMMAND (expire_password)
{
  const char *rest = argument;
  g_autofree char *server = astern_monitor_word (&rest);
  g_autofree char *when = astern_monitor_word (&rest);
  gint64 when_s;

  if (server == NULL || when == NULL || !parse_expiry (when, &when_s))
    return astern_monitor_fail (error, _("Which server's password ends, and when?  “now”, “never”, “+SECONDS” from now, or seconds since 1970."));
  return astern_remote_set_expiry (monitor->session->remote, server, when_s, error);
}

COMMAND (change_vnc_password)
{
  const char *rest = argument;
  g_autofree char *password = astern_monitor_word (&rest);

  if (password == NULL)
    return astern_monitor_fail (error, _("Which password?  As in “change vnc password sesame”."));
  return astern_remote_set_password (monitor->session->remote, "vnc", password, ASTERN_REMOTE_KEEP, error);
}

COMMAND (info_remote)
{
  astern_remote_describe (monitor->session->remote, command->words + strlen ("info "), answer);
  return TRUE;
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_machine_commands[] = {
  { "system_reset",     NULL, NULL,       N_("press the reset button"), N, system_reset },
  { "system_powerdown", NULL, NULL,       N_("press the power button"), N, system_powerdown },
  { "nmi",              NULL, NULL,       N_("a non-maskable interrupt to all CPUs"), N, nmi },
  { "shift",            NULL, N_("[translate|kvm]"), N_("let this engine run the machine from here on; without a name: which one does"), N, shift },
  { "info engine",      NULL, NULL,       N_("which engine runs the machine, and what it can"), N, info_engine },
  { "sendkey",          NULL, N_("KEYS"), N_("press keys, as in “ctrl-alt-delete”"), ASTERN_COMPLETES_KEY, sendkey },
  { "mouse_move",       NULL, N_("X Y [Z]"), N_("move the mouse by X and Y, or a tablet's pointer to X and Y (0 to 32767); turn the wheel by Z"), N, mouse_move },
  { "mouse_button",     NULL, N_("STATE"), N_("the buttons that are down: 1 left, 2 middle, 4 right, their sum"), N, mouse_button },
  { "screendump",       NULL, N_("FILE [DEVICE [HEAD]]"), N_("write the screen as PNG; of that card, and that one of its screens"), ASTERN_COMPLETES_FILE, screendump },
  { "set_password",     NULL, N_("vnc|spice PASSWORD [keep|fail|disconnect]"), N_("the password of a server of the screen, and what becomes of those who are there"), N, set_password },
  { "expire_password",  NULL, N_("vnc|spice TIME"), N_("when it ends: “now”, “never”, “+SECONDS”, or seconds since 1970"), N, expire_password },
  { "change vnc password", NULL, N_("PASSWORD"), N_("as “set_password vnc”"), N, change_vnc_password },
  { "info vnc",         NULL, NULL,       N_("where the VNC server listens, and who is there"), N, info_remote },
  { "info spice",       NULL, NULL,       N_("where the SPICE server listens, and the channels of those who are there"), N, info_remote },
  { .words = NULL },
};
