/* smbus-host.c - SMBus host controller of PIIX4 and ICH9.
 * Source: Intel 82371AB data sheet 290562, section 7.3; Intel ICH9 data sheet 316972, sections 5.20 and 19.2;
 * System Management Bus specification 2.0, section 5.5.
 * Left out: packet error checking (a message goes without), the slave's side and alerts, driving the pins by hand. */
#include "config.h"

#include "hw/boards/smbus-host.h"

#include "core/machine.h"

#include <string.h>

#define BUFFER_BYTES 32
#define BYTE_NS      90000u             /* nine bits at 100 kHz */
#define ENDS_NS      20000u             /* start and stop */

#define ICH9_CLEARS  (PIIX4_CLEARS | SMBUS_STS_ALERT | SMBUS_STS_INUSE | SMBUS_STS_BYTE_DONE)
#define PIIX4_CLEARS (SMBUS_STS_INTR | ERRORS)
#define ERRORS       (SMBUS_STS_DEV_ERR | SMBUS_STS_BUS_ERR | SMBUS_STS_FAILED)
#define INTERRUPTS   (SMBUS_STS_INTR | ERRORS | SMBUS_STS_BYTE_DONE)

/* Under way: nothing; a whole message; a byte of a block; waiting until the guest saw the byte; the block's end. */
enum { IDLE, MESSAGE, BLOCK_BYTE, BLOCK_WAITS, BLOCK_END };

typedef struct
{
  guint64 step_ns;                      /* deadline: what is under way is over */
  guint8  buffer[BUFFER_BYTES];
  guint8  index;                        /* in the buffer, for BLKDAT */
  guint8  phase;
  guint8  done;                         /* bytes of the block that were sent or received */
  guint8  last;                         /* that was the block's last byte */
  guint8  sts, cnt, cmd, add, dat0, dat1;
  guint8  byte;                         /* BLKDAT without the buffer */
  guint8  pec;
  guint8  slave[16];                    /* registers of the slave's side, from offset 8 on */
  guint8  aux_ctl, slv_sts, pins[2];
  guint8  reserved[8];
} SmbusHostState;

typedef struct
{
  AsternDevice   parent;
  SmbusHostState s;
  AsternTimer    step;
  AsternIrq      irq;
  SmbusBus       bus;
  gboolean       disabled;
} SmbusHost;

static gboolean
is_ich9 (const SmbusHost *self)
{
  return self->parent.klass == &smbus_host_ich9_class;
}

static void
update (SmbusHost *self)
{
  astern_irq_set (&self->irq, (self->s.cnt & SMBUS_CNT_INTREN) && (self->s.sts & INTERRUPTS));
}

static void
finish (SmbusHost *self, guint8 why)
{
  self->s.phase = IDLE;
  self->s.sts = (guint8) ((self->s.sts & ~SMBUS_STS_BUSY) | why);
  astern_timer_cancel (&self->step);
}

/* ---- messages ---- */

static guint
protocol_of (const SmbusHostState *s)
{
  return s->cnt >> 2 & 7;
}

static gboolean
reads (const SmbusHostState *s)
{
  return (s->add & 1) || protocol_of (s) == SMBUS_I2C_READ;
}

static const SmbusSlave *
slave_of (const SmbusHost *self)
{
  const SmbusSlave *slave = &self->bus.slaves[self->s.add >> 1];

  return slave->device != NULL ? slave : NULL;
}

static gboolean
send (const SmbusSlave *slave, const guint8 *bytes, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!slave->ops->write (slave->device, i, bytes[i]))
      return FALSE;
  return TRUE;
}

static guint8
receive (const SmbusSlave *slave)
{
  return slave->ops->read (slave->device);
}

static gboolean
receive_block (SmbusHostState *s, const SmbusSlave *slave)
{
  s->dat0 = receive (slave);
  for (guint i = 0; i < MIN (s->dat0, BUFFER_BYTES); i++)
    s->buffer[i] = receive (slave);
  s->index = 0;
  return s->dat0 >= 1 && s->dat0 <= BUFFER_BYTES;
}

