/* fdc82078 - floppy disk controller.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/isa.h"

#define FDC82078_DRIVES 2

extern const AsternDeviceClass fdc82078_class;
extern const AsternCard        fdc82078_card;

/* Ports 0x3f0..0x3f5 and 0x3f7, IRQ 6, DMA channel 2. */
void          fdc82078_attach (AsternDevice *fdc, const AsternIsaBus *isa);
AsternIrq    *fdc82078_irq    (AsternDevice *fdc);
/* @dma: hw/i8237.h's; NULL: there is none. */
void          fdc82078_set_dma (AsternDevice *fdc, AsternDevice *dma, guint channel);
/* @floppy: of floppy.h; @unit: 0: A:, 1: B:.  FALSE: there is one. */
gboolean      fdc82078_plug   (AsternDevice *fdc, guint unit, AsternDevice *floppy);
AsternDevice *fdc82078_drive  (AsternDevice *fdc, guint unit);     /* (nullable) */
