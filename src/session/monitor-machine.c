/* monitor-machine.c - commands that do something to the machine: reset, keys. */
#include "config.h"

#include "session/monitor-private.h"

#include "session/remote.h"

#include <glib/gi18n.h>

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

COMMAND (screendump)
{
  const char *rest = argument;
  g_autofree char *path = astern_monitor_word (&rest);

  return astern_launch_screendump (monitor->session->launch, path, error);
}

COMMAND (set_password)
{
  const char *rest = argument;
  g_autofree char *server = astern_monitor_word (&rest);
  g_autofree char *password = astern_monitor_word (&rest);

  return astern_remote_set_password (monitor->session->remote, server, password, error);
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_machine_commands[] = {
  { "system_reset",     NULL, NULL,       N_("press the reset button"), N, system_reset },
  { "system_powerdown", NULL, NULL,       N_("press the power button"), N, system_powerdown },
  { "nmi",              NULL, NULL,       N_("a non-maskable interrupt to all CPUs"), N, nmi },
  { "sendkey",          NULL, N_("KEYS"), N_("press keys, as in “ctrl-alt-delete”"), ASTERN_COMPLETES_KEY, sendkey },
  { "screendump",       NULL, N_("FILE"), N_("write the screen as PNG"), ASTERN_COMPLETES_FILE, screendump },
  { "set_password",     NULL, N_("vnc|spice PASSWORD"), N_("the password of a server of the screen"), N, set_password },
  { .words = NULL },
};
