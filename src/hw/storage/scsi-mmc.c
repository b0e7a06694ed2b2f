/* scsi-mmc.c - the commands of CD and DVD drives, for discs of one data track.
 * Source: MMC-5 (T10/1675-D), section 6.
 * Left out: audio, raw sectors, CSS, writing, GET PERFORMANCE. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <string.h>

#define CD_MOST_BLOCKS  405000        /* 90 minutes; larger ones are DVDs */
#define LEAD_OUT        0xaa
#define DATA_TRACK      0x14          /* ADR 1, control 4 */
#define PREGAP_FRAMES   150

enum { PROFILE_NONE = 0x0000, PROFILE_CD_ROM = 0x0008, PROFILE_DVD_ROM = 0x0010 };

static guint
profile_now (const ScsiUnit *unit)
{
  guint64 blocks = scsi_unit_blocks (unit);

  if (blocks == 0)
    return PROFILE_NONE;
  return blocks > CD_MOST_BLOCKS ? PROFILE_DVD_ROM : PROFILE_CD_ROM;
}

/* -- Reading */

static void
read_10 (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;

  scsi_move (call, SCSI_DATA_IN, scsi_get32 (&cdb[2]), scsi_get16 (&cdb[7]));
}

static void
read_12 (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;

  scsi_move (call, SCSI_DATA_IN, scsi_get32 (&cdb[2]), scsi_get32 (&cdb[6]));
}

/* READ CD: the users' data of a sector, or nothing of it. */
static void
read_cd (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint64 lba = scsi_get32 (&cdb[2]), blocks = scsi_get24 (&cdb[6]);

  switch (cdb[9] & 0xf8)
    {
    case 0x00:
      scsi_is_inside (call, lba, blocks);
      break;
    case 0x10:
      scsi_move (call, SCSI_DATA_IN, lba, blocks);
      break;
    default:
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_ILLEGAL_TRACK_MODE);
    }
}

static void
seek (ScsiCall *call)
{
  scsi_is_inside (call, scsi_get32 (&call->r->cdb[2]), 1);
}

static void
read_capacity (ScsiCall *call)
{
  guint8 *b = call->r->buffer;

  scsi_put32 (b, (guint32) MIN (scsi_unit_blocks (call->unit) - 1, G_MAXUINT32));
  scsi_put32 (b + 4, call->unit->block_size);
  scsi_reply (call, 8, 8);
}

/* -- The table of contents */

/* As a block, or as minute, second and frame. */
static void
put_address (guint8 *to, guint64 block, gboolean msf)
{
  guint64 frame = block + PREGAP_FRAMES;

  if (!msf)
    {
      scsi_put32 (to, (guint32) MIN (block, G_MAXUINT32));
      return;
    }
  to[0] = 0;
  to[1] = (guint8) MIN (frame / (75 * 60), 255);
  to[2] = (guint8) (frame / 75 % 60);
  to[3] = (guint8) (frame % 75);
}

static guint8 *
put_track (guint8 *to, guint8 number, guint64 block, gboolean msf)
{
  to[0] = 0;
  to[1] = DATA_TRACK;
  to[2] = number;
  to[3] = 0;
  put_address (to + 4, block, msf);
  return to + 8;
}

/* A line of the full table of contents: of session 1. */
static guint8 *
put_point (guint8 *to, guint8 point, guint8 m, guint8 s, guint8 f)
{
  const guint8 line[11] = { 1, DATA_TRACK, 0, point, 0, 0, 0, 0, m, s, f };

  memcpy (to, line, sizeof line);
  return to + sizeof line;
}

static guint8 *
put_full_toc (const ScsiUnit *unit, guint8 *to)
{
  guint8 end[4];

  put_address (end, scsi_unit_blocks (unit), TRUE);
  to = put_point (to, 0xa0, 1, 0, 0);
  to = put_point (to, 0xa1, 1, 0, 0);
  to = put_point (to, 0xa2, end[1], end[2], end[3]);
  return put_point (to, 1, 0, 2, 0);
}

static void
read_toc (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  gboolean msf = (cdb[1] & 2) != 0;
  guint format = cdb[2] & 0x0f;
  guint8 *b = call->r->buffer, *end = b + 4;

  if (format == 0)
    format = cdb[9] >> 6;                    /* where the first drives had it */
  b[2] = b[3] = 1;
  if (format == 0 && (cdb[6] <= 1 || cdb[6] == LEAD_OUT))
    {
      if (cdb[6] <= 1)
        end = put_track (end, 1, 0, msf);
      end = put_track (end, LEAD_OUT, scsi_unit_blocks (call->unit), msf);
    }
  else if (format == 1)
    end = put_track (end, 1, 0, msf);
  else if (format == 2 && cdb[6] <= 1)
    end = put_full_toc (call->unit, end);
  else
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  scsi_put16 (b, (guint) (end - b - 2));
  scsi_reply (call, (gsize) (end - b), scsi_get16 (&cdb[7]));
}

