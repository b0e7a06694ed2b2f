/* qxl - the QXL card: a VGA, and rings of drawing commands in its memory.
 *
 * BAR 0 is the RAM (the VGA's memory, the commands, the rings), BAR 1 memory for surfaces, BAR 2 the ROM that
 * describes all that, BAR 3 the ports.  The commands are executed here, so that the picture is in the guest's memory and
 * a function of the run, whoever looks at it.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/display/vga.h"

enum { QXL_PORTS_WINDOW = VGA_DISPI_WINDOW + 1 };

#define QXL_RAM_SIZE     (64u << 20)      /* unless a user says otherwise */
#define QXL_VRAM_SIZE    (32u << 20)
#define QXL_ROM_SIZE     (16u << 10)
#define QXL_PRIVATE_SIZE (16u << 10)
#define QXL_MEMORY_SIZE  (QXL_RAM_SIZE + QXL_VRAM_SIZE + QXL_ROM_SIZE + QXL_PRIVATE_SIZE)

extern const AsternDeviceClass  qxl_class, qxl_second_class;      /* the second without a VGA: one more screen */
extern const AsternDisplayClass qxl_display, qxl_second_display;

gboolean qxl_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error);
