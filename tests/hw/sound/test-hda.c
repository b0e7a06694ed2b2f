/* test-hda.c - High Definition Audio, driven as its specification says. */
#include "config.h"

#include "hw/sound/hda.h"

#include "../device-fixture.h"
#include "sound-fixture.h"

#define MS   G_GUINT64_CONSTANT (1000000)
#define CORB 0x10000u
#define RIRB 0x11000u
#define LIST 0x12000u
#define POSITIONS 0x13000u
#define DATA 0x20000u

enum { GCTL = 0x08, STATESTS = 0x0e, INTCTL = 0x20, INTSTS = 0x24, WALCLK = 0x30, SSYNC = 0x38, CORBLBASE = 0x40, CORBWP = 0x48, CORBRP = 0x4a,
       CORBCTL = 0x4c, RIRBLBASE = 0x50, RIRBWP = 0x58, RINTCNT = 0x5a, RIRBCTL = 0x5c, RIRBSTS = 0x5d, ICOI = 0x60, ICII = 0x64,
       ICIS = 0x68, DPLBASE = 0x70, IN = 0x80, OUT = 0x100 };
enum { CTL = 0, STS = 3, LPIB = 4, CBL = 8, LVI = 0xc, FMT = 0x12, BDPL = 0x18 };
enum { DAC = 2, PIN_OUT = 3, ADC = 4, PIN_IN = 5 };

typedef struct
{
  Sound         sound;
  AsternDevice *hda, *codec;
} Fixture;

static guint32
get (Fixture *f, guint offset, guint size)
{
  return (guint32) astern_device_read (f->hda, HDA_WINDOW, offset, size, NULL);
}

