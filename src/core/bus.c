/* bus.c - the address map, see bus.h.
 *
 * The ranges that owners add are kept as they are; the map that accesses use is
 * made of them: an array of spans, sorted, none overlapping, each with its
 * final targets.  A change makes the whole array anew (a machine has some tens
 * of ranges), and only a change that shows in it reaches the listeners. */
#include "config.h"

#include "core/bus.h"

#include <string.h>

typedef struct
{
  guint64      start, end;
  const char  *name;           /* of the range that answers reads */
  AsternTarget read, write;    /* offsets are those of `start`; never BELOW */
} Span;

typedef struct
{
  AsternMemoryMapFunc changed;
  gpointer            listener;
} MapListener;

struct _AsternBus
{
  char         *name;
  AsternMemory *memory;
  AsternEvents *events;        /* (nullable) */
  GPtrArray    *ranges;        /* AsternRange, owned, in order of addition */
  GArray       *spans;         /* Span */
  guint         last;          /* the span found last; only makes finding quicker */
  GArray       *listeners;     /* MapListener */
  AsternDmaFunc dma;           /* (nullable) */
  gpointer      dma_watcher;
};

void
astern_bus_watch_dma (AsternBus *bus, AsternDmaFunc dma, gpointer watcher)
{
  bus->dma = dma;
  bus->dma_watcher = watcher;
}

static inline void
tell_dma (AsternBus *bus, guint origin, AsternAccessKind kind, guint64 physical, guint64 size)
{
  if (G_UNLIKELY (bus->dma != NULL) && origin == ASTERN_ORIGIN_DMA)
    bus->dma (bus->dma_watcher, kind, physical, size);
}

static inline guint64
ones (guint size)
{
  return size >= 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << 8 * size) - 1;
}

static guint64
range_end (const AsternRange *range)
{
  return range->start + range->size < range->start ? G_MAXUINT64 : range->start + range->size;
}

static inline gboolean
is_active (const AsternRange *range)
{
  return range->enabled && range->size != 0;
}

/* --- making the map ------------------------------------------------------- */

/* What answers at @at: the highest range there that does not say "below"; of
 * equally high ones that which was added last.  @ranges: lowest first. */
static AsternTarget
resolve (GPtrArray *ranges, guint64 at, gboolean write, const char **name)
{
  for (guint i = ranges->len; i-- > 0;)
    {
      const AsternRange *range = g_ptr_array_index (ranges, i);
      AsternTarget target = write ? range->write : range->read;

      if (at < range->start || at >= range_end (range) || target.kind == ASTERN_TARGET_BELOW)
        continue;
      target.offset += at - range->start;
      *name = range->name;
      return target;
    }
  return (AsternTarget) { .kind = ASTERN_TARGET_NONE };
}

/* Whether @b is what @a is @distance bytes further. */
static gboolean
continues (const AsternTarget *a, const AsternTarget *b, guint64 distance)
{
  if (a->kind != b->kind)
    return FALSE;
  switch (a->kind)
    {
    case ASTERN_TARGET_MEMORY:
      return a->block == b->block && a->offset + distance == b->offset;
    case ASTERN_TARGET_DEVICE:
      return a->device == b->device && a->window == b->window && a->offset + distance == b->offset;
    default:
      return TRUE;
    }
}

static gboolean
spans_equal (const Span *a, const Span *b)
{
  return a->start == b->start && a->end == b->end && a->name == b->name
         && continues (&a->read, &b->read, 0) && continues (&a->write, &b->write, 0);
}

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

/* The enabled ranges, lower ones first, else in order of addition. */
static GPtrArray *
active_ranges (AsternBus *bus)
{
  GPtrArray *active = g_ptr_array_new ();

  for (guint i = 0; i < bus->ranges->len; i++)
    {
      AsternRange *range = g_ptr_array_index (bus->ranges, i);
      guint at = active->len;

      if (!is_active (range))
        continue;
      while (at > 0 && ((AsternRange *) g_ptr_array_index (active, at - 1))->shadows > range->shadows)
        at--;
      g_ptr_array_insert (active, (gint) at, range);
    }
  return active;
}

