/* Tests of core/activity: by hand, and with a timeline on the least machine. */
#include "config.h"

#include "core/timeline.h"
#include "../gdbstub/small-machine.h"

/* ---- buckets ---- */

typedef struct
{
  AsternMachine  *machine;
  AsternCpu       cpu;
  AsternActivity *activity;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  astern_machine_add_cpu (f->machine, &f->cpu);
  f->activity = astern_activity_new (f->machine);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  astern_activity_free (f->activity);
  astern_machine_free (f->machine);
}

/* Runs up to @until, bucket by bucket, with an interrupt in each stretch. */
static void
run (Fixture *f, guint64 until)
{
  while (f->machine->clock.s.icount < until)
    {
      guint64 due = MIN (astern_activity_due (f->activity), until);

      g_assert_cmpuint (due, >, f->machine->clock.s.icount);
      astern_activity_begin (f->activity);
      f->cpu.interrupts++;
      astern_clock_retire (&f->machine->clock, due - f->machine->clock.s.icount);
      astern_activity_end (f->activity);
    }
}

static void
read_lane (Fixture *f, AsternLane lane, double start, double end, guint n, float *columns)
{
  float *wanted[ASTERN_N_LANES] = { NULL };

  wanted[lane] = columns;
  astern_activity_read (f->activity, start, end, n, wanted);
}

static double
sum (Fixture *f, AsternLane lane, double start, double end)
{
  float columns[7];
  double all = 0;

  read_lane (f, lane, start, end, G_N_ELEMENTS (columns), columns);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    all += columns[i];
  return all;
}

static void
nothing_has_happened_before_it_ran (Fixture *f, gconstpointer unused)
{
  g_assert_cmpfloat (sum (f, ASTERN_LANE_INTERRUPTS, 0, 100), ==, 0);
  g_assert_cmpuint (astern_activity_ns (f->activity, 50), ==, 0);
  astern_activity_cut (f->activity, 0);
  g_assert_cmpuint (astern_activity_lanes (f->activity), ==, ASTERN_N_LANES);
}

static void
what_is_counted_between_begin_and_end_is_all_that_counts (Fixture *f, gconstpointer unused)
{
  f->cpu.exceptions = 1000;
  run (f, 10);
  f->cpu.exceptions += 1000;          /* the past, executed again */
  run (f, 20);
  g_assert_cmpuint (astern_activity_total (f->activity, ASTERN_LANE_EXCEPTIONS), ==, 0);
  g_assert_cmpuint (astern_activity_total (f->activity, ASTERN_LANE_INTERRUPTS), ==, 2);
}

static void
columns_share_what_was_in_a_bucket (Fixture *f, gconstpointer unused)
{
  float columns[4];

  f->cpu.interrupts = 0;
  astern_activity_begin (f->activity);
  f->cpu.interrupts = 8;
  astern_clock_retire (&f->machine->clock, 1000);
  astern_activity_end (f->activity);
  read_lane (f, ASTERN_LANE_INTERRUPTS, -500, 1500, 4, columns);
  g_assert_cmpfloat_with_epsilon (columns[0], 0, 1e-5);
  g_assert_cmpfloat_with_epsilon (columns[1], 4, 1e-5);
  g_assert_cmpfloat_with_epsilon (columns[2], 4, 1e-5);
  g_assert_cmpfloat_with_epsilon (columns[3], 0, 1e-5);
  read_lane (f, ASTERN_LANE_INTERRUPTS, 250, 500, 2, columns);
  g_assert_cmpfloat_with_epsilon (columns[0], 1, 1e-5);
  read_lane (f, ASTERN_LANE_INTERRUPTS, 0, 1600, 2, columns);      /* 800 of 1000, and 200 */
  g_assert_cmpfloat_with_epsilon (columns[0], 6.4, 1e-5);
  g_assert_cmpfloat_with_epsilon (columns[1], 1.6, 1e-5);
  read_lane (f, ASTERN_LANE_INTERRUPTS, 950, 1950, 1, columns);
  g_assert_cmpfloat_with_epsilon (columns[0], 0.4, 1e-5);
}

static void
however_long_it_runs_the_buckets_hold_everything_and_are_not_many (Fixture *f, gconstpointer unused)
{
  const guint64 far = (guint64) 9000 << 17;
  guint64 stretches;

  run (f, far);
  stretches = astern_activity_total (f->activity, ASTERN_LANE_INTERRUPTS);
  /* 4096 of the first length, then half as many of twice it, ... */
  g_assert_cmpuint (stretches, >, 4096);
  g_assert_cmpuint (stretches, <, 9000);
  g_assert_cmpfloat_with_epsilon (sum (f, ASTERN_LANE_INTERRUPTS, 0, (double) far), (double) stretches, 0.5);
  g_assert_cmpfloat_with_epsilon (sum (f, ASTERN_LANE_INTERRUPTS, (double) far, (double) far * 2), 0, 1e-5);
}

static void
a_cut_keeps_what_was_before_it (Fixture *f, gconstpointer unused)
{
  run (f, 4 << 17);
  g_assert_cmpuint (astern_activity_total (f->activity, ASTERN_LANE_INTERRUPTS), ==, 4);
  astern_activity_cut (f->activity, 2 << 17);
  g_assert_cmpuint (astern_activity_total (f->activity, ASTERN_LANE_INTERRUPTS), ==, 2);
  astern_activity_cut (f->activity, 3 << 17);
  g_assert_cmpuint (astern_activity_total (f->activity, ASTERN_LANE_INTERRUPTS), ==, 2);
  astern_activity_cut (f->activity, 1);
  g_assert_cmpuint (astern_activity_total (f->activity, ASTERN_LANE_INTERRUPTS), ==, 0);
}

