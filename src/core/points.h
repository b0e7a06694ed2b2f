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
 * A repeated string instruction that an interrupt or an exception cut short begins anew when its
 * handler has returned, and hits again.  An instruction that cannot be fetched is not hit; one that
 * faults is, each time that it is begun.  Points before an instruction are asked before anything of it is done,
 * its fetch included: the machine is as it is at that moment without a point.  At EXCEPTION the
 * attempt has been made: it may have set accessed bits of pages that it reached before it faulted.
 *
 * What a faulting instruction had accessed before its fault is no access; what the delivery of its
 * exception accesses (stack, descriptors) is one.  MEMORY sees CPUs' page walks set accessed and dirty
 * bits; not the walks' reads, not a device's changes of its own memory, nor instruction fetches.
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
  /* [start, start + size): addresses, ports, MSRs, control registers, vectors, syscall numbers (of entries); size 0 is 1.
     Start ASTERN_POINT_ANY: all there are (not for EXECUTE and MEMORY).  MODE, TRIPLE_FAULT and MAGIC ignore both. */
  guint64           start, size;
  guint8            access;          /* ASTERN_POINT_READ | ...; 0: any.  For MEMORY, PORT, MSR, SYSCALL; others ignore it */
  gboolean          changes_only;    /* MEMORY writes: only those that change the bytes watched */
  /* CR3 without its low 12 bits, or ASTERN_POINT_ANY.  A linear address that DMA writes is looked up in
     the space of a CPU that is in it; while none is, DMA is not seen. */
  guint64           address_space;
  guint64           error_code;      /* EXCEPTION; ASTERN_POINT_ANY */
  guint64           cpu;             /* index, or ASTERN_POINT_ANY; one with an index is not for DMA */
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
  guint64          pc;               /* linear address of the instruction; of the next one for MODE, and for what INT accesses */
  guint64          offset;           /* the program counter itself, without CS' base */
  /* MEMORY: address of the access; ASTERN_POINT_ANY for DMA and page walks.  EXCEPTION: #PF's address. */
  guint64          linear;
  guint64          physical;         /* MEMORY; EXECUTE; ASTERN_POINT_ANY: not known */
  guint64          number;           /* port, MSR, control register, vector, syscall number (RAX; of a return: its result) */
  guint8           size;             /* bytes of the access, at most 8 of them in the values below */
  guint8           access;           /* AsternAccessKind */
  guint8           origin;           /* AsternOrigin */
  guint8           has_old, has_new;
  guint64          old_value, new_value;   /* of the bytes accessed */
  guint64          error_code;       /* EXCEPTION */
  const char      *detail;           /* (nullable) static: "real -> protected" */
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

/* In STOP mode, hits whose `before` is @moment do not count for kinds that stop before their event (EXECUTE,
 * EXCEPTION): where a run that stopped there goes on.  Holds until it is called again. */
void             astern_points_resume_at (AsternPoints *points, AsternMoment moment);

/* For engines whose guest time is the host's: something came at moment @from that is no instruction, and the moment is another one
 * now; a run that goes on from @from goes on from here. */
void             astern_points_moved     (AsternPoints *points, AsternMoment from);

/* While muted, what is written to memory is nobody's access: a user's poke that comes through the door. */
void             astern_points_mute     (AsternPoints *points, gboolean muted);

/* ---- for engines ---- */

/* Kinds that have an enabled point, as bits; 0 while OFF.  Look here first. */
guint32          astern_points_armed    (AsternPoints *points);

/* Called when something that an engine may have cached changed: what is armed, or the places of points.
 * It may come while a unit runs: remember it, and look at astern_points_armed() and
 * astern_points_generation() before the next instruction. */
typedef void (*AsternPointsChangedFunc) (gpointer engine);
void             astern_points_set_changed (AsternPoints *points, AsternPointsChangedFunc changed, gpointer engine);

/* A number that differs when the places of @kind's enabled points do, whether armed or not. */
guint64          astern_points_generation (AsternPoints *points, AsternPointKind kind);

/* Whether an enabled point of @kind, armed or not, has a place in [start, end) of @space. */
gboolean         astern_points_in_range (AsternPoints *points, AsternPointKind kind, AsternSpace space,
                                         guint64 start, guint64 end);
/* The lowest such place from @from on, or ASTERN_POINT_ANY. */
guint64          astern_points_next     (AsternPoints *points, AsternPointKind kind, AsternSpace space, guint64 from);

/* An engine runs the machine: only between these two does what is noted count. */
void             astern_points_enter    (AsternPoints *points);
void             astern_points_leave    (AsternPoints *points);

/* Something happened that a point may want: @hit without its point.  Finds those that match, checks their
 * conditions, and stops the machine or records.  Returns whether the run must stop here. */
gboolean         astern_points_happened (AsternPoints *points, const AsternHit *hit);

/* For what is found out in the middle of an instruction, and counts when that has retired: @hit without
 * its point and `after`.  Returns whether a point may want it: if so, run no further than to the end of
 * this instruction (or step between instructions), and settle. */
gboolean         astern_points_note     (AsternPoints *points, const AsternHit *hit);
/* Likewise of an access of @origin to memory by its physical address alone (DMA, page walks): to be called before a write. */
gboolean         astern_points_note_physical (AsternPoints *points, AsternAccessKind kind, AsternOrigin origin, guint cpu,
                                              guint64 physical, guint64 size);
/* Whether anything waits to be settled. */
gboolean         astern_points_waiting  (const AsternPoints *points);
/* The instruction under way faulted: it has accessed nothing.  (What note_physical() heard did happen.) */
void             astern_points_forget   (AsternPoints *points);
/* What was noted has come about, and the clock shows the moment after it: astern_points_happened() for each.  Returns whether
 * the run must stop here. */
gboolean         astern_points_settle   (AsternPoints *points);

/* The hit that ended the last run with ASTERN_STOP_POINT.  A temporary point that it ended is no longer
 * found by its id, but can be read until the next run. */
const AsternHit *astern_points_last_hit (const AsternPoints *points);
