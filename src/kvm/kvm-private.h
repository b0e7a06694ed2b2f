/* kvm-private - what the files of engine `kvm` share.
 *
 * Threads: all members under the engine's lock, unless said otherwise. */
#pragma once

#include "arch/x86/state.h"
#include "core/irqchip.h"
#include "kvm/kvm.h"

#include <linux/kvm.h>

typedef struct _KvmEngine KvmEngine;

#define KVM_STATE_MSRS 96       /* most that are carried across */

#define KVM_EXIT_CAUSES   64
#define KVM_PORTS         65536
#define KVM_COUNTED_PAGES 64

typedef struct
{
  AsternCpu       parent;
  KvmEngine      *engine;
  X86State        s;
  int             fd;
  struct kvm_run *run;          /* shared with the kernel: immediate_exit may be set by any thread */
  GThread        *thread;
  gulong          thread_id;    /* pthread_t; set by the thread itself */
  gboolean        in_guest;     /* or on its way there or back */
  gboolean        in_kernel;    /* registers are the kernel's: `s` is older */
  gboolean        changed;      /* `s` is to go to the kernel before the guest runs */
  gboolean        unfinished;   /* an I/O exit is completed when the guest is entered again */
  gboolean        stepping;     /* one instruction, and no interrupt before it */
  guint8          cr8;
  X86State        given, echo;  /* what the kernel was given last, and how it told it then */
  gboolean        dead;         /* halted with interrupts off, when it was asked last */
  guint64         exits[KVM_EXIT_CAUSES], kicks;        /* by exit_reason; the last for those that are not known */
  guint64         tsc_put;      /* what the kernel adds to the host's counter, as it was set */
  struct kvm_debug_exit_arch debug;   /* of the debug exit that ... */
  gboolean        debugged;     /* ... nobody has looked at yet */
  gboolean        arrived;      /* by running freely, and nobody was told of where it stands */
  gboolean        wants_open;   /* the kernel cannot carry out what it does to a watched page */
  guint64         stuck[3];     /* RIP, RSP and RCX when it was last kicked */
  gboolean        has_debug;    /* the kernel was told of something to come back for */
} KvmCpu;

/* A piece of the guest's physical memory as the kernel knows it. */
typedef struct
{
  guint64  start, size, ram;    /* physical, bytes, RAM space */
  gboolean readonly, logged;    /* logged: which pages are written is asked for */
  guint32  number;              /* the kernel's */
  guint32  space;               /* 0; 1: as a CPU in system management mode sees it */
  gboolean wanted;
} KvmSlot;

/* What a debug register stops at (kind 0) or watches (1: writes, 3: all accesses). */
typedef struct
{
  guint64 linear, old_value;
  guint8  kind, size;           /* size 0: it is free */
} KvmDebugRegister;

/* A breakpoint instruction in the guest's memory; only while CPUs run. */
typedef struct
{
  guint64  ram;
  guint8   byte;                /* that belongs there */
  gboolean is_in;
} KvmPatch;

/* A physical page of which accesses are exits. */
typedef struct
{
  guint64  start;
  gboolean reads;               /* too */
} KvmWatch;
/* Where a write is a knock: the kernel makes an event of it. */
typedef struct
{
  AsternDoorbell is;
  guint64        address;
  gboolean       ports, wanted;
  int            fd;
} KvmDoorbell;