static GArray *
make_spans (AsternBus *bus)
{
  g_autoptr (GPtrArray) active = active_ranges (bus);
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (guint64));
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (Span));

  for (guint i = 0; i < active->len; i++)
    {
      const AsternRange *range = g_ptr_array_index (active, i);
      guint64 end = range_end (range);

      g_array_append_val (edges, range->start);
      g_array_append_val (edges, end);
    }
  g_array_sort (edges, compare_addresses);
  for (guint i = 0; i + 1 < edges->len; i++)
    {
      Span span = { .start = g_array_index (edges, guint64, i), .end = g_array_index (edges, guint64, i + 1) };
      Span *last = spans->len > 0 ? &g_array_index (spans, Span, spans->len - 1) : NULL;
      const char *write_name = NULL;

      if (span.start == span.end)
        continue;
      span.read = resolve (active, span.start, FALSE, &span.name);
      span.write = resolve (active, span.start, TRUE, &write_name);
      if (span.name == NULL && write_name == NULL)
        continue;
      if (span.name == NULL)
        span.name = write_name;
      if (last != NULL && last->end == span.start && last->name == span.name
          && continues (&last->read, &span.read, span.start - last->start)
          && continues (&last->write, &span.write, span.start - last->start))
        last->end = span.end;
      else
        g_array_append_val (spans, span);
    }
  return spans;
}

void
astern_bus_changed (AsternBus *bus)
{
  GArray *spans = make_spans (bus);
  gboolean same = spans->len == bus->spans->len;

  for (guint i = 0; same && i < spans->len; i++)
    same = spans_equal (&g_array_index (spans, Span, i), &g_array_index (bus->spans, Span, i));
  g_array_unref (bus->spans);
  bus->spans = spans;
  bus->last = 0;
  if (!same)
    for (guint i = 0; i < bus->listeners->len; i++)
      {
        const MapListener *listener = &g_array_index (bus->listeners, MapListener, i);

        listener->changed (listener->listener);
      }
}

AsternBus *
astern_bus_new (const char *name, AsternMemory *memory)
{
  AsternBus *bus = g_new0 (AsternBus, 1);

  bus->name = g_strdup (name);
  bus->memory = memory;
  bus->ranges = g_ptr_array_new_with_free_func (g_free);
  bus->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  bus->listeners = g_array_new (FALSE, FALSE, sizeof (MapListener));
  return bus;
}

void
astern_bus_free (AsternBus *bus)
{
  g_ptr_array_unref (bus->ranges);
  g_array_unref (bus->spans);
  g_array_unref (bus->listeners);
  g_free (bus->name);
  g_free (bus);
}

void
astern_bus_set_events (AsternBus *bus, AsternEvents *events)
{
  bus->events = events;
}

static void
check_overlap (AsternBus *bus, const AsternRange *added)
{
  for (guint i = 0; i < bus->ranges->len; i++)
    {
      const AsternRange *range = g_ptr_array_index (bus->ranges, i);

      if (is_active (range) && is_active (added) && range->shadows == 0 && added->shadows == 0
          && range->start < range_end (added) && added->start < range_end (range))
        g_error ("Bus “%s”: “%s” overlaps “%s”", bus->name, added->name, range->name);
    }
}

AsternRange *
astern_bus_add (AsternBus *bus, const AsternRange *range)
{
  AsternRange *added = g_memdup2 (range, sizeof *range);

  check_overlap (bus, added);
  g_ptr_array_add (bus->ranges, added);
  astern_bus_changed (bus);
  return added;
}

AsternRange *
astern_bus_add_device (AsternBus *bus, guint64 start, AsternDevice *device, guint window, gint shadows)
{
  AsternTarget target = { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = window };
  AsternRange range = { device->klass->windows[window].name, start, device->klass->windows[window].size,
                        target, target, shadows, TRUE };

  return astern_bus_add (bus, &range);
}

AsternRange *
astern_bus_add_memory (AsternBus *bus, guint64 start, AsternRamBlock *block, gint shadows)
{
  AsternTarget target = { .kind = ASTERN_TARGET_MEMORY, .block = block };
  AsternRange range = { block->name, start, block->size, target, target, shadows, TRUE };

  return astern_bus_add (bus, &range);
}

void
astern_bus_remove (AsternBus *bus, AsternRange *range)
{
  g_ptr_array_remove (bus->ranges, range);
  astern_bus_changed (bus);
}

void
astern_bus_add_map_listener (AsternBus *bus, AsternMemoryMapFunc changed, gpointer listener)
{
  MapListener added = { changed, listener };

  g_array_append_val (bus->listeners, added);
}

/* --- finding --------------------------------------------------------------- */

/* The first span that ends after @address; spans->len when there is none. */
static guint
find_index (AsternBus *bus, guint64 address)
{
  guint low = 0, high = bus->spans->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (bus->spans, Span, middle).end <= address)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* NULL: nothing is mapped there. */
static inline const Span *
find_span (AsternBus *bus, guint64 address)
{
  const Span *span;

  if (bus->last < bus->spans->len)
    {
      span = &g_array_index (bus->spans, Span, bus->last);
      if (address >= span->start && address < span->end)
        return span;
    }
  bus->last = find_index (bus, address);
  if (bus->last == bus->spans->len)
    return NULL;
  span = &g_array_index (bus->spans, Span, bus->last);
  return address >= span->start ? span : NULL;
}

