/* mc146818rtc.c - MC146818A real-time clock as PCs have it, with the century in byte 0x32.
 * Source: Motorola MC146818A data sheet, 1984; Intel 82371SB (PIIX3) data sheet, section 2.5.8,
 * for the ports.
 * Left out: the square wave output, daylight saving, time bases other than 32,768 Hz; an update
 * takes no time (UIP stands for the 244 us before it).  Time and flags are functions of guest
 * time: a timer runs only where an enabled interrupt is still to come. */
#include "config.h"

#include "hw/mc146818rtc.h"

#include "hw/rate.h"

#include <string.h>

#define NEVER        G_MAXUINT64
#define BASE_HZ      32768
#define UIP_NS       244000
#define NS_PER_S     ((gint64) HW_NS_PER_S)
#define DAY_S        86400
#define LIMIT_S      (G_GINT64_CONSTANT (1) << 40)     /* the calendar's end: far beyond four digits of year */
#define LIMIT_NS     (G_GINT64_CONSTANT (1) << 61)

enum
{
  REG_SECONDS = 0x00, REG_SECONDS_ALARM, REG_MINUTES, REG_MINUTES_ALARM, REG_HOURS, REG_HOURS_ALARM,
  REG_DAY_OF_WEEK, REG_DATE, REG_MONTH, REG_YEAR, REG_A, REG_B, REG_C, REG_D, REG_NVRAM,
  REG_CENTURY = 0x32,
};

enum
{
  A_RS = 0x0f, A_DV = 0x70, A_DV_RUNS = 0x20, A_UIP = 0x80,
  B_24H = 0x02, B_DM = 0x04, B_UIE = 0x10, B_AIE = 0x20, B_PIE = 0x40, B_SET = 0x80,
  B_INTERRUPTS = 0x70, B_SQWE = 0x08,
  C_UF = 0x10, C_AF = 0x20, C_PF = 0x40, C_IRQF = 0x80,
  D_VRT = 0x80,
};

typedef struct
{
  guint64 deadline_ns;
  guint64 flags_ns;       /* flags hold all that happened up to here */
  gint64  origin_ns;      /* when a second began ... */
  gint64  origin_s;       /* ... and which: seconds since 1970 */
  guint8  cmos[MC146818RTC_NVRAM_BYTES];   /* time bytes are valid while the clock stands */
  guint8  index;
  guint8  nmi_masked;     /* bit 7 of the index port */
  guint8  flags;          /* C_UF, C_AF, C_PF */
  guint8  weekday_shift;  /* what the guest's day of the week is ahead of the calendar's */
  guint8  irq;
  guint8  reserved[3];
} RtcState;

typedef struct
{
  AsternDevice parent;
  RtcState     s;
  AsternIrq    irq;
  AsternTimer  timer;
} Rtc;

static guint64
now_of (gconstpointer state)
{
  const Rtc *rtc = (const Rtc *) ((const guint8 *) state - G_STRUCT_OFFSET (Rtc, s));

  return astern_clock_now_ns (rtc->parent.clock);
}

/* -- The calendar */

typedef struct { gint64 year; guint month, day; } Date;   /* month 1..12, day 1..31 */

