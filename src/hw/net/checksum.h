/* checksum - the Internet checksum, and where the headers of a frame lie.
 *
 * Threads: any; plain values.
 * Units:   bytes; frames begin with the Ethernet header and have no CRC. */
#pragma once

#include <glib.h>

#define NET_ETHER_HEADER    14
#define NET_MIN_FRAME       60      /* without its CRC */

enum { NET_ETHERTYPE_IPV4 = 0x0800, NET_ETHERTYPE_VLAN = 0x8100, NET_ETHERTYPE_IPV6 = 0x86dd };
enum { NET_PROTOCOL_TCP = 6, NET_PROTOCOL_UDP = 17 };

/* What is in a frame; offsets from its start. */
typedef struct
{
  guint16 l3;             /* IP header */
  guint16 l4;             /* TCP or UDP header; 0: none that is whole */
  guint16 payload;        /* behind it */
  guint16 end;            /* of the IP packet; padding lies behind it */
  guint8  version;        /* 4, 6; 0: no IP */
  guint8  protocol;       /* of l4 */
  guint8  fragment;       /* one of several: its checksum is not in it */
  guint8  reserved;
} NetHeaders;

/* One's complement sum of big-endian words, folded to 16 bits, not inverted.  @sum: of what lies before, of even size. */
guint16  net_checksum_add    (guint16 sum, gconstpointer data, gsize size);

/* The sum over @size bytes of @data is put, inverted, at @at; what is there counts, as a pseudo header's sum does.
 * FALSE: that lies outside. */
gboolean net_checksum_put    (guint8 *data, gsize size, gsize at);

/* The pseudo header's sum for what begins at @headers->l4, of @length bytes. */
guint16  net_checksum_pseudo (const guint8 *frame, const NetHeaders *headers, guint length);

/* FALSE: not IP, or not whole. */
gboolean net_headers_parse   (const guint8 *frame, gsize size, NetHeaders *headers);

/* Whether the sums in the frame are right; of what is not in it, TRUE. */
gboolean net_checksum_ip_ok  (const guint8 *frame, const NetHeaders *headers);
gboolean net_checksum_l4_ok  (const guint8 *frame, const NetHeaders *headers);

/* CRC-32 as Ethernet has it, first byte first. */
guint32  net_crc32           (gconstpointer data, gsize size);

static inline guint16
net_get16 (const guint8 *at)
{
  return (guint16) (at[0] << 8 | at[1]);
}

static inline void
net_put16 (guint8 *at, guint16 value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}
