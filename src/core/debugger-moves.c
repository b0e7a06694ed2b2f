/* debugger-moves.c - the moves, forward and back; see debugger.h.
 *
 * Steps forward go from one state of the machine to the next: (icount, step) names them all.  So an
 * interrupt that comes before the instruction is seen, and its handler is run through.
 *
 * A step back that comes upon the IRET of an interrupt's handler goes on to before the interrupt: the last
 * delivery that found the CPU where the IRET has put it is the one.  An IRET for which none is found within
 * RETURN_INSNS (a new process begins with one; a debugger in the guest may have changed the frame) is where it lands.
 *
 * Left out: System Management Mode, which a step enters and leaves like any code. */
#include "config.h"

#include "core/debugger-private.h"

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

/* How far back an IRET's interrupt is looked for: some tenths of a second, or a second on a slow host. */
#define RETURN_INSNS 400000000

/* Where a CPU is. */
typedef struct { guint64 pc, linear, stack, space; guint bits; } Place;

static AsternCpu *
cpu_of (AsternDebugger *debugger)
{
  return debugger->machine->cpus[MIN (debugger->request.cpu, debugger->machine->n_cpus - 1)];
}

static Place
place_of (AsternCpu *cpu)
{
  AsternCodePlace code;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  cpu->klass->code_place (cpu, &code);
  return (Place) { code.pc, code.linear, cpu->klass->stack_linear (cpu), cpu->klass->address_space (cpu), code.bits };
}

static AsternDebuggerStop
moved (AsternDebugger *debugger, AsternWhy why)
{
  return (AsternDebuggerStop) { .why = why, .move = debugger->request.move, .cpu = debugger->request.cpu,
                                .client = debugger->mover };
}

static void
failed (AsternDebuggerStop *stop, const GError *error)
{
  stop->why = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? ASTERN_WHY_CANCELLED
              : g_error_matches (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_DIVERGED) ? ASTERN_WHY_DIVERGED
              : ASTERN_WHY_FAILED;
  g_strlcpy (stop->message, error->message, sizeof stop->message);
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
  Place before = place_of (cpu), place;
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
        place = place_of (cpu);
        in_handler = place.linear != before.linear || place.stack != before.stack;
        break;
      }
}

/* The offset that a call just made would return to, if the top of the stack looks like it. */
static gboolean
was_call (AsternDebugger *debugger, AsternCpu *cpu, const Place *before, const Place *after)
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
        there = place_of (cpu).stack >= stack;
      else
        ended = stop->reason != ASTERN_STOP_REQUESTED || debugger_cancelled (debugger);
    }
  astern_points_remove (points, point);
  return there;
}

