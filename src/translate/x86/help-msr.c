/* help-msr.c - MSRs, the time stamp counter, CPUID.
 * Source: Intel SDM vol. 2, RDMSR, WRMSR, RDTSC, RDTSCP, RDPMC, CPUID; vol. 3A, 2.2.1 (EFER), 17.17 (TSC).
 * Left out: performance counters.  The time stamp is a function of guest time. */

#include "config.h"

#include "arch/x86/kvmclock.h"
#include "arch/x86/msr.h"
#include "arch/x86/tsc.h"
#include "translate/x86/help.h"
#include "translate/x86/points.h"

guint64
x86_time_stamp (X86Cpu *cpu)
{
  x86_cpu_publish_icount (cpu);
  return x86_tsc_at (&cpu->s, astern_clock_now_ns (&cpu->parent.machine->clock));
}

static gboolean
has (const X86Cpu *cpu, X86Feature feature)
{
  return cpu->features->has[feature];
}

static guint64 *
msr_slot (X86Cpu *cpu, const X86Msr *msr)
{
  return (guint64 *) ((guint8 *) &cpu->s + msr->slot);
}

static gboolean
is_apic_msr (guint32 number)
{
  return number == X86_MSR_APIC_BASE || number == X86_MSR_TSC_DEADLINE
         || (number >= X86_MSR_X2APIC_FIRST && number <= X86_MSR_X2APIC_LAST);
}

G_GNUC_NORETURN static void
refuse (X86Cpu *cpu, guint32 number, const char *what)
{
  astern_events_log (&cpu->parent.machine->events, ASTERN_EVENT_UNIMP, "%s of MSR %x at %" G_GINT64_MODIFIER "x: #GP",
                     what, number, cpu->s.rip);
  x86_raise_error (cpu, X86_EXC_GP, 0);
}

/* --- reading --- */

static guint64
read_apic (X86Cpu *cpu, guint32 number)
{
  const AsternApicInterface *ops = cpu->parent.apic_ops;
  gboolean fault = FALSE;
  guint64 value;

  if (ops == NULL || ops->read_msr == NULL || !has (cpu, X86_FEATURE_APIC))
    refuse (cpu, number, "read");
  x86_cpu_publish_icount (cpu);
  value = ops->read_msr (cpu->parent.apic, number, &fault);
  if (fault)
    refuse (cpu, number, "read");
  if (number == X86_MSR_TSC_DEADLINE && value != 0)
    return x86_tsc_at (&cpu->s, value);
  return value;
}

static guint64
read_msr (X86Cpu *cpu, guint32 number)
{
  const X86Msr *msr;

  switch (number)
    {
    case X86_MSR_FS_BASE:        return cpu->s.seg[X86_FS].base;
    case X86_MSR_GS_BASE:        return cpu->s.seg[X86_GS].base;
    case X86_MSR_KERNEL_GS_BASE: return cpu->s.kernel_gs_base;
    case X86_MSR_TSC:            return x86_time_stamp (cpu);
    case X86_MSR_CORE_THREAD_COUNT:
      return cpu->parent.machine->n_cpus | cpu->parent.machine->n_cpus << 16;
    case X86_MSR_EFER:
      if (has (cpu, X86_FEATURE_SYSCALL) || has (cpu, X86_FEATURE_NX))
        return cpu->s.efer;
      break;
    case X86_MSR_TSC_ADJUST:
      if (has (cpu, X86_FEATURE_TSC_ADJUST))
        return cpu->s.tsc_offset;
      break;
    default:
      if (is_apic_msr (number))
        return read_apic (cpu, number);
      break;
    }
  msr = x86_msr_find (cpu->features, number);
  if (msr == NULL)
    refuse (cpu, number, "read");
  return msr->slot == X86_MSR_NO_SLOT ? msr->value : *msr_slot (cpu, msr);
}

