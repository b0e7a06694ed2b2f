/* timeline.c - see timeline.h.
 *
 * Marks[i] is the snapshot taken when interval i began.  Behind the head the machine is
 * somewhere in [marks[at], ...), executed on from there.  A second, finer series of
 * snapshots (`fine`) is laid in front of where one stands in the past, so that the next step
 * back is short; it is thrown away with each jump.
 *
 * Left out: search by several threads. */
#include "config.h"

#include "core/timeline.h"

#include "core/interval.h"
#include "core/snapshot.h"

#include <inttypes.h>

#include <glib/gi18n.h>

/* An interval is at least so long, ... */
#define DEFAULT_INTERVAL_INSNS 20000000
/* ... and longer where much is written: a page's first write costs the time of some thousand instructions
 * when the copy has to go to memory, so this keeps it to some hundredths.  Two ends to it keep any moment near. */
#define INSNS_PER_PAGE         100000
#define LONGEST                10           /* times the shortest */
#define LONGEST_US             250000       /* that the machine's thread took for it */
/* Old ones are merged up to such a part of their age, and to LONGEST_US. */
#define AGE_TO_LENGTH          16
#define CHUNK_INSNS            20000000     /* between looks at whether a move was given up */

static const guint64 fine_insns[] = { 1000000, 100000, 10000, 1000, 100 };   /* before where one goes */

struct _AsternTimeline
{
  AsternMachine         *machine;
  AsternTimelineOptions  options;
  AsternIntervals       *intervals;     /* NULL: no history */
  GPtrArray             *marks;         /* AsternSnapshot of each interval's begin */
  GArray                *took_us;       /* guint64: what executing each interval took the first time */
  AsternSnapshot        *head;          /* the head's state while away from it; else NULL */
  guint                  at;            /* away: the interval whose begin was restored */
  AsternIntervals       *fine;          /* away: within it, or NULL */
  GPtrArray             *fine_marks;
  AsternFutures         *futures;
  AsternActivity        *activity;
  AsternMoment           known;         /* of a replay: up to where the run is recorded */
  gboolean               restarted;
};

G_DEFINE_QUARK (astern-timeline-error-quark, astern_timeline_error)

static void
free_snapshot (gpointer data)
{
  astern_snapshot_free (data);
}

static AsternSnapshot *
mark_at (AsternTimeline *timeline, guint index)
{
  return g_ptr_array_index (timeline->marks, index);
}

static guint64
mark_icount (AsternTimeline *timeline, guint index)
{
  return astern_snapshot_moment (mark_at (timeline, index)).icount;
}

static guint64 *
took_us (AsternTimeline *timeline, guint index)
{
  return &g_array_index (timeline->took_us, guint64, index);
}

static AsternMoment
now (AsternTimeline *timeline)
{
  return astern_clock_moment (&timeline->machine->clock);
}

static void
add_mark (AsternTimeline *timeline)
{
  guint64 nothing = 0;

  astern_intervals_begin (timeline->intervals);
  g_ptr_array_add (timeline->marks, astern_snapshot_take (timeline->machine));
  g_array_append_val (timeline->took_us, nothing);
}

static gboolean
can_repeat (const AsternMachine *machine)
{
  return machine->engine == NULL || (machine->engine->klass->capabilities & ASTERN_CAN_REVERSE) != 0;
}

/* The present is the start. */
static void
begin (AsternTimeline *timeline)
{
  timeline->marks = g_ptr_array_new_with_free_func (free_snapshot);
  timeline->fine_marks = g_ptr_array_new_with_free_func (free_snapshot);
  timeline->futures = astern_futures_new ();
  timeline->activity = astern_activity_new (timeline->machine);
  timeline->took_us = g_array_new (FALSE, FALSE, sizeof (guint64));
  astern_inputs_set_forgets (timeline->machine->inputs, !can_repeat (timeline->machine));
  if (timeline->options.budget_bytes != 0 && can_repeat (timeline->machine))
    {
      timeline->intervals = astern_intervals_new (timeline->machine->memory);
      add_mark (timeline);
    }
}

AsternTimeline *
astern_timeline_new (AsternMachine *machine, const AsternTimelineOptions *options)
{
  AsternTimeline *timeline = g_new0 (AsternTimeline, 1);

  timeline->machine = machine;
  timeline->options = *options;
  if (timeline->options.interval_insns == 0)
    timeline->options.interval_insns = DEFAULT_INTERVAL_INSNS;
  begin (timeline);
  return timeline;
}

