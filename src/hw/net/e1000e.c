/* e1000e.c - Intel 82574L.
 * Source: Intel 82574 data sheet, revision 3.4.
 * Left out: flash, ASPM, serial number capability. */
#include "config.h"

#include "hw/net/e1000-private.h"

#include <glib/gi18n.h>

#define REGISTERS_BYTES 0x20000
#define FLASH_BYTES     0x20000
#define PORTS_BYTES     32
#define MSIX_BYTES      0x4000
#define PBA_OFFSET      0x2000

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x10d3, .class_code = 0x020000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static void
e1000e_init (AsternDevice *device)
{
  guint at;

  e1000_init (device, &info, TRUE);
  at = astern_pci_add_capability (device, PCI_CAP_POWER, 0xc8, 8);
  astern_pci_set_reset (device, at + 2, 2, 0x0002);
  astern_pci_add_msi (device, 0xd0, 1);
  at = astern_pci_add_capability (device, PCI_CAP_EXPRESS, 0xe0, 0x14);
  astern_pci_set_reset (device, at + 2, 2, 0x0001);         /* an endpoint, version 1 */
  astern_pci_set_reset (device, at + 4, 4, 0x00008cc1);
  astern_pci_set_reset (device, at + 0x0c, 4, 0x00011c11);  /* one lane, 2.5 GT/s */
  astern_pci_set_reset (device, at + 0x12, 2, 0x1011);
  astern_pci_add_msix (device, 0xa0, E1000_VECTORS, 3, 0, PBA_OFFSET, G_STRUCT_OFFSET (E1000State, msix));
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_MEMORY, REGISTERS_BYTES, E1000_WINDOW_REGISTERS, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_MEMORY, FLASH_BYTES, E1000_WINDOW_FLASH, NULL);
  astern_pci_set_bar (device, 2, ASTERN_PCI_BAR_PORTS, PORTS_BYTES, E1000_WINDOW_PORTS, NULL);
  astern_pci_set_bar (device, 3, ASTERN_PCI_BAR_MEMORY, MSIX_BYTES, E1000_WINDOW_MSIX, NULL);
}

static guint64
msix_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  gboolean pba = offset >= PBA_OFFSET;

  return astern_pci_msix_read (device, pba, pba ? offset - PBA_OFFSET : offset, size);
}

static void
msix_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset < PBA_OFFSET)
    astern_pci_msix_write (device, offset, size, value);
}

/* There is none. */
static guint64
flash_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return G_MAXUINT64;
}

static void
flash_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = REGISTERS_BYTES, .regs = e1000_regs, .n_regs = E1000_N_REGS },
  { .name = "ports", .size = PORTS_BYTES, .min_size = 4, .max_size = 4, .read = e1000_ports_read, .write = e1000_ports_write,
    .peek = e1000_ports_peek },
  { .name = "flash", .size = FLASH_BYTES, .min_size = 1, .max_size = 4, .read = flash_read, .write = flash_write, .peek = flash_read },
  { .name = "msix", .size = MSIX_BYTES, .min_size = 4, .max_size = 8, .read = msix_read, .write = msix_write, .peek = msix_read },
};

const AsternDeviceClass e1000e_class = {
  .name = "e1000e", .summary = "Intel 82574L network card", .state_version = 1,
  .instance_size = sizeof (E1000), .state_offset = G_STRUCT_OFFSET (E1000, s), .state_size = sizeof (E1000State),
  .fields = e1000_fields, .n_fields = E1000_N_FIELDS,
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = e1000e_init, .reset = e1000_reset, .restored = e1000_restored, .finalize = e1000_finalize,
};

static const AsternProperty properties[] = { NIC_PROPERTIES ("efi-e1000e.rom"), { NULL, 0, NULL, NULL } };

const AsternCard e1000e_card = {
  .name = "e1000e", .summary = N_("Intel 82574L network card"), .klass = &e1000e_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = e1000_configure,
};
