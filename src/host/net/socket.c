/* socket.c - networks of frames over sockets: “socket”, “stream” and “dgram”.
 * Source: QEMU's manual, "-netdev socket", "-netdev stream", "-netdev dgram": over a stream, each frame follows its length
 * in four bytes, the highest first; over datagrams, a frame is one.
 * Left out: file descriptors that are inherited.
 *
 * A server takes one client at a time.  What the far end does not take in time is dropped, as a cable would. */
#include "config.h"

#include "host/net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define MOST_QUEUED  (1u << 20)     /* bytes */
#define LENGTH_BYTES 4
#define READ_AT_ONCE 65536

typedef struct
{
  AsternNet        parent;
  int              listener, fd;      /* -1: none */
  gboolean         datagram;
  AsternNetAddress local, remote;     /* of datagrams; `remote` of a client that connects again */
  guint            reconnect_s;       /* 0: not again */
  GSource         *listening, *reading, *writing, *waiting;
  GByteArray      *in, *out;
  guint64          dropped;
  char            *unix_path;         /* (nullable) to be removed */
} Socket;

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_clear_pointer (source, g_source_unref);
    }
}

static void
watch (Socket *self, GSource **slot, int fd, GIOCondition condition, GUnixFDSourceFunc ready)
{
  if (*slot != NULL || fd < 0)
    return;
  *slot = g_unix_fd_source_new (fd, condition);
  g_source_set_callback (*slot, G_SOURCE_FUNC (ready), self, NULL);
  g_source_attach (*slot, astern_host_loop_context (self->parent.loop));
}

static void listen_again (Socket *self);

static void
disconnect (Socket *self)
{
  drop_source (&self->reading);
  drop_source (&self->writing);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_byte_array_set_size (self->in, 0);
  g_byte_array_set_size (self->out, 0);
  listen_again (self);
}

/* ---- frames in ---- */

static gboolean take_frames (Socket *self);

static gboolean
stream_ready (gint fd, GIOCondition condition, gpointer data)
{
  Socket *self = data;
  guint had = self->in->len;
  gssize got;

  g_byte_array_set_size (self->in, had + READ_AT_ONCE);
  got = read (fd, self->in->data + had, READ_AT_ONCE);
  g_byte_array_set_size (self->in, had + (guint) MAX (got, 0));
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || !take_frames (self))
    {
      disconnect (self);
      return G_SOURCE_REMOVE;
    }
  if (astern_net_has_room (&self->parent))
    return G_SOURCE_CONTINUE;
  drop_source (&self->reading);       /* resume() watches again */
  return G_SOURCE_REMOVE;
}

/* FALSE: the far end does not speak so. */
static gboolean
take_frames (Socket *self)
{
  guint at = 0;

  while (self->in->len - at >= LENGTH_BYTES)
    {
      guint32 size;

      memcpy (&size, self->in->data + at, LENGTH_BYTES);
      size = GUINT32_FROM_BE (size);
      if (size > ASTERN_NET_MAX_FRAME)
        return FALSE;
      if (self->in->len - at - LENGTH_BYTES < size)
        break;
      astern_net_deliver (&self->parent, self->in->data + at + LENGTH_BYTES, size);
      at += LENGTH_BYTES + size;
    }
  if (at > 0)
    g_byte_array_remove_range (self->in, 0, at);
  return TRUE;
}

static gboolean
datagram_ready (gint fd, GIOCondition condition, gpointer data)
{
  Socket *self = data;
  g_autofree guint8 *frame = g_malloc (ASTERN_NET_MAX_FRAME);

  for (guint i = 0; i < 64; i++)
    {
      gssize got = recv (fd, frame, ASTERN_NET_MAX_FRAME, 0);

      if (got < 0)
        break;
      astern_net_deliver (&self->parent, frame, (gsize) got);
    }
  if (astern_net_has_room (&self->parent))
    return G_SOURCE_CONTINUE;
  drop_source (&self->reading);
  return G_SOURCE_REMOVE;
}

static void
socket_resume (AsternNet *net)
{
  Socket *self = (Socket *) net;

  watch (self, &self->reading, self->fd, G_IO_IN, self->datagram ? datagram_ready : stream_ready);
}

/* ---- frames out ---- */

static gboolean
flush (Socket *self)
{
  while (self->out->len > 0)
    {
      gssize put = send (self->fd, self->out->data, self->out->len, MSG_NOSIGNAL);

      if (put < 0)
        return errno == EAGAIN || errno == EINTR;
      g_byte_array_remove_range (self->out, 0, (guint) put);
    }
  return TRUE;
}

