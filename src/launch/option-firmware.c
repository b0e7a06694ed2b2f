/* option-firmware.c - options of what firmware tells the guest, of the printer port, and of watchdogs.
 * Source: QEMU's manual, "Invocation", for names and meanings. */
#include "config.h"

#include "launch/option-parsers.h"

#include "hw/boards/i6300esb.h"
#include "hw/smbios.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

/* ---- -parallel: short for a -chardev and a -device ---- */

gboolean
astern_option_parallel (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternChardevItem chardev = { 0 };
  g_autofree char *device = NULL;
  g_autofree char *kept = NULL;
  GError *failed = NULL;

  if (g_str_equal (argument, "none"))
    return TRUE;
  if (!astern_chardev_spec_parse (argument, &chardev.spec, &failed))
    {
      astern_launch_usage (error, "%s: %s", name, failed->message);
      g_error_free (failed);
      return FALSE;
    }
  chardev.id = g_strdup_printf ("parallel%u", options->n_parallels);
  device = g_strdup_printf ("isa-parallel,index=%u,chardev=%s", options->n_parallels, chardev.id);
  kept = g_strdup_printf ("null,id=%s", chardev.id);
  astern_option_keep (options, "-chardev", kept);
  g_array_append_val (options->chardevs, chardev);
  options->n_parallels++;
  return astern_option_device (options, "-device", device, error);
}

/* ---- -uuid, -smbios ---- */

gboolean
astern_option_uuid (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (!g_uuid_string_is_valid (argument))
    return astern_launch_usage (error, _("%s: “%s” is not a UUID, as in “123e4567-e89b-12d3-a456-426614174000”."), name, argument);
  g_free (options->uuid);
  options->uuid = g_strdup (argument);
  astern_option_keep (options, "-uuid", argument);
  return TRUE;
}

static gboolean
set_smbios_item (AsternLaunchOptions *options, const char *name, guint type, const AsternSuboption *item, GError **error)
{
  AsternSmbiosItem entry = { type, NULL, NULL };

  if (type == 1 && g_str_equal (item->key, "uuid"))
    return astern_option_uuid (options, name, item->value, error);
  if (!smbios_knows (type, item->key))
    return astern_launch_usage (error, _("%s: structures of type %u have no “%s=” that can be set."), name, type, item->key);
  entry.key = g_strdup (item->key);
  entry.value = g_strdup (item->value);
  g_array_append_val (options->smbios, entry);
  return TRUE;
}

gboolean
astern_option_smbios (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "type");
  guint64 type;

  if (items->len == 1 && g_str_equal (g_array_index (items, AsternSuboption, 0).key, "file"))
    {
      g_ptr_array_add (options->smbios_files, g_strdup (g_array_index (items, AsternSuboption, 0).value));
      astern_option_keep (options, "-smbios", argument);
      return TRUE;
    }
  if (items->len == 0 || !g_str_equal (g_array_index (items, AsternSuboption, 0).key, "type"))
    return astern_launch_usage (error, _("%s begins with the type of a structure, as in “type=1,product=Name”, or is “file=” alone with a structure's bytes."), name);
  if (!astern_suboption_number (&g_array_index (items, AsternSuboption, 0), name, 0, 127, &type, error))
    return FALSE;
  for (guint i = 1; i < items->len; i++)
    if (!set_smbios_item (options, name, (guint) type, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  astern_option_keep (options, "-smbios", argument);
  return TRUE;
}

/* ---- -watchdog-action, -action ---- */

static gboolean
set_watchdog (AsternLaunchOptions *options, const char *name, const char *word, GError **error)
{
  static const struct { const char *word; WatchdogAction action; } words[] = {
    { "reset", WATCHDOG_RESET }, { "poweroff", WATCHDOG_POWER_OFF }, { "shutdown", WATCHDOG_POWER_OFF },
    { "pause", WATCHDOG_STOP }, { "debug", WATCHDOG_STOP }, { "none", WATCHDOG_NOTHING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, word))
      {
        options->watchdog_action = words[i].action;
        return TRUE;
      }
  return astern_launch_usage (error, _("%s: a watchdog cannot do “%s”; there are reset, poweroff, shutdown, pause, debug and none."), name, word);
}

gboolean
astern_option_watchdog_action (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  astern_option_keep (options, "-watchdog-action", argument);
  return set_watchdog (options, name, argument, error);
}

gboolean
astern_option_watchdog (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  return astern_option_device (options, name, argument, error);
}

static gboolean
set_action (AsternLaunchOptions *options, const char *name, const AsternSuboption *item, GError **error)
{
  gboolean reboot = g_str_equal (item->key, "reboot"), shutdown = g_str_equal (item->key, "shutdown");

  if (g_str_equal (item->key, "watchdog"))
    return set_watchdog (options, name, item->value, error);
  if (reboot && (g_str_equal (item->value, "reset") || g_str_equal (item->value, "shutdown")))
    options->no_reboot = g_str_equal (item->value, "shutdown");
  else if (shutdown && (g_str_equal (item->value, "poweroff") || g_str_equal (item->value, "pause")))
    options->no_shutdown = g_str_equal (item->value, "pause");
  else if (!g_str_equal (item->key, "panic") || !g_str_equal (item->value, "pause"))
    return astern_launch_usage (error, _("%s: “%s=%s” is not there; there are reboot=reset|shutdown, shutdown=poweroff|pause, panic=pause "
                                "and watchdog=reset|poweroff|pause|none."), name, item->key, item->value);
  return TRUE;
}

gboolean
astern_option_action (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, NULL);

  for (guint i = 0; i < items->len; i++)
    if (!set_action (options, name, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  astern_option_keep (options, "-action", argument);
  return TRUE;
}
