/* hpet.c - high precision event timer.
 * Source: IA-PC HPET Specification 1.0a, October 2004.
 * Left out: interrupts by message (FSB), so that a timer outside legacy replacement interrupts
 * by one of the I/O APIC's pins 16..23.
 *
 * The main counter and periodic comparators are functions of guest time; a timer runs only for
 * an enabled interrupt.  An edge is a fall and a rise of the wire, which then stays up. */
#include "config.h"

#include "hw/hpet.h"

#include <string.h>

#define N_TIMERS    3
#define N_LINES     24
#define PERIOD_NS   (HPET_PERIOD_FS / 1000000)
#define NEVER       ASTERN_CLOCK_NEVER
#define ROUTE_CAP   G_GUINT64_CONSTANT (0x00ff0000)     /* lines 16..23 */
#define FAR_TICKS   (G_MAXINT64 / PERIOD_NS / 2)        /* comparators beyond this are never reached */

enum { CONF_ENABLE = 1, CONF_LEGACY = 2 };

enum
{
  TN_LEVEL = 1 << 1, TN_INT_ENABLE = 1 << 2, TN_PERIODIC = 1 << 3, TN_PERIODIC_CAP = 1 << 4,
  TN_SIZE_CAP = 1 << 5,
  TN_VAL_SET = 1 << 6, TN_32MODE = 1 << 8, TN_ROUTE = 0x1f << 9,
};

#define TN_CAPS     (TN_PERIODIC_CAP | TN_SIZE_CAP | ROUTE_CAP << 32)
#define TN_WRITABLE (TN_LEVEL | TN_INT_ENABLE | TN_PERIODIC | TN_VAL_SET | TN_32MODE | TN_ROUTE)

typedef struct
{
  guint64 deadline_ns[N_TIMERS];
  guint64 enabled_ns;              /* when the counter started from `counter` */
  guint64 counter;                 /* its value then; or now, while it stands */
  guint64 gen_conf;
  guint64 gintr_sta;
  guint64 conf[N_TIMERS];
  guint64 comparator[N_TIMERS];    /* as written; a periodic one moves on from here */
  guint64 period[N_TIMERS];        /* ticks */
  guint64 fired_at[N_TIMERS];      /* counter at the last interrupt, so that it comes once */
  guint8  fired[N_TIMERS];         /* fired_at is of this comparator */
  guint8  level[N_TIMERS];         /* of the timers' outputs */
  guint8  legacy_input[2];
} HpetState;

typedef struct _Hpet Hpet;

typedef struct
{
  Hpet *hpet;
  guint index;
} TimerRef;

struct _Hpet
{
  AsternDevice parent;
  HpetState    s;
  AsternIrq    lines[N_LINES];
  AsternTimer  timer[N_TIMERS];
  TimerRef     ref[N_TIMERS];       /* the timers' owners */
};

/* -- The counter and what the comparators are */

static gboolean
is_running (const HpetState *s)
{
  return (s->gen_conf & CONF_ENABLE) != 0;
}

static guint64
counter_at (const HpetState *s, guint64 now_ns)
{
  return is_running (s) ? s->counter + (now_ns - s->enabled_ns) / PERIOD_NS : s->counter;
}

static guint64
width_mask (const HpetState *s, guint i)
{
  return (s->conf[i] & TN_32MODE) ? G_MAXUINT32 : G_MAXUINT64;
}

static gboolean
is_periodic (const HpetState *s, guint i)
{
  return (s->conf[i] & TN_PERIODIC) && (s->period[i] & width_mask (s, i)) != 0;
}

/* The comparator that is ahead at @counter: a periodic one moves on when it is met. */
static guint64
comparator_at (const HpetState *s, guint i, guint64 counter)
{
  guint64 mask = width_mask (s, i);
  guint64 period = s->period[i] & mask;
  gint64 past = (gint64) (counter - s->comparator[i]);

  if (!is_periodic (s, i) || past < 0)
    return s->comparator[i] & mask;
  return (s->comparator[i] + ((guint64) past / period + 1) * period) & mask;
}

/* Of 32 bits, a comparator is the next count ahead that ends in them: kept whole, it
 * stays right however long nobody looks. */
static void
anchor (HpetState *s, guint i, guint64 counter)
{
  if (s->conf[i] & TN_32MODE)
    s->comparator[i] = counter + ((s->comparator[i] - counter) & G_MAXUINT32);
}

