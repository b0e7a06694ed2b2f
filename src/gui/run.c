/* run.c - see run.h. */
#include "config.h"

#include "gui/run.h"

#include "gui/run-private.h"
#include "gui/view.h"
#include "session/bookmarks.h"
#include "session/monitor.h"

#include <string.h>

#include <glib/gi18n.h>

/* A refresh at most so often, by the host's clock. */
#define REFRESH_US          (G_USEC_PER_SEC / 60)
#define REFRESH_RUNNING_US  (G_USEC_PER_SEC / 25)
/* While the guest runs, a look that took the machine this long is followed by so many times that of peace. */
#define PEACE               30

G_DEFINE_FINAL_TYPE (AsternRun, astern_run, G_TYPE_OBJECT)

enum { CHANGED, LOOKED, SAID, FAILED, PROGRESS, POINTS_CHANGED, BRANCHED, SHIFTED, ASKS_TO_BRANCH, ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- news from the machine's thread: one source pending, whatever happens ---- */

static void schedule (AsternRun *run);

static void
emit_said (AsternRun *run, GPtrArray *said)
{
  for (guint i = 0; i < said->len; i++)
    g_signal_emit (run, signals[SAID], 0, g_ptr_array_index (said, i));
}

static void
take_news (AsternRun *run, AsternRunNews *news)
{
  g_mutex_lock (&run->mutex);
  *news = run->news;
  run->news = (AsternRunNews) { .said = g_ptr_array_new_with_free_func (g_free), .state = news->state,
                                .consoles = g_ptr_array_new_with_free_func (g_object_unref) };
  run->telling = FALSE;
  g_mutex_unlock (&run->mutex);
}

static void
end (AsternRun *run, const AsternRunNews *news)
{
  run->status.state = ASTERN_RUN_ENDED;
  g_clear_pointer (&run->thread, g_thread_join);
  if (news->failure != NULL)
    g_signal_emit (run, signals[FAILED], 0, news->failure);
  g_signal_emit (run, signals[CHANGED], 0);
  g_signal_emit (run, signals[ENDED], 0, news->exit_status);
}

static gboolean
tell_news (gpointer data)
{
  AsternRun *run = data;
  AsternRunNews news;

  take_news (run, &news);
  for (guint i = 0; i < news.consoles->len; i++)
    g_list_store_append (run->consoles, g_ptr_array_index (news.consoles, i));
  emit_said (run, news.said);
  if (news.has_progress)
    g_signal_emit (run, signals[PROGRESS], 0, news.progress);
  if (news.points_changed)
    g_signal_emit (run, signals[POINTS_CHANGED], 0);
  if (news.branched)
    g_signal_emit (run, signals[BRANCHED], 0);
  if (news.shifted)
    g_signal_emit (run, signals[SHIFTED], 0);
  if (run->status.state != ASTERN_RUN_ENDED && news.state != run->status.state)
    {
      run->status.state = news.state;
      g_signal_emit (run, signals[CHANGED], 0);
    }
  if (news.ended)
    end (run, &news);
  else if (news.stopped || news.points_changed || news.marked || news.shifted || news.state == ASTERN_RUN_RUNNING)
    {
      run->wanted |= news.stopped || news.points_changed || news.marked || news.shifted;
      schedule (run);
    }
  g_ptr_array_unref (news.said);
  g_ptr_array_unref (news.consoles);
  g_free (news.failure);
  return G_SOURCE_REMOVE;
}

/* Any thread; never called in the caller, as g_main_context_invoke() may. */
static void
attach (AsternRun *run, GSourceFunc func, gpointer data, GDestroyNotify free_data)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, free_data);
  g_source_attach (source, run->context);
  g_source_unref (source);
}

/* Any thread; the mutex is held. */
static void
tell (AsternRun *run)
{
  if (run->telling)
    return;
  run->telling = TRUE;
  attach (run, tell_news, g_object_ref (run), g_object_unref);
}

void
astern_run_say (AsternRun *run, const char *text)
{
  g_mutex_lock (&run->mutex);
  g_ptr_array_add (run->news.said, g_strdup (text));
  tell (run);
  g_mutex_unlock (&run->mutex);
}

/* ---- the debugger's client, on the machine's thread ---- */

