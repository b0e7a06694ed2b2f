/* rtl8139.c - Realtek RTL8139C+: registers, EEPROM, reset.
 * Source: Realtek RTL8139C(L)+ data sheet, revision 1.6; 93C46 data sheet.
 * Left out: the boot ROM's own window, wake-up, CONFIG registers' lock, writing to the EEPROM, a MII bus. */
#include "config.h"

#include "hw/net/rtl8139-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define REGISTERS_BYTES 256
#define TICK_NS         30

enum { EE_DO = 1 << 0, EE_DI = 1 << 1, EE_SK = 1 << 2, EE_CS = 1 << 3, EE_MODE = 3 << 6, EE_AUTO_LOAD = 1 << 6, EE_PROGRAM = 2 << 6 };
enum { MSR_LINKB = 1 << 2 };
enum { BMSR_LINK = 1 << 2, BMSR_NEGOTIATED = 1 << 5 };

#define TCR_VERSION 0x74800000u

void
rtl8139_guest_error (Rtl8139 *self, const char *what)
{
  AsternDevice *device = &self->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

void
rtl8139_update (Rtl8139 *self)
{
  astern_pci_interrupt (&self->parent.parent, (self->s.isr & self->s.imr) != 0);
}

void
rtl8139_raise (Rtl8139 *self, guint16 causes)
{
  self->s.isr |= causes;
  rtl8139_update (self);
}

/* ---- timer ---- */

static guint64
ticks (const Rtl8139State *s)
{
  const Rtl8139 *self = (const Rtl8139 *) ((const guint8 *) s - G_STRUCT_OFFSET (Rtl8139, s));
  guint64 now_ns = astern_clock_now_ns (self->parent.parent.clock);

  return now_ns > s->timer_start_ns ? (now_ns - s->timer_start_ns) / TICK_NS : 0;
}

static void
set_timer (Rtl8139 *self)
{
  Rtl8139State *s = &self->s;
  guint64 now = ticks (s), next = (now & ~(guint64) G_MAXUINT32) + s->timer_int;

  if (s->timer_int == 0)
    {
      astern_timer_cancel (&self->timer);
      return;
    }
  if (next <= now)
    next += G_GUINT64_CONSTANT (1) << 32;
  astern_timer_set (&self->timer, s->timer_start_ns + next * TICK_NS);
}

static void
timer_expired (gpointer owner)
{
  Rtl8139 *self = owner;

  rtl8139_raise (self, ISR_TIMEOUT);
  set_timer (self);
}

static guint64
tctr_value (gconstpointer state, guint32 offset)
{
  return (guint32) ticks (state);
}

static void
tctr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139 *self = (Rtl8139 *) device;

  self->s.timer_start_ns = astern_clock_now_ns (device->clock);
  set_timer (self);
}

static void
timer_int_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  set_timer ((Rtl8139 *) device);
}

/* ---- EEPROM ---- */

static void
fill_eeprom (Rtl8139 *self)
{
  guint16 *words = self->s.eeprom.words;

  memset (words, 0, sizeof self->s.eeprom.words);
  words[0] = 0x8129;
  words[1] = 0x10ec;
  words[2] = 0x8139;
  words[3] = (guint16) astern_pci_get (&self->parent.parent, PCI_SUBVENDOR_ID, 2);
  words[4] = (guint16) astern_pci_get (&self->parent.parent, PCI_SUBSYSTEM_ID, 2);
  for (guint i = 0; i < 3; i++)
    words[7 + i] = (guint16) (self->mac[2 * i] | self->mac[2 * i + 1] << 8);
}

static guint64
cr9346_value (gconstpointer state, guint32 offset)
{
  const Rtl8139State *s = state;

  return (s->cr9346 & ~EE_DO) | (s->eeprom.data_out ? EE_DO : 0);
}

