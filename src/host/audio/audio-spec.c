/* audio-spec.c - what -audiodev says.
 * Source: QEMU's manual, "-audiodev". */
#include "config.h"

#include "host/audio/audio-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define DEFAULT_HZ        44100
#define DEFAULT_BUFFER_US 200000
#define LEAST_HZ          1000
#define MOST_HZ           192000
#define MOST_BUFFER_US    10000000

G_DEFINE_QUARK (astern-audio-error-quark, astern_audio_error)

static const AsternAudioClass *const classes[] = { &astern_audio_none, &astern_audio_pulse, &astern_audio_pipewire, &astern_audio_spice, &astern_audio_wav };

static gboolean
fail (GError **error, AsternAudioError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, AsternAudioError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (ASTERN_AUDIO_ERROR, code, format, args);
  va_end (args);
  return FALSE;
}

char *
astern_audio_drivers (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    g_string_append_printf (text, "%-10s %s\n", classes[i]->name, _(classes[i]->help));
  return g_string_free (text, FALSE);
}

gboolean
astern_audio_spec_init (AsternAudioSpec *spec, const char *driver, GError **error)
{
  static const char *const known[] = { "alsa", "coreaudio", "dbus", "dsound", "jack", "oss", "sdl", "sndio", NULL };
  const AsternAudioWay way = { .format = { DEFAULT_HZ, 2, 16 }, .buffer_us = DEFAULT_BUFFER_US };

  memset (spec, 0, sizeof *spec);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i]->name, driver))
      {
        *spec = (AsternAudioSpec) { .klass = classes[i], .out = way, .in = way };
        return TRUE;
      }
  return fail (error, g_strv_contains (known, driver) ? ASTERN_AUDIO_ERROR_UNAVAILABLE : ASTERN_AUDIO_ERROR_USAGE,
               _("there is no sound driver “%s”; there are none, pa, pipewire, spice and wav."), driver);
}

const char *
astern_audio_spec_driver (const AsternAudioSpec *spec)
{
  return spec->klass->name;
}

static void
clear_way (AsternAudioWay *way)
{
  g_free (way->device);
  g_free (way->stream);
}

void
astern_audio_spec_clear (AsternAudioSpec *spec)
{
  g_free (spec->id);
  g_free (spec->path);
  clear_way (&spec->out);
  clear_way (&spec->in);
  memset (spec, 0, sizeof *spec);
}

/* ---- words ---- */

static gboolean
set_number (const char *key, const char *value, guint64 least, guint64 most, guint *result, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, least, most, &number, NULL))
    return fail (error, ASTERN_AUDIO_ERROR_USAGE, _("“%s=%s” is no number from %u to %u."), key, value, (guint) least, (guint) most);
  *result = (guint) number;
  return TRUE;
}

static gboolean
set_format (const char *key, const char *value, guint *bits, GError **error)
{
  static const struct { const char *name; guint bits; } formats[] = { { "u8", 8 }, { "s16", 16 }, { "s32", 32 } };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (formats[i].name, value))
      {
        *bits = formats[i].bits;
        return TRUE;
      }
  return fail (error, ASTERN_AUDIO_ERROR_USAGE, _("“%s=%s”: samples may be u8, s16 or s32."), key, value);
}

static gboolean
set_text (char **slot, const char *value)
{
  g_free (*slot);
  *slot = g_strdup (value);
  return TRUE;
}

/* What cannot be otherwise. */
static gboolean
check_on (const char *key, const char *value, GError **error)
{
  static const char *const yes[] = { "on", "yes", "true", "y", NULL };

  if (g_strv_contains (yes, value))
    return TRUE;
  return fail (error, ASTERN_AUDIO_ERROR_UNAVAILABLE, _("“%s=%s”: all voices are mixed here, into one format; leave it out."), key, value);
}

static gboolean
set_of_way (AsternAudioWay *way, const char *key, const char *rest, const char *value, gboolean *known, GError **error)
{
  guint ignored;

  if (g_str_equal (rest, "frequency"))
    return set_number (key, value, LEAST_HZ, MOST_HZ, &way->format.rate_hz, error);
  if (g_str_equal (rest, "channels"))
    return set_number (key, value, 1, 2, &way->format.channels, error);
  if (g_str_equal (rest, "format"))
    return set_format (key, value, &way->format.bits, error);
  if (g_str_equal (rest, "buffer-length"))
    return set_number (key, value, 1000, MOST_BUFFER_US, &way->buffer_us, error);
  if (g_str_equal (rest, "voices"))
    return set_number (key, value, 0, G_MAXINT32, &ignored, error);
  if (g_str_equal (rest, "mixing-engine") || g_str_equal (rest, "fixed-settings"))
    return check_on (key, value, error);
  *known = FALSE;
  return TRUE;
}

static gboolean
set_of_driver (AsternAudioSpec *spec, const char *key, const char *value, GError **error)
{
  AsternAudioWay *way = g_str_has_prefix (key, "in.") ? &spec->in : &spec->out;

  if (g_str_equal (key, "path") || g_str_equal (key, "server"))
    return set_text (&spec->path, value);
  if (g_str_has_suffix (key, ".name"))
    return set_text (&way->device, value);
  if (g_str_has_suffix (key, ".stream-name"))
    return set_text (&way->stream, value);
  return set_number (key, value, 1000, MOST_BUFFER_US, &way->buffer_us, error);      /* .latency */
}

gboolean
astern_audio_spec_set (AsternAudioSpec *spec, const char *key, const char *value, GError **error)
{
  gboolean in = g_str_has_prefix (key, "in."), known = TRUE;
  guint ignored;

  if (g_str_equal (key, "id"))
    return set_text (&spec->id, value);
  if (g_str_equal (key, "timer-period"))
    return set_number (key, value, 0, G_MAXINT32, &ignored, error);
  if (g_strv_contains (spec->klass->words, key))
    return set_of_driver (spec, key, value, error);
  if (!in && !g_str_has_prefix (key, "out."))
    known = FALSE;
  else if (!set_of_way (in ? &spec->in : &spec->out, key, key + strlen (in ? "in." : "out."), value, &known, error))
    return FALSE;
  if (known)
    return TRUE;
  return fail (error, ASTERN_AUDIO_ERROR_USAGE, _("the driver “%s” has no “%s”; all have id, out.frequency, out.channels, out.format "
                                                  "and out.buffer-length, and wav has path, pa server, out.name and in.name."),
               spec->klass->name, key);
}
