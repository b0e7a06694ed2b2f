/* stopwatch - what work costs the host.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* Time that the calling thread has executed so far, in us; waiting does not count. */
guint64 astern_thread_time_us (void);
