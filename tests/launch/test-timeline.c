/* Tests of core/timeline.c with a whole PC: the demo guest, gone through back and forth. */
#include "config.h"

#include "core/timeline.h"

#include "tests/launch/demo-guest.h"

#define N_MOMENTS 24

typedef struct
{
  DemoGuest       guest;
  AsternMachine  *machine;
  AsternTimeline *timeline;
  AsternMoment    moments[N_MOMENTS];
  guint64         hashes[N_MOMENTS];
} Fixture;

/* Runs to @N_MOMENTS moments, and remembers what the machine was there. */
static void
set_up (Fixture *f, gconstpointer smp)
{
  const AsternTimelineOptions history = { .budget_bytes = 1 << 30, .interval_insns = 300000 };

  f->machine = demo_guest_start_without_sleep (&f->guest, smp);
  f->timeline = astern_timeline_new (f->machine, &history);
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      AsternMoment until = { (i + 1) * 123457 + i * i * 17, 0 };

      astern_timeline_run (f->timeline, until);
      f->moments[i] = astern_timeline_present (f->timeline);
      f->hashes[i] = astern_machine_hash (f->machine);
    }
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  astern_timeline_free (f->timeline);
  demo_guest_stop (&f->guest);
}

static void
seek (Fixture *f, AsternMoment where)
{
  g_autoptr (GError) error = NULL;

  astern_timeline_seek (f->timeline, where, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (astern_moment_compare (astern_timeline_present (f->timeline), where), ==, 0);
}

static void
any_moment_is_what_it_was (Fixture *f, gconstpointer unused)
{
  for (guint n = 0; n < 100; n++)
    {
      guint i = (guint) g_test_rand_int_range (0, N_MOMENTS);

      seek (f, f->moments[i]);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[i]);
    }
}

static void
a_step_back_and_forward_is_where_it_was (Fixture *f, gconstpointer unused)
{
  for (guint i = N_MOMENTS; i-- > 0;)
    {
      AsternMoment before = { f->moments[i].icount - 1, 0 };

      seek (f, f->moments[i]);
      for (guint n = 0; n < 5; n++, before.icount--)
        seek (f, before);
      seek (f, f->moments[i]);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[i]);
    }
}

static void
the_run_goes_on_from_the_head_as_if_nobody_had_looked_back (Fixture *f, gconstpointer unused)
{
  AsternMoment end = { f->moments[N_MOMENTS - 1].icount + 1000000, 0 };
  guint64 hash;

  astern_timeline_run (f->timeline, end);
  hash = astern_machine_hash (f->machine);
  seek (f, f->moments[3]);
  g_assert_true (astern_timeline_in_past (f->timeline));
  g_assert_cmpint (astern_timeline_run (f->timeline, (AsternMoment) { G_MAXUINT64, 0 })->reason, ==, ASTERN_STOP_HEAD);
  g_assert_false (astern_timeline_in_past (f->timeline));
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
}

static void
a_branch_has_the_same_past (Fixture *f, gconstpointer unused)
{
  seek (f, f->moments[10]);
  astern_timeline_branch (f->timeline);
  g_assert_false (astern_timeline_in_past (f->timeline));
  astern_timeline_run (f->timeline, f->moments[12]);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[12]);
  seek (f, f->moments[5]);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[5]);
  seek (f, f->moments[11]);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[11]);
}

/* The present run is left at the moment where @id parted from it, and @id is taken up. */
static gboolean
take_up (Fixture *f, guint id, gboolean (*cancelled) (gpointer data), GError **error)
{
  AsternFuture *future = astern_futures_find (astern_timeline_futures (f->timeline), id);

  g_assert_nonnull (future);
  seek (f, astern_timeline_parting (f->timeline, future));
  astern_timeline_branch (f->timeline);
  return astern_timeline_take_up (f->timeline, future, cancelled, NULL, error);
}

static void
type (Fixture *f)
{
  guint port;

  g_assert_true (astern_inputs_find_port (f->machine->inputs, "serial0", &port));
  astern_inputs_deliver_now (f->machine->inputs, port, "x", 1);
}

static void
a_future_that_was_left_can_be_taken_up_again (Fixture *f, gconstpointer unused)
{
  AsternFutures *futures = astern_timeline_futures (f->timeline);
  AsternMoment end = f->moments[N_MOMENTS - 1], other_end;
  guint64 other_hash;

  seek (f, f->moments[10]);
  g_assert_cmpuint (astern_timeline_branch (f->timeline), ==, 1);
  type (f);
  astern_timeline_run (f->timeline, f->moments[14]);
  other_end = astern_timeline_present (f->timeline);
  other_hash = astern_machine_hash (f->machine);
  g_assert_cmphex (other_hash, !=, f->hashes[14]);
  g_assert_cmpint (astern_moment_compare (astern_timeline_parting (f->timeline, astern_futures_at (futures, 0)), f->moments[10]), ==, 0);

  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (take_up (f, round == 0 ? 1 : 3, NULL, NULL));
      g_assert_false (astern_timeline_in_past (f->timeline));
      g_assert_cmpint (astern_moment_compare (astern_timeline_present (f->timeline), end), ==, 0);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[N_MOMENTS - 1]);
      seek (f, f->moments[12]);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[12]);
      g_assert_cmpuint (astern_futures_count (futures), ==, 1);
      g_assert_true (take_up (f, round == 0 ? 2 : 4, NULL, NULL));
      g_assert_cmpint (astern_moment_compare (astern_timeline_present (f->timeline), other_end), ==, 0);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, other_hash);
    }
  astern_futures_drop (futures, astern_futures_at (futures, 0));
  g_assert_cmpuint (astern_futures_count (futures), ==, 0);
}

static gboolean
at_once (gpointer data)
{
  return TRUE;
}

static void
taking_up_a_future_can_be_given_up (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  seek (f, f->moments[10]);
  astern_timeline_branch (f->timeline);
  type (f);
  astern_timeline_run (f->timeline, f->moments[14]);
  g_assert_false (take_up (f, 1, at_once, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (astern_futures_count (astern_timeline_futures (f->timeline)), ==, 2);
  astern_timeline_run (f->timeline, f->moments[11]);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[11]);
  g_assert_true (take_up (f, 1, NULL, NULL));
  g_assert_cmphex (astern_machine_hash (f->machine), ==, f->hashes[N_MOMENTS - 1]);
}

static void
beyond_start_and_head_there_is_nothing (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (astern_timeline_seek (f->timeline, (AsternMoment) { G_MAXUINT64, 0 }, NULL, NULL, &error));
  g_assert_error (error, ASTERN_TIMELINE_ERROR, ASTERN_TIMELINE_ERROR_OUT_OF_RANGE);
}

#define ADD(name)                                                                           \
  g_test_add ("/launch/timeline/" #name, Fixture, "1", set_up, name, tear_down);            \
  g_test_add ("/launch/timeline/smp/" #name, Fixture, "3", set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (any_moment_is_what_it_was);
  ADD (a_step_back_and_forward_is_where_it_was);
  ADD (the_run_goes_on_from_the_head_as_if_nobody_had_looked_back);
  ADD (a_branch_has_the_same_past);
  ADD (a_future_that_was_left_can_be_taken_up_again);
  ADD (taking_up_a_future_can_be_given_up);
  ADD (beyond_start_and_head_there_is_nothing);
  return g_test_run ();
}
