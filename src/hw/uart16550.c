/* uart16550.c - 16550A serial port.
 * Source: National Semiconductor PC16550D data sheet, June 1995, section 8.
 * Left out: parity and framing errors, the transmitter's timing (a byte leaves at once), the
 * FIFO error bit (LSR bit 7), a break on the line outside loopback, DMA mode. */
#include "config.h"

#include "hw/uart16550.h"

#include "hw/rate.h"

#include <string.h>

#define CRYSTAL_HZ 1843200u
#define FIFO_BYTES 16

enum
{
  IER_RDA = 0x01, IER_THRE = 0x02, IER_LINE = 0x04, IER_MODEM = 0x08,
  IIR_MODEM = 0x00, IIR_NONE = 0x01, IIR_THRE = 0x02, IIR_RDA = 0x04, IIR_LINE = 0x06,
  IIR_TIMEOUT = 0x0c, IIR_FIFOS = 0xc0,
  FCR_ENABLE = 0x01, FCR_CLEAR_RX = 0x02,
  LCR_STOP = 0x04, LCR_PARITY = 0x08, LCR_BREAK = 0x40, LCR_DLAB = 0x80,
  MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOP = 0x10,
  LSR_DR = 0x01, LSR_OE = 0x02, LSR_BI = 0x10, LSR_ERRORS = 0x1e, LSR_THRE = 0x20, LSR_TEMT = 0x40,
  MSR_DELTAS = 0x0f, MSR_TERI = 0x04, MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40,
  MSR_DCD = 0x80, MSR_LINES = 0xf0,
};

typedef struct
{
  guint64 timeout_ns;       /* when a byte has waited in the FIFO for too long */
  guint32 overruns;         /* bytes that were lost */
  guint16 backlog_start;    /* oldest byte */
  guint16 backlog_len;
  guint8  backlog[UART16550_BACKLOG_BYTES];
  guint8  rx[FIFO_BYTES];   /* receive FIFO, oldest byte first */
  guint8  rx_len;
  guint8  thre_pending;     /* THR became empty and IIR was not read since */
  guint8  timeout_pending;
  guint8  ier, fcr, lcr, mcr, lsr, msr, scr, dll, dlm;
  guint8  modem;            /* lines from outside, as in MSR */
  guint8  irq;
  guint8  reserved[2];
} Uart16550State;

typedef struct
{
  AsternDevice          parent;
  Uart16550State        s;
  AsternIrq             irq;
  AsternTimer           timer;
  Uart16550TransmitFunc transmit;   /* (nullable) */
  gpointer              host;
} Uart16550;

static guint
fifo_size (const Uart16550State *s)
{
  return (s->fcr & FCR_ENABLE) ? FIFO_BYTES : 1;
}

static guint
trigger (const Uart16550State *s)
{
  static const guint8 levels[4] = { 1, 4, 8, 14 };

  return (s->fcr & FCR_ENABLE) ? levels[s->fcr >> 6] : 1;
}

/* IIR without the FIFO bits: the most urgent reason to interrupt. */
static guint8
reason (const Uart16550State *s)
{
  if ((s->ier & IER_LINE) && (s->lsr & LSR_ERRORS))
    return IIR_LINE;
  if ((s->ier & IER_RDA) && s->rx_len >= trigger (s))
    return IIR_RDA;
  if ((s->ier & IER_RDA) && s->timeout_pending)
    return IIR_TIMEOUT;
  if ((s->ier & IER_THRE) && s->thre_pending)
    return IIR_THRE;
  if ((s->ier & IER_MODEM) && (s->msr & MSR_DELTAS))
    return IIR_MODEM;
  return IIR_NONE;
}

