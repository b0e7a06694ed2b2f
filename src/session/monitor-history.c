/* monitor-history.c - the run and its past: history, branches, named moments.
 *
 * As all of the past is kept, “savevm” only has to remember where it stood; “loadvm” goes there, and
 * nothing is lost by that. */
#include "config.h"

#include "session/monitor-private.h"

#include "trace/recording.h"

#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

static char *
size_text (guint64 bytes)
{
  return g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
}

static void
append_mark (AsternTimeline *timeline, guint index, GString *answer)
{
  AsternTimelineMark mark;
  g_autofree char *held = NULL;
  char moment[ASTERN_MOMENT_TEXT];

  astern_timeline_mark (timeline, index, &mark);
  held = size_text (mark.bytes);
  astern_moment_format (mark.moment, moment);
  g_string_append_printf (answer, _("  %-20s %14.6f s  %7u pages  %s\n"), moment, (double) mark.guest_ns / 1e9, mark.pages, held);
}

/* Alone, the latest snapshots: there may be thousands. */
COMMAND (info_history)
{
  enum { SHOWN = 10 };
  AsternTimeline *timeline = monitor->timeline;
  g_autofree char *size = size_text (astern_timeline_bytes (timeline));
  g_autofree char *spilled = size_text (astern_timeline_spilled (timeline));
  guint n = astern_timeline_marks (timeline), first = n > SHOWN ? n - SHOWN : 0;
  char start[ASTERN_MOMENT_TEXT], now[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];

  if (argument[0] != '\0' && !g_str_equal (argument, "-a"))
    return astern_monitor_fail (error, _("“info history” takes “-a”, for all snapshots, or nothing."));
  if (n == 0 && astern_timeline_wanted (timeline))
    return astern_debugger_no_history (monitor->debugger, error);
  if (n == 0)
    return astern_monitor_fail (error, _("There is no history: it was switched off by “-history off”."));
  if (argument[0] != '\0')
    first = 0;
  astern_moment_format (astern_timeline_start (timeline), start);
  astern_moment_format (astern_timeline_present (timeline), now);
  astern_moment_format (astern_timeline_head (timeline), last);
  g_string_append_printf (answer, _("from %s to %s, now at %s; %u snapshots, %s of memory"), start, last, now, n, size);
  if (astern_timeline_spilled (timeline) > 0)
    g_string_append_printf (answer, _(", %s in the recording"), spilled);
  g_string_append_c (answer, '\n');
  if (first > 0)
    g_string_append_printf (answer, _("  … %u before these (“info history -a”)\n"), first);
  for (guint i = first; i < n; i++)
    append_mark (timeline, i, answer);
  return TRUE;
}

/* ---- branches ---- */

gboolean
astern_monitor_may_change (AsternMonitor *monitor, GError **error)
{
  char last[ASTERN_MOMENT_TEXT];

  if (!astern_timeline_in_past (monitor->timeline))
    return TRUE;
  astern_moment_format (astern_timeline_head (monitor->timeline), last);
  return astern_monitor_fail (error, _("This is the past: with a change the run would go another way than it did, up to %s. “branch” first "
                                       "leaves that future, which is kept."), last);
}

COMMAND (branch)
{
  char moment[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];
  guint id;

  if (!astern_timeline_in_past (monitor->timeline))
    return astern_monitor_fail (error, _("The machine stands at the end of its run; there is nothing to branch off from."));
  astern_moment_format (astern_timeline_present (monitor->timeline), moment);
  astern_moment_format (astern_timeline_head (monitor->timeline), last);
  monitor->branching = TRUE;
  id = astern_debugger_branch (monitor->debugger);
  monitor->branching = FALSE;
  g_string_append_printf (answer, _("The run now ends here, at %s; what it had been up to %s is future %u.\n"), moment, last, id);
  return TRUE;
}

COMMAND (info_futures)
{
  AsternFutures *futures = astern_timeline_futures (monitor->timeline);

  if (astern_futures_count (futures) == 0)
    g_string_append (answer, _("No future was left.\n"));
  for (guint i = 0; i < astern_futures_count (futures); i++)
    {
      const AsternFuture *future = astern_futures_at (futures, i);
      char parting[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];

      astern_moment_format (astern_timeline_parting (monitor->timeline, future), parting);
      astern_moment_format (future->head, last);
      g_string_append_printf (answer, _("future %u parts from the run at %s and goes to %s\n"), future->id, parting, last);
    }
  return TRUE;
}

