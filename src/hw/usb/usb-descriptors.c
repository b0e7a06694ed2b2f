/* usb-descriptors.c - descriptors, made of a device's tables.
 * Source: Universal Serial Bus Specification 2.0, section 9.6; 3.0, section 9.6.
 * Left out: interface association, other capabilities than those that every device must have. */
#include "config.h"

#include "hw/usb/usb.h"

#include <string.h>

/* What is written beyond the end is counted and dropped. */
typedef struct
{
  guint8 *data;
  guint   room, len;
} Writer;

static void
put8 (Writer *writer, guint8 value)
{
  if (writer->len < writer->room)
    writer->data[writer->len] = value;
  writer->len++;
}

static void
put16 (Writer *writer, guint16 value)
{
  put8 (writer, (guint8) value);
  put8 (writer, (guint8) (value >> 8));
}

static void
put_bytes (Writer *writer, const guint8 *bytes, guint n)
{
  for (guint i = 0; i < n; i++)
    put8 (writer, bytes[i]);
}

static void
patch16 (Writer *writer, guint at, guint16 value)
{
  if (at + 2 <= writer->room)
    {
      writer->data[at] = (guint8) value;
      writer->data[at + 1] = (guint8) (value >> 8);
    }
}

static gboolean
can (UsbDevice *usb, UsbSpeed speed)
{
  return (usb->info->speeds & USB_SPEED_BIT (speed)) != 0;
}

static void
device_descriptor (UsbDevice *usb, UsbSpeed speed, Writer *writer)
{
  const UsbInfo *info = usb->info;

  put8 (writer, 18);
  put8 (writer, USB_DESCRIPTOR_DEVICE);
  put16 (writer, speed == USB_SUPER ? 0x0300 : can (usb, USB_HIGH) ? 0x0200 : 0x0110);
  put8 (writer, info->class_code);
  put8 (writer, info->subclass);
  put8 (writer, info->protocol);
  put8 (writer, speed == USB_SUPER ? 9 : speed == USB_LOW ? 8 : 64);
  put16 (writer, info->vendor);
  put16 (writer, info->product);
  put16 (writer, info->release);
  put8 (writer, info->manufacturer != NULL ? USB_STRING_MANUFACTURER : 0);
  put8 (writer, info->product_name != NULL ? USB_STRING_PRODUCT : 0);
  put8 (writer, usb->serial != NULL || info->serial != NULL ? USB_STRING_SERIAL : 0);
  put8 (writer, (guint8) info->n_configurations);
}

static void
qualifier_descriptor (UsbDevice *usb, Writer *writer)
{
  const UsbInfo *info = usb->info;

  put8 (writer, 10);
  put8 (writer, USB_DESCRIPTOR_QUALIFIER);
  put16 (writer, 0x0200);
  put8 (writer, info->class_code);
  put8 (writer, info->subclass);
  put8 (writer, info->protocol);
  put8 (writer, 64);
  put8 (writer, (guint8) info->n_configurations);
  put8 (writer, 0);
}

/* In frames at full speed, as an exponent of micro-frames beyond. */
static guint8
interval (const UsbEndpoint *endpoint, UsbSpeed speed)
{
  guint8 exponent = 1;

  if (endpoint->attributes != USB_ENDPOINT_INTERRUPT)
    return 0;
  if (speed <= USB_FULL)
    return endpoint->interval_ms;
  while (1u << (exponent - 1) < endpoint->interval_ms * 8u)
    exponent++;
  return exponent;
}

static void
endpoint_descriptor (const UsbEndpoint *endpoint, UsbSpeed speed, Writer *writer)
{
  guint16 largest = speed == USB_SUPER ? endpoint->super : speed == USB_HIGH ? endpoint->high : endpoint->full;

  put8 (writer, 7);
  put8 (writer, USB_DESCRIPTOR_ENDPOINT);
  put8 (writer, endpoint->address);
  put8 (writer, endpoint->attributes);
  put16 (writer, largest);
  put8 (writer, interval (endpoint, speed));
  if (speed == USB_SUPER)
    {
      put8 (writer, 6);
      put8 (writer, USB_DESCRIPTOR_COMPANION);
      put8 (writer, endpoint->attributes == USB_ENDPOINT_BULK ? 15 : 0);     /* packets in a burst, less one */
      put8 (writer, 0);
      put16 (writer, endpoint->attributes == USB_ENDPOINT_INTERRUPT ? largest : 0);
    }
}

static guint8
count_interfaces (const UsbConfiguration *configuration)
{
  guint8 n = 0;

  for (guint i = 0; i < configuration->n_interfaces; i++)
    n += configuration->interfaces[i].alternate == 0;
  return n;
}

