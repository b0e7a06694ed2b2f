/* symbols-elf - the symbols of ELF files.
 *
 * Threads: one at a time for one set of symbols. */
#pragma once

#include "core/symbols.h"

/* Adds the symbols of an ELF file of 32 or 64 bits as a table called @source: functions, objects and labels, those of
 * .symtab, or of .dynsym when there is no other.  @base (nullable): where the first segment that is loaded really
 * lies; NULL: where the file says.
 * Errors, with @symbols as before: the file is damaged, is not linked, or has no symbols. */
gboolean astern_symbols_load_elf (AsternSymbols *symbols, GBytes *file, const char *source, const guint64 *base,
                                  GError **error);
