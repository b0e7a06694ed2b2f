/* ends.c - back ends wired to ports.
 *
 * What was read waits here until the device has room for it; when much waits,
 * nothing more is read.  But a terminal that is shared with the monitor is always
 * read, so that Ctrl-A is heard whatever the guest does: there, what is too much
 * is dropped.
 *
 * How much room a device has is asked from the host thread, while the machine may
 * be running.  The answer may be old by what is just being delivered, which is
 * one chunk at most; so there must be room for two before one is submitted. */
#include "config.h"

#include "launch/ends.h"

#include <string.h>

#define ASK_AGAIN_MS   10
#define CHUNK_BYTES    1024
#define PACKET_BYTES   65536        /* to a device that always has room */
#define READ_AT_ONCE   4096
#define WAITING_SHARED (1u << 20)   /* bytes */

struct _AsternEnd
{
  AsternEnds         *ends;
  char                name[32];
  AsternChardev      *chardev;       /* (nullable): not open */
  gboolean            shared;        /* with the monitor, by Ctrl-A */
  AsternMux           mux;           /* host thread */
  AsternSerialDevice  serial;
  AsternLink         *link;          /* (nullable): of a -chardev, in place of serial */
  const AsternChardevSpec *spec;     /* likewise */
  GByteArray         *waiting;       /* host thread: read, and not yet submitted */
  GSource            *asking;        /* host thread */
  gint                stuck;         /* atomic: something waits for room */
};

struct _AsternEnds
{
  AsternMachine             *machine;
  const AsternLaunchOptions *options;
  const AsternLaunchFront   *front;
  AsternHostLoop            *loop;
  AsternEnd                  serials[ASTERN_MAX_SERIALS];
  AsternEnd                  debugcon, monitor;
  GPtrArray                 *links;         /* AsternEnd, of -chardev */
};

AsternEnds *
astern_ends_new (AsternMachine *machine, const AsternLaunchOptions *options, const AsternLaunchFront *front,
                 AsternHostLoop *loop)
{
  AsternEnds *ends = g_new0 (AsternEnds, 1);

  ends->machine = machine;
  ends->options = options;
  ends->front = front;
  ends->loop = loop;
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    ends->serials[i].ends = ends;
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    ends->serials[i].waiting = g_byte_array_new ();
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    g_snprintf (ends->serials[i].name, sizeof ends->serials[i].name, "serial%u", i);
  ends->links = g_ptr_array_new ();
  ends->debugcon = (AsternEnd) { .ends = ends, .name = "debugcon" };
  ends->monitor = (AsternEnd) { .ends = ends, .name = "monitor" };
  return ends;
}

void
astern_ends_free (AsternEnds *ends)
{
  if (ends == NULL)
    return;
  astern_ends_close (ends);
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    g_byte_array_unref (ends->serials[i].waiting);
  for (guint i = 0; i < ends->links->len; i++)
    {
      AsternEnd *end = g_ptr_array_index (ends->links, i);

      g_byte_array_unref (end->waiting);
      g_free (end);
    }
  g_ptr_array_unref (ends->links);
  g_free (ends);
}

/* ---- output ---- */

AsternEnd *
astern_ends_serial (AsternEnds *ends, guint index)
{
  return &ends->serials[index];
}

AsternEnd *
astern_ends_debugcon (AsternEnds *ends)
{
  return &ends->debugcon;
}

void
astern_end_transmit (gpointer data, const guint8 *bytes, gsize size)
{
  AsternEnd *end = data;

  if (end->chardev != NULL && !end->ends->machine->muted)
    astern_chardev_write (end->chardev, bytes, size);
}

/* ---- input, from the host thread to the device ---- */

static void pump (AsternEnd *end);

static gboolean
ask_again (gpointer data)
{
  AsternEnd *end = data;

  g_clear_pointer (&end->asking, g_source_unref);
  pump (end);
  return G_SOURCE_REMOVE;
}

static void
ask_later (AsternEnd *end)
{
  if (end->asking != NULL)
    return;
  end->asking = g_timeout_source_new (ASK_AGAIN_MS);
  g_source_set_callback (end->asking, ask_again, end, NULL);
  g_source_attach (end->asking, astern_host_loop_context (end->ends->loop));
}

/* How much may be submitted now: of what the device has room for, half, because the answer may be old. */
static guint
may_submit (const AsternEnd *end)
{
  const AsternLink *link = end->link;

  if (link == NULL)
    return end->serial.can_receive (end->serial.device) >= 2 * CHUNK_BYTES ? CHUNK_BYTES : 0;
  return link->device == NULL || link->room == NULL ? PACKET_BYTES : MIN ((link->room (link->device) + 1) / 2, CHUNK_BYTES);
}

