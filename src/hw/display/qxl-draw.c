/* qxl-draw.c - drawing commands on surfaces.
 * Source: spice-protocol, spice/qxl_dev.h; "Spice for Newbies" and "QXL device" for what the commands mean.
 * Left out: see qxl-image.c, qxl-shapes.c and qxl-composite.c.  What is left out leaves the surface as it is, and is an event. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/qxl-draw.h"

#include <string.h>

enum { DRAW_NOP, DRAW_FILL, DRAW_OPAQUE, DRAW_COPY, DRAW_COPY_BITS, DRAW_BLEND, DRAW_BLACKNESS, DRAW_WHITENESS, DRAW_INVERS,
       DRAW_ROP3, DRAW_STROKE, DRAW_TEXT, DRAW_TRANSPARENT, DRAW_ALPHA_BLEND, DRAW_COMPOSITE };
enum { DRAWABLE_SURFACE = 8, DRAWABLE_TYPE = 13, DRAWABLE_SELF = 14, DRAWABLE_SELF_AREA = 15, DRAWABLE_BBOX = 31, DRAWABLE_CLIP = 47,
       DRAWABLE_U = 123 };
enum { ROP_INVERS_SRC = 1 << 0, ROP_INVERS_BRUSH = 1 << 1, ROP_INVERS_DEST = 1 << 2, ROP_PUT = 1 << 3, ROP_OR = 1 << 4,
       ROP_AND = 1 << 5, ROP_XOR = 1 << 6, ROP_BLACKNESS = 1 << 7, ROP_WHITENESS = 1 << 8, ROP_INVERS = 1 << 9,
       ROP_INVERS_RES = 1 << 10 };
enum { BITMAP_32 = 8, BITMAP_RGBA };
enum { MAX_CLIPS = 1024 };

QxlRect
qxl_get_rect (const guint8 *at)
{
  return (QxlRect) { (gint32) qxl_get32 (at), (gint32) qxl_get32 (at + 4), (gint32) qxl_get32 (at + 8), (gint32) qxl_get32 (at + 12) };
}

QxlRect
qxl_both (QxlRect a, QxlRect b)
{
  return (QxlRect) { MAX (a.top, b.top), MAX (a.left, b.left), MIN (a.bottom, b.bottom), MIN (a.right, b.right) };
}

static void
put_pixel (const QxlSurface *s, guint8 *at, guint32 pixel)
{
  guint red = pixel >> 16 & 0xff, green = pixel >> 8 & 0xff, blue = pixel & 0xff;
  guint word;

  switch (s->format)
    {
    case QXL_FORMAT_8:
      at[0] = (guint8) (pixel >> 24);
      return;
    case QXL_FORMAT_555:
    case QXL_FORMAT_565:
      word = s->format == QXL_FORMAT_555 ? red >> 3 << 10 | green >> 3 << 5 | blue >> 3 : red >> 3 << 11 | green >> 2 << 5 | blue >> 3;
      at[0] = (guint8) word;
      at[1] = (guint8) (word >> 8);
      return;
    default:
      for (guint i = 0; i < 4; i++)
        at[i] = (guint8) (pixel >> (8 * i));
    }
}

/* ---- operations ---- */

/* What comes in, @inverted or not, onto what is there. */
static guint32
combine (guint rop, guint32 source, gboolean inverted, guint32 dest, gboolean dest_inverted)
{
  guint32 result = source = inverted ? ~source : source;

  dest = dest_inverted ? ~dest : dest;
  if (rop & ROP_PUT)
    result = source;
  else if (rop & ROP_OR)
    result = source | dest;
  else if (rop & ROP_AND)
    result = source & dest;
  else if (rop & ROP_XOR)
    result = source ^ dest;
  else if (rop & ROP_BLACKNESS)
    result = 0;
  else if (rop & ROP_WHITENESS)
    result = 0xffffffff;
  else if (rop & ROP_INVERS)
    result = ~dest;
  return rop & ROP_INVERS_RES ? ~result : result;
}

