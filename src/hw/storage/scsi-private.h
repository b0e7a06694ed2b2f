/* scsi-private - what the files of the SCSI layer share: a command in the making, its answers, the tables.
 *
 * Threads: as scsi.h. */
#pragma once

#include "hw/storage/scsi.h"

/* A command that is being looked at.  Its CDB is r->cdb. */
typedef struct
{
  ScsiRequest *r;
  ScsiBus     *bus;
  ScsiUnit    *unit;       /* never NULL in a command's run() and take() */
} ScsiCall;

/* r->source */
enum
{
  SCSI_SOURCE_NONE,
  SCSI_SOURCE_BUFFER,      /* r->buffer: an answer, or a parameter list */
  SCSI_SOURCE_MEDIUM,      /* the medium from r->start on */
  SCSI_SOURCE_COMPARE,     /* what is written is compared with the medium */
};

/* Sense keys (SPC-3, table 27). */
enum
{
  SCSI_NO_SENSE = 0, SCSI_NOT_READY = 2, SCSI_MEDIUM_ERROR = 3, SCSI_ILLEGAL_REQUEST = 5, SCSI_UNIT_ATTENTION = 6,
  SCSI_DATA_PROTECT = 7, SCSI_MISCOMPARE = 14,
};

/* Additional sense codes, ASC << 8 | ASCQ (SPC-3, annex D). */
enum
{
  SCSI_ASC_NONE                    = 0x0000,
  SCSI_ASC_INITIALIZING_REQUIRED   = 0x0402,
  SCSI_ASC_WRITE_ERROR             = 0x0c00,
  SCSI_ASC_READ_ERROR              = 0x1100,
  SCSI_ASC_PARAMETER_LIST_LENGTH   = 0x1a00,
  SCSI_ASC_MISCOMPARE              = 0x1d00,
  SCSI_ASC_INVALID_OPCODE          = 0x2000,
  SCSI_ASC_LBA_OUT_OF_RANGE        = 0x2100,
  SCSI_ASC_INVALID_FIELD_IN_CDB    = 0x2400,
  SCSI_ASC_LUN_NOT_SUPPORTED       = 0x2500,
  SCSI_ASC_INVALID_FIELD_IN_LIST   = 0x2600,
  SCSI_ASC_WRITE_PROTECTED         = 0x2700,
  SCSI_ASC_MEDIUM_CHANGED          = 0x2800,
  SCSI_ASC_POWER_ON                = 0x2900,
  SCSI_ASC_BUS_RESET               = 0x2902,
  SCSI_ASC_MODE_CHANGED            = 0x2a01,
  SCSI_ASC_SAVING_NOT_SUPPORTED    = 0x3900,
  SCSI_ASC_NO_MEDIUM               = 0x3a00,
  SCSI_ASC_NO_MEDIUM_TRAY_CLOSED   = 0x3a01,
  SCSI_ASC_NO_MEDIUM_TRAY_OPEN     = 0x3a02,
  SCSI_ASC_REMOVAL_PREVENTED       = 0x5302,
  SCSI_ASC_ILLEGAL_TRACK_MODE      = 0x6400,
};

/* Bits of ScsiUnitState.attention; the lowest is told first. */
enum
{
  SCSI_ATTENTION_POWER_ON = 1 << 0,
  SCSI_ATTENTION_RESET    = 1 << 1,
  SCSI_ATTENTION_MEDIUM   = 1 << 2,
  SCSI_ATTENTION_MODE     = 1 << 3,
};

/* ScsiUnitState.media_event (MMC-5, table 309). */
enum { SCSI_MEDIA_NO_CHANGE = 0, SCSI_MEDIA_EJECT_REQUEST = 1, SCSI_MEDIA_NEW = 2, SCSI_MEDIA_REMOVED = 3 };

/* A command: a row. */
enum { SCSI_FOR_DISK = 1, SCSI_FOR_CD = 2, SCSI_FOR_ALL = 3 };
enum
{
  SCSI_WANTS_MEDIUM       = 1 << 0,
  SCSI_CHANGES_MEDIUM     = 1 << 1,     /* refused when it is read-only */
  SCSI_PASSES_ATTENTION   = 1 << 2,     /* is done although there is a unit attention */
};