static gboolean
may_write (gint fd, GIOCondition condition, gpointer data)
{
  Socket *self = data;

  if (!flush (self))
    {
      disconnect (self);
      return G_SOURCE_REMOVE;
    }
  if (self->out->len > 0)
    return G_SOURCE_CONTINUE;
  drop_source (&self->writing);
  return G_SOURCE_REMOVE;
}

static void
socket_send (AsternNet *net, const guint8 *frame, gsize size)
{
  Socket *self = (Socket *) net;
  guint32 length = GUINT32_TO_BE ((guint32) size);

  if (self->datagram)
    {
      if (self->remote.length == 0 ||
          sendto (self->fd, frame, size, MSG_NOSIGNAL, (struct sockaddr *) &self->remote.address, self->remote.length) < 0)
        self->dropped++;
      return;
    }
  if (self->fd < 0 || self->out->len + size > MOST_QUEUED)
    {
      self->dropped++;
      return;
    }
  g_byte_array_append (self->out, (const guint8 *) &length, LENGTH_BYTES);
  g_byte_array_append (self->out, frame, (guint) size);
  if (self->writing == NULL)
    {
      if (!flush (self))
        disconnect (self);
      else if (self->out->len > 0)
        watch (self, &self->writing, self->fd, G_IO_OUT, may_write);
    }
}

/* ---- connections ---- */

static void
connected (Socket *self, int fd)
{
  int one = 1;

  self->fd = fd;
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);      /* fails on others, which need none */
  socket_resume (&self->parent);
}

static gboolean
client_arrived (gint fd, GIOCondition condition, gpointer data)
{
  Socket *self = data;
  int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);

  if (client < 0)
    return G_SOURCE_CONTINUE;
  connected (self, client);
  drop_source (&self->listening);
  return G_SOURCE_REMOVE;
}

