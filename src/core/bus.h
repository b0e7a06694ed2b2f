/* bus - which device or memory answers at an address.
 *
 * A flat sorted array of ranges that do not overlap, rebuilt when the map
 * changes and searched by bisection.  The 16-bit port space is a bus too.
 * Overlap is an error unless the later range says `shadows` (PAM, the VGA
 * window); a disabled range is as if it were not there.
 *
 * The bus splits or widens accesses to what a window takes.  Unmapped reads
 * give all ones, unmapped writes are dropped; both are guest events.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"
#include "core/events.h"
#include "core/memory.h"

typedef struct _AsternBus AsternBus;

/* What answers reads, or writes, of a range. */
typedef enum
{
  ASTERN_TARGET_NONE,      /* nothing: all ones, dropped */
  ASTERN_TARGET_MEMORY,    /* a RAM block */
  ASTERN_TARGET_DEVICE,    /* a device's window */
  ASTERN_TARGET_BELOW,     /* what the map has without this range (only with shadows) */
} AsternTargetKind;

typedef struct
{
  AsternTargetKind kind;
  AsternRamBlock  *block;      /* MEMORY */
  guint64          offset;     /* MEMORY: of the range's first byte in the block; DEVICE: in the window */
  AsternDevice    *device;     /* DEVICE */
  guint            window;
} AsternTarget;

typedef struct
{
  const char   *name;
  guint64       start, size;   /* bytes */
  AsternTarget  read, write;   /* fetches go where reads go */
  gint          shadows;       /* 0: must not overlap; higher ones lie over lower ones */
  gboolean      enabled;
} AsternRange;

/* Where one address leads, and how far that holds. */
typedef struct
{
  AsternTarget read, write;    /* offsets already advanced to the address asked for; kind never BELOW */
  guint64      start, end;     /* [start, end) around the address with the same targets */
} AsternRoute;

AsternBus     *astern_bus_new        (const char *name, AsternMemory *memory);
void           astern_bus_free       (AsternBus *bus);
/* Where accesses to nothing are counted and logged; nowhere unless told. */
void           astern_bus_set_events (AsternBus *bus, AsternEvents *events);

/* The bus keeps a copy (but not of the name) and returns its handle, by which it
 * can be changed.  Overlap that is not declared is our mistake: an assertion.
 * What the guest moves about (a PCI base address) must declare it; of equal
 * `shadows` the range added last wins. */
AsternRange   *astern_bus_add        (AsternBus *bus, const AsternRange *range);
/* A window of a device at @start. */
AsternRange   *astern_bus_add_device (AsternBus *bus, guint64 start, AsternDevice *device, guint window, gint shadows);
/* A whole block of memory at @start. */
AsternRange   *astern_bus_add_memory (AsternBus *bus, guint64 start, AsternRamBlock *block, gint shadows);
void           astern_bus_remove     (AsternBus *bus, AsternRange *range);
/* After the fields of some handles were changed.  Map listeners hear of it if the
 * map is another one than before. */
void           astern_bus_changed    (AsternBus *bus);
void           astern_bus_add_map_listener (AsternBus *bus, AsternMemoryMapFunc changed, gpointer listener);

/* Told before DMA reads or writes memory at [physical, physical + size). */
typedef void (*AsternDmaFunc) (gpointer watcher, AsternAccessKind kind, guint64 physical, guint64 size);
/* One at a time; @dma NULL: nobody. */
void           astern_bus_watch_dma  (AsternBus *bus, AsternDmaFunc dma, gpointer watcher);

void           astern_bus_route      (AsternBus *bus, guint64 address, AsternRoute *route);

/* Any size 1..8, any alignment; MEMORY targets included.  ORIGIN_DEBUGGER peeks; it
 * may write ROM, and its writes to devices are dropped. */
guint64        astern_bus_read       (AsternBus *bus, const AsternAccess *access);
void           astern_bus_write      (AsternBus *bus, const AsternAccess *access, guint64 value);

/* Block copies for DMA and the debugger; what is not memory is read or written bytewise. */
void           astern_bus_read_bytes  (AsternBus *bus, AsternPaddr from, gpointer data, gsize size, AsternOrigin origin);
void           astern_bus_write_bytes (AsternBus *bus, AsternPaddr to, gconstpointer data, gsize size, AsternOrigin origin);

/* For `info mtree` and tests: the ranges as they now lie. */
void           astern_bus_foreach    (AsternBus *bus, void (*visit) (guint64 start, guint64 end, const char *name,
                                                                     const AsternTarget *read, const AsternTarget *write,
                                                                     gpointer data), gpointer data);
