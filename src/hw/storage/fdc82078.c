/* fdc82078.c - Intel 82078 floppy disk controller.
 * Source: Intel 82078 data sheet 290474, sections 2 (registers), 5 (commands) and 6 (status).
 * Left out: SCAN commands, sectors other than of 512 bytes, single density, gaps and CRCs, tape drives,
 * power management; deleted data marks, which images do not have: they read as not there.
 *
 * The drive is much quicker than any that there was: a sector is there in SECTOR_NS, a step in STEP_NS. */
#include "config.h"

#include "hw/storage/fdc82078.h"

#include "core/machine.h"
#include "hw/i8237.h"
#include "hw/storage/floppy.h"

#include <glib/gi18n.h>
#include <string.h>

#define SECTOR       FLOPPY_SECTOR_BYTES
#define SECTOR_NS    20000
#define STEP_NS      20000
#define RESET_NS     20000
#define BYTE_NS      2000
#define BASE         0x3f0              /* ports */
#define N_DRIVES     4                  /* that commands can name */
#define FIFO_BYTES   24
#define EXECUTION_RESULT 7
#define NEVER        ASTERN_CLOCK_NEVER

enum { DOR_DRIVE = 0x03, DOR_NRESET = 0x04, DOR_DMA = 0x08 };
enum { MSR_BUSY = 0x10, MSR_NON_DMA = 0x20, MSR_DIO = 0x40, MSR_RQM = 0x80 };
enum { DSR_RESET = 0x80 };
enum { ST0_NOT_READY = 0x08, ST0_EQUIPMENT = 0x10, ST0_SEEK_END = 0x20, ST0_ABNORMAL = 0x40, ST0_INVALID = 0x80, ST0_POLL = 0xc0 };
enum { ST1_NO_MARK = 0x01, ST1_READONLY = 0x02, ST1_NO_DATA = 0x04, ST1_DATA_ERROR = 0x20, ST1_END = 0x80 };
enum { ST2_WRONG_CYLINDER = 0x10 };
enum { ST3_TWO_SIDES = 0x08, ST3_TRACK_0 = 0x10, ST3_READY = 0x20, ST3_READONLY = 0x40 };
enum { CONFIGURE_SEEKS = 0x40, CONFIGURE_RESET = 0x20 };

enum { PHASE_RESET, PHASE_COMMAND, PHASE_EXECUTION, PHASE_NON_DMA_IN, PHASE_NON_DMA_OUT, PHASE_RESULT, N_PHASES };

/* What execution does at its next step. */
enum { STEP_READ, STEP_WRITE, STEP_VERIFY, STEP_FORMAT, STEP_READ_ID, N_STEPS };

typedef struct
{
  guint64 step_ns;                      /* deadline: of the execution phase */
  guint64 reset_ns;                     /* deadline: reset is over */
  guint64 seek_ns[N_DRIVES];            /* deadline: the arm is there */
  guint16 at;                           /* in the buffer, non-DMA */
  guint16 verify_left;                  /* sectors, VERIFY */
  guint8  dor, dsr, tdr, srb;
  guint8  phase, step;
  guint8  interrupt;                    /* the INT pin */
  guint8  fifo_at, fifo_end;            /* command: bytes so far, and to come; result: likewise */
  guint8  seek_busy;                    /* a bit a drive, until SENSE INTERRUPT STATUS tells */
  guint8  seek_done;                    /* a bit a drive: an interrupt to be told of */
  guint8  seek_st0[N_DRIVES];           /* what of it */
  guint8  seek_to[N_DRIVES];            /* cylinder */
  guint8  pcn[N_DRIVES];                /* present cylinder, as the chip counts */
  guint8  specify[2], configure, pretrk, perpendicular, locked;
  guint8  drive, multi_track;           /* of the execution phase */
  guint8  cylinder, head, sector, size, eot;
  guint8  format_left, format_fill;     /* FORMAT: sectors to come */
  guint8  waits;                        /* for the DMA controller */
  guint8  fifo[FIFO_BYTES];
  guint8  side;                         /* that was last under the head */
  guint8  reserved[4];
  guint8  buffer[SECTOR];
} FdcState;

typedef struct _Fdc Fdc;

typedef struct
{
  Fdc  *fdc;
  guint drive;
} SeekRef;

struct _Fdc
{
  AsternDevice  parent;
  FdcState      s;
  AsternIrq     irq;
  AsternDevice *dma;                    /* (nullable) */
  guint         channel;
  AsternDevice *drives[FDC82078_DRIVES];        /* (nullable) */
  AsternTimer   step_timer, reset_timer, seek_timer[N_DRIVES];
  SeekRef       refs[N_DRIVES];
};

static AsternDevice *
drive_of (const Fdc *self, guint n)
{
  return n < FDC82078_DRIVES ? self->drives[n] : NULL;
}

