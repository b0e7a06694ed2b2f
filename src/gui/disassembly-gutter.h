/* disassembly-gutter - the strip beside the code: breakpoints, the present instruction, jumps as arrows.
 *
 * A cell renderer whose picture is drawn and whose text is for those who are told of it by words alone.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/disassembly-lines.h"

typedef enum
{
  ASTERN_CODE_COLOUR_PRESENT,        /* behind the present instruction */
  ASTERN_CODE_COLOUR_PAST,           /* the same, in the past */
  ASTERN_CODE_COLOUR_POINT,          /* a breakpoint of the window's */
  ASTERN_CODE_COLOUR_OTHERS,         /* one of another client's */
  ASTERN_CODE_COLOUR_ARROW,
  ASTERN_CODE_COLOUR_ARROW_NOW,      /* of the instruction that is pointed at, or the present one */
  ASTERN_CODE_COLOUR_SYMBOL,
  ASTERN_CODE_COLOUR_ABSENT,
  ASTERN_CODE_COLOUR_HEAT,           /* behind what was executed */
  ASTERN_N_CODE_COLOURS
} AsternCodeColour;

/* What all rows' gutters are drawn from; the view's. */
typedef struct
{
  const GArray *lines;        /* AsternCodeLine */
  const GArray *arrows;       /* AsternArrow, laid out */
  gint          present;      /* row; -1: not there */
  gint          cursor;       /* likewise */
  gboolean      in_past;
  GdkRGBA       colours[ASTERN_N_CODE_COLOURS];
} AsternGutter;

#define ASTERN_TYPE_GUTTER_CELL (astern_gutter_cell_get_type ())
G_DECLARE_FINAL_TYPE (AsternGutterCell, astern_gutter_cell, ASTERN, GUTTER_CELL, GtkCellRendererText)

/* @gutter must outlive the cell's drawing. */
void     astern_gutter_cell_set_gutter (AsternGutterCell *cell, const AsternGutter *gutter);
/* The row that is drawn next. */
void     astern_gutter_cell_set_row    (AsternGutterCell *cell, guint row);
/* Its breakpoints and what it is, in words; free it. */
char    *astern_gutter_text            (const AsternGutter *gutter, guint row);
/* Pixels. */
int      astern_gutter_width           (guint lanes);
