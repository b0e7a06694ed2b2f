/* paging-rows.c - see paging-rows.h.
 * Source: Intel SDM vol. 3A, chapter 4. */
#include "config.h"

#include "gui/paging-rows.h"

#include "core/address.h"

#include <glib/gi18n.h>

#define X "%" G_GINT64_MODIFIER "x"

/* A guest's tables may lead in circles: so many rows at most, and so many entries read. */
#define MOST_ROWS    20000
#define MOST_ENTRIES (1u << 17)

char *
astern_paging_flags_text (guint64 entry, gboolean leaf, gboolean large, gboolean wide)
{
  static const struct { guint8 bit; gboolean leaf_only; const char *name; } bits[] = {
    { 1, FALSE, "W" }, { 2, FALSE, "U" }, { 3, FALSE, "PWT" }, { 4, FALSE, "PCD" }, { 5, FALSE, "A" }, { 6, TRUE, "D" },
    { 8, TRUE, "G" },
  };
  GString *text = g_string_new (entry & X86_PTE_P ? "P" : "");

  for (guint i = 0; i < G_N_ELEMENTS (bits); i++)
    if ((leaf || !bits[i].leaf_only) && entry >> bits[i].bit & 1)
      g_string_append_printf (text, " %s", bits[i].name);
  if (large)
    g_string_append (text, " PS");
  if (leaf && entry >> (large ? 12 : 7) & 1)
    g_string_append (text, " PAT");
  if (wide && entry & X86_PTE_NX)
    g_string_append (text, " NX");
  return g_string_free (text, FALSE);
}

static void
set_size (AsternRowList *list, guint64 bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
  guint unit = 0;
  guint64 n = bytes >> 10;

  for (; n != 0 && n % 1024 == 0 && unit + 1 < G_N_ELEMENTS (units); unit++)
    n /= 1024;
  astern_row_list_printf (list, ASTERN_PAGING_SIZE, "%" G_GUINT64_FORMAT " %s", n, units[unit]);
}

/* ---- tables ---- */

typedef struct
{
  AsternRowList   *list;
  const X86State  *state;
  const X86Walker *walker;
  GHashTable      *unfolded;
  gboolean         merged;
} Filling;

/* Bits of flags and rights, the address taken out. */
static guint64
flags_of (const X86PageTableEntry *entry)
{
  return entry->entry & (X86_PTE_NX | 0xfff);
}

/* How many entries from @index on are one run: leaves that map one stretch. */
static guint
run_length (const Filling *f, const X86PageTable *table, guint index, const X86PageTableEntry *first)
{
  guint n = 1;

  if (!f->merged || !first->leaf)
    return 1;
  for (; index + n < x86_page_table_size (f->state, table); n++)
    {
      X86PageTableEntry next;

      x86_page_table_entry (f->state, f->walker, table, index + n, &next);
      if (!next.present || !next.leaf || flags_of (&next) != flags_of (first)
          || next.physical != first->physical + ((guint64) n << first->bits))
        break;
    }
  return n;
}

/* One row for all time and no other: where it stands for, and at which level. */
static guint64
key_of (const X86PageTable *table, guint64 linear)
{
  return (linear & ~ASTERN_PAGE_MASK) | (table->level + 1);
}

static void
add_entry (Filling *f, const X86PageTable *table, guint index, guint n, const X86PageTableEntry *entry)
{
  g_autofree char *flags = astern_paging_flags_text (entry->entry, entry->leaf, entry->large,
                                                     x86_page_table_size (f->state, table) != 1024);
  AsternRow *row = astern_row_list_add (f->list, table->level, key_of (table, entry->linear));
  guint64 size = (guint64) n << entry->bits;
  guint digits = x86_long_mode (f->state) ? 16 : 8;

  row->address = entry->linear;
  row->flags = entry->leaf ? 0 : ASTERN_ROW_LAZY;
  if (n > 1)
    astern_row_list_printf (f->list, ASTERN_PAGING_INDEX, "%s %u–%u", x86_page_table_name (f->state, table), index, index + n - 1);
  else
    astern_row_list_printf (f->list, ASTERN_PAGING_INDEX, "%s %u", x86_page_table_name (f->state, table), index);
  astern_row_list_printf (f->list, ASTERN_PAGING_LINEAR, "%0*" G_GINT64_MODIFIER "x–%0*" G_GINT64_MODIFIER "x", digits,
                          entry->linear, digits,
                          entry->linear + size - 1);
  set_size (f->list, size);
  astern_row_list_printf (f->list, ASTERN_PAGING_PHYSICAL, entry->leaf ? X : "→ " X, entry->physical);
  astern_row_list_set (f->list, ASTERN_PAGING_FLAGS, flags);
}

