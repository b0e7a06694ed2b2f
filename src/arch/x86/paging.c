/* paging.c - the walk through 32-bit, PAE and 4-level page tables.
 * Source: Intel SDM vol. 3A, chapter 4.
 * Left out: 5-level paging, protection keys, shadow stacks, memory types.
 *
 * The SDM lets a CPU set A bits in the upper entries of a walk that faults at the
 * end; this one sets none then. */

#include "config.h"

#include "arch/x86/paging.h"

#define BITS(low, high) (((G_GUINT64_CONSTANT (2) << ((high) - (low))) - 1) << (low))   /* [low, high] */

/* One level of one kind of table. */
typedef struct
{
  guint8  index_low;        /* lowest bit of the linear address that indexes it */
  guint8  index_bits;
  guint64 page_reserved;    /* reserved bits of an entry that maps a page here (PS, or the last level) */
  guint64 table_reserved;   /* reserved bits of an entry that leads to the next */
} Level;

#define ABOVE_PHYSICAL BITS (X86_PHYSICAL_BITS, 51)

static const Level four_level[] = {
  { 39, 9, 0,                              ABOVE_PHYSICAL | X86_PTE_PS },
  { 30, 9, ABOVE_PHYSICAL | BITS (13, 29), ABOVE_PHYSICAL },
  { 21, 9, ABOVE_PHYSICAL | BITS (13, 20), ABOVE_PHYSICAL },
  { 12, 9, ABOVE_PHYSICAL,                 0 },
};
/* PAE has no ignored bits above 51. */
#define ABOVE_PAE BITS (X86_PHYSICAL_BITS, 62)
static const Level pae[] = {
  { 21, 9, ABOVE_PAE | BITS (13, 20),      ABOVE_PAE },
  { 12, 9, ABOVE_PAE,                      0 },
};
static const Level two_level[] = {
  { 22, 10, BITS (21, 21),                 0 },     /* PSE-36: address bits 32..39 are in 13..20 */
  { 12, 10, 0,                             0 },
};

static gboolean
fail (const X86State *state, const X86WalkAccess *access, X86Walk *walk, guint32 why)
{
  gboolean nx = (state->efer & X86_EFER_NXE) != 0 && (state->cr4 & X86_CR4_PAE) != 0;
  gboolean smep = (state->cr4 & X86_CR4_SMEP) != 0;

  walk->fault = 1;
  walk->error = why | (access->write ? X86_PF_WRITE : 0) | (access->user ? X86_PF_USER : 0)
                | (access->fetch && (nx || smep) ? X86_PF_FETCH : 0);
  return FALSE;
}

/* Whether the rights in @walk allow the access (SDM 4.6.1). */
static gboolean
allowed (const X86State *state, const X86WalkAccess *access, const X86Walk *walk)
{
  if (access->user)
    return walk->user && (!access->write || walk->writable) && (!access->fetch || walk->executable);

  if (access->fetch)
    return walk->executable && !(walk->user && (state->cr4 & X86_CR4_SMEP));
  if (walk->user && (state->cr4 & X86_CR4_SMAP) && (access->implicit || !(state->rflags & X86_AC)))
    return FALSE;
  return !access->write || walk->writable || !(state->cr0 & X86_CR0_WP);
}

/* Sets A in all entries and, for a write, D in the last.  FALSE: an entry changed meanwhile. */
static gboolean
set_accessed (const X86Walker *walker, const X86WalkAccess *access, X86Walk *walk)
{
  for (guint i = 0; i < walk->n_entries; i++)
    {
      guint64 bits = X86_PTE_A | (access->write && i == walk->n_entries - 1u ? X86_PTE_D : 0);

      if ((walk->entry[i] & bits) != bits &&
          !walker->set_bits (walker->owner, walk->address[i], walk->entry_bytes, walk->entry[i], bits))
        return FALSE;
    }
  walk->dirty |= access->write;
  return TRUE;
}

static guint64
page_base (guint64 entry, guint page_bits, gboolean wide)
{
  if (wide)
    return entry & BITS (0, X86_PHYSICAL_BITS - 1) & ~BITS (0, page_bits - 1);
  if (page_bits == 22)
    return (entry & BITS (22, 31)) | (entry & BITS (13, 20)) << (32 - 13);
  return entry & BITS (12, 31);
}

typedef enum { DONE, FAILED, AGAIN } Outcome;

