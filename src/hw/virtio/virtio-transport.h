/* virtio-transport - a card's two halves are put together, whatever the transport: for configure() and plug() of cards.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/virtio/virtio-mmio.h"
#include "hw/virtio/virtio-pci.h"

/* Properties that every card has that is on MMIO; first in its table. */
#define VIRTIO_MMIO_PROPERTIES                                                                               \
  { "force-legacy",   ASTERN_PROPERTY_SWITCH, "off", N_("The interface of before virtio 1.0") },             \
  { "packed",         ASTERN_PROPERTY_SWITCH, NULL,  N_("Offer packed rings") },                             \
  { "indirect_desc",  ASTERN_PROPERTY_SWITCH, "on",  N_("Offer indirect descriptors") },                     \
  { "event_idx",      ASTERN_PROPERTY_SWITCH, "on",  N_("Offer event indices") }

/* Makes the virtio device, which the machine owns then, and puts it behind @device; NULL: a usage error. */
VirtioDevice *virtio_configure (AsternDevice *device, const AsternCardSettings *settings, const AsternDeviceClass *klass, GError **error);
/* What is behind a transport. */
VirtioDevice *virtio_behind    (AsternDevice *device);
