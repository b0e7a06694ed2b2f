/* serial.c - USB serial adapter.
 * Source: FTDI, FT232BM data sheet 1.8, and what the drivers of free systems say of its requests.
 * Left out: the EEPROM (all zeros), flow control, break, errors, the event character, the latency timer: bytes
 * are told as soon as they are there. */
#include "config.h"

#include "hw/usb/serial.h"

#include <string.h>

#include <glib/gi18n.h>

#define BUFFER     1024       /* a power of two */
#define PACKET     64         /* each begins with two bytes of status */
#define STATUS     2

enum { FTDI_RESET = 0, FTDI_MODEM = 1, FTDI_FLOW = 2, FTDI_BAUD = 3, FTDI_DATA = 4, FTDI_GET_MODEM = 5, FTDI_EVENT = 6, FTDI_ERROR = 7,
       FTDI_SET_LATENCY = 9, FTDI_GET_LATENCY = 10, FTDI_READ_EEPROM = 0x90 };
enum { MODEM_READY = 1 << 0, MODEM_CTS = 1 << 4, MODEM_DSR = 1 << 5, MODEM_DCD = 1 << 7 };
enum { LINE_EMPTY = 3 << 5 };

typedef struct
{
  UsbState usb;
  guint8   buffer[BUFFER];    /* a ring: what came in */
  guint16  start, len;
  guint16  divisor, format;   /* of BAUD and DATA */
  guint8   latency_ms;
  guint8   control;           /* DTR, RTS */
  guint8   told;              /* the modem's lines, as they were last told */
  guint8   reserved[5];
} SerialState;

typedef struct
{
  UsbDevice   parent;
  SerialState s;
  AsternLink *link;           /* borrowed, (nullable) */
} Serial;

static const UsbEndpoint endpoints[] = {
  { 0x81, USB_ENDPOINT_BULK, PACKET, PACKET, 0, 0 },
  { 0x02, USB_ENDPOINT_BULK, PACKET, PACKET, 0, 0 },
};
static const UsbInterface interfaces[] = { { 0, 0, 0xff, 0xff, 0xff, 0, NULL, 0, endpoints, G_N_ELEMENTS (endpoints) } };
static const UsbConfiguration configuration = { 1, 0x80, 50, interfaces, 1 };

static guint8
modem_lines (Serial *serial)
{
  return MODEM_READY | (serial->link != NULL && serial->link->connected ? MODEM_CTS | MODEM_DSR | MODEM_DCD : 0);
}

/* ---- the line ---- */

/* At the door. */
static void
serial_input (gpointer device, gconstpointer data, gsize size)
{
  Serial *serial = device;
  SerialState *s = &serial->s;
  const guint8 *bytes = data;

  if (s->usb.configuration == 0)
    return;
  for (; size > 0 && s->len < BUFFER; size--)
    s->buffer[(s->start + s->len++) % BUFFER] = *bytes++;
  usb_wake (&serial->parent, 0x81);
}

static guint
serial_room (gpointer device)
{
  return BUFFER - MIN (((Serial *) device)->s.len, BUFFER);
}

static void
serial_changed (gpointer device)
{
  usb_wake (&((Serial *) device)->parent, 0x81);
}

void
usb_serial_connect (AsternDevice *device, AsternLink *link)
{
  Serial *serial = (Serial *) device;

  serial->link = link;
  if (link == NULL)
    return;
  astern_link_attach (link, device, serial_input, serial_room);
  link->changed = serial_changed;
}

/* ---- packets ---- */

static UsbResult
serial_packet (UsbDevice *usb, UsbPacket *packet)
{
  Serial *serial = (Serial *) usb;
  SerialState *s = &serial->s;
  guint8 lines = modem_lines (serial);
  guint at = 0;

  if (packet->token == USB_OUT)
    {
      astern_link_send (serial->link, packet->data, packet->size);
      packet->done = packet->size;
      return USB_ACK;
    }
  if (s->len == 0 && s->told == lines)
    return USB_NAK;
  do
    {
      guint n = MIN (MIN (packet->size - at, PACKET) - MIN (STATUS, packet->size - at), s->len);

      if (packet->size - at < STATUS)
        break;
      packet->data[at] = lines;
      packet->data[at + 1] = LINE_EMPTY;
      at += STATUS;
      for (guint i = 0; i < n; i++)
        packet->data[at++] = s->buffer[(s->start + i) % BUFFER];
      s->start = (s->start + n) % BUFFER;
      s->len = (guint16) (s->len - n);
    }
  while (s->len > 0 && at % PACKET == 0 && at < packet->size);
  s->told = lines;
  packet->done = at;
  return USB_ACK;
}

