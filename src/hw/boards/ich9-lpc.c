/* ich9-lpc.c - Intel 82801IR (ICH9R), device 31 function 0: LPC bridge.
 * Source: Intel I/O Controller Hub 9 family data sheet 316972, chapters 10 (chip configuration) and 13 (LPC,
 * power management, TCO).
 * Left out: GPIO, LPC decode ranges (the board has what it has), device monitors, sleep states other than soft
 * off, the software and periodic SMI timers, general events' sources, TCO's intruder detection and messages. */
#include "config.h"

#include "hw/boards/ich9-lpc.h"

#include "core/machine.h"
#include "hw/boards/acpi-pm1.h"
#include "hw/piix4-pm.h"

#include <string.h>

#define ROUTE_OFF    0x80
#define N_PIRQS      8
#define N_PM_PORTS   128
#define CHIP_SIZE    0x4000
#define CHIP_FIRST   0x3000     /* where in it there is something */
#define CHIP_KEPT    0x500
#define TCO_TICK_NS  G_GUINT64_CONSTANT (600000000)
#define TCO_MASK     0x3ff

enum { RC_SYSTEM_RESET = 1 << 1, RC_RESET_CPU = 1 << 2 };
enum { ACPI_EN = 1 << 7, SMI_LOCK = 1 << 4, GCS_NO_REBOOT = 1 << 5 };
enum { GBL_SMI_EN = 1 << 0, APMC_EN = 1 << 5, TCO_EN = 1 << 13 };
enum { APM_STS = 1 << 5, TCO_STS = 1 << 13 };
enum { TCO_TIMEOUT = 1 << 3, TCO_SECOND = 1 << 1, TCO_BOOT = 1 << 2, TCO_HALT = 1 << 11, TCO_LOCK = 1 << 12 };

typedef struct
{
  AsternPciState pci;
  AcpiPm1State pm1;
  guint64 tco_ns;       /* deadline: the TCO timer runs out; NEVER while it is halted */
  guint64 tco_left_ns;  /* what it has left, while it is halted */
  guint32 gpe_sts[2], gpe_en[2];
  guint32 smi_en, smi_sts;
  guint8  intx[256];    /* levels of pins A..D, a bit each, by devfn */
  guint8  chip[CHIP_KEPT];
  guint16 isa[2];       /* levels of the ISA lines' first and second device, a bit each */
  guint16 tco1_sts, tco2_sts, tco1_cnt, tco2_cnt, tco_tmr;
  guint8  gsi;          /* levels of what else is on lines 16..23 */
  guint8  tco_in, tco_out, tco_message[2], tco_wdcnt, tco_sw_irq;
  guint8  apmc, apms;
  guint8  rc;           /* reset control register */
  guint8  reserved[8];
} Ich9State;

typedef struct
{
  AsternPciFunction parent;
  Ich9State    s;
  AsternIrq    lines[ICH9_LPC_LINES], smi;
  AsternTimer  tmrof, tco;
  AsternRange *ports, *memory;
  guint32      from_pci;        /* lines that PCI pins raise; follows from the state */
  guint32      driven;          /* what the wires were last told */
  gboolean     sci;
  gboolean     without_smm;
} Ich9;

static const AsternClock *
clock_of (gconstpointer state)
{
  return ((const Ich9 *) ((const guint8 *) state - G_STRUCT_OFFSET (Ich9, s)))->parent.parent.clock;
}

/* ---- interrupts ---- */

static guint16
chip16 (const Ich9State *s, guint offset)
{
  return s->chip[offset - CHIP_FIRST] | (guint16) (s->chip[offset - CHIP_FIRST + 1] << 8);
}

/* Devices 25..31 have routes of their own; the others' pins go around PIRQE..PIRQH. */
static guint
pirq_of (const Ich9State *s, guint devfn, guint pin)
{
  static const guint16 routes[7] = { 0x3150, 0x314c, 0x3148, 0x3146, 0x3144, 0x3142, ICH9_D31IR };
  guint slot = devfn >> 3;

  if (slot < 25)
    return 4 + ((slot + pin) & 3);
  return chip16 (s, routes[slot - 25]) >> (4 * pin) & 7;
}