/* -- Disc, tracks, structures */

static void
read_disc_information (ScsiCall *call)
{
  guint8 *b = call->r->buffer;

  if (call->r->cdb[1] & 7)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 34);
  scsi_put16 (b, 32);
  b[2] = 0x0e;                               /* disc and last session are complete */
  b[3] = b[4] = b[5] = b[6] = 1;
  b[7] = 0x20;                               /* unrestricted use */
  memset (&b[16], 0xff, 8);                  /* nothing can follow */
  scsi_reply (call, 34, scsi_get16 (&call->r->cdb[7]));
}

static void
read_track_information (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint64 blocks = scsi_unit_blocks (call->unit);
  guint8 *b = call->r->buffer;

  if ((cdb[1] & 3) != 0 && scsi_get32 (&cdb[2]) != 1)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  if ((cdb[1] & 3) == 0 && !scsi_is_inside (call, scsi_get32 (&cdb[2]), 1))
    return;
  memset (b, 0, 36);
  scsi_put16 (b, 34);
  b[2] = b[3] = 1;                           /* track, session */
  b[5] = 0x04;                               /* data, uninterrupted */
  b[6] = 0x01;                               /* mode 1 */
  scsi_put32 (&b[24], (guint32) MIN (blocks, G_MAXUINT32));
  scsi_reply (call, 36, scsi_get16 (&cdb[7]));
}

/* Format 0: the physical format of a DVD's one layer. */
static void
read_disc_structure (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint64 blocks = scsi_unit_blocks (call->unit);
  guint8 *b = call->r->buffer;

  if (cdb[7] != 0 || cdb[6] != 0 || profile_now (call->unit) != PROFILE_DVD_ROM)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 4 + 2048);
  scsi_put16 (b, 2 + 2048);
  b[4] = 0x01;                               /* DVD-ROM, version 1 */
  b[5] = 0x0f;                               /* 120 mm, no maximum rate */
  b[6] = 0x01;                               /* one layer, embossed */
  scsi_put32 (&b[8], 0x30000);               /* first sector of data */
  scsi_put32 (&b[12], (guint32) (0x30000 + blocks - 1));
  scsi_reply (call, 4 + 2048, scsi_get16 (&cdb[8]));
}

static void
mechanism_status (ScsiCall *call)
{
  guint8 *b = call->r->buffer;

  memset (b, 0, 8);
  b[1] = call->unit->drive != NULL && drive_is_open (call->unit->drive) ? 0x10 : 0;
  scsi_reply (call, 8, scsi_get16 (&call->r->cdb[8]));
}

static void
read_subchannel (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  gboolean wanted = (cdb[2] & 0x40) != 0;
  guint8 *b = call->r->buffer;

  if (wanted && cdb[3] != 1)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 16);
  b[1] = 0x15;                               /* no audio */
  if (wanted)
    {
      b[3] = 12;
      b[4] = 1;
      b[5] = DATA_TRACK;
      b[6] = b[7] = 1;
      put_address (&b[8], 0, (cdb[1] & 2) != 0);
      put_address (&b[12], 0, (cdb[1] & 2) != 0);
    }
  scsi_reply (call, wanted ? 16 : 4, scsi_get16 (&cdb[7]));
}

/* -- Events and features */

#define MEDIA_CLASS 4

static void
get_event (ScsiCall *call)
{
  ScsiUnit *unit = call->unit;
  const guint8 *cdb = call->r->cdb;
  guint8 *b = call->r->buffer;

  if (!(cdb[1] & 1))                         /* only polled */
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 8);
  b[3] = 1 << MEDIA_CLASS;
  if (!(cdb[4] & 1 << MEDIA_CLASS))
    {
      scsi_put16 (b, 2);
      b[2] = 0x80;                           /* no event of these classes */
      scsi_reply (call, 4, scsi_get16 (&cdb[7]));
      return;
    }
  scsi_put16 (b, 6);
  b[2] = MEDIA_CLASS;
  b[4] = unit->s->media_event;
  b[5] = (scsi_unit_blocks (unit) != 0 ? 2 : 0) | (unit->drive != NULL && drive_is_open (unit->drive) ? 1 : 0);
  unit->s->media_event = SCSI_MEDIA_NO_CHANGE;
  scsi_reply (call, 8, scsi_get16 (&cdb[7]));
}

