/* isa-irqs - fans a PC's interrupt lines out to its PICs and its I/O APIC.
 *
 * Lines are numbered as global system interrupts: 0..15 are the ISA lines, which
 * reach both PICs and the I/O APIC; 16..23 are the I/O APIC's own.  ISA line 0
 * (the timer) is pin 2 of the I/O APIC; line 2 (the cascade) is no line.
 *
 * It has no state and is no device; it must outlive the wires connected to it.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"
#include "core/irqchip.h"

#define ISA_IRQS_LINES 24

typedef struct
{
  AsternDevice *master, *slave;   /* (nullable) pic8259 */
  AsternDevice *ioapic;           /* (nullable) */
  AsternDevice *lapics;           /* (nullable) lapic-bus */
  const AsternMachine *machine;   /* (nullable): nobody else has the controllers */
  guint32       held;             /* the I/O APIC's pins while somebody else has it */
} IsaIrqs;

/* AsternIrqFunc; @irqs is an IsaIrqs. */
void isa_irqs_set (gpointer irqs, guint line, gboolean level);

/* All of these controllers, for an engine that has its own; @board is an IsaIrqs. */
extern const AsternIrqchipDevices isa_irqs_devices;