static gboolean
send_block (SmbusHostState *s, const SmbusSlave *slave)
{
  guint8 bytes[2 + BUFFER_BYTES] = { s->cmd, s->dat0 };

  if (s->dat0 < 1 || s->dat0 > BUFFER_BYTES)
    return FALSE;
  for (guint i = 0; i < s->dat0; i++)
    bytes[2 + i] = s->buffer[i];
  return send (slave, bytes, 2 + s->dat0);
}

/* FALSE: the chip did not do its part. */
static gboolean
transfer (SmbusHostState *s, const SmbusSlave *slave)
{
  const guint8 bytes[3] = { s->cmd, s->dat0, s->dat1 };
  guint protocol = protocol_of (s);
  guint n = protocol == SMBUS_WORD_DATA ? 2 : 1;

  switch (protocol)
    {
    case SMBUS_QUICK:
      return TRUE;
    case SMBUS_BYTE:
      if (!reads (s))
        return send (slave, bytes, 1);
      s->dat0 = receive (slave);
      return TRUE;
    case SMBUS_BYTE_DATA:
    case SMBUS_WORD_DATA:
      if (!reads (s))
        return send (slave, bytes, 1 + n);
      break;
    case SMBUS_CALL:
      if (!send (slave, bytes, 3))
        return FALSE;
      s->dat0 = receive (slave);
      s->dat1 = receive (slave);
      return TRUE;
    case SMBUS_BLOCK:
      return reads (s) ? send (slave, bytes, 1) && receive_block (s, slave) : send_block (s, slave);
    default:
      return send_block (s, slave) && receive_block (s, slave);
    }
  if (!send (slave, bytes, 1))
    return FALSE;
  s->dat0 = receive (slave);
  if (n == 2)
    s->dat1 = receive (slave);
  return TRUE;
}

/* A block without the buffer stops at every byte until the guest took it, or gave the next. */
static gboolean
transfer_byte (SmbusHostState *s, const SmbusSlave *slave)
{
  const guint8 head[2] = { s->cmd, s->dat0 };
  gboolean i2c = protocol_of (s) == SMBUS_I2C_READ, reading = reads (s), answered = TRUE;

  if (s->done == 0)
    answered = i2c ? send (slave, &s->dat1, 1) : send (slave, head, reading ? 1 : 2);
  if (answered && s->done == 0 && reading && !i2c)
    s->dat0 = receive (slave);
  if (answered && !reading)
    answered = slave->ops->write (slave->device, 2 + s->done, s->byte);
  else if (answered)
    s->byte = receive (slave);
  s->done++;
  s->last = reading ? (s->cnt & SMBUS_CNT_LAST_BYTE) != 0 : s->done >= s->dat0;
  return answered;
}

static void
stepped (gpointer owner)
{
  SmbusHost *self = owner;
  SmbusHostState *s = &self->s;
  const SmbusSlave *slave = slave_of (self);

  if (s->phase == BLOCK_END)
    finish (self, SMBUS_STS_INTR);
  else if (slave == NULL)
    finish (self, SMBUS_STS_DEV_ERR);
  else if (s->phase == MESSAGE)
    finish (self, transfer (s, slave) ? SMBUS_STS_INTR : SMBUS_STS_DEV_ERR);
  else if (!transfer_byte (s, slave))
    finish (self, SMBUS_STS_DEV_ERR);
  else
    {
      s->phase = BLOCK_WAITS;
      s->sts |= SMBUS_STS_BYTE_DONE;
    }
  update (self);
}

static void
step_in (SmbusHost *self, guint8 phase, guint64 ns)
{
  self->s.phase = phase;
  astern_timer_set (&self->step, astern_clock_now_ns (self->parent.clock) + ns);
}

