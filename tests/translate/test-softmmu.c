/* test-softmmu - translations are cached, and a guest cannot tell: every test first
 * lets the caches fill, then changes what they were made from. */
#include "config.h"

#include "arch/x86/paging.h"
#include "translate/engine.h"
#include "translate/x86/softmmu.h"

#include <string.h>

/* Physical addresses; the first two MiB are mapped to themselves by PT. */
enum
{
  PML4        = 0x1000,
  PDPT        = 0x2000,
  PD          = 0x3000,
  PT          = 0x4000,
  OTHER_TABLE = 0x9000,
  PAGE_A      = 0x10000,
  PAGE_B      = 0x11000,
  PAGE_C      = 0x12000,
  ALIAS_OF_A  = 0x13000,     /* linear */
  SPACES      = 0x100000,    /* four tables for each address space */
  LARGE       = 0x200000,    /* linear: a 2 MiB page */
  BY_OTHER    = 0x400000,    /* linear: what OTHER_TABLE maps when it is hooked in */
  RAM         = 0x600000,
};
#define PAGE 0x1000

enum { P = X86_PTE_P, W = X86_PTE_W, U = X86_PTE_U, A = X86_PTE_A, D = X86_PTE_D, PS = X86_PTE_PS };
enum { READ, WRITE, FETCH };
#define NO_FAULT (-1)

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  X86Features     features;
  X86Cpu         *cpu;
  guint           told;         /* writes that `tell` heard of */
} Fixture;

static guint8 *
host (Fixture *f, guint64 physical)
{
  return astern_memory_host (f->machine->memory, f->ram->start + physical);
}

static guint8 *
flags (Fixture *f, guint64 physical)
{
  return astern_memory_flags (f->machine->memory, f->ram->start + physical);
}

/* As a device or the debugger writes. */
static void
put (Fixture *f, guint64 physical, guint64 value)
{
  astern_memory_write (f->machine->memory, f->ram->start + physical, &value, 8);
}

static guint64
get (Fixture *f, guint64 physical)
{
  guint64 value;

  memcpy (&value, host (f, physical), 8);
  return value;
}

static guint64
pte (guint64 linear)
{
  return PT + linear / PAGE * 8;
}

/* The page fault's error code, or NO_FAULT. */
static gint
try (Fixture *f, guint kind, guint64 linear, guint64 *value)
{
  guint64 ram, physical;

  if (sigsetjmp (f->cpu->fault_env, 0) != 0)
    {
      g_assert_cmpuint (f->cpu->exception.vector, ==, X86_EXC_PF);
      return (gint) f->cpu->exception.error;
    }
  if (kind == READ)
    *value = x86_mem_read (f->cpu, linear, 8, 0);
  else if (kind == WRITE)
    x86_mem_write (f->cpu, linear, 8, *value, 0);
  else
    x86_mmu_fetch (f->cpu, linear, &ram, &physical);
  return NO_FAULT;
}

static guint64
load (Fixture *f, guint64 linear)
{
  guint64 value = 0;

  g_assert_cmpint (try (f, READ, linear, &value), ==, NO_FAULT);
  return value;
}

/* A store as the guest's instructions do it. */
static void
store (Fixture *f, guint64 linear, guint64 value)
{
  g_assert_cmpint (try (f, WRITE, linear, &value), ==, NO_FAULT);
}

static gint
fault_of (Fixture *f, guint kind, guint64 linear)
{
  guint64 value = 0;

  return try (f, kind, linear, &value);
}

static void
changed (Fixture *f)
{
  f->cpu->parent.sync_in (&f->cpu->parent);
}

