/* timeline-view - all of history, from power-on to the head, along the bottom of the window.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_TIMELINE_VIEW (astern_timeline_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternTimelineView, astern_timeline_view, ASTERN, TIMELINE_VIEW, AsternView)
