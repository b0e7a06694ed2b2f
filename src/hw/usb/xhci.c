/* xhci.c - eXtensible Host Controller Interface: registers, ports, what runs when.
 * Source: Intel, eXtensible Host Controller Interface for USB 1.1.
 * Left out: scratchpad buffers (none are asked for), save and restore of state, power management of ports,
 * debug capability, streams, 64-byte contexts. */
#include "config.h"

#include "hw/usb/xhci-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define MICROFRAME_NS   125000
#define LATER_NS        10000        /* others have their turn, and the guest too */
#define RUN_ENDPOINTS   64           /* looked at in one run */

enum { CAPLENGTH = 0x40, RUNTIME = 0x1000 };
enum { PORT_CCS = 1 << 0, PORT_PED = 1 << 1, PORT_PR = 1 << 4, PORT_PLS = 15 << 5, PORT_PP = 1 << 9, PORT_SPEED = 15 << 10,
       PORT_LWS = 1 << 16, PORT_CSC = 1 << 17, PORT_PEC = 1 << 18, PORT_WRC = 1 << 19, PORT_PRC = 1 << 21, PORT_PLC = 1 << 22,
       PORT_CHANGES = 0x7f << 17, PORT_WAKES = 7 << 25 };
#define PORT_WPR 0x80000000u
enum { PLS_U0 = 0, PLS_U3 = 3, PLS_RX_DETECT = 5, PLS_POLLING = 7, PLS_RESUME = 15 };

enum { CRCR_CYCLE = 1 << 0, CRCR_STOP = 1 << 1, CRCR_ABORT = 1 << 2, CRCR_RUNNING = 1 << 3 };