static void
drop_fine (AsternTimeline *timeline)
{
  g_clear_pointer (&timeline->fine, astern_intervals_free);
  g_ptr_array_set_size (timeline->fine_marks, 0);
}

static void
forget_all (AsternTimeline *timeline)
{
  drop_fine (timeline);
  g_clear_pointer (&timeline->head, astern_snapshot_free);
  g_clear_pointer (&timeline->intervals, astern_intervals_free);
  g_ptr_array_unref (timeline->marks);
  g_ptr_array_unref (timeline->fine_marks);
  g_array_unref (timeline->took_us);
  astern_futures_free (timeline->futures);
  astern_activity_free (timeline->activity);
}

void
astern_timeline_free (AsternTimeline *timeline)
{
  forget_all (timeline);
  g_free (timeline);
}

void
astern_timeline_restart (AsternTimeline *timeline)
{
  g_return_if_fail (timeline->head == NULL);

  forget_all (timeline);
  begin (timeline);
  timeline->restarted = TRUE;
}

gboolean
astern_timeline_wanted (AsternTimeline *timeline)
{
  return timeline->options.budget_bytes != 0;
}

gboolean
astern_timeline_restarted (AsternTimeline *timeline)
{
  return timeline->restarted;
}

AsternMoment
astern_timeline_start (AsternTimeline *timeline)
{
  return timeline->intervals != NULL ? astern_snapshot_moment (mark_at (timeline, 0)) : now (timeline);
}

AsternMoment
astern_timeline_head (AsternTimeline *timeline)
{
  return timeline->head != NULL ? astern_snapshot_moment (timeline->head) : now (timeline);
}

AsternMoment
astern_timeline_present (AsternTimeline *timeline)
{
  return now (timeline);
}

gboolean
astern_timeline_in_past (AsternTimeline *timeline)
{
  return timeline->head != NULL;
}

void
astern_timeline_set_known (AsternTimeline *timeline, AsternMoment moment)
{
  timeline->known = moment;
}

AsternMoment
astern_timeline_end (AsternTimeline *timeline)
{
  AsternMoment head = astern_timeline_head (timeline);

  return astern_inputs_is_replay (timeline->machine->inputs) && astern_moment_compare (timeline->known, head) > 0
         ? timeline->known : head;
}

/* ---- thinning ---- */

gsize
astern_timeline_bytes (AsternTimeline *timeline)
{
  gsize bytes = 0;

  if (timeline->intervals == NULL)
    return 0;
  bytes = astern_intervals_bytes (timeline->intervals);
  for (guint i = 0; i < timeline->marks->len; i++)
    bytes += astern_snapshot_bytes (mark_at (timeline, i));
  return bytes;
}

/* The pair that is nearest to one another for how far it lies back is the one that is missed least. */
static guint
least_missed (AsternTimeline *timeline)
{
  guint64 head = now (timeline).icount;
  guint best = 0;
  double best_worth = G_MAXDOUBLE;

  for (guint i = 0; i + 2 < timeline->marks->len; i++)
    {
      guint64 start = mark_icount (timeline, i);
      guint64 end = mark_icount (timeline, i + 2);
      double worth = (double) (end - start + 1) / (double) (head - start + timeline->options.interval_insns);

      if (worth < best_worth)
        {
          best_worth = worth;
          best = i;
        }
    }
  return best;
}

static void
merge (AsternTimeline *timeline, guint index)
{
  astern_intervals_merge (timeline->intervals, index);
  g_ptr_array_remove_index (timeline->marks, index + 1);
  *took_us (timeline, index) += *took_us (timeline, index + 1);
  g_array_remove_index (timeline->took_us, index + 1);
}

/* The further back, the wider apart, up to what is executed again in a moment. */
static void
widen (AsternTimeline *timeline)
{
  guint64 head = now (timeline).icount;

  for (guint i = 0; i + 2 < timeline->marks->len; i++)
    {
      guint64 end = mark_icount (timeline, i + 2);

      if (end - mark_icount (timeline, i) <= MIN ((head - end) / AGE_TO_LENGTH, timeline->options.interval_insns * LONGEST)
          && *took_us (timeline, i) + *took_us (timeline, i + 1) < LONGEST_US)
        merge (timeline, i--);
    }
}