/* -- Interrupts */

static guint
line_of (const HpetState *s, guint i)
{
  if ((s->gen_conf & CONF_LEGACY) && i < 2)
    return i == 0 ? 0 : 8;
  return s->conf[i] >> 9 & 0x1f;
}

static void
drive_line (Hpet *hpet, guint line)
{
  const HpetState *s = &hpet->s;
  gboolean legacy = (s->gen_conf & CONF_LEGACY) != 0;
  gboolean level = FALSE;

  if ((line == 0 || line == 8) && !legacy)
    level = s->legacy_input[line == 0 ? HPET_INPUT_PIT : HPET_INPUT_RTC];
  else
    for (guint i = 0; i < N_TIMERS; i++)
      if (line_of (s, i) == line && s->level[i])
        level = TRUE;
  astern_irq_set (&hpet->lines[line], level);
}

static void
drive_lines (Hpet *hpet)
{
  drive_line (hpet, 0);
  drive_line (hpet, 8);
  for (guint line = 16; line < N_LINES; line++)
    drive_line (hpet, line);
}

/* A level lasts as long as its status bit. */
static void
update_levels (Hpet *hpet)
{
  HpetState *s = &hpet->s;

  for (guint i = 0; i < N_TIMERS; i++)
    if (s->conf[i] & TN_LEVEL)
      s->level[i] = (s->gintr_sta >> i & 1) && (s->conf[i] & TN_INT_ENABLE);
    else if (!(s->conf[i] & TN_INT_ENABLE))
      s->level[i] = 0;
  drive_lines (hpet);
}

static void
interrupt (Hpet *hpet, guint i)
{
  HpetState *s = &hpet->s;

  if (s->conf[i] & TN_LEVEL)
    s->gintr_sta |= G_GUINT64_CONSTANT (1) << i;
  else
    {
      s->level[i] = 0;
      drive_lines (hpet);
      s->level[i] = 1;
    }
  update_levels (hpet);
}

/* Ticks from @counter to the next match. */
static guint64
ticks_left (const HpetState *s, guint i, guint64 counter)
{
  guint64 left = (comparator_at (s, i, counter) - counter) & width_mask (s, i);

  if (left == 0 && s->fired[i] && s->fired_at[i] == counter)
    return (s->conf[i] & TN_32MODE) ? (guint64) G_MAXUINT32 + 1 : FAR_TICKS;
  return left;
}

static void
arm (Hpet *hpet, guint i)
{
  const HpetState *s = &hpet->s;
  guint64 deadline_ns = NEVER;

  if (is_running (s) && (s->conf[i] & TN_INT_ENABLE))
    {
      guint64 counter = counter_at (s, astern_clock_now_ns (hpet->parent.clock));
      guint64 left = ticks_left (s, i, counter);

      if (left < FAR_TICKS)
        deadline_ns = s->enabled_ns + (counter - s->counter + left) * PERIOD_NS;
    }
  astern_timer_set (&hpet->timer[i], deadline_ns);
}

static void
arm_all (Hpet *hpet)
{
  for (guint i = 0; i < N_TIMERS; i++)
    arm (hpet, i);
}

static void
matched (gpointer owner)
{
  const TimerRef *ref = owner;
  HpetState *s = &ref->hpet->s;
  guint i = ref->index;

  s->fired_at[i] = counter_at (s, astern_clock_now_ns (ref->hpet->parent.clock));
  s->fired[i] = 1;
  interrupt (ref->hpet, i);
  arm (ref->hpet, i);
}

void
hpet_set_legacy_input (gpointer receiver, guint input, gboolean level)
{
  Hpet *hpet = receiver;

  hpet->s.legacy_input[input] = level;
  drive_line (hpet, input == HPET_INPUT_PIT ? 0 : 8);
}

/* -- Registers */

static guint
timer_of (guint32 offset)
{
  return (offset - 0x100) / 0x20;
}

static guint64
now_counter (gconstpointer state)
{
  const Hpet *hpet = (const Hpet *) ((const guint8 *) state - G_STRUCT_OFFSET (Hpet, s));

  return counter_at (state, astern_clock_now_ns (hpet->parent.clock));
}

static guint64
gcap_value (gconstpointer state, guint32 offset)
{
  return (guint64) HPET_PERIOD_FS << 32 | HPET_ID;
}

