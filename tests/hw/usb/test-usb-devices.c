/* What each USB device does: keys and pointers, a hub's ports, sectors, lines, frames. */
#include "config.h"

#include "bus-fixture.h"
#include "hw/drive.h"
#include "hw/human.h"
#include "hw/usb/hid.h"
#include "hw/usb/hub.h"
#include "hw/usb/net.h"
#include "hw/usb/serial.h"
#include "hw/usb/storage.h"

typedef struct
{
  Bus         bus;
  UsbDevice  *usb;
  AsternLink *link;
  GByteArray *sent;
  guint       sends;
  AsternDisk *disk;
} Fixture;

static void
link_sent (gpointer user, const guint8 *data, gsize size)
{
  Fixture *f = user;

  f->sends++;
  g_byte_array_append (f->sent, data, (guint) size);
}

static void
set_up (Fixture *f, gconstpointer klass)
{
  bus_set_up (&f->bus);
  f->usb = bus_add_device (&f->bus, klass, "device");
  f->sent = g_byte_array_new ();
  f->link = astern_link_new (NULL, "line");
  f->link->send = link_sent;
  f->link->user = f;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_link_free (f->link);
  g_clear_pointer (&f->disk, astern_disk_free);
  bus_tear_down (&f->bus);
  g_byte_array_unref (f->sent);
}

/* ---- keyboard, mouse, tablet ---- */

static void
keys_come_as_usages_in_order (Fixture *f, gconstpointer data)
{
  static const guint8 shift_a[] = { 0x2a, 0, 1, 0x1e, 0, 1, 0x1e, 0, 0, 0x2a, 0, 0 };
  guint8 report[8];

  usb_kbd_input (f->usb, shift_a, sizeof shift_a);
  g_assert_cmpint (f->bus.wakes, ==, 0);                 /* nobody has set it up */
  usb_enumerate (f->usb, USB_FULL, 1);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_NAK);
  usb_kbd_input (f->usb, shift_a, sizeof shift_a);
  g_assert_cmphex (f->bus.woken, ==, 0x81);
  for (guint i = 0; i < 4; i++)
    {
      static const guint8 expected[4][2] = { { 2, 0 }, { 2, 4 }, { 2, 0 }, { 0, 0 } };

      g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_ACK);
      g_assert_cmphex (report[0], ==, expected[i][0]);
      g_assert_cmphex (report[2], ==, expected[i][1]);
    }
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_NAK);
}

static void
an_idle_rate_repeats_the_report (Fixture *f, gconstpointer data)
{
  static const guint8 key[] = { 0x1e, 0, 1 };
  guint8 report[8];

  usb_enumerate (f->usb, USB_FULL, 1);
  usb_control (f->usb, 0x21, 10, 10 << 8, 0, NULL, 0);           /* 40 ms */
  usb_kbd_input (f->usb, key, sizeof key);
  usb_do (f->usb, USB_IN, 1, report, 8, NULL);
  bus_pass (&f->bus, 39 * 1000000);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_NAK);
  bus_pass (&f->bus, 2 * 1000000);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_ACK);
  g_assert_cmphex (report[2], ==, 4);
  usb_control (f->usb, 0x21, 10, 0, 0, NULL, 0);
  bus_pass (&f->bus, 1000 * 1000000);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_NAK);
}

static void
a_long_way_takes_several_reports (Fixture *f, gconstpointer data)
{
  static const guint8 far_right[] = { 0x2c, 0x01, 0xfe, 0xff, 1, HUMAN_RELATIVE };     /* 300 right, 2 up, wheel 1 */
  guint8 report[4];
  gint x = 0, y = 0, z = 0;

  usb_enumerate (f->usb, USB_FULL, 1);
  usb_mouse_input (f->usb, far_right, sizeof far_right);
  while (usb_do (f->usb, USB_IN, 1, report, 4, NULL) == USB_ACK)
    {
      g_assert_cmphex (report[0], ==, 1);
      x += (gint8) report[1];
      y += (gint8) report[2];
      z += (gint8) report[3];
    }
  g_assert_cmpint (x, ==, 300);
  g_assert_cmpint (y, ==, -2);
  g_assert_cmpint (z, ==, -1);
}

