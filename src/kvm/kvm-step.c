/* kvm-step.c - one instruction of one CPU, while the others stand.
 * Source: Linux, Documentation/virt/kvm/api.rst, 4.87; Intel SDM vol. 3A, 6.12 (frames) and vol. 3B, 17.3.1.4 (the trap flag).
 *
 * The kernel steps by the trap flag.  What that alone does not do is done here:
 * - An exception, an interrupt, INT n and the system calls clear the flag and run on.  So for the time of a step the first
 *   instruction of each handler is a breakpoint instruction; memory outside of a step is always the guest's.
 * - The flag is seen by the guest where flags are pushed, or kept (SYSCALL): it is taken out there.
 * - A guest that traps itself by the flag gets its #DB.
 *
 * Left out: task gates, whose task runs on; of several vectors with one handler the likeliest is told; a handler whose first
 * instruction faults for the vector that it handles. */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/descriptors.h"

#include <string.h>
#include <sys/ioctl.h>

#define MOST_INSN_BYTES 15
#define N_EXCEPTIONS    32
#define SYSTEM_CALL     256              /* where SYSCALL or SYSENTER leads, among vectors */
#define MOST_PLANTED    (N_EXCEPTIONS + 4)

typedef struct
{
  guint64  linear, ram;
  guint8   byte;
  guint    vector;
} Planted;

typedef struct
{
  KvmCpu      *cpu;
  X86State     before;
  AsternMoment moment;        /* before it, too */
  guint64      linear;        /* of the instruction */
  KvmInsn      insn;
  Planted      planted[MOST_PLANTED];
  guint        n_planted;
  guint        vector;        /* that it was diverted by; G_MAXUINT: it was not */
  gboolean     undone;        /* a point stops before the exception */
} Step;

static gboolean
has_error_code (guint vector)
{
  return vector == X86_EXC_DF || (vector >= X86_EXC_TS && vector <= X86_EXC_PF) || vector == X86_EXC_AC;
}

/* ---- the guest's memory ---- */

/* How many bytes there were. */
static gsize
read_linear (KvmCpu *cpu, guint64 linear, gpointer data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      guint64 physical;

      if (!cpu->parent.klass->translate (&cpu->parent, linear + i, &physical))
        return i;
      astern_bus_read_bytes (cpu->parent.machine->physical, (AsternPaddr) { physical }, (guint8 *) data + i, 1, ASTERN_ORIGIN_DEBUGGER);
    }
  return size;
}

static void
change_linear (KvmCpu *cpu, guint64 linear, guint8 byte)
{
  guint64 physical;

  if (cpu->parent.klass->translate (&cpu->parent, linear, &physical))
    astern_bus_write_bytes (cpu->parent.machine->physical, (AsternPaddr) { physical }, &byte, 1, ASTERN_ORIGIN_DEBUGGER);
}

/* The trap flag in flags that were pushed: it is in their second byte. */
static void
set_pushed_tf (KvmCpu *cpu, guint64 flags_at, gboolean tf)
{
  guint8 byte;

  if (read_linear (cpu, flags_at + 1, &byte, 1) == 1 && (byte & 1) != tf)
    change_linear (cpu, flags_at + 1, (guint8) ((byte & ~1) | tf));
}

/* ---- where it may be diverted to ---- */

/* The linear address of a vector's handler. */
static gboolean
find_handler (KvmCpu *cpu, guint vector, guint64 *linear)
{
  const X86State *s = &cpu->s;
  gboolean real = (s->cr0 & X86_CR0_PE) == 0, wide = x86_long_mode (s);
  guint size = real ? 4 : wide ? 16 : 8;
  guint8 bytes[16];
  guint64 code = 0;
  X86Descriptor gate;

  if (vector * size + size - 1 > s->idtr_limit || read_linear (cpu, s->idtr_base + vector * size, bytes, size) < size)
    return FALSE;
  if (real)
    {
      *linear = (guint) (bytes[0] | bytes[1] << 8) + ((guint) (bytes[2] | bytes[3] << 8) << 4);
      return TRUE;
    }
  if (!x86_descriptor_decode (bytes, size, wide, TRUE, &gate) || !gate.present ||
      (gate.kind != X86_DESCRIPTOR_INTERRUPT_GATE && gate.kind != X86_DESCRIPTOR_TRAP_GATE))
    return FALSE;
  if (!wide)
    read_linear (cpu, (X86_SEL_LDT (gate.selector) ? s->seg[X86_LDTR].base : s->gdtr_base) + X86_SEL_INDEX (gate.selector), &code, 8);
  *linear = gate.offset + (wide ? 0 : x86_desc_base (code));
  return TRUE;
}