/* The counter's value is kept over a stop; a start counts on from it. */
static void
set_counter (Hpet *hpet, guint64 counter)
{
  hpet->s.counter = counter;
  hpet->s.enabled_ns = astern_clock_now_ns (hpet->parent.clock);
}

static guint64
gen_conf_value (gconstpointer state, guint32 offset)
{
  return ((const HpetState *) state)->gen_conf;
}

static void
gen_conf_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Hpet *hpet = (Hpet *) device;

  set_counter (hpet, now_counter (&hpet->s));
  hpet->s.gen_conf = value & (CONF_ENABLE | CONF_LEGACY);
  drive_lines (hpet);
  arm_all (hpet);
}

static void
gintr_sta_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Hpet *hpet = (Hpet *) device;

  hpet->s.gintr_sta &= ~value;
  update_levels (hpet);
}

static guint64
main_cnt_value (gconstpointer state, guint32 offset)
{
  return now_counter (state);
}

static void
main_cnt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Hpet *hpet = (Hpet *) device;
  HpetState *s = &hpet->s;
  guint64 before = now_counter (s);

  set_counter (hpet, value);
  for (guint i = 0; i < N_TIMERS; i++)
    {
      s->comparator[i] = comparator_at (s, i, before);
      s->fired[i] = 0;
      anchor (s, i, value);
    }
  arm_all (hpet);
}

static guint64
conf_value (gconstpointer state, guint32 offset)
{
  return ((const HpetState *) state)->conf[timer_of (offset)] | TN_CAPS;
}

static void
conf_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Hpet *hpet = (Hpet *) device;
  HpetState *s = &hpet->s;
  guint i = timer_of (offset);
  guint64 counter = now_counter (s);

  s->comparator[i] = comparator_at (s, i, counter);
  s->conf[i] = value & TN_WRITABLE;
  anchor (s, i, counter);
  update_levels (hpet);
  arm (hpet, i);
}

static guint64
comparator_value (gconstpointer state, guint32 offset)
{
  return comparator_at (state, timer_of (offset), now_counter (state));
}

/* A periodic timer takes its period, and with Tn_VAL_SET_CNF first its comparator. */
static void
set_comparator (Hpet *hpet, guint i, guint64 value, guint64 bits)
{
  HpetState *s = &hpet->s;
  gboolean periodic = (s->conf[i] & TN_PERIODIC) != 0;
  guint64 counter = now_counter (s);

  s->comparator[i] = comparator_at (s, i, counter);
  if (!periodic || (s->conf[i] & TN_VAL_SET))
    {
      s->comparator[i] = (s->comparator[i] & ~bits) | (value & bits);
      s->fired[i] = 0;
    }
  else
    s->period[i] = (s->period[i] & ~bits) | (value & bits);
  s->conf[i] &= ~(guint64) TN_VAL_SET;
  anchor (s, i, counter);
  arm (hpet, i);
}

static void
comparator_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  set_comparator ((Hpet *) device, timer_of (offset), value, G_MAXUINT64);
}

static void
comparator_low_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  set_comparator ((Hpet *) device, timer_of (offset), value, G_MAXUINT32);
}

static void
comparator_high_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  set_comparator ((Hpet *) device, timer_of (offset), value << 32, ~(guint64) G_MAXUINT32);
}

static const AsternRegField gcap_bits[] = {
  { 0, 8, "REV_ID" }, { 8, 5, "NUM_TIM_CAP" }, { 13, 1, "COUNT_SIZE_CAP" }, { 15, 1, "LEG_RT_CAP" }, { 16, 16, "VENDOR_ID" },
  { 32, 32, "COUNTER_CLK_PERIOD" }, { 0 },
};
static const AsternRegField gen_conf_bits[] = { { 0, 1, "ENABLE_CNF" }, { 1, 1, "LEG_RT_CNF" }, { 0 } };
static const AsternRegField gintr_bits[] = { { 0, 1, "T0_INT_STS" }, { 1, 1, "T1_INT_STS" }, { 2, 1, "T2_INT_STS" }, { 0 } };
static const AsternRegField conf_bits[] = {
  { 1, 1, "INT_TYPE_CNF" }, { 2, 1, "INT_ENB_CNF" }, { 3, 1, "TYPE_CNF" }, { 4, 1, "PER_INT_CAP" }, { 5, 1, "SIZE_CAP" },
  { 6, 1, "VAL_SET_CNF" }, { 8, 1, "32MODE_CNF" }, { 9, 5, "INT_ROUTE_CNF" }, { 14, 1, "FSB_EN_CNF" },
  { 15, 1, "FSB_INT_DEL_CAP" }, { 32, 32, "INT_ROUTE_CAP" }, { 0 },
};

