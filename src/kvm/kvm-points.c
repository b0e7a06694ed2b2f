/* kvm-points.c - the machine's points on a host's CPU.
 * Source: Linux, Documentation/virt/kvm/api.rst, 4.87, 4.97; Intel SDM vol. 3B, 17.2.
 *
 * When a run begins, each enabled point becomes something that makes the kernel come back:
 *
 * - EXECUTE: a debug register, or a breakpoint instruction in memory, which is there only while CPUs run.  A host that is itself
 *   emulated may serve neither (kvm-probe.c): the instruction is HLT then, and user code is stepped.
 * - MEMORY: a debug register where one is left and the place is of a size and alignment that it can watch; else its pages become
 *   pages that can only be read, or none at all, and the accesses to them exits.  DMA is told of by the bus.
 * - PORT is an exit anyway; MSR: a filter makes it one.
 * - All other kinds, ranges of code, and offsets while a CPU's CS has a base need that each instruction is looked at: the CPUs are
 *   stepped in turn.
 *
 * A CPU that came to a point waits; the machine's thread parks the others, takes the breakpoint instructions out, asks the points,
 * and steps each that goes on over its instruction.  What ran freely counts as one instruction, so that moments differ.
 *
 * Left out: of a debug register that watches reads and writes it is not known which came: a value that is the same was read.  A
 * linear place whose page is not there when the run begins is not watched before the next one begins.  The kernel's emulator makes
 * the accesses to watched pages: one that it does not know, and an interrupt's frame, are stepped with the pages open, and only what
 * was changed is seen. */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/paging.h"

#include <string.h>
#include <sys/ioctl.h>

#define BY_STEPS  (1u << ASTERN_POINT_CONTROL | 1u << ASTERN_POINT_EXCEPTION | 1u << ASTERN_POINT_INTERRUPT | \
                   1u << ASTERN_POINT_MODE | 1u << ASTERN_POINT_SYSCALL | 1u << ASTERN_POINT_MAGIC)
#define INT3      0xcc
#define HLT       0xf4
#define DR7_FIXED  0x600u     /* exact, both */

enum { ON_EXECUTION = 0, ON_WRITE = 1, ON_ACCESS = 3 };

static AsternPoints *
points_of (const KvmEngine *engine)
{
  return engine->parent.machine->points;
}

static gboolean
is_armed (const KvmEngine *engine, AsternPointKind kind)
{
  return astern_points_armed (points_of (engine)) >> kind & 1;
}

/* ---- what points come to ---- */

static void
say_none_left (KvmEngine *engine, const AsternPoint *point)
{
  if (!engine->said_none_left)
    astern_events_log (&engine->parent.machine->events, ASTERN_EVENT_GUEST_ERRORS,
                       "KVM: point %u waits: its page is not there, and no debug register is left", point->id);
  engine->said_none_left = TRUE;
}

static gboolean
take_register (KvmEngine *engine, guint64 linear, guint kind, guint size)
{
  for (guint i = 0; i < G_N_ELEMENTS (engine->dr); i++)
    if (engine->dr[i].size > 0 && engine->dr[i].linear == linear && engine->dr[i].size == size && engine->dr[i].kind == kind)
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (engine->dr) && (kind == ON_EXECUTION ? engine->stops_code : engine->stops_data); i++)
    if (engine->dr[i].size == 0)
      {
        engine->dr[i] = (KvmDebugRegister) { .linear = linear, .kind = (guint8) kind, .size = (guint8) size };
        return TRUE;
      }
  return FALSE;
}

/* By the tables of a CPU that is in the point's space. */
static gboolean
translate (KvmEngine *engine, const AsternPoint *point, guint64 linear, guint64 *physical)
{
  if (point->space == ASTERN_SPACE_PHYSICAL)
    {
      *physical = linear;
      return TRUE;
    }
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      AsternCpu *cpu = &engine->cpus[i]->parent;

      if ((point->cpu == ASTERN_POINT_ANY || point->cpu == i) &&
          (point->address_space == ASTERN_POINT_ANY || point->address_space == cpu->klass->address_space (cpu)) &&
          cpu->klass->translate (cpu, linear, physical))
        return TRUE;
    }
  return FALSE;
}

static void
patch (KvmEngine *engine, guint64 ram)
{
  const KvmPatch new = { .ram = ram };

  for (guint i = 0; i < engine->patches->len; i++)
    if (g_array_index (engine->patches, KvmPatch, i).ram == ram)
      return;
  g_array_append_val (engine->patches, new);
}

