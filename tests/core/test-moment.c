/* Tests of core/moment. */
#include "config.h"

#include "core/moment.h"

static void
moments_are_ordered_by_count_then_step (void)
{
  const AsternMoment order[] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 7 }, { G_MAXUINT64, 0 }, { G_MAXUINT64, G_MAXUINT32 } };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint j = 0; j < G_N_ELEMENTS (order); j++)
      g_assert_cmpint (astern_moment_compare (order[i], order[j]), ==, i < j ? -1 : i > j);
}

static void
a_step_of_zero_is_not_written (void)
{
  char text[ASTERN_MOMENT_TEXT];

  g_assert_cmpstr (astern_moment_format ((AsternMoment) { 1234567, 0 }, text), ==, "@1234567");
  g_assert_cmpstr (astern_moment_format ((AsternMoment) { 1234567, 2 }, text), ==, "@1234567+2");
  g_assert_cmpstr (astern_moment_format ((AsternMoment) { G_MAXUINT64, G_MAXUINT32 }, text), ==,
                   "@18446744073709551615+4294967295");
}

static void
what_is_written_is_read (void)
{
  const AsternMoment moments[] = { { 0, 0 }, { 99, 1 }, { G_MAXUINT64, G_MAXUINT32 } };
  char text[ASTERN_MOMENT_TEXT];

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      AsternMoment read = { 5, 5 };

      astern_moment_format (moments[i], text);
      g_assert_true (astern_moment_parse (text, &read));
      g_assert_cmpint (astern_moment_compare (read, moments[i]), ==, 0);
      g_assert_true (astern_moment_parse (text + 1, &read));
      g_assert_cmpint (astern_moment_compare (read, moments[i]), ==, 0);
    }
}

static void
what_is_no_moment_is_refused (void)
{
  const char *wrong[] = { "", "@", "@+1", "@1+", "@-1", "@1+2+3", "@@1", "1 ", " 1", "0x10", "@1+4294967296",
                          "@18446744073709551616", "start" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      AsternMoment moment = { 77, 7 };

      g_assert_false (astern_moment_parse (wrong[i], &moment));
      g_assert_cmpuint (moment.icount, ==, 77);
      g_assert_cmpuint (moment.step, ==, 7);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/core/moment/" #name, name)
  ADD (moments_are_ordered_by_count_then_step);
  ADD (a_step_of_zero_is_not_written);
  ADD (what_is_written_is_read);
  ADD (what_is_no_moment_is_refused);
  return g_test_run ();
}
