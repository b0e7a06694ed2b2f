/* lapic-msr.c - local APIC: what its CPU sees of it by MSRs and CR8.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter
 * "APIC", sections "Local APIC Status and Location", "Extended XAPIC (x2APIC)"; "TSC-Deadline
 * Mode" for its MSR.
 * Left out: what lapic.c says. */
#include "config.h"

#include "hw/lapic-private.h"

enum { MSR_APIC_BASE = 0x1b, MSR_TSC_DEADLINE = 0x6e0, MSR_X2APIC = 0x800, MSR_X2APIC_END = 0x840 };
enum { REG_SELF_IPI = 0x3f0 };

/* One bit for each x2APIC register that can be read, written. */
#define REGS(first, last) ((G_MAXUINT64 >> (63 - (last))) & (G_MAXUINT64 << (first)))
static const guint64 x2apic_readable = REGS (0x02, 0x03) | REGS (0x08, 0x08) | REGS (0x0a, 0x0a) | REGS (0x0d, 0x0d)
                                       | REGS (0x0f, 0x28) | REGS (0x30, 0x30) | REGS (0x32, 0x39) | REGS (0x3e, 0x3e);
static const guint64 x2apic_writable = REGS (0x08, 0x08) | REGS (0x0b, 0x0b) | REGS (0x0f, 0x0f) | REGS (0x28, 0x28)
                                       | REGS (0x30, 0x30) | REGS (0x32, 0x38) | REGS (0x3e, 0x3f);

static guint64
x2apic_read (Lapic *lapic, guint reg, gboolean *fault)
{
  guint64 value;

  if (!lapic_is_x2apic (&lapic->s) || !(x2apic_readable >> reg & 1))
    {
      *fault = TRUE;
      return 0;
    }
  value = astern_device_read (&lapic->parent, 0, reg * 16, 4, NULL);
  if (reg * 16 == LAPIC_REG_ICR_LOW)
    value |= (guint64) lapic->s.icr_high << 32;
  return value;
}

static void
x2apic_write (Lapic *lapic, guint reg, guint64 value, gboolean *fault)
{
  guint offset = reg * 16;

  if (!lapic_is_x2apic (&lapic->s) || !(x2apic_writable >> reg & 1)
      || (offset != LAPIC_REG_ICR_LOW && value >> 32 != 0)
      || ((offset == LAPIC_REG_EOI || offset == LAPIC_REG_ESR) && value != 0))
    {
      *fault = TRUE;
      return;
    }
  if (offset == REG_SELF_IPI)
    {
      if ((value & 0xff) < 16)
        lapic_error (lapic, ESR_SEND_ILLEGAL);
      else
        lapic_deliver (lapic, APIC_FIXED, value & 0xff, FALSE);
      return;
    }
  if (offset == LAPIC_REG_ICR_LOW)
    lapic->s.icr_high = value >> 32;
  astern_device_write (&lapic->parent, 0, offset, 4, value & 0xffffffff, NULL);
}

static void
set_base (Lapic *lapic, guint64 value, gboolean *fault)
{
  LapicState *s = &lapic->s;
  guint64 modes = BASE_ENABLED | BASE_X2APIC;
  guint64 was = s->base & modes, is = value & modes;

  if ((value & ~(G_GUINT64_CONSTANT (0xffffffffff000) | modes | BASE_BSP)) || is == BASE_X2APIC
      || (was == modes && is == BASE_ENABLED) || (was == 0 && is == modes))
    {
      *fault = TRUE;
      return;
    }
  if ((value & ~ASTERN_PAGE_MASK) != LAPIC_BUS_BASE && lapic->parent.machine != NULL)
    astern_events_log (&lapic->parent.machine->events, ASTERN_EVENT_UNIMP,
                       "%s: its window does not move",
                       lapic->parent.name);
  if (was != 0 && is == 0)
    lapic_reset_to_init (lapic);
  s->base = (value & ~(guint64) BASE_BSP) | (s->base & BASE_BSP);
  if (was != modes && is == modes)
    {
      s->id = lapic->index;
      s->ldr = lapic_x2apic_ldr (lapic->index);
      s->icr_high = 0;
    }
  else if (was != 0 && is == 0)
    s->id = lapic->index << 24;
  lapic_update (lapic);
}

static guint64
read_msr (AsternDevice *device, guint32 msr, gboolean *fault)
{
  Lapic *lapic = (Lapic *) device;

  if (msr >= MSR_X2APIC && msr < MSR_X2APIC_END)
    return x2apic_read (lapic, msr - MSR_X2APIC, fault);
  if (msr == MSR_APIC_BASE)
    return lapic->s.base;
  if (msr == MSR_TSC_DEADLINE)
    return lapic->s.tsc_deadline;
  *fault = TRUE;
  return 0;
}

static void
write_msr (AsternDevice *device, guint32 msr, guint64 value, gboolean *fault)
{
  Lapic *lapic = (Lapic *) device;

  if (msr >= MSR_X2APIC && msr < MSR_X2APIC_END)
    x2apic_write (lapic, msr - MSR_X2APIC, value, fault);
  else if (msr == MSR_APIC_BASE)
    set_base (lapic, value, fault);
  else if (msr == MSR_TSC_DEADLINE)
    {
      if (lapic_timer_is_deadline (&lapic->s))
        {
          lapic->s.tsc_deadline = value;
          lapic_timer_arm (lapic);
        }
    }
  else
    *fault = TRUE;
}

static guint8
get_tpr (AsternDevice *device)
{
  return ((Lapic *) device)->s.tpr >> 4;
}

static void
set_tpr (AsternDevice *device, guint8 tpr)
{
  Lapic *lapic = (Lapic *) device;

  lapic->s.tpr = (tpr & 15) << 4;
  lapic_update (lapic);
}

static void
set_cpu (AsternDevice *device, AsternCpu *cpu)
{
  ((Lapic *) device)->cpu = cpu;
}

const AsternApicInterface lapic_interface = {
  .acknowledge = lapic_acknowledge, .read_msr = read_msr, .write_msr = write_msr, .get_tpr = get_tpr, .set_tpr = set_tpr,
  .set_cpu = set_cpu,
};
