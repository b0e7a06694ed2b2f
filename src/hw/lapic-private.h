/* lapic-private - a local APIC from inside: its state, and what its files do for each other.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/machine.h"

#include "hw/lapic-bus.h"
#include "hw/lapic.h"

enum { LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR, N_LVT };
enum { TIMER_ONE_SHOT, TIMER_PERIODIC, TIMER_TSC_DEADLINE };

enum
{
  LVT_VECTOR = 0xff, LVT_DELIVERY = 0x700, LVT_POLARITY = 1 << 13, LVT_REMOTE_IRR = 1 << 14,
  LVT_LEVEL = 1 << 15,
  LVT_MASKED = 1 << 16, LVT_TIMER_MODE = 3 << 17,
  SVR_ENABLED = 0x100,
  ICR_LOGICAL = 1 << 11, ICR_ASSERT = 1 << 14, ICR_LEVEL = 1 << 15, ICR_WRITABLE = 0xccfff,
  ESR_SEND_ILLEGAL = 0x20, ESR_RECEIVE_ILLEGAL = 0x40,
  BASE_BSP = 1 << 8, BASE_X2APIC = 1 << 10, BASE_ENABLED = 1 << 11,
};

enum { LAPIC_REG_EOI = 0x0b0, LAPIC_REG_ESR = 0x280, LAPIC_REG_ICR_LOW = 0x300,
       LAPIC_REG_LVT = 0x320 };

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

static inline gboolean
lapic_is_on (const LapicState *s)
{
  return (s->base & BASE_ENABLED) && (s->svr & SVR_ENABLED);
}

static inline gboolean
lapic_is_x2apic (const LapicState *s)
{
  return (s->base & BASE_X2APIC) != 0;
}

/* The logical ID is not software's to choose in x2APIC mode. */
static inline guint32
lapic_x2apic_ldr (guint index)
{
  return index >> 4 << 16 | 1u << (index & 15);
}

/* lapic.c */
void     lapic_reset_to_init       (Lapic *lapic);

/* lapic-interrupts.c */
void     lapic_set_pin             (Lapic *lapic, AsternPin pin, guint value);
/* Drives INTR as the state says. */
void     lapic_update              (Lapic *lapic);
int      lapic_acknowledge         (AsternDevice *device);
guint8   lapic_processor_priority  (const LapicState *s);
guint8   lapic_arbitration_priority (const LapicState *s);
void     lapic_error               (Lapic *lapic, guint32 bit);
void     lapic_deliver             (Lapic *lapic, ApicDelivery delivery, guint8 vector,
                                    gboolean level);
/* Raises a local interrupt as its LVT entry says. */
void     lapic_deliver_local       (Lapic *lapic, guint entry);
/* After a LINT entry was written. */
void     lapic_look_at_pin         (Lapic *lapic, guint lint);
void     lapic_end_of_interrupt    (Lapic *lapic);
/* Sends what ICR says. */
void     lapic_send_ipi            (Lapic *lapic);

/* lapic-timer.c */
void     lapic_timer_init          (Lapic *lapic);
guint32  lapic_timer_count         (const LapicState *s, guint64 now_ns);
gboolean lapic_timer_is_deadline   (const LapicState *s);
void     lapic_timer_start         (Lapic *lapic, guint32 count);
/* Finds when the timer next interrupts. */
void     lapic_timer_arm           (Lapic *lapic);
/* After its LVT entry was written; @before: what it was. */
void     lapic_timer_changed       (Lapic *lapic, guint32 before);

/* lapic-regs.c, lapic-msr.c */
extern const AsternWindow        lapic_windows[1];
extern const AsternApicInterface lapic_interface;
