/* ac97-boxes.c - the channels of the AC'97 controller: lists of buffers, moved by guest time.
 * Source: Intel 82801AA (ICH) data sheet 290655, section 13, "AC'97 Audio Controller Registers".
 * Left out: errors of the FIFOs, which are never late here; what is sent again and again after the last buffer (BUP):
 * there is silence.  The microphone's channel has two samples a frame, as the PCM channels have. */
#include "config.h"

#include "hw/sound/ac97-private.h"

#include "core/machine.h"
#include "hw/rate.h"

#include <string.h>

#define N_ENTRIES    32
#define PIECE_FRAMES 48              /* at the highest rate */
#define MOST_PIECES  1000            /* moved at once, when time has passed by leaps: a second */
#define ENTRY_IOC    0x80000000u

enum { VOICE_OUT = 0 };

static guint
voice_of (guint n)
{
  return n == AC97_MIC_IN ? 1 : 0;
}

static SoundFifo *
fifo_of (Ac97 *ac97, guint n)
{
  return &ac97->s.fifo[voice_of (n)];
}

gboolean
ac97_box_wants_irq (const Ac97Box *box)
{
  return ((box->sr & SR_LVBCI) && (box->cr & CR_LVBIE)) || ((box->sr & SR_BCIS) && (box->cr & CR_IOCE))
         || ((box->sr & SR_FIFOE) && (box->cr & CR_FEIE));
}

/* The list's next entry becomes the current one. */
static void
fetch (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];
  guint32 entry[2];

  box->civ = box->piv;
  box->piv = (box->piv + 1) % N_ENTRIES;
  astern_pci_dma_read (&ac97->parent.parent, box->bdbar + 8 * box->civ, entry, sizeof entry);
  box->address = GUINT32_FROM_LE (entry[0]) & ~1u;
  box->flags = GUINT32_FROM_LE (entry[1]) & 0xffff0000u;
  box->picb = (guint16) GUINT32_FROM_LE (entry[1]);
}

static guint64
now_ns (const Ac97 *ac97)
{
  return astern_clock_now_ns (ac97->parent.parent.clock);
}

/* From now on it runs without a break. */
static void
anchor (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];

  box->start_ns = now_ns (ac97);
  box->done = 0;
  box->rate_hz = ac97_rate (&ac97->s, n);
}

/* When the next piece is due: a thousandth of a second, or what is left of a buffer. */
static void
set_timer (Ac97 *ac97, guint n)
{
  const Ac97Box *box = &ac97->s.box[n];
  guint frames = MAX (MIN (box->rate_hz / SOUND_PIECE_HZ, box->picb / 2u), 1);

  astern_timer_set (&ac97->timer[n], box->start_ns + hw_rate_ns (box->done + frames, box->rate_hz));
}

static void
be_silent (Ac97 *ac97, guint n)
{
  astern_timer_cancel (&ac97->timer[n]);
  if (n == AC97_PCM_OUT)
    sound_end (ac97->link, VOICE_OUT, now_ns (ac97));
  else
    {
      fifo_of (ac97, n)->count = 0;
      sound_deaf (ac97->link, voice_of (n), now_ns (ac97));
    }
}

static void
be_heard (Ac97 *ac97, guint n)
{
  anchor (ac97, n);
  if (n != AC97_PCM_OUT)
    fifo_of (ac97, n)->count = 0;         /* what was said before is not recorded */
  if (n != AC97_PCM_OUT)
    sound_listen (ac97->link, voice_of (n), now_ns (ac97), ac97->s.box[n].rate_hz);
  set_timer (ac97, n);
}

/* The current buffer is through.  Returns whether there is another. */
static gboolean
buffer_done (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];

  if (box->flags & ENTRY_IOC)
    box->sr |= SR_BCIS;
  if (box->civ == box->lvi)
    {
      box->sr |= SR_LVBCI | SR_CELV | SR_DCH;
      return FALSE;
    }
  fetch (ac97, n);
  return TRUE;
}

