/* The VGA: registers, planes and write modes, the window at 0xa0000, modes drawn to pixels. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/vga-setup.h"
#include "hw/display/cards.h"
#include "hw/display/vga.h"

#include <string.h>

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternDevice  *vga;
  AsternRamBlock *vram;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (VGA_VRAM_SIZE + (1 << 20), &error);
  g_assert_no_error (error);
  f->vga = astern_device_new (&vga_class, "vga", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->vga);
  g_assert_true (vga_plug (f->vga, NULL, NULL, &error));
  g_assert_no_error (error);
  f->vram = astern_memory_find (f->machine->memory, "vram");
  f->pci.memory = f->machine->physical;
  f->pci.ports = f->machine->ports;
  astern_pci_attach (&f->pci, f->vga, 2 << 3);
  astern_vga_card_connect (f->vga, f->machine->ports, f->machine->physical, ASTERN_PCI_SHADOWS);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
outs (Fixture *f, guint port, guint size, guint32 value)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, value);
}

static guint32
ins (Fixture *f, guint port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->machine->ports, &access);
}

static void
poke (Fixture *f, guint64 address, guint8 value)
{
  astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { address }, &value, 1, ASTERN_ORIGIN_CPU);
}

static guint8
peek (Fixture *f, guint64 address)
{
  guint8 value;

  astern_bus_read_bytes (f->machine->physical, (AsternPaddr) { address }, &value, 1, ASTERN_ORIGIN_CPU);
  return value;
}

static const guint8 *
vram (Fixture *f)
{
  return astern_memory_host (f->machine->memory, f->vram->start);
}

static void
indexed (Fixture *f, guint port, guint8 index, guint8 value)
{
  outs (f, port, 2, index | value << 8);
}

static void
dispi (Fixture *f, guint index, guint value)
{
  outs (f, 0x1ce, 2, index);
  outs (f, 0x1cf, 2, value);
}

static void
palette (Fixture *f, guint8 index, guint8 red, guint8 green, guint8 blue)
{
  outs (f, 0x3c8, 1, index);
  outs (f, 0x3c9, 1, red);
  outs (f, 0x3c9, 1, green);
  outs (f, 0x3c9, 1, blue);
}

static void
attribute (Fixture *f, guint8 index, guint8 value)
{
  ins (f, 0x3da, 1);
  outs (f, 0x3c0, 1, index);
  outs (f, 0x3c0, 1, value);
}

static void
attribute_port_alternates_index_and_data (Fixture *f, gconstpointer data)
{
  outs (f, 0x3c2, 1, 0x67);
  attribute (f, 3, 0x15);
  outs (f, 0x3c0, 1, 3);
  g_assert_cmphex (ins (f, 0x3c1, 1), ==, 0x15);
  astern_device_peek (f->vga, VGA_PORTS_WINDOW, 0x2a, 1);       /* a look at 0x3da changes nothing */
  outs (f, 0x3c0, 1, 0x2a);
  g_assert_cmphex (ins (f, 0x3c1, 1), ==, 0x2a);
}

static void
crtc_protects_its_first_eight_registers (Fixture *f, gconstpointer data)
{
  outs (f, 0x3c2, 1, 0x67);
  indexed (f, 0x3d4, 0, 0x5f);
  indexed (f, 0x3d4, 7, 0x01);
  indexed (f, 0x3d4, 0x11, 0x80);
  indexed (f, 0x3d4, 0, 0x11);
  indexed (f, 0x3d4, 7, 0x12);
  outs (f, 0x3d4, 1, 0);
  g_assert_cmphex (ins (f, 0x3d5, 1), ==, 0x5f);
  outs (f, 0x3d4, 1, 7);
  g_assert_cmphex (ins (f, 0x3d5, 1), ==, 0x11);
  g_assert_cmphex (ins (f, 0x3b5, 1), ==, 0xff);        /* the other address is dead */
}

static void
palette_takes_three_writes_and_steps_on (Fixture *f, gconstpointer data)
{
  palette (f, 7, 0x3f, 0x01, 0xff);
  outs (f, 0x3c9, 1, 1);
  outs (f, 0x3c9, 1, 2);
  outs (f, 0x3c9, 1, 3);
  outs (f, 0x3c7, 1, 7);
  g_assert_cmphex (ins (f, 0x3c9, 1), ==, 0x3f);
  g_assert_cmphex (ins (f, 0x3c9, 1), ==, 0x01);
  g_assert_cmphex (ins (f, 0x3c9, 1), ==, 0x3f);        /* six bits */
  g_assert_cmphex (ins (f, 0x3c9, 1), ==, 1);
}

