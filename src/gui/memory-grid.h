/* memory-grid - rows of memory that can be seen, with a cursor and a selection; it scrolls over the whole of a space.
 *
 * It knows the bytes that it was given (set_bytes) and says which it wants (wanted); what was not given yet is blank.  Changing
 * bytes is its owner's: signal "typed".
 *
 * Its accessible object has the visible rows as text (memory-grid-accessible.h).
 *
 * Threads: the main thread.
 * Units:   addresses and sizes in bytes. */
#pragma once

#include <gtk/gtk.h>

#include "gui/memory-rows.h"

#define ASTERN_TYPE_MEMORY_GRID (astern_memory_grid_get_type ())
G_DECLARE_FINAL_TYPE (AsternMemoryGrid, astern_memory_grid, ASTERN, MEMORY_GRID, GtkDrawingArea)

/* @bytes_a_row 0: as many as there is room for. */
void     astern_memory_grid_set_format (AsternMemoryGrid *grid, AsternMemoryKind kind, guint unit, guint bytes_a_row);
/* The highest address there is. */
void     astern_memory_grid_set_highest (AsternMemoryGrid *grid, guint64 highest);
const AsternMemoryLayout *astern_memory_grid_layout (AsternMemoryGrid *grid);

/* Cursor and selection to @address, and its row to the top. */
void     astern_memory_grid_go         (AsternMemoryGrid *grid, guint64 address);
/* The row of @address to the top, or as near as can be. */
void     astern_memory_grid_scroll_to  (AsternMemoryGrid *grid, guint64 address);
void     astern_memory_grid_scroll     (AsternMemoryGrid *grid, gint64 rows);
/* Selects, and makes it visible. */
void     astern_memory_grid_select     (AsternMemoryGrid *grid, guint64 start, guint64 size);
void     astern_memory_grid_selection  (AsternMemoryGrid *grid, guint64 *start, guint64 *size);
guint64  astern_memory_grid_top        (AsternMemoryGrid *grid);
guint    astern_memory_grid_n_rows     (AsternMemoryGrid *grid);
/* Where @address's row would be at the top. */
guint64  astern_memory_grid_aligned    (AsternMemoryGrid *grid, guint64 address);

/* What it wants to know: the rows that can be seen, and some about them. */
void     astern_memory_grid_wanted     (AsternMemoryGrid *grid, guint64 *start, gsize *size);
/* @known, @changed: a byte each. */
void     astern_memory_grid_set_bytes  (AsternMemoryGrid *grid, guint64 start, gsize size, const guint8 *bytes, const guint8 *known,
                                        const guint8 *changed);
/* Of the bytes that it was given; FALSE: it has not got all of them. */
gboolean astern_memory_grid_get_bytes  (AsternMemoryGrid *grid, guint64 start, gsize size, guint8 *bytes);
void     astern_memory_grid_forget     (AsternMemoryGrid *grid);

/* The visible rows, a line each.  Free it. */
char    *astern_memory_grid_text       (AsternMemoryGrid *grid);
/* In that text: the cursor, the selection; in pixels of the widget: a character. */
gint     astern_memory_grid_caret      (AsternMemoryGrid *grid);
void     astern_memory_grid_place_caret (AsternMemoryGrid *grid, gint offset);
void     astern_memory_grid_extents    (AsternMemoryGrid *grid, gint offset, GdkRectangle *rectangle);

/* Signals:
 *   "scrolled"                      other bytes are wanted
 *   "selected"                      cursor or selection is another
 *   "typed" (address, mask, value)  the bits of @mask of one byte shall be those of @value
 *   "edit"                          the value at the cursor shall be asked for */
