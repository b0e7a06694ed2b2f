/* state.c - see state.h. */
#include "config.h"

#include "trace/state.h"

#include <string.h>

#include <glib/gi18n.h>

#define DEVICE_VERSION "state-version"    /* as core/device.c has it */

GVariant *
astern_state_save (AsternMachine *machine)
{
  const guint64 *random = astern_inputs_random_state (machine->inputs);
  GVariantBuilder state, cpus, delivered, devices;

  g_variant_builder_init (&cpus, G_VARIANT_TYPE ("a(uta{sv})"));
  g_variant_builder_init (&delivered, G_VARIANT_TYPE ("a(tu)"));
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      AsternCpu *cpu = machine->cpus[i];

      if (cpu->sync_out != NULL)
        cpu->sync_out (cpu);
      g_variant_builder_add (&cpus, "(ut@a{sv})", cpu->klass->state_version, cpu->last_icount,
                             astern_fields_save (cpu->klass->fields, cpu->klass->n_fields, cpu->state));
      g_variant_builder_add (&delivered, "(tu)", cpu->last_delivery.icount, cpu->last_delivery.step);
    }
  g_variant_builder_init (&devices, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      if (!astern_device_is_unborn (device))
        g_variant_builder_add (&devices, "{s@a{sv}}", device->name, astern_device_save (device));
    }
  g_variant_builder_init (&state, ASTERN_STATE_TYPE);
  g_variant_builder_add (&state, "{sv}", "clock",
                         g_variant_new ("(ttu)", machine->clock.s.icount, machine->clock.s.skipped_ns, machine->clock.s.step));
  g_variant_builder_add (&state, "{sv}", "inputs", g_variant_new ("(tt)", random[0], random[1]));
  g_variant_builder_add (&state, "{sv}", "turn", g_variant_new ("(ut)", machine->running_cpu, machine->turn_end));
  g_variant_builder_add (&state, "{sv}", "cpus", g_variant_builder_end (&cpus));
  g_variant_builder_add (&state, "{sv}", "delivered", g_variant_builder_end (&delivered));
  g_variant_builder_add (&state, "{sv}", "devices", g_variant_builder_end (&devices));
  return g_variant_builder_end (&state);
}

static gboolean
misfit (GError **error, const char *what)
{
  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE,
               _("The saved state does not fit this machine: “%s” is missing or of another form."), what);
  return FALSE;
}

static gboolean
load_cpus (AsternMachine *machine, GVariant *saved, GError **error)
{
  g_autoptr (GVariant) cpus = g_variant_lookup_value (saved, "cpus", G_VARIANT_TYPE ("a(uta{sv})"));
  g_autoptr (GVariant) delivered = g_variant_lookup_value (saved, "delivered", G_VARIANT_TYPE ("a(tu)"));

  if (cpus == NULL || g_variant_n_children (cpus) != machine->n_cpus)
    return misfit (error, "cpus");
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      AsternCpu *cpu = machine->cpus[i];
      g_autoptr (GVariant) fields = NULL;
      guint32 version;
      gsize size = 0;

      for (guint k = 0; k < cpu->klass->n_fields; k++)
        size = MAX (size, cpu->klass->fields[k].offset + (gsize) cpu->klass->fields[k].count * cpu->klass->fields[k].size);
      g_variant_get_child (cpus, i, "(ut@a{sv})", &version, &cpu->last_icount, &fields);
      cpu->last_delivery = (AsternMoment) { 0, 0 };
      if (delivered != NULL && i < g_variant_n_children (delivered))
        g_variant_get_child (delivered, i, "(tu)", &cpu->last_delivery.icount, &cpu->last_delivery.step);
      if (!astern_fields_load (cpu->klass->fields, cpu->klass->n_fields, version, fields, cpu->state, size, error))
        return FALSE;
    }
  return TRUE;
}

/* Nobody drives a wire yet: astern_device_load() would. */
static gboolean
load_devices (AsternMachine *machine, GVariant *saved, GError **error)
{
  g_autoptr (GVariant) devices = g_variant_lookup_value (saved, "devices", G_VARIANT_TYPE ("a{sa{sv}}"));

  if (devices == NULL || g_variant_n_children (devices) > machine->devices->len)
    return misfit (error, "devices");
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);
      g_autoptr (GVariant) fields = g_variant_lookup_value (devices, device->name, G_VARIANT_TYPE_VARDICT);
      guint32 version = device->klass->state_version;

      if (fields == NULL && device->made == NULL)
        return misfit (error, device->name);
      if (fields == NULL)       /* it was not there yet */
        {
          memcpy (astern_device_state (device), device->made, device->klass->state_size);
          continue;
        }
      g_variant_lookup (fields, DEVICE_VERSION, "u", &version);
      if (!astern_fields_load (device->klass->fields, device->klass->n_fields, version, fields, astern_device_state (device),
                               device->klass->state_size, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
astern_state_load (AsternMachine *machine, GVariant *saved, GError **error)
{
  guint64 *random = astern_inputs_random_state (machine->inputs);
  AsternClockState *clock = &machine->clock.s;
  guint32 running;

  if (!g_variant_lookup (saved, "clock", "(ttu)", &clock->icount, &clock->skipped_ns, &clock->step))
    return misfit (error, "clock");
  if (!g_variant_lookup (saved, "inputs", "(tt)", &random[0], &random[1]))
    return misfit (error, "inputs");
  if (!g_variant_lookup (saved, "turn", "(ut)", &running, &machine->turn_end) || running >= MAX (machine->n_cpus, 1))
    return misfit (error, "turn");
  machine->running_cpu = running;
  if (!load_cpus (machine, saved, error) || !load_devices (machine, saved, error))
    return FALSE;
  for (guint i = 0; i < machine->n_cpus; i++)
    if (machine->cpus[i]->sync_in != NULL)
      machine->cpus[i]->sync_in (machine->cpus[i]);
  for (guint i = 0; i < machine->devices->len; i++)
    astern_device_restored (g_ptr_array_index (machine->devices, i));
  astern_clock_rebuild (&machine->clock);
  if (machine->engine != NULL && machine->engine->klass->flush != NULL)
    machine->engine->klass->flush (machine->engine);
  return TRUE;
}

/* ---- memory ---- */

static gboolean
put_page (gpointer user, guint64 page, gconstpointer content, GError **error)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  AsternMachine *machine = user;
  AsternMemory *memory = machine->memory;

  if (page >= memory->size >> ASTERN_PAGE_BITS)
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE,
                   _("The recording has a page of memory that this machine has not."));
      return FALSE;
    }
  astern_disks_prepare (machine, page << ASTERN_PAGE_BITS);
  astern_memory_write (memory, page << ASTERN_PAGE_BITS, content != NULL ? content : zeros, ASTERN_PAGE_SIZE);
  return TRUE;
}

gboolean
astern_state_load_memory (AsternMachine *machine, AsternRecording *recording, guint64 id, GError **error)
{
  return astern_recording_snapshot_pages (recording, id, put_page, machine, error);
}