static void
after (Fdc *self, AsternTimer *timer, guint64 ns)
{
  astern_timer_set (timer, astern_clock_now_ns (self->parent.clock) + ns);
}

/* -- Interrupts and DMA requests */

static void
drive_irq (Fdc *self)
{
  astern_irq_set (&self->irq, self->s.interrupt && (self->s.dor & DOR_DMA));
}

static void
set_interrupt (Fdc *self, gboolean level)
{
  self->s.interrupt = (guint8) level;
  drive_irq (self);
}

static gboolean
by_dma (const Fdc *self)
{
  return !(self->s.specify[1] & 1) && self->dma != NULL;
}

static void
request_dma (Fdc *self, gboolean level)
{
  self->s.waits = (guint8) level;
  if (self->dma != NULL)
    i8237_request (self->dma, self->channel, level && (self->s.dor & DOR_DMA));
}

/* -- Results */

static void
give_result (Fdc *self, const guint8 *bytes, guint n)
{
  FdcState *s = &self->s;

  memcpy (s->fifo, bytes, n);
  s->fifo_at = 0;
  s->fifo_end = (guint8) n;
  s->phase = PHASE_RESULT;
}

static void
wait_for_command (FdcState *s)
{
  s->phase = PHASE_COMMAND;
  s->fifo_at = 0;
  s->fifo_end = 0;
}

static void
refuse (Fdc *self)
{
  const guint8 st0 = ST0_INVALID;

  if (self->parent.machine != NULL)
    astern_events_log (&self->parent.machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: no command 0x%02x", self->parent.name,
                       self->s.fifo[0]);
  give_result (self, &st0, 1);
}

/* A command of reading or writing is over. */
static void
end_execution (Fdc *self, guint st0, guint st1, guint st2)
{
  FdcState *s = &self->s;
  const guint8 result[] = {
    (guint8) (st0 | (s->side & 1) << 2 | s->drive), (guint8) st1, (guint8) st2, s->cylinder, s->head, s->sector, s->size,
  };

  astern_timer_cancel (&self->step_timer);
  request_dma (self, FALSE);
  give_result (self, result, sizeof result);
  set_interrupt (self, TRUE);
}

/* -- Execution: a step for each sector */

/* The next sector of the cylinder.  FALSE: there is none; the result names the first one behind. */
static gboolean
next_sector (FdcState *s)
{
  if (s->sector != s->eot)
    {
      s->sector++;
      return TRUE;
    }
  s->sector = 1;
  if (s->multi_track && s->head == 0)
    {
      s->head = 1;
      return TRUE;
    }
  if (s->multi_track)
    s->head = 0;
  s->cylinder++;
  return FALSE;
}

/* Whether the medium turns under the head at the rate that is set, and the sector is there. */
static gboolean
find_sector (Fdc *self)
{
  FdcState *s = &self->s;
  AsternDevice *floppy = drive_of (self, s->drive);
  const FloppyFormat *format = floppy != NULL ? floppy_format (floppy) : NULL;
  guint rate = s->dsr & 3;

  s->side = s->head;
  if (format == NULL || (rate != format->rate && !(format->rate == 1 && rate == 2)))
    end_execution (self, ST0_ABNORMAL, ST1_NO_MARK, 0);
  else if (s->head >= format->heads || floppy_cylinder (floppy) >= format->cylinders)
    end_execution (self, ST0_ABNORMAL, ST1_NO_MARK, 0);
  else if (s->step == STEP_READ_ID || s->step == STEP_FORMAT)
    return TRUE;
  else if (s->cylinder != floppy_cylinder (floppy))
    end_execution (self, ST0_ABNORMAL, ST1_NO_DATA, ST2_WRONG_CYLINDER);
  else if (s->sector == 0 || s->sector > format->sectors || s->size != 2)
    end_execution (self, ST0_ABNORMAL, ST1_NO_DATA, 0);
  else
    return TRUE;
  return FALSE;
}

/* The sector was dealt with: terminal count ends the command well, the last sector without it not. */
static void
sector_done (Fdc *self, gboolean terminal)
{
  FdcState *s = &self->s;
  gboolean more = next_sector (s);

  if (terminal)
    end_execution (self, 0, 0, 0);
  else if (!more)
    end_execution (self, ST0_ABNORMAL, ST1_END, 0);
  else
    {
      s->phase = PHASE_EXECUTION;
      after (self, &self->step_timer, SECTOR_NS);
    }
}

/* The host takes or gives the buffer byte by byte. */
static void
begin_non_dma (Fdc *self, guint phase)
{
  self->s.phase = (guint8) phase;
  self->s.at = 0;
  set_interrupt (self, TRUE);
}

