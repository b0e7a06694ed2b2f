/* scsi-block.c - the commands of disks.
 * Source: SBC-3 (T10/1799-D), section 5.
 * Left out: protection information, ORWRITE, XDWRITE, defect lists; FORMAT UNIT formats nothing. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <string.h>

/* Where the CDBs of one size have address and number of blocks. */
static void
get_extent (const guint8 *cdb, guint64 *lba, guint64 *blocks)
{
  switch (scsi_cdb_length (cdb[0]))
    {
    case 6:
      *lba = scsi_get24 (&cdb[1]) & 0x1fffff;
      *blocks = cdb[4] != 0 ? cdb[4] : 256;
      break;
    case 10:
      *lba = scsi_get32 (&cdb[2]);
      *blocks = scsi_get16 (&cdb[7]);
      break;
    case 12:
      *lba = scsi_get32 (&cdb[2]);
      *blocks = scsi_get32 (&cdb[6]);
      break;
    default:
      *lba = scsi_get64 (&cdb[2]);
      *blocks = scsi_get32 (&cdb[10]);
      break;
    }
}

/* RDPROTECT, WRPROTECT, VRPROTECT: the medium has no protection information. */
static gboolean
wants_protection (ScsiCall *call)
{
  if (scsi_cdb_length (call->r->cdb[0]) == 6 || call->r->cdb[1] >> 5 == 0)
    return FALSE;
  scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
  return TRUE;
}

static void
move (ScsiCall *call, ScsiDirection direction)
{
  guint64 lba, blocks;

  get_extent (call->r->cdb, &lba, &blocks);
  if (!wants_protection (call))
    scsi_move (call, direction, lba, blocks);
}

static void
read_blocks (ScsiCall *call)
{
  move (call, SCSI_DATA_IN);
}

static void
write_blocks (ScsiCall *call)
{
  move (call, SCSI_DATA_OUT);
}

/* BYTCHK: 00 the medium is good; 01 what comes is compared. */
static void
verify (ScsiCall *call)
{
  guint64 lba, blocks;
  guint check = call->r->cdb[1] >> 1 & 3;

  get_extent (call->r->cdb, &lba, &blocks);
  if (wants_protection (call))
    return;
  if (check > 1)
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
  else if (check == 0)
    scsi_is_inside (call, lba, blocks);
  else
    {
      scsi_move (call, SCSI_DATA_OUT, lba, blocks);
      if (call->r->source == SCSI_SOURCE_MEDIUM)
        call->r->source = SCSI_SOURCE_COMPARE;
    }
}

static void
seek (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;

  scsi_is_inside (call, cdb[0] == 0x0b ? scsi_get24 (&cdb[1]) & 0x1fffff : scsi_get32 (&cdb[2]), 1);
}

static void
synchronize (ScsiCall *call)
{
  guint64 lba, blocks;

  get_extent (call->r->cdb, &lba, &blocks);
  if (!scsi_is_inside (call, lba, blocks))
    return;
  call->r->latency_ns = astern_disk_latency_ns (0);
  drive_flush (call->unit->drive);
}

/* FMTDATA: a header comes, of which nothing is done. */
static void
format (ScsiCall *call)
{
  if (call->r->cdb[1] & 0x10)
    scsi_want_list (call, call->r->cdb[1] & 0x20 ? 8 : 4);
}

/* -- WRITE SAME and UNMAP */

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  return bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0;
}

/* A block of data comes, which goes to all of them; with UNMAP it should be zeros. */
static void
write_same (ScsiCall *call)
{
  guint64 lba, blocks;
  const ScsiUnit *unit = call->unit;

  get_extent (call->r->cdb, &lba, &blocks);
  if (wants_protection (call))
    return;
  if (blocks == 0 && lba < scsi_unit_blocks (unit))
    blocks = scsi_unit_blocks (unit) - lba;
  if (!scsi_is_inside (call, lba, blocks))
    return;
  call->r->start = lba * unit->block_size;
  scsi_want_list (call, unit->block_size);
  call->r->latency_ns = astern_disk_latency_ns (unit->block_size);
}

static void
write_pattern (ScsiCall *call, const guint8 *block, guint64 start, guint64 blocks)
{
  const ScsiUnit *unit = call->unit;

  for (guint64 i = 0; i < blocks; i++)
    if (!drive_write (unit->drive, start + i * unit->block_size, block, unit->block_size))
      {
        scsi_fail (call, SCSI_MEDIUM_ERROR, SCSI_ASC_WRITE_ERROR);
        return;
      }
}

