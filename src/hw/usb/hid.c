/* hid.c - USB keyboard, mouse and tablet.
 * Source: Device Class Definition for Human Interface Devices 1.11; HID Usage Tables 1.12.
 * Left out: physical descriptors, output reports but the keyboard's lights. */
#include "config.h"

#include "hw/usb/hid.h"

#include "hw/human.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"

#include <string.h>

#include <glib/gi18n.h>

#define QUEUE         32           /* a power of two */
#define KEYS          6            /* in a report */
#define IDLE_UNIT_NS  4000000
#define COUNTS_LIMIT  (1 << 20)

enum { KEYBOARD_REPORT = 8, MOUSE_REPORT = 4, MOUSE_BOOT_REPORT = 3, TABLET_REPORT = 6, MAX_REPORT = 8 };
enum { HID_GET_REPORT = 1, HID_GET_IDLE = 2, HID_GET_PROTOCOL = 3, HID_SET_REPORT = 9, HID_SET_IDLE = 10, HID_SET_PROTOCOL = 11 };

/* What a person did, one thing an entry. */
typedef struct
{
  gint32 x, y, z;        /* mouse: how far; tablet: where */
  guint8 buttons;        /* keyboard: the usage */
  guint8 down;
  guint8 reserved[2];
} HidEvent;

typedef struct
{
  UsbState usb;
  guint64  idle_ns;               /* deadline: the report is told again */
  HidEvent queue[QUEUE];          /* a ring */
  HidEvent now;                   /* pointer: as it was reported last */
  guint8   report[MAX_REPORT];    /* keyboard: as it is */
  guint8   start, len;
  guint8   idle;                  /* in 4 ms; 0: only changes are told */
  guint8   protocol;              /* 1: report, 0: boot */
  guint8   due;                   /* the report is to be told though nothing changed */
  guint8   leds;
  guint8   reserved[2];
} HidState;

typedef struct
{
  UsbDevice   parent;
  HidState    s;
  AsternTimer idle;
} Hid;

/* ---- what they say of themselves ---- */

static const guint8 keyboard_reports[] = {
  0x05, 0x01, 0x09, 0x06,                                           /* desktop, keyboard */
  0xa1, 0x01,
  0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01,       /* modifiers: eight bits */
  0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
  0x95, 0x01, 0x75, 0x08, 0x81, 0x01,                               /* a byte for the maker */
  0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05,       /* five lights */
  0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x01,
  0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x26, 0xff, 0x00,             /* six keys */
  0x05, 0x07, 0x19, 0x00, 0x2a, 0xff, 0x00, 0x81, 0x00,
  0xc0,
};

static const guint8 mouse_reports[] = {
  0x05, 0x01, 0x09, 0x02,                                           /* desktop, mouse */
  0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00,
  0x05, 0x09, 0x19, 0x01, 0x29, 0x05, 0x15, 0x00, 0x25, 0x01,       /* five buttons */
  0x95, 0x05, 0x75, 0x01, 0x81, 0x02,
  0x95, 0x01, 0x75, 0x03, 0x81, 0x01,
  0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x09, 0x38,                   /* X, Y, wheel: how far */
  0x15, 0x81, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x03, 0x81, 0x06,
  0xc0, 0xc0,
};

static const guint8 tablet_reports[] = {
  0x05, 0x01, 0x09, 0x02,                                           /* desktop, mouse: what all guests know */
  0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00,
  0x05, 0x09, 0x19, 0x01, 0x29, 0x05, 0x15, 0x00, 0x25, 0x01,       /* five buttons */
  0x95, 0x05, 0x75, 0x01, 0x81, 0x02,
  0x95, 0x01, 0x75, 0x03, 0x81, 0x01,
  0x05, 0x01, 0x09, 0x30, 0x09, 0x31,                               /* X, Y: where */
  0x15, 0x00, 0x26, 0xff, 0x7f, 0x35, 0x00, 0x46, 0xff, 0x7f,
  0x75, 0x10, 0x95, 0x02, 0x81, 0x02,
  0x09, 0x38, 0x15, 0x81, 0x25, 0x7f, 0x35, 0x00, 0x45, 0x00,       /* wheel: how far */
  0x75, 0x08, 0x95, 0x01, 0x81, 0x06,
  0xc0, 0xc0,
};

