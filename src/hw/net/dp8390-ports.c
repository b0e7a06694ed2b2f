/* dp8390-ports.c - what the DP8390's registers do, and an NE2000's data port and reset port; the rows are DP8390_REGS.
 * Source: National Semiconductor DP8390D/NS32490D data sheet, July 1995; Realtek RTL8029AS data sheet for its data port of
 * 32 bits.
 *
 * What a row says is done to its chip, which is elsewhere in each board's state: the board is found from the state. */
#include "config.h"

#include "hw/net/dp8390-private.h"

enum { DCR_WTS = 1 << 0 };

static inline Dp8390Board *
board_of (AsternDevice *device)
{
  return (Dp8390Board *) astern_device_state (device) - 1;
}

guint8
dp8390_bank (gconstpointer state, guint32 offset)
{
  return DP8390_BOARD (state)->chip->cr >> 6;
}

/* ---- the data port: the remote DMA ---- */

static guint64
data_value (gconstpointer state, guint size)
{
  const Dp8390 *chip = DP8390_BOARD (state)->chip;
  guint16 at = chip->rsar;
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    {
      value |= (guint64) dp8390_memory_read (chip, at) << (8 * i);
      at = dp8390_next_address (chip, at);
    }
  return value;
}

/* How much an access of @size bytes moves: words, when DCR says so. */
static guint
transfer_size (const Dp8390 *chip, guint size)
{
  return size == 1 && (chip->dcr & DCR_WTS) ? 2 : size;
}

static void
advance (Dp8390Board *board, guint size)
{
  Dp8390 *chip = board->chip;

  for (guint i = 0; i < size; i++)
    chip->rsar = dp8390_next_address (chip, chip->rsar);
  if (chip->rbcr > size)
    {
      chip->rbcr = (guint16) (chip->rbcr - size);
      return;
    }
  chip->rbcr = 0;
  dp8390_signal (board, DP_ISR_RDC);
}

static void
data_did_read (AsternDevice *device, guint size)
{
  Dp8390Board *board = board_of (device);

  if (board->chip->rbcr > 0)
    advance (board, transfer_size (board->chip, size));
}

static void
data_did_write (AsternDevice *device, guint size, guint64 value)
{
  Dp8390Board *board = board_of (device);
  Dp8390 *chip = board->chip;
  guint16 at = chip->rsar;

  size = transfer_size (chip, size);
  if (chip->rbcr == 0)
    return;
  for (guint i = 0; i < size; i++)
    {
      dp8390_memory_write (chip, at, (guint8) (value >> (8 * i)));
      at = dp8390_next_address (chip, at);
    }
  advance (board, size);
}

guint64 dp8390_data_1_value (gconstpointer state, guint32 offset) { return data_value (state, 1); }
guint64 dp8390_data_2_value (gconstpointer state, guint32 offset) { return data_value (state, 2); }
guint64 dp8390_data_4_value (gconstpointer state, guint32 offset) { return data_value (state, 4); }

void dp8390_data_1_did_read (AsternDevice *device, guint32 offset) { data_did_read (device, 1); }
void dp8390_data_2_did_read (AsternDevice *device, guint32 offset) { data_did_read (device, 2); }
void dp8390_data_4_did_read (AsternDevice *device, guint32 offset) { data_did_read (device, 4); }

void dp8390_data_1_did_write (AsternDevice *device, guint32 offset, guint64 value) { data_did_write (device, 1, value); }
void dp8390_data_2_did_write (AsternDevice *device, guint32 offset, guint64 value) { data_did_write (device, 2, value); }
void dp8390_data_4_did_write (AsternDevice *device, guint32 offset, guint64 value) { data_did_write (device, 4, value); }

void
dp8390_reset_port_did_read (AsternDevice *device, guint32 offset)
{
  dp8390_reset (board_of (device));
}

/* ---- registers ---- */

void
dp8390_tally_did_read (AsternDevice *device, guint32 offset)
{
  board_of (device)->chip->tally[offset - 0xd] = 0;
}

/* Drivers free pages by the boundary, and start the chip by the command. */
static void
look_for_room (Dp8390Board *board)
{
  if (dp8390_room (board) > 0)
    astern_link_has_room (board->link);
}

void
dp8390_command_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Dp8390Board *board = board_of (device);
  Dp8390 *chip = board->chip;

  if (value & DP_CR_STP)
    {
      chip->isr |= DP_ISR_RST;
      return;
    }
  chip->isr &= (guint8) ~DP_ISR_RST;
  if ((value & (DP_CR_READ | DP_CR_WRITE)) && !(value & DP_CR_ABORT) && chip->rbcr == 0)
    dp8390_signal (board, DP_ISR_RDC);
  if (value & DP_CR_TXP)
    dp8390_transmit (board);
  look_for_room (board);
}

void
dp8390_boundary_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  look_for_room (board_of (device));
}

void
dp8390_isr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Dp8390Board *board = board_of (device);

  board->chip->isr &= (guint8) ~(value & 0x7f);
  dp8390_update (board);
  look_for_room (board);
}

void
dp8390_imr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  dp8390_update (board_of (device));
}

const AsternRegField dp8390_cr_bits[] = {
  { 0, 1, "STP" }, { 1, 1, "STA" }, { 2, 1, "TXP" }, { 3, 3, "RD" }, { 6, 2, "PS" }, { 0, 0, NULL }
};
const AsternRegField dp8390_isr_bits[] = {
  { 0, 1, "PRX" }, { 1, 1, "PTX" }, { 2, 1, "RXE" }, { 3, 1, "TXE" }, { 4, 1, "OVW" }, { 5, 1, "CNT" }, { 6, 1, "RDC" },
  { 7, 1, "RST" }, { 0, 0, NULL }
};
const AsternRegField dp8390_dcr_bits[] = {
  { 0, 1, "WTS" }, { 1, 1, "BOS" }, { 2, 1, "LAS" }, { 3, 1, "LS" }, { 4, 1, "ARM" }, { 5, 2, "FT" }, { 0, 0, NULL }
};
const AsternRegField dp8390_rcr_bits[] = {
  { 0, 1, "SEP" }, { 1, 1, "AR" }, { 2, 1, "AB" }, { 3, 1, "AM" }, { 4, 1, "PRO" }, { 5, 1, "MON" }, { 0, 0, NULL }
};
const AsternRegField dp8390_tcr_bits[] = {
  { 0, 1, "CRC" }, { 1, 2, "LB" }, { 3, 1, "ATD" }, { 4, 1, "OFST" }, { 0, 0, NULL }
};
