/* hub.c - a USB 1.1 hub.
 * Source: Universal Serial Bus Specification 2.0, chapter 11.
 * Left out: power switching and over-current, suspend, transaction translators: all is of full or low speed. */
#include "config.h"

#include "hw/usb/hub.h"

#include <string.h>

#include <glib/gi18n.h>

enum { PORT_CONNECTION = 1 << 0, PORT_ENABLE = 1 << 1, PORT_SUSPEND = 1 << 2, PORT_RESET = 1 << 4, PORT_POWER = 1 << 8,
       PORT_LOW_SPEED = 1 << 9 };
enum { FEATURE_ENABLE = 1, FEATURE_SUSPEND = 2, FEATURE_RESET = 4, FEATURE_POWER = 8, FEATURE_CHANGES = 16 };
enum { CHANGE_CONNECTION = 1 << 0, CHANGE_ENABLE = 1 << 1, CHANGE_SUSPEND = 1 << 2, CHANGE_RESET = 1 << 4, CHANGE_ALL = 0x1f };

typedef struct
{
  UsbState usb;
  guint16  status[USB_HUB_PORTS], change[USB_HUB_PORTS];
} HubState;

typedef struct
{
  UsbDevice parent;
  HubState  s;
  UsbPort   ports[USB_HUB_PORTS];
} Hub;

static const UsbEndpoint endpoints[] = { { 0x81, USB_ENDPOINT_INTERRUPT, 2, 2, 0, 128 } };
static const UsbInterface interfaces[] = { { .number = 0, .class_code = 9, .endpoints = endpoints, .n_endpoints = 1 } };
static const UsbConfiguration configuration = { 1, 0xe0, 0, interfaces, 1 };

/* Nine bytes and two bit masks of nine bits: all can be taken out, all have power at once. */
static const guint8 descriptor[] = { 11, USB_DESCRIPTOR_HUB, USB_HUB_PORTS, 0x0a, 0x00, 0x01, 0x00, 0x00, 0x00, 0xff, 0xff };

/* ---- ports ---- */

static UsbPort *
upstream (Hub *hub)
{
  UsbPort *port = hub->parent.port;

  return port != NULL && port->released ? port->companion : port;
}

static void
port_changed (UsbPort *port)
{
  Hub *hub = port->owner;
  guint16 *status = &hub->s.status[port->number], before = *status;
  UsbDevice *usb = usb_port_device (port);

  *status &= (guint16) ~(PORT_CONNECTION | PORT_LOW_SPEED);
  if (usb != NULL && (*status & PORT_POWER))
    *status |= (guint16) (PORT_CONNECTION | (usb_port_speed (port) == USB_LOW ? PORT_LOW_SPEED : 0));
  else
    *status &= (guint16) ~PORT_ENABLE;
  if ((before ^ *status) & PORT_CONNECTION)
    {
      hub->s.change[port->number] |= CHANGE_CONNECTION;
      usb_wake (&hub->parent, 0x81);
    }
}

static gboolean
port_enabled (UsbPort *port)
{
  return (((Hub *) port->owner)->s.status[port->number] & PORT_ENABLE) != 0;
}

static void
port_wake (UsbPort *port, UsbDevice *usb, guint8 address)
{
  UsbPort *up = upstream (port->owner);

  if (up != NULL && up->ops->wake != NULL)
    up->ops->wake (up, usb, address);
}

static const UsbPortOps port_ops = { .changed = port_changed, .wake = port_wake, .enabled = port_enabled };

UsbPort *
usb_hub_ports (UsbDevice *usb, guint *n)
{
  *n = USB_HUB_PORTS;
  return ((Hub *) usb)->ports;
}

static void
reset_port (Hub *hub, guint n)
{
  UsbDevice *usb = usb_port_device (&hub->ports[n]);

  if (usb == NULL || !(hub->s.status[n] & PORT_CONNECTION))
    return;
  usb_bus_reset (usb, usb_port_speed (&hub->ports[n]));
  hub->s.status[n] = (guint16) ((hub->s.status[n] & ~PORT_SUSPEND) | PORT_ENABLE);
  hub->s.change[n] |= CHANGE_RESET;
  usb_wake (&hub->parent, 0x81);
}

static gint
set_port_feature (Hub *hub, guint feature, guint n)
{
  switch (feature)
    {
    case FEATURE_RESET:
      reset_port (hub, n);
      return 0;
    case FEATURE_SUSPEND:
      hub->s.status[n] |= PORT_SUSPEND;
      return 0;
    case FEATURE_POWER:
      hub->s.status[n] |= PORT_POWER;
      port_changed (&hub->ports[n]);
      return 0;
    default:
      return USB_CONTROL_STALL;
    }
}

