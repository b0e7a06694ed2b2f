/* virtio-9p - a directory of the host's by the protocol 9P, of which the device knows nothing: it carries messages.
 *
 * Over its link goes a packet for each request,
 *
 *     number (8 bytes), again (1), 0 (3), most bytes that the answer may have (4), the message
 *
 * and there comes one for each answer, in the order of the requests: number (8), the message.  Numbers count requests, so
 * that a run that branches in its past says so by itself.  A request that has no answer for long, for instance because the
 * answer came in another future, goes out again, and says that it does.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/link.h"
#include "hw/virtio/virtio.h"

enum
{
  VIRTIO_9P_OUT_NUMBER = 0, VIRTIO_9P_OUT_AGAIN = 8, VIRTIO_9P_OUT_MOST = 12, VIRTIO_9P_OUT_HEADER = 16,
  VIRTIO_9P_IN_HEADER = 8,
};

#define VIRTIO_9P_MOST_TAG     32            /* bytes of a mount tag */
#define VIRTIO_9P_MOST_MESSAGE (520u << 10)
#define VIRTIO_9P_PATIENCE_NS  (G_GUINT64_CONSTANT (10) * 1000 * 1000 * 1000)   /* until a request goes out again */

/* Before power-on.  @link: borrowed. */
void virtio_9p_connect (VirtioDevice *device, AsternLink *link, const char *tag);
