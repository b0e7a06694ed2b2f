/* i8042.c - PS/2 keyboard and mouse controller.
 * Source: IBM PS/2 Hardware Interface Technical Reference, 1988, "Keyboard and Auxiliary Device
 * Controller".
 * Left out: time-outs and parity errors on the wire, the password, the input port's straps (it
 * reads as an unlocked keyboard).
 *
 * A byte from a device takes TRANSFER_NS on its wire, counted from when the controller is ready
 * for it; the controller's own answers are there at once, as soon as the output buffer is free. */
#include "config.h"

#include "hw/i8042.h"

#include "core/machine.h"

#include "hw/ps2-keys.h"

#define TRANSFER_NS 660000    /* 11 bits at 16.7 kHz */
#define N_PORTS     2

enum
{
  STATUS_OBF = 0x01, STATUS_SYS = 0x04, STATUS_CD = 0x08, STATUS_UNLOCKED = 0x10,
  STATUS_AUX_OBF = 0x20,
  CTR_KEYBOARD_IRQ = 0x01, CTR_MOUSE_IRQ = 0x02, CTR_SYS = 0x04, CTR_KEYBOARD_OFF = 0x10,
  CTR_MOUSE_OFF = 0x20,
  CTR_TRANSLATE = 0x40,
  OUT_NO_RESET = 0x01, OUT_A20 = 0x02, OUT_KEYBOARD_OBF = 0x10, OUT_MOUSE_OBF = 0x20,
};

enum
{
  CMD_READ_RAM = 0x20, CMD_WRITE_RAM = 0x60, CMD_MOUSE_OFF = 0xa7, CMD_MOUSE_ON = 0xa8,
  CMD_TEST_MOUSE = 0xa9,
  CMD_SELF_TEST = 0xaa, CMD_TEST_KEYBOARD = 0xab, CMD_KEYBOARD_OFF = 0xad, CMD_KEYBOARD_ON = 0xae,
  CMD_READ_INPUT_PORT = 0xc0, CMD_READ_OUTPUT_PORT = 0xd0, CMD_WRITE_OUTPUT_PORT = 0xd1,
  CMD_WRITE_KEYBOARD_BUFFER = 0xd2, CMD_WRITE_MOUSE_BUFFER = 0xd3, CMD_WRITE_MOUSE = 0xd4,
  CMD_A20_OFF = 0xdd, CMD_A20_ON = 0xdf, CMD_READ_TEST_INPUTS = 0xe0, CMD_PULSE = 0xf0,
};

typedef struct
{
  guint64 transfer_ns;      /* when the next byte has come over a wire */
  guint8  ram[32];          /* byte 0 is the command byte, CTR */
  guint8  data;             /* output buffer */
  guint8  status;
  guint8  output_port;
  guint8  command;          /* waits for its data; 0: none */
  guint8  answers;          /* 1: `answer` waits for the output buffer */
  guint8  answer, answer_is_mouse;
  guint8  ready[N_PORTS];   /* a device has something to say */
  guint8  breaking;         /* the translation has seen f0 */
  guint8  reserved[6];
} I8042State;

typedef struct
{
  AsternDevice         parent;
  I8042State           s;
  AsternIrq            irq[N_PORTS];
  AsternIrq            a20;
  AsternTimer          timer;
  AsternDevice        *device[N_PORTS];      /* borrowed, (nullable) */
  const Ps2Operations *operations[N_PORTS];
} I8042;

/* -- From the devices to the guest */

static void
update_irqs (I8042 *i8042)
{
  const I8042State *s = &i8042->s;
  gboolean full = (s->status & STATUS_OBF) != 0;
  gboolean mouse = (s->status & STATUS_AUX_OBF) != 0;

  astern_irq_set (&i8042->irq[I8042_KEYBOARD], full && !mouse && (s->ram[0] & CTR_KEYBOARD_IRQ));
  astern_irq_set (&i8042->irq[I8042_MOUSE], full && mouse && (s->ram[0] & CTR_MOUSE_IRQ));
}

