/* Display cards besides the VGA: blits, FIFO, rings and cursors, against pictures that are made here pixel by pixel. */
#include "config.h"

#include "tests/hw/display/card-fixture.h"

/* ---- Cirrus ---- */

static void
indexed (Fixture *f, guint port, guint8 index, guint8 value)
{
  outs (f, port, 2, index | value << 8);
}

static void
gr (Fixture *f, guint8 index, guint value, guint n)
{
  for (guint i = 0; i < n; i++)
    indexed (f, 0x3ce, (guint8) (index + i), (guint8) (value >> (8 * i)));
}

/* 8 bits a pixel, rows of 64 bytes at @dst and @src. */
static void
cirrus_blit (Fixture *f, guint mode, guint rop, guint extensions, guint width, guint height, guint dst, guint src)
{
  gr (f, 0x20, width - 1, 2);
  gr (f, 0x22, height - 1, 2);
  gr (f, 0x24, 64, 2);
  gr (f, 0x26, 64, 2);
  gr (f, 0x28, dst, 3);
  gr (f, 0x2c, src, 3);
  gr (f, 0x2f, 0, 1);
  gr (f, 0x30, mode, 1);
  gr (f, 0x32, rop, 1);
  gr (f, 0x33, extensions, 1);
  gr (f, 0x31, 2, 1);
}

static void
cirrus_begin (Fixture *f)
{
  outs (f, 0x3c2, 1, 0x67);
  indexed (f, 0x3c4, 0x06, 0x12);
  indexed (f, 0x3c4, 0x07, 0x01);
}

/* As the card's BIOS leaves a mode of VBE: "screen off" in the clocking mode register. */
static void
linear_modes_are_shown_though_the_sequencers_screen_is_off (Fixture *f, gconstpointer name)
{
  cirrus_begin (f);
  indexed (f, 0x3c4, 0x07, 0x17);
  indexed (f, 0x3d4, 0x11, 0x00);
  indexed (f, 0x3d4, 0x01, 79);
  indexed (f, 0x3d4, 0x13, 160);
  indexed (f, 0x3c4, 0x01, 0x21);
  put32 (f, BAR (0), 0xffffffff);
  ins (f, 0x3da, 1);
  outs (f, 0x3c0, 1, 0x20);
  g_assert_cmphex (pixel (f, 1, 0) & 0xffffff, ==, 0xffffff);
  ins (f, 0x3da, 1);
  outs (f, 0x3c0, 1, 0x00);
  g_assert_cmphex (pixel (f, 1, 0) & 0xffffff, ==, 0);
}

static void
every_rop_is_the_function_of_bits_that_it_names (Fixture *f, gconstpointer name)
{
  /* By source and destination bits 00, 01, 10, 11, the first in bit 0: from the manual's table of raster operations. */
  static const struct { guint8 rop, truth; } rops[] = {
    { 0x00, 0x0 }, { 0x05, 0x8 }, { 0x06, 0xa }, { 0x09, 0x4 }, { 0x0b, 0x5 }, { 0x0d, 0xc }, { 0x0e, 0xf }, { 0x50, 0x2 },
    { 0x59, 0x6 }, { 0x6d, 0xe }, { 0x90, 0x7 }, { 0x95, 0x9 }, { 0xad, 0xd }, { 0xd0, 0x3 }, { 0xd6, 0xb }, { 0xda, 0x1 },
  };

  cirrus_begin (f);
  for (guint i = 0; i < G_N_ELEMENTS (rops); i++)
    {
      const guint8 source = 0xcc, dest = 0xaa;  /* pairs 11 01 10 00 twice from the highest bit: 1&1, 1&0, 0&1, 0&0 */
      guint8 expected = 0;

      for (guint bit = 0; bit < 8; bit++)
        expected |= (guint8) ((rops[i].truth >> ((source >> bit & 1) << 1 | (dest >> bit & 1)) & 1) << bit);
      put (f, BAR (0) + 0x1000, &dest, 1);
      put (f, BAR (0) + 0x2000, &source, 1);
      cirrus_blit (f, 0, rops[i].rop, 0, 1, 1, 0x1000, 0x2000);
      g_assert_cmphex (get8 (f, BAR (0) + 0x1000), ==, expected);
    }
}

