/* A run that nobody recorded, saved afterwards: what is saved replays to the same state. */
#include "config.h"

#include "session/replay.h"
#include "session/save.h"
#include "session/demo.h"
#include "trace/recording.h"

#include <string.h>

#include <glib/gstdio.h>

#define ICOUNT 20000000

typedef struct
{
  char *dir, *saved, *recorded;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->saved = g_build_filename (f->dir, "saved.astern", NULL);
  f->recorded = g_build_filename (f->dir, "recorded.astern", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->saved);
  g_unlink (f->recorded);
  g_assert_cmpint (g_rmdir (f->dir), ==, 0);      /* nothing is left beside them */
  g_free (f->saved);
  g_free (f->recorded);
  g_free (f->dir);
}

/* ---- a session that does one job ---- */

typedef struct
{
  AsternSessionFunc job;
  const char       *saved;
  char             *from;
  guint64           hash;          /* of the state at the head */
  AsternMoment      head, present;
  char             *error;
} Job;

static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  Job *job = user;

  if (job->job != NULL)
    astern_session_request (session, job->job, job, NULL);
  return TRUE;
}

static int
ended (gpointer user, AsternSession *session, int status)
{
  Job *job = user;

  if (job->job == NULL)
    {
      job->hash = astern_machine_hash (session->launch->machine);
      job->head = astern_clock_moment (&session->launch->machine->clock);
    }
  return status;
}

static void
on_said (gpointer user, AsternSaid kind, const char *text)
{
  g_test_message ("%s", text);
}

static int
run (AsternLaunchOptions *options, const AsternSessionCompanion *first, Job *job)
{
  const AsternSessionCompanion companion = { NULL, serving, ended, job };
  AsternSessionHow how = { .said = on_said };
  guint n = 0;

  if (first != NULL)
    how.companions[n++] = first;
  how.companions[n] = &companion;
  return astern_session_run (options, &how);
}

static void
run_demo (Job *job, const char *const *more)
{
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_demo_options (options, first, more, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run (options, NULL, job), ==, 0);
  g_assert_cmpstr (job->error, ==, NULL);
}

/* What there is in the saved file ends as the run did. */
static void
replays_the_same (const char *path, const Job *job)
{
  static const char *const args[] = { "-display", "none", "-monitor", "none", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternRecording) recording = astern_recording_open (path, &error);
  g_autoptr (AsternReplay) replay = NULL;
  AsternSessionCompanion companion;
  Job again = { .saved = NULL };

  g_assert_no_error (error);
  replay = astern_replay_new (options, recording, args, &error);
  g_assert_no_error (error);
  companion = astern_replay_companion (replay);
  g_assert_cmpint (run (options, &companion, &again), ==, 0);
  g_assert_cmpint (astern_moment_compare (again.head, job->head), ==, 0);
  g_assert_cmphex (again.hash, ==, job->hash);
}

static guint64
count (const char *path, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternRecording) recording = astern_recording_open (path, &error);
  gint64 number = -1;

  g_assert_no_error (error);
  g_assert_true (astern_recording_number (recording, sql, &number, &error));
  return (guint64) number;
}

/* ---- the jobs, on the machine's thread ---- */

/* Two keys are typed on the way. */
static void
go (AsternSession *session, Job *job)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  for (guint i = 1; i <= 4; i++)
    {
      g_assert_true (astern_launch_send_keys (session->launch, i % 2 == 0 ? "a" : "shift-b", NULL));
      while (astern_timeline_present (timeline).icount < i * (ICOUNT / 4))
        astern_timeline_run (timeline, (AsternMoment) { i * (ICOUNT / 4), 0 });
    }
  job->head = astern_timeline_head (timeline);
  job->hash = astern_machine_hash (session->launch->machine);
}

static void
save (AsternSession *session, Job *job)
{
  g_autoptr (GError) error = NULL;

  if (!astern_session_save (session, job->saved, &job->from, &error))
    job->error = g_strdup (error->message);
}

static void
go_and_save (AsternSession *session, gpointer data)
{
  go (session, data);
  save (session, data);
  astern_session_quit (session);
}

static void
go_back_and_save (AsternSession *session, gpointer data)
{
  Job *job = data;
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  go (session, data);
  g_assert_true (astern_timeline_seek (timeline, (AsternMoment) { ICOUNT / 3, 0 }, NULL, NULL, NULL));
  save (session, data);
  job->present = astern_timeline_present (timeline);
  astern_session_quit (session);
}

