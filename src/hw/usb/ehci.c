/* ehci.c - Enhanced Host Controller Interface.
 * Source: Intel, Enhanced Host Controller Interface Specification for Universal Serial Bus 1.0.
 * Left out: isochronous transfers (iTD, siTD, FSTN are passed over), split transactions, 64-bit addresses, light
 * reset, port power switching, test modes, the interrupt threshold, the extended capabilities. */
#include "config.h"

#include "hw/usb/ehci.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define FRAME_NS        1000000
#define MICROFRAME_NS   125000
#define QUIET_FRAMES    8            /* in vain, until the schedule is walked once a frame only */
#define WALK_QUEUES     256          /* queue heads that are looked at in one walk */
#define WALK_BYTES      (128 << 10)
#define TRANSFERS       32           /* descriptors of one queue in one walk */
#define MAX_TRANSFER    (5 * 4096)

enum { CMD_RUN = 1 << 0, CMD_RESET = 1 << 1, CMD_LIST_SIZE = 3 << 2, CMD_PERIODIC = 1 << 4, CMD_ASYNC = 1 << 5, CMD_DOORBELL = 1 << 6 };
enum { STS_INT = 1 << 0, STS_ERROR = 1 << 1, STS_PORT = 1 << 2, STS_ROLLOVER = 1 << 3, STS_HOST_ERROR = 1 << 4, STS_ADVANCE = 1 << 5,
       STS_HALTED = 1 << 12, STS_RECLAMATION = 1 << 13, STS_PERIODIC = 1 << 14, STS_ASYNC = 1 << 15, STS_IRQS = 0x3f };
enum { PORT_CCS = 1 << 0, PORT_CSC = 1 << 1, PORT_PED = 1 << 2, PORT_PEDC = 1 << 3, PORT_OCC = 1 << 5, PORT_RESUME = 1 << 6,
       PORT_SUSPEND = 1 << 7, PORT_RESET = 1 << 8, PORT_POWER = 1 << 12, PORT_OWNER = 1 << 13 };
enum { LINK_END = 1 << 0, LINK_QUEUE = 1, LINK_ADDRESS = ~31 };

/* A queue head's words; from NEXT on a copy of the transfer descriptor that is under way. */
enum { QH_LINK, QH_ENDPOINT, QH_CAPS, QH_CURRENT, QH_NEXT, QH_ALTERNATE, QH_TOKEN, QH_BUFFERS, QH_WORDS = 12 };
enum { QTD_NEXT, QTD_ALTERNATE, QTD_TOKEN, QTD_BUFFERS, QTD_WORDS = 8 };
enum { TOKEN_ERROR = 1 << 3, TOKEN_BABBLE = 1 << 4, TOKEN_HALTED = 1 << 6, TOKEN_ACTIVE = 1 << 7, TOKEN_COUNT = 3 << 10,
       TOKEN_IOC = 1 << 15, TOKEN_BYTES = 0x7fff << 16 };
#define TOKEN_TOGGLE 0x80000000u

typedef struct
{
  AsternPciState pci;
  guint64 walk_ns;                   /* deadline: the schedules are walked */
  guint32 cmd, sts, intr, frindex, segment, periodic, async, configflag;
  guint32 portsc[EHCI_N_PORTS];
  guint32 microframes;               /* walked since the controller ran */
  guint32 quiet;                     /* walks in vain, one after the other */
} EhciState;

typedef struct
{
  AsternPciFunction parent;
  EhciState   s;
  AsternTimer walk;
  UsbPort     ports[EHCI_N_PORTS];
} Ehci;

static void
update_irq (Ehci *ehci)
{
  astern_pci_interrupt (&ehci->parent.parent, (ehci->s.sts & ehci->s.intr & STS_IRQS) != 0);
}

