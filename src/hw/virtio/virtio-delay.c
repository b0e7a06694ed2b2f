/* virtio-delay.c - see virtio-delay.h. */
#include "config.h"

#include "hw/virtio/virtio-delay.h"

#include <string.h>

#define NEVER ASTERN_CLOCK_NEVER

/* A loaded state may say anything. */
static void
make_sound (VirtioDelayState *s)
{
  s->first %= VIRTIO_UNDER_WAY;
  s->n = MIN (s->n, VIRTIO_UNDER_WAY);
}

static void
do_first (VirtioDelay *self)
{
  VirtioDelayState *s = self->s;
  VirtioTicket ticket = s->tickets[s->first];
  VirtioChain chain;

  s->first = (s->first + 1) % VIRTIO_UNDER_WAY;
  s->n--;
  if (ticket.queue == self->queue && virtio_resume (self->device, &ticket, &chain))
    self->perform (self->device, &chain);
}

void
virtio_delay_take (VirtioDelay *self)
{
  VirtioDelayState *s = self->s;
  guint64 now_ns = astern_clock_now_ns (self->device->parent.clock);
  VirtioChain chain;

  make_sound (s);
  while (s->n < VIRTIO_UNDER_WAY && virtio_pop (self->device, self->queue, &chain))
    {
      guint at = (s->first + s->n) % VIRTIO_UNDER_WAY;
      guint64 done_ns = now_ns + self->duration_ns (self->device, &chain);

      if (s->n > 0)
        done_ns = MAX (done_ns, s->done_ns[(at + VIRTIO_UNDER_WAY - 1) % VIRTIO_UNDER_WAY]);
      s->done_ns[at] = done_ns;
      s->tickets[at] = chain.ticket;
      s->n++;
    }
  if (s->n > 0 && s->due_ns == NEVER)
    astern_timer_set (&self->timer, s->done_ns[s->first]);
}

static void
expired (gpointer owner)
{
  VirtioDelay *self = owner;
  VirtioDelayState *s = self->s;
  guint64 now_ns = astern_clock_now_ns (self->device->parent.clock);

  make_sound (s);
  while (s->n > 0 && s->done_ns[s->first] <= now_ns)
    do_first (self);
  virtio_notify (self->device, self->queue);
  virtio_delay_take (self);
}

void
virtio_delay_hurry (VirtioDelay *self)
{
  make_sound (self->s);
  astern_timer_cancel (&self->timer);
  while (self->s->n > 0)
    do_first (self);
  virtio_notify (self->device, self->queue);
  virtio_delay_take (self);
}

void
virtio_delay_forget (VirtioDelay *self)
{
  astern_timer_cancel (&self->timer);
  memset (self->s->done_ns, 0, sizeof self->s->done_ns);
  memset (self->s->tickets, 0, sizeof self->s->tickets);
  self->s->first = self->s->n = 0;
  self->s->reserved = 0;
}

void
virtio_delay_init (VirtioDelay *self)
{
  astern_timer_init (&self->timer, self->device->parent.clock, self->device->type->name, &self->s->due_ns, expired, self);
}
