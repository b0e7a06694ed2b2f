/* test-e1000.c - both of Intel's cards, driven as their drivers do. */
#include "config.h"

#include "hw/net/e1000.h"
#include "nic-bench.h"

enum
{
  CTRL = 0x00, STATUS = 0x08, EECD = 0x10, EERD = 0x14, MDIC = 0x20, ICR = 0xc0, ITR = 0xc4, IMS = 0xd0, IMC = 0xd8, RCTL = 0x100,
  TCTL = 0x400, RDBAL = 0x2800, RDLEN = 0x2808, RDH = 0x2810, RDT = 0x2818, TDBAL = 0x3800, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818,
  MPC = 0x4010, GPRC = 0x4074, RXCSUM = 0x5000, RFCTL = 0x5008, MTA = 0x5200, RAL0 = 0x5400, RAH0 = 0x5404, VFTA = 0x5600, VET = 0x38,
};

#define TX_RING   0x1000
#define RX_RING   0x2000
#define TX_DATA   0x10000
#define RX_BUFFER 0x40000
#define N_RX      8

typedef struct { guint64 address; guint32 lower, upper; } Descriptor;

static guint32
get (Bench *b, guint offset)
{
  return (guint32) astern_device_read (b->nic, E1000_WINDOW_REGISTERS, offset, 4, NULL);
}

static void
put (Bench *b, guint offset, guint32 value)
{
  astern_device_write (b->nic, E1000_WINDOW_REGISTERS, offset, 4, value, NULL);
}

static void
set_up (Bench *b, gconstpointer data)
{
  bench_set_up (b, data != NULL ? data : &e1000_card);
  put (b, TDBAL, TX_RING);
  put (b, TDLEN, 16 * 16);
  put (b, TCTL, 1 << 1 | 1 << 3);
  for (guint i = 0; i < N_RX; i++)
    {
      const Descriptor d = { RX_BUFFER + i * 2048, 0, 0 };

      memcpy (b->memory + RX_RING + i * 16, &d, 16);
    }
  put (b, RDBAL, RX_RING);
  put (b, RDLEN, N_RX * 16);
  put (b, RDT, N_RX - 1);
  put (b, RCTL, 1 << 1 | 1 << 15 | 1 << 26);      /* on, broadcasts, without CRC */
}

static void
tear_down (Bench *b, gconstpointer data)
{
  bench_tear_down (b);
}

static void
give (Bench *b, guint at, guint64 address, guint32 lower, guint32 upper)
{
  const Descriptor d = { address, lower, upper };

  memcpy (b->memory + TX_RING + at * 16, &d, 16);
}

static void
a_legacy_descriptor_sends_its_frame (Bench *b, gconstpointer data)
{
  bench_frame (b->memory + TX_DATA, BROADCAST, 100);
  give (b, 0, TX_DATA, 100 | 1 << 24 | 1 << 27, 0);
  put (b, IMS, 1);
  put (b, TDT, 1);
  assert_sent (b, 0, b->memory + TX_DATA, 100);
  g_assert_cmpuint (get (b, TDH), ==, 1);
  g_assert_cmphex (b->memory[TX_RING + 12] & 1, ==, 1);      /* DD */
  g_assert_true (b->irq.level);
  g_assert_cmphex (get (b, ICR) & 1, ==, 1);
  g_assert_false (b->irq.level);
}

static void
a_packet_waits_for_its_last_descriptor (Bench *b, gconstpointer data)
{
  bench_frame (b->memory + TX_DATA, BROADCAST, 100);
  give (b, 0, TX_DATA, 60, 0);
  put (b, TDT, 1);
  g_assert_cmpuint (b->sent->len, ==, 0);
  give (b, 1, TX_DATA + 60, 40 | 1 << 24, 0);
  put (b, TDT, 2);
  assert_sent (b, 0, b->memory + TX_DATA, 100);
}

/* Ethernet, IPv4, TCP, and 3000 bytes. */
static guint
make_large (guint8 *frame)
{
  memset (frame, 0, 54);
  bench_frame (frame, BROADCAST, 14);
  memcpy (frame + 12, "\x08\x00\x45", 3);
  frame[23] = 6;
  memcpy (frame + 26, "\x0a\x00\x02\x0f\x0a\x00\x02\x02", 8);
  frame[46] = 0x50;
  memset (frame + 54, 'x', 3000);
  return 54 + 3000;
}

