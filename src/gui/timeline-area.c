/* timeline-area.c - see timeline-area.h: what is shown, and what the pointer and the keys do. */
#include "config.h"

#include "gui/timeline-area-private.h"

#include <inttypes.h>
#include <math.h>

#include <glib/gi18n.h>

#define ZOOM_STEP   1.25
#define SNAP_PIXELS 5

G_DEFINE_FINAL_TYPE (AsternTimelineArea, astern_timeline_area, GTK_TYPE_DRAWING_AREA)

enum { GO, STEP, RANGE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- places ---- */

AsternMoment
timeline_area_shown (AsternTimelineArea *area)
{
  return area->dragging ? area->dragged_to : area->status.present;
}

double
timeline_area_x (AsternTimelineArea *area, guint64 icount)
{
  /* Cairo counts in 24 bits. */
  return CLAMP (area->label_width + astern_timeline_scale_x (&area->scale, (double) icount), -1e5, 1e5);
}

double
timeline_area_row_top (AsternTimelineArea *area, guint row)
{
  return area->ruler_height + row * area->row_height - gtk_adjustment_get_value (area->adjustment);
}

const char *
timeline_area_row_title (AsternTimelineArea *area, const TimelineRow *row)
{
  static const char *const lanes[ASTERN_N_LANES] = { N_("Interrupts"), N_("Exceptions"), N_("System calls"), N_("Mode changes") };
  static const char *const others[] = { N_("Bookmarks"), N_("Stops"), N_("Snapshots"), N_("Other futures") };
  const AsternTimelineLane *lane;

  if (row->kind != TIMELINE_ROW_LANE)
    return _(others[row->kind]);
  lane = g_ptr_array_index (area->picture->lanes, row->lane);
  return lane->lane < ASTERN_N_LANES ? _(lanes[lane->lane]) : lane->device;
}

static void
add_row (AsternTimelineArea *area, TimelineRowKind kind, guint lane)
{
  TimelineRow row = { kind, lane };

  g_array_append_val (area->rows, row);
}

static void
update_adjustment (AsternTimelineArea *area)
{
  int height = MAX (gtk_widget_get_allocated_height (GTK_WIDGET (area)) - area->ruler_height, 1);
  double rows = (double) area->rows->len * area->row_height;

  gtk_adjustment_configure (area->adjustment, MIN (gtk_adjustment_get_value (area->adjustment), MAX (rows - height, 0)), 0,
                            MAX (rows, height), area->row_height, height, height);
}

static void
update_rows (AsternTimelineArea *area)
{
  guint before = area->rows->len;

  g_array_set_size (area->rows, 0);
  add_row (area, TIMELINE_ROW_BOOKMARKS, 0);
  if (area->stops->len > 0)
    add_row (area, TIMELINE_ROW_STOPS, 0);
  if (area->picture != NULL && area->picture->branches->len > 0)
    add_row (area, TIMELINE_ROW_BRANCHES, 0);
  for (guint i = 0; area->picture != NULL && i < area->picture->lanes->len; i++)
    add_row (area, TIMELINE_ROW_LANE, i);
  add_row (area, TIMELINE_ROW_SNAPSHOTS, 0);
  if (before != area->rows->len)
    update_adjustment (area);
  gtk_widget_queue_draw (GTK_WIDGET (area));
}

/* ---- what is known ---- */

const AsternTimelineScale *
astern_timeline_area_scale (AsternTimelineArea *area)
{
  return &area->scale;
}

guint
astern_timeline_area_columns (AsternTimelineArea *area)
{
  return (guint) area->scale.width;
}

GtkAdjustment *
astern_timeline_area_adjustment (AsternTimelineArea *area)
{
  return area->adjustment;
}

void
astern_timeline_area_set_status (AsternTimelineArea *area, const AsternRunStatus *status)
{
  gboolean moved = !area->has_run || astern_moment_compare (status->present, area->status.present) != 0;
  gboolean other = !area->has_run || status->no_history != area->status.no_history;

  area->status = *status;
  area->has_run = TRUE;
  astern_timeline_scale_set_range (&area->scale, status->start.icount, status->end.icount);
  /* The present is kept in sight, but not while somebody looks elsewhere and nothing moves. */
  if (moved && !area->dragging && !area->panning
      && astern_timeline_scale_reveal (&area->scale, (double) status->present.icount))
    g_signal_emit (area, signals[RANGE_CHANGED], 0);
  if (moved)
    timeline_accessible_changed (area);
  if (other)
    atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (area)), status->no_history != NULL ? status->no_history : "");
  gtk_widget_queue_draw (GTK_WIDGET (area));
}