static void
guest_error (Ehci *ehci, const char *what)
{
  AsternDevice *device = &ehci->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* ---- ports ---- */

static void
port_changed (UsbPort *port)
{
  Ehci *ehci = port->owner;
  guint32 *portsc = &ehci->s.portsc[port->number], was = *portsc;

  *portsc &= ~(guint32) PORT_CCS;
  if (usb_port_device (port) != NULL)
    *portsc |= PORT_CCS;
  else if (was & PORT_PED)
    *portsc = (*portsc & ~(guint32) PORT_PED) | PORT_PEDC;
  if ((was ^ *portsc) & PORT_CCS)
    {
      *portsc |= PORT_CSC;
      ehci->s.sts |= STS_PORT;
    }
  update_irq (ehci);
}

static gboolean
port_enabled (UsbPort *port)
{
  return (((Ehci *) port->owner)->s.portsc[port->number] & PORT_PED) != 0;
}

/* Something can be done: it is looked for at the next micro-frame. */
static void
hurry (Ehci *ehci)
{
  EhciState *s = &ehci->s;
  guint64 next_ns = astern_clock_now_ns (ehci->parent.parent.clock) + MICROFRAME_NS;

  s->quiet = 0;
  if (s->walk_ns != ASTERN_CLOCK_NEVER && s->walk_ns > next_ns)
    astern_timer_set (&ehci->walk, next_ns);
}

static void
port_wake (UsbPort *port, UsbDevice *usb, guint8 address)
{
  hurry (port->owner);
}

static const UsbPortOps port_ops = { .changed = port_changed, .wake = port_wake, .enabled = port_enabled };

/* Who has the socket follows from OWNER; both ends see a device come or go. */
static void
route_port (Ehci *ehci, guint n, gboolean tell)
{
  UsbPort *port = &ehci->ports[n];
  gboolean released = port->companion != NULL && (ehci->s.portsc[n] & PORT_OWNER);

  if (port->released == released)
    return;
  port->released = released;
  if (tell)
    {
      port_changed (port);
      port->companion->ops->changed (port->companion);
    }
}

static guint64
portsc_value (gconstpointer state, guint32 offset)
{
  const EhciState *s = state;
  const Ehci *ehci = (const Ehci *) ((const guint8 *) state - G_STRUCT_OFFSET (Ehci, s));
  guint n = (offset - EHCI_PORTSC) / 4;
  guint32 value = s->portsc[n] | PORT_POWER;
  UsbPort *port = (UsbPort *) &ehci->ports[n];

  /* A high-speed device shows J (10b), as one of full speed does until it was reset; a slow one K. */
  if (value & PORT_CCS)
    value |= usb_port_speed (port) == USB_LOW ? 1 << 10 : 2 << 10;
  return value;
}

/* The end of a reset: enabled, when it is a device of high speed. */
static void
port_was_reset (Ehci *ehci, guint n)
{
  UsbPort *port = &ehci->ports[n];
  UsbDevice *usb = usb_port_device (port);

  if (usb == NULL)
    return;
  usb_bus_reset (usb, usb_port_speed (port));
  if (usb_port_speed (port) == USB_HIGH)
    ehci->s.portsc[n] |= PORT_PED;
}

static void
portsc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ehci *ehci = (Ehci *) device;
  guint n = (offset - EHCI_PORTSC) / 4;
  guint32 *portsc = &ehci->s.portsc[n], was = *portsc;
  guint32 taken = PORT_RESUME | PORT_SUSPEND | PORT_RESET | 0x00700000 | 0x000f0000;
  gboolean can_release = ehci->ports[n].companion != NULL;

  *portsc = (was & ~taken) | ((guint32) value & taken);
  *portsc &= ~((guint32) value & (PORT_CSC | PORT_PEDC | PORT_OCC));
  if (!(value & PORT_PED))
    *portsc &= ~(guint32) PORT_PED;
  if ((*portsc & PORT_RESET) && !(was & PORT_RESET))
    *portsc &= ~(guint32) PORT_PED;
  else if (!(*portsc & PORT_RESET) && (was & PORT_RESET))
    port_was_reset (ehci, n);
  if ((was & PORT_RESUME) && !(value & PORT_RESUME))
    *portsc &= ~(guint32) PORT_SUSPEND;
  if (can_release && ehci->s.configflag)
    {
      *portsc = (*portsc & ~(guint32) PORT_OWNER) | ((guint32) value & PORT_OWNER);
      route_port (ehci, n, TRUE);
    }
}