static gboolean
is_flat (KvmEngine *engine)
{
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      const X86State *s = &engine->cpus[i]->s;

      if (!s->wait_for_sipi && !x86_code64 (s) && ((s->cr0 & X86_CR0_PE) == 0 || s->seg[X86_CS].base != 0))
        return FALSE;
    }
  return TRUE;
}

/* @first: those that nothing but a debug register serves. */
static void
arm_execute (KvmEngine *engine, const AsternPoint *point, gboolean first)
{
  guint64 physical = 0, ram = 0;
  gboolean there = translate (engine, point, point->start, &physical) && kvm_memory_at (engine, physical, &ram) != NULL;

  if (first == there)
    return;
  if (point->space != ASTERN_SPACE_PHYSICAL && take_register (engine, point->start, ON_EXECUTION, 1))
    return;
  /* HLT is only for the system's own code. */
  if (engine->breakpoint == HLT && point->space != ASTERN_SPACE_PHYSICAL && x86_long_mode (&engine->cpus[0]->s) &&
      point->start >> (X86_LINEAR_BITS - 1) == 0)
    engine->by_steps = TRUE;
  else if (there)
    patch (engine, ram);
  else
    say_none_left (engine, point);
}

static gboolean
wants_reads (const AsternPoint *point)
{
  return point->access == 0 || (point->access & ASTERN_POINT_READ) != 0;
}

static void
watch_page (KvmEngine *engine, guint64 page, gboolean reads)
{
  guint at = 0;

  while (at < engine->watches->len && g_array_index (engine->watches, KvmWatch, at).start < page)
    at++;
  if (at < engine->watches->len && g_array_index (engine->watches, KvmWatch, at).start == page)
    g_array_index (engine->watches, KvmWatch, at).reads |= reads;
  else
    {
      const KvmWatch watch = { page, reads };

      g_array_insert_val (engine->watches, at, watch);
    }
}

static void
arm_memory (KvmEngine *engine, const AsternPoint *point)
{
  guint64 size = MAX (point->size, 1), last = MAX (point->start + size - 1, point->start);

  if (point->access != 0 && (point->access & (ASTERN_POINT_READ | ASTERN_POINT_WRITE)) == 0)
    return;
  if (point->space == ASTERN_SPACE_LINEAR && (size == 1 || size == 2 || size == 4 || size == 8) && (point->start & (size - 1)) == 0 &&
      take_register (engine, point->start, wants_reads (point) ? ON_ACCESS : ON_WRITE, (guint) size))
    return;
  for (guint64 at = point->start;; at = (at | ASTERN_PAGE_MASK) + 1)
    {
      guint64 physical;

      if (translate (engine, point, at, &physical))
        watch_page (engine, physical & ~ASTERN_PAGE_MASK, wants_reads (point));
      else
        say_none_left (engine, point);
      if ((at | ASTERN_PAGE_MASK) >= last)
        break;
    }
}

static void
for_each (KvmEngine *engine, AsternPointKind kind, void (*arm) (KvmEngine *engine, const AsternPoint *point))
{
  AsternPoints *points = points_of (engine);

  for (guint i = 0; is_armed (engine, kind) && i < astern_points_count (points); i++)
    if (astern_points_at (points, i)->enabled && astern_points_at (points, i)->kind == kind)
      arm (engine, astern_points_at (points, i));
}

static void
needs_steps (KvmEngine *engine, const AsternPoint *point)
{
  engine->by_steps |= point->size > 1 || (point->space == ASTERN_SPACE_VIRTUAL && !is_flat (engine));
}

static void
arm_needed (KvmEngine *engine, const AsternPoint *point)
{
  arm_execute (engine, point, TRUE);
}

static void
arm_rest (KvmEngine *engine, const AsternPoint *point)
{
  arm_execute (engine, point, FALSE);
}

static guint64
value_at (KvmEngine *engine, guint64 linear, guint size)
{
  guint64 value = 0, physical;

  for (guint i = 0; i < engine->n_cpus; i++)
    if (engine->cpus[i]->parent.klass->translate (&engine->cpus[i]->parent, linear, &physical))
      {
        astern_bus_read_bytes (engine->parent.machine->physical, (AsternPaddr) { physical }, &value, size, ASTERN_ORIGIN_DEBUGGER);
        break;
      }
  return value;
}

