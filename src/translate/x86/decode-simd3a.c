/* decode-simd3a.c - rows of the map 0F 3A: SSSE3, SSE4, AES, PCLMULQDQ, SHA, F16C, AVX,
 * AVX2.  All have an immediate byte.
 *
 * Source: Intel SDM vol. 2, appendix A.3, table A-5.  RORX is among the integer tables. */
#include "config.h"

#include "translate/x86/simd-rows.h"

/* PCMPxSTRx: bit 0 of the opcode is I, bit 1 implicit lengths. */
#define STRING(opcode, name) \
  ENTRY (opcode, 66, 0, name, (V, W, Ib), lift_pcmpstr, 0, 0, SSE42, 16, FX, UN) \
  ENTRY (opcode, 66, 1, "v" name, (V, W, Ib), lift_pcmpstr, 0, L0 | NO_V, AVX, 16, FX, UN)

const X86SimdEntry x86_simd_3a[] = {
  VEX    (0x00, 66, "vpermq", (V, W, Ib), W1 | L1 | NO_V, AVX2, 16, X2, 0)
  VEX    (0x01, 66, "vpermpd", (V, W, Ib), W1 | L1 | NO_V, AVX2, 16, X2, 0)
  VEX    (0x02, 66, "vpblendd", (V, H, W, Ib), W0, AVX2, 16, X2, 0)
  VEX    (0x04, 66, "vpermilps", (V, W, Ib), W0 | NO_V, AVX, 16, X2, 0)
  VEX    (0x05, 66, "vpermilpd", (V, W, Ib), W0 | NO_V, AVX, 16, X2, 0)
  VEX    (0x06, 66, "vperm2f128", (V, H, W, Ib), W0 | L1, AVX, 16, X2, 0)
  MOVE_IB (0x08, 66, "roundps", SSE41, 16, MX)
  MOVE_IB (0x09, 66, "roundpd", SSE41, 16, MX)
  LEG    (0x0a, 66, "roundss", (V, W, Ib), 0, SSE41, 4, MX)
  VEX    (0x0a, 66, "vroundss", (V, H, W, Ib), 0, AVX, 4, FX, MX)
  LEG    (0x0b, 66, "roundsd", (V, W, Ib), 0, SSE41, 8, MX)
  VEX    (0x0b, 66, "vroundsd", (V, H, W, Ib), 0, AVX, 8, FX, MX)
  PACKED_IB (0x0c, 66, "blendps", SSE41, 16, 0)
  PACKED_IB (0x0d, 66, "blendpd", SSE41, 16, 0)
  PACKED_IB (0x0e, 66, "pblendw", SSE41, 16, A2)
  LEG    (0x0f, NONE, "palignr", (P, Q, Ib), 0, SSSE3, 8, 0)
  PACKED_IB (0x0f, 66, "palignr", SSSE3, 16, A2)
  LEG    (0x14, 66, "pextrb", (Ed, V, Ib), 0, SSE41, 1, 0)
  VEX    (0x14, 66, "vpextrb", (Ed, V, Ib), L0 | NO_V, AVX, 1, FX, 0)
  LEG    (0x15, 66, "pextrw", (Ed, V, Ib), 0, SSE41, 2, 0)
  VEX    (0x15, 66, "vpextrw", (Ed, V, Ib), L0 | NO_V, AVX, 2, FX, 0)
  LEG    (0x16, 66, "pextrd", (Ey, V, Ib), 0, SSE41, 4, 0)                  /* W = 1: PEXTRQ */
  VEX    (0x16, 66, "vpextrd", (Ey, V, Ib), L0 | NO_V, AVX, 4, FX, 0)
  LEG    (0x17, 66, "extractps", (Ed, V, Ib), 0, SSE41, 4, 0)
  VEX    (0x17, 66, "vextractps", (Ed, V, Ib), L0 | NO_V, AVX, 4, FX, 0)
  VEX    (0x18, 66, "vinsertf128", (V, H, W, Ib), W0 | L1, AVX, 16, FX, 0)
  VEX    (0x19, 66, "vextractf128", (W, V, Ib), W0 | L1 | NO_V, AVX, 16, FX, 0)
  VEX    (0x1d, 66, "vcvtps2ph", (W, V, Ib), W0 | NO_V, F16C, 8, X2, MX)
  LEG    (0x20, 66, "pinsrb", (V, Ed, Ib), 0, SSE41, 1, 0)
  VEX    (0x20, 66, "vpinsrb", (V, H, Ed, Ib), L0, AVX, 1, FX, 0)
  LEG    (0x21, 66, "insertps", (V, W, Ib), 0, SSE41, 4, 0)
  VEX    (0x21, 66, "vinsertps", (V, H, W, Ib), L0, AVX, 4, FX, 0)
  LEG    (0x22, 66, "pinsrd", (V, Ey, Ib), 0, SSE41, 4, 0)                  /* W = 1: PINSRQ */
  VEX    (0x22, 66, "vpinsrd", (V, H, Ey, Ib), L0, AVX, 4, FX, 0)
  VEX    (0x38, 66, "vinserti128", (V, H, W, Ib), W0 | L1, AVX2, 16, FX, 0)
  VEX    (0x39, 66, "vextracti128", (W, V, Ib), W0 | L1 | NO_V, AVX2, 16, FX, 0)
  PACKED_IB (0x40, 66, "dpps", SSE41, 16, MX)
  LEG    (0x41, 66, "dppd", (V, W, Ib), 0, SSE41, 16, MX)
  VEX    (0x41, 66, "vdppd", (V, H, W, Ib), L0, AVX, 16, FX, MX)
  PACKED_IB (0x42, 66, "mpsadbw", SSE41, 16, A2)
  LEG    (0x44, 66, "pclmulqdq", (V, W, Ib), 0, PCLMUL, 16, 0)
  VEX    (0x44, 66, "vpclmulqdq", (V, H, W, Ib), L0, PCLMUL, 16, FX, 0)
  VEX    (0x46, 66, "vperm2i128", (V, H, W, Ib), W0 | L1, AVX2, 16, X2, 0)
  VEX    (0x4a, 66, "vblendvps", (V, H, W, L), W0, AVX, 16, X2, 0)
  VEX    (0x4b, 66, "vblendvpd", (V, H, W, L), W0, AVX, 16, X2, 0)
  VEX    (0x4c, 66, "vpblendvb", (V, H, W, L), W0, AVX, 16, X2, A2)
  STRING (0x60, "pcmpestrm")
  STRING (0x61, "pcmpestri")
  STRING (0x62, "pcmpistrm")
  STRING (0x63, "pcmpistri")
  LEG    (0xcc, NONE, "sha1rnds4", (V, W, Ib), 0, SHA, 16, 0)
  LEG    (0xdf, 66, "aeskeygenassist", (V, W, Ib), 0, AES, 16, 0)
  VEX    (0xdf, 66, "vaeskeygenassist", (V, W, Ib), L0 | NO_V, AES, 16, FX, 0)
};
const guint x86_n_simd_3a = G_N_ELEMENTS (x86_simd_3a);
