/* scsi-request.c - a SCSI request from its CDB to its status.
 * Source: SPC-3 (T10/1416-D), sections 4.5, 5.6 and 6; SAM-3, section 5.
 * Left out: linked commands, auto contingent allegiance, descriptor format sense, task priorities. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <string.h>

#define OVERHEAD_NS 2000      /* of a request that does not touch the medium */

enum { REQUEST_SENSE = 0x03, INQUIRY = 0x12, REPORT_LUNS = 0xa0 };

guint
scsi_cdb_length (guint8 opcode)
{
  static const guint8 lengths[8] = { 6, 10, 10, 6, 16, 12, 6, 6 };

  return lengths[opcode >> 5];
}

/* -- Sense */

static void
set_sense (ScsiRequest *r, guint8 key, guint asc)
{
  memset (r->sense, 0, sizeof r->sense);
  r->sense[0] = 0x70;
  r->sense[2] = key;
  r->sense[7] = SCSI_SENSE_BYTES - 8;
  scsi_put16 (&r->sense[12], asc);
}

static void
fail (ScsiRequest *r, ScsiUnit *unit, const ScsiBus *bus, guint8 key, guint asc)
{
  r->failed = TRUE;
  r->status = SCSI_CHECK_CONDITION;
  r->source = SCSI_SOURCE_NONE;
  set_sense (r, key, asc);
  if (unit != NULL && !bus->autosense)
    {
      unit->s->sense_key = key;
      unit->s->asc = (guint8) (asc >> 8);
      unit->s->ascq = (guint8) asc;
    }
}

void
scsi_fail (ScsiCall *call, guint8 key, guint asc)
{
  fail (call->r, call->unit, call->bus, key, asc);
  call->r->direction = SCSI_DATA_NONE;
  call->r->length = 0;
}

/* Of a transfer that has begun: it goes on, to nowhere, and fails at its end. */
static void
fail_transfer (ScsiRequest *r, ScsiBus *bus, guint8 key, guint asc)
{
  guint64 block = 0;
  ScsiUnit *unit = scsi_bus_unit (bus, r->target, r->lun);

  if (r->failed)
    return;
  fail (r, unit, bus, key, asc);
  if (unit != NULL)
    block = (r->start + r->done) / scsi_unit_block_size (unit);
  if (block <= G_MAXUINT32)
    {
      r->sense[0] |= 0x80;
      scsi_put32 (&r->sense[3], (guint32) block);
    }
}

/* -- A command's answers */

void
scsi_reply (ScsiCall *call, gsize size, gsize allocation)
{
  ScsiRequest *r = call->r;

  g_assert (size <= sizeof r->buffer);
  r->filled = (guint32) size;
  r->length = MIN (size, allocation);
  r->direction = r->length != 0 ? SCSI_DATA_IN : SCSI_DATA_NONE;
  r->source = SCSI_SOURCE_BUFFER;
}

void
scsi_want_list (ScsiCall *call, gsize size)
{
  ScsiRequest *r = call->r;

  if (size > sizeof r->buffer)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_PARAMETER_LIST_LENGTH);
      return;
    }
  r->filled = 0;
  r->length = size;
  r->direction = size != 0 ? SCSI_DATA_OUT : SCSI_DATA_NONE;
  r->source = SCSI_SOURCE_BUFFER;
}

gboolean
scsi_is_inside (ScsiCall *call, guint64 lba, guint64 blocks)
{
  guint64 all = scsi_unit_blocks (call->unit);

  if (lba <= all && blocks <= all - lba)
    return TRUE;
  scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
  return FALSE;
}

void
scsi_move (ScsiCall *call, ScsiDirection direction, guint64 lba, guint64 blocks)
{
  ScsiRequest *r = call->r;
  guint32 block_size = scsi_unit_block_size (call->unit);

  if (!scsi_is_inside (call, lba, blocks))
    return;
  r->start = lba * block_size;
  r->length = blocks * block_size;
  r->direction = blocks != 0 ? direction : SCSI_DATA_NONE;
  r->source = SCSI_SOURCE_MEDIUM;
  r->latency_ns = astern_disk_latency_ns (r->length);
}

/* -- Finding the command */

static const ScsiCommand *
find_in (const ScsiCommand *rows, guint n, const ScsiUnit *unit, const guint8 *cdb)
{
  guint8 type = unit->type == SCSI_TYPE_CDROM ? SCSI_FOR_CD : SCSI_FOR_DISK;

  for (guint i = 0; i < n; i++)
    if (rows[i].opcode == cdb[0] && (rows[i].types & type)
        && (rows[i].action == SCSI_ANY_ACTION || rows[i].action == (cdb[1] & 0x1f)))
      return &rows[i];
  return NULL;
}

