/* The VGA's modes as a video BIOS sets them, full of random pixels: each must come out as the one that is computed here. */
#include "config.h"

#include "tests/hw/display/card-fixture.h"

#define WINDOW       0xa0000
#define PLANE_BYTES  0x10000u

/* ---- graphics of planes, and of 256 colours ---- */

typedef enum { PLANAR, CHAINED, UNCHAINED } Kind;

/* Registers in their order, as in IBM's tables of modes. */
typedef struct
{
  const char *name;
  Kind        kind;
  guint       width, height;
  guint8      misc, clocking, memory_mode, shift;
  guint8      crtc[25];
  guint8      attributes[21];
} Mode;

#define INK_200 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define INK_350 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f
#define INK_256 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f

static const Mode modes[] = {
  { "D", PLANAR, 320, 200, 0x63, 0x09, 0x06, 0x00,
    { 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14, 0x00, 0x96, 0xb9, 0xe3, 0xff },
    { INK_200, 0x01, 0, 0x0f, 0, 0 } },
  { "E", PLANAR, 640, 200, 0x63, 0x01, 0x06, 0x00,
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x00, 0x96, 0xb9, 0xe3, 0xff },
    { INK_200, 0x01, 0, 0x0f, 0, 0 } },
  { "10h", PLANAR, 640, 350, 0xa3, 0x01, 0x06, 0x00,
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x40, 0, 0, 0, 0, 0, 0, 0x83, 0x85, 0x5d, 0x28, 0x0f, 0x63, 0xba, 0xe3, 0xff },
    { INK_350, 0x01, 0, 0x0f, 0, 0 } },
  { "12h", PLANAR, 640, 480, 0xe3, 0x01, 0x06, 0x00,
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xea, 0x8c, 0xdf, 0x28, 0x00, 0xe7, 0x04, 0xe3, 0xff },
    { INK_350, 0x01, 0, 0x0f, 0, 0 } },
  { "13h", CHAINED, 320, 200, 0x63, 0x01, 0x0e, 0x40,
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x41, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff },
    { INK_256, 0x41, 0, 0x0f, 0, 0 } },
  { "X", UNCHAINED, 320, 240, 0xe3, 0x01, 0x06, 0x40,
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0d, 0x3e, 0, 0x41, 0, 0, 0, 0, 0, 0, 0xea, 0xac, 0xdf, 0x28, 0x00, 0xe7, 0x06, 0xe3, 0xff },
    { INK_256, 0x41, 0, 0x0f, 0, 0 } },
};

/* What a program changes of a mode while it shows it. */
typedef struct
{
  guint  start;         /* the CRT controller's address of the first line */
  guint  panning;       /* dots beyond the left edge */
  guint8 planes;        /* that are shown, of 16 colours */
  guint8 select;        /* the palette's page, of 64 colours */
} View;

static const View views[] = { { 0, 0, 0x0f, 0x00 }, { 160, 3, 0x0f, 0x00 }, { 7, 1, 0x0b, 0x04 } };

static guint8 planes[4][PLANE_BYTES];   /* a chained mode's bytes are the first's */
static guint8 palette[256][3];

static void
indexed (Fixture *f, guint port, guint8 index, guint8 value)
{
  outs (f, port, 2, index | value << 8);
}

static void
attribute (Fixture *f, guint8 index, guint8 value)
{
  ins (f, 0x3da, 1);
  outs (f, 0x3c0, 1, index);
  outs (f, 0x3c0, 1, value);
}

static void
set_mode (Fixture *f, const Mode *mode)
{
  const guint8 graphics[] = { 0, 0, 0, 0, 0, mode->shift, 0x05, 0x0f, 0xff };

  outs (f, 0x3c2, 1, mode->misc);
  indexed (f, 0x3c4, 1, mode->clocking);
  indexed (f, 0x3c4, 2, 0x0f);
  indexed (f, 0x3c4, 3, 0x00);
  indexed (f, 0x3c4, 4, mode->memory_mode);
  for (guint i = 0; i < sizeof graphics; i++)
    indexed (f, 0x3ce, (guint8) i, graphics[i]);
  indexed (f, 0x3d4, 0x11, 0x00);       /* the first eight may be written */
  for (guint i = 0; i < sizeof mode->crtc; i++)
    indexed (f, 0x3d4, (guint8) i, mode->crtc[i]);
  for (guint i = 0; i < sizeof mode->attributes; i++)
    attribute (f, (guint8) i, mode->attributes[i]);
  outs (f, 0x3c0, 1, 0x20);
}