static gint
clear_port_feature (Hub *hub, guint feature, guint n)
{
  switch (feature)
    {
    case FEATURE_ENABLE:
      hub->s.status[n] &= (guint16) ~PORT_ENABLE;
      return 0;
    case FEATURE_SUSPEND:
      if (hub->s.status[n] & PORT_SUSPEND)
        hub->s.change[n] |= CHANGE_SUSPEND;
      hub->s.status[n] &= (guint16) ~PORT_SUSPEND;
      return 0;
    case FEATURE_POWER:
      hub->s.status[n] = 0;
      return 0;
    default:
      if (feature < FEATURE_CHANGES || feature >= FEATURE_CHANGES + 5)
        return USB_CONTROL_STALL;
      hub->s.change[n] &= (guint16) ~(1u << (feature - FEATURE_CHANGES));
      return 0;
    }
}

/* ---- requests ---- */

static gint
get_port_status (Hub *hub, guint n, guint8 *data)
{
  data[0] = (guint8) hub->s.status[n];
  data[1] = (guint8) (hub->s.status[n] >> 8);
  data[2] = (guint8) hub->s.change[n];
  data[3] = (guint8) (hub->s.change[n] >> 8);
  return 4;
}

static gint
hub_control (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  Hub *hub = (Hub *) usb;
  gboolean to_port = (setup->type & USB_TYPE_TO) == USB_TYPE_OTHER;
  guint n = (setup->index & 0xff) - 1u;

  if ((setup->type & USB_TYPE_KIND) != USB_TYPE_CLASS || (to_port && n >= USB_HUB_PORTS))
    return USB_CONTROL_STALL;
  switch (setup->request)
    {
    case USB_GET_STATUS:
      memset (data, 0, 4);
      return to_port ? get_port_status (hub, n, data) : 4;
    case USB_SET_FEATURE:
      return to_port ? set_port_feature (hub, setup->value, n) : 0;
    case USB_CLEAR_FEATURE:
      return to_port ? clear_port_feature (hub, setup->value, n) : 0;
    case USB_GET_DESCRIPTOR:
      memcpy (data, descriptor, MIN (sizeof descriptor, size));
      return sizeof descriptor;
    default:
      return USB_CONTROL_STALL;
    }
}

static UsbResult
hub_packet (UsbDevice *usb, UsbPacket *packet)
{
  Hub *hub = (Hub *) usb;
  guint changed = 0;

  for (guint i = 0; i < USB_HUB_PORTS; i++)
    if (hub->s.change[i] & CHANGE_ALL)
      changed |= 2u << i;
  if (changed == 0)
    return USB_NAK;
  if (packet->size < 2)
    return USB_BABBLE;
  packet->data[0] = (guint8) changed;
  packet->data[1] = (guint8) (changed >> 8);
  packet->done = 2;
  return USB_ACK;
}

/* Without power nothing is seen. */
static void
hub_bus_reset (UsbDevice *usb)
{
  Hub *hub = (Hub *) usb;

  memset (hub->s.status, 0, sizeof hub->s.status);
  memset (hub->s.change, 0, sizeof hub->s.change);
}

static const UsbInfo info = {
  .vendor = 0x0409, .product = 0x55aa, .release = 0x0101, .class_code = 9,
  .speeds = USB_SPEED_BIT (USB_FULL), .manufacturer = "Astern", .product_name = "Astern USB Hub", .serial = "1",
  .configurations = &configuration, .n_configurations = 1,
  .control = hub_control, .packet = hub_packet, .bus_reset = hub_bus_reset, .ports = usb_hub_ports,
};

/* ---- the device ---- */

static void
hub_init (AsternDevice *device)
{
  Hub *hub = (Hub *) device;

  usb_init (device, &info);
  for (guint i = 0; i < USB_HUB_PORTS; i++)
    hub->ports[i] = (UsbPort) { .owner = hub, .ops = &port_ops, .number = i,
                                .speeds = USB_SPEED_BIT (USB_LOW) | USB_SPEED_BIT (USB_FULL) };
}

static void
hub_reset (AsternDevice *device)
{
  usb_reset (device);
  hub_bus_reset ((UsbDevice *) device);
}

static const AsternField fields[] = {
  USB_FIELDS (HubState, 1), ASTERN_FIELD_ARRAY (HubState, status, 1), ASTERN_FIELD_ARRAY (HubState, change, 1),
};

const AsternDeviceClass usb_hub_class = {
  .name = "usb-hub", .summary = "USB hub", .state_version = 1,
  .instance_size = sizeof (Hub),
  .state_offset = G_STRUCT_OFFSET (Hub, s), .state_size = sizeof (HubState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = hub_init, .reset = hub_reset, .restored = usb_restored, .finalize = usb_finalize,
};

/* ---- the card ---- */

static const AsternProperty properties[] = { USB_PROPERTIES, { .name = NULL } };

static gboolean
hub_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  usb_configure (device, settings);
  return TRUE;
}

static gboolean
hub_plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return usb_plug (((Hub *) device)->ports, USB_HUB_PORTS, child, astern_settings_text (settings, "port"), error);
}

const AsternCard usb_hub_card = {
  .name = "usb-hub", .summary = N_("USB hub of eight ports"), .klass = &usb_hub_class, .kind = ASTERN_CARD_USB,
  .slot = ASTERN_SLOT_USB, .offers = ASTERN_SLOT_USB, .properties = properties, .configure = hub_configure, .plug = hub_plug,
};
