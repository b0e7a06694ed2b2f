/* engine.c - the dispatcher of engine `translate`. */
#include "config.h"

#include "translate/engine.h"

#include "translate/engine-private.h"
#include "translate/ir-interp.h"
#include "translate/jumps.h"
#include "translate/x86/help.h"
#include "translate/x86/host-run.h"
#include "translate/x86/points.h"

#include <string.h>

#define DEFAULT_TURN_INSNS 20000
#define MAX_BUDGET         200000      /* inputs and stop requests are looked at at least so often */
#define CODE_BYTES         (64u << 20)

/* --- turns, time and the outside ------------------------------------------------ */

/* Nothing can wake a CPU that waits for SIPI or was shut down but INIT, SIPI or reset. */
static gboolean
can_run (const X86Cpu *cpu)
{
  const X86State *s = &cpu->s;

  if (s->init_pending || s->sipi_pending || s->intr_accepted)
    return TRUE;
  if (s->wait_for_sipi || s->shutdown)
    return FALSE;
  if (!s->halted)
    return TRUE;
  return s->smi_pending || s->debug_pending || (s->nmi_pending && !s->nmi_blocked) || (s->intr && (s->rflags & X86_IF));
}

static X86Cpu *
running_cpu (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  return x86_cpu (engine->parent.cpus[machine->running_cpu]);
}

static void
next_turn (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  machine->running_cpu = (machine->running_cpu + 1) % machine->n_cpus;
  machine->turn_end = machine->n_cpus == 1 ? G_MAXUINT64 : machine->clock.s.icount + engine->turn_insns;
}

/* Gives the turn to the next CPU that can run; FALSE, and nothing changes, when none can. */
static gboolean
find_runnable (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  for (guint i = 0; i < machine->n_cpus; i++)
    if (can_run (x86_cpu (machine->cpus[(machine->running_cpu + i) % machine->n_cpus])))
      {
        machine->clock.s.step += i > 0;
        for (guint k = 0; k < i; k++)
          next_turn (engine);
        return TRUE;
      }
  return FALSE;
}

/* Timers go on, but what they raise is an interrupt.  (One that an I/O APIC turned
 * into an NMI would still wake such a CPU; nobody halts to wait for that.) */
static gboolean
is_dead (const AsternMachine *machine)
{
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      const X86State *s = &x86_cpu (machine->cpus[i])->s;

      if (s->halted && (s->rflags & X86_IF))
        return FALSE;
    }
  return TRUE;
}

/* All CPUs wait: time jumps to the next timer, unless an input comes first. */
static void
idle (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;
  guint64 now = astern_clock_now_ns (&machine->clock);
  guint64 until = machine->clock.next_ns;

  if (is_dead (machine))
    {
      astern_machine_stop (machine, ASTERN_STOP_DEADLOCK, machine->running_cpu, 0,
                           "every CPU is halted with interrupts off");
      return;
    }
  if (machine->muted && until == ASTERN_CLOCK_NEVER)
    {
      /* All that ever happened here has happened. */
      astern_machine_stop (machine, ASTERN_STOP_HEAD, machine->running_cpu, 0, NULL);
      return;
    }
  if (machine->idle != NULL && !machine->muted)
    astern_machine_idled (machine, machine->idle (machine->idle_host, now, until), until);
  if (astern_inputs_poll (machine->inputs))
    return;
  now = astern_clock_now_ns (&machine->clock);
  if (g_atomic_int_get (&machine->stop_requested))
    return;
  if (until != ASTERN_CLOCK_NEVER && until > now)
    {
      machine->clock.s.step++;
      astern_clock_skip (&machine->clock, until - now);
    }
}

/* --- instruction boundaries -------------------------------------------------------- */

static void
interrupt (XlateEngine *engine, X86Cpu *cpu, guint vector)
{
  X86Exception exception = { .vector = vector, .external = 1 };

  engine->n_interrupts++;
  cpu->parent.interrupts++;
  if (x86_points_want (cpu, ASTERN_POINT_INTERRUPT))
    x86_points_interrupt (cpu, vector);
  x86_deliver (cpu, &exception);
}

static void
start_at_sipi (X86Cpu *cpu)
{
  X86State *s = &cpu->s;

  s->sipi_pending = 0;
  if (!s->wait_for_sipi)
    return;
  s->wait_for_sipi = 0;
  s->halted = 0;
  x86_load_segment_real (s, X86_CS, (guint16) (s->sipi_vector << 8));
  s->rip = 0;
  x86_update_mode (cpu);
}

