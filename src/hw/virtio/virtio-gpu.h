/* virtio-gpu - a display that a driver draws on by resources.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/display/display.h"
#include "hw/virtio/virtio.h"

/* It has an EDID.  What is not to be offered is taken out of the device's @offered. */
#define VIRTIO_GPU_F_EDID VIRTIO_BIT (1)

/* A row for display.c. */
extern const AsternDisplayClass virtio_gpu_display;

/* Whether it shows anything. */
gboolean virtio_gpu_is_on  (VirtioDevice *device);
/* Before power-on: where resources are kept, and what size the screen proposes.  FALSE: there is no room. */
gboolean virtio_gpu_set_up (VirtioDevice *device, guint64 memory_bytes, guint width, guint height, GError **error);