void
astern_bus_route (AsternBus *bus, guint64 address, AsternRoute *route)
{
  const Span *span = find_span (bus, address);
  guint next;

  if (span != NULL)
    {
      *route = (AsternRoute) { span->read, span->write, span->start, span->end };
      route->read.offset += address - span->start;
      route->write.offset += address - span->start;
      return;
    }
  next = find_index (bus, address);
  *route = (AsternRoute) { .start = 0, .end = G_MAXUINT64 };
  if (next > 0)
    route->start = g_array_index (bus->spans, Span, next - 1).end;
  if (next < bus->spans->len)
    route->end = g_array_index (bus->spans, Span, next).start;
}

/* --- accesses --------------------------------------------------------------- */

static inline guint64
load_little (const guint8 *p, guint size)
{
  guint64 value = 0;

  switch (size)
    {
    case 1: return *p;
    case 2: { guint16 v; memcpy (&v, p, 2); return GUINT16_FROM_LE (v); }
    case 4: { guint32 v; memcpy (&v, p, 4); return GUINT32_FROM_LE (v); }
    case 8: { guint64 v; memcpy (&v, p, 8); return GUINT64_FROM_LE (v); }
    default:
      for (guint i = size; i-- > 0;)
        value = value << 8 | p[i];
      return value;
    }
}

static inline void
store_little (guint8 *p, guint size, guint64 value)
{
  switch (size)
    {
    case 1: *p = (guint8) value; break;
    case 2: { guint16 v = GUINT16_TO_LE ((guint16) value); memcpy (p, &v, 2); break; }
    case 4: { guint32 v = GUINT32_TO_LE ((guint32) value); memcpy (p, &v, 4); break; }
    case 8: { guint64 v = GUINT64_TO_LE (value); memcpy (p, &v, 8); break; }
    default:
      for (guint i = 0; i < size; i++, value >>= 8)
        p[i] = (guint8) value;
      break;
    }
}

/* An access that lies in one span or in none. */
typedef struct
{
  AsternAccess access;
  const Span  *span;      /* (nullable) */
} Piece;

/* The largest start of @access that one target answers: 1, 2, 4 or 8 bytes, all
 * of it if memory answers. */
static Piece
first_piece (AsternBus *bus, const AsternAccess *access, gboolean write)
{
  Piece piece = { *access, find_span (bus, access->address.p) };
  guint64 room = G_MAXUINT64;
  guint size = 8;

  if (piece.span != NULL)
    room = piece.span->end - access->address.p;
  if (piece.span != NULL && room >= access->size
      && (write ? piece.span->write : piece.span->read).kind == ASTERN_TARGET_MEMORY)
    return piece;
  if (piece.span == NULL)
    {
      guint next = find_index (bus, access->address.p);

      if (next < bus->spans->len)
        room = g_array_index (bus->spans, Span, next).start - access->address.p;
    }
  while (size > access->size || size > room)
    size /= 2;
  piece.access.size = (guint8) size;
  return piece;
}

static void
note_unmapped (AsternBus *bus, const AsternAccess *access, const char *what)
{
  if (bus->events != NULL && access->origin != ASTERN_ORIGIN_DEBUGGER)
    astern_events_log (bus->events, ASTERN_EVENT_GUEST_ERRORS,
                       "%s: %s of %u bytes at 0x%" G_GINT64_MODIFIER "x, where nothing is",
                       bus->name, what, access->size, access->address.p);
}

static guint64
read_piece (AsternBus *bus, const Piece *piece)
{
  const AsternAccess *access = &piece->access;
  const AsternTarget *target = piece->span != NULL ? &piece->span->read : NULL;
  guint64 offset;

  if (target == NULL || target->kind == ASTERN_TARGET_NONE)
    {
      note_unmapped (bus, access, "read");
      return ones (access->size);
    }
  offset = target->offset + (access->address.p - piece->span->start);
  if (target->kind == ASTERN_TARGET_MEMORY)
    return load_little (astern_memory_host (bus->memory, target->block->start + offset), access->size);
  return astern_device_read (target->device, target->window, offset, access->size, access);
}

static void
write_memory (AsternBus *bus, const AsternRamBlock *block, guint64 offset, guint64 value, guint size,
              AsternOrigin origin)
{
  guint64 ram = block->start + offset;
  guint8 bytes[8];

  if (block->readonly && origin != ASTERN_ORIGIN_DEBUGGER)
    return;
  if ((ram & ASTERN_PAGE_MASK) + size <= ASTERN_PAGE_SIZE)
    {
      astern_memory_before_write (bus->memory, ram, size);
      store_little (astern_memory_host (bus->memory, ram), size, value);
    }
  else
    {
      store_little (bytes, size, value);
      astern_memory_write (bus->memory, ram, bytes, size);
    }
}

