/* test-memory-map - what answers where, holes included, and the strip that it is drawn in. */
#include "config.h"

#include "gui/memory-map.h"

static AsternMemory *
new_memory (void)
{
  g_autoptr (GError) error = NULL;
  AsternMemory *memory = astern_memory_new (1 << 20, &error);

  g_assert_no_error (error);
  return memory;
}

static void
is (const GArray *map, guint i, guint64 start, guint64 end, AsternMapKind kind, const char *what)
{
  const AsternMapRange *range = &g_array_index (map, AsternMapRange, i);

  g_assert_cmpuint (i, <, map->len);
  g_assert_cmphex (range->start, ==, start);
  g_assert_cmphex (range->end, ==, end);
  g_assert_cmpint (range->kind, ==, kind);
  g_assert_cmpstr (range->what, ==, what);
}

static void
every_address_is_in_one_range (void)
{
  AsternMemory *memory = new_memory ();
  AsternBus *bus = astern_bus_new ("memory", memory);
  AsternRamBlock *ram = astern_memory_add (memory, "ram", 0x4000, FALSE, NULL), *rom = astern_memory_add (memory, "bios", 0x1000, TRUE, NULL);
  g_autoptr (GArray) map = NULL;

  astern_bus_add_memory (bus, 0x1000, ram, 0);
  astern_bus_add (bus, &(AsternRange) { .name = "pam", .start = 0x2000, .size = 0x1000, .shadows = 1, .enabled = TRUE,
                                        .read = { .kind = ASTERN_TARGET_MEMORY, .block = rom },
                                        .write = { .kind = ASTERN_TARGET_MEMORY, .block = ram, .offset = 0x1000 } });
  map = astern_memory_map_new (bus, 0x8000);
  g_assert_cmpuint (map->len, ==, 5);
  is (map, 0, 0, 0x1000, ASTERN_MAP_HOLE, "");
  is (map, 1, 0x1000, 0x2000, ASTERN_MAP_RAM, "ram");
  is (map, 2, 0x2000, 0x3000, ASTERN_MAP_ROM, "bios");
  g_assert_true (g_array_index (map, AsternMapRange, 2).differs);
  g_assert_cmpstr (g_array_index (map, AsternMapRange, 2).writes, ==, "ram");
  is (map, 3, 0x3000, 0x5000, ASTERN_MAP_RAM, "ram");
  g_assert_false (g_array_index (map, AsternMapRange, 3).differs);
  g_assert_cmphex (g_array_index (map, AsternMapRange, 3).offset, ==, 0x2000);
  is (map, 4, 0x5000, 0x8000, ASTERN_MAP_HOLE, "");
  astern_bus_free (bus);
  astern_memory_free (memory);
}

static GArray *
new_map (const guint64 *sizes, guint n)
{
  GArray *map = g_array_new (FALSE, FALSE, sizeof (AsternMapRange));
  guint64 at = 0;

  for (guint i = 0; i < n; i++)
    {
      AsternMapRange range = { .start = at, .end = at + sizes[i] };

      g_array_append_val (map, range);
      at += sizes[i];
    }
  return map;
}

static void
small_ranges_can_be_seen_beside_large_ones (void)
{
  const guint64 sizes[] = { 0x100000000, 0x1000, 0x100000000 };
  g_autoptr (GArray) map = new_map (sizes, G_N_ELEMENTS (sizes));
  g_autofree gint *edges = astern_memory_map_edges (map, 206, 2), *narrow = NULL;

  g_assert_cmpint (edges[0], ==, 0);
  g_assert_cmpint (edges[1], ==, 101);
  g_assert_cmpint (edges[2] - edges[1], >=, 2);
  g_assert_cmpint (edges[3], ==, 206);
  narrow = astern_memory_map_edges (map, 4, 2);      /* there are not so many pixels */
  g_assert_cmpint (narrow[3], ==, 4);
}

static void
a_pixel_leads_to_its_range (void)
{
  const gint edges[] = { 0, 10, 12, 20 };

  g_assert_cmpint (astern_memory_map_at (edges, 3, 0), ==, 0);
  g_assert_cmpint (astern_memory_map_at (edges, 3, 10), ==, 1);
  g_assert_cmpint (astern_memory_map_at (edges, 3, 19), ==, 2);
  g_assert_cmpint (astern_memory_map_at (edges, 3, 20), ==, -1);
  g_assert_cmpint (astern_memory_map_at (edges, 3, -1), ==, -1);
}

static void
sizes_are_told_in_the_largest_unit_that_is_whole (void)
{
  static const struct { guint64 bytes; const char *text; } rows[] = {
    { 0, "0 B" }, { 1, "1 B" }, { 0x1000, "4 KiB" }, { 655360, "640 KiB" }, { 0x40000000, "1 GiB" }, { 0x40001000, "1048580 KiB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = astern_memory_map_size_text (rows[i].bytes);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

#define ADD(name) g_test_add_func ("/gui/memory-map/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (every_address_is_in_one_range);
  ADD (small_ranges_can_be_seen_beside_large_ones);
  ADD (a_pixel_leads_to_its_range);
  ADD (sizes_are_told_in_the_largest_unit_that_is_whole);
  return g_test_run ();
}