static void
on_stopped (gpointer data, const AsternDebuggerStop *stop)
{
  AsternRun *run = data;
  g_autofree char *text = astern_debugger_stop_text (run->session->debugger, stop);

  g_mutex_lock (&run->mutex);
  run->news.state = ASTERN_RUN_STOPPED;
  run->news.stopped = TRUE;
  run->stops++;
  run->stopped_us = g_get_monotonic_time ();
  if (stop->why == ASTERN_WHY_FAILED || stop->why == ASTERN_WHY_DIVERGED)
    g_ptr_array_add (run->news.said, g_strdup (text));
  tell (run);
  g_mutex_unlock (&run->mutex);
  astern_run_stopped (run, stop);
}

static void
on_running (gpointer data)
{
  AsternRun *run = data;

  g_mutex_lock (&run->mutex);
  run->news.state = astern_debugger_is_running (run->session->debugger) ? ASTERN_RUN_RUNNING : ASTERN_RUN_MOVING;
  tell (run);
  g_mutex_unlock (&run->mutex);
}

static void
on_progress (gpointer data, double fraction)
{
  AsternRun *run = data;

  g_mutex_lock (&run->mutex);
  run->news.progress = fraction;
  run->news.has_progress = TRUE;
  tell (run);
  g_mutex_unlock (&run->mutex);
}

static void
on_points_changed (gpointer data)
{
  AsternRun *run = data;

  g_mutex_lock (&run->mutex);
  run->news.points_changed = TRUE;
  tell (run);
  g_mutex_unlock (&run->mutex);
}

static void
on_marked (gpointer data, const AsternBookmark *bookmark, gboolean gone)
{
  AsternRun *run = data;

  g_mutex_lock (&run->mutex);
  run->news.marked = TRUE;
  tell (run);
  g_mutex_unlock (&run->mutex);
}

static void
on_branched (gpointer data, AsternMoment at)
{
  AsternRun *run = data;

  for (guint i = 0; i < run->opened->len; i++)
    astern_console_cut (g_ptr_array_index (run->opened, i), at);
  g_mutex_lock (&run->mutex);
  run->news.branched = TRUE;
  tell (run);
  g_mutex_unlock (&run->mutex);
}

static void
on_shifted (gpointer data)
{
  AsternRun *run = data;

  g_mutex_lock (&run->mutex);
  run->news.shifted = TRUE;
  tell (run);
  g_mutex_unlock (&run->mutex);
}

/* ---- the session, on the machine's thread ---- */

static AsternMoment
present (gpointer data)
{
  return astern_clock_moment (&((AsternMachine *) data)->clock);
}

/* The launch is not known yet when its consoles are opened: moments are from when it runs. */
static void
on_console (gpointer data, const char *name, AsternChardev *chardev)
{
  AsternRun *run = data;
  AsternConsole *console = NULL;

  for (guint i = 0; i < run->opened->len; i++)
    if (g_str_equal (astern_console_name (g_ptr_array_index (run->opened, i)), name))
      console = g_ptr_array_index (run->opened, i);
  if (console == NULL)
    {
      console = astern_console_new (name, !g_str_equal (name, "monitor"), run->context);
      g_ptr_array_add (run->opened, console);
      g_mutex_lock (&run->mutex);
      g_ptr_array_add (run->news.consoles, g_object_ref (console));
      tell (run);
      g_mutex_unlock (&run->mutex);
    }
  astern_console_connect (console, chardev, NULL, NULL);
  g_ptr_array_add (run->chardevs, chardev);
}

static void
on_said (gpointer data, AsternSaid kind, const char *text)
{
  AsternRun *run = data;

  if (kind == ASTERN_SAID_END)
    {
      astern_run_say (run, text);
      return;
    }
  g_mutex_lock (&run->mutex);
  g_free (run->news.failure);
  run->news.failure = g_strdup (text);
  g_mutex_unlock (&run->mutex);
}

