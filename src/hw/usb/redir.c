/* redir.c - USB redirection, the guest's end.
 * Source: USB Network Redirection protocol description, version 0.7.
 * Left out: isochronous endpoints, streams, buffered bulk input, filters, 64-bit ids.  Devices of SuperSpeed talk at high speed. */
#include "config.h"

#include "hw/usb/redir.h"

#include <string.h>

#include <glib/gi18n.h>

#define DATA_BYTES   32768          /* of one transfer: as much as a controller asks for at once, or it would look short */
#define RX_BYTES     (DATA_BYTES + 512)
#define TRANSFERS    6
#define EVENTS       16             /* of interrupt endpoints, that wait for the guest */
#define EVENT_BYTES  64

enum
{
  HELLO = 0, DEVICE_CONNECT = 1, DEVICE_DISCONNECT = 2, RESET = 3, EP_INFO = 5, SET_CONFIGURATION = 6, CONFIGURATION_STATUS = 8,
  SET_ALT_SETTING = 9, ALT_SETTING_STATUS = 11, START_INTERRUPT = 15, INTERRUPT_STATUS = 17, DISCONNECT_ACK = 24,
  CONTROL_PACKET = 100, BULK_PACKET = 101, INTERRUPT_PACKET = 103,
};
enum { CAP_CONNECT_VERSION = 1 << 1, CAP_DISCONNECT_ACK = 1 << 3, CAP_EP_MAX_PACKET = 1 << 4, OUR_CAPS = CAP_CONNECT_VERSION | CAP_DISCONNECT_ACK | CAP_EP_MAX_PACKET };
enum { STATUS_SUCCESS = 0, STATUS_STALL = 4, STATUS_BABBLE = 6 };
enum { TYPE_BULK = 2, TYPE_INTERRUPT = 3 };
enum { HEADER = 12, HELLO_BYTES = 68, CONTROL_HEADER = 10, BULK_HEADER = 8, INTERRUPT_HEADER = 4 };
enum { TRANSFER_FREE, TRANSFER_ASKED, TRANSFER_DONE, N_TRANSFER_STATES };

typedef struct
{
  guint32 id, len, pos;
  guint8  endpoint;                 /* with 0x80 for IN */
  guint8  state, status;
  guint8  reserved;
  guint8  data[DATA_BYTES];
} Transfer;

typedef struct
{
  guint8 endpoint, status, len;
  guint8 data[EVENT_BYTES];
  guint8 reserved;
} Event;

typedef struct
{
  UsbState usb;
  Transfer transfers[TRANSFERS];
  Event    events[EVENTS];          /* in order */
  guint8   rx[RX_BYTES];            /* the beginning of a message */
  guint32  rx_len;
  guint32  skip;                    /* bytes of a message that is too long */
  guint32  peer_caps;
  guint32  next_id, control_id;     /* control_id: of the request that is under way; 0: none */
  guint8   ep_types[32];            /* 0..15 OUT, 16..31 IN */
  guint32  receiving;               /* interrupt endpoints that tell by themselves, a bit each as ep_types */
  guint8   n_events;
  guint8   greeted, speed;
  guint8   unplugged;               /* nobody is on the other side */
  guint8   reserved[4];
} RedirState;

typedef struct
{
  UsbDevice   parent;
  RedirState  s;
  AsternLink *link;                 /* borrowed, (nullable) */
  AsternLink *own;                  /* (nullable): the same, of a usb-host's */
} Redir;

static guint16
get16 (const guint8 *bytes)
{
  return (guint16) (bytes[0] | bytes[1] << 8);
}

static guint32
get32 (const guint8 *bytes)
{
  return get16 (bytes) | (guint32) get16 (bytes + 2) << 16;
}

static void
put16 (guint8 *bytes, guint value)
{
  bytes[0] = (guint8) value;
  bytes[1] = (guint8) (value >> 8);
}

static void
put32 (guint8 *bytes, guint32 value)
{
  put16 (bytes, value);
  put16 (bytes + 2, value >> 16);
}

/* ---- to the other side ---- */