#define HID_DESCRIPTOR(reports) \
  { 9, USB_DESCRIPTOR_HID, 0x11, 0x01, 0x00, 1, USB_DESCRIPTOR_REPORT, sizeof (reports), 0 }

static const guint8 keyboard_hid[] = HID_DESCRIPTOR (keyboard_reports);
static const guint8 mouse_hid[] = HID_DESCRIPTOR (mouse_reports);
static const guint8 tablet_hid[] = HID_DESCRIPTOR (tablet_reports);

static const UsbEndpoint keyboard_endpoints[] = { { 0x81, USB_ENDPOINT_INTERRUPT, 8, 8, 0, 8 } };
static const UsbEndpoint mouse_endpoints[] = { { 0x81, USB_ENDPOINT_INTERRUPT, 4, 4, 0, 8 } };
static const UsbEndpoint tablet_endpoints[] = { { 0x81, USB_ENDPOINT_INTERRUPT, 8, 8, 0, 8 } };

/* Class, subclass (1: it has a boot protocol), protocol (1 keyboard, 2 mouse). */
static const UsbInterface keyboard_interfaces[] = { { 0, 0, 3, 1, 1, 0, keyboard_hid, sizeof keyboard_hid, keyboard_endpoints, 1 } };
static const UsbInterface mouse_interfaces[] = { { 0, 0, 3, 1, 2, 0, mouse_hid, sizeof mouse_hid, mouse_endpoints, 1 } };
static const UsbInterface tablet_interfaces[] = { { 0, 0, 3, 0, 0, 0, tablet_hid, sizeof tablet_hid, tablet_endpoints, 1 } };

static const UsbConfiguration keyboard_configuration = { 1, 0xa0, 50, keyboard_interfaces, 1 };
static const UsbConfiguration mouse_configuration = { 1, 0xa0, 50, mouse_interfaces, 1 };
static const UsbConfiguration tablet_configuration = { 1, 0xa0, 50, tablet_interfaces, 1 };

/* ---- reports ---- */

static gboolean
is (const Hid *hid, const AsternDeviceClass *klass)
{
  return hid->parent.parent.klass == klass;
}

static void
set_key (guint8 report[MAX_REPORT], guint8 usage, gboolean down)
{
  guint8 *keys = report + 2;
  guint i;

  if (usage >= 0xe0)
    {
      guint8 bit = (guint8) (1u << (usage & 7));

      report[0] = (guint8) (down ? report[0] | bit : report[0] & ~bit);
      return;
    }
  for (i = 0; i < KEYS && keys[i] != usage && keys[i] != 0; i++)
    ;
  if (i == KEYS)
    return;                     /* a seventh key */
  if (down)
    keys[i] = usage;
  else if (keys[i] == usage)
    {
      memmove (keys + i, keys + i + 1, KEYS - 1 - i);
      keys[KEYS - 1] = 0;
    }
}

static gint
take (gint32 *from, gint limit)
{
  gint taken = CLAMP (*from, -limit, limit);

  *from -= taken;
  return taken;
}

/* What is first in the queue becomes the present; what does not fit into one report stays. */
static void
advance (Hid *hid)
{
  HidState *s = &hid->s;
  HidEvent *event = &s->queue[s->start];

  if (s->len == 0)
    {
      if (!is (hid, &usb_tablet_class))
        s->now.x = s->now.y = 0;
      s->now.z = 0;
      return;
    }
  if (is (hid, &usb_kbd_class))
    set_key (s->report, event->buttons, event->down);
  else
    {
      if (is (hid, &usb_tablet_class))
        {
          s->now.x = event->x;
          s->now.y = event->y;
        }
      else
        {
          s->now.x = take (&event->x, 127);
          s->now.y = take (&event->y, 127);
        }
      s->now.z = take (&event->z, 127);
      s->now.buttons = event->buttons;
      if (event->z != 0 || (is (hid, &usb_mouse_class) && (event->x != 0 || event->y != 0)))
        return;
    }
  s->start = (s->start + 1) % QUEUE;
  s->len--;
}

