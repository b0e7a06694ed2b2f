/* decode-simd.c - rows of the two-byte map (0F) for MMX, SSE, SSE2, SSE3 and AVX, and
 * finding a vector row.
 *
 * Source: Intel SDM vol. 2, appendix A.3 and the instructions' own pages; CPUID
 * features there.  Left out: 3DNow!, SSE4A, XOP, AVX-512. */
#include "config.h"

#include "translate/x86/decode-tables.h"
#include "translate/x86/simd-rows.h"

#define CMP_FLAGS (IR_HF_Z | IR_HF_P | IR_HF_C)

/* UCOMISx, COMISx. */
#define COMPARE(opcode, pp, name, feat, by) \
  ENTRY (opcode, pp, 0, name, (V, W), lift_host, CMP_FLAGS, 0, feat, by, FX, MX | X86_SIMD_FLAGS) \
  ENTRY (opcode, pp, 1, "v" name, (V, W), lift_host, CMP_FLAGS, NO_V, AVX, by, FX, MX | X86_SIMD_FLAGS)
/* RCPxS, RSQRTxS: bit 0 of `op`: square root, bit 1: scalar. */
#define APPROXIMATE(opcode, name, is_root) \
  ENTRY (opcode, NONE, 0, name "ps", (V, W), lift_rcp_rsqrt, is_root, 0, SSE, 16, FX, 0) \
  ENTRY (opcode, NONE, 1, "v" name "ps", (V, W), lift_rcp_rsqrt, is_root, NO_V, AVX, 16, X2, 0) \
  ENTRY (opcode, F3, 0, name "ss", (V, W), lift_rcp_rsqrt, (is_root) | 2, 0, SSE, 4, FX, 0) \
  ENTRY (opcode, F3, 1, "v" name "ss", (V, H, W), lift_rcp_rsqrt, (is_root) | 2, 0, AVX, 4, FX, 0)
