/* usb-plug.c - plugging a device into a port, at a user's word. */
#include "config.h"

#include "hw/usb/usb.h"

#include <stdlib.h>

#include <glib/gi18n.h>

/* A companion makes a high-speed port good for the slow. */
/* Nobody is there, at the time that @usb is for: one that comes later shares its port with those who have gone or may come. */
static gboolean
is_free (const UsbPort *port, UsbDevice *usb)
{
  for (UsbDevice *other = port->device; other != NULL; other = other->other)
    if (!usb_state (usb)->absent || !usb_state (other)->absent)
      return FALSE;
  return TRUE;
}

static gboolean
fits (const UsbPort *port, const UsbDevice *usb)
{
  guint speeds = port->speeds | (port->companion != NULL ? port->companion->speeds : 0);

  return is_free (port, (UsbDevice *) usb) && port->master == NULL && (speeds & usb->info->speeds) != 0;
}

/* The fastest of what both can. */
static guint
rank (const UsbPort *port, const UsbDevice *usb)
{
  return port->speeds & usb->info->speeds;
}

static UsbPort *
first_free (UsbPort *ports, guint n_ports, const UsbDevice *usb)
{
  UsbPort *best = NULL;

  for (guint i = 0; i < n_ports; i++)
    if (fits (&ports[i], usb) && (best == NULL || rank (&ports[i], usb) > rank (best, usb)))
      best = &ports[i];
  return best;
}

gboolean
usb_plug (UsbPort *ports, guint n_ports, AsternDevice *child, const char *wanted, GError **error)
{
  UsbDevice *usb = (UsbDevice *) child;
  UsbPort *port = NULL;

  if (wanted != NULL)
    {
      gulong number = strtoul (wanted, NULL, 10);

      /* One socket may have several ports, for different speeds. */
      for (guint i = 0; i < n_ports; i++)
        if (ports[i].number + 1 == number && fits (&ports[i], usb) && (port == NULL || rank (&ports[i], usb) > rank (port, usb)))
          port = &ports[i];
      if (port == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("The USB port “%s” is not there, taken, or too fast or too slow for “%s”."), wanted, child->name);
          return FALSE;
        }
    }
  else
    port = first_free (ports, n_ports, usb);
  if (port == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("No USB port is left for “%s”; add a “usb-hub” or another controller, such as “qemu-xhci”."), child->name);
      return FALSE;
    }
  usb->other = port->device;
  port->device = usb;
  usb->port = port;
  if (port->ops->changed != NULL)
    port->ops->changed (port);
  return TRUE;
}

void
usb_configure (AsternDevice *device, const AsternCardSettings *settings)
{
  UsbDevice *usb = (UsbDevice *) device;
  const char *serial = astern_settings_text (settings, "serial");

  if (serial != NULL && *serial != '\0')
    {
      g_free (usb->serial);
      usb->serial = g_strdup (serial);
    }
  usb_state (usb)->absent = !astern_settings_switch (settings, "attached");
}
