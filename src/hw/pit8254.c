/* pit8254.c - 8254 programmable interval timer.
 * Source: Intel 8254 data sheet, September 1993.
 * Left out: how a counter behaves between the two bytes of a count in modes 2 to 5 (it goes on
 * as before). A count is loaded at the clock pulse after it was written; counters are functions
 * of guest time, and a timer runs only where an OUT pin leads somewhere.  The data sheet leaves
 * the state after power-on open: here counter 0 runs as PC firmware leaves it (mode 3, 65,536
 * ticks), the others wait for a mode. */
#include "config.h"

#include "hw/pit8254.h"

#include "hw/rate.h"

#define N_COUNTERS 3
#define NEVER      G_MAXUINT64
#define MOST_EDGES 64          /* driven at once; what a guest makes faster than that it loses */

enum { ACCESS_LATCH, ACCESS_LSB, ACCESS_MSB, ACCESS_BOTH };
enum { STATUS_NULL_COUNT = 0x40, STATUS_OUT = 0x80 };

/* A counter was loaded with `count` at tick `start` and has counted since. */
typedef struct
{
  guint64 start;           /* tick of the load; in the future until that pulse */
  guint64 held;            /* ticks counted when the gate stopped it */
  guint64 next_at;         /* tick at which `next` is loaded */
  guint64 edge;            /* tick at which OUT changes next, if someone listens; else NEVER */
  guint32 count;           /* 1..65536 */
  guint32 next;            /* count to load at the end of the cycle or at a trigger; 0: none */
  guint16 latch;           /* latched count */
  guint8  mode;            /* 0..5 */
  guint8  access;          /* ACCESS_LSB, _MSB or _BOTH */
  guint8  bcd;
  guint8  gate;
  guint8  loaded;          /* a count was written since the mode was */
  guint8  triggered;       /* modes 1 and 5: the gate rose since */
  guint8  paused;          /* not counting: `held` is valid, `start` is not */
  guint8  latched;         /* `latch` is to be read */
  guint8  status;          /* latched status */
  guint8  status_latched;
  guint8  write_low;       /* first byte of a count in two bytes */
  guint8  write_second;    /* the second one comes next */
  guint8  read_second;
  guint8  out;             /* level last driven */
} Counter;

typedef struct
{
  guint64 deadline_ns[N_COUNTERS];
  Counter counter[N_COUNTERS];
} Pit8254State;

typedef struct _Pit8254 Pit8254;

typedef struct
{
  Pit8254 *pit;
  guint    index;
} CounterRef;

struct _Pit8254
{
  AsternDevice  parent;
  Pit8254State  s;
  AsternIrq     out[N_COUNTERS];
  AsternTimer   timer[N_COUNTERS];
  CounterRef    ref[N_COUNTERS];    /* the timers' owners */
  void        (*before[N_COUNTERS]) (gpointer owner);   /* (nullable) */
  gpointer      watcher[N_COUNTERS];
};

static guint64
tick_now (const Pit8254 *pit)
{
  return hw_rate_ticks (astern_clock_now_ns (pit->parent.clock), PIT8254_HZ);
}

/* -- What a counter is at a tick */

static gboolean
is_periodic (const Counter *c)
{
  return c->mode == 2 || c->mode == 3;
}

static gboolean
needs_trigger (const Counter *c)
{
  return c->mode == 1 || c->mode == 5;
}

static gboolean
is_counting (const Counter *c)
{
  return c->loaded && !c->paused && (c->triggered || !needs_trigger (c));
}

/* Ticks for which OUT of mode 3 is high. */
static guint32
high_half (guint32 count)
{
  return (count + 1) / 2;
}

/* Takes a waiting count if its time has come. */
static Counter
counter_at (const Counter *before, guint64 tick)
{
  Counter c = *before;

  if (c.next != 0 && c.next_at <= tick && is_counting (&c))
    {
      guint64 in_cycle = (c.next_at - c.start) % c.count;

      c.count = c.next;
      c.next = 0;
      c.start = c.next_at;
      if (c.mode == 3 && in_cycle != 0)     /* the low half begins */
        c.start -= high_half (c.count);
    }
  return c;
}

