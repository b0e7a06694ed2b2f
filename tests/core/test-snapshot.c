/* Tests of core/snapshot: a small machine that goes back and runs the same way again. */
#include "config.h"

#include "core/interval.h"
#include "core/snapshot.h"

#define PAGE ASTERN_PAGE_SIZE

typedef struct
{
  guint64 next;        /* what it does next is a function of this */
  guint8  intr;        /* the pin's level */
  guint8  reserved[7];
} CpuState;

static const AsternField cpu_fields[] = {
  ASTERN_FIELD (CpuState, next, 1), ASTERN_FIELD (CpuState, intr, 1), ASTERN_FIELD_BYTES (CpuState, reserved, 1),
};
static const AsternCpuClass cpu_class = {
  .name = "walker", .state_version = 1, .fields = cpu_fields, .n_fields = G_N_ELEMENTS (cpu_fields),
};

/* A timer that ticks at uneven times and holds the interrupt wire until its port is read. */
typedef struct
{
  guint64 deadline_ns;
  guint64 ticks;
  guint32 period_ns;
  guint32 level;
} TickerState;

typedef struct
{
  AsternDevice parent;
  TickerState  s;
  AsternTimer  timer;
  AsternIrq    irq;
} Ticker;

static void
ticked (gpointer owner)
{
  Ticker *ticker = owner;

  ticker->s.ticks++;
  ticker->s.level = 1;
  ticker->s.period_ns = ticker->s.period_ns * 5 % 997 + 10;
  astern_timer_set (&ticker->timer, astern_clock_now_ns (ticker->parent.clock) + ticker->s.period_ns);
  astern_irq_set (&ticker->irq, TRUE);
}

static void
ticker_init (AsternDevice *device)
{
  Ticker *ticker = (Ticker *) device;

  astern_timer_init (&ticker->timer, device->clock, "ticker", &ticker->s.deadline_ns, ticked, ticker);
}

static void
ticker_reset (AsternDevice *device)
{
  Ticker *ticker = (Ticker *) device;

  ticker->s.period_ns = 3;
  astern_timer_set (&ticker->timer, 50);
}

static void
ticker_restored (AsternDevice *device)
{
  Ticker *ticker = (Ticker *) device;

  astern_irq_set (&ticker->irq, ticker->s.level != 0);
}

static guint64
ticker_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return ((Ticker *) device)->s.ticks;
}

static guint64
ticker_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  Ticker *ticker = (Ticker *) device;

  ticker->s.level = 0;
  astern_irq_set (&ticker->irq, FALSE);
  return ticker->s.ticks;
}

static const AsternField ticker_fields[] = {
  ASTERN_FIELD (TickerState, deadline_ns, 1), ASTERN_FIELD (TickerState, ticks, 1),
  ASTERN_FIELD (TickerState, period_ns, 1), ASTERN_FIELD (TickerState, level, 1),
};
static const AsternWindow ticker_windows[] = { { .name = "ticks", .size = 8, .read = ticker_read, .peek = ticker_peek } };
static const AsternDeviceClass ticker_class = {
  .name = "ticker", .summary = "Ticks", .state_version = 1, .instance_size = sizeof (Ticker),
  .state_offset = G_STRUCT_OFFSET (Ticker, s), .state_size = sizeof (TickerState),
  .fields = ticker_fields, .n_fields = G_N_ELEMENTS (ticker_fields),
  .windows = ticker_windows, .n_windows = 1,
  .init = ticker_init, .reset = ticker_reset, .restored = ticker_restored,
};

typedef struct
{
  AsternMachine   *machine;
  AsternCpu        cpu;
  CpuState         state, live;   /* the engine works on `live` */
  AsternEngine     engine;
  AsternIntervals *intervals;
  guint            flushes;
} Fixture;

#define OF(pointer, member) ((Fixture *) ((guint8 *) (pointer) - G_STRUCT_OFFSET (Fixture, member)))

static void sync_out (AsternCpu *cpu) { OF (cpu, cpu)->state = OF (cpu, cpu)->live; }
static void sync_in (AsternCpu *cpu) { OF (cpu, cpu)->live = OF (cpu, cpu)->state; }
static void engine_flush (AsternEngine *engine) { OF (engine, engine)->flushes++; }
static void engine_free (AsternEngine *engine) { }

static void
set_pin (AsternCpu *cpu, AsternPin pin, guint value)
{
  OF (cpu, cpu)->live.intr = (guint8) value;
}

static void
intr_changed (gpointer receiver, guint line, gboolean level)
{
  astern_cpu_set_pin (receiver, ASTERN_PIN_INTR, level);
}

