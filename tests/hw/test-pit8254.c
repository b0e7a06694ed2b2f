/* test-pit8254.c - the interval timer. */
#include "config.h"

#include "hw/pit8254.h"
#include "hw/rate.h"

#include "device-fixture.h"

typedef struct
{
  AsternClock   clock;
  AsternDevice *pit;
  Probe         out;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->pit = astern_device_new (&pit8254_class, "pit", NULL, &f->clock);
  probe_connect (&f->out, pit8254_out_wire (f->pit, 0));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->pit);
  astern_clock_clear (&f->clock);
}

/* Runs to tick @tick of the chip's clock. */
static void
run_to_tick (Fixture *f, guint64 tick)
{
  clock_run (&f->clock, hw_rate_ns (tick, PIT8254_HZ) - astern_clock_now_ns (&f->clock));
}

static guint64
tick_now (Fixture *f)
{
  return hw_rate_ticks (astern_clock_now_ns (&f->clock), PIT8254_HZ);
}

/* Sets a mode and a 16-bit count; returns the tick at which the count is loaded. */
static guint64
start (Fixture *f, guint counter, guint mode, guint16 count)
{
  astern_device_write8 (f->pit, 3, counter << 6 | 0x30 | mode << 1);
  astern_device_write8 (f->pit, counter, count & 0xff);
  astern_device_write8 (f->pit, counter, count >> 8);
  return tick_now (f) + 1;
}

static guint16
latched (Fixture *f, guint counter)
{
  guint16 value;

  astern_device_write8 (f->pit, 3, counter << 6);
  value = astern_device_read8 (f->pit, counter);
  return value | astern_device_read8 (f->pit, counter) << 8;
}

static void
ticks_are_exact (void)
{
  for (guint64 tick = 0; tick < 5000; tick++)
    {
      g_assert_cmpuint (hw_rate_ticks (hw_rate_ns (tick, PIT8254_HZ), PIT8254_HZ), ==, tick);
      if (tick > 0)
        g_assert_cmpuint (hw_rate_ticks (hw_rate_ns (tick, PIT8254_HZ) - 1, PIT8254_HZ), ==, tick - 1);
    }
  /* A hundred years later as well: whole seconds have whole ticks. */
  g_assert_cmpuint (hw_rate_ticks (3155760000 * HW_NS_PER_S, PIT8254_HZ), ==, 3155760000 * (guint64) PIT8254_HZ);
}

static void
mode_0_raises_out_after_the_count (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 0, 100);

  g_assert_false (f->out.level);
  run_to_tick (f, load + 99);
  g_assert_false (f->out.level);
  g_assert_cmpuint (latched (f, 0), ==, 1);
  run_to_tick (f, load + 100);
  g_assert_true (f->out.level);
  run_to_tick (f, load + 101);
  g_assert_cmphex (latched (f, 0), ==, 0xffff);
  start (f, 0, 0, 100);
  g_assert_false (f->out.level);
}

static void
mode_2_pulses_for_one_tick_each_period (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 2, 10);

  g_assert_true (f->out.level);
  f->out.rises = 0;
  run_to_tick (f, load + 9);
  g_assert_false (f->out.level);
  g_assert_cmpuint (latched (f, 0), ==, 1);
  run_to_tick (f, load + 10);
  g_assert_true (f->out.level);
  g_assert_cmpuint (latched (f, 0), ==, 10);
  run_to_tick (f, load + 100);
  g_assert_cmpuint (f->out.rises, ==, 10);
}

static void
mode_3_is_a_square_wave (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 3, 7);

  run_to_tick (f, load + 3);
  g_assert_true (f->out.level);
  run_to_tick (f, load + 4);
  g_assert_false (f->out.level);
  run_to_tick (f, load + 6);
  g_assert_false (f->out.level);
  run_to_tick (f, load + 7);
  g_assert_true (f->out.level);
  g_assert_cmpuint (latched (f, 0), ==, 6);
  run_to_tick (f, load + 8);
  g_assert_cmpuint (latched (f, 0), ==, 4);
}

static void
an_hour_of_interrupts_does_not_drift (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 2, 11932);

  f->out.rises = 0;
  run_to_tick (f, load + G_GUINT64_CONSTANT (3600) * PIT8254_HZ);
  g_assert_cmpuint (f->out.rises, ==, G_GUINT64_CONSTANT (3600) * PIT8254_HZ / 11932);
}

