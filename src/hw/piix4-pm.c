/* piix4-pm.c - Intel 82371AB (PIIX4), function 3: power management.
 * Source: Intel 82371AB data sheet 290562, chapter 7; ACPI 6.4, section 4.8.
 * Left out: SMBus's SMI, device monitors, throttling, sleep states other than soft off, the general
 * events' sources, GLBCTL's SMI_EN (APMC_EN alone decides). */
#include "config.h"

#include "hw/piix4-pm.h"

#include "core/machine.h"
#include "hw/boards/acpi-pm1.h"
#include "hw/boards/smbus-host.h"

#include <string.h>

#define APMC_EN    (1 << 1)                     /* in the last byte of DEVACTB */
#define N_PORTS    64

typedef struct
{
  AsternPciState pci;
  AcpiPm1State pm1;
  guint32 glbctl;
  guint16 gpsts, gpen;
  guint8  apmc, apms;
  guint8  reserved[6];
} Piix4PmState;

typedef struct
{
  AsternPciFunction parent;
  Piix4PmState s;
  AsternTimer  tmrof;
  AsternIrq    sci, smi;
  AsternRange *ports, *smbus_ports;
  gboolean     smbus_level;     /* of its interrupt, which a restore tells again */
  gboolean     without_smm;
} Piix4Pm;

static const AsternClock *
clock_of (gconstpointer state)
{
  return ((const Piix4Pm *) ((const guint8 *) state - G_STRUCT_OFFSET (Piix4Pm, s)))->parent.parent.clock;
}

static guint64
tmr_value (gconstpointer state, guint32 offset)
{
  return acpi_pm1_timer (&((const Piix4PmState *) state)->pm1, clock_of (state));
}

static guint64
sts_value (gconstpointer state, guint32 offset)
{
  return acpi_pm1_sts (&((const Piix4PmState *) state)->pm1, clock_of (state));
}

static void
update (Piix4Pm *self)
{
  Piix4PmState *s = &self->s;

  gboolean acpi = acpi_pm1_update (&s->pm1, &self->tmrof, (s->gpsts & s->gpen) != 0);
  gboolean smbus = self->smbus_level && (s->pci.config[PIIX4_SMBHSTCFG] & PIIX4_SMB_INT) == PIIX4_SMB_INT_IRQ9;

  astern_irq_set (&self->sci, acpi || smbus);
}

static void
tmrof_expired (gpointer owner)
{
  update (owner);
}

static void
sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Piix4Pm *self = (Piix4Pm *) device;

  acpi_pm1_clear_sts (&self->s.pm1, device->clock, (guint16) value);
  update (self);
}

static void
en_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update ((Piix4Pm *) device);
}

static void
cntrl_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Piix4Pm *self = (Piix4Pm *) device;
  AsternMachine *machine = device->machine;
  guint type = value >> 10 & 7;

  update (self);
  if (!(value & ACPI_PM1_SLP_EN) || machine == NULL)
    return;
  if (type == PIIX4_SLP_TYP_S5)
    astern_machine_stop (machine, ASTERN_STOP_POWER_OFF, machine->running_cpu, value, "ACPI soft off");
  else
    astern_events_log (&machine->events, ASTERN_EVENT_UNIMP, "%s: sleep type %u", device->name, type);
}

static void
gpsts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Piix4Pm *self = (Piix4Pm *) device;

  self->s.gpsts &= (guint16) ~value;
  update (self);
}

static void
apmc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Piix4Pm *self = (Piix4Pm *) device;

  /* Firmware's SMI handler would do this; here the chip does, so that ACPI works without one. */
  if (value == PIIX4_ACPI_ENABLE)
    self->s.pm1.cnt |= ACPI_PM1_SCI_EN;
  else if (value == PIIX4_ACPI_DISABLE)
    self->s.pm1.cnt &= ~(guint32) ACPI_PM1_SCI_EN;
  else
    {
      if ((self->s.pci.config[PIIX4_DEVACTB + 3] & APMC_EN) && !self->without_smm)
        {
          astern_irq_set (&self->smi, TRUE);
          astern_irq_set (&self->smi, FALSE);
        }
      return;
    }
  update (self);
}

static void
move_ports (Piix4Pm *self, AsternRange *ports, guint64 start, gboolean enabled)
{
  enabled = enabled && start != 0;
  if (ports == NULL || (ports->enabled == enabled && (!enabled || ports->start == start)))
    return;
  ports->enabled = enabled;
  if (enabled)
    ports->start = start;
  astern_bus_changed (self->parent.bus->ports);
}

