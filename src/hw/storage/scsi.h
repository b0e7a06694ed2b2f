/* scsi - SCSI units (disks, CDs), the requests that they serve, and the bus that finds them.
 *
 * An initiator - a host adapter, a USB stick's bridge, an ATAPI drive - has a ScsiBus with units on it.  It keeps
 * each request that is under way as a ScsiRequest in its own state, and takes it through four calls:
 *
 *   scsi_request_begin ()           looks at the CDB: which way data goes, how much, how long it takes
 *   scsi_request_read () / write () the data, in pieces of any size, in order
 *   scsi_request_finish ()          status and sense
 *
 * Nothing here takes guest time: the initiator lets `latency_ns` pass on its own timer between begin and the data
 * (or does all four calls when the time has passed).  Whatever the guest asks for is answered with a status; nothing
 * of it can fail otherwise.
 *
 * A unit is a part of a device: ScsiUnitState is a member of the device's state, ScsiUnit of its struct.  The cards
 * "scsi-hd" and "scsi-cd" are devices that are nothing else; a device with a unit of its own (a USB stick, an ATAPI
 * drive) embeds one.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes; blocks of the unit where it is said. */
#pragma once

#include "hw/card.h"
#include "hw/drive.h"

#define SCSI_CDB_BYTES     16
#define SCSI_SENSE_BYTES   18
#define SCSI_BUFFER_BYTES  4096      /* most data of a request that is not the medium's */
#define SCSI_BUS_UNITS     64
#define SCSI_BUS_TARGETS   256       /* and as many LUNs each */

typedef struct _ScsiUnit ScsiUnit;
typedef struct _ScsiBus  ScsiBus;

typedef enum { SCSI_TYPE_DISK = 0, SCSI_TYPE_CDROM = 5 } ScsiType;

typedef enum { SCSI_DATA_NONE, SCSI_DATA_IN, SCSI_DATA_OUT } ScsiDirection;   /* IN: to the initiator */

typedef enum
{
  SCSI_GOOD                 = 0x00,
  SCSI_CHECK_CONDITION      = 0x02,
  SCSI_BUSY                 = 0x08,
  SCSI_RESERVATION_CONFLICT = 0x18,
} ScsiStatus;

/* A request under way, in the initiator's state: plain data.  Zeroed: none. */
typedef struct
{
  guint64 length;                        /* of the data */
  guint64 done;                          /* of it, moved so far */
  guint64 start;                         /* on the medium, when it is the medium's data */
  guint64 latency_ns;                    /* guest time that the request takes */
  guint32 filled;                        /* bytes of `buffer` that mean something */
  guint16 target, lun;
  guint8  cdb[SCSI_CDB_BYTES];
  guint8  sense[SCSI_SENSE_BYTES];       /* fixed format; with CHECK CONDITION */
  guint8  source;                        /* where the data is: private */
  guint8  direction;                     /* ScsiDirection */
  guint8  status;                        /* ScsiStatus; after finish */
  guint8  failed;                        /* status and sense are set, nothing more is done */
  guint8  active;                        /* begun and not finished */
  guint8  reserved;
  guint8  buffer[SCSI_BUFFER_BYTES];
} ScsiRequest;

/* In a field table, of member `r` of the state. */
#define SCSI_REQUEST_FIELDS(Struct, r, since)                                                     \
  ASTERN_FIELD (Struct, r.length, since), ASTERN_FIELD (Struct, r.done, since),                   \
  ASTERN_FIELD (Struct, r.start, since), ASTERN_FIELD (Struct, r.latency_ns, since),              \
  ASTERN_FIELD (Struct, r.filled, since), ASTERN_FIELD (Struct, r.target, since),                 \
  ASTERN_FIELD (Struct, r.lun, since), ASTERN_FIELD_ARRAY (Struct, r.cdb, since),                 \
  ASTERN_FIELD_ARRAY (Struct, r.sense, since), ASTERN_FIELD (Struct, r.source, since),            \
  ASTERN_FIELD (Struct, r.direction, since), ASTERN_FIELD (Struct, r.status, since),              \
  ASTERN_FIELD (Struct, r.failed, since), ASTERN_FIELD (Struct, r.active, since),                 \
  ASTERN_FIELD (Struct, r.reserved, since), ASTERN_FIELD_ARRAY (Struct, r.buffer, since)

/* What a unit remembers from one command to the next; a member of its device's state. */
typedef struct
{
  guint32 attention;                     /* bit mask of unit attentions that the initiator was not told of */
  guint32 medium;                        /* the drive's number of the medium that is known */
  guint8  sense_key, asc, ascq;          /* of the last failed command, for REQUEST SENSE */
  guint8  stopped;                       /* by START STOP UNIT */
  guint8  write_cache;                   /* the caching page's WCE */
  guint8  media_event;                   /* for GET EVENT STATUS NOTIFICATION: MMC's media event code */
  guint8  locked;                        /* PREVENT ALLOW MEDIUM REMOVAL */
  guint8  reserved;
} ScsiUnitState;