/* Days since 1970-01-01; years begin in March here, so that the leap day is the last. */
static gint64
days_from_date (gint64 year, guint month, guint day)
{
  gint64 y = month <= 2 ? year - 1 : year;
  gint64 era = (y >= 0 ? y : y - 399) / 400;
  gint64 year_of_era = y - era * 400;
  gint64 day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static Date
date_from_days (gint64 days)
{
  gint64 z = days + 719468;
  gint64 era = (z >= 0 ? z : z - 146096) / 146097;
  gint64 day_of_era = z - era * 146097;
  gint64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  gint64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  guint shifted = (5 * day_of_year + 2) / 153;
  guint month = shifted < 10 ? shifted + 3 : shifted - 9;

  return (Date) { year_of_era + era * 400 + (month <= 2), month,
                  day_of_year - (153 * shifted + 2) / 5 + 1 };
}

static gint64
floor_div (gint64 a, gint64 b)
{
  return a / b - (a % b < 0);
}

static gboolean
divider_runs (const RtcState *s)
{
  return (s->cmos[REG_A] & A_DV) == A_DV_RUNS;
}

static gboolean
clock_runs (const RtcState *s)
{
  return divider_runs (s) && !(s->cmos[REG_B] & B_SET);
}

static gint64
seconds_at (const RtcState *s, guint64 ns)
{
  return s->origin_s + floor_div ((gint64) ns - s->origin_ns, NS_PER_S);
}

static guint64
start_of_second (const RtcState *s, gint64 seconds)
{
  return s->origin_ns + (seconds - s->origin_s) * NS_PER_S;
}

/* -- Bytes as the guest reads and writes them */

static guint8
encode (const RtcState *s, guint value)
{
  return (s->cmos[REG_B] & B_DM) ? value : value / 10 % 10 << 4 | value % 10;
}

static guint
decode (const RtcState *s, guint8 byte)
{
  return (s->cmos[REG_B] & B_DM) ? byte : (byte >> 4) * 10 + (byte & 15);
}

static guint8
encode_hour (const RtcState *s, guint hour)
{
  if (s->cmos[REG_B] & B_24H)
    return encode (s, hour);
  return encode (s, (hour + 11) % 12 + 1) | (hour >= 12 ? 0x80 : 0);
}

static guint
decode_hour (const RtcState *s, guint8 byte)
{
  if (s->cmos[REG_B] & B_24H)
    return decode (s, byte);
  return decode (s, byte & 0x7f) % 12 + (byte & 0x80 ? 12 : 0);
}

static gboolean
is_time_register (guint index)
{
  return index == REG_CENTURY
         || (index <= REG_YEAR && index != REG_SECONDS_ALARM && index != REG_MINUTES_ALARM
             && index != REG_HOURS_ALARM);
}

static guint8
time_register (const RtcState *s, guint index, gint64 seconds)
{
  gint64 days = floor_div (seconds, DAY_S);
  guint of_day = seconds - days * DAY_S;
  Date date = date_from_days (days);

  switch (index)
    {
    case REG_SECONDS:     return encode (s, of_day % 60);
    case REG_MINUTES:     return encode (s, of_day / 60 % 60);
    case REG_HOURS:       return encode_hour (s, of_day / 3600);
    case REG_DAY_OF_WEEK: return encode (s, ((days + 4 + s->weekday_shift) % 7 + 7) % 7 + 1);
    case REG_DATE:        return encode (s, date.day);
    case REG_MONTH:       return encode (s, date.month);
    case REG_YEAR:        return encode (s, ((date.year % 100) + 100) % 100);
    default:              return encode (s, (guint) floor_div (date.year, 100) % 100);
    }
}

/* Writes the running time into the bytes. */
static void
store_time (RtcState *s, guint64 now_ns)
{
  gint64 seconds = seconds_at (s, now_ns);

  for (guint i = REG_SECONDS; i <= REG_CENTURY; i++)
    if (is_time_register (i))
      s->cmos[i] = time_register (s, i, seconds);
}

/* Takes the time from the bytes; the second goes on where it is. */
static void
adopt_time (RtcState *s, guint64 now_ns)
{
  gint64 year = decode (s, s->cmos[REG_CENTURY]) * 100 + decode (s, s->cmos[REG_YEAR]);
  guint month = CLAMP (decode (s, s->cmos[REG_MONTH]), 1, 12);
  gint64 days = days_from_date (year, month, MAX (decode (s, s->cmos[REG_DATE]), 1));
  gint64 phase_ns = ((gint64) now_ns - s->origin_ns) % NS_PER_S;

  s->weekday_shift = (((gint64) decode (s, s->cmos[REG_DAY_OF_WEEK]) - 1 - days - 4) % 7 + 7) % 7;
  s->origin_s = days * DAY_S + decode_hour (s, s->cmos[REG_HOURS]) * 3600
                + decode (s, s->cmos[REG_MINUTES]) * 60 + decode (s, s->cmos[REG_SECONDS]);
  s->origin_ns = (gint64) now_ns - (phase_ns < 0 ? phase_ns + NS_PER_S : phase_ns);
}

/* -- Interrupts */

static gboolean
matches (gboolean any, guint wanted, guint is)
{
  return any || wanted == is;
}

static gboolean
alarm_any (guint8 byte)
{
  return (byte & 0xc0) == 0xc0;
}

/* When the next second begins that matches the alarm bytes, after @ns. */
static guint64
next_alarm (const RtcState *s, guint64 ns)
{
  guint8 hours = s->cmos[REG_HOURS_ALARM], minutes = s->cmos[REG_MINUTES_ALARM], seconds = s->cmos[REG_SECONDS_ALARM];
  gint64 t = seconds_at (s, ns) + 1;

  /* At most: the rest of this hour, the hours of a day, an hour's minutes, a minute's seconds. */
  for (guint tries = 0; tries < 60 + 60 + 24 + 60 + 60; tries++)
    {
      guint of_day = t - floor_div (t, DAY_S) * DAY_S;

      if (!matches (alarm_any (hours), decode_hour (s, hours), of_day / 3600))
        t += 3600 - of_day % 3600;
      else if (!matches (alarm_any (minutes), decode (s, minutes), of_day / 60 % 60))
        t += 60 - of_day % 60;
      else if (!matches (alarm_any (seconds), decode (s, seconds), of_day % 60))
        t++;
      else
        return start_of_second (s, t);
    }
  return NEVER;
}

/* Length of the periodic interrupt's period in 32,768ths of a second; 0: none. */
static guint
period (const RtcState *s)
{
  guint rs = s->cmos[REG_A] & A_RS;

  if (rs == 0 || !divider_runs (s))
    return 0;
  return 1u << (rs <= 2 ? rs + 6 : rs - 1);
}

static guint64
next_periodic (const RtcState *s, guint64 ns)
{
  guint ticks = period (s);

  return ticks == 0 ? NEVER
         : hw_rate_ns ((hw_rate_ticks (ns, BASE_HZ) / ticks + 1) * ticks, BASE_HZ);
}

static guint64
next_update (const RtcState *s, guint64 ns)
{
  return start_of_second (s, seconds_at (s, ns) + 1);
}

/* Register C at @now_ns; pure. */
static guint8
flags_at (const RtcState *s, guint64 now_ns)
{
  guint8 flags = s->flags;

  if (clock_runs (s))
    {
      if (!(flags & C_UF) && next_update (s, s->flags_ns) <= now_ns)
        flags |= C_UF;
      if (!(flags & C_AF) && next_alarm (s, s->flags_ns) <= now_ns)
        flags |= C_AF;
    }
  if (!(flags & C_PF) && next_periodic (s, s->flags_ns) <= now_ns)
    flags |= C_PF;
  return flags;
}

/* Gathers what happened up to now; to be called before what it depends on changes. */
static void
gather (RtcState *s, guint64 now_ns)
{
  s->flags = flags_at (s, now_ns);
  s->flags_ns = now_ns;
}

static void
update (Rtc *rtc)
{
  RtcState *s = &rtc->s;
  guint64 now_ns = astern_clock_now_ns (rtc->parent.clock);
  guint8 awaited = s->cmos[REG_B] & B_INTERRUPTS;
  guint64 deadline_ns = NEVER;

  gather (s, now_ns);
  s->irq = (s->flags & awaited) != 0;
  astern_irq_set (&rtc->irq, s->irq);
  if (s->irq)
    awaited = 0;      /* nothing more to say until register C is read */
  if (awaited & B_PIE)
    deadline_ns = MIN (deadline_ns, next_periodic (s, now_ns));
  if ((awaited & B_UIE) && clock_runs (s))
    deadline_ns = MIN (deadline_ns, next_update (s, now_ns));
  if ((awaited & B_AIE) && clock_runs (s))
    deadline_ns = MIN (deadline_ns, next_alarm (s, now_ns));
  astern_timer_set (&rtc->timer, deadline_ns);
}

static void
interrupt_is_due (gpointer owner)
{
  update (owner);
}

/* -- Registers */

static void
index_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  RtcState *s = &((Rtc *) device)->s;

  s->index = value & 0x7f;
  s->nmi_masked = value >> 7;
}

