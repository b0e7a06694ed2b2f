/* atapi.c - a CD or DVD drive's packets.
 * Source: MMC-3 (T10/1363D), chapters 5 and 6; SPC-2 (T10/1236D) for what all SCSI devices know; ATA/ATAPI-6.
 * Left out: audio, writing, sub-channel data, regions and keys.  A medium is one track of data. */
#include "config.h"

#include "hw/storage/ata-private.h"

#include "core/disk.h"

#include <string.h>

#define BLOCK        2048
#define RAW          2352
#define CD_BLOCKS    (80 * 60 * 75)       /* a larger medium is a DVD */
#define MOST_BLOCKS  0x10000              /* of one command */
#define LEAD_OUT     0xaa
#define ANSWER_BYTES ATA_BUFFER_BYTES

enum { NOT_READY = 2, MEDIUM_ERROR = 3, ILLEGAL_REQUEST = 5, UNIT_ATTENTION = 6 };
enum { PROFILE_DVD = 0x10, PROFILE_CD = 0x08 };

/* Additional sense codes, and qualifiers in the lower byte. */
enum
{
  ASC_INVALID_COMMAND = 0x2000, ASC_OUT_OF_RANGE = 0x2100, ASC_INVALID_FIELD = 0x2400, ASC_READ_ERROR = 0x1100,
  ASC_MEDIUM_CHANGED = 0x2800, ASC_NO_MEDIUM = 0x3a01, ASC_TRAY_OPEN = 0x3a02, ASC_NOT_SAVED = 0x3900,
  ASC_LOCKED = 0x5302,
};

static guint
get16 (const guint8 *bytes)
{
  return (guint) bytes[0] << 8 | bytes[1];
}

static guint32
get32 (const guint8 *bytes)
{
  return (guint32) get16 (bytes) << 16 | get16 (bytes + 2);
}

static void
put16 (guint8 *bytes, guint value)
{
  bytes[0] = (guint8) (value >> 8);
  bytes[1] = (guint8) value;
}

static void
put32 (guint8 *bytes, guint32 value)
{
  put16 (bytes, value >> 16);
  put16 (bytes + 2, value & 0xffff);
}

static guint64
blocks_of (const Ata *ata)
{
  return ata->drive != NULL ? MIN (drive_size (ata->drive) / BLOCK, G_MAXUINT32) : 0;
}

/* -- How a packet ends */

static void
set_sense (Ata *ata, guint key, guint asc)
{
  AtaState *s = &ata->s;

  s->sense_key = (guint8) key;
  s->asc = (guint8) (asc >> 8);
  s->ascq = (guint8) asc;
  s->error = (guint8) (key << 4 | (key == 0 ? 0 : ATA_ABRT));
  if (key != 0)
    s->status |= ATA_ERR;
}

static void
refuse (Ata *ata, guint key, guint asc)
{
  set_sense (ata, key, asc);
  ata_succeed (ata);
}

static void
good (Ata *ata)
{
  set_sense (ata, 0, 0);
  ata_succeed (ata);
}

/* @size bytes of the buffer, as many of them as the host has room for. */
static void
answer (Ata *ata, guint size, guint room)
{
  set_sense (ata, 0, 0);
  ata_begin_in (ata, STREAM_BUFFER, 0, MIN (size, room), ATA_COMMAND_NS);
}

void
atapi_medium_error (Ata *ata)
{
  set_sense (ata, MEDIUM_ERROR, ASC_READ_ERROR);
}

/* -- The medium */

static guint32
medium_of (const Ata *ata)
{
  return ata->drive == NULL || drive_is_open (ata->drive) ? 0 : drive_medium (ata->drive);
}

void
atapi_medium_changed (Ata *ata)
{
  AtaState *s = &ata->s;
  guint32 medium = medium_of (ata);

  if (medium == s->medium)
    s->event = EVENT_EJECT_REQUEST;
  else
    {
      s->medium = medium;
      s->event = medium != 0 ? EVENT_NEW_MEDIA : EVENT_MEDIA_REMOVAL;
      s->attention = medium != 0 ? ASC_MEDIUM_CHANGED >> 8 : 0;
    }
}

