/* source-view - the pane of the source: the line where the program is, its breakpoints, its variables.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_SOURCE_VIEW (astern_source_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternSourceView, astern_source_view, ASTERN, SOURCE_VIEW, AsternView)
