/* device-cards - the display cards as they are plugged in with -device.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/card.h"

extern const AsternCard bochs_display_card, cirrus_card, qxl_card, qxl_second_card, secondary_vga_card, svga_card, vga_card;
