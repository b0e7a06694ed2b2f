/* pvpanic - by which a guest says that it panicked: the machine stops there, with its history.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

#define PVPANIC_PORT 0x505

extern const AsternDeviceClass pvpanic_class, pvpanic_pci_class;
extern const AsternCard        pvpanic_card, pvpanic_pci_card;
