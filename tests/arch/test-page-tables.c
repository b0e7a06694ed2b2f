/* test-page-tables - all that some tables map. */
#include "config.h"

#include <string.h>

#include "arch/x86/page-tables.h"

#define ALL (X86_PTE_P | X86_PTE_W | X86_PTE_U)

typedef struct
{
  guint64   memory[8 * 512];     /* eight pages */
  X86State  state;
  X86Walker walker;
  GString  *seen;
} Fixture;

static guint64
read_entry (gpointer owner, guint64 physical, guint size)
{
  Fixture *f = owner;
  guint64 value = 0;

  g_assert_cmpuint (physical + size, <=, sizeof f->memory);
  memcpy (&value, (guint8 *) f->memory + physical, size);
  return value;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->walker = (X86Walker) { f, read_entry, NULL, TRUE };
  f->state.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP;
  f->state.cr3 = 0x1000;
  f->seen = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_string_free (f->seen, TRUE);
}

static gboolean
see (const X86Mapping *m, gpointer data)
{
  Fixture *f = data;

  g_string_append_printf (f->seen, "%" G_GINT64_MODIFIER "x>%" G_GINT64_MODIFIER "x/%u%s%s ", m->linear, m->physical, m->page_bits,
                          m->user ? "u" : "", m->writable ? "w" : "");
  return TRUE;
}

static void
put8 (Fixture *f, guint64 at, guint64 entry)
{
  memcpy ((guint8 *) f->memory + at, &entry, 8);
}

static void
put4 (Fixture *f, guint64 at, guint32 entry)
{
  memcpy ((guint8 *) f->memory + at, &entry, 4);
}

static void
be_long (Fixture *f)
{
  f->state.cr4 = X86_CR4_PAE | X86_CR4_SMAP;
  f->state.efer = X86_EFER_LMA | X86_EFER_LME | X86_EFER_NXE;
}

static void
four_levels_are_gone_through_in_both_halves (Fixture *f, gconstpointer data)
{
  be_long (f);
  put8 (f, 0x1000, 0x2000 | ALL);
  put8 (f, 0x1ff8, 0x2000 | ALL);
  put8 (f, 0x2000, 0x3000 | ALL);
  put8 (f, 0x2008, 0x40000000 | ALL | X86_PTE_PS);
  put8 (f, 0x3008, 0x600000 | X86_PTE_P | X86_PTE_PS);
  put8 (f, 0x3010, 0x4000 | ALL);
  put8 (f, 0x4ff8, 0x5000 | ALL);
  g_assert_true (x86_page_tables_foreach (&f->state, &f->walker, 0, G_MAXUINT64, 100000, see, f, NULL));
  g_assert_cmpstr (f->seen->str, ==, "200000>600000/21 5ff000>5000/12uw 40000000>40000000/30uw "
                   "ffffff8000200000>600000/21 ffffff80005ff000>5000/12uw ffffff8040000000>40000000/30uw ");
}

static void
two_levels_end_at_four_gib (Fixture *f, gconstpointer data)
{
  f->state.cr4 = X86_CR4_PSE;
  put4 (f, 0x1000, 0x2000 | ALL);
  put4 (f, 0x2000, 0x7000 | ALL);
  put4 (f, 0x1ffc, 0x00400000 | ALL | X86_PTE_PS);
  g_assert_true (x86_page_tables_foreach (&f->state, &f->walker, 0, G_MAXUINT64, 100000, see, f, NULL));
  g_assert_cmpstr (f->seen->str, ==, "0>7000/12uw ffc00000>400000/22uw ");
}

static void
pae_skips_what_its_latched_entries_lack (Fixture *f, gconstpointer data)
{
  f->state.cr4 = X86_CR4_PAE;
  f->state.pdpte[3] = 0x3000 | X86_PTE_P;
  put8 (f, 0x3ff8, 0x800000 | ALL | X86_PTE_PS);
  g_assert_true (x86_page_tables_foreach (&f->state, &f->walker, 0, G_MAXUINT64, 1000, see, f, NULL));
  g_assert_cmpstr (f->seen->str, ==, "ffe00000>800000/21uw ");
}

static void
a_range_is_all_that_is_looked_at (Fixture *f, gconstpointer data)
{
  be_long (f);
  for (guint i = 0x1000; i < 0x4000; i += 0x1000)
    put8 (f, i, (i + 0x1000) | ALL);
  for (guint i = 0; i < 8; i++)
    put8 (f, 0x4000 + i * 8, i << 12 | ALL);
  g_assert_true (x86_page_tables_foreach (&f->state, &f->walker, 0x2345, 0x3fff, 1000, see, f, NULL));
  g_assert_cmpstr (f->seen->str, ==, "2000>2000/12uw 3000>3000/12uw ");
}

static gboolean
count (const X86Mapping *m, gpointer data)
{
  ++*(guint64 *) data;
  return TRUE;
}

/* Each of them leads to itself at every level: 2^36 pages. */
static void
tables_that_map_without_end_are_given_up (Fixture *f, gconstpointer data)
{
  guint64 reached = 0, n = 0;

  be_long (f);
  for (guint i = 0; i < 512; i++)
    put8 (f, 0x1000 + i * 8, 0x1000 | ALL);
  g_assert_false (x86_page_tables_foreach (&f->state, &f->walker, 0, G_MAXUINT64, 1000, count, &n, &reached));
  g_assert_cmpuint (n, ==, 1000);
  g_assert_cmphex (reached, ==, 1000 << 12);
}

#define ADD(name) g_test_add ("/arch/page-tables/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (four_levels_are_gone_through_in_both_halves);
  ADD (two_levels_end_at_four_gib);
  ADD (pae_skips_what_its_latched_entries_lack);
  ADD (a_range_is_all_that_is_looked_at);
  ADD (tables_that_map_without_end_are_given_up);
  return g_test_run ();
}