static guint64
time_value (gconstpointer state, guint32 offset)
{
  const RtcState *s = state;

  return clock_runs (s) ? time_register (s, s->index, seconds_at (s, now_of (s)))
         : s->cmos[s->index];
}

static void
time_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtc *rtc = (Rtc *) device;
  RtcState *s = &rtc->s;
  guint64 now_ns = now_of (s);

  if (clock_runs (s))
    {
      gather (s, now_ns);
      store_time (s, now_ns);
      s->cmos[s->index] = value;
      adopt_time (s, now_ns);
    }
  else
    s->cmos[s->index] = value;
  update (rtc);
}

static guint64
byte_value (gconstpointer state, guint32 offset)
{
  const RtcState *s = state;

  return s->cmos[s->index];
}

static void
byte_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtc *rtc = (Rtc *) device;

  gather (&rtc->s, now_of (&rtc->s));
  rtc->s.cmos[rtc->s.index] = value;
  update (rtc);
}

/* Changes register A or B, and stops or starts the clock if that follows. */
static void
set_control (Rtc *rtc, guint8 a, guint8 b)
{
  RtcState *s = &rtc->s;
  guint64 now_ns = now_of (s);
  gboolean ran = clock_runs (s), divided = divider_runs (s);

  gather (s, now_ns);
  if (ran)
    store_time (s, now_ns);
  s->cmos[REG_A] = a;
  s->cmos[REG_B] = b;
  if (!divided && divider_runs (s))
    /* the first update follows half a second later */
    s->origin_ns = (gint64) now_ns - NS_PER_S / 2;
  if (!ran && clock_runs (s))
    adopt_time (s, now_ns);
  update (rtc);
}