static void
a_tablet_says_where (Fixture *f, gconstpointer data)
{
  static const guint8 there[] = { 0x34, 0x12, 0xff, 0x7f, 0, 0, 0x35, 0x12, 0xff, 0x7f, 0, 0, 0x35, 0x12, 0xff, 0x7f, 0, 1 };
  guint8 report[8];

  usb_enumerate (f->usb, USB_FULL, 1);
  usb_tablet_input (f->usb, there, sizeof there);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_ACK);    /* of movements, the last */
  g_assert_cmpmem (report, 6, ((guint8[]) { 0, 0x35, 0x12, 0xff, 0x7f, 0 }), 6);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_ACK);
  g_assert_cmphex (report[0], ==, 1);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, report, 8, NULL), ==, USB_NAK);
}

/* ---- hub ---- */

static void
a_hub_tells_of_what_is_plugged_in (Fixture *f, gconstpointer data)
{
  UsbDevice *mouse = (UsbDevice *) bus_add (&f->bus, &usb_mouse_class, "mouse");
  g_autoptr (GError) error = NULL;
  guint8 bytes[8];
  guint n;

  g_assert_true (usb_plug (usb_hub_ports (f->usb, &n), USB_HUB_PORTS, &mouse->parent, "3", &error));
  g_assert_no_error (error);
  usb_enumerate (f->usb, USB_FULL, 1);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 2, NULL), ==, USB_NAK);
  g_assert_cmpint (usb_control (f->usb, 0x23, USB_SET_FEATURE, 8, 3, NULL, 0), ==, 0);          /* power */
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 2, NULL), ==, USB_ACK);
  g_assert_cmphex (bytes[0], ==, 1 << 3);
  g_assert_null (usb_find (&f->bus.port, 1, 0));
  g_assert_cmpint (usb_control (f->usb, 0x23, USB_SET_FEATURE, 4, 3, NULL, 0), ==, 0);          /* reset */
  g_assert_cmpint (usb_control (f->usb, 0xa3, USB_GET_STATUS, 0, 3, bytes, 4), ==, 4);
  g_assert_cmphex (bytes[0], ==, 3);
  g_assert_cmphex (bytes[2], ==, 0x11);
  g_assert_true (usb_find (&f->bus.port, 1, 0) == mouse);
  g_assert_cmpint (usb_control (f->usb, 0x23, USB_CLEAR_FEATURE, 16, 3, NULL, 0), ==, 0);
  g_assert_cmpint (usb_control (f->usb, 0x23, USB_CLEAR_FEATURE, 20, 3, NULL, 0), ==, 0);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 2, NULL), ==, USB_NAK);
}

