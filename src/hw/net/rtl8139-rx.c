/* rtl8139-rx.c - receiving: a ring of bytes, or C+ mode's ring of descriptors.
 * Source: Realtek RTL8139C(L)+ data sheet, 6.1 and chapter 9.
 * Left out: early reception, wake-up, runts and frames with errors. */
#include "config.h"

#include "hw/net/rtl8139-private.h"

#include <string.h>

enum { STATUS_ROK = 1 << 0, STATUS_BAR = 1 << 13, STATUS_PAM = 1 << 14, STATUS_MAR = 1 << 15 };
enum
{
  CP_OWN = 1u << 31, CP_EOR = 1 << 30, CP_FS = 1 << 29, CP_LS = 1 << 28, CP_MAR = 1 << 26, CP_PAM = 1 << 25, CP_BAR = 1 << 24,
  CP_TCP = 1 << 16, CP_UDP = 2 << 16, CP_IP = 3 << 16, CP_IPF = 1 << 15, CP_UDPF = 1 << 14, CP_TCPF = 1 << 13, CP_TAVA = 1 << 16,
};

#define RING_DESCRIPTORS 1024
#define MOST_WAITING     32         /* frames */
#define MARGIN           16
#define LONGEST          8192

static guint
ring_bytes (const Rtl8139State *s)
{
  return 8192u << (s->rcr >> 11 & 3);
}

/* Between what was written and what was read; the guest's CAPR is 16 behind. */
static guint
used_bytes (const Rtl8139State *s)
{
  guint size = ring_bytes (s);

  return (s->cbr + size - (guint16) (s->capr + MARGIN) % size) % size;
}

gboolean
rtl8139_is_empty (const Rtl8139State *s)
{
  return used_bytes (s) == 0;
}

guint
rtl8139_room (gpointer device)
{
  const Rtl8139State *s = &((Rtl8139 *) device)->s;

  if (!(s->cr & CR_RE) || !s->link_up)
    return 0;
  if (s->cpcr & CPCR_RX)
    return (guint) g_atomic_int_get (&((Rtl8139 *) device)->room);
  return (ring_bytes (s) - used_bytes (s)) / 2048;
}

void
rtl8139_look_for_room (Rtl8139 *self)
{
  const Rtl8139State *s = &self->s;
  guint64 base = (guint64) s->rdsar[1] << 32 | s->rdsar[0];
  guint at = s->cplus_rx % RING_DESCRIPTORS, room = 0;
  guint32 word;

  while ((s->cpcr & CPCR_RX) && (s->cr & CR_RE) && room < MOST_WAITING &&
         astern_pci_dma_read (&self->parent.parent, base + at * 16, &word, 4) && (word & CP_OWN))
    {
      at = (word & CP_EOR) || at + 1 >= RING_DESCRIPTORS ? 0 : at + 1;
      room++;
    }
  g_atomic_int_set (&self->room, (gint) room);
  if (rtl8139_room (self) > 0)
    astern_link_has_room (self->link);
}

/* ---- filters ---- */

/* The status bits of why it is taken; 0: it is not, STATUS_ROK alone: anything is. */
static guint
accept_address (const Rtl8139State *s, const guint8 *address)
{
  guint hash;

  if (nic_is_broadcast (address))
    return s->rcr & RCR_AB ? STATUS_ROK | STATUS_BAR : s->rcr & RCR_AAP ? STATUS_ROK : 0;
  if (address[0] & 1)
    {
      hash = nic_hash_high (address);
      if ((s->rcr & RCR_AM) && (s->mar[hash / 8] >> (hash % 8) & 1))
        return STATUS_ROK | STATUS_MAR;
    }
  else if ((s->rcr & RCR_APM) && memcmp (address, s->idr, 6) == 0)
    return STATUS_ROK | STATUS_PAM;
  return s->rcr & RCR_AAP ? STATUS_ROK : 0;
}

static void
count (Rtl8139State *s, const guint8 *frame)
{
  s->rx_ok++;
  if (nic_is_broadcast (frame))
    s->rx_broadcast++;
  else if (frame[0] & 1)
    s->rx_multicast++;
  else
    s->rx_unicast++;
}

/* ---- the ring of bytes ---- */

static void
put (Rtl8139 *self, const guint8 *data, guint size)
{
  Rtl8139State *s = &self->s;
  AsternDevice *device = &self->parent.parent;
  guint ring = ring_bytes (s), first = MIN (size, ring - s->cbr % ring);

  /* With WRAP, what does not fit lies behind the end of the ring, where the guest has room for it. */
  if ((s->rcr & RCR_WRAP) && ring < 65536)
    first = size;
  astern_pci_dma_write (device, (guint64) s->rbstart + s->cbr % ring, data, first);
  if (first < size)
    astern_pci_dma_write (device, s->rbstart, data + first, size - first);
  s->cbr = (guint16) ((s->cbr % ring + size) % ring);
}

