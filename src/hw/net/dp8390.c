/* dp8390.c - National Semiconductor DP8390D, with an NE2000's memory of 32 KiB and its address PROM.
 * Source: National Semiconductor DP8390D/NS32490D data sheet, July 1995.
 * Left out: collisions and other errors of the medium, the FIFO, send-packet and other chips' commands, the 8029's EEPROM. */
#include "config.h"

#include "hw/net/dp8390-private.h"

#include "core/machine.h"

#include <string.h>

enum { RCR_SEP = 1 << 0, RCR_AR = 1 << 1, RCR_AB = 1 << 2, RCR_AM = 1 << 3, RCR_PRO = 1 << 4, RCR_MON = 1 << 5 };
enum { RSR_PRX = 1 << 0, RSR_PHY = 1 << 5 };
enum { TSR_PTX = 1 << 0, TCR_LB = 3 << 1 };

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

void
dp8390_signal (Dp8390Board *board, guint8 causes)
{
  board->chip->isr |= causes;
  dp8390_update (board);
}

/* ---- the board's memory: the PROM below, RAM above ---- */

guint8
dp8390_memory_read (const Dp8390 *chip, guint16 at)
{
  if (at < sizeof chip->prom)
    return chip->prom[at];
  return at >= NE2K_MEMORY_START && at < NE2K_MEMORY_END ? chip->memory[at - NE2K_MEMORY_START] : 0xff;
}

void
dp8390_memory_write (Dp8390 *chip, guint16 at, guint8 value)
{
  if (at >= NE2K_MEMORY_START && at < NE2K_MEMORY_END)
    chip->memory[at - NE2K_MEMORY_START] = value;
}

/* The remote DMA goes round the receive ring, too. */
guint16
dp8390_next_address (const Dp8390 *chip, guint16 at)
{
  at++;
  return at == (guint16) (chip->pstop * PAGE) ? (guint16) (chip->pstart * PAGE) : at;
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

static guint
ring_pages (const Dp8390 *chip)
{
  return chip->pstop > chip->pstart ? (guint) chip->pstop - chip->pstart : 0;
}

/* Pages that may be written. */
static guint
free_pages (const Dp8390 *chip)
{
  guint ring = ring_pages (chip), boundary = chip->bnry;

  if (ring == 0 || chip->curr < chip->pstart || chip->curr >= chip->pstop)
    return 0;
  /* Drivers take one from the page that is next, and do not mind the ring's start. */
  if (boundary < chip->pstart || boundary >= chip->pstop)
    boundary = chip->pstop - 1u;
  return boundary > chip->curr ? boundary - chip->curr : ring - (chip->curr - boundary);
}

/* Linux' driver takes nine frames at most at an interrupt, and clears PRX then even if there are more: so no more come while it
 * is at them.  Where it has left a full ring, one more makes an overflow, of which it hears. */
guint
dp8390_room (const Dp8390Board *board)
{
  const Dp8390 *chip = board->chip;
  guint pages = free_pages (chip);

  if ((chip->cr & DP_CR_STP) || !chip->link_up)
    return 0;
  if (chip->isr & DP_ISR_PRX)
    return pages + 1 < ring_pages (chip) ? 0 : pages / 7;
  return MAX (pages / 7, 1);
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
      dp8390_signal (board, DP_ISR_OVW);
      return;
    }
  if (next >= chip->pstop)
    next -= chip->pstop - chip->pstart;
  chip->rsr = status;
  for (gsize i = 0; i < whole; i++)
    {
      const guint8 header[4] = { status, (guint8) next, (guint8) whole, (guint8) (whole >> 8) };

      dp8390_memory_write (chip, at, i < 4 ? header[i] : i - 4 < size ? frame[i - 4] : 0);
      at = dp8390_next_address (chip, at);
    }
  chip->curr = (guint8) next;
  dp8390_signal (board, DP_ISR_PRX);
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

void
dp8390_transmit (Dp8390Board *board)
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
        frame[i] = dp8390_memory_read (chip, (guint16) (start + i));
      if (chip->tcr & TCR_LB)
        receive (board, frame, size);
      else if (chip->link_up)
        astern_link_send (board->link, frame, size);
    }
  chip->tsr = TSR_PTX;
  chip->cr &= (guint8) ~DP_CR_TXP;
  dp8390_signal (board, DP_ISR_PTX);
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
  chip->cr = DP_CR_STP | DP_CR_ABORT;
  chip->isr = DP_ISR_RST;
  chip->imr = 0;
  chip->link_up = !board->unplugged;
  dp8390_update (board);
}
