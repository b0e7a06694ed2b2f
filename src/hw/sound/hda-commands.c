/* hda-commands.c - commands to codecs, and their responses: CORB, RIRB, and one at a time.
 * Source: Intel "High Definition Audio Specification", revision 1.0a, sections 3.3.18 to 3.3.34 and 4.4.
 * Left out: unsolicited responses: nothing is ever plugged in or pulled. */
#include "config.h"

#include "hw/sound/hda-private.h"

#include "core/machine.h"

#define FRAME_NS 20833            /* of the link, 48 kHz: one command goes over it in each */
#define ENTRIES  256u

enum { CORBCTL_RUN = 2, RIRBCTL_DMA = 2, RIRBSTS_RESPONSE = 1, ICIS_VALID = 2 };

static gboolean
waits (const HdaState *s)
{
  return (s->gctl & 1) && (s->corbctl & CORBCTL_RUN) && (s->corbrp & 0xff) != (s->corbwp & 0xff);
}

void
hda_corb_changed (Hda *hda)
{
  if (!waits (&hda->s))
    astern_timer_cancel (&hda->corb);
  else if (hda->s.corb_ns == ASTERN_CLOCK_NEVER)
    astern_timer_set (&hda->corb, astern_clock_now_ns (hda->parent.parent.clock) + FRAME_NS);
}

/* FALSE: nobody is there to answer. */
static gboolean
ask (Hda *hda, guint32 command, guint32 *response)
{
  guint address = command >> 28;

  if (address >= HDA_N_CODECS || hda->codecs[address] == NULL)
    {
      hda_guest_error (hda, "a command to a codec that is not there");
      return FALSE;
    }
  *response = hda_codec_verb (hda->codecs[address], command >> 20 & 0xff, command & 0xfffff);
  return TRUE;
}

/* An interrupt after so many responses, or when there is nothing more to answer. */
static void
respond (Hda *hda, guint32 response, guint32 address)
{
  HdaState *s = &hda->s;
  const guint32 entry[2] = { GUINT32_TO_LE (response), GUINT32_TO_LE (address) };
  guint64 base = (guint64) s->rirbubase << 32 | s->rirblbase;

  if (!(s->rirbctl & RIRBCTL_DMA))
    return;
  s->rirbwp = (s->rirbwp + 1) % ENTRIES;
  astern_pci_dma_write (&hda->parent.parent, base + 8 * s->rirbwp, entry, sizeof entry);
  s->responses++;
  if (s->responses >= (s->rintcnt & 0xff ? s->rintcnt & 0xff : ENTRIES) || !waits (s))
    {
      s->responses = 0;
      s->rirbsts |= RIRBSTS_RESPONSE;
      hda_update_irq (hda);
    }
}

void
hda_corb_expired (gpointer owner)
{
  Hda *hda = owner;
  HdaState *s = &hda->s;
  guint64 base = (guint64) s->corbubase << 32 | s->corblbase;
  guint32 command, response;

  if (!waits (s))
    return;
  s->corbrp = (s->corbrp + 1) % ENTRIES;
  astern_pci_dma_read (&hda->parent.parent, base + 4 * s->corbrp, &command, sizeof command);
  command = GUINT32_FROM_LE (command);
  if (ask (hda, command, &response))
    respond (hda, response, command >> 28);
  hda_corb_changed (hda);
}

void
hda_immediate (Hda *hda)
{
  guint32 response;

  if (ask (hda, hda->s.icoi, &response))
    {
      hda->s.icii = response;
      hda->s.icis = ICIS_VALID;
    }
}
