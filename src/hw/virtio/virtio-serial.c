/* virtio-serial.c - console device, and its ports.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.3.
 * Left out: the size of the console (its features SIZE, and RESIZE messages), ports that come and go while it runs.
 *
 * Bytes that come in while the driver has no buffer wait in the port's state; what does not fit there is lost, but
 * the outside is told how much room there is. */
#include "config.h"

#include "hw/virtio/virtio-serial.h"

#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

#define F_MULTIPORT    VIRTIO_BIT (1)
#define F_EMERG_WRITE  VIRTIO_BIT (2)

enum { QUEUE_CONTROL_IN = 2, QUEUE_CONTROL_OUT = 3, N_QUEUES = 2 * VIRTIO_SERIAL_PORTS + 2 };
enum
{
  DEVICE_READY, DEVICE_ADD, DEVICE_REMOVE, PORT_READY, CONSOLE_PORT, RESIZE, PORT_OPEN, PORT_NAME,
};
enum { CONFIG_PORTS = 4, CONFIG_EMERG_WRITE = 8, CONFIG_BYTES = 12 };

#define PORT_BYTES     1024
#define NAME_BYTES     64
#define MESSAGE_BYTES  8
#define MOST_MESSAGES  128

typedef struct
{
  VirtioState virtio;
  VirtioQueue queues[N_QUEUES];
  guint32     messages[MOST_MESSAGES];      /* to the driver, waiting: port << 24 | event << 16 | value */
  guint16     first, n;
  guint8      ready;                        /* the driver takes messages */
  guint8      reserved[3];
} VirtioSerialState;

typedef struct
{
  guint16 waiting;
  guint8  guest_open;
  guint8  unplugged;                        /* nobody is on the other side */
  guint8  bytes[PORT_BYTES];                /* from outside, oldest first */
} VirtioPortState;

typedef struct _VirtioSerial VirtioSerial;

typedef struct
{
  AsternDevice    parent;
  VirtioPortState s;
  VirtioSerial   *serial;                   /* NULL: plugged in nowhere */
  AsternLink     *link;                     /* borrowed; NULL: none */
  char            name[NAME_BYTES];
  guint           number;
  gint            room;                     /* atomic: the hint of room() */
} VirtioPort;

struct _VirtioSerial
{
  VirtioDevice      parent;
  VirtioSerialState s;
  VirtioPort       *ports[VIRTIO_SERIAL_PORTS];     /* borrowed */
};

static guint
in_queue (guint port)
{
  return port == 0 ? 0 : 2 * port + 2;
}

/* The port of a queue for data; VIRTIO_SERIAL_PORTS: none. */
static guint
port_of (guint queue)
{
  if (queue < 2)
    return 0;
  return queue < 4 ? VIRTIO_SERIAL_PORTS : (queue - 2) / 2;
}

static gboolean
is_console (const VirtioPort *port)
{
  return port->parent.klass == &virtconsole_class;
}

/* ---- bytes ---- */

static void
update_room (VirtioPort *port)
{
  gboolean listens = is_console (port) || port->s.guest_open;

  g_atomic_int_set (&port->room, listens ? PORT_BYTES - MIN (port->s.waiting, PORT_BYTES) : 0);
}

/* What waits goes into the driver's buffers. */
static void
pump (VirtioPort *port)
{
  VirtioPortState *s = &port->s;
  gboolean any = FALSE;
  VirtioDevice *device;
  VirtioChain chain;

  s->waiting = MIN (s->waiting, PORT_BYTES);
  if (port->serial != NULL && virtio_is_live (&port->serial->parent))
    {
      device = &port->serial->parent;
      while (s->waiting > 0 && virtio_pop (device, in_queue (port->number), &chain))
        {
          gsize size = virtio_write (device, &chain, 0, s->bytes, s->waiting);

          virtio_push (device, &chain.ticket, (guint32) size);
          s->waiting -= (guint16) size;
          memmove (s->bytes, s->bytes + size, s->waiting);
          memset (s->bytes + s->waiting, 0, size);
          any = TRUE;
        }
      if (any)
        {
          virtio_notify (device, in_queue (port->number));
          astern_link_has_room (port->link);
        }
      virtio_listen (device, in_queue (port->number));
    }
  update_room (port);
}

static void
bytes_came (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioPort *port = receiver;
  VirtioPortState *s = &port->s;

  s->waiting = MIN (s->waiting, PORT_BYTES);
  size = MIN (size, (gsize) (PORT_BYTES - s->waiting));
  memcpy (s->bytes + s->waiting, data, size);
  s->waiting += (guint16) size;
  pump (port);
}

static guint
room (gpointer device)
{
  return (guint) g_atomic_int_get (&((VirtioPort *) device)->room);
}

