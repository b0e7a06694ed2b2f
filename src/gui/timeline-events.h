/* timeline-events - the single events of a stretch of history: what the lanes of a timeline count, one by one.
 *
 * They are in no record: the stretch is executed again (core/debugger-trace.h), so only a short one is asked for.
 *
 * Threads: traced on the machine's; plain data afterwards, that nobody changes any more. */
#pragma once

#include "session/session.h"
#include "core/points.h"

typedef struct
{
  AsternMoment    moment;      /* before it */
  AsternPointKind kind;
  guint64         number;      /* vector, port, system call */
  guint8          access, size;
  const char     *detail;      /* (nullable) static: which modes */
} AsternTimelineEvent;

typedef struct _AsternTimelineEvents AsternTimelineEvents;

/* Nothing is in it; references are counted, any thread. */
AsternTimelineEvents *astern_timeline_events_new   (guint64 from, guint64 to);
AsternTimelineEvents *astern_timeline_events_ref   (AsternTimelineEvents *events);
void                  astern_timeline_events_unref (AsternTimelineEvents *events);

/* The machine's thread: fills it.  It is done afterwards, also where that could not be done. */
void                  astern_timeline_events_trace (AsternSession *session, AsternClient *client, AsternTimelineEvents *events);
gboolean              astern_timeline_events_done  (AsternTimelineEvents *events);

/* Once it is done. */
/* Whether all that happened in [@from, @to) is there. */
gboolean              astern_timeline_events_cover (AsternTimelineEvents *events, double from, double to);
/* AsternTimelineEvent by moment, of a lane as activity.h numbers them; NULL: none. */
const GArray         *astern_timeline_events_lane  (AsternTimelineEvents *events, guint lane);
/* The first one there at or after @icount. */
guint                 astern_timeline_events_first (const GArray *lane, double icount);
/* For people; free it. */
char                 *astern_timeline_event_text   (const AsternTimelineEvent *event);