static void
send_message (Redir *redir, guint32 type, guint32 id, const guint8 *header, guint header_size, const guint8 *data, guint size)
{
  g_autofree guint8 *message = g_malloc (HEADER + header_size + size);

  put32 (message, type);
  put32 (message + 4, header_size + size);
  put32 (message + 8, id);
  if (header_size > 0)
    memcpy (message + HEADER, header, header_size);
  if (size > 0)
    memcpy (message + HEADER + header_size, data, size);
  astern_link_send (redir->link, message, HEADER + header_size + size);
}

static guint32
new_id (Redir *redir)
{
  return redir->s.next_id = MAX (redir->s.next_id + 1, 1);
}

static void
greet (Redir *redir)
{
  guint8 hello[HELLO_BYTES] = "astern";

  put32 (hello + 64, OUR_CAPS);
  send_message (redir, HELLO, 0, hello, sizeof hello, NULL, 0);
  redir->s.greeted = 1;
}

static gint
redir_control (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  Redir *redir = (Redir *) usb;
  guint8 header[CONTROL_HEADER] = { setup->type & 0x80, setup->request, setup->type };
  guint32 id = new_id (redir);

  redir->s.control_id = id;
  if (setup->type == 0 && setup->request == USB_SET_CONFIGURATION)
    {
      header[0] = (guint8) setup->value;
      send_message (redir, SET_CONFIGURATION, id, header, 1, NULL, 0);
    }
  else if (setup->type == USB_TYPE_INTERFACE && setup->request == USB_SET_INTERFACE)
    {
      header[0] = (guint8) setup->index;
      header[1] = (guint8) setup->value;
      send_message (redir, SET_ALT_SETTING, id, header, 2, NULL, 0);
    }
  else
    {
      put16 (header + 4, setup->value);
      put16 (header + 6, setup->index);
      put16 (header + 8, MIN (setup->length, USB_CONTROL_BYTES));
      send_message (redir, CONTROL_PACKET, id, header, sizeof header, data, setup->type & 0x80 ? 0 : size);
    }
  return USB_CONTROL_LATER;
}

/* ---- packets ---- */

static guint
index_of (guint8 endpoint)
{
  return (endpoint & 15) | (endpoint & 0x80 ? 16 : 0);
}

static Transfer *
transfer_of (RedirState *s, guint8 endpoint)
{
  for (guint i = 0; i < TRANSFERS; i++)
    if (s->transfers[i].state != TRANSFER_FREE && s->transfers[i].endpoint == endpoint)
      return &s->transfers[i];
  return NULL;
}

static UsbResult
result_of (guint8 status)
{
  return status == STATUS_SUCCESS ? USB_ACK : status == STATUS_STALL ? USB_STALL : status == STATUS_BABBLE ? USB_BABBLE : USB_NO_ANSWER;
}

static void
ask (Redir *redir, guint8 endpoint, const UsbPacket *packet)
{
  RedirState *s = &redir->s;
  guint size = MIN (packet->size, DATA_BYTES);
  guint8 header[BULK_HEADER] = { endpoint, 0 };
  gboolean in = (endpoint & 0x80) != 0;

  for (guint i = 0; i < TRANSFERS; i++)
    if (s->transfers[i].state == TRANSFER_FREE)
      {
        Transfer *transfer = &s->transfers[i];

        transfer->id = new_id (redir);
        transfer->endpoint = endpoint;
        transfer->state = TRANSFER_ASKED;
        transfer->len = size;
        transfer->pos = 0;
        put16 (header + 2, size);
        if (s->ep_types[index_of (endpoint)] == TYPE_INTERRUPT)
          send_message (redir, INTERRUPT_PACKET, transfer->id, header, INTERRUPT_HEADER, packet->data, in ? 0 : size);
        else
          send_message (redir, BULK_PACKET, transfer->id, header, BULK_HEADER, packet->data, in ? 0 : size);
        return;
      }
}

