/* virtio-net.c - network device.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.1.
 * Left out: several pairs of queues, large frames to the guest (GUEST_TSO), UFO, USO, announcements, RSS, coalescing.
 *
 * What the guest gives as one large segment goes out as frames, and checksums that it left out are put in: a link
 * carries plain frames.  What comes from outside is checked here, so that the guest need not. */
#include "config.h"

#include "hw/net/nic.h"
#include "hw/net/offload.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

#define F_CSUM          VIRTIO_BIT (0)
#define F_GUEST_CSUM    VIRTIO_BIT (1)
#define F_MAC           VIRTIO_BIT (5)
#define F_HOST_TSO4     VIRTIO_BIT (11)
#define F_HOST_TSO6     VIRTIO_BIT (12)
#define F_HOST_ECN      VIRTIO_BIT (13)
#define F_MRG_RXBUF     VIRTIO_BIT (15)
#define F_STATUS        VIRTIO_BIT (16)
#define F_CTRL_VQ       VIRTIO_BIT (17)
#define F_CTRL_RX       VIRTIO_BIT (18)
#define F_CTRL_VLAN     VIRTIO_BIT (19)
#define F_CTRL_RX_EXTRA VIRTIO_BIT (20)
#define F_CTRL_MAC_ADDR VIRTIO_BIT (23)

enum { QUEUE_RX, QUEUE_TX, QUEUE_CTRL, N_QUEUES };
enum { HDR_NEEDS_CSUM = 1, HDR_DATA_VALID = 2 };
enum { GSO_NONE = 0, GSO_TCPV4 = 1, GSO_TCPV6 = 4, GSO_ECN = 0x80 };
enum { CTRL_RX = 0, CTRL_MAC = 1, CTRL_VLAN = 2 };
enum { RX_PROMISC, RX_ALLMULTI, RX_ALLUNI, RX_NOMULTI, RX_NOUNI, RX_NOBCAST, N_RX_MODES };
enum { MAC_TABLE_SET = 0, MAC_ADDR_SET = 1 };
enum { VLAN_ADD = 0, VLAN_DEL = 1 };

#define MOST_MACS     64
#define MOST_CHAINS   32                /* that one frame is spread over */
#define MOST_WAITING  64                /* buffers of a packed ring that are counted */
#define CONFIG_BYTES  12

typedef struct
{
  VirtioState virtio;
  VirtioQueue queues[N_QUEUES];
  guint64     dropped;                  /* frames, for want of buffers */
  guint32     vlans[4096 / 32];
  guint8      unicast[MOST_MACS][6], multicast[MOST_MACS][6];
  guint8      n_unicast, n_multicast;   /* MOST_MACS + 1: too many, all of them are taken */
  guint8      mac[6];
  guint8      rx_modes[N_RX_MODES];
  guint8      reserved[2];
} VirtioNetState;

typedef struct
{
  VirtioDevice   parent;
  VirtioNetState s;
  AsternLink    *link;                  /* borrowed; NULL: no cable */
  guint8         factory_mac[6];
  gint           room;                  /* atomic: the hint of room() */
  guint8         frame[NET_MAX_SEGMENT];
} VirtioNet;

typedef struct
{
  guint8  flags, gso_type;
  guint16 gso_size, csum_start, csum_offset;
} NetHeader;

static guint
header_bytes (VirtioDevice *device)
{
  return virtio_has (device, F_MRG_RXBUF | VIRTIO_F_VERSION_1) ? 12 : 10;
}

/* ---- to the outside ---- */

static void
emit (gpointer user, const guint8 *frame, gsize size)
{
  astern_link_send (((VirtioNet *) user)->link, frame, size);
}

