/* fuzz-display.c - a display card's windows and memories, with anything in them, and pictures of what comes of it.
 *
 * The card is chosen when it is compiled: CARD is its name after -vga, or after -device.  An input is a list of steps, whose
 * first byte's lowest two bits say what it is:
 *   0 window, offset (4), size, value (4)     a write to one of the windows; the upper three bits say of which of the devices
 *   1 block, offset (4), n, n bytes           a write to one of the machine's memories, as the guest's CPU makes
 *   2 window, offset (4), size                a read
 *   3 how long                                guest time passes; the picture is drawn
 * In memories, an offset with its highest bit set counts from the end. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/bochs.h"
#include "hw/display/cards.h"
#include "hw/display/display.h"
#include "hw/pci.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  const guint8 *at, *end;
} Bytes;

/* Cards that have no old ports. */
static const AsternVgaCard others[] = {
  { NULL, "bochs-display", NULL, NULL, &bochs_display_class, VGA_VRAM_SIZE, vga_plug },
  { NULL, "secondary-vga", NULL, NULL, &secondary_vga_class, VGA_VRAM_SIZE, vga_plug },
};

static const AsternVgaCard *
find_card (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (others[i].device, name))
      return &others[i];
  return astern_vga_card_find (name);
}

static guint32
take (Bytes *bytes, guint n)
{
  guint32 value = 0;

  for (guint i = 0; i < n && bytes->at < bytes->end; i++)
    value |= (guint32) *bytes->at++ << (8 * i);
  return value;
}

static void
set_up_pci (AsternDevice *device, AsternPciBus *bus)
{
  astern_pci_attach (bus, device, 2 << 3);
  for (guint bar = 0; bar < 6; bar++)
    if (((AsternPciFunction *) device)->bars[bar].kind == ASTERN_PCI_BAR_PORTS)
      astern_pci_config_write (device, PCI_BAR0 + 4 * bar, 4, 0xc000 + 0x100 * bar, NULL);
    else
      astern_pci_config_write (device, PCI_BAR0 + 4 * bar, 4, 0xd0000000u + 0x08000000u * bar, NULL);
  astern_pci_config_write (device, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
}

static void
write_memory (AsternMachine *machine, Bytes *bytes)
{
  AsternRamBlock *block = g_ptr_array_index (machine->memory->blocks, take (bytes, 1) % machine->memory->blocks->len);
  guint32 offset = take (bytes, 4), n = take (bytes, 1);
  guint64 at = offset & 0x80000000u ? block->size - 1 - (offset & 0x7fffffff) % block->size : offset % block->size;

  n = (guint32) MIN (MIN (n, (gsize) (bytes->end - bytes->at)), block->size - at);
  if (!block->readonly)
    astern_memory_write (machine->memory, block->start + at, bytes->at, n);
  bytes->at += n;
}

static void
access_window (AsternMachine *machine, Bytes *bytes, gboolean write)
{
  guint8 which = (guint8) take (bytes, 1);
  guint32 offset = take (bytes, 4), size = 1u << (take (bytes, 1) & 3), value = write ? take (bytes, 4) : 0, window;
  AsternDevice *device = g_ptr_array_index (machine->devices, (which >> 5) % machine->devices->len);
  guint64 at;

  if (device->klass->n_windows == 0)
    return;
  window = (which & 31) % device->klass->n_windows;
  at = offset % device->klass->windows[window].size;
  if (write)
    astern_device_write (device, window, at, size, value, NULL);
  else
    astern_device_read (device, window, at, size, NULL);
}

static void
look (AsternDevice *device, AsternScreen *screen)
{
  g_autofree char *text = NULL;

  if (device->machine != NULL)
    text = astern_display_text (device);
  astern_display_update (device, 0, screen);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const AsternVgaCard *card = find_card (CARD);
  g_autoptr (GError) error = NULL;
  AsternMachine *machine = astern_machine_new (card->memory_bytes + (2 << 20), &error);
  AsternDevice *device = astern_device_new (card->klass, "vga", machine, &machine->clock);
  AsternPciBus bus = { .memory = machine->physical, .ports = machine->ports };
  AsternRamBlock *ram = astern_memory_add (machine->memory, "ram", 1 << 20, FALSE, &error);
  g_auto (AsternScreen) screen = { 0 };
  Bytes bytes = { data, data + size };
  guint looks = 0;

  astern_machine_add_device (machine, device);
  astern_bus_add_memory (machine->physical, 0x100000, ram, 0);
  if (!card->plug (device, NULL, NULL, &error))
    g_error ("%s", error->message);
  if (card->name != NULL)
    astern_vga_card_connect (device, machine->ports, machine->physical, ASTERN_PCI_SHADOWS);
  astern_device_reset (device);
  set_up_pci (device, &bus);
  while (bytes.at < bytes.end)
    switch (take (&bytes, 1) & 3)
      {
      case 0: access_window (machine, &bytes, TRUE); break;
      case 1: write_memory (machine, &bytes); break;
      case 2: access_window (machine, &bytes, FALSE); break;
      default:
        astern_clock_skip (&machine->clock, (guint64) take (&bytes, 1) << 16);
        astern_clock_fire_due (&machine->clock);
        if (looks++ < 4)
          look (device, &screen);
      }
  look (device, &screen);
  astern_machine_free (machine);
  return 0;
}
