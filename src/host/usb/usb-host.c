/* usb-host.c - see usb-host.h.
 * Source: libusb's and libusbredirhost's documentation.
 * Left out: isochronous endpoints, which the guest's end does not ask for. */
#include "config.h"

#include "host/usb/usb-host.h"

#include "host/usb/usb-list.h"
#include "host/usb/usb-source.h"

#include <string.h>
#include <usbredirhost.h>

#include <glib/gi18n.h>

#define LOOK_AGAIN_MS 1000

struct _AsternUsbEnd
{
  AsternUsbHost       *host;
  AsternUsbFilter      filter;
  AsternUsbEndFuncs    funcs;
  struct usbredirhost *redir;         /* (nullable): there was no device yet */
  libusb_device       *device;        /* (nullable) that it has */
  libusb_device       *refused;       /* (nullable) that could not be had, which the user was told */
  gboolean             awaited;       /* the user was told that it is waited for */
  GByteArray          *heard;         /* of the guest's, in order; locked */
  gsize                at;            /* how much of it was read */
};

struct _AsternUsbHost
{
  AsternHostLoop *loop;
  libusb_context *context;
  GSource        *events, *looking;
  GPtrArray      *ends;               /* AsternUsbEnd */
  GMutex          lock;               /* of the ends' `heard` */
};

/* ---- what libusbredirhost asks for ---- */

static void
log_nothing (void *user, int level, const char *message)
{
}

static int
read_guest (void *user, uint8_t *data, int count)
{
  AsternUsbEnd *end = user;
  gsize n;

  g_mutex_lock (&end->host->lock);
  n = MIN ((gsize) count, end->heard->len - end->at);
  if (n > 0)
    memcpy (data, end->heard->data + end->at, n);
  end->at += n;
  if (end->at == end->heard->len)
    {
      g_byte_array_set_size (end->heard, 0);
      end->at = 0;
    }
  g_mutex_unlock (&end->host->lock);
  return (int) n;
}

static int
write_guest (void *user, uint8_t *data, int count)
{
  AsternUsbEnd *end = user;

  end->funcs.received (end->funcs.user, data, (gsize) count);
  return count;
}

