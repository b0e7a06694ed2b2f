/* scsi-mode.c - MODE SENSE, MODE SELECT and the mode pages.
 * Source: SPC-3 (T10/1416-D), sections 6.7, 6.9 and 7.4; SBC-3 (T10/1799-D), section 6.4; MMC-5 (T10/1675-D), section 7.
 * Left out: saved pages, subpages; of what can be set only whether writes are cached. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <string.h>

#define ALL_PAGES    0x3f
#define CACHING_PAGE 0x08
#define WCE          0x04

enum { PAGE_CURRENT, PAGE_CHANGEABLE, PAGE_DEFAULT, PAGE_SAVED };

/* A page: its bytes after page code and length. */
typedef struct
{
  guint8 code, types, size;
  guint8 bytes[30];
  void (*current) (const ScsiUnit *unit, guint8 *bytes);     /* (nullable) what differs now */
  guint8 changeable;                                         /* bits of the first byte that MODE SELECT sets */
} ModePage;

static void
caching_now (const ScsiUnit *unit, guint8 *bytes)
{
  bytes[0] = unit->s->write_cache ? WCE : 0;
}

/* The geometry that a PC's firmware supposes. */
static void
geometry_now (const ScsiUnit *unit, guint8 *bytes)
{
  guint64 cylinders = MIN (scsi_unit_blocks (unit) / (255 * 63), 0xffffff);

  bytes[0] = (guint8) (cylinders >> 16);
  scsi_put16 (&bytes[1], (guint) cylinders & 0xffff);
}

static void
format_now (const ScsiUnit *unit, guint8 *bytes)
{
  scsi_put16 (&bytes[10], unit->block_size);
}

static void
capabilities_now (const ScsiUnit *unit, guint8 *bytes)
{
  if (unit->s->locked)
    bytes[4] |= 0x02;
}

static const ModePage pages[] = {
  /* Read-write error recovery */
  { 0x01, SCSI_FOR_DISK, 10, { 0xc0 }, NULL, 0 },                    /* AWRE, ARRE */
  { 0x01, SCSI_FOR_CD,   6,  { 0x00 }, NULL, 0 },
  /* Format device: 63 sectors a track */
  { 0x03, SCSI_FOR_DISK, 22, { [9] = 63, [14] = 0, [15] = 1, [18] = 0x40 }, format_now, 0 },
  /* Rigid disk geometry: 255 heads; rotation rate */
  { 0x04, SCSI_FOR_DISK, 22, { [3] = 255, [18] = 0x1c, [19] = 0x20 }, geometry_now, 0 },
  /* Caching */
  { 0x08, SCSI_FOR_DISK, 18, { WCE }, caching_now, WCE },
  /* Control: commands may be reordered, no logs */
  { 0x0a, SCSI_FOR_ALL,  10, { [1] = 0x10 }, NULL, 0 },
  /* CD audio control: both channels */
  { 0x0e, SCSI_FOR_CD,   14, { 0x04, [6] = 1, [7] = 0xff, [8] = 2, [9] = 0xff }, NULL, 0 },
  /* Power condition */
  { 0x1a, SCSI_FOR_ALL,  10, { 0 }, NULL, 0 },
  /* Informational exceptions: none are reported */
  { 0x1c, SCSI_FOR_DISK, 10, { 0x08 }, NULL, 0 },                    /* DEXCPT */
  /* CD capabilities: reads CD-R, CD-RW, DVD-ROM and DVD-R; both forms of mode 2, multisession; tray, lock, eject;
     buffer of 2048 KiB, 7056 KiB/s */
  { 0x2a, SCSI_FOR_CD,   18, { 0x1b, 0x00, 0x70, 0x00, 0x29, 0x00, 0x1b, 0x90, 0, 2, 0x08, 0x00, 0x1b, 0x90 }, capabilities_now, 0 },
};

static guint8
types_of (const ScsiUnit *unit)
{
  return unit->type == SCSI_TYPE_CDROM ? SCSI_FOR_CD : SCSI_FOR_DISK;
}

static void
fill_page (const ScsiUnit *unit, const ModePage *page, guint control, guint8 *bytes)
{
  memset (bytes, 0, page->size);
  if (control == PAGE_CHANGEABLE)
    {
      bytes[0] = page->changeable;
      return;
    }
  memcpy (bytes, page->bytes, page->size);
  if (page->current != NULL && (control == PAGE_CURRENT || page->changeable == 0))
    page->current (unit, bytes);
}

