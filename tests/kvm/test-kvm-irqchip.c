/* test-kvm-irqchip - the interrupt controllers go to the kernel when a run begins and come back when it ends, the same; what they
 * tell a CPU meanwhile arrives.  Needs /dev/kvm. */
#include "config.h"

#include "hw/ioapic.h"
#include "hw/isa-debug-exit.h"
#include "hw/isa-irqs.h"
#include "hw/lapic-bus.h"
#include "hw/lapic-private.h"
#include "hw/pic8259.h"
#include "kvm/kvm-private.h"

#include <string.h>
#include <unistd.h>

enum { RAM = 1 << 20, CODE = 0x10000, HANDLERS = 0x20000, EXIT_PORT = 0xf4, N_CPUS = 2, LIMIT_S = 60 };
enum { TPR = 0x80, LDR = 0xd0, SVR = 0xf0, LVT_TIMER_REG = 0x320, LVT0 = 0x350, INITIAL = 0x380, DIVIDE = 0x3e0 };
enum { MSR_BASE = 0x1b, MSR_DEADLINE = 0x6e0 };

typedef struct
{
  AsternMachine  *machine;
  KvmEngine      *engine;
  AsternRamBlock *ram;
  AsternDevice   *master, *slave, *ioapic, *bus, *lapic[N_CPUS];
  IsaIrqs         irqs;
} Fixture;

static const AsternKvmIrqchip modes[] = { ASTERN_KVM_IRQCHIP_OFF, ASTERN_KVM_IRQCHIP_ON, ASTERN_KVM_IRQCHIP_SPLIT };

static AsternDevice *
add (Fixture *f, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, f->machine, &f->machine->clock);

  astern_machine_add_device (f->machine, device);
  return device;
}

static void
add_controllers (Fixture *f)
{
  f->master = add (f, &pic8259_class, "pic-master");
  f->slave = add (f, &pic8259_class, "pic-slave");
  f->ioapic = add (f, &ioapic_class, "ioapic");
  f->bus = add (f, &lapic_bus_class, "lapic-bus");
  astern_bus_add_device (f->machine->ports, 0x20, f->master, PIC8259_WINDOW_CHIP, 0);
  astern_bus_add_device (f->machine->ports, 0xa0, f->slave, PIC8259_WINDOW_CHIP, 0);
  pic8259_cascade (f->master, f->slave, 2);
  astern_irq_connect (pic8259_int (f->master), lapic_bus_set_lint, f->bus, LAPIC_LINT0);
  astern_bus_add_device (f->machine->physical, IOAPIC_BASE, f->ioapic, 0, 0);
  astern_bus_add_device (f->machine->physical, LAPIC_BUS_BASE, f->bus, 0, 0);
  ioapic_connect (f->ioapic, lapic_bus_deliver, f->bus);
  lapic_bus_set_pic (f->bus, f->master);
  lapic_bus_set_eoi (f->bus, ioapic_eoi, f->ioapic);
  for (guint i = 0; i < N_CPUS; i++)
    lapic_connect (f->lapic[i] = add (f, &lapic_class, i == 0 ? "lapic0" : "lapic1"), f->bus, f->machine->cpus[i]);
  f->irqs = (IsaIrqs) { .master = f->master, .slave = f->slave, .ioapic = f->ioapic, .lapics = f->bus, .machine = f->machine };
  f->machine->irqchip.devices = &isa_irqs_devices;
  f->machine->irqchip.board = &f->irqs;
}

/* A handler a vector: mov $vector, %al; out %al, $f4; hlt.  The program: sti; hlt; and again. */
static void
add_program (Fixture *f)
{
  static const guint8 program[] = { 0xfb, 0xf4, 0xeb, 0xfd };
  X86State *s = f->machine->cpus[0]->state;

  for (guint32 vector = 0; vector < 256; vector++)
    {
      const guint8 handler[] = { 0xb0, (guint8) vector, 0xe6, EXIT_PORT, 0xf4 };
      const guint16 place[2] = { (guint16) (vector * 16), HANDLERS >> 4 };

      astern_memory_write (f->machine->memory, f->ram->start + HANDLERS + vector * 16, handler, sizeof handler);
      astern_memory_write (f->machine->memory, f->ram->start + 4 * vector, place, sizeof place);
    }
  astern_memory_write (f->machine->memory, f->ram->start + CODE, program, sizeof program);
  x86_load_segment_real (s, X86_CS, CODE >> 4);
  x86_load_segment_real (s, X86_SS, 0x4000);
  s->rip = 0;
  s->gpr[X86_RSP] = 0x1000;
}

