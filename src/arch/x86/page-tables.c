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
