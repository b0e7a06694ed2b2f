/* Power management: the PM timer, its event, soft off, the SMI command port. */
#include "config.h"

#include "core/machine.h"
#include "hw/piix4-pm.h"

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternDevice  *pm;
  gint           sci;
  guint          smis;
} Fixture;

static void
sci_changed (gpointer receiver, guint line, gboolean level)
{
  ((Fixture *) receiver)->sci = level;
}

static void
smi_changed (gpointer receiver, guint line, gboolean level)
{
  ((Fixture *) receiver)->smis += level;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (1 << 20, NULL);
  f->pci.memory = f->machine->physical;
  f->pci.ports = f->machine->ports;
  f->pm = astern_device_new (&piix4_pm_class, "piix4-pm", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->pm);
  astern_pci_attach (&f->pci, f->pm, 1 << 3 | 3);
  piix4_pm_map (f->pm);
  astern_irq_connect (piix4_pm_sci (f->pm), sci_changed, f, 0);
  astern_irq_connect (piix4_pm_smi (f->pm), smi_changed, f, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static guint32
get (Fixture *f, guint offset, guint size)
{
  return (guint32) astern_device_read (f->pm, PIIX4_PM_PORTS_WINDOW, offset, size, NULL);
}

static void
put (Fixture *f, guint offset, guint size, guint32 value)
{
  astern_device_write (f->pm, PIIX4_PM_PORTS_WINDOW, offset, size, value, NULL);
}

static void
apmc (Fixture *f, guint8 value)
{
  astern_device_write (f->pm, PIIX4_PM_APM_WINDOW, 0, 1, value, NULL);
}

static void
pass (Fixture *f, guint64 ns)
{
  astern_clock_skip (&f->machine->clock, ns);
  astern_clock_fire_due (&f->machine->clock);
}

static void
timer_counts_3579545_times_a_second (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (get (f, PIIX4_PMTMR, 4), ==, 0);
  pass (f, 279);                        /* a tick takes 279.365 ns */
  g_assert_cmpint (get (f, PIIX4_PMTMR, 4), ==, 0);
  pass (f, 1);
  g_assert_cmpint (get (f, PIIX4_PMTMR, 4), ==, 1);
  pass (f, 1000000000 - 280);
  g_assert_cmpint (get (f, PIIX4_PMTMR, 4), ==, 3579545);
  pass (f, G_GUINT64_CONSTANT (9000000000));
  g_assert_cmpint (get (f, PIIX4_PMTMR, 4), ==, 35795450 & 0xffffff);
}

static void
its_highest_bit_changing_raises_the_sci (Fixture *f, gconstpointer data)
{
  apmc (f, PIIX4_ACPI_ENABLE);
  g_assert_cmphex (get (f, PIIX4_PMCNTRL, 2), ==, 1);
  put (f, PIIX4_PMEN, 2, 1);
  pass (f, G_GUINT64_CONSTANT (2343484437));    /* 2^23 ticks, all but a nanosecond */
  g_assert_cmpint (f->sci, ==, 0);
  g_assert_cmphex (get (f, PIIX4_PMSTS, 2), ==, 0);
  pass (f, 1);
  g_assert_cmpint (f->sci, ==, 1);
  g_assert_cmphex (get (f, PIIX4_PMSTS, 2), ==, 1);
  put (f, PIIX4_PMSTS, 2, 1);
  g_assert_cmpint (f->sci, ==, 0);
  pass (f, G_GUINT64_CONSTANT (2343484437) + 1);
  g_assert_cmpint (f->sci, ==, 1);
}

static void
the_power_button_is_an_event (Fixture *f, gconstpointer data)
{
  piix4_pm_press_button (f->pm);
  g_assert_cmphex (get (f, PIIX4_PMSTS, 2), ==, 0x100);
  g_assert_cmpint (f->sci, ==, 0);
  put (f, PIIX4_PMEN, 2, 0x100);
  g_assert_cmpint (f->sci, ==, 0);      /* not in ACPI mode */
  apmc (f, PIIX4_ACPI_ENABLE);
  g_assert_cmpint (f->sci, ==, 1);
  put (f, PIIX4_PMSTS, 2, 0x100);
  g_assert_cmpint (f->sci, ==, 0);
}

static void
soft_off_stops_the_machine (Fixture *f, gconstpointer data)
{
  put (f, PIIX4_PMCNTRL, 2, 1 << 10 | 1 << 13);         /* another sleep state */
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_NONE);
  put (f, PIIX4_PMCNTRL, 2, PIIX4_SLP_TYP_S5 << 10 | 1 << 13);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_POWER_OFF);
}

static void
commands_raise_an_smi_when_enabled (Fixture *f, gconstpointer data)
{
  apmc (f, 0x42);
  g_assert_cmpint (f->smis, ==, 0);
  astern_device_write (f->pm, 0, PIIX4_DEVACTB, 4, 1 << 25, NULL);
  apmc (f, 0x42);
  g_assert_cmpint (f->smis, ==, 1);
  g_assert_cmphex (astern_device_read (f->pm, PIIX4_PM_APM_WINDOW, 0, 1, NULL), ==, 0x42);
  apmc (f, PIIX4_ACPI_ENABLE);          /* the chip's own */
  g_assert_cmpint (f->smis, ==, 1);
}

static void
without_smm_firmware_sees_it_set_up (Fixture *f, gconstpointer data)
{
  piix4_pm_without_smm (f->pm);
  astern_device_reset (f->pm);
  g_assert_cmphex (astern_pci_get (f->pm, PIIX4_DEVACTB, 4), ==, 1 << 25);
  apmc (f, 0x42);
  g_assert_cmpint (f->smis, ==, 0);
}

static void
ports_follow_pmbase (Fixture *f, gconstpointer data)
{
  AsternRoute route;

  astern_device_write (f->pm, 0, PIIX4_PMBASE, 4, 0x601, NULL);
  astern_bus_route (f->machine->ports, 0x608, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_NONE);
  astern_device_write (f->pm, 0, PIIX4_PMREGMISC, 1, 1, NULL);
  astern_bus_route (f->machine->ports, 0x608, &route);
  g_assert_true (route.read.device == f->pm);
  g_assert_cmphex (route.read.offset, ==, 8);
  astern_device_write (f->pm, 0, PIIX4_PMBASE, 4, 0xb001, NULL);
  astern_bus_route (f->machine->ports, 0xb000, &route);
  g_assert_true (route.read.device == f->pm);
}

#define ADD(name) g_test_add ("/hw/piix4-pm/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (timer_counts_3579545_times_a_second);
  ADD (its_highest_bit_changing_raises_the_sci);
  ADD (the_power_button_is_an_event);
  ADD (soft_off_stops_the_machine);
  ADD (commands_raise_an_smi_when_enabled);
  ADD (without_smm_firmware_sees_it_set_up);
  ADD (ports_follow_pmbase);
  return g_test_run ();
}