static gboolean
step_over (AsternDebugger *debugger, AsternCpu *cpu)
{
  Place before = place_of (cpu), after;

  do
    {
      if (!step (debugger, cpu))
        return FALSE;
      after = place_of (cpu);
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

/* Whether the next instruction is a return. */
static gboolean
at_return (AsternDebugger *debugger, AsternCpu *cpu)
{
  guint8 bytes[2] = { 0, 0 };

  astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, place_of (cpu).linear, bytes, 2);
  if (bytes[0] == 0xf3 || bytes[0] == 0x48 || bytes[0] == 0x66)
    bytes[0] = bytes[1];
  return bytes[0] == 0xc3 || bytes[0] == 0xc2 || bytes[0] == 0xcb || bytes[0] == 0xca || bytes[0] == 0xcf;
}

static gboolean
step_out (AsternDebugger *debugger, AsternCpu *cpu)
{
  guint64 stack = place_of (cpu).stack;

  for (;;)
    {
      gboolean returns = at_return (debugger, cpu);

      if (!step_over (debugger, cpu))
        return FALSE;
      if (returns && place_of (cpu).stack > stack)
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
      if (place_of (cpu).linear - range_start >= range_end - range_start && --n == 0)
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
  AsternCpu *cpu = cpu_of (debugger);
  AsternDebuggerStop stop = moved (debugger, ASTERN_WHY_MOVED);
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
  if (whole)
    debugger_stopped (debugger, &stop);
  else
    debugger_run_ended (debugger, &debugger->machine->stop);
}

/* ---- back ---- */

static gboolean
seek (AsternDebugger *debugger, AsternMoment where, GError **error)
{
  return astern_timeline_seek (debugger->timeline, where, debugger_cancelled, debugger, error);
}

/* To before the last thing that @cpu did: an instruction, or the delivery of an interrupt or exception.
 * FALSE without error: there is nothing before. */
static gboolean
one_back (AsternDebugger *debugger, AsternCpu *cpu, GError **error)
{
  AsternMoment now = astern_timeline_present (debugger->timeline), start = astern_timeline_start (debugger->timeline);
  AsternMoment delivery = cpu->last_delivery, where;

  if (astern_moment_compare (now, start) <= 0)
    return FALSE;
  if (delivery.step > 0 && delivery.icount >= cpu->last_icount)
    where = (AsternMoment) { delivery.icount, delivery.step - 1 };
  else if (cpu->last_icount == 0 || cpu->last_icount <= start.icount)
    return FALSE;
  else if (delivery.step > 0 && delivery.icount == cpu->last_icount - 1)
    where = delivery;            /* it was a handler's first instruction */
  else
    where = (AsternMoment) { cpu->last_icount - 1, 0 };
  if (astern_moment_compare (where, start) < 0)
    where = start;
  return seek (debugger, where, error);
}

static gboolean
find_back (AsternDebugger *debugger, GArray *pages, AsternHit *hit, GError **error)
{
  return astern_timeline_find_back (debugger->timeline, pages, hit, debugger_cancelled, debugger, error);
}

/* Whether the next instruction is IRET, in any size. */
static gboolean
at_interrupt_return (AsternDebugger *debugger, AsternCpu *cpu)
{
  Place place = place_of (cpu);
  guint8 bytes[15] = { 0 };
  guint i = 0;

  astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, place.linear, bytes, sizeof bytes);
  while (i < sizeof bytes - 1 && memchr ("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf2\xf3", bytes[i], 10) != NULL)
    i++;
  if (place.bits == 64 && i < sizeof bytes - 1 && (bytes[i] & 0xf0) == 0x40)
    i++;
  return bytes[i] == 0xcf;
}

/* What an IRET returned from. */
typedef enum { RETURNED_FROM_NOTHING_KNOWN, RETURNED_FROM_INTERRUPT, RETURNED_FROM_EXCEPTION, RETURNED_FROM_INT_N } Returned;

/* Whether the instruction here is INT, INT3, INTO or INT1, and ends at @end. */
static gboolean
is_software_interrupt (AsternDebugger *debugger, AsternCpu *cpu, guint64 here, guint64 end)
{
  guint8 bytes[15] = { 0 };
  guint64 length = end - here;

  if (length < 1 || length > sizeof bytes
      || astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, here, bytes, length) < length)
    return FALSE;
  return (length >= 2 && bytes[length - 2] == 0xcd) || bytes[length - 1] == 0xcc || bytes[length - 1] == 0xce
         || bytes[length - 1] == 0xf1;
}

/* Points get here with the place that an IRET returned to: deliveries at other ones are none of its. */
static gboolean
may_return_to (const AsternPoint *point, const AsternHit *hit)
{
  const Place *place = point->user;

  return place->linear - hit->pc <= 15;
}

typedef struct
{
  AsternDebugger *debugger;
  AsternMoment    first;       /* the earliest one looked at, or so */
  AsternMoment    start;       /* of the interval that is searched */
  gboolean        too_far;
} ReturnSearch;

/* Asked at least when the search of an interval begins. */
static gboolean
is_return_too_far (gpointer data)
{
  ReturnSearch *search = data;
  AsternMoment now = astern_timeline_present (search->debugger->timeline);

  if (astern_moment_compare (now, search->start) < 0)
    {
      search->too_far = astern_moment_compare (search->start, search->first) <= 0;
      search->start = now;
    }
  return search->too_far || debugger_cancelled (search->debugger);
}

/* Nobody's points but those that are added from now on; returns which were silenced. */
static GPtrArray *
silence_points (AsternPoints *points)
{
  GPtrArray *silenced = g_ptr_array_new ();

  for (guint i = 0; i < astern_points_count (points); i++)
    {
      AsternPoint *point = astern_points_at (points, i);

      if (!point->enabled)
        continue;
      point->enabled = FALSE;
      astern_points_changed (points, point);
      g_ptr_array_add (silenced, point);
    }
  return silenced;
}

