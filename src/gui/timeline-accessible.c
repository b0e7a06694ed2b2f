/* timeline-accessible.c - the timeline as assistive technology has it: a slider.
 *
 * Its value is the present's icount, from the start of history to its end; to set it is to go there.  Doubles hold icounts
 * exactly up to 2^53. */
#include "config.h"

#include "gui/timeline-area-private.h"

#include <gtk/gtk-a11y.h>

typedef struct
{
  GtkWidgetAccessible parent_instance;
} TimelineAccessible;

typedef struct
{
  GtkWidgetAccessibleClass parent_class;
} TimelineAccessibleClass;

static void value_init (AtkValueIface *iface);

G_DEFINE_TYPE_WITH_CODE (TimelineAccessible, timeline_accessible, GTK_TYPE_WIDGET_ACCESSIBLE,
                         G_IMPLEMENT_INTERFACE (ATK_TYPE_VALUE, value_init))

/* NULL: the widget is gone. */
static AsternTimelineArea *
area_of (gpointer accessible)
{
  return (AsternTimelineArea *) gtk_accessible_get_widget (accessible);
}

static void
get_value_and_text (AtkValue *accessible, double *value, char **text)
{
  AsternTimelineArea *area = area_of (accessible);
  char moment[ASTERN_MOMENT_TEXT];

  *value = area != NULL ? (double) area->status.present.icount : 0;
  if (text != NULL)
    *text = area != NULL ? g_strdup (astern_moment_format (area->status.present, moment)) : NULL;
}

static AtkRange *
get_range (AtkValue *accessible)
{
  AsternTimelineArea *area = area_of (accessible);

  if (area == NULL)
    return atk_range_new (0, 0, NULL);
  return atk_range_new ((double) area->status.start.icount, (double) area->status.end.icount, NULL);
}

static double
get_increment (AtkValue *accessible)
{
  return 1;
}

static void
set_value (AtkValue *accessible, const double value)
{
  AsternTimelineArea *area = area_of (accessible);

  if (area != NULL && area->has_run && value >= 0)
    g_signal_emit_by_name (area, "go", (guint64) CLAMP (value, (double) area->status.start.icount,
                                                          (double) area->status.end.icount), 0u);
}

static void
value_init (AtkValueIface *iface)
{
  iface->get_value_and_text = get_value_and_text;
  iface->get_range = get_range;
  iface->get_increment = get_increment;
  iface->set_value = set_value;
}

static void
initialize (AtkObject *accessible, gpointer widget)
{
  ATK_OBJECT_CLASS (timeline_accessible_parent_class)->initialize (accessible, widget);
  accessible->role = ATK_ROLE_SLIDER;
}

static void
timeline_accessible_class_init (TimelineAccessibleClass *klass)
{
  ATK_OBJECT_CLASS (klass)->initialize = initialize;
}

static void
timeline_accessible_init (TimelineAccessible *self)
{
}

void
timeline_accessible_changed (AsternTimelineArea *area)
{
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (area));
  char moment[ASTERN_MOMENT_TEXT];

  g_signal_emit_by_name (accessible, "value-changed", (double) area->status.present.icount,
                         astern_moment_format (area->status.present, moment));
  g_object_notify (G_OBJECT (accessible), "accessible-value");
}
