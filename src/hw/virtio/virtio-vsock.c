/* virtio-vsock.c - see virtio-vsock.h.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.10.
 * Left out: sockets of sequenced packets.
 *
 * What comes while the driver has no buffer waits in the device's state; the other end is told how much room there is. */
#include "config.h"

#include "hw/virtio/virtio-vsock.h"

#include "core/machine.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

#define F_STREAM       VIRTIO_BIT (0)

enum { QUEUE_RX, QUEUE_TX, QUEUE_EVENT, N_QUEUES };
enum { AT_LENGTH = 24 };
enum { EVENT_TRANSPORT_RESET = 0 };

#define HEADER         VIRTIO_VSOCK_HEADER
#define WAITING_BYTES  32768u
#define CONFIG_BYTES   8
#define LEAST_CID      3
#define MOST_CID       0xfffffffeu

typedef struct
{
  VirtioState virtio;
  VirtioQueue queues[N_QUEUES];
  guint64     sent;                         /* number of the next packet to the outside */
  guint32     n_waiting;                    /* bytes */
  guint32     done;                         /* of the data of the first packet that waits */
  guint8      reset_waiting;                /* the driver is to hear that connections are gone */
  guint8      reserved[7];
  guint8      waiting[WAITING_BYTES];       /* packets to the guest, oldest first */
} VirtioVsockState;

typedef struct
{
  VirtioDevice     parent;
  VirtioVsockState s;
  AsternLink      *link;                    /* owned; NULL: none */
  char            *uds_path;
  guint64          cid;
  gint             room;                    /* atomic: the hint of room() */
  guint8           packet[VIRTIO_VSOCK_NUMBER + HEADER + VIRTIO_VSOCK_MOST_DATA];
} VirtioVsock;

/* ---- to the guest ---- */

static void
update_room (VirtioVsock *self)
{
  g_atomic_int_set (&self->room, (gint) (WAITING_BYTES - MIN (self->s.n_waiting, WAITING_BYTES)));
  astern_link_has_room (self->link);
}

/* How many bytes the first packet that waits has; 0: there is none that is whole. */
static guint32
first_size (VirtioVsock *self)
{
  const VirtioVsockState *s = &self->s;
  guint64 size;

  if (s->n_waiting < HEADER)
    return 0;
  size = HEADER + virtio_get (s->waiting + AT_LENGTH, 4);
  return size <= s->n_waiting ? (guint32) size : 0;
}

static void
drop_first (VirtioVsock *self, guint32 size)
{
  VirtioVsockState *s = &self->s;

  s->n_waiting -= size;
  memmove (s->waiting, s->waiting + size, s->n_waiting);
  memset (s->waiting + s->n_waiting, 0, size);
  s->done = 0;
}

/* As much of it as the buffer takes, with a header of its own; a stream may be cut anywhere. */
static void
put (VirtioVsock *self, guint32 size, const VirtioChain *chain)
{
  VirtioVsockState *s = &self->s;
  guint32 rest = size - HEADER - s->done, part = (guint32) MIN (rest, chain->in_size - HEADER);
  guint8 header[HEADER];

  memcpy (header, s->waiting, HEADER);
  virtio_put (header + AT_LENGTH, 4, part);
  virtio_write (&self->parent, chain, 0, header, HEADER);
  virtio_write (&self->parent, chain, HEADER, s->waiting + HEADER + s->done, part);
  virtio_push (&self->parent, &chain->ticket, HEADER + part);
  s->done += part;
  if (s->done == size - HEADER)
    drop_first (self, size);
}

static void
pump (VirtioVsock *self)
{
  VirtioVsockState *s = &self->s;
  gboolean any = FALSE;
  VirtioChain chain;
  guint32 size;

  s->n_waiting = MIN (s->n_waiting, WAITING_BYTES);
  while (virtio_is_live (&self->parent) && (size = first_size (self)) != 0)
    {
      s->done = MIN (s->done, size - HEADER);
      if (!virtio_pop (&self->parent, QUEUE_RX, &chain))
        break;
      if (chain.in_size <= HEADER)
        {
          virtio_fail (&self->parent, "a buffer of %" G_GUINT64_FORMAT " bytes has no room for a packet", chain.in_size);
          break;
        }
      put (self, size, &chain);
      any = TRUE;
    }
  if (any)
    virtio_notify (&self->parent, QUEUE_RX);
  virtio_listen (&self->parent, QUEUE_RX);
  update_room (self);
}

