/* debugger - the one object that controls a machine; gdb, the monitor, the window
 * and scripts are equal clients of it.
 *
 * Threads: one thread, the machine's, serves: astern_debugger_serve() runs the machine, performs
 *   moves, and executes what other threads post with astern_debugger_call().  All functions are
 *   for that thread (so for functions that were posted) unless they say "any thread".  A posted
 *   function finds the machine stopped between two instructions, and may look at it, change
 *   it, and ask for moves; a machine that runs goes on afterwards.  While a move through the past
 *   is under way posted functions wait; astern_debugger_interrupt() cuts it short.
 *   The GObject signals are emitted in the context given to astern_debugger_new(), one
 *   pending of each kind, so that a storm of stops is one refresh.
 * Units:   moments as in moment.h. */
#pragma once

#include <gio/gio.h>

#include "core/machine.h"
#include "core/points.h"
#include "core/timeline.h"

#define ASTERN_TYPE_DEBUGGER (astern_debugger_get_type ())
G_DECLARE_FINAL_TYPE (AsternDebugger, astern_debugger, ASTERN, DEBUGGER, GObject)

typedef struct _AsternClient AsternClient;

/* ---- moves ---- */

typedef enum
{
  ASTERN_MOVE_CONTINUE,
  ASTERN_MOVE_STEP,            /* one instruction of `cpu` */
  ASTERN_MOVE_STEP_OVER,       /* the same; a call, a repeated string instruction, INT: until it has returned */
  ASTERN_MOVE_STEP_OUT,        /* until the present function has returned */
  ASTERN_MOVE_RUN_TO,          /* until linear address `address` is executed */
  ASTERN_MOVE_STEP_BACK,       /* to before the last instruction of `cpu`: see below */
  ASTERN_MOVE_OVER_BACK,       /* the same; a call, INT: gone back over whole */
  ASTERN_MOVE_OUT_BACK,        /* to before the call of the present function */
  ASTERN_MOVE_CONTINUE_BACK,   /* to the last point before */
  ASTERN_MOVE_RUN_BACK_TO,     /* to where `address` was executed last */
  ASTERN_MOVE_TO_START,
  ASTERN_MOVE_TO_END,          /* the head; in a replay, the end of what is known of the run */
  ASTERN_MOVE_GOTO,            /* `moment` */
  ASTERN_MOVE_TAKE_UP,         /* the future with the id `address` (astern_timeline_futures()): to its end; the present run becomes a future */
  ASTERN_N_MOVES
} AsternMove;

/* Steps forward and back meet the same places.  Forward, interrupts that come before the instruction are run through,
 * and the step ends after the instruction, or where the exception that it raised has been delivered.  Back, the last thing that the
 * CPU did is undone: an instruction, or the delivery that brought it to a handler's first one.  An IRET that
 * returned from an interrupt is passed over with the whole handler, to before the instruction that was interrupted before.
 * (The moment is not always that of the way forward: where interrupts came, it is the one after their handlers.)
 * The interrupt is the last delivery to this CPU that found it where the IRET has put it: same address, stack
 * and address space.  It is looked for some 400 million instructions back; that may take a second or two, and can be
 * interrupted.  An IRET that returned from an exception, from INT, to a new process, or for which none is
 * found, is a place to stand.  From halted CPUs back: to after the handler that woke them, then to before HLT. */

enum
{
  ASTERN_NEEDS_STOPPED = 1 << 0,
  ASTERN_NEEDS_HISTORY = 1 << 1,
};

/* One table feeds commands, menus, accelerators and gdb's packets. */
typedef struct
{
  const char *action;    /* "step-back" */
  const char *command;   /* the monitor's words: "step back" */
  const char *accel;     /* (nullable) GTK accelerator */
  guint32     needs;
  const char *label;     /* untranslated, for _() */
  const char *help;      /* untranslated */
} AsternMoveInfo;

extern const AsternMoveInfo astern_moves[ASTERN_N_MOVES];

typedef struct
{
  AsternMove   move;
  guint        cpu;              /* whose instructions are stepped */
  guint64      count;            /* of steps; 0 is 1 */
  guint64      address;          /* RUN_TO, RUN_BACK_TO */
  AsternMoment moment;           /* GOTO */
  guint64      range_start, range_end;   /* STEP, STEP_BACK: go on while RIP + CS base is in [start, end); equal: no range */
  gboolean     into_interrupts;  /* steps, forward and back, may end in the handler of an interrupt */
} AsternMoveRequest;

/* ---- why it stands ---- */

typedef enum
{
  ASTERN_WHY_START,           /* it has not run yet */
  ASTERN_WHY_MOVED,           /* the move asked for is done: step, goto, run to */
  ASTERN_WHY_PAUSED,          /* a client asked for it */
  ASTERN_WHY_POINT,           /* `hit` */
  ASTERN_WHY_START_OF_HISTORY,
  ASTERN_WHY_END_OF_HISTORY,  /* the head was reached from behind */
  ASTERN_WHY_GUEST,           /* triple fault, power-off, reset, debug exit, deadlock: `guest` */
  ASTERN_WHY_ICOUNT,          /* -stop-at */
  ASTERN_WHY_CANCELLED,       /* a long move was interrupted; the machine stands where it stood before (TAKE_UP: where it had come to) */
  ASTERN_WHY_DIVERGED,        /* history did not repeat itself: `message` */
  ASTERN_WHY_FAILED,          /* the move cannot be made: `message` */
} AsternWhy;

