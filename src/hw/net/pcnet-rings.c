/* pcnet-rings.c - initialization block and descriptors of AMD's PCnet-PCI II.
 * Source: AMD Am79C970A data sheet, "Initialization block" and "Descriptor rings".
 * Left out: polling without being told to (TDMD), look-ahead packet processing, collisions. */
#include "config.h"

#include "hw/net/pcnet-private.h"

#include <string.h>

/* Bits of a descriptor's second word, from its highest on. */
enum
{
  OWN = 1 << 15, ERR = 1 << 14, STP = 1 << 9, ENP = 1 << 8,
  RX_BUFF = 1 << 10, RX_PAM = 1 << 6, RX_LAFM = 1 << 5, RX_BAM = 1 << 4,
};

#define LONGEST 1518
#define TX_MOST 4096
#define MOST_DESCRIPTORS 64     /* of a frame */
#define MOST_WAITING     16     /* frames */

typedef struct
{
  guint32 address;
  guint16 flags;          /* the upper half of the second word; of 16-bit descriptors its upper byte */
  guint   size;           /* of the buffer */
  guint8  raw[16];
} Descriptor;

static guint
style (const Pcnet *self)
{
  return self->s.bcr[BCR_STYLE] & 0xff;
}

static guint32
pair (const guint16 *low)
{
  return low[0] | (guint32) low[1] << 16;
}

/* ---- the initialization block ---- */

static void
set_ring (PcnetState *s, guint base, guint length, guint count, guint32 address, guint log)
{
  guint n = 1u << MIN (log, 9u);

  s->csr[base] = (guint16) address;
  s->csr[base + 1] = (guint16) (address >> 16);
  s->csr[length] = (guint16) -n;
  s->csr[count] = (guint16) -n;
}

void
pcnet_initialize (Pcnet *self)
{
  PcnetState *s = &self->s;
  guint8 block[28];
  guint32 rings[2];
  gboolean wide = style (self) != 0;
  guint address_at = wide ? 4 : 2, filter_at = wide ? 12 : 8;

  astern_pci_dma_read (&self->parent.parent, pair (&s->csr[CSR_IADR]) & (wide ? ~0u : 0xffffffu), block, wide ? 28 : 24);
  memcpy (&s->csr[CSR_MODE], block, 2);
  memcpy (&s->csr[CSR_PADR], block + address_at, 6);
  memcpy (&s->csr[CSR_LADRF], block + filter_at, 8);
  memcpy (rings, block + filter_at + 8, 8);
  set_ring (s, CSR_RX_BASE, CSR_RX_LENGTH, CSR_RX_COUNT, wide ? rings[0] : rings[0] & 0xfffff8, wide ? block[2] >> 4 : rings[0] >> 29);
  set_ring (s, CSR_TX_BASE, CSR_TX_LENGTH, CSR_TX_COUNT, wide ? rings[1] : rings[1] & 0xfffff8, wide ? block[3] >> 4 : rings[1] >> 29);
  pcnet_raise (self, CSR0_IDON);
}

/* ---- descriptors ---- */

/* Counters are negative and count up to -1; zero would be 65536. */
static guint
ring_length (const PcnetState *s, guint length)
{
  guint n = (guint16) -s->csr[length];

  return CLAMP (n, 1, 512);
}

static guint32
descriptor_address (const Pcnet *self, guint base, guint length, guint count)
{
  const PcnetState *s = &self->s;
  guint n = ring_length (s, length), left = (guint16) -s->csr[count];

  return pair (&s->csr[base]) + (n - CLAMP (left, 1, n)) * (style (self) == 0 ? 8 : 16);
}

static void
next (PcnetState *s, guint length, guint count)
{
  guint left = (guint16) -s->csr[count];

  s->csr[count] = left <= 1 || left > ring_length (s, length) ? (guint16) -ring_length (s, length) : (guint16) -(left - 1);
}

