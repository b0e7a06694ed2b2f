/* fuzz-nvme - any registers, doorbells, rings, lists of pages and SGLs at an NVMe controller.
 *
 * The controller is ready and has a pair of I/O queues; what the input says then is done as fuzz-controller.h says. */
#include "config.h"

#include "hw/storage/nvme.h"

#include "fuzz-controller.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define BAR     G_GUINT64_CONSTANT (0xe0000000)
#define ENTRIES 16

enum { ASQ = FUZZ_BASE, ACQ = FUZZ_BASE + 0x1000, SQ = FUZZ_BASE + 0x2000, CQ = FUZZ_BASE + 0x3000 };

static void
put (AsternDevice *nvme, guint offset, guint size, guint64 value)
{
  astern_device_write (nvme, NVME_REGISTERS_WINDOW, offset, size, value, NULL);
}

static void
make_ready (AsternDevice *nvme)
{
  const guint32 cq[16] = { 0x05, [6] = CQ, [10] = (ENTRIES - 1) << 16 | 1, [11] = 3 };
  const guint32 sq[16] = { 0x01, [6] = SQ, [10] = (ENTRIES - 1) << 16 | 1, [11] = 1 << 16 | 1 };

  astern_device_write (nvme, 0, PCI_BAR0, 4, BAR, NULL);
  astern_device_write (nvme, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  put (nvme, 0x24, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1));
  put (nvme, 0x28, 8, ASQ);
  put (nvme, 0x30, 8, ACQ);
  put (nvme, 0x14, 4, 4 << 20 | 6 << 16 | 1);
  astern_bus_write_bytes (nvme->machine->physical, (AsternPaddr) { ASQ }, cq, sizeof cq, ASTERN_ORIGIN_DMA);
  astern_bus_write_bytes (nvme->machine->physical, (AsternPaddr) { ASQ + 64 }, sq, sizeof sq, ASTERN_ORIGIN_DMA);
  put (nvme, 0x1000, 4, 2);
  fuzz_pass (nvme->machine, 1000000);
  put (nvme, 0x1004, 4, 2);
}

/* Commands are what is mostly meant: a byte of count, and the entries of the I/O queue, or with bit 7 of the admin queue. */
static void
put_commands (AsternDevice *nvme, FuzzInput *input)
{
  guint8 how = (guint8) fuzz_take (input, 1);
  guint first = how & 0x80 ? 2 : 0, n = how & 7;
  gsize bytes = MIN ((gsize) n * 64, input->size);

  astern_bus_write_bytes (nvme->machine->physical, (AsternPaddr) { (how & 0x80 ? ASQ : SQ) + 64 * first }, input->data, bytes,
                          ASTERN_ORIGIN_DMA);
  input->data += bytes;
  input->size -= bytes;
  put (nvme, how & 0x80 ? 0x1000 : 0x1008, 4, first + n);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  AsternPciBus bus;
  AsternDevice *nvme;
  Storage storage;

  storage_init (&storage);
  bus = (AsternPciBus) { .memory = storage.machine->physical, .ports = storage.machine->ports };
  nvme = astern_device_new (&nvme_class, "nvme0", storage.machine, &storage.machine->clock);
  astern_machine_add_device (storage.machine, nvme);
  nvme_set_drive (nvme, storage_add_drive (&storage, "drive0", DRIVE_DISK, storage_add_disk (&storage, 32 << 10, FALSE)), NULL);
  astern_pci_attach (&bus, nvme, 8);
  make_ready (nvme);
  put_commands (nvme, &input);
  fuzz_steps (nvme, NVME_REGISTERS_WINDOW, 0x1090, &input);
  storage_clear (&storage);
  return 0;
}
