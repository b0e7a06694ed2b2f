/* uhci.c - Universal Host Controller Interface.
 * Source: Intel, Universal Host Controller Interface Design Guide 1.1; 82371SB (PIIX3) data sheet 290550,
 * section 2.4.
 * Left out: isochronous transfers' time within the frame, legacy support by SMM, global suspend but for its bits,
 * over-current, the bus's true speed (a frame carries ten times as much). */
#include "config.h"

#include "hw/usb/uhci.h"

#include "core/machine.h"
#include "hw/usb/ehci.h"

#include <string.h>

#include <glib/gi18n.h>

#define FRAME_NS      1000000
#define FRAME_BYTES   12800         /* that a frame carries at most */
#define FRAME_STEPS   2048          /* links that are followed in one */
#define MAX_PACKET    1280
#define SEEN          64            /* queues that are remembered, to find the end of a loop */

enum { RS = 1 << 0, HCRESET = 1 << 1, GRESET = 1 << 2, EGSM = 1 << 3, FGR = 1 << 4 };
enum { STS_INT = 1 << 0, STS_ERROR = 1 << 1, STS_RESUME = 1 << 2, STS_HOST_ERROR = 1 << 3, STS_PROCESS_ERROR = 1 << 4,
       STS_HALTED = 1 << 5 };
enum { INTR_ERROR = 1 << 0, INTR_RESUME = 1 << 1, INTR_IOC = 1 << 2, INTR_SHORT = 1 << 3 };
enum { PORT_CCS = 1 << 0, PORT_CSC = 1 << 1, PORT_PED = 1 << 2, PORT_PEDC = 1 << 3, PORT_LINE = 3 << 4, PORT_RD = 1 << 6,
       PORT_ONE = 1 << 7, PORT_LSDA = 1 << 8, PORT_PR = 1 << 9, PORT_SUSPEND = 1 << 12 };
enum { LINK_END = 1 << 0, LINK_QUEUE = 1 << 1, LINK_DEPTH = 1 << 2, LINK_ADDRESS = ~15 };
/* A transfer descriptor's second word. */
enum { TD_ACTUAL = 0x7ff, TD_TIMEOUT = 1 << 18, TD_NAK = 1 << 19, TD_BABBLE = 1 << 20, TD_STALLED = 1 << 22, TD_ACTIVE = 1 << 23,
       TD_IOC = 1 << 24, TD_ISOCHRONOUS = 1 << 25, TD_SHORT = 1 << 29 };

enum { REASON_IOC = 1 << 0, REASON_SHORT = 1 << 1 };

typedef struct
{
  AsternPciState pci;
  guint64 frame_ns;                 /* deadline: the next frame begins */
  guint32 frbaseadd;
  guint16 cmd, sts, intr, frnum;
  guint16 portsc[UHCI_N_PORTS];
  guint8  sofmod;
  guint8  reasons;                  /* why USBINT is set */
  guint8  reserved[6];
} UhciState;

typedef struct
{
  AsternPciFunction parent;
  UhciState   s;
  AsternTimer frame;
  UsbPort     ports[UHCI_N_PORTS];
} Uhci;

typedef struct
{
  guint32 link, control, token, buffer;
} Td;

static void
update_irq (Uhci *uhci)
{
  const UhciState *s = &uhci->s;
  gboolean level = ((s->reasons & REASON_IOC) && (s->intr & INTR_IOC)) || ((s->reasons & REASON_SHORT) && (s->intr & INTR_SHORT)) ||
                   ((s->sts & STS_ERROR) && (s->intr & INTR_ERROR)) || ((s->sts & STS_RESUME) && (s->intr & INTR_RESUME)) ||
                   (s->sts & (STS_HOST_ERROR | STS_PROCESS_ERROR));

  astern_pci_interrupt (&uhci->parent.parent, level);
}