static void
fill (I8042 *i8042, guint8 byte, gboolean mouse)
{
  i8042->s.data = byte;
  i8042->s.status |= STATUS_OBF | (mouse ? STATUS_AUX_OBF : 0);
  update_irqs (i8042);
}

static gboolean
can_transfer (const I8042 *i8042, guint port)
{
  guint8 off = port == I8042_MOUSE ? CTR_MOUSE_OFF : CTR_KEYBOARD_OFF;

  return i8042->s.ready[port] && i8042->device[port] != NULL && !(i8042->s.ram[0] & off);
}

/* Starts a transfer if there is one to do and none under way. */
static void
schedule (I8042 *i8042)
{
  const I8042State *s = &i8042->s;

  if ((s->status & STATUS_OBF)
      || (!can_transfer (i8042, I8042_KEYBOARD) && !can_transfer (i8042, I8042_MOUSE)))
    astern_timer_cancel (&i8042->timer);
  else if (s->transfer_ns == ASTERN_CLOCK_NEVER)
    astern_timer_set (&i8042->timer, astern_clock_now_ns (i8042->parent.clock) + TRANSFER_NS);
}

/* What the keyboard said, in set 1: f0 becomes bit 7 of the next code. */
static void
from_keyboard (I8042 *i8042, guint8 byte)
{
  I8042State *s = &i8042->s;

  if (!(s->ram[0] & CTR_TRANSLATE))
    fill (i8042, byte, FALSE);
  else if (byte == 0xf0)
    s->breaking = 0x80;
  else
    {
      fill (i8042, ps2_key_translate (byte) | s->breaking, FALSE);
      s->breaking = 0;
    }
}

static void
transferred (gpointer owner)
{
  I8042 *i8042 = owner;

  if (can_transfer (i8042, I8042_KEYBOARD))
    from_keyboard (i8042, i8042->operations[I8042_KEYBOARD]->take (i8042->device[I8042_KEYBOARD]));
  else if (can_transfer (i8042, I8042_MOUSE))
    fill (i8042, i8042->operations[I8042_MOUSE]->take (i8042->device[I8042_MOUSE]), TRUE);
  schedule (i8042);
}

static void
set_ready (gpointer receiver, guint port, gboolean level)
{
  I8042 *i8042 = receiver;

  i8042->s.ready[port] = level;
  schedule (i8042);
}

/* The controller's own word. */
static void
answer (I8042 *i8042, guint8 byte, gboolean mouse)
{
  I8042State *s = &i8042->s;

  if (!(s->status & STATUS_OBF))
    {
      fill (i8042, byte, mouse);
      schedule (i8042);
      return;
    }
  s->answers = 1;
  s->answer = byte;
  s->answer_is_mouse = mouse != FALSE;
}

static void
data_did_read (AsternDevice *device, guint32 offset)
{
  I8042 *i8042 = (I8042 *) device;
  I8042State *s = &i8042->s;

  if (!(s->status & STATUS_OBF))
    return;
  s->status &= ~(STATUS_OBF | STATUS_AUX_OBF);
  update_irqs (i8042);
  if (s->answers)
    {
      s->answers = 0;
      fill (i8042, s->answer, s->answer_is_mouse);
    }
  schedule (i8042);
}

/* -- From the guest */

static void
set_output_port (I8042 *i8042, guint8 value)
{
  i8042->s.output_port = value & (OUT_NO_RESET | OUT_A20 | 0xcc);
  astern_irq_set (&i8042->a20, (value & OUT_A20) != 0);
  if (!(value & OUT_NO_RESET) && i8042->parent.machine != NULL)
    astern_machine_stop (i8042->parent.machine, ASTERN_STOP_RESET,
                         i8042->parent.machine->running_cpu, 0,
                         "by the keyboard controller");
}

static guint8
output_port (const I8042State *s)
{
  guint8 value = s->output_port;

  if (s->status & STATUS_OBF)
    value |= (s->status & STATUS_AUX_OBF) ? OUT_MOUSE_OBF : OUT_KEYBOARD_OBF;
  return value;
}

static void
set_command_byte (I8042 *i8042, guint8 value)
{
  I8042State *s = &i8042->s;

  s->ram[0] = value;
  s->status = (s->status & ~STATUS_SYS) | (value & CTR_SYS);
  update_irqs (i8042);
  schedule (i8042);
}