static void
move (Ac97 *ac97, guint n, guint frames)
{
  Ac97Box *box = &ac97->s.box[n];
  gint16 samples[2 * PIECE_FRAMES];
  guint32 gain[2];

  ac97_gains (&ac97->s, n, gain);
  if (n == AC97_PCM_OUT)
    {
      astern_pci_dma_read (&ac97->parent.parent, box->address, samples, frames * ASTERN_SOUND_FRAME_BYTES);
      for (guint i = 0; i < 2 * frames; i++)
        samples[i] = (gint16) GUINT16_FROM_LE ((guint16) samples[i]);
      sound_scale (samples, frames, gain[0], gain[1]);
      sound_play (ac97->link, VOICE_OUT, box->start_ns + hw_rate_ns (box->done, box->rate_hz), box->rate_hz, samples, frames);
    }
  else
    {
      sound_fifo_take (fifo_of (ac97, n), samples, frames);
      sound_scale (samples, frames, gain[0], gain[1]);
      for (guint i = 0; i < 2 * frames; i++)
        samples[i] = (gint16) GUINT16_TO_LE ((guint16) samples[i]);
      astern_pci_dma_write (&ac97->parent.parent, box->address, samples, frames * ASTERN_SOUND_FRAME_BYTES);
      astern_link_has_room (ac97->link);
    }
  box->address += frames * ASTERN_SOUND_FRAME_BYTES;
  box->picb = (guint16) (box->picb - 2 * frames);
  box->done += frames;
}

/* To the next buffer that has a frame; a sample without its fellow is none. */
static gboolean
next_buffers (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];

  while (box->picb < 2)
    {
      box->picb = 0;
      if (!buffer_done (ac97, n))
        return FALSE;
    }
  return TRUE;
}

void
ac97_box_expired (gpointer ref)
{
  Ac97 *ac97 = ((Ac97BoxRef *) ref)->ac97;
  guint n = ((Ac97BoxRef *) ref)->n;
  Ac97Box *box = &ac97->s.box[n];
  guint64 due = hw_rate_ticks (now_ns (ac97) - MIN (box->start_ns, now_ns (ac97)), box->rate_hz);

  for (guint i = 0; box->done < due && i < MOST_PIECES; i++)
    {
      guint frames = MIN (MIN (box->rate_hz / SOUND_PIECE_HZ, box->picb / 2u), (guint) MIN (due - box->done, G_MAXINT));

      move (ac97, n, frames);
      if (!next_buffers (ac97, n))
        {
          be_silent (ac97, n);
          ac97_update_irq (ac97);
          return;
        }
    }
  if (box->done < due)
    anchor (ac97, n);
  set_timer (ac97, n);
  ac97_update_irq (ac97);
}

/* ---- what the guest asks for ---- */

void
ac97_box_start (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];

  box->sr &= (guint16) ~(SR_DCH | SR_CELV);
  if (box->picb < 2)
    fetch (ac97, n);
  if (next_buffers (ac97, n))
    be_heard (ac97, n);
  ac97_update_irq (ac97);
}

void
ac97_box_stop (Ac97 *ac97, guint n)
{
  ac97->s.box[n].sr |= SR_DCH;
  be_silent (ac97, n);
}

/* The last valid buffer is another: if it had come to the end, it goes on. */
void
ac97_box_extend (Ac97 *ac97, guint n)
{
  const Ac97Box *box = &ac97->s.box[n];

  if ((box->cr & CR_RPBM) && (box->sr & SR_DCH) && (box->sr & SR_CELV) && box->civ != box->lvi)
    ac97_box_start (ac97, n);
}

void
ac97_box_reset (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];
  guint8 kept = box->cr & (CR_LVBIE | CR_FEIE | CR_IOCE);

  if (box->deadline_ns != ASTERN_CLOCK_NEVER)
    be_silent (ac97, n);
  memset (box, 0, sizeof *box);
  box->deadline_ns = ASTERN_CLOCK_NEVER;
  box->sr = SR_DCH;
  box->cr = kept;
  box->rate_hz = ac97_rate (&ac97->s, n);
}

void
ac97_rates_changed (Ac97 *ac97)
{
  for (guint n = 0; n < AC97_N_BOXES; n++)
    {
      const Ac97Box *box = &ac97->s.box[n];

      if (box->deadline_ns != ASTERN_CLOCK_NEVER && box->rate_hz != ac97_rate (&ac97->s, n))
        be_heard (ac97, n);
    }
}

void
ac97_box_restored (Ac97 *ac97, guint n)
{
  Ac97Box *box = &ac97->s.box[n];
  guint64 now = now_ns (ac97);

  box->civ %= N_ENTRIES;
  box->piv %= N_ENTRIES;
  box->lvi %= N_ENTRIES;
  if (box->rate_hz == 0 || box->rate_hz > SOUND_PIECE_HZ * PIECE_FRAMES)
    box->rate_hz = ac97_rate (&ac97->s, n);
  if (box->start_ns > now || box->done > hw_rate_ticks (now - box->start_ns, box->rate_hz))
    box->start_ns = now, box->done = 0;
}
