/* e1000 - Intel's gigabit network cards: 82540EM ("e1000") and 82574L ("e1000e").
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"

extern const AsternDeviceClass e1000_class, e1000e_class;
extern const AsternCard e1000_card, e1000e_card;

enum { E1000_WINDOW_CONFIG, E1000_WINDOW_REGISTERS, E1000_WINDOW_PORTS, E1000_WINDOW_FLASH, E1000_WINDOW_MSIX };

/* Before attach. */
void e1000_set_mac  (AsternDevice *device, const guint8 mac[6]);
/* (nullable) link. */
void e1000_set_link (AsternDevice *device, AsternLink *link);
