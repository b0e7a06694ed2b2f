/* i6300esb.c - Intel 6300ESB, watchdog timer (device 29, function 4).
 * Source: Intel 6300ESB I/O Controller Hub data sheet 300641, chapter 16.
 * Left out: the first stage's SMI and I/O APIC interrupt (a status bit tells of it), the general purpose output
 * of the second stage. */
#include "config.h"

#include "hw/boards/i6300esb.h"

#include "core/machine.h"
#include "hw/pci.h"

#include <glib/gi18n.h>

#define BAR_BYTES   16
#define PCI_CYCLE_NS 30
#define PRELOAD     0xfffff

/* Configuration registers. */
enum { CONFIG = 0x60, LOCK = 0x68 };
enum { CONFIG_FAST = 1 << 2, CONFIG_NO_OUTPUT = 1 << 5, LOCK_LOCKED = 1 << 0, LOCK_ENABLED = 1 << 1, LOCK_FREE_RUN = 1 << 2 };
/* In the reload register. */
enum { UNLOCK_1 = 0x80, UNLOCK_2 = 0x86, RELOAD = 1 << 8, TIMED_OUT = 1 << 9 };

typedef struct
{
  AsternPciState pci;
  guint64 stage_ns;     /* deadline of the current stage; NEVER while it is off */
  guint32 preload[2];
  guint8  stage;        /* 1 or 2 */
  guint8  unlock;       /* keys written: 0, 1, 2: the next write is taken */
  guint8  timed_out;    /* survives the reset that it makes */
  guint8  interrupt;    /* the first stage ran out */
  guint8  enabled;      /* what LOCK said last */
  guint8  reserved[3];
} I6300State;

typedef struct
{
  AsternPciFunction parent;
  I6300State     s;
  AsternTimer    timer;
  WatchdogAction action;
} I6300;

static guint64
stage_length_ns (const I6300State *s, guint stage)
{
  guint shift = s->pci.config[CONFIG] & CONFIG_FAST ? 5 : 15;

  return (((guint64) s->preload[stage - 1] + 1) << shift) * PCI_CYCLE_NS;
}

static void
start_stage (I6300 *self, guint stage)
{
  self->s.stage = (guint8) stage;
  astern_timer_set (&self->timer, astern_clock_now_ns (self->timer.clock) + stage_length_ns (&self->s, stage));
}

static void
act (I6300 *self)
{
  AsternMachine *machine = self->parent.parent.machine;
  static const AsternStopReason reasons[] = { ASTERN_STOP_RESET, ASTERN_STOP_POWER_OFF, ASTERN_STOP_PANIC };

  if (machine != NULL && self->action < WATCHDOG_NOTHING)
    astern_machine_stop (machine, reasons[self->action], machine->running_cpu, 0, "the i6300esb watchdog ran out");
}

static void
expired (gpointer owner)
{
  I6300 *self = owner;
  const guint8 *config = self->s.pci.config;

  if (config[LOCK] & LOCK_FREE_RUN)
    {
      self->s.interrupt = 1;
      start_stage (self, 1);
    }
  else if (self->s.stage == 1)
    {
      self->s.interrupt = 1;
      start_stage (self, 2);
    }
  else
    {
      self->s.timed_out = 1;
      if (!(config[CONFIG] & CONFIG_NO_OUTPUT))
        act (self);
      start_stage (self, 1);
    }
}

static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  I6300 *self = (I6300 *) device;
  guint8 lock = self->s.pci.config[LOCK];
  gboolean enabled = (lock & LOCK_ENABLED) != 0;

  self->parent.writable[LOCK] = lock & LOCK_LOCKED ? 0 : LOCK_LOCKED | LOCK_ENABLED | LOCK_FREE_RUN;
  if (size == 256 || enabled == self->s.enabled)
    return;
  self->s.enabled = enabled;
  if (enabled)
    start_stage (self, 1);
  else
    astern_timer_cancel (&self->timer);
}

/* ---- the memory ---- */

static guint64
memory_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  const I6300State *s = &((I6300 *) device)->s;

  switch (offset)
    {
    case 0x00: return s->preload[0];
    case 0x04: return s->preload[1];
    case 0x08: return s->interrupt;
    case 0x0c: return s->timed_out ? TIMED_OUT : 0;
    default:   return 0;
    }
}

/* Two keys, one after the other, open the registers for one write. */
static void
write_reload (I6300 *self, guint64 value)
{
  I6300State *s = &self->s;

  if (value == UNLOCK_1)
    s->unlock = 1;
  else if (value == UNLOCK_2 && s->unlock == 1)
    s->unlock = 2;
  else
    {
      if (s->unlock == 2 && (value & RELOAD) && s->enabled)
        start_stage (self, 1);
      if (s->unlock == 2 && (value & TIMED_OUT))
        s->timed_out = 0;
      s->unlock = 0;
    }
}

static void
memory_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  I6300 *self = (I6300 *) device;
  I6300State *s = &self->s;

  switch (offset)
    {
    case 0x00:
    case 0x04:
      if (s->unlock == 2)
        s->preload[offset / 4] = (guint32) value & PRELOAD;
      s->unlock = 0;
      break;
    case 0x08:
      if (value & 1)
        s->interrupt = 0;
      break;
    case 0x0c:
      write_reload (self, value);
      break;
    }
}

/* ---- the device ---- */

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x25ab, .revision = 2, .class_code = 0x088000, .status = 0x0280,
  .command_writable = PCI_COMMAND_MEMORY, .config_changed = config_changed,
};

static void
i6300esb_init (AsternDevice *device)
{
  I6300 *self = (I6300 *) device;

  astern_pci_init (device, &info);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_MEMORY, BAR_BYTES, 1, NULL);
  self->parent.writable[CONFIG] = 0x27;
  astern_timer_init (&self->timer, device->clock, "watchdog", &self->s.stage_ns, expired, self);
}

static void
i6300esb_reset (AsternDevice *device)
{
  I6300 *self = (I6300 *) device;

  self->s.pci.config[LOCK] = 0;                 /* not locked any more */
  self->s.preload[0] = self->s.preload[1] = PRELOAD;
  self->s.stage = 1;
  self->s.unlock = self->s.interrupt = self->s.enabled = 0;
  astern_timer_cancel (&self->timer);
  astern_pci_reset (device);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "memory", .size = BAR_BYTES, .min_size = 1, .max_size = 4,
    .read = memory_read, .write = memory_write, .peek = memory_read },
};

#define F(member) ASTERN_FIELD (I6300State, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (I6300State, 1), F (stage_ns), ASTERN_FIELD_ARRAY (I6300State, preload, 1),
  F (stage), F (unlock), F (timed_out), F (interrupt), F (enabled), ASTERN_FIELD_BYTES (I6300State, reserved, 1),
};

const AsternDeviceClass i6300esb_class = {
  .name = "i6300esb", .summary = "6300ESB watchdog timer", .state_version = 1,
  .instance_size = sizeof (I6300),
  .state_offset = G_STRUCT_OFFSET (I6300, s), .state_size = sizeof (I6300State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = i6300esb_init, .reset = i6300esb_reset, .restored = astern_pci_restored,
};

void
i6300esb_set_action (AsternDevice *device, WatchdogAction action)
{
  ((I6300 *) device)->action = action;
}

const AsternCard i6300esb_card = {
  .name = "i6300esb", .summary = N_("Intel 6300ESB watchdog timer"), .klass = &i6300esb_class, .kind = ASTERN_CARD_OTHER,
  .slot = ASTERN_SLOT_PCI,
};
