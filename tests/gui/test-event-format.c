/* Tests of what happened in the past as text, its filter, and of the grid of pages. */
#include "config.h"

#include "gui/event-format.h"
#include "gui/heat.h"
#include "gui/heat-grid.h"

static void
is_said (AsternHit hit, const char *text)
{
  g_autofree char *details = astern_happened_details (&hit);

  g_assert_cmpstr (details, ==, text);
}

static void
details_say_what_a_hit_was (void)
{
  is_said ((AsternHit) { .kind = ASTERN_POINT_EXCEPTION, .number = 14, .linear = 0x1234, .error_code = 6 },
           "#PF at 0000000000001234: write, user, not mapped");
  is_said ((AsternHit) { .kind = ASTERN_POINT_EXCEPTION, .number = 14, .linear = 0x1234, .error_code = 0x11 },
           "#PF at 0000000000001234: fetch, supervisor, not allowed");
  is_said ((AsternHit) { .kind = ASTERN_POINT_EXCEPTION, .number = 13, .error_code = 0x18 }, "#GP, error code 0x18");
  is_said ((AsternHit) { .kind = ASTERN_POINT_EXCEPTION, .number = 6 }, "#UD");
  is_said ((AsternHit) { .kind = ASTERN_POINT_INTERRUPT, .number = 0x30 }, "vector 30");
  is_said ((AsternHit) { .kind = ASTERN_POINT_SYSCALL, .access = ASTERN_ACCESS_FETCH, .number = 60 }, "number 60");
  is_said ((AsternHit) { .kind = ASTERN_POINT_SYSCALL, .access = ASTERN_ACCESS_WRITE, .number = (guint64) -2 }, "returns -2");
  is_said ((AsternHit) { .kind = ASTERN_POINT_MODE, .detail = "real -> protected" }, "real -> protected");
  is_said ((AsternHit) { .kind = ASTERN_POINT_PORT, .access = ASTERN_ACCESS_WRITE, .number = 0x3f8, .size = 1, .has_new = 1,
                         .new_value = 0x41 }, "out 3f8, 8 bits: 0x41");
  is_said ((AsternHit) { .kind = ASTERN_POINT_MEMORY, .access = ASTERN_ACCESS_WRITE, .physical = 0xfee000b0, .size = 4, .has_old = 1,
                         .has_new = 1, .old_value = 1, .new_value = 2 }, "4 bytes written at 00000000fee000b0: 0x1 → 0x2");
  is_said ((AsternHit) { .kind = ASTERN_POINT_CONTROL, .number = 3, .has_old = 1, .has_new = 1, .access = ASTERN_ACCESS_WRITE,
                         .old_value = 0x1000, .new_value = 0x2000 }, "CR3: 0x1000 → 0x2000");
}

static void
every_word_of_a_filter_has_to_be_there (void)
{
  AsternHit hit = { .kind = ASTERN_POINT_EXCEPTION, .cpu = 1, .number = 14, .linear = 0xabc, .pc = 0xffff800000001000,
                    .before = { 4711, 2 } };
  AsternHappening *happening = astern_happening_new (&hit, 1500000000);
  g_autofree char *time = astern_happening_time (happening);

  astern_happening_name_place (happening, NULL);
  g_assert_cmpstr (time, ==, "1.500000000 s");
  g_assert_true (astern_happening_matches (happening, ""));
  g_assert_true (astern_happening_matches (happening, "  "));
  g_assert_true (astern_happening_matches (happening, "#pf"));
  g_assert_true (astern_happening_matches (happening, "EXCEPTION ABC read"));
  g_assert_true (astern_happening_matches (happening, "cpu1 @4711+2 ffff8000"));
  g_assert_false (astern_happening_matches (happening, "#pf write"));
  g_assert_false (astern_happening_matches (happening, "cpu0"));
  astern_happening_free (happening);
}

static GArray *
ranges_of (guint n, const AsternHeatRange *ranges)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (AsternHeatRange));

  g_array_append_vals (array, ranges, n);
  return array;
}

