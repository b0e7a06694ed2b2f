/* audio - what is at the other end of sound devices' links: a sound server, a file, nothing.
 *
 * Devices play by guest time; their voices are mixed and handed on at once.  A server that has too much already makes
 * us drop, and one that has nothing is silent: the machine is never waited for, nor does it wait.  Both are counted.
 *
 * Threads: those that run the machine, unless said otherwise. */
#pragma once

#include "core/link.h"
#include "core/sound.h"
#include "host/audio/wav.h"

#define ASTERN_AUDIO_ERROR (astern_audio_error_quark ())

typedef enum
{
  ASTERN_AUDIO_ERROR_USAGE,         /* a word of the specification is wrong */
  ASTERN_AUDIO_ERROR_UNAVAILABLE,   /* known, but not there */
  ASTERN_AUDIO_ERROR_HOST,          /* the host could not */
} AsternAudioError;

GQuark astern_audio_error_quark (void);

typedef struct _AsternAudio      AsternAudio;
typedef struct _AsternAudioClass AsternAudioClass;

/* One way: out or in. */
typedef struct
{
  AsternWavFormat format;
  guint32         buffer_us;
  char           *device;          /* (nullable) a server's sink or source */
  char           *stream;          /* (nullable) what the server calls it */
} AsternAudioWay;

/* -audiodev */
typedef struct
{
  const AsternAudioClass *klass;
  char                   *id;      /* (nullable) */
  char                   *path;    /* of a file, or of a server */
  AsternAudioWay          out, in;
  gboolean                optional;   /* where it cannot be opened, there is no sound */
} AsternAudioSpec;

/* FALSE: there is no such driver. */
gboolean     astern_audio_spec_init  (AsternAudioSpec *spec, const char *driver, GError **error);
void         astern_audio_spec_clear (AsternAudioSpec *spec);
/* @id: "id" and all else that QEMU has for the driver. */
gboolean     astern_audio_spec_set   (AsternAudioSpec *spec, const char *key, const char *value, GError **error);
const char  *astern_audio_spec_driver (const AsternAudioSpec *spec);
/* The drivers, a line each; free it. */
char        *astern_audio_drivers    (void);

typedef struct
{
  guint64 played;            /* frames handed on */
  guint64 dropped;           /* that the server had no room for: the guest is ahead */
  guint64 underruns;         /* times that it had nothing: the guest is late */
  guint64 recorded;          /* frames that went to the guest */
  guint64 unheard;           /* that it had no room for */
} AsternAudioCounts;

AsternAudio *astern_audio_open     (const AsternAudioSpec *spec, GError **error);
/* FALSE: a file is not whole.  The links may be used afterwards: nothing is at their end. */
gboolean     astern_audio_close    (AsternAudio *audio);
const char  *astern_audio_driver   (AsternAudio *audio);

/* Takes the outer end; borrowed.  A machine's link, or in tests one without. */
void         astern_audio_join     (AsternAudio *audio, AsternLink *link);
void         astern_audio_counts   (AsternAudio *audio, AsternAudioCounts *counts);

/* @live is called when somebody begins or ends to hear the guest, or to be heard by it, as things happen: by a server, not
 * by a file.  The machine's thread. */
void         astern_audio_watch    (AsternAudio *audio, void (*live) (gpointer user, gboolean live), gpointer user);
/* What is heard is written to a file, too.  Any thread. */
gboolean     astern_audio_capture  (AsternAudio *audio, AsternWav *wav);      /* owned; FALSE: there is one already */
AsternWav   *astern_audio_captured (AsternAudio *audio);                      /* (nullable): takes it out */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternAudio, astern_audio_close)
