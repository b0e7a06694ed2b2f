/* timeline-area - where a timeline is drawn, and pointed at.
 *
 * A ruler, lanes with what happened when, and the present as a playhead that is dragged.  To assistive technology it
 * is a slider whose value is the present's icount.
 *
 * Threads: the main thread.
 * Units:   moments as in core/moment.h; pixels. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"
#include "gui/timeline-events.h"
#include "gui/timeline-picture.h"
#include "gui/timeline-scale.h"

#define ASTERN_TYPE_TIMELINE_AREA (astern_timeline_area_get_type ())
G_DECLARE_FINAL_TYPE (AsternTimelineArea, astern_timeline_area, ASTERN, TIMELINE_AREA, GtkDrawingArea)

/* Constant for others. */
const AsternTimelineScale *astern_timeline_area_scale (AsternTimelineArea *area);
/* Of the lanes, without the labels at their left. */
guint      astern_timeline_area_columns     (AsternTimelineArea *area);
/* Where the vertical scroll bar is. */
GtkAdjustment *astern_timeline_area_adjustment (AsternTimelineArea *area);

/* Copies. */
void       astern_timeline_area_set_status  (AsternTimelineArea *area, const AsternRunStatus *status);
/* Takes it; NULL: nothing is known. */
void       astern_timeline_area_set_picture (AsternTimelineArea *area, AsternTimelinePicture *picture);
const AsternTimelinePicture *astern_timeline_area_picture (AsternTimelineArea *area);
/* Keeps a reference; AsternTimelineFlag. */
void       astern_timeline_area_set_stops   (AsternTimelineArea *area, GPtrArray *flags);

/* Keeps a reference; NULL: single events are not known. */
void       astern_timeline_area_set_events  (AsternTimelineArea *area, AsternTimelineEvents *events);
/* Whether the user has hold of it. */
gboolean   astern_timeline_area_is_held     (AsternTimelineArea *area);

void       astern_timeline_area_zoom        (AsternTimelineArea *area, double factor);
void       astern_timeline_area_show_all    (AsternTimelineArea *area);

/* Signals:
 *   "go" (icount, step)   the user wants to be there
 *   "step" (by)           one step on (1) or back (-1)
 *   "range-changed"       another stretch is shown, or at another width */
