/* vmport.c - see vmport.h.
 * Source: open-vm-tools, lib/include/backdoor_def.h (commands), and the X.Org driver xf86-input-vmmouse,
 * shared/vmmouse_defs.h (the pointer's words).
 * Left out: all commands but version, memory size, UUID, time and the pointer; the high-bandwidth port; relative packets. */
#include "config.h"

#include "hw/boards/vmport.h"

#include "core/machine.h"
#include "hw/human.h"
#include "hw/ps2-mouse.h"

#include <string.h>

#include <glib/gi18n.h>

#define MAGIC          0x564d5868u
#define WORDS          256              /* a power of two */
#define PACKET_WORDS   4
#define POINTER_ID     0x3442554au
#define STATUS_OFF     0xffffu

enum { CMD_VERSION = 10, CMD_RAM_SIZE = 20, CMD_TIME = 23, CMD_POINTER_DATA = 39, CMD_POINTER_STATUS = 40, CMD_POINTER_COMMAND = 41 };
enum { POINTER_READ_ID = 0x45414552, POINTER_DISABLE = 0xf5, POINTER_RELATIVE = 0x4c455252, POINTER_ABSOLUTE = 0x53424152 };
enum { BUTTON_LEFT = 0x20, BUTTON_RIGHT = 0x10, BUTTON_MIDDLE = 0x08 };

typedef struct
{
  guint32 words[WORDS]; /* for the guest's driver; oldest first from `first` on */
  guint32 status;       /* STATUS_OFF: no driver */
  guint16 first, n;
  guint8  absolute;
  guint8  reserved[7];
} VmportState;

typedef struct
{
  AsternDevice parent;
  VmportState  s;
} Vmport;

/* ---- the CPU's registers ---- */

typedef struct
{
  AsternCpu *cpu;
} Registers;

static guint32
get_register (const Registers *r, const char *name)
{
  guint8 bytes[64] = { 0 };
  gint index = astern_cpu_find_register (r->cpu->klass, name);

  if (index < 0 || r->cpu->klass->registers[index].bits > 8 * sizeof bytes)
    return 0;
  r->cpu->klass->read_register (r->cpu, (guint) index, bytes);
  return bytes[0] | (guint32) bytes[1] << 8 | (guint32) bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static void
set_register (Registers *r, const char *name, guint32 value)
{
  guint8 bytes[64] = { (guint8) value, (guint8) (value >> 8), (guint8) (value >> 16), (guint8) (value >> 24) };
  gint index = astern_cpu_find_register (r->cpu->klass, name);

  if (index < 0 || r->cpu->klass->registers[index].bits > 8 * sizeof bytes)
    return;
  r->cpu->klass->write_register (r->cpu, (guint) index, bytes);
}

/* ---- the pointer ---- */

static void
push (VmportState *s, guint32 word)
{
  if (s->n == WORDS)
    return;
  s->words[(s->first + s->n) % WORDS] = word;
  s->n++;
}

static guint32
pull (VmportState *s)
{
  guint32 word;

  if (s->n == 0)
    return 0;
  word = s->words[s->first % WORDS];
  s->first = (guint16) ((s->first + 1) % WORDS);
  s->n--;
  return word;
}

static guint32
pointer_data (VmportState *s, Registers *r, guint32 count)
{
  static const char *const names[PACKET_WORDS] = { "rax", "rbx", "rcx", "rdx" };
  guint32 first;

  if (count < 1 || count > PACKET_WORDS || count > s->n)
    {
      s->n = 0;
      s->status = STATUS_OFF;
      return STATUS_OFF;
    }
  first = pull (s);
  for (guint i = 1; i < count; i++)
    set_register (r, names[i], pull (s));
  return first;
}

static void
pointer_command (VmportState *s, guint32 command)
{
  switch (command)
    {
    case POINTER_READ_ID:
      s->n = 0;
      push (s, POINTER_ID);
      s->status = 0;
      break;
    case POINTER_DISABLE:
      s->n = 0;
      s->absolute = 0;
      s->status = STATUS_OFF;
      break;
    case POINTER_RELATIVE:
      s->absolute = 0;
      break;
    case POINTER_ABSOLUTE:
      s->absolute = 1;
      break;
    }
}

gboolean
vmport_listens (AsternDevice *device)
{
  const VmportState *s = &((Vmport *) device)->s;

  return s->absolute && s->status != STATUS_OFF;
}

/* The guest's driver looks here when the PS/2 mouse interrupts. */
static void
wake_driver (AsternDevice *device)
{
  static const guint8 nothing[PS2_MOUSE_PACKET_BYTES];
  AsternDevice *mouse = astern_machine_find_device (device->machine, "ps2-mouse");

  if (mouse != NULL)
    ps2_mouse_input (mouse, nothing, sizeof nothing);
}

void
vmport_input (gpointer device, gconstpointer data, gsize size)
{
  VmportState *s = &((Vmport *) device)->s;

  for (const guint8 *packet = data; size >= HUMAN_ABSOLUTE_PACKET_BYTES;
       packet += HUMAN_ABSOLUTE_PACKET_BYTES, size -= HUMAN_ABSOLUTE_PACKET_BYTES)
    {
      guint x = packet[0] | packet[1] << 8, y = packet[2] | packet[3] << 8;
      guint8 buttons = packet[5];

      if (!vmport_listens (device) || s->n + PACKET_WORDS > WORDS)
        continue;
      push (s, (buttons & 1 ? BUTTON_LEFT : 0) | (buttons & 2 ? BUTTON_RIGHT : 0) | (buttons & 4 ? BUTTON_MIDDLE : 0));
      push (s, MIN (x, HUMAN_POINTER_MAX) * 0xffff / HUMAN_POINTER_MAX);
      push (s, MIN (y, HUMAN_POINTER_MAX) * 0xffff / HUMAN_POINTER_MAX);
      push (s, (guint32) (gint32) (gint8) packet[4]);
    }
  if (((AsternDevice *) device)->machine != NULL)
    wake_driver (device);
}

/* ---- the port ---- */

static guint32
answer (Vmport *self, Registers *r)
{
  AsternMachine *machine = self->parent.machine;
  guint64 ns = astern_clock_now_ns (self->parent.clock);

  switch (get_register (r, "rcx") & 0xffff)
    {
    case CMD_VERSION:
      set_register (r, "rbx", MAGIC);
      return 6;
    case CMD_RAM_SIZE:
      set_register (r, "rbx", 0x1177);
      return (guint32) astern_memory_find (machine->memory, "ram")->size;
    case CMD_TIME:
      set_register (r, "rbx", (guint32) (ns / 1000 % 1000000));
      set_register (r, "rcx", 0);
      return (guint32) (astern_inputs_wall_clock_s (machine->inputs) + ns / 1000000000);
    case CMD_POINTER_DATA:
      return pointer_data (&self->s, r, get_register (r, "rbx"));
    case CMD_POINTER_STATUS:
      return self->s.status << 16 | self->s.n;
    case CMD_POINTER_COMMAND:
      pointer_command (&self->s, get_register (r, "rbx"));
      return 0;
    default:
      return G_MAXUINT32;
    }
}

static guint64
port_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternMachine *machine = device->machine;
  Registers r = { NULL };

  if (machine == NULL || access == NULL || access->origin != ASTERN_ORIGIN_CPU || access->cpu >= machine->n_cpus
      || astern_memory_find (machine->memory, "ram") == NULL)
    return G_MAXUINT32;
  r.cpu = machine->cpus[access->cpu];
  if (get_register (&r, "rax") != MAGIC)
    return G_MAXUINT32;
  return answer ((Vmport *) device, &r);
}

