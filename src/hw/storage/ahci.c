/* ahci.c - Intel 82801I (ICH9), SATA controller in AHCI mode: registers.
 * Source: Serial ATA AHCI 1.3.1, chapters 3 and 10; Intel 316972 (ICH9), chapter 15.
 * Left out: port multipliers, power management of links, staggered spin-up, coalescing, enclosures, the legacy
 * mode and its ports. */
#include "config.h"

#include "hw/storage/ahci-private.h"

#include "core/machine.h"

#include <glib/gi18n.h>
#include <string.h>

#define PORT_BASE   0x100
#define PORT_BYTES  0x80
#define HBA_BYTES   0x1000

/* 64-bit addresses, queues, AHCI only, 3 Gb/s, 32 slots, CLO, six ports */
#define CAP         (1u << 31 | 1u << 30 | 1u << 24 | 2u << 20 | 1u << 18 | (AHCI_SLOTS - 1) << 8 | (AHCI_PORTS - 1))
#define VERSION     0x00010301

enum { GHC_HR = 1 << 0, GHC_IE = 1 << 1 };
#define GHC_AE (1u << 31)
#define PXCMD_WRITABLE (PXCMD_ST | PXCMD_FRE | 1u << 24 | 1u << 25 | 0xfu << 28)

void
ahci_guest_error (Ahci *self, guint port, const char *what)
{
  AsternDevice *device = &self->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: port %u: %s", device->name, port, what);
}

static const Ahci *
self_of (gconstpointer state)
{
  return (const Ahci *) ((const guint8 *) state - G_STRUCT_OFFSET (Ahci, s));
}

static guint
port_of (guint32 offset)
{
  return (offset - PORT_BASE) / PORT_BYTES;
}

/* -- Interrupts */

static guint32
port_is (const AhciPort *p)
{
  return p->is | (p->serr & PXSERR_X ? PXIS_PCS : 0) | (p->serr & PXSERR_N ? PXIS_PRCS : 0);
}

static void
drive_interrupt (Ahci *self)
{
  astern_pci_interrupt (&self->parent.parent, (self->s.ghc & GHC_IE) && self->s.is != 0);
}

static void
update_interrupt (Ahci *self)
{
  for (guint port = 0; port < AHCI_PORTS; port++)
    if (port_is (&self->s.ports[port]) & self->s.ports[port].ie)
      self->s.is |= 1u << port;
  drive_interrupt (self);
}

void
ahci_interrupt (Ahci *self, guint port, guint32 bits)
{
  self->s.ports[port].is |= bits;
  update_interrupt (self);
}

/* What is still asked for by a port is set again: a rising edge, for a message. */
static void
is_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;

  self->s.is &= (guint32) ~value;
  drive_interrupt (self);
  update_interrupt (self);
}

/* -- Links and resets */

gboolean
ahci_is_linked (const Ahci *self, guint port)
{
  return self->drives[port] != NULL && (self->s.ports[port].sctl & 0x0f) == 0;
}

static void
link_down (Ahci *self, guint port)
{
  AhciPort *p = &self->s.ports[port];

  ahci_abort (self, port);
  p->tfd = 0x7f;
  p->sig = G_MAXUINT32;
  p->signature = FALSE;
}

static void
link_up (Ahci *self, guint port)
{
  AhciPort *p = &self->s.ports[port];

  if (!ahci_is_linked (self, port))
    return;
  ata_reset (self->drives[port]);
  p->serr |= PXSERR_X | PXSERR_N;
  p->signature = TRUE;
  ahci_tell_signature (self, port);
  update_interrupt (self);
}

static void
reset_port (Ahci *self, guint port)
{
  AhciPort *p = &self->s.ports[port];

  astern_timer_cancel (&self->timers[port]);
  memset (p, 0, sizeof *p);
  p->queue_ns = ASTERN_CLOCK_NEVER;
  p->cmd = PXCMD_SUD | PXCMD_POD;
  p->tfd = 0x7f;
  p->sig = G_MAXUINT32;
  p->slot = AHCI_NO_SLOT;
  p->last = AHCI_SLOTS - 1;
  p->signature = self->drives[port] != NULL;
  if (p->signature)
    p->serr = PXSERR_X | PXSERR_N;
}

static void
reset_hba (Ahci *self)
{
  self->s.ghc = GHC_AE;
  self->s.is = 0;
  for (guint port = 0; port < AHCI_PORTS; port++)
    reset_port (self, port);
  drive_interrupt (self);
}

