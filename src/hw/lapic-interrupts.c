/* lapic-interrupts.c - local APIC: priorities, interrupts that arrive and end, messages.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter
 * "APIC", sections "Local Interrupts", "Issuing Interprocessor Interrupts", "Handling
 * Interrupts".
 * Left out: what lapic.c says. */
#include "config.h"

#include "hw/lapic-private.h"

void
lapic_set_pin (Lapic *lapic, AsternPin pin, guint value)
{
  if (lapic->cpu != NULL)
    astern_cpu_set_pin (lapic->cpu, pin, value);
}

/* -- Sets of 256 vectors */

static gboolean
get_bit (const guint32 set[8], guint8 vector)
{
  return set[vector / 32] >> vector % 32 & 1;
}

static void
set_bit (guint32 set[8], guint8 vector, gboolean value)
{
  if (value)
    set[vector / 32] |= 1u << vector % 32;
  else
    set[vector / 32] &= ~(1u << vector % 32);
}

/* -1: empty. */
static int
highest_bit (const guint32 set[8])
{
  for (int i = 7; i >= 0; i--)
    if (set[i] != 0)
      return i * 32 + g_bit_nth_msf (set[i], -1);
  return -1;
}

/* -- Priorities and INTR */

guint8
lapic_processor_priority (const LapicState *s)
{
  int in_service = highest_bit (s->isr);

  if (in_service < 0 || s->tpr >> 4 >= (guint) in_service >> 4)
    return s->tpr;
  return in_service & 0xf0;
}

guint8
lapic_arbitration_priority (const LapicState *s)
{
  int requested = highest_bit (s->irr);
  guint8 ppr = lapic_processor_priority (s);

  return requested >= 0 && requested >> 4 > ppr >> 4 ? (guint) requested & 0xf0 : ppr;
}

/* The vector of its own to be served now, or -1. */
static int
pending (const LapicState *s)
{
  int vector = highest_bit (s->irr);

  if (vector < 0 || !lapic_is_on (s) || vector >> 4 <= lapic_processor_priority (s) >> 4)
    return -1;
  return vector;
}

static gboolean
extint_pending (const Lapic *lapic)
{
  const LapicState *s = &lapic->s;

  if (!(s->base & BASE_ENABLED))          /* LINT0 is the CPU's INTR pin then */
    return lapic->index == 0 && s->lint[LAPIC_LINT0];
  if (s->extint)
    return TRUE;
  return s->lint[LAPIC_LINT0]
         && (s->lvt[LVT_LINT0] & (LVT_MASKED | LVT_DELIVERY)) == APIC_EXTINT << 8;
}

void
lapic_update (Lapic *lapic)
{
  gboolean intr = pending (&lapic->s) >= 0 || extint_pending (lapic);

  if (intr == lapic->s.intr)
    return;
  lapic->s.intr = intr;
  lapic_set_pin (lapic, ASTERN_PIN_INTR, intr);
}

int
lapic_acknowledge (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;
  int vector = pending (s);

  if (vector >= 0)
    {
      set_bit (s->irr, vector, FALSE);
      set_bit (s->isr, vector, TRUE);
    }
  else if (extint_pending (lapic) && lapic->bus != NULL)
    {
      s->extint = 0;
      vector = lapic_bus_pic_acknowledge (lapic->bus);
    }
  lapic_update (lapic);
  return vector;
}

/* -- Interrupts that arrive */

/* An error interrupt is for the first error since ESR was last written. */
void
lapic_error (Lapic *lapic, guint32 bit)
{
  gboolean first = lapic->s.errors == 0;

  lapic->s.errors |= bit;
  if (first)
    lapic_deliver_local (lapic, LVT_ERROR);
}

static void
request (Lapic *lapic, guint8 vector, gboolean level)
{
  LapicState *s = &lapic->s;

  if (vector < 16)
    {
      lapic_error (lapic, ESR_RECEIVE_ILLEGAL);
      return;
    }
  set_bit (s->irr, vector, TRUE);
  set_bit (s->tmr, vector, level);
  lapic_update (lapic);
}

void
lapic_deliver (Lapic *lapic, ApicDelivery delivery, guint8 vector, gboolean level)
{
  switch (delivery)
    {
    case APIC_FIXED:
    case APIC_LOWEST_PRIORITY:
      if (lapic_is_on (&lapic->s))
        request (lapic, vector, level);
      break;
    case APIC_SMI:
      lapic_set_pin (lapic, ASTERN_PIN_SMI, 1);
      break;
    case APIC_NMI:
      lapic_set_pin (lapic, ASTERN_PIN_NMI, 1);
      break;
    case APIC_INIT:
      lapic_reset_to_init (lapic);
      lapic_set_pin (lapic, ASTERN_PIN_INIT, 1);
      break;
    case APIC_SIPI:
      lapic_set_pin (lapic, ASTERN_PIN_SIPI, vector);
      break;
    case APIC_EXTINT:
      lapic->s.extint = 1;
      lapic_update (lapic);
      break;
    default:
      break;
    }
}

void
lapic_deliver_local (Lapic *lapic, guint entry)
{
  guint32 lvt = lapic->s.lvt[entry];
  gboolean pin = entry == LVT_LINT0 || entry == LVT_LINT1;

  if (lvt & LVT_MASKED)
    return;
  if (entry == LVT_TIMER || entry == LVT_ERROR)
    lapic_deliver (lapic, APIC_FIXED, lvt & LVT_VECTOR, FALSE);
  else if ((lvt & LVT_DELIVERY) != APIC_EXTINT << 8)     /* ExtINT is a level: update() looks at it */
    lapic_deliver (lapic, (lvt & LVT_DELIVERY) >> 8, lvt & LVT_VECTOR, pin && (lvt & LVT_LEVEL));
}

