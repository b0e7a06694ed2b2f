/* hda-codec.c - codecs for High Definition Audio: a converter and a pin each way.
 * Source: Intel "High Definition Audio Specification", revision 1.0a, section 7.
 * Left out: jack detection, digital converters, GPIO, coefficients; converters of 16 bits, whose streams may have more. */
#include "config.h"

#include "hw/sound/hda-private.h"

#include "core/machine.h"

#include <string.h>

#include <glib/gi18n.h>

/* Nodes; the root has no state. */
enum { NID_ROOT, NID_AFG, NID_DAC, NID_PIN_OUT, NID_ADC, NID_PIN_IN, N_NODES };

enum
{
  PARAM_VENDOR = 0x00, PARAM_REVISION = 0x02, PARAM_NODES = 0x04, PARAM_FUNCTION = 0x05, PARAM_AFG_CAPS = 0x08, PARAM_WIDGET_CAPS = 0x09,
  PARAM_PCM = 0x0a, PARAM_STREAM = 0x0b, PARAM_PIN_CAPS = 0x0c, PARAM_AMP_IN = 0x0d, PARAM_CONNECTIONS = 0x0e, PARAM_POWER = 0x0f,
  PARAM_AMP_OUT = 0x12,
};
enum { WIDGET_STEREO = 1 << 0, WIDGET_AMP_IN = 1 << 1, WIDGET_AMP_OUT = 1 << 2, WIDGET_AMP_OWN = 1 << 3, WIDGET_FORMAT_OWN = 1 << 4,
       WIDGET_LIST = 1 << 8, WIDGET_POWER = 1 << 10, WIDGET_ADC = 1 << 20, WIDGET_PIN = 4 << 20 };
enum { PIN_OUT = 1 << 4, PIN_IN = 1 << 5, CONTROL_IN = 1 << 5, CONTROL_OUT = 1 << 6 };

#define AMP_STEPS  0x4a                 /* of one decibel, down to silence but for a little */
#define AMP_CAPS   (1u << 31 | 3 << 16 | AMP_STEPS << 8 | AMP_STEPS)
#define AMP_MUTE   0x80
/* 16 bits; 16, 22.05, 32, 44.1, 48 and 96 kHz. */
#define PCM_CAPS   (1 << 17 | 1 << 8 | 1 << 6 | 1 << 5 | 1 << 4 | 1 << 3 | 1 << 2)
#define FORMAT     0x0011               /* 48 kHz, 16 bits, two channels */

typedef struct
{
  guint32 config;           /* of a pin, what is plugged in where */
  guint16 format;
  guint8  stream;           /* tag << 4 | first channel */
  guint8  control;          /* of a pin */
  guint8  amp[2];           /* left, right: mute and steps above the least */
  guint8  power, unsolicited;
} Node;

typedef struct
{
  SoundFifo fifo;
  guint32   listening_hz;   /* 0: it does not */
  guint32   subsystem;
  guint8    playing;
  guint8    mixer;          /* it has amplifiers */
  guint8    reserved[2];
  Node      node[N_NODES];
} CodecState;

/* What makes the codecs different. */
typedef struct
{
  guint32  id;                    /* one less without amplifiers */
  gboolean input;
  guint32  pin_out, pin_in;       /* configuration defaults */
} CodecInfo;

typedef struct
{
  AsternDevice     parent;
  CodecState       s;
  const CodecInfo *info;
  AsternLink      *link;          /* borrowed, (nullable) */
} Codec;

static const CodecInfo output_info = { 0x1af40012, FALSE, 0x01014010, 0 };
static const CodecInfo duplex_info = { 0x1af40022, TRUE, 0x01014010, 0x01813020 };
static const CodecInfo micro_info  = { 0x1af40032, TRUE, 0x90170110, 0x90a60120 };     /* a speaker and a microphone, built in */

static Codec *
codec_of (AsternDevice *device)
{
  return (Codec *) device;
}

static guint
n_nodes (const Codec *codec)
{
  return codec->info->input ? N_NODES : NID_ADC;
}

static void
power_up (Codec *codec)
{
  CodecState *s = &codec->s;
  static const guint8 controls[N_NODES] = { [NID_PIN_OUT] = CONTROL_OUT, [NID_PIN_IN] = CONTROL_IN };

  for (guint n = 0; n < N_NODES; n++)
    s->node[n] = (Node) { .control = controls[n], .amp = { AMP_STEPS, AMP_STEPS }, .format = FORMAT };
  s->node[NID_PIN_OUT].config = codec->info->pin_out;
  s->node[NID_PIN_IN].config = codec->info->pin_in;
  s->subsystem = codec->info->id;
}

/* ---- streams ---- */

static guint64
now_ns (const Codec *codec)
{
  return astern_clock_now_ns (codec->parent.clock);
}

