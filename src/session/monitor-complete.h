/* monitor-complete - what the word that is being typed could become.
 *
 * Threads: any. */
#pragma once

#include "session/monitor-private.h"

/* An AsternMonitorNames is the names that are not constant: of registers, symbols and devices. */
AsternMonitorNames *astern_monitor_names_new  (void);
void                astern_monitor_names_free (AsternMonitorNames *names);
/* What EXPRESSION or DEVICE completes to from now on: strings, in any order; takes the reference. */
void                astern_monitor_names_set  (AsternMonitorNames *names, AsternCompletes kind, GPtrArray *words);

/* What the word after @head, the line up to it, is. */
AsternCompletes astern_monitor_completes      (const char *head);

/* The characters that end a word of that kind. */
const char     *astern_monitor_word_breaks    (AsternCompletes kind);

/* The words that begin with @text and could come after @head, sorted; strings, freed with the array.  File names are left to readline. */
GPtrArray      *astern_monitor_completions    (const char *head, const char *text, AsternMonitorNames *names);