static void
large_segments_are_cut_and_summed (Bench *b, gconstpointer data)
{
  const guint8 context[16] = { 14, 24, 33, 0, 34, 50, 0, 0, 0, 0, 0, 0x20 | 0x04 | 1 | 2, 0, 54, 1000 & 0xff, 1000 >> 8 };
  guint size = make_large (b->memory + TX_DATA), whole = 0;

  memcpy (b->memory + TX_RING, context, 16);
  give (b, 1, TX_DATA, 54 | 1 << 20 | 1 << 29 | 1 << 26, 3 << 8);
  give (b, 2, TX_DATA + 54, 3000 | 1 << 20 | 1 << 29 | 1 << 26 | 1 << 24, 0);
  put (b, TDT, 3);
  g_assert_cmpuint (b->sent->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      GBytes *frame = g_ptr_array_index (b->sent, i);
      const guint8 *bytes = g_bytes_get_data (frame, NULL);
      NetHeaders headers;

      g_assert_true (net_headers_parse (bytes, g_bytes_get_size (frame), &headers));
      g_assert_true (net_checksum_ip_ok (bytes, &headers));
      g_assert_true (net_checksum_l4_ok (bytes, &headers));
      whole += headers.end - headers.payload;
    }
  g_assert_cmpuint (whole, ==, size - 54);
}

static void
vlan_tags_are_put_in_and_taken_out (Bench *b, gconstpointer data)
{
  guint8 expected[104];
  guint16 special;

  put (b, CTRL, 1 << 30 | 1 << 6);
  bench_frame (b->memory + TX_DATA, BROADCAST, 100);
  memcpy (expected, b->memory + TX_DATA, 12);
  memcpy (expected + 12, "\x81\x00\x01\x23", 4);
  memcpy (expected + 16, b->memory + TX_DATA + 12, 88);
  give (b, 0, TX_DATA, 100 | 1 << 24 | 1 << 30, 0x0123u << 16);
  put (b, TDT, 1);
  assert_sent (b, 0, expected, 104);

  bench_receive (b, expected, 104);
  g_assert_cmpmem (b->memory + RX_BUFFER, 100, b->memory + TX_DATA, 100);
  memcpy (&special, b->memory + RX_RING + 14, 2);
  g_assert_cmphex (special, ==, 0x0123);
  g_assert_cmphex (b->memory[RX_RING + 12] & 0x08, ==, 0x08);      /* VP */
}

static void
a_frame_is_received_if_it_is_wanted (Bench *b, gconstpointer data)
{
  guint8 frame[100];
  guint16 length;

  bench_frame (frame, OWN_ADDRESS, sizeof frame);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmpuint (get (b, RDH), ==, 1);
  g_assert_cmpmem (b->memory + RX_BUFFER, 100, frame, 100);
  memcpy (&length, b->memory + RX_RING + 8, 2);
  g_assert_cmpuint (length, ==, 100);
  g_assert_cmphex (b->memory[RX_RING + 12] & 3, ==, 3);            /* DD, EOP */

  bench_frame (frame, "\x52\x54\x00\x00\x00\x01", sizeof frame);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmpuint (get (b, RDH), ==, 1);

  /* Bits 47 to 36 of the address choose the bit of the table. */
  bench_frame (frame, "\x01\x00\x5e\x00\x00\xfb", sizeof frame);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmpuint (get (b, RDH), ==, 1);
  put (b, MTA + 4 * (0xfb0 / 32), 1u << (0xfb0 % 32));
  bench_receive (b, frame, sizeof frame);
  g_assert_cmpuint (get (b, RDH), ==, 2);
  g_assert_cmpuint (get (b, GPRC), ==, 2);
  g_assert_cmpuint (get (b, GPRC), ==, 0);                          /* read, it is cleared */
}

static void
what_finds_no_descriptor_is_missed (Bench *b, gconstpointer data)
{
  guint8 frame[100];

  bench_frame (frame, BROADCAST, sizeof frame);
  for (guint i = 0; i < N_RX; i++)
    bench_receive (b, frame, sizeof frame);
  g_assert_cmpuint (get (b, RDH), ==, N_RX - 1);
  g_assert_cmpuint (get (b, MPC), ==, 1);
  g_assert_cmpuint (b->link->room (b->link->device), ==, 0);
}

