/* timeline-events.c - see timeline-events.h.
 *
 * Left out: accesses to devices by memory, which have no point without a place; their lanes have counts. */
#include "config.h"

#include "gui/timeline-events.h"

#include "core/activity.h"
#include "core/debugger-trace.h"

#include <glib/gi18n.h>

#define MOST_EVENTS 50000

struct _AsternTimelineEvents
{
  gint       references;     /* atomic */
  gint       done;           /* atomic */
  guint64    from, to;       /* asked for; then what there is */
  GPtrArray *lanes;          /* GArray of AsternTimelineEvent, (nullable) */
};

static void
free_lane (gpointer data)
{
  if (data != NULL)
    g_array_unref (data);
}

AsternTimelineEvents *
astern_timeline_events_new (guint64 from, guint64 to)
{
  AsternTimelineEvents *events = g_new0 (AsternTimelineEvents, 1);

  events->references = 1;
  events->from = from;
  events->to = to;
  events->lanes = g_ptr_array_new_with_free_func (free_lane);
  return events;
}

AsternTimelineEvents *
astern_timeline_events_ref (AsternTimelineEvents *events)
{
  g_atomic_int_inc (&events->references);
  return events;
}

void
astern_timeline_events_unref (AsternTimelineEvents *events)
{
  if (!g_atomic_int_dec_and_test (&events->references))
    return;
  g_ptr_array_unref (events->lanes);
  g_free (events);
}

/* ---- the machine's thread ---- */

typedef struct
{
  AsternMachine        *machine;
  AsternTimelineEvents *events;
} Trace;

/* Whose port it is; no lane: nobody's. */
static guint
device_lane (AsternMachine *machine, const AsternHit *hit)
{
  AsternRoute route;
  const AsternTarget *target;
  guint index;

  astern_bus_route (machine->ports, hit->number, &route);
  target = hit->access == ASTERN_ACCESS_WRITE ? &route.write : &route.read;
  if (target->kind != ASTERN_TARGET_DEVICE || !g_ptr_array_find (machine->devices, target->device, &index))
    return G_MAXUINT;
  return ASTERN_N_LANES + index;
}

/* As activity.h counts, but for INT n, which is an interrupt here: points do not tell it from others. */
static guint
lane_of (AsternMachine *machine, const AsternHit *hit)
{
  switch (hit->kind)
    {
    case ASTERN_POINT_INTERRUPT:
      return ASTERN_LANE_INTERRUPTS;
    case ASTERN_POINT_EXCEPTION:
      return ASTERN_LANE_EXCEPTIONS;
    case ASTERN_POINT_SYSCALL:
      return ASTERN_LANE_SYSCALLS;
    case ASTERN_POINT_MODE:
      return ASTERN_LANE_MODES;
    case ASTERN_POINT_PORT:
      return device_lane (machine, hit);
    default:
      return G_MAXUINT;
    }
}

static gboolean
take_hit (gpointer user, const AsternHit *hit)
{
  Trace *trace = user;
  GPtrArray *lanes = trace->events->lanes;
  guint lane = lane_of (trace->machine, hit);
  AsternTimelineEvent event = { hit->before, hit->kind, hit->number, hit->access, hit->size, hit->detail };

  if (lane == G_MAXUINT)
    return TRUE;
  if (lane >= lanes->len)
    g_ptr_array_set_size (lanes, (int) lane + 1);
  if (lanes->pdata[lane] == NULL)
    lanes->pdata[lane] = g_array_new (FALSE, FALSE, sizeof event);
  g_array_append_val ((GArray *) lanes->pdata[lane], event);
  return TRUE;
}

void
astern_timeline_events_trace (AsternSession *session, AsternClient *client, AsternTimelineEvents *events)
{
  static const AsternPointKind kinds[] = { ASTERN_POINT_INTERRUPT, ASTERN_POINT_EXCEPTION, ASTERN_POINT_SYSCALL, ASTERN_POINT_MODE,
                                           ASTERN_POINT_PORT };
  AsternPoint points[G_N_ELEMENTS (kinds)];
  Trace trace = { session->launch->machine, events };
  AsternTraceRequest request = { .stretch = { { events->from, 0 }, { events->to, 0 } }, .points = points,
                                 .n_points = G_N_ELEMENTS (kinds), .limit = MOST_EVENTS, .hit = take_hit, .user = &trace };
  AsternTraceResult result = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      points[i] = astern_trace_point (kinds[i]);
      if (kinds[i] == ASTERN_POINT_SYSCALL)
        points[i].access = ASTERN_POINT_FETCH;
    }
  if (astern_debugger_trace (session->debugger, client, &request, &result, NULL))
    {
      events->from = result.stretch.from.icount;
      events->to = result.stretch.to.icount;
    }
  else
    events->to = events->from;
  g_atomic_int_set (&events->done, 1);
}

/* ---- what there is ---- */

gboolean
astern_timeline_events_done (AsternTimelineEvents *events)
{
  return g_atomic_int_get (&events->done) != 0;
}

gboolean
astern_timeline_events_cover (AsternTimelineEvents *events, double from, double to)
{
  return (double) events->from <= from && (double) events->to >= to;
}

const GArray *
astern_timeline_events_lane (AsternTimelineEvents *events, guint lane)
{
  return lane < events->lanes->len ? g_ptr_array_index (events->lanes, lane) : NULL;
}

guint
astern_timeline_events_first (const GArray *lane, double icount)
{
  guint low = 0, high = lane->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if ((double) g_array_index (lane, AsternTimelineEvent, middle).moment.icount < icount)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

char *
astern_timeline_event_text (const AsternTimelineEvent *event)
{
  switch (event->kind)
    {
    case ASTERN_POINT_INTERRUPT:
      return g_strdup_printf (_("Interrupt 0x%02x"), (guint) event->number);
    case ASTERN_POINT_EXCEPTION:
      return g_strdup_printf (_("Exception 0x%02x"), (guint) event->number);
    case ASTERN_POINT_SYSCALL:
      return g_strdup_printf (_("System call %u"), (guint) event->number);
    case ASTERN_POINT_MODE:
      return g_strdup_printf (_("Mode: %s"), event->detail != NULL ? event->detail : "");
    case ASTERN_POINT_PORT:
      return g_strdup_printf (event->access == ASTERN_ACCESS_WRITE ? _("Port 0x%x written, %u bytes")
                                                                   : _("Port 0x%x read, %u bytes"),
                              (guint) event->number, event->size);
    default:
      return g_strdup ("");
    }
}
