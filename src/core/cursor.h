/* cursor - the pointer that a display card lays over its picture.
 *
 * Threads: any; a cursor has one owner.
 * Units:   pixels. */
#pragma once

#include "core/picture.h"

#define ASTERN_CURSOR_MAX 256   /* pixels, each way */

typedef struct
{
  gboolean shown;
  gint     x, y;                /* of its hot spot, in the picture */
  guint    hot_x, hot_y;        /* in the cursor */
  guint    width, height;       /* 0 .. ASTERN_CURSOR_MAX */
  guint32 *pixels;              /* 0xAARRGGBB, not premultiplied; with AA 0, what is below is XORed with RRGGBB; owned */
} AsternCursor;

/* Zeroed structs are no cursor.  A cursor of that size whose pixels are all clear. */
void     astern_cursor_resize (AsternCursor *cursor, guint width, guint height);
gboolean astern_cursor_equal  (const AsternCursor *a, const AsternCursor *b);
void     astern_cursor_copy   (AsternCursor *to, const AsternCursor *from);
/* What becomes of a pixel of the picture under one of the cursor. */
guint32  astern_cursor_mix    (guint32 below, guint32 over);
void     astern_cursor_clear  (AsternCursor *cursor);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsternCursor, astern_cursor_clear)
