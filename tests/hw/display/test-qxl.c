/* QXL: drawings from the ring, against pictures that are made here pixel by pixel. */
#include "config.h"

#include "tests/hw/display/card-fixture.h"

#define HEADER  (BAR (0) + (64u << 20) - 0x2000)
#define SLOT1   (G_GUINT64_CONSTANT (1) << 56)

static void
put64 (Fixture *f, guint64 address, guint64 value)
{
  put32 (f, address, (guint32) value);
  put32 (f, address + 4, (guint32) (value >> 32));
}

static void
qxl_begin (Fixture *f)
{
  g_assert_cmphex (get32 (f, BAR (2)), ==, 0x4f525851);
  g_assert_cmphex (get32 (f, HEADER), ==, 0x41525851);
  put64 (f, HEADER + 5276, BAR (0));
  put64 (f, HEADER + 5284, HEADER);
  outs (f, 0xc008, 1, 1);
  for (guint i = 0; i < 4; i++)
    put32 (f, HEADER + 5292 + 4 * i, (const guint32[]) { 64, 48, 256, 32 }[i]);
  put64 (f, HEADER + 5292 + 32, SLOT1 | 0x100000);
  outs (f, 0xc00c, 1, 0);
}

/* A drawing at 0x1000 of the RAM whose box is x 4..14, y 5..11, and whose number is @id. */
static void
drawing (Fixture *f, guint8 type, guint64 id)
{
  static const guint8 nothing[240];
  const guint32 box[] = { 5, 4, 11, 14 };

  put (f, BAR (0) + 0x1000, nothing, sizeof nothing);
  put64 (f, BAR (0) + 0x1000, id);
  put (f, BAR (0) + 0x1000 + 13, &type, 1);
  for (guint i = 0; i < 4; i++)
    put32 (f, BAR (0) + 0x1000 + 31 + 4 * i, box[i]);
}

static void
send (Fixture *f)
{
  guint32 prod = get32 (f, HEADER + 4108 + 4);

  put64 (f, HEADER + 4108 + 20 + prod % 32 * 16, SLOT1 | 0x1000);
  put32 (f, HEADER + 4108 + 20 + prod % 32 * 16 + 8, 1);
  put32 (f, HEADER + 4108 + 4, prod + 1);
  outs (f, 0xc000, 1, 0);
}

static void
drawings_are_made_and_given_back (Fixture *f, gconstpointer name)
{
  qxl_begin (f);
  drawing (f, 1, 77);                           /* fill */
  put32 (f, BAR (0) + 0x1000 + 123, 1);
  put32 (f, BAR (0) + 0x1000 + 127, 0xff8040);
  put32 (f, BAR (0) + 0x1000 + 123 + 20, 8);
  send (f);
  for (guint y = 0; y < 48; y++)
    for (guint x = 0; x < 64; x++)
      g_assert_cmphex (pixel (f, x, y), ==, x >= 4 && x < 14 && y >= 5 && y < 11 ? 0xff8040 : 0);
  g_assert_cmpuint (get32 (f, HEADER + 4108 + 12), ==, 1);      /* taken */
  g_assert_cmpuint (get32 (f, HEADER + 5172 + 4), ==, 1);       /* released */
  g_assert_cmpuint (get32 (f, HEADER + 5172 + 20), ==, 77);
  g_assert_cmpuint (get32 (f, BAR (0) + 0x1000), ==, 0);        /* the last of the list */
  g_assert_cmphex (get32 (f, HEADER + 4) & 1, ==, 1);
  drawing (f, 8, 78);                           /* inverted */
  send (f);
  g_assert_cmphex (pixel (f, 4, 5), ==, 0x007fbf);
}

