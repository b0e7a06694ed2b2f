/* test-ac97.c - the AC'97 controller, driven as its data sheet says. */
#include "config.h"

#include "hw/sound/ac97.h"

#include "../device-fixture.h"
#include "sound-fixture.h"

#define MS   G_GUINT64_CONSTANT (1000000)
#define LIST 0x10000u
#define DATA 0x20000u

enum { PI = 0x00, PO = 0x10, MC = 0x20, GLOB_CNT = 0x2c, GLOB_STA = 0x30, CAS = 0x34 };
enum { BDBAR = 0, CIV = 4, LVI = 5, SR = 6, PICB = 8, PIV = 10, CR = 11 };
enum { IOC = 1u << 31, DCH = 1, CELV = 2, LVBCI = 4, BCIS = 8, RPBM = 1, RR = 2, LVBIE = 4, IOCE = 16 };

typedef struct
{
  Sound         sound;
  AsternDevice *ac97;
} Fixture;

static guint32
master (Fixture *f, guint offset, guint size)
{
  return (guint32) astern_device_read (f->ac97, AC97_MASTER_WINDOW, offset, size, NULL);
}

static void
put_master (Fixture *f, guint offset, guint size, guint32 value)
{
  astern_device_write (f->ac97, AC97_MASTER_WINDOW, offset, size, value, NULL);
}

static guint16
mixer (Fixture *f, guint offset)
{
  return (guint16) astern_device_read (f->ac97, AC97_MIXER_WINDOW, offset, 2, NULL);
}

static void
put_mixer (Fixture *f, guint offset, guint16 value)
{
  astern_device_write (f->ac97, AC97_MIXER_WINDOW, offset, 2, value, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  sound_set_up (&f->sound);
  f->ac97 = astern_device_new (&ac97_class, "ac97", f->sound.machine, &f->sound.machine->clock);
  astern_machine_add_device (f->sound.machine, f->ac97);
  ac97_connect (f->ac97, f->sound.link);
  astern_pci_attach (&f->sound.bus, f->ac97, 16);
  astern_device_write (f->ac97, 0, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER, NULL);
  put_master (f, GLOB_CNT, 4, 2);
  put_mixer (f, 0x02, 0x0000);
  put_mixer (f, 0x18, 0x0808);
  put_mixer (f, 0x1c, 0x0000);
  put_mixer (f, 0x1e, 0x0000);
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

/* Entry @n of the list: @frames of the tone at their place. */
static void
put_entry (Fixture *f, guint n, guint32 address, guint32 samples, guint32 flags)
{
  const guint32 entry[2] = { GUINT32_TO_LE (address), GUINT32_TO_LE (samples | flags) };

  astern_bus_write_bytes (f->sound.machine->physical, (AsternPaddr) { LIST + 8 * n }, entry, sizeof entry, ASTERN_ORIGIN_CPU);
}

/* @n buffers of 10 ms each; 440 Hz. */
static void
put_tone (Fixture *f, guint n)
{
  sound_put_tone (&f->sound, DATA, 480 * n, 440, 48000, 10000);
  for (guint i = 0; i < n; i++)
    put_entry (f, i, DATA + 4 * 480 * i, 2 * 480, IOC);
  put_master (f, PO + BDBAR, 4, LIST);
  put_master (f, PO + LVI, 1, n - 1);
}

static void
the_codec_says_who_it_is (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (mixer (f, 0x7c), ==, 0x8384);
  g_assert_cmphex (mixer (f, 0x7e), ==, 0x7600);
  g_assert_cmphex (mixer (f, 0x26), ==, 0x000f);
  g_assert_cmphex (master (f, GLOB_STA, 4) & 0x100, ==, 0x100);
  put_mixer (f, 0x02, 0x1234);
  put_mixer (f, 0x00, 1);
  g_assert_cmphex (mixer (f, 0x02), ==, 0x8000);
}

static void
the_codec_is_one_users_at_a_time (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (master (f, CAS, 1), ==, 0);
  g_assert_cmphex (master (f, CAS, 1), ==, 1);
  mixer (f, 0x02);
  g_assert_cmphex (master (f, CAS, 1), ==, 0);
  mixer (f, 0x5a);                              /* a register that there is not */
  g_assert_cmphex (master (f, CAS, 1), ==, 0);
  put_mixer (f, 0x18, 0x0808);
  g_assert_cmphex (master (f, CAS, 1), ==, 0);
  g_assert_cmphex (mixer (f, 0x5a), ==, 0);
  g_assert_cmphex (mixer (f, 0xfc), ==, 0xffff);
}

static void
a_tone_is_played_by_guest_time (Fixture *f, gconstpointer data)
{
  put_tone (f, 10);
  put_master (f, PO + CR, 1, RPBM | IOCE | LVBIE);
  run (f, 55 * MS);
  g_assert_cmpuint (master (f, PO + CIV, 1), ==, 5);
  g_assert_cmpuint (master (f, PO + PIV, 1), ==, 6);
  g_assert_cmpuint (master (f, PO + PICB, 2), ==, 480);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 2640);
  run (f, 50 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 4800);
  g_assert_cmpuint (f->sound.rate_hz, ==, 48000);
  g_assert_cmpuint (f->sound.gaps, ==, 0);
  g_assert_cmpuint (f->sound.ends, ==, 1);
  g_assert_cmpfloat_with_epsilon (sound_hz ((gconstpointer) f->sound.samples->data, 4800, 48000), 440, 1);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), ==, 10000);
  g_assert_cmpint (sound_peak (f->sound.samples, 1), ==, 5000);
}

