/* test-monitor-debug - the monitor as a client of the debugger, on the demo guest: moves and history. */
#include "debug-fixture.h"

/* ---- moves ---- */

static void
a_step_shows_the_next_instruction (Fixture *f, gconstpointer data)
{
  answers (f, "step", "\n=> 0x0010");
  answers (f, "when", "@1, ");
  answers (f, "step 9", "=> 0x0010");
  answers (f, "when", "@10, ");
}

static void
steps_back_undo_steps (Fixture *f, gconstpointer data)
{
  g_autofree char *before = NULL, *there = NULL, *after = NULL;

  let_run (f, 300000);
  g_free (type (f, "goto @200000"));
  before = type (f, "info hash");
  g_free (type (f, "step 25"));
  there = type (f, "info hash");
  g_free (type (f, "step back 25"));
  after = type (f, "info hash");
  g_assert_cmpstr (before, !=, there);
  g_assert_cmpstr (before, ==, after);
}

static void
moments_are_gone_to_in_every_way (Fixture *f, gconstpointer data)
{
  let_run (f, 301000);
  answers (f, "goto @300000", "@300000: ");
  answers (f, "goto +1000", "@301000: ");
  answers (f, "goto @900000", "there is nothing beyond");
  answers (f, "goto -300999", "@1: ");
  answers (f, "goto -5", "That is not within the run.");
  answers (f, "goto nowhere", "“nowhere” is no moment");
  answers (f, "start", "@0: ");
  answers (f, "end", "@301000");
  answers (f, "when", "the run is from @0 to @301000");
}

static double
guest_time (Fixture *f)
{
  g_autofree char *text = type (f, "when");
  const char *comma = strchr (text, ',');

  return g_ascii_strtod (comma + 2, NULL);
}

static void
a_guest_time_is_gone_to_exactly (Fixture *f, gconstpointer data)
{
  g_autofree char *there = NULL, *before = NULL;

  let_run (f, 12000000);
  g_assert_cmpfloat (guest_time (f), >, 0.7);
  there = type (f, "goto 0.5s");
  g_assert_cmpfloat (guest_time (f), >=, 0.5);
  before = type (f, "goto -1");
  g_assert_cmpfloat (guest_time (f), <, 0.5);
}

/* ---- history ---- */

static void
the_past_is_changed_only_after_a_branch (Fixture *f, gconstpointer data)
{
  answers (f, "branch", "there is nothing to branch off from");
  let_run (f, 100000);
  answers (f, "goto @100000", "@100000");
  answers (f, "savevm late", "");
  answers (f, "goto @50000", "@50000");
  answers (f, "savevm early", "");
  answers (f, "set $rax = 0x1234", "This is the past: with a change the run would go another way than it did, up to @100000");
  answers_not (f, "print $rax", "0x1234\n");
  answers (f, "branch", "The run now ends here, at @50000; what it had been up to @100000 is future 1.");
  answers (f, "set $rax = 0x1234", "");
  answers (f, "print $rax", "0x1234\n");
  answers (f, "loadvm late", "There is no snapshot “late”");
  answers (f, "goto @40000", "@40000");
  answers (f, "goto early", "@50000");
  answers (f, "end", "@50000");
  answers (f, "print $rax", "0x1234\n");
  answers (f, "info futures", "future 1 parts from the run at @50000 and goes to @100000");
  answers (f, "take up 7", "needs the number of a future");
  answers (f, "take up 1", "@100000");
  answers (f, "goto early", "@50000");
  answers_not (f, "print $rax", "0x1234\n");
  answers (f, "info futures", "future 2 parts from the run at @50000");
  answers (f, "drop 2", "");
  answers (f, "drop 2", "needs the number of a future");
  answers (f, "info futures", "No future was left.");
}

static void
memory_and_registers_are_set (Fixture *f, gconstpointer data)
{
  let_run (f, 100000);
  answers (f, "set u32[0x200000] = 0xdeadbeef", "");
  answers (f, "x/1wx 0x200000", "0xdeadbeef");
  answers (f, "set phys.u8[0x200000] = 1 + 1", "");
  answers (f, "xp/1wx 0x200000", "0xdeadbe02");
  answers (f, "set $rbx = 0x55", "");
  answers (f, "print $rbx", "0x55\n");
  answers (f, "set $nosuch = 1", "no register “nosuch”");
  answers (f, "set nosuch = 1", "What is set is a register");
  answers (f, "set $cr0 = 0x80000000", "cannot hold");
}

static void
named_moments_are_gone_back_to (Fixture *f, gconstpointer data)
{
  g_autofree char *here = NULL, *again = NULL;

  let_run (f, 90000);
  answers (f, "info snapshots", "There is no snapshot available.");
  answers (f, "goto @70000", "@70000");
  here = type (f, "info hash");
  answers (f, "savevm boot", "");
  answers (f, "goto @90000", "@90000");
  answers (f, "info snapshots", "boot");
  answers (f, "loadvm boot", "@70000");
  again = type (f, "info hash");
  g_assert_cmpstr (here, ==, again);
  answers (f, "goto boot", "@70000");
  answers (f, "delvm boot", "");
  answers (f, "loadvm boot", "There is no snapshot “boot”");
}

static void
the_history_is_told (Fixture *f, gconstpointer data)
{
  let_run (f, 100000);
  answers (f, "info history", "from @0 to @100000, now at @100000; ");
  answers (f, "info status", "VM status: paused");
}

static void
ports_are_read_and_written (Fixture *f, gconstpointer data)
{
  let_run (f, 100000);
  answers (f, "i/b 0x3fd", "portb[0x03fd] = 0x60\n");
  answers (f, "o/b 0x3ff 0x5a", "");
  answers (f, "i/b 0x3ff", "= 0x5a\n");
  answers (f, "i 0x10000", "There are 65,536 ports");
  answers (f, "o 0x80", "A value is needed");
}

#define ADD(name) g_test_add ("/session/monitor-debug/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_step_shows_the_next_instruction);
  ADD (steps_back_undo_steps);
  ADD (moments_are_gone_to_in_every_way);
  ADD (a_guest_time_is_gone_to_exactly);
  ADD (the_past_is_changed_only_after_a_branch);
  ADD (memory_and_registers_are_set);
  ADD (named_moments_are_gone_back_to);
  ADD (the_history_is_told);
  ADD (ports_are_read_and_written);
  return g_test_run ();
}
