/* qxl-image.c - images, brushes and surfaces as sources of pixels.
 * Source: spice-protocol, spice/qxl_dev.h and spice/enums.h.
 * Left out: images that are compressed (QUIC and others), which only drivers of another system ever sent. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/qxl-draw.h"

#include <string.h>

enum { IMAGE_TYPE = 8, IMAGE_BITMAP = 18, IMAGE_SIZE = 48 };
enum { IMAGE_IS_BITMAP = 0, IMAGE_IS_SURFACE = 104 };
enum { BITMAP_FORMAT = 0, BITMAP_FLAGS = 1, BITMAP_X = 2, BITMAP_Y = 6, BITMAP_STRIDE = 10, BITMAP_PALETTE = 14, BITMAP_DATA = 22 };
enum { BITMAP_DIRECT = 1 << 0, BITMAP_TOP_DOWN = 1 << 2 };
enum { BITMAP_1_LE = 1, BITMAP_1_BE, BITMAP_4_LE, BITMAP_4_BE, BITMAP_8, BITMAP_16, BITMAP_24, BITMAP_32, BITMAP_RGBA, BITMAP_A8 };
enum { CHUNK_SIZE = 0, CHUNK_NEXT = 12, CHUNK_DATA = 20, MAX_CHUNKS = 4096 };
enum { BRUSH_NONE, BRUSH_SOLID, BRUSH_PATTERN };

/* ---- surfaces ---- */

guint32
qxl_get_pixel (const QxlSurface *s, const guint8 *at)
{
  switch (s->format)
    {
    case QXL_FORMAT_8:    return (guint32) at[0] << 24;
    case QXL_FORMAT_555:  return 0xff000000 | astern_rgb555 (at[0] | at[1] << 8);
    case QXL_FORMAT_565:  return 0xff000000 | astern_rgb565 (at[0] | at[1] << 8);
    case QXL_FORMAT_XRGB: return 0xff000000 | qxl_get32 (at);
    default:              return qxl_get32 (at);
    }
}

const guint8 *
qxl_surface_at (const Qxl *qxl, const QxlSurface *s, gint32 x, gint32 y)
{
  QxlPlace place = { s->block, (guint32) ((gint64) s->start + (gint64) s->stride * y + x * (gint32) qxl_bytes_per_pixel (s->format)), 0 };

  return qxl_bytes (qxl, &place);
}

void
qxl_source_copy (Qxl *qxl, const QxlSurface *surface, QxlRect area, QxlSource *source)
{
  QxlRect part = qxl_both (area, (QxlRect) { 0, 0, (gint32) surface->height, (gint32) surface->width });

  memset (source, 0, sizeof *source);
  if (part.left >= part.right || part.top >= part.bottom)
    return;
  source->format = BITMAP_RGBA;
  source->top_down = TRUE;
  source->width = part.right - part.left;
  source->height = part.bottom - part.top;
  source->stride = (guint32) source->width * 4;
  source->size = (gsize) source->stride * (gsize) source->height;
  source->bytes = g_malloc (source->size);
  for (gint32 y = 0; y < source->height; y++)
    for (gint32 x = 0; x < source->width; x++)
      {
        guint32 pixel = GUINT32_TO_LE (qxl_get_pixel (surface, qxl_surface_at (qxl, surface, part.left + x, part.top + y)));

        memcpy (source->bytes + (gsize) source->stride * (gsize) y + (gsize) x * 4, &pixel, 4);
      }
}

/* ---- bitmaps ---- */

gsize
qxl_gather (const Qxl *qxl, guint64 address, guint8 *bytes, gsize most)
{
  gsize have = 0;

  for (guint n = 0; n < MAX_CHUNKS && address != 0 && have < most; n++)
    {
      guint8 chunk[CHUNK_DATA];
      QxlPlace place;
      gsize size;

      if (!qxl_read (qxl, address, chunk, sizeof chunk))
        break;
      size = MIN (qxl_get32 (chunk + CHUNK_SIZE), most - have);
      if (!qxl_find (qxl, address + CHUNK_DATA, size, &place))
        break;
      memcpy (bytes + have, qxl_bytes (qxl, &place), size);
      have += size;
      address = qxl_get64 (chunk + CHUNK_NEXT);
    }
  return have;
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
  static const guint8 bits[] = { 0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8 };

  return format < G_N_ELEMENTS (bits) ? bits[format] : 0;
}

