/* ac97.c - Intel 82801AA AC'97 audio controller: its functions, registers and interrupt.
 * Source: Intel 82801AA (ICH) data sheet 290655, section 13.
 * Left out: the modem's channels, a second codec, wake-up, S/PDIF. */
#include "config.h"

#include "hw/sound/ac97-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

#define MIXER_BYTES  256
#define MASTER_BYTES 64

enum { GLOB_CNT_GIE = 1 << 0, GLOB_CNT_COLD = 1 << 1, GLOB_CNT_WARM = 1 << 2 };
enum { GLOB_STA_PIINT = 1 << 5, GLOB_STA_POINT = 1 << 6, GLOB_STA_MINT = 1 << 7, GLOB_STA_PCR = 1 << 8 };

static Ac97 *
ac97_of (AsternDevice *device)
{
  return (Ac97 *) device;
}

static gboolean
wants_irq (const Ac97State *s)
{
  for (guint n = 0; n < AC97_N_BOXES; n++)
    if (ac97_box_wants_irq (&s->box[n]))
      return TRUE;
  return FALSE;
}

void
ac97_update_irq (Ac97 *ac97)
{
  astern_pci_set_intx (&ac97->parent.parent, 0, wants_irq (&ac97->s));
}

/* ---- registers ---- */

static void
lvi_written (AsternDevice *device, guint32 offset, guint64 value)
{
  ac97_box_extend (ac97_of (device), offset >> 4);
}

static void
sr_written (AsternDevice *device, guint32 offset, guint64 value)
{
  Ac97 *ac97 = ac97_of (device);

  ac97->s.box[offset >> 4].sr &= (guint16) ~(value & (SR_LVBCI | SR_BCIS | SR_FIFOE));
  ac97_update_irq (ac97);
}

static void
cr_written (AsternDevice *device, guint32 offset, guint64 value)
{
  Ac97 *ac97 = ac97_of (device);
  guint n = offset >> 4;
  Ac97Box *box = &ac97->s.box[n];
  gboolean runs = (box->cr & CR_RPBM) != 0;

  box->cr = (guint8) value & (CR_RPBM | CR_LVBIE | CR_FEIE | CR_IOCE);
  if (value & CR_RR)
    ac97_box_reset (ac97, n);
  else if (!runs && (value & CR_RPBM))
    ac97_box_start (ac97, n);
  else if (runs && !(value & CR_RPBM))
    ac97_box_stop (ac97, n);
  ac97_update_irq (ac97);
}

static void
cold_reset (Ac97 *ac97)
{
  for (guint n = 0; n < AC97_N_BOXES; n++)
    {
      ac97->s.box[n].cr = 0;
      ac97_box_reset (ac97, n);
    }
  ac97_mixer_reset (ac97);
}

/* A warm reset is over at once; a cold one lasts as long as its bit is zero. */
static void
glob_cnt_written (AsternDevice *device, guint32 offset, guint64 value)
{
  Ac97 *ac97 = ac97_of (device);

  ac97->s.glob_cnt &= ~(guint32) GLOB_CNT_WARM;
  if (!(value & GLOB_CNT_COLD))
    cold_reset (ac97);
  ac97_update_irq (ac97);
}

static guint64
glob_sta_value (gconstpointer state, guint32 offset)
{
  static const guint16 bits[AC97_N_BOXES] = { GLOB_STA_PIINT, GLOB_STA_POINT, GLOB_STA_MINT };
  const Ac97State *s = state;
  guint64 value = s->glob_cnt & GLOB_CNT_COLD ? GLOB_STA_PCR : 0;

  for (guint n = 0; n < AC97_N_BOXES; n++)
    if (ac97_box_wants_irq (&s->box[n]))
      value |= bits[n];
  return value;
}

/* Whoever reads a zero has it from then on, until the codec was accessed. */
static void
cas_did_read (AsternDevice *device, guint32 offset)
{
  ac97_of (device)->s.cas = 1;
}

