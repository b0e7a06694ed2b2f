/* dp8390-private - the controller inside of a board.  For src/hw/net/dp8390*.c and ne2k-*.c alone. */
#pragma once

#include "hw/net/dp8390.h"
#include "hw/net/nic.h"

#define NE2K_PORTS        32
#define NE2K_MEMORY_START 0x4000
#define NE2K_MEMORY_END   0xc000

enum { DP_CR_STP = 1 << 0, DP_CR_STA = 1 << 1, DP_CR_TXP = 1 << 2, DP_CR_READ = 1 << 3, DP_CR_WRITE = 1 << 4, DP_CR_ABORT = 1 << 5 };
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

/* What a board adds; not state.  It lies in a board's struct just before the state, so that what is in the register table
 * finds it, see DP8390_BOARD. */
typedef struct
{
  AsternDevice *device;
  Dp8390       *chip;
  AsternLink   *link;               /* borrowed; (nullable) */
  void        (*set_irq) (AsternDevice *device, gboolean level);
  gboolean      unplugged;
  guint8        mac[6];
} Dp8390Board;

#define DP8390_ASSERT_BOARD(Type) \
  G_STATIC_ASSERT (G_STRUCT_OFFSET (Type, board) + sizeof (Dp8390Board) == G_STRUCT_OFFSET (Type, s))
#define DP8390_BOARD(state)       ((const Dp8390Board *) (state) - 1)

void    dp8390_reset   (Dp8390Board *board);
void    dp8390_update  (Dp8390Board *board);
void    dp8390_input   (Dp8390Board *board, const guint8 *data, gsize size);
guint   dp8390_room    (const Dp8390Board *board);

/* For dp8390-ports.c. */
void    dp8390_signal       (Dp8390Board *board, guint8 causes);
void    dp8390_transmit     (Dp8390Board *board);
guint8  dp8390_memory_read  (const Dp8390 *chip, guint16 at);
void    dp8390_memory_write (Dp8390 *chip, guint16 at, guint8 value);
guint16 dp8390_next_address (const Dp8390 *chip, guint16 at);

/* ---- dp8390-ports.c ---- */

guint8  dp8390_bank                (gconstpointer state, guint32 offset);
guint64 dp8390_data_1_value        (gconstpointer state, guint32 offset);
guint64 dp8390_data_2_value        (gconstpointer state, guint32 offset);
guint64 dp8390_data_4_value        (gconstpointer state, guint32 offset);
void    dp8390_data_1_did_read     (AsternDevice *device, guint32 offset);
void    dp8390_data_2_did_read     (AsternDevice *device, guint32 offset);
void    dp8390_data_4_did_read     (AsternDevice *device, guint32 offset);
void    dp8390_data_1_did_write    (AsternDevice *device, guint32 offset, guint64 value);
void    dp8390_data_2_did_write    (AsternDevice *device, guint32 offset, guint64 value);
void    dp8390_data_4_did_write    (AsternDevice *device, guint32 offset, guint64 value);
void    dp8390_reset_port_did_read (AsternDevice *device, guint32 offset);
void    dp8390_tally_did_read      (AsternDevice *device, guint32 offset);
void    dp8390_command_did_write   (AsternDevice *device, guint32 offset, guint64 value);
void    dp8390_boundary_did_write  (AsternDevice *device, guint32 offset, guint64 value);
void    dp8390_isr_did_write       (AsternDevice *device, guint32 offset, guint64 value);
void    dp8390_imr_did_write       (AsternDevice *device, guint32 offset, guint64 value);

extern const AsternRegField dp8390_cr_bits[], dp8390_isr_bits[], dp8390_dcr_bits[], dp8390_rcr_bits[], dp8390_tcr_bits[];

