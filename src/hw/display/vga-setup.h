/* vga-setup - the text screen that a video BIOS would have left behind.
 *
 * For machines that start a kernel without firmware.
 *
 * Threads: any while the machine is stopped. */
#pragma once

#include "core/device.h"

/* Finds a font of 256 characters of 8 x 16 dots in a video BIOS, by what every
 * PC's font has in common: the blank and the block characters.  NULL: there is none. */
const guint8 *vga_find_font   (gconstpointer rom, gsize size);

/* 80 x 25 characters, blank, with the usual colours; @font: (nullable) 4096 bytes. */
void          vga_set_up_text (AsternDevice *vga, const guint8 *font);
