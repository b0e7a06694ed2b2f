/* scsi-common.c - the commands that disks and CDs have in common.
 * Source: SPC-3 (T10/1416-D), section 6 and 7.6; SBC-3 (T10/1799-D), section 6.5; SAM-3, section 4.7.
 * Left out: persistent reservations other than that there are none; log pages; diagnostics; timers of power conditions. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <string.h>

/* -- INQUIRY */

static void
put_padded (guint8 *to, const char *text, gsize size)
{
  gsize n = MIN (strlen (text), size);

  memset (to, ' ', size);
  memcpy (to, text, n);
}

static void
standard_inquiry (ScsiCall *call)
{
  const ScsiUnit *unit = call->unit;
  guint8 *b = call->r->buffer;

  memset (b, 0, 36);
  b[0] = unit->type;
  b[1] = unit->removable ? 0x80 : 0;
  b[2] = 5;                                /* SPC-3 */
  b[3] = 0x02 | 0x10;                      /* response format 2, hierarchical LUNs */
  b[4] = 36 - 5;
  b[7] = 0x02;                             /* CmdQue */
  put_padded (&b[8], unit->vendor, 8);
  put_padded (&b[16], unit->product, 16);
  put_padded (&b[32], unit->version, 4);
  scsi_reply (call, 36, scsi_get16 (&call->r->cdb[3]));
}

/* A page's body lies at b + 4; these return its size.  0: the unit has no such page. */
static gsize vpd_pages (const ScsiUnit *unit, guint8 *body);

static gsize
vpd_serial (const ScsiUnit *unit, guint8 *body)
{
  const char *serial = scsi_unit_serial (unit);

  memcpy (body, serial, strlen (serial));
  return strlen (serial);
}

/* SPC-3, section 7.6.3. */
static gsize
vpd_identification (const ScsiUnit *unit, guint8 *body)
{
  const char *serial = scsi_unit_serial (unit);
  const char *tail = serial[0] != '\0' ? serial : unit->owner->name;
  gsize n = MIN (strlen (tail), 36), size = 4 + 24 + n;

  body[0] = 0x02;                          /* ASCII */
  body[1] = 0x01;                          /* of the unit; T10 vendor identification */
  body[2] = 0;
  body[3] = (guint8) (24 + n);
  put_padded (&body[4], unit->vendor, 8);
  put_padded (&body[12], unit->product, 16);
  memcpy (&body[28], tail, n);
  if (unit->wwn != 0)
    {
      guint8 *naa = body + size;

      naa[0] = 0x01;                       /* binary */
      naa[1] = 0x03;                       /* of the unit; NAA */
      naa[2] = 0;
      naa[3] = 8;
      scsi_put64 (&naa[4], unit->wwn);
      size += 12;
    }
  return size;
}

/* SBC-3, sections 6.5.3 to 6.5.5. */
static gsize
vpd_block_limits (const ScsiUnit *unit, guint8 *body)
{
  memset (body, 0, 60);
  body[1] = (guint8) (SCSI_MAX_COMPARED_BYTES / unit->block_size);      /* of COMPARE AND WRITE */
  scsi_put16 (&body[2], MAX (unit->physical_block_size / unit->block_size, 1));
  scsi_put32 (&body[4], SCSI_MAX_MOVE_BYTES / unit->block_size);
  scsi_put32 (&body[8], 0);
  scsi_put32 (&body[16], (guint32) (SCSI_MAX_UNMAP_BYTES / unit->block_size));
  scsi_put32 (&body[20], SCSI_MAX_UNMAP_RANGES);
  scsi_put32 (&body[24], MAX (4096 / unit->block_size, 1));
  scsi_put64 (&body[32], SCSI_MAX_SAME_BYTES / unit->block_size);
  return 60;
}

static gsize
vpd_characteristics (const ScsiUnit *unit, guint8 *body)
{
  memset (body, 0, 60);
  scsi_put16 (&body[0], 1);                /* does not rotate */
  return 60;
}

static gsize
vpd_provisioning (const ScsiUnit *unit, guint8 *body)
{
  body[0] = 0;
  body[1] = 0x80 | 0x40 | 0x20 | 0x04;     /* LBPU, LBPWS, LBPWS10; unmapped blocks read as zeros */
  body[2] = 2;                             /* thin */
  body[3] = 0;
  return 4;
}

static const struct
{
  guint8   page, types;
  gsize  (*fill) (const ScsiUnit *unit, guint8 *body);
} vpd[] = {
  { 0x00, SCSI_FOR_ALL,  vpd_pages },
  { 0x80, SCSI_FOR_ALL,  vpd_serial },
  { 0x83, SCSI_FOR_ALL,  vpd_identification },
  { 0xb0, SCSI_FOR_DISK, vpd_block_limits },
  { 0xb1, SCSI_FOR_DISK, vpd_characteristics },
  { 0xb2, SCSI_FOR_DISK, vpd_provisioning },
};

static gboolean
has_page (const ScsiUnit *unit, guint i)
{
  if (vpd[i].page == 0x80 && scsi_unit_serial (unit)[0] == '\0')
    return FALSE;
  return (vpd[i].types & (unit->type == SCSI_TYPE_CDROM ? SCSI_FOR_CD : SCSI_FOR_DISK)) != 0;
}