static void
a_gate_triggers_modes_1_and_5 (Fixture *f, gconstpointer data)
{
  guint64 load;

  start (f, 2, 1, 50);
  g_assert_true (pit8254_get_out (f->pit, 2));
  run_to_tick (f, tick_now (f) + 100);
  g_assert_true (pit8254_get_out (f->pit, 2));
  pit8254_set_gate (f->pit, 2, TRUE);
  load = tick_now (f) + 1;
  run_to_tick (f, load);
  g_assert_false (pit8254_get_out (f->pit, 2));
  run_to_tick (f, load + 49);
  g_assert_false (pit8254_get_out (f->pit, 2));
  run_to_tick (f, load + 50);
  g_assert_true (pit8254_get_out (f->pit, 2));

  start (f, 2, 5, 50);
  pit8254_set_gate (f->pit, 2, FALSE);
  pit8254_set_gate (f->pit, 2, TRUE);
  load = tick_now (f) + 1;
  run_to_tick (f, load + 49);
  g_assert_true (pit8254_get_out (f->pit, 2));
  run_to_tick (f, load + 50);
  g_assert_false (pit8254_get_out (f->pit, 2));
  run_to_tick (f, load + 51);
  g_assert_true (pit8254_get_out (f->pit, 2));
}

static void
mode_4_strobes_once (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 4, 20);

  f->out.rises = 0;
  run_to_tick (f, load + 20);
  g_assert_false (f->out.level);
  run_to_tick (f, load + 21);
  g_assert_true (f->out.level);
  run_to_tick (f, load + 200000);
  g_assert_cmpuint (f->out.rises, ==, 1);
}

static void
a_low_gate_stops_the_count (Fixture *f, gconstpointer data)
{
  guint64 load;

  pit8254_set_gate (f->pit, 2, TRUE);
  load = start (f, 2, 0, 1000);
  run_to_tick (f, load + 100);
  pit8254_set_gate (f->pit, 2, FALSE);
  run_to_tick (f, load + 500);
  g_assert_cmpuint (latched (f, 2), ==, 900);
  pit8254_set_gate (f->pit, 2, TRUE);
  run_to_tick (f, load + 600);
  g_assert_cmpuint (latched (f, 2), ==, 800);
}

static void
a_new_count_waits_for_the_end_of_the_period (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 2, 100);

  run_to_tick (f, load + 50);
  astern_device_write8 (f->pit, 0, 10);
  astern_device_write8 (f->pit, 0, 0);
  g_assert_cmpuint (latched (f, 0), ==, 50);
  f->out.rises = 0;
  run_to_tick (f, load + 100);
  g_assert_cmpuint (f->out.rises, ==, 1);
  g_assert_cmpuint (latched (f, 0), ==, 10);
  run_to_tick (f, load + 150);
  g_assert_cmpuint (f->out.rises, ==, 6);
}

static void
a_latched_count_stays_until_it_is_read (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 2, 0);

  run_to_tick (f, load + 0x1234);
  astern_device_write8 (f->pit, 3, 0x00);
  run_to_tick (f, load + 0x5000);
  astern_device_write8 (f->pit, 3, 0x00);               /* changes nothing */
  g_assert_cmphex (astern_device_read8 (f->pit, 0), ==, (0x10000 - 0x1234) & 0xff);
  g_assert_cmphex (astern_device_read8 (f->pit, 0), ==, (0x10000 - 0x1234) >> 8);
  g_assert_cmphex (latched (f, 0), ==, 0x10000 - 0x5000);
}

static void
read_back_gives_status_then_count (Fixture *f, gconstpointer data)
{
  guint64 load;

  astern_device_write8 (f->pit, 3, 0x34);
  astern_device_write8 (f->pit, 3, 0xe2);               /* status of counter 0 */
  g_assert_cmphex (astern_device_read8 (f->pit, 0), ==, 0x80 | 0x40 | 0x34);
  load = start (f, 0, 2, 100);
  run_to_tick (f, load + 30);
  astern_device_write8 (f->pit, 3, 0xc2);               /* both */
  g_assert_cmphex (astern_device_read8 (f->pit, 0), ==, 0x80 | 0x34);
  g_assert_cmpuint (astern_device_read8 (f->pit, 0), ==, 70);
  g_assert_cmpuint (astern_device_read8 (f->pit, 0), ==, 0);
}

static void
bcd_counts_in_tens (Fixture *f, gconstpointer data)
{
  guint64 load;

  astern_device_write8 (f->pit, 3, 0x35);
  astern_device_write8 (f->pit, 0, 0x00);
  astern_device_write8 (f->pit, 0, 0x10);               /* 1000 */
  load = tick_now (f) + 1;
  run_to_tick (f, load + 1);
  g_assert_cmphex (latched (f, 0), ==, 0x0999);
}

