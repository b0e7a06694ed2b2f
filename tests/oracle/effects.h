/* effects - which arithmetic flags an instruction reads, defines, and leaves undefined.
 *
 * Threads: pure functions. */
#pragma once

#include "translate/x86/decode.h"

typedef struct
{
  guint32  reads, defines, undefines;
  gboolean maybe;        /* changes flags only for a count that is not 0 */
} OracleEffect;

OracleEffect oracle_effect_of (const X86Insn *insn);
