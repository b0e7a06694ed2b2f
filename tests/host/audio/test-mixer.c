/* test-mixer.c - voices over each other. */
#include "config.h"

#include "host/audio/mixer.h"

#include <math.h>

#define NS_PER_S G_GUINT64_CONSTANT (1000000000)

typedef struct
{
  AsternMixer *mixer;
  GArray      *out;         /* gint16 */
} Fixture;

static void
heard (gpointer user, const gint16 *samples, guint n)
{
  g_array_append_vals (((Fixture *) user)->out, samples, 2 * n);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->out = g_array_new (FALSE, FALSE, sizeof (gint16));
  f->mixer = astern_mixer_new (48000, heard, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_mixer_free (f->mixer);
  g_array_unref (f->out);
}

/* @n frames of @hz, in packets of a millisecond, from @at_ns on. */
static void
play (Fixture *f, guint voice, guint64 at_ns, guint32 rate_hz, guint n, double hz, gint loudness)
{
  gint16 samples[2 * 192];

  for (guint done = 0; done < n;)
    {
      guint some = MIN (rate_hz / 1000, n - done);
      AsternSoundHeader header = { at_ns + (guint64) done * NS_PER_S / rate_hz, rate_hz, 0, ASTERN_SOUND_PLAY };

      for (guint i = 0; i < some; i++)
        samples[2 * i] = samples[2 * i + 1] = (gint16) (loudness * cos (2 * G_PI * hz * (done + i) / rate_hz));
      astern_mixer_play (f->mixer, voice, &header, samples, some);
      done += some;
    }
}

static gint16
left (Fixture *f, guint i)
{
  return g_array_index (f->out, gint16, 2 * i);
}

static double
frequency (Fixture *f, guint32 rate_hz)
{
  guint rises = 0, first = 0, last = 0;

  for (guint i = 1; i < f->out->len / 2; i++)
    if (left (f, i - 1) < 0 && left (f, i) >= 0)
      {
        first = rises++ == 0 ? i : first;
        last = i;
      }
  return rises < 2 ? 0 : (double) (rises - 1) * rate_hz / (last - first);
}

static void
a_voice_of_the_same_rate_is_unchanged (Fixture *f, gconstpointer data)
{
  guint voice = astern_mixer_add (f->mixer);

  play (f, voice, 0, 48000, 4800, 440, 12345);
  astern_mixer_end (f->mixer, voice);
  g_assert_cmpuint (f->out->len / 2, ==, 4800);
  for (guint i = 0; i < 4800; i++)
    g_assert_cmpint (left (f, i), ==, (gint16) (12345 * cos (2 * G_PI * 440 * i / 48000)));
}

static void
other_rates_keep_their_frequency_and_length (Fixture *f, gconstpointer data)
{
  static const guint32 rates[] = { 8000, 22050, 44100, 96000, 192000 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      guint voice = astern_mixer_add (f->mixer);

      g_array_set_size (f->out, 0);
      play (f, voice, i * 10 * NS_PER_S, rates[i], rates[i], 440, 10000);
      astern_mixer_end (f->mixer, voice);
      g_assert_cmpuint (f->out->len / 2, >=, 47990);
      g_assert_cmpuint (f->out->len / 2, <=, 48010);
      g_assert_cmpfloat_with_epsilon (frequency (f, 48000), 440, 1);
    }
}

static void
voices_are_laid_over_each_other_by_guest_time (Fixture *f, gconstpointer data)
{
  guint a = astern_mixer_add (f->mixer), b = astern_mixer_add (f->mixer);

  for (guint ms = 0; ms < 100; ms++)
    {
      play (f, a, ms * NS_PER_S / 1000, 48000, 48, 0, 1000);
      if (ms >= 50)
        play (f, b, ms * NS_PER_S / 1000, 48000, 48, 0, 200);
    }
  astern_mixer_end (f->mixer, a);
  astern_mixer_end (f->mixer, b);
  g_assert_cmpuint (f->out->len / 2, ==, 4800);
  g_assert_cmpint (left (f, 2000), ==, 1000);
  g_assert_cmpint (left (f, 2399), ==, 1000);
  g_assert_cmpint (left (f, 2400), ==, 1200);
  g_assert_cmpint (left (f, 4799), ==, 1200);
}

static void
what_is_too_loud_is_cut (Fixture *f, gconstpointer data)
{
  guint a = astern_mixer_add (f->mixer), b = astern_mixer_add (f->mixer);

  play (f, a, 0, 48000, 48, 0, 30000);
  play (f, b, 0, 48000, 48, 0, 30000);
  astern_mixer_end (f->mixer, a);
  astern_mixer_end (f->mixer, b);
  g_assert_cmpint (left (f, 20), ==, G_MAXINT16);
}

static void
silence_between_sounds_is_left_out (Fixture *f, gconstpointer data)
{
  guint voice = astern_mixer_add (f->mixer);

  play (f, voice, 0, 48000, 480, 440, 1000);
  astern_mixer_end (f->mixer, voice);
  play (f, voice, 3600 * NS_PER_S, 48000, 480, 440, 1000);
  astern_mixer_end (f->mixer, voice);
  g_assert_cmpuint (f->out->len / 2, ==, 960);
}

static void
a_voice_begins_again_when_the_run_branches_in_the_past (Fixture *f, gconstpointer data)
{
  guint voice = astern_mixer_add (f->mixer);

  play (f, voice, 100 * NS_PER_S, 48000, 480, 440, 1000);
  play (f, voice, 3 * NS_PER_S, 48000, 480, 440, 1000);
  astern_mixer_end (f->mixer, voice);
  g_assert_cmpuint (f->out->len / 2, ==, 960);
}

static void
a_voice_that_stands_does_not_hold_the_others_for_ever (Fixture *f, gconstpointer data)
{
  guint a = astern_mixer_add (f->mixer), b = astern_mixer_add (f->mixer);

  play (f, a, 0, 48000, 48, 0, 1000);
  play (f, b, 0, 48000, 48000 * 5, 0, 1000);
  g_assert_cmpuint (f->out->len / 2, >, 48000);
}

#define ADD(name) g_test_add ("/host/audio/mixer/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_voice_of_the_same_rate_is_unchanged);
  ADD (other_rates_keep_their_frequency_and_length);
  ADD (voices_are_laid_over_each_other_by_guest_time);
  ADD (what_is_too_loud_is_cut);
  ADD (silence_between_sounds_is_left_out);
  ADD (a_voice_begins_again_when_the_run_branches_in_the_past);
  ADD (a_voice_that_stands_does_not_hold_the_others_for_ever);
  return g_test_run ();
}
