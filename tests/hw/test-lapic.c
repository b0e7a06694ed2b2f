/* test-lapic.c - local APICs on their bus, with CPUs that only note their pins. */
#include "config.h"

#include "core/machine.h"

#include "hw/ioapic.h"
#include "hw/lapic-bus.h"
#include "hw/lapic.h"
#include "hw/pic8259.h"

#include "device-fixture.h"

#define N_CPUS 4

enum
{
  ID = 0x20, VERSION = 0x30, TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR = 0x100, TMR = 0x180,
  IRR = 0x200, ESR = 0x280, ICR_LOW = 0x300, ICR_HIGH = 0x310, LVT_TIMER = 0x320, LVT_LINT0 = 0x350, LVT_LINT1 = 0x360,
  LVT_ERROR = 0x370, INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3e0,
};

typedef struct
{
  AsternCpu parent;
  guint     intr;
  guint     nmis, smis, inits, sipis, sipi_vector;
} NotingCpu;

typedef struct
{
  AsternMachine *machine;
  AsternClock   *clock;
  AsternDevice  *bus, *pic, *ioapic;
  AsternDevice  *lapic[N_CPUS];
  NotingCpu      cpu[N_CPUS];
} Fixture;

static void
set_pin (AsternCpu *cpu, AsternPin pin, guint value)
{
  NotingCpu *noting = (NotingCpu *) cpu;

  switch (pin)
    {
    case ASTERN_PIN_INTR: noting->intr = value; break;
    case ASTERN_PIN_NMI:  noting->nmis++; break;
    case ASTERN_PIN_SMI:  noting->smis++; break;
    case ASTERN_PIN_INIT: noting->inits++; break;
    case ASTERN_PIN_SIPI: noting->sipis++; noting->sipi_vector = value; break;
    default:              break;
    }
}

static guint32
get (Fixture *f, guint cpu, guint offset)
{
  AsternAccess access = { { LAPIC_BUS_BASE + offset }, 4, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, cpu };

  return astern_device_read (f->bus, 0, offset, 4, &access);
}

static void
put (Fixture *f, guint cpu, guint offset, guint32 value)
{
  AsternAccess access = { { LAPIC_BUS_BASE + offset }, 4, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, cpu };

  astern_device_write (f->bus, 0, offset, 4, value, &access);
}

static int
acknowledge (Fixture *f, guint cpu)
{
  return f->cpu[cpu].parent.apic_ops->acknowledge (f->lapic[cpu]);
}

static gboolean
write_msr (Fixture *f, guint cpu, guint32 msr, guint64 value)
{
  gboolean fault = FALSE;

  f->cpu[cpu].parent.apic_ops->write_msr (f->lapic[cpu], msr, value, &fault);
  return !fault;
}

