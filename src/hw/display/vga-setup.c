/* vga-setup.c - see vga-setup.h.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", BIOS mode 3. */
#include "config.h"

#include "hw/display/vga-setup.h"

#include "hw/display/vga.h"

#include <string.h>

#define FONT_HEIGHT 16
#define FONT_SIZE   (256 * FONT_HEIGHT)

enum { PORT_ATTR = 0x3c0, PORT_MISC = 0x3c2, PORT_SEQ = 0x3c4, PORT_DAC_MASK = 0x3c6, PORT_DAC_INDEX = 0x3c8,
       PORT_DAC_DATA = 0x3c9, PORT_GFX = 0x3ce, PORT_CRTC = 0x3d4, PORT_STATUS = 0x3da };

static void
out (AsternDevice *vga, guint port, guint8 value)
{
  astern_device_write (vga, VGA_PORTS_WINDOW, port - 0x3b0, 1, value, NULL);
}

static void
out_indexed (AsternDevice *vga, guint port, guint8 index, guint8 value)
{
  out (vga, port, index);
  out (vga, port + 1, value);
}

static void
poke (AsternDevice *vga, guint32 offset, guint8 value)
{
  astern_device_write (vga, VGA_MEMORY_WINDOW, offset, 1, value, NULL);
}

static gboolean
all_are (const guint8 *glyph, guint from, guint to, guint8 value)
{
  for (guint i = from; i < to; i++)
    if (glyph[i] != value)
      return FALSE;
  return TRUE;
}

static gboolean
is_font (const guint8 *font)
{
  const guint8 *upper = font + 0xdf * FONT_HEIGHT, *lower = font + 0xdc * FONT_HEIGHT;

  return all_are (font + ' ' * FONT_HEIGHT, 0, FONT_HEIGHT, 0)
         && all_are (font + 0xdb * FONT_HEIGHT, 0, FONT_HEIGHT, 0xff)      /* full block */
         && all_are (font + 0xdd * FONT_HEIGHT, 0, FONT_HEIGHT, 0xf0)      /* left half */
         && all_are (font + 0xde * FONT_HEIGHT, 0, FONT_HEIGHT, 0x0f)      /* right half */
         && all_are (upper, 0, 6, 0xff) && all_are (upper, 9, FONT_HEIGHT, 0)
         && all_are (lower, 0, 6, 0) && all_are (lower, 9, FONT_HEIGHT, 0xff);
}

const guint8 *
vga_find_font (gconstpointer rom, gsize size)
{
  const guint8 *bytes = rom;

  for (gsize at = 0; size >= FONT_SIZE && at <= size - FONT_SIZE; at++)
    if (is_font (bytes + at))
      return bytes + at;
  return NULL;
}

/* Six bits, a third and two thirds of full intensity: red, green and blue of each. */
static void
set_palette (AsternDevice *vga)
{
  out (vga, PORT_DAC_MASK, 0xff);
  out (vga, PORT_DAC_INDEX, 0);
  for (guint color = 0; color < 64; color++)
    for (guint part = 0; part < 3; part++)
      {
        guint strong = color >> (2 - part) & 1, weak = color >> (5 - part) & 1;

        out (vga, PORT_DAC_DATA, (guint8) (strong * 0x2a + weak * 0x15));
      }
}

static void
set_attributes (AsternDevice *vga)
{
  static const guint8 mode[] = { 0x0c, 0x00, 0x0f, 0x08, 0x00 };

  astern_device_read (vga, VGA_PORTS_WINDOW, PORT_STATUS - 0x3b0, 1, NULL);     /* index comes next */
  for (guint i = 0; i < 16; i++)
    {
      /* The bright eight have all weak bits; brown is yellow with a weak green. */
      guint8 pen = (guint8) (i < 8 ? i : (i & 7) | 0x38);

      out (vga, PORT_ATTR, (guint8) i);
      out (vga, PORT_ATTR, i == 6 ? 0x14 : pen);
    }
  for (guint i = 0; i < G_N_ELEMENTS (mode); i++)
    {
      out (vga, PORT_ATTR, (guint8) (0x10 + i));
      out (vga, PORT_ATTR, mode[i]);
    }
  out (vga, PORT_ATTR, 0x20);
}

/* Plane 2, where it is seen as one plain block at 0xa0000. */
static void
load_font (AsternDevice *vga, const guint8 *font)
{
  out_indexed (vga, PORT_SEQ, 2, 0x04);
  out_indexed (vga, PORT_SEQ, 4, 0x06);
  out_indexed (vga, PORT_GFX, 5, 0x00);
  out_indexed (vga, PORT_GFX, 6, 0x04);
  for (guint character = 0; character < 256; character++)
    for (guint line = 0; line < 32; line++)
      poke (vga, character * 32 + line,
            font != NULL && line < FONT_HEIGHT ? font[character * FONT_HEIGHT + line] : 0);
}

static void
set_timing (AsternDevice *vga)
{
  static const guint8 crtc[] = {
    0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00,
    0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff,
  };

  out_indexed (vga, PORT_CRTC, 0x11, 0);        /* the first eight may be written */
  for (guint i = 0; i < G_N_ELEMENTS (crtc); i++)
    out_indexed (vga, PORT_CRTC, (guint8) i, crtc[i]);
}

void
vga_set_up_text (AsternDevice *vga, const guint8 *font)
{
  static const guint8 seq[] = { 0x03, 0x00, 0x03, 0x00, 0x02 };
  static const guint8 gfx[] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x0f, 0xff };

  out (vga, PORT_MISC, 0x67);
  for (guint i = 0; i < G_N_ELEMENTS (gfx); i++)
    out_indexed (vga, PORT_GFX, (guint8) i, gfx[i]);
  load_font (vga, font);
  for (guint i = 0; i < G_N_ELEMENTS (seq); i++)
    out_indexed (vga, PORT_SEQ, (guint8) i, seq[i]);
  out_indexed (vga, PORT_GFX, 5, gfx[5]);
  out_indexed (vga, PORT_GFX, 6, gfx[6]);
  set_timing (vga);
  set_palette (vga);
  for (guint i = 0; i < 0x4000; i++)            /* blanks, light grey on black, in both halves of the window */
    poke (vga, 0x18000 + 2 * i, ' '), poke (vga, 0x18000 + 2 * i + 1, 0x07);
  set_attributes (vga);
}
