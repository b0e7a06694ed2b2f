/* memory-grid-private - what the drawing and the input of a grid share.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/memory-grid.h"

struct _AsternMemoryGrid
{
  GtkDrawingArea     parent_instance;
  AsternMemoryLayout layout;
  guint              fixed_bytes_a_row;     /* 0: fit */
  guint64            highest;
  guint64            top;                   /* of the first row; a multiple of bytes_a_row */
  guint              n_rows;                /* that can be seen whole; at least 1 */
  double             char_width;
  int                row_height;
  double             scrolled;              /* of a smooth wheel: part of a row */

  guint64            cursor, anchor;        /* bytes; the selection is between them, both included */
  guint              digit;                 /* of the cursor's cell */
  gboolean           in_text;               /* the cursor is among the characters */
  gboolean           dragging;

  guint64            start;                 /* of the bytes that are known */
  GByteArray        *bytes, *known, *changed;
};

/* memory-grid-input.c */
void astern_memory_grid_add_input    (GtkWidgetClass *klass);
void astern_memory_grid_move_cursor  (AsternMemoryGrid *grid, guint64 address, gboolean extend);

/* memory-grid.c */
void astern_memory_grid_reveal       (AsternMemoryGrid *grid, guint64 address);
void astern_memory_grid_place_at     (AsternMemoryGrid *grid, double x, double y, guint64 *row, AsternMemoryPlace *place);
void astern_memory_grid_emit_typed   (AsternMemoryGrid *grid, guint64 address, guint8 mask, guint8 value);
void astern_memory_grid_emit_edit    (AsternMemoryGrid *grid);
void astern_memory_grid_selected     (AsternMemoryGrid *grid);
