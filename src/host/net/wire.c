/* wire.c - a cable between a machine's network card and a back end.
 *
 * How much room the card has is asked on the host's thread while the machine runs: room() is a hint of how many frames it
 * would take now, `taken` counts what the card has taken since.  Read in this order - first what was taken, then the
 * room - what is still on its way is never estimated too low. */
#include "config.h"

#include "host/net/wire.h"

#include <string.h>

#include "core/machine.h"

#define MOST_OUT        (8u << 20)     /* bytes that wait for the host; then the machine's thread does */
#define OUT_PATIENCE_US (200 * 1000)
#define MOST_IN         (4u << 20)     /* bytes that wait for the guest */
#define ASK_AGAIN_MS    10
#define ROOM_UNKNOWN    64             /* frames at once for a card that does not say */
#define MIN_FRAME       60

typedef struct
{
  gsize  size;
  guint8 bytes[];
} Frame;

typedef struct
{
  GSource        source;
  AsternNetWire *wire;
} Waker;

struct _AsternNetWire
{
  AsternHostLoop *loop;
  AsternLink     *link;
  AsternNet      *net;
  Waker          *waker;
  guint64         epoch_ns;
  GPtrArray      *dumps;        /* AsternPcap; the machine's thread */
  gint            up;           /* atomic */

  GMutex          mutex;
  GCond           drained;
  GQueue          out;          /* Frame; under the mutex */
  gsize           out_bytes;    /* under the mutex */
  gint            woken;        /* atomic: the host's thread is to look */

  GQueue          in;           /* GBytes; the host's thread */
  gsize           in_bytes;
  GSource        *asking;       /* the host's thread */
  guint           submitted;    /* frames; the host's thread writes, atomic */
  guint           taken;        /* frames; the machine's thread writes, atomic */
  gint            starved;      /* atomic: frames wait for room */
  AsternNetWireCounts counts;   /* each member has one writer */
};

/* ---- the machine's thread ---- */

static void
dump (AsternNetWire *wire, const guint8 *frame, gsize size)
{
  const AsternMachine *machine = wire->link->machine;
  guint64 now_ns = wire->epoch_ns + (machine != NULL ? astern_clock_now_ns (&machine->clock) : 0);

  for (guint i = 0; i < wire->dumps->len; i++)
    astern_pcap_write (g_ptr_array_index (wire->dumps, i), now_ns, frame, size);
}

static void
wake (AsternNetWire *wire)
{
  if (g_atomic_int_compare_and_exchange (&wire->woken, 0, 1))
    g_main_context_wakeup (astern_host_loop_context (wire->loop));
}

/* From the card. */
static void
sent (gpointer user, const guint8 *data, gsize size)
{
  AsternNetWire *wire = user;
  Frame *frame;

  if (size > ASTERN_NET_MAX_FRAME || !g_atomic_int_get (&wire->up))
    return;
  if (wire->dumps->len > 0)
    dump (wire, data, size);
  frame = g_malloc (sizeof *frame + size);
  frame->size = size;
  memcpy (frame->bytes, data, size);
  g_mutex_lock (&wire->mutex);
  if (wire->out_bytes > MOST_OUT)
    g_cond_wait_until (&wire->drained, &wire->mutex, g_get_monotonic_time () + OUT_PATIENCE_US);
  if (wire->out_bytes > MOST_OUT)
    {
      wire->counts.dropped_out++;
      g_free (frame);
    }
  else
    {
      g_queue_push_tail (&wire->out, frame);
      wire->out_bytes += size;
      wire->counts.sent++;
    }
  g_mutex_unlock (&wire->mutex);
  wake (wire);
}

/* Through the door, to the card, at the head of the run. */
static void
delivered (gpointer user, const guint8 *data, gsize size)
{
  AsternNetWire *wire = user;

  if (size == ASTERN_NET_LINK_PACKET_BYTES)
    return;
  wire->counts.received++;
  if (wire->dumps->len > 0)
    dump (wire, data, size);
}

/* The card has it. */
static void
taken (gpointer user)
{
  AsternNetWire *wire = user;

  g_atomic_int_inc ((gint *) &wire->taken);
  if (g_atomic_int_get (&wire->starved) && g_atomic_int_get (&wire->submitted) == g_atomic_int_get (&wire->taken))
    wake (wire);
}

