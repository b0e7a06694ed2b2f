/* e1000-irq.c - causes of interrupts, throttling, messages.
 * Source: Intel 8254x software developer's manual, 13.4.17 to 13.4.21; 82574L data sheet, 7.4 and 10.2.4. */
#include "config.h"

#include "hw/net/e1000-private.h"

#define ITR_UNIT_NS 256

static void
set_pin (E1000 *self, gboolean level)
{
  self->s.pin = level != FALSE;
  astern_pci_interrupt (&self->parent.parent, level);
}

/* Whether an interrupt may be raised now; else it will be later. */
static gboolean
allowed (E1000 *self, guint vector, guint32 interval)
{
  E1000State *s = &self->s;
  guint64 now_ns = astern_clock_now_ns (self->parent.parent.clock);

  if (now_ns < s->next_ns[vector])
    {
      /* A state that was made up may say anything. */
      astern_timer_set (&self->throttle[vector], MIN (s->next_ns[vector], now_ns + 0xffff * ITR_UNIT_NS));
      return FALSE;
    }
  s->next_ns[vector] = now_ns + (interval & 0xffff) * ITR_UNIT_NS;
  return TRUE;
}

void
e1000_irq_update (E1000 *self)
{
  E1000State *s = &self->s;
  gboolean wanted = (s->icr & s->ims) != 0 && !(self->is_82574 && astern_pci_msix_enabled (&self->parent.parent));

  if (!wanted)
    {
      astern_timer_cancel (&self->throttle[E1000_PIN]);
      set_pin (self, FALSE);
    }
  else if (!s->pin && allowed (self, E1000_PIN, s->itr))
    set_pin (self, TRUE);
}

/* ---- MSI-X ---- */

static const guint32 vector_causes[E1000_VECTORS] = { ICR_RXQ0, ICR_RXQ0 << 1, ICR_TXQ0, ICR_TXQ0 << 1, ICR_OTHER };

/* The vector that IVAR gives to one of the five causes; E1000_VECTORS: none. */
static guint
vector_of (const E1000State *s, guint which)
{
  guint entry = s->ivar >> (4 * which) & 15;

  return (entry & 8) && (entry & 7) < E1000_VECTORS ? entry & 7 : E1000_VECTORS;
}

static void
fire (E1000 *self, guint which)
{
  E1000State *s = &self->s;
  guint vector = vector_of (s, which);

  if (vector == E1000_VECTORS || !(s->ims & s->icr & vector_causes[which]))
    return;
  if (!allowed (self, vector, s->eitr[vector]))
    {
      s->waiting |= (guint8) (1 << which);
      return;
    }
  s->waiting &= (guint8) ~(1 << which);
  s->icr &= ~(vector_causes[which] & s->eiac);
  if (s->ctrl_ext & CTRL_EXT_EIAME)
    s->ims &= ~(s->iam & vector_causes[which]);
  astern_pci_notify (&self->parent.parent, vector);
}

static void
throttle_over (gpointer data)
{
  E1000 *self = *(gpointer *) data;
  guint vector = ((guint *) ((gpointer *) data + 1))[0];

  if (vector == E1000_PIN)
    {
      e1000_irq_update (self);
      return;
    }
  for (guint which = 0; which < E1000_VECTORS; which++)
    if ((self->s.waiting >> which & 1) && vector_of (&self->s, which) == vector)
      fire (self, which);
}

void
e1000_irq_init (E1000 *self)
{
  for (guint i = 0; i <= E1000_VECTORS; i++)
    {
      self->throttle_owner[i].self = self;
      self->throttle_owner[i].vector = i;
      astern_timer_init (&self->throttle[i], self->parent.parent.clock, "e1000-throttle", &self->s.throttle_ns[i], throttle_over,
                         &self->throttle_owner[i]);
    }
}

void
e1000_cause (E1000 *self, guint32 causes)
{
  E1000State *s = &self->s;
  gboolean messages = self->is_82574 && astern_pci_msix_enabled (&self->parent.parent);

  if (self->is_82574 && (causes & (ICR_LSC | ICR_RXO | ICR_MDAC)))
    causes |= ICR_OTHER;
  s->icr |= causes & ~ICR_ASSERTED;
  if (!messages)
    {
      e1000_irq_update (self);
      return;
    }
  for (guint which = 0; which < E1000_VECTORS; which++)
    if (causes & vector_causes[which])
      fire (self, which);
}

void
e1000_cause_queue (E1000 *self, guint32 causes, gboolean transmit, guint queue)
{
  if (self->is_82574)
    causes |= (transmit ? ICR_TXQ0 : ICR_RXQ0) << queue;
  e1000_cause (self, causes);
}

guint64
e1000_icr_value (gconstpointer state, guint32 offset)
{
  const E1000State *s = state;
  const E1000 *self = (const E1000 *) ((const guint8 *) state - G_STRUCT_OFFSET (E1000, s));

  return s->icr | (self->is_82574 && (s->icr & s->ims) ? ICR_ASSERTED : 0);
}

void
e1000_icr_did_read (AsternDevice *device, guint32 offset)
{
  E1000 *self = (E1000 *) device;
  E1000State *s = &self->s;

  if (!self->is_82574)
    s->icr = 0;
  else if (astern_pci_msix_enabled (device))
    s->icr &= s->eiac;
  else if (s->ims == 0 || (s->icr & s->ims))
    {
      s->icr = 0;
      if (s->ctrl_ext & CTRL_EXT_IAME)
        s->ims &= ~s->iam;
    }
  e1000_irq_update (self);
}
