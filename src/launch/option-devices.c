/* option-devices.c - -drive, -device, -chardev and what is short for them.
 * Source: QEMU's manual, "Invocation".
 * Left out: what only tunes QEMU's own way to an image (cache=, aio=, ...) is accepted and means nothing. */
#include "config.h"

#include "launch/option-parsers.h"

#include "hw/card.h"
#include "hw/display/cards.h"
#include "launch/option-usb.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

void
astern_option_keep (AsternLaunchOptions *options, const char *name, const char *argument)
{
  g_ptr_array_add (options->device_words, g_strdup (name));
  if (argument != NULL)
    g_ptr_array_add (options->device_words, g_strdup (argument));
}

/* ---- -drive ---- */

static const struct { const char *name; AsternDriveInterface interface; } interfaces[] = {
  { "ide", ASTERN_IF_IDE }, { "floppy", ASTERN_IF_FLOPPY }, { "virtio", ASTERN_IF_VIRTIO }, { "scsi", ASTERN_IF_SCSI },
  { "pflash", ASTERN_IF_PFLASH }, { "none", ASTERN_IF_NONE },
};

static gboolean
set_text (char **slot, const char *value)
{
  g_free (*slot);
  *slot = g_strdup (value);
  return TRUE;
}

static gboolean
set_interface (AsternDriveItem *drive, const char *option, const AsternSuboption *item, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    if (g_str_equal (interfaces[i].name, item->value))
      {
        drive->interface = interfaces[i].interface;
        return TRUE;
      }
  return astern_launch_usage (error, _("%s: “if=%s” is not there; there are ide, floppy, virtio, scsi, pflash and none."), option, item->value);
}

static gboolean
set_media (AsternDriveItem *drive, const char *option, const AsternSuboption *item, GError **error)
{
  drive->cdrom = g_str_equal (item->value, "cdrom");
  return drive->cdrom || g_str_equal (item->value, "disk")
         || astern_launch_usage (error, _("%s: “media=%s” is neither “disk” nor “cdrom”."), option, item->value);
}

static gboolean
set_place (gint *slot, const char *option, const AsternSuboption *item, GError **error)
{
  guint64 number;

  if (!astern_suboption_number (item, option, 0, 255, &number, error))
    return FALSE;
  *slot = (gint) number;
  return TRUE;
}

static gboolean
set_drive_key (AsternDriveItem *drive, gint *index, const char *option, const AsternSuboption *item, GError **error)
{
  static const char *const without_meaning[] = {
    "cache", "aio", "discard", "detect-zeroes", "werror", "rerror", "copy-on-read", "node-name", "cache.direct", "cache.no-flush",
    "cache.writeback", "file.locking", NULL,
  };
  const char *key = item->key;

  if (g_str_equal (key, "file"))
    return set_text (&drive->file, item->value);
  if (g_str_equal (key, "id"))
    return set_text (&drive->id, item->value);
  if (g_str_equal (key, "format") || g_str_equal (key, "driver"))
    return set_text (&drive->format, item->value);
  if (g_str_equal (key, "serial"))
    return set_text (&drive->serial, item->value);
  if (g_str_equal (key, "if"))
    return set_interface (drive, option, item, error);
  if (g_str_equal (key, "media"))
    return set_media (drive, option, item, error);
  if (g_str_equal (key, "readonly") || g_str_equal (key, "read-only"))
    return astern_suboption_switch (item, option, &drive->readonly, error);
  if (g_str_equal (key, "snapshot"))
    return astern_suboption_switch (item, option, &drive->snapshot, error);
  if (g_str_equal (key, "index"))
    return set_place (index, option, item, error);
  if (g_str_equal (key, "bus"))
    return set_place (&drive->bus, option, item, error);
  if (g_str_equal (key, "unit"))
    return set_place (&drive->unit, option, item, error);
  if (g_strv_contains (without_meaning, key))
    return TRUE;
  astern_suboption_unknown (item, option, "file, if, media, format, id, index, bus, unit, readonly, snapshot, serial", error);
  return FALSE;
}

