/* ohci.c - Open Host Controller Interface.
 * Source: Open Host Controller Interface Specification for USB, release 1.0a.
 * Left out: isochronous transfers, legacy support by SMM, power switching, the order of lists within a frame's
 * time, suspend but for its bits. */
#include "config.h"

#include "hw/usb/ohci.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define FRAME_NS      1000000
#define FRAME_BITS    12000          /* in a frame */
#define FRAME_BYTES   65536          /* moved in one at most */
#define LIST_EDS      256            /* endpoints of one list that are looked at */
#define ED_TDS        64             /* transfers of one endpoint in a frame */
#define MAX_TRANSFER  8192

enum { CONTROL_PLE = 1 << 2, CONTROL_CLE = 1 << 4, CONTROL_BLE = 1 << 5, CONTROL_HCFS = 3 << 6, HCFS_RESET = 0, HCFS_OPERATIONAL = 2 << 6,
       HCFS_SUSPEND = 3 << 6 };
enum { COMMAND_HCR = 1 << 0, COMMAND_CLF = 1 << 1, COMMAND_BLF = 1 << 2, COMMAND_OCR = 1 << 3 };
enum { INTERRUPT_WDH = 1 << 1, INTERRUPT_SF = 1 << 2, INTERRUPT_RD = 1 << 3, INTERRUPT_UE = 1 << 4, INTERRUPT_FNO = 1 << 5,
       INTERRUPT_RHSC = 1 << 6 };
#define INTERRUPT_MIE 0x80000000u
#define INTERRUPT_ALL 0xc000007fu
enum { PORT_CCS = 1 << 0, PORT_PES = 1 << 1, PORT_PSS = 1 << 2, PORT_PRS = 1 << 4, PORT_PPS = 1 << 8, PORT_LSDA = 1 << 9,
       PORT_CSC = 1 << 16, PORT_PESC = 1 << 17, PORT_PSSC = 1 << 18, PORT_PRSC = 1 << 20, PORT_CHANGES = 0x1f << 16 };

/* An endpoint descriptor's words, and a transfer descriptor's. */
enum { ED_CONTROL, ED_TAIL, ED_HEAD, ED_NEXT };
enum { ED_SKIP = 1 << 14, ED_ISOCHRONOUS = 1 << 15, HEAD_HALTED = 1 << 0, HEAD_CARRY = 1 << 1, ADDRESS = ~15 };
enum { TD_CONTROL, TD_BUFFER, TD_NEXT, TD_END };
enum { TD_ROUNDING = 1 << 18, TD_CC_SHIFT = 28 };
enum { CC_NO_ERROR = 0, CC_STALL = 4, CC_NO_ANSWER = 5, CC_OVERRUN = 8, CC_UNDERRUN = 9 };
enum { NO_DELAY = 7 };

typedef struct
{
  AsternPciState pci;
  guint64 frame_ns;             /* deadline: the frame ends */
  guint32 control, command, status, enable;
  guint32 hcca, period_current, control_head, control_current, bulk_head, bulk_current, done_head;
  guint32 interval, number, periodic_start, ls_threshold;
  guint32 rh_a, rh_b, rh_status;
  guint32 ports[OHCI_N_PORTS];
  guint8  done_delay;           /* frames until the done queue is told; NO_DELAY: there is none */
  guint8  reserved[3];
} OhciState;

typedef struct
{
  AsternPciFunction parent;
  OhciState   s;
  AsternTimer frame;
  UsbPort     ports[OHCI_N_PORTS];
} Ohci;

static void
update_irq (Ohci *ohci)
{
  const OhciState *s = &ohci->s;

  astern_pci_interrupt (&ohci->parent.parent, (s->enable & INTERRUPT_MIE) && (s->status & s->enable & ~INTERRUPT_MIE) != 0);
}

static void
raise_interrupt (Ohci *ohci, guint32 bits)
{
  ohci->s.status |= bits;
  update_irq (ohci);
}