static void
set_cpl (Fixture *f, guint cpl)
{
  f->cpu->s.seg[X86_CS].attr = 0xa09b | cpl << 5;
  f->cpu->s.seg[X86_SS].attr = 0xc093 | cpl << 5;
  changed (f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternTranslateOptions options = {
    .tier = ASTERN_TIER_INTERP, .features = &f->features, .n_cpus = 1,
  };
  GError *error = NULL;
  X86State *s;

  f->machine = astern_machine_new (16 << 20, &error);
  g_assert_no_error (error);
  f->ram = astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error);
  g_assert_no_error (error);
  x86_features_parse (&f->features, "max", 1, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  f->machine->engine = astern_translate_engine_new (f->machine, &options, &error);
  g_assert_no_error (error);
  f->cpu = x86_cpu (f->machine->cpus[0]);
  astern_translate_reset_cpus (f->machine);
  put (f, PML4, PDPT | P | W | U);
  put (f, PDPT, PD | P | W | U);
  put (f, PD, PT | P | W | U);
  put (f, PD + 8, LARGE | P | W | U | PS);
  for (guint64 page = 0; page < LARGE; page += PAGE)
    put (f, pte (page), page | P | W | U);
  put (f, pte (ALIAS_OF_A), PAGE_A | P | W | U);
  put (f, PAGE_A, 0xa);
  put (f, PAGE_B, 0xb);
  put (f, PAGE_C, 0xc);
  s = &f->cpu->s;
  s->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG;
  s->cr3 = PML4;
  s->cr4 = X86_CR4_PAE;
  s->efer = X86_EFER_LME | X86_EFER_LMA | X86_EFER_NXE;
  s->rflags = 2;
  s->a20 = 1;
  set_cpl (f, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->machine, astern_machine_free);
}

/* --- accessed and dirty ----------------------------------------------------------------- */

static void
the_first_read_sets_a_and_the_first_write_d (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, pte (PAGE_A)) & (A | D), ==, 0);
  load (f, PAGE_A);
  g_assert_cmphex (get (f, pte (PAGE_A)) & (A | D), ==, A);
  g_assert_cmphex (get (f, PML4) & A, ==, A);
  g_assert_cmphex (get (f, PDPT) & A, ==, A);
  g_assert_cmphex (get (f, PD) & A, ==, A);
  store (f, PAGE_A, 1);
  g_assert_cmphex (get (f, pte (PAGE_A)) & (A | D), ==, A | D);
  g_assert_cmphex (get (f, pte (PAGE_B)) & (A | D), ==, 0);
}

static void
an_accessed_bit_that_was_cleared_comes_back (Fixture *f, gconstpointer data)
{
  const guint64 entries[] = { pte (PAGE_A), PD, PDPT, PML4 };

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      load (f, PAGE_A);
      load (f, PAGE_A);
      store (f, entries[i], get (f, entries[i]) & ~(guint64) A);
      /* The store itself went through the upper tables. */
      if (i == 0)
        g_assert_cmphex (get (f, entries[i]) & A, ==, 0);
      load (f, PAGE_A);
      g_assert_cmphex (get (f, entries[i]) & A, ==, A);
    }
}

static void
an_accessed_bit_stays_clear_until_an_access (Fixture *f, gconstpointer data)
{
  load (f, PAGE_A);
  store (f, pte (PAGE_A), get (f, pte (PAGE_A)) & ~(guint64) A);
  load (f, PAGE_B);
  g_assert_cmphex (get (f, pte (PAGE_A)) & A, ==, 0);
}

static void
a_dirty_bit_that_was_cleared_comes_back_with_a_write_alone (Fixture *f, gconstpointer data)
{
  store (f, PAGE_A, 1);
  store (f, PAGE_A, 2);
  store (f, pte (PAGE_A), get (f, pte (PAGE_A)) & ~(guint64) D);
  load (f, PAGE_A);
  g_assert_cmphex (get (f, pte (PAGE_A)) & D, ==, 0);
  store (f, PAGE_A, 3);
  g_assert_cmphex (get (f, pte (PAGE_A)) & D, ==, D);
}

static void
a_write_that_faults_sets_no_dirty_bit (Fixture *f, gconstpointer data)
{
  put (f, pte (PAGE_A), PAGE_A | P | U);
  g_assert_cmpint (fault_of (f, WRITE, PAGE_A), ==, X86_PF_PRESENT | X86_PF_WRITE);
  g_assert_cmphex (get (f, pte (PAGE_A)) & D, ==, 0);
}

/* --- tables that change -------------------------------------------------------------------- */

