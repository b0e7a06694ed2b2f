/* monitor-complete - what the word that is being typed could become.
 *
 * Threads: any; works on the caller's arguments. */
#pragma once

#include "cli/monitor-private.h"

/* Lists of names that are not constant, by AsternCompletes; NULL: none. */
typedef struct
{
  GPtrArray *expressions;    /* "$rax", "main"; sorted by strcmp() */
  GPtrArray *devices;
} AsternMonitorNames;

/* What the word after @head, the line up to it, is. */
AsternCompletes astern_monitor_completes      (const char *head);

/* The characters that end a word of that kind. */
const char     *astern_monitor_word_breaks    (AsternCompletes kind);

/* The words that begin with @text and could come after @head, sorted; strings, freed with the array.  File names are left to readline. */
GPtrArray      *astern_monitor_completions    (const char *head, const char *text, const AsternMonitorNames *names);
