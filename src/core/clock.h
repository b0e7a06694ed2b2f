/* clock - guest time and the timers that live in it.
 *
 * Guest time is a function of the moment: now_ns = icount * ns-per-instruction
 * + time skipped.  Time is skipped when the guest halts (to the next timer) and
 * when it touches a port or a device register (ASTERN_CLOCK_IO_NS each, as on a
 * real bus).  Never host time.
 *
 * A timer's deadline lives in its device's state struct, so that saving the
 * state saves the timer; astern_clock_rebuild() finds the deadlines again after
 * a snapshot was loaded.  Timers that expire at the same time fire in the order
 * in which they were added.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   ns of guest time since power-on; icount as in moment.h. */
#pragma once

#include "core/moment.h"

#define ASTERN_CLOCK_NS_PER_INSN 1
#define ASTERN_CLOCK_IO_NS       1000
#define ASTERN_CLOCK_NEVER       G_MAXUINT64

typedef struct _AsternClock AsternClock;
typedef struct _AsternTimer AsternTimer;

/* Called at the first moment at or after the deadline; the deadline reads
 * ASTERN_CLOCK_NEVER by then and may be set again. */
typedef void (*AsternTimerFunc) (gpointer owner);

struct _AsternTimer
{
  AsternClock     *clock;
  const char      *name;
  guint64         *deadline_ns;   /* in the owner's state struct */
  AsternTimerFunc  expired;
  gpointer         owner;
};

/* The clock's own state, saved and hashed like a device's. */
typedef struct
{
  guint64 icount;       /* instructions retired */
  guint64 skipped_ns;   /* idle and bus time */
  guint32 step;         /* events delivered at this icount */
  guint32 reserved;
} AsternClockState;

struct _AsternClock
{
  AsternClockState s;
  GPtrArray       *timers;         /* AsternTimer, in order of addition; borrowed */
  guint64          next_ns;        /* earliest deadline, or ASTERN_CLOCK_NEVER */
  gboolean         firing;         /* a timer's function is running */
};

void          astern_clock_init       (AsternClock *clock);
void          astern_clock_clear      (AsternClock *clock);

static inline guint64
astern_clock_now_ns (const AsternClock *clock)
{
  return clock->s.icount * ASTERN_CLOCK_NS_PER_INSN + clock->s.skipped_ns;
}

/* @n instructions retired: the one way in which the moment moves on. */
static inline void
astern_clock_retire (AsternClock *clock, guint64 n)
{
  if (n != 0)
    {
      clock->s.icount += n;
      clock->s.step = 0;
    }
}

AsternMoment  astern_clock_moment     (const AsternClock *clock);

/* How many instructions may retire before the next deadline is due: 0 when one
 * is due now, G_MAXINT64 when none is set. */
gint64        astern_clock_insns_left (const AsternClock *clock);

/* Fires every timer that is due, the earliest first, each a step of the moment.
 * Returns whether any fired. */
gboolean      astern_clock_fire_due   (AsternClock *clock);

/* Lets @ns of guest time pass without an instruction. */
void          astern_clock_skip       (AsternClock *clock, guint64 ns);

/* Looks up every timer's deadline again, after state was loaded. */
void          astern_clock_rebuild    (AsternClock *clock);

/* @timer and @deadline_ns must outlive the clock; sets the deadline to NEVER. */
void          astern_timer_init       (AsternTimer *timer, AsternClock *clock, const char *name,
                                       guint64 *deadline_ns, AsternTimerFunc expired, gpointer owner);
/* Set to a time that has passed, a timer is due at once; while timers fire, one
 * nanosecond later, so that no guest can keep them firing for ever. */
void          astern_timer_set        (AsternTimer *timer, guint64 deadline_ns);
void          astern_timer_cancel     (AsternTimer *timer);
