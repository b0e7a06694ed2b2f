/* redir - a USB device that is somewhere else, and comes over a line by the usbredir protocol: a -chardev's (usb-redir),
 * or one of its own at whose other end is a device of this host (usb-host).
 *
 * What the other side answers comes through the door as the line's bytes, and what was asked for is NAKed until
 * then; so a run with such a device is replayed without it.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/usb/usb.h"

extern const AsternDeviceClass usb_redir_class, usb_host_class;
extern const AsternCard        usb_redir_card, usb_host_card;

/* Before power-on; once. */
void        usb_redir_connect (AsternDevice *device, AsternLink *link);
AsternLink *usb_redir_link    (AsternDevice *device);     /* (nullable) */