static void
step_read (Fdc *self)
{
  FdcState *s = &self->s;
  gboolean terminal;

  if (!find_sector (self))
    return;
  if (!floppy_read (drive_of (self, s->drive), s->head, s->sector, s->buffer))
    {
      end_execution (self, ST0_ABNORMAL, ST1_DATA_ERROR, 0);
      return;
    }
  if (!by_dma (self))
    {
      begin_non_dma (self, PHASE_NON_DMA_IN);
      return;
    }
  request_dma (self, TRUE);
  if (i8237_to_memory (self->dma, self->channel, s->buffer, SECTOR, &terminal) == 0)
    return;                             /* until the channel is opened */
  request_dma (self, FALSE);
  sector_done (self, terminal);
}

/* The buffer is what is to be written. */
static void
write_buffer (Fdc *self, gboolean terminal)
{
  FdcState *s = &self->s;

  if (!floppy_write (drive_of (self, s->drive), s->head, s->sector, s->buffer))
    end_execution (self, ST0_ABNORMAL, ST1_DATA_ERROR, 0);
  else
    sector_done (self, terminal);
}

static void
step_write (Fdc *self)
{
  FdcState *s = &self->s;
  gboolean terminal;
  guint n;

  if (!find_sector (self))
    return;
  if (floppy_readonly (drive_of (self, s->drive)))
    {
      end_execution (self, ST0_ABNORMAL, ST1_READONLY, 0);
      return;
    }
  if (!by_dma (self))
    {
      begin_non_dma (self, PHASE_NON_DMA_OUT);
      return;
    }
  request_dma (self, TRUE);
  memset (s->buffer, 0, SECTOR);        /* what does not come before terminal count is written as zeros */
  n = i8237_from_memory (self->dma, self->channel, s->buffer, SECTOR, &terminal);
  if (n == 0)
    return;
  request_dma (self, FALSE);
  write_buffer (self, terminal);
}

static void
step_verify (Fdc *self)
{
  FdcState *s = &self->s;

  if (!find_sector (self))
    return;
  if (s->verify_left > 0)
    s->verify_left--;
  sector_done (self, s->verify_left == 0);
}

/* Each sector's address comes from the host; all that is written is the filler. */
static void
step_format (Fdc *self)
{
  FdcState *s = &self->s;
  AsternDevice *floppy = drive_of (self, s->drive);
  guint8 id[4];
  gboolean terminal;

  if (!find_sector (self))
    return;
  if (floppy_readonly (floppy))
    {
      end_execution (self, ST0_ABNORMAL, ST1_READONLY, 0);
      return;
    }
  if (!by_dma (self))
    {
      begin_non_dma (self, PHASE_NON_DMA_OUT);
      return;
    }
  request_dma (self, TRUE);
  if (i8237_from_memory (self->dma, self->channel, id, sizeof id, &terminal) == 0)
    return;
  request_dma (self, FALSE);
  memset (s->buffer, s->format_fill, SECTOR);
  /* An address that the image has no place for is lost. */
  floppy_write (floppy, s->head, id[2], s->buffer);
  if (s->format_left > 0 && --s->format_left > 0 && !terminal)
    after (self, &self->step_timer, SECTOR_NS);
  else
    end_execution (self, 0, 0, 0);
}

static void
step_read_id (Fdc *self)
{
  FdcState *s = &self->s;

  if (!find_sector (self))
    return;
  s->cylinder = (guint8) floppy_cylinder (drive_of (self, s->drive));
  s->sector = 1;
  s->size = 2;
  end_execution (self, 0, 0, 0);
}

static void
stepped (gpointer owner)
{
  static void (*const steps[N_STEPS]) (Fdc *) = { step_read, step_write, step_verify, step_format, step_read_id };
  Fdc *self = owner;

  if (self->s.phase == PHASE_EXECUTION && self->s.step < N_STEPS)
    steps[self->s.step] (self);
}

static void
dma_granted (gpointer device)
{
  Fdc *self = device;

  if (self->s.phase == PHASE_EXECUTION && self->s.waits && self->s.step_ns == NEVER)
    after (self, &self->step_timer, BYTE_NS);
}

static void
begin_execution (Fdc *self, guint step)
{
  FdcState *s = &self->s;

  s->phase = PHASE_EXECUTION;
  s->step = (guint8) step;
  after (self, &self->step_timer, SECTOR_NS);
}

/* -- Seeking */

static void
begin_seek (Fdc *self, guint n, guint cylinder)
{
  FdcState *s = &self->s;
  AsternDevice *floppy = drive_of (self, n);
  guint from = floppy != NULL ? floppy_cylinder (floppy) : 0;
  guint steps = from > cylinder ? from - cylinder : cylinder - from;

  s->seek_busy |= (guint8) (1u << n);
  s->seek_to[n] = (guint8) cylinder;
  after (self, &self->seek_timer[n], (steps + 1) * (guint64) STEP_NS);
  wait_for_command (s);
}