static void
plant_at (Step *step, guint64 linear, guint vector)
{
  KvmCpu *cpu = step->cpu;
  guint64 physical, own, ram;
  guint8 *host;

  if (step->n_planted == MOST_PLANTED || !cpu->parent.klass->translate (&cpu->parent, linear, &physical))
    return;
  /* The instruction itself is to be what it is. */
  if (cpu->parent.klass->translate (&cpu->parent, step->linear, &own) && physical - own < MOST_INSN_BYTES)
    return;
  host = kvm_memory_at (cpu->engine, physical, &ram);
  if (host != NULL)
    step->planted[step->n_planted++] = (Planted) { linear, ram, *host, vector };
}

static guint8 *
host_of (const Step *step, guint i)
{
  return astern_memory_host (step->cpu->parent.machine->memory, step->planted[i].ram);
}

static void
plant (Step *step, guint extra_vector)
{
  KvmCpu *cpu = step->cpu;
  const X86State *s = &cpu->s;
  guint64 linear;

  if (cpu->engine->cannot_break)
    return;
  for (guint v = 0; v < N_EXCEPTIONS; v++)
    if (find_handler (cpu, v, &linear))
      plant_at (step, linear, v);
  if (extra_vector >= N_EXCEPTIONS && extra_vector < SYSTEM_CALL && find_handler (cpu, extra_vector, &linear))
    plant_at (step, linear, extra_vector);
  if (step->insn.kind == KVM_INSN_SYSCALL)
    plant_at (step, x86_code64 (s) ? s->lstar : x86_long_mode (s) ? s->cstar : (guint32) s->star, SYSTEM_CALL);
  if (step->insn.kind == KVM_INSN_SYSENTER)
    plant_at (step, s->sysenter_eip, SYSTEM_CALL);
  for (guint i = 0; i < step->n_planted; i++)
    {
      *host_of (step, i) = cpu->engine->breakpoint;
      g_array_append_val (cpu->engine->planted, step->planted[i].ram);
    }
}

static void
take_out (Step *step)
{
  for (guint i = 0; i < step->n_planted; i++)
    *host_of (step, i) = step->planted[i].byte;
  g_array_set_size (step->cpu->engine->planted, 0);
}

/* Frames: error code, IP, CS, flags, and more, each so wide. */
static guint
frame_size (const Step *step)
{
  const X86State *before = &step->before;
  guint8 bytes[8];

  if (x86_long_mode (before))
    return 8;
  if ((before->cr0 & X86_CR0_PE) == 0)
    return 2;
  if (step->vector >= SYSTEM_CALL || read_linear (step->cpu, before->idtr_base + step->vector * 8, bytes, 8) < 8)
    return 4;
  return (bytes[5] & 0xf) == X86_SYS_INT16 || (bytes[5] & 0xf) == X86_SYS_TRAP16 ? 2 : 4;
}

/* Whether what lies on the stack looks like what the vector pushes. */
static gboolean
fits_frame (const Step *step, guint vector)
{
  Step as = *step;
  guint64 rip = 0, mask;
  guint size;

  as.vector = vector;
  size = frame_size (&as);
  mask = size == 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << 8 * size) - 1;
  read_linear (step->cpu, step->cpu->parent.klass->stack_linear (&step->cpu->parent) + (has_error_code (vector) ? size : 0), &rip, size);
  return ((rip ^ step->before.rip) & mask) == 0;
}

static gboolean
is_handler (const Step *step, guint vector, guint64 linear)
{
  for (guint i = 0; i < step->n_planted; i++)
    if (step->planted[i].linear == linear && step->planted[i].vector == vector)
      return TRUE;
  return FALSE;
}

