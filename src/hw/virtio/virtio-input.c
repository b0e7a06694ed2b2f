/* virtio-input.c - input devices: keyboard, mouse, tablet.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.8; numbers of types, keys and axes are those of Linux's
 * input events, which it refers to.
 * Left out: the keyboard's lights, multi-touch, passing a host's device on.
 *
 * Events that come while the driver has no buffer wait in the state; what does not fit there is lost. */
#include "config.h"

#include "hw/virtio/virtio-input.h"

#include "hw/human.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

enum { QUEUE_EVENTS, QUEUE_STATUS, N_QUEUES };
enum { CFG_NAME = 0x01, CFG_SERIAL = 0x02, CFG_IDS = 0x03, CFG_PROPERTIES = 0x10, CFG_EVENTS = 0x11, CFG_AXIS = 0x12 };
enum { CONFIG_SELECT, CONFIG_SUBSELECT, CONFIG_SIZE, CONFIG_DATA = 8, CONFIG_BYTES = 136 };

enum { EV_SYN = 0, EV_KEY = 1, EV_REL = 2, EV_ABS = 3, EV_REP = 0x14 };
enum { REL_X = 0, REL_Y = 1, REL_WHEEL = 8, ABS_X = 0, ABS_Y = 1 };
enum { BTN_LEFT = 0x110, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA, BUTTONS = 5 };

#define MOST_EVENTS 64          /* that wait */
#define EVENT_BYTES 8
#define LAST_KEY    0xff

typedef struct
{
  VirtioState virtio;
  VirtioQueue queues[N_QUEUES];
  guint64     events[MOST_EVENTS];      /* a ring: type, code << 16, value << 32 */
  guint16     first, n;
  guint8      select, subselect;
  guint8      buttons;                  /* that are down */
  guint8      reserved;
} VirtioInputState;

typedef struct
{
  VirtioDevice     parent;
  VirtioInputState s;
} VirtioInput;

static HumanKind
kind_of (const VirtioDevice *device)
{
  if (device->parent.klass == &virtio_keyboard_class)
    return HUMAN_KEYS;
  return device->parent.klass == &virtio_mouse_class ? HUMAN_RELATIVE : HUMAN_ABSOLUTE;
}

/* ---- events ---- */

static void
pump (VirtioInput *self)
{
  VirtioInputState *s = &self->s;
  gboolean any = FALSE;
  VirtioChain chain;

  s->first %= MOST_EVENTS;
  s->n = MIN (s->n, MOST_EVENTS);
  if (!virtio_is_live (&self->parent))
    return;
  while (s->n > 0 && virtio_pop (&self->parent, QUEUE_EVENTS, &chain))
    {
      guint8 bytes[EVENT_BYTES];

      virtio_put (bytes, EVENT_BYTES, s->events[s->first]);
      s->events[s->first] = 0;
      s->first = (s->first + 1) % MOST_EVENTS;
      s->n--;
      virtio_push (&self->parent, &chain.ticket, (guint32) virtio_write (&self->parent, &chain, 0, bytes, sizeof bytes));
      any = TRUE;
    }
  if (any)
    virtio_notify (&self->parent, QUEUE_EVENTS);
  virtio_listen (&self->parent, QUEUE_EVENTS);
}

static void
add (VirtioInput *self, guint type, guint code, gint32 value)
{
  VirtioInputState *s = &self->s;

  s->events[(s->first + s->n) % MOST_EVENTS] = (guint64) (guint32) value << 32 | code << 16 | type;
  s->n++;
}

/* Room for what one packet makes. */
static gboolean
has_room (const VirtioInput *self)
{
  return self->s.n + BUTTONS + 4 <= MOST_EVENTS;
}

static void
add_buttons (VirtioInput *self, guint8 buttons)
{
  guint8 changed = buttons ^ self->s.buttons;

  for (guint i = 0; i < BUTTONS; i++)
    if (changed >> i & 1)
      add (self, EV_KEY, BTN_LEFT + i, buttons >> i & 1);
  self->s.buttons = buttons;
}

static void
add_wheel (VirtioInput *self, gint8 dz)
{
  if (dz != 0)
    add (self, EV_REL, REL_WHEEL, -dz);
}