static void
write_piece (AsternBus *bus, const Piece *piece, guint64 value)
{
  const AsternAccess *access = &piece->access;
  const AsternTarget *target = piece->span != NULL ? &piece->span->write : NULL;
  guint64 offset;

  if (target == NULL || target->kind == ASTERN_TARGET_NONE)
    {
      note_unmapped (bus, access, "write");
      return;
    }
  offset = target->offset + (access->address.p - piece->span->start);
  if (target->kind == ASTERN_TARGET_MEMORY)
    write_memory (bus, target->block, offset, value, access->size, access->origin);
  else
    astern_device_write (target->device, target->window, offset, access->size, value & ones (access->size), access);
}

guint64
astern_bus_read (AsternBus *bus, const AsternAccess *access)
{
  AsternAccess rest = *access;
  guint64 value = 0;
  guint shift = 0;

  tell_dma (bus, access->origin, ASTERN_ACCESS_READ, access->address.p, access->size);
  while (rest.size > 0)
    {
      Piece piece = first_piece (bus, &rest, FALSE);

      value |= (read_piece (bus, &piece) & ones (piece.access.size)) << shift;
      shift += 8u * piece.access.size;
      rest.address.p += piece.access.size;
      rest.size -= piece.access.size;
    }
  return value;
}

void
astern_bus_write (AsternBus *bus, const AsternAccess *access, guint64 value)
{
  AsternAccess rest = *access;

  tell_dma (bus, access->origin, ASTERN_ACCESS_WRITE, access->address.p, access->size);
  while (rest.size > 0)
    {
      Piece piece = first_piece (bus, &rest, TRUE);

      write_piece (bus, &piece, value);
      if (piece.access.size < 8)
        value >>= 8u * piece.access.size;
      rest.address.p += piece.access.size;
      rest.size -= piece.access.size;
    }
}

/* Bytes from @address on, @size at most, where nothing is: gone through at once, as a guest may have gigabytes of them moved. */
static gsize
in_hole (AsternBus *bus, guint64 address, gsize size)
{
  AsternRoute route;

  astern_bus_route (bus, address, &route);
  return (gsize) CLAMP (route.end - address, 1, size);
}

void
astern_bus_read_bytes (AsternBus *bus, AsternPaddr from, gpointer data, gsize size, AsternOrigin origin)
{
  guint8 *to = data;

  while (size > 0)
    {
      const Span *span = find_span (bus, from.p);
      gsize chunk = 1;

      if (span != NULL && span->read.kind == ASTERN_TARGET_MEMORY)
        {
          guint64 ram = span->read.block->start + span->read.offset + (from.p - span->start);

          chunk = (gsize) MIN (size, span->end - from.p);
          tell_dma (bus, origin, ASTERN_ACCESS_READ, from.p, chunk);
          memcpy (to, astern_memory_host (bus->memory, ram), chunk);
        }
      else
        {
          AsternAccess access = { from, 1, ASTERN_ACCESS_READ, (guint8) origin, 0 };

          *to = (guint8) astern_bus_read (bus, &access);
          if (span == NULL)
            {
              chunk = in_hole (bus, from.p, size);
              memset (to, *to, chunk);
            }
        }
      from.p += chunk;
      to += chunk;
      size -= chunk;
    }
}

void
astern_bus_write_bytes (AsternBus *bus, AsternPaddr to, gconstpointer data, gsize size, AsternOrigin origin)
{
  const guint8 *from = data;

  while (size > 0)
    {
      const Span *span = find_span (bus, to.p);
      gsize chunk = 1;

      if (span != NULL && span->write.kind == ASTERN_TARGET_MEMORY)
        {
          const AsternRamBlock *block = span->write.block;

          chunk = (gsize) MIN (size, span->end - to.p);
          tell_dma (bus, origin, ASTERN_ACCESS_WRITE, to.p, chunk);
          if (!block->readonly || origin == ASTERN_ORIGIN_DEBUGGER)
            astern_memory_write (bus->memory, block->start + span->write.offset + (to.p - span->start), from, chunk);
        }
      else
        {
          AsternAccess access = { to, 1, ASTERN_ACCESS_WRITE, (guint8) origin, 0 };

          astern_bus_write (bus, &access, *from);
          if (span == NULL)
            chunk = in_hole (bus, to.p, size);
        }
      to.p += chunk;
      from += chunk;
      size -= chunk;
    }
}

void
astern_bus_foreach (AsternBus *bus, void (*visit) (guint64 start, guint64 end, const char *name,
                                                   const AsternTarget *read, const AsternTarget *write,
                                                   gpointer data), gpointer data)
{
  for (guint i = 0; i < bus->spans->len; i++)
    {
      const Span *span = &g_array_index (bus->spans, Span, i);

      visit (span->start, span->end, span->name, &span->read, &span->write, data);
    }
}