static void
cr9346_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139State *s = &((Rtl8139 *) device)->s;
  gboolean was_low = !(s->cr9346 & EE_SK);

  s->cr9346 = (guint8) value & (EE_MODE | EE_CS | EE_SK | EE_DI);
  if ((s->cr9346 & EE_MODE) == EE_AUTO_LOAD)
    {
      memcpy (s->idr, &s->eeprom.words[7], 6);
      s->cr9346 = 0;
    }
  if ((s->cr9346 & EE_MODE) != EE_PROGRAM || !(s->cr9346 & EE_CS))
    eeprom93c46_deselect (&s->eeprom);
  else if (was_low && (s->cr9346 & EE_SK))
    eeprom93c46_clock (&s->eeprom, (s->cr9346 & EE_DI) != 0);
}

/* ---- registers ---- */

static void reset_chip (Rtl8139 *self);

static guint64
cr_value (gconstpointer state, guint32 offset)
{
  const Rtl8139State *s = state;

  return s->cr | (rtl8139_is_empty (s) ? CR_BUFE : 0);
}

static void
cr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139 *self = (Rtl8139 *) device;
  Rtl8139State *s = &self->s;
  gboolean was_off = !(s->cr & CR_RE);

  if (value & CR_RST)
    {
      reset_chip (self);
      return;
    }
  s->cr = (guint8) value & (CR_RE | CR_TE);
  if (was_off && (s->cr & CR_RE))
    {
      s->cbr = 0;
      s->capr = 0xfff0;
    }
  rtl8139_look_for_room (self);
}

static void
capr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  rtl8139_look_for_room ((Rtl8139 *) device);
}

static void
imr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  rtl8139_look_for_room ((Rtl8139 *) device);
  rtl8139_update ((Rtl8139 *) device);
}

static void
isr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139 *self = (Rtl8139 *) device;

  self->s.isr &= (guint16) ~value;
  rtl8139_look_for_room (self);
  rtl8139_update (self);
}

static guint64
tcr_value (gconstpointer state, guint32 offset)
{
  return TCR_VERSION | ((const Rtl8139State *) state)->tcr;
}

static void
mpc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Rtl8139 *) device)->s.mpc = 0;
}

static guint64
msr_value (gconstpointer state, guint32 offset)
{
  const Rtl8139State *s = state;

  return s->msr | (s->link_up ? 0 : MSR_LINKB);
}

static guint64
tsad_value (gconstpointer state, guint32 offset)
{
  const Rtl8139State *s = state;
  guint value = 0;

  for (guint i = 0; i < 4; i++)
    value |= (s->tsd[i] >> 13 & 1) << i | (s->tsd[i] >> 15 & 1) << (12 + i);
  return value;
}

static guint64
bmsr_value (gconstpointer state, guint32 offset)
{
  return 0x7809 | (((const Rtl8139State *) state)->link_up ? BMSR_LINK | BMSR_NEGOTIATED : 0);
}

static guint64
anlpar_value (gconstpointer state, guint32 offset)
{
  return ((const Rtl8139State *) state)->link_up ? 0x05e1 : 0;
}

static void
bmcr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Rtl8139 *) device)->s.bmcr &= (guint16) ~0x8200;       /* reset and negotiation are over at once */
}

static guint64
zero_value (gconstpointer state, guint32 offset)
{
  return 0;
}

static void
cplus_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtl8139State *s = &((Rtl8139 *) device)->s;

  s->cplus_rx = s->cplus_tx = 0;
}

#define AT(member) G_STRUCT_OFFSET (Rtl8139State, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define RW         ASTERN_REG_RW
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W

static const AsternRegField isr_bits[] = {
  { 0, 1, "ROK" }, { 1, 1, "RER" }, { 2, 1, "TOK" }, { 3, 1, "TER" }, { 4, 1, "RXOVW" }, { 5, 1, "PUN" }, { 6, 1, "FOVW" },
  { 7, 1, "TDU" }, { 8, 1, "SWINT" }, { 14, 1, "TIMEOUT" }, { 15, 1, "SERR" }, { 0, 0, NULL },
};

