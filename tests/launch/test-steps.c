/* Tests of core/debugger-moves.c with a whole PC: steps over the demo guest's instructions, and back over the same ones. */
#include "config.h"

#include "core/debugger-private.h"

#include "tests/launch/demo-guest.h"

#define N_STEPS      40
#define STEPS_BEFORE 15       /* instructions before an interrupt where stepping begins; those of handlers are not counted */

typedef struct
{
  DemoGuest       guest;
  AsternDebugger *debugger;
  AsternClient   *client;
  GArray         *interrupts;     /* AsternMoment: before each one that CPU 0 was delivered */
} Fixture;

typedef struct { guint64 linear, stack, space; AsternMoment moment; } Place;

static void
note_interrupt (gpointer data, const AsternHit *hit)
{
  g_array_append_val (((Fixture *) data)->interrupts, hit->before);
}

/* The demo has run for a while, and it is known when it was interrupted. */
static void
set_up (Fixture *f, gconstpointer smp)
{
  static const AsternClientFuncs funcs = { .name = "test" };
  const AsternTimelineOptions history = { .budget_bytes = 1 << 30, .interval_insns = 500000 };
  AsternPoint any = { .kind = ASTERN_POINT_INTERRUPT, .start = ASTERN_POINT_ANY, .address_space = ASTERN_POINT_ANY,
                      .error_code = ASTERN_POINT_ANY, .cpu = 0, .enabled = TRUE };
  AsternPoint *point;
  AsternMachine *machine = demo_guest_start_without_sleep (&f->guest, smp);

  f->debugger = astern_debugger_new (machine, &history, NULL);
  f->client = astern_debugger_attach (f->debugger, &funcs, NULL);
  astern_debugger_hold (f->debugger, f->client);
  f->interrupts = g_array_new (FALSE, FALSE, sizeof (AsternMoment));
  point = astern_points_add (machine->points, &any);
  astern_points_set_mode (machine->points, ASTERN_POINTS_RECORD, note_interrupt, f);
  while (f->interrupts->len < 120)
    astern_timeline_run (f->debugger->timeline, (AsternMoment) { machine->clock.s.icount + 300000, 0 });
  astern_points_set_mode (machine->points, ASTERN_POINTS_OFF, NULL, NULL);
  astern_points_remove (machine->points, point);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_array_unref (f->interrupts);
  g_object_unref (f->debugger);
  demo_guest_stop (&f->guest);
}

static AsternMoment
interrupt (Fixture *f, guint i)
{
  return g_array_index (f->interrupts, AsternMoment, i);
}

static AsternWhy
move (Fixture *f, AsternMoveRequest request)
{
  g_autoptr (GError) error = NULL;

  astern_debugger_move (f->debugger, f->client, &request, &error);
  g_assert_no_error (error);
  debugger_make_move (f->debugger);
  return astern_debugger_last_stop (f->debugger)->why;
}

static void
go_to (Fixture *f, AsternMoment moment)
{
  g_assert_cmpint (move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_GOTO, .moment = moment }), ==, ASTERN_WHY_MOVED);
}

static Place
here (Fixture *f)
{
  AsternCpu *cpu = f->guest.launch->machine->cpus[0];
  AsternCodePlace code;

  cpu->sync_out (cpu);
  cpu->klass->code_place (cpu, &code);
  return (Place) { code.linear, cpu->klass->stack_linear (cpu), cpu->klass->address_space (cpu),
                   astern_timeline_present (f->debugger->timeline) };
}

static void
is_same (const Place *there, const Place *back)
{
  g_assert_cmphex (back->linear, ==, there->linear);
  g_assert_cmphex (back->stack, ==, there->stack);
  g_assert_cmphex (back->space, ==, there->space);
}

static void
step_back (Fixture *f, gboolean into)
{
  AsternWhy why = move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_STEP_BACK, .into_interrupts = into });

  g_assert_cmpint (why, ==, ASTERN_WHY_MOVED);
}

/* N steps from where it stands; places[0] is there. */
static void
step_on (Fixture *f, gboolean into, Place *places)
{
  places[0] = here (f);
  for (guint n = 1; n <= N_STEPS; n++)
    {
      AsternWhy why = move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_STEP, .into_interrupts = into });

      g_assert_cmpint (why, ==, ASTERN_WHY_MOVED);
      places[n] = here (f);
    }
}

/* Whether a handler ran between the first place and the last one. */
static gboolean
was_interrupted (const Place *places)
{
  return places[N_STEPS].moment.icount - places[0].moment.icount > N_STEPS + 20;
}

static void
steps_back_meet_the_places_that_steps_met (Fixture *f, gconstpointer unused)
{
  Place places[N_STEPS + 1];
  guint n_interrupted = 0;

  for (guint i = 1; i + 20 < f->interrupts->len; i += 7)
    {
      go_to (f, interrupt (f, i));
      for (guint n = 0; n < STEPS_BEFORE; n++)
        step_back (f, FALSE);
      step_on (f, FALSE, places);
      n_interrupted += was_interrupted (places);
      for (guint n = N_STEPS; n-- > 0;)
        {
          Place back;

          step_back (f, FALSE);
          back = here (f);
          is_same (&places[n], &back);
          /* Perhaps after a handler that has run there, but before the next instruction. */
          g_assert_cmpint (astern_moment_compare (back.moment, places[n].moment), >=, 0);
          g_assert_cmpint (astern_moment_compare (back.moment, places[n + 1].moment), <, 0);
        }
    }
  g_assert_cmpuint (n_interrupted, >=, 8);
}

