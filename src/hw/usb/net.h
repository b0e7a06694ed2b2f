/* net - a USB network adapter of CDC's Ethernet class (ECM), or with Microsoft's RNDIS, as the guest configures it.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/usb/usb.h"

extern const AsternDeviceClass usb_net_class;
extern const AsternCard        usb_net_card;

/* Before power-on; once.  @link may be NULL: the cable is not plugged in. */
void usb_net_connect (AsternDevice *device, AsternLink *link, const guint8 mac[6]);
