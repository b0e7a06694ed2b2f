/* run-private - what run.c and run-moves.c know of a run. */
#pragma once

#include "gui/run.h"

/* What the machine's thread has to tell, until the main thread has taken it. */
typedef struct
{
  AsternRunState state;
  gboolean       stopped, points_changed, marked /* bookmarks changed */, branched, shifted, ended, has_progress;
  double         progress;
  int            exit_status;
  char          *failure;       /* (nullable) */
  GPtrArray     *said;          /* char * */
  GPtrArray     *consoles;      /* AsternConsole, new ones */
} AsternRunNews;

struct _AsternRun
{
  GObject                   parent_instance;
  GMainContext             *context;
  AsternLaunchOptions      *options;        /* owned */
  const AsternSessionStory *story;          /* (nullable) */
  AsternRecording          *recording;      /* owned, (nullable) */
  AsternReplay             *replay;         /* owned, (nullable) */
  GThread                  *thread;

  /* Main thread. */
  AsternRunStatus           status;
  char                     *stop_text;      /* (nullable) */
  guint32                   lacks[ASTERN_N_MOVES];
  GPtrArray                *views;          /* AsternView, borrowed */
  GListStore               *consoles;
  gboolean                  wanted, looking; /* a look is wanted; one is under way */
  guint                     timer;
  gboolean                  timer_running;  /* it was set for a machine that runs */
  gint64                    shown_us, took_us;
  gpointer                  change;         /* (nullable) waits for the user's word */

  /* The machine's thread. */
  GPtrArray                *opened;         /* AsternConsole */
  GPtrArray                *chardevs;       /* of those; borrowed */
  AsternClient             *client;

  GMutex                    mutex;
  AsternSession            *session;        /* guarded, (nullable); the machine's thread reads it freely */
  AsternRunNews             news;           /* guarded */
  gboolean                  telling;        /* guarded: a source is pending */
  guint                     stops;          /* guarded: how often it stopped */
  gint64                    stopped_us;     /* guarded: when, by the host's clock */
  gboolean                  quitting;       /* guarded: it is to end as soon as there is a session */

  /* Guarded by the mutex: moves that wait (run-moves.c). */
  AsternMoveRequest         next;           /* to be made when the present one is done */
  gboolean                  has_next, moving, dragging;
};

/* The machine's thread: a move, or a run, has ended. */
void astern_run_stopped (AsternRun *run, const AsternDebuggerStop *stop);
