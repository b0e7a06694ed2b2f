/* record.c - `-record FILE`. */
#include "config.h"

#include "cli/record.h"

#include "cli/commands.h"
#include "launch/recorded.h"

#include <glib/gi18n.h>

typedef struct
{
  AsternRecorder *recorder;
  AsternClient   *client;
} Record;

/* On the writer's thread. */
static void
failed (gpointer user, const char *message)
{
  g_printerr ("astern: %s %s\n", message, _("The run goes on and is not recorded any more."));
}

static gboolean
started (gpointer user, AsternSession *session, GError **error)
{
  Record *record = user;

  record->recorder = astern_launch_record (session->launch, failed, record, error);
  return record->recorder != NULL;
}

static void
stopped (gpointer user, const AsternDebuggerStop *stop)
{
  astern_recorder_stopped (((Record *) user)->recorder);
}

static void
branched (gpointer user, AsternMoment at)
{
  astern_recorder_branched (((Record *) user)->recorder, at);
}

static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  static const AsternClientFuncs funcs = { .name = "recorder", .stopped = stopped, .branched = branched };
  Record *record = user;
  AsternSpill spill = astern_recorder_spill (record->recorder);

  astern_timeline_set_spill (astern_debugger_timeline (session->debugger), &spill);
  record->client = astern_debugger_attach (session->debugger, &funcs, record);
  return TRUE;
}

/* That it failed was said when it did. */
static int
ended (gpointer user, AsternSession *session, int status)
{
  Record *record = user;
  g_autoptr (GError) error = NULL;

  astern_debugger_detach (session->debugger, record->client);
  if (!astern_recorder_finish (record->recorder, astern_launch_ending (&session->launch->machine->stop), &error) &&
      status == ASTERN_EXIT_OK)
    return ASTERN_EXIT_USAGE;
  return status;
}

int
astern_record_session (const AsternLaunchOptions *options, const AsternSessionStory *story)
{
  Record record = { .recorder = NULL };
  const AsternSessionCompanion companion = { started, serving, ended, &record };

  return astern_session_run (options, story, &companion);
}
