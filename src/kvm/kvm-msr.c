/* kvm-msr.c - accesses to model-specific registers that the kernel leaves to us: those that points ask for, those of a local APIC
 * that is ours, and those that the kernel does not know.
 * Source: Linux, Documentation/virt/kvm/api.rst, 4.97 and 7.22. */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/msr.h"

#include <string.h>
#include <sys/ioctl.h>

#define RANGE_MSRS 0x2000u     /* most that a range of the filter may have: 0x600 bytes of bits are more */

/* ---- carried out ---- */

static gboolean
is_of_apic (guint32 number)
{
  return number == X86_MSR_TSC_DEADLINE || (number >= X86_MSR_X2APIC_FIRST && number <= X86_MSR_X2APIC_LAST);
}

static gboolean
ask_kernel (KvmCpu *cpu, gulong request, guint32 number, guint64 *value)
{
  g_autofree struct kvm_msrs *one = g_malloc0 (sizeof *one + sizeof one->entries[0]);
  gboolean done;

  one->nmsrs = 1;
  one->entries[0].index = number;
  one->entries[0].data = *value;
  done = ioctl (cpu->fd, request, one) == 1;
  *value = one->entries[0].data;
  return done;
}

static guint64
counter (KvmCpu *cpu)
{
  guint64 value = 0;

  ask_kernel (cpu, KVM_GET_MSRS, X86_MSR_TSC, &value);
  return value;
}

/* The APIC's deadline is guest time, the guest's is of its counter: how far off it is, is the same. */
static guint64
convert_deadline (guint64 from, guint64 from_now, guint64 to_now, guint64 numerator, guint64 denominator)
{
  gint64 away = (gint64) (from - from_now);
  __int128 scaled = (__int128) away * numerator / denominator;

  return from == 0 || denominator == 0 ? 0 : MAX ((gint64) to_now + (gint64) scaled, 1);
}

static guint64
counter_khz (KvmCpu *cpu)
{
  int khz = ioctl (cpu->fd, KVM_GET_TSC_KHZ, NULL);

  return khz > 0 ? (guint64) khz : 1000000;
}

static gboolean
read_apic (KvmCpu *cpu, guint32 number, guint64 *value)
{
  guint64 now_ns = astern_clock_now_ns (&cpu->parent.machine->clock);
  gboolean fault = FALSE;

  if (cpu->parent.apic == NULL)
    return FALSE;
  *value = cpu->parent.apic_ops->read_msr (cpu->parent.apic, number, &fault);
  if (number == X86_MSR_TSC_DEADLINE)
    *value = convert_deadline (*value, now_ns, counter (cpu), counter_khz (cpu), 1000000);
  return !fault;
}

static gboolean
write_apic (KvmCpu *cpu, guint32 number, guint64 value)
{
  guint64 now_ns = astern_clock_now_ns (&cpu->parent.machine->clock);
  gboolean fault = FALSE;

  if (cpu->parent.apic == NULL)
    return FALSE;
  if (number == X86_MSR_TSC_DEADLINE)
    value = convert_deadline (value, counter (cpu), now_ns, 1000000, counter_khz (cpu));
  cpu->parent.apic_ops->write_msr (cpu->parent.apic, number, value, &fault);
  return !fault;
}

static guint64 *
slot_of (KvmCpu *cpu, const X86Msr *msr)
{
  return (guint64 *) (gpointer) ((guint8 *) &cpu->s + msr->slot);
}

/* Those of the model that the kernel has not are kept in the state, as the translator does. */
static gboolean
read_table (KvmCpu *cpu, guint32 number, guint64 *value)
{
  const X86Msr *msr = x86_msr_find (&cpu->engine->features, number);

  if (number == X86_MSR_CORE_THREAD_COUNT)
    *value = cpu->engine->n_cpus | cpu->engine->n_cpus << 16;
  else if (msr != NULL)
    *value = msr->slot == X86_MSR_NO_SLOT ? msr->value : *slot_of (cpu, msr);
  return msr != NULL || number == X86_MSR_CORE_THREAD_COUNT;
}

static gboolean
write_table (KvmCpu *cpu, guint32 number, guint64 value)
{
  const X86Msr *msr = x86_msr_find (&cpu->engine->features, number);

  if (msr == NULL || !x86_msr_accepts (msr, value))
    return FALSE;
  if (msr->slot != X86_MSR_NO_SLOT)
    *slot_of (cpu, msr) = (*slot_of (cpu, msr) & ~msr->writable) | (value & msr->writable);
  return TRUE;
}

/* The kernel takes from us what it would not take from the guest. */
static gboolean
may_write (KvmCpu *cpu, guint32 number, guint64 value)
{
  const X86Msr *msr = x86_msr_find (&cpu->engine->features, number);

  return msr == NULL || x86_msr_accepts (msr, value);
}

static void
note (KvmCpu *cpu, AsternAccessKind access, guint64 value)
{
  AsternHit hit = { .kind = ASTERN_POINT_MSR, .number = cpu->run->msr.index, .size = 8, .access = (guint8) access, .has_new = 1,
                    .has_old = access == ASTERN_ACCESS_READ, .old_value = access == ASTERN_ACCESS_READ ? value : 0, .new_value = value };

  kvm_points_note (cpu, &hit);
}

static void
refuse (KvmCpu *cpu, const char *what)
{
  cpu->run->msr.error = 1;
  astern_events_log (&cpu->parent.machine->events, ASTERN_EVENT_UNIMP, "CPU %u: %s of MSR %x: #GP", cpu->parent.index, what, cpu->run->msr.index);
}