#define AT(member) G_STRUCT_OFFSET (HpetState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW
#define ALL        G_MAXUINT64

/* A comparator written in halves is not read first: what it shows is not what a half belongs to. */
#define TIMER(i) \
  { 0x100 + 0x20 * i, ANY, RW, 8, "T" #i "_CONF", NONE, 0, TN_WRITABLE, conf_value, NULL, conf_did_write, 1, conf_bits }, \
  { 0x108 + 0x20 * i, ANY, W, 4, "T" #i "_COMPARATOR low", NONE, 0, 0, NULL, NULL, comparator_low_did_write, 1, NULL }, \
  { 0x10c + 0x20 * i, ANY, W, 4, "T" #i "_COMPARATOR high", NONE, 0, 0, NULL, NULL, comparator_high_did_write, 1, NULL }, \
  { 0x108 + 0x20 * i, ANY, RW, 8, "T" #i "_COMPARATOR", NONE, 0, ALL, comparator_value, NULL, comparator_did_write, 1, NULL }

static const AsternReg regs[] = {
/* off    bank access w  name         backing         reset writable value           read  did_write            n  bits */
  { 0x000, ANY, R,  8, "GCAP_ID",     NONE,           0,    0,       gcap_value,     NULL, NULL,                1, gcap_bits },
  { 0x010, ANY, RW, 8, "GEN_CONF",    NONE,           0,    3,       gen_conf_value, NULL, gen_conf_did_write,  1, gen_conf_bits },
  { 0x020, ANY, RW, 8, "GINTR_STA",   AT (gintr_sta), 0,    0,       NULL,           NULL, gintr_sta_did_write, 1, gintr_bits },
  { 0x0f0, ANY, RW, 8, "MAIN_CNT",    NONE,           0,    ALL,     main_cnt_value, NULL, main_cnt_did_write,  1, NULL },
  TIMER (0), TIMER (1), TIMER (2),
};

static const AsternWindow windows[] = {
  { .name = "registers", .size = 0x400, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

#define F(member)     ASTERN_FIELD (HpetState, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (HpetState, member, 1)
static const AsternField fields[] = {
  ARRAY (deadline_ns), F (enabled_ns), F (counter), F (gen_conf), F (gintr_sta), ARRAY (conf),
  ARRAY (comparator),
  ARRAY (period), ARRAY (fired_at), ARRAY (fired), ARRAY (level), ARRAY (legacy_input),
};

static void
init (AsternDevice *device)
{
  static const char *const names[N_TIMERS] = { "hpet-0", "hpet-1", "hpet-2" };
  Hpet *hpet = (Hpet *) device;

  for (guint i = 0; i < N_TIMERS; i++)
    {
      hpet->ref[i] = (TimerRef) { hpet, i };
      astern_timer_init (&hpet->timer[i], device->clock, names[i], &hpet->s.deadline_ns[i],
                         matched, &hpet->ref[i]);
    }
}

static void
reset (AsternDevice *device)
{
  Hpet *hpet = (Hpet *) device;
  guint8 inputs[2];

  memcpy (inputs, hpet->s.legacy_input, sizeof inputs);
  for (guint i = 0; i < N_TIMERS; i++)
    astern_timer_cancel (&hpet->timer[i]);
  hpet->s = (HpetState) { .legacy_input = { inputs[0], inputs[1] } };
  for (guint i = 0; i < N_TIMERS; i++)
    {
      hpet->s.deadline_ns[i] = NEVER;
      hpet->s.comparator[i] = G_MAXUINT64;
    }
  drive_lines (hpet);
}

static void
restored (AsternDevice *device)
{
  drive_lines ((Hpet *) device);
}

const AsternDeviceClass hpet_class = {
  .name = "hpet", .summary = "high precision event timer", .state_version = 1,
  .instance_size = sizeof (Hpet),
  .state_offset = G_STRUCT_OFFSET (Hpet, s), .state_size = sizeof (HpetState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

AsternIrq *
hpet_irq (AsternDevice *device, guint line)
{
  return &((Hpet *) device)->lines[line];
}