static void
restore_points (AsternPoints *points, GPtrArray *silenced)
{
  for (guint i = 0; i < silenced->len; i++)
    {
      AsternPoint *point = g_ptr_array_index (silenced, i);

      point->enabled = TRUE;
      astern_points_changed (points, point);
    }
  g_ptr_array_unref (silenced);
}

/* The machine stands before a delivery: what it was, if an IRET to @place returns from it. */
static Returned
delivery_here (AsternDebugger *debugger, AsternCpu *cpu, const Place *place, AsternPointKind kind)
{
  Place here = place_of (cpu);

  if (here.stack != place->stack || here.space != place->space)
    return RETURNED_FROM_NOTHING_KNOWN;
  if (here.linear == place->linear)
    return kind == ASTERN_POINT_INTERRUPT ? RETURNED_FROM_INTERRUPT : RETURNED_FROM_EXCEPTION;
  return is_software_interrupt (debugger, cpu, here.linear, place->linear) ? RETURNED_FROM_INT_N : RETURNED_FROM_NOTHING_KNOWN;
}

/* What an IRET returned from, and the moment before that. */
typedef struct { Returned from; AsternMoment entry; } Return;

/* The machine stands before an IRET that will return to @place.  Afterwards it stands anywhere. */
static Return
find_entry (AsternDebugger *debugger, AsternCpu *cpu, Place *place, GError **error)
{
  static const AsternPointKind kinds[] = { ASTERN_POINT_INTERRUPT, ASTERN_POINT_EXCEPTION };
  AsternPoints *points = debugger->machine->points;
  AsternMoment present = astern_timeline_present (debugger->timeline);
  ReturnSearch search = { debugger, { present.icount - MIN (present.icount, RETURN_INSNS), 0 }, present, FALSE };
  GPtrArray *silenced = silence_points (points);
  AsternPoint *own[G_N_ELEMENTS (kinds)];
  Return found = { RETURNED_FROM_NOTHING_KNOWN, present };
  GError *failure = NULL;
  AsternHit hit;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      AsternPoint point = { .kind = kinds[i], .start = ASTERN_POINT_ANY, .address_space = ASTERN_POINT_ANY,
                            .error_code = ASTERN_POINT_ANY, .cpu = cpu->index, .enabled = TRUE, .user = place,
                            .holds = may_return_to };

      own[i] = astern_points_add (points, &point);
    }
  while (found.from == RETURNED_FROM_NOTHING_KNOWN
         && astern_timeline_find_back (debugger->timeline, NULL, &hit, is_return_too_far, &search, &failure)
         && seek (debugger, hit.before, &failure))
    found = (Return) { delivery_here (debugger, cpu, place, hit.kind), hit.before };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    astern_points_remove (points, own[i]);
  restore_points (points, silenced);
  if (search.too_far)
    g_clear_error (&failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return found;
}

/* FALSE without error: there is nothing before.  @returned (nullable): when it stands before an IRET, what that returned
 * from; else the entry is the place where it stands. */
