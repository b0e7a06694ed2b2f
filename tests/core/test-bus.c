/* Tests of core/bus: the map, and accesses against a model that is an array of bytes. */
#include "config.h"

#include "core/bus.h"

#include <string.h>

#define PAGE ASTERN_PAGE_SIZE

/* A device of 64 bytes that stores what is written, and counts. */
typedef struct
{
  guint8  bytes[64];
  guint32 reads, writes;
} StoreState;

typedef struct
{
  AsternDevice parent;
  StoreState   s;
} Store;

static guint64
store_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  StoreState *s = astern_device_state (device);
  guint64 value = 0;

  g_assert_cmpuint (offset % size, ==, 0);
  for (guint i = size; i-- > 0;)
    value = value << 8 | s->bytes[offset + i];
  return value;
}

static guint64
store_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  StoreState *s = astern_device_state (device);

  g_assert_cmpuint (access->size, ==, size);
  s->reads++;
  return store_peek (device, offset, size, access);
}

static void
store_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  StoreState *s = astern_device_state (device);

  g_assert_cmpuint (offset % size, ==, 0);
  s->writes++;
  for (guint i = 0; i < size; i++)
    s->bytes[offset + i] = (guint8) (value >> 8 * i);
}

static const AsternWindow store_windows[] = {
  { .name = "store", .size = 64, .read = store_read, .write = store_write, .peek = store_peek },
  { .name = "store by words", .size = 64, .min_size = 2, .max_size = 4,
    .read = store_read, .write = store_write, .peek = store_peek },
};

static const AsternField store_fields[] = {
  ASTERN_FIELD_BYTES (StoreState, bytes, 1), ASTERN_FIELD (StoreState, reads, 1), ASTERN_FIELD (StoreState, writes, 1),
};

static const AsternDeviceClass store_class = {
  .name = "store", .summary = "64 bytes", .state_version = 1, .instance_size = sizeof (Store),
  .state_offset = G_STRUCT_OFFSET (Store, s), .state_size = sizeof (StoreState),
  .fields = store_fields, .n_fields = G_N_ELEMENTS (store_fields),
  .windows = store_windows, .n_windows = G_N_ELEMENTS (store_windows),
};

typedef struct
{
  AsternClock     clock;
  AsternMemory   *memory;
  AsternRamBlock *ram, *rom;
  AsternBus      *bus;
  Store          *store;
  guint           map_changes;
  AsternEvents    events;
} Fixture;

static void
map_changed (gpointer data)
{
  ((Fixture *) data)->map_changes++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->memory = astern_memory_new (64 * PAGE, NULL);
  f->ram = astern_memory_add (f->memory, "ram", 8 * PAGE, FALSE, NULL);
  f->rom = astern_memory_add (f->memory, "rom", 2 * PAGE, TRUE, NULL);
  f->bus = astern_bus_new ("test", f->memory);
  astern_bus_set_events (f->bus, &f->events);
  f->store = (Store *) astern_device_new (&store_class, "store0", NULL, &f->clock);
  astern_bus_add_map_listener (f->bus, map_changed, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_bus_free (f->bus);
  astern_device_free (&f->store->parent);
  astern_memory_free (f->memory);
  astern_clock_clear (&f->clock);
}

static guint64
bus_read (Fixture *f, guint64 address, guint size, AsternOrigin origin)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_READ, (guint8) origin, 0 };

  return astern_bus_read (f->bus, &access);
}

static void
bus_write (Fixture *f, guint64 address, guint size, guint64 value, AsternOrigin origin)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_WRITE, (guint8) origin, 0 };

  astern_bus_write (f->bus, &access, value);
}

static void
nothing_reads_all_ones_and_is_counted (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (bus_read (f, 0x1234, 1, ASTERN_ORIGIN_CPU), ==, 0xff);
  g_assert_cmphex (bus_read (f, 0x1234, 4, ASTERN_ORIGIN_CPU), ==, 0xffffffff);
  g_assert_cmphex (bus_read (f, 0x1234, 8, ASTERN_ORIGIN_CPU), ==, G_MAXUINT64);
  bus_write (f, 0x1234, 4, 1, ASTERN_ORIGIN_DMA);
  g_assert_cmpuint (f->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, 4);
  bus_read (f, 0x1234, 4, ASTERN_ORIGIN_DEBUGGER);
  g_assert_cmpuint (f->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, 4);
}

