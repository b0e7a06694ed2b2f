/* session.c - running a machine to its end, with requests in between. */
#include "config.h"

#include "cli/session.h"

#include "cli/commands.h"
#include "cli/monitor-line.h"
#include "cli/registers.h"
#include "host/terminal.h"

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
  AsternSessionFunc func;
  gpointer          data;
  GDestroyNotify    free_data;
} Request;

typedef struct
{
  AsternSession     session;      /* what the others see */
  AsternLaunchFront front;
  GAsyncQueue      *requests;
  const char       *ending;
  AsternMonitor    *monitor;      /* main thread; NULL before the machine is there */
  AsternMonitorNames *names;
  AsternMonitorLineFuncs line_funcs;
  AsternMonitorLine *lines[MOST_LINES];   /* host thread, once made */
  gint              signals;      /* atomic: how often the user asked to leave */
  gint              machine_known;   /* atomic: session.launch is set */
} Run;

void
astern_session_request (AsternSession *session, AsternSessionFunc func, gpointer data, GDestroyNotify free_data)
{
  Run *run = (Run *) session;
  Request *request = g_new (Request, 1);

  *request = (Request) { func, data, free_data };
  g_async_queue_push (run->requests, request);
  if (g_atomic_int_get (&run->machine_known))
    astern_machine_kick (session->launch->machine, TRUE);
}

static void
serve (Run *run, Request *request)
{
  if (request == NULL)
    return;
  request->func (&run->session, request->data);
  if (request->free_data != NULL)
    request->free_data (request->data);
  g_free (request);
}

/* All that is queued; while the machine is paused, waits for more. */
static void
serve_requests (Run *run)
{
  Request *request;

  do
    {
      while ((request = g_async_queue_try_pop (run->requests)) != NULL)
        serve (run, request);
      if (run->session.paused && !run->session.quit)
        serve (run, g_async_queue_pop (run->requests));
    }
  while (g_async_queue_length (run->requests) > 0 || (run->session.paused && !run->session.quit));
}

/* ---- leaving ---- */

static void
do_quit (AsternSession *session, gpointer data)
{
  session->quit = TRUE;
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
  if (g_atomic_int_get (&run->machine_known))
    astern_host_loop_quit (run->session.launch->loop);
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
  Entered *entered = data;
  g_autofree char *answer = astern_monitor_execute (((Run *) session)->monitor, entered->text);

  astern_monitor_line_say (entered->line, answer);
  if (!session->quit)
    astern_monitor_line_ready (entered->line);
}

static void
on_entered (gpointer data, AsternMonitorLine *line, const char *text)
{
  Entered *entered = g_new (Entered, 1);

  *entered = (Entered) { line, g_strdup (text) };
  astern_session_request (data, execute, entered, free_entered);
}

static void
do_pause (AsternSession *session, gpointer data)
{
  session->paused = TRUE;
}

static void
on_interrupted (gpointer data)
{
  astern_session_request (data, do_pause, NULL, NULL);
}

/* The one that is on @out. */
static AsternMonitorLine *
line_on (Run *run, AsternChardev *out)
{
  for (guint i = 0; i < MOST_LINES; i++)
    {
      if (run->lines[i] == NULL)
        run->lines[i] = astern_monitor_line_new (out, &run->line_funcs, run->names);
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

/* A client, or a terminal of the monitor's own: it need not be switched to. */
static void
on_arrived (gpointer data, AsternChardev *out)
{
  astern_monitor_line_show (line_on (data, out), TRUE);
}

/* ---- the end of a stretch ---- */

static void
complain_lost (AsternMachine *machine, const AsternStop *stop, const char *what)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _("CPU %u: %s"), stop->cpu, what);
  if (stop->detail != NULL)
    g_string_append_printf (text, " (%s)", stop->detail);
  g_string_append (text, ".\n");
  astern_registers_format (machine, MIN (stop->cpu, machine->n_cpus - 1), text);
  g_printerr ("astern: %s", text->str);
  g_string_free (text, TRUE);
}

static void
stop_for_good (Run *run, int status)
{
  run->session.exit_status = status;
  run->session.quit = TRUE;
}

static void
powered_off (Run *run)
{
  if (!run->session.launch->options->no_shutdown)
    stop_for_good (run, ASTERN_EXIT_OK);
  else
    {
      g_printerr ("astern: %s\n", _("The guest powered off; the machine stays, stopped."));
      run->session.paused = TRUE;
    }
}