gboolean
engine_take_events (XlateEngine *engine, X86Cpu *cpu, gboolean *delivered)
{
  X86State *s = &cpu->s;

  if (s->init_pending)
    {
      /* A SIPI that came after the INIT waits for it. */
      guint8 sipi = s->sipi_pending, vector = s->sipi_vector;

      s->init_pending = 0;
      *delivered = TRUE;
      x86_state_init (s, cpu->parent.index == 0, cpu->features->signature);
      s->sipi_pending = sipi;
      s->sipi_vector = vector;
      cpu->parent.sync_in (&cpu->parent);
    }
  if (s->sipi_pending)
    {
      start_at_sipi (cpu);
      *delivered = TRUE;
    }
  if (*delivered)
    return can_run (cpu);
  if (!can_run (cpu))
    return FALSE;
  if (s->intr_accepted)
    {
      s->intr_accepted = 0;
      interrupt (engine, cpu, s->intr_vector);
      *delivered = TRUE;
      return TRUE;
    }
  if (s->shadow & X86_SHADOW_MOV_SS)
    return TRUE;
  if (s->debug_pending)
    {
      *delivered = x86_debug_deliver_pending (cpu);
      return *delivered;
    }
  if (s->smi_pending && !s->in_smm)
    {
      s->smi_pending = 0;
      s->halted = 0;
      x86_smm_enter (cpu);
      *delivered = TRUE;
      return TRUE;
    }
  if (s->nmi_pending && !s->nmi_blocked && !s->in_smm)
    {
      s->nmi_pending = 0;
      s->nmi_blocked = 1;
      interrupt (engine, cpu, X86_EXC_NMI);
      *delivered = TRUE;
      return TRUE;
    }
  if (s->intr && (s->rflags & X86_IF) && !s->shadow)
    {
      int vector;

      x86_cpu_publish_icount (cpu);
      vector = cpu->parent.apic_ops->acknowledge (cpu->parent.apic);
      if (vector >= 0)
        {
          interrupt (engine, cpu, (guint) vector);
          *delivered = TRUE;
        }
    }
  return can_run (cpu);
}

/* One instruction with all that hangs on single ones: TF, RF, breakpoints, interrupt shadows. */
static void
careful_step (XlateEngine *engine, X86Cpu *cpu)
{
  X86State *s = &cpu->s;

  if ((cpu->mode & X86_MODE_DEBUG) && !(s->shadow & X86_SHADOW_MOV_SS) && x86_debug_execute (cpu))
    return;
  s->shadow = 0;
  s->rflags &= ~(guint64) X86_RF;      /* what sets it, sets it for the next one */
  cpu->stepping = (s->rflags & X86_TF) != 0;
  cpu->debug_hits = 0;
  engine_step (engine, cpu);
  x86_debug_pend (cpu, cpu->debug_hits | (cpu->stepping && !(s->shadow & X86_SHADOW_MOV_SS) ? X86_DR6_BS : 0));
  cpu->debug_hits = 0;
  cpu->stepping = 0;
  cpu->recheck = 1;
}

static gboolean
needs_care (X86Cpu *cpu)
{
  if ((cpu->s.rflags & X86_RF) && !(cpu->s.dr[7] & 0xff))
    cpu->s.rflags &= ~(guint64) X86_RF;
  return cpu->s.shadow != 0 || (cpu->s.rflags & (X86_TF | X86_RF)) != 0 || (cpu->mode & X86_MODE_DEBUG) != 0;
}

/* --- running ----------------------------------------------------------------------- */

/* Lets host code that left over @link go on to @unit by itself the next time. */
static void
link_unit (XlateEngine *engine, X86Cpu *cpu, XlateLink *link, XlateUnit *unit)
{
  if (link->from->dead || link->to != NULL || link->from->mode != cpu->mode || unit->outer == NULL || link->rip != unit->rip)
    return;
  engine->n_links++;
  emit_link (link, unit, ((link->from->linear ^ unit->linear) & ~ASTERN_PAGE_MASK) == 0 && unit->ram2 == XLATE_NO_PAGE);
}

/* Units until the budget is used up or something asks for a look. */
static void
run_units (XlateEngine *engine, X86Cpu *cpu)
{
  XlateLink *link = NULL;

  do
    {
      XlateUnit *unit = engine_find_unit (engine, cpu, FALSE);

      if (link != NULL && unit != NULL)
        link_unit (engine, cpu, link, unit);
      link = NULL;
      /* The fetch may have set a bit that is watched. */
      if (unit == NULL || unit->n_insns > cpu->budget || cpu->recheck)
        engine_step (engine, cpu);
      else if (unit->outer == NULL)
        {
          engine->n_interpreted++;
          engine_interpret (cpu, unit);
        }
      else
        {
          jumps_prepare (cpu);
          jumps_remember (cpu, unit);
          engine->n_runs++;
          link = emitter_run (engine->emitter, cpu, unit);
        }
    }
  while (cpu->budget > 0 && !cpu->recheck
         && !(x86_points_want (cpu, ASTERN_POINT_EXECUTE) && engine_points_execute (engine, cpu)));
}

