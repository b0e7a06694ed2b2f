/* monitor-arguments.c - what follows a command: words, numbers, expressions. */
#include "config.h"

#include "session/monitor-private.h"

#include "core/expression.h"

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

/* In addresses $pc and $sp are linear: in 16-bit code the offsets alone, which expressions know, lead nowhere. */
static char *
with_linear_names (AsternCpu *cpu, const char *text)
{
  GString *result = g_string_new (NULL);
  AsternCodePlace place;

  cpu->klass->code_place (cpu, &place);
  while (*text != '\0')
    {
      gboolean pc = g_str_has_prefix (text, "$pc"), sp = g_str_has_prefix (text, "$sp");

      if ((pc || sp) && !g_ascii_isalnum (text[3]) && text[3] != '_' && text[3] != '.')
        {
          g_string_append_printf (result, "0x%" G_GINT64_MODIFIER "x", pc ? place.linear : cpu->klass->stack_linear (cpu));
          text += 3;
        }
      else
        g_string_append_c (result, *text++);
    }
  return g_string_free (result, FALSE);
}

gboolean
astern_monitor_evaluate (AsternMonitor *monitor, const char *text, guint64 *value, GError **error)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  g_autofree char *linear = with_linear_names (cpu, text);
  g_autoptr (AsternExpression) expression = astern_expression_new (linear, cpu->klass, &monitor->session->launch->names, error);
  const char *fault;

  if (expression == NULL)
    return FALSE;
  if (!astern_expression_evaluate (expression, cpu, NULL, value, &fault))
    return astern_monitor_fail (error, _("“%s” has no value: %s."), text, fault);
  return TRUE;
}
