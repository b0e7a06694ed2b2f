/* monitor-moves.c - moving through the run, forward and back, and saying where it stands.
 *
 * The commands are made from the debugger's table of moves (core/debugger.h), so that every move has one. */
#include "config.h"

#include "session/monitor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

/* ---- moments as a user types them ---- */

/* "1.5s", "20ms", "300us", "7ns" of guest time. */
static gboolean
parse_time (const char *text, guint64 *ns)
{
  static const struct { const char *unit; double ns; } units[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
  char *end;
  double value = g_ascii_strtod (text, &end);

  if (end == text || !(value >= 0))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (end, units[i].unit) && value * units[i].ns < 1.8e19)
      {
        *ns = (guint64) (value * units[i].ns);
        return TRUE;
      }
  return FALSE;
}

/* "+1000", "-3": instructions from here. */
static gboolean
parse_distance (AsternMonitor *monitor, const char *text, AsternMoment *moment, GError **error)
{
  AsternMoment present = astern_timeline_present (monitor->timeline);
  guint64 distance;

  if (!astern_monitor_evaluate (monitor, text + 1, &distance, error))
    return FALSE;
  if (text[0] == '-' ? distance > present.icount : distance > G_MAXUINT64 - present.icount)
    return astern_monitor_fail (error, _("That is not within the run."));
  *moment = (AsternMoment) { .icount = text[0] == '-' ? present.icount - distance : present.icount + distance };
  return TRUE;
}

gboolean
astern_monitor_moment (AsternMonitor *monitor, const char *text, AsternMoment *moment, GError **error)
{
  if (text[0] == '+' || text[0] == '-')
    return parse_distance (monitor, text, moment, error);
  if (astern_moment_parse (text, moment))
    return TRUE;
  return astern_monitor_fail (error, _("“%s” is no moment; give one as in “@1234567”, “+1000”, “-1” or “1.5s”, or a name of “info snapshots”."),
                              text);
}

/* ---- asking for a move ---- */

/* The prompt comes back when it is done, but a machine that runs on is not waited for. */
gboolean
astern_monitor_begin (AsternMonitor *monitor, const AsternMoveRequest *request, GError **error)
{
  monitor->moving = request->move != ASTERN_MOVE_CONTINUE;
  if (astern_debugger_move (monitor->debugger, monitor->client, request, error))
    {
      astern_session_let_go (monitor->session);
      return TRUE;
    }
  monitor->moving = FALSE;
  return FALSE;
}

static AsternMove
move_of (const AsternMonitorCommand *command)
{
  for (guint i = 0; i < ASTERN_N_MOVES; i++)
    if (g_str_equal (astern_moves[i].command, command->words))
      return (AsternMove) i;
  g_assert_not_reached ();
}

static gboolean
can_move (AsternMonitor *monitor, AsternMove move, GError **error)
{
  guint32 lacks = astern_debugger_lacks (monitor->debugger, move);

  if ((lacks & ASTERN_NEEDS_HISTORY) && astern_timeline_wanted (monitor->timeline))
    return astern_debugger_no_history (monitor->debugger, error);
  if (lacks & ASTERN_NEEDS_HISTORY)
    return astern_monitor_fail (error, _("There is no history to go back in: it was switched off by “-history off”."));
  if (lacks & ASTERN_NEEDS_STOPPED)
    return astern_monitor_fail (error, _("The machine runs; “stop” stops it."));
  return TRUE;
}

COMMAND (move)
{
  AsternMoveRequest request = { .move = move_of (command), .cpu = monitor->cpu };

  return can_move (monitor, request.move, error) && astern_monitor_begin (monitor, &request, error);
}

/* "-i" before the count. */
static gboolean
takes_interrupts (const char **argument)
{
  if (!g_str_has_prefix (*argument, "-i") || ((*argument)[2] != '\0' && (*argument)[2] != ' '))
    return FALSE;
  *argument += 2 + strspn (*argument + 2, " ");
  return TRUE;
}