static guint
make_report (Hid *hid, guint8 report[MAX_REPORT])
{
  HidState *s = &hid->s;

  if (is (hid, &usb_kbd_class))
    {
      memcpy (report, s->report, KEYBOARD_REPORT);
      return KEYBOARD_REPORT;
    }
  report[0] = s->now.buttons;
  if (is (hid, &usb_tablet_class))
    {
      report[1] = (guint8) s->now.x;
      report[2] = (guint8) (s->now.x >> 8);
      report[3] = (guint8) s->now.y;
      report[4] = (guint8) (s->now.y >> 8);
      report[5] = (guint8) -s->now.z;           /* the wheel counts away from the user */
      return TABLET_REPORT;
    }
  report[1] = (guint8) s->now.x;
  report[2] = (guint8) s->now.y;
  report[3] = (guint8) -s->now.z;
  return s->protocol == 0 ? MOUSE_BOOT_REPORT : MOUSE_REPORT;
}

static void
restart_idle (Hid *hid)
{
  HidState *s = &hid->s;

  if (s->idle != 0 && s->usb.configuration != 0)
    astern_timer_set (&hid->idle, astern_clock_now_ns (hid->parent.parent.clock) + s->idle * (guint64) IDLE_UNIT_NS);
  else
    astern_timer_cancel (&hid->idle);
}

static void
idle_expired (gpointer owner)
{
  Hid *hid = owner;

  hid->s.due = 1;
  restart_idle (hid);
  usb_wake (&hid->parent, 0x81);
}

static UsbResult
hid_packet (UsbDevice *usb, UsbPacket *packet)
{
  Hid *hid = (Hid *) usb;
  guint8 report[MAX_REPORT];
  guint n;

  if (packet->token != USB_IN)
    return USB_STALL;
  if (hid->s.len == 0 && !hid->s.due)
    return USB_NAK;
  advance (hid);
  hid->s.due = 0;
  n = make_report (hid, report);
  if (n > packet->size)
    return USB_BABBLE;
  memcpy (packet->data, report, n);
  packet->done = n;
  restart_idle (hid);
  return USB_ACK;
}

/* ---- what a person does ---- */

gboolean
usb_hid_listens (AsternDevice *device)
{
  return ((Hid *) device)->s.usb.configuration != 0;
}

/* The place for a new event; @merge: the last one will do if it says the same of the buttons. */
static HidEvent *
new_event (HidState *s, gboolean merge, guint8 buttons)
{
  HidEvent *last = &s->queue[(s->start + s->len + QUEUE - 1) % QUEUE];

  if (s->len > 0 && ((merge && last->buttons == buttons) || s->len == QUEUE))
    return merge ? last : NULL;
  last = &s->queue[(s->start + s->len++) % QUEUE];
  memset (last, 0, sizeof *last);
  return last;
}

void
usb_kbd_input (gpointer device, gconstpointer data, gsize size)
{
  Hid *hid = device;
  const guint8 *p = data;

  for (; size >= HUMAN_KEYS_PACKET_BYTES; p += HUMAN_KEYS_PACKET_BYTES, size -= HUMAN_KEYS_PACKET_BYTES)
    {
      guint8 usage = usb_hid_usage ((guint16) (p[0] | p[1] << 8));
      HidEvent *event = usage != 0 && usb_hid_listens (device) ? new_event (&hid->s, FALSE, 0) : NULL;

      if (event == NULL)
        continue;
      event->buttons = usage;
      event->down = p[2] != 0;
    }
  if (hid->s.len > 0)
    usb_wake (&hid->parent, 0x81);
}

static void
add (gint32 *to, gint more)
{
  *to = CLAMP (*to + more, -COUNTS_LIMIT, COUNTS_LIMIT);
}

