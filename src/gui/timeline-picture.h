/* timeline-picture - what a timeline shows of a run: a stretch of its history, looked at on the machine's thread.
 *
 * Threads: plain data; look on the machine's thread.
 * Units:   moments as in core/moment.h; guest ns. */
#pragma once

#include "session/session.h"
#include "core/timeline.h"

/* A moment with something to say: a bookmark, a stop, an event. */
typedef struct
{
  AsternMoment moment;
  char        *text;      /* owned */
} AsternTimelineFlag;

GPtrArray *astern_timeline_flags_new (void);
void       astern_timeline_flags_add (GPtrArray *flags, AsternMoment moment, const char *text);

/* How often something happened, by columns. */
typedef struct
{
  guint    lane;       /* AsternLane; from ASTERN_N_LANES on: a device */
  char    *device;     /* (nullable) its name */
  guint64  total;      /* in the whole run */
  float   *columns;
} AsternTimelineLane;

typedef struct
{
  guint        id;
  AsternMoment parting, head;
} AsternTimelineBranch;

typedef struct
{
  /* Asked for. */
  double     from, to;         /* icounts */
  guint      n_columns;        /* that [from, to) is divided into */
  gboolean   whole;            /* to the end of history, wherever that is by now: @to is answered */

  /* Answered. */
  GPtrArray *lanes;            /* AsternTimelineLane: those where anything ever happened, but the first four always */
  guint64   *ns;               /* guest time at the columns' edges: n_columns + 1 */
  GArray    *snapshots;        /* AsternMoment, one in a column at most */
  guint      serial;           /* of the bookmarks; asked for with that of those that are known */
  GPtrArray *bookmarks;        /* AsternTimelineFlag, by moment; asked for with those that are known */
  GArray    *branches;         /* AsternTimelineBranch; asked for with those that are known */
} AsternTimelinePicture;

AsternTimelinePicture *astern_timeline_picture_new  (double from, double to, guint n_columns);
void                   astern_timeline_picture_free (gpointer picture);
/* The machine's thread. */
void                   astern_timeline_picture_look (AsternSession *session, AsternTimelinePicture *picture);

/* Guest time at @icount, which should be in what was asked for. */
guint64                astern_timeline_picture_ns   (const AsternTimelinePicture *picture, double icount);
