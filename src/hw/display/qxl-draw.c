/* qxl-draw.c - drawing commands on surfaces.
 * Source: spice-protocol, spice/qxl_dev.h; "Spice for Newbies" and "QXL device" for what the commands mean.
 * Left out: strokes, text, ROP3, blends, composites, masks, patterns, scaling; images that are compressed.  What
 * is left out leaves the surface as it is, and is an event. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/qxl-state.h"

#include <string.h>

enum { DRAW_NOP, DRAW_FILL, DRAW_OPAQUE, DRAW_COPY, DRAW_COPY_BITS, DRAW_BLEND, DRAW_BLACKNESS, DRAW_WHITENESS, DRAW_INVERS,
       DRAW_ROP3, DRAW_STROKE, DRAW_TEXT, DRAW_TRANSPARENT, DRAW_ALPHA_BLEND, DRAW_COMPOSITE };
enum { DRAWABLE_SURFACE = 8, DRAWABLE_TYPE = 13, DRAWABLE_BBOX = 31, DRAWABLE_CLIP = 47, DRAWABLE_U = 123, DRAWABLE_SIZE = 240 };
enum { ROP_INVERS_SRC = 1 << 0, ROP_INVERS_BRUSH = 1 << 1, ROP_INVERS_DEST = 1 << 2, ROP_PUT = 1 << 3, ROP_OR = 1 << 4,
       ROP_AND = 1 << 5, ROP_XOR = 1 << 6, ROP_BLACKNESS = 1 << 7, ROP_WHITENESS = 1 << 8, ROP_INVERS = 1 << 9,
       ROP_INVERS_RES = 1 << 10 };
enum { IMAGE_TYPE = 8, IMAGE_BITMAP = 18, IMAGE_SIZE = 48 };
enum { IMAGE_IS_BITMAP = 0, IMAGE_IS_SURFACE = 104 };
enum { BITMAP_FORMAT = 0, BITMAP_FLAGS = 1, BITMAP_X = 2, BITMAP_Y = 6, BITMAP_STRIDE = 10, BITMAP_PALETTE = 14, BITMAP_DATA = 22 };
enum { BITMAP_DIRECT = 1 << 0, BITMAP_TOP_DOWN = 1 << 2 };
enum { BITMAP_1_LE = 1, BITMAP_1_BE, BITMAP_4_LE, BITMAP_4_BE, BITMAP_8, BITMAP_16, BITMAP_24, BITMAP_32, BITMAP_RGBA };
enum { CHUNK_SIZE = 0, CHUNK_NEXT = 12, CHUNK_DATA = 20, MAX_CHUNKS = 4096, MAX_CLIPS = 1024 };

typedef struct
{
  gint32 top, left, bottom, right;
} Rect;

/* Where pixels come from, as 0xAARRGGBB. */
typedef struct
{
  guint32  width, height;
  /* Of a bitmap: */
  guint    format;
  guint32  stride;
  gboolean top_down;
  guint32  palette[256];
  guint8  *bytes;               /* (nullable) all of it; owned */
  gsize    size;
  /* Of a surface: */
  const QxlSurface *surface;    /* (nullable) */
} Source;

typedef struct
{
  Qxl              *qxl;
  const QxlSurface *to;
  guint8            command[DRAWABLE_SIZE];
  Rect              box;
  Source            source;
  guint64           moved;      /* bytes */
} Draw;

static Rect
get_rect (const guint8 *at)
{
  return (Rect) { (gint32) qxl_get32 (at), (gint32) qxl_get32 (at + 4), (gint32) qxl_get32 (at + 8), (gint32) qxl_get32 (at + 12) };
}

static Rect
both (Rect a, Rect b)
{
  return (Rect) { MAX (a.top, b.top), MAX (a.left, b.left), MIN (a.bottom, b.bottom), MIN (a.right, b.right) };
}

/* ---- pixels of surfaces ---- */

