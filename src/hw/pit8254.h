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

/* @before is called before the guest changes what the OUT pin of counter @counter does from now on.  One watcher a counter. */
void       pit8254_watch    (AsternDevice *pit, guint counter, void (*before) (gpointer owner), gpointer owner);
/* For how many of the ticks [@from, @to) OUT is high, as the counter is programmed now; changes nothing. */
guint64    pit8254_high_ticks (const AsternDevice *pit, guint counter, guint64 from, guint64 to);
