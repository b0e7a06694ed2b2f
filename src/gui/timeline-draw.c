/* timeline-draw.c - what the timeline's area looks like.
 *
 * Colours are the style's: each thing has a class (style.css). */
#include "config.h"

#include "gui/timeline-area-private.h"

#include <math.h>

#include <glib/gi18n.h>

#define TICK_PIXELS 150      /* between the ruler's marks, at least */

static void
set_colour (AsternTimelineArea *area, cairo_t *cr, const char *name)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (area));
  GdkRGBA colour;

  gtk_style_context_save (style);
  gtk_style_context_add_class (style, name);
  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &colour);
  gtk_style_context_restore (style);
  gdk_cairo_set_source_rgba (cr, &colour);
}

static PangoLayout *
new_layout (AsternTimelineArea *area, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (area), text);
  PangoAttrList *small = pango_attr_list_new ();

  pango_attr_list_insert (small, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, small);
  pango_attr_list_unref (small);
  return layout;
}

void
timeline_area_measure (AsternTimelineArea *area)
{
  g_autoptr (PangoLayout) layout = new_layout (area, _("System calls"));
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  area->label_width = width + width / 3 + 12;
  area->row_height = height + 2;
  area->ruler_height = 2 * height + 8;
}

/* ---- the ruler ---- */