/* Ticks counted since the load; -1 before its pulse. */
static gint64
elapsed (const Counter *c, guint64 tick)
{
  if (c->paused)
    return (gint64) c->held;
  return MAX ((gint64) (tick - c->start), -1);
}

static gboolean
out_level (const Counter *c, guint64 tick)
{
  gint64 e = elapsed (c, tick);

  if (!c->loaded || (needs_trigger (c) && !c->triggered))
    return c->mode != 0;
  switch (c->mode)
    {
    case 0: return e >= c->count;
    case 1: return e < 0 || e >= c->count;
    case 2: return c->paused || e < 0 || e % c->count != c->count - 1;
    case 3: return c->paused || e < 0 || e % c->count < high_half (c->count);
    default: return e != c->count;
    }
}

/* The counting element, in the form in which it is read. */
static guint16
counting_element (const Counter *c, guint64 tick)
{
  gint64 e = elapsed (c, tick);
  gint64 modulus = c->bcd ? 10000 : 65536;
  gint64 value = c->count;

  if (e > 0 && c->mode == 2)
    value -= e % c->count;
  else if (e > 0 && c->mode == 3)
    {
      guint32 x = e % c->count;

      if (x >= high_half (c->count))
        x -= high_half (c->count);
      value = (c->count & ~1u) - 2 * x;
    }
  else if (e > 0 && (c->triggered || !needs_trigger (c)))
    value -= e;
  value = (value % modulus + modulus) % modulus;
  if (c->bcd)
    return value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
  return value;
}

/* The tick after @tick at which OUT changes, or NEVER. */
static guint64
next_edge (const Counter *c, guint64 tick)
{
  gint64 e = elapsed (c, tick);
  guint64 edge = NEVER;
  guint32 x;

  if (!is_counting (c))
    return NEVER;
  if (e < 0 && !is_periodic (c))
    return c->mode == 1 ? c->start : c->start + c->count;
  x = e < 0 ? 0 : e % c->count;
  if (e < 0)
    tick = c->start;
  switch (c->mode)
    {
    case 0:
    case 1:
      return e < c->count ? c->start + c->count : NEVER;
    case 2:
      if (c->count > 1)
        edge = x < c->count - 1 ? tick + (c->count - 1 - x) : tick + 1;
      break;
    case 3:
      if (c->count > 1)
        edge = x < high_half (c->count) ? tick + high_half (c->count) - x : tick + c->count - x;
      break;
    default:
      if (e <= c->count)
        edge = c->start + c->count + (e == c->count);
      return edge;
    }
  return c->next != 0 ? MIN (edge, c->next_at) : edge;
}

static guint8
status_byte (const Counter *c, guint64 tick)
{
  guint8 status = c->mode << 1 | c->access << 4 | c->bcd;

  if (out_level (c, tick))
    status |= STATUS_OUT;
  if (!c->loaded || c->next != 0 || elapsed (c, tick) < 0)
    status |= STATUS_NULL_COUNT;
  return status;
}

/* -- What happens to a counter */

static void
drive (Pit8254 *pit, guint index, guint64 tick)
{
  Counter *c = &pit->s.counter[index];

  *c = counter_at (c, tick);
  c->out = out_level (c, tick);
  astern_irq_set (&pit->out[index], c->out);
}

/* Drives the edges that there were up to @tick, one by one: a pulse lasts a tick, and time can
 * move on by more than that at once. */
static void
catch_up (Pit8254 *pit, guint index, guint64 tick)
{
  Counter *c = &pit->s.counter[index];

  for (guint i = 0; c->edge <= tick && i < MOST_EDGES; i++)
    {
      guint64 at = c->edge;

      drive (pit, index, at);
      c->edge = next_edge (c, at);
    }
}