static void
stop_playing (Codec *codec)
{
  if (codec->s.playing)
    sound_end (codec->link, 0, now_ns (codec));
  codec->s.playing = 0;
}

static void
stop_listening (Codec *codec)
{
  if (codec->s.listening_hz != 0)
    sound_deaf (codec->link, 0, now_ns (codec));
  codec->s.listening_hz = 0;
}

static guint32
gain (const Codec *codec, guint nid, guint side)
{
  guint8 amp = codec->s.node[nid].amp[side];

  if (!codec->s.mixer)
    return SOUND_UNITY;
  return amp & AMP_MUTE ? 0 : sound_gain (AMP_STEPS - MIN (amp, AMP_STEPS), 0, SOUND_STEP_1_DB);
}

static gboolean
has_tag (const Codec *codec, guint nid, guint tag)
{
  return tag != 0 && codec->s.node[nid].stream >> 4 == tag;
}

void
hda_codec_play (AsternDevice *device, guint tag, guint64 at_ns, guint32 rate_hz, const gint16 *samples, guint n, guint channels)
{
  Codec *codec = codec_of (device);
  gint16 pair[2 * ASTERN_SOUND_MAX_FRAMES] = { 0 };
  guint first = codec->s.node[NID_DAC].stream & 15;
  guint second = first + 1 < channels ? first + 1 : first;

  if (!has_tag (codec, NID_DAC, tag))
    return;
  if (first < channels && (codec->s.node[NID_PIN_OUT].control & CONTROL_OUT))
    for (guint i = 0; i < n; i++)
      {
        pair[2 * i] = samples[i * channels + first];
        pair[2 * i + 1] = samples[i * channels + second];
      }
  sound_scale (pair, n, gain (codec, NID_DAC, 0), gain (codec, NID_DAC, 1));
  codec->s.playing = 1;
  sound_play (codec->link, 0, at_ns, rate_hz, pair, n);
}

gboolean
hda_codec_record (AsternDevice *device, guint tag, guint64 at_ns, guint32 rate_hz, gint16 *samples, guint n)
{
  Codec *codec = codec_of (device);

  if (!codec->info->input || !has_tag (codec, NID_ADC, tag))
    return FALSE;
  if (codec->s.listening_hz != rate_hz)
    {
      codec->s.listening_hz = rate_hz;
      codec->s.fifo.count = 0;            /* what was said before is not recorded */
      sound_listen (codec->link, 0, at_ns, rate_hz);
    }
  sound_fifo_take (&codec->s.fifo, samples, n);
  astern_link_has_room (codec->link);
  if (codec->s.node[NID_PIN_IN].control & CONTROL_IN)
    sound_scale (samples, n, gain (codec, NID_ADC, 0), gain (codec, NID_ADC, 1));
  else
    memset (samples, 0, n * ASTERN_SOUND_FRAME_BYTES);
  return TRUE;
}

void
hda_codec_end (AsternDevice *device, guint tag, guint64 at_ns, gboolean played)
{
  Codec *codec = codec_of (device);

  if (played && has_tag (codec, NID_DAC, tag))
    stop_playing (codec);
  if (!played && has_tag (codec, NID_ADC, tag))
    stop_listening (codec);
}

/* ---- verbs ---- */

static guint32
widget_caps (const Codec *codec, guint nid)
{
  switch (nid)
    {
    case NID_DAC:     return WIDGET_STEREO | WIDGET_FORMAT_OWN | WIDGET_POWER | (codec->s.mixer ? WIDGET_AMP_OUT | WIDGET_AMP_OWN : 0);
    case NID_PIN_OUT: return WIDGET_PIN | WIDGET_STEREO | WIDGET_LIST;
    case NID_ADC:     return WIDGET_ADC | WIDGET_STEREO | WIDGET_FORMAT_OWN | WIDGET_POWER | WIDGET_LIST
                             | (codec->s.mixer ? WIDGET_AMP_IN | WIDGET_AMP_OWN : 0);
    case NID_PIN_IN:  return WIDGET_PIN | WIDGET_STEREO;
    default:          return 0;
    }
}

static gboolean
is_converter (guint nid)
{
  return nid == NID_DAC || nid == NID_ADC;
}

