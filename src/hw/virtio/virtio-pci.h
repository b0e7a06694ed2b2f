/* virtio-pci - the transport over PCI: a function with a virtio device behind it.
 *
 * A transitional one has the legacy interface in a BAR of ports and the modern one in a BAR of memory; either can be
 * left out.  A card of a kind of device has a class of its own, VIRTIO_PCI_CLASS(), and
 * its configure() calls virtio_configure() first (virtio-transport.h).
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/pci.h"
#include "hw/virtio/virtio.h"

typedef struct
{
  AsternPciState     pci;
  AsternPciMsixState msix;
  guint32            device_feature_select, driver_feature_select;
  guint16            queue_select;
  guint16            config_vector;
  guint32            reserved;
} VirtioPciState;

typedef struct
{
  AsternPciFunction parent;
  VirtioPciState    s;
  AsternPciInfo     info;
  VirtioDevice     *virtio;       /* NULL in the tests of classes */
  guint16           n_vectors;
  guint8            cfg;          /* where the capability PCI_CFG is; 0: there is none */
} VirtioPci;

#define VIRTIO_PCI_WINDOWS 7
#define VIRTIO_PCI_FIELDS  8

extern const AsternWindow virtio_pci_windows[VIRTIO_PCI_WINDOWS];
extern const AsternField  virtio_pci_fields[VIRTIO_PCI_FIELDS];

void virtio_pci_init     (AsternDevice *device);
void virtio_pci_reset    (AsternDevice *device);

/* The class of a card: all of them are alike but for their names. */
#define VIRTIO_PCI_CLASS(class_name, class_summary)                                                          \
  {                                                                                                          \
    .name = class_name, .summary = class_summary, .state_version = 1,                                        \
    .instance_size = sizeof (VirtioPci),                                                                     \
    .state_offset = G_STRUCT_OFFSET (VirtioPci, s), .state_size = sizeof (VirtioPciState),                   \
    .fields = virtio_pci_fields, .n_fields = VIRTIO_PCI_FIELDS,                                              \
    .windows = virtio_pci_windows, .n_windows = VIRTIO_PCI_WINDOWS,                                          \
    .init = virtio_pci_init, .reset = virtio_pci_reset, .restored = astern_pci_restored,                     \
  }

/* Properties that every card has that is plugged in like this; first in its table. */
#define VIRTIO_PCI_PROPERTIES                                                                                \
  { "disable-legacy", ASTERN_PROPERTY_SWITCH, NULL,  N_("No interface of before virtio 1.0") },              \
  { "disable-modern", ASTERN_PROPERTY_SWITCH, NULL,  N_("No interface of virtio 1.0 and later") },           \
  { "packed",         ASTERN_PROPERTY_SWITCH, NULL,  N_("Offer packed rings") },                             \
  { "indirect_desc",  ASTERN_PROPERTY_SWITCH, "on",  N_("Offer indirect descriptors") },                     \
  { "event_idx",      ASTERN_PROPERTY_SWITCH, "on",  N_("Offer event indices") },                            \
  { "vectors",        ASTERN_PROPERTY_NUMBER, NULL,  N_("How many MSI-X vectors; 0: as many as are of use") }

/* Changed features, queues or sizes of the virtio device are taken over; for the end of a configure(). */
void          virtio_pci_connect   (AsternDevice *device, VirtioDevice *virtio, gboolean legacy, gboolean modern, guint vectors);
/* What is behind it; NULL: nothing. */
VirtioDevice *virtio_pci_device    (AsternDevice *device);