static void
set_palette (Fixture *f)
{
  outs (f, 0x3c8, 1, 0);
  for (guint i = 0; i < 256; i++)
    for (guint part = 0; part < 3; part++)
      {
        palette[i][part] = (guint8) g_test_rand_int_range (0, 64);
        outs (f, 0x3c9, 1, palette[i][part]);
      }
}

/* By the window, as a program does. */
static void
fill_planes (Fixture *f, const Mode *mode)
{
  for (guint plane = 0; plane < (mode->kind == CHAINED ? 1 : 4); plane++)
    {
      if (mode->kind != CHAINED)
        indexed (f, 0x3c4, 2, (guint8) (1 << plane));
      for (guint i = 0; i < PLANE_BYTES; i++)
        planes[plane][i] = (guint8) g_test_rand_int ();
      put (f, WINDOW, planes[plane], PLANE_BYTES);
    }
}

static void
set_view (Fixture *f, const Mode *mode, const View *view)
{
  indexed (f, 0x3d4, 0x0c, (guint8) (view->start >> 8));
  indexed (f, 0x3d4, 0x0d, (guint8) view->start);
  attribute (f, 0x12, view->planes);
  attribute (f, 0x13, (guint8) (mode->kind == PLANAR ? view->panning : 2 * view->panning));
  attribute (f, 0x14, view->select);
  outs (f, 0x3c0, 1, 0x20);
}

static guint
index_at (const Mode *mode, const View *view, guint x, guint y)
{
  guint at, pen = 0;

  x += view->panning;
  switch (mode->kind)
    {
    case CHAINED:
      return planes[0][4 * view->start + y * mode->width + x];
    case UNCHAINED:
      return planes[x % 4][view->start + y * (mode->width / 4) + x / 4];
    default:
      at = view->start + y * (mode->width / 8) + x / 8;
      for (guint plane = 0; plane < 4; plane++)
        if (planes[plane][at] & 0x80 >> x % 8)
          pen |= 1u << plane;
      return (mode->attributes[pen & view->planes] & 0x3f) + 16u * (view->select & 0x0c);
    }
}

static guint32
color_of (guint index)
{
  guint32 color = 0;

  for (guint part = 0; part < 3; part++)        /* six bits, the highest two once more below */
    color = color * 256 + palette[index][part] * 4u + palette[index][part] / 16u;
  return color;
}

static void
a_mode_shows_what_its_memory_holds (Fixture *f, const Mode *mode)
{
  set_mode (f, mode);
  set_palette (f);
  fill_planes (f, mode);
  for (guint n = 0; n < G_N_ELEMENTS (views); n++)
    {
      set_view (f, mode, &views[n]);
      astern_display_draw (f->card, 0, &f->picture);
      g_assert_cmpuint (f->picture.width, ==, mode->width);
      g_assert_cmpuint (f->picture.height, ==, mode->height);
      for (guint y = 0; y < mode->height; y++)
        for (guint x = 0; x < mode->width; x++)
          if (astern_picture_row (&f->picture, y)[x] != color_of (index_at (mode, &views[n], x, y)))
            g_error ("mode %s, view %u: dot %u, %u is %06x, not %06x", mode->name, n, x, y, astern_picture_row (&f->picture, y)[x],
                     color_of (index_at (mode, &views[n], x, y)));
    }
}

static void
modes_show_what_their_memory_holds (Fixture *f, gconstpointer name)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    a_mode_shows_what_its_memory_holds (f, &modes[i]);
}

/* ---- the largest linear modes ---- */

#define LARGE_WIDTH  2560u
#define LARGE_HEIGHT 1600u

static void
dispi (Fixture *f, guint index, guint value)
{
  outs (f, 0x1ce, 2, index);
  outs (f, 0x1cf, 2, value);
}

static guint
get_dispi (Fixture *f, guint index)
{
  outs (f, 0x1ce, 2, index);
  return ins (f, 0x1cf, 2);
}