static gboolean
is_fixed_level (guint32 lvt)
{
  return (lvt & (LVT_DELIVERY | LVT_LEVEL)) == LVT_LEVEL;
}

/* A level-triggered pin that is up interrupts unless it waits for its EOI. */
void
lapic_look_at_pin (Lapic *lapic, guint lint)
{
  guint32 *lvt = &lapic->s.lvt[LVT_LINT0 + lint];

  if (!is_fixed_level (*lvt))
    *lvt &= ~LVT_REMOTE_IRR;
  if (lapic->s.lint[lint] && is_fixed_level (*lvt) && !(*lvt & (LVT_MASKED | LVT_REMOTE_IRR))
      && lapic_is_on (&lapic->s))
    {
      *lvt |= LVT_REMOTE_IRR;
      lapic_deliver_local (lapic, LVT_LINT0 + lint);
    }
}

void
lapic_set_lint (gpointer receiver, guint lint, gboolean level)
{
  Lapic *lapic = receiver;
  LapicState *s = &lapic->s;
  gboolean rises = level && !s->lint[lint];

  s->lint[lint] = level;
  if (!(s->base & BASE_ENABLED))
    {
      if (rises && lint == LAPIC_LINT1)
        lapic_set_pin (lapic, ASTERN_PIN_NMI, 1);
    }
  else if (is_fixed_level (s->lvt[LVT_LINT0 + lint]))
    lapic_look_at_pin (lapic, lint);
  else if (rises)
    lapic_deliver_local (lapic, LVT_LINT0 + lint);
  lapic_update (lapic);
}

void
lapic_end_of_interrupt (Lapic *lapic)
{
  LapicState *s = &lapic->s;
  int vector = highest_bit (s->isr);

  if (vector < 0)
    return;
  set_bit (s->isr, vector, FALSE);
  if (get_bit (s->tmr, vector))
    {
      set_bit (s->tmr, vector, FALSE);
      for (guint lint = 0; lint < 2; lint++)
        if ((s->lvt[LVT_LINT0 + lint] & LVT_VECTOR) == (guint) vector)
          {
            s->lvt[LVT_LINT0 + lint] &= ~LVT_REMOTE_IRR;
            lapic_look_at_pin (lapic, lint);
          }
      if (lapic->bus != NULL)
        lapic_bus_broadcast_eoi (lapic->bus, vector);
    }
  lapic_update (lapic);
}

/* -- Messages */

gboolean
lapic_is_enabled (AsternDevice *device)
{
  return lapic_is_on (&((Lapic *) device)->s);
}

guint8
lapic_priority (AsternDevice *device)
{
  return lapic_processor_priority (&((Lapic *) device)->s);
}

gboolean
lapic_is_mapped (AsternDevice *device)
{
  const LapicState *s = &((Lapic *) device)->s;

  return (s->base & BASE_ENABLED) && !lapic_is_x2apic (s);
}

static gboolean
is_logically_addressed (const LapicState *s, guint32 destination)
{
  guint8 flat = s->ldr >> 24;

  if (lapic_is_x2apic (s))
    return destination >> 16 == s->ldr >> 16 && (destination & s->ldr & 0xffff) != 0;
  destination &= 0xff;
  if (s->dfr >> 28 == 0xf)
    return (destination & flat) != 0;
  return (destination >> 4 == 0xf || destination >> 4 == (guint) flat >> 4)
         && (destination & flat & 0xf) != 0;
}

gboolean
lapic_is_addressed (AsternDevice *device, const ApicMessage *message)
{
  const LapicState *s = &((Lapic *) device)->s;

  if (!(s->base & BASE_ENABLED))
    return message->delivery == APIC_INIT || message->delivery == APIC_SIPI
           ? message->destination == ((Lapic *) device)->index
             || message->destination == APIC_BROADCAST : FALSE;
  if (message->destination == APIC_BROADCAST)
    return TRUE;
  if (message->logical)
    return is_logically_addressed (s, message->destination);
  return message->destination == (lapic_is_x2apic (s) ? s->id : s->id >> 24);
}

void
lapic_accept (AsternDevice *device, const ApicMessage *message)
{
  lapic_deliver ((Lapic *) device, message->delivery, message->vector, message->level);
}

void
lapic_send_ipi (Lapic *lapic)
{
  const LapicState *s = &lapic->s;
  guint shorthand = s->icr_low >> 18 & 3;
  ApicMessage message = {
    .logical = (s->icr_low & ICR_LOGICAL) != 0,
    .delivery = s->icr_low >> 8 & 7,
    .vector = s->icr_low & 0xff,
  };

  if (message.delivery == APIC_INIT && (s->icr_low & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL)
    /* INIT level de-assert: does nothing since the Pentium 4 */
    return;
  if ((message.delivery == APIC_FIXED || message.delivery == APIC_LOWEST_PRIORITY)
      && message.vector < 16)
    {
      lapic_error (lapic, ESR_SEND_ILLEGAL);
      return;
    }
  message.destination = lapic_is_x2apic (s) ? s->icr_high
                        : apic_destination8 (s->icr_high >> 24, message.logical);
  if (lapic->bus == NULL)
    return;
  if (shorthand == 0)
    lapic_bus_deliver (lapic->bus, &message);
  else
    lapic_bus_send_ipi (lapic->bus, &message, lapic->index, shorthand != 3, shorthand != 1);
}
