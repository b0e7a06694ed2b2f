/* debugcon - a port that prints what is written to it (0xe9 of Bochs, 0x402 of firmware).
 *
 * It reads as 0xe9, by which guests know that it is there.  Window 0 is the port.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

extern const AsternDeviceClass debugcon_class;

typedef void (*DebugconTransmitFunc) (gpointer host, const guint8 *data, gsize size);

void debugcon_set_transmit (AsternDevice *debugcon, DebugconTransmitFunc transmit, gpointer host);
