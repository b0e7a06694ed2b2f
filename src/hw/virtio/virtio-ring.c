/* virtio-ring.c - split and packed rings, see virtio.h.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, sections 2.7 (split) and 2.8 (packed).
 *
 * A walk ends: after as many descriptors as the table has, or VIRTIO_MAX_PARTS, it is a loop. */
#include "config.h"

#include "hw/virtio/virtio.h"

#include <string.h>

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4, DESC_AVAIL = 1 << 7, DESC_USED = 1 << 15 };
enum { AVAIL_NO_INTERRUPT = 1 };                                        /* split */
enum { EVENT_ENABLE = 0, EVENT_DISABLE = 1, EVENT_DESC = 2 };           /* packed */

#define DESC_BYTES  16
#define MOST_BYTES  G_GUINT64_CONSTANT (0x100000000)                    /* of a chain: section 2.7.5 */
#define X64         "#" G_GINT64_MODIFIER "x"

/* Of both kinds of rings. */
typedef struct
{
  guint64 address;
  guint32 size;
  guint16 flags;
  guint16 next;      /* split: the next descriptor; packed: the buffer's id */
} Desc;

static gboolean
is_packed (VirtioDevice *self)
{
  return virtio_has (self, VIRTIO_F_RING_PACKED);
}

static guint16
load16 (VirtioDevice *self, guint64 address)
{
  guint16 value;

  virtio_dma_read (self, address, &value, 2);
  return GUINT16_FROM_LE (value);
}

static void
store16 (VirtioDevice *self, guint64 address, guint16 value)
{
  value = GUINT16_TO_LE (value);
  virtio_dma_write (self, address, &value, 2);
}

static gboolean
load_desc (VirtioDevice *self, guint64 table, guint32 index, Desc *desc)
{
  guint64 at = table + (guint64) index * DESC_BYTES;
  guint8 bytes[DESC_BYTES];
  guint16 first, second;

  if (!virtio_dma_read (self, at, bytes, sizeof bytes))
    {
      virtio_fail (self, "there is no descriptor at %" X64, at);
      return FALSE;
    }
  memcpy (&desc->address, bytes, 8);
  memcpy (&desc->size, bytes + 8, 4);
  memcpy (&first, bytes + 12, 2);
  memcpy (&second, bytes + 14, 2);
  desc->address = GUINT64_FROM_LE (desc->address);
  desc->size = GUINT32_FROM_LE (desc->size);
  desc->flags = GUINT16_FROM_LE (is_packed (self) ? second : first);
  desc->next = GUINT16_FROM_LE (is_packed (self) ? first : second);
  return TRUE;
}

/* A queue that a driver has set up; a loaded state may say anything. */
static gboolean
is_usable (VirtioDevice *self, guint queue)
{
  const VirtioQueue *q = virtio_queue (self, queue);

  return queue < self->n_queues && q->enabled && q->size != 0 && q->size <= VIRTIO_MAX_QUEUE_SIZE && self->transport != NULL
         && !(virtio_state (self)->status & VIRTIO_NEEDS_RESET);
}

/* ---- chains ---- */

static gboolean
add_part (VirtioDevice *self, VirtioChain *chain, const Desc *desc)
{
  gboolean in = (desc->flags & DESC_WRITE) != 0;

  if (chain->n_out + chain->n_in >= VIRTIO_MAX_PARTS || (!in && chain->n_in > 0)
      || chain->out_size + chain->in_size + desc->size > MOST_BYTES)
    {
      virtio_fail (self, "the chain at descriptor %u has too many parts or bytes, or one to read behind one to write",
                   chain->ticket.head);
      return FALSE;
    }
  if (desc->size == 0)
    return TRUE;
  chain->parts[chain->n_out + chain->n_in] = (VirtioPart) { desc->address, desc->size };
  *(in ? &chain->n_in : &chain->n_out) += 1;
  *(in ? &chain->in_size : &chain->out_size) += desc->size;
  return TRUE;
}

/* How many descriptors the table has that @desc refers to; 0: a mistake. */
static guint32
indirect_length (VirtioDevice *self, const Desc *desc)
{
  if (!virtio_has (self, VIRTIO_F_INDIRECT_DESC) || desc->size == 0 || desc->size % DESC_BYTES != 0
      || (desc->flags & DESC_NEXT))
    {
      virtio_fail (self, "an indirect table of %u bytes, flags %#x", desc->size, desc->flags);
      return 0;
    }
  return desc->size / DESC_BYTES;
}

