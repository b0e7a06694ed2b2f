/* ioapic.c - I/O APIC.
 * Source: Intel 82093AA data sheet, May 1996; Intel I/O Controller Hub 9 data sheet, section
 * 13.5 (EOI register).
 * Left out: the arbitration of the serial APIC bus, delivery status (a message arrives at once). */
#include "config.h"

#include "hw/ioapic.h"

#include "core/machine.h"

#include <string.h>

#define VERSION (0x20u | (IOAPIC_PINS - 1) << 16)

enum { REG_ID = 0x00, REG_VER = 0x01, REG_ARB = 0x02, REG_REDTBL = 0x10,
       REG_END = REG_REDTBL + 2 * IOAPIC_PINS };

#define ENTRY_LOGICAL    (G_GUINT64_CONSTANT (1) << 11)
#define ENTRY_REMOTE_IRR (G_GUINT64_CONSTANT (1) << 14)
#define ENTRY_LEVEL      (G_GUINT64_CONSTANT (1) << 15)
#define ENTRY_MASKED     (G_GUINT64_CONSTANT (1) << 16)
#define ENTRY_WRITABLE   G_GUINT64_CONSTANT (0xff0000000001afff)

typedef struct
{
  guint64 redirection[IOAPIC_PINS];
  guint32 select;
  guint32 id;
  guint32 pins;         /* their levels */
  guint32 reserved;
} IoapicState;

typedef struct
{
  AsternDevice    parent;
  IoapicState     s;
  ApicDeliverFunc deliver;    /* (nullable) */
  gpointer        bus;
} Ioapic;

static void
send (Ioapic *ioapic, guint pin)
{
  guint64 entry = ioapic->s.redirection[pin];
  ApicMessage message = {
    .logical = (entry & ENTRY_LOGICAL) != 0,
    .delivery = entry >> 8 & 7,
    .vector = entry & 0xff,
    .level = (entry & ENTRY_LEVEL) != 0,
  };

  message.destination = apic_destination8 (entry >> 56, message.logical);
  if (ioapic->deliver != NULL)
    ioapic->deliver (ioapic->bus, &message);
}

/* A level interrupts until it is acknowledged, and again if it is still there at its EOI. */
static void
look_at_level (Ioapic *ioapic, guint pin)
{
  guint64 *entry = &ioapic->s.redirection[pin];

  if (!(ioapic->s.pins >> pin & 1)
      || (*entry & (ENTRY_MASKED | ENTRY_REMOTE_IRR | ENTRY_LEVEL)) != ENTRY_LEVEL)
    return;
  /* Only the two delivery modes that end with an EOI wait for one. */
  if ((*entry >> 8 & 7) <= APIC_LOWEST_PRIORITY)
    *entry |= ENTRY_REMOTE_IRR;
  send (ioapic, pin);
}

void
ioapic_set_irq (gpointer receiver, guint pin, gboolean level)
{
  Ioapic *ioapic = receiver;
  IoapicState *s = &ioapic->s;
  gboolean rises = level && !(s->pins >> pin & 1);

  if (level)
    s->pins |= 1u << pin;
  else
    s->pins &= ~(1u << pin);
  if (!rises)
    return;
  if (s->redirection[pin] & ENTRY_LEVEL)
    look_at_level (ioapic, pin);
  else if (!(s->redirection[pin] & ENTRY_MASKED))    /* an edge that is masked is lost */
    send (ioapic, pin);
}

void
ioapic_eoi (gpointer receiver, guint vector)
{
  Ioapic *ioapic = receiver;

  for (guint pin = 0; pin < IOAPIC_PINS; pin++)
    {
      guint64 *entry = &ioapic->s.redirection[pin];

      if ((*entry & 0xff) != vector || !(*entry & ENTRY_REMOTE_IRR))
        continue;
      *entry &= ~ENTRY_REMOTE_IRR;
      look_at_level (ioapic, pin);
    }
}

/* -- Registers */

static guint64
window_value (gconstpointer state, guint32 offset)
{
  const IoapicState *s = state;

  if (s->select >= REG_REDTBL && s->select < REG_END)
    return s->redirection[(s->select - REG_REDTBL) / 2] >> (s->select & 1 ? 32 : 0) & 0xffffffff;
  switch (s->select)
    {
    case REG_ID:
    case REG_ARB: return s->id;
    case REG_VER: return VERSION;
    default:      return 0;
    }
}

/* Who has the local APICs wants to know which of their interrupts end here. */
static void
redirected (Ioapic *ioapic)
{
  AsternMachine *machine = ioapic->parent.machine;

  if (machine != NULL && machine->irqchip.holder != NULL && machine->irqchip.holder->redirected != NULL)
    machine->irqchip.holder->redirected (machine->irqchip.user);
}

static void
set_entry (Ioapic *ioapic, guint pin, guint64 value)
{
  guint64 *entry = &ioapic->s.redirection[pin];

  *entry = (*entry & ~ENTRY_WRITABLE) | (value & ENTRY_WRITABLE);
  if (!(*entry & ENTRY_LEVEL))
    *entry &= ~ENTRY_REMOTE_IRR;
  look_at_level (ioapic, pin);
  redirected (ioapic);
}