static void
send_frame (VirtioNet *self, const NetHeader *header, gsize size)
{
  guint kind = header->gso_type & ~GSO_ECN;
  NetSegmentation how;

  if (kind == GSO_TCPV4 || kind == GSO_TCPV6)
    {
      if (!net_segmentation_find (self->frame, size, header->gso_size, &how) || how.protocol != NET_PROTOCOL_TCP
          || (!net_send_whole (self->link, self->frame, size, &how) && net_segment (self->frame, size, &how, emit, self) == 0))
        virtio_complain (&self->parent, "a frame of %u bytes cannot be cut to %u", (guint) size, header->gso_size);
      return;
    }
  if (kind != GSO_NONE)
    {
      virtio_complain (&self->parent, "a frame is to be cut in way %u", kind);
      return;
    }
  if ((header->flags & HDR_NEEDS_CSUM)
      && (header->csum_start > size
          || !net_checksum_put (self->frame + header->csum_start, size - header->csum_start, header->csum_offset)))
    virtio_complain (&self->parent, "a checksum at %u + %u in %u bytes", header->csum_start, header->csum_offset, (guint) size);
  emit (self, self->frame, size);
}

static void
transmit_chain (VirtioNet *self, const VirtioChain *chain)
{
  VirtioDevice *device = &self->parent;
  guint skipped = header_bytes (device);
  guint8 bytes[12];
  NetHeader header;

  if (chain->out_size < skipped + NET_ETHER_HEADER || chain->out_size - skipped > sizeof self->frame)
    {
      virtio_complain (device, "a frame of %" G_GUINT64_FORMAT " bytes", chain->out_size);
      return;
    }
  virtio_read (device, chain, 0, bytes, sizeof bytes);
  header = (NetHeader) { .flags = bytes[0], .gso_type = bytes[1], .gso_size = (guint16) virtio_get (bytes + 4, 2),
                         .csum_start = (guint16) virtio_get (bytes + 6, 2), .csum_offset = (guint16) virtio_get (bytes + 8, 2) };
  virtio_read (device, chain, skipped, self->frame, (gsize) (chain->out_size - skipped));
  send_frame (self, &header, (gsize) (chain->out_size - skipped));
}

static void
transmit (VirtioNet *self)
{
  VirtioChain chain;

  while (virtio_pop (&self->parent, QUEUE_TX, &chain))
    {
      transmit_chain (self, &chain);
      virtio_push (&self->parent, &chain.ticket, 0);
    }
  virtio_notify (&self->parent, QUEUE_TX);
}

/* ---- from the outside ---- */

static gboolean
is_in (guint8 macs[][6], guint n, const guint8 *mac)
{
  if (n > MOST_MACS)
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (memcmp (macs[i], mac, 6) == 0)
      return TRUE;
  return FALSE;
}

/* Whether the driver wants it (section 5.1.6.5). */
static gboolean
is_wanted (VirtioNet *self, const guint8 *frame, gsize size)
{
  static const guint8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
  VirtioNetState *s = &self->s;

  if (virtio_has (&self->parent, F_CTRL_VLAN) && size >= 18 && net_get16 (frame + 12) == NET_ETHERTYPE_VLAN)
    {
      guint vlan = net_get16 (frame + 14) & 0xfff;

      if (!(s->vlans[vlan / 32] >> vlan % 32 & 1))
        return FALSE;
    }
  if (s->rx_modes[RX_PROMISC])
    return TRUE;
  if (memcmp (frame, broadcast, 6) == 0)
    return !s->rx_modes[RX_NOBCAST];
  if (frame[0] & 1)
    return !s->rx_modes[RX_NOMULTI] && (s->rx_modes[RX_ALLMULTI] || is_in (s->multicast, s->n_multicast, frame));
  return !s->rx_modes[RX_NOUNI]
         && (s->rx_modes[RX_ALLUNI] || memcmp (frame, s->mac, 6) == 0 || is_in (s->unicast, s->n_unicast, frame));
}

