/* help-flags.c - EFLAGS: PUSHF, POPF, CLI, STI, CLAC, STAC.
 * Source: Intel SDM vol. 2 for each; vol. 3A, 21.2 and 21.4 (V86 and protected-mode virtual interrupts).
 * Left out: RF is kept only while DR7 enables a breakpoint; otherwise nobody could see that
 * the next instruction clears it. */

#include "config.h"

#include "translate/x86/help.h"

void
x86_write_flags (X86Cpu *cpu, guint64 value, guint64 mask)
{
  if (!(cpu->s.dr[7] & 0xff))
    value &= ~(guint64) X86_RF;
  x86_flags_sync (cpu);
  cpu->s.rflags = (cpu->s.rflags & ~mask) | (value & mask) | 2;
  x86_flags_set (cpu, cpu->s.rflags & X86_ARITH);
  x86_mode_changed (cpu);
}

static gboolean
in_v86 (const X86Cpu *cpu)
{
  return (cpu->s.rflags & X86_VM) != 0;
}

guint64
x86_help_pushf_value (X86Cpu *cpu, guint64 size, guint64 unused_b, guint64 unused_c)
{
  guint64 flags = x86_rflags (cpu) & ~(guint64) (X86_VM | X86_RF);

  if (in_v86 (cpu) && x86_iopl (cpu) < 3)
    {
      if (!(cpu->s.cr4 & X86_CR4_VME) || size > 2)
        x86_raise_error (cpu, X86_EXC_GP, 0);
      flags = (flags & ~(guint64) X86_IF) | X86_IOPL | (flags & X86_VIF ? X86_IF : 0);
    }
  return flags;
}

guint64
x86_help_popf (X86Cpu *cpu, guint64 value, guint64 size, guint64 unused)
{
  guint cpl = x86_cpl (&cpu->s);
  guint64 mask = X86_FLAGS_POPPED;

  if (size > 2)
    mask |= X86_AC | X86_ID | X86_RF;       /* RF becomes 0 */
  value &= ~(guint64) X86_RF;
  if (in_v86 (cpu) && x86_iopl (cpu) < 3)
    {
      if (!(cpu->s.cr4 & X86_CR4_VME) || size > 2 || (value & X86_TF) || ((value & X86_IF) && (cpu->s.rflags & X86_VIP)))
        x86_raise_error (cpu, X86_EXC_GP, 0);
      value = (value & ~(guint64) X86_VIF) | (value & X86_IF ? X86_VIF : 0);
      mask |= X86_VIF;
    }
  else
    {
      if (in_v86 (cpu) || cpl <= x86_iopl (cpu))
        mask |= X86_IF;
      if (cpl == 0)
        mask |= X86_IOPL;
    }
  x86_write_flags (cpu, value, mask);
  return 0;
}

/* The flag that CLI and STI act on: IF, VIF, or none: #GP. */
static guint64
interrupt_flag (X86Cpu *cpu)
{
  guint cpl = x86_cpl (&cpu->s);

  if (!(cpu->s.cr0 & X86_CR0_PE) || cpl <= x86_iopl (cpu))     /* V86 has CPL 3 */
    return X86_IF;
  if (cpl == 3 && (cpu->s.cr4 & (in_v86 (cpu) ? X86_CR4_VME : X86_CR4_PVI)))
    return X86_VIF;
  x86_raise_error (cpu, X86_EXC_GP, 0);
}

guint64
x86_help_cli (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  cpu->s.rflags &= ~interrupt_flag (cpu);
  return 0;
}

guint64
x86_help_sti (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint64 flag = interrupt_flag (cpu);

  if (flag == X86_VIF && (cpu->s.rflags & X86_VIP))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (flag == X86_IF && !(cpu->s.rflags & X86_IF))
    x86_set_shadow (cpu, X86_SHADOW_STI);
  cpu->s.rflags |= flag;
  return 0;
}

guint64
x86_help_clac_stac (X86Cpu *cpu, guint64 set, guint64 unused_b, guint64 unused_c)
{
  if (!cpu->features->has[X86_FEATURE_SMAP] || !(cpu->s.cr0 & X86_CR0_PE) || x86_cpl (&cpu->s) != 0)
    x86_raise (cpu, X86_EXC_UD);
  if (set)
    cpu->s.rflags |= X86_AC;
  else
    cpu->s.rflags &= ~(guint64) X86_AC;
  x86_update_mode (cpu);
  return 0;
}
