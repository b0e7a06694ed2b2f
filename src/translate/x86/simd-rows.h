/* simd-rows - short forms for rows of the vector tables, one line an opcode.  Only
 * for the files that hold those tables.
 *
 * Operands stand in the manual's order: (V, H, W).  "by" is the bytes of a memory
 * operand at 128 bits, "scale" how VEX.L widens it.  Rows of one map are sorted by
 * opcode, then prefix (none, 66, F3, F2), then legacy before VEX. */
#pragma once

#include "arch/x86/features.h"
#include "translate/ir.h"
#include "translate/x86/helpers.h"
#include "translate/x86/lift-host.h"

#define OPERANDS(...)              OPERANDS_ (__VA_ARGS__, NONE, NONE, NONE, NONE)
#define OPERANDS_(a, b, c, d, ...) { X86_O_##a, X86_O_##b, X86_O_##c, X86_O_##d }

/* Scales and flags. */
#define FX X86_SIMD_FIXED
#define X2 X86_SIMD_X2
#define X4 X86_SIMD_X4
#define MX X86_SIMD_MXCSR
#define UN X86_SIMD_UNALIGNED
#define AL X86_SIMD_ALIGNED
#define A2 X86_SIMD_AVX2_L1

/* Traits. */
#define NO_V   X86_T_NO_V
#define L0     X86_T_L0
#define L1     X86_T_L1
#define W0     X86_T_W0
#define W1     X86_T_W1
#define MEM    X86_T_MEM_ONLY
#define REG    X86_T_REG_ONLY

/* One entry, all said. */
#define ENTRY(opcode, pp, vex, name, ops, fun, what, tr, feat, by, scale, flags) \
  { X86_SIMD_KEY (opcode, X86_PP_##pp, vex), \
    { .mnemonic = name, .operands = OPERANDS ops, .lift = fun, .op = what, \
      .traits = X86_T_MODRM | ((vex) ? X86_T_VEX_ONLY : 0) | (tr), \
      .feature = X86_FEATURE_##feat, .simd_bytes = by, .simd_scales = scale, .simd_flags = flags } },

/* A HOST operation, legacy or VEX. */
#define LEG(opcode, pp, name, ops, tr, feat, by, flags) \
  ENTRY (opcode, pp, 0, name, ops, lift_host, 0, tr, feat, by, FX, flags)
#define VEX(opcode, pp, name, ops, tr, feat, by, scale, flags) \
  ENTRY (opcode, pp, 1, name, ops, lift_host, 0, tr, feat, by, scale, flags)

/* dst op= src, and dst = src1 op src2 with VEX: packed (both widths of VEX), with an immediate, scalar. */
#define PACKED(opcode, pp, name, feat, by, flags) \
  LEG (opcode, pp, name, (V, W), 0, feat, by, flags) \
  VEX (opcode, pp, "v" name, (V, H, W), 0, AVX, by, X2, flags)
#define PACKED_IB(opcode, pp, name, feat, by, flags) \
  LEG (opcode, pp, name, (V, W, Ib), 0, feat, by, flags) \
  VEX (opcode, pp, "v" name, (V, H, W, Ib), 0, AVX, by, X2, flags)
#define SCALAR(opcode, pp, name, feat, by, flags) \
  LEG (opcode, pp, name, (V, W), 0, feat, by, flags) \
  VEX (opcode, pp, "v" name, (V, H, W), 0, AVX, by, FX, flags)
/* dst = op src. */
#define MOVE(opcode, pp, name, feat, by, flags) \
  LEG (opcode, pp, name, (V, W), 0, feat, by, flags) \
  VEX (opcode, pp, "v" name, (V, W), NO_V, AVX, by, X2, flags)
#define MOVE_IB(opcode, pp, name, feat, by, flags) \
  LEG (opcode, pp, name, (V, W, Ib), 0, feat, by, flags) \
  VEX (opcode, pp, "v" name, (V, W, Ib), NO_V, AVX, by, X2, flags)
/* A floating-point operation in its four forms: PS, PD, SS, SD. */
#define FLOAT4(opcode, name) \
  PACKED (opcode, NONE, name "ps", SSE, 16, MX) \
  PACKED (opcode, 66,   name "pd", SSE2, 16, MX) \
  SCALAR (opcode, F3,   name "ss", SSE, 4, MX) \
  SCALAR (opcode, F2,   name "sd", SSE2, 8, MX)
/* Packed integers: MMX (of feature @mmx_feat), SSE, VEX (256 bits with AVX2). */
#define INTEGER_SSE(opcode, name, feat) \
  LEG (opcode, 66, name, (V, W), 0, feat, 16, 0) \
  VEX (opcode, 66, "v" name, (V, H, W), 0, AVX, 16, X2, A2)
#define INTEGER(opcode, name, mmx_feat, feat) \
  LEG (opcode, NONE, name, (P, Q), 0, mmx_feat, 8, 0) \
  INTEGER_SSE (opcode, name, feat)
/* Unpacking the low half reads 4 bytes in its MMX form. */
#define INTEGER_M4(opcode, name) \
  LEG (opcode, NONE, name, (P, Q), 0, MMX, 4, 0) \
  INTEGER_SSE (opcode, name, SSE2)
/* Shift by a count in a register: the count's memory operand does not widen. */
#define SHIFT(opcode, name) \
  LEG (opcode, NONE, name, (P, Q), 0, MMX, 8, 0) \
  LEG (opcode, 66, name, (V, W), 0, SSE2, 16, 0) \
  VEX (opcode, 66, "v" name, (V, H, W), 0, AVX, 16, FX, A2)