static guint64
read_msr (Fixture *f, guint cpu, guint32 msr)
{
  gboolean fault = FALSE;
  guint64 value = f->cpu[cpu].parent.apic_ops->read_msr (f->lapic[cpu], msr, &fault);

  g_assert_false (fault);
  return value;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  f->clock = &f->machine->clock;
  f->bus = astern_device_new (&lapic_bus_class, "lapic-bus", f->machine, f->clock);
  f->pic = astern_device_new (&pic8259_class, "pic", f->machine, f->clock);
  f->ioapic = astern_device_new (&ioapic_class, "ioapic", f->machine, f->clock);
  astern_machine_add_device (f->machine, f->bus);
  astern_machine_add_device (f->machine, f->pic);
  astern_machine_add_device (f->machine, f->ioapic);
  for (guint i = 0; i < N_CPUS; i++)
    {
      g_autofree char *name = g_strdup_printf ("lapic%u", i);

      f->cpu[i].parent.index = i;
      f->cpu[i].parent.set_pin = set_pin;
      f->lapic[i] = astern_device_new (&lapic_class, name, f->machine, f->clock);
      astern_machine_add_device (f->machine, f->lapic[i]);
      lapic_connect (f->lapic[i], f->bus, &f->cpu[i].parent);
      put (f, i, SVR, 0x1ff);
    }
  lapic_bus_set_pic (f->bus, f->pic);
  lapic_bus_set_eoi (f->bus, ioapic_eoi, f->ioapic);
  ioapic_connect (f->ioapic, lapic_bus_deliver, f->bus);
  astern_irq_connect (pic8259_int (f->pic), lapic_bus_set_lint, f->bus, LAPIC_LINT0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
send (Fixture *f, guint cpu, guint32 high, guint32 low)
{
  put (f, cpu, ICR_HIGH, high);
  put (f, cpu, ICR_LOW, low);
}

static void
redirect (Fixture *f, guint pin, guint64 entry)
{
  astern_device_write (f->ioapic, 0, 0x00, 4, 0x10 + 2 * pin, NULL);
  astern_device_write (f->ioapic, 0, 0x10, 4, entry & 0xffffffff, NULL);
  astern_device_write (f->ioapic, 0, 0x00, 4, 0x11 + 2 * pin, NULL);
  astern_device_write (f->ioapic, 0, 0x10, 4, entry >> 32, NULL);
}

static void
each_cpu_sees_its_own (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_CPUS; i++)
    {
      g_assert_cmphex (get (f, i, ID), ==, i << 24);
      g_assert_cmphex (get (f, i, VERSION), ==, 0x50014);
      g_assert_cmphex (read_msr (f, i, 0x1b), ==, 0xfee00800 | (i == 0 ? 0x100 : 0));
    }
}

static void
an_ipi_reaches_its_destination (Fixture *f, gconstpointer data)
{
  send (f, 0, 2u << 24, 0x4000 | 0x41);
  g_assert_cmpuint (f->cpu[2].intr, ==, 1);
  g_assert_cmpuint (f->cpu[0].intr + f->cpu[1].intr + f->cpu[3].intr, ==, 0);
  g_assert_cmphex (get (f, 2, IRR + 0x20), ==, 0x02);
  g_assert_cmpint (acknowledge (f, 2), ==, 0x41);
  g_assert_cmpuint (f->cpu[2].intr, ==, 0);
  g_assert_cmphex (get (f, 2, IRR + 0x20), ==, 0);
  g_assert_cmphex (get (f, 2, ISR + 0x20), ==, 0x02);
  put (f, 2, EOI, 0);
  g_assert_cmphex (get (f, 2, ISR + 0x20), ==, 0);
  g_assert_cmpint (acknowledge (f, 2), ==, -1);
}

static void
shorthands_choose_self_all_or_others (Fixture *f, gconstpointer data)
{
  send (f, 1, 0, 0x44000 | 0x51);
  g_assert_cmpint (acknowledge (f, 1), ==, 0x51);
  put (f, 1, EOI, 0);
  send (f, 1, 0, 0xc4000 | 0x52);
  g_assert_cmpint (acknowledge (f, 1), ==, -1);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x52);
  g_assert_cmpint (acknowledge (f, 3), ==, 0x52);
  put (f, 0, EOI, 0);
  put (f, 3, EOI, 0);
  send (f, 1, 0, 0x84000 | 0x53);
  for (guint i = 0; i < N_CPUS; i++)
    if (i != 2)
      g_assert_cmpint (acknowledge (f, i), ==, 0x53);
}

static void
logical_destinations_are_flat_or_clusters (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_CPUS; i++)
    put (f, i, LDR, (1u << i) << 24);
  send (f, 0, 0x0au << 24, 0x4800 | 0x61);
  g_assert_cmpuint (f->cpu[1].intr + f->cpu[3].intr, ==, 2);
  g_assert_cmpuint (f->cpu[0].intr + f->cpu[2].intr, ==, 0);
  acknowledge (f, 1);
  acknowledge (f, 3);
  for (guint i = 0; i < N_CPUS; i++)
    {
      put (f, i, EOI, 0);
      put (f, i, DFR, 0x0fffffff);
      put (f, i, LDR, (i / 2) << 28 | (1u << i % 2) << 24);
    }
  send (f, 0, 0x12u << 24, 0x4800 | 0x62);
  g_assert_cmpint (acknowledge (f, 3), ==, 0x62);
  g_assert_cmpint (acknowledge (f, 2), ==, -1);
  send (f, 0, 0xf1u << 24, 0x4800 | 0x63);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x63);
  g_assert_cmpint (acknowledge (f, 2), ==, 0x63);
  g_assert_cmpint (acknowledge (f, 1), ==, -1);
}

