/* virtio-mmio - the transport without a bus: a page of registers at a fixed place, and a line.
 *
 * A board has VIRTIO_MMIO_SLOTS places for them, each with an ISA line that it shares with one other; ACPI tells a
 * system what is where (LNRO0005), or its command line does.  A card of a kind of device has a class of its own,
 * VIRTIO_MMIO_CLASS().
 *
 * Threads: while the machine is stopped; the wires: the thread that runs it. */
#pragma once

#include "core/bus.h"
#include "core/irq.h"
#include "hw/card.h"
#include "hw/virtio/virtio.h"

#define VIRTIO_MMIO_SLOTS   8
#define VIRTIO_MMIO_BASE    0xfef00000u
#define VIRTIO_MMIO_BYTES   0x200u         /* of a slot */

typedef struct
{
  guint32 device_feature_select, driver_feature_select;
  guint32 queue_select, shm_select;
  guint32 page_size, align;              /* the legacy interface's; align: of the queue that is chosen */
} VirtioMmioState;

/* A board's. */
typedef struct
{
  AsternBus     *memory;                 /* borrowed */
  AsternIrqFunc  set_irq;                /* with `router` and a line 0..15 */
  gpointer       router;
  AsternDevice  *slots[VIRTIO_MMIO_SLOTS];
} VirtioMmioBus;

typedef struct
{
  AsternDevice    parent;
  VirtioMmioState s;
  VirtioDevice   *virtio;                /* NULL in the tests of classes */
  VirtioMmioBus  *bus;                   /* NULL: plugged in nowhere */
  guint           slot;
  gboolean        legacy;                /* version 1 of the interface; before power-on */
} VirtioMmio;

#define VIRTIO_MMIO_WINDOWS 3
#define VIRTIO_MMIO_FIELDS  6

extern const AsternWindow virtio_mmio_windows[VIRTIO_MMIO_WINDOWS];
extern const AsternField  virtio_mmio_fields[VIRTIO_MMIO_FIELDS];

void virtio_mmio_reset (AsternDevice *device);

/* The class of a card: all of them are alike but for their names. */
#define VIRTIO_MMIO_CLASS(class_name, class_summary)                                                         \
  {                                                                                                          \
    .name = class_name, .summary = class_summary, .state_version = 1,                                        \
    .instance_size = sizeof (VirtioMmio),                                                                    \
    .state_offset = G_STRUCT_OFFSET (VirtioMmio, s), .state_size = sizeof (VirtioMmioState),                 \
    .fields = virtio_mmio_fields, .n_fields = VIRTIO_MMIO_FIELDS,                                            \
    .windows = virtio_mmio_windows, .n_windows = VIRTIO_MMIO_WINDOWS,                                        \
    .reset = virtio_mmio_reset,                                                                              \
  }

gboolean      virtio_mmio_is      (const AsternDevice *device);
/* What is behind it; NULL: nothing. */
VirtioDevice *virtio_mmio_device  (AsternDevice *device);
/* For a configure() or a test. */
void          virtio_mmio_connect (AsternDevice *device, VirtioDevice *virtio, gboolean legacy);
/* @slot -1: the first free one. */
gboolean      virtio_mmio_plug    (VirtioMmioBus *bus, AsternDevice *device, gint slot, GError **error);

/* Where a slot is, for who describes it. */
guint32       virtio_mmio_address (guint slot);
guint         virtio_mmio_line    (guint slot);