static void
bitmaps_are_copied_the_right_way_up (Fixture *f, gconstpointer name)
{
  qxl_begin (f);
  for (guint down = 0; down < 2; down++)
    {
      const guint8 format[] = { 8, down ? 5 : 1 };

      drawing (f, 3, 1 + down);
      put64 (f, BAR (0) + 0x1000 + 123, SLOT1 | 0x2000);
      put32 (f, BAR (0) + 0x1000 + 123 + 8, 0);
      put32 (f, BAR (0) + 0x1000 + 123 + 16, 6);
      put32 (f, BAR (0) + 0x1000 + 123 + 20, 10);
      put32 (f, BAR (0) + 0x1000 + 123 + 24, 8);
      put64 (f, BAR (0) + 0x2000, 9);
      put64 (f, BAR (0) + 0x2008, 0);
      put (f, BAR (0) + 0x2000 + 18, format, 2);
      put32 (f, BAR (0) + 0x2000 + 20, 10);
      put32 (f, BAR (0) + 0x2000 + 24, 6);
      put32 (f, BAR (0) + 0x2000 + 28, 40);
      put64 (f, BAR (0) + 0x2000 + 32, 0);
      put64 (f, BAR (0) + 0x2000 + 40, SLOT1 | 0x3000);
      for (guint i = 0; i < 60; i++)
        put32 (f, BAR (0) + 0x3000 + 4 * i, 0x400000 + i);
      send (f);
      for (guint y = 0; y < 6; y++)
        for (guint x = 0; x < 10; x++)
          g_assert_cmphex (pixel (f, 4 + x, 5 + y), ==, 0x400000 + (down ? y : 5 - y) * 10 + x);
    }
}

static void
what_is_outside_of_slots_is_refused (Fixture *f, gconstpointer name)
{
  qxl_begin (f);
  put64 (f, HEADER + 4108 + 20, (G_GUINT64_CONSTANT (5) << 56) | 0x1000);
  put32 (f, HEADER + 4108 + 28, 1);
  put32 (f, HEADER + 4108 + 4, 1);
  outs (f, 0xc000, 1, 0);
  g_assert_cmpuint (f->machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], >, 0);
  put64 (f, HEADER + 5292 + 32, SLOT1 | ((64u << 20) - 0x3000));       /* a surface that does not fit */
  outs (f, 0xc00c, 1, 0);
  astern_display_draw (f->card, 0, &f->picture);
  g_assert_cmpuint (f->picture.width, !=, 64);
}

/* ---- drawings of every kind ---- */

#define COMMAND (BAR (0) + 0x1000)
#define U       (COMMAND + 123)
#define IMAGE   0x2000          /* of the RAM */
#define PIXELS  0x3000

static void
put16 (Fixture *f, guint64 address, guint value)
{
  const guint8 bytes[] = { (guint8) value, (guint8) (value >> 8) };

  put (f, address, bytes, sizeof bytes);
}

static void
put8 (Fixture *f, guint64 address, guint value)
{
  const guint8 byte = (guint8) value;

  put (f, address, &byte, 1);
}

/* A bitmap from the top down, its bytes in one piece. */
static void
image (Fixture *f, guint32 at, guint format, guint width, guint height, guint stride, guint32 pixels)
{
  put64 (f, BAR (0) + at, 9);
  put64 (f, BAR (0) + at + 8, 0);
  put8 (f, BAR (0) + at + 18, format);
  put8 (f, BAR (0) + at + 19, 5);
  put32 (f, BAR (0) + at + 20, width);
  put32 (f, BAR (0) + at + 24, height);
  put32 (f, BAR (0) + at + 28, stride);
  put64 (f, BAR (0) + at + 32, 0);
  put64 (f, BAR (0) + at + 40, SLOT1 | pixels);
}

/* The source of a copy and its like, as large as the box. */
static void
source (Fixture *f, guint width, guint height)
{
  put64 (f, U, SLOT1 | IMAGE);
  put32 (f, U + 8, 0);
  put32 (f, U + 12, 0);
  put32 (f, U + 16, height);
  put32 (f, U + 20, width);
}

static void
solid (Fixture *f, guint64 at, guint32 color)
{
  put32 (f, at, 1);
  put32 (f, at + 4, color);
}

/* All of the surface in one colour. */
static void
paint (Fixture *f, guint32 color)
{
  for (guint i = 0; i < 64 * 48; i++)
    put32 (f, BAR (0) + 0x100000 + 4 * i, color);
}