static gboolean
set_up (Fixture *f, AsternKvmIrqchip irqchip)
{
  g_autoptr (GError) error = NULL;
  X86Features features;
  AsternKvmOptions options = { .features = &features, .n_cpus = N_CPUS, .irqchip = irqchip };

  memset (f, 0, sizeof *f);
  f->machine = astern_machine_new (4 << 20, &error);
  g_assert_no_error (error);
  f->ram = astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  g_assert_true (x86_features_parse (&features, x86_features_default_model (), N_CPUS, &error));
  f->engine = (KvmEngine *) astern_kvm_engine_new (f->machine, &options, &error);
  if (f->engine == NULL)
    {
      g_test_skip (error->message);
      astern_machine_free (f->machine);
      return FALSE;
    }
  add_controllers (f);
  astern_bus_add_device (f->machine->ports, EXIT_PORT, add (f, &isa_debug_exit_class, "exit"), 0, 0);
  add_program (f);
  return TRUE;
}

static void
tear_down (Fixture *f)
{
  astern_machine_free (f->machine);
}

static void
put (AsternDevice *device, guint window, guint offset, guint size, guint64 value)
{
  astern_device_write (device, window, offset, size, value, NULL);
}

static void
put_entry (Fixture *f, guint pin, guint64 entry)
{
  put (f->ioapic, 0, 0, 4, 0x10 + 2 * pin);
  put (f->ioapic, 0, 0x10, 4, entry & G_MAXUINT32);
  put (f->ioapic, 0, 0, 4, 0x11 + 2 * pin);
  put (f->ioapic, 0, 0x10, 4, entry >> 32);
}

static void
start_pics (Fixture *f)
{
  put (f->master, 0, 0, 1, 0x11); put (f->master, 0, 1, 1, 0x20); put (f->master, 0, 1, 1, 4); put (f->master, 0, 1, 1, 1);
  put (f->slave, 0, 0, 1, 0x11); put (f->slave, 0, 1, 1, 0x28); put (f->slave, 0, 1, 1, 2); put (f->slave, 0, 1, 1, 1);
}

/* ---- there and back ---- */

typedef struct { LapicState lapic[N_CPUS]; guint8 pics[2][16]; guint8 ioapic[24 * 8 + 16]; } Everything;

static void
note (Fixture *f, Everything *all)
{
  memset (all, 0, sizeof *all);
  for (guint i = 0; i < N_CPUS; i++)
    all->lapic[i] = ((Lapic *) f->lapic[i])->s;
  g_assert_cmpuint (f->master->klass->state_size, ==, sizeof all->pics[0]);
  g_assert_cmpuint (f->ioapic->klass->state_size, ==, sizeof all->ioapic);
  memcpy (all->pics[0], astern_device_state (f->master), sizeof all->pics[0]);
  memcpy (all->pics[1], astern_device_state (f->slave), sizeof all->pics[1]);
  memcpy (all->ioapic, astern_device_state (f->ioapic), sizeof all->ioapic);
}

/* Of a timer that runs in the kernel meanwhile, the count goes on: a second at the most. */
static void
compare_lapics (const LapicState *a, const LapicState *b, guint64 now_ns)
{
  LapicState x = *a, y = *b;
  guint32 was = lapic_timer_count (a, now_ns), is = lapic_timer_count (b, now_ns);

  g_assert_cmpuint (was, >=, is);
  g_assert_cmpuint (was - is, <, 1000000000);
  g_assert_cmpuint (MAX (x.tsc_deadline, y.tsc_deadline) - MIN (x.tsc_deadline, y.tsc_deadline), <=, 1);
  x.timer_ns = y.timer_ns = x.timer_count = y.timer_count = x.deadline_ns = y.deadline_ns = x.tsc_deadline = y.tsc_deadline = 0;
  g_assert_cmpmem (&x, sizeof x, &y, sizeof y);
}