static void
send_out (VirtioSerial *self, guint queue)
{
  guint number = port_of (queue);
  VirtioPort *port = number < VIRTIO_SERIAL_PORTS ? self->ports[number] : NULL;
  guint8 bytes[4096];
  VirtioChain chain;

  while (virtio_pop (&self->parent, queue, &chain))
    {
      guint64 most = MIN (chain.out_size, 1u << 20);

      for (guint64 at = 0; at < most && port != NULL; at += sizeof bytes)
        {
          gsize size = (gsize) MIN (most - at, sizeof bytes);

          virtio_read (&self->parent, &chain, at, bytes, size);
          astern_link_send (port->link, bytes, size);
        }
      virtio_push (&self->parent, &chain.ticket, 0);
    }
  virtio_notify (&self->parent, queue);
}

/* ---- messages ---- */

static void
write_message (VirtioSerial *self, guint32 message, const VirtioChain *chain)
{
  const VirtioPort *port = self->ports[(message >> 24) % VIRTIO_SERIAL_PORTS];
  guint event = message >> 16 & 0xff;
  guint8 bytes[MESSAGE_BYTES + NAME_BYTES] = { 0 };
  gsize size = MESSAGE_BYTES;

  virtio_put (bytes, 4, message >> 24);
  virtio_put (bytes + 4, 2, event);
  virtio_put (bytes + 6, 2, message & 0xffff);
  if (event == PORT_NAME && port != NULL)
    {
      memcpy (bytes + size, port->name, strlen (port->name));
      size += strlen (port->name);
    }
  virtio_push (&self->parent, &chain->ticket, (guint32) virtio_write (&self->parent, chain, 0, bytes, size));
}

static void
send_messages (VirtioSerial *self)
{
  VirtioSerialState *s = &self->s;
  gboolean any = FALSE;
  VirtioChain chain;

  s->first %= MOST_MESSAGES;
  s->n = MIN (s->n, MOST_MESSAGES);
  while (s->n > 0 && virtio_pop (&self->parent, QUEUE_CONTROL_IN, &chain))
    {
      write_message (self, s->messages[s->first], &chain);
      s->messages[s->first] = 0;
      s->first = (s->first + 1) % MOST_MESSAGES;
      s->n--;
      any = TRUE;
    }
  if (any)
    virtio_notify (&self->parent, QUEUE_CONTROL_IN);
  virtio_listen (&self->parent, QUEUE_CONTROL_IN);
}

static void
add_message (VirtioSerial *self, guint port, guint event, guint value)
{
  VirtioSerialState *s = &self->s;

  if (s->n >= MOST_MESSAGES)
    {
      virtio_complain (&self->parent, "a message for port %u is lost", port);
      return;
    }
  s->messages[(s->first + s->n) % MOST_MESSAGES] = port << 24 | event << 16 | value;
  s->n++;
}

static void
introduce (VirtioSerial *self, const VirtioPort *port)
{
  if (is_console (port))
    add_message (self, port->number, CONSOLE_PORT, 1);
  if (port->name[0] != '\0')
    add_message (self, port->number, PORT_NAME, 1);
  if (port->link != NULL && port->link->connected)
    add_message (self, port->number, PORT_OPEN, 1);
}

static void
set_open (VirtioPort *port, gboolean open)
{
  if (port->s.guest_open == open)
    return;
  port->s.guest_open = open;
  astern_link_set_open (port->link, open);
}

static gboolean
is_open (gpointer device)
{
  return ((VirtioPort *) device)->s.guest_open;
}

static void
obey (VirtioSerial *self, guint32 number, guint event, guint value)
{
  VirtioPort *port = number < VIRTIO_SERIAL_PORTS ? self->ports[number] : NULL;

  if (event == DEVICE_READY)
    {
      self->s.ready = value == 1;
      for (guint i = 0; i < VIRTIO_SERIAL_PORTS && value == 1; i++)
        if (self->ports[i] != NULL)
          add_message (self, i, DEVICE_ADD, 1);
    }
  else if (port == NULL)
    virtio_complain (&self->parent, "message %u for port %u, which is not there", event, number);
  else if (event == PORT_READY && value == 1)
    introduce (self, port);
  else if (event == PORT_OPEN)
    {
      set_open (port, value != 0);
      pump (port);
    }
}

