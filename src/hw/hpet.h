/* hpet - high precision event timer: a 100 MHz counter and three comparators.
 *
 * Window 0 lies at HPET_BASE.  When the guest asks for legacy replacement, its
 * timers 0 and 1 take the places of the interval timer on IRQ 0 and of the
 * real-time clock on IRQ 8: so these two devices' wires lead through it.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

#define HPET_BASE      G_GUINT64_CONSTANT (0xfed00000)
#define HPET_PERIOD_FS 10000000u
#define HPET_ID        G_GUINT64_CONSTANT (0x8086a201)    /* for the ACPI table too */

extern const AsternDeviceClass hpet_class;

enum { HPET_INPUT_PIT, HPET_INPUT_RTC };

/* AsternIrqFunc: the interval timer's and the real-time clock's interrupts. */
void       hpet_set_legacy_input (gpointer hpet, guint input, gboolean level);

/* The wire to interrupt line @line (as in isa-irqs.h): 0 and 8, and 16..23. */
AsternIrq *hpet_irq              (AsternDevice *hpet, guint line);