static void
the_lowest_priority_takes_it (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_CPUS; i++)
    {
      put (f, i, LDR, (1u << i) << 24);
      put (f, i, TPR, i == 2 ? 0x10 : 0x30);
    }
  send (f, 0, 0xffu << 24, 0x4900 | 0x71);
  g_assert_cmpuint (f->cpu[2].intr, ==, 1);
  g_assert_cmpuint (f->cpu[0].intr + f->cpu[1].intr + f->cpu[3].intr, ==, 0);
}

static void
priorities_hold_interrupts_back (Fixture *f, gconstpointer data)
{
  put (f, 0, TPR, 0x50);
  send (f, 1, 0, 0x4000 | 0x55);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  f->cpu[0].parent.apic_ops->set_tpr (f->lapic[0], 4);
  g_assert_cmphex (get (f, 0, TPR), ==, 0x40);
  g_assert_cmpuint (f->cpu[0].parent.apic_ops->get_tpr (f->lapic[0]), ==, 4);
  g_assert_cmpuint (f->cpu[0].intr, ==, 1);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x55);
  g_assert_cmphex (get (f, 0, PPR), ==, 0x50);
  send (f, 1, 0, 0x4000 | 0x5f);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  send (f, 1, 0, 0x4000 | 0x60);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x60);
  put (f, 0, EOI, 0);
  g_assert_cmphex (get (f, 0, ISR + 0x20), ==, 0x200000);
  put (f, 0, EOI, 0);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x5f);
}

static void
init_and_sipi_start_a_cpu (Fixture *f, gconstpointer data)
{
  put (f, 1, TPR, 0x20);
  send (f, 0, 1u << 24, 0x4500);
  g_assert_cmpuint (f->cpu[1].inits, ==, 1);
  g_assert_cmphex (get (f, 1, TPR), ==, 0);
  g_assert_cmphex (get (f, 1, SVR), ==, 0xff);
  send (f, 0, 1u << 24, 0x8500);                        /* de-assert */
  g_assert_cmpuint (f->cpu[1].inits, ==, 1);
  send (f, 0, 1u << 24, 0x4600 | 0x9a);
  g_assert_cmpuint (f->cpu[1].sipis, ==, 1);
  g_assert_cmphex (f->cpu[1].sipi_vector, ==, 0x9a);
  send (f, 0, 0, 0xc4400);
  g_assert_cmpuint (f->cpu[0].nmis, ==, 0);
  g_assert_cmpuint (f->cpu[3].nmis, ==, 1);
}

static void
one_shot_counts_down_once (Fixture *f, gconstpointer data)
{
  put (f, 0, DIVIDE, 0x3);                              /* by 16 */
  put (f, 0, LVT_TIMER, 0x33);
  put (f, 0, INITIAL, 1000);
  clock_run (f->clock, 1600);
  g_assert_cmpuint (get (f, 0, CURRENT), ==, 900);
  clock_run (f->clock, 14399);
  g_assert_cmpuint (get (f, 0, CURRENT), ==, 1);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  clock_run (f->clock, 1);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x33);
  g_assert_cmpuint (get (f, 0, CURRENT), ==, 0);
  put (f, 0, EOI, 0);
  clock_run (f->clock, 100000);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
}