#define SCSI_UNIT_FIELDS(Struct, u, since)                                                        \
  ASTERN_FIELD (Struct, u.attention, since), ASTERN_FIELD (Struct, u.medium, since),              \
  ASTERN_FIELD (Struct, u.sense_key, since), ASTERN_FIELD (Struct, u.asc, since),                 \
  ASTERN_FIELD (Struct, u.ascq, since), ASTERN_FIELD (Struct, u.stopped, since),                  \
  ASTERN_FIELD (Struct, u.write_cache, since), ASTERN_FIELD (Struct, u.media_event, since),       \
  ASTERN_FIELD (Struct, u.locked, since), ASTERN_FIELD (Struct, u.reserved, since)

struct _ScsiUnit
{
  ScsiUnitState *s;                      /* in the owner's state */
  AsternDevice  *owner;
  AsternDevice  *drive;                  /* (nullable) borrowed */
  ScsiBus       *bus;                    /* (nullable) borrowed */
  guint16        target, lun;            /* on it */
  guint8         type;                   /* ScsiType */
  gboolean       removable;
  guint32        block_size;             /* of the disk: 512 or 4096; CDs have 2048 */
  guint32        physical_block_size;
  char           vendor[9], product[17], version[5];   /* of INQUIRY; shorter ones are padded with blanks */
  char           serial[37];             /* empty: the drive's */
  guint64        wwn;                    /* 0: none */
};

/* A host adapter's end of the cable. */
struct _ScsiBus
{
  ScsiUnit *units[SCSI_BUS_UNITS];       /* borrowed */
  guint     n_units;
  guint     n_targets;                   /* numbers below this exist; 0: one target */
  guint     n_luns;                      /* of each; 0: LUN 0 only */
  gboolean  autosense;                   /* sense goes out with the status: REQUEST SENSE finds nothing afterwards */
  /* (nullable) a unit has another medium, none, or is asked for it by a person. */
  void    (*media_changed) (gpointer initiator, ScsiUnit *unit);
  gpointer  initiator;
};

/* -- Units */

/* In a class's init, when @state is zeroed. */
void      scsi_unit_init       (ScsiUnit *unit, AsternDevice *owner, ScsiUnitState *state, ScsiType type);
/* In its reset (of the device: power-on and a bus reset) and restored. */
void      scsi_unit_reset      (ScsiUnit *unit);
void      scsi_unit_restored   (ScsiUnit *unit);
/* Before power-on. */
void      scsi_unit_set_drive  (ScsiUnit *unit, AsternDevice *drive);
/* Blocks of what is in; 0: nothing. */
guint64   scsi_unit_blocks     (const ScsiUnit *unit);
guint32   scsi_unit_block_size (const ScsiUnit *unit);

/* -- The bus */

/* FALSE: there is one already, or no room. */
gboolean  scsi_bus_attach      (ScsiBus *bus, ScsiUnit *unit, guint target, guint lun, GError **error);
/* For a card's plug(): @child is a "scsi-hd" or "scsi-cd"; its properties "scsi-id" and "lun" say where, or the first free one is taken. */
gboolean  scsi_bus_plug        (ScsiBus *bus, AsternDevice *child, const AsternCardSettings *settings, GError **error);
ScsiUnit *scsi_bus_unit        (const ScsiBus *bus, guint target, guint lun);      /* (nullable) */
/* Whether anybody answers a selection of it. */
gboolean  scsi_bus_has_target  (const ScsiBus *bus, guint target);
/* As the reset line does: all units have a unit attention, requests are the initiator's to forget. */
void      scsi_bus_reset       (ScsiBus *bus);

/* -- Requests */

/* @target must be there; a LUN that is not is answered as SPC says.  @cdb_size: of what the initiator had; longer
 * ones are cut.  Sets direction, length and latency_ns; the length may be 0. */
void      scsi_request_begin   (ScsiRequest *request, ScsiBus *bus, guint target, guint lun, gconstpointer cdb, gsize cdb_size);
/* The next @size bytes of the data, never more than length - done.  FALSE: the request failed, and zeros are read,
 * or what is written is dropped. */
gboolean  scsi_request_read    (ScsiRequest *request, ScsiBus *bus, gpointer data, gsize size);
gboolean  scsi_request_write   (ScsiRequest *request, ScsiBus *bus, gconstpointer data, gsize size);
/* All data that the initiator cares for was moved, less than length too.  Returns the status. */
ScsiStatus scsi_request_finish (ScsiRequest *request, ScsiBus *bus);
/* Bytes of a CDB that begins with @opcode. */
guint     scsi_cdb_length      (guint8 opcode);

/* -- Cards: devices that are one unit */
extern const AsternDeviceClass scsi_hd_class, scsi_cd_class;
extern const AsternCard scsi_hd_card, scsi_cd_card;
ScsiUnit *scsi_device_unit     (AsternDevice *device);     /* NULL: it is not one of these */
