/* virtio-rng.c - entropy device.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.4.
 * Left out: the properties max-bytes and period.
 *
 * Its bytes are the machine's own generator's, so that a run stays a function of its start. */
#include "config.h"

#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include "core/machine.h"

#include <glib/gi18n.h>

#define MOST_BYTES 4096     /* for one buffer; a driver asks again */

typedef struct
{
  VirtioState virtio;
  VirtioQueue queues[1];
} VirtioRngState;

typedef struct
{
  VirtioDevice   parent;
  VirtioRngState s;
} VirtioRng;

static guint32
fill (VirtioDevice *self, const VirtioChain *chain)
{
  guint64 words[MOST_BYTES / 8];
  guint32 size = (guint32) MIN (chain->in_size, MOST_BYTES);

  for (guint i = 0; i < (size + 7) / 8; i++)
    words[i] = GUINT64_TO_LE (astern_inputs_random (self->parent.machine->inputs));
  return (guint32) virtio_write (self, chain, 0, words, size);
}

static void
notified (VirtioDevice *self, guint queue)
{
  VirtioChain chain;

  while (virtio_pop (self, queue, &chain))
    virtio_push (self, &chain.ticket, fill (self, &chain));
  virtio_notify (self, queue);
}

static const VirtioType type = {
  .name = "virtio-rng", .id = VIRTIO_ID_ENTROPY, .pci_legacy_id = 0x1005, .pci_class = 0x00ff00,
  .n_queues = 1, .queue_size = 64, .notified = notified,
};

static void
init (AsternDevice *device)
{
  virtio_init (device, &type);
}

static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioRngState, 1), VIRTIO_QUEUE_FIELDS (VirtioRngState, 0, 1),
};

const AsternDeviceClass virtio_rng_class = {
  .name = "virtio-rng", .summary = "virtio entropy device", .state_version = 1,
  .instance_size = sizeof (VirtioRng),
  .state_offset = G_STRUCT_OFFSET (VirtioRng, s), .state_size = sizeof (VirtioRngState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset,
};

/* ---- card ---- */

const AsternDeviceClass virtio_rng_pci_class = VIRTIO_PCI_CLASS ("virtio-rng-pci", "virtio entropy device on PCI");
const AsternDeviceClass virtio_rng_device_class = VIRTIO_MMIO_CLASS ("virtio-rng-device", "virtio entropy device on MMIO");

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  return virtio_configure (device, settings, &virtio_rng_class, error) != NULL;
}

const AsternCard virtio_rng_pci_card = {
  .name = "virtio-rng-pci", .alias = "virtio-rng", .summary = N_("virtio entropy device"), .klass = &virtio_rng_pci_class,
  .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_rng_device_card = {
  .name = "virtio-rng-device", .summary = N_("virtio entropy device without a bus (MMIO)"), .klass = &virtio_rng_device_class,
  .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties,
  .configure = configure,
};
