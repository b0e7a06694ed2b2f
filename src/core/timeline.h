/* timeline - a run and all its past: moving a machine to any moment.
 *
 * A run is a function of its start and of its journal, so each moment can be had
 * by restoring the nearest snapshot at or before it and executing forward.  The
 * timeline closes an interval every few million instructions (interval.h), keeps
 * the snapshots within a budget of host memory, and puts the machine where it is
 * asked to.
 *
 * The *head* is the latest moment that the run has reached; the *present* is where
 * the machine stands.  Behind the head the journal delivers and the outside is mute
 * (machine->muted); looking at the past changes nothing.  A change in the past begins a
 * *branch*: the old future is left, and kept until it is dropped (futures.h).
 *
 * Threads: the thread that runs the machine.
 * Units:   moments as in moment.h; bytes of host memory. */
#pragma once

#include "core/activity.h"
#include "core/futures.h"
#include "core/machine.h"
#include "core/page-store.h"
#include "core/points.h"

typedef struct _AsternTimeline AsternTimeline;

#define ASTERN_TIMELINE_ERROR (astern_timeline_error_quark ())

typedef enum
{
  ASTERN_TIMELINE_ERROR_OUT_OF_RANGE,   /* before the start or after the head */
  ASTERN_TIMELINE_ERROR_DIVERGED,       /* the run was not the same again: our mistake, the first difference is named */
  ASTERN_TIMELINE_ERROR_OFF,            /* there is no history: -history off */
} AsternTimelineError;

GQuark astern_timeline_error_quark (void);

typedef struct
{
  guint64 budget_bytes;          /* most host memory for snapshots and saved pages; 0: no history.  There is none either while
                                    an engine runs the machine whose runs cannot be repeated */
  guint64 interval_insns;        /* length of the newest intervals; 0: the default */
  /* (nullable) Time in us that the machine's thread has spent so far: what took long the first time takes long again, so
   * snapshots lie closer there.  Nothing that a guest can see depends on where they lie. */
  guint64 (*spent_us) (void);
} AsternTimelineOptions;

/* After the machine was started, before it runs: the present is the start. */
AsternTimeline *astern_timeline_new     (AsternMachine *machine, const AsternTimelineOptions *options);
void            astern_timeline_free    (AsternTimeline *timeline);

/* Another engine has taken the machine over: what was before is forgotten, futures too, and the present is the start. */
void            astern_timeline_restart (AsternTimeline *timeline);

/* Whether there is to be a history, as soon as an engine runs the machine whose runs can be repeated. */
gboolean        astern_timeline_wanted    (AsternTimeline *timeline);
/* Whether restart() was called: the start is not the machine's. */
gboolean        astern_timeline_restarted (AsternTimeline *timeline);

AsternMoment    astern_timeline_start   (AsternTimeline *timeline);
AsternMoment    astern_timeline_head    (AsternTimeline *timeline);
AsternMoment    astern_timeline_present (AsternTimeline *timeline);
gboolean        astern_timeline_in_past (AsternTimeline *timeline);

/* In a replay: the run is known up to @moment.  No effect once the run goes another way. */
void            astern_timeline_set_known (AsternTimeline *timeline, AsternMoment moment);
/* Up to where seek() goes: the head; in a replay what is known of the run, when that is more. */
AsternMoment    astern_timeline_end     (AsternTimeline *timeline);

/* Executes forward until @until, a point, or another stop.  Behind the head it ends at the
 * head at the latest, with ASTERN_STOP_HEAD; at the head it goes on, and extends the history. */
const AsternStop *astern_timeline_run   (AsternTimeline *timeline, AsternMoment until);

/* Puts the machine at @where, points off; past the head, in a replay, by extending the history.  A moment whose
 * step was never reached is the next one that was.  @cancelled (nullable) is asked now and then: TRUE ends
 * the move where it is, between two instructions, with G_IO_ERROR_CANCELLED. */
gboolean        astern_timeline_seek    (AsternTimeline *timeline, AsternMoment where,
                                         gboolean (*cancelled) (gpointer data), gpointer data, GError **error);

/* Looks backward from the present for what @points' points record: intervals from the latest to the
 * earliest are executed again with the points as recorders.  TRUE: *@hit is the last one whose
 * `before` is earlier than the present; the machine stands anywhere, seek next.  FALSE without error: there
 * was none since the start.  @writes_only: ram pages (numbers), when only writes to those can hit:
 * intervals that did not write them are left out; NULL: look everywhere. */
gboolean        astern_timeline_find_back (AsternTimeline *timeline, GArray *writes_only, AsternHit *hit,
                                           gboolean (*cancelled) (gpointer data), gpointer data, GError **error);

/* Behind the head: executes again up to @until, at most the head, with the points as they are set: for recorders.  The head is
 * not taken up there, so that seek() finds it as it was left. */
gboolean        astern_timeline_repeat  (AsternTimeline *timeline, AsternMoment until,
                                         gboolean (*cancelled) (gpointer data), gpointer data, GError **error);

/* The present becomes the head of a new branch.  What came after it is kept as a future, whose id is returned; 0: nothing did. */
guint           astern_timeline_branch  (AsternTimeline *timeline);

/* Futures that were left: look, drop. */
AsternFutures  *astern_timeline_futures (AsternTimeline *timeline);
/* Up to where @future and the present run are the same. */
AsternMoment    astern_timeline_parting (AsternTimeline *timeline, const AsternFuture *future);
/* At the moment where they part, which is to be the head: executes @future up to its head, which is then the run's.  It is no
 * future any more then; when the move is given up on the way (FALSE), it still is, and the head is there. */
gboolean        astern_timeline_take_up (AsternTimeline *timeline, AsternFuture *future,
                                         gboolean (*cancelled) (gpointer data), gpointer data, GError **error);

/* Snapshots now kept, oldest first, for `info history` and the window. */
typedef struct
{
  AsternMoment moment;
  guint64      guest_ns;
  guint        pages;          /* written since, until the next one */
  gsize        bytes;          /* held on the host */
} AsternTimelineMark;
guint           astern_timeline_marks   (AsternTimeline *timeline);
void            astern_timeline_mark    (AsternTimeline *timeline, guint index, AsternTimelineMark *mark);
/* Its moment alone, which costs nothing. */
AsternMoment    astern_timeline_mark_moment (AsternTimeline *timeline, guint index);
gsize           astern_timeline_bytes   (AsternTimeline *timeline);      /* host memory */

/* How much happened, from the start to the head. */
AsternActivity *astern_timeline_activity (AsternTimeline *timeline);

/* With a recording: half of the budget is for the latest packed pages, the others go there. */
void            astern_timeline_set_spill (AsternTimeline *timeline, const AsternSpill *spill);
gsize           astern_timeline_spilled   (AsternTimeline *timeline);