typedef struct
{
  AsternWhy     why;
  AsternMove    move;         /* the one that ended here */
  guint         cpu;          /* whom it concerns */
  AsternMoment  moment;
  AsternClient *client;       /* (nullable) who asked for the move, or owns the point */
  gboolean      backward;
  AsternHit     hit;          /* POINT; its point may be gone by the time this is read: see point_id */
  guint         point_id;
  AsternStop    guest;        /* GUEST */
  char          message[256]; /* for people; may be empty */
} AsternDebuggerStop;

/* What a client hears, on the machine's thread.  Any may be NULL. */
typedef struct
{
  const char *name;                                                     /* "gdb", "monitor", "window" */
  void (*stopped)  (gpointer user, const AsternDebuggerStop *stop);     /* every stop, whoever caused it */
  void (*running)  (gpointer user);                                     /* it goes on, or a move begins */
  void (*logged)   (gpointer user, const AsternHit *hit);               /* a log-only point of this client */
  void (*progress) (gpointer user, double fraction);                    /* of a long move, now and then */
  void (*branched) (gpointer user, AsternMoment at);                    /* the past was changed: a new branch began */
  void (*points_changed) (gpointer user);
  void (*shifted)  (gpointer user);                                     /* another engine runs the machine */
} AsternClientFuncs;

/* ---- the object ---- */

/* @machine is wired and reset, and stays the caller's.  @context: where signals are emitted; NULL: nowhere. */
AsternDebugger *astern_debugger_new       (AsternMachine *machine, const AsternTimelineOptions *history, GMainContext *context);

/* A run at the head ends there with WHY_ICOUNT; an icount of G_MAXUINT64: never. */
void            astern_debugger_set_stop_at (AsternDebugger *debugger, AsternMoment moment);
/* In a replay: the run is known up to @moment; GOTO and TO_END go on to there, past the head.  @ends: the guest ended it
 * there, so that it can only go back from there. */
void            astern_debugger_set_known (AsternDebugger *debugger, AsternMoment moment, gboolean ends);
/* After WHY_GUEST: what ended the run was dealt with (a reset was made), and the machine can go on. */
void            astern_debugger_go_on     (AsternDebugger *debugger);

AsternMachine  *astern_debugger_machine   (AsternDebugger *debugger);
AsternTimeline *astern_debugger_timeline  (AsternDebugger *debugger);
AsternPoints   *astern_debugger_points    (AsternDebugger *debugger);    /* change them by the functions below */

/* Serves until astern_debugger_quit(); the thread that calls it is the machine's. */
void            astern_debugger_serve     (AsternDebugger *debugger);
void            astern_debugger_quit      (AsternDebugger *debugger);    /* any thread */

/* Any thread.  @data is freed with @free_data (nullable) afterwards, also when it never ran. */
void            astern_debugger_call      (AsternDebugger *debugger, void (*func) (AsternDebugger *debugger, gpointer data),
                                           gpointer data, GDestroyNotify free_data);
/* Any thread but the machine's: the same, and waits until it was done. */
void            astern_debugger_call_and_wait (AsternDebugger *debugger, void (*func) (AsternDebugger *debugger, gpointer data),
                                               gpointer data);

AsternClient   *astern_debugger_attach    (AsternDebugger *debugger, const AsternClientFuncs *funcs, gpointer user);
/* @client is for the same person as @first: they hold and let go as one. */
void            astern_debugger_share     (AsternDebugger *debugger, AsternClient *client, AsternClient *first);
/* Its points and its pause vote go with it. */
void            astern_debugger_detach    (AsternDebugger *debugger, AsternClient *client);
/* "gdb", "monitor", "window"; NULL: no client, or one that has gone. */
const char     *astern_debugger_client_name (AsternDebugger *debugger, gconstpointer client);

/* Pause by vote: the machine runs on only while no client holds.  A move other than CONTINUE is made all the same.
 * hold() on a running machine stops it (WHY_PAUSED). */
void            astern_debugger_hold      (AsternDebugger *debugger, AsternClient *client);
/* From within a client's stopped(): it stays stopped, and that is not told again. */
void            astern_debugger_stay      (AsternDebugger *debugger, AsternClient *client);
void            astern_debugger_release   (AsternDebugger *debugger, AsternClient *client);
gboolean        astern_debugger_holds     (AsternDebugger *debugger, AsternClient *client);
gboolean        astern_debugger_is_running (AsternDebugger *debugger);   /* no client holds and the guest has not ended */

/* Any thread: ends what is under way: a run stops as if @client had called hold(); a move through the past is given up. */
void            astern_debugger_interrupt (AsternDebugger *debugger, AsternClient *client);

