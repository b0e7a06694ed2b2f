/* lift-host - vector, MMX and x87 instructions into IR.
 *
 * Most of them are HOST operations: the row's operands become fields of an IrHost.
 * The rows are in decode-simd.c (two-byte map), decode-simd38.c, decode-simd3a.c and
 * decode-x87.c; what a row says to the lift functions is in its simd_* fields.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/decode.h"

enum   /* X86Row.simd_flags */
{
  X86_SIMD_MXCSR      = 1 << 0,   /* may set exception flags in MXCSR */
  X86_SIMD_UNALIGNED  = 1 << 1,   /* legacy form: no alignment check on a 16-byte operand */
  X86_SIMD_ALIGNED    = 1 << 2,   /* VEX form: alignment check as well */
  X86_SIMD_AVX2_L1    = 1 << 3,   /* VEX.L = 1 needs AVX2 */
  X86_SIMD_AVX2_REG   = 1 << 4,   /* register form needs AVX2 */
  X86_SIMD_FLAGS      = 1 << 5,   /* sets arithmetic flags: X86Row.op says which (IR_HF_*), others become 0 */
  X86_SIMD_NO_V_MEM   = 1 << 6,   /* memory form: VEX.vvvv must be 1111 and there is no such operand */
  X86_SIMD_STORE      = 1 << 7,   /* x87: the memory operand is written */
};

/* X86Row.simd_scales: by how much VEX.L = 1 widens the memory operand; or W doubles it. */
enum { X86_SIMD_FIXED = 0, X86_SIMD_X2 = 1, X86_SIMD_X4 = 2, X86_SIMD_BY_W = 3 };

/* An entry of a map's table, sorted by key. */
typedef struct
{
  guint16 key;
  X86Row  row;
} X86SimdEntry;

#define X86_SIMD_KEY(opcode, pp, vex) ((opcode) << 3 | (pp) << 1 | (vex))
enum { X86_PP_NONE, X86_PP_66, X86_PP_F3, X86_PP_F2 };

extern const X86SimdEntry x86_simd_0f[], x86_simd_38[], x86_simd_3a[];
extern const guint        x86_n_simd_0f, x86_n_simd_38, x86_n_simd_3a;

/* Lift functions of rows. */
void lift_host        (X86Lift *l, const X86Insn *insn);   /* any row whose operands say it all */
void lift_x87         (X86Lift *l, const X86Insn *insn);   /* x87: executed as it is */
void lift_x87_compute (X86Lift *l, const X86Insn *insn);   /* x87: helper x87_compute */
void lift_x87_nop     (X86Lift *l, const X86Insn *insn);   /* FNENI and other relics */
void lift_x87_wait    (X86Lift *l, const X86Insn *insn);   /* WAIT (one-byte map, 9B) */
void lift_fldcw       (X86Lift *l, const X86Insn *insn);
void lift_fnstcw      (X86Lift *l, const X86Insn *insn);
void lift_fnstsw      (X86Lift *l, const X86Insn *insn);
void lift_fninit      (X86Lift *l, const X86Insn *insn);
void lift_fpu_env     (X86Lift *l, const X86Insn *insn);   /* FNSTENV, FLDENV, FNSAVE, FRSTOR: row's op = helper */
void lift_fxsave      (X86Lift *l, const X86Insn *insn);   /* FXSAVE, FXRSTOR: row's op = helper */
void lift_xsave       (X86Lift *l, const X86Insn *insn);   /* XSAVE (row's op 0), XSAVEOPT (1), XSAVEC (2: in group 9, 0F C7 /4) */
void lift_xrstor      (X86Lift *l, const X86Insn *insn);
void lift_ldmxcsr     (X86Lift *l, const X86Insn *insn);
void lift_stmxcsr     (X86Lift *l, const X86Insn *insn);
void lift_movnti      (X86Lift *l, const X86Insn *insn);
void lift_fence       (X86Lift *l, const X86Insn *insn);
void lift_clflush     (X86Lift *l, const X86Insn *insn);
void lift_fsgsbase    (X86Lift *l, const X86Insn *insn);   /* row's op: segment, | 8: write */
void lift_vzero       (X86Lift *l, const X86Insn *insn);   /* EMMS, VZEROUPPER, VZEROALL */
void lift_rcp_rsqrt   (X86Lift *l, const X86Insn *insn);
void lift_maskmov     (X86Lift *l, const X86Insn *insn);
void lift_gather      (X86Lift *l, const X86Insn *insn);
void lift_pcmpstr     (X86Lift *l, const X86Insn *insn);
