/* linear.c - see linear.h. */
#include "config.h"

#include "hw/display/linear.h"

#include <string.h>

static guint32
scale (guint value, guint bits)
{
  return value << (8 - bits) | value >> (2 * bits - 8);
}

guint32
astern_rgb555 (guint word)
{
  return scale (word >> 10 & 0x1f, 5) << 16 | scale (word >> 5 & 0x1f, 5) << 8 | scale (word & 0x1f, 5);
}

guint32
astern_rgb565 (guint word)
{
  return scale (word >> 11 & 0x1f, 5) << 16 | scale (word >> 5 & 0x3f, 6) << 8 | scale (word & 0x1f, 5);
}

/* Of the bytes of a row that are shown: how many, from where. */
static gsize
row_bytes (const AsternLinear *l)
{
  if (l->bits == 4)
    return ((l->x0 + l->width + 7) / 8 - l->x0 / 8) * 4;
  return (gsize) l->width * ((l->bits + 7) / 8);
}

/* NULL: outside. */
static const guint8 *
row_at (const AsternLinear *l, const guint8 *memory, guint64 size, guint y)
{
  gint64 skipped = l->bits == 4 ? l->x0 / 8 * 4 : l->x0 * ((l->bits + 7) / 8);
  gint64 at = (gint64) l->start + (gint64) y * l->pitch + skipped;

  if (l->start > size || at < 0 || (guint64) at > size || size - (guint64) at < row_bytes (l))
    return NULL;
  return memory + at;
}

/* 16 colours: eight pixels in four planes. */
static void
draw_planes (const AsternLinear *l, const guint8 *line, guint32 *row)
{
  guint x0 = l->x0 & 7;

  for (guint x = 0; x < l->width; x++)
    {
      const guint8 *planes = line + 4 * ((x0 + x) / 8);
      guint bit = 7 - ((x0 + x) & 7), pen = 0;

      for (guint plane = 0; plane < 4; plane++)
        pen |= (planes[plane] >> bit & 1u) << plane;
      row[x] = l->colors[pen];
    }
}

static guint
word_at (const AsternLinear *l, const guint8 *at)
{
  return l->swapped ? at[0] << 8 | at[1] : at[0] | at[1] << 8;
}

static void
draw_row (const AsternLinear *l, const guint8 *line, guint32 *row)
{
  switch (l->bits)
    {
    case 4:
      draw_planes (l, line, row);
      break;
    case 15:
      for (guint x = 0; x < l->width; x++)
        row[x] = astern_rgb555 (word_at (l, line + 2 * x));
      break;
    case 16:
      for (guint x = 0; x < l->width; x++)
        row[x] = astern_rgb565 (word_at (l, line + 2 * x));
      break;
    case 24:
      for (guint x = 0; x < l->width; x++)
        row[x] = (guint32) line[3 * x + 2] << 16 | (guint32) line[3 * x + 1] << 8 | line[3 * x];
      break;
    case 32:
      for (guint x = 0; x < l->width; x++)
        {
          guint32 pixel;

          memcpy (&pixel, line + 4 * x, sizeof pixel);
          row[x] = (l->swapped ? GUINT32_FROM_BE (pixel) : GUINT32_FROM_LE (pixel)) & 0xffffff;
        }
      break;
    default:
      for (guint x = 0; x < l->width; x++)
        row[x] = l->colors[line[x]];
    }
}

static void
draw_picture_row (const AsternLinear *l, const guint8 *memory, guint64 size, AsternPicture *picture, guint y)
{
  const guint8 *line = l->blank ? NULL : row_at (l, memory, size, y);
  guint32 *row = astern_picture_row (picture, y);

  if (line == NULL)
    memset (row, 0, l->width * sizeof *row);
  else
    draw_row (l, line, row);
}

void
astern_linear_draw (const AsternLinear *l, const guint8 *memory, guint64 size, AsternPicture *picture)
{
  astern_picture_resize (picture, l->width, l->height);
  for (guint y = 0; y < l->height; y++)
    draw_picture_row (l, memory, size, picture, y);
}

/* TRUE: it was drawn from something else. */
static gboolean
renew (const AsternLinear *l, AsternScreen *screen, gsize size)
{
  if (screen->seen != NULL && screen->seen->len == sizeof *l + size && memcmp (screen->seen->data, l, sizeof *l) == 0)
    return FALSE;
  if (screen->seen == NULL)
    screen->seen = g_byte_array_new ();
  g_byte_array_set_size (screen->seen, (guint) (sizeof *l + size));
  memcpy (screen->seen->data, l, sizeof *l);
  return TRUE;
}

void
astern_linear_update (const AsternLinear *l, const guint8 *memory, guint64 size, AsternScreen *screen)
{
  gsize n = row_bytes (l);
  gboolean all = renew (l, screen, n * l->height);
  guint8 *seen = screen->seen->data + sizeof *l;

  if (all)
    astern_picture_resize (&screen->picture, l->width, l->height);
  for (guint y = 0; y < l->height; y++, seen += n)
    {
      const guint8 *line = row_at (l, memory, size, y);

      if (!all && (line == NULL || memcmp (seen, line, n) == 0))
        continue;
      if (line != NULL)
        memcpy (seen, line, n);
      draw_picture_row (l, memory, size, &screen->picture, y);
      if (screen->first_row == screen->end_row)
        screen->first_row = y;
      screen->end_row = y + 1;
    }
}
