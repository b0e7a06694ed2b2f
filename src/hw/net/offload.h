/* offload - what network cards do for a guest: large TCP and UDP segments cut into frames.
 *
 * Threads: any; plain values.
 * Units:   bytes; offsets from the start of the frame. */
#pragma once

#include "core/link.h"
#include "hw/net/checksum.h"

/* Of what a card is told about a large segment. */
#define NET_MAX_SEGMENT (64u * 1024 + 256)

typedef struct
{
  guint16 l3, l4;         /* where the IP header and the TCP or UDP header begin */
  guint16 header;         /* where the payload begins */
  guint16 mss;            /* most payload in a frame */
  guint8  version;        /* 4, 6 */
  guint8  protocol;       /* NET_PROTOCOL_TCP; NET_PROTOCOL_UDP: datagrams of their own (USO) */
  guint8  reserved[2];
} NetSegmentation;

typedef void (*NetFrameFunc) (gpointer user, const guint8 *frame, gsize size);

/* Finds out from the frame itself; lengths in its IP header may be anything.  FALSE: not TCP or UDP. */
gboolean net_segmentation_find (const guint8 *frame, gsize size, guint mss, NetSegmentation *how);

/* Emits frames of at most how->header + how->mss bytes, each with its lengths, identification, sequence number, flags and
 * checksums.  Returns how many; 0: @how does not fit the frame, and nothing was emitted. */
guint    net_segment           (const guint8 *frame, gsize size, const NetSegmentation *how, NetFrameFunc emit, gpointer user);

/* A TCP segment that the outside takes as it is, sums and lengths put right, or that nobody hears.  FALSE: it is to be cut. */
gboolean net_send_whole        (AsternLink *link, guint8 *frame, gsize size, const NetSegmentation *how);

/* A copy of @frame with a VLAN tag of @type behind its addresses, of @size + 4 bytes; free it.  NULL: it is too short to have any. */
guint8  *net_tagged            (const guint8 *frame, gsize size, guint16 type, guint16 tag);
