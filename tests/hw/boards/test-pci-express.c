/* Bridges: buses by number, pins around, resets; the capability. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/pci-express.h"

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   root;
  AsternDevice  *port, *bridge, *end;
  guint8         pins[256];
} Fixture;

static void
pin_changed (gpointer router, guint devfn, guint pin, gboolean level)
{
  Fixture *f = router;

  f->pins[devfn] = (guint8) (level ? f->pins[devfn] | 1u << pin : f->pins[devfn] & ~(1u << pin));
}

static AsternDevice *
add (Fixture *f, const AsternDeviceClass *klass, const char *name, AsternPciBus *bus, guint devfn)
{
  AsternDevice *device = astern_device_new (klass, name, f->machine, &f->machine->clock);

  astern_machine_add_device (f->machine, device);
  astern_pci_attach (bus, device, devfn);
  return device;
}

/* A root port at 1.0, behind it a bridge, behind that at 3.0 another, which stands for a card. */
static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (1 << 20, NULL);
  f->root = (AsternPciBus) { .memory = f->machine->physical, .ports = f->machine->ports, .set_intx = pin_changed, .router = f };
  f->port = add (f, &pcie_root_port_class, "port", &f->root, 1 << 3);
  f->bridge = add (f, &pci_bridge_class, "bridge", pci_bridge_bus (f->port), 0);
  f->end = add (f, &pci_bridge_class, "end", pci_bridge_bus (f->bridge), 3 << 3);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
config (AsternDevice *device, guint offset, guint size, guint32 value)
{
  astern_device_write (device, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, NULL);
}

static void
buses_are_found_by_the_numbers_that_firmware_gave (Fixture *f, gconstpointer data)
{
  g_assert_true (astern_pci_find (&f->root, 0, 8) == f->port);
  g_assert_null (astern_pci_find (&f->root, 1, 0));
  config (f->port, PCI_SECONDARY_BUS, 1, 5);
  config (f->port, PCI_SUBORDINATE_BUS, 1, 6);
  g_assert_true (astern_pci_find (&f->root, 5, 0) == f->bridge);
  g_assert_null (astern_pci_find (&f->root, 6, 3 << 3));
  config (f->bridge, PCI_SECONDARY_BUS, 1, 6);
  config (f->bridge, PCI_SUBORDINATE_BUS, 1, 6);
  g_assert_true (astern_pci_find (&f->root, 6, 3 << 3) == f->end);
  g_assert_null (astern_pci_find (&f->root, 7, 0));
  /* A bridge that leads to itself leads nowhere. */
  config (f->port, PCI_SUBORDINATE_BUS, 1, 0xff);
  config (f->bridge, PCI_SUBORDINATE_BUS, 1, 0xff);
  config (f->end, PCI_SECONDARY_BUS, 1, 6);
  config (f->end, PCI_SUBORDINATE_BUS, 1, 0xff);
  g_assert_null (astern_pci_find (&f->root, 200, 0));
}

static void
pins_go_around_once_a_bridge (Fixture *f, gconstpointer data)
{
  AsternPciBus *last = pci_bridge_bus (f->bridge);

  last->set_intx (last->router, 3 << 3, 1, TRUE);       /* INTB of device 3 is INTA of the bridge, and of its port */
  g_assert_cmphex (f->pins[8], ==, 1);
  last->set_intx (last->router, 3 << 3, 2, TRUE);
  g_assert_cmphex (f->pins[8], ==, 3);
  last->set_intx (last->router, 3 << 3, 1, FALSE);
  g_assert_cmphex (f->pins[8], ==, 2);
}

static void
the_secondary_bus_can_be_reset (Fixture *f, gconstpointer data)
{
  config (f->bridge, PCI_SECONDARY_BUS, 1, 6);
  config (f->port, 0x3e, 2, 0x40);
  g_assert_cmphex (astern_pci_get (f->bridge, PCI_SECONDARY_BUS, 1), ==, 0);
  config (f->bridge, PCI_SECONDARY_BUS, 1, 6);
  config (f->port, 0x3e, 2, 0x00);
  g_assert_cmphex (astern_pci_get (f->bridge, PCI_SECONDARY_BUS, 1), ==, 6);
}

static void
a_root_port_says_what_it_is (Fixture *f, gconstpointer data)
{
  guint at = astern_pci_get (f->port, PCI_CAPABILITIES, 1);

  g_assert_cmphex (astern_pci_get (f->port, PCI_HEADER_TYPE, 1), ==, 0x81);
  g_assert_cmphex (astern_pci_get (f->port, at, 1), ==, PCI_CAP_EXPRESS);
  g_assert_cmphex (astern_pci_get (f->port, at + 2, 2), ==, 0x42);
  g_assert_cmphex (astern_pci_get (f->port, 0x2c, 4), ==, 0);   /* the prefetchable window's upper half */
  g_assert_cmphex (astern_pci_express_read (f->port, 0x100, 4, NULL), ==, 0);
  g_assert_cmphex (astern_pci_express_read (f->bridge, 0x100, 4, NULL), ==, G_MAXUINT64);
  g_assert_cmphex (astern_pci_get (f->bridge, PCI_HEADER_TYPE, 1), ==, 0x01);
}

#define ADD(name) g_test_add ("/hw/boards/pci-express/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (buses_are_found_by_the_numbers_that_firmware_gave);
  ADD (pins_go_around_once_a_bridge);
  ADD (the_secondary_bus_can_be_reset);
  ADD (a_root_port_says_what_it_is);
  return g_test_run ();
}
