/* ahci - Serial ATA controller of ICH9: six ports of one drive each.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"

enum
{
  AHCI_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  AHCI_MEMORY_WINDOW,           /* at BAR 5 */
};

#define AHCI_PORTS 6

extern const AsternDeviceClass ahci_class;
extern const AsternCard        ahci_card;

/* @ata: of the classes of ata.h.  FALSE: the port has one. */
gboolean      ahci_plug  (AsternDevice *ahci, guint port, AsternDevice *ata);
AsternDevice *ahci_drive (AsternDevice *ahci, guint port);     /* (nullable) */
