/* wire.c - framing of packets.
 * Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol", Overview and Packet Acknowledgment.
 * Left out: run lengths (a client never sends them, and need not be sent any); notifications, which no client sends. */
#include "config.h"

#include "gdbstub/wire.h"

#define ESCAPE     '}'
#define ESCAPE_XOR 0x20
#define INTERRUPT  0x03

enum { BETWEEN, IN_PACKET, SUM_HIGH, SUM_LOW };

void
astern_gdb_wire_init (AsternGdbWire *wire, AsternGdbWireFunc happened, gpointer user)
{
  *wire = (AsternGdbWire) { .packet = g_byte_array_new (), .happened = happened, .user = user };
}

void
astern_gdb_wire_clear (AsternGdbWire *wire)
{
  g_clear_pointer (&wire->packet, g_byte_array_unref);
}

static void
begin (AsternGdbWire *wire)
{
  g_byte_array_set_size (wire->packet, 0);
  wire->sum = 0;
  wire->escaped = FALSE;
  wire->too_long = FALSE;
  wire->state = IN_PACKET;
}

void
astern_gdb_wire_reset (AsternGdbWire *wire)
{
  begin (wire);
  wire->state = BETWEEN;
  wire->no_sums = FALSE;
}

static void
take_between (AsternGdbWire *wire, guint8 byte)
{
  if (byte == '$')
    begin (wire);
  else if (byte == INTERRUPT)
    wire->happened (wire->user, ASTERN_GDB_WIRE_INTERRUPT, NULL, 0);
  else if (byte == '+')
    wire->happened (wire->user, ASTERN_GDB_WIRE_ACK, NULL, 0);
  else if (byte == '-')
    wire->happened (wire->user, ASTERN_GDB_WIRE_NAK, NULL, 0);
}

/* A bare `$` cannot be part of a packet: its end was lost, and here begins the next. */
static void
take_inside (AsternGdbWire *wire, guint8 byte)
{
  if (byte == '$')
    {
      begin (wire);
      return;
    }
  if (byte == '#')
    {
      wire->state = SUM_HIGH;
      return;
    }
  wire->sum += byte;
  if (byte == ESCAPE && !wire->escaped)
    {
      wire->escaped = TRUE;
      return;
    }
  if (wire->escaped)
    byte ^= ESCAPE_XOR;
  wire->escaped = FALSE;
  if (wire->packet->len < ASTERN_GDB_MOST_PACKET)
    g_byte_array_append (wire->packet, &byte, 1);
  else
    wire->too_long = TRUE;
}

static void
finish (AsternGdbWire *wire, guint8 last_digit)
{
  gboolean right = g_ascii_isxdigit (last_digit) && wire->sent_sum == wire->sum;

  wire->state = BETWEEN;
  if (!right && !wire->no_sums)
    wire->happened (wire->user, ASTERN_GDB_WIRE_BROKEN, NULL, 0);
  else if (wire->too_long)
    wire->happened (wire->user, ASTERN_GDB_WIRE_TOO_LONG, NULL, 0);
  else
    {
      gsize size = wire->packet->len;

      g_byte_array_append (wire->packet, (const guint8 *) "", 1);
      wire->happened (wire->user, ASTERN_GDB_WIRE_PACKET, wire->packet->data, size);
    }
}

static void
take_sum (AsternGdbWire *wire, guint8 byte)
{
  guint8 digit = (guint8) g_ascii_xdigit_value ((char) byte);   /* what is no digit makes no right sum */

  if (wire->state == SUM_HIGH)
    {
      wire->sent_sum = g_ascii_isxdigit (byte) ? (guint8) (digit << 4) : (guint8) ~wire->sum;
      wire->state = SUM_LOW;
      return;
    }
  wire->sent_sum = (guint8) (wire->sent_sum | (digit & 0xf));
  finish (wire, byte);
}

void
astern_gdb_wire_feed (AsternGdbWire *wire, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    switch (wire->state)
      {
      case BETWEEN:
        take_between (wire, data[i]);
        break;
      case IN_PACKET:
        take_inside (wire, data[i]);
        break;
      default:
        take_sum (wire, data[i]);
        break;
      }
}

void
astern_gdb_wire_frame (GByteArray *out, const guint8 *payload, gsize size)
{
  static const char digits[] = "0123456789abcdef";
  guint8 sum = 0;
  guint8 tail[3] = { '#' };

  g_byte_array_append (out, (const guint8 *) "$", 1);
  for (gsize i = 0; i < size; i++)
    {
      guint8 bytes[2] = { ESCAPE, payload[i] ^ ESCAPE_XOR };
      gboolean special = payload[i] == '$' || payload[i] == '#' || payload[i] == ESCAPE || payload[i] == '*';

      if (special)
        sum = (guint8) (sum + bytes[0] + bytes[1]);
      else
        sum = (guint8) (sum + payload[i]);
      g_byte_array_append (out, special ? bytes : &payload[i], special ? 2 : 1);
    }
  tail[1] = (guint8) digits[sum >> 4];
  tail[2] = (guint8) digits[sum & 0xf];
  g_byte_array_append (out, tail, sizeof tail);
}
