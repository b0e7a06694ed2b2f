/* ich9-smb - the PCI function of ICH9's SMBus host controller; the controller itself is smbus-host.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

enum { ICH9_SMB_PORTS_WINDOW = ASTERN_PCI_CONFIG_WINDOW + 1 };

/* Configuration registers. */
enum { ICH9_SMB_BASE = 0x20, ICH9_SMB_HOSTC = 0x40 };
enum { ICH9_SMB_HST_EN = 1 << 0 };

extern const AsternDeviceClass ich9_smb_class;

/* Before attach: @host is a smbus_host_ich9_class. */
void ich9_smb_set_host (AsternDevice *device, AsternDevice *host);
