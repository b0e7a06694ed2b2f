/* e1000-phy.c - the transceiver, and the EEPROM.
 * Source: Intel 8254x software developer's manual, 13.4.3 to 13.4.9, and 5.6 for the EEPROM's map; IEEE 802.3, clause 22;
 * 82574L data sheet, 10.2.2.
 * Left out: writing to the EEPROM and the flash, cable tests, speeds other than 1000 Mb/s. */
#include "config.h"

#include "hw/net/e1000-private.h"

#include <string.h>

enum { PHY_CTRL, PHY_STATUS, PHY_ID1, PHY_ID2, PHY_ADVERTISED, PHY_PARTNER, PHY_EXPANSION, PHY_GIGABIT_CTRL = 9, PHY_GIGABIT_STATUS,
       PHY_EXTENDED = 15, PHY_SPEC_CTRL, PHY_SPEC_STATUS, PHY_INTERRUPTS = 19, PHY_SPEC_EXTENDED = 20 };
enum { PHY_CTRL_RESTART = 1 << 9, PHY_CTRL_LOOPBACK = 1 << 14, PHY_CTRL_RESET = 1 << 15 };
enum { PHY_STATUS_LINK = 1 << 2, PHY_STATUS_NEGOTIATED = 1 << 5 };

enum
{
  MDIC_WRITE = 1, MDIC_READ = 2,
  MDIC_READY = 1 << 28, MDIC_INTERRUPT = 1 << 29, MDIC_ERROR = 1 << 30,
};

enum
{
  EECD_SK = 1 << 0, EECD_CS = 1 << 1, EECD_DI = 1 << 2, EECD_DO = 1 << 3, EECD_REQ = 1 << 6, EECD_GNT = 1 << 7,
  EECD_PRES = 1 << 8, EECD_AUTO_RD = 1 << 9,
};

#define EEPROM_SUM 0xbaba

/* ---- transceiver ---- */

void
e1000_phy_reset (E1000 *self)
{
  guint16 *phy = self->s.phy;

  memset (phy, 0, sizeof self->s.phy);
  phy[PHY_CTRL] = 0x1140;                       /* negotiate, full duplex, 1000 Mb/s */
  phy[PHY_STATUS] = 0x7949;
  phy[PHY_ID1] = 0x0141;                        /* Marvell */
  phy[PHY_ID2] = self->is_82574 ? 0x0cb1 : 0x0c20;
  phy[PHY_ADVERTISED] = 0x0de1;
  phy[PHY_PARTNER] = 0x45e1;
  phy[PHY_EXPANSION] = 0x000f;
  phy[PHY_GIGABIT_CTRL] = 0x0e00;
  phy[PHY_GIGABIT_STATUS] = 0x3c00;
  phy[PHY_EXTENDED] = 0x3000;
  phy[PHY_SPEC_CTRL] = 0x0360;
  phy[PHY_SPEC_EXTENDED] = 0x0d60;
}

gboolean
e1000_loops_back (const E1000 *self)
{
  return (self->s.phy[PHY_CTRL] & PHY_CTRL_LOOPBACK) || (self->s.rctl & RCTL_LBM);
}

static guint16
phy_value (const E1000State *s, guint number)
{
  if (number == PHY_STATUS && s->link_up)
    return s->phy[number] | PHY_STATUS_LINK | PHY_STATUS_NEGOTIATED;
  if (number == PHY_SPEC_STATUS)
    return s->link_up ? 0xac00 : 0x0000;        /* 1000 Mb/s, full duplex, resolved, link */
  if (number == PHY_PARTNER || number == PHY_GIGABIT_STATUS)
    return s->link_up ? s->phy[number] : 0;
  return s->phy[number];
}