static gboolean
same_watches (const GArray *a, const GArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (g_array_index (a, KvmWatch, i).start != g_array_index (b, KvmWatch, i).start ||
        g_array_index (a, KvmWatch, i).reads != g_array_index (b, KvmWatch, i).reads)
      return FALSE;
  return TRUE;
}

/* No CPU is in the guest. */
static void
apply (KvmEngine *engine)
{
  g_autoptr (GArray) before = g_steal_pointer (&engine->watches);
  guint32 armed = astern_points_armed (points_of (engine));

  engine->points_changed = FALSE;
  engine->watches = g_array_new (FALSE, FALSE, sizeof (KvmWatch));
  g_array_set_size (engine->patches, 0);
  memset (engine->dr, 0, sizeof engine->dr);
  engine->by_steps = (armed & BY_STEPS) != 0;
  if (armed & (1u << ASTERN_POINT_EXECUTE | 1u << ASTERN_POINT_MEMORY))
    for (guint i = 0; i < engine->n_cpus; i++)
      engine->cpus[i]->parent.sync_out (&engine->cpus[i]->parent);
  for_each (engine, ASTERN_POINT_EXECUTE, needs_steps);
  if (!engine->by_steps)
    for_each (engine, ASTERN_POINT_EXECUTE, arm_needed);
  for_each (engine, ASTERN_POINT_MEMORY, arm_memory);
  if (!engine->by_steps)
    for_each (engine, ASTERN_POINT_EXECUTE, arm_rest);
  for (guint i = 0; i < G_N_ELEMENTS (engine->dr); i++)
    if (engine->dr[i].size > 0 && engine->dr[i].kind != ON_EXECUTION)
      engine->dr[i].old_value = value_at (engine, engine->dr[i].linear, engine->dr[i].size);
  engine->map_changed |= !same_watches (before, engine->watches);
  kvm_msr_filter (engine);
}

/* ---- told to the kernel ---- */

static void
say_registers (KvmCpu *cpu)
{
  KvmEngine *engine = cpu->engine;

  if (!engine->said_registers && (cpu->s.dr[7] & X86_DR7_ENABLES) != 0)
    {
      engine->said_registers = TRUE;
      astern_events_log (&engine->parent.machine->events, ASTERN_EVENT_GUEST_ERRORS,
                         "CPU %u: KVM: points use the debug registers, and the guest's own breakpoints do nothing meanwhile", cpu->parent.index);
    }
}

void
kvm_points_debug (KvmCpu *cpu, gboolean step)
{
  static const guint8 length_bits[9] = { [1] = 0, [2] = 1, [8] = 2, [4] = 3 };
  const KvmEngine *engine = cpu->engine;
  struct kvm_guest_debug debug = { .arch.debugreg[7] = DR7_FIXED };

  for (guint i = 0; i < G_N_ELEMENTS (engine->dr); i++)
    {
      const KvmDebugRegister *dr = &engine->dr[i];

      if (dr->size == 0 || (step && dr->kind == ON_EXECUTION))
        continue;
      debug.control |= KVM_GUESTDBG_USE_HW_BP;
      debug.arch.debugreg[i] = dr->linear;
      debug.arch.debugreg[7] |= 2u << 2 * i | (guint) dr->kind << (16 + 4 * i) | (guint) length_bits[dr->size] << (18 + 4 * i);
    }
  if (debug.control != 0)
    say_registers (cpu);
  if (step)
    debug.control |= KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP | engine->block_irq;
  if (engine->patches->len > 0)
    debug.control |= KVM_GUESTDBG_USE_SW_BP;
  if (debug.control == 0 && !cpu->has_debug)
    return;
  cpu->has_debug = debug.control != 0;
  if (debug.control != 0)
    debug.control |= KVM_GUESTDBG_ENABLE;
  kvm_must (cpu->fd, KVM_SET_GUEST_DEBUG, &debug, "KVM_SET_GUEST_DEBUG");
}

static void
put_in (KvmEngine *engine)
{
  for (guint i = 0; i < engine->patches->len; i++)
    {
      KvmPatch *patch = &g_array_index (engine->patches, KvmPatch, i);
      guint8 *host = astern_memory_host (engine->parent.machine->memory, patch->ram);

      patch->byte = *host;
      patch->is_in = TRUE;
      *host = engine->breakpoint;
    }
}