/* The number of a key in Linux's events; 0: it has none.  Most have that of scan code set 1. */
static guint
key_code (guint16 key)
{
  static const struct { guint16 key, code; } others[] = {
    { 0xe01c, 96 }, { 0xe01d, 97 }, { 0xe035, 98 }, { 0xe037, 99 }, { 0xe038, 100 }, { 0xe047, 102 }, { 0xe048, 103 },
    { 0xe049, 104 }, { 0xe04b, 105 }, { 0xe04d, 106 }, { 0xe04f, 107 }, { 0xe050, 108 }, { 0xe051, 109 }, { 0xe052, 110 },
    { 0xe053, 111 }, { 0xe020, 113 }, { 0xe02e, 114 }, { 0xe030, 115 }, { 0xe05e, 116 }, { 0xe11d, 119 }, { 0xe05b, 125 },
    { 0xe05c, 126 }, { 0xe05d, 127 }, { 0xe021, 140 }, { 0xe05f, 142 }, { 0xe063, 143 }, { 0xe019, 163 }, { 0xe022, 164 },
    { 0xe010, 165 }, { 0xe024, 166 }, { 0x70, 93 }, { 0x73, 89 }, { 0x79, 92 }, { 0x7b, 94 }, { 0x7d, 124 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i].key == key)
      return others[i].code;
  return key <= 0x58 ? key : 0;
}

static gboolean
has_key (guint code)
{
  if (code >= 1 && code <= 0x58)
    return TRUE;
  for (guint16 key = 0x59; key < 0x80; key++)
    if (key_code (key) == code)
      return TRUE;
  for (guint16 key = 0xe000; key < 0xe080; key++)
    if (key_code (key) == code)
      return TRUE;
  return code == key_code (PS2_KEY_PAUSE);
}

void
virtio_keyboard_input (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioInput *self = receiver;
  const guint8 *bytes = data;

  for (; size >= HUMAN_KEYS_PACKET_BYTES; bytes += HUMAN_KEYS_PACKET_BYTES, size -= HUMAN_KEYS_PACKET_BYTES)
    {
      guint code = key_code ((guint16) virtio_get (bytes, 2));

      if (code == 0 || !has_room (self))
        continue;
      add (self, EV_KEY, code, bytes[2] != 0);
      add (self, EV_SYN, 0, 0);
    }
  pump (self);
}

void
virtio_mouse_input (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioInput *self = receiver;
  const guint8 *bytes = data;

  for (; size >= HUMAN_RELATIVE_PACKET_BYTES; bytes += HUMAN_RELATIVE_PACKET_BYTES, size -= HUMAN_RELATIVE_PACKET_BYTES)
    {
      if (!has_room (self))
        continue;
      if ((gint16) virtio_get (bytes, 2) != 0)
        add (self, EV_REL, REL_X, (gint16) virtio_get (bytes, 2));
      if ((gint16) virtio_get (bytes + 2, 2) != 0)
        add (self, EV_REL, REL_Y, (gint16) virtio_get (bytes + 2, 2));
      add_wheel (self, (gint8) bytes[4]);
      add_buttons (self, bytes[5]);
      add (self, EV_SYN, 0, 0);
    }
  pump (self);
}

void
virtio_tablet_input (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioInput *self = receiver;
  const guint8 *bytes = data;

  for (; size >= HUMAN_ABSOLUTE_PACKET_BYTES; bytes += HUMAN_ABSOLUTE_PACKET_BYTES, size -= HUMAN_ABSOLUTE_PACKET_BYTES)
    {
      if (!has_room (self))
        continue;
      add (self, EV_ABS, ABS_X, (gint32) MIN (virtio_get (bytes, 2), HUMAN_POINTER_MAX));
      add (self, EV_ABS, ABS_Y, (gint32) MIN (virtio_get (bytes + 2, 2), HUMAN_POINTER_MAX));
      add_wheel (self, (gint8) bytes[4]);
      add_buttons (self, bytes[5]);
      add (self, EV_SYN, 0, 0);
    }
  pump (self);
}

gboolean
virtio_input_listens (AsternDevice *device)
{
  return virtio_is_live ((VirtioDevice *) device);
}

/* ---- configuration ---- */

