/* pflash.c - see pflash.h.
 * Source: Intel StrataFlash Memory (J3) data sheet 290667, section 4 (commands); JEDEC JEP137B and JESD68.01
 * (common flash interface).
 * Left out: block locks (kept nowhere, every block is unlocked), suspend, the protection register, the time
 * that programming takes: the chip is always ready. */
#include "config.h"

#include "hw/boards/pflash.h"

#include "core/machine.h"
#include "hw/drive.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define BLOCK_BYTES   ASTERN_PAGE_SIZE
#define BUFFER_BYTES  64
#define FLUSH_NS      G_GUINT64_CONSTANT (20000000)     /* after the last change */

enum
{
  CMD_PROGRAM = 0x10, CMD_ERASE = 0x20, CMD_PROGRAM_TOO = 0x40, CMD_CLEAR_STATUS = 0x50, CMD_LOCK = 0x60,
  CMD_READ_STATUS = 0x70, CMD_READ_ID = 0x90, CMD_QUERY = 0x98, CMD_CONFIRM = 0xd0, CMD_BUFFER = 0xe8, CMD_READ_ARRAY = 0xff,
};
enum { STATUS_READY = 0x80, STATUS_ERASE_ERROR = 0x20, STATUS_PROGRAM_ERROR = 0x10 };

/* What the next write is. */
enum { EXPECT_COMMAND, EXPECT_SECOND, EXPECT_DATA, EXPECT_CONFIRM };

typedef struct
{
  guint64 flush_ns;     /* deadline: what was programmed is to be on the medium's stable storage */
  guint32 start;        /* of the buffer in the array */
  guint32 pending;      /* bytes that are still to come */
  guint8  buffer[BUFFER_BYTES];
  guint8  written[BUFFER_BYTES / 8];   /* which of them, a bit each */
  guint8  command;      /* CMD_READ_ARRAY, or what reads answer for */
  guint8  expect;
  guint8  status;
  guint8  reserved[5];
} PflashState;

typedef struct
{
  AsternDevice    parent;
  PflashState     s;
  AsternTimer     flush;
  AsternDevice   *drive;        /* (nullable) */
  AsternRamBlock *block;        /* (nullable) */
  AsternBus      *memory;
  AsternRange    *range;        /* (nullable) */
} Pflash;

/* ---- what it holds ---- */

guint64
pflash_size (AsternDevice *device)
{
  const Pflash *self = (const Pflash *) device;

  return self->block != NULL ? self->block->size : 0;
}

static gboolean
is_writable (Pflash *self)
{
  return self->block != NULL && self->drive != NULL && !drive_readonly (self->drive);
}

/* [offset, offset + size) is inside. */
static void
store (Pflash *self, guint32 offset, const guint8 *data, guint32 size)
{
  astern_memory_write (self->parent.machine->memory, self->block->start + offset, data, size);
  drive_write (self->drive, offset, data, size);
  astern_timer_set (&self->flush, astern_clock_now_ns (self->parent.clock) + FLUSH_NS);
}

/* Programming turns ones into zeros. */
static void
program (Pflash *self, guint64 offset, const guint8 *data, guint32 size)
{
  guint8 bytes[BUFFER_BYTES];
  const guint8 *now;

  self->s.status |= STATUS_READY;
  if (!is_writable (self) || offset + size > self->block->size)
    {
      self->s.status |= STATUS_PROGRAM_ERROR;
      return;
    }
  now = astern_memory_host (self->parent.machine->memory, self->block->start + offset);
  for (guint32 i = 0; i < size; i++)
    bytes[i] = now[i] & data[i];
  store (self, (guint32) offset, bytes, size);
}

static void
erase (Pflash *self, guint64 offset)
{
  guint8 ones[BLOCK_BYTES];

  self->s.status |= STATUS_READY;
  if (!is_writable (self) || offset >= self->block->size)
    {
      self->s.status |= STATUS_ERASE_ERROR;
      return;
    }
  memset (ones, 0xff, sizeof ones);
  store (self, (guint32) (offset & ~(guint64) (BLOCK_BYTES - 1)), ones, sizeof ones);
}

static void
flush_expired (gpointer owner)
{
  Pflash *self = owner;

  if (self->drive != NULL)
    drive_flush (self->drive);
}

/* ---- what it answers ---- */

