/* fuzz-ahci - the SATA controller's registers, lists, tables and ranges, a disk's queue and a CD drive's packets. */
#include "config.h"

#include "hw/storage/ahci.h"
#include "hw/storage/ata.h"

#include "storage-ops.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const OpsPlace places[] = { { FALSE, 0xe0000100, 0x80 }, { FALSE, 0xe0000180, 0x80 }, { FALSE, 0xe0000000, 0x400 } };
  AsternPciBus bus = { 0 };
  AsternDevice *hd, *cd;
  Ops ops;

  ops_init (&ops);
  ops.places = places;
  ops.n_places = G_N_ELEMENTS (places);
  bus.memory = ops.machine->physical;
  bus.ports = ops.machine->ports;
  ops.controller = ops_add (&ops, &ahci_class, "ahci");
  hd = ops_add (&ops, &ata_disk_class, "hd");
  cd = ops_add (&ops, &ata_cd_class, "cd");
  ata_set_drive (hd, ops_add_drive (&ops, DRIVE_DISK, OPS_DRIVE_BYTES));
  ata_set_drive (cd, ops_add_drive (&ops, DRIVE_CDROM, OPS_DRIVE_BYTES));
  ahci_plug (ops.controller, 0, hd);
  ahci_plug (ops.controller, 1, cd);
  astern_pci_attach (&bus, ops.controller, 8);
  astern_machine_reset (ops.machine);
  astern_device_write (ops.controller, ASTERN_PCI_CONFIG_WINDOW, PCI_BAR0 + 20, 4, 0xe0000000u, NULL);
  astern_device_write (ops.controller, ASTERN_PCI_CONFIG_WINDOW, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  ops_run (&ops, data, size);
  ops_clear (&ops);
  return 0;
}
