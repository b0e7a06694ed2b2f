/* kvm-engine.c - see kvm.h: the virtual machine of the kernel, and the machine's thread. */
#include "config.h"

#include "kvm/kvm-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <inttypes.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#define LOOKS_EVERY_NS   (20 * 1000 * 1000)     /* which pages were drawn on is asked as often */
#define TURN_NS          (1 * 1000 * 1000)      /* of a CPU, while only one may run */
#define STEPS_A_LOOK     4096                   /* before it is asked whether it still has to go by steps */
#define MOST_LEAVES      256
#define IDENTITY_MAP     0xfeffc000u            /* below the firmware: three pages for the TSS follow; Intel's CPUs want both */

void
kvm_must (int fd, gulong request, gpointer argument, const char *name)
{
  int result;

  do
    result = ioctl (fd, request, argument);
  while (result < 0 && errno == EINTR);
  if (result < 0)
    g_error ("%s: %s", name, g_strerror (errno));
}

/* ---- time ---- */

static guint64
host_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000 + (guint64) now.tv_nsec;
}

/* Guest time is the host's. */
void
kvm_advance_clock (KvmEngine *engine)
{
  AsternClock *clock = &engine->parent.machine->clock;
  guint64 come_ns = engine->guest_ns + (host_now_ns () - engine->host_ns), now_ns = astern_clock_now_ns (clock);

  if (come_ns > now_ns)
    astern_clock_skip (clock, come_ns - now_ns);
}

/* ---- the machine's thread ---- */

static void
wait_for_something (KvmEngine *engine)
{
  const AsternClock *clock = &engine->parent.machine->clock;
  guint64 now_ns = astern_clock_now_ns (clock), until_ns;
  struct pollfd fds[] = { { .fd = engine->told_fd, .events = POLLIN }, { .fd = engine->doorbells_fd, .events = POLLIN } };
  struct timespec timeout;
  guint64 told;

  until_ns = MIN (clock->next_ns, now_ns + (engine->watches->len > 0 ? TURN_NS : LOOKS_EVERY_NS));
  if (until_ns <= now_ns)
    return;
  timeout.tv_sec = 0;           /* LOOKS_EVERY_NS is less */
  timeout.tv_nsec = (glong) (until_ns - now_ns);
  engine->waits_until_ns = until_ns;
  g_mutex_unlock (&engine->lock);
  if (ppoll (fds, G_N_ELEMENTS (fds), &timeout, NULL) > 0 && (fds[0].revents & POLLIN))
    if (read (engine->told_fd, &told, sizeof told) < 0)
      told = 0;                 /* somebody else was told: not a reason to stop */
  g_mutex_lock (&engine->lock);
  engine->waits_until_ns = 0;
}

void
kvm_tell_machine (KvmEngine *engine)
{
  const guint64 one = 1;

  if (write (engine->told_fd, &one, sizeof one) != sizeof one)
    g_error ("an event is not taken");
}

static gboolean
is_to_stop (AsternMachine *machine)
{
  gint requested = g_atomic_int_get (&machine->stop_requested);

  if (requested != ASTERN_STOP_NONE)
    {
      g_atomic_int_set (&machine->stop_requested, ASTERN_STOP_NONE);
      astern_machine_stop (machine, requested, machine->running_cpu, 0, NULL);
    }
  return machine->stop.reason != ASTERN_STOP_NONE;
}

static void
park (KvmEngine *engine)
{
  engine->running = FALSE;
  for (guint i = 0; i < engine->n_cpus; i++)
    kvm_cpu_kick (engine->cpus[i]);
  while (engine->n_in_guest > 0)
    g_cond_wait (&engine->parked, &engine->lock);
}

/* While pages are watched one CPU runs at a time, and is asked now and then whether it gets on. */
static void
pass_turn (KvmEngine *engine)
{
  guint next = engine->turn;

  if (engine->watches->len == 0)
    return;
  kvm_cpu_kick (engine->cpus[engine->turn]);
  do
    next = (next + 1) % engine->n_cpus;
  while (next != engine->turn && !kvm_cpu_can_run (engine->cpus[next]));
  engine->turn = next;
  g_cond_broadcast (&engine->change);
}