static void
draw_text (AsternTimelineArea *area, cairo_t *cr, const char *text, double x, double y)
{
  g_autoptr (PangoLayout) layout = new_layout (area, text);

  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_ruler (AsternTimelineArea *area, cairo_t *cr)
{
  const AsternTimelineScale *scale = &area->scale;
  double tick = astern_timeline_scale_tick (scale, TICK_PIXELS);
  double line = (area->ruler_height - 6) / 2.0, tick_ns = 0;

  if (area->picture != NULL && area->picture->ns != NULL)
    tick_ns = (double) (area->picture->ns[area->picture->n_columns] - area->picture->ns[0])
              / (area->picture->to - area->picture->from) * tick;

  for (double at = ceil (scale->from / tick) * tick; at <= scale->from + scale->span; at += tick)
    {
      double x = floor (area->label_width + astern_timeline_scale_x (scale, at)) + 0.5;
      g_autofree char *label = astern_timeline_scale_label (at, tick);
      g_autofree char *moment = g_strconcat ("@", label, NULL);

      set_colour (area, cr, "ruler");
      cairo_move_to (cr, x, 0);
      cairo_line_to (cr, x, area->ruler_height);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      draw_text (area, cr, moment, x + 3, 1);
      if (area->picture != NULL)
        {
          g_autofree char *seconds = astern_timeline_scale_seconds (astern_timeline_picture_ns (area->picture, at), tick_ns);

          set_colour (area, cr, "guest-time");
          draw_text (area, cr, seconds, x + 3, line + 2);
        }
    }
}

/* ---- the rows ---- */

static const char *
lane_class (const AsternTimelineLane *lane)
{
  static const char *const names[ASTERN_N_LANES] = { "interrupts", "exceptions", "syscalls", "modes" };

  return lane->lane < ASTERN_N_LANES ? names[lane->lane] : "device";
}

/* One by one; where several are in a pixel, one stands for them. */
static void
draw_events (AsternTimelineArea *area, cairo_t *cr, const GArray *events, guint first, double top)
{
  double right = gtk_widget_get_allocated_width (GTK_WIDGET (area)), last = -2;

  for (guint i = first; i < events->len; i++)
    {
      double x = floor (timeline_area_x (area, g_array_index (events, AsternTimelineEvent, i).moment.icount));

      if (x > right)
        break;
      if (x < last + 1)
        continue;
      last = x;
      cairo_rectangle (cr, x, top + 2, 1, area->row_height - 4);
    }
  cairo_fill (cr);
}

/* Roots, so that what is rare is seen beside what is not. */
static void
draw_lane (AsternTimelineArea *area, cairo_t *cr, const AsternTimelineLane *lane, double top)
{
  const AsternTimelinePicture *picture = area->picture;
  double step = (picture->to - picture->from) / picture->n_columns, bottom = top + area->row_height - 1;
  double most = area->row_height - 3, right = gtk_widget_get_allocated_width (GTK_WIDGET (area));
  float largest = 0;
  guint first;
  gboolean known;
  const GArray *events = timeline_area_events (area, lane->lane, &first, &known);

  set_colour (area, cr, lane_class (lane));
  if (events != NULL)
    draw_events (area, cr, events, first, top);
  if (known && (events != NULL || lane->lane < ASTERN_N_LANES))
    return;
  for (guint i = 0; i < picture->n_columns; i++)
    largest = MAX (largest, lane->columns[i]);
  if (largest <= 0)
    return;
  for (guint i = 0; i < picture->n_columns; i++)
    {
      double from = area->label_width + astern_timeline_scale_x (&area->scale, picture->from + step * i);
      double to = MIN (area->label_width + astern_timeline_scale_x (&area->scale, picture->from + step * (i + 1)), right + 1);
      double height = MAX (2, most * sqrt (lane->columns[i] / largest));

      from = MAX (from, area->label_width - 1);
      if (lane->columns[i] > 0 && to >= area->label_width && from <= right)
        cairo_rectangle (cr, from, bottom - height, MAX (1, to - from), height);
    }
  cairo_fill (cr);
}

static void
draw_flag (AsternTimelineArea *area, cairo_t *cr, guint64 icount, double top)
{
  double x = floor (timeline_area_x (area, icount)) + 0.5, height = area->row_height - 2;

  cairo_move_to (cr, x, top + height);
  cairo_line_to (cr, x, top + 1);
  cairo_line_to (cr, x + height * 0.7, top + height * 0.3);
  cairo_line_to (cr, x, top + height * 0.6);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke_preserve (cr);
  cairo_fill (cr);
}

static void
draw_tick (AsternTimelineArea *area, cairo_t *cr, guint64 icount, double top)
{
  cairo_rectangle (cr, floor (timeline_area_x (area, icount)), top + 2, 2, area->row_height - 4);
  cairo_fill (cr);
}

/* Text at the right of @x, as far as there is room up to @end. */
static void
draw_name (AsternTimelineArea *area, cairo_t *cr, const char *text, double x, double end, double top)
{
  g_autoptr (PangoLayout) layout = new_layout (area, text);

  if (end - x < 20)
    return;
  pango_layout_set_width (layout, (int) (end - x) * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  cairo_move_to (cr, x, top);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_flags (AsternTimelineArea *area, cairo_t *cr, GPtrArray *flags, const char *class, gboolean named, double top)
{
  double right = gtk_widget_get_allocated_width (GTK_WIDGET (area));

  set_colour (area, cr, class);
  for (guint i = 0; i < flags->len; i++)
    {
      const AsternTimelineFlag *flag = g_ptr_array_index (flags, i);
      const AsternTimelineFlag *next = i + 1 < flags->len ? g_ptr_array_index (flags, i + 1) : NULL;
      double end = next != NULL ? timeline_area_x (area, next->moment.icount) : right;

      if (named)
        draw_flag (area, cr, flag->moment.icount, top);
      else
        draw_tick (area, cr, flag->moment.icount, top);
      if (named)
        draw_name (area, cr, flag->text, timeline_area_x (area, flag->moment.icount) + area->row_height, end - 4, top);
    }
}

static void
draw_branches (AsternTimelineArea *area, cairo_t *cr, double top)
{
  set_colour (area, cr, "branches");
  for (guint i = 0; i < area->picture->branches->len; i++)
    {
      const AsternTimelineBranch *branch = &g_array_index (area->picture->branches, AsternTimelineBranch, i);
      double x = floor (timeline_area_x (area, branch->parting.icount)) + 0.5, end = timeline_area_x (area, branch->head.icount);

      cairo_set_line_width (cr, 1.5);
      cairo_move_to (cr, x, top + 1);
      cairo_line_to (cr, x + 5, top + area->row_height / 2.0);
      cairo_line_to (cr, MAX (end, x + 8), top + area->row_height / 2.0);
      cairo_stroke (cr);
    }
}

static void
draw_row (AsternTimelineArea *area, cairo_t *cr, const TimelineRow *row, double top)
{
  switch (row->kind)
    {
    case TIMELINE_ROW_BOOKMARKS:
      if (area->picture != NULL)
        draw_flags (area, cr, area->picture->bookmarks, "bookmarks", TRUE, top);
      break;
    case TIMELINE_ROW_STOPS:
      draw_flags (area, cr, area->stops, "stops", FALSE, top);
      break;
    case TIMELINE_ROW_SNAPSHOTS:
      set_colour (area, cr, "snapshots");
      for (guint i = 0; area->picture != NULL && i < area->picture->snapshots->len; i++)
        draw_tick (area, cr, g_array_index (area->picture->snapshots, AsternMoment, i).icount, top);
      break;
    case TIMELINE_ROW_BRANCHES:
      draw_branches (area, cr, top);
      break;
    case TIMELINE_ROW_LANE:
      draw_lane (area, cr, g_ptr_array_index (area->picture->lanes, row->lane), top);
      break;
    }
}

static void
draw_rows (AsternTimelineArea *area, cairo_t *cr, double width, double height)
{
  for (guint i = 0; i < area->rows->len; i++)
    {
      const TimelineRow *row = &g_array_index (area->rows, TimelineRow, i);
      double top = timeline_area_row_top (area, i);

      if (top + area->row_height < area->ruler_height || top > height)
        continue;
      set_colour (area, cr, "line");
      cairo_rectangle (cr, 0, top + area->row_height - 0.5, width, 0.5);
      cairo_fill (cr);
      cairo_save (cr);
      cairo_rectangle (cr, area->label_width, area->ruler_height, width, height);
      cairo_clip (cr);
      draw_row (area, cr, row, top);
      cairo_restore (cr);
      set_colour (area, cr, "label");
      draw_name (area, cr, timeline_area_row_title (area, row), 6, area->label_width - 4, top);
    }
}

/* ---- where there is none ---- */

static void
draw_sentence (AsternTimelineArea *area, cairo_t *cr, const char *text, double width, double height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (area), text);
  int text_height;

  pango_layout_set_width (layout, (int) MAX (width - 24, 24) * PANGO_SCALE);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_get_pixel_size (layout, NULL, &text_height);
  set_colour (area, cr, "guest-time");
  cairo_move_to (cr, 12, MAX (0, (height - text_height) / 2));
  pango_cairo_show_layout (cr, layout);
}

/* ---- the whole ---- */

/* What lies behind the present, and what a replay has not executed yet. */
static void
draw_ground (AsternTimelineArea *area, cairo_t *cr, double width, double height)
{
  double present = timeline_area_x (area, timeline_area_shown (area).icount);
  double head = timeline_area_x (area, area->status.head.icount), end = timeline_area_x (area, area->status.end.icount);

  if (area->status.in_past && head > present)
    {
      set_colour (area, cr, "ahead");
      cairo_rectangle (cr, MAX (present, area->label_width), 0, head - MAX (present, area->label_width), height);
      cairo_fill (cr);
    }
  if (end > head + 0.5)
    {
      set_colour (area, cr, "unknown");
      cairo_rectangle (cr, MAX (head, area->label_width), 0, MIN (end, width) - MAX (head, area->label_width), height);
      cairo_fill (cr);
    }
  set_colour (area, cr, "head");
  cairo_rectangle (cr, floor (head) - 1, 0, 1, height);
  cairo_fill (cr);
}

static void
draw_playhead (AsternTimelineArea *area, cairo_t *cr, double height)
{
  double x = floor (timeline_area_x (area, timeline_area_shown (area).icount)) + 0.5;

  set_colour (area, cr, "playhead");
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, 0);
  cairo_line_to (cr, x, height);
  cairo_stroke (cr);
  cairo_move_to (cr, x - 6, 0);
  cairo_line_to (cr, x + 6, 0);
  cairo_line_to (cr, x + 6, 6);
  cairo_line_to (cr, x, 13);
  cairo_line_to (cr, x - 6, 6);
  cairo_close_path (cr);
  cairo_fill (cr);
}

void
timeline_area_draw (AsternTimelineArea *area, cairo_t *cr)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (area));
  double width = gtk_widget_get_allocated_width (GTK_WIDGET (area)), height = gtk_widget_get_allocated_height (GTK_WIDGET (area));

  gtk_render_background (style, cr, 0, 0, width, height);
  if (!area->has_run)
    return;
  if (!(area->status.can & ASTERN_CAN_REVERSE) && area->status.no_history != NULL)
    {
      draw_sentence (area, cr, area->status.no_history, width, height);
      return;
    }
  cairo_save (cr);
  cairo_rectangle (cr, area->label_width, 0, width - area->label_width, height);
  cairo_clip (cr);
  draw_ground (area, cr, width, height);
  draw_ruler (area, cr);
  cairo_restore (cr);
  cairo_save (cr);
  cairo_rectangle (cr, 0, area->ruler_height, width, height - area->ruler_height);
  cairo_clip (cr);
  draw_rows (area, cr, width, height);
  cairo_restore (cr);
  cairo_save (cr);
  cairo_rectangle (cr, area->label_width - 6, 0, width - area->label_width + 6, height);
  cairo_clip (cr);
  draw_playhead (area, cr, height);
  cairo_restore (cr);
  if (gtk_widget_has_visible_focus (GTK_WIDGET (area)))
    gtk_render_focus (style, cr, 0, 0, width, height);
}
