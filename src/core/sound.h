/* sound - what goes over a link (link.h) between a sound device and the outside.
 *
 * A device's voices are streams of frames: two samples, left and right, of 16 bits with a sign.  What the guest plays
 * goes out as packets with the guest time of their first frame, so that whoever hears them can lay the voices of
 * several devices over each other; the next packet of a voice begins where the one before ended.  Nothing comes back:
 * a device plays by guest time, whatever becomes of it outside.
 *
 * What the guest records comes through the door, after the device said that it listens, at the rate that it named:
 * ASTERN_SOUND_IN_BYTES whose first says for which voice, then frames, little-endian.  Where nothing comes, there is silence.
 *
 * Units: frames; ns of guest time. */
#pragma once

#include "core/link.h"

#define ASTERN_SOUND_VOICES      4         /* most of a link, each way */
#define ASTERN_SOUND_FRAME_BYTES 4
#define ASTERN_SOUND_IN_BYTES    4
#define ASTERN_SOUND_MAX_FRAMES  1024      /* of a packet */

typedef enum
{
  ASTERN_SOUND_PLAY,      /* frames follow */
  ASTERN_SOUND_END,       /* the voice is silent from at_ns on */
  ASTERN_SOUND_LISTEN,    /* frames of rate_hz are wanted */
  ASTERN_SOUND_DEAF,      /* and no more */
} AsternSoundKind;

/* Begins each packet that goes out; of this host's byte order. */
typedef struct
{
  guint64 at_ns;
  guint32 rate_hz;
  guint16 voice;
  guint16 kind;           /* AsternSoundKind */
} AsternSoundHeader;

typedef struct
{
  AsternSoundHeader header;
  gint16            samples[2 * ASTERN_SOUND_MAX_FRAMES];
} AsternSoundPacket;