static void
put (Fixture *f, guint offset, guint size, guint32 value)
{
  astern_device_write (f->hda, HDA_WINDOW, offset, size, value, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  sound_set_up (&f->sound);
  f->hda = astern_device_new (&intel_hda_class, "hda", f->sound.machine, &f->sound.machine->clock);
  f->codec = astern_device_new (&hda_duplex_class, "codec", f->sound.machine, &f->sound.machine->clock);
  astern_machine_add_device (f->sound.machine, f->hda);
  astern_machine_add_device (f->sound.machine, f->codec);
  hda_codec_connect (f->codec, f->sound.link);
  g_assert_true (hda_plug (f->hda, f->codec, 2));
  g_assert_false (hda_plug (f->hda, f->codec, 2));
  astern_pci_attach (&f->sound.bus, f->hda, 16);
  astern_device_write (f->hda, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  put (f, GCTL, 4, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  sound_tear_down (&f->sound);
}

static void
run (Fixture *f, guint64 ns)
{
  clock_run (&f->sound.machine->clock, ns);
}

static void
poke (Fixture *f, guint64 at, gconstpointer data, gsize size)
{
  astern_bus_write_bytes (f->sound.machine->physical, (AsternPaddr) { at }, data, size, ASTERN_ORIGIN_CPU);
}

static guint32
word (Fixture *f, guint64 at)
{
  guint32 value;

  astern_bus_read_bytes (f->sound.machine->physical, (AsternPaddr) { at }, &value, sizeof value, ASTERN_ORIGIN_CPU);
  return GUINT32_FROM_LE (value);
}

/* The immediate way. */
static guint32
verb (Fixture *f, guint nid, guint32 what)
{
  put (f, ICOI, 4, 2u << 28 | nid << 20 | what);
  put (f, ICIS, 2, 1);
  g_assert_cmphex (get (f, ICIS, 2), ==, 2);
  put (f, ICIS, 2, 2);
  return get (f, ICII, 4);
}

static void
a_codec_says_that_it_is_there (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, 0, 2), ==, 0x4401);
  g_assert_cmphex (get (f, STATESTS, 2), ==, 1 << 2);
  put (f, STATESTS, 2, 0x7fff);
  g_assert_cmphex (get (f, STATESTS, 2), ==, 0);
  put (f, GCTL, 4, 0);
  put (f, GCTL, 4, 1);
  g_assert_cmphex (get (f, STATESTS, 2), ==, 1 << 2);
  g_assert_cmphex (verb (f, 0, 0xf0000) >> 16, ==, 0x1af4);
  g_assert_cmphex (verb (f, 0, 0xf0004), ==, 0x10001);
  g_assert_cmphex (verb (f, 1, 0xf0004), ==, 0x20004);
  g_assert_cmphex (verb (f, 1, 0xf0005), ==, 1);
  g_assert_cmphex (verb (f, PIN_OUT, 0xf0200), ==, DAC);
  g_assert_cmphex (verb (f, ADC, 0xf0200), ==, PIN_IN);
  g_assert_cmphex (verb (f, PIN_OUT, 0xf1c00), ==, 0x01014010);
  g_assert_cmphex (verb (f, 77, 0xf0009), ==, 0);
}

static void
nobody_answers_for_a_codec_that_is_not_there (Fixture *f, gconstpointer data)
{
  put (f, ICOI, 4, 5u << 28 | 0xf0000);
  put (f, ICIS, 2, 1);
  g_assert_cmphex (get (f, ICIS, 2), ==, 0);
}

static void
start_rings (Fixture *f)
{
  put (f, CORBLBASE, 4, CORB);
  put (f, RIRBLBASE, 4, RIRB);
  put (f, CORBRP, 2, 0x8000);
  g_assert_cmphex (get (f, CORBRP, 2), ==, 0x8000);
  put (f, CORBRP, 2, 0);
  put (f, RIRBWP, 2, 0x8000);
  put (f, INTCTL, 4, 0xc0000000);
  put (f, RIRBCTL, 1, 3);
  put (f, CORBCTL, 1, 2);
}

static void
commands_are_answered_one_a_frame (Fixture *f, gconstpointer data)
{
  guint32 commands[8];

  for (guint i = 0; i < 8; i++)
    commands[i] = GUINT32_TO_LE (2u << 28 | (guint) (i == 3 ? PIN_IN : PIN_OUT) << 20 | 0xf1c00);
  poke (f, CORB + 4, commands, sizeof commands);
  put (f, RINTCNT, 2, 4);
  start_rings (f);
  put (f, CORBWP, 2, 8);
  run (f, 70000);
  g_assert_cmpuint (get (f, RIRBWP, 2), ==, 3);
  g_assert_false (f->sound.intx);
  run (f, 20000);
  g_assert_cmpuint (get (f, RIRBWP, 2), ==, 4);
  g_assert_true (f->sound.intx);
  g_assert_cmphex (get (f, INTSTS, 4), ==, 0xc0000000);
  g_assert_cmphex (word (f, RIRB + 8), ==, 0x01014010);
  g_assert_cmphex (word (f, RIRB + 8 + 4), ==, 2);
  g_assert_cmphex (word (f, RIRB + 4 * 8), ==, 0x01813020);
  put (f, RIRBSTS, 1, 5);
  g_assert_false (f->sound.intx);
  run (f, MS);
  g_assert_cmpuint (get (f, CORBRP, 2), ==, 8);
  g_assert_true (f->sound.intx);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
}

static void
put_entry (Fixture *f, guint n, guint64 address, guint32 bytes, guint32 flags)
{
  const struct { guint64 address; guint32 bytes, flags; } entry = {
    GUINT64_TO_LE (address), GUINT32_TO_LE (bytes), GUINT32_TO_LE (flags),
  };

  poke (f, LIST + 16 * n, &entry, sizeof entry);
}

/* A ring of 20 ms of 1 kHz in two pieces, by the stream @at, of tag 5; 48 kHz. */
static void
put_ring (Fixture *f, guint at)
{
  sound_put_tone (&f->sound, DATA, 960, 1000, 48000, 10000);
  put_entry (f, 0, DATA, 4 * 480, 1);
  put_entry (f, 1, DATA + 4 * 480, 4 * 480, 1);
  put (f, at + BDPL, 4, LIST);
  put (f, at + CBL, 4, 4 * 960);
  put (f, at + LVI, 2, 1);
  put (f, at + FMT, 2, 0x0011);
  put (f, at + CTL + 2, 1, 0x50);
}

static void
a_stream_is_played_by_guest_time (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  verb (f, DAC, 0x70650);
  put (f, OUT + CTL, 1, 2);
  run (f, 505 * MS / 10);
  g_assert_cmpuint (get (f, OUT + LPIB, 4), ==, 4 * 480);
  g_assert_cmpuint (get (f, 0x2084 + 0x80, 4), ==, 4 * 480);
  run (f, 50 * MS);
  put (f, OUT + CTL, 1, 0);
  run (f, 50 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 4800);
  g_assert_cmpuint (f->sound.ends, ==, 1);
  g_assert_cmpuint (f->sound.gaps, ==, 0);
  g_assert_cmpfloat_with_epsilon (sound_hz ((gconstpointer) f->sound.samples->data, 4800, 48000), 1000, 1);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), >, 9990);
  g_assert_cmpint (sound_peak (f->sound.samples, 1), <=, 5000);
}

