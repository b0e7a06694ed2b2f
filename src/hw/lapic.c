/* lapic.c - local APIC, xAPIC and x2APIC.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter "APIC".
 * Left out: moving the memory window (IA32_APIC_BASE keeps what is written, the window stays), focus
 * processors, the thermal, performance and CMCI sources (their LVT entries are there, but nothing raises
 * them), remote read, EOI-broadcast suppression, the illegal register address error.
 *
 * LINT0 of CPU 0 passes ExtINT after reset, as PC firmware leaves it, so that kernels that are started
 * without firmware hear the PIC. */
#include "config.h"

#include "hw/lapic.h"

#include "core/machine.h"

#include "hw/lapic-bus.h"

#define NEVER   ASTERN_CLOCK_NEVER
#define VERSION 0x00050014u    /* six LVT entries */

enum { LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR, N_LVT };
enum { TIMER_ONE_SHOT, TIMER_PERIODIC, TIMER_TSC_DEADLINE };

enum
{
  LVT_VECTOR = 0xff, LVT_DELIVERY = 0x700, LVT_POLARITY = 1 << 13, LVT_REMOTE_IRR = 1 << 14, LVT_LEVEL = 1 << 15,
  LVT_MASKED = 1 << 16, LVT_TIMER_MODE = 3 << 17,
  SVR_ENABLED = 0x100,
  ICR_LOGICAL = 1 << 11, ICR_ASSERT = 1 << 14, ICR_LEVEL = 1 << 15, ICR_WRITABLE = 0xccfff,
  ESR_SEND_ILLEGAL = 0x20, ESR_RECEIVE_ILLEGAL = 0x40,
  BASE_BSP = 1 << 8, BASE_X2APIC = 1 << 10, BASE_ENABLED = 1 << 11,
};

enum { MSR_APIC_BASE = 0x1b, MSR_TSC_DEADLINE = 0x6e0, MSR_X2APIC = 0x800, MSR_X2APIC_END = 0x840 };
enum { REG_EOI = 0x0b0, REG_ESR = 0x280, REG_ICR_LOW = 0x300, REG_LVT = 0x320, REG_SELF_IPI = 0x3f0 };

typedef struct
{
  guint64 deadline_ns;
  guint64 timer_ns;          /* when the timer stood at timer_count */
  guint64 tsc_deadline;      /* 0: not armed */
  guint64 base;              /* IA32_APIC_BASE */
  guint32 timer_count;
  guint32 initial_count, divide;
  guint32 id, ldr, dfr, tpr, svr;
  guint32 esr, errors;       /* as read; gathered since the last write */
  guint32 icr_low, icr_high;
  guint32 lvt[N_LVT];
  guint32 irr[8], isr[8], tmr[8];
  guint8  lint[2];           /* levels of the pins */
  guint8  extint;            /* an ExtINT message waits */
  guint8  intr;              /* level of INTR to the CPU */
  guint8  reserved[4];
} LapicState;

typedef struct
{
  AsternDevice  parent;
  LapicState    s;
  AsternTimer   timer;
  AsternDevice *bus;         /* borrowed, (nullable) */
  AsternCpu    *cpu;         /* borrowed, (nullable) */
  guint         index;       /* the CPU's, and the initial APIC ID */
} Lapic;

static const Lapic *
lapic_of (gconstpointer state)
{
  return (const Lapic *) ((const guint8 *) state - G_STRUCT_OFFSET (Lapic, s));
}

static void
set_pin (Lapic *lapic, AsternPin pin, guint value)
{
  if (lapic->cpu != NULL)
    astern_cpu_set_pin (lapic->cpu, pin, value);
}

/* -- Sets of 256 vectors */

static gboolean
get_bit (const guint32 set[8], guint8 vector)
{
  return set[vector / 32] >> vector % 32 & 1;
}

static void
set_bit (guint32 set[8], guint8 vector, gboolean value)
{
  if (value)
    set[vector / 32] |= 1u << vector % 32;
  else
    set[vector / 32] &= ~(1u << vector % 32);
}

/* -1: empty. */
static int
highest_bit (const guint32 set[8])
{
  for (int i = 7; i >= 0; i--)
    if (set[i] != 0)
      return i * 32 + g_bit_nth_msf (set[i], -1);
  return -1;
}

