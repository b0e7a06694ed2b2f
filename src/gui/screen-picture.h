/* screen-picture - the guest's screen as a picture to be kept.
 *
 * Threads: the main thread; files are written on others. */
#pragma once

#include "gui/run.h"
#include "gui/screen-area.h"

/* Into the user's folder for pictures; @run says under what name. */
void astern_screen_save      (AsternScreenArea *area, AsternRun *run);
/* Where the user says. */
void astern_screen_save_as   (AsternScreenArea *area, AsternRun *run);
void astern_screen_copy      (AsternScreenArea *area);
void astern_screen_copy_text (AsternScreenArea *area);
