/* e1000.c - Intel 82540EM.
 * Source: Intel 8254x software developer's manual, revision 4.0. */
#include "config.h"

#include "hw/net/e1000-private.h"

#include <glib/gi18n.h>

#define REGISTERS_BYTES 0x20000
#define PORTS_BYTES     64

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x100e, .revision = 3, .class_code = 0x020000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static void
e1000_class_init (AsternDevice *device)
{
  e1000_init (device, &info, FALSE);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_MEMORY, REGISTERS_BYTES, E1000_WINDOW_REGISTERS, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_PORTS, PORTS_BYTES, E1000_WINDOW_PORTS, NULL);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = REGISTERS_BYTES, .regs = e1000_regs, .n_regs = E1000_N_REGS },
  { .name = "ports", .size = PORTS_BYTES, .min_size = 4, .max_size = 4, .read = e1000_ports_read, .write = e1000_ports_write,
    .peek = e1000_ports_peek },
};

const AsternDeviceClass e1000_class = {
  .name = "e1000", .summary = "Intel 82540EM network card", .state_version = 1,
  .instance_size = sizeof (E1000), .state_offset = G_STRUCT_OFFSET (E1000, s), .state_size = sizeof (E1000State),
  .fields = e1000_fields, .n_fields = E1000_N_FIELDS,
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = e1000_class_init, .reset = e1000_reset, .restored = e1000_restored, .finalize = e1000_finalize,
};

static const AsternProperty properties[] = { NIC_PROPERTIES ("efi-e1000.rom"), { NULL, 0, NULL, NULL } };

const AsternCard e1000_card = {
  .name = "e1000", .alias = "e1000-82540em", .summary = N_("Intel 82540EM network card"), .klass = &e1000_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = e1000_configure,
};
