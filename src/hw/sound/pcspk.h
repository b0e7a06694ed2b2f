/* pcspk - the loudspeaker of a PC: counter 2 of the interval timer, behind a bit of port 61h.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"
#include "core/link.h"

extern const AsternDeviceClass pcspk_class;

/* All are borrowed.  Once, before the machine runs. */
void pcspk_connect (AsternDevice *pcspk, AsternDevice *port61, AsternDevice *pit8254, AsternLink *link);