static void
guest_error (Ohci *ohci, const char *what)
{
  AsternDevice *device = &ohci->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* ---- ports ---- */

static void
port_changed (UsbPort *port)
{
  Ohci *ohci = port->owner;
  guint32 *status = &ohci->s.ports[port->number], before = *status;
  UsbDevice *usb = usb_port_device (port);

  *status &= ~(guint32) (PORT_CCS | PORT_LSDA);
  if (usb != NULL)
    *status |= PORT_CCS | (usb_port_speed (port) == USB_LOW ? PORT_LSDA : 0);
  else if (*status & PORT_PES)
    *status = (*status & ~(guint32) PORT_PES) | PORT_PESC;
  if ((before ^ *status) & PORT_CCS)
    *status |= PORT_CSC;
  if (*status != before)
    raise_interrupt (ohci, INTERRUPT_RHSC);
}

static gboolean
port_enabled (UsbPort *port)
{
  return (((Ohci *) port->owner)->s.ports[port->number] & PORT_PES) != 0;
}

static const UsbPortOps port_ops = { .changed = port_changed, .enabled = port_enabled };

static void
reset_port (Ohci *ohci, guint n)
{
  UsbDevice *usb = usb_port_device (&ohci->ports[n]);

  if (usb == NULL)
    return;
  usb_bus_reset (usb, usb_port_speed (&ohci->ports[n]));
  ohci->s.ports[n] |= PORT_PES | PORT_PRSC;
}

/* Bits 0 to 4 and 8, 9 are commands: clear and set enable, suspend, resume, reset, power. */
static void
port_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ohci *ohci = (Ohci *) device;
  guint n = (offset - OHCI_RH_PORT_STATUS) / 4;
  guint32 *status = &ohci->s.ports[n], before = *status;

  *status &= ~((guint32) value & PORT_CHANGES);
  if (value & 1 << 0)
    *status &= ~(guint32) PORT_PES;
  if ((value & 1 << 1) && (*status & PORT_CCS))
    *status |= PORT_PES;
  if ((value & 1 << 2) && (*status & PORT_CCS))
    *status |= PORT_PSS;
  if ((value & 1 << 3) && (*status & PORT_PSS))
    *status = (*status & ~(guint32) PORT_PSS) | PORT_PSSC;
  if (value & 1 << 4)
    reset_port (ohci, n);
  if (value & 1 << 8)
    *status |= PORT_PPS;
  if (*status & ~before & PORT_CHANGES)
    raise_interrupt (ohci, INTERRUPT_RHSC);
}

/* ---- memory ---- */

static gboolean
read_words (Ohci *ohci, guint32 address, guint32 *words, guint n)
{
  if (!astern_pci_dma_read (&ohci->parent.parent, address, words, n * 4))
    return FALSE;
  for (guint i = 0; i < n; i++)
    words[i] = GUINT32_FROM_LE (words[i]);
  return TRUE;
}

static void
write_words (Ohci *ohci, guint32 address, const guint32 *words, guint n)
{
  guint32 le[4];

  for (guint i = 0; i < n; i++)
    le[i] = GUINT32_TO_LE (words[i]);
  astern_pci_dma_write (&ohci->parent.parent, address, le, n * 4);
}

/* A transfer's bytes lie in two pages at most: that of its first byte and that of its last. */
static guint
length_of (const guint32 *td)
{
  guint32 first = td[TD_BUFFER], last = td[TD_END];

  if (first == 0)
    return 0;
  if ((first ^ last) & ~0xfffu)
    return (last & 0xfff) + 0x1001 - (first & 0xfff);
  return last >= first ? last - first + 1 : 0;
}

static guint32
address_at (const guint32 *td, guint position)
{
  guint32 offset = (td[TD_BUFFER] & 0xfff) + position;

  return offset < 0x1000 ? (td[TD_BUFFER] & ~0xfffu) + offset : (td[TD_END] & ~0xfffu) + (offset & 0xfff);
}