static void
blits_copy_both_ways_and_spare_the_key (Fixture *f, gconstpointer name)
{
  guint8 bytes[16];

  cirrus_begin (f);
  for (guint i = 0; i < 16; i++)
    bytes[i] = (guint8) i;
  put (f, BAR (0) + 0x100, bytes, 16);
  cirrus_blit (f, 0x01, 0x0d, 0, 8, 1, 0x10b, 0x107);           /* 0..7 to 4.., from the ends backwards */
  for (guint i = 0; i < 8; i++)
    g_assert_cmpuint (get8 (f, BAR (0) + 0x104 + i), ==, i);
  put (f, BAR (0) + 0x200, bytes, 16);
  memset (bytes, 0xee, sizeof bytes);
  put (f, BAR (0) + 0x300, bytes, 16);
  gr (f, 0x34, 0x0505, 2);
  gr (f, 0x38, 0, 2);
  cirrus_blit (f, 0x08, 0x0d, 0, 16, 1, 0x300, 0x200);          /* all but the colour 5 */
  for (guint i = 0; i < 16; i++)
    g_assert_cmphex (get8 (f, BAR (0) + 0x300 + i), ==, i == 5 ? 0xee : i);
}

static void
bits_from_the_processor_become_two_colours (Fixture *f, gconstpointer name)
{
  static const guint8 bits[4] = { 0xa5, 0x0f, 0, 0 };           /* two rows of a byte, and what pads them to a word */

  cirrus_begin (f);
  gr (f, 0x00, 0x11, 1);
  gr (f, 0x01, 0x22, 1);
  cirrus_blit (f, 0x84, 0x0d, 0, 8, 2, 0x1000, 0);
  g_assert_cmphex (ins (f, 0x3cf, 1) & 1, ==, 1);               /* busy: it waits for them */
  put (f, BAR (0), bits, 4);
  g_assert_cmphex (ins (f, 0x3cf, 1) & 1, ==, 0);
  for (guint x = 0; x < 8; x++)
    {
      g_assert_cmphex (get8 (f, BAR (0) + 0x1000 + x), ==, bits[0] >> (7 - x) & 1 ? 0x22 : 0x11);
      g_assert_cmphex (get8 (f, BAR (0) + 0x1040 + x), ==, bits[1] >> (7 - x) & 1 ? 0x22 : 0x11);
    }
  put32 (f, BAR (0) + 0x40, 0x12345678);                        /* it is plain memory again */
  g_assert_cmphex (get32 (f, BAR (0) + 0x40), ==, 0x12345678);
}

/* ---- SVGA ---- */

static void
reg (Fixture *f, guint index, guint32 value)
{
  outs (f, 0xc000, 4, index);
  outs (f, 0xc001, 4, value);
}

static guint32
get_reg (Fixture *f, guint index)
{
  outs (f, 0xc000, 4, index);
  return ins (f, 0xc001, 4);
}

static void
svga_begin (Fixture *f)
{
  reg (f, 0, 0x90000002);
  g_assert_cmphex (get_reg (f, 0), ==, 0x90000002);
  reg (f, 2, 64);
  reg (f, 3, 48);
  reg (f, 7, 32);
  reg (f, 1, 1);
  put32 (f, BAR (2), 0x1000);
  put32 (f, BAR (2) + 4, 0x2000);
  put32 (f, BAR (2) + 8, 0x1ff0);       /* so that the commands wrap */
  put32 (f, BAR (2) + 12, 0x1ff0);
  reg (f, 20, 1);
}

