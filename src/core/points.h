/* points - where a run should stop, or say something: breakpoints of every kind.
 *
 * A point belongs to a client, has a kind, a place, and perhaps a condition.  Points
 * never change what the guest does, nor when: an engine looks at them between
 * instructions, and what no point concerns costs nothing.
 *
 * Each hit has two moments: `before` the event and `after` it.  Going forward, the
 * machine stops where the kind says (below); going backward it stops `before`.
 *
 *   kind          going forward the machine stands
 *   EXECUTE       before the instruction.  A repeated string instruction hits once,
 *                 when it starts, not at each of its iterations
 *   MEMORY        after the instruction (or DMA transfer) that made the access
 *   PORT, MSR, CONTROL, MODE, SYSCALL   after the instruction
 *   EXCEPTION     before it is delivered: at the instruction that caused it
 *   INTERRUPT     at the first instruction of the handler; INT n too
 *   MAGIC         after `xchg %bx,%bx`
 *   TRIPLE_FAULT  state as at the fault.  It stops without any point, too
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   addresses in bytes; icount as in moment.h. */
#pragma once

#include "core/address.h"
#include "core/moment.h"

typedef struct _AsternPoints     AsternPoints;
typedef struct _AsternMachine    AsternMachine;
typedef struct _AsternExpression AsternExpression;   /* expression.h */

typedef enum
{
  ASTERN_POINT_EXECUTE,
  ASTERN_POINT_MEMORY,        /* memory and memory-mapped I/O, by CPUs and by DMA */
  ASTERN_POINT_PORT,
  ASTERN_POINT_MSR,
  ASTERN_POINT_CONTROL,       /* a control register is written; start = its number */
  ASTERN_POINT_EXCEPTION,     /* start = vector */
  ASTERN_POINT_INTERRUPT,     /* start = vector */
  ASTERN_POINT_MODE,          /* the CPU's mode changed: real, protected, V86, long; SMM in and out */
  ASTERN_POINT_SYSCALL,       /* SYSCALL, SYSENTER, INT 80h: entry (fetch), return (write) */
  ASTERN_POINT_TRIPLE_FAULT,
  ASTERN_POINT_MAGIC,
  ASTERN_N_POINT_KINDS
} AsternPointKind;

/* What `start` of an EXECUTE or MEMORY point means. */
typedef enum
{
  ASTERN_SPACE_LINEAR,        /* after segmentation, before paging: what most mean by an address */
  ASTERN_SPACE_VIRTUAL,       /* EXECUTE only: the offset, RIP itself, whatever CS' base is */
  ASTERN_SPACE_PHYSICAL,      /* whoever gets there by whatever mapping */
} AsternSpace;

enum { ASTERN_POINT_READ = 1 << ASTERN_ACCESS_READ, ASTERN_POINT_WRITE = 1 << ASTERN_ACCESS_WRITE,
       ASTERN_POINT_FETCH = 1 << ASTERN_ACCESS_FETCH };

#define ASTERN_POINT_ANY G_MAXUINT64

typedef struct _AsternPoint AsternPoint;
typedef struct _AsternHit   AsternHit;

struct _AsternPoint
{
  guint             id;              /* 1, 2, ...; never used again */
  AsternPointKind   kind;
  AsternSpace       space;
  guint64           start, size;     /* [start, start + size): addresses, ports, MSRs, vectors; size 0 is 1 */
  guint8            access;          /* ASTERN_POINT_READ | ...; 0: any.  EXECUTE ignores it */
  gboolean          changes_only;    /* MEMORY writes: only those that change the bytes watched */
  guint64           address_space;   /* CR3 without its low 12 bits, or ASTERN_POINT_ANY */
  guint64           error_code;      /* EXCEPTION; ASTERN_POINT_ANY */
  guint64           cpu;             /* index, or ASTERN_POINT_ANY */
  gboolean          enabled;
  gboolean          temporary;       /* is gone after its first stop */
  gboolean          log_only;        /* does not stop: the client's `logged` is called */
  AsternExpression *condition;       /* (nullable) owned; hits only where it is not 0 */
  guint64           hits;            /* how often the condition held going forward at the run's head */
  guint64           ignore;          /* that many hits more do not stop */
  gpointer          owner;           /* the client; compared, never followed */
  gpointer          user;            /* the client's own */
  char             *text;            /* (nullable) owned: what the user typed */
  /* (nullable) a condition that is not an expression, asked after `condition`: it hits only where this is TRUE.
     Looks at the machine, and changes nothing. */
  gboolean        (*holds) (const AsternPoint *point, const AsternHit *hit);
};

