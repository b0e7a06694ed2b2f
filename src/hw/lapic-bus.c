/* lapic-bus.c - see lapic-bus.h.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter
 * "APIC", sections "Handling Interrupts", "Issuing Interprocessor Interrupts", "Message
 * Signalled Interrupts".
 * Left out: the bus's arbitration; of several CPUs with the same lowest priority, the one with
 * the lowest number takes the interrupt. */
#include "config.h"

#include "hw/lapic-bus.h"

#include "core/machine.h"

#include "hw/lapic.h"
#include "hw/pic8259.h"

G_STATIC_ASSERT (ASTERN_IRQCHIP_CPUS == ASTERN_MAX_CPUS);

#define WINDOW_SIZE 0x100000
#define N_LINTS     2

typedef struct
{
  guint8 lint[N_LINTS];    /* levels */
} LapicBusState;

typedef struct
{
  AsternDevice   parent;
  LapicBusState  s;
  AsternDevice  *lapics[ASTERN_MAX_CPUS];     /* borrowed; by CPU, NULL: none */
  AsternDevice  *pic;                         /* borrowed, (nullable) */
  void         (*eoi) (gpointer receiver, guint vector);
  gpointer       eoi_receiver;
} LapicBus;

/* -- Messages */

static AsternDevice *
lowest_priority (LapicBus *bus, const ApicMessage *message)
{
  AsternDevice *found = NULL;

  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    {
      AsternDevice *lapic = bus->lapics[i];

      if (lapic != NULL && lapic_is_addressed (lapic, message) && lapic_is_enabled (lapic)
          && (found == NULL || lapic_priority (lapic) < lapic_priority (found)))
        found = lapic;
    }
  return found;
}

/* Who has the local APICs instead, or NULL. */
static const AsternIrqchipHolder *
holder_of (const LapicBus *bus)
{
  return bus->parent.machine != NULL ? bus->parent.machine->irqchip.holder : NULL;
}

/* As a write to the window; APIC IDs have eight bits. */
static void
pass_on (LapicBus *bus, const AsternIrqchipHolder *holder, const ApicMessage *message)
{
  holder->message (bus->parent.machine->irqchip.user,
                   LAPIC_BUS_BASE | (message->destination & 0xff) << 12 | (message->logical ? 1 << 2 : 0),
                   (guint32) message->vector | (guint32) message->delivery << 8 | (message->level ? 3u << 14 : 0));
}

void
lapic_bus_deliver (gpointer receiver, const ApicMessage *message)
{
  LapicBus *bus = receiver;
  const AsternIrqchipHolder *holder = holder_of (bus);

  if (holder != NULL)
    {
      pass_on (bus, holder, message);
      return;
    }
  if (message->delivery == APIC_LOWEST_PRIORITY)
    {
      AsternDevice *lapic = lowest_priority (bus, message);

      if (lapic != NULL)
        lapic_accept (lapic, message);
      return;
    }
  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    if (bus->lapics[i] != NULL && lapic_is_addressed (bus->lapics[i], message))
      lapic_accept (bus->lapics[i], message);
}

void
lapic_bus_send_ipi (AsternDevice *device, const ApicMessage *message, guint sender, gboolean self,
                    gboolean others)
{
  LapicBus *bus = (LapicBus *) device;

  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    if (bus->lapics[i] != NULL && (i == sender ? self : others))
      lapic_accept (bus->lapics[i], message);
}

/* A write to the window that is no CPU's access to its local APIC (PCI 3.0, section 6.8). */
static void
message_signalled (LapicBus *bus, guint64 offset, guint32 data)
{
  ApicMessage message = {
    .logical = offset >> 2 & 1,
    .delivery = data >> 8 & 7,
    .vector = data & 0xff,
    .level = data >> 15 & 1,
  };

  message.destination = apic_destination8 (offset >> 12 & 0xff, message.logical);
  lapic_bus_deliver (bus, &message);
}

/* -- The window */

static AsternDevice *
lapic_seen (LapicBus *bus, guint64 offset, const AsternAccess *access)
{
  AsternDevice *lapic = access->cpu < ASTERN_MAX_CPUS ? bus->lapics[access->cpu] : NULL;

  if (offset >= ASTERN_PAGE_SIZE || access->origin == ASTERN_ORIGIN_DMA || lapic == NULL
      || !lapic_is_mapped (lapic))
    return NULL;
  return lapic;
}

