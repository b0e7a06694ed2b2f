/* debugger-trace.c - executing a stretch of the past again, with recorders; see debugger-trace.h.
 *
 * The head is left as a snapshot for as long as that takes, and taken up again from there: whatever the points slow down, or
 * the engine does otherwise for them, the present is the very state that it was. */
#include "config.h"

#include "core/debugger-trace.h"

#include "core/debugger-private.h"

#include <glib/gi18n.h>

/* Between looks at whether it was given up, and tellings of progress.  With a hit for each instruction, some hundredths of a second. */
#define CHUNK_INSNS 100000

typedef struct
{
  AsternDebugger           *debugger;
  AsternClient             *client;
  const AsternTraceRequest *request;
  AsternStretch             stretch;
  guint64                   n_hits;
  AsternMoment              last;       /* after the last hit */
  gboolean                  full;
} Trace;

AsternStretch
astern_stretch_before (AsternDebugger *debugger, AsternMoment moment, guint64 insns)
{
  AsternMoment start = astern_timeline_start (debugger->timeline);
  AsternMoment from = { moment.icount - MIN (moment.icount, insns), 0 };

  return (AsternStretch) { astern_moment_compare (from, start) < 0 ? start : from, moment };
}

AsternStretch
astern_stretch_around (AsternDebugger *debugger, AsternMoment moment, guint64 insns)
{
  AsternStretch stretch = astern_stretch_before (debugger, moment, insns);
  AsternMoment head = astern_timeline_head (debugger->timeline);
  AsternMoment to = { moment.icount + MIN (insns, G_MAXUINT64 - moment.icount), 0 };

  stretch.to = astern_moment_compare (to, head) > 0 ? head : to;
  return stretch;
}

AsternPoint
astern_trace_point (AsternPointKind kind)
{
  return (AsternPoint) { .kind = kind, .start = ASTERN_POINT_ANY, .address_space = ASTERN_POINT_ANY,
                         .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY, .enabled = TRUE };
}

void
debugger_progress (AsternClient *client, double fraction)
{
  if (client != NULL && client->funcs.progress != NULL)
    client->funcs.progress (client->user, CLAMP (fraction, 0, 1));
}

static void
note (gpointer data, const AsternHit *hit)
{
  Trace *trace = data;

  if (trace->full || astern_moment_compare (hit->before, trace->stretch.from) < 0
      || astern_moment_compare (hit->before, trace->stretch.to) >= 0)
    return;
  trace->n_hits++;
  trace->last = hit->after;
  trace->full = !trace->request->hit (trace->request->user, hit)
                || (trace->request->limit != 0 && trace->n_hits >= trace->request->limit);
}

/* Whether it can be done at all. */
static gboolean
is_possible (AsternDebugger *debugger, GError **error)
{
  if (debugger->moving || astern_debugger_is_running (debugger))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("The past can be looked through when the machine is stopped."));
      return FALSE;
    }
  if (astern_timeline_marks (debugger->timeline) == 0)
    return astern_debugger_no_history (debugger, error);
  return TRUE;
}

static AsternStretch
cut (AsternTimeline *timeline, AsternStretch stretch)
{
  AsternMoment start = astern_timeline_start (timeline), head = astern_timeline_head (timeline);

  if (astern_moment_compare (stretch.from, start) < 0)
    stretch.from = start;
  if (astern_moment_compare (stretch.to, head) > 0)
    stretch.to = head;
  if (astern_moment_compare (stretch.from, stretch.to) > 0)
    stretch.from = stretch.to;
  return stretch;
}

/* Piece by piece, from where it begins. */
static gboolean
repeat (Trace *trace, GError **error)
{
  AsternTimeline *timeline = trace->debugger->timeline;
  guint64 from = trace->stretch.from.icount, length = MAX (trace->stretch.to.icount - from, 1);
  AsternMoment now;
  gint64 told_us = 0;

  while (!trace->full
         && astern_moment_compare (now = astern_timeline_present (timeline), trace->stretch.to) < 0)
    {
      AsternMoment until = { now.icount + CHUNK_INSNS, 0 };

      if (g_get_monotonic_time () - told_us > G_USEC_PER_SEC / 30)
        {
          debugger_progress (trace->client, (double) (now.icount - from) / (double) length);
          told_us = g_get_monotonic_time ();
        }
      if (astern_moment_compare (until, trace->stretch.to) > 0)
        until = trace->stretch.to;
      if (!astern_timeline_repeat (timeline, until, debugger_cancelled, trace->debugger, error))
        return FALSE;
    }
  return TRUE;
}

