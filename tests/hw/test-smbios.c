/* The SMBIOS structures, as a system walks them. */
#include "config.h"

#include "core/machine.h"
#include "hw/smbios.h"

#include <string.h>

#define RAM_SIZE (2u << 20)
#define ANCHOR   0xf0000
#define TABLES   0x1000

typedef struct
{
  AsternMachine *machine;
  const guint8  *anchor, *tables;
} Fixture;

static guint32
get (const guint8 *p, guint size)
{
  guint32 value = 0;

  while (size-- > 0)
    value = value << 8 | p[size];
  return value;
}

static guint8
sum (const guint8 *p, gsize n)
{
  guint8 total = 0;

  while (n-- > 0)
    total += *p++;
  return total;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  SmbiosOptions options = { .n_cpus = 3, .ram_bytes = G_GUINT64_CONSTANT (5) << 30 };
  g_autoptr (GBytes) anchor = NULL;
  g_autoptr (GBytes) tables = NULL;

  f->machine = astern_machine_new (RAM_SIZE, NULL);
  astern_bus_add_memory (f->machine->physical, 0,
                         astern_memory_add (f->machine->memory, "ram", RAM_SIZE, FALSE, NULL), 0);
  smbios_build (&options, &anchor, &tables);
  smbios_install (anchor, tables, f->machine->physical, ANCHOR, TABLES);
  f->anchor = astern_memory_host (f->machine->memory, ANCHOR);
  f->tables = astern_memory_host (f->machine->memory, TABLES);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
entry_point_is_well_formed (Fixture *f, gconstpointer data)
{
  g_assert_cmpmem (f->anchor, 4, "_SM_", 4);
  g_assert_cmpint (f->anchor[5], ==, 31);
  g_assert_cmphex (sum (f->anchor, 31), ==, 0);
  g_assert_cmpmem (f->anchor + 16, 5, "_DMI_", 5);
  g_assert_cmphex (sum (f->anchor + 16, 15), ==, 0);
  g_assert_cmphex (get (f->anchor + 24, 4), ==, TABLES);
}

/* Lengths that version 2.8 gives to the structures. */
static void
structures_can_be_walked_to_the_end (Fixture *f, gconstpointer data)
{
  static const guint8 lengths[] = { [0] = 0x18, [1] = 0x1b, [3] = 0x16, [4] = 0x2a, [16] = 0x17, [17] = 0x28,
                                    [19] = 0x1f, [32] = 0x0b, [127] = 4 };
  const guint8 *at = f->tables, *end = at + get (f->anchor + 22, 2);
  guint n = 0, cpus = 0, mapped = 0, last = 0, longest = 0;

  while (at < end)
    {
      const guint8 *start = at;

      g_assert_cmpint (at[0], <, sizeof lengths);
      g_assert_cmpint (at[1], ==, lengths[at[0]]);
      last = at[0];
      cpus += last == 4;
      mapped += last == 19;
      at += at[1];
      while (at[0] != 0 || at[1] != 0)
        at++;
      at += 2;
      longest = MAX (longest, (guint) (at - start));
      n++;
    }
  g_assert_true (at == end);
  g_assert_cmpint (last, ==, 127);
  g_assert_cmpint (n, ==, get (f->anchor + 28, 2));
  g_assert_cmpint (longest, ==, get (f->anchor + 8, 2));
  g_assert_cmpint (cpus, ==, 3);
  g_assert_cmpint (mapped, ==, 2);
}

static void
a_structure_of_the_users_is_the_only_one_of_its_type (Fixture *f, gconstpointer data)
{
  static const char mine[] = "\4\6\1\2\3\1Brain\0";       /* with the literal's own zero two at the end */
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  SmbiosOptions options = { .n_cpus = 3, .ram_bytes = RAM_SIZE, .files = files };
  g_autoptr (GBytes) anchor = NULL, tables = NULL, cut = g_bytes_new_static (mine, sizeof mine - 1), end = g_bytes_new_static ("\177\4\0\0\0", 6);
  const guint8 *bytes;

  g_ptr_array_add (files, g_bytes_new_static (mine, sizeof mine));
  g_assert_true (smbios_is_structure (g_ptr_array_index (files, 0)));
  g_assert_false (smbios_is_structure (cut));
  g_assert_false (smbios_is_structure (end));
  smbios_build (&options, &anchor, &tables);
  bytes = g_bytes_get_data (tables, NULL);
  g_assert_cmpmem (bytes, sizeof mine, mine, sizeof mine);
  for (gsize at = sizeof mine; bytes[at] != 127;)
    {
      g_assert_cmpint (bytes[at], !=, 4);
      for (at += bytes[at + 1]; bytes[at] != 0 || bytes[at + 1] != 0; at++)
        ;
      at += 2;
    }
}

#define ADD(name) g_test_add ("/hw/smbios/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (entry_point_is_well_formed);
  ADD (structures_can_be_walked_to_the_end);
  ADD (a_structure_of_the_users_is_the_only_one_of_its_type);
  return g_test_run ();
}