static guint32
parameter (const Codec *codec, guint nid, guint what)
{
  switch (what)
    {
    case PARAM_VENDOR:      return nid == NID_ROOT ? codec->info->id - !codec->s.mixer : 0;
    case PARAM_REVISION:    return nid == NID_ROOT ? 0x00100101 : 0;
    case PARAM_NODES:       return nid == NID_ROOT ? NID_AFG << 16 | 1 : nid == NID_AFG ? NID_DAC << 16 | (n_nodes (codec) - NID_DAC) : 0;
    case PARAM_FUNCTION:    return nid == NID_AFG ? 1 : 0;
    case PARAM_AFG_CAPS:    return nid == NID_AFG ? 0x0808 : 0;
    case PARAM_WIDGET_CAPS: return widget_caps (codec, nid);
    case PARAM_PCM:         return nid == NID_AFG || is_converter (nid) ? PCM_CAPS : 0;
    case PARAM_STREAM:      return nid == NID_AFG || is_converter (nid) ? 1 : 0;
    case PARAM_PIN_CAPS:    return nid == NID_PIN_OUT ? PIN_OUT : nid == NID_PIN_IN ? PIN_IN : 0;
    case PARAM_AMP_IN:      return nid == NID_ADC && codec->s.mixer ? AMP_CAPS : 0;
    case PARAM_AMP_OUT:     return nid == NID_DAC && codec->s.mixer ? AMP_CAPS : 0;
    case PARAM_CONNECTIONS: return nid == NID_PIN_OUT || nid == NID_ADC ? 1 : 0;
    case PARAM_POWER:       return nid == NID_AFG || is_converter (nid) ? 0x9 : 0;      /* D0 and D3 */
    default:                return 0;
    }
}

static void
set_amp (Node *node, guint nid, guint payload)
{
  if (!(payload & (nid == NID_DAC ? 1 << 15 : 1 << 14)))
    return;
  for (guint side = 0; side < 2; side++)
    if (payload & (side == 0 ? 1 << 13 : 1 << 12))
      node->amp[side] = (guint8) ((payload & AMP_MUTE) | MIN (payload & 0x7f, AMP_STEPS));
}

/* Whoever hears the stream by its old tag hears no more. */
static void
set_stream (Codec *codec, guint nid, guint8 stream)
{
  if (codec->s.node[nid].stream == stream)
    return;
  if (nid == NID_DAC)
    stop_playing (codec);
  else
    stop_listening (codec);
  codec->s.node[nid].stream = stream;
}

/* The verbs that have sixteen bits of payload; FALSE: it is none of them. */
static gboolean
long_verb (Codec *codec, guint nid, guint32 verb, guint32 *response)
{
  Node *node = &codec->s.node[nid];
  gboolean has_amp = codec->s.mixer && is_converter (nid);

  *response = 0;
  switch (verb >> 16)
    {
    case 0x2:
      if (is_converter (nid))
        node->format = (guint16) verb;
      return TRUE;
    case 0x3:
      if (has_amp)
        set_amp (node, nid, verb & 0xffff);
      return TRUE;
    case 0xa:
      *response = is_converter (nid) ? node->format : 0;
      return TRUE;
    case 0xb:
      if (has_amp && ((verb >> 15 & 1) == (nid == NID_DAC)))
        *response = node->amp[verb >> 13 & 1 ? 0 : 1];
      return TRUE;
    default:
      return FALSE;
    }
}

static guint32
get (const Codec *codec, guint nid, guint what, guint payload)
{
  const Node *node = &codec->s.node[nid];

  switch (what)
    {
    case 0xf00: return parameter (codec, nid, payload);
    case 0xf02: return payload != 0 ? 0 : nid == NID_PIN_OUT ? NID_DAC : nid == NID_ADC ? NID_PIN_IN : 0;
    case 0xf05: return node->power | node->power << 4;
    case 0xf06: return node->stream;
    case 0xf07: return node->control;
    case 0xf08: return node->unsolicited;
    case 0xf09: return G_MAXINT32;                    /* no presence, no impedance measured */
    case 0xf1c: return node->config;
    case 0xf20: return codec->s.subsystem;
    default:    return 0;                             /* f01 and what there is nothing to say of */
    }
}

static guint32
with_byte (guint32 word, guint byte, guint value)
{
  return (word & ~(0xffu << 8 * byte)) | value << 8 * byte;
}

/* FALSE: it is no verb. */
static gboolean
set (Codec *codec, guint nid, guint what, guint payload)
{
  Node *node = &codec->s.node[nid];

  switch (what)
    {
    case 0x701:
    case 0x70c: return TRUE;                          /* one connection; no amplifier outside */
    case 0x705: node->power = payload & 3; return TRUE;
    case 0x706: if (is_converter (nid)) set_stream (codec, nid, (guint8) payload); return TRUE;
    case 0x707: if (nid == NID_PIN_OUT || nid == NID_PIN_IN) node->control = (guint8) payload; return TRUE;
    case 0x708: node->unsolicited = (guint8) payload; return TRUE;
    case 0x71c: case 0x71d: case 0x71e: case 0x71f:
      node->config = with_byte (node->config, what & 3, payload);
      return TRUE;
    case 0x720: case 0x721: case 0x722: case 0x723:
      codec->s.subsystem = with_byte (codec->s.subsystem, what & 3, payload);
      return TRUE;
    case 0x7ff:
      if (nid != NID_AFG)
        return TRUE;
      stop_playing (codec);
      stop_listening (codec);
      power_up (codec);
      return TRUE;
    default:
      return FALSE;
    }
}

