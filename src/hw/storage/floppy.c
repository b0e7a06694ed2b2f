/* floppy.c - see floppy.h.
 * Source: ECMA-66, -70, -78, -100 and -125 for the formats; IBM PC/AT Technical Reference for the change line. */
#include "config.h"

#include "hw/storage/floppy.h"

#include "hw/drive.h"

#include <glib/gi18n.h>

#define MOST_CYLINDERS 85

typedef struct
{
  guint8 cylinder;
  guint8 changed;       /* a medium came or went since the arm moved over one */
} FloppyState;

typedef struct
{
  AsternDevice  parent;
  FloppyState   s;
  AsternDevice *drive;  /* (nullable) */
} Floppy;

/* Of formats of one size the first counts. */
static const FloppyFormat formats[] = {
/* cylinders heads sectors rate type */
  { 80, 2, 18, 0, 4 }, { 80, 2, 36, 3, 5 }, { 80, 2, 9, 2, 4 }, { 80, 2, 15, 0, 2 },
  { 80, 2, 21, 0, 4 }, { 82, 2, 21, 0, 4 }, { 83, 2, 21, 0, 4 }, { 80, 2, 20, 0, 4 },
  { 80, 2, 10, 2, 4 }, { 80, 2, 24, 0, 4 },
  { 40, 2, 9, 1, 2 }, { 40, 1, 9, 1, 2 }, { 40, 2, 8, 1, 2 }, { 40, 1, 8, 1, 2 },
};

/* An image of no format's size is the beginning of a disk of the first one that is large enough, as rescue floppies are. */
const FloppyFormat *
floppy_format (AsternDevice *device)
{
  Floppy *self = (Floppy *) device;
  guint64 size = self->drive != NULL ? drive_size (self->drive) : 0;
  const FloppyFormat *larger = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (formats) && size > 0; i++)
    {
      guint64 bytes = (guint64) formats[i].cylinders * formats[i].heads * formats[i].sectors * FLOPPY_SECTOR_BYTES;

      if (size == bytes)
        return &formats[i];
      if (larger == NULL && size < bytes)
        larger = &formats[i];
    }
  return larger;
}

guint
floppy_type (AsternDevice *device)
{
  const FloppyFormat *format = floppy_format (device);

  return format != NULL ? format->type : 4;
}

static void
medium_changed (gpointer controller, AsternDevice *drive)
{
  ((Floppy *) controller)->s.changed = TRUE;
}

void
floppy_set_drive (AsternDevice *device, AsternDevice *drive)
{
  Floppy *self = (Floppy *) device;

  self->drive = drive;
  if (drive != NULL)
    drive_connect (drive, medium_changed, self);
}

AsternDevice *
floppy_drive (AsternDevice *device)
{
  return ((Floppy *) device)->drive;
}

guint
floppy_cylinder (AsternDevice *device)
{
  return ((Floppy *) device)->s.cylinder;
}

void
floppy_seek (AsternDevice *device, guint cylinder)
{
  Floppy *self = (Floppy *) device;

  self->s.cylinder = (guint8) MIN (cylinder, MOST_CYLINDERS);
  if (self->drive != NULL && drive_disk (self->drive) != NULL)
    self->s.changed = FALSE;
}

gboolean
floppy_is_changed (AsternDevice *device)
{
  return ((Floppy *) device)->s.changed != 0;
}

gboolean
floppy_readonly (AsternDevice *device)
{
  Floppy *self = (Floppy *) device;

  return self->drive == NULL || drive_readonly (self->drive);
}

/* Where the sector lies in the image; FALSE: nowhere. */
static gboolean
offset_of (Floppy *self, guint head, guint sector, guint64 *offset)
{
  const FloppyFormat *format = floppy_format (&self->parent);

  if (format == NULL || self->s.cylinder >= format->cylinders || head >= format->heads || sector == 0
      || sector > format->sectors)
    return FALSE;
  *offset = ((guint64) (self->s.cylinder * format->heads + head) * format->sectors + sector - 1) * FLOPPY_SECTOR_BYTES;
  return TRUE;
}

gboolean
floppy_read (AsternDevice *device, guint head, guint sector, guint8 *data)
{
  Floppy *self = (Floppy *) device;
  guint64 offset;

  if (!offset_of (self, head, sector, &offset))
    return FALSE;
  if (offset < drive_size (self->drive))
    return drive_read (self->drive, offset, data, FLOPPY_SECTOR_BYTES);
  memset (data, 0, FLOPPY_SECTOR_BYTES);
  return TRUE;
}

gboolean
floppy_write (AsternDevice *device, guint head, guint sector, const guint8 *data)
{
  Floppy *self = (Floppy *) device;
  guint64 offset;

  return offset_of (self, head, sector, &offset) && offset < drive_size (self->drive)
         && drive_write (self->drive, offset, data, FLOPPY_SECTOR_BYTES);
}

static void
reset (AsternDevice *device)
{
  ((Floppy *) device)->s = (FloppyState) { .changed = TRUE };
}

static const AsternField fields[] = {
  ASTERN_FIELD (FloppyState, cylinder, 1), ASTERN_FIELD (FloppyState, changed, 1),
};

const AsternDeviceClass floppy_class = {
  .name = "floppy", .summary = "floppy disk drive", .state_version = 1,
  .instance_size = sizeof (Floppy),
  .state_offset = G_STRUCT_OFFSET (Floppy, s), .state_size = sizeof (FloppyState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .reset = reset,
};

static const AsternProperty properties[] = {
  { "drive",     ASTERN_PROPERTY_DRIVE,  NULL, N_("the drive that it is") },
  { "unit",      ASTERN_PROPERTY_NUMBER, NULL, N_("0: A:, 1: B:") },
  { "bus",       ASTERN_PROPERTY_TEXT,   NULL, N_("the controller’s, as in floppy-bus.0") },
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL, N_("place in the order in which firmware tries to boot") },
  { 0 }
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  floppy_set_drive (device, astern_settings_drive (settings, "drive"));
  return TRUE;
}

const AsternCard floppy_card = {
  .name = "floppy", .summary = N_("Floppy disk drive"), .klass = &floppy_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_FLOPPY, .properties = properties, .configure = configure,
};
