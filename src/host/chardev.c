/* chardev.c - character back ends on file descriptors.
 * Source: POSIX.1-2017 (poll, sockets, posix_openpt); QEMU's manual for what each
 * back end does.
 * Left out: reconnecting clients, more than one client at a time, TLS.
 *
 * One GSource a descriptor, on the host loop's thread.  It asks poll() for output
 * only while something is queued, and writes no more than PIPE_BUF after poll()
 * has said that there is room: so even a descriptor in blocking mode (standard
 * output is shared with the user's shell, whose mode must not change) does not
 * hold up the thread. */
#include "config.h"

#include "host/chardev.h"

#include "host/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gi18n.h>

/* Debian's PIPE_BUF; what a pipe takes whole once poll() says that it is writable. */
#define WRITE_AT_ONCE 4096

typedef struct
{
  gpointer     tag;         /* (nullable) */
  GIOCondition wanted;
} Watch;

typedef struct
{
  GSource        source;
  AsternChardev *chardev;
  Watch          out;       /* of out_fd, or of both where they are one */
  Watch          in;
} FdSource;

struct _AsternChardev
{
  AsternHostLoop    *loop;
  AsternChardevKind  kind;
  gboolean           lossless;
  char              *unlink_path;     /* of a listening unix socket */

  /* Host thread only, after open. */
  int                in_fd, out_fd;   /* -1: none */
  int                listen_fd;
  int                pty_peer;        /* held open so that the pty does not hang up between users */
  GSource           *source;
  GSource           *listener;
  AsternChardevFunc  received;
  gpointer           receiver;
  gsize            (*room) (gpointer user);
  gpointer           room_user;
  void             (*arrived) (gpointer user);   /* (nullable) */
  gpointer           arrived_user;
  void             (*left) (gpointer user);      /* (nullable) */
  gpointer           left_user;

  GMutex             mutex;
  GCond              drained;
  GByteArray        *queue;           /* guarded; bytes still to be written from @queue_start */
  gsize              queue_start;
  gboolean           connected;       /* guarded: output goes somewhere */
  AsternChardevFunc  written;         /* guarded, (nullable): vc */
  gpointer           written_user;
  void             (*opened) (gpointer user, gboolean open);   /* guarded, (nullable): the inner ones */
  gpointer           opened_user;
  GByteArray        *typed;           /* guarded: vc and the inner ones; taken on the host thread */
  guint              columns, rows;   /* guarded: vc */
  GSource           *typing;          /* host thread: vc; asks for room again */
  guint64            dropped;         /* guarded */
};

typedef struct
{
  AsternChardev *chardev;
  void         (*arrived) (gpointer user);
  gpointer       user;
} Arrival;

gboolean
astern_chardev_is_inner (AsternChardevKind kind)
{
  return kind == ASTERN_CHARDEV_SPICEVMC || kind == ASTERN_CHARDEV_SPICEPORT || kind == ASTERN_CHARDEV_VDAGENT;
}

/* It has no descriptor: another part of this program writes and reads it. */
static gboolean
has_sink (const AsternChardev *chardev)
{
  return chardev->kind == ASTERN_CHARDEV_VC || astern_chardev_is_inner (chardev->kind);
}

/* ---- the queue ---- */

static gsize
queued (AsternChardev *chardev)
{
  return chardev->queue->len - chardev->queue_start;
}

static void
forget_queue (AsternChardev *chardev)
{
  g_byte_array_set_size (chardev->queue, 0);
  chardev->queue_start = 0;
  g_cond_broadcast (&chardev->drained);
}

/* TRUE when there is room.  Only a quit or a lost far end makes a lossless one give up. */
static gboolean
wait_for_room (AsternChardev *chardev, gsize size)
{
  if (!chardev->lossless)
    return queued (chardev) + size <= ASTERN_CHARDEV_QUEUE_LOSSY;
  while (queued (chardev) > 0 && queued (chardev) + size > ASTERN_CHARDEV_QUEUE_LOSSLESS)
    {
      if (!chardev->connected || astern_host_loop_quitting (chardev->loop))
        return FALSE;
      g_cond_wait_until (&chardev->drained, &chardev->mutex, g_get_monotonic_time () + 100 * 1000);
    }
  return chardev->connected;
}

/* The mutex is held, so that a sink that was taken away is not called any more. */
static void
write_sink (AsternChardev *chardev, const guint8 *data, gsize size)
{
  if (chardev->written != NULL)
    chardev->written (chardev->written_user, data, size);
  else
    chardev->dropped += size;
}