/* A byte that the guest has written meanwhile stays. */
static void
take_out (KvmEngine *engine)
{
  for (guint i = 0; i < engine->patches->len; i++)
    {
      KvmPatch *patch = &g_array_index (engine->patches, KvmPatch, i);
      guint8 *host = astern_memory_host (engine->parent.machine->memory, patch->ram);

      if (patch->is_in && *host == engine->breakpoint)
        *host = patch->byte;
      patch->is_in = FALSE;
    }
}

/* ---- exits ---- */

void
kvm_inject (KvmCpu *cpu, guint vector)
{
  struct kvm_vcpu_events events;

  kvm_must (cpu->fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS");
  events.exception.injected = 1;
  events.exception.pending = 0;
  events.exception.nr = (guint8) vector;
  events.exception.has_error_code = 0;
  kvm_must (cpu->fd, KVM_SET_VCPU_EVENTS, &events, "KVM_SET_VCPU_EVENTS");
}

/* The guest steps itself, by its own trap flag. */
static void
inject_trap (KvmCpu *cpu, guint64 bits)
{
  struct kvm_debugregs registers;

  kvm_must (cpu->fd, KVM_GET_DEBUGREGS, &registers, "KVM_GET_DEBUGREGS");
  registers.dr6 |= bits;
  kvm_must (cpu->fd, KVM_SET_DEBUGREGS, &registers, "KVM_SET_DEBUGREGS");
  kvm_inject (cpu, X86_EXC_DB);
}

/* Whether a breakpoint instruction there is ours. */
static gboolean
is_patch (KvmCpu *cpu, guint64 linear)
{
  KvmEngine *engine = cpu->engine;
  guint64 physical, ram;

  if (!cpu->parent.klass->translate (&cpu->parent, linear, &physical) || kvm_memory_at (engine, physical, &ram) == NULL)
    return FALSE;
  for (guint i = 0; i < engine->patches->len; i++)
    if (g_array_index (engine->patches, KvmPatch, i).ram == ram && g_array_index (engine->patches, KvmPatch, i).is_in)
      return TRUE;
  for (guint i = 0; i < engine->planted->len; i++)
    if (g_array_index (engine->planted, guint64, i) == ram)
      return TRUE;
  return FALSE;
}

gboolean
kvm_points_halted (KvmCpu *cpu)
{
  AsternCodePlace code;
  struct kvm_regs regs;

  if (cpu->engine->breakpoint != HLT || cpu->engine->patches->len + cpu->engine->planted->len == 0)
    return FALSE;
  kvm_state_get_place (cpu);
  cpu->parent.klass->code_place (&cpu->parent, &code);
  if (!is_patch (cpu, code.linear - 1))
    return FALSE;
  kvm_must (cpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
  regs.rip--;
  kvm_must (cpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
  cpu->debug = (struct kvm_debug_exit_arch) { .exception = X86_EXC_BP, .pc = code.linear - 1 };
  cpu->debugged = TRUE;
  return TRUE;
}

gboolean
kvm_points_exited (KvmCpu *cpu)
{
  kvm_state_get_place (cpu);
  if (cpu->debug.exception == X86_EXC_BP && !is_patch (cpu, cpu->debug.pc))
    {
      kvm_inject (cpu, X86_EXC_BP);
      return TRUE;
    }
  if (cpu->debug.exception == X86_EXC_DB && (cpu->debug.dr6 & 15) == 0)
    {
      inject_trap (cpu, cpu->debug.dr6 & (X86_DR6_BS | X86_DR6_BD | X86_DR6_BT));
      return TRUE;
    }
  return FALSE;
}

static void
describe (KvmCpu *cpu, AsternHit *hit)
{
  AsternCodePlace code;

  if (cpu->in_kernel)
    kvm_state_get_place (cpu);
  cpu->parent.klass->code_place (&cpu->parent, &code);
  hit->cpu = cpu->parent.index;
  hit->origin = ASTERN_ORIGIN_CPU;
  hit->pc = code.linear;
  hit->offset = code.pc;
  hit->before = hit->after = astern_clock_moment (&cpu->parent.machine->clock);
}

void
kvm_points_note (KvmCpu *cpu, AsternHit *hit)
{
  describe (cpu, hit);
  if (astern_points_note (points_of (cpu->engine), hit) && !cpu->stepping)
    {
      cpu->engine->attention = TRUE;
      kvm_tell_machine (cpu->engine);
    }
}

/* The linear address by which a point sees the physical one. */
static guint64
linear_of (KvmCpu *cpu, const AsternAccess *access)
{
  AsternPoints *points = points_of (cpu->engine);

  for (guint i = 0; i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);
      guint64 first = point->start & ~ASTERN_PAGE_MASK, last = point->start + MAX (point->size, 1) - 1, physical;

      if (!point->enabled || point->kind != ASTERN_POINT_MEMORY || point->space != ASTERN_SPACE_LINEAR)
        continue;
      for (guint64 at = first; at <= last && at >= first; at += ASTERN_PAGE_SIZE)
        if (cpu->parent.klass->translate (&cpu->parent, at, &physical) && physical == (access->address.p & ~ASTERN_PAGE_MASK))
          return at + (access->address.p & ASTERN_PAGE_MASK);
    }
  return ASTERN_POINT_ANY;
}

void
kvm_points_memory (KvmCpu *cpu, const AsternAccess *access, guint64 value)
{
  KvmEngine *engine = cpu->engine;
  gboolean write = access->kind == ASTERN_ACCESS_WRITE;
  AsternHit hit = { .kind = ASTERN_POINT_MEMORY, .physical = access->address.p, .size = access->size, .access = access->kind,
                    .has_new = 1, .new_value = value, .has_old = !write, .old_value = write ? 0 : value };
  guint64 ram;

  if (!is_armed (engine, ASTERN_POINT_MEMORY))
    return;
  kvm_state_get_place (cpu);
  hit.linear = linear_of (cpu, access);
  if (write && kvm_memory_at (engine, access->address.p, &ram) != NULL)
    {
      hit.has_old = 1;
      astern_bus_read_bytes (engine->parent.machine->physical, access->address, &hit.old_value, access->size, ASTERN_ORIGIN_DEBUGGER);
    }
  kvm_points_note (cpu, &hit);
}

/* ---- what only a step with the pages open does ---- */

void
kvm_points_open (KvmCpu *cpu)
{
  KvmEngine *engine = cpu->engine;

  cpu->wants_open = FALSE;
  if (engine->open)
    return;
  engine->open = engine->map_changed = TRUE;
  engine->copies = g_malloc0_n (MAX (engine->watches->len, 1), ASTERN_PAGE_SIZE);
  for (guint i = 0; i < engine->watches->len; i++)
    astern_bus_read_bytes (engine->parent.machine->physical, (AsternPaddr) { g_array_index (engine->watches, KvmWatch, i).start },
                           engine->copies + i * ASTERN_PAGE_SIZE, ASTERN_PAGE_SIZE, ASTERN_ORIGIN_DEBUGGER);
}

/* Bytes that differ, up to eight at once. */
static void
note_changes (KvmCpu *cpu, guint64 page, const guint8 *before)
{
  guint8 after[ASTERN_PAGE_SIZE];

  astern_bus_read_bytes (cpu->parent.machine->physical, (AsternPaddr) { page }, after, sizeof after, ASTERN_ORIGIN_DEBUGGER);
  for (guint at = 0; at < sizeof after; at++)
    {
      AsternAccess access = { .address = { page + at }, .kind = ASTERN_ACCESS_WRITE };
      AsternHit hit = { .kind = ASTERN_POINT_MEMORY, .physical = page + at, .access = ASTERN_ACCESS_WRITE, .has_old = 1, .has_new = 1 };

      while (at + hit.size < sizeof after && hit.size < 8 && before[at + hit.size] != after[at + hit.size])
        hit.size++;
      if (hit.size == 0)
        continue;
      memcpy (&hit.old_value, before + at, hit.size);
      memcpy (&hit.new_value, after + at, hit.size);
      hit.linear = linear_of (cpu, &access);
      kvm_points_note (cpu, &hit);
      at += hit.size;
    }
}

void
kvm_points_close (KvmCpu *cpu, gboolean counts)
{
  KvmEngine *engine = cpu->engine;

  if (!engine->open)
    return;
  engine->open = FALSE;
  engine->map_changed = TRUE;
  if (cpu->in_kernel)
    kvm_state_get_place (cpu);
  for (guint i = 0; i < engine->watches->len && counts; i++)
    note_changes (cpu, g_array_index (engine->watches, KvmWatch, i).start, engine->copies + i * ASTERN_PAGE_SIZE);
  g_clear_pointer (&engine->copies, g_free);
}

/* Some kernels try for ever to deliver an interrupt whose frame would be in a watched page: a CPU that stands where it stood when it
 * was kicked before is helped over it. */
void
kvm_points_kicked (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;

  if (cpu->engine->watches->len == 0)
    return;
  kvm_state_get_place (cpu);
  cpu->wants_open = cpu->stuck[0] == s->rip && cpu->stuck[1] == s->gpr[X86_RSP] && cpu->stuck[2] == s->gpr[X86_RCX];
  cpu->stuck[0] = s->rip;
  cpu->stuck[1] = s->gpr[X86_RSP];
  cpu->stuck[2] = s->gpr[X86_RCX];
}

/* ---- data ---- */

void
kvm_points_data (KvmCpu *cpu)
{
  KvmEngine *engine = cpu->engine;

  if (!cpu->debugged || cpu->debug.exception != X86_EXC_DB)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (engine->dr); i++)
    {
      KvmDebugRegister *dr = &engine->dr[i];
      guint64 value;
      AsternHit hit;

      if (dr->size == 0 || dr->kind == ON_EXECUTION || (cpu->debug.dr6 >> i & 1) == 0)
        continue;
      value = value_at (engine, dr->linear, dr->size);
      hit = (AsternHit) { .kind = ASTERN_POINT_MEMORY, .linear = dr->linear, .physical = ASTERN_POINT_ANY, .size = dr->size,
                          .access = dr->kind == ON_WRITE || value != dr->old_value ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ,
                          .has_old = 1, .has_new = 1, .old_value = dr->old_value, .new_value = value };
      cpu->parent.klass->translate (&cpu->parent, dr->linear, &hit.physical);
      dr->old_value = value;
      kvm_points_note (cpu, &hit);
    }
}

/* ---- code ---- */

static gboolean
has_code_place (KvmCpu *cpu, AsternHit *hit)
{
  AsternPoints *points = points_of (cpu->engine);

  *hit = (AsternHit) { .kind = ASTERN_POINT_EXECUTE, .access = ASTERN_ACCESS_FETCH };
  describe (cpu, hit);
  if (!cpu->parent.klass->translate (&cpu->parent, hit->pc, &hit->physical))
    return FALSE;
  return astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, hit->pc, hit->pc + 1) ||
         astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, hit->offset, hit->offset + 1) ||
         astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_PHYSICAL, hit->physical, hit->physical + 1);
}