/* Planar, everything plain. */
static void
set_planar (Fixture *f)
{
  static const guint8 gfx[] = { 0, 0, 0, 0, 0, 0, 0x05, 0x0f, 0xff };

  outs (f, 0x3c2, 1, 0x67);
  indexed (f, 0x3c4, 2, 0x0f);
  indexed (f, 0x3c4, 4, 0x06);
  for (guint i = 0; i < G_N_ELEMENTS (gfx); i++)
    indexed (f, 0x3ce, (guint8) i, gfx[i]);
}

static void
map_mask_chooses_planes_to_write (Fixture *f, gconstpointer data)
{
  set_planar (f);
  poke (f, 0xa0001, 0xff);
  indexed (f, 0x3c4, 2, 0x02);
  poke (f, 0xa0001, 0x12);
  g_assert_cmpmem (vram (f) + 4, 4, "\xff\x12\xff\xff", 4);
  indexed (f, 0x3ce, 4, 1);
  g_assert_cmphex (peek (f, 0xa0001), ==, 0x12);
}

static void
write_mode_0_rotates_sets_and_masks (Fixture *f, gconstpointer data)
{
  set_planar (f);
  poke (f, 0xa0000, 0x55);
  peek (f, 0xa0000);                    /* latches */
  indexed (f, 0x3ce, 0, 0x01);          /* plane 0 gets ones */
  indexed (f, 0x3ce, 1, 0x03);          /* plane 1 zeros */
  indexed (f, 0x3ce, 3, 0x04);          /* rotate by four */
  indexed (f, 0x3ce, 8, 0xf0);          /* the lower half stays */
  poke (f, 0xa0000, 0x0c);
  g_assert_cmpmem (vram (f), 4, "\xf5\x05\xc5\xc5", 4);
}

static void
write_mode_1_copies_the_latches (Fixture *f, gconstpointer data)
{
  set_planar (f);
  indexed (f, 0x3c4, 2, 0x04);
  poke (f, 0xa0000, 0x77);
  indexed (f, 0x3c4, 2, 0x0f);
  peek (f, 0xa0000);
  indexed (f, 0x3ce, 5, 0x01);
  poke (f, 0xa0010, 0xaa);
  g_assert_cmpmem (vram (f) + 64, 4, "\0\0\x77\0", 4);
}

static void
write_modes_2_and_3_take_colours (Fixture *f, gconstpointer data)
{
  set_planar (f);
  indexed (f, 0x3ce, 5, 0x02);
  indexed (f, 0x3ce, 8, 0x80);
  peek (f, 0xa0000);
  poke (f, 0xa0000, 0x05);
  g_assert_cmpmem (vram (f), 4, "\x80\0\x80\0", 4);

  indexed (f, 0x3ce, 5, 0x03);
  indexed (f, 0x3ce, 8, 0xff);
  indexed (f, 0x3ce, 0, 0x0a);
  indexed (f, 0x3ce, 8, 0x0f);          /* bits that both masks have */
  peek (f, 0xa0000);
  poke (f, 0xa0000, 0x81);
  g_assert_cmpmem (vram (f), 4, "\x80\x01\x80\x01", 4);
}

static void
functions_combine_with_the_latches (Fixture *f, gconstpointer data)
{
  static const guint8 expected[] = { 0x3c, 0x14, 0x7d, 0x69 };

  for (guint function = 0; function < 4; function++)
    {
      set_planar (f);
      poke (f, 0xa0000, 0x55);
      peek (f, 0xa0000);
      indexed (f, 0x3ce, 3, (guint8) (function << 3));
      poke (f, 0xa0000, 0x3c);
      g_assert_cmphex (vram (f)[0], ==, expected[function]);
    }
}

static void
read_mode_1_compares_colours (Fixture *f, gconstpointer data)
{
  set_planar (f);
  indexed (f, 0x3c4, 2, 0x05);
  poke (f, 0xa0000, 0xf0);
  indexed (f, 0x3ce, 5, 0x08);
  indexed (f, 0x3ce, 2, 0x05);
  g_assert_cmphex (peek (f, 0xa0000), ==, 0xf0);
  indexed (f, 0x3ce, 7, 0x0a);          /* planes 0 and 2 do not matter */
  g_assert_cmphex (peek (f, 0xa0000), ==, 0xff);
}