/* -- Priorities and INTR */

static gboolean
is_on (const LapicState *s)
{
  return (s->base & BASE_ENABLED) && (s->svr & SVR_ENABLED);
}

static gboolean
is_x2apic (const LapicState *s)
{
  return (s->base & BASE_X2APIC) != 0;
}

static guint8
processor_priority (const LapicState *s)
{
  int in_service = highest_bit (s->isr);

  if (in_service < 0 || s->tpr >> 4 >= (guint) in_service >> 4)
    return s->tpr;
  return in_service & 0xf0;
}

/* The vector of its own to be served now, or -1. */
static int
pending (const LapicState *s)
{
  int vector = highest_bit (s->irr);

  if (vector < 0 || !is_on (s) || vector >> 4 <= processor_priority (s) >> 4)
    return -1;
  return vector;
}

static gboolean
extint_pending (const Lapic *lapic)
{
  const LapicState *s = &lapic->s;

  if (!(s->base & BASE_ENABLED))          /* LINT0 is the CPU's INTR pin then */
    return lapic->index == 0 && s->lint[LAPIC_LINT0];
  if (s->extint)
    return TRUE;
  return s->lint[LAPIC_LINT0]
         && (s->lvt[LVT_LINT0] & (LVT_MASKED | LVT_DELIVERY)) == APIC_EXTINT << 8;
}

static void
update (Lapic *lapic)
{
  gboolean intr = pending (&lapic->s) >= 0 || extint_pending (lapic);

  if (intr == lapic->s.intr)
    return;
  lapic->s.intr = intr;
  set_pin (lapic, ASTERN_PIN_INTR, intr);
}

static int
acknowledge (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;
  int vector = pending (s);

  if (vector >= 0)
    {
      set_bit (s->irr, vector, FALSE);
      set_bit (s->isr, vector, TRUE);
    }
  else if (extint_pending (lapic) && lapic->bus != NULL)
    {
      s->extint = 0;
      vector = lapic_bus_pic_acknowledge (lapic->bus);
    }
  update (lapic);
  return vector;
}

/* -- Interrupts that arrive */

static void reset_to_init (Lapic *lapic);

static void deliver_local (Lapic *lapic, guint entry);

/* An error interrupt is for the first error since ESR was last written. */
static void
error (Lapic *lapic, guint32 bit)
{
  gboolean first = lapic->s.errors == 0;

  lapic->s.errors |= bit;
  if (first)
    deliver_local (lapic, LVT_ERROR);
}

static void
request (Lapic *lapic, guint8 vector, gboolean level)
{
  LapicState *s = &lapic->s;

  if (vector < 16)
    {
      error (lapic, ESR_RECEIVE_ILLEGAL);
      return;
    }
  set_bit (s->irr, vector, TRUE);
  set_bit (s->tmr, vector, level);
  update (lapic);
}

static void
deliver (Lapic *lapic, ApicDelivery delivery, guint8 vector, gboolean level)
{
  switch (delivery)
    {
    case APIC_FIXED:
    case APIC_LOWEST_PRIORITY:
      if (is_on (&lapic->s))
        request (lapic, vector, level);
      break;
    case APIC_SMI:
      set_pin (lapic, ASTERN_PIN_SMI, 1);
      break;
    case APIC_NMI:
      set_pin (lapic, ASTERN_PIN_NMI, 1);
      break;
    case APIC_INIT:
      reset_to_init (lapic);
      set_pin (lapic, ASTERN_PIN_INIT, 1);
      break;
    case APIC_SIPI:
      set_pin (lapic, ASTERN_PIN_SIPI, vector);
      break;
    case APIC_EXTINT:
      lapic->s.extint = 1;
      update (lapic);
      break;
    default:
      break;
    }
}

/* Raises a local interrupt as its LVT entry says. */
static void
deliver_local (Lapic *lapic, guint entry)
{
  guint32 lvt = lapic->s.lvt[entry];
  gboolean pin = entry == LVT_LINT0 || entry == LVT_LINT1;

  if (lvt & LVT_MASKED)
    return;
  if (entry == LVT_TIMER || entry == LVT_ERROR)
    deliver (lapic, APIC_FIXED, lvt & LVT_VECTOR, FALSE);
  else if ((lvt & LVT_DELIVERY) != APIC_EXTINT << 8)     /* ExtINT is a level: update() looks at it */
    deliver (lapic, (lvt & LVT_DELIVERY) >> 8, lvt & LVT_VECTOR, pin && (lvt & LVT_LEVEL));
}

