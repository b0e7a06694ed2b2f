/* qxl-draw - what the files that draw share.  For qxl-draw.c, qxl-image.c, qxl-shapes.c and qxl-composite.c alone.
 *
 * Pixels are 0xAARRGGBB; those of surfaces that have 8 bits are in the highest byte. */
#pragma once

#include "hw/display/qxl-state.h"

typedef struct
{
  gint32 top, left, bottom, right;
} QxlRect;

/* Where pixels come from: a bitmap in the guest's chunks, or a surface. */
typedef struct
{
  gint32   width, height;
  guint    format;
  guint32  stride;
  gboolean top_down;
  guint32  palette[256];
  guint8  *bytes;               /* (nullable) all of a bitmap; owned */
  gsize    size;
  const QxlSurface *surface;    /* (nullable) */
} QxlSource;

/* A colour, or an image that is repeated from a place of the surface on. */
typedef struct
{
  gboolean  pattern;
  guint32   color;
  gint32    x, y;
  QxlSource image;
} QxlBrush;

/* How a source's pixels are reached from the surface's. */
typedef struct
{
  QxlSource source;
  gint32    x, y;               /* of the source's pixel for the box's corner */
  gint64    matrix[6];          /* 16.16, from the rows above */
  gboolean  transformed, bilinear;
  guint     repeat;             /* as pixman has it */
} QxlPicture;

typedef struct
{
  guint      op;
  gboolean   masked, component_alpha;
  QxlPicture source, mask;
} QxlComposite;

typedef struct
{
  Qxl              *qxl;
  const QxlSurface *to;
  guint8            command[240];
  QxlRect           bounds;     /* as the command has it */
  QxlRect           box;        /* ... on the surface */
  guint             type, rop, alpha;
  guint32           key;
  gboolean          scaled, smooth;
  QxlRect           area;       /* of the source */
  gint32            dx, dy;     /* from a pixel of the surface to that of the source */
  QxlSource         source;
  QxlBrush          brush;
  QxlSource         mask;       /* bits */
  gboolean          masked, mask_inverted;
  gint32            mask_dx, mask_dy;
  guint8           *cover;      /* (nullable) how much of each pixel of the box is drawn; owned */
  QxlComposite     *composite;  /* (nullable) owned */
  guint64           moved;      /* bytes */
} QxlDraw;

QxlRect  qxl_get_rect      (const guint8 *at);
QxlRect  qxl_both          (QxlRect a, QxlRect b);

/* qxl-image.c */
/* All bytes of a list of chunks, no more than @most; returns how many. */
gsize    qxl_gather        (const Qxl *qxl, guint64 address, guint8 *bytes, gsize most);
/* FALSE: there is no such image. */
gboolean qxl_source_read   (Qxl *qxl, guint64 address, QxlSource *source);
/* A surface's part that may change while it is drawn from: copied. */
void     qxl_source_copy   (Qxl *qxl, const QxlSurface *surface, QxlRect area, QxlSource *source);
void     qxl_source_clear  (QxlSource *source);
/* @x, @y: within it. */
guint32  qxl_source_pixel  (const Qxl *qxl, const QxlSource *source, gint32 x, gint32 y);
const guint8 *qxl_surface_at (const Qxl *qxl, const QxlSurface *surface, gint32 x, gint32 y);
guint32  qxl_get_pixel     (const QxlSurface *surface, const guint8 *at);
gboolean qxl_brush_read    (QxlDraw *draw, const guint8 *at, QxlBrush *brush);
guint32  qxl_brush_pixel   (const QxlDraw *draw, const QxlBrush *brush, gint32 x, gint32 y);
/* Between four pixels, @x and @y in 256ths. */
guint32  qxl_between       (const guint32 pixels[4], guint x, guint y);

/* qxl-shapes.c: fill in what is covered of the box. */
gboolean qxl_cover_text    (QxlDraw *draw, guint64 string);
gboolean qxl_cover_stroke  (QxlDraw *draw, guint64 path, const guint8 *attributes);

/* qxl-composite.c */
/* FALSE: it is not understood. */
gboolean qxl_composite_read  (QxlDraw *draw, const guint8 *u);
guint32  qxl_composite_pixel (const QxlDraw *draw, gint32 x, gint32 y, guint32 dest);
void     qxl_composite_free  (QxlComposite *composite);

/* The product of two parts of 255. */
static inline guint
qxl_times (guint a, guint b)
{
  guint t = a * b + 0x80;

  return (t + (t >> 8)) >> 8;
}