/* Makes a move, begun when the present posted function has returned.  CONTINUE releases @client's hold.  When
 * it ends, `stopped` is called with @client as its client, and @client holds.  One move at a time: a second one is
 * refused while one is under way or waiting (FALSE, with a sentence). */
gboolean        astern_debugger_move      (AsternDebugger *debugger, AsternClient *client, const AsternMoveRequest *request,
                                           GError **error);

/* Whether a move can be made now: the needs that are not met; 0: it can. */
guint32         astern_debugger_lacks     (AsternDebugger *debugger, AsternMove move);
/* Fails with the sentence for who lacks ASTERN_NEEDS_HISTORY. */
gboolean        astern_debugger_no_history (AsternDebugger *debugger, GError **error);

const AsternDebuggerStop *astern_debugger_last_stop (AsternDebugger *debugger);

/* In the past: the present becomes the head of a new branch, and all clients hear of it.  Returns the id of the future that was
 * left; 0: it was no past. */
guint           astern_debugger_branch    (AsternDebugger *debugger);

/* Engine @name runs the machine from now on: "translate", "kvm".  What can be gone back to ends, or begins, here.  Refused, with
 * a sentence, where the run has to stay what it is (a recording, a replay), where there is no such engine, and where it cannot
 * take over the machine as it is.  In the past a branch begins. */
gboolean        astern_debugger_shift       (AsternDebugger *debugger, const char *name, GError **error);
/* The same when the machine, while it runs freely, comes to linear address @address, or to guest time @ns; nobody is told of a
 * stop.  ASTERN_POINT_ANY, ASTERN_CLOCK_NEVER: not.  It happens once. */
gboolean        astern_debugger_shift_at    (AsternDebugger *debugger, const char *name, guint64 address, guint64 ns, GError **error);

/* Points; @point->owner is set to the client. */
AsternPoint    *astern_debugger_add_point    (AsternDebugger *debugger, AsternClient *client, const AsternPoint *point, GError **error);
void            astern_debugger_remove_point (AsternDebugger *debugger, AsternPoint *point);
/* After fields of a point were changed, whoever's it is: all clients hear of it. */
void            astern_debugger_point_changed (AsternDebugger *debugger, AsternPoint *point);

/* Where the last write to [address, address + size) was made, DMA included: goes there, and stands before the
 * instruction that made it; a move like the others. */
gboolean        astern_debugger_who_wrote (AsternDebugger *debugger, AsternClient *client, AsternSpace space, guint64 address,
                                           guint64 size, GError **error);

/* Where register @reg of @cpu (an index of its class) got the value that it has now: goes there, and stands before the
 * instruction, the delivery or the change by a user that made the value differ; the start of history when nothing
 * has.  A move like the others; it executes again from the latest moments to the earliest, a few million instructions a
 * second, and can be interrupted. */
gboolean        astern_debugger_who_set   (AsternDebugger *debugger, AsternClient *client, guint cpu, guint reg, GError **error);

/* What happened in a stretch of the past: debugger-trace.h. */

/* ---- looking: nothing changes ---- */

/* Linear addresses are translated with @cpu's tables, without side effects; devices are peeked at.  Returns how many
 * bytes could be read from the first on. */
gsize           astern_debugger_read_memory  (AsternDebugger *debugger, guint cpu, AsternSpace space, guint64 address,
                                              gpointer data, gsize size);
gboolean        astern_debugger_translate    (AsternDebugger *debugger, guint cpu, guint64 linear, guint64 *physical);

/* ---- changing: through the door, so that it is journaled; in the past it begins a branch ---- */

/* FALSE: some of it is not mapped; nothing was written.  ROM is written, devices are not. */
gboolean        astern_debugger_write_memory (AsternDebugger *debugger, guint cpu, AsternSpace space, guint64 address,
                                              gconstpointer data, gsize size, GError **error);
/* @bytes: little-endian, as large as the register. */
gboolean        astern_debugger_write_register (AsternDebugger *debugger, guint cpu, guint reg, gconstpointer bytes, GError **error);
/* The monitor's `i`, which peeks, and `o`, which is a real access and journaled. */
guint64         astern_debugger_port_in      (AsternDebugger *debugger, guint16 port, guint size);
void            astern_debugger_port_out     (AsternDebugger *debugger, guint16 port, guint size, guint64 value);
/* NMI to all CPUs, reset as by the button. */
void            astern_debugger_nmi          (AsternDebugger *debugger);
void            astern_debugger_reset        (AsternDebugger *debugger);

/* A sentence for people: "breakpoint 2 at ffffffff81000000, CPU 0", "write of 4 bytes at ...: 1 -> 2". Free it. */
char           *astern_debugger_stop_text    (AsternDebugger *debugger, const AsternDebuggerStop *stop);
/* The same with these words for its moment, where instructions are not counted. */
char           *astern_debugger_stop_text_at (AsternDebugger *debugger, const AsternDebuggerStop *stop, const char *moment);

/* Signals: "running", "stopped" (also when a new one replaced one unseen), "moved", "points-changed". */
