/* save.c - see save.h. */
#include "config.h"

#include "session/save.h"

#include "session/bookmarks.h"
#include "launch/recorded.h"
#include "trace/recorder.h"
#include "trace/recording.h"

#include <glib/gi18n.h>

/* A recording that the host would not take any more does not have it all. */
static gboolean
copies_recorded (AsternSession *session, char **from)
{
  const AsternLaunchOptions *options = session->launch->options;

  if (session->recorder == NULL || !astern_recorder_sync (session->recorder))
    return FALSE;
  *from = g_strdup (options->record);
  return TRUE;
}

/* A replay that went another way is a run of its own, whose journal has what it took over. */
static gboolean
copies_replayed (AsternSession *session, char **from)
{
  if (session->replayed == NULL || !astern_inputs_is_replay (session->launch->machine->inputs))
    return FALSE;
  *from = g_strdup (session->replayed);
  return TRUE;
}

/* What was marked goes with it. */
static gboolean
add_bookmarks (AsternSession *session, const char *to, GError **error)
{
  guint n = astern_bookmarks_count (session->bookmarks);
  g_autoptr (AsternRecording) recording = n > 0 ? astern_recording_open (to, error) : NULL;

  if (n > 0 && recording == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const AsternBookmark *bookmark = astern_bookmarks_at (session->bookmarks, i);

      if (!astern_recording_add_bookmark (recording, bookmark->moment, bookmark->name, bookmark->note, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
astern_session_save (AsternSession *session, const char *to, char **from, GError **error)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  const AsternEngine *engine = session->launch->machine->engine;
  AsternMoment start = astern_timeline_start (timeline);

  *from = NULL;
  if (copies_replayed (session, from) || copies_recorded (session, from))
    return TRUE;
  if (astern_timeline_restarted (timeline) || !(engine->klass->capabilities & ASTERN_CAN_DETERMINISTIC))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
                   _("What KVM has run, be it a part only, cannot be had again; save a run that the translator makes from its start on."));
      return FALSE;
    }
  if (start.icount > 0)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
                   _("This run began within a recording, and how it came there is not known here. Replay the recording from "
                     "its start to save what became of it."));
      return FALSE;
    }
  return astern_launch_save (session->launch, to, astern_timeline_head (timeline), error) && add_bookmarks (session, to, error);
}
