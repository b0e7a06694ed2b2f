/* voice.c - see voice.h. */
#include "config.h"

#include "hw/sound/voice.h"

#include <string.h>

static void
send (AsternLink *link, AsternSoundKind kind, guint voice, guint64 at_ns, guint32 rate_hz, const gint16 *samples, guint n)
{
  AsternSoundPacket packet = { .header = { at_ns, rate_hz, (guint16) voice, (guint16) kind } };

  g_return_if_fail (n <= ASTERN_SOUND_MAX_FRAMES);

  if (n > 0)
    memcpy (packet.samples, samples, n * ASTERN_SOUND_FRAME_BYTES);
  astern_link_send (link, &packet, sizeof packet.header + n * ASTERN_SOUND_FRAME_BYTES);
}

void
sound_play (AsternLink *link, guint voice, guint64 at_ns, guint32 rate_hz, const gint16 *samples, guint n)
{
  send (link, ASTERN_SOUND_PLAY, voice, at_ns, rate_hz, samples, n);
}

void
sound_end (AsternLink *link, guint voice, guint64 at_ns)
{
  send (link, ASTERN_SOUND_END, voice, at_ns, 0, NULL, 0);
}

void
sound_listen (AsternLink *link, guint voice, guint64 at_ns, guint32 rate_hz)
{
  send (link, ASTERN_SOUND_LISTEN, voice, at_ns, rate_hz, NULL, 0);
}

void
sound_deaf (AsternLink *link, guint voice, guint64 at_ns)
{
  send (link, ASTERN_SOUND_DEAF, voice, at_ns, 0, NULL, 0);
}

gboolean
sound_input (gconstpointer data, gsize size, guint *voice, const guint8 **frames, guint *n)
{
  const guint8 *bytes = data;

  if (size < ASTERN_SOUND_IN_BYTES || bytes[0] >= ASTERN_SOUND_VOICES)
    return FALSE;
  *voice = bytes[0];
  *frames = bytes + ASTERN_SOUND_IN_BYTES;
  *n = (guint) ((size - ASTERN_SOUND_IN_BYTES) / ASTERN_SOUND_FRAME_BYTES);
  return TRUE;
}

/* ---- what came in ---- */

void
sound_fifo_clamp (SoundFifo *fifo)
{
  fifo->head %= SOUND_FIFO_FRAMES;
  fifo->count = MIN (fifo->count, SOUND_FIFO_FRAMES);
}

guint
sound_fifo_room (const SoundFifo *fifo)
{
  return SOUND_FIFO_FRAMES - MIN (fifo->count, SOUND_FIFO_FRAMES);
}

void
sound_fifo_put (SoundFifo *fifo, const guint8 *frames, guint n)
{
  n = MIN (n, SOUND_FIFO_FRAMES - fifo->count);
  for (guint i = 0; i < 2 * n; i++, frames += 2)
    fifo->samples[(2 * (fifo->head + fifo->count) + i) % (2 * SOUND_FIFO_FRAMES)] = (gint16) (frames[0] | frames[1] << 8);
  fifo->count += n;
}

void
sound_fifo_take (SoundFifo *fifo, gint16 *samples, guint n)
{
  guint there = MIN (n, fifo->count);

  for (guint i = 0; i < 2 * there; i++)
    samples[i] = fifo->samples[(2 * fifo->head + i) % (2 * SOUND_FIFO_FRAMES)];
  memset (samples + 2 * there, 0, (n - there) * ASTERN_SOUND_FRAME_BYTES);
  fifo->head = (fifo->head + there) % SOUND_FIFO_FRAMES;
  fifo->count -= there;
}

/* ---- gains ---- */

guint32
sound_gain (guint steps_down, guint unity_over, guint64 step)
{
  guint64 gain = G_GUINT64_CONSTANT (1) << 32;

  for (guint i = unity_over; i < steps_down; i++)
    gain = gain * step >> 32;
  for (guint i = steps_down; i < unity_over; i++)
    gain = (gain << 24) / (step >> 8);
  return (guint32) (gain >> 16);
}

static gint16
scaled (gint16 sample, guint32 gain)
{
  return (gint16) CLAMP ((gint64) sample * gain / (gint64) SOUND_UNITY, G_MININT16, G_MAXINT16);
}

void
sound_scale (gint16 *samples, guint n, guint32 left, guint32 right)
{
  if (left == SOUND_UNITY && right == SOUND_UNITY)
    return;
  for (guint i = 0; i < n; i++)
    {
      samples[2 * i] = scaled (samples[2 * i], left);
      samples[2 * i + 1] = scaled (samples[2 * i + 1], right);
    }
}
