/* pcspk.c - the loudspeaker of a PC.
 * Source: IBM Personal Computer AT Technical Reference 1502494, section 1, "Speaker"; what it hears is port61.c's and pit8254.c's.
 * Left out: the mass of the cone, but that it does not follow what lasts: a filter takes the mean away.
 *
 * Each sample is the mean of the pin's level over its time, in ticks of the timer.  So a program that plays by the
 * width of pulses is heard, too, and what is above the ear's reach is silent.  The device runs only while it sounds. */
#include "config.h"

#include "hw/sound/pcspk.h"

#include "hw/pit8254.h"
#include "hw/port61.h"
#include "hw/rate.h"
#include "hw/sound/voice.h"

#include <string.h>

#define RATE_HZ    48000u
#define PIECE      480u               /* samples between two looks at the clock */
#define QUIET      (10 * PIECE)       /* samples without a change, after which it does not sound any more */
#define LOUDNESS   8000
#define FILTER     128                /* the mean is gone after some samples of that number */
#define FRACTION   256                /* parts of a sample in which the filter counts */
#define MOST_TICKS PIT8254_HZ         /* made at once; what is longer ago is not heard */

typedef struct
{
  guint64 deadline_ns;
  guint64 tick;           /* of the timer, up to which it was heard */
  guint64 sample;         /* since power-on: the one that is gathered */
  guint32 high, low;      /* ticks of it with the bit on, by the pin's level */
  gint32  previous;       /* sample before the filter */
  gint32  filtered;       /* and behind it, in FRACTIONs */
  guint32 quiet;          /* samples since something changed */
  guint8  on;             /* the bit of port 61h */
  guint8  sounding;
  guint8  reserved[2];
} PcspkState;

typedef struct
{
  AsternDevice  parent;
  PcspkState    s;
  AsternTimer   timer;
  AsternDevice *pit;      /* borrowed, (nullable) */
  AsternLink   *link;     /* borrowed, (nullable) */
} Pcspk;

/* Samples on their way out. */
typedef struct
{
  guint64 first;
  guint   n;
  gint16  frames[2 * PIECE];
} Piece;

static guint64
tick_now (const Pcspk *self)
{
  return hw_rate_ticks (astern_clock_now_ns (self->parent.clock), PIT8254_HZ);
}

/* When a sample begins. */
static guint64
sample_tick (guint64 sample)
{
  return sample / RATE_HZ * PIT8254_HZ + sample % RATE_HZ * PIT8254_HZ / RATE_HZ;
}

/* Which sample a tick belongs to. */
static guint64
sample_at (guint64 tick)
{
  guint64 sample = tick / PIT8254_HZ * RATE_HZ + tick % PIT8254_HZ * RATE_HZ / PIT8254_HZ;

  return sample_tick (sample + 1) <= tick ? sample + 1 : sample;
}

static void
begin_at (PcspkState *s, guint64 tick)
{
  s->tick = tick;
  s->sample = sample_at (tick);
  s->high = s->low = 0;
}

static void
send (Pcspk *self, Piece *piece)
{
  if (piece->n > 0)
    sound_play (self->link, 0, hw_rate_ns (piece->first, RATE_HZ), RATE_HZ, piece->frames, piece->n);
  piece->n = 0;
}

static void
finish_sample (Pcspk *self, Piece *piece, guint32 ticks)
{
  PcspkState *s = &self->s;
  gint32 level = LOUDNESS * ((gint32) s->high - (gint32) s->low) / (gint32) ticks;
  gint16 out;

  s->filtered += (level - s->previous) * FRACTION - s->filtered / FILTER;
  out = (gint16) CLAMP (s->filtered / FRACTION, G_MININT16, G_MAXINT16);
  s->quiet = level == s->previous && out == 0 ? s->quiet + 1 : 0;
  s->previous = level;
  s->high = s->low = 0;
  if (piece->n == 0)
    piece->first = s->sample;
  piece->frames[2 * piece->n] = piece->frames[2 * piece->n + 1] = out;
  s->sample++;
  if (++piece->n == PIECE)
    send (self, piece);
}

