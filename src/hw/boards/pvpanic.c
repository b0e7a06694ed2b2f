/* pvpanic.c - see pvpanic.h.
 * Source: QEMU's docs/specs/pvpanic (the register's bits, the PCI function's numbers). */
#include "config.h"

#include "hw/boards/pvpanic.h"

#include "core/machine.h"
#include "hw/pci.h"

#include <glib/gi18n.h>

enum { PANICKED = 1 << 0, CRASH_LOADED = 1 << 1 };

#define BAR_BYTES 16

typedef struct
{
  guint8 events;        /* that it knows: what a read tells */
  guint8 last;          /* what was written last */
} PvpanicState;

typedef struct
{
  AsternDevice parent;
  PvpanicState s;
} Pvpanic;

typedef struct
{
  AsternPciState pci;
  PvpanicState   panic;
} PvpanicPciState;

typedef struct
{
  AsternPciFunction parent;
  PvpanicPciState   s;
} PvpanicPci;

/* A kernel that goes on to save its memory says so, and is left alone. */
static void
panicked (AsternDevice *device, guint64 value)
{
  AsternMachine *machine = device->machine;

  if (machine == NULL)
    return;
  if (value & ~(guint64) (PANICKED | CRASH_LOADED))
    astern_events_log (&machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: unknown events 0x%x", device->name, (guint) value);
  if (value & PANICKED)
    astern_machine_stop (machine, ASTERN_STOP_PANIC, machine->running_cpu, value, "the guest panicked");
}

static guint64
event_value (gconstpointer state, guint32 offset)
{
  return PANICKED | CRASH_LOADED;
}

static void
event_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  panicked (device, value);
}

/* ---- on the ISA bus ---- */

static const AsternRegField event_bits[] = { { 0, 1, "panicked" }, { 1, 1, "crash loaded" }, { 0 } };

static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "Event", G_STRUCT_OFFSET (PvpanicState, last), 0, 0xff, event_value, NULL,
    event_did_write, 1, event_bits },
};

static const AsternWindow windows[] = { { .name = "port", .size = 1, .regs = regs, .n_regs = G_N_ELEMENTS (regs) } };

static const AsternField fields[] = { ASTERN_FIELD (PvpanicState, events, 1), ASTERN_FIELD (PvpanicState, last, 1) };

const AsternDeviceClass pvpanic_class = {
  .name = "pvpanic", .summary = "the guest's panic port", .state_version = 1,
  .instance_size = sizeof (Pvpanic),
  .state_offset = G_STRUCT_OFFSET (Pvpanic, s), .state_size = sizeof (PvpanicState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  astern_bus_add_device (astern_settings_isa (settings)->ports, PVPANIC_PORT, device, 0, 1);
  return TRUE;
}

const AsternCard pvpanic_card = {
  .name = "pvpanic", .summary = N_("a port by which the guest says that it panicked"), .klass = &pvpanic_class,
  .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_ISA, .configure = configure,
};

/* ---- on the PCI bus ---- */

static const AsternPciInfo info = {
  .vendor = 0x1b36, .device = 0x0011, .revision = 1, .class_code = 0x088000,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static guint64
memory_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return offset == 0 ? PANICKED | CRASH_LOADED : 0;
}

static void
memory_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset != 0)
    return;
  ((PvpanicPci *) device)->s.panic.last = (guint8) value;
  panicked (device, value);
}

static void
pvpanic_pci_init (AsternDevice *device)
{
  astern_pci_init (device, &info);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_MEMORY, BAR_BYTES, 1, NULL);
}

static const AsternWindow pci_windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "memory", .size = BAR_BYTES, .min_size = 1, .max_size = 1,
    .read = memory_read, .write = memory_write, .peek = memory_read },
};

static const AsternField pci_fields[] = {
  ASTERN_PCI_FIELDS (PvpanicPciState, 1), ASTERN_FIELD (PvpanicPciState, panic.events, 1), ASTERN_FIELD (PvpanicPciState, panic.last, 1),
};

const AsternDeviceClass pvpanic_pci_class = {
  .name = "pvpanic-pci", .summary = "the guest's panic register", .state_version = 1,
  .instance_size = sizeof (PvpanicPci),
  .state_offset = G_STRUCT_OFFSET (PvpanicPci, s), .state_size = sizeof (PvpanicPciState),
  .fields = pci_fields, .n_fields = G_N_ELEMENTS (pci_fields),
  .windows = pci_windows, .n_windows = G_N_ELEMENTS (pci_windows),
  .init = pvpanic_pci_init, .reset = astern_pci_reset, .restored = astern_pci_restored,
};

const AsternCard pvpanic_pci_card = {
  .name = "pvpanic-pci", .summary = N_("a PCI function by which the guest says that it panicked"), .klass = &pvpanic_pci_class,
  .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_PCI,
};
