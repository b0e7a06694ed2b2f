/* USB devices come and go while the machine runs: the run goes back to before them, and is replayed with them. */
#include "config.h"

#include "launch/launch.h"
#include "session/demo.h"
#include "session/monitor.h"
#include "session/replay.h"
#include "session/save.h"
#include "session/session.h"
#include "trace/recording.h"

#include <string.h>

#include <glib/gstdio.h>

#define STEP 3000000u

typedef struct
{
  AsternSessionFunc job;
  char             *dir, *saved;
  guint64           hash;          /* of the state at the head */
  AsternMoment      head;
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

  job->hash = astern_machine_hash (session->launch->machine);
  job->head = astern_clock_moment (&session->launch->machine->clock);
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
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off",
                                       "-device", "qemu-xhci,id=xhci", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_demo_options (options, first, more, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run (options, NULL, job), ==, 0);
}

/* ---- on the machine's thread ---- */

static void
go_on (AsternSession *session)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  guint64 end = astern_timeline_present (timeline).icount + STEP;

  while (astern_timeline_present (timeline).icount < end)
    astern_timeline_run (timeline, (AsternMoment) { end, 0 });
}

static void
assert_usb (AsternSession *session, const char *name, gboolean there)
{
  g_autofree char *answer = astern_monitor_execute (session->monitor, "info usb");
  g_autofree char *id = g_strdup_printf ("ID: %s\n", name);

  g_assert_cmpint (strstr (answer, id) != NULL, ==, there);
}

static void
do_add (AsternSession *session, const char *words)
{
  g_autoptr (GError) error = NULL;

  astern_launch_device_add (session->launch, words, &error);
  g_assert_no_error (error);
  go_on (session);
}

static void
do_remove (AsternSession *session, const char *id)
{
  g_autoptr (GError) error = NULL;

  astern_launch_device_del (session->launch, id, &error);
  g_assert_no_error (error);
  go_on (session);
}

static void
come_and_go (AsternSession *session, gpointer data)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  AsternMachine *machine = session->launch->machine;
  Job *job = data;
  AsternMoment before;
  guint64 hash_before, hash_head;
  g_autofree char *from = NULL;
  g_autoptr (GError) error = NULL;

  go_on (session);
  before = astern_timeline_present (timeline);
  hash_before = astern_machine_hash (machine);
  do_add (session, "usb-mouse,id=mouse");
  assert_usb (session, "mouse", TRUE);
  do_add (session, "usb-kbd,id=keys");
  do_remove (session, "mouse");
  assert_usb (session, "mouse", FALSE);
  for (guint i = 0; i < 3; i++)                 /* more than there are sockets, one after the other */
    {
      do_add (session, "usb-tablet,id=pen");
      assert_usb (session, "pen", TRUE);
      do_remove (session, "pen");
    }
  do_add (session, "usb-mouse,id=mouse");
  assert_usb (session, "mouse", TRUE);
  assert_usb (session, "keys", TRUE);
  hash_head = astern_machine_hash (machine);

  g_assert_true (astern_timeline_seek (timeline, before, NULL, NULL, NULL));
  g_assert_cmphex (astern_machine_hash (machine), ==, hash_before);
  assert_usb (session, "keys", FALSE);
  g_assert_true (astern_timeline_seek (timeline, astern_timeline_head (timeline), NULL, NULL, NULL));
  g_assert_cmphex (astern_machine_hash (machine), ==, hash_head);
  assert_usb (session, "mouse", TRUE);
  g_assert_true (astern_session_save (session, job->saved, &from, &error));
  g_assert_no_error (error);
  astern_session_quit (session);
}

static void
refuse (AsternSession *session, gpointer data)
{
  static const struct { const char *words, *says; } bad[] = {
    { "e1000", "USB" }, { "no-such-card", "-device help" }, { "usb-mouse,colour=red", "colour" }, { "usb-mouse,id=vga", "already" },
    { "usb-net,netdev=nic0", "network" }, { "usb-mouse,id=late,port=99", "99" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (astern_launch_device_add (session->launch, bad[i].words, &error));
      if (strstr (error->message, bad[i].says) == NULL)
        g_error ("“%s” does not say “%s”", error->message, bad[i].says);
    }
  g_assert_false (astern_launch_device_del (session->launch, "nobody", NULL));
  g_assert_false (astern_launch_device_del (session->launch, "vga", NULL));
  go_on (session);
  astern_session_quit (session);
}

/* ---- the tests ---- */

static void
set_up (Job *job, AsternSessionFunc function)
{
  *job = (Job) { .job = function, .dir = g_dir_make_tmp ("astern-XXXXXX", NULL) };
  job->saved = g_build_filename (job->dir, "run.astern", NULL);
}

static void
tear_down (Job *job)
{
  g_unlink (job->saved);
  g_assert_cmpint (g_rmdir (job->dir), ==, 0);
  g_free (job->saved);
  g_free (job->dir);
}

static void
replays_the_same (const Job *job, const char *path)
{
  static const char *const args[] = { "-display", "none", "-monitor", "none", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternRecording) recording = astern_recording_open (path, &error);
  g_autoptr (AsternReplay) replay = NULL;
  AsternSessionCompanion companion;
  Job again = { .dir = NULL };

  g_assert_no_error (error);
  replay = astern_replay_new (options, recording, args, &error);
  g_assert_no_error (error);
  companion = astern_replay_companion (replay);
  g_assert_cmpint (run (options, &companion, &again), ==, 0);
  g_assert_cmpint (astern_moment_compare (again.head, job->head), ==, 0);
  g_assert_cmphex (again.hash, ==, job->hash);
}

static void
what_came_later_goes_back_and_is_replayed (void)
{
  Job job;

  set_up (&job, come_and_go);
  run_demo (&job, (const char *const[]) { NULL });
  replays_the_same (&job, job.saved);
  tear_down (&job);
}

static void
what_is_recorded_meanwhile_is_replayed (void)
{
  Job job;
  g_autofree char *recorded = NULL;

  set_up (&job, come_and_go);
  recorded = g_build_filename (job.dir, "recorded.astern", NULL);
  run_demo (&job, (const char *const[]) { "-record", recorded, NULL });
  replays_the_same (&job, recorded);
  g_unlink (recorded);
  tear_down (&job);
}

static void
what_cannot_be_plugged_in_changes_nothing (void)
{
  Job job;

  set_up (&job, refuse);
  run_demo (&job, (const char *const[]) { NULL });
  tear_down (&job);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/hot-plug/what_came_later_goes_back_and_is_replayed", what_came_later_goes_back_and_is_replayed);
  g_test_add_func ("/session/hot-plug/what_is_recorded_meanwhile_is_replayed", what_is_recorded_meanwhile_is_replayed);
  g_test_add_func ("/session/hot-plug/what_cannot_be_plugged_in_changes_nothing", what_cannot_be_plugged_in_changes_nothing);
  return g_test_run ();
}