/* What was asked for is NAKed until it is there; OUT, the guest offers the same bytes again, and they are gone already. */
static UsbResult
take_transfer (Transfer *transfer, UsbPacket *packet)
{
  UsbResult result = result_of (transfer->status);
  guint n = MIN (packet->size, transfer->len - MIN (transfer->pos, transfer->len));

  if (transfer->state != TRANSFER_DONE)
    return USB_NAK;
  if (result == USB_ACK && packet->token == USB_IN)
    memcpy (packet->data, transfer->data + transfer->pos, n);
  packet->done = n;
  transfer->pos += n;
  if (result != USB_ACK || packet->token == USB_OUT || transfer->pos >= transfer->len)
    transfer->state = TRANSFER_FREE;
  return result;
}

static UsbResult
take_event (Redir *redir, guint8 endpoint, UsbPacket *packet)
{
  RedirState *s = &redir->s;
  guint32 bit = 1u << index_of (endpoint);

  if (!(s->receiving & bit))
    {
      s->receiving |= bit;
      send_message (redir, START_INTERRUPT, new_id (redir), &endpoint, 1, NULL, 0);
    }
  for (guint i = 0; i < s->n_events; i++)
    if (s->events[i].endpoint == endpoint)
      {
        UsbResult result = result_of (s->events[i].status);

        packet->done = MIN (s->events[i].len, packet->size);
        memcpy (packet->data, s->events[i].data, packet->done);
        memmove (&s->events[i], &s->events[i + 1], (s->n_events - i - 1) * sizeof s->events[0]);
        s->n_events--;
        return result;
      }
  return USB_NAK;
}

static UsbResult
redir_packet (UsbDevice *usb, UsbPacket *packet)
{
  Redir *redir = (Redir *) usb;
  guint8 endpoint = (guint8) (packet->endpoint | (packet->token == USB_IN ? 0x80 : 0));
  guint8 type = redir->s.ep_types[index_of (endpoint)];
  Transfer *transfer = transfer_of (&redir->s, endpoint);

  if (type != TYPE_BULK && type != TYPE_INTERRUPT)
    return USB_NO_ANSWER;
  if (type == TYPE_INTERRUPT && packet->token == USB_IN)
    return take_event (redir, endpoint, packet);
  if (transfer != NULL)
    return take_transfer (transfer, packet);
  ask (redir, endpoint, packet);
  return USB_NAK;
}

/* ---- from the other side ---- */

static void
forget (RedirState *s)
{
  for (guint i = 0; i < TRANSFERS; i++)
    s->transfers[i].state = TRANSFER_FREE;
  s->n_events = 0;
  s->receiving = 0;
  s->control_id = 0;
}

static const UsbInfo infos[4];

static void
choose_info (Redir *redir)
{
  redir->parent.info = &infos[redir->s.speed <= USB_HIGH ? redir->s.speed : USB_SUPER];
}

static void
connected (Redir *redir, const guint8 *body, guint size)
{
  if (size < 8 || body[0] > USB_SUPER)
    {
      usb_guest_error (&redir->parent, "a device of a speed that is not there");
      return;
    }
  forget (&redir->s);
  redir->s.speed = MIN (body[0], USB_HIGH);
  choose_info (redir);
  usb_attach (&redir->parent, TRUE);
}

static void
disconnected (Redir *redir)
{
  usb_attach (&redir->parent, FALSE);
  forget (&redir->s);
  memset (redir->s.ep_types, 0, sizeof redir->s.ep_types);
  if (redir->s.peer_caps & CAP_DISCONNECT_ACK)
    send_message (redir, DISCONNECT_ACK, 0, NULL, 0, NULL, 0);
}

/* At high speed endpoint 0 has packets of 64 bytes, and not of two to the ninth. */
static void
slow_down (RedirState *s, guint size)
{
  enum { MAX_PACKET_AT = 7, SUPER_MAX_PACKET = 9, HIGH_MAX_PACKET = 64 };
  const UsbSetup setup = usb_setup_decode (s->usb.setup);

  if (setup.type == USB_TYPE_IN && setup.request == USB_GET_DESCRIPTOR && setup.value >> 8 == USB_DESCRIPTOR_DEVICE
      && size > MAX_PACKET_AT && s->usb.control[MAX_PACKET_AT] == SUPER_MAX_PACKET)
    s->usb.control[MAX_PACKET_AT] = HIGH_MAX_PACKET;
}

