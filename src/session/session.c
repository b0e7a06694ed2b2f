/* session.c - running a machine to its end, with requests in between. */
#include "config.h"

#include "session/session.h"

#include "session/bookmarks.h"
#include "session/exit.h"
#include "session/monitor-line.h"
#include "session/record.h"
#include "session/registers.h"
#include "session/remote.h"
#include "session/evaluate.h"
#include "host/stopwatch.h"
#include "host/terminal.h"
#include "launch/engines.h"
#include "launch/saved.h"
#include "launch/usb.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

/* Terminals that the monitor may be on: its own, and one shared with the guest. */
#define MOST_LINES 2

typedef struct
{
  AsternSession    *session;
  AsternSessionFunc func;
  gpointer          data;
  GDestroyNotify    free_data;
} Request;

typedef struct
{
  AsternSession     session;      /* what the others see */
  AsternLaunchFront front;
  GAsyncQueue      *requests;     /* made before there was a debugger */
  GMutex            early;        /* guards: requests, and debugger_known */
  gboolean          debugger_known;
  AsternClient     *client;       /* the session's own: what the guest's end means */
  gboolean          attended;     /* main thread: somebody is there to look at a machine that cannot go on */
  const AsternSessionHow *how;
  AsternRecord      record;
  AsternSessionCompanion recorder;
  gboolean          lesson_said;
  AsternMonitor    *monitor;      /* main thread; NULL before the machine is there */
  AsternMonitorNames *names;
  AsternMonitorLineFuncs line_funcs;
  AsternMonitorLine *lines[MOST_LINES];   /* atomic; made on the host thread */
  GPtrArray        *waiting;      /* main thread: lines whose command has begun a move */
  GPtrArray        *companions;   /* const AsternSessionCompanion */
  gint              signals;      /* atomic: how often the user asked to leave */
} Run;

static void
free_request (gpointer data)
{
  Request *request = data;

  if (request->free_data != NULL)
    request->free_data (request->data);
  g_free (request);
}

/* Main thread. */
static void
serve_request (AsternDebugger *debugger, gpointer data)
{
  Request *request = data;

  request->func (request->session, request->data);
}

void
astern_session_request (AsternSession *session, AsternSessionFunc func, gpointer data, GDestroyNotify free_data)
{
  Run *run = (Run *) session;
  Request *request = g_new (Request, 1);

  *request = (Request) { session, func, data, free_data };
  g_mutex_lock (&run->early);
  if (run->debugger_known)
    astern_debugger_call (session->debugger, serve_request, request, free_request);
  else
    g_async_queue_push (run->requests, request);
  g_mutex_unlock (&run->early);
}

/* From now on requests go to the debugger; those that came before, first. */
static void
serve_early_requests (Run *run)
{
  Request *request;

  g_mutex_lock (&run->early);
  while ((request = g_async_queue_try_pop (run->requests)) != NULL)
    astern_debugger_call (run->session.debugger, serve_request, request, free_request);
  run->debugger_known = TRUE;
  g_mutex_unlock (&run->early);
}

void
astern_session_quit (AsternSession *session)
{
  session->quit = TRUE;
  astern_debugger_quit (session->debugger);
}

/* ---- leaving ---- */

static void
do_quit (AsternSession *session, gpointer data)
{
  astern_session_quit (session);
}

/* Asked twice, and still here: something hangs. */
static void
leave (Run *run)
{
  if (g_atomic_int_add (&run->signals, 1) >= 2)
    {
      astern_terminal_restore ();
      _exit (ASTERN_EXIT_INTERNAL);
    }
  g_mutex_lock (&run->early);
  if (run->debugger_known)
    {
      astern_host_loop_quit (run->session.launch->loop);
      astern_debugger_interrupt (run->session.debugger, run->client);
    }
  g_mutex_unlock (&run->early);
  astern_session_request (&run->session, do_quit, NULL, NULL);
}

static gboolean
on_signal (gpointer data)
{
  leave (data);
  return G_SOURCE_CONTINUE;
}

static void
watch_signals (Run *run, GMainContext *context)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      GSource *source = g_unix_signal_source_new (numbers[i]);

      g_source_set_callback (source, on_signal, run, NULL);
      g_source_attach (source, context);
      g_source_unref (source);
    }
}

/* ---- the monitor's terminals, on the host thread ---- */

typedef struct
{
  AsternMonitorLine *line;
  char              *text;
} Entered;

static void
free_entered (gpointer data)
{
  Entered *entered = data;

  g_free (entered->text);
  g_free (entered);
}

