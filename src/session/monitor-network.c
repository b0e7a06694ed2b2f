/* monitor-network.c - networks: what is plugged into which, and changing it.
 * Source: `info network`, `info usernet`, `set_link`, `hostfwd_add` and `hostfwd_remove` are asked as QEMU's are. */
#include "config.h"

#include "session/monitor-private.h"

#include "launch/network.h"

#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

COMMAND (info_network)
{
  g_autofree char *text = astern_network_describe (monitor->session->launch->network);

  g_string_append (answer, text[0] != '\0' ? text : _("There is no network.\n"));
  return TRUE;
}

COMMAND (set_link)
{
  const char *rest = argument;
  g_autofree char *id = astern_monitor_word (&rest);
  g_autofree char *state = astern_monitor_word (&rest);
  gboolean up = g_strcmp0 (state, "on") == 0;

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (id == NULL || (!up && g_strcmp0 (state, "off") != 0))
    return astern_monitor_fail (error, _("“set_link” takes a network or a card, and “on” or “off”."));
  return astern_network_plug (monitor->session->launch->network, id, up, error);
}

/* [NETWORK] RULE */
static gboolean
forward (AsternMonitor *monitor, const char *argument, gboolean add, GError **error)
{
  const char *rest = argument;
  g_autofree char *first = astern_monitor_word (&rest);
  g_autofree char *second = astern_monitor_word (&rest);

  if (first == NULL)
    return astern_monitor_fail (error, _("Which rule?  One is written as in “tcp::2222-:22”."));
  return astern_network_forward (monitor->session->launch->network, second != NULL ? first : NULL, add, second != NULL ? second : first, error);
}

COMMAND (hostfwd_add)
{
  return forward (monitor, argument, TRUE, error);
}

COMMAND (hostfwd_remove)
{
  return forward (monitor, argument, FALSE, error);
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_network_commands[] = {
  { "info network",   NULL, NULL,                 N_("the networks, their cards, what went over them"), N, info_network },
  { "info usernet",   NULL, NULL,                 N_("the same"), N, info_network },
  { "set_link",       NULL, N_("NETWORK on|off"), N_("plug the cable in, or pull it out"), N, set_link },
  { "hostfwd_add",    NULL, N_("[NETWORK] RULE"), N_("forward a port of the host's, as in “tcp::2222-:22”"), N, hostfwd_add },
  { "hostfwd_remove", NULL, N_("[NETWORK] RULE"), N_("forward it no more, as in “tcp::2222”"), N, hostfwd_remove },
  { .words = NULL },
};