static gboolean
fetch (Pcnet *self, guint32 at, Descriptor *d)
{
  guint32 words[4];
  guint16 halves[4];

  if (!astern_pci_dma_read (&self->parent.parent, at, d->raw, style (self) == 0 ? 8 : 16))
    return FALSE;
  memcpy (words, d->raw, 16);
  memcpy (halves, d->raw, 8);
  if (style (self) == 0)
    {
      d->address = halves[0] | (guint32) (halves[1] & 0xff) << 16;
      d->flags = halves[1] & 0xff00;
      d->size = 4096u - (halves[2] & 0xfff);
    }
  else
    {
      d->address = style (self) == 3 ? words[2] : words[0];
      d->flags = (guint16) (words[1] >> 16);
      d->size = 4096u - (words[1] & 0xfff);
    }
  return (d->flags & OWN) != 0;
}

/* Gives it back; @message: bytes of the frame that ended in it. */
static void
give_back (Pcnet *self, guint32 at, Descriptor *d, guint message)
{
  guint32 words[4];
  guint16 halves[4];

  memcpy (words, d->raw, 16);
  memcpy (halves, d->raw, 8);
  if (style (self) == 0)
    {
      halves[1] = (guint16) ((halves[1] & 0xff) | (d->flags & 0xff00));
      halves[3] = (guint16) message;
      /* The owner's bit last, as on a bus with others. */
      astern_pci_dma_write (&self->parent.parent, at + 6, &halves[3], 2);
      astern_pci_dma_write (&self->parent.parent, at + 2, &halves[1], 2);
      return;
    }
  words[1] = (words[1] & 0xffff) | (guint32) d->flags << 16;
  words[style (self) == 3 ? 0 : 2] = message;
  if (style (self) == 3)
    astern_pci_dma_write (&self->parent.parent, at, &words[0], 4);
  else
    astern_pci_dma_write (&self->parent.parent, at + 8, &words[2], 4);
  astern_pci_dma_write (&self->parent.parent, at + 4, &words[1], 4);
}

/* ---- receiving ---- */

static gboolean
accept_address (const PcnetState *s, const guint8 *address, guint16 *why)
{
  guint hash = nic_hash_low (address);

  *why = 0;
  if (nic_is_broadcast (address))
    {
      *why = RX_BAM;
      return !(s->csr[CSR_MODE] & MODE_DRCVBC) || (s->csr[CSR_MODE] & MODE_PROM);
    }
  if (!(address[0] & 1) && !(s->csr[CSR_MODE] & MODE_DRCVPA) && memcmp (address, &s->csr[CSR_PADR], 6) == 0)
    *why = RX_PAM;
  else if ((address[0] & 1) && (s->csr[CSR_LADRF + hash / 16] >> (hash % 16) & 1))
    *why = RX_LAFM;
  return *why != 0 || (s->csr[CSR_MODE] & MODE_PROM);
}

static void
store (Pcnet *self, const guint8 *frame, guint size, guint16 why)
{
  PcnetState *s = &self->s;
  guint16 flags = STP | why;

  for (guint done = 0; done < size;)
    {
      guint32 at = descriptor_address (self, CSR_RX_BASE, CSR_RX_LENGTH, CSR_RX_COUNT);
      Descriptor d;
      guint part;

      if (!fetch (self, at, &d))
        {
          s->csr[CSR_MISSED]++;
          pcnet_raise (self, CSR0_MISS);
          return;
        }
      part = MIN (size - done, d.size);
      astern_pci_dma_write (&self->parent.parent, d.address, frame + done, part);
      done += part;
      d.flags = flags | (done == size ? ENP : 0);
      give_back (self, at, &d, done == size ? size : 0);
      flags = 0;
      next (s, CSR_RX_LENGTH, CSR_RX_COUNT);
    }
  pcnet_raise (self, CSR0_RINT);
}

