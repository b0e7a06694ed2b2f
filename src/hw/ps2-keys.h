/* ps2-keys - the keys of a PS/2 keyboard and their scan codes.
 *
 * Threads: constant data and pure functions. */
#pragma once

#include <glib.h>

typedef struct
{
  guint8 set1, set2, set3;    /* make codes; 0: the key is not in this set */
  guint8 prefix;              /* 0xe0 or 0, in sets 1 and 2 */
} Ps2Key;

/* @number as in ps2-keyboard.h; NULL: no such key. */
const Ps2Key *ps2_key_find      (guint16 number);

/* What an 8042 makes of a make code of set 2: that of set 1; other bytes stay as they are. */
guint8        ps2_key_translate (guint8 code);