static guint64
window_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *lapic = lapic_seen ((LapicBus *) device, offset, access);

  return lapic != NULL ? astern_device_read (lapic, 0, offset, size, access) : G_MAXUINT64;
}

static guint64
window_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *lapic = lapic_seen ((LapicBus *) device, offset, access);

  return lapic != NULL ? astern_device_peek (lapic, 0, offset, size) : G_MAXUINT64;
}

static void
window_write (AsternDevice *device, guint64 offset, guint size, guint64 value,
              const AsternAccess *access)
{
  LapicBus *bus = (LapicBus *) device;
  AsternDevice *lapic = lapic_seen (bus, offset, access);

  if (lapic != NULL)
    astern_device_write (lapic, 0, offset, size, value, access);
  else if (size == 4 && (offset >= ASTERN_PAGE_SIZE || access->origin == ASTERN_ORIGIN_DMA))
    message_signalled (bus, offset, value);
}

static const AsternWindow windows[] = {
  { .name = "memory", .size = WINDOW_SIZE, .min_size = 1, .max_size = 4,
    .read = window_read, .write = window_write, .peek = window_peek },
};

/* -- Pins, and who is there */

void
lapic_bus_set_lint (gpointer receiver, guint lint, gboolean level)
{
  LapicBus *bus = receiver;
  const AsternIrqchipHolder *holder = holder_of (bus);

  if (holder != NULL)
    {
      lapic_bus_note_lint (&bus->parent, lint, level);
      if (lint == LAPIC_LINT0 && holder->set_int != NULL)
        holder->set_int (bus->parent.machine->irqchip.user, level);
      return;
    }
  bus->s.lint[lint] = level;
  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    if (bus->lapics[i] != NULL)
      lapic_set_lint (bus->lapics[i], lint, level);
}

void
lapic_bus_add (AsternDevice *device, AsternDevice *lapic, guint cpu)
{
  g_return_if_fail (cpu < ASTERN_MAX_CPUS);
  ((LapicBus *) device)->lapics[cpu] = lapic;
}

void
lapic_bus_set_pic (AsternDevice *device, AsternDevice *pic)
{
  ((LapicBus *) device)->pic = pic;
}

int
lapic_bus_pic_acknowledge (AsternDevice *device)
{
  LapicBus *bus = (LapicBus *) device;

  return bus->pic != NULL ? pic8259_acknowledge (bus->pic) : -1;
}

void
lapic_bus_set_eoi (AsternDevice *device, void (*eoi) (gpointer receiver, guint vector),
                   gpointer receiver)
{
  LapicBus *bus = (LapicBus *) device;

  bus->eoi = eoi;
  bus->eoi_receiver = receiver;
}

void
lapic_bus_broadcast_eoi (AsternDevice *device, guint vector)
{
  LapicBus *bus = (LapicBus *) device;

  if (bus->eoi != NULL)
    bus->eoi (bus->eoi_receiver, vector);
}

/* -- For an engine that has local APICs of its own */

void
lapic_bus_note_lint (AsternDevice *device, guint lint, gboolean level)
{
  LapicBus *bus = (LapicBus *) device;

  bus->s.lint[lint] = level != FALSE;
  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    if (bus->lapics[i] != NULL)
      lapic_note_lint (bus->lapics[i], lint, level);
}

void
lapic_bus_take_values (AsternDevice *device, AsternLapicValues values[ASTERN_IRQCHIP_CPUS])
{
  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    if (((LapicBus *) device)->lapics[i] != NULL)
      lapic_take_values (((LapicBus *) device)->lapics[i], &values[i]);
    else
      values[i] = (AsternLapicValues) { .nothing = TRUE };
}

void
lapic_bus_give_values (AsternDevice *device, const AsternLapicValues values[ASTERN_IRQCHIP_CPUS])
{
  for (guint i = 0; i < ASTERN_MAX_CPUS; i++)
    if (((LapicBus *) device)->lapics[i] != NULL)
      lapic_give_values (((LapicBus *) device)->lapics[i], &values[i]);
}

static const AsternField fields[] = { ASTERN_FIELD_ARRAY (LapicBusState, lint, 1) };

const AsternDeviceClass lapic_bus_class = {
  .name = "lapic-bus", .summary = "local APICs' bus", .state_version = 1,
  .instance_size = sizeof (LapicBus),
  .state_offset = G_STRUCT_OFFSET (LapicBus, s), .state_size = sizeof (LapicBusState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
};
