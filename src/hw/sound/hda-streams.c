/* hda-streams.c - the DMA engines of High Definition Audio: rings of pieces, moved by guest time.
 * Source: Intel "High Definition Audio Specification", revision 1.0a, sections 3.3.35 to 3.3.43 and 4.5.
 * Left out: traffic priority and striping, which change nothing here; FIFO errors: none is ever late. */
#include "config.h"

#include "hw/sound/hda-private.h"

#include "core/machine.h"
#include "hw/rate.h"

#include <string.h>

#define MOST_RATE_HZ  192000u
#define MOST_CHANNELS 16
#define MOST_FRAMES   (MOST_RATE_HZ / SOUND_PIECE_HZ)
#define MOST_BYTES    (MOST_FRAMES * MOST_CHANNELS * 4)
#define MOST_PIECES   1000           /* moved at once, when time has passed by leaps: a second */
#define MOST_EMPTY    256            /* pieces without a byte that are passed by at once */

HdaFormat
hda_format (guint16 fmt)
{
  static const guint8 bits[8] = { 8, 16, 20, 24, 32, 0, 0, 0 };
  guint multiplier = (fmt >> 11 & 7) + 1;
  HdaFormat f = { .channels = (fmt & 15u) + 1, .bits = bits[fmt >> 4 & 7] };

  if (fmt & 0x8000 || multiplier > 4 || f.bits == 0)
    return (HdaFormat) { .rate_hz = 0 };
  f.rate_hz = (fmt & 0x4000 ? 44100 : 48000) * multiplier / ((fmt >> 8 & 7u) + 1);
  f.sample_bytes = f.bits == 8 ? 1 : f.bits == 16 ? 2 : 4;
  return f;
}

static AsternDevice *
device_of (Hda *hda)
{
  return &hda->parent.parent;
}

static guint64
now_ns (Hda *hda)
{
  return astern_clock_now_ns (device_of (hda)->clock);
}

static gboolean
is_output (guint n)
{
  return n >= HDA_N_IN;
}

static guint
tag_of (const HdaStream *stream)
{
  return stream->ctl >> 20 & 15;
}

static void
fetch (Hda *hda, guint n)
{
  HdaStream *stream = &hda->s.stream[n];
  guint64 list = (guint64) stream->bdpu << 32 | stream->bdpl;
  struct { guint64 address; guint32 size, flags; } piece;

  astern_pci_dma_read (device_of (hda), list + 16 * stream->entry, &piece, sizeof piece);
  stream->address = GUINT64_FROM_LE (piece.address);
  stream->left = GUINT32_FROM_LE (piece.size);
  stream->ioc = GUINT32_FROM_LE (piece.flags) & 1;
  stream->entry = stream->entry >= (stream->lvi & 0xff) ? 0 : stream->entry + 1;
}

/* The piece is through: the next one that has bytes.  FALSE: there is none. */
static gboolean
next_piece (Hda *hda, guint n)
{
  HdaStream *stream = &hda->s.stream[n];

  for (guint i = 0; stream->left == 0; i++)
    {
      if (i == MOST_EMPTY)
        {
          stream->ctl |= STS_DESE;
          hda_guest_error (hda, "a stream's buffers are all empty");
          return FALSE;
        }
      fetch (hda, n);
    }
  return TRUE;
}

/* Bytes to or from the ring.  FALSE: its list has an error. */
static gboolean
transfer (Hda *hda, guint n, guint8 *bytes, guint size)
{
  HdaStream *stream = &hda->s.stream[n];

  while (size > 0)
    {
      guint chunk = MIN (size, stream->left);

      if (is_output (n))
        astern_pci_dma_read (device_of (hda), stream->address, bytes, chunk);
      else
        astern_pci_dma_write (device_of (hda), stream->address, bytes, chunk);
      bytes += chunk;
      size -= chunk;
      stream->address += chunk;
      stream->left -= chunk;
      stream->lpib += chunk;
      if (stream->cbl != 0 && stream->lpib >= stream->cbl)
        stream->lpib -= stream->cbl;
      if (stream->left == 0 && stream->ioc)
        stream->ctl |= STS_BCIS;
      if (!next_piece (hda, n))
        return FALSE;
    }
  return TRUE;
}