static void
command (Fixture *f, const guint32 *words, guint n)
{
  guint32 next = get32 (f, BAR (2) + 8);

  for (guint i = 0; i < n; i++)
    {
      put32 (f, BAR (2) + next, words[i]);
      next = next + 4 == get32 (f, BAR (2) + 4) ? 0x1000 : next + 4;
    }
  put32 (f, BAR (2) + 8, next);
}

#define COMMAND(f, ...) \
  do { const guint32 words[] = { __VA_ARGS__ }; command (f, words, G_N_ELEMENTS (words)); } while (0)

static void
the_fifo_fills_copies_and_passes_fences (Fixture *f, gconstpointer name)
{
  svga_begin (f);
  reg (f, 33, 1);
  COMMAND (f, 2, 0xff8040, 4, 5, 10, 6);                /* fill */
  COMMAND (f, 3, 4, 5, 8, 7, 10, 6);                    /* copy over itself, right and down */
  COMMAND (f, 30, 1234);
  g_assert_cmphex (pixel (f, 4, 5), ==, 0);             /* not before it is told */
  reg (f, 21, 1);
  g_assert_cmphex (get_reg (f, 22), ==, 0);
  g_assert_cmpuint (get32 (f, BAR (2) + 24), ==, 1234);
  g_assert_cmphex (ins (f, 0xc008, 4) & 1, ==, 1);
  outs (f, 0xc008, 4, 1);
  g_assert_cmphex (ins (f, 0xc008, 4) & 1, ==, 0);
  for (guint y = 0; y < 48; y++)
    for (guint x = 0; x < 64; x++)
      {
        gboolean one = x >= 4 && x < 14 && y >= 5 && y < 11, two = x >= 8 && x < 18 && y >= 7 && y < 13;

        g_assert_cmphex (pixel (f, x, y), ==, one || two ? 0xff8040 : 0);
      }
}

static void
half_a_command_waits_and_nonsense_is_dropped (Fixture *f, gconstpointer name)
{
  svga_begin (f);
  COMMAND (f, 2, 0xffffff, 0, 0);
  reg (f, 21, 1);
  g_assert_cmphex (pixel (f, 0, 0), ==, 0);
  COMMAND (f, 8, 8);
  reg (f, 21, 1);
  g_assert_cmphex (pixel (f, 0, 0), ==, 0xffffff);
  COMMAND (f, 0x7777, 1, 2, 3);
  reg (f, 21, 1);
  g_assert_cmphex (get32 (f, BAR (2) + 12), ==, get32 (f, BAR (2) + 8));
}

static void
a_screen_shows_what_is_copied_to_it_with_a_cursor (Fixture *f, gconstpointer name)
{
  svga_begin (f);
  for (guint i = 0; i < 16 * 16; i++)
    put32 (f, BAR (1) + 0x10000 + 4 * i, 0x102030 + i);
  COMMAND (f, 34, 44, 0, 3, 32, 24, 0, 0, 0xfffffffe, 0x20000, 128, 0);
  COMMAND (f, 36, 0xfffffffe, 0x10000, 64, 0x1820);
  COMMAND (f, 37, 2, 3, 5, 6, 15, 16, 0);
  COMMAND (f, 22, 0, 0, 0, 2, 1, 0xff00ff00, 0x80000080);       /* opaque green; half blue, multiplied */
  reg (f, 21, 1);
  reg (f, 25, 20);
  reg (f, 26, 10);
  reg (f, 27, 1);
  g_assert_cmphex (pixel (f, 5, 6), ==, 0x102030 + 3 * 16 + 2);
  g_assert_cmphex (pixel (f, 14, 15), ==, 0x102030 + 12 * 16 + 11);
  g_assert_cmphex (pixel (f, 15, 15), ==, 0);
  g_assert_cmphex (pixel (f, 20, 10), ==, 0x00ff00);
  g_assert_cmphex (pixel (f, 21, 10), ==, 0x000080);
  g_assert_cmpuint (f->picture.width, ==, 32);
}

