/* Tests of session/bookmarks: the store itself, the monitor's commands on it, and what of it is in recordings. */
#include "debug-fixture.h"

#include "session/demo.h"
#include "session/replay.h"
#include "session/save.h"

#include <glib/gstdio.h>

/* ---- the store ---- */

typedef struct
{
  guint kept, gone;
  char *last;
} Heard;

static void
on_changed (gpointer user, const AsternBookmark *bookmark, gboolean gone)
{
  Heard *heard = user;

  heard->kept += !gone;
  heard->gone += gone;
  g_free (heard->last);
  heard->last = g_strdup_printf ("%u %s %s", bookmark->id, bookmark->name, bookmark->note);
}

typedef struct
{
  void (*test) (AsternBookmarks *bookmarks);
  Fixture *f;
} Call;

static void
on_machine (AsternDebugger *debugger, gpointer data)
{
  Call *call = data;

  call->test (call->f->session.bookmarks);
}

/* The store belongs to the machine's thread. */
static void
with_store (Fixture *f, void (*test) (AsternBookmarks *bookmarks))
{
  Call call = { test, f };

  astern_debugger_call_and_wait (f->session.debugger, on_machine, &call);
}

static void
change_and_listen (AsternBookmarks *bookmarks)
{
  Heard heard = { 0, 0, NULL };
  guint serial = astern_bookmarks_serial (bookmarks), first, second;

  astern_bookmarks_listen (bookmarks, on_changed, &heard);
  first = astern_bookmarks_add (bookmarks, (AsternMoment) { 20, 0 }, 5, "twenty", NULL);
  second = astern_bookmarks_add (bookmarks, (AsternMoment) { 10, 1 }, 2, NULL, "a note");
  g_assert_cmpuint (heard.kept, ==, 2);
  g_assert_cmpstr (heard.last, ==, "2 Bookmark 1 a note");
  g_assert_cmpuint (astern_bookmarks_serial (bookmarks), !=, serial);
  g_assert_true (astern_bookmarks_edit (bookmarks, second, "ten", NULL));
  g_assert_cmpstr (heard.last, ==, "2 ten a note");
  g_assert_true (astern_bookmarks_edit (bookmarks, second, NULL, ""));
  g_assert_cmpstr (heard.last, ==, "2 ten ");
  g_assert_nonnull (astern_bookmarks_named (bookmarks, "ten"));
  g_assert_true (astern_bookmarks_remove (bookmarks, first));
  g_assert_cmpuint (heard.gone, ==, 1);
  g_assert_null (astern_bookmarks_find (bookmarks, first));
  g_assert_false (astern_bookmarks_remove (bookmarks, first));
  g_assert_false (astern_bookmarks_edit (bookmarks, first, "x", NULL));
  astern_bookmarks_unlisten (bookmarks, &heard);
  astern_bookmarks_remove (bookmarks, second);
  g_assert_cmpuint (heard.gone, ==, 1);
  g_assert_cmpuint (astern_bookmarks_count (bookmarks), ==, 0);
  g_free (heard.last);
}

static void
whoever_listens_hears_of_each_change (Fixture *f, gconstpointer data)
{
  with_store (f, change_and_listen);
}

static void
fill_names (AsternBookmarks *bookmarks)
{
  guint second;

  astern_bookmarks_add_here (bookmarks, NULL, NULL);
  second = astern_bookmarks_add_here (bookmarks, NULL, NULL);
  g_assert_cmpstr (astern_bookmarks_find (bookmarks, second)->name, ==, "Bookmark 2");
  astern_bookmarks_edit (bookmarks, second, "crash", NULL);
  g_assert_cmpstr (astern_bookmarks_find (bookmarks, astern_bookmarks_add_here (bookmarks, NULL, NULL))->name, ==, "Bookmark 2");
}

static void
a_name_that_nobody_gave_is_a_new_one (Fixture *f, gconstpointer data)
{
  with_store (f, fill_names);
}

/* ---- the monitor, on the same store ---- */

static void
mark_here (AsternBookmarks *bookmarks)
{
  astern_bookmarks_add_here (bookmarks, "crash", "seen\nhere");
}

static void
rename_early (AsternBookmarks *bookmarks)
{
  g_assert_cmpuint (astern_bookmarks_count (bookmarks), ==, 2);
  g_assert_true (astern_bookmarks_edit (bookmarks, astern_bookmarks_named (bookmarks, "early")->id, "first", NULL));
}

static void
the_monitor_and_others_have_the_same_ones (Fixture *f, gconstpointer data)
{
  let_run (f, 100000);
  answers (f, "goto @60000", "@60000");
  with_store (f, mark_here);
  answers (f, "info snapshots", "   @60000   seen\\nhere\n");
  answers (f, "goto @50000", "@50000");
  answers (f, "savevm early", "");
  with_store (f, rename_early);
  answers (f, "goto crash", "@60000");
  answers (f, "loadvm first", "@50000");
  answers (f, "loadvm early", "There is no snapshot “early”");
}