static void
memory_is_little_endian_at_any_size_and_alignment (Fixture *f, gconstpointer data)
{
  astern_bus_add_memory (f->bus, 0x10000, f->ram, 0);
  for (guint i = 0; i < 2 * PAGE; i++)
    f->memory->host[i] = (guint8) (i * 7);
  for (guint64 at = PAGE - 9; at < PAGE + 2; at++)
    for (guint size = 1; size <= 8; size++)
      {
        guint64 expected = 0;

        for (guint i = size; i-- > 0;)
          expected = expected << 8 | (guint8) ((at + i) * 7);
        g_assert_cmphex (bus_read (f, 0x10000 + at, size, ASTERN_ORIGIN_CPU), ==, expected);
      }
  bus_write (f, 0x10000 + PAGE - 3, 8, G_GUINT64_CONSTANT (0x8877665544332211), ASTERN_ORIGIN_CPU);
  for (guint i = 0; i < 8; i++)
    g_assert_cmphex (f->memory->host[PAGE - 3 + i], ==, 0x11 * (i + 1));
}

static void
only_the_debugger_writes_rom (Fixture *f, gconstpointer data)
{
  const guint8 bytes[] = { 1, 2, 3 };

  astern_bus_add_memory (f->bus, 0xf0000, f->rom, 0);
  bus_write (f, 0xf0000, 4, 0x12345678, ASTERN_ORIGIN_CPU);
  bus_write (f, 0xf0000, 4, 0x12345678, ASTERN_ORIGIN_DMA);
  astern_bus_write_bytes (f->bus, (AsternPaddr) { 0xf0000 }, bytes, sizeof bytes, ASTERN_ORIGIN_DMA);
  g_assert_cmphex (bus_read (f, 0xf0000, 4, ASTERN_ORIGIN_CPU), ==, 0);
  bus_write (f, 0xf0000, 1, 0xcc, ASTERN_ORIGIN_DEBUGGER);
  g_assert_cmphex (bus_read (f, 0xf0000, 4, ASTERN_ORIGIN_CPU), ==, 0xcc);
}

static void
the_debugger_peeks_at_devices_and_does_not_write_them (Fixture *f, gconstpointer data)
{
  guint8 bytes[4];

  astern_bus_add_device (f->bus, 0x3000, &f->store->parent, 0, 0);
  bus_write (f, 0x3004, 4, 0xcafe, ASTERN_ORIGIN_CPU);
  g_assert_cmphex (bus_read (f, 0x3004, 4, ASTERN_ORIGIN_DEBUGGER), ==, 0xcafe);
  astern_bus_read_bytes (f->bus, (AsternPaddr) { 0x3004 }, bytes, 4, ASTERN_ORIGIN_DEBUGGER);
  g_assert_cmphex (bytes[1], ==, 0xca);
  g_assert_cmpuint (f->store->s.reads, ==, 0);
  bus_write (f, 0x3004, 4, 1, ASTERN_ORIGIN_DEBUGGER);
  g_assert_cmpuint (f->store->s.writes, ==, 1);
  g_assert_cmphex (bus_read (f, 0x3004, 4, ASTERN_ORIGIN_CPU), ==, 0xcafe);
  g_assert_cmpuint (f->store->s.reads, ==, 1);
}