static void
pointer_input (Hid *hid, const guint8 *p, gsize size, gboolean absolute)
{
  for (; size >= 6 && usb_hid_listens (&hid->parent.parent); p += 6, size -= 6)
    {
      guint8 buttons = p[5] & 0x1f;
      HidEvent *event = new_event (&hid->s, TRUE, buttons);

      event->buttons = buttons;
      if (absolute)
        {
          event->x = MIN (p[0] | p[1] << 8, HUMAN_POINTER_MAX);
          event->y = MIN (p[2] | p[3] << 8, HUMAN_POINTER_MAX);
        }
      else
        {
          add (&event->x, (gint16) (p[0] | p[1] << 8));
          add (&event->y, (gint16) (p[2] | p[3] << 8));
        }
      add (&event->z, (gint8) p[4]);
    }
  if (hid->s.len > 0)
    usb_wake (&hid->parent, 0x81);
}

void
usb_mouse_input (gpointer device, gconstpointer data, gsize size)
{
  pointer_input (device, data, size, FALSE);
}

void
usb_tablet_input (gpointer device, gconstpointer data, gsize size)
{
  pointer_input (device, data, size, TRUE);
}

/* ---- requests ---- */

static gint
put_part (guint8 *to, guint size, gconstpointer from, guint n)
{
  n = MIN (n, size);
  memcpy (to, from, n);
  return (gint) n;
}

static gint
descriptor (Hid *hid, const UsbSetup *setup, guint8 *data, guint size)
{
  gboolean keyboard = is (hid, &usb_kbd_class), mouse = is (hid, &usb_mouse_class);

  switch (setup->value >> 8)
    {
    case USB_DESCRIPTOR_HID:
      return put_part (data, size, keyboard ? keyboard_hid : mouse ? mouse_hid : tablet_hid, sizeof keyboard_hid);
    case USB_DESCRIPTOR_REPORT:
      return keyboard ? put_part (data, size, keyboard_reports, sizeof keyboard_reports)
             : mouse ? put_part (data, size, mouse_reports, sizeof mouse_reports)
             : put_part (data, size, tablet_reports, sizeof tablet_reports);
    default:
      return USB_CONTROL_STALL;
    }
}

static gint
class_request (Hid *hid, const UsbSetup *setup, guint8 *data, guint size)
{
  HidState *s = &hid->s;

  switch (setup->request)
    {
    case HID_GET_REPORT:
      return (gint) make_report (hid, data);
    case HID_SET_REPORT:
      if (is (hid, &usb_kbd_class) && size >= 1)
        s->leds = data[0] & 0x1f;
      return 0;
    case HID_GET_IDLE:
      data[0] = s->idle;
      return 1;
    case HID_SET_IDLE:
      s->idle = (guint8) (setup->value >> 8);
      restart_idle (hid);
      return 0;
    case HID_GET_PROTOCOL:
      data[0] = s->protocol;
      return 1;
    case HID_SET_PROTOCOL:
      s->protocol = setup->value & 1;
      return 0;
    default:
      return USB_CONTROL_STALL;
    }
}

static gint
hid_control (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  if ((setup->type & USB_TYPE_TO) != USB_TYPE_INTERFACE)
    return USB_CONTROL_STALL;
  if ((setup->type & USB_TYPE_KIND) == USB_TYPE_CLASS)
    return class_request ((Hid *) usb, setup, data, size);
  if (setup->type == (USB_TYPE_IN | USB_TYPE_INTERFACE) && setup->request == USB_GET_DESCRIPTOR)
    return descriptor ((Hid *) usb, setup, data, size);
  return USB_CONTROL_STALL;
}

/* Nothing is pressed, nobody waits. */
static void
hid_bus_reset (UsbDevice *usb)
{
  Hid *hid = (Hid *) usb;
  HidState *s = &hid->s;

  memset (s->queue, 0, sizeof s->queue);
  memset (&s->now, 0, sizeof s->now);
  memset (s->report, 0, sizeof s->report);
  s->start = s->len = s->due = s->leds = 0;
  s->protocol = 1;
  s->idle = is (hid, &usb_kbd_class) ? 125 : 0;         /* half a second, says 7.2.4 */
  restart_idle (hid);
}

static void
hid_configured (UsbDevice *usb)
{
  restart_idle ((Hid *) usb);
}