static void
only_first (AsternBookmarks *bookmarks)
{
  g_assert_cmpuint (astern_bookmarks_count (bookmarks), ==, 1);
  g_assert_cmpstr (astern_bookmarks_at (bookmarks, 0)->name, ==, "first");
}

static void
a_branch_takes_those_after_it (Fixture *f, gconstpointer data)
{
  let_run (f, 100000);
  with_store (f, mark_here);
  answers (f, "goto @50000", "@50000");
  answers (f, "savevm first", "");
  answers (f, "branch", "The run now ends here");
  with_store (f, only_first);
}

/* ---- recordings ---- */

typedef struct
{
  const char *saved;
  GString    *found;       /* by a replay */
} Job;

static void
mark_and_save (AsternSession *session, gpointer data)
{
  Job *job = data;
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  guint wrong;
  g_autofree char *from = NULL;
  g_autoptr (GError) error = NULL;

  while (astern_timeline_present (timeline).icount < 50000)
    astern_timeline_run (timeline, (AsternMoment) { 50000, 0 });
  astern_bookmarks_add_here (session->bookmarks, "here", "it goes wrong");
  wrong = astern_bookmarks_add (session->bookmarks, (AsternMoment) { 100, 0 }, 0, "wrong", NULL);
  astern_bookmarks_add (session->bookmarks, (AsternMoment) { 200, 3 }, 0, "earlier", NULL);
  astern_bookmarks_remove (session->bookmarks, wrong);
  astern_bookmarks_edit (session->bookmarks, 3, "early", NULL);
  if (job->saved != NULL)
    g_assert_true (astern_session_save (session, job->saved, &from, &error));
  g_assert_no_error (error);
  astern_session_quit (session);
}

static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  Job *job = user;

  for (guint i = 0; job->found != NULL && i < astern_bookmarks_count (session->bookmarks); i++)
    {
      const AsternBookmark *bookmark = astern_bookmarks_at (session->bookmarks, i);
      char moment[ASTERN_MOMENT_TEXT];

      g_string_append_printf (job->found, "%s %s %s;", astern_moment_format (bookmark->moment, moment), bookmark->name,
                              bookmark->note);
    }
  if (job->found == NULL)
    astern_session_request (session, mark_and_save, job, NULL);
  return TRUE;
}

static void
run_demo (Job *job, const char *const *more)
{
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off", NULL };
  const AsternSessionCompanion companion = { NULL, serving, NULL, job };
  const AsternSessionHow how = { .companions = { &companion } };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_demo_options (options, first, more, &error);
  g_assert_no_error (error);
  g_assert_cmpint (astern_session_run (options, &how), ==, 0);
}

static void
are_there_in_a_replay_of (const char *path)
{
  static const char *const args[] = { "-display", "none", "-monitor", "none", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AsternRecording) recording = astern_recording_open (path, &error);
  g_autoptr (AsternReplay) replay = NULL;
  g_autoptr (GString) found = g_string_new (NULL);
  Job job = { NULL, found };
  const AsternSessionCompanion companion = { NULL, serving, NULL, &job };
  AsternSessionCompanion replays;
  AsternSessionHow how = { .companions = { &replays, &companion } };

  g_assert_no_error (error);
  replay = astern_replay_new (options, recording, args, &error);
  g_assert_no_error (error);
  replays = astern_replay_companion (replay);
  g_assert_cmpint (astern_session_run (options, &how), ==, 0);
  g_assert_cmpstr (found->str, ==, "@200+3 early ;@50000 here it goes wrong;");
}

static void
they_are_written_as_the_run_is_recorded_and_read_when_it_is_replayed (void)
{
  g_autofree char *dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "run.astern", NULL);
  const char *const more[] = { "-record", path, NULL };
  Job job = { NULL, NULL };

  run_demo (&job, more);
  are_there_in_a_replay_of (path);
  g_unlink (path);
  g_rmdir (dir);
}

static void
they_go_with_a_run_that_is_saved_afterwards (void)
{
  static const char *const none[] = { NULL };
  g_autofree char *dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "run.astern", NULL);
  Job job = { path, NULL };

  run_demo (&job, none);
  are_there_in_a_replay_of (path);
  g_unlink (path);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/session/bookmarks/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (whoever_listens_hears_of_each_change);
  ADD (a_name_that_nobody_gave_is_a_new_one);
  ADD (the_monitor_and_others_have_the_same_ones);
  ADD (a_branch_takes_those_after_it);
#undef ADD
#define ADD(name) g_test_add_func ("/session/bookmarks/" #name, name)
  ADD (they_are_written_as_the_run_is_recorded_and_read_when_it_is_replayed);
  ADD (they_go_with_a_run_that_is_saved_afterwards);
  return g_test_run ();
}
