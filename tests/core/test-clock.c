/* Tests of core/clock. */
#include "config.h"

#include "core/clock.h"

#define N_TIMERS 4

typedef struct _Fixture Fixture;
typedef struct { Fixture *fixture; char name; } Owner;

struct _Fixture
{
  AsternClock clock;
  AsternTimer timers[N_TIMERS];
  guint64     deadlines[N_TIMERS];
  GString    *log;               /* names of timers as they fire */
  AsternTimer *sets;             /* (nullable): what a firing timer sets ... */
  guint64     sets_ns;           /* ... to this */
  Owner       owners[N_TIMERS];
};

static void
expired (gpointer data)
{
  Owner *owner = data;
  Fixture *f = owner->fixture;

  g_string_append_c (f->log, owner->name);
  if (f->sets != NULL)
    astern_timer_set (f->sets, f->sets_ns);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->log = g_string_new (NULL);
  astern_clock_init (&f->clock);
  for (guint i = 0; i < N_TIMERS; i++)
    {
      f->owners[i] = (Owner) { f, (char) ('a' + i) };
      f->deadlines[i] = 12345;
      astern_timer_init (&f->timers[i], &f->clock, "timer", &f->deadlines[i], expired, &f->owners[i]);
    }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_clock_clear (&f->clock);
  g_string_free (f->log, TRUE);
}

static void
time_is_instructions_and_what_was_skipped (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (astern_clock_now_ns (&f->clock), ==, 0);
  astern_clock_retire (&f->clock, 500);
  astern_clock_skip (&f->clock, 1000);
  g_assert_cmpuint (astern_clock_now_ns (&f->clock), ==, 500 * ASTERN_CLOCK_NS_PER_INSN + 1000);
  g_assert_cmpuint (astern_clock_moment (&f->clock).icount, ==, 500);
}

static void
a_new_timer_is_not_set (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (f->deadlines[0], ==, ASTERN_CLOCK_NEVER);
  g_assert_cmpint (astern_clock_insns_left (&f->clock), ==, G_MAXINT64);
  g_assert_false (astern_clock_fire_due (&f->clock));
}

static void
the_earliest_deadline_bounds_the_instructions (Fixture *f, gconstpointer data)
{
  astern_timer_set (&f->timers[0], 300);
  astern_timer_set (&f->timers[1], 100);
  g_assert_cmpint (astern_clock_insns_left (&f->clock), ==, 100 / ASTERN_CLOCK_NS_PER_INSN);
  astern_timer_set (&f->timers[1], 400);
  g_assert_cmpint (astern_clock_insns_left (&f->clock), ==, 300 / ASTERN_CLOCK_NS_PER_INSN);
  astern_timer_cancel (&f->timers[0]);
  g_assert_cmpint (astern_clock_insns_left (&f->clock), ==, 400 / ASTERN_CLOCK_NS_PER_INSN);
  astern_clock_skip (&f->clock, 400);
  g_assert_cmpint (astern_clock_insns_left (&f->clock), ==, 0);
}

static void
a_timer_fires_once_and_not_before_its_time (Fixture *f, gconstpointer data)
{
  astern_timer_set (&f->timers[0], 10);
  astern_clock_skip (&f->clock, 9);
  g_assert_false (astern_clock_fire_due (&f->clock));
  astern_clock_skip (&f->clock, 1);
  g_assert_true (astern_clock_fire_due (&f->clock));
  g_assert_false (astern_clock_fire_due (&f->clock));
  g_assert_cmpstr (f->log->str, ==, "a");
  g_assert_cmpuint (f->deadlines[0], ==, ASTERN_CLOCK_NEVER);
}

static void
timers_fire_by_deadline_then_in_order_of_addition (Fixture *f, gconstpointer data)
{
  astern_timer_set (&f->timers[3], 10);
  astern_timer_set (&f->timers[0], 20);
  astern_timer_set (&f->timers[2], 10);
  astern_timer_set (&f->timers[1], 20);
  astern_clock_skip (&f->clock, 50);
  g_assert_true (astern_clock_fire_due (&f->clock));
  g_assert_cmpstr (f->log->str, ==, "cdab");
}

