/* machine.c - the parts together, see machine.h. */
#include "config.h"

#include "core/machine.h"

#include <string.h>

static const AsternField clock_fields[] = {
  ASTERN_FIELD (AsternClockState, icount, 1),
  ASTERN_FIELD (AsternClockState, skipped_ns, 1),
  ASTERN_FIELD (AsternClockState, step, 1),
  ASTERN_FIELD (AsternClockState, reserved, 1),
};

static void
free_device (gpointer data)
{
  astern_device_free (data);
}

static void
kick_for_input (gpointer data)
{
  astern_machine_kick (data, FALSE);
}

/* A recording's bytes are foreign. */
static void
pass_idle_time (gpointer receiver, gconstpointer data, gsize size)
{
  AsternMachine *machine = receiver;
  guint64 passed;

  if (size != sizeof passed)
    return;
  memcpy (&passed, data, sizeof passed);
  astern_clock_skip (&machine->clock, GUINT64_FROM_LE (passed));
}

static void
free_engine (AsternEngine *engine)
{
  engine->klass->free (engine);
}

AsternMachine *
astern_machine_new (guint64 memory_capacity_bytes, GError **error)
{
  AsternMemory *memory = astern_memory_new (memory_capacity_bytes, error);
  AsternMachine *machine;

  if (memory == NULL)
    return NULL;
  machine = g_new0 (AsternMachine, 1);
  machine->events.file = stderr;
  astern_clock_init (&machine->clock);
  machine->memory = memory;
  machine->physical = astern_bus_new ("memory", memory);
  machine->ports = astern_bus_new ("ports", memory);
  astern_bus_set_events (machine->physical, &machine->events);
  astern_bus_set_events (machine->ports, &machine->events);
  machine->inputs = astern_inputs_new (&machine->clock);
  astern_inputs_set_wake (machine->inputs, kick_for_input, machine);
  machine->idle_port = astern_inputs_add_port (machine->inputs, "idle", pass_idle_time, machine);
  machine->devices = g_ptr_array_new_with_free_func (free_device);
  machine->disks = g_ptr_array_new ();
  machine->points = astern_points_new (machine);
  machine->engines = g_ptr_array_new ();
  return machine;
}

void
astern_machine_free (AsternMachine *machine)
{
  if (machine->engine != NULL && !g_ptr_array_find (machine->engines, machine->engine, NULL))
    machine->engine->klass->free (machine->engine);
  for (guint i = machine->engines->len; i-- > 0;)
    free_engine (g_ptr_array_index (machine->engines, i));
  g_ptr_array_unref (machine->engines);
  while (machine->devices->len > 0)
    g_ptr_array_remove_index (machine->devices, machine->devices->len - 1);
  g_ptr_array_unref (machine->devices);
  g_ptr_array_unref (machine->disks);
  astern_points_free (machine->points);
  astern_bus_free (machine->ports);
  astern_bus_free (machine->physical);
  astern_inputs_free (machine->inputs);
  astern_memory_free (machine->memory);
  astern_clock_clear (&machine->clock);
  g_free (machine);
}

void
astern_machine_add_device (AsternMachine *machine, AsternDevice *device)
{
  g_return_if_fail (astern_machine_find_device (machine, device->name) == NULL);

  g_ptr_array_add (machine->devices, device);
}

AsternDevice *
astern_machine_find_device (AsternMachine *machine, const char *name)
{
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      if (g_str_equal (device->name, name))
        return device;
    }
  return NULL;
}

void
astern_machine_add_cpu (AsternMachine *machine, AsternCpu *cpu)
{
  g_return_if_fail (machine->n_cpus < ASTERN_MAX_CPUS);

  cpu->machine = machine;
  cpu->index = machine->n_cpus;
  machine->cpus[machine->n_cpus++] = cpu;
}

/* ---- engines ---- */