void
atapi_reset (Ata *ata)
{
  AtaState *s = &ata->s;

  s->sense_key = s->asc = s->ascq = 0;
  s->attention = 0;
  s->event = EVENT_NONE;
  s->medium = medium_of (ata);
  if (ata->drive != NULL)
    drive_lock (ata->drive, FALSE);
}

/* FALSE: there is none; the packet has failed. */
static gboolean
need_medium (Ata *ata)
{
  if (ata->drive != NULL && drive_disk (ata->drive) != NULL)
    return TRUE;
  refuse (ata, NOT_READY, ata->drive != NULL && drive_is_open (ata->drive) ? ASC_TRAY_OPEN : ASC_NO_MEDIUM);
  return FALSE;
}

static gboolean
is_dvd (const Ata *ata)
{
  return blocks_of (ata) > CD_BLOCKS;
}

static guint
profile_of (const Ata *ata)
{
  if (ata->drive == NULL || drive_disk (ata->drive) == NULL)
    return 0;
  return is_dvd (ata) ? PROFILE_DVD : PROFILE_CD;
}

/* -- What all SCSI devices know */

static void
test_unit_ready (Ata *ata)
{
  if (need_medium (ata))
    good (ata);
}

static void
request_sense (Ata *ata)
{
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;
  guint key = s->sense_key, asc = s->asc, ascq = s->ascq;

  if (key == 0 && s->attention != 0)
    {
      key = UNIT_ATTENTION;
      asc = s->attention;
      s->attention = 0;
    }
  memset (data, 0, 18);
  data[0] = 0x70;
  data[2] = (guint8) key;
  data[7] = 10;
  data[12] = (guint8) asc;
  data[13] = (guint8) ascq;
  answer (ata, 18, s->packet[4]);
}

static void
inquiry (Ata *ata)
{
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;
  guint room = get16 (s->packet + 3);

  memset (data, 0, 96);
  data[0] = 0x05;                       /* a CD drive */
  if (s->packet[1] & 1)
    {
      if (s->packet[2] == 0x00)
        {
          data[3] = 1;                  /* pages: this one */
          answer (ata, 5, room);
        }
      else
        refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
      return;
    }
  data[1] = 0x80;                       /* removable */
  data[2] = 0x05;
  data[3] = 0x21;                       /* ATAPI's format */
  data[4] = 36 - 5;
  memcpy (data + 8, "ASTERN  ", 8);
  memset (data + 16, ' ', 16);
  memcpy (data + 16, ata->model, MIN (strlen (ata->model), 16));
  memcpy (data + 32, "1.0 ", 4);
  answer (ata, 36, room);
}

static void
start_stop (Ata *ata)
{
  AtaState *s = &ata->s;
  gboolean start = s->packet[4] & 1, load_eject = s->packet[4] & 2;

  if (load_eject && ata->drive != NULL)
    {
      if (!start && drive_is_locked (ata->drive))
        {
          refuse (ata, drive_disk (ata->drive) != NULL ? ILLEGAL_REQUEST : NOT_READY, ASC_LOCKED);
          return;
        }
      drive_eject (ata->drive, !start);
    }
  good (ata);
}

static void
prevent_allow (Ata *ata)
{
  if (ata->drive != NULL)
    drive_lock (ata->drive, ata->s.packet[4] & 1);
  good (ata);
}

/* -- Pages of modes */

static guint
put_page (guint8 *data, guint page, gboolean defaults)
{
  static const guint8 errors[] = { 0x01, 6, 0x00, 5, 0, 0, 0, 0 };
  static const guint8 capabilities[] = {
    0x2a, 18, 0x3b, 0x00,               /* reads CD-R, CD-RW, DVD */
    0x70, 0x00,                         /* several sessions, mode 2 */
    0x29, 0x00,                         /* tray; can be locked, ejects */
    0x02, 0xc2, 0x00, 0x02, 0x02, 0x00, 0x02, 0xc2, 0x00, 0x00, 0x00, 0x00,    /* 706 kB/s, 512 KiB */
  };
  static const guint8 audio[] = { 0x0e, 14, 0x04, 0, 0, 0, 0, 0, 1, 0xff, 2, 0xff, 0, 0, 0, 0 };
  static const struct { guint8 page, size; const guint8 *data; } pages[] = {
    { 0x01, sizeof errors, errors }, { 0x0e, sizeof audio, audio }, { 0x2a, sizeof capabilities, capabilities },
  };
  guint size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (page == pages[i].page || page == 0x3f)
      {
        memcpy (data + size, pages[i].data, pages[i].size);
        size += pages[i].size;
      }
  return size;
}

