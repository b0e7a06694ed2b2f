/* option-network.c - -netdev, -nic, -net and -object filter-dump.
 * Source: QEMU's manual, "Network options". */
#include "config.h"

#include "launch/option-parsers.h"

#include "hw/card.h"
#include "host/net/pcap.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

/* What is wrong with a network, as an error of options. */
static gboolean
explain (const char *option, GError *failed, GError **error)
{
  if (error != NULL)
    *error = g_error_new (ASTERN_LAUNCH_ERROR,
                          g_error_matches (failed, ASTERN_NET_ERROR, ASTERN_NET_ERROR_UNAVAILABLE) ? ASTERN_LAUNCH_ERROR_UNAVAILABLE
                          : ASTERN_LAUNCH_ERROR_USAGE, "%s: %s", option, failed->message);
  g_error_free (failed);
  return FALSE;
}

static gboolean
id_is_taken (const AsternLaunchOptions *options, const char *id)
{
  for (guint i = 0; i < options->netdevs->len; i++)
    if (g_str_equal (g_array_index (options->netdevs, AsternNetSpec, i).id, id))
      return TRUE;
  return FALSE;
}

static char *
make_id (const AsternLaunchOptions *options, const char *stem)
{
  for (guint i = 0;; i++)
    {
      char *id = g_strdup_printf ("%s%u", stem, i);

      if (!id_is_taken (options, id))
        return id;
      g_free (id);
    }
}

/* @spec is owned by the options afterwards, or cleared. */
static gboolean
add_netdev (AsternLaunchOptions *options, const char *option, AsternNetSpec *spec, GError **error)
{
  g_autofree char *kept = NULL;
  GError *failed = NULL;

  if (id_is_taken (options, spec->id))
    {
      astern_launch_usage (error, _("%s: there is a network “%s” already; give it another id=."), option, spec->id);
      astern_net_spec_clear (spec);
      return FALSE;
    }
  if (!astern_net_spec_check (spec, &failed))
    {
      astern_net_spec_clear (spec);
      return explain (option, failed, error);
    }
  kept = g_strdup_printf ("user,id=%s", spec->id);      /* a replay opens nothing, whatever it is */
  astern_option_keep (options, "-netdev", kept);
  g_array_append_val (options->netdevs, *spec);
  return TRUE;
}

/* Of a list whose first item is the kind; items for which @skip says so are left out. */
static gboolean
parse_spec (const char *option, const GArray *items, gboolean (*skip) (const char *key), AsternNetSpec *spec, GError **error)
{
  GError *failed = NULL;

  if (items->len == 0)
    return astern_launch_usage (error, _("%s needs a value."), option);
  if (!astern_net_spec_init (spec, g_array_index (items, AsternSuboption, 0).value, &failed))
    return explain (option, failed, error);
  for (guint i = 1; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);

      if (skip != NULL && skip (item->key))
        continue;
      if (!astern_net_spec_set (spec, item->key, item->value, &failed))
        {
          astern_net_spec_clear (spec);
          return explain (option, failed, error);
        }
    }
  return TRUE;
}

gboolean
astern_option_netdev (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "type");
  AsternNetSpec spec;

  options->network_given = TRUE;
  if (!parse_spec (name, items, NULL, &spec, error))
    return FALSE;
  if (spec.id == NULL || spec.id[0] == '\0')
    {
      astern_net_spec_clear (&spec);
      return astern_launch_usage (error, _("%s needs “id=”, by which a -device names it."), name);
    }
  return add_netdev (options, name, &spec, error);
}

/* ---- cards ---- */

static gboolean
is_of_card (const char *key)
{
  static const char *const keys[] = { "model", "mac", "macaddr", "addr", "id", "netdev", "name", "vectors", NULL };

  return g_strv_contains (keys, key);
}

static const char *
value_of (const GArray *items, const char *key)
{
  for (guint i = items->len; i > 1; i--)
    if (g_str_equal (g_array_index (items, AsternSuboption, i - 1).key, key))
      return g_array_index (items, AsternSuboption, i - 1).value;
  return NULL;
}

static gboolean
unknown_model (const char *option, const char *model, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; astern_cards[i] != NULL; i++)
    if (astern_cards[i]->kind == ASTERN_CARD_NETWORK)
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", astern_cards[i]->name);
  return astern_launch_usage (error, _("%s: there is no network card “%s”; there are %s."), option, model, known->str);
}

/* A card, plugged into the network @netdev. */
static gboolean
add_card (AsternLaunchOptions *options, const char *option, const GArray *items, const char *netdev, GError **error)
{
  const char *model = value_of (items, "model"), *mac = value_of (items, "mac"), *address = value_of (items, "addr");
  const char *id = value_of (items, "name");
  const AsternCard *card;
  g_autoptr (GString) words = NULL;

  if (model == NULL)
    model = options->q35 && astern_card_find ("e1000e") != NULL ? "e1000e" : "e1000";
  if (g_str_equal (model, "virtio"))
    model = "virtio-net-pci";
  if (mac == NULL)
    mac = value_of (items, "macaddr");
  card = astern_card_find (model);
  if (card == NULL || card->kind != ASTERN_CARD_NETWORK)
    return unknown_model (option, model, error);
  words = g_string_new (card->name);
  g_string_append_printf (words, ",netdev=%s", netdev);
  if (mac != NULL)
    g_string_append_printf (words, ",mac=%s", mac);
  if (address != NULL)
    g_string_append_printf (words, ",addr=%s", address);
  if (id != NULL)
    g_string_append_printf (words, ",id=%s", id);
  return astern_option_device (options, "-device", words->str, error);
}

