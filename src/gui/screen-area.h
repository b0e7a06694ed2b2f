/* screen-area - a picture of the guest's screen, scaled; and its text for those who read it in another way.
 *
 * Threads: the main thread.
 * Units:   pixels of the guest's, but where said. */
#pragma once

#include <gtk/gtk.h>

#include "core/picture.h"

#define ASTERN_TYPE_SCREEN_AREA (astern_screen_area_get_type ())
G_DECLARE_FINAL_TYPE (AsternScreenArea, astern_screen_area, ASTERN, SCREEN_AREA, GtkDrawingArea)

typedef enum
{
  ASTERN_SCALE_FIT,      /* as large as there is room */
  ASTERN_SCALE_STEPS,    /* the same, but whole times */
  ASTERN_SCALE_1,        /* a pixel a pixel; what has no room is scrolled to */
  ASTERN_SCALE_2,
  ASTERN_SCALE_3,
} AsternScale;

/* Rows [first, end) of @picture are new; of another size than before, all are.  Copies. */
void             astern_screen_area_set_picture (AsternScreenArea *area, const AsternPicture *picture, guint first, guint end);
/* Nothing is shown any more. */
void             astern_screen_area_clear       (AsternScreenArea *area);
/* The lines of a text screen; NULL: it shows none. */
void             astern_screen_area_set_text    (AsternScreenArea *area, const char *text);
void             astern_screen_area_set_scale   (AsternScreenArea *area, AsternScale scale);
/* Between pixels; else each is a rectangle. */
void             astern_screen_area_set_smooth  (AsternScreenArea *area, gboolean smooth);

/* Where a place of the widget's, in the window's pixels, is on the screen: 0 .. @most from its left and top edge, the nearest
 * one when it is beside the picture.  FALSE: nothing is shown. */
gboolean         astern_screen_area_place       (AsternScreenArea *area, double x, double y, guint most, guint *place_x, guint *place_y);

/* (nullable) What is shown; borrowed. */
cairo_surface_t *astern_screen_area_surface     (AsternScreenArea *area);
const char      *astern_screen_area_text        (AsternScreenArea *area);

/* Where a picture of that size comes to lie in @room pixels of the window's: its left upper corner and how large a pixel is. */
typedef struct
{
  double x, y, scale;
} AsternFit;

AsternFit        astern_screen_fit (AsternScale scale, int width, int height, int room_width, int room_height);
