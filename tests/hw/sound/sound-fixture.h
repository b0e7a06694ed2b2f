/* sound-fixture - a machine with memory, a PCI bus, and somebody who listens to a link.
 *
 * Threads: a test program's own. */
#pragma once

#include "core/machine.h"
#include "core/sound.h"
#include "hw/pci.h"

#include "../storage/storage-fixture.h"

#include <math.h>

typedef struct
{
  Storage      storage;
  AsternMachine *machine;
  AsternPciBus bus;
  AsternLink  *link;
  GArray      *samples;         /* gint16, of voice 0 */
  guint32      rate_hz;         /* of the latest packet */
  guint64      first_ns, next_ns;     /* when voice 0 began, and when its next packet is to begin */
  guint        ends, gaps;      /* of packets: ENDs, and those that did not follow the one before */
  guint32      listening_hz;    /* 0: it does not */
  gboolean     intx;
  guint        interrupts;
} Sound;

static inline void
sound_heard (gpointer user, const guint8 *data, gsize size)
{
  Sound *f = user;
  const AsternSoundPacket *packet = (gconstpointer) data;
  guint n = (guint) ((size - sizeof packet->header) / ASTERN_SOUND_FRAME_BYTES);

  switch (packet->header.kind)
    {
    case ASTERN_SOUND_PLAY:
      if (f->samples->len == 0 || f->next_ns == 0)
        f->first_ns = packet->header.at_ns;
      else if (packet->header.at_ns + 100000 < f->next_ns || packet->header.at_ns > f->next_ns + 100000)
        f->gaps++;
      f->rate_hz = packet->header.rate_hz;
      f->next_ns = packet->header.at_ns + (guint64) n * 1000000000 / packet->header.rate_hz;
      g_array_append_vals (f->samples, packet->samples, 2 * n);
      break;
    case ASTERN_SOUND_END:
      f->ends++;
      f->next_ns = 0;
      break;
    case ASTERN_SOUND_LISTEN:
      f->listening_hz = packet->header.rate_hz;
      break;
    default:
      f->listening_hz = 0;
      break;
    }
}

static inline void
sound_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  Sound *f = router;

  f->interrupts += level && !f->intx;
  f->intx = level;
}

static inline void
sound_set_up (Sound *f)
{
  memset (f, 0, sizeof *f);
  storage_init (&f->storage);
  f->machine = f->storage.machine;
  f->bus = (AsternPciBus) { .memory = f->machine->physical, .ports = f->machine->ports, .set_intx = sound_intx, .router = f };
  f->samples = g_array_new (FALSE, FALSE, sizeof (gint16));
  f->link = astern_link_new (NULL, "sound");
  f->link->send = sound_heard;
  f->link->user = f;
}

static inline void
sound_tear_down (Sound *f)
{
  storage_clear (&f->storage);
  astern_link_free (f->link);
  g_array_unref (f->samples);
}

/* A tone of two different loudnesses, left and right, as the guest has it in memory. */
static inline void
sound_put_tone (Sound *f, guint64 address, guint n, double hz, guint32 rate_hz, gint loudness)
{
  for (guint i = 0; i < n; i++)
    {
      gint16 left = (gint16) (loudness * sin (2 * G_PI * hz * i / rate_hz));
      const gint16 frame[2] = { GINT16_TO_LE (left), GINT16_TO_LE ((gint16) (left / 2)) };

      astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { address + 4 * i }, frame, sizeof frame, ASTERN_ORIGIN_CPU);
    }
}

/* How often a second the left side rises through zero. */
static inline double
sound_hz (const gint16 *samples, guint n_frames, guint32 rate_hz)
{
  guint rises = 0, first = 0, last = 0;

  for (guint i = 1; i < n_frames; i++)
    if (samples[2 * i - 2] < 0 && samples[2 * i] >= 0)
      {
        first = rises == 0 ? i : first;
        last = i;
        rises++;
      }
  return rises < 2 ? 0 : (double) (rises - 1) * rate_hz / (last - first);
}

static inline gint
sound_peak (const GArray *samples, guint side)
{
  gint peak = 0;

  for (guint i = side; i < samples->len; i += 2)
    peak = MAX (peak, ABS ((gint) g_array_index (samples, gint16, i)));
  return peak;
}

/* What came in for a voice, as the door delivers it. */
static inline void
sound_speak (Sound *f, guint voice, const gint16 *samples, guint n_frames)
{
  g_autofree guint8 *packet = g_malloc0 (ASTERN_SOUND_IN_BYTES + 4 * n_frames);

  packet[0] = (guint8) voice;
  for (guint i = 0; i < 2 * n_frames; i++)
    {
      packet[ASTERN_SOUND_IN_BYTES + 2 * i] = (guint8) samples[i];
      packet[ASTERN_SOUND_IN_BYTES + 2 * i + 1] = (guint8) (samples[i] >> 8);
    }
  f->link->input (f->link->device, packet, ASTERN_SOUND_IN_BYTES + 4 * n_frames);
}