/* Bit n of @rop is the result for pattern, source and destination being the bits of n. */
static guint32
ternary (guint rop, guint32 pattern, guint32 source, guint32 dest)
{
  guint32 result = 0;

  for (guint n = 0; n < 8; n++)
    if (rop >> n & 1)
      result |= (n & 4 ? pattern : ~pattern) & (n & 2 ? source : ~source) & (n & 1 ? dest : ~dest);
  return result;
}

/* A source whose colours were multiplied with its alpha, over what is there. */
static guint32
blend (guint32 source, guint alpha, guint32 dest)
{
  guint a = (source >> 24) * alpha / 255;
  guint32 result = 0;

  for (guint shift = 0; shift < 32; shift += 8)
    {
      guint part = (source >> shift & 0xff) * alpha / 255 + (dest >> shift & 0xff) * (255 - a) / 255;

      result |= (guint32) MIN (part, 255u) << shift;
    }
  return result;
}

/* So much of one, the rest of the other. */
static guint32
mix (guint32 pixel, guint cover, guint32 dest)
{
  guint32 result = 0;

  for (guint shift = 0; shift < 32; shift += 8)
    result |= (qxl_times (pixel >> shift & 0xff, cover) + qxl_times (dest >> shift & 0xff, 255 - cover)) << shift;
  return result;
}

/* ---- the source's pixel ---- */

/* Beyond its edges a source is black. */
static guint32
source_at (const QxlDraw *draw, gint64 x, gint64 y)
{
  const QxlSource *s = &draw->source;

  if (x < 0 || y < 0 || x >= s->width || y >= s->height)
    return 0xff000000;
  return qxl_source_pixel (draw->qxl, s, (gint32) x, (gint32) y);
}

/* In 24.8 of the area, where the middle of a pixel of the box lies. */
static gint64
scale (gint64 at, gint64 from, gint64 to)
{
  return ((2 * at + 1) * from * 128) / to;
}

static guint32
source_for (const QxlDraw *draw, gint32 x, gint32 y)
{
  gint64 width = (gint64) draw->bounds.right - draw->bounds.left, height = (gint64) draw->bounds.bottom - draw->bounds.top, sx, sy;
  const QxlRect *area = &draw->area;
  guint32 pixels[4];

  if (!draw->scaled)
    return source_at (draw, (gint64) x + draw->dx, (gint64) y + draw->dy);
  sx = scale ((gint64) x - draw->bounds.left, (gint64) area->right - area->left, width);
  sy = scale ((gint64) y - draw->bounds.top, (gint64) area->bottom - area->top, height);
  if (!draw->smooth)
    return source_at (draw, area->left + (sx >> 8), area->top + (sy >> 8));
  sx -= 128;
  sy -= 128;
  for (guint i = 0; i < 4; i++)
    pixels[i] = source_at (draw, area->left + CLAMP ((sx >> 8) + (i & 1), 0, (gint64) area->right - area->left - 1),
                           area->top + CLAMP ((sy >> 8) + (i >> 1), 0, (gint64) area->bottom - area->top - 1));
  return qxl_between (pixels, sx & 0xff, sy & 0xff);
}

static guint32
operate (const QxlDraw *draw, gint32 x, gint32 y, guint32 dest)
{
  guint rop = draw->rop;
  guint32 pixel;

  switch (draw->type)
    {
    case DRAW_FILL: case DRAW_STROKE: case DRAW_TEXT:
      return combine (rop, qxl_brush_pixel (draw, &draw->brush, x, y), (rop & ROP_INVERS_BRUSH) != 0, dest, (rop & ROP_INVERS_DEST) != 0);
    case DRAW_OPAQUE:
      return combine (rop, qxl_brush_pixel (draw, &draw->brush, x, y), (rop & ROP_INVERS_BRUSH) != 0, source_for (draw, x, y),
                      (rop & ROP_INVERS_SRC) != 0);
    case DRAW_ROP3:       return ternary (rop, qxl_brush_pixel (draw, &draw->brush, x, y), source_for (draw, x, y), dest);
    case DRAW_COMPOSITE:  return qxl_composite_pixel (draw, x, y, dest);
    case DRAW_BLACKNESS:  return 0xff000000;
    case DRAW_WHITENESS:  return 0xffffffff;
    case DRAW_INVERS:     return dest ^ 0xffffff;
    }
  pixel = source_for (draw, x, y);
  switch (draw->type)
    {
    case DRAW_TRANSPARENT: return (pixel & 0xffffff) == (draw->key & 0xffffff) ? dest : pixel;
    case DRAW_ALPHA_BLEND: return blend (pixel, draw->alpha, dest);
    default:               return combine (rop, pixel, (rop & ROP_INVERS_SRC) != 0, dest, (rop & ROP_INVERS_DEST) != 0);
    }
}