static void
update_irq (Uart16550 *uart)
{
  Uart16550State *s = &uart->s;

  s->irq = reason (s) != IIR_NONE && (s->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
  astern_irq_set (&uart->irq, s->irq);
}

/* -- Receiving */

/* The time of four characters. */
static guint64
timeout_length_ns (const Uart16550State *s)
{
  guint bits = 1 + 5 + (s->lcr & 3) + ((s->lcr & LCR_PARITY) != 0) + ((s->lcr & LCR_STOP) ? 2 : 1);
  guint divisor = MAX (s->dll | s->dlm << 8, 1);

  return hw_rate_ns (G_GUINT64_CONSTANT (4) * bits * 16 * divisor, CRYSTAL_HZ);
}

/* After the FIFO was filled or read. */
static void
restart_timeout (Uart16550 *uart)
{
  Uart16550State *s = &uart->s;

  s->timeout_pending = 0;
  if ((s->fcr & FCR_ENABLE) && s->rx_len > 0)
    astern_timer_set (&uart->timer,
                      astern_clock_now_ns (uart->parent.clock) + timeout_length_ns (s));
  else
    astern_timer_cancel (&uart->timer);
}

static void
waited_too_long (gpointer owner)
{
  Uart16550 *uart = owner;

  uart->s.timeout_pending = 1;
  update_irq (uart);
}

static void
push (Uart16550State *s, guint8 byte)
{
  s->rx[s->rx_len++] = byte;
  s->lsr |= LSR_DR;
}

/* Moves what waits outside into the FIFO. */
static void
drain (Uart16550 *uart)
{
  Uart16550State *s = &uart->s;
  gboolean moved = FALSE;

  if (s->mcr & MCR_LOOP)
    return;
  while (s->backlog_len > 0 && s->rx_len < fifo_size (s))
    {
      push (s, s->backlog[s->backlog_start]);
      s->backlog_start = (s->backlog_start + 1) % UART16550_BACKLOG_BYTES;
      s->backlog_len--;
      moved = TRUE;
    }
  if (moved)
    restart_timeout (uart);
}

static void
overrun (Uart16550State *s)
{
  s->overruns++;
  s->lsr |= LSR_OE;
}

static gboolean
take (Uart16550State *s, guint8 byte)
{
  if (s->backlog_len == UART16550_BACKLOG_BYTES)
    {
      overrun (s);
      return FALSE;
    }
  s->backlog[(s->backlog_start + s->backlog_len++) % UART16550_BACKLOG_BYTES] = byte;
  return TRUE;
}

/* What is sent while loopback is on. */
static void
loop_back (Uart16550 *uart, guint8 byte)
{
  Uart16550State *s = &uart->s;

  if (s->rx_len < fifo_size (s))
    {
      push (s, byte);
      restart_timeout (uart);
    }
  else
    overrun (s);
}

static void
empty_fifo (Uart16550 *uart)
{
  memset (uart->s.rx, 0, sizeof uart->s.rx);
  uart->s.rx_len = 0;
  uart->s.lsr &= ~LSR_DR;
  restart_timeout (uart);
}

/* -- Modem lines */

static void
update_modem (Uart16550State *s)
{
  guint8 lines = s->modem;
  guint8 changed;

  if (s->mcr & MCR_LOOP)
    lines = (s->mcr & MCR_RTS ? MSR_CTS : 0) | (s->mcr & MCR_DTR ? MSR_DSR : 0)
            | (s->mcr & MCR_OUT1 ? MSR_RI : 0) | (s->mcr & MCR_OUT2 ? MSR_DCD : 0);
  changed = (lines ^ s->msr) & MSR_LINES;
  if (lines & MSR_RI)
    changed &= ~MSR_RI;         /* TERI: only its trailing edge counts */
  s->msr = lines | (s->msr & MSR_DELTAS) | changed >> 4;
}

/* -- Registers */

static guint64
rbr_value (gconstpointer state, guint32 offset)
{
  const Uart16550State *s = state;

  return s->rx_len ? s->rx[0] : 0;
}

static void
rbr_did_read (AsternDevice *device, guint32 offset)
{
  Uart16550 *uart = (Uart16550 *) device;
  Uart16550State *s = &uart->s;

  if (s->rx_len > 0)
    {
      memmove (s->rx, s->rx + 1, --s->rx_len);
      s->rx[s->rx_len] = 0;
    }
  if (s->rx_len == 0)
    s->lsr &= ~LSR_DR;
  restart_timeout (uart);
  drain (uart);
  update_irq (uart);
}

static void
thr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uart16550 *uart = (Uart16550 *) device;
  guint8 byte = value;

  if (uart->s.mcr & MCR_LOOP)
    loop_back (uart, byte);
  else if (uart->transmit != NULL)
    uart->transmit (uart->host, &byte, 1);
  uart->s.thre_pending = 1;
  update_irq (uart);
}

/* Enabling its interrupt while THR is empty, as it always is, raises it. */
static void
ier_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uart16550 *uart = (Uart16550 *) device;

  if (value & IER_THRE)
    uart->s.thre_pending = 1;
  update_irq (uart);
}

static guint64
iir_value (gconstpointer state, guint32 offset)
{
  const Uart16550State *s = state;

  return reason (s) | ((s->fcr & FCR_ENABLE) ? IIR_FIFOS : 0);
}

static void
iir_did_read (AsternDevice *device, guint32 offset)
{
  Uart16550 *uart = (Uart16550 *) device;

  if (reason (&uart->s) == IIR_THRE)
    uart->s.thre_pending = 0;
  update_irq (uart);
}

