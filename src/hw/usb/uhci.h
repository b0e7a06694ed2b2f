/* uhci - Universal Host Controller Interface: two ports, low and full speed.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/pci.h"
#include "hw/usb/usb.h"

#define UHCI_N_PORTS 2

enum { UHCI_PORTS_WINDOW = 1, UHCI_PORTS_BAR = 4 };

enum
{
  UHCI_USBCMD = 0x00, UHCI_USBSTS = 0x02, UHCI_USBINTR = 0x04, UHCI_FRNUM = 0x06, UHCI_FRBASEADD = 0x08,
  UHCI_SOFMOD = 0x0c, UHCI_PORTSC = 0x10,
};

extern const AsternDeviceClass uhci_piix3_class, uhci_ich9_1_class, uhci_ich9_2_class, uhci_ich9_3_class;
extern const AsternCard uhci_piix3_card, uhci_ich9_1_card, uhci_ich9_2_card, uhci_ich9_3_card;

UsbPort *uhci_ports (AsternDevice *device);