#define COMMON                                                                                            \
  .vendor = 0x0627, .product = 0x0001, .release = 0x0100, .n_configurations = 1,                          \
  .speeds = USB_SPEED_BIT (USB_FULL) | USB_SPEED_BIT (USB_HIGH), .manufacturer = "Astern", .serial = "1", \
  .control = hid_control, .packet = hid_packet, .bus_reset = hid_bus_reset, .configured = hid_configured

static const UsbInfo keyboard_info = { COMMON, .product_name = "Astern USB Keyboard", .configurations = &keyboard_configuration };
static const UsbInfo mouse_info = { COMMON, .product_name = "Astern USB Mouse", .configurations = &mouse_configuration };
static const UsbInfo tablet_info = { COMMON, .product_name = "Astern USB Tablet", .configurations = &tablet_configuration };

/* ---- the device ---- */

static void
hid_init (AsternDevice *device)
{
  Hid *hid = (Hid *) device;

  usb_init (device, is (hid, &usb_kbd_class) ? &keyboard_info : is (hid, &usb_mouse_class) ? &mouse_info : &tablet_info);
  astern_timer_init (&hid->idle, device->clock, "hid-idle", &hid->s.idle_ns, idle_expired, hid);
}

static void
hid_reset (AsternDevice *device)
{
  usb_reset (device);
  hid_bus_reset ((UsbDevice *) device);
}

static void
hid_restored (AsternDevice *device)
{
  HidState *s = &((Hid *) device)->s;

  usb_restored (device);
  s->start %= QUEUE;
  s->len = MIN (s->len, QUEUE);
  s->protocol &= 1;
  for (guint i = 0; i < QUEUE; i++)
    {
      s->queue[i].x = CLAMP (s->queue[i].x, -COUNTS_LIMIT, COUNTS_LIMIT);
      s->queue[i].y = CLAMP (s->queue[i].y, -COUNTS_LIMIT, COUNTS_LIMIT);
      s->queue[i].z = CLAMP (s->queue[i].z, -COUNTS_LIMIT, COUNTS_LIMIT);
    }
  s->now.z = CLAMP (s->now.z, -127, 127);
}

#define F(member) ASTERN_FIELD (HidState, member, 1)
static const AsternField fields[] = {
  USB_FIELDS (HidState, 1), F (idle_ns), ASTERN_FIELD_BYTES (HidState, queue, 1), ASTERN_FIELD_BYTES (HidState, now, 1),
  ASTERN_FIELD_BYTES (HidState, report, 1), F (start), F (len), F (idle), F (protocol), F (due), F (leds),
  ASTERN_FIELD_BYTES (HidState, reserved, 1),
};

#define HID_CLASS(class_name, text)                                                                 \
  {                                                                                                 \
    .name = class_name, .summary = text, .state_version = 1, .instance_size = sizeof (Hid),         \
    .state_offset = G_STRUCT_OFFSET (Hid, s), .state_size = sizeof (HidState),                      \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                            \
    .init = hid_init, .reset = hid_reset, .restored = hid_restored, .finalize = usb_finalize,       \
  }

const AsternDeviceClass usb_kbd_class = HID_CLASS ("usb-kbd", "USB keyboard");
const AsternDeviceClass usb_mouse_class = HID_CLASS ("usb-mouse", "USB mouse");
const AsternDeviceClass usb_tablet_class = HID_CLASS ("usb-tablet", "USB tablet");

/* ---- the cards ---- */

static const AsternProperty properties[] = { USB_PROPERTIES, { .name = NULL } };

static gboolean
hid_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  usb_configure (device, settings);
  return TRUE;
}

#define HID_CARD(card_name, text, its_class)                                                        \
  {                                                                                                 \
    .name = card_name, .summary = text, .klass = &its_class, .kind = ASTERN_CARD_INPUT,             \
    .slot = ASTERN_SLOT_USB, .properties = properties, .configure = hid_configure,                  \
  }

const AsternCard usb_kbd_card = HID_CARD ("usb-kbd", N_("USB keyboard"), usb_kbd_class);
const AsternCard usb_mouse_card = HID_CARD ("usb-mouse", N_("USB mouse"), usb_mouse_class);
const AsternCard usb_tablet_card = HID_CARD ("usb-tablet", N_("USB tablet: a pointer that says where it is"), usb_tablet_class);
