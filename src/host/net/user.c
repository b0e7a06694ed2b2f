/* user.c - the network “user”: a small network of its own behind the host's sockets, made by libslirp.
 * Source: libslirp's header; QEMU's manual, "-netdev user".
 *
 * All of libslirp runs on the host's thread, in one source: what it wants to be polled for is asked in prepare(), what
 * was polled is told in dispatch().  Its clock is the host's: the machine hears of it only in what arrives. */
#include "config.h"

#include "host/net/user-spec.h"

#include <slirp/libslirp.h>
#include <string.h>

#include "host/chardev.h"

#include <glib/gi18n.h>

typedef struct _User User;

typedef struct
{
  GSource   source;
  User     *user;
} Poller;

typedef struct
{
  User                 *user;
  AsternNetGuestForward rule;
  AsternChardev        *chardev;
} GuestEnd;

struct _User
{
  AsternNet               parent;
  Slirp                  *slirp;
  Poller                 *poller;      /* (nullable) */
  GPtrArray              *polled;      /* GPollFD, added to the source, in the order of slirp's asking */
  guint                   n_asked;     /* so far, while it asks */
  gboolean                unsettled;   /* something was given to it: it is to be asked again */
  GPtrArray              *guest_ends;  /* GuestEnd */
  GPtrArray              *forwards;    /* char *: the rules in force */
  AsternNetUserAddresses  addresses;
  guint64                 sent, received;
  GMainContext           *context;
};

/* ---- what libslirp asks for ---- */

static ssize_t
send_packet (const void *data, size_t size, void *opaque)
{
  User *user = opaque;

  user->received++;
  astern_net_deliver (&user->parent, data, size);
  return (ssize_t) size;
}

static void
guest_error (const char *message, void *opaque)
{
}

static int64_t
clock_get_ns (void *opaque)
{
  return g_get_monotonic_time () * 1000;
}

typedef struct
{
  User        *user;
  SlirpTimerId id;
  void        *cb_opaque;
  GSource     *source;      /* (nullable): not set */
} Timer;

static void *
timer_new (SlirpTimerId id, void *cb_opaque, void *opaque)
{
  Timer *timer = g_new0 (Timer, 1);

  *timer = (Timer) { .user = opaque, .id = id, .cb_opaque = cb_opaque };
  return timer;
}

static void
timer_stop (Timer *timer)
{
  if (timer->source != NULL)
    {
      g_source_destroy (timer->source);
      g_clear_pointer (&timer->source, g_source_unref);
    }
}

static void
timer_free (void *data, void *opaque)
{
  timer_stop (data);
  g_free (data);
}

static gboolean
timer_expired (gpointer data)
{
  Timer *timer = data;

  timer_stop (timer);
  slirp_handle_timer (timer->user->slirp, timer->id, timer->cb_opaque);
  return G_SOURCE_REMOVE;
}

static void
timer_mod (void *data, int64_t expire_ms, void *opaque)
{
  Timer *timer = data;
  gint64 left_ms = expire_ms - g_get_monotonic_time () / 1000;

  timer_stop (timer);
  timer->source = g_timeout_source_new ((guint) CLAMP (left_ms, 0, G_MAXINT));
  g_source_set_callback (timer->source, timer_expired, timer, NULL);
  g_source_attach (timer->source, timer->user->context);
}

static void
poll_fd_changed (int fd, void *opaque)
{
}

static void
notify (void *opaque)
{
  User *user = opaque;

  user->unsettled = TRUE;
  g_main_context_wakeup (user->context);
}

static const SlirpCb callbacks = {
  .send_packet = send_packet,
  .guest_error = guest_error,
  .clock_get_ns = clock_get_ns,
  .timer_free = timer_free,
  .timer_mod = timer_mod,
  .register_poll_fd = poll_fd_changed,
  .unregister_poll_fd = poll_fd_changed,
  .notify = notify,
  .timer_new_opaque = timer_new,
};

/* ---- polling ---- */

