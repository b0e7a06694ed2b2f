/* wav - a file of sound.
 *
 * Threads: one at a time. */
#pragma once

#include <gio/gio.h>

typedef struct _AsternWav AsternWav;

typedef struct
{
  guint32 rate_hz;
  guint   channels;       /* 1 or 2 */
  guint   bits;           /* 8, 16 or 32 */
} AsternWavFormat;

AsternWav *astern_wav_open  (const char *path, const AsternWavFormat *format, GError **error);
/* FALSE: something of it could not be written; (nullable). */
gboolean   astern_wav_close (AsternWav *wav);
/* Frames of two samples. */
void       astern_wav_write (AsternWav *wav, const gint16 *samples, guint n_frames);
guint64    astern_wav_bytes (const AsternWav *wav);
