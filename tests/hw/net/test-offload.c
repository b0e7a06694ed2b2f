/* test-offload.c - checksums and segmentation. */
#include "config.h"

#include "hw/net/offload.h"

#include <string.h>

/* RFC 1071's own example. */
static void
the_sum_is_that_of_the_rfc (void)
{
  static const guint8 bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

  g_assert_cmphex (net_checksum_add (0, bytes, sizeof bytes), ==, 0xddf2);
}

static void
any_length_sums_as_words_do (void)
{
  guint8 bytes[300];

  for (guint round = 0; round < 2000; round++)
    {
      gsize size = (guint) g_test_rand_int_range (0, sizeof bytes);
      guint64 expected = 0;

      for (gsize i = 0; i < size; i++)
        {
          bytes[i] = round % 3 == 0 ? 0xff : (guint8) g_test_rand_int ();
          expected += (guint64) bytes[i] << (i % 2 ? 0 : 8);
        }
      while (expected > 0xffff)
        expected = (expected & 0xffff) + (expected >> 16);
      g_assert_cmphex (net_checksum_add (0, bytes, size), ==, expected);
    }
}

static void
the_crc_is_that_of_ethernet (void)
{
  g_assert_cmphex (net_crc32 ("123456789", 9), ==, 0xcbf43926);
}

static void
any_length_has_the_crc_of_its_bits (void)
{
  guint8 bytes[300];

  for (guint round = 0; round < 200; round++)
    {
      gsize size = (guint) g_test_rand_int_range (0, sizeof bytes);
      guint32 expected = G_MAXUINT32;

      for (gsize i = 0; i < size; i++)
        {
          bytes[i] = (guint8) g_test_rand_int ();
          for (guint bit = 0; bit < 8; bit++)
            expected = expected >> 1 ^ ((expected ^ bytes[i] >> bit) & 1 ? 0xedb88320 : 0);
        }
      g_assert_cmphex (net_crc32 (bytes, size), ==, ~expected);
    }
}

/* ---- segmentation ---- */

#define PAYLOAD 5000

typedef struct
{
  guint8  whole[PAYLOAD];
  guint32 sequence;
  guint   frames, version, last_flags;
  gsize   seen;
} Seen;

