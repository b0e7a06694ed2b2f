/* debugger-set.c - who set a register: back to the last change of its value; see debugger.h.
 *
 * Windows that grow backwards are executed again with each instruction of the CPU recorded; what is wanted is the last of
 * them that found another value than the present one.  The change came between that and the next one that found it: mostly by
 * the instruction itself, else by a delivery or by a user's change behind it; those are told apart by standing there. */
#include "config.h"

#include "core/debugger-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define FIRST_INSNS  1000
#define GROWTH       16
#define LONGEST      4000000
#define CHUNK_INSNS  100000       /* between looks at whether it was given up */
#define MOST_BYTES   64           /* of a register */

typedef struct
{
  AsternDebugger *debugger;
  AsternCpu      *cpu;
  guint           reg;
  gsize           size;
  guint8          now[MOST_BYTES];
  /* Of the window: */
  AsternMoment    other;          /* the last moment that had another value ... */
  AsternMoment    same;           /* ... and the first one after it that had not */
  gboolean        has_other, has_same;
} Search;

static gboolean
is_same (const Search *search)
{
  guint8 bytes[MOST_BYTES] = { 0 };

  if (search->cpu->sync_out != NULL)
    search->cpu->sync_out (search->cpu);
  search->cpu->klass->read_register (search->cpu, search->reg, bytes);
  return memcmp (bytes, search->now, search->size) == 0;
}

static void
note (Search *search, AsternMoment moment)
{
  if (!is_same (search))
    {
      search->other = moment;
      search->has_other = TRUE;
      search->has_same = FALSE;
    }
  else if (!search->has_same)
    {
      search->same = moment;
      search->has_same = TRUE;
    }
}

static void
note_hit (gpointer data, const AsternHit *hit)
{
  note (data, hit->before);
}

static gboolean
seek (Search *search, AsternMoment where, GError **error)
{
  return astern_timeline_seek (search->debugger->timeline, where, debugger_cancelled, search->debugger, error);
}

/* [from, to), each instruction of the CPU noted. */
static gboolean
look_through (Search *search, AsternMoment from, AsternMoment to, GError **error)
{
  AsternTimeline *timeline = search->debugger->timeline;
  AsternPoints *points = search->debugger->machine->points;
  gboolean whole;

  search->has_other = search->has_same = FALSE;
  if (!seek (search, from, error))
    return FALSE;
  note (search, from);
  astern_points_set_mode (points, ASTERN_POINTS_RECORD, note_hit, search);
  do
    {
      AsternMoment until = { astern_timeline_present (timeline).icount + CHUNK_INSNS, 0 };

      whole = astern_timeline_repeat (timeline, astern_moment_compare (until, to) < 0 ? until : to, debugger_cancelled,
                                      search->debugger, error);
    }
  while (whole && astern_moment_compare (astern_timeline_present (timeline), to) < 0);
  astern_points_set_mode (points, ASTERN_POINTS_OFF, NULL, NULL);
  return whole;
}

/* Whether the value is the present one at @where; a failure is none, too. */
static gboolean
same_at (Search *search, AsternMoment where, GError **error)
{
  return seek (search, where, error) && is_same (search);
}

