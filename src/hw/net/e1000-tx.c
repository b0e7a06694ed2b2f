/* e1000-tx.c - transmitting: descriptors, checksums, segmentation.
 * Source: Intel 8254x software developer's manual, 3.3 to 3.5 and 13.4.36 to 13.4.43; 82574L data sheet, 7.2.
 * Left out: TIDV's and TADV's delays, descriptors' write-back thresholds, flow control.
 *
 * A packet is fetched when its last descriptor is there: until then the head stays where it is. */
#include "config.h"

#include "hw/net/e1000-private.h"

#include <string.h>

enum
{
  TXD_EOP = 1 << 24, TXD_IC = 1 << 26, TXD_TSE = 1 << 26, TXD_RS = 1 << 27, TXD_RPS = 1 << 28, TXD_DEXT = 1 << 29, TXD_VLE = 1 << 30,
  TXD_DD = 1 << 0,
  POPTS_IXSM = 1 << 0, POPTS_TXSM = 1 << 1,
  TUCMD_TCP = 1 << 0, TUCMD_IP = 1 << 1,
};

#define MOST_DESCRIPTORS 256        /* of a packet */

/* As in memory. */
typedef struct
{
  guint64 address;
  guint32 lower, upper;
} Descriptor;

static gboolean
is_context (const Descriptor *d)
{
  return (d->lower & TXD_DEXT) && (d->lower >> 20 & 15) == 0;
}

static gboolean
is_data (const Descriptor *d)
{
  return (d->lower & TXD_DEXT) && (d->lower >> 20 & 15) == 1;
}

static guint
size_of (const Descriptor *d)
{
  return is_data (d) ? d->lower & 0xfffff : d->lower & 0xffff;
}

static gboolean
read_descriptor (E1000 *self, const E1000Ring *ring, guint at, Descriptor *d)
{
  return astern_pci_dma_read (&self->parent.parent, e1000_ring_base (ring) + (guint64) at * sizeof *d, d, sizeof *d);
}

/* Says that it was done, if the guest wants to know. */
static gboolean
write_back (E1000 *self, const E1000Ring *ring, guint at, const Descriptor *d)
{
  guint32 upper = d->upper | TXD_DD;

  if (!(d->lower & (TXD_RS | TXD_RPS)))
    return FALSE;
  astern_pci_dma_write (&self->parent.parent, e1000_ring_base (ring) + (guint64) at * sizeof *d + G_STRUCT_OFFSET (Descriptor, upper),
                        &upper, sizeof upper);
  return TRUE;
}

static void
set_context (E1000Context *context, const Descriptor *d)
{
  guint8 bytes[sizeof *d];

  memcpy (bytes, d, sizeof bytes);
  *context = (E1000Context) {
    .ipcss = bytes[0], .ipcso = bytes[1], .ipcse = (guint16) (bytes[2] | bytes[3] << 8),
    .tucss = bytes[4], .tucso = bytes[5], .tucse = (guint16) (bytes[6] | bytes[7] << 8),
    .tucmd = bytes[11], .hdrlen = bytes[13], .mss = (guint16) (bytes[14] | bytes[15] << 8),
  };
}

/* ---- frames out ---- */

typedef struct
{
  E1000   *self;
  gboolean tagged;
  guint16  tag;
} Sending;

static const E1000Counters counters = { STAT_PTC64, STAT_GPTC, STAT_TPT, STAT_BPTC, STAT_MPTC, STAT_GOTCL, STAT_TOTL };

static void
count_frame (E1000 *self, const guint8 *frame, gsize size)
{
  e1000_count (&self->s, &counters, frame, (guint) MAX (size, (gsize) NET_MIN_FRAME) + NIC_CRC_BYTES);
}

static void
send_frame (E1000 *self, const guint8 *frame, gsize size)
{
  count_frame (self, frame, size);
  if (e1000_loops_back (self))
    e1000_receive (self, frame, size);
  else if (self->s.link_up)
    astern_link_send (self->link, frame, size);
}

static void
emit (gpointer user, const guint8 *frame, gsize size)
{
  const Sending *sending = user;
  g_autofree guint8 *tagged = sending->tagged ? net_tagged (frame, size, (guint16) sending->self->s.vet, sending->tag) : NULL;

  if (tagged != NULL)
    send_frame (sending->self, tagged, size + 4);
  else
    send_frame (sending->self, frame, size);
}

/* A sum over [start, end], 0: to the end, is put at @at. */
static void
put_sum (E1000 *self, guint8 *frame, gsize size, guint start, guint at, guint end)
{
  gsize stop = end != 0 && end + 1u < size ? end + 1u : size;

  if (start >= stop || at < start || !net_checksum_put (frame + start, stop - start, at - start))
    e1000_guest_error (self, "a checksum outside of its packet");
}

/* As if it had been cut. */
static void
count_whole (E1000 *self, const guint8 *packet, gsize size, const NetSegmentation *how)
{
  for (gsize left = size - how->header; left > 0; left -= MIN (left, how->mss))
    count_frame (self, packet, how->header + MIN (left, how->mss));
}