const ScsiCommand *
scsi_find_command (const ScsiUnit *unit, const guint8 *cdb)
{
  const ScsiCommand *row = find_in (scsi_common_commands, scsi_n_common_commands, unit, cdb);

  if (row == NULL && unit->type == SCSI_TYPE_DISK)
    row = find_in (scsi_block_commands, scsi_n_block_commands, unit, cdb);
  if (row == NULL && unit->type == SCSI_TYPE_CDROM)
    row = find_in (scsi_mmc_commands, scsi_n_mmc_commands, unit, cdb);
  return row;
}

/* -- What stands in a command's way */

static gboolean
tells_attention (ScsiCall *call, const ScsiCommand *row)
{
  static const guint16 codes[] = { SCSI_ASC_POWER_ON, SCSI_ASC_BUS_RESET, SCSI_ASC_MEDIUM_CHANGED, SCSI_ASC_MODE_CHANGED };
  ScsiUnitState *s = call->unit->s;

  if (row->flags & SCSI_PASSES_ATTENTION)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (s->attention & 1u << i)
      {
        s->attention &= ~(1u << i);
        if (i == 0)
          s->attention &= ~(guint32) SCSI_ATTENTION_RESET;
        scsi_fail (call, SCSI_UNIT_ATTENTION, codes[i]);
        return TRUE;
      }
  return FALSE;
}

static gboolean
lacks_medium (ScsiCall *call, const ScsiCommand *row)
{
  const ScsiUnit *unit = call->unit;

  if (!(row->flags & SCSI_WANTS_MEDIUM))
    return FALSE;
  if (scsi_unit_blocks (unit) == 0)
    {
      guint asc = SCSI_ASC_NO_MEDIUM;

      if (unit->type == SCSI_TYPE_CDROM && unit->drive != NULL)
        asc = drive_is_open (unit->drive) ? SCSI_ASC_NO_MEDIUM_TRAY_OPEN : SCSI_ASC_NO_MEDIUM_TRAY_CLOSED;
      scsi_fail (call, SCSI_NOT_READY, asc);
      return TRUE;
    }
  if (unit->s->stopped)
    {
      scsi_fail (call, SCSI_NOT_READY, SCSI_ASC_INITIALIZING_REQUIRED);
      return TRUE;
    }
  if ((row->flags & SCSI_CHANGES_MEDIUM) && scsi_unit_readonly (unit))
    {
      scsi_fail (call, SCSI_DATA_PROTECT, SCSI_ASC_WRITE_PROTECTED);
      return TRUE;
    }
  return FALSE;
}

static void
begin_at_unit (ScsiCall *call)
{
  const ScsiCommand *row = scsi_find_command (call->unit, call->r->cdb);

  if (call->r->cdb[0] != REQUEST_SENSE)
    call->unit->s->sense_key = call->unit->s->asc = call->unit->s->ascq = 0;
  if (row == NULL)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_OPCODE);
      return;
    }
  if (tells_attention (call, row))
    return;
  if (!lacks_medium (call, row) && row->run != NULL)
    row->run (call);
}

static void
begin_at_nobody (ScsiCall *call)
{
  ScsiRequest *r = call->r;

  switch (r->cdb[0])
    {
    case INQUIRY:
      scsi_inquiry_of_nobody (call);
      break;
    case REPORT_LUNS:
      scsi_report_luns (call);
      break;
    case REQUEST_SENSE:
      set_sense (r, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LUN_NOT_SUPPORTED);
      memcpy (r->buffer, r->sense, SCSI_SENSE_BYTES);
      scsi_reply (call, SCSI_SENSE_BYTES, r->cdb[4]);
      break;
    default:
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LUN_NOT_SUPPORTED);
      break;
    }
}

void
scsi_request_begin (ScsiRequest *request, ScsiBus *bus, guint target, guint lun, gconstpointer cdb, gsize cdb_size)
{
  ScsiCall call = { request, bus, scsi_bus_unit (bus, target, lun) };

  memset (request, 0, G_STRUCT_OFFSET (ScsiRequest, buffer));
  memcpy (request->cdb, cdb, MIN (cdb_size, SCSI_CDB_BYTES));
  request->target = (guint16) target;
  request->lun = (guint16) lun;
  request->active = TRUE;
  request->latency_ns = OVERHEAD_NS;
  if (call.unit != NULL)
    begin_at_unit (&call);
  else
    begin_at_nobody (&call);
}

/* -- Data */

/* Bytes of the buffer from @done on, at most @size: a state that was loaded may say anything. */
static gsize
in_buffer (const ScsiRequest *r, gsize size)
{
  return r->done < sizeof r->buffer ? MIN (size, sizeof r->buffer - r->done) : 0;
}

