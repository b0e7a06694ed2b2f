/* virtio-pci - the transport over PCI: a function with a virtio device behind it.
 *
 * A transitional one has the legacy interface in a BAR of ports and the modern one in a BAR of memory; either can be
 * left out.  A card of a kind of device is a row of this class whose configure() calls virtio_pci_configure() first.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"
#include "hw/virtio/virtio.h"

extern const AsternDeviceClass virtio_pci_class;

/* Properties that every card has that is plugged in like this; first in its table. */
#define VIRTIO_PCI_PROPERTIES                                                                                \
  { "disable-legacy", ASTERN_PROPERTY_SWITCH, NULL,  N_("no interface of before virtio 1.0") },              \
  { "disable-modern", ASTERN_PROPERTY_SWITCH, NULL,  N_("no interface of virtio 1.0 and later") },           \
  { "packed",         ASTERN_PROPERTY_SWITCH, NULL,  N_("offer packed rings") },                             \
  { "indirect_desc",  ASTERN_PROPERTY_SWITCH, "on",  N_("offer indirect descriptors") },                     \
  { "event_idx",      ASTERN_PROPERTY_SWITCH, "on",  N_("offer event indices") },                            \
  { "vectors",        ASTERN_PROPERTY_NUMBER, NULL,  N_("how many MSI-X vectors; 0: as many as are of use") }

/* Makes the virtio device, which the machine owns then, and puts it behind @device; NULL: a usage error. */
VirtioDevice *virtio_pci_configure (AsternDevice *device, const AsternCardSettings *settings, const AsternDeviceClass *klass,
                                    GError **error);
/* Changed features, queues or sizes of the virtio device are taken over; for the end of a configure(). */
void          virtio_pci_connect   (AsternDevice *device, VirtioDevice *virtio, gboolean legacy, gboolean modern, guint vectors);
/* What is behind it; NULL: nothing. */
VirtioDevice *virtio_pci_device    (AsternDevice *device);
