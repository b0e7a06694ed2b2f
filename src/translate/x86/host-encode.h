/* host-encode - an IrHost back into x86-64 machine code, for given host registers.
 *
 * Threads: pure functions. */
#pragma once

#include "translate/ir.h"

#define HOST_ENCODE_MAX 15

/**
 * host_encode:
 * @out: room for %HOST_ENCODE_MAX bytes
 * @reg_gpr: host GPR for an IR_HOST_GPR in modrm.reg
 * @rm_gpr_or_base: host GPR for one in modrm.rm, or the base register of the memory operand (any of 16)
 * @v_gpr: host GPR for one in VEX.vvvv
 * @disp: displacement of the memory operand
 *
 * Guest vector, MMX and x87 registers keep their numbers.
 *
 * Returns: the instruction's length */
guint host_encode (guint8 *out, const IrHost *host, guint reg_gpr, guint rm_gpr_or_base, guint v_gpr, gint32 disp);
