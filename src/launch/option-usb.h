/* option-usb - which of the host's USB devices a “-device usb-host” is.
 *
 * Threads: any; plain values. */
#pragma once

#include "host/usb/usb-host.h"
#include "launch/options.h"

/* @filter: all zero before; to be cleared after, whatever is returned. */
gboolean astern_usb_filter_read (const AsternDeviceItem *item, AsternUsbFilter *filter, GError **error);