static void
each_buffer_asks_for_an_interrupt (Fixture *f, gconstpointer data)
{
  put_tone (f, 3);
  put_master (f, PO + CR, 1, RPBM | IOCE | LVBIE);
  run (f, 9 * MS);
  g_assert_false (f->sound.intx);
  run (f, 2 * MS);
  g_assert_true (f->sound.intx);
  g_assert_cmphex (master (f, PO + SR, 2), ==, BCIS);
  g_assert_cmphex (master (f, GLOB_STA, 4) & 0xe0, ==, 0x40);
  put_master (f, PO + SR, 2, BCIS);
  g_assert_false (f->sound.intx);
  run (f, 20 * MS);
  g_assert_cmphex (master (f, PO + SR, 2), ==, BCIS | LVBCI | CELV | DCH);
  put_master (f, PO + SR, 2, BCIS | LVBCI);
  g_assert_false (f->sound.intx);
}

/* As drivers do that keep the list one buffer ahead. */
static void
it_goes_on_when_the_list_is_extended (Fixture *f, gconstpointer data)
{
  put_tone (f, 4);
  put_master (f, PO + LVI, 1, 1);
  put_master (f, PO + CR, 1, RPBM);
  run (f, 100 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 960);
  put_master (f, PO + LVI, 1, 3);
  g_assert_cmphex (master (f, PO + SR, 2) & (DCH | CELV), ==, 0);
  run (f, 100 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 1920);
  g_assert_cmpuint (master (f, PO + CIV, 1), ==, 3);
}

static void
a_pause_keeps_the_place (Fixture *f, gconstpointer data)
{
  put_tone (f, 2);
  put_master (f, PO + CR, 1, RPBM);
  run (f, 5 * MS);
  put_master (f, PO + CR, 1, 0);
  g_assert_cmpuint (master (f, PO + PICB, 2), ==, 480);
  run (f, 100 * MS);
  g_assert_cmpuint (master (f, PO + PICB, 2), ==, 480);
  put_master (f, PO + CR, 1, RPBM);
  run (f, 100 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 960);
  put_master (f, PO + CR, 1, 0);
  put_master (f, PO + CR, 1, RR);
  g_assert_cmpuint (master (f, PO + CIV, 1), ==, 0);
  g_assert_cmphex (master (f, PO + SR, 2), ==, DCH);
}