static void
set_mode_13h (Fixture *f)
{
  static const guint8 gfx[] = { 0, 0, 0, 0, 0, 0x40, 0x05, 0x0f, 0xff };
  static const guint8 crtc[] = {
    0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0x41, 0, 0, 0, 0, 0, 0,
    0x9c, 0x0e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff,
  };

  outs (f, 0x3c2, 1, 0x63);
  indexed (f, 0x3c4, 1, 0x01);
  indexed (f, 0x3c4, 2, 0x0f);
  indexed (f, 0x3c4, 4, 0x0e);
  for (guint i = 0; i < G_N_ELEMENTS (gfx); i++)
    indexed (f, 0x3ce, (guint8) i, gfx[i]);
  for (guint i = 0; i < G_N_ELEMENTS (crtc); i++)
    indexed (f, 0x3d4, (guint8) i, crtc[i]);
  attribute (f, 0x10, 0x41);
  attribute (f, 0x12, 0x0f);
  outs (f, 0x3c0, 1, 0x20);
}

static void
mode_13h_is_plain_memory_of_320_by_200 (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };
  AsternRoute route;

  set_mode_13h (f);
  astern_bus_route (f->machine->physical, 0xa0000, &route);
  g_assert_cmpint (route.write.kind, ==, ASTERN_TARGET_MEMORY);
  palette (f, 9, 0x3f, 0, 0x20);
  poke (f, 0xa0000 + 320 * 199 + 319, 9);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmpint (picture.width, ==, 320);
  g_assert_cmpint (picture.height, ==, 200);
  g_assert_cmphex (astern_picture_row (&picture, 199)[319], ==, 0xff0082);
  g_assert_cmphex (astern_picture_row (&picture, 0)[0], ==, 0);

  indexed (f, 0x3ce, 8, 0x7f);          /* a bit mask: no longer plain */
  astern_bus_route (f->machine->physical, 0xa0000, &route);
  g_assert_cmpint (route.write.kind, ==, ASTERN_TARGET_DEVICE);
}

static void
mode_x_shows_what_the_planes_hold (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };

  set_mode_13h (f);
  indexed (f, 0x3c4, 4, 0x06);
  indexed (f, 0x3d4, 0x14, 0x00);
  indexed (f, 0x3d4, 0x17, 0xe3);
  palette (f, 5, 0x3f, 0x3f, 0x3f);
  indexed (f, 0x3c4, 2, 0x04);
  poke (f, 0xa0000 + 80 * 10 + 3, 5);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 10)[14], ==, 0xffffff);
  g_assert_cmphex (astern_picture_row (&picture, 10)[13], ==, 0);
  indexed (f, 0x3d4, 0x0d, 80);         /* one line up */
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 9)[14], ==, 0xffffff);
}

static void
planar_16_colours_are_drawn (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };

  set_mode_13h (f);
  set_planar (f);
  indexed (f, 0x3d4, 9, 0x40);
  indexed (f, 0x3d4, 0x14, 0x00);
  indexed (f, 0x3d4, 0x17, 0xe3);
  for (guint8 i = 0; i < 16; i++)
    attribute (f, i, i);
  attribute (f, 0x10, 0x01);
  outs (f, 0x3c0, 1, 0x20);
  palette (f, 0x0c, 0x3f, 0x15, 0x15);
  indexed (f, 0x3c4, 2, 0x0c);
  poke (f, 0xa0000 + 80 * 399 + 1, 0x01);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmpint (picture.width, ==, 640);
  g_assert_cmpint (picture.height, ==, 400);
  g_assert_cmphex (astern_picture_row (&picture, 399)[15], ==, 0xff5555);
  g_assert_cmphex (astern_picture_row (&picture, 399)[14], ==, 0);
}

/* A font whose letter A is its own code in every line, with the blocks that say it is one. */
static guint8 *
make_font (void)
{
  guint8 *font = g_malloc0 (4096);

  memset (font + 'A' * 16, 'A', 16);
  memset (font + 0xdb * 16, 0xff, 16);
  memset (font + 0xdd * 16, 0xf0, 16);
  memset (font + 0xde * 16, 0x0f, 16);
  memset (font + 0xdf * 16, 0xff, 8);
  memset (font + 0xdc * 16 + 8, 0xff, 8);
  memset (font + 0xc4 * 16 + 7, 0xff, 1);
  return font;
}

