/* vsock.c - see vsock.h.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.10.6; Firecracker's manual, docs/vsock.md, for the UNIX
 * sockets' names and words; vsock(7).
 * Left out: connections from the host by AF_VSOCK (a guest's address on the host is the kernel's to give). */
#include "config.h"

#include "host/vsock/vsock-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#define FIRST_PORT   (1u << 30)
#define MOST_AT_ONCE 1024u

/* ---- connections ---- */

static VsockConnection *
find (AsternVsock *vsock, const VsockHeader *header)
{
  for (guint i = 0; i < vsock->connections->len; i++)
    {
      VsockConnection *connection = g_ptr_array_index (vsock->connections, i);

      if (connection->stage != VSOCK_ASKED && connection->host_port == header->target_port && connection->guest_port == header->source_port)
        return connection;
    }
  return NULL;
}

static void
refuse (AsternVsock *vsock, const VsockHeader *header)
{
  VsockHeader answer = { .source_port = header->target_port, .target_port = header->source_port, .op = OP_RST };

  vsock_send (vsock, &answer, NULL);
}

static gboolean
set_address (struct sockaddr_un *address, const char *path)
{
  *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
  return g_strlcpy (address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

/* The host's socket of a port, on its way; -1: there is none. */
static int
call_port (AsternVsock *vsock, guint32 port)
{
  struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_port = port, .svm_cid = VMADDR_CID_LOCAL };
  struct sockaddr_un un;
  g_autofree char *path = vsock->path != NULL ? g_strdup_printf ("%s_%u", vsock->path, port) : NULL;
  int fd = socket (path != NULL ? AF_UNIX : AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), done;

  if (fd < 0)
    return -1;
  if (path == NULL)
    done = connect (fd, (const struct sockaddr *) &vm, sizeof vm);
  else
    done = set_address (&un, path) ? connect (fd, (const struct sockaddr *) &un, sizeof un) : -1;
  if (done == 0 || errno == EINPROGRESS)
    return fd;
  close (fd);
  return -1;
}

static void
request_came (AsternVsock *vsock, const VsockHeader *header)
{
  int fd = vsock->connections->len < MOST_AT_ONCE ? call_port (vsock, header->target_port) : -1;
  VsockConnection *connection;

  if (fd < 0)
    {
      refuse (vsock, header);
      return;
    }
  connection = vsock_connection_new (vsock, fd, VSOCK_CALLING);
  connection->host_port = header->target_port;
  connection->guest_port = header->source_port;
  connection->their_buffer = header->buffer;
  connection->their_forwarded = header->forwarded;
  vsock_connection_watch (connection);
}

void
vsock_packet_came (AsternVsock *vsock, const guint8 *packet, gsize size)
{
  VsockConnection *connection;
  VsockHeader header;

  vsock_get_header (packet, &header);
  if (header.source_cid != vsock->cid || header.length != size - HEADER)
    return;
  connection = find (vsock, &header);
  if (header.target_cid != HOST_CID || header.type != STREAM)
    refuse (vsock, &header);
  else if (connection != NULL && header.op == OP_REQUEST)
    vsock_connection_reset (connection);
  else if (connection != NULL)
    vsock_connection_packet (connection, &header, packet + HEADER);
  else if (header.op == OP_REQUEST)
    request_came (vsock, &header);
  else if (header.op != OP_RST)
    refuse (vsock, &header);
}

static void
free_bytes (gpointer bytes)
{
  g_bytes_unref (bytes);
}

void
vsock_forget_all (AsternVsock *vsock)
{
  g_ptr_array_set_size (vsock->connections, 0);
  g_queue_clear_full (&vsock->to_guest, free_bytes);
  vsock->waiting = 0;
}

void
vsock_resume (AsternVsock *vsock)
{
  for (guint i = 0; i < vsock->connections->len; i++)
    vsock_connection_watch (g_ptr_array_index (vsock->connections, i));
}

/* ---- who comes to the UNIX socket ---- */

static gboolean
somebody_comes (gint fd, GIOCondition condition, gpointer data)
{
  AsternVsock *vsock = data;
  int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (client < 0)
    return G_SOURCE_CONTINUE;
  if (vsock->connections->len >= MOST_AT_ONCE)
    close (client);
  else
    vsock_connection_watch (vsock_connection_new (vsock, client, VSOCK_ASKED));
  return G_SOURCE_CONTINUE;
}

static gboolean
fail (GError **error, int failed, const char *path)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failed), _("“uds-path=%s” cannot be used for the guest's sockets: %s."), path,
               g_strerror (failed));
  return FALSE;
}

/* A socket that somebody has left behind is taken over; anything else of that name is not. */
static gboolean
listen_at (AsternVsock *vsock, GError **error)
{
  struct sockaddr_un address;
  struct stat st;

  if (!set_address (&address, vsock->path))
    return fail (error, ENAMETOOLONG, vsock->path);
  if (lstat (vsock->path, &st) == 0 && S_ISSOCK (st.st_mode))
    unlink (vsock->path);
  vsock->listening = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (vsock->listening < 0 || bind (vsock->listening, (const struct sockaddr *) &address, sizeof address) != 0
      || listen (vsock->listening, 16) != 0)
    return fail (error, errno, vsock->path);
  vsock->accepting = g_unix_fd_source_new (vsock->listening, G_IO_IN);
  g_source_set_callback (vsock->accepting, G_SOURCE_FUNC (somebody_comes), vsock, NULL);
  g_source_attach (vsock->accepting, astern_host_loop_context (vsock->loop));
  return TRUE;
}

static gboolean
check_host (GError **error)
{
  int fd = socket (AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("This host has no sockets of the kind AF_VSOCK (%s); give the device “uds-path=FILE”, for UNIX sockets in their place."),
                   g_strerror (errno));
      return FALSE;
    }
  close (fd);
  return TRUE;
}

/* ---- the whole ---- */

static void
connection_free (gpointer connection)
{
  vsock_connection_free (connection);
}

AsternVsock *
astern_vsock_new (AsternHostLoop *loop, AsternLink *link, guint64 cid, const char *path, GError **error)
{
  AsternVsock *vsock = g_new0 (AsternVsock, 1);

  vsock->loop = loop;
  vsock->link = link;
  vsock->cid = cid;
  vsock->path = g_strdup (path);
  vsock->listening = -1;
  vsock->next_port = FIRST_PORT;
  vsock->connections = g_ptr_array_new_with_free_func (connection_free);
  vsock->from_guest = g_async_queue_new_full (free_bytes);
  g_queue_init (&vsock->to_guest);
  if (path != NULL ? listen_at (vsock, error) : check_host (error))
    {
      vsock_wire_open (vsock);
      return vsock;
    }
  astern_vsock_free (vsock);
  return NULL;
}

static void
close_all (gpointer data)
{
  AsternVsock *vsock = data;

  vsock_forget_all (vsock);
  if (vsock->accepting != NULL)
    {
      g_source_destroy (vsock->accepting);
      g_source_unref (vsock->accepting);
    }
}

void
astern_vsock_free (AsternVsock *vsock)
{
  if (vsock == NULL)
    return;
  vsock_wire_close (vsock);
  astern_host_loop_call_and_wait (vsock->loop, close_all, vsock);      /* after all calls before */
  if (vsock->listening >= 0)
    {
      close (vsock->listening);
      if (vsock->accepting != NULL)
        unlink (vsock->path);
    }
  g_ptr_array_unref (vsock->connections);
  g_async_queue_unref (vsock->from_guest);
  g_free (vsock->path);
  g_free (vsock);
}
