/* monitor-change.c - changing registers and memory, and using ports: by the debugger, so that the change is
 * journaled, and in the past begins a branch.
 * Source: QEMU's manual for i and o. */
#include "config.h"

#include "session/monitor-format.h"
#include "session/monitor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

/* ---- set ---- */

/* "u32[ADDRESS]", "phys.u8[ADDRESS]". */
static gboolean
parse_memory_place (AsternMonitor *monitor, const char *text, AsternSpace *space, guint *size, guint64 *address, GError **error)
{
  static const struct { const char *name; guint size; } sizes[] = { { "u8[", 1 }, { "u16[", 2 }, { "u32[", 4 }, { "u64[", 8 } };
  gboolean physical = g_str_has_prefix (text, "phys.");

  *space = physical ? ASTERN_SPACE_PHYSICAL : ASTERN_SPACE_LINEAR;
  text += physical ? strlen ("phys.") : 0;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (g_str_has_prefix (text, sizes[i].name) && g_str_has_suffix (text, "]"))
      {
        const char *start = text + strlen (sizes[i].name);
        g_autofree char *inner = g_strndup (start, strlen (start) - 1);

        *size = sizes[i].size;
        return astern_monitor_evaluate (monitor, inner, address, error);
      }
  return astern_monitor_fail (error, _("What is set is a register, as in “set $rax = 1”, or memory, as in “set u32[0x1000] = 1”."));
}

static gboolean
set_register (AsternMonitor *monitor, const char *name, guint64 value, GError **error)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  gint reg = astern_cpu_find_register (cpu->klass, name);
  guint8 bytes[64] = { 0 };

  if (reg < 0)
    return astern_monitor_fail (error, _("The CPU has no register “%s”."), name);
  value = GUINT64_TO_LE (value);
  memcpy (bytes, &value, sizeof value);
  return astern_debugger_write_register (monitor->debugger, monitor->cpu, (guint) reg, bytes, error);
}

COMMAND (set)
{
  const char *equals = strchr (argument, '=');
  g_autofree char *place = equals != NULL ? g_strstrip (g_strndup (argument, (gsize) (equals - argument))) : NULL;
  AsternSpace space;
  guint64 value, address;
  guint size = 0;

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (place == NULL)
    return astern_monitor_fail (error, _("“set” is written as in “set $rax = 1” or “set u32[0x1000] = 1”."));
  if (!astern_monitor_evaluate (monitor, equals + 1, &value, error))
    return FALSE;
  if (place[0] == '$')
    return set_register (monitor, place + 1, value, error);
  if (!parse_memory_place (monitor, place, &space, &size, &address, error))
    return FALSE;
  value = GUINT64_TO_LE (value);
  return astern_debugger_write_memory (monitor->debugger, monitor->cpu, space, address, &value, size, error);
}

/* ---- ports ---- */

static gboolean
parse_port (AsternMonitor *monitor, const char **rest, AsternMonitorFormat *format, guint64 *port, GError **error)
{
  g_autofree char *word = NULL;

  if (!astern_monitor_format_parse (*rest, format, rest, error))
    return FALSE;
  word = astern_monitor_word (rest);
  if (word == NULL)
    return astern_monitor_fail (error, _("A port is needed, as in “i/b 0x60”."));
  if (!astern_monitor_evaluate (monitor, word, port, error))
    return FALSE;
  if (*port > 0xffff || format->size > 4)
    return astern_monitor_fail (error, _("There are 65,536 ports, and they are accessed by 1, 2 or 4 bytes."));
  return TRUE;
}

COMMAND (port_in)
{
  AsternMonitorFormat format = { .size = 1, .letter = 'x' };
  const char *rest = argument;
  guint64 port;

  if (!parse_port (monitor, &rest, &format, &port, error))
    return FALSE;
  g_string_append_printf (answer, "port%c[0x%04x] = ", " bw l"[format.size], (guint) port);
  astern_monitor_format_value (answer, format.letter, format.size,
                               astern_debugger_port_in (monitor->debugger, (guint16) port, format.size));
  g_string_append_c (answer, '\n');
  return TRUE;
}

COMMAND (port_out)
{
  AsternMonitorFormat format = { .size = 1, .letter = 'x' };
  const char *rest = argument;
  guint64 port, value;

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (!parse_port (monitor, &rest, &format, &port, error))
    return FALSE;
  if (rest[0] == '\0')
    return astern_monitor_fail (error, _("A value is needed, as in “o/b 0x64 0xfe”."));
  if (!astern_monitor_evaluate (monitor, rest, &value, error))
    return FALSE;
  astern_debugger_port_out (monitor->debugger, (guint16) port, format.size, value);
  return TRUE;
}

#define E ASTERN_COMPLETES_EXPRESSION
const AsternMonitorCommand astern_monitor_change_commands[] = {
  { "set",      NULL, N_("PLACE = EXPRESSION"),  N_("change a register ($rax) or memory (u8[…] to u64[…], phys.u32[…])"), E, set },
  { "i",        NULL, N_("[/SIZE] PORT"),        N_("read a port, without the side effects that a guest's read has"), E, port_in },
  { "o",        NULL, N_("[/SIZE] PORT VALUE"),  N_("write a port, as the guest would"), E, port_out },
  { .words = NULL },
};