/* What is on its way to the recording is as good as gone, unless it is held up there. */
static gboolean
is_too_much (AsternTimeline *timeline)
{
  gsize leaving = astern_intervals_leaving (timeline->intervals);

  return astern_timeline_bytes (timeline) - MIN (leaving, timeline->options.budget_bytes) > timeline->options.budget_bytes;
}

static void
thin (AsternTimeline *timeline)
{
  widen (timeline);
  while (timeline->marks->len > 8 && is_too_much (timeline))
    merge (timeline, least_missed (timeline));
}

/* ---- running ---- */

static const AsternStop *
run_machine (AsternTimeline *timeline, AsternMoment until)
{
  const AsternStop *stop;

  timeline->machine->until_step = until.step;
  stop = astern_machine_run (timeline->machine, until.icount);
  timeline->machine->until_step = 0;
  return stop;
}

/* At the head: what happens, happens for the first time. */
static const AsternStop *
run_counted (AsternTimeline *timeline, AsternMoment until)
{
  const AsternStop *stop;

  astern_activity_begin (timeline->activity);
  stop = run_machine (timeline, until);
  astern_activity_end (timeline->activity);
  return stop;
}

/* Where the open interval ends, as far as can be told now. */
static guint64
interval_end (AsternTimeline *timeline)
{
  guint last = timeline->marks->len - 1;
  guint64 shortest = timeline->options.interval_insns;
  guint64 length = astern_intervals_pages (timeline->intervals, last) * INSNS_PER_PAGE;

  if (*took_us (timeline, last) > LONGEST_US)
    length = shortest;
  return mark_icount (timeline, last) + CLAMP (length, shortest, shortest * LONGEST);
}

/* A stretch in the open interval: up to its end, or until it is time to look for it again. */
static const AsternStop *
run_in_interval (AsternTimeline *timeline, AsternMoment until)
{
  guint last = timeline->marks->len - 1;
  guint64 before = timeline->options.spent_us != NULL ? timeline->options.spent_us () : 0;
  const AsternStop *stop = run_counted (timeline, until);

  if (timeline->options.spent_us != NULL)
    *took_us (timeline, last) += timeline->options.spent_us () - before;
  return stop;
}

/* A stretch at the head, with snapshots on the way. */
static const AsternStop *
run_at_head (AsternTimeline *timeline, AsternMoment until)
{
  if (timeline->intervals == NULL)
    return run_counted (timeline, until);
  for (;;)
    {
      guint64 at = now (timeline).icount, next = interval_end (timeline);
      guint64 due = MIN (astern_activity_due (timeline->activity), at + timeline->options.interval_insns);
      AsternMoment look = { MIN (next, due), 0 };
      const AsternStop *stop;

      if (at >= next)
        {
          add_mark (timeline);
          thin (timeline);
          continue;
        }
      if (until.icount <= look.icount)
        return run_in_interval (timeline, until);
      stop = run_in_interval (timeline, look);
      if (stop->reason != ASTERN_STOP_ICOUNT)
        return stop;
    }
}

/* The head was reached by executing: from here on the run goes on. */
static void
arrive (AsternTimeline *timeline, gboolean executed)
{
  drop_fine (timeline);
  astern_intervals_return (timeline->intervals, executed);
  if (!executed)
    astern_snapshot_restore (timeline->head, timeline->machine);
  g_clear_pointer (&timeline->head, astern_snapshot_free);
  astern_inputs_set_past (timeline->machine->inputs, FALSE);
  timeline->machine->muted = FALSE;
}

/* Which interval the moment lies in. */
static guint
interval_of (AsternTimeline *timeline, AsternMoment where)
{
  guint low = 0, high = timeline->marks->len;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (astern_moment_compare (astern_snapshot_moment (mark_at (timeline, middle)), where) <= 0)
        low = middle;
      else
        high = middle;
    }
  return low;
}

typedef const AsternStop *RunFunc (AsternTimeline *timeline, AsternMoment until);

/* What was executed once is executed again; the reset that was made when the guest asked for one is the journal's next. */
static const AsternStop *
run_again (AsternTimeline *timeline, RunFunc *run, AsternMoment until)
{
  const AsternStop *stop;

  do
    stop = run (timeline, until);
  while (stop->reason == ASTERN_STOP_RESET && astern_inputs_pending (timeline->machine->inputs));
  return stop;
}

/* A stretch behind the head. */
static const AsternStop *
run_in_past (AsternTimeline *timeline, AsternMoment until)
{
  AsternMoment head = astern_snapshot_moment (timeline->head);

  if (astern_moment_compare (until, head) > 0)
    until = head;
  astern_intervals_reached (timeline->intervals, interval_of (timeline, until));
  return run_again (timeline, run_machine, until);
}