void
astern_timeline_area_set_picture (AsternTimelineArea *area, AsternTimelinePicture *picture)
{
  g_clear_pointer (&area->picture, astern_timeline_picture_free);
  area->picture = picture;
  if (picture == NULL)
    {
      area->has_run = FALSE;
      astern_timeline_scale_show_all (&area->scale);
    }
  update_rows (area);
}

const AsternTimelinePicture *
astern_timeline_area_picture (AsternTimelineArea *area)
{
  return area->picture;
}

void
astern_timeline_area_set_stops (AsternTimelineArea *area, GPtrArray *flags)
{
  g_ptr_array_ref (flags);
  g_ptr_array_unref (area->stops);
  area->stops = flags;
  update_rows (area);
}

void
astern_timeline_area_set_events (AsternTimelineArea *area, AsternTimelineEvents *events)
{
  if (events != NULL)
    astern_timeline_events_ref (events);
  g_clear_pointer (&area->events, astern_timeline_events_unref);
  area->events = events;
  gtk_widget_queue_draw (GTK_WIDGET (area));
}

gboolean
astern_timeline_area_is_held (AsternTimelineArea *area)
{
  return area->dragging || area->panning;
}

const GArray *
timeline_area_events (AsternTimelineArea *area, guint lane, guint *first, gboolean *known)
{
  const AsternTimelineScale *scale = &area->scale;
  double end = MIN (scale->from + scale->span, (double) area->status.head.icount);
  const GArray *events;

  *first = 0;
  *known = area->events != NULL && astern_timeline_events_cover (area->events, floor (scale->from), floor (end));
  if (!*known)
    return NULL;
  events = astern_timeline_events_lane (area->events, lane);
  if (events != NULL)
    *first = astern_timeline_events_first (events, scale->from - SNAP_PIXELS * astern_timeline_scale_per_pixel (scale));
  return events;
}

/* ---- zooming, panning ---- */

static void
range_changed (AsternTimelineArea *area)
{
  gtk_widget_queue_draw (GTK_WIDGET (area));
  g_signal_emit (area, signals[RANGE_CHANGED], 0);
}

static void
zoom_at (AsternTimelineArea *area, double factor, double x)
{
  astern_timeline_scale_zoom (&area->scale, factor, CLAMP (x, 0, area->scale.width));
  range_changed (area);
}

/* Around the present, if it is in sight. */
void
astern_timeline_area_zoom (AsternTimelineArea *area, double factor)
{
  double x = astern_timeline_scale_x (&area->scale, (double) timeline_area_shown (area).icount);

  zoom_at (area, factor, x >= 0 && x <= area->scale.width ? x : area->scale.width / 2);
}

void
astern_timeline_area_show_all (AsternTimelineArea *area)
{
  astern_timeline_scale_show_all (&area->scale);
  range_changed (area);
}

static void
pan (AsternTimelineArea *area, double pixels)
{
  astern_timeline_scale_pan (&area->scale, pixels);
  range_changed (area);
}

static void
scroll_rows (AsternTimelineArea *area, double rows)
{
  gtk_adjustment_set_value (area->adjustment, gtk_adjustment_get_value (area->adjustment) + rows * area->row_height);
}

