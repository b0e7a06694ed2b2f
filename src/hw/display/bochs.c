/* bochs.c - see bochs.h.
 * Source: QEMU's docs/specs/standard-vga; Linux's bochs driver for what it asks for.  Plugged by vga_plug(), not connected. */
#include "config.h"

#include "hw/display/bochs.h"

#include "hw/display/vga-state.h"

static const AsternPciInfo info = {
  .vendor = 0x1234, .device = 0x1111, .revision = 2, .class_code = 0x038000,
  .command_writable = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static const VgaHooks bochs_hooks = { .no_vga = TRUE };

static void
set_up (AsternDevice *device, const VgaHooks *hooks)
{
  astern_pci_init (device, &info);
  vga_init (device, hooks);
  astern_pci_set_bar (device, VGA_BAR_MMIO, ASTERN_PCI_BAR_MEMORY, VGA_MMIO_SIZE, VGA_MMIO_WINDOW, NULL);
}

static void
bochs_init (AsternDevice *device)
{
  set_up (device, &bochs_hooks);
}

static void
secondary_init (AsternDevice *device)
{
  set_up (device, NULL);
}

/* By the numbers that every such card's windows have; only the first and the last lie anywhere. */
static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  VGA_WINDOWS,
  VGA_DISPI,
  VGA_MMIO,
};

static const AsternField fields[] = { VGA_FIELDS };

#define CLASS(class_name, class_summary, class_init)                                                      \
  {                                                                                                       \
    .name = class_name, .summary = class_summary, .state_version = VGA_STATE_VERSION,                     \
    .instance_size = sizeof (VgaCard),                                                                       \
    .state_offset = G_STRUCT_OFFSET (VgaCard, s), .state_size = sizeof (VgaState),                           \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                                  \
    .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                              \
    .init = class_init, .reset = vga_card_reset, .restored = vga_card_restored,                           \
  }

const AsternDeviceClass bochs_display_class = CLASS ("bochs-display", "Bochs display", bochs_init);
const AsternDeviceClass secondary_vga_class = CLASS ("secondary-vga", "standard VGA without ports", secondary_init);

const AsternDisplayClass bochs_display_display = { .klass = &bochs_display_class, .draw = vga_draw, .update = vga_update };
const AsternDisplayClass secondary_vga_display = {
  .klass = &secondary_vga_class, .draw = vga_draw, .update = vga_update, .text = vga_text,
};
