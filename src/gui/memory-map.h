/* memory-map - which ranges of a bus are answered by what, holes included; and where they go in a narrow strip.
 *
 * Threads: astern_memory_map_new() the machine's; the rest pure. */
#pragma once

#include "core/bus.h"

typedef enum
{
  ASTERN_MAP_HOLE,
  ASTERN_MAP_RAM,
  ASTERN_MAP_ROM,
  ASTERN_MAP_DEVICE,
} AsternMapKind;

typedef struct
{
  guint64       start, end;       /* [start, end) */
  AsternMapKind kind;             /* of what answers reads */
  guint64       offset;           /* in the block or window */
  gboolean      differs;          /* writes go elsewhere */
  AsternMapKind written;
  char          name[32];         /* the range's: "pci-hole", "ram-low" */
  char          what[32];         /* the block or device that answers reads; empty: nothing */
  char          writes[32];       /* the same of writes */
} AsternMapRange;

/* All of @bus from 0 to @end at least, without gaps: AsternMapRange. */
GArray *astern_memory_map_new    (AsternBus *bus, guint64 end);
/* The edges of @map's ranges in a strip of @width pixels: n + 1 of them, from 0 to @width.  Each range has
 * at least @least pixels, where there are so many; what is left is shared out by size.  Free them. */
gint   *astern_memory_map_edges  (const GArray *map, gint width, gint least);
/* Which range is at @x; -1: none. */
gint    astern_memory_map_at     (const gint *edges, guint n, gint x);
/* "640 KiB": free it. */
char   *astern_memory_map_size_text (guint64 bytes);
