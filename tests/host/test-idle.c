/* Pacing: the rule with made-up clocks, and waking. */
#include "config.h"

#include "host/idle.h"

#define MS (G_GUINT64_CONSTANT (1000) * 1000)

static void
a_guest_in_step_sleeps_until_its_time (void)
{
  guint64 anchor = 5 * MS;

  g_assert_cmpuint (astern_pacer_plan (10 * MS, 15 * MS, 19 * MS, &anchor), ==, 4 * MS);
  g_assert_cmpuint (anchor, ==, 5 * MS);
}

static void
a_guest_that_is_behind_does_not_sleep_until_it_has_caught_up (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 500 * MS, 900 * MS, &anchor), ==, 0);
  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 900 * MS, 1100 * MS, &anchor), ==, 100 * MS);
}

static void
a_guest_far_behind_forgets_most_of_it (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (60000 * MS, 0, 11000 * MS, &anchor), ==, 1000 * MS);
}

static void
a_guest_that_is_ahead_waits_for_the_host (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 1050 * MS, 1060 * MS, &anchor), ==, 60 * MS);
  g_assert_cmpuint (anchor, ==, 0);
}

static void
a_long_computation_is_not_paid_for_by_a_long_sleep (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (1000 * MS, 9000 * MS, 9010 * MS, &anchor), ==, 110 * MS);
}

static void
a_guest_without_a_timer_waits_for_an_input (void)
{
  guint64 anchor = 0;

  g_assert_cmpuint (astern_pacer_plan (MS, MS, G_MAXUINT64, &anchor), ==, G_MAXUINT64);
}

static gpointer
wake_soon (gpointer pacer)
{
  astern_pacer_wake (pacer);
  return NULL;
}

static void
waking_ends_an_endless_sleep (void)
{
  g_autoptr (AsternPacer) pacer = astern_pacer_new (TRUE);
  GThread *thread = g_thread_new ("waker", wake_soon, pacer);

  astern_pacer_idle (pacer, 0, G_MAXUINT64);
  g_thread_join (thread);
}

static void
waking_before_the_sleep_is_not_lost (void)
{
  g_autoptr (AsternPacer) pacer = astern_pacer_new (TRUE);

  astern_pacer_wake (pacer);
  astern_pacer_idle (pacer, 0, G_MAXUINT64);
}

static void
without_sleep_idle_time_takes_no_time (void)
{
  g_autoptr (AsternPacer) pacer = astern_pacer_new (FALSE);
  gint64 start = g_get_monotonic_time ();

  astern_pacer_idle (pacer, 0, 3600 * 1000 * MS);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

#define ADD(name) g_test_add_func ("/host/idle/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_guest_in_step_sleeps_until_its_time);
  ADD (a_guest_that_is_behind_does_not_sleep_until_it_has_caught_up);
  ADD (a_guest_far_behind_forgets_most_of_it);
  ADD (a_guest_that_is_ahead_waits_for_the_host);
  ADD (a_long_computation_is_not_paid_for_by_a_long_sleep);
  ADD (a_guest_without_a_timer_waits_for_an_input);
  ADD (waking_ends_an_endless_sleep);
  ADD (waking_before_the_sleep_is_not_lost);
  ADD (without_sleep_idle_time_takes_no_time);
  return g_test_run ();
}
