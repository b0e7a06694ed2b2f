/* start.c - see start.h. */
#include "config.h"

#include "gui/start.h"

#include "gui/command-line.h"
#include "launch/elf.h"
#include "launch/image.h"
#include "launch/saved.h"
#include "session/demo.h"

#include <glib/gi18n.h>

void
astern_start_clear (AsternStart *start)
{
  g_clear_pointer (&start->replay, astern_replay_free);
  g_clear_pointer (&start->options, astern_launch_options_free);
  g_clear_pointer (&start->recording, astern_recording_free);
  g_clear_pointer (&start->words, g_strfreev);
  start->story = NULL;
}

static void
begin (AsternStart *start, const char *const *args)
{
  *start = (AsternStart) { .options = astern_launch_options_new () };
  start->options->window = TRUE;
  start->words = astern_command_line_absolute (args);
}

/* “-help” and the like are answered on a terminal. */
static gboolean
refuse_questions (const AsternLaunchOptions *options, GError **error)
{
  const char *asked = options->help ? "-help" : options->version ? "-version" : options->log_help ? "-d help"
                      : g_strcmp0 (options->cpu, "help") == 0 || g_strcmp0 (options->cpu, "?") == 0 ? "-cpu help" : NULL;

  if (asked == NULL)
    return TRUE;
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
               _("“%s” is a question and starts no machine; “astern run %s” answers it."), asked, asked);
  return FALSE;
}

static gboolean
parse_options (AsternStart *start, const char *const *args, GError **error)
{
  return astern_launch_options_read (start->options, args, error) && refuse_questions (start->options, error);
}

gboolean
astern_start_options (AsternStart *start, const char *const *args, GError **error)
{
  begin (start, args);
  return parse_options (start, args, error);
}

static gboolean
demo (AsternStart *start, const char *const *args, GError **error)
{
  static const char *const none[] = { NULL };

  start->story = astern_demo_story ();
  return astern_demo_options (start->options, none, args, error) && refuse_questions (start->options, error);
}

static gboolean
recording (AsternStart *start, const char *path, const char *const *args, GError **error)
{
  start->recording = astern_recording_open (path, error);
  if (start->recording == NULL)
    return FALSE;
  start->replay = astern_replay_new (start->options, start->recording, args, error);
  return start->replay != NULL;
}

gboolean
astern_start_from_args (AsternStart *start, const char *const *args, GError **error)
{
  const char *path = astern_command_line_recording (args);

  begin (start, args);
  if (g_strcmp0 (args[0], "demo") == 0)
    return demo (start, args + 1, error);
  if (path != NULL)
    return recording (start, path, args + 1, error);
  return parse_options (start, args, error);
}

gboolean
astern_start_demo (AsternStart *start, GError **error)
{
  return astern_start_from_args (start, (const char *const[]) { "demo", NULL }, error);
}

gboolean
astern_start_recording (AsternStart *start, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  return astern_start_from_args (start, (const char *const[]) { absolute, NULL }, error);
}

char *
astern_start_title (const AsternStart *start)
{
  const char *path = astern_command_line_recording ((const char *const *) start->words);
  const AsternLaunchOptions *options = start->options;

  if (path == NULL && options->name != NULL)
    return g_strdup (options->name);
  if (path == NULL)
    path = options->kernel != NULL ? options->kernel : options->bios;
  return path != NULL ? g_filename_display_basename (path) : g_strdup (_("PC with its own firmware"));
}

/* ---- files ---- */

gboolean
astern_start_file_kind (const char *path, AsternFileKind *kind, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  g_autoptr (GBytes) bytes = file != NULL ? g_mapped_file_get_bytes (file) : NULL;

  if (bytes == NULL)
    return FALSE;
  if (astern_recording_recognise (bytes))
    *kind = ASTERN_FILE_RECORDING;
  else if (astern_is_linux (bytes) || astern_is_multiboot (bytes) || astern_is_elf (bytes))
    *kind = ASTERN_FILE_KERNEL;
  else
    *kind = ASTERN_FILE_OTHER;
  return TRUE;
}