COMMAND (move_counted)
{
  AsternMoveRequest request = { .move = move_of (command), .cpu = monitor->cpu, .count = 1,
                                .into_interrupts = takes_interrupts (&argument) };

  if (argument[0] != '\0' && !astern_monitor_evaluate (monitor, argument, &request.count, error))
    return FALSE;
  return can_move (monitor, request.move, error) && astern_monitor_begin (monitor, &request, error);
}

COMMAND (move_to_address)
{
  AsternMoveRequest request = { .move = move_of (command), .cpu = monitor->cpu };

  return can_move (monitor, request.move, error) && astern_monitor_evaluate (monitor, argument, &request.address, error)
         && astern_monitor_begin (monitor, &request, error);
}

COMMAND (take_up)
{
  AsternMoveRequest request = { .move = ASTERN_MOVE_TAKE_UP, .cpu = monitor->cpu };

  if (!g_ascii_string_to_unsigned (argument, 10, 1, G_MAXUINT, &request.address, NULL)
      || astern_futures_find (astern_timeline_futures (monitor->timeline), (guint) request.address) == NULL)
    return astern_monitor_fail (error, _("“take up” needs the number of a future, as “info futures” shows them."));
  return can_move (monitor, request.move, error) && astern_monitor_begin (monitor, &request, error);
}

/* ---- guest time: a moment is found by going nearer and nearer ---- */

static gboolean
go_to_guess (AsternMonitor *monitor, guint64 guess, GError **error)
{
  AsternMoveRequest request = { .move = ASTERN_MOVE_GOTO, .cpu = monitor->cpu, .moment = { .icount = guess } };

  monitor->search.guess = guess;
  return astern_monitor_begin (monitor, &request, error);
}

/* Guest time passes by instructions unless the guest idles, so the first guess is mostly right. */
static gboolean
go_nearer (AsternMonitor *monitor, GError **error)
{
  const AsternMonitorTimeSearch *search = &monitor->search;
  guint64 distance = search->wanted_ns > search->low_ns ? search->wanted_ns - search->low_ns : 0;
  guint64 room = search->high - search->low;

  if (room <= 1)
    return go_to_guess (monitor, search->high, error);
  return go_to_guess (monitor, search->low + (distance < room ? MAX (distance, 1) : room / 2), error);
}

/* Marks are moments whose guest time is known. */
static gboolean
begin_search (AsternMonitor *monitor, guint64 ns, GError **error)
{
  AsternMonitorTimeSearch *search = &monitor->search;
  AsternMoment start = astern_timeline_start (monitor->timeline), end = astern_timeline_end (monitor->timeline);

  *search = (AsternMonitorTimeSearch) { .active = TRUE, .wanted_ns = ns, .low = start.icount, .high = end.icount };
  for (guint i = 0; i < astern_timeline_marks (monitor->timeline); i++)
    {
      AsternTimelineMark mark;

      astern_timeline_mark (monitor->timeline, i, &mark);
      if (mark.guest_ns <= ns && mark.moment.icount >= search->low)
        {
          search->low = mark.moment.icount;
          search->low_ns = mark.guest_ns;
        }
      else if (mark.guest_ns > ns)
        search->high = MIN (search->high, mark.moment.icount);
    }
  search->active = search->low_ns == ns ? go_to_guess (monitor, search->low, error) : go_nearer (monitor, error);
  return search->active;
}

/* TRUE: another move is on its way. */
gboolean
astern_monitor_search_on (AsternMonitor *monitor, const AsternDebuggerStop *stop)
{
  AsternMonitorTimeSearch *search = &monitor->search;
  guint64 now = astern_clock_now_ns (&monitor->machine->clock);

  if (!search->active)
    return FALSE;
  search->active = FALSE;
  if (stop->why != ASTERN_WHY_MOVED && stop->why != ASTERN_WHY_END_OF_HISTORY)
    return FALSE;
  if (now < search->wanted_ns && search->guess < search->high)
    {
      search->low = search->guess;
      search->low_ns = now;
    }
  else if (search->guess <= search->low + 1 || now <= search->wanted_ns)
    return FALSE;      /* it is the first one, or the run is not that long */
  else
    search->high = search->guess;
  search->active = go_nearer (monitor, NULL);
  return search->active;
}