/* ---- samples ---- */

static gint16
unpack (const guint8 *at, guint sample_bytes)
{
  switch (sample_bytes)
    {
    case 1:  return (gint16) (guint16) (at[0] << 8);
    case 2:  return (gint16) (at[0] | at[1] << 8);
    default: return (gint16) (at[2] | at[3] << 8);
    }
}

static void
pack (guint8 *at, guint sample_bytes, gint16 sample)
{
  memset (at, 0, sample_bytes);
  at[sample_bytes - 1] = (guint8) (sample >> 8);
  if (sample_bytes > 1)
    at[sample_bytes - 2] = (guint8) sample;
}

static gboolean
play (Hda *hda, guint n, const HdaFormat *f, guint64 at_ns, guint frames)
{
  guint8 bytes[MOST_BYTES];
  gint16 samples[MOST_FRAMES * MOST_CHANNELS];
  gboolean whole = transfer (hda, n, bytes, frames * f->channels * f->sample_bytes);

  for (guint i = 0; whole && i < frames * f->channels; i++)
    samples[i] = unpack (bytes + i * f->sample_bytes, f->sample_bytes);
  for (guint c = 0; whole && c < HDA_N_CODECS; c++)
    if (hda->codecs[c] != NULL)
      hda_codec_play (hda->codecs[c], tag_of (&hda->s.stream[n]), at_ns, f->rate_hz, samples, frames, f->channels);
  return whole;
}

static gboolean
record (Hda *hda, guint n, const HdaFormat *f, guint64 at_ns, guint frames)
{
  guint8 bytes[MOST_BYTES];
  gint16 samples[2 * MOST_FRAMES] = { 0 };

  for (guint c = 0; c < HDA_N_CODECS; c++)
    if (hda->codecs[c] != NULL && hda_codec_record (hda->codecs[c], tag_of (&hda->s.stream[n]), at_ns, f->rate_hz, samples, frames))
      break;
  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < f->channels; c++)
      pack (bytes + (i * f->channels + c) * f->sample_bytes, f->sample_bytes, c < 2 ? samples[2 * i + c] : 0);
  return transfer (hda, n, bytes, frames * f->channels * f->sample_bytes);
}

/* ---- time ---- */

static gboolean
runs (const Hda *hda, guint n)
{
  const HdaStream *stream = &hda->s.stream[n];

  return (stream->ctl & CTL_RUN) && !(stream->ctl & (CTL_SRST | STS_DESE)) && !(hda->s.ssync >> n & 1)
         && hda_format (stream->fmt).rate_hz != 0;
}

/* What is to be moved next, at most: a thousandth of a second, or what is left of the piece. */
static guint
most_frames (const HdaStream *stream, const HdaFormat *f)
{
  guint frame_bytes = f->channels * f->sample_bytes;
  guint left = (guint) MIN (((guint64) stream->left + frame_bytes - 1) / frame_bytes, MOST_FRAMES);

  return MAX (MIN (MAX (f->rate_hz / SOUND_PIECE_HZ, 1), left), 1);
}

static void
set_timer (Hda *hda, guint n)
{
  const HdaStream *stream = &hda->s.stream[n];
  HdaFormat f = hda_format (stream->fmt);

  astern_timer_set (&hda->timer[n], stream->start_ns + hw_rate_ns (stream->done + most_frames (stream, &f), f.rate_hz));
}

static void
anchor (Hda *hda, guint n)
{
  hda->s.stream[n].start_ns = now_ns (hda);
  hda->s.stream[n].done = 0;
}

static void
tell_position (Hda *hda, guint n)
{
  guint64 to = ((guint64) hda->s.dpubase << 32 | hda->s.dplbase) & ~G_GUINT64_CONSTANT (0x7f);
  guint32 lpib = GUINT32_TO_LE (hda->s.stream[n].lpib);

  if (hda->s.dplbase & 1)
    astern_pci_dma_write (device_of (hda), to + 8 * n, &lpib, sizeof lpib);
}