static gboolean
walk_split (VirtioDevice *self, const VirtioQueue *q, VirtioChain *chain)
{
  guint64 table = q->desc;
  guint32 length = q->size, index = chain->ticket.head, seen = 0;
  gboolean inside = FALSE;

  for (;;)
    {
      Desc desc;

      if (index >= length || seen++ >= length)
        {
          virtio_fail (self, "the chain at descriptor %u leads to %u of %u, or in a circle", chain->ticket.head, index, length);
          return FALSE;
        }
      if (!load_desc (self, table, index, &desc))
        return FALSE;
      if (desc.flags & DESC_INDIRECT)
        {
          length = inside ? 0 : indirect_length (self, &desc);
          if (length == 0)
            {
              virtio_fail (self, "an indirect table that is none, or within another");
              return FALSE;
            }
          table = desc.address;
          index = seen = 0;
          inside = TRUE;
          continue;
        }
      if (!add_part (self, chain, &desc))
        return FALSE;
      if (!(desc.flags & DESC_NEXT))
        return TRUE;
      index = desc.next;
    }
}

static gboolean
walk_packed_table (VirtioDevice *self, const Desc *indirect, VirtioChain *chain)
{
  guint32 length = indirect_length (self, indirect);

  for (guint32 i = 0; i < length; i++)
    {
      Desc desc;

      if (!load_desc (self, indirect->address, i, &desc) || !add_part (self, chain, &desc))
        return FALSE;
      if (i >= VIRTIO_MAX_PARTS)
        break;
    }
  return length != 0;
}

/* From the ticket's slot on; finds its id and its count. */
static gboolean
walk_packed (VirtioDevice *self, const VirtioQueue *q, VirtioChain *chain)
{
  guint slot = chain->ticket.slot, count = 0;

  for (;;)
    {
      Desc desc;

      if (slot >= q->size || count++ >= q->size)
        {
          virtio_fail (self, "the chain at slot %u has no end", chain->ticket.slot);
          return FALSE;
        }
      if (!load_desc (self, q->desc, slot, &desc))
        return FALSE;
      chain->ticket.head = desc.next;
      if (desc.flags & DESC_INDIRECT ? !walk_packed_table (self, &desc, chain) : !add_part (self, chain, &desc))
        return FALSE;
      if (!(desc.flags & DESC_NEXT))
        break;
      slot = slot + 1 == q->size ? 0 : slot + 1;
    }
  chain->ticket.count = (guint16) count;
  return TRUE;
}

static gboolean
walk (VirtioDevice *self, const VirtioQueue *q, VirtioChain *chain)
{
  chain->n_out = chain->n_in = 0;
  chain->out_size = chain->in_size = 0;
  return is_packed (self) ? walk_packed (self, q, chain) : walk_split (self, q, chain);
}

/* ---- what the driver made available ---- */

/* Of a packed ring: the slot that is next is the driver's, not yet given back. */
static gboolean
is_available (VirtioDevice *self, const VirtioQueue *q, guint slot, gboolean wrap)
{
  guint16 flags = load16 (self, q->desc + (guint64) slot * DESC_BYTES + 14);

  return ((flags & DESC_AVAIL) != 0) == wrap && ((flags & DESC_USED) != 0) != wrap;
}

static gboolean
packed_pending (VirtioDevice *self, const VirtioQueue *q)
{
  return q->next_avail < q->size && is_available (self, q, q->next_avail, q->avail_wrap != 0);
}

/* How many chains wait in a split ring. */
static guint16
split_pending (VirtioDevice *self, const VirtioQueue *q)
{
  return (guint16) (load16 (self, q->driver + 2) - q->next_avail);
}

gboolean
virtio_pending (VirtioDevice *self, guint queue)
{
  const VirtioQueue *q = virtio_queue (self, queue);

  if (!is_usable (self, queue))
    return FALSE;
  return is_packed (self) ? packed_pending (self, q) : split_pending (self, q) != 0;
}

/* The driver is to notify when it adds a chain to a ring that is found empty. */
static void
ask_for_notification (VirtioDevice *self, const VirtioQueue *q)
{
  if (!virtio_has (self, VIRTIO_F_EVENT_IDX))
    return;
  if (is_packed (self))
    {
      store16 (self, q->device, (guint16) (q->next_avail | (q->avail_wrap ? 1 << 15 : 0)));
      store16 (self, q->device + 2, EVENT_DESC);
    }
  else
    store16 (self, q->device + 4 + 8u * q->size, q->next_avail);
}

