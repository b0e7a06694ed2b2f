/* dp8390-private - the controller inside of a board.  For src/hw/net/dp8390*.c and ne2k-*.c alone. */
#pragma once

#include "hw/net/dp8390.h"
#include "hw/net/nic.h"

#define NE2K_PORTS        32
#define NE2K_MEMORY_START 0x4000
#define NE2K_MEMORY_END   0xc000

enum { DP_CR_STP = 1 << 0, DP_CR_STA = 1 << 1, DP_CR_TXP = 1 << 2, DP_CR_RD = 7 << 3 };
enum
{
  DP_ISR_PRX = 1 << 0, DP_ISR_PTX = 1 << 1, DP_ISR_RXE = 1 << 2, DP_ISR_TXE = 1 << 3, DP_ISR_OVW = 1 << 4, DP_ISR_CNT = 1 << 5,
  DP_ISR_RDC = 1 << 6, DP_ISR_RST = 1 << 7,
};

/* Without padding, in a board's state. */
typedef struct
{
  guint16 tbcr, rsar, rbcr;
  guint8  cr, isr, imr, dcr, rcr, tcr, tsr, rsr, pstart, pstop, bnry, tpsr, curr;
  guint8  tally[3];
  guint8  par[6], mar[8];
  guint8  link_up;
  guint8  reserved;
  guint8  prom[32];
  guint8  memory[NE2K_MEMORY_END - NE2K_MEMORY_START];
} Dp8390;

#define DP8390_FIELDS(Struct, chip)                                                                                        \
  ASTERN_FIELD (Struct, chip.tbcr, 1), ASTERN_FIELD (Struct, chip.rsar, 1), ASTERN_FIELD (Struct, chip.rbcr, 1),           \
  ASTERN_FIELD (Struct, chip.cr, 1), ASTERN_FIELD (Struct, chip.isr, 1), ASTERN_FIELD (Struct, chip.imr, 1),               \
  ASTERN_FIELD (Struct, chip.dcr, 1), ASTERN_FIELD (Struct, chip.rcr, 1), ASTERN_FIELD (Struct, chip.tcr, 1),              \
  ASTERN_FIELD (Struct, chip.tsr, 1), ASTERN_FIELD (Struct, chip.rsr, 1), ASTERN_FIELD (Struct, chip.pstart, 1),           \
  ASTERN_FIELD (Struct, chip.pstop, 1), ASTERN_FIELD (Struct, chip.bnry, 1), ASTERN_FIELD (Struct, chip.tpsr, 1),          \
  ASTERN_FIELD (Struct, chip.curr, 1), ASTERN_FIELD_BYTES (Struct, chip.tally, 1), ASTERN_FIELD_BYTES (Struct, chip.par, 1), \
  ASTERN_FIELD_BYTES (Struct, chip.mar, 1), ASTERN_FIELD (Struct, chip.link_up, 1), ASTERN_FIELD (Struct, chip.reserved, 1), \
  ASTERN_FIELD_BYTES (Struct, chip.prom, 1), ASTERN_FIELD_BYTES (Struct, chip.memory, 1)

/* What a board adds; not state. */
typedef struct
{
  AsternDevice *device;
  Dp8390       *chip;
  AsternLink   *link;               /* borrowed; (nullable) */
  void        (*set_irq) (AsternDevice *device, gboolean level);
  gboolean      is_8029;            /* says so in two registers */
  gboolean      unplugged;
  guint8        mac[6];
} Dp8390Board;

void    dp8390_reset   (Dp8390Board *board);
void    dp8390_update  (Dp8390Board *board);
guint64 dp8390_read    (Dp8390Board *board, guint64 offset, guint size);
guint64 dp8390_peek    (const Dp8390Board *board, guint64 offset, guint size);
void    dp8390_write   (Dp8390Board *board, guint64 offset, guint size, guint64 value);
void    dp8390_input   (Dp8390Board *board, const guint8 *data, gsize size);
guint   dp8390_room    (const Dp8390Board *board);
