/* cpu - an x86 CPU as engine `translate` runs it: the architectural state and
 * what the engine keeps beside it.
 *
 * Translated code reaches this struct through the host's GS segment, helpers and
 * the interpreter by pointer.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include <setjmp.h>

#include "arch/x86/features.h"
#include "arch/x86/state.h"
#include "core/machine.h"
#include "translate/ir.h"

typedef struct _X86Cpu    X86Cpu;
typedef struct _X86Mmu    X86Mmu;       /* softmmu.h */
typedef struct _XlateEngine XlateEngine; /* engine.h */
typedef struct _X86TlbSet X86TlbSet;    /* softmmu.h */

#define X86_JUMP_BITS    12
#define X86_JUMP_ENTRIES (1u << X86_JUMP_BITS)
#define X86_JUMP_EMPTY   (G_GUINT64_CONSTANT (1) << 62)   /* no code is there: not canonical, above 4 GiB */
#define X86_JUMP_SPACES  256u                             /* that are known by number, see X86Cpu's jump_tag */
#define X86_JUMP_MOST    0x3fffu                          /* numbers: with any of them a key is not X86_JUMP_EMPTY */
#define X86_JUMP_SHIFT   48                               /* a number's place in a key: no RIP outside of 64-bit mode is so large */

/* What translated code depends on besides its bytes: part of a unit's key. */
enum
{
  X86_MODE_CODE32   = 1 << 0,    /* CS.D (never with CODE64) */
  X86_MODE_CODE64   = 1 << 1,
  X86_MODE_STACK32  = 1 << 2,    /* SS.B; meaningless in CODE64 */
  X86_MODE_FLAT     = 1 << 3,    /* CS, DS, ES, SS: base 0, limit 4G-1, DS ES SS writable: no checks needed */
  X86_MODE_CPL      = 3 << 4,
  X86_MODE_PE       = 1 << 6,
  X86_MODE_VM       = 1 << 7,
  X86_MODE_LMA      = 1 << 8,
  X86_MODE_NO_FPU   = 1 << 9,    /* CR0.EM or CR0.TS: x87 and MMX instructions need a look at CR0 first */
  X86_MODE_NO_SSE   = 1 << 10,   /* CR0.EM, CR0.TS or no CR4.OSFXSR: likewise for SSE */
  X86_MODE_NO_AVX   = 1 << 11,   /* CR0.TS, no CR4.OSXSAVE or XCR0 lacks SSE|AVX: likewise for AVX */
  X86_MODE_FP_TRAPS = 1 << 12,   /* an x87 or SSE exception is unmasked: HOST operations run one by one, checked */
  X86_MODE_ALIGN    = 1 << 13,   /* alignment checks are on (CR0.AM, EFLAGS.AC, CPL 3) */
  X86_MODE_TF       = 1 << 14,   /* single steps: units of one instruction, interpreted */
  X86_MODE_SMAP     = 1 << 16,   /* CPL < 3 may not touch user pages now (CR4.SMAP and not EFLAGS.AC) */
  X86_MODE_DEBUG    = 1 << 17,   /* DR7 enables a breakpoint: units of one instruction, interpreted, watched */
  X86_MODE_IO_OK    = 1 << 15,   /* CPL <= IOPL: CLI, STI, IN, OUT need no further check (not in V86) */
};
#define X86_MODE_CPL_SHIFT 4
/* What people call a mode: real, protected, V86, long, and the size of its code. */
#define X86_MODE_KINDS (X86_MODE_CODE32 | X86_MODE_CODE64 | X86_MODE_PE | X86_MODE_VM | X86_MODE_LMA)

typedef struct
{
  guint8  vector;
  guint8  has_error;
  guint8  software;     /* INT n, INT3, INTO: DPL checks apply, RIP is that after the instruction */
  guint8  external;     /* interrupt or NMI */
  guint32 error;
  guint64 address;      /* #PF: CR2, when it is delivered */
} X86Exception;

struct _X86Cpu
{
  AsternCpu parent;

  X86State  s;

  /* The arithmetic flags, lazily (CC_OPS): s.rflags has them only after x86_flags_sync(). */
  guint64   cc_res, cc_src, cc_over;
  guint8    cc_op, cc_type;               /* CcOp, IrType */
  guint8    cc_over_op, cc_over_type;     /* CcOverlay, IrType */
  guint32   mode;                         /* X86_MODE_*: x86_update_mode() */

  /* Instructions this CPU may still retire in its turn.  Translated code counts
   * down; icount is always exact as turn_icount + (turn_budget - budget). */
  gint64    budget;
  gint64    turn_budget;
  guint64   turn_icount;

  X86Mmu   *mmu;
  XlateEngine *engine;
  const X86Features *features;