static gboolean
is_fixed_level (guint32 lvt)
{
  return (lvt & (LVT_DELIVERY | LVT_LEVEL)) == LVT_LEVEL;
}

/* A level-triggered pin that is up interrupts unless it waits for its EOI. */
static void
look_at_level_pin (Lapic *lapic, guint lint)
{
  guint32 *lvt = &lapic->s.lvt[LVT_LINT0 + lint];

  if (lapic->s.lint[lint] && is_fixed_level (*lvt) && !(*lvt & (LVT_MASKED | LVT_REMOTE_IRR)) && is_on (&lapic->s))
    {
      *lvt |= LVT_REMOTE_IRR;
      deliver_local (lapic, LVT_LINT0 + lint);
    }
}

void
lapic_set_lint (gpointer receiver, guint lint, gboolean level)
{
  Lapic *lapic = receiver;
  LapicState *s = &lapic->s;
  gboolean rises = level && !s->lint[lint];

  s->lint[lint] = level;
  if (!(s->base & BASE_ENABLED))
    {
      if (rises && lint == LAPIC_LINT1)
        set_pin (lapic, ASTERN_PIN_NMI, 1);
    }
  else if (is_fixed_level (s->lvt[LVT_LINT0 + lint]))
    look_at_level_pin (lapic, lint);
  else if (rises)
    deliver_local (lapic, LVT_LINT0 + lint);
  update (lapic);
}

static void
end_of_interrupt (Lapic *lapic)
{
  LapicState *s = &lapic->s;
  int vector = highest_bit (s->isr);

  if (vector < 0)
    return;
  set_bit (s->isr, vector, FALSE);
  if (get_bit (s->tmr, vector))
    {
      set_bit (s->tmr, vector, FALSE);
      for (guint lint = 0; lint < 2; lint++)
        if ((s->lvt[LVT_LINT0 + lint] & LVT_VECTOR) == (guint) vector)
          {
            s->lvt[LVT_LINT0 + lint] &= ~LVT_REMOTE_IRR;
            look_at_level_pin (lapic, lint);
          }
      if (lapic->bus != NULL)
        lapic_bus_broadcast_eoi (lapic->bus, vector);
    }
  update (lapic);
}

/* -- Messages */

gboolean
lapic_is_enabled (AsternDevice *device)
{
  return is_on (&((Lapic *) device)->s);
}

guint8
lapic_priority (AsternDevice *device)
{
  return processor_priority (&((Lapic *) device)->s);
}

gboolean
lapic_is_mapped (AsternDevice *device)
{
  const LapicState *s = &((Lapic *) device)->s;

  return (s->base & BASE_ENABLED) && !is_x2apic (s);
}

static gboolean
is_logically_addressed (const LapicState *s, guint32 destination)
{
  guint8 flat = s->ldr >> 24;

  if (is_x2apic (s))
    return destination >> 16 == s->ldr >> 16 && (destination & s->ldr & 0xffff) != 0;
  destination &= 0xff;
  if (s->dfr >> 28 == 0xf)
    return (destination & flat) != 0;
  return (destination >> 4 == 0xf || destination >> 4 == (guint) flat >> 4) && (destination & flat & 0xf) != 0;
}

gboolean
lapic_is_addressed (AsternDevice *device, const ApicMessage *message)
{
  const LapicState *s = &((Lapic *) device)->s;

  if (!(s->base & BASE_ENABLED))
    return message->delivery == APIC_INIT || message->delivery == APIC_SIPI
           ? message->destination == ((Lapic *) device)->index || message->destination == APIC_BROADCAST : FALSE;
  if (message->destination == APIC_BROADCAST)
    return TRUE;
  if (message->logical)
    return is_logically_addressed (s, message->destination);
  return message->destination == (is_x2apic (s) ? s->id : s->id >> 24);
}

void
lapic_accept (AsternDevice *device, const ApicMessage *message)
{
  deliver ((Lapic *) device, message->delivery, message->vector, message->level);
}

