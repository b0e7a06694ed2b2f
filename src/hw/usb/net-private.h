/* net-private - what the files of the network adapter share.  For net*.c alone. */
#pragma once

#include "hw/usb/net.h"

enum { NET_CONFIGURATION_ECM = 1, NET_CONFIGURATION_RNDIS = 2 };

#define NET_MAX_FRAME    1514
#define NET_QUEUE_BYTES  16384
#define NET_OUT_BYTES    2048
#define NET_REPLY_BYTES  1024
#define NET_RNDIS_HEADER 44

typedef struct
{
  UsbState usb;
  guint8   queue[NET_QUEUE_BYTES];     /* frames that came: two bytes of length, the frame, one after the other */
  guint8   out[NET_OUT_BYTES];         /* a frame, or RNDIS message, on its way from the guest */
  guint8   replies[NET_REPLY_BYTES];   /* RNDIS: as queue */
  guint32  queue_len, out_len, replies_len;
  guint32  in_pos;                     /* of the first frame of the queue, with its header */
  guint32  filter;                     /* RNDIS: OID_GEN_CURRENT_PACKET_FILTER */
  guint32  sent, received;             /* frames */
  guint8   out_bad;                    /* it is too long: dropped */
  guint8   zero_packet;                /* the frame that went was of whole packets: an empty one ends it */
  guint8   told;                       /* that the cable is in, or how many replies there are */
  guint8   rndis_running;
} NetState;

typedef struct
{
  UsbDevice   parent;
  NetState    s;
  AsternLink *link;                    /* borrowed, (nullable) */
  guint8      mac[6];
  char        mac_text[13];
} Net;

static inline gboolean
net_is_connected (const Net *net)
{
  return net->link != NULL && net->link->connected;
}

static inline void
net_put32 (guint8 *bytes, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = (guint8) (value >> (8 * i));
}

static inline guint32
net_get32 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

/* net-rndis.c.  A message of the guest's; its answer goes into replies.  FALSE: it is none. */
gboolean net_rndis_message (Net *net, const guint8 *message, guint size);
/* The header of a frame of @size bytes. */
void     net_rndis_header  (guint8 header[NET_RNDIS_HEADER], guint size);
/* Where the frame in a packet message lies; FALSE: it is no such message. */
gboolean net_rndis_frame   (const guint8 *message, guint size, guint *offset, guint *length);
