/* machine - memory, buses, clock, door, devices and CPUs, wired by a board and
 * run by an engine.
 *
 * Threads: one thread runs the machine; astern_machine_kick() and
 * astern_inputs_submit() may be called from any. */
#pragma once

#include "core/bus.h"
#include "core/clock.h"
#include "core/cpu.h"
#include "core/device.h"
#include "core/disk.h"
#include "core/events.h"
#include "core/inputs.h"
#include "core/irqchip.h"
#include "core/memory.h"
#include "core/points.h"

#define ASTERN_MAX_CPUS 8

typedef struct _AsternEngine      AsternEngine;
typedef struct _AsternEngineClass AsternEngineClass;

/* Why a run ended. */
typedef enum
{
  ASTERN_STOP_NONE,
  ASTERN_STOP_REQUESTED,      /* astern_machine_kick() with stop, or the user */
  ASTERN_STOP_ICOUNT,         /* the moment asked for was reached */
  ASTERN_STOP_POWER_OFF,      /* the guest powered off */
  ASTERN_STOP_RESET,          /* the guest asked for a reset */
  ASTERN_STOP_DEBUG_EXIT,     /* isa-debug-exit was written; value = what was written */
  ASTERN_STOP_TRIPLE_FAULT,   /* stopped before the reset, state as at the fault */
  ASTERN_STOP_PANIC,          /* the guest, or its watchdog, says that it cannot go on; detail says which */
  ASTERN_STOP_DEADLOCK,       /* every CPU is halted for good: interrupts off */
  ASTERN_STOP_POINT,          /* astern_points_last_hit() */
  ASTERN_STOP_HEAD,           /* a run behind the head reached it */
} AsternStopReason;

typedef struct
{
  AsternStopReason reason;
  guint            cpu;
  guint64          value;
  const char      *detail;    /* static text for people, (nullable): "double fault while delivering #PF" */
} AsternStop;

/* What an engine can do; front ends grey out what is not there. */
typedef enum
{
  ASTERN_CAN_DETERMINISTIC  = 1 << 0,
  ASTERN_CAN_REVERSE        = 1 << 1,
  ASTERN_CAN_COUNT_EXACTLY  = 1 << 2,
  ASTERN_CAN_HARDWARE_SPEED = 1 << 3,
  ASTERN_CAN_BREAK          = 1 << 4,   /* looks at points */
  ASTERN_CAN_MANAGE         = 1 << 5,   /* its CPUs know system management mode */
} AsternCapabilities;

struct _AsternEngineClass
{
  const char *name;              /* "translate" */
  guint32     capabilities;
  /* Runs until a stop; fills machine->stop. */
  void      (*run)   (AsternEngine *engine, guint64 until_icount);
  void      (*free)  (AsternEngine *engine);
  /* Cached translations and code are stale: state or memory was changed from outside. */
  void      (*flush) (AsternEngine *engine);
  /* (nullable) astern_machine_kick(), from any thread: a run is to look. */
  void      (*kicked) (AsternEngine *engine);
  /* (nullable) Whether it could go on from the machine's present state; else @error says what is in the way. */
  gboolean  (*can_take) (AsternEngine *engine, GError **error);
  /* The machine is this engine's now, its CPUs' states are the machine's; and is so no longer.  (nullable) both. */
  void      (*enter) (AsternEngine *engine);
  void      (*leave) (AsternEngine *engine);
  /* (nullable) one line a counter, for people.  Free it. */
  char     *(*statistics) (AsternEngine *engine);
};

/* An engine's struct begins with this. */
struct _AsternEngine
{
  const AsternEngineClass *klass;
  AsternMachine           *machine;
  AsternCpu               *cpus[ASTERN_MAX_CPUS];    /* its own, the machine's while it runs it */
  guint                    n_cpus;
};

