/* test-net.c - network back ends: each is spoken to as a card would, over a wire. */
#include "config.h"

#include "core/machine.h"
#include "host/net/hub.h"
#include "host/net/wire.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_US (60 * G_USEC_PER_SEC)
#define HELLO       "\xff\xff\xff\xff\xff\xff\x52\x54\x00\x12\x34\x56\x88\xb5" "hello, other end of the cable"

/* A card that keeps what it is given. */
typedef struct
{
  AsternMachine *machine;
  AsternLink    *link;
  AsternNet     *net;
  AsternNetWire *wire;
  GPtrArray     *frames;    /* GBytes */
  gint           room;      /* atomic */
} End;

typedef struct
{
  AsternHostLoop *loop;
  End             a, b;
  char           *folder;
} Fixture;

static void
take (gpointer device, gconstpointer data, gsize size)
{
  End *end = device;

  g_ptr_array_add (end->frames, g_bytes_new (data, size));
  g_atomic_int_add (&end->room, -1);
}

static guint
room (gpointer device)
{
  return (guint) g_atomic_int_get (&((End *) device)->room);
}

static void
make_end (End *end)
{
  end->machine = astern_machine_new (1 << 20, NULL);
  end->link = astern_link_new (end->machine, "net0");
  end->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  end->room = G_MAXINT;
  astern_link_attach (end->link, end, take, room);
}

static void
free_end (End *end)
{
  astern_net_wire_free (end->wire);
  astern_net_close (end->net);
  astern_link_free (end->link);
  astern_machine_free (end->machine);
  g_ptr_array_unref (end->frames);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->loop = astern_host_loop_new ();
  f->folder = g_dir_make_tmp ("astern-net-XXXXXX", NULL);
  make_end (&f->a);
  make_end (&f->b);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  free_end (&f->a);
  free_end (&f->b);
  astern_host_loop_free (f->loop);
  g_rmdir (f->folder);
  g_free (f->folder);
}

/* "user,restrict=on" */
static gboolean
parse (AsternNetSpec *spec, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  if (!astern_net_spec_init (spec, parts[0], error))
    return FALSE;
  for (guint i = 1; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');

      *equals = '\0';
      if (!astern_net_spec_set (spec, parts[i], equals + 1, error))
        return FALSE;
    }
  return astern_net_spec_check (spec, error);
}

static void
open_end (Fixture *f, End *end, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) folder = g_strsplit (words, "@", -1);
  g_autofree char *text = g_strjoinv (f->folder, folder);      /* @: the folder */
  AsternNetSpec spec;

  parse (&spec, text, &error);
  g_assert_no_error (error);
  end->net = astern_net_open (f->loop, &spec, &error);
  g_assert_no_error (error);
  end->wire = astern_net_wire_new (f->loop, end->link, end->net, 0);
  astern_net_spec_clear (&spec);
}

/* Polls the door until @n frames have come. */
static void
wait_for (End *end, guint n)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (end->frames->len < n && g_get_monotonic_time () < end_us)
    if (!astern_inputs_poll (end->machine->inputs))
      g_usleep (100);
  g_assert_cmpuint (end->frames->len, >=, n);
}

static void
say_hello (End *end)
{
  astern_link_send (end->link, HELLO, sizeof HELLO - 1);
}

static void
assert_hello (End *end, guint i)
{
  GBytes *frame = g_ptr_array_index (end->frames, i);

  g_assert_cmpuint (g_bytes_get_size (frame), ==, 60);
  g_assert_cmpint (memcmp (g_bytes_get_data (frame, NULL), HELLO, sizeof HELLO - 1), ==, 0);
}

static void
say_hello_both_ways (Fixture *f)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  /* The first may be said before the other end has been accepted. */
  while (f->b.frames->len == 0 && g_get_monotonic_time () < end_us)
    {
      say_hello (&f->a);
      g_usleep (2000);
      astern_inputs_poll (f->b.machine->inputs);
    }
  wait_for (&f->b, 1);
  assert_hello (&f->b, 0);
  say_hello (&f->b);
  wait_for (&f->a, 1);
  assert_hello (&f->a, f->a.frames->len - 1);
}

/* ---- user ---- */

