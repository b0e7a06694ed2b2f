/* help-system.c - control and debug registers, XCR0, caches and translations, HLT.
 * Source: Intel SDM vol. 2 for each; vol. 3A, 2.5 (control registers), 4.1.2 and 4.4.1 (paging modes),
 * 17.2 (debug registers).
 * Left out: task priority without a local APIC; MONITOR's address is not watched: MWAIT waits for interrupts. */

#include "config.h"

#include "translate/x86/help.h"
#include "translate/x86/points.h"

#include <string.h>

/* --- control registers --- */

/* Loads PDPTEs for control registers that are already in place; undoes them if that is refused. */
static void
enter_paging (X86Cpu *cpu, guint64 cr3, const X86State *before)
{
  sigjmp_buf outer;

  memcpy (&outer, &cpu->fault_env, sizeof outer);
  if (sigsetjmp (cpu->fault_env, 0) == 0)
    {
      x86_mmu_set_cr3 (cpu, cr3);
      memcpy (&cpu->fault_env, &outer, sizeof outer);
      return;
    }
  memcpy (&cpu->fault_env, &outer, sizeof outer);
  cpu->s.cr0 = before->cr0;
  cpu->s.cr4 = before->cr4;
  cpu->s.efer = before->efer;
  x86_mmu_changed (cpu);
  siglongjmp (cpu->fault_env, 1);
}

static void
control_changed (X86Cpu *cpu, const X86State *before, guint64 paging_bits0, guint64 paging_bits4)
{
  if (x86_paging_is_pae (&cpu->s)
      && (((cpu->s.cr0 ^ before->cr0) & paging_bits0) || ((cpu->s.cr4 ^ before->cr4) & paging_bits4)))
    enter_paging (cpu, cpu->s.cr3, before);
  x86_mmu_changed (cpu);
  x86_mode_changed (cpu);
}

static guint64
cr0_bits (const X86Cpu *cpu)
{
  return X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM
         | X86_CR0_NW | X86_CR0_CD | X86_CR0_PG;
}

void
x86_set_cr0 (X86Cpu *cpu, guint64 value)
{
  X86State *s = &cpu->s;
  X86State before;
  gboolean paging = (value & X86_CR0_PG) != 0, was_paging = (s->cr0 & X86_CR0_PG) != 0;

  if (value >> 32)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  value = (value & cr0_bits (cpu)) | X86_CR0_ET;
  if (value == s->cr0)
    return;
  if ((paging && !(value & X86_CR0_PE)) || ((value & X86_CR0_NW) && !(value & X86_CR0_CD)))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (paging && !was_paging && (s->efer & X86_EFER_LME)
      && (!(s->cr4 & X86_CR4_PAE) || (s->seg[X86_CS].attr & X86_ATTR_L)))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (!paging && was_paging && (x86_code64 (s) || (s->cr4 & X86_CR4_PCIDE)))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  /* What the SDM lets task switches and FPU emulation change often: no paging in it. */
  if (((value ^ s->cr0) & ~(guint64) (X86_CR0_TS | X86_CR0_MP | X86_CR0_EM | X86_CR0_NE)) == 0)
    {
      s->cr0 = value;
      x86_update_mode (cpu);
      return;
    }
  before = *s;
  s->cr0 = value;
  if (paging && (s->efer & X86_EFER_LME))
    s->efer |= X86_EFER_LMA;
  else if (!paging)
    s->efer &= ~(guint64) X86_EFER_LMA;
  control_changed (cpu, &before, X86_CR0_PG | X86_CR0_CD | X86_CR0_NW, 0);
}

static guint64
cr4_bits (const X86Cpu *cpu)
{
  static const struct { guint8 feature; guint32 bits; } table[] = {
    { X86_FEATURE_VME, X86_CR4_VME | X86_CR4_PVI }, { X86_FEATURE_TSC, X86_CR4_TSD }, { X86_FEATURE_DE, X86_CR4_DE },
    { X86_FEATURE_PSE, X86_CR4_PSE }, { X86_FEATURE_PAE, X86_CR4_PAE }, { X86_FEATURE_MCE, X86_CR4_MCE },
    { X86_FEATURE_PGE, X86_CR4_PGE }, { X86_FEATURE_MMX, X86_CR4_PCE }, { X86_FEATURE_FXSR, X86_CR4_OSFXSR },
    { X86_FEATURE_SSE, X86_CR4_OSXMMEXCPT }, { X86_FEATURE_UMIP, X86_CR4_UMIP },
    { X86_FEATURE_FSGSBASE, X86_CR4_FSGSBASE }, { X86_FEATURE_PCID, X86_CR4_PCIDE },
    { X86_FEATURE_XSAVE, X86_CR4_OSXSAVE }, { X86_FEATURE_SMEP, X86_CR4_SMEP }, { X86_FEATURE_SMAP, X86_CR4_SMAP },
  };
  guint64 bits = 0;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (cpu->features->has[table[i].feature])
      bits |= table[i].bits;
  return bits;
}

