/* run.c - `astern run` and `astern demo`. */
#include "config.h"

#include "cli/commands.h"

#include "arch/x86/features.h"
#include "core/events.h"
#include "launch/saved.h"
#include "session/demo.h"

#include <glib/gi18n.h>

static void
show_log_kinds (void)
{
#define X(id, name, help) g_print ("%-14s %s\n", name, _(help));
  ASTERN_EVENT_KINDS (X)
#undef X
}

static gboolean
is_help (const char *text)
{
  return text != NULL && (g_str_equal (text, "help") || g_str_equal (text, "?"));
}

/* Questions that are answered without a machine. */
static gboolean
answer (const AsternLaunchOptions *options)
{
  g_autofree char *text = NULL;

  if (options->device_help != NULL)
    text = g_strdup (options->device_help);
  else if (options->help)
    text = astern_launch_options_help ();
  else if (is_help (options->cpu))
    text = x86_features_list_models ();
  if (text != NULL)
    g_print ("%s", text);
  else if (options->log_help)
    show_log_kinds ();
  else if (options->version)
    astern_command_version (NULL);
  return text != NULL || options->log_help || options->version;
}

static int
run (const AsternLaunchOptions *options, const AsternSessionStory *story, const GError *error)
{
  if (error != NULL)
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  if (answer (options))
    return ASTERN_EXIT_OK;
  return astern_session_run (options, &(AsternSessionHow) { .story = story });
}

int
astern_command_run (const char *const *args)
{
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();

  g_autoptr (GError) error = NULL;

  astern_launch_options_read (options, args, &error);
  return run (options, NULL, error);
}

int
astern_command_demo (const char *const *args)
{
  static const char *const terminal[] = { "-nographic", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_demo_options (options, terminal, args, &error);
  return run (options, astern_demo_story (), error);
}
