/* emit-private - what the files of the x86-64 back end share.
 *
 * Host registers:
 *   rsp       the host's stack
 *   r15       the current X86TlbSet
 *   gs:       the X86Cpu
 *   r10 r11 r13   scratch: values of the IR
 *   the others    guest registers, always the same ones ("pinned"); the rest of the
 *                 guest's registers live in X86Cpu
 *   xmm0-15   the guest's, while cpu->vec_in_host; x87 likewise
 *
 * Host flags: clobbered freely; what they are worth at each place is in Emit.known. */
#pragma once

#include "translate/emit.h"
#include "translate/x86/helpers.h"
#include "translate/x86-64/asm.h"
#include "translate/x86-64/code-buffer.h"

#define TLB_REG 15
#define N_TMP   3
extern const guint8 emit_tmp[N_TMP];        /* host registers of the scratch ones */
extern const guint8 emit_pinned[16];        /* host register of a guest one, or NOT_PINNED */
#define NOT_PINNED 0xff

/* X86Cpu.scratch */
enum { SCRATCH_SPILL = 0, N_SPILLS = 8, SCRATCH_ARG = 8, SCRATCH_RESULT = 11, SCRATCH_TMP = 12, SCRATCH_WHAT = 15,
       SCRATCH_RAX = 16, SCRATCH_RDX = 17, SCRATCH_RCX = 18 };

#define CPU(member)      asm_cpu (G_STRUCT_OFFSET (X86Cpu, member))
#define CPU_SCRATCH(n)   asm_cpu (G_STRUCT_OFFSET (X86Cpu, scratch) + 8 * (gsize) (n))
#define CPU_STATE(off)   asm_cpu (G_STRUCT_OFFSET (X86Cpu, s) + (gsize) (off))
#define CPU_GPR(n)       CPU_STATE (G_STRUCT_OFFSET (X86State, gpr) + 8 * (gsize) (n))

/* Where a value of the lazy flags is: in the CPU's cc_* word already, in a pinned guest
 * register, or a constant. */
typedef enum { PLACE_SLOT, PLACE_GPR, PLACE_IMM } PlaceKind;
typedef struct { guint8 kind, gpr; gint32 imm; } Place;

/* The lazy flags at one point of a unit. */
typedef struct
{
  guint8 known;           /* 0: as the CPU's struct says, wholly */
  guint8 stored;          /* op and types are in the struct too */
  guint8 op, type, over_op, over_type;
  Place  res, src, over;
} FlagRecipe;

/* A place where an instruction may leave its unit. */
typedef struct
{
  XlateUnit *unit;
  guint64    rip;         /* of the instruction */
  guint16    retired;     /* instructions complete before it */
  guint16    charged;     /* what the entry took off the budget */
  guint16    size;        /* of the access */
  guint8     flags;       /* IR_MEM_* */
  guint8     write;
  guint8     probe;       /* nothing but a check */
  FlagRecipe recipe;
} Site;

/* C functions that units call with all registers kept (SCRATCH_WHAT). */
enum { WHAT_FLAGS_IMAGE, WHAT_FLAGS_SETTLE, WHAT_X87_LOAD, WHAT_SEGCHECK, WHAT_CALL /* + X86CallId */ };

struct _XlateEmitter
{
  CodeBuffer  buffer;
  gsize       thunk_bytes;      /* of the buffer, kept by a clear */
  Site       *sites;
  guint       n_sites, max_sites;
  guint8     *enter, *leave, *slow[N_TMP], *abandon, *helper, *call, *load_vec;
  gboolean    avx, bmi2;
  X86Cpu     *gs_owner;
  FILE       *perf;
  struct _Emit *emit;
};

gboolean thunks_make (XlateEmitter *emitter);

/* Called by thunks (support.c). */
guint8  *emit_slow_access (X86Cpu *cpu, guint64 linear, guint64 site);
void     emit_step        (X86Cpu *cpu, guint64 site) G_GNUC_NORETURN;
guint64  emit_run_helper  (X86Cpu *cpu, X86HelperFunc run);
void     emit_run_call    (X86Cpu *cpu);

/* --- the unit being made --------------------------------------------------------- */

enum { L_NONE, L_IMM, L_GPR, L_TMP, L_SPILL, L_STATE, L_COND };

typedef struct
{
  guint8  loc;
  guint8  reg;        /* guest register, scratch number, spill number, or condition */
  guint8  zx;         /* the bits above its type are 0 (to 64) */
  guint8  pointer;    /* TMP, SPILL: the host address of what the value (an address) names */
  gint8   hint;       /* guest register to compute it into, or -1 */
  guint16 left;       /* uses to come */
  gint32  offset;     /* STATE */
} Value;

