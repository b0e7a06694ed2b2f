/* recent - what was run and opened last, in a small file.
 *
 * Threads: the main thread.
 * Errors:  a file that cannot be read is as an empty one; one that cannot be written is logged and left. */
#pragma once

#include <glib.h>

typedef struct
{
  char  *title;
  char **words;        /* as command-line.h */
  gint64 when_s;       /* since 1970, UTC */
} AsternRecent;

#define ASTERN_RECENT_MOST 20

/* AsternRecent, the latest first; without those whose kernel, firmware or recording is not there any more. */
GPtrArray *astern_recent_load  (const char *file);

/* Puts it first; one with the same words is moved.  @words should be absolute. */
void       astern_recent_add   (const char *file, const char *title, const char *const *words, gint64 when_s);

void       astern_recent_free  (AsternRecent *recent);

/* The user's file; free it. */
char      *astern_recent_file  (void);