/* All CPUs at once, until something stops the machine or a point wants attention. */
static void
run_together (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  kvm_irqchip_hold (engine);
  engine->running = TRUE;
  g_cond_broadcast (&engine->change);
  while (!is_to_stop (machine) && !engine->attention && !engine->points_changed)
    {
      g_atomic_int_set (&machine->kicked, 0);
      kvm_advance_clock (engine);
      kvm_memory_ask (engine);
      kvm_dead_look (engine);
      pass_turn (engine);
      if (!kvm_doorbells_answer (engine) && !astern_inputs_poll (machine->inputs) && !astern_clock_fire_due (&machine->clock))
        wait_for_something (engine);
      engine->attention |= astern_points_waiting (machine->points);
    }
  park (engine);
  kvm_doorbells_answer (engine);
  kvm_irqchip_release (engine);
}

/* While no CPU runs. */
static gboolean
handle_events (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;
  AsternMoment from = astern_clock_moment (&machine->clock);

  g_atomic_int_set (&machine->kicked, 0);
  kvm_advance_clock (engine);
  kvm_memory_ask (engine);
  if (!kvm_doorbells_answer (engine) && !astern_inputs_poll (machine->inputs) && !astern_clock_fire_due (&machine->clock))
    return FALSE;
  astern_points_moved (machine->points, from);
  astern_points_settle (machine->points);
  return TRUE;
}

/* All CPUs in turn, by single instructions. */
static void
run_by_steps (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;
  guint shown = machine->running_cpu;

  for (guint n = 0; !is_to_stop (machine) && n < STEPS_A_LOOK; n++)
    {
      guint64 before = machine->clock.s.icount, interrupts = 0;

      if (handle_events (engine))
        continue;
      for (guint i = 0; i < engine->n_cpus && machine->stop.reason == ASTERN_STOP_NONE; i++)
        {
          KvmCpu *cpu = engine->cpus[machine->running_cpu = (shown + i) % engine->n_cpus];

          interrupts -= cpu->parent.interrupts + cpu->parent.exceptions;
          kvm_cpu_step_or_interrupt (cpu);
          interrupts += cpu->parent.interrupts + cpu->parent.exceptions;
        }
      if (machine->clock.s.icount == before && interrupts == 0 && machine->stop.reason == ASTERN_STOP_NONE)
        wait_for_something (engine);
    }
  if (machine->stop.reason != ASTERN_STOP_POINT)
    machine->running_cpu = shown;
  engine->points_changed = TRUE;      /* whether it has to go on so may be another matter now */
}

static void
run_freely (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  while (!is_to_stop (machine))
    if (kvm_points_by_steps (engine))
      run_by_steps (engine);
    else
      {
        kvm_points_go (engine);
        run_together (engine);
        kvm_points_halt (engine);
      }
}

/* One CPU, by single instructions: only those are counted. */
static void
run_counted (KvmEngine *engine, guint64 until_icount)
{
  AsternMachine *machine = engine->parent.machine;

  while (!is_to_stop (machine))
    {
      guint64 before = machine->clock.s.icount;
      guint32 step = machine->clock.s.step;

      if (before > until_icount || (before == until_icount && machine->clock.s.step >= machine->until_step))
        {
          astern_machine_stop (machine, ASTERN_STOP_ICOUNT, machine->running_cpu, 0, NULL);
          return;
        }
      if (handle_events (engine))
        continue;
      kvm_cpu_step (engine->cpus[machine->running_cpu]);
      if (machine->clock.s.icount == before && machine->clock.s.step == step && machine->stop.reason == ASTERN_STOP_NONE)
        wait_for_something (engine);
    }
}

static void
engine_run (AsternEngine *base, guint64 until_icount)
{
  KvmEngine *engine = (KvmEngine *) base;
  AsternMachine *machine = base->machine;

  g_mutex_lock (&engine->lock);
  kvm_points_enter (engine);
  kvm_memory_enter (engine);
  kvm_memory_update (engine);
  engine->host_ns = host_now_ns ();     /* behind what takes long: guest time stands still meanwhile */
  engine->guest_ns = astern_clock_now_ns (&machine->clock);
  kvm_put_clock (engine);
  kvm_time_put (engine);
  if (until_icount == G_MAXUINT64)
    run_freely (engine);
  else
    run_counted (engine, until_icount);
  kvm_advance_clock (engine);
  kvm_doorbells_answer (engine);
  kvm_time_get (engine);
  kvm_memory_ask (engine);
  kvm_memory_leave (engine);
  kvm_points_leave (engine);
  g_mutex_unlock (&engine->lock);
}

static void
engine_kicked (AsternEngine *base)
{
  kvm_tell_machine ((KvmEngine *) base);
}

static char *
engine_statistics (AsternEngine *base)
{
  return kvm_exits_tell ((KvmEngine *) base);
}

static void
engine_flush (AsternEngine *base)
{
  ((KvmEngine *) base)->map_changed = TRUE;
}

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, text);
  return FALSE;
}