/* From an instruction boundary at which no event is due. */
static void
run_instructions (XlateEngine *engine, X86Cpu *cpu)
{
  /* Before anything is done, to RF too. */
  if (x86_points_want (cpu, ASTERN_POINT_EXECUTE) && engine_points_execute (engine, cpu))
    return;
  if (needs_care (cpu))
    careful_step (engine, cpu);
  else
    {
      cpu->recheck = 0;
      if (cpu->budget > 0)
        run_units (engine, cpu);
    }
}

/* What the instruction raised: whether it was delivered. */
static gboolean
take_exception (XlateEngine *engine, X86Cpu *cpu)
{
  X86Exception exception = cpu->exception;

  cpu->recheck = 1;
  if (cpu->armed)
    astern_points_forget (engine->parent.machine->points);
  if (x86_points_want (cpu, ASTERN_POINT_EXCEPTION) && x86_points_exception (cpu, &exception))
    return FALSE;
  engine->n_exceptions++;
  cpu->parent.exceptions++;
  cpu->parent.last_exception = exception.vector;
  x86_deliver (cpu, &exception);
  return TRUE;
}

/* One stretch of one CPU: from an instruction boundary to the next place to look. */
static void
run_stretch (XlateEngine *engine, X86Cpu *cpu, guint64 until_icount)
{
  AsternMachine *machine = engine->parent.machine;
  guint64 now = machine->clock.s.icount;
  guint64 deliveries = cpu->parent.interrupts + cpu->parent.exceptions;
  gint64 budget = MIN (MAX_BUDGET, (gint64) MIN (until_icount - now, G_MAXINT64));
  volatile gboolean delivered = FALSE;
  volatile int came;

  budget = MIN (budget, (gint64) MIN (machine->turn_end - now, G_MAXINT64));
  if (astern_inputs_next_icount (machine->inputs) > now)
    budget = MIN (budget, (gint64) MIN (astern_inputs_next_icount (machine->inputs) - now, G_MAXINT64));
  budget = MIN (budget, MAX (astern_clock_insns_left (&machine->clock), 1));
  budget = MAX (budget, 1);      /* the step to stop at may be the delivery of an exception */
  cpu->turn_icount = now;
  cpu->turn_budget = budget;
  cpu->budget = budget;
  cpu->recheck = 0;
  came = sigsetjmp (cpu->fault_env, 0);
  if (came == X86_CAME_EXCEPTION)
    delivered = take_exception (engine, cpu);
  else if (came == X86_CAME_STEP)
    engine_step (engine, cpu);
  else if (came != X86_CAME_TO_STOP && engine_take_events (engine, cpu, (gboolean *) &delivered) && !delivered)
    run_instructions (engine, cpu);
  x86_cpu_publish_icount (cpu);
  if (machine->clock.s.icount != now)
    {
      machine->clock.s.step = 0;
      cpu->parent.last_icount = machine->clock.s.icount;
    }
  if (delivered || cpu->parent.interrupts + cpu->parent.exceptions != deliveries)
    machine->clock.s.step++;
  if (cpu->parent.interrupts + cpu->parent.exceptions != deliveries)
    cpu->parent.last_delivery = astern_clock_moment (&machine->clock);
}

static void
stop_at_icount (AsternMachine *machine, guint64 until_icount)
{
  if (machine->clock.s.icount > until_icount
      || (machine->clock.s.icount == until_icount && machine->clock.s.step >= machine->until_step))
    astern_machine_stop (machine, ASTERN_STOP_ICOUNT, machine->running_cpu, 0, NULL);
}

/* The turn has gone to another CPU. */
static void
stop_at_turn (AsternMachine *machine)
{
  if (machine->until_turn)
    astern_machine_stop (machine, ASTERN_STOP_REQUESTED, machine->running_cpu, 0, NULL);
}

/* What the last instruction, or timers and inputs, did to points. */
static void
settle_points (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  if (G_UNLIKELY (running_cpu (engine)->armed))
    astern_points_settle (machine->points);
  if (G_UNLIKELY (engine->points_changed))
    engine_points_apply (engine);
}