static void
update_ports (Piix4Pm *self)
{
  const guint8 *config = self->s.pci.config;
  gboolean smbus = (config[PIIX4_SMBHSTCFG] & PIIX4_SMB_HST_EN) != 0;

  move_ports (self, self->ports, config[PIIX4_PMBASE + 1] << 8 | (config[PIIX4_PMBASE] & 0xc0), config[PIIX4_PMREGMISC] & 1);
  move_ports (self, self->smbus_ports, config[PIIX4_SMBBA + 1] << 8 | (config[PIIX4_SMBBA] & 0xf0), smbus);
}

static void
pm_config_changed (AsternDevice *device, guint offset, guint size)
{
  update_ports ((Piix4Pm *) device);
  if (size != 256)
    update ((Piix4Pm *) device);
}

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x7113, .revision = 3, .class_code = 0x068000, .interrupt_pin = 1,
  .status = 0x0280, .command_writable = PCI_COMMAND_IO,
  .config_changed = pm_config_changed,
};

static void
pm_init (AsternDevice *device)
{
  Piix4Pm *self = (Piix4Pm *) device;
  guint8 *writable = self->parent.writable;

  astern_pci_init (device, &info);
  writable[PIIX4_PMBASE] = 0xc0;
  writable[PIIX4_PMBASE + 1] = 0xff;
  memset (&writable[0x44], 0xff, 0x34);          /* CNTA .. DEVRESJ: monitors; DEVACTB is one of them */
  writable[PIIX4_PMREGMISC] = 0x01;
  writable[PIIX4_SMBBA] = 0xf0;
  writable[PIIX4_SMBBA + 1] = 0xff;
  writable[PIIX4_SMBHSTCFG] = 0x0f;
  astern_timer_init (&self->tmrof, device->clock, "pm-timer", &self->s.pm1.tmrof_ns, tmrof_expired, self);
}

static void
pm_reset (AsternDevice *device)
{
  Piix4Pm *self = (Piix4Pm *) device;
  Piix4PmState *s = &self->s;

  astern_pci_reset (device);
  s->pci.config[PIIX4_PMBASE] = 0x01;
  s->pci.config[PIIX4_SMBBA] = 0x01;
  if (self->without_smm)
    s->pci.config[PIIX4_DEVACTB + 3] = APMC_EN;
  s->gpsts = s->gpen = 0;
  acpi_pm1_reset (&s->pm1, device->clock);
  update_ports (self);
  update (self);
}

static void
pm_restored (AsternDevice *device)
{
  astern_pci_restored (device);
  update ((Piix4Pm *) device);
}

#define AT(member) G_STRUCT_OFFSET (Piix4PmState, member)
#define NONE       ASTERN_NO_BACKING

static const AsternRegField sts_bits[] = {
  { 0, 1, "TMROF" }, { 5, 1, "GBL" }, { 8, 1, "PWRBTN" }, { 10, 1, "RTC" }, { 15, 1, "WAK" }, { 0, 0, NULL },
};
static const AsternRegField cntrl_bits[] = {
  { 0, 1, "SCI_EN" }, { 1, 1, "BRLD_EN" }, { 2, 1, "GBL_RLS" }, { 10, 3, "SUS_TYP" }, { 13, 1, "SUS_EN" },
  { 0, 0, NULL },
};

static const AsternReg pm_regs[] = {
/*  offset         bank             access         width name       backing      reset writable    value      did_read did_write        count bits */
  { PIIX4_PMSTS,   ASTERN_ANY_BANK, ASTERN_REG_RW, 2,    "PMSTS",   NONE,        0,    0,          sts_value, NULL,    sts_did_write,   0,    sts_bits },
  { PIIX4_PMEN,    ASTERN_ANY_BANK, ASTERN_REG_RW, 2,    "PMEN",    AT (pm1.en), 0,    ACPI_PM1_EVENTS, NULL,      NULL,    en_did_write,    0,    sts_bits },
  { PIIX4_PMCNTRL, ASTERN_ANY_BANK, ASTERN_REG_RW, 2,    "PMCNTRL", AT (pm1.cnt), 0,    0x1c07,     NULL,      NULL,    cntrl_did_write, 0,    cntrl_bits },
  { PIIX4_PMTMR,   ASTERN_ANY_BANK, ASTERN_REG_R,  4,    "PMTMR",   NONE,        0,    0,          tmr_value, NULL,    NULL,            0,    NULL },
  { PIIX4_GPSTS,   ASTERN_ANY_BANK, ASTERN_REG_RW, 2,    "GPSTS",   AT (gpsts),  0,    0,          NULL,      NULL,    gpsts_did_write, 0,    NULL },
  { PIIX4_GPEN,    ASTERN_ANY_BANK, ASTERN_REG_RW, 2,    "GPEN",    AT (gpen),   0,    0xffff,     NULL,      NULL,    en_did_write,    0,    NULL },
  { PIIX4_GLBCTL,  ASTERN_ANY_BANK, ASTERN_REG_RW, 4,    "GLBCTL",  AT (glbctl), 0,    0x0107ffff, NULL,      NULL,    NULL,            0,    NULL },
};