/* KVM has no A20 line, and not everywhere system management mode. */
static gboolean
engine_can_take (AsternEngine *base, GError **error)
{
  for (guint i = 0; i < base->n_cpus; i++)
    {
      const X86State *s = base->machine->cpus[i]->state;

      if ((s->in_smm || s->smi_pending) && !((KvmEngine *) base)->has_smm)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _("CPU %u is in system management mode, or about to enter it, which this host's KVM cannot; let it run on "
                         "until it has left."), i);
          return FALSE;
        }
      if (!s->a20)
        return fail (error, _("Address line 20 is masked, which the engine “kvm” cannot; let the guest run on until it opens it."));
    }
  return TRUE;
}

/* Another engine ran the machine. */
static void
engine_enter (AsternEngine *base)
{
  base->machine->turn_end = G_MAXUINT64;
  ((KvmEngine *) base)->map_changed = TRUE;
}

/* ---- made and freed ---- */

static void
engine_free (AsternEngine *base)
{
  KvmEngine *engine = (KvmEngine *) base;

  g_mutex_lock (&engine->lock);
  engine->quit = TRUE;
  g_cond_broadcast (&engine->change);
  g_mutex_unlock (&engine->lock);
  for (guint i = 0; i < engine->n_cpus; i++)
    kvm_cpu_free (engine->cpus[i]);
  kvm_points_clear (engine);
  kvm_memory_clear (engine);
  kvm_doorbells_clear (engine);
  g_free (engine->port_exits);
  if (engine->told_fd >= 0)
    close (engine->told_fd);
  if (engine->vm_fd >= 0)
    close (engine->vm_fd);
  if (engine->kvm_fd >= 0)
    close (engine->kvm_fd);
  g_string_free (engine->lacks, TRUE);
  g_mutex_clear (&engine->lock);
  g_cond_clear (&engine->change);
  g_cond_clear (&engine->parked);
  g_free (engine);
}

static const AsternEngineClass kvm_class = {
  .name = "kvm",
  .capabilities = ASTERN_CAN_HARDWARE_SPEED | ASTERN_CAN_BREAK,
  .run = engine_run,
  .free = engine_free,
  .flush = engine_flush,
  .kicked = engine_kicked,
  .statistics = engine_statistics,
  .enter = engine_enter,
  .can_take = engine_can_take,
};

