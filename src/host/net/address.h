/* address - socket addresses as network back ends are given them.
 *
 * Threads: any. */
#pragma once

#include <sys/socket.h>

#include "host/net/net.h"

typedef struct
{
  struct sockaddr_storage address;
  socklen_t               length;      /* 0: none */
  char                   *text;        /* for people: "127.0.0.1:1234" */
} AsternNetAddress;

/* HOST:PORT, the host may be empty: any, or this one.  Opens nothing. */
gboolean astern_net_address_split   (const char *text, char **host, guint16 *port);
/* Looks the host up.  @passive: to be bound. */
gboolean astern_net_address_lookup  (const char *host, guint16 port, gboolean datagram, gboolean passive, AsternNetAddress *address,
                                     GError **error);
/* As "addr.type", "addr.host" ... of @prefix "addr.". */
gboolean astern_net_address_check   (const AsternNetSpec *spec, const char *prefix, GError **error);
gboolean astern_net_address_of_spec (const AsternNetSpec *spec, const char *prefix, gboolean datagram, gboolean passive,
                                     AsternNetAddress *address, GError **error);
void     astern_net_address_clear   (AsternNetAddress *address);