static const AsternReg regs[] = {
/* offset bank access width name      backing        reset   writable    value        did_read did_write     count bits */
  { 0x3e, ANY, RW, 2, "ISR",      AT (isr),      0,      0,          NULL,         NULL, isr_did_write,    0, isr_bits },
  { 0x3c, ANY, RW, 2, "IMR",      AT (imr),      0,      0xffff,     NULL,         NULL, imr_did_write,    0, isr_bits },
  { 0x37, ANY, RW, 1, "CR",       NONE,          0,      0,          cr_value,     NULL, cr_did_write,     0, NULL },
  { 0x38, ANY, RW, 2, "CAPR",     AT (capr),     0xfff0, 0xffff,     NULL,         NULL, capr_did_write,   0, NULL },
  { 0x3a, ANY, R,  2, "CBR",      AT (cbr),      0,      0,          NULL,         NULL, NULL,             0, NULL },
  { 0x10, ANY, RW, 4, "TSD",      AT (tsd),      0x2000, 0xffffffff, NULL,         NULL, rtl8139_tsd_did_write, 4, NULL },
  { 0x20, ANY, RW, 4, "TSAD",     AT (tsad),     0,      0xffffffff, NULL,         NULL, NULL,             4, NULL },
  { 0xd9, ANY, RW, 1, "TPPoll",   AT (tppoll),   0,      0,          NULL,         NULL, rtl8139_tppoll_did_write, 0, NULL },
  { 0x00, ANY, RW, 1, "IDR",      AT (idr),      0,      0xff,       NULL,         NULL, NULL,             8, NULL },
  { 0x08, ANY, RW, 1, "MAR",      AT (mar),      0,      0xff,       NULL,         NULL, NULL,             8, NULL },
  { 0x30, ANY, RW, 4, "RBSTART",  AT (rbstart),  0,      0xffffffff, NULL,         NULL, NULL,             0, NULL },
  { 0x34, ANY, R,  2, "ERBCR",    NONE,          0,      0,          zero_value,   NULL, NULL,             0, NULL },
  { 0x36, ANY, R,  1, "ERSR",     NONE,          0,      0,          zero_value,   NULL, NULL,             0, NULL },
  { 0x40, ANY, RW, 4, "TCR",      AT (tcr),      0,      0x030707f1, tcr_value,    NULL, NULL,             0, NULL },
  { 0x44, ANY, RW, 4, "RCR",      AT (rcr),      0,      0x0f01ffff, NULL,         NULL, NULL,             0, NULL },
  { 0x48, ANY, RW, 4, "TCTR",     NONE,          0,      0,          tctr_value,   NULL, tctr_did_write,   0, NULL },
  { 0x4c, ANY, RW, 4, "MPC",      AT (mpc),      0,      0,          NULL,         NULL, mpc_did_write,    0, NULL },
  { 0x50, ANY, RW, 1, "9346CR",   NONE,          0,      0,          cr9346_value, NULL, cr9346_did_write, 0, NULL },
  { 0x51, ANY, RW, 1, "CONFIG0",  AT (config[0]), 0,     0,          NULL,         NULL, NULL,             0, NULL },
  { 0x52, ANY, RW, 1, "CONFIG1",  AT (config[1]), 0x0c,  0xff,       NULL,         NULL, NULL,             0, NULL },
  { 0x54, ANY, RW, 4, "TimerInt", AT (timer_int), 0,     0xffffffff, NULL,         NULL, timer_int_did_write, 0, NULL },
  { 0x58, ANY, RW, 1, "MSR",      AT (msr),      0x10,   0xc0,       msr_value,    NULL, NULL,             0, NULL },
  { 0x59, ANY, RW, 1, "CONFIG3",  AT (config[3]), 0x01,  0x60,       NULL,         NULL, NULL,             0, NULL },
  { 0x5a, ANY, RW, 1, "CONFIG4",  AT (config[4]), 0,     0xff,       NULL,         NULL, NULL,             0, NULL },
  { 0x5c, ANY, RW, 2, "MULINT",   AT (mulint),   0,      0x0fff,     NULL,         NULL, NULL,             0, NULL },
  { 0x5e, ANY, R,  1, "RERID",    NONE,          0,      0,          zero_value,   NULL, NULL,             0, NULL },
  { 0x60, ANY, R,  2, "TSAD_ALL", NONE,          0,      0,          tsad_value,   NULL, NULL,             0, NULL },
  { 0x62, ANY, RW, 2, "BMCR",     AT (bmcr),     0x3100, 0xb300,     NULL,         NULL, bmcr_did_write,   0, NULL },
  { 0x64, ANY, R,  2, "BMSR",     NONE,          0,      0,          bmsr_value,   NULL, NULL,             0, NULL },
  { 0x66, ANY, RW, 2, "ANAR",     AT (anar),     0x05e1, 0xffff,     NULL,         NULL, NULL,             0, NULL },
  { 0x68, ANY, R,  2, "ANLPAR",   NONE,          0,      0,          anlpar_value, NULL, NULL,             0, NULL },
  { 0x6a, ANY, R,  2, "ANER",     NONE,          0,      0,          zero_value,   NULL, NULL,             0, NULL },
  { 0x6c, ANY, R,  2, "DIS",      NONE,          0,      0,          zero_value,   NULL, NULL,             0, NULL },
  { 0x6e, ANY, R,  2, "FCSC",     AT (fcsc),     0,      0,          NULL,         NULL, NULL,             0, NULL },
  { 0x70, ANY, RW, 2, "NWAYTR",   AT (nwaytr),   0,      0x80,       NULL,         NULL, NULL,             0, NULL },
  { 0x72, ANY, R,  2, "REC",      NONE,          0,      0,          zero_value,   NULL, NULL,             0, NULL },
  { 0x74, ANY, RW, 2, "CSCR",     AT (cscr),     0x03c0, 0x8000,     NULL,         NULL, NULL,             0, NULL },
  { 0x78, ANY, RW, 2, "PHY1",     AT (phy1),     0,      0xffff,     NULL,         NULL, NULL,             0, NULL },
  { 0xd8, ANY, RW, 1, "CONFIG5",  AT (config[5]), 0,     0x7f,       NULL,         NULL, NULL,             0, NULL },
  { 0xe0, ANY, RW, 2, "CPCR",     AT (cpcr),     0,      0x03ff,     NULL,         NULL, cplus_did_write,  0, NULL },
  { 0xe2, ANY, RW, 2, "IntrMitigate", AT (fcsc), 0,      0xffff,     NULL,         NULL, NULL,             0, NULL },
  { 0xe4, ANY, RW, 4, "RDSAR",    AT (rdsar),    0,      0xffffffff, NULL,         NULL, cplus_did_write,  2, NULL },
  { 0xec, ANY, RW, 1, "ETThR",    AT (etthr),    0,      0x3f,       NULL,         NULL, NULL,             0, NULL },
};

