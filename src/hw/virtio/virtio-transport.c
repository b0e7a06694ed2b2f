/* virtio-transport.c - see virtio-transport.h. */
#include "config.h"

#include "hw/virtio/virtio-transport.h"

#include "core/machine.h"

#include <glib/gi18n.h>

static gboolean
connect_pci (AsternDevice *device, VirtioDevice *virtio, const AsternCardSettings *settings, GError **error)
{
  gboolean is_legacy = !astern_settings_switch (settings, "disable-legacy") && virtio->type->pci_legacy_id != 0;
  gboolean is_modern = !astern_settings_switch (settings, "disable-modern");

  if (!is_legacy && !is_modern)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   virtio->type->pci_legacy_id == 0
                   ? _("The device “%s” has only the interface of virtio 1.0 and later; leave disable-modern out.")
                   : _("The device “%s” has both disable-legacy and disable-modern; leave one of them out."), device->name);
      return FALSE;
    }
  virtio_pci_connect (device, virtio, is_legacy, is_modern, (guint) MIN (astern_settings_number (settings, "vectors"), 64));
  return TRUE;
}

VirtioDevice *
virtio_configure (AsternDevice *device, const AsternCardSettings *settings, const AsternDeviceClass *klass, GError **error)
{
  AsternMachine *machine = astern_settings_machine (settings);
  g_autofree char *name = g_strdup_printf ("%s.virtio", device->name);
  VirtioDevice *virtio = (VirtioDevice *) astern_device_new (klass, name, machine, &machine->clock);

  astern_machine_add_device (machine, &virtio->parent);
  if (astern_settings_switch (settings, "packed"))
    virtio->offered |= VIRTIO_F_RING_PACKED;
  if (!astern_settings_switch (settings, "indirect_desc"))
    virtio->offered &= ~VIRTIO_F_INDIRECT_DESC;
  if (!astern_settings_switch (settings, "event_idx"))
    virtio->offered &= ~VIRTIO_F_EVENT_IDX;
  if (virtio_mmio_is (device))
    virtio_mmio_connect (device, virtio, astern_settings_switch (settings, "force-legacy"));
  else if (!connect_pci (device, virtio, settings, error))
    return NULL;
  return virtio;
}

VirtioDevice *
virtio_behind (AsternDevice *device)
{
  return virtio_mmio_is (device) ? virtio_mmio_device (device) : virtio_pci_device (device);
}
