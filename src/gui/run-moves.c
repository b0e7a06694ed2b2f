/* run-moves.c - asking the machine for moves.
 *
 * A key that is held down asks faster than the machine may move: one move waits behind the one under way, the others are
 * forgotten.  A playhead that is dragged asks for moments: only the latest counts. */
#include "config.h"

#include "gui/run-private.h"

typedef struct
{
  AsternRun        *run;
  AsternMoveRequest request;
} Asked;

static void
free_asked (gpointer data)
{
  Asked *asked = data;

  g_object_unref (asked->run);
  g_free (asked);
}

static void begin (AsternSession *session, gpointer data);

/* The mutex is held. */
static void
post (AsternRun *run, const AsternMoveRequest *request)
{
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked) { g_object_ref (run), *request };
  run->moving = TRUE;
  astern_session_request (run->session, begin, asked, free_asked);
}

/* The machine's thread. */
static void
begin (AsternSession *session, gpointer data)
{
  Asked *asked = data;
  AsternRun *run = asked->run;
  g_autoptr (GError) error = NULL;

  if (asked->request.move == ASTERN_MOVE_CONTINUE)
    astern_session_let_go (session);      /* -S */
  if (astern_debugger_move (session->debugger, run->client, &asked->request, &error))
    return;
  g_mutex_lock (&run->mutex);
  run->moving = run->has_next = FALSE;
  g_mutex_unlock (&run->mutex);
  astern_run_say (run, error->message);
}

void
astern_run_stopped (AsternRun *run, const AsternDebuggerStop *stop)
{
  g_mutex_lock (&run->mutex);
  run->moving = FALSE;
  if (run->has_next && run->session != NULL)
    post (run, &run->next);
  run->has_next = FALSE;
  g_mutex_unlock (&run->mutex);
}

void
astern_run_move (AsternRun *run, const AsternMoveRequest *request)
{
  g_mutex_lock (&run->mutex);
  if (run->session != NULL && !run->moving)
    post (run, request);
  else if (run->session != NULL)
    {
      run->next = *request;
      run->has_next = TRUE;
    }
  g_mutex_unlock (&run->mutex);
}

void
astern_run_step (AsternRun *run, AsternMove move)
{
  astern_run_move (run, &(AsternMoveRequest) { .move = move, .cpu = run->status.cpu });
}

void
astern_run_goto (AsternRun *run, AsternMoment moment)
{
  astern_run_move (run, &(AsternMoveRequest) { .move = ASTERN_MOVE_GOTO, .cpu = run->status.cpu, .moment = moment });
}

static void
hold (AsternSession *session, gpointer data)
{
  astern_debugger_hold (session->debugger, ((AsternRun *) data)->client);
}

void
astern_run_pause (AsternRun *run)
{
  astern_run_call (run, hold, g_object_ref (run), g_object_unref);
}

void
astern_run_cancel (AsternRun *run)
{
  g_mutex_lock (&run->mutex);
  run->has_next = FALSE;
  if (run->session != NULL)
    astern_debugger_interrupt (run->session->debugger, run->client);
  g_mutex_unlock (&run->mutex);
}