static void
halt (Hda *hda, guint n)
{
  if (hda->s.stream[n].deadline_ns == ASTERN_CLOCK_NEVER)
    return;
  astern_timer_cancel (&hda->timer[n]);
  for (guint c = 0; c < HDA_N_CODECS; c++)
    if (hda->codecs[c] != NULL)
      hda_codec_end (hda->codecs[c], tag_of (&hda->s.stream[n]), now_ns (hda), is_output (n));
}

/* From now on, not from the first frame that is moved on. */
static void
listen_to (Hda *hda, guint n)
{
  const HdaStream *stream = &hda->s.stream[n];
  gint16 none[2];

  for (guint c = 0; c < HDA_N_CODECS; c++)
    if (hda->codecs[c] != NULL && hda_codec_record (hda->codecs[c], tag_of (stream), stream->start_ns, hda_format (stream->fmt).rate_hz, none, 0))
      break;
}

static void
start (Hda *hda, guint n)
{
  HdaStream *stream = &hda->s.stream[n];

  if (stream->left == 0 && !next_piece (hda, n))
    return;
  anchor (hda, n);
  set_timer (hda, n);
  if (!is_output (n))
    listen_to (hda, n);
}

void
hda_stream_expired (gpointer reference)
{
  Hda *hda = ((HdaStreamRef *) reference)->hda;
  guint n = ((HdaStreamRef *) reference)->n;
  HdaStream *stream = &hda->s.stream[n];
  HdaFormat f = hda_format (stream->fmt);
  guint64 due;
  gboolean whole = stream->left > 0;

  if (!runs (hda, n) || !whole)
    return;
  due = hw_rate_ticks (now_ns (hda) - stream->start_ns, f.rate_hz);
  for (guint i = 0; whole && stream->done < due && i < MOST_PIECES; i++)
    {
      guint frames = (guint) MIN (due - stream->done, most_frames (stream, &f));
      guint64 at_ns = stream->start_ns + hw_rate_ns (stream->done, f.rate_hz);

      whole = is_output (n) ? play (hda, n, &f, at_ns, frames) : record (hda, n, &f, at_ns, frames);
      stream->done += frames;
    }
  tell_position (hda, n);
  if (stream->done < due)
    anchor (hda, n);
  set_timer (hda, n);
  if (!whole)
    halt (hda, n);
  hda_update_irq (hda);
}

/* ---- what the guest asks for ---- */

void
hda_stream_reset (Hda *hda, guint n)
{
  HdaStream *stream = &hda->s.stream[n];

  halt (hda, n);
  memset (stream, 0, sizeof *stream);
  stream->deadline_ns = ASTERN_CLOCK_NEVER;
}

/* Whoever played or recorded it knows it by the tag that it had. */
static void
halt_as (Hda *hda, guint n, guint32 old)
{
  guint32 ctl = hda->s.stream[n].ctl;

  hda->s.stream[n].ctl = old;
  halt (hda, n);
  hda->s.stream[n].ctl = ctl;
}

void
hda_stream_control (Hda *hda, guint n, guint32 old)
{
  HdaStream *stream = &hda->s.stream[n];
  guint32 ctl = stream->ctl;

  if (!runs (hda, n) || (ctl ^ old) >> 20 & 15)
    halt_as (hda, n, old);
  if (ctl & CTL_SRST)
    {
      if (!(old & CTL_SRST))
        hda_stream_reset (hda, n);
      stream->ctl = CTL_SRST;
    }
  else if (stream->deadline_ns == ASTERN_CLOCK_NEVER && runs (hda, n))
    start (hda, n);
}

void
hda_stream_reformat (Hda *hda, guint n)
{
  halt (hda, n);
  if (runs (hda, n))
    start (hda, n);
}

/* A state from a file may say anything. */
void
hda_stream_restored (Hda *hda, guint n)
{
  HdaStream *stream = &hda->s.stream[n];
  HdaFormat f = hda_format (stream->fmt);
  guint64 now = now_ns (hda);

  if (stream->deadline_ns != ASTERN_CLOCK_NEVER && (stream->start_ns > now || f.rate_hz == 0 || stream->done > hw_rate_ticks (now - stream->start_ns, f.rate_hz)))
    anchor (hda, n);
}
