/* smi-features.c - see smi-features.h.
 * Source: what OVMF does with these files, as seen from outside; QEMU's docs/specs/fw_cfg for writing to files.
 * Left out: CPUs that are plugged in and pulled out. */
#include "config.h"

#include "hw/boards/smi-features.h"

#include "hw/fw-cfg.h"

#include <string.h>

typedef struct
{
  guint8 requested[8];          /* little-endian */
  guint8 ok;                    /* they were granted */
  guint8 reserved[7];
} SmiFeaturesState;

typedef struct
{
  AsternDevice     parent;
  SmiFeaturesState s;
} SmiFeatures;

static guint64
requested (const SmiFeatures *self)
{
  guint64 value;

  memcpy (&value, self->s.requested, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* features-ok was selected, to be read. */
static void
decide (AsternDevice *device)
{
  SmiFeatures *self = (SmiFeatures *) device;

  if ((requested (self) & ~(guint64) SMI_FEATURE_BROADCAST) == 0)
    self->s.ok = 1;
}

static gboolean
may_request (AsternDevice *device)
{
  return !((SmiFeatures *) device)->s.ok;
}

void
smi_features_add_files (AsternDevice *device, AsternDevice *fw_cfg)
{
  static const guint8 supported[8] = { SMI_FEATURE_BROADCAST };
  const FwCfgLive request = { device, G_STRUCT_OFFSET (SmiFeaturesState, requested), 8, may_request, NULL };
  const FwCfgLive ok = { device, G_STRUCT_OFFSET (SmiFeaturesState, ok), 1, NULL, decide };
  g_autoptr (GBytes) bytes = g_bytes_new_static (supported, sizeof supported);

  fw_cfg_add_file (fw_cfg, "etc/smi/supported-features", bytes);
  fw_cfg_add_live (fw_cfg, "etc/smi/requested-features", &request);
  fw_cfg_add_live (fw_cfg, "etc/smi/features-ok", &ok);
}

gboolean
smi_features_has (AsternDevice *device, guint64 features)
{
  const SmiFeatures *self = (const SmiFeatures *) device;

  return self->s.ok && (requested (self) & features) == features;
}

static void
smi_features_reset (AsternDevice *device)
{
  ((SmiFeatures *) device)->s = (SmiFeaturesState) { .ok = 0 };
}

static void
smi_features_restored (AsternDevice *device)
{
  SmiFeatures *self = (SmiFeatures *) device;

  self->s.ok = self->s.ok != 0;
}

static const AsternField fields[] = {
  ASTERN_FIELD_BYTES (SmiFeaturesState, requested, 1), ASTERN_FIELD (SmiFeaturesState, ok, 1),
  ASTERN_FIELD_BYTES (SmiFeaturesState, reserved, 1),
};

const AsternDeviceClass smi_features_class = {
  .name = "smi-features", .summary = "agreement about SMIs", .state_version = 1,
  .instance_size = sizeof (SmiFeatures),
  .state_offset = G_STRUCT_OFFSET (SmiFeatures, s), .state_size = sizeof (SmiFeaturesState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .reset = smi_features_reset, .restored = smi_features_restored,
};
