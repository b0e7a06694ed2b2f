/* vga-draw.c - the VGA's screen as pixels and as text.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (CRT controller, attribute
 * controller); Bochs' display interface for linear modes.
 * Left out: blinking (the cursor and blinking characters are shown), border.
 *
 * Lines that the hardware doubles are drawn once: mode 13h is 320 x 200. */
#include "config.h"

#include "hw/display/vga-state.h"

#include <string.h>

#define PLANE_MASK 0xffffu

typedef struct
{
  const VgaState *s;
  const guint8   *vram;
  guint32         colors[256];  /* what the DAC makes of each index */
  guint8          pens[16];     /* what the attribute controller makes of four bits */
} Canvas;

/* What the CRT controller counts while it goes down the screen. */
typedef struct
{
  guint address;                /* of the row's first character */
  guint scan;                   /* line in the row */
  guint panning;                /* pixels */
  gboolean repeated;            /* the line above once more */
} Beam;

static void
set_colors (Canvas *c)
{
  const VgaState *s = c->s;
  gboolean wide = (s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC) != 0;
  guint i, part;

  for (i = 0; i < 256; i++)
    {
      const guint8 *entry = &s->palette[(i & s->dac_mask) * 3];

      c->colors[i] = 0;
      for (part = 0; part < 3; part++)
        {
          guint8 level = wide ? entry[part] : (guint8) ((entry[part] & 0x3f) << 2 | (entry[part] & 0x3f) >> 4);

          c->colors[i] = c->colors[i] << 8 | level;
        }
    }
  for (i = 0; i < 16; i++)
    {
      guint8 pen = s->attr[i] & 0x3f;

      if (s->attr[ATTR_MODE] & ATTR_MODE_COLOR_SELECT)
        pen = (pen & 0x0f) | (s->attr[ATTR_COLOR_SELECT] & 0x03) << 4;
      c->pens[i] = (guint8) (pen | (s->attr[ATTR_COLOR_SELECT] & 0x0c) << 4);
    }
}

/* The address in a plane for a character address (byte, word and double word mode). */
static guint
plane_offset (const VgaState *s, guint address, guint scan)
{
  if (!(s->crtc[CRTC_UNDERLINE] & 0x40) && !(s->crtc[CRTC_MODE] & 0x40))
    address = address << 1 | (address >> (s->crtc[CRTC_MODE] & 0x20 ? 15 : 13) & 1);
  if (!(s->crtc[CRTC_MODE] & 0x01))
    address = (address & ~0x2000u) | (scan & 1) << 13;
  if (!(s->crtc[CRTC_MODE] & 0x02))
    address = (address & ~0x4000u) | (scan >> 1 & 1) << 14;
  return address & PLANE_MASK;
}

static const guint8 *
planes_at (const Canvas *c, guint address, guint scan)
{
  return c->vram + 4 * plane_offset (c->s, address, scan);
}

/* --- text ---------------------------------------------------------------------- */

static guint
font_offset (guint map)
{
  return (map & 3) * 0x4000 + (map & 4 ? 0x2000 : 0);
}

static gboolean
cursor_covers (const VgaState *s, guint address, guint scan)
{
  guint skew = s->crtc[CRTC_CURSOR_END] >> 5 & 3;       /* it comes so many characters later */
  guint at = ((s->crtc[CRTC_CURSOR_HIGH] << 8 | s->crtc[CRTC_CURSOR_LOW]) + skew) & PLANE_MASK;

  return address == at && !(s->crtc[CRTC_CURSOR_START] & 0x20)
         && scan >= (s->crtc[CRTC_CURSOR_START] & 0x1fu) && scan <= (s->crtc[CRTC_CURSOR_END] & 0x1fu);
}

static guint
character_dots (const VgaState *s)
{
  return s->seq[SEQ_CLOCKING] & SEQ_CLOCKING_8DOTS ? 8 : 9;
}

/* One scan line of one character; returns its dots, the leftmost in the highest of nine bits. */
static guint
glyph_line (const Canvas *c, guint8 character, guint8 attribute, guint scan)
{
  const VgaState *s = c->s;
  guint select = s->seq[SEQ_CHAR_MAP];
  guint map = attribute & 0x08 ? (select >> 2 & 3) | (select >> 3 & 4) : (select & 3) | (select >> 2 & 4);
  guint dots = c->vram[4 * ((font_offset (map) + character * 32u + scan) & PLANE_MASK) + 2];

  dots <<= 1;
  if ((s->attr[ATTR_MODE] & ATTR_MODE_LINE_GRAPHICS) && character >= 0xc0 && character <= 0xdf)
    dots |= dots >> 1 & 1;
  return dots;
}

/* Where the adapter of before had one: black on bright, and emulated. */
static gboolean
is_underlined (const VgaState *s, guint8 attribute, guint scan)
{
  return (s->attr[ATTR_MODE] & ATTR_MODE_MONO) && (attribute & 0x77) == 0x01 && scan == (s->crtc[CRTC_UNDERLINE] & 0x1fu);
}

