/* vga - standard VGA with Bochs' display interface for linear modes.
 *
 * A PCI function: BAR 0 is the video memory as one linear block, BAR 2 the
 * registers in memory, the ROM BAR the video BIOS.  The old ports and the window
 * at 0xa0000 are there from the start, as on every PC.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes, pixels. */
#pragma once

#include "hw/display/display.h"
#include "hw/pci.h"

enum
{
  VGA_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  VGA_PORTS_WINDOW,             /* 0x3b0..0x3df */
  VGA_MEMORY_WINDOW,            /* 0xa0000, 128 KiB */
  VGA_DISPI_WINDOW,             /* 0x1ce (index), 0x1cf (data); words */
  VGA_MMIO_WINDOW,              /* BAR 2 */
};

#define VGA_BAR_VRAM  0
#define VGA_BAR_MMIO  2
#define VGA_MMIO_SIZE 0x1000
#define VGA_VRAM_SIZE (16u << 20)

extern const AsternDeviceClass vga_class;

/* What a user may say of a card. */
typedef struct
{
  guint64  vram_bytes;          /* a power of two: what pictures lie in; 0: as much as the card has by itself */
  guint64  ram_bytes, surfaces_bytes;   /* QXL's memories besides; likewise */
  guint    width, height;       /* that its monitor likes best; 0: 1280 x 800 */
  gboolean no_edid;             /* the monitor says nothing of itself */
} AsternVgaSettings;

/* As AsternVgaCard has it (cards.h). */
gboolean vga_plug    (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error);

/* As AsternDisplayClass has it; for every card whose struct begins with Vga. */
void     vga_draw    (AsternDevice *device, guint head, AsternPicture *picture);
void     vga_update  (AsternDevice *device, guint head, AsternScreen *screen);
char    *vga_text    (AsternDevice *device);

extern const AsternDisplayClass vga_display;
