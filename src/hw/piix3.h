/* piix3 - PCI-to-ISA bridge: who interrupts the interrupt controllers, and the reset port.
 *
 * Every ISA interrupt wire and every PCI pin ends here and goes on, level by
 * level, to line 0..15 of whatever the board connects (8259s and I/O APIC both).
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

enum
{
  PIIX3_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  PIIX3_RESET_WINDOW,           /* 0xcf8..0xcfb as bytes and words; only 0xcf9 answers */
};

enum
{
  PIIX3_PIRQRC = 0x60,          /* .. 0x63: where PIRQA..PIRQD go */
};

extern const AsternDeviceClass piix3_class;

/* An AsternIrqFunc: ISA line 0..15; for a second device on line n (COM3 on that of COM1), 16 + n. */
void piix3_set_isa_irq  (gpointer device, guint line, gboolean level);

/* An AsternPciIntxFunc. */
void piix3_set_intx     (gpointer device, guint devfn, guint pin, gboolean level);

/* Line @line goes on to @changed. */
void piix3_connect      (AsternDevice *device, guint line, AsternIrqFunc changed, gpointer receiver,
                                guint receiver_line);

/* Which of PIRQA..PIRQD (0..3) a pin is wired to on this board. */
static inline guint
piix3_pirq (guint devfn, guint pin)
{
  return (pin + (devfn >> 3) - 1) & 3;
}
