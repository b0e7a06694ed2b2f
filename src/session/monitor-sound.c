/* monitor-sound.c - who plays what, and capturing it.
 * Source: `wavcapture`, `stopcapture` and `info capture` are asked as QEMU's are. */
#include "config.h"

#include "session/monitor-private.h"

#include "launch/sound.h"

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

COMMAND (info_audio)
{
  g_autofree char *text = astern_sound_describe (monitor->session->launch->sound);

  g_string_append (answer, text[0] != '\0' ? text : _("There is no audiodev.\n"));
  return TRUE;
}

COMMAND (info_capture)
{
  g_autofree char *text = astern_sound_captures (monitor->session->launch->sound);

  g_string_append (answer, text);
  return TRUE;
}

/* The next word as a number; @result as it was where there is none. */
static gboolean
take_number (const char **rest, guint64 least, guint64 most, guint *result, GError **error)
{
  g_autofree char *word = astern_monitor_word (rest);
  guint64 number;

  if (word == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (word, 10, least, most, &number, error))
    return FALSE;
  *result = (guint) number;
  return TRUE;
}

COMMAND (wavcapture)
{
  const char *rest = argument;
  g_autofree char *path = astern_monitor_word (&rest);
  g_autofree char *id = astern_monitor_word (&rest);
  AsternWavFormat format = { 0, 2, 16 };

  if (path == NULL)
    return astern_monitor_fail (error, _("Which file?"));
  if (!take_number (&rest, 1000, 192000, &format.rate_hz, error) || !take_number (&rest, 8, 16, &format.bits, error) ||
      !take_number (&rest, 1, 2, &format.channels, error))
    return FALSE;
  if (format.bits % 8 != 0)
    return astern_monitor_fail (error, _("Samples have 8 or 16 bits."));
  return astern_sound_capture (monitor->session->launch->sound, path, id, &format, error);
}

COMMAND (stopcapture)
{
  const char *rest = argument;
  guint n = 0;

  return take_number (&rest, 0, G_MAXUINT32, &n, error) && astern_sound_stop_capture (monitor->session->launch->sound, n, error);
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_sound_commands[] = {
  { "info audio",   NULL, NULL, N_("the audiodevs, who plays by them, how much was heard"), N, info_audio },
  { "info capture", NULL, NULL, N_("the files that sound is written to now"), N, info_capture },
  { "wavcapture",   NULL, N_("FILE [AUDIODEV [RATE [BITS [CHANNELS]]]]"), N_("write what is heard to a WAV file, too"), N, wavcapture },
  { "stopcapture",  NULL, N_("[N]"), N_("and no more"), N, stopcapture },
  { .words = NULL },
};
