/* What all USB devices have: control transfers, standard requests, descriptors, ports. */
#include "config.h"

#include "bus-fixture.h"
#include "hw/usb/hid.h"
#include "hw/usb/hub.h"
#include "hw/usb/net.h"
#include "hw/usb/serial.h"
#include "hw/usb/storage.h"

static const AsternDeviceClass *const classes[] = {
  &usb_kbd_class, &usb_mouse_class, &usb_tablet_class, &usb_hub_class, &usb_storage_class, &usb_serial_class, &usb_net_class,
};

static void
set_up (Bus *bus, gconstpointer data)
{
  bus_set_up (bus);
  bus_add_device (bus, data, "device");
}

static void
tear_down (Bus *bus, gconstpointer data)
{
  bus_tear_down (bus);
}

static gint
descriptor (UsbDevice *usb, guint8 type, guint8 number, guint8 *data, guint16 size)
{
  return usb_control (usb, 0x80, USB_GET_DESCRIPTOR, (guint16) (type << 8 | number), 0, data, size);
}

static void
an_address_holds_after_the_status (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 setup[8] = { 0, USB_SET_ADDRESS, 9 };

  usb_bus_reset (usb, USB_FULL);
  g_assert_true (usb_find (&bus->port, 1, 0) == usb);
  usb_do (usb, USB_SETUP, 0, setup, 8, NULL);
  g_assert_true (usb_find (&bus->port, 1, 0) == usb);
  usb_do (usb, USB_IN, 0, setup, 0, NULL);
  g_assert_true (usb_find (&bus->port, 1, 9) == usb);
  g_assert_null (usb_find (&bus->port, 1, 0));
}

/* Each descriptor of a configuration has its length, they fill it, and endpoints are those of the tables. */
static void
configurations_are_whole (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 bytes[512];

  for (guint speed = USB_FULL; speed <= USB_SUPER; speed++)
    for (guint n = 0; n < usb->info->n_configurations && (usb->info->speeds >> speed & 1); n++)
      {
        gint size;
        guint at = 0, interfaces = 0;

        usb_enumerate (usb, (UsbSpeed) speed, usb->info->configurations[n].value);
        size = descriptor (usb, USB_DESCRIPTOR_CONFIGURATION, (guint8) n, bytes, sizeof bytes);
        g_assert_cmpint (size, >=, 9 + 9);
        g_assert_cmpint (bytes[2] | bytes[3] << 8, ==, size);
        for (; at < (guint) size; at += bytes[at])
          {
            g_assert_cmpint (bytes[at], >=, 2);
            interfaces += bytes[at + 1] == USB_DESCRIPTOR_INTERFACE && bytes[at + 3] == 0;
          }
        g_assert_cmpint (at, ==, size);
        g_assert_cmpint (interfaces, ==, bytes[4]);
      }
}

static void
descriptors_are_cut_to_what_was_asked_for (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 bytes[64];

  usb_enumerate (usb, USB_FULL, usb->info->configurations[0].value);
  g_assert_cmpint (descriptor (usb, USB_DESCRIPTOR_DEVICE, 0, bytes, 64), ==, 18);
  g_assert_cmpint (descriptor (usb, USB_DESCRIPTOR_DEVICE, 0, bytes, 8), ==, 8);
  g_assert_cmpint (bytes[0], ==, 18);
  g_assert_cmpint (descriptor (usb, USB_DESCRIPTOR_STRING, 0, bytes, 64), ==, 4);
  g_assert_cmpint (descriptor (usb, USB_DESCRIPTOR_STRING, USB_STRING_PRODUCT, bytes, 64), >, 4);
  g_assert_cmpint (bytes[2], ==, 'A');
  g_assert_cmpint (descriptor (usb, USB_DESCRIPTOR_STRING, 77, bytes, 64), ==, -1);
}

static void
a_stalled_request_is_over_with_the_next (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 bytes[64];

  usb_enumerate (usb, USB_FULL, usb->info->configurations[0].value);
  g_assert_cmpint (usb_control (usb, 0xc0, 0xee, 0, 0, bytes, 64), ==, -1);
  g_assert_cmpint (usb_control (usb, 0, USB_SET_CONFIGURATION, 99, 0, NULL, 0), ==, -1);
  g_assert_cmpint (usb_control (usb, 0x80, USB_GET_CONFIGURATION, 0, 0, bytes, 1), ==, 1);
  g_assert_cmpint (bytes[0], ==, usb->info->configurations[0].value);
}