static void
phy_write (E1000 *self, guint number, guint16 value)
{
  guint16 *phy = self->s.phy;

  switch (number)
    {
    case PHY_CTRL:
      if (value & PHY_CTRL_RESET)
        {
          e1000_phy_reset (self);
          return;
        }
      phy[number] = value & (guint16) ~PHY_CTRL_RESTART;
      if ((value & PHY_CTRL_RESTART) && self->s.link_up)
        e1000_cause (self, ICR_LSC);
      return;
    case PHY_STATUS: case PHY_ID1: case PHY_ID2: case PHY_PARTNER: case PHY_EXPANSION: case PHY_GIGABIT_STATUS: case PHY_EXTENDED:
    case PHY_SPEC_STATUS: case PHY_INTERRUPTS:
      return;
    default:
      phy[number] = value;
    }
}

void
e1000_mdic_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;
  guint32 *mdic = &self->s.mdic;
  guint number = *mdic >> 16 & 31, operation = *mdic >> 26 & 3;

  if ((*mdic >> 21 & 31) != 1)
    *mdic |= MDIC_ERROR;
  else if (operation == MDIC_READ)
    *mdic = (*mdic & ~0xffffu) | phy_value (&self->s, number);
  else if (operation == MDIC_WRITE)
    phy_write (self, number, (guint16) *mdic);
  *mdic |= MDIC_READY;
  if (*mdic & MDIC_INTERRUPT)
    e1000_cause (self, ICR_MDAC);
}

/* ---- EEPROM ---- */

void
e1000_eeprom_fill (E1000 *self)
{
  guint16 *words = self->s.eeprom.words;
  const AsternPciInfo *info = self->parent.info;
  guint16 sum = 0;

  memset (words, 0, sizeof self->s.eeprom.words);
  for (guint i = 0; i < 3; i++)
    words[i] = (guint16) (self->mac[2 * i] | self->mac[2 * i + 1] << 8);
  words[0x03] = self->is_82574 ? 0x0001 : 0x0000;
  words[0x08] = 0xffff;                         /* no part number */
  words[0x09] = 0xffff;
  words[0x0a] = 0x4408;                         /* is programmed; full duplex */
  words[0x0b] = (guint16) astern_pci_get (&self->parent.parent, PCI_SUBSYSTEM_ID, 2);
  words[0x0c] = (guint16) astern_pci_get (&self->parent.parent, PCI_SUBVENDOR_ID, 2);
  words[0x0d] = info->device;
  words[0x0e] = info->vendor;
  words[0x0f] = 0x3040;
  words[0x37] = 0xffff;                         /* no other address */
  for (guint i = 0; i < 0x3f; i++)
    sum = (guint16) (sum + words[i]);
  words[0x3f] = (guint16) (EEPROM_SUM - sum);
}

guint64
e1000_eecd_value (gconstpointer state, guint32 offset)
{
  const E1000State *s = state;

  return s->eecd | EECD_PRES | (s->eecd & EECD_REQ ? EECD_GNT : 0) | (s->eeprom.data_out ? EECD_DO : 0) |
         (((const E1000 *) ((const guint8 *) state - G_STRUCT_OFFSET (E1000, s)))->is_82574 ? EECD_AUTO_RD : 0);
}

void
e1000_eecd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000State *s = &((E1000 *) device)->s;
  gboolean was_low = !(s->eecd & EECD_SK);

  s->eecd = (guint32) value & (EECD_SK | EECD_CS | EECD_DI | EECD_REQ | 0x30);
  if (!(value & EECD_CS))
    eeprom93c46_deselect (&s->eeprom);
  else if (was_low && (value & EECD_SK))
    eeprom93c46_clock (&s->eeprom, (value & EECD_DI) != 0);
}

void
e1000_eerd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;
  guint at = (guint) (self->is_82574 ? value >> 2 & 0x3fff : value >> 8 & 0xff);
  guint32 done = self->is_82574 ? 1 << 1 : 1 << 4;

  self->s.eerd = (guint32) value & 0xffff & ~(done | 1);
  if (value & 1)
    self->s.eerd |= done | (guint32) (at < EEPROM93C46_WORDS ? self->s.eeprom.words[at] : 0xffff) << 16;
}
