/* pcnet - AMD Am79C970A (PCnet-PCI II).
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"

extern const AsternDeviceClass pcnet_class;
extern const AsternCard pcnet_card;

enum { PCNET_WINDOW_CONFIG, PCNET_WINDOW_PORTS };

/* Before attach. */
void pcnet_set_mac  (AsternDevice *device, const guint8 mac[6]);
/* (nullable) link. */
void pcnet_set_link (AsternDevice *device, AsternLink *link);