static void
periodic_goes_on (Fixture *f, gconstpointer data)
{
  guint n = 0;

  put (f, 0, DIVIDE, 0xb);                              /* by 1 */
  put (f, 0, LVT_TIMER, 0x20033);
  put (f, 0, INITIAL, 1000);
  for (guint i = 0; i < 1000; i++)
    {
      clock_run (f->clock, 100);
      if (f->cpu[0].intr)
        {
          n++;
          g_assert_cmpint (acknowledge (f, 0), ==, 0x33);
          put (f, 0, EOI, 0);
          g_assert_cmpuint (get (f, 0, CURRENT), ==, 1000);
        }
    }
  g_assert_cmpuint (n, ==, 100);
  put (f, 0, LVT_TIMER, 0x30033);
  clock_run (f->clock, 5500);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  g_assert_cmpuint (get (f, 0, CURRENT), ==, 500);      /* masked, it still counts */
  put (f, 0, LVT_TIMER, 0x20033);
  clock_run (f->clock, 500);
  g_assert_cmpuint (f->cpu[0].intr, ==, 1);
  put (f, 0, INITIAL, 0);
  acknowledge (f, 0);
  put (f, 0, EOI, 0);
  clock_run (f->clock, 10000);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
}

static void
a_new_divisor_keeps_the_count (Fixture *f, gconstpointer data)
{
  put (f, 0, DIVIDE, 0xb);
  put (f, 0, LVT_TIMER, 0x33);
  put (f, 0, INITIAL, 1000);
  clock_run (f->clock, 400);
  put (f, 0, DIVIDE, 0x0);                              /* by 2 */
  g_assert_cmpuint (get (f, 0, CURRENT), ==, 600);
  clock_run (f->clock, 1199);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  clock_run (f->clock, 1);
  g_assert_cmpuint (f->cpu[0].intr, ==, 1);
}

static void
a_tsc_deadline_is_a_guest_time (Fixture *f, gconstpointer data)
{
  put (f, 0, LVT_TIMER, 0x40033);
  clock_run (f->clock, 5000);
  g_assert_true (write_msr (f, 0, 0x6e0, 7000));
  g_assert_cmpuint (read_msr (f, 0, 0x6e0), ==, 7000);
  clock_run (f->clock, 1999);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  clock_run (f->clock, 1);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x33);
  g_assert_cmpuint (read_msr (f, 0, 0x6e0), ==, 0);
  put (f, 0, EOI, 0);
  write_msr (f, 0, 0x6e0, 1);                           /* long ago: now */
  clock_run (f->clock, 0);
  g_assert_cmpuint (f->cpu[0].intr, ==, 1);
  acknowledge (f, 0);
  put (f, 0, EOI, 0);
  write_msr (f, 0, 0x6e0, 20000);
  put (f, 0, LVT_TIMER, 0x33);                          /* another mode disarms it */
  clock_run (f->clock, 100000);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
}

static void
the_pic_comes_through_lint0 (Fixture *f, gconstpointer data)
{
  astern_device_write8 (f->pic, 0, 0x13);
  astern_device_write8 (f->pic, 1, 0x70);
  astern_device_write8 (f->pic, 1, 0x01);
  put (f, 0, LVT_LINT0, 0x10700);
  pic8259_set_irq (f->pic, 1, TRUE);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  put (f, 0, LVT_LINT0, 0x700);
  g_assert_cmpuint (f->cpu[0].intr, ==, 1);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x71);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
  g_assert_cmphex (get (f, 0, ISR + 0x30), ==, 0);
}

static void
after_reset_cpu_0_hears_the_pic (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_CPUS; i++)
    astern_device_reset (f->lapic[i]);
  lapic_bus_set_lint (f->bus, LAPIC_LINT0, TRUE);
  g_assert_cmpuint (f->cpu[0].intr, ==, 1);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  lapic_bus_set_lint (f->bus, LAPIC_LINT0, FALSE);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
}