/* The query structure: what software must know to program the chip. */
static guint8
query_byte (const Pflash *self, guint at)
{
  guint64 size = self->block != NULL ? self->block->size : 0;
  guint blocks = size != 0 ? (guint) (size / BLOCK_BYTES) - 1 : 0;
  guint bits = size != 0 ? g_bit_storage (size - 1) : 0;

  switch (at)
    {
    case 0x10: return 'Q';
    case 0x11: return 'R';
    case 0x12: return 'Y';
    case 0x13: return 1;                        /* command set: Intel, extended */
    case 0x15: return 0x31;                     /* its own table */
    case 0x1b: return 0x45;                     /* supply, volts: 4.5 .. 5.5 */
    case 0x1c: return 0x55;
    case 0x1f: return 7;                        /* time-outs: 2^n us, 2^n ms for a block, four times that at most */
    case 0x20: return 7;
    case 0x21: return 10;
    case 0x23: return 4;
    case 0x24: return 4;
    case 0x25: return 4;
    case 0x27: return (guint8) bits;
    case 0x28: return 0;                        /* eight bits wide */
    case 0x2a: return 6;                        /* 2^6 bytes at a time */
    case 0x2c: return 1;                        /* one region of blocks */
    case 0x2d: return (guint8) blocks;
    case 0x2e: return (guint8) (blocks >> 8);
    case 0x2f: return (guint8) (BLOCK_BYTES / 256);
    case 0x30: return (guint8) (BLOCK_BYTES / 256 >> 8);
    case 0x31: return 'P';
    case 0x32: return 'R';
    case 0x33: return 'I';
    case 0x34: return '1';
    case 0x35: return '0';
    default:   return 0;
    }
}

static guint8
answer (const Pflash *self, guint64 offset)
{
  switch (self->s.command)
    {
    case CMD_READ_ARRAY:
      if (self->block == NULL || offset >= self->block->size)
        return 0xff;
      return *astern_memory_host (self->parent.machine->memory, self->block->start + offset);
    case CMD_READ_ID: return offset % 0x100 == 0 ? 0x89 : offset % 0x100 == 1 ? 0x18 : 0;       /* Intel; the lock bits: none */
    case CMD_QUERY:   return query_byte (self, (guint) (offset & 0xff));
    default:          return self->s.status;
    }
}

static guint64
flash_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  guint64 value = 0;

  for (guint i = size; i-- > 0; )
    value = value << 8 | answer ((const Pflash *) device, offset + i);
  return value;
}

/* In array mode what it holds is read as memory is. */
static void
update_mode (Pflash *self)
{
  AsternTargetKind kind = self->s.command == CMD_READ_ARRAY ? ASTERN_TARGET_MEMORY : ASTERN_TARGET_DEVICE;

  if (self->range == NULL || self->range->read.kind == kind)
    return;
  self->range->read.kind = kind;
  astern_bus_changed (self->memory);
}

/* ---- commands ---- */

static void
to_array (Pflash *self)
{
  self->s.command = CMD_READ_ARRAY;
  self->s.expect = EXPECT_COMMAND;
}

static void
bad_command (Pflash *self, guint8 value)
{
  if (self->parent.machine != NULL)
    astern_events_log (&self->parent.machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: 0x%02x is no command after 0x%02x",
                       self->parent.name, value, self->s.command);
  to_array (self);
}

static void
begin_command (Pflash *self, guint8 value)
{
  switch (value)
    {
    case CMD_PROGRAM:
    case CMD_PROGRAM_TOO:
    case CMD_ERASE:
    case CMD_LOCK:
    case CMD_BUFFER:
      self->s.command = value;
      self->s.expect = EXPECT_SECOND;
      self->s.status |= STATUS_READY;
      break;
    case CMD_READ_STATUS:
    case CMD_READ_ID:
    case CMD_QUERY:
      self->s.command = value;
      break;
    case CMD_CLEAR_STATUS:
      self->s.status = 0;                       /* OVMF knows the chip by reading it back as 0, not even ready */
      to_array (self);
      break;
    case 0x00:
    case 0xf0:
    case CMD_READ_ARRAY:
      to_array (self);
      break;
    default:
      bad_command (self, value);
    }
}

static void
second_of_command (Pflash *self, guint64 offset, guint size, guint64 value)
{
  guint8 bytes[8];

  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> (8 * i));
  self->s.expect = EXPECT_COMMAND;
  switch (self->s.command)
    {
    case CMD_PROGRAM:
    case CMD_PROGRAM_TOO:
      program (self, offset, bytes, size);
      break;
    case CMD_ERASE:
      if (bytes[0] == CMD_CONFIRM)
        erase (self, offset);
      else
        bad_command (self, bytes[0]);
      break;
    case CMD_LOCK:
      if (bytes[0] != CMD_CONFIRM && bytes[0] != 0x01)
        bad_command (self, bytes[0]);
      break;
    default:                                    /* CMD_BUFFER: how many bytes come, less one */
      if (bytes[0] >= BUFFER_BYTES)
        {
          bad_command (self, bytes[0]);
          break;
        }
      self->s.pending = bytes[0] + 1u;
      self->s.start = (guint32) offset & ~(guint32) (BUFFER_BYTES - 1);
      memset (self->s.written, 0, sizeof self->s.written);
      self->s.expect = EXPECT_DATA;
    }
}