guint
ich9_lpc_pirq (AsternDevice *device, guint devfn, guint pin)
{
  return pirq_of (&((Ich9 *) device)->s, devfn & 0xff, pin & 3);
}

static guint32
pci_levels (const Ich9State *s)
{
  guint32 level = 0;

  for (guint devfn = 0; devfn < 256; devfn++)
    for (guint pin = 0; pin < 4 && s->intx[devfn] != 0; pin++)
      if (s->intx[devfn] >> pin & 1)
        {
          guint pirq = pirq_of (s, devfn, pin);
          guint8 route = s->pci.config[pirq < 4 ? ICH9_PIRQA_ROUT + pirq : ICH9_PIRQE_ROUT + pirq - 4];

          level |= 1u << (16 + pirq);
          if (!(route & ROUTE_OFF))
            level |= 1u << (route & 0x0f);
        }
  return level;
}

static guint32
sci_line (const Ich9State *s)
{
  static const guint8 lines[8] = { 9, 10, 11, 9, 20, 21, 20, 21 };

  return lines[s->pci.config[ICH9_ACPI_CNTL] & 7];
}

static void
drive (Ich9 *self, gboolean all)
{
  guint32 now = self->s.isa[0] | self->s.isa[1] | (guint32) self->s.gsi << 16 | self->from_pci;
  guint32 changed;

  if (self->sci)
    now |= 1u << sci_line (&self->s);
  changed = all ? (1u << ICH9_LPC_LINES) - 1 : now ^ self->driven;
  self->driven = now;
  for (guint line = 0; line < ICH9_LPC_LINES; line++)
    if (changed >> line & 1)
      astern_irq_set (&self->lines[line], now >> line & 1);
}

void
ich9_lpc_set_isa_irq (gpointer device, guint line, gboolean level)
{
  Ich9 *self = device;
  guint16 bit = (guint16) (1u << (line & 15));
  guint16 *lines = &self->s.isa[line >> 4 & 1];

  *lines = (guint16) (level ? *lines | bit : *lines & ~bit);
  drive (self, FALSE);
}

void
ich9_lpc_set_gsi (gpointer device, guint line, gboolean level)
{
  Ich9 *self = device;
  guint8 bit = (guint8) (1u << (line & 7));

  self->s.gsi = (guint8) (level ? self->s.gsi | bit : self->s.gsi & ~bit);
  drive (self, FALSE);
}

void
ich9_lpc_set_intx (gpointer device, guint devfn, guint pin, gboolean level)
{
  Ich9 *self = device;
  guint8 bit = (guint8) (1u << (pin & 3));
  guint8 *pins = &self->s.intx[devfn & 0xff];

  *pins = (guint8) (level ? *pins | bit : *pins & ~bit);
  self->from_pci = pci_levels (&self->s);
  drive (self, FALSE);
}

void
ich9_lpc_connect (AsternDevice *device, guint line, AsternIrqFunc changed, gpointer receiver, guint receiver_line)
{
  g_return_if_fail (line < ICH9_LPC_LINES);
  astern_irq_connect (&((Ich9 *) device)->lines[line], changed, receiver, receiver_line);
}

/* ---- power management ---- */

static void
update_sci (Ich9 *self)
{
  const Ich9State *s = &self->s;
  gboolean general = (s->gpe_sts[0] & s->gpe_en[0]) != 0 || (s->gpe_sts[1] & s->gpe_en[1]) != 0;

  self->sci = acpi_pm1_update (&self->s.pm1, &self->tmrof, general);
  drive (self, FALSE);
}

static void
tmrof_expired (gpointer owner)
{
  update_sci (owner);
}

static guint64
tmr_value (gconstpointer state, guint32 offset)
{
  return acpi_pm1_timer (&((const Ich9State *) state)->pm1, clock_of (state));
}

static guint64
sts_value (gconstpointer state, guint32 offset)
{
  return acpi_pm1_sts (&((const Ich9State *) state)->pm1, clock_of (state));
}

static void
sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  acpi_pm1_clear_sts (&((Ich9 *) device)->s.pm1, device->clock, (guint16) value);
  update_sci ((Ich9 *) device);
}

