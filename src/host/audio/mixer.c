/* mixer.c - see mixer.h.
 * Source: C. de Boor's cubic Hermite interpolation, with the slopes of E. Catmull and R. Rom (1974).
 * Left out: a filter before a rate is lowered. */
#include "config.h"

#include "host/audio/mixer.h"

#define NS_PER_S   G_GUINT64_CONSTANT (1000000000)
#define SLACK_NS   20000000          /* by which a packet may miss the end of the one before, from a device's rounding */
#define HOLD_HZ    50                /* what is mixed waits for a fiftieth of a second */
#define MOST_S     2                 /* that are held for a voice which does not go on */
#define TAPS       4                 /* frames between which is interpolated: one before, two after */

typedef struct
{
  gboolean runs;
  guint32  rate_hz;
  guint64  start_ns, taken;          /* frames since then */
  guint64  at;                       /* next frame out, on the mixer's timeline */
  guint64  made;                     /* frames out since its start */
  gint16   last[2 * TAPS];           /* the latest that were taken */
} Voice;

struct _AsternMixer
{
  guint32         rate_hz;
  AsternMixerFunc out;
  gpointer        user;
  GArray         *voices;            /* Voice */
  GArray         *sums;              /* gint32: two for each frame from `base` on */
  guint64         base;
};

AsternMixer *
astern_mixer_new (guint32 rate_hz, AsternMixerFunc out, gpointer user)
{
  AsternMixer *mixer = g_new0 (AsternMixer, 1);

  mixer->rate_hz = rate_hz;
  mixer->out = out;
  mixer->user = user;
  mixer->voices = g_array_new (FALSE, TRUE, sizeof (Voice));
  mixer->sums = g_array_new (FALSE, TRUE, sizeof (gint32));
  return mixer;
}

void
astern_mixer_free (AsternMixer *mixer)
{
  if (mixer == NULL)
    return;
  g_array_unref (mixer->voices);
  g_array_unref (mixer->sums);
  g_free (mixer);
}

guint
astern_mixer_add (AsternMixer *mixer)
{
  g_array_set_size (mixer->voices, mixer->voices->len + 1);
  return mixer->voices->len - 1;
}

static Voice *
voice_at (AsternMixer *mixer, guint n)
{
  return &g_array_index (mixer->voices, Voice, n);
}

gboolean
astern_mixer_runs (AsternMixer *mixer)
{
  for (guint i = 0; i < mixer->voices->len; i++)
    if (voice_at (mixer, i)->runs)
      return TRUE;
  return FALSE;
}

/* ---- out ---- */

static void
emit_frames (AsternMixer *mixer, guint n)
{
  gint16 samples[2 * 512];

  for (guint done = 0; done < n;)
    {
      guint some = MIN (n - done, G_N_ELEMENTS (samples) / 2);

      for (guint i = 0; i < 2 * some; i++)
        samples[i] = (gint16) CLAMP (g_array_index (mixer->sums, gint32, 2 * done + i), G_MININT16, G_MAXINT16);
      mixer->out (mixer->user, samples, some);
      done += some;
    }
  g_array_remove_range (mixer->sums, 0, 2 * n);
  mixer->base += n;
}

/* All that no voice will add to any more.  A voice that begins is told of later than others, by what a device moves at once. */
static void
emit_done (AsternMixer *mixer)
{
  guint64 until = mixer->base + mixer->sums->len / 2;

  if (until - mixer->base > MOST_S * (guint64) mixer->rate_hz)
    for (guint i = 0; i < mixer->voices->len; i++)
      if (voice_at (mixer, i)->at < until - mixer->rate_hz)
        voice_at (mixer, i)->runs = FALSE;
  for (guint i = 0; i < mixer->voices->len; i++)
    if (voice_at (mixer, i)->runs)
      until = MIN (until, voice_at (mixer, i)->at - MIN (voice_at (mixer, i)->at, mixer->rate_hz / HOLD_HZ));
  if (until > mixer->base)
    emit_frames (mixer, (guint) (until - mixer->base));
}

