/* file - what the launcher wants of the host besides terminals: whole files,
 * the wall clock, a seed, how much memory there is.
 *
 * Threads: any. */
#pragma once

#include <gio/gio.h>

/* Reads all of @path.  @what names it in the message: "kernel".  Directories and
 * files over @max_bytes are errors; a FIFO or /dev/stdin is fine. */
GBytes  *astern_file_read           (const char *path, const char *what, gsize max_bytes, GError **error);

/* Writes all of @path or leaves it as it was. */
gboolean astern_file_write          (const char *path, const char *what, GBytes *data, GError **error);

/* Seconds since 1970, UTC; with @local, the wall clock of the host's time zone
 * counted as if it were UTC. */
guint64  astern_host_wall_clock_s   (gboolean local);

guint64  astern_host_random_seed    (void);

/* RAM and swap together; 0 when the host does not say. */
guint64  astern_host_memory_bytes   (void);
