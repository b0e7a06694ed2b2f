/* port61 - system control port B: the speaker's timer bits, the refresh bit, NMI masks.
 *
 * Window 0 is the port.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

extern const AsternDeviceClass port61_class;

/* The interval timer whose counter 2 it gates and shows; borrowed. */
void port61_connect (AsternDevice *port61, AsternDevice *pit8254);

/* The bit that lets counter 2 be heard. */
AsternIrq *port61_speaker_wire (AsternDevice *port61);