static void
each_firing_is_a_step_of_the_moment (Fixture *f, gconstpointer data)
{
  astern_timer_set (&f->timers[0], 1);
  astern_timer_set (&f->timers[1], 1);
  astern_clock_retire (&f->clock, 1);
  astern_clock_skip (&f->clock, 1);
  astern_clock_fire_due (&f->clock);
  g_assert_cmpuint (astern_clock_moment (&f->clock).icount, ==, 1);
  g_assert_cmpuint (astern_clock_moment (&f->clock).step, ==, 2);
  astern_clock_retire (&f->clock, 0);
  g_assert_cmpuint (astern_clock_moment (&f->clock).step, ==, 2);
  astern_clock_retire (&f->clock, 1);
  g_assert_cmpuint (astern_clock_moment (&f->clock).step, ==, 0);
}

static void
timers_that_set_each_other_do_not_stop_time (Fixture *f, gconstpointer data)
{
  f->sets = &f->timers[1];
  f->sets_ns = 0;
  astern_timer_set (&f->timers[0], 10);
  astern_clock_skip (&f->clock, 10);
  g_assert_true (astern_clock_fire_due (&f->clock));
  g_assert_cmpstr (f->log->str, ==, "a");
  g_assert_cmpuint (f->deadlines[1], ==, 11);
  g_assert_cmpint (astern_clock_insns_left (&f->clock), ==, 1);
}

static void
loaded_deadlines_count_after_a_rebuild (Fixture *f, gconstpointer data)
{
  astern_timer_set (&f->timers[0], 1000);
  f->deadlines[0] = ASTERN_CLOCK_NEVER;      /* as loading a device's state does */
  f->deadlines[2] = 70;
  astern_clock_rebuild (&f->clock);
  g_assert_cmpuint (f->clock.next_ns, ==, 70);
  astern_clock_skip (&f->clock, 2000);
  astern_clock_fire_due (&f->clock);
  g_assert_cmpstr (f->log->str, ==, "c");
}

/* A set of deadlines that a test walks by hand and the clock by its index. */
static void
random_settings_fire_as_a_plain_list_would (Fixture *f, gconstpointer data)
{
  for (guint round = 0; round < 2000; round++)
    {
      guint i = (guint) g_test_rand_int_range (0, N_TIMERS);
      guint64 now = astern_clock_now_ns (&f->clock), next = ASTERN_CLOCK_NEVER;

      if (g_test_rand_int_range (0, 4) == 0)
        astern_timer_cancel (&f->timers[i]);
      else
        astern_timer_set (&f->timers[i], now + (guint64) g_test_rand_int_range (0, 50));
      for (guint j = 0; j < N_TIMERS; j++)
        next = MIN (next, f->deadlines[j]);
      g_assert_cmpuint (f->clock.next_ns, ==, next);
      astern_clock_retire (&f->clock, (guint64) g_test_rand_int_range (0, 20));
      astern_clock_fire_due (&f->clock);
      for (guint j = 0; j < N_TIMERS; j++)
        g_assert_cmpuint (f->deadlines[j], >, astern_clock_now_ns (&f->clock));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/clock/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (time_is_instructions_and_what_was_skipped);
  ADD (a_new_timer_is_not_set);
  ADD (the_earliest_deadline_bounds_the_instructions);
  ADD (a_timer_fires_once_and_not_before_its_time);
  ADD (timers_fire_by_deadline_then_in_order_of_addition);
  ADD (each_firing_is_a_step_of_the_moment);
  ADD (timers_that_set_each_other_do_not_stop_time);
  ADD (loaded_deadlines_count_after_a_rebuild);
  ADD (random_settings_fire_as_a_plain_list_would);
  return g_test_run ();
}
