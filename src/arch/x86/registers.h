/* registers - x86 registers by name: the functions of x86_cpu_class in core/cpu.h.
 *
 * Beyond what core/cpu.h promises:
 * - Reading and writing are pure but for `cr8` and `IA32_APIC_BASE`, which are the local APIC's: writing one is what
 *   MOV to CR8 or WRMSR does.  Without a local APIC they read as 0.
 * - Writing changes what is written and nothing else, but: `cr0` keeps EFER.LMA right; `cr0`, `cr3` and `cr4` latch
 *   PAE's PDPTEs; `fctrl` and `fstat` keep ES and B of the status word right.
 * - Bits that are always one (EFLAGS bit 1, CR0.ET, DR6, DR7, FCW bit 6) may be left out of what is written.
 * - A segment's selector is changed alone in protected mode, without loading its descriptor: `cs_base`, `cs_limit`
 *   and `cs_attr` are registers of their own.  In real and V86 mode the rest follows as after MOV.
 * - `fstat` changes TOP without moving the registers: ST(i) stays ST(i), as in FXRSTOR's image.
 *   `ftag` is the full tag word; of what is written only empty or not is kept.
 * - `fiseg` `fioff` `foseg` `fooff` `fop` are always 0: this CPU saves no x87 pointers.
 * - Group "alias": pieces of other registers.  Writing `eax` leaves the upper half of `rax` alone.
 *
 * Threads: as in core/cpu.h. */
#pragma once

#include "core/cpu.h"

#define X86_N_REGISTERS 235    /* a constant for the class; the compiler checks it */
extern const AsternRegister x86_registers[];

extern const AsternRegisterPart x86_register_parts[];

void     x86_read_register  (const AsternCpu *cpu, guint index, guint8 *bytes);
gboolean x86_write_register (AsternCpu *cpu, guint index, const guint8 *bytes);
