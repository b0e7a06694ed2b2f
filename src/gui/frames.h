/* frames - which frame of the stack is looked at: one choice for all views of a run.
 *
 * It holds until the machine has moved; then it is the innermost one again.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/run.h"

/* The machine has been at `at` when it was made. */
typedef struct
{
  guint        index;      /* from 0, the innermost, as astern_unwind() has them */
  AsternMoment at;
} AsternFrameChoice;

AsternFrameChoice astern_frames_chosen (AsternRun *run);
void              astern_frames_choose (AsternRun *run, guint index);
/* The machine's thread: the index; 0 when it has moved since. */
guint             astern_frame_choice_index (const AsternFrameChoice *choice, AsternSession *session);
/* Calls @changed with @object when it was chosen, while @object lives. */
void              astern_frames_watch  (AsternRun *run, GCallback changed, gpointer object);
void              astern_frames_forget (AsternRun *run, GCallback changed, gpointer object);