COMMAND (drop_future)
{
  AsternFutures *futures = astern_timeline_futures (monitor->timeline);
  guint64 id;
  AsternFuture *future = NULL;

  if (g_ascii_string_to_unsigned (argument, 10, 1, G_MAXUINT, &id, NULL))
    future = astern_futures_find (futures, (guint) id);
  if (future == NULL)
    return astern_monitor_fail (error, _("“drop” needs the number of a future, as “info futures” shows them."));
  astern_futures_drop (futures, future);
  return TRUE;
}

/* ---- named moments ---- */

/* One that has the name already is put here. */
COMMAND (savevm)
{
  const AsternBookmark *old = astern_bookmarks_named (monitor->bookmarks, argument);

  if (old != NULL)
    astern_bookmarks_remove (monitor->bookmarks, old->id);
  astern_bookmarks_add_here (monitor->bookmarks, argument, NULL);
  return TRUE;
}

static const AsternBookmark *
need_bookmark (AsternMonitor *monitor, const char *name, GError **error)
{
  const AsternBookmark *bookmark = astern_bookmarks_named (monitor->bookmarks, name);

  if (bookmark == NULL)
    astern_monitor_fail (error, _("There is no snapshot “%s”; “info snapshots” lists those that there are."), name);
  return bookmark;
}

COMMAND (loadvm)
{
  const AsternBookmark *bookmark = need_bookmark (monitor, argument, error);
  AsternMoveRequest request = { .move = ASTERN_MOVE_GOTO, .cpu = monitor->cpu };

  if (bookmark == NULL)
    return FALSE;
  request.moment = bookmark->moment;
  return astern_monitor_begin (monitor, &request, error);
}

COMMAND (delvm)
{
  const AsternBookmark *bookmark = need_bookmark (monitor, argument, error);

  if (bookmark == NULL)
    return FALSE;
  astern_bookmarks_remove (monitor->bookmarks, bookmark->id);
  return TRUE;
}

COMMAND (info_snapshots)
{
  guint n = astern_bookmarks_count (monitor->bookmarks);

  if (n == 0)
    {
      g_string_append (answer, _("There is no snapshot available.\n"));
      return TRUE;
    }
  g_string_append (answer, _("ID        TAG                     VM CLOCK   MOMENT\n"));
  for (guint i = 0; i < n; i++)
    {
      const AsternBookmark *bookmark = astern_bookmarks_at (monitor->bookmarks, i);
      g_autofree char *seconds = bookmark->guest_ns == ASTERN_BOOKMARK_NS_UNKNOWN
                                 ? g_strdup ("") : g_strdup_printf ("%.6f", (double) bookmark->guest_ns / 1e9);
      g_autoptr (GString) name = g_string_new (NULL);
      g_autoptr (GString) note = g_string_new (bookmark->note[0] != '\0' ? "   " : "");
      char moment[ASTERN_MOMENT_TEXT];

      astern_recording_append_printable (name, bookmark->name);
      astern_recording_append_printable (note, bookmark->note);
      astern_moment_format (bookmark->moment, moment);
      g_string_append_printf (answer, "%-9u %-18s %13s   %s%s\n", i + 1, name->str, seconds, moment, note->str);
    }
  return TRUE;
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_history_commands[] = {
  { "info history",   NULL, N_("[-a]"),    N_("how far the history goes, and its latest snapshots; -a: all"), N, info_history },
  { "branch",         NULL, NULL,          N_("let the run end here, in its past, to change something: what came after is kept as a future"), N, branch },
  { "info futures",   NULL, NULL,          N_("the futures that were left"), N, info_futures },
  { "drop",           NULL, N_("NUMBER"),  N_("forget a future that was left"), N, drop_future },
  { "savevm",         NULL, N_("NAME"),    N_("name the present moment"), N, savevm },
  { "loadvm",         NULL, N_("NAME"),    N_("go to a named moment"), N, loadvm },
  { "delvm",          NULL, N_("NAME"),    N_("forget a name"), N, delvm },
  { "info snapshots", NULL, NULL,          N_("the named moments"), N, info_snapshots },
  { .words = NULL },
};