guint64
x86_help_rdmsr (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint64 value;

  x86_require_cpl0 (cpu);
  value = read_msr (cpu, cpu->s.gpr[X86_RCX]);
  if (x86_points_want (cpu, ASTERN_POINT_MSR))
    x86_points_register (cpu, ASTERN_POINT_MSR, (guint32) cpu->s.gpr[X86_RCX], 8, ASTERN_ACCESS_READ, value, value);
  cpu->s.gpr[X86_RAX] = (guint32) value;
  cpu->s.gpr[X86_RDX] = value >> 32;
  return 0;
}

/* --- writing --- */

static void
write_efer (X86Cpu *cpu, guint64 value)
{
  guint64 allowed = (has (cpu, X86_FEATURE_SYSCALL) ? X86_EFER_SCE : 0) | (has (cpu, X86_FEATURE_NX) ? X86_EFER_NXE : 0)
                    | (has (cpu, X86_FEATURE_LM) ? X86_EFER_LME : 0);

  if ((value & ~(allowed | X86_EFER_LMA)) || allowed == 0
      || (((value ^ cpu->s.efer) & X86_EFER_LME) && (cpu->s.cr0 & X86_CR0_PG)))
    refuse (cpu, X86_MSR_EFER, "write");
  cpu->s.efer = (value & allowed) | (cpu->s.efer & X86_EFER_LMA);
  x86_mmu_changed (cpu);
  x86_mode_changed (cpu);
}

static void
write_apic (X86Cpu *cpu, guint32 number, guint64 value)
{
  const AsternApicInterface *ops = cpu->parent.apic_ops;
  gboolean fault = FALSE;

  if (ops == NULL || ops->write_msr == NULL || !has (cpu, X86_FEATURE_APIC))
    refuse (cpu, number, "write");
  x86_cpu_publish_icount (cpu);
  cpu->recheck = 1;
  if (number == X86_MSR_TSC_DEADLINE && value != 0)
    value = MAX (x86_tsc_ns (&cpu->s, value), 1);
  ops->write_msr (cpu->parent.apic, number, value, &fault);
  if (fault)
    refuse (cpu, number, "write");
}

static void
write_base (X86Cpu *cpu, guint32 number, guint64 *base, guint64 value)
{
  if (!x86_is_canonical (value))
    refuse (cpu, number, "write");
  *base = value;
}

/* ---- the clock that KVM's guests read ---- */

static void
write_physical (X86Cpu *cpu, guint64 address, const guint8 *bytes, guint n)
{
  AsternAccess access = { .address = { address }, .size = 4, .kind = ASTERN_ACCESS_WRITE, .origin = ASTERN_ORIGIN_CPU, .cpu = (guint8) cpu->parent.index };

  for (guint i = 0; i < n; i += 4, access.address.p += 4)
    {
      guint32 word;

      memcpy (&word, bytes + i, 4);
      astern_bus_write (cpu->parent.machine->physical, &access, GUINT32_FROM_LE (word));
    }
}

/* The counter goes with guest time: until one of them is set anew, this page holds. */
static void
show_clock (X86Cpu *cpu)
{
  AsternMachine *machine = cpu->parent.machine;
  guint64 place = cpu->s.kvm_system_time;
  guint8 page[X86_KVMCLOCK_BYTES];

  if (!has (cpu, X86_FEATURE_KVMCLOCK) || !(place & X86_KVMCLOCK_ENABLED))
    return;
  x86_cpu_publish_icount (cpu);
  x86_kvmclock_page (astern_clock_now_ns (&machine->clock), x86_time_stamp (cpu), cpu->s.tsc_hz, page);
  write_physical (cpu, place & ~(guint64) X86_KVMCLOCK_ENABLED, page, sizeof page);
}

static void
show_wall_clock (X86Cpu *cpu)
{
  guint8 wall[X86_KVMCLOCK_WALL_BYTES];

  x86_kvmclock_wall (astern_inputs_wall_clock_s (cpu->parent.machine->inputs), wall);
  write_physical (cpu, cpu->s.kvm_wall_clock, wall, sizeof wall);
}

