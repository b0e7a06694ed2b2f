/* lapic.c - local APIC, xAPIC and x2APIC: the device.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter "APIC".
 * Left out: moving the memory window (IA32_APIC_BASE keeps what is written, the window stays),
 * focus processors, the thermal, performance and CMCI sources (their LVT entries are there, but
 * nothing raises them), remote read, EOI-broadcast suppression, the illegal register address
 * error.
 *
 * LINT0 of CPU 0 passes ExtINT after reset, as PC firmware leaves it, so that kernels that are
 * started without firmware hear the PIC. */
#include "config.h"

#include "hw/lapic-private.h"

#define F(member)     ASTERN_FIELD (LapicState, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (LapicState, member, 1)
static const AsternField fields[] = {
  F (deadline_ns), F (timer_ns), F (tsc_deadline), F (base), F (timer_count), F (initial_count),
  F (divide),
  F (id), F (ldr), F (dfr), F (tpr), F (svr), F (esr), F (errors), F (icr_low), F (icr_high),
  ARRAY (lvt), ARRAY (irr), ARRAY (isr), ARRAY (tmr), ARRAY (lint), F (extint), F (intr),
  ARRAY (reserved),
};

static void
init (AsternDevice *device)
{
  lapic_timer_init ((Lapic *) device);
}

/* After INIT: all but the ID, IA32_APIC_BASE and the pins. */
void
lapic_reset_to_init (Lapic *lapic)
{
  LapicState before = lapic->s;

  lapic->s = (LapicState) {
    .deadline_ns = before.deadline_ns, .base = before.base, .id = before.id, .dfr = 0xffffffff, .svr = 0xff,
    .lint = { before.lint[0], before.lint[1] }, .intr = before.intr,
    .timer_ns = astern_clock_now_ns (lapic->parent.clock),
  };
  if (before.base & BASE_X2APIC)
    lapic->s.ldr = lapic_x2apic_ldr (lapic->index);
  for (guint i = 0; i < N_LVT; i++)
    lapic->s.lvt[i] = LVT_MASKED;
  lapic_timer_arm (lapic);
  lapic_update (lapic);
}

static void
reset (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;

  lapic->s.base = LAPIC_BUS_BASE | BASE_ENABLED | (lapic->index == 0 ? BASE_BSP : 0);
  lapic->s.id = lapic->index << 24;
  lapic_reset_to_init (lapic);
  if (lapic->index == 0)
    lapic->s.lvt[LVT_LINT0] = APIC_EXTINT << 8;
  lapic_update (lapic);
}

static void
restored (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;

  lapic_set_pin (lapic, ASTERN_PIN_INTR, lapic->s.intr);
}

const AsternDeviceClass lapic_class = {
  .name = "lapic", .summary = "local APIC", .state_version = 1,
  .instance_size = sizeof (Lapic),
  .state_offset = G_STRUCT_OFFSET (Lapic, s), .state_size = sizeof (LapicState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = lapic_windows, .n_windows = G_N_ELEMENTS (lapic_windows),
  .init = init, .reset = reset, .restored = restored,
};

void
lapic_connect (AsternDevice *device, AsternDevice *bus, AsternCpu *cpu)
{
  Lapic *lapic = (Lapic *) device;

  lapic->bus = bus;
  lapic->cpu = cpu;
  lapic->index = cpu->index;
  cpu->apic = device;
  cpu->apic_ops = &lapic_interface;
  lapic_bus_add (bus, device, cpu->index);
  astern_device_reset (device);
}