static gboolean
step_back (AsternDebugger *debugger, AsternCpu *cpu, Return *returned, GError **error)
{
  gboolean into = debugger->request.into_interrupts;
  GError *failure = NULL;
  AsternMoment landed;
  Return found;

  do
    {
      Place after = place_of (cpu);
      guint64 last = cpu->last_icount;

      if (!one_back (debugger, cpu, error))
        return FALSE;
      landed = astern_timeline_present (debugger->timeline);
      found = (Return) { RETURNED_FROM_NOTHING_KNOWN, landed };
      if (landed.icount < last && (!into || returned != NULL) && at_interrupt_return (debugger, cpu))
        found = find_entry (debugger, cpu, &after, &failure);
    }
  while (failure == NULL && found.from == RETURNED_FROM_INTERRUPT && !into);
  if (returned != NULL)
    *returned = found;
  if (failure == NULL && seek (debugger, landed, &failure))
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

/* Back to the last execution of [linear, linear + size) with the stack at least at @stack. */
static gboolean
run_back_to (AsternDebugger *debugger, AsternCpu *cpu, guint64 linear, guint64 size, guint64 stack, GError **error)
{
  AsternPoints *points = debugger->machine->points;
  AsternPoint place = { .kind = ASTERN_POINT_EXECUTE, .space = ASTERN_SPACE_LINEAR, .start = linear, .size = size,
                        .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = cpu->index, .enabled = TRUE };
  AsternPoint *point = astern_points_add (points, &place);
  GError *own = NULL;
  AsternHit hit;
  gboolean found;

  do
    found = find_back (debugger, NULL, &hit, &own) && seek (debugger, hit.before, &own);
  while (found && place_of (cpu).stack < stack);
  astern_points_remove (points, point);
  if (own != NULL)
    g_propagate_error (error, own);
  return found;
}

/* A handler of INT is gone back over like a function; one of an exception only if told so, for a step over the
 * instruction that caused it ended there. */
static gboolean
over_back (AsternDebugger *debugger, AsternCpu *cpu, gboolean over_exceptions, GError **error)
{
  Place after = place_of (cpu);
  Return returned;

  if (!step_back (debugger, cpu, &returned, error))
    return FALSE;
  if (returned.from == RETURNED_FROM_INT_N || (returned.from == RETURNED_FROM_EXCEPTION && over_exceptions))
    return seek (debugger, returned.entry, error);
  if (at_return (debugger, cpu) && !at_interrupt_return (debugger, cpu) && place_of (cpu).stack < after.stack)
    return run_back_to (debugger, cpu, after.linear - 7, 6, after.stack, error);
  return TRUE;
}

/* As much as a function or an interrupt takes from its stack at most; more is another stack. */
#define OTHER_STACK 0x100000

/* Whether what was done between @before and @after entered the function at @after: a call has left the offset behind
 * itself at the top of the stack, an interrupt its own, perhaps below an error code.  @top: the two words there. */
static gboolean
entered (const Place *before, const Place *after, const guint64 top[2])
{
  guint64 distance = before->stack > after->stack ? before->stack - after->stack : after->stack - before->stack;

  if (distance > OTHER_STACK)      /* from user mode */
    return TRUE;
  if (before->stack <= after->stack || after->pc == top[0])
    return FALSE;
  return (top[0] > before->pc && top[0] <= before->pc + 15) || top[0] == before->pc || top[1] == before->pc;
}

static gboolean
out_back (AsternDebugger *debugger, AsternCpu *cpu, GError **error)
{
  guint64 stack = place_of (cpu).stack;

  for (;;)
    {
      Place after = place_of (cpu), before;
      guint size = after.bits / 8;
      guint64 top[2] = { 0, 0 };

      astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, after.stack, &top[0], size);
      astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, after.stack + size, &top[1], size);
      if (!over_back (debugger, cpu, TRUE, error))
        return FALSE;
      before = place_of (cpu);
      if ((before.stack > stack || before.stack < after.stack) && entered (&before, &after, top))
        return TRUE;
    }
}

static guint64
ram_page (AsternMachine *machine, guint64 physical)
{
  AsternRoute route;

  astern_bus_route (machine->physical, physical, &route);
  return route.write.kind == ASTERN_TARGET_MEMORY ? (route.write.block->start + route.write.offset) >> ASTERN_PAGE_BITS : G_MAXUINT64;
}

/* The ram pages of [address, address + size); FALSE when some of it is not plain memory. */
static gboolean
pages_of (AsternDebugger *debugger, guint cpu, AsternSpace space, guint64 address, guint64 size, GArray *pages)
{
  for (guint64 at = address & ~ASTERN_PAGE_MASK; at < address + MAX (size, 1); at += ASTERN_PAGE_SIZE)
    {
      guint64 physical = at, page;

      if (space != ASTERN_SPACE_PHYSICAL && !astern_debugger_translate (debugger, cpu, at, &physical))
        return FALSE;
      page = ram_page (debugger->machine, physical);
      if (page == G_MAXUINT64)
        return FALSE;
      g_array_append_val (pages, page);
    }
  return TRUE;
}