static guint64
a_value (gconstpointer state, guint32 offset)
{
  const RtcState *s = state;
  guint64 now_ns = now_of (s);
  guint8 a = s->cmos[REG_A];

  if (clock_runs (s) && next_update (s, now_ns) - now_ns <= UIP_NS)
    a |= A_UIP;
  return a;
}

static void
a_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtc *rtc = (Rtc *) device;

  set_control (rtc, value & ~A_UIP, rtc->s.cmos[REG_B]);
}

static void
b_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Rtc *rtc = (Rtc *) device;

  if (value & B_SET)
    value &= ~(guint64) B_UIE;
  set_control (rtc, rtc->s.cmos[REG_A], value);
}

static guint64
c_value (gconstpointer state, guint32 offset)
{
  const RtcState *s = state;
  guint8 flags = flags_at (s, now_of (s));

  return flags | ((flags & s->cmos[REG_B] & B_INTERRUPTS) ? C_IRQF : 0);
}

static void
c_did_read (AsternDevice *device, guint32 offset)
{
  Rtc *rtc = (Rtc *) device;

  gather (&rtc->s, now_of (&rtc->s));
  rtc->s.flags = 0;
  update (rtc);
}

static guint64
d_value (gconstpointer state, guint32 offset)
{
  return D_VRT;
}

/* The data port's registers are banks named by the index; plain memory is one of them. */
static guint8
bank (gconstpointer state, guint32 offset)
{
  const RtcState *s = state;

  return s->index < REG_NVRAM || s->index == REG_CENTURY ? s->index : REG_NVRAM;
}

static const AsternRegField a_bits[] = { { 0, 4, "RS" }, { 4, 3, "DV" }, { 7, 1, "UIP" }, { 0 } };
static const AsternRegField b_bits[] = {
  { 0, 1, "DSE" }, { 1, 1, "24/12" }, { 2, 1, "DM" }, { 3, 1, "SQWE" },
  { 4, 1, "UIE" }, { 5, 1, "AIE" }, { 6, 1, "PIE" }, { 7, 1, "SET" }, { 0 },
};
static const AsternRegField c_bits[] = { { 4, 1, "UF" }, { 5, 1, "AF" }, { 6, 1, "PF" }, { 7, 1, "IRQF" }, { 0 } };
static const AsternRegField d_bits[] = { { 7, 1, "VRT" }, { 0 } };
static const AsternRegField index_bits[] = { { 0, 7, "index" }, { 7, 1, "NMI mask" }, { 0 } };

#define NONE ASTERN_NO_BACKING
#define TIME(bank, name) \
  { 1, bank, ASTERN_REG_RW, 1, name, NONE, 0, 0, time_value, NULL, time_did_write, 1, NULL }
#define BYTE(bank, name) \
  { 1, bank, ASTERN_REG_RW, 1, name, NONE, 0, 0, byte_value, NULL, byte_did_write, 1, NULL }