static void
make_frame (guint8 *frame, guint version, guint protocol)
{
  gsize l4 = 14 + (version == 4 ? 20 : 40);

  memset (frame, 0, 14 + 40 + 20);
  net_put16 (frame + 12, version == 4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  frame[14] = version == 4 ? 0x45 : 0x60;
  frame[14 + (version == 4 ? 9 : 6)] = (guint8) protocol;
  frame[14 + 12] = 10;
  frame[14 + 16] = 11;
  if (protocol == NET_PROTOCOL_TCP)
    {
      frame[l4 + 12] = 5 << 4;
      frame[l4 + 13] = 0x80 | 0x10 | 0x08 | 0x01;      /* CWR ACK PSH FIN */
      memset (frame + l4 + 4, 0xff, 4);                /* the sequence number will wrap */
    }
}

static void
check_frame (gpointer user, const guint8 *frame, gsize size)
{
  Seen *seen = user;
  NetHeaders headers;

  g_assert_true (net_headers_parse (frame, size, &headers));
  g_assert_cmpuint (headers.version, ==, seen->version);
  g_assert_cmpuint (headers.end, ==, size);
  g_assert_cmpuint (headers.l4, !=, 0);
  g_assert_true (net_checksum_ip_ok (frame, &headers));
  g_assert_true (net_checksum_l4_ok (frame, &headers));
  if (headers.protocol == NET_PROTOCOL_TCP)
    {
      guint32 sequence = (guint32) net_get16 (frame + headers.l4 + 4) << 16 | net_get16 (frame + headers.l4 + 6);

      g_assert_cmphex (sequence, ==, (guint32) (G_MAXUINT32 + seen->seen));
      seen->last_flags = frame[headers.l4 + 13];
      g_assert_cmpint ((seen->last_flags & 0x80) != 0, ==, seen->frames == 0);
    }
  memcpy (seen->whole + seen->seen, frame + headers.payload, size - headers.payload);
  seen->seen += size - headers.payload;
  seen->frames++;
}

static void
segments_make_up_the_whole (gconstpointer data)
{
  guint version = GPOINTER_TO_UINT (data) >> 8, protocol = GPOINTER_TO_UINT (data) & 0xff;
  gsize header = 14 + (version == 4 ? 20 : 40) + (protocol == NET_PROTOCOL_TCP ? 20 : 8);
  guint8 frame[14 + 40 + 20 + PAYLOAD];
  NetSegmentation how;
  Seen seen = { .version = version };

  make_frame (frame, version, protocol);
  for (guint i = 0; i < PAYLOAD; i++)
    frame[header + i] = (guint8) g_test_rand_int ();
  g_assert_true (net_segmentation_find (frame, header + PAYLOAD, 1400, &how));
  g_assert_cmpuint (how.header, ==, header);
  g_assert_cmpuint (net_segment (frame, header + PAYLOAD, &how, check_frame, &seen), ==, 4);
  g_assert_cmpmem (seen.whole, seen.seen, frame + header, PAYLOAD);
  if (protocol == NET_PROTOCOL_TCP)
    g_assert_cmphex (seen.last_flags, ==, 0x19);
}

static void
take_sent (gpointer user, const guint8 *data, gsize size)
{
  check_frame (user, data, size);
}

static void
a_tcp_segment_goes_whole_where_it_is_taken (void)
{
  Seen seen = { .version = 4 };
  g_autoptr (AsternLink) link = astern_link_new (NULL, "net0");
  guint8 frame[14 + 40 + PAYLOAD];
  NetSegmentation how;

  make_frame (frame, 4, NET_PROTOCOL_TCP);
  for (guint i = 54; i < sizeof frame; i++)
    frame[i] = (guint8) g_test_rand_int ();
  g_assert_true (net_segmentation_find (frame, sizeof frame, 1400, &how));
  g_assert_true (net_send_whole (link, frame, sizeof frame, &how));      /* nobody hears */
  link->send = take_sent;
  link->user = &seen;
  g_assert_false (net_send_whole (link, frame, sizeof frame, &how));
  link->large = TRUE;
  g_assert_true (net_send_whole (link, frame, sizeof frame, &how));
  g_assert_cmpuint (seen.frames, ==, 1);
  g_assert_cmpmem (seen.whole, seen.seen, frame + 54, PAYLOAD);
  how.protocol = NET_PROTOCOL_UDP;
  g_assert_false (net_send_whole (link, frame, sizeof frame, &how));
}

static void
emit_nothing (gpointer user, const guint8 *frame, gsize size)
{
  g_assert_not_reached ();
}

static void
what_does_not_fit_is_refused (void)
{
  guint8 frame[200] = { 0 };
  const NetSegmentation wrong[] = {
    { .l3 = 14, .l4 = 34, .header = 54, .mss = 0, .version = 4, .protocol = NET_PROTOCOL_TCP },
    { .l3 = 14, .l4 = 30, .header = 54, .mss = 9, .version = 4, .protocol = NET_PROTOCOL_TCP },
    { .l3 = 14, .l4 = 34, .header = 50, .mss = 9, .version = 4, .protocol = NET_PROTOCOL_TCP },
    { .l3 = 14, .l4 = 34, .header = 200, .mss = 9, .version = 4, .protocol = NET_PROTOCOL_TCP },
    { .l3 = 14, .l4 = 34, .header = 300, .mss = 9, .version = 4, .protocol = NET_PROTOCOL_TCP },
    { .l3 = 14, .l4 = 44, .header = 64, .mss = 9, .version = 6, .protocol = NET_PROTOCOL_TCP },
    { .l3 = 2, .l4 = 34, .header = 54, .mss = 9, .version = 4, .protocol = NET_PROTOCOL_TCP },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_cmpuint (net_segment (frame, sizeof frame, &wrong[i], emit_nothing, NULL), ==, 0);
}

static void
a_changed_byte_is_found (void)
{
  guint8 frame[128];
  const gsize size = 14 + 20 + 8 + 11;
  NetHeaders headers;

  make_frame (frame, 4, NET_PROTOCOL_UDP);
  net_put16 (frame + 16, size - 14);
  net_put16 (frame + 38, size - 34);
  memset (frame + 42, 'x', 11);
  net_checksum_put (frame + 14, 20, 10);
  g_assert_true (net_headers_parse (frame, size, &headers));
  net_put16 (frame + 40, net_checksum_pseudo (frame, &headers, size - 34));
  g_assert_true (net_checksum_put (frame + 34, size - 34, 6));
  g_assert_true (net_checksum_ip_ok (frame, &headers));
  g_assert_true (net_checksum_l4_ok (frame, &headers));
  frame[50]++;
  g_assert_false (net_checksum_l4_ok (frame, &headers));
  frame[26]++;
  g_assert_false (net_checksum_ip_ok (frame, &headers));
}

static void
a_tag_goes_behind_the_addresses_and_into_no_stump (void)
{
  static const guint8 frame[14] = "aaaaaabbbbbb\x08";
  g_autofree guint8 *tagged = net_tagged (frame, sizeof frame, NET_ETHERTYPE_VLAN, 0x2005);

  g_assert_cmpmem (tagged, 18, "aaaaaabbbbbb\x81\x00\x20\x05\x08\x00", 18);
  g_assert_null (net_tagged (frame, 11, NET_ETHERTYPE_VLAN, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hw/net/offload/the_sum_is_that_of_the_rfc", the_sum_is_that_of_the_rfc);
  g_test_add_func ("/hw/net/offload/any_length_sums_as_words_do", any_length_sums_as_words_do);
  g_test_add_func ("/hw/net/offload/the_crc_is_that_of_ethernet", the_crc_is_that_of_ethernet);
  g_test_add_func ("/hw/net/offload/any_length_has_the_crc_of_its_bits", any_length_has_the_crc_of_its_bits);
  g_test_add_func ("/hw/net/offload/a_tcp_segment_goes_whole_where_it_is_taken", a_tcp_segment_goes_whole_where_it_is_taken);
  g_test_add_data_func ("/hw/net/offload/tcp4/segments_make_up_the_whole", GUINT_TO_POINTER (4 << 8 | NET_PROTOCOL_TCP), segments_make_up_the_whole);
  g_test_add_data_func ("/hw/net/offload/tcp6/segments_make_up_the_whole", GUINT_TO_POINTER (6 << 8 | NET_PROTOCOL_TCP), segments_make_up_the_whole);
  g_test_add_data_func ("/hw/net/offload/udp4/segments_make_up_the_whole", GUINT_TO_POINTER (4 << 8 | NET_PROTOCOL_UDP), segments_make_up_the_whole);
  g_test_add_data_func ("/hw/net/offload/udp6/segments_make_up_the_whole", GUINT_TO_POINTER (6 << 8 | NET_PROTOCOL_UDP), segments_make_up_the_whole);
  g_test_add_func ("/hw/net/offload/what_does_not_fit_is_refused", what_does_not_fit_is_refused);
  g_test_add_func ("/hw/net/offload/a_changed_byte_is_found", a_changed_byte_is_found);
  g_test_add_func ("/hw/net/offload/a_tag_goes_behind_the_addresses_and_into_no_stump", a_tag_goes_behind_the_addresses_and_into_no_stump);
  return g_test_run ();
}