static void
add_table (Filling *f, const X86PageTable *table)
{
  guint size = x86_page_table_size (f->state, table), n;

  for (guint i = 0; i < size && f->list->rows->len < MOST_ROWS; i += n)
    {
      X86PageTableEntry entry;

      n = 1;
      x86_page_table_entry (f->state, f->walker, table, i, &entry);
      if (!entry.present)
        continue;
      n = run_length (f, table, i, &entry);
      add_entry (f, table, i, n, &entry);
      if (!entry.leaf && astern_rows_is_in (f->unfolded, key_of (table, entry.linear)))
        {
          X86PageTable below = x86_page_table_below (table, &entry);

          add_table (f, &below);
        }
    }
}

void
astern_paging_add_tables (AsternRowList *list, const X86State *state, const X86Walker *walker, GHashTable *unfolded,
                          gboolean merged)
{
  Filling f = { list, state, walker, unfolded, merged };
  X86PageTable root;

  if (x86_page_table_root (state, &root))
    add_table (&f, &root);
}

/* ---- regions ---- */

typedef struct
{
  AsternRowList *list;
  guint          most, digits, budget;     /* budget: entries that may be read yet */
  gboolean       full, any;
  guint64        start, end, physical;
  X86Mapping     first;
  gboolean       together;        /* it maps one stretch of physical memory */
} Regions;

static void
end_region (Regions *r)
{
  AsternRow *row;

  if (!r->any)
    return;
  r->any = FALSE;
  row = astern_row_list_add (r->list, 0, r->start | 1);
  row->address = r->start;
  astern_row_list_set (r->list, ASTERN_PAGING_INDEX, r->first.user ? _("user") : _("supervisor"));
  astern_row_list_printf (r->list, ASTERN_PAGING_LINEAR, "%0*" G_GINT64_MODIFIER "x–%0*" G_GINT64_MODIFIER "x", r->digits, r->start,
                          r->digits, r->end - 1);
  set_size (r->list, r->end - r->start);
  if (r->together)
    astern_row_list_printf (r->list, ASTERN_PAGING_PHYSICAL, X, r->first.physical);
  else
    astern_row_list_set (r->list, ASTERN_PAGING_PHYSICAL, _("scattered"));
  astern_row_list_printf (r->list, ASTERN_PAGING_FLAGS, "r%c%c", r->first.writable ? 'w' : '-', r->first.executable ? 'x' : '-');
}

static gboolean
gather (const X86Mapping *m, gpointer data)
{
  Regions *r = data;

  if (!r->any || r->end != m->linear || r->first.user != m->user || r->first.writable != m->writable
      || r->first.executable != m->executable)
    {
      end_region (r);
      if (r->list->rows->len >= r->most)
        {
          r->full = TRUE;
          return FALSE;
        }
      r->any = r->together = TRUE;
      r->start = m->linear;
      r->first = *m;
      r->physical = m->physical;
    }
  r->together &= m->physical == r->physical;
  r->end = m->linear + (G_GUINT64_CONSTANT (1) << m->page_bits);
  r->physical = m->physical + (G_GUINT64_CONSTANT (1) << m->page_bits);
  return TRUE;
}

/* Table by table: what is not mapped is passed over where that is known, and each entry is read once.  FALSE: enough. */
static gboolean
gather_table (Regions *r, const X86State *state, const X86Walker *walker, const X86PageTable *table, const X86Mapping *above)
{
  for (guint i = 0; i < x86_page_table_size (state, table); i++)
    {
      X86PageTableEntry entry;
      X86Mapping m = *above;
      gboolean rights = !(x86_paging_is_pae (state) && table->level == 0);      /* latched entries have none */

      if (r->budget-- == 0)
        {
          r->full = TRUE;
          return FALSE;
        }
      x86_page_table_entry (state, walker, table, i, &entry);
      if (!entry.present)
        continue;
      m.writable &= !rights || (entry.entry & X86_PTE_W) != 0;
      m.user &= !rights || (entry.entry & X86_PTE_U) != 0;
      m.executable &= !rights || x86_page_table_size (state, table) == 1024 || !(entry.entry & X86_PTE_NX);
      if (entry.leaf)
        {
          m.linear = entry.linear;
          m.physical = entry.physical;
          m.page_bits = entry.bits;
          if (!gather (&m, r))
            return FALSE;
        }
      else
        {
          X86PageTable below = x86_page_table_below (table, &entry);

          if (!gather_table (r, state, walker, &below, &m))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
astern_paging_add_regions (AsternRowList *list, const X86State *state, const X86Walker *walker, guint most)
{
  Regions r = { .list = list, .most = most, .digits = x86_long_mode (state) ? 16 : 8, .budget = MOST_ENTRIES };
  const X86Mapping all = { .writable = 1, .user = 1, .executable = 1 };
  X86PageTable root;

  if (!x86_page_table_root (state, &root))
    return TRUE;
  gather_table (&r, state, walker, &root, &all);
  end_region (&r);
  return !r.full;
}
