/* monitor-arguments.c - what follows a command: words, numbers, expressions. */
#include "config.h"

#include "session/monitor-private.h"

#include "session/evaluate.h"

#include <string.h>

#include <glib/gi18n.h>

gboolean
astern_monitor_fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, ASTERN_MONITOR_ERROR, 0, message);
  return FALSE;
}

char *
astern_monitor_word (const char **rest)
{
  const char *start = *rest + strspn (*rest, " \t"), *at = start;
  guint depth = 0;
  char quote = '\0';

  for (; *at != '\0' && (depth > 0 || quote != '\0' || !strchr (" \t", *at)); at++)
    if (quote != '\0')
      quote = *at == quote ? '\0' : quote;
    else if (*at == '"' || *at == '\'')
      quote = *at;
    else if (*at == '(' || *at == '[')
      depth++;
    else if ((*at == ')' || *at == ']') && depth > 0)
      depth--;
  *rest = at + strspn (at, " \t");
  if (at == start)
    return NULL;
  if ((*start == '"' || *start == '\'') && at - start >= 2 && at[-1] == *start)   /* a name with spaces */
    return g_strndup (start + 1, (gsize) (at - start) - 2);
  return g_strndup (start, (gsize) (at - start));
}

gboolean
astern_monitor_number (const char *text, guint64 *value, GError **error)
{
  char *end;

  if (g_ascii_isxdigit (text[0]))
    {
      *value = g_ascii_strtoull (text, &end, 0);
      if (*end == '\0')
        return TRUE;
    }
  return astern_monitor_fail (error, _("“%s” is not a number."), text);
}

gboolean
astern_monitor_evaluate (AsternMonitor *monitor, const char *text, guint64 *value, GError **error)
{
  return astern_evaluate (astern_monitor_cpu (monitor), &monitor->session->launch->names, text, value, error);
}