#define SCSI_ANY_ACTION 0xff

/* Limits, as VPD page B0h tells them. */
#define SCSI_MAX_MOVE_BYTES   (32u << 20)                          /* one READ or WRITE (advice: more works) */
#define SCSI_MAX_SAME_BYTES   (32u << 20)                          /* of a pattern; zeros may be UNMAP's */
#define SCSI_MAX_UNMAP_BYTES  (G_GUINT64_CONSTANT (1) << 30)       /* a range */
#define SCSI_MAX_UNMAP_RANGES 255
#define SCSI_MAX_COMPARED_BYTES (SCSI_BUFFER_BYTES / 2)               /* of COMPARE AND WRITE: both have to be in the buffer */

typedef struct
{
  guint8 opcode;
  guint8 action;                        /* service action, in the low five bits of byte 1; or SCSI_ANY_ACTION */
  guint8 types;                         /* SCSI_FOR_... */
  guint8 flags;
  void (*run)  (ScsiCall *call);        /* NULL: it succeeds and does nothing */
  void (*take) (ScsiCall *call, const guint8 *list, gsize size);   /* the parameter list has come */
} ScsiCommand;

extern const ScsiCommand scsi_common_commands[], scsi_block_commands[], scsi_mmc_commands[];
extern const guint scsi_n_common_commands, scsi_n_block_commands, scsi_n_mmc_commands;

/* -- Big-endian numbers */

static inline guint
scsi_get16 (const guint8 *p)
{
  return p[0] << 8 | p[1];
}

static inline guint
scsi_get24 (const guint8 *p)
{
  return p[0] << 16 | p[1] << 8 | p[2];
}

static inline guint32
scsi_get32 (const guint8 *p)
{
  return (guint32) scsi_get16 (p) << 16 | scsi_get16 (p + 2);
}

static inline guint64
scsi_get64 (const guint8 *p)
{
  return (guint64) scsi_get32 (p) << 32 | scsi_get32 (p + 4);
}

static inline void
scsi_put16 (guint8 *p, guint value)
{
  p[0] = (guint8) (value >> 8);
  p[1] = (guint8) value;
}

static inline void
scsi_put32 (guint8 *p, guint32 value)
{
  scsi_put16 (p, value >> 16);
  scsi_put16 (p + 2, value & 0xffff);
}

static inline void
scsi_put64 (guint8 *p, guint64 value)
{
  scsi_put32 (p, (guint32) (value >> 32));
  scsi_put32 (p + 4, (guint32) value);
}

/* -- Answers of a command's run() (scsi-request.c) */

void     scsi_fail       (ScsiCall *call, guint8 key, guint asc);
/* The first @size bytes of r->buffer, cut to @allocation. */
void     scsi_reply      (ScsiCall *call, gsize size, gsize allocation);
/* @size bytes of a parameter list come; take() is called with what did. */
void     scsi_want_list  (ScsiCall *call, gsize size);
/* Data of the medium, when [lba, lba + blocks) is inside; else it fails. */
void     scsi_move       (ScsiCall *call, ScsiDirection direction, guint64 lba, guint64 blocks);
gboolean scsi_is_inside  (ScsiCall *call, guint64 lba, guint64 blocks);
/* A row that the unit's type has; NULL: none. */
const ScsiCommand *scsi_find_command (const ScsiUnit *unit, const guint8 *cdb);

/* -- The unit's parts */
void     scsi_unit_attention     (ScsiUnit *unit, guint32 attention);
gboolean scsi_unit_readonly      (const ScsiUnit *unit);
const char *scsi_unit_serial     (const ScsiUnit *unit);
void     scsi_unit_eject         (ScsiUnit *unit, gboolean open);
/* For a LUN that is not there (scsi-common.c). */
void     scsi_inquiry_of_nobody  (ScsiCall *call);
void     scsi_report_luns        (ScsiCall *call);
/* Mode pages (scsi-mode.c). */
void     scsi_mode_sense         (ScsiCall *call);
void     scsi_mode_select        (ScsiCall *call);
void     scsi_mode_select_take   (ScsiCall *call, const guint8 *list, gsize size);
