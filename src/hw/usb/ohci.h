/* ohci - Open Host Controller Interface: three ports, low and full speed.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/pci.h"
#include "hw/usb/usb.h"

#define OHCI_N_PORTS 3

enum { OHCI_WINDOW = 1, OHCI_BAR = 0 };

enum
{
  OHCI_REVISION = 0x00, OHCI_CONTROL = 0x04, OHCI_COMMAND_STATUS = 0x08, OHCI_INTERRUPT_STATUS = 0x0c, OHCI_INTERRUPT_ENABLE = 0x10,
  OHCI_INTERRUPT_DISABLE = 0x14, OHCI_HCCA = 0x18, OHCI_PERIOD_CURRENT_ED = 0x1c, OHCI_CONTROL_HEAD_ED = 0x20,
  OHCI_CONTROL_CURRENT_ED = 0x24, OHCI_BULK_HEAD_ED = 0x28, OHCI_BULK_CURRENT_ED = 0x2c, OHCI_DONE_HEAD = 0x30,
  OHCI_FM_INTERVAL = 0x34, OHCI_FM_REMAINING = 0x38, OHCI_FM_NUMBER = 0x3c, OHCI_PERIODIC_START = 0x40, OHCI_LS_THRESHOLD = 0x44,
  OHCI_RH_DESCRIPTOR_A = 0x48, OHCI_RH_DESCRIPTOR_B = 0x4c, OHCI_RH_STATUS = 0x50, OHCI_RH_PORT_STATUS = 0x54,
};

extern const AsternDeviceClass ohci_class;
extern const AsternCard ohci_card;

UsbPort *ohci_ports (AsternDevice *device);
