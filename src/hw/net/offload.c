/* offload.c - large segments cut into frames.
 * Source: RFC 793, RFC 791, RFC 8200; Intel 8254x software developer's manual, section 3.5, for which fields change.
 * Left out: encapsulated packets, IP fragmentation of UDP (UFO). */
#include "config.h"

#include "hw/net/offload.h"

#include <string.h>

enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };

#define MAX_HEADER 256

gboolean
net_segmentation_find (const guint8 *frame, gsize size, guint mss, NetSegmentation *how)
{
  guint8 start[MAX_HEADER];
  NetHeaders headers;
  gsize kept = MIN (size, sizeof start);
  gsize l3 = NET_ETHER_HEADER;

  /* Drivers leave out the lengths of what is to be cut; of the start alone they are known. */
  if (kept < NET_ETHER_HEADER + 40)
    return FALSE;
  memcpy (start, frame, kept);
  if (net_get16 (start + 12) == NET_ETHERTYPE_VLAN)
    l3 += 4;
  if (start[l3] >> 4 == 4)
    net_put16 (start + l3 + 2, (guint16) (kept - l3));
  else
    net_put16 (start + l3 + 4, (guint16) (kept - MIN (kept, l3 + 40)));
  if (!net_headers_parse (start, kept, &headers) || headers.l4 == 0)
    return FALSE;
  *how = (NetSegmentation) { .l3 = headers.l3, .l4 = headers.l4, .header = headers.payload, .mss = (guint16) MIN (mss, G_MAXUINT16),
                             .version = headers.version, .protocol = headers.protocol };
  return TRUE;
}

static gboolean
fits (gsize size, const NetSegmentation *how)
{
  guint ip = how->version == 4 ? 20 : 40, l4 = how->protocol == NET_PROTOCOL_TCP ? 20 : 8;

  return size <= NET_MAX_SEGMENT && how->header <= MAX_HEADER && how->header < size && how->mss > 0 &&
         how->l3 >= NET_ETHER_HEADER && how->l4 >= how->l3 + ip && how->header >= how->l4 + l4;
}

/* The headers of the segment @number, whose payload begins at @done and is @payload long. */
static void
change_headers (guint8 *frame, const NetSegmentation *how, guint number, gsize done, gsize payload, gboolean last)
{
  guint8 *ip = frame + how->l3, *l4 = frame + how->l4;
  guint length = (guint) (how->header - how->l4 + payload);
  const NetHeaders headers = { .l3 = how->l3, .l4 = how->l4, .version = how->version, .protocol = how->protocol };
  guint sum;

  if (how->version == 4)
    {
      net_put16 (ip + 2, (guint16) (how->l4 - how->l3 + length));
      net_put16 (ip + 4, (guint16) (net_get16 (ip + 4) + number));
      net_put16 (ip + 10, 0);
      net_checksum_put (ip, how->l4 - how->l3, 10);
    }
  else
    net_put16 (ip + 4, (guint16) (how->l4 - how->l3 - 40 + length));
  sum = how->protocol == NET_PROTOCOL_TCP ? 16 : 6;
  if (how->protocol == NET_PROTOCOL_TCP)
    {
      guint32 sequence = (guint32) net_get16 (l4 + 4) << 16 | net_get16 (l4 + 6);

      sequence += (guint32) done;
      net_put16 (l4 + 4, (guint16) (sequence >> 16));
      net_put16 (l4 + 6, (guint16) sequence);
      if (!last)
        l4[13] &= (guint8) ~(TCP_FIN | TCP_PSH);
      if (number > 0)
        l4[13] &= (guint8) ~TCP_CWR;
    }
  else
    net_put16 (l4 + 4, (guint16) length);
  net_put16 (l4 + sum, 0);
  sum += how->l4;
  net_put16 (frame + sum, (guint16) ~net_checksum_add (net_checksum_pseudo (frame, &headers, length), l4, length));
  if (how->protocol == NET_PROTOCOL_UDP && frame[sum] == 0 && frame[sum + 1] == 0)
    net_put16 (frame + sum, 0xffff);                    /* zero says: none was made */
}

guint
net_segment (const guint8 *frame, gsize size, const NetSegmentation *how, NetFrameFunc emit, gpointer user)
{
  guint8 stack[2048];
  g_autofree guint8 *heap = NULL;
  guint8 *out = stack;
  guint number = 0;
  gsize done = 0;

  if (!fits (size, how))
    return 0;
  if (how->header + (gsize) how->mss > sizeof stack)
    out = heap = g_malloc (how->header + (gsize) how->mss);
  for (gsize left = size - how->header; left > 0; number++)
    {
      gsize payload = MIN (left, how->mss);

      memcpy (out, frame, how->header);
      memcpy (out + how->header, frame + how->header + done, payload);
      change_headers (out, how, number, done, payload, payload == left);
      emit (user, out, how->header + payload);
      done += payload;
      left -= payload;
    }
  return number;
}

gboolean
net_send_whole (AsternLink *link, guint8 *frame, gsize size, const NetSegmentation *how)
{
  if (!fits (size, how) || how->protocol != NET_PROTOCOL_TCP)
    return FALSE;
  if (!astern_link_is_heard (link))
    return TRUE;
  if (!link->large || size - how->l3 > G_MAXUINT16)
    return FALSE;
  change_headers (frame, how, 0, 0, size - how->header, TRUE);
  astern_link_send (link, frame, size);
  return TRUE;
}

guint8 *
net_tagged (const guint8 *frame, gsize size, guint16 type, guint16 tag)
{
  enum { ADDRESSES = 12, TAG = 4 };
  guint8 *tagged;

  if (size < ADDRESSES)
    return NULL;
  tagged = g_malloc (size + TAG);
  memcpy (tagged, frame, ADDRESSES);
  net_put16 (tagged + ADDRESSES, type);
  net_put16 (tagged + ADDRESSES + 2, tag);
  memcpy (tagged + ADDRESSES + TAG, frame + ADDRESSES, size - ADDRESSES);
  return tagged;
}