static void
run_machine (XlateEngine *engine, guint64 until_icount)
{
  AsternMachine *machine = engine->parent.machine;

  for (;;)
    {
      gint requested = g_atomic_int_get (&machine->stop_requested);
      guint turn;

      units_sweep (engine->units);
      settle_points (engine);
      if (requested != ASTERN_STOP_NONE)
        {
          g_atomic_int_set (&machine->stop_requested, ASTERN_STOP_NONE);
          astern_machine_stop (machine, requested, machine->running_cpu, 0, NULL);
        }
      stop_at_icount (machine, until_icount);
      if (machine->stop.reason != ASTERN_STOP_NONE)
        return;
      g_atomic_int_set (&machine->kicked, 0);
      /* One thing a pass: each state that an input or an interrupt may find can be stopped at.  Inputs come before timers that are
       * due, here as where the machine stood and somebody changed something. */
      if (astern_inputs_poll (machine->inputs) || astern_clock_fire_due (&machine->clock))
        continue;
      if (machine->clock.s.icount >= machine->turn_end)
        {
          machine->clock.s.step++;
          next_turn (engine);
          stop_at_turn (machine);
          continue;
        }
      turn = machine->running_cpu;
      if (!find_runnable (engine))
        idle (engine);
      else if (machine->running_cpu == turn)
        run_stretch (engine, running_cpu (engine), until_icount);
      else
        stop_at_turn (machine);
    }
}

static void
engine_run (AsternEngine *base, guint64 until_icount)
{
  XlateEngine *engine = (XlateEngine *) base;

  if (engine->emitter != NULL)
    emitter_thread_changed (engine->emitter);
  engine_points_enter (engine);
  run_machine (engine, until_icount);
  engine_points_leave (engine);
}

/* --- CPUs --------------------------------------------------------------------------- */

static void
set_pin (AsternCpu *base, AsternPin pin, guint value)
{
  X86Cpu *cpu = x86_cpu (base);
  gboolean a20 = cpu->s.a20 != 0;

  x86_state_set_pin (&cpu->s, pin, value);
  if (a20 != (cpu->s.a20 != 0))
    x86_mmu_changed (cpu);
  cpu->recheck = 1;
}

static void
sync_out (AsternCpu *base)
{
  x86_flags_sync (x86_cpu (base));
}

static void
sync_in (AsternCpu *base)
{
  X86Cpu *cpu = x86_cpu (base);

  x86_flags_set (cpu, (guint32) cpu->s.rflags);
  x86_update_mode (cpu);
  x86_mmu_select (cpu);
  cpu->recheck = 1;
}

static void
reset_cpu (AsternCpu *base)
{
  X86Cpu *cpu = x86_cpu (base);

  x86_state_reset (&cpu->s, base->index == 0, cpu->features->signature);
  sync_in (base);
}

void
astern_translate_reset_cpus (AsternMachine *machine)
{
  for (guint i = 0; i < machine->n_cpus; i++)
    reset_cpu (machine->cpus[i]);
}

/* A unit died: no jump may lead to it, and whoever runs it must look up. */
static void
unit_died (gpointer owner, XlateUnit *unit)
{
  XlateEngine *engine = owner;

  for (guint i = 0; i < engine->parent.n_cpus; i++)
    jumps_drop (x86_cpu (engine->parent.cpus[i]), unit);
  running_cpu (engine)->recheck = 1;
}

static void
engine_flush (AsternEngine *base)
{
  for (guint i = 0; i < base->n_cpus; i++)
    jumps_forget (x86_cpu (base->cpus[i]));
  x86_mmu_flush_all (base);
}

void
engine_forget_code (XlateEngine *engine)
{
  engine->n_flushes++;
  units_flush (engine->units);
  if (engine->emitter != NULL)
    emitter_clear (engine->emitter);
  engine_flush (&engine->parent);
}

static void
engine_free (AsternEngine *base)
{
  XlateEngine *engine = (XlateEngine *) base;

  engine_points_free (engine);
  units_free (engine->units);
  if (engine->emitter != NULL)
    emitter_free (engine->emitter);
  ir_block_free (engine->block);
  for (guint i = base->n_cpus; i-- > 0;)
    {
      X86Cpu *cpu = x86_cpu (base->cpus[i]);

      x86_mmu_free (cpu);
      g_clear_pointer (&cpu->host_runner, host_runner_free);
      g_aligned_free (cpu);
    }
  g_free (engine);
}

