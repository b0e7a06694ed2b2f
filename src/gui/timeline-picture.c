/* timeline-picture.c - see timeline-picture.h. */
#include "config.h"

#include "gui/timeline-picture.h"

#include "session/bookmarks.h"

/* ---- flags ---- */

static void
free_flag (gpointer data)
{
  AsternTimelineFlag *flag = data;

  g_free (flag->text);
  g_free (flag);
}

GPtrArray *
astern_timeline_flags_new (void)
{
  return g_ptr_array_new_with_free_func (free_flag);
}

void
astern_timeline_flags_add (GPtrArray *flags, AsternMoment moment, const char *text)
{
  AsternTimelineFlag *flag = g_new (AsternTimelineFlag, 1);

  *flag = (AsternTimelineFlag) { moment, g_strdup (text) };
  g_ptr_array_add (flags, flag);
}

/* ---- pictures ---- */

static void
free_lane (gpointer data)
{
  AsternTimelineLane *lane = data;

  g_free (lane->device);
  g_free (lane->columns);
  g_free (lane);
}

AsternTimelinePicture *
astern_timeline_picture_new (double from, double to, guint n_columns)
{
  AsternTimelinePicture *picture = g_new0 (AsternTimelinePicture, 1);

  picture->from = from;
  picture->to = MAX (to, from + 1);
  picture->n_columns = MAX (n_columns, 1);
  picture->lanes = g_ptr_array_new_with_free_func (free_lane);
  picture->snapshots = g_array_new (FALSE, FALSE, sizeof (AsternMoment));
  picture->bookmarks = astern_timeline_flags_new ();
  picture->branches = g_array_new (FALSE, FALSE, sizeof (AsternTimelineBranch));
  return picture;
}

void
astern_timeline_picture_free (gpointer data)
{
  AsternTimelinePicture *picture = data;

  g_ptr_array_unref (picture->lanes);
  g_array_unref (picture->snapshots);
  g_array_unref (picture->branches);
  g_ptr_array_unref (picture->bookmarks);
  g_free (picture->ns);
  g_free (picture);
}

/* ---- the machine's thread ---- */

static void
look_at_lanes (AsternActivity *activity, AsternTimelinePicture *picture)
{
  guint n = astern_activity_lanes (activity);
  g_autofree float **columns = g_new0 (float *, n);

  for (guint i = 0; i < n; i++)
    {
      AsternTimelineLane *lane;

      if (i >= ASTERN_N_LANES && astern_activity_total (activity, i) == 0)
        continue;
      columns[i] = g_new (float, picture->n_columns);
      lane = g_new (AsternTimelineLane, 1);
      *lane = (AsternTimelineLane) { i, g_strdup (astern_activity_device (activity, i)), astern_activity_total (activity, i),
                                     columns[i] };
      g_ptr_array_add (picture->lanes, lane);
    }
  astern_activity_read (activity, picture->from, picture->to, picture->n_columns, columns);
}

static void
look_at_time (AsternActivity *activity, AsternTimelinePicture *picture)
{
  picture->ns = g_new (guint64, picture->n_columns + 1);
  astern_activity_times (activity, picture->from, picture->to, picture->n_columns, picture->ns);
}

/* The first one at or after @icount. */
static guint
find_mark (AsternTimeline *timeline, double icount)
{
  guint low = 0, high = astern_timeline_marks (timeline);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if ((double) astern_timeline_mark_moment (timeline, middle).icount < icount)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
look_at_snapshots (AsternTimeline *timeline, AsternTimelinePicture *picture)
{
  double step = (picture->to - picture->from) / picture->n_columns, next = picture->from;
  guint n = astern_timeline_marks (timeline);

  for (guint i = find_mark (timeline, next); i < n; i++)
    {
      AsternMoment mark = astern_timeline_mark_moment (timeline, i);

      if ((double) mark.icount > picture->to)
        break;
      if ((double) mark.icount < next)
        continue;
      g_array_append_val (picture->snapshots, mark);
      next = (double) mark.icount + step;
    }
}

static gboolean
are_known (AsternFutures *futures, GArray *branches)
{
  if (branches->len != astern_futures_count (futures))
    return FALSE;
  for (guint i = 0; i < branches->len; i++)
    if (g_array_index (branches, AsternTimelineBranch, i).id != astern_futures_at (futures, i)->id)
      return FALSE;
  return TRUE;
}

/* Where a future parts from the run takes a comparison of their journals, and does not change while the same futures are left. */
static void
look_at_branches (AsternTimeline *timeline, AsternTimelinePicture *picture)
{
  AsternFutures *futures = astern_timeline_futures (timeline);

  if (are_known (futures, picture->branches))
    return;
  g_array_set_size (picture->branches, 0);
  for (guint i = 0; i < astern_futures_count (futures); i++)
    {
      AsternFuture *future = astern_futures_at (futures, i);
      AsternTimelineBranch branch = { future->id, astern_timeline_parting (timeline, future), future->head };

      g_array_append_val (picture->branches, branch);
    }
}

static int
compare_flags (gconstpointer a, gconstpointer b)
{
  return astern_moment_compare ((*(const AsternTimelineFlag *const *) a)->moment, (*(const AsternTimelineFlag *const *) b)->moment);
}

static void
look_at_bookmarks (AsternBookmarks *bookmarks, AsternTimelinePicture *picture)
{
  if (picture->serial == astern_bookmarks_serial (bookmarks))
    return;
  g_ptr_array_unref (picture->bookmarks);
  picture->bookmarks = astern_timeline_flags_new ();
  picture->serial = astern_bookmarks_serial (bookmarks);
  for (guint i = 0; i < astern_bookmarks_count (bookmarks); i++)
    {
      const AsternBookmark *bookmark = astern_bookmarks_at (bookmarks, i);
      g_autofree char *text = bookmark->note[0] != '\0' ? g_strdup_printf ("%s: %s", bookmark->name, bookmark->note)
                                                        : g_strdup (bookmark->name);

      astern_timeline_flags_add (picture->bookmarks, bookmark->moment, text);
    }
  g_ptr_array_sort (picture->bookmarks, compare_flags);
}

void
astern_timeline_picture_look (AsternSession *session, AsternTimelinePicture *picture)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);
  AsternActivity *activity = astern_timeline_activity (timeline);

  if (picture->whole)
    picture->to = MAX ((double) astern_timeline_end (timeline).icount, picture->from + 1);
  look_at_lanes (activity, picture);
  look_at_time (activity, picture);
  look_at_snapshots (timeline, picture);
  look_at_branches (timeline, picture);
  look_at_bookmarks (session->bookmarks, picture);
}

/* ---- any thread ---- */

guint64
astern_timeline_picture_ns (const AsternTimelinePicture *picture, double icount)
{
  double column = (icount - picture->from) / (picture->to - picture->from) * picture->n_columns;
  guint index = (guint) CLAMP (column, 0, picture->n_columns - 1);
  double part = CLAMP (column - index, 0, 1);

  if (picture->ns == NULL)
    return 0;
  return picture->ns[index] + (guint64) ((double) (picture->ns[index + 1] - picture->ns[index]) * part);
}
