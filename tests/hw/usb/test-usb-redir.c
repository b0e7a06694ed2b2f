/* A device that comes over a line: what is asked of it goes out, what it answers comes back at the door. */
#include "config.h"

#include "bus-fixture.h"
#include "hw/usb/redir.h"

typedef struct
{
  Bus         bus;
  UsbDevice  *usb;
  AsternLink *link;
  GByteArray *sent;
} Fixture;

static void
link_sent (gpointer user, const guint8 *data, gsize size)
{
  g_byte_array_append (((Fixture *) user)->sent, data, (guint) size);
}

static guint32
word_at (Fixture *f, guint at)
{
  const guint8 *bytes = f->sent->data + at;

  g_assert_cmpint (f->sent->len, >=, at + 4);
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

/* The other side says something, @step bytes at a time. */
static void
say (Fixture *f, guint type, guint id, gconstpointer body, guint size, guint step)
{
  g_autofree guint8 *message = g_malloc0 (12 + size);

  message[0] = (guint8) type;
  message[4] = (guint8) size;
  message[5] = (guint8) (size >> 8);
  message[8] = (guint8) id;
  if (size > 0)
    memcpy (message + 12, body, size);
  for (guint at = 0; at < 12 + size; at += step)
    f->link->input (f->link->device, message + at, MIN (step, 12 + size - at));
}

/* A device of full speed with a bulk endpoint each way and an interrupt endpoint. */
static void
connect_device (Fixture *f)
{
  guint8 hello[68] = "peer", ep_info[160], device[10] = { 1 };

  hello[64] = 1 << 1 | 1 << 4;
  memset (ep_info, 0xff, sizeof ep_info);
  ep_info[2] = ep_info[16 + 1] = 2;
  ep_info[16 + 3] = 3;
  say (f, 0, 0, hello, sizeof hello, 7);
  say (f, 5, 0, ep_info, sizeof ep_info, 1000);
  say (f, 1, 0, device, sizeof device, 1);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  bus_set_up (&f->bus);
  f->usb = bus_add_device (&f->bus, &usb_redir_class, "device");
  f->sent = g_byte_array_new ();
  f->link = astern_link_new (NULL, "line");
  f->link->send = link_sent;
  f->link->user = f;
  usb_redir_connect (&f->usb->parent, f->link);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_link_free (f->link);
  bus_tear_down (&f->bus);
  g_byte_array_unref (f->sent);
}

static void
a_device_is_there_when_the_other_side_says_so (Fixture *f, gconstpointer data)
{
  g_assert_null (usb_port_device (&f->bus.port));
  connect_device (f);
  g_assert_cmpint (word_at (f, 0), ==, 0);                       /* we greet back */
  g_assert_cmpint (word_at (f, 4), ==, 68);
  g_assert_true (usb_port_device (&f->bus.port) == f->usb);
  g_assert_cmpint (usb_port_speed (&f->bus.port), ==, USB_FULL);
  say (f, 2, 0, NULL, 0, 1000);
  g_assert_null (usb_port_device (&f->bus.port));
}

static void
a_request_waits_for_its_answer (Fixture *f, gconstpointer data)
{
  guint8 setup[8] = { 0x80, 6, 0, 1, 0, 0, 18, 0 }, answer[10 + 18] = { 0x80, 6, 0x80, 0, 0, 1, 0, 0, 18, 0, 18, 1 }, bytes[64];
  guint done;

  connect_device (f);
  usb_bus_reset (f->usb, USB_FULL);
  g_byte_array_set_size (f->sent, 0);
  usb_do (f->usb, USB_SETUP, 0, setup, 8, NULL);
  g_assert_cmpint (word_at (f, 0), ==, 100);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 0, bytes, 64, &done), ==, USB_NAK);
  say (f, 100, word_at (f, 8) + 1, answer, sizeof answer, 1000);         /* somebody else's */
  g_assert_cmpint (usb_do (f->usb, USB_IN, 0, bytes, 64, &done), ==, USB_NAK);
  say (f, 100, word_at (f, 8), answer, sizeof answer, 5);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 0, bytes, 64, &done), ==, USB_ACK);
  g_assert_cmpint (done, ==, 18);
  g_assert_cmpint (bytes[0], ==, 18);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 0, bytes, 0, &done), ==, USB_ACK);
}

