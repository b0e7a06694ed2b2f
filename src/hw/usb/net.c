/* net.c - USB network adapter.
 * Source: USB Class Definitions for Communications Devices 1.2; ECM subclass 1.2.
 * Left out: filters (all frames are passed on), statistics, several frames in one transfer, notification of
 * speed. */
#include "config.h"

#include "hw/usb/net-private.h"

#include <string.h>

#include <glib/gi18n.h>

enum { STRING_MAC = USB_STRING_MORE };
enum { REQUEST_SEND = 0x00, REQUEST_GET = 0x01, REQUEST_FILTER = 0x43 };

static const guint8 ecm_extra[] = {
  5, USB_DESCRIPTOR_CLASS_INTERFACE, 0x00, 0x10, 0x01,                          /* CDC 1.10 */
  5, USB_DESCRIPTOR_CLASS_INTERFACE, 0x06, 0, 1,                                /* union: interface 0 commands 1 */
  13, USB_DESCRIPTOR_CLASS_INTERFACE, 0x0f, STRING_MAC, 0, 0, 0, 0, 0xea, 0x05, 0, 0, 0,   /* Ethernet: frames of 1514 bytes */
};
static const guint8 rndis_extra[] = {
  5, USB_DESCRIPTOR_CLASS_INTERFACE, 0x00, 0x10, 0x01,
  5, USB_DESCRIPTOR_CLASS_INTERFACE, 0x01, 0, 1,                                /* call management: none */
  4, USB_DESCRIPTOR_CLASS_INTERFACE, 0x02, 0,                                   /* abstract control: nothing */
  5, USB_DESCRIPTOR_CLASS_INTERFACE, 0x06, 0, 1,
};

static const UsbEndpoint notify_endpoints[] = { { 0x81, USB_ENDPOINT_INTERRUPT, 16, 16, 0, 32 } };
static const UsbEndpoint data_endpoints[] = { { 0x82, USB_ENDPOINT_BULK, 64, 512, 0, 0 }, { 0x02, USB_ENDPOINT_BULK, 64, 512, 0, 0 } };

static const UsbInterface ecm_interfaces[] = {
  { 0, 0, 0x02, 0x06, 0x00, 0, ecm_extra, sizeof ecm_extra, notify_endpoints, 1 },
  { 1, 0, 0x0a, 0x00, 0x00, 0, NULL, 0, NULL, 0 },
  { 1, 1, 0x0a, 0x00, 0x00, 0, NULL, 0, data_endpoints, 2 },
};
static const UsbInterface rndis_interfaces[] = {
  { 0, 0, 0x02, 0x02, 0xff, 0, rndis_extra, sizeof rndis_extra, notify_endpoints, 1 },
  { 1, 0, 0x0a, 0x00, 0x00, 0, NULL, 0, data_endpoints, 2 },
};
static const UsbConfiguration configurations[] = {
  { NET_CONFIGURATION_RNDIS, 0xc0, 0, rndis_interfaces, G_N_ELEMENTS (rndis_interfaces) },
  { NET_CONFIGURATION_ECM, 0xc0, 0, ecm_interfaces, G_N_ELEMENTS (ecm_interfaces) },
};

static gboolean
is_rndis (const Net *net)
{
  return net->s.usb.configuration == NET_CONFIGURATION_RNDIS;
}

static guint
packet_size (const Net *net)
{
  return net->s.usb.speed == USB_HIGH ? 512 : 64;
}

/* ---- from the cable ---- */

static guint
first_length (const NetState *s)
{
  return s->queue_len >= 2 ? s->queue[0] | s->queue[1] << 8 : 0;
}

static void
drop_first (NetState *s)
{
  guint n = MIN (2 + first_length (s), s->queue_len);

  memmove (s->queue, s->queue + n, s->queue_len - n);
  s->queue_len -= n;
  s->in_pos = 0;
}

static gboolean
hears (const Net *net)
{
  return is_rndis (net) ? net->s.rndis_running && net->s.filter != 0
         : net->s.usb.configuration == NET_CONFIGURATION_ECM && net->s.usb.alternates[1] == 1;
}

/* At the door: one frame. */
static void
net_input (gpointer device, gconstpointer data, gsize size)
{
  Net *net = device;
  NetState *s = &net->s;

  if (!hears (net) || size < 14 || size > NET_MAX_FRAME || s->queue_len + 2 + size > NET_QUEUE_BYTES)
    return;
  s->queue[s->queue_len] = (guint8) size;
  s->queue[s->queue_len + 1] = (guint8) (size >> 8);
  memcpy (s->queue + s->queue_len + 2, data, size);
  s->queue_len += 2 + (guint) size;
  s->received++;
  usb_wake (&net->parent, 0x82);
}

static guint
net_room (gpointer device)
{
  const Net *net = device;

  return hears (net) ? (NET_QUEUE_BYTES - MIN (net->s.queue_len, NET_QUEUE_BYTES)) / (NET_MAX_FRAME + 2) : NET_QUEUE_BYTES;
}

