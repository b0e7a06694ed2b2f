/* vsock-private - what the files of the sockets share.  For vsock*.c alone.  All of it is the host's thread's. */
#pragma once

#include "host/vsock/vsock.h"

enum { HEADER = 44, HOST_CID = 2, STREAM = 1 };
enum { OP_REQUEST = 1, OP_RESPONSE, OP_RST, OP_SHUTDOWN, OP_RW, OP_CREDIT_UPDATE, OP_CREDIT_REQUEST };
enum { SHUTDOWN_RECEIVE = 1, SHUTDOWN_SEND = 2, SHUTDOWN_BOTH = 3 };

/* A packet's header (virtio 1.2, section 5.10.6). */
typedef struct
{
  guint64 source_cid, target_cid;
  guint32 source_port, target_port;
  guint32 length;
  guint16 type, op;
  guint32 flags, buffer, forwarded;     /* buffer: bytes that its sender keeps for the connection; forwarded: that it is rid of */
} VsockHeader;

typedef enum
{
  VSOCK_ASKED,          /* somebody is at the UNIX socket, and has not said what he wants */
  VSOCK_CALLING,        /* the host's socket is being connected, for the guest */
  VSOCK_CALLED,         /* the guest was asked */
  VSOCK_OPEN,
} VsockStage;

typedef struct
{
  AsternVsock *vsock;
  VsockStage   stage;
  int          fd;
  guint32      host_port, guest_port;
  GString     *asked;           /* (nullable) what was said so far */
  GSource     *reading, *writing;       /* (nullable) */
  GByteArray  *out;             /* of the guest, for the host's socket */
  guint32      forwarded, told;         /* bytes of the guest that the host's socket took; ... that it has been told of */
  guint32      sent;            /* bytes to the guest */
  guint32      their_buffer, their_forwarded;
  gboolean     ended;           /* the host's socket says nothing any more; the guest knows */
  gboolean     finishing;       /* the guest says nothing any more: when all is out, the host's socket is to know */
  gboolean     closing;         /* ... nor listens: then all is over */
} VsockConnection;

struct _AsternVsock
{
  AsternHostLoop *loop;
  AsternLink     *link;
  guint64         cid;
  char           *path;         /* (nullable) */
  int             listening;    /* -1: not */
  GSource        *accepting;
  GPtrArray      *connections;  /* VsockConnection */
  guint32         next_port;    /* of the host */
  guint64         next;         /* the packet that comes next, if the guest's past is what it was */

  GAsyncQueue    *from_guest;   /* GBytes */
  GQueue          to_guest;     /* GBytes, waiting for room */
  gsize           waiting;      /* bytes of them */
  guint           submitted;    /* bytes; the host's thread writes, atomic */
  guint           delivered;    /* bytes; the machine's thread writes, atomic */
  gboolean        stalled;      /* something was left for want of room; nobody reads until it is gone */
  gint            starved;      /* atomic: something waits for room */
};

/* vsock-wire.c: packets. */
void vsock_get_header (const guint8 *packet, VsockHeader *header);
/* Queues a packet for the guest, and sends what there is room for. */
void vsock_send       (AsternVsock *vsock, VsockHeader *header, const guint8 *data);
void vsock_send_event (AsternVsock *vsock);
void vsock_pump       (AsternVsock *vsock);
/* Whether the guest's device would take more now. */
gboolean vsock_has_room (AsternVsock *vsock);
void vsock_wire_open  (AsternVsock *vsock);
void vsock_wire_close (AsternVsock *vsock);

/* vsock.c */
void vsock_packet_came (AsternVsock *vsock, const guint8 *packet, gsize size);
void vsock_forget_all  (AsternVsock *vsock);
/* There is room again. */
void vsock_resume      (AsternVsock *vsock);

/* vsock-connection.c */
VsockConnection *vsock_connection_new  (AsternVsock *vsock, int fd, VsockStage stage);
void             vsock_connection_free (VsockConnection *connection);
void             vsock_connection_watch (VsockConnection *connection);
void             vsock_connection_packet (VsockConnection *connection, const VsockHeader *header, const guint8 *data);
void             vsock_connection_reply (VsockConnection *connection, guint16 op, guint32 flags, const guint8 *data, guint32 length);
/* It is over for both. */
void             vsock_connection_reset (VsockConnection *connection);
