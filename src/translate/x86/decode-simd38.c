/* decode-simd38.c - rows of the map 0F 38: SSSE3, SSE4, AES, SHA, F16C, FMA, AVX, AVX2.
 *
 * Source: Intel SDM vol. 2, appendix A.3, table A-4.  MOVBE, CRC32, ADX and BMI of this
 * map are among the integer tables. */
#include "config.h"

#include "translate/x86/simd-rows.h"

/* Sign and zero extensions: the source has a part of the destination's width. */
#define EXTEND(opcode, name, by) \
  LEG (opcode, 66, name, (V, W), 0, SSE41, by, 0) \
  VEX (opcode, 66, "v" name, (V, W), NO_V, AVX, by, X2, A2)
#define ABSOLUTE(opcode, name) \
  LEG (opcode, NONE, name, (P, Q), 0, SSSE3, 8, 0) \
  LEG (opcode, 66, name, (V, W), 0, SSSE3, 16, 0) \
  VEX (opcode, 66, "v" name, (V, W), NO_V, AVX, 16, X2, A2)
/* FMA: W chooses PS or PD, SS or SD; mnemonics are those of W = 0. */
#define FMA_PACKED(opcode, name) VEX (opcode, 66, "v" name "ps", (V, H, W), 0, FMA, 16, X2, MX)
#define FMA_SCALAR(opcode, name) VEX (opcode, 66, "v" name "ss", (V, H, W), 0, FMA, 4, X86_SIMD_BY_W, MX)
#define FMA_ORDER(base, order) \
  FMA_PACKED ((base) + 6,  "fmaddsub" order) \
  FMA_PACKED ((base) + 7,  "fmsubadd" order) \
  FMA_PACKED ((base) + 8,  "fmadd" order) \
  FMA_SCALAR ((base) + 9,  "fmadd" order) \
  FMA_PACKED ((base) + 10, "fmsub" order) \
  FMA_SCALAR ((base) + 11, "fmsub" order) \
  FMA_PACKED ((base) + 12, "fnmadd" order) \
  FMA_SCALAR ((base) + 13, "fnmadd" order) \
  FMA_PACKED ((base) + 14, "fnmsub" order) \
  FMA_SCALAR ((base) + 15, "fnmsub" order)
/* AES: the VEX form is of 128 bits alone. */
#define AES_ROUND(opcode, name) \
  LEG (opcode, 66, name, (V, W), 0, AES, 16, 0) \
  VEX (opcode, 66, "v" name, (V, H, W), L0, AES, 16, FX, 0)
/* VTESTPS, VTESTPD, VPTEST. */
#define TEST_FLAGS (IR_HF_Z | IR_HF_C)
/* Masked moves, `op`: bytes of an element (0: 4, or 8 with W), | 16: store. */
#define MASKED_LOAD(opcode, name, what, tr, feat) \
  ENTRY (opcode, 66, 1, name, (V, H, Mx), lift_maskmov, what, (tr) | MEM, feat, 16, X2, 0)
#define MASKED_STORE(opcode, name, what, tr, feat) \
  ENTRY (opcode, 66, 1, name, (Mx, H, V), lift_maskmov, (what) | 16, (tr) | MEM, feat, 16, X2, 0)
#define GATHER(opcode, name) \
  ENTRY (opcode, 66, 1, name, (V, Mx, H), lift_gather, 0, MEM, AVX2, 4, FX, 0)

