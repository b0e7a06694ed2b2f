/* lapic-bus - what joins the local APICs: their memory window, interrupt messages, pins.
 *
 * Window 0 lies at LAPIC_BUS_BASE.  In its first page each CPU sees its own local
 * APIC; writes to the rest of it, and all writes by DMA, are interrupt messages (MSI).
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"
#include "core/irqchip.h"

#include "hw/apic-message.h"

#define LAPIC_BUS_BASE G_GUINT64_CONSTANT (0xfee00000)

extern const AsternDeviceClass lapic_bus_class;

/* By lapic_connect(). */
void lapic_bus_add       (AsternDevice *bus, AsternDevice *lapic, guint cpu);

/* The PIC that answers when a CPU takes an external interrupt; borrowed. */
void lapic_bus_set_pic   (AsternDevice *bus, AsternDevice *pic8259);
/* Acknowledges it: the vector, or -1 without a PIC. */
int  lapic_bus_pic_acknowledge (AsternDevice *bus);

/* AsternIrqFunc: all LINT pins of number @lint (LAPIC_LINT0: the PIC's INT; LAPIC_LINT1: NMI). */
void lapic_bus_set_lint  (gpointer bus, guint lint, gboolean level);

/* ApicDeliverFunc: for I/O APICs. */
void lapic_bus_deliver   (gpointer bus, const ApicMessage *message);
/* An inter-processor interrupt by CPU @sender; @self, @others: who gets it if not by destination. */
void lapic_bus_send_ipi  (AsternDevice *bus, const ApicMessage *message, guint sender,
                          gboolean self, gboolean others);

/* Told the vector when a level-triggered interrupt was ended: ioapic_eoi. */
void lapic_bus_set_eoi   (AsternDevice *bus, void (*eoi) (gpointer receiver, guint vector),
                          gpointer receiver);
void lapic_bus_broadcast_eoi (AsternDevice *bus, guint vector);

/* Those of all CPUs: see lapic.h. */
void lapic_bus_take_values (AsternDevice *bus, AsternLapicValues values[ASTERN_IRQCHIP_CPUS]);
void lapic_bus_give_values (AsternDevice *bus, const AsternLapicValues values[ASTERN_IRQCHIP_CPUS]);
/* A pin's level, when nothing is to come of it. */
void lapic_bus_note_lint   (AsternDevice *bus, guint lint, gboolean level);
