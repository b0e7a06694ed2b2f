/* pflash - parallel flash memory of the Intel command set (CFI 01): firmware, and the variables that it keeps.
 *
 * What it holds is a block of the machine's memory, read directly while the chip stands in its array mode, and
 * the medium of a drive, to which what the guest programs goes, too.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes. */
#pragma once

#include "core/bus.h"

#define PFLASH_MOST_BYTES (16u << 20)

extern const AsternDeviceClass pflash_class;

/* Once, before power-on: its content comes from @drive's medium, of whole pages of 4096 bytes.  Kept when it is
 * writable.  The machine's memory must have room for it. */
gboolean        pflash_set_drive (AsternDevice *device, AsternDevice *drive, GError **error);
guint64         pflash_size      (AsternDevice *device);

/* After that.  Whole: at @start on the memory bus, as the chip answers. */
void            pflash_map       (AsternDevice *device, AsternBus *memory, guint64 start, gint shadows);

/* What it holds: for read-only views elsewhere. */
AsternRamBlock *pflash_block     (AsternDevice *device);