static void
set_cr4 (X86Cpu *cpu, guint64 value)
{
  X86State *s = &cpu->s;
  X86State before = *s;

  if (value & ~cr4_bits (cpu))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (x86_long_mode (s) && !(value & X86_CR4_PAE))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if ((value & X86_CR4_PCIDE) && !(s->cr4 & X86_CR4_PCIDE) && (!x86_long_mode (s) || (s->cr3 & 0xfff)))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  s->cr4 = value;
  control_changed (cpu, &before, 0, X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PSE | X86_CR4_SMEP);
}

static void
set_cr3 (X86Cpu *cpu, guint64 value)
{
  if (x86_long_mode (&cpu->s))
    {
      if (cpu->s.cr4 & X86_CR4_PCIDE)
        value &= ~(G_GUINT64_CONSTANT (1) << 63);
      if (value >> X86_PHYSICAL_BITS)
        x86_raise_error (cpu, X86_EXC_GP, 0);
    }
  else
    value = (guint32) value;
  x86_mmu_set_cr3 (cpu, value);
}

static void
set_cr8 (X86Cpu *cpu, guint64 value)
{
  if (value > 15)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (cpu->parent.apic_ops != NULL && cpu->parent.apic_ops->set_tpr != NULL)
    {
      x86_cpu_publish_icount (cpu);
      cpu->parent.apic_ops->set_tpr (cpu->parent.apic, value);
      cpu->recheck = 1;
    }
}

static guint64
control_value (X86Cpu *cpu, guint n)
{
  const AsternApicInterface *apic = cpu->parent.apic_ops;

  switch (n)
    {
    case 0:  return cpu->s.cr0;
    case 2:  return cpu->s.cr2;
    case 3:  return cpu->s.cr3;
    case 4:  return cpu->s.cr4;
    default: return apic != NULL && apic->get_tpr != NULL ? apic->get_tpr (cpu->parent.apic) : 0;
    }
}

guint64
x86_help_read_cr (X86Cpu *cpu, guint64 n, guint64 unused_b, guint64 unused_c)
{
  if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8)
    x86_raise (cpu, X86_EXC_UD);
  x86_require_cpl0 (cpu);
  return control_value (cpu, n);
}

static void
tell_points (X86Cpu *cpu, guint n, guint64 before)
{
  if (x86_points_want (cpu, ASTERN_POINT_CONTROL))
    x86_points_register (cpu, ASTERN_POINT_CONTROL, n, 8, ASTERN_ACCESS_WRITE, before, control_value (cpu, n));
}

guint64
x86_help_write_cr (X86Cpu *cpu, guint64 n, guint64 value, guint64 unused)
{
  guint64 before;

  if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8)
    x86_raise (cpu, X86_EXC_UD);
  x86_require_cpl0 (cpu);
  before = control_value (cpu, n);
  switch (n)
    {
    case 0:  x86_set_cr0 (cpu, value); break;
    case 2:  cpu->s.cr2 = value; break;
    case 3:  set_cr3 (cpu, value); break;
    case 4:  set_cr4 (cpu, value); break;
    default: set_cr8 (cpu, value); break;
    }
  tell_points (cpu, n, before);
  return 0;
}

guint64
x86_help_clts (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint64 before = cpu->s.cr0;

  x86_require_cpl0 (cpu);
  cpu->s.cr0 &= ~(guint64) X86_CR0_TS;
  x86_update_mode (cpu);
  tell_points (cpu, 0, before);
  return 0;
}

guint64
x86_help_smsw (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  if (cpu->s.cr4 & X86_CR4_UMIP)
    x86_require_cpl0 (cpu);
  return cpu->s.cr0;
}

/* PE can be set and not cleared. */
guint64
x86_help_lmsw (X86Cpu *cpu, guint64 value, guint64 unused_b, guint64 unused_c)
{
  guint64 before = cpu->s.cr0;

  x86_require_cpl0 (cpu);
  x86_set_cr0 (cpu, (cpu->s.cr0 & ~(guint64) 14) | (value & 15));
  tell_points (cpu, 0, before);
  return 0;
}

/* --- debug registers --- */

