/* scsi-device.c - "scsi-hd" and "scsi-cd": devices that are one SCSI unit, and their cards.
 * Source: as scsi-request.c, scsi-block.c and scsi-mmc.c.
 * Left out: SES, tapes, pass-through of the host's units. */
#include "config.h"

#include "hw/storage/scsi.h"

#include <glib/gi18n.h>

typedef struct
{
  ScsiUnitState unit;
} ScsiDeviceState;

typedef struct
{
  AsternDevice    parent;
  ScsiDeviceState s;
  ScsiUnit        unit;
} ScsiDevice;

static void
hd_init (AsternDevice *device)
{
  ScsiDevice *self = (ScsiDevice *) device;

  scsi_unit_init (&self->unit, device, &self->s.unit, SCSI_TYPE_DISK);
}

static void
cd_init (AsternDevice *device)
{
  ScsiDevice *self = (ScsiDevice *) device;

  scsi_unit_init (&self->unit, device, &self->s.unit, SCSI_TYPE_CDROM);
}

static void
reset (AsternDevice *device)
{
  scsi_unit_reset (&((ScsiDevice *) device)->unit);
}

static void
restored (AsternDevice *device)
{
  scsi_unit_restored (&((ScsiDevice *) device)->unit);
}

static const AsternField fields[] = { SCSI_UNIT_FIELDS (ScsiDeviceState, unit, 1) };

const AsternDeviceClass scsi_hd_class = {
  .name = "scsi-hd", .summary = "SCSI disk", .state_version = 1,
  .instance_size = sizeof (ScsiDevice),
  .state_offset = G_STRUCT_OFFSET (ScsiDevice, s), .state_size = sizeof (ScsiDeviceState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = hd_init, .reset = reset, .restored = restored,
};

const AsternDeviceClass scsi_cd_class = {
  .name = "scsi-cd", .summary = "SCSI CD-ROM drive", .state_version = 1,
  .instance_size = sizeof (ScsiDevice),
  .state_offset = G_STRUCT_OFFSET (ScsiDevice, s), .state_size = sizeof (ScsiDeviceState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = cd_init, .reset = reset, .restored = restored,
};

ScsiUnit *
scsi_device_unit (AsternDevice *device)
{
  return device->klass == &scsi_hd_class || device->klass == &scsi_cd_class ? &((ScsiDevice *) device)->unit : NULL;
}

/* -- Cards */

static void
copy_text (const AsternCardSettings *settings, const char *name, char *to, gsize size)
{
  const char *text = astern_settings_text (settings, name);

  if (text != NULL)
    g_strlcpy (to, text, size);
}

static gboolean
set_block_sizes (ScsiUnit *unit, const AsternCardSettings *settings, GError **error)
{
  guint64 logical = astern_settings_number (settings, "logical_block_size");
  guint64 physical = astern_settings_number (settings, "physical_block_size");

  if ((logical != 512 && logical != 1024 && logical != 2048 && logical != 4096) || (physical & (physical - 1)) != 0
      || physical > 32768)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("A SCSI disk's blocks have 512, 1024, 2048 or 4096 bytes, its physical blocks a power of two up to 32768"));
      return FALSE;
    }
  unit->block_size = (guint32) logical;
  unit->physical_block_size = (guint32) MAX (physical, logical);
  return TRUE;
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  ScsiUnit *unit = scsi_device_unit (device);
  AsternDevice *drive = astern_settings_drive (settings, "drive");

  if (drive == NULL && unit->type == SCSI_TYPE_DISK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“scsi-hd” needs a disk: give drive= the ID of a -drive"));
      return FALSE;
    }
  copy_text (settings, "vendor", unit->vendor, sizeof unit->vendor);
  copy_text (settings, "product", unit->product, sizeof unit->product);
  copy_text (settings, "ver", unit->version, sizeof unit->version);
  copy_text (settings, "serial", unit->serial, sizeof unit->serial);
  unit->wwn = astern_settings_number (settings, "wwn");
  if (unit->type == SCSI_TYPE_DISK)
    {
      unit->removable = astern_settings_switch (settings, "removable");
      if (!set_block_sizes (unit, settings, error))
        return FALSE;
    }
  scsi_unit_set_drive (unit, drive);
  return TRUE;
}

#define UNIT_PROPERTIES                                                                           \
  { "drive",     ASTERN_PROPERTY_DRIVE,  NULL, N_("The drive whose disk it is") },                \
  { "channel",   ASTERN_PROPERTY_NUMBER, NULL, N_("The channel of the bus: 0") },                 \
  { "scsi-id",   ASTERN_PROPERTY_NUMBER, NULL, N_("The target on the bus; the first free one") }, \
  { "lun",       ASTERN_PROPERTY_NUMBER, NULL, N_("The logical unit of the target") },            \
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL, N_("Its place in the order of booting") },         \
  { "serial",    ASTERN_PROPERTY_TEXT,   NULL, N_("The serial number; the drive's") },            \
  { "wwn",       ASTERN_PROPERTY_NUMBER, NULL, N_("The world wide name") },                       \
  { "vendor",    ASTERN_PROPERTY_TEXT,   NULL, N_("The vendor's name, of 8 characters") },        \
  { "product",   ASTERN_PROPERTY_TEXT,   NULL, N_("The product's name, of 16 characters") },      \
  { "ver",       ASTERN_PROPERTY_TEXT,   NULL, N_("The product's version, of 4 characters") }

static const AsternProperty hd_properties[] = {
  UNIT_PROPERTIES,
  { "removable",           ASTERN_PROPERTY_SWITCH, NULL,  N_("Whether it says that its medium can be taken out") },
  { "logical_block_size",  ASTERN_PROPERTY_SIZE,   "512", N_("The bytes of a block") },
  { "physical_block_size", ASTERN_PROPERTY_SIZE,   "512", N_("The bytes that are best written at once") },
  { NULL, 0, NULL, NULL },
};

static const AsternProperty cd_properties[] = {
  UNIT_PROPERTIES,
  { NULL, 0, NULL, NULL },
};

const AsternCard scsi_hd_card = {
  .name = "scsi-hd", .summary = N_("SCSI disk"), .klass = &scsi_hd_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_SCSI, .properties = hd_properties, .configure = configure,
};

const AsternCard scsi_cd_card = {
  .name = "scsi-cd", .summary = N_("SCSI CD-ROM drive"), .klass = &scsi_cd_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_SCSI, .properties = cd_properties, .configure = configure,
};