static void
guest_error (Uhci *uhci, const char *what)
{
  AsternDevice *device = &uhci->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* ---- ports ---- */

static void
port_changed (UsbPort *port)
{
  Uhci *uhci = port->owner;
  UsbDevice *usb = usb_port_device (port);
  guint16 *portsc = &uhci->s.portsc[port->number];
  guint16 was = *portsc;

  *portsc &= (guint16) ~(PORT_CCS | PORT_LSDA);
  if (usb != NULL)
    *portsc |= (guint16) (PORT_CCS | (usb_port_speed (port) == USB_LOW ? PORT_LSDA : 0));
  else if (was & PORT_PED)
    *portsc = (guint16) ((*portsc & ~PORT_PED) | PORT_PEDC);
  if ((was ^ *portsc) & PORT_CCS)
    {
      *portsc |= PORT_CSC;
      if (uhci->s.cmd & EGSM)
        uhci->s.sts |= STS_RESUME;
    }
  update_irq (uhci);
}

static gboolean
port_enabled (UsbPort *port)
{
  return (((Uhci *) port->owner)->s.portsc[port->number] & PORT_PED) != 0;
}

static const UsbPortOps port_ops = { .changed = port_changed, .enabled = port_enabled };

static guint64
portsc_value (gconstpointer state, guint32 offset)
{
  const UhciState *s = state;
  guint16 value = s->portsc[(offset - UHCI_PORTSC) / 2];

  return value | PORT_ONE | (value & PORT_CCS ? (value & PORT_LSDA ? 2 << 4 : 1 << 4) : 0);
}

static void
portsc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uhci *uhci = (Uhci *) device;
  guint n = (offset - UHCI_PORTSC) / 2;
  guint16 *portsc = &uhci->s.portsc[n], was = *portsc;
  UsbDevice *usb = usb_port_device (&uhci->ports[n]);
  guint16 taken = PORT_PED | PORT_PR | PORT_SUSPEND | PORT_RD;

  *portsc = (guint16) ((was & ~taken) | (value & taken));
  *portsc &= (guint16) ~(value & (PORT_CSC | PORT_PEDC));
  if (*portsc & PORT_PR)
    *portsc &= (guint16) ~PORT_PED;
  if (!(*portsc & PORT_CCS))
    *portsc &= (guint16) ~PORT_PED;
  if ((*portsc & PORT_PR) && !(was & PORT_PR) && usb != NULL)
    usb_bus_reset (usb, usb_port_speed (&uhci->ports[n]));
}

/* ---- transfers ---- */

static gboolean
read_words (Uhci *uhci, guint32 address, guint32 *words, guint n)
{
  if (!astern_pci_dma_read (&uhci->parent.parent, address, words, n * 4))
    return FALSE;
  for (guint i = 0; i < n; i++)
    words[i] = GUINT32_FROM_LE (words[i]);
  return TRUE;
}

static void
write_word (Uhci *uhci, guint32 address, guint32 word)
{
  word = GUINT32_TO_LE (word);
  astern_pci_dma_write (&uhci->parent.parent, address, &word, 4);
}

/* The controller is not allowed to reach memory. */
static void
halt (Uhci *uhci)
{
  uhci->s.sts |= STS_HOST_ERROR | STS_HALTED;
  uhci->s.cmd &= (guint16) ~RS;
  guest_error (uhci, "the schedule runs and the function is no bus master");
}

typedef enum { TD_NOT_DONE, TD_DONE, TD_STOPS_QUEUE } TdOutcome;

static void
fail (Uhci *uhci, Td *td, guint32 bits)
{
  td->control = (td->control & ~(guint32) (TD_ACTIVE | TD_ACTUAL)) | bits | TD_STALLED | TD_ACTUAL;
  uhci->s.sts |= STS_ERROR;
  if (td->control & TD_IOC)
    uhci->s.reasons |= REASON_IOC;
}