static void
interrupts_are_throttled (Bench *b, gconstpointer data)
{
  guint8 frame[100];

  bench_frame (frame, BROADCAST, sizeof frame);
  put (b, ITR, 1000);                                               /* 256 us */
  put (b, IMS, 1 << 7);
  bench_receive (b, frame, sizeof frame);
  g_assert_true (b->irq.level);
  get (b, ICR);
  bench_receive (b, frame, sizeof frame);
  g_assert_false (b->irq.level);
  clock_run (&b->machine->clock, 300 * 1000);
  g_assert_true (b->irq.level);
}

static void
a_cable_that_is_pulled_is_told (Bench *b, gconstpointer data)
{
  put (b, IMS, 1 << 2);
  g_assert_cmphex (get (b, STATUS) & 2, ==, 2);
  bench_plug (b, FALSE);
  g_assert_cmphex (get (b, STATUS) & 2, ==, 0);
  g_assert_true (b->irq.level);
}

static guint
read_serially (Bench *b, guint at)
{
  const guint command = 6 << 6 | at;
  guint value = 0;

  put (b, EECD, 1 << 6 | 1 << 1);
  for (gint i = 8; i >= 0; i--)
    {
      guint line = 1 << 6 | 1 << 1 | (command >> i & 1) << 2;

      put (b, EECD, line);
      put (b, EECD, line | 1);
      put (b, EECD, line);
    }
  for (guint i = 0; i < 16; i++)
    {
      put (b, EECD, 1 << 6 | 1 << 1 | 1);
      value = value << 1 | (get (b, EECD) >> 3 & 1);
      put (b, EECD, 1 << 6 | 1 << 1);
    }
  put (b, EECD, 0);
  return value;
}

static void
the_eeprom_has_the_address_and_its_sum (Bench *b, gconstpointer data)
{
  guint16 sum = 0;

  for (guint i = 0; i < 64; i++)
    sum = (guint16) (sum + read_serially (b, i));
  g_assert_cmphex (sum, ==, 0xbaba);
  g_assert_cmphex (read_serially (b, 0), ==, 0x5452);
  put (b, EERD, 1 | 2 << 8);
  g_assert_cmphex (get (b, EERD) >> 16, ==, 0x5634);
}

static void
the_transceiver_has_a_link (Bench *b, gconstpointer data)
{
  put (b, MDIC, 2 << 26 | 1 << 21 | 1 << 16);
  g_assert_cmphex (get (b, MDIC) & (1 << 28 | 1 << 2 | 1 << 5), ==, 1 << 28 | 1 << 2 | 1 << 5);
  put (b, MDIC, 2 << 26 | 2 << 21 | 1 << 16);
  g_assert_cmphex (get (b, MDIC) & 1 << 30, ==, 1 << 30);           /* there is no other */
}

static void
extended_descriptors_are_filled (Bench *b, gconstpointer data)
{
  guint8 frame[100];
  guint32 words[4];

  put (b, RFCTL, 1 << 15);
  bench_frame (frame, BROADCAST, sizeof frame);
  bench_receive (b, frame, sizeof frame);
  memcpy (words, b->memory + RX_RING, 16);
  g_assert_cmphex (words[2] & 3, ==, 3);
  g_assert_cmpuint (words[3] & 0xffff, ==, 100);
  g_assert_cmpmem (b->memory + RX_BUFFER, 100, frame, 100);
}

#define ADD(name)  g_test_add ("/hw/e1000/" #name, Bench, NULL, set_up, name, tear_down)
#define ADDE(name) g_test_add ("/hw/e1000e/" #name, Bench, &e1000e_card, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_legacy_descriptor_sends_its_frame);
  ADD (a_packet_waits_for_its_last_descriptor);
  ADD (large_segments_are_cut_and_summed);
  ADD (vlan_tags_are_put_in_and_taken_out);
  ADD (a_frame_is_received_if_it_is_wanted);
  ADD (what_finds_no_descriptor_is_missed);
  ADD (interrupts_are_throttled);
  ADD (a_cable_that_is_pulled_is_told);
  ADD (the_eeprom_has_the_address_and_its_sum);
  ADD (the_transceiver_has_a_link);
  ADDE (a_legacy_descriptor_sends_its_frame);
  ADDE (large_segments_are_cut_and_summed);
  ADDE (extended_descriptors_are_filled);
  return g_test_run ();
}
