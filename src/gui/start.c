/* start.c - see start.h. */
#include "config.h"

#include "gui/start.h"

#include "session/demo.h"

void
astern_start_clear (AsternStart *start)
{
  g_clear_pointer (&start->replay, astern_replay_free);
  g_clear_pointer (&start->options, astern_launch_options_free);
  g_clear_pointer (&start->recording, astern_recording_free);
  start->story = NULL;
}

static void
begin (AsternStart *start)
{
  *start = (AsternStart) { .options = astern_launch_options_new () };
  start->options->window = TRUE;
}

gboolean
astern_start_demo (AsternStart *start, const char *const *args, GError **error)
{
  static const char *const none[] = { NULL };

  begin (start);
  start->story = astern_demo_story ();
  return astern_demo_options (start->options, none, args, error);
}

gboolean
astern_start_recording (AsternStart *start, const char *path, const char *const *args, GError **error)
{
  begin (start);
  start->recording = astern_recording_open (path, error);
  if (start->recording == NULL)
    return FALSE;
  start->replay = astern_replay_new (start->options, start->recording, args, error);
  return start->replay != NULL;
}

gboolean
astern_start_from_args (AsternStart *start, const char *const *args, GError **error)
{
  if (g_strcmp0 (args[0], "demo") == 0)
    return astern_start_demo (start, args + 1, error);
  if (args[0] != NULL && args[0][0] != '-')
    return astern_start_recording (start, args[0], args + 1, error);
  begin (start);
  return astern_launch_options_parse (start->options, args, error);
}
