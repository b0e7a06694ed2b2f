/* decode-0f38.c - the integer rows of the three-byte map 0F 38.
 *
 * Source: Intel SDM vol. 2, table A-4, and the pages of the instructions. */
#include "config.h"

#include "translate/x86/decode-tables.h"

#define MF X86_ROW_MF

#define VEX (X86_T_VEX_ONLY | X86_T_L0)

/* By prefix: none, 66, F3, F2. */
static const X86Row invpcid[4] = { [1] = MF ("invpcid", Gy, Mdq, NONE, invpcid, 0, X86_T_MEM_ONLY, INVPCID) };
static const X86Row f0[4] = {
  MF ("movbe", Gv, Ev, NONE, movbe, 0, X86_T_MEM_ONLY, MOVBE),
  MF ("movbe", Gv, Ev, NONE, movbe, 0, X86_T_MEM_ONLY, MOVBE),
  [3] = MF ("crc32", Gd, Eb, NONE, crc32, 0, 0, SSE42),
};
static const X86Row f1[4] = {
  MF ("movbe", Ev, Gv, NONE, movbe, 0, X86_T_MEM_ONLY, MOVBE),
  MF ("movbe", Ev, Gv, NONE, movbe, 0, X86_T_MEM_ONLY, MOVBE),
  [3] = MF ("crc32", Gd, Ev, NONE, crc32, 0, 0, SSE42),
};
static const X86Row f6[4] = {
  [1] = MF ("adcx", Gy, Ey, NONE, adx, 0, 0, ADX),
  [2] = MF ("adox", Gy, Ey, NONE, adx, 1, 0, ADX),
};

static const X86Row vex_f2[4] = { MF ("andn", Gy, By, Ey, andn, 0, VEX, BMI1) };
static const X86Row group_17[8] = {
  [1] = MF ("blsr", By, Ey, NONE, bls, 1, VEX, BMI1),
  [2] = MF ("blsmsk", By, Ey, NONE, bls, 2, VEX, BMI1),
  [3] = MF ("blsi", By, Ey, NONE, bls, 3, VEX, BMI1),
};
static const X86Row vex_f3[4] = { X86_ROW_GROUP (REG, group_17) };
static const X86Row vex_f5[4] = {
  MF ("bzhi", Gy, Ey, By, bzhi, 0, VEX, BMI2),
  [2] = MF ("pext", Gy, By, Ey, pdep_pext, X86_CALL_pext, VEX, BMI2),
  [3] = MF ("pdep", Gy, By, Ey, pdep_pext, X86_CALL_pdep, VEX, BMI2),
};
static const X86Row vex_f6[4] = { [3] = MF ("mulx", Gy, By, Ey, mulx, 0, VEX, BMI2) };
static const X86Row vex_f7[4] = {
  MF ("bextr", Gy, Ey, By, bextr, 0, VEX, BMI1),
  MF ("shlx", Gy, Ey, By, shiftx, IR_SHL, VEX, BMI2),
  MF ("sarx", Gy, Ey, By, shiftx, IR_SAR, VEX, BMI2),
  MF ("shrx", Gy, Ey, By, shiftx, IR_SHR, VEX, BMI2),
};

static guint
index_of (guint prefix)
{
  return prefix == 0 ? 0 : prefix == 0x66 ? 1 : prefix == 0xf3 ? 2 : 3;
}

const X86Row *
x86_0f38_row (guint prefix, guint opcode, gboolean vex)
{
  if (vex)
    switch (opcode)
      {
      case 0xf2: return &vex_f2[index_of (prefix)];
      case 0xf3: return &vex_f3[index_of (prefix)];
      case 0xf5: return &vex_f5[index_of (prefix)];
      case 0xf6: return &vex_f6[index_of (prefix)];
      case 0xf7: return &vex_f7[index_of (prefix)];
      default:   return NULL;
      }
  switch (opcode)
    {
    case 0x82: return &invpcid[index_of (prefix)];
    case 0xf0: return &f0[index_of (prefix)];
    case 0xf1: return &f1[index_of (prefix)];
    case 0xf6: return &f6[index_of (prefix)];
    default:   return NULL;
    }
}