static void
bulk_goes_both_ways (Fixture *f, gconstpointer data)
{
  guint8 answer[8 + 100] = { 0x81, 0, 100 }, bytes[512] = { 0 };
  guint done;

  connect_device (f);
  g_byte_array_set_size (f->sent, 0);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, bytes, 31, &done), ==, USB_NAK);
  g_assert_cmpint (word_at (f, 0), ==, 101);
  g_assert_cmpint (word_at (f, 4), ==, 8 + 31);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, bytes, 31, &done), ==, USB_NAK);
  g_assert_cmpint (f->sent->len, ==, 12 + 8 + 31);                       /* it went once */
  say (f, 101, word_at (f, 8), (guint8[8]) { 2, 0, 31 }, 8, 1000);
  g_assert_cmphex (f->bus.woken, ==, 2);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, bytes, 31, &done), ==, USB_ACK);
  g_assert_cmpint (done, ==, 31);

  g_byte_array_set_size (f->sent, 0);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 512, &done), ==, USB_NAK);
  memset (answer + 8, 0x77, 100);
  say (f, 101, word_at (f, 8), answer, sizeof answer, 1000);
  g_assert_cmphex (f->bus.woken, ==, 0x81);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 512, &done), ==, USB_ACK);
  g_assert_cmpint (done, ==, 100);
  g_assert_cmphex (bytes[99], ==, 0x77);
}

static void
interrupts_come_by_themselves (Fixture *f, gconstpointer data)
{
  guint8 bytes[64];
  guint done;

  connect_device (f);
  g_byte_array_set_size (f->sent, 0);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 3, bytes, 8, &done), ==, USB_NAK);
  g_assert_cmpint (word_at (f, 0), ==, 15);
  for (guint i = 0; i < 40; i++)                                         /* more than anybody keeps */
    say (f, 103, i, (guint8[8]) { 0x83, 0, 4, 0, (guint8) i }, 8, 1000);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 3, bytes, 8, &done), ==, USB_ACK);
  g_assert_cmpint (done, ==, 4);
  g_assert_cmpint (bytes[0], ==, 0);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 3, bytes, 8, &done), ==, USB_ACK);
  g_assert_cmpint (bytes[0], ==, 1);
}

static void
who_goes_takes_the_device_along (Fixture *f, gconstpointer data)
{
  connect_device (f);
  g_assert_true (usb_state (f->usb)->attached);
  f->link->connected = FALSE;
  f->link->changed (f->link->device);
  g_assert_false (usb_state (f->usb)->attached);
  g_byte_array_set_size (f->sent, 0);
  f->link->connected = TRUE;
  f->link->changed (f->link->device);
  g_assert_cmpint (f->sent->len, ==, 80);           /* greeted, whoever it is */
  g_assert_cmpint (word_at (f, 0), ==, 0);
  connect_device (f);
  g_assert_true (usb_state (f->usb)->attached);
}

static void
any_bytes_are_survived (Fixture *f, gconstpointer data)
{
  guint8 bytes[300];

  connect_device (f);
  for (guint i = 0; i < 5000; i++)
    {
      guint size = (guint) g_test_rand_int_range (0, sizeof bytes);
      static const guint8 types[] = { 0, 1, 2, 5, 8, 11, 17, 100, 101, 103, 4, 200 };

      for (guint b = 0; b < size; b++)
        bytes[b] = (guint8) g_test_rand_int_range (0, 2) ? 0 : (guint8) g_test_rand_int ();
      if (i % 50 == 49)
        f->link->input (f->link->device, bytes, size);
      else
        say (f, types[g_test_rand_int_range (0, sizeof types)], i & 0xff, bytes, size, 1000);
      usb_do (f->usb, (UsbToken) (i & 1), (guint8) (i / 2 % 4), bytes, size, NULL);
    }
  g_byte_array_set_size (f->sent, 0);
}

#define ADD(name) g_test_add ("/hw/usb-redir/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_device_is_there_when_the_other_side_says_so);
  ADD (a_request_waits_for_its_answer);
  ADD (bulk_goes_both_ways);
  ADD (interrupts_come_by_themselves);
  ADD (who_goes_takes_the_device_along);
  ADD (any_bytes_are_survived);
  return g_test_run ();
}
