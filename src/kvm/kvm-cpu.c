/* kvm-cpu.c - a CPU's thread: into the guest and out again, and what it came out for. */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/msr.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#define KICK_SIGNAL SIGUSR2

static __thread KvmCpu *own_cpu;

/* ---- from outside ---- */

static void
kicked (int signal)
{
  if (own_cpu != NULL)
    kvm_leave_at_once (own_cpu, TRUE);
}

void
kvm_cpu_kick (KvmCpu *cpu)
{
  if (!cpu->in_guest)
    return;
  kvm_leave_at_once (cpu, TRUE);
  pthread_kill ((pthread_t) cpu->thread_id, KICK_SIGNAL);
}

static void
set_pin (AsternCpu *base, AsternPin pin, guint value)
{
  KvmCpu *cpu = kvm_cpu (base);

  if (pin == ASTERN_PIN_SMI && !cpu->engine->has_smm)
    {
      astern_events_log (&base->machine->events, ASTERN_EVENT_GUEST_ERRORS, "CPU %u: an SMI is lost: no system management mode here", base->index);
      return;
    }
  x86_state_set_pin (&cpu->s, pin, value);
  if (pin == ASTERN_PIN_A20)
    return;             /* KVM has no such line */
  if (pin != ASTERN_PIN_INTR || value != 0)
    kvm_cpu_kick (cpu);
  g_cond_broadcast (&cpu->engine->change);
}

static void
sync_out (AsternCpu *base)
{
  KvmCpu *cpu = kvm_cpu (base);

  if (!cpu->in_kernel)
    return;
  kvm_cpu_finish (cpu);
  kvm_state_get (cpu);
  cpu->in_kernel = FALSE;
  cpu->changed = TRUE;
}

static void
sync_in (AsternCpu *base)
{
  KvmCpu *cpu = kvm_cpu (base);

  cpu->in_kernel = FALSE;
  cpu->unfinished = FALSE;
  cpu->changed = TRUE;
  cpu->debugged = cpu->arrived = cpu->wants_open = FALSE;
}

static void
reset (AsternCpu *base)
{
  KvmCpu *cpu = kvm_cpu (base);

  x86_state_reset (&cpu->s, base->index == 0, cpu->engine->features.signature);
  sync_in (base);
}

/* ---- before the guest runs ---- */

static void
take_init (KvmCpu *cpu)
{
  X86State *s = &cpu->s;

  if (s->init_pending)
    {
      sync_out (&cpu->parent);
      x86_state_init (s, cpu->parent.index == 0, cpu->engine->features.signature);
      s->init_pending = 0;
    }
  if (s->sipi_pending && s->wait_for_sipi)
    {
      s->wait_for_sipi = 0;
      x86_load_segment_real (s, X86_CS, (guint16) (s->sipi_vector << 8));
      s->rip = 0;
      cpu->changed = TRUE;
    }
  s->sipi_pending = 0;
}

static gboolean
interrupts_on (const KvmCpu *cpu)
{
  return cpu->in_kernel ? cpu->run->if_flag : (cpu->s.rflags & X86_IF) != 0;
}

gboolean
kvm_cpu_can_run (KvmCpu *cpu)
{
  X86State *s = &cpu->s;

  if (cpu->engine->held)        /* it waits in the kernel */
    return !s->shutdown;
  take_init (cpu);
  if (s->wait_for_sipi || s->shutdown)
    return FALSE;
  if (s->halted && (s->nmi_pending || s->smi_pending || s->intr_accepted || (s->intr && interrupts_on (cpu))))
    s->halted = 0;
  return !s->halted;
}

/* The PIC's interrupts are the first CPU's. */
static void
inject_external (KvmCpu *cpu)
{
  const AsternIrqchip *irqchip = &cpu->parent.machine->irqchip;
  KvmEngine *engine = cpu->engine;

  if (cpu->parent.index != 0)
    return;
  if (engine->pic_int && cpu->run->ready_for_interrupt_injection && cpu->run->if_flag)
    {
      int vector = irqchip->devices->acknowledge (irqchip->board);
      struct kvm_interrupt interrupt = { .irq = (guint32) vector };

      engine->pic_int = irqchip->devices->get_int (irqchip->board);
      if (vector >= 0)
        kvm_must (cpu->fd, KVM_INTERRUPT, &interrupt, "KVM_INTERRUPT");
    }
  cpu->run->request_interrupt_window = engine->pic_int;
}

