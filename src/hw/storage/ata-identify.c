/* ata-identify.c - what a drive says of itself: identification, SMART, logs.
 * Source: ATA/ATAPI-6 (T13/1410D), sections 8.15, 8.16 and 8.54; ATA8-ACS (T13/1699D) for words 75 to 78,
 * 105, 169 and 217, and for the logs. */
#include "config.h"

#include "hw/storage/ata-private.h"

#include <string.h>

static void
put16 (guint8 *page, guint word, guint value)
{
  page[2 * word] = (guint8) value;
  page[2 * word + 1] = (guint8) (value >> 8);
}

static void
put32 (guint8 *page, guint word, guint32 value)
{
  put16 (page, word, value & 0xffff);
  put16 (page, word + 1, value >> 16);
}

/* Text in words, the first character in the upper byte, filled up with spaces. */
static void
put_text (guint8 *page, guint word, guint n_words, const char *text)
{
  gsize length = strlen (text);

  for (guint i = 0; i < 2 * n_words; i++)
    page[2 * word + (i ^ 1)] = (guint8) (i < length ? text[i] : ' ');
}

/* The sum of all bytes is zero. */
static void
put_checksum (guint8 *page)
{
  guint8 sum = 0;

  for (guint i = 0; i < 511; i++)
    sum = (guint8) (sum + page[i]);
  page[511] = (guint8) -sum;
}

/* The modes of one kind that there are, and the one that is chosen, which SET FEATURES numbers @kind + n. */
static guint
modes (const Ata *ata, guint supported, guint kind)
{
  guint mode = ata->s.transfer_mode != 0 ? ata->s.transfer_mode : 0x45;         /* Ultra DMA 5 */

  return supported | ((mode & 0xf8) == kind ? 1u << (8 + (mode & 7)) : 0);
}

static void
put_common (const Ata *ata, guint8 *page)
{
  put_text (page, 10, 10, ata->serial_number);
  put_text (page, 23, 4, "1.0");
  put_text (page, 27, 20, ata->model);
  put16 (page, 49, 0x0b00);                     /* IORDY, LBA, DMA */
  put16 (page, 63, modes (ata, 0x07, 0x20));
  put16 (page, 64, 0x0003);                     /* PIO 3 and 4 */
  for (guint word = 65; word < 69; word++)
    put16 (page, word, 120);                    /* ns a cycle */
  put16 (page, 88, modes (ata, 0x3f, 0x40));
  if (ata->serial)
    put16 (page, 76, 0x0006);                   /* 1.5 and 3 Gb/s */
  else
    put16 (page, 93, 0x6000 | (ata->unit & 1 ? 0x0b00 : 0x000b));      /* cable of 80 wires; passed */
}

void
ata_identify_disk (const Ata *ata, guint8 *page)
{
  const AtaState *s = &ata->s;
  guint64 total = ata_sectors (ata);
  guint cylinders = (guint) MIN (total / (16 * 63), 16383), now = s->heads * s->sectors;
  guint on = (s->features_on & ON_SMART ? 1 : 0) | (s->features_on & ON_WRITE_CACHE ? 0x20 : 0)
             | (s->features_on & ON_LOOK_AHEAD ? 0x40 : 0);

  now = now > 0 ? (guint) MIN (total / now, 65535) : 0;
  memset (page, 0, ATA_SECTOR_BYTES);
  put_common (ata, page);
  put16 (page, 0, 0x0040);                      /* fixed */
  put16 (page, 1, cylinders);
  put16 (page, 3, 16);
  put16 (page, 6, 63);
  put16 (page, 47, 0x8000 | ATA_MAX_MULTIPLE);
  put16 (page, 50, 0x4000);
  put16 (page, 51, 0x0200);
  put16 (page, 53, 0x0007);
  put16 (page, 54, now);
  put16 (page, 55, s->heads);
  put16 (page, 56, s->sectors);
  put32 (page, 57, (guint32) MIN ((guint64) now * s->heads * s->sectors, G_MAXUINT32));
  put16 (page, 59, s->multiple != 0 ? 0x0100 | s->multiple : 0);
  put32 (page, 60, (guint32) MIN (total, 0x0fffffff));
  put16 (page, 69, 0x4020);                     /* what was forgotten reads as zeros */
  if (ata->serial)
    {
      put16 (page, 75, ATA_NCQ_DEPTH - 1);
      put16 (page, 76, 0x0106);                 /* queued commands */
      put16 (page, 222, 0x1020);
    }
  put16 (page, 80, 0x01f0);                     /* ATA-4 to ATA8-ACS */
  put16 (page, 82, 0x406a | 1);                 /* NOP, look-ahead, write cache, power management, security, SMART */
  put16 (page, 83, 0x7400);                     /* FLUSH CACHE (EXT), 48 bits */
  put16 (page, 84, 0x4063);                     /* FUA, logs, SMART's logs and self-test */
  put16 (page, 85, 0x400a | on);
  put16 (page, 86, 0x3400);
  put16 (page, 87, 0x4063);
  put32 (page, 100, (guint32) total);
  put32 (page, 102, (guint32) (total >> 32));
  put16 (page, 105, 8);                         /* pages of ranges to forget */
  put16 (page, 106, 0x4000);
  put16 (page, 128, 0x0009);                    /* security: there is, frozen */
  put16 (page, 169, 0x0001);
  put16 (page, 217, 0x0001);                    /* does not rotate */
  page[510] = 0xa5;
  put_checksum (page);
}

