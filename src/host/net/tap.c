/* tap.c - the networks “tap” and “bridge”: an interface of the host's kernel.
 * Source: Linux, Documentation/networking/tuntap.rst; QEMU's manual, "-netdev tap" and "-netdev bridge".
 * Left out: several queues, vhost, inherited descriptors, virtio headers.
 *
 * A bridge is joined by QEMU's helper, where it is installed (it sends the descriptor over a socket), or by ourselves,
 * where we are allowed to. */
#include "config.h"

#include "host/net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define DEFAULT_HELPER "/usr/lib/qemu/qemu-bridge-helper"

typedef struct
{
  AsternNet parent;
  int       fd;
  char      name[IFNAMSIZ];
  char     *down;            /* (nullable) script */
  GSource  *reading;
  guint64   dropped;
} Tap;

static gboolean
ready (gint fd, GIOCondition condition, gpointer data)
{
  Tap *self = data;
  g_autofree guint8 *frame = g_malloc (ASTERN_NET_MAX_FRAME);

  for (guint i = 0; i < 64; i++)
    {
      gssize got = read (fd, frame, ASTERN_NET_MAX_FRAME);

      if (got <= 0)
        break;
      astern_net_deliver (&self->parent, frame, (gsize) got);
    }
  if (astern_net_has_room (&self->parent))
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->reading, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
tap_resume (AsternNet *net)
{
  Tap *self = (Tap *) net;

  if (self->reading != NULL)
    return;
  self->reading = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->reading, G_SOURCE_FUNC (ready), self, NULL);
  g_source_attach (self->reading, astern_host_loop_context (net->loop));
}

static void
attach (gpointer data)
{
  tap_resume (data);
}

static void
tap_send (AsternNet *net, const guint8 *frame, gsize size)
{
  Tap *self = (Tap *) net;

  if (write (self->fd, frame, size) < 0)
    self->dropped++;
}

static gboolean
open_interface (Tap *self, const char *name, GError **error)
{
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

  self->fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The network “%s” cannot open “%s”: %s."), self->parent.id, "/dev/net/tun",
                            g_strerror (errno));
  g_strlcpy (request.ifr_name, name != NULL ? name : "tap%d", sizeof request.ifr_name);
  if (ioctl (self->fd, TUNSETIFF, &request) < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The network “%s” cannot have the interface “%s”: %s."), self->parent.id,
                            request.ifr_name, g_strerror (errno));
  g_strlcpy (self->name, request.ifr_name, sizeof self->name);
  return TRUE;
}

static gboolean
run_script (const char *script, const char *interface, GError **error)
{
  const char *argv[] = { script, interface, NULL };
  int status;

  return g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, error) &&
         g_spawn_check_wait_status (status, error);
}

static gboolean
wants_script (const char *script)
{
  return script != NULL && script[0] != '\0' && !g_str_equal (script, "no");
}

/* ---- -netdev tap ---- */

static const AsternNetWord tap_words[] = {
  { "ifname", FALSE, NULL }, { "script", FALSE, NULL }, { "downscript", FALSE, NULL }, { "br", FALSE, NULL }, { "helper", FALSE, NULL },
  { "sndbuf", FALSE, NULL }, { "vnet_hdr", FALSE, NULL },
  { "vhost", FALSE, N_("frames must go through the machine, so that it can go back; leave vhost off") },
  { "fd", FALSE, N_("inherited descriptors are not there; use ifname") },
  { "fds", FALSE, N_("inherited descriptors are not there; use ifname") },
  { "queues", FALSE, N_("there is one queue") },
  { NULL, FALSE, NULL },
};

static gboolean
check_name (const AsternNetSpec *spec, const char *word, GError **error)
{
  const char *name = astern_net_spec_get (spec, word);

  if (name == NULL || (name[0] != '\0' && strlen (name) < IFNAMSIZ && strchr (name, '/') == NULL))
    return TRUE;
  return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s” is not the name of an interface."), name);
}

static gboolean
tap_check (const AsternNetSpec *spec, GError **error)
{
  return check_name (spec, "ifname", error) && check_name (spec, "br", error);
}

static gboolean join_bridge (Tap *self, const AsternNetSpec *spec, GError **error);

static gboolean
tap_open (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  Tap *self = (Tap *) net;
  const char *up = astern_net_spec_get (spec, "script"), *down = astern_net_spec_get (spec, "downscript");

  self->fd = -1;
  if (astern_net_spec_get (spec, "helper") != NULL)
    {
      if (!join_bridge (self, spec, error))
        return FALSE;
    }
  else if (!open_interface (self, astern_net_spec_get (spec, "ifname"), error))
    return FALSE;
  if (wants_script (up) && !run_script (up, self->name, error))
    return FALSE;
  self->down = wants_script (down) ? g_strdup (down) : NULL;
  astern_host_loop_call_and_wait (net->loop, attach, self);
  return TRUE;
}

static void
tap_close (AsternNet *net)
{
  Tap *self = (Tap *) net;

  if (self->reading != NULL)
    {
      g_source_destroy (self->reading);
      g_clear_pointer (&self->reading, g_source_unref);
    }
}

