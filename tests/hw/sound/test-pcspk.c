/* test-pcspk.c - the PC's loudspeaker, played as programs do. */
#include "config.h"

#include "hw/sound/pcspk.h"

#include "hw/pit8254.h"
#include "hw/port61.h"

#include "../device-fixture.h"
#include "sound-fixture.h"

#define MS G_GUINT64_CONSTANT (1000000)

typedef struct
{
  Sound         sound;
  AsternDevice *pit, *port61, *pcspk;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternMachine *machine;

  sound_set_up (&f->sound);
  machine = f->sound.machine;
  f->pit = astern_device_new (&pit8254_class, "pit", machine, &machine->clock);
  f->port61 = astern_device_new (&port61_class, "port61", machine, &machine->clock);
  f->pcspk = astern_device_new (&pcspk_class, "pcspk", machine, &machine->clock);
  astern_machine_add_device (machine, f->pit);
  astern_machine_add_device (machine, f->port61);
  astern_machine_add_device (machine, f->pcspk);
  port61_connect (f->port61, f->pit);
  pcspk_connect (f->pcspk, f->port61, f->pit, f->sound.link);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  sound_tear_down (&f->sound);
}

static void
tune (Fixture *f, guint16 count)
{
  astern_device_write8 (f->pit, 3, 0xb6);
  astern_device_write8 (f->pit, 2, (guint8) count);
  astern_device_write8 (f->pit, 2, (guint8) (count >> 8));
}

static void
run (Fixture *f, guint64 ns)
{
  clock_run (&f->sound.machine->clock, ns);
}

static void
a_tone_has_the_timers_frequency (Fixture *f, gconstpointer data)
{
  const gint16 *samples;

  tune (f, 1193182 / 880);
  astern_device_write8 (f->port61, 0, 3);
  run (f, 500 * MS);
  samples = (gconstpointer) f->sound.samples->data;
  g_assert_cmpuint (f->sound.rate_hz, ==, 48000);
  g_assert_cmpuint (f->sound.samples->len / 2, >=, 23500);
  g_assert_cmpuint (f->sound.samples->len / 2, <=, 24000);
  g_assert_cmpfloat_with_epsilon (sound_hz (samples, f->sound.samples->len / 2, 48000), 880, 1);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), >, 4000);
  g_assert_cmpuint (f->sound.gaps, ==, 0);
}

static void
a_tone_may_change_while_it_sounds (Fixture *f, gconstpointer data)
{
  const gint16 *samples;

  tune (f, 1193182 / 1000);
  astern_device_write8 (f->port61, 0, 3);
  run (f, 200 * MS);
  tune (f, 1193182 / 500);
  run (f, 210 * MS);
  samples = (gconstpointer) f->sound.samples->data;
  g_assert_cmpfloat_with_epsilon (sound_hz (samples, 9500, 48000), 1000, 2);
  g_assert_cmpfloat_with_epsilon (sound_hz (samples + 2 * 9700, 9500, 48000), 500, 2);
  g_assert_cmpuint (f->sound.gaps, ==, 0);
}

static void
it_is_silent_without_its_bit (Fixture *f, gconstpointer data)
{
  tune (f, 1193);
  astern_device_write8 (f->port61, 0, 1);
  run (f, 100 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 0);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
}

static void
it_stops_when_it_is_switched_off (Fixture *f, gconstpointer data)
{
  tune (f, 1193);
  astern_device_write8 (f->port61, 0, 3);
  run (f, 100 * MS);
  astern_device_write8 (f->port61, 0, 0);
  run (f, 1000 * MS);
  g_assert_cmpuint (f->sound.ends, ==, 1);
  g_assert_cmpuint (f->sound.samples->len / 2, <, 48000 / 2);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
  g_assert_cmpint (g_array_index (f->sound.samples, gint16, f->sound.samples->len - 1), ==, 0);
}

/* Left on with the timer standing, it moves no more: no sound, and nothing to do. */
static void
a_level_that_lasts_is_no_sound (Fixture *f, gconstpointer data)
{
  astern_device_write8 (f->port61, 0, 2);
  run (f, 2000 * MS);
  g_assert_cmpuint (f->sound.ends, ==, 1);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
}

/* Bits toggled by a program, without the timer. */
static void
a_program_can_play_by_the_bit (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      astern_device_write8 (f->port61, 0, i & 1 ? 0 : 2);
      run (f, MS);
    }
  g_assert_cmpfloat_with_epsilon (sound_hz ((gconstpointer) f->sound.samples->data, 9000, 48000), 500, 2);
}

/* Digital sound: a pulse for each sample, whose width is its level. */
static void
the_width_of_pulses_is_a_level (Fixture *f, gconstpointer data)
{
  static const guint8 widths[2] = { 20, 60 };
  guint64 at_ns = 0;

  astern_device_write8 (f->port61, 0, 3);
  for (guint i = 0; i < 3200; i++)            /* 16,000 pulses a second; a square wave of 400 Hz */
    {
      astern_device_write8 (f->pit, 3, 0x90);
      astern_device_write8 (f->pit, 2, widths[i / 20 % 2]);
      at_ns += 62500;
      run (f, at_ns - astern_clock_now_ns (&f->sound.machine->clock));
    }
  for (guint k = 0; k + 6 <= f->sound.samples->len; k++)         /* the ear hears no pulses */
    g_array_index (f->sound.samples, gint16, k) = (gint16) ((g_array_index (f->sound.samples, gint16, k)
      + g_array_index (f->sound.samples, gint16, k + 2) + g_array_index (f->sound.samples, gint16, k + 4)) / 3);
  g_assert_cmpfloat_with_epsilon (sound_hz ((gconstpointer) (f->sound.samples->data + 4 * 2400), 7000, 48000), 400, 3);
}

static void
what_cannot_be_heard_is_level (Fixture *f, gconstpointer data)
{
  tune (f, 20);
  astern_device_write8 (f->port61, 0, 3);
  run (f, 50 * MS);
  f->sound.samples->len = 0;
  run (f, 50 * MS);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), <, 2000);
}

static void
ticks_that_are_high_are_counted_exactly (Fixture *f, gconstpointer data)
{
  static const guint8 controls[] = { 0xb0, 0xb4, 0xb6, 0xb8 };

  astern_device_write8 (f->port61, 0, 1);
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    {
      guint64 from, high = 0;

      astern_device_write8 (f->pit, 3, controls[i]);
      astern_device_write8 (f->pit, 2, 37);
      astern_device_write8 (f->pit, 2, 0);
      from = astern_clock_now_ns (&f->sound.machine->clock) * PIT8254_HZ / 1000000000 + 1;
      for (guint tick = 0; tick < 200; tick++)
        high += pit8254_high_ticks (f->pit, 2, from + tick, from + tick + 1);
      g_assert_cmpuint (high, ==, pit8254_high_ticks (f->pit, 2, from, from + 200));
      g_assert_cmpuint (high, >, 0);
      g_assert_cmpuint (high, <, 200);
    }
}

#define ADD(name) g_test_add ("/hw/sound/pcspk/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_tone_has_the_timers_frequency);
  ADD (a_tone_may_change_while_it_sounds);
  ADD (it_is_silent_without_its_bit);
  ADD (it_stops_when_it_is_switched_off);
  ADD (a_level_that_lasts_is_no_sound);
  ADD (a_program_can_play_by_the_bit);
  ADD (the_width_of_pulses_is_a_level);
  ADD (what_cannot_be_heard_is_level);
  ADD (ticks_that_are_high_are_counted_exactly);
  return g_test_run ();
}
