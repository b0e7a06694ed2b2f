/* device-fixture - a device under test: its clock, and a probe for its wires.
 *
 * Threads: a test program's own. */
#pragma once

#include "core/device.h"

/* What is heard on a wire. */
typedef struct
{
  gboolean level;
  guint    rises;
} Probe;

static inline void
probe_changed (gpointer receiver, guint line, gboolean level)
{
  Probe *probe = receiver;

  if (level && !probe->level)
    probe->rises++;
  probe->level = level;
}

static inline void
probe_connect (Probe *probe, AsternIrq *wire)
{
  astern_irq_connect (wire, probe_changed, probe, 0);
}

/* Lets guest time pass, timer by timer. */
static inline void
clock_run (AsternClock *clock, guint64 ns)
{
  guint64 end_ns = astern_clock_now_ns (clock) + ns;

  while (clock->next_ns <= end_ns)
    {
      guint64 now_ns = astern_clock_now_ns (clock);

      if (clock->next_ns > now_ns)
        astern_clock_skip (clock, clock->next_ns - now_ns);
      astern_clock_fire_due (clock);
      astern_clock_retire (clock, 1);
      clock->s.skipped_ns -= ASTERN_CLOCK_NS_PER_INSN;
    }
  if (end_ns > astern_clock_now_ns (clock))
    astern_clock_skip (clock, end_ns - astern_clock_now_ns (clock));
}