/* Switching a device on or off is a bit of the command byte. */
static void
switch_port (I8042 *i8042, guint8 bit, gboolean off)
{
  set_command_byte (i8042, off ? i8042->s.ram[0] | bit : i8042->s.ram[0] & ~bit);
}

static void
send (I8042 *i8042, guint port, guint8 byte)
{
  if (port == I8042_KEYBOARD)
    switch_port (i8042, CTR_KEYBOARD_OFF, FALSE);    /* a byte for it wakes the keyboard */
  else
    switch_port (i8042, CTR_MOUSE_OFF, FALSE);
  if (i8042->device[port] != NULL)
    i8042->operations[port]->command (i8042->device[port], byte);
}

static void
data_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  I8042 *i8042 = (I8042 *) device;
  I8042State *s = &i8042->s;
  guint8 command = s->command;

  s->command = 0;
  s->status &= ~STATUS_CD;
  if (command == 0)
    send (i8042, I8042_KEYBOARD, value);
  else if (command == CMD_WRITE_MOUSE)
    send (i8042, I8042_MOUSE, value);
  else if (command == CMD_WRITE_RAM)
    set_command_byte (i8042, value);
  else if (command == CMD_WRITE_OUTPUT_PORT)
    set_output_port (i8042, value);
  else if (command == CMD_WRITE_KEYBOARD_BUFFER || command == CMD_WRITE_MOUSE_BUFFER)
    answer (i8042, value, command == CMD_WRITE_MOUSE_BUFFER);
  else
    s->ram[command & 31] = value;
}

static void
simple_command (I8042 *i8042, guint8 command)
{
  I8042State *s = &i8042->s;

  switch (command)
    {
    case CMD_MOUSE_OFF:
    case CMD_MOUSE_ON:
      switch_port (i8042, CTR_MOUSE_OFF, command == CMD_MOUSE_OFF);
      break;
    case CMD_KEYBOARD_OFF:
    case CMD_KEYBOARD_ON:
      switch_port (i8042, CTR_KEYBOARD_OFF, command == CMD_KEYBOARD_OFF);
      break;
    case CMD_SELF_TEST:
      s->status |= STATUS_SYS;
      answer (i8042, 0x55, FALSE);
      break;
    case CMD_TEST_KEYBOARD:
    case CMD_TEST_MOUSE:
      answer (i8042, 0x00, FALSE);
      break;
    case CMD_READ_INPUT_PORT:
      answer (i8042, 0x80, FALSE);
      break;
    case CMD_READ_OUTPUT_PORT:
      answer (i8042, output_port (s), FALSE);
      break;
    case CMD_A20_OFF:
    case CMD_A20_ON:
      set_output_port (i8042, (s->output_port & ~OUT_A20) | (command == CMD_A20_ON ? OUT_A20 : 0));
      break;
    case CMD_READ_TEST_INPUTS:
      answer (i8042, 0x00, FALSE);
      break;
    default:
      if (i8042->parent.machine != NULL)
        astern_events_log (&i8042->parent.machine->events, ASTERN_EVENT_GUEST_ERRORS,
                           "%s: unknown command 0x%02x", i8042->parent.name, command);
      break;
    }
}

static void
command_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  I8042 *i8042 = (I8042 *) device;
  I8042State *s = &i8042->s;
  guint8 command = value;

  s->command = 0;
  s->status |= STATUS_CD;
  if ((command & 0xe0) == CMD_READ_RAM)
    answer (i8042, s->ram[command & 31], FALSE);
  else if ((command & 0xe0) == CMD_WRITE_RAM
           || (command >= CMD_WRITE_OUTPUT_PORT && command <= CMD_WRITE_MOUSE))
    s->command = command;
  else if (command >= CMD_PULSE)
    {
      if (!(command & OUT_NO_RESET))      /* a zero is a pulse on that line */
        {
          guint8 before = s->output_port;

          set_output_port (i8042, before & ~OUT_NO_RESET);
          s->output_port = before;
        }
    }
  else
    simple_command (i8042, command);
}

