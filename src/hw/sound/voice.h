/* voice - what sound devices have in common: packets out, frames in, gains.
 *
 * Threads: the thread that runs the machine.
 * Units:   frames of two samples; gains are fixed-point numbers, SOUND_UNITY is one. */
#pragma once

#include "core/clock.h"
#include "core/fields.h"
#include "core/sound.h"

#define SOUND_FIFO_FRAMES 4096
#define SOUND_UNITY       65536u
#define SOUND_PIECE_HZ    1000u      /* devices move sound so often: what a guest sees of a position is as exact */

/* In a device's state: what came from outside and was not recorded yet. */
typedef struct
{
  guint32 head, count;      /* frames */
  gint16  samples[2 * SOUND_FIFO_FRAMES];
} SoundFifo;

#define SOUND_FIFO_FIELDS(Struct, member, since)                                          \
  ASTERN_FIELD (Struct, member.head, since), ASTERN_FIELD (Struct, member.count, since),  \
  ASTERN_FIELD_ARRAY (Struct, member.samples, since)

/* @n up to ASTERN_SOUND_MAX_FRAMES.  @link may be NULL. */
void     sound_play   (AsternLink *link, guint voice, guint64 at_ns, guint32 rate_hz, const gint16 *samples, guint n);
void     sound_end    (AsternLink *link, guint voice, guint64 at_ns);
void     sound_listen (AsternLink *link, guint voice, guint64 at_ns, guint32 rate_hz);
void     sound_deaf   (AsternLink *link, guint voice, guint64 at_ns);

/* An input of the door: which voice it is for, and its frames; FALSE: it is none. */
gboolean sound_input  (gconstpointer data, gsize size, guint *voice, const guint8 **frames, guint *n);

/* Frames that would fit. */
guint    sound_fifo_room  (const SoundFifo *fifo);
/* What does not fit is lost; what is not there is silence. */
void     sound_fifo_put   (SoundFifo *fifo, const guint8 *frames, guint n);
void     sound_fifo_take  (SoundFifo *fifo, gint16 *samples, guint n);
/* A fifo from a file may say anything. */
void     sound_fifo_clamp (SoundFifo *fifo);

/* @unity_over: steps that are above unity; @step: the factor of a step down, of 2^32. */
guint32  sound_gain   (guint steps_down, guint unity_over, guint64 step);
#define SOUND_STEP_1_5_DB G_GUINT64_CONSTANT (3613764706)     /* 10^(-1.5/20) */
#define SOUND_STEP_1_DB   G_GUINT64_CONSTANT (3827893632)     /* 10^(-1/20) */
void     sound_scale  (gint16 *samples, guint n, guint32 left, guint32 right);
