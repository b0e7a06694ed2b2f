/* nvme - an NVM Express controller on PCI, with one namespace: a drive's disk.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"

#define NVME_REGISTERS_WINDOW 1      /* BAR 0 */
#define NVME_MSIX_WINDOW      2      /* BAR 4 */

extern const AsternDeviceClass nvme_class;
extern const AsternCard nvme_card;

/* Before power-on, for tests without a card; @serial may be NULL: the drive's. */
void nvme_set_drive (AsternDevice *device, AsternDevice *drive, const char *serial);
