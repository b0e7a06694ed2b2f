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
  guint64     size;        /* 0: up to the next one, if that is near */
  gboolean    code;
} AsternSymbol;

AsternSymbols *astern_symbols_new    (void);
void           astern_symbols_free   (AsternSymbols *symbols);

/* Begins a table; the ones added then belong to it until astern_symbols_sort(), before which they are not found.
 * @source: "vmlinux", "kallsyms"; several tables may have one source.  Addresses are added without @slide. */
void           astern_symbols_begin  (AsternSymbols *symbols, const char *source, guint64 slide);
void           astern_symbols_add    (AsternSymbols *symbols, const char *name, guint64 address, guint64 size, gboolean code);
void           astern_symbols_sort   (AsternSymbols *symbols);
/* All tables of that source.  Names found in them are gone. */
void           astern_symbols_drop   (AsternSymbols *symbols, const char *source);
void           astern_symbols_drop_last (AsternSymbols *symbols);      /* the table begun last */
guint          astern_symbols_count  (AsternSymbols *symbols);
guint          astern_symbols_sources (AsternSymbols *symbols);
void           astern_symbols_source (AsternSymbols *symbols, guint index, const char **source, guint64 *slide, guint *n);

/* Exact name; of several the one of the table added last, and there the lowest. */
gboolean       astern_symbols_lookup (AsternSymbols *symbols, const char *name, AsternSymbol *found);
/* The same as the `lookup` of an AsternNames (core/expression.h), whose data the symbols are. */
gboolean       astern_symbols_lookup_value (gpointer symbols, const char *name, guint64 *value);
/* The symbol that holds @address, or starts last before it; @offset is how far into it. */
gboolean       astern_symbols_nearest (AsternSymbols *symbols, guint64 address, AsternSymbol *found, guint64 *offset);
/* "name", "name+0x12"; NULL when there is no symbol near.  Free it. */
char          *astern_symbols_describe (AsternSymbols *symbols, guint64 address);
/* Calls @visit for names that begin with @prefix, sorted, each once, until it returns FALSE: completion. */
void           astern_symbols_complete (AsternSymbols *symbols, const char *prefix,
                                        gboolean (*visit) (const AsternSymbol *symbol, gpointer data), gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternSymbols, astern_symbols_free)