static void
move_data (Ohci *ohci, const guint32 *td, guint8 *data, guint size, gboolean to_memory)
{
  for (guint done = 0, n; done < size; done += n)
    {
      guint32 address = address_at (td, done);

      n = MIN (size - done, 0x1000 - (address & 0xfff));
      if (to_memory)
        astern_pci_dma_write (&ohci->parent.parent, address, data + done, n);
      else
        astern_pci_dma_read (&ohci->parent.parent, address, data + done, n);
    }
}

/* ---- transfers ---- */

static void
retire (Ohci *ohci, guint32 *ed, guint32 address, guint32 *td, guint code)
{
  OhciState *s = &ohci->s;
  guint delay = td[TD_CONTROL] >> 21 & 7;

  ed[ED_HEAD] = (td[TD_NEXT] & ADDRESS) | (ed[ED_HEAD] & HEAD_CARRY) | (code != CC_NO_ERROR ? HEAD_HALTED : 0);
  td[TD_CONTROL] = (td[TD_CONTROL] & 0x03ffffff) | code << TD_CC_SHIFT;
  td[TD_NEXT] = s->done_head;
  s->done_head = address;
  if (code != CC_NO_ERROR)
    delay = 0;
  s->done_delay = (guint8) MIN (s->done_delay, delay);
  write_words (ohci, address, td, 4);
}

/* IN, OUT or SETUP: the endpoint says, or leaves it to the transfer. */
static UsbToken
token_of (const guint32 *ed, const guint32 *td)
{
  static const guint8 tokens[4] = { USB_SETUP, USB_OUT, USB_IN, USB_SETUP };
  guint direction = ed[ED_CONTROL] >> 11 & 3;

  return (UsbToken) (direction == 1 ? USB_OUT : direction == 2 ? USB_IN : tokens[td[TD_CONTROL] >> 19 & 3]);
}

static void
moved (guint32 *ed, guint32 *td, guint done, guint size)
{
  guint largest = MAX (ed[ED_CONTROL] >> 16 & 0x7ff, 1);

  if (MAX ((done + largest - 1) / largest, 1) & 1)
    ed[ED_HEAD] ^= HEAD_CARRY;
  td[TD_BUFFER] = done >= size ? 0 : address_at (td, done);
}

/* The transfer at an endpoint's head.  FALSE: the endpoint has to wait. */
static gboolean
do_td (Ohci *ohci, guint32 *ed, guint *bytes)
{
  guint8 data[MAX_TRANSFER];
  guint32 address = ed[ED_HEAD] & ADDRESS, td[4];
  UsbPacket packet = { .endpoint = ed[ED_CONTROL] >> 7 & 15, .data = data };
  UsbDevice *usb = usb_find (ohci->ports, OHCI_N_PORTS, ed[ED_CONTROL] & 0x7f);
  UsbResult result;

  if (!read_words (ohci, address, td, 4))
    return FALSE;
  packet.size = MIN (length_of (td), MAX_TRANSFER);
  packet.token = token_of (ed, td);
  if (packet.token != USB_IN)
    move_data (ohci, td, data, packet.size, FALSE);
  result = usb != NULL ? usb_packet (usb, &packet) : USB_NO_ANSWER;
  *bytes += packet.done + 64;
  switch (result)
    {
    case USB_NAK:
      return FALSE;
    case USB_ACK:
      break;
    default:
      retire (ohci, ed, address, td, result == USB_STALL ? CC_STALL : result == USB_BABBLE ? CC_OVERRUN : CC_NO_ANSWER);
      return FALSE;
    }
  if (packet.token == USB_IN)
    move_data (ohci, td, data, packet.done, TRUE);
  moved (ed, td, packet.done, packet.size);
  if (packet.token == USB_OUT && packet.done < packet.size)
    {
      write_words (ohci, address, td, 4);
      return packet.done > 0;
    }
  retire (ohci, ed, address, td,
          packet.token == USB_IN && packet.done < packet.size && !(td[TD_CONTROL] & TD_ROUNDING) ? CC_UNDERRUN : CC_NO_ERROR);
  return TRUE;
}

