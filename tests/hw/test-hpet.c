/* test-hpet.c - the high precision event timer. */
#include "config.h"

#include "hw/hpet.h"

#include "device-fixture.h"

#define TICK_NS G_GUINT64_CONSTANT (10)

enum
{
  GCAP_ID = 0x00, GEN_CONF = 0x10, GINTR_STA = 0x20, MAIN_CNT = 0xf0,
  T0_CONF = 0x100, T0_COMPARATOR = 0x108, T1_CONF = 0x120, T1_COMPARATOR = 0x128, T2_CONF = 0x140, T2_COMPARATOR = 0x148,
};

enum { LEVEL = 0x02, ENABLE = 0x04, PERIODIC = 0x08, SET = 0x40, BITS_32 = 0x100, ROUTE_16 = 16 << 9 };

typedef struct
{
  AsternClock   clock;
  AsternDevice *hpet;
  Probe         irq0, irq8, irq16;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->hpet = astern_device_new (&hpet_class, "hpet", NULL, &f->clock);
  probe_connect (&f->irq0, hpet_irq (f->hpet, 0));
  probe_connect (&f->irq8, hpet_irq (f->hpet, 8));
  probe_connect (&f->irq16, hpet_irq (f->hpet, 16));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->hpet);
  astern_clock_clear (&f->clock);
}

static guint64
get (Fixture *f, guint offset)
{
  return astern_device_read (f->hpet, 0, offset, 8, NULL);
}

static void
put (Fixture *f, guint offset, guint64 value)
{
  astern_device_write (f->hpet, 0, offset, 8, value, NULL);
}

static void
put32 (Fixture *f, guint offset, guint32 value)
{
  astern_device_write (f->hpet, 0, offset, 4, value, NULL);
}

static void
run_ticks (Fixture *f, guint64 ticks)
{
  clock_run (&f->clock, ticks * TICK_NS);
}

static void
it_says_what_it_can (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, GCAP_ID), ==, G_GUINT64_CONSTANT (0x009896808086a201));
  g_assert_cmphex (astern_device_read (f->hpet, 0, 4, 4, NULL), ==, 10000000);
  g_assert_cmphex (get (f, T2_CONF), ==, G_GUINT64_CONSTANT (0x00ff000000000030));
}

static void
the_counter_runs_while_enabled (Fixture *f, gconstpointer data)
{
  run_ticks (f, 100);
  g_assert_cmpuint (get (f, MAIN_CNT), ==, 0);
  put (f, GEN_CONF, 1);
  run_ticks (f, 100);
  g_assert_cmpuint (get (f, MAIN_CNT), ==, 100);
  put (f, GEN_CONF, 0);
  run_ticks (f, 100);
  g_assert_cmpuint (get (f, MAIN_CNT), ==, 100);
  put (f, MAIN_CNT, G_GUINT64_CONSTANT (0xfffffffff));
  put (f, GEN_CONF, 1);
  run_ticks (f, 1);
  g_assert_cmphex (get (f, MAIN_CNT), ==, G_GUINT64_CONSTANT (0x1000000000));
  put32 (f, MAIN_CNT + 4, 0);
  g_assert_cmphex (get (f, MAIN_CNT), ==, 0);
}

static void
a_comparator_interrupts_once (Fixture *f, gconstpointer data)
{
  put (f, T0_CONF, ENABLE | ROUTE_16);
  put (f, T0_COMPARATOR, 500);
  put (f, GEN_CONF, 1);
  run_ticks (f, 499);
  g_assert_cmpuint (f->irq16.rises, ==, 0);
  run_ticks (f, 1);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
  run_ticks (f, 1000000);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
  put (f, T0_COMPARATOR, 1001000);
  run_ticks (f, 1000);
  g_assert_cmpuint (f->irq16.rises, ==, 2);
}

static void
a_comparator_of_32_bits_comes_round (Fixture *f, gconstpointer data)
{
  put (f, T0_CONF, ENABLE | BITS_32 | ROUTE_16);
  put32 (f, T0_COMPARATOR, 100);
  put (f, GEN_CONF, 1);
  run_ticks (f, 100);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
  run_ticks (f, G_GUINT64_CONSTANT (0x100000000) - 1);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
  run_ticks (f, 1);
  g_assert_cmpuint (f->irq16.rises, ==, 2);
}

/* As Linux starts it: comparator, then period, both through the low half. */
static void
a_periodic_timer_goes_on (Fixture *f, gconstpointer data)
{
  put (f, GEN_CONF, 3);
  put32 (f, T0_CONF, ENABLE | PERIODIC | SET | BITS_32);
  put32 (f, T0_COMPARATOR, 5000);
  put32 (f, T0_COMPARATOR, 1000);
  run_ticks (f, 4999);
  g_assert_cmpuint (f->irq0.rises, ==, 0);
  run_ticks (f, 1);
  g_assert_cmpuint (f->irq0.rises, ==, 1);
  g_assert_cmpuint (get (f, T0_COMPARATOR), ==, 6000);
  run_ticks (f, 95000);
  g_assert_cmpuint (f->irq0.rises, ==, 96);
  g_assert_cmpuint (get (f, T0_COMPARATOR), ==, 101000);
}