static void
lint1_is_nmi_when_told_so (Fixture *f, gconstpointer data)
{
  lapic_bus_set_lint (f->bus, LAPIC_LINT1, TRUE);
  lapic_bus_set_lint (f->bus, LAPIC_LINT1, FALSE);
  g_assert_cmpuint (f->cpu[0].nmis, ==, 0);
  put (f, 0, LVT_LINT1, 0x400);
  lapic_bus_set_lint (f->bus, LAPIC_LINT1, TRUE);
  lapic_bus_set_lint (f->bus, LAPIC_LINT1, TRUE);
  g_assert_cmpuint (f->cpu[0].nmis, ==, 1);
}

static void
software_disable_masks_everything (Fixture *f, gconstpointer data)
{
  put (f, 0, LVT_TIMER, 0x33);
  put (f, 0, SVR, 0xff);
  g_assert_cmphex (get (f, 0, LVT_TIMER), ==, 0x10033);
  put (f, 0, LVT_TIMER, 0x33);
  g_assert_cmphex (get (f, 0, LVT_TIMER), ==, 0x10033);
  send (f, 1, 0, 0x4000 | 0x41);
  g_assert_cmpuint (f->cpu[0].intr, ==, 0);
}

static void
illegal_vectors_are_errors (Fixture *f, gconstpointer data)
{
  put (f, 0, LVT_ERROR, 0xfe);
  send (f, 0, 1u << 24, 0x4000 | 0x0f);
  g_assert_cmpint (acknowledge (f, 0), ==, 0xfe);
  g_assert_cmphex (get (f, 0, ESR), ==, 0);
  put (f, 0, ESR, 0);
  g_assert_cmphex (get (f, 0, ESR), ==, 0x20);
  put (f, 0, ESR, 0);
  g_assert_cmphex (get (f, 0, ESR), ==, 0);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
}

static void
a_level_from_the_ioapic_repeats_until_it_is_gone (Fixture *f, gconstpointer data)
{
  redirect (f, 10, G_GUINT64_CONSTANT (1) << 56 | 0x8000 | 0x91);
  ioapic_set_irq (f->ioapic, 10, TRUE);
  g_assert_cmpint (acknowledge (f, 1), ==, 0x91);
  g_assert_cmphex (get (f, 1, TMR + 0x40), ==, 0x20000);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  put (f, 1, EOI, 0);
  g_assert_cmpint (acknowledge (f, 1), ==, 0x91);
  ioapic_set_irq (f->ioapic, 10, FALSE);
  put (f, 1, EOI, 0);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
}

static void
x2apic_speaks_through_msrs (Fixture *f, gconstpointer data)
{
  g_assert_false (write_msr (f, 3, 0x80b, 0));          /* not in this mode */
  g_assert_true (write_msr (f, 3, 0x1b, 0xfee00c00));
  g_assert_cmphex (get (f, 3, ID), ==, 0xffffffff);     /* no longer in memory */
  g_assert_cmphex (read_msr (f, 3, 0x802), ==, 3);
  g_assert_cmphex (read_msr (f, 3, 0x80d), ==, 0x8);
  g_assert_false (write_msr (f, 3, 0x802, 1));
  g_assert_false (write_msr (f, 3, 0x80b, 1));
  g_assert_false (write_msr (f, 3, 0x808, G_GUINT64_CONSTANT (1) << 32));
  g_assert_true (write_msr (f, 3, 0x830, 0x4041));      /* to 0 */
  g_assert_cmpint (acknowledge (f, 0), ==, 0x41);
  g_assert_true (write_msr (f, 3, 0x83f, 0x77));
  g_assert_cmpint (acknowledge (f, 3), ==, 0x77);
  g_assert_true (write_msr (f, 3, 0x80b, 0));
  send (f, 0, 3u << 24, 0x4000 | 0x78);
  g_assert_cmpint (acknowledge (f, 3), ==, 0x78);
  g_assert_false (write_msr (f, 3, 0x1b, 0xfee00800));  /* only by way of off */
  g_assert_true (write_msr (f, 3, 0x1b, 0xfee00000));
  g_assert_true (write_msr (f, 3, 0x1b, 0xfee00800));
  g_assert_cmphex (get (f, 3, ID), ==, 3u << 24);
}