/* The card has room again. */
static void
roomy (gpointer user)
{
  AsternNetWire *wire = user;

  if (g_atomic_int_get (&wire->starved))
    wake (wire);
}

/* ---- the host's thread ---- */

static guint
room (AsternNetWire *wire)
{
  guint on_the_way = (guint) g_atomic_int_get (&wire->submitted) - (guint) g_atomic_int_get (&wire->taken);
  guint free_frames = wire->link->room != NULL && wire->link->device != NULL ? wire->link->room (wire->link->device) : ROOM_UNKNOWN;

  return free_frames > on_the_way ? free_frames - on_the_way : 0;
}

static void pump (AsternNetWire *wire);

static gboolean
ask_again (gpointer data)
{
  AsternNetWire *wire = data;

  g_clear_pointer (&wire->asking, g_source_unref);
  pump (wire);
  return G_SOURCE_REMOVE;
}

/* In case that nobody tells of room. */
static void
ask_later (AsternNetWire *wire)
{
  if (wire->asking != NULL)
    return;
  wire->asking = g_timeout_source_new (ASK_AGAIN_MS);
  g_source_set_callback (wire->asking, ask_again, wire, NULL);
  g_source_attach (wire->asking, astern_host_loop_context (wire->loop));
}

/* Takes @frame; wake() is to follow. */
static void
submit (AsternNetWire *wire, GBytes *frame)
{
  g_atomic_int_inc ((gint *) &wire->submitted);
  if (wire->link->machine != NULL)
    {
      astern_inputs_queue (wire->link->machine->inputs, wire->link->port, frame);
      return;
    }
  if (wire->link->input != NULL)      /* a unit test's, which has one thread */
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (frame, &size);

      delivered (wire, data, size);
      wire->link->input (wire->link->device, data, size);
      taken (wire);
    }
  g_bytes_unref (frame);
}

static void
wake_machine (AsternNetWire *wire)
{
  if (wire->link->machine != NULL)
    astern_inputs_wake (wire->link->machine->inputs);
}

static void
pump (AsternNetWire *wire)
{
  gboolean was_full = wire->in_bytes > MOST_IN / 2;
  guint before = wire->in.length, n = room (wire);

  g_atomic_int_set (&wire->starved, 0);
  while (wire->in.length > 0)
    {
      GBytes *frame;

      if (n == 0 && (n = room (wire)) == 0)
        {
          /* It may have got room before it could know that somebody waits. */
          g_atomic_int_set (&wire->starved, 1);
          if ((n = room (wire)) == 0)
            break;
        }
      n--;
      frame = g_queue_pop_head (&wire->in);
      wire->in_bytes -= g_bytes_get_size (frame);
      submit (wire, frame);
    }
  if (wire->in.length < before)
    wake_machine (wire);
  if (wire->in.length > 0)
    ask_later (wire);
  if (was_full && wire->in_bytes <= MOST_IN / 2)
    astern_net_resume (wire->net);
}

/* From the back end. */
static void
arrived (gpointer user, const guint8 *data, gsize size)
{
  AsternNetWire *wire = user;
  gsize padded = MAX (size, MIN_FRAME);
  guint8 *frame;

  if (!g_atomic_int_get (&wire->up) || size <= ASTERN_NET_LINK_PACKET_BYTES)
    return;
  if (wire->in_bytes + padded > MOST_IN)
    {
      wire->counts.dropped_in++;
      return;
    }
  frame = g_malloc (padded);
  memcpy (frame, data, size);
  memset (frame + size, 0, padded - size);
  g_queue_push_tail (&wire->in, g_bytes_new_take (frame, padded));
  wire->in_bytes += padded;
}

/* All that arrived together. */
static void
released (gpointer user)
{
  AsternNetWire *wire = user;

  if (wire->in.length > 0)
    pump (wire);
}

static gboolean
has_room (gpointer user)
{
  return ((AsternNetWire *) user)->in_bytes <= MOST_IN / 2;
}

