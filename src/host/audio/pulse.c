/* pulse.c - sound by PulseAudio, or by PipeWire, which speaks PulseAudio's protocol.
 * Source: PulseAudio's client API, "Asynchronous API" and "Threaded main loop".
 *
 * The server's buffer is the only one.  It begins to play when it is half full, and again after it ran dry.  What the
 * guest records is asked for at the rate that the guest named. */
#include "config.h"

#include "host/audio/audio-private.h"

#include <pulse/pulseaudio.h>
#include <string.h>

#include <glib/gi18n.h>

#define FRAGMENT_HZ 100           /* what is recorded comes in hundredths of a second */

typedef struct
{
  AsternAudio           parent;
  pa_threaded_mainloop *loop;
  pa_context           *context;
  pa_stream            *out;      /* (nullable) before the first frame */
  gboolean              resting;  /* running dry is nothing to be told of */
  AsternAudioWay        way_out, way_in;    /* texts owned */
} PulseAudio;

static gboolean
fail (GError **error, PulseAudio *pulse, const char *server)
{
  const char *why = pulse->context != NULL ? pa_strerror (pa_context_errno (pulse->context)) : _("out of memory");

  if (server != NULL)
    g_set_error (error, ASTERN_AUDIO_ERROR, ASTERN_AUDIO_ERROR_HOST,
                 _("The sound server “%s” cannot be reached: %s. Is it running? “-audiodev none” does without."), server, why);
  else
    g_set_error (error, ASTERN_AUDIO_ERROR, ASTERN_AUDIO_ERROR_HOST,
                 _("The sound server cannot be reached: %s. Is PulseAudio or PipeWire running? “-audiodev none” does without."), why);
  return FALSE;
}

static void
wake (pa_context *context, void *user)
{
  pa_threaded_mainloop_signal (((PulseAudio *) user)->loop, 0);
}