/* ---- memory ---- */

static gboolean
read_words (Ehci *ehci, guint32 address, guint32 *words, guint n)
{
  if (!astern_pci_dma_read (&ehci->parent.parent, address, words, n * 4))
    return FALSE;
  for (guint i = 0; i < n; i++)
    words[i] = GUINT32_FROM_LE (words[i]);
  return TRUE;
}

static void
write_words (Ehci *ehci, guint32 address, const guint32 *words, guint n)
{
  guint32 le[QH_WORDS];

  for (guint i = 0; i < n; i++)
    le[i] = GUINT32_TO_LE (words[i]);
  astern_pci_dma_write (&ehci->parent.parent, address, le, n * 4);
}

/* Moves @size bytes between @data and the five pages that @buffers name; the first has the offset. */
static void
move_data (Ehci *ehci, const guint32 *buffers, guint8 *data, guint size, gboolean to_memory)
{
  guint offset = buffers[0] & 0xfff;

  for (guint page = 0; page < 5 && size > 0; page++)
    {
      guint32 address = (buffers[page] & ~0xfffu) + offset;
      guint n = MIN (size, 4096 - offset);

      if (to_memory)
        astern_pci_dma_write (&ehci->parent.parent, address, data, n);
      else
        astern_pci_dma_read (&ehci->parent.parent, address, data, n);
      data += n;
      size -= n;
      offset = 0;
    }
}

/* The position in the pages goes on by @n bytes: the first word has a page's number in its place and the offset. */
static void
advance_buffers (guint32 *qh, guint n)
{
  guint32 *buffers = &qh[QH_BUFFERS];
  guint page = qh[QH_TOKEN] >> 12 & 7, offset = (buffers[0] & 0xfff) + n;

  page += offset >> 12;
  buffers[0] = (buffers[0] & ~0xfffu) | (offset & 0xfff);
  qh[QH_TOKEN] = (qh[QH_TOKEN] & ~(guint32) (7 << 12)) | MIN (page, 7) << 12;
}

/* ---- queues ---- */

typedef enum { QUEUE_WAITS, QUEUE_WENT_ON } QueueOutcome;

static void
halt_queue (Ehci *ehci, guint32 *qh, guint32 bits)
{
  qh[QH_TOKEN] = (qh[QH_TOKEN] & ~(guint32) TOKEN_ACTIVE) | TOKEN_HALTED | bits;
  ehci->s.sts |= STS_ERROR;
}

/* The bytes of the transfer that the controller's page number leaves room for. */
static guint
transfer_size (const guint32 *qh, guint32 buffers[5])
{
  guint page = MIN (qh[QH_TOKEN] >> 12 & 7, 5), offset = qh[QH_BUFFERS] & 0xfff;

  for (guint i = 0; i < 5; i++)
    buffers[i] = page + i < 5 ? qh[QH_BUFFERS + page + i] & ~0xfffu : 0;
  buffers[0] |= offset;
  return page >= 5 ? 0 : MIN ((qh[QH_TOKEN] & TOKEN_BYTES) >> 16, (5 - page) * 4096 - offset);
}

