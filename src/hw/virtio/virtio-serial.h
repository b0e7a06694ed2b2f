/* virtio-serial - the console device: ports with names, each a byte stream to a link.
 *
 * The device has room for VIRTIO_SERIAL_PORTS; a port is a device of its own ("virtserialport", "virtconsole") that is
 * plugged in.  Port 0 is a console's, for drivers that know but one.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/virtio/virtio.h"

#include "core/link.h"

#define VIRTIO_SERIAL_PORTS 16

/* Before power-on.  @link, @name: (nullable); the link is borrowed. */
void     virtio_port_connect (AsternDevice *port, AsternLink *link, const char *name);
/* @number -1: the first free one. */
gboolean virtio_serial_plug  (VirtioDevice *device, AsternDevice *port, gint number, GError **error);