static void
write_same_take (ScsiCall *call, const guint8 *list, gsize size)
{
  const ScsiUnit *unit = call->unit;
  guint64 lba, blocks;

  get_extent (call->r->cdb, &lba, &blocks);
  if (blocks == 0 && lba < scsi_unit_blocks (unit))
    blocks = scsi_unit_blocks (unit) - lba;
  if (size < unit->block_size || unit->drive == NULL)
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_PARAMETER_LIST_LENGTH);
  else if (!scsi_is_inside (call, lba, blocks))
    return;
  else if (is_zero (list, unit->block_size))
    {
      if (!drive_zero (unit->drive, lba * unit->block_size, blocks * unit->block_size))
        scsi_fail (call, SCSI_MEDIUM_ERROR, SCSI_ASC_WRITE_ERROR);
    }
  else if (blocks > SCSI_MAX_SAME_BYTES / unit->block_size)
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
  else
    write_pattern (call, list, lba * unit->block_size, blocks);
}

static void
unmap (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;

  if (cdb[1] & 1)                              /* ANCHOR */
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  scsi_want_list (call, scsi_get16 (&cdb[7]));
  call->r->latency_ns = astern_disk_latency_ns (0);
}

static void
unmap_take (ScsiCall *call, const guint8 *list, gsize size)
{
  const ScsiUnit *unit = call->unit;
  gsize ranges;

  if (size < 8 || unit->drive == NULL)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_PARAMETER_LIST_LENGTH);
      return;
    }
  ranges = MIN (scsi_get16 (&list[2]), size - 8) / 16;
  for (gsize i = 0; i < ranges; i++)
    if (scsi_get32 (&list[8 + 16 * i + 8]) > SCSI_MAX_UNMAP_BYTES / unit->block_size)
      {
        scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_LIST);
        return;
      }
    else if (!scsi_is_inside (call, scsi_get64 (&list[8 + 16 * i]), scsi_get32 (&list[8 + 16 * i + 8])))
      return;
  for (gsize i = 0; i < ranges; i++)
    if (!drive_zero (unit->drive, scsi_get64 (&list[8 + 16 * i]) * unit->block_size,
                     (guint64) scsi_get32 (&list[8 + 16 * i + 8]) * unit->block_size))
      {
        scsi_fail (call, SCSI_MEDIUM_ERROR, SCSI_ASC_WRITE_ERROR);
        return;
      }
}

/* -- COMPARE AND WRITE: what the blocks have to be, then what they become, in one list. */

static gsize
compared_bytes (const ScsiCall *call)
{
  return (gsize) call->r->cdb[13] * call->unit->block_size;
}

static void
compare_and_write (ScsiCall *call)
{
  gsize size = compared_bytes (call);

  if (wants_protection (call))
    return;
  if (size > SCSI_MAX_COMPARED_BYTES)
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
  else if (scsi_is_inside (call, scsi_get64 (&call->r->cdb[2]), call->r->cdb[13]))
    {
      scsi_want_list (call, 2 * size);
      call->r->latency_ns = astern_disk_latency_ns (size) + astern_disk_latency_ns (size);
    }
}

static void
compare_and_write_take (ScsiCall *call, const guint8 *list, gsize size)
{
  guint8 there[SCSI_MAX_COMPARED_BYTES];
  guint64 start = scsi_get64 (&call->r->cdb[2]) * call->unit->block_size;
  gsize n = compared_bytes (call), same = 0;

  if (size < 2 * n || call->unit->drive == NULL)
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_PARAMETER_LIST_LENGTH);
  else if (!drive_read (call->unit->drive, start, there, n))
    scsi_fail (call, SCSI_MEDIUM_ERROR, SCSI_ASC_READ_ERROR);
  else
    {
      while (same < n && there[same] == list[same])
        same++;
      if (same < n)
        {
          scsi_fail (call, SCSI_MISCOMPARE, SCSI_ASC_MISCOMPARE);
          call->r->sense[0] |= 0x80;           /* INFORMATION: the first byte that differs */
          scsi_put32 (&call->r->sense[3], (guint32) same);
        }
      else if (!drive_write (call->unit->drive, start, list + n, n))
        scsi_fail (call, SCSI_MEDIUM_ERROR, SCSI_ASC_WRITE_ERROR);
      else if (call->r->cdb[1] & 0x08)         /* FUA */
        drive_flush (call->unit->drive);
    }
}

