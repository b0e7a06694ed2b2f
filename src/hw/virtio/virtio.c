/* virtio.c - status, features, configuration, memory: what is not rings, see virtio.h.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, sections 2 and 3.
 * Left out: features beyond bit 63, IN_ORDER, NOTIFICATION_DATA, SR_IOV, ACCESS_PLATFORM. */
#include "config.h"

#include "hw/virtio/virtio.h"

#include "core/machine.h"

#include <string.h>

void
virtio_init (AsternDevice *device, const VirtioType *type)
{
  VirtioDevice *self = (VirtioDevice *) device;

  g_assert (type->config_size <= VIRTIO_MAX_CONFIG && type->queue_size <= VIRTIO_MAX_QUEUE_SIZE);
  self->type = type;
  self->offered = type->features | VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX
                  | VIRTIO_F_VERSION_1 | VIRTIO_F_RING_RESET;
  self->n_queues = type->n_queues;
  self->queue_size = type->queue_size;
}

void
virtio_connect (AsternDevice *device, const VirtioTransport *transport, AsternDevice *transport_device)
{
  VirtioDevice *self = (VirtioDevice *) device;

  self->transport = transport;
  self->transport_device = transport_device;
}

static void
clear_queue (VirtioDevice *self, guint queue)
{
  *virtio_queue (self, queue) = (VirtioQueue) { .size = self->queue_size, .vector = 0xffff, .avail_wrap = 1, .used_wrap = 1 };
}

void
virtio_reset (AsternDevice *device)
{
  VirtioDevice *self = (VirtioDevice *) device;

  *virtio_state (self) = (VirtioState) { .generation = 0 };
  for (guint i = 0; i < self->type->n_queues; i++)
    clear_queue (self, i);
  if (self->type->reset != NULL)
    self->type->reset (self);
}

gboolean
virtio_is_live (VirtioDevice *self)
{
  return (virtio_state (self)->status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET)) == VIRTIO_DRIVER_OK;
}

/* ---- events ---- */