/* Brings a counter up to date, drives its pin and finds when that changes next. */
static void
update (Pit8254 *pit, guint index)
{
  Counter *c = &pit->s.counter[index];
  guint64 tick = tick_now (pit);
  guint64 deadline_ns = ASTERN_CLOCK_NEVER;

  drive (pit, index, tick);
  c->edge = pit->out[index].changed != NULL ? next_edge (c, tick) : NEVER;
  if (c->edge != NEVER)
    deadline_ns = hw_rate_ns (c->edge, PIT8254_HZ);
  astern_timer_set (&pit->timer[index], deadline_ns);
}

static void
out_changes (gpointer owner)
{
  const CounterRef *ref = owner;

  catch_up (ref->pit, ref->index, tick_now (ref->pit));
  update (ref->pit, ref->index);
}

/* Before the guest changes what OUT does. */
static void
announce (Pit8254 *pit, guint index)
{
  if (pit->before[index] != NULL)
    pit->before[index] (pit->watcher[index]);
}

static void
load (Counter *c, guint32 count, guint64 tick)
{
  c->count = count;
  c->next = 0;
  if (c->paused)
    c->held = 0;
  else
    c->start = tick + 1;
}

static guint32
count_from (const Counter *c, guint16 written)
{
  guint32 count = written;

  if (c->bcd)
    count = (written >> 12) * 1000 + (written >> 8 & 15) * 100 + (written >> 4 & 15) * 10 + (written & 15);
  if (count == 0)
    count = c->bcd ? 10000 : 65536;
  return count;
}

static void
count_written (Counter *c, guint16 written, guint64 tick)
{
  guint32 count = count_from (c, written);

  if (!c->loaded)
    {
      c->loaded = 1;
      c->triggered = 0;
      c->paused = !c->gate && !needs_trigger (c);
      load (c, count, tick);
      return;
    }
  if (needs_trigger (c))
    {
      c->next = count;
      c->next_at = NEVER;
    }
  else if (!is_periodic (c))
    {
      c->paused = !c->gate;
      load (c, count, tick);
    }
  else if (c->paused || elapsed (c, tick) < 0)
    load (c, count, tick);
  else
    {
      guint64 e = elapsed (c, tick);
      guint64 x = e % c->count;
      guint32 half = c->mode == 3 && x < high_half (c->count) ? high_half (c->count) : c->count;

      c->next = count;
      c->next_at = tick - x + half;
    }
}

static void
pause_counting (Counter *c, guint64 tick)
{
  if (!c->paused)
    {
      c->held = MAX (elapsed (c, tick), 0);
      c->paused = 1;
    }
}

void
pit8254_set_gate (gpointer receiver, guint index, gboolean level)
{
  Pit8254 *pit = receiver;
  Counter *c = &pit->s.counter[index];
  guint64 tick = tick_now (pit);

  level = level != FALSE;
  if (level == c->gate)
    return;
  announce (pit, index);
  catch_up (pit, index, tick);
  *c = counter_at (c, tick);
  c->gate = level;
  if (!c->loaded)
    ;
  else if (needs_trigger (c))
    {
      if (level)
        {
          c->triggered = 1;
          load (c, c->next != 0 ? c->next : c->count, tick);
        }
    }
  else if (!level)
    pause_counting (c, tick);
  else
    {
      c->paused = 0;
      if (is_periodic (c))
        load (c, c->next != 0 ? c->next : c->count, tick);
      else
        c->start = tick - c->held;
    }
  update (pit, index);
}

/* -- Registers */

static void
counter_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pit8254 *pit = (Pit8254 *) device;
  Counter *c = &pit->s.counter[offset];
  guint64 tick = tick_now (pit);

  announce (pit, offset);
  catch_up (pit, offset, tick);
  *c = counter_at (c, tick);
  if (c->access == ACCESS_BOTH && !c->write_second)
    {
      c->write_low = value;
      c->write_second = 1;
      if (c->mode == 0 && c->loaded)
        {
          /* The first byte stops the counting and lowers OUT. */
          pause_counting (c, tick);
          c->held = 0;
        }
    }
  else if (c->access == ACCESS_BOTH)
    {
      c->write_second = 0;
      count_written (c, c->write_low | value << 8, tick);
    }
  else
    count_written (c, c->access == ACCESS_MSB ? value << 8 : value, tick);
  update (pit, offset);
}

