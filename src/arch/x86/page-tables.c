/* page-tables.c - going through all page tables.
 * Source: Intel SDM vol. 3A, chapter 4.
 * Left out: nothing that paging.c has. */
#include "config.h"

#include "arch/x86/page-tables.h"

#include "core/address.h"

guint
x86_page_tables_entry_bits (const X86State *state, guint n_entries)
{
  static const guint8 four_level[] = { 48, 39, 30, 21, 12 }, pae[] = { 30, 21, 12 }, two_level[] = { 32, 22, 12 };

  if (x86_long_mode (state))
    return four_level[MIN (n_entries, 4)];
  return (x86_paging_is_pae (state) ? pae : two_level)[MIN (n_entries, 2)];
}

/* The address after the 2^@bits bytes that hold @linear; those that are not canonical are left out.  0: that was all. */
static guint64
after (const X86State *state, guint64 linear, guint bits)
{
  guint64 next = (linear | ((G_GUINT64_CONSTANT (1) << bits) - 1)) + 1;

  if (!x86_long_mode (state))
    return next > G_MAXUINT32 ? 0 : next;
  return x86_is_canonical (next) ? next : (guint64) ((gint64) (next << 16) >> 16);
}

gboolean
x86_page_tables_foreach (const X86State *state, const X86Walker *walker, guint64 from, guint64 to, guint64 most_walks,
                         gboolean (*visit) (const X86Mapping *mapping, gpointer data), gpointer data, guint64 *reached)
{
  X86State reader = *state;
  X86Walker looking = *walker;
  guint64 linear = from & ~ASTERN_PAGE_MASK;

  reader.cr4 &= ~(guint64) X86_CR4_SMAP;   /* a read by the supervisor then fails only where nothing is mapped */
  looking.set_bits = NULL;
  if (!(state->cr0 & X86_CR0_PG))
    return TRUE;
  do
    {
      X86WalkAccess access = { .linear = linear };
      X86Walk walk;
      guint bits;

      if (most_walks-- == 0)
        {
          if (reached != NULL)
            *reached = linear;
          return FALSE;
        }
      if (x86_walk (&reader, &looking, &access, &walk))
        {
          guint64 page = (G_GUINT64_CONSTANT (1) << walk.page_bits) - 1;
          X86Mapping mapping = {
            .linear = linear & ~page, .physical = walk.physical & ~page, .entry = walk.entry[walk.n_entries - 1],
            .page_bits = walk.page_bits, .writable = walk.writable, .user = walk.user, .executable = walk.executable,
          };

          if (!visit (&mapping, data))
            return TRUE;
          bits = walk.page_bits;
        }
      else
        bits = x86_page_tables_entry_bits (state, walk.n_entries);
      linear = after (state, linear, bits);
    }
  while (linear != 0 && linear <= to);
  return TRUE;
}

/* ---- table by table ---- */

typedef struct
{
  guint  n_levels;
  guint8 low[4];                /* lowest bit of the linear address that indexes a level */
  const char *names[4];
} Kind;

static const Kind *
kind_of (const X86State *state)
{
  static const Kind kinds[] = {
    { 2, { 22, 12 }, { "PDE", "PTE" } },
    { 3, { 30, 21, 12 }, { "PDPTE", "PDE", "PTE" } },
    { 4, { 39, 30, 21, 12 }, { "PML4E", "PDPTE", "PDE", "PTE" } },
  };

  return &kinds[x86_long_mode (state) ? 2 : x86_paging_is_pae (state) ? 1 : 0];
}

#define ADDRESS_BITS(low) (((G_GUINT64_CONSTANT (1) << X86_PHYSICAL_BITS) - 1) & ~((G_GUINT64_CONSTANT (1) << (low)) - 1))

gboolean
x86_page_table_root (const X86State *state, X86PageTable *root)
{
  *root = (X86PageTable) { state->cr3 & ADDRESS_BITS (x86_paging_is_pae (state) ? 5 : 12), 0, 0 };
  return (state->cr0 & X86_CR0_PG) != 0;
}

guint
x86_page_table_size (const X86State *state, const X86PageTable *table)
{
  if (x86_paging_is_pae (state) && table->level == 0)
    return 4;
  return x86_long_mode (state) || x86_paging_is_pae (state) ? 512 : 1024;
}

const char *
x86_page_table_name (const X86State *state, const X86PageTable *table)
{
  return kind_of (state)->names[table->level];
}

/* The address of a page of 4 MiB: bits 32 to 39 are in 13 to 20. */
static guint64
pse36 (guint64 entry)
{
  return (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
}

void
x86_page_table_entry (const X86State *state, const X86Walker *walker, const X86PageTable *table, guint index,
                      X86PageTableEntry *entry)
{
  const Kind *kind = kind_of (state);
  gboolean wide = kind->n_levels > 2, latched = kind->n_levels == 3 && table->level == 0;
  guint low = kind->low[table->level];
  guint64 linear = table->linear + ((guint64) index << low);

  if (x86_long_mode (state) && table->level == 0)
    linear = (guint64) ((gint64) (linear << 16) >> 16);
  *entry = (X86PageTableEntry) { .linear = linear, .at = table->physical + index * (wide ? 8u : 4u), .bits = (guint8) low };
  entry->entry = latched ? state->pdpte[index] : walker->read (walker->owner, entry->at, wide ? 8 : 4);
  entry->present = entry->entry & X86_PTE_P;
  entry->large = (entry->entry & X86_PTE_PS) && ((wide && (low == 21 || low == 30)) || (low == 22 && (state->cr4 & X86_CR4_PSE)))
                 && !latched;
  entry->leaf = low == 12 || entry->large;
  if (entry->large && low == 22)
    entry->physical = pse36 (entry->entry);
  else if (wide)
    entry->physical = entry->entry & ADDRESS_BITS (entry->leaf ? low : 12);
  else
    entry->physical = entry->entry & 0xfffff000;
}

X86PageTable
x86_page_table_below (const X86PageTable *table, const X86PageTableEntry *entry)
{
  return (X86PageTable) { entry->physical, entry->linear, table->level + 1 };
}