static void
configuration_descriptor (const UsbConfiguration *configuration, guint8 type, UsbSpeed speed, Writer *writer)
{
  put8 (writer, 9);
  put8 (writer, type);
  put16 (writer, 0);            /* all of it: see below */
  put8 (writer, count_interfaces (configuration));
  put8 (writer, configuration->value);
  put8 (writer, 0);
  put8 (writer, configuration->attributes);
  put8 (writer, speed == USB_SUPER ? configuration->power / 4 : configuration->power);
  for (guint i = 0; i < configuration->n_interfaces; i++)
    {
      const UsbInterface *interface = &configuration->interfaces[i];

      put8 (writer, 9);
      put8 (writer, USB_DESCRIPTOR_INTERFACE);
      put8 (writer, interface->number);
      put8 (writer, interface->alternate);
      put8 (writer, (guint8) interface->n_endpoints);
      put8 (writer, interface->class_code);
      put8 (writer, interface->subclass);
      put8 (writer, interface->protocol);
      put8 (writer, interface->string);
      put_bytes (writer, interface->extra, interface->extra_size);
      for (guint e = 0; e < interface->n_endpoints; e++)
        endpoint_descriptor (&interface->endpoints[e], speed, writer);
    }
  patch16 (writer, 2, (guint16) writer->len);
}

static void
bos_descriptor (UsbDevice *usb, Writer *writer)
{
  guint16 speeds = (guint16) ((can (usb, USB_FULL) ? 2 : 0) | (can (usb, USB_HIGH) ? 4 : 0) | 8);

  put8 (writer, 5);
  put8 (writer, USB_DESCRIPTOR_BOS);
  put16 (writer, 5 + 7 + 10);
  put8 (writer, 2);

  put8 (writer, 7);             /* USB 2.0 extension: no link power management */
  put8 (writer, USB_DESCRIPTOR_CAPABILITY);
  put8 (writer, 2);
  put16 (writer, 0);
  put16 (writer, 0);

  put8 (writer, 10);            /* SuperSpeed */
  put8 (writer, USB_DESCRIPTOR_CAPABILITY);
  put8 (writer, 3);
  put8 (writer, 0);
  put16 (writer, speeds);
  put8 (writer, can (usb, USB_FULL) ? 1 : can (usb, USB_HIGH) ? 2 : 3);
  put8 (writer, 0);
  put16 (writer, 0);
}

static const char *
string_of (UsbDevice *usb, guint8 number)
{
  const UsbInfo *info = usb->info;

  switch (number)
    {
    case USB_STRING_MANUFACTURER:
      return info->manufacturer;
    case USB_STRING_PRODUCT:
      return info->product_name;
    case USB_STRING_SERIAL:
      return usb->serial != NULL ? usb->serial : info->serial;
    default:
      for (guint i = 0; info->strings != NULL && info->strings[i] != NULL; i++)
        if (number == USB_STRING_MORE + i)
          return info->strings[i];
      return info->string != NULL ? info->string (usb, number) : NULL;
    }
}

static gboolean
string_descriptor (UsbDevice *usb, guint8 number, Writer *writer)
{
  const char *text = string_of (usb, number);
  guint n = text != NULL ? (guint) MIN (strlen (text), 126) : 1;

  if (number != 0 && text == NULL)
    return FALSE;
  put8 (writer, (guint8) (2 + 2 * n));
  put8 (writer, USB_DESCRIPTOR_STRING);
  if (number == 0)
    put16 (writer, 0x0409);     /* English */
  else
    for (guint i = 0; i < n; i++)
      put16 (writer, (guint8) text[i]);
  return TRUE;
}

static UsbSpeed
other_speed (UsbSpeed speed)
{
  return speed == USB_HIGH ? USB_FULL : USB_HIGH;
}

/* The value is a descriptor's type and its number. */
gint
usb_descriptor (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  Writer writer = { data, size, 0 };
  guint8 type = (guint8) (setup->value >> 8), number = (guint8) setup->value;
  UsbSpeed speed = (UsbSpeed) usb_state (usb)->speed;
  gboolean two_speeds = can (usb, USB_HIGH) && can (usb, USB_FULL) && speed < USB_SUPER;

  switch (type)
    {
    case USB_DESCRIPTOR_DEVICE:
      device_descriptor (usb, speed, &writer);
      break;
    case USB_DESCRIPTOR_CONFIGURATION:
    case USB_DESCRIPTOR_OTHER_SPEED:
      if (number >= usb->info->n_configurations || (type == USB_DESCRIPTOR_OTHER_SPEED && !two_speeds))
        return USB_CONTROL_STALL;
      configuration_descriptor (&usb->info->configurations[number], type,
                                type == USB_DESCRIPTOR_OTHER_SPEED ? other_speed (speed) : speed, &writer);
      break;
    case USB_DESCRIPTOR_STRING:
      if (!string_descriptor (usb, number, &writer))
        return USB_CONTROL_STALL;
      break;
    case USB_DESCRIPTOR_QUALIFIER:
      if (!two_speeds)
        return USB_CONTROL_STALL;
      qualifier_descriptor (usb, &writer);
      break;
    case USB_DESCRIPTOR_BOS:
      if (!can (usb, USB_SUPER))
        return USB_CONTROL_STALL;
      bos_descriptor (usb, &writer);
      break;
    default:
      return USB_CONTROL_STALL;
    }
  return (gint) MIN (writer.len, size);
}