/* ---- life ---- */

static const AsternPciInfo info = {
  .vendor = 0x10ec, .device = 0x8139, .revision = 0x20, .class_code = 0x020000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static void
rtl8139_init (AsternDevice *device)
{
  static const guint8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
  Rtl8139 *self = (Rtl8139 *) device;

  astern_pci_init (device, &info);
  nic_init_pci (device);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, REGISTERS_BYTES, RTL8139_WINDOW_REGISTERS, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_MEMORY, REGISTERS_BYTES, RTL8139_WINDOW_REGISTERS, NULL);
  memcpy (self->mac, mac, 6);
  self->packet = g_malloc0 (2 * NET_MAX_SEGMENT + 64);
  astern_timer_init (&self->timer, device->clock, "rtl8139-timer", &self->s.timer_ns, timer_expired, self);
}

static void
rtl8139_finalize (AsternDevice *device)
{
  g_free (((Rtl8139 *) device)->packet);
}

/* CR.RST, too: what a reset of the machine gives these registers. */
static void
reset_chip (Rtl8139 *self)
{
  Rtl8139State *s = &self->s;

  s->cr = 0;
  s->isr = s->imr = 0;
  s->cbr = 0;
  s->capr = 0xfff0;
  s->tcr = s->rcr = s->mpc = s->timer_int = 0;
  s->cplus_rx = s->cplus_tx = 0;
  s->cpcr = 0;
  s->tx_next = 0;
  s->tx_ok = s->rx_ok = s->rx_missed = s->rx_unicast = s->rx_broadcast = s->rx_multicast = s->tx_errors = 0;
  for (guint i = 0; i < 4; i++)
    s->tsd[i] = 0x2000;
  memset (s->tsad, 0, sizeof s->tsad);
  memcpy (s->idr, self->mac, 6);
  s->timer_start_ns = astern_clock_now_ns (self->parent.parent.clock);
  astern_timer_cancel (&self->timer);
  rtl8139_update (self);
}

