/* cirrus - Cirrus Logic GD5446: a VGA with linear modes, a blitter and a hardware cursor.
 *
 * BAR 0 is the linear video memory (32 MiB, of which 4 are there), BAR 1 the registers in memory.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/display/vga.h"

enum
{
  CIRRUS_LINEAR_WINDOW = 3,     /* after those of every VGA */
  CIRRUS_MMIO_WINDOW,
};

#define CIRRUS_VRAM_SIZE   (4u << 20)
#define CIRRUS_LINEAR_SIZE (32u << 20)

extern const AsternDeviceClass  cirrus_class;
extern const AsternDisplayClass cirrus_display;

gboolean cirrus_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error);
