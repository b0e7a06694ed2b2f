/* test-audio.c - what -audiodev says, and files of sound. */
#include "config.h"

#include "host/audio/audio-private.h"

#include "core/machine.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  AsternAudioSpec spec;
  char           *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int file = g_file_open_tmp ("astern-audio-XXXXXX.wav", &f->path, &error);

  g_assert_no_error (error);
  close (file);
  g_assert_true (astern_audio_spec_init (&f->spec, "wav", &error));
  g_assert_true (astern_audio_spec_set (&f->spec, "path", f->path, &error));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_audio_spec_clear (&f->spec);
  g_unlink (f->path);
  g_free (f->path);
}

static void
send (AsternLink *link, guint64 at_ns, guint32 rate_hz, gint16 level, guint n)
{
  AsternSoundPacket packet = { .header = { at_ns, rate_hz, 0, ASTERN_SOUND_PLAY } };

  for (guint i = 0; i < 2 * n; i++)
    packet.samples[i] = level;
  astern_link_send (link, &packet, sizeof packet.header + n * ASTERN_SOUND_FRAME_BYTES);
}

static guint8 *
read_file (Fixture *f, gsize *size)
{
  g_autoptr (GError) error = NULL;
  char *bytes;

  g_file_get_contents (f->path, &bytes, size, &error);
  g_assert_no_error (error);
  return (guint8 *) bytes;
}

