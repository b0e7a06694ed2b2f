/* interval - memory as it was before.
 *
 * Beginning an interval copies no memory: it marks the pages as clean, and the
 * first write to a clean page in the interval saves the page as it was.  Undoing
 * puts the saved pages back.  Together with a snapshot of CPUs and devices
 * (snapshot.h) that is the machine at the moment when the interval began.
 *
 * An engine keeps no fast path for writing to a page with ASTERN_PAGE_CLEAN, and
 * drops those that it has when flags are raised (astern_memory_add_flags_listener()).
 *
 * Contents of closed intervals are packed by a thread of the page store (page-store.h).
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Cost:    begin: the pages written in the interval before; a page's first write:
 *          a copy of it; undo: a copy of each page saved since. */
#pragma once

#include "core/memory.h"
#include "core/page-store.h"

typedef struct _AsternIntervals AsternIntervals;

/* One for each memory, which must outlive it.  Memory that is added later counts as unwritten. */
AsternIntervals *astern_intervals_new   (AsternMemory *memory);
void             astern_intervals_free  (AsternIntervals *intervals);

/* Closes the interval that is open, if any, and opens the next.  Returns its number: 0, 1, ... */
guint            astern_intervals_begin (AsternIntervals *intervals);
guint            astern_intervals_count (AsternIntervals *intervals);

/* Makes memory what it was when @interval began.  The later ones are forgotten;
 * @interval is open again, and nothing was written in it. */
void             astern_intervals_undo  (AsternIntervals *intervals, guint interval);

/* The same, but nothing is forgotten: the memory of the present, the *head*, is kept, and so are all intervals.
 * While away from the head nothing is saved; what is written may only be what was written in the
 * intervals from @interval to the one last told to astern_intervals_reached(). */
void             astern_intervals_go      (AsternIntervals *intervals, guint interval);
void             astern_intervals_reached (AsternIntervals *intervals, guint interval);
/* Back to the head.  @executed: memory is the head's already, because all was executed again. */
void             astern_intervals_return  (AsternIntervals *intervals, gboolean executed);
gboolean         astern_intervals_away    (AsternIntervals *intervals);
/* What memory is now becomes the head, in @interval, which is open again; the later ones are forgotten. */
void             astern_intervals_cut     (AsternIntervals *intervals, guint interval);

/* @interval and the one after it become one; neither is the open one. */
void             astern_intervals_merge   (AsternIntervals *intervals, guint interval);
gsize            astern_intervals_size    (AsternIntervals *intervals, guint interval);   /* host memory of one */

/* Whether the page at @ram was written in @interval: if not, no write to it needs looking for there. */
gboolean         astern_intervals_wrote (AsternIntervals *intervals, guint interval, guint64 ram);
guint            astern_intervals_pages (AsternIntervals *intervals, guint interval);   /* how many were written */
/* Where packed pages go beyond @most_bytes of them (page-store.h). */
void             astern_intervals_set_spill (AsternIntervals *intervals, const AsternSpill *spill, gsize most_bytes);
gsize            astern_intervals_spilled   (AsternIntervals *intervals);
gsize            astern_intervals_leaving   (AsternIntervals *intervals);
gsize            astern_intervals_bytes (AsternIntervals *intervals);                   /* host memory held by saved pages */