/* ---- requests ---- */

static gint
serial_control (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  Serial *serial = (Serial *) usb;
  SerialState *s = &serial->s;

  if ((setup->type & USB_TYPE_KIND) != USB_TYPE_VENDOR)
    return USB_CONTROL_STALL;
  switch (setup->request)
    {
    case FTDI_RESET:
      if (setup->value <= 1)
        s->start = s->len = 0;
      return 0;
    case FTDI_MODEM:
      /* The upper byte says which of DTR and RTS are meant. */
      s->control = (guint8) ((s->control & ~(setup->value >> 8)) | (setup->value & setup->value >> 8 & 3));
      return 0;
    case FTDI_BAUD:
      s->divisor = setup->value;
      return 0;
    case FTDI_DATA:
      s->format = setup->value;
      return 0;
    case FTDI_FLOW:
    case FTDI_EVENT:
    case FTDI_ERROR:
      return 0;
    case FTDI_GET_MODEM:
      data[0] = modem_lines (serial);
      data[1] = LINE_EMPTY;
      return 2;
    case FTDI_SET_LATENCY:
      s->latency_ms = (guint8) setup->value;
      return 0;
    case FTDI_GET_LATENCY:
      data[0] = s->latency_ms;
      return 1;
    case FTDI_READ_EEPROM:
      data[0] = data[1] = 0;
      return 2;
    default:
      return USB_CONTROL_STALL;
    }
}

static void
serial_bus_reset (UsbDevice *usb)
{
  SerialState *s = &((Serial *) usb)->s;

  s->start = s->len = s->divisor = 0;
  s->format = 8;
  s->latency_ms = 16;
  s->control = s->told = 0;
}

static const UsbInfo info = {
  .vendor = 0x0403, .product = 0x6001, .release = 0x0400, .speeds = USB_SPEED_BIT (USB_FULL),
  .manufacturer = "Astern", .product_name = "Astern USB Serial", .serial = "1",
  .configurations = &configuration, .n_configurations = 1,
  .control = serial_control, .packet = serial_packet, .bus_reset = serial_bus_reset,
};

/* ---- the device ---- */

static void
serial_init (AsternDevice *device)
{
  usb_init (device, &info);
}

static void
serial_reset (AsternDevice *device)
{
  usb_reset (device);
  serial_bus_reset ((UsbDevice *) device);
}

static void
serial_restored (AsternDevice *device)
{
  SerialState *s = &((Serial *) device)->s;

  usb_restored (device);
  s->start %= BUFFER;
  s->len = MIN (s->len, BUFFER);
}

#define F(member) ASTERN_FIELD (SerialState, member, 1)
static const AsternField fields[] = {
  USB_FIELDS (SerialState, 1), ASTERN_FIELD_BYTES (SerialState, buffer, 1), F (start), F (len), F (divisor), F (format),
  F (latency_ms), F (control), F (told), ASTERN_FIELD_BYTES (SerialState, reserved, 1),
};

const AsternDeviceClass usb_serial_class = {
  .name = "usb-serial", .summary = "USB serial adapter", .state_version = 1,
  .instance_size = sizeof (Serial),
  .state_offset = G_STRUCT_OFFSET (Serial, s), .state_size = sizeof (SerialState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = serial_init, .reset = serial_reset, .restored = serial_restored, .finalize = usb_finalize,
};

/* ---- the card ---- */

static const AsternProperty properties[] = {
  USB_PROPERTIES,
  { .name = "chardev", .kind = ASTERN_PROPERTY_CHARDEV, .help = N_("the id of a -chardev: its line") },
  { .name = NULL }
};

static gboolean
serial_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  usb_configure (device, settings);
  usb_serial_connect (device, astern_settings_link (settings, "chardev"));
  return TRUE;
}

const AsternCard usb_serial_card = {
  .name = "usb-serial", .summary = N_("USB serial adapter (FTDI)"), .klass = &usb_serial_class, .kind = ASTERN_CARD_CHARACTER,
  .slot = ASTERN_SLOT_USB, .properties = properties, .configure = serial_configure,
};
