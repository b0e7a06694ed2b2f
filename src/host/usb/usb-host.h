/* usb-host - USB devices of the host's, by libusb, for links that speak the usbredir protocol.
 *
 * The guest's end of it is hw/usb/redir.h: to it, a device of this host is one that is somewhere else.  An end waits
 * for a device that fits, takes it away from the host's driver, and gives it back when it is freed; when the device is
 * pulled out, it waits again.  A device belongs to one end.
 *
 * Threads: any but the loop's own; `received` and `told` are called on the loop's. */
#pragma once

#include "host/loop.h"

typedef struct _AsternUsbHost AsternUsbHost;   /* all of them, on one loop */
typedef struct _AsternUsbEnd  AsternUsbEnd;    /* one */

/* Which device; what is 0 or NULL fits any. */
typedef struct
{
  guint vendor, product;
  guint bus, address;
  char *port;               /* “1.2”: the ports that lead to it */
} AsternUsbFilter;

typedef struct
{
  void   (*received) (gpointer user, const guint8 *data, gsize size);   /* what the device's side says */
  void   (*told)     (gpointer user, const char *message);              /* a sentence for the user */
  gpointer user;
} AsternUsbEndFuncs;

/* FALSE: libusb cannot be used here, with a sentence. */
AsternUsbHost *astern_usb_host_new  (AsternHostLoop *loop, GError **error);
/* Gives all devices back. */
void           astern_usb_host_free (AsternUsbHost *host);

/* @filter is copied. */
AsternUsbEnd  *astern_usb_host_add  (AsternUsbHost *host, const AsternUsbFilter *filter, const AsternUsbEndFuncs *funcs);
/* What the guest's side says. */
void           astern_usb_end_send  (AsternUsbEnd *end, const guint8 *data, gsize size);
/* Gives its device back, and frees it. */
void           astern_usb_host_remove (AsternUsbHost *host, AsternUsbEnd *end);
/* What the guest has asked for is forgotten: it is as if the device had been pulled out and put in again. */
void           astern_usb_host_replug (AsternUsbHost *host);

/* For people: all devices of this host, a line or two each.  Free it; NULL with @error. */
char          *astern_usb_host_list (GError **error);

static inline void
astern_usb_filter_clear (AsternUsbFilter *filter)
{
  g_clear_pointer (&filter->port, g_free);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternUsbHost, astern_usb_host_free)