static int
try_connect (Socket *self)
{
  const struct timeval limit = { .tv_sec = 1 };
  int fd = socket (self->remote.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -1;
  if (self->reconnect_s > 0)
    setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect (fd, (struct sockaddr *) &self->remote.address, self->remote.length) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
time_to_connect (gpointer data)
{
  Socket *self = data;
  int fd = try_connect (self);

  if (fd < 0)
    return G_SOURCE_CONTINUE;
  connected (self, fd);
  drop_source (&self->waiting);
  return G_SOURCE_REMOVE;
}

static void
listen_again (Socket *self)
{
  watch (self, &self->listening, self->listener, G_IO_IN, client_arrived);
  if (self->listener >= 0 || self->reconnect_s == 0 || self->waiting != NULL)
    return;
  self->waiting = g_timeout_source_new_seconds (self->reconnect_s);
  g_source_set_callback (self->waiting, time_to_connect, self, NULL);
  g_source_attach (self->waiting, astern_host_loop_context (self->parent.loop));
}

static gboolean
open_server (Socket *self, const AsternNetAddress *address, GError **error)
{
  const struct sockaddr_un *un = (const struct sockaddr_un *) &address->address;
  int one = 1;

  self->listener = socket (address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (address->address.ss_family == AF_UNIX && un->sun_path[0] != '\0')
    {
      unlink (un->sun_path);
      self->unix_path = g_strdup (un->sun_path);
    }
  else if (self->listener >= 0)
    setsockopt (self->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (self->listener >= 0 && bind (self->listener, (const struct sockaddr *) &address->address, address->length) == 0 &&
      listen (self->listener, 1) == 0)
    return TRUE;
  return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The network “%s” cannot listen on “%s”: %s."), self->parent.id, address->text,
                          g_strerror (errno));
}

static gboolean
open_client (Socket *self, GError **error)
{
  self->fd = try_connect (self);
  if (self->fd >= 0 || self->reconnect_s > 0)
    return TRUE;
  return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The network “%s” cannot connect to “%s”: %s."), self->parent.id,
                          self->remote.text, g_strerror (errno));
}

static gboolean
join (Socket *self, const struct sockaddr_in *group, const struct sockaddr_in *interface)
{
  struct ip_mreq request = { .imr_multiaddr = group->sin_addr };
  guint8 loop = 1;

  request.imr_interface.s_addr = interface != NULL ? interface->sin_addr.s_addr : htonl (INADDR_ANY);
  return setsockopt (self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0 &&
         setsockopt (self->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof loop) == 0 &&
         (interface == NULL || setsockopt (self->fd, IPPROTO_IP, IP_MULTICAST_IF, &interface->sin_addr, sizeof interface->sin_addr) == 0);
}

static gboolean
is_group (const AsternNetAddress *address)
{
  return address->length > 0 && address->address.ss_family == AF_INET &&
         IN_MULTICAST (ntohl (((const struct sockaddr_in *) &address->address)->sin_addr.s_addr));
}

static gboolean
open_datagrams (Socket *self, GError **error)
{
  const AsternNetAddress *bound = is_group (&self->remote) ? &self->remote : &self->local;
  const struct sockaddr_un *un = (const struct sockaddr_un *) &bound->address;
  int family = bound->length > 0 ? bound->address.ss_family : self->remote.address.ss_family, one = 1;

  self->datagram = TRUE;
  self->fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (family == AF_UNIX && bound->length > 0 && un->sun_path[0] != '\0')
    {
      unlink (un->sun_path);
      self->unix_path = g_strdup (un->sun_path);
    }
  if (self->fd >= 0 && family != AF_UNIX)
    setsockopt (self->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (self->fd >= 0 && (bound->length == 0 || bind (self->fd, (const struct sockaddr *) &bound->address, bound->length) == 0) &&
      (!is_group (&self->remote) || join (self, (const struct sockaddr_in *) &self->remote.address,
                                          self->local.length > 0 ? (const struct sockaddr_in *) &self->local.address : NULL)))
    return TRUE;
  return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The network “%s” cannot use “%s”: %s."), self->parent.id,
                          bound->text != NULL ? bound->text : self->remote.text, g_strerror (errno));
}

/* ---- opening and closing ---- */

static void
attach (gpointer data)
{
  Socket *self = data;

  if (self->datagram)
    socket_resume (&self->parent);
  else if (self->fd >= 0)
    connected (self, self->fd);
  else
    listen_again (self);
}

static void
prepare (Socket *self)
{
  self->fd = self->listener = -1;
  self->in = g_byte_array_new ();
  self->out = g_byte_array_new ();
}

static gboolean
attached (Socket *self)
{
  astern_host_loop_call_and_wait (self->parent.loop, attach, self);
  return TRUE;
}

static void
socket_close (AsternNet *net)
{
  Socket *self = (Socket *) net;

  drop_source (&self->listening);
  drop_source (&self->reading);
  drop_source (&self->writing);
  drop_source (&self->waiting);
  if (self->fd >= 0)
    close (self->fd);
  if (self->listener >= 0)
    close (self->listener);
  if (self->unix_path != NULL)
    unlink (self->unix_path);
  g_free (self->unix_path);
  g_byte_array_unref (self->in);
  g_byte_array_unref (self->out);
  astern_net_address_clear (&self->local);
  astern_net_address_clear (&self->remote);
}

static char *
socket_describe (AsternNet *net)
{
  const Socket *self = (const Socket *) net;

  if (self->datagram)
    return g_strdup_printf ("to %s, %" G_GUINT64_FORMAT " frames dropped\n", self->remote.text != NULL ? self->remote.text : "nobody", self->dropped);
  return g_strdup_printf ("%s, %" G_GUINT64_FORMAT " frames dropped\n", self->fd >= 0 ? "connected" : "nobody is there", self->dropped);
}

/* ---- -netdev socket ---- */

static const AsternNetWord socket_words[] = {
  { "listen", FALSE, NULL }, { "connect", FALSE, NULL }, { "mcast", FALSE, NULL }, { "udp", FALSE, NULL },
  { "localaddr", FALSE, NULL }, { "fd", FALSE, N_("inherited sockets are not there; use connect or listen") }, { NULL, FALSE, NULL },
};

static gboolean
socket_check (const AsternNetSpec *spec, GError **error)
{
  static const char *const ways[] = { "listen", "connect", "mcast", "udp" };
  const char *local = astern_net_spec_get (spec, "localaddr");
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const char *value = astern_net_spec_get (spec, ways[i]);
      g_autofree char *host = NULL;
      guint16 port;

      if (value == NULL)
        continue;
      n++;
      if (!astern_net_address_split (value, &host, &port))
        return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s=%s” is not understood; it is written as in “%s”."), ways[i], value, "127.0.0.1:1234");
    }
  if (n != 1)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("A network “socket” needs one of listen, connect, mcast and udp."));
  if (astern_net_spec_get (spec, "udp") != NULL && local == NULL)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("A network “socket” with udp needs localaddr, too."));
  return TRUE;
}

static gboolean
lookup (const char *text, gboolean datagram, gboolean passive, AsternNetAddress *address, GError **error)
{
  g_autofree char *host = NULL;
  guint16 port = 0;

  if (!astern_net_address_split (text, &host, &port))      /* localaddr of a group is a host alone */
    host = g_strdup (text);
  return astern_net_address_lookup (host, port, datagram, passive, address, error);
}

