/* help-syscall.c - SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS, FS and GS base.
 * Source: Intel SDM vol. 2 for each.
 * Left out: SYSCALL outside 64-bit mode, which AMD's CPUs alone have, raises #UD. */

#include "config.h"

#include "translate/x86/help.h"
#include "translate/x86/points.h"

#define FLAT_CODE (X86_ATTR_P | X86_ATTR_S | X86_TYPE_CODE | X86_TYPE_WRITE_READ | X86_TYPE_ACCESSED | X86_ATTR_G)
#define FLAT_DATA (X86_ATTR_P | X86_ATTR_S | X86_TYPE_WRITE_READ | X86_TYPE_ACCESSED | X86_ATTR_G | X86_ATTR_DB)

static void
set_flat (X86Cpu *cpu, guint16 cs, guint16 ss, guint cpl, gboolean code64)
{
  cpu->s.seg[X86_CS] = (X86Segment) { .selector = cs, .limit = 0xffffffff,
                                      .attr = FLAT_CODE | cpl << 5 | (code64 ? X86_ATTR_L : X86_ATTR_DB) };
  cpu->s.seg[X86_SS] = (X86Segment) { .selector = ss, .limit = 0xffffffff, .attr = FLAT_DATA | cpl << 5 };
}

guint64
x86_help_syscall (X86Cpu *cpu, guint64 next_rip, guint64 unused_b, guint64 unused_c)
{
  X86State *s = &cpu->s;
  guint16 cs = (s->star >> 32) & 0xfffc;
  guint64 flags;

  if (!(s->efer & X86_EFER_SCE) || !x86_code64 (s))
    x86_raise (cpu, X86_EXC_UD);
  cpu->parent.syscalls++;
  if (x86_points_want (cpu, ASTERN_POINT_SYSCALL))
    x86_points_syscall (cpu, TRUE);
  flags = x86_rflags (cpu);
  s->gpr[X86_RCX] = next_rip;
  s->gpr[X86_R11] = flags & ~(guint64) X86_RF;
  s->rip = s->lstar;
  set_flat (cpu, cs, cs + 8, 0, TRUE);
  x86_write_flags (cpu, 0, (s->fmask & 0xffffffff & ~(guint64) 2) | X86_RF);
  cpu->stepping &= (s->rflags & X86_TF) != 0;      /* TF counts as it is when SYSCALL ends */
  return 0;
}

guint64
x86_help_sysret (X86Cpu *cpu, guint64 size, guint64 unused_b, guint64 unused_c)
{
  X86State *s = &cpu->s;
  guint16 base = s->star >> 48;
  gboolean wide = size == 8;
  const guint64 mask = X86_FLAGS_POPPED | X86_IF | X86_IOPL | X86_RF | X86_AC | X86_VIF | X86_VIP | X86_ID;

  if (!(s->efer & X86_EFER_SCE) || !x86_code64 (s))
    x86_raise (cpu, X86_EXC_UD);
  if (x86_cpl (s) != 0 || (wide && !x86_is_canonical (s->gpr[X86_RCX])))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (x86_points_want (cpu, ASTERN_POINT_SYSCALL))
    x86_points_syscall (cpu, FALSE);
  s->rip = wide ? s->gpr[X86_RCX] : (guint32) s->gpr[X86_RCX];
  set_flat (cpu, (base + (wide ? 16 : 0)) | 3, (base + 8) | 3, 3, wide);
  x86_write_flags (cpu, s->gpr[X86_R11], mask);
  /* And when SYSRET does: as if SYSCALL had just been stepped over. */
  cpu->stepping = 0;
  if (s->rflags & X86_TF)
    x86_debug_pend (cpu, X86_DR6_BS);
  return 0;
}

guint64
x86_help_sysenter (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  X86State *s = &cpu->s;
  guint16 cs = s->sysenter_cs & 0xfffc;
  gboolean wide = x86_long_mode (s);

  if (!(s->cr0 & X86_CR0_PE) || cs == 0)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  cpu->parent.syscalls++;
  if (x86_points_want (cpu, ASTERN_POINT_SYSCALL))
    x86_points_syscall (cpu, TRUE);
  s->rip = wide ? s->sysenter_eip : (guint32) s->sysenter_eip;
  s->gpr[X86_RSP] = wide ? s->sysenter_esp : (guint32) s->sysenter_esp;
  set_flat (cpu, cs, cs + 8, 0, wide);
  x86_write_flags (cpu, 0, X86_VM | X86_IF | X86_RF);
  return 0;
}

guint64
x86_help_sysexit (X86Cpu *cpu, guint64 size, guint64 unused_b, guint64 unused_c)
{
  X86State *s = &cpu->s;
  guint16 cs = s->sysenter_cs & 0xfffc;
  gboolean wide = size == 8;

  if (!(s->cr0 & X86_CR0_PE) || cs == 0 || x86_cpl (s) != 0
      || (wide && !(x86_is_canonical (s->gpr[X86_RDX]) && x86_is_canonical (s->gpr[X86_RCX]))))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (x86_points_want (cpu, ASTERN_POINT_SYSCALL))
    x86_points_syscall (cpu, FALSE);
  s->rip = wide ? s->gpr[X86_RDX] : (guint32) s->gpr[X86_RDX];
  s->gpr[X86_RSP] = wide ? s->gpr[X86_RCX] : (guint32) s->gpr[X86_RCX];
  set_flat (cpu, (cs + (wide ? 32 : 16)) | 3, (cs + (wide ? 40 : 24)) | 3, 3, wide);
  x86_mode_changed (cpu);
  return 0;
}

guint64
x86_help_swapgs (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint64 base = cpu->s.seg[X86_GS].base;

  if (!x86_code64 (&cpu->s))
    x86_raise (cpu, X86_EXC_UD);
  x86_require_cpl0 (cpu);
  cpu->s.seg[X86_GS].base = cpu->s.kernel_gs_base;
  cpu->s.kernel_gs_base = base;
  return 0;
}

static void
check_fsgsbase (X86Cpu *cpu)
{
  if (!(cpu->s.cr4 & X86_CR4_FSGSBASE) || !x86_code64 (&cpu->s))
    x86_raise (cpu, X86_EXC_UD);
}

guint64
x86_help_rdfsgs (X86Cpu *cpu, guint64 seg, guint64 unused_b, guint64 unused_c)
{
  check_fsgsbase (cpu);
  return cpu->s.seg[seg].base;
}

guint64
x86_help_wrfsgs (X86Cpu *cpu, guint64 seg, guint64 base, guint64 unused)
{
  check_fsgsbase (cpu);
  if (!x86_is_canonical (base))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  cpu->s.seg[seg].base = base;
  return 0;
}
