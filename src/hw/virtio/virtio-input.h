/* virtio-input - keyboard, mouse and tablet; rows of human.c lead here.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"

extern const AsternDeviceClass virtio_keyboard_class, virtio_mouse_class, virtio_tablet_class;

/* AsternInputFuncs: whole packets as in hw/human.h. */
void     virtio_keyboard_input (gpointer device, gconstpointer data, gsize size);
void     virtio_mouse_input    (gpointer device, gconstpointer data, gsize size);
void     virtio_tablet_input   (gpointer device, gconstpointer data, gsize size);
gboolean virtio_input_listens  (AsternDevice *device);