/* Opens /dev/kvm, and looks at what it can do. */
static gboolean
open_kvm (KvmEngine *engine, GError **error)
{
  static const struct { int number; const char *name; } needed[] = {
    { KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY" }, { KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
    { KVM_CAP_READONLY_MEM, "KVM_CAP_READONLY_MEM" }, { KVM_CAP_XSAVE, "KVM_CAP_XSAVE" }, { KVM_CAP_XCRS, "KVM_CAP_XCRS" },
    { KVM_CAP_VCPU_EVENTS, "KVM_CAP_VCPU_EVENTS" }, { KVM_CAP_DEBUGREGS, "KVM_CAP_DEBUGREGS" },
  };

  engine->kvm_fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (engine->kvm_fd < 0 && errno == ENOENT)
    return fail (error, _("There is no /dev/kvm: the kernel's module is not there (“modprobe kvm-intel” or “modprobe kvm-amd”), or "
                          "virtualization is off in the firmware's setup.  “-accel kvm:translate” does without it."));
  if (engine->kvm_fd < 0 && (errno == EACCES || errno == EPERM))
    return fail (error, _("You may not use /dev/kvm: become a member of its group (“adduser NAME kvm”, and log in again).  "
                          "“-accel kvm:translate” does without it."));
  if (engine->kvm_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("Cannot open /dev/kvm: %s."), g_strerror (errno));
      return FALSE;
    }
  if (ioctl (engine->kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
    return fail (error, _("/dev/kvm speaks another version of its interface than 12."));
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (ioctl (engine->kvm_fd, KVM_CHECK_EXTENSION, (gulong) needed[i].number) <= 0)
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This kernel's KVM has no %s; a newer kernel has."), needed[i].name);
        return FALSE;
      }
  engine->run_bytes = (gsize) ioctl (engine->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
  return TRUE;
}

static gboolean
make_vm (KvmEngine *engine, GError **error)
{
  guint64 identity = IDENTITY_MAP;

  do
    engine->vm_fd = ioctl (engine->kvm_fd, KVM_CREATE_VM, 0ul);
  while (engine->vm_fd < 0 && errno == EINTR);
  if (engine->vm_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("KVM does not make a virtual machine: %s."), g_strerror (errno));
      return FALSE;
    }
  if (ioctl (engine->vm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_SET_IDENTITY_MAP_ADDR) > 0)
    kvm_must (engine->vm_fd, KVM_SET_IDENTITY_MAP_ADDR, &identity, "KVM_SET_IDENTITY_MAP_ADDR");
  if (ioctl (engine->vm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_SET_TSS_ADDR) > 0)
    kvm_must (engine->vm_fd, KVM_SET_TSS_ADDR, (gpointer) (gulong) (IDENTITY_MAP + 0x1000), "KVM_SET_TSS_ADDR");
  return TRUE;
}

/* Leaves out what the kernel does not give to guests, and what needs a local APIC in the kernel. */
static void
leave_out_features (KvmEngine *engine)
{
  static const struct { guint32 leaf, subleaf; guint8 reg, bit; const char *name; guint feature; } list[] = {
#define X(id, name, leaf, sub, reg, bit) { leaf, sub, reg, bit, name, X86_FEATURE_##id },
    X86_FEATURES (X)
#undef X
  };
  g_autofree struct kvm_cpuid2 *given = g_malloc0 (sizeof *given + MOST_LEAVES * sizeof given->entries[0]);

  given->nent = MOST_LEAVES;
  kvm_must (engine->kvm_fd, KVM_GET_SUPPORTED_CPUID, given, "KVM_GET_SUPPORTED_CPUID");
  for (guint i = 0; i < G_N_ELEMENTS (list); i++)
    {
      gboolean has = list[i].feature == X86_FEATURE_HYPERVISOR || list[i].feature == X86_FEATURE_APIC ||
                     list[i].feature == X86_FEATURE_MONITOR;

      for (guint k = 0; k < given->nent && !has; k++)
        {
          const struct kvm_cpuid_entry2 *entry = &given->entries[k];
          const guint32 values[4] = { entry->eax, entry->ebx, entry->ecx, entry->edx };

          has = entry->function == list[i].leaf && entry->index == list[i].subleaf && (values[list[i].reg] >> list[i].bit & 1) != 0;
        }
      /* Of a local APIC of our own, if the kernel leaves its registers to us. */
      if (engine->irqchip == ASTERN_KVM_IRQCHIP_OFF &&
          (list[i].feature == X86_FEATURE_X2APIC || list[i].feature == X86_FEATURE_TSC_DEADLINE))
        has = engine->filtered != NULL;
      else if (list[i].feature == X86_FEATURE_TSC_DEADLINE)
        has = ioctl (engine->kvm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_TSC_DEADLINE_TIMER) > 0;
      if (engine->irqchip == ASTERN_KVM_IRQCHIP_OFF && list[i].feature == X86_FEATURE_KVM_PV_EOI)
        has = FALSE;
      if (list[i].feature == X86_FEATURE_TSC_ADJUST)
        has = FALSE;
      if (has || !engine->features.has[list[i].feature])
        continue;
      engine->features.has[list[i].feature] = 0;
      g_string_append_printf (engine->lacks, "%s%s", engine->lacks->len > 0 ? " " : "", list[i].name);
    }
}

static guint64
tsc_hz (KvmEngine *engine)
{
  return (guint64) MAX (0, ioctl (engine->cpus[0]->fd, KVM_GET_TSC_KHZ, 0)) * 1000;
}

/* The counter's frequency is the model's where the host can scale it, and the host's elsewhere. */
static gboolean
settle_tsc (KvmEngine *engine, gboolean fixed, GError **error)
{
  guint64 host_hz = tsc_hz (engine), wanted_hz = engine->features.tsc_hz;

  if (engine->tsc_scales || host_hz == 0 || host_hz == wanted_hz)
    return TRUE;
  if (fixed)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("The guest's time stamp counter has %" PRIu64 " Hz and this host's KVM cannot scale its own, which has %" PRIu64
                     ".  Start with “-cpu %s,tsc-frequency=%" PRIu64 "”, or with “-shift-at”."),
                   wanted_hz, host_hz, engine->features.model, host_hz);
      return FALSE;
    }
  engine->features.tsc_hz = host_hz;
  return TRUE;
}

