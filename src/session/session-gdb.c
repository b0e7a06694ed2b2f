/* session-gdb.c - a session's gdb stub. */
#include "config.h"

#include "session/session.h"

#include "session/exit.h"
#include "session/monitor.h"

#include <glib/gi18n.h>

void
astern_session_let_go (AsternSession *session)
{
  if (session->starter != NULL)
    astern_debugger_release (session->debugger, session->starter);
}

static char *
execute (gpointer data, const char *line)
{
  AsternSession *session = data;

  return session->monitor != NULL ? astern_monitor_execute (session->monitor, line) : g_strdup ("");
}

static void
released (gpointer data)
{
  astern_session_let_go (data);
}

static void
killed (gpointer data)
{
  AsternSession *session = data;

  session->exit_status = ASTERN_EXIT_OK;
  astern_session_quit (session);
}

gboolean
astern_session_open_gdb (AsternSession *session, const AsternLaunchOptions *options, GError **error)
{
  const AsternGdbFuncs funcs = { .monitor = execute, .released = released, .killed = killed, .user = session };

  if (!options->gdb_given)
    return TRUE;
  session->gdb = astern_gdb_end_new (session->launch, session->debugger, &options->gdb, &options->gdb_options, &funcs, error);
  return session->gdb != NULL;
}

void
astern_session_close_gdb (AsternSession *session)
{
  g_clear_pointer (&session->gdb, astern_gdb_end_free);
}

gboolean
astern_session_has_gdb (AsternSession *session)
{
  return session->gdb != NULL && astern_gdb_stub_has_client (astern_gdb_end_stub (session->gdb));
}

void
astern_session_tell_gdb (AsternSession *session, int status)
{
  if (session->gdb != NULL)
    astern_gdb_stub_ended (astern_gdb_end_stub (session->gdb), status);
}

gboolean
astern_session_gdbserver (AsternSession *session, const char *place, GError **error)
{
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  const char *const args[] = { "-gdb", place, NULL };

  if (!astern_launch_options_parse (options, args, error))
    return FALSE;
  if (astern_session_has_gdb (session))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE, _("A gdb is connected; detach it first."));
      return FALSE;
    }
  astern_session_close_gdb (session);
  return astern_session_open_gdb (session, options, error);
}

char *
astern_session_gdb_command (AsternSession *session, const char *line)
{
  if (session->gdb == NULL)
    return g_strdup (_("gdb is not waited for; “gdbserver tcp::1234” does that.\n"));
  return astern_gdb_stub_command (astern_gdb_end_stub (session->gdb), line);
}