struct _KvmEngine
{
  AsternEngine parent;
  AsternEngineClass klass;      /* with what this host's kernel can */
  guint32      space;           /* KvmSlot's, of the slots that are asked for now */
  X86Features  features;
  GString     *lacks;
  int          kvm_fd, vm_fd;
  gsize        run_bytes;
  GMutex       lock;            /* the machine's, while it runs */
  int          told_fd;         /* an event: the machine's thread is not to sleep */
  GCond        change;          /* the CPUs' threads */
  GCond        parked;          /* none is in the guest any more */
  gboolean     running, quit;
  guint        n_in_guest;
  guint64      waits_until_ns;  /* guest time until which the machine's thread sleeps; 0: it does not */
  guint64      host_ns, guest_ns;     /* these belonged together when the run began */
  GArray      *slots;           /* KvmSlot */
  GArray      *free_numbers;    /* guint32 */
  guint32      n_numbers;       /* that were ever used */
  gboolean     map_changed;
  GArray      *doorbells;       /* KvmDoorbell */
  int          doorbells_fd;    /* tells of all of them */
  guint64      answered;
  guint64      n_exits, n_exits_seen;
  gint64       quiet_us, asked_us;      /* since when none came out; when all were asked whether they are dead, 0: they were not */
  guint32     *port_exits;      /* KVM_PORTS of them */
  struct { guint64 page, n; } pages[KVM_COUNTED_PAGES];         /* whose registers were used; n 0: free */
  gint64       dirty_us;        /* when which pages were written was last asked */
  guint32      msrs[KVM_STATE_MSRS];
  guint        n_msrs;
  gboolean     tsc_scales, has_tsc_offset, has_sregs2, has_payload, has_smm;
  AsternKvmIrqchip irqchip;
  gboolean     held;            /* the kernel has the interrupt controllers now */
  gboolean     cannot_break;    /* there is no breakpoint instruction: a step runs an exception's handler to its end */
  gboolean     pic_int;         /* split: the PIC's INT */
  AsternIrqchipValues values;   /* what the kernel was given, what it gave */
  guint32      block_irq;       /* KVM_GUESTDBG_BLOCKIRQ, where the kernel knows it */
  KvmCpu      *cpus[ASTERN_MAX_CPUS];
  guint        n_cpus;
  /* Points: what they came to when a run began, or a point was changed. */
  KvmDebugRegister dr[4];
  gboolean     stops_code, stops_data;    /* debug registers work, for the one and for the other */
  guint8       breakpoint;      /* the instruction that is one: INT3; HLT where the host does not come back for that */
  GArray      *planted;         /* guint64: ram of those that are there for the time of a step */
  GArray      *patches;         /* KvmPatch */
  GArray      *watches;         /* KvmWatch, by start */
  guint8      *copies;          /* while `open`: what they held */
  gboolean     open;            /* watched pages are as if they were not, for a step */
  gboolean     points_changed;
  gboolean     by_steps;        /* a point needs that every instruction is looked at */
  guint        turn;            /* while pages are watched: the CPU that may run */
  gboolean     attention;       /* no CPU enters the guest: the machine's thread is to look at what points wait for */
  guint64      generation;      /* of EXECUTE points' places when a run began */
  guint        last_stopped;    /* the CPU that the last run ended with */
  gboolean     said_registers;  /* that the guest's debug registers do nothing */
  gboolean     said_none_left;
  GArray      *filtered;        /* guint32 pairs: first and last MSR of which accesses are exits */
};

static inline KvmCpu *
kvm_cpu (AsternCpu *cpu)
{
  return (KvmCpu *) cpu;
}

/* ioctl() that is not interrupted by signals; failing is our mistake. */
void     kvm_must            (int fd, gulong request, gpointer argument, const char *name);

/* kvm-state.c */
void     kvm_state_get_place (KvmCpu *cpu);     /* RIP, segments and paging alone; an exit may be unfinished */
void     kvm_choose_msrs     (KvmEngine *engine);
void     kvm_state_put       (KvmCpu *cpu);
void     kvm_state_get       (KvmCpu *cpu);
void     kvm_set_cpuid       (KvmCpu *cpu);
void     kvm_set_machine_checks (KvmCpu *cpu);
/* Of an MSR that the kernel has. */
guint64  kvm_get_msr         (KvmCpu *cpu, guint32 number);
void     kvm_put_msr         (KvmCpu *cpu, guint32 number, guint64 value);

/* kvm-time.c: while no CPU runs */
void     kvm_time_init       (KvmEngine *engine);
void     kvm_time_put        (KvmEngine *engine);
void     kvm_time_get        (KvmEngine *engine);
/* kvm-state.c: the clock of kvmclock.h is guest time. */
void     kvm_put_clock       (KvmEngine *engine);

/* kvm-memory.c */
void     kvm_memory_init     (KvmEngine *engine);
void     kvm_memory_update   (KvmEngine *engine);
void     kvm_memory_ask      (KvmEngine *engine);
/* The board shows SMRAM while a CPU is in system management mode; the kernel has a space of its own for those that are. */
void     kvm_memory_enter    (KvmEngine *engine);
void     kvm_memory_leave    (KvmEngine *engine);
void     kvm_memory_clear    (KvmEngine *engine);
/* Where physical @address can be read: NULL where that is no memory. */
guint8  *kvm_memory_at       (KvmEngine *engine, guint64 address, guint64 *ram);

/* kvm-cpu.c */
gboolean kvm_cpu_add         (KvmEngine *engine, guint index, GError **error);
void     kvm_cpu_start       (KvmCpu *cpu);
void     kvm_cpu_free        (KvmCpu *cpu);
void     kvm_cpu_kick        (KvmCpu *cpu);
gboolean kvm_cpu_can_run     (KvmCpu *cpu);
/* Into the guest and out again; the exit is handled. */
void     kvm_cpu_enter       (KvmCpu *cpu);
/* An exit that the kernel completes when the guest is entered again is completed. */
void     kvm_cpu_finish      (KvmCpu *cpu);
/* What `s` holds goes to the kernel, if it was changed. */
void     kvm_cpu_put_changes (KvmCpu *cpu);
void     kvm_cpu_fail        (KvmCpu *cpu, const char *what, guint64 detail);
/* Before the guest runs: INIT and SIPI are taken, the state is the kernel's. */
void     kvm_cpu_put         (KvmCpu *cpu);

/* kvm-msr.c */
void     kvm_msr_read        (KvmCpu *cpu);     /* the exit */
void     kvm_msr_write       (KvmCpu *cpu);
void     kvm_msr_init        (KvmEngine *engine);
void     kvm_msr_filter      (KvmEngine *engine);     /* as points want it */

