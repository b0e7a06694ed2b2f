/* cursor.c - see cursor.h. */
#include "config.h"

#include "core/cursor.h"

#include <string.h>

void
astern_cursor_resize (AsternCursor *cursor, guint width, guint height)
{
  width = MIN (width, ASTERN_CURSOR_MAX);
  height = MIN (height, ASTERN_CURSOR_MAX);
  if (cursor->pixels == NULL || cursor->width != width || cursor->height != height)
    {
      g_free (cursor->pixels);
      cursor->pixels = g_new (guint32, MAX ((gsize) width * height, 1));
      cursor->width = width;
      cursor->height = height;
    }
  memset (cursor->pixels, 0, (gsize) width * height * sizeof (guint32));
}

gboolean
astern_cursor_equal (const AsternCursor *a, const AsternCursor *b)
{
  if (!a->shown || !b->shown)
    return a->shown == b->shown;
  return a->x == b->x && a->y == b->y && a->hot_x == b->hot_x && a->hot_y == b->hot_y && a->width == b->width &&
         a->height == b->height && memcmp (a->pixels, b->pixels, (gsize) a->width * a->height * sizeof (guint32)) == 0;
}

void
astern_cursor_clear (AsternCursor *cursor)
{
  g_clear_pointer (&cursor->pixels, g_free);
  memset (cursor, 0, sizeof *cursor);
}

guint32
astern_cursor_mix (guint32 below, guint32 over)
{
  guint alpha = over >> 24;
  guint32 mixed = 0;

  if (alpha == 0)
    return below ^ over;
  if (alpha == 255)
    return over & 0xffffff;
  for (guint shift = 0; shift < 24; shift += 8)
    {
      guint part = (over >> shift & 0xff) * alpha + (below >> shift & 0xff) * (255 - alpha);

      mixed |= (part + 127) / 255 << shift;
    }
  return mixed;
}

void
astern_cursor_copy (AsternCursor *to, const AsternCursor *from)
{
  gsize size = (gsize) from->width * from->height * sizeof (guint32);

  astern_cursor_clear (to);
  *to = *from;
  to->pixels = from->pixels != NULL ? g_memdup2 (from->pixels, size) : NULL;
}
