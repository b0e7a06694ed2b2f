/* monitor-format.c - formats of `x`, `print`, `i` and `o`; QEMU's and gdb's letters. */
#include "config.h"

#include "session/monitor-format.h"

#include "session/monitor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define MOST_VALUES 65536

gboolean
astern_monitor_format_parse (const char *text, AsternMonitorFormat *format, const char **rest, GError **error)
{
  static const char letters[] = "xduocis", sizes[] = "bhwg";
  const char *at = text;

  format->count = 1;
  if (*at == '/')
    {
      at++;
      if (g_ascii_isdigit (*at))
        {
          guint64 count = g_ascii_strtoull (at, (char **) &at, 10);

          if (count == 0 || count > MOST_VALUES)
            return astern_monitor_fail (error, _("The count must be from 1 to %d."), MOST_VALUES);
          format->count = (guint) count;
        }
      for (; *at != '\0' && !strchr (" \t", *at); at++)
        if (strchr (letters, *at) != NULL)
          format->letter = *at;
        else if (strchr (sizes, *at) != NULL)
          format->size = 1u << (strchr (sizes, *at) - sizes);
        else
          return astern_monitor_fail (error, _("“%.*s” is no format; there are x, d, u, o, c, i, s, and the sizes b, h, w, g."),
                                      (int) (g_utf8_next_char (at) - at), at);
    }
  *rest = at + strspn (at, " \t");
  return TRUE;
}

static void
append_character (GString *answer, guint8 byte)
{
  if (byte == '\'' || byte == '\\')
    g_string_append_printf (answer, "'\\%c'", byte);
  else if (g_ascii_isprint (byte))
    g_string_append_printf (answer, "'%c'", byte);
  else
    g_string_append_printf (answer, "'\\x%02x'", byte);
}

void
astern_monitor_format_value (GString *answer, char letter, guint size, guint64 value)
{
  static const guint8 unsigned_digits[9] = { [1] = 3, [2] = 5, [4] = 10, [8] = 20 }, octal_digits[9] = { [1] = 3, [2] = 6, [4] = 11, [8] = 22 };
  guint unused = 64 - size * 8;

  value = value << unused >> unused;
  switch (letter)
    {
    case 'd':
      g_string_append_printf (answer, "%*" G_GINT64_FORMAT, unsigned_digits[size] + 1, (gint64) (value << unused) >> unused);
      break;
    case 'u':
      g_string_append_printf (answer, "%*" G_GUINT64_FORMAT, unsigned_digits[size], value);
      break;
    case 'o':
      g_string_append_printf (answer, "0%0*" G_GINT64_MODIFIER "o", octal_digits[size], value);
      break;
    case 'c':
      append_character (answer, (guint8) value);
      break;
    default:
      g_string_append_printf (answer, "0x%0*" G_GINT64_MODIFIER "x", (int) size * 2, value);
      break;
    }
}