static const struct { int slirp; GIOCondition condition; } conditions[] = {
  { SLIRP_POLL_IN, G_IO_IN }, { SLIRP_POLL_OUT, G_IO_OUT }, { SLIRP_POLL_PRI, G_IO_PRI }, { SLIRP_POLL_ERR, G_IO_ERR },
  { SLIRP_POLL_HUP, G_IO_HUP },
};

/* Most often the same as the last time, so that nothing is added or removed. */
static int
add_poll (int fd, int events, void *opaque)
{
  User *user = opaque;
  GPollFD *poll;

  if (user->n_asked < user->polled->len && ((GPollFD *) g_ptr_array_index (user->polled, user->n_asked))->fd != fd)
    while (user->polled->len > user->n_asked)
      {
        g_source_remove_poll (&user->poller->source, g_ptr_array_index (user->polled, user->polled->len - 1));
        g_ptr_array_set_size (user->polled, (gint) user->polled->len - 1);
      }
  if (user->n_asked == user->polled->len)
    {
      poll = g_new0 (GPollFD, 1);
      poll->fd = fd;
      g_ptr_array_add (user->polled, poll);
      g_source_add_poll (&user->poller->source, poll);
    }
  poll = g_ptr_array_index (user->polled, user->n_asked);
  poll->events = 0;
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (events & conditions[i].slirp)
      poll->events |= (gushort) conditions[i].condition;
  return (int) user->n_asked++;
}

static int
get_revents (int index, void *opaque)
{
  User *user = opaque;
  int events = 0;

  if (index < 0 || (guint) index >= user->polled->len)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (((GPollFD *) g_ptr_array_index (user->polled, (guint) index))->revents & conditions[i].condition)
      events |= conditions[i].slirp;
  return events;
}

/* What waits behind a guestfwd can be read when its connection has room again. */
static void
ask_guest_ends (User *user)
{
  for (guint i = 0; i < user->guest_ends->len; i++)
    astern_chardev_room_changed (((GuestEnd *) g_ptr_array_index (user->guest_ends, i))->chardev);
}

static gboolean
prepare (GSource *source, gint *timeout_ms)
{
  User *user = ((Poller *) source)->user;
  uint32_t timeout = G_MAXINT32;

  user->unsettled = FALSE;
  user->n_asked = 0;
  slirp_pollfds_fill (user->slirp, &timeout, add_poll, user);
  while (user->polled->len > user->n_asked)
    {
      g_source_remove_poll (source, g_ptr_array_index (user->polled, user->polled->len - 1));
      g_ptr_array_set_size (user->polled, (gint) user->polled->len - 1);
    }
  *timeout_ms = (gint) MIN (timeout, G_MAXINT32);
  return FALSE;
}