void
astern_chardev_set_sink (AsternChardev *chardev, AsternChardevFunc written, gpointer user)
{
  g_mutex_lock (&chardev->mutex);
  chardev->written = written;
  chardev->written_user = user;
  g_mutex_unlock (&chardev->mutex);
}

void
astern_chardev_set_opened (AsternChardev *chardev, void (*opened) (gpointer user, gboolean open), gpointer user)
{
  g_mutex_lock (&chardev->mutex);
  chardev->opened = opened;
  chardev->opened_user = user;
  g_mutex_unlock (&chardev->mutex);
}

void
astern_chardev_tell_open (AsternChardev *chardev, gboolean open)
{
  g_mutex_lock (&chardev->mutex);
  if (chardev->opened != NULL)
    chardev->opened (chardev->opened_user, open);
  g_mutex_unlock (&chardev->mutex);
}

void
astern_chardev_write (AsternChardev *chardev, const guint8 *data, gsize size)
{
  gboolean was_empty = FALSE;

  if (size == 0 || chardev->kind == ASTERN_CHARDEV_NULL)
    return;
  g_mutex_lock (&chardev->mutex);
  if (has_sink (chardev))
    write_sink (chardev, data, size);
  else if (!chardev->connected || !wait_for_room (chardev, size))
    chardev->dropped += size;
  else
    {
      was_empty = queued (chardev) == 0;
      g_byte_array_append (chardev->queue, data, (guint) size);
    }
  g_mutex_unlock (&chardev->mutex);
  if (was_empty)
    g_main_context_wakeup (astern_host_loop_context (chardev->loop));
}

static void
set_arrived (gpointer data)
{
  Arrival *arrival = data;
  AsternChardev *chardev = arrival->chardev;

  chardev->arrived = arrival->arrived;
  chardev->arrived_user = arrival->user;
  if (chardev->out_fd >= 0 || has_sink (chardev))
    chardev->arrived (chardev->arrived_user);
}

void
astern_chardev_set_arrived (AsternChardev *chardev, void (*arrived) (gpointer user), gpointer user)
{
  Arrival arrival = { chardev, arrived, user };

  astern_host_loop_call_and_wait (chardev->loop, set_arrived, &arrival);
}

AsternChardevKind
astern_chardev_kind (const AsternChardev *chardev)
{
  return chardev->kind;
}

AsternHostLoop *
astern_chardev_loop (const AsternChardev *chardev)
{
  return chardev->loop;
}

guint64
astern_chardev_dropped (AsternChardev *chardev)
{
  guint64 dropped;

  g_mutex_lock (&chardev->mutex);
  dropped = chardev->dropped;
  g_mutex_unlock (&chardev->mutex);
  return dropped;
}

/* Takes up to @max queued bytes out; they come back by untake() when not written. */
static gsize
peek_queue (AsternChardev *chardev, guint8 *data, gsize max)
{
  gsize n;

  g_mutex_lock (&chardev->mutex);
  n = MIN (queued (chardev), max);
  memcpy (data, chardev->queue->data + chardev->queue_start, n);
  g_mutex_unlock (&chardev->mutex);
  return n;
}

static void
drop_from_queue (AsternChardev *chardev, gsize n)
{
  g_mutex_lock (&chardev->mutex);
  chardev->queue_start += n;
  if (queued (chardev) == 0)
    forget_queue (chardev);
  else if (chardev->queue_start >= 65536 && chardev->queue_start >= chardev->queue->len / 2)
    {
      g_byte_array_remove_range (chardev->queue, 0, (guint) chardev->queue_start);
      chardev->queue_start = 0;
    }
  g_cond_broadcast (&chardev->drained);
  g_mutex_unlock (&chardev->mutex);
}

/* ---- one descriptor's source, on the host thread ---- */

static void disconnect (AsternChardev *chardev);
static void watch_listener (AsternChardev *chardev);

static gsize
room_now (AsternChardev *chardev)
{
  if (chardev->received == NULL || (chardev->in_fd < 0 && !has_sink (chardev)))
    return 0;
  return chardev->room != NULL ? chardev->room (chardev->room_user) : WRITE_AT_ONCE;
}

/* A descriptor that nothing is wanted of is not polled at all: poll() would report a hang-up over and
 * over.  And GLib is told of changes only: each telling wakes the loop, which asks again. */