static void
sought (gpointer owner)
{
  const SeekRef *ref = owner;
  Fdc *self = ref->fdc;
  FdcState *s = &self->s;
  guint n = ref->drive;
  AsternDevice *floppy = drive_of (self, n);

  if (floppy != NULL)
    floppy_seek (floppy, s->seek_to[n]);
  s->pcn[n] = s->seek_to[n];
  /* No drive: its track 0 is never seen. */
  s->seek_st0[n] = (guint8) (ST0_SEEK_END | n | (floppy == NULL && s->seek_to[n] == 0 ? ST0_ABNORMAL | ST0_EQUIPMENT : 0));
  s->seek_done |= (guint8) (1u << n);
  set_interrupt (self, TRUE);
}

/* -- Reset */

static void
enter_reset (Fdc *self)
{
  FdcState *s = &self->s;

  astern_timer_cancel (&self->step_timer);
  for (guint n = 0; n < N_DRIVES; n++)
    astern_timer_cancel (&self->seek_timer[n]);
  request_dma (self, FALSE);
  s->phase = PHASE_RESET;
  s->seek_busy = s->seek_done = 0;
  s->fifo_at = s->fifo_end = 0;
  s->perpendicular &= 0xfc;
  memset (s->pcn, 0, sizeof s->pcn);
  if (!s->locked)
    {
      s->configure = CONFIGURE_RESET;
      s->pretrk = 0;
    }
  set_interrupt (self, FALSE);
}

static void
leave_reset (Fdc *self)
{
  after (self, &self->reset_timer, RESET_NS);
}

/* Each drive is told of once, as if it had become ready. */
static void
reset_over (gpointer owner)
{
  Fdc *self = owner;
  FdcState *s = &self->s;

  wait_for_command (s);
  for (guint n = 0; n < N_DRIVES; n++)
    s->seek_st0[n] = (guint8) (ST0_POLL | n);
  s->seek_done = 0x0f;
  set_interrupt (self, TRUE);
}

/* -- Commands */

static void
select_sector (FdcState *s)
{
  s->drive = s->fifo[1] & 3;
  s->multi_track = s->fifo[0] >> 7;
  s->cylinder = s->fifo[2];
  s->head = s->fifo[3] & 1;
  s->sector = s->fifo[4];
  s->size = s->fifo[5];
  s->eot = s->fifo[6];
}

static void
begin_sectors (Fdc *self, guint step)
{
  FdcState *s = &self->s;
  AsternDevice *floppy;

  select_sector (s);
  floppy = drive_of (self, s->drive);
  if ((s->configure & CONFIGURE_SEEKS) && floppy != NULL && floppy_cylinder (floppy) != s->cylinder)
    {
      floppy_seek (floppy, s->cylinder);
      s->pcn[s->drive] = s->cylinder;
    }
  begin_execution (self, step);
}

static void
run_read (Fdc *self)
{
  begin_sectors (self, STEP_READ);
}

static void
run_write (Fdc *self)
{
  begin_sectors (self, STEP_WRITE);
}

static void
run_verify (Fdc *self)
{
  enum { COUNTS = 0x80 };
  FdcState *s = &self->s;

  begin_sectors (self, STEP_VERIFY);
  if (s->fifo[1] & COUNTS)
    s->verify_left = s->fifo[8] != 0 ? s->fifo[8] : 256;
  else
    s->verify_left = (guint16) ((s->eot >= s->sector ? s->eot - s->sector + 1 : 1) + (s->multi_track && s->head == 0 ? s->eot : 0));
}

static void
run_read_track (Fdc *self)
{
  self->s.fifo[0] &= 0x7f;
  self->s.fifo[4] = 1;
  begin_sectors (self, STEP_READ);
}

static void
run_format (Fdc *self)
{
  FdcState *s = &self->s;
  AsternDevice *floppy;

  s->drive = s->fifo[1] & 3;
  s->head = s->fifo[1] >> 2 & 1;
  s->size = s->fifo[2];
  s->format_left = s->fifo[3];
  s->format_fill = s->fifo[5];
  floppy = drive_of (self, s->drive);
  s->cylinder = (guint8) (floppy != NULL ? floppy_cylinder (floppy) : 0);
  s->sector = 1;
  begin_execution (self, STEP_FORMAT);
}

static void
run_read_id (Fdc *self)
{
  FdcState *s = &self->s;

  s->drive = s->fifo[1] & 3;
  s->head = s->fifo[1] >> 2 & 1;
  begin_execution (self, STEP_READ_ID);
}

static void
run_recalibrate (Fdc *self)
{
  begin_seek (self, self->s.fifo[1] & 3, 0);
}

static void
run_seek (Fdc *self)
{
  begin_seek (self, self->s.fifo[1] & 3, self->s.fifo[2]);
}

