/* Pacing: the rule with made-up clocks, and waking. */
#include "config.h"

#include "host/idle.h"

#define MS (G_GUINT64_CONSTANT (1000) * 1000)

static void
a_guest_in_step_sleeps_until_its_time (void)
{
  guint64 anchor = 5 * MS;

  g_assert_cmpuint (astern_pacer_plan (10 * MS, 15 * MS, 19 * MS, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, 4 * MS);
  g_assert_cmpuint (anchor, ==, 5 * MS);
}

static void
a_guest_that_is_behind_does_not_sleep_until_it_has_caught_up (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 500 * MS, 900 * MS, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, 0);
  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 900 * MS, 1100 * MS, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, 100 * MS);
}

static void
a_guest_far_behind_forgets_most_of_it (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (60000 * MS, 0, 11000 * MS, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, 1000 * MS);
}

static void
a_guest_that_is_heard_does_not_catch_up (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (5000 * MS, 1000 * MS, 1050 * MS, ASTERN_PACER_HEARD_LAG_NS, &anchor), ==, 30 * MS);
}

static void
a_guest_that_is_ahead_waits_for_the_host (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 1050 * MS, 1060 * MS, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, 60 * MS);
  g_assert_cmpuint (anchor, ==, 0);
}

static void
a_long_computation_is_not_paid_for_by_a_long_sleep (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 9000 * MS, 9010 * MS, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, 110 * MS);
}

static void
a_guest_without_a_timer_waits_for_an_input (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (MS, MS, G_MAXUINT64, ASTERN_PACER_MAX_LAG_NS, &anchor), ==, G_MAXUINT64);
}

static gboolean
flag_is_set (gpointer flag)
{
  return g_atomic_int_get ((gint *) flag);
}

typedef struct
{
  AsternPacer *pacer;
  gint         flag;
} Sleeper;

static gpointer
wake_soon (gpointer data)
{
  Sleeper *sleeper = data;

  g_atomic_int_set (&sleeper->flag, 1);
  astern_pacer_wake (sleeper->pacer);
  return NULL;
}

static void
waking_ends_an_endless_sleep (void)
{
  Sleeper sleeper = { NULL, 0 };
  GThread *thread;

  sleeper.pacer = astern_pacer_new (TRUE, flag_is_set, &sleeper.flag);
  thread = g_thread_new ("waker", wake_soon, &sleeper);
  astern_pacer_idle (sleeper.pacer, 0, G_MAXUINT64);
  g_thread_join (thread);
  astern_pacer_free (sleeper.pacer);
}

static void
nothing_sleeps_while_an_input_waits (void)
{
  gint flag = 1;
  g_autoptr (AsternPacer) pacer = astern_pacer_new (TRUE, flag_is_set, &flag);

  astern_pacer_idle (pacer, 0, G_MAXUINT64);
}

static void
an_old_wake_does_not_shorten_a_sleep (void)
{
  gint flag = 0;
  g_autoptr (AsternPacer) pacer = astern_pacer_new (TRUE, flag_is_set, &flag);
  gint64 start = g_get_monotonic_time ();

  astern_pacer_wake (pacer);
  astern_pacer_idle (pacer, 0, 5 * MS);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 4900);
}

static void
without_sleep_idle_time_takes_no_time (void)
{
  gint flag = 0;
  g_autoptr (AsternPacer) pacer = astern_pacer_new (FALSE, flag_is_set, &flag);
  gint64 start = g_get_monotonic_time ();

  astern_pacer_idle (pacer, 0, 3600 * 1000 * MS);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

static void
a_guest_that_is_woken_early_is_told_what_has_passed (void)
{
  gint flag = 1;
  g_autoptr (AsternPacer) pacer = astern_pacer_new (TRUE, flag_is_set, &flag);
  g_autoptr (AsternPacer) unpaced = astern_pacer_new (FALSE, flag_is_set, &flag);
  const guint64 until = 3600 * 1000 * MS;
  gint64 start = g_get_monotonic_time (), most;
  guint64 ended = astern_pacer_idle (pacer, 5 * MS, until);

  g_assert_cmpuint (ended, >=, 5 * MS);      /* the first idle time is where both clocks begin */
  while (g_get_monotonic_time () < start + 3000)
    g_thread_yield ();
  ended = astern_pacer_idle (pacer, 5 * MS, until);
  most = g_get_monotonic_time () - start;
  g_assert_cmpuint (ended, >, 5 * MS);
  g_assert_cmpuint (ended, <=, 5 * MS + (guint64) most * 1000 + 1000);
  g_assert_cmpuint (astern_pacer_idle (pacer, 5 * MS, 5 * MS + 10), ==, 5 * MS + 10);
  g_assert_cmpuint (astern_pacer_idle (unpaced, 5 * MS, G_MAXUINT64), ==, 5 * MS);
}

#define ADD(name) g_test_add_func ("/host/idle/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_guest_in_step_sleeps_until_its_time);
  ADD (a_guest_that_is_behind_does_not_sleep_until_it_has_caught_up);
  ADD (a_guest_far_behind_forgets_most_of_it);
  ADD (a_guest_that_is_heard_does_not_catch_up);
  ADD (a_guest_that_is_ahead_waits_for_the_host);
  ADD (a_long_computation_is_not_paid_for_by_a_long_sleep);
  ADD (a_guest_without_a_timer_waits_for_an_input);
  ADD (waking_ends_an_endless_sleep);
  ADD (nothing_sleeps_while_an_input_waits);
  ADD (a_guest_that_is_woken_early_is_told_what_has_passed);
  ADD (an_old_wake_does_not_shorten_a_sleep);
  ADD (without_sleep_idle_time_takes_no_time);
  return g_test_run ();
}
