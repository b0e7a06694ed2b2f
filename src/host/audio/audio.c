/* audio.c - see audio.h. */
#include "config.h"

#include "host/audio/audio-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define WAITING_DIVISOR 5       /* a fifth of a second may wait at the door: a machine that stands takes nothing */

void
astern_audio_count (AsternAudio *audio, guint64 *counter, guint64 n)
{
  g_mutex_lock (&audio->mutex);
  *counter += n;
  g_mutex_unlock (&audio->mutex);
}

/* ---- out ---- */

static void
mixed (gpointer user, const gint16 *samples, guint n_frames)
{
  AsternAudio *audio = user;

  g_mutex_lock (&audio->mutex);
  if (audio->wav != NULL)
    astern_wav_write (audio->wav, samples, n_frames);
  audio->counts.played += n_frames;
  g_mutex_unlock (&audio->mutex);
  if (audio->klass->play != NULL)
    audio->klass->play (audio, samples, n_frames);
}

static void
play (AsternAudioEnd *end, const AsternSoundPacket *packet, guint n_frames)
{
  gint *voice = &end->voices[packet->header.voice];

  if (*voice < 0)
    *voice = (gint) astern_mixer_add (end->audio->mixer);
  astern_mixer_play (end->audio->mixer, (guint) *voice, &packet->header, packet->samples, n_frames);
}

static void
stop_playing (AsternAudioEnd *end, guint voice)
{
  AsternAudio *audio = end->audio;

  if (end->voices[voice] < 0)
    return;
  astern_mixer_end (audio->mixer, (guint) end->voices[voice]);
  if (audio->klass->rest != NULL && !astern_mixer_runs (audio->mixer))
    audio->klass->rest (audio);
}

/* ---- in ---- */

static void
stop_listening (AsternAudioEar *ear)
{
  if (ear->stream != NULL)
    ear->end->audio->klass->deaf (ear->end->audio, ear);
  ear->stream = NULL;
}

static void
listen_at (AsternAudioEar *ear, guint32 rate_hz)
{
  AsternAudio *audio = ear->end->audio;

  stop_listening (ear);
  ear->rate_hz = rate_hz;
  if (audio->klass->listen != NULL && rate_hz != 0)
    audio->klass->listen (audio, ear);
}

/* Little-endian, behind the number of the voice. */
void
astern_audio_heard (AsternAudioEar *ear, const gint16 *samples, guint n_frames)
{
  AsternAudioEnd *end = ear->end;
  AsternLink *link = end->link;
  gsize size = ASTERN_SOUND_IN_BYTES + (gsize) n_frames * ASTERN_SOUND_FRAME_BYTES;
  g_autofree guint8 *packet = NULL;

  if (link->machine == NULL || astern_inputs_is_deaf (link->machine->inputs) ||
      g_atomic_int_get (&end->waiting) + (gint) n_frames > (gint) (ear->rate_hz / WAITING_DIVISOR))
    {
      astern_audio_count (end->audio, &end->audio->counts.unheard, n_frames);
      return;
    }
  packet = g_malloc0 (size);
  packet[0] = (guint8) ear->voice;
  for (guint i = 0; i < 2 * n_frames; i++)
    {
      packet[ASTERN_SOUND_IN_BYTES + 2 * i] = (guint8) samples[i];
      packet[ASTERN_SOUND_IN_BYTES + 2 * i + 1] = (guint8) (samples[i] >> 8);
    }
  g_atomic_int_add (&end->waiting, (gint) n_frames);
  astern_audio_count (end->audio, &end->audio->counts.recorded, n_frames);
  astern_inputs_submit (link->machine->inputs, link->port, packet, size);
}

static void
delivered (gpointer user, const guint8 *data, gsize size)
{
  AsternAudioEnd *end = user;

  g_atomic_int_add (&end->waiting, -(gint) ((size - MIN (size, ASTERN_SOUND_IN_BYTES)) / ASTERN_SOUND_FRAME_BYTES));
}

/* ---- ends ---- */

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  AsternAudioEnd *end = user;
  AsternSoundPacket packet;

  g_return_if_fail (size >= sizeof packet.header && size <= sizeof packet);
  memcpy (&packet, data, size);
  g_return_if_fail (packet.header.voice < ASTERN_SOUND_VOICES);

  switch (packet.header.kind)
    {
    case ASTERN_SOUND_PLAY:
      play (end, &packet, (guint) ((size - sizeof packet.header) / ASTERN_SOUND_FRAME_BYTES));
      break;
    case ASTERN_SOUND_END:
      stop_playing (end, packet.header.voice);
      break;
    case ASTERN_SOUND_LISTEN:
      listen_at (&end->ears[packet.header.voice], packet.header.rate_hz);
      break;
    default:
      stop_listening (&end->ears[packet.header.voice]);
      break;
    }
}

