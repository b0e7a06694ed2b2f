/* isa-irqs.c - see isa-irqs.h.
 * Source: ACPI 6.4, section 5.2.12.5 (interrupt source overrides); MultiProcessor Specification
 * 1.4, section 3.6.2.2. */
#include "config.h"

#include "hw/isa-irqs.h"

#include "hw/ioapic.h"
#include "hw/pic8259.h"

void
isa_irqs_set (gpointer receiver, guint line, gboolean level)
{
  const IsaIrqs *irqs = receiver;

  if (line == 2 || line >= ISA_IRQS_LINES)
    return;
  if (line < 8 && irqs->master != NULL)
    pic8259_set_irq (irqs->master, line, level);
  else if (line < 16 && irqs->slave != NULL)
    pic8259_set_irq (irqs->slave, line - 8, level);
  if (irqs->ioapic != NULL)
    ioapic_set_irq (irqs->ioapic, line == 0 ? 2 : line, level);
}