/* Main thread. */
static void
execute (AsternSession *session, gpointer data)
{
  Run *run = (Run *) session;
  Entered *entered = data;
  g_autofree char *answer = astern_monitor_execute (run->monitor, entered->text);

  run->attended = TRUE;
  astern_monitor_line_say (entered->line, answer);
  if (session->quit)
    return;
  if (astern_monitor_is_moving (run->monitor))
    g_ptr_array_add (run->waiting, entered->line);
  else
    astern_monitor_line_ready (entered->line);
}

/* Main thread: what the monitor has to say by itself goes to all its terminals. */
static void
on_said (gpointer data, const char *text)
{
  Run *run = data;

  for (guint i = 0; i < MOST_LINES; i++)
    {
      AsternMonitorLine *line = g_atomic_pointer_get (&run->lines[i]);

      if (line != NULL)
        astern_monitor_line_say (line, text);
    }
}

static void
on_done (gpointer data)
{
  Run *run = data;

  for (guint i = 0; i < run->waiting->len; i++)
    astern_monitor_line_ready (g_ptr_array_index (run->waiting, i));
  g_ptr_array_set_size (run->waiting, 0);
}

static void
on_entered (gpointer data, AsternMonitorLine *line, const char *text)
{
  Entered *entered = g_new (Entered, 1);

  *entered = (Entered) { line, g_strdup (text) };
  astern_session_request (data, execute, entered, free_entered);
}

static void
on_interrupted (gpointer data)
{
  Run *run = data;

  g_mutex_lock (&run->early);
  if (run->debugger_known)
    astern_monitor_interrupt (run->monitor);
  g_mutex_unlock (&run->early);
}

/* The one that is on @out. */
static AsternMonitorLine *
line_on (Run *run, AsternChardev *out)
{
  for (guint i = 0; i < MOST_LINES; i++)
    {
      if (run->lines[i] == NULL)
        g_atomic_pointer_set (&run->lines[i], astern_monitor_line_new (out, &run->line_funcs, run->names));
      if (astern_monitor_line_is_on (run->lines[i], out))
        return run->lines[i];
    }
  g_assert_not_reached ();
}

static void
on_monitor (gpointer data, AsternChardev *out, const guint8 *bytes, gsize size)
{
  astern_monitor_line_feed (line_on (data, out), bytes, size);
}

static void
say (AsternChardev *out, const char *text)
{
  astern_chardev_write (out, (const guint8 *) text, strlen (text));
}

static void
on_terminal (gpointer data, AsternChardev *out, AsternMuxEvent event, gboolean monitor)
{
  Run *run = data;

  switch (event)
    {
    case ASTERN_MUX_HELP:
      say (out, "\n");
      say (out, astern_mux_help ());
      break;
    case ASTERN_MUX_QUIT:
      say (out, _("\nAstern: terminated\n"));
      leave (run);
      break;
    case ASTERN_MUX_SWITCH:
      if (monitor)
        say (out, "\n");
      astern_monitor_line_show (line_on (run, out), monitor);
      break;
    default:
      break;
    }
}

/* Main thread.  A console of the window's. */
static void
on_console (gpointer data, const char *name, AsternChardev *chardev)
{
  Run *run = data;

  if (run->how->console != NULL)
    run->how->console (run->how->user, name, chardev);
}

/* Main thread.  A machine that stands would stand for ever. */
static void
be_left (AsternSession *session, gpointer data)
{
  Run *run = data;

  run->attended = FALSE;
  if (!run->how->window && !astern_debugger_is_running (session->debugger))
    astern_session_quit (session);
}

static void
on_ended (gpointer data)
{
  astern_session_request (data, be_left, data, NULL);
}

static void
on_left (gpointer data, AsternChardev *out)
{
  astern_monitor_line_end (line_on (data, out));
}

/* A client, or a terminal of the monitor's own: it need not be switched to. */
static void
on_arrived (gpointer data, AsternChardev *out)
{
  astern_monitor_line_show (line_on (data, out), TRUE);
}

/* ---- the guest's end ---- */

static void
tell (Run *run, AsternSaid kind, const char *text)
{
  if (run->how->said != NULL)
    run->how->said (run->how->user, kind, text);
  else
    astern_complain (text);
}