static void
control (VirtioSerial *self)
{
  VirtioChain chain;

  while (virtio_pop (&self->parent, QUEUE_CONTROL_OUT, &chain))
    {
      guint8 bytes[MESSAGE_BYTES];

      if (virtio_read (&self->parent, &chain, 0, bytes, sizeof bytes) == sizeof bytes)
        obey (self, (guint32) virtio_get (bytes, 4), (guint) virtio_get (bytes + 4, 2), (guint) virtio_get (bytes + 6, 2));
      virtio_push (&self->parent, &chain.ticket, 0);
    }
  virtio_notify (&self->parent, QUEUE_CONTROL_OUT);
  send_messages (self);
}

static void
link_changed (gpointer device)
{
  VirtioPort *port = device;

  port->s.unplugged = !port->link->connected;
  if (port->serial == NULL || !port->serial->s.ready)
    return;
  add_message (port->serial, port->number, PORT_OPEN, port->link->connected);
  send_messages (port->serial);
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioSerial *self = (VirtioSerial *) device;

  if (queue == QUEUE_CONTROL_OUT)
    control (self);
  else if (queue == QUEUE_CONTROL_IN)
    send_messages (self);
  else if (queue % 2 != 0)
    send_out (self, queue);
  else if (self->ports[port_of (queue)] != NULL)
    pump (self->ports[port_of (queue)]);
}

static void
serial_reset (VirtioDevice *device)
{
  VirtioSerial *self = (VirtioSerial *) device;
  VirtioSerialState *s = &self->s;

  memset (s->messages, 0, sizeof s->messages);
  s->first = s->n = 0;
  s->ready = 0;
  memset (s->reserved, 0, sizeof s->reserved);
  for (guint i = 0; i < VIRTIO_SERIAL_PORTS; i++)
    if (self->ports[i] != NULL)
      {
        set_open (self->ports[i], FALSE);
        update_room (self->ports[i]);
      }
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  virtio_put (config, 2, 80);
  virtio_put (config + 2, 2, 25);
  virtio_put (config + CONFIG_PORTS, 4, VIRTIO_SERIAL_PORTS);
}

/* A driver that has no rings yet prints a character. */
static void
config_written (VirtioDevice *device, guint offset, guint size, const guint8 *config)
{
  VirtioSerial *self = (VirtioSerial *) device;

  if (offset == CONFIG_EMERG_WRITE && self->ports[0] != NULL)
    astern_link_send (self->ports[0]->link, config + offset, 1);
}

static const VirtioType type = {
  .name = "virtio-serial", .id = VIRTIO_ID_CONSOLE, .pci_legacy_id = 0x1003, .pci_class = 0x078000,
  .n_queues = N_QUEUES, .queue_size = 128, .features = F_MULTIPORT | F_EMERG_WRITE, .config_size = CONFIG_BYTES,
  .read_config = read_config, .config_written = config_written, .notified = notified, .reset = serial_reset,
};

static void
init (AsternDevice *device)
{
  virtio_init (device, &type);
}

#define Q(i)      VIRTIO_QUEUE_FIELDS (VirtioSerialState, i, 1)
#define F(member) ASTERN_FIELD (VirtioSerialState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioSerialState, 1),
  Q (0), Q (1), Q (2), Q (3), Q (4), Q (5), Q (6), Q (7), Q (8), Q (9),
  Q (10), Q (11), Q (12), Q (13), Q (14), Q (15), Q (16), Q (17), Q (18), Q (19),
  Q (20), Q (21), Q (22), Q (23), Q (24), Q (25), Q (26), Q (27), Q (28), Q (29),
  Q (30), Q (31), Q (32), Q (33),
  ASTERN_FIELD_ARRAY (VirtioSerialState, messages, 1), F (first), F (n), F (ready),
  ASTERN_FIELD_BYTES (VirtioSerialState, reserved, 1),
};