/* Submits what waits, as far as there is room. */
static void
pump (AsternEnd *end)
{
  AsternInputs *inputs = end->ends->machine->inputs;
  guint size = end->waiting->len > 0 && !astern_inputs_pending (inputs) ? MIN (end->waiting->len, may_submit (end)) : 0;

  if (size > 0)
    {
      astern_inputs_submit (inputs, end->link != NULL ? end->link->port : end->serial.port, end->waiting->data, size);
      g_byte_array_remove_range (end->waiting, 0, size);
    }
  g_atomic_int_set (&end->stuck, end->waiting->len > 0);
  if (end->waiting->len > 0)
    ask_later (end);
}

static void
pump_end (gpointer data)
{
  pump (data);
}

/* The machine's thread. */
static void
has_room (gpointer data)
{
  AsternEnd *end = data;

  if (g_atomic_int_compare_and_exchange (&end->stuck, TRUE, FALSE))
    astern_host_loop_call (end->ends->loop, pump_end, end);
}

static void
opened (gpointer data, gboolean open)
{
  AsternEnd *end = data;

  if (end->chardev != NULL)
    astern_chardev_tell_open (end->chardev, open);
}

/* Asked before every poll(). */
static gsize
room (gpointer data)
{
  const AsternEnd *end = data;

  return end->shared || end->waiting->len < READ_AT_ONCE ? READ_AT_ONCE : 0;
}

static void
typed (gpointer data, AsternMuxEvent event, const guint8 *bytes, gsize size)
{
  AsternEnd *end = data;
  const AsternLaunchFront *front = end->ends->front;

  if (event == ASTERN_MUX_GUEST && end->waiting->len + size <= WAITING_SHARED)
    g_byte_array_append (end->waiting, bytes, (guint) size);
  else if (event == ASTERN_MUX_MONITOR && front->monitor != NULL)
    front->monitor (front->user, end->chardev, bytes, size);
  else if (event > ASTERN_MUX_MONITOR && front->terminal != NULL)
    front->terminal (front->user, end->chardev, event, end->mux.monitor);
}

static void
received (gpointer data, const guint8 *bytes, gsize size)
{
  AsternEnd *end = data;

  if (end->shared)
    astern_mux_feed (&end->mux, bytes, size);
  else
    g_byte_array_append (end->waiting, bytes, (guint) size);
  pump (end);
}

static void
received_for_monitor (gpointer data, const guint8 *bytes, gsize size)
{
  AsternEnd *end = data;
  const AsternLaunchFront *front = end->ends->front;

  if (front->monitor != NULL)
    front->monitor (front->user, end->chardev, bytes, size);
}

static void
arrived_at_monitor (gpointer data)
{
  AsternEnd *end = data;
  const AsternLaunchFront *front = end->ends->front;

  if (front->arrived != NULL)
    front->arrived (front->user, end->chardev);
}

static void
left_monitor (gpointer data)
{
  AsternEnd *end = data;
  const AsternLaunchFront *front = end->ends->front;

  if (front->left != NULL)
    front->left (front->user, end->chardev);
}

/* On the host thread: as if Ctrl-A c had been typed, when the guest has the terminal. */
static void
give_to_monitor (gpointer data)
{
  AsternEnd *end = data;

  if (end->mux.monitor)
    return;
  end->mux.monitor = TRUE;
  typed (end, ASTERN_MUX_SWITCH, NULL, 0);
}

void
astern_ends_give_to_monitor (AsternEnds *ends)
{
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    if (ends->serials[i].chardev != NULL && ends->serials[i].shared)
      astern_host_loop_call_and_wait (ends->loop, give_to_monitor, &ends->serials[i]);
  for (guint i = 0; i < ends->links->len; i++)
    {
      AsternEnd *end = g_ptr_array_index (ends->links, i);

      if (end->chardev != NULL && end->shared)
        astern_host_loop_call_and_wait (ends->loop, give_to_monitor, end);
    }
}

void
astern_ends_add_serial (AsternEnds *ends, guint index, const AsternSerialDevice *device)
{
  AsternEnd *end = &ends->serials[index];

  end->serial = *device;
  end->shared = ends->options->serials[index].monitor;
  end->mux.happened = typed;
  end->mux.user = end;
}

void
astern_ends_add_link (AsternEnds *ends, AsternLink *link, const AsternChardevSpec *spec)
{
  AsternEnd *end = g_new0 (AsternEnd, 1);

  end->ends = ends;
  g_strlcpy (end->name, link->name, sizeof end->name);
  end->link = link;
  end->spec = spec;
  end->waiting = g_byte_array_new ();
  end->shared = spec->monitor;
  end->mux.happened = typed;
  end->mux.user = end;
  link->send = astern_end_transmit;
  link->roomy = has_room;
  link->opened = opened;
  link->user = end;
  g_ptr_array_add (ends->links, end);
}

