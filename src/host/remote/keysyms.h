/* keysyms - the keys that X's names of symbols are on, as VNC clients send them.
 *
 * Threads: pure functions. */
#pragma once

#include <glib.h>

/* The number (remote.h) of the key of a US keyboard that has @keysym on it, shifted or not; 0: none has. */
guint16 astern_keysym_key (guint32 keysym);
