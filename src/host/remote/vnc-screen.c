/* vnc-screen.c - the picture and the cursor, shown to LibVNCServer.
 * Source: LibVNCServer's rfb.h, "cursor handling". */
#include "config.h"

#include "host/remote/vnc-private.h"

#include <string.h>

/* ---- the picture ---- */

static void
change_size (AsternVnc *vnc)
{
  AsternPicture before = vnc->picture;

  vnc->picture = (AsternPicture) { 0 };
  astern_picture_resize (&vnc->picture, vnc->shown.width, vnc->shown.height);
  rfbNewFramebuffer (vnc->screen, (char *) vnc->picture.pixels, (int) vnc->picture.width, (int) vnc->picture.height, 8, 3, 4);
  vnc->screen->serverFormat.redShift = 16;
  vnc->screen->serverFormat.greenShift = 8;
  vnc->screen->serverFormat.blueShift = 0;
  astern_picture_clear (&before);
}

static void
take_picture (AsternVnc *vnc)
{
  guint first, end;

  g_mutex_lock (&vnc->mutex);
  first = vnc->first_row;
  end = vnc->end_row;
  vnc->first_row = vnc->end_row = 0;
  if (first < end && (vnc->shown.width != vnc->picture.width || vnc->shown.height != vnc->picture.height))
    {
      change_size (vnc);
      first = 0;
      end = vnc->shown.height;
    }
  for (guint y = first; y < end; y++)
    memcpy (astern_picture_row (&vnc->picture, y), astern_picture_row (&vnc->shown, y), vnc->picture.width * sizeof (guint32));
  g_mutex_unlock (&vnc->mutex);
  if (first < end)
    rfbMarkRectAsModified (vnc->screen, 0, (int) first, (int) vnc->picture.width, (int) end);
}

/* ---- the cursor ---- */

/* A pixel of which more is seen than not, for clients that know but masks. */
#define IS_SEEN(pixel) ((pixel) >> 24 >= 0x80)

/* The library frees it. */
static rfbCursorPtr
new_cursor (const AsternCursor *from)
{
  rfbCursorPtr cursor = g_new0 (rfbCursor, 1);
  guint stride = (from->width + 7) / 8;
  guint32 *rich = g_new0 (guint32, from->width * from->height);

  cursor->cleanup = cursor->cleanupSource = cursor->cleanupMask = cursor->cleanupRichSource = TRUE;
  cursor->width = (unsigned short) from->width;
  cursor->height = (unsigned short) from->height;
  cursor->xhot = (unsigned short) from->hot_x;
  cursor->yhot = (unsigned short) from->hot_y;
  cursor->foreRed = cursor->foreGreen = cursor->foreBlue = 0xffff;
  cursor->mask = g_malloc0 (stride * from->height);
  cursor->alphaSource = g_malloc (from->width * from->height);
  for (guint y = 0; y < from->height; y++)
    for (guint x = 0; x < from->width; x++)
      {
        guint32 pixel = from->pixels[y * from->width + x];

        rich[y * from->width + x] = pixel & 0xffffff;
        cursor->alphaSource[y * from->width + x] = (unsigned char) (pixel >> 24);
        if (IS_SEEN (pixel))
          cursor->mask[y * stride + x / 8] |= (unsigned char) (0x80 >> x % 8);
      }
  cursor->richSource = (unsigned char *) rich;
  return cursor;
}

static gboolean
same_shape (const AsternCursor *a, const AsternCursor *b)
{
  AsternCursor moved = *b;

  moved.x = a->x;
  moved.y = a->y;
  return astern_cursor_equal (a, &moved);
}

static void
move_cursor (AsternVnc *vnc, gboolean absolute)
{
  rfbClientIteratorPtr each;
  rfbClientPtr client;

  LOCK (vnc->screen->cursorMutex);
  vnc->screen->cursorX = vnc->cursor.x;
  vnc->screen->cursorY = vnc->cursor.y;
  UNLOCK (vnc->screen->cursorMutex);
  if (absolute)
    return;
  each = rfbGetClientIterator (vnc->screen);
  while ((client = rfbClientIteratorNext (each)) != NULL)
    if (client->enableCursorPosUpdates)
      client->cursorWasMoved = TRUE;
  rfbReleaseClientIterator (each);
}

static void
take_cursor (AsternVnc *vnc)
{
  AsternCursor before = vnc->cursor;
  gboolean any, absolute;

  g_mutex_lock (&vnc->mutex);
  any = vnc->cursor_changed;
  absolute = vnc->absolute;
  vnc->cursor_changed = FALSE;
  if (any)
    {
      vnc->cursor = (AsternCursor) { 0 };
      astern_cursor_copy (&vnc->cursor, &vnc->wanted);
    }
  g_mutex_unlock (&vnc->mutex);
  if (!any)
    return;
  if (!same_shape (&before, &vnc->cursor))
    rfbSetCursor (vnc->screen, vnc->cursor.shown && vnc->cursor.width > 0 && vnc->cursor.height > 0 ? new_cursor (&vnc->cursor) : NULL);
  if (vnc->cursor.shown)
    move_cursor (vnc, absolute);
  astern_cursor_clear (&before);
}

/* ---- the interface ---- */

void
vnc_screen_take (AsternVnc *vnc)
{
  take_picture (vnc);
  take_cursor (vnc);
}

void
astern_vnc_show (AsternVnc *vnc, const AsternPicture *picture, guint first_row, guint end_row)
{
  g_mutex_lock (&vnc->mutex);
  astern_remote_keep (&vnc->shown, picture, first_row, end_row, &vnc->first_row, &vnc->end_row);
  g_mutex_unlock (&vnc->mutex);
}

void
astern_vnc_show_cursor (AsternVnc *vnc, const AsternCursor *cursor)
{
  g_mutex_lock (&vnc->mutex);
  astern_cursor_copy (&vnc->wanted, cursor);
  vnc->cursor_changed = TRUE;
  g_mutex_unlock (&vnc->mutex);
}

void
astern_vnc_set_absolute (AsternVnc *vnc, gboolean absolute)
{
  g_mutex_lock (&vnc->mutex);
  vnc->absolute = absolute;
  g_mutex_unlock (&vnc->mutex);
}
