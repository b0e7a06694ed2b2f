/* memory-view - memory, linear or physical: looked at, followed, changed, searched, watched.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_MEMORY_VIEW (astern_memory_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternMemoryView, astern_memory_view, ASTERN, MEMORY_VIEW, AsternView)