/* A row of the register table.  Registers are bytes. */
#define DP8390_ROW(offset, bank, how, name, backing, writable, did_write, bits) \
  { offset, bank, ASTERN_REG_##how, 1, name, backing, 0, writable, NULL, NULL, did_write, 1, bits }

/* The rows of every board, whose state is a @S with the chip as its member @chip.  The bank is the page that CR chooses.
 * What is used most comes first. */
#define DP8390_AT(S, chip, member) G_STRUCT_OFFSET (S, chip.member)
#define DP8390_LOW(S, chip, member)  (DP8390_AT (S, chip, member) + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 0 : 1))
#define DP8390_HIGH(S, chip, member) (DP8390_AT (S, chip, member) + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 1 : 0))
#define DP8390_REGS(S, chip)                                                                                                        \
  DP8390_DATA (2, 4), DP8390_DATA (4, 2), DP8390_DATA (1, 8),                                                                       \
  DP8390_ROW (0x0, ASTERN_ANY_BANK, RW, "CR", DP8390_AT (S, chip, cr), 0xff, dp8390_command_did_write, dp8390_cr_bits),             \
  DP8390_ROW (0x1, 0, R,  "CLDA0",  DP8390_LOW (S, chip, rsar),  0,    NULL, NULL),                                                 \
  DP8390_ROW (0x2, 0, R,  "CLDA1",  DP8390_HIGH (S, chip, rsar), 0,    NULL, NULL),                                                 \
  DP8390_ROW (0x1, 0, W,  "PSTART", DP8390_AT (S, chip, pstart), 0xff, NULL, NULL),                                                 \
  DP8390_ROW (0x2, 0, W,  "PSTOP",  DP8390_AT (S, chip, pstop),  0xff, NULL, NULL),                                                 \
  DP8390_ROW (0x3, 0, RW, "BNRY",   DP8390_AT (S, chip, bnry),   0xff, dp8390_boundary_did_write, NULL),                            \
  DP8390_ROW (0x4, 0, R,  "TSR",    DP8390_AT (S, chip, tsr),    0,    NULL, NULL),                                                 \
  DP8390_ROW (0x4, 0, W,  "TPSR",   DP8390_AT (S, chip, tpsr),   0xff, NULL, NULL),                                                 \
  DP8390_ROW (0x5, 0, R,  "NCR",    ASTERN_NO_BACKING,           0,    NULL, NULL),                                                 \
  DP8390_ROW (0x6, 0, R,  "FIFO",   ASTERN_NO_BACKING,           0,    NULL, NULL),                                                 \
  DP8390_ROW (0x5, 0, W,  "TBCR0",  DP8390_LOW (S, chip, tbcr),  0xff, NULL, NULL),                                                 \
  DP8390_ROW (0x6, 0, W,  "TBCR1",  DP8390_HIGH (S, chip, tbcr), 0xff, NULL, NULL),                                                 \
  DP8390_ROW (0x7, 0, RW, "ISR",    DP8390_AT (S, chip, isr),    0,    dp8390_isr_did_write, dp8390_isr_bits),                      \
  DP8390_ROW (0x8, 0, R,  "CRDA0",  DP8390_LOW (S, chip, rsar),  0,    NULL, NULL),                                                 \
  DP8390_ROW (0x9, 0, R,  "CRDA1",  DP8390_HIGH (S, chip, rsar), 0,    NULL, NULL),                                                 \
  DP8390_ROW (0x8, 0, W,  "RSAR0",  DP8390_LOW (S, chip, rsar),  0xff, NULL, NULL),                                                 \
  DP8390_ROW (0x9, 0, W,  "RSAR1",  DP8390_HIGH (S, chip, rsar), 0xff, NULL, NULL),                                                 \
  DP8390_ROW (0xa, 0, W,  "RBCR0",  DP8390_LOW (S, chip, rbcr),  0xff, NULL, NULL),                                                 \
  DP8390_ROW (0xb, 0, W,  "RBCR1",  DP8390_HIGH (S, chip, rbcr), 0xff, NULL, NULL),                                                 \
  DP8390_ROW (0xc, 0, R,  "RSR",    DP8390_AT (S, chip, rsr),    0,    NULL, NULL),                                                 \
  DP8390_ROW (0xc, 0, W,  "RCR",    DP8390_AT (S, chip, rcr),    0xff, NULL, dp8390_rcr_bits),                                      \
  { 0xd, 0, ASTERN_REG_R, 1, "CNTR", DP8390_AT (S, chip, tally), 0, 0, NULL, dp8390_tally_did_read, NULL, 3, NULL },                \
  DP8390_ROW (0xd, 0, W,  "TCR",    DP8390_AT (S, chip, tcr),    0xff, NULL, dp8390_tcr_bits),                                      \
  DP8390_ROW (0xe, 0, W,  "DCR",    DP8390_AT (S, chip, dcr),    0xff, NULL, dp8390_dcr_bits),                                      \
  DP8390_ROW (0xf, 0, W,  "IMR",    DP8390_AT (S, chip, imr),    0xff, dp8390_imr_did_write, dp8390_isr_bits),                      \
  { 0x1, 1, ASTERN_REG_RW, 1, "PAR", DP8390_AT (S, chip, par), 0, 0xff, NULL, NULL, NULL, 6, NULL },                                \
  DP8390_ROW (0x7, 1, RW, "CURR",   DP8390_AT (S, chip, curr),   0xff, NULL, NULL),                                                 \
  { 0x8, 1, ASTERN_REG_RW, 1, "MAR", DP8390_AT (S, chip, mar), 0, 0xff, NULL, NULL, NULL, 8, NULL },                                \
  DP8390_ROW (0x1, 2, R,  "PSTART", DP8390_AT (S, chip, pstart), 0,    NULL, NULL),                                                 \
  DP8390_ROW (0x2, 2, R,  "PSTOP",  DP8390_AT (S, chip, pstop),  0,    NULL, NULL),                                                 \
  { 0x3, 2, ASTERN_REG_R, 1, "reserved", ASTERN_NO_BACKING, 0, 0, NULL, NULL, NULL, 1, NULL },                                      \
  DP8390_ROW (0x4, 2, R,  "TPSR",   DP8390_AT (S, chip, tpsr),   0,    NULL, NULL),                                                 \
  { 0x5, 2, ASTERN_REG_R, 1, "reserved", ASTERN_NO_BACKING, 0, 0, NULL, NULL, NULL, 7, NULL },                                      \
  DP8390_ROW (0xc, 2, R,  "RCR",    DP8390_AT (S, chip, rcr),    0,    NULL, dp8390_rcr_bits),                                      \
  DP8390_ROW (0xd, 2, R,  "TCR",    DP8390_AT (S, chip, tcr),    0,    NULL, dp8390_tcr_bits),                                      \
  DP8390_ROW (0xe, 2, R,  "DCR",    DP8390_AT (S, chip, dcr),    0,    NULL, dp8390_dcr_bits),                                      \
  DP8390_ROW (0xf, 2, R,  "IMR",    DP8390_AT (S, chip, imr),    0,    NULL, dp8390_isr_bits),                                      \
  { 0x1, 2, ASTERN_REG_W, 1, "diagnostics", ASTERN_NO_BACKING, 0, 0, NULL, NULL, NULL, 15, NULL },                                  \
  { 0x18, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "reset", ASTERN_NO_BACKING, 0, 0, NULL, dp8390_reset_port_did_read, NULL, 8, NULL }

/* The data port is as wide as the access, and everywhere between the registers and the reset port. */
#define DP8390_DATA(width, count) \
  { 0x10, ASTERN_ANY_BANK, ASTERN_REG_RW, width, "data", ASTERN_NO_BACKING, 0, 0, dp8390_data_##width##_value, \
    dp8390_data_##width##_did_read, dp8390_data_##width##_did_write, count, NULL }
