/* port92 - system control port A: the fast A20 gate and the fast reset.
 *
 * It holds the machine's A20 latch: whoever said something last, this port or the
 * keyboard controller, has set it.  Window 0 is the port.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

extern const AsternDeviceClass port92_class;

/* Up while address line 20 passes. */
AsternIrq *port92_a20          (AsternDevice *port92);

/* AsternIrqFunc: the keyboard controller's A20 output. */
void       port92_set_kbd_a20  (gpointer port92, guint line, gboolean level);
