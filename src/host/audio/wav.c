/* wav.c - see wav.h.
 * Source: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), chapter 3.
 * Left out: what is longer than 4 GiB, which such a file cannot hold.
 *
 * The header says once a second how long the file is, so that it can be played when the program was killed. */
#include "config.h"

#include "host/audio/wav.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <glib/gi18n.h>

#define HEADER_BYTES 44
#define MOST_BYTES   (G_MAXUINT32 - HEADER_BYTES)

struct _AsternWav
{
  FILE           *file;
  AsternWavFormat format;
  guint64         bytes, told;     /* of samples; and what the header says */
  gboolean        failed;
};

static void
put32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static guint
frame_bytes (const AsternWav *wav)
{
  return wav->format.channels * wav->format.bits / 8;
}

static void
write_header (AsternWav *wav)
{
  guint8 header[HEADER_BYTES] = "RIFF....WAVEfmt ";

  put32 (header + 4, (guint32) wav->bytes + HEADER_BYTES - 8);
  put32 (header + 16, 16);
  put32 (header + 20, wav->format.channels << 16 | 1);
  put32 (header + 24, wav->format.rate_hz);
  put32 (header + 28, wav->format.rate_hz * frame_bytes (wav));
  put32 (header + 32, wav->format.bits << 16 | frame_bytes (wav));
  memcpy (header + 36, "data", 4);
  put32 (header + 40, (guint32) wav->bytes);
  wav->failed |= fseek (wav->file, 0, SEEK_SET) != 0 || fwrite (header, sizeof header, 1, wav->file) != 1
                 || fseek (wav->file, 0, SEEK_END) != 0 || fflush (wav->file) != 0;
  wav->told = wav->bytes;
}

AsternWav *
astern_wav_open (const char *path, const AsternWavFormat *format, GError **error)
{
  FILE *file = fopen (path, "wbe");
  AsternWav *wav;

  if (file == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("Cannot write the sound to “%s”: %s."), path, g_strerror (errno));
      return NULL;
    }
  wav = g_new0 (AsternWav, 1);
  wav->file = file;
  wav->format = *format;
  write_header (wav);
  return wav;
}

gboolean
astern_wav_close (AsternWav *wav)
{
  gboolean whole;

  if (wav == NULL)
    return TRUE;
  write_header (wav);
  whole = fclose (wav->file) == 0 && !wav->failed;
  g_free (wav);
  return whole;
}

static guint
encode (const AsternWav *wav, const gint16 *frame, guint8 *out)
{
  gint32 values[2] = { frame[0], frame[1] };
  guint size = wav->format.bits / 8;

  if (wav->format.channels == 1)
    values[0] = (frame[0] + frame[1]) / 2;
  for (guint c = 0; c < wav->format.channels; c++, out += size)
    switch (size)
      {
      case 1:  out[0] = (guint8) ((values[c] >> 8) + 128); break;
      case 2:  out[0] = (guint8) values[c]; out[1] = (guint8) (values[c] >> 8); break;
      default: put32 (out, (guint32) values[c] << 16); break;
      }
  return wav->format.channels * size;
}

void
astern_wav_write (AsternWav *wav, const gint16 *samples, guint n_frames)
{
  guint8 bytes[8];

  for (guint i = 0; i < n_frames && wav->bytes + frame_bytes (wav) <= MOST_BYTES; i++)
    {
      guint size = encode (wav, samples + 2 * i, bytes);

      wav->failed |= fwrite (bytes, size, 1, wav->file) != 1;
      wav->bytes += size;
    }
  if (wav->bytes - wav->told >= (guint64) wav->format.rate_hz * frame_bytes (wav))
    write_header (wav);
}

guint64
astern_wav_bytes (const AsternWav *wav)
{
  return wav->bytes;
}