static void
window_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ioapic *ioapic = (Ioapic *) device;
  IoapicState *s = &ioapic->s;
  guint64 before;

  if (s->select == REG_ID)
    s->id = value & 0x0f000000;
  if (s->select < REG_REDTBL || s->select >= REG_END)
    return;
  before = s->redirection[(s->select - REG_REDTBL) / 2];
  if (s->select & 1)
    value = value << 32 | (before & 0xffffffff);
  else
    value = (before & ~G_GUINT64_CONSTANT (0xffffffff)) | value;
  set_entry (ioapic, (s->select - REG_REDTBL) / 2, value);
}

static void
eoi_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ioapic_eoi (device, value & 0xff);
}

enum { BANK_ID, BANK_VER, BANK_ARB, BANK_REDTBL_LOW, BANK_REDTBL_HIGH, BANK_NOTHING };

static guint8
bank (gconstpointer state, guint32 offset)
{
  guint32 select = ((const IoapicState *) state)->select;

  if (select >= REG_REDTBL && select < REG_END)
    return select & 1 ? BANK_REDTBL_HIGH : BANK_REDTBL_LOW;
  return select <= REG_ARB ? select : BANK_NOTHING;
}

static const AsternRegField id_bits[] = { { 24, 4, "ID" }, { 0 } };
static const AsternRegField ver_bits[] = { { 0, 8, "version" }, { 16, 8, "last entry" }, { 0 } };
static const AsternRegField low_bits[] = {
  { 0, 8, "INTVEC" }, { 8, 3, "DELMOD" }, { 11, 1, "DESTMOD" }, { 12, 1, "DELIVS" }, { 13, 1, "INTPOL" },
  { 14, 1, "Remote IRR" }, { 15, 1, "Trigger Mode" }, { 16, 1, "Interrupt Mask" }, { 0 },
};
static const AsternRegField high_bits[] = { { 24, 8, "Destination" }, { 0 } };

#define NONE ASTERN_NO_BACKING
#define IOWIN(bank, name, bits) \
  { 0x10, bank, ASTERN_REG_RW, 4, name, NONE, 0, 0xffffffff, window_value, NULL, window_did_write, 1, bits }

static const AsternReg regs[] = {
  { 0x00, ASTERN_ANY_BANK, ASTERN_REG_RW, 4, "IOREGSEL", G_STRUCT_OFFSET (IoapicState, select), 0, 0xff, NULL, NULL, NULL, 1, NULL },
  IOWIN (BANK_ID, "IOAPICID", id_bits),
  IOWIN (BANK_VER, "IOAPICVER", ver_bits),
  IOWIN (BANK_ARB, "IOAPICARB", id_bits),
  IOWIN (BANK_REDTBL_LOW, "IOREDTBL low", low_bits),
  IOWIN (BANK_REDTBL_HIGH, "IOREDTBL high", high_bits),
  IOWIN (BANK_NOTHING, "IOWIN", NULL),
  { 0x40, ASTERN_ANY_BANK, ASTERN_REG_W, 4, "EOIR", NONE, 0, 0, NULL, NULL, eoi_did_write, 1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "registers", .size = ASTERN_PAGE_SIZE, .regs = regs, .n_regs = G_N_ELEMENTS (regs), .bank = bank },
};

static const AsternField fields[] = {
  ASTERN_FIELD_ARRAY (IoapicState, redirection, 1), ASTERN_FIELD (IoapicState, select, 1),
  ASTERN_FIELD (IoapicState, id, 1), ASTERN_FIELD (IoapicState, pins, 1),
  ASTERN_FIELD (IoapicState, reserved, 1),
};

static void
reset (AsternDevice *device)
{
  IoapicState *s = &((Ioapic *) device)->s;

  s->id = 0;
  for (guint pin = 0; pin < IOAPIC_PINS; pin++)
    s->redirection[pin] = ENTRY_MASKED;
}

const AsternDeviceClass ioapic_class = {
  .name = "ioapic", .summary = "I/O APIC", .state_version = 1,
  .instance_size = sizeof (Ioapic),
  .state_offset = G_STRUCT_OFFSET (Ioapic, s), .state_size = sizeof (IoapicState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .reset = reset,
};

void
ioapic_connect (AsternDevice *device, ApicDeliverFunc deliver, gpointer bus)
{
  Ioapic *ioapic = (Ioapic *) device;

  ioapic->deliver = deliver;
  ioapic->bus = bus;
}

void
ioapic_take_values (AsternDevice *device, AsternIoapicValues *values)
{
  const IoapicState *s = &((Ioapic *) device)->s;

  memcpy (values->redirection, s->redirection, sizeof s->redirection);
  values->select = s->select;
  values->id = s->id;
  values->pins = s->pins;
}

void
ioapic_give_values (AsternDevice *device, const AsternIoapicValues *values)
{
  IoapicState *s = &((Ioapic *) device)->s;

  memcpy (s->redirection, values->redirection, sizeof s->redirection);
  s->select = values->select;
  s->id = values->id;
  s->pins = values->pins;
}