void
astern_engine_add_cpu (AsternEngine *engine, AsternCpu *cpu)
{
  g_return_if_fail (engine->n_cpus < ASTERN_MAX_CPUS);

  cpu->machine = engine->machine;
  cpu->index = engine->n_cpus;
  engine->cpus[engine->n_cpus++] = cpu;
}

static void
take_over (AsternMachine *machine, AsternEngine *engine)
{
  memcpy (machine->cpus, engine->cpus, sizeof machine->cpus);
  machine->n_cpus = engine->n_cpus;
  g_atomic_pointer_set (&machine->engine, engine);      /* astern_machine_kick() looks at any time */
  if (engine->klass->enter != NULL)
    engine->klass->enter (engine);
}

void
astern_machine_add_engine (AsternMachine *machine, AsternEngine *engine)
{
  g_ptr_array_add (machine->engines, engine);
  if (machine->engine == NULL)
    take_over (machine, engine);
}

AsternEngine *
astern_machine_find_engine (AsternMachine *machine, const char *name)
{
  for (guint i = 0; i < machine->engines->len; i++)
    {
      AsternEngine *engine = g_ptr_array_index (machine->engines, i);

      if (g_str_equal (engine->klass->name, name))
        return engine;
    }
  return NULL;
}

/* All but what is the engine's own: its functions and where it keeps the state. */
static void
move_cpu (AsternCpu *to, const AsternCpu *from)
{
  g_assert (to->klass == from->klass);
  memcpy (to->state, from->state, astern_cpu_state_size (from->klass));
  to->apic_ops = from->apic_ops;
  to->apic = from->apic;
  to->interrupts = from->interrupts;
  to->exceptions = from->exceptions;
  to->syscalls = from->syscalls;
  to->mode_changes = from->mode_changes;
  to->last_icount = from->last_icount;
  to->last_delivery = from->last_delivery;
}

void
astern_machine_shift (AsternMachine *machine, AsternEngine *engine)
{
  AsternEngine *from = machine->engine;

  g_return_if_fail (engine->n_cpus == machine->n_cpus);

  if (engine == from)
    return;
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      from->cpus[i]->sync_out (from->cpus[i]);
      move_cpu (engine->cpus[i], from->cpus[i]);
    }
  if (from->klass->leave != NULL)
    from->klass->leave (from);
  take_over (machine, engine);
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      AsternCpu *cpu = machine->cpus[i];

      cpu->sync_in (cpu);
      if (cpu->apic_ops != NULL && cpu->apic_ops->set_cpu != NULL)
        cpu->apic_ops->set_cpu (cpu->apic, cpu);
    }
}

void
astern_machine_stop (AsternMachine *machine, AsternStopReason reason, guint cpu, guint64 value, const char *detail)
{
  if (machine->stop.reason != ASTERN_STOP_NONE)
    return;
  machine->stop = (AsternStop) { reason, cpu, value, detail };
  g_atomic_int_compare_and_exchange (&machine->stop_requested, ASTERN_STOP_NONE, (gint) reason);
  g_atomic_int_set (&machine->kicked, 1);
}

void
astern_machine_kick (AsternMachine *machine, gboolean stop)
{
  AsternEngine *engine = g_atomic_pointer_get (&machine->engine);

  if (stop)
    g_atomic_int_compare_and_exchange (&machine->stop_requested, ASTERN_STOP_NONE, ASTERN_STOP_REQUESTED);
  g_atomic_int_set (&machine->kicked, 1);
  if (machine->wake != NULL)
    machine->wake (machine->idle_host);
  if (engine != NULL && engine->klass->kicked != NULL)
    engine->klass->kicked (engine);
}

void
astern_machine_idled (AsternMachine *machine, guint64 ended_ns, guint64 until_ns)
{
  guint64 now_ns = astern_clock_now_ns (&machine->clock);
  guint64 passed = GUINT64_TO_LE (ended_ns - now_ns);

  if (ended_ns > now_ns && ended_ns < until_ns && !astern_inputs_is_deaf (machine->inputs))
    astern_inputs_deliver_now (machine->inputs, machine->idle_port, &passed, sizeof passed);
}

