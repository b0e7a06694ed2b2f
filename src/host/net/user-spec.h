/* user-spec - the words of a network “user”, made out: addresses, rules.
 *
 * Threads: any; plain values. */
#pragma once

#include <netinet/in.h>

#include "host/net/net.h"

typedef struct
{
  gboolean        ipv4, ipv6, restricted;
  struct in_addr  network, mask, host, dhcp, dns;
  struct in6_addr prefix6, host6, dns6;
  guint8          prefix6_bits;
} AsternNetUserAddresses;

/* tcp:[ADDRESS]:PORT-[ADDRESS]:PORT */
typedef struct
{
  gboolean       udp;
  struct in_addr host, guest;    /* guest 0.0.0.0: whom DHCP gives the first address */
  guint16        host_port, guest_port;
} AsternNetForward;

/* [tcp]:ADDRESS:PORT-PLACE */
typedef struct
{
  struct in_addr address;
  guint16        port;
  const char    *place;          /* in the text */
} AsternNetGuestForward;

gboolean astern_net_user_addresses (const AsternNetSpec *spec, AsternNetUserAddresses *addresses, GError **error);
/* @rule of a removal ends before the dash. */
gboolean astern_net_parse_forward  (const char *rule, gboolean remove, AsternNetForward *forward, GError **error);
gboolean astern_net_parse_guest_forward (const char *rule, AsternNetGuestForward *forward, GError **error);
gboolean astern_net_user_check     (const AsternNetSpec *spec, GError **error);

extern const AsternNetWord astern_net_user_words[];
