/* paging-rows - page tables as rows of a tree.
 *
 * Pure: reads tables through the caller's walker.
 *
 * Threads: any, on the caller's memory. */
#pragma once

#include "arch/x86/page-tables.h"
#include "gui/rows.h"

enum { ASTERN_PAGING_INDEX, ASTERN_PAGING_LINEAR, ASTERN_PAGING_SIZE, ASTERN_PAGING_PHYSICAL, ASTERN_PAGING_FLAGS };

/* The tables from the root down, as far as they are unfolded (keys).  @merged: entries that follow each other, map what follows
 * each other, and have the same flags are one row.  A row's address is linear. */
void astern_paging_add_tables  (AsternRowList *list, const X86State *state, const X86Walker *walker, GHashTable *unfolded,
                                gboolean merged);
/* What is mapped with the same rights, whatever the tables: at most @most rows.  FALSE: there is more. */
gboolean astern_paging_add_regions (AsternRowList *list, const X86State *state, const X86Walker *walker, guint most);
/* "P W U A D": the bits that are set; free it. */
char *astern_paging_flags_text (guint64 entry, gboolean leaf, gboolean large, gboolean wide);
