/* vga.c - standard VGA: the device and its windows.
 * Source: see vga-ports.c, vga-memory.c, vga-dispi.c, vga-draw.c; QEMU's docs/specs/standard-vga for
 * PCI ids and the layout of BAR 2.
 * Left out: EDID, the retrace interrupt, light pen, sync polarity, and the byte order register. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/vga-state.h"

#include <string.h>

#define PORTS_FIRST  0x3b0
#define MMIO_SIZE    0x1000
#define MMIO_PORTS   0x400      /* 0x3c0..0x3df */
#define MMIO_DISPI   0x500

typedef struct
{
  Vga      vga;
  VgaState s;
} Card;

guint64
vga_ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return vga_port_read ((Vga *) device, PORTS_FIRST + (guint) offset, FALSE);
}

guint64
vga_ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return vga_port_read ((Vga *) device, PORTS_FIRST + (guint) offset, TRUE);
}

void
vga_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  vga_port_write ((Vga *) device, PORTS_FIRST + (guint) offset, (guint8) value);
}

static guint64
mmio_get (AsternDevice *device, guint64 offset, guint size, gboolean peek)
{
  Vga *vga = (Vga *) device;
  guint64 value = 0;
  guint i;

  if (offset >= MMIO_DISPI && offset < MMIO_DISPI + 2 * (DISPI_MEMORY + 1))
    {
      value = vga_dispi_read (vga->s, (guint) (offset - MMIO_DISPI) / 2);
      return size == 1 ? value >> (8 * (offset & 1)) & 0xff : value;
    }
  if (offset < MMIO_PORTS || offset + size > MMIO_PORTS + 0x20)
    return G_MAXUINT64;
  for (i = 0; i < size; i++)
    value |= (guint64) vga_port_read (vga, 0x3c0 + (guint) (offset - MMIO_PORTS) + i, peek) << (8 * i);
  return value;
}

static guint64
mmio_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return mmio_get (device, offset, size, FALSE);
}

static guint64
mmio_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return mmio_get (device, offset, size, TRUE);
}

static void
mmio_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Vga *vga = (Vga *) device;
  guint i;

  if (offset >= MMIO_DISPI && offset < MMIO_DISPI + 2 * (DISPI_MEMORY + 1))
    {
      if (size == 2)
        vga_dispi_write (vga, (guint) (offset - MMIO_DISPI) / 2, (guint16) value);
      return;
    }
  if (offset < MMIO_PORTS || offset + size > MMIO_PORTS + 0x20)
    return;
  for (i = 0; i < size; i++)
    vga_port_write (vga, 0x3c0 + (guint) (offset - MMIO_PORTS) + i, (guint8) (value >> (8 * i)));
}

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
  astern_pci_set_bar (device, VGA_BAR_MMIO, ASTERN_PCI_BAR_MEMORY, MMIO_SIZE, VGA_MMIO_WINDOW, NULL);
}

static void
card_reset (AsternDevice *device)
{
  vga_reset (device);
  astern_pci_reset (device);
}

static void
card_restored (AsternDevice *device)
{
  astern_pci_restored (device);
  vga_restored (device);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  VGA_WINDOWS,
  VGA_DISPI,
  { .name = "vga-mmio", .size = MMIO_SIZE, .min_size = 1, .max_size = 2,
    .read = mmio_read, .write = mmio_write, .peek = mmio_peek },
};

static const AsternField fields[] = { VGA_FIELDS };

const AsternDeviceClass vga_class = {
  .name = "vga", .summary = "standard VGA", .state_version = 1,
  .instance_size = sizeof (Card),
  .state_offset = G_STRUCT_OFFSET (Card, s), .state_size = sizeof (VgaState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = card_init, .reset = card_reset, .restored = card_restored,
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
  astern_bus_add_device (ports, PORTS_FIRST, device, VGA_PORTS_WINDOW, 0);
  if (device->klass->windows[VGA_DISPI_WINDOW].regs == vga_dispi_regs)
    astern_bus_add_device (ports, 0x1ce, device, VGA_DISPI_WINDOW, 0);
  vga_update_window (vga);
}

gboolean
vga_plug (AsternDevice *device, AsternRamBlock *rom, GError **error)
{
  Vga *vga = (Vga *) device;

  if (!vga_add_memory (vga, VGA_VRAM_SIZE, error))
    return FALSE;
  astern_pci_set_bar (device, VGA_BAR_VRAM, ASTERN_PCI_BAR_PREFETCH, VGA_VRAM_SIZE, 0, vga->vram);
  vga_set_rom (device, rom);
  return TRUE;
}