static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_W, 1, "Index", NONE, 0, 0, NULL, NULL, index_did_write, 1, index_bits },
  TIME (REG_SECONDS, "Seconds"), BYTE (REG_SECONDS_ALARM, "Seconds Alarm"),
  TIME (REG_MINUTES, "Minutes"), BYTE (REG_MINUTES_ALARM, "Minutes Alarm"),
  TIME (REG_HOURS, "Hours"),     BYTE (REG_HOURS_ALARM, "Hours Alarm"),
  TIME (REG_DAY_OF_WEEK, "Day of Week"), TIME (REG_DATE, "Date of Month"), TIME (REG_MONTH, "Month"),
  TIME (REG_YEAR, "Year"), TIME (REG_CENTURY, "Century"),
  { 1, REG_A, ASTERN_REG_RW, 1, "A", NONE, 0, 0, a_value, NULL, a_did_write, 1, a_bits },
  { 1, REG_B, ASTERN_REG_RW, 1, "B", NONE, 0, 0, byte_value, NULL, b_did_write, 1, b_bits },
  { 1, REG_C, ASTERN_REG_R,  1, "C", NONE, 0, 0, c_value, c_did_read, NULL, 1, c_bits },
  { 1, REG_D, ASTERN_REG_R,  1, "D", NONE, 0, 0, d_value, NULL, NULL, 1, d_bits },
  BYTE (REG_NVRAM, "RAM"),
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = 2, .regs = regs, .n_regs = G_N_ELEMENTS (regs), .bank = bank },
};

#define F(member) ASTERN_FIELD (RtcState, member, 1)
static const AsternField fields[] = {
  F (deadline_ns), F (flags_ns), F (origin_ns), F (origin_s),
  ASTERN_FIELD_BYTES (RtcState, cmos, 1),
  F (index), F (nmi_masked), F (flags), F (weekday_shift), F (irq),
  ASTERN_FIELD_BYTES (RtcState, reserved, 1),
};

/* The battery keeps what is set here over a reset. */
static void
init (AsternDevice *device)
{
  Rtc *rtc = (Rtc *) device;

  rtc->s.cmos[REG_A] = A_DV_RUNS | 0x06;
  rtc->s.cmos[REG_B] = B_24H;
  astern_timer_init (&rtc->timer, device->clock, "rtc", &rtc->s.deadline_ns, interrupt_is_due, rtc);
}

static void
reset (AsternDevice *device)
{
  Rtc *rtc = (Rtc *) device;
  RtcState *s = &rtc->s;

  gather (s, now_of (s));
  s->cmos[REG_B] &= ~(B_INTERRUPTS | B_SQWE);
  s->flags = s->index = s->nmi_masked = 0;
  update (rtc);
}

static void
restored (AsternDevice *device)
{
  Rtc *rtc = (Rtc *) device;

  rtc->s.index &= 0x7f;
  rtc->s.weekday_shift %= 7;
  rtc->s.origin_s = CLAMP (rtc->s.origin_s, -LIMIT_S, LIMIT_S);
  rtc->s.origin_ns = CLAMP (rtc->s.origin_ns, -LIMIT_NS, LIMIT_NS);
  rtc->s.flags_ns = MIN (rtc->s.flags_ns, (guint64) LIMIT_NS);
  astern_irq_set (&rtc->irq, rtc->s.irq);
}

const AsternDeviceClass mc146818rtc_class = {
  .name = "mc146818rtc", .summary = "real-time clock and CMOS memory", .state_version = 1,
  .instance_size = sizeof (Rtc),
  .state_offset = G_STRUCT_OFFSET (Rtc, s), .state_size = sizeof (RtcState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

AsternIrq *
mc146818rtc_irq (AsternDevice *device)
{
  return &((Rtc *) device)->irq;
}

void
mc146818rtc_set_time (AsternDevice *device, guint64 seconds)
{
  Rtc *rtc = (Rtc *) device;
  RtcState *s = &rtc->s;
  guint64 now_ns = now_of (s);

  gather (s, now_ns);
  s->origin_s = (gint64) MIN (seconds, (guint64) LIMIT_S);
  s->origin_ns = (gint64) now_ns;
  s->weekday_shift = 0;
  store_time (s, now_ns);
  update (rtc);
}

void
mc146818rtc_set_nvram (AsternDevice *device, guint index, guint8 value)
{
  g_return_if_fail (index >= REG_NVRAM && index < MC146818RTC_NVRAM_BYTES);
  ((Rtc *) device)->s.cmos[index] = value;
}

guint8
mc146818rtc_get_nvram (const AsternDevice *device, guint index)
{
  g_return_val_if_fail (index < MC146818RTC_NVRAM_BYTES, 0xff);
  return ((const Rtc *) device)->s.cmos[index];
}
