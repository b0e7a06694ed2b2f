/* wire - packets of the GDB remote serial protocol in a stream of bytes.
 *
 * Pure: bytes in, events out; bytes of a packet in, bytes to be sent out.  Knows nothing of what
 * packets mean.
 *
 * Threads: one at a time. */
#pragma once

#include <glib.h>

/* The longest packet that is taken, and announced to the client: bytes between `$` and `#`. */
#define ASTERN_GDB_MOST_PACKET 0x10000

typedef enum
{
  ASTERN_GDB_WIRE_PACKET,      /* whole, sum right, escapes undone */
  ASTERN_GDB_WIRE_TOO_LONG,    /* whole, sum right, but longer than is taken */
  ASTERN_GDB_WIRE_BROKEN,      /* the sum is wrong: is to be sent again */
  ASTERN_GDB_WIRE_INTERRUPT,   /* 0x03 between packets */
  ASTERN_GDB_WIRE_ACK,         /* + */
  ASTERN_GDB_WIRE_NAK,         /* -: the last packet is to be sent again */
} AsternGdbWireEvent;

/* @data: with PACKET; followed by a 0 that is not counted. */
typedef void (*AsternGdbWireFunc) (gpointer user, AsternGdbWireEvent event, const guint8 *data, gsize size);

typedef struct
{
  guint              state;        /* the wire's own */
  gboolean           no_sums;      /* sums are not looked at: both sides trust the transport */
  guint8             sum, sent_sum;
  gboolean           escaped, too_long;
  GByteArray        *packet;
  AsternGdbWireFunc  happened;
  gpointer           user;
} AsternGdbWire;

void    astern_gdb_wire_init  (AsternGdbWire *wire, AsternGdbWireFunc happened, gpointer user);
void    astern_gdb_wire_clear (AsternGdbWire *wire);

/* Forgets what came so far: a new client. */
void    astern_gdb_wire_reset (AsternGdbWire *wire);

/* @happened is called for all that is complete; it must not call feed() or clear(). */
void    astern_gdb_wire_feed  (AsternGdbWire *wire, const guint8 *data, gsize size);

/* Appends `$`, @payload with what has a meaning to the protocol escaped, `#` and the sum.  No run lengths. */
void    astern_gdb_wire_frame (GByteArray *out, const guint8 *payload, gsize size);
