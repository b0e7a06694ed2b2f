/* rtl8139-tx.c - transmitting: four descriptors, or C+ mode's rings.
 * Source: Realtek RTL8139C(L)+ data sheet, 6.2 and chapter 9.
 * Left out: early transmission, the high-priority ring's precedence (both are sent at once). */
#include "config.h"

#include "hw/net/rtl8139-private.h"

#include <string.h>

enum { DTCCR_DUMP = 1 << 3 };
enum { TSD_OWN = 1 << 13, TSD_TOK = 1 << 15, TSD_SIZE = 0x1fff };
enum
{
  CP_OWN = 1u << 31, CP_EOR = 1 << 30, CP_FS = 1 << 29, CP_LS = 1 << 28, CP_LGSEN = 1 << 27,
  CP_IPCS = 1 << 18, CP_UDPCS = 1 << 17, CP_TCPCS = 1 << 16, CP_TAGC = 1 << 17,
};
enum { TCR_LOOPBACK = 3 << 17 };
enum { TPPOLL_FSWINT = 1 << 0, TPPOLL_NPQ = 1 << 6, TPPOLL_HPQ = 1 << 7 };

#define RING_DESCRIPTORS 1024       /* at most, before it begins anew */
#define MOST_PER_PACKET  64

static void
send_frame (Rtl8139 *self, const guint8 *frame, gsize size)
{
  self->s.tx_ok++;
  if ((self->s.tcr & TCR_LOOPBACK) == TCR_LOOPBACK)
    rtl8139_receive (self, frame, size);
  else if (self->s.link_up)
    astern_link_send (self->link, frame, size);
}

/* ---- the 8139's four ---- */

static void
send_from (Rtl8139 *self, guint n)
{
  Rtl8139State *s = &self->s;
  guint size = s->tsd[n] & TSD_SIZE;

  astern_pci_dma_read (&self->parent.parent, s->tsad[n], self->packet, size);
  if (size >= NET_ETHER_HEADER)
    send_frame (self, self->packet, size);
  s->tsd[n] |= TSD_OWN | TSD_TOK;
  s->tx_next = (guint8) ((n + 1) & 3);
  rtl8139_raise (self, ISR_TOK);
}

/* C+ mode's counters, 64 bytes. */
static void
dump_counters (Rtl8139 *self)
{
  Rtl8139State *s = &self->s;
  guint8 counters[64] = { 0 };
  const guint32 errors = (guint32) s->tx_errors, multicast = (guint32) s->rx_multicast;
  const guint16 lost = (guint16) s->rx_missed;

  if (!(s->tsd[0] & DTCCR_DUMP))
    return;
  memcpy (counters, &s->tx_ok, 8);
  memcpy (counters + 8, &s->rx_ok, 8);
  memcpy (counters + 16, &s->tx_errors, 8);
  memcpy (counters + 28, &lost, 2);
  memcpy (counters + 32, &errors, 4);
  memcpy (counters + 40, &s->rx_unicast, 8);
  memcpy (counters + 48, &s->rx_broadcast, 8);
  memcpy (counters + 56, &multicast, 4);
  astern_pci_dma_write (&self->parent.parent, ((guint64) s->tsd[1] << 32 | s->tsd[0]) & ~(guint64) 63, counters, sizeof counters);
  s->tsd[0] &= ~DTCCR_DUMP;
}

/* In their order, as far as the guest has given them away. */
void
rtl8139_tsd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139 *self = (Rtl8139 *) device;
  Rtl8139State *s = &self->s;

  if (s->cpcr & (CPCR_TX | CPCR_RX))
    {
      if (offset == 0x10)
        dump_counters (self);
      return;
    }
  if (!(s->cr & CR_TE))
    return;
  for (guint i = 0; i < 4 && !(s->tsd[s->tx_next & 3] & TSD_OWN) && (s->tsd[s->tx_next & 3] & TSD_SIZE) != 0; i++)
    send_from (self, s->tx_next & 3);
}

/* ---- C+ ---- */

typedef struct
{
  guint32 command, vlan, low, high;
} Descriptor;

typedef struct
{
  Rtl8139 *self;
  gboolean tagged;
  guint16  tag;
} Sending;

static void
emit (gpointer user, const guint8 *frame, gsize size)
{
  const Sending *sending = user;
  g_autofree guint8 *tagged = sending->tagged ? net_tagged (frame, size, NET_ETHERTYPE_VLAN, sending->tag) : NULL;

  if (tagged != NULL)
    send_frame (sending->self, tagged, size + 4);
  else
    send_frame (sending->self, frame, size);
}

