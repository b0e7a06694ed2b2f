/* memory-search - looks for bytes through a whole space, on the machine's thread, a few milliseconds at a time.
 *
 * What is searched is memory: physical addresses, and linear ones that are mapped to it; not devices.  What changes meanwhile may
 * be missed.
 *
 * Threads: the main thread; the search itself goes on the machine's. */
#pragma once

#include "gui/memory-rows.h"
#include "gui/run.h"

typedef struct _AsternMemorySearch AsternMemorySearch;

typedef struct
{
  guint               cpu;
  AsternSpace         space;
  AsternMemoryPattern pattern;
  guint64             from;          /* forward: the first match at or after it; backward: the last one before it */
  gboolean            backward;
} AsternMemorySearchWhat;

typedef struct
{
  void (*progress) (gpointer user, double fraction);
  /* Found or not; the search is gone afterwards. */
  void (*done)     (gpointer user, gboolean found, guint64 address);
} AsternMemorySearchFuncs;

AsternMemorySearch *astern_memory_search_begin  (AsternRun *run, const AsternMemorySearchWhat *what,
                                                 const AsternMemorySearchFuncs *funcs, gpointer user);
/* Nothing is called any more. */
void                astern_memory_search_cancel (AsternMemorySearch *search);