static void
control_answer (Redir *redir, guint32 id, guint8 status, const guint8 *data, guint size)
{
  RedirState *s = &redir->s;

  if (id == 0 || id != s->control_id)
    return;
  s->control_id = 0;
  size = MIN (size, USB_CONTROL_BYTES);
  if (status == STATUS_SUCCESS && size > 0)
    memcpy (s->usb.control, data, size);
  slow_down (s, size);
  usb_control_done (&redir->parent, status == STATUS_SUCCESS ? (gint) size : USB_CONTROL_STALL);
}

static void
transfer_answer (Redir *redir, guint32 id, guint8 status, const guint8 *data, guint size)
{
  RedirState *s = &redir->s;

  for (guint i = 0; i < TRANSFERS; i++)
    {
      Transfer *transfer = &s->transfers[i];

      if (transfer->state != TRANSFER_ASKED || transfer->id != id)
        continue;
      transfer->state = TRANSFER_DONE;
      transfer->status = status;
      if (transfer->endpoint & 0x80)
        {
          transfer->len = MIN (size, DATA_BYTES);
          memcpy (transfer->data, data, transfer->len);
        }
      usb_wake (&redir->parent, transfer->endpoint);
      return;
    }
}

static void
interrupt_packet (Redir *redir, guint32 id, const guint8 *body, guint size)
{
  RedirState *s = &redir->s;
  Event *event;

  if (!(body[0] & 0x80))
    {
      transfer_answer (redir, id, body[1], NULL, 0);
      return;
    }
  if (s->n_events == EVENTS)
    return;
  event = &s->events[s->n_events++];
  *event = (Event) { .endpoint = body[0], .status = body[1], .len = (guint8) MIN (size - INTERRUPT_HEADER, EVENT_BYTES) };
  memcpy (event->data, body + INTERRUPT_HEADER, event->len);
  usb_wake (&redir->parent, body[0]);
}

