/* usb-source.c - see usb-source.h.
 * Source: libusb's documentation, "Polling and timing". */
#include "config.h"

#include "host/usb/usb-source.h"

typedef struct
{
  GSource         source;
  libusb_context *context;
  void          (*handled) (gpointer user);
  gpointer        user;
  GHashTable     *tags;         /* file descriptor -> GSource's tag */
} UsbSource;

static void
fd_added (int fd, short events, void *user)
{
  UsbSource *self = user;

  g_hash_table_insert (self->tags, GINT_TO_POINTER (fd), g_source_add_unix_fd (&self->source, fd, (GIOCondition) events));
}

static void
fd_removed (int fd, void *user)
{
  UsbSource *self = user;
  gpointer tag = g_hash_table_lookup (self->tags, GINT_TO_POINTER (fd));

  if (tag != NULL && !g_source_is_destroyed (&self->source))
    g_source_remove_unix_fd (&self->source, tag);
  g_hash_table_remove (self->tags, GINT_TO_POINTER (fd));
}

static gboolean
prepare (GSource *source, gint *timeout_ms)
{
  UsbSource *self = (UsbSource *) source;
  struct timeval next;

  *timeout_ms = -1;
  if (libusb_get_next_timeout (self->context, &next) != 1)
    return FALSE;
  *timeout_ms = (gint) MIN (next.tv_sec * 1000 + (next.tv_usec + 999) / 1000, G_MAXINT);
  return *timeout_ms == 0;
}

static gboolean
check (GSource *source)
{
  UsbSource *self = (UsbSource *) source;
  GHashTableIter iter;
  struct timeval next;
  gpointer tag;

  g_hash_table_iter_init (&iter, self->tags);
  while (g_hash_table_iter_next (&iter, NULL, &tag))
    if (g_source_query_unix_fd (source, tag) != 0)
      return TRUE;
  return libusb_get_next_timeout (self->context, &next) == 1 && next.tv_sec == 0 && next.tv_usec == 0;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user)
{
  UsbSource *self = (UsbSource *) source;
  struct timeval none = { 0, 0 };

  libusb_handle_events_timeout_completed (self->context, &none, NULL);
  self->handled (self->user);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  UsbSource *self = (UsbSource *) source;

  libusb_set_pollfd_notifiers (self->context, NULL, NULL, NULL);
  g_hash_table_unref (self->tags);
}

GSource *
astern_usb_source_new (libusb_context *context, void (*handled) (gpointer user), gpointer user)
{
  static GSourceFuncs funcs = { .prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize };
  GSource *source = g_source_new (&funcs, sizeof (UsbSource));
  UsbSource *self = (UsbSource *) source;
  const struct libusb_pollfd **fds = libusb_get_pollfds (context);

  self->context = context;
  self->handled = handled;
  self->user = user;
  self->tags = g_hash_table_new (NULL, NULL);
  for (guint i = 0; fds != NULL && fds[i] != NULL; i++)
    fd_added (fds[i]->fd, fds[i]->events, self);
  libusb_free_pollfds (fds);
  libusb_set_pollfd_notifiers (context, fd_added, fd_removed, self);
  return source;
}
