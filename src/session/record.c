/* record.c - `-record FILE`. */
#include "config.h"

#include "session/record.h"

#include "session/bookmarks.h"
#include "session/exit.h"
#include "launch/recorded.h"

#include <glib/gi18n.h>

/* On the writer's thread. */
static void
failed (gpointer user, const char *message)
{
  g_printerr ("astern: %s %s\n", message, _("The run goes on and is not recorded any more."));
}

static gboolean
started (gpointer user, AsternSession *session, GError **error)
{
  AsternRecord *record = user;

  record->recorder = astern_launch_record (session->launch, failed, record, error);
  session->recorder = record->recorder;
  return record->recorder != NULL;
}

static void
stopped (gpointer user, const AsternDebuggerStop *stop)
{
  astern_recorder_stopped (((AsternRecord *) user)->recorder);
}

static void
branched (gpointer user, AsternMoment at)
{
  astern_recorder_branched (((AsternRecord *) user)->recorder, at);
}

static void
marked (gpointer user, const AsternBookmark *bookmark, gboolean gone)
{
  astern_recorder_bookmark (((AsternRecord *) user)->recorder, bookmark->id, bookmark->moment, gone ? NULL : bookmark->name,
                            bookmark->note);
}

static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  static const AsternClientFuncs funcs = { .name = "recorder", .stopped = stopped, .branched = branched };
  AsternRecord *record = user;
  AsternSpill spill = astern_recorder_spill (record->recorder);

  astern_timeline_set_spill (astern_debugger_timeline (session->debugger), &spill);
  astern_bookmarks_listen (session->bookmarks, marked, record);
  record->client = astern_debugger_attach (session->debugger, &funcs, record);
  return TRUE;
}

/* That it failed was said when it did. */
static int
ended (gpointer user, AsternSession *session, int status)
{
  AsternRecord *record = user;
  g_autoptr (GError) error = NULL;

  session->recorder = NULL;
  astern_bookmarks_unlisten (session->bookmarks, record);
  astern_debugger_detach (session->debugger, record->client);
  if (!astern_recorder_finish (record->recorder, astern_launch_ending (&session->launch->machine->stop), &error) &&
      status == ASTERN_EXIT_OK)
    return ASTERN_EXIT_USAGE;
  return status;
}

AsternSessionCompanion
astern_record_companion (AsternRecord *record)
{
  return (AsternSessionCompanion) { started, serving, ended, record };
}
