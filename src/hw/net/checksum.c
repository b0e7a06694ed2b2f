/* checksum.c - the Internet checksum, and where the headers of a frame lie.
 * Source: RFC 1071; RFC 791, 793, 768, 8200; IEEE 802.3, 3.2.9.
 * Left out: extension headers of IPv6 other than hop-by-hop, routing and destination options; more than two VLAN tags. */
#include "config.h"

#include "hw/net/checksum.h"

#include <libdeflate.h>
#include <string.h>

guint16
net_checksum_add (guint16 sum, gconstpointer data, gsize size)
{
  const guint8 *at = data;
  guint64 total = 0;
  guint32 folded;

  /* In the host's order, which is the other one: sums may be swapped at the end. */
  while (size >= 8)
    {
      guint32 a, b;

      memcpy (&a, at, 4);
      memcpy (&b, at + 4, 4);
      total += (guint64) a + b;
      at += 8;
      size -= 8;
    }
  while (size >= 2)
    {
      guint16 word;

      memcpy (&word, at, 2);
      total += word;
      at += 2;
      size -= 2;
    }
  if (size > 0)
    total += at[0];
  total = (total & G_MAXUINT32) + (total >> 32);
  total = (total & 0xffff) + (total >> 16 & 0xffff) + (total >> 32);
  folded = (guint32) (total & 0xffff) + (guint32) (total >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  folded = (guint32) GUINT16_FROM_BE ((guint16) folded) + sum;
  return (guint16) ((folded & 0xffff) + (folded >> 16));
}

gboolean
net_checksum_put (guint8 *data, gsize size, gsize at)
{
  if (at + 2 > size)
    return FALSE;
  net_put16 (data + at, (guint16) ~net_checksum_add (0, data, size));
  return TRUE;
}

guint16
net_checksum_pseudo (const guint8 *frame, const NetHeaders *headers, guint length)
{
  const guint8 tail[8] = { 0, 0, (guint8) (length >> 8), (guint8) length, 0, 0, 0, headers->protocol };

  if (headers->version == 4)
    return net_checksum_add (net_checksum_add (0, frame + headers->l3 + 12, 8), tail, sizeof tail);
  return net_checksum_add (net_checksum_add (0, frame + headers->l3 + 8, 32), tail, sizeof tail);
}

/* ---- headers ---- */

static void
parse_l4 (const guint8 *frame, gsize size, guint protocol, gsize at, NetHeaders *headers)
{
  gsize length;

  if (headers->fragment)
    return;
  if (protocol == NET_PROTOCOL_TCP)
    {
      if (at + 20 > size)
        return;
      length = (gsize) (frame[at + 12] >> 4) * 4;
      if (length < 20)
        return;
    }
  else if (protocol == NET_PROTOCOL_UDP)
    length = 8;
  else
    return;
  if (at + length > size)
    return;
  headers->l4 = (guint16) at;
  headers->payload = (guint16) (at + length);
  headers->protocol = (guint8) protocol;
}

static gboolean
parse_ipv4 (const guint8 *frame, gsize size, NetHeaders *headers)
{
  const guint8 *ip = frame + headers->l3;
  gsize length, total;

  if (headers->l3 + 20u > size || ip[0] >> 4 != 4)
    return FALSE;
  length = (ip[0] & 15) * 4u;
  total = net_get16 (ip + 2);
  if (length < 20 || total < length || headers->l3 + total > size)
    return FALSE;
  headers->version = 4;
  headers->end = (guint16) (headers->l3 + total);
  headers->fragment = (net_get16 (ip + 6) & 0x3fff) != 0;
  parse_l4 (frame, headers->end, ip[9], headers->l3 + length, headers);
  return TRUE;
}

static gboolean
parse_ipv6 (const guint8 *frame, gsize size, NetHeaders *headers)
{
  const guint8 *ip = frame + headers->l3;
  gsize at = headers->l3 + 40u, total;
  guint next;

  if (at > size || ip[0] >> 4 != 6)
    return FALSE;
  total = 40u + net_get16 (ip + 4);
  if (headers->l3 + total > size)
    return FALSE;
  headers->version = 6;
  headers->end = (guint16) (headers->l3 + total);
  next = ip[6];
  for (guint i = 0; i < 8 && (next == 0 || next == 43 || next == 60); i++)
    {
      if (at + 8 > headers->end)
        return TRUE;
      next = frame[at];
      at += (frame[at + 1] + 1u) * 8;
    }
  headers->fragment = next == 44;
  parse_l4 (frame, headers->end, next, at, headers);
  return TRUE;
}

gboolean
net_headers_parse (const guint8 *frame, gsize size, NetHeaders *headers)
{
  gsize at = 12;
  guint16 type;

  memset (headers, 0, sizeof *headers);
  if (size < NET_ETHER_HEADER || size > G_MAXUINT16)
    return FALSE;
  type = net_get16 (frame + at);
  for (guint tags = 0; tags < 2 && (type == NET_ETHERTYPE_VLAN || type == 0x88a8); tags++)
    {
      at += 4;
      if (at + 2 > size)
        return FALSE;
      type = net_get16 (frame + at);
    }
  headers->l3 = (guint16) (at + 2);
  if (type == NET_ETHERTYPE_IPV4)
    return parse_ipv4 (frame, size, headers);
  return type == NET_ETHERTYPE_IPV6 && parse_ipv6 (frame, size, headers);
}

gboolean
net_checksum_ip_ok (const guint8 *frame, const NetHeaders *headers)
{
  const guint8 *ip = frame + headers->l3;

  return headers->version != 4 || net_checksum_add (0, ip, (ip[0] & 15) * 4u) == 0xffff;
}

gboolean
net_checksum_l4_ok (const guint8 *frame, const NetHeaders *headers)
{
  guint length = headers->end - headers->l4;
  const guint8 *l4 = frame + headers->l4;

  if (headers->l4 == 0)
    return TRUE;
  if (headers->protocol == NET_PROTOCOL_UDP)
    {
      guint udp = net_get16 (l4 + 4);

      if (headers->version == 4 && l4[6] == 0 && l4[7] == 0)
        return TRUE;                                    /* its sender made none */
      if (udp < 8 || udp > length)
        return FALSE;
      length = udp;
    }
  return net_checksum_add (net_checksum_pseudo (frame, headers, length), l4, length) == 0xffff;
}

guint32
net_crc32 (gconstpointer data, gsize size)
{
  return libdeflate_crc32 (0, data, size);
}
