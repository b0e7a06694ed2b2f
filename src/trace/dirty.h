/* dirty - which pages of memory were written since they were last kept.
 *
 * It listens to the first write to a page in each interval of the history (ASTERN_PAGE_CLEAN), so that it costs
 * what the history costs already.  Without a history every page counts as written.
 *
 * Threads: the machine's. */
#pragma once

#include "core/memory.h"

typedef struct _AsternDirty AsternDirty;

/* All memory was added; no page counts as written yet. */
AsternDirty *astern_dirty_new   (AsternMemory *memory);
void         astern_dirty_free  (AsternDirty *dirty);

/* Calls @visit for each page written since the last time, in order, and starts anew. */
void         astern_dirty_take  (AsternDirty *dirty, void (*visit) (gpointer user, guint32 page), gpointer user);
guint64      astern_dirty_count (AsternDirty *dirty);

/* Whether a history tells of writes; else all pages always count. */
gboolean     astern_dirty_is_told (AsternDirty *dirty);

/* Memory was put back to what it was: every page that was ever written counts as written. */
void         astern_dirty_undone (AsternDirty *dirty);
