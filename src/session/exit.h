/* exit - how a program of Astern's ends, and what it says on standard error.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* Exit statuses, besides 2 * value + 1 for isa-debug-exit (which are odd). */
enum
{
  ASTERN_EXIT_OK       = 0,   /* the guest powered off, or the user quit */
  ASTERN_EXIT_USAGE    = 1,   /* a wrong option, a missing file: nothing was run */
  ASTERN_EXIT_INTERNAL = 2,   /* our fault */
  ASTERN_EXIT_LOST     = 4,   /* the guest cannot go on: triple fault, or halted for good */
  ASTERN_EXIT_DIVERGED = 6,   /* a replay went another way than its recording */
};

/* "astern: ..." on standard error. */
void astern_complain (const char *message);