static void
text_screen_is_drawn_with_its_font (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };
  g_autofree guint8 *font = make_font ();
  g_autofree char *text = NULL;
  const guint32 *row;

  vga_set_up_text (f->vga, font);
  poke (f, 0xb8000 + 160 * 3 + 2 * 5, 'A');
  poke (f, 0xb8000 + 160 * 3 + 2 * 5 + 1, 0x1e);        /* yellow on blue */
  poke (f, 0xb8000 + 2, 0xc4);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmpint (picture.width, ==, 720);
  g_assert_cmpint (picture.height, ==, 400);
  row = astern_picture_row (&picture, 3 * 16 + 4) + 5 * 9;
  for (guint x = 0; x < 9; x++)         /* 'A' = 0x41: dots 1 and 7, and the ninth is blank */
    g_assert_cmphex (row[x], ==, x == 1 || x == 7 ? 0xffff55 : 0x0000aa);
  row = astern_picture_row (&picture, 7) + 9;
  g_assert_cmphex (row[8], ==, 0xaaaaaa);               /* a line character goes on into the ninth dot */

  text = vga_text (f->vga);
  g_assert_true (g_str_has_prefix (text, " .\n\n\n     A\n\n"));
}

static void
cursor_is_drawn_where_it_is (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };

  vga_set_up_text (f->vga, NULL);
  indexed (f, 0x3d4, 0x0e, 0);
  indexed (f, 0x3d4, 0x0f, 81);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 16 + 13)[9], ==, 0xaaaaaa);
  g_assert_cmphex (astern_picture_row (&picture, 16 + 12)[9], ==, 0);
  indexed (f, 0x3d4, 0x0a, 0x20);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 16 + 13)[9], ==, 0);
}

static void
a_font_is_found_by_its_shape (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *font = make_font ();
  g_autofree guint8 *rom = g_malloc0 (40000);

  g_assert_null (vga_find_font (rom, 40000));
  memcpy (rom + 12345, font, 4096);
  g_assert_true (vga_find_font (rom, 40000) == rom + 12345);
  g_assert_null (vga_find_font (rom, 12345 + 4095));
}

static void
dispi_answers_at_odd_ports (Fixture *f, gconstpointer data)
{
  outs (f, 0x1ce, 2, 0);
  g_assert_cmphex (ins (f, 0x1cf, 2), ==, 0xb0c5);
  outs (f, 0x1ce, 2, 10);
  g_assert_cmpint (ins (f, 0x1cf, 2), ==, 256);
  dispi (f, 4, 2);
  outs (f, 0x1ce, 2, 3);
  g_assert_cmpint (ins (f, 0x1cf, 2), ==, 32);
}

static void
linear_modes_are_drawn_at_every_depth (Fixture *f, gconstpointer data)
{
  static const struct { guint bpp, bytes; guint32 value, color; } cases[] = {
    { 8, 1, 0x07, 0x804020 }, { 15, 2, 0x7c1f, 0xff00ff }, { 16, 2, 0x07e0, 0x00ff00 },
    { 24, 3, 0x123456, 0x123456 }, { 32, 4, 0x99abcdef, 0xabcdef },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (AsternPicture) picture = { 0 };

      outs (f, 0x3c2, 1, 0x67);
      dispi (f, 4, 0);
      dispi (f, 1, 104);
      dispi (f, 2, 50);
      dispi (f, 3, cases[i].bpp);
      dispi (f, 4, 0x61);
      attribute (f, 0x20, 0);           /* palette on */
      outs (f, 0x3c0, 1, 0x20);
      palette (f, 7, 0x80, 0x40, 0x20);
      dispi (f, 6, 200);
      dispi (f, 8, 2);
      dispi (f, 9, 3);
      astern_memory_write (f->machine->memory,
                           f->vram->start + (200 * (10 + 3) + 100 + 2) * cases[i].bytes,
                           &cases[i].value, cases[i].bytes);
      astern_display_draw (f->vga, 0, &picture);
      g_assert_cmpint (picture.width, ==, 104);
      g_assert_cmpint (picture.height, ==, 50);
      g_assert_cmphex (astern_picture_row (&picture, 10)[100], ==, cases[i].color);
      g_assert_cmphex (astern_picture_row (&picture, 10)[101], ==, 0);
    }
}

static void
banks_of_a_linear_mode_are_plain_memory (Fixture *f, gconstpointer data)
{
  AsternRoute route;

  outs (f, 0x3c2, 1, 0x67);
  set_planar (f);
  dispi (f, 1, 1024);
  dispi (f, 2, 768);
  dispi (f, 3, 8);
  dispi (f, 4, 1);
  dispi (f, 5, 3);
  poke (f, 0xa1234, 0x5a);
  g_assert_cmphex (vram (f)[0x31234], ==, 0x5a);
  astern_bus_route (f->machine->physical, 0xa0000, &route);
  g_assert_cmpint (route.write.kind, ==, ASTERN_TARGET_MEMORY);
  g_assert_cmphex (route.write.offset, ==, 0x30000);
}

