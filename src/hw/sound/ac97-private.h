/* ac97-private - what the files of the AC'97 controller share. */
#pragma once

#include "hw/pci.h"
#include "hw/sound/ac97.h"
#include "hw/sound/voice.h"

/* The bus master's channels, in the order of their registers. */
enum { AC97_PCM_IN, AC97_PCM_OUT, AC97_MIC_IN, AC97_N_BOXES };

/* Mixer registers, by offset / 2. */
enum
{
  NAM_MASTER = 0x02, NAM_PCM_OUT = 0x18, NAM_RECORD_GAIN = 0x1c, NAM_MIC_GAIN = 0x1e, NAM_POWER = 0x26, NAM_EXTENDED = 0x2a,
  NAM_FRONT_RATE = 0x2c, NAM_ADC_RATE = 0x32, NAM_MIC_RATE = 0x34, NAM_N = 0x40,
};

/* One channel.  The list of buffers lies in memory; `left` samples of the current one are to be moved. */
typedef struct
{
  guint64 deadline_ns;
  guint64 start_ns;       /* since then it runs without a break, at rate_hz */
  guint64 done;           /* frames moved since */
  guint32 rate_hz;
  guint32 bdbar;
  guint32 address;        /* of the next sample */
  guint32 flags;          /* of the current entry, in its upper half */
  guint16 sr;
  guint16 picb;           /* samples of the current buffer that are left */
  guint8  civ, piv, lvi, cr;
} Ac97Box;

typedef struct
{
  AsternPciState pci;
  Ac97Box   box[AC97_N_BOXES];
  SoundFifo fifo[2];      /* of the PCM and the microphone's channel */
  guint16   nam[NAM_N];
  guint32   glob_cnt;
  guint8    cas;          /* the codec is somebody's */
  guint8    reserved[3];
} Ac97State;

typedef struct _Ac97 Ac97;

/* A timer's owner. */
typedef struct
{
  Ac97 *ac97;
  guint n;
} Ac97BoxRef;

struct _Ac97
{
  AsternPciFunction parent;
  Ac97State         s;
  AsternTimer       timer[AC97_N_BOXES];
  Ac97BoxRef        ref[AC97_N_BOXES];
  AsternLink       *link;       /* borrowed, (nullable) */
};

#define AC97_N_MIXER_REGS 30
extern const AsternReg ac97_mixer_regs[AC97_N_MIXER_REGS];
/* What the table cannot say. */
void    ac97_mixer_reset (Ac97 *ac97);
guint32 ac97_rate        (const Ac97State *s, guint box);
/* Left and right, of what is played and what is recorded. */
void    ac97_gains       (const Ac97State *s, guint box, guint32 gain[2]);

/* The codec's rates may have changed. */
void    ac97_rates_changed (Ac97 *ac97);
/* A channel's RPBM or LVI was written. */
void    ac97_box_start   (Ac97 *ac97, guint n);
void    ac97_box_stop    (Ac97 *ac97, guint n);
void    ac97_box_extend  (Ac97 *ac97, guint n);
void    ac97_box_reset   (Ac97 *ac97, guint n);
void    ac97_box_expired (gpointer ref);       /* AsternTimerFunc */
/* A state from a file may say anything. */
void    ac97_box_restored (Ac97 *ac97, guint n);
void    ac97_update_irq  (Ac97 *ac97);
gboolean ac97_box_wants_irq (const Ac97Box *box);

enum { SR_DCH = 0x01, SR_CELV = 0x02, SR_LVBCI = 0x04, SR_BCIS = 0x08, SR_FIFOE = 0x10 };
enum { CR_RPBM = 0x01, CR_RR = 0x02, CR_LVBIE = 0x04, CR_FEIE = 0x08, CR_IOCE = 0x10 };