/* A stretch of a future that is taken up, or of a replay. */
static const AsternStop *
run_again_at_head (AsternTimeline *timeline, AsternMoment until)
{
  return run_again (timeline, run_at_head, until);
}

const AsternStop *
astern_timeline_run (AsternTimeline *timeline, AsternMoment until)
{
  const AsternStop *stop;

  if (timeline->head == NULL)
    return run_at_head (timeline, until);
  stop = run_in_past (timeline, until);
  if (timeline->head != NULL && astern_moment_compare (now (timeline), astern_snapshot_moment (timeline->head)) >= 0)
    {
      arrive (timeline, TRUE);
      if (stop->reason == ASTERN_STOP_ICOUNT)
        timeline->machine->stop.reason = ASTERN_STOP_HEAD;
    }
  return stop;
}

/* ---- going ---- */

static void
leave_head (AsternTimeline *timeline)
{
  if (timeline->head != NULL)
    return;
  astern_disks_write_out (timeline->machine);
  timeline->head = astern_snapshot_take (timeline->machine);
  timeline->machine->muted = TRUE;
}

/* The machine as it was when interval @index began. */
static void
restore (AsternTimeline *timeline, guint index)
{
  AsternEngine *engine = timeline->machine->engine;

  leave_head (timeline);
  drop_fine (timeline);
  /* Much will be written: what the engine derived from memory goes at once instead of page by page. */
  if (engine != NULL && engine->klass->flush != NULL)
    engine->klass->flush (engine);
  astern_intervals_go (timeline->intervals, index);
  timeline->at = index;
  astern_snapshot_restore (mark_at (timeline, index), timeline->machine);
  astern_inputs_set_past (timeline->machine->inputs, TRUE);
}

/* The last fine snapshot at or before @where; FALSE when there is none, or a mark is nearer. */
static gboolean
restore_fine (AsternTimeline *timeline, AsternMoment where, AsternMoment nearest_mark)
{
  for (guint i = timeline->fine_marks->len; i-- > 0;)
    {
      AsternSnapshot *mark = g_ptr_array_index (timeline->fine_marks, i);

      if (astern_moment_compare (astern_snapshot_moment (mark), where) > 0)
        continue;
      if (astern_moment_compare (astern_snapshot_moment (mark), nearest_mark) < 0)
        return FALSE;
      astern_intervals_undo (timeline->fine, i);
      astern_snapshot_restore (mark, timeline->machine);
      g_ptr_array_set_size (timeline->fine_marks, (gint) i + 1);
      astern_inputs_set_past (timeline->machine->inputs, TRUE);
      return TRUE;
    }
  return FALSE;
}

/* Runs to @where with points off.  Whoever asks to stop is not heard: only `cancelled` is. */
static gboolean
run_on (AsternTimeline *timeline, RunFunc *run, AsternMoment where, gboolean (*cancelled) (gpointer data), gpointer data, GError **error)
{
  while (astern_moment_compare (now (timeline), where) < 0)
    {
      AsternMoment until = where;
      const AsternStop *stop;
      AsternMoment before = now (timeline);

      if (cancelled != NULL && cancelled (data))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The move was given up."));
          return FALSE;
        }
      if (until.icount > before.icount + CHUNK_INSNS)
        until = (AsternMoment) { before.icount + CHUNK_INSNS, 0 };
      stop = run (timeline, until);
      if (stop->reason != ASTERN_STOP_ICOUNT && stop->reason != ASTERN_STOP_REQUESTED && stop->reason != ASTERN_STOP_NONE
          && astern_moment_compare (now (timeline), where) < 0)
        {
          g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_DIVERGED,
                       _("The run ended at @%" PRIu64 " when it was executed again, on the way to @%" PRIu64
                         ": history did not repeat itself."), now (timeline).icount, where.icount);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
lay_fine (AsternTimeline *timeline, AsternMoment where, gboolean (*cancelled) (gpointer data), gpointer data, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (fine_insns); i++)
    {
      AsternMoment at = { where.icount - MIN (fine_insns[i], where.icount), 0 };

      if (where.icount < fine_insns[i] || at.icount <= now (timeline).icount)
        continue;
      if (!run_on (timeline, run_in_past, at, cancelled, data, error))
        return FALSE;
      if (timeline->fine == NULL)
        timeline->fine = astern_intervals_new (timeline->machine->memory);
      astern_intervals_begin (timeline->fine);
      g_ptr_array_add (timeline->fine_marks, astern_snapshot_take (timeline->machine));
    }
  return TRUE;
}

