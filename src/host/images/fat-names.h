/* fat-names - the two names of each file on FAT: eight and three capitals, and a long one in pieces.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

#define FAT_ENTRY_BYTES 32
#define FAT_SHORT_BYTES 11

/* Appends the entries of a long name, if @name needs one, and fills in @short_name, which is in @taken then. */
gboolean astern_fat_add_name (const char *name, GHashTable *taken, GByteArray *entries, guint8 *short_name);