/* TRUE: the checksums in it were looked at, and are right. */
static gboolean
is_checked (const guint8 *frame, gsize size)
{
  NetHeaders headers;

  return net_headers_parse (frame, size, &headers) && headers.l4 != 0 && !headers.fragment
         && net_checksum_ip_ok (frame, &headers) && net_checksum_l4_ok (frame, &headers);
}

static void
update_room (VirtioNet *self)
{
  guint room = virtio_is_live (&self->parent) ? virtio_waiting (&self->parent, QUEUE_RX, MOST_WAITING) : MOST_WAITING;

  g_atomic_int_set (&self->room, (gint) room);
  if (room > 0)
    astern_link_has_room (self->link);
}

/* Spreads header and frame over as many chains as it takes; gives back those it took if they do not suffice. */
static gboolean
receive (VirtioNet *self, const guint8 *frame, gsize size)
{
  VirtioDevice *device = &self->parent;
  gboolean mergeable = virtio_has (device, F_MRG_RXBUF);
  guint skipped = header_bytes (device), n = 0;
  VirtioTicket tickets[MOST_CHAINS];
  guint32 written[MOST_CHAINS];
  VirtioChain first, next;
  guint8 header[12] = { 0 };
  gsize done = 0;

  if (!virtio_pop (device, QUEUE_RX, &first))
    return FALSE;
  header[0] = virtio_has (device, F_GUEST_CSUM) && is_checked (frame, size) ? HDR_DATA_VALID : 0;
  virtio_write (device, &first, 0, header, skipped);
  done = virtio_write (device, &first, skipped, frame, size);
  tickets[n] = first.ticket;
  written[n++] = (guint32) (skipped + done);
  while (done < size && mergeable && n < MOST_CHAINS && virtio_pop (device, QUEUE_RX, &next))
    {
      gsize more = virtio_write (device, &next, 0, frame + done, size - done);

      tickets[n] = next.ticket;
      written[n++] = (guint32) more;
      done += more;
    }
  if (done < size)
    {
      while (n-- > 0)
        virtio_unpop (device, &tickets[n]);
      return FALSE;
    }
  if (skipped == 12)
    {
      virtio_put (header + 10, 2, n);
      virtio_write (device, &first, 10, header + 10, 2);
    }
  for (guint i = 0; i < n; i++)
    virtio_push (device, &tickets[i], written[i]);
  virtio_notify (device, QUEUE_RX);
  return TRUE;
}

static void
frame_came (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioNet *self = receiver;

  if (size == NIC_LINK_PACKET_BYTES)
    {
      self->link->connected = *(const guint8 *) data != 0;
      virtio_config_changed (&self->parent);
      return;
    }
  if (!virtio_is_live (&self->parent) || size < NET_ETHER_HEADER || size > NET_MAX_SEGMENT || !is_wanted (self, data, size))
    return;
  if (!receive (self, data, size))
    self->s.dropped++;
  virtio_listen (&self->parent, QUEUE_RX);
  update_room (self);
}

static guint
room (gpointer device)
{
  return (guint) g_atomic_int_get (&((VirtioNet *) device)->room);
}

/* ---- the control queue ---- */

/* One of MAC_TABLE_SET's two tables, at @offset; moves @offset behind it. */
static gboolean
read_macs (VirtioNet *self, const VirtioChain *chain, guint64 *offset, guint8 macs[][6], guint8 *n)
{
  guint8 bytes[4];
  guint64 count;

  if (virtio_read (&self->parent, chain, *offset, bytes, 4) != 4)
    return FALSE;
  count = virtio_get (bytes, 4);
  *offset += 4;
  if (count * 6 > chain->out_size - *offset)
    return FALSE;
  *n = (guint8) MIN (count, MOST_MACS + 1);
  memset (macs, 0, MOST_MACS * 6);
  if (count <= MOST_MACS)
    virtio_read (&self->parent, chain, *offset, macs, (gsize) count * 6);
  *offset += count * 6;
  return TRUE;
}