/* Always: its timers are looked at then, too. */
static gboolean
check (GSource *source)
{
  return TRUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  User *user = ((Poller *) source)->user;

  astern_net_hold (&user->parent);
  slirp_pollfds_poll (user->slirp, 0, get_revents, user);
  astern_net_release (&user->parent);
  if (user->guest_ends->len > 0)
    ask_guest_ends (user);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs poller_funcs = { .prepare = prepare, .check = check, .dispatch = dispatch };

static void
user_send (AsternNet *net, const guint8 *frame, gsize size)
{
  User *user = (User *) net;

  user->sent++;
  slirp_input (user->slirp, frame, (int) size);
}

/* ---- rules ---- */

static gboolean
add_forward (User *user, const char *rule, GError **error)
{
  AsternNetForward forward;

  if (!astern_net_parse_forward (rule, FALSE, &forward, error))
    return FALSE;
  if (forward.guest.s_addr == 0)
    forward.guest = user->addresses.dhcp;
  if (slirp_add_hostfwd (user->slirp, forward.udp, forward.host, forward.host_port, forward.guest, forward.guest_port) < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("Cannot forward “%s”: %s."), rule, g_strerror (errno));
  g_ptr_array_add (user->forwards, g_strdup (rule));
  return TRUE;
}

static gboolean
remove_forward (User *user, const char *rule, GError **error)
{
  AsternNetForward forward;

  if (!astern_net_parse_forward (rule, TRUE, &forward, error))
    return FALSE;
  if (slirp_remove_hostfwd (user->slirp, forward.udp, forward.host, forward.host_port) < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("There is no rule “%s”."), rule);
  for (guint i = 0; i < user->forwards->len; i++)
    {
      const char *one = g_ptr_array_index (user->forwards, i);

      if (g_str_has_prefix (one, rule) && one[strlen (rule)] == '-')
        g_ptr_array_remove_index (user->forwards, i--);
    }
  return TRUE;
}

static gboolean
user_forward (AsternNet *net, gboolean add, const char *rule, GError **error)
{
  return add ? add_forward ((User *) net, rule, error) : remove_forward ((User *) net, rule, error);
}

static ssize_t
from_guest (const void *data, size_t size, void *opaque)
{
  astern_chardev_write (((GuestEnd *) opaque)->chardev, data, size);
  return (ssize_t) size;
}

static gsize
guest_end_room (gpointer data)
{
  GuestEnd *end = data;

  return end->user->slirp != NULL ? slirp_socket_can_recv (end->user->slirp, end->rule.address, end->rule.port) : 0;
}

static void
to_guest (gpointer data, const guint8 *bytes, gsize size)
{
  GuestEnd *end = data;

  if (end->user->slirp == NULL)
    return;
  slirp_socket_recv (end->user->slirp, end->rule.address, end->rule.port, bytes, (int) size);
  notify (end->user);
}

static gboolean
add_guest_forward (User *user, const char *rule, GError **error)
{
  g_auto (AsternChardevSpec) place = { 0 };
  AsternNetGuestForward forward;
  GuestEnd *end;

  if (!astern_net_parse_guest_forward (rule, &forward, error))
    return FALSE;
  if (g_str_has_prefix (forward.place, "cmd:"))
    {
      if (slirp_add_exec (user->slirp, forward.place + strlen ("cmd:"), &forward.address, forward.port) < 0)
        return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“guestfwd=%s” has the same address as another one."), rule);
      return TRUE;
    }
  end = g_new0 (GuestEnd, 1);
  end->user = user;
  end->rule = forward;
  g_ptr_array_add (user->guest_ends, end);
  if (!astern_chardev_spec_parse (forward.place, &place, error) ||
      (end->chardev = astern_chardev_open (user->parent.loop, &place, error)) == NULL)
    return FALSE;
  if (slirp_add_guestfwd (user->slirp, from_guest, end, &forward.address, forward.port) < 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“guestfwd=%s” has the same address as another one."), rule);
  astern_chardev_set_room (end->chardev, guest_end_room, end);
  return TRUE;
}

static void
free_guest_end (gpointer data)
{
  GuestEnd *end = data;

  if (end->chardev != NULL)
    astern_chardev_close (end->chardev);
  g_free (end);
}

/* ---- opening and closing ---- */

static Slirp *
make_slirp (User *user, const AsternNetSpec *spec)
{
  const AsternNetUserAddresses *a = &user->addresses;
  const char *hostname = astern_net_spec_get (spec, "hostname");
  g_autoptr (GPtrArray) searches = g_ptr_array_new ();
  SlirpConfig config = {
    .version = 4,
    .restricted = a->restricted,
    .in_enabled = a->ipv4, .vnetwork = a->network, .vnetmask = a->mask, .vhost = a->host,
    .in6_enabled = a->ipv6, .vprefix_addr6 = a->prefix6, .vprefix_len = a->prefix6_bits, .vhost6 = a->host6,
    .vhostname = hostname,
    .tftp_server_name = astern_net_spec_get (spec, "tftp-server-name"),
    .tftp_path = astern_net_spec_get (spec, "tftp"),
    .bootfile = astern_net_spec_get (spec, "bootfile"),
    .vdhcp_start = a->dhcp, .vnameserver = a->dns, .vnameserver6 = a->dns6,
    .vdomainname = astern_net_spec_get (spec, "domainname"),
  };

  for (guint i = 0; i + 1 < spec->words->len; i += 2)
    if (g_str_equal (g_ptr_array_index (spec->words, i), "dnssearch"))
      g_ptr_array_add (searches, g_ptr_array_index (spec->words, i + 1));
  g_ptr_array_add (searches, NULL);
  if (searches->len > 1)
    config.vdnssearch = (const char **) searches->pdata;
  return slirp_new (&config, &callbacks, user);
}

static void
attach (gpointer data)
{
  User *user = data;

  user->poller = (Poller *) g_source_new (&poller_funcs, sizeof (Poller));
  user->poller->user = user;
  g_source_set_priority (&user->poller->source, G_PRIORITY_DEFAULT);
  g_source_attach (&user->poller->source, user->context);
}

static gboolean
user_open (AsternNet *net, const AsternNetSpec *spec, GError **error)
{
  User *user = (User *) net;

  user->context = astern_host_loop_context (net->loop);
  user->polled = g_ptr_array_new_with_free_func (g_free);
  user->guest_ends = g_ptr_array_new ();
  user->forwards = g_ptr_array_new_with_free_func (g_free);
  if (!astern_net_user_addresses (spec, &user->addresses, error))
    return FALSE;
  user->slirp = make_slirp (user, spec);
  if (user->slirp == NULL)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The network “%s” cannot be made with these addresses."), net->id);
  for (guint i = 0; i + 1 < spec->words->len; i += 2)
    {
      const char *name = g_ptr_array_index (spec->words, i), *value = g_ptr_array_index (spec->words, i + 1);

      if ((g_str_equal (name, "hostfwd") && !add_forward (user, value, error)) ||
          (g_str_equal (name, "guestfwd") && !add_guest_forward (user, value, error)))
        return FALSE;
    }
  astern_host_loop_call_and_wait (net->loop, attach, user);
  for (guint i = 0; i < user->guest_ends->len; i++)
    {
      GuestEnd *end = g_ptr_array_index (user->guest_ends, i);

      astern_chardev_receive (end->chardev, to_guest, end);
    }
  return TRUE;
}

static void
user_close (AsternNet *net)
{
  User *user = (User *) net;

  if (user->poller != NULL)
    {
      g_source_destroy (&user->poller->source);
      g_source_unref (&user->poller->source);
      user->poller = NULL;
    }
  g_clear_pointer (&user->slirp, slirp_cleanup);
}

static void
user_finish (AsternNet *net)
{
  User *user = (User *) net;

  for (guint i = 0; i < user->guest_ends->len; i++)
    free_guest_end (g_ptr_array_index (user->guest_ends, i));
  g_ptr_array_unref (user->guest_ends);
  g_ptr_array_unref (user->polled);
  g_ptr_array_unref (user->forwards);
}

static char *
user_describe (AsternNet *net)
{
  User *user = (User *) net;
  g_autofree char *connections = slirp_connection_info (user->slirp);
  g_autofree char *shown = NULL;
  struct in_addr network = user->addresses.network;
  GString *text = g_string_new (NULL);
  guint8 octets[4];

  memcpy (octets, &network, 4);
  shown = g_strdup_printf ("%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
  g_string_append_printf (text, "net=%s,restrict=%s\n", shown, user->addresses.restricted ? "on" : "off");
  for (guint i = 0; i < user->forwards->len; i++)
    g_string_append_printf (text, "  hostfwd=%s\n", (const char *) g_ptr_array_index (user->forwards, i));
  g_string_append (text, connections);
  return g_string_free (text, FALSE);
}

const AsternNetClass astern_net_user = {
  .name = "user", .instance_size = sizeof (User), .words = astern_net_user_words, .check = astern_net_user_check,
  .open = user_open, .close = user_close, .finish = user_finish, .send = user_send,
  .large = TRUE,                /* it goes by the lengths in the packets */
  .describe = user_describe, .forward = user_forward,
};
