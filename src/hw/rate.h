/* rate - ticks of a fixed frequency as an exact function of guest time.
 *
 * Tick n of a clock of @hz happens at n / hz seconds after power-on, rounded up
 * to the next nanosecond.  Nothing is accumulated, so nothing drifts.
 *
 * Threads: pure functions.
 * Units:   ns of guest time since power-on; hz below 2^32. */
#pragma once

#include <glib.h>

#define HW_NS_PER_S G_GUINT64_CONSTANT (1000000000)

/* How many ticks there have been at @ns. */
static inline guint64
hw_rate_ticks (guint64 ns, guint32 hz)
{
  return ns / HW_NS_PER_S * hz + ns % HW_NS_PER_S * hz / HW_NS_PER_S;
}

/* When tick number @tick happens: the first ns at which hw_rate_ticks() counts it. */
static inline guint64
hw_rate_ns (guint64 tick, guint32 hz)
{
  return tick / hz * HW_NS_PER_S + (tick % hz * HW_NS_PER_S + hz - 1) / hz;
}
