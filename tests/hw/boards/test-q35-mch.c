/* The MCH: memory-mapped configuration, PAM, SMRAM and TSEG. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/q35-mch.h"

#define RAM_SIZE (32u << 20)
#define ECAM     0xb0000000u

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *mch;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternRamBlock *ram;
  AsternPciBus *pci;

  f->machine = astern_machine_new (RAM_SIZE, NULL);
  ram = astern_memory_add (f->machine->memory, "ram", RAM_SIZE, FALSE, NULL);
  astern_bus_add_memory (f->machine->physical, 0, ram, ASTERN_SHADOW_FIXED);
  f->mch = astern_device_new (&q35_mch_class, "q35-mch", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->mch);
  pci = q35_mch_bus (f->mch);
  pci->memory = f->machine->physical;
  pci->ports = f->machine->ports;
  astern_pci_attach (pci, f->mch, 0);
  q35_mch_map_memory (f->mch, ram, RAM_SIZE);
  astern_bus_add_device (f->machine->ports, 0xcf8, f->mch, Q35_MCH_PORTS_WINDOW, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static guint64
load (Fixture *f, guint64 address, guint size)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return astern_bus_read (f->machine->physical, &access);
}

static void
store (Fixture *f, guint64 address, guint size, guint64 value)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->physical, &access, value);
}

static void
config (Fixture *f, guint offset, guint size, guint32 value)
{
  astern_device_write (f->mch, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, NULL);
}

static void
configuration_is_memory_where_pciexbar_says (Fixture *f, gconstpointer data)
{
  guint64 size;

  g_assert_cmphex (load (f, ECAM, 4), ==, 0xffffffff);
  config (f, Q35_MCH_PCIEXBAR, 4, ECAM | 1);
  g_assert_cmphex (load (f, ECAM, 4), ==, 0x29c08086);
  g_assert_cmphex (load (f, ECAM + 0x1000, 4), ==, 0xffffffff);         /* function 1 */
  g_assert_cmphex (load (f, ECAM + 0x100000, 4), ==, 0xffffffff);       /* bus 1 */
  g_assert_cmphex (load (f, ECAM + 0x100, 4), ==, 0xffffffff);          /* it has no more than 256 bytes */
  store (f, ECAM + Q35_MCH_PAM0 + 1, 1, 0x33);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_PAM0 + 1, 1), ==, 0x33);
  g_assert_cmphex (q35_mch_ecam (f->mch, &size), ==, ECAM);
  g_assert_cmphex (size, ==, 0x10000000);
  config (f, Q35_MCH_PCIEXBAR, 4, ECAM | 1 << 1 | 1);
  q35_mch_ecam (f->mch, &size);
  g_assert_cmphex (size, ==, 0x8000000);
  g_assert_cmphex (load (f, ECAM + 0x8000000, 4), ==, 0xffffffff);
}

static void
tseg_is_seen_in_smm_alone (Fixture *f, gconstpointer data)
{
  guint64 at = RAM_SIZE - 0x100000;

  store (f, at, 4, 0x1234567);
  config (f, Q35_MCH_SMRAM, 1, 0x0a);
  config (f, Q35_MCH_ESMRAMC, 1, 0x01);
  g_assert_cmphex (load (f, at, 4), ==, 0xffffffff);
  g_assert_cmphex (load (f, at - 4, 4), ==, 0);
  store (f, at, 4, 0);
  q35_mch_set_smm (f->mch, 1, TRUE);
  g_assert_cmphex (load (f, at, 4), ==, 0x1234567);
  q35_mch_set_smm (f->mch, 1, FALSE);
  g_assert_cmphex (load (f, at, 4), ==, 0xffffffff);
}

static void
firmware_finds_how_large_tseg_can_be (Fixture *f, gconstpointer data)
{
  config (f, Q35_MCH_EXT_TSEG, 2, 0xffff);
  g_assert_cmpint (astern_pci_get (f->mch, Q35_MCH_EXT_TSEG, 2), ==, 16);
  config (f, Q35_MCH_SMRAM, 1, 0x0a);
  config (f, Q35_MCH_ESMRAMC, 1, 0x07);
  g_assert_cmphex (load (f, RAM_SIZE - (16 << 20), 4), ==, 0xffffffff);
  g_assert_cmphex (load (f, RAM_SIZE - (16 << 20) - 4, 4), ==, 0);
}

static void
a_lock_holds_until_reset (Fixture *f, gconstpointer data)
{
  config (f, Q35_MCH_SMRAM, 1, 0x4a);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_SMRAM, 1), ==, 0x4a);
  config (f, Q35_MCH_SMRAM, 1, 0x5a);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_SMRAM, 1), ==, 0x1a);   /* open no more */
  config (f, Q35_MCH_SMRAM, 1, 0x42);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_SMRAM, 1), ==, 0x1a);
  config (f, Q35_MCH_ESMRAMC, 1, 0x07);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_ESMRAMC, 1) & 7, ==, 0);
  astern_device_reset (f->mch);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_SMRAM, 1), ==, 0x02);
  config (f, Q35_MCH_SMRAM, 1, 0x4a);
  g_assert_cmphex (astern_pci_get (f->mch, Q35_MCH_SMRAM, 1), ==, 0x4a);
}

#define ADD(name) g_test_add ("/hw/boards/q35-mch/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (configuration_is_memory_where_pciexbar_says);
  ADD (tseg_is_seen_in_smm_alone);
  ADD (firmware_finds_how_large_tseg_can_be);
  ADD (a_lock_holds_until_reset);
  return g_test_run ();
}