void
astern_audio_join (AsternAudio *audio, AsternLink *link)
{
  AsternAudioEnd *end = g_new0 (AsternAudioEnd, 1);

  end->audio = audio;
  end->link = link;
  for (guint i = 0; i < ASTERN_SOUND_VOICES; i++)
    {
      end->voices[i] = -1;
      end->ears[i] = (AsternAudioEar) { .end = end, .voice = i };
    }
  g_ptr_array_add (audio->ends, end);
  link->send = sent;
  link->delivered = delivered;
  link->user = end;
}

AsternAudio *
astern_audio_open (const AsternAudioSpec *spec, GError **error)
{
  AsternAudio *audio = g_malloc0 (spec->klass->instance_size);

  audio->klass = spec->klass;
  audio->format = spec->out.format;
  audio->mixer = astern_mixer_new (spec->out.format.rate_hz, mixed, audio);
  audio->ends = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&audio->mutex);
  if (spec->klass->open == NULL || spec->klass->open (audio, spec, error))
    return audio;
  astern_audio_close (audio);
  return NULL;
}

gboolean
astern_audio_close (AsternAudio *audio)
{
  gboolean whole = TRUE;

  if (audio == NULL)
    return TRUE;
  for (guint i = 0; i < audio->ends->len; i++)
    {
      AsternAudioEnd *end = g_ptr_array_index (audio->ends, i);

      for (guint voice = 0; voice < ASTERN_SOUND_VOICES; voice++)
        {
          stop_playing (end, voice);
          stop_listening (&end->ears[voice]);
        }
      end->link->send = NULL;
      end->link->delivered = NULL;
    }
  if (audio->klass->close != NULL)
    whole = audio->klass->close (audio);
  whole &= astern_wav_close (audio->wav);
  g_ptr_array_unref (audio->ends);
  astern_mixer_free (audio->mixer);
  g_mutex_clear (&audio->mutex);
  g_free (audio);
  return whole;
}

const char *
astern_audio_driver (AsternAudio *audio)
{
  return audio->klass->name;
}

void
astern_audio_counts (AsternAudio *audio, AsternAudioCounts *counts)
{
  g_mutex_lock (&audio->mutex);
  *counts = audio->counts;
  g_mutex_unlock (&audio->mutex);
}

gboolean
astern_audio_capture (AsternAudio *audio, AsternWav *wav)
{
  gboolean free;

  g_mutex_lock (&audio->mutex);
  free = audio->wav == NULL;
  if (free)
    audio->wav = wav;
  g_mutex_unlock (&audio->mutex);
  return free;
}

AsternWav *
astern_audio_captured (AsternAudio *audio)
{
  AsternWav *wav;

  g_mutex_lock (&audio->mutex);
  wav = g_steal_pointer (&audio->wav);
  g_mutex_unlock (&audio->mutex);
  return wav;
}

/* ---- two drivers that are small ---- */

typedef struct
{
  AsternAudio parent;
  AsternWav  *file;
} WavAudio;

static gboolean
wav_open (AsternAudio *audio, const AsternAudioSpec *spec, GError **error)
{
  ((WavAudio *) audio)->file = astern_wav_open (spec->path != NULL ? spec->path : "qemu.wav", &spec->out.format, error);
  return ((WavAudio *) audio)->file != NULL;
}

static gboolean
wav_close (AsternAudio *audio)
{
  return astern_wav_close (((WavAudio *) audio)->file);
}

static void
wav_play (AsternAudio *audio, const gint16 *samples, guint n_frames)
{
  astern_wav_write (((WavAudio *) audio)->file, samples, n_frames);
}

static const char *const none_words[] = { NULL };
static const char *const wav_words[] = { "path", NULL };

const AsternAudioClass astern_audio_none = {
  .name = "none", .help = N_("nothing is heard"), .instance_size = sizeof (AsternAudio), .words = none_words,
};
const AsternAudioClass astern_audio_wav = {
  .name = "wav", .help = N_("a WAV file"), .instance_size = sizeof (WavAudio), .words = wav_words,
  .open = wav_open, .close = wav_close, .play = wav_play,
};