guint32
hda_codec_verb (AsternDevice *device, guint nid, guint32 verb)
{
  Codec *codec = codec_of (device);
  guint what = verb >> 8, payload = verb & 0xff;
  guint32 response = 0;

  if (nid >= n_nodes (codec) || long_verb (codec, nid, verb, &response))
    return response;
  if (what >> 8 == 0xf)
    return get (codec, nid, what, payload);
  if (!set (codec, nid, what, payload) && device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_UNIMP, "%s: verb 0x%05x to node %u", device->name, verb, nid);
  return 0;
}

/* ---- the devices ---- */

static void
codec_init (AsternDevice *device)
{
  Codec *codec = codec_of (device);

  codec->info = device->klass == &hda_output_class ? &output_info : device->klass == &hda_duplex_class ? &duplex_info : &micro_info;
  codec->s.mixer = 1;
}

static void
codec_reset (AsternDevice *device)
{
  Codec *codec = codec_of (device);

  stop_playing (codec);
  stop_listening (codec);
  memset (&codec->s.fifo, 0, sizeof codec->s.fifo);
  power_up (codec);
}

static void
codec_restored (AsternDevice *device)
{
  sound_fifo_clamp (&codec_of (device)->s.fifo);
}

#define F(member) ASTERN_FIELD (CodecState, member, 1)
#define NODE(n)                                                                           \
  F (node[n].config), F (node[n].format), F (node[n].stream), F (node[n].control), ASTERN_FIELD_BYTES (CodecState, node[n].amp, 1), \
  F (node[n].power), F (node[n].unsolicited)
static const AsternField fields[] = {
  SOUND_FIFO_FIELDS (CodecState, fifo, 1), F (listening_hz), F (subsystem), F (playing), F (mixer),
  ASTERN_FIELD_BYTES (CodecState, reserved, 1), NODE (0), NODE (1), NODE (2), NODE (3), NODE (4), NODE (5),
};

#define CLASS(class_name, text) {                                                         \
  .name = class_name, .summary = text, .state_version = 1,                                \
  .instance_size = sizeof (Codec),                                                        \
  .state_offset = G_STRUCT_OFFSET (Codec, s), .state_size = sizeof (CodecState),          \
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                    \
  .init = codec_init, .reset = codec_reset, .restored = codec_restored }
const AsternDeviceClass hda_output_class = CLASS ("hda-output", "HDA codec, line out");
const AsternDeviceClass hda_duplex_class = CLASS ("hda-duplex", "HDA codec, line out and line in");
const AsternDeviceClass hda_micro_class = CLASS ("hda-micro", "HDA codec, speaker and microphone");

/* ---- the cards ---- */

static void
hear (gpointer receiver, gconstpointer data, gsize size)
{
  Codec *codec = receiver;
  const guint8 *frames;
  guint voice, n;

  if (sound_input (data, size, &voice, &frames, &n) && voice == 0)
    sound_fifo_put (&codec->s.fifo, frames, n);
}

static guint
room (gpointer device)
{
  return sound_fifo_room (&((Codec *) device)->s.fifo);
}

void
hda_codec_connect (AsternDevice *device, AsternLink *link)
{
  codec_of (device)->link = link;
  astern_link_attach (link, device, hear, room);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternLink *link = astern_settings_link (settings, "audiodev");

  codec_of (device)->s.mixer = astern_settings_switch (settings, "mixer");
  if (link != NULL)
    hda_codec_connect (device, link);
  return TRUE;
}

static const AsternProperty properties[] = {
  { "audiodev", ASTERN_PROPERTY_AUDIODEV, NULL, N_("the -audiodev that plays and records") },
  { "cad", ASTERN_PROPERTY_NUMBER, NULL, N_("its address on the link; the next free one unless given") },
  { "mixer", ASTERN_PROPERTY_SWITCH, "on", N_("it has amplifiers, with volumes") },
  { .name = NULL }
};

#define CARD(member, class, text) {                                                       \
  .name = member, .summary = text, .klass = &class, .kind = ASTERN_CARD_SOUND,            \
  .slot = ASTERN_SLOT_HDA, .properties = properties, .configure = configure }
const AsternCard hda_output_card = CARD ("hda-output", hda_output_class, N_("HDA codec: line out"));
const AsternCard hda_duplex_card = CARD ("hda-duplex", hda_duplex_class, N_("HDA codec: line out and line in"));
const AsternCard hda_micro_card = CARD ("hda-micro", hda_micro_class, N_("HDA codec: speaker and microphone"));