static const AsternReg apm_regs[] = {
  { 0,             ASTERN_ANY_BANK, ASTERN_REG_RW, 1,    "APMC",    AT (apmc),   0,    0xff,       NULL,      NULL,    apmc_did_write,  0,    NULL },
  { 1,             ASTERN_ANY_BANK, ASTERN_REG_RW, 1,    "APMS",    AT (apms),   0,    0xff,       NULL,      NULL,    NULL,            0,    NULL },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "pm", .size = N_PORTS, .regs = pm_regs, .n_regs = G_N_ELEMENTS (pm_regs) },
  { .name = "apm", .size = 2, .regs = apm_regs, .n_regs = G_N_ELEMENTS (apm_regs) },
};

#define F(member) ASTERN_FIELD (Piix4PmState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (Piix4PmState, 1),
  ACPI_PM1_FIELDS (Piix4PmState, 2), F (glbctl), F (gpsts), F (gpen), F (apmc), F (apms),
  ASTERN_FIELD_ARRAY (Piix4PmState, reserved, 2),
};

const AsternDeviceClass piix4_pm_class = {
  .name = "piix4-pm", .summary = "PIIX4 power management", .state_version = 2,
  .instance_size = sizeof (Piix4Pm),
  .state_offset = G_STRUCT_OFFSET (Piix4Pm, s), .state_size = sizeof (Piix4PmState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = pm_init, .reset = pm_reset, .restored = pm_restored,
};

AsternIrq *
piix4_pm_sci (AsternDevice *device)
{
  return &((Piix4Pm *) device)->sci;
}

AsternIrq *
piix4_pm_smi (AsternDevice *device)
{
  return &((Piix4Pm *) device)->smi;
}

/* Disabled, at a level of shadows that is the function's: it has no BARs. */
static AsternRange *
add_ports (Piix4Pm *self, const char *name, guint64 size, gint nth, AsternDevice *device, guint window)
{
  AsternRange range = { .name = name, .size = size, .enabled = FALSE,
                        .shadows = self->parent.devfn * 8 + ASTERN_PCI_N_BARS + nth };

  range.read = range.write = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = window };
  return astern_bus_add (self->parent.bus->ports, &range);
}

void
piix4_pm_map (AsternDevice *device)
{
  Piix4Pm *self = (Piix4Pm *) device;

  self->ports = add_ports (self, "pm", N_PORTS, 1, device, PIIX4_PM_PORTS_WINDOW);
  update_ports (self);
}

static void
smbus_interrupts (gpointer receiver, guint line, gboolean level)
{
  Piix4Pm *self = receiver;

  self->smbus_level = level;
  update (self);
}

void
piix4_pm_map_smbus (AsternDevice *device, AsternDevice *host)
{
  Piix4Pm *self = (Piix4Pm *) device;

  self->smbus_ports = add_ports (self, "smbus", SMBUS_HOST_PIIX4_PORTS, 0, host, 0);
  astern_irq_connect (smbus_host_irq (host), smbus_interrupts, device, 0);
  update_ports (self);
}

void
piix4_pm_without_smm (AsternDevice *device)
{
  Piix4Pm *self = (Piix4Pm *) device;

  self->without_smm = TRUE;
  self->s.pci.config[PIIX4_DEVACTB + 3] |= APMC_EN;
}

void
piix4_pm_press_button (AsternDevice *device)
{
  Piix4Pm *self = (Piix4Pm *) device;

  self->s.pm1.sts |= ACPI_PM1_PWRBTN;
  update (self);
}
