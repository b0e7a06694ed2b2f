/* kvm-time.c - the CPUs' time stamp counters, which the host's runs for them, and guest time.
 *
 * A counter is a function of guest time (arch/x86/tsc.h).  When a run begins all counters are set to what they are at this moment,
 * with the same distances between CPUs; while it goes on they follow the host's counter, and guest time the host's clock, which
 * are not quite the same.  When it ends guest time is never behind the counters: what a guest has read is not read again.
 * Source: Linux, Documentation/virt/kvm/devices/vcpu.rst, KVM_VCPU_TSC_CTRL. */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/msr.h"
#include "arch/x86/tsc.h"

#include <string.h>
#include <sys/ioctl.h>

#define MOST_DRIFT_NS 1000000000

static struct kvm_device_attr
offset_attr (guint64 *offset)
{
  return (struct kvm_device_attr) { .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET, .addr = (guintptr) offset };
}

static guint64
get_offset (KvmCpu *cpu)
{
  guint64 offset = 0;
  struct kvm_device_attr attr = offset_attr (&offset);

  kvm_must (cpu->fd, KVM_GET_DEVICE_ATTR, &attr, "KVM_VCPU_TSC_OFFSET");
  return offset;
}

static void
set_offset (KvmCpu *cpu, guint64 offset)
{
  struct kvm_device_attr attr = offset_attr (&offset);

  kvm_must (cpu->fd, KVM_SET_DEVICE_ATTR, &attr, "KVM_VCPU_TSC_OFFSET");
  cpu->tsc_put = offset;
}

static void
set_counter (KvmCpu *cpu, guint64 value)
{
  kvm_put_msr (cpu, X86_MSR_TSC, value);
  if (cpu->engine->has_tsc_offset)
    cpu->tsc_put = get_offset (cpu);
}

void
kvm_time_init (KvmEngine *engine)
{
  guint64 offset = 0;
  struct kvm_device_attr attr = offset_attr (&offset);

  engine->has_tsc_offset = ioctl (engine->cpus[0]->fd, KVM_HAS_DEVICE_ATTR, &attr) == 0;
}

/* The first CPU's counter is put right, and the others' by their distance from it: this is exact whatever a counter's scale is.
 * Guest time is that of the moment at which the counter was read, or it would be behind for all of the run. */
void
kvm_time_put (KvmEngine *engine)
{
  const AsternClock *clock = &engine->parent.machine->clock;
  KvmCpu *first = engine->cpus[0];
  guint64 base = 0;

  if (engine->has_tsc_offset)
    {
      guint64 offset = get_offset (first), counter = kvm_get_msr (first, X86_MSR_TSC);

      kvm_advance_clock (engine);
      base = offset + x86_tsc_at (&first->s, astern_clock_now_ns (clock)) - counter;
    }
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      KvmCpu *cpu = engine->cpus[i];

      if (engine->has_tsc_offset)
        set_offset (cpu, base + cpu->s.tsc_offset - first->s.tsc_offset);
      else
        set_counter (cpu, x86_tsc_at (&cpu->s, astern_clock_now_ns (clock)));
      if (engine->features.has[X86_FEATURE_TSC_ADJUST])
        kvm_put_msr (cpu, X86_MSR_TSC_ADJUST, cpu->s.tsc_offset);
    }
}

/* What a guest wrote to its counters is the difference to what they were set to; where the kernel does not tell, whatever cannot
 * be explained by two clocks. */
void
kvm_time_get (KvmEngine *engine)
{
  AsternClock *clock = &engine->parent.machine->clock;
  KvmCpu *first = engine->cpus[0];
  gint64 ahead_ns;

  for (guint i = 0; i < engine->n_cpus && engine->has_tsc_offset; i++)
    {
      KvmCpu *cpu = engine->cpus[i];
      guint64 offset = get_offset (cpu);

      cpu->s.tsc_offset += offset - cpu->tsc_put;
      cpu->tsc_put = offset;
    }
  ahead_ns = (gint64) (x86_tsc_ns (&first->s, kvm_get_msr (first, X86_MSR_TSC)) - astern_clock_now_ns (clock));
  if (ahead_ns > 0 && ahead_ns < MOST_DRIFT_NS)
    astern_clock_skip (clock, (guint64) ahead_ns);
  else if (!engine->has_tsc_offset && (ahead_ns >= MOST_DRIFT_NS || ahead_ns <= -MOST_DRIFT_NS))
    for (guint i = 0; i < engine->n_cpus; i++)
      {
        X86State *s = &engine->cpus[i]->s;

        s->tsc_offset += kvm_get_msr (engine->cpus[i], X86_MSR_TSC) - x86_tsc_at (s, astern_clock_now_ns (clock));
      }
}