static guint32
get_pixel (const QxlSurface *s, const guint8 *at)
{
  switch (s->format)
    {
    case QXL_FORMAT_8:   return at[0] * 0x010101u | (guint32) at[0] << 24;
    case QXL_FORMAT_555: return 0xff000000 | astern_rgb555 (at[0] | at[1] << 8);
    case QXL_FORMAT_565: return 0xff000000 | astern_rgb565 (at[0] | at[1] << 8);
    case QXL_FORMAT_XRGB: return 0xff000000 | qxl_get32 (at);
    default:             return qxl_get32 (at);
    }
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

/* ---- images ---- */

/* All bytes of a list of chunks, no more than @most. */
static void
gather (const Qxl *qxl, guint64 address, guint8 *bytes, gsize most)
{
  gsize have = 0;

  for (guint n = 0; n < MAX_CHUNKS && address != 0 && have < most; n++)
    {
      guint8 chunk[CHUNK_DATA];
      QxlPlace place;
      gsize size;

      if (!qxl_read (qxl, address, chunk, sizeof chunk))
        return;
      size = MIN (qxl_get32 (chunk + CHUNK_SIZE), most - have);
      if (!qxl_find (qxl, address + CHUNK_DATA, size, &place))
        return;
      memcpy (bytes + have, qxl_bytes (qxl, &place), size);
      have += size;
      address = qxl_get64 (chunk + CHUNK_NEXT);
    }
}

static void
read_palette (const Qxl *qxl, guint64 address, guint32 palette[256])
{
  guint8 head[10], entry[4];

  if (address == 0 || !qxl_read (qxl, address, head, sizeof head))
    return;
  for (guint i = 0; i < MIN ((guint) (head[8] | head[9] << 8), 256u); i++)
    if (qxl_read (qxl, address + sizeof head + 4 * i, entry, 4))
      palette[i] = 0xff000000 | qxl_get32 (entry);
}

static guint
bits_of (guint format)
{
  static const guint8 bits[] = { 0, 1, 1, 4, 4, 8, 16, 24, 32, 32 };

  return format < G_N_ELEMENTS (bits) ? bits[format] : 0;
}

static gboolean
read_bitmap (const Qxl *qxl, const guint8 *bitmap, Source *source)
{
  guint64 data = qxl_get64 (bitmap + BITMAP_DATA);

  source->format = bitmap[BITMAP_FORMAT];
  source->width = qxl_get32 (bitmap + BITMAP_X);
  source->height = qxl_get32 (bitmap + BITMAP_Y);
  source->stride = qxl_get32 (bitmap + BITMAP_STRIDE);
  source->top_down = (bitmap[BITMAP_FLAGS] & BITMAP_TOP_DOWN) != 0;
  if (bits_of (source->format) == 0 || source->width > QXL_MAX_SIZE || source->height > QXL_MAX_SIZE ||
      source->stride > QXL_MAX_SIZE * 4 || source->stride * 8 < source->width * bits_of (source->format) ||
      (guint64) source->stride * source->height > qxl_ram_size (qxl))
    return FALSE;
  source->size = (gsize) source->stride * source->height;
  source->bytes = g_malloc0 (MAX (source->size, 1));
  if (bitmap[BITMAP_FLAGS] & BITMAP_DIRECT)
    qxl_read (qxl, data, source->bytes, source->size);
  else
    gather (qxl, data, source->bytes, source->size);
  read_palette (qxl, qxl_get64 (bitmap + BITMAP_PALETTE), source->palette);
  return TRUE;
}

static gboolean
read_image (Draw *draw, guint64 address)
{
  Qxl *qxl = draw->qxl;
  guint8 image[IMAGE_SIZE];
  guint32 surface;

  if (!qxl_read (qxl, address, image, sizeof image))
    return FALSE;
  switch (image[IMAGE_TYPE])
    {
    case IMAGE_IS_BITMAP:
      return read_bitmap (qxl, image + IMAGE_BITMAP, &draw->source);
    case IMAGE_IS_SURFACE:
      surface = qxl_get32 (image + IMAGE_BITMAP);
      if (surface >= QXL_N_SURFACES || qxl->s.surfaces[surface].format == QXL_FORMAT_NONE)
        return FALSE;
      draw->source.surface = &qxl->s.surfaces[surface];
      draw->source.width = draw->source.surface->width;
      draw->source.height = draw->source.surface->height;
      return TRUE;
    }
  qxl_error (qxl, "an image of a kind that is not understood", image[IMAGE_TYPE]);
  return FALSE;
}

static guint32
bitmap_pixel (const Source *s, guint32 x, guint32 y)
{
  const guint8 *row = s->bytes + (gsize) s->stride * (s->top_down ? y : s->height - 1 - y);

  switch (s->format)
    {
    case BITMAP_1_LE: return s->palette[row[x / 8] >> (x & 7) & 1];
    case BITMAP_1_BE: return s->palette[row[x / 8] >> (7 - (x & 7)) & 1];
    case BITMAP_4_LE: return s->palette[row[x / 2] >> (x & 1 ? 4 : 0) & 15];
    case BITMAP_4_BE: return s->palette[row[x / 2] >> (x & 1 ? 0 : 4) & 15];
    case BITMAP_8:    return s->palette[row[x]];
    case BITMAP_16:   return 0xff000000 | astern_rgb555 (row[2 * x] | row[2 * x + 1] << 8);
    case BITMAP_24:   return 0xff000000 | row[3 * x] | row[3 * x + 1] << 8 | row[3 * x + 2] << 16;
    case BITMAP_32:   return 0xff000000 | qxl_get32 (row + 4 * x);
    default:          return qxl_get32 (row + 4 * x);
    }
}

static const guint8 *
surface_at (const Qxl *qxl, const QxlSurface *s, gint32 x, gint32 y)
{
  QxlPlace place = { s->block, (guint32) ((gint64) s->start + (gint64) s->stride * y + x * (gint32) qxl_bytes_per_pixel (s->format)), 0 };

  return qxl_bytes (qxl, &place);
}

/* Beyond its edges a source is black. */
static guint32
source_pixel (const Draw *draw, gint32 x, gint32 y)
{
  const Source *s = &draw->source;

  if (x < 0 || y < 0 || (guint32) x >= s->width || (guint32) y >= s->height)
    return 0xff000000;
  return s->surface != NULL ? get_pixel (s->surface, surface_at (draw->qxl, s->surface, x, y))
                            : bitmap_pixel (s, (guint32) x, (guint32) y);
}

/* ---- operations ---- */

static guint32
combine (guint rop, guint32 source, guint32 dest)
{
  guint32 result = source;

  if (rop & (ROP_INVERS_SRC | ROP_INVERS_BRUSH))
    source = ~source;
  if (rop & ROP_INVERS_DEST)
    dest = ~dest;
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

typedef struct
{
  guint   type, rop, alpha;
  guint32 color, key;
  gint32  dx, dy;               /* from a pixel of the surface to that of the source */
} Operation;

static guint32
operate (const Draw *draw, const Operation *o, gint32 x, gint32 y, guint32 dest)
{
  guint32 pixel;

  switch (o->type)
    {
    case DRAW_FILL:       return combine (o->rop, o->color | 0xff000000, dest);
    case DRAW_BLACKNESS:  return 0xff000000;
    case DRAW_WHITENESS:  return 0xffffffff;
    case DRAW_INVERS:     return dest ^ 0xffffff;
    }
  pixel = source_pixel (draw, x + o->dx, y + o->dy);
  switch (o->type)
    {
    case DRAW_TRANSPARENT: return (pixel & 0xffffff) == (o->key & 0xffffff) ? dest : pixel;
    case DRAW_ALPHA_BLEND: return blend (pixel, o->alpha, dest);
    default:               return combine (o->rop, pixel, dest);
    }
}

/* In a part of the box that is on the surface and in the clip. */
static void
draw_part (Draw *draw, const Operation *o, Rect part)
{
  const QxlSurface *to = draw->to;
  guint bytes = qxl_bytes_per_pixel (to->format);
  g_autofree guint8 *row = NULL;
  gint32 rows = part.bottom - part.top;

  if (part.left >= part.right || part.top >= part.bottom)
    return;
  row = g_malloc ((gsize) (part.right - part.left) * bytes);
  for (gint32 i = 0; i < rows; i++)
    {
      /* A surface onto itself, downwards: from the bottom. */
      gint32 y = o->dy < 0 ? part.bottom - 1 - i : part.top + i;
      const guint8 *from = surface_at (draw->qxl, to, part.left, y);

      for (gint32 x = part.left; x < part.right; x++)
        put_pixel (to, row + (gsize) (x - part.left) * bytes,
                   operate (draw, o, x, y, get_pixel (to, from + (gsize) (x - part.left) * bytes)));
      qxl_store (draw->qxl, to->block, (guint64) ((gint64) to->start + (gint64) to->stride * y + (gint64) part.left * bytes), row,
                 (gsize) (part.right - part.left) * bytes);
    }
  draw->moved += (guint64) rows * (guint64) (part.right - part.left) * 8;
}

/* The clip is all, or rectangles in chunks. */
static void
draw_clipped (Draw *draw, const Operation *o)
{
  guint64 rects = qxl_get64 (draw->command + DRAWABLE_CLIP + 4);
  guint8 head[4];
  g_autofree guint8 *bytes = NULL;
  guint n;

  if (qxl_get32 (draw->command + DRAWABLE_CLIP) != 1)
    {
      draw_part (draw, o, draw->box);
      return;
    }
  if (!qxl_read (draw->qxl, rects, head, sizeof head))
    return;
  n = MIN (qxl_get32 (head), MAX_CLIPS);
  bytes = g_malloc0 (MAX (n * 16, 1));
  gather (draw->qxl, rects + 4, bytes, n * 16);
  for (guint i = 0; i < n && draw->moved < G_MAXUINT32; i++)
    draw_part (draw, o, both (draw->box, get_rect (bytes + 16 * i)));
}

/* ---- one command ---- */

/* What its union says; FALSE: nothing is drawn. */
static gboolean
get_operation (Draw *draw, Operation *o)
{
  const guint8 *u = draw->command + DRAWABLE_U;
  Rect box = get_rect (draw->command + DRAWABLE_BBOX), area = { 0, 0, 0, 0 };
  guint64 image = 0;

  o->type = draw->command[DRAWABLE_TYPE];
  switch (o->type)
    {
    case DRAW_BLACKNESS: case DRAW_WHITENESS: case DRAW_INVERS:
      return TRUE;
    case DRAW_FILL:
      o->rop = u[20] | u[21] << 8;
      o->color = qxl_get32 (u + 4);
      return qxl_get32 (u) == 1;            /* a solid brush */
    case DRAW_COPY_BITS:
      draw->source.surface = draw->to;
      draw->source.width = draw->to->width;
      draw->source.height = draw->to->height;
      o->rop = ROP_PUT;
      o->dx = (gint32) (qxl_get32 (u) - (guint32) box.left);
      o->dy = (gint32) (qxl_get32 (u + 4) - (guint32) box.top);
      return TRUE;
    case DRAW_COPY: case DRAW_OPAQUE:
      image = qxl_get64 (u);
      area = get_rect (u + 8);
      o->rop = o->type == DRAW_COPY ? (guint) (u[24] | u[25] << 8) : ROP_PUT;
      break;
    case DRAW_TRANSPARENT:
      image = qxl_get64 (u);
      area = get_rect (u + 8);
      o->key = qxl_get32 (u + 24);
      break;
    case DRAW_ALPHA_BLEND:
      o->alpha = u[2];
      image = qxl_get64 (u + 3);
      area = get_rect (u + 11);
      break;
    case DRAW_NOP:
      return FALSE;
    default:
      qxl_error (draw->qxl, "a drawing that is not understood", o->type);
      return FALSE;
    }
  o->dx = (gint32) ((guint32) area.left - (guint32) box.left);
  o->dy = (gint32) ((guint32) area.top - (guint32) box.top);
  return read_image (draw, image);
}

static gboolean
is_sane (gint32 value)
{
  return value > -(1 << 24) && value < 1 << 24;
}

/* A copy of a surface onto itself reads what the same row has not yet written, so it is made of another one. */
guint64
qxl_draw (Qxl *qxl, guint64 address)
{
  Draw draw = { .qxl = qxl };
  Operation o = { 0 };
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
  draw.to = &qxl->s.surfaces[surface];
  draw.box = both (get_rect (draw.command + DRAWABLE_BBOX), (Rect) { 0, 0, (gint32) draw.to->height, (gint32) draw.to->width });
  if (get_operation (&draw, &o) && is_sane (o.dx) && is_sane (o.dy))
    draw_clipped (&draw, &o);
  g_free (draw.source.bytes);
  return draw.moved + draw.source.size;
}