static const AsternRegField status_bits[] = {
  { 0, 1, "OBF" }, { 1, 1, "IBF" }, { 2, 1, "SYS" }, { 3, 1, "C/D" }, { 4, 1, "unlocked" }, { 5, 1, "AUX OBF" },
  { 6, 1, "time-out" }, { 7, 1, "parity" }, { 0 },
};

#define AT(member) G_STRUCT_OFFSET (I8042State, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define UP         (STATUS_SYS | STATUS_CD | STATUS_UNLOCKED)

static const AsternReg data_regs[] = {
/* off bank access        w  name      backing      reset writable value did_read       did_write          n  bits */
  { 0, ANY, ASTERN_REG_R, 1, "Output", AT (data),   0,    0,       NULL, data_did_read, NULL,              1, NULL },
  { 0, ANY, ASTERN_REG_W, 1, "Input",  NONE,        0,    0,       NULL, NULL,          data_did_write,    1, NULL },
};
static const AsternReg command_regs[] = {
  { 0, ANY, ASTERN_REG_R, 1, "Status", AT (status), UP,   0,       NULL, NULL,          NULL,              1, status_bits },
  { 0, ANY, ASTERN_REG_W, 1, "Command", NONE,       0,    0,       NULL, NULL,          command_did_write, 1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "data", .size = 1, .regs = data_regs, .n_regs = G_N_ELEMENTS (data_regs) },
  { .name = "command", .size = 1, .regs = command_regs, .n_regs = G_N_ELEMENTS (command_regs) },
};

#define F(member) ASTERN_FIELD (I8042State, member, 1)
static const AsternField fields[] = {
  F (transfer_ns), ASTERN_FIELD_BYTES (I8042State, ram, 1), F (data), F (status), F (output_port),
  F (command),
  F (answers), F (answer), F (answer_is_mouse), ASTERN_FIELD_BYTES (I8042State, ready, 1),
  F (breaking),
  ASTERN_FIELD_BYTES (I8042State, reserved, 1),
};

static void
init (AsternDevice *device)
{
  I8042 *i8042 = (I8042 *) device;

  astern_timer_init (&i8042->timer, device->clock, "i8042", &i8042->s.transfer_ns, transferred,
                     i8042);
}

/* As firmware leaves it: keyboard interrupt and translation on, mouse off. */
static void
reset (AsternDevice *device)
{
  I8042 *i8042 = (I8042 *) device;
  I8042State *s = &i8042->s;

  memset (s->ram, 0, sizeof s->ram);
  s->ram[0] = CTR_KEYBOARD_IRQ | CTR_SYS | CTR_MOUSE_OFF | CTR_TRANSLATE;
  s->command = s->answers = s->answer = s->answer_is_mouse = s->breaking = 0;
  set_output_port (i8042, OUT_NO_RESET | OUT_A20 | 0xcc);
  astern_timer_cancel (&i8042->timer);
  update_irqs (i8042);
  schedule (i8042);
}

static void
restored (AsternDevice *device)
{
  I8042 *i8042 = (I8042 *) device;

  astern_irq_set (&i8042->a20, (i8042->s.output_port & OUT_A20) != 0);
  update_irqs (i8042);
}

const AsternDeviceClass i8042_class = {
  .name = "i8042", .summary = "keyboard and mouse controller", .state_version = 1,
  .instance_size = sizeof (I8042),
  .state_offset = G_STRUCT_OFFSET (I8042, s), .state_size = sizeof (I8042State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

/* -- Wires */

AsternIrq *
i8042_irq (AsternDevice *device, guint port)
{
  return &((I8042 *) device)->irq[port];
}

AsternIrq *
i8042_a20 (AsternDevice *device)
{
  return &((I8042 *) device)->a20;
}

void
i8042_connect (AsternDevice *device, guint port, AsternDevice *plugged,
               const Ps2Operations *operations)
{
  I8042 *i8042 = (I8042 *) device;

  i8042->device[port] = plugged;
  i8042->operations[port] = operations;
  astern_irq_connect (operations->ready (plugged), set_ready, i8042, port);
}
