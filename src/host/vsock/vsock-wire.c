/* vsock-wire.c - packets between the guest's device and the host's end.
 *
 * How much room the device has is asked on the host's thread while the machine runs; what is on its way is counted, so
 * that it is never estimated too high (as host/net/wire.c does for frames). */
#include "config.h"

#include "host/vsock/vsock-private.h"

#include "core/machine.h"

#include <string.h>

enum { KIND_PACKET, KIND_RESET, NUMBER_BYTES = 8 };      /* as virtio-vsock.h has it */

static guint64
get (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[i] << 8 * i;
  return value;
}

static void
put (guint8 **at, guint size, guint64 value)
{
  for (guint i = 0; i < size; i++)
    *(*at)++ = (guint8) (value >> 8 * i);
}

void
vsock_get_header (const guint8 *packet, VsockHeader *header)
{
  *header = (VsockHeader) {
    .source_cid = get (packet, 8), .target_cid = get (packet + 8, 8), .source_port = (guint32) get (packet + 16, 4),
    .target_port = (guint32) get (packet + 20, 4), .length = (guint32) get (packet + 24, 4), .type = (guint16) get (packet + 28, 2),
    .op = (guint16) get (packet + 30, 2), .flags = (guint32) get (packet + 32, 4), .buffer = (guint32) get (packet + 36, 4),
    .forwarded = (guint32) get (packet + 40, 4),
  };
}

static GBytes *
make_packet (const VsockHeader *header, const guint8 *data)
{
  guint8 *bytes = g_malloc (1 + HEADER + header->length), *at = bytes;

  put (&at, 1, KIND_PACKET);
  put (&at, 8, header->source_cid);
  put (&at, 8, header->target_cid);
  put (&at, 4, header->source_port);
  put (&at, 4, header->target_port);
  put (&at, 4, header->length);
  put (&at, 2, header->type);
  put (&at, 2, header->op);
  put (&at, 4, header->flags);
  put (&at, 4, header->buffer);
  put (&at, 4, header->forwarded);
  if (header->length > 0)
    memcpy (at, data, header->length);
  return g_bytes_new_take (bytes, 1 + HEADER + header->length);
}

/* ---- to the guest; the host's thread ---- */

static guint
room (AsternVsock *vsock)
{
  guint on_the_way = (guint) g_atomic_int_get (&vsock->submitted) - (guint) g_atomic_int_get (&vsock->delivered);
  guint free_bytes = vsock->link->room != NULL && vsock->link->device != NULL ? vsock->link->room (vsock->link->device) : 0;

  return free_bytes > on_the_way ? free_bytes - on_the_way : 0;
}

static void
submit (AsternVsock *vsock, GBytes *packet)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (packet, &size);

  g_atomic_int_add ((gint *) &vsock->submitted, (gint) size);
  astern_inputs_submit (vsock->link->machine->inputs, vsock->link->port, bytes, size);
}

static gboolean
next_fits (AsternVsock *vsock)
{
  return g_bytes_get_size (g_queue_peek_head (&vsock->to_guest)) <= room (vsock);
}

void
vsock_pump (AsternVsock *vsock)
{
  gboolean was_stalled = vsock->stalled;

  g_atomic_int_set (&vsock->starved, 0);
  while (vsock->to_guest.length > 0)
    {
      GBytes *packet;

      if (!next_fits (vsock))
        {
          /* It may have got room before it could know that somebody waits. */
          g_atomic_int_set (&vsock->starved, 1);
          if (!next_fits (vsock))
            break;
        }
      packet = g_queue_pop_head (&vsock->to_guest);
      vsock->waiting -= g_bytes_get_size (packet);
      submit (vsock, packet);
      g_bytes_unref (packet);
    }
  vsock->stalled = vsock->to_guest.length > 0;
  if (was_stalled && !vsock->stalled)
    vsock_resume (vsock);
}

void
vsock_send (AsternVsock *vsock, VsockHeader *header, const guint8 *data)
{
  GBytes *packet;

  header->source_cid = HOST_CID;
  header->target_cid = vsock->cid;
  header->type = STREAM;
  packet = make_packet (header, data);
  vsock->waiting += g_bytes_get_size (packet);
  g_queue_push_tail (&vsock->to_guest, packet);
  vsock_pump (vsock);
}

/* All that waited is of connections that are gone. */
void
vsock_send_event (AsternVsock *vsock)
{
  const guint8 kind = KIND_RESET;
  g_autoptr (GBytes) event = g_bytes_new (&kind, 1);

  submit (vsock, event);
}

gboolean
vsock_has_room (AsternVsock *vsock)
{
  return vsock->to_guest.length == 0;
}

/* ---- from the guest ---- */

static void
serve (AsternVsock *vsock, const guint8 *bytes, gsize size)
{
  guint64 number = get (bytes, NUMBER_BYTES);

  if (number < vsock->next)             /* another future of its past */
    {
      vsock_forget_all (vsock);
      vsock_send_event (vsock);
    }
  vsock->next = number + 1;
  if (size == NUMBER_BYTES)             /* the driver was reset */
    vsock_forget_all (vsock);
  else if (size >= NUMBER_BYTES + HEADER)
    vsock_packet_came (vsock, bytes + NUMBER_BYTES, size - NUMBER_BYTES);
}

static void
serve_all (gpointer data)
{
  AsternVsock *vsock = data;
  GBytes *packet;

  while ((packet = g_async_queue_try_pop (vsock->from_guest)) != NULL)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (packet, &size);

      serve (vsock, bytes, size);
      g_bytes_unref (packet);
    }
}

static void
go_on (gpointer data)
{
  vsock_pump (data);
}

/* ---- the machine's thread ---- */

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  AsternVsock *vsock = user;

  g_async_queue_push (vsock->from_guest, g_bytes_new (data, size));
  astern_host_loop_call (vsock->loop, serve_all, vsock);
}

static void
wake (AsternVsock *vsock)
{
  if (g_atomic_int_compare_and_exchange (&vsock->starved, 1, 0))
    astern_host_loop_call (vsock->loop, go_on, vsock);
}

static void
delivered (gpointer user, const guint8 *data, gsize size)
{
  AsternVsock *vsock = user;

  g_atomic_int_add ((gint *) &vsock->delivered, (gint) size);
  wake (vsock);
}

static void
roomy (gpointer user)
{
  wake (user);
}

void
vsock_wire_open (AsternVsock *vsock)
{
  vsock->link->user = vsock;
  vsock->link->delivered = delivered;
  vsock->link->roomy = roomy;
  vsock->link->send = sent;
}

void
vsock_wire_close (AsternVsock *vsock)
{
  vsock->link->send = NULL;
  vsock->link->delivered = NULL;
  vsock->link->roomy = NULL;
}
