/* audio-private - what drivers and audio.c share. */
#pragma once

#include "host/audio/audio.h"
#include "host/audio/mixer.h"

typedef struct _AsternAudioEnd AsternAudioEnd;

/* A voice of a link that the guest records from. */
typedef struct
{
  AsternAudioEnd *end;
  guint           voice;
  gpointer        stream;          /* the driver's; NULL: it does not listen */
  guint32         rate_hz;
  GByteArray     *held;            /* frames that the guest has no room for yet; under the mutex */
} AsternAudioEar;

struct _AsternAudioEnd
{
  AsternAudio   *audio;
  AsternLink    *link;
  guint           waiting;         /* frames that are at the door; under the mutex */
  gint           voices[ASTERN_SOUND_VOICES];      /* the mixer's; -1: not yet */
  AsternAudioEar ears[ASTERN_SOUND_VOICES];
};

struct _AsternAudioClass
{
  const char *name;
  const char *help;                /* N_() */
  gsize       instance_size;       /* of the struct that begins with AsternAudio */
  gboolean    live;                /* it is heard as things happen */
  const char *const *words;        /* of its own, beyond what all have; ended by NULL */
  gboolean  (*open)   (AsternAudio *audio, const AsternAudioSpec *spec, GError **error);
  gboolean  (*close)  (AsternAudio *audio);                                            /* (nullable) */
  void      (*play)   (AsternAudio *audio, const gint16 *samples, guint n_frames);     /* (nullable) */
  void      (*rest)   (AsternAudio *audio);                                            /* (nullable) nothing comes for some time */
  void      (*listen) (AsternAudio *audio, AsternAudioEar *ear);                       /* (nullable) at ear->rate_hz */
  void      (*deaf)   (AsternAudio *audio, AsternAudioEar *ear);
};

/* A driver's struct begins with this. */
struct _AsternAudio
{
  const AsternAudioClass *klass;
  AsternMixer            *mixer;
  GPtrArray              *ends;    /* AsternAudioEnd */
  AsternWavFormat         format;
  void                  (*watch) (gpointer user, gboolean live);      /* (nullable) */
  gpointer                watcher;
  gboolean                told;
  GMutex                  mutex;   /* of what follows */
  AsternWav              *wav;     /* (nullable) what is captured */
  AsternAudioCounts       counts;
};

/* For drivers, any thread: frames of this host's byte order came for @ear. */
void astern_audio_heard (AsternAudioEar *ear, const gint16 *samples, guint n_frames);
void astern_audio_count (AsternAudio *audio, guint64 *counter, guint64 n);

extern const AsternAudioClass astern_audio_none, astern_audio_spice, astern_audio_wav, astern_audio_pulse, astern_audio_pipewire;
