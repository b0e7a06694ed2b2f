/* timeline-view.c - see timeline-view.h. */
#include "config.h"

#include "gui/timeline-view.h"

#include "gui/timeline-area.h"

#include <string.h>

#include <glib/gi18n.h>

/* So many of the latest breakpoints' stops are remembered. */
#define MOST_STOPS 500
/* Single events are asked for where no more than this is shown, when nothing has moved for so long: it is executed again. */
#define MOST_TRACED     20000000
#define TRACE_AFTER_MS  300

struct _AsternTimelineView
{
  AsternView  parent_instance;
  AsternRun  *run;          /* owned, (nullable): whose branches are listened for */
  GPtrArray  *stops;        /* AsternTimelineFlag, of this run */
  guint       serial;       /* of the last stop that was looked at */
  AsternTimelineEvents *events;     /* (nullable) being traced, or the last that were */
  double      traced_from, traced_to;   /* what was asked for then */
  gboolean    tracing;
  guint       trace_timer;

  /* Template children. */
  GtkWidget *place, *scroll, *area;
};

G_DEFINE_FINAL_TYPE (AsternTimelineView, astern_timeline_view, ASTERN_TYPE_VIEW)

static AsternTimelineArea *
area_of (AsternTimelineView *self)
{
  return ASTERN_TIMELINE_AREA (self->area);
}

/* ---- single events ---- */

static void
forget_events (AsternTimelineView *self)
{
  g_clear_handle_id (&self->trace_timer, g_source_remove);
  g_clear_pointer (&self->events, astern_timeline_events_unref);
  self->traced_from = self->traced_to = 0;
  self->tracing = FALSE;
  if (self->area != NULL)
    astern_timeline_area_set_events (area_of (self), NULL);
}

static void
forget_stops (AsternTimelineView *self)
{
  g_ptr_array_set_size (self->stops, 0);
  if (self->area != NULL)
    astern_timeline_area_set_stops (area_of (self), self->stops);
}

/* What was before is forgotten. */
static void
on_shifted (AsternTimelineView *self)
{
  forget_events (self);
  forget_stops (self);
}

typedef struct
{
  AsternRun            *run;
  AsternTimelineEvents *events;
} Traced;

static void
free_traced (gpointer data)
{
  Traced *traced = data;

  astern_timeline_events_unref (traced->events);
  g_object_unref (traced->run);
  g_free (traced);
}

/* The machine's thread; a look follows, by which the answer is taken. */
static void
trace (AsternSession *session, gpointer data)
{
  Traced *traced = data;

  astern_timeline_events_trace (session, astern_run_client (traced->run), traced->events);
}

/* What is shown of what has been executed, if single events would be seen there and are not known. */
static gboolean
wants_events (AsternTimelineView *self, double *from, double *to)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const AsternTimelineScale *scale = astern_timeline_area_scale (area_of (self));
  const AsternRunStatus *status = run != NULL ? astern_run_status (run) : NULL;

  if (status == NULL || self->tracing || status->state != ASTERN_RUN_STOPPED || !status->has_history
      || astern_timeline_area_is_held (area_of (self)) || scale->span > MOST_TRACED)
    return FALSE;
  *from = scale->from;
  *to = MIN (scale->from + scale->span, (double) status->head.icount);
  if (*to <= *from || (self->events != NULL && astern_timeline_events_cover (self->events, (guint64) *from, (guint64) *to)))
    return FALSE;
  /* There was too much of it, or it could not be done: not again before it is nearer, or elsewhere. */
  return *from < self->traced_from || *to > self->traced_to || (*to - *from) * 2 < self->traced_to - self->traced_from;
}

/* With a bit on both sides, to be panned over. */
static gboolean
begin_trace (gpointer data)
{
  AsternTimelineView *self = data;
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Traced *traced;
  double from, to, more;

  self->trace_timer = 0;
  if (!wants_events (self, &from, &to))
    return G_SOURCE_REMOVE;
  more = (to - from) / 4;
  self->traced_from = MAX (from - more, (double) astern_run_status (run)->start.icount);
  self->traced_to = MIN (to + more, (double) astern_run_status (run)->head.icount);
  g_clear_pointer (&self->events, astern_timeline_events_unref);
  self->events = astern_timeline_events_new ((guint64) self->traced_from, (guint64) self->traced_to);
  self->tracing = TRUE;
  traced = g_new (Traced, 1);
  *traced = (Traced) { g_object_ref (run), astern_timeline_events_ref (self->events) };
  astern_run_call (run, trace, traced, free_traced);
  return G_SOURCE_REMOVE;
}

/* A look has come, or another stretch is shown. */
static void
update_events (AsternTimelineView *self)
{
  double from, to;

  if (self->tracing && astern_timeline_events_done (self->events))
    {
      self->tracing = FALSE;
      astern_timeline_area_set_events (area_of (self), self->events);
    }
  g_clear_handle_id (&self->trace_timer, g_source_remove);
  if (wants_events (self, &from, &to))
    self->trace_timer = g_timeout_add (TRACE_AFTER_MS, begin_trace, self);
}

/* ---- looking ---- */

static gpointer
ask (AsternView *view)
{
  AsternTimelineArea *area = area_of (ASTERN_TIMELINE_VIEW (view));
  const AsternTimelineScale *scale = astern_timeline_area_scale (area);
  const AsternTimelinePicture *known = astern_timeline_area_picture (area);
  AsternTimelinePicture *picture;

  picture = astern_timeline_picture_new (scale->from, scale->from + scale->span, astern_timeline_area_columns (area));
  picture->whole = scale->all;
  if (known != NULL)
    {
      g_array_append_vals (picture->branches, known->branches->data, known->branches->len);
      picture->serial = known->serial;
      g_ptr_array_unref (picture->bookmarks);
      picture->bookmarks = g_ptr_array_ref (known->bookmarks);
    }
  return picture;
}

