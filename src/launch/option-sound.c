/* option-sound.c - -audiodev, -audio, and what sound devices play by when nobody says.
 * Source: QEMU's manual, "Invocation". */
#include "config.h"

#include "launch/option-parsers.h"

#include "hw/card.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

static gboolean
explain (const char *option, GError *failed, GError **error)
{
  if (error != NULL)
    *error = g_error_new (ASTERN_LAUNCH_ERROR,
                          g_error_matches (failed, ASTERN_AUDIO_ERROR, ASTERN_AUDIO_ERROR_UNAVAILABLE) ? ASTERN_LAUNCH_ERROR_UNAVAILABLE
                          : ASTERN_LAUNCH_ERROR_USAGE, "%s: %s", option, failed->message);
  g_error_free (failed);
  return FALSE;
}

static AsternAudioSpec *
find (AsternLaunchOptions *options, const char *id)
{
  for (guint i = 0; i < options->audiodevs->len; i++)
    if (g_str_equal (g_array_index (options->audiodevs, AsternAudioSpec, i).id, id))
      return &g_array_index (options->audiodevs, AsternAudioSpec, i);
  return NULL;
}

static gboolean
is_help (const GArray *items)
{
  const char *driver = items->len > 0 ? g_array_index (items, AsternSuboption, 0).value : "";

  return g_str_equal (driver, "help") || g_str_equal (driver, "?");
}

/* @skip: a key that is not the audiodev's. */
static gboolean
parse_spec (const char *option, const GArray *items, const char *skip, AsternAudioSpec *spec, GError **error)
{
  GError *failed = NULL;

  if (items->len == 0)
    return astern_launch_usage (error, _("%s needs a value."), option);
  if (!astern_audio_spec_init (spec, g_array_index (items, AsternSuboption, 0).value, &failed))
    return explain (option, failed, error);
  for (guint i = 1; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);

      if (g_strcmp0 (item->key, skip) != 0 && !astern_audio_spec_set (spec, item->key, item->value, &failed))
        {
          astern_audio_spec_clear (spec);
          return explain (option, failed, error);
        }
    }
  return TRUE;
}

/* @spec is owned by the options afterwards, or cleared.  A recording has drivers “none”, in whose place a replay may have another. */
static gboolean
add_audiodev (AsternLaunchOptions *options, const char *option, AsternAudioSpec *spec, GError **error)
{
  AsternAudioSpec *there = find (options, spec->id);
  g_autofree char *kept = NULL;
  g_autofree char *silent = astern_suboption_quoted (spec->id);

  if (there != NULL && !g_str_equal (astern_audio_spec_driver (there), "none"))
    {
      astern_launch_usage (error, _("%s: there is an audiodev “%s” already; give it another id=."), option, spec->id);
      astern_audio_spec_clear (spec);
      return FALSE;
    }
  if (there != NULL)
    {
      astern_audio_spec_clear (there);
      *there = *spec;
      return TRUE;
    }
  kept = g_strdup_printf ("none,id=%s", silent);
  astern_option_keep (options, "-audiodev", kept);
  g_array_append_val (options->audiodevs, *spec);
  return TRUE;
}

gboolean
astern_option_audiodev (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "driver");
  AsternAudioSpec spec;

  if (is_help (items))
    {
      g_free (options->device_help);
      options->device_help = astern_audio_drivers ();
      options->help = TRUE;
      return TRUE;
    }
  if (!parse_spec (name, items, NULL, &spec, error))
    return FALSE;
  if (spec.id == NULL || spec.id[0] == '\0')
    {
      astern_audio_spec_clear (&spec);
      return astern_launch_usage (error, _("%s needs “id=”, by which a -device names it."), name);
    }
  return add_audiodev (options, name, &spec, error);
}

/* ---- -audio ---- */

