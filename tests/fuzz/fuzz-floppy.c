/* fuzz-floppy - the floppy controller's registers and commands, and the DMA controllers'. */
#include "config.h"

#include "hw/i8237.h"
#include "hw/isa.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"

#include "storage-ops.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
set_irq (gpointer receiver, guint line, gboolean level)
{
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const OpsPlace places[] = { { TRUE, 0x3f0, 8 }, { TRUE, 0x3f5, 1 }, { TRUE, 0x00, 16 }, { TRUE, 0x80, 16 }, { TRUE, 0xc0, 32 } };
  AsternDevice *fdc, *dma;
  AsternIsaBus isa;
  Ops ops;

  ops_init (&ops);
  ops.places = places;
  ops.n_places = G_N_ELEMENTS (places);
  dma = ops_add (&ops, &i8237_class, "dma");
  i8237_connect (dma, ops.machine->physical);
  astern_bus_add_device (ops.machine->ports, 0x00, dma, I8237_LOW_WINDOW, 0);
  astern_bus_add_device (ops.machine->ports, 0x80, dma, I8237_PAGE_WINDOW, 0);
  astern_bus_add_device (ops.machine->ports, 0xc0, dma, I8237_HIGH_WINDOW, 0);
  isa = (AsternIsaBus) { ops.machine->ports, ops.machine->physical, set_irq, NULL, dma };
  fdc = ops_add (&ops, &fdc82078_class, "fdc");
  fdc82078_attach (fdc, &isa);
  for (guint unit = 0; unit < 2; unit++)
    {
      AsternDevice *floppy = ops_add (&ops, &floppy_class, unit == 0 ? "a" : "b");

      floppy_set_drive (floppy, ops_add_drive (&ops, DRIVE_FLOPPY, unit == 0 ? 1440 << 10 : 720 << 10));
      fdc82078_plug (fdc, unit, floppy);
    }
  astern_machine_reset (ops.machine);
  ops_run (&ops, data, size);
  ops_clear (&ops);
  return 0;
}