static void
there_and_back (Fixture *f)
{
  guint64 now_ns = astern_clock_now_ns (&f->machine->clock);
  Everything before, after;

  note (f, &before);
  kvm_irqchip_hold (f->engine);
  g_assert_true (f->engine->held);
  g_assert_nonnull (f->machine->irqchip.holder);
  kvm_irqchip_release (f->engine);
  g_assert_false (f->engine->held);
  g_assert_null (f->machine->irqchip.holder);
  note (f, &after);
  for (guint i = 0; i < N_CPUS; i++)
    compare_lapics (&before.lapic[i], &after.lapic[i], now_ns);
  g_assert_cmpmem (before.pics, sizeof before.pics, after.pics, sizeof after.pics);
  g_assert_cmpmem (before.ioapic, sizeof before.ioapic, after.ioapic, sizeof after.ioapic);
}

static void
set_busy (Fixture *f)
{
  start_pics (f);
  put (f->master, 0, 1, 1, 0xe2);                               /* OCW1 */
  put (f->slave, 0, 1, 1, 0xbf);
  put (f->slave, 0, 0, 1, 0xc0 | 5);                            /* OCW2: line 5 is the lowest */
  put (f->master, 0, 0, 1, 0x0b);                               /* OCW3: ISR is read */
  put (f->slave, PIC8259_WINDOW_ELCR, 0, 1, 0x0c);
  isa_irqs_set (&f->irqs, 0, TRUE);                             /* in service from here on */
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x20);
  isa_irqs_set (&f->irqs, 1, TRUE);                             /* masked */
  isa_irqs_set (&f->irqs, 10, TRUE);                            /* a level, masked */
  put_entry (f, 4, 0x0000000000000931);
  put_entry (f, 17, G_GUINT64_CONSTANT (0x010000000000a942) | 1 << 16);
  isa_irqs_set (&f->irqs, 17, TRUE);
  put (f->ioapic, 0, 0, 4, 0); put (f->ioapic, 0, 0x10, 4, 0x05000000);
  for (guint i = 0; i < N_CPUS; i++)
    {
      LapicState *s = &((Lapic *) f->lapic[i])->s;

      put (f->lapic[i], 0, SVR, 4, 0x1ff);
      put (f->lapic[i], 0, TPR, 4, 0x35);
      put (f->lapic[i], 0, LDR, 4, 1u << (24 + i));
      put (f->lapic[i], 0, LVT0, 4, i == 0 ? 0x700 : 0x10700);
      s->isr[2] = 1 << 3;
      s->irr[1] = 1 << 20;
      s->tmr[2] = 1 << 3;
      s->icr_high = 0x01000000;
      s->icr_low = 0x000ef;
      lapic_update ((Lapic *) f->lapic[i]);
    }
}

static void
what_goes_to_the_kernel_comes_back (void)
{
  for (guint i = 1; i < G_N_ELEMENTS (modes); i++)
    {
      Fixture f;

      if (!set_up (&f, modes[i]))
        return;
      there_and_back (&f);                                      /* as after power-on */
      set_busy (&f);
      there_and_back (&f);
      put (f.lapic[0], 0, DIVIDE, 4, 0x0b);
      put (f.lapic[0], 0, LVT_TIMER_REG, 4, 0x100ef | 1 << 17); /* periodic, masked */
      put (f.lapic[0], 0, INITIAL, 4, 0xf0000000);
      put (f.lapic[1], 0, LVT_TIMER_REG, 4, 0xef);              /* once */
      put (f.lapic[1], 0, INITIAL, 4, 0xf0000000);
      there_and_back (&f);
      tear_down (&f);
    }
}