static void
set_large_mode (Fixture *f, guint bits)
{
  set_mode (f, &modes[4]);              /* what was there before, as with every video BIOS */
  dispi (f, 4, 0);
  dispi (f, 1, LARGE_WIDTH);
  dispi (f, 2, LARGE_HEIGHT);
  dispi (f, 3, bits);
  dispi (f, 4, 0x41);
  g_assert_cmpuint (get_dispi (f, 1), ==, LARGE_WIDTH);
  g_assert_cmpuint (get_dispi (f, 2), ==, LARGE_HEIGHT);
  g_assert_cmpuint (get_dispi (f, 3), ==, bits);
}

/* To eight bits, the highest ones once more below. */
static guint32
widen (guint word, guint shift, guint bits)
{
  guint level = word >> shift & ((1u << bits) - 1);

  return level << (8 - bits) | level >> (2 * bits - 8);
}

static guint32
large_pixel (const guint8 *at, guint bits)
{
  guint word = at[0] | (bits > 8 ? at[1] << 8 : 0);

  switch (bits)
    {
    case 8:  return color_of (word);
    case 15: return widen (word, 10, 5) << 16 | widen (word, 5, 5) << 8 | widen (word, 0, 5);
    case 16: return widen (word, 11, 5) << 16 | widen (word, 5, 6) << 8 | widen (word, 0, 5);
    default: return word | (guint32) at[2] << 16;
    }
}

static void
compare_large (Fixture *f, const guint8 *bytes, guint bits)
{
  guint step = (bits + 7) / 8;

  g_assert_cmpuint (f->picture.width, ==, LARGE_WIDTH);
  g_assert_cmpuint (f->picture.height, ==, LARGE_HEIGHT);
  for (guint y = 0; y < LARGE_HEIGHT; y++)
    for (guint x = 0; x < LARGE_WIDTH; x++)
      {
        guint32 expected = large_pixel (bytes + (gsize) (y * LARGE_WIDTH + x) * step, bits);

        if (astern_picture_row (&f->picture, y)[x] != expected)
          g_error ("%u bits: dot %u, %u is %06x, not %06x", bits, x, y, astern_picture_row (&f->picture, y)[x], expected);
      }
}

static void
large_linear_modes_show_every_pixel (Fixture *f, gconstpointer name)
{
  static const guint depths[] = { 8, 15, 16, 24, 32 };
  g_autofree guint32 *words = g_new (guint32, LARGE_WIDTH * LARGE_HEIGHT);
  guint8 *bytes = (guint8 *) words;

  set_palette (f);
  for (guint i = 0; i < LARGE_WIDTH * LARGE_HEIGHT; i++)
    words[i] = (guint32) g_test_rand_int ();
  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      set_large_mode (f, depths[i]);
      put (f, BAR (0), bytes, (gsize) LARGE_WIDTH * LARGE_HEIGHT * ((depths[i] + 7) / 8));
      astern_display_draw (f->card, 0, &f->picture);
      compare_large (f, bytes, depths[i]);
    }
}

/* 250 banks of 64 KiB: what a program of 16 bits draws with. */
static void
a_large_mode_is_drawn_through_banks (Fixture *f, gconstpointer name)
{
  const gsize size = (gsize) LARGE_WIDTH * LARGE_HEIGHT * 4;
  g_autofree guint32 *words = g_new (guint32, LARGE_WIDTH * LARGE_HEIGHT);
  guint8 *bytes = (guint8 *) words;

  for (guint i = 0; i < LARGE_WIDTH * LARGE_HEIGHT; i++)
    words[i] = GUINT32_TO_LE (i * 2654435761u);
  set_large_mode (f, 32);
  for (gsize at = 0; at < size; at += PLANE_BYTES)
    {
      dispi (f, 5, (guint) (at / PLANE_BYTES));
      put (f, WINDOW, bytes + at, MIN (PLANE_BYTES, size - at));
    }
  astern_display_draw (f->card, 0, &f->picture);
  compare_large (f, bytes, 32);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hw/vga-modes/modes_show_what_their_memory_holds", Fixture, "std", set_up, modes_show_what_their_memory_holds, tear_down);
  g_test_add ("/hw/vga-modes/large_linear_modes_show_every_pixel", Fixture, "std", set_up, large_linear_modes_show_every_pixel, tear_down);
  g_test_add ("/hw/vga-modes/a_large_mode_is_drawn_through_banks", Fixture, "std", set_up, a_large_mode_is_drawn_through_banks, tear_down);
  return g_test_run ();
}
