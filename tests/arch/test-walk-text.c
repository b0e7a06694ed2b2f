/* test-walk-text - why an access faults, in words; tables entry by entry. */
#include "config.h"

#include <string.h>

#include "arch/x86/page-tables.h"
#include "arch/x86/walk-text.h"

#define ALL (X86_PTE_P | X86_PTE_W | X86_PTE_U)

typedef struct
{
  guint64   memory[8 * 512];     /* eight pages */
  X86State  state;
  X86Walker walker;
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
put (Fixture *f, guint64 at, guint64 entry, guint size)
{
  memcpy ((guint8 *) f->memory + at, &entry, size);
}

/* Linear 0x201000: page 5, by tables at 0x1000, 0x2000, 0x3000, 0x4000. */
static void
set_up (Fixture *f, gconstpointer data)
{
  f->walker = (X86Walker) { f, read_entry, NULL, TRUE };
  f->state.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP;
  f->state.cr3 = 0x1000;
  f->state.cr4 = X86_CR4_PAE;
  f->state.efer = X86_EFER_LMA | X86_EFER_LME | X86_EFER_NXE;
  put (f, 0x1000, 0x2000 | ALL, 8);
  put (f, 0x2000, 0x3000 | ALL, 8);
  put (f, 0x3008, 0x4000 | ALL, 8);
  put (f, 0x4008, 0x5000 | ALL, 8);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
}

static void
explained (Fixture *f, X86WalkAccess access, const char *expected)
{
  g_autofree char *text = NULL;

  access.linear = access.linear != 0 ? access.linear : 0x201234;
  text = x86_walk_explain (&f->state, &f->walker, &access);
  g_assert_cmpstr (text, ==, expected);
}

#define HERE "  That PTE is number 1 of the table at 0x4000 (the entry at 0x4008), and stands for 0x201000 to 0x201fff."

static void
what_is_allowed_says_where_it_goes (Fixture *f, gconstpointer data)
{
  explained (f, (X86WalkAccess) { .write = 1, .user = 1 },
             "A write by user code at 0x201234 is allowed, and goes to physical 0x5234, in a page of 4 KiB.");
}

static void
the_level_that_refuses_is_named (Fixture *f, gconstpointer data)
{
  put (f, 0x4008, 0x5000 | X86_PTE_P | X86_PTE_U, 8);
  explained (f, (X86WalkAccess) { .write = 1, .user = 1 },
             "A write by user code at 0x201234 is refused with #PF, error code 0007: the PTE is read-only." HERE);
  explained (f, (X86WalkAccess) { .write = 1 },
             "A write by the supervisor at 0x201234 is refused with #PF, error code 0003: the PTE is read-only, and CR0.WP is set." HERE);
  put (f, 0x3008, 0x4000 | X86_PTE_P | X86_PTE_W, 8);
  explained (f, (X86WalkAccess) { .user = 1 },
             "A read by user code at 0x201234 is refused with #PF, error code 0005: the PDE is for the supervisor only."
             "  That PDE is number 1 of the table at 0x3000 (the entry at 0x3008), and stands for 0x200000 to 0x3fffff.");
  put (f, 0x2000, 0, 8);
  explained (f, (X86WalkAccess) { .user = 1 },
             "A read by user code at 0x201234 is refused with #PF, error code 0004: the PDPTE is not present."
             "  That PDPTE is number 0 of the table at 0x2000 (the entry at 0x2000), and stands for 0x0 to 0x3fffffff.");
}

static void
nx_smep_and_smap_are_told_apart (Fixture *f, gconstpointer data)
{
  f->state.cr4 |= X86_CR4_SMEP | X86_CR4_SMAP;
  explained (f, (X86WalkAccess) { .fetch = 1 },
             "A fetch by the supervisor at 0x201234 is refused with #PF, error code 0011: it is a user page, and CR4.SMEP is set." HERE);
  explained (f, (X86WalkAccess) { .write = 1 },
             "A write by the supervisor at 0x201234 is refused with #PF, error code 0003: it is a user page, CR4.SMAP is set and "
             "EFLAGS.AC is not." HERE);
  f->state.rflags = X86_AC;
  explained (f, (X86WalkAccess) { 0 },
             "A read by the supervisor at 0x201234 is allowed, and goes to physical 0x5234, in a page of 4 KiB."
             "  It is a user page, and CR4.SMAP is set, but EFLAGS.AC lets the access pass.");
  put (f, 0x4008, 0x5000 | ALL | X86_PTE_NX, 8);
  explained (f, (X86WalkAccess) { .fetch = 1, .user = 1 },
             "A fetch by user code at 0x201234 is refused with #PF, error code 0015: the PTE forbids execution (NX)." HERE);
}

static void
a_supervisor_without_wp_is_told_why_it_may (Fixture *f, gconstpointer data)
{
  f->state.cr0 &= ~(guint64) X86_CR0_WP;
  put (f, 0x4008, 0x5000 | X86_PTE_P, 8);
  explained (f, (X86WalkAccess) { .write = 1 },
             "A write by the supervisor at 0x201234 is allowed, and goes to physical 0x5234, in a page of 4 KiB."
             "  The page is read-only, but CR0.WP is not set, and so that does not bind the supervisor.");
}

static void
addresses_that_are_not_canonical_never_come_to_the_tables (Fixture *f, gconstpointer data)
{
  explained (f, (X86WalkAccess) { .linear = 0x800000000000 },
             "A read by the supervisor at 0x800000000000 is refused before any table is looked at: the address is not canonical."
             "  It is #GP, or #SS by the stack.");
}

static void
a_pdpte_in_the_cpu_can_refuse (Fixture *f, gconstpointer data)
{
  f->state.efer = 0;
  explained (f, (X86WalkAccess) { .linear = 0x40001000 },
             "A read by the supervisor at 0x40001000 is refused with #PF, error code 0000: the PDPTE is not present."
             "  It is latched in the CPU, number 1 of four, for the GiB from 0x40000000 on.");
}

/* ---- tables ---- */

static void
tables_lead_from_the_root_to_the_page (Fixture *f, gconstpointer data)
{
  static const struct { guint index; const char *name; guint64 linear, physical; guint bits; gboolean leaf; } rows[] = {
    { 0, "PML4E", 0, 0x2000, 39, FALSE }, { 0, "PDPTE", 0, 0x3000, 30, FALSE }, { 1, "PDE", 0x200000, 0x4000, 21, FALSE },
    { 1, "PTE", 0x201000, 0x5000, 12, TRUE },
  };
  X86PageTable table;
  X86PageTableEntry entry;

  g_assert_true (x86_page_table_root (&f->state, &table));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpuint (x86_page_table_size (&f->state, &table), ==, 512);
      g_assert_cmpstr (x86_page_table_name (&f->state, &table), ==, rows[i].name);
      x86_page_table_entry (&f->state, &f->walker, &table, rows[i].index, &entry);
      g_assert_true (entry.present);
      g_assert_cmphex (entry.linear, ==, rows[i].linear);
      g_assert_cmphex (entry.physical, ==, rows[i].physical);
      g_assert_cmpuint (entry.bits, ==, rows[i].bits);
      g_assert_cmpint (entry.leaf, ==, rows[i].leaf);
      table = x86_page_table_below (&table, &entry);
    }
  g_assert_true (x86_page_table_root (&f->state, &table));
  x86_page_table_entry (&f->state, &f->walker, &table, 256, &entry);
  g_assert_cmphex (entry.linear, ==, 0xffff800000000000);
}

