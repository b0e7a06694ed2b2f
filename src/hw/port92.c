/* port92.c - system control port A.
 * Source: IBM PS/2 Hardware Interface Technical Reference, 1988, "System Control Port A"; Intel
 * 82371SB (PIIX3) data sheet for how both A20 sources meet.
 * Left out: the activity light, the password lock. */
#include "config.h"

#include "hw/port92.h"

#include "core/machine.h"

enum { FAST_RESET = 0x01, A20 = 0x02 };

typedef struct
{
  guint8 control;
  guint8 kbd_a20;     /* the keyboard controller's line, to see it change */
} Port92State;

typedef struct
{
  AsternDevice parent;
  Port92State  s;
  AsternIrq    a20;
} Port92;

static void
update (AsternDevice *device)
{
  Port92 *port92 = (Port92 *) device;

  astern_irq_set (&port92->a20, (port92->s.control & A20) != 0);
}

static void
control_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update (device);
  if ((value & FAST_RESET) && device->machine != NULL)
    astern_machine_stop (device->machine, ASTERN_STOP_RESET, device->machine->running_cpu, 0,
                         "by port 0x92");
}

void
port92_set_kbd_a20 (gpointer receiver, guint line, gboolean level)
{
  Port92 *port92 = receiver;

  if (port92->s.kbd_a20 == level)
    return;
  port92->s.kbd_a20 = level;
  port92->s.control = level ? port92->s.control | A20 : port92->s.control & ~A20;
  update (&port92->parent);
}

static const AsternRegField control_bits[] = { { 0, 1, "fast reset" }, { 1, 1, "A20" }, { 0 } };

static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "Control", G_STRUCT_OFFSET (Port92State, control), A20, A20,
    NULL, NULL, control_did_write, 1, control_bits },
};

static const AsternWindow windows[] = {
  { .name = "port", .size = 1, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

static const AsternField fields[] = {
  ASTERN_FIELD (Port92State, control, 1), ASTERN_FIELD (Port92State, kbd_a20, 1),
};

const AsternDeviceClass port92_class = {
  .name = "port92", .summary = "fast A20 gate and reset", .state_version = 1,
  .instance_size = sizeof (Port92),
  .state_offset = G_STRUCT_OFFSET (Port92, s), .state_size = sizeof (Port92State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .reset = update, .restored = update,
};

AsternIrq *
port92_a20 (AsternDevice *device)
{
  return &((Port92 *) device)->a20;
}
