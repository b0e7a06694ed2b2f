/* debugger-moves.c - the table of moves, asking for one, and the moves forward; see debugger.h.  Those
 * through the past are in debugger-back.c.
 *
 * Steps forward go from one state of the machine to the next: (icount, step) names them all.  So an
 * interrupt that comes before the instruction is seen, and its handler is run through.
 *
 * Left out: System Management Mode, which a step enters and leaves like any code. */
#include "config.h"

#include "core/debugger-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

const AsternMoveInfo astern_moves[ASTERN_N_MOVES] = {
#define STOPPED ASTERN_NEEDS_STOPPED
#define PAST    (ASTERN_NEEDS_STOPPED | ASTERN_NEEDS_HISTORY)
  [ASTERN_MOVE_CONTINUE]      = { "continue", "continue", "F5", STOPPED, N_("Continue"), N_("let the machine run on") },
  [ASTERN_MOVE_STEP]          = { "step", "step", "F11", STOPPED, N_("Step Instruction"), N_("execute one instruction") },
  [ASTERN_MOVE_STEP_OVER]     = { "step-over", "over", "F10", STOPPED, N_("Step Over"), N_("execute one instruction, a call whole") },
  [ASTERN_MOVE_STEP_OUT]      = { "step-out", "out", "<Shift>F10", STOPPED, N_("Step Out"), N_("run until the function has returned") },
  [ASTERN_MOVE_RUN_TO]        = { "run-to", "run to", "F4", STOPPED, N_("Run to Cursor"), N_("run until an address is executed") },
  [ASTERN_MOVE_STEP_BACK]     = { "step-back", "step back", "<Shift>F11", PAST, N_("Step Back"), N_("go to before the last instruction") },
  [ASTERN_MOVE_OVER_BACK]     = { "over-back", "over back", "<Control>F10", PAST, N_("Step Back Over"), N_("the same, a call whole") },
  [ASTERN_MOVE_OUT_BACK]      = { "out-back", "out back", "<Control>F11", PAST, N_("Back to Caller"), N_("go to before the call of the function") },
  [ASTERN_MOVE_CONTINUE_BACK] = { "continue-back", "continue back", "<Shift>F5", PAST, N_("Continue Back"), N_("go back to the last point") },
  [ASTERN_MOVE_RUN_BACK_TO]   = { "run-back-to", "run back to", "<Shift>F4", PAST, N_("Run Back to Cursor"), N_("go back to where an address was executed last") },
  [ASTERN_MOVE_TO_START]      = { "to-start", "start", "<Alt>Home", PAST, N_("Go to Start"), N_("go to power-on") },
  [ASTERN_MOVE_TO_END]        = { "to-end", "end", "<Alt>End", PAST, N_("Go to End"), N_("go to the latest moment") },
  [ASTERN_MOVE_GOTO]          = { "goto", "goto", "<Control>g", PAST, N_("Go to Moment"), N_("go to a moment") },
  [ASTERN_MOVE_TAKE_UP]       = { "take-up", "take up", NULL, PAST, N_("Take Up"), N_("go on with a future that was left, from where it went to") },
};

AsternCpu *
debugger_cpu (AsternDebugger *debugger)
{
  return debugger->machine->cpus[MIN (debugger->request.cpu, debugger->machine->n_cpus - 1)];
}

DebuggerPlace
debugger_place_of (AsternCpu *cpu)
{
  AsternCodePlace code;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  cpu->klass->code_place (cpu, &code);
  return (DebuggerPlace) { code.pc, code.linear, cpu->klass->stack_linear (cpu), cpu->klass->address_space (cpu), code.bits };
}

AsternDebuggerStop
debugger_moved (AsternDebugger *debugger, AsternWhy why)
{
  return (AsternDebuggerStop) { .why = why, .move = debugger->request.move, .cpu = debugger->request.cpu,
                                .client = debugger->mover };
}

/* ---- forward ---- */

/* What one look at the machine brought. */
typedef enum { LOOK_AGAIN, LOOK_RETIRED, LOOK_EXCEPTION, LOOK_INTERRUPT, LOOK_ENDED } Look;