static gboolean
set_mac (VirtioNet *self, const VirtioChain *chain, guint command)
{
  VirtioNetState *s = &self->s;
  guint64 offset = 2;

  if (command == MAC_TABLE_SET)
    return read_macs (self, chain, &offset, s->unicast, &s->n_unicast) && read_macs (self, chain, &offset, s->multicast, &s->n_multicast);
  if (command != MAC_ADDR_SET || chain->out_size < 8)
    return FALSE;
  virtio_read (&self->parent, chain, 2, s->mac, 6);
  return TRUE;
}

static gboolean
set_vlan (VirtioNet *self, const VirtioChain *chain, guint command)
{
  guint8 bytes[2];
  guint vlan;

  if (virtio_read (&self->parent, chain, 2, bytes, 2) != 2 || command > VLAN_DEL || (vlan = (guint) virtio_get (bytes, 2)) >= 4096)
    return FALSE;
  if (command == VLAN_ADD)
    self->s.vlans[vlan / 32] |= 1u << vlan % 32;
  else
    self->s.vlans[vlan / 32] &= ~(1u << vlan % 32);
  return TRUE;
}

static gboolean
obey (VirtioNet *self, const VirtioChain *chain)
{
  guint8 bytes[3];

  if (virtio_read (&self->parent, chain, 0, bytes, 3) != 3)
    return FALSE;
  switch (bytes[0])
    {
    case CTRL_RX:
      if (bytes[1] >= N_RX_MODES)
        return FALSE;
      self->s.rx_modes[bytes[1]] = bytes[2] != 0;
      return TRUE;
    case CTRL_MAC:
      return set_mac (self, chain, bytes[1]);
    case CTRL_VLAN:
      return set_vlan (self, chain, bytes[1]);
    default:
      return FALSE;
    }
}

static void
control (VirtioNet *self)
{
  VirtioChain chain;

  while (virtio_pop (&self->parent, QUEUE_CTRL, &chain))
    {
      guint8 failed = !obey (self, &chain);

      virtio_push (&self->parent, &chain.ticket, (guint32) virtio_write (&self->parent, &chain, 0, &failed, 1));
    }
  virtio_notify (&self->parent, QUEUE_CTRL);
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioNet *self = (VirtioNet *) device;

  if (queue == QUEUE_TX)
    transmit (self);
  else if (queue == QUEUE_CTRL)
    control (self);
  else
    update_room (self);
}

static void
net_reset (VirtioDevice *device)
{
  VirtioNet *self = (VirtioNet *) device;
  VirtioNetState *s = &self->s;

  memset ((guint8 *) s + G_STRUCT_OFFSET (VirtioNetState, dropped), 0, sizeof *s - G_STRUCT_OFFSET (VirtioNetState, dropped));
  s->rx_modes[RX_PROMISC] = 1;
  memcpy (s->mac, self->factory_mac, 6);
  update_room (self);
}

static void
status_changed (VirtioDevice *device)
{
  update_room ((VirtioNet *) device);
}

static void
queue_reset (VirtioDevice *device, guint queue)
{
  update_room ((VirtioNet *) device);
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  VirtioNet *self = (VirtioNet *) device;

  memcpy (config, self->s.mac, 6);
  virtio_put (config + 6, 2, self->link == NULL || self->link->connected ? 1 : 0);
  virtio_put (config + 8, 2, 1);                /* pairs of queues */
  virtio_put (config + 10, 2, 1500);
}

/* The legacy interface alone lets the driver write its address here. */
static void
config_written (VirtioDevice *device, guint offset, guint size, const guint8 *config)
{
  VirtioNet *self = (VirtioNet *) device;

  if (!virtio_has (device, VIRTIO_F_VERSION_1))
    memcpy (self->s.mac, config, 6);
}