void
ata_identify_cd (const Ata *ata, guint8 *page)
{
  memset (page, 0, ATA_SECTOR_BYTES);
  put_common (ata, page);
  put16 (page, 0, 0x85c0);                      /* CD-ROM, removable, packets of 12 bytes within 50 us */
  put16 (page, 53, 0x0006);
  put16 (page, 71, 30);
  put16 (page, 72, 30);
  put16 (page, 80, 0x01f0);
  put16 (page, 82, 0x4218);                     /* NOP, DEVICE RESET, packets, power management */
  put16 (page, 83, 0x4000);
  put16 (page, 84, 0x4000);
  put16 (page, 85, 0x4218);
  put16 (page, 87, 0x4000);
}

/* -- SMART: a disk in good health. */

static const struct { guint8 id, flags, value, threshold; } attributes[] = {
  { 1, 0x03, 100, 6 },          /* read errors */
  { 3, 0x03, 100, 0 },          /* time to spin up */
  { 5, 0x03, 100, 36 },         /* sectors that were replaced */
  { 9, 0x02, 100, 0 },          /* hours */
  { 12, 0x02, 100, 0 },         /* power cycles */
  { 194, 0x02, 100, 0 },        /* temperature */
};

void
ata_smart_data (const Ata *ata, guint8 *page)
{
  memset (page, 0, ATA_SECTOR_BYTES);
  page[0] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (attributes); i++)
    {
      guint8 *row = page + 2 + 12 * i;

      row[0] = attributes[i].id;
      row[1] = attributes[i].flags;
      row[3] = row[4] = attributes[i].value;
    }
  page[362] = 0x02;             /* offline collection was never started */
  page[367] = 0x01;             /* that it can be */
  put_checksum (page);
}

void
ata_smart_thresholds (const Ata *ata, guint8 *page)
{
  memset (page, 0, ATA_SECTOR_BYTES);
  page[0] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (attributes); i++)
    {
      page[2 + 12 * i] = attributes[i].id;
      page[3 + 12 * i] = attributes[i].threshold;
    }
  put_checksum (page);
}

/* -- Logs */

/* The command that failed in the queue (Serial ATA's log 10h). */
static void
queued_error_page (const AtaState *s, guint8 *page)
{
  page[0] = s->queued_tag < ATA_NCQ_DEPTH ? s->queued_tag : 0x80;
  page[2] = s->queued_status;
  page[3] = s->queued_error;
  for (guint i = 0; i < 3; i++)
    {
      page[4 + i] = (guint8) (s->queued_lba >> 8 * i);
      page[8 + i] = (guint8) (s->queued_lba >> (24 + 8 * i));
    }
  page[7] = ATA_LBA;
  page[12] = (guint8) s->queued_count;
  page[13] = (guint8) (s->queued_count >> 8);
  put_checksum (page);
}

gboolean
ata_log_page (const Ata *ata, guint log, guint number, guint8 *page)
{
  enum { DIRECTORY = 0x00, SMART_ERRORS = 0x01, SELF_TESTS = 0x06, QUEUED_ERROR = 0x10 };

  memset (page, 0, ATA_SECTOR_BYTES);
  if (number != 0)
    return FALSE;
  switch (log)
    {
    case DIRECTORY:
      page[0] = 1;
      page[2 * SMART_ERRORS] = page[2 * SELF_TESTS] = 1;
      if (ata->serial)
        page[2 * QUEUED_ERROR] = 1;
      return TRUE;
    case SMART_ERRORS:
    case SELF_TESTS:
      page[0] = 1;
      put_checksum (page);
      return TRUE;
    case QUEUED_ERROR:
      queued_error_page (&ata->s, page);
      return ata->serial;
    default:
      return FALSE;
    }
}
