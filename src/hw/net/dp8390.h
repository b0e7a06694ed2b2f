/* dp8390 - National Semiconductor's network controller, on NE2000 boards: "ne2k_isa" and "ne2k_pci" (RTL8029AS).
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/isa.h"
#include "hw/pci.h"

extern const AsternDeviceClass ne2k_isa_class, ne2k_pci_class;
extern const AsternCard ne2k_isa_card, ne2k_pci_card;

enum { NE2K_ISA_WINDOW_PORTS, NE2K_PCI_WINDOW_PORTS = 1 };