/* Moves what is under way in a queue; @bytes: counted. */
static QueueOutcome
transfer (Ehci *ehci, guint32 *qh, guint *bytes)
{
  static const guint8 tokens[4] = { USB_OUT, USB_IN, USB_SETUP, USB_OUT };
  guint8 data[MAX_TRANSFER];
  guint32 buffers[5], left = (qh[QH_TOKEN] & TOKEN_BYTES) >> 16;
  guint largest = MAX (qh[QH_ENDPOINT] >> 16 & 0x7ff, 1), n_packets;
  UsbPacket packet = { .token = tokens[qh[QH_TOKEN] >> 8 & 3], .endpoint = qh[QH_ENDPOINT] >> 8 & 15, .data = data };
  UsbDevice *usb = usb_find (ehci->ports, EHCI_N_PORTS, qh[QH_ENDPOINT] & 0x7f);
  UsbResult result;

  packet.size = transfer_size (qh, buffers);
  if (packet.size < left)
    {
      guest_error (ehci, "a transfer is longer than its pages");
      halt_queue (ehci, qh, TOKEN_ERROR);
      return QUEUE_WENT_ON;
    }
  if (packet.token != USB_IN)
    move_data (ehci, buffers, data, packet.size, FALSE);
  result = usb != NULL ? usb_packet (usb, &packet) : USB_NO_ANSWER;
  *bytes += packet.done;
  switch (result)
    {
    case USB_NAK:
      return QUEUE_WAITS;
    case USB_ACK:
      break;
    case USB_STALL:
      halt_queue (ehci, qh, 0);
      return QUEUE_WENT_ON;
    case USB_BABBLE:
      halt_queue (ehci, qh, TOKEN_BABBLE);
      return QUEUE_WENT_ON;
    default:
      qh[QH_TOKEN] &= ~(guint32) TOKEN_COUNT;
      halt_queue (ehci, qh, TOKEN_ERROR);
      return QUEUE_WENT_ON;
    }
  if (packet.token == USB_IN)
    move_data (ehci, buffers, data, packet.done, TRUE);
  n_packets = MAX ((packet.done + largest - 1) / largest, 1);
  if (n_packets & 1)
    qh[QH_TOKEN] ^= TOKEN_TOGGLE;
  advance_buffers (qh, packet.done);
  left -= MIN (packet.done, left);
  qh[QH_TOKEN] = (qh[QH_TOKEN] & ~(guint32) TOKEN_BYTES) | left << 16;
  /* A short packet ends it, and so does the last byte. */
  if (left == 0 || packet.token == USB_IN)
    qh[QH_TOKEN] &= ~(guint32) TOKEN_ACTIVE;
  return QUEUE_WENT_ON;
}

/* Takes the next transfer descriptor into the queue head; FALSE: there is none. */
static gboolean
fetch (Ehci *ehci, guint32 *qh)
{
  guint32 left = (qh[QH_TOKEN] & TOKEN_BYTES) >> 16, next = qh[QH_NEXT], qtd[QTD_WORDS], toggle = qh[QH_TOKEN] & TOKEN_TOGGLE;

  if (left != 0 && !(qh[QH_ALTERNATE] & LINK_END))
    next = qh[QH_ALTERNATE];
  if (next & LINK_END)
    return FALSE;
  if (!read_words (ehci, next & LINK_ADDRESS, qtd, QTD_WORDS) || !(qtd[QTD_TOKEN] & TOKEN_ACTIVE))
    return FALSE;
  qh[QH_CURRENT] = next & LINK_ADDRESS;
  memcpy (&qh[QH_NEXT], qtd, sizeof qtd);
  if (!(qh[QH_ENDPOINT] & 1 << 14))             /* the toggle is the queue's, not the descriptor's */
    qh[QH_TOKEN] = (qh[QH_TOKEN] & ~TOKEN_TOGGLE) | toggle;
  return TRUE;
}

static void
write_back (Ehci *ehci, guint32 address, const guint32 *qh)
{
  write_words (ehci, address + QH_CURRENT * 4, &qh[QH_CURRENT], QH_WORDS - QH_CURRENT);
  if (qh[QH_TOKEN] & TOKEN_ACTIVE)
    return;
  write_words (ehci, (qh[QH_CURRENT] & LINK_ADDRESS) + QTD_TOKEN * 4, &qh[QH_TOKEN], 1);
  if (qh[QH_TOKEN] & TOKEN_IOC)
    ehci->s.sts |= STS_INT;
}

/* As much of a queue as can be done now; @qh was read from @address. */
static gboolean
do_queue (Ehci *ehci, guint32 address, guint32 *qh, guint *bytes)
{
  gboolean progress = FALSE;

  for (guint i = 0; i < TRANSFERS && *bytes < WALK_BYTES; i++)
    {
      if (!(qh[QH_TOKEN] & TOKEN_ACTIVE))
        {
          if ((qh[QH_TOKEN] & TOKEN_HALTED) || !fetch (ehci, qh))
            return progress;
          write_words (ehci, address + QH_CURRENT * 4, &qh[QH_CURRENT], QH_WORDS - QH_CURRENT);
        }
      if (transfer (ehci, qh, bytes) == QUEUE_WAITS)
        return progress;
      progress = TRUE;
      write_back (ehci, address, qh);
      if ((qh[QH_TOKEN] & (TOKEN_ACTIVE | TOKEN_HALTED)) != 0)
        return progress;
    }
  return progress;
}

