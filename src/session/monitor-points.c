/* monitor-points.c - breakpoints of every kind, as a user types them. */
#include "config.h"

#include "session/monitor-private.h"

#include "session/point-parse.h"
#include "session/point-text.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

/* Of all kinds: the table's words say which. */
COMMAND (add_point)
{
  g_autofree char *text = NULL;
  AsternPoint point;
  AsternPoint *added;

  if (!astern_point_parse (astern_monitor_cpu (monitor), &monitor->session->launch->names, command->words, argument, &point, error))
    return FALSE;
  added = astern_debugger_add_point (monitor->debugger, monitor->client, &point, error);
  if (added == NULL)
    {
      astern_point_clear (&point);
      return FALSE;
    }
  text = astern_point_text (added, monitor->session->launch->symbols);
  g_string_append_printf (answer, "%u: %s\n", added->id, text);
  return TRUE;
}

/* ---- those that there are ---- */

static AsternPoint *
find_point (AsternMonitor *monitor, const char *text, GError **error)
{
  AsternPoints *points = astern_debugger_points (monitor->debugger);
  AsternPoint *point;
  guint64 id;

  if (!astern_monitor_number (text, &id, error))
    return NULL;
  point = id <= G_MAXUINT ? astern_points_find (points, (guint) id) : NULL;
  if (point == NULL)
    astern_monitor_fail (error, _("There is no breakpoint %s; “info breakpoints” lists those that there are."), text);
  else if (point->owner != monitor->client)
    {
      astern_monitor_fail (error, _("Breakpoint %s is another client's; it is changed where it was made."), text);
      point = NULL;
    }
  return point;
}

/* Each of the numbers in @argument, or all of the monitor's points when there is none. */
static gboolean
for_points (AsternMonitor *monitor, const char *argument, void (*change) (AsternMonitor *, AsternPoint *), GError **error)
{
  AsternPoints *points = astern_debugger_points (monitor->debugger);
  const char *rest = argument;
  char *word;

  if (argument[0] == '\0')
    for (guint i = astern_points_count (points); i-- > 0; )
      if (astern_points_at (points, i)->owner == monitor->client)
        change (monitor, astern_points_at (points, i));
  while ((word = astern_monitor_word (&rest)) != NULL)
    {
      AsternPoint *point = find_point (monitor, word, error);

      g_free (word);
      if (point == NULL)
        return FALSE;
      change (monitor, point);
    }
  return TRUE;
}

static void
remove_point (AsternMonitor *monitor, AsternPoint *point)
{
  astern_debugger_remove_point (monitor->debugger, point);
}

static void
switch_point (AsternMonitor *monitor, AsternPoint *point, gboolean on)
{
  point->enabled = on;
  astern_debugger_point_changed (monitor->debugger, point);
}

static void
enable_point (AsternMonitor *monitor, AsternPoint *point)
{
  switch_point (monitor, point, TRUE);
}

static void
disable_point (AsternMonitor *monitor, AsternPoint *point)
{
  switch_point (monitor, point, FALSE);
}

COMMAND (delete_points)
{
  return for_points (monitor, argument, remove_point, error);
}

COMMAND (enable_points)
{
  return for_points (monitor, argument, enable_point, error);
}

COMMAND (disable_points)
{
  return for_points (monitor, argument, disable_point, error);
}

COMMAND (ignore)
{
  const char *rest = argument;
  g_autofree char *id = astern_monitor_word (&rest);
  AsternPoint *point = find_point (monitor, id, error);
  guint64 count;

  if (point == NULL)
    return FALSE;
  if (rest[0] == '\0')
    return astern_monitor_fail (error, _("How many hits are to be passed over, as in “ignore 1 99”?"));
  if (!astern_monitor_evaluate (monitor, rest, &count, error))
    return FALSE;
  point->ignore = count;
  astern_debugger_point_changed (monitor->debugger, point);
  return TRUE;
}

