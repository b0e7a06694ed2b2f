/* frames - which frame of the stack is looked at: one choice for all views of a run.
 *
 * It holds until the machine has moved; then it is the innermost one again.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/run.h"

/* From 0, the innermost, as astern_unwind() has them. */
guint astern_frames_chosen (AsternRun *run);
void  astern_frames_choose (AsternRun *run, guint index);
/* Calls @changed with @object when it was chosen, while @object lives. */
void  astern_frames_watch  (AsternRun *run, GCallback changed, gpointer object);
void  astern_frames_forget (AsternRun *run, GCallback changed, gpointer object);
