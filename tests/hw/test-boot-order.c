/* test-boot-order.c - the paths by which firmware finds what it is to boot from. */
#include "config.h"

#include "core/machine.h"
#include "hw/boot-order.h"
#include "hw/pci.h"
#include "hw/piix3.h"
#include "hw/storage/ahci.h"
#include "hw/storage/ata.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"
#include "hw/storage/ide-piix.h"

#include <string.h>

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   bus;
  AsternDevice  *ide, *ahci, *fdc, *disks[3], *floppy;
} Fixture;

static AsternDevice *
add (Fixture *f, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, f->machine, &f->machine->clock);

  astern_machine_add_device (f->machine, device);
  return device;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  AsternDevice *isa;

  memset (f, 0, sizeof *f);
  f->machine = astern_machine_new (64 << 20, &error);
  g_assert_no_error (error);
  f->bus.memory = f->machine->physical;
  f->bus.ports = f->machine->ports;
  isa = add (f, &piix3_class, "isa");
  f->ide = add (f, &ide_piix_class, "ide");
  f->ahci = add (f, &ahci_class, "ahci");
  f->fdc = add (f, &fdc82078_class, "fdc");
  f->floppy = add (f, &floppy_class, "floppy");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("disk%u", i);

      f->disks[i] = add (f, &ata_disk_class, name);
    }
  astern_pci_attach (&f->bus, isa, 1 << 3);
  astern_pci_attach (&f->bus, f->ide, 1 << 3 | 1);
  astern_pci_attach (&f->bus, f->ahci, 0x1f << 3 | 2);
  ide_piix_plug (f->ide, 0, 1, f->disks[0]);
  ide_piix_plug (f->ide, 1, 0, f->disks[1]);
  ahci_plug (f->ahci, 4, f->disks[2]);
  fdc82078_plug (f->fdc, 1, f->floppy);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
assert_path (AsternDevice *device, AsternSlot slot, AsternDevice *host, const char *expected)
{
  g_autofree char *path = astern_boot_path (device, slot, host);

  g_assert_cmpstr (path, ==, expected);
}

static void
paths_are_those_that_firmware_looks_for (Fixture *f, gconstpointer data)
{
  assert_path (f->disks[0], ASTERN_SLOT_IDE, f->ide, "/pci@i0cf8/ide@1,1/drive@0/disk@1");
  assert_path (f->disks[1], ASTERN_SLOT_IDE, f->ide, "/pci@i0cf8/ide@1,1/drive@1/disk@0");
  assert_path (f->disks[2], ASTERN_SLOT_IDE, f->ahci, "/pci@i0cf8/pci8086,2922@1f,2/drive@4/disk@0");
  assert_path (f->floppy, ASTERN_SLOT_FLOPPY, f->fdc, "/pci@i0cf8/isa@1/fdc@03f0/floppy@1");
}

static void
the_list_is_in_the_order_of_the_indices (Fixture *f, gconstpointer data)
{
  static const char expected[] = "/pci@i0cf8/isa@1/fdc@03f0/floppy@1\n/pci@i0cf8/ide@1,1/drive@1/disk@0\n/pci@i0cf8/ide@1,1/drive@0/disk@1";
  g_autoptr (AsternBootOrder) order = astern_boot_order_new ();
  g_autoptr (GBytes) file = NULL;

  g_assert_null (astern_boot_order_file (order, FALSE));
  g_assert_true (astern_boot_order_add (order, 7, f->disks[1], ASTERN_SLOT_IDE, f->ide, NULL));
  g_assert_true (astern_boot_order_add (order, 9, f->disks[0], ASTERN_SLOT_IDE, f->ide, NULL));
  g_assert_true (astern_boot_order_add (order, 0, f->floppy, ASTERN_SLOT_FLOPPY, f->fdc, NULL));
  file = astern_boot_order_file (order, FALSE);
  g_assert_cmpmem (g_bytes_get_data (file, NULL), g_bytes_get_size (file), expected, sizeof expected);
}

static void
a_strict_list_ends_the_search (Fixture *f, gconstpointer data)
{
  static const char expected[] = "/pci@i0cf8/ide@1,1/drive@1/disk@0\nHALT";
  g_autoptr (AsternBootOrder) order = astern_boot_order_new ();
  g_autoptr (GBytes) file = NULL;

  g_assert_null (astern_boot_order_file (order, TRUE));
  g_assert_true (astern_boot_order_add (order, 1, f->disks[1], ASTERN_SLOT_IDE, f->ide, NULL));
  file = astern_boot_order_file (order, TRUE);
  g_assert_cmpmem (g_bytes_get_data (file, NULL), g_bytes_get_size (file), expected, sizeof expected);
}

static void
an_index_is_given_once (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternBootOrder) order = astern_boot_order_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (astern_boot_order_add (order, 1, f->disks[1], ASTERN_SLOT_IDE, f->ide, NULL));
  g_assert_false (astern_boot_order_add (order, 1, f->disks[0], ASTERN_SLOT_IDE, f->ide, &error));
  g_assert_nonnull (error);
}

#define ADD(name) g_test_add ("/hw/boot-order/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (paths_are_those_that_firmware_looks_for);
  ADD (the_list_is_in_the_order_of_the_indices);
  ADD (a_strict_list_ends_the_search);
  ADD (an_index_is_given_once);
  return g_test_run ();
}