void
xhci_guest_error (Xhci *xhci, const char *what)
{
  AsternDevice *device = &xhci->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

void
xhci_host_error (Xhci *xhci)
{
  xhci->s.sts |= STS_HOST_ERROR | STS_HALTED;
  xhci->s.cmd &= ~(guint32) CMD_RUN;
  xhci_guest_error (xhci, "the function is no bus master");
}

gboolean
xhci_read_words (Xhci *xhci, guint64 address, guint32 *words, guint n)
{
  if (!astern_pci_dma_read (&xhci->parent.parent, address, words, n * 4))
    return FALSE;
  for (guint i = 0; i < n; i++)
    words[i] = GUINT32_FROM_LE (words[i]);
  return TRUE;
}

gboolean
xhci_write_words (Xhci *xhci, guint64 address, const guint32 *words, guint n)
{
  guint32 le[8];

  for (guint i = 0; i < n && i < G_N_ELEMENTS (le); i++)
    le[i] = GUINT32_TO_LE (words[i]);
  return astern_pci_dma_write (&xhci->parent.parent, address, le, MIN (n, G_N_ELEMENTS (le)) * 4);
}

gboolean
xhci_fetch (Xhci *xhci, guint64 *at, guint8 *cycle, Trb *trb)
{
  enum { LINKS = 8 };           /* in a row */

  for (guint i = 0; i < LINKS; i++)
    {
      guint32 words[4];

      if (!xhci_read_words (xhci, *at, words, 4) || (words[3] & TRB_CYCLE) != *cycle)
        return FALSE;
      if ((words[3] >> 10 & 0x3f) != TRB_LINK)
        {
          *trb = (Trb) { (guint64) words[1] << 32 | words[0], words[2], words[3], *at };
          *at += 16;
          return TRUE;
        }
      *at = ((guint64) words[1] << 32 | words[0]) & ~(guint64) 15;
      if (words[3] & TRB_TOGGLE)
        *cycle ^= 1;
    }
  xhci_guest_error (xhci, "a ring of nothing but links");
  return FALSE;
}

/* ---- slots ---- */

XhciSlot *
xhci_slot (Xhci *xhci, guint number)
{
  XhciSlot *slot = number >= 1 && number <= XHCI_N_SLOTS ? &xhci->s.slots[number - 1] : NULL;

  return slot != NULL && slot->enabled ? slot : NULL;
}

UsbDevice *
xhci_slot_device (Xhci *xhci, const XhciSlot *slot)
{
  UsbDevice *usb;

  if (slot->port < 1 || slot->port > XHCI_N_PORTS)
    return NULL;
  usb = usb_port_device (&xhci->ports[slot->port - 1]);
  /* A nibble of the route for each hub on the way: its port, from 1. */
  for (guint32 route = slot->route; route != 0 && usb != NULL; route >>= 4)
    {
      guint n = 0, number = route & 15;
      UsbPort *ports = usb->info->ports != NULL ? usb->info->ports (usb, &n) : NULL;

      usb = ports != NULL && number >= 1 && number <= n && ports[number - 1].ops->enabled (&ports[number - 1])
            ? usb_port_device (&ports[number - 1]) : NULL;
    }
  return usb;
}

/* ---- running ---- */

void
xhci_run_later (Xhci *xhci, guint64 delay_ns)
{
  guint64 at_ns = astern_clock_now_ns (xhci->parent.parent.clock) + delay_ns;

  if (xhci->s.run_ns > at_ns)
    astern_timer_set (&xhci->run, at_ns);
}

static void
kick (Xhci *xhci, guint slot, guint index)
{
  xhci->s.slots[slot].kicked |= 1u << index;
  xhci_run_later (xhci, 0);
}

static void
run_expired (gpointer owner)
{
  Xhci *xhci = owner;
  XhciState *s = &xhci->s;
  gboolean more = FALSE;
  guint looked = 0;

  if (s->sts & STS_HALTED)
    return;
  if (s->command_kicked)
    xhci_run_commands (xhci);
  for (guint i = 0; i < XHCI_N_SLOTS; i++)
    {
      guint32 kicked = s->slots[i].kicked;

      for (guint index = 1; index < XHCI_N_ENDPOINTS && kicked != 0; index++)
        if (kicked >> index & 1)
          {
            if (looked++ == RUN_ENDPOINTS)
              {
                xhci_run_later (xhci, LATER_NS);
                return;
              }
            s->slots[i].kicked &= ~(1u << index);
            if (s->slots[i].enabled && !xhci_run_endpoint (xhci, i + 1, index))
              {
                s->slots[i].kicked |= 1u << index;
                more = TRUE;
              }
          }
    }
  if (more)
    xhci_run_later (xhci, LATER_NS);
}

/* ---- ports ---- */

static gboolean
is_usb3 (guint port)
{
  return port >= XHCI_N_SOCKETS;
}

/* Some change bits were set: the first of them is told. */
static void
tell_port (Xhci *xhci, guint n, guint32 before)
{
  XhciState *s = &xhci->s;

  if ((s->portsc[n] & PORT_CHANGES & ~before) == 0)
    return;
  s->sts |= STS_PORT;
  if (!(s->sts & STS_HALTED))
    xhci_event (xhci, 0, TRB_PORT_EVENT, (guint64) (n + 1) << 24, (guint32) CODE_SUCCESS << 24, 0);
}

static void
set_link (guint32 *portsc, guint state)
{
  *portsc = (*portsc & ~(guint32) PORT_PLS) | state << 5;
}

static guint
speed_id (UsbSpeed speed)
{
  static const guint8 ids[] = { [USB_LOW] = 2, [USB_FULL] = 1, [USB_HIGH] = 3, [USB_SUPER] = 4 };

  return ids[speed];
}

static void
port_changed (UsbPort *port)
{
  Xhci *xhci = port->owner;
  guint n = (guint) (port - xhci->ports);
  guint32 *portsc = &xhci->s.portsc[n], before = *portsc;
  UsbDevice *usb = usb_port_device (port);

  *portsc &= ~(guint32) (PORT_CCS | PORT_PED | PORT_SPEED | PORT_PLS);
  if (usb == NULL)
    set_link (portsc, PLS_RX_DETECT);
  else
    {
      *portsc |= PORT_CCS | speed_id (usb_port_speed (port)) << 10;
      if (is_usb3 (n))
        *portsc |= PORT_PED;
      set_link (portsc, is_usb3 (n) ? PLS_U0 : PLS_POLLING);
    }
  if ((before ^ *portsc) & PORT_CCS)
    *portsc |= PORT_CSC;
  tell_port (xhci, n, before);
}

static gboolean
port_enabled (UsbPort *port)
{
  Xhci *xhci = port->owner;

  return (xhci->s.portsc[port - xhci->ports] & PORT_PED) != 0;
}

static void
port_wake (UsbPort *port, UsbDevice *usb, guint8 address)
{
  Xhci *xhci = port->owner;
  guint index = (address & 15) == 0 ? 1 : (address & 15) * 2u + (address >> 7);

  for (guint i = 0; i < XHCI_N_SLOTS; i++)
    if (xhci->s.slots[i].enabled && xhci_slot_device (xhci, &xhci->s.slots[i]) == usb)
      kick (xhci, i, index);
}

static const UsbPortOps port_ops = { .changed = port_changed, .wake = port_wake, .enabled = port_enabled };

static void
reset_port (Xhci *xhci, guint n, gboolean warm)
{
  UsbDevice *usb = usb_port_device (&xhci->ports[n]);
  guint32 *portsc = &xhci->s.portsc[n];

  if (usb == NULL)
    return;
  usb_bus_reset (usb, usb_port_speed (&xhci->ports[n]));
  *portsc |= PORT_PED | PORT_PRC | (warm ? PORT_WRC : 0);
  set_link (portsc, PLS_U0);
}

static void
portsc_did_write (Xhci *xhci, guint n, guint32 value)
{
  guint32 *portsc = &xhci->s.portsc[n], before;

  *portsc &= ~(value & PORT_CHANGES);
  before = *portsc;
  *portsc = (*portsc & ~(guint32) PORT_WAKES) | (value & PORT_WAKES);
  if ((value & PORT_PR) || ((value & PORT_WPR) && is_usb3 (n)))
    reset_port (xhci, n, (value & PORT_WPR) != 0);
  else if (value & PORT_PED)
    *portsc &= ~(guint32) PORT_PED;
  else if ((value & PORT_LWS) && (*portsc & PORT_CCS))
    {
      guint state = value >> 5 & 15, was = *portsc >> 5 & 15;

      if (state == PLS_U0 && (was == PLS_U3 || was == PLS_RESUME))
        *portsc |= PORT_PLC;
      if (state <= PLS_RX_DETECT || state == PLS_RESUME)
        set_link (portsc, state);
    }
  tell_port (xhci, n, before);
}

/* Four words a port: PORTSC, PORTPMSC, PORTLI, PORTHLPMC. */
static guint64
port_value (gconstpointer state, guint32 offset)
{
  const XhciState *s = state;
  guint n = (offset - XHCI_PORTS) / 16 % XHCI_N_PORTS;

  switch (offset / 4 % 4)
    {
    case 0:
      return s->portsc[n] | PORT_PP;
    case 1:
      return s->portpm[n];
    default:
      return 0;
    }
}

static void
port_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Xhci *xhci = (Xhci *) device;
  guint n = (offset - XHCI_PORTS) / 16 % XHCI_N_PORTS;

  if (offset / 4 % 4 == 0)
    portsc_did_write (xhci, n, (guint32) value);
  else if (offset / 4 % 4 == 1)
    xhci->s.portpm[n] = (guint32) value;
}