static void
complain_lost (Run *run, const AsternStop *stop, const char *what)
{
  AsternMachine *machine = run->session.launch->machine;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _("CPU %u: %s"), stop->cpu, what);
  if (stop->detail != NULL)
    g_string_append_printf (text, " (%s)", stop->detail);
  g_string_append (text, ".\n");
  astern_registers_format (machine, MIN (stop->cpu, machine->n_cpus - 1), text);
  g_string_truncate (text, text->len - 1);   /* the last line's end */
  tell (run, ASTERN_SAID_END, text->str);
  g_string_free (text, TRUE);
}

static void
stop_for_good (Run *run, int status)
{
  run->session.exit_status = status;
  astern_session_tell_gdb (&run->session, status);
  if (!run->how->window)
    astern_session_quit (&run->session);
}

static gboolean
somebody_looks (Run *run)
{
  return run->how->window || run->attended || astern_session_has_gdb (&run->session);
}

/* The machine stays as it is when somebody is there, who can go back and look; else the session ends. */
static void
lost (Run *run, int status)
{
  if (somebody_looks (run))
    run->session.exit_status = status;
  else
    stop_for_good (run, status);
}

static void
powered_off (Run *run)
{
  if (!run->session.launch->options->no_shutdown)
    stop_for_good (run, ASTERN_EXIT_OK);
  else
    tell (run, ASTERN_SAID_END, _("The guest powered off; the machine stays, stopped."));
}

/* In a replay the journal has the reset, and makes it. */
static void
asked_for_reset (Run *run)
{
  AsternInputs *inputs = run->session.launch->machine->inputs;

  if (run->session.launch->options->no_reboot)
    {
      stop_for_good (run, ASTERN_EXIT_OK);
      return;
    }
  if (!astern_inputs_is_replay (inputs) || !astern_inputs_pending (inputs))
    astern_debugger_reset (run->session.debugger);
  astern_debugger_go_on (run->session.debugger);
}

static void
triple_fault (Run *run, const AsternStop *stop)
{
  if (!somebody_looks (run))
    complain_lost (run, stop, _("triple fault, stopped before the reset"));
  lost (run, run->session.launch->options->no_reboot ? ASTERN_EXIT_OK : ASTERN_EXIT_LOST);
}

/* Its history is intact: somebody can go back and look. */
static void
panicked (Run *run, const AsternStop *stop)
{
  if (!somebody_looks (run))
    complain_lost (run, stop, _("the guest cannot go on"));
  lost (run, ASTERN_EXIT_LOST);
}

static void
halted_for_good (Run *run, const AsternStop *stop)
{
  if (run->how->story != NULL)
    {
      tell (run, ASTERN_SAID_END, run->how->story->ending);
      lost (run, ASTERN_EXIT_OK);
      return;
    }
  if (!somebody_looks (run))
    complain_lost (run, stop, _("halted for good, interrupts are off"));
  lost (run, ASTERN_EXIT_LOST);
}

static void
take_end (Run *run, const AsternStop *stop)
{
  switch (stop->reason)
    {
    case ASTERN_STOP_POWER_OFF:
      powered_off (run);
      break;
    case ASTERN_STOP_RESET:
      asked_for_reset (run);
      break;
    case ASTERN_STOP_DEBUG_EXIT:
      stop_for_good (run, (int) ((stop->value * 2 + 1) & 0xff));
      break;
    case ASTERN_STOP_TRIPLE_FAULT:
      triple_fault (run, stop);
      break;
    case ASTERN_STOP_PANIC:
      panicked (run, stop);
      break;
    case ASTERN_STOP_DEADLOCK:
      halted_for_good (run, stop);
      break;
    default:
      break;
    }
}

/* -stop-at, or a recording's end.  In a window it stays there until the user lets it go on. */
static void
reached (Run *run)
{
  if (run->how->window)
    astern_debugger_stay (run->session.debugger, astern_monitor_client (run->monitor));
  stop_for_good (run, ASTERN_EXIT_OK);
}

static void
on_stopped (gpointer data, const AsternDebuggerStop *stop)
{
  Run *run = data;

  if (stop->why == ASTERN_WHY_GUEST)
    take_end (run, &stop->guest);
  else if (stop->why == ASTERN_WHY_ICOUNT)
    reached (run);
  else if (stop->why == ASTERN_WHY_POINT && run->how->story != NULL && !run->lesson_said)
    {
      run->lesson_said = TRUE;
      on_said (run, run->how->story->lesson);
    }
  if (!run->session.quit && run->attended && (stop->why == ASTERN_WHY_GUEST || stop->why == ASTERN_WHY_POINT))
    astern_launch_give_to_monitor (run->session.launch);
}

