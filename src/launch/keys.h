/* keys - names of keys as QEMU's `sendkey` has them, and the numbers that the
 * PS/2 keyboard's input takes (hw/ps2-keyboard.h).
 *
 * Threads: constant data. */
#pragma once

#include <glib.h>

/* 0: there is no such key. */
guint16     astern_key_number (const char *name);

/* The names, in no order; NULL after the last. */
const char *astern_key_name   (guint index);

/* "ctrl-alt-delete" -> packets for the keyboard's input: all down in order, then
 * up in reverse.  NULL with *@unknown, to be freed, when a name is not known. */
GByteArray *astern_key_packets (const char *chord, char **unknown);