static gboolean
is_in_box (guint x, guint y)
{
  return x >= 4 && x < 14 && y >= 5 && y < 11;
}

static void
every_ternary_operation_is_its_table (Fixture *f, gconstpointer name)
{
  const guint32 pattern = 0xf0f0f0, from = 0xcccccc, dest = 0xaaaaaa;

  qxl_begin (f);
  for (guint rop = 0; rop < 256; rop += 5)
    {
      /* Bits 7..0 of these bytes are all eight combinations, pattern highest: the result is the operation's own number. */
      paint (f, dest);
      drawing (f, 9, 1);
      image (f, IMAGE, 8, 10, 6, 40, PIXELS);
      for (guint i = 0; i < 60; i++)
        put32 (f, BAR (0) + PIXELS + 4 * i, from);
      source (f, 10, 6);
      solid (f, U + 24, pattern);
      put8 (f, U + 44, rop);
      send (f);
      g_assert_cmphex (pixel (f, 4, 5), ==, rop * 0x010101);
      g_assert_cmphex (pixel (f, 14, 5), ==, dest);
    }
}

/* Its pattern is nowhere, or empty: black. */
static void
a_ternary_operation_without_its_pattern_goes_on (Fixture *f, gconstpointer name)
{
  qxl_begin (f);
  for (guint empty = 0; empty < 2; empty++)
    {
      paint (f, 0x0f0f0f);
      image (f, IMAGE, 8, 10, 6, 40, PIXELS);
      for (guint i = 0; i < 60; i++)
        put32 (f, BAR (0) + PIXELS + 4 * i, 0x333333);
      image (f, IMAGE + 0x100, 8, 0, 0, 0, PIXELS + 0x100);
      drawing (f, 9, 1);
      source (f, 10, 6);
      put32 (f, U + 24, 2);
      put64 (f, U + 28, empty ? SLOT1 | (IMAGE + 0x100) : G_GUINT64_CONSTANT (5) << 56);
      put8 (f, U + 44, 0x96);                   /* all three, exclusively */
      send (f);
      g_assert_cmphex (pixel (f, 4, 5), ==, 0x333333 ^ 0x0f0f0f);
    }
}

static void
masks_and_patterns_choose_pixels (Fixture *f, gconstpointer name)
{
  static const guint8 bits[] = { 0xa5, 0x40, 0x3c, 0x80 };      /* two rows of sixteen */

  qxl_begin (f);
  for (guint inverted = 0; inverted < 2; inverted++)
    {
      paint (f, 0x111111);
      image (f, IMAGE, 2, 16, 2, 2, PIXELS);
      put (f, BAR (0) + PIXELS, bits, sizeof bits);
      image (f, IMAGE + 0x100, 8, 3, 2, 12, PIXELS + 0x100);
      for (guint i = 0; i < 6; i++)
        put32 (f, BAR (0) + PIXELS + 0x100 + 4 * i, 0x200000 + i);
      drawing (f, 1, 1);
      put32 (f, U, 2);                          /* the pattern begins at 5, 5 */
      put64 (f, U + 4, SLOT1 | (IMAGE + 0x100));
      put32 (f, U + 12, 5);
      put32 (f, U + 16, 5);
      put16 (f, U + 20, 8);
      put8 (f, U + 22, inverted);
      put32 (f, U + 23, 2);                     /* the mask's corner */
      put32 (f, U + 27, 0);
      put64 (f, U + 31, SLOT1 | IMAGE);
      send (f);
      for (guint y = 5; y < 11; y++)
        for (guint x = 4; x < 14; x++)
          {
            guint bit = x - 4 + 2;
            gboolean set = y < 7 && (bits[2 * (y - 5) + bit / 8] >> (7 - bit % 8) & 1);

            g_assert_cmphex (pixel (f, x, y), ==, set != (inverted != 0) ? 0x200000 + (y - 5) % 2 * 3 + (x + 3 - 5) % 3 : 0x111111);
          }
    }
}