static void
receive (Pcnet *self, const guint8 *frame, gsize size)
{
  PcnetState *s = &self->s;
  guint8 copy[LONGEST + NIC_CRC_BYTES];
  guint16 why;
  guint32 crc;

  if (!(s->csr[0] & CSR0_RXON) || size < NET_ETHER_HEADER || size > LONGEST || !accept_address (s, frame, &why))
    return;
  memcpy (copy, frame, size);
  if (size < NET_MIN_FRAME)
    {
      memset (copy + size, 0, NET_MIN_FRAME - size);
      size = NET_MIN_FRAME;
    }
  crc = net_crc32 (copy, size);
  memcpy (copy + size, &crc, NIC_CRC_BYTES);
  store (self, copy, (guint) size + NIC_CRC_BYTES, why);
}

guint
pcnet_room (gpointer device)
{
  return (guint) g_atomic_int_get (&((Pcnet *) device)->room);
}

void
pcnet_look_for_room (Pcnet *self)
{
  PcnetState *s = &self->s;
  guint16 count = s->csr[CSR_RX_COUNT];
  guint room = 0;
  Descriptor d;

  while ((s->csr[0] & CSR0_RXON) && s->link_up && room < MOST_WAITING &&
         fetch (self, descriptor_address (self, CSR_RX_BASE, CSR_RX_LENGTH, CSR_RX_COUNT), &d))
    {
      room++;
      next (s, CSR_RX_LENGTH, CSR_RX_COUNT);
      if (s->csr[CSR_RX_COUNT] == count)
        break;
    }
  s->csr[CSR_RX_COUNT] = count;
  g_atomic_int_set (&self->room, (gint) room);
  if (room > 0)
    astern_link_has_room (self->link);
}

void
pcnet_input (gpointer device, gconstpointer data, gsize size)
{
  Pcnet *self = device;

  if (size == NIC_LINK_PACKET_BYTES)
    {
      self->s.link_up = *(const guint8 *) data != 0;
      self->unplugged = !self->s.link_up;
    }
  else if (self->s.link_up && !(self->s.csr[CSR_MODE] & MODE_LOOP))
    receive (self, data, size);
  pcnet_look_for_room (self);
}

/* ---- transmitting ---- */

static void
send (Pcnet *self, const guint8 *frame, guint size)
{
  if (size < NET_ETHER_HEADER)
    pcnet_guest_error (self, "a packet that is too short");
  else if (self->s.csr[CSR_MODE] & MODE_LOOP)
    receive (self, frame, size);
  else if (self->s.link_up)
    astern_link_send (self->link, frame, size);
}

/* One frame; FALSE: there is none that is whole. */
static gboolean
transmit_one (Pcnet *self)
{
  PcnetState *s = &self->s;
  guint16 start = s->csr[CSR_TX_COUNT];
  guint8 frame[TX_MOST];
  guint size = 0, n = 0;
  Descriptor d = { 0 };

  /* Its last descriptor is looked for first, so that nothing is fetched twice. */
  while (fetch (self, descriptor_address (self, CSR_TX_BASE, CSR_TX_LENGTH, CSR_TX_COUNT), &d) && ++n < MOST_DESCRIPTORS && !(d.flags & ENP))
    next (s, CSR_TX_LENGTH, CSR_TX_COUNT);
  s->csr[CSR_TX_COUNT] = start;
  if (!(d.flags & OWN) || n == 0)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      guint32 at = descriptor_address (self, CSR_TX_BASE, CSR_TX_LENGTH, CSR_TX_COUNT);

      fetch (self, at, &d);
      if (size + d.size <= sizeof frame)
        astern_pci_dma_read (&self->parent.parent, d.address, frame + size, d.size);
      size += d.size;
      d.flags &= (guint16) ~(OWN | ERR);
      give_back (self, at, &d, 0);
      next (s, CSR_TX_LENGTH, CSR_TX_COUNT);
    }
  if (size <= sizeof frame)
    send (self, frame, size);
  else
    pcnet_guest_error (self, "a packet that is too long");
  pcnet_raise (self, CSR0_TINT);
  return TRUE;
}

void
pcnet_transmit (Pcnet *self)
{
  for (guint left = 512; left > 0 && (self->s.csr[0] & CSR0_TXON) && transmit_one (self); left--)
    ;
}