static void
bar_0_is_the_video_memory (Fixture *f, gconstpointer data)
{
  AsternRoute route;

  astern_device_write (f->vga, 0, PCI_BAR0, 4, 0xffffffff, NULL);
  g_assert_cmphex (astern_device_read (f->vga, 0, PCI_BAR0, 4, NULL), ==, 0xff000008);
  astern_device_write (f->vga, 0, PCI_BAR0, 4, 0xe0000000, NULL);
  astern_bus_route (f->machine->physical, 0xe0000000, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_NONE);
  astern_device_write (f->vga, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY, NULL);
  poke (f, 0xe0000000 + 0x1000, 0x42);
  g_assert_cmphex (vram (f)[0x1000], ==, 0x42);

  astern_device_write (f->vga, 0, PCI_BAR0 + 8, 4, 0xf0000000, NULL);
  g_assert_cmphex (peek (f, 0xf0000500), ==, 0xc5);
}

/* What an update leaves is what drawing anew gives. */
static void
assert_same_as_drawn (Fixture *f, const AsternScreen *screen)
{
  g_auto (AsternPicture) picture = { 0 };

  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmpuint (screen->picture.width, ==, picture.width);
  g_assert_cmpuint (screen->picture.height, ==, picture.height);
  for (guint y = 0; y < picture.height; y++)
    g_assert_cmpmem (astern_picture_row (&screen->picture, y), picture.width * 4, astern_picture_row (&picture, y), picture.width * 4);
}

static void
an_update_of_a_text_screen_draws_what_changed (Fixture *f, gconstpointer data)
{
  g_auto (AsternScreen) screen = { 0 };
  g_autofree guint8 *font = make_font ();

  vga_set_up_text (f->vga, font);
  g_assert_true (astern_display_update (f->vga, 0, &screen));
  g_assert_cmpuint (screen.first_row, ==, 0);
  g_assert_cmpuint (screen.end_row, ==, 400);
  assert_same_as_drawn (f, &screen);
  g_assert_false (astern_display_update (f->vga, 0, &screen));
  g_assert_cmpuint (screen.end_row, ==, 0);
  assert_same_as_drawn (f, &screen);

  poke (f, 0xb8000 + 2 * (80 * 3 + 5), 'A');
  poke (f, 0xb8000 + 2 * (80 * 3 + 5) + 1, 0x1f);
  g_assert_true (astern_display_update (f->vga, 0, &screen));
  g_assert_cmpuint (screen.first_row, ==, 48);
  g_assert_cmpuint (screen.end_row, ==, 64);
  assert_same_as_drawn (f, &screen);
}

static void
an_update_sees_registers_but_no_indexes (Fixture *f, gconstpointer data)
{
  g_auto (AsternScreen) screen = { 0 };

  vga_set_up_text (f->vga, NULL);
  astern_display_update (f->vga, 0, &screen);
  outs (f, 0x3d4, 1, 0x0e);
  outs (f, 0x3c8, 1, 3);
  ins (f, 0x3da, 1);
  peek (f, 0xb8000);
  g_assert_false (astern_display_update (f->vga, 0, &screen));
  palette (f, 0, 0x3f, 0, 0);
  g_assert_true (astern_display_update (f->vga, 0, &screen));
  assert_same_as_drawn (f, &screen);
}

static void
an_update_of_a_linear_screen_draws_rows (Fixture *f, gconstpointer data)
{
  static const guint depths[] = { 4, 8, 16, 24, 32 };

  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_auto (AsternScreen) screen = { 0 };
      guint8 *memory = (guint8 *) vram (f);

      outs (f, 0x3c2, 1, 0x67);
      outs (f, 0x3c0, 1, 0x20);
      for (guint color = 0; color < 256; color++)
        palette (f, (guint8) color, (guint8) color, 1, 2);
      dispi (f, 4, 0);
      dispi (f, 1, 640);
      dispi (f, 2, 480);
      dispi (f, 3, depths[i]);
      dispi (f, 4, 1);
      g_assert_true (astern_display_update (f->vga, 0, &screen));
      g_assert_cmpuint (screen.end_row, ==, 480);
      memory[640 * depths[i] / 8 * 7 + 11] ^= 0xff;
      memory[640 * depths[i] / 8 * 9 + 3] ^= 0xff;
      g_assert_true (astern_display_update (f->vga, 0, &screen));
      g_assert_cmpuint (screen.first_row, ==, 7);
      g_assert_cmpuint (screen.end_row, ==, 10);
      assert_same_as_drawn (f, &screen);
      memory[640 * depths[i] / 8 * 480] ^= 0xff;       /* below the picture */
      g_assert_false (astern_display_update (f->vga, 0, &screen));
      dispi (f, 9, 16);                                 /* scrolled */
      g_assert_true (astern_display_update (f->vga, 0, &screen));
      assert_same_as_drawn (f, &screen);
      dispi (f, 9, 0);
    }
}