static void
a_second_screen_lies_beside_the_first (Fixture *f, gconstpointer name)
{
  g_auto (AsternPicture) picture = { 0 };

  svga_begin (f);
  for (guint i = 0; i < 64 * 8; i++)
    put32 (f, BAR (1) + 0x10000 + 4 * i, 0x010000 + i);
  COMMAND (f, 34, 44, 0, 3, 32, 24, 0, 0, 0xfffffffe, 0x20000, 128, 0);
  COMMAND (f, 34, 44, 1, 3, 40, 20, 32, 0, 0xfffffffe, 0x40000, 160, 0);
  COMMAND (f, 36, 0xfffffffe, 0x10000, 256, 0x1820);
  COMMAND (f, 37, 0, 0, 10, 2, 60, 10, 0xffffffff);     /* over both */
  COMMAND (f, 37, 0, 0, 1, 12, 5, 14, 1);               /* on the second alone */
  reg (f, 21, 1);
  g_assert_cmpuint (astern_display_heads (f->card), ==, 2);
  for (guint y = 0; y < 24; y++)
    for (guint x = 0; x < 32; x++)
      g_assert_cmphex (pixel (f, x, y), ==, x >= 10 && y >= 2 && y < 10 ? 0x010000 + (y - 2) * 64 + x - 10 : 0);
  astern_display_draw (f->card, 1, &picture);
  g_assert_cmpuint (picture.width, ==, 40);
  g_assert_cmpuint (picture.height, ==, 20);
  for (guint y = 0; y < 20; y++)
    for (guint x = 0; x < 40; x++)
      {
        guint32 expected = x < 28 && y >= 2 && y < 10 ? 0x010000 + (y - 2) * 64 + x + 22 : 0;

        if (x >= 1 && x < 5 && y >= 12 && y < 14)
          expected = 0x010000 + (y - 12) * 64 + x - 1;
        g_assert_cmphex (astern_picture_row (&picture, y)[x], ==, expected);
      }
  COMMAND (f, 35, 1);
  reg (f, 21, 1);
  g_assert_cmpuint (astern_display_heads (f->card), ==, 1);
}

static void
cursors_may_be_large (Fixture *f, gconstpointer name)
{
  svga_begin (f);
  put32 (f, BAR (2) + 4, 0x20000);              /* a FIFO that it fits into */
  put32 (f, BAR (2) + 8, 0x1000);
  put32 (f, BAR (2) + 12, 0x1000);
  COMMAND (f, 22, 0, 20, 10, 100, 90);
  for (guint i = 0; i < 100 * 90; i++)
    COMMAND (f, i == 9 * 100 + 19 ? 0xff00ff00 : i == 48 * 100 + 60 ? 0xffff0000 : 0);
  reg (f, 21, 1);
  reg (f, 25, 20);
  reg (f, 26, 9);
  reg (f, 27, 1);
  g_assert_cmphex (pixel (f, 19, 8), ==, 0x00ff00);
  g_assert_cmphex (pixel (f, 60, 47), ==, 0xff0000);
  g_assert_cmphex (pixel (f, 20, 9), ==, 0);
}

#define TEST(card, path, func) g_test_add ("/display/" path, Fixture, card, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  TEST ("cirrus", "cirrus/screen_off", linear_modes_are_shown_though_the_sequencers_screen_is_off);
  TEST ("cirrus", "cirrus/rops", every_rop_is_the_function_of_bits_that_it_names);
  TEST ("cirrus", "cirrus/copies", blits_copy_both_ways_and_spare_the_key);
  TEST ("cirrus", "cirrus/expansion", bits_from_the_processor_become_two_colours);
  TEST ("vmware", "svga/fifo", the_fifo_fills_copies_and_passes_fences);
  TEST ("vmware", "svga/parts", half_a_command_waits_and_nonsense_is_dropped);
  TEST ("vmware", "svga/screen", a_screen_shows_what_is_copied_to_it_with_a_cursor);
  TEST ("vmware", "svga/screens", a_second_screen_lies_beside_the_first);
  TEST ("vmware", "svga/cursors", cursors_may_be_large);
  return g_test_run ();
}
