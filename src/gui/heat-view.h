/* heat-view - physical memory as a grid of pages: which were read, written and executed from in a stretch of the past, found by
 * executing it again when the user asks for it.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_HEAT_VIEW (astern_heat_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternHeatView, astern_heat_view, ASTERN, HEAT_VIEW, AsternView)