static void
watch (GSource *base, Watch *w, int fd, GIOCondition wanted)
{
  if (wanted == w->wanted)
    return;
  if (wanted == 0)
    g_source_remove_unix_fd (base, g_steal_pointer (&w->tag));
  else if (w->wanted == 0)
    w->tag = g_source_add_unix_fd (base, fd, wanted);
  else
    g_source_modify_unix_fd (base, w->tag, wanted);
  w->wanted = wanted;
}

static gboolean
source_prepare (GSource *base, int *timeout_ms)
{
  FdSource *source = (FdSource *) base;
  AsternChardev *chardev = source->chardev;
  GIOCondition in = room_now (chardev) > 0 ? G_IO_IN : 0;
  GIOCondition out;

  g_mutex_lock (&chardev->mutex);
  out = queued (chardev) > 0 ? G_IO_OUT : 0;
  g_mutex_unlock (&chardev->mutex);
  if (chardev->in_fd == chardev->out_fd)
    watch (base, &source->out, chardev->out_fd, in | out);
  else
    {
      watch (base, &source->in, chardev->in_fd, in);
      watch (base, &source->out, chardev->out_fd, out);
    }
  *timeout_ms = -1;
  return FALSE;
}

static GIOCondition
condition_of (GSource *base, const Watch *w)
{
  return w->tag != NULL ? g_source_query_unix_fd (base, w->tag) : 0;
}

static gboolean
source_check (GSource *base)
{
  FdSource *source = (FdSource *) base;

  return condition_of (base, &source->in) != 0 || condition_of (base, &source->out) != 0;
}

/* FALSE: the input has ended. */
static gboolean
take_input (AsternChardev *chardev)
{
  guint8 data[WRITE_AT_ONCE];
  gsize room = MIN (room_now (chardev), sizeof data);
  gssize n;

  if (room == 0)
    return TRUE;
  n = read (chardev->in_fd, data, room);
  if (n > 0)
    chardev->received (chardev->receiver, data, (gsize) n);
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* FALSE: the output is gone. */
static gboolean
give_output (AsternChardev *chardev)
{
  guint8 data[WRITE_AT_ONCE];
  gsize size = peek_queue (chardev, data, sizeof data);
  gssize n;

  if (size == 0)
    return TRUE;
  if (chardev->kind == ASTERN_CHARDEV_SOCKET)
    n = send (chardev->out_fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  else
    n = write (chardev->out_fd, data, size);
  if (n > 0)
    drop_from_queue (chardev, (gsize) n);
  return n > 0 || errno == EINTR || errno == EAGAIN;
}

static void
tell_left (AsternChardev *chardev)
{
  if (chardev->left != NULL)
    chardev->left (chardev->left_user);
}

static gboolean
source_dispatch (GSource *base, GSourceFunc func, gpointer data)
{
  FdSource *source = (FdSource *) base;
  AsternChardev *chardev = source->chardev;
  gboolean one_fd = chardev->in_fd == chardev->out_fd;
  GIOCondition out = condition_of (base, &source->out);
  GIOCondition in = one_fd ? out : condition_of (base, &source->in);

  if ((out & (G_IO_OUT | G_IO_ERR | G_IO_NVAL)) != 0 && !give_output (chardev))
    {
      disconnect (chardev);
      return G_SOURCE_REMOVE;
    }
  if ((in & (G_IO_IN | G_IO_HUP | G_IO_ERR | G_IO_NVAL)) != 0 && !take_input (chardev))
    {
      if (one_fd)
        {
          disconnect (chardev);
          return G_SOURCE_REMOVE;
        }
      watch (base, &source->in, -1, 0);
      tell_left (chardev);
      chardev->in_fd = -1;   /* standard input has ended (a pipe, /dev/null); the output goes on */
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .prepare = source_prepare, .check = source_check, .dispatch = source_dispatch };

static void
attach_fds (AsternChardev *chardev)
{
  GSource *base = g_source_new (&source_funcs, sizeof (FdSource));

  ((FdSource *) base)->chardev = chardev;
  g_source_set_name (base, "chardev");
  g_source_attach (base, astern_host_loop_context (chardev->loop));
  chardev->source = base;
}

static void
set_connected (AsternChardev *chardev, gboolean connected)
{
  g_mutex_lock (&chardev->mutex);
  chardev->connected = connected;
  if (!connected)
    forget_queue (chardev);
  g_mutex_unlock (&chardev->mutex);
}

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_source_unref (*source);
      *source = NULL;
    }
}

static void
close_fd (int fd)
{
  if (fd > STDERR_FILENO)
    close (fd);
}

/* The far end is gone; a server takes the next client. */
static void
disconnect (AsternChardev *chardev)
{
  set_connected (chardev, FALSE);
  drop_source (&chardev->source);
  close_fd (chardev->out_fd);
  chardev->in_fd = chardev->out_fd = -1;
  tell_left (chardev);
  watch_listener (chardev);
}

static void
adopt_client (AsternChardev *chardev, int fd)
{
  int on = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);   /* fails on unix sockets, where it is not needed */
  chardev->in_fd = chardev->out_fd = fd;
  set_connected (chardev, TRUE);
}

