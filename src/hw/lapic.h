/* lapic - the local APIC of one CPU.
 *
 * It is reached through a lapic-bus, which owns the memory window, and by the
 * CPU's MSRs (AsternApicInterface).  Window 0 is its registers, in xAPIC layout.
 *
 * Its timer's clock, and the TSC that IA32_TSC_DEADLINE speaks of, count guest
 * nanoseconds.  A CPU whose TSC has an offset takes it off before it writes that
 * MSR, and adds it to what it reads.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/cpu.h"
#include "core/device.h"
#include "core/irqchip.h"

#include "hw/apic-message.h"

extern const AsternDeviceClass lapic_class;

enum { LAPIC_LINT0, LAPIC_LINT1 };

/* Gives @cpu this local APIC and puts it on the bus @lapic_bus; resets it. */
void     lapic_connect  (AsternDevice *lapic, AsternDevice *lapic_bus, AsternCpu *cpu);

/* AsternIrqFunc of the pins LINT0 (the PIC's INT) and LINT1 (NMI). */
void     lapic_set_lint (gpointer lapic, guint lint, gboolean level);

/* For lapic-bus: whether a message is for it, its priority now, and a message's arrival. */
gboolean lapic_is_addressed (AsternDevice *lapic, const ApicMessage *message);
gboolean lapic_is_enabled   (AsternDevice *lapic);
guint8   lapic_priority     (AsternDevice *lapic);
void     lapic_accept       (AsternDevice *lapic, const ApicMessage *message);
/* Whether IA32_APIC_BASE lets it be seen in memory: enabled, and not in x2APIC mode. */
gboolean lapic_is_mapped    (AsternDevice *lapic);

/* What it holds, its timer off; and what it holds from now on.  A pin is noted while an engine has the local APICs. */
void     lapic_take_values  (AsternDevice *lapic, AsternLapicValues *values);
void     lapic_give_values  (AsternDevice *lapic, const AsternLapicValues *values);
void     lapic_note_lint    (AsternDevice *lapic, guint lint, gboolean level);
