/* usb-hot.c - devices that are plugged in and pulled out while the machine runs, at a user's word.
 *
 * All devices that ever are in a run are there from its start on, absent at first, so that the run goes back to
 * before their time, and a replay has them too; what comes through the door says when one is there. */
#include "config.h"

#include "hw/usb/usb.h"

#include <string.h>

#include "core/events.h"
#include "core/machine.h"

gboolean
usb_is_present (UsbDevice *usb)
{
  return usb->port != NULL && usb_state (usb)->attached && !usb_state (usb)->absent;
}

void
usb_set_absent (UsbDevice *usb, gboolean absent)
{
  UsbState *s = usb_state (usb);

  if (s->absent == (absent != FALSE))
    return;
  s->absent = absent != FALSE;
  if (absent)
    astern_device_reset (&usb->parent);
  if (s->attached)
    usb_port_changed (usb);
}

void
usb_hot_input (gpointer machine, gconstpointer data, gsize size)
{
  g_autofree char *text = g_strndup (data, size);
  AsternDevice *device = text[0] != '\0' ? astern_machine_find_device (machine, text + 1) : NULL;

  if (device != NULL && usb_is_device (device))
    usb_set_absent ((UsbDevice *) device, text[0] == USB_HOT_OUT);
}
