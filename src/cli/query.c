/* query.c - `astern query FILE 'SELECT …'`. */
#include "config.h"

#include "cli/commands.h"

#include "trace/recording.h"

#include <unistd.h>

#include <glib/gi18n.h>

/* -tsv and -columns say how; else columns for a terminal, tabs for programs. */
static gboolean
take_format (const char *const **args)
{
  gboolean tabs = g_strcmp0 ((*args)[0], "-tsv") == 0, columns = g_strcmp0 ((*args)[0], "-columns") == 0;

  *args += tabs || columns;
  return columns || (!tabs && isatty (STDOUT_FILENO) == 1);
}

int
astern_command_query (const char *const *args)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gboolean aligned = take_format (&args);

  if (args[0] == NULL || args[1] == NULL || args[2] != NULL)
    {
      astern_complain (_("Usage: astern query [-columns | -tsv] FILE 'SELECT …'; “astern query FILE .schema” shows the tables."));
      return ASTERN_EXIT_USAGE;
    }
  recording = astern_recording_open (args[0], &error);
  if (recording == NULL || !astern_recording_query (recording, args[1], aligned, text, &error))
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  g_print ("%s", text->str);
  return ASTERN_EXIT_OK;
}
