/* ac97-mixer.c - the codec of the AC'97 controller: its mixer's registers.
 * Source: Intel "Audio Codec '97", revision 2.3, section 5; the codec says that it is a SigmaTel STAC9700, with variable rates.
 * Left out: sources other than the line that PCM comes from and the microphone (their volumes are kept), the tone of
 * the PC's speaker, 3D and loudness. */
#include "config.h"

#include "hw/sound/ac97-private.h"

#define LOWEST_HZ  4000u
#define HIGHEST_HZ 48000u

enum { MUTE = 0x8000, VRA = 0x0001, VRM = 0x0008 };

static Ac97 *
ac97_of (AsternDevice *device)
{
  return (Ac97 *) device;
}

/* Whoever touches the codec lets go of it. */
static void
release (AsternDevice *device, guint32 offset)
{
  ac97_of (device)->s.cas = 0;
}

static void
written (AsternDevice *device, guint32 offset, guint64 value)
{
  ac97_of (device)->s.cas = 0;
}

void
ac97_mixer_reset (Ac97 *ac97)
{
  for (guint i = 0; i < AC97_N_MIXER_REGS; i++)
    if (ac97_mixer_regs[i].backing != ASTERN_NO_BACKING)
      ac97->s.nam[ac97_mixer_regs[i].offset / 2] = (guint16) ac97_mixer_regs[i].reset;
  ac97->s.cas = 0;
  ac97_rates_changed (ac97);
}

static void
reset_written (AsternDevice *device, guint32 offset, guint64 value)
{
  ac97_mixer_reset (ac97_of (device));
}

/* Each part is ready as long as it has power. */
static guint64
power_value (gconstpointer state, guint32 offset)
{
  guint16 power = ((const Ac97State *) state)->nam[NAM_POWER / 2];

  return (power & 0xff00) | (~power >> 8 & 0x0f);
}

static void
rate_written (AsternDevice *device, guint32 offset, guint64 value)
{
  guint16 *rate = &ac97_of (device)->s.nam[offset / 2];

  *rate = (guint16) CLAMP (*rate, LOWEST_HZ, HIGHEST_HZ);
  ac97_of (device)->s.cas = 0;
  ac97_rates_changed (ac97_of (device));
}

/* Without variable rates all are what they were at first. */
static void
extended_written (AsternDevice *device, guint32 offset, guint64 value)
{
  guint16 *nam = ac97_of (device)->s.nam;

  if (!(value & VRA))
    nam[NAM_FRONT_RATE / 2] = nam[NAM_FRONT_RATE / 2 + 1] = nam[NAM_FRONT_RATE / 2 + 2] = nam[NAM_ADC_RATE / 2] = HIGHEST_HZ;
  if (!(value & VRM))
    nam[NAM_MIC_RATE / 2] = HIGHEST_HZ;
  ac97_of (device)->s.cas = 0;
  ac97_rates_changed (ac97_of (device));
}

/* No codec is there. */
static guint64
absent_value (gconstpointer state, guint32 offset)
{
  return 0xffff;
}

#define N(offset) (G_STRUCT_OFFSET (Ac97State, nam) + (offset))
#define R(offset, name, reset, mask, did_write)                                           \
  { offset, ASTERN_ANY_BANK, ASTERN_REG_RW, 2, name, N (offset), reset, mask, NULL, release, did_write, 1, NULL }
