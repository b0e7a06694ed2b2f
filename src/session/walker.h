/* walker - page tables as a CPU would walk them, read without a trace.
 *
 * Threads: the machine's. */
#pragma once

#include "arch/x86/paging.h"

/* Sets no bits; A20 applied.  @cpu must outlive it. */
X86Walker astern_walker (AsternCpu *cpu);
