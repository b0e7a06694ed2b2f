/* activity - how much happened in each stretch of a run, by lane: interrupts, exceptions, system calls, mode changes, and accesses
 * to each device.
 *
 * CPUs and devices count what happens to them, whether it happens for the first time or again; at the head of the run
 * the timeline asks for what came in between (begin, end), so that only the first time counts.  What is kept are *buckets*: stretches
 * of equal length, of which there are at most some thousands; when there are more, each two become one.
 *
 * None of this is state of the guest: it is in no snapshot and in no hash, and nothing that the guest sees depends on it.
 *
 * Threads: the thread that runs the machine.
 * Units:   instructions (icount); guest ns. */
#pragma once

#include <glib.h>

typedef struct _AsternActivity AsternActivity;
typedef struct _AsternMachine  AsternMachine;

/* The first lanes; those of the machine's devices follow, in their order. */
typedef enum
{
  ASTERN_LANE_INTERRUPTS,     /* taken by CPUs; not INT n */
  ASTERN_LANE_EXCEPTIONS,
  ASTERN_LANE_SYSCALLS,       /* SYSCALL, SYSENTER, INT 80h */
  ASTERN_LANE_MODES,          /* real, protected, V86, long, ... */
  ASTERN_N_LANES
} AsternLane;

/* All devices are there. */
AsternActivity *astern_activity_new     (AsternMachine *machine);
void            astern_activity_free    (AsternActivity *activity);

/* The machine is at the head and runs between these two; at most up to astern_activity_due() if the buckets are to be of one length. */
void            astern_activity_begin   (AsternActivity *activity);
void            astern_activity_end     (AsternActivity *activity);
guint64         astern_activity_due     (AsternActivity *activity);
/* The run goes on from @icount, another way.  The bucket that this cuts in two keeps its share, by its length: what was where in it is
 * not known any more. */
void            astern_activity_cut     (AsternActivity *activity, guint64 icount);

guint           astern_activity_lanes   (AsternActivity *activity);
/* A device's name, NULL for the first lanes. */
const char     *astern_activity_device  (AsternActivity *activity, guint lane);
/* In the whole run. */
guint64         astern_activity_total   (AsternActivity *activity, guint lane);

/* How much of each lane was in each of @n_columns equal parts of [@start, @end): where a bucket has several columns, they share its
 * number.  @columns[lane], n_columns long, are filled; NULL: that lane is not wanted.
 * Cost: some ns for each bucket and lane, or column and lane, whichever are more. */
void            astern_activity_read    (AsternActivity *activity, double start, double end, guint n_columns, float *const *columns);
/* The guest's time at @icount, between buckets' ends by interpolation. */
guint64         astern_activity_ns      (AsternActivity *activity, guint64 icount);
/* At the n_columns + 1 edges of such columns. */
void            astern_activity_times   (AsternActivity *activity, double start, double end, guint n_columns, guint64 *ns);
