/* hot-plug.c - see hot-plug.h.
 * Source: `device_add` and `device_del` mean what QEMU's do.
 * Left out: devices of other buses, and networks and sound, whose back ends are there from the start. */
#include "config.h"

#include "launch/hot-plug.h"

#include "hw/usb/redir.h"
#include "hw/usb/usb.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

static void
append_property (GString *words, const char *key, const char *value)
{
  g_autoptr (GString) escaped = g_string_new (value);

  g_string_replace (escaped, ",", ",,", 0);
  g_string_append_printf (words, ",%s=%s", key, escaped->str);
}

/* With the port that it got, so that it gets the same one wherever it is made again. */
static char *
words_of (const AsternDeviceItem *item, const UsbDevice *usb)
{
  GString *words = g_string_new (item->driver);
  g_autofree char *bus = g_strdup_printf ("%s.0", ((AsternDevice *) usb->port->owner)->name);
  g_autofree char *port = g_strdup_printf ("%u", usb->port->number + 1);

  for (guint i = 0; i < item->properties->len; i++)
    {
      const AsternSuboption *property = &g_array_index (item->properties, AsternSuboption, i);

      if (!g_str_equal (property->key, "bus") && !g_str_equal (property->key, "port") && !g_str_equal (property->key, "attached"))
        append_property (words, property->key, property->value);
    }
  append_property (words, "id", usb->parent.name);
  append_property (words, "bus", bus);
  append_property (words, "port", port);
  return g_string_free (words, FALSE);
}

static void
submit (const AsternDevices *devices, char how, const char *name, const char *words)
{
  g_autoptr (GByteArray) packet = g_byte_array_new ();
  AsternInputs *inputs = devices->machine->inputs;
  guint8 first = (guint8) how;
  guint port;

  g_byte_array_append (packet, &first, 1);
  g_byte_array_append (packet, (const guint8 *) name, (guint) strlen (name) + 1);
  if (words != NULL)
    g_byte_array_append (packet, (const guint8 *) words, (guint) strlen (words));
  if (astern_inputs_find_port (inputs, USB_HOT_PORT, &port))
    astern_inputs_submit (inputs, port, packet->data, packet->len);
}

static char *
argument_of (const char *words)
{
  return g_strconcat (words, ",attached=off", NULL);
}

char *
astern_hot_plug_argument (gconstpointer data, gsize size)
{
  const char *text = data, *zero = memchr (text, '\0', size);
  gsize left = zero != NULL ? size - (gsize) (zero + 1 - text) : 0;
  g_autofree char *words = NULL;

  if (size == 0 || text[0] != USB_HOT_IN || left == 0)
    return NULL;
  words = g_strndup (zero + 1, left);
  return argument_of (words);
}

/* ---- in ---- */

/* It has been here before. */
static gboolean
put_back (const AsternDevices *devices, AsternUsb *usb, const AsternDeviceItem *item, AsternDevice *device, GError **error)
{
  if (!usb_is_device (device) || !usb_state ((UsbDevice *) device)->absent || device->klass != astern_card_find (item->driver)->klass)
    return astern_launch_usage (error, _("There is a device “%s” already; give another id=."), item->id);
  submit (devices, USB_HOT_IN, device->name, NULL);
  return device->klass != &usb_host_class || astern_usb_connect (usb, device, item, error);
}

static gboolean
put_in (const AsternDevices *devices, AsternUsb *usb, const AsternDeviceItem *item, GError **error)
{
  AsternDevice *device = item->id != NULL ? astern_machine_find_device (devices->machine, item->id) : NULL;
  g_autofree char *words = NULL;

  if (device != NULL)
    return put_back (devices, usb, item, device, error);
  device = astern_devices_add (devices, item, error);
  if (device == NULL)
    return FALSE;
  words = words_of (item, (UsbDevice *) device);
  g_ptr_array_add (devices->later, argument_of (words));
  submit (devices, USB_HOT_IN, device->name, words);
  return device->klass != &usb_host_class || astern_usb_connect (usb, device, item, error);
}

static gboolean
check (const AsternDeviceItem *item, GError **error)
{
  if (astern_card_find (item->driver)->slot != ASTERN_SLOT_USB)
    return astern_launch_unavailable (error, _("“%s” cannot be plugged in while the machine runs; USB devices can, and the others at the start, with “-device”."),
                                      item->driver);
  for (guint i = 0; i < item->properties->len; i++)
    if (g_str_equal (g_array_index (item->properties, AsternSuboption, i).key, "netdev") ||
        g_str_equal (g_array_index (item->properties, AsternSuboption, i).key, "audiodev"))
      return astern_launch_unavailable (error, _("“%s” with a network or sound cannot be plugged in while the machine runs; give it at the start, with “-device”."),
                                        item->driver);
  return TRUE;
}

gboolean
astern_hot_plug_add (const AsternDevices *devices, AsternUsb *usb, const char *words, GError **error)
{
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autofree char *argument = argument_of (words);
  const AsternDeviceItem *item;

  if (!astern_launch_options_parse (options, (const char *const[]) { "-nodefaults", "-device", argument, NULL }, error))
    return FALSE;
  if (options->devices->len != 1)
    return astern_launch_usage (error, _("“device_add” needs a device, as “-device” has it."));
  item = &g_array_index (options->devices, AsternDeviceItem, 0);
  return check (item, error) && put_in (devices, usb, item, error);
}

/* ---- out ---- */

gboolean
astern_hot_plug_del (const AsternDevices *devices, AsternUsb *usb, const char *id, GError **error)
{
  AsternDevice *device = astern_machine_find_device (devices->machine, id);

  if (device == NULL || !usb_is_device (device) || usb_state ((UsbDevice *) device)->absent)
    return astern_launch_usage (error, _("There is no USB device “%s” that could be pulled out; “info usb” lists those that can."), id);
  submit (devices, USB_HOT_OUT, device->name, NULL);
  if (device->klass == &usb_host_class)
    astern_usb_disconnect (usb, device);
  return TRUE;
}