static UsbResult
move_packet (Uhci *uhci, const Td *td, guint *size, guint *done)
{
  guint8 data[MAX_PACKET];
  UsbPacket packet = { .endpoint = td->token >> 15 & 15, .data = data, .size = ((td->token >> 21) + 1) & TD_ACTUAL };
  UsbDevice *usb = usb_find (uhci->ports, UHCI_N_PORTS, td->token >> 8 & 0x7f);
  UsbResult result;

  *size = packet.size;
  *done = 0;
  if (usb == NULL || packet.size > MAX_PACKET)
    return USB_NO_ANSWER;
  switch (td->token & 0xff)
    {
    case 0x69:
      packet.token = USB_IN;
      break;
    case 0xe1:
    case 0x2d:
      packet.token = (td->token & 0xff) == 0x2d ? USB_SETUP : USB_OUT;
      if (packet.size > 0)
        astern_pci_dma_read (&uhci->parent.parent, td->buffer, data, packet.size);
      break;
    default:
      uhci->s.sts |= STS_PROCESS_ERROR;
      guest_error (uhci, "a packet that is neither IN nor OUT nor SETUP");
      return USB_NO_ANSWER;
    }
  result = usb_packet (usb, &packet);
  if (result == USB_ACK && packet.token == USB_IN && packet.done > 0)
    astern_pci_dma_write (&uhci->parent.parent, td->buffer, data, packet.done);
  *done = packet.done;
  return result;
}

/* Executes the descriptor at @address. */
static TdOutcome
do_td (Uhci *uhci, guint32 address, Td *td, gboolean queued, guint *bytes)
{
  UhciState *s = &uhci->s;
  gboolean is_in = (td->token & 0xff) == 0x69;
  TdOutcome outcome = TD_DONE;
  UsbResult result;
  guint size, done;

  if (!(td->control & TD_ACTIVE))
    return TD_NOT_DONE;
  result = move_packet (uhci, td, &size, &done);
  *bytes += done + 32;
  switch (result)
    {
    case USB_ACK:
      td->control = (td->control & ~(guint32) (TD_ACTIVE | TD_ACTUAL | TD_STALLED | TD_NAK | TD_TIMEOUT | TD_BABBLE)) | ((done - 1) & TD_ACTUAL);
      if (td->control & TD_IOC)
        s->reasons |= REASON_IOC;
      if (is_in && done < size && (td->control & TD_SHORT))
        {
          s->reasons |= REASON_SHORT;
          outcome = queued ? TD_STOPS_QUEUE : TD_DONE;
        }
      break;
    case USB_NAK:
      if (td->control & TD_ISOCHRONOUS)
        td->control &= ~(guint32) TD_ACTIVE;
      else
        td->control |= TD_NAK;
      outcome = TD_NOT_DONE;
      break;
    case USB_BABBLE:
      fail (uhci, td, TD_BABBLE);
      outcome = TD_STOPS_QUEUE;
      break;
    case USB_STALL:
      fail (uhci, td, 0);
      outcome = TD_STOPS_QUEUE;
      break;
    default:
      fail (uhci, td, TD_TIMEOUT);
      outcome = TD_STOPS_QUEUE;
      break;
    }
  write_word (uhci, address + 4, td->control);
  return outcome;
}

/* The queue was come to again: of a loop of queues whose round did nothing. */
static gboolean
is_round (guint32 *seen, guint *n_seen, gboolean *progress, guint32 queue)
{
  for (guint i = 0; i < *n_seen; i++)
    if (seen[i] == queue)
      {
        if (!*progress)
          return TRUE;
        *progress = FALSE;
        *n_seen = 0;
        break;
      }
  if (*n_seen < SEEN)
    seen[(*n_seen)++] = queue;
  return FALSE;
}

