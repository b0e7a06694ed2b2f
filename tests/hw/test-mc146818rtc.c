/* test-mc146818rtc.c - the real-time clock. */
#include "config.h"

#include "hw/mc146818rtc.h"

#include "device-fixture.h"

#define SECOND_NS G_GUINT64_CONSTANT (1000000000)

/* 2026-11-22 23:59:58 UTC, a Sunday. */
#define A_TIME    G_GUINT64_CONSTANT (1795391998)

typedef struct
{
  AsternClock   clock;
  AsternDevice *rtc;
  Probe         irq;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->rtc = astern_device_new (&mc146818rtc_class, "rtc", NULL, &f->clock);
  probe_connect (&f->irq, mc146818rtc_irq (f->rtc));
  mc146818rtc_set_time (f->rtc, A_TIME);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->rtc);
  astern_clock_clear (&f->clock);
}

static guint8
get (Fixture *f, guint8 reg)
{
  astern_device_write8 (f->rtc, 0, reg);
  return astern_device_read8 (f->rtc, 1);
}

static void
put (Fixture *f, guint8 reg, guint8 value)
{
  astern_device_write8 (f->rtc, 0, reg);
  astern_device_write8 (f->rtc, 1, value);
}

static void
assert_time (Fixture *f, const char *expected)
{
  g_autofree char *shown = g_strdup_printf ("%02x%02x-%02x-%02x %02x:%02x:%02x (%x)", get (f, 0x32), get (f, 9), get (f, 8),
                                            get (f, 7), get (f, 4), get (f, 2), get (f, 0), get (f, 6));

  g_assert_cmpstr (shown, ==, expected);
}

static void
it_keeps_guest_time (Fixture *f, gconstpointer data)
{
  assert_time (f, "2026-11-22 23:59:58 (1)");
  clock_run (&f->clock, 2 * SECOND_NS - 1);
  assert_time (f, "2026-11-22 23:59:59 (1)");
  clock_run (&f->clock, 1);
  assert_time (f, "2026-11-23 00:00:00 (2)");
  clock_run (&f->clock, (31 + 7) * 86400 * SECOND_NS);
  assert_time (f, "2026-12-31 00:00:00 (5)");
  clock_run (&f->clock, 86400 * SECOND_NS);
  assert_time (f, "2027-01-01 00:00:00 (6)");
}

static void
it_knows_leap_years (Fixture *f, gconstpointer data)
{
  mc146818rtc_set_time (f->rtc, 951782399);        /* 2000-02-28 23:59:59, a Monday */
  assert_time (f, "2000-02-28 23:59:59 (2)");
  clock_run (&f->clock, SECOND_NS);
  assert_time (f, "2000-02-29 00:00:00 (3)");
  clock_run (&f->clock, 86400 * SECOND_NS);
  assert_time (f, "2000-03-01 00:00:00 (4)");
  mc146818rtc_set_time (f->rtc, 4107542399);       /* 2100-02-28 23:59:59: no leap year */
  clock_run (&f->clock, SECOND_NS);
  g_assert_cmphex (get (f, 8), ==, 0x03);
}

static void
the_guest_sets_it_while_it_stands (Fixture *f, gconstpointer data)
{
  put (f, 0x0b, 0x82);
  clock_run (&f->clock, 10 * SECOND_NS);
  assert_time (f, "2026-11-22 23:59:58 (1)");
  put (f, 0x32, 0x19);
  put (f, 9, 0x99);
  put (f, 8, 0x12);
  put (f, 7, 0x31);
  put (f, 4, 0x12);
  put (f, 2, 0x34);
  put (f, 0, 0x56);
  put (f, 6, 0x06);
  put (f, 0x0b, 0x02);
  assert_time (f, "1999-12-31 12:34:56 (6)");
  clock_run (&f->clock, 86400 * SECOND_NS);
  assert_time (f, "2000-01-01 12:34:56 (7)");
}