/* Returns whether some endpoint had something to do. */
static gboolean
walk_list (Ohci *ohci, guint32 address, guint *bytes)
{
  gboolean found = FALSE;

  for (guint i = 0; i < LIST_EDS && address != 0 && *bytes < FRAME_BYTES; i++)
    {
      guint32 ed[4];

      if (!read_words (ohci, address & ADDRESS, ed, 4))
        break;
      for (guint n = 0; n < ED_TDS && *bytes < FRAME_BYTES; n++)
        {
          guint32 before = ed[ED_HEAD];
          gboolean goes_on;

          if ((ed[ED_CONTROL] & (ED_SKIP | ED_ISOCHRONOUS)) || (ed[ED_HEAD] & HEAD_HALTED) ||
              ((ed[ED_HEAD] ^ ed[ED_TAIL]) & ADDRESS) == 0)
            break;
          found = TRUE;
          goes_on = do_td (ohci, ed, bytes);
          if (ed[ED_HEAD] != before)
            write_words (ohci, (address & ADDRESS) + ED_HEAD * 4, &ed[ED_HEAD], 1);
          if (!goes_on)
            break;
        }
      address = ed[ED_NEXT] & ADDRESS;
    }
  return found;
}

static void
walk_lists (Ohci *ohci)
{
  OhciState *s = &ohci->s;
  guint32 head;
  guint bytes = 0;

  if ((s->control & CONTROL_PLE) && read_words (ohci, s->hcca + (s->number & 31) * 4, &head, 1))
    walk_list (ohci, head & ADDRESS, &bytes);
  if ((s->control & CONTROL_CLE) && (s->command & COMMAND_CLF) && !walk_list (ohci, s->control_head, &bytes))
    s->command &= ~(guint32) COMMAND_CLF;
  if ((s->control & CONTROL_BLE) && (s->command & COMMAND_BLF) && !walk_list (ohci, s->bulk_head, &bytes))
    s->command &= ~(guint32) COMMAND_BLF;
}

static void
tell_done (Ohci *ohci)
{
  OhciState *s = &ohci->s;
  guint32 head = s->done_head;

  if (s->done_delay != 0 && s->done_delay != NO_DELAY)
    s->done_delay--;
  if (s->done_delay != 0 || (s->status & INTERRUPT_WDH))
    return;
  if (s->status & s->enable & ~INTERRUPT_MIE)
    head |= 1;
  write_words (ohci, s->hcca + 0x84, &head, 1);
  s->done_head = 0;
  s->done_delay = NO_DELAY;
  s->status |= INTERRUPT_WDH;
}

static void
frame_expired (gpointer owner)
{
  Ohci *ohci = owner;
  OhciState *s = &ohci->s;
  guint64 next_ns = astern_clock_now_ns (ohci->parent.parent.clock) + FRAME_NS;
  guint32 before = s->number;

  if ((s->control & CONTROL_HCFS) != HCFS_OPERATIONAL)
    return;
  if (!astern_pci_dma_read (&ohci->parent.parent, s->hcca, &(guint32) { 0 }, 4))
    {
      guest_error (ohci, "it is operational and no bus master");
      s->control = (s->control & ~(guint32) CONTROL_HCFS) | HCFS_RESET;
      raise_interrupt (ohci, INTERRUPT_UE);
      return;
    }
  s->number = (s->number + 1) & 0xffff;
  write_words (ohci, s->hcca + 0x80, &s->number, 1);
  if ((before ^ s->number) & 0x8000)
    s->status |= INTERRUPT_FNO;
  walk_lists (ohci);
  tell_done (ohci);
  s->status |= INTERRUPT_SF;
  astern_timer_set (&ohci->frame, next_ns);
  update_irq (ohci);
}