static void
run_relative_seek (Fdc *self)
{
  enum { INWARDS = 0x40 };
  FdcState *s = &self->s;
  guint n = s->fifo[1] & 3, by = s->fifo[2];

  begin_seek (self, n, s->fifo[0] & INWARDS ? MIN (s->pcn[n] + by, 255) : s->pcn[n] > by ? s->pcn[n] - by : 0);
}

/* Of the four of a reset only the first interrupts. */
static gboolean
another_seek_is_over (const FdcState *s)
{
  for (guint n = 0; n < N_DRIVES; n++)
    if ((s->seek_done >> n & 1) && (s->seek_st0[n] & ST0_POLL) != ST0_POLL)
      return TRUE;
  return FALSE;
}

static void
run_sense_interrupt (Fdc *self)
{
  FdcState *s = &self->s;
  guint8 result[2];

  for (guint n = 0; n < N_DRIVES; n++)
    if (s->seek_done >> n & 1)
      {
        s->seek_done &= (guint8) ~(1u << n);
        s->seek_busy &= (guint8) ~(1u << n);
        result[0] = s->seek_st0[n];
        result[1] = s->pcn[n];
        give_result (self, result, sizeof result);
        set_interrupt (self, FALSE);
        if (another_seek_is_over (s))
          set_interrupt (self, TRUE);
        return;
      }
  result[0] = ST0_INVALID;
  give_result (self, result, 1);
}

static void
run_sense_drive (Fdc *self)
{
  FdcState *s = &self->s;
  guint n = s->fifo[1] & 3;
  AsternDevice *floppy = drive_of (self, n);
  guint8 st3 = (guint8) ((s->fifo[1] & 7) | ST3_READY | ST3_TWO_SIDES);

  if (floppy != NULL && floppy_cylinder (floppy) == 0)
    st3 |= ST3_TRACK_0;
  if (floppy != NULL && floppy_readonly (floppy))
    st3 |= ST3_READONLY;
  give_result (self, &st3, 1);
}

static void
run_specify (Fdc *self)
{
  memcpy (self->s.specify, self->s.fifo + 1, 2);
  wait_for_command (&self->s);
}

static void
run_configure (Fdc *self)
{
  self->s.configure = self->s.fifo[2];
  self->s.pretrk = self->s.fifo[3];
  wait_for_command (&self->s);
}

static void
run_perpendicular (Fdc *self)
{
  enum { OVERWRITE = 0x80 };
  FdcState *s = &self->s;

  s->perpendicular = (guint8) ((s->fifo[1] & OVERWRITE ? s->fifo[1] & 0x3c : s->perpendicular & 0x3c) | (s->fifo[1] & 3));
  wait_for_command (s);
}

static void
run_dump (Fdc *self)
{
  const FdcState *s = &self->s;
  const guint8 result[] = {
    s->pcn[0], s->pcn[1], s->pcn[2], s->pcn[3], s->specify[0], s->specify[1], s->eot,
    (guint8) ((s->locked ? 0x80 : 0) | (s->perpendicular & 0x3f)), s->configure, s->pretrk,
  };

  give_result (self, result, sizeof result);
}

static void
run_lock (Fdc *self)
{
  guint8 result;

  self->s.locked = self->s.fifo[0] >> 7;
  result = self->s.locked ? 0x10 : 0;
  give_result (self, &result, 1);
}

static void
run_version (Fdc *self)
{
  const guint8 enhanced = 0x90;

  give_result (self, &enhanced, 1);
}

static void
run_part_id (Fdc *self)
{
  const guint8 part = 0x41;

  give_result (self, &part, 1);
}

static void
run_power_down (Fdc *self)
{
  const guint8 mode = self->s.fifo[1];

  give_result (self, &mode, 1);
}

static void
run_save (Fdc *self)
{
  const FdcState *s = &self->s;
  const guint8 result[16] = {
    s->dsr & 0x9f, 0, 0, s->pcn[0], s->pcn[1], s->pcn[2], s->pcn[3], s->specify[0], s->specify[1], s->eot,
    (guint8) ((s->locked ? 0x80 : 0) | (s->perpendicular & 0x3f)), s->configure, s->pretrk, 0, 0, 0,
  };

  give_result (self, result, sizeof result);
}

static void
run_restore (Fdc *self)
{
  FdcState *s = &self->s;

  memcpy (s->pcn, s->fifo + 4, sizeof s->pcn);
  memcpy (s->specify, s->fifo + 8, sizeof s->specify);
  s->eot = s->fifo[10];
  s->locked = s->fifo[11] >> 7;
  s->perpendicular = s->fifo[11] & 0x3f;
  s->configure = s->fifo[12];
  s->pretrk = s->fifo[13];
  wait_for_command (s);
}

static void
run_option (Fdc *self)
{
  wait_for_command (&self->s);
}