static void
send_ipi (Lapic *lapic)
{
  const LapicState *s = &lapic->s;
  guint shorthand = s->icr_low >> 18 & 3;
  ApicMessage message = {
    .logical = (s->icr_low & ICR_LOGICAL) != 0,
    .delivery = s->icr_low >> 8 & 7,
    .vector = s->icr_low & 0xff,
  };

  if (message.delivery == APIC_INIT && (s->icr_low & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL)
    return;                                /* INIT level de-assert: does nothing since the Pentium 4 */
  if ((message.delivery == APIC_FIXED || message.delivery == APIC_LOWEST_PRIORITY) && message.vector < 16)
    {
      error (lapic, ESR_SEND_ILLEGAL);
      return;
    }
  message.destination = is_x2apic (s) ? s->icr_high : apic_destination8 (s->icr_high >> 24, message.logical);
  if (lapic->bus == NULL)
    return;
  if (shorthand == 0)
    lapic_bus_deliver (lapic->bus, &message);
  else
    lapic_bus_send_ipi (lapic->bus, &message, lapic->index, shorthand != 3, shorthand != 1);
}

/* -- Timer */

static guint
timer_mode (const LapicState *s)
{
  return s->lvt[LVT_TIMER] >> 17 & 3;
}

static guint64
tick_ns (const LapicState *s)
{
  guint code = (s->divide >> 1 & 4) | (s->divide & 3);

  return G_GUINT64_CONSTANT (1) << (code + 1) % 8;
}

static guint64
ticks_since (const LapicState *s, guint64 now_ns)
{
  return (now_ns - s->timer_ns) / tick_ns (s);
}

static guint32
current_count (const LapicState *s, guint64 now_ns)
{
  guint64 ticks = ticks_since (s, now_ns);

  if (timer_mode (s) == TIMER_TSC_DEADLINE)
    return 0;
  if (ticks < s->timer_count)
    return s->timer_count - ticks;
  if (timer_mode (s) != TIMER_PERIODIC || s->initial_count == 0)
    return 0;
  return s->initial_count - (ticks - s->timer_count) % s->initial_count;
}

/* Finds when the timer next interrupts. */
static void
arm_timer (Lapic *lapic)
{
  const LapicState *s = &lapic->s;
  guint64 now_ns = astern_clock_now_ns (lapic->parent.clock);
  guint32 count = current_count (s, now_ns);
  guint64 deadline_ns = NEVER;

  if (timer_mode (s) == TIMER_TSC_DEADLINE)
    {
      if (s->tsc_deadline != 0)
        deadline_ns = s->tsc_deadline;
    }
  else if (count != 0 && !(s->lvt[LVT_TIMER] & LVT_MASKED))
    deadline_ns = s->timer_ns + (ticks_since (s, now_ns) + count) * tick_ns (s);
  astern_timer_set (&lapic->timer, deadline_ns);
}

static void
timer_expired (gpointer owner)
{
  Lapic *lapic = owner;

  lapic->s.tsc_deadline = 0;
  deliver_local (lapic, LVT_TIMER);
  arm_timer (lapic);
}

static void
start_timer (Lapic *lapic, guint32 count)
{
  lapic->s.timer_ns = astern_clock_now_ns (lapic->parent.clock);
  lapic->s.timer_count = count;
  arm_timer (lapic);
}

static void
set_timer_lvt (Lapic *lapic, guint32 before)
{
  LapicState *s = &lapic->s;
  guint was = before >> 17 & 3, is = timer_mode (s);

  if (was != is && (was == TIMER_TSC_DEADLINE || is == TIMER_TSC_DEADLINE))
    {
      s->tsc_deadline = 0;
      s->initial_count = 0;
      start_timer (lapic, 0);
    }
  else
    arm_timer (lapic);
}

/* -- Registers */

static guint64
ppr_value (gconstpointer state, guint32 offset)
{
  return processor_priority (state);
}

static guint64
apr_value (gconstpointer state, guint32 offset)
{
  const LapicState *s = state;
  int requested = highest_bit (s->irr);
  guint8 ppr = processor_priority (s);

  return requested >= 0 && requested >> 4 > ppr >> 4 ? (guint) requested & 0xf0 : ppr;
}

static guint64
version_value (gconstpointer state, guint32 offset)
{
  return VERSION;
}

static guint64
current_count_value (gconstpointer state, guint32 offset)
{
  return current_count (state, astern_clock_now_ns (lapic_of (state)->parent.clock));
}

static void
tpr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update ((Lapic *) device);
}