/* ---- registers ---- */

static void
reset_controller (Xhci *xhci)
{
  XhciState *s = &xhci->s;

  astern_timer_cancel (&xhci->run);
  s->cmd = s->dnctrl = s->config = 0;
  s->sts = STS_HALTED;
  s->crcr = s->dcbaap = s->command = 0;
  s->start_ns = astern_clock_now_ns (xhci->parent.parent.clock);
  s->command_cycle = s->command_running = s->command_kicked = 0;
  memset (s->interrupters, 0, sizeof s->interrupters);
  memset (s->slots, 0, sizeof s->slots);
  for (guint i = 0; i < XHCI_N_PORTS; i++)
    {
      s->portsc[i] = s->portpm[i] = 0;
      port_changed (&xhci->ports[i]);
    }
  s->sts = STS_HALTED;
  xhci_update_irq (xhci, 0, FALSE);
}

static void
cmd_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Xhci *xhci = (Xhci *) device;
  XhciState *s = &xhci->s;

  if (value & CMD_RESET)
    {
      reset_controller (xhci);
      return;
    }
  if ((s->cmd & CMD_RUN) && (s->sts & STS_HALTED))
    {
      s->sts &= ~(guint32) STS_HALTED;
      s->start_ns = astern_clock_now_ns (device->clock);
      xhci_run_later (xhci, 0);
    }
  else if (!(s->cmd & CMD_RUN))
    {
      s->sts |= STS_HALTED;
      s->command_running = 0;
      astern_timer_cancel (&xhci->run);
    }
  xhci_update_irq (xhci, 0, FALSE);
}

