/* memory-map.c - see memory-map.h. */
#include "config.h"

#include "gui/memory-map.h"

typedef struct
{
  GArray  *ranges;
  guint64  reached;
} Filling;

static AsternMapKind
kind_of (const AsternTarget *target)
{
  if (target->kind == ASTERN_TARGET_MEMORY)
    return target->block->readonly ? ASTERN_MAP_ROM : ASTERN_MAP_RAM;
  return target->kind == ASTERN_TARGET_DEVICE ? ASTERN_MAP_DEVICE : ASTERN_MAP_HOLE;
}

static const char *
name_of (const AsternTarget *target)
{
  if (target->kind == ASTERN_TARGET_MEMORY)
    return target->block->name;
  return target->kind == ASTERN_TARGET_DEVICE ? target->device->name : "";
}

static void
fill_hole (Filling *f, guint64 end)
{
  AsternMapRange hole = { .start = f->reached, .end = end, .kind = ASTERN_MAP_HOLE };

  if (f->reached < end)
    g_array_append_val (f->ranges, hole);
  f->reached = MAX (f->reached, end);
}

static void
add_range (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  Filling *f = data;
  AsternMapRange range = { .start = start, .end = end, .kind = kind_of (read), .offset = read->offset, .written = kind_of (write) };

  fill_hole (f, start);
  g_strlcpy (range.name, name != NULL ? name : "", sizeof range.name);
  g_strlcpy (range.what, name_of (read), sizeof range.what);
  g_strlcpy (range.writes, name_of (write), sizeof range.writes);
  range.differs = read->kind != write->kind || read->block != write->block || read->device != write->device;
  g_array_append_val (f->ranges, range);
  f->reached = end;
}

GArray *
astern_memory_map_new (AsternBus *bus, guint64 end)
{
  Filling f = { g_array_new (FALSE, FALSE, sizeof (AsternMapRange)), 0 };

  astern_bus_foreach (bus, add_range, &f);
  fill_hole (&f, end);
  return f.ranges;
}

gint *
astern_memory_map_edges (const GArray *map, gint width, gint least)
{
  gint *edges = g_new0 (gint, map->len + 1);
  double total = 0, done = 0;
  gint spare;

  if ((gint64) map->len * least > width)
    least = 0;
  spare = width - (gint) map->len * least;
  for (guint i = 0; i < map->len; i++)
    total += (double) (g_array_index (map, AsternMapRange, i).end - g_array_index (map, AsternMapRange, i).start);
  for (guint i = 0; i < map->len; i++)
    {
      done += (double) (g_array_index (map, AsternMapRange, i).end - g_array_index (map, AsternMapRange, i).start);
      edges[i + 1] = (gint) (i + 1) * least + (gint) (spare * (done / total));
    }
  return edges;
}

gint
astern_memory_map_at (const gint *edges, guint n, gint x)
{
  for (guint i = 0; i < n; i++)
    if (x >= edges[i] && x < edges[i + 1])
      return (gint) i;
  return -1;
}

char *
astern_memory_map_size_text (guint64 bytes)
{
  static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
  guint unit = 0;

  for (; bytes != 0 && bytes % 1024 == 0 && unit + 1 < G_N_ELEMENTS (units); unit++)
    bytes /= 1024;
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s", bytes, units[unit]);
}