static void
cells_and_pages_are_found_from_each_other (void)
{
  const AsternHeatRange memory[] = { { 0, 0xa0000 }, { 0xc0000, 0x4000000 }, { 0xfffc0000, 0x100000000 } };
  g_autoptr (GArray) ranges = ranges_of (G_N_ELEMENTS (memory), memory);
  static const guint sizes[][2] = { { 1, 1 }, { 40, 30 }, { 333, 77 }, { 1000, 200 }, { 4000, 2000 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      AsternHeatGrid grid = astern_heat_grid (ranges, sizes[i][0], sizes[i][1]);
      guint64 n = (grid.n_pages + grid.pages_per_cell - 1) / grid.pages_per_cell;

      g_assert_cmpuint (grid.n_pages, ==, 0xa0 + 0x4000 - 0xc0 + 0x40);
      g_assert_cmpuint (n, <=, (guint64) grid.columns * grid.rows);
      g_assert_true (i == 0 || grid.rows * grid.cell <= sizes[i][1]);
      for (guint64 cell = 0; cell < n; cell++)
        {
          double x = (double) (cell % grid.columns * grid.cell), y = (double) (cell / grid.columns * grid.cell);

          g_assert_cmpint (astern_heat_cell_of (&grid, ranges, astern_heat_cell_address (&grid, ranges, cell)), ==, (gint64) cell);
          g_assert_cmpint (astern_heat_cell_at (&grid, x + 0.5, y + 0.5), ==, (gint64) cell);
        }
      g_assert_cmpint (astern_heat_cell_of (&grid, ranges, 0xb0000), ==, -1);
      g_assert_cmpint (astern_heat_cell_at (&grid, (double) (grid.columns * grid.cell), 0), ==, -1);
    }
}

static void
a_cell_has_the_sum_of_its_pages (void)
{
  const AsternHeatRange memory[] = { { 0, 0x100000 } };
  g_autoptr (GArray) ranges = ranges_of (1, memory), heat = g_array_new (FALSE, FALSE, sizeof (AsternPageHeat));
  const AsternPageHeat pages[] = { { 0, 1, 2, 3 }, { 0x1000, 10, 20, 30 }, { 0xff000, 5, 0, 0 }, { 0x200000, 9, 9, 9 } };
  AsternHeatGrid grid = { .cell = 4, .columns = 8, .rows = 16, .pages_per_cell = 2, .n_pages = 256 };
  g_autofree AsternHeatSum *sums = NULL;
  g_autofree char *text = NULL;
  AsternHeatSum most;

  g_array_append_vals (heat, pages, G_N_ELEMENTS (pages));
  sums = astern_heat_sums (&grid, ranges, heat, &most);
  g_assert_cmpuint (sums[0].reads, ==, 11);
  g_assert_cmpuint (sums[0].writes, ==, 22);
  g_assert_cmpuint (sums[127].reads, ==, 5);
  g_assert_cmpuint (most.reads, ==, 11);
  g_assert_cmpuint (most.executions, ==, 33);
  text = astern_heat_text (0, grid.pages_per_cell, &sums[0]);
  g_assert_cmpstr (text, ==, "0000000000000000, 2 pages: 11 reads, 22 writes, 33 executions");
  g_assert_cmpfloat (astern_heat_degree (0, 100), ==, 0);
  g_assert_cmpfloat (astern_heat_degree (1, 1000000), >, 0.3);
  g_assert_cmpfloat (astern_heat_degree (100, 100), ==, 1);
}

static void
pages_that_were_used_lie_side_by_side (void)
{
  g_autoptr (GArray) heat = g_array_new (FALSE, FALSE, sizeof (AsternPageHeat)), ranges = NULL;
  const AsternPageHeat pages[] = { { 0x1000, 1, 0, 0 }, { 0x2000, 1, 0, 0 }, { 0xff000, 5, 0, 0 } };
  AsternHeatGrid grid;

  g_array_append_vals (heat, pages, G_N_ELEMENTS (pages));
  ranges = astern_heat_used_ranges (heat);
  g_assert_cmpuint (ranges->len, ==, 2);
  grid = astern_heat_grid (ranges, 100, 100);
  g_assert_cmpuint (grid.n_pages, ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    g_assert_cmphex (astern_heat_cell_address (&grid, ranges, i), ==, pages[i].page);
}

static void
counts_are_found_by_address (void)
{
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (AsternExecutionCount));
  const AsternExecutionCount all[] = { { 0x10, 1 }, { 0x12, 2 }, { 0x20, 3 } };

  g_assert_cmpuint (astern_heat_at (counts, 0x10), ==, 0);
  g_array_append_vals (counts, all, G_N_ELEMENTS (all));
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_cmpuint (astern_heat_at (counts, all[i].address), ==, all[i].count);
  g_assert_cmpuint (astern_heat_at (counts, 0), ==, 0);
  g_assert_cmpuint (astern_heat_at (counts, 0x11), ==, 0);
  g_assert_cmpuint (astern_heat_at (counts, 0x21), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-format/details-say-what-a-hit-was", details_say_what_a_hit_was);
  g_test_add_func ("/event-format/every-word-of-a-filter-has-to-be-there", every_word_of_a_filter_has_to_be_there);
  g_test_add_func ("/heat-grid/cells-and-pages-are-found-from-each-other", cells_and_pages_are_found_from_each_other);
  g_test_add_func ("/heat-grid/a-cell-has-the-sum-of-its-pages", a_cell_has_the_sum_of_its_pages);
  g_test_add_func ("/heat-grid/pages-that-were-used-lie-side-by-side", pages_that_were_used_lie_side_by_side);
  g_test_add_func ("/heat/counts-are-found-by-address", counts_are_found_by_address);
  return g_test_run ();
}
