/* test-monitor-points - breakpoints typed at the monitor, on the demo guest. */
#include "debug-fixture.h"

/* ---- points ---- */

static void
a_breakpoint_stops_and_counts (Fixture *f, gconstpointer data)
{
  answers (f, "break sys_chart", "1: execution 0x");
  run (f, "point 1: ");
  answers (f, "x/i", "=> 0x");
  answers (f, "x/i", "<sys_chart+0x");
  answers (f, "info breakpoints", "<sys_chart>, 1 hit\n");
  run (f, "point 1: ");
  answers (f, "info breakpoints", ", 2 hits");
  answers (f, "disable 1", "");
  answers (f, "info breakpoints", "(disabled)");
  answers (f, "enable", "");
  answers (f, "ignore 1 3", "");
  run (f, "point 1: ");
  answers (f, "info breakpoints", ", 6 hits");
  answers (f, "delete 1", "");
  answers (f, "info breakpoints", "There are no breakpoints.");
  answers (f, "delete 1", "There is no breakpoint 1");
}

static void
conditions_choose_among_hits (Fixture *f, gconstpointer data)
{
  answers (f, "break sys_chart if $rdi == 7", ", if $rdi == 7");
  run (f, "point 1: ");
  answers (f, "print/d $rdi", "7\n");
  answers (f, "break sys_chart if $rdi ==", "Column ");
  answers (f, "break nosuch", "“nosuch”");
  answers (f, "break", "An address is needed");
}

static void
a_temporary_breakpoint_stops_once (Fixture *f, gconstpointer data)
{
  answers (f, "tbreak sys_chart", "1: execution");
  run (f, "point 1: ");
  answers (f, "info breakpoints", "There are no breakpoints.");
}

static void
a_run_goes_back_to_its_breakpoints (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL, *again = NULL;

  answers (f, "break sys_chart", "1: ");
  run (f, "point 1: ");
  first = type (f, "info hash");
  run (f, "point 1: ");
  answers (f, "continue back", "point 1: ");
  again = type (f, "info hash");
  g_assert_cmpstr (first, ==, again);
  answers (f, "continue back", "@0");
}

static void
a_function_is_left_backwards_at_its_call (Fixture *f, gconstpointer data)
{
  answers (f, "break chart_column", "1: ");
  run (f, "point 1: ");
  answers (f, "step 20", "<chart_column+0x");
  answers (f, "out back", "callq 0x");
  answers (f, "x/i", "<sys_chart+0x");
  answers (f, "out back", "callq ");
  answers (f, "x/i", "<syscall+0x");
}

static void
a_watchpoint_says_what_was_written (Fixture *f, gconstpointer data)
{
  answers (f, "watch -change kernel+8,8", "1: memory change");
  run (f, "->");
  answers (f, "x/i", "<sys_chart+0x");
}

static void
events_are_caught (Fixture *f, gconstpointer data)
{
  answers (f, "catch syscall", "1: system call\n");
  run (f, "@");
  answers (f, "delete", "");
  answers (f, "catch interrupt 32", "2: interrupt 0x20\n");
  run (f, "@");
  answers (f, "delete", "");
  answers (f, "catch port -w 0x3f8,8", "3: port write 0x3f8,8\n");
  run (f, "@");
  answers (f, "delete", "");
  answers (f, "catch cr 3", "4: control register 0x3 <CR3>\n");
  run (f, "@");
  answers (f, "catch port", "needs a number");
  answers (f, "catch mode 3", "takes no number");
  answers (f, "catch nothing", "There is no command");
}

/* ---- the plot of the demo ---- */

static void
go_before_the_crash (Fixture *f)
{
  answers (f, "catch exception 14", "1: exception 0xe <#PF>\n");
  run (f, "<switch_to+0x");
  answers (f, "step back", "movq %rsi, %rsp");
}

static void
the_guilty_write_is_found_from_the_crash (Fixture *f, gconstpointer data)
{
  go_before_the_crash (f);
  answers (f, "who-wrote u64[kernel + 0x320]", "<sys_chart+0x");
  answers (f, "print/d $rdi", "64\n");
}

/* schedule() is executed again and again after the write. */
static void
who_wrote_passes_over_other_points (Fixture *f, gconstpointer data)
{
  go_before_the_crash (f);
  answers (f, "break schedule", "2: ");
  answers (f, "who-wrote u64[kernel + 0x320]", "<sys_chart+0x");
  answers (f, "continue back", "<schedule");     /* it is there again */
}

#define ADD(name) g_test_add ("/session/monitor-points/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_breakpoint_stops_and_counts);
  ADD (conditions_choose_among_hits);
  ADD (a_temporary_breakpoint_stops_once);
  ADD (a_run_goes_back_to_its_breakpoints);
  ADD (a_function_is_left_backwards_at_its_call);
  ADD (a_watchpoint_says_what_was_written);
  ADD (events_are_caught);
  ADD (the_guilty_write_is_found_from_the_crash);
  ADD (who_wrote_passes_over_other_points);
  return g_test_run ();
}
