/* scsi-unit.c - what a SCSI unit remembers, and the medium in it.
 * Source: SPC-3 (T10/1416-D), section 5.8 (unit attention); SAM-3, section 5.9.7.
 * Left out: several initiators: what one is told, all were. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <string.h>

#define CD_BLOCK_BYTES 2048

static guint
medium_inside (AsternDevice *drive)
{
  return drive_disk (drive) != NULL ? drive_medium (drive) : 0;
}

/* Whether another medium is in, or none any more. */
static gboolean
notice_medium (ScsiUnit *unit)
{
  ScsiUnitState *s = unit->s;
  guint medium = medium_inside (unit->drive);

  if (medium == s->medium)
    return FALSE;
  s->media_event = medium != 0 ? SCSI_MEDIA_NEW : SCSI_MEDIA_REMOVED;
  if (medium != 0)
    s->attention |= SCSI_ATTENTION_MEDIUM;
  s->stopped = FALSE;
  s->medium = medium;
  return TRUE;
}

/* The drive says that something is new in it. */
static void
drive_changed (gpointer controller, AsternDevice *drive)
{
  ScsiUnit *unit = controller;

  if (!notice_medium (unit))
    unit->s->media_event = SCSI_MEDIA_EJECT_REQUEST;
  if (unit->bus != NULL && unit->bus->media_changed != NULL)
    unit->bus->media_changed (unit->bus->initiator, unit);
}

void
scsi_unit_init (ScsiUnit *unit, AsternDevice *owner, ScsiUnitState *state, ScsiType type)
{
  memset (unit, 0, sizeof *unit);
  unit->s = state;
  unit->owner = owner;
  unit->type = (guint8) type;
  unit->removable = type == SCSI_TYPE_CDROM;
  unit->block_size = type == SCSI_TYPE_CDROM ? CD_BLOCK_BYTES : 512;
  unit->physical_block_size = unit->block_size;
  g_strlcpy (unit->vendor, "ASTERN", sizeof unit->vendor);
  g_strlcpy (unit->product, type == SCSI_TYPE_CDROM ? "CD-ROM" : "HARDDISK", sizeof unit->product);
  g_strlcpy (unit->version, "1.0", sizeof unit->version);
}

void
scsi_unit_reset (ScsiUnit *unit)
{
  ScsiUnitState *s = unit->s;

  memset (s, 0, sizeof *s);
  s->attention = SCSI_ATTENTION_POWER_ON;
  s->write_cache = TRUE;
  if (unit->drive == NULL)
    return;
  drive_lock (unit->drive, FALSE);
  s->medium = medium_inside (unit->drive);
}

/* Wires have no part in a unit, and the drive restores itself. */
void
scsi_unit_restored (ScsiUnit *unit)
{
}

void
scsi_unit_set_drive (ScsiUnit *unit, AsternDevice *drive)
{
  unit->drive = drive;
  if (drive == NULL)
    return;
  drive_connect (drive, drive_changed, unit);
  unit->s->medium = medium_inside (drive);
}

void
scsi_unit_eject (ScsiUnit *unit, gboolean open)
{
  guint8 event = unit->s->media_event;
  guint32 medium = unit->s->medium;

  if (unit->drive == NULL)
    return;
  drive_eject (unit->drive, open);
  if (!notice_medium (unit) && unit->s->medium == medium)
    unit->s->media_event = event;
}

void
scsi_unit_attention (ScsiUnit *unit, guint32 attention)
{
  unit->s->attention |= attention;
}

guint32
scsi_unit_block_size (const ScsiUnit *unit)
{
  return unit->block_size;
}

guint64
scsi_unit_blocks (const ScsiUnit *unit)
{
  return unit->drive != NULL ? drive_size (unit->drive) / unit->block_size : 0;
}

gboolean
scsi_unit_readonly (const ScsiUnit *unit)
{
  return unit->type == SCSI_TYPE_CDROM || unit->drive == NULL || drive_readonly (unit->drive);
}

const char *
scsi_unit_serial (const ScsiUnit *unit)
{
  if (unit->serial[0] != '\0')
    return unit->serial;
  return unit->drive != NULL ? drive_serial (unit->drive) : "";
}