static void
endpoints_are_those_of_the_configuration (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 bytes[64];

  usb_bus_reset (usb, USB_FULL);
  g_assert_cmpint (usb_do (usb, USB_IN, 1, bytes, 64, NULL), ==, USB_NO_ANSWER);
  usb_enumerate (usb, USB_FULL, usb->info->configurations[0].value);
  g_assert_cmpint (usb_do (usb, USB_IN, 1, bytes, 64, NULL), !=, USB_NO_ANSWER);
  g_assert_cmpint (usb_do (usb, USB_IN, 9, bytes, 64, NULL), ==, USB_NO_ANSWER);
}

static void
a_halted_endpoint_stalls_until_it_is_cleared (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 bytes[64];

  usb_enumerate (usb, USB_FULL, usb->info->configurations[0].value);
  g_assert_cmpint (usb_control (usb, 2, USB_SET_FEATURE, 0, 0x81, NULL, 0), ==, 0);
  g_assert_cmpint (usb_do (usb, USB_IN, 1, bytes, 64, NULL), ==, USB_STALL);
  g_assert_cmpint (usb_control (usb, 0x82, USB_GET_STATUS, 0, 0x81, bytes, 2), ==, 2);
  g_assert_cmpint (bytes[0], ==, 1);
  g_assert_cmpint (usb_control (usb, 2, USB_CLEAR_FEATURE, 0, 0x81, NULL, 0), ==, 0);
  g_assert_cmpint (usb_do (usb, USB_IN, 1, bytes, 64, NULL), !=, USB_STALL);
}

/* Anything at all is answered, and the device can be enumerated afterwards. */
static void
any_packet_is_survived (Bus *bus, gconstpointer data)
{
  UsbDevice *usb = bus->port.device;
  guint8 bytes[2048];

  usb_bus_reset (usb, USB_FULL);
  for (guint i = 0; i < 20000; i++)
    {
      guint token = (guint) g_test_rand_int_range (0, 3), size = (guint) g_test_rand_int_range (0, 10) ? (guint) g_test_rand_int_range (0, 80)
                                                                 : (guint) g_test_rand_int_range (0, sizeof bytes);

      for (guint b = 0; b < size; b++)
        bytes[b] = (guint8) (g_test_rand_int_range (0, 2) ? g_test_rand_int () : g_test_rand_int_range (0, 16));
      if (token == USB_SETUP)
        {
          size = 8;
          bytes[6] = (guint8) g_test_rand_int ();
          bytes[7] = (guint8) g_test_rand_int_range (0, 3);
        }
      usb_do (usb, (UsbToken) token, (guint8) g_test_rand_int_range (0, 4), bytes, size, NULL);
      if (i % 64 == 0)
        usb_control (usb, 0, USB_SET_CONFIGURATION, (guint16) (1 + i / 64 % 2), 0, NULL, 0);
      if (i % 16 == 0)
        bus_pass (bus, 100000);
    }
  usb_enumerate (usb, USB_FULL, usb->info->configurations[0].value);
}

#define ADD(claim) G_STMT_START {                                                               \
    for (guint i = 0; i < G_N_ELEMENTS (classes); i++)                                          \
      {                                                                                         \
        g_autofree char *path = g_strdup_printf ("/hw/usb/%s/" #claim, classes[i]->name);       \
        g_test_add (path, Bus, classes[i], set_up, claim, tear_down);                           \
      }                                                                                         \
  } G_STMT_END

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (an_address_holds_after_the_status);
  ADD (configurations_are_whole);
  ADD (descriptors_are_cut_to_what_was_asked_for);
  ADD (a_stalled_request_is_over_with_the_next);
  ADD (endpoints_are_those_of_the_configuration);
  ADD (a_halted_endpoint_stalls_until_it_is_cleared);
  ADD (any_packet_is_survived);
  return g_test_run ();
}