static void
a_timer_that_has_told_does_not_tell_again (void)
{
  Fixture f;

  if (!set_up (&f, ASTERN_KVM_IRQCHIP_ON))
    return;
  put (f.lapic[1], 0, SVR, 4, 0x1ff);
  put (f.lapic[1], 0, LVT_TIMER_REG, 4, 0xef);
  put (f.lapic[1], 0, INITIAL, 4, 1000);
  astern_clock_skip (&f.machine->clock, 1000000);
  astern_clock_fire_due (&f.machine->clock);
  g_assert_cmpuint (((Lapic *) f.lapic[1])->s.irr[7], ==, 1 << 15);
  ((Lapic *) f.lapic[1])->s.irr[7] = 0;
  lapic_update ((Lapic *) f.lapic[1]);
  there_and_back (&f);
  g_assert_cmpuint (((Lapic *) f.lapic[1])->s.irr[7], ==, 0);
  g_assert_cmpuint (((Lapic *) f.lapic[1])->s.initial_count, ==, 1000);
  tear_down (&f);
}

static void
the_other_mode_and_its_deadline_come_back (void)
{
  guint64 base = LAPIC_BUS_BASE | BASE_ENABLED | BASE_X2APIC;
  gboolean fault = FALSE;
  Fixture f;

  if (!set_up (&f, ASTERN_KVM_IRQCHIP_ON))
    return;
  lapic_interface.write_msr (f.lapic[1], MSR_BASE, base, &fault);
  lapic_interface.write_msr (f.lapic[1], 0x80f, 0x1ff, &fault);
  lapic_interface.write_msr (f.lapic[1], 0x832, 0xef | 1 << 18, &fault);
  lapic_interface.write_msr (f.lapic[1], MSR_DEADLINE, G_GUINT64_CONSTANT (3600000000000), &fault);
  g_assert_false (fault);
  if (f.engine->features.has[X86_FEATURE_X2APIC] && f.engine->features.has[X86_FEATURE_TSC_DEADLINE])
    {
      there_and_back (&f);
      g_assert_cmpuint (((Lapic *) f.lapic[1])->s.ldr, ==, 2);
      g_assert_cmpuint (((Lapic *) f.lapic[1])->s.tsc_deadline / 1000, ==, 3600000000);
    }
  else
    g_test_skip ("this host's KVM has no x2APIC or no deadlines");
  tear_down (&f);
}

static void
what_a_cpu_waits_for_comes_back (void)
{
  Fixture f;

  if (!set_up (&f, ASTERN_KVM_IRQCHIP_ON))
    return;
  f.engine->cpus[0]->s.halted = 1;
  g_assert_true (f.engine->cpus[1]->s.wait_for_sipi);
  there_and_back (&f);
  g_assert_true (f.engine->cpus[0]->s.halted);
  g_assert_false (f.engine->cpus[0]->s.wait_for_sipi);
  g_assert_true (f.engine->cpus[1]->s.wait_for_sipi);
  g_assert_false (f.engine->cpus[1]->s.halted);
  tear_down (&f);
}

/* ---- while the guest runs ---- */

/* A kernel that emulates less than all of the real mode does not get that far. */
static gboolean
ends_with (Fixture *f, guint vector)
{
  alarm (LIMIT_S);
  astern_machine_run (f->machine, G_MAXUINT64);
  alarm (0);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_DEBUG_EXIT);
  g_assert_cmpuint (f->machine->stop.value, ==, vector);
  g_assert_false (f->engine->held);
  return TRUE;
}

static void
raise_line (gpointer owner)
{
  isa_irqs_set (owner, 5, TRUE);
}

static void
a_line_wakes_a_cpu (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      guint64 deadline_ns = 0;
      AsternTimer timer;
      Fixture f;

      if (!set_up (&f, modes[i]))
        return;
      start_pics (&f);
      put (f.master, 0, 1, 1, 0xff & ~(1 << 5));
      astern_timer_init (&timer, &f.machine->clock, "line", &deadline_ns, raise_line, &f.irqs);
      astern_timer_set (&timer, 20000000);
      ends_with (&f, 0x25);
      g_assert_cmphex (astern_device_peek (f.master, 0, 0, 1) | 1 << 5, ==, 1 << 5);
      tear_down (&f);
    }
}