static void
tap_finish (AsternNet *net)
{
  Tap *self = (Tap *) net;

  if (self->down != NULL)
    run_script (self->down, self->name, NULL);
  g_free (self->down);
  if (self->fd >= 0)
    close (self->fd);
}

static char *
tap_describe (AsternNet *net)
{
  const Tap *self = (const Tap *) net;

  return g_strdup_printf ("ifname=%s, %" G_GUINT64_FORMAT " frames dropped\n", self->name, self->dropped);
}

const AsternNetClass astern_net_tap = {
  .name = "tap", .instance_size = sizeof (Tap), .words = tap_words, .check = tap_check,
  .open = tap_open, .close = tap_close, .finish = tap_finish, .send = tap_send, .resume = tap_resume, .describe = tap_describe,
};

/* ---- -netdev bridge ---- */

static const AsternNetWord bridge_words[] = { { "br", FALSE, NULL }, { "helper", FALSE, NULL }, { NULL, FALSE, NULL } };

/* The descriptor that the helper sends; -1: none. */
static int
receive_descriptor (int channel)
{
  guint8 byte;
  union { struct cmsghdr header; guint8 bytes[CMSG_SPACE (sizeof (int))]; } control;
  struct iovec data = { &byte, 1 };
  struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct cmsghdr *part;
  int fd = -1;

  if (recvmsg (channel, &message, MSG_CMSG_CLOEXEC) <= 0)
    return -1;
  for (part = CMSG_FIRSTHDR (&message); part != NULL; part = CMSG_NXTHDR (&message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
      memcpy (&fd, CMSG_DATA (part), sizeof fd);
  return fd;
}

static gboolean
join_by_helper (Tap *self, const char *helper, const char *bridge, GError **error)
{
  int pair[2], status;
  g_autofree char *fd_word = NULL, *bridge_word = g_strdup_printf ("--br=%s", bridge);
  const char *argv[] = { helper, NULL, NULL, NULL };
  struct ifreq request = { 0 };
  GPid pid;

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, "%s", g_strerror (errno));
  fd_word = g_strdup_printf ("--fd=%d", pair[1]);
  argv[1] = fd_word;
  argv[2] = bridge_word;
  if (!g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN, NULL, NULL, &pid, error))
    {
      close (pair[0]);
      close (pair[1]);
      return FALSE;
    }
  close (pair[1]);
  self->fd = receive_descriptor (pair[0]);
  close (pair[0]);
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  g_spawn_close_pid (pid);
  if (self->fd < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The helper “%s” has not joined the bridge “%s”; /etc/qemu/bridge.conf says which it may."),
                            helper, bridge);
  g_unix_set_fd_nonblocking (self->fd, TRUE, NULL);
  if (ioctl (self->fd, TUNGETIFF, &request) == 0)
    g_strlcpy (self->name, request.ifr_name, sizeof self->name);
  return TRUE;
}

static gboolean
join_ourselves (Tap *self, const char *bridge, GError **error)
{
  struct ifreq request = { 0 };
  gboolean good;
  int control;

  if (!open_interface (self, NULL, error))
    return FALSE;
  control = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_strlcpy (request.ifr_name, bridge, sizeof request.ifr_name);
  request.ifr_ifindex = (int) if_nametoindex (self->name);
  good = control >= 0 && ioctl (control, SIOCBRADDIF, &request) == 0;
  if (good)
    {
      memset (&request, 0, sizeof request);
      g_strlcpy (request.ifr_name, self->name, sizeof request.ifr_name);
      request.ifr_flags = IFF_UP;
      good = ioctl (control, SIOCSIFFLAGS, &request) == 0;
    }
  if (!good)
    astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The interface “%s” cannot join the bridge “%s”: %s."), self->name, bridge, g_strerror (errno));
  if (control >= 0)
    close (control);
  return good;
}

static gboolean
join_bridge (Tap *self, const AsternNetSpec *spec, GError **error)
{
  const char *helper = astern_net_spec_get (spec, "helper"), *bridge = astern_net_spec_get (spec, "br");

  if (bridge == NULL)
    bridge = "br0";
  if (helper == NULL && g_file_test (DEFAULT_HELPER, G_FILE_TEST_IS_EXECUTABLE) && geteuid () != 0)
    helper = DEFAULT_HELPER;
  return helper != NULL ? join_by_helper (self, helper, bridge, error) : join_ourselves (self, bridge, error);
}

static gboolean
bridge_open (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  Tap *self = (Tap *) net;

  self->fd = -1;
  if (!join_bridge (self, spec, error))
    return FALSE;
  astern_host_loop_call_and_wait (net->loop, attach, self);
  return TRUE;
}

const AsternNetClass astern_net_bridge = {
  .name = "bridge", .instance_size = sizeof (Tap), .words = bridge_words, .check = tap_check,
  .open = bridge_open, .close = tap_close, .finish = tap_finish, .send = tap_send, .resume = tap_resume, .describe = tap_describe,
};