static void
eoi_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  end_of_interrupt ((Lapic *) device);
}

static void
svr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;

  if (!(s->svr & SVR_ENABLED))
    for (guint i = 0; i < N_LVT; i++)
      s->lvt[i] |= LVT_MASKED;
  arm_timer (lapic);
  update (lapic);
}

static void
dfr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((Lapic *) device)->s.dfr |= 0x0fffffff;
}

static void
esr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  LapicState *s = &((Lapic *) device)->s;

  s->esr = s->errors;
  s->errors = 0;
}

static void
icr_low_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  send_ipi ((Lapic *) device);
}

/* The rows have no backing for LVT entries: what an entry was matters, and where masks are forced. */
static guint64
lvt_value (gconstpointer state, guint32 offset)
{
  return ((const LapicState *) state)->lvt[(offset - REG_LVT) / 16];
}

static void
lvt_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  static const guint32 writable[N_LVT] = {
    [LVT_TIMER] = LVT_VECTOR | LVT_MASKED | LVT_TIMER_MODE,
    [LVT_THERMAL] = LVT_VECTOR | LVT_DELIVERY | LVT_MASKED,
    [LVT_PERFORMANCE] = LVT_VECTOR | LVT_DELIVERY | LVT_MASKED,
    [LVT_LINT0] = LVT_VECTOR | LVT_DELIVERY | LVT_POLARITY | LVT_LEVEL | LVT_MASKED,
    [LVT_LINT1] = LVT_VECTOR | LVT_DELIVERY | LVT_POLARITY | LVT_LEVEL | LVT_MASKED,
    [LVT_ERROR] = LVT_VECTOR | LVT_MASKED,
  };
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;
  guint entry = (offset - REG_LVT) / 16;
  guint32 before = s->lvt[entry];

  s->lvt[entry] = (before & LVT_REMOTE_IRR) | (value & writable[entry]);
  if (!(s->svr & SVR_ENABLED))
    s->lvt[entry] |= LVT_MASKED;
  if (entry == LVT_TIMER)
    set_timer_lvt (lapic, before);
  else if (entry == LVT_LINT0 || entry == LVT_LINT1)
    {
      if (!is_fixed_level (s->lvt[entry]))
        s->lvt[entry] &= ~LVT_REMOTE_IRR;
      look_at_level_pin (lapic, entry - LVT_LINT0);
    }
  update (lapic);
}

static void
initial_count_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lapic *lapic = (Lapic *) device;

  if (timer_mode (&lapic->s) == TIMER_TSC_DEADLINE)
    lapic->s.initial_count = 0;
  start_timer (lapic, lapic->s.initial_count);
}

static guint64
divide_value (gconstpointer state, guint32 offset)
{
  return ((const LapicState *) state)->divide;
}

/* The count stays, what follows is counted at the new rate. */
static void
divide_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lapic *lapic = (Lapic *) device;
  guint32 count = current_count (&lapic->s, astern_clock_now_ns (device->clock));

  lapic->s.divide = value & 0x0b;
  start_timer (lapic, count);
}

static const AsternRegField svr_bits[] = { { 0, 8, "vector" }, { 8, 1, "enabled" }, { 9, 1, "focus off" }, { 0 } };
static const AsternRegField icr_bits[] = {
  { 0, 8, "vector" }, { 8, 3, "delivery" }, { 11, 1, "logical" }, { 12, 1, "pending" }, { 14, 1, "assert" },
  { 15, 1, "level" }, { 18, 2, "shorthand" }, { 0 },
};
static const AsternRegField timer_bits[] = {
  { 0, 8, "vector" }, { 12, 1, "pending" }, { 16, 1, "masked" }, { 17, 2, "mode" }, { 0 },
};
static const AsternRegField lvt_bits[] = {
  { 0, 8, "vector" }, { 8, 3, "delivery" }, { 12, 1, "pending" }, { 13, 1, "active low" }, { 14, 1, "remote IRR" },
  { 15, 1, "level" }, { 16, 1, "masked" }, { 0 },
};
static const AsternRegField tpr_bits[] = { { 0, 4, "sub-class" }, { 4, 4, "class" }, { 0 } };
static const AsternRegField esr_bits[] = {
  { 5, 1, "send illegal vector" }, { 6, 1, "received illegal vector" }, { 7, 1, "illegal register" }, { 0 },
};
static const AsternRegField version_bits[] = { { 0, 8, "version" }, { 16, 8, "max LVT entry" }, { 0 } };

