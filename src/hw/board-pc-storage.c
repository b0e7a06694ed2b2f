/* board-pc-storage.c - the DMA controllers, the ISA bus for cards, and the floppy controller.
 * Source: IBM PC/AT Technical Reference for ports, lines and the CMOS memory. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/i8237.h"
#include "hw/mc146818rtc.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"

enum { CMOS_FLOPPIES = 0x10, CMOS_EQUIPMENT = 0x14 };

void
pc_add_isa_bus (AsternBoardPc *board)
{
  AsternMachine *machine = board->machine;
  AsternDevice *dma = pc_add (board, &i8237_class, "dma");

  pc_at_port (board, 0x00, dma, I8237_LOW_WINDOW);
  pc_at_port (board, 0x80, dma, I8237_PAGE_WINDOW);
  pc_at_port (board, 0xc0, dma, I8237_HIGH_WINDOW);
  i8237_connect (dma, machine->physical);
  board->isa_bus = (AsternIsaBus) { .ports = machine->ports, .memory = machine->physical,
                                    .set_irq = board->chip_set->set_isa_irq, .router = board->isa, .dma = dma };
}

void
pc_add_floppy_controller (AsternBoardPc *board)
{
  fdc82078_attach (pc_add (board, &fdc82078_class, "fdc"), &board->isa_bus);
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
pc_open_dma (AsternBoardPc *board)
{
  enum { MASK = 0x14, MODE = 0x16, CASCADE = 0xc0 };

  astern_device_write (board->isa_bus.dma, I8237_HIGH_WINDOW, MODE, 1, CASCADE, NULL);
  astern_device_write (board->isa_bus.dma, I8237_HIGH_WINDOW, MASK, 1, 0, NULL);
}
