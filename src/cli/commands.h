/* commands - the subcommands of `astern`.
 *
 * Each takes its arguments without its own name, NULL-terminated, and returns
 * the exit status.
 *
 * Threads: the main thread. */
#pragma once

#include "session/exit.h"

int astern_command_run     (const char *const *args);
int astern_command_demo    (const char *const *args);
int astern_command_replay  (const char *const *args);
int astern_command_img     (const char *const *args);
int astern_command_info    (const char *const *args);
int astern_command_bookmark (const char *const *args);
int astern_command_query   (const char *const *args);
/* Returns only when there is no such program. */
int astern_command_gui     (const char *const *args);
int astern_command_help    (const char *const *args);
int astern_command_version (const char *const *args);
