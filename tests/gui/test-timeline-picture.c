/* Tests of what a timeline knows of a run (gui/timeline-picture, gui/timeline-events): the demo guest, run for a while. */
#include "config.h"

#include "gui/timeline-events.h"
#include "gui/timeline-picture.h"
#include "session/bookmarks.h"
#include "session/demo.h"

#include <string.h>

#define ICOUNT 4000000

/* ---- on the machine's thread ---- */

typedef void (*Job) (AsternSession *session, AsternClient *client);

typedef struct
{
  Job  job;
  guint done;
} Test;

static void
go (AsternSession *session, guint64 icount)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  while (astern_timeline_present (timeline).icount < icount)
    astern_timeline_run (timeline, (AsternMoment) { icount, 0 });
}

static void
do_job (AsternSession *session, gpointer data)
{
  static const AsternClientFuncs funcs = { .name = "test" };
  Test *test = data;
  AsternClient *client = astern_debugger_attach (session->debugger, &funcs, NULL);

  astern_debugger_hold (session->debugger, client);
  go (session, ICOUNT);
  test->job (session, client);
  test->done++;
  astern_debugger_detach (session->debugger, client);
  astern_session_quit (session);
}

static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  astern_session_request (session, do_job, user, NULL);
  return TRUE;
}

static void
run_demo (gconstpointer job)
{
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off", "-S", NULL };
  static const char *const none[] = { NULL };
  Test test = { (Job) job, 0 };
  const AsternSessionCompanion companion = { NULL, serving, NULL, &test };
  const AsternSessionHow how = { .companions = { &companion } };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_demo_options (options, first, none, &error);
  g_assert_no_error (error);
  g_assert_cmpint (astern_session_run (options, &how), ==, 0);
  g_assert_cmpuint (test.done, ==, 1);
}

/* ---- pictures ---- */

static AsternTimelinePicture *
look (AsternSession *session, double from, double to, guint n)
{
  AsternTimelinePicture *picture = astern_timeline_picture_new (from, to, n);

  astern_timeline_picture_look (session, picture);
  return picture;
}

static const AsternTimelineLane *
find_lane (AsternTimelinePicture *picture, const char *device)
{
  for (guint i = ASTERN_N_LANES; i < picture->lanes->len; i++)
    if (g_str_equal (((AsternTimelineLane *) g_ptr_array_index (picture->lanes, i))->device, device))
      return g_ptr_array_index (picture->lanes, i);
  return NULL;
}

static double
sum (AsternTimelinePicture *picture, const AsternTimelineLane *lane)
{
  double all = 0;

  for (guint i = 0; i < picture->n_columns; i++)
    all += lane->columns[i];
  return all;
}

static void
lanes_hold_all_that_happened (AsternSession *session, AsternClient *client)
{
  AsternTimelinePicture *picture = look (session, 0, ICOUNT, 333);

  g_assert_cmpuint (picture->lanes->len, >, ASTERN_N_LANES);
  for (guint i = 0; i < picture->lanes->len; i++)
    {
      const AsternTimelineLane *lane = g_ptr_array_index (picture->lanes, i);

      g_assert_cmpfloat_with_epsilon (sum (picture, lane), (double) lane->total, 0.01 + (double) lane->total * 1e-4);
      g_assert_true (i < ASTERN_N_LANES || lane->total > 0);
    }
  g_assert_cmpuint (((AsternTimelineLane *) g_ptr_array_index (picture->lanes, ASTERN_LANE_SYSCALLS))->total, >, 0);
  g_assert_cmpuint (((AsternTimelineLane *) g_ptr_array_index (picture->lanes, ASTERN_LANE_INTERRUPTS))->total, >, 0);
  g_assert_nonnull (find_lane (picture, "pic-master"));
  g_assert_null (find_lane (picture, "floppy"));
  astern_timeline_picture_free (picture);
}

static void
guest_time_goes_on_with_the_columns (AsternSession *session, AsternClient *client)
{
  AsternTimelinePicture *picture = look (session, 0, ICOUNT, 100);

  for (guint i = 0; i < picture->n_columns; i++)
    g_assert_cmpuint (picture->ns[i], <=, picture->ns[i + 1]);
  g_assert_cmpuint (astern_timeline_picture_ns (picture, 0), ==, 0);
  g_assert_cmpuint (astern_timeline_picture_ns (picture, ICOUNT), ==, astern_clock_now_ns (&session->launch->machine->clock));
  astern_timeline_picture_free (picture);
}

static void
bookmarks_come_in_order_and_are_copied_only_when_they_changed (AsternSession *session, AsternClient *client)
{
  AsternTimelinePicture *picture, *again;

  astern_bookmarks_add (session->bookmarks, (AsternMoment) { 300, 0 }, 0, "later", "with a note");
  astern_bookmarks_add (session->bookmarks, (AsternMoment) { 200, 0 }, 0, "earlier", NULL);
  picture = look (session, 0, ICOUNT, 10);
  g_assert_cmpuint (picture->bookmarks->len, ==, 2);
  g_assert_cmpstr (((AsternTimelineFlag *) g_ptr_array_index (picture->bookmarks, 0))->text, ==, "earlier");
  g_assert_cmpstr (((AsternTimelineFlag *) g_ptr_array_index (picture->bookmarks, 1))->text, ==, "later: with a note");
  again = astern_timeline_picture_new (0, ICOUNT, 10);
  again->serial = picture->serial;
  g_ptr_array_unref (again->bookmarks);
  again->bookmarks = g_ptr_array_ref (picture->bookmarks);
  astern_timeline_picture_look (session, again);
  g_assert_true (again->bookmarks == picture->bookmarks);
  astern_timeline_picture_free (again);
  astern_timeline_picture_free (picture);
}

