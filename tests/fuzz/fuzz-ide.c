/* fuzz-ide - the IDE function's registers, descriptors, disks' commands and a CD drive's packets. */
#include "config.h"

#include "hw/storage/ata.h"
#include "hw/storage/ide-piix.h"

#include "storage-ops.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const OpsPlace places[] = { { TRUE, 0x1f0, 8 }, { TRUE, 0x170, 8 }, { TRUE, 0x3f6, 1 }, { TRUE, 0x376, 1 }, { TRUE, 0xc000, 16 } };
  AsternPciBus bus = { 0 };
  AsternDevice *hd, *cd;
  Ops ops;

  ops_init (&ops);
  ops.places = places;
  ops.n_places = G_N_ELEMENTS (places);
  bus.memory = ops.machine->physical;
  bus.ports = ops.machine->ports;
  ops.controller = ops_add (&ops, &ide_piix_class, "ide");
  hd = ops_add (&ops, &ata_disk_class, "hd");
  cd = ops_add (&ops, &ata_cd_class, "cd");
  ata_set_drive (hd, ops_add_drive (&ops, DRIVE_DISK, OPS_DRIVE_BYTES));
  ata_set_drive (cd, ops_add_drive (&ops, DRIVE_CDROM, OPS_DRIVE_BYTES));
  ide_piix_plug (ops.controller, 0, 0, hd);
  ide_piix_plug (ops.controller, 1, 0, cd);
  astern_pci_attach (&bus, ops.controller, 9);
  ide_piix_map (ops.controller);
  astern_machine_reset (ops.machine);
  astern_device_write (ops.controller, ASTERN_PCI_CONFIG_WINDOW, IDE_PIIX_IDETIM, 4, 0x80008000u, NULL);
  astern_device_write (ops.controller, ASTERN_PCI_CONFIG_WINDOW, PCI_BAR0 + 16, 4, 0xc000, NULL);
  astern_device_write (ops.controller, ASTERN_PCI_CONFIG_WINDOW, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER, NULL);
  ops_run (&ops, data, size);
  ops_clear (&ops);
  return 0;
}