static void
rtl8139_reset (AsternDevice *device)
{
  Rtl8139 *self = (Rtl8139 *) device;
  Rtl8139State *s = &self->s;

  astern_pci_reset (device);
  s->cr9346 = 0;
  s->eeprom.out = 0;
  eeprom93c46_deselect (&s->eeprom);
  s->link_up = !self->unplugged;
  fill_eeprom (self);
  reset_chip (self);
}

static void
rtl8139_restored (AsternDevice *device)
{
  Rtl8139 *self = (Rtl8139 *) device;

  eeprom93c46_restored (&self->s.eeprom);
  astern_pci_restored (device);
  rtl8139_look_for_room (self);
  rtl8139_update (self);
}

void
rtl8139_set_mac (AsternDevice *device, const guint8 mac[6])
{
  memcpy (((Rtl8139 *) device)->mac, mac, 6);
  rtl8139_reset (device);
}

void
rtl8139_set_link (AsternDevice *device, AsternLink *link)
{
  ((Rtl8139 *) device)->link = link;
  if (link != NULL)
    astern_link_attach (link, device, rtl8139_input, rtl8139_room);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  guint8 mac[6];

  astern_settings_mac (settings, "mac", mac);
  rtl8139_set_mac (device, mac);
  rtl8139_set_link (device, astern_settings_link (settings, "netdev"));
  return TRUE;
}

#define F(member)  ASTERN_FIELD (Rtl8139State, member, 1)
#define FA(member) ASTERN_FIELD_ARRAY (Rtl8139State, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (Rtl8139State, 1),
  F (timer_ns), F (timer_start_ns), F (tx_ok), F (rx_ok), F (rx_missed), F (rx_unicast), F (rx_broadcast), F (rx_multicast), F (tx_errors),
  FA (rdsar), FA (tsd), FA (tsad), F (rbstart), F (tcr), F (rcr), F (mpc), F (timer_int), F (cplus_tx), F (cplus_rx),
  EEPROM93C46_FIELDS (Rtl8139State, 1),
  FA (idr), FA (mar), F (capr), F (cbr), F (imr), F (isr), F (mulint), F (cpcr), F (bmcr), F (anar), F (nwaytr), F (fcsc), F (cscr),
  F (phy1), F (cr), F (cr9346), FA (config), F (msr), F (tppoll), F (etthr), F (tx_next),
  F (link_up), FA (reserved),
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = REGISTERS_BYTES, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

const AsternDeviceClass rtl8139_class = {
  .name = "rtl8139", .summary = "Realtek RTL8139C+ network card", .state_version = 1,
  .instance_size = sizeof (Rtl8139), .state_offset = G_STRUCT_OFFSET (Rtl8139, s), .state_size = sizeof (Rtl8139State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = rtl8139_init, .reset = rtl8139_reset, .restored = rtl8139_restored, .finalize = rtl8139_finalize,
};

static const AsternProperty properties[] = { NIC_PROPERTIES ("efi-rtl8139.rom"), { NULL, 0, NULL, NULL } };

const AsternCard rtl8139_card = {
  .name = "rtl8139", .summary = N_("Realtek RTL8139C+ network card"), .klass = &rtl8139_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