static void
accesses_are_split_and_widened_to_what_a_window_takes (Fixture *f, gconstpointer data)
{
  astern_bus_add_device (f->bus, 0x3000, &f->store->parent, 1, 0);
  bus_write (f, 0x3000, 8, G_GUINT64_CONSTANT (0x8877665544332211), ASTERN_ORIGIN_CPU);
  g_assert_cmpuint (f->store->s.writes, ==, 2);
  g_assert_cmphex (bus_read (f, 0x3000, 8, ASTERN_ORIGIN_CPU), ==, G_GUINT64_CONSTANT (0x8877665544332211));
  g_assert_cmpuint (f->store->s.reads, ==, 2);
  g_assert_cmphex (bus_read (f, 0x3003, 1, ASTERN_ORIGIN_CPU), ==, 0x44);
  g_assert_cmpuint (f->store->s.reads, ==, 3);
  bus_write (f, 0x3003, 1, 0xab, ASTERN_ORIGIN_CPU);
  g_assert_cmphex (bus_read (f, 0x3000, 4, ASTERN_ORIGIN_CPU), ==, 0xab332211);
}

static void
an_access_over_the_edge_of_a_range_is_shared_out (Fixture *f, gconstpointer data)
{
  astern_bus_add_memory (f->bus, 0, f->ram, 0);
  astern_bus_add_device (f->bus, 8 * PAGE, &f->store->parent, 0, 0);
  bus_write (f, 8 * PAGE - 2, 4, 0x44332211, ASTERN_ORIGIN_CPU);
  g_assert_cmphex (f->memory->host[8 * PAGE - 1], ==, 0x22);
  g_assert_cmphex (f->store->s.bytes[0], ==, 0x33);
  g_assert_cmphex (f->store->s.bytes[1], ==, 0x44);
  g_assert_cmphex (bus_read (f, 8 * PAGE - 2, 4, ASTERN_ORIGIN_CPU), ==, 0x44332211);
  f->store->s.bytes[63] = 0x77;
  g_assert_cmphex (bus_read (f, 8 * PAGE + 63, 2, ASTERN_ORIGIN_CPU), ==, 0xff77);
}

static void
a_higher_range_shadows_and_below_shows_through (Fixture *f, gconstpointer data)
{
  AsternRange pam = { .name = "pam", .start = 2 * PAGE, .size = PAGE, .shadows = 1, .enabled = TRUE,
                      .read = { .kind = ASTERN_TARGET_MEMORY, .block = f->rom, .offset = PAGE },
                      .write = { .kind = ASTERN_TARGET_BELOW } };
  AsternRange *handle;

  astern_bus_add_memory (f->bus, 0, f->ram, 0);
  handle = astern_bus_add (f->bus, &pam);
  f->memory->host[f->rom->start + PAGE + 5] = 0x5a;
  g_assert_cmphex (bus_read (f, 2 * PAGE + 5, 1, ASTERN_ORIGIN_CPU), ==, 0x5a);
  bus_write (f, 2 * PAGE + 5, 1, 0x11, ASTERN_ORIGIN_CPU);
  g_assert_cmphex (f->memory->host[2 * PAGE + 5], ==, 0x11);
  g_assert_cmphex (bus_read (f, 2 * PAGE + 5, 1, ASTERN_ORIGIN_CPU), ==, 0x5a);
  handle->enabled = FALSE;
  astern_bus_changed (f->bus);
  g_assert_cmphex (bus_read (f, 2 * PAGE + 5, 1, ASTERN_ORIGIN_CPU), ==, 0x11);
}

static void
listeners_hear_of_changes_that_show (Fixture *f, gconstpointer data)
{
  AsternRange *ram = astern_bus_add_memory (f->bus, 0, f->ram, 0);

  g_assert_cmpuint (f->map_changes, ==, 1);
  astern_bus_changed (f->bus);
  g_assert_cmpuint (f->map_changes, ==, 1);
  ram->start = PAGE;
  astern_bus_changed (f->bus);
  g_assert_cmpuint (f->map_changes, ==, 2);
  astern_bus_remove (f->bus, ram);
  g_assert_cmpuint (f->map_changes, ==, 3);
  g_assert_cmphex (bus_read (f, PAGE, 1, ASTERN_ORIGIN_CPU), ==, 0xff);
}

