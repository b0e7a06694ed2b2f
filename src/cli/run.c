/* run.c - `astern run` and `astern demo`. */
#include "config.h"

#include "cli/commands.h"

#include "arch/x86/features.h"
#include "cli/record.h"
#include "cli/session.h"
#include "core/events.h"
#include "launch/demo-image.h"

#include <string.h>

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

  if (options->help)
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
run (AsternLaunchOptions *options, const char *const *args, const AsternSessionStory *story)
{
  g_autoptr (GError) error = NULL;

  if (!astern_launch_options_parse (options, args, &error))
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  if (answer (options))
    return ASTERN_EXIT_OK;
  return options->record != NULL ? astern_record_session (options, story) : astern_session_run (options, story, NULL);
}

int
astern_command_run (const char *const *args)
{
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();

  return run (options, args, NULL);
}

/* The same each time: the seed and the clock at power-on are given. */
int
astern_command_demo (const char *const *args)
{
  static const char *const own[] = { "-m", "64", "-nographic", "-no-reboot", "-seed", "1",
                                     "-rtc", "base=2026-01-01T00:00:00", "-name", "demo" };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    g_ptr_array_add (all, (gpointer) own[i]);
  for (; *args != NULL; args++)
    g_ptr_array_add (all, (gpointer) *args);
  g_ptr_array_add (all, NULL);
  options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  return run (options, (const char *const *) all->pdata, &(AsternSessionStory) {
    .ending = _("The demo guest has died of its bug and halted. Its last words are above; -state-hash proves that every "
                "run ends the same."),
    .command = "catch exception 14",
    .lesson = _("This is the demo's bug: a page fault in its kernel. The machine stands before the guest hears of it, and all "
                "of its past is there:\n"
                "  step back                            the stack pointer came from outside\n"
                "  who-wrote u64[kernel + 0x320]        go to who wrote it last\n"
                "  print/d $rdi                         … the column, of 64\n"
                "doc/tutorial.md tells more; “continue” lets the guest die, Ctrl-A x quits.\n"),
  });
}