/* Follows the links of a frame until they end, go round in vain, or the frame is full. */
static void
walk (Uhci *uhci, guint32 link)
{
  guint32 seen[SEEN], queue[2], td_address;
  guint n_seen = 0, bytes = 0;
  gboolean progress = FALSE, deeper = FALSE;
  Td td;

  for (guint step = 0; step < FRAME_STEPS && bytes < FRAME_BYTES && !(link & LINK_END); step++)
    {
      if (!(link & LINK_QUEUE))
        {
          td_address = link & LINK_ADDRESS;
          if (!read_words (uhci, td_address, &td.link, 4))
            return halt (uhci);
          do_td (uhci, td_address, &td, FALSE, &bytes);
          link = td.link;
          continue;
        }
      if (!deeper && is_round (seen, &n_seen, &progress, link & LINK_ADDRESS))
        return;
      deeper = FALSE;
      if (!read_words (uhci, link & LINK_ADDRESS, queue, 2))
        return halt (uhci);
      if (queue[1] & (LINK_END | LINK_QUEUE))
        {
          link = queue[1] & LINK_END ? queue[0] : queue[1];
          continue;
        }
      td_address = queue[1] & LINK_ADDRESS;
      if (!read_words (uhci, td_address, &td.link, 4))
        return halt (uhci);
      if (do_td (uhci, td_address, &td, TRUE, &bytes) == TD_DONE)
        {
          progress = TRUE;
          write_word (uhci, (link & LINK_ADDRESS) + 4, td.link);
          deeper = (td.link & LINK_DEPTH) && !(td.link & LINK_END);
        }
      if (!deeper)
        link = queue[0];
    }
}

static void
frame_expired (gpointer owner)
{
  Uhci *uhci = owner;
  UhciState *s = &uhci->s;
  guint64 next_ns = astern_clock_now_ns (uhci->parent.parent.clock) + FRAME_NS;
  guint32 link;

  if (!(s->cmd & RS))
    return;
  if (!read_words (uhci, (s->frbaseadd & ~0xfffu) + (s->frnum & 0x3ff) * 4, &link, 1))
    halt (uhci);
  else
    {
      s->frnum = (s->frnum + 1) & 0x7ff;
      walk (uhci, link);
    }
  if (s->reasons != 0)
    s->sts |= STS_INT;
  if (s->cmd & RS)
    astern_timer_set (&uhci->frame, next_ns);
  update_irq (uhci);
}

/* ---- registers ---- */

static void
reset_ports (Uhci *uhci)
{
  for (guint i = 0; i < UHCI_N_PORTS; i++)
    {
      uhci->s.portsc[i] = 0;
      port_changed (&uhci->ports[i]);
    }
}

static void
reset_controller (Uhci *uhci)
{
  UhciState *s = &uhci->s;

  s->cmd = s->intr = s->frnum = 0;
  s->sts = STS_HALTED;
  s->frbaseadd = 0;
  s->sofmod = 64;
  s->reasons = 0;
  astern_timer_cancel (&uhci->frame);
  reset_ports (uhci);
  update_irq (uhci);
}

static void
cmd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uhci *uhci = (Uhci *) device;
  UhciState *s = &uhci->s;

  if (value & HCRESET)
    {
      reset_controller (uhci);
      return;
    }
  if (value & GRESET)
    {
      for (guint i = 0; i < UHCI_N_PORTS; i++)
        {
          UsbDevice *usb = usb_port_device (&uhci->ports[i]);

          if (usb != NULL)
            usb_bus_reset (usb, usb_port_speed (&uhci->ports[i]));
        }
      reset_ports (uhci);
    }
  if ((s->cmd & RS) && (s->sts & STS_HALTED))
    {
      s->sts &= (guint16) ~STS_HALTED;
      astern_timer_set (&uhci->frame, astern_clock_now_ns (device->clock) + FRAME_NS);
    }
  else if (!(s->cmd & RS))
    {
      s->sts |= STS_HALTED;
      astern_timer_cancel (&uhci->frame);
    }
  update_irq (uhci);
}

static void
sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Uhci *uhci = (Uhci *) device;

  uhci->s.sts &= (guint16) ~(value & 0x1f);
  if (value & STS_INT)
    uhci->s.reasons = 0;
  update_irq (uhci);
}

static void
intr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update_irq ((Uhci *) device);
}

#define AT(member) G_STRUCT_OFFSET (UhciState, member)
#define ANY        ASTERN_ANY_BANK
#define RW         ASTERN_REG_RW
#define NONE       ASTERN_NO_BACKING

