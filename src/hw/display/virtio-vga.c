/* virtio-vga.c - see virtio-vga.h.
 * Source: see virtio-gpu.c and vga.c; QEMU's layout of BAR 0 and the PCI class, which firmware and drivers look for.
 * Left out: the VGA's registers in BAR 2, for which no driver asks here. */
#include "config.h"

#include "hw/display/virtio-vga.h"

#include "core/machine.h"
#include "hw/display/cards.h"
#include "hw/display/vga-state.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-gpu.h"
#include "hw/virtio/virtio-transport.h"

#include <glib/gi18n.h>

#define BAR_VRAM 0

/* ---- what is shown ---- */

static AsternDevice *
gpu_of (AsternDevice *device)
{
  return &virtio_pci_device (device)->parent;
}

AsternDevice *
virtio_vga_vga (AsternDevice *device)
{
  g_autofree char *name = g_strdup_printf ("%s.vga", device->name);

  return astern_machine_find_device (device->machine, name);
}

/* The GPU's or the VGA's. */
static AsternDevice *
shown (AsternDevice *device, const AsternDisplayClass **display)
{
  gboolean gpu = virtio_gpu_is_on (virtio_pci_device (device));

  *display = gpu ? &virtio_gpu_display : &vga_display;
  return gpu ? gpu_of (device) : virtio_vga_vga (device);
}

static gboolean
owns (AsternDevice *device, AsternDevice *part)
{
  return virtio_pci_device (device) != NULL && (part == gpu_of (device) || part == virtio_vga_vga (device));
}

static void
draw (AsternDevice *device, guint head, AsternPicture *picture)
{
  const AsternDisplayClass *display;
  AsternDevice *part = shown (device, &display);

  display->draw (part, head, picture);
}

static void
update (AsternDevice *device, guint head, AsternScreen *screen)
{
  const AsternDisplayClass *display;
  AsternDevice *part = shown (device, &display);

  if (display->update != NULL)
    {
      display->update (part, head, screen);
      return;
    }
  g_clear_pointer (&screen->seen, g_byte_array_unref);  /* the other's */
  astern_screen_redraw (screen, part, head, display->draw);
}

static gboolean
cursor (AsternDevice *device, guint head, AsternCursor *image)
{
  const AsternDisplayClass *display;
  AsternDevice *part = shown (device, &display);

  return display->cursor != NULL && display->cursor (part, head, image);
}

static char *
text (AsternDevice *device)
{
  const AsternDisplayClass *display;
  AsternDevice *part = shown (device, &display);

  return display->text != NULL ? display->text (part) : NULL;
}

const AsternDeviceClass virtio_vga_class = VIRTIO_PCI_CLASS ("virtio-vga", "virtio GPU with VGA");
const AsternDisplayClass virtio_vga_display = {
  .klass = &virtio_vga_class, .draw = draw, .update = update, .cursor = cursor, .text = text, .owns = owns,
};

/* ---- plugging ---- */

static void
add_gpu (AsternDevice *device)
{
  AsternMachine *machine = device->machine;
  g_autofree char *name = g_strdup_printf ("%s.virtio", device->name);
  AsternDevice *gpu = astern_device_new (&virtio_gpu_class, name, machine, &machine->clock);

  astern_machine_add_device (machine, gpu);
  virtio_pci_connect (device, (VirtioDevice *) gpu, FALSE, TRUE, 0);
}

static gboolean
add_vga (AsternDevice *device, const AsternVgaSettings *settings, GError **error)
{
  AsternVgaSettings smaller = settings != NULL ? *settings : (AsternVgaSettings) { 0 };
  AsternMachine *machine = device->machine;
  g_autofree char *name = g_strdup_printf ("%s.vga", device->name);
  AsternDevice *vga = astern_device_new (&vga_class, name, machine, &machine->clock);

  astern_machine_add_device (machine, vga);
  if (smaller.vram_bytes == 0)
    smaller.vram_bytes = VIRTIO_VGA_VRAM_SIZE;
  if (!vga_plug (vga, NULL, &smaller, error))
    return FALSE;
  astern_pci_set_bar (device, BAR_VRAM, ASTERN_PCI_BAR_PREFETCH, smaller.vram_bytes, 0, ((Vga *) vga)->vram);
  return TRUE;
}

gboolean
virtio_vga_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error)
{
  AsternVgaSettings given = settings != NULL ? *settings : (AsternVgaSettings) { 0 };

  if (virtio_pci_device (device) == NULL)
    add_gpu (device);
  ((VirtioPci *) device)->info.class_code = 0x030000;
  if (given.no_edid)
    virtio_pci_device (device)->offered &= ~VIRTIO_GPU_F_EDID;
  if (!virtio_gpu_set_up (virtio_pci_device (device), given.ram_bytes != 0 ? given.ram_bytes : VIRTIO_VGA_RESOURCES,
                          given.width != 0 ? given.width : 1280, given.height != 0 ? given.height : 800, error)
      || !add_vga (device, settings, error))
    return FALSE;
  vga_set_rom (device, rom);
  astern_device_reset (device);
  return TRUE;
}

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  { "edid",        ASTERN_PROPERTY_SWITCH, "on",   N_("The monitor says what it is") },
  { "xres",        ASTERN_PROPERTY_NUMBER, "1280", N_("The width that the screen proposes") },
  { "yres",        ASTERN_PROPERTY_NUMBER, "800",  N_("The height that the screen proposes") },
  { "max_hostmem", ASTERN_PROPERTY_SIZE,   "64M",  N_("How much memory resources may take") },
  { "romfile",     ASTERN_PROPERTY_ROM,    "vgabios-virtio.bin", N_("The firmware in its expansion ROM") },
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = {
    .no_edid = !astern_settings_switch (settings, "edid"),
    .width = (guint) MIN (astern_settings_number (settings, "xres"), ASTERN_EDID_MOST),
    .height = (guint) MIN (astern_settings_number (settings, "yres"), ASTERN_EDID_MOST),
    .ram_bytes = MAX (astern_settings_number (settings, "max_hostmem"), 1 << 20),
  };

  return virtio_configure (device, settings, &virtio_gpu_class, error) != NULL && virtio_vga_plug (device, NULL, &vga, error)
         && astern_vga_card_connect_first (device);
}

const AsternCard virtio_vga_card = {
  .name = "virtio-vga", .summary = N_("virtio GPU with VGA"), .klass = &virtio_vga_class,
  .kind = ASTERN_CARD_DISPLAY, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