static void
retrace_follows_guest_time (Fixture *f, gconstpointer data)
{
  guint retrace = 0, hidden = 0;

  vga_set_up_text (f->vga, NULL);
  for (guint i = 0; i < 10000; i++)     /* a frame has 449 lines, 2 of them retrace, 400 shown */
    {
      guint status = ins (f, 0x3da, 1);

      retrace += status >> 3 & 1;
      hidden += status & 1;
      astern_clock_skip (&f->machine->clock, 14268000 / 10000);
    }
  g_assert_cmpint (retrace, >, 30);
  g_assert_cmpint (retrace, <, 60);
  g_assert_cmpint (hidden, >, 2000);
  g_assert_cmpint (hidden, <, 3500);
}

#define ADD(name) g_test_add ("/hw/vga/" #name, Fixture, NULL, set_up, name, tear_down)

static void
a_picture_may_begin_within_a_line (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };
  guint8 *bytes;

  outs (f, 0x3c2, 1, 0x67);
  outs (f, 0x3c0, 1, 0x20);
  dispi (f, 1, 64);
  dispi (f, 2, 32);
  dispi (f, 3, 32);
  dispi (f, 4, 0x41);
  dispi (f, 8, 40);
  dispi (f, 9, 3);
  bytes = astern_memory_host (f->machine->memory, f->vram->start);
  for (guint i = 0; i < 64 * 40; i++)
    memcpy (bytes + 4 * i, &i, 4);
  astern_display_draw (f->vga, 0, &picture);
  for (guint y = 0; y < 32; y++)
    for (guint x = 0; x < 64; x++)
      g_assert_cmphex (astern_picture_row (&picture, y)[x], ==, (3 + y) * 64 + 40 + x);
}

/* ---- whole screens, made here dot by dot ---- */

static const guint32 sixteen[16] = {
  0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
  0x555555, 0x5555ff, 0x55ff55, 0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff,
};

/* How a text screen is moved. */
typedef struct
{
  guint columns, dots;          /* 80 or 40 of 9 or 8 */
  guint start, scan, panning;   /* first character, lines and dots that are beyond the edges */
  guint compare;                /* the last line above the part that stands; 1023: there is none */
  gboolean still;               /* ... which does not pan */
} Moved;

static guint8 cells[2][0x4000];

static void
fill_text (Fixture *f)
{
  for (guint i = 0; i < 0x4000; i++)
    {
      cells[0][i] = (guint8) g_test_rand_int ();
      cells[1][i] = (guint8) g_test_rand_int ();
      poke (f, 0xb8000 + 2 * i, cells[0][i]);
      poke (f, 0xb8000 + 2 * i + 1, cells[1][i]);
    }
}

static void
move_text (Fixture *f, const Moved *m)
{
  indexed (f, 0x3c4, 1, (guint8) ((m->dots == 8) | (m->columns == 40) << 3));
  indexed (f, 0x3d4, 0x01, (guint8) (m->columns - 1));
  indexed (f, 0x3d4, 0x13, (guint8) (m->columns / 2));
  indexed (f, 0x3d4, 0x0c, (guint8) (m->start >> 8));
  indexed (f, 0x3d4, 0x0d, (guint8) m->start);
  indexed (f, 0x3d4, 0x0a, 0x20);               /* no cursor */
  indexed (f, 0x3d4, 0x08, (guint8) m->scan);
  indexed (f, 0x3d4, 0x18, (guint8) m->compare);
  indexed (f, 0x3d4, 0x11, 0x0e);
  indexed (f, 0x3d4, 0x07, (guint8) (0x0f | (m->compare >> 8 & 1) << 4));
  indexed (f, 0x3d4, 0x09, (guint8) (0x0f | (m->compare >> 9 & 1) << 6));
  attribute (f, 0x10, (guint8) (0x0c | m->still << 5));
  attribute (f, 0x13, (guint8) (m->dots == 8 ? m->panning : m->panning == 0 ? 8 : m->panning - 1));
  outs (f, 0x3c0, 1, 0x20);
}

