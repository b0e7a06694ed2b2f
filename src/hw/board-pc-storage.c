/* board-pc-storage.c - the pc board's DMA controllers, IDE channels and floppy controller.
 * Source: Intel 82371SB data sheet 290550; IBM PC/AT Technical Reference for ports, lines and the CMOS memory. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/i8237.h"
#include "hw/mc146818rtc.h"
#include "hw/piix3.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"
#include "hw/storage/ide-piix.h"

enum { DEVFN_IDE = 1 << 3 | 1, FIRST_LINE = 14 };
enum { CMOS_FLOPPIES = 0x10, CMOS_EQUIPMENT = 0x14 };

static AsternDevice *
add (AsternBoardPc *board, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, board->machine, &board->machine->clock);

  astern_machine_add_device (board->machine, device);
  return device;
}

void
pc_add_isa_bus (AsternBoardPc *board)
{
  AsternMachine *machine = board->machine;
  AsternDevice *dma = add (board, &i8237_class, "dma");

  astern_bus_add_device (machine->ports, 0x00, dma, I8237_LOW_WINDOW, 0);
  astern_bus_add_device (machine->ports, 0x80, dma, I8237_PAGE_WINDOW, 0);
  astern_bus_add_device (machine->ports, 0xc0, dma, I8237_HIGH_WINDOW, 0);
  i8237_connect (dma, machine->physical);
  board->isa = (AsternIsaBus) { .ports = machine->ports, .memory = machine->physical,
                                .set_irq = piix3_set_isa_irq, .router = board->piix3, .dma = dma };
}

void
pc_add_storage (AsternBoardPc *board)
{
  board->ide = add (board, &ide_piix_class, "piix3-ide");
  astern_pci_attach (board->pci, board->ide, DEVFN_IDE);
  ide_piix_map (board->ide);
  for (guint channel = 0; channel < IDE_PIIX_CHANNELS; channel++)
    astern_irq_connect (ide_piix_irq (board->ide, channel), piix3_set_isa_irq, board->piix3, FIRST_LINE + channel);
  board->fdc = add (board, &fdc82078_class, "fdc");
  fdc82078_attach (board->fdc, &board->isa);
}

/* Which floppy drives there are is known when the machine starts. */
void
pc_fill_floppy_cmos (AsternMachine *machine)
{
  AsternDevice *fdc = astern_machine_find_device (machine, "fdc"), *rtc = astern_machine_find_device (machine, "rtc");
  guint types = 0, drives = 0;
  guint8 equipment;

  if (fdc == NULL || rtc == NULL)
    return;
  for (guint unit = 0; unit < FDC82078_DRIVES; unit++)
    if (fdc82078_drive (fdc, unit) != NULL)
      {
        types |= floppy_type (fdc82078_drive (fdc, unit)) << (unit == 0 ? 4 : 0);
        drives++;
      }
  equipment = mc146818rtc_get_nvram (rtc, CMOS_EQUIPMENT) & 0x3e;
  if (drives > 0)
    equipment |= (guint8) (1 | (drives - 1) << 6);
  mc146818rtc_set_nvram (rtc, CMOS_FLOPPIES, (guint8) types);
  mc146818rtc_set_nvram (rtc, CMOS_EQUIPMENT, equipment);
}

/* What firmware would have done, for a kernel that is started without. */
void
pc_set_up_storage (AsternBoardPc *board)
{
  enum { MODE = 0x16, MASK = 0x14, CASCADE = 0xc0, DECODED = 0x8000 };

  for (guint channel = 0; channel < IDE_PIIX_CHANNELS; channel++)
    astern_device_write (board->ide, ASTERN_PCI_CONFIG_WINDOW, IDE_PIIX_IDETIM + 2 * channel, 2, DECODED, NULL);
  astern_device_write (board->isa.dma, I8237_HIGH_WINDOW, MODE, 1, CASCADE, NULL);
  astern_device_write (board->isa.dma, I8237_HIGH_WINDOW, MASK, 1, 0, NULL);
}