struct _AsternMachine
{
  AsternClock   clock;
  AsternEvents  events;
  AsternMemory *memory;
  AsternBus    *physical;          /* physical addresses */
  AsternBus    *ports;             /* 64 Ki I/O ports */
  AsternInputs *inputs;
  AsternPoints *points;            /* breakpoints of every kind; owned */
  GPtrArray    *devices;           /* AsternDevice, owned, in the order of creation */
  GPtrArray    *disks;             /* AsternDisk (disk.h), borrowed */
  void        (*disk_page_seen) (gpointer user, AsternDisk *disk, guint64 page, gconstpointer content);   /* (nullable): see disk.h */
  gpointer      disk_page_user;
  guint64       disk_pages, disk_most_pages, disk_next_pages;      /* in memory; not more (0: any number); when next to look */
  AsternCpu    *cpus[ASTERN_MAX_CPUS];       /* of the engine that runs it: they change in astern_machine_shift() */
  guint         n_cpus;
  guint         running_cpu;       /* whose turn it is */
  guint64       turn_end;          /* icount at which that turn is over; G_MAXUINT64: never (the only CPU) */
  AsternEngine *engine;            /* that runs it; owned */
  GPtrArray    *engines;           /* AsternEngine: all that can; owned */
  AsternStop    stop;              /* why the last run ended */
  guint32       until_step;        /* of the moment at which a run is to end; 0 but while a timeline seeks */
  gboolean      until_turn;        /* a run ends, as if asked to, when the turn goes to another CPU */
  gboolean      muted;             /* the past is executed again: nothing goes out, nothing sleeps */
  /* Wires that a board may set. */
  gpointer      board;             /* the board's own */
  AsternIrqchip irqchip;
  void        (*power_on_reset) (AsternMachine *machine);   /* resets devices and CPUs: board's order */
  /* (nullable): reset as by the button, a kernel that was entered directly put into place again. */
  void        (*restart) (AsternMachine *machine);
  gpointer      restart_user;
  /* (nullable): makes another engine for it, by its name; NULL, with a sentence, where it cannot be had. */
  AsternEngine *(*make_engine) (AsternMachine *machine, const char *name, GError **error);
  /* (nullable): a CPU tells that it entered or left system management mode, before its first access there:
     the board opens or closes SMRAM for as long as any CPU is in it. */
  void        (*smm_changed) (AsternMachine *machine, guint cpu, gboolean in_smm);
  gint          kicked;            /* atomic: the engine should look at inputs and stop requests */
  gint          stop_requested;    /* atomic: AsternStopReason */
  /* How idle time passes for the host; (nullable): as fast as possible.  Sleeps
   * until guest time @until_ns would have come, or until woken.  Returns the guest time that had come then,
   * from @now_ns to @until_ns: a guest that was woken early is told of what has passed. */
  guint64     (*idle) (gpointer host, guint64 now_ns, guint64 until_ns);
  /* Ends idle() early; (nullable); called from any thread by astern_machine_kick(). */
  void        (*wake) (gpointer host);
  gpointer      idle_host;
  guint         idle_port;         /* of the inputs: idle time that was cut short */
};

/* For engines: idle() has ended at guest time @ended_ns.  Before @until_ns it is the host that has said how much time passed, so
 * that is an input, and journaled; the rest of what passes is a function of the guest. */
void           astern_machine_idled      (AsternMachine *machine, guint64 ended_ns, guint64 until_ns);

AsternMachine *astern_machine_new        (guint64 memory_capacity_bytes, GError **error);
void           astern_machine_free       (AsternMachine *machine);

/* Takes ownership of the device. */
void           astern_machine_add_device (AsternMachine *machine, AsternDevice *device);
AsternDevice  *astern_machine_find_device (AsternMachine *machine, const char *name);
void           astern_machine_add_cpu    (AsternMachine *machine, AsternCpu *cpu);

/* For engines: their CPUs, in the order of their numbers, and then the engine itself.  The first one that a machine is given
 * runs it. */
void           astern_engine_add_cpu     (AsternEngine *engine, AsternCpu *cpu);
void           astern_machine_add_engine (AsternMachine *machine, AsternEngine *engine);
/* NULL: the machine has none of that name. */
AsternEngine  *astern_machine_find_engine (AsternMachine *machine, const char *name);

/* @engine runs the machine from now on; between two instructions.  The CPUs' whole states and what drives their pins move to its
 * own CPUs; everything else is the machine's, and stays. */
void           astern_machine_shift      (AsternMachine *machine, AsternEngine *engine);

/* Called by a device or CPU on the running thread: stop at the end of this instruction.
 * Of several reasons the first counts. */
void           astern_machine_stop       (AsternMachine *machine, AsternStopReason reason, guint cpu,
                                          guint64 value, const char *detail);

/* From any thread: look at inputs soon; with @stop, end the run. */
void           astern_machine_kick       (AsternMachine *machine, gboolean stop);

/* Power-on or hard reset: the board's order, or devices in theirs and then the CPUs. */
void           astern_machine_reset      (AsternMachine *machine);

/* Runs until something stops it or @until_icount instructions have retired.  A stop that
 * was asked for before ends it at once. */
const AsternStop *astern_machine_run     (AsternMachine *machine, guint64 until_icount);

/* Called for each part of the state with its hash: "clock", "inputs", "cpu0", "ram", "serial0". */
typedef void (*AsternHashFunc) (const char *part, guint64 hash, gpointer data);

/* Where two runs differ: the parts whose hashes do. */
void           astern_machine_hash_parts (AsternMachine *machine, AsternHashFunc visit, gpointer data);
/* The same without memory: what costs little. */
void           astern_machine_hash_small_parts (AsternMachine *machine, AsternHashFunc visit, gpointer data);

/* Hash of clock, inputs' generator, CPUs, memory and devices: the state hash. */
guint64        astern_machine_hash       (AsternMachine *machine);