static void
a_changed_entry_takes_effect_at_once (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (load (f, PAGE_A), ==, 0xa);
  store (f, PAGE_A, 0xaa);
  store (f, pte (PAGE_A), PAGE_B | P | W | U);
  g_assert_cmphex (load (f, PAGE_A), ==, 0xb);
  store (f, PAGE_A, 0xbb);
  g_assert_cmphex (get (f, PAGE_B), ==, 0xbb);
  g_assert_cmphex (get (f, PAGE_A), ==, 0xaa);
  store (f, pte (PAGE_A), PAGE_B | P | U);
  g_assert_cmphex (load (f, PAGE_A), ==, 0xbb);
  g_assert_cmpint (fault_of (f, WRITE, PAGE_A + 0x20), ==, X86_PF_PRESENT | X86_PF_WRITE);
  g_assert_cmphex (f->cpu->exception.address, ==, PAGE_A + 0x20);
  store (f, pte (PAGE_A), 0);
  g_assert_cmpint (fault_of (f, READ, PAGE_A + 0x30), ==, 0);
  g_assert_cmphex (f->cpu->exception.address, ==, PAGE_A + 0x30);
  store (f, pte (PAGE_A), PAGE_A | P | W | U);
  g_assert_cmphex (load (f, PAGE_A), ==, 0xaa);
}

static void
an_entry_may_be_changed_by_a_device_or_through_a_part_of_it (Fixture *f, gconstpointer data)
{
  load (f, PAGE_A);
  put (f, pte (PAGE_A), PAGE_B | P | W | U);
  g_assert_cmphex (load (f, PAGE_A), ==, 0xb);
  /* The byte that tells 11000h from 12000h. */
  g_assert_cmpint (sigsetjmp (f->cpu->fault_env, 0), ==, 0);
  x86_mem_write (f->cpu, pte (PAGE_A) + 1, 1, PAGE_C >> 8 & 0xff, 0);
  g_assert_cmphex (load (f, PAGE_A), ==, 0xc);
}

static void
a_large_page_moves_and_is_split (Fixture *f, gconstpointer data)
{
  put (f, LARGE + 0x5008, 0x11);
  put (f, 0x405008, 0x22);
  put (f, PAGE_C + 8, 0x33);
  g_assert_cmphex (load (f, LARGE + 0x5008), ==, 0x11);
  g_assert_cmphex (get (f, PD + 8) & (A | D), ==, A);
  store (f, PD + 8, 0x400000 | P | W | U | PS);
  g_assert_cmphex (load (f, LARGE + 0x5008), ==, 0x22);
  put (f, OTHER_TABLE + 5 * 8, PAGE_C | P | W | U);
  store (f, PD + 8, OTHER_TABLE | P | W | U);
  g_assert_cmphex (load (f, LARGE + 0x5008), ==, 0x33);
  g_assert_cmpint (fault_of (f, READ, LARGE + 0x6000), ==, 0);
}

static void
a_page_that_is_no_table_any_more_is_plain_memory (Fixture *f, gconstpointer data)
{
  put (f, OTHER_TABLE, PAGE_A | P | W | U);
  put (f, PD + 16, OTHER_TABLE | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER), ==, 0xa);
  g_assert_true (*flags (f, OTHER_TABLE) & ASTERN_PAGE_TABLE);
  store (f, PD + 16, 0);
  g_assert_cmpint (fault_of (f, READ, BY_OTHER), ==, 0);
  for (guint i = 0; i < 300; i++)
    store (f, OTHER_TABLE, i);
  g_assert_false (*flags (f, OTHER_TABLE) & ASTERN_PAGE_TABLE);
  /* And a table again. */
  store (f, OTHER_TABLE, PAGE_B | P | W | U);
  store (f, PD + 16, OTHER_TABLE | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER), ==, 0xb);
  store (f, OTHER_TABLE, PAGE_C | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER), ==, 0xc);
}

static void
a_table_that_is_written_very_often_stays_right (Fixture *f, gconstpointer data)
{
  put (f, OTHER_TABLE, PAGE_A | P | W | U);
  put (f, OTHER_TABLE + 8, PAGE_A | P | W | U);
  put (f, PD + 16, OTHER_TABLE | P | W | U);
  load (f, BY_OTHER);
  load (f, BY_OTHER + PAGE);
  for (guint i = 0; i < 300; i++)
    store (f, OTHER_TABLE + 0x100, 0);
  store (f, OTHER_TABLE, PAGE_B | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER), ==, 0xb);
  store (f, OTHER_TABLE + 8, PAGE_C | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER + PAGE), ==, 0xc);
}

