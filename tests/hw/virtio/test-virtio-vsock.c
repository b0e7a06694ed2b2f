/* test-virtio-vsock.c - packets go out with a number, and come in as the driver has buffers. */
#include "config.h"

#include "rig.h"

#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-vsock.h"

#include <string.h>

enum { RX, TX, EVENT, QUEUES };
enum { HEADER = VIRTIO_VSOCK_HEADER, CID = 7, AT_LENGTH = 24 };

typedef struct
{
  Rig         rig;
  AsternLink *link;             /* the device's */
  guint       n;
  guint64     number;           /* of the last one */
  gsize       size;
  guint8      packet[8192];
} Fixture;

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  Fixture *f = user;

  f->n++;
  f->number = virtio_get (data, VIRTIO_VSOCK_NUMBER);
  f->size = size - VIRTIO_VSOCK_NUMBER;
  g_assert_cmpuint (f->size, <=, sizeof f->packet);
  memcpy (f->packet, data + VIRTIO_VSOCK_NUMBER, f->size);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  rig_set_up (&f->rig, &virtio_vsock_class, 0);
  f->link = astern_link_new (NULL, "vsock");
  f->link->send = sent;
  f->link->user = f;
  virtio_vsock_connect (f->rig.virtio, f->link, CID, NULL);
  rig_plug (&f->rig, FALSE, TRUE);
  rig_start (&f->rig, 0, QUEUES);
  f->n = 0;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  rig_tear_down (&f->rig);
}

static void
give_buffer (Fixture *f, guint queue, guint at, guint32 size)
{
  const RigPart part = { RIG_BUFFERS + 0x2000 * at, size, TRUE };

  rig_add (&f->rig, queue, &part, 1);
  rig_kick (&f->rig, queue);
}

static void
come (Fixture *f, guint8 fill, guint32 size)
{
  guint8 packet[1 + HEADER + 8192] = { VIRTIO_VSOCK_PACKET };

  virtio_put (packet + 1 + AT_LENGTH, 4, size);
  memset (packet + 1 + HEADER, fill, size);
  f->link->input (f->link->device, packet, 1 + HEADER + size);
}

static void
the_configuration_has_the_guests_address (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (rig_config (&f->rig, 0, 8), ==, CID);
}

static void
packets_go_out_as_they_are (Fixture *f, gconstpointer data)
{
  const RigPart parts[] = { { RIG_BUFFERS, HEADER, FALSE }, { RIG_BUFFERS + 0x1000, 4, FALSE } };
  guint64 number;

  virtio_put (rig_at (&f->rig, RIG_BUFFERS + AT_LENGTH), 4, 4);
  memcpy (rig_at (&f->rig, RIG_BUFFERS + 0x1000), "ping", 4);
  rig_add (&f->rig, TX, parts, 2);
  rig_kick (&f->rig, TX);
  g_assert_cmpuint (f->n, ==, 1);
  g_assert_cmpmem (f->packet + HEADER, f->size - HEADER, "ping", 4);
  number = f->number;
  rig_add (&f->rig, TX, parts, 2);
  rig_kick (&f->rig, TX);
  g_assert_cmpuint (f->number, ==, number + 1);
}

static void
more_data_than_there_are_is_not_sent (Fixture *f, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, HEADER + 4, FALSE };

  virtio_put (rig_at (&f->rig, RIG_BUFFERS + AT_LENGTH), 4, 5);
  rig_add (&f->rig, TX, &part, 1);
  rig_kick (&f->rig, TX);
  g_assert_cmpuint (f->n, ==, 0);
}

static void
what_comes_waits_for_buffers (Fixture *f, gconstpointer data)
{
  guint room = f->link->room (f->link->device);
  guint32 written;
  guint head;

  come (f, 'a', 10);
  come (f, 'b', 20);
  g_assert_cmpuint (f->link->room (f->link->device), ==, room - 2 * HEADER - 30);
  g_assert_false (rig_take (&f->rig, RX, &head, &written));
  give_buffer (f, RX, 0, 4096);
  g_assert_true (rig_take (&f->rig, RX, &head, &written));
  g_assert_cmpuint (written, ==, HEADER + 10);
  g_assert_cmpuint (*rig_at (&f->rig, RIG_BUFFERS + HEADER), ==, 'a');
  give_buffer (f, RX, 1, 4096);
  g_assert_true (rig_take (&f->rig, RX, &head, &written));
  g_assert_cmpuint (written, ==, HEADER + 20);
  g_assert_cmpuint (f->link->room (f->link->device), ==, room);
}

static void
a_packet_is_cut_to_the_buffers (Fixture *f, gconstpointer data)
{
  guint32 written, got = 0;
  guint head;

  come (f, 'x', 1000);
  for (guint i = 0; i < 4; i++)
    {
      give_buffer (f, RX, i, HEADER + 300);
      g_assert_true (rig_take (&f->rig, RX, &head, &written));
      g_assert_cmpuint (virtio_get (rig_at (&f->rig, RIG_BUFFERS + 0x2000 * i + AT_LENGTH), 4), ==, written - HEADER);
      got += written - HEADER;
    }
  g_assert_cmpuint (got, ==, 1000);
}

static void
the_driver_hears_that_connections_are_gone (Fixture *f, gconstpointer data)
{
  static const guint8 reset = VIRTIO_VSOCK_RESET;
  guint32 written;
  guint head;

  come (f, 'a', 10);
  f->link->input (f->link->device, &reset, 1);
  give_buffer (f, RX, 0, 4096);
  g_assert_false (rig_take (&f->rig, RX, &head, &written));
  memset (rig_at (&f->rig, RIG_BUFFERS + 0x2000), 0xff, 4);
  give_buffer (f, EVENT, 1, 4);
  g_assert_true (rig_take (&f->rig, EVENT, &head, &written));
  g_assert_cmpuint (written, ==, 4);
  g_assert_cmpuint (virtio_get (rig_at (&f->rig, RIG_BUFFERS + 0x2000), 4), ==, 0);
}

static void
a_reset_of_the_driver_is_told (Fixture *f, gconstpointer data)
{
  come (f, 'a', 10);
  rig_start (&f->rig, 0, QUEUES);
  g_assert_cmpuint (f->n, ==, 1);
  g_assert_cmpuint (f->size, ==, 0);
  give_buffer (f, RX, 0, 4096);
  {
    guint32 written;
    guint head;

    g_assert_false (rig_take (&f->rig, RX, &head, &written));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/virtio-vsock/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (the_configuration_has_the_guests_address);
  ADD (packets_go_out_as_they_are);
  ADD (more_data_than_there_are_is_not_sent);
  ADD (what_comes_waits_for_buffers);
  ADD (a_packet_is_cut_to_the_buffers);
  ADD (the_driver_hears_that_connections_are_gone);
  ADD (a_reset_of_the_driver_is_told);
  return g_test_run ();
}