guint
virtio_waiting (VirtioDevice *self, guint queue, guint most)
{
  const VirtioQueue *q = virtio_queue (self, queue);
  guint n = 0;

  if (!is_usable (self, queue))
    return 0;
  if (!is_packed (self))
    return MIN (split_pending (self, q), q->size);
  most = MIN (most, q->size);
  while (n < most)
    {
      guint slot = q->next_avail + n;
      gboolean wrap = q->avail_wrap != 0;

      if (!is_available (self, q, slot % q->size, slot < q->size ? wrap : !wrap))
        break;
      n++;
    }
  return n;
}

void
virtio_listen (VirtioDevice *self, guint queue)
{
  if (is_usable (self, queue))
    ask_for_notification (self, virtio_queue (self, queue));
}

static gboolean
pop_split (VirtioDevice *self, VirtioQueue *q, VirtioChain *chain)
{
  guint16 waiting = split_pending (self, q);

  if (waiting == 0)
    {
      ask_for_notification (self, q);
      return FALSE;
    }
  if (waiting > q->size)
    {
      virtio_fail (self, "the available index is %u ahead in a ring of %u", waiting, q->size);
      return FALSE;
    }
  chain->ticket.head = load16 (self, q->driver + 4 + 2u * (q->next_avail % q->size));
  if (!walk (self, q, chain))
    return FALSE;
  q->next_avail++;
  return TRUE;
}

static gboolean
pop_packed (VirtioDevice *self, VirtioQueue *q, VirtioChain *chain)
{
  if (!packed_pending (self, q))
    {
      ask_for_notification (self, q);
      return FALSE;
    }
  chain->ticket.slot = q->next_avail;
  if (!walk (self, q, chain))
    return FALSE;
  q->next_avail += chain->ticket.count;
  if (q->next_avail >= q->size)
    {
      q->next_avail -= q->size;
      q->avail_wrap ^= 1;
    }
  return TRUE;
}

gboolean
virtio_pop (VirtioDevice *self, guint queue, VirtioChain *chain)
{
  VirtioQueue *q = virtio_queue (self, queue);

  if (!is_usable (self, queue))
    return FALSE;
  chain->ticket = (VirtioTicket) { .queue = (guint16) queue };
  if (is_packed (self) ? !pop_packed (self, q, chain) : !pop_split (self, q, chain))
    return FALSE;
  q->in_flight++;
  return TRUE;
}

void
virtio_unpop (VirtioDevice *self, const VirtioTicket *ticket)
{
  VirtioQueue *q = virtio_queue (self, ticket->queue);

  q->in_flight--;
  if (!is_packed (self))
    q->next_avail--;
  else
    {
      if (q->next_avail < ticket->count)
        {
          q->next_avail += q->size;
          q->avail_wrap ^= 1;
        }
      q->next_avail -= ticket->count;
    }
}

gboolean
virtio_resume (VirtioDevice *self, const VirtioTicket *ticket, VirtioChain *chain)
{
  guint16 count = ticket->count;

  if (!is_usable (self, ticket->queue))
    return FALSE;
  chain->ticket = *ticket;
  if (!walk (self, virtio_queue (self, ticket->queue), chain))
    return FALSE;
  chain->ticket.head = ticket->head;
  chain->ticket.count = count;
  return TRUE;
}

/* ---- giving back ---- */

static void
push_split (VirtioDevice *self, VirtioQueue *q, const VirtioTicket *ticket, guint32 written)
{
  guint32 entry[2] = { GUINT32_TO_LE (ticket->head), GUINT32_TO_LE (written) };

  virtio_dma_write (self, q->device + 4 + 8u * (q->used % q->size), entry, sizeof entry);
  q->used++;
  store16 (self, q->device + 2, q->used);
}

static void
push_packed (VirtioDevice *self, VirtioQueue *q, const VirtioTicket *ticket, guint32 written)
{
  guint64 slot = q->desc + (guint64) (q->used % q->size) * DESC_BYTES;
  guint16 flags = (q->used_wrap ? DESC_AVAIL | DESC_USED : 0) | (written > 0 ? DESC_WRITE : 0);
  guint32 size = GUINT32_TO_LE (written);

  virtio_dma_write (self, slot + 8, &size, 4);
  store16 (self, slot + 12, ticket->head);
  store16 (self, slot + 14, flags);
  q->used += MIN (ticket->count, q->size);
  if (q->used >= q->size)
    {
      q->used -= q->size;
      q->used_wrap ^= 1;
    }
}