COMMAND (go_to)
{
  AsternMoveRequest request = { .move = ASTERN_MOVE_GOTO, .cpu = monitor->cpu };
  const AsternBookmark *bookmark = astern_bookmarks_named (monitor->bookmarks, argument);
  guint64 ns;

  if (!can_move (monitor, request.move, error))
    return FALSE;
  if (bookmark != NULL)
    request.moment = bookmark->moment;
  else if (parse_time (argument, &ns))
    return begin_search (monitor, ns, error);
  else if (!astern_monitor_moment (monitor, argument, &request.moment, error))
    return FALSE;
  return astern_monitor_begin (monitor, &request, error);
}

COMMAND (stop)
{
  astern_debugger_hold (monitor->debugger, monitor->client);
  return TRUE;
}

/* For scripts: the next line is read when there is something to look at. */
COMMAND (wait_for_stop)
{
  monitor->moving |= astern_debugger_is_running (monitor->debugger);
  return TRUE;
}

COMMAND (when)
{
  AsternMoment start = astern_timeline_start (monitor->timeline), end = astern_timeline_end (monitor->timeline);
  char now[ASTERN_MOMENT_TEXT], first[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];

  astern_moment_format (astern_timeline_present (monitor->timeline), now);
  astern_moment_format (start, first);
  astern_moment_format (end, last);
  g_string_append_printf (answer, _("%s, %.9f s of guest time, CPU %u's turn; the run is from %s to %s%s\n"), now,
                          (double) astern_clock_now_ns (&monitor->machine->clock) / 1e9, monitor->machine->running_cpu, first, last,
                          astern_timeline_in_past (monitor->timeline) ? _(", and this is its past") : "");
  return TRUE;
}

/* The last write, whoever made it. */
COMMAND (who_wrote)
{
  const char *rest = argument;
  gboolean physical = g_str_has_prefix (rest, "-p ");
  const char *comma;
  g_autofree char *where = NULL;
  guint64 address, size = 8;

  rest += physical ? strlen ("-p ") : 0;
  comma = strrchr (rest, ',');
  where = g_strndup (rest, comma != NULL ? (gsize) (comma - rest) : strlen (rest));
  if (!can_move (monitor, ASTERN_MOVE_CONTINUE_BACK, error) || !astern_monitor_evaluate (monitor, where, &address, error)
      || (comma != NULL && !astern_monitor_evaluate (monitor, comma + 1, &size, error)))
    return FALSE;
  monitor->moving = TRUE;     /* the move may be over when it has been asked for */
  if (astern_debugger_who_wrote (monitor->debugger, monitor->client, physical ? ASTERN_SPACE_PHYSICAL : ASTERN_SPACE_LINEAR,
                                 address, MAX (size, 1), error))
    return TRUE;
  monitor->moving = FALSE;
  return FALSE;
}

/* Where a register got its value. */
COMMAND (who_set)
{
  const char *name = argument[0] == '$' ? argument + 1 : argument;
  gint reg = astern_cpu_find_register (monitor->machine->cpus[monitor->cpu]->klass, name);

  if (reg < 0)
    return astern_monitor_fail (error, _("“%s” is no register; “info registers” shows them."), argument);
  if (!can_move (monitor, ASTERN_MOVE_CONTINUE_BACK, error))
    return FALSE;
  monitor->moving = TRUE;     /* the move may be over when it has been asked for */
  if (astern_debugger_who_set (monitor->debugger, monitor->client, monitor->cpu, (guint) reg, error))
    return TRUE;
  monitor->moving = FALSE;
  return FALSE;
}

/* ---- the table ---- */

