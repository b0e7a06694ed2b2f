/* e1000-rx.c - receiving: filters, descriptors, queues.
 * Source: Intel 8254x software developer's manual, 3.2 and 13.4.22 to 13.4.35, 13.5; 82574L data sheet, 7.1.
 * Left out: RDTR's and RADV's delays (throttling does the same), reports of small packets, splitting headers from data,
 * flow control, wake-up. */
#include "config.h"

#include "hw/net/e1000-private.h"

#include <string.h>

enum
{
  RXD_DD = 1 << 0, RXD_EOP = 1 << 1, RXD_IXSM = 1 << 2, RXD_VP = 1 << 3, RXD_UDPCS = 1 << 4, RXD_TCPCS = 1 << 5, RXD_IPCS = 1 << 6,
  RXD_PIF = 1 << 7,
  RXD_ERROR_TCPE = 1 << 5, RXD_ERROR_IPE = 1 << 6,
};

enum { LEGACY_BYTES = 16, SPLIT_BYTES = 32 };

/* How long frames may be, CRC included. */
enum { LONGEST = 1522, SHORTEST = 64 };

/* ---- filters ---- */

static gboolean
accept_vlan (const E1000State *s, const guint8 *frame, gsize size)
{
  guint id;

  if (!(s->rctl & RCTL_VFE) || size < 18 || net_get16 (frame + 12) != (s->vet & 0xffff))
    return TRUE;
  id = net_get16 (frame + 14) & 0xfff;
  return s->vfta[id / 32] >> (id % 32) & 1;
}

static gboolean
is_own (const E1000State *s, const guint8 *address)
{
  for (guint i = 0; i < 16; i++)
    {
      guint32 low = s->ra[2 * i], high = s->ra[2 * i + 1];

      if ((high >> 31) && low == (address[0] | address[1] << 8 | address[2] << 16 | (guint32) address[3] << 24) &&
          (high & 0xffff) == (guint32) (address[4] | address[5] << 8))
        return TRUE;
    }
  return FALSE;
}

/* @inexact: by a hash or because anything is. */
static gboolean
accept_address (const E1000State *s, const guint8 *address, gboolean *inexact)
{
  static const guint8 shifts[4] = { 4, 3, 2, 0 };
  guint hash;

  *inexact = FALSE;
  if (is_own (s, address) || (nic_is_broadcast (address) && (s->rctl & RCTL_BAM)))
    return TRUE;
  *inexact = TRUE;
  if (!(address[0] & 1))
    return (s->rctl & RCTL_UPE) != 0;
  if (s->rctl & RCTL_MPE)
    return TRUE;
  hash = (address[4] | (guint) address[5] << 8) >> shifts[s->rctl >> 12 & 3] & 0xfff;
  return s->mta[hash / 32] >> (hash % 32) & 1;
}

/* ---- receive side scaling ---- */

static guint32
toeplitz (const E1000State *s, const guint8 *input, guint size)
{
  guint8 key[41] = { 0 };
  guint32 window, hash = 0;

  memcpy (key, s->rssrk, 40);
  window = (guint32) key[0] << 24 | (guint32) key[1] << 16 | (guint32) key[2] << 8 | key[3];
  for (guint i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        if (input[i] >> (7 - bit) & 1)
          hash ^= window;
        window = window << 1 | (key[MIN (i + 4, 40u)] >> (7 - bit) & 1);
      }
  return hash;
}

typedef struct { guint32 hash; guint8 type, queue; } Scaling;

static void
scale (const E1000State *s, const guint8 *frame, const NetHeaders *h, Scaling *scaling)
{
  gboolean tcp = h->l4 != 0 && h->protocol == NET_PROTOCOL_TCP;
  guint addresses = h->version == 4 ? 8 : 32, ports = 0;
  guint8 input[36];

  *scaling = (Scaling) { 0 };
  if ((s->mrqc & 3) != 1 || h->version == 0)
    return;
  if (h->version == 4)
    scaling->type = tcp && (s->mrqc >> 16 & 1) ? 1 : s->mrqc >> 17 & 1 ? 2 : 0;
  else
    scaling->type = tcp && (s->mrqc >> 18 & 1) ? 3 : s->mrqc >> 20 & 1 ? 5 : 0;
  if (scaling->type == 0)
    return;
  memcpy (input, frame + h->l3 + (h->version == 4 ? 12 : 8), addresses);
  if (scaling->type == 1 || scaling->type == 3)
    {
      ports = 4;
      memcpy (input + addresses, frame + h->l4, 4);
    }
  scaling->hash = toeplitz (s, input, addresses + ports);
  scaling->queue = s->reta[(scaling->hash & 127) / 4] >> (8 * (scaling->hash & 3) + 7) & 1;
}

/* ---- what a descriptor says ---- */

typedef struct
{
  Scaling scaling;
  guint16 length, sum, special;
  guint8  status, errors;
} Report;