/* Code that is out of the way, written after the unit's. */
typedef enum { COLD_SLOW, COLD_ABANDON, COLD_SIDE_EXIT, COLD_BUDGET, COLD_OUTER, COLD_LOAD_VEC, COLD_LOAD_X87, COLD_LEAVE } ColdKind;
typedef struct
{
  ColdKind   kind;
  guint8    *from;          /* rel32 to patch, in the writable view */
  guint8    *back;          /* where to go on, writable view */
  guint8     tmp, index;    /* SLOW: scratch numbers */
  gint32     tlb_offset;
  guint32    site;
  guint64    rip;
  gint32     refund;        /* to the budget */
  XlateLink *link;          /* SIDE_EXIT */
  FlagRecipe recipe;
} Cold;
#define MAX_COLD 512

typedef struct _Emit
{
  XlateEmitter  *emitter;
  Asm            a;
  gssize         delta;
  XlateUnit     *unit;
  const IrBlock *block;
  guint          at;               /* operation being emitted */
  guint64        rip;
  guint          retired, charged;
  guint8         counts;           /* the instruction under way retires when it ends */
  guint8         after_helper;
  IrRef          owner[N_TMP];
  gint8          cached[N_TMP];    /* guest register (not pinned) whose value the scratch register has too, or -1 */
  guint8         locked;           /* scratch registers in use by this operation */
  guint8         spills;           /* bit per spill place taken */
  FlagRecipe     recipe;
  guint8         known;            /* flags (IR_HF_*) that the host's have as the guest's */
  IrRef          flags_of;         /* the operation whose result the host's flags describe */
  guint          n_cold;
  guint          n_conds;          /* values that are L_COND */
  Cold           cold[MAX_COLD];
  guint32        stubs;            /* links made */
  Value          values[IR_MAX_OPS];
} Emit;

/* emit-values.c: where values are. */
void       emit_prepare    (Emit *e);                       /* uses and hints */
guint      emit_alloc      (Emit *e);                       /* a scratch number, locked */
guint      emit_reg        (Emit *e, IrRef ref);            /* host register that holds it; not to be changed */
AsmOperand emit_operand    (Emit *e, IrRef ref);            /* register or memory */
gboolean   emit_imm        (Emit *e, IrRef ref, gint32 *imm, guint bytes);   /* a constant that fits an instruction */
guint      emit_take       (Emit *e, IrRef ref);            /* scratch number with its value, free to be changed */
void       emit_load_into  (Emit *e, guint host, IrRef ref);
void       emit_used       (Emit *e, IrRef ref);            /* one use is over */
void       emit_end_op     (Emit *e);                       /* unlocks */
void       emit_define_tmp (Emit *e, IrRef ref, guint tmp, gboolean zx);
void       emit_define_gpr (Emit *e, IrRef ref, guint gpr, gboolean zx);
/* The guest register that the result may be made in, made ready to be overwritten, or -1.
 * @a, @b: arguments that are read before it is written. */
gint       emit_direct     (Emit *e, IrRef ref, IrRef a, IrRef b);
void       emit_clobber_gpr (Emit *e, guint gpr, IrRef a, IrRef b);
void       emit_clobber_state (Emit *e, gint64 offset, guint bytes);
void       emit_flags_lost (Emit *e);
/* The value, about to be given up, is that of guest register @gpr in the CPU's struct. */
void       emit_remember   (Emit *e, guint tmp, guint gpr);
/* A scratch register that has guest register @gpr and belongs to no value, or -1. */
gint       emit_recall     (Emit *e, guint gpr);
void       emit_forget     (Emit *e, gint gpr);             /* -1: all */

/* emit-flags.c */
void       emit_flags      (Emit *e, const IrInsn *op);
void       emit_overlay    (Emit *e, const IrInsn *op);
void       emit_host_flags (Emit *e, guint valid, gboolean exact);   /* captures the host's flags as the guest's */
void       emit_need_cond  (Emit *e, guint cc);             /* the host's flags serve condition cc now */
void       emit_flush_flags (Emit *e);                      /* all in the CPU's struct */
void       emit_store_recipe (Asm *a, const FlagRecipe *recipe);
void       emit_settle_conds (Emit *e);
void       emit_cond       (Emit *e, IrRef ref);
void       emit_what       (Emit *e, guint what);           /* calls C; result in SCRATCH_RESULT */

/* emit-mem.c */
guint32    emit_site       (Emit *e, guint size, guint flags, gboolean write);
guint      emit_probe      (Emit *e, IrRef address, guint size, guint flags, gboolean write, gboolean check_only);
void       emit_load       (Emit *e, const IrInsn *op);
void       emit_store      (Emit *e, const IrInsn *op);
void       emit_host       (Emit *e, const IrInsn *op);
void       emit_segcheck   (Emit *e, const IrInsn *op);
void       emit_abandon    (Emit *e, guint jcc);            /* jumps to the interpreter when jcc holds; 0: always */
Cold      *emit_cold       (Emit *e, ColdKind kind);

/* emit-ops.c */
void       emit_op         (Emit *e, const IrInsn *op);