/* Up is nearer, about the pointer; Shift, or a wheel that goes sideways, pans; over the labels the lanes go up and down. */
static gboolean
scroll_event (GtkWidget *widget, GdkEventScroll *event)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);
  double dx = 0, dy = 0;

  if (!gdk_event_get_scroll_deltas ((GdkEvent *) event, &dx, &dy))
    {
      dy = event->direction == GDK_SCROLL_UP ? -1 : event->direction == GDK_SCROLL_DOWN ? 1 : 0;
      dx = event->direction == GDK_SCROLL_LEFT ? -1 : event->direction == GDK_SCROLL_RIGHT ? 1 : 0;
    }
  if (event->x < area->label_width)
    scroll_rows (area, dy);
  else if (dx != 0 || (event->state & GDK_SHIFT_MASK))
    pan (area, (dx != 0 ? dx : dy) * area->scale.width / 10);
  else if (dy != 0)
    zoom_at (area, pow (ZOOM_STEP, -dy), event->x - area->label_width);
  return TRUE;
}

/* ---- pointing ---- */

static void
go (AsternTimelineArea *area, AsternMoment moment)
{
  g_signal_emit (area, signals[GO], 0, moment.icount, moment.step);
}

/* Takes what lies nearest to the pointer. */
static void
snap (AsternTimelineArea *area, double x, AsternMoment moment, const char *text, double *nearest, TimelineTarget *target)
{
  double distance = fabs (timeline_area_x (area, moment.icount) - x);

  if (distance > SNAP_PIXELS || distance >= *nearest)
    return;
  *nearest = distance;
  target->moment = moment;
  target->snapped = TRUE;
  g_free (target->text);
  target->text = g_strdup (text);
}

static void
snap_to_flags (AsternTimelineArea *area, double x, GPtrArray *flags, TimelineTarget *target)
{
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < flags->len; i++)
    {
      const AsternTimelineFlag *flag = g_ptr_array_index (flags, i);

      snap (area, x, flag->moment, flag->text, &nearest, target);
    }
}

static void
snap_to_snapshots (AsternTimelineArea *area, double x, TimelineTarget *target)
{
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; area->picture != NULL && i < area->picture->snapshots->len; i++)
    snap (area, x, g_array_index (area->picture->snapshots, AsternMoment, i), _("Snapshot"), &nearest, target);
}

static void
snap_to_branches (AsternTimelineArea *area, double x, TimelineTarget *target)
{
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < area->picture->branches->len; i++)
    {
      const AsternTimelineBranch *branch = &g_array_index (area->picture->branches, AsternTimelineBranch, i);
      char head[ASTERN_MOMENT_TEXT];
      g_autofree char *text = g_strdup_printf (_("Future %u was left here; it goes to %s"), branch->id,
                                               astern_moment_format (branch->head, head));

      snap (area, x, branch->parting, text, &nearest, target);
    }
}

/* FALSE: single events are not known. */
static gboolean
snap_to_events (AsternTimelineArea *area, double x, guint lane, TimelineTarget *target)
{
  double nearest = G_MAXDOUBLE;
  guint first;
  gboolean known;
  const GArray *events = timeline_area_events (area, lane, &first, &known);

  for (guint i = first; events != NULL && i < events->len; i++)
    {
      const AsternTimelineEvent *event = &g_array_index (events, AsternTimelineEvent, i);
      double event_x = timeline_area_x (area, event->moment.icount);

      if (event_x > x + SNAP_PIXELS)
        break;
      if (fabs (event_x - x) <= SNAP_PIXELS && fabs (event_x - x) < nearest)
        {
          g_autofree char *text = astern_timeline_event_text (event);

          snap (area, x, event->moment, text, &nearest, target);
        }
    }
  return known;
}

/* How often it happened in the column under the pointer. */
static void
describe_lane (AsternTimelineArea *area, const TimelineRow *row, TimelineTarget *target)
{
  const AsternTimelinePicture *picture = area->picture;
  const AsternTimelineLane *lane = g_ptr_array_index (picture->lanes, row->lane);
  double per_column = (picture->to - picture->from) / picture->n_columns;
  double column = ((double) target->moment.icount - picture->from) / per_column;

  if (column >= 0 && column < picture->n_columns)
    target->text = g_strdup_printf (_("%s: about %.1f in %.0f instructions; %" PRIu64 " in all"),
                                    timeline_area_row_title (area, row), (double) lane->columns[(guint) column],
                                    MAX (per_column, 1), lane->total);
}

