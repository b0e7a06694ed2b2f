/* debug-fixture - the demo guest with a debugger and a monitor that is typed at from the test's thread.
 *
 * Threads: the machine has one of its own. */
#pragma once

#include "config.h"

#include "session/bookmarks.h"
#include "session/monitor.h"
#include "launch/demo-image.h"

#include <string.h>

#define PATIENCE_S 120

typedef struct
{
  AsternLaunchOptions *options;
  AsternLaunchFront    front;
  AsternSession        session;
  AsternMonitor       *monitor;
  GThread             *machine_thread;
  GMutex               mutex;
  GCond                changed;
  GString             *said;          /* guarded: what was not asked for */
  gboolean             done;          /* guarded: the move is over */
} Fixture;

/* ---- the machine's thread ---- */

static void
on_said (gpointer data, const char *text)
{
  Fixture *f = data;

  g_mutex_lock (&f->mutex);
  g_string_append (f->said, text);
  g_cond_signal (&f->changed);
  g_mutex_unlock (&f->mutex);
}

static void
on_done (gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->mutex);
  f->done = TRUE;
  g_cond_signal (&f->changed);
  g_mutex_unlock (&f->mutex);
}

static gpointer
serve (gpointer data)
{
  astern_debugger_serve (((Fixture *) data)->session.debugger);
  return NULL;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const args[] = { "-m", "64", "-display", "none", "-serial", "none", "-seed", "1",
                                      "-rtc", "base=2026-01-01T00:00:00", "-icount", "sleep=off", NULL };
  const AsternTimelineOptions history = { .budget_bytes = 1 << 30 };
  const AsternMonitorFuncs funcs = { on_said, on_done, f };
  g_autoptr (GError) error = NULL;

  g_mutex_init (&f->mutex);
  g_cond_init (&f->changed);
  f->said = g_string_new (NULL);
  f->options = astern_launch_options_new ();
  f->options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  g_assert_true (astern_launch_options_parse (f->options, args, &error));
  f->session.launch = astern_launch (f->options, &f->front, &error);
  g_assert_no_error (error);
  f->session.debugger = astern_debugger_new (f->session.launch->machine, &history, NULL);
  f->session.bookmarks = astern_bookmarks_new (f->session.debugger);
  f->monitor = astern_monitor_new (&f->session, NULL, &funcs);
  g_free (astern_monitor_execute (f->monitor, "stop"));
  g_string_truncate (f->said, 0);
  f->machine_thread = g_thread_new ("machine", serve, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_debugger_quit (f->session.debugger);
  g_thread_join (f->machine_thread);
  astern_monitor_free (f->monitor);
  astern_bookmarks_free (f->session.bookmarks);
  g_object_unref (f->session.debugger);
  astern_launch_free (f->session.launch);
  astern_launch_options_free (f->options);
  g_string_free (f->said, TRUE);
  g_mutex_clear (&f->mutex);
  g_cond_clear (&f->changed);
}

/* ---- typing ---- */

typedef struct
{
  Fixture    *f;
  const char *line;
  char       *answer;
  gboolean    moving;
} Typed;

static void
execute (AsternDebugger *debugger, gpointer data)
{
  Typed *typed = data;

  typed->answer = astern_monitor_execute (typed->f->monitor, typed->line);
  typed->moving = astern_monitor_is_moving (typed->f->monitor);
}

/* Types a line, waits until what it began is over, and returns all that was said since the last one. */
static char *
type (Fixture *f, const char *line)
{
  Typed typed = { f, line, NULL, FALSE };
  gint64 until = g_get_monotonic_time () + PATIENCE_S * G_TIME_SPAN_SECOND;
  char *all;

  g_mutex_lock (&f->mutex);
  f->done = FALSE;
  g_mutex_unlock (&f->mutex);
  astern_debugger_call_and_wait (f->session.debugger, execute, &typed);
  g_mutex_lock (&f->mutex);
  while (typed.moving && !f->done)
    if (!g_cond_wait_until (&f->changed, &f->mutex, until))
      g_error ("“%s” did not come to its end", line);
  all = g_strconcat (typed.answer, f->said->str, NULL);
  g_string_truncate (f->said, 0);
  g_mutex_unlock (&f->mutex);
  g_free (typed.answer);
  g_test_message ("(astern) %s\n%s", line, all);
  return all;
}

static void
answers (Fixture *f, const char *line, const char *expected)
{
  g_autofree char *all = type (f, line);

  if (strstr (all, expected) == NULL)
    g_error ("“%s” was answered with\n%s\nand not with\n%s", line, all, expected);
}

G_GNUC_UNUSED static void
answers_not (Fixture *f, const char *line, const char *unexpected)
{
  g_autofree char *all = type (f, line);

  g_assert_null (strstr (all, unexpected));
}

/* Lets it run until it stops. */
G_GNUC_UNUSED static void
run (Fixture *f, const char *expected)
{
  g_autofree char *at_once = type (f, "continue");
  g_autofree char *later = type (f, "wait");
  g_autofree char *all = g_strconcat (at_once, later, NULL);      /* it may stop before it is waited for */

  if (strstr (all, expected) == NULL)
    g_error ("the run stopped with\n%s\nand not with\n%s", all, expected);
}

static void
run_until (AsternDebugger *debugger, gpointer data)
{
  const AsternMoment until = { .icount = *(guint64 *) data };

  while (astern_debugger_machine (debugger)->clock.s.icount < until.icount)    /* the call itself asks for a stop */
    astern_timeline_run (astern_debugger_timeline (debugger), until);
}

/* Makes the run longer, without a stop. */
G_GNUC_UNUSED static void
let_run (Fixture *f, guint64 icount)
{
  astern_debugger_call_and_wait (f->session.debugger, run_until, &icount);
}