/* The time in which the machine stood is not to be caught up with. */
static void
on_running (gpointer data)
{
  astern_launch_resume (((Run *) data)->session.launch);
}

/* ---- the debugger ---- */

/* So that what the monitor has to say is seen though nobody has spoken to it yet.  Host thread. */
static void
make_line (gpointer data)
{
  Run *run = data;

  line_on (run, astern_launch_monitor (run->session.launch));
}

/* Somebody was asked for who looks at a machine that cannot go on. */
static gboolean
is_attended (const AsternLaunchOptions *options)
{
  gboolean shared = FALSE;

  for (guint i = 0; i < options->n_serials; i++)
    shared |= options->serials[i].monitor;
  return (options->monitor_given && options->monitor.kind != ASTERN_CHARDEV_NULL)
         || (shared && isatty (STDIN_FILENO) && isatty (STDOUT_FILENO));
}

/* What this host's USB devices were asked for in the other future is not to be answered. */
static void
on_branched (gpointer user, AsternMoment at)
{
  const Run *run = user;

  if (run->session.launch->usb != NULL)
    astern_usb_replug (run->session.launch->usb);
}

/* -shift-at */
static gboolean
shift_later (Run *run, GError **error)
{
  AsternLaunch *launch = run->session.launch;
  const AsternLaunchOptions *options = launch->options;
  guint64 address = ASTERN_POINT_ANY;

  if (options->shift_at == NULL && options->shift_ns == ASTERN_CLOCK_NEVER)
    return TRUE;
  if (options->shift_at != NULL && !astern_evaluate (launch->machine->cpus[0], &launch->names, options->shift_at, &address, error))
    {
      g_prefix_error (error, "-shift-at: ");
      return FALSE;
    }
  return astern_debugger_shift_at (run->session.debugger, astern_engines_other (launch->machine), address, options->shift_ns, error);
}

static void
start_debugger (Run *run)
{
  static const AsternClientFuncs client = { .name = "session", .stopped = on_stopped, .running = on_running, .branched = on_branched };
  const AsternMonitorFuncs monitor = { on_said, on_done, run };
  const AsternTimelineOptions history = { .budget_bytes = astern_launch_history_bytes (run->session.launch),
                                          .spent_us = astern_thread_time_us };
  AsternDebugger *debugger = astern_debugger_new (run->session.launch->machine, &history, NULL);

  run->session.debugger = debugger;
  run->session.bookmarks = astern_bookmarks_new (debugger);
  run->monitor = run->session.monitor = astern_monitor_new (&run->session, run->names, &monitor);
  run->client = astern_debugger_attach (debugger, &client, run);      /* after the monitor: it may end the session */
  astern_debugger_set_stop_at (debugger, (AsternMoment) { run->session.launch->options->stop_at, 0 });
  run->attended = is_attended (run->session.launch->options);
  if (run->attended)
    astern_host_loop_call_and_wait (run->session.launch->loop, make_line, run);
  if (run->attended && run->how->story != NULL)
    g_free (astern_monitor_execute (run->monitor, run->how->story->command));
  if (run->session.launch->options->start_stopped)
    {
      run->session.starter = run->client;
      astern_debugger_hold (debugger, run->client);
    }
  serve_early_requests (run);
}

static void
stop_debugger (Run *run)
{
  g_mutex_lock (&run->early);
  run->debugger_known = FALSE;
  g_mutex_unlock (&run->early);
  g_clear_pointer (&run->monitor, astern_monitor_free);
  g_clear_pointer (&run->session.bookmarks, astern_bookmarks_free);
  astern_debugger_detach (run->session.debugger, run->client);
  g_clear_object (&run->session.debugger);
}

/* ---- what is said at the end ---- */

static gboolean
report (Run *run)
{
  AsternLaunch *launch = run->session.launch;
  g_autoptr (GError) error = NULL;

  if (launch->options->state_hash)
    g_print ("state-hash @%" G_GUINT64_FORMAT " %016" G_GINT64_MODIFIER "x\n", launch->machine->clock.s.icount,
             astern_machine_hash (launch->machine));
  if (launch->options->screendump != NULL && !astern_launch_screendump (launch, launch->options->screendump, NULL, 0, &error))
    {
      astern_complain (error->message);
      return FALSE;
    }
  return TRUE;
}

static void
drop_requests (Run *run)
{
  Request *request;

  while ((request = g_async_queue_try_pop (run->requests)) != NULL)
    free_request (request);
}