static void
put16 (guint8 *at, guint value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

/* RFC 2131: a client asks who gives addresses. */
static void
send_discover (End *end)
{
  guint8 frame[14 + 20 + 8 + 300] = { 0 };
  guint8 *ip = frame + 14, *udp = ip + 20, *boot = udp + 8;
  guint32 sum = 0;

  memset (frame, 0xff, 6);
  memcpy (frame + 6, "\x52\x54\x00\x12\x34\x56\x08\x00", 8);
  memcpy (ip, "\x45\x00", 2);
  put16 (ip + 2, sizeof frame - 14);
  ip[8] = 64;
  ip[9] = 17;
  memset (ip + 16, 0xff, 4);
  for (guint i = 0; i < 20; i += 2)
    sum += (guint) (ip[i] << 8 | ip[i + 1]);
  put16 (ip + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
  put16 (udp, 68);
  put16 (udp + 2, 67);
  put16 (udp + 4, sizeof frame - 34);
  memcpy (boot, "\x01\x01\x06\x00" "1234", 8);
  memcpy (boot + 28, "\x52\x54\x00\x12\x34\x56", 6);
  memcpy (boot + 236, "\x63\x82\x53\x63" "\x35\x01\x01" "\xff", 8);
  astern_link_send (end->link, frame, sizeof frame);
}

/* (nullable) the offer's BOOTP part. */
static const guint8 *
find_offer (End *end)
{
  for (guint i = 0; i < end->frames->len; i++)
    {
      gsize size;
      const guint8 *frame = g_bytes_get_data (g_ptr_array_index (end->frames, i), &size);

      if (size > 14 + 20 + 8 + 240 && frame[12] == 8 && frame[23] == 17 && frame[34 + 3] == 68)
        return frame + 14 + 20 + 8;
    }
  return NULL;
}

static void
ask_for_address (Fixture *f, const char *words, const char *expected)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  const guint8 *offer = NULL;
  g_autofree char *address = NULL;

  open_end (f, &f->a, words);
  send_discover (&f->a);
  while ((offer = find_offer (&f->a)) == NULL && g_get_monotonic_time () < end_us)
    if (!astern_inputs_poll (f->a.machine->inputs))
      g_usleep (100);
  g_assert_nonnull (offer);
  address = g_strdup_printf ("%u.%u.%u.%u", offer[16], offer[17], offer[18], offer[19]);
  g_assert_cmpstr (address, ==, expected);
}

static void
user_gives_the_first_address (Fixture *f, gconstpointer data)
{
  ask_for_address (f, "user", "10.0.2.15");
}

static void
user_gives_the_address_it_was_told_to (Fixture *f, gconstpointer data)
{
  ask_for_address (f, "user,net=192.168.7.0/24,dhcpstart=192.168.7.40", "192.168.7.40");
}

static void
forwards_are_added_and_removed (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  open_end (f, &f->a, "user");
  g_assert_true (astern_net_forward (f->a.net, TRUE, "tcp:127.0.0.1:0-:22", &error));
  g_assert_no_error (error);
  text = astern_net_describe (f->a.net);
  g_assert_nonnull (strstr (text, "HOST_FORWARD"));
  g_assert_false (astern_net_forward (f->a.net, TRUE, "tcp:here-there", &error));
  g_assert_error (error, ASTERN_NET_ERROR, ASTERN_NET_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_false (astern_net_forward (f->a.net, FALSE, "tcp:127.0.0.1:9", &error));
  g_assert_error (error, ASTERN_NET_ERROR, ASTERN_NET_ERROR_USAGE);
}

/* ---- sockets ---- */

static void
streams_carry_frames (Fixture *f, gconstpointer data)
{
  open_end (f, &f->a, "stream,server=on,addr.type=unix,addr.path=@/s");
  open_end (f, &f->b, "stream,addr.type=unix,addr.path=@/s");
  say_hello_both_ways (f);
}

static void
a_client_that_comes_first_connects_later (Fixture *f, gconstpointer data)
{
  open_end (f, &f->b, "stream,reconnect=1,addr.type=unix,addr.path=@/s");
  open_end (f, &f->a, "stream,server=on,addr.type=unix,addr.path=@/s");
  say_hello_both_ways (f);
}

static void
open_datagrams (Fixture *f)
{
  open_end (f, &f->a, "dgram,local.type=unix,local.path=@/a,remote.type=unix,remote.path=@/b");
  open_end (f, &f->b, "dgram,local.type=unix,local.path=@/b,remote.type=unix,remote.path=@/a");
}

static void
datagrams_carry_frames (Fixture *f, gconstpointer data)
{
  open_datagrams (f);
  say_hello_both_ways (f);
}

static void
sockets_carry_frames (Fixture *f, gconstpointer data)
{
  guint a = 20000 + (guint) getpid () % 10000, b = a + 10000;
  g_autofree char *first = g_strdup_printf ("socket,udp=127.0.0.1:%u,localaddr=127.0.0.1:%u", a, b);
  g_autofree char *second = g_strdup_printf ("socket,udp=127.0.0.1:%u,localaddr=127.0.0.1:%u", b, a);

  open_end (f, &f->a, first);
  open_end (f, &f->b, second);
  say_hello_both_ways (f);
}

static void
open_hub (Fixture *f, AsternNetHub *hub, guint64 epoch_ns)
{
  f->a.net = astern_net_hub_port (hub, "a");
  f->b.net = astern_net_hub_port (hub, "b");
  f->a.wire = astern_net_wire_new (f->loop, f->a.link, f->a.net, epoch_ns);
  f->b.wire = astern_net_wire_new (f->loop, f->b.link, f->b.net, epoch_ns);
}

static void
hubs_join (Fixture *f, gconstpointer data)
{
  AsternNetHub *hub = astern_net_hub_new (f->loop);

  open_hub (f, hub, 0);
  say_hello_both_ways (f);
  astern_net_hub_free (hub);
}

/* ---- wires ---- */

static void
what_the_card_has_no_room_for_waits (Fixture *f, gconstpointer data)
{
  open_datagrams (f);
  g_atomic_int_set (&f->b.room, 3);
  for (guint i = 0; i < 8; i++)
    say_hello (&f->a);
  wait_for (&f->b, 3);
  g_usleep (30000);                   /* what should not come would be here */
  while (astern_inputs_poll (f->b.machine->inputs))
    ;
  g_assert_cmpuint (f->b.frames->len, ==, 3);
  g_atomic_int_set (&f->b.room, 100);
  astern_link_has_room (f->b.link);
  wait_for (&f->b, 8);
}

static void
nothing_comes_through_a_cable_that_is_pulled (Fixture *f, gconstpointer data)
{
  AsternNetWireCounts counts;

  open_end (f, &f->a, "user");
  astern_net_wire_plug (f->a.wire, FALSE);
  send_discover (&f->a);
  wait_for (&f->a, 1);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (f->a.frames, 0)), ==, ASTERN_NET_LINK_PACKET_BYTES);
  astern_net_wire_counts (f->a.wire, &counts);
  g_assert_cmpuint (counts.sent, ==, 0);
  g_assert_false (counts.up);
}