static void
sts_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Xhci *) device)->s.sts &= ~((guint32) value & (STS_HOST_ERROR | STS_EINT | STS_PORT | STS_SRE));
}

/* Only whether it runs can be read. */
static guint64
crcr_value (gconstpointer state, guint32 offset)
{
  const XhciState *s = state;

  return offset == XHCI_CRCR && s->command_running ? CRCR_RUNNING : 0;
}

static void
crcr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Xhci *xhci = (Xhci *) device;
  XhciState *s = &xhci->s;

  if (offset != XHCI_CRCR)
    {
      if (!s->command_running)
        s->command = (guint32) s->command | value << 32;
      return;
    }
  if (s->command_running && (value & (CRCR_STOP | CRCR_ABORT)))
    {
      s->command_running = 0;
      xhci_event (xhci, 0, TRB_COMMAND_EVENT, s->command, (guint32) CODE_COMMAND_RING_STOPPED << 24, 0);
    }
  else if (!s->command_running)
    {
      s->command = (s->command & ~(guint64) 0xffffffff) | (value & ~63u);
      s->command_cycle = value & CRCR_CYCLE;
    }
}

static void
doorbell_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Xhci *xhci = (Xhci *) device;
  guint slot = (offset - XHCI_DOORBELLS) / 4, index = value & 0xff;

  if (xhci->s.sts & STS_HALTED)
    xhci_guest_error (xhci, "a doorbell of a controller that does not run");
  else if (slot == 0)
    {
      xhci->s.command_running = xhci->s.command_kicked = 1;
      xhci_run_later (xhci, 0);
    }
  else if (xhci_slot (xhci, slot) == NULL || index == 0 || index >= XHCI_N_ENDPOINTS)
    xhci_guest_error (xhci, "a doorbell of nobody");
  else
    {
      XhciEndpoint *endpoint = &xhci->s.slots[slot - 1].endpoints[index];

      if (endpoint->state == ENDPOINT_STOPPED)
        {
          endpoint->state = ENDPOINT_RUNNING;
          xhci_show_endpoint (xhci, &xhci->s.slots[slot - 1], index);
        }
      kick (xhci, slot - 1, index);
    }
}

static guint64
capability_value (gconstpointer state, guint32 offset)
{
  switch (offset)
    {
    case XHCI_CAPLENGTH:
      return CAPLENGTH | 0x0100 << 16;
    case XHCI_HCSPARAMS1:
      return XHCI_N_SLOTS | XHCI_N_INTERRUPTERS << 8 | XHCI_N_PORTS << 24;
    case XHCI_HCSPARAMS2:
      return 0x0f;                              /* scheduling threshold; event rings have one segment */
    case XHCI_HCCPARAMS1:
      return 1 | XHCI_EXTENDED / 4 << 16;       /* 64-bit addresses */
    case XHCI_DBOFF:
      return XHCI_DOORBELLS;
    case XHCI_RTSOFF:
      return RUNTIME;
    default:
      return 0;
    }
}

