/* edid.c - see edid.h.
 * Source: VESA Enhanced Extended Display Identification Data Standard, release A, revision 2 (EDID 1.4), section 3;
 * VESA Coordinated Video Timings 1.1, "reduced blanking", for the preferred mode's timing.
 * Left out: extension blocks (audio, sizes beyond 4095), stereo, interlace. */
#include "config.h"

#include "hw/display/edid.h"

#include <string.h>

#define REFRESH_HZ 60

enum
{
  HEADER = 0, VENDOR = 8, PRODUCT = 10, SERIAL = 12, WEEK = 16, YEAR = 17, VERSION = 18, REVISION = 19, INPUT = 20,
  WIDTH_CM = 21, HEIGHT_CM = 22, GAMMA = 23, FEATURES = 24, COLORS = 25, ESTABLISHED = 35, STANDARD = 38, DESCRIPTORS = 54,
  DESCRIPTOR_BYTES = 18, CHECKSUM = 127,
};
enum { TAG_SERIAL = 0xff, TAG_RANGES = 0xfd, TAG_NAME = 0xfc, TAG_DUMMY = 0x10 };

static void
put16 (guint8 *at, guint value)
{
  at[0] = (guint8) value;
  at[1] = (guint8) (value >> 8);
}

/* ---- a mode's timing ---- */

typedef struct
{
  guint width, height, h_blank, v_blank, h_front, h_sync, v_front, v_sync;
  guint clock_10khz;
} Timing;