/* Another engine ran the machine: nothing that was derived from its memory and CPUs holds. */
static void
engine_enter (AsternEngine *base)
{
  XlateEngine *engine = (XlateEngine *) base;
  AsternMachine *machine = base->machine;

  machine->turn_end = base->n_cpus == 1 ? G_MAXUINT64 : machine->clock.s.icount + engine->turn_insns;
  engine_points_listen (engine, TRUE);
  engine_forget_code (engine);
}

static void
engine_leave (AsternEngine *base)
{
  engine_points_listen ((XlateEngine *) base, FALSE);
}

static char *
engine_statistics (AsternEngine *base)
{
  XlateEngine *engine = (XlateEngine *) base;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "units made %" G_GUINT64_FORMAT ", invalidated %" G_GUINT64_FORMAT ", bindings %u\n",
                          engine->units->n_made, engine->units->n_invalidated, engine->units->bindings->len);
  g_string_append_printf (text, "entries to host code %" G_GUINT64_FORMAT ", links %" G_GUINT64_FORMAT
                          ", units interpreted %" G_GUINT64_FORMAT ", single steps %" G_GUINT64_FORMAT "\n",
                          engine->n_runs, engine->n_links, engine->n_interpreted, engine->n_single);
  g_string_append_printf (text, "exceptions %" G_GUINT64_FORMAT ", interrupts %" G_GUINT64_FORMAT
                          ", flushes of all code %" G_GUINT64_FORMAT "\n",
                          engine->n_exceptions, engine->n_interrupts, engine->n_flushes);
  for (guint i = 0; i < base->n_cpus; i++)
    g_string_append_printf (text, "cpu %u: page walks %" G_GUINT64_FORMAT ", first-level misses %" G_GUINT64_FORMAT "\n",
                            i, x86_cpu (base->cpus[i])->mmu->walks, x86_cpu (base->cpus[i])->mmu->misses);
  return g_string_free (text, FALSE);
}

static const AsternEngineClass engine_class = {
  .name = "translate",
  .capabilities = ASTERN_CAN_DETERMINISTIC | ASTERN_CAN_REVERSE | ASTERN_CAN_COUNT_EXACTLY | ASTERN_CAN_BREAK |
                  ASTERN_CAN_MANAGE,
  .run = engine_run,
  .free = engine_free,
  .flush = engine_flush,
  .enter = engine_enter,
  .leave = engine_leave,
  .statistics = engine_statistics,
};

static void
add_cpu (XlateEngine *engine, guint index)
{
  X86Cpu *cpu = g_aligned_alloc0 (1, sizeof (X86Cpu), 64);

  cpu->parent.klass = &x86_cpu_class;
  cpu->parent.state = &cpu->s;
  cpu->parent.set_pin = set_pin;
  cpu->parent.sync_out = sync_out;
  cpu->parent.sync_in = sync_in;
  cpu->parent.reset = reset_cpu;
  cpu->engine = engine;
  cpu->self = cpu;
  cpu->host_mxcsr = 0x1f80;
  cpu->features = &engine->features;
  cpu->s.tsc_hz = engine->features.tsc_hz;
  cpu->host_runner = host_runner_new ();
  astern_engine_add_cpu (&engine->parent, &cpu->parent);
  x86_state_reset (&cpu->s, index == 0, cpu->features->signature);
  cpu->mmu = x86_mmu_new (cpu);
  jumps_forget (cpu);
  sync_in (&cpu->parent);
}

AsternEngine *
astern_translate_engine_new (AsternMachine *machine, const AsternTranslateOptions *options, GError **error)
{
  XlateEngine *engine = g_new0 (XlateEngine, 1);

  g_assert (options->n_cpus >= 1 && options->n_cpus <= ASTERN_MAX_CPUS);
  engine->parent.klass = &engine_class;
  engine->parent.machine = machine;
  engine->tier = options->tier;
  engine->features = *options->features;
  engine->turn_insns = options->turn_insns ? options->turn_insns : DEFAULT_TURN_INSNS;
  if (options->tier != ASTERN_TIER_INTERP && emitter_available ())
    {
      engine->emitter = emitter_new (CODE_BYTES, options->perf_map, error);
      if (engine->emitter == NULL)
        {
          g_free (engine);
          return NULL;
        }
    }
  engine->block = ir_block_new ();
  engine->units = units_new (&engine->parent);
  engine->units->unlinked = unit_died;
  engine->units->owner = engine;
  for (guint i = 0; i < options->n_cpus; i++)
    add_cpu (engine, i);
  x86_mmu_listen (&engine->parent);
  engine_points_init (engine);
  astern_machine_add_engine (machine, &engine->parent);
  return &engine->parent;
}