static void
it_speaks_binary_and_twelve_hours (Fixture *f, gconstpointer data)
{
  put (f, 0x0b, 0x06);
  g_assert_cmpuint (get (f, 4), ==, 23);
  g_assert_cmpuint (get (f, 2), ==, 59);
  put (f, 0x0b, 0x00);
  g_assert_cmphex (get (f, 4), ==, 0x91);          /* 11 PM */
  clock_run (&f->clock, 2 * SECOND_NS);
  g_assert_cmphex (get (f, 4), ==, 0x12);          /* 12 AM */
  clock_run (&f->clock, 12 * 3600 * SECOND_NS);
  g_assert_cmphex (get (f, 4), ==, 0x92);          /* 12 PM */
  put (f, 4, 0x81);
  put (f, 0x0b, 0x02);
  g_assert_cmphex (get (f, 4), ==, 0x13);
}

static void
an_update_shows_in_register_c_without_interrupts (Fixture *f, gconstpointer data)
{
  get (f, 0x0c);
  g_assert_cmphex (get (f, 0x0c) & 0x10, ==, 0);
  clock_run (&f->clock, SECOND_NS);
  g_assert_cmphex (get (f, 0x0c) & 0x90, ==, 0x10);
  g_assert_cmphex (get (f, 0x0c) & 0x10, ==, 0);
  g_assert_cmpuint (f->irq.rises, ==, 0);
}

static void
the_update_interrupt_waits_for_register_c (Fixture *f, gconstpointer data)
{
  get (f, 0x0c);
  put (f, 0x0b, 0x12);
  clock_run (&f->clock, 5 * SECOND_NS);
  g_assert_true (f->irq.level);
  g_assert_cmpuint (f->irq.rises, ==, 1);
  g_assert_cmphex (get (f, 0x0c) & 0x90, ==, 0x90);
  g_assert_false (f->irq.level);
  clock_run (&f->clock, SECOND_NS);
  g_assert_cmpuint (f->irq.rises, ==, 2);
}

static void
the_periodic_interrupt_has_its_rate (Fixture *f, gconstpointer data)
{
  guint n = 0;

  get (f, 0x0c);
  put (f, 0x0a, 0x26);
  put (f, 0x0b, 0x42);
  for (guint i = 0; i < 100000; i++)
    {
      clock_run (&f->clock, 10000);
      if (f->irq.level)
        {
          n++;
          g_assert_cmphex (get (f, 0x0c) & 0xc0, ==, 0xc0);
        }
    }
  g_assert_cmpuint (n, ==, 1024);
}

static void
the_alarm_comes_when_its_bytes_match (Fixture *f, gconstpointer data)
{
  put (f, 1, 0x05);
  put (f, 3, 0x00);
  put (f, 5, 0xff);                                /* any hour */
  get (f, 0x0c);
  put (f, 0x0b, 0x22);
  clock_run (&f->clock, 7 * SECOND_NS - 1);
  g_assert_false (f->irq.level);
  clock_run (&f->clock, 1);
  g_assert_true (f->irq.level);
  assert_time (f, "2026-11-23 00:00:05 (2)");
  g_assert_cmphex (get (f, 0x0c) & 0xa0, ==, 0xa0);
  clock_run (&f->clock, 3600 * SECOND_NS);
  g_assert_cmpuint (f->irq.rises, ==, 2);
}

static void
an_impossible_alarm_never_comes (Fixture *f, gconstpointer data)
{
  put (f, 1, 0x61);
  put (f, 3, 0xff);
  put (f, 5, 0xff);
  get (f, 0x0c);
  put (f, 0x0b, 0x22);
  clock_run (&f->clock, 2 * 86400 * SECOND_NS);
  g_assert_cmpuint (f->irq.rises, ==, 0);
  g_assert_cmphex (get (f, 0x0c) & 0x20, ==, 0);
}

static void
uip_is_up_before_an_update (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, 0x0a) & 0x80, ==, 0);
  clock_run (&f->clock, SECOND_NS - 244000);
  g_assert_cmphex (get (f, 0x0a) & 0x80, ==, 0x80);
  clock_run (&f->clock, 244000);
  g_assert_cmphex (get (f, 0x0a) & 0x80, ==, 0);
}

static void
the_first_update_after_a_divider_reset_is_half_a_second_away (Fixture *f, gconstpointer data)
{
  clock_run (&f->clock, SECOND_NS / 3);
  put (f, 0x0a, 0x76);
  clock_run (&f->clock, 3 * SECOND_NS);
  assert_time (f, "2026-11-22 23:59:58 (1)");
  put (f, 0x0a, 0x26);
  clock_run (&f->clock, SECOND_NS / 2 - 1);
  assert_time (f, "2026-11-22 23:59:58 (1)");
  clock_run (&f->clock, 1);
  assert_time (f, "2026-11-22 23:59:59 (1)");
}

