/* test-old-cards.c - RTL8139 in both of its modes, NE2000, and PCnet in LANCE's style, driven as their drivers do. */
#include "config.h"

#include "hw/net/dp8390.h"
#include "hw/net/pcnet.h"
#include "hw/net/rtl8139.h"
#include "nic-bench.h"

#define DATA 0x10000
#define RING 0x20000

static guint
get (Bench *b, guint offset, guint size)
{
  return (guint) astern_device_read (b->nic, 1, offset, size, NULL);
}

static void
put (Bench *b, guint offset, guint size, guint32 value)
{
  astern_device_write (b->nic, 1, offset, size, value, NULL);
}

static void
set_up (Bench *b, gconstpointer card)
{
  bench_set_up (b, card);
}

static void
tear_down (Bench *b, gconstpointer card)
{
  bench_tear_down (b);
}

/* ---- RTL8139 ---- */

static void
rtl8139_sends_four_at_a_time (Bench *b, gconstpointer data)
{
  put (b, 0x37, 1, 0x0c);
  put (b, 0x3c, 2, 4);
  for (guint i = 0; i < 6; i++)
    {
      bench_frame (b->memory + DATA, BROADCAST, 60 + i);
      put (b, 0x20 + 4 * (i & 3), 4, DATA);
      put (b, 0x10 + 4 * (i & 3), 4, 60 + i);
      assert_sent (b, i, b->memory + DATA, 60 + i);
      g_assert_cmphex (get (b, 0x10 + 4 * (i & 3), 4) & (1 << 13 | 1 << 15), ==, 1 << 13 | 1 << 15);
      g_assert_true (b->irq.level);
      put (b, 0x3e, 2, 4);
      g_assert_false (b->irq.level);
    }
}

/* Frames are read out of the ring, over its end more than once. */
static void
rtl8139_ring_goes_round (Bench *b, gconstpointer data)
{
  guint8 frame[1000];
  guint at = 0;

  put (b, 0x30, 4, RING);
  put (b, 0x44, 4, 0x0f);
  put (b, 0x37, 1, 0x0c);
  for (guint i = 0; i < 30; i++)
    {
      guint16 header[2];

      bench_frame (frame, OWN_ADDRESS, sizeof frame);
      frame[20] = (guint8) i;
      g_assert_cmphex (get (b, 0x37, 1) & 1, ==, 1);
      bench_receive (b, frame, sizeof frame);
      g_assert_cmphex (get (b, 0x37, 1) & 1, ==, 0);
      memcpy (header, b->memory + RING + at, 4);
      g_assert_cmphex (header[0] & 0x4001, ==, 0x4001);
      g_assert_cmpuint (header[1], ==, 1004);
      for (guint j = 0; j < sizeof frame; j++)
        g_assert_cmphex (b->memory[RING + (at + 4 + j) % 8192], ==, frame[j]);
      at = (at + header[1] + 4 + 3) / 4 * 4 % 8192;
      put (b, 0x38, 2, (at - 16) & 0xffff);
    }
}

static void
rtl8139_says_when_the_ring_is_full (Bench *b, gconstpointer data)
{
  guint8 frame[1000];

  bench_frame (frame, BROADCAST, sizeof frame);
  put (b, 0x30, 4, RING);
  put (b, 0x44, 4, 0x0f);
  put (b, 0x37, 1, 0x0c);
  for (guint i = 0; i < 10; i++)
    bench_receive (b, frame, sizeof frame);
  g_assert_cmphex (get (b, 0x3e, 2) & 0x10, ==, 0x10);
}

static void
rtl8139_cplus_cuts_large_segments (Bench *b, gconstpointer data)
{
  guint8 *frame = b->memory + DATA;
  const guint32 descriptor[4] = { 3u << 30 | 1 << 29 | 1 << 28 | 1 << 27 | 1000 << 16 | (54 + 2500), 0, DATA, 0 };

  bench_frame (frame, BROADCAST, 54 + 2500);
  memset (frame + 14, 0, 40);
  memcpy (frame + 12, "\x08\x00\x45", 3);
  frame[23] = 6;
  frame[46] = 0x50;
  memcpy (b->memory + RING, descriptor, 16);
  put (b, 0xe0, 2, 3);
  put (b, 0x20, 4, RING);
  put (b, 0x24, 4, 0);
  put (b, 0x37, 1, 0x0c);
  put (b, 0xd9, 1, 0x40);
  g_assert_cmpuint (b->sent->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (b->sent, i), NULL);
      NetHeaders headers;

      g_assert_true (net_headers_parse (bytes, g_bytes_get_size (g_ptr_array_index (b->sent, i)), &headers));
      g_assert_true (net_checksum_l4_ok (bytes, &headers));
    }
  g_assert_cmphex (b->memory[RING + 3] & 0x80, ==, 0);       /* the guest's again */
}

