/* dma-page.c - the PC/AT's DMA page registers.
 * Source: IBM PC/AT Technical Reference, 1984, "DMA controller".
 * Left out: the 8237s themselves, which no device here would use. */
#include "config.h"

#include "hw/dma-page.h"

typedef struct
{
  guint8 page[16];
} DmaPageState;

typedef struct
{
  AsternDevice parent;
  DmaPageState s;
} DmaPage;

static const AsternReg regs[] = {
  { .offset = 0, .bank = ASTERN_ANY_BANK, .access = ASTERN_REG_RW, .width = 1, .name = "PAGE",
    .backing = G_STRUCT_OFFSET (DmaPageState, page), .writable = 0xff, .count = 16 },
};

static const AsternWindow windows[] = {
  { .name = "dma-page", .size = 16, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

static const AsternField fields[] = { ASTERN_FIELD_BYTES (DmaPageState, page, 1) };

const AsternDeviceClass dma_page_class = {
  .name = "dma-page", .summary = "DMA page registers", .state_version = 1,
  .instance_size = sizeof (DmaPage),
  .state_offset = G_STRUCT_OFFSET (DmaPage, s), .state_size = sizeof (DmaPageState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
};