static void
send_queued (AsternNetWire *wire)
{
  GQueue frames;
  Frame *frame;

  g_mutex_lock (&wire->mutex);
  frames = wire->out;
  g_queue_init (&wire->out);
  wire->out_bytes = 0;
  g_cond_broadcast (&wire->drained);
  g_mutex_unlock (&wire->mutex);
  astern_net_hold (wire->net);
  while ((frame = g_queue_pop_head (&frames)) != NULL)
    {
      astern_net_send (wire->net, frame->bytes, frame->size);
      g_free (frame);
    }
  astern_net_release (wire->net);
}

static gboolean
waker_prepare (GSource *source, gint *timeout_ms)
{
  *timeout_ms = -1;
  return g_atomic_int_get (&((Waker *) source)->wire->woken);
}

static gboolean
waker_check (GSource *source)
{
  return g_atomic_int_get (&((Waker *) source)->wire->woken);
}

static gboolean
waker_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  AsternNetWire *wire = ((Waker *) source)->wire;

  g_atomic_int_set (&wire->woken, 0);
  send_queued (wire);
  pump (wire);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs waker_funcs = { .prepare = waker_prepare, .check = waker_check, .dispatch = waker_dispatch };

/* ---- the interface ---- */

static void
attach (gpointer data)
{
  AsternNetWire *wire = data;

  wire->waker = (Waker *) g_source_new (&waker_funcs, sizeof (Waker));
  wire->waker->wire = wire;
  g_source_set_priority (&wire->waker->source, G_PRIORITY_DEFAULT);
  g_source_attach (&wire->waker->source, astern_host_loop_context (wire->loop));
  astern_net_receive (wire->net, arrived, released, has_room, wire);
}

AsternNetWire *
astern_net_wire_new (AsternHostLoop *loop, AsternLink *link, AsternNet *net, guint64 epoch_ns)
{
  AsternNetWire *wire = g_new0 (AsternNetWire, 1);

  wire->loop = loop;
  wire->link = link;
  wire->net = net;
  wire->epoch_ns = epoch_ns;
  wire->up = 1;
  wire->dumps = g_ptr_array_new ();
  g_mutex_init (&wire->mutex);
  g_cond_init (&wire->drained);
  link->user = wire;
  link->large = net->klass->large;
  link->delivered = delivered;
  link->taken = taken;
  link->roomy = roomy;
  link->send = sent;
  astern_host_loop_call_and_wait (loop, attach, wire);
  return wire;
}

static void
detach (gpointer data)
{
  AsternNetWire *wire = data;

  astern_net_receive (wire->net, NULL, NULL, NULL, NULL);
  send_queued (wire);
  g_source_destroy (&wire->waker->source);
  g_source_unref (&wire->waker->source);
  if (wire->asking != NULL)
    {
      g_source_destroy (wire->asking);
      g_source_unref (wire->asking);
    }
}

void
astern_net_wire_free (AsternNetWire *wire)
{
  if (wire == NULL)
    return;
  wire->link->send = NULL;
  wire->link->delivered = NULL;
  wire->link->taken = NULL;
  wire->link->roomy = NULL;
  astern_host_loop_call_and_wait (wire->loop, detach, wire);
  g_queue_clear_full (&wire->out, g_free);
  g_queue_clear_full (&wire->in, (GDestroyNotify) g_bytes_unref);
  g_ptr_array_unref (wire->dumps);
  g_cond_clear (&wire->drained);
  g_mutex_clear (&wire->mutex);
  g_free (wire);
}

void
astern_net_wire_dump (AsternNetWire *wire, AsternPcap *pcap)
{
  g_ptr_array_add (wire->dumps, pcap);
}

void
astern_net_wire_plug (AsternNetWire *wire, gboolean up)
{
  const guint8 packet[ASTERN_NET_LINK_PACKET_BYTES] = { up != FALSE };

  if (g_atomic_int_get (&wire->up) == (up != FALSE))
    return;
  g_atomic_int_set (&wire->up, up != FALSE);
  submit (wire, g_bytes_new (packet, sizeof packet));
  wake_machine (wire);
}

void
astern_net_wire_counts (AsternNetWire *wire, AsternNetWireCounts *counts)
{
  *counts = wire->counts;
  counts->up = g_atomic_int_get (&wire->up);
}