/* When all that can hit is writes to known pages, the pages; else NULL. */
static GArray *
written_pages (AsternDebugger *debugger)
{
  AsternPoints *points = debugger->machine->points;
  g_autoptr (GArray) pages = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);

      if (!point->enabled)
        continue;
      if (point->kind != ASTERN_POINT_MEMORY || point->access != ASTERN_POINT_WRITE
          || !pages_of (debugger, debugger->request.cpu, point->space, point->start, point->size, pages))
        return NULL;
    }
  return g_steal_pointer (&pages);
}

static void
continue_back (AsternDebugger *debugger, AsternDebuggerStop *stop, GArray *pages, GError **error)
{
  AsternMoment origin = astern_timeline_present (debugger->timeline);
  GError *own = NULL;
  AsternHit hit;

  if (find_back (debugger, pages, &hit, &own))
    {
      if (!seek (debugger, hit.before, error))
        return;
      stop->why = ASTERN_WHY_POINT;
      stop->hit = hit;
      stop->cpu = hit.cpu;
      stop->point_id = hit.point != NULL ? hit.point->id : 0;
      if (hit.point != NULL && hit.point->owner != NULL)
        stop->client = hit.point->owner;
    }
  else if (own != NULL)
    {
      astern_timeline_seek (debugger->timeline, origin, NULL, NULL, NULL);
      g_propagate_error (error, own);
    }
  else if (seek (debugger, astern_timeline_start (debugger->timeline), error))
    stop->why = ASTERN_WHY_START_OF_HISTORY;
}

/* To where the future parts from the run, which is left there, and on to its head. */
static gboolean
take_up (AsternDebugger *debugger, guint64 id, GError **error)
{
  AsternFuture *future = astern_futures_find (astern_timeline_futures (debugger->timeline), (guint) id);

  if (future == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no future %" G_GUINT64_FORMAT "."), id);
      return FALSE;
    }
  if (!seek (debugger, astern_timeline_parting (debugger->timeline, future), error))
    return FALSE;
  astern_debugger_branch (debugger);
  return astern_timeline_take_up (debugger->timeline, future, debugger_cancelled, debugger, error);
}

/* Whether the guest ended the recorded run here. */
static gboolean
at_recorded_end (AsternDebugger *debugger)
{
  return debugger->known_ends && astern_inputs_is_replay (debugger->machine->inputs)
         && astern_moment_compare (astern_timeline_present (debugger->timeline), debugger->known) >= 0;
}

static void
move_back (AsternDebugger *debugger)
{
  AsternMoveRequest *request = &debugger->request;
  AsternCpu *cpu = cpu_of (debugger);
  AsternDebuggerStop stop = moved (debugger, ASTERN_WHY_MOVED);
  g_autoptr (GArray) pages = NULL;
  g_autoptr (GError) error = NULL;
  gboolean whole = TRUE;

  stop.backward = TRUE;
  switch (request->move)
    {
    case ASTERN_MOVE_STEP_BACK:
      for (guint64 n = MAX (request->count, 1); whole && n > 0; n--)
        do
          whole = step_back (debugger, cpu, NULL, &error);
        while (whole && request->range_end > request->range_start
               && place_of (cpu).linear - request->range_start < request->range_end - request->range_start);
      break;
    case ASTERN_MOVE_OVER_BACK:
      for (guint64 n = MAX (request->count, 1); whole && n > 0; n--)
        whole = over_back (debugger, cpu, FALSE, &error);
      break;
    case ASTERN_MOVE_OUT_BACK:
      whole = out_back (debugger, cpu, &error);
      break;
    case ASTERN_MOVE_RUN_BACK_TO:
      whole = run_back_to (debugger, cpu, request->address, 1, 0, &error);
      break;
    case ASTERN_MOVE_CONTINUE_BACK:
      pages = written_pages (debugger);
      continue_back (debugger, &stop, pages, &error);
      break;
    case ASTERN_MOVE_TAKE_UP:
      take_up (debugger, request->address, &error);
      break;
    case ASTERN_MOVE_TO_START:
      seek (debugger, astern_timeline_start (debugger->timeline), &error);
      break;
    case ASTERN_MOVE_TO_END:
      seek (debugger, astern_timeline_end (debugger->timeline), &error);
      stop.backward = FALSE;
      break;
    default:
      stop.backward = astern_moment_compare (request->moment, astern_timeline_present (debugger->timeline)) < 0;
      seek (debugger, request->moment, &error);
      break;
    }
  if (error != NULL)
    failed (&stop, error);
  else if (!whole)
    {
      stop.why = ASTERN_WHY_START_OF_HISTORY;
      seek (debugger, astern_timeline_start (debugger->timeline), NULL);
    }
  debugger->ended = at_recorded_end (debugger);
  debugger_stopped (debugger, &stop);
}

