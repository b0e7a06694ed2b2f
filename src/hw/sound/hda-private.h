/* hda-private - what the files of the High Definition Audio controller and its codecs share. */
#pragma once

#include "hw/pci.h"
#include "hw/sound/hda.h"
#include "hw/sound/voice.h"

#define HDA_N_IN      4
#define HDA_N_OUT     4
#define HDA_N_STREAMS (HDA_N_IN + HDA_N_OUT)     /* inputs first */
#define HDA_N_CODECS  15
#define HDA_BAR_BYTES 0x4000

/* A DMA engine.  The guest sees `lpib` of a ring of `cbl` bytes, whose pieces a list in memory names. */
typedef struct
{
  guint64 deadline_ns;
  guint64 start_ns;       /* since then it runs without a break */
  guint64 done;           /* frames moved since */
  guint64 address;        /* of the piece's next byte */
  guint32 ctl;            /* SDnCTL, 24 bits, and SDnSTS */
  guint32 lpib, cbl, bdpl, bdpu;
  guint32 left;           /* bytes of the piece that are to be moved */
  guint32 ioc;            /* the piece asks for an interrupt */
  guint16 lvi, fmt;
  guint16 entry;          /* of the list, that comes next */
  guint16 reserved[3];
} HdaStream;

typedef struct
{
  AsternPciState pci;
  guint64 corb_ns;        /* deadline: the next command goes over the link */
  guint64 wall_ns;        /* guest time at which the wall clock was zero */
  guint32 gctl, intctl, ssync, outpay;
  guint32 corblbase, corbubase, rirblbase, rirbubase, dplbase, dpubase;
  guint32 icoi, icii;
  guint16 wakeen, statests, gsts, corbwp, corbrp, rirbwp, rintcnt, icis;
  guint16 responses;      /* since the last interrupt for them */
  guint8  corbctl, corbsts, corbsize, rirbctl, rirbsts, rirbsize;
  HdaStream stream[HDA_N_STREAMS];
} HdaState;

typedef struct _Hda Hda;

typedef struct
{
  Hda  *hda;
  guint n;
} HdaStreamRef;

struct _Hda
{
  AsternPciFunction parent;
  HdaState          s;
  AsternTimer       timer[HDA_N_STREAMS];
  AsternTimer       corb;
  HdaStreamRef      ref[HDA_N_STREAMS];
  AsternDevice     *codecs[HDA_N_CODECS];        /* borrowed */
};

/* What a stream's format register says; frames of 0: nothing that there is. */
typedef struct
{
  guint32 rate_hz;
  guint   channels, sample_bytes, bits;
} HdaFormat;

HdaFormat hda_format          (guint16 fmt);

/* -- The controller's parts */

enum { CTL_SRST = 1 << 0, CTL_RUN = 1 << 1, CTL_IOCE = 1 << 2, CTL_FEIE = 1 << 3, CTL_DEIE = 1 << 4 };
enum { STS_BCIS = 1u << 26, STS_FIFOE = 1u << 27, STS_DESE = 1u << 28, STS_FIFORDY = 1u << 29 };

void     hda_update_irq       (Hda *hda);
void     hda_guest_error      (Hda *hda, const char *what);

void     hda_stream_control   (Hda *hda, guint n, guint32 old);    /* SDnCTL was written, or SSYNC */
void     hda_stream_reformat  (Hda *hda, guint n);                 /* SDnFMT was written */
void     hda_stream_reset     (Hda *hda, guint n);
void     hda_stream_restored  (Hda *hda, guint n);
void     hda_stream_expired   (gpointer ref);

void     hda_corb_changed     (Hda *hda);                          /* CORBWP, CORBCTL, RIRBCTL or RIRBSTS was written */
void     hda_corb_expired     (gpointer hda);
void     hda_immediate        (Hda *hda);

/* -- Codecs, as the controller sees them */

/* Returns the response. */
guint32  hda_codec_verb       (AsternDevice *codec, guint nid, guint32 verb);
/* Frames of a stream of that tag, as samples of the first channels; the codec picks.  at_ns: of the first. */
/* Frames of a stream of that tag; the codec picks its channels.  @at_ns: of the first. */
void     hda_codec_play       (AsternDevice *codec, guint tag, guint64 at_ns, guint32 rate_hz, const gint16 *samples, guint n, guint channels);
/* FALSE, and @samples as they were: none of its converters has that tag. */
gboolean hda_codec_record     (AsternDevice *codec, guint tag, guint64 at_ns, guint32 rate_hz, gint16 *samples, guint n);
/* A stream, played or recorded, has stopped. */
void     hda_codec_end        (AsternDevice *codec, guint tag, guint64 at_ns, gboolean played);