static const AsternRegField sr_bits[] = {
  { 0, 1, "DCH" }, { 1, 1, "CELV" }, { 2, 1, "LVBCI" }, { 3, 1, "BCIS" }, { 4, 1, "FIFOE" }, { 0 },
};
static const AsternRegField cr_bits[] = {
  { 0, 1, "RPBM" }, { 1, 1, "RR" }, { 2, 1, "LVBIE" }, { 3, 1, "FEIE" }, { 4, 1, "IOCE" }, { 0 },
};
static const AsternRegField glob_cnt_bits[] = {
  { 0, 1, "GIE" }, { 1, 1, "cold reset#" }, { 2, 1, "warm reset" }, { 3, 1, "link off" }, { 0 },
};
static const AsternRegField glob_sta_bits[] = {
  { 5, 1, "PIINT" }, { 6, 1, "POINT" }, { 7, 1, "MINT" }, { 8, 1, "PCR" }, { 0 },
};

#define AT(member) G_STRUCT_OFFSET (Ac97State, member)
#define BOX(n, p)                                                                                                                       \
  { 0x10 * n + 0x0, ASTERN_ANY_BANK, ASTERN_REG_RW, 4, p "_BDBAR", AT (box[n].bdbar), 0, 0xfffffff8, NULL, NULL, NULL,        1, NULL },    \
  { 0x10 * n + 0x4, ASTERN_ANY_BANK, ASTERN_REG_R,  1, p "_CIV",   AT (box[n].civ),   0, 0,          NULL, NULL, NULL,        1, NULL },    \
  { 0x10 * n + 0x5, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, p "_LVI",   AT (box[n].lvi),   0, 0x1f,       NULL, NULL, lvi_written, 1, NULL },    \
  { 0x10 * n + 0x6, ASTERN_ANY_BANK, ASTERN_REG_RW, 2, p "_SR",    AT (box[n].sr),    0, 0,          NULL, NULL, sr_written,  1, sr_bits }, \
  { 0x10 * n + 0x8, ASTERN_ANY_BANK, ASTERN_REG_R,  2, p "_PICB",  AT (box[n].picb),  0, 0,          NULL, NULL, NULL,        1, NULL },    \
  { 0x10 * n + 0xa, ASTERN_ANY_BANK, ASTERN_REG_R,  1, p "_PIV",   AT (box[n].piv),   0, 0,          NULL, NULL, NULL,        1, NULL },    \
  { 0x10 * n + 0xb, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, p "_CR",    AT (box[n].cr),    0, 0,          NULL, NULL, cr_written,  1, cr_bits }
static const AsternReg master_regs[] = {
  BOX (0, "PI"), BOX (1, "PO"), BOX (2, "MC"),
  { 0x2c, ASTERN_ANY_BANK, ASTERN_REG_RW, 4, "GLOB_CNT", AT (glob_cnt), 0, 0x0030003f, NULL, NULL, glob_cnt_written, 1, glob_cnt_bits },
  { 0x30, ASTERN_ANY_BANK, ASTERN_REG_R, 4, "GLOB_STA", ASTERN_NO_BACKING, 0, 0, glob_sta_value, NULL, NULL, 1, glob_sta_bits },
  { 0x34, ASTERN_ANY_BANK, ASTERN_REG_R, 1, "CAS", AT (cas), 0, 0, NULL, cas_did_read, NULL, 1, NULL },
};

/* ---- the device ---- */

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x2415, .revision = 1, .class_code = 0x040100, .status = 0x0280, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE,
};

static void
ac97_init (AsternDevice *device)
{
  static const char *const names[AC97_N_BOXES] = { "ac97-pcm-in", "ac97-pcm-out", "ac97-mic-in" };
  Ac97 *ac97 = ac97_of (device);

  astern_pci_init (device, &info);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, MIXER_BYTES, AC97_MIXER_WINDOW, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_PORTS, MASTER_BYTES, AC97_MASTER_WINDOW, NULL);
  for (guint n = 0; n < AC97_N_BOXES; n++)
    {
      ac97->ref[n] = (Ac97BoxRef) { ac97, n };
      astern_timer_init (&ac97->timer[n], device->clock, names[n], &ac97->s.box[n].deadline_ns, ac97_box_expired, &ac97->ref[n]);
    }
}

