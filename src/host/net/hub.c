/* hub.c - joins networks.
 * Source: QEMU's manual, "-netdev hubport". */
#include "config.h"

#include "host/net/hub.h"

#include <glib/gi18n.h>

typedef struct
{
  AsternNet     parent;
  AsternNetHub *hub;       /* NULL: alone */
  AsternNet    *joined;    /* (nullable) a back end that this port stands for; owned */
} Port;

struct _AsternNetHub
{
  AsternHostLoop *loop;
  GPtrArray      *ports;   /* Port; borrowed but for those with `joined` */
};

static gboolean
open_nothing (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  return TRUE;
}

static void
port_close (AsternNet *net)
{
  Port *port = (Port *) net;

  if (port->hub != NULL)
    g_ptr_array_remove (port->hub->ports, port);
}

static void
give (Port *port, const guint8 *frame, gsize size)
{
  if (port->joined != NULL)
    astern_net_send (port->joined, frame, size);
  else
    astern_net_deliver (&port->parent, frame, size);
}

static void
port_send (AsternNet *net, const guint8 *frame, gsize size)
{
  Port *port = (Port *) net;

  for (guint i = 0; port->hub != NULL && i < port->hub->ports->len; i++)
    if (g_ptr_array_index (port->hub->ports, i) != port)
      give (g_ptr_array_index (port->hub->ports, i), frame, size);
}

/* From the back end behind a port. */
static void
joined_frame (gpointer user, const guint8 *frame, gsize size)
{
  port_send (user, frame, size);
}

static gboolean
hubport_check (const AsternNetSpec *spec, GError **error)
{
  const char *id = astern_net_spec_get (spec, "hubid");

  if (id != NULL && g_ascii_string_to_unsigned (id, 10, 0, G_MAXINT, NULL, NULL))
    return TRUE;
  return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("A network “hubport” needs hubid, a number."));
}

static const AsternNetWord hubport_words[] = { { "hubid", FALSE, NULL }, { "netdev", FALSE, NULL }, { NULL, FALSE, NULL } };

const AsternNetClass astern_net_hubport = {
  .name = "hubport", .instance_size = sizeof (Port), .words = hubport_words, .check = hubport_check,
  .open = open_nothing, .close = port_close, .send = port_send,
};

AsternNetHub *
astern_net_hub_new (AsternHostLoop *loop)
{
  AsternNetHub *hub = g_new0 (AsternNetHub, 1);

  hub->loop = loop;
  hub->ports = g_ptr_array_new ();
  return hub;
}

void
astern_net_hub_free (AsternNetHub *hub)
{
  if (hub == NULL)
    return;
  while (hub->ports->len > 0)
    {
      Port *port = g_ptr_array_index (hub->ports, hub->ports->len - 1);

      if (port->joined == NULL)
        {
          port->hub = NULL;
          g_ptr_array_remove (hub->ports, port);
          continue;
        }
      astern_net_close (port->joined);
      astern_net_close (&port->parent);
    }
  g_ptr_array_unref (hub->ports);
  g_free (hub);
}

static void
add_port (gpointer data)
{
  Port *port = data;

  g_ptr_array_add (port->hub->ports, port);
  if (port->joined != NULL)
    astern_net_receive (port->joined, joined_frame, NULL, NULL, port);
}

static Port *
make_port (AsternNetHub *hub, const char *id, AsternNet *joined)
{
  AsternNetSpec spec = { .klass = &astern_net_hubport, .id = (char *) id };
  Port *port = (Port *) astern_net_open (hub->loop, &spec, NULL);

  port->hub = hub;
  port->joined = joined;
  astern_host_loop_call_and_wait (hub->loop, add_port, port);
  return port;
}

AsternNet *
astern_net_hub_port (AsternNetHub *hub, const char *id)
{
  return &make_port (hub, id, NULL)->parent;
}

void
astern_net_hub_join (AsternNetHub *hub, AsternNet *net)
{
  make_port (hub, net->id, net);
}