static void
fcr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uart16550 *uart = (Uart16550 *) device;
  Uart16550State *s = &uart->s;
  guint8 before = s->fcr;

  s->fcr = (value & FCR_ENABLE) ? value & 0xc9 : 0;
  if ((value & FCR_CLEAR_RX) || ((before ^ s->fcr) & FCR_ENABLE))
    empty_fifo (uart);
  drain (uart);
  update_irq (uart);
}

static void
lcr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uart16550 *uart = (Uart16550 *) device;

  if ((value & LCR_BREAK) && (uart->s.mcr & MCR_LOOP))
    {
      loop_back (uart, 0);
      uart->s.lsr |= LSR_BI;
    }
  update_irq (uart);
}

static void
mcr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uart16550 *uart = (Uart16550 *) device;

  update_modem (&uart->s);
  drain (uart);
  update_irq (uart);
}

static void
lsr_did_read (AsternDevice *device, guint32 offset)
{
  Uart16550 *uart = (Uart16550 *) device;

  uart->s.lsr &= ~LSR_ERRORS;
  update_irq (uart);
}

static void
msr_did_read (AsternDevice *device, guint32 offset)
{
  Uart16550 *uart = (Uart16550 *) device;

  uart->s.msr &= ~MSR_DELTAS;
  update_irq (uart);
}

enum { BANK_DATA, BANK_DIVISOR };

static guint8
bank (gconstpointer state, guint32 offset)
{
  return (((const Uart16550State *) state)->lcr & LCR_DLAB) ? BANK_DIVISOR : BANK_DATA;
}

static const AsternRegField ier_bits[] = { { 0, 1, "ERBFI" }, { 1, 1, "ETBEI" }, { 2, 1, "ELSI" }, { 3, 1, "EDSSI" }, { 0 } };
static const AsternRegField iir_bits[] = { { 0, 1, "no interrupt" }, { 1, 3, "ID" }, { 6, 2, "FIFOs" }, { 0 } };
static const AsternRegField fcr_bits[] = {
  { 0, 1, "FIFO enable" }, { 1, 1, "RCVR reset" }, { 2, 1, "XMIT reset" }, { 3, 1, "DMA mode" }, { 6, 2, "RCVR trigger" }, { 0 },
};
static const AsternRegField lcr_bits[] = {
  { 0, 2, "WLS" }, { 2, 1, "STB" }, { 3, 1, "PEN" }, { 4, 1, "EPS" }, { 5, 1, "stick parity" }, { 6, 1, "set break" }, { 7, 1, "DLAB" }, { 0 },
};
static const AsternRegField mcr_bits[] = { { 0, 1, "DTR" }, { 1, 1, "RTS" }, { 2, 1, "OUT1" }, { 3, 1, "OUT2" }, { 4, 1, "loop" }, { 0 } };
static const AsternRegField lsr_bits[] = {
  { 0, 1, "DR" }, { 1, 1, "OE" }, { 2, 1, "PE" }, { 3, 1, "FE" }, { 4, 1, "BI" }, { 5, 1, "THRE" }, { 6, 1, "TEMT" }, { 7, 1, "FIFO error" }, { 0 },
};
static const AsternRegField msr_bits[] = {
  { 0, 1, "DCTS" }, { 1, 1, "DDSR" }, { 2, 1, "TERI" }, { 3, 1, "DDCD" }, { 4, 1, "CTS" }, { 5, 1, "DSR" }, { 6, 1, "RI" }, { 7, 1, "DCD" }, { 0 },
};

#define AT(member) G_STRUCT_OFFSET (Uart16550State, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK

