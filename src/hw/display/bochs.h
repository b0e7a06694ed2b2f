/* bochs - displays for a second screen, or for a machine without a VGA: Bochs' interface in memory, without the old ports.
 *
 * bochs-display has linear modes and nothing else; secondary-vga is a standard VGA that answers nowhere but in its BARs.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/display/vga.h"

extern const AsternDeviceClass  bochs_display_class, secondary_vga_class;
extern const AsternDisplayClass bochs_display_display, secondary_vga_display;
