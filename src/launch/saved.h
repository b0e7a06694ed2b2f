/* saved - a machine's whole state into a file, with its options and files, and a run that goes on from one.
 *
 * What makes the machine is in the file; what connects it with the outside is the command line's.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "launch/launch.h"

/* As astern_launch_options_parse(), but that “-load-state FILE” is answered: the machine is the file's then. */
gboolean astern_launch_options_read (AsternLaunchOptions *options, const char *const *args, GError **error);

/* Writes the machine's present state, as astern_saved_write(). */
gboolean astern_launch_save_state   (AsternLaunch *launch, const char *path, GError **error);

/* The machine, which has not run, takes on the state that its options name, if they do. */
gboolean astern_launch_load_state   (AsternLaunch *launch, GError **error);
