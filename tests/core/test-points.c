/* test-points - matching, counting and waiting of hits, with a CPU of our own that executes nothing. */
#include "config.h"

#include "core/expression.h"
#include "core/machine.h"

#include <string.h>

#define ANY ASTERN_POINT_ANY
#define RAM 0x10000

/* A CPU whose linear page n is physical page n + 4; the space is what its state says. */
typedef struct
{
  AsternCpu parent;
  guint64   space;
} OurCpu;

static gboolean
translate (AsternCpu *cpu, guint64 linear, guint64 *physical)
{
  if (linear >= RAM - 0x4000)
    return FALSE;
  *physical = linear + 0x4000;
  return TRUE;
}

static guint64
address_space (const AsternCpu *cpu)
{
  return ((const OurCpu *) cpu)->space;
}

static void
code_place (const AsternCpu *cpu, AsternCodePlace *place)
{
  *place = (AsternCodePlace) { .bits = 32, .pc = 0x77, .linear = 0x77 };
}

static const AsternCpuClass cpu_class = {
  .name = "ours", .translate = translate, .address_space = address_space, .code_place = code_place,
};

typedef struct
{
  AsternMachine *machine;
  AsternPoints  *points;
  OurCpu         cpus[2];
  AsternHit      hits[16];
  guint          n_hits;
  guint          n_changes;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  GError *error = NULL;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (f->machine->physical, 0, astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error), 0);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      f->cpus[i].parent.klass = &cpu_class;
      f->cpus[i].space = 0x1000 * (i + 1);
      astern_machine_add_cpu (f->machine, &f->cpus[i].parent);
    }
  f->points = f->machine->points;
  astern_points_enter (f->points);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
told (gpointer data, const AsternHit *hit)
{
  Fixture *f = data;

  f->hits[f->n_hits++] = *hit;
}

static AsternPoint *
add (Fixture *f, AsternPointKind kind, AsternSpace space, guint64 start, guint64 size)
{
  AsternPoint p = { .kind = kind, .space = space, .start = start, .size = size, .address_space = ANY, .error_code = ANY,
                    .cpu = ANY, .enabled = TRUE };

  return astern_points_add (f->points, &p);
}

/* A new run: why the last one ended is forgotten. */
static gboolean
happens (Fixture *f, const AsternHit *hit)
{
  f->machine->stop.reason = ASTERN_STOP_NONE;
  return astern_points_happened (f->points, hit);
}

static AsternHit
write_of (guint64 linear, guint size, guint64 old_value, guint64 new_value)
{
  return (AsternHit) { .kind = ASTERN_POINT_MEMORY, .linear = linear, .physical = linear + 0x4000, .size = (guint8) size,
                       .access = ASTERN_ACCESS_WRITE, .has_old = 1, .has_new = 1, .old_value = old_value,
                       .new_value = new_value };
}

static AsternHit
code_at (guint64 pc, AsternMoment at)
{
  return (AsternHit) { .kind = ASTERN_POINT_EXECUTE, .pc = pc, .offset = pc - 0x100, .physical = pc + 0x4000, .before = at,
                       .after = at };
}

static void
nothing_is_armed_while_off (Fixture *f, gconstpointer data)
{
  AsternHit hit = write_of (0x100, 4, 0, 1);
  AsternPoint *point = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x100, 4);

  g_assert_cmphex (astern_points_armed (f->points), ==, 0);
  g_assert_false (happens (f, &hit));
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  g_assert_cmphex (astern_points_armed (f->points), ==, 1 << ASTERN_POINT_MEMORY);
  g_assert_true (happens (f, &hit));
  point->enabled = FALSE;
  astern_points_changed (f->points, point);
  g_assert_cmphex (astern_points_armed (f->points), ==, 0);
  g_assert_false (happens (f, &hit));
}