static gboolean
make_cpus (KvmEngine *engine, guint n_cpus, gboolean fixed, GError **error)
{
  for (guint i = 0; i < n_cpus; i++)
    if (!kvm_cpu_add (engine, i, error))
      return FALSE;
  if (!settle_tsc (engine, fixed, error))
    return FALSE;
  for (guint i = 0; i < n_cpus; i++)
    {
      kvm_set_cpuid (engine->cpus[i]);
      kvm_set_machine_checks (engine->cpus[i]);
    }
  kvm_choose_msrs (engine);
  kvm_time_init (engine);
  for (guint i = 0; i < n_cpus; i++)
    {
      if (engine->tsc_scales)
        kvm_must (engine->cpus[i]->fd, KVM_SET_TSC_KHZ, (gpointer) (gulong) (engine->features.tsc_hz / 1000), "KVM_SET_TSC_KHZ");
      engine->cpus[i]->s.tsc_hz = engine->features.tsc_hz;
      kvm_cpu_start (engine->cpus[i]);
    }
  return TRUE;
}

static gboolean
has_all (KvmEngine *engine, GError **error)
{
  g_autofree char *without = NULL;
  g_auto (GStrv) names = NULL;

  if (engine->lacks->len == 0)
    return TRUE;
  names = g_strsplit (engine->lacks->str, " ", -1);
  without = g_strjoinv (",-", names);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _("The guest was told of CPU features that this host's KVM has not.  Start with “-cpu %s,-%s”, or with “-shift-at”."),
               engine->features.model, without);
  return FALSE;
}

/* Where HLT has to be the breakpoint instruction it has to come out to us: with the kernel's controllers it does not. */
static void
settle_irqchip (KvmEngine *engine)
{
  gboolean int3 = kvm_probe_int3 (engine->kvm_fd);

  if (engine->irqchip == ASTERN_KVM_IRQCHIP_AUTO)
    engine->irqchip = int3 ? ASTERN_KVM_IRQCHIP_ON : ASTERN_KVM_IRQCHIP_OFF;
  engine->cannot_break = !int3 && engine->irqchip != ASTERN_KVM_IRQCHIP_OFF;
  if (engine->cannot_break)
    engine->klass.capabilities &= ~(guint32) ASTERN_CAN_BREAK;
}

AsternEngine *
astern_kvm_engine_new (AsternMachine *machine, const AsternKvmOptions *options, GError **error)
{
  KvmEngine *engine = g_new0 (KvmEngine, 1);
  struct kvm_enable_cap payload = { .cap = KVM_CAP_EXCEPTION_PAYLOAD, .args = { 1 } };

  g_assert (options->n_cpus >= 1 && options->n_cpus <= ASTERN_MAX_CPUS);
  engine->klass = kvm_class;
  engine->parent.klass = &engine->klass;
  engine->parent.machine = machine;
  engine->features = *options->features;
  engine->lacks = g_string_new (NULL);
  engine->irqchip = options->irqchip;
  engine->vm_fd = -1;
  g_mutex_init (&engine->lock);
  engine->told_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  engine->port_exits = g_new0 (guint32, KVM_PORTS);
  kvm_doorbells_init (engine);
  g_cond_init (&engine->change);
  g_cond_init (&engine->parked);
  if (!open_kvm (engine, error) || !make_vm (engine, error))
    {
      engine_free (&engine->parent);
      return NULL;
    }
  settle_irqchip (engine);
  if (!kvm_irqchip_make (engine, error))
    {
      engine_free (&engine->parent);
      return NULL;
    }
  kvm_points_init (engine);
  kvm_msr_init (engine);
  engine->tsc_scales = ioctl (engine->kvm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_TSC_CONTROL) > 0;
  engine->block_irq = KVM_GUESTDBG_BLOCKIRQ &
                      (guint32) MAX (0, ioctl (engine->kvm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_SET_GUEST_DEBUG2));
  engine->has_sregs2 = ioctl (engine->vm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_SREGS2) > 0;
  engine->has_payload = ioctl (engine->vm_fd, KVM_ENABLE_CAP, &payload) == 0;
  engine->has_smm = ioctl (engine->vm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_X86_SMM) > 0 &&
                    ioctl (engine->vm_fd, KVM_CHECK_EXTENSION, (gulong) KVM_CAP_MULTI_ADDRESS_SPACE) > 1;
  if (engine->has_smm)
    engine->klass.capabilities |= ASTERN_CAN_MANAGE;
  leave_out_features (engine);
  if ((options->fixed && !has_all (engine, error)) || !make_cpus (engine, options->n_cpus, options->fixed, error))
    {
      engine_free (&engine->parent);
      return NULL;
    }
  kvm_memory_init (engine);
  astern_machine_add_engine (machine, &engine->parent);
  return &engine->parent;
}

const X86Features *
astern_kvm_features (AsternEngine *engine)
{
  return &((KvmEngine *) engine)->features;
}

char *
astern_kvm_lacks (AsternEngine *engine)
{
  return g_strdup (((KvmEngine *) engine)->lacks->str);
}
