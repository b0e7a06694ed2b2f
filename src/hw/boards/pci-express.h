/* pci-express - PCI Express capabilities, and bridges: root ports and the plain PCI-to-PCI bridge.
 *
 * A bridge is a function with a bus behind it.  Firmware numbers the buses; configuration accesses find
 * their way by these numbers, memory and ports by the functions' own BARs, interrupt pins by going around
 * once a bridge.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

typedef enum
{
  PCI_EXPRESS_ENDPOINT            = 0,
  PCI_EXPRESS_ROOT_PORT           = 4,
  PCI_EXPRESS_INTEGRATED_ENDPOINT = 9,
} PciExpressType;

/* For a class's init, after astern_pci_init(): the capability, at @offset or, with 0, behind the last one. */
guint         pci_express_add_capability (AsternDevice *device, guint offset, PciExpressType type);

/* The bus behind a bridge. */
AsternPciBus *pci_bridge_bus             (AsternDevice *device);

extern const AsternDeviceClass pci_bridge_class, pcie_root_port_class, ioh3420_class;

/* Rows for cards.c. */
typedef struct _AsternCard AsternCard;
extern const AsternCard pci_bridge_card, pcie_root_port_card, ioh3420_card;
