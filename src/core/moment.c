/* moment.c - see moment.h. */
#include "config.h"

#include "core/moment.h"

#include <string.h>

int
astern_moment_compare (AsternMoment a, AsternMoment b)
{
  if (a.icount != b.icount)
    return a.icount < b.icount ? -1 : 1;
  if (a.step != b.step)
    return a.step < b.step ? -1 : 1;
  return 0;
}

const char *
astern_moment_format (AsternMoment moment, char text[ASTERN_MOMENT_TEXT])
{
  if (moment.step == 0)
    g_snprintf (text, ASTERN_MOMENT_TEXT, "@%" G_GUINT64_FORMAT, moment.icount);
  else
    g_snprintf (text, ASTERN_MOMENT_TEXT, "@%" G_GUINT64_FORMAT "+%u", moment.icount, moment.step);
  return text;
}

gboolean
astern_moment_parse (const char *text, AsternMoment *moment)
{
  g_auto (GStrv) parts = NULL;
  guint64 icount, step = 0;

  if (text[0] == '@')
    text++;
  parts = g_strsplit (text, "+", 2);
  if (parts[0] == NULL || !g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT64, &icount, NULL))
    return FALSE;
  if (parts[1] != NULL && !g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXUINT32, &step, NULL))
    return FALSE;
  moment->icount = icount;
  moment->step = (guint32) step;
  return TRUE;
}
