/* e1000-setup.c - registers, reset, and the two cards.
 * Source: Intel 8254x software developer's manual, chapter 13, table 13-2; 82574L data sheet, chapter 10, for what it has more.
 * Left out: flash, management, time stamps of frames, power states, the 82574's PHY pages. */
#include "config.h"

#include "hw/net/e1000-private.h"

#include "core/machine.h"

#include <string.h>

#define AT(member) G_STRUCT_OFFSET (E1000State, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define RW         ASTERN_REG_RW
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define ALL        0xffffffff

void
e1000_guest_error (E1000 *self, const char *what)
{
  AsternDevice *device = &self->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* ---- registers ---- */

static guint64
status_value (gconstpointer state, guint32 offset)
{
  const E1000State *s = state;

  return STATUS_FD | STATUS_SPEED_1000 | (s->link_up ? STATUS_LU : 0) | 1u << 19 /* bus master */;
}

static void
ctrl_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;

  if (value & CTRL_PHY_RST)
    e1000_phy_reset (self);
  self->s.ctrl &= ~CTRL_PHY_RST;
  if (value & CTRL_RST)
    e1000_reset_mac (self);
}

static void
ctrl_ext_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;

  self->s.ctrl_ext &= ~(guint32) (1 << 13);        /* EE_RST: the EEPROM is read again at once */
}

static void
icr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;

  self->s.icr &= (guint32) ~value;
  e1000_irq_update (self);
}

static void
ics_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  e1000_cause ((E1000 *) device, (guint32) value & ~ICR_ASSERTED);
}

static void
ims_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;

  self->s.ims |= (guint32) value & ~ICR_ASSERTED;
  if (self->is_82574 && astern_pci_msix_enabled (device))
    e1000_cause (self, self->s.icr & (guint32) value & (ICR_RXQ0 | ICR_RXQ0 << 1 | ICR_TXQ0 | ICR_TXQ0 << 1 | ICR_OTHER));
  else
    e1000_irq_update (self);
}

static void
imc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  E1000 *self = (E1000 *) device;

  self->s.ims &= (guint32) ~value;
  e1000_irq_update (self);
}

static void
rctl_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  e1000_rdt_did_write (device, offset, value);
}

static void
tctl_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  e1000_transmit ((E1000 *) device, 0);
  e1000_transmit ((E1000 *) device, 1);
}

static void
stat_did_read (AsternDevice *device, guint32 offset)
{
  ((E1000 *) device)->s.stats[(offset - 0x4000) / 4] = 0;
}

/* A semaphore: whoever reads zero has it. */
static void
swsm_did_read (AsternDevice *device, guint32 offset)
{
  ((E1000 *) device)->s.swsm |= 1;
}

/* The 82574's clock: so much is added every so many periods of 40 ns. */
static guint64
systim (gconstpointer state)
{
  const E1000State *s = state;
  const E1000 *self = (const E1000 *) ((const guint8 *) state - G_STRUCT_OFFSET (E1000, s));
  guint64 now_ns = astern_clock_now_ns (self->parent.parent.clock);
  guint64 periods = now_ns > s->systim_ns ? (now_ns - s->systim_ns) / (40 * MAX (s->timinca >> 24, 1u)) : 0;

  return ((guint64) s->systim[1] << 32 | s->systim[0]) + periods * (s->timinca & 0xffffff);
}

static guint64
systim_value (gconstpointer state, guint32 offset)
{
  return offset == 0xb600 ? (guint32) systim (state) : systim (state) >> 32;
}

static void
systim_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((E1000 *) device)->s.systim_ns = astern_clock_now_ns (device->clock);
}

static guint64
zero_value (gconstpointer state, guint32 offset)
{
  return 0;
}

static guint64
manageability_done_value (gconstpointer state, guint32 offset)
{
  const E1000State *s = state;

  return s->eemngctl | 1 << 18;             /* CFG_DONE */
}

static const AsternRegField icr_bits[] = {
  { 0, 1, "TXDW" }, { 1, 1, "TXQE" }, { 2, 1, "LSC" }, { 4, 1, "RXDMT0" }, { 6, 1, "RXO" }, { 7, 1, "RXT0" }, { 9, 1, "MDAC" },
  { 20, 2, "RXQ" }, { 22, 2, "TXQ" }, { 24, 1, "OTHER" }, { 31, 1, "INT" }, { 0, 0, NULL },
};
static const AsternRegField rctl_bits[] = {
  { 1, 1, "EN" }, { 3, 1, "UPE" }, { 4, 1, "MPE" }, { 5, 1, "LPE" }, { 6, 2, "LBM" }, { 8, 2, "RDMTS" }, { 12, 2, "MO" }, { 15, 1, "BAM" },
  { 16, 2, "BSIZE" }, { 18, 1, "VFE" }, { 25, 1, "BSEX" }, { 26, 1, "SECRC" }, { 0, 0, NULL },
};