static gsize
vpd_pages (const ScsiUnit *unit, guint8 *body)
{
  gsize n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (vpd); i++)
    if (has_page (unit, i))
      body[n++] = vpd[i].page;
  return n;
}

static void
vpd_inquiry (ScsiCall *call)
{
  guint8 *b = call->r->buffer;

  for (guint i = 0; i < G_N_ELEMENTS (vpd); i++)
    if (vpd[i].page == call->r->cdb[2] && has_page (call->unit, i))
      {
        gsize size = vpd[i].fill (call->unit, b + 4);

        b[0] = call->unit->type;
        b[1] = vpd[i].page;
        scsi_put16 (&b[2], (guint) size);
        scsi_reply (call, 4 + size, scsi_get16 (&call->r->cdb[3]));
        return;
      }
  scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
}

static void
inquiry (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;

  if (cdb[1] & 1)
    vpd_inquiry (call);
  else if (cdb[2] != 0)
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
  else
    standard_inquiry (call);
}

void
scsi_inquiry_of_nobody (ScsiCall *call)
{
  guint8 *b = call->r->buffer;

  if ((call->r->cdb[1] & 1) || call->r->cdb[2] != 0)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 36);
  b[0] = 0x7f;                             /* the target could not have a unit there */
  b[2] = 5;
  b[3] = 0x02 | 0x10;
  b[4] = 36 - 5;
  scsi_reply (call, 36, scsi_get16 (&call->r->cdb[3]));
}

/* -- REPORT LUNS */

static void
put_lun (guint8 *to, guint lun)
{
  memset (to, 0, 8);
  scsi_put16 (to, lun < 256 ? lun : 0x4000 | (lun & 0x3fff));
}

void
scsi_report_luns (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint8 *b = call->r->buffer;
  guint n = 1;

  if (cdb[2] > 2)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 8);
  if (cdb[2] == 1)                         /* well known ones only: none */
    n = 0;
  else
    put_lun (b + 8, 0);
  for (guint i = 0; i < call->bus->n_units && n != 0; i++)
    {
      const ScsiUnit *unit = call->bus->units[i];

      if (unit->target == call->r->target && unit->lun != 0)
        put_lun (b + 8 + 8 * n++, unit->lun);
    }
  scsi_put32 (b, 8 * n);
  scsi_reply (call, 8 + 8 * n, scsi_get32 (&cdb[6]));
}

/* -- REQUEST SENSE */

static void
request_sense (ScsiCall *call)
{
  static const struct { guint32 attention; guint asc; } told[] = {
    { SCSI_ATTENTION_POWER_ON, SCSI_ASC_POWER_ON }, { SCSI_ATTENTION_RESET, SCSI_ASC_BUS_RESET },
    { SCSI_ATTENTION_MEDIUM, SCSI_ASC_MEDIUM_CHANGED }, { SCSI_ATTENTION_MODE, SCSI_ASC_MODE_CHANGED },
  };
  ScsiUnitState *s = call->unit->s;
  guint8 *b = call->r->buffer;
  guint8 key = s->sense_key;
  guint asc = s->asc << 8 | s->ascq;

  if (call->r->cdb[1] & 1)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (told) && key == 0; i++)
    if (s->attention & told[i].attention)
      {
        key = SCSI_UNIT_ATTENTION;
        asc = told[i].asc;
        s->attention &= ~told[i].attention;
      }
  s->sense_key = s->asc = s->ascq = 0;
  memset (b, 0, SCSI_SENSE_BYTES);
  b[0] = 0x70;
  b[2] = key;
  b[7] = SCSI_SENSE_BYTES - 8;
  scsi_put16 (&b[12], asc);
  scsi_reply (call, SCSI_SENSE_BYTES, call->r->cdb[4]);
}

/* -- Media */

static void
start_stop (ScsiCall *call)
{
  guint8 how = call->r->cdb[4];
  gboolean start = how & 1, load_eject = (how & 2) != 0;

  if (how >> 4 != 0)                       /* a power condition */
    return;
  if (load_eject && call->unit->removable)
    {
      if (!start && call->unit->s->locked)
        scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_REMOVAL_PREVENTED);
      else
        scsi_unit_eject (call->unit, !start);
    }
  else if (call->unit->type == SCSI_TYPE_DISK)
    call->unit->s->stopped = !start;
}

static void
prevent_allow (ScsiCall *call)
{
  ScsiUnit *unit = call->unit;

  unit->s->locked = unit->removable && (call->r->cdb[4] & 1);
  if (unit->drive != NULL && unit->removable)
    drive_lock (unit->drive, unit->s->locked);
}

/* -- Reservations: there is one initiator, so that none is ever in the way */

static void
persistent_reserve_in (ScsiCall *call)
{
  guint8 *b = call->r->buffer;

  memset (b, 0, 8);
  if (call->r->cdb[1] == 2)                /* REPORT CAPABILITIES: none */
    b[1] = 8;
  scsi_reply (call, 8, scsi_get16 (&call->r->cdb[7]));
}

