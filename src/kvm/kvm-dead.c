/* kvm-dead.c - a machine whose CPUs are all halted with interrupts off: nothing will ever happen, and somebody should be told.
 *
 * With the kernel's interrupt controllers a CPU that halts does not come out.  So when none has for a second, all are called once,
 * and each looks at what it was called from. */
#include "config.h"

#include "kvm/kvm-private.h"

#include <sys/ioctl.h>

#define QUIET_US  1000000
#define ANSWER_US 50000

static gboolean
waits_in_kernel (KvmCpu *cpu)
{
  struct kvm_mp_state state;

  kvm_must (cpu->fd, KVM_GET_MP_STATE, &state, "KVM_GET_MP_STATE");
  if (state.mp_state == KVM_MP_STATE_UNINITIALIZED || state.mp_state == KVM_MP_STATE_INIT_RECEIVED)
    return TRUE;
  return state.mp_state == KVM_MP_STATE_HALTED && !cpu->run->if_flag;
}

static gboolean
waits_outside (const KvmCpu *cpu)
{
  const X86State *s = &cpu->s;

  if (s->nmi_pending || s->smi_pending || s->init_pending || s->sipi_pending)
    return FALSE;
  return s->wait_for_sipi || s->shutdown || (s->halted && !(cpu->in_kernel ? cpu->run->if_flag : (s->rflags & X86_IF) != 0));
}

void
kvm_dead_answer (KvmCpu *cpu)
{
  cpu->dead = cpu->engine->asked_us != 0 && cpu->engine->held && waits_in_kernel (cpu);
}

static void
ask_all (KvmEngine *engine, gint64 now_us)
{
  engine->asked_us = now_us;
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      engine->cpus[i]->dead = !engine->held && waits_outside (engine->cpus[i]);
      if (engine->held)
        kvm_cpu_kick (engine->cpus[i]);
    }
}

void
kvm_dead_look (KvmEngine *engine)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_dead = 0;

  if (engine->n_exits != engine->n_exits_seen)
    {
      engine->n_exits_seen = engine->n_exits;
      engine->quiet_us = now_us;
      engine->asked_us = 0;
    }
  else if (engine->asked_us == 0 && now_us - engine->quiet_us > QUIET_US)
    ask_all (engine, now_us);
  else if (engine->asked_us != 0 && now_us - engine->asked_us > ANSWER_US)
    {
      for (guint i = 0; i < engine->n_cpus; i++)
        n_dead += engine->cpus[i]->dead;
      engine->asked_us = 0;
      engine->quiet_us = now_us;
      if (n_dead == engine->n_cpus)
        astern_machine_stop (engine->parent.machine, ASTERN_STOP_DEADLOCK, 0, 0, "every CPU is halted with interrupts off");
    }
}
