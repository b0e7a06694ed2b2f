/* Tests of core/machine, with an engine that only counts. */
#include "config.h"

#include "core/machine.h"

#define PAGE ASTERN_PAGE_SIZE

typedef struct
{
  guint64 rip;
} CpuState;

static const AsternField cpu_fields[] = { ASTERN_FIELD (CpuState, rip, 1) };
static const AsternCpuClass cpu_class = { .name = "counter", .state_version = 1, .fields = cpu_fields, .n_fields = 1 };

typedef struct
{
  guint64 written;
} PortState;

typedef struct
{
  AsternDevice parent;
  PortState    s;
} Port;

/* Any write to it stops the machine. */
static void
port_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  ((PortState *) astern_device_state (device))->written = value;
  astern_machine_stop (device->machine, ASTERN_STOP_DEBUG_EXIT, access->cpu, value, "told to");
}

static void
port_reset (AsternDevice *device)
{
  ((PortState *) astern_device_state (device))->written = 0;
}

static const AsternField port_fields[] = { ASTERN_FIELD (PortState, written, 1) };
static const AsternWindow port_windows[] = { { .name = "exit", .size = 4, .write = port_write } };
static const AsternDeviceClass port_class = {
  .name = "exit", .summary = "A port that stops the machine", .state_version = 1, .instance_size = sizeof (Port),
  .state_offset = G_STRUCT_OFFSET (Port, s), .state_size = sizeof (PortState),
  .fields = port_fields, .n_fields = 1, .windows = port_windows, .n_windows = 1, .reset = port_reset,
};

typedef struct
{
  AsternMachine *machine;
  AsternCpu      cpu;
  CpuState       state;        /* what the hash sees */
  guint64        rip;          /* what the engine holds */
  AsternEngine   engine;
  AsternDevice  *port;
  guint64        writes_at;    /* icount at which the guest writes the port */
  guint          flushes, frees, wakes;
  GString       *received;
} Fixture;

#define FIXTURE(engine_) ((Fixture *) ((guint8 *) (engine_) - G_STRUCT_OFFSET (Fixture, engine)))

static void
engine_run (AsternEngine *engine, guint64 until_icount)
{
  Fixture *f = FIXTURE (engine);
  AsternMachine *machine = engine->machine;

  while (g_atomic_int_get (&machine->stop_requested) == ASTERN_STOP_NONE && machine->clock.s.icount < until_icount)
    {
      if (g_atomic_int_compare_and_exchange (&machine->kicked, 1, 0))
        astern_inputs_poll (machine->inputs);
      f->rip++;
      astern_clock_retire (&machine->clock, 1);
      if (machine->clock.s.icount == f->writes_at)
        {
          AsternAccess access = { { 0xf4 }, 1, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

          astern_bus_write (machine->ports, &access, 3);
        }
      astern_clock_fire_due (&machine->clock);
    }
  if (machine->stop.reason == ASTERN_STOP_NONE && machine->clock.s.icount >= until_icount)
    machine->stop.reason = ASTERN_STOP_ICOUNT;
}

static void engine_flush (AsternEngine *engine) { FIXTURE (engine)->flushes++; }
static void engine_free (AsternEngine *engine) { FIXTURE (engine)->frees++; }
static const AsternEngineClass engine_class = { .name = "count", .run = engine_run, .free = engine_free, .flush = engine_flush };

static void
sync_out (AsternCpu *cpu)
{
  Fixture *f = (Fixture *) ((guint8 *) cpu - G_STRUCT_OFFSET (Fixture, cpu));

  f->state.rip = f->rip;
}

static void
receive (gpointer data, gconstpointer bytes, gsize size)
{
  g_string_append_len (((Fixture *) data)->received, bytes, (gssize) size);
}

static void
wake (gpointer data)
{
  ((Fixture *) data)->wakes++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (16 * PAGE, NULL);
  f->cpu = (AsternCpu) { .klass = &cpu_class, .state = &f->state, .sync_out = sync_out };
  astern_machine_add_cpu (f->machine, &f->cpu);
  f->engine = (AsternEngine) { .klass = &engine_class, .machine = f->machine };
  f->machine->engine = &f->engine;
  f->port = astern_device_new (&port_class, "exit0", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->port);
  astern_bus_add_device (f->machine->ports, 0xf4, f->port, 0, 0);
  astern_memory_add (f->machine->memory, "ram", 8 * PAGE, FALSE, NULL);
  f->received = g_string_new (NULL);
  astern_inputs_add_port (f->machine->inputs, "serial0", receive, f);
  f->machine->idle_host = f;
  f->machine->wake = wake;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
  g_assert_cmpuint (f->frees, ==, 1);
  g_string_free (f->received, TRUE);
}

static void
a_run_ends_at_the_count_asked_for (Fixture *f, gconstpointer data)
{
  const AsternStop *stop = astern_machine_run (f->machine, 100);

  g_assert_cmpint (stop->reason, ==, ASTERN_STOP_ICOUNT);
  g_assert_cmpuint (f->machine->clock.s.icount, ==, 100);
  astern_machine_run (f->machine, 150);
  g_assert_cmpuint (f->machine->clock.s.icount, ==, 150);
}

static void
a_device_stops_the_machine_and_says_why (Fixture *f, gconstpointer data)
{
  const AsternStop *stop;

  f->writes_at = 40;
  stop = astern_machine_run (f->machine, 100);
  g_assert_cmpint (stop->reason, ==, ASTERN_STOP_DEBUG_EXIT);
  g_assert_cmpuint (stop->value, ==, 3);
  g_assert_cmpstr (stop->detail, ==, "told to");
  g_assert_cmpuint (f->machine->clock.s.icount, ==, 40);
  stop = astern_machine_run (f->machine, 100);
  g_assert_cmpint (stop->reason, ==, ASTERN_STOP_ICOUNT);
}

static void
of_several_reasons_the_first_counts (Fixture *f, gconstpointer data)
{
  astern_machine_stop (f->machine, ASTERN_STOP_TRIPLE_FAULT, 0, 0, NULL);
  astern_machine_stop (f->machine, ASTERN_STOP_RESET, 0, 0, NULL);
  astern_machine_kick (f->machine, TRUE);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_TRIPLE_FAULT);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_TRIPLE_FAULT);
}

