/* i8042 - keyboard and mouse controller.
 *
 * Window 0 is port 0x60, window 1 port 0x64.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/ps2.h"

extern const AsternDeviceClass i8042_class;

enum { I8042_WINDOW_DATA, I8042_WINDOW_COMMAND };
enum { I8042_KEYBOARD, I8042_MOUSE };

/* The wires to IRQ 1 (port I8042_KEYBOARD) and IRQ 12 (I8042_MOUSE). */
AsternIrq *i8042_irq     (AsternDevice *i8042, guint port);

/* The A20 gate; high at reset. */
AsternIrq *i8042_a20     (AsternDevice *i8042);

/* Plugs @device in; it is borrowed. */
void       i8042_connect (AsternDevice *i8042, guint port, AsternDevice *device,
                          const Ps2Operations *operations);
