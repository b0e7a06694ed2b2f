/* option-usb.c - -usb, -usbdevice, and which of the host's devices a usb-host is.
 * Source: QEMU's manual, "Invocation".
 * Left out: -usbdevice's braille, host:, serial: and net:, for which there are -device usb-host, usb-serial, usb-net. */
#include "config.h"

#include "launch/option-usb.h"

#include "launch/option-parsers.h"
#include "launch/suboptions.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n.h>

gboolean
astern_option_usb (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (!options->usb)
    astern_option_keep (options, "-usb", NULL);
  options->usb = TRUE;
  return TRUE;
}

static gboolean
add_disk (AsternLaunchOptions *options, const char *name, const char *file, GError **error)
{
  g_autofree char *id = g_strdup_printf ("usbdisk%u", options->drives->len);
  g_autoptr (GString) escaped = g_string_new (file);
  g_autofree char *drive = NULL;
  g_autofree char *device = g_strdup_printf ("usb-storage,drive=%s", id);

  g_string_replace (escaped, ",", ",,", 0);
  drive = g_strdup_printf ("if=none,id=%s,file=%s", id, escaped->str);
  return astern_option_drive (options, name, drive, error) && astern_option_device (options, name, device, error);
}

gboolean
astern_option_usbdevice (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const struct { const char *name, *device; } devices[] = {
    { "tablet", "usb-tablet" }, { "mouse", "usb-mouse" }, { "keyboard", "usb-kbd" },
  };

  if (!astern_option_usb (options, "-usb", NULL, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    if (g_str_equal (argument, devices[i].name))
      return astern_option_device (options, name, devices[i].device, error);
  if (g_str_has_prefix (argument, "disk:"))
    return add_disk (options, name, argument + strlen ("disk:"), error);
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
               _("%s: there is no “%s”; there are tablet, mouse, keyboard and disk:FILE, and “-device usb-…”."), name, argument);
  return FALSE;
}

static void
add_controller (AsternLaunchOptions *options, guint position, const char *driver, const char *properties)
{
  AsternDeviceItem device = { .driver = g_strdup (driver), .properties = astern_suboptions_parse (properties, NULL) };

  g_array_insert_val (options->devices, position, device);
}

/* Where the chip sets have them.  Those who are plugged into them come after. */
void
astern_option_usb_defaults (AsternLaunchOptions *options)
{
  if (!options->usb)
    return;
  if (!options->q35)
    {
      add_controller (options, 0, "piix3-usb-uhci", "addr=1.2");
      return;
    }
  add_controller (options, 0, "ich9-usb-ehci1", "addr=1d.7");
  add_controller (options, 1, "ich9-usb-uhci1", "addr=1d.0,masterbus=usb.0,firstport=0");
  add_controller (options, 2, "ich9-usb-uhci2", "addr=1d.1,masterbus=usb.0,firstport=2");
  add_controller (options, 3, "ich9-usb-uhci3", "addr=1d.2,masterbus=usb.0,firstport=4");
}

/* ---- which device ---- */

static gboolean
set_hostdevice (AsternUsbFilter *filter, const char *file, GError **error)
{
  if (sscanf (file, "/dev/bus/usb/%u/%u", &filter->bus, &filter->address) == 2)
    return TRUE;
  return astern_launch_usage (error, _("-device usb-host: “hostdevice=%s” is no USB device's file, as /dev/bus/usb/001/005 is."), file);
}

gboolean
astern_usb_filter_read (const AsternDeviceItem *item, AsternUsbFilter *filter, GError **error)
{
  const struct { const char *key; guint *slot; guint most; } numbers[] = {
    { "vendorid", &filter->vendor, 0xffff }, { "productid", &filter->product, 0xffff }, { "hostbus", &filter->bus, 0xff },
    { "hostaddr", &filter->address, 127 },
  };

  for (guint i = 0; i < item->properties->len; i++)
    {
      const AsternSuboption *property = &g_array_index (item->properties, AsternSuboption, i);
      guint64 number;

      if (g_str_equal (property->key, "hostport"))
        {
          g_free (filter->port);
          filter->port = g_strdup (property->value);
        }
      if (g_str_equal (property->key, "hostdevice") && !set_hostdevice (filter, property->value, error))
        return FALSE;
      for (guint n = 0; n < G_N_ELEMENTS (numbers); n++)
        if (g_str_equal (numbers[n].key, property->key))
          {
            if (!astern_suboption_number (property, "-device usb-host", 0, numbers[n].most, &number, error))
              return FALSE;
            *numbers[n].slot = (guint) number;
          }
    }
  if (filter->vendor != 0 || filter->product != 0 || filter->address != 0 || filter->port != NULL)
    return TRUE;
  return astern_launch_usage (error, _("-device usb-host: say which device, by “vendorid=” and “productid=”, by “hostbus=” and “hostaddr=” or "
                                       "“hostport=”, or by “hostdevice=”; “info usbhost” lists them."));
}