static void
one_instruction (Fixture *f)
{
  AsternMachine *machine = f->machine;
  guint64 x = f->live.next = f->live.next * G_GUINT64_CONSTANT (6364136223846793005) + 1442695040888963407;
  AsternAccess write = { { x >> 40 & 0x1ffff }, 8, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };
  AsternAccess read = { { 0x40 }, 8, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  if (machine->clock.s.icount >= machine->turn_end)
    {
      machine->turn_end = machine->clock.s.icount + 1 + (x >> 59);
      f->live.next ^= x >> 1;
    }
  if (x >> 58 == 0)
    x ^= astern_inputs_random (machine->inputs);
  if (f->live.intr)
    f->live.next ^= astern_bus_read (machine->ports, &read);
  astern_bus_write (machine->physical, &write, x);
  astern_clock_retire (&machine->clock, 1);
  astern_clock_fire_due (&machine->clock);
}

static void
engine_run (AsternEngine *engine, guint64 until_icount)
{
  while (engine->machine->clock.s.icount < until_icount)
    one_instruction (OF (engine, engine));
}

static const AsternEngineClass engine_class = { .name = "walk", .run = engine_run, .free = engine_free, .flush = engine_flush };

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternDevice *ticker;

  f->machine = astern_machine_new (64 * PAGE, NULL);
  astern_bus_add_memory (f->machine->physical, 0, astern_memory_add (f->machine->memory, "ram", 32 * PAGE, FALSE, NULL), 0);
  f->cpu = (AsternCpu) { .klass = &cpu_class, .state = &f->state, .set_pin = set_pin,
                         .sync_out = sync_out, .sync_in = sync_in };
  astern_machine_add_cpu (f->machine, &f->cpu);
  ticker = astern_device_new (&ticker_class, "ticker0", f->machine, &f->machine->clock);
  astern_irq_connect (&((Ticker *) ticker)->irq, intr_changed, &f->cpu, 0);
  astern_machine_add_device (f->machine, ticker);
  astern_bus_add_device (f->machine->ports, 0x40, ticker, 0, 0);
  f->engine = (AsternEngine) { .klass = &engine_class, .machine = f->machine };
  f->machine->engine = &f->engine;
  astern_inputs_set_seed (f->machine->inputs, 7);
  f->intervals = astern_intervals_new (f->machine->memory);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_intervals_free (f->intervals);
  astern_machine_free (f->machine);
}

static void
a_snapshot_knows_its_moment (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternSnapshot) snapshot = NULL;

  astern_machine_run (f->machine, 1234);
  snapshot = astern_snapshot_take (f->machine);
  astern_machine_run (f->machine, 2000);
  g_assert_cmpuint (astern_snapshot_moment (snapshot).icount, ==, 1234);
  g_assert_cmpuint (astern_snapshot_bytes (snapshot), >=, sizeof (TickerState) + sizeof (CpuState));
}

static void
taking_a_snapshot_changes_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternSnapshot) snapshot = NULL;
  guint64 hash;

  astern_machine_run (f->machine, 500);
  hash = astern_machine_hash (f->machine);
  snapshot = astern_snapshot_take (f->machine);
  astern_intervals_begin (f->intervals);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
}

static void
going_back_restores_the_state_hash (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternSnapshot) snapshot = NULL;
  guint64 hash;

  astern_machine_run (f->machine, 1000);
  hash = astern_machine_hash (f->machine);
  snapshot = astern_snapshot_take (f->machine);
  astern_intervals_begin (f->intervals);
  astern_machine_run (f->machine, 9000);
  g_assert_cmphex (astern_machine_hash (f->machine), !=, hash);
  astern_intervals_undo (f->intervals, 0);
  astern_snapshot_restore (snapshot, f->machine);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
  g_assert_cmpuint (f->flushes, ==, 1);
}

/* The run from any of several snapshots, in any order, is the run. */
static void
a_run_from_the_past_is_the_same_run (Fixture *f, gconstpointer data)
{
  AsternSnapshot *snapshots[20];
  guint64 hashes[20];
  guint n = G_N_ELEMENTS (snapshots);

  for (guint i = 0; i < n; i++)
    {
      astern_machine_run (f->machine, i * 777);
      snapshots[i] = astern_snapshot_take (f->machine);
      hashes[i] = astern_machine_hash (f->machine);
      astern_intervals_begin (f->intervals);
    }
  while (n > 1)
    {
      guint to = (guint) g_test_rand_int_range (0, (gint) n - 1);

      astern_intervals_undo (f->intervals, to);
      astern_snapshot_restore (snapshots[to], f->machine);
      g_assert_cmphex (astern_machine_hash (f->machine), ==, hashes[to]);
      for (guint i = to + 1; i < n; i++)
        {
          astern_machine_run (f->machine, i * 777);
          g_assert_cmphex (astern_machine_hash (f->machine), ==, hashes[i]);
          astern_intervals_begin (f->intervals);
        }
      n--;
    }
  for (guint i = 0; i < G_N_ELEMENTS (snapshots); i++)
    astern_snapshot_free (snapshots[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/snapshot/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (a_snapshot_knows_its_moment);
  ADD (taking_a_snapshot_changes_nothing);
  ADD (going_back_restores_the_state_hash);
  ADD (a_run_from_the_past_is_the_same_run);
  return g_test_run ();
}
