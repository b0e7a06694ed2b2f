/* hub - a USB 1.1 hub of eight ports.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/usb/usb.h"

extern const AsternDeviceClass usb_hub_class;
extern const AsternCard        usb_hub_card;

#define USB_HUB_PORTS 8

UsbPort *usb_hub_ports (UsbDevice *usb, guint *n);
