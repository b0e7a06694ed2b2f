/* symbols - names of addresses: from ELF files, from a kernel in memory, from the user.
 *
 * Several tables, each with where it came from and by how much it is moved; lookups see all.
 *
 * Threads: one at a time.
 * Units:   linear addresses; bytes. */
#pragma once

#include <gio/gio.h>

typedef struct _AsternSymbols AsternSymbols;

typedef struct
{
  const char *name;
  guint64     address;     /* slide included */
  guint64     size;        /* 0: up to the next one */
  gboolean    code;
} AsternSymbol;

AsternSymbols *astern_symbols_new    (void);
void           astern_symbols_free   (AsternSymbols *symbols);

/* Begins a table; the ones added then belong to it until astern_symbols_sort().  @source: "vmlinux", "kallsyms". */
void           astern_symbols_begin  (AsternSymbols *symbols, const char *source, guint64 slide);
void           astern_symbols_add    (AsternSymbols *symbols, const char *name, guint64 address, guint64 size, gboolean code);
void           astern_symbols_sort   (AsternSymbols *symbols);
void           astern_symbols_drop   (AsternSymbols *symbols, const char *source);
guint          astern_symbols_count  (AsternSymbols *symbols);
guint          astern_symbols_sources (AsternSymbols *symbols);
void           astern_symbols_source (AsternSymbols *symbols, guint index, const char **source, guint64 *slide, guint *n);

/* Exact name; of several the one of the table added last. */
gboolean       astern_symbols_lookup (AsternSymbols *symbols, const char *name, AsternSymbol *found);
/* The symbol that holds @address, or starts last before it; @offset is how far into it. */
gboolean       astern_symbols_nearest (AsternSymbols *symbols, guint64 address, AsternSymbol *found, guint64 *offset);
/* "name+0x12", or NULL; free it. */
char          *astern_symbols_describe (AsternSymbols *symbols, guint64 address);
/* Calls @visit for names that begin with @prefix, sorted, until it returns FALSE: completion. */
void           astern_symbols_complete (AsternSymbols *symbols, const char *prefix,
                                        gboolean (*visit) (const AsternSymbol *symbol, gpointer data), gpointer data);