/* ---- the schedules ---- */

static gboolean
walk_async (Ehci *ehci)
{
  guint32 link = ehci->s.async, first = link & LINK_ADDRESS, qh[QH_WORDS];
  gboolean progress = FALSE;
  guint bytes = 0;

  for (guint i = 0; i < WALK_QUEUES && !(link & LINK_END && i > 0); i++)
    {
      if (!read_words (ehci, link & LINK_ADDRESS, qh, QH_WORDS))
        break;
      progress |= do_queue (ehci, link & LINK_ADDRESS, qh, &bytes);
      ehci->s.async = link & LINK_ADDRESS;
      link = qh[QH_LINK];
      if ((link & LINK_ADDRESS) == first)
        break;
    }
  ehci->s.async = first;
  return progress;
}

/* One frame's list, queue heads for interrupt endpoints.  Its micro-frames are one to us. */
static gboolean
walk_periodic (Ehci *ehci)
{
  static const guint sizes[4] = { 1024, 512, 256, 1024 };
  EhciState *s = &ehci->s;
  guint32 frame = s->frindex >> 3 & (sizes[s->cmd >> 2 & 3] - 1), link, qh[QH_WORDS];
  gboolean progress = FALSE;
  guint bytes = 0;

  if (!read_words (ehci, (s->periodic & ~0xfffu) + frame * 4, &link, 1))
    return FALSE;
  for (guint i = 0; i < WALK_QUEUES && !(link & LINK_END); i++)
    {
      if (!read_words (ehci, link & LINK_ADDRESS, qh, QH_WORDS))
        break;
      if ((link >> 1 & 3) == LINK_QUEUE && (qh[QH_CAPS] & 0xff) != 0)
        progress |= do_queue (ehci, link & LINK_ADDRESS, qh, &bytes);
      link = qh[QH_LINK];
    }
  return progress;
}

static void
count_microframes (Ehci *ehci, guint n)
{
  EhciState *s = &ehci->s;
  guint32 before = s->frindex;

  s->frindex = (before + n) & 0x3fff;
  if ((before ^ s->frindex) & 0x2000)
    s->sts |= STS_ROLLOVER;
}

static gboolean
walks (const EhciState *s)
{
  return (s->cmd & CMD_RUN) && (s->cmd & (CMD_PERIODIC | CMD_ASYNC));
}

static void
set_timer (Ehci *ehci)
{
  EhciState *s = &ehci->s;
  guint64 step = !walks (s) || s->quiet >= QUIET_FRAMES ? FRAME_NS : MICROFRAME_NS;

  if (s->cmd & CMD_RUN)
    astern_timer_set (&ehci->walk, astern_clock_now_ns (ehci->parent.parent.clock) + step);
  else
    astern_timer_cancel (&ehci->walk);
}

/* FRINDEX as of now: micro-frames pass when nothing is walked, too. */
static void
walk_expired (gpointer owner)
{
  Ehci *ehci = owner;
  EhciState *s = &ehci->s;
  gboolean progress = FALSE;
  guint32 frame = s->frindex >> 3;

  if (!(s->cmd & CMD_RUN))
    return;
  count_microframes (ehci, !walks (s) || s->quiet >= QUIET_FRAMES ? 8 : 1);
  if (s->cmd & CMD_ASYNC)
    progress |= walk_async (ehci);
  if ((s->cmd & CMD_PERIODIC) && frame != s->frindex >> 3)
    progress |= walk_periodic (ehci);
  s->quiet = progress ? 0 : MIN (s->quiet + 1, QUIET_FRAMES);
  if (s->cmd & CMD_DOORBELL)
    {
      s->cmd &= ~(guint32) CMD_DOORBELL;
      s->sts |= STS_ADVANCE;
    }
  set_timer (ehci);
  update_irq (ehci);
}