static void
ghc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;

  if (value & GHC_HR)
    {
      reset_hba (self);
      for (guint port = 0; port < AHCI_PORTS; port++)
        if (self->drives[port] != NULL)
          ata_reset (self->drives[port]);
      return;
    }
  self->s.ghc = (guint32) (GHC_AE | (value & GHC_IE));
  update_interrupt (self);
}

/* -- Ports */

static guint64
cap_value (gconstpointer state, guint32 offset)
{
  return CAP;
}

static guint64
pi_value (gconstpointer state, guint32 offset)
{
  return (1u << AHCI_PORTS) - 1;
}

static guint64
vs_value (gconstpointer state, guint32 offset)
{
  return VERSION;
}

static guint64
ghc_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ghc;
}

static guint64
hba_is_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->is;
}

static guint64
pxis_value (gconstpointer state, guint32 offset)
{
  return port_is (&((const AhciState *) state)->ports[port_of (offset)]);
}

static void
pxis_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;

  self->s.ports[port_of (offset)].is &= (guint32) ~value;
  update_interrupt (self);
}

static void
pxie_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update_interrupt ((Ahci *) device);
}

static guint64
pxcmd_value (gconstpointer state, guint32 offset)
{
  const AhciPort *p = &((const AhciState *) state)->ports[port_of (offset)];
  guint32 slot = p->slot < AHCI_SLOTS ? p->slot : 0;

  return p->cmd | (p->cmd & PXCMD_ST ? PXCMD_CR | slot << 8 : 0) | (p->cmd & PXCMD_FRE ? PXCMD_FR : 0);
}

static void
pxcmd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;
  guint port = port_of (offset);
  AhciPort *p = &self->s.ports[port];
  guint32 old = p->cmd;

  p->cmd = (guint32) ((value & PXCMD_WRITABLE) | PXCMD_SUD | PXCMD_POD);
  if (value & PXCMD_CLO)
    p->tfd &= ~(guint32) (ATA_BSY | ATA_DRQ);
  if ((old & PXCMD_ST) && !(p->cmd & PXCMD_ST))
    {
      ahci_abort (self, port);
      p->ci = p->sact = 0;
      p->halted = FALSE;
    }
  ahci_tell_signature (self, port);
  ahci_run (self, port);
}

static guint64
pxtfd_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ports[port_of (offset)].tfd;
}

static guint64
pxsig_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ports[port_of (offset)].sig;
}

/* A drive is there, at 3 Gb/s, awake. */
static guint64
pxssts_value (gconstpointer state, guint32 offset)
{
  const AhciState *s = state;
  guint port = port_of (offset);

  if ((s->ports[port].sctl & 0x0f) == 4)
    return 4;
  return ahci_is_linked (self_of (state), port) ? 0x123 : 0;
}

static guint64
pxsctl_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ports[port_of (offset)].sctl;
}

static void
pxsctl_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;
  guint port = port_of (offset);
  AhciPort *p = &self->s.ports[port];
  guint32 old = p->sctl & 0x0f, now = value & 0x0f;

  p->sctl = value & 0xfff;
  if (now != 0 && now != old)
    link_down (self, port);
  else if (now == 0 && old != 0)
    link_up (self, port);
}

static guint64
pxserr_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ports[port_of (offset)].serr;
}

static void
pxserr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;

  self->s.ports[port_of (offset)].serr &= (guint32) ~value;
  update_interrupt (self);
}

static guint64
pxsact_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ports[port_of (offset)].sact;
}

static void
pxsact_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  AhciPort *p = &((Ahci *) device)->s.ports[port_of (offset)];

  if (p->cmd & PXCMD_ST)
    p->sact |= (guint32) value;
}

static guint64
pxci_value (gconstpointer state, guint32 offset)
{
  return ((const AhciState *) state)->ports[port_of (offset)].ci;
}

static void
pxci_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ahci *self = (Ahci *) device;
  AhciPort *p = &self->s.ports[port_of (offset)];

  if (!(p->cmd & PXCMD_ST))
    return;
  p->ci |= (guint32) value;
  ahci_run (self, port_of (offset));
}

#define AT(member) G_STRUCT_OFFSET (AhciState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define RW         ASTERN_REG_RW

