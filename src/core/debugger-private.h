/* debugger-private - what the debugger's own files share. */
#pragma once

#include "core/debugger.h"

struct _AsternClient
{
  AsternClientFuncs funcs;
  gpointer          user;
  gboolean          holds;          /* of a person's clients the first one's counts */
  AsternClient     *person;         /* the first client of the one that it is for; itself, mostly */
};

struct _AsternDebugger
{
  GObject            parent;
  AsternMachine     *machine;
  AsternTimeline    *timeline;
  GMainContext      *context;       /* (nullable) */
  GAsyncQueue       *calls;
  GPtrArray         *clients;
  AsternClient      *mover;         /* who asked for the move that waits, or for the run */
  AsternMoveRequest  request;
  gboolean           moving;        /* a move waits or is made */
  gboolean           ended;         /* the guest cannot go on from the head */
  gboolean           stops_at;      /* -stop-at was not reached yet */
  AsternMoment       stop_at;
  AsternMoment       known;         /* where the recorded run ends ... */
  gboolean           known_ends;    /* ... because the guest ended it */
  gint               quit;          /* atomic */
  gint               interrupted;   /* atomic */
  gpointer           interrupter;   /* atomic: AsternClient */
  guint              poke_port;
  AsternPoint       *shift_point;   /* (nullable) where shift_name takes over */
  AsternTimer        shift_timer;   /* when it does */
  guint64            shift_ns;
  gboolean           shift_due;
  char              *shift_name;    /* (nullable) */
  AsternDebuggerStop last;
  GMutex             signals;       /* guards pending */
  guint              pending;       /* signals under way to the context, as bits */
};

enum { SIGNAL_RUNNING, SIGNAL_STOPPED, SIGNAL_MOVED, SIGNAL_POINTS_CHANGED, N_DEBUGGER_SIGNALS };

void     debugger_signal   (AsternDebugger *debugger, guint signal);
/* Whether the move under way was given up. */
gboolean debugger_cancelled (gpointer debugger);
/* The machine stands: everybody is told. */
void     debugger_stopped  (AsternDebugger *debugger, AsternDebuggerStop *stop);
/* A run ended with @stop: what that means. */
void     debugger_run_ended (AsternDebugger *debugger, const AsternStop *stop);
/* A log-only point was hit: its owner is told. */
void     debugger_log_hit  (gpointer debugger, const AsternHit *hit);
/* Makes debugger->request. */
void     debugger_make_move (AsternDebugger *debugger);
/* Before something is changed: in the past a branch begins. */
void     debugger_before_change (AsternDebugger *debugger);

/* debugger-shift.c */
void     debugger_shift_init (AsternDebugger *debugger);
void     debugger_shift_free (AsternDebugger *debugger);
/* A free run ended with @stop: whether that was for a shift, which is made then.  One that fails is a stop like others. */
gboolean debugger_shift_came (AsternDebugger *debugger, const AsternStop *stop);

/* ---- moves: debugger-moves.c and debugger-back.c ---- */

/* Where a CPU is. */
typedef struct { guint64 pc, linear, stack, space; guint bits; } DebuggerPlace;

AsternCpu         *debugger_cpu       (AsternDebugger *debugger);      /* of the request */
DebuggerPlace      debugger_place_of  (AsternCpu *cpu);
/* Whether the next instruction is a return, IRET included. */
gboolean           debugger_at_return (AsternDebugger *debugger, AsternCpu *cpu);
/* The stop of a move that was made. */
AsternDebuggerStop debugger_moved     (AsternDebugger *debugger, AsternWhy why);
/* Makes a move that needs history. */
void               debugger_move_back (AsternDebugger *debugger);

/* A move has failed: the machine stands at @origin again, as far as that can be had, and @stop says why. */
void               debugger_failed    (AsternDebugger *debugger, AsternDebuggerStop *stop, AsternMoment origin, const GError *error);
/* Nobody's points but those that are added from now on; returns which were silenced. */
GPtrArray         *debugger_silence_points (AsternPoints *points);
void               debugger_restore_points (AsternPoints *points, GPtrArray *silenced);
/* Tells @client (nullable) how far a long move has come. */
void               debugger_progress  (AsternClient *client, double fraction);