static void
an_access_that_overlaps_hits_and_its_neighbours_do_not (Fixture *f, gconstpointer data)
{
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x102, 2);
  for (guint64 at = 0xf0; at < 0x110; at++)
    {
      AsternHit hit = write_of (at, 4, 0, 1);

      g_assert_cmpint (happens (f, &hit), ==, at > 0x102 - 4 && at < 0x104);
    }
}

static void
only_changes_of_watched_bytes_count_for_changes_only (Fixture *f, gconstpointer data)
{
  AsternPoint *point = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x102, 1);
  AsternHit beside = write_of (0x100, 4, 0x11223344, 0x55226677), on = write_of (0x100, 4, 0x11223344, 0x11993344);

  point->changes_only = TRUE;
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  g_assert_false (happens (f, &beside));
  g_assert_true (happens (f, &on));
}

static void
spaces_are_told_apart (Fixture *f, gconstpointer data)
{
  AsternHit hit = code_at (0x500, (AsternMoment) { 1, 0 });

  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x500, 1);
  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, 0x400, 1);
  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_PHYSICAL, 0x4500, 1);
  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x400, 1);
  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, 0x500, 1);
  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_PHYSICAL, 0x500, 1);
  happens (f, &hit);
  g_assert_cmpuint (f->n_hits, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (f->hits[i].point->id, ==, i + 1);
}

static void
a_point_may_be_bound_to_an_address_space_and_a_cpu (Fixture *f, gconstpointer data)
{
  AsternPoint *point = add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x500, 1);
  AsternHit hit = code_at (0x500, (AsternMoment) { 1, 0 });

  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  point->address_space = 0x2000;
  g_assert_false (happens (f, &hit));
  hit.cpu = 1;
  g_assert_true (happens (f, &hit));
  point->cpu = 0;
  g_assert_false (happens (f, &hit));
}

static gboolean
never (const AsternPoint *point, const AsternHit *hit)
{
  return FALSE;
}

static void
conditions_of_both_kinds_are_asked (Fixture *f, gconstpointer data)
{
  AsternPoint *point = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x100, 4);
  AsternHit hit = write_of (0x100, 4, 1, 7);
  GError *error = NULL;

  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  point->condition = astern_expression_new ("$new == 7 && $old == 1 && $addr == 0x100", &cpu_class, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (happens (f, &hit));
  hit.new_value = 8;
  g_assert_false (happens (f, &hit));
  hit.new_value = 7;
  point->holds = never;
  g_assert_false (happens (f, &hit));
  g_assert_cmpuint (point->hits, ==, 1);
}

static void
a_condition_that_faults_does_not_hold (Fixture *f, gconstpointer data)
{
  AsternPoint *point = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x100, 4);
  AsternHit hit = write_of (0x100, 4, 1, 7);

  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  point->condition = astern_expression_new ("1 / ($new - 7)", &cpu_class, NULL, NULL);
  g_assert_false (happens (f, &hit));
}

static void
the_first_point_by_id_is_why_it_stops (Fixture *f, gconstpointer data)
{
  AsternHit hit = write_of (0x100, 4, 1, 7);
  AsternPoint *ignoring = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x100, 4), *second, *third;

  ignoring->ignore = 1;
  second = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_PHYSICAL, 0x4000, 0x1000);
  third = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x80, 0x200);
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  g_assert_true (happens (f, &hit));
  g_assert_true (astern_points_last_hit (f->points)->point == second);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_POINT);
  g_assert_cmpuint (ignoring->hits + second->hits + third->hits, ==, 3);
  g_assert_true (happens (f, &hit));
  g_assert_true (astern_points_last_hit (f->points)->point == ignoring);
}

static void
a_run_that_goes_on_passes_the_point_it_stands_at (Fixture *f, gconstpointer data)
{
  AsternHit hit = code_at (0x500, (AsternMoment) { 7, 1 });

  add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x500, 1);
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  g_assert_true (happens (f, &hit));
  astern_points_resume_at (f->points, hit.before);
  g_assert_false (happens (f, &hit));
  hit = code_at (0x500, (AsternMoment) { 7, 2 });
  g_assert_true (happens (f, &hit));
  /* Who looks for hits in the past wants them all. */
  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  hit = code_at (0x500, (AsternMoment) { 7, 1 });
  happens (f, &hit);
  g_assert_cmpuint (f->n_hits, ==, 1);
}

