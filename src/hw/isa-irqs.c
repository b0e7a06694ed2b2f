/* isa-irqs.c - see isa-irqs.h.
 * Source: ACPI 6.4, section 5.2.12.5 (interrupt source overrides); MultiProcessor Specification
 * 1.4, section 3.6.2.2. */
#include "config.h"

#include "hw/isa-irqs.h"

#include "core/machine.h"

#include "hw/ioapic.h"
#include "hw/lapic-bus.h"
#include "hw/lapic.h"
#include "hw/pic8259.h"

#include <string.h>

static guint
pin_of (guint line)
{
  return line == 0 ? 2 : line;
}

static const AsternIrqchipHolder *
holder_of (const IsaIrqs *irqs)
{
  const AsternIrqchipHolder *holder = irqs->machine != NULL ? irqs->machine->irqchip.holder : NULL;

  return holder != NULL && holder->part == ASTERN_IRQCHIP_ALL ? holder : NULL;
}

/* Lines are level for level the same on both sides: what says nothing new is not passed on. */
static void
pass_on (IsaIrqs *irqs, const AsternIrqchipHolder *holder, guint line, gboolean level)
{
  guint32 bit = 1u << pin_of (line);

  if (((irqs->held & bit) != 0) == (level != FALSE))
    return;
  irqs->held ^= bit;
  holder->set_line (irqs->machine->irqchip.user, line, level);
}

void
isa_irqs_set (gpointer receiver, guint line, gboolean level)
{
  IsaIrqs *irqs = receiver;
  const AsternIrqchipHolder *holder = holder_of (irqs);

  if (line == 2 || line >= ISA_IRQS_LINES)
    return;
  if (holder != NULL)
    {
      pass_on (irqs, holder, line, level);
      return;
    }
  if (line < 8 && irqs->master != NULL)
    pic8259_set_irq (irqs->master, line, level);
  else if (line < 16 && irqs->slave != NULL)
    pic8259_set_irq (irqs->slave, line - 8, level);
  if (irqs->ioapic != NULL)
    ioapic_set_irq (irqs->ioapic, pin_of (line), level);
}

/* -- For an engine that has controllers of its own */

static void
take (gpointer board, AsternIrqchipPart part, AsternIrqchipValues *values)
{
  IsaIrqs *irqs = board;

  lapic_bus_take_values (irqs->lapics, values->lapics);
  pic8259_take_values (irqs->master, &values->pics[0]);
  pic8259_take_values (irqs->slave, &values->pics[1]);
  ioapic_take_values (irqs->ioapic, &values->ioapic);
  irqs->held = values->ioapic.pins;
}

/* The PICs first: their INT is a pin of the local APICs. */
static void
give (gpointer board, AsternIrqchipPart part, const AsternIrqchipValues *values)
{
  IsaIrqs *irqs = board;

  if (part == ASTERN_IRQCHIP_ALL)
    {
      AsternIoapicValues ioapic = values->ioapic;

      ioapic.pins = irqs->held;
      ioapic_give_values (irqs->ioapic, &ioapic);
      pic8259_give_values (irqs->slave, &values->pics[1]);
      pic8259_give_values (irqs->master, &values->pics[0]);
      lapic_bus_note_lint (irqs->lapics, LAPIC_LINT0, pic8259_get_int (irqs->master));
    }
  lapic_bus_give_values (irqs->lapics, values->lapics);
}

static void
eoi (gpointer board, guint vector)
{
  ioapic_eoi (((IsaIrqs *) board)->ioapic, vector);
}

static int
acknowledge (gpointer board)
{
  return pic8259_get_int (((IsaIrqs *) board)->master) ? pic8259_acknowledge (((IsaIrqs *) board)->master) : -1;
}

static gboolean
get_int (gpointer board)
{
  return pic8259_get_int (((IsaIrqs *) board)->master);
}

static void
redirections (gpointer board, guint64 entries[ASTERN_IRQCHIP_LINES])
{
  AsternIoapicValues values;

  ioapic_take_values (((IsaIrqs *) board)->ioapic, &values);
  memcpy (entries, values.redirection, sizeof values.redirection);
}

const AsternIrqchipDevices isa_irqs_devices = {
  .take = take, .give = give, .eoi = eoi, .acknowledge = acknowledge, .get_int = get_int, .redirections = redirections,
};