static void
a_port_that_is_taken_is_an_error (Fixture *f, gconstpointer data)
{
  UsbDevice *first = (UsbDevice *) bus_add (&f->bus, &usb_mouse_class, "first");
  UsbDevice *second = (UsbDevice *) bus_add (&f->bus, &usb_mouse_class, "second");
  g_autoptr (GError) error = NULL;
  guint n;

  g_assert_true (usb_plug (usb_hub_ports (f->usb, &n), USB_HUB_PORTS, &first->parent, "1", NULL));
  g_assert_false (usb_plug (usb_hub_ports (f->usb, &n), USB_HUB_PORTS, &second->parent, "1", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_true (usb_plug (usb_hub_ports (f->usb, &n), USB_HUB_PORTS, &second->parent, NULL, NULL));
  g_assert_cmpint (second->port->number, ==, 1);
}

/* ---- storage ---- */

#define DISK_BYTES (1 << 20)

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  for (gsize i = 0; i < size; i++)
    ((guint8 *) data)[i] = (guint8) ((offset + i) / 512 + (offset + i));
  return TRUE;
}

static void
give_disk (Fixture *f)
{
  const AsternDiskImage image = { .size = DISK_BYTES, .read = image_read };
  AsternDevice *drive = bus_add (&f->bus, &drive_class, "drive");

  f->disk = astern_disk_new (f->bus.machine, "disk", &image, TRUE, NULL);
  g_assert_nonnull (f->disk);
  drive_insert (drive, drive_add_medium (drive, f->disk));
  usb_storage_set_drive (&f->usb->parent, drive, FALSE);
  astern_device_reset (&f->usb->parent);
  usb_enumerate (f->usb, USB_FULL, 1);
}

/* A command, its data, its status; returns the status, *@moved bytes of data. */
static guint8
scsi (Fixture *f, const guint8 *cdb, guint cdb_size, gboolean in, guint8 *data, guint size, guint *moved)
{
  guint8 cbw[31] = { 'U', 'S', 'B', 'C', 1, 2, 3, 4, (guint8) size, (guint8) (size >> 8), (guint8) (size >> 16), 0, in ? 0x80 : 0, 0,
                     (guint8) cdb_size };
  guint8 csw[13];
  guint done = 0;

  *moved = 0;
  memcpy (cbw + 15, cdb, cdb_size);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, cbw, sizeof cbw, NULL), ==, USB_ACK);
  while (*moved < size)
    {
      UsbResult result = usb_do (f->usb, in ? USB_IN : USB_OUT, in ? 1 : 2, data + *moved, MIN (64, size - *moved), &done);

      if (result == USB_NAK)
        {
          bus_pass (&f->bus, 10000);
          continue;
        }
      g_assert_cmpint (result, ==, USB_ACK);
      *moved += done;
      if (done < 64)
        break;
    }
  while (usb_do (f->usb, USB_IN, 1, csw, sizeof csw, &done) == USB_NAK)
    bus_pass (&f->bus, 10000);
  g_assert_cmpint (done, ==, 13);
  g_assert_cmpmem (csw, 8, "USBS\1\2\3\4", 8);
  g_assert_cmpint (csw[8] | csw[9] << 8 | csw[10] << 16, ==, size - *moved);
  return csw[12];
}

/* After power-on a unit says once that it was reset. */
static void
make_ready (Fixture *f)
{
  static const guint8 test_unit_ready[6] = { 0 }, request_sense[6] = { 3, 0, 0, 0, 18, 0 };
  guint8 sense[18];
  guint moved;

  for (guint i = 0; i < 4 && scsi (f, test_unit_ready, 6, FALSE, NULL, 0, &moved) != 0; i++)
    scsi (f, request_sense, 6, TRUE, sense, 18, &moved);
  g_assert_cmpint (scsi (f, test_unit_ready, 6, FALSE, NULL, 0, &moved), ==, 0);
}

static void
sectors_are_read_and_written (Fixture *f, gconstpointer data)
{
  static const guint8 read10[10] = { 0x28, 0, 0, 0, 0, 5, 0, 0, 8, 0 }, write10[10] = { 0x2a, 0, 0, 0, 0, 7, 0, 0, 2, 0 };
  g_autofree guint8 *bytes = g_malloc (8 * 512), *expected = g_malloc (8 * 512);
  guint moved;

  give_disk (f);
  make_ready (f);
  g_assert_cmpint (scsi (f, read10, 10, TRUE, bytes, 8 * 512, &moved), ==, 0);
  g_assert_cmpint (moved, ==, 8 * 512);
  image_read (NULL, 5 * 512, expected, 8 * 512, NULL);
  g_assert_cmpmem (bytes, 8 * 512, expected, 8 * 512);
  memset (bytes, 0x5a, 1024);
  g_assert_cmpint (scsi (f, write10, 10, FALSE, bytes, 1024, &moved), ==, 0);
  memset (expected + 2 * 512, 0x5a, 1024);
  g_assert_cmpint (scsi (f, read10, 10, TRUE, bytes, 8 * 512, &moved), ==, 0);
  g_assert_cmpmem (bytes, 8 * 512, expected, 8 * 512);
}