static void
check_sums (const E1000State *s, const guint8 *frame, gsize size, const NetHeaders *h, Report *report)
{
  guint start = s->rxcsum & 0xff;

  if (start < size)
    report->sum = GUINT16_SWAP_LE_BE (net_checksum_add (0, frame + start, size - start));
  if (h->version == 0 || !(s->rxcsum & (RXCSUM_IPOFL | RXCSUM_TUOFL)))
    {
      report->status |= RXD_IXSM;
      return;
    }
  if ((s->rxcsum & RXCSUM_IPOFL) && h->version == 4)
    {
      report->status |= RXD_IPCS;
      if (!net_checksum_ip_ok (frame, h))
        report->errors |= RXD_ERROR_IPE;
    }
  if ((s->rxcsum & RXCSUM_TUOFL) && h->l4 != 0)
    {
      gboolean none = h->protocol == NET_PROTOCOL_UDP && h->version == 4 && net_get16 (frame + h->l4 + 6) == 0;

      if (!none)
        report->status |= h->protocol == NET_PROTOCOL_UDP ? RXD_TCPCS | RXD_UDPCS : RXD_TCPCS;
      if (!net_checksum_l4_ok (frame, h))
        report->errors |= RXD_ERROR_TCPE;
    }
}

/* ---- rings ---- */

static guint
buffer_size (const E1000State *s)
{
  guint code = s->rctl >> 16 & 3;

  if ((s->rctl & RCTL_BSEX) && code != 0)
    return 32768 >> code;
  return 2048 >> code;
}

static gboolean
is_extended (const E1000 *self)
{
  return self->is_82574 && (self->s.rfctl & RFCTL_EXSTEN);
}

static gboolean
is_split (const E1000 *self)
{
  return is_extended (self) && (self->s.rctl & RCTL_DTYP_SPLIT);
}

/* Of a split descriptor's four buffers. */
static guint
split_size (const E1000State *s, guint buffer)
{
  return buffer == 0 ? (s->psrctl & 0x7f) * 128 : (s->psrctl >> (8 * buffer) & 0x3f) * 1024;
}

static guint
descriptor_room (const E1000 *self)
{
  guint room = 0;

  if (!is_split (self))
    return buffer_size (&self->s);
  for (guint i = 0; i < 4; i++)
    room += split_size (&self->s, i);
  return room;
}

/* In descriptors. */
static guint
ring_length (const E1000 *self, const E1000Ring *ring)
{
  return (ring->len & 0xfff80) / (is_split (self) ? SPLIT_BYTES : LEGACY_BYTES);
}

static guint
free_descriptors (const E1000 *self, const E1000Ring *ring)
{
  guint length = ring_length (self, ring);
  guint head = ring->head & 0xffff, tail = ring->tail & 0xffff;

  if (length == 0 || head >= length || tail >= length)
    return 0;
  return (tail + length - head) % length;
}

guint
e1000_room (gpointer device)
{
  const E1000 *self = device;
  const E1000State *s = &self->s;
  guint room;

  if (!(s->rctl & RCTL_EN) || !s->link_up)
    return 0;
  room = free_descriptors (self, &s->rx[0]);
  if (self->is_82574 && (s->mrqc & 3) == 1)
    room = MIN (room, free_descriptors (self, &s->rx[1]));
  return (s->rctl & RCTL_LPE) && room > 0 ? MAX (room / 8, 1) : room;
}

/* A legacy descriptor's part of the frame. */
static void
fill_plain (E1000 *self, guint64 at, const guint8 *data, guint size, const Report *report)
{
  AsternDevice *device = &self->parent.parent;
  guint8 d[LEGACY_BYTES];
  guint64 buffer;

  astern_pci_dma_read (device, at, d, sizeof d);
  memcpy (&buffer, d, 8);
  astern_pci_dma_write (device, buffer, data, size);
  if (is_extended (self))
    {
      guint32 words[4] = { report->scaling.type, report->scaling.hash, report->status & ~RXD_PIF, size | (guint32) report->special << 16 };

      if (!(self->s.rxcsum & RXCSUM_PCSD))
        words[1] = (guint32) report->sum << 16;
      words[0] |= (guint32) report->scaling.queue << 8;
      words[2] |= (guint32) report->errors << 24;
      memcpy (d, words, sizeof words);
    }
  else
    {
      const guint16 tail[4] = { (guint16) size, report->sum, (guint16) (report->status | report->errors << 8), report->special };

      memcpy (d + 8, tail, sizeof tail);
    }
  astern_pci_dma_write (device, at, d, sizeof d);
}

/* Nothing is split: the buffers are filled one after the other. */
static void
fill_split (E1000 *self, guint64 at, const guint8 *data, guint size, const Report *report)
{
  AsternDevice *device = &self->parent.parent;
  guint64 buffers[4];
  guint32 words[8] = { 0 };
  guint16 *lengths = (guint16 *) words;

  astern_pci_dma_read (device, at, buffers, sizeof buffers);
  words[0] = report->scaling.type | (guint32) report->scaling.queue << 8;
  words[1] = self->s.rxcsum & RXCSUM_PCSD ? report->scaling.hash : (guint32) report->sum << 16;
  words[2] = (report->status & ~RXD_PIF) | (guint32) report->errors << 24;
  for (guint i = 0; i < 4; i++)
    {
      guint part = MIN (size, split_size (&self->s, i));

      if (part > 0)
        astern_pci_dma_write (device, buffers[i], data, part);
      lengths[i == 0 ? 6 : 8 + i] = (guint16) part;
      data += part;
      size -= part;
    }
  lengths[7] = report->special;
  astern_pci_dma_write (device, at, words, sizeof words);
}