static guint64
counter_value (gconstpointer state, guint32 offset)
{
  const Pit8254 *pit = (const Pit8254 *) ((const guint8 *) state - G_STRUCT_OFFSET (Pit8254, s));
  guint64 tick = tick_now (pit);
  Counter c = counter_at (&pit->s.counter[offset], tick);
  guint16 value;

  if (c.status_latched)
    return c.status;
  value = c.latched ? c.latch : counting_element (&c, tick);
  if (c.access == ACCESS_MSB || (c.access == ACCESS_BOTH && c.read_second))
    return value >> 8;
  return value & 0xff;
}

static void
counter_did_read (AsternDevice *device, guint32 offset)
{
  Counter *c = &((Pit8254 *) device)->s.counter[offset];

  if (c->status_latched)
    {
      c->status_latched = 0;
      return;
    }
  if (c->access == ACCESS_BOTH)
    c->read_second ^= 1;
  if (!c->read_second)
    c->latched = 0;
}

static void
latch_count (Counter *c, guint64 tick)
{
  if (c->latched)
    return;
  c->latch = counting_element (c, tick);
  c->latched = 1;
}

static void
read_back (Pit8254 *pit, guint8 value, guint64 tick)
{
  for (guint i = 0; i < N_COUNTERS; i++)
    {
      Counter *c = &pit->s.counter[i];

      if (!(value >> (i + 1) & 1))
        continue;
      *c = counter_at (c, tick);
      if (!(value & 0x20))
        latch_count (c, tick);
      if (!(value & 0x10) && !c->status_latched)
        {
          c->status = status_byte (c, tick);
          c->status_latched = 1;
        }
    }
}

static void
set_mode (Counter *c, guint8 control)
{
  guint8 mode = control >> 1 & 7;

  c->mode = mode > 5 ? mode - 4 : mode;
  c->bcd = control & 1;
  c->access = control >> 4 & 3;
  c->loaded = c->triggered = c->paused = 0;
  c->next = 0;
  c->latched = c->status_latched = 0;
  c->write_second = c->read_second = 0;
}

static void
control_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pit8254 *pit = (Pit8254 *) device;
  guint64 tick = tick_now (pit);
  guint index = value >> 6;
  Counter *c;

  if (index == 3)
    {
      read_back (pit, value, tick);
      return;
    }
  c = &pit->s.counter[index];
  announce (pit, index);
  catch_up (pit, index, tick);
  *c = counter_at (c, tick);
  if ((value >> 4 & 3) == ACCESS_LATCH)
    {
      latch_count (c, tick);
      return;
    }
  set_mode (c, value);
  update (pit, index);
}

static const AsternRegField control_bits[] = {
  { 0, 1, "BCD" }, { 1, 3, "M" }, { 4, 2, "RW" }, { 6, 2, "SC" }, { 0 },
};