#define AT(member) G_STRUCT_OFFSET (LapicState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW

/* Eight registers of 32 vectors each, 16 bytes apart. */
#define SET1(offset, name, member, i) \
  { offset + 16 * i, ANY, R, 4, name #i, AT (member) + 4 * i, 0, 0, NULL, NULL, NULL, 1, NULL }
#define SET(offset, name, member) \
  SET1 (offset, name, member, 0), SET1 (offset, name, member, 1), SET1 (offset, name, member, 2), \
  SET1 (offset, name, member, 3), SET1 (offset, name, member, 4), SET1 (offset, name, member, 5), \
  SET1 (offset, name, member, 6), SET1 (offset, name, member, 7)
#define LVT(entry, name, bits) \
  { REG_LVT + 16 * entry, ANY, RW, 4, name, NONE, 0, 0xffffffff, lvt_value, NULL, lvt_did_write, 1, bits }

static const AsternReg regs[] = {
/* off           bank access w  name      backing             reset       writable    value          read  did_write          n  bits */
  { 0x020,       ANY, RW, 4, "ID",        AT (id),            0,          0xff000000, NULL,          NULL, NULL,              1, NULL },
  { 0x030,       ANY, R,  4, "Version",   NONE,               0,          0,          version_value, NULL, NULL,              1, version_bits },
  { 0x080,       ANY, RW, 4, "TPR",       AT (tpr),           0,          0xff,       NULL,          NULL, tpr_did_write,     1, tpr_bits },
  { 0x090,       ANY, R,  4, "APR",       NONE,               0,          0,          apr_value,     NULL, NULL,              1, tpr_bits },
  { 0x0a0,       ANY, R,  4, "PPR",       NONE,               0,          0,          ppr_value,     NULL, NULL,              1, tpr_bits },
  { REG_EOI,     ANY, W,  4, "EOI",       NONE,               0,          0,          NULL,          NULL, eoi_did_write,     1, NULL },
  { 0x0d0,       ANY, RW, 4, "LDR",       AT (ldr),           0,          0xff000000, NULL,          NULL, NULL,              1, NULL },
  { 0x0e0,       ANY, RW, 4, "DFR",       AT (dfr),           0xffffffff, 0xf0000000, NULL,          NULL, dfr_did_write,     1, NULL },
  { 0x0f0,       ANY, RW, 4, "SVR",       AT (svr),           0xff,       0x3ff,      NULL,          NULL, svr_did_write,     1, svr_bits },
  SET (0x100, "ISR", isr),
  SET (0x180, "TMR", tmr),
  SET (0x200, "IRR", irr),
  { REG_ESR,     ANY, RW, 4, "ESR",       AT (esr),           0,          0,          NULL,          NULL, esr_did_write,     1, esr_bits },
  { REG_ICR_LOW, ANY, RW, 4, "ICR low",   AT (icr_low),       0,          ICR_WRITABLE, NULL,        NULL, icr_low_did_write, 1, icr_bits },
  { 0x310,       ANY, RW, 4, "ICR high",  AT (icr_high),      0,          0xff000000, NULL,          NULL, NULL,              1, NULL },
  LVT (LVT_TIMER, "LVT timer", timer_bits),
  LVT (LVT_THERMAL, "LVT thermal", lvt_bits),
  LVT (LVT_PERFORMANCE, "LVT performance", lvt_bits),
  LVT (LVT_LINT0, "LVT LINT0", lvt_bits),
  LVT (LVT_LINT1, "LVT LINT1", lvt_bits),
  LVT (LVT_ERROR, "LVT error", lvt_bits),
  { 0x380,       ANY, RW, 4, "Initial count", AT (initial_count), 0,      0xffffffff, NULL,          NULL, initial_count_did_write, 1, NULL },
  { 0x390,       ANY, R,  4, "Current count", NONE,           0,          0,          current_count_value, NULL, NULL,        1, NULL },
  { 0x3e0,       ANY, RW, 4, "Divide",    NONE,               0,          0x0b,       divide_value,  NULL, divide_did_write,  1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "registers", .size = ASTERN_PAGE_SIZE, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

/* -- MSRs */

/* One bit for each x2APIC register that can be read, written. */
#define REGS(first, last) ((G_MAXUINT64 >> (63 - (last))) & (G_MAXUINT64 << (first)))
static const guint64 x2apic_readable = REGS (0x02, 0x03) | REGS (0x08, 0x08) | REGS (0x0a, 0x0a) | REGS (0x0d, 0x0d)
                                       | REGS (0x0f, 0x28) | REGS (0x30, 0x30) | REGS (0x32, 0x39) | REGS (0x3e, 0x3e);
static const guint64 x2apic_writable = REGS (0x08, 0x08) | REGS (0x0b, 0x0b) | REGS (0x0f, 0x0f) | REGS (0x28, 0x28)
                                       | REGS (0x30, 0x30) | REGS (0x32, 0x38) | REGS (0x3e, 0x3f);

static guint64
x2apic_read (Lapic *lapic, guint reg, gboolean *fault)
{
  guint64 value;

  if (!is_x2apic (&lapic->s) || !(x2apic_readable >> reg & 1))
    {
      *fault = TRUE;
      return 0;
    }
  value = astern_device_read (&lapic->parent, 0, reg * 16, 4, NULL);
  if (reg * 16 == REG_ICR_LOW)
    value |= (guint64) lapic->s.icr_high << 32;
  return value;
}

static void
x2apic_write (Lapic *lapic, guint reg, guint64 value, gboolean *fault)
{
  guint offset = reg * 16;

  if (!is_x2apic (&lapic->s) || !(x2apic_writable >> reg & 1)
      || (offset != REG_ICR_LOW && value >> 32 != 0)
      || ((offset == REG_EOI || offset == REG_ESR) && value != 0))
    {
      *fault = TRUE;
      return;
    }
  if (offset == REG_SELF_IPI)
    {
      if ((value & 0xff) < 16)
        error (lapic, ESR_SEND_ILLEGAL);
      else
        deliver (lapic, APIC_FIXED, value & 0xff, FALSE);
      return;
    }
  if (offset == REG_ICR_LOW)
    lapic->s.icr_high = value >> 32;
  astern_device_write (&lapic->parent, 0, offset, 4, value & 0xffffffff, NULL);
}

static guint32
x2apic_ldr (guint index)
{
  return index >> 4 << 16 | 1u << (index & 15);
}

static void
set_base (Lapic *lapic, guint64 value, gboolean *fault)
{
  LapicState *s = &lapic->s;
  guint64 modes = BASE_ENABLED | BASE_X2APIC;
  guint64 was = s->base & modes, is = value & modes;

  if ((value & ~(G_GUINT64_CONSTANT (0xffffffffff000) | modes | BASE_BSP)) || is == BASE_X2APIC
      || (was == modes && is == BASE_ENABLED) || (was == 0 && is == modes))
    {
      *fault = TRUE;
      return;
    }
  if ((value & ~ASTERN_PAGE_MASK) != LAPIC_BUS_BASE && lapic->parent.machine != NULL)
    astern_events_log (&lapic->parent.machine->events, ASTERN_EVENT_UNIMP, "%s: its window does not move",
                       lapic->parent.name);
  if (was != 0 && is == 0)
    reset_to_init (lapic);
  s->base = (value & ~(guint64) BASE_BSP) | (s->base & BASE_BSP);
  if (was != modes && is == modes)
    {
      s->id = lapic->index;
      s->ldr = x2apic_ldr (lapic->index);
      s->icr_high = 0;
    }
  else if (was != 0 && is == 0)
    s->id = lapic->index << 24;
  update (lapic);
}

static guint64
read_msr (AsternDevice *device, guint32 msr, gboolean *fault)
{
  Lapic *lapic = (Lapic *) device;

  if (msr >= MSR_X2APIC && msr < MSR_X2APIC_END)
    return x2apic_read (lapic, msr - MSR_X2APIC, fault);
  if (msr == MSR_APIC_BASE)
    return lapic->s.base;
  if (msr == MSR_TSC_DEADLINE)
    return lapic->s.tsc_deadline;
  *fault = TRUE;
  return 0;
}

static void
write_msr (AsternDevice *device, guint32 msr, guint64 value, gboolean *fault)
{
  Lapic *lapic = (Lapic *) device;

  if (msr >= MSR_X2APIC && msr < MSR_X2APIC_END)
    x2apic_write (lapic, msr - MSR_X2APIC, value, fault);
  else if (msr == MSR_APIC_BASE)
    set_base (lapic, value, fault);
  else if (msr == MSR_TSC_DEADLINE)
    {
      if (timer_mode (&lapic->s) == TIMER_TSC_DEADLINE)
        {
          lapic->s.tsc_deadline = value;
          arm_timer (lapic);
        }
    }
  else
    *fault = TRUE;
}

static guint8
get_tpr (AsternDevice *device)
{
  return ((Lapic *) device)->s.tpr >> 4;
}

static void
set_tpr (AsternDevice *device, guint8 tpr)
{
  Lapic *lapic = (Lapic *) device;

  lapic->s.tpr = (tpr & 15) << 4;
  update (lapic);
}

static const AsternApicInterface interface = { acknowledge, read_msr, write_msr, get_tpr, set_tpr };

/* -- The device */

#define F(member)     ASTERN_FIELD (LapicState, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (LapicState, member, 1)
static const AsternField fields[] = {
  F (deadline_ns), F (timer_ns), F (tsc_deadline), F (base), F (timer_count), F (initial_count), F (divide),
  F (id), F (ldr), F (dfr), F (tpr), F (svr), F (esr), F (errors), F (icr_low), F (icr_high),
  ARRAY (lvt), ARRAY (irr), ARRAY (isr), ARRAY (tmr), ARRAY (lint), F (extint), F (intr),
  ARRAY (reserved),
};

static void
init (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;

  astern_timer_init (&lapic->timer, device->clock, "lapic", &lapic->s.deadline_ns, timer_expired, lapic);
}

/* After INIT: all but the ID, IA32_APIC_BASE and the pins. */
static void
reset_to_init (Lapic *lapic)
{
  LapicState before = lapic->s;

  lapic->s = (LapicState) {
    .deadline_ns = before.deadline_ns, .base = before.base, .id = before.id, .dfr = 0xffffffff, .svr = 0xff,
    .lint = { before.lint[0], before.lint[1] }, .intr = before.intr,
    .timer_ns = astern_clock_now_ns (lapic->parent.clock),
  };
  if (before.base & BASE_X2APIC)
    lapic->s.ldr = x2apic_ldr (lapic->index);
  for (guint i = 0; i < N_LVT; i++)
    lapic->s.lvt[i] = LVT_MASKED;
  arm_timer (lapic);
  update (lapic);
}

static void
reset (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;

  lapic->s.base = LAPIC_BUS_BASE | BASE_ENABLED | (lapic->index == 0 ? BASE_BSP : 0);
  lapic->s.id = lapic->index << 24;
  reset_to_init (lapic);
  if (lapic->index == 0)
    lapic->s.lvt[LVT_LINT0] = APIC_EXTINT << 8;
  update (lapic);
}

static void
restored (AsternDevice *device)
{
  Lapic *lapic = (Lapic *) device;

  set_pin (lapic, ASTERN_PIN_INTR, lapic->s.intr);
}

const AsternDeviceClass lapic_class = {
  .name = "lapic", .summary = "local APIC", .state_version = 1,
  .instance_size = sizeof (Lapic),
  .state_offset = G_STRUCT_OFFSET (Lapic, s), .state_size = sizeof (LapicState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

void
lapic_connect (AsternDevice *device, AsternDevice *bus, AsternCpu *cpu)
{
  Lapic *lapic = (Lapic *) device;

  lapic->bus = bus;
  lapic->cpu = cpu;
  lapic->index = cpu->index;
  cpu->apic = device;
  cpu->apic_ops = &interface;
  lapic_bus_add (bus, device, cpu->index);
  astern_device_reset (device);
}
