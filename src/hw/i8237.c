/* i8237.c - see i8237.h.
 * Source: Intel 8237A data sheet; IBM PC/AT Technical Reference, 1984, "DMA controller", for the pages;
 * Intel 82371SB data sheet 290550, section 2.5.1.
 * Left out: memory-to-memory transfers, which the PC/AT cannot do between the pair's channels; priorities and
 * timing, as a device moves all that it has in one go; compressed timing, the polarity of DREQ and DACK. */
#include "config.h"

#include "hw/i8237.h"

#include "core/machine.h"

#include <string.h>

#define CHIPS     2
#define CASCADE   4
#define PIECE     4096

enum { COMMAND_DISABLE = 0x04 };
enum { MODE_TO_MEMORY = 0x04, MODE_FROM_MEMORY = 0x08, MODE_KIND = 0x0c, MODE_AUTO = 0x10, MODE_DOWN = 0x20 };

typedef struct
{
  guint16 base_address[I8237_CHANNELS], base_count[I8237_CHANNELS];
  guint16 address[I8237_CHANNELS], count[I8237_CHANNELS];       /* in units; count: less one */
  guint8  mode[I8237_CHANNELS];
  guint8  page[16];
  guint8  command[CHIPS], mask[CHIPS];          /* mask: a bit a channel */
  guint8  terminal[CHIPS];                      /* channels that have reached it */
  guint8  wanted[CHIPS];                        /* DREQ, by wire */
  guint8  software[CHIPS];                      /* DREQ, by the request register */
  guint8  flip_flop[CHIPS];                     /* 1: the upper byte comes next */
  guint8  temporary[CHIPS];
} I8237State;

typedef struct
{
  AsternDevice parent;
  I8237State   s;
  AsternBus   *memory;          /* (nullable) */
  struct { void (*granted) (gpointer device); gpointer device; } clients[I8237_CHANNELS];
} I8237;

/* Which page register is a channel's. */
static const guint8 page_of[I8237_CHANNELS] = { 7, 3, 1, 2, 15, 11, 9, 10 };

static guint
shift_of (guint channel)
{
  return channel >= CASCADE ? 1 : 0;
}

static gboolean
is_open (const I8237State *s, guint channel)
{
  guint chip = channel >> 2;

  if ((s->command[chip] & COMMAND_DISABLE) || (s->mask[chip] >> (channel & 3) & 1))
    return FALSE;
  /* The first chip's requests pass through the second one's channel 4. */
  return chip == 1 || (!(s->command[1] & COMMAND_DISABLE) && !(s->mask[1] & 1));
}

gboolean
i8237_is_granted (AsternDevice *device, guint channel, gboolean to_memory)
{
  const I8237State *s = &((I8237 *) device)->s;
  guint kind = s->mode[channel] & MODE_KIND;

  return is_open (s, channel) && (kind == 0 || kind == (to_memory ? MODE_TO_MEMORY : MODE_FROM_MEMORY));
}

/* -- Requests */

static void
grant (I8237 *self, guint channel)
{
  const I8237State *s = &self->s;

  if ((s->wanted[channel >> 2] >> (channel & 3) & 1) && is_open (s, channel) && self->clients[channel].granted != NULL)
    self->clients[channel].granted (self->clients[channel].device);
}

static void
grant_all (I8237 *self)
{
  for (guint channel = 0; channel < I8237_CHANNELS; channel++)
    grant (self, channel);
}

void
i8237_request (AsternDevice *device, guint channel, gboolean level)
{
  guint8 *wanted = &((I8237 *) device)->s.wanted[channel >> 2], bit = (guint8) (1u << (channel & 3));

  *wanted = (guint8) (level ? *wanted | bit : *wanted & ~bit);
}

void
i8237_attach (AsternDevice *device, guint channel, void (*granted) (gpointer device), gpointer client)
{
  I8237 *self = (I8237 *) device;

  self->clients[channel].granted = granted;
  self->clients[channel].device = client;
}