const AsternDeviceClass virtio_serial_class = {
  .name = "virtio-serial", .summary = "virtio console device", .state_version = 1,
  .instance_size = sizeof (VirtioSerial),
  .state_offset = G_STRUCT_OFFSET (VirtioSerial, s), .state_size = sizeof (VirtioSerialState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset,
};

/* ---- ports ---- */

static void
port_reset (AsternDevice *device)
{
  VirtioPort *port = (VirtioPort *) device;

  set_open (port, FALSE);
  memset (&port->s, 0, sizeof port->s);
  port->s.unplugged = port->link != NULL && !port->link->connected;
  update_room (port);
}

static void
port_restored (AsternDevice *device)
{
  VirtioPort *port = (VirtioPort *) device;

  if (port->link != NULL)
    port->link->connected = !port->s.unplugged;
  update_room (port);
}

#define P(member) ASTERN_FIELD (VirtioPortState, member, 1)
static const AsternField port_fields[] = {
  P (waiting), P (guest_open), P (unplugged), ASTERN_FIELD_BYTES (VirtioPortState, bytes, 1),
};

#define PORT_CLASS(class_name, class_summary)                                                       \
  {                                                                                                 \
    .name = class_name, .summary = class_summary, .state_version = 1,                               \
    .instance_size = sizeof (VirtioPort),                                                           \
    .state_offset = G_STRUCT_OFFSET (VirtioPort, s), .state_size = sizeof (VirtioPortState),        \
    .fields = port_fields, .n_fields = G_N_ELEMENTS (port_fields),                                  \
    .reset = port_reset, .restored = port_restored,                                                 \
  }

const AsternDeviceClass virtserialport_class = PORT_CLASS ("virtserialport", "port of a virtio console device");
const AsternDeviceClass virtconsole_class = PORT_CLASS ("virtconsole", "console of a virtio console device");

void
virtio_port_connect (AsternDevice *device, AsternLink *link, const char *name)
{
  VirtioPort *port = (VirtioPort *) device;

  g_strlcpy (port->name, name != NULL ? name : "", sizeof port->name);
  port->link = link;
  if (link == NULL)
    return;
  astern_link_attach (link, port, bytes_came, room);
  link->changed = link_changed;
  link->is_open = is_open;
}

gboolean
virtio_serial_plug (VirtioDevice *device, AsternDevice *port_device, gint number, GError **error)
{
  VirtioSerial *self = (VirtioSerial *) device;
  VirtioPort *port = (VirtioPort *) port_device;

  if (number < 0)
    for (number = is_console (port) ? 0 : 1; number < VIRTIO_SERIAL_PORTS && self->ports[number] != NULL;)
      number++;
  if (number >= VIRTIO_SERIAL_PORTS || self->ports[number] != NULL || (number == 0 && !is_console (port)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The port “%s” cannot be number %d: ports are 1 to %d, each once, and 0 is a virtconsole’s."), port_device->name,
                   number, VIRTIO_SERIAL_PORTS - 1);
      return FALSE;
    }
  port->serial = self;
  port->number = (guint) number;
  self->ports[number] = port;
  update_room (port);
  return TRUE;
}

/* ---- cards ---- */

const AsternDeviceClass virtio_serial_pci_class = VIRTIO_PCI_CLASS ("virtio-serial-pci", "virtio console device on PCI");
const AsternDeviceClass virtio_serial_device_class = VIRTIO_MMIO_CLASS ("virtio-serial-device", "virtio console device on MMIO");

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
  return virtio_configure (device, settings, &virtio_serial_class, error) != NULL;
}

static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  gint number = astern_settings_given (settings, "nr") ? (gint) MIN (astern_settings_number (settings, "nr"), 255) : -1;

  return virtio_serial_plug (virtio_behind (device), child, number, error);
}

const AsternCard virtio_serial_pci_card = {
  .name = "virtio-serial-pci", .alias = "virtio-serial", .summary = N_("virtio console device"), .klass = &virtio_serial_pci_class,
  .kind = ASTERN_CARD_CHARACTER, .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_VIRTIO_SERIAL, .properties = properties,
  .configure = configure, .plug = plug,
};

const AsternCard virtio_serial_device_card = {
  .name = "virtio-serial-device", .summary = N_("virtio console device without a bus (MMIO)"), .klass = &virtio_serial_device_class,
  .kind = ASTERN_CARD_CHARACTER, .slot = ASTERN_SLOT_VIRTIO_MMIO, .offers = ASTERN_SLOT_VIRTIO_SERIAL, .properties = mmio_properties,
  .configure = configure, .plug = plug,
};

static const AsternProperty port_properties[] = {
  { "chardev", ASTERN_PROPERTY_CHARDEV, NULL, N_("Where its bytes go to and come from") },
  { "name",    ASTERN_PROPERTY_TEXT,    NULL, N_("The name by which the guest finds it") },
  { "nr",      ASTERN_PROPERTY_NUMBER,  NULL, N_("Its number; the first free one") },
  { 0 },
};

static gboolean
configure_port (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  virtio_port_connect (device, astern_settings_link (settings, "chardev"), astern_settings_text (settings, "name"));
  return TRUE;
}

const AsternCard virtserialport_card = {
  .name = "virtserialport", .summary = N_("port of a virtio console device"), .klass = &virtserialport_class,
  .kind = ASTERN_CARD_CHARACTER, .slot = ASTERN_SLOT_VIRTIO_SERIAL, .properties = port_properties, .configure = configure_port,
};

const AsternCard virtconsole_card = {
  .name = "virtconsole", .summary = N_("console of a virtio console device"), .klass = &virtconsole_class,
  .kind = ASTERN_CARD_CHARACTER, .slot = ASTERN_SLOT_VIRTIO_SERIAL, .properties = port_properties, .configure = configure_port,
};