static const VirtioType type = {
  .name = "virtio-net", .id = VIRTIO_ID_NET, .pci_legacy_id = 0x1000, .pci_class = 0x020000,
  .n_queues = N_QUEUES, .queue_size = 256, .config_size = CONFIG_BYTES,
  .features = F_CSUM | F_GUEST_CSUM | F_MAC | F_HOST_TSO4 | F_HOST_TSO6 | F_HOST_ECN | F_MRG_RXBUF | F_STATUS | F_CTRL_VQ
              | F_CTRL_RX | F_CTRL_VLAN | F_CTRL_RX_EXTRA | F_CTRL_MAC_ADDR,
  .read_config = read_config, .config_written = config_written, .notified = notified, .reset = net_reset,
  .queue_reset = queue_reset, .status_changed = status_changed,
};

static void
init (AsternDevice *device)
{
  virtio_init (device, &type);
}

static void
restored (AsternDevice *device)
{
  update_room ((VirtioNet *) device);
}

#define F(member)     ASTERN_FIELD (VirtioNetState, member, 1)
#define BYTES(member) ASTERN_FIELD_BYTES (VirtioNetState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioNetState, 1), VIRTIO_QUEUE_FIELDS (VirtioNetState, 0, 1), VIRTIO_QUEUE_FIELDS (VirtioNetState, 1, 1),
  VIRTIO_QUEUE_FIELDS (VirtioNetState, 2, 1),
  F (dropped), ASTERN_FIELD_ARRAY (VirtioNetState, vlans, 1), BYTES (unicast), BYTES (multicast), F (n_unicast),
  F (n_multicast), BYTES (mac), BYTES (rx_modes), BYTES (reserved),
};

const AsternDeviceClass virtio_net_class = {
  .name = "virtio-net", .summary = "virtio network device", .state_version = 1,
  .instance_size = sizeof (VirtioNet),
  .state_offset = G_STRUCT_OFFSET (VirtioNet, s), .state_size = sizeof (VirtioNetState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset, .restored = restored,
};

/* ---- card ---- */

const AsternDeviceClass virtio_net_pci_class = VIRTIO_PCI_CLASS ("virtio-net-pci", "virtio network device on PCI");
const AsternDeviceClass virtio_net_device_class = VIRTIO_MMIO_CLASS ("virtio-net-device", "virtio network device on MMIO");

static void
link_changed (gpointer device)
{
  virtio_config_changed (device);
}

void
virtio_net_connect (VirtioDevice *device, AsternLink *link, const guint8 mac[6])
{
  VirtioNet *self = (VirtioNet *) device;

  memcpy (self->factory_mac, mac, 6);
  memcpy (self->s.mac, mac, 6);
  self->link = link;
  if (link == NULL)
    return;
  astern_link_attach (link, self, frame_came, room);
  link->changed = link_changed;
}

/* On every transport. */
#define NET_PROPERTIES                                                                           \
  { "netdev",    ASTERN_PROPERTY_NETDEV, NULL,                N_("The network that it is on") }, \
  { "mac",       ASTERN_PROPERTY_MAC,    "52:54:00:12:34:56", N_("Its address") }

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  NET_PROPERTIES,
  { "romfile",   ASTERN_PROPERTY_ROM,    "efi-virtio.rom",    N_("The file with its boot ROM") },
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL,                N_("Its place in the order of booting") },
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  NET_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  VirtioDevice *virtio = virtio_configure (device, settings, &virtio_net_class, error);
  guint8 mac[6];

  if (virtio == NULL)
    return FALSE;
  astern_settings_mac (settings, "mac", mac);
  virtio_net_connect (virtio, astern_settings_link (settings, "netdev"), mac);
  return TRUE;
}

const AsternCard virtio_net_pci_card = {
  .name = "virtio-net-pci", .alias = "virtio-net", .summary = N_("virtio network device"), .klass = &virtio_net_pci_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_net_device_card = {
  .name = "virtio-net-device", .summary = N_("virtio network device without a bus (MMIO)"), .klass = &virtio_net_device_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties,
  .configure = configure,
};
