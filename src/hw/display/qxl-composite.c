/* qxl-composite.c - pictures over pictures, as X's RENDER has them.
 * Source: spice-protocol, spice/qxl_dev.h, QXLComposite; Porter and Duff, Compositing Digital Images; The X Rendering Extension.
 * Left out: the operators beyond Porter's and Duff's, addition and saturation; filters but nearest and bilinear. */
#include "config.h"

#include "hw/display/qxl-draw.h"

#include <string.h>

enum { REPEAT_NONE, REPEAT_NORMAL, REPEAT_PAD, REPEAT_REFLECT };
enum { OP_CLEAR, OP_SRC, OP_DST, OP_OVER, OP_OVER_REVERSE, OP_IN, OP_IN_REVERSE, OP_OUT, OP_OUT_REVERSE, OP_ATOP,
       OP_ATOP_REVERSE, OP_XOR, OP_ADD, OP_SATURATE, N_OPS };
#define ONE 0x10000

/* ---- reading ---- */

static gboolean
read_picture (QxlDraw *draw, QxlPicture *p, guint64 image, guint64 transform, const guint8 *origin, guint filter, guint repeat)
{
  guint8 matrix[24];

  if (!qxl_source_read (draw->qxl, image, &p->source))
    return FALSE;
  if (p->source.surface == draw->to)
    qxl_source_copy (draw->qxl, draw->to, (QxlRect) { 0, 0, (gint32) draw->to->height, (gint32) draw->to->width }, &p->source);
  p->x = (gint16) (origin[0] | origin[1] << 8);
  p->y = (gint16) (origin[2] | origin[3] << 8);
  p->bilinear = filter == 1;
  p->repeat = repeat;
  p->transformed = transform != 0 && qxl_read (draw->qxl, transform, matrix, sizeof matrix);
  for (guint i = 0; i < 6 && p->transformed; i++)
    p->matrix[i] = (gint32) qxl_get32 (matrix + 4 * i);
  return p->source.width > 0 && p->source.height > 0;
}

gboolean
qxl_composite_read (QxlDraw *draw, const guint8 *u)
{
  guint32 flags = qxl_get32 (u);
  QxlComposite *c = draw->composite = g_new0 (QxlComposite, 1);

  c->op = flags & 0xff;
  c->component_alpha = flags >> 18 & 1;
  c->masked = qxl_get64 (u + 20) != 0;
  if (c->op >= N_OPS)
    {
      qxl_error (draw->qxl, "an operator that is not understood", c->op);
      return FALSE;
    }
  return read_picture (draw, &c->source, qxl_get64 (u + 4), qxl_get64 (u + 12), u + 36, flags >> 8 & 7, flags >> 14 & 3)
         && (!c->masked || read_picture (draw, &c->mask, qxl_get64 (u + 20), qxl_get64 (u + 28), u + 40, flags >> 11 & 7, flags >> 16 & 3));
}

void
qxl_composite_free (QxlComposite *composite)
{
  qxl_source_clear (&composite->source.source);
  qxl_source_clear (&composite->mask.source);
  g_free (composite);
}

/* ---- pixels of a picture ---- */

/* FALSE: there is nothing. */
static gboolean
find (gint64 *at, gint32 size, guint repeat)
{
  gint64 period = repeat == REPEAT_REFLECT ? 2 * (gint64) size : size;

  if (*at >= 0 && *at < size)
    return TRUE;
  switch (repeat)
    {
    case REPEAT_NONE: return FALSE;
    case REPEAT_PAD:  *at = CLAMP (*at, 0, size - 1); return TRUE;
    }
  *at %= period;
  if (*at < 0)
    *at += period;
  if (*at >= size)
    *at = period - 1 - *at;
  return TRUE;
}

static guint32
at_pixel (const QxlDraw *draw, const QxlPicture *p, gint64 x, gint64 y)
{
  if (!find (&x, p->source.width, p->repeat) || !find (&y, p->source.height, p->repeat))
    return 0;
  return qxl_source_pixel (draw->qxl, &p->source, (gint32) x, (gint32) y);
}

/* A row of the matrix; what is beyond all sense wraps. */
static gint64
along (const gint64 row[3], gint64 x, gint64 y)
{
  return ((gint64) ((guint64) row[0] * (guint64) x + (guint64) row[1] * (guint64) y) >> 16) + row[2];
}

static guint32
fetch (const QxlDraw *draw, const QxlPicture *p, gint32 x, gint32 y)
{
  gint64 sx = (gint64) x - draw->bounds.left + p->x, sy = (gint64) y - draw->bounds.top + p->y, fx, fy;
  guint32 pixels[4];

  if (!p->transformed)
    return at_pixel (draw, p, sx, sy);
  /* Middles of pixels, in 16.16. */
  sx = sx * ONE + ONE / 2;
  sy = sy * ONE + ONE / 2;
  fx = along (p->matrix, sx, sy);
  fy = along (p->matrix + 3, sx, sy);
  if (!p->bilinear)
    return at_pixel (draw, p, (fx - 1) >> 16, (fy - 1) >> 16);
  fx -= ONE / 2;
  fy -= ONE / 2;
  for (guint i = 0; i < 4; i++)
    pixels[i] = at_pixel (draw, p, (fx >> 16) + (i & 1), (fy >> 16) + (i >> 1));
  return qxl_between (pixels, (guint) (fx >> 8 & 0xfe), (guint) (fy >> 8 & 0xfe));
}

/* ---- operators ---- */

/* What of the source and of what is there comes into the result, of 255; by their alphas. */
static void
factors (guint op, guint sa, guint da, guint *source, guint *dest)
{
  static const struct { guint8 source, dest; } rules[N_OPS] = {
    /* 0 nothing, 1 all, 2 the other's alpha, 3 what that leaves, 4 what is left for it */
    { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 3 }, { 3, 1 }, { 2, 0 }, { 0, 2 }, { 3, 0 }, { 0, 3 }, { 2, 3 }, { 3, 2 }, { 3, 3 }, { 1, 1 }, { 4, 1 },
  };
  const guint8 rule[2] = { rules[op].source, rules[op].dest };
  guint *factor[2] = { source, dest };

  for (guint i = 0; i < 2; i++)
    {
      guint other = i == 0 ? da : sa;

      switch (rule[i])
        {
        case 0:  *factor[i] = 0; break;
        case 1:  *factor[i] = 255; break;
        case 2:  *factor[i] = other; break;
        case 3:  *factor[i] = 255 - other; break;
        default: *factor[i] = sa <= 255 - da || sa == 0 ? 255 : (255 - da) * 255 / sa;
        }
    }
}

guint32
qxl_composite_pixel (const QxlDraw *draw, gint32 x, gint32 y, guint32 dest)
{
  const QxlComposite *c = draw->composite;
  guint32 source = fetch (draw, &c->source, x, y), mask = c->masked ? fetch (draw, &c->mask, x, y) : 0xffffffff, result = 0;
  guint alpha = source >> 24;

  if (!c->component_alpha)
    mask = (mask >> 24) * 0x01010101u;
  for (guint shift = 0; shift < 32; shift += 8)
    {
      guint m = mask >> shift & 0xff, s = qxl_times (source >> shift & 0xff, m), d = dest >> shift & 0xff, of_source, of_dest;

      factors (c->op, qxl_times (alpha, m), dest >> 24, &of_source, &of_dest);
      result |= MIN (qxl_times (s, of_source) + qxl_times (d, of_dest), 255u) << shift;
    }
  return result;
}