static guint
count_flash (const AsternLaunchOptions *options)
{
  guint n = 0;

  for (guint i = 0; i < options->drives->len; i++)
    n += g_array_index (options->drives, AsternDriveItem, i).interface == ASTERN_IF_PFLASH;
  return n;
}

static gboolean
add_drive (AsternLaunchOptions *options, AsternDriveItem *drive, gint index)
{
  drive->index = index;
  if (drive->interface == ASTERN_IF_PFLASH && drive->unit < 0)
    drive->unit = index >= 0 ? index : (gint) count_flash (options);
  g_array_append_val (options->drives, *drive);
  return TRUE;
}

gboolean
astern_option_drive (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "file");
  AsternDriveItem drive = { .bus = -1, .unit = -1 };
  gint index = -1;

  for (guint i = 0; i < items->len; i++)
    if (!set_drive_key (&drive, &index, name, &g_array_index (items, AsternSuboption, i), error))
      {
        g_free (drive.id);
        g_free (drive.file);
        g_free (drive.format);
        g_free (drive.serial);
        return FALSE;
      }
  astern_option_keep (options, "-drive", argument);
  return add_drive (options, &drive, index);
}

gboolean
astern_option_disk (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const struct { const char *name; AsternDriveInterface interface; gboolean cdrom; gint index; } shorts[] = {
    { "hda", ASTERN_IF_DEFAULT, FALSE, 0 }, { "hdb", ASTERN_IF_DEFAULT, FALSE, 1 }, { "hdc", ASTERN_IF_DEFAULT, FALSE, 2 },
    { "hdd", ASTERN_IF_DEFAULT, FALSE, 3 }, { "cdrom", ASTERN_IF_DEFAULT, TRUE, 2 },
    { "fda", ASTERN_IF_FLOPPY, FALSE, 0 }, { "fdb", ASTERN_IF_FLOPPY, FALSE, 1 },
    { "pflash", ASTERN_IF_PFLASH, FALSE, -1 },
  };
  const char *bare = name + strspn (name, "-");

  for (guint i = 0; i < G_N_ELEMENTS (shorts); i++)
    if (g_str_equal (shorts[i].name, bare))
      {
        AsternDriveItem drive = { .file = g_strdup (argument), .interface = shorts[i].interface, .cdrom = shorts[i].cdrom,
                                  .bus = -1, .unit = -1 };

        astern_option_keep (options, name, argument);
        return add_drive (options, &drive, shorts[i].index);
      }
  g_assert_not_reached ();
}

/* ---- -device ---- */

static gboolean
debug_exit (AsternLaunchOptions *options, const char *name, const GArray *items, GError **error)
{
  options->debug_exit = TRUE;
  for (guint i = 1; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);
      gboolean base = g_str_equal (item->key, "iobase");
      guint64 value;

      if (!base && !g_str_equal (item->key, "iosize"))
        {
          astern_suboption_unknown (item, name, "iobase, iosize", error);
          return FALSE;
        }
      if (!astern_suboption_number (item, name, base ? 0 : 1, base ? 0xffff : 4, &value, error))
        return FALSE;
      if (base)
        options->debug_exit_iobase = (guint) value;
      else
        options->debug_exit_iosize = (guint) value;
    }
  return TRUE;
}

static gboolean
help_asked (AsternLaunchOptions *options, char *text)
{
  g_free (options->device_help);
  options->device_help = text;
  options->help = TRUE;
  return TRUE;
}

static gboolean
check_usb_host (const AsternDeviceItem *device, GError **error)
{
  AsternUsbFilter filter = { 0 };
  gboolean good = astern_usb_filter_read (device, &filter, error);

  astern_usb_filter_clear (&filter);
  return good;
}

