/* usb-list - which USB devices this host has.
 *
 * Threads: any; one at a time for a context. */
#pragma once

#include "host/usb/usb-host.h"

#include <libusb.h>

/* (nullable) a reference to the first device that fits and for which @taken does not say that it is taken. */
libusb_device *astern_usb_find     (libusb_context *context, const AsternUsbFilter *filter,
                                    gboolean (*taken) (gpointer user, libusb_device *device), gpointer user);
/* “046d:c31c (bus 1, device 5)”; free it. */
char          *astern_usb_describe (libusb_device *device);
/* “/dev/bus/usb/001/005”; free it. */
char          *astern_usb_node     (libusb_device *device);
