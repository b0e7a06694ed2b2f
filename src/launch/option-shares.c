/* option-shares.c - -fsdev and -virtfs: directories of the host for the guest.
 * Source: QEMU's manual, "File system options".
 * Left out: -fsdev proxy and synth, throttling, fmode= and dmode= (of mapped-file alone). */
#include "config.h"

#include "launch/option-parsers.h"

#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

static const struct { const char *name; AsternFsSecurity security; } models[] = {
  { "none", ASTERN_FS_NONE }, { "passthrough", ASTERN_FS_PASSTHROUGH }, { "mapped-xattr", ASTERN_FS_MAPPED },
  { "mapped", ASTERN_FS_MAPPED },
};

static gboolean
set_security (AsternFsItem *item, const char *option, const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_str_equal (models[i].name, name))
      {
        item->spec.security = models[i].security;
        item->security_given = TRUE;
        return TRUE;
      }
  return astern_launch_usage (error, _("%s: “security_model=%s” is not there; there are mapped-xattr, passthrough and none."), option, name);
}

/* @tag: (nullable) where “mount_tag=” goes. */
static gboolean
set_key (AsternFsItem *item, char **tag, const char *option, const AsternSuboption *word, GError **error)
{
  static const char *const without_meaning[] = { "multidevs", "writeout", "fmode", "dmode", NULL };
  char **slot = g_str_equal (word->key, "id") ? &item->id : g_str_equal (word->key, "path") ? &item->spec.path
                : tag != NULL && g_str_equal (word->key, "mount_tag") ? tag : NULL;

  if (slot != NULL)
    {
      g_free (*slot);
      *slot = g_strdup (word->value);
      return TRUE;
    }
  if (g_str_equal (word->key, "security_model"))
    return set_security (item, option, word->value, error);
  if (g_str_equal (word->key, "readonly"))
    return astern_suboption_switch (word, option, &item->spec.readonly, error);
  if (g_strv_contains (without_meaning, word->key))
    return TRUE;
  astern_suboption_unknown (word, option, tag != NULL ? "path, mount_tag, security_model, readonly, id" : "id, path, security_model, readonly",
                            error);
  return FALSE;
}

static const AsternFsItem *
find (const AsternLaunchOptions *options, const char *id)
{
  for (guint i = 0; i < options->fsdevs->len; i++)
    if (g_str_equal (g_array_index (options->fsdevs, AsternFsItem, i).id, id))
      return &g_array_index (options->fsdevs, AsternFsItem, i);
  return NULL;
}

static gboolean
check (const AsternLaunchOptions *options, const AsternFsItem *item, const char *option, GError **error)
{
  if (item->id == NULL)
    return astern_launch_usage (error, _("%s needs “id=”, by which a -device names it."), option);
  if (find (options, item->id) != NULL)
    return astern_launch_usage (error, _("%s: there is a directory “%s” already; give it another id=."), option, item->id);
  if (item->spec.path == NULL)
    return astern_launch_usage (error, _("%s needs “path=”: the directory to share."), option);
  if (!item->security_given)
    return astern_launch_usage (error, _("%s needs “security_model=”: “none” when files belong to whoever runs this, “passthrough” to "
                                         "give them the guest's owners, “mapped-xattr” to keep those in extended attributes."), option);
  return TRUE;
}

static gboolean
parse (const AsternLaunchOptions *options, AsternFsItem *item, char **tag, const char *option, const char *argument, GError **error)
{
  g_autoptr (GArray) words = astern_suboptions_parse (argument, "driver");
  const char *driver = words->len > 0 ? g_array_index (words, AsternSuboption, 0).value : "";

  if (!g_str_equal (driver, "local"))
    return astern_launch_usage (error, _("%s: “%s” is not there; there is “local”, a directory of this host."), option, driver);
  for (guint i = 1; i < words->len; i++)
    if (!set_key (item, tag, option, &g_array_index (words, AsternSuboption, i), error))
      return FALSE;
  if (tag != NULL && item->id == NULL)
    item->id = g_strdup_printf ("virtfs%u", options->fsdevs->len);
  return check (options, item, option, error);
}

void
astern_fs_item_clear (AsternFsItem *item)
{
  g_clear_pointer (&item->id, g_free);
  astern_fs_spec_clear (&item->spec);
}

/* A recording needs no directory: what is kept names none of this host's. */
static void
keep (AsternLaunchOptions *options, const AsternFsItem *item)
{
  g_autofree char *kept = g_strdup_printf ("local,id=%s,path=/,security_model=none,readonly=on", item->id);

  astern_option_keep (options, "-fsdev", kept);
  g_array_append_vals (options->fsdevs, item, 1);
}

gboolean
astern_option_fsdev (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternFsItem item = { .id = NULL };

  if (!parse (options, &item, NULL, name, argument, error))
    {
      astern_fs_item_clear (&item);
      return FALSE;
    }
  keep (options, &item);
  return TRUE;
}

gboolean
astern_option_virtfs (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autofree char *tag = NULL;
  g_autofree char *device = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *quoted = NULL;
  AsternFsItem item = { .id = NULL };

  if (!parse (options, &item, &tag, name, argument, error))
    {
      astern_fs_item_clear (&item);
      return FALSE;
    }
  parts = g_strsplit (tag != NULL ? tag : "", ",", -1);
  quoted = g_strjoinv (",,", parts);
  device = g_strdup_printf ("virtio-9p-pci,fsdev=%s,mount_tag=%s", item.id, quoted);
  keep (options, &item);
  return astern_option_device (options, name, device, error);
}
