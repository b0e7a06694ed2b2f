/* ps2 - what a keyboard or mouse and its controller say to each other.
 *
 * A PS/2 device keeps what it has to say in a queue; its wire is up while there
 * is something.  The controller takes a byte when it is ready for one.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

#include <string.h>

#define PS2_QUEUE_BYTES 64    /* a power of two */
#define PS2_REPLY_BYTES 8

/* Part of a device's state. */
typedef struct
{
  guint8 data[PS2_QUEUE_BYTES];     /* keys or movements, a ring */
  guint8 reply[PS2_REPLY_BYTES];    /* answer to the last command: goes before data */
  guint8 start, len, reply_len;
  guint8 last;                      /* what was sent last, for RESEND */
} Ps2Queue;

/* Use: PS2_QUEUE_FIELDS (State), in a state whose member `queue` it is. */
#define PS2_QUEUE_FIELDS(State)                                                                     \
  ASTERN_FIELD_BYTES (State, queue.data, 1), ASTERN_FIELD_BYTES (State, queue.reply, 1),            \
  ASTERN_FIELD (State, queue.start, 1), ASTERN_FIELD (State, queue.len, 1),                         \
  ASTERN_FIELD (State, queue.reply_len, 1), ASTERN_FIELD (State, queue.last, 1)

typedef struct
{
  AsternIrq *(*ready)   (AsternDevice *device);              /* the wire to connect */
  guint8     (*take)    (AsternDevice *device);              /* next byte; only while the wire is up */
  void       (*command) (AsternDevice *device, guint8 byte); /* a byte from the controller */
} Ps2Operations;

static inline gboolean
ps2_queue_is_empty (const Ps2Queue *queue)
{
  return queue->len == 0 && queue->reply_len == 0;
}

static inline guint
ps2_queue_room (const Ps2Queue *queue)
{
  return PS2_QUEUE_BYTES - queue->len;
}

/* There must be room. */
static inline void
ps2_queue_put (Ps2Queue *queue, guint8 byte)
{
  queue->data[(queue->start + queue->len++) % PS2_QUEUE_BYTES] = byte;
}

static inline void
ps2_queue_reply (Ps2Queue *queue, guint8 byte)
{
  if (queue->reply_len < PS2_REPLY_BYTES)
    queue->reply[queue->reply_len++] = byte;
}

static inline guint8
ps2_queue_take (Ps2Queue *queue)
{
  if (queue->reply_len > 0)
    {
      queue->last = queue->reply[0];
      memmove (queue->reply, queue->reply + 1, --queue->reply_len);
    }
  else if (queue->len > 0)
    {
      queue->last = queue->data[queue->start];
      queue->start = (queue->start + 1) % PS2_QUEUE_BYTES;
      queue->len--;
    }
  return queue->last;
}

static inline void
ps2_queue_forget_data (Ps2Queue *queue)
{
  queue->start = queue->len = 0;
}

/* After a load: whatever was in it, it is a queue. */
static inline void
ps2_queue_check (Ps2Queue *queue)
{
  queue->start %= PS2_QUEUE_BYTES;
  queue->len = MIN (queue->len, PS2_QUEUE_BYTES);
  queue->reply_len = MIN (queue->reply_len, PS2_REPLY_BYTES);
}