static void
each_piece_asks_for_an_interrupt (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  put (f, INTCTL, 4, 1u << 31 | 1 << 4);
  put (f, OUT + CTL, 1, 2 | 4);
  run (f, 9 * MS);
  g_assert_false (f->sound.intx);
  run (f, 2 * MS);
  g_assert_true (f->sound.intx);
  g_assert_cmphex (get (f, INTSTS, 4), ==, 1u << 31 | 1 << 4);
  g_assert_cmphex (get (f, OUT + STS, 1), ==, 0x24);
  put (f, OUT + STS, 1, 0x04);
  g_assert_false (f->sound.intx);
  g_assert_cmphex (get (f, OUT + STS, 1), ==, 0x20);
  run (f, 10 * MS);
  g_assert_cmpuint (f->sound.interrupts, ==, 2);
}

static void
the_position_is_written_to_memory (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  put (f, DPLBASE, 4, POSITIONS | 1);
  put (f, OUT + CTL, 1, 2);
  run (f, 55 * MS / 10);
  g_assert_cmpuint (word (f, POSITIONS + 8 * 4), ==, 4 * 240);
}

static void
only_the_stream_of_its_tag_is_heard (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  verb (f, DAC, 0x70640);
  put (f, OUT + CTL, 1, 2);
  run (f, 10 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 0);
  verb (f, DAC, 0x70650);
  run (f, 10 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 480);
}

static void
volumes_mutes_and_pins_are_heard (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  verb (f, DAC, 0x70650);
  verb (f, DAC, 0x30000 | 0xa000 | (0x4a - 20));        /* left down by 20 dB */
  put (f, OUT + CTL, 1, 2);
  run (f, 10 * MS);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), ==, 999);
  g_assert_cmpint (sound_peak (f->sound.samples, 1), >, 4990);
  verb (f, DAC, 0x30000 | 0xb000 | 0x80);
  f->sound.samples->len = 0;
  run (f, 10 * MS);
  g_assert_cmpint (sound_peak (f->sound.samples, 1), ==, 0);
  verb (f, DAC, 0x30000 | 0xb000 | 0x4a);
  verb (f, PIN_OUT, 0x70700);
  f->sound.samples->len = 0;
  run (f, 10 * MS);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), ==, 0);
  g_assert_cmphex (verb (f, DAC, 0xb0000 | 0xa000), ==, 0x4a);
}

/* 24 bits in words of 32, one channel, 44.1 kHz. */
static void
other_formats_are_converted (Fixture *f, gconstpointer data)
{
  guint32 samples[441];

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    samples[i] = GUINT32_TO_LE ((guint32) (gint32) (12000 * sin (2 * G_PI * i / 44.1)) << 16);
  put_ring (f, OUT);
  poke (f, DATA, samples, sizeof samples);
  put_entry (f, 0, DATA, sizeof samples, 0);
  put_entry (f, 1, DATA, sizeof samples, 0);
  put (f, OUT + CBL, 4, 2 * sizeof samples);
  put (f, OUT + FMT, 2, 0x4030);
  verb (f, DAC, 0x70650);
  put (f, OUT + CTL, 1, 2);
  run (f, 101 * MS);
  g_assert_cmpuint (f->sound.rate_hz, ==, 44100);
  g_assert_cmpuint (f->sound.samples->len / 2, >=, 4410);
  g_assert_cmpfloat_with_epsilon (sound_hz ((gconstpointer) f->sound.samples->data, 4410, 44100), 1000, 1);
  g_assert_cmpint (sound_peak (f->sound.samples, 1), >, 11900);
}