static void
rtl8139_counts_time (Bench *b, gconstpointer data)
{
  put (b, 0x48, 4, 0);
  put (b, 0x54, 4, 1000);
  put (b, 0x3c, 2, 1 << 14);
  clock_run (&b->machine->clock, 29 * 1000);
  g_assert_false (b->irq.level);
  clock_run (&b->machine->clock, 2 * 1000);
  g_assert_true (b->irq.level);
}

/* ---- NE2000 ---- */

static void
ne2k_start (Bench *b)
{
  put (b, 0x0, 1, 0x21);
  put (b, 0xe, 1, 0x49);
  put (b, 0x1, 1, 0x46);                         /* the ring: pages 0x46 to 0x80 */
  put (b, 0x2, 1, 0x80);
  put (b, 0x3, 1, 0x46);
  put (b, 0xc, 1, 0x04);
  put (b, 0xf, 1, 0x7f);
  put (b, 0x0, 1, 0x61);
  for (guint i = 0; i < 6; i++)
    put (b, 1 + i, 1, (guint8) OWN_ADDRESS[i]);
  put (b, 0x7, 1, 0x47);
  put (b, 0x0, 1, 0x22);
}

static void
ne2k_remote (Bench *b, guint at, guint size, guint command)
{
  put (b, 0x8, 1, at & 0xff);
  put (b, 0x9, 1, at >> 8);
  put (b, 0xa, 1, size & 0xff);
  put (b, 0xb, 1, size >> 8);
  put (b, 0x0, 1, command);
}

static void
ne2k_sends_from_its_memory (Bench *b, gconstpointer data)
{
  guint8 frame[64];

  ne2k_start (b);
  bench_frame (frame, BROADCAST, sizeof frame);
  ne2k_remote (b, 0x4000, sizeof frame, 0x12);
  for (guint i = 0; i < sizeof frame; i += 2)
    put (b, 0x10, 2, frame[i] | (guint) frame[i + 1] << 8);
  g_assert_cmphex (get (b, 0x7, 1) & 0x40, ==, 0x40);
  put (b, 0x4, 1, 0x40);
  put (b, 0x5, 1, sizeof frame);
  put (b, 0x6, 1, 0);
  put (b, 0x0, 1, 0x26);
  assert_sent (b, 0, frame, sizeof frame);
  g_assert_cmphex (get (b, 0x7, 1) & 0x02, ==, 0x02);
  g_assert_true (b->irq.level);
}

static void
ne2k_receives_into_pages (Bench *b, gconstpointer data)
{
  guint8 frame[64];

  ne2k_start (b);
  bench_frame (frame, OWN_ADDRESS, sizeof frame);
  bench_receive (b, frame, sizeof frame);
  ne2k_remote (b, 0x4700, 4 + sizeof frame, 0x0a);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0x4801);            /* received well, the next one is on page 0x48 */
  g_assert_cmpuint (get (b, 0x10, 2), ==, sizeof frame + 8);
  for (guint i = 0; i < sizeof frame; i += 2)
    g_assert_cmphex (get (b, 0x10, 2), ==, frame[i] | (guint) frame[i + 1] << 8);
}

/* Drivers set the boundary to one before the next page, though that may be the first. */
static void
ne2k_ring_goes_round (Bench *b, gconstpointer data)
{
  guint8 frame[1000];
  guint page = 0x47;

  ne2k_start (b);
  bench_frame (frame, OWN_ADDRESS, sizeof frame);
  for (guint i = 0; i < 200; i++)
    {
      guint header;

      bench_receive (b, frame, i % 3 == 0 ? sizeof frame : 100);
      ne2k_remote (b, page << 8, 4, 0x0a);
      header = get (b, 0x10, 2);
      g_assert_cmphex (header & 0xff, ==, 0x01);
      page = header >> 8;
      put (b, 0x0, 1, 0x22);
      put (b, 0x3, 1, page - 1);
      g_assert_cmpuint (b->link->room (b->link->device), >, 0);
    }
}

static guint
room (Bench *b)
{
  return b->link->room (b->link->device);
}

