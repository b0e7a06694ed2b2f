/* devices - cards from options, made, configured and plugged in.
 *
 * -device in the order given, and before them a card for each -drive that says where it belongs (if=).  A card's
 * bus is that of “bus=NAME.N”, NAME being a device's id, or the bus's kind (“ide.1”, “pci.0”); without it, the
 * first that has one.
 *
 * Threads: while the machine is stopped, before power-on. */
#pragma once

#include "hw/boot-order.h"
#include "hw/card.h"
#include "hw/pci.h"
#include "hw/virtio/virtio-mmio.h"
#include "launch/drives.h"
#include "launch/options.h"

/* What cards are plugged into, and where their ends are. */
typedef struct
{
  AsternMachine             *machine;
  const AsternLaunchOptions *options;
  AsternPciBus              *pci;
  const AsternIsaBus        *isa;
  VirtioMmioBus             *virtio_mmio;
  AsternDrives              *drives;
  /* The link of a -netdev, -chardev or -audiodev; (nullable): there is none of that id. */
  AsternLink *(*link) (gpointer user, AsternPropertyKind kind, const char *id);
  /* A firmware file; NULL without error: a default one that is not installed. */
  GBytes     *(*rom)  (gpointer user, const char *name, gboolean given, GError **error);
  GPtrArray                 *later;         /* char *: of each that comes while the machine runs, what -device has of it */
  gpointer                   user;
  AsternBootOrder           *boot_order;    /* of astern_devices_plug() itself */
} AsternDevices;

gboolean astern_devices_plug (const AsternDevices *devices, GError **error);
/* One more, a USB device with an id, while the machine runs: it is absent yet.  NULL with @error: nothing was changed. */
AsternDevice *astern_devices_add (const AsternDevices *devices, const AsternDeviceItem *item, GError **error);