/* DR4 and DR5 are DR6 and DR7, or #UD under CR4.DE; #DB under DR7.GD. */
static guint
debug_register (X86Cpu *cpu, guint n)
{
  if ((n == 4 || n == 5) && (cpu->s.cr4 & X86_CR4_DE))
    x86_raise (cpu, X86_EXC_UD);
  x86_require_cpl0 (cpu);
  if (n > 7)
    x86_raise (cpu, X86_EXC_UD);
  if (cpu->s.dr[7] & X86_DR7_GD)
    {
      cpu->s.dr[6] = (cpu->s.dr[6] & ~(guint64) 15) | X86_DR6_BD;
      x86_raise (cpu, X86_EXC_DB);
    }
  return n == 4 || n == 5 ? n + 2 : n;
}

guint64
x86_help_read_dr (X86Cpu *cpu, guint64 n, guint64 unused_b, guint64 unused_c)
{
  return cpu->s.dr[debug_register (cpu, n)];
}

guint64
x86_help_write_dr (X86Cpu *cpu, guint64 n, guint64 value, guint64 unused)
{
  n = debug_register (cpu, n);
  if (n >= 6 && value >> 32)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (n == 6)
    value = (value & 0xe00f) | 0xffff0ff0;
  else if (n == 7)
    value = (value & 0xffff23ff) | 0x400;
  cpu->s.dr[n] = value;
  x86_mode_changed (cpu);
  return 0;
}

/* --- XCR0 --- */

guint64
x86_help_xgetbv (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint32 n = cpu->s.gpr[X86_RCX];

  if (!(cpu->s.cr4 & X86_CR4_OSXSAVE))
    x86_raise (cpu, X86_EXC_UD);
  if (n > 1 || (n == 1 && !cpu->features->has[X86_FEATURE_XGETBV1]))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  cpu->s.gpr[X86_RAX] = (guint32) cpu->s.xcr0;      /* 1: what is in use; all of it may be */
  cpu->s.gpr[X86_RDX] = cpu->s.xcr0 >> 32;
  return 0;
}

guint64
x86_help_xsetbv (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint64 value = (guint32) cpu->s.gpr[X86_RAX] | cpu->s.gpr[X86_RDX] << 32;

  if (!(cpu->s.cr4 & X86_CR4_OSXSAVE))
    x86_raise (cpu, X86_EXC_UD);
  x86_require_cpl0 (cpu);
  if ((guint32) cpu->s.gpr[X86_RCX] != 0 || !(value & 1) || (value & ~x86_features_xcr0 (cpu->features))
      || (value & 6) == 4)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  cpu->s.xcr0 = value;
  x86_mode_changed (cpu);
  return 0;
}

/* --- caches and translations --- */

guint64
x86_help_invlpg (X86Cpu *cpu, guint64 linear, guint64 unused_b, guint64 unused_c)
{
  x86_require_cpl0 (cpu);
  x86_mmu_invlpg (cpu, linear);
  return 0;
}

guint64
x86_help_invpcid (X86Cpu *cpu, guint64 type, guint64 linear, guint64 unused)
{
  guint64 pcid, address;

  x86_require_cpl0 (cpu);
  pcid = x86_mem_read (cpu, linear, 8, 0);
  address = x86_mem_read (cpu, linear + 8, 8, 0);
  if (type > 3 || (type < 2 && (pcid >> 12 || (pcid != 0 && !(cpu->s.cr4 & X86_CR4_PCIDE))))
      || (type == 0 && !x86_is_canonical (address)))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  x86_mmu_invpcid (cpu, type, pcid, address);
  return 0;
}

guint64
x86_help_wbinvd (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  x86_require_cpl0 (cpu);
  return 0;
}

/* --- waiting --- */

guint64
x86_help_hlt (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  x86_require_cpl0 (cpu);
  cpu->s.halted = 1;
  cpu->recheck = 1;
  return 0;
}

static void
check_monitor (X86Cpu *cpu, guint64 allowed_ecx)
{
  if (!cpu->features->has[X86_FEATURE_MONITOR] || x86_cpl (&cpu->s) != 0)
    x86_raise (cpu, X86_EXC_UD);
  if ((guint32) cpu->s.gpr[X86_RCX] & ~allowed_ecx)
    x86_raise_error (cpu, X86_EXC_GP, 0);
}

guint64
x86_help_monitor (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  check_monitor (cpu, 0);
  return 0;
}

guint64
x86_help_mwait (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  check_monitor (cpu, 0);
  return x86_help_hlt (cpu, 0, 0, 0);
}

guint64
x86_help_pause (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  if (cpu->parent.machine->n_cpus > 1)
    {
      cpu->parent.machine->turn_end = 0;
      cpu->recheck = 1;
    }
  return 0;
}

guint64
x86_help_vmcall (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  x86_raise (cpu, X86_EXC_UD);
}
