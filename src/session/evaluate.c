/* evaluate.c - see evaluate.h. */
#include "config.h"

#include "session/evaluate.h"

#include "session/monitor-private.h"

#include <glib/gi18n.h>

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
astern_evaluate (AsternCpu *cpu, const AsternNames *names, const char *text, guint64 *value, GError **error)
{
  g_autofree char *linear = with_linear_names (cpu, text);
  g_autoptr (AsternExpression) expression = astern_expression_new (linear, cpu->klass, names, error);
  const char *fault;

  if (expression == NULL)
    return FALSE;
  if (!astern_expression_evaluate (expression, cpu, NULL, value, &fault))
    return astern_monitor_fail (error, _("“%s” has no value. %s"), text, fault);
  return TRUE;
}