static void
glyphs_are_put_where_they_belong (Fixture *f, gconstpointer name)
{
  static const guint8 bits[] = { 0x80, 0xc0, 0x40 };            /* three rows of two, from the bottom */
  static const guint8 alphas[] = { 0x00, 0x80, 0xff, 0x40 };    /* two rows of two, from the top */

  qxl_begin (f);
  for (guint smooth = 0; smooth < 2; smooth++)
    {
      const guint8 *data = smooth ? alphas : bits;
      guint n = smooth ? sizeof alphas : sizeof bits;

      paint (f, 0x000000);
      drawing (f, 11, 1);
      put64 (f, U, SLOT1 | IMAGE);
      solid (f, U + 24, 0xffffff);
      put16 (f, U + 64, 8);
      put32 (f, BAR (0) + IMAGE, 20 + n);
      put16 (f, BAR (0) + IMAGE + 4, 1);
      put16 (f, BAR (0) + IMAGE + 6, smooth ? 4 | 8 : 1);
      put32 (f, BAR (0) + IMAGE + 8, 20 + n);   /* the chunk */
      put64 (f, BAR (0) + IMAGE + 12, 0);
      put64 (f, BAR (0) + IMAGE + 20, 0);
      for (guint i = 0; i < 4; i++)             /* at 6, 8 with its corner 1 to the right and 2 up */
        put32 (f, BAR (0) + IMAGE + 28 + 4 * i, (const guint32[]) { 6, 8, 1, (guint32) -2 }[i]);
      put16 (f, BAR (0) + IMAGE + 44, 2);
      put16 (f, BAR (0) + IMAGE + 46, smooth ? 2 : 3);
      put (f, BAR (0) + IMAGE + 48, data, n);
      send (f);
      for (guint y = 0; y < 48; y++)
        for (guint x = 0; x < 64; x++)
          {
            guint32 expected = 0;

            if (x >= 7 && x < 9 && y >= 6 && y < (smooth ? 8 : 9))
              expected = smooth ? alphas[(y - 6) * 2 + x - 7] * 0x010101u : bits[2 - (y - 6)] >> (7 - (x - 7)) & 1 ? 0xffffff : 0;
            g_assert_cmphex (pixel (f, x, y), ==, expected);
          }
    }
}

static void
strokes_have_dashes (Fixture *f, gconstpointer name)
{
  qxl_begin (f);
  paint (f, 0x000000);
  drawing (f, 10, 1);
  put64 (f, U, SLOT1 | IMAGE);
  put8 (f, U + 8, 8);                           /* dashes: three, gaps: one */
  put8 (f, U + 11, 2);
  put64 (f, U + 20, SLOT1 | PIXELS);
  put32 (f, BAR (0) + PIXELS, 3 << 4);
  put32 (f, BAR (0) + PIXELS + 4, 1 << 4);
  solid (f, U + 28, 0x00ff00);
  put16 (f, U + 48, 8);
  put32 (f, BAR (0) + IMAGE, 8 + 3 * 8);
  put32 (f, BAR (0) + IMAGE + 4, 8 + 3 * 8);
  put64 (f, BAR (0) + IMAGE + 8, 0);
  put64 (f, BAR (0) + IMAGE + 16, 0);
  put32 (f, BAR (0) + IMAGE + 24, 3);           /* one piece, from its beginning to its end */
  put32 (f, BAR (0) + IMAGE + 28, 3);
  for (guint i = 0; i < 6; i++)
    put32 (f, BAR (0) + IMAGE + 32 + 4 * i, (const guint32[]) { 5, 6, 12, 6, 12, 10 }[i] << 4);
  send (f);
  for (guint i = 0; i < 11; i++)
    {
      guint x = i < 7 ? 5 + i : 12, y = i < 7 ? 6 : 6 + i - 7;

      g_assert_cmphex (pixel (f, x, y), ==, i % 4 == 3 ? 0 : 0x00ff00);
    }
  g_assert_cmphex (pixel (f, 12, 10), ==, 0);   /* not its last point */
  g_assert_cmphex (pixel (f, 5, 7), ==, 0);
}

