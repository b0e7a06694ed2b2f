/* events.c - see events.h. */
#include "config.h"

#include "core/events.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdarg.h>
#include <string.h>

static const struct
{
  const char *name, *help;
} kinds[ASTERN_N_EVENT_KINDS] = {
#define X(id, name, help) { name, help },
  ASTERN_EVENT_KINDS (X)
#undef X
};

static void
tell_listener (AsternEvents *events, AsternEventKind kind, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);

  events->listener (events->listener_data, kind, g_strchomp (text));
}

void
astern_events_log (AsternEvents *events, AsternEventKind kind, const char *format, ...)
{
  FILE *file = events->file != NULL ? events->file : stderr;
  gsize length = strlen (format);
  va_list args;

  events->counts[kind]++;
  if ((events->listened >> kind) & 1)
    {
      va_start (args, format);
      tell_listener (events, kind, format, args);
      va_end (args);
    }
  if (!((events->enabled >> kind) & 1))
    return;
  va_start (args, format);
  vfprintf (file, format, args);
  va_end (args);
  if (length == 0 || format[length - 1] != '\n')
    fputc ('\n', file);
}

void
astern_events_listen (AsternEvents *events, guint32 heard, AsternEventFunc listener, gpointer data)
{
  events->listened = heard;
  events->listener = listener;
  events->listener_data = data;
}

const char *
astern_event_kind_name (AsternEventKind kind)
{
  return kinds[kind].name;
}

static gboolean
find_kind (const char *name, guint32 *mask)
{
  for (guint i = 0; i < ASTERN_N_EVENT_KINDS; i++)
    if (strcmp (kinds[i].name, name) == 0)
      {
        *mask |= 1u << i;
        return TRUE;
      }
  return FALSE;
}

gboolean
astern_events_parse (const char *text, guint32 *mask, GError **error)
{
  g_auto (GStrv) names = g_strsplit (text, ",", -1);
  guint32 found = 0;

  for (char **name = names; *name != NULL; name++)
    if (!find_kind (g_strstrip (*name), &found))
      {
        g_autoptr (GString) known = g_string_new (NULL);

        for (guint i = 0; i < ASTERN_N_EVENT_KINDS; i++)
          g_string_append_printf (known, "%s%s", i == 0 ? "" : ", ", kinds[i].name);
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     _("There is no log item “%s”. The log items are: %s."), *name, known->str);
        return FALSE;
      }
  *mask = found;
  return TRUE;
}
