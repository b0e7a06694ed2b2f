/* test-virtio-net.c - the network device: frames out, cut and summed; frames in, filtered and spread over buffers. */
#include "config.h"

#include "rig.h"

#include "hw/net/checksum.h"
#include "hw/virtio/cards.h"

#include <string.h>

enum { RX, TX, CTRL };

#define F_CSUM     VIRTIO_BIT (0)
#define F_TSO4     VIRTIO_BIT (11)
#define F_MRG      VIRTIO_BIT (15)
#define F_CTRL     (VIRTIO_BIT (17) | VIRTIO_BIT (18) | VIRTIO_BIT (19) | VIRTIO_BIT (23))
#define HEADER     RIG_BUFFERS
#define FRAME      (RIG_BUFFERS + 0x1000)
#define INCOMING   (RIG_BUFFERS + 0x40000)

static const guint8 mac[6] = { 0x52, 0x54, 0, 1, 2, 3 };

typedef struct
{
  Rig         rig;
  AsternLink *link;
  GPtrArray  *sent;      /* GBytes */
} Fixture;

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  g_ptr_array_add (((Fixture *) user)->sent, g_bytes_new (data, size));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  rig_set_up (&f->rig, &virtio_net_class, 0);
  f->rig.virtio->offered |= VIRTIO_F_RING_PACKED;
  f->link = astern_link_new (NULL, "net0");
  f->link->send = sent;
  f->link->user = f;
  f->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  virtio_net_connect (f->rig.virtio, f->link, mac);
  rig_plug (&f->rig, TRUE, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  rig_tear_down (&f->rig);
  astern_link_free (f->link);
  g_ptr_array_unref (f->sent);
}

/* Ethernet, IPv4 and TCP with @payload bytes; without checksums. */
static gsize
make_tcp (guint8 *frame, gsize payload)
{
  memset (frame, 0, 54);
  memset (frame, 0x52, 12);
  net_put16 (frame + 12, NET_ETHERTYPE_IPV4);
  frame[14] = 0x45;
  net_put16 (frame + 16, (guint16) (40 + payload));
  frame[22] = 64;
  frame[23] = NET_PROTOCOL_TCP;
  memset (frame + 26, 10, 8);
  frame[46] = 0x50;
  frame[47] = 0x18;
  for (gsize i = 0; i < payload; i++)
    frame[54 + i] = (guint8) (i * 7);
  net_checksum_put (frame + 14, 20, 10);
  return 54 + payload;
}

static void
transmit (Fixture *f, const guint8 header[12], gsize size)
{
  const RigPart parts[] = { { HEADER, 12, FALSE }, { FRAME, 20, FALSE }, { FRAME + 20, (guint32) size - 20, FALSE } };

  memcpy (rig_at (&f->rig, HEADER), header, 12);
  rig_add (&f->rig, TX, parts, 3);
  rig_kick (&f->rig, TX);
  rig_wait (&f->rig, TX, NULL);
}

static void
a_frame_goes_out (Fixture *f, gconstpointer data)
{
  static const guint8 header[12];
  gsize size, got;

  rig_start (&f->rig, 0, 3);
  size = make_tcp (rig_at (&f->rig, FRAME), 100);
  transmit (f, header, size);
  g_assert_cmpuint (f->sent->len, ==, 1);
  g_bytes_get_data (f->sent->pdata[0], &got);
  g_assert_cmpmem (g_bytes_get_data (f->sent->pdata[0], NULL), got, rig_at (&f->rig, FRAME), size);
}

static void
a_checksum_that_was_left_out_is_put_in (Fixture *f, gconstpointer data)
{
  static const guint8 header[12] = { 1, 0, 0, 0, 0, 0, 34, 0, 16, 0 };
  const guint8 *frame;
  NetHeaders headers;
  guint8 *at;
  gsize size;

  rig_start (&f->rig, F_CSUM, 3);
  at = rig_at (&f->rig, FRAME);
  size = make_tcp (at, 100);
  g_assert_true (net_headers_parse (at, size, &headers));
  net_put16 (at + 50, net_checksum_pseudo (at, &headers, 120));
  g_assert_false (net_checksum_l4_ok (at, &headers));
  transmit (f, header, size);
  frame = g_bytes_get_data (f->sent->pdata[0], &size);
  g_assert_true (net_headers_parse (frame, size, &headers));
  g_assert_true (net_checksum_l4_ok (frame, &headers));
}