/* The height of the vertical pulse tells the picture's shape. */
static guint
v_sync_of (guint width, guint height)
{
  static const struct { guint8 x, y, lines; } shapes[] = { { 4, 3, 4 }, { 16, 9, 5 }, { 16, 10, 6 }, { 5, 4, 7 }, { 15, 9, 7 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (width * shapes[i].y == height * shapes[i].x)
      return shapes[i].lines;
  return 10;
}

/* Blanking of 160 dots and at least 460 us; clocks are multiples of 250 kHz, rounded down. */
static Timing
reduced_blanking (guint width, guint height)
{
  enum { H_BLANK = 160, H_FRONT = 48, H_SYNC = 32, V_FRONT = 3, V_BACK_LEAST = 6, LEAST_BLANK_US = 460, CLOCK_STEP = 250000 };
  Timing t = { .width = width, .height = height, .h_blank = H_BLANK, .h_front = H_FRONT, .h_sync = H_SYNC, .v_front = V_FRONT };
  guint least;
  guint64 clock;

  t.v_sync = v_sync_of (width, height);
  least = V_FRONT + t.v_sync + V_BACK_LEAST;
  /* A line takes (1/60 s - 460 us) / height; so many lines are 460 us. */
  t.v_blank = LEAST_BLANK_US * height / (1000000 / REFRESH_HZ - LEAST_BLANK_US) + 1;
  t.v_blank = MAX (t.v_blank, least);
  clock = (guint64) (width + H_BLANK) * (height + t.v_blank) * REFRESH_HZ / CLOCK_STEP * CLOCK_STEP;
  t.clock_10khz = (guint) MIN (clock / 10000, G_MAXUINT16);
  return t;
}

static void
put_timing (guint8 *at, const Timing *t, guint width_mm, guint height_mm)
{
  put16 (at, t->clock_10khz);
  at[2] = (guint8) t->width;
  at[3] = (guint8) t->h_blank;
  at[4] = (guint8) (t->width >> 8 << 4 | t->h_blank >> 8);
  at[5] = (guint8) t->height;
  at[6] = (guint8) t->v_blank;
  at[7] = (guint8) (t->height >> 8 << 4 | t->v_blank >> 8);
  at[8] = (guint8) t->h_front;
  at[9] = (guint8) t->h_sync;
  at[10] = (guint8) ((t->v_front & 15) << 4 | (t->v_sync & 15));
  at[11] = (guint8) (t->h_front >> 8 << 6 | t->h_sync >> 8 << 4 | t->v_front >> 4 << 2 | t->v_sync >> 4);
  at[12] = (guint8) width_mm;
  at[13] = (guint8) height_mm;
  at[14] = (guint8) (width_mm >> 8 << 4 | height_mm >> 8);
  at[17] = 0x1a;                /* separate pulses, the horizontal one positive */
}

/* ---- the block's parts ---- */

static void
put_text (guint8 *at, guint8 tag, const char *text)
{
  gsize n = MIN (strlen (text), 13);

  at[3] = tag;
  memset (at + 5, ' ', 13);
  memcpy (at + 5, text, n);
  if (n < 13)
    at[5 + n] = '\n';
}

static void
put_ranges (guint8 *at, const Timing *t)
{
  guint h_khz = (t->clock_10khz * 10 + t->width + t->h_blank - 1) / (t->width + t->h_blank);

  at[3] = TAG_RANGES;
  at[5] = 50;                   /* hertz */
  at[6] = 125;
  at[7] = 30;                   /* kilohertz */
  at[8] = (guint8) CLAMP (h_khz + 1, 160, 255);
  at[9] = (guint8) CLAMP (t->clock_10khz / 1000 + 1, 60, 255);  /* times 10 MHz */
  at[10] = 0x01;                /* these limits and no formula */
  at[11] = '\n';
  memset (at + 12, ' ', 6);
}

/* Ten bits of each of x and y of red, green, blue and white: those of sRGB, in ten-thousandths. */
static void
put_colors (guint8 *at)
{
  static const guint16 places[8] = { 6400, 3300, 3000, 6000, 1500, 600, 3127, 3290 };

  for (guint i = 0; i < 8; i++)
    {
      guint bits = (places[i] * 1024u + 5000) / 10000;

      at[i / 4] |= (guint8) ((bits & 3) << (6 - 2 * (i & 3)));
      at[2 + i] = (guint8) (bits >> 2);
    }
}

/* Other modes, all of 60 Hz, no wider and no higher than the preferred one; unused places are 01 01. */
static void
put_standard (guint8 *at, const Timing *t)
{
  enum { SHAPE_16_10, SHAPE_4_3, SHAPE_5_4, SHAPE_16_9 };
  static const struct { guint16 width, height; guint8 shape; } modes[] = {
    { 1920, 1200, SHAPE_16_10 }, { 1920, 1080, SHAPE_16_9 }, { 1600, 1200, SHAPE_4_3 }, { 1680, 1050, SHAPE_16_10 },
    { 1440, 900, SHAPE_16_10 }, { 1280, 1024, SHAPE_5_4 }, { 1280, 960, SHAPE_4_3 }, { 1280, 800, SHAPE_16_10 }, { 1280, 720, SHAPE_16_9 },
    { 1152, 864, SHAPE_4_3 },
  };
  guint n = 0;

  memset (at, 0x01, 16);
  for (guint i = 0; i < G_N_ELEMENTS (modes) && n < 8; i++)
    if (modes[i].width <= t->width && modes[i].height <= t->height)
      {
        at[2 * n] = (guint8) (modes[i].width / 8 - 31);
        at[2 * n + 1] = (guint8) (modes[i].shape << 6);
        n++;
      }
}

static void
put_established (guint8 *at, const Timing *t)
{
  enum { MODE_640_480 = 1 << 5, MODE_800_600 = 1 << 0, MODE_1024_768 = 1 << 3 };

  at[0] = MODE_640_480;         /* is always there */
  if (t->width >= 800 && t->height >= 600)
    at[0] |= MODE_800_600;
  if (t->width >= 1024 && t->height >= 768)
    at[1] |= MODE_1024_768;
}

static guint8
centimetres (guint mm)
{
  return (guint8) CLAMP ((mm + 5) / 10, 1, 255);
}

void
astern_edid_fill (const AsternMonitor *monitor, guint8 block[ASTERN_EDID_BYTES])
{
  static const guint8 header[8] = { 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 };
  guint width = CLAMP (monitor->width != 0 ? monitor->width : 1280, 64, ASTERN_EDID_MOST);
  guint height = CLAMP (monitor->height != 0 ? monitor->height : 800, 64, ASTERN_EDID_MOST);
  guint width_mm = MIN (monitor->width_mm != 0 ? monitor->width_mm : width * 254 / 1000, 4095);
  guint height_mm = MIN (monitor->height_mm != 0 ? monitor->height_mm : height * 254 / 1000, 4095);
  Timing t = reduced_blanking (width, height);
  guint8 sum = 0;

  memset (block, 0, ASTERN_EDID_BYTES);
  memcpy (block + HEADER, header, sizeof header);
  block[VENDOR] = ('A' - '@') << 2 | ('X' - '@') >> 3;
  block[VENDOR + 1] = (guint8) (('X' - '@') << 5 | ('N' - '@'));
  put16 (block + PRODUCT, 1);
  block[WEEK] = 1;
  block[YEAR] = 2024 - 1990;
  block[VERSION] = 1;
  block[REVISION] = 4;
  block[INPUT] = 0xa0;          /* digital, 8 bits a colour */
  block[WIDTH_CM] = centimetres (width_mm);
  block[HEIGHT_CM] = centimetres (height_mm);
  block[GAMMA] = 120;           /* 2.2 */
  block[FEATURES] = 0x06;       /* sRGB; the first timing is the panel's own */
  put_colors (block + COLORS);
  put_established (block + ESTABLISHED, &t);
  put_standard (block + STANDARD, &t);
  put_timing (block + DESCRIPTORS, &t, width_mm, height_mm);
  put_ranges (block + DESCRIPTORS + DESCRIPTOR_BYTES, &t);
  put_text (block + DESCRIPTORS + 2 * DESCRIPTOR_BYTES, TAG_NAME, "Astern");
  put_text (block + DESCRIPTORS + 3 * DESCRIPTOR_BYTES, TAG_SERIAL, "1");
  for (guint i = 0; i < CHECKSUM; i++)
    sum += block[i];
  block[CHECKSUM] = (guint8) -sum;
}