/* Linux' driver clears PRX after nine frames, even if there are more. */
static void
ne2k_has_room_when_its_driver_has_taken_all (Bench *b, gconstpointer data)
{
  guint8 frame[1400];

  ne2k_start (b);
  bench_frame (frame, OWN_ADDRESS, sizeof frame);
  g_assert_cmpuint (room (b), ==, 8);
  bench_receive (b, frame, sizeof frame);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmpuint (room (b), ==, 0);
  put (b, 0x3, 1, 0x47 + 5);            /* one of them is taken */
  g_assert_cmpuint (room (b), ==, 0);
  put (b, 0x3, 1, 0x47 + 11);           /* both; PRX is for the driver to clear when it likes */
  g_assert_cmpuint (room (b), ==, 8);
  bench_receive (b, frame, sizeof frame);
  put (b, 0x7, 1, 0x01);
  g_assert_cmpuint (room (b), ==, 7);
}

static void
ne2k_overflow_is_told_when_a_full_ring_is_left (Bench *b, gconstpointer data)
{
  guint8 frame[1400];

  ne2k_start (b);
  bench_frame (frame, OWN_ADDRESS, sizeof frame);
  for (guint i = 0; i < 9; i++)
    bench_receive (b, frame, sizeof frame);
  g_assert_cmphex (get (b, 0x7, 1) & 0x11, ==, 0x01);
  put (b, 0x7, 1, 0x01);
  g_assert_cmpuint (room (b), ==, 1);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmphex (get (b, 0x7, 1) & 0x11, ==, 0x10);
}

static void
ne2k_has_its_address_in_its_prom (Bench *b, gconstpointer data)
{
  ne2k_start (b);
  ne2k_remote (b, 0, 12, 0x0a);
  for (guint i = 0; i < 6; i++)
    g_assert_cmphex (get (b, 0x10, 1), ==, (guint8) OWN_ADDRESS[i]);
}

/* What page 0 takes, page 2 shows. */
static void
ne2k_has_pages (Bench *b, gconstpointer data)
{
  ne2k_start (b);
  put (b, 0x0, 1, 0xa2);
  g_assert_cmphex (get (b, 0x1, 2), ==, 0x8046);
  g_assert_cmphex (get (b, 0xe, 2), ==, 0x7f49);
  put (b, 0x0, 1, 0x62);
  put (b, 0x8, 4, 0x44332211);
  g_assert_cmphex (get (b, 0x7, 2), ==, 0x1147);
  g_assert_cmphex (get (b, 0xb, 1), ==, 0x44);
  g_assert_cmphex (get (b, 0x6, 1), ==, (guint8) OWN_ADDRESS[5]);
  put (b, 0x0, 1, 0x22);
  g_assert_cmphex (get (b, 0xa, 2), ==, 'P' | 'C' << 8);
}

static void
ne2k_data_port_is_as_wide_as_the_access (Bench *b, gconstpointer data)
{
  ne2k_start (b);
  put (b, 0xe, 1, 0x48);                         /* bytes are bytes */
  ne2k_remote (b, 0x4000, 7, 0x12);
  put (b, 0x10, 4, 0x44332211);
  put (b, 0x10, 2, 0x6655);
  g_assert_cmphex (get (b, 0x7, 1) & 0x40, ==, 0);
  put (b, 0x10, 1, 0x77);
  g_assert_cmphex (get (b, 0x7, 1) & 0x40, ==, 0x40);
  ne2k_remote (b, 0x4000, 7, 0x0a);
  g_assert_cmphex (get (b, 0x10, 1), ==, 0x11);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0x3322);
  g_assert_cmphex (get (b, 0x10, 4), ==, 0x77665544);
}

/* ---- PCnet ---- */

static void
csr (Bench *b, guint number, guint value)
{
  put (b, 0x12, 2, number);
  put (b, 0x10, 2, value);
}

static void
put16 (Bench *b, guint at, guint16 value)
{
  memcpy (b->memory + at, &value, 2);
}

/* One descriptor each, in the 16-bit style. */
static void
pcnet_start (Bench *b)
{
  memset (b->memory + 0x1000, 0, 24);
  memcpy (b->memory + 0x1002, OWN_ADDRESS, 6);
  put16 (b, 0x1010, 0x2000);
  put16 (b, 0x1014, 0x3000);
  put16 (b, 0x2000, RING & 0xffff);
  put16 (b, 0x2002, 0x8000 | RING >> 16);
  put16 (b, 0x2004, (guint16) -1600);
  csr (b, 1, 0x1000);
  csr (b, 2, 0);
  csr (b, 0, 0x43);
}