static void
go_another_way_and_save (AsternSession *session, gpointer data)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  const AsternMoment end = { ICOUNT, 0 };

  go (session, data);
  g_assert_true (astern_timeline_seek (timeline, (AsternMoment) { ICOUNT / 3, 0 }, NULL, NULL, NULL));
  g_assert_cmpuint (astern_timeline_branch (timeline), !=, 0);
  while (astern_timeline_present (timeline).icount < ICOUNT)
    astern_timeline_run (timeline, end);
  ((Job *) data)->head = astern_timeline_head (timeline);
  ((Job *) data)->hash = astern_machine_hash (session->launch->machine);
  save (session, data);
  astern_session_quit (session);
}

static void
only_save (AsternSession *session, gpointer data)
{
  save (session, data);
  astern_session_quit (session);
}

static void
save_is_refused (AsternSession *session, const Job *job)
{
  g_autoptr (GError) error = NULL;
  char *from = NULL;

  g_assert_false (astern_session_save (session, job->saved, &from, &error));
  g_assert_nonnull (strstr (error->message, "save-state"));
  g_assert_null (from);
  g_assert_false (g_file_test (job->saved, G_FILE_TEST_EXISTS));
}

/* The translator, which says that it is no such one; then it is again, and history begins with what it was left. */
static void
save_what_another_ran (AsternSession *session, gpointer data)
{
  AsternEngine *engine = session->launch->machine->engine;
  const AsternEngineClass *translate = engine->klass;
  AsternEngineClass other = *translate;

  other.capabilities &= ~(guint32) (ASTERN_CAN_DETERMINISTIC | ASTERN_CAN_REVERSE);
  engine->klass = &other;
  astern_timeline_restart (astern_debugger_timeline (session->debugger));
  save_is_refused (session, data);
  engine->klass = translate;
  astern_timeline_restart (astern_debugger_timeline (session->debugger));
  save_is_refused (session, data);
  astern_session_quit (session);
}

/* ---- a window's session ---- */

typedef struct
{
  AsternSession *session;
  AsternClient  *client;
  gboolean       stays;
  AsternMoment   at;
} Watch;

static void
look_again (AsternSession *session, gpointer data)
{
  Watch *watch = data;

  watch->stays = !astern_debugger_is_running (session->debugger);
  watch->at = astern_clock_moment (&session->launch->machine->clock);
  astern_session_quit (session);
}

static void
on_stopped (gpointer data, const AsternDebuggerStop *stop)
{
  if (stop->why == ASTERN_WHY_ICOUNT)
    astern_session_request (((Watch *) data)->session, look_again, data, NULL);
}

static gboolean
watch_serving (gpointer user, AsternSession *session, GError **error)
{
  static const AsternClientFuncs funcs = { .name = "watch", .stopped = on_stopped };
  Watch *watch = user;

  watch->session = session;
  watch->client = astern_debugger_attach (session->debugger, &funcs, watch);
  return TRUE;
}

static int
watch_ended (gpointer user, AsternSession *session, int status)
{
  astern_debugger_detach (session->debugger, ((Watch *) user)->client);
  return status;
}

static void
in_a_window_a_machine_stays_where_it_was_to_stop (void)
{
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-icount", "sleep=off", NULL };
  static const char *const more[] = { "-stop-at", "1000000", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  Watch watch = { .client = NULL };
  const AsternSessionCompanion companion = { NULL, watch_serving, watch_ended, &watch };
  const AsternSessionHow how = { .companions = { &companion }, .window = TRUE, .said = on_said };

  options->window = TRUE;
  g_assert_true (astern_demo_options (options, first, more, NULL));
  g_assert_cmpint (astern_session_run (options, &how), ==, 0);
  g_assert_true (watch.stays);
  g_assert_cmpuint (watch.at.icount, ==, 1000000);
}

/* ---- the tests ---- */

static void
what_nobody_recorded_is_saved_and_replays_the_same (Fixture *f, gconstpointer data)
{
  Job job = { .job = go_and_save, .saved = f->saved };
  static const char *const none[] = { NULL };

  run_demo (&job, none);
  g_assert_null (job.from);
  g_assert_cmpuint (count (f->saved, "SELECT count(*) FROM journal WHERE port = 'human'"), >=, 4);
  g_assert_cmpuint (count (f->saved, "SELECT count(*) FROM checkpoint"), ==, 1);
  replays_the_same (f->saved, &job);
}

static void
saving_in_the_past_saves_the_whole_run_and_moves_nothing (Fixture *f, gconstpointer data)
{
  Job job = { .job = go_back_and_save, .saved = f->saved };
  static const char *const none[] = { NULL };

  run_demo (&job, none);
  g_assert_cmpuint (job.present.icount, ==, ICOUNT / 3);
  replays_the_same (f->saved, &job);
}

static void
a_run_that_went_another_way_is_saved_without_what_it_left (Fixture *f, gconstpointer data)
{
  Job job = { .job = go_another_way_and_save, .saved = f->saved };
  static const char *const none[] = { NULL };

  run_demo (&job, none);
  g_assert_cmpuint (count (f->saved, "SELECT count(*) FROM journal WHERE icount > 6666667"), ==, 0);
  replays_the_same (f->saved, &job);
}

static void
a_recorded_run_is_copied_up_to_where_it_stands (Fixture *f, gconstpointer data)
{
  Job job = { .job = go_and_save, .saved = f->saved };
  const char *const more[] = { "-record", f->recorded, NULL };
  g_autoptr (GError) error = NULL;

  run_demo (&job, more);
  g_assert_cmpstr (job.from, ==, f->recorded);
  g_assert_true (astern_recording_copy (job.from, f->saved, &error));
  g_assert_no_error (error);
  replays_the_same (f->saved, &job);
  g_free (job.from);
}

static void
copy_while_it_runs (AsternSession *session, gpointer data)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;

  go (session, data);
  save (session, data);
  if (!astern_recording_copy (job->from, job->saved, &error))
    job->error = g_strdup (error->message);
  astern_session_quit (session);
}

