/* decode-0f3a.c - the integer row of the three-byte map 0F 3A.
 *
 * Source: Intel SDM vol. 2, table A-5. */
#include "config.h"

#include "translate/x86/decode-tables.h"

const X86Row *
x86_0f3a_row (guint prefix, guint opcode, gboolean vex)
{
  static const X86Row rorx = X86_ROW_MF ("rorx", Gy, Ey, Ib, rorx, 0, X86_T_VEX_ONLY | X86_T_L0 | X86_T_NO_V, BMI2);

  return vex && opcode == 0xf0 && prefix == 0xf2 ? &rorx : NULL;
}