static void
set_bit (guint8 *bits, guint n)
{
  bits[n / 8] |= (guint8) (1 << n % 8);
}

/* Which codes of a type there are; returns how many bytes. */
static guint
event_bits (VirtioDevice *device, guint type, guint8 *bits)
{
  HumanKind kind = kind_of (device);

  if (kind == HUMAN_KEYS)
    {
      if (type == EV_REP)
        return 1;
      for (guint code = 1; type == EV_KEY && code < LAST_KEY; code++)
        if (has_key (code))
          set_bit (bits, code);
      return type == EV_KEY ? (LAST_KEY + 7) / 8 : 0;
    }
  switch (type)
    {
    case EV_KEY:
      for (guint i = 0; i < BUTTONS; i++)
        set_bit (bits, BTN_LEFT + i);
      return (BTN_LEFT + BUTTONS + 7) / 8;
    case EV_REL:
      set_bit (bits, REL_WHEEL);
      if (kind == HUMAN_RELATIVE)
        bits[0] |= 1 << REL_X | 1 << REL_Y;
      return 2;
    case EV_ABS:
      if (kind != HUMAN_ABSOLUTE)
        return 0;
      bits[0] |= 1 << ABS_X | 1 << ABS_Y;
      return 1;
    default:
      return 0;
    }
}

static guint
text (guint8 *data, const char *string)
{
  memcpy (data, string, strlen (string));
  return (guint) strlen (string);
}

static guint
describe (VirtioDevice *device, guint8 *data)
{
  static const char *const names[] = { "Virtio keyboard", "Virtio mouse", "Virtio tablet" };
  const VirtioInputState *s = &((VirtioInput *) device)->s;
  HumanKind kind = kind_of (device);

  switch (s->select)
    {
    case CFG_NAME:
      return text (data, names[kind]);
    case CFG_IDS:
      virtio_put (data, 2, 6);                          /* a virtual bus */
      virtio_put (data + 2, 2, 0x0627);
      virtio_put (data + 4, 2, 1u + kind);
      virtio_put (data + 6, 2, 1);
      return 8;
    case CFG_EVENTS:
      return event_bits (device, s->subselect, data);
    case CFG_AXIS:
      if (kind != HUMAN_ABSOLUTE || s->subselect > ABS_Y)
        return 0;
      virtio_put (data + 4, 4, HUMAN_POINTER_MAX);      /* from 0 on */
      return 20;
    default:
      return 0;
    }
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  const VirtioInputState *s = &((VirtioInput *) device)->s;

  config[CONFIG_SELECT] = s->select;
  config[CONFIG_SUBSELECT] = s->subselect;
  config[CONFIG_SIZE] = (guint8) describe (device, config + CONFIG_DATA);
}

static void
config_written (VirtioDevice *device, guint offset, guint size, const guint8 *config)
{
  VirtioInputState *s = &((VirtioInput *) device)->s;

  s->select = config[CONFIG_SELECT];
  s->subselect = config[CONFIG_SUBSELECT];
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioChain chain;

  if (queue == QUEUE_EVENTS)
    {
      pump ((VirtioInput *) device);
      return;
    }
  while (virtio_pop (device, queue, &chain))
    virtio_push (device, &chain.ticket, 0);
  virtio_notify (device, queue);
}

static void
input_reset (VirtioDevice *device)
{
  VirtioInputState *s = &((VirtioInput *) device)->s;

  memset (s->events, 0, sizeof s->events);
  s->first = s->n = 0;
  s->select = s->subselect = s->buttons = s->reserved = 0;
}

static const VirtioType type = {
  .name = "virtio-input", .id = VIRTIO_ID_INPUT, .pci_class = 0x090000,
  .n_queues = N_QUEUES, .queue_size = 64, .config_size = CONFIG_BYTES,
  .read_config = read_config, .config_written = config_written, .notified = notified, .reset = input_reset,
};

static void
init (AsternDevice *device)
{
  virtio_init (device, &type);
}

#define F(member) ASTERN_FIELD (VirtioInputState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioInputState, 1), VIRTIO_QUEUE_FIELDS (VirtioInputState, 0, 1), VIRTIO_QUEUE_FIELDS (VirtioInputState, 1, 1),
  ASTERN_FIELD_ARRAY (VirtioInputState, events, 1), F (first), F (n), F (select), F (subselect), F (buttons), F (reserved),
};

