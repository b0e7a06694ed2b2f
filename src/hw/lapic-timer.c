/* lapic-timer.c - local APIC: its timer.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter
 * "APIC", section "APIC Timer".
 *
 * The count is a function of guest time; a deadline is set only while the timer would interrupt. */
#include "config.h"

#include "hw/lapic-private.h"

static guint
timer_mode (const LapicState *s)
{
  return s->lvt[LVT_TIMER] >> 17 & 3;
}

static guint64
tick_ns (const LapicState *s)
{
  guint code = (s->divide >> 1 & 4) | (s->divide & 3);

  return G_GUINT64_CONSTANT (1) << (code + 1) % 8;
}

static guint64
ticks_since (const LapicState *s, guint64 now_ns)
{
  return (now_ns - s->timer_ns) / tick_ns (s);
}

guint32
lapic_timer_count (const LapicState *s, guint64 now_ns)
{
  guint64 ticks = ticks_since (s, now_ns);

  if (timer_mode (s) == TIMER_TSC_DEADLINE)
    return 0;
  if (ticks < s->timer_count)
    return s->timer_count - ticks;
  if (timer_mode (s) != TIMER_PERIODIC || s->initial_count == 0)
    return 0;
  return s->initial_count - (ticks - s->timer_count) % s->initial_count;
}

void
lapic_timer_arm (Lapic *lapic)
{
  const LapicState *s = &lapic->s;
  guint64 now_ns = astern_clock_now_ns (lapic->parent.clock);
  guint32 count = lapic_timer_count (s, now_ns);
  guint64 deadline_ns = ASTERN_CLOCK_NEVER;

  if (timer_mode (s) == TIMER_TSC_DEADLINE)
    {
      if (s->tsc_deadline != 0)
        deadline_ns = s->tsc_deadline;
    }
  else if (count != 0 && !(s->lvt[LVT_TIMER] & LVT_MASKED))
    deadline_ns = s->timer_ns + (ticks_since (s, now_ns) + count) * tick_ns (s);
  astern_timer_set (&lapic->timer, deadline_ns);
}

static void
timer_expired (gpointer owner)
{
  Lapic *lapic = owner;

  lapic->s.tsc_deadline = 0;
  lapic_deliver_local (lapic, LVT_TIMER);
  lapic_timer_arm (lapic);
}

void
lapic_timer_start (Lapic *lapic, guint32 count)
{
  lapic->s.timer_ns = astern_clock_now_ns (lapic->parent.clock);
  lapic->s.timer_count = count;
  lapic_timer_arm (lapic);
}

void
lapic_timer_changed (Lapic *lapic, guint32 before)
{
  LapicState *s = &lapic->s;
  guint was = before >> 17 & 3, is = timer_mode (s);

  if (was != is && (was == TIMER_TSC_DEADLINE || is == TIMER_TSC_DEADLINE))
    {
      s->tsc_deadline = 0;
      s->initial_count = 0;
      lapic_timer_start (lapic, 0);
    }
  else
    lapic_timer_arm (lapic);
}

gboolean
lapic_timer_is_deadline (const LapicState *s)
{
  return timer_mode (s) == TIMER_TSC_DEADLINE;
}

void
lapic_timer_init (Lapic *lapic)
{
  astern_timer_init (&lapic->timer, lapic->parent.clock, "lapic", &lapic->s.deadline_ns,
                     timer_expired, lapic);
}