static void
what_is_noted_waits_for_the_end_and_a_fault_undoes_it (Fixture *f, gconstpointer data)
{
  AsternHit hit = write_of (0x100, 4, 0, 1), beside = write_of (0x200, 4, 0, 1);

  add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x100, 4);
  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  g_assert_false (astern_points_note (f->points, &beside));
  g_assert_true (astern_points_note (f->points, &hit));
  g_assert_cmpuint (f->n_hits, ==, 0);
  astern_points_forget (f->points);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 0);
  astern_points_note (f->points, &hit);
  astern_clock_retire (&f->machine->clock, 9);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 1);
  g_assert_cmpuint (f->hits[0].after.icount, ==, 9);
  astern_points_leave (f->points);
  g_assert_false (astern_points_note (f->points, &hit));
}

static void
dma (Fixture *f, guint64 physical, guint64 value, gsize size)
{
  value = GUINT64_TO_LE (value);
  astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { physical }, &value, size, ASTERN_ORIGIN_DMA);
}

static void
dma_is_seen_by_physical_and_linear_points (Fixture *f, gconstpointer data)
{
  AsternPoint *physical = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_PHYSICAL, 0x4104, 2);
  AsternPoint *linear = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x106, 1);

  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  astern_points_armed (f->points);
  dma (f, 0x4100, G_GUINT64_CONSTANT (0x1122334455667788), 8);
  dma (f, 0x4108, 1, 8);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 2);
  g_assert_true (f->hits[0].point == physical && f->hits[1].point == linear);
  g_assert_cmphex (f->hits[0].physical, ==, 0x4104);
  g_assert_cmphex (f->hits[0].new_value, ==, 0x3344);
  g_assert_cmphex (f->hits[1].new_value, ==, 0x22);
  g_assert_cmphex (f->hits[1].linear, ==, ANY);
  g_assert_cmpint (f->hits[1].origin, ==, ASTERN_ORIGIN_DMA);
  /* Not a debugger's write, and none while muted. */
  astern_points_mute (f->points, TRUE);
  dma (f, 0x4100, 5, 8);
  astern_points_mute (f->points, FALSE);
  astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { 0x4104 }, "x", 1, ASTERN_ORIGIN_DEBUGGER);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 2);
}

static void
two_dma_writes_before_the_end_have_a_value_each (Fixture *f, gconstpointer data)
{
  add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_PHYSICAL, 0x4100, 1);
  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  astern_points_armed (f->points);
  dma (f, 0x4100, 1, 1);
  dma (f, 0x4100, 2, 1);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 2);
  g_assert_cmphex (f->hits[0].new_value, ==, 1);
  g_assert_cmphex (f->hits[1].old_value, ==, 1);
  g_assert_cmphex (f->hits[1].new_value, ==, 2);
}

static void
dma_into_a_space_is_seen_while_a_cpu_is_in_it (Fixture *f, gconstpointer data)
{
  AsternPoint *point = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, 0x100, 1);

  point->address_space = 0x2000;
  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  astern_points_armed (f->points);
  dma (f, 0x4100, 1, 1);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 1);
  f->cpus[1].space = 0x3000;
  dma (f, 0x4100, 1, 1);
  astern_points_settle (f->points);
  g_assert_cmpuint (f->n_hits, ==, 1);
}

