/* fuzz-usb-device - a USB device: control requests, packets, what comes over its line.
 *
 * An input: a byte that chooses the device; then packets: a byte of token and endpoint, a length, data. */
#include "config.h"

#include "../hw/usb/bus-fixture.h"
#include "hw/drive.h"
#include "hw/usb/hid.h"
#include "hw/usb/hub.h"
#include "hw/usb/net.h"
#include "hw/usb/serial.h"
#include "hw/usb/storage.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const AsternDeviceClass *const classes[] = {
  &usb_kbd_class, &usb_mouse_class, &usb_tablet_class, &usb_hub_class, &usb_storage_class, &usb_serial_class, &usb_net_class,
};

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memset (data, 0x5a, size);
  return TRUE;
}

static void
person (UsbDevice *usb, const guint8 *data, gsize size)
{
  const AsternDeviceClass *klass = usb->parent.klass;

  if (klass == &usb_kbd_class)
    usb_kbd_input (usb, data, size);
  else if (klass == &usb_mouse_class)
    usb_mouse_input (usb, data, size);
  else if (klass == &usb_tablet_class)
    usb_tablet_input (usb, data, size);
}

static gsize
do_packet (Bus *bus, AsternLink *link, const guint8 *data, gsize size)
{
  UsbDevice *usb = bus->port.device;
  guint what = data[0] & 7, endpoint = data[0] >> 3 & 3, length = size > 1 ? data[1] : 0;
  guint room = data[0] & 0x80 ? 2048 : 64;
  g_autofree guint8 *bytes = g_malloc0 (MAX (room, 256));

  length = (guint) MIN (length, size - MIN (size, 2));
  if (length > 0)
    memcpy (bytes, data + 2, length);
  switch (what)
    {
    case 0:
      usb_do (usb, USB_OUT, (guint8) endpoint, bytes, length, NULL);
      break;
    case 1:
      usb_do (usb, USB_IN, (guint8) endpoint, bytes, room, NULL);
      return 1;
    case 2:
      usb_do (usb, USB_SETUP, 0, bytes, 8, NULL);
      break;
    case 3:                     /* a whole request; its data are what follows the eight bytes */
      usb_control (usb, bytes[0], bytes[1], (guint16) (bytes[2] | bytes[3] << 8), (guint16) (bytes[4] | bytes[5] << 8), bytes + 8,
                   (guint16) MIN (bytes[6], 200));
      break;
    case 4:
      if (link->device != NULL)
        link->input (link->device, bytes, length);
      else
        person (usb, bytes, length);
      break;
    case 5:
      bus_pass (bus, 1000000);
      return 1;
    case 6:
      usb_enumerate (usb, USB_FULL, usb->info->configurations[endpoint % usb->info->n_configurations].value);
      return 1;
    default:
      usb_do (usb, USB_IN, (guint8) endpoint, bytes, length, NULL);
      break;
    }
  return 2 + length;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 mac[6] = { 2, 0, 0, 0, 0, 1 };
  const AsternDiskImage image = { .size = 1 << 20, .read = image_read };
  AsternDisk *disk = NULL;
  AsternLink *link;
  UsbDevice *usb;
  Bus bus = { 0 };

  if (size < 1)
    return 0;
  bus_set_up (&bus);
  usb = bus_add_device (&bus, classes[data[0] % G_N_ELEMENTS (classes)], "device");
  link = astern_link_new (NULL, "line");
  if (usb->parent.klass == &usb_serial_class)
    usb_serial_connect (&usb->parent, link);
  else if (usb->parent.klass == &usb_net_class)
    usb_net_connect (&usb->parent, link, mac);
  else if (usb->parent.klass == &usb_storage_class)
    {
      AsternDevice *drive = bus_add (&bus, &drive_class, "drive");

      disk = astern_disk_new (bus.machine, "disk", &image, TRUE, NULL);
      drive_insert (drive, drive_add_medium (drive, disk));
      usb_storage_set_drive (&usb->parent, drive, TRUE);
    }
  usb_enumerate (usb, USB_FULL, usb->info->configurations[0].value);
  for (gsize at = 1; at < size;)
    at += do_packet (&bus, link, data + at, size - at);
  astern_link_free (link);
  g_clear_pointer (&disk, astern_disk_free);
  bus_tear_down (&bus);
  return 0;
}
