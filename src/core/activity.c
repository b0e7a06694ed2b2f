/* activity.c - see activity.h. */
#include "config.h"

#include "core/activity.h"

#include "core/machine.h"

#include <string.h>

#define SHORTEST_INSNS (1u << 17)
#define MOST_BUCKETS   4096

typedef struct
{
  guint64 end;         /* icount; it begins where the one before ends */
  guint64 end_ns;
} Bucket;

struct _AsternActivity
{
  AsternMachine *machine;
  guint          n_lanes;
  guint64        start, start_ns;   /* of the first bucket */
  guint64        length;            /* of a bucket, at least */
  GArray        *buckets;           /* Bucket */
  GArray        *counts;            /* guint32, n_lanes for each bucket */
  guint64       *before;            /* n_lanes: what was counted when it began */
  guint64       *totals;
};

static Bucket *
bucket_at (AsternActivity *activity, guint index)
{
  return &g_array_index (activity->buckets, Bucket, index);
}

static guint32 *
counts_at (AsternActivity *activity, guint index)
{
  return &g_array_index (activity->counts, guint32, index * activity->n_lanes);
}

static guint64
bucket_start (AsternActivity *activity, guint index)
{
  return index == 0 ? activity->start : bucket_at (activity, index - 1)->end;
}

AsternActivity *
astern_activity_new (AsternMachine *machine)
{
  AsternActivity *activity = g_new0 (AsternActivity, 1);

  activity->machine = machine;
  activity->n_lanes = ASTERN_N_LANES + machine->devices->len;
  activity->start = machine->clock.s.icount;
  activity->start_ns = astern_clock_now_ns (&machine->clock);
  activity->length = SHORTEST_INSNS;
  activity->buckets = g_array_new (FALSE, FALSE, sizeof (Bucket));
  activity->counts = g_array_new (FALSE, TRUE, sizeof (guint32));
  activity->before = g_new0 (guint64, activity->n_lanes);
  activity->totals = g_new0 (guint64, activity->n_lanes);
  return activity;
}

void
astern_activity_free (AsternActivity *activity)
{
  g_array_unref (activity->buckets);
  g_array_unref (activity->counts);
  g_free (activity->before);
  g_free (activity->totals);
  g_free (activity);
}

/* ---- counting ---- */

static guint64
counted (AsternActivity *activity, guint lane)
{
  AsternMachine *machine = activity->machine;
  guint64 sum = 0;

  if (lane >= ASTERN_N_LANES)
    return ((AsternDevice *) g_ptr_array_index (machine->devices, lane - ASTERN_N_LANES))->accesses;
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      const AsternCpu *cpu = machine->cpus[i];
      const guint64 of_cpu[ASTERN_N_LANES] = { cpu->interrupts, cpu->exceptions, cpu->syscalls, cpu->mode_changes };

      sum += of_cpu[lane];
    }
  return sum;
}

void
astern_activity_begin (AsternActivity *activity)
{
  for (guint lane = 0; lane < activity->n_lanes; lane++)
    activity->before[lane] = counted (activity, lane);
}

guint64
astern_activity_due (AsternActivity *activity)
{
  guint64 now = activity->machine->clock.s.icount;
  guint n = activity->buckets->len;
  guint64 due = n > 0 ? bucket_start (activity, n - 1) + activity->length : 0;

  return due > now ? due : now + activity->length;
}

/* Each two become one. */
static void
halve (AsternActivity *activity)
{
  guint n = activity->buckets->len / 2;

  for (guint i = 0; i < n; i++)
    {
      guint32 *to = counts_at (activity, i);
      const guint32 *first = counts_at (activity, 2 * i), *second = counts_at (activity, 2 * i + 1);

      *bucket_at (activity, i) = *bucket_at (activity, 2 * i + 1);
      for (guint lane = 0; lane < activity->n_lanes; lane++)
        to[lane] = first[lane] + MIN (second[lane], G_MAXUINT32 - first[lane]);
    }
  g_array_set_size (activity->buckets, n);
  g_array_set_size (activity->counts, n * activity->n_lanes);
  activity->length *= 2;
}

static void
open_bucket (AsternActivity *activity)
{
  const Bucket none = { activity->start, activity->start_ns };

  if (activity->buckets->len == MOST_BUCKETS)
    halve (activity);
  g_array_append_val (activity->buckets, none);
  g_array_set_size (activity->counts, activity->buckets->len * activity->n_lanes);
}

void
astern_activity_end (AsternActivity *activity)
{
  guint n = activity->buckets->len;
  guint32 *counts;

  if (n == 0 || bucket_at (activity, n - 1)->end - bucket_start (activity, n - 1) >= activity->length)
    open_bucket (activity);
  n = activity->buckets->len;
  *bucket_at (activity, n - 1) = (Bucket) { activity->machine->clock.s.icount, astern_clock_now_ns (&activity->machine->clock) };
  counts = counts_at (activity, n - 1);
  for (guint lane = 0; lane < activity->n_lanes; lane++)
    {
      guint64 more = counted (activity, lane) - activity->before[lane];

      counts[lane] += (guint32) MIN (more, G_MAXUINT32 - counts[lane]);
      activity->totals[lane] += more;
    }
}

