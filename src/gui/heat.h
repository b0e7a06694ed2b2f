/* heat - how often instructions were executed, for whoever draws code; see past.h.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/past.h"

/* Counts executions of the instructions that begin in linear [start, end), at most ASTERN_MAX_COUNTED_BYTES, in the stretch that
 * @choice means.  About a million instructions a second. */
void    astern_heat_count  (AsternRun *run, const AsternPastChoice *choice, guint64 start, guint64 end, GCancellable *cancellable,
                            GAsyncReadyCallback counted, gpointer user);
/* AsternExecutionCount by address, those that were never executed left out.  @stretch (nullable): where was looked.  Unref it. */
GArray *astern_heat_finish (GAsyncResult *result, AsternStretch *stretch, GError **error);
/* From such an array: how often. */
guint64 astern_heat_at     (const GArray *counts, guint64 address);