/* An opcode's bits that are options of the command are not looked at. */
static const struct { guint8 mask, opcode, bytes; void (*run) (Fdc *self); } commands[] = {
  { 0x1f, 0x06, 9, run_read },
  { 0x1f, 0x0c, 9, run_read },                  /* READ DELETED DATA */
  { 0x3f, 0x05, 9, run_write },
  { 0x3f, 0x09, 9, run_write },                 /* WRITE DELETED DATA */
  { 0x9f, 0x02, 9, run_read_track },
  { 0x1f, 0x16, 9, run_verify },
  { 0xbf, 0x0d, 6, run_format },
  { 0xbf, 0x0a, 2, run_read_id },
  { 0xff, 0x07, 2, run_recalibrate },
  { 0xff, 0x08, 1, run_sense_interrupt },
  { 0xff, 0x03, 3, run_specify },
  { 0xff, 0x04, 2, run_sense_drive },
  { 0xff, 0x0f, 3, run_seek },
  { 0xbf, 0x8f, 3, run_relative_seek },
  { 0xff, 0x13, 4, run_configure },
  { 0xff, 0x12, 2, run_perpendicular },
  { 0xff, 0x0e, 1, run_dump },
  { 0x7f, 0x14, 1, run_lock },
  { 0xff, 0x10, 1, run_version },
  { 0xff, 0x18, 1, run_part_id },
  { 0xff, 0x17, 2, run_power_down },
  { 0xff, 0x33, 2, run_option },
  { 0xff, 0x2e, 1, run_save },
  { 0xff, 0x4e, 17, run_restore },
};

static gint
find_command (guint8 opcode)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if ((opcode & commands[i].mask) == commands[i].opcode)
      return (gint) i;
  return -1;
}

static void
command_byte (Fdc *self, guint8 value)
{
  FdcState *s = &self->s;
  gint command;

  if (s->fifo_at >= FIFO_BYTES)
    wait_for_command (s);
  s->fifo[s->fifo_at++] = value;
  command = find_command (s->fifo[0]);
  if (command < 0)
    refuse (self);
  else if (s->fifo_at >= commands[command].bytes)
    commands[command].run (self);
}

/* -- Registers */

static const Fdc *
self_of (gconstpointer state)
{
  return (const Fdc *) ((const guint8 *) state - G_STRUCT_OFFSET (Fdc, s));
}

static guint64
sra_value (gconstpointer state, guint32 offset)
{
  const FdcState *s = state;

  return (s->interrupt ? 0x80 : 0) | (self_of (state)->drives[1] == NULL ? 0x40 : 0);
}

static guint64
srb_value (gconstpointer state, guint32 offset)
{
  return 0xc0 | (((const FdcState *) state)->dor & 1) << 5;
}

static void
dor_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Fdc *self = (Fdc *) device;
  guint8 old = self->s.dor;

  self->s.dor = (guint8) value;
  if (!(value & DOR_NRESET))
    {
      astern_timer_cancel (&self->reset_timer);
      enter_reset (self);
    }
  else if (!(old & DOR_NRESET))
    leave_reset (self);
  if (self->s.waits)
    request_dma (self, TRUE);
  drive_irq (self);
}

static guint64
dor_value (gconstpointer state, guint32 offset)
{
  return ((const FdcState *) state)->dor;
}

static guint64
msr_value (gconstpointer state, guint32 offset)
{
  static const guint8 by_phase[N_PHASES] = {
    [PHASE_RESET] = 0, [PHASE_COMMAND] = MSR_RQM, [PHASE_EXECUTION] = MSR_BUSY,
    [PHASE_NON_DMA_IN] = MSR_RQM | MSR_DIO | MSR_NON_DMA | MSR_BUSY,
    [PHASE_NON_DMA_OUT] = MSR_RQM | MSR_NON_DMA | MSR_BUSY, [PHASE_RESULT] = MSR_RQM | MSR_DIO | MSR_BUSY,
  };
  const FdcState *s = state;
  guint8 msr = (guint8) (by_phase[s->phase % N_PHASES] | (s->seek_busy & 0x0f));

  return s->phase == PHASE_COMMAND && s->fifo_at > 0 ? msr | MSR_BUSY : msr;
}

static void
dsr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Fdc *self = (Fdc *) device;

  self->s.dsr = (guint8) (value & ~DSR_RESET);
  if (value & DSR_RESET)
    {
      enter_reset (self);
      if (self->s.dor & DOR_NRESET)
        leave_reset (self);
    }
}

static guint64
fifo_value (gconstpointer state, guint32 offset)
{
  const FdcState *s = state;

  if (s->phase == PHASE_RESULT && s->fifo_at < s->fifo_end)
    return s->fifo[s->fifo_at];
  if (s->phase == PHASE_NON_DMA_IN)
    return s->buffer[s->at % SECTOR];
  return 0;
}

