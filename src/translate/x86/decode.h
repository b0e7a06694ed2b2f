/* decode - x86 instruction bytes into fields, by tables.
 *
 * One table an opcode map, in the operand codes of the Intel SDM vol. 2,
 * appendix A.  A row names the function that lifts the instruction into IR.
 *
 * Threads: tables are constant, decoding works on the caller's memory. */
#pragma once

#include <glib.h>

typedef struct _X86Insn X86Insn;
typedef struct _X86Row  X86Row;
typedef struct _X86Lift X86Lift;    /* lift.h */

typedef void (*X86LiftFunc) (X86Lift *lift, const X86Insn *insn);

/* Operand codes.  Capital letter: where (SDM A.2.1); small letter: size (A.2.2). */
typedef enum
{
  X86_O_NONE,
  X86_O_Eb, X86_O_Ew, X86_O_Ed, X86_O_Eq, X86_O_Ev, X86_O_Ey, X86_O_Gb, X86_O_Gw, X86_O_Gd, X86_O_Gv, X86_O_Gy,
  X86_O_By,                                       /* VEX.vvvv GPR of 32 or 64 bits */
  X86_O_Ib, X86_O_Iw, X86_O_Iz, X86_O_Iv, X86_O_IbS,   /* IbS: sign-extended to the operand size */
  X86_O_Jb, X86_O_Jz, X86_O_Ap, X86_O_Ob, X86_O_Ov,
  X86_O_M, X86_O_Ma, X86_O_Mp, X86_O_Ms, X86_O_Mw, X86_O_Md, X86_O_Mq, X86_O_Mdq, X86_O_Mx,
  X86_O_Rv, X86_O_Rd, X86_O_Sw, X86_O_Cd, X86_O_Dd,
  X86_O_Zb, X86_O_Zv, X86_O_Zq,                   /* register in the opcode's low three bits; Zq: 64-bit default (PUSH, POP) */
  X86_O_AL, X86_O_CL, X86_O_DX, X86_O_rAX, X86_O_1,
  X86_O_Xb, X86_O_Xv, X86_O_Yb, X86_O_Yv,
  X86_O_ES, X86_O_CS, X86_O_SS, X86_O_DS, X86_O_FS, X86_O_GS,
  /* Vector operands: only their place and that a byte or ModRM follows matters to
   * the decoder; sizes are in the row's `simd` part. */
  X86_O_V, X86_O_W, X86_O_H, X86_O_U, X86_O_P, X86_O_Q, X86_O_N, X86_O_L, X86_O_XMM0,
} X86OperandCode;

enum   /* X86Row.traits */
{
  X86_T_MODRM     = 1 << 0,
  X86_T_NO64      = 1 << 1,    /* #UD in 64-bit mode */
  X86_T_ONLY64    = 1 << 2,
  X86_T_DEF64     = 1 << 3,    /* operand size 64 by default in 64-bit mode (PUSH, near branches: also FORCE64) */
  X86_T_FORCE64   = 1 << 4,    /* ... and 66 does not make it 16 (near branches on Intel) */
  X86_T_LOCK      = 1 << 5,    /* LOCK allowed with a memory destination */
  X86_T_VEX_ONLY  = 1 << 6,
  X86_T_VEX_TOO   = 1 << 7,    /* the row serves both encodings */
  X86_T_L0        = 1 << 8,    /* VEX.L must be 0 */
  X86_T_L1        = 1 << 9,    /* VEX.L must be 1 */
  X86_T_W0        = 1 << 10,
  X86_T_W1        = 1 << 11,
  X86_T_NO_V      = 1 << 12,   /* VEX.vvvv must be 1111 */
  X86_T_NO_REAL   = 1 << 13,   /* #UD in real and V86 mode */
  X86_T_MEM_ONLY  = 1 << 14,
  X86_T_REG_ONLY  = 1 << 15,
};

struct _X86Row
{
  const char   *mnemonic;        /* as Capstone prints it; NULL: #UD */
  guint8        operands[4];     /* X86OperandCode */
  X86LiftFunc   lift;            /* NULL with `group`: look there by ModRM.reg */
  guint16       op;              /* whatever the lift function wants: an IrOp, a condition ... */
  guint16       traits;
  guint8        feature;         /* X86Feature that must be on, 0: none (arch/x86/features.h) */
  guint8        simd_bytes;      /* vector rows: bytes of a memory operand at L = 0 (doubled when L = 1 and `simd_scales`) */
  guint8        simd_scales;
  guint8        simd_flags;      /* private to lift-host.c */
  const X86Row *group;           /* (nullable): 8 rows by ModRM.reg, or 72: [0..7] memory, [8 + 8*reg + rm] registers, as traits say */
};

typedef enum { X86_SEG_DEFAULT = 0xff } X86SegDefault;

struct _X86Insn
{
  const X86Row *row;          /* never NULL: an undefined opcode has the row of #UD */
  guint64  rip;               /* of the first byte */
  guint64  next_rip;          /* wrapped as the mode does */
  guint8   length;
  guint8   bytes[15];
  guint8   op_bytes;          /* operand size 2, 4, 8 (8-bit operands are in the operand codes) */
  guint8   addr_bytes;        /* 2, 4, 8 */
  guint8   map;               /* 0 one-byte, 1 0F, 2 0F38, 3 0F3A */
  guint8   opcode;
  guint8   rep;               /* 0, 0xf2, 0xf3: the last one, as prefix */
  guint8   osize_prefix;      /* 66 was there */
  guint8   lock;
  guint8   seg;               /* segment override, or X86_SEG_DEFAULT */
  guint8   rex;               /* the REX byte, 0: none */
  guint8   vex;               /* 1: VEX encoded */
  guint8   vex_l, vex_v, vex_pp;  /* vvvv not inverted any more */
  guint8   w;                 /* REX.W or VEX.W */
  guint8   has_modrm, modrm;
  guint8   mod;               /* 0..3 */
  guint8   reg, rm;           /* with REX/VEX bits */
  /* Memory operand (mod != 3): numbers of GPRs, 0xff: none. */
  guint8   base, index, scale;    /* scale: log2 */
  guint8   rip_relative;
  guint8   mem_seg;           /* the segment it goes through, default applied */
  gint64   disp;
  gint64   imm;               /* first immediate, sign- or zero-extended as its code says; relative targets as displacement */
  guint64  imm2;              /* second: ENTER's level, far pointers' selector */
};

/* Result of decoding. */
typedef enum { X86_DECODED, X86_DECODE_TRUNCATED /* needs bytes past n_bytes */, X86_DECODE_TOO_LONG /* > 15: #GP */ } X86DecodeResult;

/* With @mode: LOCK is never undefined, as before the 386. */
#define X86_DECODE_ANY_LOCK (1u << 31)

/* @mode: X86_MODE_* of translate/x86/cpu.h.  An undefined opcode is DECODED with the #UD row
 * and a length of what was looked at. */
X86DecodeResult x86_decode (guint32 mode, guint64 rip, const guint8 *bytes, guint n_bytes, X86Insn *insn);

/* Vector, x87, MMX and BMI rows (decode-simd.c).  @prefix: 0, 0x66, 0xf3, 0xf2; NULL: no such instruction. */
const X86Row *x86_simd_row (guint map, guint prefix, guint opcode, gboolean vex);
/* Opcodes D8..DF. */
const X86Row *x86_x87_row  (guint opcode, guint modrm);
/* The row that raises #UD. */
extern const X86Row x86_undefined_row;
