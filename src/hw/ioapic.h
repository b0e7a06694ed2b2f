/* ioapic - I/O APIC of 24 pins.
 *
 * Window 0 lies at IOAPIC_BASE.  A pin's level is whether its interrupt is asserted,
 * whatever polarity the guest chose for it.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"
#include "core/irqchip.h"

#include "hw/apic-message.h"

#define IOAPIC_BASE G_GUINT64_CONSTANT (0xfec00000)
#define IOAPIC_PINS 24

extern const AsternDeviceClass ioapic_class;

/* Where its messages go: lapic_bus_deliver and the lapic-bus. */
void ioapic_connect (AsternDevice *ioapic, ApicDeliverFunc deliver, gpointer bus);

/* AsternIrqFunc of the pins. */
void ioapic_set_irq (gpointer ioapic, guint pin, gboolean level);

/* The end of a level-triggered interrupt: for lapic_bus_set_eoi(). */
void ioapic_eoi     (gpointer ioapic, guint vector);

/* What it holds, and what it holds from now on (core/irqchip.h). */
void ioapic_take_values (AsternDevice *ioapic, AsternIoapicValues *values);
void ioapic_give_values (AsternDevice *ioapic, const AsternIoapicValues *values);