/* ---- registers ---- */

static void
reset_controller (Ohci *ohci, guint32 state)
{
  OhciState *s = &ohci->s;

  astern_timer_cancel (&ohci->frame);
  s->control = state;
  s->command = s->status = s->enable = s->hcca = s->period_current = s->control_head = s->control_current = 0;
  s->bulk_head = s->bulk_current = s->done_head = s->number = s->periodic_start = 0;
  s->interval = 0x27782edf;
  s->ls_threshold = 0x628;
  s->done_delay = NO_DELAY;
  s->rh_a = OHCI_N_PORTS | 1 << 9 | 1 << 24;    /* always powered, good after 2 ms */
  s->rh_b = s->rh_status = 0;
}

static void
reset_ports (Ohci *ohci)
{
  for (guint i = 0; i < OHCI_N_PORTS; i++)
    {
      ohci->s.ports[i] = PORT_PPS;
      port_changed (&ohci->ports[i]);
    }
}

static void
control_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ohci *ohci = (Ohci *) device;
  OhciState *s = &ohci->s;
  guint32 state = s->control & CONTROL_HCFS;

  if (state == HCFS_OPERATIONAL && s->frame_ns == ASTERN_CLOCK_NEVER)
    astern_timer_set (&ohci->frame, astern_clock_now_ns (device->clock) + FRAME_NS);
  else if (state != HCFS_OPERATIONAL)
    astern_timer_cancel (&ohci->frame);
  if (state == HCFS_RESET)
    for (guint i = 0; i < OHCI_N_PORTS; i++)
      s->ports[i] &= ~(guint32) PORT_PES;
}

static void
command_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ohci *ohci = (Ohci *) device;

  if (value & COMMAND_HCR)
    {
      reset_controller (ohci, HCFS_SUSPEND);
      update_irq (ohci);
    }
  else
    ohci->s.command |= (guint32) value & (COMMAND_CLF | COMMAND_BLF | COMMAND_OCR);
}

static void
status_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ohci *ohci = (Ohci *) device;

  ohci->s.status &= ~(guint32) value;
  update_irq (ohci);
}

static void
enable_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ohci *ohci = (Ohci *) device;

  if (offset == OHCI_INTERRUPT_ENABLE)
    ohci->s.enable |= (guint32) value & INTERRUPT_ALL;
  else
    ohci->s.enable &= ~(guint32) value;
  update_irq (ohci);
}

static guint64
enable_value (gconstpointer state, guint32 offset)
{
  return ((const OhciState *) state)->enable;
}

/* Bit times that are left of the frame. */
static guint64
remaining_value (gconstpointer state, guint32 offset)
{
  const OhciState *s = state;
  const Ohci *ohci = (const Ohci *) ((const guint8 *) state - G_STRUCT_OFFSET (Ohci, s));
  guint64 now_ns = astern_clock_now_ns (ohci->parent.parent.clock), left_ns;

  if ((s->control & CONTROL_HCFS) != HCFS_OPERATIONAL || s->frame_ns <= now_ns)
    return s->interval & 0x80000000u;
  left_ns = MIN (s->frame_ns - now_ns, FRAME_NS);
  return (s->interval & 0x80000000u) | (guint32) (left_ns * (FRAME_BITS - 1) / FRAME_NS);
}

static guint64
revision_value (gconstpointer state, guint32 offset)
{
  return 0x10;
}

#define AT(member) G_STRUCT_OFFSET (OhciState, member)
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define RW         ASTERN_REG_RW
#define NONE       ASTERN_NO_BACKING