  /* Where x86_raise() goes. */
  sigjmp_buf   fault_env;
  X86Exception exception;                 /* what it raised */
  guint8       recheck;                   /* pins, mode or time changed: the dispatcher must look before it goes on */
  guint8       exception_depth;           /* exceptions being delivered, for #DF */
  guint8       delivering;                /* vector being delivered, for #DF */
  guint8       vec_in_host, x87_in_host;  /* the guest's registers are in the host's (only while host code runs) */
  guint32      armed;                     /* kinds of points that are looked for, as bits: points.h */
  guint64      exit_link;                 /* XlateLink over which host code left, or 0 */
  gpointer     host_stack;                /* host's stack pointer at entry to host code */
  struct _X86Cpu *self;
  guint32      host_mxcsr;                /* while C code runs */
  guint64      scratch[24];               /* host code's spill places, arguments and results: x86-64/emit-private.h */
  guint8       bounce[64];                /* bytes of a load that lies on two pages */
  X86TlbSet   *tlb;                       /* mmu->set */
  /* By x86_tlb_index: where the code at RIP is, key = RIP ^ jump_tag.  Outside of 64-bit mode the tag numbers the mode and CS base,
   * for code in real mode changes both all the time; in it the tag is 0, and the table holds what is of one mode. */
  struct { guint64 key; guint8 *host; } jumps[3][X86_JUMP_ENTRIES];
  guint32      jumps_mode[3];             /* the mode of 64 bits that each was filled for */
  guint32      jump_spaces_used;          /* numbers that were given away */
  guint64      jump_tag;
  guint64      jump_base;                 /* jump_tag is that of this CS base and mode */
  guint32      jump_mode;
  struct { guint32 mode, number; guint64 base; } jump_spaces[X86_JUMP_SPACES];    /* by a hash; number 0: none */
  guint8       debug_hits;                /* DR6 bits: breakpoints that the instruction's accesses met (DEBUG) */
  const char  *mode_name;                 /* as a MODE point knows it */
  guint8       stepping;                  /* the instruction began with TF: #DB when it ends */
  struct _HostRunner *host_runner;        /* host-run.h; owned */
};

static inline X86Cpu *
x86_cpu (AsternCpu *cpu)
{
  return (X86Cpu *) cpu;
}

/* Works out `mode` again; after any change of CS, SS, DS, ES, CR0, CR4, EFER, XCR0,
 * CPL, IOPL, TF, AC, VM, FCW, MXCSR or DR7. */
void     x86_update_mode  (X86Cpu *cpu);

/* The six arithmetic flags from their lazy form. */
guint32  x86_flags_arith  (const X86Cpu *cpu);
/* Brings s.rflags up to date / takes the lazy form from it. */
void     x86_flags_sync   (X86Cpu *cpu);
void     x86_flags_set    (X86Cpu *cpu, guint32 arith);   /* only the six; others in s.rflags stay */
/* Condition cc (low nibble of Jcc) on the lazy form. */
gboolean x86_flags_cond   (const X86Cpu *cpu, guint cc);

/* Instructions retired by the whole machine before the current one; exact also inside a unit's helper. */
static inline guint64
x86_cpu_icount (const X86Cpu *cpu)
{
  return cpu->turn_icount + (guint64) (cpu->turn_budget - cpu->budget);
}

/* Makes the machine's clock show the present instruction (before device accesses, RDTSC). */
static inline void
x86_cpu_publish_icount (X86Cpu *cpu)
{
  AsternClock *clock = &cpu->parent.machine->clock;

  astern_clock_retire (clock, x86_cpu_icount (cpu) - clock->s.icount);
}

/* What sigsetjmp() of fault_env returns besides 0: an exception was raised; the instruction is for the interpreter; the
 * instruction was not begun, because a point stops the run. */
enum { X86_CAME_EXCEPTION = 1, X86_CAME_STEP, X86_CAME_TO_STOP };

/* Ends the current instruction: state is as before it, RIP at it, and the
 * dispatcher delivers the exception.  From helpers and the memory path. */
G_GNUC_NORETURN void x86_raise       (X86Cpu *cpu, guint vector);
G_GNUC_NORETURN void x86_raise_error (X86Cpu *cpu, guint vector, guint32 error);

/* Delivers cpu->exception through the IDT/IVT (help-exception.c): pushes the frame,
 * loads CS:RIP.  Handles #DF and triple fault itself.  May longjmp for nested faults
 * only inside; returns with state complete. */
void     x86_deliver      (X86Cpu *cpu, const X86Exception *exception);

/* Memory as the guest's instructions see it (softmmu.c): translated, checked,
 * tracked; faults by x86_raise.  MMIO is accessed through the bus.  @flags: IR_MEM_*. */
guint64  x86_mem_read     (X86Cpu *cpu, guint64 linear, guint size, guint flags);
void     x86_mem_write    (X86Cpu *cpu, guint64 linear, guint size, guint64 value, guint flags);
/* #AC if alignment is checked and @linear is not aligned to @bytes; reading and writing do so themselves. */
void     x86_mem_align    (X86Cpu *cpu, guint64 linear, guint bytes, guint flags);
/* Faults as the access of @size bytes (any number) would, sets A and D bits, changes nothing else. */
void     x86_mem_probe    (X86Cpu *cpu, guint64 linear, guint size, guint flags);
/* Any number of bytes; all pages are probed before the first byte moves, and no alignment is checked. */
void     x86_mem_read_bytes  (X86Cpu *cpu, guint64 linear, gpointer data, guint size, guint flags);
void     x86_mem_write_bytes (X86Cpu *cpu, guint64 linear, gconstpointer data, guint size, guint flags);
/* For string instructions: the host address of @linear when its page is plain
 * memory for this access, with the bytes left in the page; NULL: go by single
 * accesses.  Faults as an access of one byte would.  Writing tells code and
 * table trackers for up to @*n bytes (in: wanted, out: allowed). */
guint8  *x86_mem_host     (X86Cpu *cpu, guint64 linear, guint *n, guint flags);

/* The memory system's view changed: CR0, CR4, EFER, A20, SMM (all cached translations may be wrong). */
void     x86_mmu_changed  (X86Cpu *cpu);
void     x86_mmu_set_cr3  (X86Cpu *cpu, guint64 cr3);       /* value with its PCID; sets s.cr3, loads PDPTEs (may #GP by x86_raise) */
void     x86_mmu_invlpg   (X86Cpu *cpu, guint64 linear);
void     x86_mmu_invpcid  (X86Cpu *cpu, guint type, guint pcid, guint64 linear);