static void
inject (KvmCpu *cpu)
{
  X86State *s = &cpu->s;
  struct kvm_run *run = cpu->run;

  if (s->nmi_pending)
    {
      kvm_must (cpu->fd, KVM_NMI, NULL, "KVM_NMI");
      s->nmi_pending = 0;
    }
  if (s->smi_pending && cpu->engine->has_smm)
    {
      kvm_must (cpu->fd, KVM_SMI, NULL, "KVM_SMI");
      s->smi_pending = 0;
    }
  if (cpu->engine->held)
    {
      if (cpu->engine->irqchip == ASTERN_KVM_IRQCHIP_SPLIT)
        inject_external (cpu);
      return;
    }
  if (s->intr && run->ready_for_interrupt_injection && interrupts_on (cpu))
    {
      int vector = cpu->parent.apic_ops->acknowledge (cpu->parent.apic);

      if (vector >= 0)
        {
          struct kvm_interrupt interrupt = { .irq = (guint32) vector };

          kvm_must (cpu->fd, KVM_INTERRUPT, &interrupt, "KVM_INTERRUPT");
          cpu->parent.interrupts++;
        }
    }
  run->request_interrupt_window = s->intr;
}

void
kvm_cpu_put_changes (KvmCpu *cpu)
{
  if (!cpu->changed)
    return;
  kvm_state_put (cpu);
  cpu->changed = FALSE;
  cpu->run->ready_for_interrupt_injection = 0;
}

void
kvm_cpu_put (KvmCpu *cpu)
{
  take_init (cpu);
  kvm_cpu_put_changes (cpu);
  cpu->in_kernel = TRUE;
}

static void
prepare (KvmCpu *cpu)
{
  kvm_cpu_put_changes (cpu);
  cpu->in_kernel = TRUE;
  if (!cpu->stepping)
    inject (cpu);
  if (cpu->parent.apic != NULL && !cpu->engine->held)
    cpu->run->cr8 = cpu->cr8 = cpu->parent.apic_ops->get_tpr (cpu->parent.apic);
}

/* ---- exits ---- */

static void
note_port (KvmCpu *cpu, const AsternAccess *access, guint64 value)
{
  gboolean read = access->kind == ASTERN_ACCESS_READ;
  AsternHit hit = { .kind = ASTERN_POINT_PORT, .number = access->address.p, .size = access->size, .access = access->kind,
                    .has_old = read, .old_value = read ? value : 0, .has_new = 1, .new_value = value };

  if (astern_points_armed (cpu->parent.machine->points) >> ASTERN_POINT_PORT & 1)
    kvm_points_note (cpu, &hit);
}

static void
do_ports (KvmCpu *cpu)
{
  struct kvm_run *run = cpu->run;
  AsternBus *ports = cpu->parent.machine->ports;
  guint8 *data = (guint8 *) run + run->io.data_offset;
  AsternAccess access = {
    .address = { run->io.port }, .size = run->io.size, .origin = ASTERN_ORIGIN_CPU, .cpu = (guint8) cpu->parent.index,
    .kind = run->io.direction == KVM_EXIT_IO_OUT ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ,
  };

  for (guint i = 0; i < run->io.count; i++, data += run->io.size)
    {
      guint64 value = 0;

      if (access.kind == ASTERN_ACCESS_READ)
        value = astern_bus_read (ports, &access);
      else
        memcpy (&value, data, run->io.size);
      note_port (cpu, &access, value);
      if (access.kind == ASTERN_ACCESS_WRITE)
        astern_bus_write (ports, &access, value);
      else
        memcpy (data, &value, run->io.size);
    }
}

static void
do_mmio (KvmCpu *cpu)
{
  struct kvm_run *run = cpu->run;
  AsternBus *physical = cpu->parent.machine->physical;
  AsternAccess access = {
    .address = { run->mmio.phys_addr }, .size = (guint8) run->mmio.len, .origin = ASTERN_ORIGIN_CPU, .cpu = (guint8) cpu->parent.index,
    .kind = run->mmio.is_write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ,
  };
  guint64 value = 0;

  if (run->mmio.is_write)
    {
      memcpy (&value, run->mmio.data, run->mmio.len);
      kvm_points_memory (cpu, &access, value);
      astern_bus_write (physical, &access, value);
      return;
    }
  value = astern_bus_read (physical, &access);
  kvm_points_memory (cpu, &access, value);
  memcpy (run->mmio.data, &value, run->mmio.len);
}