static guint32
expected_dot (const Moved *m, const guint8 *font, guint x, guint y)
{
  gboolean below = y > m->compare;
  guint scan = below ? y - m->compare - 1 : y + m->scan;
  guint across = x + (below && m->still ? 0 : m->panning);
  guint cell = (below ? 0 : m->start) + scan / 16 * m->columns + across / m->dots, dot = across % m->dots;
  guint8 character = cells[0][cell], attribute = cells[1][cell], line = font[character * 16 + scan % 16];
  gboolean set = dot < 8 ? line >> (7 - dot) & 1 : character >= 0xc0 && character <= 0xdf && (line & 1);

  return sixteen[set ? attribute & 15 : attribute >> 4 & 7];
}

static void
text_screens_pan_scroll_and_are_split (Fixture *f, gconstpointer data)
{
  static const Moved moves[] = {
    { 80, 9, 0, 0, 0, 1023, FALSE }, { 80, 8, 160, 0, 0, 1023, FALSE }, { 40, 9, 7, 5, 3, 1023, FALSE },
    { 80, 9, 240, 15, 8, 1023, FALSE }, { 80, 8, 80, 9, 7, 259, FALSE }, { 40, 8, 400, 3, 5, 127, TRUE },
  };
  guint8 font[4096];

  for (guint i = 0; i < sizeof font; i++)
    font[i] = (guint8) g_test_rand_int ();
  vga_set_up_text (f->vga, font);
  fill_text (f);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      g_auto (AsternPicture) picture = { 0 };

      move_text (f, &moves[i]);
      astern_display_draw (f->vga, 0, &picture);
      g_assert_cmpuint (picture.width, ==, moves[i].columns * moves[i].dots);
      g_assert_cmpuint (picture.height, ==, 400);
      for (guint y = 0; y < picture.height; y++)
        for (guint x = 0; x < picture.width; x++)
          if (astern_picture_row (&picture, y)[x] != expected_dot (&moves[i], font, x, y))
            g_error ("screen %u: dot %u, %u is %06x, not %06x", i, x, y, astern_picture_row (&picture, y)[x],
                     expected_dot (&moves[i], font, x, y));
    }
}

static void
monochrome_text_is_underlined_and_cursors_are_skewed (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };

  vga_set_up_text (f->vga, NULL);
  poke (f, 0xb8000 + 2 * 5 + 1, 0x01);
  indexed (f, 0x3d4, 0x14, 12);
  attribute (f, 0x10, 0x0e);
  indexed (f, 0x3d4, 0x0e, 0);
  indexed (f, 0x3d4, 0x0f, 20);
  indexed (f, 0x3d4, 0x0b, 0x4e);               /* two characters later */
  outs (f, 0x3c0, 1, 0x20);
  astern_display_draw (f->vga, 0, &picture);
  for (guint x = 0; x < 9; x++)
    {
      g_assert_cmphex (astern_picture_row (&picture, 12)[45 + x], ==, sixteen[1]);
      g_assert_cmphex (astern_picture_row (&picture, 11)[45 + x], ==, 0);
      g_assert_cmphex (astern_picture_row (&picture, 12)[54 + x], ==, 0);       /* another attribute */
      g_assert_cmphex (astern_picture_row (&picture, 13)[22 * 9 + x], ==, sixteen[7]);
      g_assert_cmphex (astern_picture_row (&picture, 13)[20 * 9 + x], ==, 0);
    }
}

/* Registers of the two graphics modes of the adapter of before, as a video BIOS sets them, and its 16 KiB. */
static void
set_old_graphics (Fixture *f, gboolean wide)
{
  vga_set_up_text (f->vga, NULL);
  indexed (f, 0x3c4, 1, wide ? 0x01 : 0x09);
  indexed (f, 0x3c4, 2, wide ? 0x01 : 0x03);
  indexed (f, 0x3c4, 4, wide ? 0x06 : 0x02);
  indexed (f, 0x3ce, 5, wide ? 0x00 : 0x30);
  indexed (f, 0x3ce, 6, wide ? 0x0d : 0x0f);
  indexed (f, 0x3d4, 0x11, 0x0e);
  indexed (f, 0x3d4, 0x01, wide ? 79 : 39);
  indexed (f, 0x3d4, 0x09, 0xc1);
  indexed (f, 0x3d4, 0x13, wide ? 0x28 : 0x14);
  indexed (f, 0x3d4, 0x17, wide ? 0xc2 : 0xa2);
  attribute (f, 0x10, 0x01);
  attribute (f, 0x12, wide ? 0x01 : 0x03);
  attribute (f, 0x13, 0x00);
  outs (f, 0x3c0, 1, 0x20);
}

