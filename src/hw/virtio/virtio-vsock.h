/* virtio-vsock - sockets between guest and host: the device carries packets, connections are the host's end's
 * (host/vsock.h).
 *
 * Over its link goes a packet's number (8 bytes) and the packet as it is in the ring: a header of
 * VIRTIO_VSOCK_HEADER bytes, and data.  Without a packet it says that the driver was reset.  What comes is a byte
 * VIRTIO_VSOCK_PACKET and a packet, or VIRTIO_VSOCK_RESET alone: all connections are gone.  Numbers count packets, so
 * that a run that branches in its past says so by itself.
 *
 * The link's room() is in bytes.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/link.h"
#include "hw/virtio/virtio.h"

enum { VIRTIO_VSOCK_PACKET, VIRTIO_VSOCK_RESET };

#define VIRTIO_VSOCK_HEADER    44
#define VIRTIO_VSOCK_NUMBER    8
#define VIRTIO_VSOCK_MOST_DATA (64u << 10)       /* of a packet */

extern const AsternDeviceClass virtio_vsock_class;

typedef struct
{
  AsternLink *link;             /* borrowed */
  guint64     cid;              /* the guest's */
  const char *uds_path;         /* (nullable) of UNIX sockets in place of the host's AF_VSOCK */
} VirtioVsockEnd;

/* Before power-on; the link is the device's own then. */
void virtio_vsock_connect (VirtioDevice *device, AsternLink *link, guint64 cid, const char *uds_path);
/* For who makes the other end. */
void virtio_vsock_look    (AsternDevice *device, VirtioVsockEnd *end_out);
