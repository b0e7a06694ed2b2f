/* usb.c - see usb.h. */
#include "config.h"

#include "launch/usb.h"

#include "hw/usb/redir.h"
#include "launch/option-usb.h"

/* A device's line, and its other end. */
typedef struct
{
  AsternLink   *link;           /* borrowed */
  AsternUsbEnd *end;
} Line;

struct _AsternUsb
{
  AsternMachine  *machine;
  AsternHostLoop *loop;
  gboolean        replay;
  AsternUsbHost  *host;         /* (nullable): nobody was connected yet */
  GPtrArray      *lines;        /* Line */
};

static void
send (gpointer user, const guint8 *data, gsize size)
{
  astern_usb_end_send (((Line *) user)->end, data, size);
}

static void
received (gpointer user, const guint8 *data, gsize size)
{
  const AsternLink *link = ((Line *) user)->link;

  astern_inputs_submit (link->machine->inputs, link->port, data, size);
}

static void
told (gpointer user, const char *message)
{
  g_printerr ("astern: %s\n", message);
}

gboolean
astern_usb_connect (AsternUsb *usb, AsternDevice *device, const AsternDeviceItem *item, GError **error)
{
  AsternUsbFilter filter = { 0 };
  AsternUsbEndFuncs funcs = { received, told, NULL };
  Line *line;

  if (usb->replay)
    return TRUE;
  if (usb->host == NULL && (usb->host = astern_usb_host_new (usb->loop, error)) == NULL)
    return FALSE;
  if (!astern_usb_filter_read (item, &filter, error))
    {
      astern_usb_filter_clear (&filter);
      return FALSE;
    }
  line = g_new0 (Line, 1);
  funcs.user = line;
  line->link = usb_redir_link (device);
  g_ptr_array_add (usb->lines, line);
  line->end = astern_usb_host_add (usb->host, &filter, &funcs);
  line->link->user = line;
  line->link->send = send;
  astern_usb_filter_clear (&filter);
  return TRUE;
}

void
astern_usb_disconnect (AsternUsb *usb, AsternDevice *device)
{
  AsternLink *link = usb_redir_link (device);

  for (guint i = 0; i < usb->lines->len; i++)
    {
      Line *line = g_ptr_array_index (usb->lines, i);

      if (line->link != link)
        continue;
      link->send = NULL;
      astern_usb_host_remove (usb->host, line->end);
      g_ptr_array_remove_index (usb->lines, i);
      return;
    }
}

/* The machine's devices are in the options' order. */
static gboolean
connect_all (AsternUsb *usb, const AsternLaunchOptions *options, GError **error)
{
  const GPtrArray *devices = usb->machine->devices;
  guint at = 0;

  for (guint i = 0; i < options->devices->len; i++)
    {
      const AsternDeviceItem *item = &g_array_index (options->devices, AsternDeviceItem, i);

      if (!g_str_equal (item->driver, "usb-host"))
        continue;
      while (at < devices->len && ((AsternDevice *) g_ptr_array_index (devices, at))->klass != &usb_host_class)
        at++;
      if (at < devices->len && !astern_usb_connect (usb, g_ptr_array_index (devices, at++), item, error))
        return FALSE;
    }
  return TRUE;
}

AsternUsb *
astern_usb_new (AsternMachine *machine, const AsternLaunchOptions *options, AsternHostLoop *loop, GError **error)
{
  g_autoptr (AsternUsb) usb = g_new0 (AsternUsb, 1);

  usb->machine = machine;
  usb->loop = loop;
  usb->replay = options->replay;
  usb->lines = g_ptr_array_new_with_free_func (g_free);
  return connect_all (usb, options, error) ? g_steal_pointer (&usb) : NULL;
}

void
astern_usb_free (AsternUsb *usb)
{
  for (guint i = 0; i < usb->lines->len; i++)
    ((Line *) g_ptr_array_index (usb->lines, i))->link->send = NULL;
  g_clear_pointer (&usb->host, astern_usb_host_free);
  g_ptr_array_unref (usb->lines);
  g_free (usb);
}

void
astern_usb_replug (AsternUsb *usb)
{
  if (usb->host != NULL)
    astern_usb_host_replug (usb->host);
}