/* Beyond the head of a replay. */
static gboolean
go_ahead (AsternTimeline *timeline, AsternMoment where, gboolean (*cancelled) (gpointer data), gpointer data, GError **error)
{
  if (timeline->head != NULL)
    arrive (timeline, FALSE);
  return run_on (timeline, run_again_at_head, where, cancelled, data, error);
}

gboolean
astern_timeline_seek (AsternTimeline *timeline, AsternMoment where, gboolean (*cancelled) (gpointer data), gpointer data,
                      GError **error)
{
  guint index;

  /* (Who has executed again up to the head has not taken it up yet.) */
  if (astern_moment_compare (where, now (timeline)) == 0
      && (timeline->head == NULL || astern_moment_compare (where, astern_snapshot_moment (timeline->head)) != 0))
    return TRUE;
  if (timeline->intervals == NULL)
    {
      g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OFF,
                   _("There is no history to go back in; start with “-history 1G”."));
      return FALSE;
    }
  if (astern_moment_compare (where, astern_timeline_start (timeline)) < 0
      || astern_moment_compare (where, astern_timeline_end (timeline)) > 0)
    {
      char first[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];

      g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OUT_OF_RANGE,
                   _("History reaches from %s to %s; there is nothing beyond."),
                   astern_moment_format (astern_timeline_start (timeline), first),
                   astern_moment_format (astern_timeline_end (timeline), last));
      return FALSE;
    }
  if (astern_moment_compare (where, astern_timeline_head (timeline)) > 0)
    return go_ahead (timeline, where, cancelled, data, error);
  if (timeline->head != NULL && astern_moment_compare (where, astern_snapshot_moment (timeline->head)) == 0)
    {
      arrive (timeline, FALSE);
      return TRUE;
    }
  index = interval_of (timeline, where);
  if (timeline->head == NULL || index != timeline->at || astern_moment_compare (where, now (timeline)) < 0)
    {
      if (timeline->head == NULL || !restore_fine (timeline, where, astern_snapshot_moment (mark_at (timeline, index))))
        restore (timeline, index);
    }
  return lay_fine (timeline, where, cancelled, data, error) && run_on (timeline, run_in_past, where, cancelled, data, error);
}

/* ---- looking back ---- */

typedef struct
{
  AsternMoment before;
  AsternHit    last;
  gboolean     found;
} Search;

static void
note_hit (gpointer data, const AsternHit *hit)
{
  Search *search = data;

  if (astern_moment_compare (hit->before, search->before) >= 0 || (hit->point != NULL && hit->point->log_only))
    return;
  search->last = *hit;
  search->found = TRUE;
}

static gboolean
was_written (AsternTimeline *timeline, guint interval, const GArray *pages)
{
  for (guint i = 0; i < pages->len; i++)
    if (astern_intervals_wrote (timeline->intervals, interval, g_array_index (pages, guint64, i) << ASTERN_PAGE_BITS))
      return TRUE;
  return FALSE;
}

gboolean
astern_timeline_find_back (AsternTimeline *timeline, GArray *writes_only, AsternHit *hit,
                           gboolean (*cancelled) (gpointer data), gpointer data, GError **error)
{
  AsternPoints *points = timeline->machine->points;
  Search search = { .before = now (timeline) };
  AsternMoment end = search.before;

  if (timeline->intervals == NULL)
    {
      g_set_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OFF,
                   _("There is no history to go back in; start with “-history 1G”."));
      return FALSE;
    }
  for (guint i = interval_of (timeline, end) + 1; i-- > 0 && !search.found;)
    {
      AsternMoment start = astern_snapshot_moment (mark_at (timeline, i));
      gboolean whole;

      if (writes_only != NULL && !was_written (timeline, i, writes_only))
        {
          end = start;
          continue;
        }
      restore (timeline, i);
      astern_points_set_mode (points, ASTERN_POINTS_RECORD, note_hit, &search);
      whole = run_on (timeline, run_in_past, end, cancelled, data, error);
      astern_points_set_mode (points, ASTERN_POINTS_OFF, NULL, NULL);
      if (!whole)
        return FALSE;
      end = start;
    }
  *hit = search.last;
  return search.found;
}

