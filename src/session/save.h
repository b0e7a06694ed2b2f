/* save - the run so far as a recording, also when nobody asked for one before; or its present state.
 *
 * A run is a function of its start and of its journal, and both are in memory: that is what is written.
 * A run that is recorded, or replayed, has a recording already, which has more (hashes, whole states, events): that is to be copied.
 *
 * Threads: the machine's, the machine stopped. */
#pragma once

#include "session/session.h"

/* Writes the file @to; or, when there is a recording that has it all, sets *@from (free it): copy that with
 * astern_recording_copy(), on any thread.
 * Cost: the files that the machine was made of are packed (some 300 MB/s), and memory is hashed once. */
gboolean astern_session_save (AsternSession *session, const char *to, char **from, GError **error);

/* Writes the present state to the file @path, from which “-load-state” goes on, under any engine.
 * Cost: what is not zero of memory is packed (some 300 MB/s), and what was looked at of disks is read. */
gboolean astern_session_save_state (AsternSession *session, const char *path, GError **error);