static ScsiUnit *
unit_with_drive (ScsiRequest *r, ScsiBus *bus)
{
  ScsiUnit *unit = scsi_bus_unit (bus, r->target, r->lun);

  return unit != NULL && unit->drive != NULL ? unit : NULL;
}

static void
read_buffer (ScsiRequest *r, guint8 *data, gsize size)
{
  gsize n = r->done < r->filled ? MIN (in_buffer (r, size), r->filled - r->done) : 0;

  memcpy (data, r->buffer + r->done * (n != 0), n);
  memset (data + n, 0, size - n);
}

static void
read_medium (ScsiRequest *r, ScsiBus *bus, guint8 *data, gsize size)
{
  ScsiUnit *unit = unit_with_drive (r, bus);

  if (unit == NULL || !drive_read (unit->drive, r->start + r->done, data, size))
    {
      memset (data, 0, size);
      fail_transfer (r, bus, SCSI_MEDIUM_ERROR, SCSI_ASC_READ_ERROR);
    }
}

gboolean
scsi_request_read (ScsiRequest *request, ScsiBus *bus, gpointer data, gsize size)
{
  if (!request->failed && request->source == SCSI_SOURCE_MEDIUM)
    read_medium (request, bus, data, size);
  else if (!request->failed && request->source == SCSI_SOURCE_BUFFER)
    read_buffer (request, data, size);
  else
    memset (data, 0, size);
  request->done += size;
  return !request->failed;
}

static void
write_buffer (ScsiRequest *r, const guint8 *data, gsize size)
{
  gsize n = in_buffer (r, size);

  memcpy (r->buffer + r->done * (n != 0), data, n);
  r->filled = (guint32) MIN (r->done + n, sizeof r->buffer);
}

static void
write_medium (ScsiRequest *r, ScsiBus *bus, const guint8 *data, gsize size)
{
  ScsiUnit *unit = unit_with_drive (r, bus);

  if (unit == NULL || !drive_write (unit->drive, r->start + r->done, data, size))
    fail_transfer (r, bus, SCSI_MEDIUM_ERROR, SCSI_ASC_WRITE_ERROR);
}

static void
compare_medium (ScsiRequest *r, ScsiBus *bus, const guint8 *data, gsize size)
{
  ScsiUnit *unit = unit_with_drive (r, bus);
  guint8 there[512];

  for (gsize at = 0; at < size; at += sizeof there)
    {
      gsize n = MIN (size - at, sizeof there);

      if (unit == NULL || !drive_read (unit->drive, r->start + r->done + at, there, n))
        fail_transfer (r, bus, SCSI_MEDIUM_ERROR, SCSI_ASC_READ_ERROR);
      else if (memcmp (there, data + at, n) != 0)
        fail_transfer (r, bus, SCSI_MISCOMPARE, SCSI_ASC_MISCOMPARE);
      if (r->failed)
        return;
    }
}

gboolean
scsi_request_write (ScsiRequest *request, ScsiBus *bus, gconstpointer data, gsize size)
{
  if (!request->failed && request->source == SCSI_SOURCE_MEDIUM)
    write_medium (request, bus, data, size);
  else if (!request->failed && request->source == SCSI_SOURCE_COMPARE)
    compare_medium (request, bus, data, size);
  else if (!request->failed && request->source == SCSI_SOURCE_BUFFER)
    write_buffer (request, data, size);
  request->done += size;
  return !request->failed;
}

/* Force Unit Access: byte 1 of WRITE (10), (12) and (16).  Without a write cache all is. */
static gboolean
must_be_stable (const ScsiUnit *unit, const ScsiRequest *r)
{
  return !unit->s->write_cache || (r->cdb[0] >= 0x20 && (r->cdb[1] & 0x08));
}

ScsiStatus
scsi_request_finish (ScsiRequest *request, ScsiBus *bus)
{
  ScsiCall call = { request, bus, scsi_bus_unit (bus, request->target, request->lun) };

  if (request->active && !request->failed && call.unit != NULL)
    {
      const ScsiCommand *row = scsi_find_command (call.unit, request->cdb);

      if (request->source == SCSI_SOURCE_BUFFER && request->direction == SCSI_DATA_OUT && row != NULL && row->take != NULL)
        row->take (&call, request->buffer, MIN (request->filled, sizeof request->buffer));
      else if (request->source == SCSI_SOURCE_MEDIUM && request->direction == SCSI_DATA_OUT
               && must_be_stable (call.unit, request) && call.unit->drive != NULL)
        drive_flush (call.unit->drive);
    }
  request->active = FALSE;
  if (!request->failed)
    request->status = SCSI_GOOD;
  return request->status;
}