gboolean
astern_option_device (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "driver");
  const char *driver = items->len > 0 ? g_array_index (items, AsternSuboption, 0).value : "";
  const AsternCard *card;
  AsternDeviceItem device = { 0 };

  if (g_str_equal (driver, "isa-debug-exit"))
    return debug_exit (options, name, items, error);
  if (g_str_equal (driver, "help") || g_str_equal (driver, "?"))
    return help_asked (options, astern_cards_help ());
  card = astern_card_find (driver);
  if (card == NULL)
    return astern_launch_usage (error, _("%s: there is no device “%s”; “-device help” lists those that are there."), name, driver);
  for (guint i = 1; i < items->len; i++)
    if (g_str_equal (g_array_index (items, AsternSuboption, i).key, "help"))
      return help_asked (options, astern_card_help (card));

  /* As with QEMU, the card takes the place of the one that is there by itself. */
  if (astern_is_vga_card (card->name) && !options->vga_given)
    options->vga = NULL;
  device.driver = g_strdup (card->name);
  device.properties = astern_suboptions_parse (argument, "driver");
  for (guint i = 0; i < device.properties->len;)
    {
      AsternSuboption *item = &g_array_index (device.properties, AsternSuboption, i);

      if (g_str_equal (item->key, "id"))
        set_text (&device.id, item->value);
      if (g_str_equal (item->key, "id") || g_str_equal (item->key, "driver"))
        g_array_remove_index (device.properties, i);
      else
        i++;
    }
  g_array_append_val (options->devices, device);
  astern_option_keep (options, "-device", argument);
  return !g_str_equal (card->name, "usb-host") || check_usb_host (&device, error);
}

/* ---- -chardev ---- */

/* QEMU's keys as the place that -serial takes: "socket,host=H,port=P,server=on" is "tcp:H:P,server=on". */
static char *
place_of (const char *option, const GArray *items, char **id, GError **error)
{
  const char *backend = items->len > 0 ? g_array_index (items, AsternSuboption, 0).value : "";
  const char *host = "", *port = NULL, *path = NULL;
  g_autoptr (GString) rest = g_string_new (NULL);

  for (guint i = 1; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);

      if (g_str_equal (item->key, "id"))
        set_text (id, item->value);
      else if (g_str_equal (item->key, "host"))
        host = item->value;
      else if (g_str_equal (item->key, "port"))
        port = item->value;
      else if (g_str_equal (item->key, "path"))
        path = item->value;
      else if (!g_str_equal (item->key, "mux") && !g_str_equal (item->key, "signal"))
        g_string_append_printf (rest, ",%s=%s", item->key, item->value);
    }
  if (*id == NULL)
    {
      astern_launch_usage (error, _("%s needs “id=”, by which a -device names it."), option);
      return NULL;
    }
  if (g_str_equal (backend, "socket"))
    return path != NULL ? g_strdup_printf ("unix:%s%s", path, rest->str) : g_strdup_printf ("tcp:%s:%s%s", host, port != NULL ? port : "", rest->str);
  if (g_str_equal (backend, "file"))
    return g_strdup_printf ("file:%s", path != NULL ? path : "");
  return g_strdup_printf ("%s%s", backend, rest->str);
}

gboolean
astern_option_chardev (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "backend");
  AsternChardevItem chardev = { 0 };
  g_autofree char *place = place_of (name, items, &chardev.id, error);
  g_autofree char *kept = NULL;
  GError *failed = NULL;

  if (place == NULL || !astern_chardev_spec_parse (place, &chardev.spec, &failed))
    {
      if (failed != NULL)
        astern_launch_usage (error, "%s: %s", name, failed->message);
      g_clear_error (&failed);
      g_free (chardev.id);
      return FALSE;
    }
  /* A replay's is its own, but one that comes and goes is such a one there too. */
  kept = astern_chardev_is_inner (chardev.spec.kind) ? g_strdup (argument) : g_strdup_printf ("null,id=%s", chardev.id);
  astern_option_keep (options, "-chardev", kept);
  g_array_append_val (options->chardevs, chardev);
  return TRUE;
}