/* On to the next state that concerns @cpu. */
static Look
look (AsternDebugger *debugger, AsternCpu *cpu)
{
  AsternMachine *machine = debugger->machine;
  AsternMoment now = astern_clock_moment (&machine->clock);
  guint64 last = cpu->last_icount, interrupts = cpu->interrupts, exceptions = cpu->exceptions;
  AsternMoment until = { now.icount, now.step + 1 };
  const AsternStop *stop;

  /* Where CPUs run side by side there are no turns: the one that is asked for is stepped. */
  if (!(machine->engine->klass->capabilities & ASTERN_CAN_DETERMINISTIC))
    machine->running_cpu = cpu->index;
  machine->until_turn = machine->running_cpu != cpu->index && machine->turn_end > now.icount;
  if (machine->until_turn)
    until = (AsternMoment) { machine->turn_end, 0 };
  stop = astern_timeline_run (debugger->timeline, until);
  machine->until_turn = FALSE;
  if (stop->reason == ASTERN_STOP_REQUESTED && debugger_cancelled (debugger))
    return LOOK_ENDED;
  /* Whoever asked for a stop may have done so when the instruction was over.  The head ends no step in the middle. */
  if (stop->reason != ASTERN_STOP_ICOUNT && stop->reason != ASTERN_STOP_NONE && stop->reason != ASTERN_STOP_REQUESTED
      && (stop->reason != ASTERN_STOP_HEAD || astern_timeline_in_past (debugger->timeline)))
    return LOOK_ENDED;
  if (cpu->exceptions != exceptions)
    return LOOK_EXCEPTION;
  if (cpu->interrupts != interrupts)
    return LOOK_INTERRUPT;
  return cpu->last_icount != last ? LOOK_RETIRED : LOOK_AGAIN;
}

/* One instruction of @cpu; FALSE when the run ended first (machine->stop). */
static gboolean
step (AsternDebugger *debugger, AsternCpu *cpu)
{
  DebuggerPlace before = debugger_place_of (cpu), place;
  gboolean in_handler = FALSE;

  for (;;)
    switch (look (debugger, cpu))
      {
      case LOOK_ENDED:
        return FALSE;
      case LOOK_AGAIN:
        break;
      case LOOK_INTERRUPT:
        if (debugger->request.into_interrupts)
          return TRUE;
        in_handler = TRUE;
        break;
      case LOOK_EXCEPTION:
        if (!in_handler)
          return TRUE;
        break;
      case LOOK_RETIRED:
        if (!in_handler)
          return TRUE;
        place = debugger_place_of (cpu);
        in_handler = place.linear != before.linear || place.stack != before.stack;
        break;
      }
}

/* The offset that a call just made would return to, if the top of the stack looks like it. */
static gboolean
was_call (AsternDebugger *debugger, AsternCpu *cpu, const DebuggerPlace *before, const DebuggerPlace *after)
{
  guint size = after->bits / 8;
  guint64 top = 0;

  if (after->stack >= before->stack
      || astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, after->stack, &top, size) < size)
    return FALSE;
  return top > before->pc && top <= before->pc + 15 && after->pc != top;
}

/* Runs until @linear is executed with the stack at least at @stack. */
static gboolean
run_to (AsternDebugger *debugger, AsternCpu *cpu, guint64 linear, guint64 stack)
{
  AsternPoints *points = debugger->machine->points;
  AsternPoint place = { .kind = ASTERN_POINT_EXECUTE, .space = ASTERN_SPACE_LINEAR, .start = linear, .size = 1,
                        .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = cpu->index, .enabled = TRUE };
  AsternPoint *point = astern_points_add (points, &place);
  gboolean there = FALSE, ended = FALSE;

  while (!there && !ended)
    {
      const AsternStop *stop = astern_timeline_run (debugger->timeline, (AsternMoment) { G_MAXUINT64, 0 });

      astern_points_resume_at (points, astern_timeline_present (debugger->timeline));
      if (stop->reason == ASTERN_STOP_POINT && astern_points_last_hit (points)->point == point)
        there = debugger_place_of (cpu).stack >= stack;
      else
        ended = stop->reason != ASTERN_STOP_REQUESTED || debugger_cancelled (debugger);
    }
  astern_points_remove (points, point);
  return there;
}

static gboolean
step_over (AsternDebugger *debugger, AsternCpu *cpu)
{
  DebuggerPlace before = debugger_place_of (cpu), after;

  do
    {
      if (!step (debugger, cpu))
        return FALSE;
      after = debugger_place_of (cpu);
    }
  while (after.linear == before.linear && after.stack == before.stack);     /* a repeated string instruction goes on */
  if (was_call (debugger, cpu, &before, &after))
    {
      guint64 top = 0;

      astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, after.stack, &top, after.bits / 8);
      return run_to (debugger, cpu, before.linear + (top - before.pc), before.stack);
    }
  return TRUE;
}

gboolean
debugger_at_return (AsternDebugger *debugger, AsternCpu *cpu)
{
  guint8 bytes[2] = { 0, 0 };

  astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, debugger_place_of (cpu).linear, bytes, 2);
  if (bytes[0] == 0xf3 || bytes[0] == 0x48 || bytes[0] == 0x66)
    bytes[0] = bytes[1];
  return bytes[0] == 0xc3 || bytes[0] == 0xc2 || bytes[0] == 0xcb || bytes[0] == 0xca || bytes[0] == 0xcf;
}

