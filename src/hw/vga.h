/* vga - standard VGA with Bochs' display interface for linear modes.
 *
 * A PCI function: BAR 0 is the video memory as one linear block, BAR 2 the
 * registers in memory, the ROM BAR the video BIOS.  The old ports and the window
 * at 0xa0000 are there from the start, as on every PC.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes, pixels. */
#pragma once

#include "core/picture.h"
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
#define VGA_VRAM_SIZE (16u << 20)

extern const AsternDeviceClass vga_class;

/* Before astern_pci_attach().  @vram: VGA_VRAM_SIZE bytes.  @rom: (nullable) the video BIOS.
 * @memory gets the window at 0xa0000, @shadows being for where it leads straight to @vram. */
void     vga_connect (AsternDevice *device, AsternRamBlock *vram, AsternRamBlock *rom, AsternBus *memory,
                      gint shadows);

/* The screen as it is now, however small or large; what blinks is shown. */
void     vga_draw    (AsternDevice *device, AsternPicture *picture);

/* A screen that is looked at again and again, with what it was drawn from: only what has changed is drawn again.
 * Zeroed: never drawn. */
typedef struct
{
  AsternPicture picture;
  GByteArray   *seen;               /* (nullable) registers, then memory, as they were when the picture was drawn */
  guint         first_row, end_row; /* what the last update changed of the picture */
} VgaScreen;

/* FALSE: nothing has changed. */
gboolean vga_screen_update (AsternDevice *device, VgaScreen *screen);
void     vga_screen_clear  (VgaScreen *screen);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VgaScreen, vga_screen_clear)

/* The lines of a text screen, without trailing blanks; NULL in a graphics mode.  Free it. */
char    *vga_text    (AsternDevice *device);