void
virtio_push (VirtioDevice *self, const VirtioTicket *ticket, guint32 written)
{
  VirtioQueue *q = virtio_queue (self, ticket->queue);

  if (!is_usable (self, ticket->queue))
    return;
  if (is_packed (self))
    push_packed (self, q, ticket, written);
  else
    push_split (self, q, ticket, written);
  q->in_flight--;
}

/* Whether an index that went from @before to @now passed @event. */
static gboolean
passed (guint16 event, guint16 now, guint16 before)
{
  return (guint16) (now - event - 1) < (guint16) (now - before);
}

static gboolean
split_wants_interrupt (VirtioDevice *self, VirtioQueue *q)
{
  if (virtio_has (self, VIRTIO_F_NOTIFY_ON_EMPTY) && q->in_flight == 0 && split_pending (self, q) == 0)
    return TRUE;
  if (!virtio_has (self, VIRTIO_F_EVENT_IDX))
    return !(load16 (self, q->driver) & AVAIL_NO_INTERRUPT);
  return !q->signalled_valid || passed (load16 (self, q->driver + 4 + 2u * q->size), q->used, q->signalled);
}

static gboolean
packed_wants_interrupt (VirtioDevice *self, VirtioQueue *q)
{
  guint16 where, flags = load16 (self, q->driver + 2), event;

  if (flags == EVENT_DISABLE)
    return FALSE;
  if (flags != EVENT_DESC || !virtio_has (self, VIRTIO_F_EVENT_IDX) || !q->signalled_valid)
    return TRUE;
  where = load16 (self, q->driver);
  event = where & 0x7fff;
  if ((where >> 15) != (q->used_wrap != 0))
    event = (guint16) (event - q->size);
  /* In the ring's first slots the last interrupt lies in the round before. */
  return passed (event, q->used, (guint16) (q->signalled > q->used ? q->signalled - q->size : q->signalled));
}

void
virtio_notify (VirtioDevice *self, guint queue)
{
  VirtioQueue *q = virtio_queue (self, queue);
  gboolean wanted;

  if (!is_usable (self, queue))
    return;
  wanted = is_packed (self) ? packed_wants_interrupt (self, q) : split_wants_interrupt (self, q);
  q->signalled = q->used;
  q->signalled_valid = 1;
  if (wanted)
    self->transport->interrupt (self->transport_device, (gint) queue);
}

/* ---- bytes of a chain ---- */

typedef gboolean (*CopyFunc) (VirtioDevice *self, guint64 address, guint8 *data, gsize size);

static gboolean
copy_out (VirtioDevice *self, guint64 address, guint8 *data, gsize size)
{
  return virtio_dma_read (self, address, data, size);
}

static gboolean
copy_in (VirtioDevice *self, guint64 address, guint8 *data, gsize size)
{
  return virtio_dma_write (self, address, data, size);
}

static gsize
copy (VirtioDevice *self, const VirtioPart *parts, guint n, guint64 offset, guint8 *data, gsize size, CopyFunc one)
{
  gsize done = 0;

  for (guint i = 0; i < n && done < size; i++)
    {
      gsize chunk;

      if (offset >= parts[i].size)
        {
          offset -= parts[i].size;
          continue;
        }
      chunk = (gsize) MIN (parts[i].size - offset, (guint64) (size - done));
      if (!one (self, parts[i].address + offset, data + done, chunk))
        virtio_complain (self, "the buffer at %" X64 " is no memory", parts[i].address);
      done += chunk;
      offset = 0;
    }
  return done;
}

gsize
virtio_read (VirtioDevice *self, const VirtioChain *chain, guint64 offset, gpointer data, gsize size)
{
  gsize got = copy (self, chain->parts, chain->n_out, offset, data, size, copy_out);

  memset ((guint8 *) data + got, 0, size - got);
  return got;
}

gsize
virtio_write (VirtioDevice *self, const VirtioChain *chain, guint64 offset, gconstpointer data, gsize size)
{
  return copy (self, chain->parts + chain->n_out, chain->n_in, offset, (guint8 *) data, size, copy_in);
}
