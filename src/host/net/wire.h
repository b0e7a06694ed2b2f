/* wire - a cable between a machine's network card and a back end.
 *
 * Frames from the guest are queued by the machine's thread and sent by the host's, many at a time.  Frames to the guest go
 * through the door as far as the card has room; the rest waits, and what does not fit there is dropped, as networks do.
 *
 * Threads: those that run the machine, unless said otherwise. */
#pragma once

#include "core/link.h"
#include "host/net/net.h"
#include "host/net/pcap.h"

typedef struct _AsternNetWire AsternNetWire;

typedef struct
{
  guint64 sent, received;      /* frames, from and to the guest */
  guint64 dropped_out, dropped_in;
  gboolean up;
} AsternNetWireCounts;

/* A frame of this size says whether the cable is plugged in: 0 or 1.  So a card hears of it through the door. */
#define ASTERN_NET_LINK_PACKET_BYTES 1

/* Both are borrowed, and must outlive it.  @epoch_ns: since 1970, of guest time 0. */
AsternNetWire *astern_net_wire_new      (AsternHostLoop *loop, AsternLink *link, AsternNet *net, guint64 epoch_ns);
void           astern_net_wire_free     (AsternNetWire *wire);
/* Writes down all that goes over it from now on; borrowed. */
void           astern_net_wire_dump     (AsternNetWire *wire, AsternPcap *pcap);
/* Any thread. */
void           astern_net_wire_plug     (AsternNetWire *wire, gboolean up);
void           astern_net_wire_counts   (AsternNetWire *wire, AsternNetWireCounts *counts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternNetWire, astern_net_wire_free)
