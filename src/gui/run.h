/* run - a machine on a thread of its own, as the window has it.
 *
 * The machine's thread runs a session (session/session.h).  The window never waits for it: what it wants done is
 * posted, what it wants to know is asked for in one *look* for all views together (view.h), and the answers come
 * back to the main context.  However often the machine stops, there is one look under way at a time, and at
 * most 60 a second; while it runs they are so rare that they take it less than a thirtieth of its time.
 *
 * Threads: the main thread, unless said otherwise.
 * Units:   moments as in core/moment.h. */
#pragma once

#include <gio/gio.h>

#include "gui/console.h"
#include "session/replay.h"
#include "session/session.h"

#define ASTERN_TYPE_RUN (astern_run_get_type ())
G_DECLARE_FINAL_TYPE (AsternRun, astern_run, ASTERN, RUN, GObject)

typedef struct _AsternView AsternView;

typedef enum
{
  ASTERN_RUN_STARTING,
  ASTERN_RUN_RUNNING,     /* the guest runs */
  ASTERN_RUN_STOPPED,
  ASTERN_RUN_MOVING,      /* a move other than CONTINUE is under way */
  ASTERN_RUN_ENDED,       /* there is no machine any more */
} AsternRunState;

/* What every view may want, as of the last look. */
typedef struct
{
  AsternRunState     state;
  AsternMoment       present, start, head, end;   /* end: as astern_timeline_end() */
  gboolean           in_past, replay;
  const char        *engine;                      /* (nullable) that runs it: its name in core/machine.h */
  guint32            can;                         /* what that can: AsternCapabilities */
  gboolean           has_history;
  const char        *no_history;                  /* (nullable) why there is none, and what to do: a sentence */
  gboolean           points;                      /* the guest has a tablet: it takes where the pointer is */
  guint64            guest_ns;
  guint              cpu, n_cpus;                 /* the one that is looked at; how many there are */
  AsternDebuggerStop stop;                        /* its pointers are not to be followed */
  guint              serial;                      /* counts stops */
  gint64             stopped_us;                  /* the last one, by the host's clock: what a refresh takes */
} AsternRunStatus;

/* Takes @options and, of a replay, @recording and @replay (both nullable).  @story (nullable) is constant. */
AsternRun  *astern_run_new      (AsternLaunchOptions *options, const AsternSessionStory *story, AsternRecording *recording,
                                 AsternReplay *replay);
/* Ends the machine; the signal "ended" follows. */
void        astern_run_quit     (AsternRun *run);

const AsternRunStatus     *astern_run_status  (AsternRun *run);
const AsternLaunchOptions *astern_run_options (AsternRun *run);
/* The sentence for the last stop. */
const char *astern_run_stop_text (AsternRun *run);
/* Whose registers and memory views show. */
void        astern_run_set_cpu  (AsternRun *run, guint cpu);

/* ---- moving ---- */

/* A move that cannot be made is told by the signal "said".  Of moves that come while one is under way, one waits. */
void        astern_run_move     (AsternRun *run, const AsternMoveRequest *request);
void        astern_run_step     (AsternRun *run, AsternMove move);    /* one that needs no more than the CPU */
/* For dragging: while one is under way, the latest replaces the one that waits. */
void        astern_run_goto     (AsternRun *run, AsternMoment moment);
void        astern_run_pause    (AsternRun *run);
/* Gives up a long move. */
void        astern_run_cancel   (AsternRun *run);
/* Whether the engine that runs the machine can do that; all can, where there is no machine. */
gboolean    astern_run_can      (AsternRun *run, AsternCapabilities what);
/* As astern_debugger_lacks(), of the last look; the move can be made when it is 0. */
guint32     astern_run_lacks    (AsternRun *run, AsternMove move);

/* ---- doing: any thread ---- */

/* Called on the machine's thread, the machine stopped; a look follows. */
typedef void (*AsternRunFunc) (AsternSession *session, gpointer data);

/* @data is freed with @free_data (nullable), also when there is no machine any more. */
void        astern_run_call     (AsternRun *run, AsternRunFunc func, gpointer data, GDestroyNotify free_data);
/* The same for what changes the guest.  Main thread.  In the past the user is asked first (signal "asks-to-branch"), and
 * @func is called when astern_run_branch() says so. */
void        astern_run_change   (AsternRun *run, AsternRunFunc func, gpointer data, GDestroyNotify free_data);
void        astern_run_branch   (AsternRun *run, gboolean yes);
/* A sentence for the user. */
void        astern_run_say      (AsternRun *run, const char *text);
/* On the machine's thread: the window as a client of the debugger, for points and moves. */
AsternClient *astern_run_client (AsternRun *run);

/* ---- looking ---- */

/* Views are asked and told from now on; a view that is not mapped is left alone. */
void        astern_run_add_view    (AsternRun *run, AsternView *view);
void        astern_run_remove_view (AsternRun *run, AsternView *view);
/* What a view wants to know has changed: a look soon. */
void        astern_run_refresh     (AsternRun *run);

/* ---- consoles ---- */

/* AsternConsole, in the order in which they were opened. */
GListModel *astern_run_consoles    (AsternRun *run);

/* Signals:
 *   "changed"         the status is a new one (before the views are told)
 *   "looked"          all views have been told
 *   "said" (text)     a sentence for the user
 *   "failed" (text)   there is no machine: why
 *   "progress" (f)    of a long move, 0 to 1
 *   "points-changed"
 *   "branched"        the present became the head of a new branch
 *   "shifted"         another engine runs the machine: history begins here, or ends
 *   "asks-to-branch"  a change waits for astern_run_branch()
 *   "ended" (status)  the machine is gone; the exit status */
