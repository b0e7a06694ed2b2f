/* usb-list.c - see usb-list.h.
 * Source: libusb's documentation. */
#include "config.h"

#include "host/usb/usb-list.h"

#include <glib/gi18n.h>

#define MAX_DEPTH 7             /* of hubs */

/* “1.2”; free it. */
static char *
port_of (libusb_device *device)
{
  guint8 numbers[MAX_DEPTH];
  GString *text = g_string_new (NULL);
  int n = libusb_get_port_numbers (device, numbers, sizeof numbers);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "." : "", numbers[i]);
  return g_string_free (text, FALSE);
}

static gboolean
fits (libusb_device *device, const AsternUsbFilter *filter)
{
  struct libusb_device_descriptor descriptor;
  g_autofree char *port = port_of (device);

  return libusb_get_device_descriptor (device, &descriptor) == LIBUSB_SUCCESS && descriptor.bDeviceClass != LIBUSB_CLASS_HUB &&
         (filter->vendor == 0 || filter->vendor == descriptor.idVendor) &&
         (filter->product == 0 || filter->product == descriptor.idProduct) &&
         (filter->bus == 0 || filter->bus == libusb_get_bus_number (device)) &&
         (filter->address == 0 || filter->address == libusb_get_device_address (device)) &&
         (filter->port == NULL || g_str_equal (filter->port, port));
}

libusb_device *
astern_usb_find (libusb_context *context, const AsternUsbFilter *filter, gboolean (*taken) (gpointer user, libusb_device *device), gpointer user)
{
  libusb_device **list = NULL, *found = NULL;
  gssize n = libusb_get_device_list (context, &list);

  for (gssize i = 0; i < n && found == NULL; i++)
    if (fits (list[i], filter) && !taken (user, list[i]))
      found = libusb_ref_device (list[i]);
  if (list != NULL)
    libusb_free_device_list (list, 1);
  return found;
}

char *
astern_usb_describe (libusb_device *device)
{
  struct libusb_device_descriptor descriptor = { 0 };

  libusb_get_device_descriptor (device, &descriptor);
  /* Translators: maker's and product's number of a USB device, and where it is plugged in */
  return g_strdup_printf (_("%04x:%04x (bus %u, device %u)"), descriptor.idVendor, descriptor.idProduct, libusb_get_bus_number (device),
                          libusb_get_device_address (device));
}

char *
astern_usb_node (libusb_device *device)
{
  return g_strdup_printf ("/dev/bus/usb/%03u/%03u", libusb_get_bus_number (device), libusb_get_device_address (device));
}

/* ---- for people ---- */

static const char *
speed_of (libusb_device *device)
{
  switch (libusb_get_device_speed (device))
    {
    case LIBUSB_SPEED_LOW:        return "1.5";
    case LIBUSB_SPEED_FULL:       return "12";
    case LIBUSB_SPEED_HIGH:       return "480";
    case LIBUSB_SPEED_SUPER:      return "5000";
    case LIBUSB_SPEED_SUPER_PLUS: return "10000";
    default:                      return "?";
    }
}

/* Its name, when it may be asked for it. */
static char *
product_of (libusb_device *device, guint8 index)
{
  libusb_device_handle *handle = NULL;
  guint8 name[128] = { 0 };
  int n = 0;

  if (index != 0 && libusb_open (device, &handle) == LIBUSB_SUCCESS)
    {
      n = libusb_get_string_descriptor_ascii (handle, index, name, sizeof name - 1);
      libusb_close (handle);
    }
  return n > 0 ? g_utf8_make_valid ((const char *) name, n) : g_strdup ("");
}

char *
astern_usb_host_list (GError **error)
{
  GString *text;
  libusb_context *context = NULL;
  libusb_device **list = NULL;
  int failed = libusb_init (&context);
  gssize n;

  if (failed != LIBUSB_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This host's USB cannot be used: %s."), libusb_strerror (failed));
      return NULL;
    }
  text = g_string_new (NULL);
  n = libusb_get_device_list (context, &list);
  for (gssize i = 0; i < n; i++)
    {
      struct libusb_device_descriptor descriptor = { 0 };
      g_autofree char *port = port_of (list[i]), *product = NULL;

      libusb_get_device_descriptor (list[i], &descriptor);
      if (descriptor.bDeviceClass == LIBUSB_CLASS_HUB)
        continue;
      product = product_of (list[i], descriptor.iProduct);
      g_string_append_printf (text, "  Bus %u, Addr %u, Port %s, Speed %s Mb/s\n    Class %02x: USB device %04x:%04x%s%s\n",
                              libusb_get_bus_number (list[i]), libusb_get_device_address (list[i]), port, speed_of (list[i]),
                              descriptor.bDeviceClass, descriptor.idVendor, descriptor.idProduct, *product != '\0' ? ", " : "", product);
    }
  if (list != NULL)
    libusb_free_device_list (list, 1);
  libusb_exit (context);
  return g_string_free (text, FALSE);
}