void
kvm_msr_read (KvmCpu *cpu)
{
  struct kvm_run *run = cpu->run;
  guint32 number = run->msr.index;
  guint64 value = 0;
  gboolean done;

  if (is_of_apic (number) && cpu->engine->irqchip == ASTERN_KVM_IRQCHIP_OFF)
    done = read_apic (cpu, number, &value);
  else
    done = (run->msr.reason == KVM_MSR_EXIT_REASON_FILTER && ask_kernel (cpu, KVM_GET_MSRS, number, &value)) ||
           read_table (cpu, number, &value);
  run->msr.data = value;
  run->msr.error = 0;
  if (done)
    note (cpu, ASTERN_ACCESS_READ, value);
  else
    refuse (cpu, "read");
}

void
kvm_msr_write (KvmCpu *cpu)
{
  struct kvm_run *run = cpu->run;
  guint32 number = run->msr.index;
  guint64 value = run->msr.data;
  gboolean done;

  if (is_of_apic (number) && cpu->engine->irqchip == ASTERN_KVM_IRQCHIP_OFF)
    done = write_apic (cpu, number, value);
  else
    done = (run->msr.reason == KVM_MSR_EXIT_REASON_FILTER && may_write (cpu, number, value) &&
            ask_kernel (cpu, KVM_SET_MSRS, number, &value)) || write_table (cpu, number, value);
  run->msr.error = 0;
  if (done)
    note (cpu, ASTERN_ACCESS_WRITE, run->msr.data);
  else
    refuse (cpu, "write");
}

/* ---- which of them are exits ---- */

static void
add_range (GArray *ranges, guint32 first, guint32 last)
{
  while (TRUE)
    {
      guint32 end = MIN (last, first + RANGE_MSRS - 1);

      g_array_append_val (ranges, first);
      g_array_append_val (ranges, end);
      if (end == last)
        return;
      first = end + 1;
    }
}

/* Every MSR: the two blocks there are. */
static void
add_point (GArray *ranges, const AsternPoint *point)
{
  if (point->start != ASTERN_POINT_ANY)
    {
      guint64 last = MIN (point->start + MAX (point->size, 1) - 1, G_MAXUINT32);

      if (point->start <= G_MAXUINT32 && last - point->start < RANGE_MSRS)
        {
          add_range (ranges, (guint32) point->start, (guint32) last);
          return;
        }
    }
  add_range (ranges, 0, RANGE_MSRS - 1);
  add_range (ranges, 0xc0000000u, 0xc0000000u + RANGE_MSRS - 1);
  add_range (ranges, 0x40000000u, 0x40000000u + RANGE_MSRS - 1);
}

static GArray *
wanted_ranges (KvmEngine *engine)
{
  AsternPoints *points = engine->parent.machine->points;
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (guint32));

  /* The kernel would drop what is written to it. */
  if (engine->irqchip == ASTERN_KVM_IRQCHIP_OFF)
    add_range (ranges, X86_MSR_TSC_DEADLINE, X86_MSR_TSC_DEADLINE);
  if ((astern_points_armed (points) >> ASTERN_POINT_MSR & 1) == 0)
    return ranges;
  for (guint i = 0; i < astern_points_count (points); i++)
    if (astern_points_at (points, i)->enabled && astern_points_at (points, i)->kind == ASTERN_POINT_MSR)
      add_point (ranges, astern_points_at (points, i));
  return ranges;
}

static void
set_filter (KvmEngine *engine)
{
  static guint8 none[RANGE_MSRS / 8];
  struct kvm_msr_filter filter = { .flags = KVM_MSR_FILTER_DEFAULT_ALLOW };
  guint n = MIN (engine->filtered->len / 2, KVM_MSR_FILTER_MAX_RANGES);

  for (guint i = 0; i < n; i++)
    {
      guint32 first = g_array_index (engine->filtered, guint32, 2 * i), last = g_array_index (engine->filtered, guint32, 2 * i + 1);

      filter.ranges[i] = (struct kvm_msr_filter_range) { .flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE, .base = first,
                                                         .nmsrs = last - first + 1, .bitmap = none };
    }
  kvm_must (engine->vm_fd, KVM_X86_SET_MSR_FILTER, &filter, "KVM_X86_SET_MSR_FILTER");
}

void
kvm_msr_filter (KvmEngine *engine)
{
  GArray *wanted;

  if (engine->filtered == NULL)
    return;
  wanted = wanted_ranges (engine);
  if (wanted->len == engine->filtered->len &&
      (wanted->len == 0 || memcmp (wanted->data, engine->filtered->data, wanted->len * sizeof (guint32)) == 0))
    {
      g_array_unref (wanted);
      return;
    }
  g_array_unref (engine->filtered);
  engine->filtered = wanted;
  set_filter (engine);
}

void
kvm_msr_init (KvmEngine *engine)
{
  struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_USER_SPACE_MSR };

  cap.args[0] = KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN | KVM_MSR_EXIT_REASON_FILTER;
  if (ioctl (engine->kvm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_X86_MSR_FILTER) <= 0 || ioctl (engine->vm_fd, KVM_ENABLE_CAP, &cap) < 0)
    return;
  engine->filtered = g_array_new (FALSE, FALSE, sizeof (guint32));
  kvm_msr_filter (engine);
}
