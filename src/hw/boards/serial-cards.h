/* serial-cards - serial ports and the debug port as cards, on the ISA bus and on the PCI bus.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

extern const AsternDeviceClass pci_serial_class;
extern const AsternCard        isa_debugcon_card, isa_serial_card, pci_serial_card;
