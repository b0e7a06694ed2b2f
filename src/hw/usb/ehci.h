/* ehci - Enhanced Host Controller Interface: six ports of high speed, whose slower devices go to companions.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/pci.h"
#include "hw/usb/usb.h"

#define EHCI_N_PORTS 6

enum { EHCI_WINDOW = 1, EHCI_BAR = 0 };

/* The operational registers begin at EHCI_OPERATIONAL. */
enum
{
  EHCI_CAPLENGTH = 0x00, EHCI_HCSPARAMS = 0x04, EHCI_HCCPARAMS = 0x08, EHCI_OPERATIONAL = 0x20,
  EHCI_USBCMD = 0x20, EHCI_USBSTS = 0x24, EHCI_USBINTR = 0x28, EHCI_FRINDEX = 0x2c, EHCI_CTRLDSSEGMENT = 0x30,
  EHCI_PERIODICLISTBASE = 0x34, EHCI_ASYNCLISTADDR = 0x38, EHCI_CONFIGFLAG = 0x60, EHCI_PORTSC = 0x64,
};

extern const AsternDeviceClass ehci_class, ehci_ich9_class;
extern const AsternCard ehci_card, ehci_ich9_card;

UsbPort *ehci_ports (AsternDevice *device);
/* @ports of another controller are those of this one's sockets from @first on, for slower devices; the last one of
 * the machine is meant. */
gboolean ehci_add_companion (AsternMachine *machine, UsbPort *ports, guint n_ports, guint64 first, GError **error);