#define RING(ring, n, base, tail_did_write, kind) \
  { (base) + 0x18, ANY, RW, 4, kind "T" #n,   AT (ring[n].tail), 0, 0xffff,     NULL, NULL, tail_did_write, 0, NULL }, \
  { (base) + 0x10, ANY, RW, 4, kind "H" #n,   AT (ring[n].head), 0, 0xffff,     NULL, NULL, NULL,           0, NULL }, \
  { (base) + 0x00, ANY, RW, 4, kind "BAL" #n, AT (ring[n].bal),  0, 0xfffffff0, NULL, NULL, NULL,           0, NULL }, \
  { (base) + 0x04, ANY, RW, 4, kind "BAH" #n, AT (ring[n].bah),  0, ALL,        NULL, NULL, NULL,           0, NULL }, \
  { (base) + 0x08, ANY, RW, 4, kind "LEN" #n, AT (ring[n].len),  0, 0xfff80,    NULL, NULL, NULL,           0, NULL }

/* What is asked for most comes first. */
const AsternReg e1000_regs[] = {
/*  offset  bank access width name        backing       reset       writable    value       did_read      did_write      count bits */
  { 0x000c0, ANY, RW, 4, "ICR",      NONE,          0,          0,          e1000_icr_value, e1000_icr_did_read, icr_did_write, 0, icr_bits },
  { 0x000d0, ANY, RW, 4, "IMS",      AT (ims),      0,          0,          NULL,       NULL,         ims_did_write, 0, icr_bits },
  { 0x000d8, ANY, W,  4, "IMC",      NONE,          0,          0,          NULL,       NULL,         imc_did_write, 0, icr_bits },
  RING (rx, 0, 0x2800, e1000_rdt_did_write, "RD"),
  RING (tx, 0, 0x3800, e1000_tdt_did_write, "TD"),
  { 0x000c4, ANY, RW, 4, "ITR",      AT (itr),      0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x00008, ANY, R,  4, "STATUS",   NONE,          0,          0,          status_value, NULL,       NULL,          0, NULL },
  { 0x00000, ANY, RW, 4, "CTRL",     AT (ctrl),     0x00000201, 0x5fffffff, NULL,       NULL,         ctrl_did_write, 0, NULL },
  { 0x00004, ANY, RW, 4, "CTRL_DUP", AT (ctrl),     0x00000201, 0x5fffffff, NULL,       NULL,         ctrl_did_write, 0, NULL },
  { 0x00010, ANY, RW, 4, "EECD",     NONE,          0,          0,          e1000_eecd_value, NULL,   e1000_eecd_did_write, 0, NULL },
  { 0x00014, ANY, RW, 4, "EERD",     AT (eerd),     0,          0,          NULL,       NULL,         e1000_eerd_did_write, 0, NULL },
  { 0x00018, ANY, RW, 4, "CTRL_EXT", AT (ctrl_ext), 0,          ALL,        NULL,       NULL,         ctrl_ext_did_write, 0, NULL },
  { 0x0001c, ANY, RW, 4, "FLA",      AT (fla),      0,          0x3f,       NULL,       NULL,         NULL,          0, NULL },
  { 0x00020, ANY, RW, 4, "MDIC",     AT (mdic),     0x10000000, 0x2fffffff, NULL,       NULL,         e1000_mdic_did_write, 0, NULL },
  { 0x00028, ANY, RW, 4, "FCAL",     AT (fcal),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x0002c, ANY, RW, 4, "FCAH",     AT (fcah),     0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x00030, ANY, RW, 4, "FCT",      AT (fct),      0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x00038, ANY, RW, 4, "VET",      AT (vet),      0x8100,     0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x000c8, ANY, W,  4, "ICS",      NONE,          0,          0,          NULL,       NULL,         ics_did_write, 0, icr_bits },
  { 0x000dc, ANY, RW, 4, "EIAC",     AT (eiac),     0,          0x01f00000, NULL,       NULL,         NULL,          0, icr_bits },
  { 0x000e0, ANY, RW, 4, "IAM",      AT (iam),      0,          ALL,        NULL,       NULL,         NULL,          0, icr_bits },
  { 0x000e4, ANY, RW, 4, "IVAR",     AT (ivar),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x000e8, ANY, RW, 4, "EITR",     AT (eitr),     0,          0xffff,     NULL,       NULL,         NULL,          E1000_VECTORS, NULL },
  { 0x00100, ANY, RW, 4, "RCTL",     AT (rctl),     0,          ALL,        NULL,       NULL,         rctl_did_write, 0, rctl_bits },
  { 0x00170, ANY, RW, 4, "FCTTV",    AT (fcttv),    0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x00178, ANY, RW, 4, "TXCW",     AT (txcw),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x00180, ANY, RW, 4, "RXCW",     AT (rxcw),     0,          0,          NULL,       NULL,         NULL,          0, NULL },
  { 0x00400, ANY, RW, 4, "TCTL",     AT (tctl),     0,          ALL,        NULL,       NULL,         tctl_did_write, 0, NULL },
  { 0x00410, ANY, RW, 4, "TIPG",     AT (tipg),     0x00602008, ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x00458, ANY, RW, 4, "AIT",      AT (ait),      0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x00e00, ANY, RW, 4, "LEDCTL",   AT (ledctl),   0x07061302, ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x00f00, ANY, RW, 4, "EXTCNF_CTRL", AT (extcnf), 0,         ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x00f10, ANY, R,  4, "PHY_CTRL", NONE,          0,          0,          zero_value, NULL,         NULL,          0, NULL },
  { 0x01000, ANY, RW, 4, "PBA",      AT (pba),      0x00100030, ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x01008, ANY, RW, 4, "PBS",      AT (pbs),      0x28,       0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x01010, ANY, RW, 4, "EEMNGCTL", AT (eemngctl), 0,          0xffff,     manageability_done_value, NULL, NULL,    0, NULL },
  { 0x02160, ANY, RW, 4, "FCRTL",    AT (fcrtl),    0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x02168, ANY, RW, 4, "FCRTH",    AT (fcrth),    0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x02170, ANY, RW, 4, "PSRCTL",   AT (psrctl),   0x00040402, 0x3f3f3f7f, NULL,       NULL,         NULL,          0, NULL },
  { 0x02820, ANY, RW, 4, "RDTR",     AT (rdtr),     0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x02828, ANY, RW, 4, "RXDCTL0",  AT (rx[0].dctl), 0,        ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x0282c, ANY, RW, 4, "RADV",     AT (radv),     0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  RING (rx, 1, 0x2900, e1000_rdt_did_write, "RD"),
  { 0x02928, ANY, RW, 4, "RXDCTL1",  AT (rx[1].dctl), 0,        ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x02c00, ANY, RW, 4, "RSRPD",    AT (rsrpd),    0,          0xfff,      NULL,       NULL,         NULL,          0, NULL },
  { 0x02c08, ANY, RW, 4, "RAID",     AT (raid),     0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x03820, ANY, RW, 4, "TIDV",     AT (tidv),     0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x03828, ANY, RW, 4, "TXDCTL0",  AT (tx[0].dctl), 0,        ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x0382c, ANY, RW, 4, "TADV",     AT (tadv),     0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x03830, ANY, RW, 4, "TSPMT",    AT (tspmt),    0x01000400, ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x03840, ANY, RW, 4, "TARC0",    AT (tarc[0]),  0x00000403, ALL,        NULL,       NULL,         NULL,          0, NULL },
  RING (tx, 1, 0x3900, e1000_tdt_did_write, "TD"),
  { 0x03928, ANY, RW, 4, "TXDCTL1",  AT (tx[1].dctl), 0,        ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x03940, ANY, RW, 4, "TARC1",    AT (tarc[1]),  0x00000403, ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x04000, ANY, RW, 4, "STATISTICS", AT (stats),  0,          0,          NULL,       stat_did_read, NULL,         E1000_STATS, NULL },
  { 0x05000, ANY, RW, 4, "RXCSUM",   AT (rxcsum),   0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
  { 0x05008, ANY, RW, 4, "RFCTL",    AT (rfctl),    0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05200, ANY, RW, 4, "MTA",      AT (mta),      0,          ALL,        NULL,       NULL,         NULL,          128, NULL },
  { 0x05400, ANY, RW, 4, "RA",       AT (ra),       0,          ALL,        NULL,       NULL,         NULL,          32, NULL },
  { 0x05600, ANY, RW, 4, "VFTA",     AT (vfta),     0,          ALL,        NULL,       NULL,         NULL,          128, NULL },
  { 0x05800, ANY, RW, 4, "WUC",      AT (wuc),      0,          0xf,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05808, ANY, RW, 4, "WUFC",     AT (wufc),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05810, ANY, RW, 4, "WUS",      AT (wus),      0,          0,          NULL,       NULL,         NULL,          0, NULL },
  { 0x05818, ANY, RW, 4, "MRQC",     AT (mrqc),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05820, ANY, RW, 4, "MANC",     AT (manc),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05838, ANY, RW, 4, "IPAV",     AT (ipav),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05860, ANY, R,  4, "MANC2H",   NONE,          0,          0,          zero_value, NULL,         NULL,          0, NULL },
  { 0x05900, ANY, RW, 4, "WUPL",     AT (wupl),     0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05b00, ANY, RW, 4, "GCR",      AT (gcr),      0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05b50, ANY, RW, 4, "SWSM",     AT (swsm),     0,          0x3,        NULL,       swsm_did_read, NULL,         0, NULL },
  { 0x05b54, ANY, RW, 4, "FWSM",     AT (fwsm),     0,          0,          NULL,       NULL,         NULL,          0, NULL },
  { 0x05c00, ANY, RW, 4, "RETA",     AT (reta),     0,          ALL,        NULL,       NULL,         NULL,          32, NULL },
  { 0x05c80, ANY, RW, 4, "RSSRK",    AT (rssrk),    0,          ALL,        NULL,       NULL,         NULL,          10, NULL },
  { 0x0b600, ANY, RW, 4, "SYSTIM",   AT (systim),   0,          ALL,        systim_value, NULL,       systim_did_write, 2, NULL },
  { 0x0b608, ANY, RW, 4, "TIMINCA",  AT (timinca),  0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x0b614, ANY, RW, 4, "TSYNCTXCTL", AT (tsynctx), 0,         0x10,       NULL,       NULL,         NULL,          0, NULL },
  { 0x0b618, ANY, R,  4, "TXSTMP",   NONE,          0,          0,          zero_value, NULL,         NULL,          2, NULL },
  { 0x0b620, ANY, RW, 4, "TSYNCRXCTL", AT (tsyncrx), 0,         0x1e,       NULL,       NULL,         NULL,          0, NULL },
  { 0x0b624, ANY, R,  4, "RXSTMP",   NONE,          0,          0,          zero_value, NULL,         NULL,          4, NULL },
  { 0x0b634, ANY, RW, 4, "RXMTRL",   AT (rxmtrl),   0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x0b638, ANY, RW, 4, "RXUDP",    AT (rxudp),    0,          ALL,        NULL,       NULL,         NULL,          0, NULL },
  { 0x05f40, ANY, RW, 4, "FCRTV",    AT (fcrtv),    0,          0xffff,     NULL,       NULL,         NULL,          0, NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (e1000_regs) == E1000_N_REGS);

/* ---- the same by ports: an address, and what is there ---- */

guint64
e1000_ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  const E1000State *s = &((E1000 *) device)->s;

  if (offset == 0)
    return s->ioaddr;
  return offset == 4 ? astern_device_peek (device, E1000_WINDOW_REGISTERS, s->ioaddr & 0x1fffc, 4) : 0;
}

guint64
e1000_ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  const E1000State *s = &((E1000 *) device)->s;

  if (offset == 0)
    return s->ioaddr;
  return offset == 4 ? astern_device_read (device, E1000_WINDOW_REGISTERS, s->ioaddr & 0x1fffc, 4, access) : 0;
}

void
e1000_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  E1000State *s = &((E1000 *) device)->s;

  if (offset == 0)
    s->ioaddr = (guint32) value;
  else if (offset == 4)
    astern_device_write (device, E1000_WINDOW_REGISTERS, s->ioaddr & 0x1fffc, 4, value, access);
}

/* ---- life ---- */

void
e1000_init (AsternDevice *device, const AsternPciInfo *info, gboolean is_82574)
{
  static const guint8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
  E1000 *self = (E1000 *) device;

  self->is_82574 = is_82574 != FALSE;
  self->packet = g_malloc0 (2 * NET_MAX_SEGMENT);
  memcpy (self->mac, mac, 6);
  astern_pci_init (device, info);
  nic_init_pci (device);
  e1000_irq_init (self);
}

void
e1000_finalize (AsternDevice *device)
{
  g_free (((E1000 *) device)->packet);
}

/* What is not a backing of a register, or is kept by a reset of the MAC alone. */
static void
start (E1000 *self)
{
  E1000State *s = &self->s;

  for (guint i = 0; i <= E1000_VECTORS; i++)
    {
      astern_timer_cancel (&self->throttle[i]);
      s->next_ns[i] = 0;
    }
  s->icr = s->waiting = 0;
  s->systim_ns = 0;
  s->eecd = s->ioaddr = 0;
  s->eeprom.out = 0;
  eeprom93c46_deselect (&s->eeprom);
  memset (s->context, 0, sizeof s->context);
  s->link_up = !self->unplugged;
  s->ra[0] = self->mac[0] | self->mac[1] << 8 | self->mac[2] << 16 | (guint32) self->mac[3] << 24;
  s->ra[1] = self->mac[4] | self->mac[5] << 8 | 1u << 31;
  e1000_eeprom_fill (self);
  e1000_irq_update (self);
}

/* CTRL.RST: all registers but those of PCI and of the tables. */
void
e1000_reset_mac (E1000 *self)
{
  E1000State *s = &self->s;
  guint8 *state = (guint8 *) s;

  for (guint i = 0; i < E1000_N_REGS; i++)
    {
      const AsternReg *reg = &e1000_regs[i];
      guint32 value = (guint32) reg->reset;

      if (reg->backing == NONE || reg->backing == AT (mta) || reg->backing == AT (vfta))
        continue;
      for (guint copy = 0; copy < MAX (reg->count, 1); copy++)
        memcpy (state + reg->backing + 4 * copy, &value, 4);
    }
  start (self);
}

void
e1000_reset (AsternDevice *device)
{
  E1000 *self = (E1000 *) device;

  astern_pci_reset (device);
  e1000_phy_reset (self);
  start (self);
}

void
e1000_restored (AsternDevice *device)
{
  E1000 *self = (E1000 *) device;

  eeprom93c46_restored (&self->s.eeprom);
  astern_pci_restored (device);
  astern_pci_interrupt (device, self->s.pin != 0);
}

void
e1000_set_mac (AsternDevice *device, const guint8 mac[6])
{
  memcpy (((E1000 *) device)->mac, mac, 6);
  start ((E1000 *) device);
}

void
e1000_set_link (AsternDevice *device, AsternLink *link)
{
  E1000 *self = (E1000 *) device;

  self->link = link;
  if (link != NULL)
    astern_link_attach (link, device, e1000_input, e1000_room);
}

gboolean
e1000_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  guint8 mac[6];

  astern_settings_mac (settings, "mac", mac);
  e1000_set_mac (device, mac);
  e1000_set_link (device, astern_settings_link (settings, "netdev"));
  return TRUE;
}

#define F(member)  ASTERN_FIELD (E1000State, member, 1)
#define FA(member) ASTERN_FIELD_ARRAY (E1000State, member, 1)
#define FR(member) F (member.bal), F (member.bah), F (member.len), F (member.head), F (member.tail), F (member.dctl)
#define FC(member) F (member.ipcse), F (member.tucse), F (member.mss), F (member.ipcss), F (member.ipcso), F (member.tucss), \
                   F (member.tucso), F (member.hdrlen), F (member.tucmd)
const AsternField e1000_fields[] = {
  ASTERN_PCI_FIELDS (E1000State, 1), ASTERN_PCI_MSIX_FIELDS (E1000State, 1),
  FA (next_ns), FA (throttle_ns), FR (rx[0]), FR (rx[1]), FR (tx[0]), FR (tx[1]), FC (context[0]), FC (context[1]),
  F (ctrl), F (eecd), F (eerd), F (ctrl_ext), F (fla), F (mdic), F (fcal), F (fcah), F (fct), F (vet),
  F (icr), F (itr), F (ims), F (iam), F (rctl), F (fcttv), F (txcw), F (rxcw), F (tctl), F (tipg), F (ait), F (ledctl), F (extcnf),
  F (pba), F (pbs), F (eemngctl), F (fcrtl), F (fcrth), F (psrctl), F (rdtr), F (radv), F (rsrpd), F (raid), F (tidv), F (tadv),
  FA (tarc), F (tspmt), F (rxcsum), F (rfctl), F (wuc), F (wufc), F (wus), F (manc), F (ipav), F (wupl), F (ivar), F (eiac), FA (eitr),
  F (mrqc), F (gcr), F (swsm), F (fwsm), F (fcrtv), F (ioaddr), 
  F (tsynctx), F (tsyncrx), F (timinca), FA (systim), F (rxmtrl), F (rxudp), F (reserved_time), F (systim_ns), FA (mta), FA (ra), FA (vfta), FA (reta), FA (rssrk), FA (stats),
  EEPROM93C46_FIELDS (E1000State, 1), FA (phy),
  F (link_up), F (pin), F (waiting), FA (reserved),
};
G_STATIC_ASSERT (G_N_ELEMENTS (e1000_fields) == E1000_N_FIELDS);