/* ---- registers ---- */

static void
show_schedules (EhciState *s)
{
  s->sts &= ~(guint32) (STS_HALTED | STS_PERIODIC | STS_ASYNC);
  if (!(s->cmd & CMD_RUN))
    s->sts |= STS_HALTED;
  else
    s->sts |= (s->cmd & CMD_PERIODIC ? STS_PERIODIC : 0) | (s->cmd & CMD_ASYNC ? STS_ASYNC : 0);
}

static void
reset_controller (Ehci *ehci)
{
  EhciState *s = &ehci->s;

  s->cmd = 0x00080000;          /* an interrupt every eight micro-frames */
  s->sts = STS_HALTED;
  s->intr = s->frindex = s->segment = s->periodic = s->async = s->configflag = s->microframes = s->quiet = 0;
  astern_timer_cancel (&ehci->walk);
  for (guint i = 0; i < EHCI_N_PORTS; i++)
    {
      s->portsc[i] = ehci->ports[i].companion != NULL ? PORT_OWNER : 0;
      route_port (ehci, i, TRUE);
      port_changed (&ehci->ports[i]);
    }
  update_irq (ehci);
}

static void
cmd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ehci *ehci = (Ehci *) device;
  EhciState *s = &ehci->s;

  if (value & CMD_RESET)
    {
      reset_controller (ehci);
      return;
    }
  show_schedules (s);
  if (!(s->cmd & CMD_RUN))
    {
      if (s->cmd & CMD_DOORBELL)
        s->cmd &= ~(guint32) CMD_DOORBELL;
      astern_timer_cancel (&ehci->walk);
    }
  else if (s->walk_ns == ASTERN_CLOCK_NEVER)
    set_timer (ehci);
  else
    hurry (ehci);
  update_irq (ehci);
}

static void
sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ehci *ehci = (Ehci *) device;

  ehci->s.sts &= ~((guint32) value & STS_IRQS);
  update_irq (ehci);
}

static void
intr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update_irq ((Ehci *) device);
}

/* All ports are this controller's now, or all their companions'. */
static void
configflag_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Ehci *ehci = (Ehci *) device;

  for (guint i = 0; i < EHCI_N_PORTS; i++)
    if (ehci->ports[i].companion != NULL)
      {
        guint32 *portsc = &ehci->s.portsc[i];

        *portsc = ehci->s.configflag ? *portsc & ~(guint32) PORT_OWNER : *portsc | PORT_OWNER;
        route_port (ehci, i, TRUE);
      }
}

static guint64
structural_value (gconstpointer state, guint32 offset)
{
  const Ehci *ehci = (const Ehci *) ((const guint8 *) state - G_STRUCT_OFFSET (Ehci, s));
  guint companions = 0;

  for (guint i = 0; i < EHCI_N_PORTS; i++)
    companions += ehci->ports[i].companion != NULL;
  return EHCI_N_PORTS | (companions > 0 ? 2 << 8 | (companions / 2) << 12 : 0);
}

static guint64
caplength_value (gconstpointer state, guint32 offset)
{
  return EHCI_OPERATIONAL | 0x0100 << 16;
}

static guint64
capability_value (gconstpointer state, guint32 offset)
{
  return 0x6;           /* list sizes can be chosen; a schedule can be parked */
}

#define AT(member) G_STRUCT_OFFSET (EhciState, member)
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define RW         ASTERN_REG_RW
#define NONE       ASTERN_NO_BACKING

