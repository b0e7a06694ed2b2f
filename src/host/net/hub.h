/* hub - joins networks: a frame from one port goes to all others.
 *
 * Threads: made and freed while nothing sends; the ports: the host's. */
#pragma once

#include "host/net/net.h"

typedef struct _AsternNetHub AsternNetHub;

AsternNetHub *astern_net_hub_new  (AsternHostLoop *loop);
/* Its ports must be closed. */
void          astern_net_hub_free (AsternNetHub *hub);
/* A port as a back end: what is sent to it goes to the other ports. */
AsternNet    *astern_net_hub_port (AsternNetHub *hub, const char *id);
/* Joins @net (another back end) as a port: closed with the hub, not by the caller. */
void          astern_net_hub_join (AsternNetHub *hub, AsternNet *net);