/* Which of those whose handler begins at @linear. */
static guint
find_vector (const Step *step, guint64 linear)
{
  guint best = G_MAXUINT;

  if ((step->insn.kind == KVM_INSN_INT || step->insn.kind == KVM_INSN_INT3 || step->insn.kind == KVM_INSN_INTO) &&
      is_handler (step, step->insn.number, linear) && !fits_frame (step, step->insn.number))
    return step->insn.number;
  if (step->cpu->s.cr2 != step->before.cr2 && is_handler (step, X86_EXC_PF, linear))
    return X86_EXC_PF;
  for (guint i = 0; i < step->n_planted; i++)
    if (step->planted[i].linear == linear)
      {
        if (step->planted[i].vector == SYSTEM_CALL || fits_frame (step, step->planted[i].vector))
          return step->planted[i].vector;
        if (best == G_MAXUINT)
          best = step->planted[i].vector;
      }
  return best;
}

/* ---- in the guest ---- */

static gboolean
is_planted (const Step *step, guint64 linear)
{
  for (guint i = 0; i < step->n_planted; i++)
    if (step->planted[i].linear == linear)
      return TRUE;
  return FALSE;
}

/* Until it trapped, halted, or something stopped the machine. */
static void
go (Step *step)
{
  KvmCpu *cpu = step->cpu;
  AsternMachine *machine = cpu->parent.machine;

  cpu->debugged = FALSE;
  kvm_irqchip_hold (cpu->engine);
  if (cpu->wants_open)
    kvm_points_open (cpu);
  while (!cpu->debugged && !cpu->s.halted && machine->stop.reason == ASTERN_STOP_NONE)
    {
      kvm_memory_update (cpu->engine);
      kvm_cpu_enter (cpu);
      if (cpu->debugged && cpu->debug.exception == X86_EXC_BP && !is_planted (step, cpu->debug.pc))
        {
          /* The guest's own. */
          cpu->debugged = FALSE;
          kvm_inject (cpu, X86_EXC_BP);
        }
      if (cpu->wants_open)
        kvm_points_open (cpu);
      /* The kernel does not trap after an access that it left to us. */
      if (cpu->unfinished)
        {
          kvm_cpu_finish (cpu);
          return;
        }
    }
}

/* What the instruction popped, or had before: the kernel shows no trap flag while it steps. */
static gboolean
own_trap_flag (const Step *step)
{
  guint64 stack = step->cpu->parent.klass->stack_linear (&(AsternCpu) { .state = (gpointer) &step->before });
  guint skip = step->insn.kind == KVM_INSN_IRET ? 2 * step->insn.size : 0;
  guint8 byte = 0;

  if (step->insn.kind != KVM_INSN_POPF && step->insn.kind != KVM_INSN_IRET)
    return (step->before.rflags & X86_TF) != 0;
  read_linear (step->cpu, stack + skip + 1, &byte, 1);
  return byte & 1;
}

/* After an instruction that retired where it was. */
static void
mend_flags (Step *step, gboolean tf)
{
  KvmCpu *cpu = step->cpu;
  X86State *s = &cpu->s;

  s->rflags = (s->rflags & ~(guint64) X86_TF) | (tf ? X86_TF : 0);
  if (step->insn.kind == KVM_INSN_PUSHF)
    set_pushed_tf (cpu, cpu->parent.klass->stack_linear (&cpu->parent), (step->before.rflags & X86_TF) != 0);
  if (step->before.rflags & X86_TF)
    s->debug_pending |= X86_DR6_BS >> 8;
}

static void
mend_diverted (Step *step)
{
  KvmCpu *cpu = step->cpu;
  gboolean tf = (step->before.rflags & X86_TF) != 0;
  guint size = frame_size (step);

  if (step->vector == SYSTEM_CALL)
    {
      if (step->insn.kind == KVM_INSN_SYSCALL && !tf)
        cpu->s.gpr[X86_R11] &= ~(guint64) X86_TF;
      return;
    }
  set_pushed_tf (cpu, cpu->parent.klass->stack_linear (&cpu->parent) + (has_error_code (step->vector) ? 3 : 2) * size, tf);
}

/* ---- what it means ---- */

static AsternHit
hit_of (const Step *step, AsternPointKind kind)
{
  return (AsternHit) { .kind = kind, .cpu = step->cpu->parent.index, .before = step->moment, .after = step->moment, .pc = step->linear,
                       .offset = step->before.rip, .linear = ASTERN_POINT_ANY, .physical = ASTERN_POINT_ANY };
}