static void
take_message (Redir *redir, guint32 type, guint32 id, const guint8 *body, guint size)
{
  static const struct { guint8 type; guint8 least; } smallest[] = {
    { EP_INFO, 32 }, { CONFIGURATION_STATUS, 2 }, { ALT_SETTING_STATUS, 3 }, { INTERRUPT_STATUS, 2 },
    { CONTROL_PACKET, CONTROL_HEADER }, { BULK_PACKET, BULK_HEADER }, { INTERRUPT_PACKET, INTERRUPT_HEADER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (smallest); i++)
    if (smallest[i].type == type && size < smallest[i].least)
      return;
  switch (type)
    {
    case HELLO:
      redir->s.peer_caps = size >= HELLO_BYTES ? get32 (body + 64) : 0;
      if (!redir->s.greeted)
        greet (redir);
      break;
    case DEVICE_CONNECT:
      connected (redir, body, size);
      break;
    case DEVICE_DISCONNECT:
      disconnected (redir);
      break;
    case EP_INFO:
      memcpy (redir->s.ep_types, body, 32);
      break;
    case CONFIGURATION_STATUS:
      control_answer (redir, id, body[0], NULL, 0);
      break;
    case ALT_SETTING_STATUS:
      control_answer (redir, id, body[0], NULL, 0);
      break;
    case INTERRUPT_STATUS:
      if (body[0] != STATUS_SUCCESS)
        redir->s.receiving &= ~(1u << index_of (body[1]));
      break;
    case CONTROL_PACKET:
      control_answer (redir, id, body[3], body + CONTROL_HEADER, size - CONTROL_HEADER);
      break;
    case BULK_PACKET:
      transfer_answer (redir, id, body[1], body + BULK_HEADER, size - BULK_HEADER);
      break;
    case INTERRUPT_PACKET:
      interrupt_packet (redir, id, body, size);
      break;
    default:
      break;
    }
}

/* A whole message at the start of rx; FALSE: not yet. */
static gboolean
next_message (Redir *redir)
{
  RedirState *s = &redir->s;
  guint32 length;

  if (s->rx_len < HEADER)
    return FALSE;
  length = get32 (s->rx + 4);
  if (length > RX_BYTES - HEADER)
    {
      s->skip = length - MIN (length, s->rx_len - HEADER);
      s->rx_len = 0;
      return FALSE;
    }
  if (s->rx_len < HEADER + length)
    return FALSE;
  take_message (redir, get32 (s->rx), get32 (s->rx + 8), s->rx + HEADER, length);
  s->rx_len -= HEADER + length;
  memmove (s->rx, s->rx + HEADER + length, s->rx_len);
  return TRUE;
}

static void
redir_input (gpointer device, gconstpointer data, gsize size)
{
  Redir *redir = device;
  RedirState *s = &redir->s;
  const guint8 *bytes = data;

  while (size > 0)
    {
      guint n = (guint) MIN (size, s->skip > 0 ? s->skip : RX_BYTES - s->rx_len);

      if (s->skip > 0)
        s->skip -= n;
      else
        {
          memcpy (s->rx + s->rx_len, bytes, n);
          s->rx_len += n;
          while (next_message (redir))
            ;
        }
      bytes += n;
      size -= n;
    }
}

/* Somebody else is on the other side now, or nobody: what was begun is forgotten, and the device is gone. */
static void
link_changed (gpointer device)
{
  Redir *redir = device;
  RedirState *s = &redir->s;

  usb_attach (&redir->parent, FALSE);
  forget (s);
  memset (s->ep_types, 0, sizeof s->ep_types);
  memset (s->rx, 0, sizeof s->rx);
  s->rx_len = s->skip = s->peer_caps = 0;
  s->greeted = 0;
  s->unplugged = !redir->link->connected;
  if (redir->link->connected)
    greet (redir);
}

AsternLink *
usb_redir_link (AsternDevice *device)
{
  return ((Redir *) device)->link;
}

void
usb_redir_connect (AsternDevice *device, AsternLink *link)
{
  ((Redir *) device)->link = link;
  if (link == NULL)
    return;
  astern_link_attach (link, device, redir_input, NULL);
  link->changed = link_changed;
}

/* ---- the device ---- */

static void
redir_bus_reset (UsbDevice *usb)
{
  Redir *redir = (Redir *) usb;

  forget (&redir->s);
  if (redir->s.greeted)
    send_message (redir, RESET, 0, NULL, 0, NULL, 0);
}

#define INFO(its_speeds) \
  { .speeds = its_speeds, .foreign = TRUE, .control = redir_control, .packet = redir_packet, .bus_reset = redir_bus_reset }

/* By the speed of what is connected; the last one: nothing is, and it fits all ports. */
static const UsbInfo infos[4] = {
  INFO (USB_SPEED_BIT (USB_LOW)), INFO (USB_SPEED_BIT (USB_FULL)), INFO (USB_SPEED_BIT (USB_HIGH)),
  INFO (USB_SPEED_BIT (USB_LOW) | USB_SPEED_BIT (USB_FULL) | USB_SPEED_BIT (USB_HIGH)),
};

static void
redir_init (AsternDevice *device)
{
  usb_init (device, &infos[USB_SUPER]);
  ((Redir *) device)->s.speed = USB_SUPER;
}

/* The guest is reset, the device stays where it is. */
static void
redir_reset (AsternDevice *device)
{
  Redir *redir = (Redir *) device;

  usb_reset (device);
  forget (&redir->s);
  redir->s.unplugged = redir->link != NULL && !redir->link->connected;
}

static void
redir_restored (AsternDevice *device)
{
  Redir *redir = (Redir *) device;
  RedirState *s = &redir->s;

  usb_restored (device);
  if (redir->link != NULL)
    redir->link->connected = !s->unplugged;
  s->rx_len = MIN (s->rx_len, RX_BYTES - 1);
  s->n_events = MIN (s->n_events, EVENTS);
  for (guint i = 0; i < EVENTS; i++)
    s->events[i].len = MIN (s->events[i].len, EVENT_BYTES);
  for (guint i = 0; i < TRANSFERS; i++)
    {
      s->transfers[i].len = MIN (s->transfers[i].len, DATA_BYTES);
      if (s->transfers[i].state >= N_TRANSFER_STATES)
        s->transfers[i].state = TRANSFER_FREE;
    }
  choose_info (redir);
}

#define F(member) ASTERN_FIELD (RedirState, member, 1)
static const AsternField fields[] = {
  USB_FIELDS (RedirState, 1), ASTERN_FIELD_BYTES (RedirState, transfers, 1), ASTERN_FIELD_BYTES (RedirState, events, 1),
  ASTERN_FIELD_BYTES (RedirState, rx, 1), F (rx_len), F (skip), F (peer_caps), F (next_id), F (control_id),
  ASTERN_FIELD_BYTES (RedirState, ep_types, 1), F (receiving), F (n_events), F (greeted), F (speed), F (unplugged),
  ASTERN_FIELD_BYTES (RedirState, reserved, 1),
};

static void
redir_finalize (AsternDevice *device)
{
  g_clear_pointer (&((Redir *) device)->own, astern_link_free);
  usb_finalize (device);
}

#define CLASS(its_name, its_summary)                                                             \
  {                                                                                              \
    .name = its_name, .summary = its_summary, .state_version = 1,                                \
    .instance_size = sizeof (Redir),                                                             \
    .state_offset = G_STRUCT_OFFSET (Redir, s), .state_size = sizeof (RedirState),               \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                         \
    .init = redir_init, .reset = redir_reset, .restored = redir_restored, .finalize = redir_finalize, \
  }

const AsternDeviceClass usb_redir_class = CLASS ("usb-redir", "redirected USB device");
const AsternDeviceClass usb_host_class = CLASS ("usb-host", "USB device of this host");

/* ---- the card ---- */

static const AsternProperty properties[] = {
  USB_PROPERTIES,
  { .name = "chardev", .kind = ASTERN_PROPERTY_CHARDEV, .help = N_("the id of a -chardev: where the device is, by the usbredir protocol") },
  { .name = NULL }
};

static gboolean
redir_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternLink *link = astern_settings_link (settings, "chardev");

  if (link == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("A redirected USB device needs “chardev=” and the id of a -chardev."));
      return FALSE;
    }
  usb_configure (device, settings);
  usb_redir_connect (device, link);
  return TRUE;
}

