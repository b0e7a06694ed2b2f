/* monitor-machine.c - commands that do something to the machine: run, reset, keys. */
#include "config.h"

#include "cli/monitor-private.h"

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

COMMAND (stop)
{
  monitor->session->paused = TRUE;
  return TRUE;
}

COMMAND (cont)
{
  monitor->session->paused = FALSE;
  return TRUE;
}

COMMAND (system_reset)
{
  astern_launch_reset (monitor->session->launch);
  return TRUE;
}

COMMAND (system_powerdown)
{
  astern_launch_press_power_button (monitor->session->launch);
  return TRUE;
}

COMMAND (sendkey)
{
  return astern_launch_send_keys (monitor->session->launch, argument, error);
}

COMMAND (screendump)
{
  const char *rest = argument;
  g_autofree char *path = astern_monitor_word (&rest);

  return astern_launch_screendump (monitor->session->launch, path, error);
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_machine_commands[] = {
  { "stop",             "s",  NULL,       N_("stop the machine"), N, stop },
  { "cont",             "c",  NULL,       N_("let it go on"), N, cont },
  { "system_reset",     NULL, NULL,       N_("press the reset button"), N, system_reset },
  { "system_powerdown", NULL, NULL,       N_("press the power button"), N, system_powerdown },
  { "sendkey",          NULL, N_("KEYS"), N_("press keys, as in “ctrl-alt-delete”"), ASTERN_COMPLETES_KEY, sendkey },
  { "screendump",       NULL, N_("FILE"), N_("write the screen as PNG"), ASTERN_COMPLETES_FILE, screendump },
  { .words = NULL },
};