static const AsternRegField cmd_bits[] = {
  { 0, 1, "ST" }, { 1, 1, "SUD" }, { 2, 1, "POD" }, { 3, 1, "CLO" }, { 4, 1, "FRE" }, { 8, 5, "CCS" }, { 14, 1, "FR" }, { 15, 1, "CR" },
  { 24, 1, "ATAPI" }, { 28, 4, "ICC" }, { 0 },
};
static const AsternRegField is_bits[] = {
  { 0, 1, "DHRS" }, { 1, 1, "PSS" }, { 2, 1, "DSS" }, { 3, 1, "SDBS" }, { 5, 1, "DPS" }, { 6, 1, "PCS" }, { 22, 1, "PRCS" },
  { 29, 1, "HBFS" }, { 30, 1, "TFES" }, { 0 },
};
static const AsternRegField tfd_bits[] = { { 0, 8, "STS" }, { 8, 8, "ERR" }, { 0 } };
static const AsternRegField ssts_bits[] = { { 0, 4, "DET" }, { 4, 4, "SPD" }, { 8, 4, "IPM" }, { 0 } };
static const AsternRegField ghc_bits[] = { { 0, 1, "HR" }, { 1, 1, "IE" }, { 31, 1, "AE" }, { 0 } };

#define PX(n, at, access, name, backing, writable, value, did_write, bits) \
  { PORT_BASE + PORT_BYTES * n + at, ANY, access, 4, "P" #n name, backing, 0, writable, value, NULL, did_write, 1, bits }
#define PORT(n) \
  PX (n, 0x00, RW, "CLB",  AT (ports[n].clb),  0xfffffc00, NULL,         NULL,            NULL), \
  PX (n, 0x04, RW, "CLBU", AT (ports[n].clbu), 0xffffffff, NULL,         NULL,            NULL), \
  PX (n, 0x08, RW, "FB",   AT (ports[n].fb),   0xffffff00, NULL,         NULL,            NULL), \
  PX (n, 0x0c, RW, "FBU",  AT (ports[n].fbu),  0xffffffff, NULL,         NULL,            NULL), \
  PX (n, 0x10, RW, "IS",   NONE,               0,          pxis_value,   pxis_did_write,  is_bits), \
  PX (n, 0x14, RW, "IE",   AT (ports[n].ie),   0x7dc0007f, NULL,         pxie_did_write,  is_bits), \
  PX (n, 0x18, RW, "CMD",  NONE,               0xf3000011, pxcmd_value,  pxcmd_did_write, cmd_bits), \
  PX (n, 0x20, R,  "TFD",  NONE,               0,          pxtfd_value,  NULL,            tfd_bits), \
  PX (n, 0x24, R,  "SIG",  NONE,               0,          pxsig_value,  NULL,            NULL), \
  PX (n, 0x28, R,  "SSTS", NONE,               0,          pxssts_value, NULL,            ssts_bits), \
  PX (n, 0x2c, RW, "SCTL", NONE,               0xfff,      pxsctl_value, pxsctl_did_write, ssts_bits), \
  PX (n, 0x30, RW, "SERR", NONE,               0,          pxserr_value, pxserr_did_write, NULL), \
  PX (n, 0x34, RW, "SACT", NONE,               0,          pxsact_value, pxsact_did_write, NULL), \
  PX (n, 0x38, RW, "CI",   NONE,               0,          pxci_value,   pxci_did_write,  NULL), \
  PX (n, 0x3c, RW, "SNTF", AT (ports[n].sntf), 0,          NULL,         NULL,            NULL), \
  { PORT_BASE + PORT_BYTES * n + 0x40, ANY, RW, 4, "P" #n " reserved", NONE, 0, 0, NULL, NULL, NULL, 16, NULL }

static const AsternReg regs[] = {
/* off     bank access w  name    backing reset writable value         read  did_write      n  bits */
  { 0x00,  ANY, RW, 4, "CAP",     NONE,   0,    0,       cap_value,    NULL, NULL,          1, NULL },
  { 0x04,  ANY, RW, 4, "GHC",     NONE,   0,    GHC_IE,  ghc_value,    NULL, ghc_did_write, 1, ghc_bits },
  { 0x08,  ANY, RW, 4, "IS",      NONE,   0,    0,       hba_is_value, NULL, is_did_write,  1, NULL },
  { 0x0c,  ANY, RW, 4, "PI",      NONE,   0,    0,       pi_value,     NULL, NULL,          1, NULL },
  { 0x10,  ANY, R,  4, "VS",      NONE,   0,    0,       vs_value,     NULL, NULL,          1, NULL },
  { 0x14,  ANY, RW, 4, "none",    NONE,   0,    0,       NULL,         NULL, NULL,          6, NULL },
  PORT (0), PORT (1), PORT (2), PORT (3), PORT (4), PORT (5),
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "memory", .size = HBA_BYTES, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

#define F(n, member) ASTERN_FIELD (AhciState, ports[n].member, 1)
#define A(n, member) ASTERN_FIELD_ARRAY (AhciState, ports[n].member, 1)
#define PORT_FIELDS(n) \
  F (n, queue_ns), A (n, queued_ns), A (n, queued_lba), A (n, queued_sectors), F (n, queued), F (n, queued_out), F (n, clb), \
  F (n, clbu), F (n, fb), F (n, fbu), F (n, is), F (n, ie), F (n, cmd), F (n, tfd), F (n, sig), F (n, sctl), F (n, serr), \
  F (n, sact), F (n, ci), F (n, sntf), F (n, slot), F (n, last), F (n, halted), F (n, signature), F (n, resetting), A (n, reserved)

static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (AhciState, 1),
  PORT_FIELDS (0), PORT_FIELDS (1), PORT_FIELDS (2), PORT_FIELDS (3), PORT_FIELDS (4), PORT_FIELDS (5),
  ASTERN_FIELD (AhciState, ghc, 1), ASTERN_FIELD (AhciState, is, 1),
};

/* -- The function */

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x2922, .revision = 2, .class_code = 0x010601, .interrupt_pin = 1,
  .status = 0x0280, .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static void
init (AsternDevice *device)
{
  enum { MAP = 0x90, PCS = 0x92, MSI = 0x80, SATA = 0xa8, SATA_ID = 0x12 };
  static const char *const names[AHCI_PORTS] = { "ahci-0", "ahci-1", "ahci-2", "ahci-3", "ahci-4", "ahci-5" };
  Ahci *self = (Ahci *) device;

  astern_pci_init (device, &info);
  astern_pci_set_bar (device, 5, ASTERN_PCI_BAR_MEMORY, HBA_BYTES, AHCI_MEMORY_WINDOW, NULL);
  astern_pci_add_msi (device, MSI, 1);
  astern_pci_add_capability (device, SATA_ID, SATA, 8);
  astern_pci_set_reset (device, SATA + 2, 2, 0x0010);
  astern_pci_set_reset (device, MAP, 1, 0x40);          /* AHCI */
  astern_pci_set_reset (device, PCS, 2, 0x003f);        /* all ports are on */
  self->parent.writable[PCS] = 0x3f;
  for (guint port = 0; port < AHCI_PORTS; port++)
    {
      self->refs[port] = (AhciRef) { self, port };
      astern_timer_init (&self->timers[port], device->clock, names[port], &self->s.ports[port].queue_ns, ahci_queue_due,
                         &self->refs[port]);
    }
}

static void
reset (AsternDevice *device)
{
  astern_pci_reset (device);
  reset_hba ((Ahci *) device);
}

/* A state from a file may be anything. */
static void
restored (AsternDevice *device)
{
  Ahci *self = (Ahci *) device;

  for (guint port = 0; port < AHCI_PORTS; port++)
    {
      AhciPort *p = &self->s.ports[port];

      if (p->slot >= AHCI_SLOTS)
        p->slot = AHCI_NO_SLOT;
      p->last %= AHCI_SLOTS;
      for (guint slot = 0; slot < AHCI_SLOTS; slot++)
        p->queued_sectors[slot] = MIN (p->queued_sectors[slot], 0x10000);
    }
  astern_pci_restored (device);
}

const AsternDeviceClass ahci_class = {
  .name = "ahci", .summary = "ICH9 SATA controller", .state_version = 1,
  .instance_size = sizeof (Ahci),
  .state_offset = G_STRUCT_OFFSET (Ahci, s), .state_size = sizeof (AhciState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

gboolean
ahci_plug (AsternDevice *device, guint port, AsternDevice *ata)
{
  Ahci *self = (Ahci *) device;

  if (port >= AHCI_PORTS || self->drives[port] != NULL)
    return FALSE;
  self->drives[port] = ata;
  ata_connect (ata, &ahci_host, self, port, TRUE);
  reset_port (self, port);
  return TRUE;
}

AsternDevice *
ahci_drive (AsternDevice *device, guint port)
{
  return port < AHCI_PORTS ? ((Ahci *) device)->drives[port] : NULL;
}

/* -- The card */

/* Where there is room, unless it is said. */
static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  const char *bus = astern_settings_text (settings, "bus");
  gboolean port_said = bus != NULL && strchr (bus, '.') != NULL;
  guint first = astern_settings_bus (settings), last = port_said ? first : AHCI_PORTS - 1;

  for (guint port = first; port <= last && port < AHCI_PORTS; port++)
    if (ahci_plug (device, port, child))
      return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("There is no room for “%s” on the SATA controller: its ports are .0 to .5, for one drive each."), child->name);
  return FALSE;
}

const AsternCard ahci_card = {
  .name = "ahci", .alias = "ich9-ahci", .summary = N_("ICH9 SATA controller (AHCI)"), .klass = &ahci_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_IDE, .plug = plug,
};