static void
look (AsternSession *session, gpointer question)
{
  astern_timeline_picture_look (session, question);
}

/* Stops at breakpoints are marked; those of a future that was left go. */
static void
note_stop (AsternTimelineView *self, AsternRun *run)
{
  const AsternRunStatus *status = astern_run_status (run);
  guint before = self->stops->len;

  for (guint i = self->stops->len; i-- > 0;)
    if (astern_moment_compare (((AsternTimelineFlag *) g_ptr_array_index (self->stops, i))->moment, status->end) > 0)
      g_ptr_array_remove_index (self->stops, i);
  if (status->serial != self->serial && status->state == ASTERN_RUN_STOPPED && status->stop.why == ASTERN_WHY_POINT)
    {
      for (guint i = self->stops->len; i-- > 0;)
        if (astern_moment_compare (((AsternTimelineFlag *) g_ptr_array_index (self->stops, i))->moment, status->present) == 0)
          g_ptr_array_remove_index (self->stops, i);
      if (self->stops->len == MOST_STOPS)
        g_ptr_array_remove_index (self->stops, 0);
      astern_timeline_flags_add (self->stops, status->present, astern_run_stop_text (run));
      before = G_MAXUINT;
    }
  self->serial = status->serial;
  if (before != self->stops->len)
    astern_timeline_area_set_stops (area_of (self), self->stops);
}

static void
show (AsternView *view, gpointer question)
{
  AsternTimelineView *self = ASTERN_TIMELINE_VIEW (view);
  AsternTimelinePicture *picture = question;
  AsternTimelinePicture *kept = astern_timeline_picture_new (0, 1, 1);
  AsternTimelinePicture emptied = *kept;

  /* The question stays the caller's; its content does not. */
  *kept = *picture;
  *picture = emptied;
  astern_timeline_area_set_picture (area_of (self), kept);
  astern_timeline_area_set_status (area_of (self), astern_run_status (astern_view_run (view)));
  gtk_widget_set_sensitive (GTK_WIDGET (self), astern_run_can (astern_view_run (view), ASTERN_CAN_REVERSE));
  note_stop (self, astern_view_run (view));
  update_events (self);
}

static void
run_changed (AsternView *view)
{
  AsternTimelineView *self = ASTERN_TIMELINE_VIEW (view);

  if (self->area == NULL)     /* the view is going */
    return;
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_set_object (&self->run, astern_view_run (view));
  if (self->run != NULL)
    {
      g_signal_connect_object (self->run, "branched", G_CALLBACK (forget_events), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->run, "shifted", G_CALLBACK (on_shifted), self, G_CONNECT_SWAPPED);
    }
  forget_events (self);
  forget_stops (self);
  self->serial = 0;
  gtk_widget_set_sensitive (GTK_WIDGET (self), TRUE);
  astern_timeline_area_set_picture (area_of (self), NULL);
}

/* ---- moving ---- */

/* A guest that runs is stopped first. */
static void
on_go (AsternTimelineView *self, guint64 icount, guint step)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));

  if (run == NULL)
    return;
  if (astern_run_status (run)->state == ASTERN_RUN_RUNNING)
    astern_run_pause (run);
  astern_run_goto (run, (AsternMoment) { icount, step });
}

static void
on_step (AsternTimelineView *self, int by)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));

  if (G_IS_ACTION_GROUP (window))
    g_action_group_activate_action (G_ACTION_GROUP (window), by < 0 ? "step-back" : "step", NULL);
}

/* ---- buttons ---- */

static void
on_zoom_in (AsternTimelineView *self)
{
  astern_timeline_area_zoom (area_of (self), 2);
}

static void
on_zoom_out (AsternTimelineView *self)
{
  astern_timeline_area_zoom (area_of (self), 0.5);
}

static void
on_zoom_all (AsternTimelineView *self)
{
  astern_timeline_area_show_all (area_of (self));
}

/* ---- the object ---- */

static void
dispose (GObject *object)
{
  AsternTimelineView *self = ASTERN_TIMELINE_VIEW (object);

  self->area = NULL;
  forget_events (self);
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (astern_timeline_view_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  g_ptr_array_unref (ASTERN_TIMELINE_VIEW (object)->stops);
  G_OBJECT_CLASS (astern_timeline_view_parent_class)->finalize (object);
}

static void
astern_timeline_view_class_init (AsternTimelineViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = astern_timeline_picture_free;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->while_running = TRUE;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/timeline-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternTimelineView, place);
  gtk_widget_class_bind_template_child (widget, AsternTimelineView, scroll);
  gtk_widget_class_bind_template_callback (widget, on_zoom_in);
  gtk_widget_class_bind_template_callback (widget, on_zoom_out);
  gtk_widget_class_bind_template_callback (widget, on_zoom_all);
}

static void
astern_timeline_view_init (AsternTimelineView *self)
{
  self->stops = astern_timeline_flags_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->area = g_object_new (ASTERN_TYPE_TIMELINE_AREA, "visible", TRUE, "hexpand", TRUE, "vexpand", TRUE, NULL);
  atk_object_set_name (gtk_widget_get_accessible (self->area), _("Timeline"));
  gtk_box_pack_start (GTK_BOX (self->place), self->area, TRUE, TRUE, 0);
  gtk_range_set_adjustment (GTK_RANGE (self->scroll), astern_timeline_area_adjustment (area_of (self)));
  g_signal_connect_object (self->area, "go", G_CALLBACK (on_go), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->area, "step", G_CALLBACK (on_step), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->area, "range-changed", G_CALLBACK (astern_view_refresh), self, G_CONNECT_SWAPPED);
}