/* kvm-probe.c */
gboolean kvm_probe_code      (int kvm_fd);
gboolean kvm_probe_data      (int kvm_fd);
gboolean kvm_probe_int3      (int kvm_fd);

/* kvm-points.c */
void     kvm_points_init     (KvmEngine *engine);
void     kvm_points_clear    (KvmEngine *engine);
void     kvm_points_enter    (KvmEngine *engine);     /* a run begins */
void     kvm_points_leave    (KvmEngine *engine);
gboolean kvm_points_by_steps (KvmEngine *engine);     /* whether all CPUs are to be stepped; after a change it applies what there is now */
void     kvm_points_go       (KvmEngine *engine);     /* before CPUs run side by side */
void     kvm_points_halt     (KvmEngine *engine);     /* after all were parked: looks at why */
void     kvm_points_debug    (KvmCpu *cpu, gboolean step);    /* tells the kernel what is a debug exit */
void     kvm_points_note     (KvmCpu *cpu, AsternHit *hit);   /* in the middle of an exit */
void     kvm_points_memory   (KvmCpu *cpu, const AsternAccess *access, guint64 value);   /* before a write, after a read */
void     kvm_points_kicked   (KvmCpu *cpu);           /* it came out because it was told to */
void     kvm_points_open     (KvmCpu *cpu);           /* watched pages are as if they were not, ... */
void     kvm_points_close    (KvmCpu *cpu, gboolean counts);     /* ... and what was changed meanwhile is noted */
gboolean kvm_points_halted   (KvmCpu *cpu);           /* whether HLT was one of our breakpoints: a debug exit, then */
gboolean kvm_points_exited   (KvmCpu *cpu);           /* a debug exit, running freely: whether it was the guest's own business */
gboolean kvm_points_stop_at  (KvmCpu *cpu);           /* whether an EXECUTE point stops before the next instruction */
void     kvm_points_data     (KvmCpu *cpu);           /* notes what debug registers watched in the exit */
void     kvm_inject          (KvmCpu *cpu, guint vector);

/* kvm-step.c: one instruction, when the CPU is not halted; the machine's thread, while no CPU's thread runs. */
void     kvm_cpu_step        (KvmCpu *cpu);
/* No point stops before it; a repeated string instruction is done with. */
void     kvm_cpu_step_over   (KvmCpu *cpu);
/* kvm_cpu_step(), but an interrupt that waits comes first. */
void     kvm_cpu_step_or_interrupt (KvmCpu *cpu);

/* kvm-decode.c: what an instruction is, as far as stepping wants to know. */
typedef enum
{
  KVM_INSN_OTHER, KVM_INSN_PUSHF, KVM_INSN_POPF, KVM_INSN_IRET, KVM_INSN_INT, KVM_INSN_INT3, KVM_INSN_INTO, KVM_INSN_SYSCALL,
  KVM_INSN_SYSENTER, KVM_INSN_SYSRET, KVM_INSN_SYSEXIT, KVM_INSN_CONTROL, KVM_INSN_MAGIC, KVM_INSN_REPEATED,
} KvmInsnKind;

typedef struct
{
  KvmInsnKind kind;
  guint       number;     /* INT: vector; CONTROL: register */
  guint       size;       /* PUSHF, POPF, IRET: bytes of a piece */
} KvmInsn;

KvmInsn  kvm_decode          (const guint8 *bytes, gsize size, guint bits);

/* kvm-doorbells.c */
void     kvm_doorbells_init  (KvmEngine *engine);
void     kvm_doorbells_update (KvmEngine *engine);
/* TRUE: there were some. */
gboolean kvm_doorbells_answer (KvmEngine *engine);
void     kvm_doorbells_clear (KvmEngine *engine);

/* kvm-dead.c: the machine's thread, now and then; a CPU that was kicked */
void     kvm_dead_look       (KvmEngine *engine);
void     kvm_dead_answer     (KvmCpu *cpu);

/* kvm-exits.c */
void     kvm_exits_count     (KvmCpu *cpu, gboolean kicked);
char    *kvm_exits_tell      (KvmEngine *engine);

/* kvm-irqchip.c */
gboolean kvm_irqchip_make    (KvmEngine *engine, GError **error);
/* The kernel has the interrupt controllers from here on, while no CPU is in the guest; and has them no longer. */
void     kvm_irqchip_hold    (KvmEngine *engine);
void     kvm_irqchip_release (KvmEngine *engine);
/* Of SREGS what a local APIC has that the kernel holds. */
void     kvm_irqchip_keep    (KvmCpu *cpu, struct kvm_sregs *sregs);

/* Any thread, signal handlers too: whether the CPU's next KVM_RUN, or the present one, returns at once. */
static inline void
kvm_leave_at_once (KvmCpu *cpu, gboolean leaves)
{
  __atomic_store_n (&cpu->run->immediate_exit, leaves != FALSE, __ATOMIC_SEQ_CST);
}

/* kvm-engine.c */
void     kvm_advance_clock   (KvmEngine *engine);
/* Any thread: the machine's is to look. */
void     kvm_tell_machine    (KvmEngine *engine);
