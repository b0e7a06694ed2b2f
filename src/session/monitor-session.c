/* monitor-session.c - commands about the monitor itself and the session. */
#include "config.h"

#include "session/monitor-private.h"

#include <string.h>

#include <glib/gi18n.h>

static void
append_command (GString *answer, const AsternMonitorCommand *command)
{
  g_autofree char *usage = g_strconcat (command->words, command->arguments != NULL ? " " : NULL,
                                        command->arguments != NULL ? _(command->arguments) : NULL, NULL);

  g_string_append_printf (answer, "  %-40s %s", usage, _(command->help));
  if (command->short_form != NULL)
    g_string_append_printf (answer, " (%s)", command->short_form);
  g_string_append_c (answer, '\n');
}

/* All of them, or those that begin with what was asked for. */
static gboolean
help (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, GError **error)
{
  gsize before = answer->len;

  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    {
      if (argument[0] == '\0')
        g_string_append_printf (answer, "%s\n", _(table->title));
      for (const AsternMonitorCommand *c = astern_monitor_table_commands (table); c->words != NULL; c++)
        if (g_str_has_prefix (c->words, argument) || g_strcmp0 (c->short_form, argument) == 0)
          append_command (answer, c);
    }
  if (answer->len == before)
    return astern_monitor_fail (error, _("There is no command “%s”; “help” lists those that there are."), argument);
  return TRUE;
}

static gboolean
quit (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, GError **error)
{
  astern_session_quit (monitor->session);
  return TRUE;
}

static gboolean
log_kinds (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, GError **error)
{
  guint32 mask = 0;

  if (!g_str_equal (argument, "none") && !astern_events_parse (argument, &mask, error))
    return FALSE;
  monitor->machine->events.enabled = mask;
  return TRUE;
}

static gboolean
choose_cpu (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, GError **error)
{
  guint64 number;

  if (argument[0] == '\0')
    {
      g_string_append_printf (answer, _("CPU %u\n"), monitor->cpu);
      return TRUE;
    }
  if (!astern_monitor_number (argument, &number, error))
    return FALSE;
  if (number >= monitor->machine->n_cpus)
    return astern_monitor_fail (error, _("There is no CPU %s; they are numbered from 0 to %u."), argument,
                                monitor->machine->n_cpus - 1);
  monitor->cpu = (guint) number;
  return TRUE;
}

static gboolean
choose_syntax (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer,
               GError **error)
{
  if (!g_str_equal (argument, "att") && !g_str_equal (argument, "intel"))
    return astern_monitor_fail (error, _("The syntax is “att” or “intel”, not “%s”."), argument);
  astern_disassembler_set_syntax (monitor->disassembler, argument[0] == 'a' ? ASTERN_SYNTAX_ATT : ASTERN_SYNTAX_INTEL);
  return TRUE;
}

static gboolean
gdb (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, GError **error)
{
  g_autofree char *text = astern_session_gdb_command (monitor->session, argument);

  g_string_append (answer, text);
  return TRUE;
}

static gboolean
gdbserver (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, GError **error)
{
  const char *place = argument[0] != '\0' ? argument : "tcp::1234";

  if (!astern_session_gdbserver (monitor->session, place, error))
    return FALSE;
  if (!g_str_equal (place, "none"))
    g_string_append_printf (answer, _("Waiting for gdb at %s.\n"), place);
  return TRUE;
}

const AsternMonitorCommand astern_monitor_session_commands[] = {
  { "help",   "?",  N_("[COMMAND]"),   N_("this list; with a word, the commands that begin with it"), ASTERN_COMPLETES_COMMAND, help },
  { "cpu",    NULL, N_("[NUMBER]"),    N_("the CPU whose registers and memory are meant"), ASTERN_COMPLETES_NOTHING, choose_cpu },
  { "syntax", NULL, N_("att|intel"),   N_("how instructions are written"), ASTERN_COMPLETES_NOTHING, choose_syntax },
  { "log",    NULL, N_("KINDS"),       N_("what to log, as after -d; “none” for nothing"), ASTERN_COMPLETES_LOG_KIND, log_kinds },
  { "gdbserver", NULL, N_("[PLACE]"),  N_("wait for gdb, as -gdb does (tcp::1234); “none”: no longer"), ASTERN_COMPLETES_NOTHING, gdbserver },
  { "gdb",    NULL, N_("[linear-pc on|off | arch NAME]"), N_("what gdb is told of the machine; doc/gdb.md"), ASTERN_COMPLETES_NOTHING, gdb },
  { "quit",   "q",  NULL,              N_("end the program"), ASTERN_COMPLETES_NOTHING, quit },
  { .words = NULL },
};