gboolean
astern_timeline_repeat (AsternTimeline *timeline, AsternMoment until, gboolean (*cancelled) (gpointer data), gpointer data,
                        GError **error)
{
  g_return_val_if_fail (timeline->head != NULL, FALSE);

  if (astern_moment_compare (until, astern_snapshot_moment (timeline->head)) > 0)
    until = astern_snapshot_moment (timeline->head);
  return run_on (timeline, run_in_past, until, cancelled, data, error);
}

/* ---- branches ---- */

guint
astern_timeline_branch (AsternTimeline *timeline)
{
  AsternInputs *inputs = timeline->machine->inputs;
  guint id;

  if (timeline->head == NULL)
    return 0;
  id = astern_futures_keep (timeline->futures, astern_snapshot_moment (timeline->head), astern_journal_copy (astern_inputs_journal (inputs)),
                            astern_inputs_is_replay (inputs));
  drop_fine (timeline);
  astern_intervals_cut (timeline->intervals, interval_of (timeline, now (timeline)));
  g_ptr_array_set_size (timeline->marks, (gint) astern_intervals_count (timeline->intervals));
  g_array_set_size (timeline->took_us, timeline->marks->len);
  g_clear_pointer (&timeline->head, astern_snapshot_free);
  astern_activity_cut (timeline->activity, now (timeline).icount);
  astern_inputs_journal_cut (inputs);
  astern_inputs_set_past (inputs, FALSE);
  timeline->machine->muted = FALSE;
  astern_disks_branched (timeline->machine);
  return id;
}

AsternFutures *
astern_timeline_futures (AsternTimeline *timeline)
{
  return timeline->futures;
}

AsternMoment
astern_timeline_parting (AsternTimeline *timeline, const AsternFuture *future)
{
  return astern_future_parting (future, astern_inputs_journal (timeline->machine->inputs), astern_timeline_head (timeline));
}

gboolean
astern_timeline_take_up (AsternTimeline *timeline, AsternFuture *future, gboolean (*cancelled) (gpointer data), gpointer data,
                         GError **error)
{
  AsternMachine *machine = timeline->machine;
  gboolean whole;

  g_return_val_if_fail (timeline->head == NULL && timeline->intervals != NULL, FALSE);

  astern_inputs_journal_replace (machine->inputs, future->journal);
  astern_inputs_set_replay (machine->inputs, TRUE);      /* whoever records hears of it */
  machine->muted = TRUE;
  whole = run_on (timeline, run_again_at_head, future->head, cancelled, data, error);
  machine->muted = FALSE;
  astern_disks_branched (machine);
  if (!whole)
    {
      g_autoptr (AsternJournal) rest = astern_journal_copy (future->journal);

      astern_inputs_journal_replace (machine->inputs, rest);      /* a copy of its own, to be cut */
      astern_inputs_journal_cut (machine->inputs);
      return FALSE;
    }
  astern_inputs_set_replay (machine->inputs, future->replay);
  astern_futures_drop (timeline->futures, future);
  return TRUE;
}

/* ---- what there is ---- */

void
astern_timeline_set_spill (AsternTimeline *timeline, const AsternSpill *spill)
{
  if (timeline->intervals != NULL)
    astern_intervals_set_spill (timeline->intervals, spill, timeline->options.budget_bytes / 2);
}

AsternActivity *
astern_timeline_activity (AsternTimeline *timeline)
{
  return timeline->activity;
}

gsize
astern_timeline_spilled (AsternTimeline *timeline)
{
  return timeline->intervals != NULL ? astern_intervals_spilled (timeline->intervals) : 0;
}

guint
astern_timeline_marks (AsternTimeline *timeline)
{
  return timeline->marks->len;
}

AsternMoment
astern_timeline_mark_moment (AsternTimeline *timeline, guint index)
{
  return astern_snapshot_moment (mark_at (timeline, index));
}

void
astern_timeline_mark (AsternTimeline *timeline, guint index, AsternTimelineMark *mark)
{
  AsternSnapshot *snapshot = mark_at (timeline, index);

  *mark = (AsternTimelineMark) {
    .moment = astern_snapshot_moment (snapshot),
    .guest_ns = astern_snapshot_guest_ns (snapshot),
    .pages = astern_intervals_pages (timeline->intervals, index),
    .bytes = astern_intervals_size (timeline->intervals, index) + astern_snapshot_bytes (snapshot),
  };
}