static void
a_route_tells_how_far_it_holds (Fixture *f, gconstpointer data)
{
  AsternRoute route;

  astern_bus_add_memory (f->bus, 2 * PAGE, f->ram, 0);
  astern_bus_route (f->bus, 3 * PAGE + 4, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_MEMORY);
  g_assert_cmpuint (route.read.offset, ==, PAGE + 4);
  g_assert_cmpuint (route.start, ==, 2 * PAGE);
  g_assert_cmpuint (route.end, ==, 10 * PAGE);
  astern_bus_route (f->bus, 5, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_NONE);
  g_assert_cmpuint (route.start, ==, 0);
  g_assert_cmpuint (route.end, ==, 2 * PAGE);
  astern_bus_route (f->bus, 10 * PAGE, &route);
  g_assert_cmpuint (route.start, ==, 10 * PAGE);
  g_assert_cmphex (route.end, ==, G_MAXUINT64);
}

static void
parts_of_memory_are_one_span_only_where_they_meet (Fixture *f, gconstpointer data)
{
  AsternTarget first = { .kind = ASTERN_TARGET_MEMORY, .block = f->ram };
  AsternTarget second = { .kind = ASTERN_TARGET_MEMORY, .block = f->ram, .offset = PAGE };
  AsternTarget fourth = { .kind = ASTERN_TARGET_MEMORY, .block = f->ram, .offset = 3 * PAGE };   /* as if there were a third */
  AsternRange ranges[] = { { "memory", 0, PAGE, first, first, 0, TRUE }, { "memory", PAGE, PAGE, second, second, 0, TRUE },
                           { "memory", 3 * PAGE, PAGE, fourth, fourth, 0, TRUE } };
  AsternRoute route;

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    astern_bus_add (f->bus, &ranges[i]);
  astern_bus_route (f->bus, 5, &route);
  g_assert_cmpuint (route.end, ==, 2 * PAGE);
  g_assert_cmphex (bus_read (f, 2 * PAGE, 1, ASTERN_ORIGIN_CPU), ==, 0xff);
}

/* The same name and an offset that goes on, in another block. */
static void
two_blocks_are_never_one_span (Fixture *f, gconstpointer data)
{
  AsternTarget ram = { .kind = ASTERN_TARGET_MEMORY, .block = f->ram };
  AsternTarget rom = { .kind = ASTERN_TARGET_MEMORY, .block = f->rom, .offset = PAGE };
  AsternRange low = { "memory", 0, PAGE, ram, ram, 0, TRUE }, high = { "memory", PAGE, PAGE, rom, rom, 0, TRUE };
  AsternRoute route;

  astern_bus_add (f->bus, &low);
  astern_bus_add (f->bus, &high);
  astern_bus_route (f->bus, PAGE + 1, &route);
  g_assert_true (route.read.block == f->rom);
  g_assert_cmpuint (route.start, ==, PAGE);
}

static void
note_write (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  g_assert_cmpuint ((ram & ASTERN_PAGE_MASK) + size, <=, PAGE);
  *(guint *) data += size;
}

static void
a_write_over_two_pages_is_told_for_each (Fixture *f, gconstpointer data)
{
  guint told = 0;

  astern_memory_add_write_listener (f->memory, ASTERN_PAGE_CODE, note_write, &told);
  astern_bus_add_memory (f->bus, 0, f->ram, 0);
  f->memory->flags[0] = f->memory->flags[1] = ASTERN_PAGE_CODE;
  bus_write (f, PAGE - 3, 8, 0, ASTERN_ORIGIN_CPU);
  g_assert_cmpuint (told, ==, 8);
  bus_write (f, 4, 4, 0, ASTERN_ORIGIN_CPU);
  g_assert_cmpuint (told, ==, 12);
}

static void
an_access_beyond_a_window_does_not_reach_its_functions (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (astern_device_read (&f->store->parent, 0, 62, 4, NULL), ==, 0xffffffff);
  g_assert_cmphex (astern_device_read (&f->store->parent, 0, G_MAXUINT64, 2, NULL), ==, 0xffff);
  astern_device_write (&f->store->parent, 0, 62, 4, 0, NULL);
  g_assert_cmpuint (f->store->s.reads + f->store->s.writes, ==, 0);
}

static void
undeclared_overlap_is_our_mistake (Fixture *f, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      astern_bus_add_memory (f->bus, 0, f->ram, 0);
      astern_bus_add_memory (f->bus, 7 * PAGE, f->rom, 0);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*rom*overlaps*ram*");
}

