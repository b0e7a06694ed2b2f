/* monitor-usb.c - USB devices: those that the guest has, those of this host, plugging in and pulling out.
 * Source: `info usb`, `info usbhost`, `device_add` and `device_del` are asked as QEMU's are. */
#include "config.h"

#include "session/monitor-private.h"

#include "host/usb/usb-host.h"
#include "hw/usb/usb.h"

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

/* "1.2": through which ports it is reached. */
static void
append_port (GString *text, const UsbPort *port)
{
  const AsternDevice *owner = port->owner;

  if (usb_is_device (owner) && ((const UsbDevice *) owner)->port != NULL)
    {
      append_port (text, ((const UsbDevice *) owner)->port);
      g_string_append_c (text, '.');
    }
  g_string_append_printf (text, "%u", port->number + 1);
}

static void
append_device (GString *answer, UsbDevice *usb)
{
  static const char *const speeds[USB_N_SPEEDS] = { "1.5", "12", "480", "5000" };
  const UsbState *s = usb_state (usb);
  g_autoptr (GString) port = g_string_new (NULL);

  append_port (port, usb->port);
  g_string_append_printf (answer, _("  Device %u, Port %s, Speed %s Mb/s, Product %s, ID: %s\n"), s->address, port->str,
                          speeds[MIN (s->speed, USB_SUPER)], usb->info->product_name != NULL ? usb->info->product_name : usb->parent.klass->summary,
                          usb->parent.name);
}

COMMAND (info_usb)
{
  const GPtrArray *devices = monitor->machine->devices;

  for (guint i = 0; i < devices->len; i++)
    {
      UsbDevice *usb = g_ptr_array_index (devices, i);

      if (usb_is_device (&usb->parent) && usb_is_present (usb))
        append_device (answer, usb);
    }
  if (answer->len == 0)
    g_string_append (answer, _("There are no USB devices.\n"));
  return TRUE;
}

COMMAND (info_usbhost)
{
  g_autofree char *list = astern_usb_host_list (error);

  if (list == NULL)
    return FALSE;
  g_string_append (answer, *list != '\0' ? list : _("This host has no USB devices, or none that may be seen.\n"));
  return TRUE;
}

COMMAND (device_add)
{
  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (*argument == '\0')
    return astern_monitor_fail (error, _("Which device?  As in “device_add usb-mouse,id=mouse”; “-device help” lists them."));
  return astern_launch_device_add (monitor->session->launch, argument, error);
}

COMMAND (device_del)
{
  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (*argument == '\0')
    return astern_monitor_fail (error, _("Which device?  “info usb” lists those that can be pulled out, with their ids."));
  return astern_launch_device_del (monitor->session->launch, argument, error);
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_usb_commands[] = {
  { "info usb",     NULL, NULL,                          N_("the guest's USB devices"), N, info_usb },
  { "info usbhost", NULL, NULL,                          N_("this host's USB devices, for “usb-host”"), N, info_usbhost },
  { "device_add",   NULL, N_("DEVICE[,PROPERTY=VALUE…]"), N_("plug a USB device in; as -device"), N, device_add },
  { "device_del",   NULL, N_("ID"),                      N_("pull it out"), N, device_del },
  { .words = NULL },
};
