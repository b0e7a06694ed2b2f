/* spice-sound.c - see spice-sound.h.
 * Left out: more than one voice that listens at once; volumes. */
#include "config.h"

#include "host/audio/spice-sound.h"

#include "host/audio/audio-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define HELD_DIVISOR 2      /* half a second */

static struct
{
  GMutex          mutex;    /* guards the rest */
  AsternAudio    *audio;    /* (nullable) */
  gboolean        attended, plays;
  GByteArray     *waiting;  /* frames to be heard */
  AsternAudioEar *ear;      /* (nullable) */
} sound;

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, ASTERN_AUDIO_ERROR, ASTERN_AUDIO_ERROR_USAGE, message);
  return FALSE;
}

/* ---- the machine's side ---- */

static gboolean
spice_open (AsternAudio *audio, const AsternAudioSpec *spec, GError **error)
{
  gboolean first;

  g_mutex_lock (&sound.mutex);
  first = sound.audio == NULL;
  if (first)
    {
      sound.audio = audio;
      sound.waiting = g_byte_array_new ();
    }
  g_mutex_unlock (&sound.mutex);
  return first || fail (error, _("there is one “spice” already."));
}

static gboolean
spice_close (AsternAudio *audio)
{
  g_mutex_lock (&sound.mutex);
  if (sound.audio == audio)
    {
      g_clear_pointer (&sound.waiting, g_byte_array_unref);
      sound.audio = NULL;
      sound.ear = NULL;
      sound.plays = FALSE;
    }
  g_mutex_unlock (&sound.mutex);
  return TRUE;
}

static void
spice_play (AsternAudio *audio, const gint16 *samples, guint n_frames)
{
  guint room, some = 0;
  gboolean attended;

  g_mutex_lock (&sound.mutex);
  attended = sound.attended;
  sound.plays = TRUE;
  if (attended)
    {
      room = audio->format.rate_hz / HELD_DIVISOR;
      some = MIN (n_frames, room - MIN (room, sound.waiting->len / ASTERN_SOUND_FRAME_BYTES));
      g_byte_array_append (sound.waiting, (const guint8 *) samples, some * ASTERN_SOUND_FRAME_BYTES);
    }
  g_mutex_unlock (&sound.mutex);
  if (attended && some < n_frames)
    astern_audio_count (audio, &audio->counts.dropped, n_frames - some);
}

static void
spice_rest (AsternAudio *audio)
{
  g_mutex_lock (&sound.mutex);
  sound.plays = FALSE;
  g_mutex_unlock (&sound.mutex);
}

static void
spice_listen (AsternAudio *audio, AsternAudioEar *ear)
{
  g_mutex_lock (&sound.mutex);
  if (sound.ear == NULL)
    {
      sound.ear = ear;
      ear->stream = &sound;
    }
  g_mutex_unlock (&sound.mutex);
}

static void
spice_deaf (AsternAudio *audio, AsternAudioEar *ear)
{
  g_mutex_lock (&sound.mutex);
  if (sound.ear == ear)
    sound.ear = NULL;
  g_mutex_unlock (&sound.mutex);
}

static const char *const words[] = { NULL };

const AsternAudioClass astern_audio_spice = {
  .name = "spice", .help = N_("the SPICE server's clients"), .instance_size = sizeof (AsternAudio), .words = words,
  .open = spice_open, .close = spice_close, .play = spice_play, .rest = spice_rest, .listen = spice_listen, .deaf = spice_deaf,
};

/* ---- the server's side ---- */

guint
astern_spice_sound_rate (void)
{
  guint rate;

  g_mutex_lock (&sound.mutex);
  rate = sound.audio != NULL ? sound.audio->format.rate_hz : 0;
  g_mutex_unlock (&sound.mutex);
  return rate;
}

void
astern_spice_sound_attend (gboolean there)
{
  g_mutex_lock (&sound.mutex);
  sound.attended = there;
  if (!there && sound.waiting != NULL)
    g_byte_array_set_size (sound.waiting, 0);
  g_mutex_unlock (&sound.mutex);
}

gboolean
astern_spice_sound_plays (void)
{
  gboolean plays;

  g_mutex_lock (&sound.mutex);
  plays = sound.audio != NULL && (sound.plays || sound.waiting->len > 0);
  g_mutex_unlock (&sound.mutex);
  return plays;
}

guint
astern_spice_sound_waiting (void)
{
  guint n;

  g_mutex_lock (&sound.mutex);
  n = sound.waiting != NULL ? sound.waiting->len / ASTERN_SOUND_FRAME_BYTES : 0;
  g_mutex_unlock (&sound.mutex);
  return n;
}

void
astern_spice_sound_take (gint16 *samples, guint n_frames)
{
  guint size = n_frames * ASTERN_SOUND_FRAME_BYTES, there;

  memset (samples, 0, size);
  g_mutex_lock (&sound.mutex);
  if (sound.waiting != NULL)
    {
      there = MIN (size, sound.waiting->len);
      memcpy (samples, sound.waiting->data, there);
      g_byte_array_remove_range (sound.waiting, 0, there);
    }
  g_mutex_unlock (&sound.mutex);
}

guint
astern_spice_sound_listens (void)
{
  guint rate;

  g_mutex_lock (&sound.mutex);
  rate = sound.ear != NULL ? sound.ear->rate_hz : 0;
  g_mutex_unlock (&sound.mutex);
  return rate;
}

void
astern_spice_sound_heard (const gint16 *samples, guint n_frames)
{
  g_mutex_lock (&sound.mutex);
  if (sound.ear != NULL)
    astern_audio_heard (sound.ear, samples, n_frames);
  g_mutex_unlock (&sound.mutex);
}