static void
finish_lines (Run *run)
{
  for (guint i = 0; i < MOST_LINES; i++)
    if (run->lines[i] != NULL)
      astern_monitor_line_finish (run->lines[i]);
}

static void
start_run (Run *run, const AsternLaunchOptions *options, const AsternSessionHow *how)
{
  run->how = how;
  run->requests = g_async_queue_new ();
  run->waiting = g_ptr_array_new ();
  g_mutex_init (&run->early);
  run->names = astern_monitor_names_new ();
  run->front = (AsternLaunchFront) { .monitor = on_monitor, .arrived = on_arrived, .left = on_left, .terminal = on_terminal,
                                     .console = on_console, .user = run };
  run->line_funcs = (AsternMonitorLineFuncs) { .entered = on_entered, .ended = on_ended, .interrupted = on_interrupted,
                                               .user = run };
  if (options->record != NULL)
    {
      run->recorder = astern_record_companion (&run->record);
      g_ptr_array_add (run->companions, &run->recorder);
    }
  for (guint i = 0; i < ASTERN_SESSION_COMPANIONS && how->companions[i] != NULL; i++)
    g_ptr_array_add (run->companions, (gpointer) how->companions[i]);
}

static void
free_run (Run *run)
{
  for (guint i = 0; i < MOST_LINES; i++)
    astern_monitor_line_free (run->lines[i]);
  astern_monitor_names_free (run->names);
  drop_requests (run);
  g_async_queue_unref (run->requests);
  g_ptr_array_unref (run->waiting);
  g_ptr_array_unref (run->companions);
  g_mutex_clear (&run->early);
}

static gboolean
launch (Run *run, const AsternLaunchOptions *options, GError **error)
{
  run->session.launch = astern_launch (options, &run->front, error);
  if (run->session.launch == NULL || !astern_launch_load_state (run->session.launch, error))
    return FALSE;
  for (guint i = 0; i < run->companions->len; i++)
    {
      const AsternSessionCompanion *companion = g_ptr_array_index (run->companions, i);

      if (companion->started != NULL && !companion->started (companion->user, &run->session, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
serving (Run *run, GError **error)
{
  g_autoptr (GError) failed = NULL;

  for (guint i = 0; i < run->companions->len; i++)
    {
      const AsternSessionCompanion *companion = g_ptr_array_index (run->companions, i);

      if (companion->serving != NULL && !companion->serving (companion->user, &run->session, error))
        return FALSE;
    }
  run->session.remote = astern_remote_new (&run->session, &failed);
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  return astern_session_open_gdb (&run->session, run->session.launch->options, error);
}

static int
ended (Run *run, int status)
{
  for (guint i = 0; i < run->companions->len; i++)
    {
      const AsternSessionCompanion *companion = g_ptr_array_index (run->companions, i);

      if (companion->ended != NULL)
        status = companion->ended (companion->user, &run->session, status);
    }
  return status;
}

/* From the first instruction to the last; returns the exit status. */
static int
serve (Run *run)
{
  g_autoptr (GError) error = NULL;
  int status;

  start_debugger (run);
  watch_signals (run, astern_host_loop_context (run->session.launch->loop));
  if (serving (run, &error) && shift_later (run, &error))
    astern_debugger_serve (run->session.debugger);
  else
    {
      astern_terminal_restore ();
      tell (run, ASTERN_SAID_ERROR, error->message);
      run->session.exit_status = ASTERN_EXIT_USAGE;
    }
  astern_session_close_gdb (&run->session);
  g_clear_pointer (&run->session.remote, astern_remote_free);
  finish_lines (run);
  astern_launch_close_terminals (run->session.launch);
  status = report (run) ? run->session.exit_status : ASTERN_EXIT_USAGE;
  status = ended (run, status);
  stop_debugger (run);
  return status;
}

int
astern_session_run (const AsternLaunchOptions *options, const AsternSessionHow *how)
{
  Run run = { .companions = g_ptr_array_new () };
  g_autoptr (GError) error = NULL;
  int status;

  start_run (&run, options, how);
  if (launch (&run, options, &error))
    status = serve (&run);
  else
    {
      g_clear_pointer (&run.session.launch, astern_launch_free);
      astern_terminal_restore ();
      tell (&run, ASTERN_SAID_ERROR, error->message);
      status = run.session.exit_status != ASTERN_EXIT_OK ? run.session.exit_status : ASTERN_EXIT_USAGE;
    }
  g_clear_pointer (&run.session.launch, astern_launch_free);
  free_run (&run);
  return status;
}