static void
a_write_by_dma_is_a_message (Fixture *f, gconstpointer data)
{
  AsternAccess access = { { 0xfee02000 }, 4, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_DMA, 0 };

  astern_device_write (f->bus, 0, 0x2000, 4, 0x45, &access);
  g_assert_cmpint (acknowledge (f, 2), ==, 0x45);
  access.address.p = 0xfee00000;
  astern_device_write (f->bus, 0, 0, 4, 0x46, &access);
  g_assert_cmpint (acknowledge (f, 0), ==, 0x46);
}

static void
the_pin_is_driven_again_after_a_load (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;
  g_autoptr (GError) error = NULL;

  send (f, 0, 1u << 24, 0x4000 | 0x41);
  saved = g_variant_ref_sink (astern_device_save (f->lapic[1]));
  acknowledge (f, 1);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  g_assert_true (astern_device_load (f->lapic[1], saved, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->cpu[1].intr, ==, 1);
  g_assert_cmpint (acknowledge (f, 1), ==, 0x41);
}

static void
a_message_can_ask_the_pic (Fixture *f, gconstpointer data)
{
  astern_device_write8 (f->pic, 0, 0x13);
  astern_device_write8 (f->pic, 1, 0x70);
  astern_device_write8 (f->pic, 1, 0x01);
  put (f, 0, LVT_LINT0, 0x10700);
  pic8259_set_irq (f->pic, 2, TRUE);
  redirect (f, 0, G_GUINT64_CONSTANT (2) << 56 | 0x700);
  ioapic_set_irq (f->ioapic, 0, TRUE);
  g_assert_cmpuint (f->cpu[2].intr, ==, 1);
  g_assert_cmpint (acknowledge (f, 2), ==, 0x72);
  g_assert_cmpuint (f->cpu[2].intr, ==, 0);
}

static void
a_level_on_lint_waits_for_its_eoi (Fixture *f, gconstpointer data)
{
  put (f, 1, LVT_LINT1, 0x8093);
  lapic_set_lint (f->lapic[1], LAPIC_LINT1, TRUE);
  g_assert_cmphex (get (f, 1, LVT_LINT1), ==, 0xc093);
  g_assert_cmpint (acknowledge (f, 1), ==, 0x93);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  put (f, 1, EOI, 0);
  g_assert_cmpint (acknowledge (f, 1), ==, 0x93);
  lapic_set_lint (f->lapic[1], LAPIC_LINT1, FALSE);
  put (f, 1, EOI, 0);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  g_assert_cmphex (get (f, 1, LVT_LINT1), ==, 0x8093);
  put (f, 1, LVT_LINT1, 0x18093);
  lapic_set_lint (f->lapic[1], LAPIC_LINT1, TRUE);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  put (f, 1, LVT_LINT1, 0x8094);                        /* it is up when its mask goes */
  g_assert_cmpint (acknowledge (f, 1), ==, 0x94);
}

static void
x2apic_has_logical_clusters (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_CPUS; i++)
    write_msr (f, i, 0x1b, 0xfee00c00);
  write_msr (f, 0, 0x830, G_GUINT64_CONSTANT (0x0000000a00004841));
  g_assert_cmphex (read_msr (f, 0, 0x830), ==, G_GUINT64_CONSTANT (0x0000000a00004841));
  g_assert_cmpint (acknowledge (f, 1), ==, 0x41);
  g_assert_cmpint (acknowledge (f, 3), ==, 0x41);
  g_assert_cmpuint (f->cpu[0].intr + f->cpu[2].intr, ==, 0);
  write_msr (f, 0, 0x830, G_GUINT64_CONSTANT (0x0001000f00004842));
  g_assert_cmpuint (f->cpu[0].intr + f->cpu[1].intr + f->cpu[2].intr, ==, 0);
  write_msr (f, 0, 0x830, G_GUINT64_CONSTANT (0x0000000100004500));
  g_assert_cmphex (read_msr (f, 1, 0x80d), ==, 2);      /* INIT keeps the mode and what follows from it */
  g_assert_cmphex (read_msr (f, 1, 0x835), ==, 0x10000);
}