static void
guest_time_is_known_where_buckets_end_and_between (Fixture *f, gconstpointer unused)
{
  guint64 end_ns, half_ns, edges[3];

  run (f, 1000);
  astern_clock_skip (&f->machine->clock, 5000000);
  end_ns = astern_clock_now_ns (&f->machine->clock);
  astern_activity_begin (f->activity);
  astern_activity_end (f->activity);
  half_ns = astern_activity_ns (f->activity, 500);
  astern_activity_times (f->activity, 0, 1000, 2, edges);
  g_assert_cmpuint (edges[0], ==, 0);
  g_assert_cmpuint (edges[1], ==, half_ns);
  g_assert_cmpuint (edges[2], ==, end_ns);
  g_assert_cmpuint (astern_activity_ns (f->activity, 1000), ==, end_ns);
  g_assert_cmpuint (astern_activity_ns (f->activity, 9999), ==, end_ns);
  g_assert_cmpuint (half_ns, >=, end_ns / 2 - 1);
  g_assert_cmpuint (half_ns, <=, end_ns / 2 + 1);
}

/* ---- with a timeline ---- */

static const guint8 program[] = {
  0xcd, 0x80,              /* 00  int  80h */
  0xf7, 0xf1,              /* 02  div  cx        #DE, which the handler skips */
  0xeb, 0xfa,              /* 04  jmp  0 */
};
static const guint8 handler_80[] = { 0xcf };
/* push bp; mov bp, sp; add word [bp + 2], 2; pop bp; iret */
static const guint8 handler_de[] = { 0x55, 0x89, 0xe5, 0x83, 0x46, 0x02, 0x02, 0x5d, 0xcf };

static void
put (SmallMachine *small, guint64 at, gconstpointer bytes, gsize size)
{
  astern_memory_write (small->machine->memory, small->ram->start + at, bytes, size);
}

static AsternTimeline *
new_timeline (SmallMachine *small)
{
  static const guint16 vector_80[] = { 0x40, 0x1000 }, vector_de[] = { 0x50, 0x1000 };
  const AsternTimelineOptions history = { .budget_bytes = 1 << 24 };

  put (small, CODE, program, sizeof program);
  put (small, CODE + 0x40, handler_80, sizeof handler_80);
  put (small, CODE + 0x50, handler_de, sizeof handler_de);
  put (small, 4 * 0x80, vector_80, sizeof vector_80);
  put (small, 0, vector_de, sizeof vector_de);
  return astern_timeline_new (small->machine, &history);
}

/* A turn is int, iret, (div: no instruction retires), push, mov, add, pop, iret, jmp. */
#define TURN 8

static void
the_past_executed_again_is_not_counted_again (void)
{
  SmallMachine *small = small_machine_new (1, TRUE);
  AsternTimeline *timeline = new_timeline (small);
  AsternActivity *activity = astern_timeline_activity (timeline);
  g_autoptr (GError) error = NULL;

  astern_timeline_run (timeline, (AsternMoment) { 100 * TURN, 0 });
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_SYSCALLS), ==, 100);
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_EXCEPTIONS), ==, 100);
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_INTERRUPTS), ==, 0);

  astern_timeline_seek (timeline, (AsternMoment) { 50 * TURN, 0 }, NULL, NULL, &error);
  g_assert_no_error (error);
  astern_timeline_run (timeline, (AsternMoment) { 100 * TURN, 0 });
  g_assert_false (astern_timeline_in_past (timeline));
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_SYSCALLS), ==, 100);
  astern_timeline_run (timeline, (AsternMoment) { 101 * TURN, 0 });
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_SYSCALLS), ==, 101);

  astern_timeline_free (timeline);
  small_machine_free (small);
}

static void
a_branch_drops_what_came_after_it (void)
{
  SmallMachine *small = small_machine_new (1, TRUE);
  AsternTimeline *timeline = new_timeline (small);
  AsternActivity *activity = astern_timeline_activity (timeline);
  g_autoptr (GError) error = NULL;

  astern_timeline_run (timeline, (AsternMoment) { 100 * TURN, 0 });
  astern_timeline_seek (timeline, (AsternMoment) { 25 * TURN, 0 }, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (astern_timeline_branch (timeline), ==, 1);
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_SYSCALLS), ==, 25);
  astern_timeline_run (timeline, (AsternMoment) { 26 * TURN, 0 });
  g_assert_cmpuint (astern_activity_total (activity, ASTERN_LANE_SYSCALLS), ==, 26);

  astern_timeline_free (timeline);
  small_machine_free (small);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/activity/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (nothing_has_happened_before_it_ran);
  ADD (what_is_counted_between_begin_and_end_is_all_that_counts);
  ADD (columns_share_what_was_in_a_bucket);
  ADD (however_long_it_runs_the_buckets_hold_everything_and_are_not_many);
  ADD (a_cut_keeps_what_was_before_it);
  ADD (guest_time_is_known_where_buckets_end_and_between);
#undef ADD
  g_test_add_func ("/activity/the_past_executed_again_is_not_counted_again", the_past_executed_again_is_not_counted_again);
  g_test_add_func ("/activity/a_branch_drops_what_came_after_it", a_branch_drops_what_came_after_it);
  return g_test_run ();
}
