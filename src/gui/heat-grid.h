/* heat-grid - how pages of memory lie in a grid of cells: as large as fit, several pages to a cell where there are many.
 *
 * Threads: plain values, any.
 * Units:   pixels; physical addresses; pages of 4 KiB. */
#pragma once

#include "core/debugger-trace.h"

/* [start, end) that is memory; holes take no room. */
typedef struct { guint64 start, end; } AsternHeatRange;

typedef struct
{
  guint   cell;              /* width and height */
  guint   columns, rows;
  guint64 pages_per_cell;
  guint64 n_pages;
} AsternHeatGrid;

/* What a cell's pages have in sum. */
typedef struct { guint64 reads, writes, executions; } AsternHeatSum;

GArray        *astern_heat_ranges (AsternMachine *machine);      /* AsternHeatRange; the machine's thread */
/* The pages of @heat (AsternPageHeat) alone. */
GArray        *astern_heat_used_ranges (const GArray *heat);
AsternHeatGrid astern_heat_grid   (const GArray *ranges, guint width, guint height);
/* The cell at a place, or -1. */
gint64         astern_heat_cell_at (const AsternHeatGrid *grid, double x, double y);
/* The first page's address of a cell. */
guint64        astern_heat_cell_address (const AsternHeatGrid *grid, const GArray *ranges, guint64 cell);
/* The cell in which @address lies, or -1. */
gint64         astern_heat_cell_of (const AsternHeatGrid *grid, const GArray *ranges, guint64 address);
/* Sums of all cells.  @heat: AsternPageHeat. */
AsternHeatSum *astern_heat_sums   (const AsternHeatGrid *grid, const GArray *ranges, const GArray *heat, AsternHeatSum *most);
/* 0 to 1, by the logarithm; what is not 0 can be seen. */
double         astern_heat_degree (guint64 count, guint64 most);
/* "0000000000001000, 4 pages: 12 reads, 3 writes, 0 executions".  Free it. */
char          *astern_heat_text   (guint64 address, guint64 pages, const AsternHeatSum *sum);
