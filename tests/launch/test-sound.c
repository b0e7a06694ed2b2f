/* test-sound.c - whole machines that are heard: by -audiodev wav, captured, and in the past not. */
#include "config.h"

#include "launch/sound.h"

#include "hw/card.h"
#include "launch/suboptions.h"

#include "tests/launch/demo-guest.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MS     G_GUINT64_CONSTANT (1000000)
#define HEADER 44
#define RATE   44100

typedef struct
{
  DemoGuest      guest;
  AsternMachine *machine;
  char          *path, *audiodev;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int file = g_file_open_tmp ("astern-sound-XXXXXX.wav", &f->path, &error);

  g_assert_no_error (error);
  close (file);
  f->audiodev = g_strdup_printf ("wav,id=snd,path=%s", f->path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  demo_guest_stop (&f->guest);
  g_unlink (f->path);
  g_free (f->path);
  g_free (f->audiodev);
}

static void
start (Fixture *f)
{
  f->machine = demo_guest_start (&f->guest, "1", (const char *const[]) { "-audiodev", f->audiodev, "-machine", "pc,pcspk-audiodev=snd",
                                                                         "-icount", "sleep=off", NULL });
}

static void
out (Fixture *f, guint16 port, guint8 value)
{
  astern_bus_write_bytes (f->machine->ports, (AsternPaddr) { port }, &value, 1, ASTERN_ORIGIN_CPU);
}

static void
tone_on (Fixture *f, guint hz)
{
  guint count = 1193182 / hz;

  out (f, 0x43, 0xb6);
  out (f, 0x42, (guint8) count);
  out (f, 0x42, (guint8) (count >> 8));
  out (f, 0x61, 3);
}

static void
pass (Fixture *f, guint64 ns)
{
  for (guint64 done = 0; done < ns; done += MS)
    {
      astern_clock_skip (&f->machine->clock, MS);
      astern_clock_fire_due (&f->machine->clock);
      astern_clock_retire (&f->machine->clock, 1);
    }
}

/* Of the file as it is when the machine is gone; its length in frames. */
static double
frequency (Fixture *f, guint *frames)
{
  g_autofree char *bytes = NULL;
  const gint16 *samples;
  gsize size;
  guint rises = 0, first = 0, last = 0;

  demo_guest_stop (&f->guest);
  g_assert_true (g_file_get_contents (f->path, &bytes, &size, NULL));
  g_assert_cmpuint (size, >=, HEADER);
  samples = (gconstpointer) (bytes + HEADER);
  *frames = (guint) (size - HEADER) / 4;
  for (guint i = 1; i < *frames; i++)
    if (GINT16_FROM_LE (samples[2 * i - 2]) < 0 && GINT16_FROM_LE (samples[2 * i]) >= 0)
      {
        first = rises++ == 0 ? i : first;
        last = i;
      }
  return rises < 2 ? 0 : (double) (rises - 1) * RATE / (last - first);
}

static void
the_speaker_is_recorded_into_a_file (Fixture *f, gconstpointer data)
{
  guint frames;

  start (f);
  tone_on (f, 440);
  pass (f, 1000 * MS);
  out (f, 0x61, 0);
  pass (f, 1000 * MS);
  g_assert_cmpfloat_with_epsilon (frequency (f, &frames), 440, 1);
  g_assert_cmpuint (frames, >=, RATE);
  g_assert_cmpuint (frames, <=, RATE + RATE / 4);
}

static void
nothing_is_heard_of_the_past (Fixture *f, gconstpointer data)
{
  guint frames;

  start (f);
  f->machine->muted = TRUE;
  tone_on (f, 440);
  pass (f, 500 * MS);
  g_assert_cmpfloat (frequency (f, &frames), ==, 0);
  g_assert_cmpuint (frames, ==, 0);
}

static void
what_is_heard_can_be_captured (Fixture *f, gconstpointer data)
{
  const AsternWavFormat format = { 0, 1, 8 }, fast = { 96000, 2, 16 };
  g_autofree char *other = g_strconcat (f->path, ".captured", NULL);
  g_autofree char *list = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  AsternSound *sound;
  gsize size;

  start (f);
  sound = f->guest.launch->sound;
  g_assert_false (astern_sound_capture (sound, other, "nobody", &format, NULL));
  g_assert_false (astern_sound_capture (sound, other, NULL, &fast, NULL));
  g_assert_true (astern_sound_capture (sound, other, "snd", &format, &error));
  g_assert_false (astern_sound_capture (sound, other, "snd", &format, NULL));
  list = astern_sound_captures (sound);
  g_assert_nonnull (strstr (list, "[0]: "));
  tone_on (f, 440);
  pass (f, 500 * MS);
  g_assert_false (astern_sound_stop_capture (sound, 1, NULL));
  g_assert_true (astern_sound_stop_capture (sound, 0, &error));
  g_assert_false (astern_sound_stop_capture (sound, 0, NULL));
  g_assert_true (g_file_get_contents (other, &bytes, &size, NULL));
  g_assert_cmpuint (size, >, HEADER + 20000);
  g_assert_cmpuint (size, <, HEADER + 22100);
  g_unlink (other);
}

static void
devices_without_an_audiodev_play_by_the_first (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  f->machine = demo_guest_start (&f->guest, "1", (const char *const[]) { "-audiodev", f->audiodev, "-device", "AC97", "-device", "intel-hda",
                                                                         "-device", "hda-micro,id=codec", NULL });
  text = astern_sound_describe (f->guest.launch->sound);
  g_assert_nonnull (strstr (text, "snd: driver=wav"));
  g_assert_nonnull (strstr (text, "AC97-0"));
  g_assert_nonnull (strstr (text, "codec"));
}

/* ---- options ---- */

static void
options_are_understood (void)
{
  static const struct { const char *args[9]; const char *device; } cases[] = {
    { { "-audio", "none,model=hda" }, "hda-duplex" },
    { { "-audio", "driver=none,model=ac97,id=x" }, "AC97" },
    { { "-audiodev", "none,id=x", "-device", "ac97,audiodev=x" }, "AC97" },
    { { "-audiodev", "none,id=x", "-audiodev", "wav,id=x,path=y", "-device", "ich9-intel-hda", "-device", "hda-output" }, "hda-output" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
      g_autoptr (GError) error = NULL;
      const char *args[12] = { "-nodefaults" };
      const AsternDeviceItem *item;

      memcpy (args + 1, cases[i].args, sizeof cases[i].args);
      g_assert_true (astern_launch_options_parse (options, args, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (options->audiodevs->len, ==, 1);
      item = &g_array_index (options->devices, AsternDeviceItem, options->devices->len - 1);
      g_assert_cmpstr (astern_card_find (item->driver)->name, ==, cases[i].device);
      g_assert_cmpstr (g_array_index (item->properties, AsternSuboption, item->properties->len - 1).key, ==, "audiodev");
    }
}

static void
mistakes_are_told (void)
{
  static const struct { const char *args[3]; const char *says; } cases[] = {
    { { "-audiodev", "none" }, "id=" },
    { { "-audiodev", "jack,id=x" }, "pipewire" },
    { { "-audio", "none,model=sb16" }, "ac97, hda and pcspk" },
    { { "-soundhw", "hda" }, "hda-duplex" },
    { { "-soundhw", "ac97" }, "AC97" },
    { { "-soundhw", "pcspk" }, "pcspk-audiodev" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (astern_launch_options_parse (options, cases[i].args, &error));
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
}

static void
a_speaker_without_its_audiodev_is_told (void)
{
  static const char *const args[] = { "-machine", "pcspk-audiodev=nobody", "-nographic", "-serial", "null", "-monitor", "none", NULL };
  g_autoptr (GError) error = NULL;
  DemoGuest guest = { .options = NULL };

  g_assert_false (demo_guest_launch (&guest, args, &error));
  g_assert_nonnull (strstr (error->message, "nobody"));
  demo_guest_stop (&guest);
}

#define ADD(name) g_test_add ("/launch/sound/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_speaker_is_recorded_into_a_file);
  ADD (nothing_is_heard_of_the_past);
  ADD (what_is_heard_can_be_captured);
  ADD (devices_without_an_audiodev_play_by_the_first);
  g_test_add_func ("/launch/sound/options_are_understood", options_are_understood);
  g_test_add_func ("/launch/sound/mistakes_are_told", mistakes_are_told);
  g_test_add_func ("/launch/sound/a_speaker_without_its_audiodev_is_told", a_speaker_without_its_audiodev_is_told);
  return g_test_run ();
}
