/* user-spec.c - the words of a network “user”.
 * Source: QEMU's manual, "-netdev user".
 * Left out: smb. */
#include "config.h"

#include "host/net/user-spec.h"

#include <arpa/inet.h>
#include <string.h>

#include "host/chardev.h"

#include <glib/gi18n.h>

const AsternNetWord astern_net_user_words[] = {
  { "ipv4", FALSE, NULL }, { "ipv6", FALSE, NULL }, { "restrict", FALSE, NULL },
  { "net", FALSE, NULL }, { "host", FALSE, NULL }, { "dhcpstart", FALSE, NULL }, { "dns", FALSE, NULL },
  { "ipv6-net", FALSE, NULL }, { "ipv6-prefix", FALSE, NULL }, { "ipv6-prefixlen", FALSE, NULL }, { "ipv6-host", FALSE, NULL }, { "ipv6-dns", FALSE, NULL },
  { "hostname", FALSE, NULL }, { "domainname", FALSE, NULL }, { "dnssearch", TRUE, NULL },
  { "tftp", FALSE, NULL }, { "bootfile", FALSE, NULL }, { "tftp-server-name", FALSE, NULL },
  { "hostfwd", TRUE, NULL }, { "guestfwd", TRUE, NULL },
  { "smb", FALSE, N_("there is no SMB server; use tftp=DIR, or a server of the host's at the address 10.0.2.2") },
  { "smbserver", FALSE, N_("there is no SMB server; use tftp=DIR, or a server of the host's at the address 10.0.2.2") },
  { NULL, FALSE, NULL },
};

static gboolean
bad (const char *name, const char *value, const char *example, GError **error)
{
  return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s=%s” is not understood; it is written as in “%s”."), name, value, example);
}

static guint32
in_host_order (struct in_addr address)
{
  return ntohl (address.s_addr);
}

static struct in_addr
of_host_order (guint32 address)
{
  return (struct in_addr) { .s_addr = htonl (address) };
}

/* A.B.C.D[/BITS|/MASK] */
static gboolean
parse_network (const char *value, AsternNetUserAddresses *a, GError **error)
{
  const char *slash = strchr (value, '/');
  g_autofree char *base = slash != NULL ? g_strndup (value, (gsize) (slash - value)) : g_strdup (value);
  guint64 bits = 24;
  guint32 mask;

  if (inet_pton (AF_INET, base, &a->network) != 1)
    return bad ("net", value, "net=10.0.2.0/24", error);
  if (slash != NULL && inet_pton (AF_INET, slash + 1, &a->mask) == 1)
    mask = in_host_order (a->mask);
  else if (slash != NULL && !g_ascii_string_to_unsigned (slash + 1, 10, 4, 30, &bits, NULL))
    return bad ("net", value, "net=10.0.2.0/24", error);
  else
    mask = G_MAXUINT32 << (32 - bits);
  if ((~mask & (~mask + 1)) != 0 || ~mask < 3 || ~mask > 0x0fffffff)
    return bad ("net", value, "net=10.0.2.0/24", error);
  a->mask = of_host_order (mask);
  a->network.s_addr &= a->mask.s_addr;
  return TRUE;
}

static gboolean
parse_inside (const AsternNetSpec *spec, const char *name, guint number, const AsternNetUserAddresses *a, struct in_addr *result,
              GError **error)
{
  const char *value = astern_net_spec_get (spec, name);
  guint32 mask = in_host_order (a->mask);

  *result = of_host_order (in_host_order (a->network) | (number & ~mask));
  if (value == NULL)
    return TRUE;
  if (inet_pton (AF_INET, value, result) != 1)
    return bad (name, value, "10.0.2.2", error);
  if ((result->s_addr & a->mask.s_addr) != a->network.s_addr || (in_host_order (*result) & ~mask) == 0 ||
      (in_host_order (*result) | mask) == G_MAXUINT32)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s=%s” is not an address of a machine inside the network."), name, value);
  return TRUE;
}

static gboolean
parse_ipv6 (const AsternNetSpec *spec, AsternNetUserAddresses *a, GError **error)
{
  const char *value = astern_net_spec_get (spec, "ipv6-net");
  const char *bits_value = astern_net_spec_get (spec, "ipv6-prefixlen");
  const char *names[2] = { "ipv6-host", "ipv6-dns" };
  g_autofree char *base = NULL;
  guint64 bits = 64;

  if (value == NULL)
    value = astern_net_spec_get (spec, "ipv6-prefix");
  base = g_strdup (value != NULL ? value : "fec0::");
  if (strchr (base, '/') != NULL)
    {
      bits_value = strchr (value, '/') + 1;
      *strchr (base, '/') = '\0';
    }
  if (bits_value != NULL && !g_ascii_string_to_unsigned (bits_value, 10, 0, 126, &bits, NULL))
    return bad ("ipv6-net", value != NULL ? value : bits_value, "ipv6-net=fec0::/64", error);
  if (inet_pton (AF_INET6, base, &a->prefix6) != 1)
    return bad ("ipv6-net", value, "ipv6-net=fec0::/64", error);
  a->prefix6_bits = (guint8) bits;
  for (guint i = 0; i < 2; i++)
    {
      struct in6_addr *result = i == 0 ? &a->host6 : &a->dns6;

      value = astern_net_spec_get (spec, names[i]);
      *result = a->prefix6;
      result->s6_addr[15] |= (guint8) (2 + i);
      if (value != NULL && inet_pton (AF_INET6, value, result) != 1)
        return bad (names[i], value, "fec0::2", error);
    }
  return TRUE;
}