static void
net_changed (gpointer device)
{
  Net *net = device;

  net->s.told = 0;
  usb_wake (&net->parent, 0x81);
}

/* ---- bulk endpoints ---- */

static UsbResult
bulk_in (Net *net, UsbPacket *packet)
{
  NetState *s = &net->s;
  guint8 header[NET_RNDIS_HEADER];
  guint header_size = is_rndis (net) ? NET_RNDIS_HEADER : 0, length = first_length (s), total = header_size + length, n;

  if (s->zero_packet)
    {
      s->zero_packet = 0;
      return USB_ACK;
    }
  if (s->queue_len < 2)
    return USB_NAK;
  net_rndis_header (header, length);
  n = MIN (packet->size, total - MIN (s->in_pos, total));
  for (guint i = 0; i < n; i++)
    {
      guint at = s->in_pos + i;

      packet->data[i] = at < header_size ? header[at] : s->queue[2 + at - header_size];
    }
  packet->done = n;
  s->in_pos += n;
  if (s->in_pos >= total)
    {
      s->zero_packet = n == packet->size && total % packet_size (net) == 0;
      drop_first (s);
    }
  return USB_ACK;
}

static void
send_out (Net *net)
{
  NetState *s = &net->s;
  guint offset = 0, length = s->out_len;

  if (s->out_bad || s->out_len == 0)
    return;
  if (is_rndis (net) && !net_rndis_frame (s->out, s->out_len, &offset, &length))
    {
      usb_guest_error (&net->parent, "an RNDIS packet that is none");
      return;
    }
  if (length < 14 || length > NET_MAX_FRAME + 1)
    return;
  s->sent++;
  astern_link_send (net->link, s->out + offset, MIN (length, NET_MAX_FRAME));
}

/* A packet that is not full ends a frame; so does an RNDIS message's length. */
static UsbResult
bulk_out (Net *net, UsbPacket *packet)
{
  NetState *s = &net->s;
  gboolean ends = packet->size == 0 || packet->size % packet_size (net) != 0;

  if (packet->size > NET_OUT_BYTES - s->out_len)
    s->out_bad = 1;
  else
    {
      memcpy (s->out + s->out_len, packet->data, packet->size);
      s->out_len += packet->size;
    }
  packet->done = packet->size;
  if (is_rndis (net) && s->out_len >= 8 && net_get32 (s->out + 4) <= s->out_len)
    ends = TRUE;
  if (!ends)
    return USB_ACK;
  send_out (net);
  s->out_len = 0;
  s->out_bad = 0;
  return USB_ACK;
}

/* ECM: whether the cable is in; RNDIS: there is an answer. */
static UsbResult
notify (Net *net, UsbPacket *packet)
{
  NetState *s = &net->s;
  const guint8 available[8] = { 1 };
  const guint8 connection[8] = { 0xa1, 0x00, net_is_connected (net), 0, 0, 0, 0, 0 };
  guint8 news = (guint8) (is_rndis (net) ? (s->replies_len > 0 ? 1 : 0) : 2 + net_is_connected (net));

  if (s->told == news || news == 0)
    {
      s->told = news;
      return USB_NAK;
    }
  if (packet->size < 8)
    return USB_BABBLE;
  memcpy (packet->data, is_rndis (net) ? available : connection, 8);
  packet->done = 8;
  s->told = news;
  return USB_ACK;
}

static UsbResult
net_packet (UsbDevice *usb, UsbPacket *packet)
{
  Net *net = (Net *) usb;

  if (packet->token == USB_OUT)
    return bulk_out (net, packet);
  return packet->endpoint == 1 ? notify (net, packet) : bulk_in (net, packet);
}

/* ---- requests ---- */

static gint
take_reply (Net *net, guint8 *data, guint size)
{
  NetState *s = &net->s;
  guint length = s->replies_len >= 2 ? s->replies[0] | s->replies[1] << 8 : 0;

  if (s->replies_len < 2 || 2 + length > s->replies_len || length > size)
    {
      data[0] = 0;
      s->replies_len = 0;
      return 1;
    }
  memcpy (data, s->replies + 2, length);
  memmove (s->replies, s->replies + 2 + length, s->replies_len - 2 - length);
  s->replies_len -= 2 + length;
  s->told = 0;
  if (s->replies_len > 0)
    usb_wake (&net->parent, 0x81);
  return (gint) length;
}

static gint
net_control (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  Net *net = (Net *) usb;

  if ((setup->type & USB_TYPE_KIND) != USB_TYPE_CLASS || (setup->type & USB_TYPE_TO) != USB_TYPE_INTERFACE)
    return USB_CONTROL_STALL;
  switch (setup->request)
    {
    case REQUEST_SEND:
      return is_rndis (net) && net_rndis_message (net, data, size) ? 0 : USB_CONTROL_STALL;
    case REQUEST_GET:
      return is_rndis (net) ? take_reply (net, data, size) : USB_CONTROL_STALL;
    case REQUEST_FILTER:
      return is_rndis (net) ? USB_CONTROL_STALL : 0;
    default:
      return USB_CONTROL_STALL;
    }
}

