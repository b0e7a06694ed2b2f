/* dp8390.c - National Semiconductor DP8390D, with an NE2000's memory of 32 KiB and its address PROM.
 * Source: National Semiconductor DP8390D/NS32490D data sheet, July 1995; Realtek RTL8029AS data sheet for its two identity
 * registers and its data port of 32 bits.
 * Left out: collisions and other errors of the medium, the FIFO, send-packet and other chips' commands, the 8029's EEPROM.
 *
 * Registers are one of three pages' that the command register chooses; behind them are the data port and the reset port.
 * They are functions, as a window's, since the data port takes words and long words where registers take bytes. */
#include "config.h"

#include "hw/net/dp8390-private.h"

#include "core/machine.h"

#include <string.h>

enum { DATA_PORT = 0x10, RESET_PORT = 0x18 };
enum { RD_READ = 1 << 3, RD_WRITE = 1 << 4, RD_ABORT = 1 << 5 };
enum { RCR_SEP = 1 << 0, RCR_AR = 1 << 1, RCR_AB = 1 << 2, RCR_AM = 1 << 3, RCR_PRO = 1 << 4, RCR_MON = 1 << 5 };
enum { RSR_PRX = 1 << 0, RSR_PHY = 1 << 5 };
enum { TSR_PTX = 1 << 0, TCR_LB = 3 << 1, DCR_WTS = 1 << 0 };

#define PAGE         256
#define LONGEST      1514
#define TX_MOST      1600

