/* network.c - a machine's networks. */
#include "config.h"

#include "launch/network.h"

#include <string.h>

#include "host/net/hub.h"
#include "host/net/wire.h"

#include <glib/gi18n.h>

#define NS_PER_S G_GUINT64_CONSTANT (1000000000)

/* One -netdev. */
typedef struct
{
  const AsternNetSpec *spec;    /* borrowed */
  AsternLink          *link;    /* (nullable): no card */
  AsternNet           *net;     /* (nullable) */
  AsternNetWire       *wire;    /* (nullable) */
  gboolean             joined;  /* the net is a hub's */
} Member;

typedef struct
{
  guint64       id;
  AsternNetHub *hub;
} Hub;

struct _AsternNetwork
{
  AsternMachine             *machine;
  const AsternLaunchOptions *options;
  AsternHostLoop            *loop;
  GArray                    *members;   /* Member */
  GArray                    *hubs;      /* Hub */
  GPtrArray                 *dumps;     /* AsternPcap */
};

AsternNetwork *
astern_network_new (AsternMachine *machine, const AsternLaunchOptions *options)
{
  AsternNetwork *network = g_new0 (AsternNetwork, 1);

  network->machine = machine;
  network->options = options;
  network->members = g_array_new (FALSE, TRUE, sizeof (Member));
  network->hubs = g_array_new (FALSE, TRUE, sizeof (Hub));
  network->dumps = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_pcap_close);
  for (guint i = 0; i < options->netdevs->len; i++)
    {
      const Member member = { .spec = &g_array_index (options->netdevs, AsternNetSpec, i) };

      g_array_append_val (network->members, member);
    }
  return network;
}

static Member *
member_at (AsternNetwork *network, guint i)
{
  return &g_array_index (network->members, Member, i);
}

static Member *
find (AsternNetwork *network, const char *id)
{
  for (guint i = 0; i < network->members->len; i++)
    if (g_str_equal (member_at (network, i)->spec->id, id))
      return member_at (network, i);
  return NULL;
}

void
astern_network_free (AsternNetwork *network)
{
  astern_network_close (network);
  for (guint i = 0; i < network->members->len; i++)
    astern_link_free (member_at (network, i)->link);
  g_array_unref (network->members);
  g_array_unref (network->hubs);
  g_ptr_array_unref (network->dumps);
  g_free (network);
}

AsternLink *
astern_network_link (AsternNetwork *network, const char *id)
{
  Member *member = find (network, id);
  g_autofree char *port = g_strdup_printf ("net.%s", id);

  if (member == NULL || member->link != NULL)
    return NULL;
  member->link = astern_link_new (network->machine, port);
  return member->link;
}

/* ---- opening and closing ---- */

static AsternNetHub *
hub_of (AsternNetwork *network, const AsternNetSpec *spec)
{
  Hub hub = { g_ascii_strtoull (astern_net_spec_get (spec, "hubid"), NULL, 10), NULL };

  for (guint i = 0; i < network->hubs->len; i++)
    if (g_array_index (network->hubs, Hub, i).id == hub.id)
      return g_array_index (network->hubs, Hub, i).hub;
  hub.hub = astern_net_hub_new (network->loop);
  g_array_append_val (network->hubs, hub);
  return hub.hub;
}

static gboolean
open_hubport (AsternNetwork *network, Member *port, GError **error)
{
  const char *behind = astern_net_spec_get (port->spec, "netdev");
  Member *member = behind != NULL ? find (network, behind) : NULL;

  if (behind == NULL)
    port->net = astern_net_hub_port (hub_of (network, port->spec), port->spec->id);
  else if (member == NULL || member->net == NULL || member->link != NULL || member->joined || member->spec->klass == &astern_net_hubport)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The network “%s” cannot be on a hub: it is not there, or in use."), behind);
      return FALSE;
    }
  else
    {
      astern_net_hub_join (hub_of (network, port->spec), member->net);
      member->joined = TRUE;
    }
  return TRUE;
}

static gboolean
open_dumps (AsternNetwork *network, GError **error)
{
  for (guint i = 0; i < network->options->dumps->len; i++)
    {
      const AsternDumpItem *item = &g_array_index (network->options->dumps, AsternDumpItem, i);
      Member *member = find (network, item->netdev);
      AsternPcap *pcap;

      if (member == NULL || member->wire == NULL)
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("-object filter-dump: no card is plugged into a network “%s”."),
                       item->netdev);
          return FALSE;
        }
      pcap = astern_pcap_open (item->file, item->most_bytes, error);
      if (pcap == NULL)
        return FALSE;
      g_ptr_array_add (network->dumps, pcap);
      astern_net_wire_dump (member->wire, pcap);
    }
  return TRUE;
}