static void
variable_rates_take_their_time (Fixture *f, gconstpointer data)
{
  put_mixer (f, 0x2c, 22050);
  put_mixer (f, 0x2a, 1);
  put_mixer (f, 0x2c, 22050);
  g_assert_cmpuint (mixer (f, 0x2c), ==, 22050);
  put_tone (f, 10);
  put_master (f, PO + CR, 1, RPBM);
  run (f, 100 * MS);
  g_assert_cmpuint (f->sound.rate_hz, ==, 22050);
  g_assert_cmpuint (f->sound.samples->len / 2, >=, 2205 - 22);
  g_assert_cmpuint (f->sound.samples->len / 2, <=, 2205);
  put_mixer (f, 0x2a, 0);
  g_assert_cmpuint (mixer (f, 0x2c), ==, 48000);
}

static void
volumes_and_mutes_are_heard (Fixture *f, gconstpointer data)
{
  put_tone (f, 1);
  put_mixer (f, 0x02, 0x0400);          /* left down by 6 dB */
  put_master (f, PO + CR, 1, RPBM);
  run (f, 20 * MS);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), >, 4900);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), <, 5100);
  g_assert_cmpint (sound_peak (f->sound.samples, 1), >, 4980);
  f->sound.samples->len = 0;
  put_mixer (f, 0x18, 0x8808);
  put_master (f, PO + CR, 1, 0);
  put_master (f, PO + CR, 1, RR);
  put_tone (f, 1);
  put_master (f, PO + CR, 1, RPBM);
  run (f, 20 * MS);
  g_assert_cmpuint (f->sound.samples->len, ==, 2 * 480);
  g_assert_cmpint (sound_peak (f->sound.samples, 0), ==, 0);
}

static void
what_is_said_is_recorded_and_the_rest_is_silence (Fixture *f, gconstpointer data)
{
  gint16 said[2 * 240], got[2 * 480];

  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    said[i] = (gint16) (i * 111 + 1);
  put_entry (f, 0, DATA, 2 * 480, IOC);
  put_master (f, PI + BDBAR, 4, LIST);
  put_master (f, PI + CR, 1, RPBM | IOCE);
  g_assert_cmpuint (f->sound.listening_hz, ==, 48000);
  sound_speak (&f->sound, 0, said, 240);
  run (f, 20 * MS);
  astern_bus_read_bytes (f->sound.machine->physical, (AsternPaddr) { DATA }, got, sizeof got, ASTERN_ORIGIN_CPU);
  for (guint i = 0; i < G_N_ELEMENTS (got); i++)
    g_assert_cmpint (GINT16_FROM_LE (got[i]), ==, i < G_N_ELEMENTS (said) ? said[i] : 0);
  g_assert_cmphex (master (f, GLOB_STA, 4) & 0xe0, ==, 0x20);
  g_assert_cmpuint (f->sound.listening_hz, ==, 0);
}

static void
a_list_without_samples_is_through_at_once (Fixture *f, gconstpointer data)
{
  put_master (f, PO + BDBAR, 4, LIST);
  put_master (f, PO + LVI, 1, 40);
  g_assert_cmpuint (master (f, PO + LVI, 1), ==, 8);
  put_master (f, PO + LVI, 1, 31);
  put_master (f, PO + CR, 1, RPBM);
  g_assert_cmphex (master (f, PO + SR, 2), ==, DCH | CELV | LVBCI);
  g_assert_cmpuint (master (f, PO + CIV, 1), ==, 31);
  g_assert_cmpuint (f->sound.samples->len, ==, 0);
  g_assert_cmpuint (f->sound.machine->clock.next_ns, ==, ASTERN_CLOCK_NEVER);
}

#define ADD(name) g_test_add ("/hw/sound/ac97/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_codec_says_who_it_is);
  ADD (the_codec_is_one_users_at_a_time);
  ADD (a_tone_is_played_by_guest_time);
  ADD (each_buffer_asks_for_an_interrupt);
  ADD (it_goes_on_when_the_list_is_extended);
  ADD (a_pause_keeps_the_place);
  ADD (variable_rates_take_their_time);
  ADD (volumes_and_mutes_are_heard);
  ADD (what_is_said_is_recorded_and_the_rest_is_silence);
  ADD (a_list_without_samples_is_through_at_once);
  return g_test_run ();
}
