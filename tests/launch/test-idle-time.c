/* Tests of idle time that something from outside cuts short: it has passed for the guest, and it passes again. */
#include "config.h"

#include "core/timeline.h"

#include "tests/launch/demo-guest.h"

#define N_NAPS 20

typedef struct
{
  DemoGuest       guest;
  AsternMachine  *machine;
  AsternTimeline *timeline;
  guint           serial, probe, n_naps, n_cut, n_came;
  guint64         told_ns;        /* the guest time at which an idle time was cut short ... */
  GArray         *told;           /* ... all of them */
} Fixture;

static void
came (gpointer receiver, gconstpointer data, gsize size)
{
  Fixture *f = receiver;
  guint64 now = astern_clock_now_ns (&f->machine->clock);
  guint i = 0;

  f->n_came++;
  if (!f->machine->muted)
    g_assert_cmpuint (now, ==, f->told_ns);
  while (i < f->told->len && g_array_index (f->told, guint64, i) != now)
    i++;
  g_assert_cmpuint (i, <, f->told->len);      /* in the past, too */
}

/* A host that is slept on till a third of the time, and then somebody types; each other time. */
static guint64
nap (gpointer host, guint64 now_ns, guint64 until_ns)
{
  Fixture *f = host;

  if (until_ns == ASTERN_CLOCK_NEVER || ++f->n_naps % 2 == 0)
    return until_ns;
  f->n_cut++;
  f->told_ns = now_ns + (until_ns - now_ns) / 3;
  g_array_append_val (f->told, f->told_ns);
  astern_inputs_submit (f->machine->inputs, f->probe, "", 0);
  astern_inputs_submit (f->machine->inputs, f->serial, "x", 1);
  return f->told_ns;
}

static void
set_up (Fixture *f, gconstpointer smp)
{
  const AsternTimelineOptions history = { .budget_bytes = 1 << 30, .interval_insns = 500000 };

  f->told = g_array_new (FALSE, FALSE, sizeof (guint64));
  f->machine = demo_guest_start (&f->guest, smp, NULL);
  g_assert_true (astern_inputs_find_port (f->machine->inputs, "serial0", &f->serial));
  f->probe = astern_inputs_add_port (f->machine->inputs, "probe", came, f);
  f->machine->idle = nap;
  f->machine->idle_host = f;
  f->machine->wake = NULL;
  f->timeline = astern_timeline_new (f->machine, &history);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  f->machine->idle = NULL;
  astern_timeline_free (f->timeline);
  demo_guest_stop (&f->guest);
  g_array_unref (f->told);
}

static void
run_some (Fixture *f)
{
  astern_timeline_run (f->timeline, (AsternMoment) { f->machine->clock.s.icount + 10000, 0 });
}

static void
time_cut_short_has_passed_when_the_input_comes (Fixture *f, gconstpointer unused)
{
  while (f->n_cut < 20)
    run_some (f);
  run_some (f);
  g_assert_cmpuint (f->n_came, >=, 20);
}

static void
it_passes_again_when_the_past_is_gone_through (Fixture *f, gconstpointer unused)
{
  AsternMoment moments[N_NAPS];
  guint64 hashes[N_NAPS], times[N_NAPS];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_NAPS; i++)
    {
      guint before = f->n_cut;

      while (f->n_cut == before)
        run_some (f);
      moments[i] = astern_timeline_present (f->timeline);
      hashes[i] = astern_machine_hash (f->machine);
      times[i] = astern_clock_now_ns (&f->machine->clock);
    }
  run_some (f);
  for (guint n = 0; n < 40; n++)
    {
      guint i = (guint) g_test_rand_int_range (0, N_NAPS);

      astern_timeline_seek (f->timeline, moments[i], NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (astern_clock_now_ns (&f->machine->clock), ==, times[i]);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, hashes[i]);
    }
}

/* Each state of the machine between what happened at one instruction count is one that can be gone to. */
static void
every_step_in_between_can_be_gone_to (Fixture *f, gconstpointer unused)
{
  AsternMachine *machine = f->machine;
  g_autoptr (GError) error = NULL;
  guint64 icount = 0;
  guint n = 0;

  while (f->n_cut < 5)
    run_some (f);
  run_some (f);
  /* Where the second input came. */
  astern_timeline_seek (f->timeline, astern_timeline_start (f->timeline), NULL, NULL, &error);
  g_assert_no_error (error);
  icount = astern_inputs_next_icount (machine->inputs);
  for (AsternMoment at = { icount, 1 };; at.step++)
    {
      astern_timeline_seek (f->timeline, at, NULL, NULL, &error);
      g_assert_no_error (error);
      if (machine->clock.s.icount != icount)
        break;
      if (machine->clock.s.step == at.step)
        n++;
    }
  g_test_message ("%u steps", n);
  g_assert_cmpuint (n, >=, 25);      /* times, inputs, times' rests; only timers that fire together are not parted */
}

#define ADD(name)                                                                            \
  g_test_add ("/launch/idle-time/" #name, Fixture, "1", set_up, name, tear_down);            \
  g_test_add ("/launch/idle-time/smp/" #name, Fixture, "2", set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (time_cut_short_has_passed_when_the_input_comes);
  ADD (it_passes_again_when_the_past_is_gone_through);
  ADD (every_step_in_between_can_be_gone_to);
  return g_test_run ();
}
