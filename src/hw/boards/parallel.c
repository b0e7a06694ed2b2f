/* parallel.c - see parallel.h.
 * Source: IEEE 1284-1994, annex C (the standard port's registers) and section 5 (EPP); IBM PC/AT Technical
 * Reference, "Parallel Printer Adapter".
 * Left out: ECP, and a printer that talks: reverse transfers read all ones.  The printer is always on line and
 * takes a byte in a few microseconds. */
#include "config.h"

#include "hw/boards/parallel.h"

#include <glib/gi18n.h>

#define BUSY_NS G_GUINT64_CONSTANT (5000)

enum { CONTROL_STROBE = 1 << 0, CONTROL_INIT = 1 << 2, CONTROL_INTERRUPT = 1 << 4, CONTROL_REVERSE = 1 << 5 };
enum { STATUS_NO_ERROR = 1 << 3, STATUS_SELECTED = 1 << 4, STATUS_NO_ACK = 1 << 6, STATUS_READY = 1 << 7 };

typedef struct
{
  guint64 ready_ns;     /* deadline: the printer has taken the byte */
  guint64 printed;      /* bytes so far */
  guint8  data, control;
  guint8  reserved[6];
} ParallelState;

typedef struct
{
  AsternDevice  parent;
  ParallelState s;
  AsternTimer   ready;
  AsternIrq     irq;
  AsternLink   *link;           /* (nullable) */
} Parallel;

static void
print (Parallel *self, guint8 byte)
{
  self->s.printed++;
  if (self->link != NULL)
    astern_link_send (self->link, &byte, 1);
}

/* The acknowledge pulse's end is an edge on the interrupt line. */
static void
ready_expired (gpointer owner)
{
  Parallel *self = owner;

  if (!(self->s.control & CONTROL_INTERRUPT))
    return;
  astern_irq_set (&self->irq, TRUE);
  astern_irq_set (&self->irq, FALSE);
}

static guint64
data_value (gconstpointer state, guint32 offset)
{
  const ParallelState *s = state;

  return s->control & CONTROL_REVERSE ? 0xff : s->data;
}

static guint64
status_value (gconstpointer state, guint32 offset)
{
  const ParallelState *s = state;
  gboolean ready = s->ready_ns == ASTERN_CLOCK_NEVER;

  return STATUS_NO_ERROR | STATUS_SELECTED | STATUS_NO_ACK | (ready ? STATUS_READY : 0) | 0x07;
}

static guint64
control_value (gconstpointer state, guint32 offset)
{
  return ((const ParallelState *) state)->control | 0xc0;
}

static guint64
ones_value (gconstpointer state, guint32 offset)
{
  return G_MAXUINT64;
}

/* The strobe's edge gives the byte to the printer. */
static void
control_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Parallel *self = (Parallel *) device;
  guint8 old = self->s.control, now = (guint8) (value & 0x3f);

  self->s.control = now;
  if (!(now & CONTROL_INIT))
    astern_timer_cancel (&self->ready);
  else if ((now & CONTROL_STROBE) && !(old & CONTROL_STROBE))
    {
      print (self, self->s.data);
      astern_timer_set (&self->ready, astern_clock_now_ns (device->clock) + BUSY_NS);
    }
}

/* EPP: the hardware does the handshake. */
static void
epp_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  print ((Parallel *) device, (guint8) value);
}

static void
parallel_init (AsternDevice *device)
{
  Parallel *self = (Parallel *) device;

  astern_timer_init (&self->ready, device->clock, "printer", &self->s.ready_ns, ready_expired, self);
}

static void
parallel_reset (AsternDevice *device)
{
  Parallel *self = (Parallel *) device;

  self->s.control = 0x0c;
  self->s.printed = 0;
  astern_timer_cancel (&self->ready);
}

#define AT(member) G_STRUCT_OFFSET (ParallelState, member)

static const AsternRegField status_bits[] = {
  { 3, 1, "nError" }, { 4, 1, "Select" }, { 5, 1, "PaperOut" }, { 6, 1, "nAck" }, { 7, 1, "nBusy" }, { 0 },
};
static const AsternRegField control_bits[] = {
  { 0, 1, "Strobe" }, { 1, 1, "AutoFd" }, { 2, 1, "nInit" }, { 3, 1, "SelectIn" }, { 4, 1, "IRQ" }, { 5, 1, "Direction" }, { 0 },
};

static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "DATA",     AT (data),         0, 0xff, data_value,    NULL, NULL,              1, NULL },
  { 1, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "STATUS",   ASTERN_NO_BACKING, 0, 0,    status_value,  NULL, NULL,              1, status_bits },
  { 2, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "CONTROL",  ASTERN_NO_BACKING, 0, 0,    control_value, NULL, control_did_write, 1, control_bits },
  { 3, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "EPP ADDR", ASTERN_NO_BACKING, 0, 0,    ones_value,    NULL, NULL,              1, NULL },
  { 4, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "EPP DATA", ASTERN_NO_BACKING, 0, 0,    ones_value,    NULL, epp_did_write,     4, NULL },
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = 8, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

static const AsternField fields[] = {
  ASTERN_FIELD (ParallelState, ready_ns, 1), ASTERN_FIELD (ParallelState, printed, 1), ASTERN_FIELD (ParallelState, data, 1),
  ASTERN_FIELD (ParallelState, control, 1), ASTERN_FIELD_BYTES (ParallelState, reserved, 1),
};

const AsternDeviceClass parallel_class = {
  .name = "parallel", .summary = "parallel port", .state_version = 1,
  .instance_size = sizeof (Parallel),
  .state_offset = G_STRUCT_OFFSET (Parallel, s), .state_size = sizeof (ParallelState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = parallel_init, .reset = parallel_reset,
};

AsternIrq *
parallel_irq (AsternDevice *device)
{
  return &((Parallel *) device)->irq;
}

void
parallel_set_link (AsternDevice *device, AsternLink *link)
{
  ((Parallel *) device)->link = link;
}

/* ---- the card ---- */

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  static const guint16 places[] = { 0x378, 0x278, 0x3bc };
  const AsternIsaBus *isa = astern_settings_isa (settings);
  guint64 index = astern_settings_number (settings, "index");
  guint64 port = astern_settings_given (settings, "iobase") ? astern_settings_number (settings, "iobase")
                                                            : places[MIN (index, G_N_ELEMENTS (places) - 1)];

  parallel_set_link (device, astern_settings_link (settings, "chardev"));
  astern_irq_connect (parallel_irq (device), isa->set_irq, isa->router, (guint) astern_settings_number (settings, "irq") & 15);
  astern_bus_add_device (isa->ports, port & 0xfff8, device, 0, 1);
  return TRUE;
}

static const AsternProperty properties[] = {
  { "chardev", ASTERN_PROPERTY_CHARDEV, NULL, N_("where what is printed goes") },
  { "index", ASTERN_PROPERTY_NUMBER, NULL, N_("0: LPT1 at 0x378, 1: at 0x278, 2: at 0x3bc") },
  { "iobase", ASTERN_PROPERTY_NUMBER, NULL, N_("its first port") },
  { "irq", ASTERN_PROPERTY_NUMBER, "7", N_("its interrupt line") },
  { NULL, 0, NULL, NULL },
};

const AsternCard parallel_card = {
  .name = "isa-parallel", .summary = N_("parallel port"), .klass = &parallel_class, .kind = ASTERN_CARD_CHARACTER,
  .slot = ASTERN_SLOT_ISA, .properties = properties, .configure = configure,
};