static void
a_stop_asked_for_before_the_run_ends_it_at_once (Fixture *f, gconstpointer data)
{
  const AsternStop *stop;

  astern_machine_kick (f->machine, TRUE);
  stop = astern_machine_run (f->machine, 100);
  g_assert_cmpint (stop->reason, ==, ASTERN_STOP_REQUESTED);
  g_assert_cmpuint (f->machine->clock.s.icount, ==, 0);
}

static void
an_input_kicks_the_machine_and_wakes_it (Fixture *f, gconstpointer data)
{
  guint port;

  g_assert_true (astern_inputs_find_port (f->machine->inputs, "serial0", &port));
  astern_machine_run (f->machine, 10);
  astern_inputs_submit (f->machine->inputs, port, "hi", 2);
  g_assert_cmpint (f->machine->kicked, ==, 1);
  g_assert_cmpuint (f->wakes, ==, 1);
  astern_machine_run (f->machine, 20);
  g_assert_cmpstr (f->received->str, ==, "hi");
}

static void
devices_are_found_by_name (Fixture *f, gconstpointer data)
{
  g_assert_true (astern_machine_find_device (f->machine, "exit0") == f->port);
  g_assert_null (astern_machine_find_device (f->machine, "exit1"));
}

static void
cpu_reset (AsternCpu *cpu)
{
  ((Fixture *) ((guint8 *) cpu - G_STRUCT_OFFSET (Fixture, cpu)))->rip = 0xfff0;
}

static void
a_reset_reaches_devices_and_cpus_and_flushes_the_engine (Fixture *f, gconstpointer data)
{
  f->cpu.reset = cpu_reset;
  ((Port *) f->port)->s.written = 7;
  astern_machine_reset (f->machine);
  g_assert_cmpuint (f->flushes, ==, 1);
  g_assert_cmphex (f->rip, ==, 0xfff0);
  g_assert_cmpuint (((Port *) f->port)->s.written, ==, 0);
}

static void
accesses_to_nothing_are_counted (Fixture *f, gconstpointer data)
{
  AsternAccess access = { { 0x80 }, 1, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, 3);
  g_assert_cmpuint (f->machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, 1);
}

static void
every_component_is_in_the_state_hash (Fixture *f, gconstpointer data)
{
  guint64 hash = astern_machine_hash (f->machine);

#define CHANGES(change, undo) \
  change; g_assert_cmphex (astern_machine_hash (f->machine), !=, hash); \
  undo; g_assert_cmphex (astern_machine_hash (f->machine), ==, hash)

  CHANGES (f->machine->clock.s.icount++, f->machine->clock.s.icount--);
  CHANGES (f->machine->clock.s.step++, f->machine->clock.s.step--);
  CHANGES (f->machine->clock.s.skipped_ns++, f->machine->clock.s.skipped_ns--);
  CHANGES (astern_inputs_random (f->machine->inputs), astern_inputs_random_state (f->machine->inputs)[1]--);
  CHANGES (f->machine->running_cpu++, f->machine->running_cpu--);
  CHANGES (f->machine->turn_end++, f->machine->turn_end--);
  CHANGES (f->rip++, f->rip--);
  CHANGES (((Port *) f->port)->s.written++, ((Port *) f->port)->s.written--);
  CHANGES (f->machine->memory->host[3 * PAGE]++, f->machine->memory->host[3 * PAGE]--);
#undef CHANGES
}

