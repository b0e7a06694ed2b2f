/* host-run - one HOST operation executed natively, for the IR interpreter.
 *
 * The guest's vector registers, MXCSR and, where it matters, x87 state are loaded, the
 * instruction runs from a small buffer of generated code, and all is stored back.
 *
 * Threads: any, but one CPU is run by one thread at a time. */
#pragma once

#include "translate/x86/cpu.h"

typedef struct _HostRunner HostRunner;   /* generated code, reused */

HostRunner *host_runner_new  (void);
void        host_runner_free (HostRunner *runner);

/* In @flags_out of host_run(): the memory operand was not written, because an unmasked exception came first. */
#define HOST_RUN_NO_STORE (1u << 31)

/**
 * host_run:
 * @memory: the memory operand's bytes, read and written in place (64 bytes of room), or %NULL
 * @a: the value of a GPR in modrm.rm
 * @b: the value of the other GPR
 * @flags_out: (out): the arithmetic flags afterwards, or'ed with HOST_RUN_*
 *
 * With SSE exceptions unmasked: raises #XM (#UD without CR4.OSXMMEXCPT) before anything
 * but MXCSR's flags changed.  x87 exceptions show in FSW.ES; whoever waits raises #MF.
 * cpu->host_runner is made at the first use.
 *
 * Returns: the GPR result, or 0 */
guint64 host_run (X86Cpu *cpu, const IrHost *host, gpointer memory, guint64 a, guint64 b, guint32 *flags_out);

/* X86State <-> the host's x87 registers, for the entry and exit of translated code.  XMM
 * registers and MXCSR are left alone.  While the guest's registers are loaded all
 * exceptions are masked unless @cpu's mode has X86_MODE_FP_TRAPS; saving leaves the host's
 * x87 as FNINIT does, and FCW in the state as it is. */
void host_x87_load (X86Cpu *cpu);
void host_x87_save (X86Cpu *cpu);
