/* picture - a rectangle of pixels: the guest's screen for people.
 *
 * Threads: any; a picture has one owner.
 * Units:   pixels, rows from top to bottom. */
#pragma once

#include <glib.h>

typedef struct
{
  guint    width, height;
  guint    stride;        /* pixels from row to row */
  guint32 *pixels;        /* 0x00RRGGBB in host order; owned */
} AsternPicture;

static inline void
astern_picture_clear (AsternPicture *picture)
{
  g_clear_pointer (&picture->pixels, g_free);
  picture->width = picture->height = picture->stride = 0;
}

/* A black picture of that size; keeps the memory when the size stays.  Zeroed structs are empty pictures. */
static inline void
astern_picture_resize (AsternPicture *picture, guint width, guint height)
{
  if (picture->pixels == NULL || picture->width != width || picture->height != height)
    {
      g_free (picture->pixels);
      picture->pixels = g_new (guint32, MAX ((gsize) width * height, 1));
      picture->width = picture->stride = width;
      picture->height = height;
    }
  for (gsize i = 0; i < (gsize) width * height; i++)
    picture->pixels[i] = 0;
}

static inline guint32 *
astern_picture_row (const AsternPicture *picture, guint y)
{
  return picture->pixels + (gsize) y * picture->stride;
}

/* 0xAARRGGBB whose colours were multiplied with their alpha, with the colours that they were. */
static inline guint32
astern_pixel_divided (guint32 pixel)
{
  guint alpha = pixel >> 24;
  guint32 result = alpha;

  if (alpha == 0)
    return 0;
  for (gint shift = 16; shift >= 0; shift -= 8)
    result = result << 8 | MIN (((pixel >> shift & 0xff) * 255 + alpha / 2) / alpha, 255);
  return result;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsternPicture, astern_picture_clear)