static void
asked_for_reset (Run *run)
{
  if (run->session.launch->options->no_reboot)
    stop_for_good (run, ASTERN_EXIT_OK);
  else
    astern_launch_reset (run->session.launch);
}

static void
triple_fault (Run *run, const AsternStop *stop)
{
  complain_lost (run->session.launch->machine, stop, _("triple fault, stopped before the reset"));
  stop_for_good (run, run->session.launch->options->no_reboot ? ASTERN_EXIT_OK : ASTERN_EXIT_LOST);
}

static void
halted_for_good (Run *run, const AsternStop *stop)
{
  if (run->ending != NULL)
    {
      g_printerr ("astern: %s\n", run->ending);
      stop_for_good (run, ASTERN_EXIT_OK);
      return;
    }
  complain_lost (run->session.launch->machine, stop, _("halted for good, interrupts are off"));
  stop_for_good (run, ASTERN_EXIT_LOST);
}

static void
take_stop (Run *run, const AsternStop *stop)
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
    case ASTERN_STOP_DEADLOCK:
      halted_for_good (run, stop);
      break;
    case ASTERN_STOP_ICOUNT:
      stop_for_good (run, ASTERN_EXIT_OK);
      break;
    case ASTERN_STOP_NONE:
    case ASTERN_STOP_REQUESTED:
    case ASTERN_STOP_POINT:
    case ASTERN_STOP_HEAD:
      break;
    }
}

static void
run_to_the_end (Run *run)
{
  AsternLaunch *launch = run->session.launch;

  while (!run->session.quit)
    {
      take_stop (run, astern_machine_run (launch->machine, launch->options->stop_at));
      if (!run->session.quit && (run->session.paused || g_async_queue_length (run->requests) > 0))
        {
          serve_requests (run);
          astern_launch_resume (launch);
        }
    }
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
  if (launch->options->screendump != NULL && !astern_launch_screendump (launch, launch->options->screendump, &error))
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
    {
      if (request->free_data != NULL)
        request->free_data (request->data);
      g_free (request);
    }
}

static void
finish_lines (Run *run)
{
  for (guint i = 0; i < MOST_LINES; i++)
    if (run->lines[i] != NULL)
      astern_monitor_line_finish (run->lines[i]);
}

int
astern_session_run (const AsternLaunchOptions *options, const char *ending, const AsternSessionCompanion *companion)
{
  Run run = { .ending = ending };
  g_autoptr (GError) error = NULL;
  int status;

  run.requests = g_async_queue_new ();
  run.names = astern_monitor_names_new ();
  run.front = (AsternLaunchFront) { .monitor = on_monitor, .arrived = on_arrived, .terminal = on_terminal, .user = &run };
  run.line_funcs = (AsternMonitorLineFuncs) { .entered = on_entered, .interrupted = on_interrupted, .user = &run };
  run.session.launch = astern_launch (options, &run.front, &error);
  if (run.session.launch == NULL ||
      (companion != NULL && companion->started != NULL && !companion->started (companion->user, &run.session, &error)))
    {
      g_clear_pointer (&run.session.launch, astern_launch_free);
      astern_terminal_restore ();
      astern_complain (error->message);
      for (guint i = 0; i < MOST_LINES; i++)
        astern_monitor_line_free (run.lines[i]);
      astern_monitor_names_free (run.names);
      drop_requests (&run);
      g_async_queue_unref (run.requests);
      return run.session.exit_status != ASTERN_EXIT_OK ? run.session.exit_status : ASTERN_EXIT_USAGE;
    }
  run.monitor = astern_monitor_new (&run.session, run.names);
  g_atomic_int_set (&run.machine_known, 1);
  watch_signals (&run, astern_host_loop_context (run.session.launch->loop));
  if (g_async_queue_length (run.requests) > 0)   /* something was typed already */
    astern_machine_kick (run.session.launch->machine, TRUE);
  run_to_the_end (&run);
  finish_lines (&run);
  astern_launch_close_terminals (run.session.launch);
  status = report (&run) ? run.session.exit_status : ASTERN_EXIT_USAGE;
  if (companion != NULL && companion->ended != NULL)
    status = companion->ended (companion->user, &run.session, status);
  g_clear_pointer (&run.monitor, astern_monitor_free);
  astern_launch_free (run.session.launch);
  for (guint i = 0; i < MOST_LINES; i++)
    astern_monitor_line_free (run.lines[i]);
  astern_monitor_names_free (run.names);
  drop_requests (&run);
  g_async_queue_unref (run.requests);
  return status;
}