static gboolean
read_bitmap (const Qxl *qxl, const guint8 *bitmap, QxlSource *source)
{
  guint64 data = qxl_get64 (bitmap + BITMAP_DATA);
  guint32 width = qxl_get32 (bitmap + BITMAP_X), height = qxl_get32 (bitmap + BITMAP_Y);

  source->format = bitmap[BITMAP_FORMAT];
  source->stride = qxl_get32 (bitmap + BITMAP_STRIDE);
  source->top_down = (bitmap[BITMAP_FLAGS] & BITMAP_TOP_DOWN) != 0;
  if (bits_of (source->format) == 0 || width > QXL_MAX_SIZE || height > QXL_MAX_SIZE || source->stride > QXL_MAX_SIZE * 4
      || source->stride * 8 < width * bits_of (source->format) || (guint64) source->stride * height > qxl_ram_size (qxl))
    return FALSE;
  source->width = (gint32) width;
  source->height = (gint32) height;
  source->size = (gsize) source->stride * height;
  source->bytes = g_malloc0 (MAX (source->size, 1));
  if (bitmap[BITMAP_FLAGS] & BITMAP_DIRECT)
    qxl_read (qxl, data, source->bytes, source->size);
  else
    qxl_gather (qxl, data, source->bytes, source->size);
  source->palette[1] = 0xffffffff;      /* of masks, which have none */
  read_palette (qxl, qxl_get64 (bitmap + BITMAP_PALETTE), source->palette);
  return TRUE;
}

gboolean
qxl_source_read (Qxl *qxl, guint64 address, QxlSource *source)
{
  guint8 image[IMAGE_SIZE];
  guint32 surface;

  memset (source, 0, sizeof *source);
  if (!qxl_read (qxl, address, image, sizeof image))
    return FALSE;
  switch (image[IMAGE_TYPE])
    {
    case IMAGE_IS_BITMAP:
      return read_bitmap (qxl, image + IMAGE_BITMAP, source);
    case IMAGE_IS_SURFACE:
      surface = qxl_get32 (image + IMAGE_BITMAP);
      if (surface >= QXL_N_SURFACES || qxl->s.surfaces[surface].format == QXL_FORMAT_NONE)
        return FALSE;
      source->surface = &qxl->s.surfaces[surface];
      source->width = (gint32) source->surface->width;
      source->height = (gint32) source->surface->height;
      return TRUE;
    }
  qxl_error (qxl, "an image of a kind that is not understood", image[IMAGE_TYPE]);
  return FALSE;
}

void
qxl_source_clear (QxlSource *source)
{
  g_clear_pointer (&source->bytes, g_free);
}

static guint32
bitmap_pixel (const QxlSource *s, guint32 x, guint32 y)
{
  const guint8 *row = s->bytes + (gsize) s->stride * (s->top_down ? y : (guint32) s->height - 1 - y);

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
    case BITMAP_A8:   return (guint32) row[x] << 24;
    default:          return qxl_get32 (row + 4 * x);
    }
}

guint32
qxl_source_pixel (const Qxl *qxl, const QxlSource *s, gint32 x, gint32 y)
{
  return s->surface != NULL ? qxl_get_pixel (s->surface, qxl_surface_at (qxl, s->surface, x, y))
                            : bitmap_pixel (s, (guint32) x, (guint32) y);
}

guint32
qxl_between (const guint32 pixels[4], guint x, guint y)
{
  guint32 result = 0;

  for (guint shift = 0; shift < 32; shift += 8)
    {
      guint64 part = (guint64) (pixels[0] >> shift & 0xff) * (256 - x) * (256 - y) + (guint64) (pixels[1] >> shift & 0xff) * x * (256 - y)
                     + (guint64) (pixels[2] >> shift & 0xff) * (256 - x) * y + (guint64) (pixels[3] >> shift & 0xff) * x * y;

      result |= (guint32) (part >> 16) << shift;
    }
  return result;
}

/* ---- brushes ---- */

gboolean
qxl_brush_read (QxlDraw *draw, const guint8 *at, QxlBrush *brush)
{
  brush->pattern = FALSE;
  switch (qxl_get32 (at))
    {
    case BRUSH_SOLID:
      brush->color = draw->to->format == QXL_FORMAT_8 ? qxl_get32 (at + 4) << 24 : 0xff000000 | qxl_get32 (at + 4);
      return TRUE;
    case BRUSH_PATTERN:
      brush->x = (gint32) qxl_get32 (at + 12);
      brush->y = (gint32) qxl_get32 (at + 16);
      qxl_source_clear (&brush->image);
      brush->pattern = qxl_source_read (draw->qxl, qxl_get64 (at + 4), &brush->image) && brush->image.width > 0 && brush->image.height > 0;
      return brush->pattern;    /* a ternary operation goes on without */
    default:
      return FALSE;
    }
}

static gint32
wrap (gint64 value, gint32 size)
{
  gint64 rest = value % size;

  return (gint32) (rest < 0 ? rest + size : rest);
}

guint32
qxl_brush_pixel (const QxlDraw *draw, const QxlBrush *brush, gint32 x, gint32 y)
{
  if (!brush->pattern)
    return brush->color;
  return qxl_source_pixel (draw->qxl, &brush->image, wrap ((gint64) x - brush->x, brush->image.width),
                           wrap ((gint64) y - brush->y, brush->image.height));
}