static const TimelineRow *
row_at (AsternTimelineArea *area, double y)
{
  double row = (y - area->ruler_height + gtk_adjustment_get_value (area->adjustment)) / area->row_height;

  if (y < area->ruler_height || row >= area->rows->len)
    return NULL;
  return &g_array_index (area->rows, TimelineRow, (guint) row);
}

void
timeline_area_target (AsternTimelineArea *area, double x, double y, TimelineTarget *target)
{
  const TimelineRow *row = row_at (area, y);

  *target = (TimelineTarget) { { astern_timeline_scale_icount (&area->scale, x - area->label_width), 0 }, FALSE, NULL };
  if (row == NULL)
    return;
  switch (row->kind)
    {
    case TIMELINE_ROW_BOOKMARKS:
      if (area->picture != NULL)
        snap_to_flags (area, x, area->picture->bookmarks, target);
      break;
    case TIMELINE_ROW_STOPS:
      snap_to_flags (area, x, area->stops, target);
      break;
    case TIMELINE_ROW_SNAPSHOTS:
      snap_to_snapshots (area, x, target);
      break;
    case TIMELINE_ROW_BRANCHES:
      snap_to_branches (area, x, target);
      break;
    case TIMELINE_ROW_LANE:
      if (!snap_to_events (area, x, ((AsternTimelineLane *) g_ptr_array_index (area->picture->lanes, row->lane))->lane, target)
          || !target->snapped)
        describe_lane (area, row, target);
      break;
    }
}

static void
drag_to (AsternTimelineArea *area, double x, double y)
{
  TimelineTarget target;

  timeline_area_target (area, x, y, &target);
  g_free (target.text);
  if (area->dragging && astern_moment_compare (target.moment, area->dragged_to) == 0)
    return;
  area->dragging = TRUE;
  area->dragged_to = target.moment;
  gtk_widget_queue_draw (GTK_WIDGET (area));
  go (area, target.moment);
}

static gboolean
button_press_event (GtkWidget *widget, GdkEventButton *event)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);

  if (event->type != GDK_BUTTON_PRESS || !area->has_run || event->x < area->label_width - SNAP_PIXELS)
    return FALSE;
  gtk_widget_grab_focus (widget);
  if (event->button == GDK_BUTTON_PRIMARY)
    drag_to (area, event->x, event->y);
  else if (event->button == GDK_BUTTON_MIDDLE)
    {
      area->panning = TRUE;
      area->pan_x = event->x;
    }
  else
    return FALSE;
  return TRUE;
}

static gboolean
motion_notify_event (GtkWidget *widget, GdkEventMotion *event)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);

  if (area->dragging)
    drag_to (area, event->x, event->y);
  else if (area->panning)
    {
      pan (area, area->pan_x - event->x);
      area->pan_x = event->x;
    }
  return GDK_EVENT_PROPAGATE;
}

static gboolean
button_release_event (GtkWidget *widget, GdkEventButton *event)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);

  if (event->button == GDK_BUTTON_PRIMARY)
    area->dragging = FALSE;
  else if (event->button == GDK_BUTTON_MIDDLE)
    area->panning = FALSE;
  gtk_widget_queue_draw (widget);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);
  TimelineTarget target;
  g_autoptr (GString) text = g_string_new (NULL);
  char moment[ASTERN_MOMENT_TEXT];

  if (!area->has_run || keyboard || x < area->label_width)
    return FALSE;
  timeline_area_target (area, x, y, &target);
  g_string_append (text, astern_moment_format (target.moment, moment));
  if (area->picture != NULL)
    {
      guint64 ns = astern_timeline_picture_ns (area->picture, (double) target.moment.icount);
      g_autofree char *seconds = astern_timeline_scale_seconds (ns, 1e4);

      g_string_append_printf (text, "\n%s", seconds);
    }
  if (target.text != NULL)
    g_string_append_printf (text, "\n%s", target.text);
  g_free (target.text);
  gtk_tooltip_set_text (tooltip, text->str);
  return TRUE;
}

/* ---- keys ---- */

static void
go_by (AsternTimelineArea *area, double part)
{
  double to = (double) area->status.present.icount + part * area->scale.span;

  go (area, (AsternMoment) { (guint64) CLAMP (to, area->scale.start, area->scale.end), 0 });
}