/* What the kernel cannot go on from. */
void
kvm_cpu_fail (KvmCpu *cpu, const char *what, guint64 detail)
{
  AsternMachine *machine = cpu->parent.machine;

  astern_events_log (&machine->events, ASTERN_EVENT_GUEST_ERRORS, "CPU %u: KVM: %s, %" G_GINT64_MODIFIER "x", cpu->parent.index, what, detail);
  astern_machine_stop (machine, ASTERN_STOP_PANIC, cpu->parent.index, detail, what);
}

static void
follow_apic (KvmCpu *cpu)
{
  const AsternApicInterface *ops = cpu->parent.apic_ops;
  AsternDevice *apic = cpu->parent.apic;
  gboolean fault = FALSE;

  if (apic == NULL || cpu->engine->held)
    return;
  if (cpu->run->cr8 != cpu->cr8)
    ops->set_tpr (apic, (guint8) cpu->run->cr8);
  if (cpu->run->apic_base != ops->read_msr (apic, X86_MSR_APIC_BASE, &fault))
    ops->write_msr (apic, X86_MSR_APIC_BASE, cpu->run->apic_base, &fault);
}

static void
debugged (KvmCpu *cpu)
{
  cpu->debug = cpu->run->debug.arch;
  cpu->debugged = cpu->stepping || !kvm_points_exited (cpu);
}

/* An access to a watched page that the kernel's emulator does not know is made by a step with the page open. */
static void
internal_error (KvmCpu *cpu)
{
  guint32 error = cpu->run->internal.suberror;

  cpu->wants_open = (error == KVM_INTERNAL_ERROR_EMULATION || error == KVM_INTERNAL_ERROR_DELIVERY_EV) && cpu->engine->watches->len > 0 &&
                    !cpu->engine->open;
  if (!cpu->wants_open)
    kvm_cpu_fail (cpu, "an internal error of the kernel", error);
}

static void
handle (KvmCpu *cpu)
{
  struct kvm_run *run = cpu->run;
  AsternMachine *machine = cpu->parent.machine;

  cpu->unfinished = FALSE;
  switch (run->exit_reason)
    {
    case KVM_EXIT_IO:
      cpu->unfinished = TRUE;
      do_ports (cpu);
      break;
    case KVM_EXIT_MMIO:
      cpu->unfinished = TRUE;
      do_mmio (cpu);
      break;
    case KVM_EXIT_HLT:
      if (!kvm_points_halted (cpu))
        cpu->s.halted = 1;
      break;
    case KVM_EXIT_DEBUG: debugged (cpu); break;
    case KVM_EXIT_X86_RDMSR:
      cpu->unfinished = TRUE;
      kvm_msr_read (cpu);
      break;
    case KVM_EXIT_X86_WRMSR:
      cpu->unfinished = TRUE;
      kvm_msr_write (cpu);
      break;
    case KVM_EXIT_IOAPIC_EOI: machine->irqchip.devices->eoi (machine->irqchip.board, run->eoi.vector); break;
    case KVM_EXIT_IRQ_WINDOW_OPEN:
    case KVM_EXIT_SET_TPR:
    case KVM_EXIT_INTR: break;
    case KVM_EXIT_SHUTDOWN:
      astern_machine_stop (machine, ASTERN_STOP_TRIPLE_FAULT, cpu->parent.index, 0, NULL);
      break;
    case KVM_EXIT_FAIL_ENTRY:
      kvm_cpu_fail (cpu, "the CPU did not enter the guest", run->fail_entry.hardware_entry_failure_reason);
      break;
    case KVM_EXIT_INTERNAL_ERROR: internal_error (cpu); break;
    default: kvm_cpu_fail (cpu, "an exit that is not known", run->exit_reason); break;
    }
}

void
kvm_cpu_finish (KvmCpu *cpu)
{
  while (cpu->unfinished)
    {
      int result;

      kvm_leave_at_once (cpu, TRUE);
      result = ioctl (cpu->fd, KVM_RUN, NULL);
      kvm_leave_at_once (cpu, FALSE);
      cpu->unfinished = FALSE;
      /* One instruction may access more than one place. */
      if (result == 0)
        handle (cpu);
      else if (errno != EINTR)
        kvm_cpu_fail (cpu, g_strerror (errno), (guint64) errno);
    }
}

/* The machine's thread is to look at what points wait for, and nobody enters the guest before. */
static void
call_for_attention (KvmCpu *cpu)
{
  KvmEngine *engine = cpu->engine;

  if (cpu->stepping || !(cpu->debugged || cpu->wants_open || astern_points_waiting (engine->parent.machine->points)))
    return;
  engine->attention = TRUE;
  kvm_tell_machine (engine);
}