/* Two capabilities, which ports speak which protocol. */
static guint64
extended_value (gconstpointer state, guint32 offset)
{
  static const guint32 words[] = {
    0x02000402, 0x20425355 /* "USB " */, 1 | XHCI_N_SOCKETS << 8, 0,
    0x03000002, 0x20425355, (XHCI_N_SOCKETS + 1) | XHCI_N_SOCKETS << 8, 0,
  };

  return words[(offset - XHCI_EXTENDED) / 4 % G_N_ELEMENTS (words)];
}

static guint64
pagesize_value (gconstpointer state, guint32 offset)
{
  return 1;             /* of 4 KiB */
}

static guint64
mfindex_value (gconstpointer state, guint32 offset)
{
  const XhciState *s = state;
  const Xhci *xhci = (const Xhci *) ((const guint8 *) state - G_STRUCT_OFFSET (Xhci, s));

  if (s->sts & STS_HALTED)
    return 0;
  return (astern_clock_now_ns (xhci->parent.parent.clock) - s->start_ns) / MICROFRAME_NS & 0x3fff;
}

#define AT(member)  G_STRUCT_OFFSET (XhciState, member)
#define HIGH(member) (G_STRUCT_OFFSET (XhciState, member) + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 4 : 0))
#define LOW(member)  (G_STRUCT_OFFSET (XhciState, member) + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 0 : 4))
#define ANY         ASTERN_ANY_BANK
#define R           ASTERN_REG_R
#define W           ASTERN_REG_W
#define RW          ASTERN_REG_RW
#define NONE        ASTERN_NO_BACKING

static const AsternRegField cmd_bits[] = {
  { 0, 1, "RUN" }, { 1, 1, "RESET" }, { 2, 1, "INTE" }, { 3, 1, "HSEE" }, { 0, 0, NULL },
};
static const AsternRegField sts_bits[] = {
  { 0, 1, "HALTED" }, { 2, 1, "HOST_ERROR" }, { 3, 1, "EINT" }, { 4, 1, "PORT" }, { 11, 1, "NOT_READY" }, { 0, 0, NULL },
};