static gboolean
serving (gpointer data, AsternSession *session, GError **error)
{
  static const AsternClientFuncs funcs = {
    .name = "window", .stopped = on_stopped, .running = on_running, .progress = on_progress, .branched = on_branched,
    .points_changed = on_points_changed, .shifted = on_shifted,
  };
  AsternRun *run = data;
  AsternDebugger *debugger = session->debugger;

  for (guint i = 0; i < run->opened->len; i++)
    astern_console_connect (g_ptr_array_index (run->opened, i), g_ptr_array_index (run->chardevs, i), present,
                            session->launch->machine);
  run->client = astern_debugger_attach (debugger, &funcs, run);
  astern_bookmarks_listen (session->bookmarks, on_marked, run);
  astern_debugger_share (debugger, run->client, astern_monitor_client (session->monitor));
  g_mutex_lock (&run->mutex);
  run->session = session;
  run->news.state = astern_debugger_is_running (debugger) ? ASTERN_RUN_RUNNING : ASTERN_RUN_STOPPED;
  run->news.stopped = TRUE;
  if (run->quitting)      /* before there was a session */
    astern_session_quit (session);
  tell (run);
  g_mutex_unlock (&run->mutex);
  return TRUE;
}

/* Behind the consoles' ends: from here on nothing is asked of the session. */
static int
ended (gpointer data, AsternSession *session, int status)
{
  AsternRun *run = data;

  g_mutex_lock (&run->mutex);
  run->session = NULL;
  g_mutex_unlock (&run->mutex);
  astern_bookmarks_unlisten (session->bookmarks, run);
  astern_debugger_detach (session->debugger, run->client);
  return status;
}

static gpointer
run_thread (gpointer data)
{
  AsternRun *run = data;
  const AsternSessionCompanion window = { .serving = serving, .ended = ended, .user = run };
  AsternSessionHow how = { .story = run->story, .window = TRUE, .console = on_console, .said = on_said, .user = run };
  AsternSessionCompanion replay;
  int status;

  how.companions[0] = &window;
  if (run->replay != NULL)
    {
      replay = astern_replay_companion (run->replay);
      how.companions[1] = &replay;
    }
  status = astern_session_run (run->options, &how);
  g_mutex_lock (&run->mutex);
  run->news.ended = TRUE;
  run->news.exit_status = status;
  run->news.state = ASTERN_RUN_ENDED;
  tell (run);
  g_mutex_unlock (&run->mutex);
  g_object_unref (run);
  return NULL;
}

/* ---- doing ---- */

typedef struct
{
  AsternRun     *run;
  AsternRunFunc  func;
  gpointer       data;
  GDestroyNotify free_data;
  gboolean       branch;
} Doing;

static void
free_doing (gpointer data)
{
  Doing *doing = data;

  if (doing->free_data != NULL)
    doing->free_data (doing->data);
  g_object_unref (doing->run);
  g_free (doing);
}

static gboolean
wake_look (gpointer data)
{
  astern_run_refresh (data);
  return G_SOURCE_REMOVE;
}

/* The machine's thread. */
static void
do_it (AsternSession *session, gpointer data)
{
  Doing *doing = data;

  if (doing->branch)
    astern_debugger_branch (session->debugger);
  doing->func (session, doing->data);
  attach (doing->run, wake_look, g_object_ref (doing->run), g_object_unref);
}

/* FALSE: there is no session. */
static gboolean
post (AsternRun *run, AsternSessionFunc func, gpointer data, GDestroyNotify free_data)
{
  gboolean there;

  g_mutex_lock (&run->mutex);
  there = run->session != NULL;
  if (there)
    astern_session_request (run->session, func, data, free_data);
  g_mutex_unlock (&run->mutex);
  return there;
}

void
astern_run_call (AsternRun *run, AsternRunFunc func, gpointer data, GDestroyNotify free_data)
{
  Doing *doing = g_new (Doing, 1);

  *doing = (Doing) { g_object_ref (run), func, data, free_data, FALSE };
  if (!post (run, do_it, doing, free_doing))
    free_doing (doing);
}

void
astern_run_change (AsternRun *run, AsternRunFunc func, gpointer data, GDestroyNotify free_data)
{
  if (!run->status.in_past)
    {
      astern_run_call (run, func, data, free_data);
      return;
    }
  astern_run_branch (run, FALSE);
  run->change = g_new (Doing, 1);
  *(Doing *) run->change = (Doing) { g_object_ref (run), func, data, free_data, TRUE };
  g_signal_emit (run, signals[ASKS_TO_BRANCH], 0);
}

