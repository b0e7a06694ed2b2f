/* timeline-scale.c - see timeline-scale.h. */
#include "config.h"

#include "gui/timeline-scale.h"

#include <math.h>

#include <glib/gi18n.h>

/* Nearer than this there is nothing more to see. */
#define LEAST_SPAN 20

void
astern_timeline_scale_init (AsternTimelineScale *scale)
{
  *scale = (AsternTimelineScale) { .end = 1, .span = 1, .width = 1, .all = TRUE };
}

/* Back into history, not nearer than there is something to see. */
static void
settle (AsternTimelineScale *scale)
{
  double all = scale->end - scale->start;

  scale->span = CLAMP (scale->span, MIN (LEAST_SPAN, all), all);
  scale->from = CLAMP (scale->from, scale->start, scale->end - scale->span);
}

void
astern_timeline_scale_set_range (AsternTimelineScale *scale, guint64 start, guint64 end)
{
  scale->start = (double) start;
  scale->end = MAX ((double) end, scale->start + 1);
  if (scale->all)
    astern_timeline_scale_show_all (scale);
  else
    settle (scale);
}

void
astern_timeline_scale_set_width (AsternTimelineScale *scale, double width)
{
  scale->width = MAX (width, 1);
}

double
astern_timeline_scale_x (const AsternTimelineScale *scale, double icount)
{
  return (icount - scale->from) / scale->span * scale->width;
}

guint64
astern_timeline_scale_icount (const AsternTimelineScale *scale, double x)
{
  double icount = floor (scale->from + x / scale->width * scale->span + 0.5);

  return (guint64) CLAMP (icount, scale->start, scale->end);
}

double
astern_timeline_scale_per_pixel (const AsternTimelineScale *scale)
{
  return scale->span / scale->width;
}

void
astern_timeline_scale_zoom (AsternTimelineScale *scale, double factor, double x)
{
  double icount = scale->from + x / scale->width * scale->span;

  scale->span /= factor;
  settle (scale);
  scale->from = icount - x / scale->width * scale->span;
  settle (scale);
  scale->all = scale->span >= scale->end - scale->start;
}

void
astern_timeline_scale_pan (AsternTimelineScale *scale, double pixels)
{
  scale->from += pixels * astern_timeline_scale_per_pixel (scale);
  settle (scale);
}

void
astern_timeline_scale_show_all (AsternTimelineScale *scale)
{
  scale->all = TRUE;
  scale->from = scale->start;
  scale->span = scale->end - scale->start;
}

gboolean
astern_timeline_scale_reveal (AsternTimelineScale *scale, double icount)
{
  double margin = scale->span / 20;

  if (icount >= scale->from && icount <= scale->from + scale->span)
    return FALSE;
  scale->from = icount < scale->from ? icount - margin : icount + margin - scale->span;
  settle (scale);
  return TRUE;
}

/* ---- the ruler ---- */

double
astern_timeline_scale_tick (const AsternTimelineScale *scale, double pixels)
{
  double least = MAX (1, pixels * astern_timeline_scale_per_pixel (scale));
  double power = pow (10, floor (log10 (least)));

  /* A part in a million for log10(), which may give 2.9999 for 1000. */
  if (power * 10 <= least * 1.000001)
    power *= 10;
  for (guint i = 0; i < 3; i++)
    {
      static const double steps[] = { 1, 2, 5 };

      if (power * steps[i] >= least * 0.999999)
        return power * steps[i];
    }
  return power * 10;
}

char *
astern_timeline_scale_label (double icount, double tick)
{
  static const struct { double one; const char *name; } units[] = {
    { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" },
  };
  enum { MOST_DIGITS = 4 };      /* behind the point */

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      int digits = 0;

      /* How many it takes to write a multiple of tick in this unit. */
      for (double rest = tick / units[i].one; digits <= MOST_DIGITS && fabs (rest - round (rest)) > 1e-6 * rest; rest *= 10)
        digits++;
      if (units[i].one == 1 || (icount >= units[i].one && digits <= MOST_DIGITS))
        return g_strdup_printf ("%.*f%s", MIN (digits, MOST_DIGITS), icount / units[i].one, units[i].name);
    }
  g_return_val_if_reached (NULL);
}

char *
astern_timeline_scale_seconds (guint64 ns, double tick_ns)
{
  int digits = tick_ns > 0 ? (int) CLAMP (ceil (-log10 (tick_ns / 1e9) - 1e-9) + 1, 0, 9) : 9;

  return g_strdup_printf (_("%.*f s"), digits, (double) ns / 1e9);
}