#define INPUT_CLASS(class_name, class_summary)                                                      \
  {                                                                                                 \
    .name = class_name, .summary = class_summary, .state_version = 1,                               \
    .instance_size = sizeof (VirtioInput),                                                          \
    .state_offset = G_STRUCT_OFFSET (VirtioInput, s), .state_size = sizeof (VirtioInputState),      \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                            \
    .init = init, .reset = virtio_reset,                                                            \
  }

const AsternDeviceClass virtio_keyboard_class = INPUT_CLASS ("virtio-keyboard", "virtio keyboard");
const AsternDeviceClass virtio_mouse_class = INPUT_CLASS ("virtio-mouse", "virtio mouse");
const AsternDeviceClass virtio_tablet_class = INPUT_CLASS ("virtio-tablet", "virtio tablet");

/* ---- cards ---- */

const AsternDeviceClass virtio_keyboard_pci_class = VIRTIO_PCI_CLASS ("virtio-keyboard-pci", "virtio keyboard on PCI");
const AsternDeviceClass virtio_mouse_pci_class = VIRTIO_PCI_CLASS ("virtio-mouse-pci", "virtio mouse on PCI");
const AsternDeviceClass virtio_tablet_pci_class = VIRTIO_PCI_CLASS ("virtio-tablet-pci", "virtio tablet on PCI");
const AsternDeviceClass virtio_keyboard_device_class = VIRTIO_MMIO_CLASS ("virtio-keyboard-device", "virtio keyboard on MMIO");
const AsternDeviceClass virtio_mouse_device_class = VIRTIO_MMIO_CLASS ("virtio-mouse-device", "virtio mouse on MMIO");
const AsternDeviceClass virtio_tablet_device_class = VIRTIO_MMIO_CLASS ("virtio-tablet-device", "virtio tablet on MMIO");

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  const AsternDeviceClass *own = device->klass;
  const AsternDeviceClass *klass = own == &virtio_keyboard_pci_class || own == &virtio_keyboard_device_class ? &virtio_keyboard_class
                                   : own == &virtio_mouse_pci_class || own == &virtio_mouse_device_class     ? &virtio_mouse_class
                                                                                                             : &virtio_tablet_class;

  return virtio_configure (device, settings, klass, error) != NULL;
}

#define INPUT_CARD(card_name, card_alias, card_summary, card_class)                                                 \
  {                                                                                                                 \
    .name = card_name, .alias = card_alias, .summary = card_summary, .klass = card_class,                           \
    .kind = ASTERN_CARD_INPUT, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,           \
  }

const AsternCard virtio_keyboard_pci_card =
  INPUT_CARD ("virtio-keyboard-pci", "virtio-keyboard", N_("virtio keyboard"), &virtio_keyboard_pci_class);
const AsternCard virtio_mouse_pci_card =
  INPUT_CARD ("virtio-mouse-pci", "virtio-mouse", N_("virtio mouse"), &virtio_mouse_pci_class);
const AsternCard virtio_tablet_pci_card =
  INPUT_CARD ("virtio-tablet-pci", "virtio-tablet", N_("virtio tablet"), &virtio_tablet_pci_class);

#define INPUT_MMIO_CARD(card_name, card_summary, card_class)                                                        \
  {                                                                                                                 \
    .name = card_name, .summary = card_summary, .klass = card_class, .kind = ASTERN_CARD_INPUT,                     \
    .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties, .configure = configure,                         \
  }

const AsternCard virtio_keyboard_device_card =
  INPUT_MMIO_CARD ("virtio-keyboard-device", N_("virtio keyboard without a bus (MMIO)"), &virtio_keyboard_device_class);
const AsternCard virtio_mouse_device_card =
  INPUT_MMIO_CARD ("virtio-mouse-device", N_("virtio mouse without a bus (MMIO)"), &virtio_mouse_device_class);
const AsternCard virtio_tablet_device_card =
  INPUT_MMIO_CARD ("virtio-tablet-device", N_("virtio tablet without a bus (MMIO)"), &virtio_tablet_device_class);