static void
a_page_that_was_written_becomes_a_table (Fixture *f, gconstpointer data)
{
  store (f, OTHER_TABLE, PAGE_A | P | W | U);
  store (f, OTHER_TABLE, PAGE_A | P | W | U);
  store (f, PD + 16, OTHER_TABLE | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER), ==, 0xa);
  store (f, OTHER_TABLE, PAGE_B | P | W | U);
  g_assert_cmphex (load (f, BY_OTHER), ==, 0xb);
}

/* --- address spaces ------------------------------------------------------------------------ */

enum { N_SPACES = 12 };      /* more than X86_TLB_SETS */

static guint64
space (guint number)
{
  return SPACES + number * 4 * PAGE;
}

static guint64
pte_in_space (guint number, guint64 linear)
{
  return space (number) + 3 * PAGE + linear / PAGE * 8;
}

static void
make_spaces (Fixture *f)
{
  for (guint i = 0; i < N_SPACES; i++)
    {
      for (guint k = 0; k < 3; k++)
        put (f, space (i) + k * PAGE, (space (i) + (k + 1) * PAGE) | P | W | U);
      for (guint64 page = 0; page < LARGE; page += PAGE)
        put (f, pte_in_space (i, page), page | P | W | U);
      put (f, pte_in_space (i, PAGE_A), (0x20000 + i * PAGE) | P | W | U);
      put (f, 0x20000 + i * PAGE, 100 + i);
    }
}

static void
each_address_space_has_its_own_translations (Fixture *f, gconstpointer data)
{
  G_STATIC_ASSERT (N_SPACES > X86_TLB_SETS);
  make_spaces (f);
  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < N_SPACES; i++)
      {
        x86_mmu_set_cr3 (f->cpu, space (i));
        g_assert_cmpuint (load (f, PAGE_A), ==, 100 + i);
        store (f, PAGE_A + 8, round * 100 + i);
        g_assert_cmpuint (get (f, 0x20000 + i * PAGE + 8), ==, round * 100 + i);
      }
}

static void
a_space_that_is_away_hears_of_changes (Fixture *f, gconstpointer data)
{
  make_spaces (f);
  x86_mmu_set_cr3 (f->cpu, space (0));
  g_assert_cmpuint (load (f, PAGE_A), ==, 100);
  store (f, PAGE_A + 8, 1);
  x86_mmu_set_cr3 (f->cpu, space (1));
  g_assert_cmpuint (load (f, PAGE_A), ==, 101);
  store (f, pte_in_space (0, PAGE_A), PAGE_C | P | W | U);
  x86_mmu_set_cr3 (f->cpu, space (0));
  g_assert_cmphex (load (f, PAGE_A), ==, 0xc);
  store (f, PAGE_A + 8, 2);
  g_assert_cmphex (get (f, PAGE_C + 8), ==, 2);
}

/* --- pages that are looked at --------------------------------------------------------------- */

static void
tell (gpointer listener, guint64 ram, guint32 size, guint8 page_flags)
{
  Fixture *f = listener;

  f->told++;
  *astern_memory_flags (f->machine->memory, ram) &= ~ASTERN_PAGE_CLEAN;
}

static void
the_first_write_of_an_interval_is_told (Fixture *f, gconstpointer data)
{
  astern_memory_add_write_listener (f->machine->memory, ASTERN_PAGE_CLEAN, tell, f);
  store (f, PAGE_A, 1);
  store (f, ALIAS_OF_A, 2);
  g_assert_cmpuint (f->told, ==, 0);
  for (guint round = 1; round < 4; round++)
    {
      *flags (f, PAGE_A) |= ASTERN_PAGE_CLEAN;
      astern_memory_flags_raised (f->machine->memory);
      store (f, round == 2 ? ALIAS_OF_A : PAGE_A, 3);
      g_assert_cmpuint (f->told, ==, round);
      store (f, PAGE_A, 4);
      store (f, ALIAS_OF_A, 5);
      g_assert_cmpuint (f->told, ==, round);
    }
}