static void
init_stops_the_timer_and_masks_all (Fixture *f, gconstpointer data)
{
  put (f, 1, LVT_TIMER, 0x20033);
  put (f, 1, INITIAL, 1000);
  send (f, 0, 1u << 24, 0x4500);
  put (f, 1, SVR, 0x1ff);
  clock_run (f->clock, 100000);
  g_assert_cmpuint (f->cpu[1].intr, ==, 0);
  g_assert_cmphex (get (f, 1, LVT_TIMER), ==, 0x10000);
  g_assert_cmphex (get (f, 1, LVT_ERROR), ==, 0x10000);
  g_assert_cmphex (get (f, 1, ID), ==, 1u << 24);
}

static void
reading_for_a_person_sees_a_cpus_own (Fixture *f, gconstpointer data)
{
  AsternAccess access = { { LAPIC_BUS_BASE + ID }, 4, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER, 0 };

  g_assert_cmphex (astern_device_read (f->bus, 0, VERSION, 4, &access), ==, 0x50014);
}

static void
dfr_keeps_its_ones (Fixture *f, gconstpointer data)
{
  put (f, 0, DFR, 0);
  g_assert_cmphex (get (f, 0, DFR), ==, 0x0fffffff);
}

static void
leaving_deadline_mode_forgets_the_deadline (Fixture *f, gconstpointer data)
{
  put (f, 0, LVT_TIMER, 0x40033);
  write_msr (f, 0, 0x6e0, 5000);
  put (f, 0, LVT_TIMER, 0x40034);                       /* the same mode keeps it */
  g_assert_cmpuint (read_msr (f, 0, 0x6e0), ==, 5000);
  put (f, 0, LVT_TIMER, 0x34);
  g_assert_cmpuint (read_msr (f, 0, 0x6e0), ==, 0);
  write_msr (f, 0, 0x6e0, 6000);                        /* not in this mode */
  g_assert_cmpuint (read_msr (f, 0, 0x6e0), ==, 0);
  put (f, 0, INITIAL, 700);
  put (f, 0, LVT_TIMER, 0x20034);                       /* between the counting modes it counts on */
  g_assert_cmpuint (get (f, 0, CURRENT), ==, 700);
}

#define ADD(name) g_test_add ("/hw/lapic/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (each_cpu_sees_its_own);
  ADD (an_ipi_reaches_its_destination);
  ADD (shorthands_choose_self_all_or_others);
  ADD (logical_destinations_are_flat_or_clusters);
  ADD (the_lowest_priority_takes_it);
  ADD (priorities_hold_interrupts_back);
  ADD (init_and_sipi_start_a_cpu);
  ADD (one_shot_counts_down_once);
  ADD (periodic_goes_on);
  ADD (a_new_divisor_keeps_the_count);
  ADD (a_tsc_deadline_is_a_guest_time);
  ADD (the_pic_comes_through_lint0);
  ADD (after_reset_cpu_0_hears_the_pic);
  ADD (lint1_is_nmi_when_told_so);
  ADD (software_disable_masks_everything);
  ADD (illegal_vectors_are_errors);
  ADD (a_level_from_the_ioapic_repeats_until_it_is_gone);
  ADD (x2apic_speaks_through_msrs);
  ADD (a_write_by_dma_is_a_message);
  ADD (the_pin_is_driven_again_after_a_load);
  ADD (a_message_can_ask_the_pic);
  ADD (a_level_on_lint_waits_for_its_eoi);
  ADD (x2apic_has_logical_clusters);
  ADD (init_stops_the_timer_and_masks_all);
  ADD (reading_for_a_person_sees_a_cpus_own);
  ADD (dfr_keeps_its_ones);
  ADD (leaving_deadline_mode_forgets_the_deadline);
  return g_test_run ();
}