static gboolean
on_client (int fd, GIOCondition condition, gpointer data)
{
  AsternChardev *chardev = data;
  int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);

  if (client < 0)
    return G_SOURCE_CONTINUE;
  adopt_client (chardev, client);
  attach_fds (chardev);
  drop_source (&chardev->listener);
  if (chardev->arrived != NULL)
    chardev->arrived (chardev->arrived_user);
  return G_SOURCE_REMOVE;
}

static void
watch_listener (AsternChardev *chardev)
{
  if (chardev->listen_fd < 0 || chardev->listener != NULL)
    return;
  chardev->listener = g_unix_fd_source_new (chardev->listen_fd, G_IO_IN);
  g_source_set_callback (chardev->listener, G_SOURCE_FUNC (on_client), chardev, NULL);
  g_source_attach (chardev->listener, astern_host_loop_context (chardev->loop));
}

static void
start (gpointer data)
{
  AsternChardev *chardev = data;

  if (chardev->out_fd >= 0)
    attach_fds (chardev);
  else
    watch_listener (chardev);
}

/* ---- the window's consoles ---- */

#define ASK_AGAIN_MS 10

static gboolean
take_typed (gpointer data)
{
  AsternChardev *chardev = data;
  guint8 bytes[WRITE_AT_ONCE];
  gsize size = MIN (room_now (chardev), sizeof bytes);
  gboolean more;

  g_mutex_lock (&chardev->mutex);
  size = MIN (size, chardev->typed->len);
  memcpy (bytes, chardev->typed->data, size);
  g_byte_array_remove_range (chardev->typed, 0, (guint) size);
  more = chardev->typed->len > 0;
  g_mutex_unlock (&chardev->mutex);
  if (size > 0)
    chardev->received (chardev->receiver, bytes, size);
  if (more && chardev->typing == NULL)
    {
      chardev->typing = g_timeout_source_new (ASK_AGAIN_MS);
      g_source_set_callback (chardev->typing, take_typed, chardev, NULL);
      g_source_attach (chardev->typing, astern_host_loop_context (chardev->loop));
    }
  if (!more)
    drop_source (&chardev->typing);
  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
typed (gpointer data)
{
  take_typed (data);
}

gsize
astern_chardev_type_some (AsternChardev *chardev, const guint8 *data, gsize size, gsize most)
{
  g_mutex_lock (&chardev->mutex);
  size = MIN (size, most - MIN (most, chardev->typed->len));
  g_byte_array_append (chardev->typed, data, (guint) size);
  g_mutex_unlock (&chardev->mutex);
  if (size > 0)
    astern_host_loop_call (chardev->loop, typed, chardev);
  return size;
}

void
astern_chardev_type (AsternChardev *chardev, const guint8 *data, gsize size)
{
  astern_chardev_type_some (chardev, data, size, G_MAXUINT);
}

void
astern_chardev_forget_typed (AsternChardev *chardev)
{
  g_mutex_lock (&chardev->mutex);
  g_byte_array_set_size (chardev->typed, 0);
  g_mutex_unlock (&chardev->mutex);
}

void
astern_chardev_set_size (AsternChardev *chardev, guint columns, guint rows)
{
  g_mutex_lock (&chardev->mutex);
  chardev->columns = columns;
  chardev->rows = rows;
  g_mutex_unlock (&chardev->mutex);
}

void
astern_chardev_get_size (AsternChardev *chardev, guint *columns, guint *rows)
{
  g_mutex_lock (&chardev->mutex);
  *columns = chardev->columns;
  *rows = chardev->rows;
  g_mutex_unlock (&chardev->mutex);
}

/* ---- opening, on the caller's thread ---- */

static gboolean
fail (GError **error, const char *what)
{
  int number = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number), "%s: %s.", what, g_strerror (number));
  return FALSE;
}