/* -- REPORT SUPPORTED OPERATION CODES (SPC-4, section 6.33) */

static void
report_all_commands (ScsiCall *call)
{
  const struct { const ScsiCommand *rows; guint n; } tables[] = {
    { scsi_common_commands, scsi_n_common_commands },
    { scsi_block_commands, call->unit->type == SCSI_TYPE_DISK ? scsi_n_block_commands : 0 },
    { scsi_mmc_commands, call->unit->type == SCSI_TYPE_CDROM ? scsi_n_mmc_commands : 0 },
  };
  guint8 *b = call->r->buffer;
  gsize size = 4;

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (guint i = 0; i < tables[t].n; i++)
      {
        const ScsiCommand *row = &tables[t].rows[i];

        memset (b + size, 0, 8);
        b[size] = row->opcode;
        if (row->action != SCSI_ANY_ACTION)
          {
            b[size + 3] = row->action;
            b[size + 5] = 1;               /* it has service actions */
          }
        scsi_put16 (&b[size + 6], scsi_cdb_length (row->opcode));
        size += 8;
      }
  scsi_put32 (b, (guint32) size - 4);
  scsi_reply (call, size, scsi_get32 (&call->r->cdb[6]));
}

static void
report_one_command (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint8 asked[SCSI_CDB_BYTES] = { cdb[3], cdb[5] & 0x1f };
  guint8 *b = call->r->buffer;
  const ScsiCommand *row = scsi_find_command (call->unit, asked);
  guint size = scsi_cdb_length (asked[0]);

  memset (b, 0, 4 + size);
  b[1] = 1;                                /* not supported */
  if (row == NULL)
    size = 0;
  else
    {
      b[1] = 3;
      scsi_put16 (&b[2], size);
      memset (b + 4, 0xff, size);
      b[4] = row->opcode;
    }
  scsi_reply (call, 4 + size, scsi_get32 (&cdb[6]));
}

static void
report_commands (ScsiCall *call)
{
  switch (call->r->cdb[2] & 7)
    {
    case 0:
      report_all_commands (call);
      break;
    case 1: case 2: case 3:
      report_one_command (call);
      break;
    default:
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
    }
}

#define ANY    SCSI_ANY_ACTION
#define ALL    SCSI_FOR_ALL
#define PASSES SCSI_PASSES_ATTENTION

const ScsiCommand scsi_common_commands[] = {
/* opcode action types flags              run                    take */
  { 0x00, ANY,   ALL,  SCSI_WANTS_MEDIUM, NULL,                  NULL },                    /* TEST UNIT READY */
  { 0x03, ANY,   ALL,  PASSES,            request_sense,         NULL },                    /* REQUEST SENSE */
  { 0x12, ANY,   ALL,  PASSES,            inquiry,               NULL },                    /* INQUIRY */
  { 0x15, ANY,   ALL,  0,                 scsi_mode_select,      scsi_mode_select_take },   /* MODE SELECT (6) */
  { 0x16, ANY,   ALL,  0,                 NULL,                  NULL },                    /* RESERVE (6) */
  { 0x17, ANY,   ALL,  0,                 NULL,                  NULL },                    /* RELEASE (6) */
  { 0x1a, ANY,   ALL,  0,                 scsi_mode_sense,       NULL },                    /* MODE SENSE (6) */
  { 0x1b, ANY,   ALL,  0,                 start_stop,            NULL },                    /* START STOP UNIT */
  { 0x1d, ANY,   ALL,  0,                 NULL,                  NULL },                    /* SEND DIAGNOSTIC: the self-test is good */
  { 0x1e, ANY,   ALL,  0,                 prevent_allow,         NULL },                    /* PREVENT ALLOW MEDIUM REMOVAL */
  { 0x55, ANY,   ALL,  0,                 scsi_mode_select,      scsi_mode_select_take },   /* MODE SELECT (10) */
  { 0x56, ANY,   ALL,  0,                 NULL,                  NULL },                    /* RESERVE (10) */
  { 0x57, ANY,   ALL,  0,                 NULL,                  NULL },                    /* RELEASE (10) */
  { 0x5a, ANY,   ALL,  0,                 scsi_mode_sense,       NULL },                    /* MODE SENSE (10) */
  { 0x5e, 0x00,  ALL,  0,                 persistent_reserve_in, NULL },                    /* PERSISTENT RESERVE IN: READ KEYS */
  { 0x5e, 0x01,  ALL,  0,                 persistent_reserve_in, NULL },                    /* READ RESERVATION */
  { 0x5e, 0x02,  ALL,  0,                 persistent_reserve_in, NULL },                    /* REPORT CAPABILITIES */
  { 0xa0, ANY,   ALL,  PASSES,            scsi_report_luns,      NULL },                    /* REPORT LUNS */
  { 0xa3, 0x0c,  ALL,  0,                 report_commands,       NULL },                    /* REPORT SUPPORTED OPERATION CODES */
};
const guint scsi_n_common_commands = G_N_ELEMENTS (scsi_common_commands);