static void
missed (Rtl8139 *self, guint16 cause)
{
  self->s.rx_missed++;
  self->s.mpc = (self->s.mpc + 1) & 0xffffff;
  rtl8139_raise (self, cause);
}

/* @frame, with its CRC, has four bytes of room before it and four behind. */
static void
into_bytes (Rtl8139 *self, guint8 *frame, guint size, guint status)
{
  Rtl8139State *s = &self->s;
  const guint16 header[2] = { (guint16) status, (guint16) size };
  guint whole = (size + 4 + 3) & ~3u;

  if (ring_bytes (s) - used_bytes (s) <= whole + MARGIN)
    {
      missed (self, ISR_RXOVW);
      return;
    }
  memcpy (frame - 4, header, 4);
  memset (frame + size, 0, 4);
  put (self, frame - 4, whole);
  count (s, frame);
  rtl8139_raise (self, ISR_ROK);
}

/* ---- the ring of descriptors ---- */

static guint32
sums (const guint8 *frame, gsize size)
{
  NetHeaders h;
  guint32 bits;

  if (!net_headers_parse (frame, size, &h) || h.version != 4)
    return 0;
  bits = CP_IP;
  if (h.l4 != 0)
    bits = h.protocol == NET_PROTOCOL_TCP ? CP_TCP : CP_UDP;
  if (!net_checksum_ip_ok (frame, &h))
    bits |= CP_IPF;
  if (!net_checksum_l4_ok (frame, &h))
    bits |= h.protocol == NET_PROTOCOL_TCP ? CP_TCPF : CP_UDPF;
  return bits;
}

static void
into_descriptor (Rtl8139 *self, guint8 *frame, guint size, guint status)
{
  Rtl8139State *s = &self->s;
  AsternDevice *device = &self->parent.parent;
  guint64 at = ((guint64) s->rdsar[1] << 32 | s->rdsar[0]) + (guint64) (s->cplus_rx % RING_DESCRIPTORS) * 16;
  guint32 d[4], reply;

  if (!astern_pci_dma_read (device, at, d, sizeof d) || !(d[0] & CP_OWN) || size > (d[0] & 0x1fff))
    {
      missed (self, ISR_RXOVW);
      return;
    }
  reply = (d[0] & CP_EOR) | CP_FS | CP_LS | (status & STATUS_BAR ? CP_BAR : 0) | (status & STATUS_MAR ? CP_MAR : 0) |
          (status & STATUS_PAM ? CP_PAM : 0);
  if (s->cpcr & CPCR_RXCHKSUM)
    reply |= sums (frame, size - NIC_CRC_BYTES);
  d[1] = 0;
  if ((s->cpcr & CPCR_RXVLAN) && net_get16 (frame + 12) == NET_ETHERTYPE_VLAN)
    {
      d[1] = CP_TAVA | frame[14] | (guint32) frame[15] << 8;
      memmove (frame + 4, frame, 12);
      frame += 4;
      size -= 4;
    }
  astern_pci_dma_write (device, (guint64) d[3] << 32 | d[2], frame, size);
  s->cplus_rx = (d[0] & CP_EOR) || s->cplus_rx + 1 >= RING_DESCRIPTORS ? 0 : s->cplus_rx + 1;
  d[0] = reply | size;
  astern_pci_dma_write (device, at, d, 8);
  count (s, frame);
  rtl8139_raise (self, ISR_ROK);
}

/* ---- frames ---- */

void
rtl8139_receive (Rtl8139 *self, const guint8 *frame, gsize size)
{
  Rtl8139State *s = &self->s;
  guint8 *copy = self->packet + NET_MAX_SEGMENT + 16;
  guint status;
  guint32 crc;

  if (!(s->cr & CR_RE) || size < NET_ETHER_HEADER || size > LONGEST || (status = accept_address (s, frame)) == 0)
    return;
  memmove (copy, frame, size);
  if (size < NET_MIN_FRAME)
    {
      memset (copy + size, 0, NET_MIN_FRAME - size);
      size = NET_MIN_FRAME;
    }
  crc = net_crc32 (copy, size);
  memcpy (copy + size, &crc, NIC_CRC_BYTES);
  if (s->cpcr & CPCR_RX)
    into_descriptor (self, copy, (guint) size + NIC_CRC_BYTES, status);
  else
    into_bytes (self, copy, (guint) size + NIC_CRC_BYTES, status);
}

void
rtl8139_input (gpointer device, gconstpointer data, gsize size)
{
  Rtl8139 *self = device;

  if (size == NIC_LINK_PACKET_BYTES)
    {
      gboolean up = *(const guint8 *) data != 0;

      self->unplugged = !up;
      if (self->s.link_up != up)
        {
          self->s.link_up = up;
          rtl8139_raise (self, ISR_PUN);            /* the same bit is “link changed” */
        }
    }
  else if (self->s.link_up)
    rtl8139_receive (self, data, size);
  rtl8139_look_for_room (self);
}
