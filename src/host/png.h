/* png - a picture of the guest's screen as a PNG file.
 *
 * Threads: any.
 * Units:   pixels; rows top to bottom. */
#pragma once

#include <gio/gio.h>

/* @pixels: 0x00RRGGBB in host order, @stride_pixels apart from row to row. */
GBytes *astern_png_encode (const guint32 *pixels, guint width, guint height, guint stride_pixels);