static gboolean
wants (const Step *step, AsternPointKind kind)
{
  return astern_points_armed (step->cpu->parent.machine->points) >> kind & 1;
}

static void
note (const Step *step, AsternPointKind kind, guint64 number, AsternAccessKind access)
{
  AsternHit hit = hit_of (step, kind);

  hit.number = number;
  hit.access = (guint8) access;
  astern_points_note (step->cpu->parent.machine->points, &hit);
}

static guint64
control_value (const X86State *s, guint number)
{
  return number == 0 ? s->cr0 : number == 2 ? s->cr2 : number == 3 ? s->cr3 : number == 4 ? s->cr4 : 0;
}

static void
note_control (const Step *step)
{
  AsternHit hit = hit_of (step, ASTERN_POINT_CONTROL);

  hit.number = step->insn.number;
  hit.size = 8;
  hit.access = ASTERN_ACCESS_WRITE;
  hit.has_old = hit.has_new = step->insn.number != 8;
  hit.old_value = control_value (&step->before, step->insn.number);
  hit.new_value = control_value (&step->cpu->s, step->insn.number);
  astern_points_note (step->cpu->parent.machine->points, &hit);
}

static void
note_mode (const Step *step)
{
  const AsternCpuClass *klass = step->cpu->parent.klass;
  const char *was = klass->mode_name (&(AsternCpu) { .state = (gpointer) &step->before }), *is = klass->mode_name (&step->cpu->parent);
  AsternHit hit = hit_of (step, ASTERN_POINT_MODE);
  g_autofree char *text = NULL;
  AsternCodePlace code;

  if (was == is)
    return;
  step->cpu->parent.mode_changes++;
  if (!wants (step, ASTERN_POINT_MODE))
    return;
  klass->code_place (&step->cpu->parent, &code);
  text = g_strdup_printf ("%s -> %s", was, is);
  hit.detail = g_intern_string (text);
  hit.pc = code.linear;
  hit.offset = code.pc;
  astern_points_note (step->cpu->parent.machine->points, &hit);
}

static void
note_instruction (const Step *step)
{
  switch (step->insn.kind)
    {
    case KVM_INSN_CONTROL: note_control (step); break;
    case KVM_INSN_MAGIC: note (step, ASTERN_POINT_MAGIC, 0, 0); break;
    case KVM_INSN_SYSCALL:
    case KVM_INSN_SYSENTER:
      step->cpu->parent.syscalls++;
      note (step, ASTERN_POINT_SYSCALL, step->before.gpr[X86_RAX], ASTERN_ACCESS_FETCH);
      break;
    case KVM_INSN_SYSRET:
    case KVM_INSN_SYSEXIT: note (step, ASTERN_POINT_SYSCALL, step->before.gpr[X86_RAX], ASTERN_ACCESS_WRITE); break;
    case KVM_INSN_INT:
      if (step->insn.number == 0x80)
        {
          step->cpu->parent.syscalls++;
          note (step, ASTERN_POINT_SYSCALL, step->before.gpr[X86_RAX], ASTERN_ACCESS_FETCH);
        }
      note (step, ASTERN_POINT_INTERRUPT, step->insn.number, 0);
      break;
    case KVM_INSN_INT3:
    case KVM_INSN_INTO:
      if (step->vector == step->insn.number)
        note (step, ASTERN_POINT_INTERRUPT, step->insn.number, 0);
      break;
    default: break;
    }
  note_mode (step);
}

static void
retire (Step *step)
{
  KvmCpu *cpu = step->cpu;
  AsternMachine *machine = cpu->parent.machine;

  note_instruction (step);
  astern_clock_retire (&machine->clock, 1);
  cpu->parent.last_icount = machine->clock.s.icount;
  cpu->s.rep_partial = step->insn.kind == KVM_INSN_REPEATED && cpu->s.rip == step->before.rip;
}

static void
delivered (Step *step)
{
  KvmCpu *cpu = step->cpu;
  AsternClock *clock = &cpu->parent.machine->clock;

  clock->s.step++;
  cpu->parent.last_delivery = astern_clock_moment (clock);
  cpu->s.rep_partial = 0;
}