static void
a_dump_has_both_directions (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "dump.pcap", NULL);
  AsternPcap *pcap = astern_pcap_open (path, 48, NULL);
  AsternNetHub *hub = astern_net_hub_new (f->loop);
  g_autofree char *content = NULL;
  gsize size;
  guint32 words[4];

  open_hub (f, hub, 1700000000 * G_GUINT64_CONSTANT (1000000000));
  astern_net_wire_dump (f->a.wire, pcap);
  astern_clock_skip (&f->a.machine->clock, 1234);
  say_hello (&f->a);
  wait_for (&f->b, 1);
  say_hello (&f->b);
  wait_for (&f->a, 1);
  astern_pcap_close (pcap);
  astern_net_hub_free (hub);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpuint (size, ==, 24 + 16 + (sizeof HELLO - 1) + 16 + 48);
  memcpy (words, content + 24, sizeof words);
  g_assert_cmpuint (words[0], ==, 1700000000);
  g_assert_cmpuint (words[1], ==, 1234);
  g_assert_cmpuint (words[2], ==, sizeof HELLO - 1);
  memcpy (words, content + 24 + 16 + (sizeof HELLO - 1), sizeof words);
  g_assert_cmpuint (words[2], ==, 48);
  g_assert_cmpuint (words[3], ==, 60);
  g_unlink (path);
}

/* ---- specifications ---- */

static void
what_makes_no_sense_is_refused (void)
{
  static const char *const wrong[] = {
    "vde", "usr", "user,hostfwd=tcp::22", "user,net=10.0.2.0/33", "user,net=ten", "user,host=10.0.3.2", "user,dns=10.0.2.2",
    "user,guestfwd=tcp:10.0.2.100:0-cmd:cat", "user,guestfwd=tcp:11.0.2.100:7-cmd:cat", "user,smb=/tmp", "user,colour=red",
    "user,net=10.0.2.0/24,net=10.0.2.0/24", "user,ipv4=off,ipv6=off", "tap,ifname=a-name-that-is-too-long", "tap,vhost=on",
    "socket", "socket,listen=x,connect=y:1", "socket,listen=here", "socket,udp=127.0.0.1:1", "stream",
    "stream,addr.type=inet,addr.host=a", "stream,addr.type=unix", "stream,addr.type=fd,addr.str=3", "dgram", "hubport", "hubport,hubid=x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      AsternNetSpec spec;

      if (parse (&spec, wrong[i], &error))
        g_error ("“%s” was taken", wrong[i]);
      g_assert_nonnull (error);
      astern_net_spec_clear (&spec);
    }
}

#define ADD(name) g_test_add ("/host/net/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (user_gives_the_first_address);
  ADD (user_gives_the_address_it_was_told_to);
  ADD (forwards_are_added_and_removed);
  ADD (streams_carry_frames);
  ADD (a_client_that_comes_first_connects_later);
  ADD (datagrams_carry_frames);
  ADD (sockets_carry_frames);
  ADD (hubs_join);
  ADD (what_the_card_has_no_room_for_waits);
  ADD (nothing_comes_through_a_cable_that_is_pulled);
  ADD (a_dump_has_both_directions);
  g_test_add_func ("/host/net/what_makes_no_sense_is_refused", what_makes_no_sense_is_refused);
  return g_test_run ();
}
