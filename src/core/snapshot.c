/* snapshot.c - CPUs, devices and clock copied, see snapshot.h.
 *
 * Left out: the saved form for files, which is made of the field tables, and
 * inputs that wait at the door: they have no moment yet. */
#include "config.h"

#include "core/snapshot.h"

#include <string.h>

struct _AsternSnapshot
{
  AsternClockState clock;
  guint64          random[2];
  guint            running_cpu;
  guint64          turn_end;
  guint64          last_icount[ASTERN_MAX_CPUS];
  AsternMoment     last_delivery[ASTERN_MAX_CPUS];
  guint            n_cpus, n_devices;
  GByteArray      *states;       /* of the CPUs, then of the devices, one behind the other */
};

AsternSnapshot *
astern_snapshot_take (AsternMachine *machine)
{
  AsternSnapshot *snapshot = g_new0 (AsternSnapshot, 1);

  snapshot->clock = machine->clock.s;
  memcpy (snapshot->random, astern_inputs_random_state (machine->inputs), sizeof snapshot->random);
  snapshot->running_cpu = machine->running_cpu;
  snapshot->turn_end = machine->turn_end;
  snapshot->n_cpus = machine->n_cpus;
  snapshot->n_devices = machine->devices->len;
  snapshot->states = g_byte_array_new ();
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      AsternCpu *cpu = machine->cpus[i];

      if (cpu->sync_out != NULL)
        cpu->sync_out (cpu);
      snapshot->last_icount[i] = cpu->last_icount;
      snapshot->last_delivery[i] = cpu->last_delivery;
      g_byte_array_append (snapshot->states, cpu->state, (guint) astern_cpu_state_size (cpu->klass));
    }
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      g_byte_array_append (snapshot->states, astern_device_state (device), (guint) device->klass->state_size);
    }
  return snapshot;
}

void
astern_snapshot_free (AsternSnapshot *snapshot)
{
  g_byte_array_unref (snapshot->states);
  g_free (snapshot);
}

/* All states are in place before any device drives its wires, so that who is
 * at the other end hears nothing new. */
void
astern_snapshot_restore (AsternSnapshot *snapshot, AsternMachine *machine)
{
  const guint8 *from = snapshot->states->data;

  g_return_if_fail (snapshot->n_cpus == machine->n_cpus && snapshot->n_devices <= machine->devices->len);

  machine->clock.s = snapshot->clock;
  memcpy (astern_inputs_random_state (machine->inputs), snapshot->random, sizeof snapshot->random);
  machine->running_cpu = snapshot->running_cpu;
  machine->turn_end = snapshot->turn_end;
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      AsternCpu *cpu = machine->cpus[i];
      gsize size = astern_cpu_state_size (cpu->klass);

      cpu->last_icount = snapshot->last_icount[i];
      cpu->last_delivery = snapshot->last_delivery[i];
      memcpy (cpu->state, from, size);
      from += size;
      if (cpu->sync_in != NULL)
        cpu->sync_in (cpu);
    }
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      g_return_if_fail (i < snapshot->n_devices || device->made != NULL);
      memcpy (astern_device_state (device), i < snapshot->n_devices ? from : device->made, device->klass->state_size);
      from += i < snapshot->n_devices ? device->klass->state_size : 0;
    }
  for (guint i = 0; i < machine->devices->len; i++)
    astern_device_restored (g_ptr_array_index (machine->devices, i));
  if (machine->engine != NULL && machine->engine->klass->flush != NULL)
    machine->engine->klass->flush (machine->engine);
}

AsternMoment
astern_snapshot_moment (AsternSnapshot *snapshot)
{
  return (AsternMoment) { snapshot->clock.icount, snapshot->clock.step };
}

guint64
astern_snapshot_guest_ns (AsternSnapshot *snapshot)
{
  return snapshot->clock.icount * ASTERN_CLOCK_NS_PER_INSN + snapshot->clock.skipped_ns;
}

gsize
astern_snapshot_bytes (AsternSnapshot *snapshot)
{
  return sizeof *snapshot + snapshot->states->len;
}
