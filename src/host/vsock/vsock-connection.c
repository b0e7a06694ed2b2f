/* vsock-connection.c - one connection between a guest's socket and the host's. */
#include "config.h"

#include "host/vsock/vsock-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#define OUR_BUFFER  (256u << 10)        /* bytes that the guest may be ahead of the host's socket */
#define TELL_BYTES  (OUR_BUFFER / 4)    /* so much of it is free again before the guest is told */
#define PIECE       8192u               /* bytes of the host's socket in a packet */
#define MOST_ASKED  32u

static gboolean readable (gint fd, GIOCondition condition, gpointer data);
static gboolean writable (gint fd, GIOCondition condition, gpointer data);

VsockConnection *
vsock_connection_new (AsternVsock *vsock, int fd, VsockStage stage)
{
  VsockConnection *connection = g_new0 (VsockConnection, 1);

  connection->vsock = vsock;
  connection->fd = fd;
  connection->stage = stage;
  connection->out = g_byte_array_new ();
  g_ptr_array_add (vsock->connections, connection);
  return connection;
}

static void
stop (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
vsock_connection_free (VsockConnection *connection)
{
  stop (&connection->reading);
  stop (&connection->writing);
  close (connection->fd);
  g_byte_array_unref (connection->out);
  if (connection->asked != NULL)
    g_string_free (connection->asked, TRUE);
  g_free (connection);
}

static void
end (VsockConnection *connection)
{
  g_ptr_array_remove_fast (connection->vsock->connections, connection);        /* frees it */
}

void
vsock_connection_reply (VsockConnection *connection, guint16 op, guint32 flags, const guint8 *data, guint32 length)
{
  VsockHeader header = { .source_port = connection->host_port, .target_port = connection->guest_port, .op = op, .flags = flags,
                         .length = length, .buffer = OUR_BUFFER, .forwarded = connection->forwarded };

  connection->told = connection->forwarded;
  connection->sent += length;
  vsock_send (connection->vsock, &header, data);
}

void
vsock_connection_reset (VsockConnection *connection)
{
  if (connection->stage != VSOCK_ASKED)
    vsock_connection_reply (connection, OP_RST, 0, NULL, 0);
  end (connection);
}

/* ---- which ends are listened to ---- */

static guint32
credit (const VsockConnection *connection)
{
  guint32 on_the_way = connection->sent - connection->their_forwarded;

  return connection->their_buffer > on_the_way ? connection->their_buffer - on_the_way : 0;
}

static gboolean
wants_to_read (const VsockConnection *connection)
{
  if (connection->stage == VSOCK_ASKED)
    return TRUE;
  return connection->stage == VSOCK_OPEN && !connection->ended && credit (connection) > 0 && vsock_has_room (connection->vsock);
}

static void
set (VsockConnection *connection, GSource **source, gboolean wanted, GIOCondition condition, GUnixFDSourceFunc func)
{
  if (!wanted)
    stop (source);
  else if (*source == NULL)
    {
      *source = g_unix_fd_source_new (connection->fd, condition);
      g_source_set_callback (*source, G_SOURCE_FUNC (func), connection, NULL);
      g_source_attach (*source, astern_host_loop_context (connection->vsock->loop));
    }
}

void
vsock_connection_watch (VsockConnection *connection)
{
  set (connection, &connection->reading, wants_to_read (connection), G_IO_IN | G_IO_HUP, readable);
  set (connection, &connection->writing, connection->stage == VSOCK_CALLING || connection->out->len > 0, G_IO_OUT | G_IO_ERR, writable);
}

/* ---- the host's socket says something ---- */

/* “CONNECT P”; 0: not yet, or never. */
static gboolean
read_wish (VsockConnection *connection, gboolean *bad)
{
  guint64 port;
  char *stop_at;
  char byte;
  gssize got = recv (connection->fd, &byte, 1, MSG_DONTWAIT);

  *bad = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || (connection->asked != NULL && connection->asked->len >= MOST_ASKED);
  if (got <= 0 || *bad)
    return FALSE;
  if (connection->asked == NULL)
    connection->asked = g_string_new (NULL);
  if (byte != '\n')
    {
      g_string_append_c (connection->asked, byte);
      return FALSE;
    }
  *bad = !g_str_has_prefix (connection->asked->str, "CONNECT ");
  if (*bad)
    return FALSE;
  port = g_ascii_strtoull (connection->asked->str + strlen ("CONNECT "), &stop_at, 10);
  *bad = port > G_MAXUINT32 || (*stop_at != '\0' && !g_str_equal (stop_at, "\r"));
  connection->guest_port = (guint32) port;
  return !*bad;
}

static void
asked (VsockConnection *connection)
{
  gboolean bad;

  if (read_wish (connection, &bad))
    {
      connection->stage = VSOCK_CALLED;
      connection->host_port = connection->vsock->next_port++;
      vsock_connection_reply (connection, OP_REQUEST, 0, NULL, 0);
      vsock_connection_watch (connection);
    }
  else if (bad)
    end (connection);
}

static gboolean
readable (gint fd, GIOCondition condition, gpointer data)
{
  VsockConnection *connection = data;
  guint8 bytes[PIECE];
  gssize got;

  if (connection->stage == VSOCK_ASKED)
    {
      asked (connection);
      return G_SOURCE_CONTINUE;
    }
  got = recv (fd, bytes, MIN (credit (connection), sizeof bytes), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (got < 0)
    {
      vsock_connection_reset (connection);
      return G_SOURCE_CONTINUE;
    }
  connection->ended = got == 0;
  if (got == 0)
    vsock_connection_reply (connection, OP_SHUTDOWN, SHUTDOWN_SEND, NULL, 0);
  else
    vsock_connection_reply (connection, OP_RW, 0, bytes, (guint32) got);
  vsock_connection_watch (connection);
  return G_SOURCE_CONTINUE;
}

/* ---- ... takes something ---- */

static void
called (VsockConnection *connection)
{
  int failed = 0;
  socklen_t size = sizeof failed;

  if (getsockopt (connection->fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0)
    {
      vsock_connection_reset (connection);
      return;
    }
  connection->stage = VSOCK_OPEN;
  vsock_connection_reply (connection, OP_RESPONSE, 0, NULL, 0);
  vsock_connection_watch (connection);
}

/* All that the guest said is out: what it said last of all is passed on. */
static void
finish (VsockConnection *connection)
{
  if (connection->out->len > 0 || !connection->finishing)
    return;
  if (connection->closing)
    vsock_connection_reset (connection);
  else
    shutdown (connection->fd, SHUT_WR);
}

static void
flush (VsockConnection *connection)
{
  while (connection->out->len > 0)
    {
      gssize put = send (connection->fd, connection->out->data, connection->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (put < 0 && errno == EINTR)
        continue;
      if (put < 0 && errno == EAGAIN)
        break;
      if (put < 0)
        {
          vsock_connection_reset (connection);
          return;
        }
      g_byte_array_remove_range (connection->out, 0, (guint) put);
      connection->forwarded += (guint32) put;
    }
  if (connection->forwarded - connection->told >= TELL_BYTES)
    vsock_connection_reply (connection, OP_CREDIT_UPDATE, 0, NULL, 0);
  vsock_connection_watch (connection);
  finish (connection);
}

static gboolean
writable (gint fd, GIOCondition condition, gpointer data)
{
  VsockConnection *connection = data;

  if (connection->stage == VSOCK_CALLING)
    called (connection);
  else
    flush (connection);
  return G_SOURCE_CONTINUE;
}

/* ---- the guest says something ---- */

static void
response (VsockConnection *connection)
{
  g_autofree char *text = g_strdup_printf ("OK %u\n", connection->host_port);

  if (connection->stage != VSOCK_CALLED)
    {
      vsock_connection_reset (connection);
      return;
    }
  connection->stage = VSOCK_OPEN;
  if (send (connection->fd, text, strlen (text), MSG_DONTWAIT | MSG_NOSIGNAL) != (gssize) strlen (text))
    vsock_connection_reset (connection);
  else
    vsock_connection_watch (connection);
}

static void
data_came (VsockConnection *connection, const VsockHeader *header, const guint8 *data)
{
  if (connection->stage != VSOCK_OPEN || connection->finishing || header->length > OUR_BUFFER - MIN (connection->out->len, OUR_BUFFER))
    {
      vsock_connection_reset (connection);
      return;
    }
  g_byte_array_append (connection->out, data, header->length);
  flush (connection);
}

static void
shutdown_came (VsockConnection *connection, guint32 flags)
{
  if (flags & SHUTDOWN_RECEIVE)
    connection->ended = TRUE;
  connection->finishing = connection->finishing || (flags & SHUTDOWN_SEND);
  connection->closing = connection->closing || (flags & SHUTDOWN_BOTH) == SHUTDOWN_BOTH || (connection->ended && connection->finishing);
  vsock_connection_watch (connection);
  finish (connection);
}

void
vsock_connection_packet (VsockConnection *connection, const VsockHeader *header, const guint8 *data)
{
  connection->their_buffer = header->buffer;
  connection->their_forwarded = header->forwarded;
  switch (header->op)
    {
    case OP_RESPONSE:
      response (connection);
      break;
    case OP_RST:
      end (connection);
      break;
    case OP_SHUTDOWN:
      shutdown_came (connection, header->flags);
      break;
    case OP_RW:
      data_came (connection, header, data);
      break;
    case OP_CREDIT_REQUEST:
      vsock_connection_reply (connection, OP_CREDIT_UPDATE, 0, NULL, 0);
      break;
    case OP_CREDIT_UPDATE:
      vsock_connection_watch (connection);
      break;
    default:
      vsock_connection_reset (connection);
      break;
    }
}