/* ---- what of it is drawn ---- */

static gboolean
is_masked_out (const QxlDraw *draw, gint32 x, gint32 y)
{
  gint64 mx = (gint64) x + draw->mask_dx, my = (gint64) y + draw->mask_dy;
  gboolean bit = mx >= 0 && my >= 0 && mx < draw->mask.width && my < draw->mask.height
                 && (qxl_source_pixel (draw->qxl, &draw->mask, (gint32) mx, (gint32) my) & 0xffffff) != 0;

  return bit == draw->mask_inverted;
}

static guint32
draw_pixel (const QxlDraw *draw, gint32 x, gint32 y, guint32 dest)
{
  const QxlRect *box = &draw->box;
  guint cover = draw->cover == NULL ? 255
                : draw->cover[(gsize) (y - box->top) * (gsize) (box->right - box->left) + (gsize) (x - box->left)];

  if (cover == 0 || (draw->masked && is_masked_out (draw, x, y)))
    return dest;
  return cover == 255 ? operate (draw, x, y, dest) : mix (operate (draw, x, y, dest), cover, dest);
}

/* The source's bytes are the surface's; NULL: pixel by pixel. */
static const guint8 *
plain_row (const QxlDraw *draw, QxlRect part, gint32 y)
{
  const QxlSource *s = &draw->source;
  gint64 x = (gint64) part.left + draw->dx, row = (gint64) y + draw->dy;

  if ((draw->type != DRAW_COPY && draw->type != DRAW_COPY_BITS) || draw->rop != ROP_PUT || draw->masked || draw->scaled ||
      draw->to->format != QXL_FORMAT_XRGB || x < 0 || row < 0 || x + (part.right - part.left) > s->width || row >= s->height)
    return NULL;
  if (s->surface != NULL)
    return s->surface->format == QXL_FORMAT_XRGB ? qxl_surface_at (draw->qxl, s->surface, (gint32) x, (gint32) row) : NULL;
  if (s->format != BITMAP_32 && s->format != BITMAP_RGBA)
    return NULL;
  return s->bytes + (gsize) s->stride * (gsize) (s->top_down ? row : s->height - 1 - row) + (gsize) x * 4;
}

/* In a part of the box that is on the surface and in the clip. */
static void
draw_part (QxlDraw *draw, QxlRect part)
{
  const QxlSurface *to = draw->to;
  guint bytes = qxl_bytes_per_pixel (to->format);
  g_autofree guint8 *row = NULL;
  gint32 rows = part.bottom - part.top;
  gsize size;

  if (part.left >= part.right || part.top >= part.bottom)
    return;
  size = (gsize) (part.right - part.left) * bytes;
  row = g_malloc (size);
  for (gint32 i = 0; i < rows; i++)
    {
      /* A surface onto itself, downwards: from the bottom. */
      gint32 y = draw->dy < 0 ? part.bottom - 1 - i : part.top + i;
      const guint8 *from = qxl_surface_at (draw->qxl, to, part.left, y), *plain = plain_row (draw, part, y);

      if (plain != NULL)
        memcpy (row, plain, size);
      else
        for (gint32 x = part.left; x < part.right; x++)
          put_pixel (to, row + (gsize) (x - part.left) * bytes,
                     draw_pixel (draw, x, y, qxl_get_pixel (to, from + (gsize) (x - part.left) * bytes)));
      qxl_store (draw->qxl, to->block, (guint64) ((gint64) to->start + (gint64) to->stride * y + (gint64) part.left * bytes), row, size);
    }
  draw->moved += (guint64) rows * (guint64) (part.right - part.left) * 8;
}