static const AsternReg regs[] = {
/* off bank         access         w  name   backing   reset writable value      did_read      did_write       n  bits */
  { 0, BANK_DATA,    ASTERN_REG_R,  1, "RBR", NONE,     0x00, 0x00,    rbr_value, rbr_did_read, NULL,           1, NULL },
  { 0, BANK_DATA,    ASTERN_REG_W,  1, "THR", NONE,     0x00, 0x00,    NULL,      NULL,         thr_did_write,  1, NULL },
  { 0, BANK_DIVISOR, ASTERN_REG_RW, 1, "DLL", AT (dll), 0x0c, 0xff,    NULL,      NULL,         NULL,           1, NULL },
  { 1, BANK_DIVISOR, ASTERN_REG_RW, 1, "DLM", AT (dlm), 0x00, 0xff,    NULL,      NULL,         NULL,           1, NULL },
  { 1, BANK_DATA,    ASTERN_REG_RW, 1, "IER", AT (ier), 0x00, 0x0f,    NULL,      NULL,         ier_did_write,  1, ier_bits },
  { 2, ANY,          ASTERN_REG_R,  1, "IIR", NONE,     0x00, 0x00,    iir_value, iir_did_read, NULL,           1, iir_bits },
  { 2, ANY,          ASTERN_REG_W,  1, "FCR", NONE,     0x00, 0x00,    NULL,      NULL,         fcr_did_write,  1, fcr_bits },
  { 3, ANY,          ASTERN_REG_RW, 1, "LCR", AT (lcr), 0x00, 0xff,    NULL,      NULL,         lcr_did_write,  1, lcr_bits },
  { 4, ANY,          ASTERN_REG_RW, 1, "MCR", AT (mcr), 0x00, 0x1f,    NULL,      NULL,         mcr_did_write,  1, mcr_bits },
  { 5, ANY,          ASTERN_REG_RW, 1, "LSR", AT (lsr), 0x60, 0x00,    NULL,      lsr_did_read, NULL,           1, lsr_bits },
  { 6, ANY,          ASTERN_REG_RW, 1, "MSR", AT (msr), 0x00, 0x00,    NULL,      msr_did_read, NULL,           1, msr_bits },
  { 7, ANY,          ASTERN_REG_RW, 1, "SCR", AT (scr), 0x00, 0xff,    NULL,      NULL,         NULL,           1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = 8, .regs = regs, .n_regs = G_N_ELEMENTS (regs), .bank = bank },
};

#define F(member) ASTERN_FIELD (Uart16550State, member, 1)
static const AsternField fields[] = {
  F (timeout_ns), F (overruns), F (backlog_start), F (backlog_len),
  ASTERN_FIELD_BYTES (Uart16550State, backlog, 1),
  ASTERN_FIELD_BYTES (Uart16550State, rx, 1), F (rx_len), F (thre_pending), F (timeout_pending),
  F (ier), F (fcr), F (lcr), F (mcr), F (lsr), F (msr), F (scr), F (dll), F (dlm), F (modem),
  F (irq),
  ASTERN_FIELD_BYTES (Uart16550State, reserved, 1),
};

static void
init (AsternDevice *device)
{
  Uart16550 *uart = (Uart16550 *) device;

  uart->s.modem = MSR_CTS | MSR_DSR | MSR_DCD;
  astern_timer_init (&uart->timer, device->clock, "uart16550", &uart->s.timeout_ns,
                     waited_too_long, uart);
}

static void
reset (AsternDevice *device)
{
  Uart16550 *uart = (Uart16550 *) device;
  Uart16550State *s = &uart->s;

  s->fcr = s->thre_pending = 0;
  s->backlog_start = s->backlog_len = 0;
  memset (s->backlog, 0, sizeof s->backlog);
  s->overruns = 0;
  s->msr = s->modem;
  empty_fifo (uart);
  update_irq (uart);
}

static void
restored (AsternDevice *device)
{
  Uart16550 *uart = (Uart16550 *) device;
  Uart16550State *s = &uart->s;

  s->rx_len = MIN (s->rx_len, fifo_size (s));
  s->backlog_start %= UART16550_BACKLOG_BYTES;
  s->backlog_len = MIN (s->backlog_len, UART16550_BACKLOG_BYTES);
  astern_irq_set (&uart->irq, s->irq);
}

const AsternDeviceClass uart16550_class = {
  .name = "uart16550", .summary = "16550A serial port", .state_version = 1,
  .instance_size = sizeof (Uart16550),
  .state_offset = G_STRUCT_OFFSET (Uart16550, s), .state_size = sizeof (Uart16550State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

/* -- The outside */

AsternIrq *
uart16550_irq (AsternDevice *device)
{
  return &((Uart16550 *) device)->irq;
}

void
uart16550_set_transmit (AsternDevice *device, Uart16550TransmitFunc transmit, gpointer host)
{
  Uart16550 *uart = (Uart16550 *) device;

  uart->transmit = transmit;
  uart->host = host;
}

guint
uart16550_can_receive (AsternDevice *device)
{
  return UART16550_BACKLOG_BYTES - ((Uart16550 *) device)->s.backlog_len;
}

void
uart16550_input (gpointer receiver, gconstpointer data, gsize size)
{
  Uart16550 *uart = receiver;
  const guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    take (&uart->s, bytes[i]);
  drain (uart);
  update_irq (uart);
}

gboolean
uart16550_receive (AsternDevice *device, guint8 byte)
{
  guint32 lost = ((Uart16550 *) device)->s.overruns;

  uart16550_input (device, &byte, 1);
  return ((Uart16550 *) device)->s.overruns == lost;
}

void
uart16550_set_modem (AsternDevice *device, guint8 lines)
{
  Uart16550 *uart = (Uart16550 *) device;

  uart->s.modem = lines & MSR_LINES;
  update_modem (&uart->s);
  update_irq (uart);
}