static void
en_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update_sci ((Ich9 *) device);
}

static void
cnt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  AsternMachine *machine = device->machine;
  guint type = value >> 10 & 7;

  update_sci ((Ich9 *) device);
  if (!(value & ACPI_PM1_SLP_EN) || machine == NULL)
    return;
  /* What the tables say, and what the chip's own soft off is. */
  if (type == PIIX4_SLP_TYP_S5 || type == 7)
    astern_machine_stop (machine, ASTERN_STOP_POWER_OFF, machine->running_cpu, value, "ACPI soft off");
  else
    astern_events_log (&machine->events, ASTERN_EVENT_UNIMP, "%s: sleep type %u", device->name, type);
}

static void
gpe_sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Ich9 *) device)->s.gpe_sts[(offset - ICH9_GPE0_STS) / 4 & 1] &= (guint32) ~value;
  update_sci ((Ich9 *) device);
}

/* ---- system management interrupts ---- */

static void
raise_smi (Ich9 *self, guint32 enable, guint32 status)
{
  self->s.smi_sts |= status;
  if ((self->s.smi_en & enable) && (self->s.smi_en & GBL_SMI_EN) && !self->without_smm)
    {
      astern_irq_set (&self->smi, TRUE);
      astern_irq_set (&self->smi, FALSE);
    }
}

static void
smi_en_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ich9 *self = (Ich9 *) device;

  if (self->s.pci.config[ICH9_GEN_PMCON_1] & SMI_LOCK)
    self->s.smi_en |= GBL_SMI_EN;
  if (self->s.tco1_cnt & TCO_LOCK)
    self->s.smi_en |= TCO_EN;
  if (self->without_smm)
    self->s.smi_en |= APMC_EN;
}

static void
smi_sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Ich9 *) device)->s.smi_sts &= (guint32) ~value;
}

static void
apmc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ich9 *self = (Ich9 *) device;

  /* Firmware's SMI handler would do this; here the chip does, so that ACPI works without one. */
  if (value == PIIX4_ACPI_ENABLE)
    self->s.pm1.cnt |= ACPI_PM1_SCI_EN;
  else if (value == PIIX4_ACPI_DISABLE)
    self->s.pm1.cnt &= ~(guint32) ACPI_PM1_SCI_EN;
  else
    raise_smi (self, APMC_EN, APM_STS);
  update_sci (self);
}

/* ---- the TCO watchdog ---- */

static guint64
tco_left_ns (gconstpointer state)
{
  const Ich9State *s = state;
  guint64 now = astern_clock_now_ns (clock_of (state));

  if (s->tco1_cnt & TCO_HALT)
    return s->tco_left_ns;
  return s->tco_ns != ASTERN_CLOCK_NEVER && s->tco_ns > now ? s->tco_ns - now : 0;
}

static guint64
tco_full_ns (const Ich9State *s)
{
  return MAX (s->tco_tmr & TCO_MASK, 2) * TCO_TICK_NS;
}

static guint64
tco_rld_value (gconstpointer state, guint32 offset)
{
  return (tco_left_ns (state) + TCO_TICK_NS - 1) / TCO_TICK_NS & TCO_MASK;
}

static void
tco_start (Ich9 *self, guint64 left_ns)
{
  self->s.tco_left_ns = left_ns;
  if (self->s.tco1_cnt & TCO_HALT)
    astern_timer_cancel (&self->tco);
  else
    astern_timer_set (&self->tco, astern_clock_now_ns (self->tco.clock) + left_ns);
}

static void
tco_rld_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ich9 *self = (Ich9 *) device;

  self->s.tco1_sts &= (guint16) ~TCO_TIMEOUT;
  tco_start (self, tco_full_ns (&self->s));
}

/* The first time it tells, the second time it resets. */
static void
tco_expired (gpointer owner)
{
  Ich9 *self = owner;
  AsternMachine *machine = self->parent.parent.machine;

  if (self->s.tco1_sts & TCO_TIMEOUT)
    {
      self->s.tco2_sts |= TCO_SECOND | TCO_BOOT;
      if (!(chip16 (&self->s, ICH9_GCS) & GCS_NO_REBOOT) && machine != NULL)
        astern_machine_stop (machine, ASTERN_STOP_RESET, machine->running_cpu, 0, "the TCO watchdog ran out");
    }
  self->s.tco1_sts |= TCO_TIMEOUT;
  raise_smi (self, TCO_EN, TCO_STS);
  tco_start (self, tco_full_ns (&self->s));
}