static gboolean
step_out (AsternDebugger *debugger, AsternCpu *cpu)
{
  guint64 stack = debugger_place_of (cpu).stack;

  for (;;)
    {
      gboolean returns = debugger_at_return (debugger, cpu);

      if (!step_over (debugger, cpu))
        return FALSE;
      if (returns && debugger_place_of (cpu).stack > stack)
        return TRUE;
    }
}

/* As many steps as were asked for, each until it leaves the range; but from the past only up to the head. */
static gboolean
step_on (AsternDebugger *debugger, AsternCpu *cpu, gboolean (*one) (AsternDebugger *debugger, AsternCpu *cpu),
         guint64 range_start, guint64 range_end)
{
  gboolean in_past = astern_timeline_in_past (debugger->timeline);

  for (guint64 n = MAX (debugger->request.count, 1);;)
    {
      if (!one (debugger, cpu))
        return FALSE;
      if (debugger_place_of (cpu).linear - range_start >= range_end - range_start && --n == 0)
        return TRUE;
      if (in_past && !astern_timeline_in_past (debugger->timeline))
        {
          debugger->machine->stop.reason = ASTERN_STOP_HEAD;
          return FALSE;
        }
    }
}

/* With points on, but for those at the instruction where it stands: a watched byte is watched in a step, too,
 * and a range is left at a breakpoint in it. */
static void
move_forward (AsternDebugger *debugger)
{
  AsternMoveRequest *request = &debugger->request;
  AsternPoints *points = debugger->machine->points;
  AsternCpu *cpu = debugger_cpu (debugger);
  AsternDebuggerStop stop = debugger_moved (debugger, ASTERN_WHY_MOVED);
  guint64 exceptions = cpu->exceptions;
  gboolean whole = TRUE;

  astern_points_set_mode (points, ASTERN_POINTS_STOP, debugger_log_hit, debugger);
  astern_points_resume_at (points, astern_timeline_present (debugger->timeline));
  switch (request->move)
    {
    case ASTERN_MOVE_STEP:
      whole = step_on (debugger, cpu, step, request->range_start, request->range_end);
      break;
    case ASTERN_MOVE_STEP_OVER:
      whole = step_on (debugger, cpu, step_over, 0, 0);
      break;
    case ASTERN_MOVE_STEP_OUT:
      whole = step_out (debugger, cpu);
      break;
    default:
      whole = run_to (debugger, cpu, request->address, 0);
      break;
    }
  astern_points_set_mode (points, ASTERN_POINTS_OFF, NULL, NULL);
  if (whole && request->move == ASTERN_MOVE_STEP && request->count <= 1 && cpu->exceptions != exceptions)
    g_snprintf (stop.message, sizeof stop.message, _("stopped; exception %u was raised, and this is its handler"), cpu->last_exception);
  if (whole)
    debugger_stopped (debugger, &stop);
  else
    debugger_run_ended (debugger, &debugger->machine->stop);
}

void
debugger_make_move (AsternDebugger *debugger)
{
  debugger->moving = FALSE;
  if (debugger->mover != NULL)
    debugger->mover->person->holds = TRUE;
  if (astern_moves[debugger->request.move].needs & ASTERN_NEEDS_HISTORY)
    {
      debugger->ended = FALSE;
      debugger_move_back (debugger);
    }
  else
    move_forward (debugger);
  g_atomic_int_set (&debugger->interrupted, 0);
}

/* ---- asking for a move ---- */

guint32
astern_debugger_lacks (AsternDebugger *debugger, AsternMove move)
{
  guint32 lacks = 0;

  if ((astern_moves[move].needs & ASTERN_NEEDS_STOPPED) && astern_debugger_is_running (debugger))
    lacks |= ASTERN_NEEDS_STOPPED;
  if ((astern_moves[move].needs & ASTERN_NEEDS_HISTORY) && astern_timeline_marks (debugger->timeline) == 0)
    lacks |= ASTERN_NEEDS_HISTORY;
  return lacks;
}

gboolean
astern_debugger_no_history (AsternDebugger *debugger, GError **error)
{
  if (astern_timeline_wanted (debugger->timeline))
    g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OFF,
                 _("What the engine “%s” runs cannot be gone back in; “shift translate” begins a history here."),
                 debugger->machine->engine->klass->name);
  else
    g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OFF,
                 _("There is no history to go back in; start with “-history 1G”."));
  return FALSE;
}