/* Bytes on the wire with the address's; blocks as if they were full. */
static guint
length_of (const SmbusHostState *s)
{
  static const guint8 lengths[8][2] = {
    /* write, read */
    [SMBUS_QUICK] = { 1, 1 }, [SMBUS_BYTE] = { 2, 2 }, [SMBUS_BYTE_DATA] = { 3, 4 }, [SMBUS_WORD_DATA] = { 4, 5 },
    [SMBUS_CALL] = { 7, 7 }, [SMBUS_BLOCK] = { 35, 36 }, [SMBUS_I2C_READ] = { 4, 4 }, [SMBUS_BLOCK_CALL] = { 69, 69 },
  };

  return lengths[protocol_of (s)][reads (s)];
}

static void
start (SmbusHost *self)
{
  SmbusHostState *s = &self->s;
  guint protocol = protocol_of (s);
  gboolean by_byte = is_ich9 (self) && (protocol == SMBUS_I2C_READ || (protocol == SMBUS_BLOCK && !(s->aux_ctl & SMBUS_AUX_E32B)));

  s->sts |= SMBUS_STS_BUSY;
  s->done = s->last = 0;
  if (!is_ich9 (self) && protocol != SMBUS_BLOCK && protocol > SMBUS_WORD_DATA)
    finish (self, SMBUS_STS_DEV_ERR);
  else if (by_byte)
    step_in (self, BLOCK_BYTE, ENDS_NS / 2 + (reads (s) ? 5 : 4) * BYTE_NS);
  else
    step_in (self, MESSAGE, ENDS_NS + length_of (s) * BYTE_NS);
  if ((s->cnt & SMBUS_CNT_PEC) && self->parent.machine != NULL)
    astern_events_log (&self->parent.machine->events, ASTERN_EVENT_UNIMP, "%s: packet error checking", self->parent.name);
}

/* ---- registers ---- */

static void
sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  SmbusHost *self = (SmbusHost *) device;
  SmbusHostState *s = &self->s;

  s->sts &= (guint8) ~(value & (is_ich9 (self) ? ICH9_CLEARS : PIIX4_CLEARS));
  if (s->phase == BLOCK_WAITS && !(s->sts & SMBUS_STS_BYTE_DONE))
    step_in (self, s->last ? BLOCK_END : BLOCK_BYTE, s->last ? ENDS_NS / 2 : BYTE_NS);
  update (self);
}

/* A semaphore: who reads it as zero has it. */
static void
sts_did_read (AsternDevice *device, guint32 offset)
{
  if (is_ich9 ((SmbusHost *) device))
    ((SmbusHost *) device)->s.sts |= SMBUS_STS_INUSE;
}

static void
cnt_did_read (AsternDevice *device, guint32 offset)
{
  ((SmbusHost *) device)->s.index = 0;
}

static void
cnt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  SmbusHost *self = (SmbusHost *) device;
  gboolean busy = (self->s.sts & SMBUS_STS_BUSY) != 0;

  if (busy && (value & SMBUS_CNT_KILL))
    finish (self, SMBUS_STS_FAILED);
  else if (!busy && (value & SMBUS_CNT_START) && !(value & SMBUS_CNT_KILL) && !self->disabled)
    start (self);
  update (self);
}

static gboolean
buffered (const SmbusHost *self)
{
  return !is_ich9 (self) || (self->s.aux_ctl & SMBUS_AUX_E32B);
}

static guint64
blkdat_value (gconstpointer state, guint32 offset)
{
  const SmbusHost *self = (const SmbusHost *) ((const guint8 *) state - G_STRUCT_OFFSET (SmbusHost, s));

  return buffered (self) ? self->s.buffer[self->s.index % BUFFER_BYTES] : self->s.byte;
}

static void
blkdat_did_read (AsternDevice *device, guint32 offset)
{
  SmbusHost *self = (SmbusHost *) device;

  if (buffered (self))
    self->s.index = (guint8) ((self->s.index + 1) % BUFFER_BYTES);
}

static void
blkdat_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  SmbusHost *self = (SmbusHost *) device;

  if (buffered (self))
    self->s.buffer[self->s.index % BUFFER_BYTES] = (guint8) value;
  else
    self->s.byte = (guint8) value;
  blkdat_did_read (device, offset);
}