static void
a_periodic_comparator_moves_on_unseen (Fixture *f, gconstpointer data)
{
  put (f, GEN_CONF, 1);
  put32 (f, T0_CONF, PERIODIC | SET | BITS_32 | ROUTE_16);
  put32 (f, T0_COMPARATOR, 1000);
  put32 (f, T0_COMPARATOR, 1000);
  run_ticks (f, G_GUINT64_CONSTANT (0xa00000000) + 10);
  put32 (f, T0_CONF, ENABLE | PERIODIC | BITS_32 | ROUTE_16);
  run_ticks (f, 1000);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
}

static void
legacy_replacement_takes_irq_0_and_8 (Fixture *f, gconstpointer data)
{
  hpet_set_legacy_input (f->hpet, HPET_INPUT_PIT, TRUE);
  hpet_set_legacy_input (f->hpet, HPET_INPUT_RTC, TRUE);
  g_assert_true (f->irq0.level && f->irq8.level);
  put (f, T1_CONF, ENABLE);
  put (f, T1_COMPARATOR, 10);
  put (f, GEN_CONF, 3);
  g_assert_false (f->irq0.level || f->irq8.level);
  hpet_set_legacy_input (f->hpet, HPET_INPUT_PIT, FALSE);
  hpet_set_legacy_input (f->hpet, HPET_INPUT_PIT, TRUE);
  g_assert_false (f->irq0.level);
  run_ticks (f, 10);
  g_assert_true (f->irq8.level);
  g_assert_false (f->irq0.level);
  put (f, GEN_CONF, 1);
  g_assert_true (f->irq0.level && f->irq8.level);
}

static void
a_level_lasts_until_its_status_is_cleared (Fixture *f, gconstpointer data)
{
  put (f, T2_CONF, ENABLE | LEVEL | ROUTE_16);
  put (f, T2_COMPARATOR, 10);
  put (f, GEN_CONF, 1);
  run_ticks (f, 20);
  g_assert_true (f->irq16.level);
  g_assert_cmphex (get (f, GINTR_STA), ==, 4);
  put (f, GINTR_STA, 3);
  g_assert_true (f->irq16.level);
  put (f, GINTR_STA, 4);
  g_assert_false (f->irq16.level);
  g_assert_cmphex (get (f, GINTR_STA), ==, 0);
}

static void
a_disabled_timer_is_silent (Fixture *f, gconstpointer data)
{
  put (f, T0_CONF, ROUTE_16);
  put (f, T0_COMPARATOR, 10);
  put (f, GEN_CONF, 1);
  run_ticks (f, 20);
  g_assert_cmpuint (f->irq16.rises, ==, 0);
}

static void
a_new_count_moves_a_comparator_of_32_bits (Fixture *f, gconstpointer data)
{
  put (f, GEN_CONF, 1);
  put32 (f, T0_CONF, ENABLE | PERIODIC | SET | BITS_32 | ROUTE_16);
  put32 (f, T0_COMPARATOR, 5000);
  put32 (f, T0_COMPARATOR, 1000);
  put (f, MAIN_CNT, G_GUINT64_CONSTANT (0x700000000) + 4000);
  run_ticks (f, 999);
  g_assert_cmpuint (f->irq16.rises, ==, 0);
  run_ticks (f, 1);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
  put (f, MAIN_CNT, 0);                             /* behind the next one, at 6000 */
  run_ticks (f, 5999);
  g_assert_cmpuint (f->irq16.rises, ==, 1);
  run_ticks (f, 1);
  g_assert_cmpuint (f->irq16.rises, ==, 2);
}

static void
wires_are_driven_again_after_a_load (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;

  put (f, T2_CONF, ENABLE | LEVEL | ROUTE_16);
  put (f, T2_COMPARATOR, 10);
  put (f, GEN_CONF, 1);
  run_ticks (f, 20);
  saved = g_variant_ref_sink (astern_device_save (f->hpet));
  put (f, GINTR_STA, 4);
  g_assert_false (f->irq16.level);
  g_assert_true (astern_device_load (f->hpet, saved, NULL));
  g_assert_true (f->irq16.level);
}

#define ADD(name) g_test_add ("/hw/hpet/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_says_what_it_can);
  ADD (the_counter_runs_while_enabled);
  ADD (a_comparator_interrupts_once);
  ADD (a_comparator_of_32_bits_comes_round);
  ADD (a_periodic_timer_goes_on);
  ADD (a_periodic_comparator_moves_on_unseen);
  ADD (legacy_replacement_takes_irq_0_and_8);
  ADD (a_level_lasts_until_its_status_is_cleared);
  ADD (a_disabled_timer_is_silent);
  ADD (a_new_count_moves_a_comparator_of_32_bits);
  ADD (wires_are_driven_again_after_a_load);
  return g_test_run ();
}
