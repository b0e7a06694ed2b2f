/* test-paging - the page walk, over tables in a small memory of the test's own. */
#include "config.h"

#include <string.h>

#include "arch/x86/paging.h"

#define P   X86_PTE_P
#define W   X86_PTE_W
#define U   X86_PTE_U
#define PS  X86_PTE_PS
#define G   X86_PTE_G
#define ALL (P | W | U)

typedef struct
{
  guint64 memory[8 * 512];     /* eight pages */
  X86State state;
  X86Walker walker;
  X86Walk walk;
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

static gboolean
set_bits (gpointer owner, guint64 physical, guint size, guint64 expected, guint64 bits)
{
  Fixture *f = owner;
  guint64 value = read_entry (f, physical, size) | bits;

  g_assert_cmphex (read_entry (f, physical, size), ==, expected);
  memcpy ((guint8 *) f->memory + physical, &value, size);
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->walker = (X86Walker) { f, read_entry, set_bits, TRUE };
  f->state.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP;
}

static void
put4 (Fixture *f, guint64 at, guint32 entry)
{
  memcpy ((guint8 *) f->memory + at, &entry, 4);
}

static void
put8 (Fixture *f, guint64 at, guint64 entry)
{
  memcpy ((guint8 *) f->memory + at, &entry, 8);
}

/* Four levels at 1000, 2000, 3000, 4000; linear 0 leads to @leaf. */
static void
set_up_long (Fixture *f, gconstpointer data)
{
  set_up (f, data);
  f->state.cr4 = X86_CR4_PAE;
  f->state.efer = X86_EFER_LMA | X86_EFER_LME | X86_EFER_NXE;
  f->state.cr3 = 0x1000;
  put8 (f, 0x1000, 0x2000 | ALL);
  put8 (f, 0x2000, 0x3000 | ALL);
  put8 (f, 0x3000, 0x4000 | ALL);
  put8 (f, 0x4000, 0x123456000 | ALL);
}

static gboolean
walk (Fixture *f, guint64 linear, gboolean write, gboolean user)
{
  X86WalkAccess access = { .linear = linear, .write = write, .user = user };

  return x86_walk (&f->state, &f->walker, &access, &f->walk);
}

static gboolean
fetch (Fixture *f, guint64 linear, gboolean user)
{
  X86WalkAccess access = { .linear = linear, .fetch = 1, .user = user };

  return x86_walk (&f->state, &f->walker, &access, &f->walk);
}

static void
without_paging_addresses_stay (Fixture *f, gconstpointer data)
{
  f->state.cr0 = X86_CR0_PE;
  g_assert_true (walk (f, 0x12345678, TRUE, TRUE));
  g_assert_cmphex (f->walk.physical, ==, 0x12345678);
}

static void
two_levels_reach_a_page (Fixture *f, gconstpointer data)
{
  f->state.cr3 = 0x1000;
  put4 (f, 0x1000 + 1 * 4, 0x2000 | ALL);
  put4 (f, 0x2000 + 2 * 4, 0xabcde000 | ALL);
  g_assert_true (walk (f, 0x00402123, FALSE, TRUE));
  g_assert_cmphex (f->walk.physical, ==, 0xabcde123);
  g_assert_cmpuint (f->walk.page_bits, ==, 12);
  g_assert_cmpuint (f->walk.n_entries, ==, 2);
  g_assert_cmphex (f->walk.address[1], ==, 0x2008);
}

static void
a_large_page_takes_high_bits_by_pse36 (Fixture *f, gconstpointer data)
{
  f->state.cr3 = 0x1000;
  f->state.cr4 = X86_CR4_PSE;
  put4 (f, 0x1000, 0x00c00000 | 0x5u << 13 | ALL | PS);
  g_assert_true (walk (f, 0x00012345, FALSE, FALSE));
  g_assert_cmphex (f->walk.physical, ==, G_GUINT64_CONSTANT (0x500c12345));
  g_assert_cmpuint (f->walk.page_bits, ==, 22);
}

static void
without_pse_bit_7_means_nothing (Fixture *f, gconstpointer data)
{
  f->state.cr3 = 0x1000;
  put4 (f, 0x1000, 0x2000 | ALL | PS);
  put4 (f, 0x2000, 0x7000 | ALL);
  g_assert_true (walk (f, 0, FALSE, FALSE));
  g_assert_cmphex (f->walk.physical, ==, 0x7000);
}

static void
pae_goes_by_the_latched_entries (Fixture *f, gconstpointer data)
{
  f->state.cr4 = X86_CR4_PAE;
  f->state.pdpte[3] = 0x2000 | P;
  put8 (f, 0x2000, 0x600000 | ALL | PS);
  g_assert_true (walk (f, 0xc0012345, FALSE, FALSE));
  g_assert_cmphex (f->walk.physical, ==, 0x612345);
  g_assert_false (walk (f, 0x40000000, FALSE, FALSE));
  g_assert_cmphex (f->walk.error, ==, 0);
}

static void
pdptes_with_reserved_bits_are_refused (Fixture *f, gconstpointer data)
{
  guint64 pdpte[4] = { 9, 9, 9, 9 };

  put8 (f, 0x20, 0x1000 | P);
  put8 (f, 0x38, 0x1000 | P | W);
  g_assert_false (x86_walk_load_pdptes (&f->walker, 0x20, pdpte));
  g_assert_cmphex (pdpte[0], ==, 9);
  put8 (f, 0x38, 0x1000 | P);
  g_assert_true (x86_walk_load_pdptes (&f->walker, 0x20, pdpte));
  g_assert_cmphex (pdpte[0], ==, 0x1001);
}

static void
four_levels_reach_a_page (Fixture *f, gconstpointer data)
{
  g_assert_true (walk (f, 0x789, FALSE, TRUE));
  g_assert_cmphex (f->walk.physical, ==, G_GUINT64_CONSTANT (0x123456789));
  g_assert_cmpuint (f->walk.n_entries, ==, 4);
}

static void
gigabyte_pages_need_the_feature (Fixture *f, gconstpointer data)
{
  put8 (f, 0x2000, 0x80000000 | ALL | PS);
  g_assert_true (walk (f, 0x12345678, FALSE, FALSE));
  g_assert_cmphex (f->walk.physical, ==, 0x92345678);
  f->walker.gigabyte_pages = FALSE;
  g_assert_false (walk (f, 0x12345678, FALSE, FALSE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_PRESENT | X86_PF_RESERVED);
}

static void
a_and_d_are_set_by_what_happens (Fixture *f, gconstpointer data)
{
  g_assert_true (walk (f, 0, FALSE, FALSE));
  g_assert_cmphex (f->memory[0x4000 / 8] & (X86_PTE_A | X86_PTE_D), ==, X86_PTE_A);
  g_assert_cmphex (f->memory[0x1000 / 8] & X86_PTE_A, ==, X86_PTE_A);
  g_assert_cmpuint (f->walk.dirty, ==, 0);
  g_assert_true (walk (f, 0, TRUE, FALSE));
  g_assert_cmphex (f->memory[0x4000 / 8] & X86_PTE_D, ==, X86_PTE_D);
  g_assert_cmpuint (f->walk.dirty, ==, 1);
}

static void
a_look_without_set_bits_leaves_no_trace (Fixture *f, gconstpointer data)
{
  f->walker.set_bits = NULL;
  g_assert_true (walk (f, 0, TRUE, FALSE));
  g_assert_cmphex (f->memory[0x4000 / 8], ==, 0x123456000 | ALL);
}

static void
a_missing_page_faults_without_present (Fixture *f, gconstpointer data)
{
  put8 (f, 0x3000, 0);
  g_assert_false (walk (f, 0, TRUE, TRUE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_WRITE | X86_PF_USER);
}

static void
rights_of_all_levels_count (Fixture *f, gconstpointer data)
{
  put8 (f, 0x2000, 0x3000 | P | W);
  g_assert_false (walk (f, 0, FALSE, TRUE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_PRESENT | X86_PF_USER);
  g_assert_true (walk (f, 0, TRUE, FALSE));
}

static void
wp_decides_about_supervisors_writes (Fixture *f, gconstpointer data)
{
  put8 (f, 0x4000, 0x5000 | P);
  g_assert_false (walk (f, 0, TRUE, FALSE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_PRESENT | X86_PF_WRITE);
  f->state.cr0 &= ~(guint64) X86_CR0_WP;
  g_assert_true (walk (f, 0, TRUE, FALSE));
}

static void
nx_stops_fetches_only_with_nxe (Fixture *f, gconstpointer data)
{
  put8 (f, 0x4000, 0x5000 | ALL | X86_PTE_NX);
  g_assert_true (walk (f, 0, FALSE, TRUE));
  g_assert_false (fetch (f, 0, TRUE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_PRESENT | X86_PF_USER | X86_PF_FETCH);
  f->state.efer &= ~(guint64) X86_EFER_NXE;
  g_assert_false (walk (f, 0, FALSE, TRUE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_PRESENT | X86_PF_USER | X86_PF_RESERVED);
}

static void
smep_and_smap_keep_the_supervisor_out (Fixture *f, gconstpointer data)
{
  X86WalkAccess implicit = { .linear = 0, .implicit = 1 };

  f->state.cr4 |= X86_CR4_SMEP | X86_CR4_SMAP;
  g_assert_false (fetch (f, 0, FALSE));
  g_assert_false (walk (f, 0, FALSE, FALSE));
  f->state.rflags |= X86_AC;
  g_assert_true (walk (f, 0, FALSE, FALSE));
  g_assert_false (x86_walk (&f->state, &f->walker, &implicit, &f->walk));
  g_assert_true (walk (f, 0, FALSE, TRUE));
}

static void
reserved_bits_are_reported (Fixture *f, gconstpointer data)
{
  put8 (f, 0x4000, (G_GUINT64_CONSTANT (1) << X86_PHYSICAL_BITS) | ALL);
  g_assert_false (walk (f, 0, FALSE, FALSE));
  g_assert_cmphex (f->walk.error, ==, X86_PF_PRESENT | X86_PF_RESERVED);
}

static void
global_needs_pge (Fixture *f, gconstpointer data)
{
  put8 (f, 0x4000, 0x5000 | ALL | G);
  g_assert_true (walk (f, 0, FALSE, FALSE));
  g_assert_cmpuint (f->walk.global, ==, 0);
  f->state.cr4 |= X86_CR4_PGE;
  g_assert_true (walk (f, 0, FALSE, FALSE));
  g_assert_cmpuint (f->walk.global, ==, 1);
}

#define ADD(name, set_up) g_test_add ("/arch/x86/paging/" #name, Fixture, NULL, set_up, name, NULL)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (without_paging_addresses_stay, set_up);
  ADD (two_levels_reach_a_page, set_up);
  ADD (a_large_page_takes_high_bits_by_pse36, set_up);
  ADD (without_pse_bit_7_means_nothing, set_up);
  ADD (pae_goes_by_the_latched_entries, set_up);
  ADD (pdptes_with_reserved_bits_are_refused, set_up);
  ADD (four_levels_reach_a_page, set_up_long);
  ADD (gigabyte_pages_need_the_feature, set_up_long);
  ADD (a_and_d_are_set_by_what_happens, set_up_long);
  ADD (a_look_without_set_bits_leaves_no_trace, set_up_long);
  ADD (a_missing_page_faults_without_present, set_up_long);
  ADD (rights_of_all_levels_count, set_up_long);
  ADD (wp_decides_about_supervisors_writes, set_up_long);
  ADD (nx_stops_fetches_only_with_nxe, set_up_long);
  ADD (smep_and_smap_keep_the_supervisor_out, set_up_long);
  ADD (reserved_bits_are_reported, set_up_long);
  ADD (global_needs_pge, set_up_long);
  return g_test_run ();
}