/* The clip is all, or rectangles in chunks. */
static void
draw_clipped (QxlDraw *draw, QxlRect box)
{
  guint64 rects = qxl_get64 (draw->command + DRAWABLE_CLIP + 4);
  guint8 head[4];
  g_autofree guint8 *bytes = NULL;
  guint n;

  if (qxl_get32 (draw->command + DRAWABLE_CLIP) != 1)
    {
      draw_part (draw, box);
      return;
    }
  if (!qxl_read (draw->qxl, rects, head, sizeof head))
    return;
  n = MIN (qxl_get32 (head), MAX_CLIPS);
  bytes = g_malloc0 (MAX (n * 16, 1));
  qxl_gather (draw->qxl, rects + 4, bytes, n * 16);
  for (guint i = 0; i < n && draw->moved < G_MAXUINT32; i++)
    draw_part (draw, qxl_both (box, qxl_get_rect (bytes + 16 * i)));
}

/* ---- one command ---- */

/* Flags, the place of the box's corner in it, and bits. */
static gboolean
get_mask (QxlDraw *draw, const guint8 *at)
{
  guint64 bits = qxl_get64 (at + 9);

  if (bits == 0)
    return TRUE;
  draw->masked = TRUE;
  draw->mask_inverted = at[0] & 1;
  draw->mask_dx = (gint32) (qxl_get32 (at + 1) - (guint32) draw->bounds.left);
  draw->mask_dy = (gint32) (qxl_get32 (at + 5) - (guint32) draw->bounds.top);
  return qxl_source_read (draw->qxl, bits, &draw->mask);
}

/* An image and what of it; without one, what is on the surface. */
static gboolean
get_source (QxlDraw *draw, const guint8 *image, const guint8 *area, gint scale_mode)
{
  const QxlRect *box = &draw->bounds;

  draw->area = qxl_get_rect (area);
  if (qxl_get64 (image) == 0 && draw->command[DRAWABLE_SELF])
    qxl_source_copy (draw->qxl, draw->to, qxl_get_rect (draw->command + DRAWABLE_SELF_AREA), &draw->source);
  else if (!qxl_source_read (draw->qxl, qxl_get64 (image), &draw->source))
    return FALSE;
  if (draw->source.surface == draw->to)
    qxl_source_copy (draw->qxl, draw->to, (QxlRect) { 0, 0, (gint32) draw->to->height, (gint32) draw->to->width }, &draw->source);
  draw->dx = (gint32) ((guint32) draw->area.left - (guint32) box->left);
  draw->dy = (gint32) ((guint32) draw->area.top - (guint32) box->top);
  draw->scaled = scale_mode >= 0 && ((gint64) draw->area.right - draw->area.left != (gint64) box->right - box->left ||
                                     (gint64) draw->area.bottom - draw->area.top != (gint64) box->bottom - box->top);
  draw->smooth = scale_mode == 0;
  return !draw->scaled || (draw->area.left < draw->area.right && draw->area.top < draw->area.bottom);
}

static guint
get16 (const guint8 *at)
{
  return at[0] | at[1] << 8;
}

static gboolean
get_text (QxlDraw *draw, const guint8 *u)
{
  QxlRect back = qxl_both (qxl_get_rect (u + 8), draw->box);

  if (back.left < back.right && back.top < back.bottom && qxl_brush_read (draw, u + 44, &draw->brush))
    {
      draw->rop = get16 (u + 66);
      draw_clipped (draw, back);
    }
  draw->rop = get16 (u + 64);
  return qxl_brush_read (draw, u + 24, &draw->brush) && qxl_cover_text (draw, qxl_get64 (u));
}