static const AsternRegField cmd_bits[] = {
  { 0, 1, "RS" }, { 1, 1, "HCRESET" }, { 2, 1, "GRESET" }, { 3, 1, "EGSM" }, { 4, 1, "FGR" }, { 5, 1, "SWDBG" }, { 6, 1, "CF" },
  { 7, 1, "MAXP" }, { 0, 0, NULL },
};
static const AsternRegField sts_bits[] = {
  { 0, 1, "USBINT" }, { 1, 1, "ERROR" }, { 2, 1, "RESUME" }, { 3, 1, "HOST_ERROR" }, { 4, 1, "PROCESS_ERROR" }, { 5, 1, "HALTED" },
  { 0, 0, NULL },
};
static const AsternRegField portsc_bits[] = {
  { 0, 1, "CCS" }, { 1, 1, "CSC" }, { 2, 1, "PED" }, { 3, 1, "PEDC" }, { 4, 2, "LINE" }, { 6, 1, "RD" }, { 8, 1, "LSDA" },
  { 9, 1, "PR" }, { 12, 1, "SUSP" }, { 0, 0, NULL },
};

static const AsternReg regs[] = {
/*  offset          bank access width name         backing         reset writable    value         did_read did_write         count         bits */
  { UHCI_USBCMD,    ANY, RW,    2,    "USBCMD",    AT (cmd),       0,    0xff,       NULL,         NULL,    cmd_did_write,    0,            cmd_bits },
  { UHCI_USBSTS,    ANY, RW,    2,    "USBSTS",    AT (sts),       0x20, 0,          NULL,         NULL,    sts_did_write,    0,            sts_bits },
  { UHCI_USBINTR,   ANY, RW,    2,    "USBINTR",   AT (intr),      0,    0x0f,       NULL,         NULL,    intr_did_write,   0,            NULL },
  { UHCI_FRNUM,     ANY, RW,    2,    "FRNUM",     AT (frnum),     0,    0x7ff,      NULL,         NULL,    NULL,             0,            NULL },
  { UHCI_FRBASEADD, ANY, RW,    4,    "FRBASEADD", AT (frbaseadd), 0,    0xfffff000, NULL,         NULL,    NULL,             0,            NULL },
  { UHCI_SOFMOD,    ANY, RW,    1,    "SOFMOD",    AT (sofmod),    64,   0x7f,       NULL,         NULL,    NULL,             0,            NULL },
  { UHCI_PORTSC,    ANY, RW,    2,    "PORTSC",    NONE,           0,    0,          portsc_value, NULL,    portsc_did_write, UHCI_N_PORTS, portsc_bits },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = 32, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

/* ---- the device ---- */

/* Function 0 of the ICH9's group is its first UHCI. */
#define INFO(its_device, pin)                                                                      \
  { .vendor = 0x8086, .device = its_device, .revision = 1, .class_code = 0x0c0300, .interrupt_pin = pin, .status = 0x0280, \
    .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MASTER | 0x400, .multifunction = its_device == 0x2934 }

static const AsternPciInfo piix3_info = INFO (0x7020, 4);
static const AsternPciInfo ich9_info[] = { INFO (0x2934, 1), INFO (0x2935, 2), INFO (0x2936, 3) };

static void
uhci_init (AsternDevice *device)
{
  Uhci *uhci = (Uhci *) device;
  const AsternPciInfo *info = device->klass == &uhci_ich9_1_class ? &ich9_info[0]
                              : device->klass == &uhci_ich9_2_class ? &ich9_info[1]
                              : device->klass == &uhci_ich9_3_class ? &ich9_info[2] : &piix3_info;

  astern_pci_init (device, info);
  astern_pci_set_bar (device, UHCI_PORTS_BAR, ASTERN_PCI_BAR_PORTS, 32, UHCI_PORTS_WINDOW, NULL);
  astern_pci_set_reset (device, 0x60, 1, 0x10);         /* USB release 1.0 */
  astern_pci_set_reset (device, 0xc0, 2, 0x2000);       /* LEGSUP */
  memset (&uhci->parent.writable[0xc0], 0xff, 2);
  astern_timer_init (&uhci->frame, device->clock, "uhci-frame", &uhci->s.frame_ns, frame_expired, uhci);
  for (guint i = 0; i < UHCI_N_PORTS; i++)
    uhci->ports[i] = (UsbPort) { .owner = uhci, .ops = &port_ops, .number = i,
                                 .speeds = USB_SPEED_BIT (USB_LOW) | USB_SPEED_BIT (USB_FULL) };
}

static void
uhci_reset (AsternDevice *device)
{
  astern_pci_reset (device);
  reset_controller ((Uhci *) device);
}

static void
uhci_restored (AsternDevice *device)
{
  Uhci *uhci = (Uhci *) device;

  astern_pci_restored (device);
  update_irq (uhci);
}

#define F(member) ASTERN_FIELD (UhciState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (UhciState, 1), F (frame_ns), F (frbaseadd), F (cmd), F (sts), F (intr), F (frnum),
  ASTERN_FIELD_ARRAY (UhciState, portsc, 1), F (sofmod), F (reasons), ASTERN_FIELD_BYTES (UhciState, reserved, 1),
};