/* A repetition that goes on is no new execution. */
gboolean
kvm_points_stop_at (KvmCpu *cpu)
{
  AsternHit hit;

  if (!is_armed (cpu->engine, ASTERN_POINT_EXECUTE))
    return FALSE;
  cpu->parent.sync_out (&cpu->parent);
  return !cpu->s.rep_partial && has_code_place (cpu, &hit) && astern_points_happened (points_of (cpu->engine), &hit);
}

/* ---- running freely ---- */

/* Those that were told of, or were brought there, are past their points; who came there by running is not. */
void
kvm_points_go (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  for (guint i = 0; is_armed (engine, ASTERN_POINT_EXECUTE) && i < engine->n_cpus; i++)
    {
      KvmCpu *cpu = engine->cpus[i];
      AsternHit hit;

      if (cpu->arrived || !kvm_cpu_can_run (cpu))
        continue;
      cpu->parent.sync_out (&cpu->parent);
      if (has_code_place (cpu, &hit))
        kvm_cpu_step_over (cpu);
      if (machine->stop.reason != ASTERN_STOP_NONE)
        return;
    }
  for (guint i = 0; i < engine->n_cpus; i++)
    kvm_points_debug (engine->cpus[i], FALSE);
  put_in (engine);
}

static gboolean
is_at_code (const KvmCpu *cpu)
{
  const KvmEngine *engine = cpu->engine;
  gboolean at = cpu->debug.exception == X86_EXC_BP;

  for (guint i = 0; i < G_N_ELEMENTS (engine->dr); i++)
    at |= engine->dr[i].size > 0 && engine->dr[i].kind == ON_EXECUTION && (cpu->debug.dr6 >> i & 1);
  return cpu->debugged && at;
}