static void
add_up (AsternActivity *activity)
{
  memset (activity->totals, 0, activity->n_lanes * sizeof *activity->totals);
  for (guint i = 0; i < activity->buckets->len; i++)
    for (guint lane = 0; lane < activity->n_lanes; lane++)
      activity->totals[lane] += counts_at (activity, i)[lane];
}

/* The first bucket that ends after @icount. */
static guint
find (AsternActivity *activity, guint64 icount)
{
  guint low = 0, high = activity->buckets->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (bucket_at (activity, middle)->end <= icount)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
astern_activity_cut (AsternActivity *activity, guint64 icount)
{
  guint index = find (activity, icount);
  guint64 start, ns = astern_activity_ns (activity, icount);

  if (index == activity->buckets->len)
    return;
  start = bucket_start (activity, index);
  if (icount > start)
    {
      Bucket *bucket = bucket_at (activity, index);
      guint32 *counts = counts_at (activity, index);
      double share = (double) (icount - start) / (double) (bucket->end - start);

      *bucket = (Bucket) { icount, ns };
      for (guint lane = 0; lane < activity->n_lanes; lane++)
        counts[lane] = (guint32) ((double) counts[lane] * share + 0.5);
      index++;
    }
  g_array_set_size (activity->buckets, index);
  g_array_set_size (activity->counts, index * activity->n_lanes);
  add_up (activity);
}

/* ---- reading ---- */

guint
astern_activity_lanes (AsternActivity *activity)
{
  return activity->n_lanes;
}

const char *
astern_activity_device (AsternActivity *activity, guint lane)
{
  if (lane < ASTERN_N_LANES)
    return NULL;
  return ((AsternDevice *) g_ptr_array_index (activity->machine->devices, lane - ASTERN_N_LANES))->name;
}

guint64
astern_activity_total (AsternActivity *activity, guint lane)
{
  return activity->totals[lane];
}

/* @count, spread evenly over [@from, @to) in columns, which may reach beyond them. */
static void
spread (float *columns, guint n_columns, double from, double to, double count)
{
  double each = count / (to - from);
  guint first = (guint) CLAMP (from, 0, n_columns), end = (guint) CLAMP (to, 0, n_columns);

  /* Where it begins and ends within a column, that one has a part. */
  if (from > 0 && first < n_columns)
    columns[first] -= (float) (each * (from - first));
  for (guint i = first; i < end; i++)
    columns[i] += (float) each;
  if (end < n_columns && to > 0)
    columns[end] += (float) (each * (to - end));
}

/* A bucket's counts, which lie in [@from, @to) in columns. */
static void
add_bucket (AsternActivity *activity, guint index, double from, double to, guint n_columns, float *const *columns)
{
  const guint32 *counts = counts_at (activity, index);
  guint column = (guint) CLAMP (from, 0, n_columns - 1);
  gboolean in_one = from >= 0 && to <= column + 1.0;

  for (guint lane = 0; lane < activity->n_lanes; lane++)
    if (counts[lane] == 0 || columns[lane] == NULL)
      continue;
    else if (in_one)
      columns[lane][column] += (float) counts[lane];
    else if (to > from)
      spread (columns[lane], n_columns, from, to, counts[lane]);
}

void
astern_activity_read (AsternActivity *activity, double start, double end, guint n_columns, float *const *columns)
{
  double scale = n_columns / (end - start);

  for (guint lane = 0; lane < activity->n_lanes; lane++)
    if (columns[lane] != NULL)
      memset (columns[lane], 0, n_columns * sizeof *columns[lane]);
  for (guint i = find (activity, start > 0 ? (guint64) start : 0); i < activity->buckets->len; i++)
    {
      double from = (double) bucket_start (activity, i);

      if (from >= end)
        break;
      add_bucket (activity, i, (from - start) * scale, ((double) bucket_at (activity, i)->end - start) * scale, n_columns, columns);
    }
}

/* @index: the first bucket that ends after it. */
static guint64
ns_in (AsternActivity *activity, guint index, guint64 icount)
{
  guint n = activity->buckets->len;
  guint64 from, from_ns;

  if (n == 0 || icount <= activity->start)
    return activity->start_ns;
  if (index == n)
    return bucket_at (activity, n - 1)->end_ns;
  from = bucket_start (activity, index);
  from_ns = index == 0 ? activity->start_ns : bucket_at (activity, index - 1)->end_ns;
  return from_ns + (guint64) ((double) (bucket_at (activity, index)->end_ns - from_ns) * (double) (icount - from)
                              / (double) (bucket_at (activity, index)->end - from));
}

guint64
astern_activity_ns (AsternActivity *activity, guint64 icount)
{
  return ns_in (activity, find (activity, icount), icount);
}

void
astern_activity_times (AsternActivity *activity, double start, double end, guint n_columns, guint64 *ns)
{
  double step = (end - start) / n_columns;
  guint index = find (activity, start > 0 ? (guint64) start : 0);

  for (guint i = 0; i <= n_columns; i++)
    {
      guint64 icount = (guint64) MAX (0, start + step * i);

      while (index < activity->buckets->len && bucket_at (activity, index)->end <= icount)
        index++;
      ns[i] = ns_in (activity, index, icount);
    }
}