static const char *
net_string (UsbDevice *usb, guint8 number)
{
  return number == STRING_MAC ? ((Net *) usb)->mac_text : NULL;
}

static void
forget (Net *net)
{
  NetState *s = &net->s;

  s->queue_len = s->out_len = s->replies_len = s->in_pos = s->filter = 0;
  s->out_bad = s->zero_packet = s->told = s->rndis_running = 0;
}

static void
net_bus_reset (UsbDevice *usb)
{
  Net *net = (Net *) usb;

  forget (net);
  net->s.sent = net->s.received = 0;
}

static void
net_configured (UsbDevice *usb)
{
  forget ((Net *) usb);
}

static const UsbInfo info = {
  .vendor = 0x0525, .product = 0xa4a2, .release = 0x0100, .class_code = 2,
  .speeds = USB_SPEED_BIT (USB_FULL) | USB_SPEED_BIT (USB_HIGH),
  .manufacturer = "Astern", .product_name = "Astern USB Network", .serial = "1",
  .configurations = configurations, .n_configurations = G_N_ELEMENTS (configurations),
  .control = net_control, .packet = net_packet, .bus_reset = net_bus_reset, .configured = net_configured, .string = net_string,
};

/* ---- the device ---- */

static void
set_mac (Net *net, const guint8 mac[6])
{
  static const char digits[] = "0123456789ABCDEF";

  memcpy (net->mac, mac, 6);
  for (guint i = 0; i < 12; i++)
    net->mac_text[i] = digits[mac[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

static void
net_init (AsternDevice *device)
{
  static const guint8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

  usb_init (device, &info);
  set_mac ((Net *) device, mac);
}

void
usb_net_connect (AsternDevice *device, AsternLink *link, const guint8 mac[6])
{
  Net *net = (Net *) device;

  set_mac (net, mac);
  net->link = link;
  if (link == NULL)
    return;
  astern_link_attach (link, device, net_input, net_room);
  link->changed = net_changed;
}

static void
net_reset (AsternDevice *device)
{
  usb_reset (device);
  net_bus_reset ((UsbDevice *) device);
}

/* A queue whose lengths do not fit is no queue. */
static gboolean
is_queue (const guint8 *bytes, guint32 size, guint limit)
{
  guint32 at = 0;

  while (at + 2 <= size && (bytes[at] | bytes[at + 1] << 8) <= (gint) limit)
    at += 2 + (guint32) (bytes[at] | bytes[at + 1] << 8);
  return at == size;
}

static void
net_restored (AsternDevice *device)
{
  NetState *s = &((Net *) device)->s;

  usb_restored (device);
  s->queue_len = MIN (s->queue_len, NET_QUEUE_BYTES);
  s->replies_len = MIN (s->replies_len, NET_REPLY_BYTES);
  s->out_len = MIN (s->out_len, NET_OUT_BYTES);
  if (!is_queue (s->queue, s->queue_len, NET_MAX_FRAME))
    s->queue_len = s->in_pos = 0;
  if (!is_queue (s->replies, s->replies_len, NET_REPLY_BYTES))
    s->replies_len = 0;
}

#define F(member) ASTERN_FIELD (NetState, member, 1)
static const AsternField fields[] = {
  USB_FIELDS (NetState, 1), ASTERN_FIELD_BYTES (NetState, queue, 1), ASTERN_FIELD_BYTES (NetState, out, 1),
  ASTERN_FIELD_BYTES (NetState, replies, 1), F (queue_len), F (out_len), F (replies_len), F (in_pos), F (filter), F (sent),
  F (received), F (out_bad), F (zero_packet), F (told), F (rndis_running),
};

const AsternDeviceClass usb_net_class = {
  .name = "usb-net", .summary = "USB network adapter", .state_version = 1,
  .instance_size = sizeof (Net),
  .state_offset = G_STRUCT_OFFSET (Net, s), .state_size = sizeof (NetState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = net_init, .reset = net_reset, .restored = net_restored, .finalize = usb_finalize,
};

/* ---- the card ---- */

static const AsternProperty properties[] = {
  USB_PROPERTIES,
  { .name = "netdev", .kind = ASTERN_PROPERTY_NETDEV, .help = N_("the id of a -netdev") },
  { .name = "mac", .kind = ASTERN_PROPERTY_MAC, .fallback = "52:54:00:12:34:56", .help = N_("its address") },
  { .name = NULL }
};

static gboolean
net_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  guint8 mac[6];

  usb_configure (device, settings);
  astern_settings_mac (settings, "mac", mac);
  usb_net_connect (device, astern_settings_link (settings, "netdev"), mac);
  return TRUE;
}

const AsternCard usb_net_card = {
  .name = "usb-net", .summary = N_("USB network adapter (CDC Ethernet, RNDIS)"), .klass = &usb_net_class, .kind = ASTERN_CARD_NETWORK,
  .slot = ASTERN_SLOT_USB, .properties = properties, .configure = net_configure,
};