void
i8237_connect (AsternDevice *device, AsternBus *memory)
{
  ((I8237 *) device)->memory = memory;
}

/* -- Moving */

guint
i8237_left (AsternDevice *device, guint channel)
{
  return (((I8237 *) device)->s.count[channel] + 1u) << shift_of (channel);
}

static void
reach_terminal (I8237 *self, guint channel)
{
  I8237State *s = &self->s;
  guint8 bit = (guint8) (1u << (channel & 3));

  s->terminal[channel >> 2] |= bit;
  s->software[channel >> 2] &= (guint8) ~bit;
  if (s->mode[channel] & MODE_AUTO)
    {
      s->address[channel] = s->base_address[channel];
      s->count[channel] = s->base_count[channel];
    }
  else
    s->mask[channel >> 2] |= bit;
}

/* Words' pages have no bit 0; an address never leaves its page. */
static guint64
physical (const I8237State *s, guint channel)
{
  guint shift = shift_of (channel), page = s->page[page_of[channel]];

  return ((guint64) (shift ? page & 0xfe : page) << 16) + ((guint) s->address[channel] << shift);
}

static void
access_memory (I8237 *self, guint64 address, guint8 *data, guint size, gboolean to_memory)
{
  if (self->memory == NULL)
    memset (data, 0xff, to_memory ? 0 : size);
  else if (to_memory)
    astern_bus_write_bytes (self->memory, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
  else
    astern_bus_read_bytes (self->memory, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
}

/* Moves units one by one downwards, else as many as there are up to the end of the page. */
static void
move (I8237 *self, guint channel, guint8 *data, guint units, gboolean to_memory)
{
  I8237State *s = &self->s;
  guint shift = shift_of (channel);
  gboolean down = s->mode[channel] & MODE_DOWN;

  while (units > 0)
    {
      guint n = down ? 1 : MIN (units, 0x10000u - s->address[channel]);

      access_memory (self, physical (s, channel), data, n << shift, to_memory);
      s->address[channel] = (guint16) (down ? s->address[channel] - 1u : s->address[channel] + n);
      data += n << shift;
      units -= n;
    }
}

static guint
transfer (I8237 *self, guint channel, guint8 *data, guint size, gboolean to_memory, gboolean *terminal)
{
  I8237State *s = &self->s;
  guint shift = shift_of (channel), units = MIN (size >> shift, s->count[channel] + 1u);

  if (terminal != NULL)
    *terminal = FALSE;
  if (units == 0 || !i8237_is_granted (&self->parent, channel, to_memory))
    return 0;
  if ((s->mode[channel] & MODE_KIND) != 0)
    move (self, channel, data, units, to_memory);
  else
    {
      /* Verify: the addresses go by and nothing is moved. */
      s->address[channel] = (guint16) (s->mode[channel] & MODE_DOWN ? s->address[channel] - units : s->address[channel] + units);
      if (!to_memory)
        memset (data, 0, units << shift);
    }
  s->count[channel] = (guint16) (s->count[channel] - units);
  if (s->count[channel] == 0xffff)
    {
      reach_terminal (self, channel);
      if (terminal != NULL)
        *terminal = TRUE;
    }
  return units << shift;
}

guint
i8237_to_memory (AsternDevice *device, guint channel, gconstpointer data, guint size, gboolean *terminal)
{
  return transfer ((I8237 *) device, channel, (guint8 *) data, size, TRUE, terminal);
}

guint
i8237_from_memory (AsternDevice *device, guint channel, gpointer data, guint size, gboolean *terminal)
{
  return transfer ((I8237 *) device, channel, data, size, FALSE, terminal);
}

/* -- Registers: of the second chip at twice the offsets of the first */

static guint
nth (guint32 offset)
{
  return offset & 1 ? 1 : 0;
}

static guint
channel_low (guint32 offset)
{
  return offset >> 1;
}

static guint
channel_high (guint32 offset)
{
  return CASCADE + (offset >> 2);
}

/* Address or count, a byte at a time. */
static guint64
byte_value (const I8237State *s, guint channel, gboolean count)
{
  guint16 value = count ? s->count[channel] : s->address[channel];

  return s->flip_flop[channel >> 2] ? value >> 8 : value & 0xff;
}

static void
byte_did_write (I8237 *self, guint channel, gboolean count, guint8 value)
{
  I8237State *s = &self->s;
  guint16 *base = count ? &s->base_count[channel] : &s->base_address[channel];

  *base = s->flip_flop[channel >> 2] ? (guint16) ((*base & 0x00ff) | value << 8) : (guint16) ((*base & 0xff00) | value);
  if (count)
    s->count[channel] = *base;
  else
    s->address[channel] = *base;
  s->flip_flop[channel >> 2] ^= 1;
}

static guint64
status_of (const I8237State *s, guint chip)
{
  return s->terminal[chip] | (s->wanted[chip] | s->software[chip]) << 4;
}

/* What the eight registers at 8 do when they are written. */
static void
control_did_write (I8237 *self, guint chip, guint reg, guint8 value)
{
  I8237State *s = &self->s;
  guint8 bit = (guint8) (1u << (value & 3));

  switch (reg)
    {
    case 0:                     /* command */
      s->command[chip] = value;
      break;
    case 1:                     /* request */
      s->software[chip] = (guint8) (value & 4 ? s->software[chip] | bit : s->software[chip] & ~bit);
      break;
    case 2:                     /* one channel's mask */
      s->mask[chip] = (guint8) (value & 4 ? s->mask[chip] | bit : s->mask[chip] & ~bit);
      break;
    case 3:                     /* mode */
      s->mode[chip * 4 + (value & 3)] = value & 0xfc;
      break;
    case 4:                     /* clear the flip-flop */
      s->flip_flop[chip] = 0;
      break;
    case 5:                     /* master clear */
      s->command[chip] = s->terminal[chip] = s->software[chip] = s->flip_flop[chip] = s->temporary[chip] = 0;
      s->mask[chip] = 0x0f;
      break;
    case 6:                     /* clear the mask */
      s->mask[chip] = 0;
      break;
    default:                    /* all masks */
      s->mask[chip] = value & 0x0f;
    }
  grant_all (self);
}

#define CHIP(name, number, shift)                                                                                       \
  static guint64 name##_byte_value (gconstpointer state, guint32 offset)                                                \
  { return byte_value (state, channel_##name (offset), nth (offset >> (shift))); }                                      \
  static void name##_byte_did_read (AsternDevice *device, guint32 offset)                                               \
  { ((I8237 *) device)->s.flip_flop[number] ^= 1; }                                                                     \
  static void name##_byte_did_write (AsternDevice *device, guint32 offset, guint64 value)                               \
  { byte_did_write ((I8237 *) device, channel_##name (offset), nth (offset >> (shift)), (guint8) value); }              \
  static guint64 name##_status_value (gconstpointer state, guint32 offset) { return status_of (state, number); }        \
  static void name##_status_did_read (AsternDevice *device, guint32 offset) { ((I8237 *) device)->s.terminal[number] = 0; } \
  static void name##_control_did_write (AsternDevice *device, guint32 offset, guint64 value)                            \
  { control_did_write ((I8237 *) device, number, (offset >> (shift)) & 7, (guint8) value); }

CHIP (low, 0, 0)
CHIP (high, 1, 1)

#define AT(member) G_STRUCT_OFFSET (I8237State, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW

#define BYTE(chip, at, name)    { at, ANY, RW, 1, name, NONE, 0, 0, chip##_byte_value, chip##_byte_did_read, chip##_byte_did_write, 1, NULL }
#define CONTROL(chip, at, name) { at, ANY, W, 1, name, NONE, 0, 0, NULL, NULL, chip##_control_did_write, 1, NULL }
#define REGS(chip, number, k, a, b, c, d)                                                                                \
  BYTE (chip, 0 * k, "ADDRESS" a), BYTE (chip, 1 * k, "COUNT" a), BYTE (chip, 2 * k, "ADDRESS" b), BYTE (chip, 3 * k, "COUNT" b), \
  BYTE (chip, 4 * k, "ADDRESS" c), BYTE (chip, 5 * k, "COUNT" c), BYTE (chip, 6 * k, "ADDRESS" d), BYTE (chip, 7 * k, "COUNT" d), \
  { 8 * k, ANY, R, 1, "STATUS", NONE, 0, 0, chip##_status_value, chip##_status_did_read, NULL, 1, NULL },                \
  CONTROL (chip, 8 * k, "COMMAND"), CONTROL (chip, 9 * k, "REQUEST"), CONTROL (chip, 10 * k, "SINGLE MASK"),             \
  CONTROL (chip, 11 * k, "MODE"), CONTROL (chip, 12 * k, "CLEAR FLIP-FLOP"), CONTROL (chip, 13 * k, "MASTER CLEAR"),     \
  { 13 * k, ANY, R, 1, "TEMPORARY", AT (temporary) + number, 0, 0, NULL, NULL, NULL, 1, NULL },                         \
  CONTROL (chip, 14 * k, "CLEAR MASK"), CONTROL (chip, 15 * k, "ALL MASKS"),                                             \
  { 15 * k, ANY, R, 1, "MASK", AT (mask) + number, 0x0f, 0, NULL, NULL, NULL, 1, NULL }

static const AsternReg low_regs[]  = { REGS (low, 0, 1, "0", "1", "2", "3") };
static const AsternReg high_regs[] = { REGS (high, 1, 2, "4", "5", "6", "7") };
static const AsternReg page_regs[] = {
  { .offset = 0, .bank = ANY, .access = RW, .width = 1, .name = "PAGE", .backing = AT (page), .writable = 0xff, .count = 16 },
};

static const AsternWindow windows[] = {
  { .name = "low", .size = 16, .regs = low_regs, .n_regs = G_N_ELEMENTS (low_regs) },
  { .name = "high", .size = 32, .regs = high_regs, .n_regs = G_N_ELEMENTS (high_regs) },
  { .name = "page", .size = 16, .regs = page_regs, .n_regs = G_N_ELEMENTS (page_regs) },
};

#define ARRAY(member) ASTERN_FIELD_ARRAY (I8237State, member, 1)
static const AsternField fields[] = {
  ARRAY (base_address), ARRAY (base_count), ARRAY (address), ARRAY (count), ARRAY (mode), ARRAY (page),
  ARRAY (command), ARRAY (mask), ARRAY (terminal), ARRAY (wanted), ARRAY (software), ARRAY (flip_flop),
  ARRAY (temporary),
};

/* The wires stay as they are: their devices drive them. */
static void
reset (AsternDevice *device)
{
  I8237State *s = &((I8237 *) device)->s;
  guint8 wanted[CHIPS];

  memcpy (wanted, s->wanted, sizeof wanted);
  memset (s, 0, sizeof *s);
  memcpy (s->wanted, wanted, sizeof wanted);
  s->mask[0] = s->mask[1] = 0x0f;
}

static void
restored (AsternDevice *device)
{
  I8237State *s = &((I8237 *) device)->s;

  for (guint chip = 0; chip < CHIPS; chip++)
    {
      s->wanted[chip] &= 0x0f;
      s->software[chip] &= 0x0f;
      s->flip_flop[chip] &= 1;
    }
}

const AsternDeviceClass i8237_class = {
  .name = "i8237", .summary = "DMA controllers", .state_version = 1,
  .instance_size = sizeof (I8237),
  .state_offset = G_STRUCT_OFFSET (I8237, s), .state_size = sizeof (I8237State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .reset = reset, .restored = restored,
};