const AsternCard usb_redir_card = {
  .name = "usb-redir", .summary = N_("USB device that comes over a line (usbredir)"), .klass = &usb_redir_class, .kind = ASTERN_CARD_USB,
  .slot = ASTERN_SLOT_USB, .properties = properties, .configure = redir_configure,
};

/* What says which device it is is for those who make the link's other end. */
static const AsternProperty host_properties[] = {
  USB_PROPERTIES,
  { .name = "vendorid", .kind = ASTERN_PROPERTY_NUMBER, .help = N_("its maker's number, as in 0x046d; 0: any") },
  { .name = "productid", .kind = ASTERN_PROPERTY_NUMBER, .help = N_("its product's number; 0: any") },
  { .name = "hostbus", .kind = ASTERN_PROPERTY_NUMBER, .help = N_("the bus of this host that it is on; 0: any") },
  { .name = "hostaddr", .kind = ASTERN_PROPERTY_NUMBER, .help = N_("its address there; 0: any") },
  { .name = "hostport", .kind = ASTERN_PROPERTY_TEXT, .help = N_("the ports that lead to it, as in 1.2") },
  { .name = "hostdevice", .kind = ASTERN_PROPERTY_TEXT, .help = N_("its file, as in /dev/bus/usb/001/005") },
  { .name = NULL }
};

static gboolean
host_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  Redir *redir = (Redir *) device;

  usb_configure (device, settings);
  redir->own = astern_link_new (astern_settings_machine (settings), device->name);
  usb_redir_connect (device, redir->own);
  return TRUE;
}

const AsternCard usb_host_card = {
  .name = "usb-host", .summary = N_("USB device of this host"), .klass = &usb_host_class, .kind = ASTERN_CARD_USB,
  .slot = ASTERN_SLOT_USB, .properties = host_properties, .configure = host_configure,
};
