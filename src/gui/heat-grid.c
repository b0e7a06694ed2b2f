/* heat-grid.c - see heat-grid.h. */
#include "config.h"

#include "gui/heat-grid.h"

#include <inttypes.h>
#include <math.h>

#include <glib/gi18n.h>

#define LARGEST  16
#define SMALLEST 4

GArray *
astern_heat_ranges (AsternMachine *machine)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (AsternHeatRange));
  AsternRoute route;

  for (guint64 at = 0;; at = route.end)
    {
      AsternHeatRange range;
      AsternHeatRange *last = ranges->len > 0 ? &g_array_index (ranges, AsternHeatRange, ranges->len - 1) : NULL;

      astern_bus_route (machine->physical, at, &route);
      range = (AsternHeatRange) { at & ~ASTERN_PAGE_MASK, (route.end + ASTERN_PAGE_MASK) & ~ASTERN_PAGE_MASK };
      if (route.read.kind != ASTERN_TARGET_MEMORY && route.write.kind != ASTERN_TARGET_MEMORY)
        ;
      else if (last != NULL && range.start <= last->end)
        last->end = MAX (last->end, range.end);
      else
        g_array_append_val (ranges, range);
      if (route.end <= at || route.end == G_MAXUINT64)
        return ranges;
    }
}

GArray *
astern_heat_used_ranges (const GArray *heat)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (AsternHeatRange));

  for (guint i = 0; i < heat->len; i++)
    {
      guint64 page = g_array_index (heat, AsternPageHeat, i).page;
      AsternHeatRange range = { page, page + ASTERN_PAGE_SIZE };
      AsternHeatRange *last = ranges->len > 0 ? &g_array_index (ranges, AsternHeatRange, ranges->len - 1) : NULL;

      if (last != NULL && last->end == page)
        last->end = range.end;
      else
        g_array_append_val (ranges, range);
    }
  return ranges;
}

AsternHeatGrid
astern_heat_grid (const GArray *ranges, guint width, guint height)
{
  AsternHeatGrid grid = { .cell = LARGEST, .pages_per_cell = 1 };
  guint64 cells;

  for (guint i = 0; i < ranges->len; i++)
    {
      const AsternHeatRange *range = &g_array_index (ranges, AsternHeatRange, i);

      grid.n_pages += (range->end - range->start) >> ASTERN_PAGE_BITS;
    }
  while (grid.cell > SMALLEST && (guint64) (width / grid.cell) * (height / grid.cell) < grid.n_pages)
    grid.cell--;
  grid.columns = MAX (width / grid.cell, 1);
  cells = (guint64) grid.columns * MAX (height / grid.cell, 1);
  while (cells * grid.pages_per_cell < grid.n_pages)
    grid.pages_per_cell *= 2;
  cells = (grid.n_pages + grid.pages_per_cell - 1) / grid.pages_per_cell;
  grid.rows = (guint) ((cells + grid.columns - 1) / grid.columns);
  return grid;
}

static guint64
n_cells (const AsternHeatGrid *grid)
{
  return (grid->n_pages + grid->pages_per_cell - 1) / grid->pages_per_cell;
}

gint64
astern_heat_cell_at (const AsternHeatGrid *grid, double x, double y)
{
  guint64 cell;

  if (x < 0 || y < 0 || x >= (double) grid->columns * grid->cell)
    return -1;
  cell = (guint64) (y / grid->cell) * grid->columns + (guint64) (x / grid->cell);
  return cell < n_cells (grid) ? (gint64) cell : -1;
}

guint64
astern_heat_cell_address (const AsternHeatGrid *grid, const GArray *ranges, guint64 cell)
{
  guint64 page = cell * grid->pages_per_cell;

  for (guint i = 0; i < ranges->len; i++)
    {
      const AsternHeatRange *range = &g_array_index (ranges, AsternHeatRange, i);
      guint64 pages = (range->end - range->start) >> ASTERN_PAGE_BITS;

      if (page < pages)
        return range->start + (page << ASTERN_PAGE_BITS);
      page -= pages;
    }
  return 0;
}

gint64
astern_heat_cell_of (const AsternHeatGrid *grid, const GArray *ranges, guint64 address)
{
  guint64 page = 0;

  for (guint i = 0; i < ranges->len; i++)
    {
      const AsternHeatRange *range = &g_array_index (ranges, AsternHeatRange, i);

      if (address >= range->start && address < range->end)
        return (gint64) ((page + ((address - range->start) >> ASTERN_PAGE_BITS)) / grid->pages_per_cell);
      page += (range->end - range->start) >> ASTERN_PAGE_BITS;
    }
  return -1;
}

AsternHeatSum *
astern_heat_sums (const AsternHeatGrid *grid, const GArray *ranges, const GArray *heat, AsternHeatSum *most)
{
  AsternHeatSum *sums = g_new0 (AsternHeatSum, n_cells (grid) + 1);

  *most = (AsternHeatSum) { 0 };
  for (guint i = 0; i < heat->len; i++)
    {
      const AsternPageHeat *page = &g_array_index (heat, AsternPageHeat, i);
      gint64 cell = astern_heat_cell_of (grid, ranges, page->page);

      if (cell < 0)
        continue;
      sums[cell].reads += page->reads;
      sums[cell].writes += page->writes;
      sums[cell].executions += page->executions;
      most->reads = MAX (most->reads, sums[cell].reads);
      most->writes = MAX (most->writes, sums[cell].writes);
      most->executions = MAX (most->executions, sums[cell].executions);
    }
  return sums;
}

double
astern_heat_degree (guint64 count, guint64 most)
{
  if (count == 0)
    return 0;
  return 0.3 + 0.7 * log1p ((double) count) / log1p ((double) MAX (most, count));
}

char *
astern_heat_text (guint64 address, guint64 pages, const AsternHeatSum *sum)
{
  g_autofree char *more = pages > 1 ? g_strdup_printf (_(", %" PRIu64 " pages"), pages) : g_strdup ("");

  return g_strdup_printf (_("%016" PRIx64 "%s: %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64
                            " executions"), address, more, sum->reads, sum->writes, sum->executions);
}