static void
what_is_said_is_recorded_and_the_rest_is_silence (Fixture *f, gconstpointer data)
{
  gint16 said[2 * 300], got[2 * 960];

  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    said[i] = (gint16) (i * 97 + 1);
  put_ring (f, IN);
  verb (f, ADC, 0x70650);
  sound_speak (&f->sound, 0, said, 300);        /* nobody listens yet */
  put (f, IN + CTL, 1, 2);
  g_assert_cmpuint (f->sound.listening_hz, ==, 48000);
  sound_speak (&f->sound, 0, said, 300);
  run (f, 15 * MS);
  put (f, IN + CTL, 1, 0);
  g_assert_cmpuint (f->sound.listening_hz, ==, 0);
  astern_bus_read_bytes (f->sound.machine->physical, (AsternPaddr) { DATA }, got, sizeof got, ASTERN_ORIGIN_CPU);
  for (guint i = 0; i < 2 * 720; i++)
    g_assert_cmpint (GINT16_FROM_LE (got[i]), ==, i < G_N_ELEMENTS (said) ? said[i] : 0);
}

static void
streams_held_together_start_together (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  put_ring (f, IN);
  put (f, SSYNC, 4, 1 << 4 | 1);
  put (f, OUT + CTL, 1, 2);
  put (f, IN + CTL, 1, 2);
  run (f, 10 * MS);
  g_assert_cmpuint (get (f, OUT + LPIB, 4) + get (f, IN + LPIB, 4), ==, 0);
  put (f, SSYNC, 4, 0);
  run (f, 10 * MS);
  g_assert_cmpuint (get (f, OUT + LPIB, 4), ==, 4 * 480);
  g_assert_cmpuint (get (f, IN + LPIB, 4), ==, 4 * 480);
}

static void
an_empty_list_is_the_guests_mistake (Fixture *f, gconstpointer data)
{
  guint64 before = f->sound.machine->events.counts[ASTERN_EVENT_GUEST_ERRORS];

  put_ring (f, OUT);
  put (f, OUT + BDPL, 4, 0x80000);
  put (f, OUT + CTL, 1, 2);
  g_assert_cmphex (get (f, OUT + STS, 1), ==, 0x10);
  g_assert_cmpuint (f->sound.machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, before + 1);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
}

static void
a_stream_is_reset_by_its_bit (Fixture *f, gconstpointer data)
{
  put_ring (f, OUT);
  put (f, OUT + CTL, 1, 2);
  run (f, 5 * MS);
  put (f, OUT + CTL, 1, 1);
  g_assert_cmphex (get (f, OUT + CTL, 1), ==, 1);
  g_assert_cmpuint (get (f, OUT + LPIB, 4), ==, 0);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
  put (f, OUT + CTL, 1, 0);
  g_assert_cmphex (get (f, OUT + CTL, 1), ==, 0);
}

static void
the_wall_clock_counts_24_mhz (Fixture *f, gconstpointer data)
{
  guint32 before = get (f, WALCLK, 4);

  run (f, MS);
  g_assert_cmpuint (get (f, WALCLK, 4) - before, >=, 23999);
  g_assert_cmpuint (get (f, WALCLK, 4) - before, <=, 24000);
}

#define ADD(name) g_test_add ("/hw/sound/hda/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_codec_says_that_it_is_there);
  ADD (nobody_answers_for_a_codec_that_is_not_there);
  ADD (commands_are_answered_one_a_frame);
  ADD (a_stream_is_played_by_guest_time);
  ADD (each_piece_asks_for_an_interrupt);
  ADD (the_position_is_written_to_memory);
  ADD (only_the_stream_of_its_tag_is_heard);
  ADD (volumes_mutes_and_pins_are_heard);
  ADD (other_formats_are_converted);
  ADD (what_is_said_is_recorded_and_the_rest_is_silence);
  ADD (streams_held_together_start_together);
  ADD (an_empty_list_is_the_guests_mistake);
  ADD (a_stream_is_reset_by_its_bit);
  ADD (the_wall_clock_counts_24_mhz);
  return g_test_run ();
}