static const AsternRegField control_bits[] = {
  { 0, 2, "CBSR" }, { 2, 1, "PLE" }, { 3, 1, "IE" }, { 4, 1, "CLE" }, { 5, 1, "BLE" }, { 6, 2, "HCFS" }, { 8, 1, "IR" }, { 9, 1, "RWC" },
  { 10, 1, "RWE" }, { 0, 0, NULL },
};
static const AsternRegField interrupt_bits[] = {
  { 0, 1, "SO" }, { 1, 1, "WDH" }, { 2, 1, "SF" }, { 3, 1, "RD" }, { 4, 1, "UE" }, { 5, 1, "FNO" }, { 6, 1, "RHSC" }, { 31, 1, "MIE" },
  { 0, 0, NULL },
};
static const AsternRegField port_bits[] = {
  { 0, 1, "CCS" }, { 1, 1, "PES" }, { 2, 1, "PSS" }, { 4, 1, "PRS" }, { 8, 1, "PPS" }, { 9, 1, "LSDA" }, { 16, 1, "CSC" },
  { 17, 1, "PESC" }, { 18, 1, "PSSC" }, { 20, 1, "PRSC" }, { 0, 0, NULL },
};

static const AsternReg regs[] = {
/*  offset                   bank access width name                  backing               reset       writable    value            did_read did_write          count         bits */
  { OHCI_REVISION,           ANY, R,     4,    "HcRevision",         NONE,                 0,          0,          revision_value,  NULL,    NULL,              0,            NULL },
  { OHCI_CONTROL,            ANY, RW,    4,    "HcControl",          AT (control),         0,          0x7ff,      NULL,            NULL,    control_did_write, 0,            control_bits },
  { OHCI_COMMAND_STATUS,     ANY, RW,    4,    "HcCommandStatus",    AT (command),         0,          0,          NULL,            NULL,    command_did_write, 0,            NULL },
  { OHCI_INTERRUPT_STATUS,   ANY, RW,    4,    "HcInterruptStatus",  AT (status),          0,          0,          NULL,            NULL,    status_did_write,  0,            interrupt_bits },
  { OHCI_INTERRUPT_ENABLE,   ANY, RW,    4,    "HcInterruptEnable",  NONE,                 0,          0,          enable_value,    NULL,    enable_did_write,  0,            interrupt_bits },
  { OHCI_INTERRUPT_DISABLE,  ANY, RW,    4,    "HcInterruptDisable", NONE,                 0,          0,          enable_value,    NULL,    enable_did_write,  0,            interrupt_bits },
  { OHCI_HCCA,               ANY, RW,    4,    "HcHCCA",             AT (hcca),            0,          0xffffff00, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_PERIOD_CURRENT_ED,  ANY, R,     4,    "HcPeriodCurrentED",  AT (period_current),  0,          0,          NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_CONTROL_HEAD_ED,    ANY, RW,    4,    "HcControlHeadED",    AT (control_head),    0,          0xfffffff0, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_CONTROL_CURRENT_ED, ANY, RW,    4,    "HcControlCurrentED", AT (control_current), 0,          0xfffffff0, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_BULK_HEAD_ED,       ANY, RW,    4,    "HcBulkHeadED",       AT (bulk_head),       0,          0xfffffff0, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_BULK_CURRENT_ED,    ANY, RW,    4,    "HcBulkCurrentED",    AT (bulk_current),    0,          0xfffffff0, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_DONE_HEAD,          ANY, R,     4,    "HcDoneHead",         AT (done_head),       0,          0,          NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_FM_INTERVAL,        ANY, RW,    4,    "HcFmInterval",       AT (interval),        0x27782edf, 0xffff3fff, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_FM_REMAINING,       ANY, R,     4,    "HcFmRemaining",      NONE,                 0,          0,          remaining_value, NULL,    NULL,              0,            NULL },
  { OHCI_FM_NUMBER,          ANY, R,     4,    "HcFmNumber",         AT (number),          0,          0,          NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_PERIODIC_START,     ANY, RW,    4,    "HcPeriodicStart",    AT (periodic_start),  0,          0x3fff,     NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_LS_THRESHOLD,       ANY, RW,    4,    "HcLSThreshold",      AT (ls_threshold),    0x628,      0xfff,      NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_RH_DESCRIPTOR_A,    ANY, RW,    4,    "HcRhDescriptorA",    AT (rh_a),            0,          0xff001b00, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_RH_DESCRIPTOR_B,    ANY, RW,    4,    "HcRhDescriptorB",    AT (rh_b),            0,          0xffffffff, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_RH_STATUS,          ANY, RW,    4,    "HcRhStatus",         AT (rh_status),       0,          0x00008000, NULL,            NULL,    NULL,              0,            NULL },
  { OHCI_RH_PORT_STATUS,     ANY, RW,    4,    "HcRhPortStatus",     AT (ports),           0,          0,          NULL,            NULL,    port_did_write,    OHCI_N_PORTS, port_bits },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = 0x100, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

/* ---- the device ---- */

static const AsternPciInfo info = {
  .vendor = 0x106b, .device = 0x003f, .class_code = 0x0c0310, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | 0x400,
};

static void
ohci_init (AsternDevice *device)
{
  Ohci *ohci = (Ohci *) device;

  astern_pci_init (device, &info);
  astern_pci_set_bar (device, OHCI_BAR, ASTERN_PCI_BAR_MEMORY, 0x100, OHCI_WINDOW, NULL);
  astern_timer_init (&ohci->frame, device->clock, "ohci-frame", &ohci->s.frame_ns, frame_expired, ohci);
  for (guint i = 0; i < OHCI_N_PORTS; i++)
    ohci->ports[i] = (UsbPort) { .owner = ohci, .ops = &port_ops, .number = i,
                                 .speeds = USB_SPEED_BIT (USB_LOW) | USB_SPEED_BIT (USB_FULL) };
}

static void
ohci_reset (AsternDevice *device)
{
  Ohci *ohci = (Ohci *) device;

  astern_pci_reset (device);
  reset_controller (ohci, HCFS_RESET);
  reset_ports (ohci);
  update_irq (ohci);
}

static void
ohci_restored (AsternDevice *device)
{
  Ohci *ohci = (Ohci *) device;

  astern_pci_restored (device);
  ohci->s.done_delay = MIN (ohci->s.done_delay, NO_DELAY);
  update_irq (ohci);
}

#define F(member) ASTERN_FIELD (OhciState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (OhciState, 1), F (frame_ns), F (control), F (command), F (status), F (enable), F (hcca), F (period_current),
  F (control_head), F (control_current), F (bulk_head), F (bulk_current), F (done_head), F (interval), F (number),
  F (periodic_start), F (ls_threshold), F (rh_a), F (rh_b), F (rh_status), ASTERN_FIELD_ARRAY (OhciState, ports, 1),
  F (done_delay), ASTERN_FIELD_BYTES (OhciState, reserved, 1),
};

const AsternDeviceClass ohci_class = {
  .name = "pci-ohci", .summary = "USB 1.1 controller (OHCI)", .state_version = 1,
  .instance_size = sizeof (Ohci),
  .state_offset = G_STRUCT_OFFSET (Ohci, s), .state_size = sizeof (OhciState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = ohci_init, .reset = ohci_reset, .restored = ohci_restored,
};

UsbPort *
ohci_ports (AsternDevice *device)
{
  return ((Ohci *) device)->ports;
}

/* ---- the card ---- */

static const AsternProperty properties[] = { { .name = NULL } };

static gboolean
ohci_plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return usb_plug (((Ohci *) device)->ports, OHCI_N_PORTS, child, astern_settings_text (settings, "port"), error);
}

const AsternCard ohci_card = {
  .name = "pci-ohci", .summary = N_("USB 1.1 controller (OHCI)"), .klass = &ohci_class, .kind = ASTERN_CARD_USB,
  .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_USB, .properties = properties, .plug = ohci_plug,
};
