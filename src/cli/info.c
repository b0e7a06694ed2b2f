/* info.c - `astern info FILE` and `astern bookmark`: what is in a recording, for people. */
#include "config.h"

#include "cli/commands.h"

#include "trace/recording.h"
#include "trace/saved.h"

#include <string.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* What is counted, a row each. */
static const struct { const char *label, *sql; } counts[] = {
  { N_("Inputs"),      "SELECT count(*) FROM journal WHERE port <> 'checkpoint'" },
  { N_("Checkpoints"), "SELECT count(*) FROM checkpoint" },
  { N_("Snapshots"),   "SELECT count(*) FROM snapshot" },
  { N_("Events"),      "SELECT count(*) FROM event" },
  { N_("Branches"),    "SELECT count(*) FROM branch" },
  { N_("Bookmarks"),   "SELECT count(*) FROM bookmark" },
};

/* What is in a file may be anyone's. */
static void
show_printable (const char *label, int gap, const char *value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  astern_recording_append_printable (text, value);
  g_print ("%s%*s%s\n", label, gap, "", text->str);
}

static void
line (const char *label, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
line (const char *label, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  show_printable (label, (int) MAX (16 - g_utf8_strlen (label, -1), 1), text);
}

/* The words as a shell would take them. */
static char *
command_line (AsternRecording *recording)
{
  GString *text = g_string_new (NULL);

  for (const char *const *word = astern_recording_arguments (recording); *word != NULL; word++)
    {
      g_autofree char *quoted = g_shell_quote (*word);
      gboolean plain = (*word)[strspn (*word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=.,:+/")] == '\0';

      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", plain && **word != '\0' ? *word : quoted);
    }
  return g_string_free (text, FALSE);
}

static const char *
meta (AsternRecording *recording, const char *key)
{
  const char *value = astern_recording_meta (recording, key);

  return value != NULL ? value : "?";
}

static void
show_head (AsternRecording *recording)
{
  const AsternRecordingHead *head = astern_recording_head (recording);
  char moment[ASTERN_MOMENT_TEXT];

  line (_("Until"), _("%s, %.3f s of guest time"), astern_moment_format (head->moment, moment),
        (double) head->guest_ns / 1e9);
  line (_("Ended by"), "%s", head->ending != NULL ? head->ending : _("being cut off, or it is still running"));
}

static gboolean
show_counts (AsternRecording *recording, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      gint64 number;

      if (!astern_recording_number (recording, counts[i].sql, &number, error))
        return FALSE;
      line (_(counts[i].label), "%" G_GINT64_FORMAT, number);
    }
  return TRUE;
}

static void
show_bookmark (gpointer user, AsternMoment moment, const char *name, const char *note)
{
  g_autofree char *text = g_strconcat (name, note[0] != '\0' ? ": " : "", note, NULL);
  char at[ASTERN_MOMENT_TEXT];

  astern_moment_format (moment, at);
  show_printable (at, MAX (16 - (int) strlen (at), 1), text);
}

static gboolean
show (AsternRecording *recording, const char *path, GError **error)
{
  g_autofree char *words = command_line (recording);
  GStatBuf status;

  line (astern_saved_is (recording) ? _("Saved state") : _("Recording"), "%s", path);
  if (g_stat (path, &status) == 0)
    {
      g_autofree char *size = g_format_size_full ((guint64) status.st_size, G_FORMAT_SIZE_IEC_UNITS);

      line (_("Size"), "%s", size);
    }
  line (_("Made"), _("%s by Astern %s"), meta (recording, "created"), meta (recording, "program-version"));
  line (_("Machine"), "%s", words);
  show_head (recording);
  return show_counts (recording, error) && astern_recording_bookmarks (recording, show_bookmark, NULL, error);
}

int
astern_command_info (const char *const *args)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  if (args[0] == NULL || args[1] != NULL)
    {
      astern_complain (_("Usage: astern info FILE"));
      return ASTERN_EXIT_USAGE;
    }
  recording = astern_recording_open (args[0], &error);
  if (recording == NULL || !show (recording, args[0], &error))
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  return ASTERN_EXIT_OK;
}

int
astern_command_bookmark (const char *const *args)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GError) error = NULL;
  AsternMoment moment;

  if (args[0] == NULL || args[1] == NULL || args[2] == NULL || (args[3] != NULL && args[4] != NULL) ||
      !astern_moment_parse (args[1], &moment))
    {
      astern_complain (_("Usage: astern bookmark FILE @MOMENT NAME [NOTE]"));
      return ASTERN_EXIT_USAGE;
    }
  recording = astern_recording_open (args[0], &error);
  if (recording == NULL ||
      !astern_recording_add_bookmark (recording, moment, args[2], args[3] != NULL ? args[3] : "", &error))
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  return ASTERN_EXIT_OK;
}
