/* suboptions - the `value,key=value,key` lists inside an option's argument.
 *
 * As QEMU has them: a comma inside a value is written twice; the first item may
 * leave its key out; a key alone means key=on.
 *
 * Threads: any; plain values. */
#pragma once

#include <glib.h>

typedef struct
{
  char    *key;
  char    *value;
} AsternSuboption;

/* AsternSuboption, in order; free with g_array_unref().  @implied_key: of a first
 * item without '='; NULL when there is none. */
GArray  *astern_suboptions_parse (const char *text, const char *implied_key);

/* A comma of @value is written twice, as inside a list; free it. */
char    *astern_suboption_quoted (const char *value);

/* "on"/"off", "yes"/"no", "true"/"false". */
gboolean astern_suboption_switch (const AsternSuboption *item, const char *option, gboolean *result, GError **error);

/* Decimal, 0x… or 0…; [min, max]. */
gboolean astern_suboption_number (const AsternSuboption *item, const char *option, guint64 min, guint64 max,
                                  guint64 *result, GError **error);

/* The same for a bare text; @what names it in the message. */
gboolean astern_parse_number     (const char *text, const char *what, guint64 min, guint64 max, guint64 *result,
                                  GError **error);

/* A number with a unit k, M, G, T; @unit_bytes when there is none. */
gboolean astern_parse_size       (const char *text, const char *what, guint64 unit_bytes, guint64 *result, GError **error);

/* Says that @item is not one of @known ("iobase, iosize"). */
void     astern_suboption_unknown (const AsternSuboption *item, const char *option, const char *known, GError **error);