static void
tco1_sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Ich9 *) device)->s.tco1_sts &= (guint16) ~value;
}

static void
tco2_sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Ich9 *) device)->s.tco2_sts &= (guint16) ~value;
}

/* The backing holds the new HALT bit already: what is left follows from the timer. */
static void
tco1_cnt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ich9 *self = (Ich9 *) device;
  guint64 now = astern_clock_now_ns (device->clock);
  guint64 left = self->s.tco_ns == ASTERN_CLOCK_NEVER ? self->s.tco_left_ns : self->s.tco_ns > now ? self->s.tco_ns - now : 0;

  tco_start (self, left);
}

/* ---- reset ---- */

static void
rc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  if ((value & RC_RESET_CPU) && device->machine != NULL)
    astern_machine_stop (device->machine, ASTERN_STOP_RESET, device->machine->running_cpu, value,
                         "the reset control register (port 0xcf9) was written");
}

/* ---- chip configuration ---- */

static guint64
chip_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  const Ich9State *s = &((Ich9 *) device)->s;
  guint64 value = 0;

  if (offset < CHIP_FIRST || offset + size > CHIP_FIRST + CHIP_KEPT)
    return 0;
  for (guint i = size; i-- > 0; )
    value = value << 8 | s->chip[offset - CHIP_FIRST + i];
  return value;
}

static void
chip_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Ich9 *self = (Ich9 *) device;

  if (offset < CHIP_FIRST || offset + size > CHIP_FIRST + CHIP_KEPT)
    return;
  for (guint i = 0; i < size; i++)
    self->s.chip[offset - CHIP_FIRST + i] = (guint8) (value >> (8 * i));
  self->from_pci = pci_levels (&self->s);
  drive (self, FALSE);
}

/* ---- configuration space ---- */

static gboolean
move (AsternRange *range, gboolean enabled, guint64 start)
{
  if (range->enabled == enabled && (!enabled || range->start == start))
    return FALSE;
  range->enabled = enabled;
  if (enabled)
    range->start = start;
  return TRUE;
}

static void
update_ranges (Ich9 *self)
{
  const guint8 *config = self->s.pci.config;
  guint64 pm = config[ICH9_PMBASE + 1] << 8 | (config[ICH9_PMBASE] & 0x80);
  guint64 rcba = (guint64) config[ICH9_RCBA + 3] << 24 | config[ICH9_RCBA + 2] << 16 | (config[ICH9_RCBA + 1] & 0xc0) << 8;

  if (self->ports == NULL)
    return;
  if (move (self->ports, (config[ICH9_ACPI_CNTL] & ACPI_EN) && pm != 0, pm))
    astern_bus_changed (self->parent.bus->ports);
  if (move (self->memory, (config[ICH9_RCBA] & 1) && rcba != 0, rcba))
    astern_bus_changed (self->parent.bus->memory);
}

static void
ich9_config_changed (AsternDevice *device, guint offset, guint size)
{
  Ich9 *self = (Ich9 *) device;

  if (self->s.pci.config[ICH9_GEN_PMCON_1] & SMI_LOCK)
    self->parent.writable[ICH9_GEN_PMCON_1] &= (guint8) ~SMI_LOCK;
  else
    self->parent.writable[ICH9_GEN_PMCON_1] |= SMI_LOCK;
  self->from_pci = pci_levels (&self->s);
  update_ranges (self);
  drive (self, FALSE);
}

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x2918, .revision = 2, .class_code = 0x060100, .multifunction = TRUE,
  .command = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, .status = 0x0200,
  .command_writable = 0x0100,
  .config_changed = ich9_config_changed,
};