static void
fifo_did_read (AsternDevice *device, guint32 offset)
{
  Fdc *self = (Fdc *) device;
  FdcState *s = &self->s;

  if (s->phase == PHASE_RESULT)
    {
      if (s->fifo_end == EXECUTION_RESULT)
        set_interrupt (self, FALSE);
      if (++s->fifo_at >= s->fifo_end)
        wait_for_command (s);
    }
  else if (s->phase == PHASE_NON_DMA_IN)
    {
      set_interrupt (self, FALSE);
      if (++s->at >= SECTOR)
        sector_done (self, FALSE);
    }
}

/* A format's addresses come four bytes each, a sector's data 512. */
static void
non_dma_byte (Fdc *self, guint8 value)
{
  FdcState *s = &self->s;
  guint size = s->step == STEP_FORMAT ? 4 : SECTOR;

  set_interrupt (self, FALSE);
  s->buffer[s->at % SECTOR] = value;
  if (++s->at < size)
    return;
  if (s->step != STEP_FORMAT)
    {
      write_buffer (self, FALSE);
      return;
    }
  s->sector = s->buffer[2];
  memset (s->buffer, s->format_fill, SECTOR);
  if (drive_of (self, s->drive) != NULL)
    floppy_write (drive_of (self, s->drive), s->head, s->sector, s->buffer);
  s->phase = PHASE_EXECUTION;
  if (s->format_left > 0 && --s->format_left > 0)
    after (self, &self->step_timer, SECTOR_NS);
  else
    end_execution (self, 0, 0, 0);
}

static void
fifo_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Fdc *self = (Fdc *) device;

  if (self->s.phase == PHASE_COMMAND)
    command_byte (self, (guint8) value);
  else if (self->s.phase == PHASE_NON_DMA_OUT)
    non_dma_byte (self, (guint8) value);
}

static guint64
dir_value (gconstpointer state, guint32 offset)
{
  const FdcState *s = state;
  guint n = s->dor & DOR_DRIVE;
  AsternDevice *floppy = drive_of (self_of (state), n);
  gboolean turns = s->dor >> (4 + n) & 1;

  return turns && (floppy == NULL || floppy_is_changed (floppy)) ? 0x80 : 0;
}

static void
ccr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  FdcState *s = &((Fdc *) device)->s;

  s->dsr = (guint8) ((s->dsr & ~3) | (value & 3));
}

#define AT(member) G_STRUCT_OFFSET (FdcState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW

static const AsternRegField dor_bits[] = {
  { 0, 2, "DRIVE SEL" }, { 2, 1, "RESET" }, { 3, 1, "DMAGATE" }, { 4, 1, "MOT EN0" }, { 5, 1, "MOT EN1" }, { 0 },
};
static const AsternRegField msr_bits[] = {
  { 0, 4, "DRV BUSY" }, { 4, 1, "CMD BSY" }, { 5, 1, "NON DMA" }, { 6, 1, "DIO" }, { 7, 1, "RQM" }, { 0 },
};

