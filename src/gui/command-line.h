/* command-line - what a machine was started with, as words and as a line for a shell.
 *
 * The words are those of `astern-gtk`: the options of `astern run`; or a recording's file and options; or “demo” and options.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* The same from any folder: names of files that are there, or will be written, become absolute.  NULL-terminated; free it with
 * g_strfreev(). */
char     **astern_command_line_absolute (const char *const *words);

/* The line that does the same: “astern run …”, quoted where a shell needs it.  Free it. */
char      *astern_command_line_text     (const char *const *words);

/* (nullable) The file of the recording that the words name. */
const char *astern_command_line_recording (const char *const *words);

/* The argument of the last option of this name, without dashes; NULL: there is none. */
const char *astern_command_line_find     (const char *const *words, const char *option);
