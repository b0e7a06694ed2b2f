/* lapic-values.c - local APIC: what it holds, for an engine that has one of its own (core/irqchip.h), and back.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter
 * "APIC", table "Local APIC Register Address Map". */
#include "config.h"

#include "hw/lapic-private.h"

#include <string.h>

enum { ID = 0x02, TPR = 0x08, LDR = 0x0d, DFR, SVR, ISR = 0x10, TMR = 0x18, IRR = 0x20, ESR = 0x28, ICR_LOW = 0x30, ICR_HIGH,
       LVT = 0x32, INITIAL_COUNT = 0x38, CURRENT_COUNT, DIVIDE = 0x3e };

/* Registers that are one member each. */
static const struct { guint8 reg; guint16 member; } plain[] = {
#define P(reg, member) { reg, G_STRUCT_OFFSET (LapicState, member) }
  P (ID, id), P (TPR, tpr), P (LDR, ldr), P (DFR, dfr), P (SVR, svr), P (ESR, esr), P (ICR_LOW, icr_low), P (ICR_HIGH, icr_high),
  P (INITIAL_COUNT, initial_count), P (DIVIDE, divide),
#undef P
};

static guint32 *
member_at (LapicState *s, guint i)
{
  return (guint32 *) (gpointer) ((guint8 *) s + plain[i].member);
}

void
lapic_take_values (AsternDevice *device, AsternLapicValues *values)
{
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;
  guint64 now_ns = astern_clock_now_ns (device->clock);

  *values = (AsternLapicValues) { .base = s->base };
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    values->regs[plain[i].reg] = *member_at (s, i);
  memcpy (&values->regs[LVT], s->lvt, sizeof s->lvt);
  memcpy (&values->regs[ISR], s->isr, sizeof s->isr);
  memcpy (&values->regs[TMR], s->tmr, sizeof s->tmr);
  memcpy (&values->regs[IRR], s->irr, sizeof s->irr);
  if (lapic_timer_is_deadline (s))
    values->deadline_ns = s->tsc_deadline;
  else
    {
      values->regs[CURRENT_COUNT] = lapic_timer_count (s, now_ns);
      values->expired = values->regs[CURRENT_COUNT] == 0;
    }
  astern_timer_set (&lapic->timer, ASTERN_CLOCK_NEVER);
}

void
lapic_give_values (AsternDevice *device, const AsternLapicValues *values)
{
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;

  s->base = values->base;
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    *member_at (s, i) = values->regs[plain[i].reg];
  memcpy (s->lvt, &values->regs[LVT], sizeof s->lvt);
  memcpy (s->isr, &values->regs[ISR], sizeof s->isr);
  memcpy (s->tmr, &values->regs[TMR], sizeof s->tmr);
  memcpy (s->irr, &values->regs[IRR], sizeof s->irr);
  s->tsc_deadline = lapic_timer_is_deadline (s) ? values->deadline_ns : 0;
  lapic_timer_start (lapic, values->regs[CURRENT_COUNT]);
  if (!lapic_timer_is_deadline (s) && s->initial_count != 0 && values->regs[CURRENT_COUNT] == 0 && !values->expired)
    lapic_deliver_local (lapic, LVT_TIMER);
  lapic_update (lapic);
}

void
lapic_note_lint (AsternDevice *device, guint lint, gboolean level)
{
  ((Lapic *) device)->s.lint[lint] = level != FALSE;
}