static void
reset_parts (AsternMachine *machine)
{
  for (guint i = 0; i < machine->devices->len; i++)
    astern_device_reset (g_ptr_array_index (machine->devices, i));
  for (guint i = 0; i < machine->n_cpus; i++)
    if (machine->cpus[i]->reset != NULL)
      machine->cpus[i]->reset (machine->cpus[i]);
}

void
astern_machine_reset (AsternMachine *machine)
{
  if (machine->power_on_reset != NULL)
    machine->power_on_reset (machine);
  else
    reset_parts (machine);
  if (machine->engine != NULL && machine->engine->klass->flush != NULL)
    machine->engine->klass->flush (machine->engine);
}

const AsternStop *
astern_machine_run (AsternMachine *machine, guint64 until_icount)
{
  g_return_val_if_fail (machine->engine != NULL, NULL);

  machine->stop = (AsternStop) { ASTERN_STOP_NONE, 0, 0, NULL };
  machine->engine->klass->run (machine->engine, until_icount);
  if (machine->stop.reason == ASTERN_STOP_NONE)
    machine->stop.reason = (AsternStopReason) g_atomic_int_get (&machine->stop_requested);
  /* A request that came when the run was ending anyway ends the next one. */
  g_atomic_int_compare_and_exchange (&machine->stop_requested, (gint) machine->stop.reason, ASTERN_STOP_NONE);
  return &machine->stop;
}

static void
hash_before_memory (AsternMachine *machine, AsternHashFunc visit, gpointer data)
{
  const guint64 *random = astern_inputs_random_state (machine->inputs);
  guint64 words[4] = { GUINT64_TO_LE (random[0]), GUINT64_TO_LE (random[1]),
                       GUINT64_TO_LE (machine->running_cpu), GUINT64_TO_LE (machine->turn_end) };

  visit ("clock", astern_fields_hash (clock_fields, G_N_ELEMENTS (clock_fields), &machine->clock.s, 0), data);
  visit ("inputs", astern_hash_bytes (0, words, 2 * sizeof words[0]), data);
  visit ("turn", astern_hash_bytes (0, &words[2], 2 * sizeof words[2]), data);
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      AsternCpu *cpu = machine->cpus[i];
      char name[16];

      if (cpu->sync_out != NULL)
        cpu->sync_out (cpu);
      g_snprintf (name, sizeof name, "cpu%u", i);
      visit (name, astern_fields_hash (cpu->klass->fields, cpu->klass->n_fields, cpu->state, 0), data);
    }
}

static void
hash_devices (AsternMachine *machine, AsternHashFunc visit, gpointer data)
{
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      if (!astern_device_is_unborn (device))
        visit (device->name, astern_device_hash (device, 0), data);
    }
}

void
astern_machine_hash_small_parts (AsternMachine *machine, AsternHashFunc visit, gpointer data)
{
  hash_before_memory (machine, visit, data);
  hash_devices (machine, visit, data);
}

void
astern_machine_hash_parts (AsternMachine *machine, AsternHashFunc visit, gpointer data)
{
  hash_before_memory (machine, visit, data);
  for (guint i = 0; i < machine->memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (machine->memory->blocks, i);

      visit (block->name, astern_memory_hash_block (machine->memory, block), data);
    }
  hash_devices (machine, visit, data);
}

static void
add_part (const char *part, guint64 hash, gpointer data)
{
  guint64 *sum = data;

  hash = GUINT64_TO_LE (hash);
  *sum = astern_hash_bytes (*sum, part, strlen (part));
  *sum = astern_hash_bytes (*sum, &hash, sizeof hash);
}

guint64
astern_machine_hash (AsternMachine *machine)
{
  guint64 sum = 0;

  astern_machine_hash_parts (machine, add_part, &sum);
  return sum;
}