static void
a_request_takes_its_time (Fixture *f, gconstpointer data)
{
  static const guint8 cbw[31] = { 'U', 'S', 'B', 'C', 0, 0, 0, 0, 0, 2, 0, 0, 0x80, 0, 10, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
  guint8 bytes[512];

  give_disk (f);
  make_ready (f);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, (gpointer) cbw, 31, NULL), ==, USB_ACK);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 512, NULL), ==, USB_NAK);
  f->bus.wakes = 0;
  bus_pass (&f->bus, astern_disk_latency_ns (512));
  g_assert_cmpint (f->bus.wakes, ==, 1);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 512, NULL), ==, USB_ACK);
}

static void
what_fails_says_so_and_goes_on (Fixture *f, gconstpointer data)
{
  static const guint8 beyond[10] = { 0x28, 0, 0x7f, 0, 0, 0, 0, 0, 1, 0 }, inquiry[6] = { 0x12, 0, 0, 0, 36, 0 };
  guint8 bytes[512];
  guint moved;

  give_disk (f);
  make_ready (f);
  g_assert_cmpint (scsi (f, beyond, 10, TRUE, bytes, 512, &moved), ==, 1);
  g_assert_cmpint (scsi (f, inquiry, 6, TRUE, bytes, 64, &moved), ==, 0);        /* the host has room for more */
  g_assert_cmpint (moved, ==, 36);
  g_assert_cmpint (scsi (f, inquiry, 6, FALSE, bytes, 36, &moved), ==, 2);       /* and the wrong direction */
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, bytes, 31, NULL), ==, USB_STALL); /* no wrapper at all */
}

/* ---- serial ---- */

static void
a_line_goes_both_ways (Fixture *f, gconstpointer data)
{
  guint8 bytes[256], came[150];
  guint done;

  usb_serial_connect (&f->usb->parent, f->link);
  usb_enumerate (f->usb, USB_FULL, 1);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 64, &done), ==, USB_ACK);   /* that somebody is there */
  g_assert_cmpint (done, ==, 2);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 64, &done), ==, USB_NAK);
  g_assert_cmpint (usb_do (f->usb, USB_OUT, 2, (gpointer) "hello", 5, NULL), ==, USB_ACK);
  g_assert_cmpmem (f->sent->data, f->sent->len, "hello", 5);
  for (guint i = 0; i < sizeof came; i++)
    came[i] = (guint8) i;
  f->link->input (f->link->device, came, sizeof came);
  g_assert_cmpint (f->link->room (f->link->device), ==, 1024 - 150);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, bytes, 256, &done), ==, USB_ACK);
  g_assert_cmpint (done, ==, 150 + 3 * 2);                                       /* two bytes of status in each 64 */
  g_assert_cmpmem (bytes + 2, 62, came, 62);
  g_assert_cmpmem (bytes + 66, 62, came + 62, 62);
  g_assert_cmpmem (bytes + 130, 26, came + 124, 26);
}

/* ---- network ---- */

static const guint8 mac[6] = { 2, 0, 0, 0, 0, 7 };

static void
ecm_frames_end_with_a_short_packet (Fixture *f, gconstpointer data)
{
  guint8 frame[128], bytes[64];
  guint done;

  usb_net_connect (&f->usb->parent, f->link, mac);
  usb_enumerate (f->usb, USB_FULL, 1);
  memset (frame, 0x11, sizeof frame);
  f->link->input (f->link->device, frame, 60);
  g_assert_cmpint (usb_control (f->usb, 1, USB_SET_INTERFACE, 1, 1, NULL, 0), ==, 0);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 2, bytes, 64, &done), ==, USB_NAK);   /* nobody listened then */
  f->link->input (f->link->device, frame, 128);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (usb_do (f->usb, USB_IN, 2, bytes, 64, &done), ==, USB_ACK);
      g_assert_cmpint (done, ==, i < 2 ? 64 : 0);
    }
  g_assert_cmpint (usb_do (f->usb, USB_IN, 2, bytes, 64, &done), ==, USB_NAK);
  usb_do (f->usb, USB_OUT, 2, frame, 64, NULL);
  g_assert_cmpint (f->sends, ==, 0);
  usb_do (f->usb, USB_OUT, 2, frame, 20, NULL);
  g_assert_cmpint (f->sends, ==, 1);
  g_assert_cmpint (f->sent->len, ==, 84);
}