#define GROUP(opcode, pp, vex, kind, table) \
  { X86_SIMD_KEY (opcode, X86_PP_##pp, vex), { .op = X86_GROUP_##kind, .traits = X86_T_MODRM, .group = table } },

/* Groups 12, 13, 14: shifts by an immediate, registers only. */
#define SHIFT_IMM(name, vex, feat, ops, flags) \
  { .mnemonic = name, .operands = OPERANDS ops, .lift = lift_host, \
    .traits = X86_T_MODRM | REG | ((vex) ? X86_T_VEX_ONLY : 0), .feature = X86_FEATURE_##feat, .simd_flags = flags }
#define SHIFTS_MMX(name) SHIFT_IMM (name, 0, MMX, (N, Ib), 0)
#define SHIFTS_SSE(name) SHIFT_IMM (name, 0, SSE2, (U, Ib), 0)
#define SHIFTS_VEX(name) SHIFT_IMM ("v" name, 1, AVX, (H, U, Ib), A2)

static const X86Row group12_mmx[8] = { [2] = SHIFTS_MMX ("psrlw"), [4] = SHIFTS_MMX ("psraw"), [6] = SHIFTS_MMX ("psllw") };
static const X86Row group12_sse[8] = { [2] = SHIFTS_SSE ("psrlw"), [4] = SHIFTS_SSE ("psraw"), [6] = SHIFTS_SSE ("psllw") };
static const X86Row group12_vex[8] = { [2] = SHIFTS_VEX ("psrlw"), [4] = SHIFTS_VEX ("psraw"), [6] = SHIFTS_VEX ("psllw") };
static const X86Row group13_mmx[8] = { [2] = SHIFTS_MMX ("psrld"), [4] = SHIFTS_MMX ("psrad"), [6] = SHIFTS_MMX ("pslld") };
static const X86Row group13_sse[8] = { [2] = SHIFTS_SSE ("psrld"), [4] = SHIFTS_SSE ("psrad"), [6] = SHIFTS_SSE ("pslld") };
static const X86Row group13_vex[8] = { [2] = SHIFTS_VEX ("psrld"), [4] = SHIFTS_VEX ("psrad"), [6] = SHIFTS_VEX ("pslld") };
static const X86Row group14_mmx[8] = { [2] = SHIFTS_MMX ("psrlq"), [6] = SHIFTS_MMX ("psllq") };
static const X86Row group14_sse[8] = {
  [2] = SHIFTS_SSE ("psrlq"), [3] = SHIFTS_SSE ("psrldq"), [6] = SHIFTS_SSE ("psllq"), [7] = SHIFTS_SSE ("pslldq") };
static const X86Row group14_vex[8] = {
  [2] = SHIFTS_VEX ("psrlq"), [3] = SHIFTS_VEX ("psrldq"), [6] = SHIFTS_VEX ("psllq"), [7] = SHIFTS_VEX ("pslldq") };

/* Group 15.  CLFLUSH and its kin check the address; fences order what is in order here. */
#define G15(name, ops, fun, what, tr, feat, by) \
  { .mnemonic = name, .operands = OPERANDS ops, .lift = fun, .op = what, .traits = X86_T_MODRM | (tr), \
    .feature = X86_FEATURE_##feat, .simd_bytes = by }
static const X86Row group15_mem[8] = {
  G15 ("fxsave", (M), lift_fxsave, X86_HELPER_fxsave, MEM, FXSR, 0),
  G15 ("fxrstor", (M), lift_fxsave, X86_HELPER_fxrstor, MEM, FXSR, 0),
  G15 ("ldmxcsr", (Md), lift_ldmxcsr, 0, MEM, SSE, 4),
  G15 ("stmxcsr", (Md), lift_stmxcsr, 0, MEM, SSE, 4),
  G15 ("xsave", (M), lift_xsave, 0, MEM, XSAVE, 0),
  G15 ("xrstor", (M), lift_xrstor, 0, MEM, XSAVE, 0),
  G15 ("xsaveopt", (M), lift_xsave, 1, MEM, XSAVEOPT, 0),
  G15 ("clflush", (M), lift_clflush, 0, MEM, CLFLUSH, 1),
};
static const X86Row group15_reg[8] = {
  [5] = G15 ("lfence", (NONE), lift_fence, 0, REG, SSE2, 0),
  [6] = G15 ("mfence", (NONE), lift_fence, 0, REG, SSE2, 0),
  [7] = G15 ("sfence", (NONE), lift_fence, 0, REG, SSE, 0),
};
static const X86Row group15_66[8] = {
  [6] = G15 ("clwb", (M), lift_clflush, 0, MEM, CLWB, 1),
  [7] = G15 ("clflushopt", (M), lift_clflush, 0, MEM, CLFLUSHOPT, 1),
};
static const X86Row group15_f3[8] = {
  G15 ("rdfsbase", (Rv), lift_fsgsbase, X86_FS, REG | X86_T_ONLY64, FSGSBASE, 0),
  G15 ("rdgsbase", (Rv), lift_fsgsbase, X86_GS, REG | X86_T_ONLY64, FSGSBASE, 0),
  G15 ("wrfsbase", (Rv), lift_fsgsbase, X86_FS | 8, REG | X86_T_ONLY64, FSGSBASE, 0),
  G15 ("wrgsbase", (Rv), lift_fsgsbase, X86_GS | 8, REG | X86_T_ONLY64, FSGSBASE, 0),
};
static const X86Row group15_vex[8] = {
  [2] = G15 ("vldmxcsr", (Md), lift_ldmxcsr, 0, MEM | X86_T_VEX_ONLY | L0 | NO_V, AVX, 4),
  [3] = G15 ("vstmxcsr", (Md), lift_stmxcsr, 0, MEM | X86_T_VEX_ONLY | L0 | NO_V, AVX, 4),
};
static const X86Row group15[2] = {
  { .op = X86_GROUP_REG, .group = group15_mem },
  { .op = X86_GROUP_REG, .group = group15_reg },
};

const X86SimdEntry x86_simd_0f[] = {
  /* Moves. */
  MOVE   (0x10, NONE, "movups", SSE, 16, UN)
  MOVE   (0x10, 66,   "movupd", SSE2, 16, UN)
  LEG    (0x10, F3,   "movss", (V, W), 0, SSE, 4, 0)
  VEX    (0x10, F3,   "vmovss", (V, H, W), 0, AVX, 4, FX, X86_SIMD_NO_V_MEM)
  LEG    (0x10, F2,   "movsd", (V, W), 0, SSE2, 8, 0)
  VEX    (0x10, F2,   "vmovsd", (V, H, W), 0, AVX, 8, FX, X86_SIMD_NO_V_MEM)
  LEG    (0x11, NONE, "movups", (W, V), 0, SSE, 16, UN)
  VEX    (0x11, NONE, "vmovups", (W, V), NO_V, AVX, 16, X2, 0)
  LEG    (0x11, 66,   "movupd", (W, V), 0, SSE2, 16, UN)
  VEX    (0x11, 66,   "vmovupd", (W, V), NO_V, AVX, 16, X2, 0)
  LEG    (0x11, F3,   "movss", (W, V), 0, SSE, 4, 0)
  VEX    (0x11, F3,   "vmovss", (W, H, V), 0, AVX, 4, FX, X86_SIMD_NO_V_MEM)
  LEG    (0x11, F2,   "movsd", (W, V), 0, SSE2, 8, 0)
  VEX    (0x11, F2,   "vmovsd", (W, H, V), 0, AVX, 8, FX, X86_SIMD_NO_V_MEM)
  LEG    (0x12, NONE, "movlps", (V, W), 0, SSE, 8, 0)                       /* register form: MOVHLPS */
  VEX    (0x12, NONE, "vmovlps", (V, H, W), L0, AVX, 8, FX, 0)
  LEG    (0x12, 66,   "movlpd", (V, Mq), MEM, SSE2, 8, 0)
  VEX    (0x12, 66,   "vmovlpd", (V, H, Mq), MEM | L0, AVX, 8, FX, 0)
  MOVE   (0x12, F3,   "movsldup", SSE3, 16, 0)
  LEG    (0x12, F2,   "movddup", (V, W), 0, SSE3, 8, 0)
  VEX    (0x12, F2,   "vmovddup", (V, W), NO_V, AVX, 8, X4, 0)
  LEG    (0x13, NONE, "movlps", (Mq, V), MEM, SSE, 8, 0)
  VEX    (0x13, NONE, "vmovlps", (Mq, V), MEM | L0 | NO_V, AVX, 8, FX, 0)
  LEG    (0x13, 66,   "movlpd", (Mq, V), MEM, SSE2, 8, 0)
  VEX    (0x13, 66,   "vmovlpd", (Mq, V), MEM | L0 | NO_V, AVX, 8, FX, 0)
  PACKED (0x14, NONE, "unpcklps", SSE, 16, 0)
  PACKED (0x14, 66,   "unpcklpd", SSE2, 16, 0)
  PACKED (0x15, NONE, "unpckhps", SSE, 16, 0)
  PACKED (0x15, 66,   "unpckhpd", SSE2, 16, 0)
  LEG    (0x16, NONE, "movhps", (V, W), 0, SSE, 8, 0)                       /* register form: MOVLHPS */
  VEX    (0x16, NONE, "vmovhps", (V, H, W), L0, AVX, 8, FX, 0)
  LEG    (0x16, 66,   "movhpd", (V, Mq), MEM, SSE2, 8, 0)
  VEX    (0x16, 66,   "vmovhpd", (V, H, Mq), MEM | L0, AVX, 8, FX, 0)
  MOVE   (0x16, F3,   "movshdup", SSE3, 16, 0)
  LEG    (0x17, NONE, "movhps", (Mq, V), MEM, SSE, 8, 0)
  VEX    (0x17, NONE, "vmovhps", (Mq, V), MEM | L0 | NO_V, AVX, 8, FX, 0)
  LEG    (0x17, 66,   "movhpd", (Mq, V), MEM, SSE2, 8, 0)
  VEX    (0x17, 66,   "vmovhpd", (Mq, V), MEM | L0 | NO_V, AVX, 8, FX, 0)
  MOVE   (0x28, NONE, "movaps", SSE, 16, AL)
  MOVE   (0x28, 66,   "movapd", SSE2, 16, AL)
  LEG    (0x29, NONE, "movaps", (W, V), 0, SSE, 16, 0)
  VEX    (0x29, NONE, "vmovaps", (W, V), NO_V, AVX, 16, X2, AL)
  LEG    (0x29, 66,   "movapd", (W, V), 0, SSE2, 16, 0)
  VEX    (0x29, 66,   "vmovapd", (W, V), NO_V, AVX, 16, X2, AL)
  LEG    (0x2a, NONE, "cvtpi2ps", (V, Q), 0, SSE, 8, MX)
  LEG    (0x2a, 66,   "cvtpi2pd", (V, Q), 0, SSE2, 8, MX)
  LEG    (0x2a, F3,   "cvtsi2ss", (V, Ey), 0, SSE, 4, MX)
  VEX    (0x2a, F3,   "vcvtsi2ss", (V, H, Ey), 0, AVX, 4, FX, MX)
  LEG    (0x2a, F2,   "cvtsi2sd", (V, Ey), 0, SSE2, 4, MX)
  VEX    (0x2a, F2,   "vcvtsi2sd", (V, H, Ey), 0, AVX, 4, FX, MX)
  LEG    (0x2b, NONE, "movntps", (Mx, V), MEM, SSE, 16, 0)
  VEX    (0x2b, NONE, "vmovntps", (Mx, V), MEM | NO_V, AVX, 16, X2, AL)
  LEG    (0x2b, 66,   "movntpd", (Mx, V), MEM, SSE2, 16, 0)
  VEX    (0x2b, 66,   "vmovntpd", (Mx, V), MEM | NO_V, AVX, 16, X2, AL)
  LEG    (0x2c, NONE, "cvttps2pi", (P, W), 0, SSE, 8, MX)
  LEG    (0x2c, 66,   "cvttpd2pi", (P, W), 0, SSE2, 16, MX)
  LEG    (0x2c, F3,   "cvttss2si", (Gy, W), 0, SSE, 4, MX)
  VEX    (0x2c, F3,   "vcvttss2si", (Gy, W), NO_V, AVX, 4, FX, MX)
  LEG    (0x2c, F2,   "cvttsd2si", (Gy, W), 0, SSE2, 8, MX)
  VEX    (0x2c, F2,   "vcvttsd2si", (Gy, W), NO_V, AVX, 8, FX, MX)
  LEG    (0x2d, NONE, "cvtps2pi", (P, W), 0, SSE, 8, MX)
  LEG    (0x2d, 66,   "cvtpd2pi", (P, W), 0, SSE2, 16, MX)
  LEG    (0x2d, F3,   "cvtss2si", (Gy, W), 0, SSE, 4, MX)
  VEX    (0x2d, F3,   "vcvtss2si", (Gy, W), NO_V, AVX, 4, FX, MX)
  LEG    (0x2d, F2,   "cvtsd2si", (Gy, W), 0, SSE2, 8, MX)
  VEX    (0x2d, F2,   "vcvtsd2si", (Gy, W), NO_V, AVX, 8, FX, MX)
  COMPARE (0x2e, NONE, "ucomiss", SSE, 4)
  COMPARE (0x2e, 66,   "ucomisd", SSE2, 8)
  COMPARE (0x2f, NONE, "comiss", SSE, 4)
  COMPARE (0x2f, 66,   "comisd", SSE2, 8)

  /* Floating point. */
  LEG    (0x50, NONE, "movmskps", (Gd, U), REG, SSE, 0, 0)
  VEX    (0x50, NONE, "vmovmskps", (Gd, U), REG | NO_V, AVX, 0, FX, 0)
  LEG    (0x50, 66,   "movmskpd", (Gd, U), REG, SSE2, 0, 0)
  VEX    (0x50, 66,   "vmovmskpd", (Gd, U), REG | NO_V, AVX, 0, FX, 0)
  MOVE   (0x51, NONE, "sqrtps", SSE, 16, MX)
  MOVE   (0x51, 66,   "sqrtpd", SSE2, 16, MX)
  SCALAR (0x51, F3,   "sqrtss", SSE, 4, MX)
  SCALAR (0x51, F2,   "sqrtsd", SSE2, 8, MX)
  APPROXIMATE (0x52, "rsqrt", 1)
  APPROXIMATE (0x53, "rcp", 0)
  PACKED (0x54, NONE, "andps", SSE, 16, 0)
  PACKED (0x54, 66,   "andpd", SSE2, 16, 0)
  PACKED (0x55, NONE, "andnps", SSE, 16, 0)
  PACKED (0x55, 66,   "andnpd", SSE2, 16, 0)
  PACKED (0x56, NONE, "orps", SSE, 16, 0)
  PACKED (0x56, 66,   "orpd", SSE2, 16, 0)
  PACKED (0x57, NONE, "xorps", SSE, 16, 0)
  PACKED (0x57, 66,   "xorpd", SSE2, 16, 0)
  FLOAT4 (0x58, "add")
  FLOAT4 (0x59, "mul")
  MOVE   (0x5a, NONE, "cvtps2pd", SSE2, 8, MX)
  MOVE   (0x5a, 66,   "cvtpd2ps", SSE2, 16, MX)
  SCALAR (0x5a, F3,   "cvtss2sd", SSE2, 4, MX)
  SCALAR (0x5a, F2,   "cvtsd2ss", SSE2, 8, MX)
  MOVE   (0x5b, NONE, "cvtdq2ps", SSE2, 16, MX)
  MOVE   (0x5b, 66,   "cvtps2dq", SSE2, 16, MX)
  MOVE   (0x5b, F3,   "cvttps2dq", SSE2, 16, MX)
  FLOAT4 (0x5c, "sub")
  FLOAT4 (0x5d, "min")
  FLOAT4 (0x5e, "div")
  FLOAT4 (0x5f, "max")

  /* Packed integers. */
  INTEGER_M4  (0x60, "punpcklbw")
  INTEGER_M4  (0x61, "punpcklwd")
  INTEGER_M4  (0x62, "punpckldq")
  INTEGER     (0x63, "packsswb", MMX, SSE2)
  INTEGER     (0x64, "pcmpgtb", MMX, SSE2)
  INTEGER     (0x65, "pcmpgtw", MMX, SSE2)
  INTEGER     (0x66, "pcmpgtd", MMX, SSE2)
  INTEGER     (0x67, "packuswb", MMX, SSE2)
  INTEGER     (0x68, "punpckhbw", MMX, SSE2)
  INTEGER     (0x69, "punpckhwd", MMX, SSE2)
  INTEGER     (0x6a, "punpckhdq", MMX, SSE2)
  INTEGER     (0x6b, "packssdw", MMX, SSE2)
  INTEGER_SSE (0x6c, "punpcklqdq", SSE2)
  INTEGER_SSE (0x6d, "punpckhqdq", SSE2)
  LEG    (0x6e, NONE, "movd", (P, Ey), 0, MMX, 4, 0)
  LEG    (0x6e, 66,   "movd", (V, Ey), 0, SSE2, 4, 0)
  VEX    (0x6e, 66,   "vmovd", (V, Ey), NO_V | L0, AVX, 4, FX, 0)
  LEG    (0x6f, NONE, "movq", (P, Q), 0, MMX, 8, 0)
  MOVE   (0x6f, 66,   "movdqa", SSE2, 16, AL)
  MOVE   (0x6f, F3,   "movdqu", SSE2, 16, UN)
  LEG    (0x70, NONE, "pshufw", (P, Q, Ib), 0, SSE, 8, 0)
  LEG    (0x70, 66,   "pshufd", (V, W, Ib), 0, SSE2, 16, 0)
  VEX    (0x70, 66,   "vpshufd", (V, W, Ib), NO_V, AVX, 16, X2, A2)
  LEG    (0x70, F3,   "pshufhw", (V, W, Ib), 0, SSE2, 16, 0)
  VEX    (0x70, F3,   "vpshufhw", (V, W, Ib), NO_V, AVX, 16, X2, A2)
  LEG    (0x70, F2,   "pshuflw", (V, W, Ib), 0, SSE2, 16, 0)
  VEX    (0x70, F2,   "vpshuflw", (V, W, Ib), NO_V, AVX, 16, X2, A2)
  GROUP  (0x71, NONE, 0, REG, group12_mmx)
  GROUP  (0x71, 66,   0, REG, group12_sse)
  GROUP  (0x71, 66, 1, REG, group12_vex)
  GROUP  (0x72, NONE, 0, REG, group13_mmx)
  GROUP  (0x72, 66, 0, REG, group13_sse)
  GROUP  (0x72, 66, 1, REG, group13_vex)
  GROUP  (0x73, NONE, 0, REG, group14_mmx)
  GROUP  (0x73, 66, 0, REG, group14_sse)
  GROUP  (0x73, 66, 1, REG, group14_vex)
  INTEGER     (0x74, "pcmpeqb", MMX, SSE2)
  INTEGER     (0x75, "pcmpeqw", MMX, SSE2)
  INTEGER     (0x76, "pcmpeqd", MMX, SSE2)
  { X86_SIMD_KEY (0x77, X86_PP_NONE, 0),
    { .mnemonic = "emms", .lift = lift_vzero, .feature = X86_FEATURE_MMX } },
  { X86_SIMD_KEY (0x77, X86_PP_NONE, 1),      /* L = 1: VZEROALL */
    { .mnemonic = "vzeroupper", .lift = lift_vzero, .traits = X86_T_VEX_ONLY | NO_V, .feature = X86_FEATURE_AVX } },
  PACKED (0x7c, 66,   "haddpd", SSE3, 16, MX)
  PACKED (0x7c, F2,   "haddps", SSE3, 16, MX)
  PACKED (0x7d, 66,   "hsubpd", SSE3, 16, MX)
  PACKED (0x7d, F2,   "hsubps", SSE3, 16, MX)
  LEG    (0x7e, NONE, "movd", (Ey, P), 0, MMX, 4, 0)
  LEG    (0x7e, 66,   "movd", (Ey, V), 0, SSE2, 4, 0)
  VEX    (0x7e, 66,   "vmovd", (Ey, V), NO_V | L0, AVX, 4, FX, 0)
  LEG    (0x7e, F3,   "movq", (V, W), 0, SSE2, 8, 0)
  VEX    (0x7e, F3,   "vmovq", (V, W), NO_V | L0, AVX, 8, FX, 0)
  LEG    (0x7f, NONE, "movq", (Q, P), 0, MMX, 8, 0)
  LEG    (0x7f, 66,   "movdqa", (W, V), 0, SSE2, 16, 0)
  VEX    (0x7f, 66,   "vmovdqa", (W, V), NO_V, AVX, 16, X2, AL)
  LEG    (0x7f, F3,   "movdqu", (W, V), 0, SSE2, 16, UN)
  VEX    (0x7f, F3,   "vmovdqu", (W, V), NO_V, AVX, 16, X2, 0)

  GROUP  (0xae, NONE, 0, MOD, group15)
  GROUP  (0xae, NONE, 1, REG, group15_vex)
  GROUP  (0xae, 66,   0, REG, group15_66)
  GROUP  (0xae, F3,   0, REG, group15_f3)
  PACKED_IB (0xc2, NONE, "cmpps", SSE, 16, MX)
  PACKED_IB (0xc2, 66,   "cmppd", SSE2, 16, MX)
  LEG    (0xc2, F3,   "cmpss", (V, W, Ib), 0, SSE, 4, MX)
  VEX    (0xc2, F3,   "vcmpss", (V, H, W, Ib), 0, AVX, 4, FX, MX)
  LEG    (0xc2, F2,   "cmpsd", (V, W, Ib), 0, SSE2, 8, MX)
  VEX    (0xc2, F2,   "vcmpsd", (V, H, W, Ib), 0, AVX, 8, FX, MX)
  ENTRY  (0xc3, NONE, 0, "movnti", (M, Gy), lift_movnti, 0, MEM, SSE2, 4, FX, 0)
  LEG    (0xc4, NONE, "pinsrw", (P, Ed, Ib), 0, SSE, 2, 0)
  LEG    (0xc4, 66,   "pinsrw", (V, Ed, Ib), 0, SSE2, 2, 0)
  VEX    (0xc4, 66,   "vpinsrw", (V, H, Ed, Ib), L0, AVX, 2, FX, 0)
  LEG    (0xc5, NONE, "pextrw", (Gd, N, Ib), REG, SSE, 0, 0)
  LEG    (0xc5, 66,   "pextrw", (Gd, U, Ib), REG, SSE2, 0, 0)
  VEX    (0xc5, 66,   "vpextrw", (Gd, U, Ib), REG | L0 | NO_V, AVX, 0, FX, 0)
  PACKED_IB (0xc6, NONE, "shufps", SSE, 16, 0)
  PACKED_IB (0xc6, 66,   "shufpd", SSE2, 16, 0)
  PACKED (0xd0, 66,   "addsubpd", SSE3, 16, MX)
  PACKED (0xd0, F2,   "addsubps", SSE3, 16, MX)
  SHIFT       (0xd1, "psrlw")
  SHIFT       (0xd2, "psrld")
  SHIFT       (0xd3, "psrlq")
  INTEGER     (0xd4, "paddq", SSE2, SSE2)
  INTEGER     (0xd5, "pmullw", MMX, SSE2)
  LEG    (0xd6, 66,   "movq", (W, V), 0, SSE2, 8, 0)
  VEX    (0xd6, 66,   "vmovq", (W, V), NO_V | L0, AVX, 8, FX, 0)
  LEG    (0xd6, F3,   "movq2dq", (V, N), REG, SSE2, 0, 0)
  LEG    (0xd6, F2,   "movdq2q", (P, U), REG, SSE2, 0, 0)
  LEG    (0xd7, NONE, "pmovmskb", (Gd, N), REG, SSE, 0, 0)
  LEG    (0xd7, 66,   "pmovmskb", (Gd, U), REG, SSE2, 0, 0)
  VEX    (0xd7, 66,   "vpmovmskb", (Gd, U), REG | NO_V, AVX, 0, FX, A2)
  INTEGER     (0xd8, "psubusb", MMX, SSE2)
  INTEGER     (0xd9, "psubusw", MMX, SSE2)
  INTEGER     (0xda, "pminub", SSE, SSE2)
  INTEGER     (0xdb, "pand", MMX, SSE2)
  INTEGER     (0xdc, "paddusb", MMX, SSE2)
  INTEGER     (0xdd, "paddusw", MMX, SSE2)
  INTEGER     (0xde, "pmaxub", SSE, SSE2)
  INTEGER     (0xdf, "pandn", MMX, SSE2)
  INTEGER     (0xe0, "pavgb", SSE, SSE2)
  SHIFT       (0xe1, "psraw")
  SHIFT       (0xe2, "psrad")
  INTEGER     (0xe3, "pavgw", SSE, SSE2)
  INTEGER     (0xe4, "pmulhuw", SSE, SSE2)
  INTEGER     (0xe5, "pmulhw", MMX, SSE2)
  MOVE   (0xe6, 66,   "cvttpd2dq", SSE2, 16, MX)
  MOVE   (0xe6, F3,   "cvtdq2pd", SSE2, 8, 0)
  MOVE   (0xe6, F2,   "cvtpd2dq", SSE2, 16, MX)
  LEG    (0xe7, NONE, "movntq", (Mq, P), MEM, SSE, 8, 0)
  LEG    (0xe7, 66,   "movntdq", (Mx, V), MEM, SSE2, 16, 0)
  VEX    (0xe7, 66,   "vmovntdq", (Mx, V), MEM | NO_V, AVX, 16, X2, AL)
  INTEGER     (0xe8, "psubsb", MMX, SSE2)
  INTEGER     (0xe9, "psubsw", MMX, SSE2)
  INTEGER     (0xea, "pminsw", SSE, SSE2)
  INTEGER     (0xeb, "por", MMX, SSE2)
  INTEGER     (0xec, "paddsb", MMX, SSE2)
  INTEGER     (0xed, "paddsw", MMX, SSE2)
  INTEGER     (0xee, "pmaxsw", SSE, SSE2)
  INTEGER     (0xef, "pxor", MMX, SSE2)
  LEG    (0xf0, F2,   "lddqu", (V, Mx), MEM, SSE3, 16, UN)
  VEX    (0xf0, F2,   "vlddqu", (V, Mx), MEM | NO_V, AVX, 16, X2, 0)
  SHIFT       (0xf1, "psllw")
  SHIFT       (0xf2, "pslld")
  SHIFT       (0xf3, "psllq")
  INTEGER     (0xf4, "pmuludq", SSE2, SSE2)
  INTEGER     (0xf5, "pmaddwd", MMX, SSE2)
  INTEGER     (0xf6, "psadbw", SSE, SSE2)
  ENTRY  (0xf7, NONE, 0, "maskmovq", (P, N), lift_maskmov, 0, REG, SSE, 8, FX, 0)
  ENTRY  (0xf7, 66,   0, "maskmovdqu", (V, U), lift_maskmov, 0, REG, SSE2, 16, FX, 0)
  ENTRY  (0xf7, 66,   1, "vmaskmovdqu", (V, U), lift_maskmov, 0, REG | NO_V | L0, AVX, 16, FX, 0)
  INTEGER     (0xf8, "psubb", MMX, SSE2)
  INTEGER     (0xf9, "psubw", MMX, SSE2)
  INTEGER     (0xfa, "psubd", MMX, SSE2)
  INTEGER     (0xfb, "psubq", SSE2, SSE2)
  INTEGER     (0xfc, "paddb", MMX, SSE2)
  INTEGER     (0xfd, "paddw", MMX, SSE2)
  INTEGER     (0xfe, "paddd", MMX, SSE2)
};
const guint x86_n_simd_0f = G_N_ELEMENTS (x86_simd_0f);

const X86Row *
x86_simd_row (guint map, guint prefix, guint opcode, gboolean vex)
{
  guint pp = prefix == 0x66 ? X86_PP_66 : prefix == 0xf3 ? X86_PP_F3 : prefix == 0xf2 ? X86_PP_F2 : X86_PP_NONE;
  guint key = X86_SIMD_KEY (opcode, pp, vex != 0);
  const X86SimdEntry *entries = map == 1 ? x86_simd_0f : map == 2 ? x86_simd_38 : x86_simd_3a;
  guint low = 0, high = map == 1 ? x86_n_simd_0f : map == 2 ? x86_n_simd_38 : x86_n_simd_3a;

  g_return_val_if_fail (map >= 1 && map <= 3, NULL);
  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (entries[middle].key == key)
        return &entries[middle].row;
      if (entries[middle].key < key)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}
