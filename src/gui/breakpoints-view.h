/* breakpoints-view - the points of all clients, and a form for a new one.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_BREAKPOINTS_VIEW (astern_breakpoints_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternBreakpointsView, astern_breakpoints_view, ASTERN, BREAKPOINTS_VIEW, AsternView)
