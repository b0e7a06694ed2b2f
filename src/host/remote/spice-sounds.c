/* spice-sounds.c - what the guest plays goes to SPICE clients, what they say to the guest.
 * Source: spice-server's spice-audio.h.
 *
 * The library gives buffers of its own to be filled; it has none while nobody hears, and what is played then is forgotten. */
#include "config.h"

#include "host/remote/spice-private.h"

#include "host/audio/spice-sound.h"

static const SpicePlaybackInterface playback = { SPICE_INTERFACE_OF (PLAYBACK, "playback") };
static const SpiceRecordInterface record = { SPICE_INTERFACE_OF (RECORD, "record") };

void
spice_sounds_add (AsternSpice *spice)
{
  guint rate = astern_spice_sound_rate ();

  if (rate == 0)
    return;
  spice->playback.base.sif = &playback.base;
  spice->record.base.sif = &record.base;
  spice_server_add_interface (spice->server, &spice->playback.base);
  spice_server_add_interface (spice->server, &spice->record.base);
  spice_server_set_playback_rate (&spice->playback, rate);
  spice->has_sound = TRUE;
  astern_spice_sound_attend (TRUE);
}

void
spice_sounds_end (AsternSpice *spice)
{
  if (spice->has_sound)
    astern_spice_sound_attend (FALSE);
}

static void
take_playback (AsternSpice *spice)
{
  gboolean plays = astern_spice_sound_plays ();

  if (plays && !spice->playing)
    spice_server_playback_start (&spice->playback);
  while (astern_spice_sound_waiting () > 0)
    {
      /* With something half full the rest waits for more, unless no more comes. */
      if (spice->samples == NULL)
        spice_server_playback_get_buffer (&spice->playback, &spice->samples, &spice->n_samples);
      if (spice->samples == NULL)
        {
          gint16 nobody[2 * 64];

          astern_spice_sound_take (nobody, 64);
          continue;
        }
      if (astern_spice_sound_waiting () < spice->n_samples && plays)
        break;
      astern_spice_sound_take ((gint16 *) spice->samples, spice->n_samples);
      spice_server_playback_put_samples (&spice->playback, spice->samples);
      spice->samples = NULL;
    }
  if (!plays && spice->playing)
    {
      if (spice->samples != NULL)
        {
          astern_spice_sound_take ((gint16 *) spice->samples, spice->n_samples);
          spice_server_playback_put_samples (&spice->playback, spice->samples);
        }
      spice->samples = NULL;
      spice_server_playback_stop (&spice->playback);
    }
  spice->playing = plays;
}

static void
take_record (AsternSpice *spice)
{
  guint rate = astern_spice_sound_listens (), n;
  guint32 frames[512];

  if (rate != spice->recording)
    {
      if (spice->recording != 0)
        spice_server_record_stop (&spice->record);
      if (rate != 0)
        {
          spice_server_set_record_rate (&spice->record, rate);
          spice_server_record_start (&spice->record);
        }
      spice->recording = rate;
    }
  while (rate != 0 && (n = spice_server_record_get_samples (&spice->record, frames, G_N_ELEMENTS (frames))) > 0)
    astern_spice_sound_heard ((const gint16 *) frames, n);
}

void
spice_sounds_take (AsternSpice *spice)
{
  if (!spice->has_sound)
    return;
  take_playback (spice);
  take_record (spice);
}