static void
pages_carry_the_flag_while_they_are_watched (Fixture *f, gconstpointer data)
{
  const guint8 *flags = f->machine->memory->flags;
  AsternPoint *point = add (f, ASTERN_POINT_MEMORY, ASTERN_SPACE_PHYSICAL, 0x1fff, 2);

  astern_points_armed (f->points);
  g_assert_cmphex (flags[1] & ASTERN_PAGE_WATCHED, ==, 0);
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  astern_points_armed (f->points);
  g_assert_cmphex (flags[0] & ASTERN_PAGE_WATCHED, ==, 0);
  g_assert_cmphex (flags[1] & flags[2] & ASTERN_PAGE_WATCHED, !=, 0);
  g_assert_cmphex (flags[3] & ASTERN_PAGE_WATCHED, ==, 0);
  astern_points_remove (f->points, point);
  astern_points_armed (f->points);
  g_assert_cmphex ((flags[1] | flags[2]) & ASTERN_PAGE_WATCHED, ==, 0);
}

static void
count_change (gpointer data)
{
  ((Fixture *) data)->n_changes++;
}

static void
an_engine_hears_of_changes_and_places_have_a_generation (Fixture *f, gconstpointer data)
{
  guint64 none = astern_points_generation (f->points, ASTERN_POINT_EXECUTE), one;
  AsternPoint *point;

  astern_points_set_changed (f->points, count_change, f);
  point = add (f, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x500, 1);
  one = astern_points_generation (f->points, ASTERN_POINT_EXECUTE);
  g_assert_cmphex (one, !=, none);
  g_assert_true (astern_points_in_range (f->points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x400, 0x501));
  g_assert_false (astern_points_in_range (f->points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0x400, 0x500));
  g_assert_cmphex (astern_points_next (f->points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 1), ==, 0x500);
  astern_points_set_mode (f->points, ASTERN_POINTS_STOP, NULL, NULL);
  g_assert_cmphex (astern_points_generation (f->points, ASTERN_POINT_EXECUTE), ==, one);
  astern_points_remove (f->points, point);
  g_assert_cmphex (astern_points_generation (f->points, ASTERN_POINT_EXECUTE), ==, none);
  g_assert_cmpuint (f->n_changes, ==, 3);
}

static void
numbers_are_matched_and_any_is_all (Fixture *f, gconstpointer data)
{
  AsternHit hit = { .kind = ASTERN_POINT_SYSCALL, .number = G_MAXUINT64, .access = ASTERN_ACCESS_WRITE };

  astern_points_set_mode (f->points, ASTERN_POINTS_RECORD, told, f);
  add (f, ASTERN_POINT_PORT, 0, 0x60, 5);
  add (f, ASTERN_POINT_PORT, 0, ANY, 1);
  add (f, ASTERN_POINT_SYSCALL, 0, ANY, 1);
  add (f, ASTERN_POINT_SYSCALL, 0, G_MAXUINT64 - 1, 2);
  happens (f, &hit);
  g_assert_cmpuint (f->n_hits, ==, 1);      /* a return has a result, not a number */
  hit = (AsternHit) { .kind = ASTERN_POINT_PORT, .number = 0x64 };
  happens (f, &hit);
  g_assert_cmpuint (f->n_hits, ==, 3);
  hit.number = 0x65;
  happens (f, &hit);
  g_assert_cmpuint (f->n_hits, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/points/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (nothing_is_armed_while_off);
  ADD (an_access_that_overlaps_hits_and_its_neighbours_do_not);
  ADD (only_changes_of_watched_bytes_count_for_changes_only);
  ADD (spaces_are_told_apart);
  ADD (a_point_may_be_bound_to_an_address_space_and_a_cpu);
  ADD (conditions_of_both_kinds_are_asked);
  ADD (a_condition_that_faults_does_not_hold);
  ADD (the_first_point_by_id_is_why_it_stops);
  ADD (a_run_that_goes_on_passes_the_point_it_stands_at);
  ADD (what_is_noted_waits_for_the_end_and_a_fault_undoes_it);
  ADD (dma_is_seen_by_physical_and_linear_points);
  ADD (two_dma_writes_before_the_end_have_a_value_each);
  ADD (dma_into_a_space_is_seen_while_a_cpu_is_in_it);
  ADD (pages_carry_the_flag_while_they_are_watched);
  ADD (an_engine_hears_of_changes_and_places_have_a_generation);
  ADD (numbers_are_matched_and_any_is_all);
  return g_test_run ();
}