gboolean
astern_debugger_move (AsternDebugger *debugger, AsternClient *client, const AsternMoveRequest *request, GError **error)
{
  if (debugger->moving)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("Another move is under way; wait for its end, or interrupt it."));
      return FALSE;
    }
  if (astern_debugger_lacks (debugger, request->move) & ASTERN_NEEDS_HISTORY)
    return astern_debugger_no_history (debugger, error);
  if (request->move != ASTERN_MOVE_CONTINUE && request->move != ASTERN_MOVE_STEP &&
      !(debugger->machine->engine->klass->capabilities & ASTERN_CAN_BREAK))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("The engine “%s” can run, stop and step by instructions only; start with “-accel translate” for more."),
                   debugger->machine->engine->klass->name);
      return FALSE;
    }
  if (debugger->ended && !(astern_moves[request->move].needs & ASTERN_NEEDS_HISTORY)
      && !astern_timeline_in_past (debugger->timeline))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("The guest has come to its end; it can only go back."));
      return FALSE;
    }
  g_atomic_int_set (&debugger->interrupted, 0);
  debugger->request = *request;
  debugger->mover = client;
  if (request->move == ASTERN_MOVE_CONTINUE)
    client->person->holds = FALSE;
  else
    debugger->moving = TRUE;
  return TRUE;
}

/* ---- for people ---- */

static char *
hit_text (AsternDebugger *debugger, const AsternDebuggerStop *stop)
{
  static const char *const kinds[ASTERN_N_POINT_KINDS] = {
    N_("execution"), N_("memory access"), N_("port access"), N_("MSR access"), N_("control register"), N_("exception"),
    N_("interrupt"), N_("mode change"), N_("system call"), N_("triple fault"), N_("magic break"),
  };
  const AsternHit *hit = &stop->hit;
  GString *text = g_string_new (NULL);

  if (stop->point_id != 0)
    g_string_append_printf (text, _("point %u: "), stop->point_id);
  if (hit->kind == ASTERN_POINT_MEMORY)
    {
      g_string_append_printf (text, hit->access == ASTERN_ACCESS_WRITE ? _("%u bytes written at %016" PRIx64)
                                                                       : _("%u bytes read at %016" PRIx64),
                              hit->size, hit->linear != ASTERN_POINT_ANY ? hit->linear : hit->physical);
      if (hit->has_old && hit->has_new)
        g_string_append_printf (text, _(": 0x%" PRIx64 " -> 0x%" PRIx64), hit->old_value, hit->new_value);
      if (hit->origin == ASTERN_ORIGIN_DMA)
        g_string_append_printf (text, _(", by DMA (%s)"), hit->detail != NULL ? hit->detail : "?");
    }
  else
    {
      g_string_append (text, _(kinds[hit->kind]));
      if (hit->kind != ASTERN_POINT_EXECUTE && hit->kind != ASTERN_POINT_MAGIC)
        g_string_append_printf (text, " 0x%" G_GINT64_MODIFIER "x", hit->number);
      if (hit->detail != NULL)
        g_string_append_printf (text, " (%s)", hit->detail);
    }
  g_string_append_printf (text, _(", CPU %u, at %016" PRIx64), hit->cpu, hit->pc);
  return g_string_free (text, FALSE);
}

char *
astern_debugger_stop_text (AsternDebugger *debugger, const AsternDebuggerStop *stop)
{
  char moment[ASTERN_MOMENT_TEXT];

  return astern_debugger_stop_text_at (debugger, stop, astern_moment_format (stop->moment, moment));
}

char *
astern_debugger_stop_text_at (AsternDebugger *debugger, const AsternDebuggerStop *stop, const char *moment)
{
  g_autofree char *hit = NULL;

  switch (stop->why)
    {
    case ASTERN_WHY_POINT:
      hit = hit_text (debugger, stop);
      return g_strdup_printf (_("%s: %s"), moment, hit);
    case ASTERN_WHY_START_OF_HISTORY:
      return g_strdup_printf (_("%s: the start of history; nothing lies before it"), moment);
    case ASTERN_WHY_END_OF_HISTORY:
      return g_strdup_printf (_("%s: the end of history; from here on the machine runs live"), moment);
    case ASTERN_WHY_GUEST:
      return g_strdup_printf (_("%s: the guest has come to its end%s%s"), moment, stop->guest.detail != NULL ? ": " : "",
                              stop->guest.detail != NULL ? stop->guest.detail : "");
    case ASTERN_WHY_CANCELLED:
    case ASTERN_WHY_DIVERGED:
    case ASTERN_WHY_FAILED:
      return g_strdup_printf ("%s: %s", moment, stop->message);
    default:
      if (stop->message[0] != 0)
        return g_strdup_printf ("%s: %s", moment, stop->message);
      return g_strdup_printf (_("%s: stopped"), moment);
    }
}
