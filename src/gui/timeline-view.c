/* timeline-view.c - see timeline-view.h. */
#include "config.h"

#include "gui/timeline-view.h"

#include <glib/gi18n.h>

struct _AsternTimelineView
{
  AsternView parent_instance;
};

G_DEFINE_FINAL_TYPE (AsternTimelineView, astern_timeline_view, ASTERN_TYPE_VIEW)

static void
astern_timeline_view_class_init (AsternTimelineViewClass *klass)
{
}

static void
astern_timeline_view_init (AsternTimelineView *self)
{
}