void
debugger_make_move (AsternDebugger *debugger)
{
  debugger->moving = FALSE;
  if (debugger->mover != NULL)
    debugger->mover->holds = TRUE;
  if (astern_moves[debugger->request.move].needs & ASTERN_NEEDS_HISTORY)
    {
      debugger->ended = FALSE;
      move_back (debugger);
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
astern_debugger_move (AsternDebugger *debugger, AsternClient *client, const AsternMoveRequest *request, GError **error)
{
  if (debugger->moving)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("Another move is under way; wait for its end, or interrupt it."));
      return FALSE;
    }
  if (astern_debugger_lacks (debugger, request->move) & ASTERN_NEEDS_HISTORY)
    {
      g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OFF,
                   _("There is no history to go back in; start with “-history 1G”."));
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
    client->holds = FALSE;
  else
    debugger->moving = TRUE;
  return TRUE;
}

/* ---- who wrote ---- */

gboolean
astern_debugger_who_wrote (AsternDebugger *debugger, AsternClient *client, AsternSpace space, guint64 address, guint64 size,
                           GError **error)
{
  AsternPoint watch = { .kind = ASTERN_POINT_MEMORY, .space = ASTERN_SPACE_PHYSICAL, .start = address, .size = size,
                        .access = ASTERN_POINT_WRITE, .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY,
                        .cpu = ASTERN_POINT_ANY, .enabled = TRUE };
  AsternDebuggerStop stop = { .why = ASTERN_WHY_MOVED, .move = ASTERN_MOVE_CONTINUE_BACK, .client = client, .backward = TRUE };
  g_autoptr (GArray) pages = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GError) own = NULL;
  AsternPoint *point;

  if (space != ASTERN_SPACE_PHYSICAL && !astern_debugger_translate (debugger, debugger->last.cpu, address, &watch.start))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("Nothing is mapped at %016" G_GINT64_MODIFIER "x."), address);
      return FALSE;
    }
  if (!pages_of (debugger, 0, ASTERN_SPACE_PHYSICAL, watch.start, size, pages))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("There is no memory at %016" G_GINT64_MODIFIER "x."), address);
      return FALSE;
    }
  if (client != NULL)
    client->holds = TRUE;
  debugger->ended = FALSE;
  point = astern_points_add (debugger->machine->points, &watch);
  continue_back (debugger, &stop, pages, &own);
  if (stop.hit.point == point)
    stop.hit.point = NULL;
  stop.point_id = 0;           /* it was nobody's */
  stop.client = client;
  astern_points_remove (debugger->machine->points, point);
  if (own != NULL)
    failed (&stop, own);
  debugger_stopped (debugger, &stop);
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
      g_string_append_printf (text, hit->access == ASTERN_ACCESS_WRITE ? _("%u bytes written at %016" G_GINT64_MODIFIER "x")
                                                                       : _("%u bytes read at %016" G_GINT64_MODIFIER "x"),
                              hit->size, hit->linear != ASTERN_POINT_ANY ? hit->linear : hit->physical);
      if (hit->has_old && hit->has_new)
        g_string_append_printf (text, _(": 0x%" G_GINT64_MODIFIER "x -> 0x%" G_GINT64_MODIFIER "x"), hit->old_value, hit->new_value);
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
  g_string_append_printf (text, _(", CPU %u, at %016" G_GINT64_MODIFIER "x"), hit->cpu, hit->pc);
  return g_string_free (text, FALSE);
}

char *
astern_debugger_stop_text (AsternDebugger *debugger, const AsternDebuggerStop *stop)
{
  char moment[ASTERN_MOMENT_TEXT];
  g_autofree char *hit = NULL;

  astern_moment_format (stop->moment, moment);
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
      return g_strdup_printf (_("%s: stopped"), moment);
    }
}