static void
what_was_left_is_a_branch_and_snapshots_are_within_what_is_shown (AsternSession *session, AsternClient *client)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  AsternTimelinePicture *picture;
  const AsternTimelineBranch *branch;

  g_assert_true (astern_timeline_seek (timeline, (AsternMoment) { ICOUNT / 2, 0 }, NULL, NULL, NULL));
  g_assert_cmpuint (astern_timeline_branch (timeline), ==, 1);
  picture = look (session, 0, ICOUNT, 50);
  g_assert_cmpuint (picture->branches->len, ==, 1);
  branch = &g_array_index (picture->branches, AsternTimelineBranch, 0);
  g_assert_cmpuint (branch->head.icount, ==, ICOUNT);
  g_assert_cmpuint (branch->parting.icount, <=, ICOUNT / 2);
  g_assert_cmpuint (picture->snapshots->len, >=, 1);
  for (guint i = 0; i < picture->snapshots->len; i++)
    g_assert_cmpuint (g_array_index (picture->snapshots, AsternMoment, i).icount, <=, ICOUNT / 2);
  astern_timeline_picture_free (picture);
}

/* ---- single events ---- */

static guint
n_events (AsternTimelineEvents *events, guint lane)
{
  const GArray *found = astern_timeline_events_lane (events, lane);

  return found != NULL ? found->len : 0;
}

static void
single_events_are_those_that_were_counted (AsternSession *session, AsternClient *client)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  AsternActivity *activity = astern_timeline_activity (timeline);
  AsternTimelineEvents *events = astern_timeline_events_new (0, ICOUNT);
  AsternMoment before = astern_timeline_present (timeline), last = { 0, 0 };
  const GArray *calls;
  g_autofree char *text = NULL;

  g_assert_false (astern_timeline_events_done (events));
  astern_timeline_events_trace (session, client, events);
  g_assert_true (astern_timeline_events_done (events));
  g_assert_cmpint (astern_moment_compare (before, astern_timeline_present (timeline)), ==, 0);
  g_assert_true (astern_timeline_events_cover (events, 0, ICOUNT));
  g_assert_false (astern_timeline_events_cover (events, 0, ICOUNT + 1));
  g_assert_cmpuint (n_events (events, ASTERN_LANE_SYSCALLS), ==, astern_activity_total (activity, ASTERN_LANE_SYSCALLS));
  g_assert_cmpuint (n_events (events, ASTERN_LANE_EXCEPTIONS), ==, astern_activity_total (activity, ASTERN_LANE_EXCEPTIONS));
  g_assert_cmpuint (n_events (events, ASTERN_LANE_MODES), >, 0);
  calls = astern_timeline_events_lane (events, ASTERN_LANE_SYSCALLS);
  for (guint i = 0; i < calls->len; i++)
    {
      AsternMoment moment = g_array_index (calls, AsternTimelineEvent, i).moment;

      g_assert_cmpint (astern_moment_compare (moment, last), >, 0);
      g_assert_cmpuint (astern_timeline_events_first (calls, (double) moment.icount), ==, i);
      last = moment;
    }
  text = astern_timeline_event_text (&g_array_index (calls, AsternTimelineEvent, 0));
  g_assert_true (g_str_has_prefix (text, "System call "));
  astern_timeline_events_unref (events);
}

static void
a_devices_port_is_in_its_own_lane (AsternSession *session, AsternClient *client)
{
  AsternTimelineEvents *events = astern_timeline_events_new (0, ICOUNT);
  AsternTimelinePicture *picture = look (session, 0, ICOUNT, 10);
  const AsternTimelineLane *pic = find_lane (picture, "pic-master");

  astern_timeline_events_trace (session, client, events);
  g_assert_cmpuint (n_events (events, pic->lane), ==, pic->total);
  for (guint i = 0; i < n_events (events, pic->lane); i++)
    {
      guint64 port = g_array_index (astern_timeline_events_lane (events, pic->lane), AsternTimelineEvent, i).number;

      g_assert_true (port == 0x20 || port == 0x21 || port == 0x4d0);
    }
  astern_timeline_picture_free (picture);
  astern_timeline_events_unref (events);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_data_func ("/timeline-picture/" #name, (gconstpointer) name, run_demo)
  ADD (lanes_hold_all_that_happened);
  ADD (guest_time_goes_on_with_the_columns);
  ADD (bookmarks_come_in_order_and_are_copied_only_when_they_changed);
  ADD (what_was_left_is_a_branch_and_snapshots_are_within_what_is_shown);
  ADD (single_events_are_those_that_were_counted);
  ADD (a_devices_port_is_in_its_own_lane);
  return g_test_run ();
}
