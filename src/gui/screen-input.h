/* screen-input - keys and the pointer over the guest's screen, on their way into the guest.
 *
 * Keys go to the guest while the screen has the focus.  When it has *grabbed*, by a click or Ctrl+Alt+G, the pointer is the
 * guest's as well, and all keys are: the window's shortcuts and the desktop's wait until it lets go (Ctrl+Alt+G again, another
 * window, a machine that stops).  Ctrl+Tab leaves a screen that has not.  Whatever ends the focus lets go of all keys that are
 * down.
 *
 * A guest that has a tablet set up gets the pointer where it is, without a grab, while it runs.
 *
 * In the past a key is a change: the user is asked, and then it is pressed and let go of at once.  A replay takes no keys.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"

#define ASTERN_TYPE_SCREEN_INPUT (astern_screen_input_get_type ())
G_DECLARE_FINAL_TYPE (AsternScreenInput, astern_screen_input, ASTERN, SCREEN_INPUT, GObject)

/* Listens to @area, which lives longer. */
AsternScreenInput *astern_screen_input_new     (GtkWidget *area);
/* (nullable) */
void               astern_screen_input_set_run (AsternScreenInput *input, AsternRun *run);

gboolean           astern_screen_input_grabbed (AsternScreenInput *input);
void               astern_screen_input_grab    (AsternScreenInput *input);
void               astern_screen_input_let_go  (AsternScreenInput *input);
/* "ctrl-alt-delete", pressed and let go of. */
void               astern_screen_input_chord   (AsternScreenInput *input, const char *chord);

/* Signals: "grabbed": or not any more; "full-screen": Ctrl+Alt+F was pressed. */