/* What the debugger's table does not say: how a move is typed. */
static const struct
{
  const char       *short_form, *arguments;
  AsternCompletes   completes;
  AsternMonitorFunc run;
  const char       *help;      /* (nullable) instead of the debugger's, for what only the monitor can say */
} typed[ASTERN_N_MOVES] = {
  [ASTERN_MOVE_CONTINUE]      = { "c",      NULL,           ASTERN_COMPLETES_NOTHING,    move, NULL },
  [ASTERN_MOVE_STEP]          = { "si",     N_("[-i] [COUNT]"),  ASTERN_COMPLETES_EXPRESSION, move_counted,
    N_("execute one instruction; with -i it may end in an interrupt’s handler, which otherwise is run through") },
  [ASTERN_MOVE_STEP_OVER]     = { "ni",     N_("[-i] [COUNT]"),  ASTERN_COMPLETES_EXPRESSION, move_counted,
    N_("execute one instruction, a call whole; -i as with step") },
  [ASTERN_MOVE_STEP_OUT]      = { "finish", NULL,           ASTERN_COMPLETES_NOTHING,    move, NULL },
  [ASTERN_MOVE_RUN_TO]        = { NULL,     N_("ADDRESS"),  ASTERN_COMPLETES_EXPRESSION, move_to_address, NULL },
  [ASTERN_MOVE_STEP_BACK]     = { "rsi",    N_("[-i] [COUNT]"),  ASTERN_COMPLETES_EXPRESSION, move_counted,
    N_("go to before the last instruction; with -i into interrupts’ handlers, which otherwise are passed over whole") },
  [ASTERN_MOVE_OVER_BACK]     = { "rni",    N_("[-i] [COUNT]"),  ASTERN_COMPLETES_EXPRESSION, move_counted,
    N_("the same, a call whole; -i as with step back") },
  [ASTERN_MOVE_OUT_BACK]      = { NULL,     NULL,           ASTERN_COMPLETES_NOTHING,    move, NULL },
  [ASTERN_MOVE_CONTINUE_BACK] = { "rc",     NULL,           ASTERN_COMPLETES_NOTHING,    move, NULL },
  [ASTERN_MOVE_RUN_BACK_TO]   = { NULL,     N_("ADDRESS"),  ASTERN_COMPLETES_EXPRESSION, move_to_address, NULL },
  [ASTERN_MOVE_TO_START]      = { NULL,     NULL,           ASTERN_COMPLETES_NOTHING,    move, NULL },
  [ASTERN_MOVE_TO_END]        = { NULL,     NULL,           ASTERN_COMPLETES_NOTHING,    move, NULL },
  [ASTERN_MOVE_GOTO]          = { NULL,     N_("MOMENT"),   ASTERN_COMPLETES_NOTHING,    go_to, NULL },
  [ASTERN_MOVE_TAKE_UP]       = { NULL,     N_("NUMBER"),   ASTERN_COMPLETES_NOTHING,    take_up, NULL },
};

static const AsternMonitorCommand others[] = {
  { "stop",      "s",  NULL, N_("stop the machine"), ASTERN_COMPLETES_NOTHING, stop },
  { "wait",      NULL, NULL, N_("take no further line until the machine stands (Ctrl-C stops it)"), ASTERN_COMPLETES_NOTHING, wait_for_stop },
  { "when",      NULL, NULL, N_("which moment this is, and how far the run goes"), ASTERN_COMPLETES_NOTHING, when },
  { "who-set",   NULL, N_("REGISTER"), N_("go back to what gave this register of the CPU the value that it has"),
    ASTERN_COMPLETES_EXPRESSION, who_set },
  { "who-wrote", NULL, N_("[-p] ADDRESS[,LENGTH]"), N_("go back to the last write to these bytes (8 unless told), by a CPU or by DMA; -p: physical"),
    ASTERN_COMPLETES_EXPRESSION, who_wrote },
};

const AsternMonitorCommand *
astern_monitor_move_commands (void)
{
  static AsternMonitorCommand rows[ASTERN_N_MOVES + G_N_ELEMENTS (others) + 1];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (guint i = 0; i < ASTERN_N_MOVES; i++)
        rows[i] = (AsternMonitorCommand) {
          .words = astern_moves[i].command, .short_form = typed[i].short_form, .arguments = typed[i].arguments,
          .help = typed[i].help != NULL ? typed[i].help : astern_moves[i].help, .completes = typed[i].completes, .run = typed[i].run,
        };
      for (guint i = 0; i < G_N_ELEMENTS (others); i++)
        rows[ASTERN_N_MOVES + i] = others[i];
      g_once_init_leave (&made, 1);
    }
  return rows;
}