/* One CPU that came to something.  One that is to be helped on may stand at a breakpoint that it was kicked in front of: nobody was
 * told of that one yet. */
static void
look_at (KvmCpu *cpu)
{
  AsternPoints *points = points_of (cpu->engine);

  cpu->parent.sync_out (&cpu->parent);
  kvm_points_data (cpu);
  if (astern_points_settle (points))
    cpu->debugged = FALSE;      /* what it stands at comes when the run goes on */
  else if ((is_at_code (cpu) || cpu->wants_open) && kvm_points_stop_at (cpu))
    cpu->debugged = cpu->arrived = FALSE;
  else if (is_at_code (cpu) || cpu->wants_open)
    kvm_cpu_step_over (cpu);
  cpu->debugged = FALSE;
}

static void
look_at_all (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  engine->attention = FALSE;
  astern_clock_retire (&machine->clock, 1);
  for (guint i = 0; i < engine->n_cpus; i++)
    kvm_cpu_finish (engine->cpus[i]);
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      KvmCpu *cpu = engine->cpus[i];

      if (machine->stop.reason != ASTERN_STOP_NONE)
        cpu->debugged = FALSE;      /* it comes there again */
      else if (cpu->debugged || cpu->wants_open)
        look_at (cpu);
    }
  astern_points_settle (points_of (engine));
}