static void
ich9_init (AsternDevice *device)
{
  Ich9 *self = (Ich9 *) device;
  guint8 *writable = self->parent.writable;

  astern_pci_init (device, &info);
  writable[ICH9_PMBASE] = 0x80;
  writable[ICH9_PMBASE + 1] = 0xff;
  writable[ICH9_ACPI_CNTL] = 0x87;
  writable[0x48] = 0x80;                        /* GPIOBASE, GPIO control */
  writable[0x49] = 0xff;
  writable[0x4c] = 0x11;
  memset (&writable[ICH9_PIRQA_ROUT], 0x8f, 4);
  writable[0x64] = 0xff;                        /* serial interrupts */
  memset (&writable[ICH9_PIRQE_ROUT], 0x8f, 4);
  memset (&writable[0x80], 0xff, 0x14);         /* LPC decode ranges */
  memset (&writable[0xa0], 0xff, 6);            /* general power management */
  memset (&writable[0xd0], 0xff, 0x0d);         /* firmware hub */
  writable[ICH9_RCBA] = 0x01;
  writable[ICH9_RCBA + 1] = 0xc0;
  memset (&writable[ICH9_RCBA + 2], 0xff, 2);
  astern_timer_init (&self->tmrof, device->clock, "pm-timer", &self->s.pm1.tmrof_ns, tmrof_expired, self);
  astern_timer_init (&self->tco, device->clock, "tco", &self->s.tco_ns, tco_expired, self);
}

static void
reset_chip (Ich9State *s)
{
  static const guint16 routes[] = { 0x3140, 0x3142, 0x3144, 0x3146, 0x3148, 0x314c, 0x3150 };

  memset (s->chip, 0, sizeof s->chip);
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      s->chip[routes[i] - CHIP_FIRST] = 0x10;
      s->chip[routes[i] - CHIP_FIRST + 1] = 0x32;
    }
  s->chip[ICH9_GCS - CHIP_FIRST] = GCS_NO_REBOOT;
}

static void
ich9_reset (AsternDevice *device)
{
  Ich9 *self = (Ich9 *) device;
  Ich9State *s = &self->s;

  reset_chip (s);
  memset (s->intx, 0, sizeof s->intx);
  s->isa[0] = s->isa[1] = 0;
  s->gsi = 0;
  s->gpe_sts[0] = s->gpe_sts[1] = 0;
  s->smi_sts = 0;
  s->tco1_sts = s->tco2_sts = 0;
  s->smi_en = self->without_smm ? APMC_EN : 0;
  acpi_pm1_reset (&s->pm1, device->clock);
  astern_pci_reset (device);
  s->pci.config[ICH9_PMBASE] = 0x01;
  s->pci.config[0x48] = 0x01;
  memset (&s->pci.config[ICH9_PIRQA_ROUT], ROUTE_OFF, 4);
  memset (&s->pci.config[ICH9_PIRQE_ROUT], ROUTE_OFF, 4);
  s->pci.config[0x64] = 0x10;
  s->tco_left_ns = tco_full_ns (s);             /* it stands until firmware or a driver loads it */
  astern_timer_cancel (&self->tco);
  ich9_config_changed (device, 0, 256);
  update_sci (self);
}

static void
ich9_restored (AsternDevice *device)
{
  Ich9 *self = (Ich9 *) device;

  astern_pci_restored (device);
  update_sci (self);
  drive (self, TRUE);
}

#define AT(member) G_STRUCT_OFFSET (Ich9State, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define RW         ASTERN_REG_RW

static const AsternRegField sts_bits[] = {
  { 0, 1, "TMROF" }, { 5, 1, "GBL" }, { 8, 1, "PWRBTN" }, { 10, 1, "RTC" }, { 15, 1, "WAK" }, { 0, 0, NULL },
};
static const AsternRegField cnt_bits[] = {
  { 0, 1, "SCI_EN" }, { 1, 1, "BM_RLD" }, { 2, 1, "GBL_RLS" }, { 10, 3, "SLP_TYP" }, { 13, 1, "SLP_EN" }, { 0, 0, NULL },
};
static const AsternRegField smi_bits[] = {
  { 0, 1, "GBL_SMI" }, { 1, 1, "EOS" }, { 5, 1, "APMC" }, { 13, 1, "TCO" }, { 0, 0, NULL },
};
static const AsternRegField tco1_bits[] = { { 3, 1, "TIMEOUT" }, { 0, 0, NULL } };
static const AsternRegField tco1_cnt_bits[] = { { 11, 1, "TCO_TMR_HLT" }, { 12, 1, "TCO_LOCK" }, { 0, 0, NULL } };