/* ---- opening and closing ---- */

static gboolean
open_end (AsternEnd *end, const AsternChardevSpec *spec, GError **error)
{
  const AsternLaunchFront *front = end->ends->front;

  end->chardev = astern_chardev_open (end->ends->loop, spec, error);
  if (end->chardev != NULL && spec->kind == ASTERN_CHARDEV_VC && front->console != NULL)
    front->console (front->user, end->name, end->chardev);
  return end->chardev != NULL;
}

static gboolean
open_serial (AsternEnd *end, const AsternChardevSpec *spec, GError **error)
{
  if (!open_end (end, spec, error))
    return FALSE;
  astern_chardev_set_room (end->chardev, room, end);
  astern_chardev_receive (end->chardev, received, end);
  return TRUE;
}

/* Those that may wait for a client or fail come before the terminal is taken. */
static gboolean
open_kind (AsternEnds *ends, gboolean terminal, GError **error)
{
  const AsternLaunchOptions *options = ends->options;

  for (guint i = 0; i < options->n_serials; i++)
    if ((options->serials[i].kind == ASTERN_CHARDEV_STDIO) == terminal && ends->serials[i].serial.device != NULL &&
        !open_serial (&ends->serials[i], &options->serials[i], error))
      return FALSE;
  for (guint i = 0; i < ends->links->len; i++)
    {
      AsternEnd *end = g_ptr_array_index (ends->links, i);

      if ((end->spec->kind == ASTERN_CHARDEV_STDIO) == terminal && !open_serial (end, end->spec, error))
        return FALSE;
    }
  if (options->debugcon_given && (options->debugcon.kind == ASTERN_CHARDEV_STDIO) == terminal &&
      !open_end (&ends->debugcon, &options->debugcon, error))
    return FALSE;
  if (options->monitor_given && (options->monitor.kind == ASTERN_CHARDEV_STDIO) == terminal)
    {
      if (!open_end (&ends->monitor, &options->monitor, error))
        return FALSE;
      astern_chardev_set_arrived (ends->monitor.chardev, arrived_at_monitor, &ends->monitor);
      astern_chardev_set_left (ends->monitor.chardev, left_monitor, &ends->monitor);
      astern_chardev_receive (ends->monitor.chardev, received_for_monitor, &ends->monitor);
    }
  return TRUE;
}

gboolean
astern_ends_open (AsternEnds *ends, GError **error)
{
  return open_kind (ends, FALSE, error) && open_kind (ends, TRUE, error);
}

static void
stop_asking (gpointer data)
{
  AsternEnd *end = data;

  if (end->asking != NULL)
    {
      g_source_destroy (end->asking);
      g_clear_pointer (&end->asking, g_source_unref);
    }
}

static void
close_end (AsternEnd *end)
{
  const AsternLaunchFront *front = end->ends->front;

  if (end->chardev != NULL && astern_chardev_kind (end->chardev) == ASTERN_CHARDEV_VC && front->console != NULL)
    front->console (front->user, end->name, NULL);
  g_clear_pointer (&end->chardev, astern_chardev_close);
  astern_host_loop_call_and_wait (end->ends->loop, stop_asking, end);
}

void
astern_ends_close (AsternEnds *ends)
{
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    close_end (&ends->serials[i]);
  for (guint i = 0; i < ends->links->len; i++)
    close_end (g_ptr_array_index (ends->links, i));
  close_end (&ends->debugcon);
  close_end (&ends->monitor);
}

gboolean
astern_ends_line (AsternEnds *ends, guint index, AsternLine *line)
{
  for (guint i = 0; i < ends->links->len; i++)
    {
      AsternEnd *end = g_ptr_array_index (ends->links, i);

      if (end->chardev == NULL || !astern_chardev_is_inner (end->spec->kind) || index-- > 0)
        continue;
      *line = (AsternLine) { end->spec, end->chardev, end->link };
      return TRUE;
    }
  return FALSE;
}

AsternChardev *
astern_ends_monitor (AsternEnds *ends)
{
  if (ends->monitor.chardev != NULL)
    return ends->monitor.chardev;
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    if (ends->serials[i].shared)
      return ends->serials[i].chardev;
  for (guint i = 0; i < ends->links->len; i++)
    if (((AsternEnd *) g_ptr_array_index (ends->links, i))->shared)
      return ((AsternEnd *) g_ptr_array_index (ends->links, i))->chardev;
  return NULL;
}
