/* Tests of gui/timeline-scale: moments to pixels and back, zooming, panning, the ruler. */
#include "config.h"

#include "gui/timeline-scale.h"

static AsternTimelineScale
scale_of (guint64 start, guint64 end, double width)
{
  AsternTimelineScale scale;

  astern_timeline_scale_init (&scale);
  astern_timeline_scale_set_range (&scale, start, end);
  astern_timeline_scale_set_width (&scale, width);
  return scale;
}

#define NEAR(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-6 * (1 + ABS (b)))

static void
all_of_history_fills_the_width (void)
{
  AsternTimelineScale scale = scale_of (1000, 5000, 400);

  NEAR (astern_timeline_scale_x (&scale, 1000), 0);
  NEAR (astern_timeline_scale_x (&scale, 5000), 400);
  NEAR (astern_timeline_scale_per_pixel (&scale), 10);
  g_assert_cmpuint (astern_timeline_scale_icount (&scale, 100), ==, 2000);
}

static void
a_pixel_outside_is_an_end_of_history (void)
{
  AsternTimelineScale scale = scale_of (1000, 5000, 400);

  g_assert_cmpuint (astern_timeline_scale_icount (&scale, -50), ==, 1000);
  g_assert_cmpuint (astern_timeline_scale_icount (&scale, 4000), ==, 5000);
}

static void
there_and_back_is_the_same_moment (void)
{
  AsternTimelineScale scale = scale_of (0, G_GUINT64_CONSTANT (123456789012345), 1377);

  astern_timeline_scale_zoom (&scale, 1e9, 700);
  for (guint64 at = (guint64) scale.from + 1; at < (guint64) (scale.from + scale.span); at += 4711)
    g_assert_cmpuint (astern_timeline_scale_icount (&scale, astern_timeline_scale_x (&scale, (double) at)), ==, at);
}

static void
zooming_keeps_what_is_under_the_pointer (void)
{
  AsternTimelineScale scale = scale_of (0, 1000000, 1000);
  double before = scale.from + 300 * astern_timeline_scale_per_pixel (&scale);

  astern_timeline_scale_zoom (&scale, 8, 300);
  NEAR (scale.from + 300 * astern_timeline_scale_per_pixel (&scale), before);
  NEAR (scale.span, 125000);
  g_assert_false (scale.all);
}

static void
zooming_out_ends_at_all_of_it_and_follows_the_head_again (void)
{
  AsternTimelineScale scale = scale_of (0, 1000, 100);

  astern_timeline_scale_zoom (&scale, 4, 90);
  astern_timeline_scale_set_range (&scale, 0, 2000);
  NEAR (scale.span, 250);
  astern_timeline_scale_zoom (&scale, 1e-3, 10);
  g_assert_true (scale.all);
  astern_timeline_scale_set_range (&scale, 0, 3000);
  NEAR (scale.from, 0);
  NEAR (scale.span, 3000);
}

static void
zooming_in_ends_at_a_few_instructions (void)
{
  AsternTimelineScale scale = scale_of (0, 1000000, 1000);

  for (guint i = 0; i < 100; i++)
    astern_timeline_scale_zoom (&scale, 2, 999);
  NEAR (scale.span, 20);
  g_assert_cmpfloat (scale.from + scale.span, <=, 1000000);
}

static void
panning_stops_at_the_ends (void)
{
  AsternTimelineScale scale = scale_of (100, 1100, 100);

  astern_timeline_scale_zoom (&scale, 10, 50);
  astern_timeline_scale_pan (&scale, 10);
  NEAR (scale.from, 100 + 450 + 10);
  astern_timeline_scale_pan (&scale, 1e6);
  NEAR (scale.from + scale.span, 1100);
  astern_timeline_scale_pan (&scale, -1e6);
  NEAR (scale.from, 100);
}

static void
what_is_out_of_sight_is_revealed_and_what_is_in_sight_moves_nothing (void)
{
  AsternTimelineScale scale = scale_of (0, 1000, 100);

  astern_timeline_scale_zoom (&scale, 10, 50);      /* 450..550 */
  g_assert_false (astern_timeline_scale_reveal (&scale, 500));
  NEAR (scale.from, 450);
  g_assert_true (astern_timeline_scale_reveal (&scale, 900));
  NEAR (scale.from, 805);
  g_assert_true (astern_timeline_scale_reveal (&scale, 0));
  NEAR (scale.from, 0);
}

static void
a_history_that_was_cut_is_shown_to_its_new_end (void)
{
  AsternTimelineScale scale = scale_of (0, 1000, 100);

  astern_timeline_scale_zoom (&scale, 2, 100);      /* 500..1000 */
  astern_timeline_scale_set_range (&scale, 0, 600);
  NEAR (scale.from, 100);
  astern_timeline_scale_set_range (&scale, 0, 0);
  NEAR (scale.span, 1);
}

static void
the_rulers_marks_are_round_and_wide_enough (void)
{
  static const struct { double span, tick; } rows[] = {
    { 1000, 100 }, { 2000, 200 }, { 3000, 500 }, { 9990, 1000 }, { 10000, 1000 }, { 5, 1 }, { 1e12, 1e11 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AsternTimelineScale scale = { .end = rows[i].span, .span = rows[i].span, .width = 1000 };

      NEAR (astern_timeline_scale_tick (&scale, 100), rows[i].tick);
    }
}

static void
labels_are_short_and_tell_neighbours_apart (void)
{
  static const struct { double icount, tick; const char *text; } rows[] = {
    { 0, 1000, "0" }, { 200, 100, "200" }, { 1500, 500, "1.5k" }, { 1250000, 50000, "1.25M" }, { 3e9, 1e9, "3G" },
    { 1234567000, 1000, "1234.567M" }, { 123456789, 1, "123456.789k" }, { 12345678, 10, "12345.68k" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *label = astern_timeline_scale_label (rows[i].icount, rows[i].tick);

      g_assert_cmpstr (label, ==, rows[i].text);
    }
}

static void
seconds_are_as_exact_as_the_marks (void)
{
  g_autofree char *coarse = astern_timeline_scale_seconds (12345678900, 1e9);
  g_autofree char *fine = astern_timeline_scale_seconds (12345678900, 1e6);
  g_autofree char *exact = astern_timeline_scale_seconds (12345678900, 0);

  g_assert_cmpstr (coarse, ==, "12.3 s");
  g_assert_cmpstr (fine, ==, "12.3457 s");
  g_assert_cmpstr (exact, ==, "12.345678900 s");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/timeline-scale/" #name, name)
  ADD (all_of_history_fills_the_width);
  ADD (a_pixel_outside_is_an_end_of_history);
  ADD (there_and_back_is_the_same_moment);
  ADD (zooming_keeps_what_is_under_the_pointer);
  ADD (zooming_out_ends_at_all_of_it_and_follows_the_head_again);
  ADD (zooming_in_ends_at_a_few_instructions);
  ADD (panning_stops_at_the_ends);
  ADD (what_is_out_of_sight_is_revealed_and_what_is_in_sight_moves_nothing);
  ADD (a_history_that_was_cut_is_shown_to_its_new_end);
  ADD (the_rulers_marks_are_round_and_wide_enough);
  ADD (labels_are_short_and_tell_neighbours_apart);
  ADD (seconds_are_as_exact_as_the_marks);
  return g_test_run ();
}
