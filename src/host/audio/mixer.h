/* mixer - voices of several devices and rates, laid over each other by guest time.
 *
 * What comes out is the sound of the guest while any voice runs; where none does, nothing comes out.  A voice whose packets
 * do not follow each other (the run has branched in the past) begins again.
 *
 * Threads: one at a time.
 * Units:   frames of two samples; ns of guest time. */
#pragma once

#include "core/sound.h"

typedef struct _AsternMixer AsternMixer;

typedef void (*AsternMixerFunc) (gpointer user, const gint16 *samples, guint n_frames);

AsternMixer *astern_mixer_new   (guint32 rate_hz, AsternMixerFunc out, gpointer user);
void         astern_mixer_free  (AsternMixer *mixer);

/* A new voice; numbers count from 0. */
guint        astern_mixer_add   (AsternMixer *mixer);
void         astern_mixer_play  (AsternMixer *mixer, guint voice, const AsternSoundHeader *header, const gint16 *samples, guint n_frames);
void         astern_mixer_end   (AsternMixer *mixer, guint voice);
/* Whether any voice runs. */
gboolean     astern_mixer_runs  (AsternMixer *mixer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternMixer, astern_mixer_free)
