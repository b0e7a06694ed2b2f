/* net-rndis.c - Microsoft's Remote NDIS.
 * Source: Microsoft, [MS-RNDIS]: Remote Network Driver Interface Specification, revision 5.0.
 * Left out: power management, per-packet information, several packets in one message, multicast lists. */
#include "config.h"

#include "hw/usb/net-private.h"

#include <string.h>

enum { PACKET_MSG = 1, INITIALIZE = 2, HALT = 3, QUERY = 4, SET = 5, RESET = 6, KEEPALIVE = 8 };
#define ANSWER 0x80000000u
enum { STATUS_SUCCESS = 0 };
#define STATUS_NOT_SUPPORTED 0xc00000bbu
#define STATUS_INVALID_DATA  0xc0010015u

enum
{
  OID_SUPPORTED_LIST = 0x00010101, OID_HARDWARE_STATUS = 0x00010102, OID_MEDIA_SUPPORTED = 0x00010103, OID_MEDIA_IN_USE = 0x00010104,
  OID_MAXIMUM_FRAME_SIZE = 0x00010106, OID_LINK_SPEED = 0x00010107, OID_TRANSMIT_BLOCK_SIZE = 0x0001010a,
  OID_RECEIVE_BLOCK_SIZE = 0x0001010b, OID_VENDOR_ID = 0x0001010c, OID_VENDOR_DESCRIPTION = 0x0001010d,
  OID_CURRENT_PACKET_FILTER = 0x0001010e, OID_MAXIMUM_TOTAL_SIZE = 0x00010111, OID_MEDIA_CONNECT_STATUS = 0x00010114,
  OID_VENDOR_DRIVER_VERSION = 0x00010116, OID_PHYSICAL_MEDIUM = 0x00010202, OID_XMIT_OK = 0x00020101, OID_RCV_OK = 0x00020102,
  OID_XMIT_ERROR = 0x00020103, OID_RCV_ERROR = 0x00020104, OID_RCV_NO_BUFFER = 0x00020105, OID_PERMANENT_ADDRESS = 0x01010101,
  OID_CURRENT_ADDRESS = 0x01010102, OID_MULTICAST_LIST = 0x01010103, OID_MAXIMUM_LIST_SIZE = 0x01010104,
};

typedef enum { VALUE_NUMBER, VALUE_LIST, VALUE_MAC, VALUE_TEXT, VALUE_FILTER, VALUE_CONNECTED, VALUE_SENT, VALUE_RECEIVED } ValueKind;

static const struct { guint32 oid; guint8 kind; guint32 number; } oids[] = {
  { OID_SUPPORTED_LIST,        VALUE_LIST,      0 },
  { OID_HARDWARE_STATUS,       VALUE_NUMBER,    0 },                    /* ready */
  { OID_MEDIA_SUPPORTED,       VALUE_NUMBER,    0 },                    /* 802.3 */
  { OID_MEDIA_IN_USE,          VALUE_NUMBER,    0 },
  { OID_MAXIMUM_FRAME_SIZE,    VALUE_NUMBER,    1500 },
  { OID_LINK_SPEED,            VALUE_NUMBER,    4800000 },              /* in 100 bits a second */
  { OID_TRANSMIT_BLOCK_SIZE,   VALUE_NUMBER,    NET_MAX_FRAME },
  { OID_RECEIVE_BLOCK_SIZE,    VALUE_NUMBER,    NET_MAX_FRAME },
  { OID_VENDOR_ID,             VALUE_NUMBER,    0x00ffffff },
  { OID_VENDOR_DESCRIPTION,    VALUE_TEXT,      0 },
  { OID_CURRENT_PACKET_FILTER, VALUE_FILTER,    0 },
  { OID_MAXIMUM_TOTAL_SIZE,    VALUE_NUMBER,    NET_MAX_FRAME + NET_RNDIS_HEADER },
  { OID_MEDIA_CONNECT_STATUS,  VALUE_CONNECTED, 0 },
  { OID_VENDOR_DRIVER_VERSION, VALUE_NUMBER,    1 },
  { OID_PHYSICAL_MEDIUM,       VALUE_NUMBER,    0 },
  { OID_XMIT_OK,               VALUE_SENT,      0 },
  { OID_RCV_OK,                VALUE_RECEIVED,  0 },
  { OID_XMIT_ERROR,            VALUE_NUMBER,    0 },
  { OID_RCV_ERROR,             VALUE_NUMBER,    0 },
  { OID_RCV_NO_BUFFER,         VALUE_NUMBER,    0 },
  { OID_PERMANENT_ADDRESS,     VALUE_MAC,       0 },
  { OID_CURRENT_ADDRESS,       VALUE_MAC,       0 },
  { OID_MULTICAST_LIST,        VALUE_NUMBER,    0xe0000000u },
  { OID_MAXIMUM_LIST_SIZE,     VALUE_NUMBER,    1 },
};

enum { MAX_VALUE = 4 * G_N_ELEMENTS (oids) };

/* The value of an OID; its length, or -1: there is no such one. */
static gint
value_of (Net *net, guint32 oid, guint8 *value)
{
  static const char text[] = "Astern USB Network";
  guint32 number = 0;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (oids) && oids[i].oid != oid; i++)
    ;
  if (i == G_N_ELEMENTS (oids))
    return -1;
  switch (oids[i].kind)
    {
    case VALUE_LIST:
      for (guint n = 0; n < G_N_ELEMENTS (oids); n++)
        net_put32 (value + 4 * n, oids[n].oid);
      return MAX_VALUE;
    case VALUE_MAC:
      memcpy (value, net->mac, 6);
      return 6;
    case VALUE_TEXT:
      memcpy (value, text, sizeof text);
      return sizeof text;
    case VALUE_FILTER:
      number = net->s.filter;
      break;
    case VALUE_CONNECTED:
      number = net_is_connected (net) ? 0 : 1;
      break;
    case VALUE_SENT:
      number = net->s.sent;
      break;
    case VALUE_RECEIVED:
      number = net->s.received;
      break;
    default:
      number = oids[i].number;
      break;
    }
  net_put32 (value, number);
  return 4;
}

