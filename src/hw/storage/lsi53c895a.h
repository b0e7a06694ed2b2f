/* lsi53c895a - LSI Logic's SCSI host adapter on PCI, with its SCRIPTS processor.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/storage/scsi.h"

#define LSI_REGISTERS_WINDOW 1      /* BARs 0 and 1 */
#define LSI_RAM_WINDOW       2      /* BAR 2: SCRIPTS memory */

extern const AsternDeviceClass lsi53c895a_class;
extern const AsternCard lsi53c895a_card;

ScsiBus *lsi53c895a_bus (AsternDevice *device);