static void
mode_sense (Ata *ata)
{
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;
  guint page = s->packet[2] & 0x3f, kind = s->packet[2] >> 6;
  gboolean ten = s->packet[0] == 0x5a;
  guint header = ten ? 8 : 4, size;

  if (kind == 3)
    {
      refuse (ata, ILLEGAL_REQUEST, ASC_NOT_SAVED);
      return;
    }
  memset (data, 0, 256);
  size = put_page (data + header, page, kind == 2);
  if (size == 0)
    {
      refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
      return;
    }
  if (kind == 1)                        /* nothing can be changed */
    for (guint at = 0; at < size; at += data[header + at + 1] + 2u)
      memset (data + header + at + 2, 0, data[header + at + 1]);
  else if (page == 0x2a && ata->drive != NULL && drive_is_locked (ata->drive))
    data[header + 6] |= 0x02;
  if (ten)
    put16 (data, header + size - 2);
  else
    data[0] = (guint8) (header + size - 1);
  answer (ata, header + size, ten ? get16 (s->packet + 7) : s->packet[4]);
}

static void
mode_select (Ata *ata)
{
  AtaState *s = &ata->s;
  guint size = s->packet[0] == 0x55 ? get16 (s->packet + 7) : s->packet[4];

  set_sense (ata, 0, 0);
  ata_begin_out (ata, STREAM_LIST, 0, MIN (size, ATA_LIST_BYTES), ATA_COMMAND_NS);
}

/* Nothing of it changes what this drive does. */
void
atapi_list_done (Ata *ata, guint size)
{
  if (size < 8)
    set_sense (ata, ILLEGAL_REQUEST, 0x1a00);   /* the list is too short */
}

/* -- Sizes and tables of contents */

static void
read_capacity (Ata *ata)
{
  if (!need_medium (ata))
    return;
  put32 (ata->s.buffer, (guint32) MAX (blocks_of (ata), 1) - 1);
  put32 (ata->s.buffer + 4, BLOCK);
  answer (ata, 8, 8);
}

/* An address in minutes, seconds and frames counts from two seconds before the first sector. */
static void
put_address (guint8 *bytes, guint32 lba, gboolean msf)
{
  if (!msf)
    {
      put32 (bytes, lba);
      return;
    }
  lba += 150;
  bytes[0] = 0;
  bytes[1] = (guint8) (lba / 75 / 60);
  bytes[2] = (guint8) (lba / 75 % 60);
  bytes[3] = (guint8) (lba % 75);
}

static guint
put_toc (const Ata *ata, guint8 *data, guint first, gboolean msf)
{
  guint size = 4;

  data[2] = data[3] = 1;                /* first and last track */
  if (first <= 1)
    {
      data[size + 1] = 0x14;            /* data */
      data[size + 2] = 1;
      put_address (data + size + 4, 0, msf);
      size += 8;
    }
  data[size + 1] = 0x14;
  data[size + 2] = LEAD_OUT;
  put_address (data + size + 4, (guint32) blocks_of (ata), msf);
  return size + 8;
}

/* As in the lead-in: first and last track, lead-out, the track. */
static guint
put_raw_toc (const Ata *ata, guint8 *data)
{
  static const guint8 points[] = { 0xa0, 0xa1, 0xa2, 1 };
  guint size = 4;

  data[2] = data[3] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (points); i++, size += 11)
    {
      guint8 *row = data + size, address[4] = { 0 };

      row[0] = 1;
      row[1] = 0x14;
      row[3] = points[i];
      if (points[i] >= 0xa2 || points[i] == 1)
        put_address (address, points[i] == 1 ? 0 : (guint32) blocks_of (ata), TRUE);
      else
        address[1] = 1;
      memcpy (row + 8, address + 1, 3);
    }
  return size;
}