static void
draw_text_line (const Canvas *c, const Beam *beam, guint32 *row, guint width)
{
  const VgaState *s = c->s;
  guint n_dots = character_dots (s), x = 0, column, skip = beam->panning;

  for (column = 0; x < width; column++)
    {
      guint address = beam->address + column;
      const guint8 *cell = planes_at (c, address, 0);
      guint8 attribute = cell[1];
      guint back = attribute >> 4, dot;
      guint dots = cursor_covers (s, address & PLANE_MASK, beam->scan)
                     ? 0x1ff : glyph_line (c, cell[0], attribute, beam->scan);

      if (s->attr[ATTR_MODE] & ATTR_MODE_BLINK)
        back &= 7;
      if (is_underlined (s, attribute, beam->scan))
        dots = 0x1ff;
      for (dot = skip, skip = 0; dot < n_dots && x < width; dot++, x++)
        row[x] = c->colors[c->pens[dots >> (8 - dot) & 1 ? attribute & 0x0f : back]];
    }
}

/* --- graphics ------------------------------------------------------------------ */

/* Eight dots (four with 256 colours) of one character address, as colours. */
static guint
graphics_cell (const Canvas *c, const guint8 *planes, guint32 dots[8])
{
  const VgaState *s = c->s;
  guint enabled = s->attr[ATTR_PLANES] & 0x0f, i, plane;

  if (s->gfx[GFX_MODE] & 0x40)
    {
      for (i = 0; i < 4; i++)
        dots[i] = c->colors[planes[i]];
      return 4;
    }
  for (i = 0; i < 8; i++)
    {
      guint pen = 0;

      if (s->gfx[GFX_MODE] & 0x20)      /* two bits a dot: planes 0 and 2, then 1 and 3 */
        {
          guint shift = 6 - 2 * (i & 3), half = i >> 2;

          pen = (planes[half] >> shift & 3) | (planes[half + 2] >> shift & 3) << 2;
        }
      else
        for (plane = 0; plane < 4; plane++)
          pen |= (planes[plane] >> (7 - i) & 1u) << plane;
      dots[i] = c->colors[c->pens[pen & enabled]];
    }
  return 8;
}

static void
draw_graphics_line (const Canvas *c, const Beam *beam, guint32 *row, guint width)
{
  guint32 dots[8];
  guint skip = beam->panning, x = 0, column;

  for (column = 0; x < width; column++)
    {
      guint n = graphics_cell (c, planes_at (c, beam->address + column, beam->scan), dots), i;

      for (i = MIN (skip, n); i < n && x < width; i++)
        row[x++] = dots[i];
      skip -= MIN (skip, n);
    }
}

/* --- the frame ------------------------------------------------------------------ */

static gboolean
is_text (const VgaState *s)
{
  return !(s->gfx[GFX_MISC] & GFX_MISC_GRAPHICS) && !(s->attr[ATTR_MODE] & ATTR_MODE_GRAPHICS);
}

static gboolean
is_blank (const VgaState *s)
{
  return !(s->attr_index & ATTR_INDEX_ON) || (s->seq[SEQ_CLOCKING] & SEQ_CLOCKING_OFF);
}

static guint
frame_width (const VgaState *s)
{
  guint columns = s->crtc[CRTC_H_DISPLAY_END] + 1u;

  if (is_text (s))
    return columns * character_dots (s);
  return columns * (s->gfx[GFX_MODE] & 0x40 ? 4 : 8);
}

/* Dots at the left that are not shown.  With nine dots a character 8 is none and 0 is one. */
static guint
panning_dots (const VgaState *s)
{
  guint panning = s->attr[ATTR_PANNING] & 0x0f;

  if (s->gfx[GFX_MODE] & 0x40)
    return panning >> 1 & 3;
  if (is_text (s) && character_dots (s) == 9)
    return panning >= 8 ? 0 : panning + 1;
  return panning & 7;
}

static void
begin_frame (const VgaState *s, Beam *beam)
{

  beam->address = (s->crtc[CRTC_START_HIGH] << 8 | s->crtc[CRTC_START_LOW])
                  + (s->crtc[CRTC_PRESET_ROW] >> 5 & 3);
  beam->scan = s->crtc[CRTC_PRESET_ROW] & 0x1f;
  beam->panning = panning_dots (s);
  beam->repeated = FALSE;
}

/* To the next scan line, which is number @line. */
static void
next_line (const VgaState *s, Beam *beam, guint line)
{
  guint compare = s->crtc[CRTC_LINE_COMPARE] | (s->crtc[CRTC_OVERFLOW] & 0x10) << 4
                  | (s->crtc[CRTC_MAX_SCAN] & 0x40) << 3;
  gboolean doubled = (s->crtc[CRTC_MAX_SCAN] & 0x80) != 0;

  if (line == compare + 1)
    {
      beam->address = beam->scan = 0;
      beam->repeated = FALSE;
      if (s->attr[ATTR_MODE] & ATTR_MODE_SPLIT_PANNING)
        beam->panning = 0;
      return;
    }
  beam->repeated = doubled && !beam->repeated;
  if (beam->repeated)
    return;
  if (beam->scan++ != (s->crtc[CRTC_MAX_SCAN] & 0x1fu))
    {
      beam->scan &= 0x1f;
      return;
    }
  beam->scan = 0;
  beam->address += s->crtc[CRTC_OFFSET] * 2u;
}

