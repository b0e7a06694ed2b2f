/* scsi-bus.c - which unit answers at a target and a LUN.
 * Source: SAM-3, section 4.7.
 * Left out: several initiators. */
#include "config.h"

#include "hw/storage/scsi-private.h"

#include <glib/gi18n.h>

ScsiUnit *
scsi_bus_unit (const ScsiBus *bus, guint target, guint lun)
{
  for (guint i = 0; i < bus->n_units; i++)
    if (bus->units[i]->target == target && bus->units[i]->lun == lun)
      return bus->units[i];
  return NULL;
}

gboolean
scsi_bus_has_target (const ScsiBus *bus, guint target)
{
  for (guint i = 0; i < bus->n_units; i++)
    if (bus->units[i]->target == target)
      return TRUE;
  return FALSE;
}

gboolean
scsi_bus_attach (ScsiBus *bus, ScsiUnit *unit, guint target, guint lun, GError **error)
{
  guint n_targets = MAX (bus->n_targets, 1), n_luns = MAX (bus->n_luns, 1);

  if (target >= n_targets || lun >= n_luns)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _("This SCSI bus has the IDs 0 to %u, each with the LUNs 0 to %u"), n_targets - 1, n_luns - 1);
  else if (scsi_bus_unit (bus, target, lun) != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("ID %u, LUN %u of the SCSI bus is taken; choose another one"),
                 target, lun);
  else if (bus->n_units == SCSI_BUS_UNITS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _("A SCSI bus has room for %d units"), SCSI_BUS_UNITS);
  else
    {
      unit->bus = bus;
      unit->target = (guint16) target;
      unit->lun = (guint16) lun;
      bus->units[bus->n_units++] = unit;
      return TRUE;
    }
  return FALSE;
}

static guint
first_free_target (const ScsiBus *bus, guint lun)
{
  guint target = 0;

  while (scsi_bus_unit (bus, target, lun) != NULL)
    target++;
  return target;
}

gboolean
scsi_bus_plug (ScsiBus *bus, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  ScsiUnit *unit = scsi_device_unit (child);
  guint lun = (guint) astern_settings_number (settings, "lun");
  guint target;

  if (unit == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is no SCSI disk or CD"), child->klass->name);
      return FALSE;
    }
  if (astern_settings_given (settings, "scsi-id"))
    target = (guint) astern_settings_number (settings, "scsi-id");
  else
    target = first_free_target (bus, lun);
  return scsi_bus_attach (bus, unit, target, lun, error);
}

void
scsi_bus_reset (ScsiBus *bus)
{
  for (guint i = 0; i < bus->n_units; i++)
    {
      ScsiUnit *unit = bus->units[i];
      guint32 medium = unit->s->medium;

      scsi_unit_reset (unit);
      unit->s->medium = medium;
      unit->s->attention = SCSI_ATTENTION_RESET;
    }
}
