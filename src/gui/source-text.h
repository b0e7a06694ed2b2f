/* source-text - finding a program's sources on this host, and reading in them.
 *
 * Debug information has the names that files had where the program was compiled.  A map says what of a name's front
 * is something else here: pairs (from, to); an empty `from` is a folder in which to look for relative names.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* The text of a source, UTF-8 whatever it was, with lines ended by \n; NULL: not found.  @map: "a(ss)" (nullable).
 * @looked (nullable): the places where it was looked for are added, char *; the last is where it was found. */
char     *astern_source_read   (const char *name, GVariant *map, GPtrArray *looked);

/* @map with what is to be added for @name to be found in @folder, or below it; a new reference.  NULL: it is not there. */
GVariant *astern_source_map_add (GVariant *map, const char *name, const char *folder);

/* What is written at byte @at of @line as C writes a variable, from its name up to the part that is pointed at: "task->window.rows"
 * when that is "rows", "task->window" when it is "window".  NULL: none.  Free it. */
char     *astern_source_path_at (const char *line, gsize at);
