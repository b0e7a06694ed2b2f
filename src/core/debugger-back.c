/* debugger-back.c - the moves through the past; see debugger.h.
 *
 * A step back that comes upon the IRET of an interrupt's handler goes on to before the interrupt: the last
 * delivery that found the CPU where the IRET has put it is the one.  An IRET for which none is found within
 * RETURN_INSNS (a new process begins with one; a debugger in the guest may have changed the frame) is where it lands. */
#include "config.h"

#include "core/debugger-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

/* How far back an IRET's interrupt is looked for: some tenths of a second, or a second on a slow host. */
#define RETURN_INSNS 400000000

/* The machine stands where it stood before, as far as that can be had again. */
void
debugger_failed (AsternDebugger *debugger, AsternDebuggerStop *stop, AsternMoment origin, const GError *error)
{
  astern_timeline_seek (debugger->timeline, origin, NULL, NULL, NULL);
  stop->why = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? ASTERN_WHY_CANCELLED
              : g_error_matches (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_DIVERGED) ? ASTERN_WHY_DIVERGED
              : ASTERN_WHY_FAILED;
  g_strlcpy (stop->message, error->message, sizeof stop->message);
}

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
  DebuggerPlace place = debugger_place_of (cpu);
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
  const DebuggerPlace *place = point->user;

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

GPtrArray *
debugger_silence_points (AsternPoints *points)
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

void
debugger_restore_points (AsternPoints *points, GPtrArray *silenced)
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
delivery_here (AsternDebugger *debugger, AsternCpu *cpu, const DebuggerPlace *place, AsternPointKind kind)
{
  DebuggerPlace here = debugger_place_of (cpu);

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
find_entry (AsternDebugger *debugger, AsternCpu *cpu, DebuggerPlace *place, GError **error)
{
  static const AsternPointKind kinds[] = { ASTERN_POINT_INTERRUPT, ASTERN_POINT_EXCEPTION };
  AsternPoints *points = debugger->machine->points;
  AsternMoment present = astern_timeline_present (debugger->timeline);
  ReturnSearch search = { debugger, { present.icount - MIN (present.icount, RETURN_INSNS), 0 }, present, FALSE };
  GPtrArray *silenced = debugger_silence_points (points);
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
  debugger_restore_points (points, silenced);
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
      DebuggerPlace after = debugger_place_of (cpu);
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
  while (found && debugger_place_of (cpu).stack < stack);
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
  DebuggerPlace after = debugger_place_of (cpu);
  Return returned;

  if (!step_back (debugger, cpu, &returned, error))
    return FALSE;
  if (returned.from == RETURNED_FROM_INT_N || (returned.from == RETURNED_FROM_EXCEPTION && over_exceptions))
    return seek (debugger, returned.entry, error);
  if (debugger_at_return (debugger, cpu) && !at_interrupt_return (debugger, cpu) && debugger_place_of (cpu).stack < after.stack)
    return run_back_to (debugger, cpu, after.linear - 7, 6, after.stack, error);
  return TRUE;
}

/* As much as a function or an interrupt takes from its stack at most; more is another stack. */
#define OTHER_STACK 0x100000

/* Whether what was done between @before and @after entered the function at @after: a call has left the offset behind
 * itself at the top of the stack, an interrupt its own, perhaps below an error code.  @top: the two words there. */
static gboolean
entered (const DebuggerPlace *before, const DebuggerPlace *after, const guint64 top[2])
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
  guint64 stack = debugger_place_of (cpu).stack;

  for (;;)
    {
      DebuggerPlace after = debugger_place_of (cpu), before;
      guint size = after.bits / 8;
      guint64 top[2] = { 0, 0 };

      astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, after.stack, &top[0], size);
      astern_debugger_read_memory (debugger, cpu->index, ASTERN_SPACE_LINEAR, after.stack + size, &top[1], size);
      if (!over_back (debugger, cpu, TRUE, error))
        return FALSE;
      before = debugger_place_of (cpu);
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
    g_propagate_error (error, own);
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
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no future %" PRIu64 "."), id);
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

void
debugger_move_back (AsternDebugger *debugger)
{
  AsternMoveRequest *request = &debugger->request;
  AsternCpu *cpu = debugger_cpu (debugger);
  AsternDebuggerStop stop = debugger_moved (debugger, ASTERN_WHY_MOVED);
  AsternMoment origin = astern_timeline_present (debugger->timeline);
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
               && debugger_place_of (cpu).linear - request->range_start < request->range_end - request->range_start);
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
      origin = astern_timeline_present (debugger->timeline);      /* given up, it stays where it is: the run is left */
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
    debugger_failed (debugger, &stop, origin, error);
  else if (!whole)
    {
      stop.why = ASTERN_WHY_START_OF_HISTORY;
      seek (debugger, astern_timeline_start (debugger->timeline), NULL);
    }
  debugger->ended = at_recorded_end (debugger);
  debugger_stopped (debugger, &stop);
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
  AsternPoints *points = debugger->machine->points;
  AsternMoment origin = astern_timeline_present (debugger->timeline);
  GPtrArray *silenced;
  AsternPoint *point;

  if (space != ASTERN_SPACE_PHYSICAL && !astern_debugger_translate (debugger, debugger->last.cpu, address, &watch.start))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("Nothing is mapped at %016" PRIx64 "."), address);
      return FALSE;
    }
  if (!pages_of (debugger, 0, ASTERN_SPACE_PHYSICAL, watch.start, size, pages))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("There is no memory at %016" PRIx64 "."), address);
      return FALSE;
    }
  if (client != NULL)
    client->person->holds = TRUE;
  debugger->ended = FALSE;
  silenced = debugger_silence_points (points);
  point = astern_points_add (points, &watch);
  continue_back (debugger, &stop, pages, &own);
  if (stop.hit.point == point)
    stop.hit.point = NULL;
  stop.point_id = 0;           /* it was nobody's */
  stop.client = client;
  astern_points_remove (points, point);
  debugger_restore_points (points, silenced);
  if (own != NULL)
    debugger_failed (debugger, &stop, origin, own);
  debugger_stopped (debugger, &stop);
  return TRUE;
}
