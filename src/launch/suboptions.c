/* suboptions.c - `key=value,…` lists, numbers and sizes.
 * Source: QEMU's manual, the syntax of option arguments. */
#include "config.h"

#include "launch/suboptions.h"

#include <errno.h>
#include <string.h>

#include "launch/options.h"

#include <glib/gi18n.h>

static void
clear_item (gpointer data)
{
  AsternSuboption *item = data;

  g_free (item->key);
  g_free (item->value);
}

/* Takes one item off @text; ",," is a comma. */
static char *
next_item (const char **text)
{
  GString *item = g_string_new (NULL);
  const char *at = *text;

  while (*at != '\0' && (*at != ',' || at[1] == ','))
    {
      g_string_append_c (item, *at);
      at += *at == ',' ? 2 : 1;
    }
  *text = *at == ',' ? at + 1 : at;
  return g_string_free (item, FALSE);
}

GArray *
astern_suboptions_parse (const char *text, const char *implied_key)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (AsternSuboption));
  const char *rest = text;

  g_array_set_clear_func (items, clear_item);
  while (*rest != '\0')
    {
      g_autofree char *whole = next_item (&rest);
      const char *equals = strchr (whole, '=');
      AsternSuboption item;

      if (equals != NULL)
        item = (AsternSuboption) { g_strndup (whole, (gsize) (equals - whole)), g_strdup (equals + 1) };
      else if (items->len == 0 && implied_key != NULL)
        item = (AsternSuboption) { g_strdup (implied_key), g_strdup (whole) };
      else
        item = (AsternSuboption) { g_strdup (whole), g_strdup ("on") };
      g_array_append_val (items, item);
    }
  return items;
}

gboolean
astern_suboption_switch (const AsternSuboption *item, const char *option, gboolean *result, GError **error)
{
  static const char *const on[] = { "on", "yes", "true", NULL };
  static const char *const off[] = { "off", "no", "false", NULL };

  if (g_strv_contains (on, item->value))
    *result = TRUE;
  else if (g_strv_contains (off, item->value))
    *result = FALSE;
  else
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("%s: “%s” must be on or off, not “%s”."),
                   option, item->key, item->value);
      return FALSE;
    }
  return TRUE;
}

gboolean
astern_parse_number (const char *text, const char *what, guint64 min, guint64 max, guint64 *result, GError **error)
{
  char *end = NULL;
  guint64 value = 0;

  errno = 0;
  if (g_ascii_isdigit (text[0]))
    value = g_ascii_strtoull (text, &end, 0);
  if (end == NULL || *end != '\0' || errno != 0 || value < min || value > max)
    {
      g_autofree char *limits = g_strdup_printf ("%" G_GUINT64_FORMAT "–%" G_GUINT64_FORMAT, min, max);

      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   /* Translators: the last %s is a range, “1–8” */
                   _("%s: “%s” is not a number in %s."), what, text, limits);
      return FALSE;
    }
  *result = value;
  return TRUE;
}

gboolean
astern_suboption_number (const AsternSuboption *item, const char *option, guint64 min, guint64 max, guint64 *result,
                         GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s: %s", option, item->key);

  return astern_parse_number (item->value, what, min, max, result, error);
}

static gboolean
unit_of (const char *text, guint64 default_bytes, guint64 *unit_bytes)
{
  static const char letters[] = "bkmgt";
  const char *found;

  if (text[0] == '\0')
    {
      *unit_bytes = default_bytes;
      return TRUE;
    }
  found = strchr (letters, g_ascii_tolower (text[0]));
  if (found == NULL || text[1] != '\0')
    return FALSE;
  *unit_bytes = G_GUINT64_CONSTANT (1) << (10 * (found - letters));
  return TRUE;
}

gboolean
astern_parse_size (const char *text, const char *what, guint64 unit_bytes, guint64 *result, GError **error)
{
  char *end = NULL;
  guint64 value = 0, unit = 0;

  errno = 0;
  if (g_ascii_isdigit (text[0]))
    value = g_ascii_strtoull (text, &end, 0);
  if (end == NULL || errno != 0 || !unit_of (end, unit_bytes, &unit) || value > G_MAXINT64 / unit)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("%s: “%s” is not a size; write a number with k, M, G or T, as in “512M”."), what, text);
      return FALSE;
    }
  *result = value * unit;
  return TRUE;
}

void
astern_suboption_unknown (const AsternSuboption *item, const char *option, const char *known, GError **error)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("%s: “%s=%s” is not there; there is: %s."),
               option, item->key, item->value, known);
}

char *
astern_suboption_quoted (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", -1);

  return g_strjoinv (",,", parts);
}
