/* ide-piix - the IDE function of PIIX3: two channels of two drives each, with bus-master DMA.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"

enum
{
  IDE_PIIX_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  IDE_PIIX_BUS_MASTER_WINDOW,   /* 16 ports, at BMIBA */
  IDE_PIIX_PORTS_WINDOW,        /* both channels' command blocks, 8 ports each, and their control blocks, 1 port each */
};

enum
{
  IDE_PIIX_IDETIM   = 0x40,     /* of the first channel, of the second two bytes further; bit 15: its ports are decoded */
  IDE_PIIX_CHANNELS = 2,
  IDE_PIIX_CONTROL  = 16,       /* in the ports' window: of the first channel, of the second one port further */
};

extern const AsternDeviceClass ide_piix_class;
extern const AsternCard        ide_piix_card;

/* After it was attached to its bus: the ports that it has always had. */
void        ide_piix_map     (AsternDevice *ide);
/* The channel's interrupt wire: IRQ 14, 15. */
AsternIrq  *ide_piix_irq     (AsternDevice *ide, guint channel);
/* @ata: of the classes of ata.h; @channel and @unit: 0 or 1.  FALSE: there is one. */
gboolean    ide_piix_plug    (AsternDevice *ide, guint channel, guint unit, AsternDevice *ata);
AsternDevice *ide_piix_drive (AsternDevice *ide, guint channel, guint unit);    /* (nullable) */
