/* ps2-keyboard - a PS/2 keyboard with scan code sets 1, 2 and 3.
 *
 * Keys come in packets of three bytes (ps2_keyboard_input()): the key's number,
 * little endian, and 1 for down or 0 for up.  A key's number is its make code in
 * scan code set 1, with 0xe000 added where that has the prefix e0:
 * 0x001c Enter, 0xe01c Enter of the number pad, 0xe048 Up; 0xe11d is Pause.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/ps2.h"

#define PS2_KEYBOARD_PACKET_BYTES 3
#define PS2_KEY_PAUSE             0xe11d
#define PS2_KEY_PRINT_SCREEN      0xe037

extern const AsternDeviceClass ps2_keyboard_class;
extern const Ps2Operations     ps2_keyboard_operations;

/* AsternInputFunc: packets; @keyboard is the device.  An incomplete one at the end is dropped. */
void   ps2_keyboard_input (gpointer keyboard, gconstpointer data, gsize size);

/* Bit 0 Scroll Lock, 1 Num Lock, 2 Caps Lock. */
guint8 ps2_keyboard_leds  (const AsternDevice *keyboard);

/* Its driver wants to hear of keys. */
gboolean ps2_keyboard_listens (AsternDevice *device);
