/* decode-tables - what the opcode tables are made of, between decode.c and the
 * decode-*.c files that hold them.
 *
 * A table's row is an instruction, or a group: `lift` NULL, `group` set, and `op` says
 * what picks the row (X86_GROUP_*).  A mnemonic with slashes has one name for each
 * operand size, 2/4/8.
 *
 * Threads: constant tables. */
#pragma once

#include "arch/x86/features.h"
#include "translate/x86/decode.h"
#include "translate/x86/lift-int.h"

enum
{
  X86_GROUP_REG,       /* 8 rows, by ModRM.reg */
  X86_GROUP_REG_RM,    /* 72 rows: [0..7] memory by ModRM.reg, [8 + 8 * reg + rm] registers */
  X86_GROUP_PREFIX,    /* 4 rows: none, 66, F3, F2 */
  X86_GROUP_MOD,       /* 2 rows: memory, register */
};

extern const X86Row x86_one_byte_map[256];
extern const X86Row x86_0f_map[256];

/* The integer rows of maps 2 and 3, and the VEX-encoded ones; NULL: not here. */
const X86Row *x86_0f38_row (guint prefix, guint opcode, gboolean vex);
const X86Row *x86_0f3a_row (guint prefix, guint opcode, gboolean vex);

/* Rows without and with ModRM: mnemonic, three operand codes, lift function, its `op`, traits. */
#define X86_ROW(text, a, b, c, function, o, t) \
  { .mnemonic = text, .operands = { X86_O_##a, X86_O_##b, X86_O_##c }, .lift = lift_##function, .op = o, .traits = t }
#define X86_ROW_M(text, a, b, c, function, o, t) \
  X86_ROW (text, a, b, c, function, o, X86_T_MODRM | (t))
/* Likewise, with a feature. */
#define X86_ROW_F(text, a, b, c, function, o, t, f) \
  { .mnemonic = text, .operands = { X86_O_##a, X86_O_##b, X86_O_##c }, .lift = lift_##function, .op = o, .traits = t, \
    .feature = X86_FEATURE_##f }
#define X86_ROW_MF(text, a, b, c, function, o, t, f) \
  X86_ROW_F (text, a, b, c, function, o, X86_T_MODRM | (t), f)
#define X86_ROW_GROUP(kind, rows) { .op = X86_GROUP_##kind, .traits = X86_T_MODRM, .group = rows }