/* FALSE: there are too few descriptors. */
static gboolean
store (E1000 *self, guint queue, const guint8 *frame, guint size, Report *report)
{
  E1000Ring *ring = &self->s.rx[queue];
  guint length = ring_length (self, ring), room = descriptor_room (self), bytes = is_split (self) ? SPLIT_BYTES : LEGACY_BYTES;
  guint8 status = report->status;

  if (room == 0 || free_descriptors (self, ring) < (size + room - 1) / room)
    return FALSE;
  for (guint done = 0; done < size;)
    {
      guint part = MIN (size - done, room);
      guint64 at = e1000_ring_base (ring) + (guint64) ring->head * bytes;

      report->status = RXD_DD | (done + part == size ? status | RXD_EOP : 0);
      if (is_split (self))
        fill_split (self, at, frame + done, part, report);
      else
        fill_plain (self, at, frame + done, part, report);
      done += part;
      ring->head = (ring->head + 1) % length;
    }
  return TRUE;
}

/* ---- statistics ---- */

static const E1000Counters counters = { STAT_PRC64, STAT_GPRC, STAT_TPR, STAT_BPRC, STAT_MPRC, STAT_GORCL, STAT_TORL };

/* ---- frames ---- */

static gboolean
has_tag (const E1000State *s, const guint8 *frame, gsize size)
{
  return (s->ctrl & CTRL_VME) && size >= 18 && net_get16 (frame + 12) == (s->vet & 0xffff);
}

/* @frame has room for a CRC behind it. */
static void
take (E1000 *self, guint8 *frame, gsize size, gboolean inexact)
{
  E1000State *s = &self->s;
  Report report = { .status = inexact ? RXD_PIF : 0 };
  NetHeaders headers;
  guint threshold;
  E1000Ring *ring;

  if (!net_headers_parse (frame, size, &headers))
    headers.version = 0;
  scale (s, frame, &headers, &report.scaling);
  check_sums (s, frame, size, &headers, &report);
  e1000_count (s, &counters, frame, (guint) size + NIC_CRC_BYTES);
  if (!(s->rctl & RCTL_SECRC))
    {
      guint32 crc = net_crc32 (frame, size);

      memcpy (frame + size, &crc, NIC_CRC_BYTES);
      size += NIC_CRC_BYTES;
    }
  if (has_tag (s, frame, size))
    {
      report.special = net_get16 (frame + 14);
      report.status |= RXD_VP;
      memmove (frame + 4, frame, 12);
      frame += 4;
      size -= 4;
    }
  ring = &s->rx[report.scaling.queue];
  if (!store (self, report.scaling.queue, frame, (guint) size, &report))
    {
      s->stats[STAT_MPC]++;
      s->stats[STAT_RNBC]++;
      e1000_cause (self, ICR_RXO);
      return;
    }
  threshold = ring_length (self, ring) >> ((s->rctl >> 8 & 3) + 1);
  e1000_cause_queue (self, ICR_RXT0 | (free_descriptors (self, ring) <= threshold ? ICR_RXDMT0 : 0), FALSE, report.scaling.queue);
}

void
e1000_receive (E1000 *self, const guint8 *frame, gsize size)
{
  E1000State *s = &self->s;
  gsize wire_bytes = MAX (size, (gsize) NET_MIN_FRAME) + NIC_CRC_BYTES;
  gboolean inexact;
  guint8 *copy = self->packet + NET_MAX_SEGMENT;      /* what loops back may still be read from the first half */

  if (!(s->rctl & RCTL_EN) || size < NET_ETHER_HEADER || size > NIC_MAX_FRAME || !accept_address (s, frame, &inexact) ||
      !accept_vlan (s, frame, size))
    return;
  if ((wire_bytes > LONGEST && !(s->rctl & (RCTL_LPE | RCTL_SBP))) || wire_bytes > 16384)
    {
      s->stats[STAT_ROC]++;
      return;
    }
  memmove (copy, frame, size);
  if (size < NET_MIN_FRAME)
    memset (copy + size, 0, NET_MIN_FRAME - size);
  take (self, copy, wire_bytes - NIC_CRC_BYTES, inexact);
}

void
e1000_input (gpointer device, gconstpointer data, gsize size)
{
  E1000 *self = device;

  if (size == NIC_LINK_PACKET_BYTES)
    {
      gboolean up = *(const guint8 *) data != 0;

      self->unplugged = !up;
      if (self->s.link_up != up)
        {
          self->s.link_up = up;
          e1000_cause (self, ICR_LSC);
        }
    }
  else if (self->s.link_up && !e1000_loops_back (self))
    e1000_receive (self, data, size);
}

void
e1000_rdt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;

  if (e1000_room (self) > 0)
    astern_link_has_room (self->link);
}