void
astern_run_branch (AsternRun *run, gboolean yes)
{
  Doing *doing = g_steal_pointer (&run->change);

  if (doing != NULL && (!yes || !post (run, do_it, doing, free_doing)))
    free_doing (doing);
}

AsternClient *
astern_run_client (AsternRun *run)
{
  return run->client;
}

/* ---- looking ---- */

typedef struct
{
  AsternView *view;
  gpointer    question;
} Asked;

typedef struct
{
  AsternRun      *run;
  GArray         *asked;       /* Asked */
  AsternRunStatus status;      /* answered */
  char           *stop_text;
  guint32         lacks[ASTERN_N_MOVES];
  gint64          took_us;
} Look;

static void
free_look (gpointer data)
{
  Look *look = data;

  for (guint i = 0; i < look->asked->len; i++)
    {
      Asked *asked = &g_array_index (look->asked, Asked, i);

      if (asked->question != NULL && ASTERN_VIEW_GET_CLASS (asked->view)->free_question != NULL)
        ASTERN_VIEW_GET_CLASS (asked->view)->free_question (asked->question);
      g_object_unref (asked->view);
    }
  g_array_unref (look->asked);
  g_free (look->stop_text);
  g_object_unref (look->run);
  g_free (look);
}

/* The machine's thread: which engine, and what it leaves of history. */
static void
look_at_engine (AsternSession *session, AsternRunStatus *status)
{
  const AsternEngineClass *engine = session->launch->machine->engine->klass;

  status->engine = engine->name;
  status->can = engine->capabilities;
  if (!astern_timeline_wanted (astern_debugger_timeline (session->debugger)))
    status->no_history = _("There is no history to go back in; start with “-history 1G”.");
  else if (!(engine->capabilities & ASTERN_CAN_REVERSE))
    status->no_history = _("What KVM runs cannot be gone back in; let the translator take over to begin a history.");
  status->has_history = status->no_history == NULL;
}

/* Where instructions are not counted, moments are of guest time. */
static char *
stop_text (AsternDebugger *debugger, const AsternRunStatus *status)
{
  g_autofree char *seconds = g_strdup_printf (_("%.6f s"), (double) status->guest_ns / 1e9);

  if (status->can & ASTERN_CAN_COUNT_EXACTLY)
    return astern_debugger_stop_text (debugger, &status->stop);
  return astern_debugger_stop_text_at (debugger, &status->stop, seconds);
}

static void
look_at_status (AsternSession *session, Look *look)
{
  AsternDebugger *debugger = session->debugger;
  AsternTimeline *timeline = astern_debugger_timeline (debugger);
  AsternMachine *machine = session->launch->machine;
  AsternRunStatus *status = &look->status;

  status->state = astern_debugger_is_running (debugger) ? ASTERN_RUN_RUNNING : ASTERN_RUN_STOPPED;
  status->present = astern_timeline_present (timeline);
  status->start = astern_timeline_start (timeline);
  status->head = astern_timeline_head (timeline);
  status->end = astern_timeline_end (timeline);
  status->in_past = astern_timeline_in_past (timeline);
  status->replay = astern_inputs_is_replay (machine->inputs);
  status->points = astern_launch_points (session->launch);
  status->guest_ns = astern_clock_now_ns (&machine->clock);
  status->n_cpus = machine->n_cpus;
  status->stop = *astern_debugger_last_stop (debugger);
  look_at_engine (session, status);
  look->stop_text = stop_text (debugger, status);
  for (guint i = 0; i < ASTERN_N_MOVES; i++)
    look->lacks[i] = astern_debugger_lacks (debugger, i);
}

static gboolean show (gpointer data);

/* The machine's thread. */
static void
answer (AsternSession *session, gpointer data)
{
  Look *look = data;
  gint64 begun_us = g_get_monotonic_time ();

  g_mutex_lock (&look->run->mutex);
  look->status.serial = look->run->stops;
  look->status.stopped_us = look->run->stopped_us;
  g_mutex_unlock (&look->run->mutex);
  look_at_status (session, look);
  for (guint i = 0; i < look->asked->len; i++)
    {
      Asked *asked = &g_array_index (look->asked, Asked, i);

      if (asked->question != NULL && ASTERN_VIEW_GET_CLASS (asked->view)->look != NULL)
        ASTERN_VIEW_GET_CLASS (asked->view)->look (session, asked->question);
    }
  look->took_us = g_get_monotonic_time () - begun_us;
}

