/* A USB device of the host's in the guest: libusb's fake device, libusbredirhost, and the guest's end of the line. */
#include "config.h"

#include "../hw/usb/bus-fixture.h"
#include "../host/usb/fake-libusb.h"

#include "host/usb/usb-host.h"
#include "hw/usb/redir.h"

#include <libusb.h>

#define MOST_TRIES 3000        /* of 10 ms */

typedef struct
{
  Bus             bus;
  UsbDevice      *usb;
  AsternLink     *link;
  AsternHostLoop *loop;
  AsternUsbHost  *host;
  AsternUsbEnd   *end;
  GAsyncQueue    *said;         /* GBytes: the device's side */
  GAsyncQueue    *told;         /* char * */
} Fixture;

static void
received (gpointer user, const guint8 *data, gsize size)
{
  g_async_queue_push (((Fixture *) user)->said, g_bytes_new (data, size));
}

static void
told (gpointer user, const char *message)
{
  g_async_queue_push (((Fixture *) user)->told, g_strdup (message));
}

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  Fixture *f = user;

  if (f->end != NULL)
    astern_usb_end_send (f->end, data, size);
}

/* What the device's side says comes in, as the door would bring it. */
static gboolean
bring (Fixture *f)
{
  g_autoptr (GBytes) bytes = g_async_queue_timeout_pop (f->said, 10000);

  if (bytes != NULL)
    f->link->input (f->link->device, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return bytes != NULL;
}

static gboolean
is_seen (Fixture *f)
{
  return usb_port_device (&f->bus.port) != NULL;
}

#define UNTIL(f, condition) for (guint tries = 0; !(condition) && tries < MOST_TRIES; tries++) bring (f); g_assert_true (condition)

static void
add (Fixture *f, const AsternUsbFilter *filter)
{
  const AsternUsbEndFuncs funcs = { received, told, f };

  f->end = astern_usb_host_add (f->host, filter, &funcs);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_usb_plug (TRUE);
  fake_usb_refuse (LIBUSB_SUCCESS);
  bus_set_up (&f->bus);
  f->said = g_async_queue_new_full ((GDestroyNotify) g_bytes_unref);
  f->told = g_async_queue_new_full (g_free);
  f->usb = bus_add_device (&f->bus, &usb_host_class, "device");
  f->link = astern_link_new (NULL, "line");
  f->link->send = sent;
  f->link->user = f;
  usb_redir_connect (&f->usb->parent, f->link);
  f->loop = astern_host_loop_new ();
  f->host = astern_usb_host_new (f->loop, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  f->link->send = NULL;
  astern_usb_host_free (f->host);
  g_assert_false (fake_usb_claimed ());
  astern_host_loop_free (f->loop);
  astern_link_free (f->link);
  bus_tear_down (&f->bus);
  g_async_queue_unref (f->said);
  g_async_queue_unref (f->told);
}

/* ---- a guest's driver ---- */

static gint
control (Fixture *f, guint8 type, guint8 request, guint16 value, gpointer data, guint16 length)
{
  guint8 setup[8] = { type, request, (guint8) value, (guint8) (value >> 8), 0, 0, (guint8) length, (guint8) (length >> 8) };
  UsbResult result = USB_NAK;
  guint done = 0;

  g_assert_cmpint (usb_do (f->usb, USB_SETUP, 0, setup, 8, NULL), ==, USB_ACK);
  for (guint tries = 0; result == USB_NAK && tries < MOST_TRIES; tries++)
    {
      result = usb_do (f->usb, USB_IN, 0, data, length, &done);
      if (result == USB_NAK)
        bring (f);
    }
  if (result == USB_ACK && length > 0)
    usb_do (f->usb, USB_OUT, 0, NULL, 0, NULL);
  return result == USB_ACK ? (gint) done : -1;
}

static guint
bulk (Fixture *f, UsbToken token, guint8 endpoint, gpointer data, guint size)
{
  UsbResult result = USB_NAK;
  guint done = 0;

  for (guint tries = 0; result == USB_NAK && tries < MOST_TRIES; tries++)
    {
      result = usb_do (f->usb, token, endpoint, data, size, &done);
      if (result == USB_NAK)
        bring (f);
    }
  g_assert_cmpint (result, ==, USB_ACK);
  return done;
}

/* A block read or written; the command's status. */
static guint8
transfer (Fixture *f, guint8 command, guint32 sector, guint8 *data)
{
  guint8 cbw[31] = { 'U', 'S', 'B', 'C', 1, 2, 3, 4, 0, 2, 0, 0, command == 0x28 ? 0x80 : 0, 0, 10, command, 0, 0, 0,
                     (guint8) (sector >> 8), (guint8) sector, 0, 0, 1 };
  guint8 csw[13] = { 0 };

  g_assert_cmpuint (bulk (f, USB_OUT, 2, cbw, sizeof cbw), ==, sizeof cbw);
  if (sector < FAKE_USB_SECTORS)
    g_assert_cmpuint (bulk (f, command == 0x28 ? USB_IN : USB_OUT, command == 0x28 ? 1 : 2, data, 512), ==, 512);
  g_assert_cmpuint (bulk (f, USB_IN, 1, csw, sizeof csw), ==, sizeof csw);
  g_assert_cmpmem (csw, 8, ((guint8[8]) { 'U', 'S', 'B', 'S', 1, 2, 3, 4 }), 8);
  return csw[12];
}

static void
enumerate (Fixture *f)
{
  UNTIL (f, is_seen (f));
  usb_bus_reset (f->usb, USB_HIGH);
  while (bring (f))
    ;
  g_assert_cmpint (control (f, 0, USB_SET_ADDRESS, 7, NULL, 0), ==, 0);
  g_assert_cmpint (control (f, 0, USB_SET_CONFIGURATION, 1, NULL, 0), ==, 0);
}

/* ---- the tests ---- */

static void
the_guest_reads_and_writes_a_drive_of_the_hosts (Fixture *f, gconstpointer data)
{
  guint8 bytes[512] = { 0 }, device[18] = { 0 };

  add (f, &(AsternUsbFilter) { .vendor = FAKE_USB_VENDOR, .product = FAKE_USB_PRODUCT });
  enumerate (f);
  g_assert_true (fake_usb_claimed ());
  g_assert_cmpint (control (f, 0x80, USB_GET_DESCRIPTOR, USB_DESCRIPTOR_DEVICE << 8, device, sizeof device), ==, sizeof device);
  g_assert_cmphex (device[8] | device[9] << 8, ==, FAKE_USB_VENDOR);
  g_assert_cmpint (transfer (f, 0x28, 300, bytes), ==, 0);
  g_assert_cmpstr ((const char *) bytes, ==, "sector 300\n");
  memset (bytes, 0x5a, sizeof bytes);
  g_assert_cmpint (transfer (f, 0x2a, 7, bytes), ==, 0);
  g_assert_cmpmem (fake_usb_disk () + 7 * 512, 512, bytes, 512);
  g_assert_cmpint (control (f, 0x80, 0x77, 0, bytes, 4), ==, -1);       /* stalls */
  g_assert_cmpint (transfer (f, 0x28, 1, bytes), ==, 0);
}

static void
an_interrupt_endpoint_is_heard (Fixture *f, gconstpointer data)
{
  guint8 bytes[8] = { 0 };

  add (f, &(AsternUsbFilter) { .port = (char *) "1.4", .bus = 3 });
  enumerate (f);
  fake_usb_press (0x41);
  g_assert_cmpuint (bulk (f, USB_IN, 3, bytes, sizeof bytes), ==, 1);
  g_assert_cmphex (bytes[0], ==, 0x41);
  fake_usb_press (0x42);
  g_assert_cmpuint (bulk (f, USB_IN, 3, bytes, sizeof bytes), ==, 1);
  g_assert_cmphex (bytes[0], ==, 0x42);
}

static void
a_device_may_come_and_go (Fixture *f, gconstpointer data)
{
  g_autofree char *message = NULL;
  guint8 bytes[512];

  fake_usb_plug (FALSE);
  add (f, &(AsternUsbFilter) { .vendor = FAKE_USB_VENDOR });
  message = g_async_queue_timeout_pop (f->told, 30 * G_USEC_PER_SEC);
  g_assert_nonnull (strstr (message, "waited for"));
  g_assert_false (is_seen (f));
  for (guint round = 0; round < 2; round++)
    {
      fake_usb_plug (TRUE);
      enumerate (f);
      g_assert_cmpint (transfer (f, 0x28, 2, bytes), ==, 0);
      fake_usb_plug (FALSE);
      UNTIL (f, !is_seen (f));
    }
}

static void
a_device_that_may_not_be_used_is_told_of_and_taken_later (Fixture *f, gconstpointer data)
{
  g_autofree char *message = NULL;

  fake_usb_refuse (LIBUSB_ERROR_ACCESS);
  add (f, &(AsternUsbFilter) { .vendor = FAKE_USB_VENDOR });
  message = g_async_queue_timeout_pop (f->told, 30 * G_USEC_PER_SEC);
  g_assert_nonnull (strstr (message, "1209:0001"));
  g_assert_nonnull (strstr (message, "/dev/bus/usb/003/005"));
  fake_usb_refuse (LIBUSB_SUCCESS);
  UNTIL (f, is_seen (f));
  g_assert_null (g_async_queue_try_pop (f->told));
}

static void
only_what_fits_is_taken (Fixture *f, gconstpointer data)
{
  static const AsternUsbFilter others[] = {
    { .vendor = FAKE_USB_VENDOR, .product = 2 }, { .bus = 4, .address = 5 }, { .bus = 3, .address = 6 }, { .port = (char *) "1.5" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    add (f, &others[i]);
  g_assert_false (fake_usb_claimed ());
  add (f, &(AsternUsbFilter) { .bus = 3, .address = 5 });
  g_assert_true (fake_usb_claimed ());
}

static void
after_a_branch_it_is_as_if_it_were_put_in_again (Fixture *f, gconstpointer data)
{
  guint8 bytes[512] = { 0 };

  add (f, &(AsternUsbFilter) { .vendor = FAKE_USB_VENDOR });
  enumerate (f);
  astern_usb_host_replug (f->host);
  UNTIL (f, !is_seen (f));
  enumerate (f);
  g_assert_cmpint (transfer (f, 0x28, 5, bytes), ==, 0);
  g_assert_cmpstr ((const char *) bytes, ==, "sector 5\n");
}

static void
the_hosts_devices_are_listed (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *list = NULL;

  fake_usb_plug (TRUE);
  fake_usb_refuse (LIBUSB_SUCCESS);
  list = astern_usb_host_list (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (list, ==, "  Bus 3, Addr 5, Port 1.4, Speed 480 Mb/s\n    Class 00: USB device 1209:0001, Stick\n");
}

#define ADD(name) g_test_add ("/launch/usb-host/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_guest_reads_and_writes_a_drive_of_the_hosts);
  ADD (an_interrupt_endpoint_is_heard);
  ADD (a_device_may_come_and_go);
  ADD (a_device_that_may_not_be_used_is_told_of_and_taken_later);
  ADD (only_what_fits_is_taken);
  ADD (after_a_branch_it_is_as_if_it_were_put_in_again);
  g_test_add_func ("/launch/usb-host/the_hosts_devices_are_listed", the_hosts_devices_are_listed);
  return g_test_run ();
}
