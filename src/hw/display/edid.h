/* edid - what a monitor says of itself: one block of extended display identification data.
 *
 * For every card that lets its driver read the monitor's description: the standard VGA and its relatives at the start
 * of their registers in memory, virtio-gpu by a command, Cirrus and others by the wires of DDC.
 *
 * Threads: any.
 * Units:   pixels, millimetres, hertz. */
#pragma once

#include <glib.h>

#define ASTERN_EDID_BYTES 128

typedef struct
{
  guint width, height;          /* that it likes best, 0: 1280 x 800; what a block cannot say is cut to what it can */
  guint width_mm, height_mm;    /* of the glass; 0: as at 100 dots an inch */
} AsternMonitor;

/* The largest that a block can say. */
#define ASTERN_EDID_MOST 4088

/* A function of @monitor alone. */
void astern_edid_fill (const AsternMonitor *monitor, guint8 block[ASTERN_EDID_BYTES]);