#define AT(member) G_STRUCT_OFFSET (SmbusHostState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define RW         ASTERN_REG_RW

static const AsternRegField sts_bits[] = {
  { 0, 1, "HOST_BUSY" }, { 1, 1, "INTR" }, { 2, 1, "DEV_ERR" }, { 3, 1, "BUS_ERR" }, { 4, 1, "FAILED" }, { 5, 1, "SMBALERT" },
  { 6, 1, "INUSE" }, { 7, 1, "BYTE_DONE" }, { 0, 0, NULL },
};
static const AsternRegField cnt_bits[] = {
  { 0, 1, "INTREN" }, { 1, 1, "KILL" }, { 2, 3, "SMB_CMD" }, { 5, 1, "LAST_BYTE" }, { 7, 1, "PEC_EN" }, { 0, 0, NULL },
};

#define COMMON_REGS(cnt_writable)                                                                                             \
  { SMBUS_HSTSTS,  ANY, RW, 1, "HSTSTS",  AT (sts),  0, 0,            NULL,         sts_did_read,    sts_did_write,    0, sts_bits }, \
  { SMBUS_HSTCNT,  ANY, RW, 1, "HSTCNT",  AT (cnt),  0, cnt_writable, NULL,         cnt_did_read,    cnt_did_write,    0, cnt_bits }, \
  { SMBUS_HSTCMD,  ANY, RW, 1, "HSTCMD",  AT (cmd),  0, 0xff,         NULL,         NULL,            NULL,             0, NULL },     \
  { SMBUS_HSTADD,  ANY, RW, 1, "HSTADD",  AT (add),  0, 0xff,         NULL,         NULL,            NULL,             0, NULL },     \
  { SMBUS_HSTDAT0, ANY, RW, 1, "HSTDAT0", AT (dat0), 0, 0xff,         NULL,         NULL,            NULL,             0, NULL },     \
  { SMBUS_HSTDAT1, ANY, RW, 1, "HSTDAT1", AT (dat1), 0, 0xff,         NULL,         NULL,            NULL,             0, NULL },     \
  { SMBUS_BLKDAT,  ANY, RW, 1, "BLKDAT",  NONE,      0, 0,            blkdat_value, blkdat_did_read, blkdat_did_write, 0, NULL }

static const AsternReg piix4_regs[] = {
  COMMON_REGS (0x1f),
  { 0x01, ANY, RW, 1, "SLVSTS",  AT (slv_sts),   0, 0,      NULL, NULL, NULL, 0, NULL },
  { 0x08, ANY, RW, 1, "SLVCNT",  AT (slave[0]),  0, 0x0f,   NULL, NULL, NULL, 0, NULL },
  { 0x09, ANY, ASTERN_REG_R, 1, "SHDWCMD", AT (slave[1]), 0, 0, NULL, NULL, NULL, 0, NULL },
  { 0x0a, ANY, RW, 2, "SLVEVT",  AT (slave[2]),  0, 0xffff, NULL, NULL, NULL, 0, NULL },
  { 0x0c, ANY, ASTERN_REG_R, 2, "SLVDAT", AT (slave[4]), 0, 0, NULL, NULL, NULL, 0, NULL },
};