#define NONE ASTERN_NO_BACKING
static const AsternReg regs[] = {
/* off bank             access         w  name         backing reset writable value          did_read          did_write          n  bits */
  { 0, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "Counter 0", NONE,   0,    0,       counter_value, counter_did_read, counter_did_write, 1, NULL },
  { 1, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "Counter 1", NONE,   0,    0,       counter_value, counter_did_read, counter_did_write, 1, NULL },
  { 2, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "Counter 2", NONE,   0,    0,       counter_value, counter_did_read, counter_did_write, 1, NULL },
  { 3, ASTERN_ANY_BANK, ASTERN_REG_W,  1, "Control",   NONE,   0,    0,       NULL,          NULL,             control_did_write, 1, control_bits },
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = 4, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

#define C(i, member) \
  { "counter" #i "." #member, G_STRUCT_OFFSET (Pit8254State, counter[i].member), 1, \
    sizeof (((Pit8254State *) NULL)->counter[i].member), 1 }
#define COUNTER(i) \
  C (i, start), C (i, held), C (i, next_at), C (i, edge), C (i, count), C (i, next), C (i, latch), C (i, mode), C (i, access), \
  C (i, bcd), C (i, gate), C (i, loaded), C (i, triggered), C (i, paused), C (i, latched), C (i, status), \
  C (i, status_latched), C (i, write_low), C (i, write_second), C (i, read_second), C (i, out)
static const AsternField fields[] = {
  ASTERN_FIELD_ARRAY (Pit8254State, deadline_ns, 1), COUNTER (0), COUNTER (1), COUNTER (2),
};

static void
init (AsternDevice *device)
{
  static const char *const names[N_COUNTERS] = { "pit8254-0", "pit8254-1", "pit8254-2" };
  Pit8254 *pit = (Pit8254 *) device;

  for (guint i = 0; i < N_COUNTERS; i++)
    {
      pit->ref[i] = (CounterRef) { pit, i };
      astern_timer_init (&pit->timer[i], device->clock, names[i], &pit->s.deadline_ns[i],
                         out_changes, &pit->ref[i]);
    }
}

static void
reset (AsternDevice *device)
{
  Pit8254 *pit = (Pit8254 *) device;

  for (guint i = 0; i < N_COUNTERS; i++)
    {
      pit->s.counter[i] = (Counter) { .mode = 3, .access = ACCESS_BOTH, .count = 65536,
                                      .edge = NEVER, .gate = i != 2 };
      if (i == 0)
        count_written (&pit->s.counter[i], 0, tick_now (pit));
      update (pit, i);
    }
}

static void
restored (AsternDevice *device)
{
  Pit8254 *pit = (Pit8254 *) device;

  for (guint i = 0; i < N_COUNTERS; i++)
    {
      Counter *c = &pit->s.counter[i];

      c->count = CLAMP (c->count, 1, 65536);
      astern_irq_set (&pit->out[i], c->out);
    }
}

const AsternDeviceClass pit8254_class = {
  .name = "pit8254", .summary = "8254 interval timer", .state_version = 1,
  .instance_size = sizeof (Pit8254),
  .state_offset = G_STRUCT_OFFSET (Pit8254, s), .state_size = sizeof (Pit8254State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

AsternIrq *
pit8254_out_wire (AsternDevice *device, guint counter)
{
  return &((Pit8254 *) device)->out[counter];
}

gboolean
pit8254_get_out (const AsternDevice *device, guint index)
{
  const Pit8254 *pit = (const Pit8254 *) device;
  guint64 tick = tick_now (pit);
  Counter c = counter_at (&pit->s.counter[index], tick);

  return out_level (&c, tick);
}

gboolean
pit8254_get_gate (const AsternDevice *device, guint index)
{
  return ((const Pit8254 *) device)->s.counter[index].gate;
}

void
pit8254_watch (AsternDevice *device, guint counter, void (*before) (gpointer owner), gpointer owner)
{
  Pit8254 *pit = (Pit8254 *) device;

  pit->before[counter] = before;
  pit->watcher[counter] = owner;
}

/* Ticks at which OUT of a counter that counts is high, of the first @e after its load. */
static guint64
high_of_first (const Counter *c, guint64 e)
{
  switch (c->mode)
    {
    case 0:
    case 1:  return e > c->count ? e - c->count : 0;
    case 2:  return e - e / c->count;
    case 3:  return e / c->count * high_half (c->count) + MIN (e % c->count, high_half (c->count));
    default: return e > c->count ? e - 1 : e;
    }
}

guint64
pit8254_high_ticks (const AsternDevice *device, guint index, guint64 from, guint64 to)
{
  guint64 high = 0;

  while (from < to)
    {
      Counter c = counter_at (&((const Pit8254 *) device)->s.counter[index], from);
      guint64 end = c.next != 0 && c.next_at > from ? MIN (to, c.next_at) : to;

      if (c.loaded && !c.paused && from < c.start && c.start < end)
        end = c.start;
      if (!is_counting (&c) || c.paused || from < c.start)
        high += out_level (&c, from) ? end - from : 0;
      else
        high += high_of_first (&c, end - c.start) - high_of_first (&c, from - c.start);
      from = end;
    }
  return high;
}