static void
old_graphics_have_their_lines_in_two_halves (Fixture *f, gconstpointer data)
{
  for (guint wide = 0; wide < 2; wide++)
    {
      g_auto (AsternPicture) picture = { 0 };
      guint8 bytes[0x4000];

      set_old_graphics (f, wide != 0);
      for (guint i = 0; i < sizeof bytes; i++)
        {
          bytes[i] = (guint8) g_test_rand_int ();
          poke (f, 0xb8000 + i, bytes[i]);
        }
      astern_display_draw (f->vga, 0, &picture);
      g_assert_cmpuint (picture.width, ==, wide ? 640 : 320);
      g_assert_cmpuint (picture.height, ==, 200);
      for (guint y = 0; y < 200; y++)
        for (guint x = 0; x < picture.width; x++)
          {
            guint8 byte = bytes[(y & 1) * 0x2000 + y / 2 * 80 + x / (wide ? 8 : 4)];
            guint pen = wide ? byte >> (7 - x % 8) & 1 : byte >> (6 - 2 * (x % 4)) & 3;

            g_assert_cmphex (astern_picture_row (&picture, y)[x], ==, sixteen[pen]);
          }
    }
}

static void
pixels_may_have_their_highest_byte_first (Fixture *f, gconstpointer data)
{
  static const guint8 bytes[] = { 0x99, 0xab, 0xcd, 0xef };
  g_auto (AsternPicture) picture = { 0 };

  outs (f, 0x3c2, 1, 0x67);
  outs (f, 0x3c0, 1, 0x20);
  dispi (f, 1, 64);
  dispi (f, 2, 32);
  dispi (f, 3, 32);
  dispi (f, 4, 0x41);
  astern_memory_write (f->machine->memory, f->vram->start, bytes, sizeof bytes);
  g_assert_cmphex (astern_device_read (f->vga, VGA_MMIO_WINDOW, 0x604, 4, NULL), ==, 0x1e1e1e1e);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 0)[0], ==, 0xcdab99);
  astern_device_write (f->vga, VGA_MMIO_WINDOW, 0x604, 4, 0xbebebebe, NULL);
  g_assert_cmphex (astern_device_read (f->vga, VGA_MMIO_WINDOW, 0x604, 4, NULL), ==, 0xbebebebe);
  astern_display_draw (f->vga, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 0)[0], ==, 0xabcdef);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (attribute_port_alternates_index_and_data);
  ADD (crtc_protects_its_first_eight_registers);
  ADD (palette_takes_three_writes_and_steps_on);
  ADD (map_mask_chooses_planes_to_write);
  ADD (write_mode_0_rotates_sets_and_masks);
  ADD (write_mode_1_copies_the_latches);
  ADD (write_modes_2_and_3_take_colours);
  ADD (functions_combine_with_the_latches);
  ADD (read_mode_1_compares_colours);
  ADD (mode_13h_is_plain_memory_of_320_by_200);
  ADD (mode_x_shows_what_the_planes_hold);
  ADD (planar_16_colours_are_drawn);
  ADD (text_screen_is_drawn_with_its_font);
  ADD (cursor_is_drawn_where_it_is);
  ADD (text_screens_pan_scroll_and_are_split);
  ADD (monochrome_text_is_underlined_and_cursors_are_skewed);
  ADD (old_graphics_have_their_lines_in_two_halves);
  ADD (pixels_may_have_their_highest_byte_first);
  ADD (a_font_is_found_by_its_shape);
  ADD (dispi_answers_at_odd_ports);
  ADD (linear_modes_are_drawn_at_every_depth);
  ADD (banks_of_a_linear_mode_are_plain_memory);
  ADD (bar_0_is_the_video_memory);
  ADD (retrace_follows_guest_time);
  ADD (an_update_of_a_text_screen_draws_what_changed);
  ADD (an_update_sees_registers_but_no_indexes);
  ADD (an_update_of_a_linear_screen_draws_rows);
  g_test_add ("/vga/linear-within-a-line", Fixture, NULL, set_up, a_picture_may_begin_within_a_line, tear_down);
  return g_test_run ();
}
