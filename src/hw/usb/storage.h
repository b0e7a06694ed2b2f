/* storage - a USB stick or drive: a SCSI unit behind the bulk-only transport.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/usb/usb.h"

extern const AsternDeviceClass usb_storage_class;
extern const AsternCard        usb_storage_card;

/* Before power-on.  @removable: the medium, as that of a card reader, may be changed; a CD's always. */
void usb_storage_set_drive (AsternDevice *device, AsternDevice *drive, gboolean removable);