/* An exception that was delivered: a point that stops before it finds the CPU as it was then (but for what was pushed below the
 * stack's top). */
static gboolean
is_undone (Step *step)
{
  KvmCpu *cpu = step->cpu;
  AsternHit hit = hit_of (step, ASTERN_POINT_EXCEPTION);
  guint size = frame_size (step);
  X86State after = cpu->s;

  if (!wants (step, ASTERN_POINT_EXCEPTION))
    return FALSE;
  hit.number = step->vector;
  if (has_error_code (step->vector))
    read_linear (cpu, cpu->parent.klass->stack_linear (&cpu->parent), &hit.error_code, MIN (size, 4));
  if (step->vector == X86_EXC_PF)
    hit.linear = cpu->s.cr2;
  cpu->s = step->before;      /* what a condition looks at; but pins are what they are */
  cpu->s.intr = after.intr;
  cpu->s.nmi_pending = after.nmi_pending;
  cpu->s.init_pending = after.init_pending;
  cpu->s.sipi_pending = after.sipi_pending;
  cpu->s.sipi_vector = after.sipi_vector;
  cpu->s.a20 = after.a20;
  cpu->changed = TRUE;
  if (astern_points_happened (cpu->parent.machine->points, &hit))
    return TRUE;
  cpu->s = after;
  return FALSE;
}

static void
diverted (Step *step)
{
  KvmCpu *cpu = step->cpu;
  gboolean own = step->insn.kind == KVM_INSN_INT || step->insn.kind == KVM_INSN_INT3 || step->insn.kind == KVM_INSN_INTO;

  mend_diverted (step);
  own = own && step->vector == step->insn.number;
  if (step->vector == SYSTEM_CALL || (own && step->insn.kind == KVM_INSN_INT))
    {
      retire (step);
      return;
    }
  step->undone = is_undone (step);
  if (step->undone)
    return;
  if (own)
    {
      retire (step);
      return;
    }
  astern_points_forget (cpu->parent.machine->points);
  cpu->parent.exceptions++;
  cpu->parent.last_exception = step->vector;
  delivered (step);
}

static void
begin (Step *step, KvmCpu *cpu)
{
  AsternCodePlace code;
  guint8 bytes[MOST_INSN_BYTES];

  cpu->parent.sync_out (&cpu->parent);
  cpu->parent.klass->code_place (&cpu->parent, &code);
  *step = (Step) { .cpu = cpu, .before = cpu->s, .moment = astern_clock_moment (&cpu->parent.machine->clock), .linear = code.linear,
                   .vector = G_MAXUINT };
  step->insn = kvm_decode (bytes, read_linear (cpu, code.linear, bytes, sizeof bytes), code.bits);
}

static void
end (Step *step)
{
  KvmCpu *cpu = step->cpu;

  cpu->stepping = FALSE;
  take_out (step);
  kvm_points_debug (cpu, FALSE);
  kvm_irqchip_release (cpu->engine);
  cpu->parent.sync_out (&cpu->parent);
  cpu->arrived = FALSE;
  if (cpu->debugged && cpu->debug.exception == X86_EXC_BP)
    step->vector = find_vector (step, cpu->debug.pc);
}

/* ---- a step ---- */

static void
step_once (KvmCpu *cpu)
{
  Step step;
  gboolean tf;

  begin (&step, cpu);
  tf = own_trap_flag (&step);
  plant (&step, step.insn.kind == KVM_INSN_INT ? step.insn.number : 0);
  cpu->stepping = TRUE;
  kvm_cpu_put_changes (cpu);      /* before: the kernel notes where it is to step from */
  kvm_points_debug (cpu, TRUE);
  go (&step);
  end (&step);
  if (step.vector != G_MAXUINT)
    diverted (&step);
  else if (cpu->debugged || cpu->s.halted || cpu->s.rip != step.before.rip || cpu->s.gpr[X86_RCX] != step.before.gpr[X86_RCX])
    {
      mend_flags (&step, tf);
      kvm_points_data (cpu);
      retire (&step);
    }
  cpu->debugged = FALSE;
  kvm_points_close (cpu, !step.undone);
  astern_points_settle (cpu->parent.machine->points);
}