static void
note_logged (gpointer data, AsternEventKind kind, const char *text)
{
  Trace *trace = data;

  if (!trace->full)
    trace->request->logged (trace->request->user, kind, text);
}

/* The log is the trace's alone: it was written when that happened. */
static void
take_log (Trace *trace)
{
  AsternEvents *events = &trace->debugger->machine->events;

  events->enabled = 0;
  astern_events_listen (events, trace->request->logged != NULL ? trace->request->events : 0,
                        trace->request->logged != NULL ? note_logged : NULL, trace);
}

static gboolean
record (Trace *trace, GError **error)
{
  AsternDebugger *debugger = trace->debugger;
  AsternPoints *points = debugger->machine->points;
  AsternEvents events = debugger->machine->events;
  GPtrArray *silenced = debugger_silence_points (points);
  g_autofree AsternPoint **own = g_new (AsternPoint *, trace->request->n_points + 1);
  gboolean whole;

  for (guint i = 0; i < trace->request->n_points; i++)
    own[i] = astern_points_add (points, &trace->request->points[i]);
  take_log (trace);
  astern_points_set_mode (points, ASTERN_POINTS_RECORD, note, trace);
  whole = repeat (trace, error);
  debugger->machine->events = events;
  astern_points_set_mode (points, ASTERN_POINTS_OFF, NULL, NULL);
  for (guint i = 0; i < trace->request->n_points; i++)
    {
      own[i]->condition = NULL;      /* the caller's */
      own[i]->text = NULL;
      astern_points_remove (points, own[i]);
    }
  debugger_restore_points (points, silenced);
  return whole;
}

/* The machine stands anywhere, and goes back to where nobody shall see that it was away from. */
static gboolean
go_home (AsternDebugger *debugger, AsternMoment origin, AsternStop stop, GError **error)
{
  AsternMachine *machine = debugger->machine;
  gboolean there = astern_timeline_seek (debugger->timeline, origin, NULL, NULL, error);

  machine->stop = stop;
  for (guint i = 0; i < machine->n_cpus; i++)
    if (machine->cpus[i]->sync_out != NULL)
      machine->cpus[i]->sync_out (machine->cpus[i]);
  return there;
}

gboolean
astern_debugger_trace (AsternDebugger *debugger, AsternClient *client, const AsternTraceRequest *request,
                       AsternTraceResult *result, GError **error)
{
  Trace trace = { .debugger = debugger, .client = client, .request = request,
                  .stretch = cut (debugger->timeline, request->stretch) };
  AsternMoment origin = astern_timeline_present (debugger->timeline), reached;
  AsternStop stop = debugger->machine->stop;
  gint64 begun_us = g_get_monotonic_time ();
  GError *failure = NULL;

  if (result != NULL)
    *result = (AsternTraceResult) { .stretch = { trace.stretch.from, trace.stretch.from } };
  if (!is_possible (debugger, error))
    return FALSE;
  reached = trace.stretch.from;
  if (astern_moment_compare (trace.stretch.from, trace.stretch.to) < 0)
    {
      if (astern_timeline_seek (debugger->timeline, trace.stretch.from, debugger_cancelled, debugger, &failure))
        {
          record (&trace, &failure);
          reached = trace.full ? trace.last : astern_timeline_present (debugger->timeline);
        }
      go_home (debugger, origin, stop, failure == NULL ? &failure : NULL);
    }
  g_atomic_int_set (&debugger->interrupted, 0);
  debugger_progress (client, 1);
  if (result != NULL)
    *result = (AsternTraceResult) { trace.n_hits, { trace.stretch.from, reached }, failure == NULL && !trace.full,
                                    g_get_monotonic_time () - begun_us };
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}
