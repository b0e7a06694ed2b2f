/* ata-private - what the files of the ATA drive share.  For ata*.c alone. */
#pragma once

#include "hw/storage/ata.h"

#include "core/clock.h"
#include "hw/drive.h"

#define ATA_BUFFER_BYTES 8192
#define ATA_LIST_BYTES   512
#define ATA_COMMAND_NS   2000          /* what a command takes that does not touch the medium */
#define ATA_MAX_MULTIPLE (ATA_BUFFER_BYTES / ATA_SECTOR_BYTES)

enum { PHASE_IDLE, PHASE_WAIT, PHASE_PACKET, PHASE_PIO_IN, PHASE_PIO_OUT, PHASE_READY, PHASE_RESET, N_PHASES };

/* What comes when BSY ends. */
enum { NEXT_DONE, NEXT_TRANSFER, NEXT_STORE, NEXT_FLUSH, NEXT_PACKET, N_NEXT };

/* Where a transfer's data come from, or go to. */
enum
{
  STREAM_NONE,
  STREAM_BUFFER,        /* in: the buffer, from `position` on */
  STREAM_MEDIUM,        /* the medium, at `position` */
  STREAM_RAW,           /* in: a CD's sectors of 2352 bytes, headers made; position counts those bytes */
  STREAM_TRIM,          /* out: ranges to be forgotten, 512 bytes a page, in `list` */
  STREAM_LIST,          /* out: a packet's parameters, in `list` */
  N_STREAMS
};

enum { EVENT_NONE, EVENT_EJECT_REQUEST, EVENT_NEW_MEDIA, EVENT_MEDIA_REMOVAL };

/* features_on */
enum { ON_WRITE_CACHE = 1, ON_LOOK_AHEAD = 2, ON_SMART = 4, ON_REVERT = 8 };

typedef struct
{
  guint64 wait_ns;                      /* deadline: BSY ends */
  guint64 position;                     /* of the stream, bytes */
  guint64 left;                         /* bytes that the transfer has yet to move */
  guint64 queued_lba;                   /* of the queued command that failed */
  guint32 buffer_at, buffer_end;        /* PIO: what of the buffer the host has yet to read or fill */
  guint32 drq_bytes;                    /* PIO: most bytes in a block */
  guint32 medium;                       /* the drive's number of it when last looked at; CD */
  guint16 features, count, lbal, lbam, lbah;    /* upper halves: what was written there before */
  guint16 byte_limit;                   /* a packet's, from the registers */
  guint16 queued_count;
  guint8  device, status, error, control, command;
  guint8  phase, next, stream, out;
  guint8  dma;                          /* the host moves the data */
  guint8  pio_command;                  /* ... of a command of PIO */
  guint8  intrq;
  guint8  multiple;                     /* sectors; 0: READ MULTIPLE is not allowed */
  guint8  heads, sectors;               /* the translation of cylinder, head, sector */
  guint8  transfer_mode;                /* as SET FEATURES wrote it; 0: as at power-on */
  guint8  features_on;
  guint8  standby;
  guint8  queued_tag;                   /* of the command that failed; 0xff: none */
  guint8  queued_status, queued_error;
  guint8  sense_key, asc, ascq;
  guint8  attention;                    /* the ASC of a unit attention to be told; 0: none */
  guint8  event;                        /* media event to be told */
  guint8  packet[ATA_PACKET_BYTES];
  guint8  list[ATA_LIST_BYTES];
  guint8  buffer[ATA_BUFFER_BYTES];
} AtaState;

typedef struct
{
  AsternDevice   parent;
  AtaState       s;
  AsternTimer    waiting;
  const AtaHost *host;                  /* (nullable) */
  gpointer       self;                  /* the host's */
  guint          unit;
  gboolean       serial;
  AsternDevice  *drive;                 /* (nullable) */
  char           serial_number[21], model[41];
} Ata;

/* -- ata.c: the flow of a command */

/* BSY for @ns, then @next. */
void ata_wait             (Ata *ata, guint next, guint64 ns);
/* A transfer of @size bytes, which is ready after @ns. */
void ata_begin_in         (Ata *ata, guint stream, guint64 position, guint64 size, guint64 ns);
void ata_begin_out        (Ata *ata, guint stream, guint64 position, guint64 size, guint64 ns);
/* The command ends soon, well, or with bits of ATA_ERROR. */
void ata_succeed          (Ata *ata);
void ata_fail             (Ata *ata, guint8 error);
void ata_guest_error      (Ata *ata, const char *what);
void ata_set_signature    (Ata *ata);

/* -- ata-commands.c */

void ata_run              (Ata *ata);                          /* the command in s.command */
guint64 ata_sectors       (const Ata *ata);
guint ata_default_heads   (const Ata *ata);
void ata_trim_page        (Ata *ata, const guint8 *page);

/* -- ata-identify.c: 512 bytes each */

void ata_identify_disk    (const Ata *ata, guint8 *page);
void ata_identify_cd      (const Ata *ata, guint8 *page);
void ata_smart_data       (const Ata *ata, guint8 *page);
void ata_smart_thresholds (const Ata *ata, guint8 *page);
/* FALSE: there is no such page of a log. */
gboolean ata_log_page     (const Ata *ata, guint log, guint number, guint8 *page);

/* -- atapi.c */

void atapi_run            (Ata *ata);                          /* the packet in s.packet */
void atapi_list_done      (Ata *ata, guint size);              /* a packet's parameters are in s.list */
void atapi_reset          (Ata *ata);
void atapi_medium_changed (Ata *ata);
/* The medium failed in the middle of a packet's transfer. */
void atapi_medium_error   (Ata *ata);
/* Bytes [at, at + size) of the sectors as 2352 bytes each. */
gboolean atapi_read_raw   (Ata *ata, guint64 at, guint8 *data, guint size);