static void
read_toc (Ata *ata)
{
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;
  gboolean msf = s->packet[1] & 2;
  guint format = s->packet[2] & 0x0f, first = s->packet[6], size;

  if (format == 0)
    format = s->packet[9] >> 6;         /* where it was of old */
  if (!need_medium (ata))
    return;
  memset (data, 0, 128);
  if (format == 0 && (first <= 1 || first == LEAD_OUT))
    size = put_toc (ata, data, first, msf);
  else if (format == 1)
    {
      data[2] = data[3] = data[6] = 1;
      data[5] = 0x14;
      put_address (data + 8, 0, msf);
      size = 12;
    }
  else if (format == 2)
    size = put_raw_toc (ata, data);
  else
    {
      refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
      return;
    }
  put16 (data, size - 2);
  answer (ata, size, get16 (s->packet + 7));
}

static void
read_disc_information (Ata *ata)
{
  guint8 *data = ata->s.buffer;

  if (!need_medium (ata))
    return;
  memset (data, 0, 34);
  put16 (data, 32);
  data[2] = 0x0e;                       /* complete, as is its last session */
  data[3] = data[4] = data[5] = data[6] = 1;
  data[7] = 0x20;                       /* of unrestricted use */
  memset (data + 16, 0xff, 8);
  answer (ata, 34, get16 (ata->s.packet + 7));
}

static void
read_track_information (Ata *ata)
{
  guint8 *data = ata->s.buffer;

  if (!need_medium (ata))
    return;
  memset (data, 0, 36);
  put16 (data, 34);
  data[2] = data[3] = 1;
  data[5] = 0x04;
  data[6] = 0x01;
  put32 (data + 24, (guint32) blocks_of (ata));
  answer (ata, 36, get16 (ata->s.packet + 7));
}

static void
read_dvd_structure (Ata *ata)
{
  enum { PHYSICAL = 0x00, DATA_START = 0x30000 };
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;

  if (!need_medium (ata))
    return;
  if (!is_dvd (ata) || s->packet[7] != PHYSICAL)
    {
      refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
      return;
    }
  memset (data, 0, BLOCK + 4);
  put16 (data, BLOCK + 2);
  data[4] = 0x01;                       /* DVD-ROM */
  data[5] = 0x0f;
  data[6] = 0x01;
  put32 (data + 8, DATA_START);
  put32 (data + 12, (guint32) (DATA_START + blocks_of (ata) - 1));
  answer (ata, BLOCK + 4, get16 (s->packet + 8));
}

/* -- Features and events */

typedef struct
{
  guint16 number;
  guint8  flags, size;          /* persistent: 2; bytes after the first four */
  guint8  data[8];
} Feature;

static const Feature features[] = {
  { 0x0000, 0x03, 8, { 0 } },                                                   /* profiles, made for the medium */
  { 0x0001, 0x0b, 8, { 0, 0, 0, 2, 1 } },                                       /* core: ATAPI, events by GET EVENT */
  { 0x0003, 0x03, 4, { 0x29 } },                                                /* removable: tray, eject, lock */
  { 0x0010, 0x00, 8, { 0, 0, 8, 0, 0, 1 } },                                    /* random reads of 2048 bytes */
  { 0x001e, 0x00, 4, { 0 } },                                                   /* CD read */
  { 0x001f, 0x00, 4, { 0 } },                                                   /* DVD read */
};

static gboolean
is_current (const Ata *ata, const Feature *feature)
{
  guint profile = profile_of (ata);

  switch (feature->number)
    {
    case 0x0010: return profile != 0;
    case 0x001e: return profile == PROFILE_CD;
    case 0x001f: return profile == PROFILE_DVD;
    default:     return TRUE;
    }
}

static guint
put_feature (const Ata *ata, const Feature *feature, guint8 *data)
{
  guint profile = profile_of (ata);

  put16 (data, feature->number);
  data[2] = (guint8) (feature->flags | is_current (ata, feature));
  data[3] = feature->size;
  memcpy (data + 4, feature->data, feature->size);
  if (feature->number == 0)
    {
      put16 (data + 4, PROFILE_DVD);
      data[6] = profile == PROFILE_DVD;
      put16 (data + 8, PROFILE_CD);
      data[10] = profile == PROFILE_CD;
    }
  return 4u + feature->size;
}