static const AsternReg regs[] = {
/*  offset              bank access width name           backing        reset writable    value                   did_read did_write                   count                    bits */
  { XHCI_CAPLENGTH,     ANY, R,     4,    "CAPLENGTH",   NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_HCSPARAMS1,    ANY, R,     4,    "HCSPARAMS1",  NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_HCSPARAMS2,    ANY, R,     4,    "HCSPARAMS2",  NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_HCSPARAMS3,    ANY, R,     4,    "HCSPARAMS3",  NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_HCCPARAMS1,    ANY, R,     4,    "HCCPARAMS1",  NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_DBOFF,         ANY, R,     4,    "DBOFF",       NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_RTSOFF,        ANY, R,     4,    "RTSOFF",      NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_HCCPARAMS2,    ANY, R,     4,    "HCCPARAMS2",  NONE,          0,    0,          capability_value,       NULL,    NULL,                       0,                       NULL },
  { XHCI_EXTENDED,      ANY, R,     4,    "PROTOCOLS",   NONE,          0,    0,          extended_value,         NULL,    NULL,                       8,                       NULL },
  { XHCI_USBCMD,        ANY, RW,    4,    "USBCMD",      AT (cmd),      0,    0x00000c0d, NULL,                   NULL,    cmd_did_write,              0,                       cmd_bits },
  { XHCI_USBSTS,        ANY, RW,    4,    "USBSTS",      AT (sts),      1,    0,          NULL,                   NULL,    sts_did_write,              0,                       sts_bits },
  { XHCI_PAGESIZE,      ANY, R,     4,    "PAGESIZE",    NONE,          0,    0,          pagesize_value,         NULL,    NULL,                       0,                       NULL },
  { XHCI_DNCTRL,        ANY, RW,    4,    "DNCTRL",      AT (dnctrl),   0,    0xffff,     NULL,                   NULL,    NULL,                       0,                       NULL },
  { XHCI_CRCR,          ANY, RW,    4,    "CRCR",        NONE,          0,    0,          crcr_value,             NULL,    crcr_did_write,             2,                       NULL },
  { XHCI_DCBAAP,        ANY, RW,    4,    "DCBAAP",      LOW (dcbaap),  0,    0xffffffc0, NULL,                   NULL,    NULL,                       0,                       NULL },
  { XHCI_DCBAAP + 4,    ANY, RW,    4,    "DCBAAP_HIGH", HIGH (dcbaap), 0,    0xffffffff, NULL,                   NULL,    NULL,                       0,                       NULL },
  { XHCI_CONFIG,        ANY, RW,    4,    "CONFIG",      AT (config),   0,    0x000003ff, NULL,                   NULL,    NULL,                       0,                       NULL },
  { XHCI_PORTS,         ANY, RW,    4,    "PORT",        NONE,          0,    0,          port_value,             NULL,    port_did_write,             4 * XHCI_N_PORTS,        NULL },
  { XHCI_MFINDEX,       ANY, R,     4,    "MFINDEX",     NONE,          0,    0,          mfindex_value,          NULL,    NULL,                       0,                       NULL },
  { XHCI_INTERRUPTERS,  ANY, RW,    4,    "INTERRUPTER", NONE,          0,    0,          xhci_interrupter_value, NULL,    xhci_interrupter_did_write, 8 * XHCI_N_INTERRUPTERS, NULL },
  { XHCI_DOORBELLS,     ANY, RW,    4,    "DOORBELL",    NONE,          0,    0,          NULL,                   NULL,    doorbell_did_write,         1 + XHCI_N_SLOTS,        NULL },
};

enum { MSIX_PBA = 0x800 };

static guint64
msix_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  if (offset < XHCI_N_INTERRUPTERS * 16)
    return astern_pci_msix_read (device, FALSE, offset, size);
  return offset >= MSIX_PBA && offset < MSIX_PBA + 8 ? astern_pci_msix_read (device, TRUE, offset - MSIX_PBA, size) : 0;
}

static void
msix_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset < XHCI_N_INTERRUPTERS * 16)
    astern_pci_msix_write (device, offset, size, value);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = 0x4000, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
  { .name = "msix", .size = 0x1000, .min_size = 4, .max_size = 8, .read = msix_read, .write = msix_write, .peek = msix_read },
};

/* ---- the device ---- */

#define INFO(its_vendor, its_device, its_revision)                                                  \
  { .vendor = its_vendor, .device = its_device, .revision = its_revision, .class_code = 0x0c0330,   \
    .interrupt_pin = 1, .command_writable = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | 0x400 }

static const AsternPciInfo plain_info = INFO (0x1b36, 0x000d, 1);
static const AsternPciInfo nec_info = INFO (0x1033, 0x0194, 3);

static void
xhci_init (AsternDevice *device)
{
  Xhci *xhci = (Xhci *) device;

  astern_pci_init (device, device->klass == &xhci_nec_class ? &nec_info : &plain_info);
  astern_pci_set_bar64 (device, XHCI_BAR, ASTERN_PCI_BAR_MEMORY, 0x4000, XHCI_WINDOW, NULL);
  astern_pci_set_bar (device, XHCI_MSIX_BAR, ASTERN_PCI_BAR_MEMORY, 0x1000, XHCI_MSIX_WINDOW, NULL);
  astern_pci_set_reset (device, 0x60, 1, 0x30);         /* USB release 3.0 */
  astern_pci_add_msi (device, 0x70, 1);
  astern_pci_add_msix (device, 0x90, XHCI_N_INTERRUPTERS, XHCI_MSIX_BAR, 0, MSIX_PBA, G_STRUCT_OFFSET (XhciState, msix));
  astern_timer_init (&xhci->run, device->clock, "xhci-run", &xhci->s.run_ns, run_expired, xhci);
  for (guint i = 0; i < XHCI_N_PORTS; i++)
    xhci->ports[i] = (UsbPort) { .owner = xhci, .ops = &port_ops, .number = i % XHCI_N_SOCKETS,
                                 .speeds = is_usb3 (i) ? USB_SPEED_BIT (USB_SUPER)
                                           : USB_SPEED_BIT (USB_LOW) | USB_SPEED_BIT (USB_FULL) | USB_SPEED_BIT (USB_HIGH) };
}

