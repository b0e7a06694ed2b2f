/* ata - a disk, or a CD drive, at the end of an ATA cable: what IDE channels and AHCI ports share.
 *
 * An IDE channel reads and writes the drive's registers; an AHCI port hands whole commands over.  Both move
 * what a command transfers by DMA when the drive says that it is ready, which is at a guest time that
 * follows from the command alone, and never within a call into the drive.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes; a unit is 0 or 1 on an IDE channel, the port's number behind AHCI. */
#pragma once

#include "core/device.h"
#include "hw/card.h"

extern const AsternDeviceClass ata_disk_class, ata_cd_class;
extern const AsternCard        ata_disk_card, ata_cd_card;

#define ATA_SECTOR_BYTES 512
#define ATA_PACKET_BYTES 16
#define ATA_NCQ_DEPTH    32

/* Registers of a command block, by their offsets; what is read and what is written there. */
enum
{
  ATA_DATA, ATA_ERROR, ATA_COUNT, ATA_LBA_LOW, ATA_LBA_MID, ATA_LBA_HIGH, ATA_DEVICE, ATA_STATUS,
  ATA_FEATURES = ATA_ERROR, ATA_COMMAND = ATA_STATUS,
};

/* ATA_STATUS */
enum { ATA_ERR = 0x01, ATA_DRQ = 0x08, ATA_DSC = 0x10, ATA_DF = 0x20, ATA_DRDY = 0x40, ATA_BSY = 0x80 };
/* ATA_ERROR */
enum { ATA_ABRT = 0x04, ATA_IDNF = 0x10, ATA_UNC = 0x40 };
/* ATA_DEVICE */
enum { ATA_SECOND = 0x10, ATA_LBA = 0x40 };
/* The device control register */
enum { ATA_NIEN = 0x02, ATA_SRST = 0x04, ATA_HOB = 0x80 };

enum { ATA_CMD_READ_FPDMA = 0x60, ATA_CMD_WRITE_FPDMA = 0x61, ATA_CMD_PACKET = 0xa0 };

/* A command and its registers, 48 bits wide; or how it ended. */
typedef struct
{
  guint64 lba;
  guint16 count, features;
  guint8  device, command;
  guint8  status, error;       /* how it ended */
} AtaTask;

/* Who is at the other end of the cable. */
typedef struct
{
  /* A command wants data moved: ata_transfer_in() or _out(), then ata_transfer_end(), now or later. */
  void (*ready)     (gpointer host, guint unit);
  /* A command is over. */
  void (*completed) (gpointer host, guint unit);
  /* The drive asks for an interrupt, anew. */
  void (*interrupt) (gpointer host, guint unit);
  /* Its interrupt request, ata_interrupt(), is another one, or is told again after a restore: drives wires only. */
  void (*wires)     (gpointer host, guint unit);
} AtaHost;

/* @serial: behind AHCI, whose commands ata_execute() gives whole. */
void     ata_connect         (AsternDevice *ata, const AtaHost *host, gpointer self, guint unit, gboolean serial);
/* What it holds: a drive of the kind that its class says. */
void     ata_set_drive       (AsternDevice *ata, AsternDevice *drive);
AsternDevice *ata_drive      (AsternDevice *ata);    /* (nullable) */
guint    ata_unit            (AsternDevice *ata);    /* on an IDE controller channel * 2 + drive */
gboolean ata_is_cd           (const AsternDevice *ata);

/* ---- by registers ---- */

guint8   ata_register        (AsternDevice *ata, guint reg);                    /* without side effects */
void     ata_write_register  (AsternDevice *ata, guint reg, guint8 value);
void     ata_status_was_read (AsternDevice *ata);
void     ata_command         (AsternDevice *ata, guint8 command);
void     ata_write_control   (AsternDevice *ata, guint8 value);
/* @size 1, 2 or 4. */
guint32  ata_data            (AsternDevice *ata, guint size);                   /* without side effects */
void     ata_data_was_read   (AsternDevice *ata, guint size);
void     ata_write_data      (AsternDevice *ata, guint32 value, guint size);
gboolean ata_interrupt       (AsternDevice *ata);                               /* INTRQ, whatever nIEN says */

/* ---- whole commands ---- */

/* @packet: of ATA_PACKET_BYTES, for PACKET; else NULL.  Not while ata_is_busy(). */
void     ata_execute         (AsternDevice *ata, const AtaTask *task, const guint8 *packet);
gboolean ata_is_busy         (AsternDevice *ata);
void     ata_task            (AsternDevice *ata, AtaTask *task);                /* how it stands */
/* As at power-on, but for what SET FEATURES and SET MULTIPLE have set. */
void     ata_reset           (AsternDevice *ata);

/* ---- the data of a command that is ready ---- */

gboolean ata_is_ready        (AsternDevice *ata);
gboolean ata_transfer_is_out (AsternDevice *ata);       /* from the host to the drive */
gboolean ata_transfer_is_pio (AsternDevice *ata);       /* the command is one of programmed input and output */
guint64  ata_transfer_left   (AsternDevice *ata);
/* @size at most what is left.  FALSE: the medium failed; the command is to be ended. */
gboolean ata_transfer_in     (AsternDevice *ata, gpointer data, guint size);
gboolean ata_transfer_out    (AsternDevice *ata, gconstpointer data, guint size);
/* @good FALSE: the host could not move it all. */
void     ata_transfer_end    (AsternDevice *ata, gboolean good);

/* ---- queued commands, which the host keeps ---- */

/* READ and WRITE FPDMA QUEUED: whether the range is one of the disk. */
gboolean ata_queued_is_good  (AsternDevice *ata, guint64 lba, guint sectors);
/* A queued command failed: what the log of that has. */
void     ata_queued_failed   (AsternDevice *ata, guint tag, const AtaTask *task);