/* What was heard until now, as things were until now. */
static void
hear (gpointer owner)
{
  Pcspk *self = owner;
  PcspkState *s = &self->s;
  guint64 until = tick_now (self);
  Piece piece = { .n = 0 };

  if (!s->sounding)
    return;
  if (until > s->tick + MOST_TICKS)
    begin_at (s, until - MOST_TICKS);
  while (s->tick < until)
    {
      guint64 end = sample_tick (s->sample + 1), stop = MIN (end, until);

      if (s->on)
        {
          guint32 high = (guint32) pit8254_high_ticks (self->pit, 2, s->tick, stop);

          s->high += high;
          s->low += (guint32) (stop - s->tick) - high;
        }
      s->tick = stop;
      if (stop == end)
        finish_sample (self, &piece, (guint32) (end - sample_tick (s->sample)));
    }
  send (self, &piece);
}

static void
expired (gpointer owner)
{
  Pcspk *self = owner;
  PcspkState *s = &self->s;

  hear (self);
  if (s->quiet >= QUIET)
    {
      s->sounding = 0;
      sound_end (self->link, 0, hw_rate_ns (s->sample, RATE_HZ));
    }
  else
    astern_timer_set (&self->timer, hw_rate_ns (s->sample + PIECE, RATE_HZ));
}

/* Something is about to be another way, from now on. */
static void
begin (Pcspk *self)
{
  PcspkState *s = &self->s;

  s->quiet = 0;
  if (s->sounding || !s->on || self->pit == NULL)
    return;
  s->sounding = 1;
  begin_at (s, tick_now (self));
  astern_timer_set (&self->timer, hw_rate_ns (s->sample + PIECE, RATE_HZ));
}

static void
set_on (gpointer receiver, guint line, gboolean level)
{
  Pcspk *self = receiver;

  if (self->s.on == level)
    return;
  hear (self);
  self->s.on = level;
  begin (self);
}

/* The counter is to do something else. */
static void
counter_changes (gpointer owner)
{
  hear (owner);
  begin (owner);
}

/* It is no microphone. */
static void
drop (gpointer receiver, gconstpointer data, gsize size)
{
}

/* ---- the device ---- */

static void
init (AsternDevice *device)
{
  Pcspk *self = (Pcspk *) device;

  astern_timer_init (&self->timer, device->clock, "pcspk", &self->s.deadline_ns, expired, self);
}

static void
reset (AsternDevice *device)
{
  Pcspk *self = (Pcspk *) device;

  if (self->s.sounding)
    sound_end (self->link, 0, hw_rate_ns (self->s.sample, RATE_HZ));
  memset (&self->s, 0, sizeof self->s);
  astern_timer_cancel (&self->timer);
}

/* A state from a file may say anything. */
static void
restored (AsternDevice *device)
{
  Pcspk *self = (Pcspk *) device;
  PcspkState *s = &self->s;

  s->on = s->on != 0;
  s->sounding = s->sounding != 0 && self->pit != NULL;
  s->previous = CLAMP (s->previous, -LOUDNESS, LOUDNESS);
  s->filtered = CLAMP (s->filtered, -4 * LOUDNESS * FRACTION, 4 * LOUDNESS * FRACTION);
  if (s->sounding && (s->tick > tick_now (self) || s->sample != sample_at (s->tick) || s->high + (guint64) s->low > PIT8254_HZ / RATE_HZ + 1))
    begin_at (s, tick_now (self));
}

#define F(member) ASTERN_FIELD (PcspkState, member, 1)
static const AsternField fields[] = {
  F (deadline_ns), F (tick), F (sample), F (high), F (low), F (previous), F (filtered), F (quiet), F (on), F (sounding),
  ASTERN_FIELD_BYTES (PcspkState, reserved, 1),
};

const AsternDeviceClass pcspk_class = {
  .name = "pcspk", .summary = "PC loudspeaker", .state_version = 1,
  .instance_size = sizeof (Pcspk),
  .state_offset = G_STRUCT_OFFSET (Pcspk, s), .state_size = sizeof (PcspkState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = reset, .restored = restored,
};

void
pcspk_connect (AsternDevice *device, AsternDevice *port61, AsternDevice *pit, AsternLink *link)
{
  Pcspk *self = (Pcspk *) device;

  self->pit = pit;
  self->link = link;
  astern_link_attach (link, self, drop, NULL);
  pit8254_watch (pit, 2, counter_changes, self);
  astern_irq_connect (port61_speaker_wire (port61), set_on, self, 0);
}