/* Returns the bytes that were written; 0: there is no such page. */
static gsize
put_pages (const ScsiUnit *unit, guint8 code, guint control, guint8 *to)
{
  gsize size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if ((pages[i].types & types_of (unit)) && (code == ALL_PAGES || pages[i].code == code))
      {
        to[size] = pages[i].code;
        to[size + 1] = pages[i].size;
        fill_page (unit, &pages[i], control, to + size + 2);
        size += 2 + pages[i].size;
      }
  return size;
}

static gsize
put_block_descriptor (const ScsiUnit *unit, guint8 *to)
{
  guint64 blocks = MIN (scsi_unit_blocks (unit), 0xffffff);

  scsi_put32 (to, (guint32) blocks);
  scsi_put32 (to + 4, unit->block_size);
  return 8;
}

void
scsi_mode_sense (ScsiCall *call)
{
  const ScsiUnit *unit = call->unit;
  const guint8 *cdb = call->r->cdb;
  guint8 *b = call->r->buffer;
  gboolean ten = cdb[0] == 0x5a;
  guint control = cdb[2] >> 6;
  gsize header = ten ? 8 : 4, size = header, n;
  guint8 device = 0;

  if (control == PAGE_SAVED)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_SAVING_NOT_SUPPORTED);
      return;
    }
  memset (b, 0, header);
  if (unit->type == SCSI_TYPE_DISK)
    device = 0x10 | (scsi_unit_readonly (unit) ? 0x80 : 0);          /* DPOFUA, WP */
  if (unit->type == SCSI_TYPE_DISK && !(cdb[1] & 0x08) && scsi_unit_blocks (unit) != 0)
    size += put_block_descriptor (unit, b + size);
  b[ten ? 3 : 2] = device;
  b[ten ? 7 : 3] = (guint8) (size - header);
  n = put_pages (unit, cdb[2] & 0x3f, control, b + size);
  if (n == 0 || (cdb[3] != 0 && cdb[3] != 0xff))
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
  size += n;
  if (ten)
    scsi_put16 (b, (guint) size - 2);
  else
    b[0] = (guint8) (size - 1);
  scsi_reply (call, size, ten ? scsi_get16 (&cdb[7]) : cdb[4]);
}

/* -- MODE SELECT */

void
scsi_mode_select (ScsiCall *call)
{
  const guint8 *cdb = call->r->cdb;

  if (cdb[1] & 1)                                                    /* SP */
    scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
  else
    scsi_want_list (call, cdb[0] == 0x55 ? scsi_get16 (&cdb[7]) : cdb[4]);
}

/* What cannot be changed must be as it is. */
static gboolean
may_set (const ScsiUnit *unit, const guint8 *list, gsize size)
{
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      const ModePage *page = &pages[i];
      guint8 now[sizeof page->bytes];

      if (page->code != (list[0] & 0x3f) || !(page->types & types_of (unit)))
        continue;
      if (page->size != list[1] || size < 2 + (gsize) page->size)
        return FALSE;
      fill_page (unit, page, PAGE_CURRENT, now);
      return ((list[2] ^ now[0]) & ~page->changeable) == 0
             && memcmp (list + 3, now + 1, page->size - 1) == 0;
    }
  return FALSE;
}

static void
set_page (ScsiUnit *unit, const guint8 *list)
{
  if ((list[0] & 0x3f) != CACHING_PAGE)
    return;
  unit->s->write_cache = (list[2] & WCE) != 0;
  if (!unit->s->write_cache && unit->drive != NULL)
    drive_flush (unit->drive);
}

void
scsi_mode_select_take (ScsiCall *call, const guint8 *list, gsize size)
{
  gboolean ten = call->r->cdb[0] == 0x55;
  gsize at = ten ? 8 : 4;

  if (size < at)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_PARAMETER_LIST_LENGTH);
      return;
    }
  at += ten ? scsi_get16 (&list[6]) : list[3];
  if (at > size)
    {
      scsi_fail (call, SCSI_ILLEGAL_REQUEST, SCSI_ASC_PARAMETER_LIST_LENGTH);
      return;
    }
  /* All of them are looked at before the first one is set. */
  for (gsize p = at; p < size; p += 2 + list[p + 1])
    if (size - p < 2 || !may_set (call->unit, list + p, size - p))
      {
        scsi_fail (call, SCSI_ILLEGAL_REQUEST,
                   size - p < 2 ? SCSI_ASC_PARAMETER_LIST_LENGTH : SCSI_ASC_INVALID_FIELD_IN_LIST);
        return;
      }
  for (gsize p = at; p < size; p += 2 + list[p + 1])
    set_page (call->unit, list + p);
}
