/* replay.c - see replay.h. */
#include "config.h"

#include "session/replay.h"

#include "launch/recorded.h"
#include "session/bookmarks.h"
#include "session/exit.h"
#include "trace/verifier.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

struct _AsternReplay
{
  AsternRecording *recording;
  AsternVerifier  *verifier;
  guint64          asked_stop;     /* the user's -stop-at */
  AsternMoment     from;           /* -from; 0: power-on */
};

/* ---- warnings ---- */

static void
warn_of_version (AsternRecording *recording)
{
  const char *version = astern_recording_meta (recording, "program-version");

  if (g_strcmp0 (version, PACKAGE_VERSION) != 0)
    g_printerr (_("astern: The recording was made by version %s, and this is %s; should the two not run alike, the replay "
                  "will stop and say where.\n"), version != NULL ? version : "?", PACKAGE_VERSION);
}

/* ---- the session ---- */

static void
diverged (gpointer user, const char *message)
{
  AsternSession *session = user;

  astern_session_quit (session);
}

/* The run did not end by itself: the replay ends at just that moment. */
static gboolean
stops_at_head (AsternRecording *recording, const AsternLaunchOptions *options)
{
  const AsternRecordingHead *head = astern_recording_head (recording);

  return options->stop_at == head->moment.icount && !astern_launch_ended_by_guest (head->ending);
}

static gboolean
started (gpointer user, AsternSession *session, GError **error)
{
  AsternReplay *replay = user;

  session->replayed = astern_recording_path (replay->recording);
  warn_of_version (replay->recording);
  replay->verifier = astern_verifier_new (session->launch->machine, replay->recording, diverged, session);
  if (!astern_verifier_check (replay->verifier, error))
    {
      session->exit_status = ASTERN_EXIT_DIVERGED;
      return FALSE;
    }
  return astern_verifier_start_at (replay->verifier, replay->from, error);
}

static void
take_bookmark (gpointer user, AsternMoment moment, const char *name, const char *note)
{
  astern_bookmarks_add (user, moment, ASTERN_BOOKMARK_NS_UNKNOWN, name, note);
}

/* The journal may name the debugger's own port: by now it is there. */
static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  AsternReplay *replay = user;
  const AsternRecordingHead *head = astern_recording_head (replay->recording);

  if (!astern_verifier_load_journal (replay->verifier, error)
      || !astern_recording_bookmarks (replay->recording, take_bookmark, session->bookmarks, error))
    return FALSE;
  if (stops_at_head (replay->recording, session->launch->options))
    astern_debugger_set_stop_at (session->debugger, head->moment);
  astern_debugger_set_known (session->debugger, head->moment, astern_launch_ended_by_guest (head->ending));
  return TRUE;
}

/* A guest that ends its run does so at the same instruction again. */
static char *
wrong_ending (const AsternReplay *replay, const AsternMachine *machine)
{
  const AsternRecordingHead *head = astern_recording_head (replay->recording);
  const char *ending = astern_launch_ending (&machine->stop);

  if (!astern_launch_ended_by_guest (head->ending) || machine->clock.s.icount <= head->moment.icount ||
      machine->clock.s.icount >= replay->asked_stop)
    return NULL;
  return g_strdup_printf (_("The run ended here (%s), and the replay goes on (%s)."), head->ending, ending);
}

static int
ended (gpointer user, AsternSession *session, int status)
{
  AsternReplay *replay = user;
  AsternMachine *machine = session->launch->machine;
  g_autofree char *message = g_strdup (astern_verifier_message (replay->verifier));
  g_autoptr (GError) error = NULL;
  char head[ASTERN_MOMENT_TEXT];

  if (message == NULL && !astern_verifier_check (replay->verifier, &error))
    message = g_strdup (error->message);
  if (message == NULL)
    message = wrong_ending (replay, machine);
  if (message != NULL)
    {
      astern_complain (message);
      status = ASTERN_EXIT_DIVERGED;
    }
  else if (machine->clock.s.icount >= astern_recording_head (replay->recording)->moment.icount)
    g_printerr (_("astern: The recording ends here, at %s; the replay was the same at %" PRIu64 " checkpoints.\n"),
                astern_moment_format (astern_clock_moment (&machine->clock), head), astern_verifier_count (replay->verifier));
  return status;
}

/* Where the run ended, this one ends at the latest: just behind it, when the guest should end it. */
static void
stop_at_head (AsternLaunchOptions *options, AsternRecording *recording)
{
  const AsternRecordingHead *head = astern_recording_head (recording);

  options->stop_at = MIN (options->stop_at, head->moment.icount + astern_launch_ended_by_guest (head->ending));
}

/* Takes “-from MOMENT” off the front. */
static gboolean
take_from (const char *const **args, AsternMoment *from, GError **error)
{
  const char *word = (*args)[0];

  if (word == NULL || word[0] != '-' || !g_str_equal (word + strspn (word, "-"), "from"))
    return TRUE;
  if ((*args)[1] == NULL || !astern_moment_parse ((*args)[1], from))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("The option “-from” needs a moment, as in “-from @1000000”."));
      return FALSE;
    }
  *args += 2;
  return TRUE;
}

AsternReplay *
astern_replay_new (AsternLaunchOptions *options, AsternRecording *recording, const char *const *args, GError **error)
{
  g_autoptr (AsternReplay) replay = g_new0 (AsternReplay, 1);

  replay->recording = recording;
  if (!take_from (&args, &replay->from, error) || !astern_launch_options_replay (options, recording, args, error))
    return NULL;
  replay->asked_stop = options->stop_at;
  stop_at_head (options, recording);
  return g_steal_pointer (&replay);
}

void
astern_replay_free (AsternReplay *replay)
{
  if (replay == NULL)
    return;
  astern_verifier_free (replay->verifier);
  g_free (replay);
}

AsternSessionCompanion
astern_replay_companion (AsternReplay *replay)
{
  return (AsternSessionCompanion) { started, serving, ended, replay };
}