static void
tell (AsternUsbEnd *end, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (AsternUsbEnd *end, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  end->funcs.told (end->funcs.user, message);
}

/* ---- taking a device, and letting it go ---- */

static void
flush (AsternUsbEnd *end)
{
  while (usbredirhost_has_data_to_write (end->redir) > 0 && usbredirhost_write_guest_data (end->redir) == 0)
    ;
}

static void
let_go (AsternUsbEnd *end)
{
  if (end->device == NULL)
    return;
  usbredirhost_set_device (end->redir, NULL);
  flush (end);
  g_clear_pointer (&end->device, libusb_unref_device);
}

static gboolean
is_taken (gpointer user, libusb_device *device)
{
  AsternUsbHost *host = user;

  for (guint i = 0; i < host->ends->len; i++)
    if (((AsternUsbEnd *) g_ptr_array_index (host->ends, i))->device == device)
      return TRUE;
  return FALSE;
}

/* Said once a device. */
static void
complain (AsternUsbEnd *end, libusb_device *device, int failed)
{
  g_autofree char *shown = astern_usb_describe (device), *node = astern_usb_node (device);

  if (end->refused == device)
    return;
  if (end->refused != NULL)
    libusb_unref_device (end->refused);
  end->refused = libusb_ref_device (device);
  if (failed == LIBUSB_ERROR_ACCESS)
    tell (end, _("The USB device %s may not be used: give yourself the right to write “%s”, as with a rule of udev's."), shown, node);
  else if (failed == LIBUSB_ERROR_BUSY)
    tell (end, _("The USB device %s is in use: another program has it, or a driver that does not let it go; it is tried again."), shown);
  else
    tell (end, _("The USB device %s cannot be used: %s."), shown, libusb_strerror (failed));
}

static int
take (AsternUsbEnd *end, libusb_device *device)
{
  libusb_device_handle *handle = NULL;
  int failed = libusb_open (device, &handle);

  if (failed != LIBUSB_SUCCESS)
    return failed;
  if (end->redir == NULL)       /* greets the guest's side */
    end->redir = usbredirhost_open_full (end->host->context, NULL, log_nothing, read_guest, write_guest, NULL, NULL, NULL, NULL, NULL,
                                         end, PACKAGE_NAME " " PACKAGE_VERSION, usbredirparser_none, 0);
  if (usbredirhost_set_device (end->redir, handle) != usb_redir_success)        /* closes it then */
    return LIBUSB_ERROR_BUSY;
  end->device = libusb_ref_device (device);
  if (end->refused != NULL)
    g_clear_pointer (&end->refused, libusb_unref_device);
  flush (end);
  return LIBUSB_SUCCESS;
}

static void
look (AsternUsbEnd *end)
{
  libusb_device *device = astern_usb_find (end->host->context, &end->filter, is_taken, end->host);
  int failed = LIBUSB_SUCCESS;

  if (device == NULL && !end->awaited)
    tell (end, _("A USB device that was asked for is not there, and is waited for; “info usbhost” lists those that are."));
  end->awaited = TRUE;
  if (device == NULL)
    return;
  failed = take (end, device);
  if (failed != LIBUSB_SUCCESS)
    complain (end, device, failed);
  libusb_unref_device (device);
}

static gboolean
look_again (gpointer user)
{
  AsternUsbHost *host = user;

  for (guint i = 0; i < host->ends->len; i++)
    if (((AsternUsbEnd *) g_ptr_array_index (host->ends, i))->device == NULL)
      look (g_ptr_array_index (host->ends, i));
  return G_SOURCE_CONTINUE;
}

/* ---- events ---- */

static void
converse (AsternUsbEnd *end)
{
  int result;

  if (end->redir == NULL)
    return;
  result = usbredirhost_read_guest_data (end->redir);
  flush (end);
  if (end->device == NULL || result == 0)
    return;
  if (result == usbredirhost_read_device_lost || result == usbredirhost_read_device_rejected)
    let_go (end);
  else if (result == usbredirhost_read_parse_error)
    tell (end, _("The guest's end of a USB device said something that cannot be understood."));
}

/* Also those that were pulled out while nothing was asked of them. */
static gboolean
is_there (AsternUsbEnd *end)
{
  libusb_device **list = NULL;
  gssize n = libusb_get_device_list (end->host->context, &list);
  gboolean found = n < 0;

  for (gssize i = 0; i < n; i++)
    found |= list[i] == end->device;
  if (list != NULL)
    libusb_free_device_list (list, 1);
  return found;
}

static void
handled (gpointer user)
{
  AsternUsbHost *host = user;

  for (guint i = 0; i < host->ends->len; i++)
    converse (g_ptr_array_index (host->ends, i));
}

static gboolean
watch (gpointer user)
{
  AsternUsbHost *host = user;

  for (guint i = 0; i < host->ends->len; i++)
    {
      AsternUsbEnd *end = g_ptr_array_index (host->ends, i);

      if (end->device != NULL && !is_there (end))
        let_go (end);
    }
  return look_again (user);
}

/* ---- the interface ---- */

static void
start (gpointer user)
{
  AsternUsbHost *host = user;

  host->events = astern_usb_source_new (host->context, handled, host);
  g_source_attach (host->events, astern_host_loop_context (host->loop));
  host->looking = g_timeout_source_new (LOOK_AGAIN_MS);
  g_source_set_callback (host->looking, watch, host, NULL);
  g_source_attach (host->looking, astern_host_loop_context (host->loop));
}

AsternUsbHost *
astern_usb_host_new (AsternHostLoop *loop, GError **error)
{
  libusb_context *context = NULL;
  int failed = libusb_init (&context);
  AsternUsbHost *host;

  if (failed != LIBUSB_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This host's USB cannot be used: %s."), libusb_strerror (failed));
      return NULL;
    }
  host = g_new0 (AsternUsbHost, 1);
  host->loop = loop;
  host->context = context;
  host->ends = g_ptr_array_new ();
  g_mutex_init (&host->lock);
  astern_host_loop_call_and_wait (loop, start, host);
  return host;
}

static void
close_end (AsternUsbEnd *end)
{
  let_go (end);
  g_clear_pointer (&end->redir, usbredirhost_close);
  if (end->refused != NULL)
    libusb_unref_device (end->refused);
}

static void
free_end (AsternUsbEnd *end)
{
  astern_usb_filter_clear (&end->filter);
  g_byte_array_unref (end->heard);
  g_free (end);
}

static void
take_out (gpointer user)
{
  AsternUsbEnd *end = user;

  g_ptr_array_remove (end->host->ends, end);
  close_end (end);
}

/* What was still to be heard of it, on the loop, is heard before. */
void
astern_usb_host_remove (AsternUsbHost *host, AsternUsbEnd *end)
{
  astern_host_loop_call_and_wait (host->loop, take_out, end);
  free_end (end);
}

static void
stop (gpointer user)
{
  AsternUsbHost *host = user;

  g_source_destroy (host->looking);
  g_source_unref (host->looking);
  for (guint i = 0; i < host->ends->len; i++)
    close_end (g_ptr_array_index (host->ends, i));
  g_source_destroy (host->events);
  g_source_unref (host->events);
}

void
astern_usb_host_free (AsternUsbHost *host)
{
  astern_host_loop_call_and_wait (host->loop, stop, host);
  for (guint i = 0; i < host->ends->len; i++)
    free_end (g_ptr_array_index (host->ends, i));
  g_ptr_array_unref (host->ends);
  libusb_exit (host->context);
  g_mutex_clear (&host->lock);
  g_free (host);
}

static void
add (gpointer user)
{
  AsternUsbEnd *end = user;

  g_ptr_array_add (end->host->ends, end);
  look (end);
}

AsternUsbEnd *
astern_usb_host_add (AsternUsbHost *host, const AsternUsbFilter *filter, const AsternUsbEndFuncs *funcs)
{
  AsternUsbEnd *end = g_new0 (AsternUsbEnd, 1);

  end->host = host;
  end->filter = *filter;
  end->filter.port = g_strdup (filter->port);
  end->funcs = *funcs;
  end->heard = g_byte_array_new ();
  astern_host_loop_call_and_wait (host->loop, add, end);
  return end;
}

static void
heard (gpointer user)
{
  converse (user);
}

void
astern_usb_end_send (AsternUsbEnd *end, const guint8 *data, gsize size)
{
  g_mutex_lock (&end->host->lock);
  g_byte_array_append (end->heard, data, (guint) size);
  g_mutex_unlock (&end->host->lock);
  astern_host_loop_call (end->host->loop, heard, end);
}

static void
replug (gpointer user)
{
  AsternUsbHost *host = user;

  for (guint i = 0; i < host->ends->len; i++)
    let_go (g_ptr_array_index (host->ends, i));
  look_again (host);
}

void
astern_usb_host_replug (AsternUsbHost *host)
{
  astern_host_loop_call_and_wait (host->loop, replug, host);
}
