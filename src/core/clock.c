/* clock.c - guest time, see clock.h.
 *
 * A machine has a few dozen timers, so they are an array searched linearly; what
 * an engine asks all the time, the earliest deadline, is kept in next_ns. */
#include "config.h"

#include "core/clock.h"

void
astern_clock_init (AsternClock *clock)
{
  *clock = (AsternClock) { .timers = g_ptr_array_new (), .next_ns = ASTERN_CLOCK_NEVER };
}

void
astern_clock_clear (AsternClock *clock)
{
  g_clear_pointer (&clock->timers, g_ptr_array_unref);
  clock->next_ns = ASTERN_CLOCK_NEVER;
}

AsternMoment
astern_clock_moment (const AsternClock *clock)
{
  return (AsternMoment) { clock->s.icount, clock->s.step };
}

gint64
astern_clock_insns_left (const AsternClock *clock)
{
  guint64 now_ns = astern_clock_now_ns (clock);
  guint64 left;

  if (clock->next_ns == ASTERN_CLOCK_NEVER)
    return G_MAXINT64;
  if (clock->next_ns <= now_ns)
    return 0;
  left = (clock->next_ns - now_ns - 1) / ASTERN_CLOCK_NS_PER_INSN + 1;
  return (gint64) MIN (left, (guint64) G_MAXINT64);
}

/* The timer with the earliest deadline, of several the one added first. */
static AsternTimer *
earliest (const AsternClock *clock)
{
  AsternTimer *found = NULL;

  for (guint i = 0; i < clock->timers->len; i++)
    {
      AsternTimer *timer = g_ptr_array_index (clock->timers, i);

      if (*timer->deadline_ns != ASTERN_CLOCK_NEVER
          && (found == NULL || *timer->deadline_ns < *found->deadline_ns))
        found = timer;
    }
  return found;
}

void
astern_clock_rebuild (AsternClock *clock)
{
  AsternTimer *timer = earliest (clock);

  clock->next_ns = timer != NULL ? *timer->deadline_ns : ASTERN_CLOCK_NEVER;
}

gboolean
astern_clock_fire_due (AsternClock *clock)
{
  gboolean fired = FALSE;

  while (clock->next_ns <= astern_clock_now_ns (clock) && clock->next_ns != ASTERN_CLOCK_NEVER)
    {
      AsternTimer *timer = earliest (clock);

      if (timer == NULL || *timer->deadline_ns > astern_clock_now_ns (clock))
        {
          astern_clock_rebuild (clock);
          continue;
        }
      *timer->deadline_ns = ASTERN_CLOCK_NEVER;
      astern_clock_rebuild (clock);
      clock->s.step++;
      clock->firing = TRUE;
      timer->expired (timer->owner);
      clock->firing = FALSE;
      fired = TRUE;
    }
  return fired;
}

void
astern_clock_skip (AsternClock *clock, guint64 ns)
{
  clock->s.skipped_ns += ns;
}

void
astern_timer_init (AsternTimer *timer, AsternClock *clock, const char *name, guint64 *deadline_ns,
                   AsternTimerFunc expired, gpointer owner)
{
  *timer = (AsternTimer) { clock, name, deadline_ns, expired, owner };
  *deadline_ns = ASTERN_CLOCK_NEVER;
  g_ptr_array_add (clock->timers, timer);
}

void
astern_timer_set (AsternTimer *timer, guint64 deadline_ns)
{
  AsternClock *clock = timer->clock;
  guint64 before_ns = *timer->deadline_ns;

  /* Timers that set timers cannot keep the machine from its next instruction. */
  if (clock->firing && deadline_ns <= astern_clock_now_ns (clock))
    deadline_ns = astern_clock_now_ns (clock) + 1;
  *timer->deadline_ns = deadline_ns;
  if (deadline_ns <= clock->next_ns)
    clock->next_ns = deadline_ns;
  else if (before_ns == clock->next_ns)
    astern_clock_rebuild (clock);
}

void
astern_timer_cancel (AsternTimer *timer)
{
  astern_timer_set (timer, ASTERN_CLOCK_NEVER);
}