static void
tell_of_reset (VirtioVsock *self)
{
  static const guint8 event[4] = { EVENT_TRANSPORT_RESET };
  VirtioChain chain;

  if (!self->s.reset_waiting || !virtio_is_live (&self->parent) || !virtio_pop (&self->parent, QUEUE_EVENT, &chain))
    return;
  self->s.reset_waiting = 0;
  virtio_push (&self->parent, &chain.ticket, (guint32) virtio_write (&self->parent, &chain, 0, event, sizeof event));
  virtio_notify (&self->parent, QUEUE_EVENT);
}

static void
came (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioVsock *self = receiver;
  VirtioVsockState *s = &self->s;
  const guint8 *packet = (const guint8 *) data + 1;

  if (size == 0)
    return;
  if (*(const guint8 *) data == VIRTIO_VSOCK_RESET)
    {
      memset (s->waiting, 0, sizeof s->waiting);
      s->n_waiting = s->done = 0;
      s->reset_waiting = virtio_is_live (&self->parent);
      tell_of_reset (self);
      update_room (self);
      return;
    }
  size--;
  s->n_waiting = MIN (s->n_waiting, WAITING_BYTES);
  if (size < HEADER || size != HEADER + virtio_get (packet + AT_LENGTH, 4) || !virtio_is_live (&self->parent))
    return;
  if (size > WAITING_BYTES - s->n_waiting)
    {
      virtio_complain (&self->parent, "a packet of %u bytes is lost, for want of buffers", (guint) size);
      return;
    }
  memcpy (s->waiting + s->n_waiting, packet, size);
  s->n_waiting += (guint32) size;
  pump (self);
}

static guint
room (gpointer device)
{
  return (guint) g_atomic_int_get (&((VirtioVsock *) device)->room);
}

/* ---- from the guest ---- */

static void
send_out (VirtioVsock *self, gsize size)
{
  virtio_put (self->packet, VIRTIO_VSOCK_NUMBER, self->s.sent++);
  astern_link_send (self->link, self->packet, VIRTIO_VSOCK_NUMBER + size);
}

static void
transmit (VirtioVsock *self)
{
  VirtioDevice *device = &self->parent;
  guint8 *packet = self->packet + VIRTIO_VSOCK_NUMBER;
  VirtioChain chain;

  while (virtio_pop (device, QUEUE_TX, &chain))
    {
      guint64 length = 0;

      if (virtio_read (device, &chain, 0, packet, HEADER) == HEADER)
        length = virtio_get (packet + AT_LENGTH, 4);
      if (chain.out_size < HEADER || length > chain.out_size - HEADER || length > VIRTIO_VSOCK_MOST_DATA)
        virtio_complain (device, "a packet of %" G_GUINT64_FORMAT " bytes in %" G_GUINT64_FORMAT, length, chain.out_size);
      else
        {
          virtio_read (device, &chain, HEADER, packet + HEADER, (gsize) length);
          send_out (self, HEADER + (gsize) length);
        }
      virtio_push (device, &chain.ticket, 0);
    }
  virtio_notify (device, QUEUE_TX);
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioVsock *self = (VirtioVsock *) device;

  if (queue == QUEUE_TX)
    transmit (self);
  else if (queue == QUEUE_RX)
    pump (self);
  else
    tell_of_reset (self);
}

static void
vsock_reset (VirtioDevice *device)
{
  VirtioVsock *self = (VirtioVsock *) device;
  VirtioVsockState *s = &self->s;

  memset (s->waiting, 0, sizeof s->waiting);
  s->n_waiting = s->done = 0;
  s->reset_waiting = 0;
  memset (s->reserved, 0, sizeof s->reserved);
  if (self->link != NULL)
    send_out (self, 0);
  update_room (self);
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  virtio_put (config, CONFIG_BYTES, ((VirtioVsock *) device)->cid);
}