static void
steps_into_handlers_are_gone_back_one_by_one (Fixture *f, gconstpointer unused)
{
  Place places[N_STEPS + 1];

  for (guint i = 2; i + 20 < f->interrupts->len; i += 11)
    {
      AsternMoment before = interrupt (f, i);

      go_to (f, (AsternMoment) { before.icount - STEPS_BEFORE, 0 });
      step_on (f, TRUE, places);
      for (guint n = N_STEPS; n-- > 0;)
        {
          Place back;

          step_back (f, TRUE);
          back = here (f);
          is_same (&places[n], &back);
          g_assert_cmpuint (back.moment.icount, ==, places[n].moment.icount);
          /* A halted CPU may have slept there already. */
          g_assert_cmpint (astern_moment_compare (back.moment, places[n].moment), >=, 0);
          g_assert_cmpint (astern_moment_compare (back.moment, places[n + 1].moment), <, 0);
        }
    }
}

static gboolean
is_halt (Fixture *f)
{
  guint8 byte = 0;

  astern_debugger_read_memory (f->debugger, 0, ASTERN_SPACE_LINEAR, here (f).linear, &byte, 1);
  return byte == 0xf4;
}

/* The first moment of an interrupt that woke the CPU. */
static AsternMoment
wake_up (Fixture *f)
{
  for (guint i = 0; i < f->interrupts->len; i++)
    {
      go_to (f, (AsternMoment) { interrupt (f, i).icount - 1, 0 });
      if (is_halt (f))
        return interrupt (f, i);
    }
  g_assert_not_reached ();
}

static void
a_halted_cpu_goes_back_to_its_halt (Fixture *f, gconstpointer unused)
{
  Place halted, after, back, halt;

  go_to (f, wake_up (f));
  halted = here (f);
  g_assert_cmpint (move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_STEP }), ==, ASTERN_WHY_MOVED);
  after = here (f);
  g_assert_cmphex (after.linear, !=, halted.linear);
  step_back (f, FALSE);
  back = here (f);
  is_same (&halted, &back);
  g_assert_cmpint (astern_moment_compare (back.moment, halted.moment), >, 0);      /* its handler has run */
  step_back (f, FALSE);
  halt = here (f);
  g_assert_true (is_halt (f));
  g_assert_cmphex (halt.linear + 1, ==, halted.linear);
  g_assert_cmpint (astern_moment_compare (halt.moment, halted.moment), <, 0);
}

static void
from_within_a_handler_one_gets_to_what_it_interrupted (Fixture *f, gconstpointer unused)
{
  AsternMoment before = interrupt (f, 50);
  Place interrupted, back;

  go_to (f, before);
  interrupted = here (f);
  g_assert_cmpint (move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_STEP, .into_interrupts = TRUE }), ==, ASTERN_WHY_MOVED);
  g_assert_cmphex (here (f).linear, !=, interrupted.linear);
  step_back (f, FALSE);
  back = here (f);
  is_same (&interrupted, &back);
  g_assert_cmpint (astern_moment_compare (back.moment, before), ==, 0);
  go_to (f, (AsternMoment) { before.icount + 40, 0 });
  g_assert_cmpint (move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_OUT_BACK }), ==, ASTERN_WHY_MOVED);
  go_to (f, (AsternMoment) { before.icount + 12, 0 });
  g_assert_cmpint (move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_OUT_BACK }), ==, ASTERN_WHY_MOVED);
  back = here (f);
  is_same (&interrupted, &back);
}

typedef struct { AsternMachine *machine; gint over; } Kicker;

/* As astern_debugger_call() does. */
static gpointer
kick_on (gpointer data)
{
  Kicker *kicker = data;

  while (!g_atomic_int_get (&kicker->over))
    astern_machine_kick (kicker->machine, TRUE);
  return NULL;
}

static void
steps_are_counted_right_while_somebody_calls (Fixture *f, gconstpointer unused)
{
  Kicker kicker = { f->guest.launch->machine, 0 };
  GThread *thread;

  go_to (f, (AsternMoment) { 1000, 0 });
  thread = g_thread_new ("kicker", kick_on, &kicker);
  move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_STEP, .count = 3000 });
  g_atomic_int_set (&kicker.over, 1);
  g_thread_join (thread);
  g_assert_cmpuint (here (f).moment.icount, ==, 4000);
}

#define ADD(name)                                                                        \
  g_test_add ("/launch/steps/" #name, Fixture, "1", set_up, name, tear_down);            \
  g_test_add ("/launch/steps/smp/" #name, Fixture, "3", set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (steps_back_meet_the_places_that_steps_met);
  ADD (steps_into_handlers_are_gone_back_one_by_one);
  ADD (a_halted_cpu_goes_back_to_its_halt);
  ADD (steps_are_counted_right_while_somebody_calls);
  ADD (from_within_a_handler_one_gets_to_what_it_interrupted);
  return g_test_run ();
}