/* All that was written is mapped as far as anybody can tell. */
static void
lba_status (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;
  guint64 lba = scsi_get64 (&cdb[2]), blocks;
  guint8 *b = call->r->buffer;

  if (!scsi_is_inside (call, lba, 1))
    return;
  blocks = scsi_unit_blocks (call->unit) - lba;
  memset (b, 0, 24);
  scsi_put32 (b, 20);
  scsi_put64 (&b[8], lba);
  scsi_put32 (&b[16], (guint32) MIN (blocks, G_MAXUINT32));
  scsi_reply (call, 24, scsi_get32 (&cdb[10]));
}

/* -- Capacity */

static void
read_capacity_10 (ScsiCall *call)
{
  guint64 last = scsi_unit_blocks (call->unit) - 1;
  guint8 *b = call->r->buffer;

  scsi_put32 (b, (guint32) MIN (last, G_MAXUINT32));
  scsi_put32 (b + 4, call->unit->block_size);
  scsi_reply (call, 8, 8);
}

static void
read_capacity_16 (ScsiCall *call)
{
  const ScsiUnit *unit = call->unit;
  guint8 *b = call->r->buffer;
  guint exponent = 0;

  while (unit->block_size << exponent < unit->physical_block_size)
    exponent++;
  memset (b, 0, 32);
  scsi_put64 (b, scsi_unit_blocks (unit) - 1);
  scsi_put32 (b + 8, unit->block_size);
  b[13] = (guint8) exponent;
  b[14] = 0x80 | 0x40;                         /* LBPME, LBPRZ */
  scsi_reply (call, 32, scsi_get32 (&call->r->cdb[10]));
}

#define ANY    SCSI_ANY_ACTION
#define DISK   SCSI_FOR_DISK
#define READS  SCSI_WANTS_MEDIUM
#define WRITES (SCSI_WANTS_MEDIUM | SCSI_CHANGES_MEDIUM)

const ScsiCommand scsi_block_commands[] = {
/* opcode action types flags   run               take */
  { 0x01, ANY,   DISK, 0,      NULL,             NULL },              /* REZERO UNIT */
  { 0x04, ANY,   DISK, WRITES, format,           NULL },              /* FORMAT UNIT */
  { 0x08, ANY,   DISK, READS,  read_blocks,      NULL },              /* READ (6) */
  { 0x0a, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE (6) */
  { 0x0b, ANY,   DISK, READS,  seek,             NULL },              /* SEEK (6) */
  { 0x25, ANY,   DISK, READS,  read_capacity_10, NULL },              /* READ CAPACITY (10) */
  { 0x28, ANY,   DISK, READS,  read_blocks,      NULL },              /* READ (10) */
  { 0x2a, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE (10) */
  { 0x2b, ANY,   DISK, READS,  seek,             NULL },              /* SEEK (10) */
  { 0x2e, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE AND VERIFY (10) */
  { 0x2f, ANY,   DISK, READS,  verify,           NULL },              /* VERIFY (10) */
  { 0x35, ANY,   DISK, READS,  synchronize,      NULL },              /* SYNCHRONIZE CACHE (10) */
  { 0x41, ANY,   DISK, WRITES, write_same,       write_same_take },   /* WRITE SAME (10) */
  { 0x42, ANY,   DISK, WRITES, unmap,            unmap_take },        /* UNMAP */
  { 0x88, ANY,   DISK, READS,  read_blocks,      NULL },              /* READ (16) */
  { 0x89, ANY,   DISK, WRITES, compare_and_write, compare_and_write_take },
  { 0x8a, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE (16) */
  { 0x8e, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE AND VERIFY (16) */
  { 0x8f, ANY,   DISK, READS,  verify,           NULL },              /* VERIFY (16) */
  { 0x91, ANY,   DISK, READS,  synchronize,      NULL },              /* SYNCHRONIZE CACHE (16) */
  { 0x93, ANY,   DISK, WRITES, write_same,       write_same_take },   /* WRITE SAME (16) */
  { 0x9e, 0x10,  DISK, READS,  read_capacity_16, NULL },              /* READ CAPACITY (16) */
  { 0x9e, 0x12,  DISK, READS,  lba_status,       NULL },              /* GET LBA STATUS */
  { 0xa8, ANY,   DISK, READS,  read_blocks,      NULL },              /* READ (12) */
  { 0xaa, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE (12) */
  { 0xae, ANY,   DISK, WRITES, write_blocks,     NULL },              /* WRITE AND VERIFY (12) */
  { 0xaf, ANY,   DISK, READS,  verify,           NULL },              /* VERIFY (12) */
};
const guint scsi_n_block_commands = G_N_ELEMENTS (scsi_block_commands);