/* One hit. */
struct _AsternHit
{
  AsternPoint     *point;            /* NULL where no point was needed (triple fault) */
  AsternPointKind  kind;
  guint            cpu;
  AsternMoment     before, after;
  guint64          pc;               /* linear address of the instruction */
  guint64          linear;           /* MEMORY: address of the access; ASTERN_POINT_ANY for DMA */
  guint64          physical;         /* MEMORY; EXECUTE */
  guint64          number;           /* port, MSR, control register, vector, syscall number */
  guint8           size;             /* bytes of the access, at most 8 of them in the values below */
  guint8           access;           /* AsternAccessKind */
  guint8           origin;           /* AsternOrigin */
  guint8           has_old, has_new;
  guint64          old_value, new_value;   /* of the bytes accessed */
  guint64          error_code;       /* EXCEPTION */
  const char      *detail;           /* (nullable) static: "real -> protected", the DMA device's name */
};

/* What becomes of hits.  A machine's points start OFF. */
typedef enum
{
  ASTERN_POINTS_OFF,        /* nothing is looked at: a run to a moment already known */
  ASTERN_POINTS_STOP,       /* the first hit that stops ends the run with ASTERN_STOP_POINT */
  ASTERN_POINTS_RECORD,     /* every hit is told to the recorder, none stops */
} AsternPointsMode;

typedef void (*AsternHitFunc) (gpointer recorder, const AsternHit *hit);

AsternPoints *astern_points_new     (AsternMachine *machine);
void          astern_points_free    (AsternPoints *points);

/* Takes @point's content (condition and text included) and returns the point itself. */
AsternPoint  *astern_points_add     (AsternPoints *points, const AsternPoint *point);
void          astern_points_remove  (AsternPoints *points, AsternPoint *point);
/* After fields of a point were changed. */
void          astern_points_changed (AsternPoints *points, AsternPoint *point);
AsternPoint  *astern_points_find    (AsternPoints *points, guint id);
guint         astern_points_count   (AsternPoints *points);
AsternPoint  *astern_points_at      (AsternPoints *points, guint index);      /* by id, ascending */

/* @recorder: for RECORD; for STOP (nullable) it is told of log-only hits. */
void             astern_points_set_mode (AsternPoints *points, AsternPointsMode mode, AsternHitFunc recorder, gpointer data);
AsternPointsMode astern_points_mode     (AsternPoints *points);

/* Hits whose `before` is @moment do not count for kinds that stop before their event: where a run
 * that stopped there goes on. */
void             astern_points_resume_at (AsternPoints *points, AsternMoment moment);

/* ---- for engines ---- */

/* Kinds that have an enabled point, as bits; 0 while OFF.  Look here first. */
guint32          astern_points_armed    (const AsternPoints *points);

/* Called when the set of places changed that an engine may have cached (armed EXECUTE and
 * MEMORY places): drop units and translations that touch them. */
typedef void (*AsternPointsChangedFunc) (gpointer engine);
void             astern_points_set_changed (AsternPoints *points, AsternPointsChangedFunc changed, gpointer engine);

/* Whether an armed point of @kind has a place in [start, end) of @space. */
gboolean         astern_points_in_range (const AsternPoints *points, AsternPointKind kind, AsternSpace space,
                                         guint64 start, guint64 end);

/* Something happened that a point may want: @hit without its point.  Finds those that match, checks their
 * conditions, and stops the machine or records.  Returns whether the run must stop here. */
gboolean         astern_points_happened (AsternPoints *points, const AsternHit *hit);

/* The hit that ended the last run with ASTERN_STOP_POINT. */
const AsternHit *astern_points_last_hit (const AsternPoints *points);