static void
data_of_buffer (Pflash *self, guint64 offset, guint size, guint64 value)
{
  for (guint i = 0; i < size; i++)
    {
      guint at = (guint) (offset + i) % BUFFER_BYTES;

      self->s.buffer[at] = (guint8) (value >> (8 * i));
      self->s.written[at / 8] |= (guint8) (1u << at % 8);
    }
  self->s.pending -= MIN (self->s.pending, size);
  if (self->s.pending == 0)
    self->s.expect = EXPECT_CONFIRM;
}

static void
confirm_buffer (Pflash *self, guint8 value)
{
  if (value != CMD_CONFIRM)
    {
      bad_command (self, value);
      return;
    }
  for (guint i = 0; i < BUFFER_BYTES; i++)
    if (self->s.written[i / 8] >> i % 8 & 1)
      program (self, (guint64) self->s.start + i, &self->s.buffer[i], 1);
  self->s.expect = EXPECT_COMMAND;
}

static void
flash_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Pflash *self = (Pflash *) device;

  switch (self->s.expect)
    {
    case EXPECT_COMMAND: begin_command (self, (guint8) value); break;
    case EXPECT_SECOND:  second_of_command (self, offset, size, value); break;
    case EXPECT_DATA:    data_of_buffer (self, offset, size, value); break;
    default:             confirm_buffer (self, (guint8) value);
    }
  update_mode (self);
}

/* ---- the device ---- */

static void
pflash_init (AsternDevice *device)
{
  Pflash *self = (Pflash *) device;

  astern_timer_init (&self->flush, device->clock, "flush", &self->s.flush_ns, flush_expired, self);
}

static void
pflash_reset (AsternDevice *device)
{
  Pflash *self = (Pflash *) device;

  to_array (self);
  self->s.status = STATUS_READY;
  self->s.pending = 0;
  update_mode (self);
}

static void
pflash_restored (AsternDevice *device)
{
  update_mode ((Pflash *) device);
}

static const AsternWindow windows[] = {
  { .name = "flash", .size = PFLASH_MOST_BYTES, .min_size = 1, .max_size = 8,
    .read = flash_read, .write = flash_write, .peek = flash_read },
};

#define F(member) ASTERN_FIELD (PflashState, member, 1)
static const AsternField fields[] = {
  F (flush_ns), F (start), F (pending), ASTERN_FIELD_BYTES (PflashState, buffer, 1),
  ASTERN_FIELD_BYTES (PflashState, written, 1), F (command), F (expect), F (status),
  ASTERN_FIELD_BYTES (PflashState, reserved, 1),
};

const AsternDeviceClass pflash_class = {
  .name = "pflash", .summary = "parallel flash memory", .state_version = 1,
  .instance_size = sizeof (Pflash),
  .state_offset = G_STRUCT_OFFSET (Pflash, s), .state_size = sizeof (PflashState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = pflash_init, .reset = pflash_reset, .restored = pflash_restored,
};

gboolean
pflash_set_drive (AsternDevice *device, AsternDevice *drive, GError **error)
{
  Pflash *self = (Pflash *) device;
  guint64 size = drive_size (drive);
  AsternMemory *memory = device->machine->memory;
  g_autofree char *name = g_strconcat (device->name, ".array", NULL);

  if (size == 0 || size % BLOCK_BYTES != 0 || size > PFLASH_MOST_BYTES)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("The flash memory “%s” has %" PRIu64 " bytes; it must have whole blocks of 4096, up to 16 MiB."),
                   device->name, size);
      return FALSE;
    }
  /* Its block is written through the device alone, and must go back with it: it is no ROM. */
  self->block = astern_memory_add (memory, name, size, FALSE, error);
  if (self->block == NULL)
    return FALSE;
  self->drive = drive;
  drive_read (drive, 0, astern_memory_host (memory, self->block->start), size);
  return TRUE;
}

AsternRamBlock *
pflash_block (AsternDevice *device)
{
  return ((Pflash *) device)->block;
}

void
pflash_map (AsternDevice *device, AsternBus *memory, guint64 start, gint shadows)
{
  Pflash *self = (Pflash *) device;
  AsternRange range = { .name = device->name, .start = start, .size = pflash_size (device), .shadows = shadows, .enabled = TRUE };

  self->memory = memory;
  range.write = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = 0 };
  range.read = range.write;
  range.read.kind = ASTERN_TARGET_MEMORY;
  range.read.block = self->block;
  self->range = astern_bus_add (memory, &range);
}