static const AsternReg pm_regs[] = {
/*  offset         bank access        width name           backing            reset writable    value          did_read did_write          count bits */
  { ICH9_PM1_STS,  ANY, RW,           2,    "PM1_STS",     NONE,              0,    0,          sts_value,     NULL,    sts_did_write,     0,    sts_bits },
  { ICH9_PM1_EN,   ANY, RW,           2,    "PM1_EN",      AT (pm1.en),       0,    ACPI_PM1_EVENTS, NULL,     NULL,    en_did_write,      0,    sts_bits },
  { ICH9_PM1_CNT,  ANY, RW,           4,    "PM1_CNT",     AT (pm1.cnt),      0,    0x1c07,     NULL,          NULL,    cnt_did_write,     0,    cnt_bits },
  { ICH9_PM1_TMR,  ANY, ASTERN_REG_R, 4,    "PM1_TMR",     NONE,              0,    0,          tmr_value,     NULL,    NULL,              0,    NULL },
  { ICH9_GPE0_STS, ANY, RW,           4,    "GPE0_STS",    AT (gpe_sts),      0,    0,          NULL,          NULL,    gpe_sts_did_write, 2,    NULL },
  { ICH9_GPE0_EN,  ANY, RW,           4,    "GPE0_EN",     AT (gpe_en),       0,    0xffffffff, NULL,          NULL,    en_did_write,      2,    NULL },
  { ICH9_SMI_EN,   ANY, RW,           4,    "SMI_EN",      AT (smi_en),       0,    0x0007ffff, NULL,          NULL,    smi_en_did_write,  0,    smi_bits },
  { ICH9_SMI_STS,  ANY, RW,           4,    "SMI_STS",     AT (smi_sts),      0,    0,          NULL,          NULL,    smi_sts_did_write, 0,    smi_bits },
  { ICH9_TCO_RLD,  ANY, RW,           2,    "TCO_RLD",     NONE,              0,    0,          tco_rld_value, NULL,    tco_rld_did_write, 0,    NULL },
  { 0x62,          ANY, RW,           1,    "TCO_DAT_IN",  AT (tco_in),       0,    0xff,       NULL,          NULL,    NULL,              0,    NULL },
  { 0x63,          ANY, RW,           1,    "TCO_DAT_OUT", AT (tco_out),      0,    0xff,       NULL,          NULL,    NULL,              0,    NULL },
  { ICH9_TCO1_STS, ANY, RW,           2,    "TCO1_STS",    AT (tco1_sts),     0,    0,          NULL,          NULL,    tco1_sts_did_write, 0,   tco1_bits },
  { ICH9_TCO2_STS, ANY, RW,           2,    "TCO2_STS",    AT (tco2_sts),     0,    0,          NULL,          NULL,    tco2_sts_did_write, 0,   NULL },
  { ICH9_TCO1_CNT, ANY, RW,           2,    "TCO1_CNT",    AT (tco1_cnt),     0,    0x1f00,     NULL,          NULL,    tco1_cnt_did_write, 0,   tco1_cnt_bits },
  { ICH9_TCO2_CNT, ANY, RW,           2,    "TCO2_CNT",    AT (tco2_cnt),     0x08, 0xffff,     NULL,          NULL,    NULL,              0,    NULL },
  { 0x6c,          ANY, RW,           1,    "TCO_MESSAGE", AT (tco_message),  0,    0xff,       NULL,          NULL,    NULL,              2,    NULL },
  { 0x6e,          ANY, RW,           1,    "TCO_WDCNT",   AT (tco_wdcnt),    0,    0xff,       NULL,          NULL,    NULL,              0,    NULL },
  { 0x70,          ANY, RW,           1,    "SW_IRQ_GEN",  AT (tco_sw_irq),   0x03, 0xff,       NULL,          NULL,    NULL,              0,    NULL },
  { ICH9_TCO_TMR,  ANY, RW,           2,    "TCO_TMR",     AT (tco_tmr),      0x04, TCO_MASK,   NULL,          NULL,    NULL,              0,    NULL },
};