static void
get_configuration (Ata *ata)
{
  enum { ALL, CURRENT, ONE };
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;
  guint which = s->packet[1] & 3, first = get16 (s->packet + 2), size = 8;

  if (which > ONE)
    {
      refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
      return;
    }
  memset (data, 0, 128);
  put16 (data + 6, profile_of (ata));
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    if (which == ONE ? features[i].number == first
        : features[i].number >= first && (which == ALL || is_current (ata, &features[i])))
      size += put_feature (ata, &features[i], data + size);
  put32 (data, size - 4);
  answer (ata, size, get16 (s->packet + 7));
}

static void
get_event_status (Ata *ata)
{
  enum { POLLED = 1, MEDIA_CLASS = 4, MEDIA_BIT = 1 << MEDIA_CLASS, NO_EVENT_OF_SUCH = 0x80 };
  static const guint8 codes[] = { 0, 1, 2, 3 };
  AtaState *s = &ata->s;
  guint8 *data = s->buffer;
  guint room = get16 (s->packet + 7);

  if (!(s->packet[1] & POLLED))
    {
      refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
      return;
    }
  memset (data, 0, 8);
  data[3] = MEDIA_BIT;
  if (!(s->packet[4] & MEDIA_BIT))
    {
      put16 (data, 2);
      data[2] = NO_EVENT_OF_SUCH;
      answer (ata, 4, room);
      return;
    }
  put16 (data, 6);
  data[2] = MEDIA_CLASS;
  data[4] = codes[s->event & 3];
  data[5] = (guint8) ((ata->drive != NULL && drive_is_open (ata->drive) ? 1 : 0) | (medium_of (ata) != 0 ? 2 : 0));
  if (room > 4)
    s->event = EVENT_NONE;
  answer (ata, 8, room);
}

static void
mechanism_status (Ata *ata)
{
  guint8 *data = ata->s.buffer;

  memset (data, 0, 8);
  if (ata->drive != NULL && drive_is_open (ata->drive))
    data[1] = 0x10;
  answer (ata, 8, get16 (ata->s.packet + 8));
}

static void
read_sub_channel (Ata *ata)
{
  guint8 *data = ata->s.buffer;

  memset (data, 0, 4);
  data[1] = 0x15;                       /* no audio to tell of */
  answer (ata, 4, get16 (ata->s.packet + 7));
}

/* -- Reading */

static gboolean
need_range (Ata *ata, guint64 first, guint64 n)
{
  guint64 total;

  if (!need_medium (ata))
    return FALSE;
  total = blocks_of (ata);
  if (first > total || n > total - first)
    refuse (ata, ILLEGAL_REQUEST, ASC_OUT_OF_RANGE);
  else if (n > MOST_BLOCKS)
    refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
  else
    return TRUE;
  return FALSE;
}

static void
begin_read (Ata *ata, guint64 first, guint64 n, gboolean raw)
{
  guint64 bytes = n * (raw ? RAW : BLOCK);

  if (!need_range (ata, first, n))
    return;
  set_sense (ata, 0, 0);
  ata_begin_in (ata, raw ? STREAM_RAW : STREAM_MEDIUM, first * (raw ? RAW : BLOCK), bytes,
                astern_disk_latency_ns (bytes));
}

static void
read_blocks (Ata *ata)
{
  const guint8 *packet = ata->s.packet;

  begin_read (ata, get32 (packet + 2), packet[0] == 0xa8 ? get32 (packet + 6) : get16 (packet + 7), FALSE);
}

/* What of a sector is wanted: the data alone, or all of it. */
static void
read_cd_range (Ata *ata, guint64 first, guint64 n)
{
  guint wanted = ata->s.packet[9] & 0xf8;

  if (n == 0 || wanted == 0)
    good (ata);
  else if (wanted == 0x10)
    begin_read (ata, first, n, FALSE);
  else if (wanted == 0xf8)
    begin_read (ata, first, n, TRUE);
  else
    refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
}

static void
read_cd (Ata *ata)
{
  const guint8 *packet = ata->s.packet;

  read_cd_range (ata, get32 (packet + 2), (guint32) packet[6] << 16 | get16 (packet + 7));
}