static guint32
get32 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static void
rndis (Fixture *f, const guint32 *words, guint n, guint8 *answer)
{
  guint8 message[64], note[8];

  for (guint i = 0; i < 4 * n; i++)
    message[i] = (guint8) (words[i / 4] >> (8 * (i % 4)));
  g_assert_cmpint (usb_control (f->usb, 0x21, 0, 0, 0, message, (guint16) (4 * n)), ==, 4 * n);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 1, note, 8, NULL), ==, USB_ACK);
  g_assert_cmpint (usb_control (f->usb, 0xa1, 1, 0, 0, answer, 1024), >, 0);
}

static void
rndis_is_asked_and_carries_frames (Fixture *f, gconstpointer data)
{
  static const guint32 hello[] = { 2, 24, 77, 1, 0, 2048 }, ask_mac[] = { 4, 28, 78, 0x01010101, 0, 0, 0 },
                       filter[] = { 5, 32, 79, 0x0001010e, 4, 20, 0, 0x2d };
  guint8 answer[1024], frame[60] = { 9 }, bytes[256] = { 1, 0, 0, 0, 44 + 60, 0, 0, 0, 36, 0, 0, 0, 60 };
  guint done;

  usb_net_connect (&f->usb->parent, f->link, mac);
  usb_enumerate (f->usb, USB_FULL, 2);
  rndis (f, hello, 6, answer);
  g_assert_cmphex (get32 (answer), ==, 0x80000002);
  g_assert_cmpint (get32 (answer + 8), ==, 77);
  rndis (f, ask_mac, 7, answer);
  g_assert_cmpmem (answer + 24, 6, mac, 6);
  rndis (f, filter, 8, answer);
  g_assert_cmphex (get32 (answer + 12), ==, 0);
  memset (bytes + 44, 0x22, 60);
  usb_do (f->usb, USB_OUT, 2, bytes, 104, NULL);
  g_assert_cmpint (f->sends, ==, 1);
  g_assert_cmpint (f->sent->len, ==, 60);
  g_assert_cmphex (f->sent->data[0], ==, 0x22);
  f->link->input (f->link->device, frame, 60);
  g_assert_cmpint (usb_do (f->usb, USB_IN, 2, bytes, 256, &done), ==, USB_ACK);
  g_assert_cmpint (done, ==, 104);
  g_assert_cmpmem (bytes + 44, 60, frame, 60);
}

#define ADD(name, klass) g_test_add ("/hw/usb-devices/" #name, Fixture, &klass, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (keys_come_as_usages_in_order, usb_kbd_class);
  ADD (an_idle_rate_repeats_the_report, usb_kbd_class);
  ADD (a_long_way_takes_several_reports, usb_mouse_class);
  ADD (a_tablet_says_where, usb_tablet_class);
  ADD (a_hub_tells_of_what_is_plugged_in, usb_hub_class);
  ADD (a_port_that_is_taken_is_an_error, usb_hub_class);
  ADD (sectors_are_read_and_written, usb_storage_class);
  ADD (a_request_takes_its_time, usb_storage_class);
  ADD (what_fails_says_so_and_goes_on, usb_storage_class);
  ADD (a_line_goes_both_ways, usb_serial_class);
  ADD (ecm_frames_end_with_a_short_packet, usb_net_class);
  ADD (rndis_is_asked_and_carries_frames, usb_net_class);
  return g_test_run ();
}