static void
put_sums (guint8 *frame, gsize size, guint32 command)
{
  NetHeaders h;
  guint at;

  if (!net_headers_parse (frame, size, &h) || h.version != 4)
    return;
  if (command & CP_IPCS)
    {
      net_put16 (frame + h.l3 + 10, 0);
      net_checksum_put (frame + h.l3, (frame[h.l3] & 15) * 4u, 10);
    }
  if (h.l4 == 0 || !(command & (h.protocol == NET_PROTOCOL_TCP ? CP_TCPCS : CP_UDPCS)))
    return;
  at = h.l4 + (h.protocol == NET_PROTOCOL_TCP ? 16 : 6);
  net_put16 (frame + at, 0);
  net_put16 (frame + at, (guint16) ~net_checksum_add (net_checksum_pseudo (frame, &h, h.end - h.l4), frame + h.l4, h.end - h.l4));
}

static void
send_packet (Rtl8139 *self, const Descriptor *first, const Descriptor *last, guint8 *packet, gsize size)
{
  Sending sending = { self, (first->vlan & CP_TAGC) != 0, (guint16) (first->vlan << 8 | (first->vlan >> 8 & 0xff)) };
  NetSegmentation how;

  if (size < NET_ETHER_HEADER)
    {
      rtl8139_guest_error (self, "a packet that is too short");
      return;
    }
  if ((first->command & CP_LGSEN) && net_segmentation_find (packet, size, first->command >> 16 & 0x7ff, &how))
    {
      if (net_segment (packet, size, &how, emit, &sending) == 0)
        rtl8139_guest_error (self, "a segmentation that does not fit its packet");
      return;
    }
  if (!(first->command & CP_LGSEN))
    put_sums (packet, size, last->command);
  emit (&sending, packet, size);
}

static guint64
ring_address (const guint32 base[2], guint n)
{
  return ((guint64) base[1] << 32 | base[0]) + (guint64) n * sizeof (Descriptor);
}

static guint
next_of (guint n, const Descriptor *d)
{
  return (d->command & CP_EOR) || n + 1 >= RING_DESCRIPTORS ? 0 : n + 1;
}

/* How many descriptors the packet at @at has; 0: it is not whole. */
static guint
find_packet (Rtl8139 *self, const guint32 base[2], guint at, Descriptor *descriptors)
{
  for (guint n = 0; n < MOST_PER_PACKET; n++)
    {
      if (!astern_pci_dma_read (&self->parent.parent, ring_address (base, at), &descriptors[n], sizeof descriptors[n]) ||
          !(descriptors[n].command & CP_OWN))
        return 0;
      if (descriptors[n].command & CP_LS)
        return n + 1;
      at = next_of (at, &descriptors[n]);
    }
  rtl8139_guest_error (self, "a packet of too many descriptors");
  return MOST_PER_PACKET;
}

static guint
send_ring (Rtl8139 *self, const guint32 base[2], guint at)
{
  Descriptor d[MOST_PER_PACKET];

  for (guint left = RING_DESCRIPTORS; left > 0; left--)
    {
      guint n = find_packet (self, base, at, d);
      gsize size = 0;

      for (guint i = 0; i < n; i++)
        {
          guint part = d[i].command & 0xffff;
          guint32 given_back = d[i].command & ~CP_OWN;

          if (size + part <= NET_MAX_SEGMENT)
            astern_pci_dma_read (&self->parent.parent, (guint64) d[i].high << 32 | d[i].low, self->packet + size, part);
          size += part;
          astern_pci_dma_write (&self->parent.parent, ring_address (base, at), &given_back, sizeof given_back);
          at = next_of (at, &d[i]);
        }
      if (n == 0)
        break;
      if (size <= NET_MAX_SEGMENT && (d[0].command & CP_FS))
        send_packet (self, &d[0], &d[n - 1], self->packet, size);
      else
        rtl8139_guest_error (self, "a packet that makes no sense");
      rtl8139_raise (self, ISR_TOK);
    }
  rtl8139_raise (self, ISR_TDU);
  return at;
}

void
rtl8139_tppoll_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139 *self = (Rtl8139 *) device;
  Rtl8139State *s = &self->s;

  s->tppoll = 0;
  if (value & TPPOLL_FSWINT)
    rtl8139_raise (self, ISR_SWINT);
  if (!(s->cr & CR_TE) || !(s->cpcr & CPCR_TX))
    return;
  if (value & TPPOLL_HPQ)
    send_ring (self, &s->tsad[2], 0);
  if (value & TPPOLL_NPQ)
    s->cplus_tx = send_ring (self, &s->tsad[0], s->cplus_tx % RING_DESCRIPTORS);
}