static void
xhci_reset (AsternDevice *device)
{
  Xhci *xhci = (Xhci *) device;

  memset (&xhci->s.msix, 0, sizeof xhci->s.msix);
  astern_pci_reset (device);
  reset_controller (xhci);
}

static void
xhci_restored (AsternDevice *device)
{
  Xhci *xhci = (Xhci *) device;
  XhciState *s = &xhci->s;

  astern_pci_restored (device);
  s->command_cycle &= 1;
  for (guint i = 0; i < XHCI_N_INTERRUPTERS; i++)
    {
      s->interrupters[i].size = MIN (s->interrupters[i].size, 4096);
      if (s->interrupters[i].position >= s->interrupters[i].size)
        s->interrupters[i].position = 0;
    }
  for (guint i = 0; i < XHCI_N_SLOTS; i++)
    for (guint e = 0; e < XHCI_N_ENDPOINTS; e++)
      s->slots[i].endpoints[e].cycle &= 1;
  xhci_update_irq (xhci, 0, TRUE);
}

#define F(member) ASTERN_FIELD (XhciState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (XhciState, 1), ASTERN_PCI_MSIX_FIELDS (XhciState, 1), F (run_ns), F (crcr), F (dcbaap), F (command),
  F (start_ns), F (cmd), F (sts), F (dnctrl), F (config), ASTERN_FIELD_ARRAY (XhciState, portsc, 1),
  ASTERN_FIELD_ARRAY (XhciState, portpm, 1), F (command_cycle), F (command_running), F (command_kicked),
  ASTERN_FIELD_BYTES (XhciState, reserved, 1), ASTERN_FIELD_BYTES (XhciState, interrupters, 1),
  ASTERN_FIELD_BYTES (XhciState, slots, 1),
};

#define XHCI_CLASS(class_name, text)                                                                \
  {                                                                                                 \
    .name = class_name, .summary = text, .state_version = 1, .instance_size = sizeof (Xhci),        \
    .state_offset = G_STRUCT_OFFSET (Xhci, s), .state_size = sizeof (XhciState),                    \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                            \
    .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                        \
    .init = xhci_init, .reset = xhci_reset, .restored = xhci_restored,                              \
  }

const AsternDeviceClass xhci_class = XHCI_CLASS ("qemu-xhci", "USB 3.0 controller (xHCI)");
const AsternDeviceClass xhci_nec_class = XHCI_CLASS ("nec-usb-xhci", "NEC uPD720200 USB 3.0 controller (xHCI)");

UsbPort *
xhci_ports (AsternDevice *device)
{
  return ((Xhci *) device)->ports;
}

/* ---- the cards ---- */

static const AsternProperty properties[] = { { .name = NULL } };

static gboolean
xhci_plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return usb_plug (((Xhci *) device)->ports, XHCI_N_PORTS, child, astern_settings_text (settings, "port"), error);
}

#define XHCI_CARD(card_name, text, its_class)                                                       \
  {                                                                                                 \
    .name = card_name, .summary = text, .klass = &its_class, .kind = ASTERN_CARD_USB,               \
    .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_USB, .properties = properties, .plug = xhci_plug, \
  }

const AsternCard xhci_card = XHCI_CARD ("qemu-xhci", N_("USB 3.0 controller (xHCI)"), xhci_class);
const AsternCard xhci_nec_card = XHCI_CARD ("nec-usb-xhci", N_("NEC USB 3.0 controller (xHCI)"), xhci_nec_class);
