/* audio.c - see audio.h. */
#include "config.h"

#include "host/audio/audio-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define HELD_DIVISOR 2          /* half a second is held for a guest that is late, or stands */
#define PACKET_HZ    100        /* what goes through the door at once, unless there is less */

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
  AsternAudio *audio = ear->end->audio;

  if (ear->stream != NULL)
    audio->klass->deaf (audio, ear);
  ear->stream = NULL;
  g_mutex_lock (&audio->mutex);
  g_byte_array_set_size (ear->held, 0);
  g_mutex_unlock (&audio->mutex);
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

/* What the device has room for, beside what is at the door already. */
static guint
room (AsternAudioEnd *end)
{
  AsternLink *link = end->link;
  guint frames = link->room != NULL ? link->room (link->device) : 0;

  if (link->machine == NULL || astern_inputs_is_deaf (link->machine->inputs))
    return 0;
  return frames - MIN (frames, end->waiting);
}

/* Held frames, as far as there is room, to the door: behind the number of the voice.  Under the mutex. */
static void
feed (AsternAudioEar *ear)
{
  AsternAudioEnd *end = ear->end;
  guint n = MIN (room (end), ear->held->len / ASTERN_SOUND_FRAME_BYTES);
  gsize size = (gsize) n * ASTERN_SOUND_FRAME_BYTES;
  g_autofree guint8 *packet = NULL;

  if (n < MIN (ear->rate_hz / PACKET_HZ, ear->held->len / ASTERN_SOUND_FRAME_BYTES) || n == 0)
    return;
  packet = g_malloc0 (ASTERN_SOUND_IN_BYTES + size);
  packet[0] = (guint8) ear->voice;
  memcpy (packet + ASTERN_SOUND_IN_BYTES, ear->held->data, size);
  g_byte_array_remove_range (ear->held, 0, (guint) size);
  end->waiting += n;
  end->audio->counts.recorded += n;
  astern_inputs_submit (end->link->machine->inputs, end->link->port, packet, ASTERN_SOUND_IN_BYTES + size);
}

/* Little-endian from here on.  What is too much is the latest: a guest that takes nothing for long hears the beginning. */
void
astern_audio_heard (AsternAudioEar *ear, const gint16 *samples, guint n_frames)
{
  AsternAudio *audio = ear->end->audio;
  guint most, some;

  g_mutex_lock (&audio->mutex);
  most = ear->rate_hz / HELD_DIVISOR - MIN (ear->rate_hz / HELD_DIVISOR, ear->held->len / ASTERN_SOUND_FRAME_BYTES);
  some = MIN (n_frames, most);
  audio->counts.unheard += n_frames - some;
  for (guint i = 0; i < 2 * some; i++)
    {
      const guint8 bytes[2] = { (guint8) samples[i], (guint8) (samples[i] >> 8) };

      g_byte_array_append (ear->held, bytes, sizeof bytes);
    }
  feed (ear);
  g_mutex_unlock (&audio->mutex);
}

static void
feed_all (gpointer user)
{
  AsternAudioEnd *end = user;

  g_mutex_lock (&end->audio->mutex);
  for (guint i = 0; i < ASTERN_SOUND_VOICES; i++)
    feed (&end->ears[i]);
  g_mutex_unlock (&end->audio->mutex);
}

static void
delivered (gpointer user, const guint8 *data, gsize size)
{
  AsternAudioEnd *end = user;
  guint n = (guint) ((size - MIN (size, ASTERN_SOUND_IN_BYTES)) / ASTERN_SOUND_FRAME_BYTES);

  g_mutex_lock (&end->audio->mutex);
  end->waiting -= MIN (end->waiting, n);
  g_mutex_unlock (&end->audio->mutex);
}

/* ---- ends ---- */

static gboolean
is_live (AsternAudio *audio)
{
  gboolean listens = FALSE;

  for (guint i = 0; i < audio->ends->len; i++)
    for (guint voice = 0; voice < ASTERN_SOUND_VOICES; voice++)
      listens |= ((AsternAudioEnd *) g_ptr_array_index (audio->ends, i))->ears[voice].stream != NULL;
  return audio->klass->live && (listens || astern_mixer_runs (audio->mixer));
}

static void
tell (AsternAudio *audio)
{
  gboolean live = is_live (audio);

  if (audio->watch != NULL && live != audio->told)
    audio->watch (audio->watcher, live);
  audio->told = live;
}

void
astern_audio_watch (AsternAudio *audio, void (*watch) (gpointer user, gboolean live), gpointer user)
{
  audio->watch = watch;
  audio->watcher = user;
}

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
  tell (end->audio);
}

static void
free_end (gpointer data)
{
  AsternAudioEnd *end = data;

  for (guint i = 0; i < ASTERN_SOUND_VOICES; i++)
    g_byte_array_unref (end->ears[i].held);
  g_free (end);
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
      end->ears[i] = (AsternAudioEar) { .end = end, .voice = i, .held = g_byte_array_new () };
    }
  g_ptr_array_add (audio->ends, end);
  link->send = sent;
  link->delivered = delivered;
  link->roomy = feed_all;
  link->user = end;
}

AsternAudio *
astern_audio_open (const AsternAudioSpec *spec, GError **error)
{
  AsternAudio *audio = g_malloc0 (spec->klass->instance_size);

  audio->klass = spec->klass;
  audio->format = spec->out.format;
  audio->mixer = astern_mixer_new (spec->out.format.rate_hz, mixed, audio);
  audio->ends = g_ptr_array_new_with_free_func (free_end);
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
      end->link->roomy = NULL;
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
