/* ICH9's LPC bridge: interrupt routes, power management, SMIs, the TCO watchdog. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/ich9-lpc.h"
#include "hw/piix4-pm.h"
#include "tests/hw/device-fixture.h"

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternDevice  *lpc;
  guint32        lines;
  guint          smis;
} Fixture;

static void
line_changed (gpointer receiver, guint line, gboolean level)
{
  Fixture *f = receiver;

  f->lines = level ? f->lines | 1u << line : f->lines & ~(1u << line);
}

static void
smi_changed (gpointer receiver, guint line, gboolean level)
{
  ((Fixture *) receiver)->smis += level;
}

static void
config (Fixture *f, guint offset, guint size, guint32 value)
{
  astern_device_write (f->lpc, ICH9_LPC_CONFIG_WINDOW, offset, size, value, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (1 << 20, NULL);
  f->pci.memory = f->machine->physical;
  f->pci.ports = f->machine->ports;
  f->lpc = astern_device_new (&ich9_lpc_class, "ich9-lpc", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->lpc);
  astern_pci_attach (&f->pci, f->lpc, 31 << 3);
  ich9_lpc_map (f->lpc);
  for (guint line = 0; line < ICH9_LPC_LINES; line++)
    ich9_lpc_connect (f->lpc, line, line_changed, f, line);
  astern_irq_connect (ich9_lpc_smi (f->lpc), smi_changed, f, 0);
  config (f, ICH9_PMBASE, 4, 0x601);
  config (f, ICH9_ACPI_CNTL, 1, 0x80);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static guint32
ins (Fixture *f, guint port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->machine->ports, &access);
}

static void
outs (Fixture *f, guint port, guint size, guint32 value)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, value);
}

static void
a_pin_goes_to_its_pirq_and_where_that_is_routed (Fixture *f, gconstpointer data)
{
  ich9_lpc_set_intx (f->lpc, 3 << 3, 1, TRUE);          /* device 3, INTB: PIRQE */
  g_assert_cmphex (f->lines, ==, 1u << 20);
  config (f, ICH9_PIRQE_ROUT, 1, 0x0b);
  g_assert_cmphex (f->lines, ==, 1u << 20 | 1u << 11);
  config (f, ICH9_PIRQE_ROUT, 1, 0x8b);
  g_assert_cmphex (f->lines, ==, 1u << 20);
  ich9_lpc_set_intx (f->lpc, 3 << 3, 1, FALSE);
  g_assert_cmphex (f->lines, ==, 0);
  ich9_lpc_set_intx (f->lpc, 31 << 3 | 2, 0, TRUE);     /* device 31, INTA: as the chip says, PIRQA */
  g_assert_cmphex (f->lines, ==, 1u << 16);
  astern_device_write (f->lpc, ICH9_LPC_CHIP_WINDOW, ICH9_D31IR, 2, 0x3217, NULL);
  g_assert_cmphex (f->lines, ==, 1u << 23);
}

static void
the_power_button_is_an_event (Fixture *f, gconstpointer data)
{
  ich9_lpc_press_button (f->lpc);
  g_assert_cmphex (ins (f, 0x600, 2), ==, 0x100);
  outs (f, 0x602, 2, 0x100);
  g_assert_cmphex (f->lines, ==, 0);
  astern_device_write (f->lpc, ICH9_LPC_APM_WINDOW, 0, 1, PIIX4_ACPI_ENABLE, NULL);
  g_assert_cmphex (f->lines, ==, 1u << 9);
  config (f, ICH9_ACPI_CNTL, 1, 0x84);
  g_assert_cmphex (f->lines, ==, 1u << 20);
  outs (f, 0x600, 2, 0x100);
  g_assert_cmphex (f->lines, ==, 0);
}

static void
soft_off_stops_the_machine (Fixture *f, gconstpointer data)
{
  outs (f, 0x604, 2, 0x2000 | 5 << 10);
  g_assert_cmpint (f->machine->stop_requested, ==, 0);
  outs (f, 0x604, 2, 0x2000 | PIIX4_SLP_TYP_S5 << 10);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_POWER_OFF);
}

static void
the_command_port_raises_an_smi (Fixture *f, gconstpointer data)
{
  astern_device_write (f->lpc, ICH9_LPC_APM_WINDOW, 0, 1, 0x42, NULL);
  g_assert_cmpint (f->smis, ==, 0);
  outs (f, 0x630, 4, 0x21);
  astern_device_write (f->lpc, ICH9_LPC_APM_WINDOW, 0, 1, 0x42, NULL);
  g_assert_cmpint (f->smis, ==, 1);
  g_assert_cmphex (ins (f, 0x634, 4) & 0x20, ==, 0x20);
  outs (f, 0x634, 4, 0x20);
  g_assert_cmphex (ins (f, 0x634, 4), ==, 0);
  config (f, ICH9_GEN_PMCON_1, 1, 0x10);
  outs (f, 0x630, 4, 0x20);
  g_assert_cmphex (ins (f, 0x630, 4), ==, 0x21);        /* locked */
}

static void
the_watchdog_resets_the_second_time (Fixture *f, gconstpointer data)
{
  outs (f, 0x672, 2, 10);                               /* six seconds */
  outs (f, 0x660, 2, 1);
  g_assert_cmpint (ins (f, 0x660, 2), ==, 10);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (3100000000));
  g_assert_cmpint (ins (f, 0x660, 2), ==, 5);
  outs (f, 0x660, 2, 1);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (5900000000));
  g_assert_cmphex (ins (f, 0x664, 2), ==, 0);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (200000000));
  g_assert_cmphex (ins (f, 0x664, 2), ==, 8);
  astern_device_write (f->lpc, ICH9_LPC_CHIP_WINDOW, ICH9_GCS, 4, 0, NULL);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (6000000000));
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_RESET);
  g_assert_cmphex (ins (f, 0x666, 2) & 2, ==, 2);
}

static void
a_halted_watchdog_keeps_what_it_has_left (Fixture *f, gconstpointer data)
{
  outs (f, 0x672, 2, 10);
  outs (f, 0x660, 2, 1);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (3100000000));
  outs (f, 0x668, 2, 0x0800);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (60000000000));
  g_assert_cmphex (ins (f, 0x664, 2), ==, 0);
  g_assert_cmpint (ins (f, 0x660, 2), ==, 5);
  outs (f, 0x668, 2, 0);
  clock_run (&f->machine->clock, G_GUINT64_CONSTANT (3000000000));
  g_assert_cmphex (ins (f, 0x664, 2), ==, 8);
}

#define ADD(name) g_test_add ("/hw/boards/ich9-lpc/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_pin_goes_to_its_pirq_and_where_that_is_routed);
  ADD (the_power_button_is_an_event);
  ADD (soft_off_stops_the_machine);
  ADD (the_command_port_raises_an_smi);
  ADD (the_watchdog_resets_the_second_time);
  ADD (a_halted_watchdog_keeps_what_it_has_left);
  return g_test_run ();
}
