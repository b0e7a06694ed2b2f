/* lapic-regs.c - local APIC: its registers, in xAPIC layout.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter
 * "APIC", table "Local APIC Register Address Map".
 * Left out: what lapic.c says. */
#include "config.h"

#include "hw/lapic-private.h"

#define VERSION 0x00050014u    /* six LVT entries */

static guint64
ppr_value (gconstpointer state, guint32 offset)
{
  return lapic_processor_priority (state);
}

static guint64
apr_value (gconstpointer state, guint32 offset)
{
  return lapic_arbitration_priority (state);
}

static guint64
version_value (gconstpointer state, guint32 offset)
{
  return VERSION;
}

static guint64
current_count_value (gconstpointer state, guint32 offset)
{
  const Lapic *lapic = (const Lapic *) ((const guint8 *) state - G_STRUCT_OFFSET (Lapic, s));

  return lapic_timer_count (state, astern_clock_now_ns (lapic->parent.clock));
}

static void
tpr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  lapic_update ((Lapic *) device);
}

static void
eoi_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  lapic_end_of_interrupt ((Lapic *) device);
}

static void
svr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lapic *lapic = (Lapic *) device;
  LapicState *s = &lapic->s;

  if (!(s->svr & SVR_ENABLED))
    for (guint i = 0; i < N_LVT; i++)
      s->lvt[i] |= LVT_MASKED;
  lapic_timer_arm (lapic);
  lapic_update (lapic);
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
  lapic_send_ipi ((Lapic *) device);
}

/* The rows have no backing for LVT entries: what an entry was matters, and where masks are forced. */
static guint64
lvt_value (gconstpointer state, guint32 offset)
{
  return ((const LapicState *) state)->lvt[(offset - LAPIC_REG_LVT) / 16];
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
  guint entry = (offset - LAPIC_REG_LVT) / 16;
  guint32 before = s->lvt[entry];

  s->lvt[entry] = (before & LVT_REMOTE_IRR) | (value & writable[entry]);
  if (!(s->svr & SVR_ENABLED))
    s->lvt[entry] |= LVT_MASKED;
  if (entry == LVT_TIMER)
    lapic_timer_changed (lapic, before);
  else if (entry == LVT_LINT0 || entry == LVT_LINT1)
    {
      lapic_look_at_pin (lapic, entry - LVT_LINT0);
    }
  lapic_update (lapic);
}

static void
initial_count_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lapic *lapic = (Lapic *) device;

  if (lapic_timer_is_deadline (&lapic->s))
    lapic->s.initial_count = 0;
  lapic_timer_start (lapic, lapic->s.initial_count);
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
  guint32 count = lapic_timer_count (&lapic->s, astern_clock_now_ns (device->clock));

  lapic->s.divide = value & 0x0b;
  lapic_timer_start (lapic, count);
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
  { LAPIC_REG_LVT + 16 * entry, ANY, RW, 4, name, NONE, 0, 0xffffffff, lvt_value, NULL, lvt_did_write, 1, bits }

static const AsternReg regs[] = {
/* off           bank access w  name      backing             reset       writable    value          read  did_write          n  bits */
  { 0x020,       ANY, RW, 4, "ID",        AT (id),            0,          0xff000000, NULL,          NULL, NULL,              1, NULL },
  { 0x030,       ANY, R,  4, "Version",   NONE,               0,          0,          version_value, NULL, NULL,              1, version_bits },
  { 0x080,       ANY, RW, 4, "TPR",       AT (tpr),           0,          0xff,       NULL,          NULL, tpr_did_write,     1, tpr_bits },
  { 0x090,       ANY, R,  4, "APR",       NONE,               0,          0,          apr_value,     NULL, NULL,              1, tpr_bits },
  { 0x0a0,       ANY, R,  4, "PPR",       NONE,               0,          0,          ppr_value,     NULL, NULL,              1, tpr_bits },
  { LAPIC_REG_EOI,     ANY, W,  4, "EOI",       NONE,               0,          0,          NULL,          NULL, eoi_did_write,     1, NULL },
  { 0x0d0,       ANY, RW, 4, "LDR",       AT (ldr),           0,          0xff000000, NULL,          NULL, NULL,              1, NULL },
  { 0x0e0,       ANY, RW, 4, "DFR",       AT (dfr),           0xffffffff, 0xf0000000, NULL,          NULL, dfr_did_write,     1, NULL },
  { 0x0f0,       ANY, RW, 4, "SVR",       AT (svr),           0xff,       0x3ff,      NULL,          NULL, svr_did_write,     1, svr_bits },
  SET (0x100, "ISR", isr),
  SET (0x180, "TMR", tmr),
  SET (0x200, "IRR", irr),
  { LAPIC_REG_ESR,     ANY, RW, 4, "ESR",       AT (esr),           0,          0,          NULL,          NULL, esr_did_write,     1, esr_bits },
  { LAPIC_REG_ICR_LOW, ANY, RW, 4, "ICR low",   AT (icr_low),       0,          ICR_WRITABLE, NULL,        NULL, icr_low_did_write, 1, icr_bits },
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

const AsternWindow lapic_windows[1] = {
  { .name = "registers", .size = ASTERN_PAGE_SIZE, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};