static void
memory_outlives_a_reset (Fixture *f, gconstpointer data)
{
  put (f, 0x0b, 0x72);
  put (f, 0x7f, 0xa5);
  mc146818rtc_set_nvram (f->rtc, 0x34, 0x5a);
  astern_device_reset (f->rtc);
  g_assert_cmphex (get (f, 0x7f), ==, 0xa5);
  g_assert_cmphex (get (f, 0x34), ==, 0x5a);
  g_assert_cmphex (get (f, 0x0b), ==, 0x02);
  g_assert_cmphex (get (f, 0x0d), ==, 0x80);
  assert_time (f, "2026-11-22 23:59:58 (1)");
}

static void
an_alarm_of_wildcards_comes_every_second (Fixture *f, gconstpointer data)
{
  for (guint reg = 1; reg <= 5; reg += 2)
    put (f, reg, 0xc0);
  get (f, 0x0c);
  put (f, 0x0b, 0x22);
  for (guint i = 1; i <= 5; i++)
    {
      clock_run (&f->clock, SECOND_NS);
      g_assert_cmpuint (f->irq.rises, ==, i);
      g_assert_cmphex (get (f, 0x0c) & 0xa0, ==, 0xa0);
    }
}

static void
a_write_to_the_running_clock_changes_that_byte (Fixture *f, gconstpointer data)
{
  clock_run (&f->clock, 5 * SECOND_NS);
  put (f, 4, 0x15);
  assert_time (f, "2026-11-23 15:00:03 (2)");
  clock_run (&f->clock, SECOND_NS - 1);
  assert_time (f, "2026-11-23 15:00:03 (2)");
  clock_run (&f->clock, 1);
  assert_time (f, "2026-11-23 15:00:04 (2)");
}

static void
what_happened_before_a_change_is_not_lost (Fixture *f, gconstpointer data)
{
  get (f, 0x0c);
  clock_run (&f->clock, SECOND_NS / 2);
  put (f, 0x0a, 0x20);                             /* no periodic rate from here on */
  g_assert_cmphex (get (f, 0x0c) & 0x40, ==, 0x40);
  clock_run (&f->clock, SECOND_NS / 2);
  g_assert_cmphex (get (f, 0x0c) & 0x50, ==, 0x10);
  clock_run (&f->clock, SECOND_NS);
  put (f, 0x0b, 0x82);
  g_assert_cmphex (get (f, 0x0c) & 0x10, ==, 0x10);
}

static void
setting_the_clock_sets_the_day_of_the_week (Fixture *f, gconstpointer data)
{
  put (f, 6, 0x05);
  assert_time (f, "2026-11-22 23:59:58 (5)");
  clock_run (&f->clock, 3 * 86400 * SECOND_NS);
  assert_time (f, "2026-11-25 23:59:58 (1)");
  mc146818rtc_set_time (f->rtc, A_TIME);
  assert_time (f, "2026-11-22 23:59:58 (1)");
}

#define ADD(name) g_test_add ("/hw/mc146818rtc/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_keeps_guest_time);
  ADD (it_knows_leap_years);
  ADD (the_guest_sets_it_while_it_stands);
  ADD (it_speaks_binary_and_twelve_hours);
  ADD (an_update_shows_in_register_c_without_interrupts);
  ADD (the_update_interrupt_waits_for_register_c);
  ADD (the_periodic_interrupt_has_its_rate);
  ADD (the_alarm_comes_when_its_bytes_match);
  ADD (an_impossible_alarm_never_comes);
  ADD (uip_is_up_before_an_update);
  ADD (the_first_update_after_a_divider_reset_is_half_a_second_away);
  ADD (memory_outlives_a_reset);
  ADD (an_alarm_of_wildcards_comes_every_second);
  ADD (a_write_to_the_running_clock_changes_that_byte);
  ADD (what_happened_before_a_change_is_not_lost);
  ADD (setting_the_clock_sets_the_day_of_the_week);
  return g_test_run ();
}