static void
count_span (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write,
            gpointer data)
{
  guint64 *last = data;

  g_assert_cmpuint (start, >=, *last);
  g_assert_cmpuint (end, >, start);
  *last = end;
}

/* --- against a model --------------------------------------------------------- */

#define SPACE 0x400

/* What one address of the model is: the ranges in the order in which they win. */
typedef struct
{
  AsternTargetKind read, write;
  AsternRamBlock  *read_block, *write_block;
  guint64          read_offset, write_offset;
} ModelByte;

static ModelByte
model_at (GPtrArray *ranges, guint64 address)
{
  ModelByte byte = { ASTERN_TARGET_BELOW, ASTERN_TARGET_BELOW, NULL, NULL, 0, 0 };

  for (gint level = 9; level >= 0; level--)
    for (guint i = ranges->len; i-- > 0;)
      {
        const AsternRange *r = g_ptr_array_index (ranges, i);

        if (!r->enabled || r->shadows != level || address < r->start || address >= r->start + r->size)
          continue;
        if (byte.read == ASTERN_TARGET_BELOW && r->read.kind != ASTERN_TARGET_BELOW)
          {
            byte.read = r->read.kind;
            byte.read_block = r->read.block;
            byte.read_offset = r->read.offset + address - r->start;
          }
        if (byte.write == ASTERN_TARGET_BELOW && r->write.kind != ASTERN_TARGET_BELOW)
          {
            byte.write = r->write.kind;
            byte.write_block = r->write.block;
            byte.write_offset = r->write.offset + address - r->start;
          }
      }
  return byte;
}

static guint8
model_read (Fixture *f, const ModelByte *byte)
{
  switch (byte->read)
    {
    case ASTERN_TARGET_MEMORY: return f->memory->host[byte->read_block->start + byte->read_offset];
    case ASTERN_TARGET_DEVICE: return f->store->s.bytes[byte->read_offset];
    default: return 0xff;
    }
}

static AsternTarget
random_target (Fixture *f, guint64 size, gboolean below)
{
  AsternTarget target = { .kind = (AsternTargetKind) g_test_rand_int_range (0, below ? 4 : 3) };

  if (target.kind == ASTERN_TARGET_DEVICE && size > 64)
    target.kind = ASTERN_TARGET_MEMORY;
  if (target.kind == ASTERN_TARGET_MEMORY)
    {
      target.block = g_test_rand_int_range (0, 3) ? f->ram : f->rom;
      target.offset = (guint64) g_test_rand_int_range (0, PAGE);
    }
  if (target.kind == ASTERN_TARGET_DEVICE)
    {
      target.device = &f->store->parent;
      target.offset = (guint64) g_test_rand_int_range (0, 65 - (gint) size);
    }
  return target;
}

static void
add_random_range (Fixture *f, GPtrArray *ranges)
{
  AsternRange range = { .name = "random", .enabled = g_test_rand_int_range (0, 4) != 0 };

  range.shadows = g_test_rand_int_range (1, 6);
  range.size = (guint64) g_test_rand_int_range (1, g_test_rand_int_range (0, 2) ? 64 : 300);
  range.start = (guint64) g_test_rand_int_range (0, SPACE - (gint) range.size);
  range.read = random_target (f, range.size, TRUE);
  range.write = random_target (f, range.size, TRUE);
  g_ptr_array_add (ranges, astern_bus_add (f->bus, &range));
}

static void
change_a_random_range (Fixture *f, GPtrArray *ranges)
{
  guint i = (guint) g_test_rand_int_range (0, (gint) ranges->len);
  AsternRange *range = g_ptr_array_index (ranges, i);

  if (g_test_rand_int_range (0, 3) == 0)
    {
      g_ptr_array_remove_index (ranges, i);
      astern_bus_remove (f->bus, range);
      return;
    }
  range->enabled = !range->enabled;
  range->start = (guint64) g_test_rand_int_range (0, SPACE - (gint) range->size);
  astern_bus_changed (f->bus);
}