#define UHCI_CLASS(class_name, text)                                                                \
  {                                                                                                 \
    .name = class_name, .summary = text, .state_version = 1, .instance_size = sizeof (Uhci),        \
    .state_offset = G_STRUCT_OFFSET (Uhci, s), .state_size = sizeof (UhciState),                    \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                            \
    .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                        \
    .init = uhci_init, .reset = uhci_reset, .restored = uhci_restored,                              \
  }

const AsternDeviceClass uhci_piix3_class = UHCI_CLASS ("piix3-usb-uhci", "PIIX3 USB controller (UHCI)");
const AsternDeviceClass uhci_ich9_1_class = UHCI_CLASS ("ich9-usb-uhci1", "ICH9 USB controller 1 (UHCI)");
const AsternDeviceClass uhci_ich9_2_class = UHCI_CLASS ("ich9-usb-uhci2", "ICH9 USB controller 2 (UHCI)");
const AsternDeviceClass uhci_ich9_3_class = UHCI_CLASS ("ich9-usb-uhci3", "ICH9 USB controller 3 (UHCI)");

UsbPort *
uhci_ports (AsternDevice *device)
{
  return ((Uhci *) device)->ports;
}

/* ---- the cards ---- */

static const AsternProperty properties[] = {
  { .name = "masterbus", .kind = ASTERN_PROPERTY_TEXT, .help = N_("the USB 2.0 controller (ich9-usb-ehci1) whose slower half it is") },
  { .name = "firstport", .kind = ASTERN_PROPERTY_NUMBER, .help = N_("of whose ports its first one is that of, from 0") },
  { .name = NULL }
};

static gboolean
uhci_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  if (!astern_settings_given (settings, "masterbus"))
    return TRUE;
  return ehci_add_companion (astern_settings_machine (settings), ((Uhci *) device)->ports, UHCI_N_PORTS,
                             astern_settings_number (settings, "firstport"), error);
}

static gboolean
uhci_plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return usb_plug (((Uhci *) device)->ports, UHCI_N_PORTS, child, astern_settings_text (settings, "port"), error);
}

#define UHCI_CARD(card_name, text, its_class)                                                       \
  {                                                                                                 \
    .name = card_name, .summary = text, .klass = &its_class, .kind = ASTERN_CARD_USB,               \
    .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_USB, .properties = properties,                   \
    .configure = uhci_configure, .plug = uhci_plug,                                                 \
  }

const AsternCard uhci_piix3_card = UHCI_CARD ("piix3-usb-uhci", N_("USB 1.1 controller of the PIIX3 (UHCI)"), uhci_piix3_class);
const AsternCard uhci_ich9_1_card = UHCI_CARD ("ich9-usb-uhci1", N_("USB 1.1 controller 1 of the ICH9 (UHCI)"), uhci_ich9_1_class);
const AsternCard uhci_ich9_2_card = UHCI_CARD ("ich9-usb-uhci2", N_("USB 1.1 controller 2 of the ICH9 (UHCI)"), uhci_ich9_2_class);
const AsternCard uhci_ich9_3_card = UHCI_CARD ("ich9-usb-uhci3", N_("USB 1.1 controller 3 of the ICH9 (UHCI)"), uhci_ich9_3_class);
