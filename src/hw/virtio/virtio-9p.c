/* virtio-9p.c - see virtio-9p.h.
 * Source: Linux, include/uapi/linux/virtio_9p.h (the configuration: the tag's length, the tag), and net/9p/trans_virtio.c
 * for how it is used: one queue, a chain a request, its answer in the same chain. */
#include "config.h"

#include "hw/virtio/virtio-9p.h"

#include "core/machine.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

#define F_MOUNT_TAG   VIRTIO_BIT (0)

#define UNDER_WAY     128                    /* a power of two; the queue's size */
#define LEAST_MESSAGE 7
#define CONFIG_BYTES  (2 + VIRTIO_9P_MOST_TAG)

typedef struct
{
  VirtioState  virtio;
  VirtioQueue  queues[1];
  guint64      sent, answered;               /* numbers: of the next request, and of the oldest one without an answer */
  guint64      due_ns;                       /* the timer's: the oldest goes out again */
  VirtioTicket tickets[UNDER_WAY];           /* of requests answered .. sent - 1, by number */
} Virtio9pState;

typedef struct
{
  VirtioDevice  parent;
  Virtio9pState s;
  AsternLink   *link;                        /* borrowed; NULL: none */
  AsternTimer   timer;
  char          tag[VIRTIO_9P_MOST_TAG + 1];
  guint8        packet[VIRTIO_9P_OUT_HEADER + VIRTIO_9P_MOST_MESSAGE];
} Virtio9p;

/* A loaded state may say anything. */
static gboolean
is_sound (Virtio9p *self)
{
  if (self->s.sent - self->s.answered <= UNDER_WAY)
    return TRUE;
  virtio_fail (&self->parent, "requests without an answer are more than there can be");
  self->s.answered = self->s.sent;
  return FALSE;
}

/* ---- requests ---- */

static gboolean
is_good (const VirtioChain *chain)
{
  return chain->out_size >= LEAST_MESSAGE && chain->out_size <= VIRTIO_9P_MOST_MESSAGE && chain->in_size >= LEAST_MESSAGE + 4;
}

static void
send_request (Virtio9p *self, const VirtioChain *chain, guint64 number, gboolean again)
{
  gsize size = (gsize) chain->out_size;

  memset (self->packet, 0, VIRTIO_9P_OUT_HEADER);
  virtio_put (self->packet + VIRTIO_9P_OUT_NUMBER, 8, number);
  self->packet[VIRTIO_9P_OUT_AGAIN] = again;
  virtio_put (self->packet + VIRTIO_9P_OUT_MOST, 4, MIN (chain->in_size, G_MAXUINT32));
  virtio_read (&self->parent, chain, 0, self->packet + VIRTIO_9P_OUT_HEADER, size);
  astern_link_send (self->link, self->packet, VIRTIO_9P_OUT_HEADER + size);
}

static void
wait_for_answer (Virtio9p *self)
{
  if (self->s.sent == self->s.answered)
    astern_timer_cancel (&self->timer);
  else
    astern_timer_set (&self->timer, astern_clock_now_ns (self->parent.parent.clock) + VIRTIO_9P_PATIENCE_NS);
}

static void
notified (VirtioDevice *device, guint queue)
{
  Virtio9p *self = (Virtio9p *) device;
  Virtio9pState *s = &self->s;
  gboolean idle = s->sent == s->answered;
  VirtioChain chain;

  if (!is_sound (self))
    return;
  while (s->sent - s->answered < UNDER_WAY && virtio_pop (device, queue, &chain))
    {
      if (!is_good (&chain))
        {
          virtio_fail (device, "a request of %" G_GUINT64_FORMAT " bytes, with room for %" G_GUINT64_FORMAT, chain.out_size,
                       chain.in_size);
          return;
        }
      s->tickets[s->sent % UNDER_WAY] = chain.ticket;
      send_request (self, &chain, s->sent++, FALSE);
    }
  if (idle)
    wait_for_answer (self);
}

static void
expired (gpointer owner)
{
  Virtio9p *self = owner;
  Virtio9pState *s = &self->s;

  if (!is_sound (self))
    return;
  for (guint64 number = s->answered; number < s->sent; number++)
    {
      VirtioChain chain;

      if (!virtio_resume (&self->parent, &s->tickets[number % UNDER_WAY], &chain))
        return;
      if (is_good (&chain))
        send_request (self, &chain, number, TRUE);
    }
  wait_for_answer (self);
}

/* ---- answers ---- */

