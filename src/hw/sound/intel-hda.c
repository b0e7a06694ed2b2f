/* intel-hda.c - High Definition Audio controllers: ICH6's and ICH9's, their registers and interrupt.
 * Source: Intel "High Definition Audio Specification", revision 1.0a, section 3; ICH9 data sheet 316972, section 21.
 * Left out: the flush handshake (FCNTRL is done at once), wake-up, isochronous requests. */
#include "config.h"

#include "hw/sound/hda-private.h"

#include "core/machine.h"
#include "hw/rate.h"

#include <string.h>

#include <glib/gi18n.h>

#define WALL_HZ 24000000u

enum { GCTL_CRST = 1, GSTS_FSTS = 2, RING_RESET = 0x8000, SELECT_HDA = 0x40, TRAFFIC_CLASS = 0x44, MSI = 0x60 };
enum { INTSTS_CIS = 1 << 30, INTCTL_GIE = 1u << 31 };

static Hda *
hda_of (AsternDevice *device)
{
  return (Hda *) device;
}

void
hda_guest_error (Hda *hda, const char *what)
{
  AsternDevice *device = &hda->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* ---- interrupts ---- */

static gboolean
stream_wants_irq (const HdaStream *stream)
{
  return ((stream->ctl & STS_BCIS) && (stream->ctl & CTL_IOCE)) || ((stream->ctl & STS_FIFOE) && (stream->ctl & CTL_FEIE))
         || ((stream->ctl & STS_DESE) && (stream->ctl & CTL_DEIE));
}

static guint64
intsts_value (gconstpointer state, guint32 offset)
{
  const HdaState *s = state;
  guint32 value = 0;

  for (guint n = 0; n < HDA_N_STREAMS; n++)
    if (stream_wants_irq (&s->stream[n]))
      value |= 1u << n;
  if ((s->rirbsts & s->rirbctl & 5) || (s->corbsts & s->corbctl & 1) || (s->statests & s->wakeen))
    value |= INTSTS_CIS;
  return value & s->intctl ? value | INTCTL_GIE : value;
}

void
hda_update_irq (Hda *hda)
{
  astern_pci_interrupt (&hda->parent.parent, (hda->s.intctl & INTCTL_GIE) && (intsts_value (&hda->s, 0) & INTCTL_GIE));
}

/* ---- global registers ---- */

static void
link_reset (Hda *hda)
{
  HdaState *s = &hda->s;
  AsternPciState pci = s->pci;
  guint16 statests = s->statests, wakeen = s->wakeen;

  for (guint n = 0; n < HDA_N_STREAMS; n++)
    hda_stream_reset (hda, n);
  for (guint i = 0; i < HDA_N_CODECS; i++)
    if (hda->codecs[i] != NULL)
      hda_codec_verb (hda->codecs[i], 1, 0x7ff00);
  astern_timer_cancel (&hda->corb);
  memset (s, 0, sizeof *s);
  s->pci = pci;
  s->statests = statests;         /* these two live on the power that sleeping leaves */
  s->wakeen = wakeen;
  s->outpay = 0x1d003c;
  s->corbsize = s->rirbsize = 0x42;
  s->corb_ns = ASTERN_CLOCK_NEVER;
  for (guint n = 0; n < HDA_N_STREAMS; n++)
    s->stream[n].deadline_ns = ASTERN_CLOCK_NEVER;
}

static void
gctl_written (AsternDevice *device, guint32 offset, guint64 value)
{
  Hda *hda = hda_of (device);
  HdaState *s = &hda->s;

  if (!(value & GCTL_CRST))
    {
      link_reset (hda);
      s->gctl = 0;
    }
  else
    {
      if (s->wall_ns == 0)        /* out of reset: who is there says so */
        {
          s->wall_ns = MAX (astern_clock_now_ns (device->clock), 1);
          for (guint i = 0; i < HDA_N_CODECS; i++)
            if (hda->codecs[i] != NULL)
              s->statests |= (guint16) (1 << i);
        }
      if (value & 2)              /* FCNTRL */
        s->gsts |= GSTS_FSTS;
      hda_corb_changed (hda);
    }
  hda_update_irq (hda);
}

static guint64
wall_value (gconstpointer state, guint32 offset)
{
  const HdaState *s = state;
  const Hda *hda = (const Hda *) ((const guint8 *) state - G_STRUCT_OFFSET (Hda, s));
  guint64 now = astern_clock_now_ns (hda->parent.parent.clock);

  return s->wall_ns == 0 || s->wall_ns > now ? 0 : (guint32) hw_rate_ticks (now - s->wall_ns, WALL_HZ);
}

static void
irq_written (AsternDevice *device, guint32 offset, guint64 value)
{
  hda_update_irq (hda_of (device));
}

#define CLEARS(name, member, mask)                                                        \
  static void                                                                             \
  name (AsternDevice *device, guint32 offset, guint64 value)                              \
  {                                                                                       \
    Hda *hda = hda_of (device);                                                           \
                                                                                          \
    hda->s.member &= (__typeof__ (hda->s.member)) ~(value & (mask));                       \
    hda_update_irq (hda);                                                                 \
  }
CLEARS (statests_written, statests, 0x7fff)
CLEARS (gsts_written, gsts, GSTS_FSTS)
CLEARS (corbsts_written, corbsts, 1)
CLEARS (rirbsts_written, rirbsts, 5)

static void
ssync_written (AsternDevice *device, guint32 offset, guint64 value)
{
  Hda *hda = hda_of (device);

  for (guint n = 0; n < HDA_N_STREAMS; n++)
    hda_stream_control (hda, n, hda->s.stream[n].ctl);
}

/* ---- rings ---- */

static void
ring_written (AsternDevice *device, guint32 offset, guint64 value)
{
  hda_corb_changed (hda_of (device));
  hda_update_irq (hda_of (device));
}

/* The bit reads back, so that software sees that it was heard. */
static void
corbrp_written (AsternDevice *device, guint32 offset, guint64 value)
{
  HdaState *s = &hda_of (device)->s;

  s->corbrp = value & RING_RESET ? RING_RESET : s->corbrp & 0xff;
  hda_corb_changed (hda_of (device));
}

static void
rirbwp_written (AsternDevice *device, guint32 offset, guint64 value)
{
  if (value & RING_RESET)
    hda_of (device)->s.rirbwp = hda_of (device)->s.responses = 0;
}

static void
icis_written (AsternDevice *device, guint32 offset, guint64 value)
{
  HdaState *s = &hda_of (device)->s;

  if (value & 2)
    s->icis = 0;
  if (value & 1)
    hda_immediate (hda_of (device));
}

/* ---- streams ---- */

#define STREAMS_AT     0x80
#define CTL_WRITABLE   0xff001fu        /* but not STRIPE, TP and DIR, which are what they are */

static void
ctl_written (AsternDevice *device, guint32 offset, guint64 value)
{
  Hda *hda = hda_of (device);
  guint n = (offset - STREAMS_AT) / 0x20;
  HdaStream *stream = &hda->s.stream[n];
  guint32 old = stream->ctl;

  stream->ctl = ((old & ~CTL_WRITABLE) | (value & CTL_WRITABLE)) & ~((guint32) value & (STS_BCIS | STS_FIFOE | STS_DESE));
  hda_stream_control (hda, n, old);
  hda_update_irq (hda);
}

static void
fmt_written (AsternDevice *device, guint32 offset, guint64 value)
{
  hda_stream_reformat (hda_of (device), (offset - STREAMS_AT) / 0x20);
}

static guint64
ctl_value (gconstpointer state, guint32 offset)
{
  const HdaStream *stream = &((const HdaState *) state)->stream[(offset - STREAMS_AT) / 0x20];

  return stream->deadline_ns != ASTERN_CLOCK_NEVER ? stream->ctl | STS_FIFORDY : stream->ctl;
}

static guint64
lpib_value (gconstpointer state, guint32 offset)
{
  return ((const HdaState *) state)->stream[(offset & 0x1fff) / 0x20 - STREAMS_AT / 0x20].lpib;
}

static guint64
fixed_value (gconstpointer state, guint32 offset)
{
  switch (offset)
    {
    case 0x00: return HDA_N_OUT << 12 | HDA_N_IN << 8 | 1;       /* GCAP: 64-bit addresses */
    case 0x03: return 1;                                         /* VMAJ */
    case 0x5e:
    case 0x4e: return 0x42;                                      /* 256 entries, and nothing else */
    default:   return (offset - STREAMS_AT) / 0x20 < HDA_N_IN ? 0x77 : 0xbf;      /* SDnFIFOS, a byte less */
    }
}

#define ANY ASTERN_ANY_BANK
#define RO  ASTERN_REG_R
#define RW  ASTERN_REG_RW
#define NO  ASTERN_NO_BACKING
#define AT(member) G_STRUCT_OFFSET (HdaState, member)
#define STREAM(n)                                                                                                              \
  { 0x80 + 0x20 * n, ANY, RW, 4, "SD" #n "CTL/STS", NO,                 0, 0xff001f,   ctl_value,   NULL, ctl_written, 1, ctl_bits }, \
  { 0x84 + 0x20 * n, ANY, RO, 4, "SD" #n "LPIB",    AT (stream[n].lpib), 0, 0,          NULL,        NULL, NULL,        1, NULL }, \
  { 0x88 + 0x20 * n, ANY, RW, 4, "SD" #n "CBL",     AT (stream[n].cbl),  0, 0xffffffff, NULL,        NULL, NULL,        1, NULL }, \
  { 0x8c + 0x20 * n, ANY, RW, 2, "SD" #n "LVI",     AT (stream[n].lvi),  0, 0x00ff,     NULL,        NULL, NULL,        1, NULL }, \
  { 0x90 + 0x20 * n, ANY, RO, 2, "SD" #n "FIFOS",   NO,                  0, 0,          fixed_value, NULL, NULL,        1, NULL }, \
  { 0x92 + 0x20 * n, ANY, RW, 2, "SD" #n "FMT",     AT (stream[n].fmt),  0, 0xff7f,     NULL,        NULL, fmt_written, 1, NULL }, \
  { 0x98 + 0x20 * n, ANY, RW, 4, "SD" #n "BDPL",    AT (stream[n].bdpl), 0, 0xffffff80, NULL,        NULL, NULL,        1, NULL }, \
  { 0x9c + 0x20 * n, ANY, RW, 4, "SD" #n "BDPU",    AT (stream[n].bdpu), 0, 0xffffffff, NULL,        NULL, NULL,        1, NULL }, \
  { 0x2084 + 0x20 * n, ANY, RO, 4, "SD" #n "LPIBA", NO,                  0, 0,          lpib_value,  NULL, NULL,        1, NULL }
static const AsternRegField gctl_bits[] = { { 0, 1, "CRST" }, { 1, 1, "FCNTRL" }, { 8, 1, "UNSOL" }, { 0 } };
static const AsternRegField intctl_bits[] = { { 0, 8, "SIE" }, { 30, 1, "CIE" }, { 31, 1, "GIE" }, { 0 } };
static const AsternRegField intsts_bits[] = { { 0, 8, "SIS" }, { 30, 1, "CIS" }, { 31, 1, "GIS" }, { 0 } };
static const AsternRegField ctl_bits[] = {
  { 0, 1, "SRST" }, { 1, 1, "RUN" }, { 2, 1, "IOCE" }, { 3, 1, "FEIE" }, { 4, 1, "DEIE" }, { 20, 4, "STRM" },
  { 26, 1, "BCIS" }, { 27, 1, "FIFOE" }, { 28, 1, "DESE" }, { 29, 1, "FIFORDY" }, { 0 },
};
static const AsternReg regs[] = {
  { 0x00, ANY, RO, 2, "GCAP",      NO,              0, 0,          fixed_value,  NULL, NULL,             1, NULL },
  { 0x02, ANY, RO, 1, "VMIN",      NO,              0, 0,          NULL,         NULL, NULL,             1, NULL },
  { 0x03, ANY, RO, 1, "VMAJ",      NO,              0, 0,          fixed_value,  NULL, NULL,             1, NULL },
  { 0x04, ANY, RO, 4, "OUTPAY/INPAY", AT (outpay),  0, 0,          NULL,         NULL, NULL,             1, NULL },
  { 0x08, ANY, RW, 4, "GCTL",      AT (gctl),       0, 0x101,      NULL,         NULL, gctl_written,     1, gctl_bits },
  { 0x0c, ANY, RW, 2, "WAKEEN",    AT (wakeen),     0, 0x7fff,     NULL,         NULL, irq_written,      1, NULL },
  { 0x0e, ANY, RW, 2, "STATESTS",  AT (statests),   0, 0,          NULL,         NULL, statests_written, 1, NULL },
  { 0x10, ANY, RW, 2, "GSTS",      AT (gsts),       0, 0,          NULL,         NULL, gsts_written,     1, NULL },
  { 0x20, ANY, RW, 4, "INTCTL",    AT (intctl),     0, 0xc00000ff, NULL,         NULL, irq_written,      1, intctl_bits },
  { 0x24, ANY, RO, 4, "INTSTS",    NO,              0, 0,          intsts_value, NULL, NULL,             1, intsts_bits },
  { 0x30, ANY, RO, 4, "WALCLK",    NO,              0, 0,          wall_value,   NULL, NULL,             1, NULL },
  { 0x38, ANY, RW, 4, "SSYNC",     AT (ssync),      0, 0xff,       NULL,         NULL, ssync_written,    1, NULL },
  { 0x40, ANY, RW, 4, "CORBLBASE", AT (corblbase),  0, 0xffffff80, NULL,         NULL, NULL,             1, NULL },
  { 0x44, ANY, RW, 4, "CORBUBASE", AT (corbubase),  0, 0xffffffff, NULL,         NULL, NULL,             1, NULL },
  { 0x48, ANY, RW, 2, "CORBWP",    AT (corbwp),     0, 0x00ff,     NULL,         NULL, ring_written,     1, NULL },
  { 0x4a, ANY, RW, 2, "CORBRP",    AT (corbrp),     0, 0,          NULL,         NULL, corbrp_written,   1, NULL },
  { 0x4c, ANY, RW, 1, "CORBCTL",   AT (corbctl),    0, 0x03,       NULL,         NULL, ring_written,     1, NULL },
  { 0x4d, ANY, RW, 1, "CORBSTS",   AT (corbsts),    0, 0,          NULL,         NULL, corbsts_written,  1, NULL },
  { 0x4e, ANY, RW, 1, "CORBSIZE",  AT (corbsize),   0x42, 0,       fixed_value,  NULL, NULL,             1, NULL },
  { 0x50, ANY, RW, 4, "RIRBLBASE", AT (rirblbase),  0, 0xffffff80, NULL,         NULL, NULL,             1, NULL },
  { 0x54, ANY, RW, 4, "RIRBUBASE", AT (rirbubase),  0, 0xffffffff, NULL,         NULL, NULL,             1, NULL },
  { 0x58, ANY, RW, 2, "RIRBWP",    AT (rirbwp),     0, 0,          NULL,         NULL, rirbwp_written,   1, NULL },
  { 0x5a, ANY, RW, 2, "RINTCNT",   AT (rintcnt),    0, 0x00ff,     NULL,         NULL, NULL,             1, NULL },
  { 0x5c, ANY, RW, 1, "RIRBCTL",   AT (rirbctl),    0, 0x07,       NULL,         NULL, ring_written,     1, NULL },
  { 0x5d, ANY, RW, 1, "RIRBSTS",   AT (rirbsts),    0, 0,          NULL,         NULL, rirbsts_written,  1, NULL },
  { 0x5e, ANY, RW, 1, "RIRBSIZE",  AT (rirbsize),   0x42, 0,       fixed_value,  NULL, NULL,             1, NULL },
  { 0x60, ANY, RW, 4, "ICOI",      AT (icoi),       0, 0xffffffff, NULL,         NULL, NULL,             1, NULL },
  { 0x64, ANY, RO, 4, "ICII",      AT (icii),       0, 0,          NULL,         NULL, NULL,             1, NULL },
  { 0x68, ANY, RW, 2, "ICIS",      AT (icis),       0, 0,          NULL,         NULL, icis_written,     1, NULL },
  { 0x70, ANY, RW, 4, "DPLBASE",   AT (dplbase),    0, 0xffffff81, NULL,         NULL, NULL,             1, NULL },
  { 0x74, ANY, RW, 4, "DPUBASE",   AT (dpubase),    0, 0xffffffff, NULL,         NULL, NULL,             1, NULL },
  STREAM (0), STREAM (1), STREAM (2), STREAM (3), STREAM (4), STREAM (5), STREAM (6), STREAM (7),
  { 0x2030, ANY, RO, 4, "WALCLKA", NO,              0, 0,          wall_value,   NULL, NULL,             1, NULL },
};

/* ---- the devices ---- */

#define INFO(id) {                                                                        \
  .vendor = 0x8086, .device = id, .revision = id == 0x2668 ? 1 : 3, .class_code = 0x040300, .status = 0x0010, .interrupt_pin = 1, \
  .command_writable = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE }
static const AsternPciInfo ich6_info = INFO (0x2668), ich9_info = INFO (0x293e);

static void
hda_init (AsternDevice *device)
{
  static const char *const names[HDA_N_STREAMS] = {
    "hda-in0", "hda-in1", "hda-in2", "hda-in3", "hda-out0", "hda-out1", "hda-out2", "hda-out3",
  };
  Hda *hda = hda_of (device);

  astern_pci_init (device, device->klass == &intel_hda_class ? &ich6_info : &ich9_info);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_MEMORY, HDA_BAR_BYTES, HDA_WINDOW, NULL);
  astern_pci_set_reset (device, SELECT_HDA, 1, 1);
  hda->parent.writable[TRAFFIC_CLASS] = 0x07;
  astern_pci_add_msi (device, MSI, 1);
  for (guint n = 0; n < HDA_N_STREAMS; n++)
    {
      hda->ref[n] = (HdaStreamRef) { hda, n };
      astern_timer_init (&hda->timer[n], device->clock, names[n], &hda->s.stream[n].deadline_ns, hda_stream_expired, &hda->ref[n]);
    }
  astern_timer_init (&hda->corb, device->clock, "hda-corb", &hda->s.corb_ns, hda_corb_expired, hda);
}

static void
hda_reset (AsternDevice *device)
{
  Hda *hda = hda_of (device);

  link_reset (hda);
  hda->s.statests = hda->s.wakeen = 0;
  astern_pci_reset (device);
}

static void
hda_restored (AsternDevice *device)
{
  Hda *hda = hda_of (device);

  for (guint n = 0; n < HDA_N_STREAMS; n++)
    hda_stream_restored (hda, n);
  astern_pci_restored (device);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = HDA_BAR_BYTES, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

#define F(member) ASTERN_FIELD (HdaState, member, 1)
#define STREAM_FIELDS(n)                                                                  \
  F (stream[n].deadline_ns), F (stream[n].start_ns), F (stream[n].done), F (stream[n].address), F (stream[n].ctl),             \
  F (stream[n].lpib), F (stream[n].cbl), F (stream[n].bdpl), F (stream[n].bdpu), F (stream[n].left), F (stream[n].ioc),        \
  F (stream[n].lvi), F (stream[n].fmt), F (stream[n].entry), ASTERN_FIELD_ARRAY (HdaState, stream[n].reserved, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (HdaState, 1), F (corb_ns), F (wall_ns), F (gctl), F (intctl), F (ssync), F (outpay), F (corblbase), F (corbubase),
  F (rirblbase), F (rirbubase), F (dplbase), F (dpubase), F (icoi), F (icii), F (wakeen), F (statests), F (gsts), F (corbwp),
  F (corbrp), F (rirbwp), F (rintcnt), F (icis), F (responses), F (corbctl), F (corbsts), F (corbsize), F (rirbctl), F (rirbsts),
  F (rirbsize), STREAM_FIELDS (0), STREAM_FIELDS (1), STREAM_FIELDS (2), STREAM_FIELDS (3), STREAM_FIELDS (4), STREAM_FIELDS (5),
  STREAM_FIELDS (6), STREAM_FIELDS (7),
};

#define CLASS(class_name, text) {                                                         \
  .name = class_name, .summary = text, .state_version = 1,                                \
  .instance_size = sizeof (Hda),                                                          \
  .state_offset = G_STRUCT_OFFSET (Hda, s), .state_size = sizeof (HdaState),              \
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                    \
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                \
  .init = hda_init, .reset = hda_reset, .restored = hda_restored }
const AsternDeviceClass intel_hda_class = CLASS ("intel-hda", "ICH6 High Definition Audio controller");
const AsternDeviceClass ich9_intel_hda_class = CLASS ("ich9-intel-hda", "ICH9 High Definition Audio controller");

/* ---- the cards ---- */

gboolean
hda_plug (AsternDevice *controller, AsternDevice *codec, guint address)
{
  Hda *hda = hda_of (controller);

  if (address >= HDA_N_CODECS || hda->codecs[address] != NULL)
    return FALSE;
  hda->codecs[address] = codec;
  return TRUE;
}

static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  guint64 address = astern_settings_number (settings, "cad");

  if (!astern_settings_given (settings, "cad"))
    for (address = 0; address < HDA_N_CODECS && hda_of (device)->codecs[address] != NULL;)
      address++;
  if (address < HDA_N_CODECS && hda_plug (device, child, (guint) address))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("The codec “%s” cannot be at that address of “%s”: it is taken, or not one of 0 to %u."),
               child->name, device->name, HDA_N_CODECS - 1);
  return FALSE;
}

#define CARD(member, class, text) {                                                       \
  .name = member, .summary = text, .klass = &class, .kind = ASTERN_CARD_SOUND,            \
  .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_HDA, .plug = plug }
const AsternCard intel_hda_card = CARD ("intel-hda", intel_hda_class, N_("Intel High Definition Audio controller (ICH6)"));
const AsternCard ich9_intel_hda_card = CARD ("ich9-intel-hda", ich9_intel_hda_class, N_("Intel High Definition Audio controller (ICH9)"));
