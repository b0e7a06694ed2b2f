/* fuzz-lsi53c895a - any registers and scripts at an LSI 53C895A with a disk.
 *
 * The input begins with a script, which is started; what follows is done as fuzz-controller.h says. */
#include "config.h"

#include "hw/storage/lsi53c895a.h"

#include "fuzz-controller.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

enum { DSA = 0x10, DSP = 0x2c };

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  AsternDevice *lsi, *disk;
  AsternPciBus bus;
  Storage storage;

  storage_init (&storage);
  bus = (AsternPciBus) { .memory = storage.machine->physical, .ports = storage.machine->ports };
  disk = astern_device_new (&scsi_hd_class, "disk0", storage.machine, &storage.machine->clock);
  lsi = astern_device_new (&lsi53c895a_class, "scsi0", storage.machine, &storage.machine->clock);
  astern_machine_add_device (storage.machine, disk);
  astern_machine_add_device (storage.machine, lsi);
  scsi_unit_set_drive (scsi_device_unit (disk),
                       storage_add_drive (&storage, "drive0", DRIVE_DISK, storage_add_disk (&storage, 32 << 10, FALSE)));
  scsi_bus_attach (lsi53c895a_bus (lsi), scsi_device_unit (disk), 0, 0, NULL);
  scsi_device_unit (disk)->s->attention = 0;
  astern_pci_attach (&bus, lsi, 8);
  astern_device_write (lsi, 0, PCI_BAR0 + 8, 4, 0xe0000000, NULL);
  astern_device_write (lsi, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  astern_bus_write_bytes (storage.machine->physical, (AsternPaddr) { FUZZ_BASE }, data, MIN (size, 256), ASTERN_ORIGIN_DMA);
  astern_device_write (lsi, LSI_REGISTERS_WINDOW, DSA, 4, FUZZ_BASE + 0x80, NULL);
  astern_device_write (lsi, LSI_REGISTERS_WINDOW, DSP, 4, FUZZ_BASE, NULL);
  fuzz_pass (storage.machine, 200000);
  input.data += MIN (size, 256);
  input.size -= MIN (size, 256);
  fuzz_steps (lsi, LSI_REGISTERS_WINDOW, 256, &input);
  storage_clear (&storage);
  return 0;
}