static void
ac97_reset (AsternDevice *device)
{
  Ac97 *ac97 = ac97_of (device);

  cold_reset (ac97);
  memset (ac97->s.fifo, 0, sizeof ac97->s.fifo);
  astern_pci_reset (device);
}

static void
ac97_restored (AsternDevice *device)
{
  Ac97 *ac97 = ac97_of (device);

  sound_fifo_clamp (&ac97->s.fifo[0]);
  sound_fifo_clamp (&ac97->s.fifo[1]);
  for (guint n = 0; n < AC97_N_BOXES; n++)
    ac97_box_restored (ac97, n);
  astern_pci_restored (device);
  ac97_update_irq (ac97);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "mixer", .size = MIXER_BYTES, .regs = ac97_mixer_regs, .n_regs = AC97_N_MIXER_REGS },
  { .name = "bus master", .size = MASTER_BYTES, .regs = master_regs, .n_regs = G_N_ELEMENTS (master_regs) },
};

#define F(member) ASTERN_FIELD (Ac97State, member, 1)
#define BOX_FIELDS(n)                                                                     \
  F (box[n].deadline_ns), F (box[n].start_ns), F (box[n].done), F (box[n].rate_hz), F (box[n].bdbar), F (box[n].address), \
  F (box[n].flags), F (box[n].sr), F (box[n].picb), F (box[n].civ), F (box[n].piv), F (box[n].lvi), F (box[n].cr)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (Ac97State, 1), BOX_FIELDS (0), BOX_FIELDS (1), BOX_FIELDS (2),
  SOUND_FIFO_FIELDS (Ac97State, fifo[0], 1), SOUND_FIFO_FIELDS (Ac97State, fifo[1], 1),
  ASTERN_FIELD_ARRAY (Ac97State, nam, 1), F (glob_cnt), F (cas), ASTERN_FIELD_BYTES (Ac97State, reserved, 1),
};

const AsternDeviceClass ac97_class = {
  .name = "AC97", .summary = "82801AA AC'97 sound", .state_version = 1,
  .instance_size = sizeof (Ac97),
  .state_offset = G_STRUCT_OFFSET (Ac97, s), .state_size = sizeof (Ac97State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = ac97_init, .reset = ac97_reset, .restored = ac97_restored,
};

/* ---- the card ---- */

static void
hear (gpointer receiver, gconstpointer data, gsize size)
{
  Ac97 *ac97 = receiver;
  const guint8 *frames;
  guint voice, n;

  if (sound_input (data, size, &voice, &frames, &n) && voice < G_N_ELEMENTS (ac97->s.fifo))
    sound_fifo_put (&ac97->s.fifo[voice], frames, n);
}

/* Of both together: one that nobody records from is empty. */
static guint
room (gpointer device)
{
  const Ac97State *s = &((Ac97 *) device)->s;

  return MIN (sound_fifo_room (&s->fifo[0]), sound_fifo_room (&s->fifo[1]));
}

void
ac97_connect (AsternDevice *device, AsternLink *link)
{
  ac97_of (device)->link = link;
  astern_link_attach (link, device, hear, room);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternLink *link = astern_settings_link (settings, "audiodev");

  if (link != NULL)
    ac97_connect (device, link);
  return TRUE;
}

static const AsternProperty properties[] = {
  { "audiodev", ASTERN_PROPERTY_AUDIODEV, NULL, N_("the -audiodev that plays and records") },
  { .name = NULL }
};

const AsternCard ac97_card = {
  .name = "AC97", .alias = "ac97", .summary = N_("Intel 82801AA AC'97 sound"), .klass = &ac97_class, .kind = ASTERN_CARD_SOUND,
  .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
