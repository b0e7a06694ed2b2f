/* usb - the USB devices of this host that the machine has (“-device usb-host”).
 *
 * Threads: the thread that runs the machine, or any while it is stopped. */
#pragma once

#include "core/machine.h"
#include "host/usb/usb-host.h"
#include "launch/options.h"

typedef struct _AsternUsb AsternUsb;

/* Connects those that the machine has; not in a replay, where all that they say is in the journal. */
AsternUsb *astern_usb_new     (AsternMachine *machine, const AsternLaunchOptions *options, AsternHostLoop *loop, GError **error);
/* Before the machine. */
void       astern_usb_free    (AsternUsb *usb);
/* One more was plugged in. */
gboolean   astern_usb_connect (AsternUsb *usb, AsternDevice *device, const AsternDeviceItem *item, GError **error);
/* Its device of the host's is given back. */
void       astern_usb_disconnect (AsternUsb *usb, AsternDevice *device);
/* The past was changed: what the devices were asked for in the other future is not to be answered. */
void       astern_usb_replug  (AsternUsb *usb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternUsb, astern_usb_free)