static void
reply (Net *net, const guint8 *message, guint size)
{
  NetState *s = &net->s;

  if (s->replies_len + 2 + size > NET_REPLY_BYTES)
    {
      usb_guest_error (&net->parent, "RNDIS answers that nobody takes");
      return;
    }
  s->replies[s->replies_len] = (guint8) size;
  s->replies[s->replies_len + 1] = (guint8) (size >> 8);
  memcpy (s->replies + s->replies_len + 2, message, size);
  s->replies_len += 2 + size;
  usb_wake (&net->parent, 0x81);
}

/* An answer of @n words: its type and length come first, then the number of the request and a status. */
static void
answer (Net *net, const guint8 *message, guint32 status, const guint32 *more, guint n_more, const guint8 *value, guint value_size)
{
  guint8 bytes[16 + 4 * 9 + MAX_VALUE];
  guint size = 16 + 4 * n_more;

  net_put32 (bytes, net_get32 (message) | ANSWER);
  net_put32 (bytes + 4, size + value_size);
  memcpy (bytes + 8, message + 8, 4);
  net_put32 (bytes + 12, status);
  for (guint i = 0; i < n_more; i++)
    net_put32 (bytes + 16 + 4 * i, more[i]);
  if (value_size > 0)
    memcpy (bytes + size, value, value_size);
  reply (net, bytes, size + value_size);
}

static void
initialize (Net *net, const guint8 *message)
{
  const guint32 words[] = {
    1, 0,                                       /* version 1.0 */
    1, 0,                                       /* connectionless, 802.3 */
    1, NET_MAX_FRAME + NET_RNDIS_HEADER,        /* one packet in a message, of so many bytes */
    0, 0, 0,                                    /* no alignment; reserved */
  };

  net->s.rndis_running = 1;
  answer (net, message, STATUS_SUCCESS, words, G_N_ELEMENTS (words), NULL, 0);
}

static void
query (Net *net, const guint8 *message)
{
  guint8 value[MAX_VALUE];
  gint size = value_of (net, net_get32 (message + 12), value);
  guint32 words[] = { size > 0 ? (guint32) size : 0, 16 };      /* how much; where, counted from the request's number */

  answer (net, message, size >= 0 ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED, words, 2, value, (guint) MAX (size, 0));
}

static void
set (Net *net, const guint8 *message, guint size)
{
  guint32 oid = net_get32 (message + 12), length = net_get32 (message + 16), offset = net_get32 (message + 20);
  guint32 status = STATUS_SUCCESS;

  if (length > size || offset > size || offset + 8 + length > size)
    status = STATUS_INVALID_DATA;
  else if (oid == OID_CURRENT_PACKET_FILTER && length >= 4)
    net->s.filter = net_get32 (message + 8 + offset);
  else if (oid != OID_MULTICAST_LIST)
    status = STATUS_NOT_SUPPORTED;
  answer (net, message, status, NULL, 0, NULL, 0);
}

gboolean
net_rndis_message (Net *net, const guint8 *message, guint size)
{
  static const guint8 smallest[] = { [INITIALIZE] = 24, [HALT] = 12, [QUERY] = 28, [SET] = 28, [RESET] = 12, [KEEPALIVE] = 12 };
  guint32 type = size >= 12 ? net_get32 (message) : 0;

  if (type >= G_N_ELEMENTS (smallest) || smallest[type] == 0 || size < smallest[type])
    return FALSE;
  switch (type)
    {
    case INITIALIZE:
      initialize (net, message);
      break;
    case QUERY:
      query (net, message);
      break;
    case SET:
      set (net, message, size);
      break;
    case KEEPALIVE:
      answer (net, message, STATUS_SUCCESS, NULL, 0, NULL, 0);
      break;
    case RESET:
      {
        guint8 bytes[16];

        net_put32 (bytes, RESET | ANSWER);
        net_put32 (bytes + 4, sizeof bytes);
        net_put32 (bytes + 8, STATUS_SUCCESS);
        net_put32 (bytes + 12, 1);              /* addresses are to be set again */
        net->s.replies_len = 0;
        reply (net, bytes, sizeof bytes);
        break;
      }
    default:
      net->s.rndis_running = 0;
      net->s.filter = 0;
      break;
    }
  return TRUE;
}

void
net_rndis_header (guint8 header[NET_RNDIS_HEADER], guint size)
{
  memset (header, 0, NET_RNDIS_HEADER);
  net_put32 (header, PACKET_MSG);
  net_put32 (header + 4, NET_RNDIS_HEADER + size);
  net_put32 (header + 8, NET_RNDIS_HEADER - 8);         /* where the data are, counted from here */
  net_put32 (header + 12, size);
}

gboolean
net_rndis_frame (const guint8 *message, guint size, guint *offset, guint *length)
{
  if (size < NET_RNDIS_HEADER || net_get32 (message) != PACKET_MSG)
    return FALSE;
  *offset = net_get32 (message + 8);
  *length = net_get32 (message + 12);
  if (*offset > size || *length > size || *offset + 8 + *length > size)
    return FALSE;
  *offset += 8;
  return TRUE;
}
