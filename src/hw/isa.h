/* isa - what a card on the ISA bus finds: ports, memory, lines, DMA channels.
 *
 * Threads: while the machine is stopped; the wires: the thread that runs it. */
#pragma once

#include "core/bus.h"
#include "core/irq.h"

typedef struct
{
  AsternBus     *ports, *memory;       /* borrowed */
  AsternIrqFunc  set_irq;              /* with `router` and a line 0..15; a line that another device has, too, is + 16 */
  gpointer       router;
  AsternDevice  *dma;                  /* (nullable): the pair of 8237s (hw/i8237.h) */
} AsternIsaBus;
