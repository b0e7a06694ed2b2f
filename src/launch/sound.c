/* sound.c - see sound.h. */
#include "config.h"

#include "launch/sound.h"

#include <glib/gi18n.h>

/* One -audiodev. */
typedef struct
{
  const AsternAudioSpec *spec;      /* borrowed */
  GPtrArray             *links;     /* AsternLink */
  AsternAudio           *audio;     /* (nullable) */
  char                  *refused;   /* (nullable) why an optional one is not open */
  char                  *capture;   /* (nullable) a file's name */
} Member;

struct _AsternSound
{
  AsternMachine *machine;
  GPtrArray     *members;           /* Member */
  AsternPacer   *pacer;             /* borrowed */
  guint          live;              /* audiodevs by which it is heard now */
};

static void
free_member (gpointer data)
{
  Member *member = data;

  g_ptr_array_unref (member->links);
  g_free (member->refused);
  g_free (member->capture);
  g_free (member);
}

AsternSound *
astern_sound_new (AsternMachine *machine, const AsternLaunchOptions *options)
{
  AsternSound *sound = g_new0 (AsternSound, 1);

  sound->machine = machine;
  sound->members = g_ptr_array_new_with_free_func (free_member);
  for (guint i = 0; i < options->audiodevs->len; i++)
    {
      Member *member = g_new0 (Member, 1);

      member->spec = &g_array_index (options->audiodevs, AsternAudioSpec, i);
      member->links = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_link_free);
      g_ptr_array_add (sound->members, member);
    }
  return sound;
}

void
astern_sound_free (AsternSound *sound)
{
  astern_sound_close (sound);
  g_ptr_array_unref (sound->members);
  g_free (sound);
}

static Member *
member_at (AsternSound *sound, guint i)
{
  return g_ptr_array_index (sound->members, i);
}

static Member *
find (AsternSound *sound, const char *id)
{
  for (guint i = 0; i < sound->members->len; i++)
    if (id == NULL || g_str_equal (member_at (sound, i)->spec->id, id))
      return member_at (sound, i);
  return NULL;
}

AsternLink *
astern_sound_link (AsternSound *sound, const char *id)
{
  Member *member = find (sound, id);
  g_autofree char *port = NULL;

  if (member == NULL)
    return NULL;
  port = g_strdup_printf ("sound.%s.%u", id, member->links->len);
  g_ptr_array_add (member->links, astern_link_new (sound->machine, port));
  return g_ptr_array_index (member->links, member->links->len - 1);
}

static void
live (gpointer user, gboolean heard)
{
  AsternSound *sound = user;

  sound->live += heard ? 1 : -1;
  astern_pacer_heard (sound->pacer, sound->live > 0);
}

static gboolean
open_member (AsternSound *sound, Member *member, GError **error)
{
  GError *failed = NULL;

  member->audio = astern_audio_open (member->spec, &failed);
  if (member->audio == NULL && member->spec->optional)
    {
      member->refused = g_strdup (failed->message);
      g_error_free (failed);
      return TRUE;
    }
  if (member->audio == NULL)
    {
      g_propagate_prefixed_error (error, failed, "-audiodev %s: ", member->spec->id);
      return FALSE;
    }
  astern_audio_watch (member->audio, live, sound);
  for (guint i = 0; i < member->links->len; i++)
    astern_audio_join (member->audio, g_ptr_array_index (member->links, i));
  return TRUE;
}

gboolean
astern_sound_open (AsternSound *sound, AsternPacer *pacer, GError **error)
{
  sound->pacer = pacer;
  for (guint i = 0; i < sound->members->len; i++)
    if (!open_member (sound, member_at (sound, i), error))
      return FALSE;
  return TRUE;
}

void
astern_sound_close (AsternSound *sound)
{
  for (guint i = 0; i < sound->members->len; i++)
    if (!astern_audio_close (g_steal_pointer (&member_at (sound, i)->audio)))
      g_printerr (_("What was played to “%s” could not all be written.\n"), member_at (sound, i)->spec->id);
}

/* ---- for the monitor ---- */

char *
astern_sound_describe (AsternSound *sound)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sound->members->len; i++)
    {
      Member *member = member_at (sound, i);
      AsternAudioCounts counts = { 0 };

      if (member->audio != NULL)
        astern_audio_counts (member->audio, &counts);
      g_string_append_printf (text, "%s: driver=%s,", member->spec->id, member->audio != NULL ? astern_audio_driver (member->audio) : "none");
      if (member->refused != NULL)
        g_string_append_printf (text, " %s\n", member->refused);
      else
        g_string_append_printf (text, " %" G_GUINT64_FORMAT " frames played, %" G_GUINT64_FORMAT " dropped, %" G_GUINT64_FORMAT
                                " underruns, %" G_GUINT64_FORMAT " recorded, %" G_GUINT64_FORMAT " unheard\n",
                                counts.played, counts.dropped, counts.underruns, counts.recorded, counts.unheard);
      for (guint n = 0; n < member->links->len; n++)
        {
          const AsternLink *link = g_ptr_array_index (member->links, n);
          const AsternDevice *device = link->device;

          if (device != NULL)
            g_string_append_printf (text, " \\ %s: %s\n", device->name, device->klass->summary);
        }
    }
  return g_string_free (text, FALSE);
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, message);
  return FALSE;
}

/* What comes out of the mixer has the audiodev's rate. */
gboolean
astern_sound_capture (AsternSound *sound, const char *path, const char *id, const AsternWavFormat *format, GError **error)
{
  Member *member = find (sound, id);
  AsternWavFormat as = *format;
  AsternWav *wav;

  if (member == NULL || member->audio == NULL)
    return fail (error, _("There is no such audiodev in use; “info audio” lists those that there are."));
  if (as.rate_hz != 0 && as.rate_hz != member->spec->out.format.rate_hz)
    return fail (error, _("Sound is captured at the audiodev's rate; “out.frequency=” of -audiodev sets it."));
  if (member->capture != NULL)
    return fail (error, _("That audiodev is captured already; “stopcapture” ends it."));
  as.rate_hz = member->spec->out.format.rate_hz;
  wav = astern_wav_open (path, &as, error);
  if (wav == NULL)
    return FALSE;
  member->capture = g_strdup (path);
  return astern_audio_capture (member->audio, wav);
}

gboolean
astern_sound_stop_capture (AsternSound *sound, guint n, GError **error)
{
  for (guint i = 0; i < sound->members->len; i++)
    {
      Member *member = member_at (sound, i);

      if (member->capture == NULL || n-- != 0)
        continue;
      g_clear_pointer (&member->capture, g_free);
      if (member->audio == NULL || astern_wav_close (astern_audio_captured (member->audio)))
        return TRUE;
      return fail (error, _("Not all of the sound could be written."));
    }
  return fail (error, _("There is no capture of that number; “info capture” lists those that there are."));
}

char *
astern_sound_captures (AsternSound *sound)
{
  GString *text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < sound->members->len; i++)
    if (member_at (sound, i)->capture != NULL)
      g_string_append_printf (text, "[%u]: %s, of %s\n", n++, member_at (sound, i)->capture, member_at (sound, i)->spec->id);
  return g_string_free (text, FALSE);
}
