/* monitor-info.c - `info`: the machine as a whole, its CPUs, its devices and what they hold. */
#include "config.h"

#include "session/monitor-private.h"

#include "arch/x86/state.h"
#include "session/registers.h"

#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

COMMAND (info)
{
  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    for (const AsternMonitorCommand *c = astern_monitor_table_commands (table); c->words != NULL; c++)
      if (g_str_has_prefix (c->words, "info "))
        g_string_append_printf (answer, "  %-18s %s\n", c->words, _(c->help));
  return TRUE;
}

COMMAND (info_status)
{
  const AsternClock *clock = &monitor->machine->clock;
  char moment[ASTERN_MOMENT_TEXT];

  astern_moment_format (astern_clock_moment (clock), moment);
  g_string_append_printf (answer, _("VM status: %s at %s, %.6f s of guest time\n"),
                          astern_debugger_is_running (monitor->debugger) ? _("running") : _("paused"), moment,
                          (double) astern_clock_now_ns (clock) / 1e9);
  return TRUE;
}

COMMAND (info_registers)
{
  if (argument[0] == '\0')
    astern_registers_format (monitor->machine, monitor->cpu, answer);
  else if (g_str_equal (argument, "-a"))
    for (guint i = 0; i < monitor->machine->n_cpus; i++)
      astern_registers_format (monitor->machine, i, answer);
  else
    return astern_monitor_fail (error, _("“info registers” takes “-a”, for all CPUs, or nothing."));
  return TRUE;
}

COMMAND (info_cpus)
{
  for (guint i = 0; i < monitor->machine->n_cpus; i++)
    {
      AsternCpu *cpu = monitor->machine->cpus[i];
      const X86State *s = cpu->state;
      g_autofree char *name = NULL;
      AsternCodePlace place;

      if (cpu->sync_out != NULL)
        cpu->sync_out (cpu);
      cpu->klass->code_place (cpu, &place);
      name = astern_symbols_describe (monitor->session->launch->symbols, place.linear);
      g_string_append_printf (answer, "%c CPU #%u: pc=0x%016" G_GINT64_MODIFIER "x%s%s%s %s%s%s%s\n", i == monitor->cpu ? '*' : ' ', i,
                              place.linear, name != NULL ? " <" : "", name != NULL ? name : "", name != NULL ? ">" : "",
                              cpu->klass->mode_name (cpu), s->halted ? _(" (halted)") : "",
                              s->wait_for_sipi ? _(" (waits to be started)") : "",
                              i == monitor->machine->running_cpu ? _(" (its turn)") : "");
    }
  return TRUE;
}

COMMAND (info_hash)
{
  char moment[ASTERN_MOMENT_TEXT];

  astern_moment_format (astern_clock_moment (&monitor->machine->clock), moment);
  g_string_append_printf (answer, "state-hash %s %016" G_GINT64_MODIFIER "x\n", moment, astern_machine_hash (monitor->machine));
  return TRUE;
}

static void
append_part (const char *part, guint64 hash, gpointer answer)
{
  g_string_append_printf (answer, "  %-20s %016" G_GINT64_MODIFIER "x\n", part, hash);
}

COMMAND (info_hash_parts)
{
  astern_machine_hash_parts (monitor->machine, append_part, answer);
  return TRUE;
}

/* ---- maps ---- */

static void
append_target (GString *answer, const AsternTarget *target)
{
  if (target->kind == ASTERN_TARGET_MEMORY)
    g_string_append_printf (answer, "%s %s @%" G_GINT64_MODIFIER "x", target->block->readonly ? "rom" : "ram",
                            target->block->name, target->offset);
  else if (target->kind == ASTERN_TARGET_DEVICE)
    g_string_append_printf (answer, "i/o %s", target->device->name);
  else
    g_string_append (answer, _("nothing"));
}

static gboolean
same_target (const AsternTarget *a, const AsternTarget *b)
{
  return a->kind == b->kind && a->block == b->block && a->device == b->device;
}

static void
append_range (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write,
              gpointer answer)
{
  g_string_append_printf (answer, "  %016" G_GINT64_MODIFIER "x-%016" G_GINT64_MODIFIER "x: ", start, end - 1);
  append_target (answer, read);
  if (!same_target (read, write))
    {
      g_string_append (answer, _(", written: "));
      append_target (answer, write);
    }
  g_string_append_printf (answer, " (%s)\n", name);
}

COMMAND (info_mtree)
{
  g_string_append (answer, _("memory\n"));
  astern_bus_foreach (monitor->machine->physical, append_range, answer);
  g_string_append (answer, _("ports\n"));
  astern_bus_foreach (monitor->machine->ports, append_range, answer);
  return TRUE;
}

/* ---- devices ---- */

static void
append_register (AsternDevice *device, const AsternReg *reg, guint copy, GString *answer)
{
  guint64 value = astern_device_register (device, reg, copy);

  g_string_append_printf (answer, "    %04x ", reg->offset + copy * reg->width);
  if (reg->count > 1)
    g_string_append_printf (answer, "%s[%u]%*s", reg->name, copy, MAX (0, 16 - (int) strlen (reg->name)), "");
  else
    g_string_append_printf (answer, "%-18s", reg->name);
  g_string_append_printf (answer, " %0*" G_GINT64_MODIFIER "x%*s", reg->width * 2, value, 16 - reg->width * 2, "");
  for (const AsternRegField *field = reg->bits; field != NULL && field->name != NULL; field++)
    g_string_append_printf (answer, " %s=%" G_GUINT64_FORMAT, field->name,
                            value >> field->low & ((G_GUINT64_CONSTANT (1) << MIN (field->bits, 63)) - 1));
  while (answer->str[answer->len - 1] == ' ')
    g_string_truncate (answer, answer->len - 1);
  g_string_append_c (answer, '\n');
}

