/* test-state - the CPU's fields, reset, INIT, real-mode segments. */
#include "config.h"

#include <string.h>

#include "arch/x86/state.h"

static void
every_state_byte_is_saved (void)
{
  gsize wrong = 0;

  if (!astern_fields_cover (x86_state_fields, x86_n_state_fields, sizeof (X86State), &wrong))
    g_error ("byte %" G_GSIZE_FORMAT " is in no field, or in two", wrong);
}

static void
reset_starts_below_four_gigabytes (void)
{
  X86State s;

  memset (&s, 0xff, sizeof s);
  x86_state_reset (&s, TRUE, 0x1234);
  g_assert_cmphex (s.seg[X86_CS].base + s.rip, ==, 0xfffffff0);
  g_assert_cmphex (s.gpr[X86_RDX], ==, 0x1234);
  g_assert_cmphex (s.cr0, ==, 0x60000010);
  g_assert_cmpuint (s.wait_for_sipi, ==, 0);
  g_assert_cmpuint (x86_cpl (&s), ==, 0);
}

static void
other_cpus_wait_after_reset (void)
{
  X86State s;

  x86_state_reset (&s, FALSE, 0);
  g_assert_cmpuint (s.wait_for_sipi, ==, 1);
}

static void
init_keeps_floating_point_and_smbase (void)
{
  X86State s;

  x86_state_reset (&s, TRUE, 0);
  s.vec[3][5] = 7;
  s.fcw = 0x37f;
  s.smbase = 0xa0000;
  s.cr0 = 0x80000011;
  s.efer = 0x500;
  x86_state_init (&s, TRUE, 0);
  g_assert_cmpuint (s.vec[3][5], ==, 7);
  g_assert_cmphex (s.fcw, ==, 0x37f);
  g_assert_cmphex (s.smbase, ==, 0xa0000);
  g_assert_cmphex (s.cr0, ==, 0x10);
  g_assert_cmphex (s.efer, ==, 0);
}

static void
real_mode_keeps_a_large_limit (void)
{
  X86State s;

  x86_state_reset (&s, TRUE, 0);
  s.seg[X86_DS].limit = 0xffffffff;
  x86_load_segment_real (&s, X86_DS, 0x1234);
  g_assert_cmphex (s.seg[X86_DS].base, ==, 0x12340);
  g_assert_cmphex (s.seg[X86_DS].limit, ==, 0xffffffff);
}

static void
v86_mode_has_small_segments_at_cpl_3 (void)
{
  X86State s;

  x86_state_reset (&s, TRUE, 0);
  s.rflags |= X86_VM;
  s.seg[X86_SS].limit = 0xffffffff;
  x86_load_segment_real (&s, X86_SS, 0x2000);
  g_assert_cmphex (s.seg[X86_SS].limit, ==, 0xffff);
  g_assert_cmpuint (x86_cpl (&s), ==, 3);
}

#define ADD(name) g_test_add_func ("/arch/x86/state/" #name, name)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (every_state_byte_is_saved);
  ADD (reset_starts_below_four_gigabytes);
  ADD (other_cpus_wait_after_reset);
  ADD (init_keeps_floating_point_and_smbase);
  ADD (real_mode_keeps_a_large_limit);
  ADD (v86_mode_has_small_segments_at_cpl_3);
  return g_test_run ();
}