/* Whether the line differs from the one above it, as far as the registers say. */
static gboolean
is_new_line (const VgaState *s, const Beam *beam)
{
  if (beam->repeated)
    return FALSE;
  return is_text (s) || beam->scan == 0 || (s->crtc[CRTC_MODE] & 3) != 3;
}

static void
draw_planar (const Canvas *c, AsternPicture *picture)
{
  const VgaState *s = c->s;
  guint n_lines = vga_last_line (s) + 1, width = frame_width (s), line, y = 0;
  Beam beam;

  astern_picture_resize (picture, width, n_lines);
  begin_frame (s, &beam);
  for (line = 0; line < n_lines; line++)
    {
      if (line > 0)
        next_line (s, &beam, line);
      if (is_text (s) || is_new_line (s, &beam))
        {
          guint32 *row = astern_picture_row (picture, y++);

          if (is_blank (s))
            continue;
          if (is_text (s))
            draw_text_line (c, &beam, row, width);
          else
            draw_graphics_line (c, &beam, row, width);
        }
    }
  picture->height = y;
}

/* --- linear modes ----------------------------------------------------------------- */

void
vga_dac_colors (const Vga *vga, guint32 colors[256])
{
  Canvas c = { .s = vga->s };

  set_colors (&c);
  memcpy (colors, c.colors, sizeof c.colors);
}

static void
dispi_linear (const Vga *vga, AsternLinear *l)
{
  const VgaState *s = vga->s;

  l->width = s->dispi[DISPI_XRES];
  l->height = s->dispi[DISPI_YRES];
  l->bits = s->dispi[DISPI_BPP];
  l->x0 = s->dispi[DISPI_X_OFFSET];
  l->pitch = vga_dispi_pitch (vga);
  l->start = (guint64) s->dispi[DISPI_Y_OFFSET] * vga_dispi_pitch (vga);
  l->blank = !vga_is_absent (vga) && is_blank (s);
  l->swapped = s->big_endian;
}

static void
linear_colors (const Vga *vga, AsternLinear *l)
{
  Canvas c = { .s = vga->s };

  set_colors (&c);
  if (l->bits == 4)
    for (guint pen = 0; pen < 16; pen++)
      l->colors[pen] = c.colors[c.pens[pen & vga->s->attr[ATTR_PLANES]]];
  else
    memcpy (l->colors, c.colors, sizeof l->colors);
}

gboolean
vga_linear (const Vga *vga, AsternLinear *l, const AsternRamBlock **block)
{
  memset (l, 0, sizeof *l);
  *block = vga->vram;
  if (vga->hooks != NULL && vga->hooks->linear != NULL && vga->hooks->linear (vga, l, block))
    return TRUE;
  if (!vga_is_linear (vga))
    return FALSE;
  dispi_linear (vga, l);
  if (l->bits <= 8)
    linear_colors (vga, l);
  return TRUE;
}

void
vga_draw (AsternDevice *device, guint head, AsternPicture *picture)
{
  const Vga *vga = (Vga *) device;
  Canvas c = { .s = vga->s };
  const AsternRamBlock *block;
  AsternLinear linear;

  if (vga->vram != NULL && vga_linear (vga, &linear, &block))
    {
      astern_linear_draw (&linear, astern_memory_host (vga->memory, block->start), block->size, picture);
      return;
    }
  if (vga->vram == NULL || vga_is_absent (vga))
    {
      astern_picture_resize (picture, 0, 0);
      return;
    }
  c.vram = vga_vram (vga);
  set_colors (&c);
  draw_planar (&c, picture);
}

char *
vga_text (AsternDevice *device)
{
  const Vga *vga = (Vga *) device;
  const VgaState *s = vga->s;
  Canvas c = { .s = s };
  const AsternRamBlock *block;
  AsternLinear linear;
  GString *text;
  guint columns = s->crtc[CRTC_H_DISPLAY_END] + 1u;
  guint height = (s->crtc[CRTC_MAX_SCAN] & 0x1fu) + 1, rows, row, column;
  Beam beam;

  if (vga->vram == NULL || vga_linear (vga, &linear, &block) || !is_text (s))
    return NULL;
  if (s->crtc[CRTC_MAX_SCAN] & 0x80)
    height *= 2;
  rows = (vga_last_line (s) + height) / height;
  c.vram = vga_vram (vga);
  begin_frame (s, &beam);
  text = g_string_new (NULL);
  for (row = 0; row < rows; row++, beam.address += s->crtc[CRTC_OFFSET] * 2u)
    {
      gsize kept = text->len;

      for (column = 0; column < columns; column++)
        {
          guint8 character = planes_at (&c, beam.address + column, 0)[0];

          g_string_append_c (text, character == 0 ? ' ' : g_ascii_isprint (character) ? (char) character : '.');
          if (text->str[text->len - 1] != ' ')
            kept = text->len;
        }
      g_string_truncate (text, kept);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