static void
every_write_to_a_page_with_code_is_told_through_any_mapping (Fixture *f, gconstpointer data)
{
  astern_memory_add_write_listener (f->machine->memory, ASTERN_PAGE_CODE, tell, f);
  store (f, PAGE_A, 1);
  store (f, ALIAS_OF_A, 2);
  *flags (f, PAGE_A) |= ASTERN_PAGE_CODE;
  x86_mmu_protect_page (f->machine->engine, f->ram->start + PAGE_A);
  store (f, PAGE_A, 3);
  g_assert_cmpuint (f->told, ==, 1);
  store (f, ALIAS_OF_A, 4);
  g_assert_cmpuint (f->told, ==, 2);
  store (f, PAGE_A, 5);
  g_assert_cmpuint (f->told, ==, 3);
  store (f, PAGE_B, 5);
  g_assert_cmpuint (f->told, ==, 3);
}

/* --- rights --------------------------------------------------------------------------------- */

typedef struct
{
  guint   cpl;
  guint64 entry;            /* bits of the page's entry besides P */
  guint64 cr0, cr4, rflags; /* bits turned over */
  gint    read, write, fetch;
} Rights;

enum
{
  EP = X86_PF_PRESENT, EW = X86_PF_WRITE, EU = X86_PF_USER, EI = X86_PF_FETCH, ER = X86_PF_RESERVED,
};

static const Rights rights[] = {
  { 0, W,              0, 0, 0, NO_FAULT, NO_FAULT, NO_FAULT },
  { 3, W,              0, 0, 0, EP | EU, EP | EW | EU, EP | EU | EI },
  { 3, W | U,          0, 0, 0, NO_FAULT, NO_FAULT, NO_FAULT },
  { 3, U,              0, 0, 0, NO_FAULT, EP | EW | EU, NO_FAULT },
  /* WP: the kernel heeds W too. */
  { 0, 0,              0, 0, 0, NO_FAULT, EP | EW, NO_FAULT },
  { 0, 0,              X86_CR0_WP, 0, 0, NO_FAULT, NO_FAULT, NO_FAULT },
  { 3, U,              X86_CR0_WP, 0, 0, NO_FAULT, EP | EW | EU, NO_FAULT },
  /* NX. */
  { 0, W | X86_PTE_NX, 0, 0, 0, NO_FAULT, NO_FAULT, EP | EI },
  { 3, W | U | X86_PTE_NX, 0, 0, 0, NO_FAULT, NO_FAULT, EP | EU | EI },
  /* SMEP: the kernel does not execute the user's pages. */
  { 0, W | U,          0, X86_CR4_SMEP, 0, NO_FAULT, NO_FAULT, EP | EI },
  { 0, W,              0, X86_CR4_SMEP, 0, NO_FAULT, NO_FAULT, NO_FAULT },
  { 3, W | U,          0, X86_CR4_SMEP, 0, NO_FAULT, NO_FAULT, NO_FAULT },
  /* SMAP: nor touches them, but with AC. */
  { 0, W | U,          0, X86_CR4_SMAP, 0, EP, EP | EW, NO_FAULT },
  { 0, W | U,          0, X86_CR4_SMAP, X86_AC, NO_FAULT, NO_FAULT, NO_FAULT },
  { 0, W,              0, X86_CR4_SMAP, 0, NO_FAULT, NO_FAULT, NO_FAULT },
  { 3, W | U,          0, X86_CR4_SMAP, 0, NO_FAULT, NO_FAULT, NO_FAULT },
};

static void
assert_rights (Fixture *f, const Rights *r)
{
  const gint expected[] = { [READ] = r->read, [WRITE] = r->write, [FETCH] = r->fetch };

  for (guint kind = READ; kind <= FETCH; kind++)
    for (guint again = 0; again < 2; again++)
      {
        gint error;

        f->cpu->exception.address = 0;
        error = fault_of (f, kind, PAGE_A + 0x18);
        if (error != expected[kind])
          g_error ("row %d, access %u: error %d instead of %d", (int) (r - rights), kind, error,
                   expected[kind]);
        g_assert_cmphex (f->cpu->exception.address, ==, error == NO_FAULT ? 0 : PAGE_A + 0x18);
      }
}

static void
set_rights (Fixture *f, const Rights *r)
{
  f->cpu->s.cr0 ^= r->cr0;
  f->cpu->s.cr4 ^= r->cr4;
  f->cpu->s.rflags ^= r->rflags;
  set_cpl (f, r->cpl);
}