static void
a_large_segment_is_cut (Fixture *f, gconstpointer data)
{
  static const guint8 header[12] = { 1, 1, 54, 0, 0xb4, 0x05, 34, 0, 16, 0 };      /* 1460 */
  gsize size, payload = 0;

  rig_start (&f->rig, F_CSUM | F_TSO4, 3);
  size = make_tcp (rig_at (&f->rig, FRAME), 10000);
  transmit (f, header, size);
  g_assert_cmpuint (f->sent->len, ==, 7);
  for (guint i = 0; i < f->sent->len; i++)
    {
      const guint8 *frame = g_bytes_get_data (f->sent->pdata[i], &size);
      NetHeaders headers;

      g_assert_true (net_headers_parse (frame, size, &headers));
      g_assert_true (net_checksum_ip_ok (frame, &headers) && net_checksum_l4_ok (frame, &headers));
      g_assert_cmpmem (frame + 54, size - 54, rig_at (&f->rig, FRAME + 54 + payload), size - 54);
      payload += size - 54;
    }
  g_assert_cmpuint (payload, ==, 10000);
}

static void
nonsense_is_dropped (Fixture *f, gconstpointer data)
{
  static const guint8 beyond[12] = { 1, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, no_size[12] = { 1, 1 }, kind[12] = { 0, 9 };
  const RigPart none = { HEADER, 3, FALSE };
  gsize size;

  rig_start (&f->rig, F_CSUM | F_TSO4, 3);
  size = make_tcp (rig_at (&f->rig, FRAME), 100);
  transmit (f, no_size, size);
  transmit (f, kind, size);
  g_assert_cmpuint (f->sent->len, ==, 0);
  transmit (f, beyond, size);
  g_assert_cmpuint (f->sent->len, ==, 1);
  rig_add (&f->rig, TX, &none, 1);
  rig_kick (&f->rig, TX);
  rig_wait (&f->rig, TX, NULL);
  g_assert_cmpuint (f->sent->len, ==, 1);
  g_assert_cmpuint (f->rig.machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, 4);
}

static void
add_buffers (Fixture *f, guint n, guint32 size)
{
  for (guint i = 0; i < n; i++)
    {
      const RigPart part = { INCOMING + i * 0x1000, size, TRUE };

      rig_add (&f->rig, RX, &part, 1);
    }
  rig_kick (&f->rig, RX);
}

static void
a_frame_comes_in (Fixture *f, gconstpointer features)
{
  guint8 frame[1514];
  guint32 written;
  guint head;

  rig_start (&f->rig, GPOINTER_TO_UINT (features) ? VIRTIO_F_RING_PACKED : 0, 3);
  make_tcp (frame, 1460);
  g_assert_cmpuint (f->link->room (f->link->device), ==, 0);
  add_buffers (f, 2, 1600);
  g_assert_cmpuint (f->link->room (f->link->device), ==, 2);
  f->link->input (f->link->device, frame, sizeof frame);
  g_assert_cmpuint (f->link->room (f->link->device), ==, 1);
  g_assert_true (rig_take (&f->rig, RX, &head, &written));
  g_assert_cmpuint (written, ==, 12 + sizeof frame);
  g_assert_cmpmem (rig_at (&f->rig, INCOMING + 12), sizeof frame, frame, sizeof frame);
  g_assert_cmpuint (*rig_at (&f->rig, INCOMING + 10), ==, 1);
}

static void
a_frame_is_spread_over_buffers (Fixture *f, gconstpointer features)
{
  guint8 frame[1514];
  guint32 written;
  guint head;

  rig_start (&f->rig, F_MRG | (GPOINTER_TO_UINT (features) ? VIRTIO_F_RING_PACKED : 0), 3);
  make_tcp (frame, 1460);
  add_buffers (f, 2, 600);
  f->link->input (f->link->device, frame, sizeof frame);      /* too few: dropped, the buffers stay */
  g_assert_false (rig_take (&f->rig, RX, &head, &written));
  add_buffers (f, 2, 600);
  f->link->input (f->link->device, frame, sizeof frame);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (rig_take (&f->rig, RX, &head, &written));
      g_assert_cmpuint (written, ==, i < 2 ? 600 : 1514 + 12 - 1200);
    }
  g_assert_cmpuint (f->link->room (f->link->device), ==, 1);
}