/* The value is another one at @low, and not at @high: stands at the last moment before the change. */
static gboolean
narrow (Search *search, AsternMoment low, AsternMoment high, GError **error)
{
  GError *failure = NULL;
  AsternMoment next = { low.icount + 1, 0 };

  /* By the instruction there? */
  if (astern_moment_compare (next, high) < 0 && !same_at (search, next, &failure))
    low = next;
  else if (astern_moment_compare (next, high) < 0)
    high = next;
  while (failure == NULL && high.icount > low.icount + 1)
    {
      AsternMoment middle = { low.icount + (high.icount - low.icount) / 2, 0 };

      if (same_at (search, middle, &failure))
        high = middle;
      else
        low = middle;
    }
  /* (low.icount + 1, 0) is known to be of one or the other kind now; what is left are deliveries. */
  next = (AsternMoment) { high.icount, 0 };
  if (failure == NULL && high.step > 0 && low.icount < high.icount && !same_at (search, next, &failure))
    low = next;
  next = (AsternMoment) { low.icount, low.step + 1 };
  while (failure == NULL && next.step < G_MAXUINT32 && seek (search, next, &failure)
         && astern_timeline_present (search->debugger->timeline).icount == low.icount
         && astern_moment_compare (astern_timeline_present (search->debugger->timeline), high) < 0 && !is_same (search))
    {
      low = astern_timeline_present (search->debugger->timeline);
      next = (AsternMoment) { low.icount, low.step + 1 };
    }
  if (failure == NULL && seek (search, low, &failure))
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

/* FALSE without error: it has had that value since the start. */
static gboolean
search_back (Search *search, AsternClient *client, GError **error)
{
  AsternTimeline *timeline = search->debugger->timeline;
  AsternMoment origin = astern_timeline_present (timeline), start = astern_timeline_start (timeline);
  AsternMoment to = origin, same = origin;
  guint64 length = FIRST_INSNS;

  while (astern_moment_compare (to, start) > 0)
    {
      AsternMoment from = { to.icount - MIN (to.icount, length), 0 };

      if (astern_moment_compare (from, start) < 0 || length > to.icount)
        from = start;
      if (!look_through (search, from, to, error))
        return FALSE;
      if (search->has_same)
        same = search->same;
      if (search->has_other)
        return narrow (search, search->other, same, error);
      to = from;
      length = MIN (length * GROWTH, LONGEST);
      debugger_progress (client, (double) (origin.icount - to.icount) / (double) MAX (origin.icount - start.icount, 1));
    }
  return FALSE;
}

/* Every instruction of the CPU is a hit. */
static gboolean
search_with_point (Search *search, AsternClient *client, GError **error)
{
  AsternPoints *points = search->debugger->machine->points;
  AsternPoint all = { .kind = ASTERN_POINT_EXECUTE, .space = ASTERN_SPACE_LINEAR, .start = 0, .size = G_MAXUINT64,
                      .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = search->cpu->index,
                      .enabled = TRUE };
  GPtrArray *silenced = debugger_silence_points (points);
  AsternPoint *point = astern_points_add (points, &all);
  gboolean found = search_back (search, client, error);

  astern_points_remove (points, point);
  debugger_restore_points (points, silenced);
  return found;
}

gboolean
astern_debugger_who_set (AsternDebugger *debugger, AsternClient *client, guint cpu, guint reg, GError **error)
{
  AsternDebuggerStop stop = { .why = ASTERN_WHY_MOVED, .move = ASTERN_MOVE_CONTINUE_BACK, .client = client, .backward = TRUE,
                              .cpu = cpu };
  Search search = { .debugger = debugger, .reg = reg };
  AsternMoment origin = astern_timeline_present (debugger->timeline);
  g_autoptr (GError) failure = NULL;

  if (astern_timeline_marks (debugger->timeline) == 0)
    return astern_debugger_no_history (debugger, error);
  g_return_val_if_fail (cpu < debugger->machine->n_cpus, FALSE);
  search.cpu = debugger->machine->cpus[cpu];
  g_return_val_if_fail (reg < search.cpu->klass->n_registers, FALSE);
  search.size = search.cpu->klass->registers[reg].bits / 8;
  g_return_val_if_fail (search.size <= MOST_BYTES, FALSE);

  if (search.cpu->sync_out != NULL)
    search.cpu->sync_out (search.cpu);
  search.cpu->klass->read_register (search.cpu, reg, search.now);
  if (client != NULL)
    client->person->holds = TRUE;
  debugger->ended = FALSE;
  if (!search_with_point (&search, client, &failure) && failure == NULL)
    {
      stop.why = ASTERN_WHY_START_OF_HISTORY;
      astern_timeline_seek (debugger->timeline, astern_timeline_start (debugger->timeline), NULL, NULL, NULL);
    }
  if (failure != NULL)
    debugger_failed (debugger, &stop, origin, failure);
  g_atomic_int_set (&debugger->interrupted, 0);
  debugger_progress (client, 1);
  debugger_stopped (debugger, &stop);
  return TRUE;
}
