/* memory-grid-accessible - a grid for those who do not see it: the visible rows as text, with caret and selection.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk-a11y.h>

#include "gui/memory-grid.h"

#define ASTERN_TYPE_MEMORY_GRID_ACCESSIBLE (astern_memory_grid_accessible_get_type ())
GType astern_memory_grid_accessible_get_type (void);

/* To be called when rows, or the caret, are others. */
void astern_memory_grid_accessible_changed (AsternMemoryGrid *grid);
void astern_memory_grid_accessible_moved   (AsternMemoryGrid *grid);
