/* parallel - the printer port: standard and enhanced (EPP) modes.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

extern const AsternDeviceClass parallel_class;
extern const AsternCard        parallel_card;

AsternIrq *parallel_irq      (AsternDevice *device);
/* Before power-on: what is printed goes there. */
void       parallel_set_link (AsternDevice *device, AsternLink *link);
