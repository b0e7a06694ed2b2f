/* page-tables - what a CPU's page tables map, from the lowest address to the highest.
 *
 * Goes by walks (paging.h), so that it sees what an access would see.  Nothing is changed.
 *
 * Threads: works on the caller's memory. */
#pragma once

#include "arch/x86/paging.h"

/* One page. */
typedef struct
{
  guint64 linear, physical;
  guint64 entry;                          /* the leaf */
  guint8  page_bits;                      /* log2 of its size */
  guint8  writable, user, executable;     /* of all levels together */
} X86Mapping;

/* Calls @visit for every page in [from, to] that is mapped, until it returns FALSE.  A guest's tables may
 * lead in circles and so map without end: at most @most_walks are made.  Returns FALSE when they were not
 * enough; *@reached (out, nullable) is then where it stopped. */
gboolean x86_page_tables_foreach (const X86State *state, const X86Walker *walker, guint64 from, guint64 to, guint64 most_walks,
                                  gboolean (*visit) (const X86Mapping *mapping, gpointer data), gpointer data,
                                  guint64 *reached);

/* How much of the linear addresses one entry stands for that was read as the @n_entries-th of a walk (1: the root's):
 * log2 of it.  With PAE 0 is the latched PDPTE. */
guint    x86_page_tables_entry_bits (const X86State *state, guint n_entries);

/* ---- table by table ---- */

/* One table: the root, or where an entry leads. */
typedef struct
{
  guint64 physical;      /* of PAE's four latched entries: CR3's */
  guint64 linear;        /* the first address that it stands for */
  guint   level;         /* from the root's, 0, down; with PAE the latched entries are level 0 */
} X86PageTable;

typedef struct
{
  guint64      linear, entry;
  guint64      at;                 /* physical address of the entry itself */
  guint64      physical;           /* where it leads: a page or a table */
  guint8       bits;               /* log2 of what it stands for */
  guint8       present, leaf, large;
} X86PageTableEntry;

/* FALSE: there is no paging. */
gboolean    x86_page_table_root   (const X86State *state, X86PageTable *root);
guint       x86_page_table_size   (const X86State *state, const X86PageTable *table);     /* entries */
const char *x86_page_table_name   (const X86State *state, const X86PageTable *table);     /* of its entries: "PDE" */
void        x86_page_table_entry  (const X86State *state, const X86Walker *walker, const X86PageTable *table, guint index,
                                   X86PageTableEntry *entry);
/* The table that a present entry which is no leaf leads to. */
X86PageTable x86_page_table_below (const X86PageTable *table, const X86PageTableEntry *entry);
