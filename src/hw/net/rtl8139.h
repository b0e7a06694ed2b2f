/* rtl8139 - Realtek RTL8139C+.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"

extern const AsternDeviceClass rtl8139_class;
extern const AsternCard rtl8139_card;

enum { RTL8139_WINDOW_CONFIG, RTL8139_WINDOW_REGISTERS };

/* Before attach. */
void rtl8139_set_mac  (AsternDevice *device, const guint8 mac[6]);
/* (nullable) link. */
void rtl8139_set_link (AsternDevice *device, AsternLink *link);
