/* lsi53c895a-target.c - the other end of the SCSI cable: a target's phases, from selection to bus free.
 * Source: SPI-3 (T10/1302-D), sections 10 and 16; SCSI-2 (X3.131-1994), sections 6 and 7.
 * Left out: disconnection (a target keeps the bus while it works, so that there is one command at a time and nobody is
 * reselected), synchronous and wide negotiation (refused: bytes move at once anyway), parity. */
#include "config.h"

#include "hw/storage/lsi53c895a-private.h"

#include <string.h>

#define SELECTION_TIMEOUT_NS 1000000      /* real ones are longer; nobody is there in either case */
#define PIECE_BYTES          4096

enum
{
  MESSAGE_COMPLETE = 0x00, MESSAGE_EXTENDED = 0x01, MESSAGE_INITIATOR_ERROR = 0x05, MESSAGE_ABORT = 0x06,
  MESSAGE_REJECT = 0x07, MESSAGE_NOP = 0x08, MESSAGE_PARITY = 0x09, MESSAGE_RESET = 0x0c, MESSAGE_ABORT_TAG = 0x0d,
  MESSAGE_CLEAR_QUEUE = 0x0e, MESSAGE_SIMPLE_TAG = 0x20, MESSAGE_ORDERED_TAG = 0x22, MESSAGE_IDENTIFY = 0x80,
};

static void
enter (Lsi *lsi, guint8 phase)
{
  lsi->s.phase = phase;
  lsi->s.req = 1;
  lsi_script_wake (lsi);
}

static void
wait (Lsi *lsi, guint8 does, guint64 ns)
{
  lsi->s.req = 0;
  lsi->s.target_does = does;
  astern_timer_set (&lsi->target_timer, astern_clock_now_ns (lsi->parent.parent.clock) + ns);
}

/* Nobody drives the bus any more. */
static void
leave (Lsi *lsi)
{
  LsiState *s = &lsi->s;

  s->link = LINK_FREE;
  s->req = s->ack = s->attention = s->without_attention = s->free_next = 0;
  s->target_does = TARGET_NOTHING;
  s->request.active = FALSE;
  astern_timer_cancel (&lsi->target_timer);
}

static void
disconnect (Lsi *lsi)
{
  gboolean unexpected = (lsi->s.r[LSI_SCNTL2] & SCNTL2_SDU) != 0;

  leave (lsi);
  if (unexpected)
    lsi_scsi_interrupt (lsi, SIST0_UDC, 0);
  else
    lsi_script_wake (lsi);
}

/* -- From selection to command */

void
lsi_target_select (Lsi *lsi, guint id, gboolean with_attention)
{
  LsiState *s = &lsi->s;

  leave (lsi);
  s->target = (guint8) id;
  s->lun = 0;
  s->attention = with_attention != FALSE;
  s->next_phase = PHASE_COMMAND;
  if (!scsi_bus_has_target (&lsi->bus, id))
    {
      s->link = LINK_SELECTING;
      wait (lsi, TARGET_TIMES_OUT, SELECTION_TIMEOUT_NS);
      return;
    }
  s->link = LINK_CONNECTED;
  s->r[LSI_SCNTL2] |= SCNTL2_SDU;
  s->without_attention = !with_attention;
  enter (lsi, with_attention ? PHASE_MESSAGE_OUT : PHASE_COMMAND);
}

void
lsi_target_set_attention (Lsi *lsi)
{
  lsi->s.attention = 1;
}

void
lsi_target_reset (Lsi *lsi)
{
  leave (lsi);
  scsi_bus_reset (&lsi->bus);
}

void
lsi_target_make_sane (Lsi *lsi)
{
  LsiState *s = &lsi->s;

  if (s->link > LINK_CONNECTED || s->target_does > TARGET_FINISHES || s->phase > PHASE_MESSAGE_IN || s->next_phase > PHASE_MESSAGE_IN
      || s->script > SCRIPT_IDLE)
    {
      leave (lsi);
      s->phase = s->next_phase = 0;
      s->script = SCRIPT_STOPPED;
    }
}

static void
say (Lsi *lsi, guint8 message, gboolean then_free)
{
  lsi->s.message = message;
  lsi->s.free_next = then_free != FALSE;
  enter (lsi, PHASE_MESSAGE_IN);
}

void
lsi_target_acknowledge (Lsi *lsi)
{
  LsiState *s = &lsi->s;

  if (!s->ack)
    return;
  s->ack = 0;
  if (s->free_next)
    disconnect (lsi);
  else
    enter (lsi, s->attention ? PHASE_MESSAGE_OUT : s->next_phase);
}

/* -- Messages to the target */

/* What is done when all of them were heard. */
typedef struct
{
  gboolean free, reject;
} Heard;

static void
reset_target (Lsi *lsi)
{
  for (guint i = 0; i < lsi->bus.n_units; i++)
    if (lsi->bus.units[i]->target == lsi->s.target)
      scsi_unit_reset (lsi->bus.units[i]);
}

