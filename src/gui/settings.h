/* settings - what is remembered from one start of the program to the next.
 *
 * Threads: the main thread. */
#pragma once

#include <gio/gio.h>

/* NULL: their schema is not there, as where the program was built but not installed, or has no @key; one does without. */
GSettings *astern_window_settings_new (const char *key);