static void
complain (VirtioDevice *self, const char *format, va_list arguments)
{
  AsternMachine *machine = self->parent.machine;
  g_autofree char *text = NULL;

  if (machine == NULL)
    return;
  text = g_strdup_vprintf (format, arguments);
  astern_events_log (&machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", self->parent.name, text);
}

void
virtio_complain (VirtioDevice *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (self, format, arguments);
  va_end (arguments);
}

void
virtio_fail (VirtioDevice *self, const char *format, ...)
{
  VirtioState *s = virtio_state (self);
  va_list arguments;

  va_start (arguments, format);
  complain (self, format, arguments);
  va_end (arguments);
  s->status |= VIRTIO_NEEDS_RESET;
  if ((s->status & VIRTIO_DRIVER_OK) && virtio_has (self, VIRTIO_F_VERSION_1))
    virtio_config_changed (self);
}

/* ---- status and features ---- */

void
virtio_set_status (VirtioDevice *self, guint8 status)
{
  VirtioState *s = virtio_state (self);

  if (status == 0)
    {
      astern_device_reset (&self->parent);
      return;
    }
  if ((status & VIRTIO_FEATURES_OK) && !(s->status & VIRTIO_FEATURES_OK)
      && ((s->accepted & ~self->offered) != 0 || !virtio_has (self, VIRTIO_F_VERSION_1)))
    {
      virtio_complain (self, "features %#" G_GINT64_MODIFIER "x of %#" G_GINT64_MODIFIER "x are not taken", s->accepted,
                       self->offered);
      status &= ~VIRTIO_FEATURES_OK;
    }
  s->status = status | (s->status & VIRTIO_NEEDS_RESET);
  if (self->type->status_changed != NULL)
    self->type->status_changed (self);
}

guint32
virtio_offered (VirtioDevice *self, guint half)
{
  return half < 2 ? (guint32) (self->offered >> 32 * half) : 0;
}

void
virtio_accept (VirtioDevice *self, guint half, guint32 features)
{
  VirtioState *s = virtio_state (self);
  guint shift = 32 * half;

  if (half >= 2 || (s->status & VIRTIO_FEATURES_OK))
    {
      if (features != 0)
        virtio_complain (self, "features %#x are written too late, or too high", features);
      return;
    }
  s->accepted = (s->accepted & ~((guint64) G_MAXUINT32 << shift)) | (guint64) features << shift;
}

/* ---- queues ---- */

void
virtio_set_size (VirtioDevice *self, guint queue, guint16 size)
{
  if (queue >= self->n_queues)
    return;
  if (size == 0 || size > self->queue_size)
    {
      virtio_complain (self, "queue %u cannot have %u entries", queue, size);
      return;
    }
  virtio_queue (self, queue)->size = size;
}

void
virtio_enable_queue (VirtioDevice *self, guint queue)
{
  VirtioQueue *q;

  if (queue >= self->n_queues)
    return;
  q = virtio_queue (self, queue);
  if (!virtio_has (self, VIRTIO_F_RING_PACKED) && (q->size & (q->size - 1)) != 0)
    {
      virtio_complain (self, "queue %u has %u entries, not a power of two", queue, q->size);
      return;
    }
  q->enabled = 1;
}

void
virtio_reset_queue (VirtioDevice *self, guint queue)
{
  if (queue >= self->n_queues)
    return;
  if (self->type->queue_reset != NULL)
    self->type->queue_reset (self, queue);
  clear_queue (self, queue);
}

void
virtio_lay_out (VirtioDevice *self, guint queue, guint64 address, guint32 align)
{
  VirtioQueue *q;

  if (queue >= self->n_queues)
    return;
  if (address == 0)
    {
      virtio_reset_queue (self, queue);
      return;
    }
  if (align < 16 || (align & (align - 1)) != 0)
    {
      virtio_complain (self, "queue %u cannot be aligned to %u", queue, align);
      align = 4096;
    }
  q = virtio_queue (self, queue);
  q->desc = address;
  q->driver = address + 16u * q->size;
  q->device = (q->driver + 6 + 2u * q->size + align - 1) & ~(guint64) (align - 1);
  virtio_enable_queue (self, queue);
}

void
virtio_kick (VirtioDevice *self, guint queue)
{
  VirtioState *s = virtio_state (self);

  if (queue >= self->n_queues || !virtio_queue (self, queue)->enabled)
    virtio_complain (self, "queue %u is notified and not enabled", queue);
  else if (!(s->status & VIRTIO_NEEDS_RESET) && self->transport != NULL)
    self->type->notified (self, queue);
}

/* ---- configuration ---- */

void
virtio_config_changed (VirtioDevice *self)
{
  VirtioState *s = virtio_state (self);

  s->generation++;
  if ((s->status & VIRTIO_DRIVER_OK) && self->transport != NULL)
    self->transport->interrupt (self->transport_device, -1);
}

guint64
virtio_read_config (VirtioDevice *self, guint64 offset, guint size)
{
  guint8 config[VIRTIO_MAX_CONFIG] = { 0 };
  guint64 value = 0;

  if (offset >= self->type->config_size || self->type->read_config == NULL)
    return G_MAXUINT64;
  self->type->read_config (self, config);
  for (guint i = 0; i < size && offset + i < self->type->config_size; i++)
    value |= (guint64) config[offset + i] << 8 * i;
  return value;
}

void
virtio_write_config (VirtioDevice *self, guint64 offset, guint size, guint64 value)
{
  guint8 config[VIRTIO_MAX_CONFIG] = { 0 };

  if (offset >= self->type->config_size || size > self->type->config_size - offset || self->type->config_written == NULL)
    {
      virtio_complain (self, "byte %u of the configuration is written", (guint) offset);
      return;
    }
  self->type->read_config (self, config);
  for (guint i = 0; i < size; i++)
    config[offset + i] = (guint8) (value >> 8 * i);
  self->type->config_written (self, (guint) offset, size, config);
}

/* ---- memory ---- */

/* How many of @size bytes at @address are RAM, or not; at least 1. */
static gsize
stretch (VirtioDevice *self, guint64 address, gsize size, gboolean write, gboolean *is_ram)
{
  AsternRoute route;

  astern_bus_route (self->parent.machine->physical, address, &route);
  *is_ram = (write ? route.write.kind : route.read.kind) == ASTERN_TARGET_MEMORY;
  return (gsize) MIN ((guint64) size, MAX (route.end - address, 1));
}

gboolean
virtio_dma_read (VirtioDevice *self, guint64 address, gpointer data, gsize size)
{
  guint8 *to = data;
  gboolean all = TRUE;

  if (self->transport == NULL || self->parent.machine == NULL)
    {
      memset (data, 0, size);
      return FALSE;
    }
  while (size > 0)
    {
      gboolean is_ram;
      gsize chunk = stretch (self, address, size, FALSE, &is_ram);

      if (!is_ram || !self->transport->read (self->transport_device, address, to, chunk))
        {
          memset (to, 0, chunk);
          all = FALSE;
        }
      address += chunk;
      to += chunk;
      size -= chunk;
    }
  return all;
}

gboolean
virtio_dma_write (VirtioDevice *self, guint64 address, gconstpointer data, gsize size)
{
  const guint8 *from = data;
  gboolean all = TRUE;

  if (self->transport == NULL || self->parent.machine == NULL)
    return FALSE;
  while (size > 0)
    {
      gboolean is_ram;
      gsize chunk = stretch (self, address, size, TRUE, &is_ram);

      if (!is_ram || !self->transport->write (self->transport_device, address, from, chunk))
        all = FALSE;
      address += chunk;
      from += chunk;
      size -= chunk;
    }
  return all;
}
