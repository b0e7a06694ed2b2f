/* acpi-pm1 - ACPI's fixed events and the power management timer, as chip sets embed them.
 *
 * The chip has the registers; this has what they mean.  The state is embedded in the chip's.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   ns of guest time. */
#pragma once

#include "core/clock.h"
#include "core/irq.h"

#define ACPI_PM1_HZ 3579545u

enum { ACPI_PM1_TMROF = 1 << 0, ACPI_PM1_GBL = 1 << 5, ACPI_PM1_PWRBTN = 1 << 8, ACPI_PM1_RTC = 1 << 10, ACPI_PM1_WAK = 1 << 15 };
enum { ACPI_PM1_SCI_EN = 1 << 0, ACPI_PM1_SLP_EN = 1 << 13 };

#define ACPI_PM1_EVENTS (ACPI_PM1_TMROF | ACPI_PM1_GBL | ACPI_PM1_PWRBTN | ACPI_PM1_RTC)

typedef struct
{
  guint64 half_seen;    /* half periods of the timer at which TMROF was last cleared */
  guint64 tmrof_ns;     /* deadline: the timer's bit 23 changes; set while that would interrupt */
  guint16 sts, en;
  guint32 cnt;
} AcpiPm1State;

#define ACPI_PM1_FIELDS(Struct, since)                                                                     \
  ASTERN_FIELD (Struct, pm1.half_seen, since), ASTERN_FIELD (Struct, pm1.tmrof_ns, since),                 \
  ASTERN_FIELD (Struct, pm1.sts, since), ASTERN_FIELD (Struct, pm1.en, since), ASTERN_FIELD (Struct, pm1.cnt, since)

guint32  acpi_pm1_timer     (const AcpiPm1State *s, const AsternClock *clock);    /* 24 bits */
guint16  acpi_pm1_sts       (const AcpiPm1State *s, const AsternClock *clock);
void     acpi_pm1_clear_sts (AcpiPm1State *s, const AsternClock *clock, guint16 ones);
/* After the state was zeroed. */
void     acpi_pm1_reset     (AcpiPm1State *s, const AsternClock *clock);
/* The SCI's level, @others: what else raises it; sets @timer, whose deadline is tmrof_ns. */
gboolean acpi_pm1_update    (AcpiPm1State *s, AsternTimer *timer, gboolean others);