static void
write_table (X86Cpu *cpu, guint32 number, guint64 value)
{
  const X86Msr *msr = x86_msr_find (cpu->features, number);

  if (msr == NULL || !x86_msr_accepts (msr, value))
    refuse (cpu, number, "write");
  if (msr->slot != X86_MSR_NO_SLOT)
    *msr_slot (cpu, msr) = (*msr_slot (cpu, msr) & ~msr->writable) | (value & msr->writable);
  if (number == X86_MSR_KVM_SYSTEM_TIME)
    show_clock (cpu);
  else if (number == X86_MSR_KVM_WALL_CLOCK)
    show_wall_clock (cpu);
}

static void
write_msr (X86Cpu *cpu, guint32 number, guint64 value)
{
  switch (number)
    {
    case X86_MSR_FS_BASE:        write_base (cpu, number, &cpu->s.seg[X86_FS].base, value); break;
    case X86_MSR_GS_BASE:        write_base (cpu, number, &cpu->s.seg[X86_GS].base, value); break;
    case X86_MSR_KERNEL_GS_BASE: write_base (cpu, number, &cpu->s.kernel_gs_base, value); break;
    case X86_MSR_EFER:           write_efer (cpu, value); break;
    case X86_MSR_TSC:
      cpu->s.tsc_offset += value - x86_time_stamp (cpu);
      show_clock (cpu);
      break;
    case X86_MSR_TSC_ADJUST:
      if (!has (cpu, X86_FEATURE_TSC_ADJUST))
        refuse (cpu, number, "write");
      cpu->s.tsc_offset = value;
      show_clock (cpu);
      break;
    default:
      if (is_apic_msr (number))
        write_apic (cpu, number, value);
      else
        write_table (cpu, number, value);
      break;
    }
}

guint64
x86_help_wrmsr (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  guint64 value = (guint32) cpu->s.gpr[X86_RAX] | cpu->s.gpr[X86_RDX] << 32;

  x86_require_cpl0 (cpu);
  write_msr (cpu, cpu->s.gpr[X86_RCX], value);
  if (x86_points_want (cpu, ASTERN_POINT_MSR))
    x86_points_register (cpu, ASTERN_POINT_MSR, (guint32) cpu->s.gpr[X86_RCX], 8, ASTERN_ACCESS_WRITE, 0, value);
  return 0;
}

/* --- counters, identity --- */

guint64
x86_help_rdtsc (X86Cpu *cpu, guint64 with_aux, guint64 unused_b, guint64 unused_c)
{
  guint64 now;

  if ((cpu->s.cr4 & X86_CR4_TSD) && (cpu->s.cr0 & X86_CR0_PE) && x86_cpl (&cpu->s) != 0)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  now = x86_time_stamp (cpu);
  cpu->s.gpr[X86_RAX] = (guint32) now;
  cpu->s.gpr[X86_RDX] = now >> 32;
  if (with_aux)
    cpu->s.gpr[X86_RCX] = (guint32) cpu->s.tsc_aux;
  return 0;
}

guint64
x86_help_rdpid (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  return cpu->s.tsc_aux;
}

guint64
x86_help_rdpmc (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  x86_raise_error (cpu, X86_EXC_GP, 0);
}

guint64
x86_help_cpuid (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  struct _X86CpuidContext context = { cpu->parent.index, cpu->parent.index, cpu->s.cr4, cpu->s.xcr0 };
  X86Cpuid r = x86_features_cpuid (cpu->features, cpu->s.gpr[X86_RAX], cpu->s.gpr[X86_RCX], &context);

  cpu->s.gpr[X86_RAX] = r.eax;
  cpu->s.gpr[X86_RBX] = r.ebx;
  cpu->s.gpr[X86_RCX] = r.ecx;
  cpu->s.gpr[X86_RDX] = r.edx;
  return 0;
}