/* What its union says; FALSE: nothing is drawn. */
static gboolean
get_operation (QxlDraw *draw)
{
  const guint8 *u = draw->command + DRAWABLE_U;

  switch (draw->type)
    {
    case DRAW_NOP:
      return FALSE;
    case DRAW_BLACKNESS: case DRAW_WHITENESS: case DRAW_INVERS:
      return get_mask (draw, u);
    case DRAW_FILL:
      draw->rop = get16 (u + 20);
      return qxl_brush_read (draw, u, &draw->brush) && get_mask (draw, u + 22);
    case DRAW_COPY_BITS:
      draw->source = (QxlSource) { .surface = draw->to, .width = (gint32) draw->to->width, .height = (gint32) draw->to->height };
      draw->rop = ROP_PUT;
      draw->dx = (gint32) (qxl_get32 (u) - (guint32) draw->bounds.left);
      draw->dy = (gint32) (qxl_get32 (u + 4) - (guint32) draw->bounds.top);
      return TRUE;
    case DRAW_COPY: case DRAW_BLEND:
      draw->rop = get16 (u + 24);
      return get_source (draw, u, u + 8, u[26]) && get_mask (draw, u + 27);
    case DRAW_OPAQUE:
      draw->rop = get16 (u + 44);
      return get_source (draw, u, u + 8, u[46]) && qxl_brush_read (draw, u + 24, &draw->brush) && get_mask (draw, u + 47);
    case DRAW_ROP3:
      draw->rop = u[44];
      qxl_brush_read (draw, u + 24, &draw->brush);
      return get_source (draw, u, u + 8, u[45]) && get_mask (draw, u + 46);
    case DRAW_TRANSPARENT:
      draw->key = qxl_get32 (u + 24);
      return get_source (draw, u, u + 8, 1);
    case DRAW_ALPHA_BLEND:
      draw->alpha = u[2];
      return get_source (draw, u + 3, u + 11, 0);
    case DRAW_STROKE:
      draw->rop = get16 (u + 48);
      return qxl_brush_read (draw, u + 28, &draw->brush) && qxl_cover_stroke (draw, qxl_get64 (u), u + 8);
    case DRAW_TEXT:
      return get_text (draw, u);
    case DRAW_COMPOSITE:
      return qxl_composite_read (draw, u);
    default:
      qxl_error (draw->qxl, "a drawing that is not understood", draw->type);
      return FALSE;
    }
}

static gboolean
is_sane (gint32 value)
{
  return value > -(1 << 24) && value < 1 << 24;
}

static gboolean
is_sane_rect (const QxlRect *r)
{
  return is_sane (r->left) && is_sane (r->top) && is_sane (r->right) && is_sane (r->bottom);
}

static void
clear (QxlDraw *draw)
{
  qxl_source_clear (&draw->source);
  qxl_source_clear (&draw->mask);
  qxl_source_clear (&draw->brush.image);
  g_free (draw->cover);
  if (draw->composite != NULL)
    qxl_composite_free (draw->composite);
}

/* A copy of a surface onto itself reads what the same row has not yet written, so it is made of another one. */
guint64
qxl_draw (Qxl *qxl, guint64 address)
{
  QxlDraw draw = { .qxl = qxl };
  guint32 surface;

  if (!qxl_read (qxl, address, draw.command, sizeof draw.command))
    {
      qxl_error (qxl, "a drawing outside of the memory", address);
      return 0;
    }
  surface = qxl_get32 (draw.command + DRAWABLE_SURFACE);
  if (surface >= QXL_N_SURFACES || qxl->s.surfaces[surface].format == QXL_FORMAT_NONE)
    {
      qxl_error (qxl, "a drawing on no surface", surface);
      return 0;
    }
  draw.type = draw.command[DRAWABLE_TYPE];
  draw.to = &qxl->s.surfaces[surface];
  draw.bounds = qxl_get_rect (draw.command + DRAWABLE_BBOX);
  draw.box = qxl_both (draw.bounds, (QxlRect) { 0, 0, (gint32) draw.to->height, (gint32) draw.to->width });
  if (draw.box.left < draw.box.right && draw.box.top < draw.box.bottom && is_sane_rect (&draw.bounds) && get_operation (&draw)
      && is_sane (draw.dx) && is_sane (draw.dy) && is_sane_rect (&draw.area))
    draw_clipped (&draw, draw.box);
  clear (&draw);
  return draw.moved + draw.source.size + draw.mask.size;
}
