/* xhci - eXtensible Host Controller Interface: four sockets, each with a port of USB 2 and one of USB 3.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/pci.h"
#include "hw/usb/usb.h"

#define XHCI_N_SOCKETS      4
#define XHCI_N_PORTS        (2 * XHCI_N_SOCKETS)      /* those of USB 2 come first */
#define XHCI_N_SLOTS        32
#define XHCI_N_INTERRUPTERS 8

enum { XHCI_WINDOW = 1, XHCI_MSIX_WINDOW, XHCI_BAR = 0, XHCI_MSIX_BAR = 2 };

/* Offsets in the window. */
enum
{
  XHCI_CAPLENGTH = 0x00, XHCI_HCSPARAMS1 = 0x04, XHCI_HCSPARAMS2 = 0x08, XHCI_HCSPARAMS3 = 0x0c, XHCI_HCCPARAMS1 = 0x10,
  XHCI_DBOFF = 0x14, XHCI_RTSOFF = 0x18, XHCI_HCCPARAMS2 = 0x1c, XHCI_EXTENDED = 0x20,
  XHCI_USBCMD = 0x40, XHCI_USBSTS = 0x44, XHCI_PAGESIZE = 0x48, XHCI_DNCTRL = 0x54, XHCI_CRCR = 0x58, XHCI_DCBAAP = 0x70,
  XHCI_CONFIG = 0x78, XHCI_PORTS = 0x440, XHCI_MFINDEX = 0x1000, XHCI_INTERRUPTERS = 0x1020, XHCI_DOORBELLS = 0x2000,
};

extern const AsternDeviceClass xhci_class, xhci_nec_class;
extern const AsternCard xhci_card, xhci_nec_card;

UsbPort *xhci_ports (AsternDevice *device);