static const AsternRegField cmd_bits[] = {
  { 0, 1, "RUN" }, { 1, 1, "RESET" }, { 2, 2, "LIST_SIZE" }, { 4, 1, "PERIODIC" }, { 5, 1, "ASYNC" }, { 6, 1, "DOORBELL" },
  { 16, 8, "THRESHOLD" }, { 0, 0, NULL },
};
static const AsternRegField sts_bits[] = {
  { 0, 1, "INT" }, { 1, 1, "ERROR" }, { 2, 1, "PORT" }, { 3, 1, "ROLLOVER" }, { 4, 1, "HOST_ERROR" }, { 5, 1, "ADVANCE" },
  { 12, 1, "HALTED" }, { 14, 1, "PERIODIC" }, { 15, 1, "ASYNC" }, { 0, 0, NULL },
};
static const AsternRegField portsc_bits[] = {
  { 0, 1, "CCS" }, { 1, 1, "CSC" }, { 2, 1, "PED" }, { 3, 1, "PEDC" }, { 6, 1, "RESUME" }, { 7, 1, "SUSPEND" }, { 8, 1, "RESET" },
  { 10, 2, "LINE" }, { 12, 1, "POWER" }, { 13, 1, "OWNER" }, { 0, 0, NULL },
};

static const AsternReg regs[] = {
/*  offset                 bank access width name                backing          reset       writable    value             did_read did_write             count         bits */
  { EHCI_CAPLENGTH,        ANY, R,     4,    "CAPLENGTH",        NONE,            0,          0,          caplength_value,  NULL,    NULL,                 0,            NULL },
  { EHCI_HCSPARAMS,        ANY, R,     4,    "HCSPARAMS",        NONE,            0,          0,          structural_value, NULL,    NULL,                 0,            NULL },
  { EHCI_HCCPARAMS,        ANY, R,     4,    "HCCPARAMS",        NONE,            0,          0,          capability_value, NULL,    NULL,                 0,            NULL },
  { EHCI_USBCMD,           ANY, RW,    4,    "USBCMD",           AT (cmd),        0x00080000, 0x00ff0b7d, NULL,             NULL,    cmd_did_write,        0,            cmd_bits },
  { EHCI_USBSTS,           ANY, RW,    4,    "USBSTS",           AT (sts),        0x1000,     0,          NULL,             NULL,    sts_did_write,        0,            sts_bits },
  { EHCI_USBINTR,          ANY, RW,    4,    "USBINTR",          AT (intr),       0,          0x3f,       NULL,             NULL,    intr_did_write,       0,            sts_bits },
  { EHCI_FRINDEX,          ANY, RW,    4,    "FRINDEX",          AT (frindex),    0,          0x3fff,     NULL,             NULL,    NULL,                 0,            NULL },
  { EHCI_CTRLDSSEGMENT,    ANY, RW,    4,    "CTRLDSSEGMENT",    AT (segment),    0,          0,          NULL,             NULL,    NULL,                 0,            NULL },
  { EHCI_PERIODICLISTBASE, ANY, RW,    4,    "PERIODICLISTBASE", AT (periodic),   0,          0xfffff000, NULL,             NULL,    NULL,                 0,            NULL },
  { EHCI_ASYNCLISTADDR,    ANY, RW,    4,    "ASYNCLISTADDR",    AT (async),      0,          0xffffffe0, NULL,             NULL,    NULL,                 0,            NULL },
  { EHCI_CONFIGFLAG,       ANY, RW,    4,    "CONFIGFLAG",       AT (configflag), 0,          1,          NULL,             NULL,    configflag_did_write, 0,            NULL },
  { EHCI_PORTSC,           ANY, RW,    4,    "PORTSC",           NONE,            0,          0,          portsc_value,     NULL,    portsc_did_write,     EHCI_N_PORTS, portsc_bits },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = 0x1000, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

/* ---- the device ---- */

#define INFO(its_device, pin)                                                                       \
  { .vendor = 0x8086, .device = its_device, .revision = 3, .class_code = 0x0c0320, .interrupt_pin = pin, .status = 0x0280, \
    .command_writable = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | 0x400 }

static const AsternPciInfo ich4_info = INFO (0x24cd, 4);
static const AsternPciInfo ich9_info = INFO (0x293a, 4);

static void
ehci_init (AsternDevice *device)
{
  Ehci *ehci = (Ehci *) device;

  astern_pci_init (device, device->klass == &ehci_ich9_class ? &ich9_info : &ich4_info);
  astern_pci_set_bar (device, EHCI_BAR, ASTERN_PCI_BAR_MEMORY, 0x1000, EHCI_WINDOW, NULL);
  astern_pci_set_reset (device, 0x60, 2, 0x2020);       /* USB release 2.0; FLADJ */
  ehci->parent.writable[0x61] = 0x3f;
  ehci->parent.writable[0x62] = 0xff;                   /* PORTWAKECAP */
  astern_timer_init (&ehci->walk, device->clock, "ehci-frame", &ehci->s.walk_ns, walk_expired, ehci);
  for (guint i = 0; i < EHCI_N_PORTS; i++)
    ehci->ports[i] = (UsbPort) { .owner = ehci, .ops = &port_ops, .number = i, .speeds = USB_SPEED_BIT (USB_HIGH) };
}

static void
ehci_reset (AsternDevice *device)
{
  astern_pci_reset (device);
  reset_controller ((Ehci *) device);
}

static void
ehci_restored (AsternDevice *device)
{
  Ehci *ehci = (Ehci *) device;

  astern_pci_restored (device);
  ehci->s.quiet = MIN (ehci->s.quiet, QUIET_FRAMES);
  for (guint i = 0; i < EHCI_N_PORTS; i++)
    route_port (ehci, i, FALSE);
  update_irq (ehci);
}

#define F(member) ASTERN_FIELD (EhciState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (EhciState, 1), F (walk_ns), F (cmd), F (sts), F (intr), F (frindex), F (segment), F (periodic), F (async),
  F (configflag), ASTERN_FIELD_ARRAY (EhciState, portsc, 1), F (microframes), F (quiet),
};