/* Freed wherever it ends: when it was answered, and when the session was over before. */
static void
looked (gpointer data)
{
  Look *look = data;

  attach (look->run, show, look, free_look);
}

static gboolean
show (gpointer data)
{
  Look *look = data;
  AsternRun *run = look->run;
  guint cpu = run->status.cpu;

  run->looking = FALSE;
  run->shown_us = g_get_monotonic_time ();
  run->took_us = look->took_us;
  if (look->took_us == 0 || run->status.state == ASTERN_RUN_ENDED)
    return G_SOURCE_REMOVE;
  run->status = look->status;
  run->status.cpu = MIN (cpu, look->status.n_cpus - 1);
  memcpy (run->lacks, look->lacks, sizeof run->lacks);
  g_free (run->stop_text);
  run->stop_text = g_steal_pointer (&look->stop_text);
  g_signal_emit (run, signals[CHANGED], 0);
  for (guint i = 0; i < look->asked->len; i++)
    {
      Asked *asked = &g_array_index (look->asked, Asked, i);

      if (asked->question != NULL && astern_view_run (asked->view) == run && ASTERN_VIEW_GET_CLASS (asked->view)->show != NULL)
        ASTERN_VIEW_GET_CLASS (asked->view)->show (asked->view, asked->question);
    }
  g_signal_emit (run, signals[LOOKED], 0);
  schedule (run);
  return G_SOURCE_REMOVE;
}

static void
begin_look (AsternRun *run)
{
  Look *look = g_new0 (Look, 1);

  run->wanted = FALSE;
  run->looking = TRUE;
  look->run = g_object_ref (run);
  look->asked = g_array_new (FALSE, FALSE, sizeof (Asked));
  for (guint i = 0; i < run->views->len; i++)
    {
      AsternView *view = g_ptr_array_index (run->views, i);
      AsternViewClass *klass = ASTERN_VIEW_GET_CLASS (view);
      Asked asked = { view, NULL };

      if (klass->ask == NULL || !gtk_widget_get_mapped (GTK_WIDGET (view)) ||
          (run->status.state == ASTERN_RUN_RUNNING && !klass->while_running))
        continue;
      asked.question = klass->ask (view);
      g_object_ref (view);
      g_array_append_val (look->asked, asked);
    }
  if (!post (run, answer, look, looked))
    looked (look);
}

static gboolean
look_now (gpointer data)
{
  AsternRun *run = data;

  run->timer = 0;
  if (!run->looking && run->status.state != ASTERN_RUN_ENDED)
    begin_look (run);
  return G_SOURCE_REMOVE;
}

/* The next look, if one is due. */
static void
schedule (AsternRun *run)
{
  gboolean running = run->status.state == ASTERN_RUN_RUNNING;
  gint64 after_us = running ? MAX (REFRESH_RUNNING_US, run->took_us * PEACE) : REFRESH_US;
  gint64 wait_us = run->shown_us + after_us - g_get_monotonic_time ();

  if (run->looking || run->status.state == ASTERN_RUN_ENDED || (!run->wanted && !running))
    return;
  if (run->timer != 0 && run->timer_running == running)
    return;
  if (run->timer != 0)
    g_source_remove (run->timer);
  run->timer_running = running;
  run->timer = g_timeout_add_full (G_PRIORITY_DEFAULT, (guint) MAX (0, (wait_us + 999) / 1000), look_now, run, NULL);
}

void
astern_run_refresh (AsternRun *run)
{
  run->wanted = TRUE;
  schedule (run);
}

void
astern_run_add_view (AsternRun *run, AsternView *view)
{
  g_ptr_array_add (run->views, view);
  astern_run_refresh (run);
}

void
astern_run_remove_view (AsternRun *run, AsternView *view)
{
  g_ptr_array_remove (run->views, view);
}

/* ---- the object ---- */

const AsternRunStatus *
astern_run_status (AsternRun *run)
{
  return &run->status;
}

const AsternLaunchOptions *
astern_run_options (AsternRun *run)
{
  return run->options;
}

const char *
astern_run_stop_text (AsternRun *run)
{
  return run->stop_text != NULL ? run->stop_text : "";
}

