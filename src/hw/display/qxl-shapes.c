/* qxl-shapes.c - text and lines: what is covered of the box.
 * Source: spice-protocol, spice/qxl_dev.h, QXLString and QXLPath; spice/enums.h for the flags.
 * Left out: lines that are wider than a pixel and their joins, which no driver asks for: they are drawn thin. */
#include "config.h"

#include "hw/display/qxl-draw.h"

#include <string.h>

enum { STRING_SIZE = 0, STRING_LENGTH = 4, STRING_FLAGS = 6, STRING_CHUNK = 8 };
enum { STRING_A1 = 1 << 0, STRING_A4 = 1 << 1, STRING_A8 = 1 << 2, STRING_TOP_DOWN = 1 << 3 };
enum { GLYPH_POSITION = 0, GLYPH_ORIGIN = 8, GLYPH_WIDTH = 16, GLYPH_HEIGHT = 18, GLYPH_DATA = 20 };
enum { PATH_SIZE = 0, PATH_CHUNK = 4 };
enum { SEGMENT_FLAGS = 0, SEGMENT_COUNT = 4, SEGMENT_POINTS = 8 };
enum { SEGMENT_BEGIN = 1 << 0, SEGMENT_END = 1 << 1, SEGMENT_CLOSE = 1 << 3, SEGMENT_BEZIER = 1 << 4 };
enum { LINE_FLAGS = 0, LINE_N_STYLE = 3, LINE_STYLE = 12, LINE_STARTS_WITH_GAP = 1 << 2, LINE_STYLED = 1 << 3 };
#define MOST_BYTES  (1u << 20)
#define MOST_DASHES 32
#define MOST_PIXELS (1u << 22)    /* of one command's lines */

static gboolean
new_cover (QxlDraw *draw)
{
  gint64 width = draw->box.right - draw->box.left, height = draw->box.bottom - draw->box.top;

  if (width <= 0 || height <= 0)
    return FALSE;
  g_free (draw->cover);
  draw->cover = g_malloc0 ((gsize) (width * height));
  return TRUE;
}

static void
cover (QxlDraw *draw, gint64 x, gint64 y, guint8 alpha)
{
  const QxlRect *box = &draw->box;
  guint8 *at;

  if (x < box->left || x >= box->right || y < box->top || y >= box->bottom)
    return;
  at = draw->cover + (y - box->top) * (box->right - box->left) + (x - box->left);
  *at = MAX (*at, alpha);
}

/* ---- text ---- */

static guint8
glyph_alpha (const guint8 *row, guint bits, guint x)
{
  switch (bits)
    {
    case 1:  return row[x / 8] >> (7 - (x & 7)) & 1 ? 255 : 0;
    case 4:  return (guint8) ((row[x / 2] >> (x & 1 ? 0 : 4) & 15) * 17);
    default: return row[x];
    }
}

/* Returns how many bytes it takes; 0: it is not all there. */
static gsize
cover_glyph (QxlDraw *draw, const guint8 *glyph, gsize left, guint bits, gboolean top_down)
{
  guint width, height;
  gint64 x0, y0;
  gsize row;

  if (left < GLYPH_DATA)
    return 0;
  width = glyph[GLYPH_WIDTH] | glyph[GLYPH_WIDTH + 1] << 8;
  height = glyph[GLYPH_HEIGHT] | glyph[GLYPH_HEIGHT + 1] << 8;
  row = ((gsize) width * bits + 7) / 8;
  if (row * height > left - GLYPH_DATA)
    return 0;
  x0 = (gint64) (gint32) qxl_get32 (glyph + GLYPH_POSITION) + (gint32) qxl_get32 (glyph + GLYPH_ORIGIN);
  y0 = (gint64) (gint32) qxl_get32 (glyph + GLYPH_POSITION + 4) + (gint32) qxl_get32 (glyph + GLYPH_ORIGIN + 4);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      cover (draw, x0 + x, y0 + y, glyph_alpha (glyph + GLYPH_DATA + row * (top_down ? y : height - 1 - y), bits, x));
  return GLYPH_DATA + row * height;
}

gboolean
qxl_cover_text (QxlDraw *draw, guint64 string)
{
  guint8 head[STRING_CHUNK];
  g_autofree guint8 *bytes = NULL;
  gsize size, at = 0;
  guint flags, bits;

  if (!qxl_read (draw->qxl, string, head, sizeof head) || !new_cover (draw))
    return FALSE;
  flags = head[STRING_FLAGS] | head[STRING_FLAGS + 1] << 8;
  bits = flags & STRING_A8 ? 8 : flags & STRING_A4 ? 4 : 1;
  size = MIN (qxl_get32 (head + STRING_SIZE), MOST_BYTES);
  bytes = g_malloc (MAX (size, 1));
  size = qxl_gather (draw->qxl, string + STRING_CHUNK, bytes, size);
  for (guint n = head[STRING_LENGTH] | head[STRING_LENGTH + 1] << 8; n > 0 && at < size; n--)
    {
      gsize used = cover_glyph (draw, bytes + at, size - at, bits, (flags & STRING_TOP_DOWN) != 0);

      if (used == 0)
        break;
      at += used;
    }
  draw->moved += size * 8;
  return TRUE;
}

/* ---- lines ---- */

typedef struct
{
  QxlDraw *draw;
  guint32  dashes[MOST_DASHES], n_dashes;   /* pixels */
  guint32  dash, left;                      /* which one, and what is left of it */
  guint32  budget;
  gboolean gap;
} Pen;

static void
dot (Pen *pen, gint64 x, gint64 y)
{
  if (!pen->gap)
    cover (pen->draw, x, y, 255);
  if (pen->n_dashes == 0 || --pen->left > 0)
    return;
  pen->dash = (pen->dash + 1) % pen->n_dashes;
  pen->left = pen->dashes[pen->dash];
  pen->gap = !pen->gap;
}

