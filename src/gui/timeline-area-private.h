/* timeline-area-private - what the files of the timeline's area share. */
#pragma once

#include "gui/timeline-area.h"

/* What has a row, from the top. */
typedef enum
{
  TIMELINE_ROW_BOOKMARKS,
  TIMELINE_ROW_STOPS,
  TIMELINE_ROW_SNAPSHOTS,
  TIMELINE_ROW_BRANCHES,
  TIMELINE_ROW_LANE,
} TimelineRowKind;

typedef struct
{
  TimelineRowKind kind;
  guint           lane;      /* LANE: index in the picture */
} TimelineRow;

struct _AsternTimelineArea
{
  GtkDrawingArea         parent_instance;
  AsternTimelineScale    scale;
  AsternRunStatus        status;
  gboolean               has_run;
  AsternTimelinePicture *picture;       /* owned, (nullable) */
  AsternTimelineEvents  *events;        /* (nullable) */
  GPtrArray             *stops;         /* AsternTimelineFlag */
  GArray                *rows;          /* TimelineRow */
  GtkAdjustment         *adjustment;
  int                    label_width, ruler_height, row_height;

  gboolean               dragging;      /* the playhead ... */
  AsternMoment           dragged_to;    /* ... which is shown there */
  gboolean               panning;
  double                 pan_x;
};

/* Where the playhead is to be seen. */
AsternMoment timeline_area_shown     (AsternTimelineArea *area);
/* A row's top, scrolled; it may lie outside. */
double       timeline_area_row_top   (AsternTimelineArea *area, guint row);
/* The x of a moment in the widget. */
double       timeline_area_x         (AsternTimelineArea *area, guint64 icount);
const char  *timeline_area_row_title (AsternTimelineArea *area, const TimelineRow *row);

/* The single events of a lane, if those of all that is shown are known (*@known); *@first is the first that may be
 * seen.  NULL: there are none. */
const GArray *timeline_area_events   (AsternTimelineArea *area, guint lane, guint *first, gboolean *known);

/* timeline-draw.c */
void         timeline_area_measure   (AsternTimelineArea *area);
void         timeline_area_draw      (AsternTimelineArea *area, cairo_t *cr);

/* What is under the pointer. */
typedef struct
{
  AsternMoment moment;
  gboolean     snapped;      /* there is something at that very moment */
  char        *text;         /* (nullable) what; owned */
} TimelineTarget;
void         timeline_area_target    (AsternTimelineArea *area, double x, double y, TimelineTarget *target);

/* timeline-accessible.c */
GType        timeline_accessible_get_type (void);
void         timeline_accessible_changed  (AsternTimelineArea *area);