static void
copies_are_scaled_and_keyed (Fixture *f, gconstpointer name)
{
  qxl_begin (f);
  image (f, IMAGE, 8, 5, 3, 20, PIXELS);
  for (guint i = 0; i < 15; i++)
    put32 (f, BAR (0) + PIXELS + 4 * i, 0x300000 + i);
  drawing (f, 3, 1);
  source (f, 5, 3);
  put16 (f, U + 24, 8);
  put8 (f, U + 26, 1);                          /* the nearest */
  send (f);
  for (guint y = 0; y < 6; y++)
    for (guint x = 0; x < 10; x++)
      g_assert_cmphex (pixel (f, 4 + x, 5 + y), ==, 0x300000 + y / 2 * 5 + x / 2);
  paint (f, 0x777777);
  drawing (f, 12, 1);                           /* all but one colour */
  source (f, 5, 3);
  put32 (f, U + 24, 0x300007);
  send (f);
  for (guint i = 0; i < 60; i++)
    {
      guint n = i / 20 * 5 + i % 10 / 2;

      g_assert_cmphex (pixel (f, 4 + i % 10, 5 + i / 10), ==, n == 7 ? 0x777777 : 0x300000 + n);
    }
}

/* By the formula, with rounding to the nearest. */
static guint
product (guint a, guint b)
{
  return (2 * a * b + 255) / 510;
}

static void
composites_follow_porter_and_duff (Fixture *f, gconstpointer name)
{
  /* What of the source and of what is there, by the opaque surface: over, in, out, atop, xor, add. */
  static const guint8 operators[] = { 3, 5, 7, 9, 11, 12 };
  const guint32 from = 0x80402010, dest = 0x3366cc;

  qxl_begin (f);
  image (f, IMAGE, 9, 10, 6, 40, PIXELS);
  for (guint i = 0; i < 60; i++)
    put32 (f, BAR (0) + PIXELS + 4 * i, from);
  image (f, IMAGE + 0x100, 10, 10, 6, 10, PIXELS + 0x400);
  for (guint i = 0; i < 60; i++)
    put8 (f, BAR (0) + PIXELS + 0x400 + i, 4 * i);
  for (guint n = 0; n < G_N_ELEMENTS (operators); n++)
    {
      paint (f, dest);
      drawing (f, 14, 1);
      put32 (f, U, operators[n]);
      put64 (f, U + 4, SLOT1 | IMAGE);
      put64 (f, U + 20, SLOT1 | (IMAGE + 0x100));
      send (f);
      for (guint y = 0; y < 48; y++)
        for (guint x = 0; x < 64; x++)
          {
            guint32 expected = dest, got = pixel (f, x, y);

            for (guint shift = 0; is_in_box (x, y) && shift < 24; shift += 8)
              {
                guint m = 4 * ((y - 5) * 10 + x - 4), s = product (from >> shift & 0xff, m), a = product (from >> 24, m), d = dest >> shift & 0xff;
                guint part[] = { s + product (d, 255 - a), s, 0, s + product (d, 255 - a), product (d, 255 - a), MIN (s + d, 255) };

                expected = (expected & ~(0xffu << shift)) | part[n] << shift;
              }
            g_assert_cmphex (got, ==, expected);
          }
    }
}

#define TEST(card, path, func) g_test_add ("/display/" path, Fixture, card, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  TEST ("qxl", "qxl/drawings", drawings_are_made_and_given_back);
  TEST ("qxl", "qxl/bitmaps", bitmaps_are_copied_the_right_way_up);
  TEST ("qxl", "qxl/outside", what_is_outside_of_slots_is_refused);
  TEST ("qxl", "qxl/rop3", every_ternary_operation_is_its_table);
  TEST ("qxl", "qxl/rop3-without-pattern", a_ternary_operation_without_its_pattern_goes_on);
  TEST ("qxl", "qxl/masks", masks_and_patterns_choose_pixels);
  TEST ("qxl", "qxl/text", glyphs_are_put_where_they_belong);
  TEST ("qxl", "qxl/strokes", strokes_have_dashes);
  TEST ("qxl", "qxl/scaling", copies_are_scaled_and_keyed);
  TEST ("qxl", "qxl/composites", composites_follow_porter_and_duff);
  return g_test_run ();
}