static gboolean
add_model (AsternLaunchOptions *options, const char *option, const char *model, const char *id, GError **error)
{
  static const struct { const char *name, *devices[2]; } models[] = {
    { "ac97", { "AC97", NULL } }, { "hda", { "intel-hda", "hda-duplex" } },
  };

  if (g_str_equal (model, "pcspk"))
    {
      g_free (options->pcspk_audiodev);
      options->pcspk_audiodev = g_strdup (id);
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_ascii_strcasecmp (models[i].name, model) == 0)
      for (guint n = 0; n < G_N_ELEMENTS (models[i].devices); n++)
        {
          const char *device = models[i].devices[n];
          gboolean plays = device != NULL && astern_card_find_property (astern_card_find (device), "audiodev") != NULL;
          g_autofree char *words = plays ? g_strdup_printf ("%s,audiodev=%s", device, id) : g_strdup (device);

          if (device != NULL && !astern_option_device (options, option, words, error))
            return FALSE;
          if (n + 1 == G_N_ELEMENTS (models[i].devices))
            return TRUE;
        }
  return astern_launch_usage (error, _("%s: there is no sound card “%s”; there are ac97, hda and pcspk."), option, model);
}

gboolean
astern_option_audio (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "driver");
  const char *model = NULL;
  g_autofree char *id = NULL;
  AsternAudioSpec spec;

  if (is_help (items))
    return astern_option_audiodev (options, name, argument, error);
  for (guint i = 1; i < items->len; i++)
    if (g_str_equal (g_array_index (items, AsternSuboption, i).key, "model"))
      model = g_array_index (items, AsternSuboption, i).value;
  if (!parse_spec (name, items, "model", &spec, error))
    return FALSE;
  for (guint i = 0; spec.id == NULL; i++)
    {
      g_autofree char *free = g_strdup_printf ("audio%u", i);

      if (find (options, free) == NULL)
        spec.id = g_steal_pointer (&free);
    }
  id = g_strdup (spec.id);
  if (!add_audiodev (options, name, &spec, error) || (model != NULL && !add_model (options, name, model, id, error)))
    return FALSE;
  return TRUE;
}

gboolean
astern_option_soundhw (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (g_str_equal (argument, "hda"))
    return astern_launch_unavailable (error, _("“%s %s” is gone, in QEMU too; use “%s”."), name, argument, "-audiodev pa,id=snd -device intel-hda "
                                      "-device hda-duplex,audiodev=snd");
  if (g_str_equal (argument, "pcspk"))
    return astern_launch_unavailable (error, _("“%s %s” is gone, in QEMU too; use “%s”."), name, argument,
                                      "-audiodev pa,id=snd -machine pcspk-audiodev=snd");
  return astern_launch_unavailable (error, _("“%s %s” is gone, in QEMU too; use “%s”."), name, argument, "-audiodev pa,id=snd -device AC97,audiodev=snd");
}

/* ---- what was not said ---- */

static gboolean
says_audiodev (const GArray *properties)
{
  for (guint i = 0; i < properties->len; i++)
    if (g_str_equal (g_array_index (properties, AsternSuboption, i).key, "audiodev"))
      return TRUE;
  return FALSE;
}

/* A window is heard, if this host can be. */
static void
add_default (AsternLaunchOptions *options)
{
  AsternAudioSpec spec;

  astern_audio_spec_init (&spec, options->window ? "pa" : "none", NULL);
  spec.id = g_strdup ("audio0");
  spec.optional = TRUE;
  add_audiodev (options, "-audiodev", &spec, NULL);
}

/* Devices that name none play by the first. */
void
astern_option_sound_defaults (AsternLaunchOptions *options)
{
  for (guint i = 0; i < options->devices->len; i++)
    {
      AsternDeviceItem *device = &g_array_index (options->devices, AsternDeviceItem, i);
      const AsternCard *card = astern_card_find (device->driver);
      AsternSuboption item;

      if (card->kind != ASTERN_CARD_SOUND || astern_card_find_property (card, "audiodev") == NULL || says_audiodev (device->properties))
        continue;
      if (options->audiodevs->len == 0)
        add_default (options);
      item.key = g_strdup ("audiodev");
      item.value = g_strdup (g_array_index (options->audiodevs, AsternAudioSpec, 0).id);
      g_array_append_val (device->properties, item);
    }
}