static const VirtioType type = {
  .name = "virtio-vsock", .id = VIRTIO_ID_SOCKET, .pci_class = 0x078000,
  .n_queues = N_QUEUES, .queue_size = 128, .config_size = CONFIG_BYTES, .features = F_STREAM,
  .read_config = read_config, .notified = notified, .reset = vsock_reset,
};

static void
init (AsternDevice *device)
{
  virtio_init (device, &type);
}

static void
restored (AsternDevice *device)
{
  update_room ((VirtioVsock *) device);
}

static void
finalize (AsternDevice *device)
{
  VirtioVsock *self = (VirtioVsock *) device;

  g_clear_pointer (&self->link, astern_link_free);
  g_clear_pointer (&self->uds_path, g_free);
}

#define F(member) ASTERN_FIELD (VirtioVsockState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioVsockState, 1), VIRTIO_QUEUE_FIELDS (VirtioVsockState, 0, 1), VIRTIO_QUEUE_FIELDS (VirtioVsockState, 1, 1),
  VIRTIO_QUEUE_FIELDS (VirtioVsockState, 2, 1),
  F (sent), F (n_waiting), F (done), F (reset_waiting), ASTERN_FIELD_BYTES (VirtioVsockState, reserved, 1),
  ASTERN_FIELD_BYTES (VirtioVsockState, waiting, 1),
};

const AsternDeviceClass virtio_vsock_class = {
  .name = "virtio-vsock", .summary = "virtio socket device", .state_version = 1,
  .instance_size = sizeof (VirtioVsock),
  .state_offset = G_STRUCT_OFFSET (VirtioVsock, s), .state_size = sizeof (VirtioVsockState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset, .restored = restored, .finalize = finalize,
};

void
virtio_vsock_connect (VirtioDevice *device, AsternLink *link, guint64 cid, const char *uds_path)
{
  VirtioVsock *self = (VirtioVsock *) device;

  self->link = link;
  self->cid = cid;
  self->uds_path = g_strdup (uds_path);
  astern_link_attach (link, self, came, room);
  update_room (self);
}

void
virtio_vsock_look (AsternDevice *device, VirtioVsockEnd *end_out)
{
  VirtioVsock *self = (VirtioVsock *) device;

  *end_out = (VirtioVsockEnd) { self->link, self->cid, self->uds_path };
}

/* ---- cards ---- */

const AsternDeviceClass virtio_vsock_pci_class = VIRTIO_PCI_CLASS ("vhost-vsock-pci", "virtio socket device on PCI");
const AsternDeviceClass virtio_vsock_device_class = VIRTIO_MMIO_CLASS ("vhost-vsock-device", "virtio socket device on MMIO");

/* On every transport. */
#define VSOCK_PROPERTIES                                                                                                      \
  { "guest-cid", ASTERN_PROPERTY_NUMBER, NULL, N_("The guest's address: a number from 3 on") },                               \
  { "uds-path",  ASTERN_PROPERTY_TEXT,   NULL, N_("A UNIX socket to reach the guest by; its own connections go to PATH_PORT") }

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  VSOCK_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  VSOCK_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  guint64 cid = astern_settings_given (settings, "guest-cid") ? astern_settings_number (settings, "guest-cid") : LEAST_CID;
  g_autofree char *port = g_strdup_printf ("%s.socket", device->name);
  VirtioDevice *virtio;

  if (cid < LEAST_CID || cid > MOST_CID)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“guest-cid=” of the device “%s” is a number from %u to %u."),
                   device->name, LEAST_CID, MOST_CID);
      return FALSE;
    }
  virtio = virtio_configure (device, settings, &virtio_vsock_class, error);
  if (virtio == NULL)
    return FALSE;
  virtio_vsock_connect (virtio, astern_link_new (astern_settings_machine (settings), port), cid, astern_settings_text (settings, "uds-path"));
  return TRUE;
}

const AsternCard virtio_vsock_pci_card = {
  .name = "vhost-vsock-pci", .alias = "virtio-vsock-pci", .summary = N_("sockets between guest and host (virtio)"),
  .klass = &virtio_vsock_pci_class, .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_vsock_device_card = {
  .name = "vhost-vsock-device", .alias = "virtio-vsock-device", .summary = N_("sockets between guest and host (virtio) without a bus (MMIO)"),
  .klass = &virtio_vsock_device_class, .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties,
  .configure = configure,
};