static guint64
port_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return G_MAXUINT32;
}

/* OUT is for commands of which there are none here. */
static void
port_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
}

static void
vmport_reset (AsternDevice *device)
{
  VmportState *s = &((Vmport *) device)->s;

  memset (s, 0, sizeof *s);
  s->status = STATUS_OFF;
}

/* What comes from a file may be anything. */
static void
vmport_restored (AsternDevice *device)
{
  VmportState *s = &((Vmport *) device)->s;

  s->first %= WORDS;
  s->n = MIN (s->n, WORDS);
}

static const AsternWindow windows[] = {
  { .name = "port", .size = 4, .min_size = 1, .max_size = 4, .read = port_read, .write = port_write, .peek = port_peek },
};

static const AsternField fields[] = {
  ASTERN_FIELD_ARRAY (VmportState, words, 1), ASTERN_FIELD (VmportState, status, 1), ASTERN_FIELD (VmportState, first, 1),
  ASTERN_FIELD (VmportState, n, 1), ASTERN_FIELD (VmportState, absolute, 1), ASTERN_FIELD_BYTES (VmportState, reserved, 1),
};

const AsternDeviceClass vmport_class = {
  .name = "vmport", .summary = "VMware's backdoor and pointer", .state_version = 1,
  .instance_size = sizeof (Vmport),
  .state_offset = G_STRUCT_OFFSET (Vmport, s), .state_size = sizeof (VmportState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .reset = vmport_reset, .restored = vmport_restored,
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  astern_bus_add_device (astern_settings_isa (settings)->ports, VMPORT_PORT, device, 0, 1);
  return TRUE;
}

const AsternCard vmport_card = {
  .name = "vmport", .alias = "vmmouse", .summary = N_("VMware's backdoor port and its absolute pointer"), .klass = &vmport_class,
  .kind = ASTERN_CARD_INPUT, .slot = ASTERN_SLOT_ISA, .configure = configure,
};
