/* svga - VMware SVGA II: a VGA with a mode of its own, a FIFO of commands, screens and memory of the guest's.
 *
 * BAR 0 has the ports, BAR 1 the video memory, BAR 2 the FIFO.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/display/vga.h"

enum { SVGA_PORTS_WINDOW = VGA_DISPI_WINDOW + 1 };

#define SVGA_VRAM_SIZE    (32u << 20)
#define SVGA_FIFO_SIZE    (2u << 20)
#define SVGA_PRIVATE_SIZE (1u << 20)
#define SVGA_MEMORY_SIZE  (SVGA_VRAM_SIZE + SVGA_FIFO_SIZE + SVGA_PRIVATE_SIZE)

extern const AsternDeviceClass  svga_class;
extern const AsternDisplayClass svga_display;

gboolean svga_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error);
