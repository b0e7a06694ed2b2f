/* monitor-format - "/4gx": how many values, of what size, written how.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

typedef struct
{
  guint count;
  guint size;       /* bytes: 1, 2, 4, 8; 0: none was given */
  char  letter;     /* x d u o c i s */
} AsternMonitorFormat;

/* Takes the format that @text may begin with; *@rest is what follows it.  What it does not say stays as it is in @format, but
 * for the count, which is then 1. */
gboolean astern_monitor_format_parse (const char *text, AsternMonitorFormat *format, const char **rest, GError **error);

/* One value of @size bytes, as wide as the widest of its kind. */
void     astern_monitor_format_value (GString *answer, char letter, guint size, guint64 value);
