/* ac97 - Intel 82801AA AC'97 audio controller, and its codec.
 *
 * Window 1 is the codec's mixer, window 2 the bus master's registers.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

#define AC97_MIXER_WINDOW  1
#define AC97_MASTER_WINDOW 2

extern const AsternDeviceClass ac97_class;
extern const AsternCard        ac97_card;

/* Once, before the machine runs; borrowed. */
void ac97_connect (AsternDevice *ac97, AsternLink *link);
