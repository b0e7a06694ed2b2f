/* virtio-vga - a virtio GPU with a VGA in it, so that firmware and old systems have a screen, too.
 *
 * A PCI function with the virtio GPU behind it; BAR 0 is the VGA's memory.  The VGA is a device of its own, named
 * “NAME.vga”, that is on no PCI bus.  What the GPU shows is shown; while it shows nothing, the VGA is.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/bus.h"
#include "hw/card.h"
#include "hw/display/vga.h"

#define VIRTIO_VGA_VRAM_SIZE (8u << 20)
#define VIRTIO_VGA_RESOURCES (64u << 20)
#define VIRTIO_VGA_MEMORY_SIZE (VIRTIO_VGA_VRAM_SIZE + VIRTIO_VGA_RESOURCES)

extern const AsternDeviceClass  virtio_vga_class;
extern const AsternDisplayClass virtio_vga_display;
extern const AsternCard         virtio_vga_card;

/* As AsternVgaCard has it. */
gboolean      virtio_vga_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error);
/* The VGA in it, after plug(). */
AsternDevice *virtio_vga_vga  (AsternDevice *device);
