/* kvm-private - what the files of engine `kvm` share.
 *
 * Threads: all members under the engine's lock, unless said otherwise. */
#pragma once

#include "arch/x86/state.h"
#include "kvm/kvm.h"

#include <linux/kvm.h>

typedef struct _KvmEngine KvmEngine;

#define KVM_STATE_MSRS 96       /* most that are carried across */

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
  guint64         tsc_put;      /* what the kernel adds to the host's counter, as it was set */
} KvmCpu;

/* A piece of the guest's physical memory as the kernel knows it. */
typedef struct
{
  guint64  start, size, ram;    /* physical, bytes, RAM space */
  gboolean readonly, logged;    /* logged: which pages are written is asked for */
  guint32  number;              /* the kernel's */
  gboolean wanted;
} KvmSlot;

struct _KvmEngine
{
  AsternEngine parent;
  X86Features  features;
  GString     *lacks;
  int          kvm_fd, vm_fd;
  gsize        run_bytes;
  GMutex       lock;            /* the machine's, while it runs */
  GMutex       wait_lock;       /* taken last, and by anybody: told */
  GCond        wake;            /* the machine's thread */
  gboolean     told;            /* it is not to sleep */
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
  gint64       dirty_us;        /* when which pages were written was last asked */
  guint32      msrs[KVM_STATE_MSRS];
  guint        n_msrs;
  gboolean     tsc_scales, has_tsc_offset, has_sregs2, has_payload;
  guint32      block_irq;       /* KVM_GUESTDBG_BLOCKIRQ, where the kernel knows it */
  KvmCpu      *cpus[ASTERN_MAX_CPUS];
  guint        n_cpus;
};

static inline KvmCpu *
kvm_cpu (AsternCpu *cpu)
{
  return (KvmCpu *) cpu;
}

/* ioctl() that is not interrupted by signals; failing is our mistake. */
void     kvm_must            (int fd, gulong request, gpointer argument, const char *name);

/* kvm-state.c */
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

/* kvm-memory.c */
void     kvm_memory_init     (KvmEngine *engine);
void     kvm_memory_update   (KvmEngine *engine);
void     kvm_memory_ask      (KvmEngine *engine);
void     kvm_memory_clear    (KvmEngine *engine);

/* kvm-cpu.c */
gboolean kvm_cpu_add         (KvmEngine *engine, guint index, GError **error);
void     kvm_cpu_start       (KvmCpu *cpu);
void     kvm_cpu_free        (KvmCpu *cpu);
void     kvm_cpu_kick        (KvmCpu *cpu);
/* One instruction, when the CPU is not halted; the machine's thread, while no CPU's thread runs. */
void     kvm_cpu_step        (KvmCpu *cpu);

/* kvm-engine.c */
void     kvm_advance_clock   (KvmEngine *engine);
/* Any thread: the machine's is to look. */
void     kvm_tell_machine    (KvmEngine *engine);
