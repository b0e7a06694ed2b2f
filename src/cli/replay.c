/* replay.c - `astern replay FILE`. */
#include "config.h"

#include "cli/commands.h"

#include "session/replay.h"

#include <glib/gi18n.h>

static void
show_help (void)
{
  g_print (_("Usage: astern replay FILE [OPTION…]\n\n"
             "Runs the recording again, exactly; no other file is needed. Typed input is ignored.\n\n"
             "  -from MOMENT  start with the last whole state that was kept until there, and not at power-on\n\n"
             "Options, as of “astern run”: -S -s -gdb -monitor -serial -debugcon -nographic -display -stop-at -state-hash\n"
             "-screendump -history -symbols -d -D -perf-map -accel\n\n"
             "Exit status: that of the run; 6 when the replay went another way than the run.\n"));
}

static int
replay_file (AsternRecording *recording, const char *const *args)
{
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternReplay) replay = NULL;
  AsternSessionCompanion companion;

  replay = astern_replay_new (options, recording, args, &error);
  if (replay == NULL)
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  if (options->help)
    {
      show_help ();
      return ASTERN_EXIT_OK;
    }
  companion = astern_replay_companion (replay);
  return astern_session_run (options, &(AsternSessionHow) { .companions = { &companion } });
}

int
astern_command_replay (const char *const *args)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  if (args[0] == NULL || g_str_equal (args[0], "-help") || g_str_equal (args[0], "--help") || g_str_equal (args[0], "-h"))
    {
      show_help ();
      return args[0] == NULL ? ASTERN_EXIT_USAGE : ASTERN_EXIT_OK;
    }
  recording = astern_recording_open (args[0], &error);
  if (recording == NULL)
    {
      astern_complain (error->message);
      return ASTERN_EXIT_USAGE;
    }
  return replay_file (recording, args + 1);
}