/* A hit goes before a stop that somebody asked for at the same time: that one ends the next run. */
void
kvm_points_halt (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;
  AsternStop stop = machine->stop;

  take_out (engine);
  if (!engine->attention)
    return;
  if (stop.reason == ASTERN_STOP_REQUESTED)
    machine->stop.reason = ASTERN_STOP_NONE;
  look_at_all (engine);
  if (stop.reason != ASTERN_STOP_REQUESTED)
    return;
  if (machine->stop.reason == ASTERN_STOP_NONE)
    machine->stop = stop;
  else
    g_atomic_int_set (&machine->stop_requested, ASTERN_STOP_REQUESTED);
}

gboolean
kvm_points_by_steps (KvmEngine *engine)
{
  if (engine->points_changed)
    apply (engine);
  return engine->by_steps;
}

/* ---- a run ---- */

static void
points_changed (gpointer data)
{
  ((KvmEngine *) data)->points_changed = TRUE;
}

/* Who changed places since the last run knows where the CPU that stopped stands. */
static void
look_for_changes (KvmEngine *engine)
{
  guint64 generation = astern_points_generation (points_of (engine), ASTERN_POINT_EXECUTE);

  if (generation != engine->generation && engine->last_stopped < engine->n_cpus)
    engine->cpus[engine->last_stopped]->arrived = FALSE;
  engine->generation = generation;
}

void
kvm_points_enter (KvmEngine *engine)
{
  astern_points_set_changed (points_of (engine), points_changed, engine);
  astern_points_enter (points_of (engine));
  look_for_changes (engine);
  if (engine->points_changed || astern_points_armed (points_of (engine)) != 0)
    apply (engine);
  engine->open = engine->attention = FALSE;
  for (guint i = 0; i < engine->n_cpus; i++)
    kvm_points_debug (engine->cpus[i], FALSE);
}

void
kvm_points_leave (KvmEngine *engine)
{
  astern_points_leave (points_of (engine));
  engine->last_stopped = engine->parent.machine->stop.cpu;
  if (engine->parent.machine->stop.reason == ASTERN_STOP_POINT)
    engine->cpus[engine->last_stopped]->arrived = FALSE;
}

void
kvm_points_init (KvmEngine *engine)
{
  engine->patches = g_array_new (FALSE, FALSE, sizeof (KvmPatch));
  engine->watches = g_array_new (FALSE, FALSE, sizeof (KvmWatch));
  engine->planted = g_array_new (FALSE, FALSE, sizeof (guint64));
  engine->breakpoint = kvm_probe_int3 (engine->kvm_fd) ? INT3 : HLT;
  engine->stops_code = kvm_probe_code (engine->kvm_fd);
  engine->stops_data = kvm_probe_data (engine->kvm_fd);
}

void
kvm_points_clear (KvmEngine *engine)
{
  if (engine->patches == NULL)
    return;
  g_clear_pointer (&engine->patches, g_array_unref);
  g_clear_pointer (&engine->watches, g_array_unref);
  g_clear_pointer (&engine->planted, g_array_unref);
  g_clear_pointer (&engine->filtered, g_array_unref);
}