static void
check_random_access (Fixture *f, GPtrArray *ranges)
{
  guint size = (guint) g_test_rand_int_range (1, 9);
  guint64 at = (guint64) g_test_rand_int_range (0, SPACE), expected = 0, value = (guint64) g_test_rand_int () * 0x100000001u;
  guint8 bytes[8];

  for (guint i = size; i-- > 0;)
    {
      ModelByte byte = model_at (ranges, at + i);

      expected = expected << 8 | model_read (f, &byte);
    }
  g_assert_cmphex (bus_read (f, at, size, ASTERN_ORIGIN_CPU), ==, expected);
  astern_bus_read_bytes (f->bus, (AsternPaddr) { at }, bytes, size, ASTERN_ORIGIN_DMA);
  for (guint i = 0; i < size; i++)
    g_assert_cmphex (bytes[i], ==, (guint8) (expected >> 8 * i));
  if (g_test_rand_int_range (0, 2))
    bus_write (f, at, size, value, ASTERN_ORIGIN_CPU);
  else
    {
      for (guint i = 0; i < 8; i++)
        bytes[i] = (guint8) (value >> 8 * i);
      astern_bus_write_bytes (f->bus, (AsternPaddr) { at }, bytes, size, ASTERN_ORIGIN_DMA);
    }
  for (guint i = 0; i < size; i++)
    {
      ModelByte byte = model_at (ranges, at + i);

      if (byte.write == ASTERN_TARGET_MEMORY && !byte.write_block->readonly)
        byte = (ModelByte) { byte.write, byte.write, byte.write_block, NULL, byte.write_offset, 0 };
      else if (byte.write == ASTERN_TARGET_DEVICE)
        byte.read = byte.write, byte.read_offset = byte.write_offset;
      else
        continue;
      /* Two bytes of one write may fall on one byte of the target: the later wins. */
      if (size == 1)
        g_assert_cmphex (model_read (f, &byte), ==, (guint8) value);
    }
}

static void
random_maps_answer_as_a_list_of_bytes_would (Fixture *f, gconstpointer data)
{
  for (guint map = 0; map < 60; map++)
    {
      g_autoptr (GPtrArray) ranges = g_ptr_array_new ();
      guint64 last = 0;

      for (guint i = 0; i < f->memory->size; i++)
        f->memory->host[i] = (guint8) g_test_rand_int ();
      for (guint i = 0; i < 12; i++)
        add_random_range (f, ranges);
      for (guint round = 0; round < 20; round++)
        {
          for (guint i = 0; i < 30; i++)
            check_random_access (f, ranges);
          for (guint64 at = 0; at < SPACE; at++)
            {
              ModelByte byte = model_at (ranges, at);

              g_assert_cmphex (bus_read (f, at, 1, ASTERN_ORIGIN_DEBUGGER), ==, model_read (f, &byte));
            }
          if (ranges->len > 0)
            change_a_random_range (f, ranges);
        }
      astern_bus_foreach (f->bus, count_span, &last);
      while (ranges->len > 0)
        astern_bus_remove (f->bus, g_ptr_array_steal_index (ranges, ranges->len - 1));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/bus/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (nothing_reads_all_ones_and_is_counted);
  ADD (memory_is_little_endian_at_any_size_and_alignment);
  ADD (only_the_debugger_writes_rom);
  ADD (the_debugger_peeks_at_devices_and_does_not_write_them);
  ADD (accesses_are_split_and_widened_to_what_a_window_takes);
  ADD (an_access_over_the_edge_of_a_range_is_shared_out);
  ADD (a_higher_range_shadows_and_below_shows_through);
  ADD (listeners_hear_of_changes_that_show);
  ADD (a_route_tells_how_far_it_holds);
  ADD (parts_of_memory_are_one_span_only_where_they_meet);
  ADD (two_blocks_are_never_one_span);
  ADD (a_write_over_two_pages_is_told_for_each);
  ADD (an_access_beyond_a_window_does_not_reach_its_functions);
  ADD (undeclared_overlap_is_our_mistake);
  ADD (random_maps_answer_as_a_list_of_bytes_would);
  return g_test_run ();
}