static gboolean
command (Fixture *f, guint8 class, guint8 number, gconstpointer data, gsize size)
{
  const RigPart parts[] = { { HEADER, 2, FALSE }, { HEADER + 16, (guint32) size, FALSE }, { HEADER + 512, 1, TRUE } };
  guint8 *at = rig_at (&f->rig, HEADER);

  at[0] = class;
  at[1] = number;
  memcpy (at + 16, data, size);
  at[512] = 0xee;
  rig_add (&f->rig, CTRL, parts, 3);
  rig_kick (&f->rig, CTRL);
  rig_wait (&f->rig, CTRL, NULL);
  return at[512] == 0;
}

static gboolean
arrives (Fixture *f, guint8 first, guint8 last, guint vlan)
{
  guint8 frame[64] = { first, 0x54, 0, 1, 2, last };
  guint32 written;
  guint head;

  if (vlan != 0)
    {
      net_put16 (frame + 12, NET_ETHERTYPE_VLAN);
      net_put16 (frame + 14, (guint16) vlan);
    }
  add_buffers (f, 1, 600);
  f->link->input (f->link->device, frame, sizeof frame);
  return rig_take (&f->rig, RX, &head, &written);
}

static void
only_what_is_wanted_comes_in (Fixture *f, gconstpointer data)
{
  static const guint8 on[1] = { 1 }, off[1] = { 0 };
  static const guint8 tables[] = { 1, 0, 0, 0, 0x52, 0x54, 0, 1, 2, 9, 1, 0, 0, 0, 0x53, 0x54, 0, 1, 2, 7 };
  static const guint8 cut[] = { 9, 0, 0, 0, 1, 2 }, vlan[2] = { 5, 0 }, no_vlan[2] = { 0, 0x10 };

  rig_start (&f->rig, F_CTRL, 3);
  g_assert_true (arrives (f, 0x52, 8, 0));              /* promiscuous from the start */
  g_assert_true (command (f, 0, 0, off, 1));
  g_assert_false (arrives (f, 0x52, 8, 0));
  g_assert_true (arrives (f, 0x52, 3, 0));
  g_assert_false (arrives (f, 0x53, 7, 0));
  g_assert_true (command (f, 1, 0, tables, sizeof tables));
  g_assert_true (arrives (f, 0x52, 9, 0));
  g_assert_true (arrives (f, 0x53, 7, 0));
  g_assert_false (arrives (f, 0x53, 8, 0));
  g_assert_true (command (f, 0, 1, on, 1));             /* all multicast */
  g_assert_true (arrives (f, 0x53, 8, 0));
  g_assert_false (arrives (f, 0x52, 3, 5));
  g_assert_true (command (f, 2, 0, vlan, 2));
  g_assert_true (arrives (f, 0x52, 3, 5));
  g_assert_false (arrives (f, 0x52, 3, 6));
  g_assert_false (command (f, 2, 0, no_vlan, 2));
  g_assert_false (command (f, 1, 0, cut, sizeof cut));
  g_assert_false (command (f, 7, 0, on, 1));
  g_assert_true (command (f, 1, 1, "\x52\x54\0\1\2\x44", 6));
  g_assert_cmphex (rig_config (&f->rig, 5, 1), ==, 0x44);
}

static void
the_cable_is_seen (Fixture *f, gconstpointer data)
{
  rig_start (&f->rig, VIRTIO_BIT (16), 3);
  g_assert_cmpuint (rig_config (&f->rig, 6, 2), ==, 1);
  f->link->connected = FALSE;
  f->link->changed (f->link->device);
  g_assert_cmpuint (rig_config (&f->rig, 6, 2), ==, 0);
  g_assert_cmpuint (rig_common_read (&f->rig, 0x1000, 1), ==, 3);
  g_assert_cmpuint (rig_common_read (&f->rig, 0x15, 1), ==, 1);
}

#define ADD(name) g_test_add ("/hw/virtio-net/" #name, Fixture, NULL, set_up, name, tear_down)
#define ADD_BOTH(claim) \
  g_test_add ("/hw/virtio-net/" #claim "/split", Fixture, GUINT_TO_POINTER (0), set_up, claim, tear_down); \
  g_test_add ("/hw/virtio-net/" #claim "/packed", Fixture, GUINT_TO_POINTER (1), set_up, claim, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_frame_goes_out);
  ADD (a_checksum_that_was_left_out_is_put_in);
  ADD (a_large_segment_is_cut);
  ADD (nonsense_is_dropped);
  ADD_BOTH (a_frame_comes_in);
  ADD_BOTH (a_frame_is_spread_over_buffers);
  ADD (only_what_is_wanted_comes_in);
  ADD (the_cable_is_seen);
  return g_test_run ();
}