void
kvm_cpu_step (KvmCpu *cpu)
{
  if (kvm_cpu_can_run (cpu) && !kvm_points_stop_at (cpu))
    step_once (cpu);
}

void
kvm_cpu_step_over (KvmCpu *cpu)
{
  do
    step_once (cpu);
  while (cpu->s.rep_partial && cpu->parent.machine->stop.reason == ASTERN_STOP_NONE);
  cpu->arrived = TRUE;
}

/* ---- interrupts ---- */

/* What the kernel says of it is from its last return.  With controllers of its own it takes none from us but as part of the state. */
static gboolean
kernel_takes_interrupt (KvmCpu *cpu)
{
  if (cpu->engine->irqchip != ASTERN_KVM_IRQCHIP_OFF)
    return TRUE;
  kvm_cpu_put_changes (cpu);
  kvm_leave_at_once (cpu, TRUE);
  cpu->run->request_interrupt_window = 0;
  if (ioctl (cpu->fd, KVM_RUN, NULL) == 0)
    kvm_cpu_fail (cpu, "it ran although it was told not to", cpu->run->exit_reason);
  kvm_leave_at_once (cpu, FALSE);
  return cpu->run->ready_for_interrupt_injection && cpu->run->if_flag;
}

static gboolean
give_interrupt (KvmCpu *cpu, guint *vector)
{
  X86State *s = &cpu->s;
  struct kvm_interrupt interrupt;
  int taken;

  *vector = X86_EXC_NMI;
  if (s->nmi_pending && !s->nmi_blocked)
    {
      kvm_cpu_put_changes (cpu);
      kvm_must (cpu->fd, KVM_NMI, NULL, "KVM_NMI");
      s->nmi_pending = 0;
      return TRUE;
    }
  if (!s->intr || !(s->rflags & X86_IF) || s->shadow != 0 || !kernel_takes_interrupt (cpu))
    return FALSE;
  taken = cpu->parent.apic_ops->acknowledge (cpu->parent.apic);
  if (taken < 0)
    return FALSE;
  *vector = (guint) taken;
  if (cpu->engine->irqchip != ASTERN_KVM_IRQCHIP_OFF)
    {
      s->intr_accepted = 1;
      s->intr_vector = (guint8) taken;
      cpu->changed = TRUE;
      kvm_cpu_put_changes (cpu);
      return TRUE;
    }
  interrupt = (struct kvm_interrupt) { .irq = *vector };
  kvm_must (cpu->fd, KVM_INTERRUPT, &interrupt, "KVM_INTERRUPT");
  return TRUE;
}

/* The run ends at the handler's first instruction. */
static void
follow_interrupt (Step *step, guint vector)
{
  KvmCpu *cpu = step->cpu;
  struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP };
  AsternCodePlace code;

  /* The kernel's controllers are to add none of theirs. */
  if (cpu->engine->irqchip != ASTERN_KVM_IRQCHIP_OFF && vector != X86_EXC_NMI)
    debug.control |= cpu->engine->block_irq;
  plant (step, vector);
  cpu->in_kernel = TRUE;
  cpu->stepping = TRUE;
  kvm_must (cpu->fd, KVM_SET_GUEST_DEBUG, &debug, "KVM_SET_GUEST_DEBUG");
  go (step);
  end (step);
  cpu->debugged = FALSE;
  cpu->parent.interrupts++;
  delivered (step);
  cpu->parent.klass->code_place (&cpu->parent, &code);
  step->linear = code.linear;
  step->before.rip = code.pc;
  note (step, ASTERN_POINT_INTERRUPT, vector, 0);
}

void
kvm_cpu_step_or_interrupt (KvmCpu *cpu)
{
  Step step;
  guint vector;

  if (!kvm_cpu_can_run (cpu))
    return;
  begin (&step, cpu);
  step.linear = G_MAXUINT64;      /* a handler may begin where it stands */
  step.insn = (KvmInsn) { 0 };
  if (!give_interrupt (cpu, &vector))
    {
      kvm_cpu_step (cpu);
      return;
    }
  follow_interrupt (&step, vector);
  kvm_points_close (cpu, TRUE);
  astern_points_settle (cpu->parent.machine->points);
}