/* One that was not waited for is of another future, or was given before. */
static void
answer_came (gpointer receiver, gconstpointer data, gsize size)
{
  Virtio9p *self = receiver;
  Virtio9pState *s = &self->s;
  const guint8 *packet = data;
  VirtioTicket ticket;
  VirtioChain chain;

  if (!is_sound (self) || s->sent == s->answered || size < VIRTIO_9P_IN_HEADER + LEAST_MESSAGE
      || virtio_get (packet, VIRTIO_9P_IN_HEADER) != s->answered)
    return;
  ticket = s->tickets[s->answered % UNDER_WAY];
  s->tickets[s->answered % UNDER_WAY] = (VirtioTicket) { .queue = 0 };
  s->answered++;
  wait_for_answer (self);
  if (ticket.queue != 0 || !virtio_resume (&self->parent, &ticket, &chain))
    return;
  virtio_push (&self->parent, &ticket,
               (guint32) virtio_write (&self->parent, &chain, 0, packet + VIRTIO_9P_IN_HEADER, size - VIRTIO_9P_IN_HEADER));
  virtio_notify (&self->parent, 0);
  if (virtio_pending (&self->parent, 0))
    notified (&self->parent, 0);
}

/* ---- the device ---- */

/* What is under way is not waited for any more; numbers go on. */
static void
p9_reset (VirtioDevice *device)
{
  Virtio9p *self = (Virtio9p *) device;

  self->s.answered = self->s.sent;
  memset (self->s.tickets, 0, sizeof self->s.tickets);
  astern_timer_cancel (&self->timer);
}

static void
queue_reset (VirtioDevice *device, guint queue)
{
  p9_reset (device);
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  const Virtio9p *self = (Virtio9p *) device;

  virtio_put (config, 2, strlen (self->tag));
  memcpy (config + 2, self->tag, strlen (self->tag));
}

static const VirtioType type = {
  .name = "virtio-9p", .id = VIRTIO_ID_9P, .pci_legacy_id = 0x1009, .pci_class = 0x000200,
  .n_queues = 1, .queue_size = UNDER_WAY, .config_size = CONFIG_BYTES, .features = F_MOUNT_TAG,
  .read_config = read_config, .notified = notified, .reset = p9_reset, .queue_reset = queue_reset,
};

static void
init (AsternDevice *device)
{
  Virtio9p *self = (Virtio9p *) device;

  virtio_init (device, &type);
  astern_timer_init (&self->timer, device->clock, "virtio-9p", &self->s.due_ns, expired, self);
}

#define F(member) ASTERN_FIELD (Virtio9pState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (Virtio9pState, 1), VIRTIO_QUEUE_FIELDS (Virtio9pState, 0, 1),
  F (sent), F (answered), F (due_ns), ASTERN_FIELD_BYTES (Virtio9pState, tickets, 1),
};

const AsternDeviceClass virtio_9p_class = {
  .name = "virtio-9p", .summary = "virtio 9P transport", .state_version = 1,
  .instance_size = sizeof (Virtio9p),
  .state_offset = G_STRUCT_OFFSET (Virtio9p, s), .state_size = sizeof (Virtio9pState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset,
};

void
virtio_9p_connect (VirtioDevice *device, AsternLink *link, const char *tag)
{
  Virtio9p *self = (Virtio9p *) device;

  g_strlcpy (self->tag, tag, sizeof self->tag);
  self->link = link;
  if (link != NULL)
    astern_link_attach (link, self, answer_came, NULL);
}

/* ---- cards ---- */

const AsternDeviceClass virtio_9p_pci_class = VIRTIO_PCI_CLASS ("virtio-9p-pci", "virtio 9P transport on PCI");
const AsternDeviceClass virtio_9p_device_class = VIRTIO_MMIO_CLASS ("virtio-9p-device", "virtio 9P transport on MMIO");

/* On every transport. */
#define P9_PROPERTIES                                                                                             \
  { "fsdev",     ASTERN_PROPERTY_FSDEV, NULL, N_("The directory that it shares") },                               \
  { "mount_tag", ASTERN_PROPERTY_TEXT,  NULL, N_("The name by which the guest mounts it") }

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  P9_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  P9_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternLink *link = astern_settings_link (settings, "fsdev");
  const char *tag = astern_settings_text (settings, "mount_tag");
  VirtioDevice *virtio;

  if (link == NULL || tag == NULL || tag[0] == '\0' || strlen (tag) > VIRTIO_9P_MOST_TAG)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The device “%s” needs the “fsdev=” of a directory to share, and a “mount_tag=” of up to %d bytes by which the guest mounts it."),
                   device->name, VIRTIO_9P_MOST_TAG);
      return FALSE;
    }
  virtio = virtio_configure (device, settings, &virtio_9p_class, error);
  if (virtio == NULL)
    return FALSE;
  virtio_9p_connect (virtio, link, tag);
  return TRUE;
}

const AsternCard virtio_9p_pci_card = {
  .name = "virtio-9p-pci", .alias = "virtio-9p", .summary = N_("directory of the host (virtio 9P)"), .klass = &virtio_9p_pci_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_9p_device_card = {
  .name = "virtio-9p-device", .summary = N_("directory of the host (virtio 9P) without a bus (MMIO)"), .klass = &virtio_9p_device_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties, .configure = configure,
};