static guint32
word (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static void
a_file_has_what_was_played (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (NULL, "sound");
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = NULL;
  AsternAudioCounts counts;
  AsternAudio *audio = astern_audio_open (&f->spec, &error);
  gsize size;

  g_assert_no_error (error);
  astern_audio_join (audio, link);
  for (guint i = 0; i < 100; i++)
    send (link, i * 10000000, 44100, 0x1234, 441);
  astern_audio_counts (audio, &counts);
  g_assert_cmpuint (counts.played, >=, 43000);
  g_assert_true (astern_audio_close (audio));
  send (link, 0, 44100, 0x1234, 441);               /* nobody is there any more */
  bytes = read_file (f, &size);
  g_assert_cmpuint (size, ==, 44 + 44100 * 4);
  g_assert_cmpmem (bytes, 4, "RIFF", 4);
  g_assert_cmpuint (word (bytes + 4), ==, size - 8);
  g_assert_cmpmem (bytes + 8, 8, "WAVEfmt ", 8);
  g_assert_cmphex (word (bytes + 20), ==, 2 << 16 | 1);
  g_assert_cmpuint (word (bytes + 24), ==, 44100);
  g_assert_cmpuint (word (bytes + 28), ==, 44100 * 4);
  g_assert_cmphex (word (bytes + 32), ==, 16 << 16 | 4);
  g_assert_cmpuint (word (bytes + 40), ==, size - 44);
  g_assert_cmphex (word (bytes + 44 + 4 * 20000), ==, 0x12341234);
}

static void
a_file_may_have_another_format (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (NULL, "sound");
  g_autofree guint8 *bytes = NULL;
  AsternAudio *audio;
  gsize size;

  g_assert_true (astern_audio_spec_set (&f->spec, "out.frequency", "22050", NULL));
  g_assert_true (astern_audio_spec_set (&f->spec, "out.channels", "1", NULL));
  g_assert_true (astern_audio_spec_set (&f->spec, "out.format", "u8", NULL));
  audio = astern_audio_open (&f->spec, NULL);
  astern_audio_join (audio, link);
  for (guint i = 0; i < 100; i++)
    send (link, i * 10000000, 44100, -256, 441);
  g_assert_true (astern_audio_close (audio));
  bytes = read_file (f, &size);
  g_assert_cmpuint (size, >=, 44 + 22050 - 2);
  g_assert_cmpuint (size, <=, 44 + 22050 + 2);
  g_assert_cmphex (word (bytes + 20), ==, 1 << 16 | 1);
  g_assert_cmphex (word (bytes + 32), ==, 8 << 16 | 1);
  g_assert_cmpuint (bytes[44 + 10000], ==, 127);
}

/* Whoever kills the program finds a file that can be played. */
static void
the_header_is_right_after_each_second (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (NULL, "sound");
  g_autofree guint8 *bytes = NULL;
  g_autoptr (AsternAudio) audio = astern_audio_open (&f->spec, NULL);
  gsize size;

  astern_audio_join (audio, link);
  for (guint i = 0; i < 150; i++)
    send (link, i * 10000000, 44100, 1, 441);
  bytes = read_file (f, &size);
  g_assert_cmpuint (word (bytes + 40), >=, 44100 * 4);
}

static void
what_is_heard_can_be_captured_too (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (NULL, "sound");
  const AsternWavFormat format = { 44100, 2, 16 };
  g_autofree guint8 *bytes = NULL;
  AsternAudioSpec none;
  AsternAudio *audio;
  AsternWav *wav = astern_wav_open (f->path, &format, NULL);
  gsize size;

  g_assert_true (astern_audio_spec_init (&none, "none", NULL));
  audio = astern_audio_open (&none, NULL);
  astern_audio_join (audio, link);
  send (link, 0, 44100, 5, 441);
  g_assert_true (astern_audio_capture (audio, wav));
  for (guint i = 1; i < 11; i++)
    send (link, i * 10000000, 44100, 6, 441);
  g_assert_false (astern_audio_capture (audio, wav));
  g_assert_true (astern_wav_close (astern_audio_captured (audio)));
  g_assert_null (astern_audio_captured (audio));
  g_assert_true (astern_audio_close (audio));
  bytes = read_file (f, &size);
  g_assert_cmpuint (size, >, 44 + 8 * 441 * 4);        /* what was mixed last waits for other voices */
  g_assert_cmpuint (size, <, 44 + 11 * 441 * 4);
  astern_audio_spec_clear (&none);
}

static void
wrong_words_are_told (void)
{
  static const struct { const char *driver, *key, *value; int code; const char *says; } cases[] = {
    { "alsa", NULL, NULL, ASTERN_AUDIO_ERROR_UNAVAILABLE, "pipewire" },
    { "foo", NULL, NULL, ASTERN_AUDIO_ERROR_USAGE, "“foo”" },
    { "wav", "server", "x", ASTERN_AUDIO_ERROR_USAGE, "“server”" },
    { "none", "path", "x", ASTERN_AUDIO_ERROR_USAGE, "“path”" },
    { "pa", "out.frequency", "12x", ASTERN_AUDIO_ERROR_USAGE, "12x" },
    { "pa", "out.channels", "6", ASTERN_AUDIO_ERROR_USAGE, "6" },
    { "pa", "in.format", "f32", ASTERN_AUDIO_ERROR_USAGE, "s16" },
    { "pa", "out.mixing-engine", "off", ASTERN_AUDIO_ERROR_UNAVAILABLE, "mixed" },
    { "pa", "out.colour", "red", ASTERN_AUDIO_ERROR_USAGE, "out.colour" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AsternAudioSpec spec;
      gboolean right = astern_audio_spec_init (&spec, cases[i].driver, &error) &&
                       (cases[i].key == NULL || astern_audio_spec_set (&spec, cases[i].key, cases[i].value, &error));

      g_assert_false (right);
      g_assert_error (error, ASTERN_AUDIO_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      astern_audio_spec_clear (&spec);
    }
}

static void
what_qemu_takes_is_taken (void)
{
  static const char *const words[][2] = {
    { "id", "snd" }, { "server", "/run/x" }, { "out.name", "sink" }, { "in.name", "source" }, { "out.latency", "30000" },
    { "in.stream-name", "mic" }, { "out.buffer-length", "50000" }, { "timer-period", "1000" }, { "out.voices", "2" },
    { "out.mixing-engine", "on" }, { "in.fixed-settings", "on" }, { "out.format", "s32" },
  };
  g_autoptr (GError) error = NULL;
  AsternAudioSpec spec;

  g_assert_true (astern_audio_spec_init (&spec, "pipewire", &error));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      astern_audio_spec_set (&spec, words[i][0], words[i][1], &error);
      g_assert_no_error (error);
    }
  g_assert_cmpstr (spec.id, ==, "snd");
  g_assert_cmpstr (spec.out.device, ==, "sink");
  g_assert_cmpstr (spec.in.stream, ==, "mic");
  g_assert_cmpuint (spec.out.buffer_us, ==, 50000);
  astern_audio_spec_clear (&spec);
}

static void
a_server_that_is_not_there_is_told (void)
{
  g_autoptr (GError) error = NULL;
  AsternAudioSpec spec;

  g_assert_true (astern_audio_spec_init (&spec, "pa", NULL));
  astern_audio_spec_set (&spec, "server", "unix:/nonexistent/socket", NULL);
  g_assert_null (astern_audio_open (&spec, &error));
  g_assert_error (error, ASTERN_AUDIO_ERROR, ASTERN_AUDIO_ERROR_HOST);
  g_assert_nonnull (strstr (error->message, "/nonexistent/socket"));
  astern_audio_spec_clear (&spec);
}

static void
a_file_that_cannot_be_made_is_told (void)
{
  g_autoptr (GError) error = NULL;
  AsternAudioSpec spec;

  g_assert_true (astern_audio_spec_init (&spec, "wav", NULL));
  astern_audio_spec_set (&spec, "path", "/nonexistent/a.wav", NULL);
  g_assert_null (astern_audio_open (&spec, &error));
  g_assert_nonnull (error);
  astern_audio_spec_clear (&spec);
}

/* ---- what comes in ---- */

static AsternAudioEar *fake_ear;        /* the one that listens */

static void
fake_listen (AsternAudio *audio, AsternAudioEar *ear)
{
  ear->stream = audio;
  fake_ear = ear;
}

static void
fake_deaf (AsternAudio *audio, AsternAudioEar *ear)
{
  fake_ear = NULL;
}

static const char *const no_words[] = { NULL };
static const AsternAudioClass fake_class = {
  .name = "fake", .help = "", .instance_size = sizeof (AsternAudio), .words = no_words, .listen = fake_listen, .deaf = fake_deaf,
};

/* A device that keeps all, but says that it has room for so much. */
typedef struct
{
  guint       room;
  GByteArray *heard;
} Device;

static void
device_hears (gpointer receiver, gconstpointer data, gsize size)
{
  g_byte_array_append (((Device *) receiver)->heard, (const guint8 *) data + ASTERN_SOUND_IN_BYTES, (guint) size - ASTERN_SOUND_IN_BYTES);
}

static guint
device_room (gpointer device)
{
  return ((Device *) device)->room;
}

static void
say (AsternLink *link, AsternSoundKind kind, guint32 rate_hz)
{
  AsternSoundHeader header = { 0, rate_hz, 1, (guint16) kind };

  astern_link_send (link, &header, sizeof header);
}

static void
what_comes_is_fed_as_there_is_room (void)
{
  g_autoptr (GError) error = NULL;
  AsternMachine *machine = astern_machine_new (1 << 20, &error);
  g_autoptr (AsternLink) link = astern_link_new (machine, "sound");
  AsternAudioSpec spec = { .klass = &fake_class, .out.format = { 44100, 2, 16 } };
  AsternAudio *audio = astern_audio_open (&spec, &error);
  Device device = { .room = 1000, .heard = g_byte_array_new () };
  gint16 samples[2 * 3000];
  AsternAudioCounts counts;

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    samples[i] = (gint16) (i * 13);
  astern_link_attach (link, &device, device_hears, device_room);
  astern_audio_join (audio, link);
  g_assert_null (fake_ear);
  say (link, ASTERN_SOUND_LISTEN, 10000);
  g_assert_cmpuint (fake_ear->rate_hz, ==, 10000);
  astern_audio_heard (fake_ear, samples, 3000);
  g_assert_cmpuint (device.heard->len, ==, 0);            /* at the door */
  astern_inputs_poll (machine->inputs);
  g_assert_cmpuint (device.heard->len, ==, 4 * 1000);
  device.room = 50;                                       /* not worth a packet */
  astern_link_has_room (link);
  astern_inputs_poll (machine->inputs);
  g_assert_cmpuint (device.heard->len, ==, 4 * 1000);
  device.room = 4000;
  astern_link_has_room (link);
  astern_link_has_room (link);
  astern_inputs_poll (machine->inputs);
  g_assert_cmpmem (device.heard->data, device.heard->len, samples, sizeof samples);
  device.room = 0;
  astern_audio_heard (fake_ear, samples, 3000);
  astern_audio_heard (fake_ear, samples, 3000);
  astern_audio_counts (audio, &counts);
  g_assert_cmpuint (counts.recorded, ==, 3000);
  g_assert_cmpuint (counts.unheard, ==, 1000);            /* half a second is held */
  say (link, ASTERN_SOUND_DEAF, 0);
  g_assert_null (fake_ear);
  device.room = 4000;
  astern_link_has_room (link);
  g_assert_false (astern_inputs_pending (machine->inputs));
  g_assert_true (astern_audio_close (audio));
  g_byte_array_unref (device.heard);
  astern_machine_free (machine);
}

#define ADD(name) g_test_add ("/host/audio/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_file_has_what_was_played);
  ADD (a_file_may_have_another_format);
  ADD (the_header_is_right_after_each_second);
  ADD (what_is_heard_can_be_captured_too);
  g_test_add_func ("/host/audio/what_comes_is_fed_as_there_is_room", what_comes_is_fed_as_there_is_room);
  g_test_add_func ("/host/audio/wrong_words_are_told", wrong_words_are_told);
  g_test_add_func ("/host/audio/what_qemu_takes_is_taken", what_qemu_takes_is_taken);
  g_test_add_func ("/host/audio/a_server_that_is_not_there_is_told", a_server_that_is_not_there_is_told);
  g_test_add_func ("/host/audio/a_file_that_cannot_be_made_is_told", a_file_that_cannot_be_made_is_told);
  return g_test_run ();
}