/* By Bresenham, all but the last point. */
static void
line (Pen *pen, gint64 x, gint64 y, gint64 to_x, gint64 to_y)
{
  gint64 dx = ABS (to_x - x), dy = ABS (to_y - y), error = dx - dy;
  gint step_x = x < to_x ? 1 : -1, step_y = y < to_y ? 1 : -1;

  while ((x != to_x || y != to_y) && pen->budget > 0)
    {
      gint64 twice = 2 * error;

      pen->budget--;
      dot (pen, x, y);
      if (twice > -dy)
        {
          error -= dy;
          x += step_x;
        }
      if (twice < dx)
        {
          error += dx;
          y += step_y;
        }
    }
}

/* 28.4. */
static gint64
rounded (gint64 fixed)
{
  return (fixed + 8) >> 4;
}

/* Four points in 28.4: halves until it is short, no more than @depth times. */
static void
bezier (Pen *pen, const gint64 p[8], guint depth)
{
  gint64 left[8], right[8];

  if (depth == 0 || (ABS (p[6] - p[0]) < 32 && ABS (p[7] - p[1]) < 32 && ABS (p[2] - p[0]) < 32 && ABS (p[3] - p[1]) < 32))
    {
      line (pen, rounded (p[0]), rounded (p[1]), rounded (p[6]), rounded (p[7]));
      return;
    }
  for (guint i = 0; i < 2; i++)
    {
      gint64 ab = (p[i] + p[2 + i]) / 2, bc = (p[2 + i] + p[4 + i]) / 2, cd = (p[4 + i] + p[6 + i]) / 2, abc = (ab + bc) / 2, bcd = (bc + cd) / 2;

      left[i] = p[i];
      left[2 + i] = ab;
      left[4 + i] = abc;
      left[6 + i] = right[i] = (abc + bcd) / 2;
      right[2 + i] = bcd;
      right[4 + i] = cd;
      right[6 + i] = p[6 + i];
    }
  bezier (pen, left, depth - 1);
  bezier (pen, right, depth - 1);
}

static gint64
coordinate (const guint8 *points, guint64 n)
{
  return (gint32) qxl_get32 (points + 4 * n);
}

/* @last: where the path is, @first: where it began; 28.4. */
static void
segment (Pen *pen, const guint8 *bytes, guint32 count, gint64 first[2], gint64 last[2])
{
  guint32 flags = qxl_get32 (bytes + SEGMENT_FLAGS), i = 0;
  const guint8 *points = bytes + SEGMENT_POINTS;

  if ((flags & SEGMENT_BEGIN) && count > 0)
    for (guint k = 0; k < 2; k++)
      first[k] = last[k] = coordinate (points, k);
  i = flags & SEGMENT_BEGIN ? 1 : 0;
  while (i < count)
    {
      gint64 p[8] = { last[0], last[1] };
      guint32 n = flags & SEGMENT_BEZIER ? 3 : 1;

      if (n > count - i)
        break;
      for (guint k = 0; k < 2 * n; k++)
        p[2 + k] = coordinate (points, 2 * (guint64) i + k);
      if (n == 3)
        bezier (pen, p, 10);
      else
        line (pen, rounded (p[0]), rounded (p[1]), rounded (p[2]), rounded (p[3]));
      last[0] = p[2 * n];
      last[1] = p[2 * n + 1];
      i += n;
    }
  if (flags & SEGMENT_CLOSE)
    line (pen, rounded (last[0]), rounded (last[1]), rounded (first[0]), rounded (first[1]));
}

static void
read_dashes (Pen *pen, const guint8 *attributes)
{
  guint8 bytes[4];

  pen->gap = (attributes[LINE_FLAGS] & LINE_STARTS_WITH_GAP) != 0;
  if (!(attributes[LINE_FLAGS] & LINE_STYLED))
    {
      pen->gap = FALSE;
      return;
    }
  for (guint i = 0; i < MIN (attributes[LINE_N_STYLE], MOST_DASHES); i++)
    {
      qxl_read (pen->draw->qxl, qxl_get64 (attributes + LINE_STYLE) + 4 * i, bytes, 4);
      pen->dashes[pen->n_dashes++] = (guint32) CLAMP (rounded ((gint32) qxl_get32 (bytes)), 1, G_MAXINT32);
    }
  pen->left = pen->dashes[0];
}

gboolean
qxl_cover_stroke (QxlDraw *draw, guint64 path, const guint8 *attributes)
{
  Pen pen = { .draw = draw, .budget = MOST_PIXELS };
  gint64 first[2] = { 0, 0 }, last[2] = { 0, 0 };
  g_autofree guint8 *bytes = NULL;
  guint8 head[PATH_CHUNK];
  gsize size, at = 0;

  if (!qxl_read (draw->qxl, path, head, sizeof head) || !new_cover (draw))
    return FALSE;
  read_dashes (&pen, attributes);
  size = MIN (qxl_get32 (head + PATH_SIZE), MOST_BYTES);
  bytes = g_malloc (MAX (size, 1));
  size = qxl_gather (draw->qxl, path + PATH_CHUNK, bytes, size);
  while (at + SEGMENT_POINTS <= size)
    {
      guint32 count = (guint32) MIN ((gsize) qxl_get32 (bytes + at + SEGMENT_COUNT), (size - at - SEGMENT_POINTS) / 8);

      segment (&pen, bytes + at, count, first, last);
      at += SEGMENT_POINTS + (gsize) count * 8;
    }
  draw->moved += MOST_PIXELS - pen.budget;
  return TRUE;
}