/* MMC-5, section 5.3.  Profiles: those for which it is current; none: always. */
static const struct
{
  guint16 code, profiles[2];
  guint8  version, size;
  guint8  bytes[8];
} features[] = {
  { 0x0000, { 0, 0 }, 0, 8, { 0x00, 0x10, 0, 0, 0x00, 0x08, 0, 0 } },            /* profiles: DVD-ROM, CD-ROM */
  { 0x0001, { 0, 0 }, 2, 8, { 0, 0, 0, 1, 0x01, 0, 0, 0 } },                     /* core: SCSI */
  { 0x0002, { 0, 0 }, 1, 4, { 0x02, 0, 0, 0 } },                                 /* morphing */
  { 0x0003, { 0, 0 }, 1, 4, { 0x29, 0, 0, 0 } },                                 /* removable: tray, eject, lock */
  { 0x0010, { PROFILE_CD_ROM, PROFILE_DVD_ROM }, 0, 8, { 0, 0, 8, 0, 0, 16, 0, 0 } },   /* random readable */
  { 0x001d, { PROFILE_CD_ROM, PROFILE_DVD_ROM }, 0, 0, { 0 } },                  /* multi-read */
  { 0x001e, { PROFILE_CD_ROM, PROFILE_CD_ROM }, 2, 4, { 0 } },                   /* CD read */
  { 0x001f, { PROFILE_DVD_ROM, PROFILE_DVD_ROM }, 1, 4, { 0 } },                 /* DVD read */
  { 0x0100, { 0, 0 }, 0, 0, { 0 } },                                             /* power management */
  { 0x0105, { 0, 0 }, 1, 4, { 0 } },                                             /* timeout */
};

static void
get_configuration (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint wanted = cdb[1] & 3, from = scsi_get16 (&cdb[2]), profile = profile_now (call->unit);
  guint8 *b = call->r->buffer, *end = b + 8;

  if (wanted == 3)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  memset (b, 0, 8);
  scsi_put16 (&b[6], profile);
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    {
      gboolean always = features[i].profiles[0] == 0;
      gboolean current = always || (profile != 0 && (features[i].profiles[0] == profile || features[i].profiles[1] == profile));

      if (features[i].code < from || (wanted == 1 && !current) || (wanted == 2 && features[i].code != from))
        continue;
      scsi_put16 (end, features[i].code);
      end[2] = (guint8) (features[i].version << 2 | (always ? 2 : 0) | (current ? 1 : 0));
      end[3] = features[i].size;
      memcpy (end + 4, features[i].bytes, features[i].size);
      if (features[i].code == 0)
        {
          end[6] = profile == PROFILE_DVD_ROM;
          end[10] = profile == PROFILE_CD_ROM;
        }
      end += 4 + features[i].size;
    }
  scsi_put32 (b, (guint32) (end - b - 4));
  scsi_reply (call, (gsize) (end - b), scsi_get16 (&cdb[7]));
}

#define ANY    SCSI_ANY_ACTION
#define CD     SCSI_FOR_CD
#define READS  SCSI_WANTS_MEDIUM
#define PASSES SCSI_PASSES_ATTENTION

const ScsiCommand scsi_mmc_commands[] = {
/* opcode action types flags  run                     take */
  { 0x25, ANY,   CD,   READS, read_capacity,          NULL },   /* READ CAPACITY */
  { 0x28, ANY,   CD,   READS, read_10,                NULL },   /* READ (10) */
  { 0x2b, ANY,   CD,   READS, seek,                   NULL },   /* SEEK (10) */
  { 0x2f, ANY,   CD,   READS, NULL,                   NULL },   /* VERIFY (10) */
  { 0x35, ANY,   CD,   0,     NULL,                   NULL },   /* SYNCHRONIZE CACHE */
  { 0x42, ANY,   CD,   READS, read_subchannel,        NULL },   /* READ SUB-CHANNEL */
  { 0x43, ANY,   CD,   READS, read_toc,               NULL },   /* READ TOC/PMA/ATIP */
  { 0x46, ANY,   CD,   PASSES, get_configuration,     NULL },   /* GET CONFIGURATION */
  { 0x4a, ANY,   CD,   PASSES, get_event,             NULL },   /* GET EVENT STATUS NOTIFICATION */
  { 0x4e, ANY,   CD,   0,     NULL,                   NULL },   /* STOP PLAY/SCAN */
  { 0x51, ANY,   CD,   READS, read_disc_information,  NULL },   /* READ DISC INFORMATION */
  { 0x52, ANY,   CD,   READS, read_track_information, NULL },   /* READ TRACK INFORMATION */
  { 0xa8, ANY,   CD,   READS, read_12,                NULL },   /* READ (12) */
  { 0xad, ANY,   CD,   READS, read_disc_structure,    NULL },   /* READ DISC STRUCTURE */
  { 0xbb, ANY,   CD,   0,     NULL,                   NULL },   /* SET CD SPEED */
  { 0xbd, ANY,   CD,   0,     mechanism_status,       NULL },   /* MECHANISM STATUS */
  { 0xbe, ANY,   CD,   READS, read_cd,                NULL },   /* READ CD */
};
const guint scsi_n_mmc_commands = G_N_ELEMENTS (scsi_mmc_commands);
