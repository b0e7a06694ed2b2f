/* json - a GVariant as JSON, as programs read it: objects are a{sv}, arrays av.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* @indent: of the first line's end; 0. */
void astern_json_append (GString *text, GVariant *value, guint indent);
/* The entries of an object, by their keys; unref when done. */
GPtrArray *astern_json_entries (GVariant *object);
void astern_json_append_string (GString *text, const char *string);
