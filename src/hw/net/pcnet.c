/* pcnet.c - AMD Am79C970A (PCnet-PCI II): registers.
 * Source: AMD Am79C970A data sheet, publication 19436, "User accessible registers".
 * Left out: the EEPROM, LEDs, Magic Packet, the external bus's timers, interrupts of CSR4 and CSR5 other than their masks.
 *
 * Registers are found through an address register, words or long words wide as BCR18 says, so the window is functions. */
#include "config.h"

#include "hw/net/pcnet-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define PORTS_BYTES 32

enum { REGISTER_DATA, REGISTER_ADDRESS, REGISTER_RESET, REGISTER_BUS_DATA, REGISTER_NONE };

void
pcnet_guest_error (Pcnet *self, const char *what)
{
  AsternDevice *device = &self->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* CSR0's summaries, and the pin. */
static void
update (Pcnet *self)
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
  update (self);
}

/* ---- control and status registers ---- */

static void
stop (Pcnet *self)
{
  self->s.csr[0] = CSR0_STOP;
  update (self);
}

static void
csr0_write (Pcnet *self, guint16 value)
{
  PcnetState *s = &self->s;

  s->csr[0] &= (guint16) ~(value & CSR0_CAUSES);
  s->csr[0] = (guint16) ((s->csr[0] & ~CSR0_IENA) | (value & CSR0_IENA));
  if (value & CSR0_STOP)
    {
      stop (self);
      return;
    }
  if (value & (CSR0_INIT | CSR0_STRT))
    s->csr[0] &= (guint16) ~CSR0_STOP;
  if (value & CSR0_INIT)
    {
      s->csr[0] |= CSR0_INIT;
      pcnet_initialize (self);
    }
  if (value & CSR0_STRT)
    {
      s->csr[0] |= CSR0_STRT;
      s->csr[0] |= s->csr[CSR_MODE] & MODE_DTX ? 0 : CSR0_TXON;
      s->csr[0] |= s->csr[CSR_MODE] & MODE_DRX ? 0 : CSR0_RXON;
    }
  pcnet_look_for_room (self);
  update (self);
  if (value & (CSR0_TDMD | CSR0_STRT))
    pcnet_transmit (self);
}

static void
set_style (Pcnet *self, guint16 value)
{
  static const guint16 words[4] = { 0x0200, 0x0101, 0x0302, 0x0303 };

  if ((value & 0xff) > 3)
    pcnet_guest_error (self, "a software style that there is not");
  self->s.bcr[BCR_STYLE] = self->s.csr[CSR_STYLE] = words[value & 3];
}

static void
csr_write (Pcnet *self, guint number, guint16 value)
{
  PcnetState *s = &self->s;
  gboolean stopped = (s->csr[0] & CSR0_STOP) != 0;

  switch (number)
    {
    case 0:
      csr0_write (self, value);
      return;
    case 1: case 2:
      s->csr[number] = value;
      return;
    case 16: case 17:                             /* their other names */
      s->csr[number - 15] = value;
      return;
    case CSR_MASKS:
      s->csr[number] = value;
      update (self);
      return;
    case CSR_FEATURES:
      /* Causes are cleared by ones; there are none. */
      s->csr[number] = (guint16) (value & ~0x026a);
      return;
    case CSR_STYLE:
      set_style (self, value);
      return;
    case CSR_CHIP: case CSR_CHIP + 1: case CSR_MISSED: case 114:
      return;
    default:
      /* Ring addresses and the like: only while the chip stands still. */
      if (stopped || number == 5 || number == 80 || number == 82 || number == 122 || number == 124)
        s->csr[number] = value;
    }
}

static guint16
csr_value (const PcnetState *s, guint number)
{
  switch (number)
    {
    case 16: return s->csr[1];
    case 17: return s->csr[2];
    default: return s->csr[number];
    }
}

/* ---- bus control registers ---- */

static guint16
bcr_value (const PcnetState *s, guint number)
{
  if (number == BCR_LINK)
    return (guint16) ((s->bcr[number] & 0x7fff) | (s->link_up ? 0x8000 : 0));
  return s->bcr[number];
}

static void
bcr_write (Pcnet *self, guint number, guint16 value)
{
  if (number == BCR_STYLE)
    set_style (self, value);
  else if (number >= 2 && number != 16 && number != 17)
    self->s.bcr[number] = value;
}

/* ---- ports ---- */

static void
reset_registers (Pcnet *self, gboolean hard)
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
  set_style (self, 0);
  stop (self);
}

static guint
which (const PcnetState *s, guint64 offset)
{
  guint64 n = (offset - 16) >> (s->bcr[BCR_BUS] & BCR_BUS_DWIO ? 2 : 1);

  return n < REGISTER_NONE ? (guint) n : REGISTER_NONE;
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  const PcnetState *s = &((Pcnet *) device)->s;
  guint64 value = 0;

  if (offset < 16)
    {
      for (guint i = 0; i < size && offset + i < 16; i++)
        value |= (guint64) s->aprom[offset + i] << (8 * i);
      return value;
    }
  switch (which (s, offset))
    {
    case REGISTER_DATA:     return csr_value (s, s->rap & (PCNET_CSRS - 1));
    case REGISTER_ADDRESS:  return s->rap;
    case REGISTER_BUS_DATA: return bcr_value (s, s->rap & (PCNET_BCRS - 1));
    default:                return 0;
    }
}

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  Pcnet *self = (Pcnet *) device;
  guint64 value = ports_peek (device, offset, size, access);

  if (offset >= 16 && which (&self->s, offset) == REGISTER_RESET)
    reset_registers (self, FALSE);
  return value;
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Pcnet *self = (Pcnet *) device;
  PcnetState *s = &self->s;

  if (offset < 16)
    {
      /* The address PROM is RAM while BCR2 says so. */
      for (guint i = 0; i < size && offset + i < 16; i++)
        if (s->bcr[BCR_MISC] & 0x0100)
          s->aprom[offset + i] = (guint8) (value >> (8 * i));
      return;
    }
  if (offset == 16 && size == 4)
    s->bcr[BCR_BUS] |= BCR_BUS_DWIO;
  if (size == 1)
    return;
  switch (which (s, offset))
    {
    case REGISTER_DATA:
      csr_write (self, s->rap & (PCNET_CSRS - 1), (guint16) value);
      break;
    case REGISTER_ADDRESS:
      s->rap = value & 0x7f;
      break;
    case REGISTER_BUS_DATA:
      bcr_write (self, s->rap & (PCNET_BCRS - 1), (guint16) value);
      break;
    }
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
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, PORTS_BYTES, PCNET_WINDOW_PORTS, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_MEMORY, PORTS_BYTES, PCNET_WINDOW_PORTS, NULL);
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
  reset_registers (self, TRUE);
}

static void
pcnet_restored (AsternDevice *device)
{
  Pcnet *self = (Pcnet *) device;

  astern_pci_restored (device);
  pcnet_look_for_room (self);
  update (self);
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
  { .name = "ports", .size = PORTS_BYTES, .min_size = 1, .max_size = 4, .read = ports_read, .write = ports_write, .peek = ports_peek },
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