static void
pages_of_four_mib_have_high_address_bits (Fixture *f, gconstpointer data)
{
  X86PageTable table;
  X86PageTableEntry entry;

  f->state.efer = 0;
  f->state.cr4 = X86_CR4_PSE;
  put (f, 0x1004, 0x00c02000 | X86_PTE_P | X86_PTE_PS, 4);     /* bit 13: bit 32 of the address */
  g_assert_true (x86_page_table_root (&f->state, &table));
  g_assert_cmpuint (x86_page_table_size (&f->state, &table), ==, 1024);
  x86_page_table_entry (&f->state, &f->walker, &table, 1, &entry);
  g_assert_true (entry.leaf && entry.large);
  g_assert_cmphex (entry.linear, ==, 0x400000);
  g_assert_cmphex (entry.physical, ==, 0x100c00000);
}

static void
latched_entries_are_paes_root (Fixture *f, gconstpointer data)
{
  X86PageTable table;
  X86PageTableEntry entry;

  f->state.efer = 0;
  f->state.pdpte[3] = 0x3000 | X86_PTE_P;
  g_assert_true (x86_page_table_root (&f->state, &table));
  g_assert_cmpuint (x86_page_table_size (&f->state, &table), ==, 4);
  x86_page_table_entry (&f->state, &f->walker, &table, 3, &entry);
  g_assert_cmphex (entry.linear, ==, 0xc0000000);
  table = x86_page_table_below (&table, &entry);
  x86_page_table_entry (&f->state, &f->walker, &table, 1, &entry);
  g_assert_cmphex (entry.linear, ==, 0xc0200000);
  g_assert_cmphex (entry.physical, ==, 0x4000);
  f->state.cr0 = 0;
  g_assert_false (x86_page_table_root (&f->state, &table));
}

#define ADD(name) g_test_add ("/arch/walk-text/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (what_is_allowed_says_where_it_goes);
  ADD (the_level_that_refuses_is_named);
  ADD (nx_smep_and_smap_are_told_apart);
  ADD (a_supervisor_without_wp_is_told_why_it_may);
  ADD (addresses_that_are_not_canonical_never_come_to_the_tables);
  ADD (a_pdpte_in_the_cpu_can_refuse);
  ADD (tables_lead_from_the_root_to_the_page);
  ADD (pages_of_four_mib_have_high_address_bits);
  ADD (latched_entries_are_paes_root);
  return g_test_run ();
}