/* ---- a voice ---- */

static void
add_frame (AsternMixer *mixer, Voice *voice, gint32 left, gint32 right)
{
  guint at = (guint) (voice->at - mixer->base);

  if (mixer->sums->len < 2 * at + 2)
    g_array_set_size (mixer->sums, 2 * at + 2);
  g_array_index (mixer->sums, gint32, 2 * at) += left;
  g_array_index (mixer->sums, gint32, 2 * at + 1) += right;
  voice->at++;
  voice->made++;
}

/* Between the second and the third, at @part of @whole. */
static gint32
between (const gint16 *last, guint64 part, guint64 whole)
{
  double t = (double) part / (double) whole;
  double a = last[0], b = last[2], c = last[4], d = last[6];

  return (gint32) (b + t / 2 * ((c - a) + t * ((2 * a - 5 * b + 4 * c - d) + t * (3 * (b - c) + d - a))));
}

/* One more frame was taken: makes those that lie between the last but two and the last but one. */
static void
take_frame (AsternMixer *mixer, Voice *voice, gint16 left, gint16 right)
{
  guint64 end;

  for (guint i = 0; i < 2 * (TAPS - 1); i++)
    voice->last[i] = voice->last[i + 2];
  voice->last[2 * TAPS - 2] = left;
  voice->last[2 * TAPS - 1] = right;
  if (++voice->taken < 3)
    return;
  end = (voice->taken - 2) * mixer->rate_hz;       /* of the space between, in parts of a frame in */
  while (voice->made * voice->rate_hz < end)
    {
      guint64 part = voice->made * voice->rate_hz - (end - mixer->rate_hz);

      add_frame (mixer, voice, between (voice->last, part, mixer->rate_hz), between (voice->last + 1, part, mixer->rate_hz));
    }
}

static void
begin (AsternMixer *mixer, Voice *voice, const AsternSoundHeader *header)
{
  guint64 at = header->at_ns / NS_PER_S * mixer->rate_hz + header->at_ns % NS_PER_S * mixer->rate_hz / NS_PER_S;

  if (!astern_mixer_runs (mixer))
    {
      emit_frames (mixer, mixer->sums->len / 2);
      mixer->base = at;
    }
  *voice = (Voice) { .runs = TRUE, .rate_hz = header->rate_hz, .start_ns = header->at_ns, .at = MAX (at, mixer->base) };
  voice->at = MIN (voice->at, mixer->base + mixer->rate_hz);        /* others are elsewhere in time: beside them */
}

static gboolean
follows (const Voice *voice, const AsternSoundHeader *header)
{
  guint64 expected = voice->start_ns + voice->taken / voice->rate_hz * NS_PER_S + voice->taken % voice->rate_hz * NS_PER_S / voice->rate_hz;

  return header->rate_hz == voice->rate_hz && header->at_ns <= expected + SLACK_NS && expected <= header->at_ns + SLACK_NS;
}

void
astern_mixer_end (AsternMixer *mixer, guint n)
{
  Voice *voice = voice_at (mixer, n);

  if (!voice->runs)
    return;
  for (guint i = 0; i < 2; i++)
    take_frame (mixer, voice, 0, 0);
  voice->runs = FALSE;
  emit_done (mixer);
}

void
astern_mixer_play (AsternMixer *mixer, guint n, const AsternSoundHeader *header, const gint16 *samples, guint n_frames)
{
  Voice *voice = voice_at (mixer, n);

  if (header->rate_hz == 0)
    return;
  if (voice->runs && !follows (voice, header))
    astern_mixer_end (mixer, n);
  if (!voice->runs)
    begin (mixer, voice, header);
  for (guint i = 0; i < n_frames; i++)
    take_frame (mixer, voice, samples[2 * i], samples[2 * i + 1]);
  emit_done (mixer);
}
