/* virtio-delay - requests that take their time: a queue of what is under way in a device's state, first in, first out.
 *
 * A chain is taken from its ring at once, and kept as a ticket with the guest time of its end, a function of the
 * request alone; at its end the device does all of it.  An end is never before that of the request before.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/virtio/virtio.h"

#define VIRTIO_UNDER_WAY 128

/* A member of the device's state. */
typedef struct
{
  guint64      due_ns;                        /* the timer's: the first one's */
  guint64      done_ns[VIRTIO_UNDER_WAY];
  VirtioTicket tickets[VIRTIO_UNDER_WAY];     /* a ring: from `first` on, `n` of them */
  guint16      first, n;
  guint32      reserved;
} VirtioDelayState;

#define VIRTIO_DELAY_FIELDS(Struct, d, since)                                                     \
  ASTERN_FIELD (Struct, d.due_ns, since), ASTERN_FIELD_ARRAY (Struct, d.done_ns, since),          \
  ASTERN_FIELD_BYTES (Struct, d.tickets, since), ASTERN_FIELD (Struct, d.first, since),           \
  ASTERN_FIELD (Struct, d.n, since), ASTERN_FIELD (Struct, d.reserved, since)

typedef struct
{
  VirtioDelayState *s;
  VirtioDevice     *device;
  guint             queue;
  AsternTimer       timer;
  guint64         (*duration_ns) (VirtioDevice *device, const VirtioChain *chain);
  /* Does it, and gives the chain back. */
  void            (*perform)     (VirtioDevice *device, const VirtioChain *chain);
} VirtioDelay;

/* In a class's init; the members before the timer, and the functions, are set. */
void virtio_delay_init    (VirtioDelay *self);
/* Takes what the driver has made available; from notified(). */
void virtio_delay_take    (VirtioDelay *self);
/* All that is under way is done now. */
void virtio_delay_hurry   (VirtioDelay *self);
/* ... or is never done: a reset. */
void virtio_delay_forget  (VirtioDelay *self);