#define EHCI_CLASS(class_name, text)                                                                \
  {                                                                                                 \
    .name = class_name, .summary = text, .state_version = 1, .instance_size = sizeof (Ehci),        \
    .state_offset = G_STRUCT_OFFSET (Ehci, s), .state_size = sizeof (EhciState),                    \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                            \
    .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                        \
    .init = ehci_init, .reset = ehci_reset, .restored = ehci_restored,                              \
  }

const AsternDeviceClass ehci_class = EHCI_CLASS ("usb-ehci", "USB 2.0 controller (EHCI)");
const AsternDeviceClass ehci_ich9_class = EHCI_CLASS ("ich9-usb-ehci1", "ICH9 USB 2.0 controller (EHCI)");

UsbPort *
ehci_ports (AsternDevice *device)
{
  return ((Ehci *) device)->ports;
}

/* ---- the cards ---- */

gboolean
ehci_add_companion (AsternMachine *machine, UsbPort *ports, guint n_ports, guint64 first, GError **error)
{
  Ehci *ehci = NULL;

  for (guint i = 0; machine != NULL && i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      if (device->klass == &ehci_class || device->klass == &ehci_ich9_class)
        ehci = (Ehci *) device;
    }
  if (ehci == NULL || first + n_ports > EHCI_N_PORTS || ehci->ports[first].companion != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("A companion needs a USB 2.0 controller named before it, “-device ich9-usb-ehci1”, and ports of it, "
                     "“firstport=0”, 2 or 4, that no other one has."));
      return FALSE;
    }
  for (guint i = 0; i < n_ports; i++)
    {
      UsbPort *port = &ehci->ports[first + i];

      port->companion = &ports[i];
      ports[i].master = port;
    }
  return TRUE;
}

static const AsternProperty properties[] = { { .name = NULL } };

static gboolean
ehci_plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return usb_plug (((Ehci *) device)->ports, EHCI_N_PORTS, child, astern_settings_text (settings, "port"), error);
}

#define EHCI_CARD(card_name, text, its_class)                                                       \
  {                                                                                                 \
    .name = card_name, .summary = text, .klass = &its_class, .kind = ASTERN_CARD_USB,               \
    .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_USB, .properties = properties, .plug = ehci_plug, \
  }

const AsternCard ehci_card = EHCI_CARD ("usb-ehci", N_("USB 2.0 controller (EHCI)"), ehci_class);
const AsternCard ehci_ich9_card = EHCI_CARD ("ich9-usb-ehci1", N_("USB 2.0 controller of the ICH9 (EHCI)"), ehci_ich9_class);