static gboolean
zoom_key (AsternTimelineArea *area, guint key)
{
  switch (key)
    {
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      astern_timeline_area_zoom (area, 2);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      astern_timeline_area_zoom (area, 0.5);
      return TRUE;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      astern_timeline_area_show_all (area);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
move_key (AsternTimelineArea *area, guint key)
{
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      g_signal_emit (area, signals[STEP], 0, -1);
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      g_signal_emit (area, signals[STEP], 0, 1);
      return TRUE;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      go (area, area->status.start);
      return TRUE;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      go (area, area->status.end);
      return TRUE;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      go_by (area, -0.1);
      return TRUE;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      go_by (area, 0.1);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
key_press_event (GtkWidget *widget, GdkEventKey *event)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);
  GdkModifierType state = event->state & gtk_accelerator_get_default_mod_mask ();

  if (area->has_run && (state & ~GDK_SHIFT_MASK) == GDK_CONTROL_MASK && zoom_key (area, event->keyval))
    return TRUE;
  if (area->has_run && state == 0 && move_key (area, event->keyval))
    return TRUE;
  return GTK_WIDGET_CLASS (astern_timeline_area_parent_class)->key_press_event (widget, event);
}

/* ---- the widget ---- */

static gboolean
draw (GtkWidget *widget, cairo_t *cr)
{
  timeline_area_draw (ASTERN_TIMELINE_AREA (widget), cr);
  return FALSE;
}

static void
size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (widget);
  double before = area->scale.width;

  GTK_WIDGET_CLASS (astern_timeline_area_parent_class)->size_allocate (widget, allocation);
  astern_timeline_scale_set_width (&area->scale, allocation->width - area->label_width - 8);
  update_adjustment (area);
  if (area->scale.width != before)
    g_signal_emit (area, signals[RANGE_CHANGED], 0);
}

static void
style_updated (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (astern_timeline_area_parent_class)->style_updated (widget);
  timeline_area_measure (ASTERN_TIMELINE_AREA (widget));
  gtk_widget_queue_resize (widget);
}

static void
finalize (GObject *object)
{
  AsternTimelineArea *area = ASTERN_TIMELINE_AREA (object);

  g_clear_pointer (&area->picture, astern_timeline_picture_free);
  g_clear_pointer (&area->events, astern_timeline_events_unref);
  g_ptr_array_unref (area->stops);
  g_array_unref (area->rows);
  g_object_unref (area->adjustment);
  G_OBJECT_CLASS (astern_timeline_area_parent_class)->finalize (object);
}

static void
astern_timeline_area_class_init (AsternTimelineAreaClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget->draw = draw;
  widget->size_allocate = size_allocate;
  widget->style_updated = style_updated;
  widget->scroll_event = scroll_event;
  widget->button_press_event = button_press_event;
  widget->motion_notify_event = motion_notify_event;
  widget->button_release_event = button_release_event;
  widget->key_press_event = key_press_event;
  widget->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget, "astern-timeline");
  gtk_widget_class_set_accessible_type (widget, timeline_accessible_get_type ());
  signals[GO] = g_signal_new ("go", ASTERN_TYPE_TIMELINE_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                              G_TYPE_UINT64, G_TYPE_UINT);
  signals[STEP] = g_signal_new ("step", ASTERN_TYPE_TIMELINE_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_INT);
  signals[RANGE_CHANGED] = g_signal_new ("range-changed", ASTERN_TYPE_TIMELINE_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
}

static void
astern_timeline_area_init (AsternTimelineArea *area)
{
  GtkWidget *widget = GTK_WIDGET (area);

  astern_timeline_scale_init (&area->scale);
  area->stops = astern_timeline_flags_new ();
  area->rows = g_array_new (FALSE, FALSE, sizeof (TimelineRow));
  area->adjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 1, 1, 1, 1));
  g_signal_connect_object (area->adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw), area, G_CONNECT_SWAPPED);
  gtk_widget_set_can_focus (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_add_events (widget, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK
                                 | GDK_SMOOTH_SCROLL_MASK | GDK_KEY_PRESS_MASK);
  timeline_area_measure (area);
}
