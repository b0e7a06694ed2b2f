/* pit8254 - 8254 interval timer: three counters on a 1.193182 MHz clock.
 *
 * Window 0 is the chip's four ports.
 *
 * Threads: the thread that runs the machine.
 * Units:   one tick of the chip's clock is 1 / PIT8254_HZ seconds of guest time. */
#pragma once

#include "core/device.h"

#define PIT8254_HZ 1193182u

extern const AsternDeviceClass pit8254_class;

/* The OUT pin of counter 0..2.  Connect it before the machine first runs. */
AsternIrq *pit8254_out_wire (AsternDevice *pit, guint counter);

/* AsternIrqFunc: the GATE pin of counter @counter.  High at reset, but for counter 2. */
void       pit8254_set_gate (gpointer pit, guint counter, gboolean level);

/* The level of an OUT pin now; changes nothing. */
gboolean   pit8254_get_out  (const AsternDevice *pit, guint counter);
gboolean   pit8254_get_gate (const AsternDevice *pit, guint counter);