static void
guest_error (const Dp8390Board *board, const char *what)
{
  if (board->device->machine != NULL)
    astern_events_log (&board->device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", board->device->name, what);
}

void
dp8390_update (Dp8390Board *board)
{
  const Dp8390 *chip = board->chip;

  board->set_irq (board->device, (chip->isr & chip->imr & 0x7f) != 0);
}

static void
signal_causes (Dp8390Board *board, guint8 causes)
{
  board->chip->isr |= causes;
  dp8390_update (board);
}

/* ---- the board's memory: the PROM below, RAM above ---- */

static guint8
memory_read (const Dp8390 *chip, guint16 at)
{
  if (at < sizeof chip->prom)
    return chip->prom[at];
  return at >= NE2K_MEMORY_START && at < NE2K_MEMORY_END ? chip->memory[at - NE2K_MEMORY_START] : 0xff;
}

static void
memory_write (Dp8390 *chip, guint16 at, guint8 value)
{
  if (at >= NE2K_MEMORY_START && at < NE2K_MEMORY_END)
    chip->memory[at - NE2K_MEMORY_START] = value;
}

/* The remote DMA goes round the receive ring, too. */
static guint16
next_address (const Dp8390 *chip, guint16 at)
{
  at++;
  return at == (guint16) (chip->pstop * PAGE) ? (guint16) (chip->pstart * PAGE) : at;
}

static void
count_down (Dp8390Board *board, guint n)
{
  Dp8390 *chip = board->chip;

  if (chip->rbcr > n)
    {
      chip->rbcr = (guint16) (chip->rbcr - n);
      return;
    }
  chip->rbcr = 0;
  signal_causes (board, DP_ISR_RDC);
}

static guint64
data_peek (const Dp8390 *chip, guint size)
{
  guint16 at = chip->rsar;
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    {
      value |= (guint64) memory_read (chip, at) << (8 * i);
      at = next_address (chip, at);
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
  for (guint i = 0; i < size; i++)
    board->chip->rsar = next_address (board->chip, board->chip->rsar);
  count_down (board, size);
}

static void
data_write (Dp8390Board *board, guint size, guint64 value)
{
  Dp8390 *chip = board->chip;
  guint16 at = chip->rsar;

  size = transfer_size (chip, size);
  if (chip->rbcr == 0)
    return;
  for (guint i = 0; i < size; i++)
    {
      memory_write (chip, at, (guint8) (value >> (8 * i)));
      at = next_address (chip, at);
    }
  advance (board, size);
}

/* ---- frames ---- */

static gboolean
accept_address (const Dp8390 *chip, const guint8 *address, guint8 *status)
{
  guint hash;

  *status = RSR_PRX;
  if (nic_is_broadcast (address))
    {
      *status |= RSR_PHY;
      return (chip->rcr & RCR_AB) != 0;
    }
  if (address[0] & 1)
    {
      hash = nic_hash_high (address);
      *status |= RSR_PHY;
      return (chip->rcr & RCR_AM) && (chip->mar[hash / 8] >> (hash % 8) & 1);
    }
  return (chip->rcr & RCR_PRO) || memcmp (address, chip->par, 6) == 0;
}

/* Pages that may be written. */
static guint
free_pages (const Dp8390 *chip)
{
  guint ring = chip->pstop > chip->pstart ? (guint) chip->pstop - chip->pstart : 0, boundary = chip->bnry;

  if (ring == 0 || chip->curr < chip->pstart || chip->curr >= chip->pstop)
    return 0;
  /* Drivers take one from the page that is next, and do not mind the ring's start. */
  if (boundary < chip->pstart || boundary >= chip->pstop)
    boundary = chip->pstop - 1u;
  return boundary > chip->curr ? boundary - chip->curr : ring - (chip->curr - boundary);
}

guint
dp8390_room (const Dp8390Board *board)
{
  const Dp8390 *chip = board->chip;

  if ((chip->cr & DP_CR_STP) || !chip->link_up)
    return 0;
  return free_pages (chip) / 7;
}

static void
receive (Dp8390Board *board, const guint8 *frame, gsize size)
{
  Dp8390 *chip = board->chip;
  gsize padded = MAX (size, (gsize) NET_MIN_FRAME), whole = padded + 4 + NIC_CRC_BYTES;
  guint pages = (guint) ((whole + PAGE - 1) / PAGE);
  guint16 at = (guint16) (chip->curr * PAGE);
  guint next = chip->curr + pages;
  guint8 status;

  if (size < NET_ETHER_HEADER || size > LONGEST || !accept_address (chip, frame, &status) || (chip->rcr & RCR_MON))
    return;
  if (free_pages (chip) <= pages)
    {
      signal_causes (board, DP_ISR_OVW);
      return;
    }
  if (next >= chip->pstop)
    next -= chip->pstop - chip->pstart;
  chip->rsr = status;
  for (gsize i = 0; i < whole; i++)
    {
      const guint8 header[4] = { status, (guint8) next, (guint8) whole, (guint8) (whole >> 8) };

      memory_write (chip, at, i < 4 ? header[i] : i - 4 < size ? frame[i - 4] : 0);
      at = next_address (chip, at);
    }
  chip->curr = (guint8) next;
  signal_causes (board, DP_ISR_PRX);
}

void
dp8390_input (Dp8390Board *board, const guint8 *data, gsize size)
{
  Dp8390 *chip = board->chip;

  if (size == NIC_LINK_PACKET_BYTES)
    {
      chip->link_up = *data != 0;
      board->unplugged = !chip->link_up;
    }
  else if (chip->link_up && !(chip->cr & DP_CR_STP) && !(chip->tcr & TCR_LB))
    receive (board, data, size);
}

static void
transmit (Dp8390Board *board)
{
  Dp8390 *chip = board->chip;
  guint8 frame[TX_MOST];
  guint size = chip->tbcr;
  guint start = chip->tpsr * PAGE;

  if (size < NET_ETHER_HEADER || size > TX_MOST)
    guest_error (board, "a packet that is too short or too long");
  else
    {
      for (guint i = 0; i < size; i++)
        frame[i] = memory_read (chip, (guint16) (start + i));
      if (chip->tcr & TCR_LB)
        receive (board, frame, size);
      else if (chip->link_up)
        astern_link_send (board->link, frame, size);
    }
  chip->tsr = TSR_PTX;
  chip->cr &= (guint8) ~DP_CR_TXP;
  signal_causes (board, DP_ISR_PTX);
}

/* ---- registers ---- */

static void
command (Dp8390Board *board, guint8 value)
{
  Dp8390 *chip = board->chip;

  chip->cr = value;
  if (value & DP_CR_STP)
    {
      chip->isr |= DP_ISR_RST;
      return;
    }
  chip->isr &= (guint8) ~DP_ISR_RST;
  if ((value & (RD_READ | RD_WRITE)) && !(value & RD_ABORT) && chip->rbcr == 0)
    signal_causes (board, DP_ISR_RDC);
  if (value & DP_CR_TXP)
    transmit (board);
  if (dp8390_room (board) > 0)
    astern_link_has_room (board->link);
}

static guint8
page0_value (const Dp8390Board *board, guint offset)
{
  const Dp8390 *chip = board->chip;

  switch (offset)
    {
    case 0x1: return (guint8) chip->rsar;
    case 0x2: return (guint8) (chip->rsar >> 8);
    case 0x3: return chip->bnry;
    case 0x4: return chip->tsr;
    case 0x7: return chip->isr;
    case 0x8: return (guint8) chip->rsar;
    case 0x9: return (guint8) (chip->rsar >> 8);
    case 0xa: return board->is_8029 ? 0x50 : 0;       /* “P” */
    case 0xb: return board->is_8029 ? 0x43 : 0;       /* “C” */
    case 0xc: return chip->rsr;
    case 0xd: case 0xe: case 0xf: return chip->tally[offset - 0xd];
    default: return 0;
    }
}

static guint8
page2_value (const Dp8390 *chip, guint offset)
{
  switch (offset)
    {
    case 0x1: return chip->pstart;
    case 0x2: return chip->pstop;
    case 0x4: return chip->tpsr;
    case 0xc: return chip->rcr;
    case 0xd: return chip->tcr;
    case 0xe: return chip->dcr;
    case 0xf: return chip->imr;
    default: return 0;
    }
}

static guint8
register_value (const Dp8390Board *board, guint offset)
{
  const Dp8390 *chip = board->chip;

  if (offset == 0)
    return chip->cr;
  switch (chip->cr >> 6)
    {
    case 0: return page0_value (board, offset);
    case 1: return offset < 7 ? chip->par[offset - 1] : offset == 7 ? chip->curr : chip->mar[offset - 8];
    case 2: return page2_value (chip, offset);
    default: return board->is_8029 && offset == 6 ? 0x40 : 0;    /* CONFIG3: full duplex */
    }
}

static void
put_low (guint16 *word, guint8 value)
{
  *word = (guint16) ((*word & 0xff00) | value);
}

static void
put_high (guint16 *word, guint8 value)
{
  *word = (guint16) ((*word & 0x00ff) | value << 8);
}

static void
page0_write (Dp8390Board *board, guint offset, guint8 value)
{
  Dp8390 *chip = board->chip;

  switch (offset)
    {
    case 0x1: chip->pstart = value; break;
    case 0x2: chip->pstop = value; break;
    case 0x3:
      chip->bnry = value;
      if (dp8390_room (board) > 0)
        astern_link_has_room (board->link);
      break;
    case 0x4: chip->tpsr = value; break;
    case 0x5: put_low (&chip->tbcr, value); break;
    case 0x6: put_high (&chip->tbcr, value); break;
    case 0x7:
      chip->isr &= (guint8) ~(value & 0x7f);
      dp8390_update (board);
      break;
    case 0x8: put_low (&chip->rsar, value); break;
    case 0x9: put_high (&chip->rsar, value); break;
    case 0xa: put_low (&chip->rbcr, value); break;
    case 0xb: put_high (&chip->rbcr, value); break;
    case 0xc: chip->rcr = value; break;
    case 0xd: chip->tcr = value; break;
    case 0xe: chip->dcr = value; break;
    case 0xf:
      chip->imr = value;
      dp8390_update (board);
      break;
    }
}

static void
register_write (Dp8390Board *board, guint offset, guint8 value)
{
  Dp8390 *chip = board->chip;

  if (offset == 0)
    command (board, value);
  else if (chip->cr >> 6 == 0)
    page0_write (board, offset, value);
  else if (chip->cr >> 6 == 1 && offset < 7)
    chip->par[offset - 1] = value;
  else if (chip->cr >> 6 == 1 && offset == 7)
    chip->curr = value;
  else if (chip->cr >> 6 == 1)
    chip->mar[offset - 8] = value;
}

/* Registers are bytes, the data port is as wide as the access. */
guint64
dp8390_peek (const Dp8390Board *board, guint64 offset, guint size)
{
  guint64 value = 0;

  if (offset >= DATA_PORT && offset < RESET_PORT)
    return data_peek (board->chip, size);
  for (guint i = 0; i < size && offset + i < DATA_PORT; i++)
    value |= (guint64) register_value (board, (guint) offset + i) << (8 * i);
  return value;
}

guint64
dp8390_read (Dp8390Board *board, guint64 offset, guint size)
{
  guint64 value = dp8390_peek (board, offset, size);

  if (offset >= RESET_PORT)
    {
      dp8390_reset (board);
      board->chip->isr |= DP_ISR_RST;
    }
  else if (offset >= DATA_PORT)
    {
      if (board->chip->rbcr > 0)
        advance (board, transfer_size (board->chip, size));
    }
  else if (board->chip->cr >> 6 == 0 && offset >= 0xd)
    board->chip->tally[offset - 0xd] = 0;
  return value;
}

void
dp8390_write (Dp8390Board *board, guint64 offset, guint size, guint64 value)
{
  if (offset >= RESET_PORT)
    return;
  if (offset >= DATA_PORT)
    data_write (board, size, value);
  else
    for (guint i = 0; i < size && offset + i < DATA_PORT; i++)
      register_write (board, (guint) offset + i, (guint8) (value >> (8 * i)));
}

/* ---- reset ---- */

void
dp8390_reset (Dp8390Board *board)
{
  Dp8390 *chip = board->chip;

  /* Each byte of the address twice, as 16-bit boards have it, and their mark. */
  memset (chip->prom, 0, sizeof chip->prom);
  for (guint i = 0; i < 6; i++)
    chip->prom[2 * i] = chip->prom[2 * i + 1] = board->mac[i];
  chip->prom[28] = chip->prom[29] = chip->prom[30] = chip->prom[31] = 0x57;
  chip->cr = DP_CR_STP | RD_ABORT;
  chip->isr = DP_ISR_RST;
  chip->imr = 0;
  chip->link_up = !board->unplugged;
  dp8390_update (board);
}