/* The loop is locked. */
static gboolean
connect_to (PulseAudio *pulse, const char *server)
{
  pa_context_state_t state;

  pulse->context = pa_context_new (pa_threaded_mainloop_get_api (pulse->loop), "Astern");
  if (pulse->context == NULL)
    return FALSE;
  pa_context_set_state_callback (pulse->context, wake, pulse);
  if (pa_context_connect (pulse->context, server, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0)
    return FALSE;
  while (PA_CONTEXT_IS_GOOD (state = pa_context_get_state (pulse->context)) && state != PA_CONTEXT_READY)
    pa_threaded_mainloop_wait (pulse->loop);
  return state == PA_CONTEXT_READY;
}

static AsternAudioWay
copy_way (const AsternAudioWay *way)
{
  AsternAudioWay copy = *way;

  copy.device = g_strdup (way->device);
  copy.stream = g_strdup (way->stream != NULL ? way->stream : "Astern");
  return copy;
}

static gboolean
pulse_open (AsternAudio *audio, const AsternAudioSpec *spec, GError **error)
{
  PulseAudio *pulse = (PulseAudio *) audio;
  gboolean connected = FALSE;

  pulse->way_out = copy_way (&spec->out);
  pulse->way_in = copy_way (&spec->in);
  pulse->loop = pa_threaded_mainloop_new ();
  if (pulse->loop == NULL || pa_threaded_mainloop_start (pulse->loop) < 0)
    return fail (error, pulse, spec->path);
  pa_threaded_mainloop_lock (pulse->loop);
  connected = connect_to (pulse, spec->path) || fail (error, pulse, spec->path);
  pa_threaded_mainloop_unlock (pulse->loop);
  return connected;
}

static void
drop_stream (pa_stream *stream)
{
  if (stream == NULL)
    return;
  pa_stream_set_underflow_callback (stream, NULL, NULL);
  pa_stream_set_read_callback (stream, NULL, NULL);
  pa_stream_set_state_callback (stream, NULL, NULL);
  pa_stream_disconnect (stream);
  pa_stream_unref (stream);
}

static gboolean
pulse_close (AsternAudio *audio)
{
  PulseAudio *pulse = (PulseAudio *) audio;

  if (pulse->loop != NULL)
    {
      pa_threaded_mainloop_lock (pulse->loop);
      drop_stream (pulse->out);
      if (pulse->context != NULL)
        {
          pa_context_set_state_callback (pulse->context, NULL, NULL);
          pa_context_disconnect (pulse->context);
          pa_context_unref (pulse->context);
        }
      pa_threaded_mainloop_unlock (pulse->loop);
      pa_threaded_mainloop_stop (pulse->loop);
      pa_threaded_mainloop_free (pulse->loop);
    }
  g_free (pulse->way_out.device);
  g_free (pulse->way_out.stream);
  g_free (pulse->way_in.device);
  g_free (pulse->way_in.stream);
  return TRUE;
}

/* ---- out ---- */

static void
ran_dry (pa_stream *stream, void *user)
{
  PulseAudio *pulse = user;

  if (!pulse->resting)
    astern_audio_count (&pulse->parent, &pulse->parent.counts.underruns, 1);
}

static pa_sample_spec
sample_spec (guint32 rate_hz)
{
  return (pa_sample_spec) { .format = PA_SAMPLE_S16NE, .rate = rate_hz, .channels = ASTERN_SOUND_FRAME_BYTES / 2 };
}

static pa_stream *
make_out (PulseAudio *pulse)
{
  pa_sample_spec spec = sample_spec (pulse->parent.format.rate_hz);
  guint32 bytes = (guint32) ((guint64) pulse->way_out.buffer_us * spec.rate / G_USEC_PER_SEC) * ASTERN_SOUND_FRAME_BYTES;
  pa_buffer_attr attributes = { .maxlength = 2 * bytes, .tlength = bytes, .prebuf = bytes / 2, .minreq = G_MAXUINT32, .fragsize = G_MAXUINT32 };
  pa_stream *stream = pa_stream_new (pulse->context, pulse->way_out.stream, &spec, NULL);

  if (stream == NULL)
    return NULL;
  pa_stream_set_underflow_callback (stream, ran_dry, pulse);
  if (pa_stream_connect_playback (stream, pulse->way_out.device, &attributes, PA_STREAM_ADJUST_LATENCY, NULL, NULL) == 0)
    return stream;
  drop_stream (stream);
  return NULL;
}

/* Until the stream is connected it takes nothing; that is a matter of milliseconds, once. */
static gsize
room (const PulseAudio *pulse)
{
  gsize bytes;

  if (pulse->out == NULL || pa_stream_get_state (pulse->out) != PA_STREAM_READY)
    return 0;
  bytes = pa_stream_writable_size (pulse->out);
  return bytes == (gsize) -1 ? 0 : bytes;
}

static void
pulse_play (AsternAudio *audio, const gint16 *samples, guint n_frames)
{
  PulseAudio *pulse = (PulseAudio *) audio;
  guint some;

  pa_threaded_mainloop_lock (pulse->loop);
  if (pulse->out == NULL)
    pulse->out = make_out (pulse);
  pulse->resting = FALSE;
  some = (guint) MIN (n_frames, room (pulse) / ASTERN_SOUND_FRAME_BYTES);
  if (some > 0 && pa_stream_write (pulse->out, samples, (gsize) some * ASTERN_SOUND_FRAME_BYTES, NULL, 0, PA_SEEK_RELATIVE) < 0)
    some = 0;
  pa_threaded_mainloop_unlock (pulse->loop);
  if (some < n_frames)
    astern_audio_count (audio, &audio->counts.dropped, n_frames - some);
}

/* What is too short to fill half of the buffer is played all the same. */
static void
pulse_rest (AsternAudio *audio)
{
  PulseAudio *pulse = (PulseAudio *) audio;
  pa_operation *operation = NULL;

  pa_threaded_mainloop_lock (pulse->loop);
  pulse->resting = TRUE;
  if (pulse->out != NULL && pa_stream_get_state (pulse->out) == PA_STREAM_READY)
    operation = pa_stream_trigger (pulse->out, NULL, NULL);
  if (operation != NULL)
    pa_operation_unref (operation);
  pa_threaded_mainloop_unlock (pulse->loop);
}

/* ---- in ---- */

static void
can_read (pa_stream *stream, size_t bytes, void *user)
{
  const void *data;

  while (pa_stream_readable_size (stream) > 0 && pa_stream_peek (stream, &data, &bytes) == 0 && bytes > 0)
    {
      if (data != NULL)              /* NULL: a hole */
        astern_audio_heard (user, data, (guint) (bytes / ASTERN_SOUND_FRAME_BYTES));
      pa_stream_drop (stream);
    }
}

static void
pulse_listen (AsternAudio *audio, AsternAudioEar *ear)
{
  PulseAudio *pulse = (PulseAudio *) audio;
  pa_sample_spec spec = sample_spec (ear->rate_hz);
  pa_buffer_attr attributes = { .maxlength = G_MAXUINT32, .fragsize = spec.rate / FRAGMENT_HZ * ASTERN_SOUND_FRAME_BYTES };
  pa_stream *stream;

  pa_threaded_mainloop_lock (pulse->loop);
  stream = pa_stream_new (pulse->context, pulse->way_in.stream, &spec, NULL);
  if (stream != NULL)
    {
      pa_stream_set_read_callback (stream, can_read, ear);
      if (pa_stream_connect_record (stream, pulse->way_in.device, &attributes, PA_STREAM_ADJUST_LATENCY) < 0)
        g_clear_pointer (&stream, drop_stream);
    }
  ear->stream = stream;
  pa_threaded_mainloop_unlock (pulse->loop);
}

static void
pulse_deaf (AsternAudio *audio, AsternAudioEar *ear)
{
  PulseAudio *pulse = (PulseAudio *) audio;

  pa_threaded_mainloop_lock (pulse->loop);
  drop_stream (ear->stream);
  pa_threaded_mainloop_unlock (pulse->loop);
}

static const char *const words[] = {
  "server", "out.name", "in.name", "out.stream-name", "in.stream-name", "out.latency", "in.latency", NULL
};

const AsternAudioClass astern_audio_pulse = {
  .name = "pa", .help = N_("PulseAudio, or PipeWire in its place"), .instance_size = sizeof (PulseAudio), .live = TRUE, .words = words,
  .open = pulse_open, .close = pulse_close, .play = pulse_play, .rest = pulse_rest, .listen = pulse_listen, .deaf = pulse_deaf,
};
const AsternAudioClass astern_audio_pipewire = {
  .name = "pipewire", .help = N_("PipeWire, by PulseAudio's socket"), .instance_size = sizeof (PulseAudio), .live = TRUE, .words = words,
  .open = pulse_open, .close = pulse_close, .play = pulse_play, .rest = pulse_rest, .listen = pulse_listen, .deaf = pulse_deaf,
};