static void
pcnet_sends_in_the_style_of_lance (Bench *b, gconstpointer data)
{
  pcnet_start (b);
  g_assert_cmphex (get (b, 0x10, 2) & 0x01b0, ==, 0x01b0);   /* done, interrupting, both ways on */
  bench_frame (b->memory + DATA, BROADCAST, 80);
  put16 (b, 0x3000, DATA & 0xffff);
  put16 (b, 0x3004, (guint16) -80);
  put16 (b, 0x3002, 0x8300 | DATA >> 16);
  csr (b, 0, 0x48);
  assert_sent (b, 0, b->memory + DATA, 80);
  g_assert_cmphex (b->memory[0x3003] & 0x80, ==, 0);
  g_assert_cmphex (get (b, 0x10, 2) & 0x0200, ==, 0x0200);
  g_assert_true (b->irq.level);
}

static void
pcnet_receives_and_then_misses (Bench *b, gconstpointer data)
{
  guint8 frame[80];

  pcnet_start (b);
  bench_frame (frame, OWN_ADDRESS, sizeof frame);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmpmem (b->memory + RING, 80, frame, 80);
  g_assert_cmphex (b->memory[0x2003] & 0x83, ==, 0x03);      /* the guest's, whole */
  g_assert_cmpuint (b->memory[0x2006], ==, 84);
  bench_receive (b, frame, sizeof frame);
  g_assert_cmphex (get (b, 0x10, 2) & 0x1000, ==, 0x1000);
}

/* A long word to RDP makes all ports four bytes, until a reset. */
static void
pcnet_ports_become_long_words (Bench *b, gconstpointer data)
{
  put (b, 0x12, 2, 88);
  g_assert_cmpuint (get (b, 0x12, 2), ==, 88);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0x1003);
  put (b, 0x12, 2, 0);
  put (b, 0x10, 4, 0);
  put (b, 0x14, 4, 88);
  g_assert_cmpuint (get (b, 0x14, 4), ==, 88);
  g_assert_cmphex (get (b, 0x10, 4), ==, 0x1003);
  put (b, 0x14, 4, 18);
  g_assert_cmphex (get (b, 0x1c, 4), ==, 0x9081);
  put (b, 0x1c, 4, 0x9861);
  g_assert_cmphex (get (b, 0x1c, 4), ==, 0x98e1);
  get (b, 0x18, 4);
  put (b, 0x12, 2, 89);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0x0262);
}

/* Promiscuous drivers do not stop the chip. */
static void
pcnet_changes_its_mode_when_suspended (Bench *b, gconstpointer data)
{
  pcnet_start (b);
  csr (b, 15, 0x8000);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0);
  csr (b, 5, 1);
  csr (b, 15, 0x8000);
  csr (b, 5, 0);
  put (b, 0x12, 2, 15);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0x8000);
}

/* Drivers write back what they read. */
static void
pcnet_is_initialized_once (Bench *b, gconstpointer data)
{
  pcnet_start (b);
  put16 (b, 0x1000, 0x8000);
  csr (b, 0, 0x01f3);
  put (b, 0x12, 2, 15);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0);
  csr (b, 0, 4);
  csr (b, 0, 1);
  put (b, 0x12, 2, 15);
  g_assert_cmphex (get (b, 0x10, 2), ==, 0x8000);
}

#define ADD(name, card) g_test_add ("/hw/net/" #name, Bench, card, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (rtl8139_sends_four_at_a_time, &rtl8139_card);
  ADD (rtl8139_ring_goes_round, &rtl8139_card);
  ADD (rtl8139_says_when_the_ring_is_full, &rtl8139_card);
  ADD (rtl8139_cplus_cuts_large_segments, &rtl8139_card);
  ADD (rtl8139_counts_time, &rtl8139_card);
  ADD (ne2k_sends_from_its_memory, &ne2k_pci_card);
  ADD (ne2k_receives_into_pages, &ne2k_pci_card);
  ADD (ne2k_ring_goes_round, &ne2k_pci_card);
  ADD (ne2k_has_room_when_its_driver_has_taken_all, &ne2k_pci_card);
  ADD (ne2k_overflow_is_told_when_a_full_ring_is_left, &ne2k_pci_card);
  ADD (ne2k_has_its_address_in_its_prom, &ne2k_pci_card);
  ADD (pcnet_sends_in_the_style_of_lance, &pcnet_card);
  ADD (pcnet_receives_and_then_misses, &pcnet_card);
  ADD (ne2k_has_pages, &ne2k_pci_card);
  ADD (ne2k_data_port_is_as_wide_as_the_access, &ne2k_pci_card);
  ADD (pcnet_ports_become_long_words, &pcnet_card);
  ADD (pcnet_changes_its_mode_when_suspended, &pcnet_card);
  ADD (pcnet_is_initialized_once, &pcnet_card);
  return g_test_run ();
}
