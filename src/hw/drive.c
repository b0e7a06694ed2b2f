/* drive.c - see drive.h. */
#include "config.h"

#include "hw/drive.h"

#include "core/machine.h"

#include <string.h>

#define SERIAL_BYTES 20

typedef struct
{
  guint32 medium;             /* 1, 2, ...; 0: none is in */
  guint8  locked;
  guint8  open;               /* the tray */
  guint8  reserved[2];
  guint64 reads, writes;      /* requests */
  guint64 bytes_read, bytes_written;
} DriveState;

typedef struct
{
  AsternDevice parent;
  DriveState   s;
  DriveKind    kind;
  GPtrArray   *media;         /* AsternDisk, borrowed; number - 1 */
  char         serial[SERIAL_BYTES + 1];
  void       (*changed) (gpointer controller, AsternDevice *drive);
  gpointer     controller;
} Drive;

static void
drive_init (AsternDevice *device)
{
  ((Drive *) device)->media = g_ptr_array_new ();
}

/* A reset of the machine changes no medium. */
static void
drive_reset (AsternDevice *device)
{
  Drive *self = (Drive *) device;

  self->s.locked = 0;
}

static void
drive_finalize (AsternDevice *device)
{
  g_ptr_array_unref (((Drive *) device)->media);
}

void
drive_set_kind (AsternDevice *device, DriveKind kind)
{
  ((Drive *) device)->kind = kind;
}

DriveKind
drive_kind (AsternDevice *device)
{
  return ((Drive *) device)->kind;
}

void
drive_set_serial (AsternDevice *device, const char *serial)
{
  g_strlcpy (((Drive *) device)->serial, serial, SERIAL_BYTES + 1);
}

const char *
drive_serial (AsternDevice *device)
{
  return ((Drive *) device)->serial;
}

guint
drive_add_medium (AsternDevice *device, AsternDisk *disk)
{
  Drive *self = (Drive *) device;

  g_ptr_array_add (self->media, disk);
  return self->media->len;
}

void
drive_insert (AsternDevice *device, guint medium)
{
  Drive *self = (Drive *) device;

  g_return_if_fail (medium <= self->media->len);
  self->s.medium = medium;
}

guint
drive_medium (AsternDevice *device)
{
  return ((Drive *) device)->s.medium;
}

guint
drive_media (AsternDevice *device)
{
  return ((Drive *) device)->media->len;
}

static void
tell (Drive *self)
{
  if (self->changed != NULL)
    self->changed (self->controller, &self->parent);
}

/* A recording's bytes are foreign: a medium that there is not is as none. */
void
drive_input (gpointer device, gconstpointer data, gsize size)
{
  Drive *self = device;
  guint32 medium;

  if (size != DRIVE_PACKET_BYTES)
    return;
  memcpy (&medium, data, sizeof medium);
  medium = GUINT32_FROM_LE (medium);
  self->s.medium = medium <= self->media->len ? medium : 0;
  self->s.open = 0;
  tell (self);
}

void
drive_connect (AsternDevice *device, void (*changed) (gpointer controller, AsternDevice *drive), gpointer controller)
{
  Drive *self = (Drive *) device;

  self->changed = changed;
  self->controller = controller;
}

void
drive_lock (AsternDevice *device, gboolean locked)
{
  ((Drive *) device)->s.locked = locked != FALSE;
}

gboolean
drive_is_locked (AsternDevice *device)
{
  return ((Drive *) device)->s.locked;
}

void
drive_eject (AsternDevice *device, gboolean open)
{
  Drive *self = (Drive *) device;

  if (self->s.open == (open != FALSE))
    return;
  self->s.open = open != FALSE;
  tell (self);
}

gboolean
drive_is_open (AsternDevice *device)
{
  return ((Drive *) device)->s.open;
}

AsternDisk *
drive_disk (AsternDevice *device)
{
  Drive *self = (Drive *) device;

  return self->s.medium != 0 && self->s.medium <= self->media->len && !self->s.open
         ? g_ptr_array_index (self->media, self->s.medium - 1) : NULL;
}

guint64
drive_size (AsternDevice *device)
{
  AsternDisk *disk = drive_disk (device);

  return disk != NULL ? astern_disk_size (disk) : 0;
}

gboolean
drive_readonly (AsternDevice *device)
{
  AsternDisk *disk = drive_disk (device);

  return drive_kind (device) == DRIVE_CDROM || disk == NULL || astern_disk_readonly (disk);
}

gboolean
drive_read (AsternDevice *device, guint64 offset, gpointer data, gsize size)
{
  Drive *self = (Drive *) device;
  AsternDisk *disk = drive_disk (device);

  self->s.reads++;
  self->s.bytes_read += size;
  if (disk != NULL)
    return astern_disk_read (disk, offset, data, size);
  memset (data, 0, size);
  return FALSE;
}

gboolean
drive_write (AsternDevice *device, guint64 offset, gconstpointer data, gsize size)
{
  Drive *self = (Drive *) device;

  self->s.writes++;
  self->s.bytes_written += size;
  return !drive_readonly (device) && astern_disk_write (drive_disk (device), offset, data, size);
}

gboolean
drive_zero (AsternDevice *device, guint64 offset, guint64 size)
{
  return !drive_readonly (device) && astern_disk_zero (drive_disk (device), offset, size);
}

void
drive_flush (AsternDevice *device)
{
  AsternDisk *disk = drive_disk (device);

  if (disk != NULL)
    astern_disk_flush (disk);
}

DriveCounts
drive_counts (AsternDevice *device)
{
  const DriveState *s = &((Drive *) device)->s;

  return (DriveCounts) { s->reads, s->writes, s->bytes_read, s->bytes_written };
}

static const AsternField fields[] = {
  ASTERN_FIELD (DriveState, medium, 1),
  ASTERN_FIELD (DriveState, locked, 1),
  ASTERN_FIELD (DriveState, open, 1),
  ASTERN_FIELD_ARRAY (DriveState, reserved, 1),
  ASTERN_FIELD (DriveState, reads, 1),
  ASTERN_FIELD (DriveState, writes, 1),
  ASTERN_FIELD (DriveState, bytes_read, 1),
  ASTERN_FIELD (DriveState, bytes_written, 1),
};

const AsternDeviceClass drive_class = {
  .name = "drive", .summary = "disk drive", .state_version = 1,
  .instance_size = sizeof (Drive),
  .state_offset = G_STRUCT_OFFSET (Drive, s), .state_size = sizeof (DriveState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = drive_init, .reset = drive_reset, .finalize = drive_finalize,
};
