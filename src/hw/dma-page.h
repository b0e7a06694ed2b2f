/* dma-page - the DMA page registers at 0x80..0x8f.
 *
 * Port 0x80 among them is where firmware writes its progress, and where
 * kernels write to pass the time of a bus cycle.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"

extern const AsternDeviceClass dma_page_class;
