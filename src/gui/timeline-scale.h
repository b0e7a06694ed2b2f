/* timeline-scale - which moment is at which pixel of a timeline.
 *
 * Threads: plain values, any thread.
 * Units:   instructions (icount), as doubles where they are places on the screen: exact up to 2^53; pixels from the left of what is
 *          shown of history. */
#pragma once

#include <glib.h>

typedef struct
{
  double   start, end;     /* of all history; end > start */
  double   from, span;     /* what is shown of it: within [start, end] */
  double   width;          /* pixels that it has */
  gboolean all;            /* all is shown, and goes on to be while history grows */
} AsternTimelineScale;

/* Shows all of nothing. */
void    astern_timeline_scale_init      (AsternTimelineScale *scale);
/* History has become longer, or another one. */
void    astern_timeline_scale_set_range (AsternTimelineScale *scale, guint64 start, guint64 end);
void    astern_timeline_scale_set_width (AsternTimelineScale *scale, double width);

double  astern_timeline_scale_x         (const AsternTimelineScale *scale, double icount);
/* Within history. */
guint64 astern_timeline_scale_icount    (const AsternTimelineScale *scale, double x);
/* Instructions in a pixel. */
double  astern_timeline_scale_per_pixel (const AsternTimelineScale *scale);

/* @factor > 1: nearer.  What is at @x stays there, as far as history's ends let it. */
void    astern_timeline_scale_zoom      (AsternTimelineScale *scale, double factor, double x);
void    astern_timeline_scale_pan       (AsternTimelineScale *scale, double pixels);
void    astern_timeline_scale_show_all  (AsternTimelineScale *scale);
/* Pans as little as needed for @icount to be seen; TRUE: it had to. */
gboolean astern_timeline_scale_reveal   (AsternTimelineScale *scale, double icount);

/* The distance of a ruler's marks: 1, 2 or 5 times a power of ten, at least 1, at least @pixels wide. */
double  astern_timeline_scale_tick      (const AsternTimelineScale *scale, double pixels);
/* "1.25M": short, and exact for multiples of @tick.  Free it. */
char   *astern_timeline_scale_label     (double icount, double tick);
/* "1.250 s" as exactly as @tick_ns asks for.  Free it. */
char   *astern_timeline_scale_seconds   (guint64 ns, double tick_ns);