static void
read_cd_msf (Ata *ata)
{
  const guint8 *packet = ata->s.packet;
  gint64 start = (packet[3] * 60 + packet[4]) * 75 + packet[5] - 150, end = (packet[6] * 60 + packet[7]) * 75 + packet[8] - 150;

  if (start < 0 || end < start)
    refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
  else
    read_cd_range (ata, (guint64) start, (guint64) (end - start));
}

static void
seek (Ata *ata)
{
  if (need_range (ata, get32 (ata->s.packet + 2), 1))
    good (ata);
}

/* A sector of mode 1: synchronisation, address, data, and a code against errors that is left zero. */
gboolean
atapi_read_raw (Ata *ata, guint64 at, guint8 *data, guint size)
{
  guint8 sector[RAW];

  while (size > 0)
    {
      guint64 lba = at / RAW;
      guint from = (guint) (at % RAW), n = MIN (size, RAW - from);
      guint8 address[4];

      if (lba >= blocks_of (ata) || !drive_read (ata->drive, lba * BLOCK, sector + 16, BLOCK))
        return FALSE;
      memset (sector, 0xff, 12);
      sector[0] = sector[11] = 0;
      put_address (address, (guint32) lba, TRUE);
      for (guint i = 0; i < 3; i++)
        sector[12 + i] = (guint8) ((address[1 + i] / 10 % 10) << 4 | address[1 + i] % 10);
      sector[15] = 1;
      memset (sector + 16 + BLOCK, 0, RAW - BLOCK - 16);
      memcpy (data, sector + from, n);
      data += n;
      at += n;
      size -= n;
    }
  return TRUE;
}

/* -- Which packet it is */

enum { EVEN_IN_ATTENTION = 1 };

static const struct { guint8 opcode, flags; void (*run) (Ata *ata); } packets[] = {
  { 0x00, 0,                 test_unit_ready },
  { 0x03, EVEN_IN_ATTENTION, request_sense },
  { 0x12, EVEN_IN_ATTENTION, inquiry },
  { 0x15, 0,                 mode_select },             /* MODE SELECT(6) */
  { 0x1a, 0,                 mode_sense },              /* MODE SENSE(6) */
  { 0x1b, 0,                 start_stop },
  { 0x1e, 0,                 prevent_allow },
  { 0x25, 0,                 read_capacity },
  { 0x28, 0,                 read_blocks },             /* READ(10) */
  { 0x2b, 0,                 seek },
  { 0x35, 0,                 good },                    /* SYNCHRONIZE CACHE */
  { 0x42, 0,                 read_sub_channel },
  { 0x43, 0,                 read_toc },
  { 0x46, EVEN_IN_ATTENTION, get_configuration },
  { 0x4a, EVEN_IN_ATTENTION, get_event_status },
  { 0x51, 0,                 read_disc_information },
  { 0x52, 0,                 read_track_information },
  { 0x55, 0,                 mode_select },             /* MODE SELECT(10) */
  { 0x5a, 0,                 mode_sense },              /* MODE SENSE(10) */
  { 0xa8, 0,                 read_blocks },             /* READ(12) */
  { 0xad, 0,                 read_dvd_structure },
  { 0xb9, 0,                 read_cd_msf },
  { 0xbb, 0,                 good },                    /* SET CD SPEED */
  { 0xbd, EVEN_IN_ATTENTION, mechanism_status },
  { 0xbe, 0,                 read_cd },
};

/* A block of PIO is as large as the host allows, and even but for the last. */
static guint
block_bytes (const AtaState *s)
{
  guint limit = s->byte_limit != 0 ? s->byte_limit : 0xfffe;

  return CLAMP (limit & ~1u, 2, ATA_BUFFER_BYTES);
}

void
atapi_run (Ata *ata)
{
  AtaState *s = &ata->s;

  s->drq_bytes = block_bytes (s);
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      if (packets[i].opcode != s->packet[0])
        continue;
      if (s->attention != 0 && !(packets[i].flags & EVEN_IN_ATTENTION))
        {
          guint asc = (guint) s->attention << 8;

          s->attention = 0;
          refuse (ata, UNIT_ATTENTION, asc);
        }
      else
        packets[i].run (ata);
      return;
    }
  refuse (ata, ILLEGAL_REQUEST, ASC_INVALID_COMMAND);
}