static void
reading_needs_nothing_but_the_time (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 2, 0, 1000);
  g_autofree gpointer before = g_memdup2 (astern_device_state (f->pit), f->pit->klass->state_size);

  pit8254_get_out (f->pit, 2);
  run_to_tick (f, load + 700);
  astern_device_peek8 (f->pit, 2);
  pit8254_get_out (f->pit, 2);
  g_assert_cmpmem (before, 8 * 3, astern_device_state (f->pit), 8 * 3);
}

static void
a_new_count_in_mode_3_waits_for_the_half (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 3, 100);

  run_to_tick (f, load + 20);
  astern_device_write8 (f->pit, 0, 10);
  astern_device_write8 (f->pit, 0, 0);
  run_to_tick (f, load + 49);
  g_assert_true (f->out.level);
  run_to_tick (f, load + 50);
  g_assert_false (f->out.level);
  run_to_tick (f, load + 54);
  g_assert_false (f->out.level);
  run_to_tick (f, load + 55);
  g_assert_true (f->out.level);
  run_to_tick (f, load + 60);
  g_assert_false (f->out.level);
}

static void
a_new_mode_waits_for_its_count (Fixture *f, gconstpointer data)
{
  start (f, 0, 2, 10);
  astern_device_write8 (f->pit, 3, 0x30);
  g_assert_false (f->out.level);
  f->out.rises = 0;
  run_to_tick (f, tick_now (f) + 1000);
  g_assert_cmpuint (f->out.rises, ==, 0);
  astern_device_write8 (f->pit, 0, 10);
  run_to_tick (f, tick_now (f) + 1000);
  g_assert_cmpuint (f->out.rises, ==, 0);               /* half a count counts nothing */
  astern_device_write8 (f->pit, 0, 0);
  run_to_tick (f, tick_now (f) + 11);
  g_assert_true (f->out.level);
}

static void
one_byte_is_enough_where_it_was_said (Fixture *f, gconstpointer data)
{
  guint64 load;

  astern_device_write8 (f->pit, 3, 0x20);               /* mode 0, high byte */
  astern_device_write8 (f->pit, 0, 0x02);
  load = tick_now (f) + 1;
  run_to_tick (f, load + 511);
  g_assert_false (f->out.level);
  run_to_tick (f, load + 512);
  g_assert_true (f->out.level);
  astern_device_write8 (f->pit, 3, 0x10);               /* low byte */
  astern_device_write8 (f->pit, 0, 0x80);
  load = tick_now (f) + 1;
  run_to_tick (f, load + 28);
  g_assert_cmpuint (astern_device_read8 (f->pit, 0), ==, 100);
  g_assert_cmpuint (astern_device_read8 (f->pit, 0), ==, 100);
}

/* A port access takes longer than a tick: no pulse is lost for that. */
static void
a_pulse_that_time_jumped_over_is_heard (Fixture *f, gconstpointer data)
{
  guint64 load = start (f, 0, 4, 20);

  f->out.rises = 0;
  astern_clock_skip (&f->clock, hw_rate_ns (load + 25, PIT8254_HZ) - astern_clock_now_ns (&f->clock));
  astern_clock_fire_due (&f->clock);
  g_assert_cmpuint (f->out.rises, ==, 1);

  load = start (f, 0, 2, 10);
  f->out.rises = 0;
  astern_clock_skip (&f->clock, hw_rate_ns (load + 35, PIT8254_HZ) - astern_clock_now_ns (&f->clock));
  start (f, 0, 0, 10);                                  /* also when a write comes before the timer */
  g_assert_cmpuint (f->out.rises, ==, 3);
}

#define ADD(name) g_test_add ("/hw/pit8254/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hw/rate/ticks_are_exact", ticks_are_exact);
  ADD (mode_0_raises_out_after_the_count);
  ADD (mode_2_pulses_for_one_tick_each_period);
  ADD (mode_3_is_a_square_wave);
  ADD (an_hour_of_interrupts_does_not_drift);
  ADD (a_gate_triggers_modes_1_and_5);
  ADD (mode_4_strobes_once);
  ADD (a_low_gate_stops_the_count);
  ADD (a_new_count_waits_for_the_end_of_the_period);
  ADD (a_latched_count_stays_until_it_is_read);
  ADD (read_back_gives_status_then_count);
  ADD (bcd_counts_in_tens);
  ADD (reading_needs_nothing_but_the_time);
  ADD (a_new_count_in_mode_3_waits_for_the_half);
  ADD (a_new_mode_waits_for_its_count);
  ADD (one_byte_is_enough_where_it_was_said);
  ADD (a_pulse_that_time_jumped_over_is_heard);
  return g_test_run ();
}