static void
note_part (const char *part, guint64 hash, gpointer data)
{
  g_string_append_printf (data, "%s=%" G_GINT64_MODIFIER "x\n", part, hash);
}

static void
the_part_that_differs_is_named (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) after = g_string_new (NULL);
  g_auto (GStrv) first = NULL;
  g_auto (GStrv) second = NULL;

  astern_machine_hash_parts (f->machine, note_part, before);
  ((Port *) f->port)->s.written++;
  astern_machine_hash_parts (f->machine, note_part, after);
  first = g_strsplit (before->str, "\n", -1);
  second = g_strsplit (after->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (first), ==, g_strv_length (second));
  for (guint i = 0; first[i] != NULL; i++)
    if (g_str_has_prefix (first[i], "exit0="))
      g_assert_cmpstr (first[i], !=, second[i]);
    else
      g_assert_cmpstr (first[i], ==, second[i]);
}

/* ---- another engine ---- */

typedef struct
{
  AsternEngine parent;
  AsternCpu    cpu;
  CpuState     state;
  guint        enters, leaves, frees, synced_in;
} Other;

static AsternCpu *driven;      /* by the interrupt controller */

static void other_enter (AsternEngine *engine) { ((Other *) engine)->enters++; }
static void other_leave (AsternEngine *engine) { ((Other *) engine)->leaves++; }
static void other_free (AsternEngine *engine) { ((Other *) engine)->frees++; }
static void other_out (AsternCpu *cpu) { }
static void other_in (AsternCpu *cpu) { ((Other *) ((guint8 *) cpu - G_STRUCT_OFFSET (Other, cpu)))->synced_in++; }
static void set_cpu (AsternDevice *apic, AsternCpu *cpu) { driven = cpu; }

static void
make_other (Other *other, AsternMachine *machine, const AsternEngineClass *klass)
{
  *other = (Other) { .parent = { .klass = klass, .machine = machine } };
  other->cpu = (AsternCpu) { .klass = &cpu_class, .state = &other->state, .sync_out = other_out, .sync_in = other_in };
  astern_engine_add_cpu (&other->parent, &other->cpu);
  astern_machine_add_engine (machine, &other->parent);
}

static void
a_shift_moves_states_and_pins_to_the_other_engines_cpus (void)
{
  static const AsternEngineClass one = { .name = "one", .free = other_free, .enter = other_enter, .leave = other_leave };
  static const AsternEngineClass two = { .name = "two", .free = other_free, .enter = other_enter, .leave = other_leave };
  static const AsternApicInterface apic = { .set_cpu = set_cpu };
  AsternMachine *machine = astern_machine_new (16 * PAGE, NULL);
  Other first, second;

  make_other (&first, machine, &one);
  make_other (&second, machine, &two);
  g_assert_true (machine->engine == &first.parent && machine->cpus[0] == &first.cpu);
  g_assert_true (astern_machine_find_engine (machine, "two") == &second.parent);
  g_assert_null (astern_machine_find_engine (machine, "three"));
  first.cpu.apic_ops = &apic;
  first.cpu.last_icount = 7;
  first.state.rip = 0x1234;
  astern_machine_shift (machine, &second.parent);
  g_assert_true (machine->engine == &second.parent && machine->cpus[0] == &second.cpu && driven == &second.cpu);
  g_assert_cmphex (second.state.rip, ==, 0x1234);
  g_assert_cmpuint (second.cpu.last_icount, ==, 7);
  g_assert_cmpuint (second.synced_in, ==, 1);
  g_assert_cmpuint (first.enters, ==, 1);
  g_assert_cmpuint (first.leaves, ==, 1);
  g_assert_cmpuint (second.enters, ==, 1);
  second.state.rip = 0x5678;
  astern_machine_shift (machine, &first.parent);
  g_assert_cmphex (first.state.rip, ==, 0x5678);
  g_assert_true (driven == &first.cpu);
  astern_machine_free (machine);
  g_assert_cmpuint (first.frees + second.frees, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/machine/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (a_run_ends_at_the_count_asked_for);
  ADD (a_device_stops_the_machine_and_says_why);
  ADD (of_several_reasons_the_first_counts);
  ADD (a_stop_asked_for_before_the_run_ends_it_at_once);
  ADD (an_input_kicks_the_machine_and_wakes_it);
  ADD (devices_are_found_by_name);
  ADD (a_reset_reaches_devices_and_cpus_and_flushes_the_engine);
  ADD (accesses_to_nothing_are_counted);
  ADD (every_component_is_in_the_state_hash);
  ADD (the_part_that_differs_is_named);
  g_test_add_func ("/core/machine/a_shift_moves_states_and_pins_to_the_other_engines_cpus",
                   a_shift_moves_states_and_pins_to_the_other_engines_cpus);
  return g_test_run ();
}