static gboolean
socket_open (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  Socket *self = (Socket *) net;
  const char *listens = astern_net_spec_get (spec, "listen"), *connects = astern_net_spec_get (spec, "connect");
  const char *remote = astern_net_spec_get (spec, "mcast"), *local = astern_net_spec_get (spec, "localaddr");

  prepare (self);
  if (listens != NULL)
    return lookup (listens, FALSE, TRUE, &self->local, error) && open_server (self, &self->local, error) && attached (self);
  if (connects != NULL)
    return lookup (connects, FALSE, FALSE, &self->remote, error) && open_client (self, error) && attached (self);
  if (remote == NULL)
    remote = astern_net_spec_get (spec, "udp");
  return lookup (remote, TRUE, FALSE, &self->remote, error) && (local == NULL || lookup (local, TRUE, TRUE, &self->local, error)) &&
         open_datagrams (self, error) && attached (self);
}

const AsternNetClass astern_net_socket = {
  .name = "socket", .instance_size = sizeof (Socket), .words = socket_words, .check = socket_check,
  .open = socket_open, .close = socket_close, .send = socket_send, .resume = socket_resume, .describe = socket_describe,
};

/* ---- -netdev stream ---- */

#define ADDRESS_WORDS(prefix)                                                                                  \
  { prefix "type", FALSE, NULL }, { prefix "host", FALSE, NULL }, { prefix "port", FALSE, NULL }, { prefix "path", FALSE, NULL }, \
  { prefix "abstract", FALSE, NULL }, { prefix "str", FALSE, N_("inherited sockets are not there; use inet or unix") }

static const AsternNetWord stream_words[] = {
  { "server", FALSE, NULL }, { "reconnect", FALSE, NULL }, ADDRESS_WORDS ("addr."), { NULL, FALSE, NULL },
};

static gboolean
stream_check (const AsternNetSpec *spec, GError **error)
{
  const char *again = astern_net_spec_get (spec, "reconnect");

  if (again != NULL && !g_ascii_string_to_unsigned (again, 10, 0, 3600, NULL, NULL))
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s=%s” is not understood; it is written as in “%s”."), "reconnect", again, "reconnect=1");
  return astern_net_address_check (spec, "addr.", error);
}

static gboolean
stream_open (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  Socket *self = (Socket *) net;
  const char *again = astern_net_spec_get (spec, "reconnect");
  gboolean server = astern_net_spec_switch (spec, "server", FALSE);
  AsternNetAddress *address = server ? &self->local : &self->remote;

  prepare (self);
  self->reconnect_s = again != NULL && !server ? (guint) g_ascii_strtoull (again, NULL, 10) : 0;
  return astern_net_address_of_spec (spec, "addr.", FALSE, server, address, error) &&
         (server ? open_server (self, address, error) : open_client (self, error)) && attached (self);
}

const AsternNetClass astern_net_stream = {
  .name = "stream", .instance_size = sizeof (Socket), .words = stream_words, .check = stream_check,
  .open = stream_open, .close = socket_close, .send = socket_send, .resume = socket_resume, .describe = socket_describe,
};

/* ---- -netdev dgram ---- */

static const AsternNetWord dgram_words[] = {
  ADDRESS_WORDS ("local."), ADDRESS_WORDS ("remote."), { NULL, FALSE, NULL },
};

static gboolean
dgram_check (const AsternNetSpec *spec, GError **error)
{
  gboolean local = astern_net_spec_get (spec, "local.type") != NULL, remote = astern_net_spec_get (spec, "remote.type") != NULL;

  if (!local && !remote)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("A network “dgram” needs a local or a remote address."));
  return (!local || astern_net_address_check (spec, "local.", error)) && (!remote || astern_net_address_check (spec, "remote.", error));
}

static gboolean
dgram_open (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  Socket *self = (Socket *) net;

  prepare (self);
  return (astern_net_spec_get (spec, "remote.type") == NULL ||
          astern_net_address_of_spec (spec, "remote.", TRUE, FALSE, &self->remote, error)) &&
         (astern_net_spec_get (spec, "local.type") == NULL ||
          astern_net_address_of_spec (spec, "local.", TRUE, TRUE, &self->local, error)) &&
         open_datagrams (self, error) && attached (self);
}

const AsternNetClass astern_net_dgram = {
  .name = "dgram", .instance_size = sizeof (Socket), .words = dgram_words, .check = dgram_check,
  .open = dgram_open, .close = socket_close, .send = socket_send, .resume = socket_resume, .describe = socket_describe,
};