COMMAND (info_breakpoints)
{
  AsternPoints *points = astern_debugger_points (monitor->debugger);

  for (guint i = 0; i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);
      g_autofree char *text = astern_point_text (point, monitor->session->launch->symbols);

      g_string_append_printf (answer, "%-4u %s", point->id, text);
      if (point->owner != monitor->client)
        g_string_append (answer, _(" (another client's)"));
      if (!point->enabled)
        g_string_append (answer, _(" (disabled)"));
      if (point->temporary)
        g_string_append (answer, _(" (once)"));
      if (point->log_only)
        g_string_append (answer, _(" (log only)"));
      g_string_append_printf (answer, ngettext (", %" PRIu64 " hit", ", %" PRIu64 " hits", point->hits), point->hits);
      if (point->ignore > 0)
        g_string_append_printf (answer, _(", the next %" PRIu64 " are passed over"), point->ignore);
      g_string_append_c (answer, '\n');
    }
  if (astern_points_count (points) == 0)
    g_string_append (answer, _("There are no breakpoints.\n"));
  return TRUE;
}

#define E ASTERN_COMPLETES_EXPRESSION
#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_point_commands[] = {
  { "break",  "b",  N_("[-p|-v] [-a] [-log] ADDRESS[,LENGTH] [cpu N] [if CONDITION]"),
    N_("stop before an instruction is executed at a linear address; -p: physical; -v: at that RIP, whatever CS' base; -a: only in the present address space; -log: say so and go on"), E, add_point },
  { "tbreak", NULL, N_("[OPTIONS] ADDRESS [cpu N] [if CONDITION]"), N_("the same, once"), E, add_point },
  { "hbreak", NULL, N_("[OPTIONS] ADDRESS [cpu N] [if CONDITION]"), N_("the same as break: all are like the hardware's, and there is no limit"), E, add_point },
  { "watch",  NULL, N_("[-r|-a] [-p] [-change] [-log] ADDRESS[,LENGTH] [cpu N] [if CONDITION]"),
    N_("stop after memory was written, by a CPU or by DMA (8 bytes unless told); -r: read; -a: either; -p: physical; -change: only when a value changes"), E, add_point },
  { "catch port",      NULL, N_("[-r|-w] PORT[,LENGTH] [if CONDITION]"), N_("stop after an access to a port"), E, add_point },
  { "catch msr",       NULL, N_("[-r|-w] NUMBER [if CONDITION]"), N_("stop after an access to a model-specific register"), E, add_point },
  { "catch cr",        NULL, N_("NUMBER [if CONDITION]"), N_("stop after a control register was written"), E, add_point },
  { "catch exception", NULL, N_("[VECTOR] [error CODE] [if CONDITION]"), N_("stop where an exception is raised, before its handler"), E, add_point },
  { "catch interrupt", NULL, N_("[VECTOR] [if CONDITION]"), N_("stop at the first instruction of an interrupt's handler"), E, add_point },
  { "catch mode",      NULL, N_("[if CONDITION]"), N_("stop when the CPU's mode changes"), E, add_point },
  { "catch syscall",   NULL, N_("[NUMBER] [if CONDITION]"), N_("stop after a system call was entered or left"), E, add_point },
  { "catch triple",    NULL, N_("[if CONDITION]"), N_("stop at a triple fault; the machine does so anyway"), E, add_point },
  { "catch magic",     NULL, N_("[if CONDITION]"), N_("stop after “xchg %bx,%bx”"), E, add_point },
  { "delete",  "d",  N_("[NUMBER…]"), N_("remove breakpoints; alone: all that were made here"), N, delete_points },
  { "enable",  NULL, N_("[NUMBER…]"), N_("let breakpoints stop the machine again"), N, enable_points },
  { "disable", NULL, N_("[NUMBER…]"), N_("keep breakpoints, but do not stop at them"), N, disable_points },
  { "ignore",  NULL, N_("NUMBER COUNT"), N_("pass over the next hits of a breakpoint"), N, ignore },
  { "info breakpoints", NULL, NULL, N_("the breakpoints of all clients"), N, info_breakpoints },
  { .words = NULL },
};