gboolean
astern_option_nic (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "type");
  const char *id = value_of (items, "id");
  g_autofree char *kept = NULL;
  AsternNetSpec spec;

  options->network_given = TRUE;
  if (g_str_equal (argument, "none"))
    {
      astern_option_keep (options, "-nic", "none");
      return TRUE;
    }
  if (!parse_spec (name, items, is_of_card, &spec, error))
    return FALSE;
  spec.id = id != NULL ? g_strdup (id) : make_id (options, "nic");
  kept = g_strdup (spec.id);
  return add_netdev (options, name, &spec, error) && add_card (options, name, items, kept, error);
}

/* ---- -net: one hub for all ---- */

/* A port of hub 0; @behind (nullable): what it stands for. */
static char *
add_port (AsternLaunchOptions *options, const char *option, const char *behind, GError **error)
{
  AsternNetSpec spec;
  char *id = make_id (options, "hub0port");

  astern_net_spec_init (&spec, "hubport", NULL);
  astern_net_spec_set (&spec, "hubid", "0", NULL);
  if (behind != NULL)
    astern_net_spec_set (&spec, "netdev", behind, NULL);
  spec.id = g_strdup (id);
  if (add_netdev (options, option, &spec, error))
    return id;
  g_free (id);
  return NULL;
}

gboolean
astern_option_net (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "type");
  const char *given = value_of (items, "netdev");
  g_autofree char *id = NULL, *port = NULL;
  AsternNetSpec spec;

  options->network_given = TRUE;
  if (g_str_equal (argument, "none"))
    return astern_option_nic (options, name, argument, error);
  if (items->len > 0 && g_str_equal (g_array_index (items, AsternSuboption, 0).value, "nic"))
    {
      port = given != NULL ? g_strdup (given) : add_port (options, name, NULL, error);
      return port != NULL && add_card (options, name, items, port, error);
    }
  if (!parse_spec (name, items, is_of_card, &spec, error))
    return FALSE;
  id = value_of (items, "id") != NULL ? g_strdup (value_of (items, "id")) : make_id (options, "net");
  spec.id = g_strdup (id);
  if (!add_netdev (options, name, &spec, error))
    return FALSE;
  port = add_port (options, name, id, error);
  return port != NULL;
}

/* ---- -object filter-dump ---- */

static void
clear_dump (AsternDumpItem *item)
{
  g_free (item->id);
  g_free (item->netdev);
  g_free (item->file);
}

static gboolean
set_dump (AsternDumpItem *dump, const char *option, const AsternSuboption *item, GError **error)
{
  char **slot = g_str_equal (item->key, "id") ? &dump->id : g_str_equal (item->key, "netdev") ? &dump->netdev
                : g_str_equal (item->key, "file") ? &dump->file : NULL;
  guint64 number;

  if (g_str_equal (item->key, "maxlen"))
    {
      if (!astern_suboption_number (item, option, 1, G_MAXINT32, &number, error))
        return FALSE;
      dump->most_bytes = (guint32) number;
      return TRUE;
    }
  if (slot == NULL)
    {
      astern_suboption_unknown (item, option, "id, netdev, file, maxlen", error);
      return FALSE;
    }
  g_free (*slot);
  *slot = g_strdup (item->value);
  return TRUE;
}

gboolean
astern_option_object (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "qom-type");
  const char *type = items->len > 0 ? g_array_index (items, AsternSuboption, 0).value : "";
  AsternDumpItem dump = { .most_bytes = ASTERN_PCAP_DEFAULT_BYTES };

  if (g_str_has_prefix (type, "tls-creds-"))
    return astern_launch_unavailable (error, _("%s: the object “%s” is not there; -spice takes certificates by x509-dir=, and VNC is encrypted by "
                                               "an ssh that forwards its port."), name, type);
  if (!g_str_equal (type, "filter-dump"))
    {
      if (error != NULL)
        *error = g_error_new (ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
                              _("%s: the object “%s” is not there; there is filter-dump, -m is for memory and -seed for random numbers."), name, type);
      return FALSE;
    }
  for (guint i = 1; i < items->len; i++)
    if (!set_dump (&dump, name, &g_array_index (items, AsternSuboption, i), error))
      {
        clear_dump (&dump);
        return FALSE;
      }
  if (dump.netdev == NULL || dump.file == NULL)
    {
      clear_dump (&dump);
      return astern_launch_usage (error, _("%s filter-dump needs netdev= and file=."), name);
    }
  g_array_append_val (options->dumps, dump);
  return TRUE;
}

/* ---- what was not said ---- */

static const AsternSuboption *
find_item (const GArray *items, const char *key)
{
  for (guint i = 0; i < items->len; i++)
    if (g_str_equal (g_array_index (items, AsternSuboption, i).key, key))
      return &g_array_index (items, AsternSuboption, i);
  return NULL;
}

/* A card on a network of its own; the cards' addresses count up. */
gboolean
astern_option_network_defaults (AsternLaunchOptions *options, GError **error)
{
  guint n = 0;

  if (!options->network_given && !options->nodefaults && !options->told && !astern_option_nic (options, "-nic", "user", error))
    return FALSE;
  for (guint i = 0; i < options->devices->len; i++)
    {
      AsternDeviceItem *device = &g_array_index (options->devices, AsternDeviceItem, i);
      const AsternCard *card = astern_card_find (device->driver);
      AsternSuboption item;

      if (card->kind != ASTERN_CARD_NETWORK || astern_card_find_property (card, "mac") == NULL || find_item (device->properties, "mac") != NULL)
        continue;
      item.key = g_strdup ("mac");
      item.value = g_strdup_printf ("52:54:00:12:34:%02x", (0x56 + n++) & 0xff);
      g_array_append_val (device->properties, item);
    }
  return TRUE;
}
