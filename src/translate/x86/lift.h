/* lift - decoded instructions into IR: the only description of what they do.
 *
 * The rule that keeps faults exact: what can fault comes first.  Of an
 * instruction's operations no PUT, FLAGS or OVERLAY stands before the last one that
 * can fault (a STORE being allowed to be that last one).
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/ir.h"
#include "translate/x86/cpu.h"
#include "translate/x86/decode.h"
#include "translate/x86/helpers.h"

struct _X86Lift
{
  IrBlock           *block;
  guint32            mode;        /* X86_MODE_* */
  const X86Features *features;
  gboolean           ended;       /* an operation that ends the unit was emitted */
  gboolean           helped;      /* the instruction used a helper: it is the last of its unit */
  guint              n_branches;  /* conditional branches in the unit so far */
  gboolean           backward;    /* the last of them goes backward */
};

typedef struct
{
  guint32            mode;
  guint64            rip;
  const guint8      *bytes;
  guint              n_bytes;     /* readable bytes at @bytes: to the end of the page, or more for one that straddles */
  guint              max_insns;
  guint64            cut;         /* no instruction but the first begins this many bytes or more after rip; 0: no matter */
  gboolean           magic;       /* `xchg %bx,%bx` is a unit of its own */
  const X86Features *features;
} X86LiftInput;

typedef struct
{
  guint    n_insns;        /* lifted */
  guint    n_bytes;        /* guest bytes they cover */
  gboolean cut;            /* ended because of input->cut */
  gboolean magic;          /* it is `xchg %bx,%bx` */
  gboolean truncated;      /* the first instruction needs bytes past n_bytes: nothing was lifted */
} X86LiftResult;

/* Lifts instructions from @input until one ends the unit, the bytes end or max_insns
 * are reached (then with a JUMP to the next), into @block, which is cleared first.
 * Runs no pass. */
void  x86_lift_unit     (IrBlock *block, const X86LiftInput *input, X86LiftResult *result);

/* --- for the lift functions --- */

static inline gboolean lift_64 (const X86Lift *l) { return (l->mode & X86_MODE_CODE64) != 0; }

#define SLOT_GPR(n)   ((gint64) (G_STRUCT_OFFSET (X86State, gpr) + (n) * 8))
#define SLOT_SEG_BASE(n) ((gint64) (G_STRUCT_OFFSET (X86State, seg) + (n) * sizeof (X86Segment) + G_STRUCT_OFFSET (X86Segment, base)))
#define SLOT_SEG_SELECTOR(n) ((gint64) (G_STRUCT_OFFSET (X86State, seg) + (n) * sizeof (X86Segment) + G_STRUCT_OFFSET (X86Segment, selector)))
#define SLOT_RIP      ((gint64) G_STRUCT_OFFSET (X86State, rip))
#define SLOT_RFLAGS   ((gint64) G_STRUCT_OFFSET (X86State, rflags))

IrRef lift_imm          (X86Lift *l, IrType type, gint64 value);
/* Register n at a width: GPRs 4..7 of I8 are AH..BH unless @rex. */
IrRef lift_get_gpr      (X86Lift *l, IrType type, guint n, gboolean rex);
/* An I32 result clears the upper half (a ZEXT and an I64 PUT). */
void  lift_put_gpr      (X86Lift *l, IrType type, guint n, gboolean rex, IrRef value);
/* The memory operand's effective address (offset in its segment, at address size, as I64). */
IrRef lift_ea           (X86Lift *l, const X86Insn *insn);
/* Linear address of offset @ea in @seg for an access of @bytes: adds the base, checks the segment where the mode needs it. */
IrRef lift_linear       (X86Lift *l, guint seg, IrRef ea, guint bytes, gboolean write);
/* lift_ea + lift_linear for insn's memory operand. */
IrRef lift_mem          (X86Lift *l, const X86Insn *insn, guint bytes, gboolean write);
/* aux for an access through @seg. */
guint lift_mem_flags    (const X86Lift *l, guint seg);
IrRef lift_helper       (X86Lift *l, X86HelperId id, IrRef a, IrRef b, IrRef c);
void  lift_raise        (X86Lift *l, guint vector);
void  lift_raise_error  (X86Lift *l, guint vector, guint32 error);
/* Stores next_rip in the RIP slot and emits EXIT. */
void  lift_exit_next    (X86Lift *l, const X86Insn *insn);
/* #UD / #NM checks before x87 (0), MMX (1), SSE (2), AVX (3) where the mode needs them. */
void  lift_fpu_check    (X86Lift *l, guint kind);

/* Lift functions of rows in decode-simd.c are in lift-host.c, lift-x87.c; declared in lift-host.h. */
