/* ps2-mouse - a PS/2 mouse of three buttons; five and a wheel when its driver knows how to ask.
 *
 * Movements come in packets of six bytes (ps2_mouse_input()): dx and dy, signed, 16 bits each,
 * little endian, to the right and down on the screen; dz, signed, 8 bits, steps of the wheel
 * towards the user; the buttons that are now down (Ps2MouseButtons).
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/ps2.h"

#define PS2_MOUSE_PACKET_BYTES 6

typedef enum
{
  PS2_MOUSE_LEFT   = 1 << 0,
  PS2_MOUSE_RIGHT  = 1 << 1,
  PS2_MOUSE_MIDDLE = 1 << 2,
  PS2_MOUSE_BACK   = 1 << 3,
  PS2_MOUSE_FORTH  = 1 << 4,
} Ps2MouseButtons;

extern const AsternDeviceClass ps2_mouse_class;
extern const Ps2Operations     ps2_mouse_operations;

/* AsternInputFunc: packets; @mouse is the device.  An incomplete one at the end is dropped. */
void ps2_mouse_input (gpointer mouse, gconstpointer data, gsize size);

/* Its driver wants to hear of movements. */
gboolean ps2_mouse_listens (AsternDevice *device);