static void
a_recording_can_be_copied_while_it_is_written (Fixture *f, gconstpointer data)
{
  Job job = { .job = copy_while_it_runs, .saved = f->saved };
  const char *const more[] = { "-record", f->recorded, NULL };

  run_demo (&job, more);
  replays_the_same (f->saved, &job);
  g_free (job.from);
}

static void
a_replay_is_saved_by_copying_its_recording (Fixture *f, gconstpointer data)
{
  static const char *const none[] = { NULL }, *const args[] = { "-display", "none", "-monitor", "none", NULL };
  Job job = { .job = go_and_save, .saved = f->recorded }, again = { .job = only_save, .saved = f->saved };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternReplay) replay = NULL;
  AsternSessionCompanion companion;

  run_demo (&job, none);
  recording = astern_recording_open (f->recorded, NULL);
  replay = astern_replay_new (options, recording, args, NULL);
  companion = astern_replay_companion (replay);
  run (options, &companion, &again);
  g_assert_cmpstr (again.from, ==, f->recorded);
  g_free (again.from);
}

static void
a_copy_replaces_only_recordings_and_never_itself (Fixture *f, gconstpointer data)
{
  Job job = { .job = go_and_save, .saved = f->recorded };
  static const char *const none[] = { NULL };
  g_autoptr (GError) itself = NULL, other = NULL, error = NULL;
  g_autofree char *text = NULL;

  run_demo (&job, none);
  g_assert_false (astern_recording_copy (f->recorded, f->recorded, &itself));
  g_assert_nonnull (strstr (itself->message, "another name"));
  g_assert_true (g_file_set_contents (f->saved, "a letter", -1, NULL));
  g_assert_false (astern_recording_copy (f->recorded, f->saved, &other));
  g_assert_nonnull (strstr (other->message, "not a recording"));
  g_assert_true (g_file_get_contents (f->saved, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "a letter");
  g_unlink (f->saved);
  g_assert_true (astern_recording_copy (f->recorded, f->saved, &error));
  g_assert_true (astern_recording_copy (f->recorded, f->saved, &error));
  replays_the_same (f->saved, &job);
}

/* Though no instruction was counted meanwhile. */
static void
what_cannot_be_had_again_is_not_saved (Fixture *f, gconstpointer unused)
{
  static const char *const none[] = { NULL };
  Job job = { .job = save_what_another_ran, .saved = f->saved };

  run_demo (&job, none);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/session/save/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (what_nobody_recorded_is_saved_and_replays_the_same);
  ADD (saving_in_the_past_saves_the_whole_run_and_moves_nothing);
  ADD (a_run_that_went_another_way_is_saved_without_what_it_left);
  ADD (a_recorded_run_is_copied_up_to_where_it_stands);
  ADD (a_recording_can_be_copied_while_it_is_written);
  ADD (a_replay_is_saved_by_copying_its_recording);
  ADD (a_copy_replaces_only_recordings_and_never_itself);
  ADD (what_cannot_be_had_again_is_not_saved);
  g_test_add_func ("/session/window/in_a_window_a_machine_stays_where_it_was_to_stop", in_a_window_a_machine_stays_where_it_was_to_stop);
  return g_test_run ();
}