guint32
astern_run_lacks (AsternRun *run, AsternMove move)
{
  if (run->status.state == ASTERN_RUN_ENDED || run->status.state == ASTERN_RUN_STARTING)
    return ASTERN_NEEDS_STOPPED | ASTERN_NEEDS_HISTORY;
  if (run->status.state == ASTERN_RUN_RUNNING)     /* while it moves, a next move waits */
    return run->lacks[move] | (astern_moves[move].needs & ASTERN_NEEDS_STOPPED);
  return run->lacks[move];
}

gboolean
astern_run_can (AsternRun *run, AsternCapabilities what)
{
  return run->status.engine == NULL || (run->status.can & what) != 0;
}

void
astern_run_set_cpu (AsternRun *run, guint cpu)
{
  run->status.cpu = cpu;
  astern_run_refresh (run);
}

GListModel *
astern_run_consoles (AsternRun *run)
{
  return G_LIST_MODEL (run->consoles);
}

static void
finalize (GObject *object)
{
  AsternRun *run = ASTERN_RUN (object);

  if (run->timer != 0)
    g_source_remove (run->timer);
  astern_run_branch (run, FALSE);
  g_ptr_array_unref (run->views);
  g_ptr_array_unref (run->opened);
  g_ptr_array_unref (run->chardevs);
  g_ptr_array_unref (run->news.said);
  g_ptr_array_unref (run->news.consoles);
  g_object_unref (run->consoles);
  astern_replay_free (run->replay);
  astern_launch_options_free (run->options);
  astern_recording_free (run->recording);
  g_free (run->stop_text);
  g_clear_pointer (&run->thread, g_thread_unref);
  g_main_context_unref (run->context);
  g_mutex_clear (&run->mutex);
  G_OBJECT_CLASS (astern_run_parent_class)->finalize (object);
}

static void
astern_run_class_init (AsternRunClass *klass)
{
#define SIGNAL(name, ...) g_signal_new (name, ASTERN_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
  G_OBJECT_CLASS (klass)->finalize = finalize;
  signals[CHANGED] = SIGNAL ("changed", 0);
  signals[LOOKED] = SIGNAL ("looked", 0);
  signals[SAID] = SIGNAL ("said", 1, G_TYPE_STRING);
  signals[FAILED] = SIGNAL ("failed", 1, G_TYPE_STRING);
  signals[PROGRESS] = SIGNAL ("progress", 1, G_TYPE_DOUBLE);
  signals[POINTS_CHANGED] = SIGNAL ("points-changed", 0);
  signals[BRANCHED] = SIGNAL ("branched", 0);
  signals[SHIFTED] = SIGNAL ("shifted", 0);
  signals[ASKS_TO_BRANCH] = SIGNAL ("asks-to-branch", 0);
  signals[ENDED] = SIGNAL ("ended", 1, G_TYPE_INT);
#undef SIGNAL
}

static void
astern_run_init (AsternRun *run)
{
  g_mutex_init (&run->mutex);
  run->context = g_main_context_ref_thread_default ();
  run->views = g_ptr_array_new ();
  run->opened = g_ptr_array_new_with_free_func (g_object_unref);
  run->chardevs = g_ptr_array_new ();
  run->consoles = g_list_store_new (ASTERN_TYPE_CONSOLE);
  run->news.said = g_ptr_array_new_with_free_func (g_free);
  run->news.consoles = g_ptr_array_new_with_free_func (g_object_unref);
}

AsternRun *
astern_run_new (AsternLaunchOptions *options, const AsternSessionStory *story, AsternRecording *recording, AsternReplay *replay)
{
  AsternRun *run = g_object_new (ASTERN_TYPE_RUN, NULL);

  run->options = options;
  run->story = story;
  run->recording = recording;
  run->replay = replay;
  run->thread = g_thread_new ("machine", run_thread, g_object_ref (run));
  return run;
}

static void
quit (AsternSession *session, gpointer data)
{
  astern_session_quit (session);
}

void
astern_run_quit (AsternRun *run)
{
  astern_run_cancel (run);
  g_mutex_lock (&run->mutex);
  run->quitting = TRUE;
  if (run->session != NULL)
    astern_session_request (run->session, quit, NULL, NULL);
  g_mutex_unlock (&run->mutex);
}