static const AsternReg ich9_regs[] = {
  COMMON_REGS (0xbf),
  { 0x08, ANY, RW, 1, "PEC",            AT (pec),       0,    0xff, NULL, NULL, NULL, 0, NULL },
  { 0x09, ANY, RW, 1, "RCV_SLVA",       AT (slave[1]),  0x44, 0x7f, NULL, NULL, NULL, 0, NULL },
  { 0x0a, ANY, ASTERN_REG_R, 2, "SLV_DATA", AT (slave[2]), 0, 0,    NULL, NULL, NULL, 0, NULL },
  { 0x0c, ANY, RW, 1, "AUX_STS",        AT (slave[4]),  0,    0,    NULL, NULL, NULL, 0, NULL },
  { SMBUS_AUX_CTL, ANY, RW, 1, "AUX_CTL", AT (aux_ctl), 0,    0x03, NULL, NULL, NULL, 0, NULL },
  { 0x0e, ANY, RW, 1, "SMLINK_PIN_CTL", AT (pins[0]),   0x07, 0x04, NULL, NULL, NULL, 0, NULL },
  { 0x0f, ANY, RW, 1, "SMBUS_PIN_CTL",  AT (pins[1]),   0x07, 0x04, NULL, NULL, NULL, 0, NULL },
  { 0x10, ANY, RW, 1, "SLV_STS",        AT (slv_sts),   0,    0,    NULL, NULL, NULL, 0, NULL },
  { 0x11, ANY, RW, 1, "SLV_CMD",        AT (slave[9]),  0,    0x07, NULL, NULL, NULL, 0, NULL },
  { 0x14, ANY, ASTERN_REG_R, 1, "NOTIFY_DADDR", AT (slave[12]), 0, 0, NULL, NULL, NULL, 0, NULL },
  { 0x16, ANY, ASTERN_REG_R, 2, "NOTIFY_DATA",  AT (slave[14]), 0, 0, NULL, NULL, NULL, 0, NULL },
};

static const AsternWindow piix4_windows[] = {
  { .name = "smbus", .size = SMBUS_HOST_PIIX4_PORTS, .regs = piix4_regs, .n_regs = G_N_ELEMENTS (piix4_regs) },
};
static const AsternWindow ich9_windows[] = {
  { .name = "smbus", .size = SMBUS_HOST_ICH9_PORTS, .regs = ich9_regs, .n_regs = G_N_ELEMENTS (ich9_regs) },
};

/* ---- the device ---- */

static void
host_init (AsternDevice *device)
{
  SmbusHost *self = (SmbusHost *) device;

  astern_timer_init (&self->step, device->clock, "smbus", &self->s.step_ns, stepped, self);
}

static void
host_reset (AsternDevice *device)
{
  SmbusHost *self = (SmbusHost *) device;

  finish (self, 0);
  memset (self->s.buffer, 0, BUFFER_BYTES);
  self->s.index = self->s.done = self->s.last = self->s.byte = 0;
  update (self);
}

static void
host_restored (AsternDevice *device)
{
  update ((SmbusHost *) device);
}

#define F(member) ASTERN_FIELD (SmbusHostState, member, 1)
static const AsternField fields[] = {
  F (step_ns), ASTERN_FIELD_BYTES (SmbusHostState, buffer, 1), F (index), F (phase), F (done), F (last),
  F (sts), F (cnt), F (cmd), F (add), F (dat0), F (dat1), F (byte), F (pec), ASTERN_FIELD_BYTES (SmbusHostState, slave, 1),
  F (aux_ctl), F (slv_sts), ASTERN_FIELD_BYTES (SmbusHostState, pins, 1), ASTERN_FIELD_BYTES (SmbusHostState, reserved, 1),
};

#define HOST_CLASS(its_name, its_summary, its_windows)                                                         \
  {                                                                                                            \
    .name = its_name, .summary = its_summary, .state_version = 1, .instance_size = sizeof (SmbusHost),         \
    .state_offset = G_STRUCT_OFFSET (SmbusHost, s), .state_size = sizeof (SmbusHostState),                     \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields), .windows = its_windows, .n_windows = 1,               \
    .init = host_init, .reset = host_reset, .restored = host_restored,                                         \
  }

const AsternDeviceClass smbus_host_piix4_class = HOST_CLASS ("piix4-smbus", "PIIX4 SMBus host controller", piix4_windows);
const AsternDeviceClass smbus_host_ich9_class = HOST_CLASS ("ich9-smbus", "ICH9 SMBus host controller", ich9_windows);

AsternIrq *
smbus_host_irq (AsternDevice *device)
{
  return &((SmbusHost *) device)->irq;
}

SmbusBus *
smbus_host_bus (AsternDevice *device)
{
  return &((SmbusHost *) device)->bus;
}

void
smbus_host_set_enabled (AsternDevice *device, gboolean enabled)
{
  ((SmbusHost *) device)->disabled = !enabled;
}