void
kvm_cpu_enter (KvmCpu *cpu)
{
  KvmEngine *engine = cpu->engine;
  int result, failed;

  prepare (cpu);
  if (!cpu->stepping)
    {
      cpu->arrived = TRUE;
      cpu->s.rep_partial = 0;
    }
  cpu->in_guest = TRUE;
  engine->n_in_guest++;
  g_mutex_unlock (&engine->lock);
  result = ioctl (cpu->fd, KVM_RUN, NULL);
  failed = errno;
  g_mutex_lock (&engine->lock);
  engine->n_in_guest--;
  cpu->in_guest = FALSE;
  kvm_leave_at_once (cpu, FALSE);
  kvm_advance_clock (engine);
  follow_apic (cpu);
  kvm_exits_count (cpu, result != 0);
  if (result == 0)
    handle (cpu);
  else if (failed == EINTR || failed == EAGAIN)
    {
      cpu->unfinished = FALSE;
      kvm_dead_answer (cpu);
      if (!cpu->stepping)
        kvm_points_kicked (cpu);
    }
  else
    kvm_cpu_fail (cpu, g_strerror (failed), (guint64) failed);
  call_for_attention (cpu);
}

/* The machine's thread is to look at a stop, or at a deadline that it does not know. */
static void
look_for_machine (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  if (machine->stop.reason != ASTERN_STOP_NONE || machine->clock.next_ns < engine->waits_until_ns)
    kvm_tell_machine (engine);
}

/* While pages are watched CPUs take turns: what the kernel's emulator does to such a page is not atomic. */
static gboolean
may_enter (KvmCpu *cpu)
{
  const KvmEngine *engine = cpu->engine;

  if (!engine->running || engine->attention || engine->parent.machine->stop.reason != ASTERN_STOP_NONE)
    return FALSE;
  if (engine->watches->len > 0 && (engine->turn != cpu->parent.index || engine->n_in_guest > 0))
    return FALSE;
  return kvm_cpu_can_run (cpu);
}

static gpointer
run_cpu (gpointer data)
{
  KvmCpu *cpu = data;
  KvmEngine *engine = cpu->engine;
  sigset_t set;

  own_cpu = cpu;
  sigemptyset (&set);
  sigaddset (&set, KICK_SIGNAL);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  g_mutex_lock (&engine->lock);
  cpu->thread_id = (gulong) pthread_self ();
  while (!engine->quit)
    if (may_enter (cpu))
      {
        kvm_memory_update (engine);
        kvm_cpu_enter (cpu);
        look_for_machine (engine);
        if (!engine->running && engine->n_in_guest == 0)
          g_cond_signal (&engine->parked);
      }
    else
      g_cond_wait (&engine->change, &engine->lock);
  g_mutex_unlock (&engine->lock);
  return NULL;
}

/* ---- made and freed ---- */

gboolean
kvm_cpu_add (KvmEngine *engine, guint index, GError **error)
{
  const struct sigaction action = { .sa_handler = kicked };
  KvmCpu *cpu = g_new0 (KvmCpu, 1);

  engine->cpus[index] = cpu;
  engine->n_cpus = index + 1;
  cpu->engine = engine;
  cpu->parent = (AsternCpu) {
    .klass = &x86_cpu_class, .machine = engine->parent.machine, .state = &cpu->s,
    .set_pin = set_pin, .sync_out = sync_out, .sync_in = sync_in, .reset = reset,
  };
  cpu->fd = ioctl (engine->vm_fd, KVM_CREATE_VCPU, (gulong) index);
  if (cpu->fd >= 0)
    cpu->run = mmap (NULL, engine->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
  if (cpu->fd < 0 || cpu->run == MAP_FAILED)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("KVM does not make CPU %u: %s."), index, g_strerror (errno));
      cpu->run = NULL;
      return FALSE;
    }
  sigaction (KICK_SIGNAL, &action, NULL);
  astern_engine_add_cpu (&engine->parent, &cpu->parent);
  reset (&cpu->parent);
  return TRUE;
}

void
kvm_cpu_start (KvmCpu *cpu)
{
  g_autofree char *name = g_strdup_printf ("CPU %u/KVM", cpu->parent.index);

  cpu->thread = g_thread_new (name, run_cpu, cpu);
}

void
kvm_cpu_free (KvmCpu *cpu)
{
  if (cpu->thread != NULL)
    g_thread_join (cpu->thread);
  if (cpu->run != NULL)
    munmap (cpu->run, cpu->engine->run_bytes);
  if (cpu->fd >= 0)
    close (cpu->fd);
  g_free (cpu);
}
