/* pcnet.c - AMD Am79C970A (PCnet-PCI II): its resets, its pin, and the card.
 * Source: AMD Am79C970A data sheet, publication 19436, "User accessible registers".
 * Left out: the EEPROM, LEDs, Magic Packet, the external bus's timers, interrupts of CSR4 and CSR5 other than their masks. */
#include "config.h"

#include "hw/net/pcnet-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

void
pcnet_guest_error (Pcnet *self, const char *what)
{
  AsternDevice *device = &self->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* CSR0's summaries, and the pin. */
void
pcnet_update (Pcnet *self)
{
  guint16 *csr0 = &self->s.csr[0];
  guint16 masked = self->s.csr[CSR_MASKS] & (CSR0_BABL | CSR0_MISS | CSR0_MERR | CSR0_RINT | CSR0_TINT | CSR0_IDON);

  *csr0 &= (guint16) ~(CSR0_INTR | CSR0_ERR);
  if (*csr0 & (CSR0_BABL | CSR0_CERR | CSR0_MISS | CSR0_MERR))
    *csr0 |= CSR0_ERR;
  if (*csr0 & ~masked & (CSR0_CAUSES & ~CSR0_CERR))
    *csr0 |= CSR0_INTR;
  astern_pci_interrupt (&self->parent.parent, (*csr0 & (CSR0_INTR | CSR0_IENA)) == (CSR0_INTR | CSR0_IENA));
}

void
pcnet_raise (Pcnet *self, guint16 causes)
{
  self->s.csr[0] |= causes;
  pcnet_update (self);
}

void
pcnet_stop (Pcnet *self)
{
  self->s.csr[0] = CSR0_STOP;
  pcnet_update (self);
}

void
pcnet_set_style (Pcnet *self, guint16 value)
{
  static const guint16 words[4] = { 0x0200, 0x0101, 0x0302, 0x0303 };

  if ((value & 0xff) > 3)
    pcnet_guest_error (self, "a software style that there is not");
  self->s.bcr[BCR_STYLE] = self->s.csr[CSR_STYLE] = words[value & 3];
}

/* @hard: the bus control registers, too. */
void
pcnet_reset_registers (Pcnet *self, gboolean hard)
{
  PcnetState *s = &self->s;

  s->rap = 0;
  memset (s->csr, 0, sizeof s->csr);
  memcpy (&s->csr[CSR_PADR], self->mac, 6);
  s->csr[CSR_CHIP] = 0x1003;
  s->csr[CSR_CHIP + 1] = 0x0262;
  s->csr[CSR_FEATURES] = 0x0115;
  s->csr[80] = 0x1410;
  if (hard)
    {
      static const guint16 bcrs[] = { 5, 5, 2, 0, 0xc0, 0x84, 0x88, 0x90 };

      memset (s->bcr, 0, sizeof s->bcr);
      memcpy (s->bcr, bcrs, sizeof bcrs);
      s->bcr[BCR_BUS] = 0x9001;
      s->bcr[19] = 0x0002;
    }
  else
    s->bcr[BCR_BUS] &= (guint16) ~BCR_BUS_DWIO;
  pcnet_set_style (self, 0);
  pcnet_stop (self);
}

/* ---- life ---- */

static const AsternPciInfo info = {
  .vendor = 0x1022, .device = 0x2000, .revision = 0x10, .class_code = 0x020000, .interrupt_pin = 1, .status = 0x0280,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static void
pcnet_init (AsternDevice *device)
{
  static const guint8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

  astern_pci_init (device, &info);
  nic_init_pci (device);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, PCNET_PORTS_BYTES, PCNET_WINDOW_PORTS, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_MEMORY, PCNET_PORTS_BYTES, PCNET_WINDOW_PORTS, NULL);
  memcpy (((Pcnet *) device)->mac, mac, 6);
}

static void
pcnet_reset (AsternDevice *device)
{
  Pcnet *self = (Pcnet *) device;
  guint8 *aprom = self->s.aprom;
  guint sum = 0;

  astern_pci_reset (device);
  memset (aprom, 0, sizeof self->s.aprom);
  memcpy (aprom, self->mac, 6);
  aprom[9] = 0x11;
  aprom[14] = aprom[15] = 0x57;
  for (guint i = 0; i < 12; i++)
    sum += aprom[i];
  sum += aprom[14] + aprom[15];
  aprom[12] = (guint8) sum;
  aprom[13] = (guint8) (sum >> 8);
  self->s.link_up = !self->unplugged;
  pcnet_reset_registers (self, TRUE);
}

static void
pcnet_restored (AsternDevice *device)
{
  Pcnet *self = (Pcnet *) device;

  astern_pci_restored (device);
  pcnet_look_for_room (self);
  pcnet_update (self);
}

void
pcnet_set_mac (AsternDevice *device, const guint8 mac[6])
{
  memcpy (((Pcnet *) device)->mac, mac, 6);
  pcnet_reset (device);
}

void
pcnet_set_link (AsternDevice *device, AsternLink *link)
{
  ((Pcnet *) device)->link = link;
  if (link != NULL)
    astern_link_attach (link, device, pcnet_input, pcnet_room);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  guint8 mac[6];

  astern_settings_mac (settings, "mac", mac);
  pcnet_set_mac (device, mac);
  pcnet_set_link (device, astern_settings_link (settings, "netdev"));
  return TRUE;
}

static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (PcnetState, 1),
  ASTERN_FIELD_ARRAY (PcnetState, csr, 1), ASTERN_FIELD_ARRAY (PcnetState, bcr, 1), ASTERN_FIELD_BYTES (PcnetState, aprom, 1),
  ASTERN_FIELD (PcnetState, rap, 1), ASTERN_FIELD (PcnetState, link_up, 1), ASTERN_FIELD_ARRAY (PcnetState, reserved, 1),
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = PCNET_PORTS_BYTES, .regs = pcnet_ports_regs, .n_regs = PCNET_N_PORTS_REGS, .bank = pcnet_ports_bank,
    .min_size = 1, .max_size = 4, .read = pcnet_ports_read, .write = pcnet_ports_write, .peek = pcnet_ports_peek },
};

const AsternDeviceClass pcnet_class = {
  .name = "pcnet", .summary = "AMD Am79C970A network card", .state_version = 1,
  .instance_size = sizeof (Pcnet), .state_offset = G_STRUCT_OFFSET (Pcnet, s), .state_size = sizeof (PcnetState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = pcnet_init, .reset = pcnet_reset, .restored = pcnet_restored,
};

static const AsternProperty properties[] = { NIC_PROPERTIES ("efi-pcnet.rom"), { NULL, 0, NULL, NULL } };

const AsternCard pcnet_card = {
  .name = "pcnet", .summary = N_("AMD Am79C970A network card"), .klass = &pcnet_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