static const AsternReg apm_regs[] = {
  { 0,             ANY, RW,           1,    "APMC",        AT (apmc),         0,    0xff,       NULL,          NULL,    apmc_did_write,    0,    NULL },
  { 1,             ANY, RW,           1,    "APMS",        AT (apms),         0,    0xff,       NULL,          NULL,    NULL,              0,    NULL },
};

static const AsternReg reset_regs[] = {
  { 1,             ANY, RW,           1,    "RST_CNT",     AT (rc),           0,    RC_SYSTEM_RESET | 1 << 3, NULL, NULL, rc_did_write,   0,    NULL },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "reset", .size = 4, .regs = reset_regs, .n_regs = G_N_ELEMENTS (reset_regs), .min_size = 1, .max_size = 1 },
  { .name = "pm", .size = N_PM_PORTS, .regs = pm_regs, .n_regs = G_N_ELEMENTS (pm_regs) },
  { .name = "apm", .size = 2, .regs = apm_regs, .n_regs = G_N_ELEMENTS (apm_regs) },
  { .name = "chip", .size = CHIP_SIZE, .min_size = 1, .max_size = 4, .read = chip_read, .write = chip_write, .peek = chip_read },
};

#define F(member) ASTERN_FIELD (Ich9State, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (Ich9State, 1), ACPI_PM1_FIELDS (Ich9State, 1),
  F (tco_ns), F (tco_left_ns),
  ASTERN_FIELD_ARRAY (Ich9State, gpe_sts, 1), ASTERN_FIELD_ARRAY (Ich9State, gpe_en, 1),
  F (smi_en), F (smi_sts),
  ASTERN_FIELD_BYTES (Ich9State, intx, 1), ASTERN_FIELD_BYTES (Ich9State, chip, 1),
  ASTERN_FIELD_ARRAY (Ich9State, isa, 1),
  F (tco1_sts), F (tco2_sts), F (tco1_cnt), F (tco2_cnt), F (tco_tmr), F (gsi), F (tco_in), F (tco_out),
  ASTERN_FIELD_BYTES (Ich9State, tco_message, 1), F (tco_wdcnt), F (tco_sw_irq), F (apmc), F (apms), F (rc),
  ASTERN_FIELD_BYTES (Ich9State, reserved, 1),
};

const AsternDeviceClass ich9_lpc_class = {
  .name = "ich9-lpc", .summary = "ICH9 LPC bridge", .state_version = 1,
  .instance_size = sizeof (Ich9),
  .state_offset = G_STRUCT_OFFSET (Ich9, s), .state_size = sizeof (Ich9State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = ich9_init, .reset = ich9_reset, .restored = ich9_restored,
};

AsternIrq *
ich9_lpc_smi (AsternDevice *device)
{
  return &((Ich9 *) device)->smi;
}

void
ich9_lpc_map (AsternDevice *device)
{
  Ich9 *self = (Ich9 *) device;
  gint shadows = self->parent.devfn * 8 + ASTERN_PCI_N_BARS + 1;
  AsternRange ports = { .name = "pm", .size = N_PM_PORTS, .shadows = shadows };
  AsternRange memory = { .name = "rcba", .size = CHIP_SIZE, .shadows = shadows };

  ports.read = ports.write = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = ICH9_LPC_PM_WINDOW };
  memory.read = memory.write = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = ICH9_LPC_CHIP_WINDOW };
  self->ports = astern_bus_add (self->parent.bus->ports, &ports);
  self->memory = astern_bus_add (self->parent.bus->memory, &memory);
  update_ranges (self);
}

void
ich9_lpc_without_smm (AsternDevice *device)
{
  Ich9 *self = (Ich9 *) device;

  self->without_smm = TRUE;
  self->s.smi_en |= APMC_EN;
}

void
ich9_lpc_press_button (AsternDevice *device)
{
  Ich9 *self = (Ich9 *) device;

  self->s.pm1.sts |= ACPI_PM1_PWRBTN;
  update_sci (self);
}