const AsternReg ac97_mixer_regs[AC97_N_MIXER_REGS] = {
  R (0x00, "Reset",                      0x0000, 0x0000, reset_written),
  R (0x02, "Master Volume",              0x8000, 0xbf3f, written),
  R (0x04, "AUX Out Volume",             0x8000, 0xbf3f, written),
  R (0x06, "Mono Volume",                0x8000, 0x803f, written),
  R (0x08, "Master Tone",                0x0f0f, 0x0f0f, written),
  R (0x0a, "PC Beep Volume",             0x0000, 0x9ffe, written),
  R (0x0c, "Phone Volume",               0x8008, 0x801f, written),
  R (0x0e, "Mic Volume",                 0x8008, 0x805f, written),
  R (0x10, "Line In Volume",             0x8808, 0x9f1f, written),
  R (0x12, "CD Volume",                  0x8808, 0x9f1f, written),
  R (0x14, "Video Volume",               0x8808, 0x9f1f, written),
  R (0x16, "AUX In Volume",              0x8808, 0x9f1f, written),
  R (0x18, "PCM Out Volume",             0x8808, 0x9f1f, written),
  R (0x1a, "Record Select",              0x0000, 0x0707, written),
  R (0x1c, "Record Gain",                0x8000, 0x8f0f, written),
  R (0x1e, "Record Gain Mic",            0x8000, 0x800f, written),
  R (0x20, "General Purpose",            0x0000, 0xb380, written),
  { 0x26, ASTERN_ANY_BANK, ASTERN_REG_RW, 2, "Powerdown Ctrl/Stat", N (0x26), 0x0000, 0xff00, power_value, release, written, 1, NULL },
  { 0x28, ASTERN_ANY_BANK, ASTERN_REG_R,  2, "Extended Audio ID",   N (0x28), 0x0809, 0x0000, NULL,        release, NULL,    1, NULL },
  R (0x2a, "Extended Audio Stat/Ctrl",   0x0000, VRA | VRM, extended_written),
  R (0x2c, "PCM Front DAC Rate",         0xbb80, 0xffff, rate_written),
  R (0x2e, "PCM Surround DAC Rate",      0xbb80, 0xffff, rate_written),
  R (0x30, "PCM LFE DAC Rate",           0xbb80, 0xffff, rate_written),
  R (0x32, "PCM LR ADC Rate",            0xbb80, 0xffff, rate_written),
  R (0x34, "Mic ADC Rate",               0xbb80, 0xffff, rate_written),
  { 0x22, ASTERN_ANY_BANK, ASTERN_REG_RW, 2, "Not Implemented",     ASTERN_NO_BACKING, 0, 0, NULL,     release, written, 2,  NULL },
  { 0x36, ASTERN_ANY_BANK, ASTERN_REG_RW, 2, "Not Implemented",     ASTERN_NO_BACKING, 0, 0, NULL,     release, written, 35, NULL },
  { 0x80, ASTERN_ANY_BANK, ASTERN_REG_RW, 2, "Secondary Codec",     ASTERN_NO_BACKING, 0, 0, absent_value, release, written, 64, NULL },
  { 0x7c, ASTERN_ANY_BANK, ASTERN_REG_R,  2, "Vendor ID1",          N (0x7c), 0x8384, 0x0000, NULL,        release, NULL,    1, NULL },
  { 0x7e, ASTERN_ANY_BANK, ASTERN_REG_R,  2, "Vendor ID2",          N (0x7e), 0x7600, 0x0000, NULL,        release, NULL,    1, NULL },
};

guint32
ac97_rate (const Ac97State *s, guint box)
{
  static const guint8 at[AC97_N_BOXES] = { NAM_ADC_RATE / 2, NAM_FRONT_RATE / 2, NAM_MIC_RATE / 2 };

  return CLAMP (s->nam[at[box]], LOWEST_HZ, HIGHEST_HZ);
}

static guint32
volume (guint16 reg, guint shift, guint8 mask, guint unity)
{
  return reg & MUTE ? 0 : sound_gain (reg >> shift & mask, unity, SOUND_STEP_1_5_DB);
}

/* Gains count up where volumes count down. */
static guint32
record_gain (guint16 reg, guint shift)
{
  return reg & MUTE ? 0 : sound_gain (0, reg >> shift & 0x0f, SOUND_STEP_1_5_DB);
}

void
ac97_gains (const Ac97State *s, guint box, guint32 gain[2])
{
  const guint16 *nam = s->nam;

  for (guint side = 0; side < 2; side++)
    {
      guint shift = side == 0 ? 8 : 0;

      if (box == AC97_PCM_OUT)
        gain[side] = (guint32) ((guint64) volume (nam[NAM_MASTER / 2], shift, 0x3f, 0)
                                * volume (nam[NAM_PCM_OUT / 2], shift, 0x1f, 8) / SOUND_UNITY);
      else
        gain[side] = box == AC97_PCM_IN ? record_gain (nam[NAM_RECORD_GAIN / 2], shift) : record_gain (nam[NAM_MIC_GAIN / 2], 0);
    }
}
