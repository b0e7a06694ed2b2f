/* new-machine - a window in which a machine is put together; the machine that runs goes on meanwhile.
 *
 * It names an action of its parent's only: win.start, with the words of command-line.h.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#define ASTERN_TYPE_NEW_MACHINE (astern_new_machine_get_type ())
G_DECLARE_FINAL_TYPE (AsternNewMachine, astern_new_machine, ASTERN, NEW_MACHINE, GtkWindow)

/* @parent: has the action.  @kernel (nullable): filled in. */
AsternNewMachine *astern_new_machine_new (GtkWindow *parent, const char *kernel);
