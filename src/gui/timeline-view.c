/* timeline-view.c - see timeline-view.h. */
#include "config.h"

#include "gui/timeline-view.h"

#include "gui/timeline-area.h"

#include <string.h>

#include <glib/gi18n.h>

/* So many of the latest breakpoints' stops are remembered. */
#define MOST_STOPS 500

struct _AsternTimelineView
{
  AsternView  parent_instance;
  GPtrArray  *stops;        /* AsternTimelineFlag, of this run */
  guint       serial;       /* of the last stop that was looked at */

  /* Template children. */
  GtkWidget *place, *scroll, *area;
};

G_DEFINE_FINAL_TYPE (AsternTimelineView, astern_timeline_view, ASTERN_TYPE_VIEW)

static AsternTimelineArea *
area_of (AsternTimelineView *self)
{
  return ASTERN_TIMELINE_AREA (self->area);
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
  note_stop (self, astern_view_run (view));
}

static void
run_changed (AsternView *view)
{
  AsternTimelineView *self = ASTERN_TIMELINE_VIEW (view);

  if (self->area == NULL)     /* the view is going */
    return;
  g_ptr_array_set_size (self->stops, 0);
  self->serial = 0;
  astern_timeline_area_set_stops (area_of (self), self->stops);
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
