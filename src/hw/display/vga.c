/* vga.c - standard VGA: the device and its windows.
 * Source: see vga-ports.c, vga-memory.c, vga-dispi.c, vga-draw.c; QEMU's docs/specs/standard-vga for
 * PCI ids and the layout of BAR 2.
 * Left out: the retrace interrupt, light pen, sync polarity. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/vga-state.h"

#include <string.h>


static const AsternPciInfo info = {
  .vendor = 0x1234, .device = 0x1111, .revision = 2, .class_code = 0x030000,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

/* ---- what every card with a VGA has ---- */

void
vga_init (AsternDevice *device, const VgaHooks *hooks)
{
  Vga *vga = (Vga *) device;

  vga->s = astern_device_state (device);
  vga->hooks = hooks;
}

void
vga_reset (AsternDevice *device)
{
  Vga *vga = (Vga *) device;

  memset (vga->s, 0, sizeof *vga->s);
  vga->s->dispi[DISPI_ID] = DISPI_ID_LAST;
  vga->s->dispi[DISPI_MEMORY] = (guint16) (vga_vram_size (vga) >> 16);
  vga->s->dac_mask = 0xff;
  vga_update_window (vga);
}

void
vga_restored (AsternDevice *device)
{
  Vga *vga = (Vga *) device;

  /* A state from a file may hold anything. */
  vga->s->seq_index &= N_SEQ - 1;
  vga->s->gfx_index &= N_GFX - 1;
  vga->s->crtc_index &= N_CRTC - 1;
  vga->s->dac_part %= 3;
  vga->s->dispi[DISPI_MEMORY] = (guint16) (vga_vram_size (vga) >> 16);
  if (vga_is_linear (vga))
    vga_dispi_fix_up (vga);
  vga_update_window (vga);
}

/* ---- the standard VGA ---- */

static void
card_init (AsternDevice *device)
{
  astern_pci_init (device, &info);
  vga_init (device, NULL);
  astern_pci_set_bar (device, VGA_BAR_MMIO, ASTERN_PCI_BAR_MEMORY, VGA_MMIO_SIZE, VGA_MMIO_WINDOW, NULL);
}

void
vga_card_reset (AsternDevice *device)
{
  vga_reset (device);
  astern_pci_reset (device);
}

void
vga_card_restored (AsternDevice *device)
{
  astern_pci_restored (device);
  vga_restored (device);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  VGA_WINDOWS,
  VGA_DISPI,
  VGA_MMIO,
};

static const AsternField fields[] = { VGA_FIELDS };

const AsternDeviceClass vga_class = {
  .name = "vga", .summary = "standard VGA", .state_version = VGA_STATE_VERSION,
  .instance_size = sizeof (VgaCard),
  .state_offset = G_STRUCT_OFFSET (VgaCard, s), .state_size = sizeof (VgaState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = card_init, .reset = vga_card_reset, .restored = vga_card_restored,
};

/* ---- its place in a machine ---- */

gboolean
vga_add_memory (Vga *vga, guint64 size_bytes, GError **error)
{
  AsternDevice *device = &vga->parent.parent;
  g_autofree char *name = g_str_equal (device->name, "vga") ? g_strdup ("vram") : g_strdup_printf ("%s-vram", device->name);

  vga->memory = device->machine->memory;
  vga->vram = astern_memory_add (vga->memory, name, size_bytes, FALSE, error);
  return vga->vram != NULL;
}

void
vga_set_monitor (Vga *vga, const AsternVgaSettings *settings)
{
  AsternMonitor monitor = { 0 };

  if (settings != NULL)
    monitor = (AsternMonitor) { .width = settings->width, .height = settings->height };
  memset (vga->edid, 0, sizeof vga->edid);
  if (settings == NULL || !settings->no_edid)
    astern_edid_fill (&monitor, vga->edid);
}

void
vga_set_rom (AsternDevice *device, AsternRamBlock *rom)
{
  guint32 size = 0x800;     /* the smallest that a ROM BAR can ask for */

  if (rom == NULL)
    return;
  while (size < rom->size)
    size *= 2;
  astern_pci_set_bar (device, ASTERN_PCI_BAR_ROM, ASTERN_PCI_BAR_MEMORY, size, 0, rom);
}

void
vga_connect (Vga *vga, AsternBus *ports, AsternBus *memory, gint shadows)
{
  AsternDevice *device = &vga->parent.parent;
  AsternRange direct = { .name = "vga-direct", .start = 0xa0000, .size = 0x10000, .shadows = shadows };

  vga->bus = memory;
  astern_bus_add_device (memory, 0xa0000, device, VGA_MEMORY_WINDOW, 0);
  direct.read = direct.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = vga->vram };
  vga->direct = astern_bus_add (memory, &direct);
  astern_bus_add_device (ports, VGA_PORTS_FIRST, device, VGA_PORTS_WINDOW, 0);
  if (device->klass->windows[VGA_DISPI_WINDOW].regs == vga_dispi_regs)
    astern_bus_add_device (ports, 0x1ce, device, VGA_DISPI_WINDOW, 0);
  vga_update_window (vga);
}

gboolean
vga_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error)
{
  Vga *vga = (Vga *) device;
  guint64 vram = settings != NULL && settings->vram_bytes != 0 ? settings->vram_bytes : VGA_VRAM_SIZE;

  if (!vga_add_memory (vga, vram, error))
    return FALSE;
  astern_pci_set_bar (device, VGA_BAR_VRAM, ASTERN_PCI_BAR_PREFETCH, vram, 0, vga->vram);
  vga_set_monitor (vga, settings);
  vga_set_rom (device, rom);
  return TRUE;
}
