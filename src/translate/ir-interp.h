/* ir-interp - runs a block of IR by the list's meanings: the oracle of every back
 * end, and how the engine executes what must be exact (the tail of a budget, device
 * accesses).
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/cpu.h"

/* Runs @block once, from its first operation to an exit.  cpu->s.rip is then the
 * next instruction's; cpu->budget went down by what retired.  A fault leaves by
 * x86_raise() with the state as before the faulting instruction. */
void ir_interp_run (X86Cpu *cpu, const IrBlock *block);