static void
send_large (E1000 *self, Sending *sending, const E1000Context *c, guint8 *packet, gsize size)
{
  NetSegmentation how = {
    .l3 = c->ipcss, .l4 = c->tucss, .header = c->hdrlen, .mss = c->mss, .version = c->tucmd & TUCMD_IP ? 4 : 6,
    .protocol = c->tucmd & TUCMD_TCP ? NET_PROTOCOL_TCP : NET_PROTOCOL_UDP,
  };

  self->s.stats[STAT_TSCTC]++;
  if (!sending->tagged && self->s.link_up && !e1000_loops_back (self) && net_send_whole (self->link, packet, size, &how))
    count_whole (self, packet, size, &how);
  else if (net_segment (packet, size, &how, emit, sending) == 0)
    e1000_guest_error (self, "a segmentation that does not fit its packet");
}

/* The first descriptor decides. */
static void
send_packet (E1000 *self, const E1000Context *c, const Descriptor *d, const Descriptor *last, guint8 *packet, gsize size)
{
  Sending sending = { self, (last->lower & TXD_VLE) && (self->s.ctrl & CTRL_VME), (guint16) (last->upper >> 16) };

  if (size < NET_ETHER_HEADER)
    {
      e1000_guest_error (self, "a packet that is too short");
      return;
    }
  if (is_data (d))
    {
      guint options = d->upper >> 8 & 0xff;

      if (d->lower & TXD_TSE)
        {
          send_large (self, &sending, c, packet, size);
          return;
        }
      if (options & POPTS_TXSM)
        put_sum (self, packet, size, c->tucss, c->tucso, c->tucse);
      if (options & POPTS_IXSM)
        put_sum (self, packet, size, c->ipcss, c->ipcso, c->ipcse);
    }
  else if (last->lower & TXD_IC)
    put_sum (self, packet, size, last->upper >> 8 & 0xff, last->lower >> 16 & 0xff, 0);
  emit (&sending, packet, size);
}

/* ---- rings ---- */

/* How many descriptors the packet at the head has; 0: its last one is not there yet. */
static guint
find_packet (E1000 *self, const E1000Ring *ring, guint available, Descriptor *descriptors)
{
  guint length = e1000_ring_size (ring);

  for (guint n = 0; n < MIN (available, MOST_DESCRIPTORS); n++)
    {
      Descriptor *d = &descriptors[n];

      if (!read_descriptor (self, ring, (ring->head + n) % length, d))
        return 0;
      if (n == 0 && is_context (d))
        return 1;
      if (d->lower & TXD_EOP)
        return n + 1;
    }
  if (available < MOST_DESCRIPTORS)
    return 0;
  e1000_guest_error (self, "a packet of too many descriptors");
  return MOST_DESCRIPTORS;
}

static void
fetch_and_send (E1000 *self, guint queue, const Descriptor *descriptors, guint n)
{
  gsize size = 0;

  for (guint i = 0; i < n; i++)
    {
      const Descriptor *d = &descriptors[i];

      if (is_context (d) || size + size_of (d) > NET_MAX_SEGMENT)
        {
          e1000_guest_error (self, "a packet that makes no sense");
          return;
        }
      astern_pci_dma_read (&self->parent.parent, d->address, self->packet + size, size_of (d));
      size += size_of (d);
    }
  send_packet (self, &self->s.context[queue], &descriptors[0], &descriptors[n - 1], self->packet, size);
}

void
e1000_transmit (E1000 *self, guint queue)
{
  E1000State *s = &self->s;
  E1000Ring *ring = &s->tx[queue];
  guint length = e1000_ring_size (ring);
  Descriptor descriptors[MOST_DESCRIPTORS];
  gboolean reported = FALSE;

  ring->tail &= 0xffff;
  ring->head &= 0xffff;
  if (!(s->tctl & TCTL_EN) || length == 0 || ring->head >= length || ring->tail >= length || ring->head == ring->tail)
    return;
  for (guint left = length; left > 0 && ring->head != ring->tail;)
    {
      guint n = find_packet (self, ring, (ring->tail + length - ring->head) % length, descriptors);

      if (n == 0)
        break;
      if (is_context (&descriptors[0]))
        set_context (&s->context[queue], &descriptors[0]);
      else
        fetch_and_send (self, queue, descriptors, n);
      for (guint i = 0; i < n; i++)
        reported |= write_back (self, ring, (ring->head + i) % length, &descriptors[i]);
      ring->head = (ring->head + n) % length;
      left -= MIN (left, n);
    }
  if (reported || ring->head == ring->tail)
    e1000_cause_queue (self, (reported ? ICR_TXDW : 0) | (ring->head == ring->tail ? ICR_TXQE : 0), TRUE, queue);
}

void
e1000_tdt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  e1000_transmit ((E1000 *) device, offset >= 0x3900 ? 1 : 0);
}
