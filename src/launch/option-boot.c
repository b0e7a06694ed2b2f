/* option-boot.c - -boot, and the files by which firmware is told of it.
 * Source: QEMU's manual, "Invocation"; what SeaBIOS reads from fw_cfg, as seen from outside. */
#include "config.h"

#include "launch/option-boot.h"

#include "launch/option-parsers.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

#define MENU_WAIT_FILE "etc/boot-menu-wait"     /* two bytes: ms */
#define FAIL_WAIT_FILE "etc/boot-fail-wait"     /* four bytes: ms */

/* ---- -boot ---- */

static gboolean
set_letters (char **slot, const char *option, const AsternSuboption *item, GError **error)
{
  if (item->value[0] == '\0' || strspn (item->value, "abcdn") != strlen (item->value))
    return astern_launch_usage (error, _("%s: “%s” is not a boot order; use the letters a (floppy), c (disk), d (CD), n (network)."),
                                option, item->value);
  g_free (*slot);
  *slot = g_strdup (item->value);
  return TRUE;
}

static gboolean
set_splash (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  if (!g_str_has_suffix (item->value, ".bmp") && !g_str_has_suffix (item->value, ".jpg") && !g_str_has_suffix (item->value, ".jpeg"))
    return astern_launch_usage (error, _("%s: the picture “%s” is neither a .bmp nor a .jpg file, which firmware could show."), option, item->value);
  g_free (options->boot_splash);
  options->boot_splash = g_strdup (item->value);
  return TRUE;
}

static gboolean
set_retry (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  guint64 ms;

  options->boot_retry_ms = -1;
  if (g_str_equal (item->value, "-1"))
    return TRUE;
  if (!astern_suboption_number (item, option, 0, 0xffff, &ms, error))
    return FALSE;
  options->boot_retry_ms = (gint) ms;
  return TRUE;
}

static gboolean
set_boot (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  guint64 ms;

  if (g_str_equal (item->key, "order"))
    return set_letters (&options->boot_order, option, item, error);
  if (g_str_equal (item->key, "once"))
    return set_letters (&options->boot_once, option, item, error);
  if (g_str_equal (item->key, "menu"))
    return astern_suboption_switch (item, option, &options->boot_menu, error);
  if (g_str_equal (item->key, "strict"))
    return astern_suboption_switch (item, option, &options->boot_strict, error);
  if (g_str_equal (item->key, "splash"))
    return set_splash (options, option, item, error);
  if (g_str_equal (item->key, "reboot-timeout"))
    return set_retry (options, option, item, error);
  if (!g_str_equal (item->key, "splash-time"))
    {
      astern_suboption_unknown (item, option, "order, once, menu, splash, splash-time, reboot-timeout, strict", error);
      return FALSE;
    }
  if (!astern_suboption_number (item, option, 0, 0xffff, &ms, error))
    return FALSE;
  options->boot_splash_ms = (guint) ms;
  return TRUE;
}

gboolean
astern_option_boot (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "order");

  if (items->len == 0)
    return astern_launch_usage (error, _("%s needs a value."), name);
  for (guint i = 0; i < items->len; i++)
    if (!set_boot (options, name, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  astern_option_keep (options, "-boot", argument);
  return TRUE;
}

/* ---- what firmware reads ---- */

static void
add_number (AsternDevice *fw_cfg, const char *name, guint32 value, gsize size)
{
  guint32 little = GUINT32_TO_LE (value);
  g_autoptr (GBytes) bytes = g_bytes_new (&little, size);

  fw_cfg_add_file (fw_cfg, name, bytes);
}

void
astern_boot_add_files (const AsternLaunchOptions *options, GBytes *splash, AsternDevice *fw_cfg)
{
  if (options->boot_splash_ms != 0)
    add_number (fw_cfg, MENU_WAIT_FILE, options->boot_splash_ms, 2);
  if (options->boot_retry_ms >= 0)
    add_number (fw_cfg, FAIL_WAIT_FILE, (guint32) options->boot_retry_ms, 4);
  if (splash != NULL)
    fw_cfg_add_file (fw_cfg, g_str_has_suffix (options->boot_splash, ".bmp") ? "bootsplash.bmp" : "bootsplash.jpg", splash);
}