static void
append_registers (AsternDevice *device, GString *answer)
{
  for (guint w = 0; w < device->klass->n_windows; w++)
    {
      const AsternWindow *window = &device->klass->windows[w];

      if (window->n_regs > 0)
        g_string_append_printf (answer, "  %s\n", window->name);
      for (guint i = 0; i < window->n_regs; i++)
        if (window->regs[i].value != NULL || window->regs[i].backing != ASTERN_NO_BACKING)
          for (guint copy = 0; copy < MAX (window->regs[i].count, 1); copy++)
            append_register (device, &window->regs[i], copy, answer);
    }
}

static guint64
field_element (AsternDevice *device, const AsternField *field, guint i)
{
  const guint8 *at = (const guint8 *) astern_device_state (device) + field->offset + (gsize) i * field->size;
  guint64 value = 0;

  memcpy (&value, at, field->size);
  return value;
}

static void
append_fields (AsternDevice *device, GString *answer)
{
  enum { MOST_ELEMENTS = 16 };

  if (device->klass->n_fields > 0)
    g_string_append (answer, _("  state\n"));
  for (guint i = 0; i < device->klass->n_fields; i++)
    {
      const AsternField *field = &device->klass->fields[i];

      g_string_append_printf (answer, "    %-23s", field->name);
      for (guint k = 0; k < MIN (field->count, MOST_ELEMENTS); k++)
        g_string_append_printf (answer, " %0*" G_GINT64_MODIFIER "x", field->size * 2, field_element (device, field, k));
      g_string_append (answer, field->count > MOST_ELEMENTS ? " …\n" : "\n");
    }
}

COMMAND (info_devices)
{
  GPtrArray *devices = monitor->machine->devices;
  AsternDevice *device;

  if (argument[0] == '\0')
    {
      for (guint i = 0; i < devices->len; i++)
        {
          device = g_ptr_array_index (devices, i);
          g_string_append_printf (answer, "  %-20s %s\n", device->name, device->klass->summary);
        }
      return TRUE;
    }
  device = astern_machine_find_device (monitor->machine, argument);
  if (device == NULL)
    return astern_monitor_fail (error, _("There is no device “%s”; “info devices” lists those that there are."), argument);
  g_string_append_printf (answer, "%s: %s\n", device->name, device->klass->summary);
  append_registers (device, answer);
  append_fields (device, answer);
  return TRUE;
}

COMMAND (info_events)
{
  static const char *const names[] = {
#define X(id, name, help) name,
    ASTERN_EVENT_KINDS (X)
#undef X
  };
  const AsternEvents *events = &monitor->machine->events;

  for (guint i = 0; i < ASTERN_N_EVENT_KINDS; i++)
    g_string_append_printf (answer, "  %-14s %" G_GUINT64_FORMAT "%s\n", names[i], events->counts[i],
                            astern_events_on (events, i) ? _(" (logged)") : "");
  return TRUE;
}

COMMAND (info_kvm)
{
  g_string_append (answer, g_str_equal (monitor->machine->engine->klass->name, "kvm") ? _("kvm support: enabled\n") : _("kvm support: disabled\n"));
  return TRUE;
}

COMMAND (info_jit)
{
  AsternEngine *engine = monitor->machine->engine;
  g_autofree char *text = engine->klass->statistics != NULL ? engine->klass->statistics (engine) : NULL;

  if (text == NULL)
    return astern_monitor_fail (error, _("The engine “%s” counts nothing."), engine->klass->name);
  g_string_append (answer, text);
  return TRUE;
}

COMMAND (info_screen)
{
  g_autofree char *text = astern_launch_screen_text (monitor->session->launch);

  if (text == NULL)
    return astern_monitor_fail (error, _("The screen shows no text; “screendump FILE” makes a picture."));
  g_string_append_printf (answer, "%s\n", text);
  return TRUE;
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_info_commands[] = {
  { "info",           NULL, NULL,         N_("what can be shown"), N, info },
  { "info status",    NULL, NULL,         N_("where the machine stands, and whether it runs"), N, info_status },
  { "info registers", NULL, N_("[-a]"),   N_("the CPU's registers; with -a, those of all CPUs"), N, info_registers },
  { "info cpus",      NULL, NULL,         N_("where each CPU is, and in which mode"), N, info_cpus },
  { "info hash",      NULL, NULL,         N_("the state hash: equal states have equal ones"), N, info_hash },
  { "info hash parts", NULL, NULL,        N_("the hash of each part of the state"), N, info_hash_parts },
  { "info mtree",     NULL, NULL,         N_("the maps of memory and ports as they are now"), N, info_mtree },
  { "info devices",   NULL, N_("[DEVICE]"), N_("the devices; or one's registers and state"), ASTERN_COMPLETES_DEVICE, info_devices },
  { "info events",    "events", NULL,         N_("how often what has happened"), N, info_events },
  { "info kvm",       NULL, NULL,         N_("whether KVM runs the machine"), N, info_kvm },
  { "info jit",       NULL, NULL,         N_("what the engine has done"), N, info_jit },
  { "info screen",    NULL, NULL,         N_("the lines of a text screen"), N, info_screen },
  { .words = NULL },
};
