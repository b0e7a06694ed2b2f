/* kallsyms - a Linux kernel's table of its own symbols, found in bytes of memory.
 *
 * The kernel's image lies in one piece in physical memory, so that the table can be read without page tables.  No
 * number in it is trusted.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* How the addresses are kept. */
typedef enum
{
  ASTERN_KALLSYMS_ADDRESSES,   /* as they are */
  ASTERN_KALLSYMS_RELATIVE,    /* unsigned 32 bits from a base */
  ASTERN_KALLSYMS_PERCPU,      /* signed 32 bits: not negative, an address in the per-CPU area; else -1 - x from the base */
} AsternKallsymsForm;

/* Offsets are of bytes in `data`. */
typedef struct
{
  const guint8      *data;
  gsize              size;
  guint              word;            /* bytes of a pointer: 8 or 4 */
  gsize              token_table, token_index;
  gsize              names, markers;
  guint              n;               /* symbols */
  AsternKallsymsForm form;
  gsize              addresses;       /* or offsets from the base */
  guint64            base;
} AsternKallsyms;

/* Finds the next table that begins at @from or behind; TRUE with *@found, whose token_table lies at @from or behind.  @data begins
 * where a page begins. */
gboolean astern_kallsyms_find (const guint8 *data, gsize size, gsize from, AsternKallsyms *found);

/* Calls @visit for each symbol in order, by address, until it returns FALSE.  @type: as nm has it: 'T', 'd', 'A'. */
void     astern_kallsyms_each (const AsternKallsyms *table,
                               gboolean (*visit) (const char *name, char type, guint64 address, gpointer user), gpointer user);