/* Returns the message's length. */
static gsize
hear (Lsi *lsi, const guint8 *message, gsize size, Heard *heard)
{
  switch (message[0])
    {
    case MESSAGE_NOP: case MESSAGE_INITIATOR_ERROR: case MESSAGE_PARITY: case MESSAGE_REJECT:
      return 1;
    case MESSAGE_RESET:
      reset_target (lsi);
      heard->free = TRUE;
      return 1;
    case MESSAGE_ABORT: case MESSAGE_ABORT_TAG: case MESSAGE_CLEAR_QUEUE:
      heard->free = TRUE;
      return 1;
    case MESSAGE_EXTENDED:
      heard->reject = TRUE;
      return size >= 2 ? 2 + (gsize) message[1] : size;
    default:
      if (message[0] & MESSAGE_IDENTIFY)
        lsi->s.lun = message[0] & 7;
      else if (message[0] >= MESSAGE_SIMPLE_TAG && message[0] <= MESSAGE_ORDERED_TAG)
        return 2;
      else
        heard->reject = TRUE;
      return 1;
    }
}

static guint32
take_messages (Lsi *lsi, guint64 address, guint32 size)
{
  guint8 messages[256];
  guint32 n = MIN (size, sizeof messages);
  Heard heard = { FALSE, FALSE };

  lsi_read_memory (lsi, address, messages, n);
  for (gsize at = 0; at < n && !heard.free; )
    at += hear (lsi, messages + at, n - at, &heard);
  lsi->s.attention = 0;                    /* the adapter lets go of ATN before the last byte */
  lsi->s.without_attention = 0;
  if (heard.free)
    disconnect (lsi);
  else if (heard.reject)
    say (lsi, MESSAGE_REJECT, FALSE);
  else
    enter (lsi, lsi->s.next_phase);
  return n;
}

/* -- Command, data, status */

static void
finish (Lsi *lsi)
{
  scsi_request_finish (&lsi->s.request, &lsi->bus);
  lsi->s.next_phase = PHASE_STATUS;
  enter (lsi, PHASE_STATUS);
}

static guint32
take_command (Lsi *lsi, guint64 address, guint32 size)
{
  LsiState *s = &lsi->s;
  guint8 cdb[SCSI_CDB_BYTES] = { 0 };
  guint32 n = MIN (size, sizeof cdb);

  lsi_read_memory (lsi, address, cdb, n);
  s->without_attention = 0;
  scsi_request_begin (&s->request, &lsi->bus, s->target, s->lun, cdb, n);
  switch (s->request.direction)
    {
    case SCSI_DATA_OUT:
      s->next_phase = PHASE_DATA_OUT;
      enter (lsi, PHASE_DATA_OUT);
      break;
    case SCSI_DATA_IN:
      wait (lsi, TARGET_HAS_DATA, s->request.latency_ns);
      break;
    default:
      wait (lsi, TARGET_FINISHES, s->request.latency_ns);
      break;
    }
  return n;
}

static guint32
move_data (Lsi *lsi, guint64 address, guint32 size)
{
  ScsiRequest *r = &lsi->s.request;
  guint8 piece[PIECE_BYTES];
  guint32 moved = 0;
  guint64 left = r->length - MIN (r->done, r->length);

  size = (guint32) MIN (size, left);
  while (moved < size)
    {
      guint32 n = MIN (size - moved, PIECE_BYTES);

      if (lsi->s.phase == PHASE_DATA_IN)
        {
          scsi_request_read (r, &lsi->bus, piece, n);
          lsi_write_memory (lsi, address + moved, piece, n);
          if (moved == 0)
            lsi->s.r[LSI_SFBR] = piece[0];
        }
      else
        {
          lsi_read_memory (lsi, address + moved, piece, n);
          scsi_request_write (r, &lsi->bus, piece, n);
        }
      moved += n;
    }
  if (r->done < r->length)
    return moved;
  if (lsi->s.phase == PHASE_DATA_IN)
    finish (lsi);
  else
    wait (lsi, TARGET_FINISHES, r->latency_ns);
  return moved;
}

/* STATUS and MESSAGE IN are one byte. */
static void
give_byte (Lsi *lsi, guint64 address, guint8 byte)
{
  lsi_write_memory (lsi, address, &byte, 1);
  lsi->s.r[LSI_SFBR] = lsi->s.r[LSI_SIDL] = byte;
}

guint32
lsi_target_move (Lsi *lsi, guint64 address, guint32 size)
{
  LsiState *s = &lsi->s;

  switch (s->phase)
    {
    case PHASE_DATA_OUT: case PHASE_DATA_IN:
      return move_data (lsi, address, size);
    case PHASE_COMMAND:
      return take_command (lsi, address, size);
    case PHASE_STATUS:
      give_byte (lsi, address, s->request.status);
      say (lsi, MESSAGE_COMPLETE, TRUE);
      return 1;
    case PHASE_MESSAGE_OUT:
      return take_messages (lsi, address, size);
    case PHASE_MESSAGE_IN:
      give_byte (lsi, address, s->message);
      s->ack = 1;
      s->req = 0;
      return 1;
    default:
      return size;
    }
}

void
lsi_target_expired (gpointer owner)
{
  Lsi *lsi = owner;
  guint8 does = lsi->s.target_does;

  lsi->s.target_does = TARGET_NOTHING;
  switch (does)
    {
    case TARGET_TIMES_OUT:
      leave (lsi);
      lsi_scsi_interrupt (lsi, 0, SIST1_STO);
      break;
    case TARGET_HAS_DATA:
      lsi->s.next_phase = PHASE_DATA_IN;
      enter (lsi, PHASE_DATA_IN);
      break;
    case TARGET_FINISHES:
      finish (lsi);
      break;
    default:
      break;
    }
}