static void
a_line_of_the_io_apic_interrupts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      guint64 deadline_ns = 0;
      AsternTimer timer;
      Fixture f;

      if (!set_up (&f, modes[i]))
        return;
      put (f.lapic[0], 0, SVR, 4, 0x1ff);
      put_entry (&f, 5, 0x8000 | 0x45);                         /* a level, for CPU 0 */
      astern_timer_init (&timer, &f.machine->clock, "line", &deadline_ns, raise_line, &f.irqs);
      astern_timer_set (&timer, 20000000);
      ends_with (&f, 0x45);
      g_test_message ("mode %u", modes[i]);
      g_assert_cmphex (((Lapic *) f.lapic[0])->s.tmr[2], ==, 1 << 5);
      put (f.ioapic, 0, 0, 4, 0x10 + 2 * 5);
      g_assert_cmphex (astern_device_peek (f.ioapic, 0, 0x10, 4), ==, 0x8000 | 1 << 14 | 0x45);        /* it waits for its EOI */
      tear_down (&f);
    }
}

static void
a_timer_that_was_armed_before_the_run_interrupts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      Fixture f;

      if (!set_up (&f, modes[i]))
        return;
      put (f.lapic[0], 0, SVR, 4, 0x1ff);
      put (f.lapic[0], 0, DIVIDE, 4, 0x0b);
      put (f.lapic[0], 0, LVT_TIMER_REG, 4, 0x51);
      put (f.lapic[0], 0, INITIAL, 4, 30000000);
      ends_with (&f, 0x51);
      g_assert_cmpuint (astern_clock_now_ns (&f.machine->clock), >=, 30000000);
      tear_down (&f);
    }
}

static void
send_message (gpointer owner)
{
  const AsternAccess access = { .address = { LAPIC_BUS_BASE }, .size = 4, .kind = ASTERN_ACCESS_WRITE, .origin = ASTERN_ORIGIN_DMA };

  astern_bus_write (((Fixture *) owner)->machine->physical, &access, 0x61);
}

static void
a_message_interrupts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      guint64 deadline_ns = 0;
      AsternTimer timer;
      Fixture f;

      if (!set_up (&f, modes[i]))
        return;
      put (f.lapic[0], 0, SVR, 4, 0x1ff);
      astern_timer_init (&timer, &f.machine->clock, "message", &deadline_ns, send_message, &f);
      astern_timer_set (&timer, 20000000);
      ends_with (&f, 0x61);
      tear_down (&f);
    }
}

static gpointer
stop_soon (gpointer data)
{
  g_usleep (100000);
  astern_machine_kick (data, TRUE);
  return NULL;
}

static void
a_cpu_that_waits_in_the_kernel_stops_at_once (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      GThread *thread;
      gint64 start_us;
      Fixture f;

      if (!set_up (&f, modes[i]))
        return;
      start_us = g_get_monotonic_time ();
      thread = g_thread_new ("stop", stop_soon, f.machine);
      alarm (LIMIT_S);
      astern_machine_run (f.machine, G_MAXUINT64);
      alarm (0);
      g_thread_join (thread);
      g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_REQUESTED);
      g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5000000);
      g_assert_true (f.engine->cpus[0]->s.halted);
      tear_down (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/kvm-irqchip/" #name, name)
  ADD (what_goes_to_the_kernel_comes_back);
  ADD (a_timer_that_has_told_does_not_tell_again);
  ADD (the_other_mode_and_its_deadline_come_back);
  ADD (what_a_cpu_waits_for_comes_back);
  ADD (a_line_wakes_a_cpu);
  ADD (a_line_of_the_io_apic_interrupts);
  ADD (a_timer_that_was_armed_before_the_run_interrupts);
  ADD (a_message_interrupts);
  ADD (a_cpu_that_waits_in_the_kernel_stops_at_once);
#undef ADD
  return g_test_run ();
}