static void
every_right_is_checked_with_its_error_code (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (rights); i++)
    {
      put (f, pte (PAGE_A), PAGE_A | P | rights[i].entry);
      set_rights (f, &rights[i]);
      assert_rights (f, &rights[i]);
      set_rights (f, &rights[i]);
    }
}

/* The entry stays the same, so what one row left in the caches is there for the next. */
static void
rights_follow_the_mode_while_the_tables_stay (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (rights); i++)
    for (guint k = 0; k < G_N_ELEMENTS (rights); k++)
      {
        const Rights *pair[] = { &rights[i], &rights[k] };

        if (rights[i].entry != rights[k].entry)
          continue;
        put (f, pte (PAGE_A), PAGE_A | P | rights[i].entry);
        for (guint j = 0; j < 4; j++)
          {
            set_rights (f, pair[j & 1]);
            assert_rights (f, pair[j & 1]);
            set_rights (f, pair[j & 1]);
          }
      }
}

static void
a_reserved_bit_is_told_from_a_missing_right (Fixture *f, gconstpointer data)
{
  put (f, pte (PAGE_A), PAGE_A | P | W | X86_PTE_NX);
  g_assert_cmpint (fault_of (f, READ, PAGE_A), ==, NO_FAULT);
  f->cpu->s.efer &= ~(guint64) X86_EFER_NXE;
  changed (f);
  g_assert_cmpint (fault_of (f, READ, PAGE_A), ==, EP | ER);
  /* Without NX and SMEP a fetch is not told from a read. */
  put (f, pte (PAGE_A), 0);
  g_assert_cmpint (fault_of (f, FETCH, PAGE_A), ==, 0);
}

static void
an_access_across_two_pages_needs_both (Fixture *f, gconstpointer data)
{
  put (f, PAGE_B - 8, 0x1111111111111111);
  put (f, pte (PAGE_B), PAGE_B | P | U);
  g_assert_cmpint (fault_of (f, WRITE, PAGE_B - 4), ==, EP | EW);
  g_assert_cmphex (f->cpu->exception.address, ==, PAGE_B);
  g_assert_cmphex (get (f, PAGE_B - 8), ==, 0x1111111111111111);
  g_assert_cmphex (load (f, PAGE_B - 4), ==, 0xb11111111);
  /* Nor does the second hear of a write that the first forbids. */
  put (f, pte (PAGE_A), PAGE_A | P | U);
  put (f, pte (PAGE_B), PAGE_B | P | W | U);
  astern_memory_add_write_listener (f->machine->memory, ASTERN_PAGE_CLEAN, tell, f);
  *flags (f, PAGE_B) |= ASTERN_PAGE_CLEAN;
  astern_memory_flags_raised (f->machine->memory);
  g_assert_cmpint (fault_of (f, WRITE, PAGE_B - 4), ==, EP | EW);
  g_assert_cmphex (f->cpu->exception.address, ==, PAGE_B - 4);
  g_assert_cmpuint (f->told, ==, 0);
}

#define ADD(name) g_test_add ("/translate/softmmu/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_first_read_sets_a_and_the_first_write_d);
  ADD (an_accessed_bit_that_was_cleared_comes_back);
  ADD (an_accessed_bit_stays_clear_until_an_access);
  ADD (a_dirty_bit_that_was_cleared_comes_back_with_a_write_alone);
  ADD (a_write_that_faults_sets_no_dirty_bit);
  ADD (a_changed_entry_takes_effect_at_once);
  ADD (an_entry_may_be_changed_by_a_device_or_through_a_part_of_it);
  ADD (a_large_page_moves_and_is_split);
  ADD (a_page_that_is_no_table_any_more_is_plain_memory);
  ADD (a_table_that_is_written_very_often_stays_right);
  ADD (a_page_that_was_written_becomes_a_table);
  ADD (each_address_space_has_its_own_translations);
  ADD (a_space_that_is_away_hears_of_changes);
  ADD (the_first_write_of_an_interval_is_told);
  ADD (every_write_to_a_page_with_code_is_told_through_any_mapping);
  ADD (every_right_is_checked_with_its_error_code);
  ADD (rights_follow_the_mode_while_the_tables_stay);
  ADD (a_reserved_bit_is_told_from_a_missing_right);
  ADD (an_access_across_two_pages_needs_both);
  return g_test_run ();
}