const X86SimdEntry x86_simd_38[] = {
  INTEGER     (0x00, "pshufb", SSSE3, SSSE3)
  INTEGER     (0x01, "phaddw", SSSE3, SSSE3)
  INTEGER     (0x02, "phaddd", SSSE3, SSSE3)
  INTEGER     (0x03, "phaddsw", SSSE3, SSSE3)
  INTEGER     (0x04, "pmaddubsw", SSSE3, SSSE3)
  INTEGER     (0x05, "phsubw", SSSE3, SSSE3)
  INTEGER     (0x06, "phsubd", SSSE3, SSSE3)
  INTEGER     (0x07, "phsubsw", SSSE3, SSSE3)
  INTEGER     (0x08, "psignb", SSSE3, SSSE3)
  INTEGER     (0x09, "psignw", SSSE3, SSSE3)
  INTEGER     (0x0a, "psignd", SSSE3, SSSE3)
  INTEGER     (0x0b, "pmulhrsw", SSSE3, SSSE3)
  VEX    (0x0c, 66, "vpermilps", (V, H, W), W0, AVX, 16, X2, 0)
  VEX    (0x0d, 66, "vpermilpd", (V, H, W), W0, AVX, 16, X2, 0)
  ENTRY  (0x0e, 66, 1, "vtestps", (V, W), lift_host, TEST_FLAGS, W0 | NO_V, AVX, 16, X2, X86_SIMD_FLAGS)
  ENTRY  (0x0f, 66, 1, "vtestpd", (V, W), lift_host, TEST_FLAGS, W0 | NO_V, AVX, 16, X2, X86_SIMD_FLAGS)
  LEG    (0x10, 66, "pblendvb", (V, W, XMM0), 0, SSE41, 16, 0)
  VEX    (0x13, 66, "vcvtph2ps", (V, W), W0 | NO_V, F16C, 8, X2, MX)
  LEG    (0x14, 66, "blendvps", (V, W, XMM0), 0, SSE41, 16, 0)
  LEG    (0x15, 66, "blendvpd", (V, W, XMM0), 0, SSE41, 16, 0)
  VEX    (0x16, 66, "vpermps", (V, H, W), W0 | L1, AVX2, 16, X2, 0)
  ENTRY  (0x17, 66, 0, "ptest", (V, W), lift_host, TEST_FLAGS, 0, SSE41, 16, FX, X86_SIMD_FLAGS)
  ENTRY  (0x17, 66, 1, "vptest", (V, W), lift_host, TEST_FLAGS, NO_V, AVX, 16, X2, X86_SIMD_FLAGS)
  VEX    (0x18, 66, "vbroadcastss", (V, W), W0 | NO_V, AVX, 4, FX, X86_SIMD_AVX2_REG)
  VEX    (0x19, 66, "vbroadcastsd", (V, W), W0 | NO_V | L1, AVX, 8, FX, X86_SIMD_AVX2_REG)
  VEX    (0x1a, 66, "vbroadcastf128", (V, Mdq), W0 | NO_V | L1 | MEM, AVX, 16, FX, 0)
  ABSOLUTE    (0x1c, "pabsb")
  ABSOLUTE    (0x1d, "pabsw")
  ABSOLUTE    (0x1e, "pabsd")
  EXTEND      (0x20, "pmovsxbw", 8)
  EXTEND      (0x21, "pmovsxbd", 4)
  EXTEND      (0x22, "pmovsxbq", 2)
  EXTEND      (0x23, "pmovsxwd", 8)
  EXTEND      (0x24, "pmovsxwq", 4)
  EXTEND      (0x25, "pmovsxdq", 8)
  INTEGER_SSE (0x28, "pmuldq", SSE41)
  INTEGER_SSE (0x29, "pcmpeqq", SSE41)
  LEG    (0x2a, 66, "movntdqa", (V, Mx), MEM, SSE41, 16, 0)
  VEX    (0x2a, 66, "vmovntdqa", (V, Mx), MEM | NO_V, AVX, 16, X2, AL | A2)
  INTEGER_SSE (0x2b, "packusdw", SSE41)
  MASKED_LOAD  (0x2c, "vmaskmovps", 4, W0, AVX)
  MASKED_LOAD  (0x2d, "vmaskmovpd", 8, W0, AVX)
  MASKED_STORE (0x2e, "vmaskmovps", 4, W0, AVX)
  MASKED_STORE (0x2f, "vmaskmovpd", 8, W0, AVX)
  EXTEND      (0x30, "pmovzxbw", 8)
  EXTEND      (0x31, "pmovzxbd", 4)
  EXTEND      (0x32, "pmovzxbq", 2)
  EXTEND      (0x33, "pmovzxwd", 8)
  EXTEND      (0x34, "pmovzxwq", 4)
  EXTEND      (0x35, "pmovzxdq", 8)
  VEX    (0x36, 66, "vpermd", (V, H, W), W0 | L1, AVX2, 16, X2, 0)
  INTEGER_SSE (0x37, "pcmpgtq", SSE42)
  INTEGER_SSE (0x38, "pminsb", SSE41)
  INTEGER_SSE (0x39, "pminsd", SSE41)
  INTEGER_SSE (0x3a, "pminuw", SSE41)
  INTEGER_SSE (0x3b, "pminud", SSE41)
  INTEGER_SSE (0x3c, "pmaxsb", SSE41)
  INTEGER_SSE (0x3d, "pmaxsd", SSE41)
  INTEGER_SSE (0x3e, "pmaxuw", SSE41)
  INTEGER_SSE (0x3f, "pmaxud", SSE41)
  INTEGER_SSE (0x40, "pmulld", SSE41)
  LEG    (0x41, 66, "phminposuw", (V, W), 0, SSE41, 16, 0)
  VEX    (0x41, 66, "vphminposuw", (V, W), L0 | NO_V, AVX, 16, FX, 0)
  VEX    (0x45, 66, "vpsrlvd", (V, H, W), 0, AVX2, 16, X2, 0)              /* W = 1: VPSRLVQ */
  VEX    (0x46, 66, "vpsravd", (V, H, W), W0, AVX2, 16, X2, 0)
  VEX    (0x47, 66, "vpsllvd", (V, H, W), 0, AVX2, 16, X2, 0)              /* W = 1: VPSLLVQ */
  VEX    (0x58, 66, "vpbroadcastd", (V, W), W0 | NO_V, AVX2, 4, FX, 0)
  VEX    (0x59, 66, "vpbroadcastq", (V, W), W0 | NO_V, AVX2, 8, FX, 0)
  VEX    (0x5a, 66, "vbroadcasti128", (V, Mdq), W0 | NO_V | L1 | MEM, AVX2, 16, FX, 0)
  VEX    (0x78, 66, "vpbroadcastb", (V, W), W0 | NO_V, AVX2, 1, FX, 0)
  VEX    (0x79, 66, "vpbroadcastw", (V, W), W0 | NO_V, AVX2, 2, FX, 0)
  MASKED_LOAD  (0x8c, "vpmaskmovd", 0, 0, AVX2)                             /* W = 1: VPMASKMOVQ */
  MASKED_STORE (0x8e, "vpmaskmovd", 0, 0, AVX2)
  GATHER      (0x90, "vpgatherdd")                                          /* W = 1: quadwords, PD */
  GATHER      (0x91, "vpgatherqd")
  GATHER      (0x92, "vgatherdps")
  GATHER      (0x93, "vgatherqps")
  FMA_ORDER   (0x90, "132")
  FMA_ORDER   (0xa0, "213")
  FMA_ORDER   (0xb0, "231")
  LEG    (0xc8, NONE, "sha1nexte", (V, W), 0, SHA, 16, 0)
  LEG    (0xc9, NONE, "sha1msg1", (V, W), 0, SHA, 16, 0)
  LEG    (0xca, NONE, "sha1msg2", (V, W), 0, SHA, 16, 0)
  LEG    (0xcb, NONE, "sha256rnds2", (V, W, XMM0), 0, SHA, 16, 0)
  LEG    (0xcc, NONE, "sha256msg1", (V, W), 0, SHA, 16, 0)
  LEG    (0xcd, NONE, "sha256msg2", (V, W), 0, SHA, 16, 0)
  LEG    (0xdb, 66, "aesimc", (V, W), 0, AES, 16, 0)
  VEX    (0xdb, 66, "vaesimc", (V, W), L0 | NO_V, AES, 16, FX, 0)
  AES_ROUND   (0xdc, "aesenc")
  AES_ROUND   (0xdd, "aesenclast")
  AES_ROUND   (0xde, "aesdec")
  AES_ROUND   (0xdf, "aesdeclast")
};
const guint x86_n_simd_38 = G_N_ELEMENTS (x86_simd_38);
