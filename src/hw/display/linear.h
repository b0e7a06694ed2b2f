/* linear - a picture that lies in memory row by row, in one of the usual formats.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   pixels, bytes. */
#pragma once

#include "hw/display/display.h"

typedef struct
{
  guint   width, height;
  guint   bits;             /* a pixel: 4 (eight pixels as a byte of each of four planes), 8, 15, 16, 24, 32 */
  guint   x0;               /* pixels before the first that is shown */
  gint64  pitch;            /* bytes from row to row; may be negative */
  guint64 start;            /* of the uppermost row */
  guint32 blank;            /* it is all black */
  guint32 swapped;          /* words of 15, 16 and 32 bits have their highest byte first */
  guint32 colors[256];      /* of 4 and 8 bits */
} AsternLinear;

/* Zeroed before it is filled, for it is compared as bytes.  What lies outside of @memory is black. */
void     astern_linear_draw   (const AsternLinear *linear, const guint8 *memory, guint64 size, AsternPicture *picture);
/* Only the rows whose bytes have changed are drawn. */
void     astern_linear_update (const AsternLinear *linear, const guint8 *memory, guint64 size, AsternScreen *screen);

/* 0x00RRGGBB of a word of 15 or 16 bits. */
guint32  astern_rgb555 (guint word);
guint32  astern_rgb565 (guint word);
