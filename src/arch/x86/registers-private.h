/* registers-private - what registers.c, registers-control.c and place.c do for each other.
 *
 * Setters are for a debugger: they check that a CPU could hold the value, and change the state alone; bits that
 * are always one may be left out of it.  FALSE: nothing was changed.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "arch/x86/paging.h"
#include "core/machine.h"

static inline const X86State *
x86_state_of (const AsternCpu *cpu)
{
  return cpu->state;
}

/* registers-control.c */
gboolean x86_poke_rflags  (X86State *state, guint64 value);
gboolean x86_poke_cr0     (AsternCpu *cpu, guint64 value);
gboolean x86_poke_cr3     (AsternCpu *cpu, guint64 value);
gboolean x86_poke_cr4     (AsternCpu *cpu, guint64 value);
gboolean x86_poke_efer    (X86State *state, guint64 value);
gboolean x86_poke_xcr0    (X86State *state, guint64 value);
gboolean x86_poke_dr      (X86State *state, guint number, guint64 value);
gboolean x86_poke_base    (X86State *state, guint seg, guint64 value);
gboolean x86_poke_limit   (X86State *state, guint seg, guint64 value);
gboolean x86_poke_attr    (X86State *state, guint seg, guint64 value);

/* place.c */
/* A walker that peeks at the machine's memory, behind the CPU's A20 gate.  It sets no bits. */
X86Walker   x86_peek_walker   (AsternCpu *cpu);
void        x86_code_place    (const AsternCpu *cpu, AsternCodePlace *place);
gboolean    x86_translate     (AsternCpu *cpu, guint64 linear, guint64 *physical);
guint64     x86_address_space (const AsternCpu *cpu);
guint64     x86_stack_linear  (const AsternCpu *cpu);
const char *x86_mode_name     (const AsternCpu *cpu);