static const AsternReg regs[] = {
/* off bank access w name   backing     reset writable value       did_read       did_write       n  bits */
  { 0, ANY, R,  1, "SRA",  NONE,        0,    0,       sra_value,  NULL,          NULL,           1, NULL },
  { 1, ANY, R,  1, "SRB",  NONE,        0,    0,       srb_value,  NULL,          NULL,           1, NULL },
  { 2, ANY, RW, 1, "DOR",  NONE,        0,    0,       dor_value,  NULL,          dor_did_write,  1, dor_bits },
  { 3, ANY, RW, 1, "TDR",  AT (tdr),    0,    0x03,    NULL,       NULL,          NULL,           1, NULL },
  { 4, ANY, R,  1, "MSR",  NONE,        0,    0,       msr_value,  NULL,          NULL,           1, msr_bits },
  { 4, ANY, W,  1, "DSR",  NONE,        0,    0,       NULL,       NULL,          dsr_did_write,  1, NULL },
  { 5, ANY, RW, 1, "FIFO", NONE,        0,    0,       fifo_value, fifo_did_read, fifo_did_write, 1, NULL },
  { 7, ANY, R,  1, "DIR",  NONE,        0,    0,       dir_value,  NULL,          NULL,           1, NULL },
  { 7, ANY, W,  1, "CCR",  NONE,        0,    0,       NULL,       NULL,          ccr_did_write,  1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = 8, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

/* -- The device */

static void
init (AsternDevice *device)
{
  static const char *const names[N_DRIVES] = { "fdc-seek-0", "fdc-seek-1", "fdc-seek-2", "fdc-seek-3" };
  Fdc *self = (Fdc *) device;

  astern_timer_init (&self->step_timer, device->clock, "fdc-step", &self->s.step_ns, stepped, self);
  astern_timer_init (&self->reset_timer, device->clock, "fdc-reset", &self->s.reset_ns, reset_over, self);
  for (guint n = 0; n < N_DRIVES; n++)
    {
      self->refs[n] = (SeekRef) { self, n };
      astern_timer_init (&self->seek_timer[n], device->clock, names[n], &self->s.seek_ns[n], sought, &self->refs[n]);
    }
}

static void
reset (AsternDevice *device)
{
  Fdc *self = (Fdc *) device;
  FdcState *s = &self->s;

  s->locked = 0;
  enter_reset (self);
  astern_timer_cancel (&self->reset_timer);
  memset (s, 0, sizeof *s);
  s->step_ns = s->reset_ns = NEVER;
  for (guint n = 0; n < N_DRIVES; n++)
    s->seek_ns[n] = NEVER;
  s->dsr = 2;
  s->configure = CONFIGURE_RESET;
  drive_irq (self);
}

static void
restored (AsternDevice *device)
{
  Fdc *self = (Fdc *) device;
  FdcState *s = &self->s;

  if (s->phase >= N_PHASES || s->fifo_at > FIFO_BYTES || s->fifo_end > FIFO_BYTES || s->at > SECTOR)
    {
      s->phase = PHASE_RESET;
      s->fifo_at = s->fifo_end = 0;
      s->at = 0;
    }
  s->drive &= 3;
  s->head &= 1;
  s->multi_track &= 1;
  drive_irq (self);
}

#define F(member)     ASTERN_FIELD (FdcState, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (FdcState, member, 1)
static const AsternField fields[] = {
  F (step_ns), F (reset_ns), ARRAY (seek_ns), F (at), F (verify_left), F (dor), F (dsr), F (tdr), F (srb), F (phase), F (step),
  F (interrupt), F (fifo_at), F (fifo_end), F (seek_busy), F (seek_done), ARRAY (seek_st0), ARRAY (seek_to), ARRAY (pcn),
  ARRAY (specify), F (configure), F (pretrk), F (perpendicular), F (locked), F (drive), F (multi_track), F (cylinder),
  F (head), F (sector), F (size), F (eot), F (format_left), F (format_fill), F (waits), ARRAY (fifo), F (side), ARRAY (reserved),
  ARRAY (buffer),
};

const AsternDeviceClass fdc82078_class = {
  .name = "fdc82078", .summary = "floppy disk controller", .state_version = 1,
  .instance_size = sizeof (Fdc),
  .state_offset = G_STRUCT_OFFSET (Fdc, s), .state_size = sizeof (FdcState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

AsternIrq *
fdc82078_irq (AsternDevice *device)
{
  return &((Fdc *) device)->irq;
}

void
fdc82078_set_dma (AsternDevice *device, AsternDevice *dma, guint channel)
{
  Fdc *self = (Fdc *) device;

  self->dma = dma;
  self->channel = channel;
  if (dma != NULL)
    i8237_attach (dma, channel, dma_granted, self);
}

void
fdc82078_attach (AsternDevice *device, const AsternIsaBus *isa)
{
  enum { LINE = 6, CHANNEL = 2 };
  AsternRange range = { .name = "floppy", .start = BASE, .size = 6, .enabled = TRUE };

  range.read = range.write = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device };
  astern_bus_add (isa->ports, &range);
  range.start = BASE + 7;               /* the sixth is IDE's */
  range.size = 1;
  range.read.offset = range.write.offset = 7;
  astern_bus_add (isa->ports, &range);
  astern_irq_connect (fdc82078_irq (device), isa->set_irq, isa->router, LINE);
  fdc82078_set_dma (device, isa->dma, CHANNEL);
}

gboolean
fdc82078_plug (AsternDevice *device, guint unit, AsternDevice *floppy)
{
  Fdc *self = (Fdc *) device;

  if (unit >= FDC82078_DRIVES || self->drives[unit] != NULL)
    return FALSE;
  self->drives[unit] = floppy;
  return TRUE;
}

AsternDevice *
fdc82078_drive (AsternDevice *device, guint unit)
{
  return drive_of ((Fdc *) device, unit);
}

static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  gboolean said = astern_settings_given (settings, "unit");

  for (guint unit = 0; unit < FDC82078_DRIVES; unit++)
    if ((!said || unit == astern_settings_number (settings, "unit")) && fdc82078_plug (device, unit, child))
      return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("There is no room for the floppy drive “%s”: there are two, unit 0 and unit 1."), child->name);
  return FALSE;
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  const AsternIsaBus *isa = astern_settings_isa (settings);
  AsternRoute route;

  astern_bus_route (isa->ports, BASE, &route);
  if (route.read.kind != ASTERN_TARGET_NONE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The machine has a floppy disk controller already; give it drives with -device floppy."));
      return FALSE;
    }
  fdc82078_attach (device, isa);
  return TRUE;
}

const AsternCard fdc82078_card = {
  .name = "isa-fdc", .summary = N_("Floppy disk controller"), .klass = &fdc82078_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_ISA, .offers = ASTERN_SLOT_FLOPPY, .configure = configure, .plug = plug,
};