static gboolean
open_file (AsternChardev *chardev, const AsternChardevSpec *spec, GError **error)
{
  chardev->out_fd = open (spec->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (chardev->out_fd < 0)
    {
      g_autofree char *what = g_strdup_printf (_("Cannot write the file “%s”"), spec->path);

      return fail (error, what);
    }
  return TRUE;
}

static gboolean
open_pty (AsternChardev *chardev, GError **error)
{
  const char *name;

  chardev->in_fd = chardev->out_fd = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (chardev->out_fd < 0 || grantpt (chardev->out_fd) != 0 || unlockpt (chardev->out_fd) != 0 ||
      (name = ptsname (chardev->out_fd)) == NULL ||
      (chardev->pty_peer = open (name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
    return fail (error, _("Cannot make a pseudo-terminal"));
  astern_terminal_make_raw (chardev->pty_peer);
  g_unix_set_fd_nonblocking (chardev->out_fd, TRUE, NULL);
  g_printerr (_("char device redirected to %s\n"), name);
  return TRUE;
}

/* Calls connect() or bind() + listen() on the first address that takes it. */
static int
open_tcp (const AsternChardevSpec *spec, GError **error)
{
  struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
                            .ai_flags = spec->server ? AI_PASSIVE : 0 };
  struct addrinfo *found = NULL;
  g_autofree char *port = g_strdup_printf ("%u", spec->port);
  const char *host = spec->host[0] != '\0' ? spec->host : NULL;
  int code = getaddrinfo (host, port, &hints, &found);
  int fd = -1, number = 0;

  if (code != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, _("Cannot find the host “%s”: %s."), spec->host,
                   gai_strerror (code));
      return -1;
    }
  for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
    {
      int on = 1;

      fd = socket (at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
      if (fd < 0)
        {
          number = errno;
          continue;
        }
      if (spec->server)
        setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      if (spec->server ? bind (fd, at->ai_addr, at->ai_addrlen) != 0 || listen (fd, 1) != 0
                       : connect (fd, at->ai_addr, at->ai_addrlen) != 0)
        {
          number = errno;
          close (fd);
          fd = -1;
        }
    }
  freeaddrinfo (found);
  errno = number;
  return fd;
}

static int
open_unix (const AsternChardevSpec *spec)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -1;
  g_strlcpy (address.sun_path, spec->path, sizeof address.sun_path);
  if (spec->server)
    unlink (spec->path);
  if (spec->server ? bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, 1) != 0
                   : connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    {
      int number = errno;

      close (fd);
      errno = number;
      return -1;
    }
  return fd;
}

static gboolean
open_socket (AsternChardev *chardev, const AsternChardevSpec *spec, GError **error)
{
  g_autofree char *name = spec->is_unix ? g_strdup_printf ("unix:%s", spec->path)
                                        : g_strdup_printf ("tcp:%s:%u", spec->host, spec->port);
  g_autofree char *what = g_strdup_printf (spec->server ? _("Cannot listen at “%s”") : _("Cannot connect to “%s”"), name);
  int fd = spec->is_unix ? open_unix (spec) : open_tcp (spec, error);

  if (fd < 0)
    return error != NULL && *error != NULL ? FALSE : fail (error, what);
  if (!spec->server)
    {
      adopt_client (chardev, fd);
      return TRUE;
    }
  chardev->listen_fd = fd;
  if (spec->is_unix)
    chardev->unlink_path = g_strdup (spec->path);
  if (!spec->nowait)
    {
      int client;

      g_printerr (_("Waiting for a connection at “%s”.\n"), name);
      do
        client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
      while (client < 0 && errno == EINTR);
      if (client < 0)
        return fail (error, what);
      adopt_client (chardev, client);
    }
  return TRUE;
}

static gboolean
open_kind (AsternChardev *chardev, const AsternChardevSpec *spec, GError **error)
{
  switch (spec->kind)
    {
    case ASTERN_CHARDEV_NULL:
    case ASTERN_CHARDEV_VC:
    case ASTERN_CHARDEV_SPICEVMC:
    case ASTERN_CHARDEV_SPICEPORT:
    case ASTERN_CHARDEV_VDAGENT:
      return TRUE;
    case ASTERN_CHARDEV_STDIO:
      chardev->in_fd = STDIN_FILENO;
      chardev->out_fd = STDOUT_FILENO;
      astern_terminal_set_raw (STDIN_FILENO, !spec->monitor);
      return TRUE;
    case ASTERN_CHARDEV_FILE:
      return open_file (chardev, spec, error);
    case ASTERN_CHARDEV_PTY:
      return open_pty (chardev, error);
    case ASTERN_CHARDEV_SOCKET:
      return open_socket (chardev, spec, error);
    }
  g_return_val_if_reached (FALSE);
}

AsternChardev *
astern_chardev_open (AsternHostLoop *loop, const AsternChardevSpec *spec, GError **error)
{
  g_autoptr (AsternChardev) chardev = g_new0 (AsternChardev, 1);
  GError *failed = NULL;

  chardev->loop = loop;
  chardev->kind = spec->kind;
  chardev->lossless = spec->kind == ASTERN_CHARDEV_STDIO || spec->kind == ASTERN_CHARDEV_FILE;
  chardev->in_fd = chardev->out_fd = chardev->listen_fd = chardev->pty_peer = -1;
  chardev->queue = g_byte_array_new ();
  chardev->typed = g_byte_array_new ();
  g_mutex_init (&chardev->mutex);
  g_cond_init (&chardev->drained);
  if (!open_kind (chardev, spec, &failed))
    {
      g_propagate_error (error, failed);
      return NULL;
    }
  if (chardev->out_fd >= 0)
    set_connected (chardev, TRUE);
  if (chardev->out_fd >= 0 || chardev->listen_fd >= 0)
    astern_host_loop_call_and_wait (loop, start, chardev);
  return g_steal_pointer (&chardev);
}

/* ---- the rest ---- */

static void
stop (gpointer data)
{
  AsternChardev *chardev = data;

  drop_source (&chardev->source);
  drop_source (&chardev->listener);
  drop_source (&chardev->typing);
}

void
astern_chardev_close (AsternChardev *chardev)
{
  gint64 end_us = g_get_monotonic_time () + G_USEC_PER_SEC;

  if (chardev == NULL)
    return;
  g_mutex_lock (&chardev->mutex);
  while (chardev->connected && queued (chardev) > 0)
    if (!g_cond_wait_until (&chardev->drained, &chardev->mutex, end_us))
      break;
  g_mutex_unlock (&chardev->mutex);
  if (chardev->kind != ASTERN_CHARDEV_NULL)
    astern_host_loop_call_and_wait (chardev->loop, stop, chardev);
  if (chardev->kind == ASTERN_CHARDEV_STDIO)
    astern_terminal_restore ();
  if (chardev->in_fd != chardev->out_fd)
    close_fd (chardev->in_fd);
  close_fd (chardev->out_fd);
  close_fd (chardev->pty_peer);
  close_fd (chardev->listen_fd);
  if (chardev->unlink_path != NULL)
    unlink (chardev->unlink_path);
  g_free (chardev->unlink_path);
  g_byte_array_unref (chardev->queue);
  g_byte_array_unref (chardev->typed);
  g_cond_clear (&chardev->drained);
  g_mutex_clear (&chardev->mutex);
  g_free (chardev);
}

typedef struct
{
  AsternChardev     *chardev;
  AsternChardevFunc  received;
  gsize            (*room) (gpointer user);
  void             (*left) (gpointer user);
  gpointer           user;
} Setting;

static void
set_receiver (gpointer data)
{
  Setting *setting = data;

  setting->chardev->received = setting->received;
  setting->chardev->receiver = setting->user;
}

void
astern_chardev_receive (AsternChardev *chardev, AsternChardevFunc received, gpointer receiver)
{
  Setting setting = { .chardev = chardev, .received = received, .user = receiver };

  astern_host_loop_call_and_wait (chardev->loop, set_receiver, &setting);
}

static void
set_room (gpointer data)
{
  Setting *setting = data;

  setting->chardev->room = setting->room;
  setting->chardev->room_user = setting->user;
}

void
astern_chardev_set_room (AsternChardev *chardev, gsize (*room) (gpointer user), gpointer user)
{
  Setting setting = { .chardev = chardev, .room = room, .user = user };

  astern_host_loop_call_and_wait (chardev->loop, set_room, &setting);
}

static void
set_left (gpointer data)
{
  Setting *setting = data;

  setting->chardev->left = setting->left;
  setting->chardev->left_user = setting->user;
}

void
astern_chardev_set_left (AsternChardev *chardev, void (*left) (gpointer user), gpointer user)
{
  Setting setting = { .chardev = chardev, .left = left, .user = user };

  astern_host_loop_call_and_wait (chardev->loop, set_left, &setting);
}

void
astern_chardev_room_changed (AsternChardev *chardev)
{
  g_main_context_wakeup (astern_host_loop_context (chardev->loop));
}