/* From the table at @table down. */
static Outcome
walk_levels (const X86State *state, const X86Walker *walker, const X86WalkAccess *access, X86Walk *walk,
             const Level *levels, guint n_levels, guint64 table, guint64 linear)
{
  gboolean wide = levels != two_level;
  gboolean nxe = (state->efer & X86_EFER_NXE) != 0;

  walk->entry_bytes = wide ? 8 : 4;
  walk->writable = walk->user = walk->executable = 1;
  walk->n_entries = 0;
  for (guint i = 0; ; i++)
    {
      const Level *level = &levels[i];
      guint64 index = (linear >> level->index_low) & ((1u << level->index_bits) - 1);
      guint64 address = table + index * walk->entry_bytes;
      guint64 entry = walker->read (walker->owner, address, walk->entry_bytes);
      gboolean large, leaf;

      walk->address[walk->n_entries] = address;
      walk->entry[walk->n_entries++] = entry;
      if (!(entry & X86_PTE_P))
        return fail (state, access, walk, 0), FAILED;

      large = (entry & X86_PTE_PS) != 0 && level->index_low > 12 && level->page_reserved != 0
              && (wide || (state->cr4 & X86_CR4_PSE));
      leaf = large || i == n_levels - 1;
      if ((entry & (leaf ? level->page_reserved : level->table_reserved)) != 0 ||
          (wide && !nxe && (entry & X86_PTE_NX)) || (large && level->index_low == 30 && !walker->gigabyte_pages))
        return fail (state, access, walk, X86_PF_PRESENT | X86_PF_RESERVED), FAILED;

      walk->writable &= (entry & X86_PTE_W) != 0;
      walk->user &= (entry & X86_PTE_U) != 0;
      walk->executable &= !(wide && (entry & X86_PTE_NX));
      if (!leaf)
        {
          table = page_base (entry, 12, wide);
          continue;
        }
      walk->page_bits = level->index_low;
      walk->physical = page_base (entry, walk->page_bits, wide) | (linear & BITS (0, walk->page_bits - 1));
      walk->global = (entry & X86_PTE_G) != 0 && (state->cr4 & X86_CR4_PGE);
      walk->dirty = (entry & X86_PTE_D) != 0;
      break;
    }
  if (!allowed (state, access, walk))
    return fail (state, access, walk, X86_PF_PRESENT), FAILED;
  if (walker->set_bits != NULL && !set_accessed (walker, access, walk))
    return AGAIN;
  return DONE;
}

gboolean
x86_walk (const X86State *state, const X86Walker *walker, const X86WalkAccess *access, X86Walk *walk)
{
  guint64 linear = x86_long_mode (state) ? access->linear : (guint32) access->linear;
  Outcome outcome;

  *walk = (X86Walk) { 0 };
  if (!(state->cr0 & X86_CR0_PG))
    {
      walk->physical = linear;
      walk->page_bits = 12;
      walk->writable = walk->user = walk->executable = walk->dirty = 1;
      return TRUE;
    }
  do
    {
      if (x86_long_mode (state))
        outcome = walk_levels (state, walker, access, walk, four_level, G_N_ELEMENTS (four_level),
                               page_base (state->cr3, 12, TRUE), linear);
      else if (state->cr4 & X86_CR4_PAE)
        {
          guint64 pdpte = state->pdpte[linear >> 30];

          if (!(pdpte & X86_PTE_P))
            return fail (state, access, walk, 0);
          outcome = walk_levels (state, walker, access, walk, pae, G_N_ELEMENTS (pae),
                                 page_base (pdpte, 12, TRUE), linear);
        }
      else
        outcome = walk_levels (state, walker, access, walk, two_level, G_N_ELEMENTS (two_level),
                               page_base (state->cr3, 12, FALSE), linear);
    }
  while (outcome == AGAIN);
  return outcome == DONE;
}

gboolean
x86_walk_load_pdptes (const X86Walker *walker, guint64 cr3, guint64 pdpte[4])
{
  const guint64 reserved = BITS (X86_PHYSICAL_BITS, 63) | BITS (5, 8) | BITS (1, 2);
  guint64 loaded[4];

  for (guint i = 0; i < 4; i++)
    {
      loaded[i] = walker->read (walker->owner, (cr3 & BITS (5, 31)) + i * 8, 8);
      if ((loaded[i] & X86_PTE_P) && (loaded[i] & reserved))
        return FALSE;
    }
  for (guint i = 0; i < 4; i++)
    pdpte[i] = loaded[i];
  return TRUE;
}