gboolean
astern_net_user_addresses (const AsternNetSpec *spec, AsternNetUserAddresses *a, GError **error)
{
  const char *net = astern_net_spec_get (spec, "net");

  memset (a, 0, sizeof *a);
  a->ipv4 = astern_net_spec_switch (spec, "ipv4", !astern_net_spec_switch (spec, "ipv6", FALSE) ||
                                    astern_net_spec_get (spec, "ipv4") == NULL);
  a->ipv6 = astern_net_spec_switch (spec, "ipv6", TRUE);
  a->restricted = astern_net_spec_switch (spec, "restrict", FALSE);
  if (!a->ipv4 && !a->ipv6)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("A network “user” needs one of ipv4 and ipv6."));
  if (!parse_network (net != NULL ? net : "10.0.2.0/24", a, error) ||
      !parse_inside (spec, "host", 2, a, &a->host, error) || !parse_inside (spec, "dns", 3, a, &a->dns, error) ||
      !parse_inside (spec, "dhcpstart", 15, a, &a->dhcp, error) || !parse_ipv6 (spec, a, error))
    return FALSE;
  if (a->host.s_addr == a->dns.s_addr)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“host” and “dns” of a network are two addresses."));
  return TRUE;
}

/* ---- rules ---- */

static gboolean
parse_end (const char *text, const char *end, struct in_addr *address, guint16 *port)
{
  const char *colon = memchr (text, ':', (gsize) (end - text));
  g_autofree char *host = NULL, *number = NULL;
  guint64 value;

  if (colon == NULL)
    return FALSE;
  host = g_strndup (text, (gsize) (colon - text));
  number = g_strndup (colon + 1, (gsize) (end - colon - 1));
  if (host[0] != '\0' && inet_pton (AF_INET, host, address) != 1)
    return FALSE;
  if (!g_ascii_string_to_unsigned (number, 10, 0, G_MAXUINT16, &value, NULL))
    return FALSE;
  *port = (guint16) value;
  return TRUE;
}

/* (nullable) what follows the protocol. */
static const char *
skip_protocol (const char *rule, gboolean *udp)
{
  const char *colon = strchr (rule, ':');

  *udp = g_str_has_prefix (rule, "udp:");
  return colon != NULL && (colon == rule || *udp || g_str_has_prefix (rule, "tcp:")) ? colon + 1 : NULL;
}

gboolean
astern_net_parse_forward (const char *rule, gboolean removal, AsternNetForward *forward, GError **error)
{
  const char *at = NULL, *dash = NULL;

  memset (forward, 0, sizeof *forward);
  at = skip_protocol (rule, &forward->udp);
  if (at != NULL)
    dash = removal ? at + strlen (at) : strchr (at, '-');
  if (dash == NULL || !parse_end (at, dash, &forward->host, &forward->host_port) ||
      (!removal && !parse_end (dash + 1, dash + strlen (dash), &forward->guest, &forward->guest_port)) ||
      (!removal && forward->guest_port == 0))
    return bad ("hostfwd", rule, removal ? "tcp::2222" : "hostfwd=tcp::2222-:22", error);
  return TRUE;
}

gboolean
astern_net_parse_guest_forward (const char *rule, AsternNetGuestForward *forward, GError **error)
{
  gboolean udp = FALSE;
  const char *at = skip_protocol (rule, &udp);
  const char *dash = at != NULL ? strchr (at, '-') : NULL;

  memset (forward, 0, sizeof *forward);
  if (dash == NULL || udp || !parse_end (at, dash, &forward->address, &forward->port) || forward->address.s_addr == 0 ||
      forward->port == 0 || dash[1] == '\0')
    return bad ("guestfwd", rule, "guestfwd=tcp:10.0.2.100:80-cmd:cat", error);
  forward->place = dash + 1;
  return TRUE;
}

gboolean
astern_net_user_check (const AsternNetSpec *spec, GError **error)
{
  AsternNetUserAddresses addresses;

  if (!astern_net_user_addresses (spec, &addresses, error))
    return FALSE;
  for (guint i = 0; i + 1 < spec->words->len; i += 2)
    {
      const char *name = g_ptr_array_index (spec->words, i), *value = g_ptr_array_index (spec->words, i + 1);
      AsternNetGuestForward guest;
      AsternNetForward forward;

      if (g_str_equal (name, "hostfwd") && !astern_net_parse_forward (value, FALSE, &forward, error))
        return FALSE;
      if (!g_str_equal (name, "guestfwd"))
        continue;
      if (!astern_net_parse_guest_forward (value, &guest, error))
        return FALSE;
      if ((guest.address.s_addr & addresses.mask.s_addr) != addresses.network.s_addr)
        return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s=%s” is not an address of a machine inside the network."), name, value);
      if (!g_str_has_prefix (guest.place, "cmd:"))
        {
          AsternChardevSpec place = { 0 };
          gboolean good = astern_chardev_spec_parse (guest.place, &place, error);

          astern_chardev_spec_clear (&place);
          if (!good)
            return FALSE;
        }
    }
  return TRUE;
}
