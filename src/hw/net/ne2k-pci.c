/* ne2k-pci.c - an NE2000 on PCI: Realtek RTL8029AS.
 * Source: Realtek RTL8029AS data sheet.
 * Left out: page 3's registers but one, full duplex control, the EEPROM. */
#include "config.h"

#include "hw/net/dp8390-private.h"

#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  AsternPciState pci;
  Dp8390         chip;
} State;

typedef struct
{
  AsternPciFunction parent;
  Dp8390Board       board;
  State             s;
} Ne2kPci;

DP8390_ASSERT_BOARD (Ne2kPci);

enum { CONFIG3_FUDUP = 1 << 6 };        /* full duplex */

static const AsternPciInfo info = {
  .vendor = 0x10ec, .device = 0x8029, .class_code = 0x020000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY,      /* memory: the expansion ROM */
};

static void
set_irq (AsternDevice *device, gboolean level)
{
  astern_pci_interrupt (device, level);
}

static void
ne2k_pci_init (AsternDevice *device)
{
  static const guint8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
  Ne2kPci *self = (Ne2kPci *) device;

  self->board = (Dp8390Board) { .device = device, .chip = &self->s.chip, .set_irq = set_irq };
  memcpy (self->board.mac, mac, 6);
  astern_pci_init (device, &info);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, NE2K_PORTS, NE2K_PCI_WINDOW_PORTS, NULL);
}

static void
ne2k_pci_reset (AsternDevice *device)
{
  Ne2kPci *self = (Ne2kPci *) device;

  astern_pci_reset (device);
  memset (&self->s.chip, 0, sizeof self->s.chip);
  dp8390_reset (&self->board);
}

static void
ne2k_pci_restored (AsternDevice *device)
{
  astern_pci_restored (device);
  dp8390_update (&((Ne2kPci *) device)->board);
}

static void
input (gpointer device, gconstpointer data, gsize size)
{
  dp8390_input (&((Ne2kPci *) device)->board, data, size);
}

static guint
room (gpointer device)
{
  return dp8390_room (&((Ne2kPci *) device)->board);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  Ne2kPci *self = (Ne2kPci *) device;

  astern_settings_mac (settings, "mac", self->board.mac);
  dp8390_reset (&self->board);
  self->board.link = astern_settings_link (settings, "netdev");
  if (self->board.link != NULL)
    astern_link_attach (self->board.link, device, input, room);
  return TRUE;
}

static guint64
id_value (gconstpointer state, guint32 offset)
{
  return offset == 0xa ? 'P' : 'C';
}

static guint64
config3_value (gconstpointer state, guint32 offset)
{
  return CONFIG3_FUDUP;
}

static const AsternReg regs[] = {
  DP8390_REGS (State, chip),
  { 0xa, 0, ASTERN_REG_R,  1, "8029ID",   ASTERN_NO_BACKING, 0, 0, id_value,      NULL, NULL, 2, NULL },
  { 0x1, 3, ASTERN_REG_RW, 1, "reserved", ASTERN_NO_BACKING, 0, 0, NULL,          NULL, NULL, 5, NULL },
  { 0x6, 3, ASTERN_REG_RW, 1, "CONFIG3",  ASTERN_NO_BACKING, 0, 0, config3_value, NULL, NULL, 1, NULL },
  { 0x7, 3, ASTERN_REG_RW, 1, "reserved", ASTERN_NO_BACKING, 0, 0, NULL,          NULL, NULL, 9, NULL },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = NE2K_PORTS, .regs = regs, .n_regs = G_N_ELEMENTS (regs), .bank = dp8390_bank },
};

static const AsternField fields[] = { ASTERN_PCI_FIELDS (State, 1), DP8390_FIELDS (State, chip) };

const AsternDeviceClass ne2k_pci_class = {
  .name = "ne2k_pci", .summary = "NE2000 on PCI (Realtek RTL8029AS)", .state_version = 1,
  .instance_size = sizeof (Ne2kPci), .state_offset = G_STRUCT_OFFSET (Ne2kPci, s), .state_size = sizeof (State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = ne2k_pci_init, .reset = ne2k_pci_reset, .restored = ne2k_pci_restored,
};

static const AsternProperty properties[] = { NIC_PROPERTIES ("efi-ne2k_pci.rom"), { NULL, 0, NULL, NULL } };

const AsternCard ne2k_pci_card = {
  .name = "ne2k_pci", .summary = N_("NE2000 on PCI (Realtek RTL8029AS)"), .klass = &ne2k_pci_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