static gboolean
open_all (AsternNetwork *network, gboolean hubports, GError **error)
{
  for (guint i = 0; i < network->members->len; i++)
    {
      Member *member = member_at (network, i);

      if ((member->spec->klass == &astern_net_hubport) != hubports)
        continue;
      if (hubports && !open_hubport (network, member, error))
        return FALSE;
      if (!hubports && (member->net = astern_net_open (network->loop, member->spec, error)) == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
astern_network_open (AsternNetwork *network, AsternHostLoop *loop, GError **error)
{
  guint64 epoch_ns = astern_inputs_wall_clock_s (network->machine->inputs) * NS_PER_S;

  if (network->options->replay)         /* all that came is in the recording */
    return TRUE;
  network->loop = loop;
  if (!open_all (network, FALSE, error) || !open_all (network, TRUE, error))
    return FALSE;
  for (guint i = 0; i < network->members->len; i++)
    {
      Member *member = member_at (network, i);

      if (member->link != NULL && member->net != NULL)
        member->wire = astern_net_wire_new (loop, member->link, member->net, epoch_ns);
    }
  return open_dumps (network, error);
}

void
astern_network_close (AsternNetwork *network)
{
  for (guint i = 0; i < network->members->len; i++)
    g_clear_pointer (&member_at (network, i)->wire, astern_net_wire_free);
  for (guint i = 0; i < network->hubs->len; i++)
    astern_net_hub_free (g_array_index (network->hubs, Hub, i).hub);
  for (guint i = 0; i < network->members->len; i++)
    {
      Member *member = member_at (network, i);

      if (!member->joined && member->net != NULL)
        astern_net_close (member->net);
      member->net = NULL;
    }
  g_array_set_size (network->hubs, 0);
  g_ptr_array_set_size (network->dumps, 0);
}

/* ---- for the monitor ---- */

/* A card by the name of its device, too. */
static Member *
find_end (AsternNetwork *network, const char *id)
{
  Member *member = find (network, id);

  for (guint i = 0; member == NULL && i < network->members->len; i++)
    {
      AsternLink *link = member_at (network, i)->link;

      if (link != NULL && link->device != NULL && g_str_equal (((AsternDevice *) link->device)->name, id))
        member = member_at (network, i);
    }
  return member;
}

char *
astern_network_describe (AsternNetwork *network)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < network->members->len; i++)
    {
      Member *member = member_at (network, i);
      g_autofree char *more = member->net != NULL ? astern_net_describe (member->net) : g_strdup ("");
      AsternNetWireCounts counts = { .up = TRUE };

      if (member->wire != NULL)
        astern_net_wire_counts (member->wire, &counts);
      g_string_append_printf (text, "%s: type=%s%s%s%s%s", member->spec->id, member->spec->klass->name, member->joined ? ",hub" : "",
                              counts.up ? "" : ",link=off", more[0] != '\0' ? "," : "\n", more);
      if (member->link != NULL && member->link->device != NULL)
        g_string_append_printf (text, " \\ %s: model=%s, %" G_GUINT64_FORMAT " frames sent, %" G_GUINT64_FORMAT " received, %" G_GUINT64_FORMAT " dropped\n",
                                ((AsternDevice *) member->link->device)->name, ((AsternDevice *) member->link->device)->klass->name,
                                counts.sent, counts.received, counts.dropped_in + counts.dropped_out);
    }
  return g_string_free (text, FALSE);
}

static gboolean
missing (const char *id, GError **error)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("There is no network “%s” in use; “info network” lists those that there are."), id);
  return FALSE;
}

gboolean
astern_network_plug (AsternNetwork *network, const char *id, gboolean up, GError **error)
{
  Member *member = find_end (network, id);

  if (member == NULL || member->wire == NULL)
    return missing (id, error);
  astern_net_wire_plug (member->wire, up);
  return TRUE;
}

gboolean
astern_network_forward (AsternNetwork *network, const char *id, gboolean add, const char *rule, GError **error)
{
  for (guint i = 0; i < network->members->len; i++)
    {
      Member *member = member_at (network, i);

      if (member->net != NULL && (id != NULL ? g_str_equal (member->spec->id, id) : member->spec->klass == &astern_net_user))
        return astern_net_forward (member->net, add, rule, error);
    }
  return missing (id != NULL ? id : "user", error);
}
