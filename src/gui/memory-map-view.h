/* memory-map-view - which physical addresses, and which ports, are answered by what.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_MEMORY_MAP_VIEW (astern_memory_map_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternMemoryMapView, astern_memory_map_view, ASTERN, MEMORY_MAP_VIEW, AsternView)
